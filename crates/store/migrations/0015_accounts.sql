-- Sessions that can be told apart and ended one by one, invitations, second factors, and tokens that end by themselves.

-- The public name of a session. Of those that are open now a part of their hash serves: it opens nothing.
alter table sessions add column id text not null default '';
update sessions set id = substr(token_hash, 1, 26);
create unique index sessions_by_id on sessions (id);
create index sessions_by_user on sessions (user_id, seen_at);
-- What the browser calls itself, cut short, and where it was last seen.
alter table sessions add column user_agent text;
alter table sessions add column address text;

alter table api_tokens add column expires_at bigint;

-- Of the secret in the link only a hash is kept.
create table invitations (
    id text primary key,
    secret_hash text not null unique,
    email text not null,
    name text not null,
    role text not null,
    -- `user:…` or `token:…`, as in the audit.
    invited_by text not null,
    created_at bigint not null,
    expires_at bigint not null,
    accepted_at bigint,
    revoked_at bigint
);
create index invitations_by_email on invitations (email);

create table second_factors (
    user_id text primary key references users (id),
    -- Under the key of the house.
    sealed_secret {bytes} not null,
    -- Null until a code proved that the app has the secret; until then nothing is asked at sign-in.
    confirmed_at bigint,
    -- The last step of 30 seconds whose code was taken: a code works once.
    last_step bigint not null default 0,
    -- Wrong codes since the last right one, and when the last of them came: they make the next wait longer.
    failures bigint not null default 0,
    failed_at bigint not null default 0,
    created_at bigint not null
);

create table recovery_codes (
    code_hash text primary key,
    user_id text not null references users (id),
    created_at bigint not null,
    used_at bigint
);
create index recovery_codes_by_user on recovery_codes (user_id)
