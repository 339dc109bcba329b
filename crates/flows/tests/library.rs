//! Every flow of the library passes the checker, and every talk beside it goes as it is written, in all languages.
//!
//! `FLOWS_UPDATE=1 cargo test -p flows --test library` writes the talks anew; read the diff.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends where something is wrong"
)]

use std::{collections::BTreeSet, fs, path::Path};

use flows::{
    engine::{Incoming, choose},
    format::{Flow, Language, Rollout, Step},
    graph, library,
    talk::{self, World},
};
use quick_xml::events::Event;

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
fn the_mermaid_text_shows_every_step_and_every_way() {
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

/// In every language: well-formed, every step with its name, every way between two steps as one line, no text cut off
/// by the XML around it.
#[test]
fn the_picture_shows_every_step_and_every_way() {
    for (name, _) in library::SOURCES {
        let flow = library::flow(name).unwrap().unwrap();
        for language in Language::ALL {
            let (boxes, ways) = graph::draw(&flow, language);
            let pairs: BTreeSet<_> = ways.iter().map(|way| (way.from, way.to)).collect();
            let picture = read(&graph::svg::svg(&flow, language));
            assert_eq!(picture.steps, boxes.len(), "{name}");
            assert_eq!(picture.ways, pairs.len(), "{name}");
            let said = picture.texts.join(" ");
            for drawn in boxes {
                let first = drawn.text.split_whitespace().next().unwrap();
                assert!(said.contains(first), "{name} in {}: {first} is not in {said}", language.as_str());
            }
        }
    }
}

#[test]
fn a_text_of_a_flow_is_no_xml() {
    let mut flow = library::flow("triage").unwrap().unwrap();
    flow.about = "Tags </desc><script>alert(1)</script> & \"more\" \u{1}".to_owned();
    let (_, Step::Ask(ask)) = &mut flow.steps.0[0] else { panic!("triage begins with a question") };
    ask.text.0.insert(Language::En, "<b>1 & 2</b> ]]>".to_owned());
    let picture = read(&graph::svg::svg(&flow, Language::En));
    assert!(picture.texts.iter().any(|text| text == "<b>1 & 2</b> ]]>"), "{:?}", picture.texts);
    assert!(
        picture.about.contains("</desc><script>alert(1)</script> & \"more\" \u{fffd}"),
        "{}",
        picture.about
    );
    assert!(!picture.elements.contains("script") && !picture.elements.contains("b"));
}

/// What an XML reader finds in a picture.
#[derive(Default)]
struct Picture {
    elements: BTreeSet<String>,
    steps: usize,
    ways: usize,
    about: String,
    texts: Vec<String>,
}

fn read(svg: &str) -> Picture {
    let mut reader = quick_xml::Reader::from_str(svg);
    reader.config_mut().check_comments = true;
    let (mut found, mut open) = (Picture::default(), Vec::new());
    loop {
        let event = reader.read_event().unwrap_or_else(|e| panic!("{e} in {svg}"));
        match event {
            Event::Start(ref e) | Event::Empty(ref e) => {
                let name = String::from_utf8(e.name().as_ref().to_vec()).unwrap();
                let class = e.attributes().map(Result::unwrap).find(|a| a.key.as_ref() == b"class");
                let class = class.map(|a| String::from_utf8(a.value.to_vec()).unwrap()).unwrap_or_default();
                found.steps += usize::from(class.starts_with("step "));
                found.ways += usize::from(class.split(' ').next() == Some("way"));
                found.elements.insert(name.clone());
                if matches!(event, Event::Start(_)) {
                    open.push((name, String::new()));
                }
            }
            Event::Text(text) => {
                if let Some((_, said)) = open.last_mut() {
                    said.push_str(&text.decode().unwrap());
                }
            }
            Event::GeneralRef(of) => {
                let sign = match of.decode().unwrap().as_ref() {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    other => panic!("&{other}; is not known to XML"),
                };
                open.last_mut().unwrap().1.push(sign);
            }
            Event::End(_) => match open.pop().unwrap() {
                (name, said) if name == "desc" => found.about = said,
                (name, said) if name == "tspan" || name == "text" => found.texts.push(said),
                _ => {}
            },
            Event::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(open.is_empty() && found.elements.contains("title"), "{:?}", found.elements);
    found
}
