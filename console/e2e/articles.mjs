// An agent searches the knowledge base, and sends an article from a ticket; the customer gets it step by step.
import { drawn } from './hands.mjs';

export async function articles({ story, look, desk, phone, demo }) {
  const { page } = desk;
  const preview = page.getByRole('list', { name: 'As the customer gets it' });
  await story.step('the articles are listed; a code finds one and says why', async () => {
    await page.getByRole('link', { name: 'Articles' }).click();
    await page.getByRole('link', { name: /The router shows a red light/ }).waitFor();
    await page.keyboard.press('/');
    await page.locator('[data-search]:focus').waitFor();
    await page.keyboard.type('E18');
    await page.getByText('Found by “E18” as its code').waitFor();
    await page.getByRole('link', { name: /router shows/ }).waitFor({ state: 'detached' });
  });
  await look(page, 'articles');
  await story.step('words that nothing matches are said to match nothing', async () => {
    await page.getByRole('searchbox', { name: 'Search articles' }).fill('zebra');
    await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
    await page.getByRole('searchbox', { name: 'Search articles' }).fill('water stays in the drum');
    await page.getByText('“drum” among the symptoms').waitFor();
  });
  await story.step('it is opened by keyboard and shown as the customer gets it, in each language', async () => {
    await page.getByRole('searchbox', { name: 'Search articles' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await preview.getByText('Open the small door at the bottom right.').waitFor();
    await drawn(preview.locator('img').first());
    await page.getByRole('button', { name: 'Italian' }).click();
    await preview.getByText('Apra lo sportello in basso a destra.').waitFor();
  });
  await look(page, 'article', () => preview.locator('img').first().scrollIntoViewIfNeeded());
  await story.step('a customer writes what the display shows', async () => {
    await phone.page.goto(demo.phone);
    await phone.join('Ruth Bell', '+44 7700 900456');
    await phone.write('My washing machine stopped, it shows E18');
    await page.keyboard.press('u');
    await page.getByRole('heading', { name: 'Articles' }).waitFor();
    await page.getByRole('link', { name: 'Tickets' }).click();
    await desk.open('Ruth Bell');
  });
  const picker = page.getByRole('dialog', { name: 'Send an article' });
  await story.step('a key searches for the code in the ticket', async () => {
    await desk.message('it shows E18').waitFor();
    await page.getByRole('log', { name: 'Conversation' }).focus();
    await page.keyboard.press('h');
    await picker.getByRole('option', { name: /does not drain/, selected: true }).waitFor();
    await drawn(picker.locator('img').first());
  });
  await look(page, 'article-picker');
  await story.step('Enter sends it: the customer gets a message a step, with the pictures', async () => {
    await picker.getByRole('combobox', { name: 'Search articles' }).press('Enter');
    await picker.waitFor({ state: 'detached' });
    await phone.bubble('The washing machine does not drain').waitFor();
    await drawn(phone.bubble('Open the small door').locator('img'));
    await phone.bubble('Does the code come back?').waitFor();
    await desk.message('Does the code come back?').waitFor();
  });
}
