-- How many bodies ever came, on PostgreSQL: a sequence has gaps where an insert was rolled back.
-- One row for each of a few of the server's processes, so that writers of several nodes do not wait for one another.
-- On SQLite the last number is the count: a rolled back insert gives its number back there, and this stays empty.

create table inbox_received (
    slot bigint primary key,
    bodies bigint not null
);
insert into inbox_received (slot, bodies) select 0, max(id) from inbox having max(id) is not null;
