//! Text that a browser could run: HTML, SVG, XML, however it is dressed.
//!
//! Wrong in one direction only: plain text that merely looks like markup is downloaded instead of shown.

use super::{HTML, SVG, Sniffed, XML, contains};

/// How far markup is looked for behind ordinary text; browsers that guess look no further.
const GUESS_BYTES: usize = 2_048;

pub(super) fn sniff(head: &[u8]) -> Option<Sniffed> {
    let text = ascii_of(head);
    let (body, opens_as_xml) = skip_prolog(&text);
    if is_tag(body) {
        return Some(name(body, opens_as_xml));
    }
    if opens_as_xml {
        return Some(XML);
    }
    let guess = text.get(..GUESS_BYTES).unwrap_or(&text);
    if !guess.contains(&b'<') || is_binary(guess) {
        return None;
    }
    const TELLING: [&[u8]; 12] = [
        b"<script",
        b"<html",
        b"<!doctype",
        b"<svg",
        b"<iframe",
        b"<body",
        b"<head",
        b"<img",
        b"<object",
        b"<embed",
        b"<style",
        b"<meta",
    ];
    TELLING.iter().any(|tag| contains(guess, tag)).then(|| if contains(guess, b"<svg") { SVG } else { HTML })
}

/// Lower-case, without a byte order mark, and without the zero bytes of UTF-16 or UTF-32.
fn ascii_of(head: &[u8]) -> Vec<u8> {
    let is_wide = head.starts_with(b"\xFF\xFE")
        || head.starts_with(b"\xFE\xFF")
        || matches!(*head, [b'<', 0, ..] | [0, b'<', ..] | [0, 0, 0, b'<', ..]);
    let start = head
        .strip_prefix(b"\xEF\xBB\xBF")
        .or_else(|| head.strip_prefix(b"\xFF\xFE"))
        .or_else(|| head.strip_prefix(b"\xFE\xFF"))
        .unwrap_or(head);
    start.iter().filter(|b| !(is_wide && **b == 0)).map(u8::to_ascii_lowercase).collect()
}

/// Behind white space, XML declarations, processing instructions, comments and document types other than HTML's.
fn skip_prolog(text: &[u8]) -> (&[u8], bool) {
    let mut rest = text;
    let mut opens_as_xml = false;
    loop {
        rest = rest.trim_ascii_start();
        // A zero-width space or a second byte order mark does not stop a browser.
        while let Some(stripped) = rest.strip_prefix(b"\xEF\xBB\xBF").or_else(|| rest.strip_prefix(b"\0")) {
            rest = stripped.trim_ascii_start();
        }
        let end: &[u8] = if rest.starts_with(b"<!--") {
            b"-->"
        } else if rest.starts_with(b"<?") {
            opens_as_xml |= rest.starts_with(b"<?xml");
            b"?>"
        } else {
            return (rest, opens_as_xml);
        };
        match rest.windows(end.len()).position(|w| w == end) {
            Some(at) => rest = rest.get(at.saturating_add(end.len())..).unwrap_or_default(),
            // Never closed: a browser reads on as it likes, so it is markup.
            None => return (b"<!--", opens_as_xml),
        }
    }
}

fn is_tag(body: &[u8]) -> bool {
    matches!(*body, [b'<', b'a'..=b'z' | b'!' | b'?' | b'/', ..])
}

fn name(body: &[u8], opens_as_xml: bool) -> Sniffed {
    let start = body.get(..GUESS_BYTES).unwrap_or(body);
    let is_html_doctype = body.starts_with(b"<!doctype html") || body.starts_with(b"<html");
    if !is_html_doctype && (contains(start, b"<svg") || contains(start, b":svg")) {
        SVG
    } else if opens_as_xml && !is_html_doctype {
        XML
    } else {
        HTML
    }
}

fn is_binary(text: &[u8]) -> bool {
    text.iter().any(|b| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B))
}
