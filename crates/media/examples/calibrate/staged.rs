//! Scenes that are built rather than degraded: a screen seen by a camera, a sheet on a table.

use crate::degrade::{Dice, Scene};

/// The picture as a screen shows it, stripes of red, green and blue with dark gaps, seen by a camera that is held
/// almost straight and has twice the resolution of what is sent on.
pub fn screen(shown: &Scene, dice: &mut Dice) -> Scene {
    const FINE: usize = 2;
    let pitch = dice.scale(1.1, 3.5);
    let (sin, cos) = dice.between(-0.12, 0.12).sin_cos();
    let lean = dice.between(-0.00008, 0.00008);
    let (gap, step) = (dice.between(0.08, 0.2), 1.0 / FINE as f32);
    shown.drawn(shown.width, shown.height, |x, y| {
        let mut seen = [0.0_f32; 3];
        for n in 0..FINE * FINE * 4 {
            let (sub_x, sub_y) = (n % (2 * FINE), n / (2 * FINE));
            let (x, y) = (x + (sub_x as f32 + 0.5) * step / 2.0, y + (sub_y as f32 + 0.5) * step / 2.0);
            let bend = 1.0 + lean * x;
            let (u, v) = ((x * cos - y * sin) * bend / pitch, (x * sin + y * cos) * bend / pitch);
            let (fu, fv) = (u - u.floor(), v - v.floor());
            let light = shown.near((u.floor() + 0.5) * pitch, (v.floor() + 0.5) * pitch);
            let stripe = ((fu * 3.0) as usize).min(2);
            if fv > gap && (fu * 3.0).fract() > gap {
                seen[stripe] += light[stripe] * 3.0;
            }
        }
        seen.map(|s| s / (FINE * FINE * 4) as f32)
    })
}

/// How a sheet lies: corners in shares of the picture, from the top left, clockwise.
pub type Corners = [[f32; 2]; 4];

pub fn whole(dice: &mut Dice) -> Corners {
    let mut near = |a: f32, b: f32| [a + dice.between(-0.04, 0.04), b + dice.between(-0.04, 0.04)];
    [near(0.15, 0.12), near(0.85, 0.12), near(0.87, 0.88), near(0.13, 0.88)]
}

pub fn cut(dice: &mut Dice) -> Corners {
    let mut corners = whole(dice);
    let shift = dice.between(0.25, 0.45);
    let (axis, sign) = ((dice.unit() * 1.99) as usize, if dice.unit() < 0.5 { -1.0 } else { 1.0 });
    corners.iter_mut().for_each(|c| c[axis] += sign * shift);
    corners
}

pub fn tilted(dice: &mut Dice) -> Corners {
    let narrow = dice.between(0.24, 0.34);
    [[narrow + 0.08, 0.25], [1.0 - narrow - 0.08, 0.25], [0.95, 0.9], [0.05, 0.9]]
}

/// On a table that is darker than paper, with a grain of its own.
pub fn table(sheet: &Scene, corners: Corners, dice: &mut Dice) -> Scene {
    let (width, height) = (1_600, 1_200);
    let dark = dice.between(0.03, 0.2);
    let (p, q) = (dice.between(0.01, 0.1), dice.between(0.005, 0.05));
    let inverse = inverse(&square_to(corners.map(|[x, y]| [x * width as f32, y * height as f32])));
    let shade = dice.between(0.0, 0.4);
    sheet.drawn(width, height, |x, y| {
        let w = inverse[6] * x + inverse[7] * y + inverse[8];
        let u = (inverse[0] * x + inverse[1] * y + inverse[2]) / w;
        let v = (inverse[3] * x + inverse[4] * y + inverse[5]) / w;
        let light = 1.0 - shade * x / width as f32;
        if w > 0.0 && (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v) {
            return sheet.between(u * sheet.width as f32, v * sheet.height as f32).map(|c| c * light);
        }
        let wood = dark * (1.0 + 0.4 * (x * p + (y * q).sin() * 3.0).sin());
        [wood * light, wood * 0.8 * light, wood * 0.6 * light]
    })
}

/// The projection of the unit square onto four corners (Heckbert 1989).
fn square_to([a, b, c, d]: Corners) -> [f32; 9] {
    let (sx, sy) = (a[0] - b[0] + c[0] - d[0], a[1] - b[1] + c[1] - d[1]);
    let (dx1, dx2) = (b[0] - c[0], d[0] - c[0]);
    let (dy1, dy2) = (b[1] - c[1], d[1] - c[1]);
    let determinant = dx1 * dy2 - dx2 * dy1;
    let g = (sx * dy2 - dx2 * sy) / determinant;
    let h = (dx1 * sy - sx * dy1) / determinant;
    [
        b[0] - a[0] + g * b[0],
        d[0] - a[0] + h * d[0],
        a[0],
        b[1] - a[1] + g * b[1],
        d[1] - a[1] + h * d[1],
        a[1],
        g,
        h,
        1.0,
    ]
}

/// Up to a factor, which a projection does not see; its sign is kept.
fn inverse(m: &[f32; 9]) -> [f32; 9] {
    let minor = |a: usize, b: usize, c: usize, d: usize| m[a] * m[d] - m[b] * m[c];
    let adjoint = [
        minor(4, 5, 7, 8),
        -minor(1, 2, 7, 8),
        minor(1, 2, 4, 5),
        -minor(3, 5, 6, 8),
        minor(0, 2, 6, 8),
        -minor(0, 2, 3, 5),
        minor(3, 4, 6, 7),
        -minor(0, 1, 6, 7),
        minor(0, 1, 3, 4),
    ];
    let determinant = m[0] * adjoint[0] + m[1] * adjoint[3] + m[2] * adjoint[6];
    adjoint.map(|v| v / determinant)
}
