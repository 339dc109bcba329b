-- Native forms of WhatsApp: the keys of our numbers, the forms that were offered, the files that still lie sealed there.

create table form_keys (
    id text {bytewise} primary key,
    -- The channel's id of the number.
    account text not null,
    -- Under the key of the house; what was sealed for an older key can still be opened.
    sealed_key {bytes} not null,
    public_key text not null,
    created_at bigint not null
);
create index form_keys_by_account on form_keys (account);

create table form_offers (
    -- Goes out with the form and comes back with the answer; it serves once.
    token text {bytewise} primary key,
    form text not null,
    -- What is said of it is said in this language.
    language text not null,
    ticket_id text not null references tickets (id),
    expires_at bigint not null,
    used_at bigint,
    created_at bigint not null
);
create index form_offers_by_ticket on form_offers (ticket_id);

create table form_files (
    attachment_id text primary key references attachments (id),
    -- What opens the file, under the contact's key; gone as soon as the file is here.
    sealed_seals {bytes} not null,
    created_at bigint not null
);
