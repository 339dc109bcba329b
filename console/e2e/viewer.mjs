// An agent looks closely at what a customer sent, draws on a copy of it, and makes a part of it black for good.
import { drawn } from './hands.mjs';
import { same } from './story.mjs';

export async function viewer({ story, look, desk, phone, scenes }) {
  const { page } = desk;
  const dialog = page.getByRole('dialog', { name: 'Photo viewer' });
  const photo = dialog.locator('.photo');
  const key = (name) => page.keyboard.press(name);
  await story.step('two photos of another customer are there to be compared', async () => {
    await phone.join('Lena Vogt', '333 909 8080');
    await phone.send([scenes.washer, scenes.receipt], { caption: 'The machine and its bill' });
    await desk.ticket('Lena Vogt').waitFor();
    await desk.open('Lena Vogt');
    await page.getByRole('button', { name: /^Open picture/ }).nth(1).waitFor();
    await page.getByRole('button', { name: /^Open picture/ }).first().click();
    await drawn(photo.locator('img'));
  });
  await story.step('a photo is lit and put back by keys and by sliders', async () => {
    const filter = () => photo.locator('img').evaluate((img) => img.style.filter);
    await key('b');
    await key('k');
    same(await filter(), 'brightness(1.125) contrast(1.125)', 'the light after two keys');
    await key('n');
    same(await filter(), 'none', 'the light as it is');
    await dialog.getByRole('button', { name: 'Light and contrast' }).click();
    await dialog.getByRole('slider', { name: /Brightness/ }).fill('1.4');
    same(await filter(), 'brightness(1.4) contrast(1)', 'the light of the slider');
    await dialog.getByRole('button', { name: 'As it is (n)' }).click();
    await dialog.getByRole('button', { name: 'Light and contrast' }).click();
    await dialog.evaluate((element) => element.focus());
  });
  await story.step('the magnifying glass follows the arrows', async () => {
    await key('g');
    const lens = dialog.locator('.lens');
    const place = () => lens.evaluate((element) => element.style.transform);
    same(await place(), 'translate(0px, 0px)', 'the glass in the middle');
    await key('ArrowRight');
    same(await place(), 'translate(16px, 0px)', 'the glass after an arrow');
    await key('g');
    await lens.waitFor({ state: 'detached' });
  });
  await story.step('two photos are side by side and zoom as one', async () => {
    await key('v');
    await dialog.locator('.photo').nth(1).waitFor();
    await drawn(dialog.locator('.photo img').nth(1));
    await key('+');
    const scale = (n) => dialog.locator('.photo').nth(n).evaluate((element) => /scale\(([\d.]+)\)/.exec(element.style.transform)?.[1]);
    same(await scale(0), '1.4', 'the first');
    same(await scale(1), '1.4', 'the second');
    same(await dialog.getByRole('button', { name: /^Compare with picture/, pressed: true }).count(), 1, 'chosen in the strip');
  });
  await look(page, 'compare');
  await story.step('a copy is drawn on by keys and by pointer', async () => {
    await key('v');
    await key('0');
    await key('a');
    const sheet = dialog.locator('canvas');
    await sheet.waitFor();
    const marks = (count) => page.waitForFunction((n) => document.querySelector('canvas[data-marks]')?.dataset.marks === n, String(count));
    const box = await sheet.boundingBox();
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.3);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.55, { steps: 4 });
    await page.mouse.up();
    await marks(1);
    for (const name of ['o', 'Enter', 'ArrowRight', 'n', '4', 'Enter', 'n', 'Enter']) await key(name);
    await marks(4);
    await key('Control+z');
    await marks(3);
    await dialog.getByRole('button', { name: 'Text', exact: true }).click();
    await page.mouse.click(box.x + box.width * 0.35, box.y + box.height * 0.2);
    await dialog.getByRole('textbox', { name: 'Text of the mark' }).fill('Serial number?');
    await key('Enter');
    await marks(4);
  });
  await look(page, 'draw');
  await story.step('leaving a drawing asks first', async () => {
    await key('Escape');
    const question = page.getByRole('dialog', { name: 'Leave the drawing?' });
    await question.getByRole('button', { name: 'Go on drawing' }).click();
    await question.waitFor({ state: 'hidden' });
  });
  await story.step('the marked copy goes to the reply, and to the customer', async () => {
    await dialog.getByRole('button', { name: 'Put into the reply' }).click();
    await dialog.waitFor({ state: 'detached' });
    const file = page.getByRole('list', { name: 'Files to send' });
    await file.getByText(/-marked\.jpg$/).waitFor();
    await file.getByText(/kB|MB/).waitFor();
    await desk.reply('Please send a photo of this part.');
    await drawn(phone.bubble('Please send a photo of this part.').locator('img'));
  });
  await story.step('the panel has the files of the ticket, and of the contact', async () => {
    const section = page.getByRole('region', { name: 'Pictures and files' });
    await drawn(section.locator('img').first());
    await section.getByRole('button', { name: /^All files/ }).click();
    const files = page.getByRole('dialog', { name: 'Pictures and files' });
    await files.getByRole('tab', { name: 'All of Lena Vogt' }).click();
    await files.getByRole('button', { name: /#\d+$/ }).nth(2).waitFor();
    await drawn(files.locator('img').first());
  });
  await look(page, 'media');
  await story.step('a file of the list opens in the viewer', async () => {
    // On a phone the panel is a sheet of its own: on its way there and back the dialog closed with it.
    const files = page.getByRole('dialog', { name: 'Pictures and files' });
    if (!(await files.isVisible())) await page.getByRole('button', { name: /^All files/ }).click();
    await files.getByRole('tab', { name: /^Ticket #/ }).click();
    await files.getByRole('button', { name: /received/ }).first().click();
    await drawn(photo.locator('img'));
  });
  await story.step('a part of it is made black for good', async () => {
    const address = () => photo.locator('img').getAttribute('src');
    const before = await address();
    await key('x');
    const sheet = dialog.locator('canvas');
    await sheet.waitFor();
    const box = await sheet.boundingBox();
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.4);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.6, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(() => document.querySelector('canvas[data-marks]')?.dataset.marks === '1');
    await dialog.getByRole('button', { name: /^Make black for good/ }).click();
    await page.getByRole('dialog', { name: 'Make black for good?' }).waitFor();
    await look(page, 'redact');
    await page.getByRole('button', { name: 'Make black', exact: true }).click();
    await sheet.waitFor({ state: 'detached' });
    await page.waitForFunction((was) => document.querySelector('.photo img')?.getAttribute('src') !== was, before);
    await drawn(photo.locator('img'));
    const middle = await photo.locator('img').evaluate((img) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: img.naturalWidth, height: img.naturalHeight });
      const ink = canvas.getContext('2d');
      ink.drawImage(img, 0, 0);
      return [...ink.getImageData(img.naturalWidth / 2, img.naturalHeight / 2, 1, 1).data].slice(0, 3).join();
    });
    same(middle, '0,0,0', 'the middle of the picture');
    await key('Escape');
    await page.getByText(/made parts of a picture black/).first().waitFor();
  });
}
