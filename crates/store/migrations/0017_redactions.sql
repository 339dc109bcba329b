-- What people made black for good, in pixels of the view (of a document's page: of that page's picture). The pictures
-- themselves are black there; these rows keep it so when the file is looked at anew.
create table redactions (
    id text {bytewise} primary key,
    attachment_id text not null references attachments (id),
    page bigint,
    x bigint not null,
    y bigint not null,
    width bigint not null,
    height bigint not null,
    actor text not null,
    created_at bigint not null
);
create index redactions_by_attachment on redactions (attachment_id, id);
