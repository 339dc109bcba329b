// Where in a ticket somebody wants to go: a search sets it, the timeline and the viewer lead there.
import type { Region, SearchHit } from '../../api/types';

export type Aim = {
  ticket: string;
  message: string | null;
  event: string | null;
  attachment: string | null;
  region: Region | null;
};

export const aimAt = (ticket: string, hit: SearchHit | null): Aim => ({
  ticket,
  message: hit?.message_id ?? null,
  event: hit?.event_id ?? null,
  // A file's name stands at its message; what was read in it stands in the picture.
  attachment: hit?.place === 'read' ? hit.attachment_id : null,
  region: hit?.region ?? null,
});

class Aims {
  now = $state.raw<Aim | null>(null);

  /** The aim within this ticket, once. */
  take(ticket: string): Aim | null {
    const aim = this.now?.ticket === ticket ? this.now : null;
    if (aim) this.now = null;
    return aim;
  }
}
export const aims = new Aims();
