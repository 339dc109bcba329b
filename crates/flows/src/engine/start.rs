//! Which flow begins: the most particular trigger that fits, among the flows that are on for this contact.

use super::{
    decide::{is_kind, is_like},
    event::Context,
    run::fnv,
};
use crate::{
    format::{Flow, FlowId, Hours, Language, MediumKind, Rollout, Trigger},
    texts::tidy,
};

/// What a customer came with.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Incoming {
    pub contact: String,
    pub language: Language,
    /// The number of ours that they wrote to, by its id.
    pub number: String,
    pub said: Option<String>,
    pub kinds: Vec<MediumKind>,
    /// Kind and value of what was found on their pictures.
    pub findings: Vec<(String, String, f32)>,
    /// The line of the menu that they chose.
    pub menu: Option<FlowId>,
    /// The text of the QR code or link that they came by.
    pub link: Option<String>,
}

/// The flow to begin, or none. Of two versions of one flow the newer one goes first, to those for whom it is on.
pub fn choose<'f>(flows: &'f [Flow], incoming: &Incoming, context: &Context) -> Option<&'f Flow> {
    flows
        .iter()
        .filter(|flow| includes(flow, &incoming.contact) && narrow(flow, incoming, context))
        .filter_map(|flow| {
            let rank = flow.triggers.iter().filter_map(|t| fits(flow, t, incoming)).min()?;
            Some((rank, std::cmp::Reverse(flow.version), flow))
        })
        .min_by_key(|(rank, version, flow)| (*rank, *version, flow.flow.as_str()))
        .map(|(.., flow)| flow)
}

/// Whether a flow is on for this contact. A share is always the same contacts, and others for another flow.
pub fn includes(flow: &Flow, contact: &str) -> bool {
    match &flow.rollout {
        Rollout::Off => false,
        Rollout::On => true,
        Rollout::Contacts(contacts) => contacts.iter().any(|c| c == contact),
        Rollout::Share(percent) => bucket(&flow.flow, contact) < u64::from(*percent),
    }
}

/// 0 to 99. The finaliser of MurmurHash3 spreads what FNV leaves in the high bits.
fn bucket(flow: &FlowId, contact: &str) -> u64 {
    let mut hash = fnv(format!("{flow}/{contact}").as_bytes());
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    (hash ^ (hash >> 33)) % 100
}

fn narrow(flow: &Flow, incoming: &Incoming, context: &Context) -> bool {
    let only = &flow.only;
    (only.language.0.is_empty() || only.language.0.contains(&incoming.language))
        && (only.number.0.is_empty() || only.number.0.contains(&incoming.number))
        && only.hours.is_none_or(|hours| context.is_desk_open == (hours == Hours::Open))
}

/// How particular the trigger is, when it fits: a smaller number goes first.
fn fits(flow: &Flow, trigger: &Trigger, incoming: &Incoming) -> Option<u8> {
    let (rank, fits) = match trigger {
        Trigger::Menu => (0, incoming.menu.as_ref() == Some(&flow.flow)),
        Trigger::Link(start) => (1, incoming.link.as_deref().is_some_and(|l| l.starts_with(start))),
        Trigger::Finding(found) => (
            2,
            incoming.findings.iter().any(|(kind, value, confidence)| {
                is_kind(&found.kind, kind)
                    && *confidence >= found.confidence_min
                    && is_like(&found.like.0, value)
            }),
        ),
        Trigger::Keyword(words) => (
            3,
            incoming.said.as_deref().is_some_and(|said| {
                let said = format!(" {} ", tidy(said));
                words.values().flat_map(|w| &w.0).any(|word| said.contains(&format!(" {} ", tidy(word))))
            }),
        ),
        Trigger::Medium(kinds) => (4, kinds.0.iter().any(|k| incoming.kinds.contains(k))),
        Trigger::FirstMessage => (5, true),
    };
    fits.then_some(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_stable_fair_and_different_for_each_flow() {
        let share = |flow: &str, percent: u64| {
            (0..10_000).filter(|n| bucket(&flow.into(), &format!("01J{n:023}")) < percent).collect::<Vec<_>>()
        };
        let (ten, twenty, other) = (share("a", 10), share("a", 20), share("b", 10));
        assert!((900..1_100).contains(&ten.len()), "{}", ten.len());
        assert!(ten.iter().all(|n| twenty.contains(n)), "who is in stays in when the share grows");
        let both = ten.iter().filter(|n| other.contains(n)).count();
        assert!((50..200).contains(&both), "{both}");
        assert_eq!(share("a", 0).len() + share("a", 100).len(), 10_000);
    }

    fn flow(name: &str, version: u32, rest: &str) -> Flow {
        crate::format::parse(&format!(
            "{{ flow: {name}, version: {version}, about: a, greeting: {{}}, steps: {{}}, {rest} }}"
        ))
        .unwrap()
    }

    #[test]
    fn the_most_particular_trigger_goes_first() {
        let flows = [
            flow("anything", 1, "rollout: on, triggers: [first_message]"),
            flow("photos", 1, "rollout: on, triggers: [{ medium: photo }]"),
            flow("ovens", 1, "rollout: on, triggers: [{ keyword: { en: [oven], it: [forno] } }]"),
            flow("codes", 1, "rollout: on, triggers: [{ finding: { kind: code., like: 40* } }]"),
            flow("poster", 1, "rollout: on, triggers: [{ link: shop- }]"),
            flow("italians", 1, "rollout: on, triggers: [menu], only: { language: it }"),
            flow(
                "nights",
                1,
                "rollout: on, triggers: [{ keyword: { en: [oven] } }], only: { hours: closed }",
            ),
            flow("new", 1, "rollout: { contacts: [zoe] }, triggers: [{ keyword: { en: [beta] } }]"),
            flow("new", 2, "rollout: { contacts: [ada] }, triggers: [{ keyword: { en: [beta] } }]"),
            flow("never", 1, "triggers: [{ keyword: { en: [never] } }]"),
        ];
        let came = |said: &str| Incoming {
            contact: "zoe".to_owned(),
            said: Some(said.to_owned()),
            ..Incoming::default()
        };
        let photo = || Incoming { kinds: vec![MediumKind::Photo], ..came("my OVEN, see") };
        let coded = |value: &str| Incoming {
            findings: vec![("code.ean_13".to_owned(), value.to_owned(), 1.0)],
            ..photo()
        };
        let menu = |language| Incoming { menu: Some("italians".into()), language, ..came("") };
        for (incoming, expect) in [
            (came("hello"), "anything"),
            (came("il mio forno!"), "ovens"),
            (came("ovenware"), "anything"),
            (Incoming { said: None, ..photo() }, "photos"),
            (photo(), "ovens"),
            (coded("4006381333931"), "codes"),
            (coded("97838"), "ovens"),
            (Incoming { link: Some("shop-milan".to_owned()), ..coded("40") }, "poster"),
            (menu(Language::It), "italians"),
            (menu(Language::En), "anything"),
            (came("beta"), "new 1"),
            (Incoming { contact: "ada".to_owned(), ..came("beta") }, "new 2"),
            (Incoming { contact: "eve".to_owned(), ..came("beta") }, "anything"),
            (came("never"), "anything"),
        ] {
            let context = Context {
                now: model::Timestamp::from_secs(0),
                local: jiff::civil::date(2026, 1, 1).at(12, 0, 0, 0),
                window_closes_at: None,
                is_desk_open: true,
                contact: None,
                tags: vec![],
            };
            let chosen = choose(&flows, &incoming, &context).unwrap();
            let name = if expect.contains(' ') {
                format!("{} {}", chosen.flow, chosen.version)
            } else {
                chosen.flow.0.clone()
            };
            assert_eq!(name, expect, "{incoming:?}");
        }
    }
}
