// Roles, rights and what the audit says, as people read them.
import type { Right, Role } from '../../api/types';

export const roles: { role: Role; name: string; does: string }[] = [
  { role: 'agent', name: 'Agent', does: 'Answers customers. Sees pictures with personal data black.' },
  { role: 'supervisor', name: 'Supervisor', does: 'Leads agents. Sees behind the masks, changes flows and technicians.' },
  { role: 'administrator', name: 'Administrator', does: 'May do everything, keeps the accounts.' },
  { role: 'auditor', name: 'Auditor', does: 'Sees everything but personal data, and who did what. Changes nothing.' },
  { role: 'technician', name: 'Technician', does: 'Sees their own visits, and the tickets of these.' },
];
export const roleName = (role: string): string => roles.find((one) => one.role === role)?.name ?? role;

export const rights: Record<Right, string> = {
  'tickets.read': 'See tickets',
  'tickets.change': 'Answer and change tickets',
  'originals.read': 'Download files as they came',
  'personal_data.read': 'See behind masks',
  'identity_documents.read': 'See identity documents',
  'articles.read': 'Read articles',
  'flows.read': 'See flows',
  'flows.change': 'Publish and switch flows',
  'returns.read': 'See returns',
  'returns.change': 'Propose returns',
  'returns.decide': 'Decide returns',
  'visits.read': 'See visits',
  'visits.change': 'Book and move visits',
  'visits.end': 'End visits',
  'teams.change': 'Change teams and what is promised',
  'technicians.change': 'Change technicians',
  'people.read': 'See who works here',
  'people.change': 'Keep accounts and tokens',
  'system.read': 'See how the desk is',
  'system.inspect': 'See dead letters and quarantine',
  'system.change': 'Run things again',
  'audit.read': 'See who did what',
};
export const rightName = (right: string): string => rights[right as Right] ?? right;

const actions: Record<string, string> = {
  'attachment.original': 'took a file as it came',
  'attachment.unmasked': 'looked behind a mask',
  'user.role': 'changed a role',
  'user.granted': 'changed rights given beside a role',
  'user.may': 'changed a role or rights',
  'user.disabled': 'disabled an account',
  'user.enabled': 'enabled an account',
  'user.joined': 'joined with an invitation',
  'user.sessions_ended': 'ended somebody’s sessions',
  'user.second_factor_reset': 'reset a second factor',
  'account.password': 'changed their password',
  'account.second_factor': 'switched their second factor',
  'account.recovery_code': 'signed in with a recovery code',
  'account.recovery_codes': 'made new recovery codes',
  'account.session_ended': 'ended one of their sessions',
  'account.sessions_ended': 'ended their other sessions',
  'invitation.sent': 'invited somebody',
  'invitation.revoked': 'took an invitation back',
  'token.made': 'made a token',
  'token.revoked': 'revoked a token',
};
/** What was done; an action that this page does not know keeps its own name. */
export const actionName = (action: string): string => actions[action] ?? action;

type Named = { id: string; name: string };
/** What was written down, with names in place of `user:ID`. */
export const namedIn = (detail: string, people: Named[]): string =>
  detail.replace(/\buser:(\w+)/g, (whole, id: string) => people.find((one) => one.id === id)?.name ?? whole);

/** Who did it: a colleague by name, a token or the command line by what they are. */
export function actorName(actor: string, people: Named[]): string {
  if (actor === 'cli') return 'The command line';
  const [kind, id = ''] = actor.split(':');
  if (kind === 'user') return people.find((one) => one.id === id)?.name ?? 'Somebody who left';
  return kind === 'token' ? `Token ${id.slice(-6)}` : actor;
}

