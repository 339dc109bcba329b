//! The menu: a line a flow that has one, sent to whoever writes `menu`.

use flows::{
    engine::{self, Incoming},
    format::Flow,
    texts::{Phrase, phrase},
};
use model::{
    ids::TicketId,
    outbound::{Choice, List, Outbound, Section},
};
use store::Tx;

use super::Flows;
use crate::{
    app::App,
    error::AppError,
    outbox::{self, Draft, Refusal},
    texts::Text,
};

/// The id of a line begins with it; the flow's name follows.
pub const LINE: &str = "menu.";
/// WhatsApp's limits of a list.
const LINES_MAX: usize = 10;
const TITLE_CHARS_MAX: usize = 24;

/// The word alone, in every language.
pub fn is_asked(said: &str) -> bool {
    let said = said.trim().trim_matches(|c: char| c.is_ascii_punctuation()).to_lowercase();
    ["menu", "menù", "menú", "मेनू", "मेन्यू"].contains(&said.as_str())
}

/// Sends the lines of the flows that are on for this customer; nothing when there are none.
pub async fn show(
    tx: &mut Tx,
    app: &App,
    ticket: &TicketId,
    flows: &Flows,
    incoming: &Incoming,
) -> Result<(), AppError> {
    let all = flows.all();
    let mut lines: Vec<Choice> = all.iter().filter_map(|flow| line(flow, incoming)).collect();
    lines.dedup_by(|a, b| a.id == b.id);
    lines.truncate(LINES_MAX);
    if lines.is_empty() {
        return Ok(());
    }
    let language = Some(incoming.language.as_str());
    // The first thing that a machine says is that it is one.
    let notice = phrase(incoming.language, Phrase::Notice);
    let content = Outbound::List(List {
        header: None,
        body: format!("{} {notice}", app.texts.get(language, Text::Menu)),
        footer: None,
        button: app.texts.get(language, Text::MenuButton),
        sections: vec![Section { title: None, rows: lines }],
    });
    match outbox::queue(tx, app, ticket, Draft { content, author: None, reply_to: None }).await {
        Ok(_) => Ok(()),
        Err(Refusal::App(error)) => Err(error),
        Err(refusal) => {
            tracing::warn!(%refusal, "the menu was refused");
            Ok(())
        }
    }
}

fn line(flow: &Flow, incoming: &Incoming) -> Option<Choice> {
    let title = flow.menu.as_ref()?.get(incoming.language);
    engine::includes(flow, &incoming.contact).then(|| Choice {
        id: format!("{LINE}{}", flow.flow),
        title: title.chars().take(TITLE_CHARS_MAX).collect(),
        description: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_alone_asks_for_it() {
        for said in ["menu", "Menù!", " MENÚ ", "मेन्यू"] {
            assert!(is_asked(said), "{said}");
        }
        assert!(!is_asked("the menu button does not work"));
    }
}
