// An agent looks for a word that a customer said, and goes to where it stands by keyboard alone.
export async function search({ story, look, desk }) {
  const { page } = desk;
  await story.step('the slash opens the search; it says where a word stands', async () => {
    await page.getByRole('link', { name: 'Tickets' }).click();
    await page.locator('[data-ticket]').first().waitFor();
    await page.keyboard.press('/');
    await page.getByRole('combobox', { name: 'Search everything' }).fill('washing E-18');
    const found = page.getByRole('option', { name: /Customer said/ }).first();
    await found.waitFor();
    await found.locator('mark', { hasText: 'E18' }).waitFor();
  });
  await look(page, 'search');
  await story.step('what nobody said is said to be nowhere', async () => {
    await page.getByRole('combobox', { name: 'Search everything' }).fill('zebra');
    await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
    await page.getByRole('combobox', { name: 'Search everything' }).fill('washing E-18');
    await page.getByRole('option', { name: /Customer said/ }).first().waitFor();
  });
  await story.step('Enter opens the ticket at the message', async () => {
    await page.keyboard.press('Enter');
    await page.getByRole('log', { name: 'Conversation' }).getByText('shows E18').first().waitFor();
    await page.getByRole('dialog', { name: 'Search' }).waitFor({ state: 'hidden' });
  });
}
