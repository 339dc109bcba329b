// A technician is added; a visit is booked in the ticket, moved beside it, and called off in the agenda.
import { nothing } from './story.mjs';

export async function visits({ story, look, desk, watch }) {
  const { page } = desk;
  const technicians = page.getByRole('region', { name: 'Technicians' });
  const beside = page.getByRole('region', { name: 'Visit', exact: true });
  const times = page.getByRole('group', { name: 'Free times' });
  await story.step('the agenda is empty and says what to do; the technicians stand below it', async () => {
    await page.getByRole('link', { name: 'Visits' }).click();
    await page.getByText('Book one in a ticket with “v”').waitFor();
    await technicians.getByText('Gino Bassi').waitFor();
    await technicians.getByRole('button', { name: 'Add a technician' }).click();
    await page.getByRole('dialog', { name: 'Add a technician' }).getByLabel('Name', { exact: true }).fill('Nino Sala');
  });
  await look(page, 'technician');
  await story.step('hours that are none are refused with an example; right ones are taken', async () => {
    const form = page.getByRole('dialog', { name: 'Add a technician' });
    await form.getByLabel('Working hours').fill('always');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await form.getByRole('alert').getByText('mon-fri 09:00-18:00').waitFor();
    await form.getByLabel('Working hours').fill('mon-fri 08:00-12:00');
    await form.getByLabel('Areas').fill('Torino');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await technicians.getByText('Nino Sala').waitFor();
    // The hours were wrong on purpose.
    watch.complaints = watch.complaints.filter((line) => !line.includes('/api/v1/technicians)'));
  });
  await story.step('the address of a technician’s calendar is copied', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await technicians.getByRole('button', { name: 'Copy the address of Nino Sala’s calendar' }).click();
    await page.waitForFunction(async () => /\/calendars\/\w+\.ics$/.test(await navigator.clipboard.readText()));
  });
  const form = page.getByRole('dialog', { name: 'Book a visit' });
  await story.step('a key in the ticket books: whoever fits is offered with free times', async () => {
    await page.getByRole('link', { name: 'Tickets' }).click();
    await desk.open('Ruth Bell');
    await beside.getByText('No visit is booked.').waitFor();
    await page.getByRole('log', { name: 'Conversation' }).focus();
    await page.keyboard.press('v');
    await form.getByLabel('What', { exact: true }).fill('Washing machine, E18');
    await form.getByLabel('Where').fill('Via Roma 1, 20121 Milano');
    await times.getByText('Gino Bassi').first().waitFor();
    // Nino goes to Torino only, unless he is chosen.
    if ((await times.getByText('Nino Sala').count()) > 0) throw new Error('one who does not go there is offered');
    await form.getByLabel('Who comes').selectOption({ label: 'Nino Sala' });
    await times.getByText('Nino Sala').first().waitFor();
    await form.getByLabel('Who comes').selectOption({ label: 'Gino Bassi' });
    await times.getByText('Nino Sala').first().waitFor({ state: 'detached' });
    await times.getByRole('radio').first().check({ force: true });
  });
  await look(page, 'booking');
  await story.step('the visit stands beside the conversation and in it', async () => {
    await form.getByRole('button', { name: 'Book the visit' }).click();
    await form.waitFor({ state: 'detached' });
    await beside.getByText('Gino Bassi').waitFor();
    await page.getByText('booked a visit: Washing machine, E18').waitFor();
  });
  await look(page, 'ticket-visit');
  await story.step('it is moved to another time', async () => {
    const before = await beside.locator('b').innerText();
    await beside.getByRole('button', { name: 'Move…' }).click();
    await times.getByRole('radio').nth(2).check({ force: true });
    await page.getByRole('button', { name: 'Move the visit' }).click();
    await page.getByText('moved the visit').waitFor();
    await page.waitForFunction((was) => document.querySelector('[aria-label="Visit"] b')?.textContent !== was, before);
  });
  const card = page.locator('[data-row]').filter({ hasText: 'Ruth Bell' });
  await story.step('the agenda shows it on its day', async () => {
    await page.getByRole('link', { name: 'Visits' }).click();
    // Towards the end of a week the first free times are in the next one.
    await technicians.waitFor();
    for (let i = 0; i < 2 && !(await appears(card)); i++) await page.keyboard.press('ArrowRight');
    await card.getByText('Washing machine, E18').waitFor();
  });
  await look(page, 'visits');
  const dialog = page.getByRole('dialog', { name: 'Visit at Ruth Bell' });
  await story.step('a card opens by keyboard', async () => {
    await card.focus();
    await page.keyboard.press('Enter');
    await dialog.getByText('Via Roma 1, 20121 Milano').waitFor();
  });
  await look(page, 'visit');
  await story.step('it is called off with a reason, and the agenda says so', async () => {
    await dialog.getByRole('button', { name: 'Call off…' }).click();
    await dialog.getByLabel('Why').fill('The filter was it');
    await dialog.getByRole('button', { name: 'Call the visit off' }).click();
    await card.getByText('Called off').waitFor();
    nothing(await page.getByRole('alert').allInnerTexts(), 'alerts');
  });
}

function appears(locator) {
  return locator.first().waitFor({ timeout: 3_000 }).then(
    () => true,
    () => false,
  );
}
