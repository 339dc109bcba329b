//! A run with a small world around it, and everything that is asserted of every single step.

use std::{collections::BTreeMap, time::Duration};

use flows::{
    engine::{
        Action, Arrived, At, Call, Context, Ending, Event, Filled, Judged, Outcome, Run, Said, Timer,
        TimerKind, What, step,
    },
    format::{Flow, Language, MediumKind, Step},
};
use model::{
    clock::Timestamp,
    finding::{Finding, Reason, Verdict},
    outbound::{Choice, Outbound, WINDOW},
};
use proptest::{prelude::*, sample::Index};

/// Something that may happen, not yet fitted to where the run stands.
#[derive(Clone, Debug)]
pub enum Chance {
    Words(String),
    /// An option of a question, new or old; or an id that nobody gave out.
    Press(Index),
    Place,
    Sticker,
    Arrives {
        id: u8,
        kind: MediumKind,
        as_document: bool,
        caption: Option<String>,
    },
    Judged {
        id: u8,
        verdict: Verdict,
        reason: Option<Reason>,
        found: Option<String>,
        says: Option<String>,
    },
    Lost(u8),
    /// A form, filled in for whatever answers it names.
    Fills {
        words: String,
        photo: u8,
    },
    Answers {
        late: bool,
        how: u8,
    },
    Rings(Index),
    Stray(u32),
    Passes(u32),
    Starts,
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("yes".to_owned()),
        Just("3".to_owned()),
        Just("yesterday".to_owned()),
        Just("👍".to_owned()),
        Just("it makes a noise and then it stops".to_owned()),
        Just("x".repeat(6_000)),
        Just("{product} {notice} {".to_owned()),
        ".{0,40}",
    ]
}

pub fn chance() -> impl Strategy<Value = Chance> {
    use prop::sample::select;
    let kind = select(vec![
        MediumKind::Photo,
        MediumKind::Photo,
        MediumKind::Video,
        MediumKind::Voice,
        MediumKind::Document,
    ]);
    let verdict = select(vec![Verdict::Usable, Verdict::Usable, Verdict::Doubtful, Verdict::Retake]);
    let reason = select(vec![
        Reason::OutOfFocus,
        Reason::TooDark,
        Reason::Glare,
        Reason::PhotoOfScreen,
        Reason::Unreadable,
    ]);
    let found = select(
        ["entity.serial", "entity.error_code", "text.line", "mrz", "seen.near"].map(str::to_owned).to_vec(),
    );
    prop_oneof![
        4 => words().prop_map(Chance::Words),
        6 => any::<Index>().prop_map(Chance::Press),
        1 => Just(Chance::Place),
        1 => Just(Chance::Sticker),
        4 => (0..12u8, kind, any::<bool>(), prop::option::weighted(0.2, words()))
            .prop_map(|(id, kind, as_document, caption)| Chance::Arrives { id, kind, as_document, caption }),
        4 => (0..12u8, verdict, prop::option::of(reason), prop::option::of(found), prop::option::weighted(0.2, words()))
            .prop_map(|(id, verdict, reason, found, says)| Chance::Judged { id, verdict, reason, found, says }),
        1 => (0..12u8).prop_map(Chance::Lost),
        1 => (words(), 0..12u8).prop_map(|(words, photo)| Chance::Fills { words, photo }),
        3 => (prop::bool::weighted(0.2), 0..7u8).prop_map(|(late, how)| Chance::Answers { late, how }),
        2 => any::<Index>().prop_map(Chance::Rings),
        1 => any::<u32>().prop_map(Chance::Stray),
        2 => (0..100_000u32).prop_map(Chance::Passes),
        1 => Just(Chance::Starts),
    ]
}

/// A run with the world around it.
#[derive(Clone)]
pub struct Life<'f> {
    pub flow: &'f Flow,
    pub run: Run,
    pub context: Context,
    pub timers: Vec<(Timestamp, Timer)>,
    pub options: Vec<(String, String)>,
    pub events: Vec<Event>,
}

impl<'f> Life<'f> {
    pub fn new(flow: &'f Flow, language: Language) -> Self {
        let now = Timestamp::from_secs(1_795_424_400);
        let context = Context {
            now,
            local: jiff::civil::date(2026, 11, 23).at(10, 0, 0, 0),
            window_closes_at: Some(now.plus(WINDOW)),
            is_desk_open: true,
            contact: Some("Zoë".repeat(100)),
            tags: vec![],
        };
        let options = vec![("nobody.1.x".to_owned(), "?".to_owned()), ("+".to_owned(), String::new())];
        Self { flow, run: Run::new(flow, language), context, timers: vec![], options, events: vec![] }
    }

    pub fn started(flow: &'f Flow, language: Language) -> Self {
        let mut life = Self::new(flow, language);
        life.happen(What::Started { said: Some("hello".to_owned()), media: vec![] });
        life
    }

    fn happen(&mut self, what: What) -> Vec<Action> {
        let event = Event { id: format!("event {}", self.events.len()), what };
        self.events.push(event.clone());
        self.deliver(&event)
    }

    /// Takes the event through JSON and through the engine, and looks at everything that comes out.
    pub fn deliver(&mut self, event: &Event) -> Vec<Action> {
        let stored = serde_json::to_string(&self.run).unwrap();
        assert!(stored.len() < 64 * 1024, "a run of {} bytes", stored.len());
        assert!(!stored.contains("X4RTBPFW4"), "the number of an identity paper stays where it was found");
        let run: Run = serde_json::from_str(&stored).unwrap();
        let (next, actions) = step(self.flow, run, event, &self.context);
        let again = step(self.flow, self.run.clone(), event, &self.context);
        assert_eq!((&next, &actions), (&again.0, &again.1), "the same in, the same out, stored or not");
        assert!(actions.len() <= 200, "{} actions", actions.len());
        let is_open = self.context.window_closes_at.is_some_and(|closes| self.context.now < closes);
        for action in &actions {
            match action {
                Action::Send(message) => {
                    within_limits(message);
                    assert!(is_open || !message.needs_window(), "said after the window closed: {message:?}");
                    self.options.extend(options(message).iter().map(|c| (c.id.clone(), c.title.clone())));
                }
                Action::OfferForm { body, otherwise, .. } => {
                    assert!(is_open && (1..=1_024).contains(&body.chars().count()));
                    within_limits(otherwise);
                }
                Action::ShowPicture(_) => assert!(is_open),
                Action::Schedule { timer, at } => {
                    assert!(*at > self.context.now);
                    self.timers.push((*at, *timer));
                }
                _ => {}
            }
        }
        // Whoever is not led to an end is led to a person.
        let is_handed = actions.iter().any(|a| matches!(a, Action::HandOver(_)));
        assert_eq!(
            is_handed,
            next.at == At::Over(Ending::HandedOver)
                && self.run.at != next.at
                && event.what != What::PersonTookOver
        );
        self.run = next;
        actions
    }

    /// The same words for every answer of the flow, and a photo for each.
    fn filled(&self, words: &str, photo: u8) -> Filled {
        let mut filled = Filled::default();
        for (n, (_, step)) in self.flow.steps.0.iter().enumerate() {
            let Step::Ask(ask) = step else { continue };
            filled.words.push((ask.save.clone(), words.to_owned()));
            let medium = format!("file {}", usize::from(photo) + n).into();
            let kind = MediumKind::Photo;
            let arrived = Arrived { medium, kind, as_document: false, caption: None };
            filled.media.push((ask.save.clone(), arrived));
        }
        filled
    }

    fn pass(&mut self, secs: u32) {
        self.context.now = self.context.now.plus(Duration::from_secs(secs.into()));
    }

    pub fn take(&mut self, chance: &Chance) {
        let here = self.run.place;
        let from_customer = matches!(
            chance,
            Chance::Words(_)
                | Chance::Press(_)
                | Chance::Place
                | Chance::Sticker
                | Chance::Arrives { .. }
                | Chance::Fills { .. }
        );
        if from_customer {
            self.context.window_closes_at = Some(self.context.now.plus(WINDOW));
        }
        let what = match chance {
            Chance::Words(text) => What::CustomerSaid(Said::Text(text.clone())),
            Chance::Press(which) => {
                let (id, title) = which.get(&self.options).clone();
                What::CustomerSaid(Said::Choice { id, title })
            }
            Chance::Place => What::CustomerSaid(Said::Location {
                latitude: 45.0,
                longitude: 9.0,
                name: Some("x".repeat(2_000)),
            }),
            Chance::Sticker => What::CustomerSaid(Said::Other),
            Chance::Arrives { id, kind, as_document, caption } => What::MediumArrived(Arrived {
                medium: format!("file {id}").into(),
                kind: *kind,
                as_document: *as_document,
                caption: caption.clone(),
            }),
            Chance::Judged { id, verdict, reason, found, says } => What::MediumJudged(Judged {
                medium: format!("file {id}").into(),
                verdict: *verdict,
                reason: *reason,
                side_px: Some(u32::from(*id) * 100),
                findings: found
                    .iter()
                    .cycle()
                    .take(40 * found.iter().count())
                    .map(|kind| finding(kind))
                    .collect(),
                transcript: says.clone(),
            }),
            Chance::Lost(id) => What::MediumLost(format!("file {id}").into()),
            Chance::Fills { words, photo } => What::FormFilled(self.filled(words, *photo)),
            Chance::Answers { late, how } => {
                let call = Call(if *late { here.saturating_sub(1) } else { here });
                match how {
                    0 => What::LookedUp {
                        call,
                        outcome: Outcome::Found([("points".to_owned(), "9".repeat(9_000))].into()),
                    },
                    1 => What::LookedUp { call, outcome: Outcome::Failed },
                    2 => What::Suggested { call, found: true },
                    3 => What::LookedUp { call, outcome: Outcome::Missing },
                    4 => What::LookedUp {
                        call,
                        outcome: Outcome::Found(brought("slot", 3, "Tue 24 Nov, 9-11")),
                    },
                    5 => What::LookedUp {
                        call,
                        outcome: Outcome::Found(brought("s", 14, &"ओवन\n".repeat(90))),
                    },
                    _ => What::BotDone { call, solved: false },
                }
            }
            Chance::Rings(which) if self.timers.is_empty() => {
                return self.pass(u32::try_from(which.index(60)).unwrap());
            }
            Chance::Rings(which) => {
                let (at, timer) = *which.get(&self.timers);
                self.context.now = self.context.now.max(at);
                What::TimerFired(timer)
            }
            Chance::Stray(place) => What::TimerFired(Timer { place: *place, kind: TimerKind::GiveUp }),
            Chance::Passes(secs) => return self.pass(*secs),
            Chance::Starts => What::Started { said: None, media: vec![] },
        };
        self.happen(what);
    }

    /// Nobody does anything any more: the alarm clocks alone have to bring the run to its end.
    pub fn comes_to_rest(&mut self) {
        for _ in 0..1_000 {
            if self.run.is_over() || self.run.at == At::Start {
                return;
            }
            self.timers.retain(|(_, timer)| timer.place == self.run.place);
            let next = self.timers.iter().copied().min();
            let (at, timer) = next.unwrap_or_else(|| panic!("stranded at {:?}", self.run.at));
            self.timers.retain(|other| *other != (at, timer));
            self.context.now = self.context.now.max(at);
            self.happen(What::TimerFired(timer));
        }
        panic!("it goes on for ever at {:?}", self.run.at);
    }
}

/// Options that are all called the same, an address, a time.
fn brought(word: &str, count: usize, title: &str) -> BTreeMap<String, String> {
    let options = (1..=count).flat_map(|n| {
        [(format!("{word}{n}"), format!("id {n}")), (format!("{word}{n}_title"), title.to_owned())]
    });
    let others = [("url", "https://desk.example/c/1"), ("over_at", "2026-11-24T17:00"), ("amount", "49.90")];
    options.chain(others.map(|(key, value)| (key.to_owned(), value.to_owned()))).collect()
}

fn finding(kind: &str) -> Finding {
    let zone = || serde_json::json!({ "valid": true, "expiry_date": "2030-01-01", "number": "X4RTBPFW4" });
    Finding {
        kind: kind.to_owned(),
        value: if kind == "mrz" { zone() } else { "SN1".repeat(100).into() },
        confidence: 0.9,
        region: None,
        why: String::new(),
        analyzer: "test".to_owned(),
        version: "1".to_owned(),
    }
}

fn options(message: &Outbound) -> Vec<&Choice> {
    match message {
        Outbound::Buttons(b) => b.buttons.iter().collect(),
        Outbound::List(l) => l.sections.iter().flat_map(|s| &s.rows).collect(),
        _ => vec![],
    }
}

/// WhatsApp's own limits, written down here a second time on purpose.
fn within_limits(message: &Outbound) {
    let chars = |what: &str, text: &str, most: usize| {
        assert!(
            (1..=most).contains(&text.chars().count()),
            "{what}: {} of {most}: {text}",
            text.chars().count()
        );
    };
    match message {
        Outbound::Text { body, .. } => chars("text", body, 4_096),
        Outbound::LocationRequest { body } => chars("body", body, 1_024),
        Outbound::Buttons(b) => {
            chars("body", &b.body, 1_024);
            assert!((1..=3).contains(&b.buttons.len()));
            b.buttons.iter().for_each(|c| chars("title", &c.title, 20));
        }
        Outbound::List(l) => {
            chars("body", &l.body, 4_096);
            chars("button", &l.button, 20);
            assert!((1..=10).contains(&options(message).len()));
            options(message).iter().for_each(|c| chars("title", &c.title, 24));
            options(message)
                .iter()
                .filter_map(|c| c.description.as_ref())
                .for_each(|d| chars("description", d, 72));
        }
        Outbound::Template(t) => chars("template", &t.name, 512),
        other => panic!("the engine does not send this: {other:?}"),
    }
    let all = options(message);
    all.iter().for_each(|c| chars("id", &c.id, 200));
    for (n, one) in all.iter().enumerate() {
        assert!(
            all.iter().skip(n + 1).all(|other| other.id != one.id && other.title != one.title),
            "two alike: {one:?}"
        );
    }
}
