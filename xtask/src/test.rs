//! Every test of the project, and one line at the end that counts them all.

use crate::{console, machine, models, postgres, run};
use anyhow::{Result, bail};
use std::ffi::OsString;
use std::process::Command;
use std::time::Instant;

/// Enough to catch a careless change; the many are for `cargo dev chaos kill --trials 1000`.
const CHAOS_TRIALS: &str = "30";

pub struct Options {
    /// Only Rust tests whose name contains this.
    filter: Option<String>,
}

impl Options {
    pub fn parse(args: &[OsString]) -> Result<Self> {
        let mut options = Self { filter: None };
        let mut parser = lexopt::Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                lexopt::Arg::Long("filter") => {
                    options.filter = Some(parser.value()?.to_string_lossy().into_owned());
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// Runs every runner even when an earlier one failed: one run shows all that is broken.
/// Returns whether every test passed; the last line printed counts them.
pub fn run(options: &Options) -> Result<bool> {
    let begin = Instant::now();
    machine::need_cpp()?;
    machine::need_tesseract()?;
    console::build()?;
    models::need()?;
    let cluster = run::timed("PostgreSQL", postgres::Cluster::start)?;
    let mut results = vec![rust(options.filter.as_deref(), &cluster)?];
    if options.filter.is_none() {
        results.push(ran("documentation", run::cargo().args(["test", "--workspace", "--doc", "--locked"]))?);
        results.push(ran("console", console::npm().args(["test"]))?);
        run::step("programs", run::cargo().args(["build", "--workspace", "--bins", "--locked"]))?;
        results.push(browser()?);
        results.push(chaos()?);
    }
    drop(cluster);
    println!("\ntests took {:.0} s", begin.elapsed().as_secs_f64());
    Ok(report(&results))
}

/// One runner's verdict.
struct Ran {
    name: &'static str,
    is_success: bool,
    /// The runner's own words, one line a summary.
    closing: Vec<String>,
    passed: u64,
    failed: u64,
}

fn rust(filter: Option<&str>, cluster: &postgres::Cluster) -> Result<Ran> {
    let mut command = run::cargo();
    if run::answers(run::cargo().args(["nextest", "--version"])) {
        command.args(["nextest", "run", "--workspace", "--locked", "--color", run::colour()]);
        command.args(["--features", "server/faults"]);
        command.args(filter.is_none().then_some("--no-tests=pass"));
    } else {
        command.args(["test", "--workspace", "--locked", "--no-fail-fast", "--all-targets"]);
        command.args(["--features", "server/faults"]);
    }
    command.args(filter).env(postgres::URL_VARIABLE, &cluster.url);
    ran("Rust", &mut command)
}

/// The pages in a real browser, against the server that the Rust tests were built with.
fn browser() -> Result<Ran> {
    let chromium = machine::need("Chromium", "chromium", || {
        ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| run::find(name))
    })?;
    let mut command = console::npm();
    command
        .args(["run", "--silent", "e2e"])
        .env("SPORTELLO_BIN", run::target_dir()?.join("debug/sportello"))
        .env("SPORTELLO_CHROMIUM", chromium);
    ran("browser", &mut command)
}

/// The server, killed under load: one more test.
fn chaos() -> Result<Ran> {
    let mut command = Command::new(run::target_dir()?.join("debug/chaos"));
    let mut result = ran("chaos", command.args(["kill", "--trials", CHAOS_TRIALS]))?;
    result.passed = u64::from(result.is_success);
    Ok(result)
}

fn ran(name: &'static str, command: &mut Command) -> Result<Ran> {
    eprintln!("==> {name}");
    let begin = Instant::now();
    let (status, lines) = run::watched(command)?;
    let verdict = if status.success() { "ok" } else { "FAILED" };
    eprintln!("<== {name}: {verdict} in {:.1} s", begin.elapsed().as_secs_f64());
    let closing = closing(lines);
    let count = |word| closing.iter().filter_map(|line| count_before(line, word)).sum();
    let (passed, failed) = (count("passed"), count("failed"));
    if passed + failed == 0 && status.success() && name == "browser" {
        bail!("the browser test ended without saying how many tests passed");
    }
    Ok(Ran { name, is_success: status.success(), closing, passed, failed })
}

fn report(results: &[Ran]) -> bool {
    for result in results {
        for line in &result.closing {
            println!("{}: {}", result.name, line.trim());
        }
        if !result.is_success && result.failed == 0 {
            println!("{}: ended with an error before its tests did", result.name);
        }
    }
    let passed: u64 = results.iter().map(|result| result.passed).sum();
    // A runner that died counts as one failure: the last line must never look green when it is not.
    let failed: u64 = results.iter().map(|result| result.failed.max(u64::from(!result.is_success))).sum();
    println!("{passed} passed, {failed} failed");
    failed == 0
}

/// The lines that sum up a run. A nextest that shows a failed test shows that test's own libtest summary
/// too, and libtest sums up crates without tests: neither is counted.
fn closing(lines: Vec<String>) -> Vec<String> {
    let is_nextest = lines.iter().any(|line| line.trim().starts_with("Summary ["));
    let is_noise = |line: &str| {
        line.trim().starts_with("test result:") && (is_nextest || line.contains(" 0 passed; 0 failed;"))
    };
    lines.into_iter().filter(|line| is_closing(line) && !is_noise(line)).collect()
}

/// The summaries of nextest, of libtest, of vitest and of our browser test.
fn is_closing(line: &str) -> bool {
    let line = line.trim();
    let is_ours = || {
        let mut words = line.split_whitespace();
        words.next().is_some_and(|word| word.parse::<u64>().is_ok()) && words.next() == Some("passed,")
    };
    line.starts_with("Summary [")
        || line.starts_with("chaos: ")
        || line.starts_with("test result:")
        || (line.starts_with("Tests ") && line.ends_with(')'))
        || is_ours()
}

/// The number in front of a word: 12 in "12 tests run: 12 passed, 0 failed" for "passed".
fn count_before(line: &str, word: &str) -> Option<u64> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().position(|candidate| candidate.trim_end_matches([',', ';']) == word)?;
    words.get(at.checked_sub(1)?)?.trim_start_matches('(').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{closing, count_before, is_closing};

    fn check(line: &str, passed: Option<u64>, failed: Option<u64>) {
        assert!(is_closing(line), "{line}");
        assert_eq!((count_before(line, "passed"), count_before(line, "failed")), (passed, failed), "{line}");
    }

    #[test]
    fn every_runners_closing_line_is_counted() {
        check(
            "     Summary [   0.016s] 5 tests run: 4 passed (1 slow), 1 failed, 2 skipped",
            Some(4),
            Some(1),
        );
        check("     Summary [   0.016s] 5 tests run: 5 passed, 0 skipped", Some(5), None);
        check("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured", Some(3), Some(2));
        check("      Tests  1 failed | 11 passed (12)", Some(11), Some(1));
        check("7 passed, 0 failed", Some(7), Some(0));
        assert!(!is_closing("Test Files  3 passed (3)"));
        assert!(!is_closing("every photo passed, none failed"));
    }

    #[test]
    fn a_failure_that_is_shown_is_not_counted_twice() {
        let shown = "test result: FAILED. 0 passed; 1 failed; 0 ignored";
        let summary = "Summary [ 1.0s] 5 tests run: 4 passed, 1 failed, 0 skipped";
        assert_eq!(closing(vec![shown.into(), summary.into()]), [summary]);
        assert_eq!(
            closing(vec![shown.into(), "test result: ok. 0 passed; 0 failed; 0 ignored".into()]),
            [shown]
        );
    }
}
