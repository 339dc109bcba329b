//! Every flow of the library passes the checker, and every talk beside it goes as it is written, in all languages.
//!
//! `FLOWS_UPDATE=1 cargo test -p flows --test library` writes the talks anew; read the diff.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test ends where something is wrong")]

use std::{fs, path::Path};

use flows::{
    engine::{Incoming, choose},
    format::{Flow, Language, Rollout, Step},
    graph, library,
    talk::{self, World},
};

#[test]
fn every_flow_passes_the_checker() {
    for (name, _) in library::SOURCES {
        let flow = library::flow(name).unwrap();
        let problems: Vec<String> =
            flow.as_ref().err().into_iter().flatten().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{name}:\n{}", problems.join("\n"));
        assert_eq!(flow.unwrap().flow.as_str(), name);
    }
}

/// With all of them on, each talk begins with words or a file that start its own flow and no other.
#[test]
fn every_talk_begins_with_what_starts_its_flow() {
    let on = |(name, _): &(&str, _)| Flow { rollout: Rollout::On, ..library::flow(name).unwrap().unwrap() };
    let flows: Vec<Flow> = library::SOURCES.iter().map(on).collect();
    let context = World::new(flows.first().unwrap(), Language::En).context;
    let mut wrong = Vec::new();
    for flow in &flows {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("library").join(flow.flow.as_str()).join("talks");
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let talk = fs::read_to_string(&path).unwrap();
            let Some(said) = talk.lines().find_map(|line| line.strip_prefix("> ")) else { continue };
            let Some(said) = said.strip_prefix("says: ") else { continue };
            let incoming = Incoming { said: Some(said.to_owned()), ..Incoming::default() };
            let begun = choose(&flows, &incoming, &context).map(|flow| &flow.flow);
            if begun != Some(&flow.flow) {
                wrong.push(format!("{}: {said}: {begun:?}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_picture_that_is_named_is_there_and_small() {
    let mut shown = 0;
    for (name, _) in library::SOURCES {
        let flow = library::flow(name).unwrap().unwrap();
        let named = flow.steps.0.iter().filter_map(|(_, step)| match step {
            Step::Ask(ask) => ask.example.as_ref(),
            Step::Say(say) => say.picture.as_ref(),
            _ => None,
        });
        for picture in named {
            let png = library::picture(name, picture).unwrap_or_else(|| panic!("{name}: no {picture}"));
            assert!(png.starts_with(b"\x89PNG"), "{picture}");
            assert!(png.len() <= 40 * 1024, "{picture}: {} bytes", png.len());
            shown += 1;
        }
    }
    assert_eq!(shown, 5);
    assert_eq!(library::picture("triage", "page.png"), None, "a picture belongs to its flow");
}

#[test]
fn every_talk_goes_as_it_is_written() {
    let update = std::env::var_os("FLOWS_UPDATE").is_some();
    for (name, _) in library::SOURCES {
        let flow = library::flow(name).unwrap().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("library").join(name).join("talks");
        let mut talks: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        talks.sort();
        for language in Language::ALL {
            let ending = format!(".{}.talk", language.as_str());
            let of_language = |path: &&std::path::PathBuf| path.to_string_lossy().ends_with(&ending);
            assert!(talks.iter().any(|t| of_language(&t)), "{name} has no talk in {}", language.as_str());
            for path in talks.iter().filter(of_language) {
                let written = fs::read_to_string(path).unwrap();
                let told = talk::replay(&flow, language, &written)
                    .unwrap_or_else(|p| panic!("{}: {p}", path.display()));
                if update {
                    fs::write(path, &told).unwrap();
                } else {
                    assert_eq!(told, written, "{}", path.display());
                }
            }
        }
    }
}

#[test]
fn the_drawing_shows_every_step_and_every_way() {
    for (name, _) in library::SOURCES {
        let flow = library::flow(name).unwrap().unwrap();
        for language in Language::ALL {
            let drawn = graph::mermaid(&flow, language);
            for (id, _) in &flow.steps.0 {
                let is_drawn = |line: &&str| {
                    let shape = line.strip_prefix(&format!("  {id}_"));
                    shape.is_some_and(|shape| shape.starts_with(['[', '{', '(']))
                };
                assert_eq!(drawn.lines().filter(is_drawn).count(), 1, "{id}");
                assert!(drawn.lines().any(|l| l.ends_with(&format!(" {id}_"))), "no way to {id}:\n{drawn}");
            }
        }
    }
    let drawn = graph::mermaid(&library::flow("triage").unwrap().unwrap(), Language::En);
    for line in [
        "  start((triage)) --> topic_",
        "  topic_ -->|\"order\"| order_number_",
        "  topic_ -->|\"others\"| words_",
        "  picture_ -->|\"tries used up\"| to_team_",
        "  to_team_ -->|\"case 1\"| to_sales_",
    ] {
        assert!(drawn.lines().any(|l| l == line), "{line}\n{drawn}");
    }
}
