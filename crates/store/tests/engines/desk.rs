//! Tickets: lists, filters, cursors, changes and the events that tell of them.

use std::time::Duration;

use model::{
    Timestamp,
    ids::{EventId, TicketId},
    message::Direction,
    ticket::{Priority, TicketStatus},
};
use store::{
    StoreError, events,
    search::Query,
    tickets::{self, Assignee, Filter, Viewer},
    users,
};

use crate::{NOON, World, later, on_each_engine};

fn everything() -> Filter {
    Filter {
        statuses: vec![],
        assignee: Assignee::Anyone,
        team: None,
        is_snoozed: None,
        is_breached: false,
        order: tickets::Order::Activity,
        viewer: Viewer::ALL,
        query: None,
        before: None,
        limit: 100,
    }
}

async fn numbers(world: &World, filter: &Filter) -> Vec<i64> {
    tickets::list(&world.db, filter).await.unwrap().iter().map(|t| t.number).collect()
}

#[tokio::test]
async fn lists_are_filtered_searched_and_paged_in_the_order_of_activity() {
    on_each_engine(async |world| {
        let mut places = Vec::new();
        for n in 1..=6 {
            let place = world.ticket_of(&format!("39333000{n}")).await;
            // Two of them were active in the same second.
            world.message(&place, Direction::In, Some(&format!("w{n}")), later(n / 2)).await;
            places.push(place);
        }
        let mut tx = world.tx().await;
        let ada = users::insert(&mut tx, &world.ids, "a@b.c", "Ada", model::access::Role::Agent, "x", NOON)
            .await
            .unwrap();
        let at = later(9);
        for (n, to) in [(0, TicketStatus::Open), (1, TicketStatus::Solved), (2, TicketStatus::Open)] {
            tickets::set_status(&mut tx, &world.ids, &places[n].ticket, to, None, at).await.unwrap();
        }
        tickets::assign(&mut tx, &world.ids, &places[3].ticket, Some(&ada), None, at).await.unwrap();
        tickets::set_subject(&mut tx, &world.ids, &places[4].ticket, Some("100% _Perde_!"), None, at)
            .await
            .unwrap();
        tx.commit().await.unwrap();

        assert_eq!(numbers(world, &everything()).await, [6, 5, 4, 3, 2, 1]);
        let of = |statuses: &[TicketStatus]| Filter { statuses: statuses.to_vec(), ..everything() };
        assert_eq!(numbers(world, &of(&[TicketStatus::Open])).await, [3, 1]);
        assert_eq!(numbers(world, &of(&[TicketStatus::Solved, TicketStatus::Open])).await, [3, 2, 1]);
        assert_eq!(numbers(world, &of(&[TicketStatus::Closed])).await, [0; 0]);
        assert_eq!(numbers(world, &Filter { assignee: Assignee::User(ada), ..everything() }).await, [4]);
        assert_eq!(
            numbers(world, &Filter { assignee: Assignee::Nobody, ..everything() }).await,
            [6, 5, 3, 2, 1]
        );
        let search = |text: &str| Filter { query: Some(Query::read(text).unwrap()), ..everything() };
        for (text, expect) in [
            ("name OF 393330002", vec![2]),
            ("393330003", vec![3]),
            ("100% _perde_!", vec![5]),
            // What is no word is not looked for; with nothing else nothing is found.
            ("% _", vec![]),
            ("100_", vec![5]),
            ("'; drop table tickets", vec![]),
        ] {
            assert_eq!(numbers(world, &search(text)).await, expect, "{text}");
        }
        assert_eq!(
            numbers(world, &Filter { statuses: vec![TicketStatus::New], ..search("name") }).await,
            [6, 5, 4]
        );

        for statuses in [vec![], TicketStatus::ALL.to_vec()] {
            let mut seen = Vec::new();
            let mut filter = Filter { statuses, limit: 2, ..everything() };
            loop {
                let page = tickets::list(&world.db, &filter).await.unwrap();
                let Some(last) = page.last() else { break };
                filter.before = Some((last.last_activity_at, last.id.clone()));
                seen.extend(page.iter().map(|t| t.number));
            }
            assert_eq!(seen, [6, 5, 4, 3, 2, 1], "by pages of two");
        }
    })
    .await;
}

#[tokio::test]
async fn changes_are_told_once_and_one_ticket_a_conversation_is_active() {
    on_each_engine(async |world| {
        let place = world.ticket_of("393331112223").await;
        let id = &place.ticket;
        let mut tx = world.tx().await;
        let ada = users::insert(&mut tx, &world.ids, "a@b.c", "Ada", model::access::Role::Agent, "x", NOON)
            .await
            .unwrap();
        for _ in 0..2 {
            tickets::set_priority(&mut tx, &world.ids, id, Priority::High, Some(&ada), later(1))
                .await
                .unwrap();
            tickets::set_tags(&mut tx, &world.ids, id, &["gas".to_owned()], Some(&ada), later(2))
                .await
                .unwrap();
            tickets::set_subject(&mut tx, &world.ids, id, Some("Caldaia"), Some(&ada), later(3))
                .await
                .unwrap();
            tickets::assign(&mut tx, &world.ids, id, Some(&ada), Some(&ada), later(4)).await.unwrap();
        }
        assert!(
            tickets::set_status(&mut tx, &world.ids, id, TicketStatus::Solved, Some(&ada), later(5))
                .await
                .unwrap()
        );
        assert!(
            !tickets::set_status(&mut tx, &world.ids, id, TicketStatus::Solved, Some(&ada), later(6))
                .await
                .unwrap()
        );
        assert_eq!(tickets::status_of(&mut tx, id).await.unwrap(), TicketStatus::Solved);
        assert_eq!(tickets::language_of(&mut tx, id).await.unwrap().as_deref(), Some("it"));
        assert_eq!(tickets::place_of(&mut tx, id).await.unwrap().unwrap().2, place.contact);
        assert!(tickets::exists(&mut tx, id).await.unwrap());
        assert!(!tickets::exists(&mut tx, &"none".into()).await.unwrap());
        let note = EventId::from("note");
        assert!(!events::exists(&mut tx, &note).await.unwrap());
        for text in ["first", "second"] {
            let data = serde_json::json!({ "text": text });
            events::add_with_id(&mut tx, &note, id, "note.added", Some(&ada), &data, later(7)).await.unwrap();
        }
        assert!(events::exists(&mut tx, &note).await.unwrap());
        events::add(&mut tx, &world.ids, id, "test", None, &serde_json::json!({}), later(8)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(events::get(&world.db, &note).await.unwrap().data.contains("first"), "the same event once");
        assert_eq!(events::find(&world.db, &note).await.unwrap().unwrap().kind, "note.added");
        assert!(events::find(&world.db, &"none".into()).await.unwrap().is_none());

        let kinds = async |from: Option<(Timestamp, &str)>, newest_first, limit| {
            let list = events::list(&world.db, id, from, newest_first, limit).await.unwrap();
            list.into_iter().map(|event| event.kind).collect::<Vec<_>>()
        };
        let all = [
            "ticket.created",
            "priority.changed",
            "tags.changed",
            "subject.changed",
            "assignee.changed",
            "status.changed",
            "note.added",
            "test",
        ];
        assert_eq!(kinds(None, false, 100).await, all);
        assert_eq!(kinds(None, true, 2).await, ["test", "note.added"]);
        assert_eq!(kinds(Some((later(7), "note")), false, 9).await, ["test"]);
        assert_eq!(kinds(Some((later(7), "note")), true, 1).await, ["status.changed"]);

        // Past the time of grace the next message opens another, and the old one stays asleep.
        let hour = Duration::from_secs(3_600);
        let mut tx = world.tx().await;
        let next =
            tickets::for_message(&mut tx, &world.ids, &place.conversation, later(3_605), hour, later(3_605))
                .await
                .unwrap();
        assert_ne!(next, *id);
        assert_eq!(tickets::latest(&mut tx, &place.conversation.id).await.unwrap(), Some(next.clone()));
        tx.commit().await.unwrap();
        let mut tx = world.tx().await;
        let woken =
            tickets::set_status(&mut tx, &world.ids, id, TicketStatus::Open, None, later(3_606)).await;
        assert!(matches!(woken, Err(StoreError::Duplicate(_))), "{woken:?}");
        drop(tx);
        let mut tx = world.tx().await;
        tickets::set_status(&mut tx, &world.ids, &next, TicketStatus::Solved, None, later(3_700))
            .await
            .unwrap();
        let reopened =
            tickets::for_message(&mut tx, &world.ids, &place.conversation, later(3_800), hour, later(3_800))
                .await
                .unwrap();
        assert_eq!(reopened, next);
        assert_eq!(tickets::status_of(&mut tx, &next).await.unwrap(), TicketStatus::Open);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_list_shows_the_message_written_last_and_counts_what_is_unread() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let shown = async |id: &TicketId| tickets::get(&world.db, id).await.unwrap().unwrap();
        // Of two in one second the arrival decides, whatever the channel calls them.
        world.message(&place, Direction::In, Some("wamid.b"), later(5)).await;
        let last = world.message(&place, Direction::In, Some("wamid.a"), later(5)).await;
        world.message(&place, Direction::In, Some("wamid.z"), later(4)).await;
        let ticket = shown(&place.ticket).await;
        assert_eq!(
            (ticket.last_message_id, ticket.unread_count, ticket.last_activity_at),
            (Some(last.clone()), 3, later(5))
        );
        let mut tx = world.tx().await;
        tickets::refresh(&mut tx, &place.ticket).await.unwrap();
        assert!(tickets::mark_read(&mut tx, &place.ticket).await.unwrap());
        assert!(!tickets::mark_read(&mut tx, &place.ticket).await.unwrap());
        tx.commit().await.unwrap();
        let ticket = shown(&place.ticket).await;
        assert_eq!((ticket.last_message_id, ticket.unread_count), (Some(last), 0));
        world.ticket_of("2").await;
        tickets::close_every_other(&world.db, NOON).await.unwrap();
        assert_eq!(
            numbers(world, &Filter { statuses: vec![TicketStatus::Solved], ..everything() }).await,
            [2]
        );
    })
    .await;
}
