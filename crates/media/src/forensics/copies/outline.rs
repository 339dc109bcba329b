//! Places made of blocks: the largest connected one, and the polygon around it.

/// The largest set of blocks that touch each other at a side, of those that are set.
pub(super) fn largest(set: &[Option<f32>], across: usize) -> Vec<[usize; 2]> {
    let mut seen: Vec<bool> = set.iter().map(Option::is_none).collect();
    let mut largest = Vec::new();
    for start in 0..set.len() {
        let mut place = Vec::new();
        let mut open = vec![start];
        while let Some(index) = open.pop() {
            let Some(was_seen) = seen.get_mut(index).filter(|was_seen| !**was_seen) else { continue };
            *was_seen = true;
            let (column, row) = (index % across.max(1), index / across.max(1));
            place.push([column, row]);
            open.extend((column > 0).then(|| index - 1));
            open.extend((column + 1 < across).then_some(index + 1));
            open.extend((row > 0).then(|| index - across));
            open.push(index + across);
        }
        if place.len() > largest.len() {
            largest = place;
        }
    }
    largest
}

/// Width and height in blocks of the rectangle around them.
pub(super) fn sides(blocks: &[[usize; 2]]) -> (usize, usize) {
    let side = |axis: usize| {
        let all = || blocks.iter().filter_map(|block| block.get(axis).copied());
        match (all().min(), all().max()) {
            (Some(least), Some(most)) => most - least + 1,
            _ => 0,
        }
    };
    (side(0), side(1))
}

/// The convex outline, clockwise on a screen (Andrew's monotone chain), with at most so many points.
pub(super) fn hull(mut points: Vec<[f32; 2]>, points_max: usize) -> Vec<[f32; 2]> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    let mut outline = half(points.iter().copied());
    outline.pop();
    let mut back = half(points.iter().rev().copied());
    back.pop();
    outline.extend(back);
    let step = outline.len().div_ceil(points_max).max(1);
    outline.into_iter().step_by(step).collect()
}

fn half(points: impl Iterator<Item = [f32; 2]>) -> Vec<[f32; 2]> {
    let mut chain: Vec<[f32; 2]> = Vec::new();
    for point in points {
        while let [.., a, b] = chain.as_slice() {
            let turn = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]);
            if turn > 0.0 {
                break;
            }
            chain.pop();
        }
        chain.push(point);
    }
    chain
}
