// How a search says where it found something.
import type { IconName } from '../../lib/icons';
import type { SearchHit } from '../../api/types';

const names: Record<string, string> = {
  note: 'Note',
  number: 'Ticket’s number',
  subject: 'Subject',
  tag: 'Tag',
  contact_name: 'Contact',
  phone: 'Phone',
  username: 'User name',
  identity: 'Contact’s id',
  file_name: 'File name',
};

export function placeName(hit: SearchHit): string {
  if (hit.place === 'message') return hit.direction === 'out' ? 'We said' : 'Customer said';
  if (hit.place === 'field') return hit.field ?? 'Field';
  if (hit.place !== 'read') return names[hit.place] ?? hit.place;
  const page = hit.region?.page ? `, page ${hit.region.page}` : '';
  return `Read in ${hit.file_name ?? 'a picture'}${page}`;
}

export function placeIcon({ place }: SearchHit): IconName {
  if (place === 'message') return 'chat';
  if (place === 'note') return 'note';
  if (place === 'read') return 'image';
  if (place === 'file_name') return 'document';
  if (place === 'number' || place === 'subject' || place === 'tag' || place === 'field') return 'tag';
  return 'user';
}

export type Piece = { text: string; isFound: boolean };

/** The snippet in pieces; the places are counted in characters, as people count them. */
export function pieces({ snippet, matches }: Pick<SearchHit, 'snippet' | 'matches'>): Piece[] {
  const chars = Array.from(snippet);
  const made: Piece[] = [];
  let at = 0;
  const take = (to: number, isFound: boolean) => {
    if (to > at) made.push({ text: chars.slice(at, to).join(''), isFound });
    at = Math.max(at, to);
  };
  for (const [from, to] of matches) {
    take(from, false);
    take(to, true);
  }
  take(chars.length, false);
  return made;
}
