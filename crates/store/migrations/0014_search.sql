-- One index over everything that is said, read, named and written down: which words stand in which ticket, and where.
-- By the ticket's number, which is short: a busy desk has tens of millions of these rows.

create table search_words (
    ticket bigint not null,
    word text {bytewise} not null,
    -- s: said, r: read in a file, p: read in an identity document, f: a file's name, t: the ticket's own, c: the contact's.
    place text {bytewise} not null,
    primary key (ticket, word, place)
) {rowless};
create index search_words_by_word on search_words (word, place, ticket);

-- How far the index has come with the tickets that were here before it: all from `position` on are in it.
create table search_fill (
    id bigint primary key,
    position bigint not null,
    total bigint not null
);
insert into search_fill (id, position, total) select 1, coalesce(max(number), 0) + 1, count(*) from tickets;

drop table picture_words;
