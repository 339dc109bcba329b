//! Paints over what nobody needs to see: black, never blurred, because a blur can be undone.
//!
//! When in doubt more is painted: each region is widened by a margin, filled as its convex hull (a line that crosses
//! itself leaves no hole), and a region that says nothing about where it is blackens the whole picture.

#![expect(
    clippy::as_conversions,
    reason = "coordinates are clamped to the picture before they become indices"
)]

use model::finding::Region;

use crate::rendition::Pixels;

/// Readers draw their boxes tight around the ink; a card number's last pixel row must not peep out.
pub const MARGIN_PX: f32 = 4.0;

/// Blackens the regions, which are in the coordinates of these pixels (a pixel reaches from its number to the next).
pub fn mask(pixels: &mut Pixels, regions: &[Region]) {
    for region in regions {
        let corners: Vec<[f64; 2]> = region
            .points
            .iter()
            .filter(|point| point.iter().all(|c| c.is_finite()))
            .flat_map(|[x, y]| {
                let margin = f64::from(MARGIN_PX);
                let (x, y) = (f64::from(*x), f64::from(*y));
                [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
                    .map(|(dx, dy)| [x + dx * margin, y + dy * margin])
            })
            .collect();
        if corners.is_empty() {
            pixels.rgb.fill(0);
            return;
        }
        fill(pixels, &hull(corners));
    }
}

/// Andrew's monotone chain; counter-clockwise, without the last point repeated.
fn hull(mut points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    points.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    points.dedup();
    let mut hull = chain(points.iter());
    hull.extend(chain(points.iter().rev()));
    hull
}

fn chain<'a>(points: impl Iterator<Item = &'a [f64; 2]>) -> Vec<[f64; 2]> {
    let mut chain: Vec<[f64; 2]> = Vec::new();
    for point in points {
        while let [.., a, b] = chain.as_slice()
            && (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) <= 0.0
        {
            chain.pop();
        }
        chain.push(*point);
    }
    chain.pop();
    chain
}

/// Every pixel that the convex polygon touches.
fn fill(pixels: &mut Pixels, hull: &[[f64; 2]]) {
    let width = pixels.width as usize;
    if width == 0 {
        return;
    }
    let clamp = |value: f64, side: u32| value.clamp(0.0, f64::from(side)) as usize;
    let top = hull.iter().map(|p| p[1]).fold(f64::MAX, f64::min);
    let bottom = hull.iter().map(|p| p[1]).fold(f64::MIN, f64::max);
    let first = clamp(top.floor(), pixels.height);
    let last = clamp(bottom.ceil(), pixels.height);
    let rows = pixels.rgb.chunks_exact_mut(width * 3).enumerate().skip(first).take(last - first);
    for (y, row) in rows {
        let Some((left, right)) = span(hull, y as f64, (y + 1) as f64) else { continue };
        let (left, right) = (clamp(left.floor(), pixels.width), clamp(right.ceil(), pixels.width));
        row.iter_mut().skip(left * 3).take((right - left) * 3).for_each(|byte| *byte = 0);
    }
}

/// How far the polygon reaches to both sides between two heights.
fn span(hull: &[[f64; 2]], from: f64, to: f64) -> Option<(f64, f64)> {
    let (mut left, mut right) = (f64::MAX, f64::MIN);
    let mut see = |x: f64| (left, right) = (left.min(x), right.max(x));
    for (a, b) in hull.iter().zip(hull.iter().cycle().skip(1)) {
        for point in [a, b] {
            if (from..=to).contains(&point[1]) {
                see(point[0]);
            }
        }
        for height in [from, to] {
            if (a[1] < height) != (b[1] < height) {
                see(a[0] + (b[0] - a[0]) * (height - a[1]) / (b[1] - a[1]));
            }
        }
    }
    (left <= right).then_some((left, right))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIDE: u32 = 96;

    fn white() -> Pixels {
        Pixels { width: SIDE, height: SIDE, rgb: vec![255; (SIDE * SIDE * 3) as usize] }
    }

    fn is_black(pixels: &Pixels, x: u32, y: u32) -> bool {
        let at = ((y * pixels.width + x) * 3) as usize;
        pixels.rgb[at..at + 3] == [0; 3]
    }

    /// The textbook's even-odd rule, which knows nothing of hulls.
    fn is_inside(points: &[[f32; 2]], x: f32, y: f32) -> bool {
        let mut inside = false;
        for (a, b) in points.iter().zip(points.iter().cycle().skip(1)) {
            if (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0] {
                inside = !inside;
            }
        }
        inside
    }

    proptest! {
        #[test]
        fn what_is_inside_is_black_and_what_is_far_is_untouched(
            points in prop::collection::vec((-30.0_f32..130.0, -30.0_f32..130.0).prop_map(|(x, y)| [x, y]), 1..7),
        ) {
            let mut pixels = white();
            mask(&mut pixels, &[Region { page: None, points: points.clone() }]);
            let side = |axis: usize| {
                let all = || points.iter().map(move |p| p[axis]);
                (all().fold(f32::MAX, f32::min), all().fold(f32::MIN, f32::max))
            };
            let ((left, right), (top, bottom)) = (side(0), side(1));
            for y in 0..SIDE {
                for x in 0..SIDE {
                    let (cx, cy) = (x as f32 + 0.5, y as f32 + 0.5);
                    let corner_near = points.iter().any(|p| (p[0] - cx).abs() <= MARGIN_PX && (p[1] - cy).abs() <= MARGIN_PX);
                    if is_inside(&points, cx, cy) || corner_near {
                        prop_assert!(is_black(&pixels, x, y), "{x},{y} shows");
                    }
                    let reach = MARGIN_PX + 1.0;
                    let is_far = cx < left - reach || cx > right + reach || cy < top - reach || cy > bottom + reach;
                    if is_far {
                        prop_assert!(!is_black(&pixels, x, y), "{x},{y} is painted");
                    }
                }
            }
        }
    }

    #[test]
    fn a_slanted_line_of_text_leaves_its_neighbourhood_alone() {
        let mut pixels = white();
        let points = vec![[10.0, 10.0], [80.0, 60.0], [76.0, 66.0], [6.0, 16.0]];
        mask(&mut pixels, &[Region { page: None, points }]);
        assert!(is_black(&pixels, 43, 38) && !is_black(&pixels, 70, 20) && !is_black(&pixels, 20, 60));
    }

    #[test]
    fn a_region_that_says_nothing_hides_everything() {
        for points in [vec![], vec![[f32::NAN, 4.0], [f32::INFINITY, 1.0]]] {
            let mut pixels = white();
            mask(&mut pixels, &[Region { page: None, points }]);
            assert!(pixels.rgb.iter().all(|b| *b == 0));
        }
        let mut pixels = white();
        mask(&mut pixels, &[]);
        assert_eq!(pixels, white());
        let huge =
            Region { page: None, points: vec![[-1e30, -1e30], [1e30, -1e30], [1e30, 1e30], [-1e30, 1e30]] };
        mask(&mut pixels, &[huge]);
        assert!(pixels.rgb.iter().all(|b| *b == 0));
    }
}
