//! Text and pictures of Office files: a ZIP of XML, read within a budget that all members share.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{Bounds, Document, is_worthwhile, short};
use crate::{limits::MIB, malice::Members, sniff};

const UNPACKED_BYTES_MAX: u64 = 96 * MIB;
const PART_BYTES_MAX: u64 = 32 * MIB;
const PARTS_MAX: usize = 500;
const EVENTS_MAX: usize = 5_000_000;
const NAMES_MAX: usize = 1_000;

/// Word, Excel, PowerPoint since 2007 (ECMA-376).
pub(super) fn open_xml(bytes: &[u8], bounds: &Bounds, document: &mut Document) {
    let Some(mut members) = open(bytes, document) else { return };
    let names = members.names();
    match document.sniffed {
        sniff::DOCX => {
            let parts = ["word/document.xml", "word/footnotes.xml", "word/endnotes.xml", "word/comments.xml"];
            let (headers, footers) =
                (numbered(&names, "word/header", document), numbered(&names, "word/footer", document));
            for part in parts.into_iter().map(str::to_owned).chain(headers).chain(footers) {
                if let Some(xml) = members.read(&part, PART_BYTES_MAX) {
                    push(&paragraphs(&xml), &part, bounds, document);
                }
            }
        }
        sniff::PPTX => {
            document.page_count = u32::try_from(count(&names, "ppt/slides/slide")).ok();
            let slides = numbered(&names, "ppt/slides/slide", document);
            for part in slides.iter().chain(&numbered(&names, "ppt/notesSlides/notesSlide", document)) {
                if let Some(xml) = members.read(part, PART_BYTES_MAX) {
                    push(&paragraphs(&xml), part, bounds, document);
                    document.push_text("\n", bounds);
                }
            }
        }
        _ => workbook(&mut members, &names, bounds, document),
    }
    pictures(&mut members, &names, "/media/", bounds, document);
}

/// LibreOffice and others (ISO 26300).
pub(super) fn open_document(bytes: &[u8], bounds: &Bounds, document: &mut Document) {
    let Some(mut members) = open(bytes, document) else { return };
    if !document.is_encrypted
        && let Some(xml) = members.read("content.xml", PART_BYTES_MAX)
    {
        push(&paragraphs(&xml), "content.xml", bounds, document);
    }
    let names = members.names();
    pictures(&mut members, &names, "Pictures/", bounds, document);
}

/// Of a plain archive the names only: what is in it is not unpacked.
pub(super) fn archive(bytes: &[u8], document: &mut Document) {
    let Some(members) = open(bytes, document) else { return };
    let names = members.names();
    document.attachments = names.iter().take(NAMES_MAX).map(|name| short(name)).collect();
    if names.len() > NAMES_MAX {
        let count = names.len();
        document.cut(|| format!("only the first {NAMES_MAX} of the archive's {count} names are listed"));
    }
}

fn open<'a>(bytes: &'a [u8], document: &mut Document) -> Option<Members<'a>> {
    let members = Members::open(bytes, UNPACKED_BYTES_MAX);
    if members.is_none() {
        document.why_none = Some(
            "the file is damaged or incomplete and was not read; ask for it to be sent again".to_owned(),
        );
    }
    members
}

/// `word/header1.xml`, `word/header2.xml`, …, by their numbers; says so where there are too many.
fn numbered(names: &[String], start: &str, document: &mut Document) -> Vec<String> {
    let mut found: Vec<&String> = names.iter().filter(|name| number(name, start).is_some()).collect();
    found.sort_by_key(|name| number(name, start));
    let count = found.len();
    if count > PARTS_MAX {
        document.cut(|| format!("only the first {PARTS_MAX} of {count} parts “{start}…” were read"));
    }
    found.into_iter().take(PARTS_MAX).cloned().collect()
}

fn count(names: &[String], start: &str) -> usize {
    names.iter().filter(|name| number(name, start).is_some()).count()
}

fn number(name: &str, start: &str) -> Option<u32> {
    name.strip_prefix(start)?.strip_suffix(".xml")?.parse().ok()
}

/// What was read of a part's XML.
struct Read {
    text: String,
    /// It broke off, because the XML is damaged or endless.
    is_broken: bool,
}

fn push(read: &Read, part: &str, bounds: &Bounds, document: &mut Document) {
    document.push_text(&read.text, bounds);
    if read.is_broken {
        document.cut(|| format!("“{part}” is damaged or too large and was read only as far as that"));
    }
}

fn pictures(
    members: &mut Members<'_>,
    names: &[String],
    folder: &str,
    bounds: &Bounds,
    document: &mut Document,
) {
    for name in names.iter().filter(|n| n.contains(folder)) {
        if let Some(bytes) = members.read(name, PART_BYTES_MAX).filter(|b| is_worthwhile(b, bounds)) {
            document.push_image(name.clone(), bytes, bounds);
        }
    }
    if members.is_cut {
        document.cut(|| "parts of the document are too large and were left out".to_owned());
    }
}

/// The text of WordprocessingML, DrawingML and OpenDocument: their names for runs, breaks and paragraphs differ, and
/// none means something else in another.
fn paragraphs(xml: &[u8]) -> Read {
    let mut out = String::new();
    let mut is_broken = true;
    let mut reader = Reader::from_reader(xml);
    // In Office Open XML text stands in `t`; in OpenDocument anywhere within a paragraph.
    let (mut runs, mut blocks) = (0_u32, 0_u32);
    for _ in 0..EVENTS_MAX {
        match reader.read_event() {
            Ok(Event::Start(e)) => match e.local_name().as_ref() {
                b"t" => runs = runs.saturating_add(1),
                b"p" | b"h" if is_open_document(&e) => blocks = blocks.saturating_add(1),
                _ => {}
            },
            Ok(Event::Empty(e)) => match e.local_name().as_ref() {
                b"tab" => out.push('\t'),
                b"br" | b"cr" | b"line-break" => out.push('\n'),
                b"s" if blocks > 0 => out.push(' '),
                _ => {}
            },
            Ok(Event::End(e)) => match e.local_name().as_ref() {
                b"t" => runs = runs.saturating_sub(1),
                b"p" | b"h" => {
                    blocks = blocks.saturating_sub(1);
                    out.push('\n');
                }
                b"tc" | b"table-cell" => swap_end(&mut out, '\t'),
                b"tr" | b"table-row" => swap_end(&mut out, '\n'),
                _ => {}
            },
            Ok(Event::Eof) => {
                is_broken = false;
                break;
            }
            Err(_) => break,
            Ok(event) if runs > 0 || blocks > 0 => push_text(&event, &mut out),
            Ok(_) => {}
        }
    }
    Read { text: out, is_broken }
}

fn is_open_document(element: &BytesStart<'_>) -> bool {
    element.name().as_ref().starts_with(b"text:")
}

fn push_text(event: &Event<'_>, out: &mut String) {
    match event {
        Event::Text(said) => out.push_str(&said.decode().unwrap_or_default()),
        Event::CData(said) => out.push_str(&said.decode().unwrap_or_default()),
        Event::GeneralRef(entity) => {
            let predefined = entity.decode().ok().and_then(|name| match &*name {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                "apos" => Some('\''),
                _ => None,
            });
            out.extend(predefined.or_else(|| entity.resolve_char_ref().ok().flatten()));
        }
        _ => {}
    }
}

/// A cell's last paragraph ends the cell, and the last cell ends the row.
fn swap_end(out: &mut String, end: char) {
    while out.ends_with(['\n', '\t']) {
        out.pop();
    }
    out.push(end);
}

/// Sheets row by row, cells apart by tabs. Dates are the numbers that Excel keeps for them.
fn workbook(members: &mut Members<'_>, names: &[String], bounds: &Bounds, document: &mut Document) {
    const STRINGS: &str = "xl/sharedStrings.xml";
    let shared = members.read(STRINGS, PART_BYTES_MAX).map(|xml| shared_strings(&xml));
    let (shared, is_broken) = shared.unwrap_or_default();
    if is_broken {
        push(&Read { text: String::new(), is_broken }, STRINGS, bounds, document);
    }
    document.page_count = u32::try_from(count(names, "xl/worksheets/sheet")).ok();
    for sheet in &numbered(names, "xl/worksheets/sheet", document) {
        if let Some(xml) = members.read(sheet, PART_BYTES_MAX) {
            push(&rows(&xml, &shared, bounds.text_bytes_max), sheet, bounds, document);
            document.push_text("\n", bounds);
        }
    }
}

/// The texts that cells name, and whether the list broke off.
fn shared_strings(xml: &[u8]) -> (Vec<String>, bool) {
    let mut strings = Vec::new();
    let mut current = String::new();
    let mut is_text = false;
    let mut reader = Reader::from_reader(xml);
    for _ in 0..EVENTS_MAX {
        match reader.read_event() {
            Ok(Event::Start(e)) if e.local_name().as_ref() == b"t" => is_text = true,
            Ok(Event::End(e)) => match e.local_name().as_ref() {
                b"t" => is_text = false,
                b"si" => strings.push(std::mem::take(&mut current)),
                _ => {}
            },
            Ok(Event::Eof) => return (strings, false),
            Err(_) => break,
            Ok(event) if is_text => push_text(&event, &mut current),
            Ok(_) => {}
        }
    }
    (strings, true)
}

fn rows(xml: &[u8], shared: &[String], bytes_max: usize) -> Read {
    let mut out = String::new();
    let mut is_broken = true;
    let mut value = String::new();
    let (mut is_value, mut is_shared) = (false, false);
    let mut reader = Reader::from_reader(xml);
    for _ in 0..EVENTS_MAX {
        // One shared string may be named by a million cells.
        if out.len() > bytes_max {
            // What does not fit is told by the document.
            is_broken = false;
            break;
        }
        match reader.read_event() {
            Ok(Event::Start(e)) => match e.local_name().as_ref() {
                b"c" => {
                    is_shared = e.try_get_attribute("t").ok().flatten().is_some_and(|t| *t.value == *b"s")
                }
                b"v" | b"t" => is_value = true,
                _ => {}
            },
            Ok(Event::End(e)) => match e.local_name().as_ref() {
                b"v" | b"t" => is_value = false,
                b"c" => {
                    let said = std::mem::take(&mut value);
                    let index = is_shared.then(|| said.trim().parse::<usize>().ok()).flatten();
                    out.push_str(index.and_then(|i| shared.get(i)).map_or(&said, String::as_str));
                    out.push('\t');
                }
                b"row" => swap_end(&mut out, '\n'),
                _ => {}
            },
            Ok(Event::Eof) => {
                is_broken = false;
                break;
            }
            Err(_) => break,
            Ok(event) if is_value => push_text(&event, &mut value),
            Ok(_) => {}
        }
    }
    Read { text: out, is_broken }
}
