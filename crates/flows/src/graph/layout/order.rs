//! In which order the spots of a row stand: one that crosses few ways.

use super::{
    real,
    spots::{Net, Side},
};

const SWEEPS: usize = 24;

/// Fills the rows. Every sweep sorts them by the middle of what each spot is joined to, from above and from below in
/// turn; the best order is kept.
pub(super) fn order(net: &mut Net) {
    fill(net);
    let mut best = net.rows.clone();
    let mut fewest = crossings(net);
    let mut places = vec![0; net.spots.len()];
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        let rows = net.rows.len();
        if sweep % 2 == 0 {
            (1..rows).for_each(|row| sort(net, &mut places, row, Side::Up));
        } else {
            (0..rows.saturating_sub(1)).rev().for_each(|row| sort(net, &mut places, row, Side::Down));
        }
        let count = crossings(net);
        if count < fewest {
            fewest = count;
            best.clone_from(&net.rows);
        }
    }
    net.rows = best;
    net.sort_joined();
}

/// The order in which a walk from the first step comes to them.
fn fill(net: &mut Net) {
    let mut is_seen = vec![false; net.spots.len()];
    for first in 0..net.spots.len() {
        let mut walk = vec![first];
        while let Some(at) = walk.pop() {
            let Some(is_seen) = is_seen.get_mut(at) else { continue };
            if std::mem::replace(is_seen, true) {
                continue;
            }
            let row = net.row_of(at);
            if let Some(row) = net.rows.get_mut(row) {
                row.push(at);
            }
            walk.extend(net.beside(at, Side::Down).iter().rev());
        }
    }
}

fn sort(net: &mut Net, places: &mut [usize], row: usize, side: Side) {
    let beside = match side {
        Side::Up => row.checked_sub(1),
        Side::Down => row.checked_add(1),
    };
    let Some(beside) = beside.and_then(|beside| net.rows.get(beside)) else { return };
    number(places, beside);
    let Some(spots) = net.rows.get(row) else { return };
    let mut middles: Vec<(f64, usize)> = Vec::with_capacity(spots.len());
    for (at, spot) in spots.iter().enumerate() {
        let joined = net.beside(*spot, side);
        let sum: f64 = joined.iter().filter_map(|other| places.get(*other)).map(|place| real(*place)).sum();
        middles.push((if joined.is_empty() { real(at) } else { sum / real(joined.len()) }, *spot));
    }
    middles.sort_by(|a, b| a.0.total_cmp(&b.0));
    if let Some(spots) = net.rows.get_mut(row) {
        *spots = middles.into_iter().map(|(_, spot)| spot).collect();
    }
}

fn number(places: &mut [usize], row: &[usize]) {
    for (at, spot) in row.iter().enumerate() {
        if let Some(place) = places.get_mut(*spot) {
            *place = at;
        }
    }
}

/// How many ways cross between all rows.
pub(super) fn crossings(net: &Net) -> usize {
    let mut places = vec![0; net.spots.len()];
    let mut count = 0_usize;
    for (above, below) in net.rows.iter().zip(net.rows.iter().skip(1)) {
        number(&mut places, below);
        let mut ends = Vec::new();
        for spot in above {
            let from = ends.len();
            ends.extend(net.beside(*spot, Side::Down).iter().filter_map(|other| places.get(*other).copied()));
            if let Some(own) = ends.get_mut(from..) {
                own.sort_unstable();
            }
        }
        count = count.saturating_add(inversions(&ends, below.len()));
    }
    count
}

/// How many pairs stand the wrong way round, by a Fenwick tree over their places.
fn inversions(ends: &[usize], places: usize) -> usize {
    let mut tree = vec![0_usize; places.saturating_add(1)];
    let mut count = 0_usize;
    for (seen, end) in ends.iter().enumerate() {
        let mut not_behind = 0_usize;
        let mut at = end.saturating_add(1);
        while at > 0 {
            not_behind = not_behind.saturating_add(tree.get(at).copied().unwrap_or(0));
            at &= at.wrapping_sub(1);
        }
        count = count.saturating_add(seen.saturating_sub(not_behind));
        at = end.saturating_add(1);
        while let Some(sum) = tree.get_mut(at) {
            *sum = sum.saturating_add(1);
            at = at.saturating_add(at & at.wrapping_neg());
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_pairs_the_wrong_way_round() {
        assert_eq!(inversions(&[0, 1], 2), 0);
        assert_eq!(inversions(&[1, 0], 2), 1);
        assert_eq!(inversions(&[1, 1, 0, 2, 0], 3), 5);
        assert_eq!(inversions(&[4, 3, 2, 1, 0], 5), 10);
        assert_eq!(inversions(&[], 0), 0);
    }
}
