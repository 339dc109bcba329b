//! How far apart the spots of a row stand: each as near to the middle of what it is joined to as its neighbours let it.

use super::{
    EDGE_PX, real,
    spots::{Net, Side},
};

const SWEEPS: usize = 24;
const LINK_WEIGHT: f64 = 8.0;

pub(super) fn spread(net: &mut Net) {
    let rows = std::mem::take(&mut net.rows);
    for row in &rows {
        let nowhere: Vec<Wish> = row.iter().map(|_| Wish { x: 0.0, weight: 1.0 }).collect();
        place(net, row, &nowhere);
    }
    for sweep in 0..SWEEPS {
        if sweep % 2 == 0 {
            rows.iter().for_each(|row| draw_near(net, row, Side::Up));
        } else {
            rows.iter().rev().for_each(|row| draw_near(net, row, Side::Down));
        }
    }
    rows.iter().for_each(|row| straighten(net, row));
    net.rows = rows;
    let left = net.spots.iter().map(|spot| spot.x - spot.inner.0).fold(f64::INFINITY, f64::min);
    if left.is_finite() {
        net.spots.iter_mut().for_each(|spot| spot.x += EDGE_PX - left);
    }
}

fn draw_near(net: &mut Net, row: &[usize], side: Side) {
    let wishes: Vec<Wish> = row.iter().map(|spot| wish(net, *spot, side)).collect();
    place(net, row, &wishes);
}

struct Wish {
    x: f64,
    weight: f64,
}

/// Where the ways to what it is joined to would be straight, from where they leave there to where they meet it.
fn wish(net: &Net, spot: usize, side: Side) -> Wish {
    let side = if net.beside(spot, side).is_empty() { side.other() } else { side };
    let joined = net.beside(spot, side);
    let straight =
        |other: &usize| net.x(*other) + net.port(*other, spot, side.other()) - net.port(spot, *other, side);
    let sum: f64 = joined.iter().map(straight).sum();
    let x = if joined.is_empty() { net.x(spot) } else { sum / real(joined.len()) };
    Wish { x, weight: if is_link(net, spot, side) { LINK_WEIGHT } else { 1.0 } }
}

/// The only way there is the only way here: that is straight rather than a fan even.
fn is_link(net: &Net, spot: usize, side: Side) -> bool {
    let [other] = net.beside(spot, side) else { return false };
    net.beside(*other, side.other()).len() == 1
}

/// At last a spot below its only neighbour stands straight below it when nothing is in between.
fn straighten(net: &mut Net, row: &[usize]) {
    let mut free_from = f64::NEG_INFINITY;
    for (at, spot) in row.iter().enumerate() {
        let Some(own) = net.spots.get(*spot) else { continue };
        let next = row.get(at.saturating_add(1)).and_then(|next| net.spots.get(*next));
        let least = free_from + own.left;
        let most = next.map_or(f64::INFINITY, |next| next.x - next.left - own.right);
        let x = if is_link(net, *spot, Side::Up) { wish(net, *spot, Side::Up).x } else { own.x };
        // What was placed before has room: the bounds do not cross by more than the exactness of numbers.
        let x = x.min(most).max(least);
        if let Some(own) = net.spots.get_mut(*spot) {
            own.x = x;
            free_from = x + own.right;
        }
    }
}

/// In their order, without touching, as near to the wished middles as possible: neighbours that push each other
/// become a block that shares the error (isotonic regression, by pooling adjacent violators).
fn place(net: &mut Net, row: &[usize], wishes: &[Wish]) {
    struct Block {
        sum: f64,
        weight: f64,
        count: usize,
    }
    let middle = |block: &Block| block.sum / block.weight;
    let mut blocks: Vec<Block> = Vec::new();
    // How far each is from the first when nothing is free between them.
    let (mut tight, mut end) = (Vec::with_capacity(row.len()), 0.0);
    for (spot, wish) in row.iter().filter_map(|spot| net.spots.get(*spot)).zip(wishes) {
        let at = end + spot.left;
        end = at + spot.right;
        tight.push(at);
        let mut block = Block { sum: (wish.x - at) * wish.weight, weight: wish.weight, count: 1 };
        while let Some(last) = blocks.pop_if(|last| middle(last) > middle(&block)) {
            block.sum += last.sum;
            block.weight += last.weight;
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
