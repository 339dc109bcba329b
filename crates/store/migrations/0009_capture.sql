-- Pages on which a customer takes a picture: a link serves once, and for a stated time.

create table capture_links (
    -- SHA-256 of what stands in the link; who reads this table cannot open the page.
    token_hash text primary key,
    run_id text {bytewise} not null references flow_runs (id),
    ticket_id text not null references tickets (id),
    contact_id text not null references contacts (id),
    -- What is to be photographed: `identity_document`.
    purpose text not null,
    language text not null,
    expires_at bigint not null,
    used_at bigint,
    created_at bigint not null
);
create index capture_links_by_run on capture_links (run_id);
