-- Rights: what an account may do beside what its role brings, what a token is cut down to, and which account is a
-- technician's.

-- JSON list of rights.
alter table users add column granted text not null default '[]';
-- JSON list of rights; null for all that its person has (or, of nobody's token, for all there are).
alter table api_tokens add column scopes text;
alter table technicians add column user_id text references users (id);
create unique index technicians_by_user on technicians (user_id) where user_id is not null and left_at is null;

-- Only for those who may see identity documents; what was said of files before is told by the findings.
alter table analyses add column is_identity_document boolean not null default false;
update analyses set is_identity_document = true
    where findings like '%"kind":"mrz"%' or findings like '%"kind":"picture.kind","value":"identity_document"%';

create index audit_by_time on audit (at, id);
create index audit_by_actor on audit (actor, at, id);
