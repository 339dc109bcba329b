// What a customer and an agent do on their pages, by what they see there.

/** The phone page, as one customer. */
export class Phone {
  constructor(page) {
    this.page = page;
  }

  async join(name, number) {
    await this.page.getByTestId('customer-new').click();
    await this.page.getByTestId('customer-name').fill(name);
    await this.page.getByTestId('customer-phone').fill(number);
    await this.page.getByTestId('customer-create').click();
    // The chat of the customer before is there until this one's is.
    await this.page.getByText(`on the phone of ${name}`).waitFor();
    await this.page.getByTestId('chat-input').waitFor();
  }

  async write(text) {
    await this.page.getByTestId('chat-input').fill(text);
    await this.page.getByTestId('chat-send').click();
  }

  async send(files, { caption, document = false } = {}) {
    await this.page.getByTestId(document ? 'attach-document-input' : 'attach-photo-input').setInputFiles(files);
    if (caption) await this.page.getByTestId('preview-caption').fill(caption);
    await this.page.getByTestId('preview-send').click();
    await this.page.getByTestId('preview-send').waitFor({ state: 'detached' });
  }

  /** Records until the clock of the recorder shows a second. */
  async speak() {
    await this.page.getByRole('button', { name: 'Record a voice note' }).click();
    await this.page.getByRole('timer').filter({ hasText: /[1-9]$/ }).waitFor();
    await this.page.getByRole('button', { name: 'Send the voice note' }).click();
  }

  bubble(text) {
    return this.page.getByTestId('bubble').filter({ hasText: text });
  }

  /** Opens the list of a message and sends one of its rows, by its words or its place. */
  async pick(text, row) {
    await this.bubble(text).last().getByRole('button').last().click();
    const sheet = this.page.getByRole('dialog');
    const rows = sheet.getByRole('radio');
    await (typeof row === 'number' ? rows.nth(row) : sheet.getByText(row, { exact: true })).click();
    await sheet.getByRole('button', { name: 'Send', exact: true }).click();
    await sheet.waitFor({ state: 'detached' });
  }

  /** Presses a button under a message. */
  async tap(text, button) {
    await this.bubble(text).last().getByRole('button', { name: button, exact: true }).click();
  }

  async react(text, emoji) {
    const row = this.page.locator('.row', { has: this.bubble(text) });
    await row.hover();
    await row.getByRole('button', { name: 'React', exact: true }).click();
    await row.getByRole('button', { name: `React with ${emoji}` }).click();
  }

  async quote(text, answer) {
    const row = this.page.locator('.row', { has: this.bubble(text) });
    await row.hover();
    await row.getByRole('button', { name: 'More about this message' }).click();
    await this.page.getByRole('menuitem', { name: 'Reply' }).click();
    await this.write(answer);
  }
}

/** The console, as the demo's agent. */
export class Desk {
  constructor(page) {
    this.page = page;
  }

  async signIn({ email, password }) {
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.getByRole('region', { name: 'Tickets' }).waitFor();
  }

  ticket(name) {
    return this.page.locator('[data-ticket]').filter({ hasText: name });
  }

  async open(name) {
    await this.ticket(name).click();
    await this.page.getByRole('heading', { level: 1, name }).waitFor();
  }

  /** The row of a message in the conversation. */
  message(text) {
    return this.page.locator('[data-message]').filter({ hasText: text });
  }

  async reply(text) {
    await this.page.getByRole('button', { name: 'Reply', exact: true }).click();
    await this.page.getByRole('textbox', { name: 'Reply' }).fill(text);
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
  }

  async react(text, emoji) {
    await this.message(text).hover();
    await this.message(text).getByRole('button', { name: 'React to this message' }).click();
    await this.message(text).getByRole('button', { name: `React with ${emoji}` }).click();
  }

  async note(text) {
    await this.page.getByRole('button', { name: 'Note', exact: true }).click();
    await this.page.getByRole('textbox', { name: 'Note' }).fill(text);
    await this.page.getByRole('button', { name: 'Add note' }).click();
  }

  async signOut() {
    await this.page.getByRole('button', { name: 'You:' }).click();
    await this.page.getByRole('menuitem', { name: 'Sign out' }).click();
  }
}

/** Waits until a picture is really drawn, not only asked for. */
export async function drawn(image) {
  await image.waitFor();
  const handle = await image.elementHandle();
  await image.page().waitForFunction((element) => element.complete && element.naturalWidth > 0, handle);
}
