// Where the reader is, kept in the address after the `#`: `#/inbox`, `#/mine/TICKET`, `#/system`.
export const views = ['inbox', 'waiting', 'solved', 'all', 'mine', 'unassigned'] as const;
export type View = (typeof views)[number];
export type Place = { page: 'tickets'; view: View; ticket: string | null } | { page: 'system' };

export function parsePlace(hash: string): Place {
  const [first, second] = hash.replace(/^#\/?/, '').split('/');
  if (first === 'system') return { page: 'system' };
  const view = views.find((v) => v === first) ?? 'inbox';
  return { page: 'tickets', view, ticket: second || null };
}
export const linkTo = (view: View, ticket?: string | null): string =>
  ticket ? `#/${view}/${ticket}` : `#/${view}`;

class Route {
  place = $state.raw<Place>(parsePlace(location.hash));
  /** The last view of tickets, to come back to from the System page. */
  view = $state<View>(this.place.page === 'tickets' ? this.place.view : 'inbox');
  constructor() {
    window.addEventListener('hashchange', () => {
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
