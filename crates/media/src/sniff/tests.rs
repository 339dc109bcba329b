use super::*;

fn check(head: &[u8], mime_type: &str, family: Family) {
    let sniffed = sniff(head);
    let shown = String::from_utf8_lossy(head.get(..60).unwrap_or(head)).into_owned();
    assert_eq!((sniffed.mime_type, sniffed.family), (mime_type, family), "{shown:?}");
    assert_eq!(Sniffed::from_mime_type(mime_type), Some(sniffed));
}

fn ftyp(major: &[u8; 4], compatible: &[&[u8; 4]], rest: &[u8]) -> Vec<u8> {
    let size = u32::try_from(16 + 4 * compatible.len()).unwrap();
    let mut head = size.to_be_bytes().to_vec();
    head.extend_from_slice(b"ftyp");
    head.extend_from_slice(major);
    head.extend_from_slice(&[0; 4]);
    compatible.iter().for_each(|b| head.extend_from_slice(*b));
    head.extend_from_slice(rest);
    head
}

/// A `moov` with one handler box of each kind.
fn moov(handlers: &[&[u8; 4]]) -> Vec<u8> {
    let mut inner = Vec::new();
    for handler in handlers {
        inner.extend_from_slice(&[0, 0, 0, 20]);
        inner.extend_from_slice(b"hdlr\0\0\0\0\0\0\0\0");
        inner.extend_from_slice(*handler);
    }
    let mut moov = u32::try_from(inner.len() + 8).unwrap().to_be_bytes().to_vec();
    moov.extend_from_slice(b"moov");
    moov.extend_from_slice(&inner);
    moov
}

pub(crate) fn opus(channels: u8) -> Vec<u8> {
    let mut page = b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01".to_vec();
    page.push(channels);
    page.extend_from_slice(&[0x38, 1, 0x80, 0xBB, 0, 0, 0, 0, 0]);
    page
}

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in members {
        bytes.extend_from_slice(b"PK\x03\x04");
        bytes.extend_from_slice(&[0; 22]);
        bytes.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        bytes.extend_from_slice(&[0; 2]);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(content.as_bytes());
    }
    bytes
}

#[test]
fn pictures() {
    check(b"\xFF\xD8\xFF\xE0\0\x10JFIF", "image/jpeg", Family::Image);
    check(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", "image/png", Family::Image);
    check(b"GIF89a\x01\0", "image/gif", Family::Image);
    check(b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp", Family::Image);
    check(b"II*\0\x08\0\0\0", "image/tiff", Family::Image);
    check(b"MM\0*\0\0\0\x08", "image/tiff", Family::Image);
    check(b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "image/bmp", Family::Image);
    check(&ftyp(b"heic", &[b"mif1"], b""), "image/heic", Family::Image);
    check(&ftyp(b"mif1", &[b"mif1", b"heic"], b""), "image/heic", Family::Image);
    check(&ftyp(b"mif1", &[b"mif1", b"avif"], b""), "image/avif", Family::Image);
    check(&ftyp(b"mif1", &[b"mif1"], b""), "image/heif", Family::Image);
    check(&ftyp(b"avif", &[], b""), "image/avif", Family::Image);
}

#[test]
fn moving_pictures_and_sound() {
    check(&ftyp(b"isom", &[b"mp42"], &moov(&[b"soun", b"vide"])), "video/mp4", Family::Video);
    check(&ftyp(b"isom", &[b"mp42"], &moov(&[b"soun"])), "audio/mp4", Family::Audio);
    let cut = ftyp(b"isom", &[b"mp42"], &moov(&[b"soun", b"vide"]));
    check(&cut[..cut.len() - 20], "video/mp4", Family::Video);
    check(&ftyp(b"M4A ", &[], b""), "audio/mp4", Family::Audio);
    check(&ftyp(b"qt  ", &[], b""), "video/quicktime", Family::Video);
    check(&ftyp(b"3gp4", &[], b""), "video/3gpp", Family::Video);
    check(b"\0\0\0\x08wide\0\0\0\0mdat", "video/quicktime", Family::Video);
    check(b"\x1A\x45\xDF\xA3\x9F\x42\x82\x84webm", "video/webm", Family::Video);
    check(b"\x1A\x45\xDF\xA3\x9F\x42\x82\x88matroska", "video/x-matroska", Family::Video);
    check(&opus(1), "audio/ogg; codecs=opus", Family::Audio);
    check(b"OggS\0\x02\0\0\0\0\0\0\0\0\x01vorbis", "audio/ogg", Family::Audio);
    check(b"ID3\x03\0\0\0\0", "audio/mpeg", Family::Audio);
    check(b"\xFF\xFB\x90\x64\0", "audio/mpeg", Family::Audio);
    check(b"\xFF\xF1\x50\x80\0", "audio/aac", Family::Audio);
    check(b"#!AMR\n\x3C", "audio/amr", Family::Audio);
    check(b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav", Family::Audio);
}

#[test]
fn only_mono_opus_is_a_voice_note() {
    for (bytes, expect) in [(opus(1), true), (opus(2), false), (opus(0), false), (b"OggS\0".to_vec(), false)]
    {
        assert_eq!(is_mono_opus(&bytes), expect);
    }
    for cut in 0..37 {
        assert!(!is_mono_opus(&opus(1)[..cut]), "{cut}");
    }
}

#[test]
fn documents_and_archives() {
    check(b"%PDF-1.7\n", "application/pdf", Family::Document);
    check(b"\x01junk\n%PDF-1.7\n", "application/pdf", Family::Document);
    check(b"PK\x05\x06\0\0", "application/zip", Family::Archive);
    check(&zip(&[("a.txt", "x"), ("word/b", "y")]), "application/zip", Family::Archive);
    for (member, mime_type) in [
        ("word/document.xml", DOCX.mime_type),
        ("xl/workbook.xml", XLSX.mime_type),
        ("ppt/x", PPTX.mime_type),
    ] {
        check(&zip(&[("[Content_Types].xml", "<x/>"), (member, "<y/>")]), mime_type, Family::Document);
    }
    check(&zip(&[("mimetype", ODT.mime_type)]), ODT.mime_type, Family::Document);
    check(b"Rar!\x1A\x07\x01\0", "application/vnd.rar", Family::Archive);
    check(b"7z\xBC\xAF\x27\x1C\0", "application/x-7z-compressed", Family::Archive);
    check(b"\x1F\x8B\x08\0", "application/gzip", Family::Archive);
    let ole = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    check(&ole, "application/x-ole-storage", Family::Document);
    check(
        &[&ole[..], b"\0\0W\0o\0r\0k\0b\0o\0o\0k\0"].concat(),
        "application/vnd.ms-excel",
        Family::Document,
    );
    check(&[&ole[..], b"\0W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"].concat(), DOC.mime_type, Family::Document);
    check("Ciao, è rotto".as_bytes(), "text/plain", Family::Document);
    check(b"BEGIN:VCARD\r\nVERSION:3.0", "text/vcard", Family::Document);
}

#[test]
fn markup_in_every_dress() {
    for html in [
        &b"<html>"[..],
        b"<!DOCTYPE html><p>",
        b"\xEF\xBB\xBF \t\r\n<HTML>",
        b"<!-- \x89PNG --><script>alert(1)</script>",
        b"<a href=javascript:alert(1)>",
        b"<!-- never closed",
        b"GIF is what I am not <script>alert(1)</script>",
        b"\xFF\xFE<\0h\0t\0m\0l\0>\0",
        b"\xFE\xFF\0<\0h\0t\0m\0l\0>",
        b"<\0h\0t\0m\0l\0>\0",
        b"<x onload=alert(1)>",
        b"BM<script>alert(1)</script>",
        b"hello %PDF- <script>alert(1)</script>",
    ] {
        check(html, "text/html", Family::Markup);
    }
    for svg in [
        &b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..],
        b"\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- a -->\n<!-- b --><svg>",
        b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x'>\n<svg>",
        b"<?xml version='1.0'?><s:svg xmlns:s='http://www.w3.org/2000/svg'>",
        b"\xFF\xFE<\0s\0v\0g\0>\0",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y 'z'>]><svg>",
    ] {
        check(svg, "image/svg+xml", Family::Markup);
    }
    check(b"<?xml version='1.0'?><rss/>", "application/xml", Family::Markup);
}

#[test]
fn accidents_are_not_formats() {
    check(b"", "application/octet-stream", Family::Unknown);
    check(b"\0", "application/octet-stream", Family::Unknown);
    check(b"\xFF", "application/octet-stream", Family::Unknown);
    check(b"BMW is a car", "text/plain", Family::Document);
    check(b"RIFF raff", "text/plain", Family::Document);
    check(b"a < b and b > c", "text/plain", Family::Document);
    check(b"\x7FELF\x02\x01\x01\0", "application/octet-stream", Family::Unknown);
}

proptest::proptest! {
    #[test]
    fn any_bytes_have_a_name(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300), magic in 0usize..6) {
        const OPENINGS: [&[u8]; 6] = [b"", b"\0\0\0\x20ftyp", b"OggS\0", b"PK\x03\x04", b"<", b"\xFF\xFE"];
        let sniffed = sniff(&[OPENINGS[magic], &bytes].concat());
        proptest::prop_assert_eq!(Sniffed::from_mime_type(sniffed.mime_type), Some(sniffed));
        is_mono_opus(&bytes);
    }
}

#[test]
fn mails_are_told_from_text_and_from_markup() {
    let mail = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n folded\r\n\r\n<html><body>hello";
    check(mail, "message/rfc822", Family::Document);
    check(b"From: a\nTo: b\n\nonly two fields", "text/plain", Family::Document);
    check(b"From: a\nTo: b\nno field at all\nSubject: c\n", "text/plain", Family::Document);
    check(b" <script>alert(1)</script>\nFrom: a\nTo: b\nSubject: c\n\n", "text/html", Family::Markup);
    check(b"<p>\nFrom: a\nTo: b\nSubject: c\n\n", "text/html", Family::Markup);
}
