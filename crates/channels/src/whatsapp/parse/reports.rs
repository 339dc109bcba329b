//! What became of our messages, and what Meta says went wrong.

use model::{
    event::{ChannelError, EventBody, Problem, StatusReport},
    message::Status,
};
use serde_json::Value;

use super::{
    fields::{self, Why},
    other,
    people::People,
};

/// One element of `statuses`. A status that we do not know (those of calls, say) is kept as `Other`.
pub(super) fn status(report: &Value, people: &People<'_>) -> Result<EventBody, Why> {
    let stated = fields::text(report, "status").ok_or("`status` is missing")?;
    let status = match stated {
        "sent" => Status::Sent,
        "delivered" => Status::Delivered,
        "read" => Status::Read,
        "played" => Status::Played,
        "failed" => Status::Failed,
        _ => return Ok(other("statuses", report)),
    };
    Ok(EventBody::Status(Box::new(StatusReport {
        external_id: fields::id(report, "id")?,
        our_id: fields::id(report, "biz_opaque_callback_data").ok(),
        status,
        at: fields::timestamp(report)?,
        recipient: people.recipient(report),
        errors: errors(report),
        pricing: fields::object(report, "pricing"),
        conversation: fields::object(report, "conversation"),
    })))
}

/// One element of `value.errors`: it belongs to no message, and to a person only if the webhook has just one.
pub(super) fn problem(error: &Value, people: &People<'_>) -> Result<EventBody, Why> {
    let error = channel_error(error).ok_or("`code` is missing")?;
    Ok(EventBody::Problem(Box::new(Problem { error, sender: people.only() })))
}

/// The `errors` of a message or of a status.
pub(super) fn errors(element: &Value) -> Vec<ChannelError> {
    let list = element.get("errors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(channel_error).collect()
}

fn channel_error(error: &Value) -> Option<ChannelError> {
    Some(ChannelError {
        code: fields::integer(error, "code")?,
        title: fields::owned(error, "title").or_else(|| fields::owned(error, "message")),
        details: error
            .get("error_data")
            .and_then(|data| fields::owned(data, "details"))
            .or_else(|| fields::owned(error, "message")),
    })
}
