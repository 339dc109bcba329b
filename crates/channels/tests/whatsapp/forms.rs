//! Native forms against what another implementation sealed (`fixtures/forms.json`), and against everything that may be
//! wrong with a request or a file.

use aes_gcm::{
    AesGcm, KeyInit as _, Nonce,
    aead::{Aead as _, consts::U16},
    aes::Aes128,
};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use channels::whatsapp::forms::{
    Answers, AnswersError, Asked, CIPHER_BYTES_MAX, EnvelopeError, ExchangeError, FILE_BYTES_MAX, FormKey,
    Input, MediaError, Plan, Screen, Seals, active, done, open, open_media, read, render, token_of,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../fixtures/forms.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap()).unwrap()
}

fn key(vectors: &Value, name: &str) -> FormKey {
    FormKey::from_pkcs8(&bytes(&vectors[name])).unwrap()
}

fn body_of(exchange: &Value) -> Vec<u8> {
    exchange["body"].to_string().into_bytes()
}

#[test]
fn opens_what_another_implementation_sealed_and_answers_as_it_does() {
    let vectors = vectors();
    // The key that fits need not be the first.
    let keys = [key(&vectors, "other_key"), key(&vectors, "private_key")];
    for exchange in vectors["exchanges"].as_array().unwrap() {
        let (plain, session) = open(&body_of(exchange), &keys).unwrap();
        assert_eq!(plain, exchange["plain"].as_str().unwrap().as_bytes());
        assert_eq!(session.seal(&exchange["answer"]), exchange["sealed_answer"].as_str().unwrap());
    }
}

#[test]
fn writes_the_public_key_as_openssl_does() {
    let vectors = vectors();
    assert_eq!(key(&vectors, "private_key").public_pem().unwrap(), vectors["public_pem"].as_str().unwrap());
}

#[test]
fn a_key_is_the_same_after_it_was_stored() {
    let made = FormKey::generate().unwrap();
    let again = FormKey::from_pkcs8(made.to_pkcs8().unwrap().as_ref()).unwrap();
    assert_eq!(again.public_pem().unwrap(), made.public_pem().unwrap());
    assert!(FormKey::from_pkcs8(b"no key").is_err());
}

#[test]
fn refuses_what_was_sealed_for_another_or_altered() {
    let vectors = vectors();
    let (ours, other) = ([key(&vectors, "private_key")], [key(&vectors, "other_key")]);
    let exchange = &vectors["exchanges"][1];
    let refused = |body: &[u8], keys: &[FormKey]| open(body, keys).map(|(plain, _)| plain).unwrap_err();
    assert_eq!(refused(&body_of(exchange), &other), EnvelopeError::Sealed);
    assert_eq!(refused(&body_of(exchange), &[]), EnvelopeError::Sealed);
    let with = |member: &str, change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let mut body = exchange["body"].clone();
        body[member] = STANDARD.encode(change(bytes(&body[member]))).into();
        body.to_string().into_bytes()
    };
    let flip_first = |mut of: Vec<u8>| {
        of[0] ^= 1;
        of
    };
    let flip_last = |mut of: Vec<u8>| {
        *of.last_mut().unwrap() ^= 1;
        of
    };
    let cut = |mut of: Vec<u8>| {
        of.pop();
        of
    };
    for member in ["encrypted_flow_data", "encrypted_aes_key"] {
        let changes: [&dyn Fn(Vec<u8>) -> Vec<u8>; 4] = [&flip_first, &flip_last, &cut, &|_| Vec::new()];
        for change in changes {
            assert_eq!(refused(&with(member, change), &ours), EnvelopeError::Sealed, "{member}");
        }
    }
    assert_eq!(refused(&with("initial_vector", &flip_first), &ours), EnvelopeError::Sealed);
    assert_eq!(refused(&with("initial_vector", &cut), &ours), EnvelopeError::NotAnEnvelope);
    for body in
        [&b""[..], b"{}", b"[]", br#"{"encrypted_flow_data":"*","encrypted_aes_key":"","initial_vector":""}"#]
    {
        assert_eq!(refused(body, &ours), EnvelopeError::NotAnEnvelope);
    }
}

/// Seals as a phone does.
fn phone(pem: &str, key: [u8; 16], iv: [u8; 16], plain: &[u8]) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let public = PublicEncryptingKey::from_der(&STANDARD.decode(base64).unwrap()).unwrap();
    let public = OaepPublicEncryptingKey::new(public).unwrap();
    let mut wrapped = vec![0; public.ciphertext_size()];
    public.encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut wrapped, None).unwrap();
    let sealed = AesGcm::<Aes128, U16>::new(&key.into()).encrypt(&Nonce::from(iv), plain).unwrap();
    let body = json!({
        "encrypted_flow_data": STANDARD.encode(sealed), "encrypted_aes_key": STANDARD.encode(wrapped),
        "initial_vector": STANDARD.encode(iv),
    });
    body.to_string().into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_phone_seals_is_opened_and_the_answer_only_by_it(
        session_key: [u8; 16], iv: [u8; 16], plain in proptest::collection::vec(any::<u8>(), 0..2_000), said in ".{0,200}",
    ) {
        let vectors = vectors();
        let body = phone(vectors["public_pem"].as_str().unwrap(), session_key, iv, &plain);
        let (opened, session) = open(&body, &[key(&vectors, "private_key")]).unwrap();
        prop_assert_eq!(opened, plain);
        let answer = json!({ "error_msg": said });
        let sealed = STANDARD.decode(session.seal(&answer)).unwrap();
        let cipher = AesGcm::<Aes128, U16>::new(&session_key.into());
        let flipped = iv.map(|byte| byte ^ 0xff);
        let told = cipher.decrypt(&Nonce::from(flipped), &*sealed).unwrap();
        prop_assert_eq!(serde_json::from_slice::<Value>(&told).unwrap(), answer);
        prop_assert!(cipher.decrypt(&Nonce::from(iv), &*sealed).is_err());
    }

    #[test]
    fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let vectors = vectors();
        prop_assert!(open(&body, &[key(&vectors, "private_key")]).is_err());
        drop(read(&body));
    }
}

#[test]
fn reads_what_phones_ask() {
    let ask = |value: Value| read(value.to_string().as_bytes());
    assert_eq!(ask(json!({ "version": "3.0", "action": "ping" })), Ok(Asked::Ping));
    assert_eq!(
        ask(json!({ "action": "INIT", "flow_token": "t" })),
        Ok(Asked::Opened { token: "t".to_owned() })
    );
    assert_eq!(
        ask(json!({ "action": "BACK", "flow_token": "t", "screen": "SCREEN_A" })),
        Ok(Asked::Back { token: "t".to_owned(), screen: "SCREEN_A".to_owned() })
    );
    let data = json!({ "note": "x" });
    assert_eq!(
        ask(json!({ "action": "data_exchange", "flow_token": "t", "screen": "SCREEN_B", "data": data })),
        Ok(Asked::Sent {
            token: "t".to_owned(),
            screen: "SCREEN_B".to_owned(),
            data: data.as_object().unwrap().clone()
        })
    );
    let trouble =
        json!({ "action": "INIT", "flow_token": "t", "data": { "error": "E", "error_message": "no" } });
    assert_eq!(ask(trouble), Ok(Asked::Trouble { why: "no".to_owned() }));
    assert_eq!(ask(json!({ "action": "INIT" })), Err(ExchangeError::NoToken));
    assert_eq!(ask(json!({ "action": "dance", "flow_token": "t" })), Err(ExchangeError::UnknownAction));
    assert_eq!(ask(json!("INIT")), Err(ExchangeError::Unreadable));
    assert_eq!(active(), json!({ "data": { "status": "active" } }));
    assert_eq!(done("t")["data"]["extension_message_response"]["params"]["flow_token"], "t");
}

fn seals(value: &Value) -> Seals {
    serde_json::from_value(value["encryption_metadata"].clone()).unwrap()
}

#[test]
fn opens_files_that_another_implementation_sealed() {
    for file in vectors()["files"].as_array().unwrap() {
        assert_eq!(open_media(bytes(&file["sealed"]), &seals(file)), Ok(bytes(&file["plain"])));
    }
}

/// The file with other bytes, and the hash of those.
fn rehashed(file: &Value, sealed: &[u8]) -> Seals {
    let mut changed = file.clone();
    changed["encryption_metadata"]["encrypted_hash"] = STANDARD.encode(Sha256::digest(sealed)).into();
    seals(&changed)
}

#[test]
fn refuses_files_of_which_anything_is_not_as_it_was_sealed() {
    let vectors = vectors();
    let file = &vectors["files"][5];
    let sealed = bytes(&file["sealed"]);
    let page = b"<!doctype html><p>Please log in".to_vec();
    assert_eq!(open_media(page.clone(), &seals(file)), Err(MediaError::WrongBytes));
    assert_eq!(open_media(sealed[..500].to_vec(), &seals(file)), Err(MediaError::WrongBytes));
    assert_eq!(open_media(Vec::new(), &seals(file)), Err(MediaError::WrongBytes));
    assert_eq!(open_media(page.clone(), &rehashed(file, &page)), Err(MediaError::Altered));
    assert_eq!(open_media(Vec::new(), &rehashed(file, b"")), Err(MediaError::Altered));
    for at in [0, sealed.len() - 11, sealed.len() - 10, sealed.len() - 1] {
        let mut altered = sealed.clone();
        altered[at] ^= 1;
        assert_eq!(open_media(altered.clone(), &rehashed(file, &altered)), Err(MediaError::Altered), "{at}");
    }
    for (member, value, error) in [
        ("plaintext_hash", STANDARD.encode([0; 32]), MediaError::OtherFile),
        ("encryption_key", STANDARD.encode([7; 32]), MediaError::Altered),
        ("hmac_key", STANDARD.encode([7; 32]), MediaError::Altered),
        ("iv", STANDARD.encode([7; 16]), MediaError::Altered),
        ("iv", STANDARD.encode([7; 12]), MediaError::BadKeys),
        ("encryption_key", "*".to_owned(), MediaError::BadKeys),
        ("encrypted_hash", STANDARD.encode([7; 31]), MediaError::BadKeys),
    ] {
        let mut changed = file.clone();
        changed["encryption_metadata"][member] = value.into();
        assert_eq!(open_media(sealed.clone(), &seals(&changed)), Err(error), "{member}");
    }
}

#[test]
fn a_byte_more_than_pickers_take_is_too_much() {
    let file = &vectors()["files"][0];
    assert_eq!(CIPHER_BYTES_MAX, FILE_BYTES_MAX + 26);
    assert_eq!(open_media(vec![0; CIPHER_BYTES_MAX + 1], &seals(file)), Err(MediaError::TooLarge));
    assert_eq!(open_media(vec![0; CIPHER_BYTES_MAX], &seals(file)), Err(MediaError::WrongBytes));
}

fn fields(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn tells_words_from_files_whichever_way_they_come() {
    let sealed = &vectors()["files"][1];
    let answers = Answers::read(&fields(json!({
        "flow_token": "t", "note": " AB-12 ", "pieces": 3, "sure": true, "which": ["a", "b"], "left_out": "",
        "damage": [{
            "media_id": "7", "cdn_url": "https://mmg.whatsapp.net/v/1.enc", "file_name": "IMG\u{7}_1.HEIC",
            "encryption_metadata": sealed["encryption_metadata"],
        }],
        "label": [{ "id": "8", "mime_type": "image/png", "sha256": STANDARD.encode([1; 32]), "file_name": "b.png" }],
        "papers": [{ "id": "9", "mime_type": "application/pdf" }],
    })))
    .unwrap();
    assert_eq!(answers.token.as_deref(), Some("t"));
    let words: Vec<_> = answers.words.iter().map(|(name, said)| (name.as_str(), said.as_str())).collect();
    assert_eq!(words, [("note", "AB-12"), ("pieces", "3"), ("sure", "true"), ("which", "a, b")]);
    let told: Vec<_> = answers
        .files
        .iter()
        .map(|file| (file.field.as_str(), file.kind(), file.media.external_id.as_str(), file.seals.is_some()))
        .collect();
    assert_eq!(
        told,
        [("damage", "image", "7", true), ("label", "image", "8", false), ("papers", "document", "9", false)]
    );
    let damage = &answers.files[0].media;
    assert_eq!(damage.file_name.as_deref(), Some("IMG_1.HEIC"));
    assert_eq!(damage.sha256.as_deref(), Some(hex::encode(Sha256::digest(bytes(&sealed["plain"]))).as_str()));
    assert_eq!(answers.files[1].media.sha256.as_deref(), Some("01".repeat(32).as_str()));
    let shown = Value::Object(answers.shown).to_string();
    assert!(shown.contains(r#""damage":["IMG_1.HEIC"]"#), "{shown}");
    for secret in ["mmg.whatsapp.net", "hmac_key", "flow_token"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn bounds_what_a_form_may_carry() {
    let photo = json!({ "id": "1", "mime_type": "image/jpeg" });
    let read = |value: Value| Answers::read(&fields(value)).map(|answers| answers.files.len());
    assert_eq!(read(json!({ "a": vec![photo.clone(); 30], "b": vec![photo.clone(); 30] })), Ok(60));
    assert_eq!(read(json!({ "a": vec![photo.clone(); 61] })), Err(AnswersError::TooManyFiles));
    let many: Map<String, Value> = (0..61).map(|n| (format!("f{n}"), json!("x"))).collect();
    assert_eq!(read(many.into()), Err(AnswersError::TooManyFields));
    for file in [
        json!({ "cdn_url": "https://mmg.whatsapp.net/1" }),
        json!({ "media_id": "1", "cdn_url": "https://mmg.whatsapp.net/1" }),
        json!({ "media_id": "1", "cdn_url": "https://x", "encryption_metadata": { "iv": "" } }),
    ] {
        assert_eq!(read(json!({ "a": [file] })), Err(AnswersError::UnknownFile));
    }
    assert_eq!(token_of(&json!({ "flow_token": "t" })), Some("t"));
    assert_eq!(token_of(&json!({ "flow_token": "t".repeat(201) })), None);
    assert_eq!(token_of(&json!("text")), None);
}

/// A file in a place of its own would show its address and its keys to everybody who reads the ticket.
#[test]
fn a_file_where_none_is_expected_shows_no_keys() {
    let sealed = &vectors()["files"][1];
    let file = json!({
        "media_id": "7", "cdn_url": "https://mmg.whatsapp.net/v/1.enc", "file_name": "one.jpg",
        "encryption_metadata": sealed["encryption_metadata"],
    });
    let alone = Answers::read(&fields(json!({ "photo": file }))).unwrap();
    assert_eq!((alone.files.len(), &alone.shown["photo"]), (1, &json!(["one.jpg"])));
    for hidden in
        [json!({ "inside": file }), json!([{ "deeper": [file] }]), json!({ "encryption_metadata": {} })]
    {
        let form = fields(json!({ "photo": hidden, "note": "AB-12" }));
        assert_eq!(Answers::read(&form).map(|_| ()), Err(AnswersError::UnknownFile));
        let saved = Answers::salvage(&form);
        assert_eq!(
            (&saved.shown["photo"], &saved.shown["note"]),
            (&json!(["1 × unreadable"]), &json!("AB-12"))
        );
    }
}

#[test]
fn what_can_be_read_of_a_broken_form_is_kept() {
    let photo = |id: u32| json!({ "id": id.to_string(), "mime_type": "image/jpeg" });
    let broken = json!({ "cdn_url": "https://mmg.whatsapp.net/1" });
    let form = fields(json!({
        "a": [photo(1), broken, photo(2)], "b": (3..70).map(photo).collect::<Vec<_>>(), "flow_token": "t",
    }));
    let saved = Answers::salvage(&form);
    assert_eq!((saved.files.len(), saved.token.as_deref()), (60, Some("t")));
    assert_eq!(saved.shown["a"], json!(["file", "file", "1 × unreadable"]));
    assert_eq!(saved.shown["b"][58], json!("9 × unreadable"));
}

fn plan(has_endpoint: bool) -> Plan {
    let screen = |field: &str, question: &str, input: Input| Screen {
        field: field.to_owned(),
        question: question.to_owned(),
        input,
    };
    Plan {
        title: "Qualcosa è rotto".to_owned(),
        next: "Avanti".to_owned(),
        send: "Invia".to_owned(),
        answer: "La sua risposta".to_owned(),
        has_endpoint,
        screens: vec![
            screen("damage", "Il danno", Input::Photos { count: 2 }),
            screen("bought_on", "Quando?", Input::Date),
        ],
    }
}

#[test]
fn writes_one_question_a_screen_and_sends_with_the_last() {
    let form = render(&plan(true)).unwrap();
    assert_eq!(
        form,
        json!({
            "version": "7.1", "data_api_version": "3.0",
            "routing_model": { "SCREEN_A": ["SCREEN_B"], "SCREEN_B": [] },
            "screens": [
                { "id": "SCREEN_A", "title": "Qualcosa è rotto", "data": {}, "layout": {
                    "type": "SingleColumnLayout", "children": [
                        { "type": "PhotoPicker", "name": "damage", "label": "La sua risposta", "description": "Il danno",
                          "photo-source": "camera_gallery", "min-uploaded-photos": 2, "max-uploaded-photos": 10 },
                        { "type": "Footer", "label": "Avanti", "on-click-action": {
                            "name": "navigate", "next": { "type": "screen", "name": "SCREEN_B" }, "payload": {} } },
                    ] } },
                { "id": "SCREEN_B", "title": "Qualcosa è rotto", "data": {}, "terminal": true, "success": true, "layout": {
                    "type": "SingleColumnLayout", "children": [
                        { "type": "TextBody", "text": "Quando?" },
                        { "type": "DatePicker", "name": "bought_on", "label": "La sua risposta", "required": true },
                        { "type": "Footer", "label": "Invia", "on-click-action": {
                            "name": "data_exchange", "payload": {
                                "damage": "${screen.SCREEN_A.form.damage}",
                                "bought_on": "${screen.SCREEN_B.form.bought_on}" } } },
                    ] } },
            ],
        })
    );
    let without = render(&plan(false)).unwrap();
    assert_eq!(
        without.pointer("/screens/1/layout/children/2/on-click-action/name"),
        Some(&json!("complete"))
    );
    assert_eq!((without.get("routing_model"), without.get("data_api_version")), (None, None));
}

#[test]
fn pickers_share_the_ten_files_of_a_message() {
    let most = |has_endpoint: bool| {
        let mut plan = plan(has_endpoint);
        plan.screens[1].input = Input::Documents { count: 1 };
        let form = render(&plan).unwrap();
        let most = |path: &str| form.pointer(path).and_then(serde_json::Value::as_u64).unwrap();
        [
            most("/screens/0/layout/children/0/max-uploaded-photos"),
            most("/screens/1/layout/children/0/max-uploaded-documents"),
        ]
    };
    // Two and one are asked for; of the seven that are left each gets three.
    assert_eq!(most(false), [5, 4]);
    assert_eq!(most(true), [10, 10]);
}

#[test]
fn says_what_whatsapp_would_refuse_of_a_form() {
    let refused = |change: &dyn Fn(&mut Plan)| {
        let mut plan = plan(true);
        change(&mut plan);
        render(&plan).unwrap_err().to_string()
    };
    assert!(refused(&|plan| plan.screens.clear()).contains("there are 0 screens"));
    assert!(refused(&|plan| plan.title = "x".repeat(31)).contains("at most 30"));
    assert!(refused(&|plan| plan.screens[0].question = "x".repeat(301)).contains("at most 300"));
    assert!(refused(&|plan| plan.screens[0].field = "Damage".to_owned()).contains("lower-case"));
    assert!(refused(&|plan| plan.screens[1].field = "damage".to_owned()).contains("the same"));
    assert!(
        refused(&|plan| plan.screens[0].input = Input::Documents { count: 11 })
            .contains("there are 11 files")
    );
    let long = vec![("a".to_owned(), "x".repeat(31))];
    assert!(refused(&|plan| plan.screens[1].input = Input::Choice(long.clone())).contains("an option"));
    assert!(
        refused(&|plan| plan.screens[1].input = Input::Choice(Vec::new())).contains("there are 0 options")
    );
}
