-- The ways between steps that each run went, each counted once, for the drawing of the flow.
create table flow_ways (
    run_id text {bytewise} not null references flow_runs (id),
    from_step text not null,
    to_step text not null,
    primary key (run_id, from_step, to_step)
);

-- What came in a turn is read when it closes.
create index messages_by_turn on messages (turn_id, sent_at, position);
-- Two contacts that turn out to be one, a customer who is to be forgotten and a file that nobody needs any more are
-- found, and what refers to them is, without reading everything.
create index turns_by_ticket on turns (ticket_id);
create index turns_by_conversation on turns (conversation_id);
create index tickets_by_contact on tickets (contact_id);
create index messages_by_conversation on messages (conversation_id);
create index flow_runs_by_conversation on flow_runs (conversation_id);
create index attachments_by_contact on attachments (contact_id);
create index attachments_by_blob on attachments (blob_id);
create index renditions_by_blob on renditions (blob_id);
