//! Workers that were taken over, or are broken.

use std::{
    io::{self, Read, Write},
    process::ExitCode,
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::{Value, json};

/// Answers of this process.
static COUNT: AtomicU32 = AtomicU32::new(0);

pub fn by_name(name: &str) -> Option<fn() -> ExitCode> {
    Some(match name {
        "die-at-large-pictures" => || serve(|width| if width > 50 { std::process::exit(7) } else { seen() }),
        "never-ready" => hang,
        "never-answer" => || serve(|_| loop_for_ever()),
        "say-garbage" => || serve(|_| json!({"hello": 1})),
        "say-a-huge-answer" => || {
            serve(|_| {
                io::stdout().write_all(&u32::MAX.to_le_bytes()).unwrap();
                seen()
            })
        },
        "say-not-a-number" => || {
            serve(|_| {
                let line = json!({"text": "x", "confidence": 0.5, "quad": [[1e30, 0], [0, 0], [0, 0], [0, 0]], "block": 0});
                with("lines", json!([line]))
            })
        },
        "speak-of-other-parts" => || serve(|_| with("failed", json!({"quality": "no"}))),
        "find-what-was-not-asked" => || {
            serve(|_| {
                let finding = json!({"kind": "mrz", "value": "x", "confidence": 1.0, "region": null, "why": "",
                    "analyzer": "a", "version": "1"});
                with("findings", json!([finding]))
            })
        },
        "say-whether-it-would-tell" => || {
            serve(|_| {
                let is_silent = std::env::var("ORT_DISABLE_TELEMETRY").is_ok_and(|value| value == "1");
                with("ms", json!({"text": u32::from(!is_silent)}))
            })
        },
        "count" => || serve(|_| with("ms", json!({"text": COUNT.fetch_add(1, Ordering::Relaxed) + 1}))),
        // The picture of one pixel gets no answer; the others are counted.
        "hang-once" => || {
            serve(|width| match width {
                1 => loop_for_ever(),
                _ => with("ms", json!({"text": COUNT.fetch_add(1, Ordering::Relaxed) + 1})),
            })
        },
        _ => return None,
    })
}

fn hang() -> ExitCode {
    loop_for_ever()
}

fn loop_for_ever() -> ! {
    loop {
        std::thread::park();
    }
}

fn seen() -> Value {
    json!({"lines": [], "unread": 0, "findings": [], "ms": {}, "failed": {}})
}

fn with(key: &str, value: Value) -> Value {
    let mut seen = seen();
    seen[key] = value;
    seen
}

fn serve(answer: fn(u64) -> Value) -> ExitCode {
    let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
    let _setup = read(&mut from);
    let confinement = json!({"landlock": "full", "seccomp": true, "rlimits": true});
    write(
        &mut to,
        &json!({"confinement": confinement, "unavailable": {}, "runtime": "rten", "open_doors": []}),
    );
    while let Some(request) = read(&mut from) {
        let width = request["width"].as_u64().unwrap();
        let bytes = width * request["height"].as_u64().unwrap() * 3;
        io::copy(&mut (&mut from).take(bytes), &mut io::sink()).unwrap();
        write(&mut to, &answer(width));
    }
    ExitCode::SUCCESS
}

fn read(from: &mut impl Read) -> Option<Value> {
    let mut length = [0; 4];
    from.read_exact(&mut length).ok()?;
    let mut json = vec![0; u32::from_le_bytes(length) as usize];
    from.read_exact(&mut json).ok()?;
    serde_json::from_slice(&json).ok()
}

fn write(to: &mut impl Write, message: &Value) {
    let json = message.to_string();
    to.write_all(&(json.len() as u32).to_le_bytes()).unwrap();
    to.write_all(json.as_bytes()).unwrap();
    to.flush().unwrap();
}
