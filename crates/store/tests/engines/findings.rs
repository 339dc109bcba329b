//! Analyses, the words of pictures, their hashes, and what an erasure leaves of them.

use std::collections::BTreeMap;

use model::{
    Timestamp,
    content::Media,
    finding::{Analysis, Finding, Reason, Region, Verdict},
    ids::AttachmentId,
    message::Direction,
};
use store::{
    analysis_runs,
    attachments::{self, Arrived, NewRendition},
    blobs::Blobs,
    contacts, findings, hashes,
    keys::{HOUSE, Keyring},
    search::Query,
    tickets::{self, Assignee, Filter, Viewer},
};

use crate::{NOON, Place, World, later, on_each_engine};

pub(crate) fn analysis(verdict: Verdict, text: &str) -> Analysis {
    let finding = Finding {
        kind: "text.line".to_owned(),
        value: text.into(),
        confidence: 0.5,
        region: Some(Region { page: None, points: vec![[0.0, 1.5], [9.0, 1.5], [9.0, 8.0]] }),
        why: "it reads so".to_owned(),
        analyzer: "local.text".to_owned(),
        version: "1".to_owned(),
    };
    Analysis {
        verdict,
        reason: (verdict == Verdict::Retake).then_some(Reason::OutOfFocus),
        hint: None,
        text: text.to_owned(),
        language: Some("en".to_owned()),
        ms: BTreeMap::from([("quality".to_owned(), 12)]),
        failed: BTreeMap::from([("codes".to_owned(), "the worker died".to_owned())]),
        findings: vec![finding],
    }
}

/// A picture of the customer, announced.
pub(crate) async fn picture(world: &World, place: &Place, external_id: &str) -> AttachmentId {
    let message = world.message(place, Direction::In, Some(external_id), NOON).await;
    let at = attachments::Place {
        message_id: &message,
        ticket_id: &place.ticket,
        contact_id: &place.contact,
        channel_id: &place.channel,
    };
    let id = AttachmentId::new(&world.ids, NOON);
    let media = Media { external_id: external_id.to_owned(), ..Media::default() };
    let mut tx = world.tx().await;
    attachments::announce(&mut tx, &id, &at, "image", &media, later(600), NOON).await.unwrap();
    tx.commit().await.unwrap();
    id
}

pub(crate) async fn keep(world: &World, id: &AttachmentId, analysis: &Analysis, is_complete: bool) -> i64 {
    let mut tx = world.tx().await;
    let number = findings::keep(&mut tx, &world.ids, id, analysis, is_complete, NOON).await.unwrap();
    tx.commit().await.unwrap();
    number
}

pub(crate) fn vault(world: &World) -> Blobs {
    let ring = Keyring::from_file(&world.dir.path().join("master.key"), &world.ids, NOON).unwrap();
    Blobs::new(Blobs::open_local("memory:").unwrap(), ring, world.ids.clone())
}

#[tokio::test]
async fn the_newest_analysis_is_current_and_a_few_older_ones_stay() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let id = picture(world, &place, "m1").await;
        assert_eq!(findings::current(&world.db, &id).await.unwrap(), None);

        let quick = Analysis { text: String::new(), ..analysis(Verdict::Retake, "") };
        assert_eq!(keep(world, &id, &quick, false).await, 1);
        let whole = analysis(Verdict::Usable, "E18\0 hot");
        assert_eq!(keep(world, &id, &whole, true).await, 1, "what follows completes it");
        let current = findings::current(&world.db, &id).await.unwrap().unwrap();
        assert!(current.is_complete && current.is_current);
        assert_eq!(current.analysis, Analysis { text: "E18 hot".to_owned(), ..whole.clone() });

        for number in 2..=6 {
            assert_eq!(keep(world, &id, &quick, false).await, number);
            assert_eq!(keep(world, &id, &whole, true).await, number);
        }
        let versions = findings::versions(&world.db, &id).await.unwrap();
        let told: Vec<(i64, bool)> = versions.iter().map(|v| (v.number, v.is_current)).collect();
        assert_eq!(told, [(6, true), (5, false), (4, false), (3, false)]);

        let other = picture(world, &place, "m2").await;
        keep(world, &other, &quick, false).await;
        let ids = [id.as_str(), other.as_str(), "unknown"];
        let mut told = findings::summaries(&world.db, &ids).await.unwrap();
        told.sort_by_key(|s| s.number);
        assert_eq!(told.len(), 2);
        assert_eq!((told[0].verdict.as_str(), told[0].reason.as_deref()), ("retake", Some("out_of_focus")));
        assert_eq!(told[1].failed()["codes"], "the worker died");
    })
    .await;
}

#[tokio::test]
async fn a_list_shows_a_picture_once_it_was_read() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let id = picture(world, &place, "m1").await;
        let written = vault(world).put(b"12345", NOON).await.unwrap();
        let thumb = NewRendition {
            name: "thumb",
            blob_id: &written.id,
            mime_type: "image/jpeg",
            width: 3,
            height: 2,
            size_bytes: 5,
        };
        let mut tx = world.tx().await;
        vault(world).insert(&mut tx, &written, HOUSE, NOON).await.unwrap();
        attachments::ready(&mut tx, &id, Some((3, 2)), &[thumb], None, NOON).await.unwrap();
        tx.commit().await.unwrap();
        let shown =
            async || tickets::get(&world.db, &place.ticket).await.unwrap().unwrap().thumbnail_attachment_id;
        assert_eq!(shown().await.as_ref(), Some(&id), "nobody looks at it");
        let said = analysis(Verdict::Usable, "4111 1111 1111 1111");
        keep(world, &id, &said, false).await;
        assert_eq!(shown().await, None, "what has to be masked is not known yet");
        keep(world, &id, &said, true).await;
        assert_eq!(shown().await, Some(id));
    })
    .await;
}

#[tokio::test]
async fn what_is_written_on_a_picture_finds_its_ticket() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let id = picture(world, &place, "m1").await;
        let other = world.ticket_of("2").await;
        let second = picture(world, &other, "m2").await;
        keep(world, &id, &analysis(Verdict::Usable, "Model WM-1234/X\nFEHLER E18"), true).await;
        keep(world, &second, &analysis(Verdict::Usable, "Amount due 153,30"), true).await;
        let search = async |query: &str| {
            let filter = Filter {
                statuses: vec![],
                assignee: Assignee::Anyone,
                team: None,
                is_snoozed: None,
                is_breached: false,
                order: tickets::Order::Activity,
                viewer: Viewer::ALL,
                query: Some(Query::read(query).unwrap()),
                before: None,
                limit: 10,
            };
            tickets::list(&world.db, &filter).await.unwrap().iter().map(|t| t.number).collect::<Vec<_>>()
        };
        for (query, expect) in [
            ("fehler", vec![1]),
            ("FEHL", vec![1]),
            ("wm1234", vec![1]),
            ("wm-1234", vec![1]),
            ("e18 model", vec![1]),
            ("e1", vec![]),
            ("e18 amount", vec![]),
            ("153,30", vec![2]),
            ("'; drop", vec![]),
            ("!!!", vec![]),
        ] {
            assert_eq!(search(query).await, expect, "{query}");
        }
        keep(world, &id, &analysis(Verdict::Usable, "nothing of that"), true).await;
        assert_eq!(search("fehler").await, [0; 0], "the words are those of the current analysis");
    })
    .await;
}

#[tokio::test]
async fn pictures_are_known_again_until_their_contact_is_erased() {
    on_each_engine(async |world| {
        let (one, two) = (world.ticket_of("1").await, world.ticket_of("2").await);
        let ids = [
            picture(world, &one, "m1").await,
            picture(world, &two, "m2").await,
            picture(world, &two, "m3").await,
        ];
        let mut tx = world.tx().await;
        for (n, id) in ids.iter().enumerate() {
            let pdq = [7u8; 32];
            let pdq = (n < 2).then_some(&pdq[..]);
            hashes::keep(&mut tx, id, "aa", pdq, later(1)).await.unwrap();
            hashes::keep(&mut tx, id, if n == 2 { "bb" } else { "aa" }, pdq, later(2)).await.unwrap();
        }
        tx.commit().await.unwrap();
        for id in &ids {
            keep(world, id, &analysis(Verdict::Usable, "words"), true).await;
        }

        let mut loaded = Vec::new();
        let mut from = (Timestamp(0), String::new());
        while let Some(hash) = hashes::since(&world.db, from.0, &from.1, 1).await.unwrap().pop() {
            from = (hash.created_at, hash.attachment_id.0.clone());
            assert_eq!(hash.pdq.as_deref(), Some(&[7u8; 32][..]));
            loaded.push(hash.attachment_id);
        }
        assert_eq!(loaded, ids[..2], "those that look like something, page by page");

        let same = hashes::same_bytes(&world.db, "aa", 10).await.unwrap();
        let told: Vec<_> =
            same.iter().map(|s| (s.contact_id.clone().unwrap(), s.ticket_number.unwrap())).collect();
        assert_eq!(told, [(one.contact.clone(), 1), (two.contact.clone(), 2)]);

        let mut tx = world.tx().await;
        assert!(findings::erase(&mut tx, &one.contact).await.unwrap() >= 2);
        tx.commit().await.unwrap();
        assert_eq!(findings::versions(&world.db, &ids[0]).await.unwrap(), []);
        assert!(findings::current(&world.db, &ids[1]).await.unwrap().is_some(), "others keep theirs");
        let all: Vec<&str> = ids.iter().map(AttachmentId::as_str).collect();
        let seen = hashes::seen(&world.db, &all).await.unwrap();
        assert_eq!(seen.iter().map(|s| &s.attachment_id).collect::<Vec<_>>(), [&ids[1], &ids[2]]);

        // What belonged to somebody who turned out to be somebody else goes with the one who is left.
        let mut tx = world.tx().await;
        contacts::merge(&mut tx, &world.ids, &one.contact, &two.contact, NOON).await.unwrap();
        findings::erase(&mut tx, &one.contact).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(hashes::same_bytes(&world.db, "aa", 10).await.unwrap(), []);
        assert_eq!(findings::versions(&world.db, &ids[1]).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn masked_renditions_replace_those_before() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let id = picture(world, &place, "m1").await;
        let blobs = vault(world);
        let mut made = Vec::new();
        for _ in 0..2 {
            let written = blobs.put(b"black", NOON).await.unwrap();
            let mut tx = world.tx().await;
            blobs.insert(&mut tx, &written, HOUSE, NOON).await.unwrap();
            let new = NewRendition {
                name: attachments::MASKED[0],
                blob_id: &written.id,
                mime_type: "image/jpeg",
                width: 10,
                height: 10,
                size_bytes: 5,
            };
            let replaced = attachments::looked(&mut tx, &id, &[new]).await.unwrap();
            assert_eq!(replaced, made, "the ones before have no row any more");
            tx.commit().await.unwrap();
            made = vec![written.id];
        }
        assert_eq!(attachments::renditions(&world.db, &[id.as_str()]).await.unwrap().len(), 1);
        let mut tx = world.tx().await;
        assert_eq!(attachments::looked(&mut tx, &id, &[]).await.unwrap(), made);
        tx.commit().await.unwrap();
        assert_eq!(attachments::renditions(&world.db, &[id.as_str()]).await.unwrap().len(), 0);
        let (without_row, _) = blobs.orphans(&world.db).await.unwrap();
        assert_eq!(without_row.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_new_look_at_everything_goes_from_the_newest_to_the_oldest_and_ends() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let blobs = vault(world);
        let mut ids = Vec::new();
        for n in 0..3 {
            let id = picture(world, &place, &format!("m{n}")).await;
            let written = blobs.put(b"x", NOON).await.unwrap();
            let mut tx = world.tx().await;
            blobs.insert(&mut tx, &written, HOUSE, NOON).await.unwrap();
            let arrived =
                Arrived { blob_id: &written.id, mime_type: "image/png", size_bytes: 1, sha256: "cc" };
            attachments::fetched(&mut tx, &id, &arrived, NOON).await.unwrap();
            attachments::ready(&mut tx, &id, None, &[], None, NOON).await.unwrap();
            tx.commit().await.unwrap();
            ids.push(id);
        }
        picture(world, &place, "never came").await;

        let mut tx = world.tx().await;
        let none = analysis_runs::start(&mut tx, &world.ids, later(1), NOON).await.unwrap();
        let run = analysis_runs::start(&mut tx, &world.ids, NOON, later(2)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((none.total, run.total), (0, 3));
        assert_eq!(analysis_runs::next(&world.db, &none, 9).await.unwrap(), []);

        let mut order = Vec::new();
        loop {
            let run = analysis_runs::get(&world.db, &run.id).await.unwrap().unwrap();
            let next = analysis_runs::next(&world.db, &run, 2).await.unwrap();
            let mut tx = world.tx().await;
            let count = i64::try_from(next.len()).unwrap();
            analysis_runs::advance(&mut tx, &run.id, next.last(), count, 0, later(3)).await.unwrap();
            tx.commit().await.unwrap();
            if next.is_empty() {
                break;
            }
            order.extend(next);
        }
        ids.reverse();
        assert_eq!(order, ids);
        let runs = analysis_runs::list(&world.db, 10).await.unwrap();
        assert_eq!(runs.len(), 2);
        assert_eq!((runs[0].done, runs[0].ended_at), (3, Some(later(3))));
    })
    .await;
}
