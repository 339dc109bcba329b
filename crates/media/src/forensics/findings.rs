//! What the traces are worth, in sentences.

use model::finding::{Finding, Region};
use serde_json::{Value, json};

use super::{Compression, Copied, Forensics};

pub const ANALYZER: &str = "local.forensics";
/// Changes whenever the same file may be judged differently.
pub const VERSION: &str = "1";

/// Frequencies that must show an earlier compression before anything is said of it.
const STEPS_MIN: usize = 3;

/// Empty for a file that was not looked at: what is said of where it comes from says why.
pub fn findings(seen: &Forensics) -> Vec<Finding> {
    if seen.why_not.is_some() {
        return Vec::new();
    }
    let mut found: Vec<Finding> = seen.compression.as_ref().and_then(twice).into_iter().collect();
    for (number, copy) in seen.copies.iter().enumerate() {
        found.extend(copies(copy, number.saturating_add(1)));
    }
    if found.is_empty() {
        found.push(nothing(seen));
    }
    found
}

fn finding(kind: &str, value: Value, confidence: f32, why: String) -> Finding {
    Finding {
        kind: kind.to_owned(),
        value,
        confidence,
        region: None,
        why,
        analyzer: ANALYZER.to_owned(),
        version: VERSION.to_owned(),
    }
}

fn twice(compression: &Compression) -> Option<Finding> {
    let shown = compression.steps.len();
    let compared = usize::try_from(compression.compared).unwrap_or(usize::MAX);
    // Half of what was compared: a single frequency can be odd by nature.
    if shown < STEPS_MIN || shown.saturating_mul(2) < compared {
        return None;
    }
    let list = |of: fn(&super::Steps) -> u16| {
        compression.steps.iter().map(|steps| of(steps).to_string()).collect::<Vec<_>>().join(", ")
    };
    let (first, last) = (list(|steps| steps.first), list(|steps| steps.last));
    let is_finer = compression.steps.iter().filter(|s| s.first > s.last).count().saturating_mul(2) > shown;
    let confidence = if is_finer { 0.8 } else { 0.7 };
    let why = format!(
        "the picture was compressed as a JPEG before this file was written: {shown} of the {compared} frequencies \
         that were compared have values as after rounding to steps of {first} and then of {last}; a camera \
         compresses once, so somebody opened it and saved it again; that says nothing of what was changed, and \
         turning, cropping or a gallery's own editing does the same"
    );
    let value =
        json!({ "frequencies": shown, "compared": compared, "first_steps": first, "last_steps": last });
    Some(finding("forensics.double_compression", value, confidence, why))
}

/// One finding for each of the two places, so that both are shown.
fn copies(copy: &Copied, number: usize) -> [Finding; 2] {
    let percent = (copy.share * 1_000.0).round() / 10.0;
    let one = |points: &[[f32; 2]], [dx, dy]: [f32; 2]| {
        let way = |px: f32, more: &str, less: &str| {
            format!("{} pixels {}", px.abs().round(), if px < 0.0 { less } else { more })
        };
        let why = format!(
            "this place is the same as another one {} and {} of it, down to its noise: one of the two was copied \
             from the other ({percent} % of the picture, correlation of the fine detail {:.2}); a retouching tool \
             does that, and so can a thing that is printed twice; which of the two was there first cannot be told",
            way(dx, "to the right", "to the left"),
            way(dy, "below", "above"),
            copy.correlation
        );
        let value = json!({ "pair": number, "shift_px": [dx.round(), dy.round()], "share": copy.share });
        let region = Some(Region { page: None, points: points.to_vec() });
        Finding { region, ..finding("forensics.copy_move", value, 0.75, why) }
    };
    let [dx, dy] = copy.shift;
    [one(&copy.here, [dx, dy]), one(&copy.there, [-dx, -dy])]
}

fn nothing(seen: &Forensics) -> Finding {
    let compression = match &seen.compression {
        Some(compression) => {
            format!("an earlier compression ({} frequencies compared)", compression.compared)
        }
        None => "no earlier compression, for which it has too little detail,".to_owned(),
    };
    let why = format!(
        "looked for {compression} and for places copied within the picture, and found none; small changes, changes \
         in smooth places, a picture that was made smaller and one photographed from a screen escape this"
    );
    finding("forensics.none", json!(true), 0.5, why)
}
