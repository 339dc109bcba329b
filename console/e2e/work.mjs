// A team is made; its tickets go to whoever is there, say what is due, and are put aside by key until the customer writes.
import { nothing } from './story.mjs';

export async function work({ story, look, desk, phone, demo, watch }) {
  const { page } = desk;
  const timeline = page.getByRole('log', { name: 'Conversation' });
  const form = page.getByRole('dialog', { name: 'Add a team' });
  const card = page.getByRole('article', { name: 'Service' });
  const leave = async () => page.getByRole('link', { name: 'Tickets', exact: true }).click();
  const me = async (entry) => {
    await page.getByRole('button', { name: 'You:' }).click();
    await page.getByRole('menuitem', { name: entry }).click();
  };
  await story.step('without teams the page says what one is for', async () => {
    await page.getByRole('link', { name: 'Teams' }).click();
    await page.getByRole('heading', { name: 'No teams yet' }).waitFor();
    await page.getByRole('button', { name: 'Add a team' }).click();
    await form.getByLabel('Name').fill('service');
    await form.getByLabel('Opening hours').fill('always');
    await form.getByRole('combobox', { name: 'Add a member' }).selectOption({ index: 1 });
    await form.getByRole('textbox', { name: /^Languages of/ }).fill('en, it');
    await form.getByLabel('Any priority: first answer').fill('soon');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await form.getByRole('alert').getByText('write a time such as 30m').waitFor();
  });
  await look(page, 'team-form');
  await story.step('hours that are none are refused with an example; right ones are taken', async () => {
    await form.getByLabel('Any priority: first answer').fill('25m');
    await form.getByLabel('Any priority: solution').fill('8h');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await form.getByRole('alert').getByText('mon-fri 09:00-18:00').waitFor();
    // The hours were wrong on purpose.
    watch.complaints = watch.complaints.filter((line) => !line.includes('/api/v1/teams)'));
    await form.getByLabel('Opening hours').fill('');
    await form.getByLabel('Holidays').fill('2030-12-25 Christmas');
    await form.getByLabel('Takes tickets that no flow').check();
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await card.getByText('first answer 25 min, solution 8 h').waitFor();
  });
  await look(page, 'teams');
  await story.step('a new customer’s ticket is given to the one who is there, and says by when it is promised', async () => {
    await leave();
    await page.getByRole('link', { name: 'Mine', exact: true }).click();
    await phone.page.goto(demo.phone);
    await phone.join('Nora Lind', '+46 70 123 45 67');
    await phone.write('The fridge is warm');
    await desk.ticket('Nora Lind').getByText(/The first answer is due in/).waitFor();
    await desk.open('Nora Lind');
    await timeline.getByText(/Given to .* of the team Service, who is next/).waitFor();
    await page.getByRole('combobox', { name: 'Team' }).waitFor();
  });
  await look(page, 'ticket-due');
  await story.step('by key it is put aside until the customer writes', async () => {
    await timeline.focus();
    await page.keyboard.press('z');
    await page.getByRole('menu', { name: 'Put aside' }).getByRole('menuitem').first().waitFor();
    // The last but one of the menu.
    for (const key of ['End', 'ArrowUp', 'Enter']) await page.keyboard.press(key);
    await timeline.getByText('put the ticket aside until the customer writes').waitFor();
    await desk.ticket('Nora Lind').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Snoozed', exact: true }).click();
    await desk.ticket('Nora Lind').waitFor();
  });
  await look(page, 'snoozed');
  await story.step('it comes back when they write', async () => {
    await phone.write('Still warm');
    await timeline.getByText('The customer wrote: the ticket is back').waitFor();
    await desk.ticket('Nora Lind').waitFor({ state: 'detached' });
  });
  await story.step('what is due first, and the tickets of a team, are a menu away', async () => {
    await page.getByRole('button', { name: 'Order and teams' }).click();
    await page.getByRole('menuitemradio', { name: 'What is due first' }).click();
    await page.getByRole('link', { name: 'Inbox', exact: true }).click();
    await desk.ticket('Nora Lind').waitFor();
    await page.getByRole('button', { name: 'Order and teams' }).click();
    await page.getByRole('menuitemradio', { name: /^Service/ }).click();
    await page.getByRole('link', { name: 'Service', exact: true }).waitFor();
    await desk.ticket('Nora Lind').waitFor();
    await page.getByRole('button', { name: 'Order and teams' }).click();
    await page.getByRole('menuitemradio', { name: 'Newest first' }).click();
    await page.getByRole('link', { name: 'Breached', exact: true }).click();
    await page.getByRole('heading', { name: 'No promise is broken' }).waitFor();
  });
  await story.step('who is away is given nothing, and takes up what waited when they are back', async () => {
    await me('I am away');
    await page.getByRole('link', { name: 'Unassigned', exact: true }).click();
    await phone.join('Olle Berg', '+46 70 765 43 21');
    await phone.write('The freezer is warm');
    await desk.open('Olle Berg');
    await timeline.getByText('Nobody of the team Service could take it').waitFor();
    await me('I am back');
    await timeline.getByText(/Given to .* of the team Service/).waitFor();
  });
  await story.step('the team is removed; its name stays on its tickets', async () => {
    await page.getByRole('link', { name: 'Teams' }).click();
    await card.getByRole('button', { name: 'Remove Service' }).click();
    await page.getByRole('dialog', { name: 'Remove service?' }).getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('heading', { name: 'No teams yet' }).waitFor();
    nothing(await page.getByRole('alert').allInnerTexts(), 'alerts');
    await leave();
    await page.getByRole('link', { name: 'Inbox', exact: true }).click();
  });
}
