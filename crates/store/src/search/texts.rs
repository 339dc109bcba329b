//! The texts of tickets, by place: what the index is made of, and where what was found stands.

use std::collections::BTreeMap;

use model::{
    Timestamp,
    ids::{AttachmentId, EventId, MessageId},
};
use sqlx::FromRow;

use super::{Place, Source, Text};
use crate::{Db, Engine, Result, Tx};

/// Of a ticket's messages and notes the newest so many are looked through to say where words stand.
pub const SHOWN_MAX: i64 = 1_000;
/// And so many make its index; a ticket never has more.
pub const INDEXED_MAX: i64 = 100_000;

#[derive(FromRow)]
struct Row {
    ticket: i64,
    /// `message`, `note`, `read`, `file`, `ticket` or `contact` and what further tells of it.
    kind: String,
    id: String,
    other: Option<String>,
    name: Option<String>,
    text: Option<String>,
    at: Option<Timestamp>,
}

/// `{numbers}` is the list of tickets, `$2` how many of each ticket.
const SAID: &str = "select ticket, kind, id, other, name, text, at from (
    select t.number as ticket, 'message' as kind, m.id, m.direction as other, cast(null as text) as name, m.text, m.sent_at as at,
        row_number() over (partition by t.number order by m.sent_at desc, m.position desc) as place
    from tickets t join messages m on m.ticket_id = t.id
    where t.number in {numbers} and m.revoked_at is null and m.text is not null) x where place <= $2
    union all
    select ticket, kind, id, other, name, text, at from (
    select t.number as ticket, 'note' as kind, e.id, e.kind as other, cast(null as text) as name, e.data as text, e.at,
        row_number() over (partition by t.number order by e.at desc, e.id desc) as place
    from tickets t join events e on e.ticket_id = t.id
    where t.number in {numbers} and e.kind = 'note.added') y where place <= $2";
const READ: &str = "select t.number as ticket, 'read' as kind, a.id, a.message_id as other, a.file_name as name, l.text, a.created_at as at
    from tickets t join attachments a on a.ticket_id = t.id join analyses l on l.attachment_id = a.id and l.is_current
    left join messages m on m.id = a.message_id
    where t.number in {numbers} and m.revoked_at is null and l.text <> '' and l.is_identity_document = {paper} order by a.created_at desc, a.id desc limit $2";
const FILE: &str = "select t.number as ticket, 'file' as kind, a.id, a.message_id as other, cast(null as text) as name, a.file_name as text, a.created_at as at
    from tickets t join attachments a on a.ticket_id = t.id left join messages m on m.id = a.message_id
    where t.number in {numbers} and m.revoked_at is null and a.file_name is not null order by a.created_at desc, a.id desc limit $2";
const TICKET: &str = "select t.number as ticket, 'ticket' as kind, t.fields as id, t.tags as other, cast(null as text) as name, t.subject as text, cast(null as bigint) as at
    from tickets t where t.number in {numbers} limit $2";
const CONTACT: &str = "select t.number as ticket, 'name' as kind, c.id, cast(null as text) as other, cast(null as text) as name, c.name as text, cast(null as bigint) as at
    from tickets t join contacts c on c.id = t.contact_id where t.number in {numbers} and c.name is not null
    union all
    select t.number as ticket, i.kind, c.id, cast(null as text) as other, cast(null as text) as name, i.value as text, cast(null as bigint) as at
    from tickets t join contacts c on c.id = t.contact_id join identities i on i.contact_id = c.id
    where t.number in {numbers} limit $2";

fn sql(engine: Engine, place: Place) -> String {
    let select = match place {
        Place::Said => SAID,
        Place::Read | Place::Paper => READ,
        Place::File => FILE,
        Place::Ticket => TICKET,
        Place::Contact => CONTACT,
    };
    let numbers = engine.pick(
        "(select value from json_each($1))",
        "(select cast(value as bigint) from json_array_elements_text($1::json))",
    );
    let is_paper = if place == Place::Paper { "true" } else { "false" };
    select.replace("{numbers}", numbers).replace("{paper}", is_paper)
}

/// The texts of one place, of all these tickets.
pub async fn of(db: &Db, tickets: &[i64], place: Place, limit: i64) -> Result<Vec<Text>> {
    let (sql, list) = (sql(db.engine(), place), serde_json::json!(tickets).to_string());
    let rows: Vec<Row> =
        on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(list).bind(limit).fetch_all(c).await)?;
    Ok(rows.into_iter().flat_map(texts).collect())
}

/// The same within a transaction, of one ticket.
pub async fn of_in(tx: &mut Tx, ticket: i64, place: Place) -> Result<Vec<Text>> {
    let (sql, list) = (sql(tx.engine(), place), serde_json::json!([ticket]).to_string());
    let rows: Vec<Row> = on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(list).bind(INDEXED_MAX).fetch_all(c).await)?;
    Ok(rows.into_iter().flat_map(texts).collect())
}

fn texts(row: Row) -> Vec<Text> {
    let Row { ticket, kind, id, other, name, text, at } = row;
    let one = |source, text: Option<String>| Text { ticket, source, text: text.unwrap_or_default(), at };
    let message = || other.clone().map(MessageId);
    let source = match kind.as_str() {
        "message" => Source::Message { id: MessageId(id), direction: other.clone().unwrap_or_default() },
        "note" => return vec![one(Source::Note { id: EventId(id) }, text.as_deref().and_then(note_text))],
        "read" => Source::Read { id: AttachmentId(id), message: message(), file_name: name, region: None },
        "file" => Source::FileName { id: AttachmentId(id), message: message() },
        "name" => Source::ContactName,
        "wa_id" => return vec![one(Source::Phone, text.map(|digits| format!("+{digits}")))],
        "username" => Source::Username,
        "ticket" => return of_ticket(ticket, text, other.as_deref(), &id),
        _ => Source::Identity,
    };
    vec![one(source, text)]
}

/// What people wrote in a note, from the event's JSON.
pub fn note_text(data: &str) -> Option<String> {
    let data: serde_json::Value = serde_json::from_str(data).ok()?;
    data.get("text")?.as_str().map(str::to_owned)
}

fn of_ticket(ticket: i64, subject: Option<String>, tags: Option<&str>, fields: &str) -> Vec<Text> {
    let one = |source, text| Text { ticket, source, text, at: None };
    let mut texts = vec![one(Source::Number, format!("#{ticket}"))];
    texts.extend(subject.map(|subject| one(Source::Subject, subject)));
    let tags: Vec<String> = tags.and_then(|tags| serde_json::from_str(tags).ok()).unwrap_or_default();
    texts.extend(tags.into_iter().map(|tag| one(Source::Tag, tag)));
    let fields: BTreeMap<String, String> = serde_json::from_str(fields).unwrap_or_default();
    texts.extend(fields.into_iter().map(|(name, text)| one(Source::Field { name }, text)));
    texts
}
