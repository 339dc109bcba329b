-- Work: teams and whom they give tickets, times that answers are promised in, tickets put aside.

create table teams (
    id text {bytewise} primary key,
    -- What flows write on a ticket. A name that is no team's keeps working: it is a name without members.
    name text {bytewise} not null unique,
    time_zone text not null,
    -- JSON list of spans such as `mon-fri 09:00-18:00`; none: always open.
    hours text not null,
    -- JSON list of days on which it is closed: `{"day": "2026-12-25", "name": "Christmas"}`.
    holidays text not null,
    -- `by_hand`, `round_robin` or `least_load`.
    assigning text not null,
    -- Whether tickets that no flow gave to a team are its.
    takes_new boolean not null default false,
    created_at bigint not null
);
create unique index teams_one_takes_new on teams (takes_new) where takes_new;

create table team_members (
    team_id text {bytewise} not null references teams (id),
    user_id text not null references users (id),
    -- JSON lists.
    skills text not null,
    languages text not null,
    -- Tickets in hand at once, of all teams; null for any number.
    tickets_max bigint,
    -- The turn at which a ticket was last given; the lowest is next.
    last_turn bigint not null default 0,
    primary key (team_id, user_id)
);
create index team_members_by_user on team_members (user_id);
-- Who gives a ticket to somebody holds this row, so that two do not give to the same person at once.
insert into counters (name, value) values ('assignment_turn', 0);

-- Somebody who is away is given nothing.
alter table users add column is_away boolean not null default false;

-- Promises, the closest first: of the team and the priority, of the team, of the desk and the priority, of the desk.
create table sla_policies (
    -- Empty: of the desk.
    team_id text {bytewise} not null,
    -- Empty: of any priority.
    priority text not null,
    -- Minutes of opening hours; null for no promise.
    first_answer_min bigint,
    next_answer_min bigint,
    solution_min bigint,
    primary key (team_id, priority)
);

-- One clock for each promise that a ticket is under. What was used up before `since` stands in `spent_us`.
create table ticket_clocks (
    ticket_id text not null references tickets (id),
    -- `first_answer`, `next_answer` or `solution`.
    target text not null,
    spent_us bigint not null,
    -- Null while it stands still.
    since bigint,
    ended_at bigint,
    warned_at bigint,
    breached_at bigint,
    primary key (ticket_id, target)
);

-- The next promise that runs, and since when one that runs is broken.
alter table tickets add column due_at bigint;
alter table tickets add column due_for text;
alter table tickets add column breached_at bigint;
-- Put aside: since when, and until when (null: until the customer writes).
alter table tickets add column snoozed_at bigint;
alter table tickets add column snoozed_until bigint;
-- A person took it from everybody: it is given to nobody by itself.
alter table tickets add column is_by_hand boolean not null default false;

create index tickets_by_due on tickets (due_at, id) where due_at is not null;
create index tickets_breached on tickets (last_activity_at, id) where breached_at is not null;
create index tickets_snoozed on tickets (last_activity_at, id) where snoozed_at is not null;
create index tickets_by_team on tickets (team, last_activity_at, id) where team is not null;
create index tickets_in_hand on tickets (assignee_id) where status in ('new', 'open');
create index tickets_waiting_for_somebody on tickets (team, created_at, id) where assignee_id is null and status in ('new', 'open') and team is not null;
