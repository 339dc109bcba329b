//! Every hash of a desk, to be asked which are near: exact, in memory, 44 bytes a hash.
//!
//! A plain scan, not a tree: the first half of the bits lies in a column of its own, and a hash whose first half alone
//! is too far (almost all of them) is passed over without a look at the rest. Eight million bits a millisecond need no
//! structure that could be wrong or skewed; a test compares it with the definition.

use super::Pdq;

/// `I` names the picture: small and `Copy`, an id or a row number.
#[derive(Clone, Debug)]
pub struct Index<I> {
    first: Vec<[u64; 2]>,
    second: Vec<[u64; 2]>,
    ids: Vec<I>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Near<I> {
    pub id: I,
    pub distance: u32,
    /// Which of the hashes that were asked for: the index into [`super::HOLDS`] when all eight were.
    pub hold: usize,
}

impl<I> Default for Index<I> {
    fn default() -> Self {
        Self { first: Vec::new(), second: Vec::new(), ids: Vec::new() }
    }
}

impl<I: Copy + PartialEq> Index<I> {
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The same id may come more than once, with several hashes of one picture.
    pub fn insert(&mut self, id: I, hash: Pdq) {
        let [a, b, c, d] = hash.0;
        self.first.push([a, b]);
        self.second.push([c, d]);
        self.ids.push(id);
    }

    /// Removes every hash of this id, and says how many there were.
    pub fn remove(&mut self, id: I) -> usize {
        let before = self.ids.len();
        let mut at = 0;
        while at < self.ids.len() {
            if self.ids.get(at) == Some(&id) {
                self.first.swap_remove(at);
                self.second.swap_remove(at);
                self.ids.swap_remove(at);
            } else {
                at += 1;
            }
        }
        before - self.ids.len()
    }

    /// Everything within `distance_max` bits of any of `hashes`, the nearest first; an entry once, at its nearest.
    pub fn near(&self, hashes: &[Pdq], distance_max: u32) -> Vec<Near<I>> {
        /// Small enough to stay in the nearest cache while all hashes are compared with it.
        const BLOCK: usize = 1_024;
        const GROUP: usize = 32;
        let mut found = Vec::new();
        let blocks = self.first.chunks(BLOCK).zip(self.second.chunks(BLOCK)).zip(self.ids.chunks(BLOCK));
        for ((first, second), ids) in blocks {
            let mut hits: Vec<(usize, u32, usize)> = Vec::new();
            for (hold, hash) in hashes.iter().enumerate() {
                let [a, b, c, d] = hash.0;
                let half = |[x, y]: &[u64; 2], p: u64, q: u64| (x ^ p).count_ones() + (y ^ q).count_ones();
                for (n, (first, second)) in first.chunks(GROUP).zip(second.chunks(GROUP)).enumerate() {
                    // Almost always the answer is no; asked of many at once, the compiler counts in parallel.
                    let closest = first.iter().map(|entry| half(entry, a, b)).min();
                    if closest.is_none_or(|distance| distance > distance_max) {
                        continue;
                    }
                    for (at, (one, rest)) in first.iter().zip(second).enumerate() {
                        let distance = half(one, a, b) + half(rest, c, d);
                        if distance <= distance_max {
                            hits.push((n * GROUP + at, distance, hold));
                        }
                    }
                }
            }
            hits.sort_unstable();
            hits.dedup_by_key(|hit| hit.0);
            found.extend(
                hits.into_iter()
                    .filter_map(|(at, distance, hold)| Some(Near { id: *ids.get(at)?, distance, hold })),
            );
        }
        found.sort_by_key(|near| near.distance);
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hash::DISTANCE_MAX;

    /// A few centres and hashes that differ from one of them in a few bits: as near each other as copies are.
    fn crowd() -> impl Strategy<Value = Vec<(u8, Pdq)>> {
        let flips = prop::collection::vec(any::<u8>(), 0..80);
        prop::collection::vec((any::<u8>(), 0..4_u64, flips), 0..120).prop_map(|all| {
            all.into_iter()
                .map(|(id, centre, flips)| {
                    let mut bits =
                        [1, 2, 3, 4].map(|n: u64| (n + 7 * centre).wrapping_mul(0x9E37_79B9_7F4A_7C15));
                    flips.iter().for_each(|f| bits[usize::from(f / 64)] ^= 1 << (f % 64));
                    (id, Pdq(bits))
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn finds_exactly_what_the_definition_says(
            entries in crowd(), gone in any::<u8>(), asked in crowd(), radius in 0..90_u32,
        ) {
            let mut index = Index::default();
            entries.iter().for_each(|(id, hash)| index.insert(*id, *hash));
            let removed = entries.iter().filter(|(id, _)| *id == gone).count();
            prop_assert_eq!(index.remove(gone), removed);
            prop_assert_eq!(index.len(), entries.len() - removed);
            let asked: Vec<Pdq> = asked.iter().take(8).map(|(_, hash)| *hash).collect();
            let mut expect: Vec<(u32, u8)> = entries
                .iter()
                .filter(|(id, _)| *id != gone)
                .filter_map(|(id, hash)| {
                    let nearest = asked.iter().map(|a| a.distance(*hash)).min()?;
                    (nearest <= radius).then_some((nearest, *id))
                })
                .collect();
            let near = index.near(&asked, radius);
            prop_assert!(near.is_sorted_by_key(|n| n.distance));
            let mut got: Vec<(u32, u8)> = near.iter().map(|n| (n.distance, n.id)).collect();
            got.sort_unstable();
            expect.sort_unstable();
            prop_assert_eq!(got, expect);
        }
    }

    #[test]
    fn says_which_of_the_asked_hashes_was_near() {
        let mut index = Index::default();
        index.insert(5_u32, Pdq([0, 0, 0, 0b111]));
        let near = index.near(&[Pdq([u64::MAX; 4]), Pdq([0; 4])], DISTANCE_MAX);
        assert_eq!(near, [Near { id: 5, distance: 3, hold: 1 }]);
        assert!(!index.is_empty());
    }
}
