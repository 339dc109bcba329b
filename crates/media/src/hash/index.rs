//! Every hash of a desk, to be asked which are near: exact, in memory, 96 bytes a hash, its id and 4 MiB.
//!
//! Multi-index hashing (Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", 2012): of
//! the sixteen parts of two hashes that differ in fewer than 32 bits, at least one differs in at most one bit. So each
//! part has a table of where it occurs, 17 of its places are looked up, and only what stands there is compared. What
//! came since the tables were made is scanned, and so is everything where hashes crowd together; a test compares all
//! of it with the definition.

use std::{collections::HashSet, ops::Range};

use super::Pdq;

/// `I` names the picture: small and `Copy`, an id or a row number.
#[derive(Clone, Debug)]
pub struct Index<I> {
    hashes: Vec<Pdq>,
    ids: Vec<I>,
    /// Rows that were removed and still stand in the tables.
    gone: HashSet<u32>,
    tables: Tables,
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
        Self { hashes: Vec::new(), ids: Vec::new(), gone: HashSet::new(), tables: Tables::default() }
    }
}

/// So many hashes are scanned in a millisecond or two; tables made anew for fewer would make inserting slow.
const LOOSE_MIN: usize = 65_536;
/// At a million hashes the tables are made anew, in a quarter of a second, after 125,000 more.
const LOOSE_SHARE: usize = 8;
/// Candidates lie far apart in memory: from this share of all on, a scan is as fast.
const CROWD_SHARE: usize = 8;

impl<I: Copy + PartialEq> Index<I> {
    pub fn len(&self) -> usize {
        self.ids.len() - self.gone.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same id may come more than once, with several hashes of one picture.
    pub fn insert(&mut self, id: I, hash: Pdq) {
        self.hashes.push(hash);
        self.ids.push(id);
        let loose = self.hashes.len() - self.tables.settled;
        if loose > LOOSE_MIN.max(self.tables.settled / LOOSE_SHARE) {
            self.settle();
        }
    }

    /// Removes every hash of this id, and says how many there were.
    pub fn remove(&mut self, id: I) -> usize {
        let before = self.gone.len();
        let rows = (0_u32..).zip(&self.ids).filter(|(_, other)| **other == id);
        self.gone.extend(rows.map(|(row, _)| row));
        self.gone.len() - before
    }

    /// Everything within `distance_max` bits of any of `hashes`, the nearest first; an entry once, at its nearest.
    pub fn near(&self, hashes: &[Pdq], distance_max: u32) -> Vec<Near<I>> {
        let mut hits: Vec<Hit> = Vec::new();
        let settled = self.tables.settled;
        for (hold, hash) in hashes.iter().enumerate() {
            let asked = Asked { hash: *hash, hold, distance_max };
            let is_crowded =
                || self.tables.candidates(*hash).map(<[u32]>::len).sum::<usize>() > settled / CROWD_SHARE;
            if distance_max > TABLES_DISTANCE_MAX || is_crowded() {
                self.scan(&asked, 0..settled, &mut hits);
            } else {
                for row in self.tables.candidates(*hash).flatten() {
                    let distance = self.hashes.get(*row as usize).map(|entry| entry.distance(*hash));
                    hits.extend(distance.filter(|d| *d <= distance_max).map(|d| (*row, d, hold)));
                }
            }
            self.scan(&asked, settled..self.hashes.len(), &mut hits);
        }
        hits.sort_unstable();
        hits.dedup_by_key(|hit| hit.0);
        hits.retain(|(row, ..)| !self.gone.contains(row));
        let near =
            |(row, distance, hold): Hit| Some(Near { id: *self.ids.get(row as usize)?, distance, hold });
        let mut found: Vec<Near<I>> = hits.into_iter().filter_map(near).collect();
        found.sort_by_key(|near| near.distance);
        found
    }

    fn scan(&self, asked: &Asked, rows: Range<usize>, hits: &mut Vec<Hit>) {
        const GROUP: usize = 32;
        let Pdq([a, b, ..]) = asked.hash;
        let half = |Pdq([x, y, ..]): &Pdq| (x ^ a).count_ones() + (y ^ b).count_ones();
        let entries = self.hashes.get(rows.clone()).unwrap_or_default();
        for (group, from) in entries.chunks(GROUP).zip((rows.start..).step_by(GROUP)) {
            // Almost always the answer is no; asked of many at once, the compiler counts in parallel.
            let closest = group.iter().map(half).min();
            if closest.is_none_or(|distance| distance > asked.distance_max) {
                continue;
            }
            let distances = group.iter().map(|entry| entry.distance(asked.hash));
            let near = (from as u32..).zip(distances).filter(|(_, distance)| *distance <= asked.distance_max);
            hits.extend(near.map(|(row, distance)| (row, distance, asked.hold)));
        }
    }

    /// Makes the tables of all that is here, and drops what was removed.
    fn settle(&mut self) {
        let gone = std::mem::take(&mut self.gone);
        let mut rows = 0_u32..;
        self.hashes.retain(|_| rows.next().is_none_or(|row| !gone.contains(&row)));
        let mut rows = 0_u32..;
        self.ids.retain(|_| rows.next().is_none_or(|row| !gone.contains(&row)));
        self.tables = Tables::of(&self.hashes);
    }
}

struct Asked {
    hash: Pdq,
    hold: usize,
    distance_max: u32,
}

/// A row, how far it is, and from which of the hashes that were asked for.
type Hit = (u32, u32, usize);

const PARTS: usize = 16;
/// Of 16 bits each.
const PLACES: usize = 1 << 16;
/// Two bits in each part: what the 17 places of a part may miss is farther.
const TABLES_DISTANCE_MAX: u32 = 31;

/// Of the first `settled` rows: which have a part in common. The rows of place `n` are
/// `rows[starts[n]..starts[n + 1]]`, the places of the sixteen parts one after the other; good for 2²⁸ hashes.
#[derive(Clone, Default, Debug)]
struct Tables {
    settled: usize,
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Tables {
    /// A sort by counting.
    fn of(hashes: &[Pdq]) -> Self {
        let mut ends = vec![0_u32; PARTS * PLACES + 1];
        for place in hashes.iter().flat_map(|hash| places(*hash)) {
            if let Some(count) = ends.get_mut(place) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        let mut rows = vec![0; PARTS * hashes.len()];
        for (row, hash) in (0_u32..).zip(hashes) {
            for place in places(*hash) {
                let Some(end) = ends.get_mut(place) else { continue };
                *end -= 1;
                if let Some(target) = rows.get_mut(*end as usize) {
                    *target = row;
                }
            }
        }
        // Each end went down to its start.
        Self { settled: hashes.len(), starts: ends, rows }
    }

    /// The rows that have one of the sixteen parts like this hash or one bit off; some of them several times.
    fn candidates(&self, hash: Pdq) -> impl Iterator<Item = &[u32]> {
        let near = |place: usize| std::iter::once(place).chain((0..16).map(move |bit| place ^ (1 << bit)));
        places(hash).flat_map(near).filter_map(|place| {
            let (start, end) = (self.starts.get(place)?, self.starts.get(place + 1)?);
            self.rows.get(*start as usize..*end as usize)
        })
    }
}

fn places(hash: Pdq) -> impl Iterator<Item = usize> {
    let parts =
        hash.0.into_iter().flat_map(|word| [0, 16, 32, 48].map(|shift| (word >> shift) as usize % PLACES));
    parts.zip((0..).step_by(PLACES)).map(|(part, table)| table + part)
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
            settled in prop::collection::vec(0..120_usize, 0..3),
        ) {
            let mut index = Index::default();
            for (n, (id, hash)) in entries.iter().enumerate() {
                if settled.contains(&n) {
                    index.settle();
                }
                index.insert(*id, *hash);
            }
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

    proptest! {
        /// Far from one another, so that nothing is scanned but the tables are asked.
        #[test]
        fn the_tables_miss_nothing(
            entries in prop::collection::vec(any::<[u64; 4]>(), 20..60),
            flips in prop::collection::hash_set(any::<u8>(), 20..45),
        ) {
            let mut index = Index::default();
            (0..).zip(&entries).for_each(|(id, bits)| index.insert(id, Pdq(*bits)));
            index.settle();
            for (id, bits) in (0..).zip(&entries) {
                let mut asked = Pdq(*bits);
                flips.iter().for_each(|f| asked.0[usize::from(f / 64)] ^= 1 << (f % 64));
                let found: Vec<u32> = index.near(&[asked], DISTANCE_MAX).iter().map(|near| near.id).collect();
                prop_assert_eq!(found, if flips.len() <= 31 { vec![id] } else { vec![] });
            }
        }
    }

    /// Hashes far from one another.
    fn spread(id: u64) -> Pdq {
        Pdq([id.wrapping_mul(0x9E37_79B9_7F4A_7C15); 4])
    }

    /// Two bits in all parts but one, and one in that: the least that the tables have to go by.
    #[test]
    fn the_tables_reach_as_far_as_they_say() {
        for part in 0..16 {
            let mut index = Index::default();
            (0..20).for_each(|id| index.insert(id, spread(id)));
            index.settle();
            let mut asked = spread(7);
            asked.0.iter_mut().for_each(|word| *word ^= 0x8001_8001_8001_8001);
            asked.0[part / 4] ^= 1 << (16 * (part % 4));
            assert_eq!(index.near(&[asked], 31), [Near { id: 7, distance: 31, hold: 0 }]);
            assert_eq!(index.near(&[asked], 30), []);
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
