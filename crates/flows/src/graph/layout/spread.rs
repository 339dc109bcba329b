//! How far apart the spots of a row stand: each as near to the middle of what it is joined to as its neighbours let it.

use super::{
    EDGE_PX, real,
    spots::{Net, Side},
};

const SWEEPS: usize = 24;

pub(super) fn spread(net: &mut Net) {
    let rows = std::mem::take(&mut net.rows);
    for row in &rows {
        place(net, row, &vec![0.0; row.len()]);
    }
    for sweep in 0..SWEEPS {
        if sweep % 2 == 0 {
            rows.iter().for_each(|row| draw_near(net, row, Side::Up));
        } else {
            rows.iter().rev().for_each(|row| draw_near(net, row, Side::Down));
        }
    }
    net.rows = rows;
    let left = net.spots.iter().map(|spot| spot.x - spot.inner.0).fold(f64::INFINITY, f64::min);
    if left.is_finite() {
        net.spots.iter_mut().for_each(|spot| spot.x += EDGE_PX - left);
    }
}

fn draw_near(net: &mut Net, row: &[usize], side: Side) {
    let wish = |spot: &usize| {
        let (near, far) = (net.beside(*spot, side), net.beside(*spot, side.other()));
        let joined = if near.is_empty() { far } else { near };
        let sum: f64 = joined.iter().map(|other| net.x(*other)).sum();
        if joined.is_empty() { net.x(*spot) } else { sum / real(joined.len()) }
    };
    let wished: Vec<f64> = row.iter().map(wish).collect();
    place(net, row, &wished);
}

/// In their order, without touching, as near to the wished middles as possible: neighbours that push each other
/// become a block that shares the error (isotonic regression, by pooling adjacent violators).
fn place(net: &mut Net, row: &[usize], wished: &[f64]) {
    struct Block {
        sum: f64,
        count: usize,
    }
    let middle = |block: &Block| block.sum / real(block.count);
    let mut blocks: Vec<Block> = Vec::new();
    // How far each is from the first when nothing is free between them.
    let (mut tight, mut end) = (Vec::with_capacity(row.len()), 0.0);
    for (spot, wish) in row.iter().filter_map(|spot| net.spots.get(*spot)).zip(wished) {
        let at = end + spot.left;
        end = at + spot.right;
        tight.push(at);
        let mut block = Block { sum: wish - at, count: 1 };
        while let Some(last) = blocks.pop_if(|last| middle(last) > middle(&block)) {
            block.sum += last.sum;
            block.count = block.count.saturating_add(last.count);
        }
        blocks.push(block);
    }
    let shifts = blocks.iter().flat_map(|block| std::iter::repeat_n(middle(block), block.count));
    for ((spot, at), shift) in row.iter().zip(tight).zip(shifts) {
        if let Some(spot) = net.spots.get_mut(*spot) {
            spot.x = at + shift;
        }
    }
}
