//! The view (1,600 px) and thumbnail (320 px) of a picture: processor time of Sportello, sharp and libvips.
//!
//! The best of several runs each, one thread, because a busy machine only ever adds. sharp and Sportello are measured
//! inside their processes, `vipsthumbnail` with its start.

use super::report::Table;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::path::Path;
use std::process::Command;

const SHARP: &str = "sharp@0.35.5";
const RUNS: usize = 7;
const SIZES: [&str; 2] = ["4032x3024.jpg", "1600x1200.jpg"];

/// Milliseconds of processor time.
#[derive(Clone, Copy, Deserialize)]
struct Cost {
    both: f64,
    thumbnail: Option<f64>,
}

pub fn section(cache: &Path, alone: bool) -> String {
    let mut table = Table::new(
        "Renditions of a JPEG, ms of processor time, the best of seven runs.",
        &[
            "",
            "12 MP: view and thumbnail",
            "12 MP: thumbnail alone",
            "1600×1200: view and thumbnail",
            "1600×1200: thumbnail alone",
        ],
    );
    let mut missing = Vec::new();
    // sharp makes the pictures, so it goes first.
    let mut rows = vec![("sharp 0.35.5", sharp(cache)), ("Sportello", sportello(cache))];
    if !alone {
        rows.push(("libvips, with its start", libvips(cache)));
    }
    for (name, costs) in rows {
        match costs {
            Ok(costs) => {
                let cells = costs.iter().flat_map(|cost| {
                    let shown = |ms: f64| format!("{ms:.1}");
                    [shown(cost.both), cost.thumbnail.map_or_else(|| "–".to_owned(), shown)]
                });
                table.row(&[name.to_owned()].into_iter().chain(cells).collect::<Vec<_>>());
            }
            Err(why) => missing.push(format!("\n\n{name} was not measured: {why:#}.")),
        }
    }
    format!("{}{}", table.text(), missing.concat())
}

fn sharp(cache: &Path) -> Result<Vec<Cost>> {
    let home = cache.join("sharp");
    std::fs::create_dir_all(&home)?;
    std::fs::write(home.join("renditions.mjs"), include_str!("renditions.mjs"))?;
    if !home.join("node_modules/sharp").is_dir() {
        std::fs::write(home.join("package.json"), r#"{"private":true,"type":"module"}"#)?;
        output(
            Command::new("npm")
                .args(["install", "--no-audit", "--no-fund", "--silent", SHARP])
                .current_dir(&home),
        )?;
    }
    let said = output(
        Command::new("node").arg("renditions.mjs").arg(RUNS.to_string()).args(SIZES).current_dir(&home),
    )?;
    said.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// Through the example of the crate that makes them: `… render 41.2ms CPU, …`, a line a file.
fn sportello(cache: &Path) -> Result<Vec<Cost>> {
    let files = SIZES.map(|size| cache.join("sharp").join(size));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let said = output(
        Command::new(cargo)
            .args(["run", "--release", "--quiet", "--package", "media", "--example", "speed", "--"])
            .args(files),
    )?;
    let costs: Vec<Cost> =
        said.lines().filter_map(rendered_ms).map(|both| Cost { both, thumbnail: None }).collect();
    ensure!(costs.len() == SIZES.len(), "the example `speed` of media said something else: {said}");
    Ok(costs)
}

fn rendered_ms(line: &str) -> Option<f64> {
    let (_, rest) = line.split_once(": render ").or_else(|| line.split_once(" render "))?;
    let (time, _) = rest.split_once(" CPU")?;
    for (unit, factor) in [("ms", 1.0), ("µs", 1e-3), ("s", 1e3)] {
        if let Some(number) = time.strip_suffix(unit) {
            return Some(number.parse::<f64>().ok()? * factor);
        }
    }
    None
}

fn libvips(cache: &Path) -> Result<Vec<Cost>> {
    SIZES
        .iter()
        .map(|size| {
            let home = cache.join("sharp");
            let view = ["--size", "1600x1600>", "--output", "view.jpg[Q=82,strip]", size];
            let thumbnail = ["--size", "320x320", "--output", "thumb.jpg[Q=82,strip]"];
            let alone = best(&home, &[&thumbnail[..], &[size]].concat())?;
            // The thumbnail is made from the view, so the view comes first.
            let view = best(&home, &view)?;
            let of_view = best(&home, &[&thumbnail[..], &["view.jpg"]].concat())?;
            Ok(Cost { both: view + of_view, thumbnail: Some(alone) })
        })
        .collect()
}

fn best(home: &Path, args: &[&str]) -> Result<f64> {
    let script = r#"TIMEFORMAT='%U %S'; time VIPS_CONCURRENCY=1 vipsthumbnail "$@""#;
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        let done = Command::new("bash")
            .args(["-c", script, "bash"])
            .args(args)
            .env("LC_ALL", "C")
            .current_dir(home)
            .output()?;
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        ensure!(
            done.status.success(),
            "{} (`apt-get install -y --no-install-recommends libvips-tools` installs it)",
            said.lines().next().unwrap_or("no reason given")
        );
        let last = said.lines().last().unwrap_or_default();
        let seconds: f64 = last.split(' ').filter_map(|number| number.parse::<f64>().ok()).sum();
        least = least.min(seconds * 1_000.0);
    }
    Ok(least)
}

fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("{name} is missing"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} failed: {}", errors.lines().last().unwrap_or("no reason given"));
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::rendered_ms;

    #[test]
    fn times_come_with_their_units() {
        let line = "a.jpg: image/jpeg Some(1)×Some(2), 3 bytes: render 41.25ms CPU, inspect 50ms wall, None";
        assert_eq!(rendered_ms(line), Some(41.25));
        assert_eq!(rendered_ms("x: render 1.5s CPU"), Some(1_500.0));
        assert_eq!(rendered_ms("nothing"), None);
    }
}
