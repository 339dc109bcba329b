//! What a flow stands on outside itself, and what of it this desk was not given.

use flows::format::{Deed, Flow, Source, Step};

use crate::config;

/// A sentence for each thing that is missing; a flow without it would give every such conversation to a person, or tell
/// nobody what it should.
pub fn missing(flow: &Flow, given: &config::Flows) -> Vec<String> {
    let mut missing: Vec<String> = flow.steps.0.iter().filter_map(|(_, step)| of_step(step, given)).collect();
    missing.sort();
    missing.dedup();
    missing
}

fn of_step(step: &Step, given: &config::Flows) -> Option<String> {
    match step {
        Step::LookUp(look_up) => match &look_up.source {
            Source::Http(name) if !given.connectors.contains_key(name) => Some(format!(
                "it asks the system `{name}`, and the configuration has no [flows.connectors.{name}]"
            )),
            Source::Payment if given.payments.is_none() => Some(
                "it compares with payments, and the configuration names no file of them (flows.payments)"
                    .to_owned(),
            ),
            _ => None,
        },
        Step::Bot(bot) if !given.bots.contains_key(&bot.name) => Some(format!(
            "it hands to the bot `{}`, and the configuration has no [flows.bots.{}]",
            bot.name, bot.name
        )),
        Step::Act(act) if given.events.is_none() => {
            act.deeds.0.iter().any(|deed| matches!(deed, Deed::Event(_))).then(|| {
                "it tells another system what happened, and the configuration has no [flows.events]"
                    .to_owned()
            })
        }
        _ => None,
    }
}
