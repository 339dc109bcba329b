//! Personal data: was every number found, would a mask have covered it, and what was masked for nothing?

use super::answer::{Answer, Finding};
use super::manifest::Picture;

/// One thing that has to be masked in one picture.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    pub kind: String,
    /// Named for what it is, with the right value or in the right place.
    pub found: bool,
    /// Share of its area under any mask.
    pub covered: f64,
}

impl Item {
    /// Nothing that has to be hidden can be read.
    pub fn is_hidden(&self) -> bool {
        self.covered >= if self.kind == "aadhaar" { AADHAAR_COVERED_MIN } else { COVERED_MIN }
    }
}

/// The gaps between groups of digits may stay free; a group may not.
const COVERED_MIN: f64 = 0.8;
/// Of an Aadhaar number the last four of twelve digits may be seen, by law.
const AADHAAR_COVERED_MIN: f64 = 0.6;
/// Of a line's height, what is left out above and below: masks are as high as the letters, the truth is as high as the line.
const MARGIN: f32 = 0.25;
/// Below this share a mask is not about that thing.
const TOUCHES: f64 = 0.1;
/// In the right place, for things that have no value to compare.
const PLACED: f64 = 0.5;
/// Points a side by which an area is measured.
const GRID: u8 = 24;

pub fn items(picture: &Picture, answer: Option<&Answer>) -> Vec<Item> {
    let masks = masks(answer);
    let scale = picture.view_scale();
    picture
        .personal
        .iter()
        .filter(|item| item.kind != "ambiguous")
        .map(|item| {
            let kind = same_kind(&item.kind);
            let regions: Vec<Vec<[f32; 2]>> =
                item.regions.iter().map(|region| core(&scaled(region, scale), &kind)).collect();
            let named: Vec<&Finding> = masks.iter().filter(|mask| mask_kind(mask) == kind).copied().collect();
            let by_value = named
                .iter()
                .any(|mask| !plain(&item.value).is_empty() && plain(&mask.text()) == plain(&item.value));
            Item {
                found: by_value || covered(&regions, &named) >= PLACED,
                covered: covered(&regions, &masks),
                kind,
            }
        })
        .collect()
}

/// Masks over nothing personal.
pub fn false_alarms(picture: &Picture, answer: Option<&Answer>) -> Vec<String> {
    let scale = picture.view_scale();
    let truth: Vec<(String, Vec<[f32; 2]>)> = picture
        .personal
        .iter()
        .flat_map(|item| item.regions.iter().map(|region| (plain(&item.value), scaled(region, scale))))
        .collect();
    masks(answer)
        .into_iter()
        .filter(|mask| {
            let right_value = truth.iter().any(|(value, _)| *value == plain(&mask.text()));
            let touches = truth.iter().any(|(_, region)| {
                covered(std::slice::from_ref(&mask.region), &[&as_mask(region)]) > TOUCHES
                    || covered(std::slice::from_ref(region), &[*mask]) > TOUCHES
            });
            !right_value && !touches
        })
        .map(|mask| format!("{} {}", mask.kind, mask.text()))
        .collect()
}

fn masks(answer: Option<&Answer>) -> Vec<&Finding> {
    answer
        .into_iter()
        .flat_map(|answer| &answer.findings)
        .filter(|finding| {
            finding.kind.starts_with("pii.") && finding.kind != "pii.owner" && finding.kind != "pii.location"
        })
        .collect()
}

fn mask_kind(finding: &Finding) -> String {
    same_kind(finding.kind.strip_prefix("pii.").unwrap_or_default())
}

/// Papers are one kind: what matters is that their numbers are covered.
fn same_kind(kind: &str) -> String {
    match kind {
        "passport" | "document" | "mrz" | "id_card" | "identity_card" | "id_number" | "driving_licence"
        | "visa" => "document",
        "aadhaar_qr" => "aadhaar",
        "payment_card" | "credit_card" => "card",
        other => other,
    }
    .to_owned()
}

fn plain(text: &str) -> String {
    text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

fn scaled(region: &[[f32; 2]], scale: f32) -> Vec<[f32; 2]> {
    region.iter().map(|[x, y]| [x * scale, y * scale]).collect()
}

/// Where a line's letters are; a face and a code count whole.
fn core(region: &[[f32; 2]], kind: &str) -> Vec<[f32; 2]> {
    let [top_left, top_right, bottom_right, bottom_left] = region else { return region.to_vec() };
    if kind == "face" {
        return region.to_vec();
    }
    let towards = |from: &[f32; 2], to: &[f32; 2]| {
        [from[0] + (to[0] - from[0]) * MARGIN, from[1] + (to[1] - from[1]) * MARGIN]
    };
    vec![
        towards(top_left, bottom_left),
        towards(top_right, bottom_right),
        towards(bottom_right, top_right),
        towards(bottom_left, top_left),
    ]
}

fn as_mask(region: &[[f32; 2]]) -> Finding {
    Finding { kind: "pii.truth".to_owned(), value: serde_json::Value::Null, region: region.to_vec() }
}

/// The share of the regions' area that lies under at least one mask, by a grid of points.
fn covered(regions: &[Vec<[f32; 2]>], masks: &[&Finding]) -> f64 {
    let (mut under, mut all) = (0_u32, 0_u32);
    for region in regions {
        for point in grid(region) {
            all += 1;
            under += u32::from(masks.iter().any(|mask| inside(&mask.region, point)));
        }
    }
    if all == 0 { 0.0 } else { f64::from(under) / f64::from(all) }
}

/// Points inside of a polygon, evenly over its bounding box.
fn grid(polygon: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let bound = |axis: fn(&[f32; 2]) -> f32| {
        let values = polygon.iter().map(axis);
        (values.clone().fold(f32::MAX, f32::min), values.fold(f32::MIN, f32::max))
    };
    let ((left, right), (top, bottom)) = (bound(|point| point[0]), bound(|point| point[1]));
    let step =
        |from: f32, to: f32, index: u8| from + (to - from) * (f32::from(index) + 0.5) / f32::from(GRID);
    (0..GRID)
        .flat_map(|row| (0..GRID).map(move |column| (row, column)))
        .map(|(row, column)| [step(left, right, column), step(top, bottom, row)])
        .filter(|point| inside(polygon, *point))
        .collect()
}

/// By counting the edges that a ray to the right crosses.
fn inside(polygon: &[[f32; 2]], [x, y]: [f32; 2]) -> bool {
    let next = polygon.iter().cycle().skip(1);
    polygon
        .iter()
        .zip(next)
        .filter(|([_, ay], [_, by])| (*ay > y) != (*by > y))
        .filter(|([ax, ay], [bx, by])| x < (bx - ax) * (y - ay) / (by - ay) + ax)
        .count()
        % 2
        == 1
}

#[cfg(test)]
mod tests {
    use super::super::{answer, manifest::Picture};
    use super::{false_alarms, inside, items};

    fn picture() -> Picture {
        serde_json::from_value(serde_json::json!({
            "file": "a.jpg", "sha256": "", "width": 3200, "height": 1600, "set": "tune", "template": "t", "kind": "screenshot", "language": "en",
            "quality": "sharp", "expect": "usable", "readable": true, "lines": [], "codes": [], "entities": [],
            "personal": [{"kind": "card", "value": "4111 1111 1111 1111", "regions": [[[200, 200], [600, 200], [600, 240], [200, 240]]]},
                         {"kind": "face", "value": "face", "regions": [[[2000, 200], [2400, 200], [2400, 600], [2000, 600]]]},
                         {"kind": "ambiguous", "value": "a@b", "regions": [[[0, 0], [100, 0], [100, 40], [0, 40]]]}],
        }))
        .expect("a picture")
    }

    #[test]
    fn masks_are_held_against_areas_in_the_view_rendition() {
        // The picture is 3,200 px long, so the view halves it: the card stands at 100..300 × 100..120.
        let answers = answer::parse(concat!(
            r#"{"file":"a.jpg","findings":[{"kind":"pii.card","value":"4111111111111111","region":{"points":[[100,100],[200,100],[200,120],[100,120]]}},"#,
            r#"{"kind":"pii.face","value":"x","region":{"points":[[990,90],[1210,90],[1210,310],[990,310]]}},"#,
            r#"{"kind":"pii.email","value":"a@b","region":null},{"kind":"pii.iban","value":"DE00","region":{"points":[[0,500],[9,500],[9,600],[0,600]]}}]}"#
        ))
        .expect("an answer");
        let items = items(&picture(), answers.get("a.jpg"));
        let [card, face] = items.as_slice() else { panic!("the ambiguous one is left out: {items:?}") };
        assert!(card.found && (card.covered - 0.5).abs() < 0.03, "{card:?}");
        assert!(face.found && face.covered == 1.0, "{face:?}");
        assert_eq!(false_alarms(&picture(), answers.get("a.jpg")), ["pii.iban DE00"]);
    }

    #[test]
    fn without_an_answer_nothing_is_covered() {
        assert!(items(&picture(), None).iter().all(|item| !item.found && item.covered == 0.0));
        assert!(false_alarms(&picture(), None).is_empty());
    }

    #[test]
    fn a_point_is_inside_a_turned_quad() {
        let diamond = [[5.0, 0.0], [10.0, 5.0], [5.0, 10.0], [0.0, 5.0]];
        assert!(inside(&diamond, [5.0, 5.0]) && !inside(&diamond, [1.0, 1.0]) && !inside(&[], [0.0, 0.0]));
    }
}
