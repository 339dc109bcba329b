// A message as it will look, before the server has answered.
import type { Attachment, Content, Message, MessageKind, Person, Quote } from '../../api/types';

export type Draft = {
  text: string;
  attachment?: Attachment;
  isVoice?: boolean;
  /** A body that is neither words, a file nor a template. */
  content?: Content;
  template?: { name: string; language: string; components: unknown[]; preview: string };
  replyTo?: Quote;
  author: Person;
  at: number;
};

let count = 0;

const kindOfType = (mime: string): MessageKind => {
  if (/^image\/(jpeg|png)$/.test(mime)) return 'image';
  if (/^video\/(mp4|3gpp)$/.test(mime)) return 'video';
  return /^audio\/(ogg|mpeg|mp4|aac|amr)\b/.test(mime) ? 'audio' : 'document';
};

function contentOf({ text, attachment, isVoice, content, template }: Draft): Content {
  if (content) return content;
  if (template) return { kind: 'template', ...template };
  if (!attachment) return { kind: 'text', body: text };
  const kind = kindOfType(attachment.mime_type ?? '') as 'image';
  return { kind, caption: text || undefined, file_name: attachment.file_name ?? undefined, is_voice: isVoice };
}

export function optimistic(ticket: string, draft: Draft): Message {
  const content = contentOf(draft);
  const at = new Date(draft.at).toISOString();
  return {
    id: `sending-${++count}`,
    ticket_id: ticket,
    direction: 'out',
    kind: content.kind,
    text: draft.text || draft.template?.preview || null,
    content,
    status: 'queued',
    error: null,
    author: draft.author,
    attachments: draft.attachment ? [draft.attachment] : [],
    reply_to: draft.replyTo ?? null,
    reactions: [],
    is_forwarded: false,
    is_forwarded_often: false,
    edited_at: null,
    revoked_at: null,
    turn_id: null,
    external_id: null,
    referral: null,
    sent_at: at,
    created_at: at,
    statuses: [],
  };
}
