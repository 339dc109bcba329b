// WhatsApp templates: which places they have to fill, how they will read, and what goes out.
import type { Template, TemplateComponent, TemplateSend } from '../../api/types';

/** One place: `key` is unique in the template, `name` is the number or the name between the braces. */
export type Place = { key: string; part: 'header' | 'body' | 'button'; name: string; button: number; label: string };

const PLACE = /\{\{\s*([\w.]+)\s*\}\}/g;
const typeOf = (c: TemplateComponent) => c.type.toUpperCase();
const namesIn = (text: string | undefined): string[] => [
  ...new Set([...(text ?? '').matchAll(PLACE)].map((m) => m[1] ?? '')),
];
const labelOf = (name: string, prefix: string) =>
  /^\d+$/.test(name) ? `${prefix}{{${name}}}` : `${prefix === 'Text ' ? '' : prefix}${name.replaceAll('_', ' ')}`;

export function places(template: Template): Place[] {
  return template.components.flatMap((c): Place[] => {
    const type = typeOf(c);
    if (type === 'HEADER' || type === 'BODY') {
      const part = type === 'HEADER' ? 'header' : 'body';
      return namesIn(c.text).map((name) => ({
        key: `${part}:${name}`,
        part,
        name,
        button: 0,
        label: labelOf(name, part === 'header' ? 'Title ' : 'Text '),
      }));
    }
    if (type !== 'BUTTONS') return [];
    return (c.buttons ?? []).flatMap((b, i) =>
      namesIn(b.url).map((name): Place => ({
        key: `button${i}:${name}`,
        part: 'button',
        name,
        button: i,
        label: `Link of “${b.text}”`,
      })),
    );
  });
}

/** Why a template cannot be sent from here, or null. */
export function obstacle(template: Template): string | null {
  const status = template.status?.toUpperCase() ?? 'APPROVED';
  if (status !== 'APPROVED') return `WhatsApp has not approved it (${status.toLowerCase()})`;
  const header = template.components.find((c) => typeOf(c) === 'HEADER');
  if (header?.format && header.format.toUpperCase() !== 'TEXT') {
    return `It needs a file in its header (${header.format.toLowerCase()}), which cannot be chosen here`;
  }
  if (template.components.some((c) => ['CAROUSEL', 'LIMITED_TIME_OFFER'].includes(typeOf(c)))) {
    return 'Its layout needs more than words';
  }
  return null;
}

export const textOf = (template: Template, type: string): string =>
  template.components.find((c) => typeOf(c) === type)?.text ?? '';

/** The text with its places filled; an empty place stays as it is, so that it is seen. */
export function fill(text: string, part: string, values: Record<string, string>): string {
  return text.replaceAll(PLACE, (whole, name: string) => values[`${part}:${name}`]?.trim() || whole);
}

export function preview(template: Template, values: Record<string, string>): string {
  const header = fill(textOf(template, 'HEADER'), 'header', values);
  const body = fill(textOf(template, 'BODY'), 'body', values);
  return [header && `*${header}*`, body, textOf(template, 'FOOTER')].filter(Boolean).join('\n');
}

/** What goes out, in Meta's shape: named places carry their name, numbered ones their order. */
export function toSend(template: Template, values: Record<string, string>): TemplateSend {
  const all = places(template);
  const parameter = (p: Place) => ({
    type: 'text',
    ...(/^\d+$/.test(p.name) ? {} : { parameter_name: p.name }),
    text: values[p.key]?.trim() ?? '',
  });
  const inOrder = (list: Place[]) => list.toSorted((a, b) => (Number(a.name) || 0) - (Number(b.name) || 0));
  const components: unknown[] = [];
  for (const part of ['header', 'body'] as const) {
    const here = inOrder(all.filter((p) => p.part === part));
    if (here.length) components.push({ type: part, parameters: here.map(parameter) });
  }
  for (const place of all.filter((p) => p.part === 'button')) {
    const text = values[place.key]?.trim() ?? '';
    components.push({ type: 'button', sub_type: 'url', index: String(place.button), parameters: [{ type: 'text', text }] });
  }
  return { name: template.name, language: template.language, components, preview: preview(template, values) };
}
