//! What lists show of tickets, a page at a time.

use model::{
    Timestamp,
    ids::{AttachmentId, ChannelId, ContactId, ConversationId, MessageId, TicketId, UserId},
    ticket::TicketStatus,
};
use sqlx::FromRow;

use crate::{
    Db, Result,
    search::{self, Query},
};

/// A ticket with what a list shows of it.
#[derive(Clone, Debug, FromRow)]
pub struct Ticket {
    pub id: TicketId,
    pub number: i64,
    pub subject: Option<String>,
    pub status: String,
    pub priority: String,
    pub tags: String,
    /// JSON: what a flow wrote down, by name.
    pub fields: String,
    pub team: Option<String>,
    pub conversation_id: ConversationId,
    pub contact_id: ContactId,
    pub contact_name: Option<String>,
    pub contact_language: Option<String>,
    pub contact_phone: Option<String>,
    pub contact_username: Option<String>,
    pub channel_id: ChannelId,
    pub channel_kind: String,
    pub channel_name: String,
    pub assignee_id: Option<UserId>,
    pub assignee_name: Option<String>,
    pub last_message_id: Option<MessageId>,
    pub last_message_direction: Option<String>,
    pub last_message_kind: Option<String>,
    pub last_message_text: Option<String>,
    pub last_message_status: Option<String>,
    pub last_message_at: Option<Timestamp>,
    pub thumbnail_attachment_id: Option<AttachmentId>,
    /// Whether the thumbnail shows an identity document.
    pub is_thumbnail_of_paper: bool,
    pub attachment_count: i64,
    pub unread_count: i64,
    pub last_inbound_at: Option<Timestamp>,
    pub last_activity_at: Timestamp,
    /// The next promise that runs, and since when one that runs is broken.
    pub due_at: Option<Timestamp>,
    pub due_for: Option<String>,
    pub breached_at: Option<Timestamp>,
    /// Put aside: since when, and until when (or until the customer writes).
    pub snoozed_at: Option<Timestamp>,
    pub snoozed_until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

const SELECT: &str = "select t.id, t.number, t.subject, t.status, t.priority, t.tags, t.fields, t.team, t.conversation_id, t.contact_id,
    c.name as contact_name, c.language as contact_language,
    (select i.value from identities i where i.contact_id = t.contact_id and i.kind = 'wa_id' and i.retired_at is null order by i.value limit 1) as contact_phone,
    (select i.value from identities i where i.contact_id = t.contact_id and i.kind = 'username' and i.retired_at is null order by i.value limit 1) as contact_username,
    t.channel_id, ch.kind as channel_kind, ch.name as channel_name, t.assignee_id, u.name as assignee_name,
    t.last_message_id, m.direction as last_message_direction, m.kind as last_message_kind, m.text as last_message_text,
    m.status as last_message_status, m.sent_at as last_message_at,
    t.thumbnail_attachment_id,
    exists (select 1 from analyses l where l.attachment_id = t.thumbnail_attachment_id and l.is_current and l.is_identity_document) as is_thumbnail_of_paper,
    t.attachment_count, t.unread_count, v.last_inbound_at, t.last_activity_at,
    t.due_at, t.due_for, t.breached_at, t.snoozed_at, t.snoozed_until, t.created_at, t.updated_at
    from tickets t
    join contacts c on c.id = t.contact_id
    join channels ch on ch.id = t.channel_id
    join conversations v on v.id = t.conversation_id
    left join users u on u.id = t.assignee_id
    left join messages m on m.id = t.last_message_id";

/// Who a list of tickets is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Assignee {
    Anyone,
    Nobody,
    User(UserId),
}

/// Who looks, as far as it decides what is there for them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Viewer {
    /// Only tickets whose customers this technician visits.
    pub visited_by: Option<UserId>,
    /// Whether what was read in identity documents is theirs to find.
    pub reads_papers: bool,
}

impl Viewer {
    /// Who sees everything.
    pub const ALL: Self = Self { visited_by: None, reads_papers: true };
}

/// How a list is ordered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// Newest activity first.
    #[default]
    Activity,
    /// What is due first; tickets without a running promise are left out.
    Due,
}

/// What a list shows, after `before`.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Empty for all.
    pub statuses: Vec<TicketStatus>,
    pub assignee: Assignee,
    pub team: Option<String>,
    /// Only those that are put aside, or only those that are not.
    pub is_snoozed: Option<bool>,
    /// Only those whose promise is broken and still to be kept.
    pub is_breached: bool,
    pub order: Order,
    pub viewer: Viewer,
    /// Words, of which each must stand somewhere in the ticket: see `search`.
    pub query: Option<Query>,
    pub before: Option<(Timestamp, TicketId)>,
    pub limit: i64,
}

impl Filter {
    /// The moment along which a ticket stands in the list.
    pub fn point(&self, ticket: &Ticket) -> Timestamp {
        match self.order {
            Order::Activity => ticket.last_activity_at,
            Order::Due => ticket.due_at.unwrap_or(Timestamp(i64::MAX)),
        }
    }

    /// What a search does not ask for by itself.
    fn lets_through(&self, ticket: &Ticket) -> bool {
        (self.team.is_none() || ticket.team == self.team)
            && self.is_snoozed.is_none_or(|is| ticket.snoozed_at.is_some() == is)
            && (!self.is_breached || ticket.breached_at.is_some())
    }
}

pub async fn get(db: &Db, id: &TicketId) -> Result<Option<Ticket>> {
    let sql = format!("{SELECT} where t.id = $1");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

/// One page. Each status is read along its own index and the pages are merged: asking for the few new ones
/// among many closed ones costs no more than asking for all.
pub async fn list(db: &Db, filter: &Filter) -> Result<Vec<Ticket>> {
    if let Some(query) = &filter.query {
        return found(db, filter, query).await;
    }
    let mut page = Vec::new();
    if filter.statuses.is_empty() {
        page = list_of(db, filter, None).await?;
    }
    for status in &filter.statuses {
        page.extend(list_of(db, filter, Some(*status)).await?);
    }
    page.sort_by(|a, b| match filter.order {
        Order::Activity => (b.last_activity_at, &b.id).cmp(&(a.last_activity_at, &a.id)),
        Order::Due => (a.due_at, &a.id).cmp(&(b.due_at, &b.id)),
    });
    page.truncate(usize::try_from(filter.limit).unwrap_or(0));
    Ok(page)
}

async fn list_of(db: &Db, filter: &Filter, status: Option<TicketStatus>) -> Result<Vec<Ticket>> {
    let (column, than, start) = match filter.order {
        Order::Activity => ("t.last_activity_at", "<", (Timestamp(i64::MAX), TicketId::from("~"))),
        Order::Due => ("t.due_at", ">", (Timestamp(i64::MIN), TicketId::from(""))),
    };
    let (at, id) = filter.before.clone().unwrap_or(start);
    let mut sql = format!("{SELECT} where ({column}, t.id) {than} ($1, $2)");
    if filter.order == Order::Due {
        sql.push_str(" and t.due_at is not null");
    }
    if status.is_some() {
        sql.push_str(" and t.status = $4");
    } else {
        sql.push_str(" and $4 = ''");
    }
    let user = match &filter.assignee {
        Assignee::Anyone => {
            sql.push_str(" and $5 = ''");
            ""
        }
        Assignee::Nobody => {
            sql.push_str(" and t.assignee_id is null and $5 = ''");
            ""
        }
        Assignee::User(user) => {
            sql.push_str(" and t.assignee_id = $5");
            user.as_str()
        }
    };
    let visited_by = match &filter.viewer.visited_by {
        Some(user) => {
            sql.push_str(" and t.id in (select v.ticket_id from visits v join technicians n on n.id = v.technician_id where n.user_id = $6)");
            user.as_str()
        }
        None => {
            sql.push_str(" and $6 = ''");
            ""
        }
    };
    sql.push_str(if filter.team.is_some() { " and t.team = $7" } else { " and $7 = ''" });
    sql.push_str(match filter.is_snoozed {
        Some(true) => " and t.snoozed_at is not null",
        Some(false) => " and t.snoozed_at is null",
        None => "",
    });
    if filter.is_breached {
        sql.push_str(" and t.breached_at is not null");
    }
    sql.push_str(match filter.order {
        Order::Activity => " order by t.last_activity_at desc, t.id desc limit $3",
        Order::Due => " order by t.due_at, t.id limit $3",
    });
    let team = filter.team.as_deref().unwrap_or_default();
    let status = status.map_or("", TicketStatus::as_str);
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(at).bind(id).bind(filter.limit).bind(status).bind(user).bind(visited_by).bind(team).fetch_all(c).await)?)
}

/// Looks at so many tickets each that a page of the list takes at most.
const LOOKS_MAX: usize = 5;

/// The tickets that a search finds, as the list shows them.
async fn found(db: &Db, filter: &Filter, query: &Query) -> Result<Vec<Ticket>> {
    let mut wanted = search::Wanted {
        query: query.clone(),
        statuses: filter.statuses.clone(),
        assignee: filter.assignee.clone(),
        viewer: filter.viewer.clone(),
        channel: None,
        place: None,
        from: None,
        until: None,
        before: filter.before.clone(),
        limit: usize::try_from(filter.limit).unwrap_or(0),
    };
    let limit = wanted.limit;
    let mut all = Vec::new();
    // A phrase may need a few looks until the page is full.
    for _ in 0..LOOKS_MAX {
        wanted.limit = limit.saturating_sub(all.len());
        let page = search::list(db, &wanted).await?;
        let ids: Vec<&str> = page.tickets.iter().map(|found| found.id.as_str()).collect();
        all.extend(of(db, &ids).await?.into_iter().filter(|ticket| filter.lets_through(ticket)));
        wanted.before = page.next;
        if all.len() >= limit || wanted.before.is_none() {
            break;
        }
    }
    Ok(all)
}

/// These tickets, newest activity first.
pub async fn of(db: &Db, ids: &[&str]) -> Result<Vec<Ticket>> {
    let condition = db.engine().pick(
        "t.id in (select value from json_each($1))",
        "t.id in (select json_array_elements_text($1::json))",
    );
    let sql = format!("{SELECT} where {condition} order by t.last_activity_at desc, t.id desc");
    let list = serde_json::json!(ids).to_string();
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(list).fetch_all(c).await)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use sqlx::Row as _;

    use super::*;
    use crate::migrate;

    /// A page must cost the same whatever the size of the desk: every table of it is reached by the whole of a key.
    #[tokio::test]
    async fn a_page_searches_nothing_but_by_key() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite:{}", folder.path().join("desk.sqlite").display())).await.unwrap();
        migrate::run(&db, migrate::Schema::Desk, Timestamp(0)).await.unwrap();
        let sql = format!(
            "explain query plan {SELECT} where (t.last_activity_at, t.id) < ($1, $2) order by t.last_activity_at desc, t.id desc limit 50"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(0)
            .bind("")
            .fetch_all(db.sqlite_writer().unwrap())
            .await
            .unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        assert!(plan.len() > 5, "{plan:#?}");
        for step in &plan {
            assert!(!step.starts_with("SCAN") && !step.ends_with("(kind=?)"), "{step} in {plan:#?}");
        }
    }
}
