//! A step of the engine: what a server does of a flow for each message, without the database around it.

use anyhow::{Context as _, Result, ensure};
use flows::{
    engine::{Arrived, Context, Event, Judged, Run, Said, What, step},
    format::{Flow, Language, MediumKind},
    library,
};
use model::{
    clock::Timestamp,
    finding::{Reason, Verdict},
    outbound::WINDOW,
};
use std::time::Instant;

const RUNS: u32 = 20_000;
/// The way that most customers go: a choice, a photo that is too dark, a better one.
const FLOW: &str = "product_defect";

pub fn print() -> Result<()> {
    let flow = library::flow(FLOW).and_then(Result::ok).context("the flow is not in the library")?;
    let now = Timestamp::from_secs(1_795_348_800);
    let context = Context {
        now,
        local: jiff::civil::date(2026, 11, 22).at(12, 0, 0, 0),
        window_closes_at: Some(now.plus(WINDOW)),
        is_desk_open: true,
        contact: Some("Kim".to_owned()),
        tags: Vec::new(),
    };
    let events = events();
    let (mut steps, began) = (0u32, Instant::now());
    for _ in 0..RUNS {
        steps += walk(&flow, &events, &context)?;
    }
    let each = began.elapsed() / steps.max(1);
    println!("a step of the engine: {:.1} µs, the mean of {steps}\n", each.as_secs_f64() * 1e6);
    Ok(())
}

/// One customer; every event is a step.
fn walk(flow: &Flow, events: &[Event], context: &Context) -> Result<u32> {
    let mut run = Run::new(flow, Language::En);
    let mut steps = 0;
    for event in events {
        let (next, actions) = step(flow, run, event, context);
        run = next;
        // Only the arrival of a photo causes nothing yet but an alarm clock.
        ensure!(!actions.is_empty(), "{} causes nothing", event.id);
        steps += 1;
    }
    ensure!(!run.is_over(), "the run is over too soon");
    Ok(steps)
}

fn events() -> Vec<Event> {
    let arrived = |id: &str| {
        let medium = id.into();
        What::MediumArrived(Arrived { medium, kind: MediumKind::Photo, as_document: false, caption: None })
    };
    let judged = |id: &str, verdict, reason| {
        let (findings, side_px) = (Vec::new(), Some(1_200));
        What::MediumJudged(Judged { medium: id.into(), verdict, reason, side_px, findings, transcript: None })
    };
    let all = [
        What::Started { said: Some("it is broken".to_owned()), media: Vec::new() },
        What::CustomerSaid(Said::Text("the washing machine".to_owned())),
        arrived("a"),
        judged("a", Verdict::Retake, Some(Reason::TooDark)),
        arrived("b"),
        judged("b", Verdict::Usable, None),
    ];
    (0..).zip(all).map(|(n, what)| Event { id: format!("event:{n}"), what }).collect()
}
