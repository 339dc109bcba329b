//! Code in SVG, XML and HTML. All of these are kept for download and never shown, whatever is found.

use model::finding::Finding;

use super::{active, office::for_elements};
use crate::sniff::{self, Sniffed};

pub(super) fn findings(bytes: &[u8], sniffed: Sniffed, found: &mut Vec<Finding>) {
    let what = if sniffed == sniff::SVG { "svg.script" } else { "markup.script" };
    if sniffed != sniff::HTML {
        for_elements(bytes, |name, element| {
            let lower = name.to_ascii_lowercase();
            if matches!(lower.as_slice(), b"script" | b"foreignobject" | b"iframe" | b"handler") {
                let name = String::from_utf8_lossy(&lower).into_owned();
                active(
                    what,
                    0.95,
                    &format!("it holds an element <{name}>, which can run code in a browser"),
                    found,
                );
            }
            for attribute in element.html_attributes().flatten() {
                let key = attribute.key.local_name().as_ref().to_ascii_lowercase();
                let value = attribute.value.trim_ascii_start().to_ascii_lowercase();
                if key.starts_with(b"on") && key.len() > 3 {
                    active(what, 0.9, "it holds an event handler, which can run code in a browser", found);
                } else if value.starts_with(b"javascript:") || value.starts_with(b"data:text/html") {
                    active(what, 0.9, "it holds an address that runs code", found);
                }
            }
        });
    }
    // HTML is not XML, and an SVG that is not well-formed stops the reader above.
    let lower = bytes.get(..4 * 1024 * 1024).unwrap_or(bytes).to_ascii_lowercase();
    for needle in
        [&b"<script"[..], b"javascript:", b"onload=", b"onerror=", b"onclick=", b"<iframe", b"<!entity"]
    {
        if memchr::memmem::find(&lower, needle).is_some() {
            let needle = String::from_utf8_lossy(needle).into_owned();
            active(
                what,
                0.8,
                &format!("it holds “{needle}”, which can run code or fetch files in a browser"),
                found,
            );
        }
    }
}
