-- The processes of the desk: what each is and in which degraded states, in its own words. A row that nobody renews is
-- a process that was killed; it is forgotten after a day.

create table processes (
    id text primary key,
    -- `web`, `worker` or `web,worker`.
    roles text not null,
    host text not null,
    version text not null,
    started_at bigint not null,
    seen_at bigint not null,
    -- JSON: [{code, message}].
    degraded text not null
);
