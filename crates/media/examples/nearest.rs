//! How long a desk's hashes take to search: `cargo run --release -p media --example nearest -- [HASHES]`
//!
//! Asks an index of a million hashes for a picture held in all eight ways and for its inner part, and compares each
//! with every hash in the same run. Prints processor time, median and 95th percentile, where all hashes are in the
//! tables, where as many as may be are not, and where pictures look alike (one bit in eight differs from one of a
//! hundred kinds). What both find has to be the same.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a tool for developers on hashes made here"
)]

use std::time::Duration;

use media::{
    Pdq,
    hash::{DISTANCE_MAX, index::Index},
};

const QUESTIONS: usize = 60;

fn main() {
    let count: usize = std::env::args().nth(1).map_or(1_000_000, |n| n.parse().unwrap());
    let mut random = Random(88_172_645_463_325_252);
    let scattered: Vec<Pdq> = (0..count).map(|_| random.hash()).collect();
    measure("just filed", count / 9 * 8, &scattered, &mut random);
    measure("as many loose as may be", count / 9 * 8 + count / 9 * 8 / 8, &scattered, &mut random);
    let kinds: Vec<Pdq> = (0..100).map(|_| random.hash()).collect();
    let alike: Vec<Pdq> = (0..count).map(|n| random.near(kinds[n % kinds.len()])).collect();
    measure("pictures that look alike", count, &alike, &mut random);
}

fn measure(name: &str, count: usize, hashes: &[Pdq], random: &mut Random) {
    let hashes = &hashes[..count.min(hashes.len())];
    let mut index = Index::default();
    let started = cpu_time();
    (0_u128..).zip(hashes).for_each(|(id, hash)| index.insert(id, *hash));
    let filed = cpu_time() - started;
    let (mut asked_of_index, mut scanned) = (Vec::new(), Vec::new());
    for question in 0..QUESTIONS {
        let mut asked: [Pdq; 9] = std::array::from_fn(|_| random.hash());
        asked[question % 9] = hashes[question * 7_919 % hashes.len()];
        asked[question % 9].0[question % 4] ^= 0x0001_0010_0100_1001;
        let (found, took) = timed(|| index.near(&asked, DISTANCE_MAX));
        asked_of_index.push(took);
        let (expect, took) = timed(|| scan(hashes, &asked));
        scanned.push(took);
        let mut ids: Vec<u128> = found.iter().map(|near| near.id).collect();
        ids.sort_unstable();
        assert_eq!(ids, expect);
    }
    println!(
        "{} hashes, {name}: filed in {filed:?}; nine asked at once: index {}, plain scan {}",
        hashes.len(),
        spread(asked_of_index),
        spread(scanned)
    );
}

/// Every hash with every one that is asked for.
fn scan(hashes: &[Pdq], asked: &[Pdq]) -> Vec<u128> {
    let near = |hash: &Pdq| asked.iter().any(|other| other.distance(*hash) <= DISTANCE_MAX);
    (0..).zip(hashes).filter(|(_, hash)| near(hash)).map(|(id, _)| id).collect()
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = cpu_time();
    let done = std::hint::black_box(work());
    (done, cpu_time() - started)
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    format!("{:.1?} (95 %: {:.1?})", times[times.len() / 2], times[times.len() * 95 / 100])
}

fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn hash(&mut self) -> Pdq {
        Pdq(std::array::from_fn(|_| self.next()))
    }

    fn near(&mut self, kind: Pdq) -> Pdq {
        Pdq(kind.0.map(|word| word ^ (self.next() & self.next() & self.next())))
    }
}
