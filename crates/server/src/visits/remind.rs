//! Reminders: the evening before a technician comes the customer reads of it, whoever booked the visit.

use jiff::{ToSpan as _, civil::DateTime};
use model::outbound::{Outbound, Template};
use serde_json::json;
use store::{
    Tx, events,
    jobs::{self, NewJob},
    tickets,
    visits::Visit,
};

use super::words;
use crate::{
    app::App,
    error::AppError,
    jobs::VisitRemind,
    outbox::{self, Draft, Refusal},
    texts::Text,
};

/// Sets the alarm clock of a visit; none rings for one that is booked too late to be forgotten.
pub(super) async fn wind(tx: &mut Tx, app: &App, visit: &Visit) -> Result<(), AppError> {
    let now = app.clock.now();
    let (starts, here) = (app.config.hours.local(visit.starts_at), app.config.hours.local(now));
    let Some(at) = moment(starts, here) else { return Ok(()) };
    let payload = VisitRemind { visit_id: visit.id.clone() };
    let run_at = app.config.hours.at(at);
    let job = NewJob { kind: VisitRemind::KIND, payload: &payload, run_at, dedup_key: None };
    jobs::enqueue(tx, &app.ids, now, job).await?;
    Ok(())
}

/// The evening before, else two hours before; `None` when both are over.
fn moment(starts: DateTime, now: DateTime) -> Option<DateTime> {
    let evening = starts.date().yesterday().ok()?.at(17, 0, 0, 0);
    [evening, starts.checked_sub(2.hours()).ok()?].into_iter().find(|at| *at > now)
}

/// Tells the customer in their language. Outside WhatsApp's window that takes a template, and without one a person
/// reads on the ticket that nobody was reminded.
pub async fn remind(tx: &mut Tx, app: &App, visit: &Visit) -> Result<(), AppError> {
    let language = tickets::language_of(tx, &visit.ticket_id).await?;
    let language = language.as_deref().unwrap_or(&app.config.server.language);
    let hours = &app.config.hours;
    let when = words::when(language, hours.local(visit.starts_at), hours.local(visit.ends_at));
    let body = app.texts.filled(Some(language), Text::VisitReminder, &[("when", &when)]);
    let text = Outbound::Text { body: body.clone(), preview_url: false };
    let told = match (send(tx, app, visit, text).await, &app.config.visits.reminder_template) {
        (Err(Refusal::WindowClosed), Some(name)) => {
            let parameter = json!({ "type": "text", "text": when });
            let template = Template {
                name: name.clone(),
                language: language.to_owned(),
                components: vec![json!({ "type": "body", "parameters": [parameter] })],
                preview: Some(body),
            };
            send(tx, app, visit, Outbound::Template(template)).await
        }
        (told, _) => told,
    };
    match told {
        Ok(()) => Ok(()),
        Err(Refusal::App(error)) => Err(error),
        Err(refusal) => {
            let data =
                json!({ "visit_id": visit.id, "starts_at": visit.starts_at, "why": refusal.to_string() });
            let now = app.clock.now();
            Ok(events::add(tx, &app.ids, &visit.ticket_id, "visit.not_reminded", None, &data, now).await?)
        }
    }
}

async fn send(tx: &mut Tx, app: &App, visit: &Visit, content: Outbound) -> Result<(), Refusal> {
    let draft = Draft { content, author: None, reply_to: None };
    outbox::queue(tx, app, &visit.ticket_id, draft).await.map(drop)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_reminder_comes_the_evening_before_or_shortly_before() {
        let starts = date(2026, 11, 25).at(9, 0, 0, 0);
        let on = |day, hour| moment(starts, date(2026, 11, day).at(hour, 0, 0, 0));
        assert_eq!(on(23, 12), Some(date(2026, 11, 24).at(17, 0, 0, 0)));
        assert_eq!(on(24, 17), Some(date(2026, 11, 25).at(7, 0, 0, 0)));
        assert_eq!(on(25, 7), None);
    }
}
