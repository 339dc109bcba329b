// The browser test: a customer's phone and an agent's desk in real Chromium, on the real server.
//   npm run e2e [-- --keep DIR]     keeps the pictures of every state in DIR
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { accounts } from './accounts.mjs';
import { articles } from './articles.mjs';
import { search } from './search.mjs';
import { launch, violations, Watch } from './browser.mjs';
import { customers } from './customers.mjs';
import { sandbox, startDemo } from './demo.mjs';
import { Desk, drawn, Phone } from './hands.mjs';
import { returns } from './returns.mjs';
import { roles } from './roles.mjs';
import { draw } from './scenes.mjs';
import { nothing, same, Story } from './story.mjs';
import { viewer } from './viewer.mjs';
import { visits } from './visits.mjs';
import { work } from './work.mjs';

const keep = process.argv.includes('--keep') ? process.argv[process.argv.indexOf('--keep') + 1] : null;
const DESKTOP = { width: 1440, height: 900 };
const MOBILE = { width: 390, height: 844 };
const LOOKS = [
  ['desktop-light', DESKTOP, 'light'],
  ['desktop-dark', DESKTOP, 'dark'],
  ['mobile-light', MOBILE, 'light'],
  ['mobile-dark', MOBILE, 'dark'],
];

const story = new Story();
const demo = await startDemo();
const browser = await launch();
try {
  await tell();
} finally {
  await browser.close();
  await demo.stop();
}
process.exitCode = story.close() ? 0 : 1;

/** Checks what a page shows now in every width and theme, and keeps pictures of it when asked. */
function look(page, name, prepare = async () => {}) {
  return story.step(`${name}: accessible in every width and theme`, async () => {
    const found = [];
    for (const [look, viewport, colorScheme] of LOOKS) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await settled(page, colorScheme);
      await prepare();
      found.push(...(await violations(page)).map((line) => `${look}: ${line}`));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) found.push(`${look}: the page is ${wide} px wider than the screen`);
      if (keep) await page.screenshot({ path: join(keep, `${name}-${look}.png`) });
    }
    await page.setViewportSize(DESKTOP);
    await page.emulateMedia({ colorScheme: 'light' });
    nothing(found, 'violations');
  });
}

/** The theme arrives in the page a moment after it was asked for, is drawn a frame later, and what glides comes to rest. */
async function settled(page, colorScheme) {
  await page.waitForFunction((scheme) => matchMedia(`(prefers-color-scheme: ${scheme})`).matches, colorScheme);
  await page.evaluate(async () => {
    const gliding = () => document.getAnimations().filter((glide) => glide.effect?.getComputedTiming().endTime !== Infinity);
    // One that is replaced on its way has settled as well, and one that ends may set off another.
    do {
      await Promise.allSettled(gliding().map((glide) => glide.finished));
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    } while (gliding().some((glide) => glide.playState === 'running'));
  });
}

async function tell() {
  if (keep) await mkdir(keep, { recursive: true });
  const scenes = await draw(browser, ['parcel', 'cup', 'receipt', 'washer']);
  const watch = new Watch(demo.console, demo.phone);
  const desk = new Desk(await watch.open(browser, 'desk', demo.console, { viewport: DESKTOP }));
  const phone = new Phone(await watch.open(browser, 'phone', demo.phone, { viewport: DESKTOP }));
  const quiet = () => nothing(watch.complaints, 'the pages complained');

  await look(desk.page, 'sign-in');
  await story.step('an agent signs in', () => desk.signIn(demo.agent));
  await photo(desk, phone, scenes);
  await conversation(desk, phone, scenes);
  await location(desk, phone);
  await failures(desk, phone);
  await look(desk.page, 'ticket');
  await look(phone.page, 'phone-chat');
  await lists(desk, phone);
  await closedWindow(desk);
  const stage = { story, look, desk, phone, demo, scenes, watch };
  for (const scene of [articles, search, visits, returns, viewer, work]) await scene(stage);
  await roles({ ...stage, browser });
  await accounts({ ...stage, browser });
  await desk.page.getByRole('link', { name: 'Tickets', exact: true }).click();
  await guided(desk, phone);
  await customers({ story, look, demo, browser, desk, phone });
  await story.step('signing out forgets the session', async () => {
    await desk.signOut();
    await desk.page.getByRole('heading', { name: 'Sign in to Sportello' }).waitFor();
    const status = await desk.page.evaluate(async () => (await fetch('/api/v1/tickets')).status);
    same(status, 401, 'the list of tickets after signing out');
    // The question above was asked on purpose.
    watch.complaints = watch.complaints.filter((line) => !line.includes('/api/v1/tickets)'));
  });
  await story.step('no console error, no policy violation, no other host', quiet);
}

async function photo(desk, phone, { parcel }) {
  await story.step('a new customer sends a photo with words', async () => {
    await phone.join('Giulia Rossi', '333 111 2223');
    await phone.send([parcel], { caption: 'My parcel arrived like this, one corner is crushed' });
    await drawn(phone.bubble('one corner is crushed').locator('img'));
  });
  await story.step('the ticket appears on the desk without a reload, with its picture', async () => {
    await desk.ticket('Giulia Rossi').getByText('My parcel arrived like this').waitFor();
    await drawn(desk.ticket('Giulia Rossi').locator('img'));
  });
  await story.step('the desk took the webhook: two ticks on the phone', () =>
    phone.bubble('one corner').getByRole('img', { name: /^(Delivered|Read)/ }).waitFor(),
  );
  await story.step('the opened ticket shows the photo, and the customer sees that it was read', async () => {
    await desk.open('Giulia Rossi');
    await drawn(desk.message('one corner is crushed').locator('img').first());
    await phone.bubble('one corner').getByRole('img', { name: /^Read/ }).waitFor();
  });
  await story.step('the photo viewer opens, zooms, turns and closes by keyboard', async () => {
    await desk.message('one corner is crushed').getByRole('button', { name: /^Open picture/ }).click();
    const viewer = desk.page.getByRole('dialog', { name: 'Photo viewer' });
    await drawn(viewer.locator('img').first());
    // The photo and what is marked on it move as one.
    const photo = viewer.locator('.photo');
    const before = await photo.evaluate((element) => getComputedStyle(element).transform);
    await desk.page.keyboard.press('r');
    await desk.page.keyboard.press('+');
    await desk.page.waitForFunction(
      ([element, was]) => getComputedStyle(element).transform !== was,
      [await photo.elementHandle(), before],
    );
    await desk.page.keyboard.press('0');
  });
  await look(desk.page, 'viewer');
  await story.step('Escape closes the viewer', async () => {
    await desk.page.keyboard.press('Escape');
    await desk.page.getByRole('dialog', { name: 'Photo viewer' }).waitFor({ state: 'detached' });
  });
}

async function conversation(desk, phone, { cup, receipt, washer }) {
  await story.step('the agent answers; the phone shows it; the ticks go to read', async () => {
    await desk.reply('Oh no, I am *sorry* to see that. Is what is inside broken too?');
    await phone.bubble('Is what is inside broken too?').waitFor();
    await desk.message('Is what is inside broken too?').getByRole('img', { name: 'Read' }).waitFor();
  });
  await story.step('the customer reacts and quotes; both are on the desk', async () => {
    await phone.react('Is what is inside broken too?', '👍');
    await desk.message('Is what is inside broken too?').getByText('👍').waitFor();
    await phone.quote('Is what is inside broken too?', 'Yes, I send you photos');
    const row = desk.message('Yes, I send you photos');
    await row.getByText('Is what is inside broken too?').waitFor();
  });
  await story.step('the agent reacts; it is on the phone, and the turn stays ours', async () => {
    await desk.react('Yes, I send you photos', '🙏');
    await phone.bubble('Yes, I send you photos').getByText('🙏').waitFor();
    await desk.message('Yes, I send you photos').locator('.row, p').getByText('🙏').first().waitFor();
    await desk.page.getByRole('button', { name: 'Status: Open' }).waitFor();
  });
  await story.step('an album of three is one grid, on the phone and on the desk', async () => {
    await phone.send([cup, receipt, washer], { caption: 'The cup, the bill and the machine' });
    const grid = desk.page.getByRole('list', { name: 'Album of 3' });
    for (const i of [0, 1, 2]) await drawn(grid.locator('img').nth(i));
    await phone.page.locator('.album .tile').nth(2).waitFor();
  });
  await findings(desk);
  await story.step('a voice note that was recorded on the phone can be played on the desk', async () => {
    await phone.speak();
    await desk.page.getByRole('button', { name: 'Play: Voice message' }).waitFor();
  });
  await story.step('a document keeps its name and its bytes', async () => {
    const text = 'Order 20418\nTwo espresso cups\n';
    await phone.send([{ name: 'order-20418.txt', mimeType: 'text/plain', buffer: Buffer.from(text) }], { document: true });
    await desk.page.getByText('order-20418.txt').first().waitFor();
    const [download] = await Promise.all([
      desk.page.waitForEvent('download'),
      desk.page.getByRole('link', { name: 'Download order-20418.txt' }).click(),
    ]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    same(Buffer.concat(chunks).toString(), text, 'the downloaded document');
  });
  await story.step('a note stays among colleagues', async () => {
    await desk.note('Replacement is agreed with the warehouse');
    await desk.page.getByLabel('Internal note').filter({ hasText: 'Replacement is agreed' }).waitFor();
    await desk.reply('A new cup is on its way to you.');
    await phone.bubble('A new cup is on its way').waitFor();
    same(await phone.page.getByText('Replacement is agreed').count(), 0, 'notes on the phone');
  });
  await story.step('the agent sends a picture with words', async () => {
    const [chooser] = await Promise.all([
      desk.page.waitForEvent('filechooser'),
      desk.page.getByRole('button', { name: 'Attach files' }).click(),
    ]);
    await chooser.setFiles([cup]);
    await desk.reply('This one, is it not?');
    await drawn(phone.bubble('This one, is it not?').locator('img'));
  });
}

function appears(locator) {
  return locator.waitFor({ timeout: 6_000 }).then(
    () => true,
    () => false,
  );
}

/** What the bill in the album says, as layers over it and as words beside it. */
async function findings(desk) {
  const { page } = desk;
  const album = page.getByRole('list', { name: 'Album of 3' });
  const viewer = page.getByRole('dialog', { name: 'Photo viewer' });
  const panel = viewer.getByRole('region', { name: 'Findings' });
  const layers = viewer.locator('[data-layers]');
  const shown = () => layers.locator('polygon').count();
  await story.step('each photo of the album says whether it serves', async () => {
    await page.locator('.album [data-verdict]').nth(2).waitFor();
  });
  await story.step('the viewer says what the bill says, and copies a number', async () => {
    await album.getByRole('button', { name: /^Open picture/ }).first().click();
    // Photos of the same second stand in the order in which they came.
    const bill = panel.getByText('BOTTEGA NORD').first();
    for (let i = 0; i < 3 && !(await appears(bill)); i++) await page.keyboard.press('ArrowRight');
    await bill.waitFor();
    await panel.getByText('153,30').first().waitFor();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await panel.getByRole('button', { name: /^Copy Amount: .*153/ }).first().click();
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).includes('153'));
  });
  await story.step('layers are shown and hidden by keys and by buttons, and turn with the photo', async () => {
    // What is pointed at in the panel is drawn by itself.
    await viewer.evaluate((element) => element.focus());
    await page.mouse.move(300, 60);
    same(await shown(), 0, 'boxes before any layer is chosen');
    await page.keyboard.press('t');
    const lines = await shown();
    if (lines < 8) throw new Error(`the layer of text has ${lines} boxes`);
    const button = viewer.getByRole('group', { name: 'Layers' }).getByRole('button', { name: /^Meaning/ });
    await button.click();
    same(await button.getAttribute('aria-pressed'), 'true', 'the button of the layer');
    if ((await shown()) <= lines) throw new Error('the layer of meaning added no box');
    const photo = viewer.locator('.photo');
    const covers = async () => {
      // The photo glides to its new place.
      await photo.evaluate((element) => Promise.all(element.getAnimations().map((glide) => glide.finished)));
      const [over, under] = [await layers.boundingBox(), await photo.locator('img').boundingBox()];
      same(['x', 'y', 'width', 'height'].every((k) => Math.abs(over[k] - under[k]) < 1.5), true, 'the layers cover the photo');
    };
    await covers();
    for (const key of ['r', '+', '+']) await page.keyboard.press(key);
    await covers();
    await page.keyboard.press('0');
    for (let i = 0; i < 3; i++) await page.keyboard.press('r');
  });
  await look(page, 'findings');
  await story.step('the panel is closed and opened by its key; Escape closes the viewer', async () => {
    await page.keyboard.press('i');
    await panel.waitFor({ state: 'detached' });
    await page.keyboard.press('i');
    await panel.waitFor();
    await page.keyboard.press('Escape');
    await viewer.waitFor({ state: 'detached' });
  });
}

async function location(desk, phone) {
  await story.step('the location form opens', async () => {
    await desk.page.getByRole('button', { name: 'Send a location' }).click();
    await desk.page.getByRole('dialog', { name: 'Send a location' }).waitFor();
  });
  await look(desk.page, 'location');
  await story.step('a place that is none is refused with a hint; a right one arrives on the phone', async () => {
    const form = desk.page.getByRole('dialog', { name: 'Send a location' });
    await form.getByLabel('Where').fill('around the corner');
    await form.getByRole('button', { name: 'Send location' }).click();
    await form.getByRole('alert').waitFor();
    await form.getByLabel('Where').fill('45.0703, 7.6869');
    await form.getByLabel('Name of the place').fill('Bottega Nord');
    await form.getByRole('button', { name: 'Send location' }).click();
    await phone.bubble('Bottega Nord').waitFor();
    await desk.message('Bottega Nord').getByRole('link', { name: /Open in a map/ }).waitFor();
  });
}

async function failures(desk, phone) {
  await story.step('a message that WhatsApp refuses says why, on both sides', async () => {
    await sandbox(demo, '/knobs', { error_status: 131026 });
    await desk.reply('Can you hear me?');
    const row = desk.message('Can you hear me?');
    await row.getByRole('img', { name: 'Not sent' }).waitFor();
    const explanation = await row.locator('.explanation').innerText();
    if (!/[a-z]{3,} [a-z]{2,} /i.test(explanation)) throw new Error(`no sentence: ${explanation}`);
    await phone.bubble('Can you hear me?').getByText('error 131026').waitFor();
  });
  await look(desk.page, 'failed');
  await story.step('sending again works', async () => {
    await sandbox(demo, '/knobs', { error_status: null });
    await desk.message('Can you hear me?').getByRole('button', { name: 'Send again' }).click();
    await desk.message('Can you hear me?').getByRole('img', { name: /^(Delivered|Read)$/ }).waitFor();
  });
}

async function lists(desk, phone) {
  await story.step('a second customer writes: the list sorts itself', async () => {
    await phone.page.goto(demo.phone);
    await phone.join('Karim Haddad', '347 555 0192');
    await phone.write('The washing machine stopped, it shows E18');
    await desk.ticket('Karim Haddad').waitFor();
    const first = await desk.page.locator('[data-ticket]').first().innerText();
    if (!first.includes('Karim Haddad')) throw new Error(`first in the list: ${first}`);
  });
  await story.step('a part of a name finds a ticket', async () => {
    await desk.page.getByRole('link', { name: 'All', exact: true }).click();
    await desk.ticket('Giulia Rossi').waitFor();
    await desk.page.getByRole('searchbox', { name: 'Search tickets' }).fill('hadd');
    await desk.ticket('Giulia Rossi').waitFor({ state: 'detached' });
    await desk.ticket('Karim Haddad').waitFor();
    await desk.page.getByRole('searchbox', { name: 'Search tickets' }).fill('');
    await desk.ticket('Giulia Rossi').waitFor();
  });
  await desk.ticket('Karim Haddad').waitFor();
  await look(desk.page, 'list');
  await phone.page.goto(demo.phone);
  await phone.page.getByTestId('customer-item').first().waitFor();
  await look(phone.page, 'phone-list');
}

/** The window follows the moment that the customer's phone wrote; a webhook that comes late proves it. */
async function closedWindow(desk) {
  await story.step('outside the 24 hours only a template can be sent', async () => {
    await sandbox(demo, '/webhooks/raw', late('Ines Oliveira', '351910002345', 'I wrote two days ago'));
    await desk.open('Ines Oliveira');
    await desk.page.getByText('The 24-hour window is closed.').waitFor();
    same(await desk.page.getByRole('textbox', { name: 'Reply' }).count(), 0, 'fields to write a reply');
    await desk.page.getByRole('button', { name: 'Choose a template' }).click();
    const list = desk.page.getByRole('dialog', { name: 'Templates' });
    await list.getByText('hello_world').waitFor();
  });
  await look(desk.page, 'templates');
  await story.step('a template is sent', async () => {
    await desk.page.getByRole('button', { name: /hello_world/ }).click();
    await desk.page.getByRole('button', { name: 'Send template' }).click();
    await desk.page.locator('[data-message]').getByRole('img', { name: /^(Sent|Delivered|Read)$/ }).waitFor();
  });
}

/** A flow is read, tried and switched on; it leads a customer; the agent takes over, and has it begin once more. */
async function guided(desk, phone) {
  const { page } = desk;
  const strip = page.getByRole('region', { name: 'Flow under way' });
  const card = page.getByRole('article', { name: 'Triage' });
  const rollout = page.getByRole('group', { name: 'Triage, version 2 is on for' });
  await story.step('the flows are listed, each off', async () => {
    await page.getByRole('link', { name: 'Flows' }).click();
    await card.getByText('Any first message').waitFor();
    same(await page.getByRole('button', { name: 'On', exact: true, pressed: true }).count(), 0, 'flows that are on');
  });
  await look(page, 'flows');
  await story.step('a flow is drawn, and a mistake in its text is named where it stands', async () => {
    await card.getByRole('link', { name: 'Triage' }).click();
    await page.locator('[data-step="to_team"]').waitFor();
    const field = page.getByRole('textbox', { name: 'Text of the flow, YAML' });
    const text = await field.inputValue();
    await field.fill(text.replace('otherwise: to_support', 'otherwise: to_suport'));
    const problem = page.getByRole('region', { name: 'Problems' }).getByRole('button', { name: /to_suport/ });
    await problem.click();
    const word = await field.evaluate((f) => f.value.slice(f.selectionStart, f.selectionEnd));
    same(word, 'to_suport', 'the word at the caret');
  });
  await look(page, 'flow-problems');
  await story.step('what is not published is not lost by a click', async () => {
    await page.getByRole('link', { name: 'System' }).click();
    await page.getByRole('dialog', { name: 'Leave without publishing?' }).getByRole('button', { name: 'Stay' }).click();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('No problems').waitFor();
  });
  await story.step('a draft is drawn while it is written', async () => {
    const field = page.getByRole('textbox', { name: 'Text of the flow, YAML' });
    const text = await field.inputValue();
    await field.fill(text.replaceAll('to_support', 'to_the_others'));
    await page.locator('[data-step="to_the_others"]').getByText('To the others').waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.locator('[data-step="to_support"]').waitFor();
  });
  await story.step('a changed text becomes the next version, which is off', async () => {
    const field = page.getByRole('textbox', { name: 'Text of the flow, YAML' });
    const text = await field.inputValue();
    await field.fill(text.replace('about: Finds out', 'about: Asks kindly'));
    await page.getByRole('button', { name: 'Publish as version 2' }).click();
    await page.getByRole('button', { name: 'Version 2' }).waitFor();
    await page.getByText('Written here').waitFor();
    await rollout.getByRole('button', { name: 'Off', pressed: true }).waitFor();
  });
  await story.step('it is tried without a customer: rows are tapped and photos judged', async () => {
    await page.getByRole('button', { name: 'Try it' }).click();
    const talk = page.getByRole('log', { name: 'Conversation that is tried' });
    const write = async (words) => {
      await page.getByRole('textbox', { name: 'Write as the customer' }).fill(words);
      await page.keyboard.press('Enter');
    };
    await write('Good morning');
    await talk.getByRole('button', { name: 'A bill or payment' }).click();
    await talk.getByText('one or two sentences').waitFor();
    await write('I paid it twice');
    await talk.getByRole('button', { name: 'Yes' }).click();
    await talk.getByText('Please send the photo').waitFor();
    await page.getByRole('button', { name: 'Send a photo' }).click();
    await page.getByRole('menuitem', { name: 'Too dark' }).click();
    await talk.getByText('too dark: switch a light on').waitFor();
    await page.getByRole('button', { name: 'Send a photo' }).click();
    await page.getByRole('menuitem', { name: 'Good' }).click();
    await talk.getByText('Hands over to sales').waitFor();
  });
  await look(page, 'flow-try');
  await story.step('it is switched on, for a share of the contacts and then for all', async () => {
    await page.getByRole('link', { name: 'All flows' }).click();
    await card.getByText('Asks kindly').waitFor();
    await rollout.getByRole('button', { name: 'Some' }).click();
    await page.getByRole('spinbutton', { name: 'Percent of contacts' }).fill('50');
    await page.keyboard.press('Enter');
    await rollout.getByRole('button', { name: '50 %', pressed: true }).waitFor();
    await rollout.getByRole('button', { name: 'On', exact: true }).click();
    await rollout.getByRole('button', { name: 'On', exact: true, pressed: true }).waitFor();
  });
  await story.step('a new customer is greeted and asked; what they pick is understood', async () => {
    await phone.page.goto(demo.phone);
    await phone.join('Amy Clarke', '+44 7700 900123');
    await phone.write('Good morning');
    await phone.bubble('I am an automatic assistant').waitFor();
    await phone.bubble('What is it about?').waitFor();
    await phone.pick('What is it about?', 'My order');
    await phone.bubble('What is the order number?').waitFor();
  });
  await story.step('the drawing says how many customers stand on a step and which way they went', async () => {
    await card.getByRole('link', { name: 'Version 2' }).click();
    await page.locator('[data-step="order_number"]').getByText('1', { exact: true }).waitFor();
    await page.getByText('order · 1', { exact: true }).waitFor();
  });
  await look(page, 'flow');
  await story.step('the ticket says who leads and what is waited for', async () => {
    await page.getByRole('link', { name: 'Tickets', exact: true }).click();
    await page.getByRole('link', { name: 'All', exact: true }).click();
    await desk.open('Amy Clarke');
    await strip.getByText('waiting for words (order number)').waitFor();
    await page.getByRole('region', { name: 'Collected' }).getByText('order', { exact: true }).waitFor();
  });
  await look(page, 'flow-strip');
  await story.step('the agent takes over by key; the strip goes, the conversation says so', async () => {
    await page.getByRole('log', { name: 'Conversation' }).focus();
    await page.keyboard.press('t');
    await strip.waitFor({ state: 'detached' });
    await page.getByText('took over from the flow Triage').waitFor();
  });
  await story.step('the agent has a flow begin; the customer asks for a person, and a card says what is known', async () => {
    await page.getByRole('log', { name: 'Conversation' }).focus();
    await page.keyboard.press('f');
    await page.getByRole('dialog', { name: 'Start a flow' }).getByRole('button', { name: /Product defect/ }).click();
    await phone.bubble('What kind of product is it?').waitFor();
    await strip.waitFor();
    await phone.pick('What kind of product is it?', 'Oven or hob');
    await phone.bubble('photo of the damage').waitFor();
    await phone.write('agent');
    const handover = page.getByRole('article', { name: 'Handed over by a flow' }).last();
    await handover.getByText('The customer asked for a person').waitFor();
    await handover.getByText('oven', { exact: true }).waitFor();
    await strip.waitFor({ state: 'detached' });
  });
  await look(page, 'flow-handed-over');
  await story.step('it is switched off again', async () => {
    await page.getByRole('link', { name: 'Flows' }).click();
    await rollout.getByRole('button', { name: 'Off', exact: true }).click();
    await rollout.getByRole('button', { name: 'Off', exact: true, pressed: true }).waitFor();
    await page.getByRole('link', { name: 'Tickets', exact: true }).click();
  });
}

function late(name, waId, body) {
  const timestamp = String(Math.floor(Date.now() / 1000) - 48 * 3600);
  const { phone_number_id, waba_id } = demo.graph;
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '15550001111', phone_number_id },
    contacts: [{ profile: { name }, wa_id: waId }],
    messages: [{ from: waId, id: `wamid.late.${waId}`, timestamp, type: 'text', text: { body } }],
  };
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: waba_id, changes: [{ field: 'messages', value }] }],
  });
}
