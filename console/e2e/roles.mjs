// An auditor looks on and changes nothing; a technician sees the customers that they visit, and nobody else.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BINARY } from './demo.mjs';
import { Desk } from './hands.mjs';
import { same } from './story.mjs';

const VIEWPORT = { width: 1440, height: 900 };

export async function roles({ story, look, desk, demo, browser, watch }) {
  const people = {};
  await story.step('the command line adds an auditor and a technician', async () => {
    people.auditor = await add(demo, 'uma@example.org', 'Uma Audit', 'auditor');
    people.technician = await add(demo, 'gino@example.org', 'Gino Bassi', 'technician');
  });
  const open = async (name) => {
    const page = new Desk(await watch.open(browser, name, demo.console, { viewport: VIEWPORT }));
    await page.signIn(people[name]);
    return page;
  };
  await story.step('an auditor reads a ticket and is offered nothing that changes it', async () => {
    const auditor = await open('auditor');
    await auditor.open('Ruth Bell');
    await auditor.page.getByRole('log', { name: 'Conversation' }).getByText('E18').first().waitFor();
    for (const name of ['Take it', 'Solve', 'Attach files', 'Start a flow…', 'Book a visit…', 'Open a return…']) {
      same(await auditor.page.getByRole('button', { name }).count(), 0, `“${name}” for an auditor`);
    }
    await auditor.page.keyboard.press('n');
    same(await auditor.page.getByRole('textbox', { name: /note|reply/i }).count(), 0, 'fields to write in');
    people.auditor.page = auditor.page;
  });
  await look(people.auditor.page, 'auditor');
  await story.step('a technician is given their account', async () => {
    // Who can be chosen is read when the desk is opened.
    await desk.page.reload();
    await desk.page.getByRole('link', { name: 'Visits' }).click();
    await desk.page.getByRole('button', { name: 'Change Gino Bassi' }).click();
    const form = desk.page.getByRole('dialog', { name: 'Change Gino Bassi' });
    await form.getByLabel('Account').selectOption({ label: 'Gino Bassi (gino@example.org)' });
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
  });
  await story.step('the technician sees the customer they were to visit, and nobody else', async () => {
    const technician = await open('technician');
    await technician.ticket('Ruth Bell').waitFor();
    const seen = await technician.page.evaluate(async () => {
      const { items } = await (await fetch('/api/v1/tickets?limit=200')).json();
      return items.map((ticket) => ticket.contact.name).join(', ');
    });
    same(seen, 'Ruth Bell', 'the tickets of a technician');
    for (const name of ['Flows', 'Returns', 'System']) {
      same(await technician.page.getByRole('link', { name }).count(), 0, `“${name}” for a technician`);
    }
    await technician.page.getByRole('link', { name: 'Visits' }).click();
    await technician.page.getByRole('heading', { name: 'Visits' }).waitFor();
    people.technician.page = technician.page;
  });
  await look(people.technician.page, 'technician-desk');
  for (const name of ['auditor', 'technician']) await people[name].page?.context().close();
}

/** Adds somebody as whoever runs the desk does; the password that was made for them is printed. */
async function add(demo, email, name, role) {
  const dir = await mkdtemp(join(tmpdir(), 'sportello-config-'));
  const config = join(dir, 'sportello.toml');
  try {
    await writeFile(config, `[data]\ndir = ${JSON.stringify(demo.dir)}\n`);
    const args = ['--config', config, 'user', 'add', email, '--name', name, '--role', role];
    const { stdout } = await promisify(execFile)(BINARY, args);
    return { email, password: /^password: (.+)$/m.exec(stdout)[1] };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
