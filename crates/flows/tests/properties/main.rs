//! What holds whatever happens: any events in any order, twice or never, with a flow that changes meanwhile.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test ends where something is wrong"
)]

mod life;

use std::sync::LazyLock;

use flows::{
    check::check,
    engine::{At, Ending},
    format::{Flow, Language, Step, StepId, Wanted, parse},
    library,
};
use life::{Chance, Life, chance};
use proptest::{prelude::*, sample::Index};

static FLOWS: LazyLock<Vec<Flow>> = LazyLock::new(|| {
    let shipped = library::SOURCES.iter().map(|(_, source)| check(source).unwrap());
    let others = [
        include_str!("../patient.yaml"),
        include_str!("../offered.yaml"),
        include_str!("../good.yaml"),
        include_str!("../filled.yaml"),
    ]
    .map(|source| parse(source).unwrap());
    shipped.chain(others).collect()
});

fn language() -> impl Strategy<Value = Language> {
    prop::sample::select(Language::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any events in any order: within the limits all the way, and the clocks alone lead to an end.
    #[test]
    fn whatever_happens_it_ends_well(which in any::<Index>(), language in language(), chances in prop::collection::vec(chance(), 0..40)) {
        let mut life = Life::started(which.get(&FLOWS), language);
        chances.iter().for_each(|chance| life.take(chance));
        life.comes_to_rest();
    }

    /// Events before the start and after the end change nothing but what is remembered.
    #[test]
    fn the_start_may_come_late(which in any::<Index>(), early in prop::collection::vec(chance(), 0..6), chances in prop::collection::vec(chance(), 0..10)) {
        let mut life = Life::new(which.get(&FLOWS), Language::En);
        early.iter().filter(|c| !matches!(c, Chance::Starts)).for_each(|chance| life.take(chance));
        prop_assert!(life.run.at == At::Start);
        life.take(&Chance::Starts);
        prop_assert!(life.run.at != At::Start);
        chances.iter().for_each(|chance| life.take(chance));
        life.comes_to_rest();
        let rest = life.run.clone();
        chances.iter().for_each(|chance| life.take(chance));
        prop_assert_eq!(rest, life.run);
    }

    /// Told twice, at once or later: the same run, and nothing is done a second time.
    #[test]
    fn an_event_counts_once(which in any::<Index>(), chances in prop::collection::vec(chance(), 1..25), twice in prop::collection::vec(any::<Index>(), 1..8)) {
        let mut life = Life::started(which.get(&FLOWS), Language::En);
        for chance in &chances {
            life.take(chance);
            for again in &twice {
                let (run, event) = (life.run.clone(), again.get(&life.events).clone());
                prop_assert_eq!(life.deliver(&event), vec![]);
                prop_assert_eq!(&run, &life.run);
            }
        }
    }

    /// From wherever it stands, a person is one word away, in any language; so is the end of it.
    #[test]
    fn a_person_and_the_end_are_one_word_away(
        which in any::<Index>(), chances in prop::collection::vec(chance(), 0..20),
        person in prop::sample::select(vec!["agent", "operatore", "persona", "agente", "atendente", "इंसान", "I want a HUMAN!"]),
        stop in prop::sample::select(vec!["STOP", "basta", "alto", "parar", "बंद"]),
    ) {
        let mut life = Life::started(which.get(&FLOWS), Language::En);
        chances.iter().for_each(|chance| life.take(chance));
        if !life.run.is_over() {
            let mut other = life.clone();
            life.take(&Chance::Words(person.to_owned()));
            prop_assert_eq!(&life.run.at, &At::Over(Ending::HandedOver));
            other.take(&Chance::Words(stop.to_owned()));
            prop_assert_eq!(&other.run.at, &At::Over(Ending::Withdrawn));
        }
    }

    /// The flow is changed under the run: steps vanish, move, or become others. Nobody is stranded.
    #[test]
    fn a_changed_flow_strands_nobody(
        which in any::<Index>(), before in prop::collection::vec(chance(), 0..20), after in prop::collection::vec(chance(), 0..10),
        gone in prop::collection::vec(any::<Index>(), 0..6), swapped in prop::collection::vec((any::<Index>(), any::<Index>()), 0..6),
    ) {
        let flow = which.get(&FLOWS);
        let mut life = Life::started(flow, Language::En);
        before.iter().for_each(|chance| life.take(chance));
        let mut changed = flow.clone();
        changed.version += 1;
        for (a, b) in &swapped {
            let (a, b) = (a.index(changed.steps.0.len()), b.index(changed.steps.0.len()));
            let (one, other): (Step, Step) = (changed.steps.0[a].1.clone(), changed.steps.0[b].1.clone());
            (changed.steps.0[a].1, changed.steps.0[b].1) = (other, one);
        }
        for index in &gone {
            if !changed.steps.0.is_empty() {
                changed.steps.0.remove(index.index(changed.steps.0.len()));
            }
        }
        let mut life = Life { flow: &changed, ..life };
        after.iter().for_each(|chance| life.take(chance));
        life.comes_to_rest();
    }

    /// Ways bent at random: what the checker lets pass ends well, and never for a limit of the engine.
    #[test]
    fn what_the_checker_passes_ends_well(
        which in 0..library::SOURCES.len(), bends in prop::collection::vec((any::<Index>(), any::<Index>()), 1..4), chances in prop::collection::vec(chance(), 0..25),
    ) {
        let mut bent = FLOWS[which].clone();
        let names: Vec<StepId> = bent.steps.0.iter().map(|(name, _)| name.clone()).collect();
        for (at, to) in &bends {
            bend(&mut bent, at, to.get(names.as_slice()));
        }
        if let Ok(flow) = check(&serde_json::to_string(&bent).unwrap()) {
            let mut life = Life::started(&flow, Language::It);
            chances.iter().for_each(|chance| life.take(chance));
            life.comes_to_rest();
        }
    }

    /// No text makes the reader panic, and what it says points into the file.
    #[test]
    fn any_text_is_a_flow_or_a_place(noise in ".{0,200}", cut in any::<Index>(), put in ".{0,6}") {
        let good = include_str!("../good.yaml");
        let at = good.char_indices().map(|(i, _)| i).nth(cut.index(good.chars().count())).unwrap();
        for source in [noise, format!("{}{put}{}", &good[..at], &good[at..])] {
            // YAML ends a line at either.
            let lines = source.matches(['\n', '\r']).count() + 1;
            for problem in check(&source).err().unwrap_or_default() {
                prop_assert!(problem.place.line >= 1 && problem.place.line <= lines, "{problem}");
                prop_assert!(problem.place.column >= 1 && !problem.message.is_empty());
            }
        }
    }
}

/// Lets one of the exits lead elsewhere.
fn bend(flow: &mut Flow, at: &Index, to: &StepId) {
    let mut exits: Vec<&mut StepId> = Vec::new();
    for (_, step) in &mut flow.steps.0 {
        match step {
            Step::Ask(ask) => {
                // `then:` may be missing: it is written down now.
                ask.then.get_or_insert_with(|| to.clone());
                exits.extend(ask.then.iter_mut().chain(&mut ask.otherwise).chain(&mut ask.on_silence));
                if let Wanted::Choice(choice) = &mut ask.wanted {
                    exits.extend(&mut choice.none);
                }
            }
            Step::LookUp(l) => exits.extend([&mut l.found, &mut l.missing].into_iter().chain(&mut l.failed)),
            Step::Say(say) => exits.extend(&mut say.then),
            Step::Act(act) => exits.push(act.then.get_or_insert_with(|| to.clone())),
            Step::Check(check) => {
                exits.extend(check.cases.iter_mut().map(|case| &mut case.then).chain([&mut check.otherwise]));
            }
            Step::Suggest(s) => exits.extend([&mut s.helped, &mut s.did_not_help, &mut s.none]),
            _ => {}
        }
    }
    let at = at.index(exits.len());
    *exits[at] = to.clone();
}
