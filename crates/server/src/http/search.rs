//! Search: everything that was said and everything that was read, and where it was found.

use axum::{
    Json,
    extract::{Query, State},
};
use model::{Timestamp, ids::ChannelId, ids::TicketId};
use serde::{Deserialize, Serialize};
use store::{
    search::{self as kept, Place, QUERY_CHARS_MAX, Refused, Source, WORDS_MAX, Wanted},
    tickets as store_tickets,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    Web,
    auth::Caller,
    error::{ApiError, ApiResult},
    findings::Region,
    page::{PageQuery, encode},
    tickets::{assignee, statuses, viewer},
    types::Ticket,
};

const LIMIT: i64 = 20;
const LIMIT_MAX: i64 = 50;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// What is looked for: at most 200 characters and 6 words, each of which must stand somewhere in the ticket.
    /// A word finds what begins with it (from three letters on), a code is found with and without its separators, a
    /// phone number however it is written, and `"what stands in quotes"` as it stands.
    pub q: String,
    /// Statuses, separated by commas; all when left out.
    pub status: Option<String>,
    /// `me`, `none` or a user's id; everybody's when left out.
    pub assignee: Option<String>,
    /// A channel's id.
    pub channel: Option<String>,
    /// Only what was `said` in messages and notes, `read` in files, or stands in a `file`'s name, in the `ticket`'s own
    /// number, subject, tags and fields, or in the `contact`'s names and numbers.
    pub kind: Option<String>,
    /// Tickets with activity at this time or later.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Tickets that were opened before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    /// Tickets on a page, at most 50.
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// What was found, a ticket at a time, newest activity first.
#[derive(Serialize, ToSchema)]
pub struct SearchPage {
    pub items: Vec<FoundTicket>,
    /// A page may be short and have a next one: a phrase is looked for in so many tickets at a time.
    pub next: Option<String>,
    /// Older tickets that the index does not hold yet, after an upgrade; absent when it holds all.
    pub not_yet_indexed: Option<i64>,
}

/// A ticket in which all words stand.
#[derive(Serialize, ToSchema)]
pub struct FoundTicket {
    pub ticket: Ticket,
    /// Where they stand, the places that say the most first; at most 5.
    pub hits: Vec<SearchHit>,
    /// Further places.
    pub more: usize,
}

/// Where words stand.
#[derive(Serialize, ToSchema)]
pub struct SearchHit {
    /// `message`, `note`, `read` (in a file), `file_name`, `number`, `subject`, `tag`, `field`, `contact_name`, `phone`,
    /// `username` or `identity`.
    pub place: &'static str,
    /// The text around the words, in one line.
    pub snippet: String,
    /// The words in the snippet, each from and to, counted in characters (Unicode code points).
    pub matches: Vec<(usize, usize)>,
    /// Of what was said, and of the message that brought a file.
    pub message_id: Option<String>,
    /// Of a note.
    pub event_id: Option<String>,
    /// `in` or `out`, of a message.
    pub direction: Option<String>,
    /// Of what was read, and of a file's name.
    pub attachment_id: Option<String>,
    /// Of what was read.
    pub file_name: Option<String>,
    /// Where the line stands, in pixels of the file's `view`.
    pub region: Option<Region>,
    /// Of a field: its name.
    pub field: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}

/// What is searched for, or a sentence that says why it cannot be.
pub fn read(text: &str) -> ApiResult<kept::Query> {
    kept::Query::read(text).map_err(|refused| match refused {
        Refused::TooLong => {
            ApiError::invalid(format!("a search has at most {QUERY_CHARS_MAX} characters; leave some out"))
        }
        Refused::TooManyWords => ApiError::invalid(format!(
            "a search has at most {WORDS_MAX} words; leave some out, or put what stands together in quotes"
        )),
    })
}

#[utoipa::path(get, path = "/api/v1/search", tag = "search", params(SearchQuery), responses((status = 200, body = SearchPage)))]
pub async fn search(
    State(web): State<Web>,
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> ApiResult<Json<SearchPage>> {
    let db = &web.app.db;
    let wanted = wanted(query, &caller)?;
    let progress = kept::progress(db).await?;
    let page = kept::search(db, &wanted).await?;
    let ids: Vec<&str> = page.tickets.iter().map(|found| found.id.as_str()).collect();
    let mut rows = store_tickets::of(db, &ids).await?;
    let mut items = Vec::new();
    for found in page.tickets {
        // One that went in between is not shown.
        let Some(at) = rows.iter().position(|row| row.id == found.id) else { continue };
        items.push(FoundTicket {
            ticket: Ticket::of(rows.swap_remove(at), &caller.rights),
            hits: found.hits.into_iter().map(SearchHit::from).collect(),
            more: found.more,
        });
    }
    Ok(Json(SearchPage {
        items,
        next: page.next.map(|(at, id)| encode(at, id.as_str())),
        not_yet_indexed: (!progress.is_done()).then_some(progress.position.saturating_sub(1)),
    }))
}

fn wanted(query: SearchQuery, caller: &Caller) -> ApiResult<Wanted> {
    let place = |name: String| {
        Place::parse(&name).ok_or_else(|| {
            ApiError::invalid(format!(
                "kind `{name}` is unknown; said, read, file, ticket or contact is needed"
            ))
        })
    };
    let limit = query.limit.unwrap_or(LIMIT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(ApiError::invalid(format!("limit is {limit}; 1 to {LIMIT_MAX} is needed")));
    }
    let page = PageQuery { limit: None, cursor: query.cursor, order: None };
    Ok(Wanted {
        query: read(&query.q)?,
        statuses: statuses(query.status.as_deref())?,
        assignee: assignee(query.assignee.as_deref(), caller)?,
        viewer: viewer(caller)?,
        channel: query.channel.filter(|id| !id.is_empty()).map(ChannelId),
        place: query.kind.filter(|name| !name.is_empty()).map(place).transpose()?,
        from: query.from,
        until: query.to,
        before: page.point()?.map(|(at, id)| (at, TicketId(id))),
        limit: usize::try_from(limit).unwrap_or(1),
    })
}

impl From<kept::Hit> for SearchHit {
    fn from(hit: kept::Hit) -> Self {
        let mut told = Self {
            place: "",
            snippet: hit.snippet,
            matches: hit.matches,
            message_id: None,
            event_id: None,
            direction: None,
            attachment_id: None,
            file_name: None,
            region: None,
            field: None,
            at: hit.at,
        };
        told.place = match hit.source {
            Source::Message { id, direction } => {
                (told.message_id, told.direction) = (Some(id.0), Some(direction));
                "message"
            }
            Source::Note { id } => {
                told.event_id = Some(id.0);
                "note"
            }
            Source::Read { id, message, file_name, region } => {
                (told.attachment_id, told.message_id) = (Some(id.0), message.map(|id| id.0));
                (told.file_name, told.region) = (file_name, region.map(Region::from));
                "read"
            }
            Source::FileName { id, message } => {
                (told.attachment_id, told.message_id) = (Some(id.0), message.map(|id| id.0));
                "file_name"
            }
            Source::Field { name } => {
                told.field = Some(name);
                "field"
            }
            Source::Number => "number",
            Source::Subject => "subject",
            Source::Tag => "tag",
            Source::ContactName => "contact_name",
            Source::Phone => "phone",
            Source::Username => "username",
            Source::Identity => "identity",
        };
        told
    }
}
