//! What a step costs: nanoseconds for each event of the library's talks, and bytes of an open run.
//!
//! `cargo run --release -p flows --example cost`. The goals: a step within 20 µs, 10,000 open runs within 50 MiB.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use flows::{
    engine::{Action, Arrived, Call, Context, Event, Judged, Outcome, Run, Said, What, step},
    format::{Flow, Language, MediumKind},
    library,
};
use model::{
    clock::Timestamp,
    finding::{Finding, Verdict},
    outbound::{Outbound, WINDOW},
};

/// Counts the bytes that are in use.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator can only be written so; it hands everything on")]
// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ROUNDS: u32 = 2_000;
const RUNS: usize = 10_000;

fn main() {
    let (Some(Ok(flow)), Some(Ok(visits))) =
        (library::flow("product_defect"), library::flow("appliance_video"))
    else {
        return eprintln!("a flow does not pass the checker");
    };
    let now = Timestamp::from_secs(1_795_424_400);
    let context = Context {
        now,
        local: jiff::civil::date(2026, 11, 23).at(10, 0, 0, 0),
        window_closes_at: Some(now.plus(WINDOW)),
        is_desk_open: true,
        contact: Some("Zoe".to_owned()),
        tags: Vec::new(),
    };
    time_steps(&flow, events, &context);
    time_steps(&visits, visit, &context);
    weigh_runs(&flow, &context);
}

type Told = Vec<(&'static str, What)>;

fn time_steps(flow: &Flow, events: fn() -> Told, context: &Context) {
    let mut of_event: Vec<(String, Vec<u64>)> = Vec::new();
    for _ in 0..ROUNDS {
        let mut run = Run::new(flow, Language::Hi);
        let mut option = String::new();
        for (number, (name, what)) in events().into_iter().enumerate() {
            let what = if name == "a button" { press(&option) } else { what };
            let event = Event { id: format!("event {number}"), what };
            let began = Instant::now();
            let (next, actions) = step(flow, run, &event, context);
            let took = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
            if let Some(id) = first_option(&actions) {
                option = id;
            }
            run = next;
            match of_event.get_mut(number) {
                Some((_, times)) => times.push(took),
                None => of_event.push((name.to_owned(), vec![took])),
            }
        }
    }
    println!("{:32} {:>9} {:>9} {:>9}", flow.flow.as_str(), "p50 ns", "p99 ns", "max ns");
    for (name, mut times) in of_event {
        times.sort_unstable();
        let at = |part: usize| times.get((times.len() - 1) * part / 100).copied().unwrap_or_default();
        println!("{name:32} {:>9} {:>9} {:>9}", at(50), at(99), at(100));
    }
}

fn weigh_runs(flow: &Flow, context: &Context) {
    let before = IN_USE.load(Ordering::Relaxed);
    let mut option = String::new();
    let runs: Vec<Run> = (0..RUNS)
        .map(|customer| {
            let mut run = Run::new(flow, Language::Hi);
            for (number, (name, what)) in events().into_iter().take(8).enumerate() {
                let what = if name == "a button" { press(&option) } else { what };
                let event = Event { id: format!("customer {customer} event {number}"), what };
                let (next, actions) = step(flow, run, &event, context);
                option = first_option(&actions).unwrap_or_else(|| option.clone());
                run = next;
            }
            run
        })
        .collect();
    let bytes = IN_USE.load(Ordering::Relaxed).saturating_sub(before);
    let json = runs.first().and_then(|run| serde_json::to_string(run).ok()).map_or(0, |json| json.len());
    println!(
        "{} open runs: {} KiB in memory, {} bytes each; {json} bytes as JSON",
        runs.len(),
        bytes / 1024,
        bytes / RUNS
    );
}

fn press(option: &str) -> What {
    What::CustomerSaid(Said::Choice { id: option.to_owned(), title: String::new() })
}

fn first_option(actions: &[Action]) -> Option<String> {
    actions.iter().find_map(|action| match action {
        Action::Send(Outbound::List(list)) => list.sections.first()?.rows.first().map(|row| row.id.clone()),
        Action::Send(Outbound::Buttons(buttons)) => buttons.buttons.first().map(|button| button.id.clone()),
        _ => None,
    })
}

/// A defect with three photos, told in full.
fn events() -> Told {
    let judged = |name: &str, kind: &str| {
        let lines = (0..30).map(|n| finding("text.line", &format!("line {n}")));
        What::MediumJudged(Judged {
            medium: name.into(),
            verdict: Verdict::Usable,
            reason: None,
            side_px: Some(1_200),
            findings: lines.chain([finding(kind, "SN48213X")]).collect(),
            transcript: None,
        })
    };
    vec![
        (
            "start",
            What::Started {
                said: Some("मेरी वॉशिंग मशीन ख़राब है".to_owned()), media: Vec::new()
            },
        ),
        (
            "words that fit nothing",
            What::CustomerSaid(Said::Text("the thing that stands under the sink".to_owned())),
        ),
        ("a button", What::Withdrew),
        ("a photo arrives", photo("a")),
        ("a photo is judged, next question", judged("a", "entity.error_code")),
        ("words where a photo was asked", What::CustomerSaid(Said::Text("where is that label?".to_owned()))),
        ("a second photo arrives", photo("b")),
        ("it is judged, next question", judged("b", "entity.serial")),
        ("a date, then a search", What::CustomerSaid(Said::Text("31/10/2025".to_owned()))),
        ("a person is asked for", What::CustomerSaid(Said::Text("इंसान".to_owned()))),
    ]
}

/// A visit: no picture, no article, three times to choose from, one of them written in full.
fn visit() -> Told {
    let said = |text: &str| What::CustomerSaid(Said::Text(text.to_owned()));
    let slots = ["मंगल 24 नव, 9-11", "बुध 25 नव, 14-16", "गुरु 26 नव, 9-11"].into_iter().zip(1..).flat_map(
        |(title, n)| {
            [(format!("slot{n}"), format!("01JD{n:022}")), (format!("slot{n}_title"), title.to_owned())]
        },
    );
    vec![
        ("start", What::Started { said: None, media: Vec::new() }),
        ("the appliance", said("वॉशिंग मशीन")),
        ("photos or video", said("फ़ोटो")),
        ("a photo arrives", photo("a")),
        ("it will not do", lost("a")),
        ("a second photo arrives", photo("b")),
        ("it will not do either", lost("b")),
        ("a third photo arrives", photo("c")),
        ("the tries are used up, next one", lost("c")),
        ("what it does, then a search", said("बीच में रुक जाती है और पानी टपकता है")),
        ("no article", What::Suggested { call: Call(5), found: false }),
        ("a visit is wanted", said("हाँ")),
        ("the place, then three times", said("12 एमजी रोड, पुणे 411001")),
        (
            "three times to choose from",
            What::LookedUp { call: Call(8), outcome: Outcome::Found(slots.collect()) },
        ),
        ("words that fit no time", said("when the children are at school")),
        ("a time written in full", said("बुध 25 नव, 14-16")),
    ]
}

fn photo(name: &str) -> What {
    What::MediumArrived(Arrived {
        medium: name.into(),
        kind: MediumKind::Photo,
        as_document: false,
        caption: None,
    })
}

fn lost(name: &str) -> What {
    What::MediumLost(name.into())
}

fn finding(kind: &str, value: &str) -> Finding {
    Finding {
        kind: kind.to_owned(),
        value: value.into(),
        confidence: 0.9,
        region: None,
        why: "an example".to_owned(),
        analyzer: "example".to_owned(),
        version: "1".to_owned(),
    }
}
