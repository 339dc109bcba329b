import { expect, it } from 'vitest';
import { missing, readForm } from './forms';

const children = (...inputs: unknown[]) => ({ layout: { type: 'SingleColumnLayout', children: inputs } });
const footer = (label: string, action: unknown) => ({ type: 'Footer', label, 'on-click-action': action });

const form = {
  screens: [
    {
      id: 'SCREEN_A',
      title: 'Damage',
      ...children(
        { type: 'PhotoPicker', name: 'photos', label: 'Photos', description: 'Of the damage', 'min-uploaded-photos': 2, 'max-uploaded-photos': 3 },
        footer('Next', { name: 'navigate', next: { type: 'screen', name: 'SCREEN_B' } }),
      ),
    },
    {
      id: 'SCREEN_B',
      title: 'Damage',
      ...children(
        { type: 'TextBody', text: 'When was it?' },
        { type: 'DatePicker', name: 'day', label: 'Day', required: true },
        { type: 'Dropdown', name: 'what', label: 'What', 'data-source': [{ id: 'a', title: 'An oven' }] },
        { type: 'Hologram', name: 'x' },
        footer('Send', { name: 'complete', payload: {} }),
      ),
    },
  ],
};

it('reads the screens of a form', () => {
  const [first, last] = readForm({ type: 'flow', form }) ?? [];
  expect(first).toMatchObject({ button: 'Next', next: 'SCREEN_B', inputs: [{ kind: 'files', name: 'photos', least: 2, most: 3 }] });
  expect(last).toMatchObject({ button: 'Send', next: null, words: ['When was it?'] });
  expect(last?.inputs).toEqual([
    { kind: 'text', name: 'day', label: 'Day', isRequired: true, isLong: false, type: 'date' },
    { kind: 'choice', name: 'what', label: 'What', isRequired: false, options: [{ id: 'a', title: 'An oven' }] },
  ]);
});

it.each([[null], [{}], [{ form: { screens: [] } }], [{ form: 'x' }]])('knows no form in %j', (interactive) => {
  expect(readForm(interactive)).toBeNull();
});

it('says what is missing before a screen can be left', () => {
  const [first, last] = readForm({ form }) ?? [];
  const file = new File(['x'], 'x.png');
  if (first === undefined || last === undefined) throw new Error('two screens');
  expect(missing(first, {}, { photos: [file] })).toContain('At least 2 files');
  expect(missing(first, {}, { photos: [file, file, file, file] })).toContain('At most 3');
  expect(missing(first, {}, { photos: [file, file] })).toBeNull();
  expect(missing(last, { day: ' ' }, {})).toContain('filled in');
  expect(missing(last, { day: '2026-03-02' }, {})).toBeNull();
});
