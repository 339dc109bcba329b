//! Confidence intervals without assumptions: draw the pictures again and again, and see how the score moves.
//!
//! Seeded, so that the same answers print the same table.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const DRAWS: usize = 1_000;
const SEED: u64 = 20_261_122;

/// A score with its 95 % interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// `None` when the score cannot be told even from all of them. Draws it cannot be told from are left out.
pub fn interval<T>(pictures: &[T], score: impl Fn(&[&T]) -> Option<f64>) -> Option<Interval> {
    let all: Vec<&T> = pictures.iter().collect();
    let value = score(&all)?;
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut drawn: Vec<f64> = (0..DRAWS)
        .filter_map(|_| {
            let again: Vec<&T> =
                all.iter().filter_map(|_| pictures.get(rng.random_range(0..pictures.len()))).collect();
            score(&again)
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    let at = |per_mille: usize| drawn.get((drawn.len() * per_mille / 1_000).min(drawn.len() - 1)).copied();
    Some(Interval { value, low: at(25).unwrap_or(value), high: at(975).unwrap_or(value) })
}

/// Parts of a whole, picture by picture: errors of characters, hits of codes.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Share {
    pub part: f64,
    pub whole: f64,
}

/// The sum of the parts over the sum of the wholes.
pub fn share<'a>(shares: impl IntoIterator<Item = &'a Share>) -> Option<f64> {
    let (part, whole) =
        shares.into_iter().fold((0.0, 0.0), |(part, whole), each| (part + each.part, whole + each.whole));
    (whole > 0.0).then(|| part / whole)
}

/// [`share`] of all with its interval over pictures.
pub fn share_interval(shares: &[Share]) -> Option<Interval> {
    interval(shares, |drawn| share(drawn.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::{Share, interval, share, share_interval};

    fn half(count: usize) -> Vec<Share> {
        (0..count).map(|n| Share { part: if n % 2 == 0 { 1.0 } else { 0.0 }, whole: 1.0 }).collect()
    }

    #[test]
    fn shares_are_weighted_by_their_wholes() {
        let shares = [Share { part: 1.0, whole: 10.0 }, Share { part: 9.0, whole: 10.0 }];
        assert_eq!(share(&shares), Some(0.5));
        assert_eq!(share(&[]), None);
        assert_eq!(share(&[Share::default()]), None);
    }

    #[test]
    fn more_pictures_narrow_the_interval_and_the_seed_repeats_it() {
        let few = share_interval(&half(20)).expect("a share");
        let many = share_interval(&half(2_000)).expect("a share");
        assert_eq!(few.value, 0.5);
        // Twenty coins: two standard deviations are 0.22.
        assert!(few.low > 0.2 && few.low < 0.4 && few.high > 0.6 && few.high < 0.8, "{few:?}");
        assert!(many.high - many.low < 0.06, "{many:?}");
        assert_eq!(share_interval(&half(20)), Some(few));
    }

    #[test]
    fn certainty_has_no_width_and_nothing_has_no_score() {
        let sure = vec![Share { part: 3.0, whole: 3.0 }; 5];
        let sure = share_interval(&sure).expect("a share");
        assert_eq!((sure.low, sure.value, sure.high), (1.0, 1.0, 1.0));
        assert_eq!(share_interval(&[]), None);
        assert_eq!(interval(&[1], |_| None), None);
    }
}
