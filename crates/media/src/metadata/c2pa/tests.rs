//! Pictures signed here, with a key and a certificate that were made for the test.

use std::io::Cursor;

use c2pa::{Builder, BuilderIntent, DigitalSourceType, EphemeralSigner};

use crate::{
    fixtures::jpeg,
    metadata::{C2pa, ChannelKind, Context, findings, read},
    sniff::sniff,
};

fn signed(source: &[u8], intent: BuilderIntent) -> Vec<u8> {
    let definition =
        r#"{"claim_generator_info": [{"name": "Test Camera", "version": "1.0"}], "title": "a test"}"#;
    let mut builder = Builder::default().with_definition(definition).unwrap();
    builder.set_intent(intent);
    let signer = EphemeralSigner::new("camera.example.org").unwrap();
    let mut out = Cursor::new(Vec::new());
    builder.sign(&signer, sniff(source).mime_type, &mut Cursor::new(source), &mut out).unwrap();
    out.into_inner()
}

fn c2pa(bytes: &[u8]) -> C2pa {
    read(bytes, sniff(bytes)).c2pa
}

fn why(bytes: &[u8]) -> String {
    let context =
        Context { channel_kind: ChannelKind::Upload, is_forwarded: false, is_frequently_forwarded: false };
    let found = findings(&read(bytes, sniff(bytes)), &context);
    found.into_iter().find(|f| f.kind == "provenance.c2pa").map(|f| f.why).unwrap_or_default()
}

#[test]
fn an_intact_picture_is_valid_and_its_signer_unknown() {
    let bytes = signed(&jpeg(), BuilderIntent::Create(DigitalSourceType::DigitalCapture));
    let C2pa::Valid { is_trusted, signer, generator, digital_source_type, .. } = c2pa(&bytes) else {
        panic!("{:?}", c2pa(&bytes));
    };
    assert!(!is_trusted);
    assert!(signer.as_deref().is_some_and(|s| s.contains("camera.example.org")), "{signer:?}");
    assert_eq!(generator.as_deref(), Some("Test Camera"));
    assert_eq!(digital_source_type.as_deref(), Some("digitalCapture"));
    assert!(why(&bytes).contains("not vouched for"), "{}", why(&bytes));
}

#[test]
fn a_changed_picture_is_invalid() {
    let mut bytes = signed(&jpeg(), BuilderIntent::Create(DigitalSourceType::DigitalCapture));
    // In the coded pixels, far behind the record.
    let at = bytes.len() - 200;
    bytes[at] ^= 0x10;
    assert!(matches!(c2pa(&bytes), C2pa::Invalid { .. }), "{:?}", c2pa(&bytes));
    assert!(why(&bytes).contains("changed after signing"), "{}", why(&bytes));
}

#[test]
fn a_signed_generator_is_believed_and_an_unsigned_picture_has_nothing() {
    let bytes = signed(&jpeg(), BuilderIntent::Create(DigitalSourceType::TrainedAlgorithmicMedia));
    let context =
        Context { channel_kind: ChannelKind::Upload, is_forwarded: false, is_frequently_forwarded: false };
    let found = findings(&read(&bytes, sniff(&bytes)), &context);
    assert!(
        found.iter().any(|f| f.kind == "provenance.synthetic" && f.why.contains("signed record")),
        "{found:?}"
    );
    assert_eq!(c2pa(&jpeg()), C2pa::Absent);
}

#[test]
fn a_damaged_record_is_invalid_and_no_panic() {
    let bytes = signed(&jpeg(), BuilderIntent::Create(DigitalSourceType::DigitalCapture));
    let start = bytes.windows(4).position(|w| w == b"jumb").unwrap();
    for step in 0..60 {
        let mut bent = bytes.clone();
        let at = start + step * 97;
        if at < bent.len() {
            bent[at] ^= 0x55;
        }
        assert!(!matches!(c2pa(&bent), C2pa::Valid { is_trusted: true, .. }));
    }
}
