-- One text for both engines; {bytes} becomes BLOB or BYTEA.
-- {bytewise} orders a text by its bytes, as SQLite does: a PostgreSQL of another language would mix upper and lower case.
-- TEXT ids are ULIDs, BIGINT times are microseconds UTC, JSON is TEXT.

create table channels (
    id text primary key,
    kind text not null,
    account text not null,
    name text not null,
    created_at bigint not null,
    unique (kind, account)
);

create table keys (
    owner text primary key,
    sealed_key {bytes} not null,
    master_key_id text not null,
    created_at bigint not null
);

create table contacts (
    id text primary key,
    name text,
    language text,
    -- Whose history this contact's became when both turned out to be one person.
    merged_into text,
    created_at bigint not null,
    updated_at bigint not null
);

create table identities (
    kind text not null,
    value text not null,
    contact_id text not null references contacts (id),
    first_seen_at bigint not null,
    retired_at bigint,
    primary key (kind, value)
);
create index identities_by_contact on identities (contact_id);

create table conversations (
    id text primary key,
    contact_id text not null references contacts (id),
    channel_id text not null references channels (id),
    last_inbound_at bigint,
    unique (contact_id, channel_id)
);

create table users (
    id text primary key,
    email text not null unique,
    name text not null,
    role text not null,
    password_hash text not null,
    created_at bigint not null,
    disabled_at bigint
);

create table sessions (
    token_hash text primary key,
    user_id text not null references users (id),
    csrf_token text not null,
    created_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null
);

create table api_tokens (
    token_hash text primary key,
    id text not null unique,
    name text not null,
    user_id text references users (id),
    created_at bigint not null,
    revoked_at bigint
);

create table counters (
    name text primary key,
    value bigint not null
);
insert into counters (name, value) values ('ticket_number', 0), ('inbox_pruned', 0);

create table tickets (
    id text primary key,
    number bigint not null unique,
    conversation_id text not null references conversations (id),
    contact_id text not null references contacts (id),
    channel_id text not null references channels (id),
    status text not null,
    priority text not null,
    subject text,
    tags text not null,
    assignee_id text references users (id),
    last_message_id text,
    thumbnail_attachment_id text,
    attachment_count bigint not null default 0,
    unread_count bigint not null default 0,
    last_activity_at bigint not null,
    solved_at bigint,
    closed_at bigint,
    created_at bigint not null,
    updated_at bigint not null
);
create unique index tickets_one_active on tickets (conversation_id) where status in ('new', 'open', 'waiting');
create index tickets_by_activity on tickets (last_activity_at, id);
create index tickets_by_status on tickets (status, last_activity_at, id);
create index tickets_by_conversation on tickets (conversation_id, created_at);
create index tickets_by_assignee on tickets (assignee_id, last_activity_at, id);

create table turns (
    id text primary key,
    conversation_id text not null references conversations (id),
    ticket_id text not null references tickets (id),
    opened_at bigint not null,
    quiet_at bigint not null,
    closed_at bigint
);
create unique index turns_one_open on turns (conversation_id) where closed_at is null;

create table messages (
    id text primary key,
    ticket_id text not null references tickets (id),
    conversation_id text not null references conversations (id),
    channel_id text not null references channels (id),
    direction text not null,
    kind text not null,
    text text,
    content text not null,
    riders text not null,
    external_id text,
    status text not null,
    error text,
    author_id text references users (id),
    reply_to text,
    turn_id text,
    position text {bytewise} not null,
    sent_at bigint not null,
    created_at bigint not null,
    edited_at bigint,
    revoked_at bigint,
    unique (channel_id, external_id)
);
create index messages_by_ticket on messages (ticket_id, sent_at, position);
create index messages_undecided on messages (status, created_at) where status in ('queued', 'sending', 'uncertain');

create table statuses (
    channel_id text not null references channels (id),
    external_id text not null,
    status text not null,
    at bigint not null,
    our_id text,
    errors text not null,
    pricing text,
    conversation text,
    created_at bigint not null,
    primary key (channel_id, external_id, status)
);

create table changes (
    channel_id text not null references channels (id),
    external_id text {bytewise} not null,
    target text not null,
    kind text not null,
    actor text not null,
    payload text not null,
    at bigint not null,
    created_at bigint not null,
    primary key (channel_id, external_id)
);
create index changes_by_target on changes (channel_id, target);

create index statuses_by_our_id on statuses (our_id) where our_id is not null;
create index statuses_by_external_id on statuses (external_id);

create table blobs (
    id text primary key,
    -- No foreign key: erasing somebody removes their key and leaves noise behind.
    owner text not null,
    sealed_key {bytes} not null,
    size_bytes bigint not null,
    created_at bigint not null
);

create table attachments (
    id text primary key,
    message_id text references messages (id),
    ticket_id text references tickets (id),
    contact_id text references contacts (id),
    channel_id text references channels (id),
    kind text not null,
    state text not null,
    reason text,
    retry_at bigint,
    attempts bigint not null default 0,
    external_id text,
    url text,
    claimed_mime_type text,
    claimed_sha256 text,
    file_name text,
    is_voice boolean not null,
    mime_type text,
    size_bytes bigint,
    sha256 text,
    width bigint,
    height bigint,
    blob_id text references blobs (id),
    expires_at bigint,
    created_at bigint not null,
    updated_at bigint not null
);
create index attachments_by_message on attachments (message_id);
create index attachments_by_ticket on attachments (ticket_id, created_at);
create index attachments_unfetched on attachments (created_at) where state in ('pending', 'failed');

create table renditions (
    attachment_id text not null references attachments (id),
    name text not null,
    blob_id text not null references blobs (id),
    mime_type text not null,
    width bigint not null,
    height bigint not null,
    size_bytes bigint not null,
    primary key (attachment_id, name)
);

create table events (
    id text {bytewise} primary key,
    ticket_id text not null references tickets (id),
    kind text not null,
    actor_id text references users (id),
    data text not null,
    at bigint not null
);
create index events_by_ticket on events (ticket_id, at, id);

create table problems (
    id text primary key,
    channel_id text,
    code bigint not null,
    title text,
    details text,
    times bigint not null,
    at bigint not null
);

create table jobs (
    id text primary key,
    kind text not null,
    payload text not null,
    dedup_key text unique,
    state text not null,
    attempts bigint not null,
    run_at bigint not null,
    locked_until bigint,
    lock_token text,
    last_error text,
    created_at bigint not null
);
create index jobs_ready on jobs (run_at, id) where state = 'ready';
create index jobs_running on jobs (locked_until) where state = 'running';
create index jobs_dead on jobs (created_at, id) where state = 'dead';

create table leases (
    name text primary key,
    owner text not null,
    until bigint not null
);

create table audit (
    id text primary key,
    at bigint not null,
    actor text not null,
    action text not null,
    object text not null,
    detail text not null
);
create index audit_by_object on audit (object, at);
