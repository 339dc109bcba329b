//! What stands on pictures, and what reading it costs: `cargo run --release -p analyzers --example read -- MODELS FILE…`.
//!
//! A picture is a binary PPM (`P6`), so that no decoder stands between the pixels and the figures. One JSON line a
//! file; the time is the best of `REPEAT` (3).

use std::{io::Write, path::Path, time::Instant};

use analyzers::local::{models::Models, text::Reader};
use media::Pixels;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let models = Models::at(Path::new(&args.next().ok_or("which models folder?")?));
    let number = |name: &str, default: usize| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let started = Instant::now();
    let reader = Reader::load(&models, number("THREADS", 2))?;
    eprintln!("loaded in {} ms", started.elapsed().as_millis());
    for file in args {
        let pixels = ppm(&std::fs::read(&file)?).ok_or("not a binary PPM")?;
        let mut lines = Vec::new();
        let (mut ms, mut cpu_ms) = (f64::MAX, u64::MAX);
        for _ in 0..number("REPEAT", 3) {
            let (started, before) = (Instant::now(), processor_ms());
            lines = reader.read(&pixels)?;
            ms = ms.min(started.elapsed().as_secs_f64() * 1e3);
            cpu_ms = cpu_ms.min(processor_ms() - before);
        }
        let lines: Vec<_> = lines
            .iter()
            .map(|l| serde_json::json!({"text": l.text, "confidence": l.confidence, "quad": l.quad, "block": l.block}))
            .collect();
        writeln!(
            std::io::stdout(),
            "{}",
            serde_json::json!({"file": file, "ms": ms, "cpu_ms": cpu_ms, "lines": lines})
        )?;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    eprintln!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("no VmHWM"));
    Ok(())
}

/// Processor time of all threads, in the kernel's ticks of 10 ms.
fn processor_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    after.split_ascii_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum::<u64>() * 10
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
