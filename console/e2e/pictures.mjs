// Takes the README's two pictures from the real demo: docs/pictures/console.png and phone.png.
//   npm run pictures        (after `npm run build` and `cargo build -p server`)
import { mkdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch, Watch } from './browser.mjs';
import { api, startDemo } from './demo.mjs';
import { Desk, drawn, Phone } from './hands.mjs';
import { draw } from './scenes.mjs';

const FOLDER = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
/** A README must open quickly. */
const BYTES_MAX = 300_000;

const demo = await startDemo();
const browser = await launch();
try {
  await take(await draw(browser));
} finally {
  await browser.close();
  await demo.stop();
}

async function take(scenes) {
  const watch = new Watch(demo.console, demo.phone);
  const desk = new Desk(await watch.open(browser, 'desk', demo.console, { viewport: { width: 1440, height: 900 } }));
  const phone = new Phone(await watch.open(browser, 'phone', demo.phone, { viewport: { width: 390, height: 844 } }));
  await desk.signIn(demo.agent);
  await others(phone, desk, scenes);
  await giulia(phone, desk, scenes);
  await keep(desk.page, 'console');
  await keep(phone.page, 'phone');
  if (watch.complaints.length > 0) throw new Error(watch.complaints.join('\n'));
}

/** The rest of the morning's customers. */
async function others(phone, desk, scenes) {
  const customers = [
    ['Noor van Dijk', '351 220 4410', () => phone.write('Good morning! Can I still change the address of my order?'), {}],
    ['Pedro Almeida', '345 118 9902', () => phone.send([scenes.leak], { caption: 'It drips from here since yesterday evening' }), { priority: 'high', tags: ['plumbing'] }],
    ['Sofia Conti', '340 771 5530', () => phone.send([scenes.receipt], { caption: 'The bill for the warranty' }), { tags: ['warranty'] }],
    ['Karim Haddad', '347 555 0192', () => phone.send([scenes.washer], { caption: 'It stops and shows E18' }), { priority: 'urgent', tags: ['appliance'] }],
    ['Lena Fischer', '349 604 2718', () => phone.send([scenes['phone-glass']], { caption: 'Fell from the table this morning 😢' }), {}],
    ['Tomás Ruiz', '328 330 1174', () => phone.send([scenes.router], { caption: 'The third light is red, no internet' }), {}],
  ];
  for (const [name, number, write, patch] of customers) {
    await phone.join(name, number);
    await write();
    await desk.ticket(name).waitFor();
    const id = await desk.ticket(name).getAttribute('data-ticket');
    if (Object.keys(patch).length > 0) await api(demo, 'PATCH', `/tickets/${id}`, patch);
    await phone.page.getByRole('button', { name: 'All customers' }).click();
  }
}

async function giulia(phone, desk, { parcel, cup, receipt }) {
  await phone.join('Giulia Rossi', '333 111 2223');
  await phone.send([parcel], { caption: 'My parcel arrived like this, one corner is crushed' });
  await desk.ticket('Giulia Rossi').waitFor();
  const id = await desk.ticket('Giulia Rossi').getAttribute('data-ticket');
  await desk.open('Giulia Rossi');
  const { user } = await desk.page.evaluate(async () => (await fetch('/api/v1/session')).json());
  await api(demo, 'PATCH', `/tickets/${id}`, { subject: 'Cup broken in transit', priority: 'high', tags: ['delivery', 'damage'], assignee_id: user.id });
  await desk.reply('Oh no, I am sorry to see that! Is what is inside broken too? A photo of it and of the bill is all I need.');
  await phone.bubble('Is what is inside broken too?').waitFor();
  await nextSecond(phone);
  await phone.send([cup, receipt], { caption: 'Here they are. It was a present…' });
  const row = desk.message('It was a present');
  await drawn(row.locator('img').nth(1));
  await desk.note('Carrier damage, order 20418: replacement agreed with the warehouse.');
  await desk.page.getByLabel('Internal note').waitFor();
  await desk.reply('Thank you, Giulia. A new cup leaves today, and you can keep the bill.');
  await phone.bubble('A new cup leaves today').waitFor();
  await phone.react('A new cup leaves today', '❤️');
  await desk.message('A new cup leaves today').getByText('❤️').waitFor();
  await nextSecond(phone);
  await phone.write('You are wonderful, thank you!');
  await desk.message('You are wonderful').waitFor();
  await desk.message('A new cup leaves today').getByRole('img', { name: 'Read' }).waitFor();
  await desk.ticket('Giulia Rossi').getByText('You are wonderful').waitFor();
  for (const image of await desk.page.locator('[data-ticket] img').all()) await drawn(image);
}

/** WhatsApp tells moments in whole seconds: an answer within the second of its question would stand above it. */
function nextSecond({ page }) {
  return page.waitForFunction((second) => Math.floor(Date.now() / 1000) > second, Math.floor(Date.now() / 1000));
}

/** Without a pointer over something and without a cursor that blinks. */
async function keep(page, name) {
  await page.mouse.move(0, 0);
  await page.waitForFunction(() => {
    document.activeElement?.blur();
    return document.activeElement === document.body;
  });
  await mkdir(FOLDER, { recursive: true });
  const path = `${FOLDER}${name}.png`;
  await page.screenshot({ path, caret: 'hide' });
  const { size } = await stat(path);
  console.log(`${path} ${Math.round(size / 1024)} KiB`);
  if (size > BYTES_MAX) throw new Error(`${path} has more than ${BYTES_MAX} bytes`);
}
