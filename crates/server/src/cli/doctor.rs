//! `sportello doctor`: looks at everything that can be wrong and says what to mend.

use std::process::ExitCode;

use analyzers::local::text::Runtime;
use channels::whatsapp::client::SendError;
use flows::format::Rollout;
use model::{Clock as _, Ids, SystemClock};
use store::{
    blobs::Blobs,
    keys,
    migrate::{self, Schema},
};

use super::{
    block_on,
    check::without_password,
    form_keys::{self, State},
};
use crate::{
    analysis::Eyes,
    app::{self, Line},
    config::Config,
    guide::needs,
    objects,
    outgoing::Receiver,
};

/// What was found, line by line.
#[derive(Default)]
struct Findings {
    wrong: usize,
}

impl Findings {
    fn good(&mut self, what: &str, detail: impl std::fmt::Display) {
        println!("  ok    {what:<12} {detail}");
    }

    fn warn(&mut self, what: &str, detail: impl std::fmt::Display) {
        println!("  note  {what:<12} {detail}");
    }

    fn bad(&mut self, what: &str, detail: impl std::fmt::Display) {
        self.wrong += 1;
        println!("  WRONG {what:<12} {detail}");
    }
}

pub fn run(config: Config) -> anyhow::Result<ExitCode> {
    block_on(async {
        let mut findings = Findings::default();
        findings.good("config", "read and valid");
        storage(&config, &mut findings).await;
        decoder(&config, &mut findings).await;
        eyes(&config, &mut findings).await;
        whatsapp(&config, &mut findings).await;
        forms(&config, &mut findings).await;
        events(&config, &mut findings);
        guided(&config, &mut findings).await;
        if findings.wrong == 0 {
            println!("nothing is wrong");
            return Ok(ExitCode::SUCCESS);
        }
        println!("{} thing(s) to mend", findings.wrong);
        Ok(ExitCode::FAILURE)
    })
}

async fn storage(config: &Config, findings: &mut Findings) {
    if let Err(error) = std::fs::create_dir_all(&config.data.dir) {
        findings.bad(
            "data",
            format!("{}: {error}; make the folder writable for this user", config.data.dir.display()),
        );
        return;
    }
    let ids = Ids::from_os();
    let now = SystemClock.now();
    let ring = match app::keyring(config, &ids, now) {
        Ok(ring) => ring,
        Err(error) => return findings.bad("master key", error),
    };
    findings.good("master key", format!("current key {}", ring.current_id()));
    let (desk, inbox) = match app::open_databases(config).await {
        Ok(pair) => pair,
        Err(error) => {
            return findings
                .bad("database", format!("{}: {error}", without_password(&config.database_url())));
        }
    };
    for (name, db, schema) in [("database", &desk, Schema::Desk), ("inbox", &inbox, Schema::Inbox)] {
        match migrate::pending(db, schema).await {
            Ok(0) => match db.integrity().await {
                Ok(()) => findings.good(name, "sound, at this version, synced on every commit"),
                Err(error) => findings.bad(name, format!("{error}; restore a backup")),
            },
            Ok(steps) => findings.warn(name, format!("{steps} step(s) behind; the next start takes them")),
            Err(error) => findings.bad(name, error),
        }
    }
    if let Ok(count @ 1..) = keys::unopenable(&desk, &ring).await {
        findings.bad(
            "master key",
            format!(
                "the key of {count} contacts is missing; put the old line back into {}",
                config.master_key_file().display()
            ),
        );
    }
    match objects::open(config) {
        Ok(store) => match Blobs::new(store, ring, std::sync::Arc::new(ids)).healthcheck(now).await {
            Ok(()) => findings.good("blobs", format!("{} takes and gives", config.blobs_url())),
            Err(error) => findings.bad("blobs", error),
        },
        Err(error) => findings.bad("blobs", error),
    }
}

async fn decoder(config: &Config, findings: &mut Findings) {
    let decoder = match app::decoder(config) {
        Ok(decoder) => decoder,
        Err(error) => return findings.bad("decoder", error),
    };
    match tokio::task::spawn_blocking(move || decoder.probe()).await {
        Ok(Ok(confinement)) if confinement.is_full() => findings.good("decoder", confinement.describe()),
        Ok(Ok(confinement)) => {
            findings.warn("decoder", format!("less confined than intended: {}", confinement.describe()))
        }
        Ok(Err(error)) => findings.bad("decoder", error),
        Err(error) => findings.bad("decoder", error),
    }
}

async fn eyes(config: &Config, findings: &mut Findings) {
    if !config.analysis.enabled {
        return findings.warn("analysis", "switched off: nothing is said of what customers send");
    }
    let decoders = std::sync::Arc::new(tokio::sync::Semaphore::new(1));
    let eyes = match Eyes::open(config, decoders) {
        Ok(eyes) => eyes,
        Err(error) => return findings.bad("analysis", error),
    };
    if let Some(clamd) = eyes.clamd() {
        match clamd.version().await {
            Ok(version) => findings.good("malware", version),
            Err(error) => findings.bad("malware", error),
        }
    }
    match tokio::task::spawn_blocking(move || eyes.probe()).await {
        Ok(Ok(ready)) => {
            if ready.unavailable.is_empty() {
                findings.good("analysis", format!("models in {} are whole", config.models_dir().display()));
            }
            for (part, why) in ready.unavailable {
                findings.warn("analysis", format!("{part}: {why}"));
            }
            match (ready.why_not_onnxruntime, ready.runtime) {
                (Some(why), _) => findings.bad("onnxruntime", why),
                (None, Runtime::OnnxRuntime(version)) => {
                    findings.good("onnxruntime", format!("{version} reads text"));
                }
                (None, Runtime::Rten) => {}
            }
        }
        Ok(Err(error)) => findings.bad("analysis", error),
        Err(error) => findings.bad("analysis", error),
    }
}

async fn whatsapp(config: &Config, findings: &mut Findings) {
    let Some(settings) = &config.whatsapp else {
        return findings
            .warn("whatsapp", "not configured: no message can come in; see `sportello config example`");
    };
    let line = match Line::open(settings) {
        Ok(line) => line,
        Err(error) => return findings.bad("whatsapp", error),
    };
    for (account, number) in line.numbers() {
        match number.client.phone_number().await {
            Ok(found) => findings.good("number", format!("{account} is {}", found.display_phone_number)),
            Err(error) => findings.bad("number", format!("{account}: {}", advice(&error))),
        }
        match number.client.subscribed_apps().await {
            Ok(apps) if apps.is_empty() => findings.bad("webhook", format!("{account}: no app is subscribed to the account, so nothing will arrive; subscribe it with POST /{{waba_id}}/subscribed_apps")),
            Ok(apps) => findings.good("webhook", format!("{account}: {} app(s) subscribed; the field `messages` must be on in the app's console", apps.len())),
            Err(error) => findings.bad("webhook", format!("{account}: {}", advice(&error))),
        }
    }
}

/// Forms that come to the endpoint need a key that Meta signed.
async fn forms(config: &Config, findings: &mut Findings) {
    let Some(settings) = &config.whatsapp else { return };
    let with_endpoint = |number: &&crate::config::Number| number.forms.values().any(|form| form.has_endpoint);
    let accounts: Vec<&str> =
        settings.numbers.iter().filter(with_endpoint).map(|number| number.phone_number_id.as_str()).collect();
    let (Ok(line), false) = (Line::open(settings), accounts.is_empty()) else { return };
    let desk = match app::open_databases(config).await {
        Ok((desk, _)) => desk,
        Err(error) => return findings.bad("forms", error),
    };
    for account in accounts {
        let Some(number) = line.number(account) else { continue };
        let state = form_keys::state(&desk, account, &number.client).await;
        let told = format!("{account}: {}", state.sentence(account));
        match state {
            State::Valid => findings.good("forms", told),
            _ => findings.bad("forms", told),
        }
    }
}

/// Nothing is sent: what a made-up event would cause there is not ours to know.
fn events(config: &Config, findings: &mut Findings) {
    match Receiver::open(config) {
        Ok(Some(receiver)) => findings.good("events", format!("signed, to {}", receiver.host())),
        // A flow that needs it is named with the flows.
        Ok(None) => {}
        Err(error) => findings.bad("events", error),
    }
}

/// Flows that are on for somebody ask and tell systems and bots that the configuration has to name.
async fn guided(config: &Config, findings: &mut Findings) {
    // What keeps the database from being read was said above.
    let Ok((desk, _)) = app::open_databases(config).await else { return };
    let Ok(stored) = store::flows::list(&desk).await else { return };
    let off = serde_json::json!(Rollout::Off).to_string();
    let mut on = 0;
    for stored in stored.into_iter().filter(|flow| flow.rollout != off) {
        on += 1;
        let name = format!("{} {}", stored.name, stored.version);
        match flows::check::check(&stored.source) {
            Ok(flow) => {
                needs::missing(&flow, &config.flows)
                    .into_iter()
                    .for_each(|why| findings.bad("flow", format!("{name}: {why}")));
            }
            Err(problems) => {
                findings.bad("flow", format!("{name} has {} problem(s) and is not used", problems.len()));
            }
        }
    }
    findings.good("flows", format!("{on} on"));
}

fn advice(error: &SendError) -> String {
    match error {
        SendError::Refused { code, message, .. } => channels::whatsapp::errors::explain(*code, Some(message)),
        error => format!("{error}; is the machine connected?"),
    }
}
