-- Guided conversations: the flows of the desk, each customer's way through one, and what it leaves on the ticket.

create table flows (
    name text {bytewise} not null,
    version bigint not null,
    -- The YAML as it was written.
    source text not null,
    -- `library`, `folder` or `console`.
    origin text not null,
    -- JSON; for whom it is on. The desk decides, not the file.
    rollout text not null,
    changed_at bigint not null,
    changed_by text references users (id),
    primary key (name, version)
);

-- The pictures beside a flow: files of the house, each sent to many.
create table flow_pictures (
    flow text {bytewise} not null,
    name text not null,
    attachment_id text not null references attachments (id),
    primary key (flow, name)
);

create table flow_runs (
    id text {bytewise} primary key,
    flow text not null,
    version bigint not null,
    conversation_id text not null references conversations (id),
    ticket_id text not null references tickets (id),
    -- JSON: the run as the engine left it.
    state text not null,
    -- The step on which it stands; null before its first word and when it is over.
    step text,
    -- `ended`, `handed_over`, `withdrawn`; null while it is under way.
    ending text,
    -- 1 (not good) to 3 (good), as the customer said.
    rating bigint,
    started_at bigint not null,
    updated_at bigint not null,
    ended_at bigint
);
-- A customer is led by one flow at a time.
create unique index flow_runs_one_open on flow_runs (conversation_id) where ending is null;
create index flow_runs_by_ticket on flow_runs (ticket_id, started_at);
create index flow_runs_by_flow on flow_runs (flow, version);

-- Questions of a run to other systems, until they are answered.
create table flow_calls (
    run_id text {bytewise} not null references flow_runs (id),
    call bigint not null,
    -- JSON; what is asked may be personal, so that it stands here and not in a job.
    question text not null,
    created_at bigint not null,
    primary key (run_id, call)
);

-- JSON: what a flow wrote down, by name.
alter table tickets add column fields text not null default '{}';
alter table tickets add column team text;

-- Since when a contact wants no machine to answer.
alter table contacts add column unguided_at bigint;
