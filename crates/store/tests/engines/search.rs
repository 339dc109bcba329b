//! The search: what is said, read, named and written down is found, where it stands is told, and what was taken back
//! is gone.

use std::collections::BTreeMap;

use model::{
    Timestamp,
    access::Role,
    contact::{Identity, IdentityKind},
    content::{Content, Media},
    event::{Change, ChangeKind, IdentityChange, Sender},
    finding::{Analysis, Finding, Region, Verdict},
    ids::{AttachmentId, EventId, MessageId, TechnicianId},
    message::Direction,
    ticket::TicketStatus,
};
use store::{
    attachments, changes, contacts, events, findings, messages,
    search::{self, Found, Place as In, Query, Refused, Source, Wanted},
    tickets::{self, Assignee, Viewer},
    users, visits,
};

use crate::{NOON, Place, World, later, new_message, on_each_engine};

fn wanted(text: &str) -> Wanted {
    Wanted {
        query: Query::read(text).unwrap(),
        statuses: vec![],
        assignee: Assignee::Anyone,
        viewer: Viewer::ALL,
        channel: None,
        place: None,
        from: None,
        until: None,
        before: None,
        limit: 20,
    }
}

async fn found(world: &World, text: &str) -> Vec<Found> {
    search::search(&world.db, &wanted(text)).await.unwrap().tickets
}

async fn numbers_of(world: &World, wanted: &Wanted) -> Vec<i64> {
    let numbers = |page: search::Page| page.tickets.iter().map(|found| found.number).collect::<Vec<_>>();
    let whole = numbers(search::search(&world.db, wanted).await.unwrap());
    assert_eq!(numbers(search::list(&world.db, wanted).await.unwrap()), whole, "the list agrees");
    whole
}

async fn numbers(world: &World, text: &str) -> Vec<i64> {
    numbers_of(world, &wanted(text)).await
}

async fn say(world: &World, place: &Place, external_id: &str, text: &str, at: Timestamp) -> MessageId {
    let id = MessageId::new(&world.ids, at);
    let new = messages::NewMessage {
        text: Some(text),
        ..new_message(place, &id, Direction::In, Some(external_id), at)
    };
    let mut tx = world.tx().await;
    assert!(messages::insert(&mut tx, &new).await.unwrap());
    tickets::note_message(&mut tx, &place.ticket, at, 1, 0, at).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn change(world: &World, place: &Place, target: &str, what: ChangeKind, n: i64) {
    let sender = Sender { identities: vec![Identity::wa_id("1")], profile_name: None };
    let change =
        Change { external_id: format!("c{n}"), target: target.to_owned(), sender, at: later(n), what };
    let mut tx = world.tx().await;
    assert!(changes::record(&mut tx, &place.channel, &change, "customer", later(n)).await.unwrap());
    messages::apply_changes(&mut tx, &place.channel, target).await.unwrap();
    tx.commit().await.unwrap();
}

async fn file(world: &World, place: &Place, message: &MessageId, name: Option<&str>) -> AttachmentId {
    let at = attachments::Place {
        message_id: message,
        ticket_id: &place.ticket,
        contact_id: &place.contact,
        channel_id: &place.channel,
    };
    let id = AttachmentId::new(&world.ids, NOON);
    let media = Media { external_id: id.0.clone(), file_name: name.map(str::to_owned), ..Media::default() };
    let mut tx = world.tx().await;
    attachments::announce(&mut tx, &id, &at, "image", &media, later(600), NOON).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn read(world: &World, file: &AttachmentId, lines: &[&str]) {
    read_on(world, file, "label", lines).await;
}

/// Has lines be read on a picture of this kind.
async fn read_on(world: &World, file: &AttachmentId, kind: &str, lines: &[&str]) {
    let row = |n: usize| f32::from(u16::try_from(n).unwrap());
    let finding = |(n, line): (usize, &&str)| Finding {
        kind: "text.line".to_owned(),
        value: (*line).into(),
        confidence: 0.9,
        region: Some(Region { page: None, points: vec![[0.0, row(n)], [9.0, row(n)]] }),
        why: "letters".to_owned(),
        analyzer: "local.text".to_owned(),
        version: "1".to_owned(),
    };
    let kind =
        Finding { kind: "picture.kind".to_owned(), value: kind.into(), region: None, ..finding((0, &"")) };
    let analysis = Analysis {
        verdict: Verdict::Usable,
        reason: None,
        hint: None,
        text: lines.join("\n"),
        language: None,
        ms: BTreeMap::new(),
        failed: BTreeMap::new(),
        findings: lines.iter().enumerate().map(finding).chain([kind]).collect(),
    };
    let mut tx = world.tx().await;
    findings::keep(&mut tx, &world.ids, file, &analysis, true, NOON).await.unwrap();
    tx.commit().await.unwrap();
}

/// What stands between the marks of each match.
fn marked(hit: &search::Hit) -> Vec<String> {
    let chars: Vec<char> = hit.snippet.chars().collect();
    hit.matches.iter().map(|(from, to)| chars[*from..*to].iter().collect()).collect()
}

#[tokio::test]
async fn what_is_said_and_read_is_found_where_it_stands() {
    on_each_engine(async |world| {
        let place = world.ticket_of("393331234567").await;
        let other = world.ticket_of("447700900123").await;
        let first = say(world, &place, "a", "La lavatrice perde, il codice è E 18.\nPerché?", later(1)).await;
        say(world, &other, "b", "Ordine 4500123477: la mia scheda bruciata", later(2)).await;
        let picture = file(world, &place, &first, Some("targhetta-retro.jpg")).await;
        read(world, &picture, &["Model WM-1234/X", "S/N SN-4471", "Made in EU"]).await;
        let note = EventId::from("note");
        let mut tx = world.tx().await;
        let data = serde_json::json!({ "text": "Ha chiamato al 02 1234 5678" });
        events::add_with_id(&mut tx, &note, &place.ticket, "note.added", None, &data, later(3))
            .await
            .unwrap();
        tickets::set_subject(&mut tx, &world.ids, &other.ticket, Some("Forno"), None, later(3))
            .await
            .unwrap();
        tickets::set_tags(&mut tx, &world.ids, &other.ticket, &["garanzia".to_owned()], None, later(3))
            .await
            .unwrap();
        let fields = BTreeMap::from([("serial".to_owned(), "QX 99-17".to_owned())]);
        tickets::set_fields(&mut tx, &world.ids, &other.ticket, &fields, None, later(3)).await.unwrap();
        tx.commit().await.unwrap();

        for (query, expect) in [
            ("lavatrice", vec![1]),
            ("lavat", vec![1]),
            ("la", vec![2, 1]),
            ("PERCHE", vec![1]),
            ("e18", vec![1]),
            ("e-18", vec![1]),
            ("sn-44", vec![1]),
            ("SN4471", vec![1]),
            ("sn 4471", vec![1]),
            ("wm 1234/x", vec![1]),
            ("4500 1234 77", vec![2]),
            ("4500-123477", vec![2]),
            ("+39 333 1234567", vec![1]),
            ("0039 333-123-4567", vec![1]),
            ("333 1234567", vec![1]),
            ("4567", vec![1]),
            ("+44 7700 900123", vec![2]),
            ("07700 900123", vec![2]),
            ("0212345678", vec![1]),
            ("lavatrice sn-4471", vec![1]),
            ("lavatrice forno", vec![]),
            ("name of 44", vec![2]),
            ("forno garanzia qx99", vec![2]),
            ("#2", vec![2]),
            ("targhetta", vec![1]),
            ("\"scheda bruciata\"", vec![2]),
            ("\"bruciata scheda\"", vec![]),
            ("\"scheda bru\"", vec![]),
            ("\"mia scheda\" ordine", vec![2]),
            ("niente", vec![]),
        ] {
            assert_eq!(numbers(world, query).await, expect, "{query}");
        }

        let hits = async |query: &str| found(world, query).await.remove(0).hits;
        let said = hits("e18 perche").await;
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(said[0].source, Source::Message { id: first.clone(), direction: "in".to_owned() });
        assert_eq!(
            (marked(&said[0]), said[0].at),
            (vec!["E 18".to_owned(), "Perché".to_owned()], Some(later(1)))
        );
        let seen = &hits("sn4471").await[0];
        assert_eq!((seen.snippet.as_str(), marked(seen)), ("S/N SN-4471", vec!["SN-4471".to_owned()]));
        let Source::Read { id, message, file_name, region } = &seen.source else { panic!("{seen:?}") };
        assert_eq!(
            (id, message, file_name.as_deref()),
            (&picture, &Some(first), Some("targhetta-retro.jpg"))
        );
        assert_eq!(region.as_ref().unwrap().points[0], [0.0, 1.0], "the second line");
        let place_of = async |query: &str| hits(query).await.remove(0).source;
        assert_eq!(place_of("0212345678").await, Source::Note { id: note });
        assert_eq!(place_of("forno").await, Source::Subject);
        assert_eq!(place_of("garanzia").await, Source::Tag);
        assert_eq!(place_of("qx9917").await, Source::Field { name: "serial".to_owned() });
        assert_eq!(place_of("#2").await, Source::Number);
        assert_eq!(place_of("name").await, Source::ContactName);
        assert_eq!(place_of("333 12").await, Source::Phone);
        assert!(matches!(place_of("retro").await, Source::FileName { id, .. } if id == picture));
    })
    .await;
}

#[tokio::test]
async fn what_was_changed_or_taken_back_is_found_no_more() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let message = say(world, &place, "a", "prima versione comune", later(1)).await;
        say(world, &place, "b", "seconda comune", later(2)).await;
        let picture = file(world, &place, &message, Some("ricevuta.pdf")).await;
        read(world, &picture, &["Totale 153,30"]).await;
        read(world, &picture, &["Importo 99,10"]).await;
        assert_eq!(numbers(world, "totale").await, [0; 0], "read anew");
        assert_eq!(numbers(world, "importo").await, [1]);
        let edited = Content::Text { body: "corretta comune".to_owned() };
        change(world, &place, "a", ChangeKind::Edit { content: edited }, 3).await;
        assert_eq!(numbers(world, "versione").await, [0; 0], "edited");
        assert_eq!(numbers(world, "corretta").await, [1]);
        change(world, &place, "a", ChangeKind::Revoke, 4).await;
        for gone in ["corretta", "importo", "ricevuta"] {
            assert_eq!(numbers(world, gone).await, [0; 0], "{gone} was taken back");
        }
        assert_eq!(numbers(world, "comune").await, [1], "the other message still says it");
        // Revoked before it came: it never is in the index.
        change(world, &place, "late", ChangeKind::Revoke, 5).await;
        say(world, &place, "late", "troppo tardi", later(6)).await;
        let mut tx = world.tx().await;
        messages::apply_changes(&mut tx, &place.channel, "late").await.unwrap();
        tickets::set_subject(&mut tx, &world.ids, &place.ticket, Some("Frigo"), None, later(7))
            .await
            .unwrap();
        tickets::set_subject(&mut tx, &world.ids, &place.ticket, Some("Forno"), None, later(8))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(numbers(world, "tardi").await, [0; 0]);
        assert_eq!((numbers(world, "frigo").await, numbers(world, "forno").await), (vec![], vec![1]));

        let second = say(world, &place, "d", "foto", later(9)).await;
        let other = file(world, &place, &second, None).await;
        read(world, &other, &["segreto"]).await;
        assert_eq!(numbers(world, "segreto").await, [1]);
        let mut tx = world.tx().await;
        findings::erase(&mut tx, &place.contact).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(numbers(world, "segreto").await, [0; 0], "erased");
    })
    .await;
}

#[tokio::test]
async fn a_contact_is_found_by_the_names_they_have_now() {
    on_each_engine(async |world| {
        let a = world.ticket_of("393330000001").await;
        let b = world.ticket_of("393330000002").await;
        say(world, &b, "b", "sempre rotto", later(1)).await;
        let known = async |phone: &str, name: &str| {
            let username = Identity { kind: IdentityKind::Username, value: "@zoe.fix".to_owned() };
            let sender = Sender {
                identities: vec![Identity::wa_id(phone), username],
                profile_name: Some(name.to_owned()),
            };
            let mut tx = world.tx().await;
            contacts::recognise(&mut tx, &world.ids, &sender, later(2), later(2)).await.unwrap();
            tx.commit().await.unwrap();
        };
        known("393330000001", "Zoë Rossi").await;
        assert_eq!((numbers(world, "zoe rossi").await, numbers(world, "@zoe.fix").await), (vec![1], vec![1]));
        assert_eq!(numbers(world, "name of 393330000001").await, [0; 0], "renamed");
        known("393330000002", "Ada").await;
        assert_eq!(numbers(world, "@zoe.fix").await, [2], "the name is somebody else's now");
        let change = IdentityChange {
            external_id: "n".to_owned(),
            old: vec![Identity::wa_id("393330000002")],
            new: vec![Identity::wa_id("351911222333")],
            body: None,
            at: later(3),
        };
        let mut tx = world.tx().await;
        contacts::rekey(&mut tx, &world.ids, &change, later(3)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(numbers(world, "+351 911 222 333").await, [2]);

        let mut tx = world.tx().await;
        contacts::merge(&mut tx, &world.ids, &a.contact, &b.contact, later(4)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(numbers(world, "sempre").await, [1], "its messages stand in the older ticket now");
        assert_eq!(numbers(world, "rossi 351911222333").await, [2, 1]);
        assert_eq!(numbers(world, "ada").await, [0; 0]);
    })
    .await;
}

#[tokio::test]
async fn filters_and_cursors_lose_nothing_and_repeat_nothing() {
    on_each_engine(async |world| {
        let mut places = Vec::new();
        for n in 1..=9 {
            let place = world.ticket_of(&format!("39333000{n}")).await;
            let text = if n % 2 == 0 { "pompa rotta oggi" } else { "rotta la pompa" };
            // Three at a time were active in the same second.
            say(world, &place, &format!("m{n}"), text, later(n / 3)).await;
            places.push(place);
        }
        let mut tx = world.tx().await;
        let ada = users::insert(&mut tx, &world.ids, "a@b.c", "Ada", Role::Agent, "x", NOON).await.unwrap();
        tickets::set_status(&mut tx, &world.ids, &places[0].ticket, TicketStatus::Solved, None, NOON)
            .await
            .unwrap();
        tickets::set_status(&mut tx, &world.ids, &places[4].ticket, TicketStatus::Open, None, NOON)
            .await
            .unwrap();
        tickets::assign(&mut tx, &world.ids, &places[2].ticket, Some(&ada), None, NOON).await.unwrap();
        tickets::set_subject(&mut tx, &world.ids, &places[3].ticket, Some("pompa"), None, NOON)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let all = || wanted("pompa");
        let of = |statuses: &[TicketStatus]| Wanted { statuses: statuses.to_vec(), ..all() };
        for (wanted, expect) in [
            (all(), vec![9, 8, 7, 6, 5, 4, 3, 2, 1]),
            (of(&[TicketStatus::Solved]), vec![1]),
            (of(&[TicketStatus::Solved, TicketStatus::Open]), vec![5, 1]),
            (of(&[TicketStatus::Closed]), vec![]),
            (Wanted { assignee: Assignee::User(ada), ..all() }, vec![3]),
            (Wanted { assignee: Assignee::Nobody, ..of(&[TicketStatus::Open]) }, vec![5]),
            (Wanted { place: Some(In::Ticket), ..all() }, vec![4]),
            (Wanted { place: Some(In::Read), ..all() }, vec![]),
            (Wanted { channel: Some("none".into()), ..all() }, vec![]),
            (Wanted { channel: Some(places[0].channel.clone()), limit: 2, ..all() }, vec![9, 8]),
            (Wanted { from: Some(later(3)), ..all() }, vec![9]),
            (Wanted { until: Some(NOON), ..all() }, vec![]),
        ] {
            assert_eq!(numbers_of(world, &wanted).await, expect, "{wanted:?}");
        }
        for (query, statuses, expect) in [
            ("pompa", vec![], vec![9, 8, 7, 6, 5, 4, 3, 2, 1]),
            ("pompa", TicketStatus::ALL.to_vec(), vec![9, 8, 7, 6, 5, 4, 3, 2, 1]),
            ("\"pompa rotta\"", vec![], vec![8, 6, 4, 2]),
        ] {
            for limit in [1, 2, 4, 9] {
                let mut seen = Vec::new();
                let mut next = Wanted { statuses: statuses.clone(), limit, ..wanted(query) };
                loop {
                    let page = search::search(&world.db, &next).await.unwrap();
                    assert!(page.tickets.len() <= limit);
                    seen.extend(page.tickets.iter().map(|found| found.number));
                    next.before = page.next;
                    if next.before.is_none() {
                        break;
                    }
                }
                assert_eq!(seen, expect, "{query} by pages of {limit}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn hostile_queries_find_nothing_and_break_nothing() {
    on_each_engine(async |world| {
        let place = world.ticket_of("393331234567").await;
        say(world, &place, "a", "100% _sicuro_ *tutto* a\u{200f}bc", later(1)).await;
        for query in [
            "",
            " ",
            "%",
            "_",
            "*",
            "\"",
            "\"\"",
            "'; drop table tickets --",
            "\u{200f}",
            "\0",
            "!\u{202e}%",
            "(",
            "%a%",
        ] {
            assert_eq!(numbers(world, query).await, [0; 0], "{query:?}");
        }
        for query in ["100%", "_sicuro_", "*tutto*", "\"sicuro", "tut\0to", "\u{202e}sicuro\u{202c}", "abc"] {
            assert_eq!(numbers(world, query).await, [1], "{query:?}");
        }
        assert_eq!(Query::read(&"x".repeat(201)), Err(Refused::TooLong));
        assert_eq!(Query::read("a b c d e f g"), Err(Refused::TooManyWords));
    })
    .await;
}

#[tokio::test]
async fn a_desk_from_before_the_index_is_taken_into_it_bit_by_bit() {
    on_each_engine(async |world| {
        assert!(search::progress(&world.db).await.unwrap().is_done(), "a new desk has nothing to fill");
        for n in 1..=5 {
            let place = world.ticket_of(&format!("39333000{n}")).await;
            say(world, &place, &format!("m{n}"), "caldaia", later(n)).await;
        }
        world.raw("delete from search_words").await;
        world.raw("update search_fill set position = 6, total = 5").await;
        let mut seen = Vec::new();
        loop {
            let mut tx = world.tx().await;
            let progress = search::fill_some(&mut tx, 2).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(search::progress(&world.db).await.unwrap(), progress);
            seen.push(numbers(world, "caldaia").await);
            if progress.is_done() {
                break;
            }
        }
        assert_eq!(seen, [vec![5, 4], vec![5, 4, 3, 2], vec![5, 4, 3, 2, 1]], "the newest first");
        assert_eq!(numbers(world, "name of 393330001").await, [1]);
    })
    .await;
}

/// Both ways of finding a page give the same: from a rare word, and from the newest ticket on.
#[tokio::test]
async fn frequent_words_are_found_as_rare_ones_are() {
    on_each_engine(async |world| {
        for n in 1..=40 {
            let place = world.ticket_of(&format!("39333000{n:02}")).await;
            let text = if n % 10 == 0 { "grazie mille unicorno" } else { "grazie mille" };
            say(world, &place, &format!("m{n}"), text, later(n)).await;
        }
        let first = |limit| Wanted { limit, ..wanted("grazie mille") };
        assert_eq!(numbers_of(world, &first(3)).await, [40, 39, 38]);
        let page = search::search(&world.db, &first(2)).await.unwrap();
        let ids: Vec<&str> = page.tickets.iter().map(|found| found.id.as_str()).chain(["none"]).collect();
        let shown = tickets::of(&world.db, &ids).await.unwrap();
        assert_eq!(shown.iter().map(|ticket| ticket.number).collect::<Vec<_>>(), [40, 39]);
        assert_eq!(numbers(world, "grazie unicorno").await, [40, 30, 20, 10]);
        assert_eq!(numbers_of(world, &Wanted { limit: 1, ..wanted("grazie unicorno") }).await, [40]);
    })
    .await;
}

/// Who may not see an identity document finds nothing by what stands on it, nor a technician what is not theirs.
#[tokio::test]
async fn what_somebody_may_not_see_is_not_found_by_them() {
    on_each_engine(async |world| {
        let places = [world.ticket_of("1").await, world.ticket_of("2").await];
        for place in &places {
            say(world, place, &format!("m{}", place.ticket), "hello rossi", NOON).await;
        }
        let message = say(world, &places[0], "m", "my passport", NOON).await;
        let passport = file(world, &places[0], &message, None).await;
        read_on(world, &passport, "identity_document", &["ERIKSSON"]).await;
        let of = |text: &str, viewer: Viewer| Wanted { viewer, ..wanted(text) };
        let blind = || Viewer { reads_papers: false, ..Viewer::ALL };
        assert_eq!(numbers(world, "eriksson").await, [1]);
        assert_eq!(numbers_of(world, &of("eriksson", blind())).await, [0; 0]);
        assert_eq!(numbers_of(world, &of("passport eriksson", blind())).await, [0; 0]);
        assert_eq!(numbers_of(world, &of("\"eriksson\"", blind())).await, [0; 0]);
        assert_eq!(numbers_of(world, &of("passport", blind())).await, [1]);
        let only_read = |viewer| Wanted { place: Some(In::Read), ..of("eriksson", viewer) };
        assert_eq!(numbers_of(world, &only_read(Viewer::ALL)).await, [1]);
        assert_eq!(numbers_of(world, &only_read(blind())).await, [0; 0]);
        // Looked at again, it is a label after all.
        read(world, &passport, &["ERIKSSON"]).await;
        assert_eq!(numbers_of(world, &of("eriksson", blind())).await, [1]);
        read_on(world, &passport, "identity_document", &["ERIKSSON"]).await;
        assert_eq!(numbers_of(world, &of("eriksson", blind())).await, [0; 0]);

        let mut tx = world.tx().await;
        let (gino, role) = (TechnicianId::new(&world.ids, NOON), Role::Technician);
        let user = users::insert(&mut tx, &world.ids, "g@b.c", "Gino", role, "x", NOON).await.unwrap();
        let new =
            visits::NewTechnician { name: "Gino", areas: &[], skills: &[], hours: &[], user_id: Some(&user) };
        visits::put_technician(&mut tx, &gino, &new, "secret", NOON).await.unwrap();
        let visit = visits::NewVisit {
            ticket_id: &places[1].ticket,
            technician_id: &gino,
            what: "oven",
            place: "Milano",
            note: None,
            starts_at: later(3_600),
            ends_at: later(7_200),
            booked_by: None,
        };
        visits::book(&mut tx, &world.ids, &visit, NOON).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let own = Viewer { visited_by: Some(user), ..blind() };
        assert_eq!(numbers_of(world, &of("hello", own.clone())).await, [2]);
        let all = tickets::Filter {
            statuses: vec![],
            assignee: Assignee::Anyone,
            team: None,
            is_snoozed: None,
            is_breached: false,
            order: tickets::Order::Activity,
            viewer: own,
            query: None,
            before: None,
            limit: 10,
        };
        let listed = tickets::list(&world.db, &all).await.unwrap();
        assert_eq!(listed.iter().map(|ticket| ticket.number).collect::<Vec<_>>(), [2]);
    })
    .await;
}
