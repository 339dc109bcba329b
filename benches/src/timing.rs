//! Times: collecting them, and the few numbers that stand for them.

use std::time::Duration;

/// Durations in microseconds; sorted once, asked often.
#[derive(Clone, Default, Debug)]
pub struct Timings(Vec<u32>);

impl Timings {
    pub fn add(&mut self, duration: Duration) {
        self.0.push(u32::try_from(duration.as_micros()).unwrap_or(u32::MAX));
    }

    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In milliseconds, by nearest rank; 0 when nothing was measured.
    pub fn percentile_ms(&mut self, percent: usize) -> f64 {
        self.0.sort_unstable();
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
    }
}

/// How many there were of something in each second.
pub fn per_second(count: usize, elapsed: Duration) -> f64 {
    float(count) / elapsed.as_secs_f64().max(f64::EPSILON)
}

/// The middle one; 0 of nothing.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Exact up to four billion, which nothing counted here reaches.
pub fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use super::{Timings, median};
    use std::time::Duration;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let mut timings = Timings::default();
        (1..=200).rev().for_each(|ms| timings.add(Duration::from_millis(ms)));
        assert_eq!(timings.percentile_ms(50), 100.0);
        assert_eq!(timings.percentile_ms(99), 198.0);
        assert_eq!(timings.percentile_ms(100), 200.0);
        assert_eq!(Timings::default().percentile_ms(99), 0.0);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
