//! What is shown on a plain ground of one brightness: a picture in a gallery's black bars, a screenshot of a photo.

use crate::quality::Luma;

/// The longest run of rows that are not ground, and of its columns (a status bar or a caption is a shorter run).
/// `None` when there is no ground, or when hardly anything else is there.
pub(super) fn within(luma: &Luma) -> Option<Luma> {
    let rows: Vec<(u8, u8)> = luma.rows().map(|row| range(row.iter())).collect();
    let ground = [rows.first(), rows.last()]
        .into_iter()
        .flatten()
        .find(|(low, high)| high - low <= PLAIN)
        .map_or_else(|| plain_side(luma), |(low, _)| Some(*low))?;
    let is_ground = |(low, high): &(u8, u8)| {
        high.saturating_sub(*low) <= PLAIN && low.abs_diff(ground) <= PLAIN && high.abs_diff(ground) <= PLAIN
    };
    let down = longest_run(rows.iter().map(|r| !is_ground(r)));
    let mut columns = vec![(u8::MAX, u8::MIN); luma.width];
    for row in luma.rows().skip(down.start).take(down.len()) {
        columns.iter_mut().zip(row).for_each(|(r, v)| *r = (r.0.min(*v), r.1.max(*v)));
    }
    let across = longest_run(columns.iter().map(|c| !is_ground(c)));
    let is_cut = down.len() * 100 < luma.height * 98 || across.len() * 100 < luma.width * 98;
    let is_enough = down.len() * 5 > luma.height && across.len() * 5 > luma.width;
    if is_cut && is_enough { luma.cut(across, down) } else { None }
}

/// Brightness may differ by this within a border: JPEG's grain.
const PLAIN: u8 = 12;

fn range<'a>(values: impl Iterator<Item = &'a u8>) -> (u8, u8) {
    values.fold((u8::MAX, u8::MIN), |(low, high), v| (low.min(*v), high.max(*v)))
}

/// The brightness of the first or last column, when it is plain: bars at the sides.
fn plain_side(luma: &Luma) -> Option<u8> {
    let of = |side: fn(&[u8]) -> Option<&u8>| range(luma.rows().filter_map(side));
    [of(<[u8]>::first), of(<[u8]>::last)]
        .into_iter()
        .find(|(low, high)| high.saturating_sub(*low) <= PLAIN)
        .map(|(low, _)| low)
}

fn longest_run(is_in: impl Iterator<Item = bool>) -> std::ops::Range<usize> {
    let (mut best, mut start) = (0..0, None);
    let mut end = |start: &mut Option<usize>, at: usize| {
        if let Some(from) = start.take()
            && at - from > best.len()
        {
            best = from..at;
        }
    };
    let mut at = 0;
    for is_in in is_in {
        if is_in {
            start.get_or_insert(at);
        } else {
            end(&mut start, at);
        }
        at += 1;
    }
    end(&mut start, at);
    best
}
