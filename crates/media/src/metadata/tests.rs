//! Files as phones, editors, generators and messengers write them, made here byte by byte.

#![expect(clippy::as_conversions, reason = "a test, of numbers that are small")]

use std::io::Cursor;

use exif::{Field, In, Rational, Tag, Value, experimental::Writer};
use image::{DynamicImage, ImageFormat, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use proptest::prelude::*;

use super::{C2pa, ChannelKind, Context, Metadata, findings, read};
use crate::sniff::sniff;

const SENT_AS_PHOTO: Context =
    Context { channel_kind: ChannelKind::Photo, is_forwarded: false, is_frequently_forwarded: false };
const SENT_AS_FILE: Context = Context { channel_kind: ChannelKind::Document, ..SENT_AS_PHOTO };

fn picture() -> RgbImage {
    RgbImage::from_fn(64, 48, |x, y| image::Rgb([(x * 3) as u8, (y * 5) as u8, ((x * y) % 251) as u8]))
}

fn jpeg(quality: u8, sampling: SamplingFactor, segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(sampling);
    for (number, content) in segments {
        encoder.add_app_segment(*number, content.clone()).unwrap();
    }
    encoder.encode(picture().as_raw(), 64, 48, ColorType::Rgb).unwrap();
    bytes
}

fn png_with(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture()).write_to(&mut bytes, ImageFormat::Png).unwrap();
    let mut bytes = bytes.into_inner();
    for (kind, content) in chunks {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        // The reader steps over checksums: a wrong one does not hide what stands there.
        bytes.splice(33..33, [&length[..], &kind[..], content, &[0; 4]].concat());
    }
    bytes
}

fn ascii(tag: Tag, text: &str) -> Field {
    Field { tag, ifd_num: In::PRIMARY, value: Value::Ascii(vec![text.as_bytes().to_vec()]) }
}

fn exif(fields: &[Field], thumbnail: Option<&[u8]>) -> Vec<u8> {
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    if let Some(thumbnail) = thumbnail {
        writer.set_jpeg(thumbnail, In::THUMBNAIL);
    }
    let mut block = Cursor::new(Vec::new());
    writer.write(&mut block, true).unwrap();
    block.into_inner()
}

fn phone_fields() -> Vec<Field> {
    let degrees = |n: u32| Rational { num: n, denom: 1 };
    vec![
        ascii(Tag::Make, "Apple"),
        ascii(Tag::Model, "iPhone 15"),
        ascii(Tag::Software, "17.4.1"),
        ascii(Tag::DateTimeOriginal, "2026:03:01 12:00:00"),
        ascii(Tag::OffsetTimeOriginal, "+01:00"),
        ascii(Tag::BodySerialNumber, "SERIAL-CANARY"),
        Field { tag: Tag::Orientation, ifd_num: In::PRIMARY, value: Value::Short(vec![6]) },
        Field {
            tag: Tag::GPSLatitude,
            ifd_num: In::PRIMARY,
            value: Value::Rational(vec![degrees(45), degrees(27), degrees(51)]),
        },
    ]
}

fn app1_exif(block: &[u8]) -> (u8, Vec<u8>) {
    (1, [b"Exif\0\0", block].concat())
}

fn app1_xmp(packet: &str) -> (u8, Vec<u8>) {
    (1, [b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat())
}

fn xmp(inner: &str) -> String {
    format!(
        "<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF \
         xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{inner}</rdf:RDF></x:xmpmeta>"
    )
}

fn original() -> Vec<u8> {
    jpeg(93, SamplingFactor::F_1_1, &[app1_exif(&exif(&phone_fields(), None))])
}

fn said(bytes: &[u8]) -> Metadata {
    read(bytes, sniff(bytes))
}

fn kinds(bytes: &[u8], context: &Context) -> Vec<String> {
    findings(&said(bytes), context).into_iter().map(|f| f.kind).collect()
}

#[test]
fn a_phone_says_its_name_and_not_where_it_was() {
    let metadata = said(&original());
    let exif = metadata.exif.as_ref().unwrap();
    assert_eq!((exif.make.as_deref(), exif.model.as_deref()), (Some("Apple"), Some("iPhone 15")));
    assert_eq!(exif.taken_at.as_deref(), Some("2026-03-01 12:00:00 +01:00"));
    assert_eq!((exif.orientation, exif.has_location, exif.has_owner), (Some(6), true, true));
    assert_eq!((metadata.width, metadata.height), (Some(64), Some(48)));
    let found = findings(&metadata, &SENT_AS_FILE);
    let all = serde_json::to_string(&(&metadata, &found)).unwrap();
    assert!(!all.contains("CANARY") && !all.contains("45"), "{all}");
    assert!(found.iter().all(|f| f.why.len() > 40 && f.confidence <= 1.0));
    let expect = ["provenance.camera", "provenance.time", "provenance.software", "pii.location", "pii.owner"];
    assert_eq!(kinds(&original(), &SENT_AS_FILE), expect);
}

#[test]
fn every_container_is_read() {
    let block = exif(&phone_fields(), None);
    let model = |bytes: &[u8]| said(bytes).exif.and_then(|e| e.model);
    let mut webp = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture()).write_to(&mut webp, ImageFormat::WebP).unwrap();
    let mut webp = webp.into_inner();
    webp.extend_from_slice(b"EXIF");
    webp.extend_from_slice(&u32::try_from(block.len()).unwrap().to_le_bytes());
    webp.extend_from_slice(&block);
    for (name, bytes) in [
        ("jpeg", original()),
        ("png", png_with(&[(b"eXIf", block.clone())])),
        ("webp", webp),
        // The block is a TIFF without pixels.
        ("tiff", block.clone()),
    ] {
        assert_eq!(model(&bytes).as_deref(), Some("iPhone 15"), "{name}");
    }
    let options = heifer::EncodeOptions { max_threads: 1, ..Default::default() };
    let heic = heifer::encode_rgb8(64, 48, picture().as_raw(), &options).unwrap();
    let metadata = said(&heic);
    assert_eq!((metadata.width, metadata.height, metadata.exif), (Some(64), Some(48), None));
}

#[test]
fn tables_tell_the_quality() {
    for quality in [10, 50, 75, 82, 95, 100] {
        let jpeg = said(&jpeg(quality, SamplingFactor::F_2_2, &[])).jpeg.unwrap();
        assert_eq!((jpeg.quality, jpeg.has_standard_table), (Some(quality), true));
        assert_eq!((jpeg.subsampling.as_deref(), jpeg.is_progressive), (Some("4:2:0"), false));
    }
    let full = said(&jpeg(90, SamplingFactor::F_1_1, &[])).jpeg.unwrap();
    assert_eq!(full.subsampling.as_deref(), Some("4:4:4"));
}

#[test]
fn a_messengers_photo_is_no_suspect() {
    let photo = jpeg(75, SamplingFactor::F_2_2, &[]);
    assert_eq!(kinds(&photo, &SENT_AS_PHOTO), ["provenance.recompressed", "provenance.none"]);
    let found = findings(&said(&photo), &SENT_AS_PHOTO);
    assert!(found[1].why.contains("says nothing about the picture"), "{}", found[1].why);
    assert!(found[0].why.contains("quality about 75"), "{}", found[0].why);
    // The same bytes as a file: less sure, because many programs leave the same.
    let as_file = findings(&said(&photo), &SENT_AS_FILE);
    assert!(as_file[0].confidence < found[0].confidence);
    assert_eq!(kinds(&png_with(&[]), &SENT_AS_FILE), ["provenance.none"]);
    let forwarded = Context { is_forwarded: true, ..SENT_AS_PHOTO };
    assert!(kinds(&photo, &forwarded).contains(&"provenance.forwarded".to_owned()));
    assert!(!kinds(&original(), &SENT_AS_FILE).contains(&"provenance.recompressed".to_owned()));
}

#[test]
fn generators_that_say_so_are_believed() {
    let source = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
    let attribute = xmp(&format!("<rdf:Description Iptc4xmpExt:DigitalSourceType='{source}'/>"));
    let element = xmp(&format!(
        "<rdf:Description><e:DigitalSourceType>{source}</e:DigitalSourceType></rdf:Description>"
    ));
    let resource =
        xmp(&format!("<rdf:Description><e:DigitalSourceType rdf:resource='{source}'/></rdf:Description>"));
    let credit = xmp("<rdf:Description photoshop:Credit='Made with Google AI'/>");
    for packet in [&attribute, &element, &resource, &credit] {
        let bytes = jpeg(90, SamplingFactor::F_1_1, &[app1_xmp(packet)]);
        assert!(kinds(&bytes, &SENT_AS_FILE).contains(&"provenance.synthetic".to_owned()), "{packet}");
    }
    let iptc = [&b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x18\x1C\x02\x6E\0\x13"[..], b"Made with Google AI"]
        .concat();
    let png_xmp = [b"XML:com.adobe.xmp\0\0\0\0\0", attribute.as_bytes()].concat();
    for (name, bytes) in [
        ("iptc", jpeg(90, SamplingFactor::F_1_1, &[(13, iptc)])),
        ("png xmp", png_with(&[(b"iTXt", png_xmp)])),
        ("settings", png_with(&[(b"tEXt", b"parameters\0a cat\nSteps: 20, Sampler: Euler".to_vec())])),
        ("workflow", png_with(&[(b"tEXt", b"workflow\0{\"nodes\":[]}".to_vec())])),
        ("software", png_with(&[(b"tEXt", b"Software\0NovelAI".to_vec())])),
    ] {
        assert!(kinds(&bytes, &SENT_AS_FILE).contains(&"provenance.synthetic".to_owned()), "{name}");
    }
    // What a camera declares is no synthesis, and neither is a prompt that somebody wrote about.
    let captured = xmp("<rdf:Description e:DigitalSourceType='http://cv.iptc.org/x/digitalCapture'/>");
    for bytes in [
        jpeg(90, SamplingFactor::F_1_1, &[app1_xmp(&captured)]),
        png_with(&[(b"tEXt", b"Comment\0made with love".to_vec())]),
        original(),
    ] {
        assert!(!kinds(&bytes, &SENT_AS_FILE).contains(&"provenance.synthetic".to_owned()));
    }
}

#[test]
fn editors_histories_and_stale_thumbnails_are_named() {
    let edited = |bytes: &[u8]| kinds(bytes, &SENT_AS_FILE).contains(&"provenance.edited".to_owned());
    let by_software = exif(&[ascii(Tag::Software, "Adobe Photoshop 25.1 (Macintosh)")], None);
    assert!(edited(&jpeg(90, SamplingFactor::F_1_1, &[app1_exif(&by_software)])));
    let history = xmp(
        "<rdf:Description><xmpMM:History><rdf:Seq><rdf:li stEvt:action='created'/><rdf:li stEvt:action='saved' \
         stEvt:softwareAgent='GIMP 2.10'/></rdf:Seq></xmpMM:History></rdf:Description>",
    );
    let metadata = said(&jpeg(90, SamplingFactor::F_1_1, &[app1_xmp(&history)]));
    let history = metadata.xmp.as_ref().unwrap();
    assert_eq!((history.history_steps, history.history_software.len()), (2, 1));
    assert!(findings(&metadata, &SENT_AS_FILE).iter().any(|f| f.kind == "provenance.edited"));
    // The picture is 64 × 48 (4:3). A small one of 2:1 means a crop; one of 4:3 means nothing.
    let small = |width: u16, height: u16| {
        let mut bytes = Vec::new();
        let rgb = vec![9; usize::from(width) * usize::from(height) * 3];
        Encoder::new(&mut bytes, 60).encode(&rgb, width, height, ColorType::Rgb).unwrap();
        bytes
    };
    for (width, height, expect) in [(64, 32, true), (32, 24, false), (24, 32, false)] {
        let block = exif(&[ascii(Tag::Make, "Canon")], Some(&small(width, height)));
        let bytes = jpeg(90, SamplingFactor::F_1_1, &[app1_exif(&block)]);
        assert_eq!(edited(&bytes), expect, "{width} × {height}");
    }
    assert!(!edited(&original()));
}

#[test]
fn credentials_are_seen_even_when_not_verified() {
    let named = xmp("<rdf:Description dcterms:provenance='https://example.org/manifest.c2pa'/>");
    let remote = jpeg(90, SamplingFactor::F_1_1, &[app1_xmp(&named)]);
    assert_eq!(said(&remote).c2pa, C2pa::Remote);
    let why = &findings(&said(&remote), &SENT_AS_FILE)[0].why;
    assert!(why.contains("not fetched"), "{why}");
    let box_of_nothing = [b"JP\0\x01\0\0\0\x01", &b"\0\0\0\x20jumb\0\0\0\x18jumdc2pa"[..], &[0; 32]].concat();
    let embedded = jpeg(90, SamplingFactor::F_1_1, &[(11, box_of_nothing)]);
    assert_ne!(said(&embedded).c2pa, C2pa::Absent);
    assert!(kinds(&embedded, &SENT_AS_FILE).contains(&"provenance.c2pa".to_owned()));
}

#[test]
fn broken_metadata_is_no_metadata() {
    let cyclic = b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0";
    let deep = xmp(&"<a>".repeat(10_000));
    for bytes in [
        jpeg(90, SamplingFactor::F_1_1, &[app1_exif(cyclic)]),
        jpeg(90, SamplingFactor::F_1_1, &[app1_exif(b"")]),
        jpeg(90, SamplingFactor::F_1_1, &[app1_xmp(&deep)]),
        jpeg(90, SamplingFactor::F_1_1, &[app1_xmp("<x a='1' a='2' &bad;>")]),
        png_with(&[(b"zTXt", b"Comment\0\0not zlib".to_vec()), (b"iTXt", b"x".to_vec())]),
    ] {
        let found = kinds(&bytes, &SENT_AS_FILE);
        assert!(found.last().is_some_and(|k| k == "provenance.none"), "{found:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mutation_panics_and_every_text_stays_short(
        which in 0..4_usize,
        pokes in prop::collection::vec((any::<u16>(), any::<u8>()), 0..10),
        cut in any::<u16>(),
    ) {
        let settings = png_with(&[
            (b"iTXt", [b"XML:com.adobe.xmp\0\0\0\0\0", xmp("<a CreatorTool='x'/>").as_bytes()].concat()),
            (b"tEXt", b"parameters\0Steps: 1".to_vec()),
        ]);
        let seeds = [original(), settings, exif(&phone_fields(), None), jpeg(50, SamplingFactor::F_2_2, &[])];
        let mut bytes = seeds[which].clone();
        for (at, value) in pokes {
            let span = bytes.len().min(700);
            bytes[usize::from(at) % span] = value;
        }
        if cut % 3 == 0 {
            bytes.truncate(usize::from(cut) % bytes.len());
        }
        let metadata = said(&bytes);
        let found = findings(&metadata, &SENT_AS_FILE);
        prop_assert!(!found.is_empty());
        prop_assert!(serde_json::to_vec(&(metadata, found)).unwrap().len() < 20_000);
    }
}
