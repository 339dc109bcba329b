// Where the reader is, kept in the address after the `#`: `#/inbox`, `#/mine/TICKET`, `#/flows/NAME/VERSION`,
// `#/articles/ID`, `#/visits`, `#/returns/ID`, `#/teams`, `#/people/TAB`, `#/account`, `#/system`; a team's tickets are
// `#/team:NAME`, and with an invitation one comes to `#/join/SECRET`.
export const peopleTabs = ['people', 'tokens', 'audit'] as const;
export type PeopleTab = (typeof peopleTabs)[number];
export const views = ['inbox', 'waiting', 'solved', 'all', 'mine', 'unassigned', 'breached', 'snoozed'] as const;
export type View = (typeof views)[number] | `team:${string}`;
export type Place =
  | { page: 'tickets'; view: View; ticket: string | null }
  | { page: 'flows'; flow: { name: string; version: number } | null }
  | { page: 'articles'; article: string | null }
  | { page: 'visits' }
  | { page: 'teams' }
  | { page: 'returns'; of: string | null }
  | { page: 'people'; tab: PeopleTab }
  | { page: 'account' }
  | { page: 'join'; secret: string }
  | { page: 'system' };

export function parsePlace(hash: string): Place {
  const [first, second, third] = hash.replace(/^#\/?/, '').split('/');
  if (first === 'people') return { page: 'people', tab: peopleTabs.find((tab) => tab === second) ?? 'people' };
  if (first === 'join') return { page: 'join', secret: second ?? '' };
  if (first === 'system' || first === 'visits' || first === 'teams' || first === 'account') return { page: first };
  if (first === 'articles') return { page: 'articles', article: second || null };
  if (first === 'returns') return { page: 'returns', of: second || null };
  if (first === 'flows') {
    const version = Number(third);
    const isOne = second && Number.isInteger(version) && version > 0;
    return { page: 'flows', flow: isOne ? { name: second, version } : null };
  }
  const view = teamView(first) ?? views.find((v) => v === first) ?? 'inbox';
  return { page: 'tickets', view, ticket: second || null };
}
/** The view of a team's tickets, as it stands in the address. */
function teamView(first: string | undefined): View | null {
  if (!first?.startsWith('team:') || first.length <= 5) return null;
  try {
    return `team:${decodeURIComponent(first.slice(5))}`;
  } catch {
    return null;
  }
}
/** The team whose tickets a view shows. */
export const teamOf = (view: View): string | null => (view.startsWith('team:') ? view.slice(5) : null);
export const linkTo = (view: View, ticket?: string | null): string => {
  const team = teamOf(view);
  const first = team === null ? view : `team:${encodeURIComponent(team)}`;
  return ticket ? `#/${first}/${ticket}` : `#/${first}`;
};
export const linkToFlow = (name: string, version: number): string => `#/flows/${name}/${version}`;
export const linkToArticle = (article: string): string => `#/articles/${article}`;
export const linkToReturn = (one: string): string => `#/returns/${one}`;

class Route {
  place = $state.raw<Place>(parsePlace(location.hash));
  /** The last view of tickets, to come back to from another page. */
  view = $state<View>(this.place.page === 'tickets' ? this.place.view : 'inbox');
  /** Asked with the address before another place is shown; `false` keeps this one. */
  guard: ((to: string) => boolean) | null = null;
  #shown = location.hash;
  constructor() {
    window.addEventListener('hashchange', () => {
      const to = location.hash;
      if (to !== this.#shown && this.guard?.(to) === false) return history.replaceState(null, '', this.#shown || '#');
      this.#shown = to;
      this.place = parsePlace(location.hash);
      if (this.place.page === 'tickets') this.view = this.place.view;
    });
  }
  get ticket() {
    return this.place.page === 'tickets' ? this.place.ticket : null;
  }
  go(hash: string) {
    location.hash = hash;
  }
}
export const route = new Route();
