-- What happened to a customer before their first ticket; it moves to the ticket's timeline when one opens.

create table early_events (
    id text {bytewise} primary key,
    conversation_id text not null references conversations (id),
    kind text not null,
    data text not null,
    at bigint not null
);
create index early_events_by_conversation on early_events (conversation_id);
