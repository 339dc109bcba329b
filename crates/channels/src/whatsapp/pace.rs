//! How fast we may send: 80 messages a second for a number, one in six seconds to the same customer after a burst of 45.
//!
//! Pure: the caller passes the clock. Each bucket is one number, the time at which it would be full again
//! (the generic cell rate algorithm), so that nothing has to be topped up.

use std::{collections::HashMap, time::Duration};

use model::Timestamp;

/// A rate with its burst: `burst` at once, then one each `interval`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    pub interval: Duration,
    pub burst: u32,
}

/// Meta's throughput of a number that was not upgraded.
pub const PER_NUMBER: Rate = Rate { interval: Duration::from_micros(1_000_000 / 80), burst: 80 };
/// Meta's limit for one customer; the burst is paid back.
pub const PER_PAIR: Rate = Rate { interval: Duration::from_secs(6), burst: 45 };

/// The buckets of one number of ours.
///
/// Memory: a customer is forgotten once their bucket is full again, and the number's own rate bounds how many are not
/// (with the defaults 80/s over 270 s, about 21,600).
#[derive(Debug)]
pub struct Pace {
    per_number: Rate,
    per_pair: Rate,
    number: Bucket,
    pairs: HashMap<String, Bucket>,
    /// How many pairs there may be before the full ones are forgotten.
    prune_at: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(PER_NUMBER, PER_PAIR)
    }
}

impl Pace {
    const PAIRS_KEPT: usize = 1_024;

    pub fn new(per_number: Rate, per_pair: Rate) -> Self {
        Self {
            per_number,
            per_pair,
            number: Bucket::default(),
            pairs: HashMap::new(),
            prune_at: Self::PAIRS_KEPT,
        }
    }

    /// Takes one message to `pair` (the customer) from both buckets, or says when to try again and takes none.
    pub fn reserve(&mut self, pair: &str, now: Timestamp) -> Result<(), Timestamp> {
        let known = self.pairs.get(pair).copied().unwrap_or_default();
        let number = self.number.take(self.per_number, now);
        let pair_bucket = known.take(self.per_pair, now);
        let (number, pair_bucket) = match (number, pair_bucket) {
            (Ok(number), Ok(pair_bucket)) => (number, pair_bucket),
            (number, pair_bucket) => return Err(number.err().max(pair_bucket.err()).unwrap_or(now)),
        };
        self.number = number;
        self.pairs.insert(pair.to_owned(), pair_bucket);
        self.prune(now);
        Ok(())
    }

    fn prune(&mut self, now: Timestamp) {
        if self.pairs.len() >= self.prune_at {
            self.pairs.retain(|_, bucket| bucket.full_at > now);
            self.prune_at = Self::PAIRS_KEPT.max(self.pairs.len().saturating_mul(2));
        }
    }
}

#[derive(Clone, Copy, Default, Debug)]
struct Bucket {
    full_at: Timestamp,
}

impl Bucket {
    fn take(self, rate: Rate, now: Timestamp) -> Result<Self, Timestamp> {
        let whole = rate.interval.saturating_mul(rate.burst);
        // No bucket is emptier than empty: after a clock that went backwards, nobody waits for the old time.
        let full_at = self.full_at.max(now).min(now.plus(whole)).plus(rate.interval);
        if full_at <= now.plus(whole) { Ok(Self { full_at }) } else { Err(full_at.minus(whole)) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp::from_secs(1_795_340_000);

    fn after(ms: u64) -> Timestamp {
        START.plus(Duration::from_millis(ms))
    }

    #[test]
    fn lets_a_burst_of_45_through_to_one_customer_and_then_one_in_six_seconds() {
        let mut pace = Pace::default();
        for n in 0..45 {
            assert_eq!(pace.reserve("a", START), Ok(()), "{n}");
        }
        assert_eq!(pace.reserve("a", START), Err(after(6_000)));
        assert_eq!(pace.reserve("b", START), Ok(()), "another customer is not held up");
        assert_eq!(pace.reserve("a", after(5_999)), Err(after(6_000)));
        assert_eq!(pace.reserve("a", after(6_000)), Ok(()));
        assert_eq!(pace.reserve("a", after(6_000)), Err(after(12_000)));
    }

    #[test]
    fn holds_a_number_to_80_a_second() {
        let mut pace = Pace::default();
        for n in 0..80 {
            assert_eq!(pace.reserve(&n.to_string(), START), Ok(()));
        }
        let again = START.plus(Duration::from_micros(12_500));
        assert_eq!(pace.reserve("another", START), Err(again));
        assert_eq!(pace.reserve("another", again), Ok(()));
    }

    #[test]
    fn a_refused_message_takes_nothing() {
        let mut pace = Pace::new(PER_NUMBER, Rate { interval: Duration::from_secs(6), burst: 1 });
        assert_eq!(pace.reserve("a", START), Ok(()));
        for _ in 0..1_000 {
            assert_eq!(pace.reserve("a", START), Err(after(6_000)));
        }
        for n in 0..79 {
            assert_eq!(pace.reserve(&n.to_string(), START), Ok(()), "{n}");
        }
    }

    #[test]
    fn a_clock_that_goes_back_holds_nobody_for_long() {
        let mut pace = Pace::default();
        for _ in 0..45 {
            assert_eq!(pace.reserve("a", after(3_600_000)), Ok(()));
        }
        assert_eq!(pace.reserve("a", START), Err(after(6_000)));
    }

    #[test]
    fn forgets_customers_whose_bucket_is_full() {
        let mut pace = Pace::default();
        for n in 0u64..100_000 {
            assert_eq!(pace.reserve(&n.to_string(), after(n * 13)), Ok(()));
        }
        assert!(pace.pairs.len() < 2_100, "{}", pace.pairs.len());
    }

    proptest! {
        /// Whoever waits until the stated time gets through, and no stretch of time sees more than rate and burst allow.
        #[test]
        fn never_exceeds_the_rate(waits in proptest::collection::vec(0u64..20_000, 1..200)) {
            let mut pace = Pace::default();
            let (mut now, mut sent) = (START, 0u64);
            for wait in waits {
                now = now.plus(Duration::from_millis(wait));
                if let Err(again) = pace.reserve("a", now) {
                    prop_assert!(again > now);
                    now = again;
                    prop_assert_eq!(pace.reserve("a", now), Ok(()));
                }
                sent += 1;
                prop_assert!(sent <= 45 + now.since(START).as_secs() / 6);
            }
        }
    }
}
