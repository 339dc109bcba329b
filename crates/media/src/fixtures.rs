//! Documents made byte by byte, for the tests of everything that reads them.

#![expect(clippy::as_conversions, reason = "a test, of numbers that are small")]

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A progressive JPEG of 96 × 72 pixels.
pub fn jpeg() -> Vec<u8> {
    let mut bytes = Vec::new();
    let rgb: Vec<u8> = (0..96 * 72 * 3_u32).map(|i| (i * 7 % 256) as u8).collect();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 85);
    encoder.set_progressive(true);
    encoder.encode(&rgb, 96, 72, jpeg_encoder::ColorType::Rgb).unwrap();
    bytes
}

pub fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

pub const CATALOG: &str = "<< /Type /Catalog /Pages 2 0 R >>";
pub const PAGES: &str = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
pub const PAGE: &str = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>";

/// Objects numbered from 1; the first is the catalog.
pub fn pdf<O: AsRef<[u8]>>(objects: &[O]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        let head = format!("{} 0 obj\n", number + 1);
        out.extend_from_slice(&[head.as_bytes(), object.as_ref(), b"\nendobj\n"].concat());
    }
    let xref = out.len();
    out.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for offset in &offsets {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    let size = objects.len() + 1;
    let trailer = format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n");
    out.extend_from_slice(trailer.as_bytes());
    out
}

pub fn stream(dict: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("<< {dict} /Length {} >>\nstream\n", content.len());
    [head.as_bytes(), content, b"\nendstream"].concat()
}

/// Pages of A4, each with its content; every page can use the font F1, the JPEG I1 and the packed picture I2.
pub fn pdf_of(contents: &[&str]) -> Vec<u8> {
    let kids: String = (0..contents.len()).map(|i| format!("{} 0 R ", 6 + 2 * i)).collect();
    let photo = jpeg();
    let packed: Vec<u8> = deflated(&[220, 20, 20].repeat(80 * 70));
    let mut objects = vec![
        CATALOG.as_bytes().to_vec(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", contents.len()).into_bytes(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
        stream(
            "/Type /XObject /Subtype /Image /Width 96 /Height 72 /ColorSpace /DeviceRGB /BitsPerComponent 8 \
             /Filter /DCTDecode",
            &photo,
        ),
        stream(
            "/Type /XObject /Subtype /Image /Width 80 /Height 70 /ColorSpace /DeviceRGB /BitsPerComponent 8 \
             /Filter /FlateDecode",
            &packed,
        ),
    ];
    for (index, content) in contents.iter().enumerate() {
        let page = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R /Resources << /Font << /F1 3 0 R \
             >> /XObject << /I1 4 0 R /I2 5 0 R >> >> >>",
            7 + 2 * index
        );
        objects.push(page.into_bytes());
        objects.push(stream("", content.as_bytes()));
    }
    pdf(&objects)
}

/// The head of an OLE file and a directory of streams.
pub fn ole(names: &[&str]) -> Vec<u8> {
    let mut out = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    out.resize(512, 0);
    for name in names {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut entry = wide.clone();
        entry.resize(64, 0);
        entry.extend_from_slice(&u16::try_from(wide.len() + 2).unwrap().to_le_bytes());
        entry.push(2);
        entry.resize(128, 0);
        out.extend_from_slice(&entry);
    }
    out
}

pub fn docx(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let usual: [(&str, &[u8]); 2] =
        [("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>")];
    let rest: Vec<(&str, &[u8])> = usual
        .into_iter()
        .filter(|(name, _)| parts.iter().all(|(other, _)| other != name))
        .chain(parts.iter().copied())
        .collect();
    zip(&rest)
}

/// The dictionary of a lock that no empty password opens, put into a PDF as its last object.
pub fn locked_pdf() -> Vec<u8> {
    let lock = "<< /Filter /Standard /V 1 /R 2 /P -4 /O (01234567890123456789012345678901) \
                /U (01234567890123456789012345678901) >>";
    let mut bytes = pdf(&[CATALOG, PAGES, PAGE, lock]);
    let at = bytes.windows(5).rposition(|w| w == b"/Root").unwrap();
    bytes.splice(at..at, *b"/Encrypt 4 0 R /ID [(0123456789012345) (0123456789012345)] ");
    bytes
}

/// A mail with a plain and an HTML body, a photo and a PDF.
pub fn mail() -> Vec<u8> {
    let photo: String = base64(&jpeg());
    format!(
        "Received: by example.org\r\nFrom: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nTo: help@example.org\r\n\
         Subject: =?utf-8?q?Ger=C3=A4t_defekt?=\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n\
         --c\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         Fehler E42, bitte pr=FCfen.\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>Fehler <b>E42</b></p>\r\n--c--\r\n\
         --b\r\nContent-Type: image/jpeg\r\nContent-Disposition: attachment; filename=\"display.jpg\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{photo}\r\n--b\r\nContent-Type: application/pdf\r\n\
         Content-Disposition: attachment; filename=\"invoice.pdf\"\r\n\r\n%PDF-1.7\r\n--b--\r\n"
    )
    .into_bytes()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (count, chunk) in bytes.chunks(3).enumerate() {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for place in 0..4_usize {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
        if count % 19 == 18 {
            out.push_str("\r\n");
        }
    }
    out
}
