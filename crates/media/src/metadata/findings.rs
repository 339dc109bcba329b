//! What the metadata is worth, in sentences.
//!
//! A messenger strips everything: nothing found is the normal case and says nothing against a picture. What is found
//! was written by whoever made or last saved the file, and only a signature is more than a claim.

use model::finding::Finding;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{C2pa, Exif, Metadata};
use crate::forensics::why_not;

const ANALYZER: &str = "local.provenance";
const VERSION: &str = "1";

/// How the file came to us: it decides what missing metadata means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// Sent as a picture in a messenger, which makes it anew and strips it.
    Photo,
    /// Sent as a file: its bytes are as the sender had them.
    Document,
    /// Chosen on a web page or by a program: its bytes are as the sender had them.
    Upload,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context {
    pub channel_kind: ChannelKind,
    /// The messenger says that it was forwarded.
    pub is_forwarded: bool,
    /// The messenger says that it was forwarded many times.
    pub is_frequently_forwarded: bool,
}

/// Everything that can be said of where the picture comes from; never empty for a picture.
pub fn findings(metadata: &Metadata, context: &Context) -> Vec<Finding> {
    let mut found = Vec::new();
    let says_something = found_in_exif(metadata, &mut found)
        | software(metadata, &mut found)
        | synthetic(metadata, &mut found)
        | c2pa(&metadata.c2pa, &mut found);
    edited(metadata, &mut found);
    location(metadata, &mut found);
    forwarded(*context, &mut found);
    let is_recompressed = recompressed(metadata, *context, &mut found);
    if !says_something {
        found.push(nothing(*context, is_recompressed));
    }
    unlooked(metadata, *context, &mut found);
    found
}

/// Where traces of editing mean nothing, the finding that tells it best says that they were not looked for.
fn unlooked(metadata: &Metadata, context: Context, found: &mut [Finding]) {
    let Some(why) = why_not(metadata, context.channel_kind) else { return };
    let telling = ["provenance.recompressed", "provenance.screenshot", "provenance.none"];
    let place = telling.iter().find_map(|kind| found.iter().position(|finding| finding.kind == *kind));
    if let Some(finding) = found.get_mut(place.unwrap_or(0)) {
        finding.why = format!("{}; {}", finding.why, why.sentence());
    }
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

/// How sure one can be of what anybody may have typed.
const CLAIMED: f32 = 0.6;

fn found_in_exif(metadata: &Metadata, found: &mut Vec<Finding>) -> bool {
    let Some(exif) = &metadata.exif else { return false };
    let before = found.len();
    let camera = camera_name(exif);
    if !camera.is_empty() {
        let why = format!(
            "the EXIF block names the camera “{camera}”; a camera writes that into its own pictures, and anybody \
             can write it into any picture"
        );
        found.push(finding(
            "provenance.camera",
            json!({ "make": exif.make, "model": exif.model }),
            CLAIMED,
            why,
        ));
    }
    if let Some(taken_at) = &exif.taken_at {
        let why = format!(
            "the EXIF block says it was taken at {taken_at}, by the camera's own clock{}; clocks can be wrong and \
             times can be changed",
            if taken_at.len() > 19 { "" } else { ", without a time zone" }
        );
        found.push(finding("provenance.time", json!(taken_at), CLAIMED, why));
    }
    if metadata.is_screenshot() {
        let why = "the EXIF comment is “Screenshot”, as phones write it into screenshots".to_owned();
        found.push(finding("provenance.screenshot", json!(true), 0.9, why));
    }
    found.len() > before
}

/// “Apple iPhone 15”, not “Apple Apple iPhone 15”: many models repeat their maker.
fn camera_name(exif: &Exif) -> String {
    let make = exif.make.as_deref().unwrap_or_default();
    let model = exif.model.as_deref().unwrap_or_default();
    let repeats = model.to_lowercase().starts_with(&make.to_lowercase());
    if repeats { model.to_owned() } else { format!("{make} {model}").trim().to_owned() }
}

/// Where the file names a program, and which.
fn programs(metadata: &Metadata) -> Vec<(&'static str, &str)> {
    let exif = metadata.exif.as_ref().and_then(|e| e.software.as_deref()).map(|s| ("EXIF", s));
    let xmp = metadata.xmp.as_ref().and_then(|x| x.creator_tool.as_deref()).map(|s| ("XMP", s));
    let iptc = metadata.iptc.as_ref().and_then(|i| i.program.as_deref()).map(|s| ("IPTC", s));
    let png = metadata.texts.iter().find(|(key, _)| key == "Software").map(|(_, s)| ("PNG text", s.as_str()));
    [exif, xmp, iptc, png].into_iter().flatten().collect()
}

fn software(metadata: &Metadata, found: &mut Vec<Finding>) -> bool {
    let mut named: Vec<&str> = Vec::new();
    for (place, program) in programs(metadata) {
        if named.contains(&program) {
            continue;
        }
        named.push(program);
        let why = format!(
            "the {place} block names the program “{program}” (of a phone, often only its system's version); \
             anybody can write that"
        );
        found.push(finding("provenance.software", json!(program), CLAIMED, why));
    }
    !named.is_empty()
}

/// What a file says of itself when a generator made it. Nobody gains by claiming it falsely, so it is worth believing;
/// that it is missing says nothing.
fn synthetic(metadata: &Metadata, found: &mut Vec<Finding>) -> bool {
    const WORTH: &str = "it is the file's own word, and nobody gains by saying it falsely";
    let xmp = metadata.xmp.as_ref();
    let declared = xmp.and_then(|x| x.digital_source_type.as_deref());
    let signed = match &metadata.c2pa {
        C2pa::Valid { digital_source_type, .. } => digital_source_type.as_deref(),
        _ => None,
    };
    for (place, term) in [("IPTC field “digital source type”", declared), ("signed record", signed)] {
        let Some(meaning) = term.and_then(source_type_meaning) else { continue };
        let term = term.unwrap_or_default();
        let why = format!("the {place} is “{term}”: {meaning}; {WORTH}");
        found.push(finding("provenance.synthetic", json!(term), 0.95, why));
        return true;
    }
    let credits =
        [xmp.and_then(|x| x.credit.as_deref()), metadata.iptc.as_ref().and_then(|i| i.credit.as_deref())];
    if let Some(credit) = credits.into_iter().flatten().find(|c| is_generator(c)) {
        let why = format!("the credit line is “{credit}”; {WORTH}");
        found.push(finding("provenance.synthetic", json!(credit), 0.9, why));
        return true;
    }
    if let Some((place, program)) = programs(metadata).into_iter().find(|(_, p)| is_generator(p)) {
        let why = format!("the {place} block names the picture generator “{program}”; {WORTH}");
        found.push(finding("provenance.synthetic", json!(program), 0.9, why));
        return true;
    }
    // What the two most used local programs leave in a PNG: their settings.
    let settings = metadata.texts.iter().find(|(key, said)| {
        key == "parameters" && said.contains("Steps:")
            || key == "prompt" && said.starts_with('{')
            || key == "workflow" && said.starts_with('{')
            || key == "invokeai_metadata"
            || key == "Dream"
    });
    if let Some((key, _)) = settings {
        let why = format!("the PNG carries a text “{key}” as picture generators leave it; {WORTH}");
        found.push(finding("provenance.synthetic", json!(key), 0.9, why));
        return true;
    }
    false
}

/// The terms of IPTC's NewsCodes “digital source type” that mean that something was not photographed.
fn source_type_meaning(term: &str) -> Option<&'static str> {
    Some(match term {
        "trainedAlgorithmicMedia" => "made by a trained model",
        "compositeWithTrainedAlgorithmicMedia" => "parts of it were made by a trained model",
        "algorithmicMedia" => "made by a program",
        "compositeSynthetic" => "put together, with synthetic parts",
        "virtualRecording" => "recorded in a virtual scene",
        _ => return None,
    })
}

fn is_generator(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "made with google ai",
        "dall-e",
        "dall·e",
        "midjourney",
        "stable diffusion",
        "novelai",
        "comfyui",
        "automatic1111",
        "firefly",
        "imagen",
        "leonardo.ai",
        "invokeai",
    ];
    let name = name.to_lowercase();
    NAMES.iter().any(|generator| name.contains(generator))
}

fn c2pa(c2pa: &C2pa, found: &mut Vec<Finding>) -> bool {
    let (value, confidence, why) = match c2pa {
        C2pa::Absent => return false,
        C2pa::Unverified => (
            "unverified",
            0.3,
            "the file carries content credentials (C2PA), which this build does not verify: taken alone, that they \
             are there proves nothing"
                .to_owned(),
        ),
        C2pa::Remote => (
            "remote",
            0.3,
            "the file names content credentials (C2PA) that are kept on a server; files are opened without a \
             network, so they were not fetched, and taken alone the name proves nothing"
                .to_owned(),
        ),
        C2pa::Invalid { why } => (
            "invalid",
            0.95,
            format!(
                "the file carries content credentials (C2PA) that do not match it ({why}): it was changed after \
                 signing, even if only by a program that saved it again"
            ),
        ),
        C2pa::Valid { signer, generator, signed_at, .. } => {
            let who = signer.as_deref().unwrap_or("somebody unnamed");
            let with = generator.as_deref().map(|g| format!(" with “{g}”")).unwrap_or_default();
            let when = signed_at.as_deref().map(|t| format!(" at {t}")).unwrap_or_default();
            // Whoever can make a certificate can sign: without a list of trusted signers it is integrity only.
            let why = format!(
                "the content credentials (C2PA) are intact: not a byte changed since “{who}” signed{with}{when}; \
                 no list of trusted signers is used, so the name itself is not vouched for"
            );
            ("valid", 0.8, why)
        }
    };
    found.push(finding("provenance.c2pa", json!(value), confidence, why));
    true
}

fn is_editor(name: &str) -> bool {
    const NAMES: [&str; 18] = [
        "photoshop",
        "lightroom",
        "gimp",
        "affinity",
        "pixelmator",
        "snapseed",
        "canva",
        "picsart",
        "paint.net",
        "meitu",
        "faceapp",
        "facetune",
        "vsco",
        "capture one",
        "photopea",
        "acorn",
        "inkscape",
        "figma",
    ];
    let name = name.to_lowercase();
    NAMES.iter().any(|editor| name.contains(editor))
}

fn edited(metadata: &Metadata, found: &mut Vec<Finding>) {
    const WORTH: &str = "that says that it was saved there, not what was changed or why";
    if let Some((place, program)) = programs(metadata).into_iter().find(|(_, p)| is_editor(p)) {
        let why = format!("the {place} block names the editing program “{program}”; {WORTH}");
        found.push(finding("provenance.edited", json!(program), 0.7, why));
    }
    if let Some(xmp) = metadata.xmp.as_ref().filter(|x| x.history_steps > 0) {
        let with = xmp.history_software.join(", ");
        let why = format!(
            "the XMP block keeps an editing history of {} steps{}{with}; {WORTH}",
            xmp.history_steps,
            if with.is_empty() { "" } else { " with " }
        );
        found.push(finding("provenance.edited", json!({ "steps": xmp.history_steps }), 0.7, why));
    }
    let exif_thumbnail = metadata.exif.as_ref().and_then(|e| e.thumbnail);
    if let (Some(small), Some(size)) = (exif_thumbnail, metadata.width.zip(metadata.height))
        && !is_same_shape(small, size)
    {
        let why = format!(
            "the small picture inside is {} × {}, the picture itself {} × {}: other proportions, so the picture was \
             cropped after it was taken and the small one was not renewed",
            small.0, small.1, size.0, size.1
        );
        found.push(finding("provenance.edited", json!("cropped"), 0.6, why));
    }
}

/// The same proportions within four of a hundred, lying or standing. Cameras put 160 × 120 with black bars into
/// pictures of 3:2 and 16:9, so a small picture of 4:3 says nothing.
fn is_same_shape(small: (u32, u32), size: (u32, u32)) -> bool {
    let ratio = |(w, h): (u32, u32)| f64::from(w.max(h)) / f64::from(w.min(h).max(1));
    let (small, size) = (ratio(small), ratio(size));
    let is_padded = (small - 4.0 / 3.0).abs() < 0.02;
    is_padded || (small / size - 1.0).abs() <= 0.04
}

fn location(metadata: &Metadata, found: &mut Vec<Finding>) {
    let in_exif = metadata.exif.as_ref().is_some_and(|e| e.has_location);
    let in_xmp = metadata.xmp.as_ref().is_some_and(|x| x.has_location);
    if in_exif || in_xmp {
        let why = "the file says where it was taken (coordinates in its metadata); that is personal data: it is in \
                   the original only, in no rendition, and is not read out here"
            .to_owned();
        found.push(finding("pii.location", json!(true), 1.0, why));
    }
    if metadata.exif.as_ref().is_some_and(|e| e.has_owner) {
        let why = "the EXIF block holds an owner's name or a camera's serial number; that is personal data, and it \
                   is not read out here"
            .to_owned();
        found.push(finding("pii.owner", json!(true), 1.0, why));
    }
}

fn forwarded(context: Context, found: &mut Vec<Finding>) {
    if !context.is_forwarded && !context.is_frequently_forwarded {
        return;
    }
    let (value, often) =
        if context.is_frequently_forwarded { ("many times", "many times ") } else { ("once or more", "") };
    let why = format!(
        "the messenger marks the message as forwarded {often}before it came here: the sender did not take the \
         picture for this conversation, and may not have taken it at all"
    );
    found.push(finding("provenance.forwarded", json!(value), 0.95, why));
}

/// The largest side that WhatsApp leaves to a photo in standard and in HD quality.
const MESSENGER_SIDE_PX_MAX: u32 = 1_600;
pub(crate) const MESSENGER_HD_SIDE_PX_MAX: u32 = 4_096;

/// Whether it looks as if a messenger had made the file anew.
pub(crate) fn is_recompressed(metadata: &Metadata, channel_kind: ChannelKind) -> bool {
    let Some(jpeg) = &metadata.jpeg else { return false };
    let is_stripped = metadata.exif.as_ref().is_none_or(|e| e.make.is_none() && e.taken_at.is_none())
        && metadata.xmp.is_none()
        && metadata.iptc.is_none()
        && metadata.c2pa == C2pa::Absent;
    let (Some((width, height)), Some(quality)) = (metadata.width.zip(metadata.height), jpeg.quality) else {
        return false;
    };
    let is_photo = channel_kind == ChannelKind::Photo;
    let limit = if is_photo { MESSENGER_HD_SIDE_PX_MAX } else { MESSENGER_SIDE_PX_MAX };
    let is_halved = jpeg.subsampling.as_deref() == Some("4:2:0");
    is_stripped && width.max(height) <= limit && is_halved && quality <= 95
}

fn recompressed(metadata: &Metadata, context: Context, found: &mut Vec<Finding>) -> bool {
    if !is_recompressed(metadata, context.channel_kind) {
        return false;
    }
    let (Some(jpeg), Some((width, height))) = (&metadata.jpeg, metadata.width.zip(metadata.height)) else {
        return false;
    };
    let quality = jpeg.quality.unwrap_or_default();
    let is_photo = context.channel_kind == ChannelKind::Photo;
    let table = if jpeg.has_standard_table { "the standard's own" } else { "not the standard's" };
    let rests_on = format!(
        "no camera data, {width} × {height}, colours at half resolution (4:2:0), quality about {quality} of 100 by a \
         table that is {table}"
    );
    let (confidence, why) = if is_photo {
        (0.9, format!("sent as a photo, which the messenger compresses anew: {rests_on}"))
    } else {
        (
            0.5,
            format!(
                "it looks as if a messenger or a web page had compressed it anew before it was sent as a file: \
                 {rests_on}; that rests on these marks only, and many programs leave the same"
            ),
        )
    };
    let value = json!({ "quality": quality, "progressive": jpeg.is_progressive });
    found.push(finding("provenance.recompressed", value, confidence, why));
    true
}

fn nothing(context: Context, is_recompressed: bool) -> Finding {
    let why = match context.channel_kind {
        ChannelKind::Photo => {
            "no metadata, as always after a messenger's recompression; that says nothing about the picture. \
             Sent as a document, a picture keeps what its camera wrote"
        }
        _ if is_recompressed => {
            "no metadata, as after any messenger's or web page's recompression; that says nothing about the picture"
        }
        _ => {
            "no metadata although it was sent as a file: screenshots, scans and pictures from the web or a \
             messenger have none; that is no sign of anything by itself"
        }
    };
    finding("provenance.none", json!(true), 1.0, why.to_owned())
}
