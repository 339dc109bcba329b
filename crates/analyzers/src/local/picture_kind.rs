//! What kind of picture it is, from what is known of it already and a cheap look at its pixels.
//!
//! Rules, not a network: each kind collects points for what speaks for it, each point with its reason, and the
//! reasons of the kind with the most points are the answer's `why`. Where little speaks for any, the answer is
//! `other` with a low confidence.

mod look;
mod words;

use model::finding::Finding;
use serde_json::Value;

pub use look::Look;

use super::TextLine;

const ANALYZER: &str = "local.picture_kind";
const VERSION: &str = "1";
/// Fewer points than this make no kind.
const POINTS_MIN: f32 = 2.0;

/// As whom the channel delivered it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claim {
    /// A picture message: mostly recompressed on its way.
    Photo,
    /// A file: as it was on the sender's disk.
    Document,
}

/// What is known of a picture. Coordinates of lines and findings are those of the pixels that were looked at.
pub struct Evidence<'a> {
    pub look: Look,
    pub claim: Option<Claim>,
    pub lines: &'a [TextLine],
    pub codes: &'a [Finding],
    pub faces: &'a [Finding],
    /// A machine-readable zone was found.
    pub has_mrz: bool,
    /// The number of a person's paper was found: Aadhaar, PAN, passport, identity card.
    pub has_identity_number: bool,
    /// Light burnt it out: what is even in it says nothing.
    pub is_over_exposed: bool,
    /// 0.0 to 1.0: how much of the picture shows the pattern of another screen; `None` when not measured.
    pub moire: Option<f32>,
}

/// The kind of the picture: always one, `other` when nothing speaks for any.
pub fn judge(evidence: &Evidence) -> Finding {
    let mut cases = [
        ("identity_document", identity_document(evidence)),
        ("photo_of_screen", photo_of_screen(evidence)),
        ("screenshot", screenshot(evidence)),
        ("receipt", receipt(evidence)),
        ("label", label(evidence)),
        ("person", person(evidence)),
        ("document", document(evidence)),
        ("object", object(evidence)),
    ];
    // Of two with the same points the earlier, more particular one stands: the sort is stable.
    cases.sort_by(|a, b| b.1.points.total_cmp(&a.1.points));
    let [(kind, best), (_, second), ..] = cases;
    let (kind, confidence, why) = if best.points < POINTS_MIN {
        ("other", 0.3, "nothing in it speaks clearly for a kind".to_owned())
    } else {
        let lead = (best.points - second.points.max(0.0)) / best.points;
        (kind, (0.45 + 0.5 * lead).clamp(0.0, 0.95), best.reasons.join("; "))
    };
    Finding {
        kind: "picture.kind".to_owned(),
        value: Value::from(kind),
        confidence,
        region: None,
        why,
        analyzer: ANALYZER.to_owned(),
        version: VERSION.to_owned(),
    }
}

/// What speaks for a kind.
#[derive(Default)]
struct Case {
    points: f32,
    reasons: Vec<String>,
}

impl Case {
    fn add(&mut self, holds: bool, points: f32, reason: &str) {
        if holds {
            self.points += points;
            self.reasons.push(reason.to_owned());
        }
    }

    fn against(&mut self, holds: bool, points: f32) {
        if holds {
            self.points -= points;
        }
    }
}

fn screenshot(evidence: &Evidence) -> Case {
    let (look, mut case) = (&evidence.look, Case::default());
    case.add(look.is_drawn(), 3.0, "its plain areas are perfectly even, as a camera never takes them");
    case.add(look.has_screen_shape(), 1.0, "it has the shape of a phone's or a computer's screen");
    case.add(words::has_status_bar(evidence), 1.5, "the time stands at its top edge, as in a status bar");
    case.add(look.is_drawn() && look.colour_share > 0.02, 0.5, "it has the even colours of an app");
    case.against(!look.is_drawn() || evidence.is_over_exposed, 4.0);
    // A scanned page made by software is even as well.
    case.against(look.has_page_shape() && evidence.claim == Some(Claim::Document), 1.5);
    case.against(evidence.has_mrz, 1.5);
    case
}

fn photo_of_screen(evidence: &Evidence) -> Case {
    let (look, mut case) = (&evidence.look, Case::default());
    let moire = evidence.moire.unwrap_or_default();
    case.add(moire >= 0.5, 4.0, "it shows the pattern that a camera makes of a screen's pixels");
    case.add((0.2..0.5).contains(&moire), 2.0, "it shows a weak pattern as of a screen's pixels");
    case.add(
        look.is_bright_inside_dark() && evidence.lines.len() >= 2,
        2.5,
        "a bright rectangle with writing stands in dark surroundings",
    );
    case.add(look.is_cool() && evidence.lines.len() >= 3, 0.5, "its white is bluish, as of a screen");
    case.against(look.is_drawn(), 5.0);
    case.against(evidence.has_mrz, 1.0);
    case
}

fn identity_document(evidence: &Evidence) -> Case {
    let mut case = Case::default();
    let words = words::count(evidence.lines, words::IDENTITY);
    let face = largest_face_share(evidence);
    case.add(evidence.has_mrz, 5.0, "it has the machine-readable zone of a passport or card");
    case.add(
        evidence.has_identity_number && evidence.lines.len() <= 25,
        3.5,
        "the number of an identity document stands on it with little text",
    );
    case.add(words >= 2, 2.5, "it is written on it what stands on passports and cards");
    case.add(words == 1, 1.0, "one phrase of passports and cards stands on it");
    case.add(
        face > 0.003 && face < 0.15 && evidence.lines.len() >= 4 && words >= 1,
        2.0,
        "a small face stands beside the text",
    );
    case.against(evidence.lines.len() > 60, 2.0);
    case
}

fn receipt(evidence: &Evidence) -> Case {
    let (look, mut case) = (&evidence.look, Case::default());
    let lines = evidence.lines.len();
    let amounts = words::amounts(evidence.lines);
    case.add(lines >= 5 && amounts * 4 >= lines, 1.5, "every fourth line or more ends with an amount");
    case.add(words::count(evidence.lines, words::RECEIPT) >= 2, 2.0, "it says total, tax, cash or card");
    case.add(words::count(evidence.lines, words::RECEIPT) == 1, 1.0, "it says total, tax, cash or card");
    case.add(words::is_narrow_column(evidence), 1.5, "its text is one narrow column");
    case.add(look.paper_share > 0.25 && !look.is_drawn() && amounts >= 2, 1.0, "it is on light paper");
    case.against(look.is_drawn() && look.has_screen_shape(), 3.0);
    case.against(amounts == 0, 2.0);
    case.against(words::is_text_of_pages(evidence), 1.5);
    case.against(words::count(evidence.lines, words::INVOICE) >= 2, 2.0);
    case
}

fn label(evidence: &Evidence) -> Case {
    let (look, mut case) = (&evidence.look, Case::default());
    let lines = evidence.lines.len();
    case.add(
        !evidence.codes.is_empty() && lines <= 40,
        3.0,
        "a machine code stands on it with little or no text",
    );
    let words = words::count(evidence.lines, words::LABEL);
    case.add(words >= 2, 2.5, "it names model, serial number or electrical values");
    case.add(words == 1 && lines <= 30, 1.0, "it names model, serial number or electrical values");
    case.add(
        (2..=25).contains(&lines) && !look.is_drawn() && words + evidence.codes.len() > 0,
        0.5,
        "its text is short",
    );
    case.against(look.is_drawn() && look.has_screen_shape(), 2.5);
    case.against(words::is_text_of_pages(evidence), 2.0);
    case
}

fn document(evidence: &Evidence) -> Case {
    let (look, mut case) = (&evidence.look, Case::default());
    case.add(words::is_text_of_pages(evidence), 2.0, "it has many long lines of text");
    case.add(
        evidence.lines.len() >= 8 && words::count(evidence.lines, words::INVOICE) >= 2,
        3.5,
        "it names invoice, customer, due date or account as bills do",
    );
    case.add(look.paper_share > 0.45, 1.0, "most of it is light and without colour, as paper");
    case.add(look.has_page_shape() && evidence.lines.len() >= 5, 1.0, "it has the shape of a sheet");
    case.add(
        evidence.claim == Some(Claim::Document) && evidence.lines.len() >= 5,
        0.5,
        "it was sent as a file",
    );
    case.against(evidence.lines.len() < 5, 2.0);
    case.against(look.is_drawn() && look.has_screen_shape() && !look.has_page_shape(), 1.0);
    case
}

fn person(evidence: &Evidence) -> Case {
    let (look, mut case) = (&evidence.look, Case::default());
    let face = largest_face_share(evidence);
    case.add(face >= 0.02, 3.0, "a face fills a good part of it");
    case.add((0.004..0.02).contains(&face), 2.0, "it shows a face");
    case.against(evidence.lines.len() > 8 || evidence.has_mrz, 2.5);
    case.against(look.is_drawn(), 1.5);
    case
}

fn object(evidence: &Evidence) -> Case {
    let (look, mut case) = (&evidence.look, Case::default());
    case.add(!look.is_drawn() && evidence.lines.len() < 6, 2.0, "it is a photo with little or no text");
    case.add(
        !look.is_drawn() && (6..=14).contains(&evidence.lines.len()) && words::are_short(evidence),
        2.0,
        "it is a photo with a few short words, as controls and displays have them",
    );
    case.add(!look.is_drawn() && look.paper_share < 0.35, 0.5, "it shows more than paper");
    case.against(!evidence.faces.is_empty(), 0.5);
    case.against(!evidence.codes.is_empty(), 0.5);
    case.against(look.deviation < 6.0, 2.0);
    case
}

/// Of the picture's area.
fn largest_face_share(evidence: &Evidence) -> f32 {
    let area = evidence.look.width * evidence.look.height;
    let shares = evidence.faces.iter().filter_map(|face| {
        let points = &face.region.as_ref()?.points;
        let [[left, top], _, [right, bottom], _] = *points.as_slice() else { return None };
        Some((right - left) * (bottom - top) / area.max(1.0))
    });
    shares.fold(0.0, f32::max)
}
