// Somebody is invited, joins, takes a second factor, signs in with it, is signed out from elsewhere, and is shut out.
// Beside it: tokens for programs, and what the audit says of all this.
import { createHmac } from 'node:crypto';
import { Watch } from './browser.mjs';
import { nothing, same } from './story.mjs';

const VIEWPORT = { width: 1440, height: 900 };
const EVE = { email: 'eve@example.org', password: 'two kettles sang badly' };

export async function accounts({ story, look, desk, demo, browser }) {
  const { page } = desk;
  // Pages whose sessions are ended are told 401 on purpose, which a browser calls an error.
  const watch = new Watch(demo.console, demo.phone);
  const open = (name, url = demo.console) => watch.open(browser, name, url, { viewport: VIEWPORT });
  let [link, eve, other, secret] = [];

  await story.step('an administrator invites somebody; the link is shown once', async () => {
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    const form = page.getByRole('dialog', { name: 'Invite somebody' });
    await form.getByLabel('Name').fill('Eve Adams');
    await form.getByLabel('E-mail').fill(EVE.email);
    await form.getByLabel('Role').selectOption('supervisor');
    await form.getByRole('button', { name: 'Make the link' }).click();
    link = await page.getByLabel('The link', { exact: true }).textContent();
    same(new URL(link).hash.startsWith('#/join/'), true, 'where the link leads');
  });
  await look(page, 'invitation');
  await story.step('the invitation is among the open ones', async () => {
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('region', { name: 'Invitations' }).getByText('Eve Adams').waitFor();
  });
  await story.step('whoever has the link sees whom it is for', async () => {
    eve = await open('eve', link);
    await eve.getByText(EVE.email).waitFor();
  });
  await look(eve, 'join');
  await story.step('a common password is refused with a reason, a good one lets in', async () => {
    await eve.getByLabel('A password').fill('passwordpassword');
    await eve.getByRole('button', { name: 'Join' }).click();
    await eve.getByRole('alert').getByText('tried first').waitFor();
    await eve.getByLabel('A password').fill(EVE.password);
    await eve.getByRole('button', { name: 'Join' }).click();
    await eve.getByRole('region', { name: 'Tickets', exact: true }).waitFor();
    same(new URL(eve.url()).hash, '#/inbox', 'the address afterwards');
    await page.reload();
    await page.getByRole('region', { name: 'Accounts' }).getByText('Eve Adams').waitFor();
    same(await page.getByRole('region', { name: 'Invitations' }).count(), 0, 'open invitations');
  });
  await look(page, 'people');

  await story.step('she opens her account from the menu and begins a second factor', async () => {
    await eve.getByRole('button', { name: 'You:' }).click();
    await eve.getByRole('menuitem', { name: 'Your account' }).click();
    await eve.getByRole('button', { name: 'Switch on' }).click();
    await eve.getByRole('dialog').getByLabel('Your password').fill(EVE.password);
    await eve.getByRole('button', { name: 'Go on' }).click();
    await eve.getByRole('img', { name: /QR code/ }).waitFor();
    await eve.getByText('Without a camera').click();
    secret = (await eve.getByRole('dialog').locator('code').textContent()).replaceAll(' ', '');
  });
  await look(eve, 'second-factor');
  await story.step('a code of the app confirms it, and the recovery codes are shown', async () => {
    await eve.getByLabel('The code that the app shows').fill(codeOf(secret));
    await eve.getByRole('button', { name: 'Confirm' }).click();
    const codes = eve.getByRole('dialog', { name: 'Keep these recovery codes' }).locator('ol li');
    await codes.nth(9).waitFor();
    same(await codes.count(), 10, 'recovery codes');
  });
  await look(eve, 'recovery-codes');
  await story.step('signing in elsewhere asks for a code', async () => {
    await eve.getByRole('button', { name: 'I have kept them' }).click();
    other = await open('eve-elsewhere');
    await other.getByLabel('E-mail').fill(EVE.email);
    await other.getByLabel('Password').fill(EVE.password);
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.getByRole('textbox', { name: /^Code/ }).waitFor();
  });
  await look(other, 'second-step');
  await story.step('a wrong code does not open, the next one does', async () => {
    await other.getByRole('textbox', { name: /^Code/ }).fill('000000');
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.getByRole('alert').getByText('wrong').waitFor();
    // The code of this half minute was used to confirm; the next one is taken a little early.
    await other.getByRole('textbox', { name: /^Code/ }).fill(codeOf(secret, 1));
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.getByRole('region', { name: 'Tickets', exact: true }).waitFor();
  });
  await story.step('both places are listed', async () => {
    await eve.reload();
    const places = eve.getByRole('region', { name: 'Where you are signed in' });
    await places.getByRole('button', { name: /^Sign out Chrome/ }).waitFor();
    same(await places.getByText('this one').count(), 1, 'the session that asks');
  });
  await look(eve, 'account');
  await story.step('the other place is signed out at its next request', async () => {
    await eve.getByRole('button', { name: /^Sign out Chrome/ }).click();
    await eve.getByText('is signed out.').waitFor();
    await other.reload();
    await other.getByRole('heading', { name: 'Sign in to Sportello' }).waitFor();
  });

  await story.step('a token is made for a program and shown once', async () => {
    await page.getByRole('link', { name: 'Tokens' }).click();
    await page.getByRole('button', { name: 'Make a token' }).click();
    const form = page.getByRole('dialog', { name: 'Make a token' });
    await form.getByLabel('What it is for').fill('Monthly report');
    await form.getByLabel('See tickets').check();
    await form.getByRole('button', { name: 'Make it' }).click();
    const token = await page.getByLabel('The token', { exact: true }).textContent();
    const answers = await Promise.all(
      ['tickets', 'audit'].map(async (path) => {
        const headers = { Authorization: `Bearer ${token}` };
        return (await fetch(new URL(`/api/v1/${path}`, demo.console), { headers })).status;
      }),
    );
    same(answers.join(), '200,403', 'what the token opens');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Monthly report').waitFor();
  });
  await look(page, 'tokens');
  await story.step('an account is disabled, and its open page with it', async () => {
    await page.getByRole('link', { name: 'People', exact: true }).last().click();
    await page.getByRole('button', { name: 'More about Eve Adams' }).click();
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await page.getByText('disabled', { exact: true }).waitFor();
    await eve.reload();
    await eve.getByRole('heading', { name: 'Sign in to Sportello' }).waitFor();
  });
  await story.step('the audit tells who did all this', async () => {
    await page.getByRole('link', { name: 'Audit' }).click();
    for (const text of ['disabled an account', 'made a token', 'joined with an invitation']) {
      await page.getByText(text).first().waitFor();
    }
  });
  await look(page, 'audit');
  await story.step('nothing else was complained about on these pages', () =>
    nothing(watch.complaints.filter((line) => !/status of (401|422)/.test(line)), 'the pages complained'),
  );
  for (const one of [eve, other]) await one?.context().close();
}

/** What an authenticator app shows, `steps` half minutes from now (RFC 6238). */
function codeOf(secret, steps = 0) {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'));
  const key = Buffer.from(bits.join('').match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', key).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
