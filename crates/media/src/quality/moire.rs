//! Whether a screen was photographed: the grid of its pixels beats with the grid of the sensor.
//!
//! In the spectrum of a small window such a pattern is a lonely peak at a high frequency. Text, cloth and blinds make
//! ridges and rows of peaks at lower ones; JPEG's own grid of eight makes peaks at known places, which are left out.
//! A pattern counts only where several windows of the picture show it.

#![expect(clippy::as_conversions, reason = "indices of a 128 × 128 table as signed frequencies and back")]

use std::f32::consts::PI;

use super::luma::Luma;

const SIDE: usize = 128;

/// In cycles a window: everything coarser belongs to the thing that is shown.
const FREQUENCY_MIN: i32 = 20;

/// So many windows out of nine must show it.
const WINDOWS_MIN: usize = 3;

/// Natural logarithm of how far the third-best window's peak stands above its surroundings; 0 for small pictures.
pub(crate) fn moire(luma: &Luma) -> f32 {
    let mut peaks: Vec<f32> = Vec::new();
    for y in 1..4 {
        for x in 1..4 {
            let from = |side: usize, n: usize| (side * n / 4).checked_sub(SIDE / 2);
            let (Some(left), Some(top)) = (from(luma.width, x), from(luma.height, y)) else { continue };
            if let Some(window) = luma.cut(left..left + SIDE, top..top + SIDE) {
                peaks.push(peak(&spectrum(&window)));
            }
        }
    }
    peaks.sort_by(|a, b| b.total_cmp(a));
    peaks.get(WINDOWS_MIN - 1).copied().unwrap_or(0.0)
}

/// Power, row by row; both axes run from zero over the highest frequency back to minus one.
fn spectrum(window: &Luma) -> Vec<f32> {
    let hann = |n: usize| 0.5 - 0.5 * (2.0 * PI * n as f32 / SIDE as f32).cos();
    let weights: Vec<f32> = (0..SIDE).map(hann).collect();
    let twiddles: Vec<(f32, f32)> =
        (0..SIDE / 2).map(|k| (-2.0 * PI * k as f32 / SIDE as f32).sin_cos()).map(|(s, c)| (c, s)).collect();
    let mean = window.bytes.iter().map(|b| f32::from(*b)).sum::<f32>() / window.bytes.len().max(1) as f32;
    let mut plane: Vec<(f32, f32)> = Vec::with_capacity(SIDE * SIDE);
    for (row, down) in window.rows().zip(&weights) {
        plane.extend(
            row.iter().zip(&weights).map(|(v, across)| ((f32::from(*v) - mean) * down * across, 0.0)),
        );
    }
    plane.chunks_exact_mut(SIDE).for_each(|row| transform(row, &twiddles));
    let mut column = vec![(0.0, 0.0); SIDE];
    let mut power = vec![0.0; SIDE * SIDE];
    for x in 0..SIDE {
        for (value, row) in column.iter_mut().zip(plane.chunks_exact(SIDE)) {
            *value = row.get(x).copied().unwrap_or_default();
        }
        transform(&mut column, &twiddles);
        for (row, value) in power.chunks_exact_mut(SIDE).zip(&column) {
            if let Some(cell) = row.get_mut(x) {
                *cell = value.0 * value.0 + value.1 * value.1;
            }
        }
    }
    power
}

/// Cooley and Tukey's, in place, decimation in time; `SIDE` values.
fn transform(values: &mut [(f32, f32)], twiddles: &[(f32, f32)]) {
    let bits = SIDE.trailing_zeros();
    for n in 0..SIDE {
        let mirrored = n.reverse_bits() >> (usize::BITS - bits);
        if n < mirrored && mirrored < values.len() {
            values.swap(n, mirrored);
        }
    }
    let mut half = 1;
    while half < SIDE {
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for ((a, b), w) in low.iter_mut().zip(high).zip(twiddles.iter().step_by(SIDE / (2 * half))) {
                let turned = (b.0 * w.0 - b.1 * w.1, b.0 * w.1 + b.1 * w.0);
                *b = (a.0 - turned.0, a.1 - turned.1);
                *a = (a.0 + turned.0, a.1 + turned.1);
            }
        }
        half *= 2;
    }
}

/// The loneliest of the strong peaks, against the ninth decile of what surrounds it: a ridge is not lonely.
fn peak(power: &[f32]) -> f32 {
    let side = SIDE as i32;
    let at = |u: i32, v: i32| {
        let cell = v.rem_euclid(side) * side + u.rem_euclid(side);
        power.get(cell as usize).copied().unwrap_or(0.0)
    };
    let is_of_jpeg = |f: i32| (f.rem_euclid(16) + 1).rem_euclid(16) <= 2;
    let mut strong: Vec<(f32, i32, i32)> = Vec::new();
    for v in 0..side / 2 {
        for u in -side / 2 + 1..side / 2 {
            let here = at(u, v);
            let is_fine = u * u + v * v >= FREQUENCY_MIN * FREQUENCY_MIN;
            if is_fine && !(is_of_jpeg(u) && is_of_jpeg(v)) && here > at(u - 1, v) && here >= at(u + 1, v) {
                strong.push((here, u, v));
            }
        }
    }
    strong.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut loneliest = 0.0_f32;
    for (here, u, v) in strong.into_iter().take(8) {
        let mut around = Vec::with_capacity(96);
        for dv in -5..=5_i32 {
            for du in -5..=5_i32 {
                if du.abs() > 2 || dv.abs() > 2 {
                    around.push(at(u + du, v + dv));
                }
            }
        }
        let ninth = super::detail::percentile(&mut around, 0.9);
        loneliest = loneliest.max((here / ninth.max(1.0)).ln());
    }
    loneliest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_a_peak_and_plain_things_are_not() {
        let mut state = 1_u32;
        let mut picture = |shade: &dyn Fn(f32, f32) -> f32| {
            let (width, height) = (640, 480);
            let mut noise = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 16) as f32 / 65_536.0 * 12.0
            };
            let mut shaded = |n: usize| shade((n % width) as f32, (n / width) as f32) + noise();
            let bytes = (0..width * height).map(|n| shaded(n).clamp(0.0, 255.0) as u8).collect();
            moire(&Luma { width, height, bytes })
        };
        let smooth = |x: f32, y: f32| 128.0 + 60.0 * (x / 90.0).sin() * (y / 70.0).cos();
        let grid = picture(&|x, y| smooth(x, y) + 10.0 * (x * 1.9 + y * 0.4).sin());
        let plain = picture(&smooth);
        assert!(grid > plain + 1.5 && grid > 3.0, "{grid} {plain}");
        assert_eq!(moire(&Luma { width: 40, height: 40, bytes: vec![3; 1_600] }), 0.0);
    }
}
