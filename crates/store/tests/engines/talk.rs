//! Messages and everything that hangs on them: reports, changes, files, problems.

use std::time::Duration;

use model::{
    Timestamp,
    attachment::State,
    content::{Content, Media},
    event::{Change, ChangeKind, ChannelError, Sender, StatusReport},
    ids::{AttachmentId, MessageId},
    message::{Direction, Status},
};
use store::{
    attachments::{self, Arrived, NewRendition},
    audit,
    blobs::Blobs,
    changes, channels,
    keys::{HOUSE, Keyring},
    messages, problems, statuses, tickets,
};

use crate::{NOON, Place, World, later, new_message, on_each_engine};

fn report(external_id: &str, status: Status, our_id: Option<&MessageId>) -> StatusReport {
    let error = ChannelError { code: 131_026, title: None, details: None };
    StatusReport {
        external_id: external_id.to_owned(),
        our_id: our_id.map(|id| id.0.clone()),
        status,
        at: NOON,
        recipient: vec![],
        errors: if status == Status::Failed { vec![error] } else { vec![] },
        pricing: Some(serde_json::json!({ "billable": false })),
        conversation: None,
    }
}

async fn status_of(world: &World, id: &MessageId) -> (String, Option<String>) {
    let message = messages::get(&world.db, id).await.unwrap().unwrap();
    (message.status, message.error)
}

/// Takes the report as the reader does.
async fn hear(world: &World, place: &Place, report: &StatusReport) -> bool {
    let mut tx = world.tx().await;
    let is_new = statuses::record(&mut tx, &place.channel, report, NOON).await.unwrap();
    if is_new {
        if let Some(our_id) = &report.our_id {
            messages::adopt(&mut tx, &place.channel, &our_id.as_str().into(), &report.external_id)
                .await
                .unwrap();
        }
        messages::climb(&mut tx, &place.channel, &report.external_id).await.unwrap();
    }
    tx.commit().await.unwrap();
    is_new
}

#[tokio::test]
async fn a_message_is_new_once_and_read_in_the_order_of_arrival_within_its_second() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        for (external_id, at) in [("wamid.b", 2), ("wamid.C", 2), ("wamid.a", 2), ("wamid.z", 1)] {
            world.message(&place, Direction::In, Some(external_id), later(at)).await;
        }
        let mut tx = world.tx().await;
        let id = MessageId::new(&world.ids, NOON);
        let again = new_message(&place, &id, Direction::In, Some("wamid.a"), NOON);
        assert!(!messages::insert(&mut tx, &again).await.unwrap());
        assert!(messages::is_known(&mut tx, &place.channel, "wamid.a").await.unwrap());
        assert!(!messages::is_known(&mut tx, &"other".into(), "wamid.a").await.unwrap());
        assert!(messages::get_in(&mut tx, &id).await.unwrap().is_none());
        tx.commit().await.unwrap();

        let order = ["wamid.z", "wamid.b", "wamid.C", "wamid.a"];
        for newest_first in [false, true] {
            let mut seen = Vec::new();
            let mut from: Option<(Timestamp, String)> = None;
            loop {
                let point = from.as_ref().map(|(at, id)| (*at, id.as_str()));
                let page = messages::list(&world.db, &place.ticket, point, newest_first, 1).await.unwrap();
                let Some(message) = page.into_iter().next() else { break };
                seen.push(message.external_id.clone().unwrap());
                from = Some((message.sent_at, message.position));
            }
            if newest_first {
                seen.reverse();
            }
            assert_eq!(seen, order);
        }
        let quoted =
            messages::by_external_ids(&world.db, &place.channel, &["wamid.b", "none"]).await.unwrap();
        assert_eq!(quoted.len(), 1);
        let newest = messages::newest_inbound(&world.db, &place.ticket).await.unwrap().unwrap();
        assert_eq!(newest.external_id.as_deref(), Some("wamid.a"));
    })
    .await;
}

/// What an earlier version ordered by the channel's ids.
#[tokio::test]
async fn messages_from_before_get_the_place_of_their_arrival() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        for external_id in ["wamid.b", "wamid.a"] {
            world.message(&place, Direction::In, Some(external_id), NOON).await;
        }
        world.raw("update messages set position = external_id").await;
        let listed = async || {
            let page = messages::list(&world.db, &place.ticket, None, false, 10).await.unwrap();
            page.into_iter().map(|message| message.external_id.unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(listed().await, ["wamid.a", "wamid.b"]);
        world.raw(include_str!("../../migrations/0012_arrival.sql")).await;
        assert_eq!(listed().await, ["wamid.b", "wamid.a"]);
    })
    .await;
}

#[tokio::test]
async fn reports_climb_whenever_they_come() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let id = world.message(&place, Direction::Out, None, NOON).await;
        // Before the answer to the send told the id.
        assert!(hear(world, &place, &report("w1", Status::Delivered, None)).await);
        assert!(!hear(world, &place, &report("w1", Status::Delivered, None)).await, "once");
        assert_eq!(status_of(world, &id).await.0, "queued");
        let mut tx = world.tx().await;
        messages::accepted(&mut tx, &id, "w1").await.unwrap();
        assert_eq!(statuses::of(&mut tx, &place.channel, "w1").await.unwrap().len(), 1);
        tx.commit().await.unwrap();
        assert_eq!(status_of(world, &id).await.0, "delivered");
        hear(world, &place, &report("w1", Status::Failed, None)).await;
        assert_eq!(status_of(world, &id).await, ("delivered".to_owned(), None), "who has it, has it");
        hear(world, &place, &report("w1", Status::Read, None)).await;
        assert_eq!(status_of(world, &id).await.0, "read");
        let told = statuses::of_messages(&world.db, &["w1", "w2"]).await.unwrap();
        assert_eq!(told.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_is_uncertain_only_while_nobody_knows_better() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let id = world.message(&place, Direction::Out, None, NOON).await;
        let next = world.message(&place, Direction::Out, None, later(1)).await;
        let behind = async |id: &MessageId| {
            messages::is_behind(&world.db, &messages::get(&world.db, id).await.unwrap().unwrap())
                .await
                .unwrap()
        };
        assert!(!behind(&id).await);
        assert!(behind(&next).await);
        let change = async |to: Option<Status>| {
            let mut tx = world.tx().await;
            match to {
                Some(to) => messages::set_status(&mut tx, &id, to, None).await.unwrap(),
                None => messages::uncertain(&mut tx, &id).await.unwrap(),
            }
            tx.commit().await.unwrap();
        };
        change(Some(Status::Sending)).await;
        change(None).await;
        assert_eq!(status_of(world, &id).await.0, "uncertain");
        assert!(!behind(&next).await, "it holds nobody up");

        hear(world, &place, &report("w1", Status::Failed, Some(&id))).await;
        let (status, error) = status_of(world, &id).await;
        assert!(status == "failed" && error.unwrap().contains("131026"));
        let mut tx = world.tx().await;
        assert_eq!(
            statuses::external_id_of(&mut tx, &place.channel, &id).await.unwrap().as_deref(),
            Some("w1")
        );
        assert!(messages::requeue(&mut tx, &id).await.unwrap());
        assert!(!messages::requeue(&mut tx, &id).await.unwrap(), "it waits already");
        assert_eq!(
            statuses::external_id_of(&mut tx, &place.channel, &id).await.unwrap(),
            None,
            "of this try nothing is known"
        );
        tx.commit().await.unwrap();

        // This time the report is faster than the broken connection.
        change(Some(Status::Sending)).await;
        hear(world, &place, &report("w2", Status::Sent, Some(&id))).await;
        change(None).await;
        assert_eq!(status_of(world, &id).await.0, "sent");
    })
    .await;
}

#[tokio::test]
async fn changes_are_folded_whichever_comes_first() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let change = |external_id: &str, at: i64, what: ChangeKind| Change {
            external_id: external_id.to_owned(),
            target: "w1".to_owned(),
            sender: Sender::default(),
            at: later(at),
            what,
        };
        let edit = |text: &str| ChangeKind::Edit { content: Content::Text { body: text.to_owned() } };
        let react = |emoji: Option<&str>| ChangeKind::Reaction { emoji: emoji.map(str::to_owned) };
        let mut tx = world.tx().await;
        for (change, is_new) in [
            // Two edits in one second: bytes decide which is the newer, upper case before lower.
            (change("e.a", 5, edit("the newer")), true),
            (change("e.B", 5, edit("the older")), true),
            (change("e.a", 5, edit("a duplicate")), false),
            (change("r1", 2, react(Some("👍"))), true),
            (change("r2", 3, react(None)), true),
            (change("r0", 1, react(Some("🙏"))), true),
        ] {
            assert_eq!(
                changes::record(&mut tx, &place.channel, &change, "customer", NOON).await.unwrap(),
                is_new
            );
        }
        let ours = change("r9", 1, react(Some("✅")));
        changes::record(&mut tx, &place.channel, &ours, "us", NOON).await.unwrap();
        tx.commit().await.unwrap();
        let id = world.message(&place, Direction::In, Some("w1"), NOON).await;
        let mut tx = world.tx().await;
        messages::apply_changes(&mut tx, &place.channel, "w1").await.unwrap();
        let folded = changes::fold(&mut tx, &place.channel, "w1").await.unwrap();
        assert_eq!((folded.edited.unwrap().0, folded.revoked_at), (later(5), None));
        tx.commit().await.unwrap();
        let message = messages::get(&world.db, &id).await.unwrap().unwrap();
        assert_eq!((message.text.as_deref(), message.edited_at), (Some("the newer"), Some(later(5))));
        let shown = changes::reactions(&world.db, &place.channel, &["w1", "w2"]).await.unwrap();
        let shown: Vec<_> = shown.iter().map(|r| (r.actor.as_str(), r.payload.as_str())).collect();
        assert_eq!(shown, [("customer", r#"{"emoji":null}"#), ("us", r#"{"emoji":"✅"}"#)]);

        let mut tx = world.tx().await;
        let revoke = change("v1", 9, ChangeKind::Revoke);
        changes::record(&mut tx, &place.channel, &revoke, "customer", NOON).await.unwrap();
        messages::apply_changes(&mut tx, &place.channel, "w1").await.unwrap();
        tx.commit().await.unwrap();
        let message = messages::get(&world.db, &id).await.unwrap().unwrap();
        assert_eq!((message.text, message.revoked_at), (None, Some(later(9))));
        assert!(!message.content.contains("newer"));
    })
    .await;
}

#[tokio::test]
async fn an_attachment_goes_from_announced_to_ready_or_lost_and_back() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let message = world.message(&place, Direction::In, Some("w1"), NOON).await;
        let at = attachments::Place {
            message_id: &message,
            ticket_id: &place.ticket,
            contact_id: &place.contact,
            channel_id: &place.channel,
        };
        let ring = Keyring::from_file(&world.dir.path().join("master.key"), &world.ids, NOON).unwrap();
        let blobs = Blobs::new(Blobs::open_local("memory:").unwrap(), ring, world.ids.clone());
        let id = AttachmentId::new(&world.ids, NOON);
        let media = Media {
            external_id: "77".into(),
            url: Some("http://x".into()),
            is_voice: true,
            ..Media::default()
        };
        let mut tx = world.tx().await;
        attachments::announce(&mut tx, &id, &at, "audio", &media, later(600), NOON).await.unwrap();
        tx.commit().await.unwrap();
        let (waiting, oldest) = attachments::unfetched(&world.db, later(30)).await.unwrap();
        assert_eq!((waiting, oldest), (1, Some(Duration::from_secs(30))));

        let mut tx = world.tx().await;
        attachments::failed(&mut tx, &id, State::Failed, "busy", Some(later(40)), later(31)).await.unwrap();
        attachments::failed(&mut tx, &id, State::Expired, "gone", None, later(41)).await.unwrap();
        let lost = attachments::get_in(&mut tx, &id).await.unwrap().unwrap();
        assert_eq!(
            (lost.state.as_str(), lost.reason.as_deref(), lost.attempts, lost.retry_at),
            ("expired", Some("gone"), 2, None)
        );
        assert!(attachments::again(&mut tx, &id, later(42)).await.unwrap());
        assert!(!attachments::again(&mut tx, &id, later(42)).await.unwrap(), "it is being fetched");
        let written = blobs.put(b"12345", NOON).await.unwrap();
        blobs.insert(&mut tx, &written, HOUSE, NOON).await.unwrap();
        let arrived = Arrived { blob_id: &written.id, mime_type: "audio/ogg", size_bytes: 5, sha256: "aa" };
        attachments::fetched(&mut tx, &id, &arrived, later(43)).await.unwrap();
        let new = |name| NewRendition {
            name,
            blob_id: &written.id,
            mime_type: "image/jpeg",
            width: 3,
            height: 2,
            size_bytes: 5,
        };
        // Rendered twice, shown once.
        for _ in 0..2 {
            attachments::ready(&mut tx, &id, Some((30, 20)), &[new("view"), new("thumb")], None, later(44))
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let here = attachments::get(&world.db, &id).await.unwrap().unwrap();
        assert_eq!(
            (here.state.as_str(), here.url, here.width, here.is_voice),
            ("ready", None, Some(30), true)
        );
        assert_eq!(attachments::unfetched(&world.db, NOON).await.unwrap(), (0, None));
        let names: Vec<_> = attachments::renditions(&world.db, &[id.as_str(), "none"])
            .await
            .unwrap()
            .into_iter()
            .map(|r| r.name)
            .collect();
        assert_eq!(names, ["thumb", "view"]);
        assert_eq!(attachments::of_messages(&world.db, &[message.as_str()]).await.unwrap().len(), 1);
        let ticket = tickets::get(&world.db, &place.ticket).await.unwrap().unwrap();
        assert_eq!(ticket.thumbnail_attachment_id, Some(id));

        let file = AttachmentId::new(&world.ids, NOON);
        let mut tx = world.tx().await;
        attachments::upload(&mut tx, &file, "document", Some("a.pdf"), false, &arrived, NOON).await.unwrap();
        assert!(attachments::bind(&mut tx, &file, &at, "document", NOON).await.unwrap());
        assert!(
            !attachments::bind(&mut tx, &file, &at, "document", NOON).await.unwrap(),
            "a file is sent once"
        );
        assert!(!attachments::again(&mut tx, &file, NOON).await.unwrap(), "what was uploaded is not fetched");
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn problems_count_up_and_looks_at_originals_are_written_down() {
    on_each_engine(async |world| {
        let mut tx = world.tx().await;
        let channel =
            channels::of_account(&mut tx, &world.ids, "whatsapp", "7", "Support", NOON).await.unwrap();
        let same = channels::of_account(&mut tx, &world.ids, "whatsapp", "7", "Other", NOON).await.unwrap();
        assert_eq!(channel, same);
        channels::rename(&mut tx, &channel.id, "Help").await.unwrap();
        let error = ChannelError { code: 131_052, title: Some("too large".into()), details: None };
        for (whose, is_new) in [("zoe", true), ("zoe", false), ("ugo", true)] {
            let new = problems::record(&mut tx, Some(&channel.id), &error, whose, later(1)).await.unwrap();
            assert_eq!(new, is_new, "{whose}");
        }
        problems::record(&mut tx, None, &error, "", later(2)).await.unwrap();
        audit::add(&mut tx, &world.ids, "Ada", "attachment.original", "A1", "", NOON).await.unwrap();
        audit::add(&mut tx, &world.ids, "Bo", "attachment.original", "A1", "again", later(1)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(channels::get(&world.db, &channel.id).await.unwrap().name, "Help");
        assert_eq!(channels::list(&world.db).await.unwrap().len(), 1);
        let mut times: Vec<i64> =
            problems::recent(&world.db, 2).await.unwrap().iter().map(|p| p.times).collect();
        assert_eq!(times.remove(0), 1, "the newest first");
        assert_eq!(problems::recent(&world.db, 9).await.unwrap().iter().map(|p| p.times).sum::<i64>(), 4);
        // The newest first, of one object or of one person, a page at a time; a ticket has its files' as well.
        let place = world.ticket_of("1").await;
        assert_eq!(tickets::numbered(&world.db, 1).await.unwrap(), Some(place.ticket.clone()));
        assert_eq!(tickets::numbered(&world.db, 99).await.unwrap(), None);
        let actors = async |wanted: audit::Wanted<'_>, limit| {
            let page = audit::list(&world.db, &wanted, limit).await.unwrap();
            page.into_iter().map(|entry| entry.actor).collect::<Vec<_>>()
        };
        assert_eq!(actors(audit::Wanted::default(), 9).await, ["Bo", "Ada"]);
        assert_eq!(actors(audit::Wanted { actor: Some("Ada"), ..Default::default() }, 9).await, ["Ada"]);
        let newest = audit::list(&world.db, &audit::Wanted::default(), 1).await.unwrap();
        let before = (newest[0].at, newest[0].id.as_str());
        assert_eq!(actors(audit::Wanted { before: Some(before), ..Default::default() }, 9).await, ["Ada"]);
        assert_eq!(actors(audit::Wanted { object: Some("A1"), ..Default::default() }, 1).await, ["Bo"]);
        let of_ticket = audit::Wanted { object: Some(place.ticket.as_str()), ..Default::default() };
        assert!(actors(of_ticket, 9).await.is_empty());
    })
    .await;
}
