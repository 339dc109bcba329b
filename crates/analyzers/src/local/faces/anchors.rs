//! From the network's numbers to faces.
//!
//! Each anchor says how sure it is of a face near it, and where: middle, size, and six points of it (eyes, nose,
//! mouth, ears), in pixels of the shown picture from the anchor's own place.

#![expect(clippy::as_conversions, reason = "indices of two small fixed grids")]

/// Cells of a side, and anchors of a cell.
const GRIDS: [(usize, usize); 2] = [(16, 2), (8, 6)];
const SIDE_PX: f32 = 128.0;
/// What a second anchor must have said of the same face.
const SECOND_SCORE_MIN: f32 = 0.4;
/// Of the smaller box, that lies in the other.
const SAME: f32 = 0.5;

/// In shares of the shown picture, or in pixels of the whole one.
#[derive(Clone, Copy, Debug)]
pub struct Face {
    pub middle: [f32; 2],
    pub size: [f32; 2],
    pub score: f32,
}

impl Face {
    /// Left, top, right, bottom.
    pub fn sides(&self) -> [f32; 4] {
        let ([x, y], [wide, high]) = (self.middle, self.size);
        [x - wide / 2.0, y - high / 2.0, x + wide / 2.0, y + high / 2.0]
    }

    fn is_same(&self, other: &Self) -> bool {
        let ([left, top, right, bottom], [l, t, r, b]) = (self.sides(), other.sides());
        let shared = (right.min(r) - left.max(l)).max(0.0) * (bottom.min(b) - top.max(t)).max(0.0);
        let area = |face: &Self| face.size[0] * face.size[1];
        shared > SAME * area(self).min(area(other))
    }
}

/// The faces that the network is at least this sure of.
pub fn faces(scores: &[f32], boxes: &[f32], sure: f32) -> Vec<Face> {
    let (rows, _) = boxes.as_chunks::<16>();
    let seen: Vec<Face> = places()
        .zip(scores)
        .zip(rows)
        .filter_map(|((place, &score), row)| {
            let score = 1.0 / (1.0 + (-score.clamp(-80.0, 80.0)).exp());
            (score >= SECOND_SCORE_MIN && stands_like_a_face(row)).then(|| face(place, row, score))
        })
        .collect();
    seen.iter()
        .filter(|face| face.score >= sure && seen.iter().filter(|other| face.is_same(other)).count() > 1)
        .copied()
        .collect()
}

/// One for each face: the surest, its box the mean of those that see the same, weighted by how sure they are.
pub fn merged(mut found: Vec<Face>) -> Vec<Face> {
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut merged = Vec::new();
    while let Some(&best) = found.first() {
        let (same, others): (Vec<Face>, Vec<Face>) = found.into_iter().partition(|face| best.is_same(face));
        let weight: f32 = same.iter().map(|face| face.score).sum();
        let mean = |of: fn(&Face) -> [f32; 2]| {
            same.iter().fold([0.0_f32; 2], |[x, y], face| {
                let [own_x, own_y] = of(face);
                [x + own_x * face.score / weight, y + own_y * face.score / weight]
            })
        };
        merged.push(Face { middle: mean(|face| face.middle), size: mean(|face| face.size), ..best });
        found = others;
    }
    merged
}

fn places() -> impl Iterator<Item = [f32; 2]> {
    GRIDS.into_iter().flat_map(|(cells, each)| {
        (0..cells * cells * each).map(move |index| {
            let (column, row) = ((index / each) % cells, index / each / cells);
            [(column as f32 + 0.5) / cells as f32, (row as f32 + 0.5) / cells as f32]
        })
    })
}

fn face(place: [f32; 2], row: &[f32; 16], score: f32) -> Face {
    let [x, y, wide, high, ..] = row.map(|value| value / SIDE_PX);
    Face { middle: [place[0] + x, place[1] + y], size: [wide.abs(), high.abs()], score }
}

/// Eyes apart by a part of the face's width, the mouth below them by as much.
fn stands_like_a_face(row: &[f32; 16]) -> bool {
    let [_, _, wide, _, right_x, right_y, left_x, left_y, _, _, mouth_x, mouth_y, ..] = *row;
    let (eyes_x, eyes_y) = (left_x - right_x, left_y - right_y);
    let apart = eyes_x.hypot(eyes_y);
    let (down_x, down_y) = (mouth_x - (left_x + right_x) / 2.0, mouth_y - (left_y + right_y) / 2.0);
    // Across the line of the eyes: positive is below them in a face that stands upright.
    let below = (eyes_x * down_y - eyes_y * down_x) / apart.max(0.1);
    (0.15..0.8).contains(&(apart / wide.abs().max(0.1)))
        && below > 0.3 * apart
        && below < 2.5 * apart.max(0.2 * wide)
}
