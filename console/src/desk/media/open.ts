// A file leads to its picture, or to the message that brought it, in whichever ticket that is.
import type { PlacedFile } from '../../api/types';
import { linkTo, route } from '../route.svelte';
import { aims } from '../search/aim.svelte';
import { ui } from '../ui.svelte';
import { shotOf } from './files.svelte';

export function openFile(file: PlacedFile, ticket: string) {
  const shot = shotOf(file);
  if (file.ticket_id === ticket && shot) {
    ui.picture = shot;
    return;
  }
  const [attachment, page] = shot?.split('/') ?? [null, undefined];
  aims.now = {
    ticket: file.ticket_id,
    message: file.attachment.message_id,
    event: null,
    attachment: attachment ?? null,
    region: page ? { page: Number(page), points: [] } : null,
  };
  if (file.ticket_id !== ticket) route.go(linkTo(route.view, file.ticket_id));
}
