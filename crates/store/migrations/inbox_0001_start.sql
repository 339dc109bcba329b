-- The inbox: raw bodies as they came, in their own file on SQLite so that accepting never waits for reading.
-- {serial} becomes a rowid or a sequence. state: 0 waiting, 1 read, 2 quarantined.

create table inbox (
    id {serial},
    channel text not null,
    received_at bigint not null,
    body {bytes} not null,
    state smallint not null default 0,
    reason text
);
create index inbox_waiting on inbox (id) where state = 0;
create index inbox_quarantined on inbox (id) where state = 2;
