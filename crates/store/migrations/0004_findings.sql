-- What the analyzers said of each file: the newest run is current, a few older ones stay to be compared.

create table analyses (
    id text primary key,
    attachment_id text not null references attachments (id),
    -- From 1, for each attachment.
    number bigint not null,
    is_current boolean not null,
    -- The quality's verdict is there at once; text and the rest follow and complete it.
    is_complete boolean not null,
    verdict text not null,
    reason text,
    hint text,
    text text not null,
    language text,
    ms text not null,
    failed text not null,
    findings text not null,
    created_at bigint not null,
    unique (attachment_id, number)
);
create unique index analyses_current on analyses (attachment_id) where is_current;

-- The words of what is written on each picture: one plain index serves the search on both engines.
create table picture_words (
    word text {bytewise} not null,
    attachment_id text not null references attachments (id),
    primary key (word, attachment_id)
);
create index picture_words_by_attachment on picture_words (attachment_id);

-- By what a picture is known again. Whose it is stands with the attachment.
create table picture_hashes (
    attachment_id text primary key references attachments (id),
    sha256 text not null,
    -- Perceptual hashes, 32 bytes each: of the whole, and of what is within its border; absent when it is no picture or
    -- has no texture.
    pdq {bytes},
    created_at bigint not null
);
create index picture_hashes_by_sha256 on picture_hashes (sha256);
create index picture_hashes_by_time on picture_hashes (created_at, attachment_id);

-- A new look at what is stored, after an upgrade: goes through the attachments in the order of their ids.
create table analysis_runs (
    id text {bytewise} primary key,
    since bigint not null,
    -- The last attachment that was looked at.
    position text not null,
    total bigint not null,
    done bigint not null,
    failed bigint not null,
    started_at bigint not null,
    ended_at bigint
);
