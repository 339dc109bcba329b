//! What stands on pictures, and what reading it costs: `cargo run --release -p analyzers --example read -- MODELS FILE…`.
//!
//! A picture is a binary PPM (`P6`), so that no decoder stands between the pixels and the figures. One JSON line a
//! file; the time is the best of `REPEAT` (3). With `ONNXRUNTIME=LIBRARY` every file is read by both runtimes in turn,
//! and the end says what one takes of the other's time and how many files they read alike. `ORT_DISABLE_TELEMETRY=1` has
//! to be set then, because nothing confines this process.

use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use analyzers::local::{
    TextLine,
    models::Models,
    onnxruntime::{Library, NO_TELEMETRY},
    text::{Limits, Reader},
};
use media::Pixels;

type Done<T> = Result<T, Box<dyn std::error::Error>>;

/// The best of several readings.
struct Reading {
    lines: Vec<TextLine>,
    ms: f64,
    cpu_ms: f64,
}

fn main() -> Done<()> {
    let mut args = std::env::args().skip(1);
    let models = Models::at(Path::new(&args.next().ok_or("which models folder?")?));
    let threads = number("THREADS", 2);
    let started = Instant::now();
    let mut readers = vec![("rten", patient(Reader::load(&models, threads)?))];
    eprintln!("loaded in {} ms", started.elapsed().as_millis());
    if let Some(library) = std::env::var_os("ONNXRUNTIME") {
        if std::env::var(NO_TELEMETRY.0).ok().as_deref() != Some(NO_TELEMETRY.1) {
            return Err(format!("set {}={}", NO_TELEMETRY.0, NO_TELEMETRY.1).into());
        }
        let started = Instant::now();
        let library = Library::load(Path::new(&library))?.start()?;
        readers.push(("onnxruntime", patient(Reader::load_on(&library, &models, threads)?)));
        eprintln!("ONNX Runtime {} loaded in {} ms", library.version(), started.elapsed().as_millis());
    }
    let (mut alike, mut count, mut sums) = (0_usize, 0_usize, vec![(0.0, 0.0); readers.len()]);
    for file in args {
        let pixels = ppm(&std::fs::read(&file)?).ok_or("not a binary PPM")?;
        let mut texts = Vec::new();
        for ((runtime, reader), sum) in readers.iter().zip(&mut sums) {
            let Reading { lines, ms, cpu_ms } = best(reader, &pixels)?;
            *sum = (sum.0 + ms, sum.1 + cpu_ms);
            let told: Vec<_> = lines
                .iter()
                .map(|l| serde_json::json!({"text": l.text, "confidence": l.confidence, "quad": l.quad, "block": l.block}))
                .collect();
            writeln!(
                std::io::stdout(),
                "{}",
                serde_json::json!({"file": file, "runtime": runtime, "ms": ms, "cpu_ms": cpu_ms, "lines": told})
            )?;
            texts.push(lines.into_iter().map(|line| line.text).collect::<Vec<_>>());
        }
        texts.dedup();
        (alike, count) = (alike + usize::from(texts.len() == 1), count + 1);
    }
    if let [(ms, cpu_ms), (other_ms, other_cpu_ms)] = sums.as_slice() {
        eprintln!(
            "rten {ms:.0} ms, {cpu_ms:.0} ms of processor; ONNX Runtime {other_ms:.0} ms ({:.2}), {other_cpu_ms:.0} ms \
             ({:.2}); {alike} of {count} files read alike",
            other_ms / ms,
            other_cpu_ms / cpu_ms
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    eprintln!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("no VmHWM"));
    Ok(())
}

/// Figures of a busy machine are figures, too.
fn patient(reader: Reader) -> Reader {
    reader.with_limits(Limits { time_max: Duration::from_secs(600), ..Limits::default() })
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn best(reader: &Reader, pixels: &Pixels) -> Done<Reading> {
    let mut best = Reading { lines: Vec::new(), ms: f64::MAX, cpu_ms: f64::MAX };
    for _ in 0..number("REPEAT", 3) {
        let (started, before) = (Instant::now(), processor_ms());
        best.lines = reader.read(pixels)?;
        best.ms = best.ms.min(started.elapsed().as_secs_f64() * 1e3);
        best.cpu_ms = best.cpu_ms.min(processor_ms() - before);
    }
    Ok(best)
}

/// Processor time of all threads, as the scheduler counts it.
fn processor_ms() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let of = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(path.join("schedstat")).ok()?;
        text.split_ascii_whitespace().next()?.parse::<f64>().ok()
    };
    tasks.filter_map(|task| of(task.path())).sum::<f64>() / 1e6
}

fn ppm(bytes: &[u8]) -> Option<Pixels> {
    let mut parts = bytes.splitn(4, u8::is_ascii_whitespace);
    let magic = parts.next()?;
    let mut number = || std::str::from_utf8(parts.next()?).ok()?.parse().ok();
    let (width, height): (u32, u32) = (number()?, number()?);
    let rest = parts.next()?;
    let start = rest.iter().position(u8::is_ascii_whitespace)? + 1;
    (magic == b"P6").then(|| Pixels { width, height, rgb: rest.get(start..).unwrap_or_default().to_vec() })
}
