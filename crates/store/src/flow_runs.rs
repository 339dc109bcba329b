//! Each customer's way through a flow, kept as JSON between two events.
//!
//! Whoever moves a run on holds its row until the transaction ends, so that two events of one conversation are
//! applied one after the other.

use model::{
    Timestamp,
    ids::{
        ArticleId, AttachmentId, ContactId, ConversationId, FlowRunId, MessageId, TicketId, TurnId, UserId,
    },
};
use sqlx::FromRow;

use crate::{Db, Result, Tx};

/// A run as it is stored.
#[derive(Clone, Debug, FromRow)]
pub struct Stored {
    pub id: FlowRunId,
    pub flow: String,
    pub version: i64,
    pub conversation_id: ConversationId,
    pub ticket_id: TicketId,
    pub state: String,
    pub step: Option<String>,
    pub ending: Option<String>,
    pub rating: Option<i64>,
    pub started_at: Timestamp,
    pub updated_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// A run that begins.
pub struct NewRun<'a> {
    pub id: &'a FlowRunId,
    pub flow: &'a str,
    pub version: i64,
    pub conversation_id: &'a ConversationId,
    pub ticket_id: &'a TicketId,
    pub state: &'a str,
}

/// How an event left a run.
pub struct Left<'a> {
    pub state: &'a str,
    pub step: Option<&'a str>,
    pub ending: Option<&'a str>,
}

const COLUMNS: &str = "id, flow, version, conversation_id, ticket_id, state, step, ending, rating, started_at, updated_at, ended_at";

/// The run that leads this conversation, held until the transaction ends.
pub async fn open_of(tx: &mut Tx, conversation: &ConversationId) -> Result<Option<Stored>> {
    let lock = tx.engine().pick("", " for update");
    let sql = format!("select {COLUMNS} from flow_runs where conversation_id = $1 and ending is null{lock}");
    Ok(on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(conversation).fetch_optional(c).await)?)
}

/// The run of that id while it is under way, held until the transaction ends.
pub async fn open(tx: &mut Tx, id: &FlowRunId) -> Result<Option<Stored>> {
    let lock = tx.engine().pick("", " for update");
    let sql = format!("select {COLUMNS} from flow_runs where id = $1 and ending is null{lock}");
    Ok(on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

pub async fn conversation_of(tx: &mut Tx, id: &FlowRunId) -> Result<Option<ConversationId>> {
    Ok(
        on_tx!(tx, c => sqlx::query_scalar("select conversation_id from flow_runs where id = $1").bind(id).fetch_optional(c).await)?,
    )
}

pub async fn begin(tx: &mut Tx, run: &NewRun<'_>, now: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "insert into flow_runs (id, flow, version, conversation_id, ticket_id, state, started_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)")
        .bind(run.id).bind(run.flow).bind(run.version).bind(run.conversation_id).bind(run.ticket_id).bind(run.state)
        .bind(now).execute(c).await.map(drop))?;
    tx.touch(run.ticket_id, "flow");
    Ok(())
}

pub async fn keep(tx: &mut Tx, run: &Stored, left: &Left<'_>, now: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "update flow_runs set state = $2, step = $3, ending = $4, updated_at = $5,
           ended_at = case when $4 is null then null else $5 end where id = $1")
        .bind(&run.id).bind(left.state).bind(left.step).bind(left.ending).bind(now).execute(c).await.map(drop))?;
    if left.ending.is_some() {
        on_tx!(tx, c => sqlx::query("delete from flow_calls where run_id = $1").bind(&run.id).execute(c).await.map(drop))?;
    }
    tx.touch(&run.ticket_id, "flow");
    Ok(())
}

pub async fn rate(tx: &mut Tx, id: &FlowRunId, rating: i64) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update flow_runs set rating = $2 where id = $1").bind(id).bind(rating).execute(c).await.map(drop))?;
    Ok(())
}

/// How the newest run of a ticket ended: `None` when there was none, `Some(None)` while it is under way.
pub async fn newest_ending(tx: &mut Tx, ticket: &TicketId) -> Result<Option<Option<String>>> {
    Ok(on_tx!(tx, c => sqlx::query_scalar(
        "select ending from flow_runs where ticket_id = $1 order by started_at desc, id desc limit 1")
        .bind(ticket).fetch_optional(c).await)?)
}

/// The newest run of a ticket.
pub async fn newest(db: &Db, ticket: &TicketId) -> Result<Option<Stored>> {
    let sql = format!(
        "select {COLUMNS} from flow_runs where ticket_id = $1 order by started_at desc, id desc limit 1"
    );
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(ticket).fetch_optional(c).await)?)
}

/// How many runs of a version stand where, or ended how.
#[derive(Clone, Debug, FromRow)]
pub struct Count {
    pub flow: String,
    pub version: i64,
    pub step: Option<String>,
    pub ending: Option<String>,
    pub runs: i64,
    /// The sum of their ratings, and how many were rated.
    pub rating_sum: i64,
    pub rated: i64,
}

pub async fn counts(db: &Db) -> Result<Vec<Count>> {
    Ok(on!(db, c => sqlx::query_as(
        "select flow, version, step, ending, count(*) as runs, cast(coalesce(sum(rating), 0) as bigint) as rating_sum, count(rating) as rated
         from flow_runs group by flow, version, step, ending order by flow, version, step, ending")
        .fetch_all(c).await)?)
}

/// A run went from one step to another.
pub async fn went(tx: &mut Tx, id: &FlowRunId, from: &str, to: &str) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "insert into flow_ways (run_id, from_step, to_step) values ($1, $2, $3) on conflict (run_id, from_step, to_step) do nothing")
        .bind(id).bind(from).bind(to).execute(c).await.map(drop))?;
    Ok(())
}

/// How many runs of a version went a way.
#[derive(Clone, Debug, FromRow)]
pub struct Went {
    pub from_step: String,
    pub to_step: String,
    pub runs: i64,
}

pub async fn ways(db: &Db, flow: &str, version: i64) -> Result<Vec<Went>> {
    Ok(on!(db, c => sqlx::query_as(
        "select w.from_step, w.to_step, count(*) as runs from flow_ways w join flow_runs r on r.id = w.run_id
         where r.flow = $1 and r.version = $2 group by w.from_step, w.to_step order by w.from_step, w.to_step")
        .bind(flow).bind(version).fetch_all(c).await)?)
}

/// Keeps a question of a run to another system until it is answered.
pub async fn ask(tx: &mut Tx, id: &FlowRunId, call: i64, question: &str, now: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "insert into flow_calls (run_id, call, question, created_at) values ($1, $2, $3, $4) on conflict (run_id, call) do nothing")
        .bind(id).bind(call).bind(question).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Asks otherwise, while nobody has answered.
pub async fn ask_again(tx: &mut Tx, id: &FlowRunId, call: i64, question: &str) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update flow_calls set question = $3 where run_id = $1 and call = $2")
        .bind(id).bind(call).bind(question).execute(c).await.map(drop))?;
    Ok(())
}

/// A question that waits for its answer, as this transaction sees it.
pub async fn question_in(tx: &mut Tx, id: &FlowRunId, call: i64) -> Result<Option<String>> {
    Ok(on_tx!(tx, c => sqlx::query_scalar("select question from flow_calls where run_id = $1 and call = $2")
        .bind(id).bind(call).fetch_optional(c).await)?)
}

/// A question that waits for its answer, while its run is under way.
pub async fn question(db: &Db, id: &FlowRunId, call: i64) -> Result<Option<String>> {
    Ok(on!(db, c => sqlx::query_scalar(
        "select c.question from flow_calls c join flow_runs r on r.id = c.run_id
         where c.run_id = $1 and c.call = $2 and r.ending is null")
        .bind(id).bind(call).fetch_optional(c).await)?)
}

/// The question is answered; `false` when it was before.
pub async fn answered(tx: &mut Tx, id: &FlowRunId, call: i64) -> Result<bool> {
    let gone = on_tx!(tx, c => sqlx::query("delete from flow_calls where run_id = $1 and call = $2")
        .bind(id).bind(call).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(gone > 0)
}

/// What a flow may know of whom it leads.
#[derive(Clone, Debug, FromRow)]
pub struct Scene {
    pub contact_id: ContactId,
    pub name: Option<String>,
    pub language: Option<String>,
    /// Since when they want no machine to answer.
    pub unguided_at: Option<Timestamp>,
    /// Our number, by the channel's id of it.
    pub account: String,
    pub last_inbound_at: Option<Timestamp>,
    pub status: String,
    pub tags: String,
    pub assignee_id: Option<UserId>,
}

pub async fn scene(tx: &mut Tx, ticket: &TicketId) -> Result<Scene> {
    Ok(on_tx!(tx, c => sqlx::query_as(
        "select p.id as contact_id, p.name, p.language, p.unguided_at, n.account, v.last_inbound_at, t.status, t.tags, t.assignee_id
         from tickets t join conversations v on v.id = t.conversation_id join contacts p on p.id = t.contact_id
         join channels n on n.id = t.channel_id where t.id = $1")
        .bind(ticket).fetch_one(c).await)?)
}

/// What came in one turn of the customer, in the order in which it was sent.
#[derive(Clone, Debug, FromRow)]
pub struct Said {
    pub id: MessageId,
    pub content: String,
    pub attachment_id: Option<AttachmentId>,
}

pub async fn said_in(tx: &mut Tx, turn: &TurnId, limit: i64) -> Result<Vec<Said>> {
    Ok(on_tx!(tx, c => sqlx::query_as(
        "select m.id, m.content, a.id as attachment_id from messages m left join attachments a on a.message_id = m.id
         where m.turn_id = $1 and m.direction = 'in' and m.revoked_at is null order by m.sent_at, m.position limit $2")
        .bind(turn).bind(limit).fetch_all(c).await)?)
}

/// Remembers the article that is being tried.
pub async fn suggested(tx: &mut Tx, id: &FlowRunId, article: Option<&ArticleId>) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update flow_runs set suggested_article_id = $2 where id = $1").bind(id).bind(article).execute(c).await.map(drop))?;
    Ok(())
}

/// The article that is being tried.
pub async fn tried(tx: &mut Tx, id: &FlowRunId) -> Result<Option<ArticleId>> {
    let article: Option<Option<ArticleId>> = on_tx!(tx, c => sqlx::query_scalar("select suggested_article_id from flow_runs where id = $1")
        .bind(id).fetch_optional(c).await)?;
    Ok(article.flatten())
}

/// The numbers of the customer that a run leads, digits only.
pub async fn phones(db: &Db, id: &FlowRunId) -> Result<Vec<String>> {
    Ok(on!(db, c => sqlx::query_scalar(
        "select i.value from flow_runs r join tickets t on t.id = r.ticket_id join identities i on i.contact_id = t.contact_id
         where r.id = $1 and i.kind = 'wa_id' and i.retired_at is null")
        .bind(id).fetch_all(c).await)?)
}
