//! What a person makes black in a picture for good, and what must no longer be said of it then.
//!
//! When in doubt less is said: a finding that stands under a box goes whole, and so does one that stands nowhere and
//! was made of what is read.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::finding::{Analysis, Finding, Region};

/// A rectangle in whole pixels of the `view` (of a document: of that page's picture).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Area {
    /// From 1, for a document.
    pub page: Option<u32>,
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// Boxes that one file can have: more than anybody draws, and few enough to be painted in one go.
pub const AREAS_MAX: usize = 500;
/// What stands so close to a box is under it: readers draw their own boxes tight, and paint reaches a little further.
const MARGIN_PX: f32 = 4.0;

impl Area {
    /// From numbers that somebody sent: what lies beyond the picture is cut off, what covers a part of a pixel covers it
    /// whole. `None` when nothing of the picture is left, or a number is none.
    pub fn within(
        page: Option<u32>,
        (x, y, width, height): (f64, f64, f64, f64),
        picture: (u32, u32),
    ) -> Option<Self> {
        if ![x, y, width, height].iter().all(|number| number.is_finite()) || width <= 0.0 || height <= 0.0 {
            return None;
        }
        let (left, right) = reach(x, width, picture.0);
        let (top, bottom) = reach(y, height, picture.1);
        let area = Self {
            page,
            x: left,
            y: top,
            width: right.saturating_sub(left),
            height: bottom.saturating_sub(top),
        };
        (area.width > 0 && area.height > 0).then_some(area)
    }

    /// Its corners, clockwise from the top left.
    pub fn region(&self) -> Region {
        let ((left, top), (right, bottom)) = self.corners();
        Region { page: self.page, points: vec![[left, top], [right, top], [right, bottom], [left, bottom]] }
    }

    /// Whether something that stands there is under it, or too close to it. What says nothing of its place is.
    pub fn touches(&self, region: &Region) -> bool {
        if region.page != self.page {
            return false;
        }
        let known: Vec<[f32; 2]> =
            region.points.iter().copied().filter(|point| point.iter().all(|c| c.is_finite())).collect();
        if known.is_empty() {
            return true;
        }
        let ((left, top), (right, bottom)) = self.corners();
        let side = |axis: usize| {
            let all = known.iter().filter_map(move |point| point.get(axis).copied());
            (all.clone().fold(f32::MAX, f32::min), all.fold(f32::MIN, f32::max))
        };
        let ((from_x, to_x), (from_y, to_y)) = (side(0), side(1));
        from_x < right + MARGIN_PX
            && to_x > left - MARGIN_PX
            && from_y < bottom + MARGIN_PX
            && to_y > top - MARGIN_PX
    }

    fn corners(&self) -> ((f32, f32), (f32, f32)) {
        let px = |side: u32| f32::from(u16::try_from(side).unwrap_or(u16::MAX));
        let far = |from: u32, span: u32| px(from.saturating_add(span));
        ((px(self.x), px(self.y)), (far(self.x, self.width), far(self.y, self.height)))
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both are clamped to a side of the picture, which is a u32"
)]
fn reach(from: f64, span: f64, side: u32) -> (u32, u32) {
    let clamp = |edge: f64| edge.clamp(0.0, f64::from(side)) as u32;
    (clamp(from.floor()), clamp((from + span).ceil()))
}

/// What is said of the file as a whole, and not read in it.
const OF_THE_FILE: [&str; 9] = [
    "quality.",
    "picture.",
    "seen.",
    "provenance.",
    "forensics.",
    "manipulation.",
    "malice.",
    "file.",
    "document.",
];
/// That it is an identity document stays known, whatever is black on it: it decides who may see the rest.
const OF_AN_IDENTITY: [&str; 2] = ["mrz", "pii.mrz"];
/// Shorter lines stand in anything.
const QUOTE_CHARS_MIN: usize = 3;

/// Takes out of an analysis what stands under these boxes, and what may have been made of it.
pub fn redact(analysis: &mut Analysis, areas: &[Area]) {
    if areas.is_empty() {
        return;
    }
    let is_under = |finding: &Finding| {
        finding.region.as_ref().is_some_and(|region| areas.iter().any(|area| area.touches(region)))
    };
    let is_line = |finding: &Finding| finding.kind == "text.line";
    let gone: BTreeSet<String> = analysis
        .findings
        .iter()
        .filter(|finding| is_line(finding) && is_under(finding))
        .filter_map(|finding| finding.value.as_str())
        .map(|line| line.trim().to_owned())
        .filter(|line| line.chars().count() >= QUOTE_CHARS_MIN)
        .collect();
    let lines_before = analysis.findings.iter().filter(|finding| is_line(finding)).count();
    analysis.findings.retain_mut(|finding| {
        let is_gone = is_under(finding) || (!is_line(finding) && quotes(finding, &gone));
        if OF_AN_IDENTITY.contains(&finding.kind.as_str()) {
            if is_gone || finding.region.is_none() {
                finding.value = Value::Null;
                "somebody made it black; that it is an identity document stays known"
                    .clone_into(&mut finding.why);
            }
            return true;
        }
        if OF_THE_FILE.iter().any(|start| finding.kind.starts_with(start)) {
            return true;
        }
        // What has no place may have been made of anything that was read.
        !is_gone && finding.region.is_some()
    });
    let lines: Vec<&str> =
        analysis.findings.iter().filter(|f| is_line(f)).filter_map(|f| f.value.as_str()).collect();
    if lines.len() < lines_before {
        analysis.text = lines.join("\n");
    }
}

/// Whether it repeats a line that is gone.
fn quotes(finding: &Finding, gone: &BTreeSet<String>) -> bool {
    let value = match &finding.value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    gone.iter().any(|line| value.contains(line.as_str()) || finding.why.contains(line.as_str()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::finding::Verdict;

    fn found(kind: &str, value: &str, at: Option<[f32; 4]>) -> Finding {
        let region = at.map(|[left, top, right, bottom]| Region {
            page: None,
            points: vec![[left, top], [right, top], [right, bottom], [left, bottom]],
        });
        Finding {
            kind: kind.to_owned(),
            value: json!(value),
            confidence: 0.9,
            region,
            why: "it reads so".to_owned(),
            analyzer: "test".to_owned(),
            version: "1".to_owned(),
        }
    }

    fn analysis(findings: Vec<Finding>, text: &str) -> Analysis {
        Analysis {
            verdict: Verdict::Usable,
            reason: None,
            hint: None,
            text: text.to_owned(),
            language: None,
            ms: BTreeMap::new(),
            failed: BTreeMap::new(),
            findings,
        }
    }

    const BOX: Area = Area { page: None, x: 10, y: 10, width: 100, height: 20 };

    #[test]
    fn a_box_is_cut_to_the_picture_and_covers_whole_pixels() {
        let within = |numbers| Area::within(None, numbers, (320, 240)).map(|a| (a.x, a.y, a.width, a.height));
        for (numbers, expect) in [
            ((10.0, 20.0, 30.0, 40.0), Some((10, 20, 30, 40))),
            ((10.4, 20.6, 1.0, 1.0), Some((10, 20, 2, 2))),
            ((-50.0, -50.0, 60.0, 60.0), Some((0, 0, 10, 10))),
            ((300.0, 200.0, 1e9, 1e9), Some((300, 200, 20, 40))),
            ((320.0, 0.0, 10.0, 10.0), None),
            ((-20.0, 0.0, 10.0, 10.0), None),
            ((0.0, 0.0, 0.0, 10.0), None),
            ((0.0, 0.0, -5.0, 10.0), None),
            ((f64::NAN, 0.0, 10.0, 10.0), None),
            ((0.0, 0.0, f64::INFINITY, 10.0), None),
            ((1e300, 1e300, 1e300, 1e300), None),
        ] {
            assert_eq!(within(numbers), expect, "{numbers:?}");
        }
    }

    #[test]
    fn what_stands_under_a_box_is_no_longer_said() {
        let mut all = analysis(
            vec![
                found("quality.blur", "0.2", None),
                found("text.line", "Card 4242", Some([12.0, 12.0, 90.0, 26.0])),
                found("text.line", "Model WM-1", Some([12.0, 60.0, 90.0, 76.0])),
                found("entity.card", "4242", Some([40.0, 12.0, 90.0, 26.0])),
                found("entity.model", "WM-1", Some([40.0, 60.0, 90.0, 76.0])),
                found("entity.order", "of Card 4242", Some([40.0, 90.0, 90.0, 99.0])),
                found("consistency.total", "something of all lines", None),
            ],
            "Card 4242\nModel WM-1",
        );
        redact(&mut all, &[BOX]);
        let kinds: Vec<&str> = all.findings.iter().map(|f| f.kind.as_str()).collect();
        assert_eq!(kinds, ["quality.blur", "text.line", "entity.model"]);
        assert_eq!(all.text, "Model WM-1");
        assert!(!serde_json::to_string(&all).unwrap().contains("4242"), "{all:?}");
    }

    #[test]
    fn what_touches_no_box_is_as_it_was() {
        let lines = vec![found("text.line", "far away", Some([12.0, 40.0, 90.0, 56.0]))];
        let mut all = analysis(lines.clone(), "far away, and more than the findings hold");
        redact(&mut all, &[Area { page: Some(1), ..BOX }, BOX]);
        assert_eq!(all, analysis(lines, "far away, and more than the findings hold"));
        // Four pixels are close, five are not.
        assert!(BOX.touches(&Region { page: None, points: vec![[0.0, 33.0], [5.0, 40.0], [60.0, 40.0]] }));
        assert!(!BOX.touches(&Region { page: None, points: vec![[0.0, 35.0], [60.0, 40.0]] }));
        assert!(BOX.touches(&Region { page: None, points: vec![] }), "nobody knows where it stands");
    }

    #[test]
    fn that_it_is_an_identity_document_stays_known() {
        let zone = found("mrz", "P<ITAROSSI<<MARIO", Some([12.0, 12.0, 90.0, 26.0]));
        let mut all = analysis(vec![zone, found("picture.kind", "identity_document", None)], "");
        redact(&mut all, &[BOX]);
        assert!(all.is_identity_document());
        assert_eq!(all.findings.first().map(|f| f.value.clone()), Some(Value::Null));
        assert!(!serde_json::to_string(&all).unwrap().contains("ROSSI"));
    }
}
