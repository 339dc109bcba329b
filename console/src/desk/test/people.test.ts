// What browsers, actors and actions are called, and where the pages of people are.
import { expect, test } from 'vitest';
import { agentName, isPhone } from '../account/agent';
import { actionName, actorName, namedIn, rightName, roleName } from '../people/words';
import { parsePlace } from '../route.svelte';

const mozilla = 'Mozilla/5.0';
test.each([
  [`${mozilla} (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0`, 'Firefox on Linux', false],
  [`${mozilla} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36`, 'Chrome on Windows', false],
  [`${mozilla} (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0`, 'Edge on Windows', false],
  [`${mozilla} (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1`, 'Safari on iPhone', true],
  [`${mozilla} (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`, 'Samsung Internet on Android', true],
  ['curl/8.5', 'curl/8.5', false],
  [null, 'A browser that did not say its name', false],
])('%s', (agent, name, phone) => {
  expect(agentName(agent)).toBe(name);
  expect(isPhone(agent)).toBe(phone);
});

test('who did what', () => {
  const people = [{ id: '01ADA', name: 'Ada' }];
  expect(actorName('user:01ADA', people)).toBe('Ada');
  expect(actorName('user:01EVE', people)).toBe('Somebody who left');
  expect(actorName('token:01ABCDEFGHIJ', people)).toBe('Token EFGHIJ');
  expect(actorName('cli', people)).toBe('The command line');
  expect(namedIn('as agent, invited by user:01ADA', people)).toBe('as agent, invited by Ada');
  expect(namedIn('by user:01EVE', people)).toBe('by user:01EVE');
  expect(actionName('user.disabled')).toBe('disabled an account');
  expect(actionName('something.new')).toBe('something.new');
  expect([roleName('auditor'), roleName('king')]).toEqual(['Auditor', 'king']);
  expect(rightName('tickets.read')).toBe('See tickets');
});

test.each([
  ['#/people', { page: 'people', tab: 'people' }],
  ['#/people/tokens', { page: 'people', tab: 'tokens' }],
  ['#/people/nonsense', { page: 'people', tab: 'people' }],
  ['#/account', { page: 'account' }],
  ['#/join/a-secret_1', { page: 'join', secret: 'a-secret_1' }],
])('%s', (hash, place) => expect(parsePlace(hash)).toEqual(place));
