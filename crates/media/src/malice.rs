//! What a file hides or could do: another type than it claims, two files in one, code, a bomb, a lock.
//!
//! Reads bytes from outside: call [`findings`] in the confined child ([`mismatch`] reads none and may run anywhere).
//! Nothing found here refuses a file, and nothing *not* found says that a file is harmless: it says what people should
//! know before they download the original. Nothing of what is looked into is ever run, rendered or served.

mod archive;
mod ends;
mod markup;
mod office;
mod ole;
mod pdf;

use model::finding::Finding;
use serde_json::json;

use crate::sniff::{self, Family, Sniffed};

pub(crate) use archive::Members;

const ANALYZER: &str = "local.malice";
const VERSION: &str = "1";

/// What the sender says the file is.
#[derive(Clone, Copy, Default, Debug)]
pub struct Claimed<'a> {
    pub mime_type: Option<&'a str>,
    pub file_name: Option<&'a str>,
}

/// Everything that can be said of the bytes, without the sender's claims.
pub fn findings(bytes: &[u8], sniffed: Sniffed) -> Vec<Finding> {
    let mut found = ends::findings(bytes, sniffed);
    match sniffed {
        sniff::PDF => pdf::findings(bytes, &mut found),
        sniff::SVG | sniff::HTML | sniff::XML => markup::findings(bytes, sniffed, &mut found),
        sniff::DOC | sniff::XLS | sniff::PPT | sniff::OLE => ole::findings(bytes, &mut found),
        sniff::RTF => office::rtf(bytes, &mut found),
        sniff::GZIP => archive::gzip(bytes, &mut found),
        _ if archive::is_zip(sniffed) => archive::findings(bytes, sniffed, &mut found),
        _ => {}
    }
    found
}

/// Whether the name or the type that the sender gave contradicts the bytes.
pub fn mismatch(sniffed: Sniffed, claimed: Claimed<'_>) -> Option<Finding> {
    let extension =
        claimed.file_name.and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_lowercase());
    let by_name = extension.as_deref().and_then(Sniffed::from_extension);
    let mime_type = claimed.mime_type.map(|m| m.split(';').next().unwrap_or_default().trim().to_lowercase());
    let by_type = mime_type.as_deref().and_then(Sniffed::from_mime_type);
    let is_runnable = extension.as_deref().is_some_and(is_program);
    let (claim, claims) = if is_runnable {
        (extension.unwrap_or_default(), None)
    } else {
        [(extension, by_name), (mime_type, by_type)]
            .into_iter()
            .filter_map(|(claim, meant)| claim.zip(meant))
            .find(|(_, meant)| !is_compatible(*meant, sniffed))
            .map(|(claim, meant)| (claim, Some(meant)))?
    };
    let is_dressed_up = sniffed.family == Family::Markup || is_runnable;
    let why = format!(
        "the sender calls it “{}”, and its first bytes say {}{}",
        claim.chars().filter(|c| !c.is_control()).take(80).collect::<String>(),
        sniffed.mime_type,
        if is_runnable {
            ": a name like that makes a computer run the file when it is opened"
        } else if is_dressed_up {
            ", which can run code in a browser; it is kept for download and never shown"
        } else {
            "; the bytes decide how it is treated"
        }
    );
    let value = json!({ "claimed": claims.map_or("program", |c| c.mime_type), "found": sniffed.mime_type });
    Some(finding("file.type_mismatch", value, if is_dressed_up { 0.95 } else { 0.8 }, why))
}

/// Ends of names that Windows, macOS or Linux run when they are clicked on.
fn is_program(extension: &str) -> bool {
    const PROGRAMS: [&str; 24] = [
        "exe", "scr", "com", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "hta", "msi", "jar",
        "lnk", "pif", "cpl", "reg", "sh", "apk", "dmg", "app", "iso", "url",
    ];
    PROGRAMS.contains(&extension)
}

/// Different names for what is opened the same way are no contradiction.
fn is_compatible(claimed: Sniffed, found: Sniffed) -> bool {
    const SAME: [&[Sniffed]; 9] = [
        &[sniff::HEIC, sniff::HEIF],
        &[sniff::MP4, sniff::MOV, sniff::THREE_GP, sniff::M4A],
        &[sniff::OGG, sniff::OPUS, sniff::OGV],
        &[sniff::MKV, sniff::WEBM],
        &[sniff::AAC, sniff::M4A, sniff::MP3],
        &[sniff::DOC, sniff::XLS, sniff::PPT, sniff::OLE],
        // An Office file with a large first member shows its kind too late; a ZIP is what all of them are.
        &[sniff::ZIP, sniff::DOCX, sniff::XLSX, sniff::PPTX, sniff::ODT, sniff::ODS, sniff::ODP, sniff::EPUB],
        &[sniff::TEXT, sniff::VCARD, sniff::EML],
        &[sniff::SVG, sniff::XML],
    ];
    claimed == found
        || SAME
            .iter()
            .any(|same| same.contains(&claimed) && same.contains(&found) && is_vague(claimed, found))
}

/// Two precise Office types contradict each other; a precise one and the container it stands in do not.
fn is_vague(claimed: Sniffed, found: Sniffed) -> bool {
    let office = |s: Sniffed| {
        s.family == Family::Document && ![sniff::OLE, sniff::TEXT, sniff::VCARD, sniff::EML].contains(&s)
    };
    !(office(claimed) && office(found))
}

fn finding(kind: &str, value: serde_json::Value, confidence: f32, why: String) -> Finding {
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

/// One finding a kind of code, however often it occurs.
fn active(what: &str, confidence: f32, why: &str, found: &mut Vec<Finding>) {
    let value = json!(what);
    if !found.iter().any(|f| f.kind == "file.active_content" && f.value == value) {
        let why = format!("{why}; it is never run here, and no rendition carries it");
        found.push(finding("file.active_content", value, confidence, why));
    }
}

fn encrypted(why: &str, found: &mut Vec<Finding>) {
    if !found.iter().any(|f| f.kind == "file.encrypted") {
        let why = format!("{why}; ask for a copy without a password, or for a photo of what it shows");
        found.push(finding("file.encrypted", json!(true), 1.0, why));
    }
}

#[cfg(test)]
mod tests;
