//! Pages of a list: `?limit=&cursor=` in, `{"items": …, "next": …}` out.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::{ApiError, ApiResult};

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// Which page of a list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// At most 200; 50 when left out.
    pub limit: Option<i64>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// `asc` (oldest first, the default) or `desc`, where a list says that it has both.
    pub order: Option<String>,
}

impl PageQuery {
    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX)
    }

    pub fn is_newest_first(&self) -> ApiResult<bool> {
        match self.order.as_deref() {
            None | Some("asc") => Ok(false),
            Some("desc") => Ok(true),
            Some(other) => Err(ApiError::invalid(format!("order is `{other}`; asc or desc is needed"))),
        }
    }

    /// The point after which the page begins.
    pub fn point(&self) -> ApiResult<Option<(Timestamp, String)>> {
        self.cursor.as_deref().filter(|c| !c.is_empty()).map(decode).transpose()
    }
}

/// One page of a list; `next` is absent on the last.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

impl<T> Page<T> {
    pub const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// `items` holds one more than `limit` when there is a further page.
    pub fn cut(mut items: Vec<T>, limit: i64, point: impl Fn(&T) -> (Timestamp, String)) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| has_more).map(point).map(|(at, id)| encode(at, &id));
        Self { items, next }
    }

    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

pub fn encode(at: Timestamp, id: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{id}", at.micros()))
}

fn decode(cursor: &str) -> ApiResult<(Timestamp, String)> {
    let wrong = || ApiError::invalid("this cursor is not one of ours; begin again without it");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    let (at, id) = text.split_once(':').ok_or_else(wrong)?;
    Ok((Timestamp(at.parse().map_err(|_| wrong())?), id.to_owned()))
}
