// Customers who are led from the first word to a person: a defect, an identity paper, a return, a visit.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from './browser.mjs';
import { api } from './demo.mjs';
import { drawn } from './hands.mjs';
import { draw } from './scenes.mjs';
import { same } from './story.mjs';

const FLOWS = ['product_defect', 'identity_document', 'retail_return', 'appliance_video'];

/** Several pictures are read one after the other, by a build that is not optimised. */
const READING_MS = 45_000;

/** The use cases, one customer each, after the desk was opened by `desk` and the phone by `phone`. */
export async function customers(kit) {
  const { story, demo, browser, desk, phone } = kit;
  for (const { page } of [desk, phone]) page.setDefaultTimeout(READING_MS);
  const scenes = await draw(browser, ['unlit', 'washer', 'plate', 'leak', 'router', 'phone-glass', 'cup']);
  const passport = (await draw(browser, ['passport'])).passport;
  await story.step('the flows are switched on', async () => {
    for (const name of FLOWS) await api(demo, 'PATCH', `/flows/${name}/1`, { rollout: 'on' });
  });
  await phone.page.goto(demo.phone);
  await defect(kit, scenes);
  await form(kit, scenes);
  await identity(kit, passport);
  await goodsBack(kit, scenes);
  await visit(kit, scenes);
  await story.step('the flows are switched off again', async () => {
    for (const name of FLOWS) await api(demo, 'PATCH', `/flows/${name}/1`, { rollout: 'off' });
  });
}

/** What a list has of a customer. */
async function of(demo, path, name) {
  const { items } = await api(demo, 'GET', path);
  return items.filter((item) => item.contact_name === name);
}

const handedOver = ({ page }) => page.getByRole('article', { name: 'Handed over by a flow' }).last();

async function defect({ story, look, desk, phone }, { unlit, washer, plate }) {
  await story.step('a customer whose machine broke is asked what it is', async () => {
    await phone.join('Bruno Sala', '+44 7700 901001');
    await phone.write('My washing machine is broken');
    await phone.pick('What kind of product is it?', 'Washer or dryer');
    await phone.bubble('Please send a photo of the damage').waitFor();
  });
  await story.step('a photo that is too dark is answered with how to take a better one', async () => {
    await phone.send([unlit]);
    await phone.bubble('too dark: switch a light on').waitFor();
  });
  await story.step('the display and the plate are read; nobody types a number', async () => {
    await phone.send([washer]);
    await phone.bubble('Now the label with the serial number').waitFor();
    await phone.send([plate]);
    await phone.bubble('When was it bought?').waitFor();
    await phone.write('yesterday');
  });
  await story.step('the article for the code on the display comes, with its pictures; it does not help', async () => {
    await drawn(phone.bubble('Open the small door').locator('img'));
    await phone.tap('Did this help?', 'Not yet');
  });
  await story.step('the agent has the error code and the serial number in writing, and answers', async () => {
    await desk.open('Bruno Sala');
    const card = handedOver(desk);
    await card.getByText('E18').first().waitFor();
    await card.getByText('SN48213X').first().waitFor();
    await desk.reply('Thank you, Bruno. A new pump is on its way.');
    await phone.bubble('A new pump is on its way').waitFor();
  });
  await look(desk.page, 'case-defect');
}

/** The same questions as one form, which the number of the demonstration has in Italian. */
async function form({ story, look, desk, phone }, { washer, plate }) {
  const sheet = phone.page.getByRole('dialog');
  await story.step('a customer who speaks Italian is offered one form instead of three questions', async () => {
    await phone.join('Sofia Greco', '+39 333 444 7788');
    await phone.write('La mia lavatrice è rotta');
    await phone.pick('Di che prodotto si tratta?', 'Lavatrice');
    await phone.tap('Invii una foto del danno', 'Apri il modulo');
    await sheet.getByText('At least 1 file is needed').waitFor();
  });
  await look(phone.page, 'phone-form');
  await story.step('two photos and a day go in one go', async () => {
    await sheet.locator('input[type=file]').setInputFiles([washer]);
    await sheet.getByRole('button', { name: 'Avanti' }).click();
    await sheet.getByText('numero di serie').first().waitFor();
    await sheet.locator('input[type=file]').setInputFiles([plate]);
    await sheet.getByRole('button', { name: 'Avanti' }).click();
    await sheet.locator('input[type=date]').fill('2026-03-02');
    await sheet.getByRole('button', { name: 'Invia' }).click();
    await sheet.waitFor({ state: 'detached' });
  });
  await story.step('everything in it is known: the article comes, nothing is asked again', async () => {
    await drawn(phone.bubble('Apra lo sportello').locator('img'));
    await desk.open('Sofia Greco');
    await desk.page.getByText('SN48213X').first().waitFor();
    await desk.page.getByText('2026-03-02').first().waitFor();
  });
  await look(desk.page, 'case-form');
}

/** The page with the camera in a browser of its own, whose camera films the passport. */
async function identity({ story, look, desk, phone }, passport) {
  let address = '';
  await story.step('whoever has to prove who they are consents, and gets a link', async () => {
    await phone.join('Erika Muster', '+44 7700 901004');
    await phone.write('I have to verify my identity');
    await phone.tap('Do you agree?', 'I agree');
    const link = phone.bubble('on this page').getByRole('link').first();
    address = await link.getAttribute('href');
  });
  const folder = await mkdtemp(join(tmpdir(), 'sportello-camera-'));
  const film = join(folder, 'passport.mjpeg');
  await writeFile(film, passport.buffer);
  const camera = await launch([`--use-file-for-fake-video-capture=${film}`]);
  try {
    const page = await camera.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', reducedMotion: 'reduce' });
    await story.step('the page films the passport, and one photo is sent', async () => {
      await page.goto(address);
      await page.getByText('Passport', { exact: true }).or(page.getByRole('button', { name: 'Open the camera' })).first().waitFor();
      await page.getByRole('button', { name: 'Open the camera' }).click();
      await page.getByRole('radio', { name: 'Passport' }).check({ force: true });
      await page.getByText('Good. Take it now').waitFor();
      await page.getByRole('button', { name: 'Take the photo' }).click();
      await page.getByRole('button', { name: 'Send this photo' }).click();
      await page.getByText('Thank you, it is here').waitFor();
    });
    await story.step('the link worked once', async () => {
      await page.goto(address);
      await page.getByText('We have your photo').waitFor();
    });
  } finally {
    await camera.close();
    await rm(folder, { recursive: true, force: true });
  }
  await story.step('the customer is thanked; a person decides, with the zone checked', async () => {
    await phone.bubble('no program decides').waitFor();
    await desk.open('Erika Muster');
    const card = handedOver(desk);
    await card.getByText('All check digits of the machine-readable zone agree').waitFor();
    await card.getByText('It is valid until 2031-05-04').waitFor();
  });
  await look(desk.page, 'case-identity');
}

async function goodsBack({ story, look, demo, desk, phone }, { leak, router, 'phone-glass': glass, cup, unlit }) {
  await story.step('a return is asked for, with four photos of which one is dark', async () => {
    await phone.join('Ines Prado', '+44 7700 901006');
    await phone.write('I want to return something');
    await phone.tap('What may I do for you?', 'Return something');
    await phone.bubble('What is the order number?').waitFor();
    await phone.write('A-10442');
    await phone.bubble('Which item of it goes back?').waitFor();
    await phone.write('the blue lamp');
    await phone.pick('Why does it go back?', 'Arrived damaged');
    await phone.bubble('Please send four photos').waitFor();
    await phone.send([leak, router, glass, unlit]);
    await phone.bubble('I have 3 of 4').waitFor();
    await phone.send([cup]);
  });
  await story.step('the customer wishes the money back and gets a number', async () => {
    await phone.tap('What would you prefer?', 'Money back');
    await phone.bubble('A colleague looks at the photos').waitFor();
  });
  await story.step('nobody but a person decides: the return waits on the desk', async () => {
    await desk.open('Ines Prado');
    await handedOver(desk).getByText('waits for a decision').first().waitFor();
    same((await of(demo, '/returns', 'Ines Prado')).map(({ state }) => state).join(), 'proposed', 'the states of their returns');
  });
  await look(desk.page, 'case-return');
}

async function visit({ story, look, demo, desk, phone }, { washer, leak }) {
  await story.step('a machine that leaks: two photos and a sentence', async () => {
    await phone.join('Dario Neri', '+44 7700 901007');
    await phone.write('My machine is leaking, I need a technician');
    await phone.pick('Which appliance is it?', 'Washer or dryer');
    await phone.tap('in a short video or in photos?', 'Photos');
    await phone.bubble('Please send two photos').waitFor();
    await phone.send([washer, leak]);
    await phone.bubble('What does it do').waitFor();
    await phone.write('it stops in the middle and leaks');
    await phone.tap('Did this help?', 'Not yet');
  });
  await story.step('one of three free times is chosen, and the visit is booked', async () => {
    await phone.tap('Shall I look for a free time?', 'Yes, please');
    await phone.bubble('Where should we come?').waitFor();
    await phone.write('Via Roma 12, 20121 Milano');
    await phone.pick('When may the technician come?', 0);
    await phone.bubble('It is booked').waitFor();
    same((await of(demo, '/visits', 'Dario Neri')).length, 1, 'their visits');
  });
  await story.step('the customer moves it, and there is still one visit', async () => {
    await phone.write('that day does not suit me any more');
    await phone.pick('What may I do?', 'Another time');
    await phone.pick('Which time suits you better?', 1);
    await phone.bubble('It is booked').nth(1).waitFor();
    const booked = (await of(demo, '/visits', 'Dario Neri')).filter(({ status }) => status === 'booked');
    same(booked.length, 1, 'their booked visits');
  });
  await look(phone.page, 'case-visit-phone');
  await story.step('the agent sees where the conversation stands', async () => {
    await desk.open('Dario Neri');
    await desk.message('It is booked').first().waitFor();
  });
  await look(desk.page, 'case-visit');
}
