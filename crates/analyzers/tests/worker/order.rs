//! Who is served first, and who is sent away.

use std::{
    sync::{Arc, Barrier, mpsc},
    thread,
    time::{Duration, Instant},
};

use analyzers::local::worker::{Limits, Look, Part, Pool, PoolError, Urgency};

use super::{Test, common::plain, pictures::children, settings, text_of};

pub const TESTS: &[Test] = &[
    ("order::a_customer_goes_first", a_customer_goes_first),
    (
        "order::too_many_are_refused_and_closing_tells_who_waits",
        too_many_are_refused_and_closing_tells_who_waits,
    ),
    ("order::an_idle_worker_is_ended", an_idle_worker_is_ended),
];

fn look(width: u32, urgency: Urgency) -> Look {
    Look { pixels: plain(width, 1, 0), parts: vec![Part::Text], urgency }
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        thread::yield_now();
    }
}

/// The only worker is busy for `wall_ms` with a picture that never gets an answer; meanwhile the others come.
fn busy(waiting_max: usize) -> Arc<Pool> {
    until("the workers of the test before are gone", || children().is_empty());
    let limits = Limits { wall_ms: 1_500, waiting_max, ..Limits::default() };
    let pool = Arc::new(Pool::new(settings("hang-once", limits)).unwrap());
    let first = Arc::clone(&pool);
    let begun = Arc::new(Barrier::new(2));
    let there = Arc::clone(&begun);
    thread::spawn(move || {
        there.wait();
        assert!(matches!(first.look(look(1, Urgency::Later)), Err(PoolError::TimedOut { .. })));
    });
    begun.wait();
    until("the first picture is taken", || children().len() == 1 && pool.waiting() == (0, 0));
    pool
}

fn a_customer_goes_first() {
    let pool = busy(10);
    let (done, order) = mpsc::channel();
    let threads: Vec<_> =
        [(2, Urgency::Later), (3, Urgency::Later), (4, Urgency::Customer), (5, Urgency::Customer)]
            .into_iter()
            .enumerate()
            .map(|(i, (width, urgency))| {
                let (mine, done) = (Arc::clone(&pool), done.clone());
                let thread = thread::spawn(move || {
                    let seen = mine.look(look(width, urgency)).unwrap();
                    // The worker counts what it answered.
                    done.send((seen.ms["text"], width)).unwrap();
                });
                until("it waits", || pool.waiting().0 + pool.waiting().1 > i);
                thread
            })
            .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
    drop(done);
    let mut order: Vec<(u32, u32)> = order.into_iter().collect();
    order.sort_unstable();
    assert_eq!(order, [(1, 4), (2, 5), (3, 2), (4, 3)]);
}

fn too_many_are_refused_and_closing_tells_who_waits() {
    let pool = busy(1);
    let waiting = Arc::clone(&pool);
    let waits = thread::spawn(move || waiting.look(look(2, Urgency::Later)));
    until("one waits", || pool.waiting() == (0, 1));
    let error = pool.look(look(3, Urgency::Later)).unwrap_err();
    assert!(matches!(error, PoolError::Full { waiting: 1 }), "{error}");
    pool.close();
    assert!(matches!(waits.join().unwrap(), Err(PoolError::Closed)));
    assert!(matches!(pool.look(look(4, Urgency::Customer)), Err(PoolError::Closed)));
}

fn an_idle_worker_is_ended() {
    let limits = Limits { idle_s: 0, ..Limits::default() };
    let pool = Pool::new(settings("count", limits)).unwrap();
    for _ in 0..2 {
        pool.look(text_of(plain(8, 8, 0))).unwrap();
        until("it ends", || children().is_empty());
    }
}
