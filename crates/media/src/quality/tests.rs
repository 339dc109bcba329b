//! Pictures made here, through the measures, to the advice.

#![expect(clippy::as_conversions, reason = "pixels of made pictures")]

use model::finding::{Reason, Verdict};
use proptest::prelude::*;

use super::*;

/// Overlapping boxes of many shades: edges in every place, some of them slanted.
fn boxes(width: u32, height: u32) -> Pixels {
    let mut state = 12_345_u32;
    let mut random = move |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let shapes: Vec<[u32; 6]> = (0..260)
        .map(|_| {
            [
                random(width),
                random(height),
                8 + random(width / 8),
                8 + random(height / 8),
                20 + random(210),
                random(3),
            ]
        })
        .collect();
    let mut grey = vec![90_u8; (width * height) as usize];
    for [x0, y0, w, h, shade, lean] in shapes {
        for y in y0..(y0 + h).min(height) {
            let shift = (y - y0) * lean / 2;
            for x in (x0 + shift)..(x0 + shift + w).min(width) {
                grey[(y * width + x) as usize] = shade as u8;
            }
        }
    }
    Pixels { width, height, rgb: grey.iter().flat_map(|v| [*v; 3]).collect() }
}

/// The mean over a line of pixels; three times each way is close to a lens out of focus.
fn smeared(pixels: &Pixels, (dx, dy): (i32, i32), reach: i32) -> Pixels {
    let (w, h) = (pixels.width as i32, pixels.height as i32);
    let mut rgb = Vec::with_capacity(pixels.rgb.len());
    for y in 0..h {
        for x in 0..w {
            let at = |n: i32| {
                let (x, y) = ((x + n * dx).clamp(0, w - 1), (y + n * dy).clamp(0, h - 1));
                u32::from(pixels.rgb[((y * w + x) * 3) as usize])
            };
            let mean = (-reach..=reach).map(at).sum::<u32>() / (2 * reach + 1) as u32;
            rgb.extend([mean as u8; 3]);
        }
    }
    Pixels { rgb, ..*pixels }
}

fn defocused(pixels: &Pixels) -> Pixels {
    let mut out = pixels.clone();
    for _ in 0..2 {
        out = smeared(&smeared(&out, (1, 0), 4), (0, 1), 4);
    }
    out
}

fn changed(pixels: &Pixels, change: impl Fn(f32) -> f32) -> Pixels {
    let rgb = pixels.rgb.iter().map(|v| change(f32::from(*v)).clamp(0.0, 255.0) as u8).collect();
    Pixels { rgb, ..*pixels }
}

fn verdict(pixels: &Pixels) -> (Verdict, Option<Reason>) {
    let (verdict, reason, findings) = judge(&measure(pixels), None);
    assert!(findings.iter().all(|f| (0.0..=1.0).contains(&f.confidence) && f.why.len() > 20));
    (verdict, reason)
}

#[test]
fn each_fault_has_its_reason() {
    let sharp = boxes(800, 600);
    let flat = |v: u8| Pixels { width: 640, height: 480, rgb: vec![v; 640 * 480 * 3] };
    for (what, pixels, expect) in [
        ("sharp", sharp.clone(), (Verdict::Usable, None)),
        ("out of focus", defocused(&sharp), (Verdict::Retake, Some(Reason::OutOfFocus))),
        ("dark", changed(&sharp, |v| v * 0.09), (Verdict::Retake, Some(Reason::TooDark))),
        ("burnt out", changed(&sharp, |v| v * 3.0 + 110.0), (Verdict::Retake, Some(Reason::OverExposed))),
        ("pale", changed(&sharp, |v| 120.0 + v * 0.13), (Verdict::Doubtful, Some(Reason::LowContrast))),
        ("small", boxes(200, 150), (Verdict::Doubtful, Some(Reason::TooSmall))),
        ("tiny", boxes(90, 60), (Verdict::Retake, Some(Reason::TooSmall))),
        ("black", flat(2), (Verdict::Retake, Some(Reason::NothingToSee))),
        ("white", flat(255), (Verdict::Retake, Some(Reason::NothingToSee))),
    ] {
        assert_eq!(verdict(&pixels), expect, "{what}: {:#?}", measure(&pixels));
    }
}

#[test]
fn what_moved_is_told_from_what_is_out_of_focus() {
    for step in [(1, 0), (0, 1)] {
        let (verdict, reason) = verdict(&smeared(&boxes(800, 600), step, 12));
        assert!(
            verdict > Verdict::Usable && reason == Some(Reason::MotionBlur),
            "{step:?}: {verdict:?} {reason:?}"
        );
    }
}

#[test]
fn a_reflection_is_found_where_it_is() {
    let mut lit = changed(&boxes(800, 600), |v| v * 0.6);
    for (n, v) in lit.rgb.iter_mut().enumerate() {
        let (x, y) = ((n / 3 % 800) as f32, (n / 2_400) as f32);
        let fade = (-((x - 500.0).powi(2) + (y - 200.0).powi(2)) / (2.0 * 60.0 * 60.0)).exp();
        *v = (f32::from(*v) + 700.0 * fade).min(255.0) as u8;
    }
    let (verdict, reason, findings) = judge(&measure(&lit), None);
    assert_eq!((verdict, reason), (Verdict::Doubtful, Some(Reason::Glare)), "{:?}", measure(&lit).glares);
    let region = findings.iter().find(|f| f.kind == "quality.glare").unwrap().region.clone().unwrap();
    let inside = |p: &[f32; 2]| (p[0] - 500.0).abs() < 200.0 && (p[1] - 200.0).abs() < 200.0;
    assert!(region.points.len() == 4 && region.points.iter().all(inside), "{region:?}");
    // A white label ends at an edge.
    let mut label = boxes(800, 600);
    for y in 200..300 {
        label.rgb[(y * 800 + 300) * 3..(y * 800 + 500) * 3].fill(255);
    }
    assert_eq!(verdict_only(&label), Verdict::Usable, "{:?}", measure(&label).glares);
}

fn verdict_only(pixels: &Pixels) -> Verdict {
    verdict(pixels).0
}

#[test]
fn what_was_read_well_is_not_too_blurred_to_read() {
    let measures = measure(&defocused(&boxes(800, 600)));
    let read = |lines, mean_confidence| judge(&measures, Some(TextEvidence { lines, mean_confidence }));
    assert_eq!(read(12, 0.96).0, Verdict::Usable);
    assert_eq!(read(12, 0.96).1, None);
    // The number is still said.
    assert!(read(12, 0.96).2.iter().any(|f| f.kind == "quality.blur"));
    for (lines, confidence) in [(1, 0.99), (12, 0.5), (0, 0.0)] {
        assert_eq!(read(lines, confidence).1, Some(Reason::OutOfFocus), "{lines} {confidence}");
    }
    // Text can be read beside a reflection that hides the rest of it.
    let lit = Measures {
        glares: vec![Glare { share: 0.05, softness: 0.9, points: vec![[0.0; 2]; 4] }],
        ..measure(&boxes(800, 600))
    };
    let evidence = TextEvidence { lines: 9, mean_confidence: 0.97 };
    assert_eq!(judge(&lit, Some(evidence)).1, Some(Reason::Glare));
}

#[test]
fn every_reason_has_a_hint() {
    use Reason::*;
    let all = [
        OutOfFocus,
        MotionBlur,
        TooDark,
        OverExposed,
        Glare,
        LowContrast,
        TooSmall,
        CutOff,
        Tilted,
        PhotoOfScreen,
        NothingToSee,
        Unreadable,
    ];
    let hints: std::collections::HashSet<&str> = all.into_iter().map(hint).collect();
    assert!(hints.len() == all.len() && hints.iter().all(|h| h.starts_with("Ask ") && h.ends_with('.')));
}

#[test]
fn a_sheet_is_whole_cut_off_or_tilted() {
    let sheet_of = |corners: [[f32; 2]; 4]| {
        let (w, h) = (800_u32, 600_u32);
        let mut rgb = Vec::new();
        for y in 0..h {
            for x in 0..w {
                let (px, py) = (x as f32, y as f32);
                let inside = corners
                    .iter()
                    .zip(corners.iter().cycle().skip(1))
                    .all(|(a, b)| (b[0] - a[0]) * (py - a[1]) - (b[1] - a[1]) * (px - a[0]) >= 0.0);
                let ink = x % 9 < 4 && y % 24 < 9;
                rgb.extend(
                    [if inside && ink {
                        60
                    } else if inside {
                        225
                    } else {
                        50 + (x % 3) as u8
                    }; 3],
                );
            }
        }
        let measures = measure(&Pixels { width: w, height: h, rgb });
        judge(&measures, None)
            .2
            .into_iter()
            .map(|f| f.kind)
            .filter(|k| k.contains("cut") || k.contains("tilt"))
            .collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(sheet_of([[150.0, 60.0], [650.0, 70.0], [660.0, 540.0], [140.0, 530.0]]), none);
    assert_eq!(sheet_of([[300.0, 60.0], [900.0, 70.0], [900.0, 540.0], [290.0, 530.0]]), ["quality.cut_off"]);
    assert_eq!(sheet_of([[300.0, 150.0], [500.0, 150.0], [750.0, 560.0], [50.0, 560.0]]), ["quality.tilted"]);
}

proptest! {
    /// A child that was taken over can hand us any numbers.
    #[test]
    fn any_numbers_are_judged(
        numbers in prop::collection::vec(prop::num::f32::ANY, 14), levels in any::<[u8; 5]>(), side in any::<u32>(),
        lines in any::<u32>(), edges in any::<u32>(),
    ) {
        let m = Measures {
            width: side,
            height: 1,
            brightness: numbers[0],
            deviation: numbers[1],
            levels,
            clipped_share: numbers[2],
            content_share: numbers[3],
            laplacian_variance: numbers[4],
            detail_p50: numbers[5],
            detail_p90: numbers[6],
            edges,
            edge_px_p25: numbers[7],
            edge_px_p50: numbers[8],
            edge_px_by_direction: [numbers[9], numbers[10], 0.0, -1.0],
            glares: vec![Glare { share: numbers[11], softness: numbers[12], points: vec![] }],
            moire: numbers[13],
            ..Measures::default()
        };
        let (verdict, reason, findings) = judge(&m, Some(TextEvidence { lines, mean_confidence: numbers[9] }));
        prop_assert_eq!(verdict == Verdict::Usable, reason.is_none());
        for finding in findings {
            prop_assert!((0.0..=1.0).contains(&finding.confidence), "{:?}", finding);
            serde_json::to_string(&finding).unwrap();
        }
    }

    #[test]
    fn any_size_is_measured(width in 0..70_u32, height in 0..70_u32, seed in any::<u8>(), missing in 0..3_usize) {
        let bytes = ((width * height * 3) as usize).saturating_sub(missing);
        let rgb = (0..bytes).map(|n| (n * 37 + n * n % 11) as u8 ^ seed).collect();
        let m = measure(&Pixels { width, height, rgb });
        prop_assert!([m.laplacian_variance, m.detail_p50, m.edge_px_p50, m.moire].iter().all(|v| v.is_finite()));
        judge(&m, None);
    }
}
