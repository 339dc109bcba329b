// The operations the desk calls, in the shape that openapi-typescript generates.
// Swap the import in `client.ts` for the generated `schema.d.ts` once the server's document is committed.
import type * as T from './types';

type Json<B> = { content: { 'application/json': B } };
type Answer<R> = { responses: { 200: Json<R>; default: Json<T.ErrorBody> } };
type None = { responses: { 204: { content?: never }; default: Json<T.ErrorBody> } };
type Query<Q> = { parameters: { query?: Q } };
type Id = { parameters: { path: { id: string } } };
type IdQuery<Q> = { parameters: { path: { id: string }; query?: Q } };
type Body<B> = { requestBody: Json<B> };
type Cursor = { limit?: number; cursor?: string };

export interface paths {
  '/api/v1/session': {
    get: Answer<T.Session>;
    post: Body<{ email: string; password: string }> & Answer<T.Session>;
    delete: None;
  };
  '/api/v1/tickets': {
    get: Query<Cursor & { status?: string; assignee?: string; q?: string }> & Answer<T.Page<T.Ticket>>;
  };
  '/api/v1/tickets/{id}': {
    get: Id & Answer<T.Ticket>;
    patch: Id & Body<T.TicketPatch> & Answer<T.Ticket>;
  };
  '/api/v1/tickets/{id}/timeline': {
    get: IdQuery<Cursor & { order?: 'asc' | 'desc' }> & Answer<T.Page<T.TimelineItem>>;
  };
  '/api/v1/tickets/{id}/messages': { post: Id & Body<T.NewMessage> & Answer<T.Message> };
  '/api/v1/tickets/{id}/notes': { post: Id & Body<{ text: string }> & Answer<T.TicketEvent> };
  '/api/v1/tickets/{id}/read': { post: Id & None };
  '/api/v1/tickets/{id}/typing': { post: Id & None };
  '/api/v1/messages/{id}/retry': { post: Id & Answer<T.Message> };
  '/api/v1/attachments/{id}/retry': { post: Id & Answer<T.Attachment> };
  '/api/v1/users': { get: Query<Cursor> & Answer<T.Page<T.User>> };
  '/api/v1/templates': { get: Query<{ channel_id?: string }> & Answer<T.Page<T.Template>> };
  '/api/v1/system': { get: Answer<T.SystemState> };
  '/api/v1/inbox/quarantine': { get: Query<Cursor> & Answer<T.Page<T.Quarantined>> };
  '/api/v1/inbox/{id}/replay': { post: { parameters: { path: { id: number } } } & None };
  '/api/v1/jobs': { get: Query<Cursor & { state?: string }> & Answer<T.Page<T.Job>> };
  '/api/v1/jobs/{id}/retry': { post: Id & None };
}
