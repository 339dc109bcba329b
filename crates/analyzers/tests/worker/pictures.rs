//! What a worker sees, what it may, and what becomes of one that dies.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use analyzers::local::worker::{Death, Limits, Part, Pool, PoolError};
use media::Pixels;

use super::{
    Test,
    common::{picture, plain},
    pool, settings, text_of,
};

pub const TESTS: &[Test] = &[
    ("pictures::one_worker_reads_picture_after_picture", one_worker_reads_picture_after_picture),
    ("pictures::it_can_do_nothing_else", it_can_do_nothing_else),
    ("pictures::without_models_the_part_says_what_mends_it", without_models_the_part_says_what_mends_it),
    ("pictures::a_worker_that_dies_is_replaced", a_worker_that_dies_is_replaced),
    ("pictures::a_worker_that_hangs_is_ended", a_worker_that_hangs_is_ended),
    ("pictures::a_lying_worker_is_not_believed", a_lying_worker_is_not_believed),
    ("pictures::what_cannot_be_started_or_taken_says_so", what_cannot_be_started_or_taken_says_so),
];

/// The processes that this one started and that live.
pub fn children() -> Vec<String> {
    let own = std::process::id();
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("children")).ok());
    let all: Vec<String> =
        lists.flat_map(|l| l.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(!all.contains(&own.to_string()));
    all
}

/// Peak of resident memory of a process, in MiB.
pub fn peak_mib(pid: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// After the pool is gone, so is every worker.
fn wait_until_childless() {
    let until = Instant::now() + Duration::from_secs(10);
    while !children().is_empty() {
        assert!(Instant::now() < until, "left: {:?}", children());
        std::thread::yield_now();
    }
}

fn one_worker_reads_picture_after_picture() {
    let pool = pool();
    assert_eq!(children().len(), 0, "no worker before there is work");
    let mut workers = Vec::new();
    for (name, expect, lines) in [
        ("screenshot.png", "IT-4471902", 11),
        ("small.png", "pppd[817]", 20),
        ("screenshot.png", "IT-4471902", 11),
    ] {
        let seen = pool.look(text_of(picture(name))).unwrap();
        assert!(seen.lines.iter().any(|line| line.text.contains(expect)), "{name}: {seen:#?}");
        assert_eq!((seen.lines.len(), seen.failed.len(), seen.ms.len()), (lines, 0, 1), "{name}: {seen:#?}");
        workers.push(children());
    }
    assert_eq!(workers[0].len(), 1);
    assert!(workers.iter().all(|w| *w == workers[0]), "the same worker all the time: {workers:?}");
    let peak = peak_mib(&workers[0][0]);
    assert!(peak < 450, "a worker may take 450 MB, this one took {peak} MiB");
    drop(pool);
    wait_until_childless();
}

fn it_can_do_nothing_else() {
    let ready = pool().probe().unwrap();
    assert!(ready.confinement.is_full(), "{}", ready.confinement.describe());
    assert_eq!((ready.open_doors.len(), ready.unavailable.len()), (0, 0), "{ready:?}");
    let mut strict = settings("analysis-worker", Limits::default());
    strict.needs_full_confinement = true;
    let seen = Pool::new(strict).unwrap().look(text_of(picture("screenshot.png"))).unwrap();
    assert_eq!(seen.lines.len(), 11);
}

fn without_models_the_part_says_what_mends_it() {
    let nowhere = tempfile::TempDir::new().unwrap();
    let mut without = settings("analysis-worker", Limits::default());
    without.models = nowhere.path().to_owned();
    let pool = Pool::new(without).unwrap();
    let seen = pool.look(text_of(plain(64, 64, 255))).unwrap();
    let why = &seen.failed[Part::Text.name()];
    assert!(why.contains("missing") && why.contains("cargo dev models"), "{why}");
    assert_eq!(pool.probe().unwrap().unavailable[Part::Text.name()], *why);
}

fn a_worker_that_dies_is_replaced() {
    // The small picture is answered, the large one kills.
    let pool = Pool::new(settings("die-at-large-pictures", Limits::default())).unwrap();
    for _ in 0..2 {
        assert_eq!(pool.look(text_of(plain(8, 8, 0))).unwrap().lines.len(), 0);
        let error = pool.look(text_of(plain(80, 80, 0))).unwrap_err();
        assert!(matches!(error, PoolError::Died { why: Death::Exit(7) }) && error.is_final(), "{error}");
    }
    // The real worker on a real picture, with less memory than it needs.
    let tight = Limits { memory_bytes: 200 * 1024 * 1024, ..Limits::default() };
    let pool = Pool::new(settings("analysis-worker", tight)).unwrap();
    let error = pool.look(text_of(picture("small.png"))).unwrap_err();
    assert!(matches!(error, PoolError::Died { why: Death::Memory { .. } }), "{error}");
    assert!(error.to_string().contains("200 MiB"), "{error}");
    // One picture a worker.
    let mut ones = settings("analysis-worker", Limits { pictures_max: 1, ..Limits::default() });
    ones.models = PathBuf::from("/nowhere");
    let pool = Pool::new(ones).unwrap();
    for _ in 0..3 {
        assert_eq!(pool.look(text_of(plain(8, 8, 0))).unwrap().failed.len(), 1);
    }
    drop(pool);
    wait_until_childless();
}

fn a_worker_that_hangs_is_ended() {
    let limits = Limits { wall_ms: 300, start_ms: 300, ..Limits::default() };
    let started = Instant::now();
    for (role, is_start) in [("never-ready", true), ("never-answer", false)] {
        let pool = Pool::new(settings(role, limits)).unwrap();
        let error = pool.look(text_of(plain(2000, 1000, 0))).unwrap_err();
        match error {
            PoolError::NotReady { start_ms: 300 } if is_start => {}
            PoolError::TimedOut { wall_ms: 300 } if !is_start => {}
            other => panic!("{role}: {other}"),
        }
        drop(pool);
        wait_until_childless();
    }
    assert!(started.elapsed() < Duration::from_secs(10));
}

fn a_lying_worker_is_not_believed() {
    for role in [
        "say-garbage",
        "say-a-huge-answer",
        "say-not-a-number",
        "speak-of-other-parts",
        "find-what-was-not-asked",
    ] {
        let pool = Pool::new(settings(role, Limits::default())).unwrap();
        let error = pool.look(text_of(plain(8, 8, 0))).unwrap_err();
        assert!(matches!(error, PoolError::Protocol { .. }) && !error.is_final(), "{role}: {error}");
    }
}

fn what_cannot_be_started_or_taken_says_so() {
    let mut absent = settings("analysis-worker", Limits::default());
    absent.exe = "/nowhere/sportello".into();
    let error = Pool::new(absent).unwrap().look(text_of(plain(8, 8, 0))).unwrap_err();
    assert!(matches!(error, PoolError::Start { .. }) && error.to_string().contains("/nowhere"), "{error}");
    let small =
        Pool::new(settings("analysis-worker", Limits { pixels_max: 63, ..Limits::default() })).unwrap();
    let error = small.look(text_of(plain(8, 8, 0))).unwrap_err();
    assert!(matches!(error, PoolError::TooLarge { pixels: 64, limit: 63 }), "{error}");
    let broken = Pixels { width: 4, height: 4, rgb: vec![0; 5] };
    assert!(matches!(small.look(text_of(broken)).unwrap_err(), PoolError::Protocol { .. }));
}
