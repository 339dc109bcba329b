//! Pages, screens and labels covered with made-up letters: sharp by construction, and mostly empty, which is what
//! fixed thresholds on sharpness reject.

use media::Pixels;

use crate::degrade::Dice;

/// Drawn at three times the size and averaged, so that edges are as soft as a font's.
const FINE: usize = 3;

pub fn page(seed: u64) -> Pixels {
    let mut dice = Dice::new(seed + 77);
    let (width, height) =
        [(1200, 1600), (720, 1600), (1600, 900), (900, 1200), (640, 480)][seed as usize % 5];
    let is_dark = seed % 3 == 2;
    let paper = if is_dark { dice.between(10.0, 40.0) } else { dice.between(170.0, 255.0) };
    let ink = if is_dark { dice.between(150.0, 250.0) } else { dice.between(0.0, 90.0) };
    let letters: Vec<u64> = (0..40).map(|_| letter(&mut dice)).collect();
    let dot = dice.between(1.2, 4.5);
    let filled = dice.between(0.08, 0.9);
    let mut sheet = vec![paper; width * height * FINE * FINE];
    let mut top = 40.0;
    while top < height as f32 * filled {
        let scale = if dice.unit() < 0.15 { dot * 1.8 } else { dot };
        let mut left = 40.0;
        let end = width as f32 * dice.between(0.3, 0.95);
        while left < end {
            let shape = letters[(dice.unit() * 39.0) as usize];
            if dice.unit() > 0.15 {
                draw(&mut sheet, width, (left, top), scale, shape, ink);
            }
            left += 6.0 * scale;
        }
        top += scale * dice.between(9.0, 16.0);
    }
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            let mut sum = 0.0;
            for dy in 0..FINE {
                for dx in 0..FINE {
                    sum += sheet[(y * FINE + dy) * width * FINE + x * FINE + dx];
                }
            }
            let v = (sum / (FINE * FINE) as f32) as u8;
            rgb.extend_from_slice(&[v, v, v.saturating_sub(6)]);
        }
    }
    Pixels { width: width as u32, height: height as u32, rgb }
}

/// Strokes on a grid of 5 × 7: a column or two, a row or two.
fn letter(dice: &mut Dice) -> u64 {
    let mut bits = 0_u64;
    for _ in 0..3 {
        let at = (dice.unit() * 4.99) as u64;
        (0..7).filter(|_| dice.unit() < 0.85).for_each(|row| bits |= 1 << (row * 5 + at));
        let at = (dice.unit() * 6.99) as u64;
        (0..5).filter(|_| dice.unit() < 0.5).for_each(|column| bits |= 1 << (at * 5 + column));
    }
    bits
}

fn draw(sheet: &mut [f32], width: usize, (left, top): (f32, f32), scale: f32, shape: u64, ink: f32) {
    let fine = FINE as f32;
    for row in 0..7 {
        for column in 0..5 {
            if shape >> (row * 5 + column) & 1 == 0 {
                continue;
            }
            let (x0, y0) = ((left + column as f32 * scale) * fine, (top + row as f32 * scale) * fine);
            for y in y0 as usize..(y0 + scale * fine) as usize {
                for x in x0 as usize..((x0 + scale * fine) as usize).min(width * FINE) {
                    if let Some(dot) = sheet.get_mut(y * width * FINE + x) {
                        *dot = ink;
                    }
                }
            }
        }
    }
}
