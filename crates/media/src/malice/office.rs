//! Code in Office files: macros, templates and objects from elsewhere, fields that start programs.

use memchr::memmem;
use model::finding::Finding;
use quick_xml::{Reader, events::Event};

use super::{active, archive::Members, encrypted};
use crate::limits::MIB;

const PART_BYTES_MAX: u64 = 8 * MIB;
const PARTS_MAX: usize = 200;
const EVENTS_MAX: usize = 2_000_000;

pub(super) fn findings(members: &mut Members<'_>, found: &mut Vec<Finding>) {
    let names = members.names();
    by_names(&names, found);
    for name in names.iter().filter(|n| n.ends_with(".rels")).take(PARTS_MAX) {
        members.read(name, PART_BYTES_MAX).inspect(|part| relations(part, found));
    }
    let holds_fields = |n: &&String| n.starts_with("word/") && n.ends_with(".xml") && !n.contains("theme");
    for name in names.iter().filter(holds_fields).take(PARTS_MAX) {
        members.read(name, PART_BYTES_MAX).inspect(|part| fields(part, found));
    }
    if let Some(manifest) = members.read("META-INF/manifest.xml", PART_BYTES_MAX)
        && memmem::find(&manifest, b"encryption-data").is_some()
    {
        encrypted("the document is protected by a password", found);
    }
}

fn by_names(names: &[String], found: &mut Vec<Finding>) {
    for name in names {
        let lower = name.to_lowercase();
        if lower.ends_with("vbaproject.bin") {
            active("office.macros", 0.95, "the document carries macros (a VBA project)", found);
        } else if lower.contains("/macrosheets/") {
            active("office.macros", 0.95, "the workbook carries a sheet of Excel 4 macros", found);
        } else if lower.starts_with("basic/") && lower.ends_with(".xml") {
            active("office.macros", 0.9, "the document carries macros (a Basic library)", found);
        } else if lower.contains("/activex/") {
            active("office.activex", 0.9, "the document carries ActiveX controls", found);
        } else if lower.contains("/embeddings/") && lower.ends_with(".bin") {
            active(
                "office.embedded_object",
                0.7,
                "the document carries an embedded object of another program",
                found,
            );
        } else if lower.starts_with("xl/externallinks/") && lower.ends_with(".xml") {
            active("office.external_link", 0.5, "the workbook takes values from other files", found);
        }
    }
}

/// Relations whose target stands outside of the file and is fetched without a click; a mere hyperlink is not.
fn relations(part: &[u8], found: &mut Vec<Finding>) {
    for_elements(part, |name, element| {
        if name != b"Relationship" {
            return;
        }
        let value = |key: &str| element.try_get_attribute(key).ok().flatten().map(|a| a.value.to_vec());
        let is_external = value("TargetMode").is_some_and(|m| m.eq_ignore_ascii_case(b"external"));
        let kind = value("Type").unwrap_or_default();
        if !is_external || kind.ends_with(b"/hyperlink") {
            return;
        }
        if kind.ends_with(b"/attachedTemplate") {
            let why = "the document fetches its template from elsewhere when it is opened: a way to bring in macros";
            active("office.external_template", 0.95, why, found);
        } else {
            let why = "the document fetches a part from elsewhere when it is opened, which tells its maker who reads it";
            active("office.external_part", 0.7, why, found);
        }
    });
}

/// Word's fields: their instructions may be cut into many runs, which are read as one.
fn fields(part: &[u8], found: &mut Vec<Finding>) {
    let mut instructions = String::new();
    let mut reader = Reader::from_reader(part);
    let mut is_inside = false;
    for _ in 0..EVENTS_MAX {
        match reader.read_event() {
            Ok(Event::Start(e)) => {
                is_inside = e.local_name().as_ref() == b"instrText";
                simple_field(&e, &mut instructions);
            }
            Ok(Event::Empty(e)) => simple_field(&e, &mut instructions),
            Ok(Event::Text(said)) if is_inside => {
                instructions.push_str(&said.decode().unwrap_or_default());
            }
            Ok(Event::End(e)) => {
                is_inside = false;
                if e.local_name().as_ref() == b"p" {
                    instructions.push('\n');
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    let is_dde = |line: &str| {
        line.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| matches!(word.to_uppercase().as_str(), "DDE" | "DDEAUTO"))
    };
    if instructions.lines().any(is_dde) {
        active("office.dde", 0.95, "the document has a field that starts another program (DDE)", found);
    }
}

fn simple_field(element: &quick_xml::events::BytesStart<'_>, instructions: &mut String) {
    if element.local_name().as_ref() == b"fldSimple" {
        for attribute in element.attributes().flatten().filter(|a| a.key.local_name().as_ref() == b"instr") {
            instructions.push('\n');
            instructions.push_str(&String::from_utf8_lossy(&attribute.value));
            instructions.push('\n');
        }
    }
}

/// Every element of an XML part, as far as it is XML.
pub(super) fn for_elements(part: &[u8], mut see: impl FnMut(&[u8], &quick_xml::events::BytesStart<'_>)) {
    let mut reader = Reader::from_reader(part);
    for _ in 0..EVENTS_MAX {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => see(element.local_name().as_ref(), &element),
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// RTF's control words stand in plain sight.
pub(super) fn rtf(bytes: &[u8], found: &mut Vec<Finding>) {
    let has = |word: &[u8]| memmem::find(bytes, word).is_some();
    if has(b"\\objdata") || has(b"\\objocx") || has(b"\\objupdate") {
        active(
            "office.embedded_object",
            0.8,
            "the document carries an embedded object of another program",
            found,
        );
    }
    if has(b"{\\*\\template") {
        active(
            "office.external_template",
            0.8,
            "the document names a template that is fetched when it is opened",
            found,
        );
    }
    if has(b"DDEAUTO") {
        active("office.dde", 0.8, "the document has a field that starts another program (DDE)", found);
    }
}
