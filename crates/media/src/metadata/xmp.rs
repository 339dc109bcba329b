//! A bounded walk through an XMP packet for the few properties that matter here.
//!
//! By local name: prefixes are the writer's choice, and the names asked for mean the same wherever they stand.

use quick_xml::{Reader, events::Event};

use super::{Xmp, text};

const EVENTS_MAX: usize = 50_000;
const PROGRAMS_MAX: usize = 8;

pub(super) fn read(packet: &[u8]) -> Option<Xmp> {
    let mut xmp = Xmp::default();
    properties(packet, |name, value| xmp.take(name, value));
    (xmp != Xmp::default()).then_some(xmp)
}

/// `dcterms:provenance` with an address: the manifest is kept elsewhere (C2PA 2.1 §11.4).
pub(super) fn names_remote_manifest(packet: &[u8]) -> bool {
    let mut found = false;
    properties(packet, |name, value| found |= name == b"provenance" && value.starts_with(b"http"));
    found
}

impl Xmp {
    fn take(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"CreatorTool" => self.creator_tool = self.creator_tool.take().or_else(|| text(value)),
            b"Credit" => self.credit = self.credit.take().or_else(|| text(value)),
            b"DigitalSourceType" | b"digitalSourceType" => {
                let term = text(value).and_then(|v| v.rsplit('/').next().map(str::to_owned));
                self.digital_source_type = self.digital_source_type.take().or(term);
            }
            b"softwareAgent" => {
                if let Some(program) = text(value)
                    && self.history_software.len() < PROGRAMS_MAX
                    && !self.history_software.contains(&program)
                {
                    self.history_software.push(program);
                }
            }
            b"action" => self.history_steps = self.history_steps.saturating_add(1),
            b"GPSLatitude" | b"GPSLongitude" => self.has_location = true,
            _ => {}
        }
    }
}

/// Every property, whether it stands as an attribute, as the text of an element or of a list in it. Stops at the
/// first thing that is no XML.
fn properties(packet: &[u8], mut see: impl FnMut(&[u8], &[u8])) {
    let mut reader = Reader::from_reader(packet);
    // The nearest element that is not one of RDF's own wrappers.
    let mut path: Vec<Vec<u8>> = Vec::new();
    for _ in 0..EVENTS_MAX {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                attributes(&element, &mut see);
                path.push(element.local_name().as_ref().to_vec());
            }
            Ok(Event::Empty(element)) => attributes(&element, &mut see),
            Ok(Event::Text(said)) => {
                let is_wrapper = |name: &[u8]| matches!(name, b"li" | b"Alt" | b"Seq" | b"Bag");
                let owner = path.iter().rev().find(|name| !is_wrapper(name));
                if let (Some(owner), Ok(said)) = (owner, said.decode())
                    && !said.trim().is_empty()
                {
                    see(owner, said.trim().as_bytes());
                }
            }
            Ok(Event::End(_)) => drop(path.pop()),
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
        if path.len() > 64 {
            return;
        }
    }
}

fn attributes(element: &quick_xml::events::BytesStart<'_>, see: &mut impl FnMut(&[u8], &[u8])) {
    let element_name = element.local_name();
    for attribute in element.attributes().flatten() {
        let name = attribute.key.local_name();
        // `<Iptc4xmpExt:DigitalSourceType rdf:resource="…"/>`
        let owner = if name.as_ref() == b"resource" { element_name.as_ref() } else { name.as_ref() };
        see(owner, &attribute.value);
    }
}
