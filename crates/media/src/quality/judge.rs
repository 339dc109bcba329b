//! From numbers to advice: findings with evidence, one verdict, and the one reason that helps most.

use model::finding::{Finding, Reason, Region, Verdict};
use serde_json::json;

use super::{Measures, Sheet, thresholds as t};

pub const ANALYZER: &str = "local.quality";
/// Changes with every change of a measure or a threshold.
pub const VERSION: &str = "1";

/// What the reader of text found on the same picture.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TextEvidence {
    pub lines: u32,
    /// 0.0 to 1.0.
    pub mean_confidence: f32,
}

impl TextEvidence {
    /// Many lines, each read without a doubt.
    pub const BEST: Self = Self { lines: u32::MAX, mean_confidence: 1.0 };

    /// A picture that can be read this well is not too blurred, dark or pale to be read.
    fn is_well_read(self) -> bool {
        self.lines >= t::TEXT_LINES_MIN && self.mean_confidence >= t::TEXT_CONFIDENCE_MIN
    }
}

/// One thing that is wrong, how badly, and the reason it gives.
struct Fault {
    reason: Reason,
    verdict: Verdict,
    finding: Finding,
}

/// The verdict, the reason that comes first, and everything found. Regions are in pixels of the measured picture.
///
/// Reasons are weighed by what helps: what is not there at all, then light, then sharpness, then the rest; a fault that
/// asks for another picture comes before any that only casts doubt.
pub fn judge(measures: &Measures, text: Option<TextEvidence>) -> (Verdict, Option<Reason>, Vec<Finding>) {
    let mut faults: Vec<Fault> = [
        nothing(measures),
        dark(measures),
        over_exposed(measures),
        low_contrast(measures),
        blurred(measures),
        glare(measures),
        cut_off(measures),
        tilted(measures),
        screen(measures),
        small(measures),
    ]
    .into_iter()
    .flatten()
    .collect();
    if text.is_some_and(TextEvidence::is_well_read) {
        faults.iter_mut().for_each(soften);
    }
    let worst = faults.iter().map(|f| f.verdict).max().unwrap_or(Verdict::Usable);
    let reason = faults.iter().find(|f| f.verdict == worst && worst != Verdict::Usable).map(|f| f.reason);
    let findings = faults.into_iter().map(|f| f.finding).chain([sharpness(measures)]).collect();
    (worst, reason, findings)
}

/// For a person at the desk: what would mend it.
pub const fn hint(reason: Reason) -> &'static str {
    match reason {
        Reason::OutOfFocus => {
            "Ask them to hold the phone a hand's breadth further away and tap on the thing to focus."
        }
        Reason::MotionBlur => "Ask them to rest the phone or their elbows on something and hold still.",
        Reason::TooDark => "Ask them to switch a light on or use the flash.",
        Reason::OverExposed => {
            "Ask them to turn away from the light, or to tap on the bright part before taking it."
        }
        Reason::Glare => "Ask them to switch the flash off and tilt the thing until the reflection is gone.",
        Reason::LowContrast => "Ask them to wipe the lens and to take it in even light.",
        Reason::TooSmall => "Ask for the original picture, not a thumbnail, or to go closer.",
        Reason::CutOff => "Ask them to step back until all four corners are in the picture.",
        Reason::Tilted => "Ask them to hold the phone flat above the document.",
        Reason::PhotoOfScreen => "Ask for a screenshot instead of a photo of the screen.",
        Reason::NothingToSee => "Ask them to check that nothing covers the lens and to take it again.",
        Reason::Unreadable => "Ask for the file to be sent again, as a photo or a PDF.",
    }
}

/// What stops nobody from reading is a remark; reasons that are not about reading stand.
fn soften(fault: &mut Fault) {
    use Reason::{Glare, LowContrast, MotionBlur, NothingToSee, OutOfFocus, OverExposed, TooDark, TooSmall};
    match fault.reason {
        OutOfFocus | MotionBlur | LowContrast | NothingToSee | TooSmall => fault.verdict = Verdict::Usable,
        TooDark | OverExposed | Glare => fault.verdict = fault.verdict.min(Verdict::Doubtful),
        _ => {}
    }
}

fn fault(
    reason: Reason,
    verdict: Verdict,
    (kind, value, confidence): (&str, f32, f32),
    why: String,
) -> Fault {
    let finding = finding(kind, value, confidence, why);
    Fault { reason, verdict, finding }
}

fn finding(kind: &str, value: f32, confidence: f32, why: String) -> Finding {
    let rounded = (f64::from(value) * 1_000.0).round() / 1_000.0;
    Finding {
        kind: kind.to_owned(),
        value: json!(rounded),
        confidence: if confidence.is_nan() { 0.0 } else { confidence.clamp(0.0, 1.0) },
        region: None,
        why,
        analyzer: ANALYZER.to_owned(),
        version: VERSION.to_owned(),
    }
}

fn nothing(m: &Measures) -> Option<Fault> {
    // In between there is a picture, though a very pale or dark one: that is said instead.
    let is_plain = m.deviation < t::PLAIN_DEVIATION || m.deviation >= t::SMOOTH_DEVIATION;
    if m.content_share >= t::NOTHING_CONTENT_SHARE || !is_plain {
        return None;
    }
    let why = format!(
        "brightness varies by {:.1} of 255 over the whole picture, and no part of it shows an edge",
        m.deviation
    );
    Some(fault(Reason::NothingToSee, Verdict::Retake, ("quality.nothing", m.deviation, 0.95), why))
}

fn dark(m: &Measures) -> Option<Fault> {
    let [_, _, _, level_95, _] = m.levels;
    // Light letters on a dark screen are dark on the whole, and can be read.
    let is_dark_screen = m.edge_contrast >= t::DARK_EDGE_CONTRAST;
    if m.brightness >= t::DARK_MEAN_DOUBTFUL || level_95 >= t::DARK_LEVEL_95 || is_dark_screen {
        return None;
    }
    let verdict = if m.brightness < t::DARK_MEAN_RETAKE { Verdict::Retake } else { Verdict::Doubtful };
    let confidence = 1.0 - m.brightness / (2.0 * t::DARK_MEAN_DOUBTFUL);
    let why = format!(
        "mean brightness is {:.0} of 255 (at least {:.0} is good), and 95 of 100 pixels are below {level_95}",
        m.brightness,
        t::DARK_MEAN_DOUBTFUL
    );
    Some(fault(Reason::TooDark, verdict, ("quality.dark", m.brightness, confidence), why))
}

fn over_exposed(m: &Measures) -> Option<Fault> {
    let [_, level_5, ..] = m.levels;
    // Ink on white paper is burnt out as well, but for the ink.
    let is_white_page = m.edge_contrast >= t::CLIPPED_EDGE_CONTRAST;
    if m.clipped_share < t::CLIPPED_SHARE || level_5 < t::CLIPPED_LEVEL_5 || is_white_page {
        return None;
    }
    let verdict = if m.clipped_share > 0.6 { Verdict::Retake } else { Verdict::Doubtful };
    let why = format!(
        "{:.0} of 100 pixels are burnt out to white, and the darkest parts are still at {level_5} of 255",
        m.clipped_share * 100.0
    );
    Some(fault(Reason::OverExposed, verdict, ("quality.overexposed", m.clipped_share, 0.8), why))
}

/// What the probability of blur is made of; [`t::BLUR`] has one weight more, its first.
///
/// Widths of edges only: with the spectral measures beside them, held-out pictures were judged no better (the measures
/// say how much detail there is, which is the thing's own affair as much as the lens's).
pub fn blur_features(m: &Measures) -> [f32; 4] {
    let widest = m.edge_px_by_direction.into_iter().fold(0.5, f32::max);
    [m.edge_px_p10, m.edge_px_p25, m.edge_px_p50, widest].map(|px| px.max(0.5).ln())
}

/// How much less one direction has of detail, and how much wider its edges are.
pub fn motion_features(m: &Measures) -> [f32; 2] {
    let spread = |values: [f32; 4]| {
        let known = || values.into_iter().filter(|v| *v > 0.0);
        let (low, high) = (known().fold(f32::MAX, f32::min), known().fold(0.0, f32::max));
        if high > 0.0 { (high / low.max(1e-3)).ln() } else { 0.0 }
    };
    [spread(m.detail_by_direction), spread(m.edge_px_by_direction)]
}

fn logistic<const N: usize>(weights: &[f32], features: [f32; N]) -> f32 {
    let (first, rest) = weights.split_first().map_or((0.0, &[][..]), |(f, r)| (*f, r));
    let sum = first + rest.iter().zip(features).map(|(w, x)| w * x).sum::<f32>();
    1.0 / (1.0 + (-sum).exp())
}

fn blurred(m: &Measures) -> Option<Fault> {
    let probability = logistic(&t::BLUR, blur_features(m));
    if m.edges == 0 || probability < t::BLUR_DOUBTFUL {
        return None;
    }
    let verdict = if probability >= t::BLUR_RETAKE { Verdict::Retake } else { Verdict::Doubtful };
    let motion = logistic(&t::MOTION, motion_features(m));
    let edge_px = m.edge_px_p50;
    if motion >= 0.5 {
        let why =
            format!("edges are {edge_px:.1} pixels wide, and wider in one direction than in the others");
        return Some(fault(Reason::MotionBlur, verdict, ("quality.motion", edge_px, probability), why));
    }
    let why = format!("edges are {edge_px:.1} pixels wide in all directions (sharp ones are 1 to 3)");
    Some(fault(Reason::OutOfFocus, verdict, ("quality.blur", edge_px, probability), why))
}

/// Always said, so that a sharp picture can be compared as well.
fn sharpness(m: &Measures) -> Finding {
    let sharp = if m.edges == 0 { 0.5 } else { 1.0 - logistic(&t::BLUR, blur_features(m)) };
    let why = format!(
        "{} edges, half of them up to {:.1} pixels wide; sharp ones are 1 to 3",
        m.edges, m.edge_px_p50
    );
    finding("quality.sharpness", sharp, (2.0 * (sharp - 0.5)).abs(), why)
}

fn glare(m: &Measures) -> Option<Fault> {
    let spot = m.glares.iter().find(|g| g.softness >= t::GLARE_SOFTNESS && g.share >= t::GLARE_SHARE)?;
    let why =
        format!("a burnt-out spot of {:.1} % of the picture fades into its surroundings", spot.share * 100.0);
    let fault = fault(
        Reason::Glare,
        Verdict::Doubtful,
        ("quality.glare", spot.share, 0.5 + spot.softness / 2.0 - 0.1),
        why,
    );
    Some(at(fault, &spot.points))
}

fn cut_off(m: &Measures) -> Option<Fault> {
    let is_page = |s: &&Sheet| s.written_share >= t::SHEET_WRITTEN_SHARE && s.share >= t::SHEET_SHARE;
    let sheet = m.sheet.as_ref().filter(is_page)?;
    // Over three of them, or all, is a page that fills the picture on purpose.
    if !(1..=2).contains(&sheet.borders) {
        return None;
    }
    let why = format!("a sheet with writing on it runs over {} of the picture's borders", sheet.borders);
    let value = f32::from(sheet.borders);
    let fault = fault(Reason::CutOff, Verdict::Doubtful, ("quality.cut_off", value, 0.6), why);
    Some(at(fault, &sheet.points))
}

fn tilted(m: &Measures) -> Option<Fault> {
    let sheet = m.sheet.as_ref().filter(|s| s.written_share >= t::SHEET_WRITTEN_SHARE && s.borders == 0)?;
    if sheet.evenness >= t::SHEET_EVENNESS {
        return None;
    }
    let why = format!("one side of the sheet looks {:.2} times as long as the opposite one", sheet.evenness);
    let fault = fault(Reason::Tilted, Verdict::Doubtful, ("quality.tilted", sheet.evenness, 0.7), why);
    Some(at(fault, &sheet.points))
}

fn screen(m: &Measures) -> Option<Fault> {
    if m.moire < t::MOIRE {
        return None;
    }
    let why = format!(
        "a fine regular pattern stands {:.0} times above its surroundings, as a screen's pixels do",
        m.moire.exp()
    );
    Some(fault(Reason::PhotoOfScreen, Verdict::Doubtful, ("quality.screen", m.moire, 0.7), why))
}

fn at(mut fault: Fault, points: &[[f32; 2]]) -> Fault {
    fault.finding.region = Some(Region { page: None, points: points.to_vec() });
    fault
}

fn low_contrast(m: &Measures) -> Option<Fault> {
    let [low, _, _, _, high] = m.levels;
    let range = high.saturating_sub(low);
    if range >= t::CONTRAST_DOUBTFUL {
        return None;
    }
    let verdict = if range < t::CONTRAST_RETAKE { Verdict::Retake } else { Verdict::Doubtful };
    let why = format!("the brightest and the darkest parts are {range} of 255 apart");
    Some(fault(Reason::LowContrast, verdict, ("quality.contrast", f32::from(range), 0.8), why))
}

fn small(m: &Measures) -> Option<Fault> {
    let side = m.width.max(m.height);
    if side >= t::SMALL_DOUBTFUL {
        return None;
    }
    let verdict = if side < t::SMALL_RETAKE { Verdict::Retake } else { Verdict::Doubtful };
    let why = format!("the picture is {} × {} pixels", m.width, m.height);
    let value = f32::from(u16::try_from(side).unwrap_or(u16::MAX));
    Some(fault(Reason::TooSmall, verdict, ("quality.small", value, 1.0), why))
}
