//! The inbox: whole batches in one commit, each body once, in order, or not at all.

use bytes::Bytes;
use futures_util::future::join_all;
use store::{
    inbox::{self, Inbox, Outcome, PutError, Stats},
    migrate::{self, Schema},
};

use crate::{NOON, World, later, on_each_engine};

async fn put_many(inbox: &Inbox, count: usize) {
    let puts = (0..count).map(|n| inbox.put("whatsapp", later(1), Bytes::from(format!("body {n}"))));
    for put in join_all(puts).await {
        put.unwrap();
    }
}

/// Every number of rows that one commit can have, across all the sizes of its statements.
#[tokio::test]
async fn any_number_of_bodies_at_once_is_stored_whole_and_in_order() {
    on_each_engine(async |world| {
        let inbox = Inbox::start(world.db.clone());
        let mut after = 0;
        for count in [1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 84, 85, 255, 256, 257, 300] {
            put_many(&inbox, count).await;
            let stored = inbox.waiting(after, 1_000).await.unwrap();
            let expect: Vec<Vec<u8>> = (0..count).map(|n| format!("body {n}").into_bytes()).collect();
            assert_eq!(stored.iter().map(|w| w.body.clone()).collect::<Vec<_>>(), expect, "{count}");
            assert!(stored.iter().all(|w| w.received_at == later(1) && w.channel == "whatsapp"));
            after = stored.last().unwrap().id;
        }
        assert_eq!(inbox.waiting(0, 10).await.unwrap().len(), 10);
    })
    .await;
}

#[tokio::test]
async fn marks_count_and_quarantine_is_shown_and_can_be_read_again() {
    on_each_engine(async |world| {
        let inbox = Inbox::start(world.db.clone());
        put_many(&inbox, 5).await;
        let stored = inbox.waiting(0, 10).await.unwrap();
        let why = Outcome::Quarantined("not JSON".to_owned());
        let marks = vec![(stored[0].id, Outcome::Read), (stored[1].id, why), (stored[2].id, Outcome::Read)];
        inbox.mark(marks).await.unwrap();
        let stats = Stats { received: 5, read: 2, quarantined: 1, waiting: 2 };
        assert_eq!(inbox.stats().await.unwrap(), stats);
        assert_eq!(inbox.oldest_waiting_at().await.unwrap(), Some(later(1)));
        let shown = inbox.quarantined(0, 10).await.unwrap();
        assert_eq!(
            (shown.len(), shown[0].reason.as_deref(), &shown[0].body[..]),
            (1, Some("not JSON"), &b"body 1"[..])
        );
        assert!(inbox.quarantined(shown[0].id, 10).await.unwrap().is_empty());
        assert!(inbox.is_quarantined(shown[0].id).await.unwrap());
        assert!(!inbox.is_quarantined(stored[0].id).await.unwrap());
        inbox.mark(vec![(shown[0].id, Outcome::Waiting)]).await.unwrap();
        assert_eq!(inbox.waiting(0, 10).await.unwrap().len(), 3);
        assert_eq!(inbox.stats().await.unwrap().quarantined, 0);
    })
    .await;
}

#[tokio::test]
async fn what_was_read_long_ago_goes_and_is_still_counted() {
    on_each_engine(async |world| {
        let inbox = Inbox::start(world.db.clone());
        put_many(&inbox, 4).await;
        let ids: Vec<i64> = inbox.waiting(0, 10).await.unwrap().iter().map(|w| w.id).collect();
        inbox
            .mark(vec![(ids[0], Outcome::Read), (ids[2], Outcome::Read), (ids[3], Outcome::Read)])
            .await
            .unwrap();
        assert_eq!(inbox::first_unread(inbox.db()).await.unwrap(), ids[1]);
        assert_eq!(inbox::prune(inbox.db(), later(1), 10).await.unwrap(), 0, "not old enough");
        assert_eq!(inbox::prune(inbox.db(), later(2), 1).await.unwrap(), 1, "at most so many");
        assert_eq!(inbox::prune(inbox.db(), later(2), 10).await.unwrap(), 1, "all but the newest");
        let stats = Stats { received: 4, read: 3, quarantined: 0, waiting: 1 };
        assert_eq!(inbox.stats().await.unwrap(), stats);
        inbox.mark(vec![(ids[1], Outcome::Quarantined("x".to_owned()))]).await.unwrap();
        assert_eq!(inbox::first_unread(inbox.db()).await.unwrap(), ids[3] + 1, "all read");
        inbox::read_again_from(inbox.db(), ids[3]).await.unwrap();
        assert_eq!(inbox.stats().await.unwrap().waiting, 1, "from there on");
        inbox::read_again_from(inbox.db(), 0).await.unwrap();
        let stats = Stats { received: 4, read: 2, quarantined: 0, waiting: 2 };
        assert_eq!(inbox.stats().await.unwrap(), stats);
    })
    .await;
}

/// Senders are told to come back before memory is at stake: 64 MiB may wait for the disk.
#[tokio::test]
async fn a_full_queue_says_so_and_keeps_nothing() {
    on_each_engine(async |world: &World| {
        let inbox = Inbox::start(world.db.clone());
        let body = Bytes::from(vec![b'x'; 4 * 1024 * 1024]);
        let puts = (0..20).map(|_| inbox.put("whatsapp", NOON, body.clone()));
        let answers = join_all(puts).await;
        let full = answers.iter().filter(|answer| matches!(answer, Err(PutError::Full))).count();
        let kept = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!((kept, full), (16, 4));
        assert_eq!(inbox.stats().await.unwrap().waiting, 16);
        inbox.put("whatsapp", NOON, body).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_schemas_are_brought_up_once_and_a_newer_one_is_refused() {
    on_each_engine(async |world| {
        for schema in [Schema::Desk, Schema::Inbox] {
            assert_eq!(migrate::pending(&world.db, schema).await.unwrap(), 0);
            assert_eq!(migrate::run(&world.db, schema, NOON).await.unwrap(), 0);
        }
        world.db.ping().await.unwrap();
        world.db.integrity().await.unwrap();
        let copy = world.dir.path().join("copy.db");
        let copied = world.db.copy_to(&copy).await;
        assert_eq!(copied.is_ok(), world.url.starts_with("sqlite"), "{copied:?}");
        world.raw("insert into schema_steps (schema_name, step, applied_at) values ('desk', 77, 0)").await;
        let refused = migrate::run(&world.db, Schema::Desk, NOON).await.unwrap_err().to_string();
        assert!(refused.contains("newer version"), "{refused}");
    })
    .await;
}

/// On PostgreSQL what one process commits wakes the others.
#[tokio::test]
async fn notices_reach_whoever_listens_after_the_commit_only() {
    on_each_engine(async |world| {
        let listener = tokio::spawn({
            let db = world.db.clone();
            async move { db.listen().await }
        });
        let mut notices = world.db.notices();
        let mut heard = None;
        // Whether the listener has connected shows only in what it hears.
        for round in 0..200 {
            let mut dropped = world.tx().await;
            dropped.notify(store::Notice::Job);
            drop(dropped);
            let mut tx = world.tx().await;
            tx.touch(&"T1".into(), &format!("round {round}"));
            tx.commit().await.unwrap();
            let wait = std::time::Duration::from_millis(50);
            if let Ok(Ok(notice)) = tokio::time::timeout(wait, notices.recv()).await {
                heard = Some(notice);
                break;
            }
        }
        assert!(matches!(heard, Some(store::Notice::Ticket { .. })), "{heard:?}");
        listener.abort();
    })
    .await;
}

#[tokio::test]
async fn what_was_rolled_back_is_not_counted() {
    on_each_engine(async |world| {
        let inbox = Inbox::start(world.db.clone());
        put_many(&inbox, 3).await;
        // What an insert that never committed leaves behind on PostgreSQL.
        if world.db.engine() == store::Engine::Postgres {
            world.raw("select nextval('inbox_id_seq')").await;
        }
        put_many(&inbox, 70).await;
        let stored = inbox.waiting(0, 10).await.unwrap();
        inbox.mark(stored.iter().map(|row| (row.id, Outcome::Read)).collect()).await.unwrap();
        let stats = Stats { received: 73, read: 10, quarantined: 0, waiting: 63 };
        assert_eq!(inbox.stats().await.unwrap(), stats);
        assert_eq!(inbox::prune(&world.db, later(3_600), 100).await.unwrap(), 10);
        assert_eq!(inbox.stats().await.unwrap(), stats, "retention changes no count");
    })
    .await;
}
