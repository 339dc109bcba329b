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
        let mut found = Vec::new();
        let blocks = self.first.chunks(BLOCK).zip(self.second.chunks(BLOCK)).zip(self.ids.chunks(BLOCK));
        for ((first, second), ids) in blocks {
            let mut hits: Vec<(usize, u32, usize)> = Vec::new();
            for (hold, hash) in hashes.iter().enumerate() {
                let [a, b, c, d] = hash.0;
                let half = |[x, y]: &[u64; 2], p: u64, q: u64| (x ^ p).count_ones() + (y ^ q).count_ones();
                for (at, entry) in first.iter().enumerate() {
                    let near = half(entry, a, b);
                    if near <= distance_max
                        && let Some(rest) = second.get(at)
                        && near + half(rest, c, d) <= distance_max
                    {
                        hits.push((at, near + half(rest, c, d), hold));
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
