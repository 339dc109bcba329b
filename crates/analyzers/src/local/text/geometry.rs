//! Points, outlines and the smallest turned rectangle around a set of points.

pub type Point = [f32; 2];

/// Four corners, clockwise from the top left.
pub type Quad = [Point; 4];

pub fn distance(a: Point, b: Point) -> f32 {
    let [ax, ay] = a;
    let [bx, by] = b;
    (ax - bx).hypot(ay - by)
}

/// The longer of the two sides that run along the text, and of the two across.
pub fn size(quad: &Quad) -> (f32, f32) {
    let [a, b, c, d] = *quad;
    (distance(a, b).max(distance(d, c)), distance(a, d).max(distance(b, c)))
}

pub fn centre(quad: &Quad) -> Point {
    let (x, y) = quad.iter().fold((0.0, 0.0), |(x, y), [px, py]| (x + px, y + py));
    [x / 4.0, y / 4.0]
}

/// The same rectangle, begun a corner later for every quarter turn: the text then begins at that corner.
pub fn turned(quad: &Quad, quarters: u8) -> Quad {
    let mut turned = *quad;
    turned.rotate_left(usize::from(quarters % 4));
    turned
}

/// A rectangle that may stand at any angle.
#[derive(Clone, Copy, Debug)]
pub struct Rectangle {
    pub centre: Point,
    /// The direction of `width`, of length one.
    pub along: Point,
    pub width: f32,
    pub height: f32,
}

impl Rectangle {
    /// Clockwise from the corner that is the top left one on the picture.
    pub fn corners(&self) -> Quad {
        let ([x, y], [ux, uy]) = (self.centre, self.along);
        let (ax, ay) = (ux * self.width / 2.0, uy * self.width / 2.0);
        let (bx, by) = (-uy * self.height / 2.0, ux * self.height / 2.0);
        let mut corners = [
            [x - ax - bx, y - ay - by],
            [x + ax - bx, y + ay - by],
            [x + ax + bx, y + ay + by],
            [x - ax + bx, y - ay + by],
        ];
        // The top left one is nearest to the direction of the origin, and so has the smallest sum.
        let first = (0..4_usize).min_by(|a, b| {
            let sum = |i: &usize| corners.get(*i).map_or(f32::MAX, |[x, y]| x + y);
            sum(a).total_cmp(&sum(b))
        });
        corners.rotate_left(first.unwrap_or(0));
        corners
    }
}

/// The convex hull, counted once round. Sorts and thins `points`.
pub fn hull(points: &mut Vec<Point>) -> Vec<Point> {
    points.sort_by(|[ax, ay], [bx, by]| ax.total_cmp(bx).then(ay.total_cmp(by)));
    points.dedup();
    let mut half = chain(points.iter());
    half.pop();
    let mut other = chain(points.iter().rev());
    other.pop();
    half.append(&mut other);
    half
}

fn chain<'a>(points: impl Iterator<Item = &'a Point>) -> Vec<Point> {
    let mut chain: Vec<Point> = Vec::new();
    for point in points {
        while let [.., a, b] = chain.as_slice() {
            let turn = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]);
            if turn > 0.0 {
                break;
            }
            chain.pop();
        }
        chain.push(*point);
    }
    chain
}

/// The rectangle of least area around a convex hull: one of its sides lies on a side of the hull.
pub fn smallest_rectangle(hull: &[Point]) -> Option<Rectangle> {
    let next = hull.iter().cycle().skip(1);
    let around = |(a, b): (&Point, &Point)| {
        let length = distance(*a, *b);
        (length > 1e-3).then(|| bounds(hull, [(b[0] - a[0]) / length, (b[1] - a[1]) / length]))
    };
    let area = |r: &Rectangle| r.width * r.height;
    hull.iter().zip(next).filter_map(around).min_by(|a, b| area(a).total_cmp(&area(b)))
}

fn bounds(hull: &[Point], along: Point) -> Rectangle {
    let [ux, uy] = along;
    let (mut u, mut v) = ((f32::MAX, f32::MIN), (f32::MAX, f32::MIN));
    for [x, y] in hull {
        let (s, t) = (x * ux + y * uy, y * ux - x * uy);
        u = (u.0.min(s), u.1.max(s));
        v = (v.0.min(t), v.1.max(t));
    }
    let (mu, mv) = (f32::midpoint(u.0, u.1), f32::midpoint(v.0, v.1));
    Rectangle { centre: [mu * ux - mv * uy, mu * uy + mv * ux], along, width: u.1 - u.0, height: v.1 - v.0 }
}
