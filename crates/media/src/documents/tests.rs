//! Documents of every kind that is read: what comes out, and what is said of those that give nothing.

#![expect(clippy::as_conversions, reason = "a test, of numbers that are small")]

use proptest::prelude::*;

use super::{Bounds, Document, read};
use crate::{
    fixtures::*,
    sniff::{self, sniff},
};

fn document(bytes: &[u8]) -> Document {
    read(bytes, sniff(bytes), &Bounds::default())
}

fn lines(document: &Document) -> Vec<&str> {
    document.text.lines().filter(|l| !l.is_empty()).collect()
}

#[test]
fn a_pdf_gives_text_with_places_pages_and_pictures() {
    let first = "BT /F1 24 Tf 72 750 Td (Invoice 2026-17) Tj ET BT /F1 12 Tf 72 700 Td (Serial) Tj 200 0 Td (AB-1234) Tj \
                 ET q 200 0 0 150 72 400 cm /I1 Do Q q 100 0 0 90 300 400 cm /I2 Do Q";
    let second = "BT /F1 12 Tf 72 700 Td [(Tot) -5 (al) -300 (EUR 12,50)] TJ 0 -20 Td (E\\344r) Tj ET \
                  q 200 0 0 150 72 400 cm /I1 Do Q";
    let document = document(&pdf_of(&[first, second]));
    assert_eq!(document.why_none, None);
    assert_eq!((document.page_count, document.left_out.len()), (Some(2), 0));
    assert_eq!(lines(&document), ["Invoice 2026-17", "Serial\tAB-1234", "Total EUR 12,50", "Eär"]);
    assert_eq!(document.pages.len(), 2);
    let page = &document.pages[0];
    assert_eq!((page.number, page.width, page.height), (1, 1_130, 1_600));
    // 24 points high on a page of 842 points that became 1,600 pixels: the baseline is 92 points from the top.
    let title = &page.lines[0];
    let [[left, top], [right, _], [_, bottom], _] = title.quad;
    let px = |points: f32| points * 1_600.0 / 842.0;
    assert!((left - px(72.0)).abs() < 4.0 && (top - px(92.0 - 0.8 * 24.0)).abs() < 4.0, "{:?}", title.quad);
    assert!((bottom - px(92.0 + 0.2 * 24.0)).abs() < 4.0, "{:?}", title.quad);
    assert!(right > px(200.0) && right < px(290.0), "{:?}", title.quad);
    // Both pictures of the first page; on the second, the first one again.
    let names: Vec<&str> = document.images.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["page 1, picture 1", "page 1, picture 2", "page 2, picture 1"]);
    assert_eq!(document.images[0].bytes, jpeg(), "a photo stays as it is");
    assert_eq!(sniff(&document.images[1].bytes).mime_type, "image/jpeg");
    let previews: Vec<(&str, u32, u32)> =
        document.previews.iter().map(|p| (p.name.as_str(), p.width, p.height)).collect();
    assert_eq!(previews, [("page-1", 1_130, 1_600), ("page-2", 1_130, 1_600)]);
    // Where the red picture stands, the preview is red; where nothing stands, it is white.
    let preview = zune_jpeg::JpegDecoder::new(zune_jpeg::zune_core::bytestream::ZCursor::new(
        document.previews[0].bytes.as_slice(),
    ))
    .decode()
    .unwrap();
    let at = |x: f32, y: f32| {
        let at = ((px(842.0 - y) as usize) * 1_130 + px(x) as usize) * 3;
        [preview[at], preview[at + 1], preview[at + 2]]
    };
    let [r, g, b] = at(350.0, 440.0);
    assert!(r > 200 && g < 60 && b < 60, "{r} {g} {b}");
    assert_eq!(at(500.0, 100.0), [255, 255, 255]);
}

#[test]
fn turned_text_is_one_line_and_twice_written_text_one_word() {
    let turned = "BT /F1 12 Tf 0 1 -1 0 300 300 Tm (Sideways) Tj ET";
    let bold = "BT /F1 12 Tf 72 700 Td (Bold) Tj 0.3 0 Td (Bold) Tj ET";
    let document = document(&pdf_of(&[turned, bold]));
    assert_eq!(document.pages[0].lines[0].text, "Sideways");
    let [[x0, y0], [x1, y1], ..] = document.pages[0].lines[0].quad;
    assert!(
        (x0 - x1).abs() < 1.0 && y1 < y0 - 50.0,
        "it reads upwards: {:?}",
        document.pages[0].lines[0].quad
    );
    assert_eq!(document.pages[1].lines.len(), 2, "{:?}", document.pages[1].lines);
}

#[test]
fn limits_of_a_pdf_are_said() {
    let contents: Vec<String> =
        (1..=30).map(|n| format!("BT /F1 12 Tf 72 700 Td (Page {n}) Tj ET")).collect();
    let contents: Vec<&str> = contents.iter().map(String::as_str).collect();
    let bytes = pdf_of(&contents);
    let bounds = Bounds { previews_max: 2, pages_max: 5, ..Bounds::default() };
    let document = read(&bytes, sniff(&bytes), &bounds);
    assert_eq!((document.previews.len(), document.pages.len(), document.page_count), (2, 5, Some(30)));
    let expect = ["only the first 5 of 30 pages were read", "only the first 2 of 30 pages are shown"];
    assert_eq!(document.left_out, expect);
    let no_time = Bounds { time_ms_max: 0, ..Bounds::default() };
    let document = read(&bytes, sniff(&bytes), &no_time);
    assert!(document.left_out[0].contains("takes too long"));
    let text_only = read(&bytes, sniff(&bytes), &Bounds::TEXT_ONLY);
    assert_eq!((text_only.previews.len(), text_only.left_out.len()), (0, 0));
    assert!(text_only.text.contains("Page 30"));
}

#[test]
fn locked_and_damaged_files_say_so_with_a_way_out() {
    let bomb = zip(&[("xl/a.xml", &vec![b'a'; 80 * 1024 * 1024][..]), ("[Content_Types].xml", b"<Types/>")]);
    for (bytes, is_encrypted, expect) in [
        (locked_pdf(), true, "password"),
        (b"%PDF-1.7 and then nothing".to_vec(), false, "damaged"),
        (pdf(&[CATALOG, "<< /Type /Pages /Kids [] /Count 0 >>"]), false, "no pages"),
        (ole(&["EncryptionInfo", "EncryptedPackage"]), true, "password"),
        (ole(&["WordDocument"]), false, "old Office format"),
        (docx(&[])[..60].to_vec(), false, "damaged"),
        (b"7z\xBC\xAF\x27\x1C\0\0".to_vec(), false, "not unpacked"),
        (Vec::new(), false, "empty"),
        (bomb, false, "unpack to far more"),
    ] {
        let document = document(&bytes);
        let why = document.why_none.unwrap_or_default();
        assert!(why.contains(expect) && why.contains("ask for"), "{expect}: {why:?}");
        assert_eq!((document.is_encrypted, document.text.as_str()), (is_encrypted, ""), "{expect}");
    }
}

#[test]
fn office_files_give_text_and_pictures() {
    let photo = jpeg();
    let word = br#"<w:document xmlns:w="x"><w:body><w:p><w:r><w:t>Fehler </w:t></w:r><w:r><w:t>E42 &amp; E43</w:t></w:r>
        </w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>Serial</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>AB-1</w:t></w:r>
        </w:p></w:tc></w:tr></w:tbl><w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>
        <w:p><w:r><w:instrText>PAGE</w:instrText></w:r></w:p></w:body></w:document>"#;
    let bytes = docx(&[
        ("word/document.xml", word),
        ("word/media/image1.jpg", &photo),
        ("word/media/line.emf", b"no picture"),
        ("word/footer1.xml", b"<w:ftr><w:p><w:r><w:t>the footer</w:t></w:r></w:p></w:ftr>"),
    ]);
    let read = document(&bytes);
    assert_eq!(lines(&read), ["Fehler E42 & E43", "Serial\tAB-1", "a\tb", "c", "the footer"]);
    assert_eq!(read.images.len(), 1);
    assert_eq!((read.images[0].name.as_str(), &read.images[0].bytes), ("word/media/image1.jpg", &photo));

    let sheet = br#"<worksheet><sheetData><row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>
        <row r="2"><c><v>12.5</v></c><c t="inlineStr"><is><t>direct</t></is></c></row></sheetData></worksheet>"#;
    let strings = br#"<sst><si><t>Order</t></si><si><r><t>4711 </t></r><r><t>&lt;ok&gt;</t></r></si></sst>"#;
    let bytes = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
    ]);
    let read = document(&bytes);
    assert_eq!((lines(&read), read.page_count), (vec!["Order\t4711 <ok>", "12.5\tdirect"], Some(1)));

    let slide = |text: &str| format!("<p:sld><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>").into_bytes();
    let bytes = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("ppt/slides/slide10.xml", &slide("ten")),
        ("ppt/slides/slide2.xml", &slide("two")),
    ]);
    let read = document(&bytes);
    assert_eq!((lines(&read), read.page_count), (vec!["two", "ten"], Some(2)));

    let content = br#"<office:text><text:h>Titel</text:h><text:p>ein<text:s/>Wort<text:tab/>und
        <text:span>mehr</text:span></text:p></office:text>"#;
    let bytes = zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", content),
        ("Pictures/1.jpg", &photo),
    ]);
    // The test's writer compresses the first member, real ones store it.
    let read = super::read(&bytes, sniff::ODT, &Bounds::default());
    assert_eq!(lines(&read)[0], "Titel");
    assert!(read.text.contains("ein Wort\tund") && read.text.contains("mehr"), "{}", read.text);
    assert_eq!(read.images.len(), 1);
}

#[test]
fn mails_give_their_head_words_and_attachments() {
    let read = document(&mail());
    assert_eq!(read.sniffed.mime_type, "message/rfc822");
    assert!(read.text.starts_with("From: Jürgen <j@example.org>\nTo: help@example.org\n"), "{}", read.text);
    assert!(read.text.contains("Subject: Gerät defekt") && read.text.contains("Fehler E42, bitte prüfen."));
    assert_eq!(read.attachments, ["display.jpg", "invoice.pdf"]);
    assert_eq!((read.images.len(), &read.images[0].bytes), (1, &jpeg()));
}

#[test]
fn plain_text_is_read_in_its_own_encoding() {
    let utf16: Vec<u8> = "\u{FEFF}Prüfung".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin1 = b"Name;Stra\xDFe\r\nM\xFCller;Gr\xFCner Weg 5\r\nJ\xE4ger;Sch\xF6ne Aussicht\r\n".to_vec();
    let shift_jis =
        b"\x83\x47\x83\x89\x81\x5B\x83\x52\x81\x5B\x83\x68 E42 \x82\xF0\x95\\\x8E\xA6\n".repeat(3);
    for (bytes, expect) in [
        ("Prüfung ✓".as_bytes().to_vec(), "Prüfung ✓"),
        (utf16, "Prüfung"),
        (latin1, "Straße\nMüller;Grüner Weg 5\n"),
        (shift_jis, "エラーコード E42 を表示"),
        (b"BEGIN:VCARD\r\nFN:Anna\r\nEND:VCARD\r\n".to_vec(), "FN:Anna\n"),
        (b"<!doctype html><p>Fehler <b>E42</b><script>alert(1)</script>".to_vec(), "Fehler E42"),
    ] {
        let read = document(&bytes);
        assert!(read.text.contains(expect), "{expect}: {:?} {:?}", read.text, read.why_none);
    }
    let long = "x".repeat(3 * 1024 * 1024);
    let read = document(long.as_bytes());
    assert_eq!(read.text.len(), 1024 * 1024);
    assert_eq!(read.left_out, ["only the first 1024 KiB of its text were read, at least 2048 KiB were not"]);
    let archive = document(&zip(&[("a.txt", b"hello"), ("b/c.jpg", &jpeg())]));
    assert_eq!(
        (archive.attachments, archive.images.len()),
        (vec!["a.txt".to_owned(), "b/c.jpg".to_owned()], 0)
    );
}

/// Whatever does not fit is told, and how much of it; what fits is not.
#[test]
fn nothing_is_left_out_in_silence() {
    let told = |bytes: &[u8], sniffed, bounds: &Bounds| read(bytes, sniffed, bounds).left_out;
    let photos: Vec<(String, Vec<u8>)> = (0..5).map(|n| (format!("word/media/{n}.jpg"), jpeg())).collect();
    let photos: Vec<(&str, &[u8])> = photos.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    let few = Bounds { images_max: 3, ..Bounds::default() };
    assert_eq!(told(&docx(&photos), sniff::DOCX, &few), ["only 3 of the 5 pictures inside were taken out"]);
    assert!(told(&docx(&photos), sniff::DOCX, &Bounds::default()).is_empty());

    let slide = b"<p:sld><a:p><a:r><a:t>x</a:t></a:r></a:p></p:sld>".as_slice();
    let slides: Vec<String> = (1..=502).map(|n| format!("ppt/slides/slide{n}.xml")).collect();
    let slides: Vec<(&str, &[u8])> = slides.iter().map(|name| (name.as_str(), slide)).collect();
    let deck = read(&zip(&slides), sniff::PPTX, &Bounds::default());
    assert_eq!(deck.page_count, Some(502), "all of them are counted");
    assert_eq!(deck.left_out, ["only the first 500 of 502 parts “ppt/slides/slide…” were read"]);

    let broken = b"<w:d><w:p><w:t>before</w:t></w:p><w:p a='1' a=><w:t>after</w:t></w:q></w:d>".as_slice();
    let read_of = read(&docx(&[("word/document.xml", broken)]), sniff::DOCX, &Bounds::default());
    assert!(read_of.text.starts_with("before"), "{:?}", read_of.text);
    assert_eq!(
        read_of.left_out,
        ["“word/document.xml” is damaged or too large and was read only as far as that"]
    );

    let names: Vec<String> = (0..1_005).map(|n| format!("{n}.txt")).collect();
    let names: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    assert_eq!(
        told(&zip(&names), sniff::ZIP, &Bounds::default()),
        ["only the first 1000 of the archive's 1005 names are listed"]
    );

    let to: Vec<String> = (0..25).map(|n| format!("a{n}@example.org")).collect();
    let mail = format!("From: b@example.org\r\nTo: {}\r\nSubject: x\r\n\r\nwords\r\n", to.join(", "));
    let read_of = read(mail.as_bytes(), sniff::EML, &Bounds::default());
    assert!(read_of.text.contains("a19@example.org") && !read_of.text.contains("a20@"), "{}", read_of.text);
    assert_eq!(
        read_of.left_out,
        ["only the first 20 of 25 addresses in a line of the mail's head were read"]
    );
}

#[test]
fn a_page_with_too_many_letters_lines_or_pictures_says_so() {
    let many: String = (0..4_100).map(|n| format!("1 0 0 1 20 {} Tm (x) Tj ", 100 + n * 2)).collect();
    let document = read(&pdf_of(&[&format!("BT /F1 1 Tf {many} ET")]), sniff::PDF, &Bounds::default());
    assert_eq!(document.pages[0].lines.len(), 4_000);
    assert_eq!(document.left_out, ["100 letters of page 1 were not read: there are too many on it"]);
    // Six pages of 4,000 lines: places are kept for 20,000.
    let full: String = (0..4_000).map(|n| format!("1 0 0 1 20 {} Tm (x) Tj ", 100 + n * 2)).collect();
    let full = format!("BT /F1 1 Tf {full} ET");
    let pages = [full.as_str(); 6];
    let bounds = Bounds { previews_max: 0, ..Bounds::default() };
    let document = read(&pdf_of(&pages), sniff::PDF, &bounds);
    assert_eq!(
        document.left_out,
        ["the text from page 6 on was not searched: there are 20000 lines before it"]
    );
}

/// Files of every kind that is read, for those who mutate them.
fn seeds() -> Vec<Vec<u8>> {
    let text = "BT /F1 24 Tf 72 750 Td (Invoice) Tj ET q 200 0 0 150 72 400 cm /I2 Do Q";
    let word: (&str, &[u8]) = ("word/document.xml", b"<w:d><w:p><w:t>text &amp; more</w:t></w:p></w:d>");
    vec![
        pdf_of(&[text]),
        docx(&[word, ("word/media/a.jpg", &jpeg())]),
        zip(&[
            ("[Content_Types].xml", b"<T/>"),
            ("xl/worksheets/sheet1.xml", b"<r><row><c><v>1</v></c></row></r>"),
        ]),
        mail(),
        b"Stra\xDFe und Gr\xFC\xDFe\n".to_vec(),
        b"<!doctype html><p>Fehler <b>E42</b>".to_vec(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// In the product a panic is caught in the child; here, outside of what is caught there, it is red.
    #[test]
    fn every_mutation_ends_in_text_pictures_or_a_reason(
        which in 0..6_usize,
        pokes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..12),
        cut in any::<u16>(),
    ) {
        let mut bytes = seeds().swap_remove(which);
        for (at, value) in pokes {
            let length = bytes.len();
            bytes[usize::from(at) % length] = value;
        }
        if cut % 3 == 0 {
            bytes.truncate(usize::from(cut) % bytes.len());
        }
        let bounds = Bounds { previews_max: 1, ..Bounds::default() };
        let read = read(&bytes, sniff(&bytes), &bounds);
        let is_picture = sniff(&bytes).family == sniff::Family::Image;
        prop_assert!(read.why_none.is_none_or(|why| why.len() > 20) || is_picture);
    }
}
