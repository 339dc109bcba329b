//! Which tickets hold all words of a search, newest activity first.
//!
//! Newest first and not best first: a desk looks for what is going on, the order is the list's own, and a cursor into
//! it stays true while tickets change. The best places within a ticket come first instead.
//!
//! A rare word is asked for its tickets; where all words are frequent, tickets are asked in the order of their activity
//! whether they hold them, which ends after a few. Which of the two is cheaper is counted beforehand.

use model::{Timestamp, ids::TicketId, ticket::TicketStatus};
use sqlx::FromRow;

use super::{
    Found, Page, Place, Wanted, places,
    query::{Range, Word},
};
use crate::{Db, Result, tickets::Assignee};

/// Beyond so many tickets a word counts as frequent.
const COUNTED_MAX: i64 = 20_000;
/// Tickets of one request that are read to see whether a phrase stands in them; the next page goes on behind them.
const READ_MAX: usize = 400;
const READ_AT_ONCE: usize = 50;

#[derive(Clone, Debug, FromRow)]
struct Candidate {
    number: i64,
    id: TicketId,
    last_activity_at: Timestamp,
}

impl Candidate {
    fn point(&self) -> (Timestamp, TicketId) {
        (self.last_activity_at, self.id.clone())
    }
}

/// A page of what was found, with the places.
pub async fn search(db: &Db, wanted: &Wanted) -> Result<Page> {
    page(db, wanted, true).await
}

/// The same without the places.
pub async fn list(db: &Db, wanted: &Wanted) -> Result<Page> {
    page(db, wanted, wanted.query.has_phrase()).await
}

async fn page(db: &Db, wanted: &Wanted, with_places: bool) -> Result<Page> {
    let Some(way) = way(db, wanted).await? else { return Ok(Page::default()) };
    let is_sifted = wanted.query.has_phrase();
    let mut page = Page::default();
    let mut before = wanted.before.clone();
    let mut read = 0;
    loop {
        let step = if is_sifted { READ_AT_ONCE } else { wanted.limit };
        // One more than is shown says that there is a further page.
        let mut candidates = candidates(db, wanted, &way, before.as_ref(), step + 1).await?;
        let has_more = candidates.len() > step;
        candidates.truncate(step);
        read += candidates.len();
        let last = candidates.last().map(Candidate::point);
        let founds = if with_places {
            places::of(db, wanted, candidates.iter().map(Candidate::found).collect()).await?
        } else {
            candidates.iter().map(Candidate::found).collect()
        };
        for found in founds {
            if page.tickets.len() == wanted.limit {
                page.next = page.tickets.last().map(|last| (last.last_activity_at, last.id.clone()));
                return Ok(page);
            }
            page.tickets.push(found);
        }
        let is_full = page.tickets.len() == wanted.limit;
        page.next = last.filter(|_| has_more);
        if page.next.is_none() || is_full || read >= READ_MAX {
            return Ok(page);
        }
        before.clone_from(&page.next);
    }
}

impl Candidate {
    fn found(&self) -> Found {
        let Self { number, id, last_activity_at } = self.clone();
        Found { id, number, last_activity_at, hits: Vec::new(), more: 0 }
    }
}

/// How the tickets are found.
enum Way {
    /// From those in which this word stands, by its rarest pieces.
    FromWord(Vec<Range>),
    /// From the newest on.
    ByActivity,
}

/// `None` when a word stands nowhere.
async fn way(db: &Db, wanted: &Wanted) -> Result<Option<Way>> {
    let top: Option<i64> =
        on!(db, c => sqlx::query_scalar("select max(number) from tickets").fetch_one(c).await)?;
    let tickets = share(top.unwrap_or(1).max(1));
    let place = letters(wanted);
    let mut rarest: Option<(i64, Vec<Range>)> = None;
    let mut both = 1.0;
    for word in &wanted.query.words {
        let (count, ranges) = rarest_pieces(db, word, &place).await?;
        if count == 0 {
            return Ok(None);
        }
        both *= (share(count) / tickets).min(1.0);
        if rarest.as_ref().is_none_or(|(least, _)| count < *least) {
            rarest = Some((count, ranges));
        }
    }
    Ok(rarest.map(|(count, ranges)| {
        // So many tickets are looked at until a page is full, were the words strewn evenly.
        let by_activity = share(i64::try_from(wanted.limit).unwrap_or(i64::MAX)) / both;
        if count <= COUNTED_MAX && share(count) <= by_activity {
            Way::FromWord(ranges)
        } else {
            Way::ByActivity
        }
    }))
}

fn share(count: i64) -> f64 {
    f64::from(i32::try_from(count).unwrap_or(i32::MAX))
}

/// Of each way of writing a word the piece that stands in the fewest tickets, and how many that are in all.
async fn rarest_pieces(db: &Db, word: &Word, place: &str) -> Result<(i64, Vec<Range>)> {
    let sql = format!(
        "select count(*) from (select 1 from search_words where word >= $1 and word < $2{place} limit $3) x"
    );
    let (mut total, mut ranges) = (0_i64, Vec::new());
    for way in &word.ways {
        let mut least: Option<(i64, &Range)> = None;
        for range in way {
            let count: i64 = on!(db, c => sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone()))
                .bind(&range.from).bind(&range.to).bind(COUNTED_MAX + 1).persistent(false).fetch_one(c).await)?;
            if least.is_none_or(|(least, _)| count < least) {
                least = Some((count, range));
            }
        }
        if let Some((count, range)) = least.filter(|(count, _)| *count > 0) {
            total = total.saturating_add(count);
            ranges.push(range.clone());
        }
    }
    Ok((total, ranges))
}

/// Each status is read along its own index and the pages are merged, as the list of tickets does.
async fn candidates(
    db: &Db,
    wanted: &Wanted,
    way: &Way,
    before: Option<&(Timestamp, TicketId)>,
    limit: usize,
) -> Result<Vec<Candidate>> {
    let mut found = Vec::new();
    if wanted.statuses.is_empty() {
        found = Statement::of(wanted, way, None, before, limit).run(db).await?;
    }
    for status in &wanted.statuses {
        found.extend(Statement::of(wanted, way, Some(*status), before, limit).run(db).await?);
    }
    found.sort_by(|a, b| (b.last_activity_at, &b.id).cmp(&(a.last_activity_at, &a.id)));
    found.truncate(limit);
    Ok(found)
}

enum Value {
    Int(i64),
    Text(String),
}

/// Where the words have to stand, as a condition; nothing when anywhere will do.
fn letters(wanted: &Wanted) -> String {
    let counting: Vec<&str> =
        Place::ALL.into_iter().filter(|place| wanted.counts(*place)).map(Place::letter).collect();
    if counting.len() == Place::ALL.len() {
        return String::new();
    }
    format!(" and place in ('{}')", counting.join("', '"))
}

/// A statement that is put together, with what it is given.
#[derive(Default)]
struct Statement {
    sql: String,
    values: Vec<Value>,
}

impl Statement {
    fn of(
        wanted: &Wanted,
        way: &Way,
        status: Option<TicketStatus>,
        before: Option<&(Timestamp, TicketId)>,
        limit: usize,
    ) -> Self {
        let mut it = Self::default();
        let place = letters(wanted);
        match way {
            Way::FromWord(ranges) => {
                it.push("with hit as materialized (");
                for (n, range) in ranges.iter().enumerate() {
                    it.push(if n > 0 { " union " } else { "" });
                    it.push("select ticket from search_words where ");
                    it.within(range, &place);
                }
                // The order of the tables is ours: the few tickets first, and each by its number.
                it.push(") select t.number, t.id, t.last_activity_at from (select distinct ticket from hit) h cross join tickets t where t.number = h.ticket");
            }
            Way::ByActivity => {
                it.push("select t.number, t.id, t.last_activity_at");
                it.push(" from tickets t where true");
            }
        }
        it.filter(wanted, status);
        if let Some((at, id)) = before {
            it.push(" and (t.last_activity_at, t.id) < (");
            it.int(at.micros());
            it.push(", ");
            it.text(id.as_str());
            it.push(")");
        }
        for word in &wanted.query.words {
            it.word(word, &place);
        }
        it.push(" order by t.last_activity_at desc, t.id desc limit ");
        it.int(i64::try_from(limit).unwrap_or(i64::MAX));
        it
    }

    fn push(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    fn value(&mut self, value: Value) {
        self.values.push(value);
        self.sql.push_str(&format!("${}", self.values.len()));
    }

    fn int(&mut self, value: i64) {
        self.value(Value::Int(value));
    }

    fn text(&mut self, value: &str) {
        self.value(Value::Text(value.to_owned()));
    }

    fn within(&mut self, range: &Range, place: &str) {
        self.push("word >= ");
        self.text(&range.from);
        self.push(" and word < ");
        self.text(&range.to);
        self.push(place);
    }

    /// All pieces of one of its ways. `offset 0` keeps PostgreSQL from reading every row of a frequent word first.
    fn word(&mut self, word: &Word, place: &str) {
        self.push(" and (");
        for (n, way) in word.ways.iter().enumerate() {
            self.push(if n > 0 { " or (" } else { "(" });
            for (m, range) in way.iter().enumerate() {
                self.push(if m > 0 { " and " } else { "" });
                self.push("exists (select 1 from search_words where ticket = t.number and ");
                self.within(range, place);
                self.push(" limit 1 offset 0)");
            }
            self.push(")");
        }
        self.push(")");
    }

    fn filter(&mut self, wanted: &Wanted, status: Option<TicketStatus>) {
        if let Some(status) = status {
            self.push(" and t.status = ");
            self.text(status.as_str());
        }
        match &wanted.assignee {
            Assignee::Anyone => {}
            Assignee::Nobody => self.push(" and t.assignee_id is null"),
            Assignee::User(user) => {
                self.push(" and t.assignee_id = ");
                self.text(user.as_str());
            }
        }
        if let Some(user) = &wanted.viewer.visited_by {
            self.push(" and t.id in (select v.ticket_id from visits v join technicians n on n.id = v.technician_id where n.user_id = ");
            self.text(user.as_str());
            self.push(")");
        }
        if let Some(channel) = &wanted.channel {
            self.push(" and t.channel_id = ");
            self.text(channel.as_str());
        }
        if let Some(from) = wanted.from {
            self.push(" and t.last_activity_at >= ");
            self.int(from.micros());
        }
        if let Some(until) = wanted.until {
            self.push(" and t.created_at < ");
            self.int(until.micros());
        }
    }

    async fn run(self, db: &Db) -> Result<Vec<Candidate>> {
        let Self { sql, values } = self;
        Ok(on!(db, c => {
            // Planned for these very words: a plan for any word would be one for none.
            let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).persistent(false);
            for value in values {
                query = match value {
                    Value::Int(value) => query.bind(value),
                    Value::Text(value) => query.bind(value),
                };
            }
            query.fetch_all(c).await
        })?)
    }
}
