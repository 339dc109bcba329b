-- Technicians' visits and goods that come back.

create table technicians (
    id text primary key,
    name text not null,
    -- JSON lists: beginnings of postal codes or names of places (none: everywhere), and what they mend (none: everything).
    areas text not null,
    skills text not null,
    -- JSON list of spans such as `mon-fri 09:00-18:00`, on the desk's clock.
    hours text not null,
    -- Whoever has it may read the calendar.
    calendar_secret text not null unique,
    created_at bigint not null,
    left_at bigint
);

create table visits (
    id text {bytewise} primary key,
    ticket_id text not null references tickets (id),
    technician_id text not null references technicians (id),
    what text not null,
    place text not null,
    note text,
    starts_at bigint not null,
    ends_at bigint not null,
    -- `booked`, `cancelled` or `done`.
    status text not null,
    -- Of a cancellation.
    why text,
    created_at bigint not null,
    updated_at bigint not null
);
-- A time is given once, whoever asks at the same moment.
create unique index visits_one_at_a_time on visits (technician_id, starts_at) where status = 'booked';
create index visits_by_ticket on visits (ticket_id, created_at);
create index visits_by_time on visits (starts_at, id);

create table returns (
    id text {bytewise} primary key,
    number bigint not null unique,
    ticket_id text not null references tickets (id),
    contact_id text not null references contacts (id),
    order_number text not null,
    item text not null,
    reason text,
    -- What the customer would like: a refund, a replacement.
    wish text,
    condition text,
    -- `proposed`, `approved`, `refused`, `received`, `refunded` or `replaced`.
    state text not null,
    -- Of the person who decided.
    note text,
    created_at bigint not null,
    updated_at bigint not null
);
create index returns_by_ticket on returns (ticket_id, created_at);
create index returns_by_contact on returns (contact_id, number);
create index returns_by_state on returns (state, updated_at, id);
insert into counters (name, value) values ('return_number', 0);
