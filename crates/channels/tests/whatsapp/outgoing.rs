//! What goes out: the body for every type, and the limits told before WhatsApp would tell them.

use channels::whatsapp::{
    render::{Recipient, render},
    validate::validate,
};
use model::{contact::Identity, ids::AttachmentId, outbound::Outbound};
use proptest::{prelude::*, strategy::ValueTree as _};
use serde_json::{Value, json};

/// An outbound message from the JSON in which the console and the store write it.
fn outbound(json: Value) -> Outbound {
    serde_json::from_value(json).unwrap()
}

fn zoe() -> Recipient {
    Recipient::Phone("393331112223".to_owned())
}

/// The member of the rendered body that is called like its type, after the rest was checked.
fn part(content: Value) -> Value {
    let content = outbound(content);
    assert_eq!(validate(&content), Ok(()), "{content:?}");
    let mut body = render(&zoe(), &content, Some("555"), None, "01JD").unwrap();
    let kind = body["type"].as_str().unwrap().to_owned();
    let part = body.as_object_mut().unwrap().remove(&kind).unwrap();
    assert_eq!(
        body,
        json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+393331112223",
            "biz_opaque_callback_data": "01JD", "type": kind
        })
    );
    part
}

#[test]
fn renders_every_type() {
    let choice = |id: &str, title: &str| json!({"id": id, "title": title});
    for (content, expected) in [
        (json!({"kind": "text", "body": "ciao"}), json!({"body": "ciao", "preview_url": false})),
        (
            json!({"kind": "image", "attachment_id": "a", "caption": "ecco", "file_name": "x.jpg"}),
            json!({"id": "555", "caption": "ecco"}),
        ),
        (json!({"kind": "video", "attachment_id": "a"}), json!({"id": "555"})),
        (json!({"kind": "audio", "attachment_id": "a"}), json!({"id": "555"})),
        (
            json!({"kind": "audio", "attachment_id": "a", "is_voice": true}),
            json!({"id": "555", "voice": true}),
        ),
        (
            json!({"kind": "document", "attachment_id": "a", "file_name": "scheda.pdf", "caption": "ecco"}),
            json!({"id": "555", "filename": "scheda.pdf", "caption": "ecco"}),
        ),
        (json!({"kind": "sticker", "attachment_id": "a"}), json!({"id": "555"})),
        (
            json!({"kind": "location", "latitude": 41.9, "longitude": 12.5, "name": "Officina"}),
            json!({"latitude": 41.9, "longitude": 12.5, "name": "Officina"}),
        ),
        (
            json!({"kind": "contacts", "cards": [{"name": {"formatted_name": "Ada"}}]}),
            json!([{"name": {"formatted_name": "Ada"}}]),
        ),
        (
            json!({"kind": "reaction", "target": "wamid.T", "emoji": "👍🏽"}),
            json!({"message_id": "wamid.T", "emoji": "👍🏽"}),
        ),
        (
            json!({"kind": "reaction", "target": "wamid.T", "emoji": null}),
            json!({"message_id": "wamid.T", "emoji": ""}),
        ),
        (
            json!({"kind": "buttons", "header": "Foto", "body": "Va bene?", "footer": "Officina", "buttons": [choice("y", "Sì"), choice("n", "No")]}),
            json!({
                "type": "button", "header": {"type": "text", "text": "Foto"}, "body": {"text": "Va bene?"},
                "footer": {"text": "Officina"}, "action": {"buttons": [
                    {"type": "reply", "reply": {"id": "y", "title": "Sì"}},
                    {"type": "reply", "reply": {"id": "n", "title": "No"}}
                ]}
            }),
        ),
        (
            json!({"kind": "list", "body": "Quale?", "button": "Scegli", "sections": [{"title": "Casa", "rows": [
                {"id": "1", "title": "Forno", "description": "a gas"}, choice("2", "Frigo")
            ]}]}),
            json!({
                "type": "list", "body": {"text": "Quale?"}, "action": {"button": "Scegli", "sections": [
                    {"title": "Casa", "rows": [{"id": "1", "title": "Forno", "description": "a gas"}, {"id": "2", "title": "Frigo"}]}
                ]}
            }),
        ),
        (
            json!({"kind": "link", "body": "Apri", "display_text": "Qui", "url": "https://a.example/x"}),
            json!({"type": "cta_url", "body": {"text": "Apri"}, "action": {
                "name": "cta_url", "parameters": {"display_text": "Qui", "url": "https://a.example/x"}
            }}),
        ),
        (
            json!({"kind": "location_request", "body": "Dove sei?"}),
            json!({"type": "location_request_message", "body": {"text": "Dove sei?"}, "action": {"name": "send_location"}}),
        ),
        (
            json!({"kind": "form", "body": "Compila", "parameters": {"flow_id": "1", "flow_cta": "Apri", "flow_message_version": "3"}}),
            json!({"type": "flow", "body": {"text": "Compila"}, "action": {
                "name": "flow", "parameters": {"flow_id": "1", "flow_cta": "Apri", "flow_message_version": "3"}
            }}),
        ),
        (
            json!({"kind": "template", "name": "ciao_1", "language": "it", "components": [{"type": "body", "parameters": []}], "preview": "Ciao"}),
            json!({"name": "ciao_1", "language": {"code": "it"}, "components": [{"type": "body", "parameters": []}]}),
        ),
        (
            json!({"kind": "template", "name": "ciao", "language": "it"}),
            json!({"name": "ciao", "language": {"code": "it"}}),
        ),
    ] {
        assert_eq!(part(content.clone()), expected, "{content}");
    }
}

#[test]
fn answers_a_message_but_a_reaction_has_its_own_target() {
    let text = outbound(json!({"kind": "text", "body": "ciao"}));
    let body = render(&zoe(), &text, None, Some("wamid.Q"), "01JD").unwrap();
    assert_eq!(body["context"], json!({"message_id": "wamid.Q"}));
    let reaction = outbound(json!({"kind": "reaction", "target": "wamid.T", "emoji": "👍"}));
    assert_eq!(render(&zoe(), &reaction, None, Some("wamid.Q"), "01JD").unwrap().get("context"), None);
}

#[test]
fn a_file_that_was_not_uploaded_is_not_rendered() {
    let image = outbound(json!({"kind": "image", "attachment_id": "a"}));
    let refused = render(&zoe(), &image, None, None, "01JD").unwrap_err();
    assert_eq!(refused.to_string(), "the image has no uploaded file yet; attach a file and send it again");
}

#[test]
fn writes_to_the_number_if_there_is_one_and_else_to_the_id() {
    let (number, user, parent) =
        (Identity::wa_id("393331112223"), Identity::bsuid("IT.44"), Identity::bsuid("IT.ENT.9"));
    let text = outbound(json!({"kind": "text", "body": "ciao"}));
    for (known, to, recipient) in [
        (vec![parent.clone(), user.clone(), number], json!("+393331112223"), json!(null)),
        (vec![parent.clone(), user], json!(null), json!("IT.44")),
        (vec![parent], json!(null), json!("IT.ENT.9")),
    ] {
        let body = render(&Recipient::from_identities(&known).unwrap(), &text, None, None, "01JD").unwrap();
        assert_eq!((&body["to"], &body["recipient"]), (&to, &recipient));
    }
    assert_eq!(Recipient::from_identities(&[]), None);
}

/// Each limit at its edge: `n` is still taken, `n + 1` is told with what, limit and actual.
#[test]
fn tells_each_limit_at_its_edge() {
    let buttons = |title: usize, id: usize, body: usize| json!({"kind": "buttons", "body": "è".repeat(body), "buttons": [{"id": "i".repeat(id), "title": "t".repeat(title)}]});
    let framed = |header: usize, footer: usize| json!({"kind": "buttons", "header": "h".repeat(header), "footer": "f".repeat(footer), "body": "?", "buttons": [{"id": "1", "title": "t"}]});
    let list = |body: usize, button: usize, section: usize, title: usize, id: usize, description: usize| {
        json!({"kind": "list", "body": "b".repeat(body), "button": "b".repeat(button), "sections": [{
            "title": "s".repeat(section),
            "rows": [{"id": "i".repeat(id), "title": "t".repeat(title), "description": "d".repeat(description)}]
        }]})
    };
    let link = |body: usize, label: usize| json!({"kind": "link", "body": "b".repeat(body), "display_text": "l".repeat(label), "url": "https://a.example"});
    let form = |body: usize| json!({"kind": "form", "body": "b".repeat(body), "parameters": {"flow_name": "x", "flow_cta": "x", "flow_message_version": "3"}});
    for (at_edge, beyond, limit) in [
        (
            json!({"kind": "text", "body": "😀".repeat(4_096)}),
            json!({"kind": "text", "body": "😀".repeat(4_097)}),
            4_096,
        ),
        (
            json!({"kind": "image", "attachment_id": "a", "caption": "c".repeat(1_024)}),
            json!({"kind": "image", "attachment_id": "a", "caption": "c".repeat(1_025)}),
            1_024,
        ),
        (buttons(20, 256, 1_024), buttons(21, 256, 1_024), 20),
        (buttons(20, 256, 1_024), buttons(20, 257, 1_024), 256),
        (buttons(20, 256, 1_024), buttons(20, 256, 1_025), 1_024),
        (framed(60, 60), framed(61, 60), 60),
        (framed(60, 60), framed(60, 61), 60),
        (list(4_096, 20, 24, 24, 200, 72), list(4_097, 20, 24, 24, 200, 72), 4_096),
        (list(4_096, 20, 24, 24, 200, 72), list(4_096, 21, 24, 24, 200, 72), 20),
        (list(4_096, 20, 24, 24, 200, 72), list(4_096, 20, 25, 24, 200, 72), 24),
        (list(4_096, 20, 24, 24, 200, 72), list(4_096, 20, 24, 25, 200, 72), 24),
        (list(4_096, 20, 24, 24, 200, 72), list(4_096, 20, 24, 24, 201, 72), 200),
        (list(4_096, 20, 24, 24, 200, 72), list(4_096, 20, 24, 24, 200, 73), 72),
        (link(1_024, 20), link(1_025, 20), 1_024),
        (link(1_024, 20), link(1_024, 21), 20),
        (
            json!({"kind": "location_request", "body": "b".repeat(1_024)}),
            json!({"kind": "location_request", "body": "b".repeat(1_025)}),
            1_024,
        ),
        (form(1_024), form(1_025), 1_024),
    ] {
        assert_eq!(validate(&outbound(at_edge)), Ok(()));
        let said = validate(&outbound(beyond)).unwrap_err().to_string();
        let expected = format!("has {} characters, WhatsApp takes at most {limit}; shorten it", limit + 1);
        assert!(said.ends_with(&expected), "{said}");
    }
}

#[test]
fn says_what_is_wrong_and_what_to_do() {
    let buttons = |all: Value| json!({"kind": "buttons", "body": "?", "buttons": all});
    let rows = |sections: usize, rows: usize| {
        let row = |s: usize, r: usize| json!({"id": format!("{s}.{r}"), "title": "t"});
        let section =
            |s: usize| json!({"title": "s", "rows": (0..rows).map(|r| row(s, r)).collect::<Vec<_>>()});
        json!({"kind": "list", "body": "?", "button": "b", "sections": (0..sections).map(section).collect::<Vec<_>>()})
    };
    let untitled = json!({"rows": [{"id": "1", "title": "t"}]});
    let link = |url: &str| json!({"kind": "link", "body": "?", "display_text": "x", "url": url});
    let form = |parameters: Value| json!({"kind": "form", "body": "?", "parameters": parameters});
    for (content, expected) in [
        (json!({"kind": "text", "body": " \n"}), "the text is empty"),
        (json!({"kind": "image", "attachment_id": null}), "the image has no uploaded file yet"),
        (json!({"kind": "audio", "attachment_id": "a", "caption": "c"}), "audio cannot carry a caption"),
        (json!({"kind": "image", "attachment_id": "a", "is_voice": true}), "image cannot be a voice note"),
        (json!({"kind": "document", "attachment_id": "a", "file_name": ""}), "the file name is empty"),
        (json!({"kind": "location", "latitude": 90.5, "longitude": 0.0}), "the location is not on the map"),
        (json!({"kind": "contacts", "cards": []}), "there are 0 contact cards, WhatsApp takes 1 to 50"),
        (json!({"kind": "contacts", "cards": [{"name": {}}]}), "a contact card has no `name.formatted_name`"),
        (
            json!({"kind": "contacts", "cards": [{"name": {"formatted_name": "x".repeat(70_000)}}]}),
            "the contact cards takes up",
        ),
        (json!({"kind": "reaction", "target": "", "emoji": "👍"}), "the message to react to is empty"),
        (json!({"kind": "reaction", "target": "w", "emoji": ":)"}), "the reaction is not an emoji"),
        (json!({"kind": "reaction", "target": "w", "emoji": "sì"}), "the reaction is not an emoji"),
        (
            json!({"kind": "reaction", "target": "w", "emoji": "👍".repeat(17)}),
            "the reaction has 17 characters",
        ),
        (buttons(json!([])), "there are 0 buttons, WhatsApp takes 1 to 3"),
        (
            buttons(json!(vec![json!({"id": "1", "title": "t"}); 4])),
            "there are 4 buttons, WhatsApp takes 1 to 3",
        ),
        (
            buttons(json!([{"id": "1", "title": "a"}, {"id": "1", "title": "b"}])),
            "two ids of buttons are the same",
        ),
        (
            buttons(json!([{"id": "1", "title": "a"}, {"id": "2", "title": "a"}])),
            "two titles of buttons are the same",
        ),
        (
            buttons(json!([{"id": "1", "title": "a", "description": "d"}])),
            "a button cannot have a description",
        ),
        (rows(0, 1), "there are 0 sections"),
        (rows(11, 1), "there are 11 sections, WhatsApp takes 1 to 10"),
        (rows(1, 0), "a section of the list is empty"),
        (rows(2, 6), "there are 12 rows in all sections together, WhatsApp takes 1 to 10"),
        (
            json!({"kind": "list", "body": "?", "button": "b", "sections": [untitled, untitled]}),
            "a section needs a title",
        ),
        (
            json!({"kind": "list", "body": "?", "button": "b", "sections": [{"rows": [{"id": "1", "title": "t"}, {"id": "1", "title": "u"}]}]}),
            "two ids of rows are the same",
        ),
        (link("javascript:alert(1)"), "the address of the link must begin with https://"),
        (link("a.example"), "the address of the link must begin with https://"),
        (form(json!({})), "the form names no flow"),
        (form(json!({"flow_id": "1"})), "the form lacks `flow_cta`"),
        (
            json!({"kind": "template", "name": "Ciao Tu", "language": "it"}),
            "the name of the template may hold only",
        ),
        (
            json!({"kind": "template", "name": "ciao", "language": ""}),
            "the language of the template is empty",
        ),
        (
            json!({"kind": "template", "name": "ciao", "language": "it", "components": ["x"]}),
            "the template has a component",
        ),
    ] {
        let said = validate(&outbound(content.clone())).map_err(|e| e.to_string()).unwrap_err();
        assert!(said.starts_with(expected), "{content}: {said}");
    }
    let nowhere = Outbound::Location(model::content::Location {
        latitude: f64::NAN,
        longitude: 0.0,
        name: None,
        address: None,
        url: None,
    });
    assert!(validate(&nowhere).is_err());
}

/// Texts around the limits, some of them empty.
fn some_text() -> impl Strategy<Value = String> + Clone {
    let length = prop_oneof![0usize..30, 55usize..75, 195usize..260, 1_020usize..1_030, 4_090usize..4_100];
    (length, prop_oneof![Just("a"), Just("è"), Just("😀"), Just(" ")]).prop_map(|(n, unit)| unit.repeat(n))
}

/// A title or an id: mostly short, at times around a limit or blank.
fn some_label() -> impl Strategy<Value = String> + Clone {
    let length = prop_oneof![20 => 1usize..20, 2 => 19usize..26, 1 => 55usize..75, 1 => 195usize..260];
    let unit = prop_oneof![10 => "[a-zèΩ漢😀]", 1 => Just(" ".to_owned())];
    (length, unit).prop_map(|(n, unit)| unit.repeat(n))
}

fn some_outbound() -> impl Strategy<Value = Outbound> {
    let optional = || proptest::option::of(some_label());
    let choice = |description: BoxedStrategy<Option<String>>| {
        (some_label(), some_label(), description).prop_map(
            |(id, title, description)| json!({"id": id, "title": title, "description": description}),
        )
    };
    let buttons =
        proptest::collection::vec(choice(proptest::option::weighted(0.1, some_label()).boxed()), 0..5);
    let rows = proptest::collection::vec(choice(optional().boxed()), 0..6);
    let section = (optional(), rows).prop_map(|(title, rows)| json!({"title": title, "rows": rows}));
    let file = prop_oneof![Just("image"), Just("video"), Just("audio"), Just("document"), Just("sticker")];
    prop_oneof![
        some_text().prop_map(|body| json!({"kind": "text", "body": body})),
        (file, proptest::option::of(some_text()), optional(), any::<bool>()).prop_map(|(kind, caption, name, voice)| {
            let id = AttachmentId::from("a");
            json!({"kind": kind, "attachment_id": id, "caption": caption, "file_name": name, "is_voice": voice})
        }),
        (optional(), some_text(), optional(), buttons).prop_map(|(header, body, footer, buttons)| {
            json!({"kind": "buttons", "header": header, "body": body, "footer": footer, "buttons": buttons})
        }),
        (optional(), some_text(), some_label(), proptest::collection::vec(section, 0..4)).prop_map(
            |(header, body, button, sections)| {
                json!({"kind": "list", "header": header, "body": body, "button": button, "sections": sections})
            }
        ),
        (some_text(), some_label()).prop_map(|(body, label)| {
            json!({"kind": "link", "body": body, "display_text": label, "url": "https://a.example"})
        }),
    ]
    .prop_map(outbound)
}

/// The property below would be empty if chance never made a valid message.
#[test]
fn chance_makes_valid_messages_of_every_kind() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut valid = std::collections::BTreeMap::new();
    for _ in 0..2_000 {
        let content = some_outbound().new_tree(&mut runner).unwrap().current();
        if validate(&content).is_ok() {
            *valid.entry(content.kind()).or_insert(0) += 1;
        }
    }
    for kind in ["text", "image", "video", "audio", "document", "sticker", "buttons", "list", "link"] {
        assert!(valid.get(kind).is_some_and(|n| *n >= 10), "{kind}: {valid:?}");
    }
}

/// Meta's limits once more, on the rendered body, by the path of the text.
fn check_limits(path: &str, value: &Value) -> Result<(), TestCaseError> {
    const LIMITS: &[(&str, usize)] = &[
        ("/text/body", 4_096),
        ("/caption", 1_024),
        ("/button/header/text", 60),
        ("/footer/text", 60),
        ("/header/text", 60),
        ("/reply/title", 20),
        ("/reply/id", 256),
        ("/rows/title", 24),
        ("/rows/description", 72),
        ("/rows/id", 200),
        ("/sections/title", 24),
        ("/action/button", 20),
        ("/display_text", 20),
        ("/interactive/body/text", 4_096),
    ];
    match value {
        Value::String(text) => {
            let limit =
                LIMITS.iter().find(|(end, _)| path.ends_with(end)).map_or(usize::MAX, |(_, limit)| *limit);
            prop_assert!(text.chars().count() <= limit, "{path}: {} > {limit}", text.chars().count());
            prop_assert!(!text.trim().is_empty(), "{path} is empty");
        }
        Value::Array(items) => {
            let limit = if path.ends_with("/buttons") { 3 } else { 10 };
            prop_assert!((1..=limit).contains(&items.len()), "{path}: {}", items.len());
            items.iter().try_for_each(|item| check_limits(path, item))?;
        }
        Value::Object(members) => {
            members.iter().try_for_each(|(key, member)| check_limits(&format!("{path}/{key}"), member))?;
        }
        _ => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_valid_renders_within_every_limit(content in some_outbound()) {
        if validate(&content).is_ok() {
            let body = render(&zoe(), &content, Some("555"), Some("wamid.Q"), "01JD").unwrap();
            check_limits("", &body)?;
            let is_short = !matches!(content, Outbound::Buttons(_) | Outbound::Link { .. });
            prop_assert!(is_short || content.text().unwrap_or_default().chars().count() <= 1_024);
        }
    }
}
