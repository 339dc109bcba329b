//! Documents through the real child: what comes out of them, and what happens to those that mean harm.

use std::time::{Duration, Instant};

use media::{DecodeError, Document, Limits};

use super::{
    Test, child, decoder,
    fixtures::{docx, jpeg, locked_pdf, mail, ole, pdf_of, zip},
    pictures::{photo, png_with_chunk},
};

pub const TESTS: &[Test] = &[
    ("documents::come_out_whole", come_out_whole),
    ("documents::what_cannot_be_read_says_why", what_cannot_be_read_says_why),
    ("documents::endless_ones_end", endless_ones_end),
    ("documents::text_survives_pages_that_do_not", text_survives_pages_that_do_not),
    ("documents::a_liar_is_not_believed", a_liar_is_not_believed),
    ("documents::cut_and_bent_ones_end_in_a_report", cut_and_bent_ones_end_in_a_report),
    ("documents::pictures_say_what_they_are_and_hide", pictures_say_what_they_are_and_hide),
];

fn document(bytes: &[u8]) -> Document {
    decoder().document(bytes).unwrap()
}

fn come_out_whole() {
    let page = "BT /F1 24 Tf 72 750 Td (Invoice 2026-17) Tj ET q 200 0 0 150 72 400 cm /I1 Do Q";
    let read = document(&pdf_of(&[page, page]));
    assert_eq!((read.why_none, read.left_out.len(), read.page_count), (None, 0, Some(2)));
    assert!(read.text.starts_with("Invoice 2026-17\n"));
    assert_eq!((read.previews.len(), read.previews[1].name.as_str()), (2, "page-2"));
    assert!(read.previews.iter().all(|p| p.bytes.starts_with(b"\xFF\xD8\xFF") && p.height == 1_600));
    assert_eq!(read.images[0].bytes, jpeg());
    assert!(read.pages.iter().all(|page| page.has_pictures));
    let words = document(&pdf_of(&["BT /F1 24 Tf 72 750 Td (Invoice 2026-17) Tj ET"]));
    assert!(!words.pages[0].has_pictures && !words.pages[0].lines.is_empty());
    let read = document(&mail());
    assert_eq!((read.attachments.len(), read.images.len()), (2, 1));
    assert!(read.text.contains("Fehler E42"));
    let read = document(&docx(&[("word/vbaProject.bin", b"x"), ("word/media/a.jpg", &jpeg())]));
    assert_eq!((read.images.len(), read.findings[0].kind.as_str()), (1, "file.active_content"));
}

fn what_cannot_be_read_says_why() {
    let mut huge = b"%PDF-1.7\n".to_vec();
    huge.resize(65 * 1024 * 1024, b' ');
    for (bytes, expect) in [
        (locked_pdf(), "password"),
        (ole(&["WordDocument"]), "old Office format"),
        (b"%PDF-1.7 nothing".to_vec(), "damaged"),
        (huge, "too large"),
        (b"Rar!\x1A\x07\x01\0".to_vec(), "not unpacked"),
        (vec![0xC3; 400], "not read here"),
    ] {
        let why = document(&bytes).why_none.unwrap();
        assert!(why.contains(expect), "{expect}: {why}");
    }
}

/// Forms that draw forms: ten to the tenth letters. And a page that promises a stream without an end.
fn endless_ones_end() {
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> \
          >> >>"
            .to_vec(),
        super::fixtures::stream("", b"/X Do"),
    ];
    for depth in 0..12 {
        let dict = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X {} 0 R >> >>",
            6 + depth
        );
        objects.push(super::fixtures::stream(&dict, "/X Do ".repeat(10).as_bytes()));
    }
    objects.push(super::fixtures::stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", b"0 0 9 9 re f"));
    let bytes = super::fixtures::pdf(&objects);
    let started = Instant::now();
    let limits = Limits { wall_ms: 6_000, cpu_s: 2, ..Limits::default() };
    let answer = child("media-worker", limits).document(&bytes);
    let ended = match &answer {
        Ok(read) => !read.left_out.is_empty() || read.why_none.is_some() || read.text.is_empty(),
        Err(e) => e.is_final() && e.sentence().contains("takes too much"),
    };
    assert!(ended && started.elapsed() < Duration::from_secs(14), "{answer:?}");
    let nested = zip(&[("[Content_Types].xml", b"<T/>"), ("xl/a.bin", &vec![0; 90 * 1024 * 1024][..])]);
    assert!(document(&nested).why_none.unwrap().contains("unpack to far more"));
    // One shared string, named by two hundred thousand cells.
    let cells = "<c t=\"s\"><v>0</v></c>".repeat(200_000);
    let long = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(100_000));
    let bytes = zip(&[
        ("[Content_Types].xml", b"<T/>"),
        ("xl/worksheets/sheet1.xml", format!("<s><row>{cells}</row></s>").as_bytes()),
        ("xl/sharedStrings.xml", long.as_bytes()),
    ]);
    let read = document(&bytes);
    assert!(read.text.len() <= 1024 * 1024 && !read.left_out.is_empty());
}

fn text_survives_pages_that_do_not() {
    let read = child("die-over-pages", Limits::default()).document(&pdf_of(&["q Q"])).unwrap();
    assert_eq!((read.text.as_str(), read.previews.len()), ("only words", 0));
    let said = read.left_out.concat();
    assert!(said.contains("not shown") && said.contains("memory"), "{said}");
}

fn a_liar_is_not_believed() {
    let answer = child("hand-out-a-page-as-picture", Limits::default()).document(b"%PDF-1.7\n");
    assert!(matches!(answer, Err(DecodeError::Protocol { .. })), "{answer:?}");
}

fn cut_and_bent_ones_end_in_a_report() {
    let page = "BT /F1 24 Tf 72 750 Td (Invoice) Tj ET q 200 0 0 150 72 400 cm /I2 Do Q";
    let seeds = [
        pdf_of(&[page]),
        docx(&[
            ("word/document.xml", b"<w:d><w:p><w:t>text</w:t></w:p></w:d>"),
            ("word/media/a.jpg", &jpeg()),
        ]),
        mail(),
    ];
    let mut noise = 0x9E37_79B9_u32;
    let mut random = |limit: usize| {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        noise as usize % limit
    };
    let limits = Limits { wall_ms: 10_000, cpu_s: 5, ..Limits::default() };
    for seed in &seeds {
        for round in 0..12 {
            let mut bytes = seed.clone();
            if round % 3 == 0 {
                bytes.truncate(random(seed.len()));
            }
            for _ in 0..round {
                let at = random(bytes.len().max(1));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random(8);
                }
            }
            // Text, pictures, or a reason: never silence, and never a broken decoder.
            match child("media-worker", limits).document(&bytes) {
                Ok(read) => assert!(read.why_none.is_none_or(|why| why.len() > 20)),
                Err(e) => assert!(e.is_final() && e.sentence().contains("ask for"), "{e}"),
            }
        }
    }
}

fn pictures_say_what_they_are_and_hide() {
    let bytes = png_with_chunk(b"tEXt", b"Software\0GIMP 2.10");
    let report = decoder().inspect(&bytes).unwrap();
    let metadata = report.metadata.unwrap();
    assert_eq!(metadata.texts, [("Software".to_owned(), "GIMP 2.10".to_owned())]);
    let polyglot = [super::pictures::jpeg(&photo(64, 48)), zip(&[("a.txt", b"x")])].concat();
    let report = decoder().inspect(&polyglot).unwrap();
    assert_eq!((report.findings.len(), report.findings[0].kind.as_str()), (1, "file.polyglot"));
    assert_eq!(report.renditions.len(), 2);
}
