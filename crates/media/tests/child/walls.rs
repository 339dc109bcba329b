//! What a child that was taken over can do: nothing, and not for long.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use media::{Death, DecodeError, Limits};

use super::{Test, child, decoder, pictures};

pub const TESTS: &[Test] = &[
    ("walls::probe_finds_every_door_shut", probe_finds_every_door_shut),
    ("walls::a_confined_child_can_do_nothing", a_confined_child_can_do_nothing),
    ("walls::memory_and_time_are_bounded", memory_and_time_are_bounded),
    ("walls::a_child_that_does_not_answer_is_ended", a_child_that_does_not_answer_is_ended),
    ("walls::a_lying_child_is_not_believed", a_lying_child_is_not_believed),
    ("walls::a_decoder_that_does_not_start_says_so", a_decoder_that_does_not_start_says_so),
];

/// Enough to fill any pipe, so that a child that does not read is noticed.
fn picture() -> Vec<u8> {
    let mut png = pictures::encode(&pictures::quarters(64, 48), image::ImageFormat::Png);
    png.resize(2_000_000, 0);
    png
}

fn error_of(role: &str, limits: Limits) -> DecodeError {
    let started = Instant::now();
    let error = child(role, limits).inspect(&picture()).expect_err(role);
    assert!(started.elapsed() < Duration::from_secs(15), "{role}: {:?}", started.elapsed());
    assert_nothing_is_left(role);
    error
}

/// No child unreaped, no thread beside those of the test runner.
fn assert_nothing_is_left(role: &str) {
    let left = rustix::process::waitpid(None, rustix::process::WaitOptions::NOHANG);
    assert_eq!(left.unwrap_err(), rustix::io::Errno::CHILD, "{role}: a child is left");
    let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
    assert!(threads <= 2, "{role}: {threads} threads");
}

fn probe_finds_every_door_shut() {
    let confinement = decoder().probe().unwrap();
    assert!(confinement.is_full(), "{}", confinement.describe());
    let strict = child("media-worker", Limits { needs_full_confinement: true, ..Limits::default() });
    assert_eq!(strict.probe().unwrap(), confinement);
    assert_eq!(strict.inspect(&picture()).unwrap().renditions.len(), 2);
}

fn a_confined_child_can_do_nothing() {
    let exe = std::env::current_exe().unwrap();
    let output = Command::new(exe).arg("try-every-door").stdin(Stdio::null()).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let mut lines = told.lines();
    assert_eq!(lines.next(), Some("confined: true"), "{told}");
    assert_eq!(lines.next(), Some("could start a process before: true"), "{told}");
    let doors: Vec<&str> = lines.collect();
    assert_eq!(doors.len(), 19, "{told}");
    for door in doors {
        let expect = if door.starts_with("read what is piped") { "open" } else { "1" };
        assert_eq!(door.rsplit(": ").next(), Some(expect), "{door}\n{told}");
    }
}

fn memory_and_time_are_bounded() {
    let limits = Limits { memory_bytes: 256 * 1024 * 1024, cpu_s: 1, ..Limits::default() };
    let error = error_of("hog-memory", limits);
    assert!(matches!(error, DecodeError::Killed { why: Death::Memory { .. } }), "{error}");
    assert!(error.to_string().contains("256 MiB"), "{error}");
    let error = error_of("burn-cpu", limits);
    assert!(matches!(error, DecodeError::Killed { why: Death::Cpu { limit_s: 1 } }), "{error}");
    assert!(error.is_final() && error.sentence().contains("ask for"), "{}", error.sentence());

    // The real decoder on a real picture that does not fit.
    let tight = child("media-worker", Limits { memory_bytes: 48 * 1024 * 1024, ..Limits::default() });
    let error = tight.inspect(&pictures::jpeg(&pictures::quarters(5_000, 5_000))).unwrap_err();
    assert!(matches!(error, DecodeError::Killed { why: Death::Memory { .. } }), "{error}");
}

fn a_child_that_does_not_answer_is_ended() {
    let limits = Limits { wall_ms: 300, ..Limits::default() };
    for role in ["never-answer", "never-read"] {
        let error = error_of(role, limits);
        assert!(matches!(error, DecodeError::TimedOut { wall_ms: 300 }), "{role}: {error}");
    }
    let error = error_of("answer-for-ever", Limits { output_bytes_max: 100_000, ..Limits::default() });
    assert!(matches!(error, DecodeError::Killed { why: Death::Output { .. } }), "{error}");
    error_of("close-and-live-on", Limits::default());
}

fn a_lying_child_is_not_believed() {
    for role in ["say-nothing", "say-garbage", "say-a-huge-header", "hand-out-html"] {
        let error = error_of(role, Limits::default());
        assert!(matches!(error, DecodeError::Protocol { .. }), "{role}: {error}");
        assert!(!error.is_final());
    }
    let error = error_of("fail", Limits::default());
    assert!(matches!(error, DecodeError::Killed { why: Death::Exit(7) }), "{error}");
}

fn a_decoder_that_does_not_start_says_so() {
    let mut absent = decoder();
    absent.exe = "/nowhere/sportello".into();
    let error = absent.inspect(&picture()).unwrap_err();
    assert!(matches!(error, DecodeError::Start { .. }) && error.to_string().contains("/nowhere"), "{error}");
}
