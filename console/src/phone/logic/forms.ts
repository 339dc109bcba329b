// The definition of a native form (WhatsApp calls it a Flow), read tolerantly into
// screens that the page draws: one component is one line, what is unknown is left out.

export type Input =
  | { kind: 'text'; name: string; label: string; isLong: boolean; isRequired: boolean; type: 'text' | 'number' | 'date' }
  | { kind: 'choice'; name: string; label: string; isRequired: boolean; options: { id: string; title: string }[] }
  | { kind: 'files'; name: string; label: string; says: string; least: number; most: number; accept: string };

export interface Screen {
  id: string;
  title: string;
  words: string[];
  inputs: Input[];
  /** The text on the button that leads on. */
  button: string;
  /** `null` on the last screen, which sends. */
  next: string | null;
}

export type Words = Record<string, string>;
export type Files = Record<string, File[]>;

/** The screens of the form that a message opens; `null` when the sandbox does not know it. */
export function readForm(interactive: unknown): Screen[] | null {
  const screens = array(record(record(interactive)['form'])['screens']).map(screen);
  return screens.length > 0 ? screens : null;
}

/** What keeps a screen from being left, in a sentence; `null` when it is filled in. */
export function missing(screen: Screen, words: Words, files: Files): string | null {
  for (const input of screen.inputs) {
    if (input.kind === 'files') {
      const count = (files[input.name] ?? []).length;
      if (count < input.least) return `At least ${input.least} ${input.least === 1 ? 'file is' : 'files are'} needed.`;
      if (count > input.most) return `At most ${input.most} files can be sent.`;
    } else if (input.isRequired && (words[input.name] ?? '').trim() === '') {
      return 'This has to be filled in.';
    }
  }
  return null;
}

function screen(raw: unknown): Screen {
  const it = record(raw);
  const children = array(record(it['layout'])['children']).map(record);
  const footer = children.find((child) => child['type'] === 'Footer') ?? {};
  const next = text(record(record(footer['on-click-action'])['next'])['name']);
  return {
    id: text(it['id']),
    title: text(it['title']),
    words: children.filter((child) => text(child['type']).startsWith('Text') && 'text' in child).map((child) => text(child['text'])),
    inputs: children.map(input).filter((found) => found !== null),
    button: text(footer['label']) || 'Continue',
    next: next === '' ? null : next,
  };
}

function input(child: Record<string, unknown>): Input | null {
  const name = text(child['name']);
  const label = text(child['label']);
  const isRequired = child['required'] === true;
  switch (text(child['type'])) {
    case 'TextInput':
      return { kind: 'text', name, label, isRequired, isLong: false, type: child['input-type'] === 'number' ? 'number' : 'text' };
    case 'TextArea':
      return { kind: 'text', name, label, isRequired, isLong: true, type: 'text' };
    case 'DatePicker':
      return { kind: 'text', name, label, isRequired, isLong: false, type: 'date' };
    case 'Dropdown':
    case 'RadioButtonsGroup': {
      const options = array(child['data-source']).map(record);
      return { kind: 'choice', name, label, isRequired, options: options.map((it) => ({ id: text(it['id']), title: text(it['title']) })) };
    }
    case 'PhotoPicker':
    case 'DocumentPicker': {
      const what = child['type'] === 'PhotoPicker' ? 'photos' : 'documents';
      const bound = (end: string, rest: number) => Number(child[`${end}-uploaded-${what}`] ?? rest);
      const accept = what === 'photos' ? 'image/*' : '';
      return { kind: 'files', name, label, says: text(child['description']), least: bound('min', 0), most: bound('max', 30), accept };
    }
    default:
      return null;
  }
}

function record(raw: unknown): Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : {};
}

function array(raw: unknown): unknown[] {
  return Array.isArray(raw) ? raw : [];
}

function text(raw: unknown): string {
  return typeof raw === 'string' ? raw : '';
}
