//! What is promised to customers, by the desk and by its teams.

use axum::{Json, extract::State};
use model::{sla::MINUTES_MAX, ticket::Priority};
use serde::{Deserialize, Serialize};
use store::sla as kept_sla;
use utoipa::ToSchema;

use super::{
    Web,
    error::{ApiError, ApiResult},
    page::Page,
};
use crate::work;

/// What is promised to tickets of a priority, in minutes of opening hours; `null` for no promise.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// `low`, `normal`, `high` or `urgent`; `null` for any that has no promise of its own.
    pub priority: Option<String>,
    pub first_answer_min: Option<i64>,
    pub next_answer_min: Option<i64>,
    pub solution_min: Option<i64>,
}

impl Promise {
    pub fn of(row: &kept_sla::Policy) -> Self {
        Self {
            priority: Some(row.priority.clone()).filter(|priority| !priority.is_empty()),
            first_answer_min: row.first_answer_min,
            next_answer_min: row.next_answer_min,
            solution_min: row.solution_min,
        }
    }
}

/// What the desk promises where a team says nothing, counted by the desk's opening hours.
#[utoipa::path(get, path = "/api/v1/promises", tag = "promises", responses((status = 200, body = Page<Promise>)))]
pub async fn list(State(web): State<Web>) -> ApiResult<Json<Page<Promise>>> {
    let all = kept_sla::policies(&web.app.db).await?;
    Ok(Json(Page::whole(all.iter().filter(|policy| policy.team_id.is_empty()).map(Promise::of).collect())))
}

/// The desk's promises, whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Promises {
    pub items: Vec<Promise>,
}

#[utoipa::path(patch, path = "/api/v1/promises", tag = "promises", request_body = Promises, responses((status = 200, body = Page<Promise>)))]
pub async fn change(State(web): State<Web>, Json(new): Json<Promises>) -> ApiResult<Json<Page<Promise>>> {
    let rows = policies("", &new.items)?;
    let mut tx = web.app.db.begin().await?;
    kept_sla::set_policies(&mut tx, None, &rows).await?;
    work::review(&mut tx, &web.app).await?;
    tx.commit().await?;
    list(State(web)).await
}

/// As they are stored; each priority has one at most.
pub fn policies(team: &str, promises: &[Promise]) -> ApiResult<Vec<kept_sla::Policy>> {
    let mut policies: Vec<kept_sla::Policy> = Vec::new();
    for promise in promises {
        let priority = promise.priority.clone().unwrap_or_default();
        if !priority.is_empty() && Priority::parse(&priority).is_none() {
            return Err(ApiError::invalid(format!(
                "priority `{priority}` is unknown; low, normal, high or urgent is needed"
            )));
        }
        if policies.iter().any(|known| known.priority == priority) {
            return Err(ApiError::invalid("promises are made once for each priority"));
        }
        let minutes = [promise.first_answer_min, promise.next_answer_min, promise.solution_min];
        if minutes.iter().flatten().any(|minutes| !(1..=MINUTES_MAX).contains(minutes)) {
            return Err(ApiError::invalid(format!(
                "a promise is 1 to {MINUTES_MAX} minutes of opening hours"
            )));
        }
        policies.push(kept_sla::Policy {
            team_id: team.to_owned(),
            priority,
            first_answer_min: promise.first_answer_min,
            next_answer_min: promise.next_answer_min,
            solution_min: promise.solution_min,
        });
    }
    Ok(policies)
}
