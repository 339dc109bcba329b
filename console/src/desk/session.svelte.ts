// Who is signed in, and the people a ticket can be given to.
import * as api from '../api/calls';
import { ApiError, onSessionInDoubt, setCsrf } from '../api/client';
import type { Right, Session, User } from '../api/types';
import { line } from './live.svelte';

class Here {
  user = $state<User | null>(null);
  #rights = $state.raw<ReadonlySet<Right>>(new Set());
  people = $state.raw<User[]>([]);
  phase = $state<'checking' | 'out' | 'in' | 'unreachable'>('checking');
  /** Why the sign-in page is shown, when it was not asked for. */
  notice = $state('');

  constructor() {
    onSessionInDoubt(() => void this.check());
  }
  /** Whether a button is worth showing; the server decides again. */
  may(right: Right): boolean {
    return this.#rights.has(right);
  }
  async check() {
    try {
      this.#enter(await api.session.get());
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 401) {
        this.#leave(this.phase === 'in' ? 'Your session has ended. Sign in again to go on; drafts are kept.' : '');
      } else if (this.phase !== 'in') this.phase = 'unreachable';
    }
  }
  /** `code` is the second step, for those who have one. */
  async signIn(email: string, password: string, code?: string) {
    this.#enter(await api.session.start(email, password, code));
  }
  async join(secret: string, name: string, password: string) {
    this.#enter(await api.invitations.accept(secret, name, password));
  }
  async signOut() {
    await api.session.end();
    this.#leave('');
  }
  #enter(session: Session) {
    setCsrf(session.csrf_token);
    this.user = session.user;
    this.#rights = new Set(session.rights);
    this.notice = '';
    if (this.phase === 'in') return;
    this.phase = 'in';
    line.start(() => void this.check());
    this.refreshPeople();
  }
  /** Who can be given something to do: again after somebody joined, left or became something else. */
  refreshPeople() {
    if (!this.may('people.read')) return;
    void api.people.list().then(
      (page) => (this.people = page.items),
      () => {},
    );
  }
  #leave(notice: string) {
    line.stop();
    this.user = null;
    this.notice = notice;
    this.phase = 'out';
  }
}
export const here = new Here();
