//! Files that hide something or could do something, made here, beside harmless ones of the same kind.

#![expect(clippy::as_conversions, reason = "a test, of numbers that are small")]

use std::io::{Cursor, Write};

use image::{DynamicImage, ImageFormat};
use proptest::prelude::*;

use super::{Claimed, findings, mismatch};
use crate::{
    fixtures::{CATALOG, PAGE, PAGES, deflated, docx, jpeg, locked_pdf, ole, pdf, zip},
    sniff::{XLSX, sniff},
};

fn picture(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image::RgbImage::from_fn(40, 30, |x, y| {
        image::Rgb([x as u8 * 6, y as u8 * 8, 90])
    }))
    .write_to(&mut bytes, format)
    .unwrap();
    bytes.into_inner()
}

/// The kinds with the name of what was found, sorted.
fn found(bytes: &[u8]) -> Vec<String> {
    let mut all: Vec<String> = findings(bytes, sniff(bytes))
        .into_iter()
        .map(|f| {
            assert!(f.why.len() > 40 && f.analyzer == "local.malice", "{f:?}");
            let kind = f.kind.trim_start_matches("file.");
            f.value
                .as_str()
                .filter(|_| kind == "active_content")
                .map_or_else(|| kind.to_owned(), str::to_owned)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn harmless_files_say_nothing() {
    let hyperlink = br#"<Relationships><Relationship Id="r1" TargetMode="External" Target="https://example.org"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"/></Relationships>"#;
    for (name, bytes) in [
        ("jpeg", jpeg()),
        ("png", picture(ImageFormat::Png)),
        ("gif", picture(ImageFormat::Gif)),
        ("webp", picture(ImageFormat::WebP)),
        ("bmp", picture(ImageFormat::Bmp)),
        ("tiff", picture(ImageFormat::Tiff)),
        ("pdf", pdf(&["<< /Type /Catalog /Pages 2 0 R /OpenAction [3 0 R /Fit] >>", PAGES, PAGE])),
        ("docx", docx(&[("word/_rels/document.xml.rels", hyperlink)])),
        ("zip", zip(&[("a.txt", b"hello"), ("b.jpg", &jpeg())])),
        ("svg", b"<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0'/></svg>".to_vec()),
        ("text", b"only words".to_vec()),
    ] {
        assert_eq!(found(&bytes), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_hangs_behind_a_file_is_found() {
    let archive = zip(&[("a.txt", b"hello")]);
    let pictures = [
        jpeg(),
        picture(ImageFormat::Png),
        picture(ImageFormat::Gif),
        picture(ImageFormat::WebP),
        picture(ImageFormat::Bmp),
        pdf(&[CATALOG, PAGES, PAGE]),
    ];
    for file in &pictures {
        let with = |tail: &[u8]| found(&[file, tail].concat());
        let name = sniff(file).extension;
        assert_eq!(with(&archive), ["polyglot"], "{name}");
        assert_eq!(with(b"\n<html><script>alert(1)</script></html>"), ["polyglot"], "{name}");
        assert_eq!(with(&[&b"MZ"[..], &[7; 100]].concat()), ["polyglot"], "{name}");
        assert_eq!(with(b"#!/bin/sh\nrm -rf /\n"), ["polyglot"], "{name}");
        assert_eq!(with(&[0xA5; 300]), ["trailing_data"], "{name}");
        assert_eq!(with(&[0; 300]), Vec::<String>::new(), "padding behind {name}");
    }
    // A motion photo is not a threat, and is told apart by its confidence.
    let motion = [jpeg(), b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec(), vec![1; 100]].concat();
    let motion = findings(&motion, sniff(&motion));
    assert_eq!((motion.len(), motion[0].confidence), (1, 0.3));
}

#[test]
fn what_stands_within_or_before_is_found() {
    let comment = |text: &[u8]| {
        let mut bytes = jpeg();
        let length = u16::try_from(text.len() + 2).unwrap().to_be_bytes();
        bytes.splice(2..2, [b"\xFF\xFE", &length[..], text].concat());
        bytes
    };
    assert_eq!(found(&comment(b"<?php system($_GET['c']); ?>")), ["polyglot"]);
    assert_eq!(found(&comment(b"%PDF-1.4 1 0 obj")), ["polyglot"]);
    assert_eq!(found(&comment(b"a holiday")), Vec::<String>::new());
    let plain = pdf(&[CATALOG, PAGES, PAGE]);
    assert_eq!(found(&[b"MZ\x90\0 something else\n", &plain[..]].concat()), ["polyglot"]);
    assert_eq!(found(&[b"\xEF\xBB\xBF\r\n", &plain[..]].concat()), Vec::<String>::new());
}

#[test]
fn pdf_code_is_found_however_it_is_spelt() {
    let with = |object: &str| found(&pdf(&[CATALOG, PAGES, PAGE, object]));
    assert_eq!(with("<< /S /JavaScript /JS (app.alert(1)) >>"), ["pdf.javascript"]);
    assert_eq!(with("<< /S /Java#53cript /#4aS (app.alert(1)) >>"), ["pdf.javascript"]);
    assert_eq!(with("<< /S /Launch /F (cmd.exe) >>"), ["pdf.launch"]);
    assert_eq!(with("<< /Type /EmbeddedFile /Length 3 >>\nstream\nabc\nendstream"), ["pdf.embedded_file"]);
    assert_eq!(with("[ << /Deep [ << /S /SubmitForm /F (http://example.org) >> ] >> ]"), ["pdf.submit"]);
    assert_eq!(with("<< /Subtype /RichMedia >>"), ["pdf.rich_media"]);
    // A name inside of text is only text.
    assert_eq!(with("(how to use /JavaScript and /Launch)"), Vec::<String>::new());
    let opens = "<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>";
    let bytes = pdf(&[opens, PAGES, PAGE, "<< /S /JavaScript /JS (1) >>"]);
    assert_eq!(found(&bytes), ["pdf.javascript", "pdf.open_action"]);
    assert_eq!(found(b"%PDF-1.7 nothing but /JavaScript here"), ["pdf.javascript"]);
}

#[test]
fn pdf_code_in_an_object_stream_is_found() {
    // Object 4 stands compressed in object 5; the cross-reference is a stream as well.
    let inner = "4 0 << /S /JavaScript /JS (app.alert(1)) >>";
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = [0_usize; 7];
    let packed = deflated(inner.as_bytes());
    let head =
        format!("<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length {} >>\nstream\n", packed.len());
    for (number, body) in [
        (1, CATALOG.as_bytes().to_vec()),
        (2, PAGES.as_bytes().to_vec()),
        (3, PAGE.as_bytes().to_vec()),
        (5, [head.as_bytes(), &packed, b"\nendstream"].concat()),
    ] {
        offsets[number] = out.len();
        out.extend_from_slice(&[format!("{number} 0 obj\n").as_bytes(), &body, b"\nendobj\n"].concat());
    }
    offsets[6] = out.len();
    let entry = |kind: u8, a: usize, b: u8| vec![kind, (a >> 8) as u8, a as u8, b];
    let table: Vec<u8> = (0..7)
        .flat_map(|n| match n {
            0 => entry(0, 0, 255),
            4 => entry(2, 5, 0),
            n => entry(1, offsets[n], 0),
        })
        .collect();
    let xref = format!(
        "6 0 obj\n<< /Type /XRef /Size 7 /W [1 2 1] /Root 1 0 R /Length {} >>\nstream\n",
        table.len()
    );
    out.extend_from_slice(&[xref.as_bytes(), &table, b"\nendstream\nendobj\n"].concat());
    out.extend_from_slice(format!("startxref\n{}\n%%EOF\n", offsets[6]).as_bytes());
    assert!(!out.windows(4).any(|w| w == b"Java"), "it must not stand in plain sight");
    assert_eq!(found(&out), ["pdf.javascript"]);
}

#[test]
fn office_code_is_found() {
    let template = br#"<Relationships><Relationship Id="r1" TargetMode="External" Target="https://example.org/x.dotm"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/></Relationships>"#;
    let split_dde =
        b"<w:document><w:p><w:r><w:instrText> DD</w:instrText></w:r><w:r><w:instrText>EAUTO c:\\\\cmd \
        </w:instrText></w:r></w:p></w:document>";
    let page_field = b"<w:document><w:p><w:fldSimple w:instr=' PAGE '/><w:r><w:t>the DDE office</w:t></w:r></w:p></w:document>";
    for (bytes, expect) in [
        (docx(&[("word/vbaProject.bin", b"\xD0\xCF")]), &["office.macros"][..]),
        (docx(&[("word/_rels/settings.xml.rels", template)]), &["office.external_template"]),
        (docx(&[("word/document.xml", split_dde)]), &["office.dde"]),
        (docx(&[("word/document.xml", page_field)]), &[]),
        (docx(&[("word/embeddings/oleObject1.bin", b"x")]), &["office.embedded_object"]),
        (
            zip(&[
                ("mimetype", b"application/vnd.oasis.opendocument.text"),
                ("Basic/Standard/M.xml", b"<x/>"),
            ]),
            &["office.macros"],
        ),
        (b"{\\rtf1 {\\object\\objemb {\\*\\objdata 0105}}}".to_vec(), &["office.embedded_object"]),
        (ole(&["WordDocument", "_VBA_PROJECT"]), &["office.macros"]),
        (ole(&["WordDocument"]), &[]),
        (ole(&["EncryptionInfo", "EncryptedPackage"]), &["encrypted"]),
    ] {
        assert_eq!(found(&bytes), expect);
    }
}

#[test]
fn markup_that_can_run_is_found() {
    for (bytes, expect) in [
        ("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", &["svg.script"][..]),
        ("<svg><rect ONLOAD='alert(1)'/></svg>", &["svg.script"]),
        ("<svg><a href=' javascript:alert(1)'/></svg>", &["svg.script"]),
        ("<svg><g></h><script>alert(1)</script>", &["svg.script"]),
        ("<!doctype html><p>hello", &[]),
        ("<!doctype html><img src=x onerror=alert(1)>", &["markup.script"]),
        ("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", &["markup.script"]),
    ] {
        assert_eq!(found(bytes.as_bytes()), expect, "{bytes}");
    }
}

#[test]
fn bombs_and_locks_are_found_without_unpacking() {
    let zeros = vec![0; 70 * 1024 * 1024];
    let bomb = zip(&[("zeros.bin", &zeros)]);
    assert!(bomb.len() < 100_000);
    assert_eq!(found(&bomb), ["archive_bomb"]);
    // Zipped again, it is small and harmless from outside.
    assert_eq!(found(&zip(&[("inner.zip", &bomb)])), ["archive_bomb"]);
    let mut onion = zip(&[("a.txt", b"hello")]);
    for _ in 0..5 {
        onion = zip(&[("inner.zip", &onion)]);
    }
    assert_eq!(found(&onion), ["archive_bomb"]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&zeros).unwrap();
    assert_eq!(found(&gzip.finish().unwrap()), ["archive_bomb"]);
    let program = zip(&[("invoice.pdf.exe", b"MZ")]);
    assert_eq!(found(&program), ["archive.program"]);
    // The bit that says that a member is locked, in both of its headers.
    let mut locked = zip(&[("a.txt", b"hello")]);
    let central = locked.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    locked[6] |= 1;
    locked[central + 8] |= 1;
    assert_eq!(found(&locked), ["encrypted"]);
    assert_eq!(found(&locked_pdf()), ["encrypted"]);
}

#[test]
fn names_that_contradict_the_bytes_are_named() {
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    let office = docx(&[]);
    for (bytes, mime_type, file_name, expect) in [
        (&jpeg(), "image/jpeg", "a.jpg", None),
        (&jpeg(), "image/jpeg", "a.JPEG", None),
        (&jpeg(), "image/jpeg; charset=binary", "photo", None),
        (&jpeg(), "image/png", "a.png", Some("image/png")),
        (&html, "image/jpeg", "holiday.jpg", Some("image/jpeg")),
        (&jpeg(), "image/jpeg", "invoice.pdf.exe", Some("program")),
        (&office, "application/zip", "letter.zip", None),
        (&office, "application/pdf", "letter.docx", Some("application/pdf")),
        (&office, "application/octet-stream", "sheet.xlsx", Some(XLSX.mime_type)),
    ] {
        let claimed = Claimed { mime_type: Some(mime_type), file_name: Some(file_name) };
        let said = mismatch(sniff(bytes), claimed);
        let value = said.as_ref().and_then(|f| f.value.get("claimed")).and_then(|v| v.as_str());
        assert_eq!(value, expect, "{mime_type} {file_name}");
    }
    let dressed_up = mismatch(sniff(&html), Claimed { mime_type: None, file_name: Some("a.jpg") }).unwrap();
    assert!(dressed_up.why.contains("never shown") && dressed_up.confidence > 0.9);
    assert_eq!(mismatch(sniff(&html), Claimed::default()), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// In the product this runs in the child, where even a panic would be caught; here a panic is red.
    #[test]
    fn no_mutation_panics(
        which in 0..6_usize,
        pokes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..12),
        cut in any::<u16>(),
    ) {
        let seeds = [
            [jpeg(), zip(&[("a.txt", b"hello")])].concat(),
            picture(ImageFormat::Gif),
            pdf(&[CATALOG, PAGES, PAGE, "<< /S /JavaScript /JS (1) >>"]),
            docx(&[("word/vbaProject.bin", b"x"), ("word/_rels/a.rels", b"<R><Relationship/></R>")]),
            b"<svg><rect onload='x'/><!-- --></svg>".to_vec(),
            ole(&["WordDocument", "Macros"]),
        ];
        let mut bytes = seeds[which].clone();
        for (at, value) in pokes {
            let length = bytes.len();
            bytes[usize::from(at) % length] = value;
        }
        if cut % 3 == 0 {
            bytes.truncate(usize::from(cut) % bytes.len());
        }
        // Whatever the bytes are called, no reader may trust them.
        for sniffed in [sniff(&seeds[which]), sniff(&bytes)] {
            prop_assert!(findings(&bytes, sniffed).len() < 50);
        }
    }
}
