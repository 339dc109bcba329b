// A return is opened in a ticket, decided on with its pictures before one's eyes, and followed to its end.
import { drawn } from './hands.mjs';
import { same } from './story.mjs';

export async function returns({ story, look, desk, phone, scenes }) {
  const { page } = desk;
  const beside = page.getByRole('region', { name: 'Return', exact: true });
  const form = page.getByRole('dialog', { name: 'Open a return' });
  await story.step('a customer sends a picture of what came broken; an agent opens a return by key', async () => {
    await phone.send([scenes.cup], { caption: 'And the cup I ordered came broken, order 20418' });
    await page.getByRole('link', { name: 'Tickets' }).click();
    await desk.open('Ruth Bell');
    await desk.message('came broken').waitFor();
    await page.getByRole('log', { name: 'Conversation' }).focus();
    await page.keyboard.press('o');
    await form.getByLabel('Order').fill('20418');
    await form.getByLabel('What comes back').fill('Espresso cup, blue');
    await form.getByLabel('What the customer would like').fill('A replacement');
  });
  await look(page, 'return-form');
  await story.step('it stands beside the conversation and waits for a decision', async () => {
    await form.getByRole('button', { name: 'Open the return' }).click();
    await beside.getByText('Look and decide').waitFor();
    await page.getByText('proposed return R-0001').waitFor();
  });
  await story.step('the list has what awaits a decision first', async () => {
    await page.getByRole('link', { name: 'Returns' }).click();
    await page.getByRole('region', { name: 'To decide' }).getByText('Espresso cup, blue').waitFor();
  });
  await look(page, 'returns');
  const decision = page.getByRole('region', { name: 'Decision' });
  await story.step('a return shows what the customer sent, and what is said of it', async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Espresso cup, blue' }).waitFor();
    await drawn(page.getByRole('link', { name: 'Open the picture in a new tab' }).first().locator('img'));
    await decision.getByRole('button', { name: 'Approve' }).waitFor();
  });
  await look(page, 'return');
  await story.step('a refusal needs a reason', async () => {
    await decision.getByRole('button', { name: 'Refuse' }).click();
    await decision.getByRole('alert').getByText('Write why it is refused').waitFor();
  });
  await story.step('it is approved, arrives, is replaced, and then it is over', async () => {
    await decision.getByLabel('Reason').fill('Within 30 days');
    await decision.getByRole('button', { name: 'Approve' }).click();
    await decision.getByRole('button', { name: 'It arrived' }).click();
    await decision.getByRole('button', { name: 'Refunded' }).waitFor();
    await decision.getByRole('button', { name: 'It arrived' }).waitFor({ state: 'detached' });
    await decision.getByRole('button', { name: 'Replaced' }).click();
    await decision.waitFor({ state: 'detached' });
    await page.getByText('Within 30 days').waitFor();
    await page.keyboard.press('u');
    await page.getByRole('region', { name: 'Over' }).getByText('Espresso cup, blue').waitFor();
    same(await page.getByRole('region', { name: 'To decide' }).count(), 0, 'returns that wait for a decision');
  });
  await story.step('the conversation tells the whole way', async () => {
    await page.getByRole('link', { name: 'Tickets' }).click();
    await desk.open('Ruth Bell');
    await page.getByText('moved return R-0001 from received to replaced').waitFor();
  });
}
