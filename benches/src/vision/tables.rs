//! From answers to tables, a part each.

use super::answer::Answer;
use super::bootstrap::{Share, share_interval};
use super::manifest::Picture;
use super::report::{Table, percent};
use super::{ON_ONNXRUNTIME, Part, Reader, codes, entities, personal, quality, text};
use crate::timing::{float, median};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Name and test of a group of pictures.
type Slice = (&'static str, fn(&Picture) -> bool);

const TEXT_SLICES: [Slice; 8] = [
    ("all but Hindi", |picture| picture.language != "hi"),
    ("screenshots", |picture| picture.language != "hi" && picture.kind == "screenshot"),
    ("photos of screens", |picture| picture.kind == "photo_of_screen"),
    ("labels", |picture| picture.kind == "label"),
    ("receipts, documents", |picture| matches!(picture.kind.as_str(), "receipt" | "document")),
    ("displays", |picture| picture.kind == "object"),
    ("identity, cards", |picture| picture.language != "hi" && picture.kind == "identity_document"),
    ("Hindi", |picture| picture.language == "hi"),
];

pub fn section(part: Part, pictures: &[Picture], readers: &[Reader], misses: bool) -> String {
    let mut section = match part {
        Part::Text => texts(pictures, readers),
        Part::Codes => code(pictures, readers),
        Part::Quality => judged(pictures, readers),
        Part::Entities => meaning(pictures, readers),
        Part::Personal => private(pictures, readers),
        Part::Speed | Part::Renditions | Part::Forensics => speed(readers),
    };
    for reader in readers {
        if let Err(why) = &reader.answers {
            let _ = write!(section, "\n\n{} was not measured: {why}.", reader.name);
        }
    }
    if misses {
        let _ = write!(section, "\n\n{}", missed(part, pictures, readers));
    }
    section
}

/// Readable pictures only: what nobody can read cannot be demanded of a mask.
pub fn is_scored_for_personal(picture: &Picture) -> bool {
    picture.readable && (!picture.personal.is_empty() || picture.kind == "screenshot")
}

fn measured<'a>(readers: &'a [Reader], says: impl Fn(&Answer) -> bool + 'a) -> Vec<&'a Reader> {
    readers
        .iter()
        .filter(|reader| reader.answers.as_ref().is_ok_and(|answers| answers.values().any(&says)))
        .collect()
}

fn heads(readers: &[&Reader], first: &[&'static str]) -> Vec<&'static str> {
    first.iter().copied().chain(readers.iter().map(|reader| reader.name)).collect()
}

// --- text -------------------------------------------------------------------------------------------------------

fn texts(pictures: &[Picture], readers: &[Reader]) -> String {
    let readers = measured(readers, |answer| !answer.text.is_empty());
    let scored: Vec<&Picture> =
        pictures.iter().filter(|picture| picture.readable && !picture.lines.is_empty()).collect();
    let readings: Vec<Vec<text::Reading>> = readers
        .iter()
        .map(|reader| scored.iter().map(|picture| reading(picture, reader.answer(picture))).collect())
        .collect();
    let mut errors = Table::new(
        "Character errors, % of the true characters, white space aside (95 % interval over pictures); less is better.",
        &heads(&readers, &["pictures", "count"]),
    );
    let mut exact = Table::new("Lines without any error, %.", &heads(&readers, &["pictures", "lines"]));
    for (name, holds) in TEXT_SLICES {
        let of = |reading: &dyn Fn(&text::Reading) -> Share| -> Vec<String> {
            readings
                .iter()
                .map(|all| {
                    let mine = all.iter().zip(&scored).filter(|(_, picture)| holds(picture));
                    percent(share_interval(&mine.map(|(each, _)| reading(each)).collect::<Vec<_>>()))
                })
                .collect()
        };
        let mine = scored.iter().filter(|picture| holds(picture));
        let (count, lines) =
            mine.fold((0, 0), |(count, lines), picture| (count + 1, lines + picture.lines.len()));
        let row = |amount: usize, cells: Vec<String>| -> Vec<String> {
            [name.to_owned(), amount.to_string()].into_iter().chain(cells).collect()
        };
        errors
            .row(&row(count, of(&|each| Share { part: float(each.errors), whole: float(each.characters) })));
        exact.row(&row(lines, of(&|each| Share { part: float(each.lines_exact), whole: float(each.lines) })));
    }
    let rest = text_details(&scored, &readers, &readings);
    format!("{}\n\n{}\n\n{rest}", errors.text(), exact.text())
}

fn text_details(scored: &[&Picture], readers: &[&Reader], readings: &[Vec<text::Reading>]) -> String {
    let mut table = Table::new(
        "All readable pictures but Hindi: errors with white space counted, recognised characters that belong to no true line (% of the true ones), and the values that matter (error codes, serials, amounts, card numbers …) read without error.",
        &["reader", "errors with spaces %", "extra %", "values read %"],
    );
    for (reader, readings) in readers.iter().zip(readings) {
        let latin = || readings.iter().zip(scored).filter(|(_, picture)| picture.language != "hi");
        let of = |share: fn(&text::Reading) -> Share| {
            percent(share_interval(&latin().map(|(each, _)| share(each)).collect::<Vec<_>>()))
        };
        let values: Vec<Share> =
            latin().map(|(_, picture)| values_read(picture, reader.answer(picture))).collect();
        table.row(&[
            reader.name.to_owned(),
            of(|each| Share { part: float(each.spaced_errors), whole: float(each.spaced_characters) }),
            of(|each| Share { part: float(each.extra), whole: float(each.characters) }),
            percent(share_interval(&values)),
        ]);
    }
    table.text()
}

fn reading(picture: &Picture, answer: Option<&Answer>) -> text::Reading {
    let recognised = answer.map_or("", |answer| answer.text.as_str());
    text::read(picture.lines.iter().map(|line| line.text.as_str()), recognised)
}

/// As printed where the line is known, and so without the entity's own plain form.
fn values_read(picture: &Picture, answer: Option<&Answer>) -> Share {
    let recognised = answer.map_or("", |answer| answer.text.as_str());
    let printed: String = picture.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    let values: BTreeSet<&str> = picture
        .entities
        .iter()
        .map(|entity| entity.value.as_str())
        .chain(picture.personal.iter().map(|item| item.value.as_str()))
        .filter(|value| text::holds(&printed, value))
        .collect();
    let read = values.iter().filter(|value| text::holds(recognised, value)).count();
    Share { part: float(read), whole: float(values.len()) }
}

// --- codes ------------------------------------------------------------------------------------------------------

fn code(pictures: &[Picture], readers: &[Reader]) -> String {
    let readers =
        measured(readers, |answer| answer.findings.iter().any(|finding| finding.kind.starts_with("code.")));
    let found: Vec<Vec<codes::Code>> = readers
        .iter()
        .map(|reader| {
            pictures.iter().flat_map(|picture| codes::found(picture, reader.answer(picture))).collect()
        })
        .collect();
    let table = |caption: &str, group: fn(&codes::Code) -> &str| {
        let mut table = Table::new(caption, &heads(&readers, &["", "codes"]));
        let groups: BTreeSet<&str> = found.iter().flatten().map(group).collect();
        for name in groups.into_iter().map(Some).chain([None]) {
            let is_in = |code: &&codes::Code| name.is_none_or(|name| group(code) == name);
            let count = found.first().map_or(0, |all| all.iter().filter(is_in).count());
            let cells = found.iter().map(|all| {
                let hits = all.iter().filter(is_in);
                percent(share_interval(
                    &hits
                        .map(|code| Share { part: f64::from(u8::from(code.found)), whole: 1.0 })
                        .collect::<Vec<_>>(),
                ))
            });
            let first = [name.unwrap_or("all").replace('_', " "), count.to_string()];
            table.row(&first.into_iter().chain(cells).collect::<Vec<_>>());
        }
        table.text()
    };
    let mut wrong = Table::new(
        "Read where nothing such is printed, and time.",
        &["reader", "invented", "median ms a picture"],
    );
    for reader in &readers {
        let invented: usize =
            pictures.iter().map(|picture| codes::invented(picture, reader.answer(picture))).sum();
        wrong.row(&[
            reader.name.to_owned(),
            invented.to_string(),
            format!("{:.0}", part_ms(reader, "codes")),
        ]);
    }
    format!(
        "{}\n\n{}\n\n{}",
        table("Codes read, % by type.", |code| &code.kind),
        table("Codes read, % by damage.", |code| &code.damage),
        wrong.text()
    )
}

// --- quality ----------------------------------------------------------------------------------------------------

fn judged(pictures: &[Picture], readers: &[Reader]) -> String {
    let mut table = Table::new(
        "Pictures beyond dispute: usable ones, and ones that are blurred, shaken, dark, over-exposed or empty. Flagged is doubtful or retake; %.",
        &[
            "reader",
            "balanced accuracy",
            "bad flagged",
            "bad → retake",
            "good → retake",
            "good → doubtful or retake",
            "right reason",
        ],
    );
    for reader in measured(readers, |answer| answer.verdict.is_some()) {
        let all: Vec<quality::Judged> =
            pictures.iter().filter_map(|picture| quality::judge(picture, reader.answer(picture))).collect();
        let scores = quality::scores(&all);
        let cells = [
            scores.balanced_accuracy,
            scores.bad_flagged,
            scores.bad_retake,
            scores.false_retake,
            scores.false_doubt,
            scores.reason_right,
        ];
        table.row(&[reader.name.to_owned()].into_iter().chain(cells.map(percent)).collect::<Vec<_>>());
    }
    let (good, bad) = pictures
        .iter()
        .filter_map(|picture| quality::judge(picture, None))
        .fold((0, 0), |(good, bad), each| if each.is_bad { (good, bad + 1) } else { (good + 1, bad) });
    format!("{}\n\n{good} usable and {bad} unusable pictures.", table.text())
}

// --- meaning ----------------------------------------------------------------------------------------------------

fn meaning(pictures: &[Picture], readers: &[Reader]) -> String {
    let readers = measured(readers, |answer| {
        answer
            .findings
            .iter()
            .any(|finding| ["entity.", "picture.", "mrz"].iter().any(|head| finding.kind.starts_with(head)))
    });
    let mut sections = Vec::new();
    for reader in readers {
        let mut kinds: BTreeMap<String, Vec<entities::Count>> = BTreeMap::new();
        for picture in pictures.iter().filter(|picture| picture.readable) {
            for count in entities::count(picture, reader.answer(picture)) {
                kinds.entry("all".to_owned()).or_default().push(count.clone());
                kinds.entry(count.kind.clone()).or_default().push(count);
            }
        }
        let mut table = Table::new(
            &format!("{}: what the text means, readable pictures.", reader.name),
            &["kind", "there", "found %", "of the findings right %"],
        );
        for (kind, counts) in &kinds {
            let recall: Vec<Share> = counts
                .iter()
                .map(|count| Share { part: float(count.found), whole: float(count.wanted) })
                .collect();
            let precision: Vec<Share> = counts
                .iter()
                .map(|count| Share { part: float(count.found), whole: float(count.found + count.invented) })
                .collect();
            let there: usize = counts.iter().map(|count| count.wanted).sum();
            table.row(&[
                kind.replace('_', " "),
                there.to_string(),
                percent(share_interval(&recall)),
                percent(share_interval(&precision)),
            ]);
        }
        sections.push(table.text());
        sections.push(picture_kinds(pictures, reader));
    }
    sections.join("\n\n")
}

fn picture_kinds(pictures: &[Picture], reader: &Reader) -> String {
    let mut table = Table::new("Kind of picture.", &["it is", "pictures", "said so %", "taken for instead"]);
    let kinds: BTreeSet<&str> = pictures.iter().map(|picture| picture.kind.as_str()).collect();
    for kind in kinds.into_iter().map(Some).chain([None]) {
        let mine: Vec<(&str, String)> = pictures
            .iter()
            .filter(|picture| kind.is_none_or(|kind| picture.kind == kind))
            .map(|picture| {
                let said = entities::picture_kind(reader.answer(picture));
                (picture.kind.as_str(), said.unwrap_or_else(|| "nothing".to_owned()))
            })
            .collect();
        let right: Vec<Share> = mine
            .iter()
            .map(|(is, said)| Share { part: f64::from(u8::from(is == said)), whole: 1.0 })
            .collect();
        let mut others: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, said) in mine.iter().filter(|(is, said)| kind.is_some() && is != said) {
            *others.entry(said).or_default() += 1;
        }
        let others: Vec<String> = others.into_iter().map(|(said, count)| format!("{said} {count}")).collect();
        table.row(&[
            kind.unwrap_or("all").replace('_', " "),
            mine.len().to_string(),
            percent(share_interval(&right)),
            others.join(", "),
        ]);
    }
    table.text()
}

// --- personal data ----------------------------------------------------------------------------------------------

fn private(pictures: &[Picture], readers: &[Reader]) -> String {
    let readers =
        measured(readers, |answer| answer.findings.iter().any(|finding| finding.kind.starts_with("pii.")));
    let scored: Vec<&Picture> = pictures.iter().filter(|picture| is_scored_for_personal(picture)).collect();
    let found: Vec<Vec<personal::Item>> = readers
        .iter()
        .map(|reader| {
            scored.iter().flat_map(|picture| personal::items(picture, reader.answer(picture))).collect()
        })
        .collect();
    let mut kinds: Vec<Option<&str>> = found
        .iter()
        .flatten()
        .map(|item| Some(item.kind.as_str()))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    kinds.push(None);
    let table = |caption: &str, hit: fn(&personal::Item) -> bool| {
        let mut table = Table::new(caption, &heads(&readers, &["kind", "there"]));
        for kind in &kinds {
            let is_in = |item: &&personal::Item| kind.map_or(is_number(&item.kind), |kind| item.kind == kind);
            let count = found.first().map_or(0, |all| all.iter().filter(is_in).count());
            let cells = found.iter().map(|all| {
                let shares: Vec<Share> = all
                    .iter()
                    .filter(is_in)
                    .map(|item| Share { part: f64::from(u8::from(hit(item))), whole: 1.0 })
                    .collect();
                percent(share_interval(&shares))
            });
            let first = [kind.unwrap_or("all numbers").to_owned(), count.to_string()];
            table.row(&first.into_iter().chain(cells).collect::<Vec<_>>());
        }
        table.text()
    };
    let screenshots: Vec<&&Picture> = scored.iter().filter(|picture| picture.kind == "screenshot").collect();
    let mut alarms = Table::new(
        &format!("Masks over nothing personal, per 1,000 screenshots ({} measured).", screenshots.len()),
        &["reader", "false alarms"],
    );
    for reader in &readers {
        let shares: Vec<Share> = screenshots
            .iter()
            .map(|picture| Share {
                part: float(personal::false_alarms(picture, reader.answer(picture)).len()),
                whole: 1.0,
            })
            .collect();
        let rate = share_interval(&shares).map_or_else(String::new, |rate| {
            format!("{:.0} ({:.0}–{:.0})", rate.value * 1e3, rate.low * 1e3, rate.high * 1e3)
        });
        alarms.row(&[reader.name.to_owned(), rate]);
    }
    format!(
        "{}\n\n{}\n\n{}",
        table(
            "Personal data found for what it is, %, on readable pictures. Numbers are cards, IBANs, Aadhaar, PAN, papers, phones.",
            |item| item.found
        ),
        table("Personal data of which a mask leaves nothing to read, %.", personal::Item::is_hidden),
        alarms.text()
    )
}

fn is_number(kind: &str) -> bool {
    matches!(kind, "card" | "iban" | "aadhaar" | "pan" | "document" | "phone")
}

// --- speed ------------------------------------------------------------------------------------------------------

fn speed(readers: &[Reader]) -> String {
    let mut table = Table::new(
        "Time a picture in this run. Sportello does everything in it, each alternative its one part.",
        &["reader", "median wall ms", "mean CPU ms"],
    );
    let mut parts = Table::new("Sportello's parts.", &["part", "median wall ms"]);
    for reader in readers.iter().filter(|reader| reader.name != ON_ONNXRUNTIME) {
        let Ok(answers) = &reader.answers else { continue };
        let cpu: Vec<f64> = answers.values().filter_map(|answer| answer.cpu_ms).collect();
        let cpu = reader.cpu_ms.unwrap_or_else(|| cpu.iter().sum::<f64>() / float(cpu.len().max(1)));
        let wall = reader
            .wall_ms
            .unwrap_or_else(|| median(answers.values().map(|answer| answer.ms.values().sum()).collect()));
        table.row(&[reader.name.to_owned(), format!("{wall:.0}"), format!("{cpu:.0}")]);
        if reader.cpu_ms.is_some() {
            let names: BTreeSet<&String> = answers.values().flat_map(|answer| answer.ms.keys()).collect();
            for name in names {
                parts.row(&[name.clone(), format!("{:.0}", part_ms(reader, name))]);
            }
        }
    }
    if let Some((ours, other)) = both_runtimes(readers) {
        parts.row(&[
            "text, on ONNX Runtime".to_owned(),
            format!("{other:.0} ({:.2} of the above)", other / ours),
        ]);
    }
    format!("{}\n\n{}", table.text(), parts.text())
}

/// The text of the same pictures on either runtime.
fn both_runtimes(readers: &[Reader]) -> Option<(f64, f64)> {
    let other = readers.iter().find(|reader| reader.name == ON_ONNXRUNTIME && reader.answers.is_ok())?;
    let ours = readers.iter().find(|reader| reader.cpu_ms.is_some())?;
    Some((part_ms(ours, "text"), part_ms(other, "text")))
}

fn part_ms(reader: &Reader, part: &str) -> f64 {
    let answers = reader.answers.iter().flat_map(|answers| answers.values());
    median(answers.filter_map(|answer| answer.ms.get(part).copied()).collect())
}

// --- misses -----------------------------------------------------------------------------------------------------

/// Of the first reader: which pictures to look at.
fn missed(part: Part, pictures: &[Picture], readers: &[Reader]) -> String {
    let Some(reader) = readers.iter().find(|reader| reader.answers.is_ok()) else { return String::new() };
    let mut lines = vec![format!("{}, missed:", reader.name)];
    for picture in pictures {
        let answer = reader.answer(picture);
        let what: Vec<String> = match part {
            Part::Text if picture.readable && !picture.lines.is_empty() => {
                let reading = reading(picture, answer);
                (reading.errors > 0)
                    .then(|| format!("{} of {} characters", reading.errors, reading.characters))
                    .into_iter()
                    .collect()
            }
            Part::Codes => codes::found(picture, answer)
                .into_iter()
                .filter(|code| !code.found)
                .map(|code| format!("{} {}", code.kind, code.damage))
                .collect(),
            Part::Quality => quality::judge(picture, answer)
                .filter(|each| (each.verdict != "usable") != each.is_bad || each.reason_right == Some(false))
                .map(|each| {
                    let reason = answer.and_then(|answer| answer.reason.clone()).unwrap_or_default();
                    format!("{} called {} {reason}", picture.quality, each.verdict)
                })
                .into_iter()
                .collect(),
            Part::Personal if is_scored_for_personal(picture) => personal::items(picture, answer)
                .into_iter()
                .filter(|item| !item.found || !item.is_hidden())
                .map(|item| format!("{} found {} covered {:.2}", item.kind, item.found, item.covered))
                .chain(
                    personal::false_alarms(picture, answer).into_iter().map(|alarm| format!("false {alarm}")),
                )
                .collect(),
            Part::Entities if picture.readable => entities::count(picture, answer)
                .into_iter()
                .filter(|count| count.found < count.wanted || count.invented > 0)
                .map(|count| format!("{} {}/{} +{}", count.kind, count.found, count.wanted, count.invented))
                .collect(),
            _ => Vec::new(),
        };
        if !what.is_empty() {
            lines.push(format!("- {}: {}", picture.name(), what.join(", ")));
        }
    }
    lines.join("\n")
}
