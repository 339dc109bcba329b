//! Flows, runs, visits, returns and links: what two who come at the same moment are told.

use std::collections::BTreeMap;

use model::{
    Timestamp,
    ids::{AttachmentId, FlowRunId, TechnicianId, TurnId},
    message::Direction,
    returns::ReturnState,
};
use store::{
    articles,
    attachments::{self, Arrived},
    blobs::Blobs,
    capture_links, contacts, conversations, findings, flow_runs, flows,
    keys::Keyring,
    messages, returns, tickets, turns, users, visits,
};

use crate::{NOON, World, later, on_each_engine};

const HOUR: std::time::Duration = std::time::Duration::from_secs(3_600);

/// A file of the house, of which no bytes are asked here.
async fn house_file(world: &World, name: &str) -> AttachmentId {
    let id = AttachmentId::new(&world.ids, NOON);
    let ring = Keyring::from_file(&world.dir.path().join("master.key"), &world.ids, NOON).unwrap();
    let blobs = Blobs::new(Blobs::open_local("memory:").unwrap(), ring, world.ids.clone());
    let written = blobs.put(b"a picture", NOON).await.unwrap();
    let mut tx = world.tx().await;
    blobs.insert(&mut tx, &written, store::keys::HOUSE, NOON).await.unwrap();
    let sha256 = "ab".repeat(32);
    let arrived = Arrived { blob_id: &written.id, mime_type: "image/png", size_bytes: 9, sha256: &sha256 };
    attachments::upload(&mut tx, &id, "image", Some(name), false, &arrived, NOON).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn a_flow_keeps_what_the_desk_decided_when_its_text_changes() {
    on_each_engine(async |world| {
        let put = async |source: &str, rollout: &str| {
            let flow =
                flows::NewFlow { name: "triage", version: 1, source, origin: "library", rollout, by: None };
            let mut tx = world.tx().await;
            let changed = flows::put(&mut tx, &flow, NOON).await.unwrap();
            tx.commit().await.unwrap();
            changed
        };
        assert!(put("one", "\"off\"").await);
        assert!(!put("one", "\"off\"").await, "nothing new");
        let mut tx = world.tx().await;
        assert!(flows::set_rollout(&mut tx, "triage", 1, "\"on\"").await.unwrap());
        assert!(!flows::set_rollout(&mut tx, "triage", 2, "\"on\"").await.unwrap());
        tx.commit().await.unwrap();
        assert!(put("two", "\"off\"").await);
        let all = flows::list(&world.db).await.unwrap();
        assert_eq!((all.len(), all[0].source.as_str(), all[0].rollout.as_str()), (1, "two", "\"on\""));

        let file = house_file(world, "a.png").await;
        let mut tx = world.tx().await;
        flows::put_picture(&mut tx, "triage", "a.png", &file).await.unwrap();
        assert_eq!(flows::picture(&mut tx, "triage", "a.png").await.unwrap(), Some(file.clone()));
        assert_eq!(flows::picture(&mut tx, "triage", "b.png").await.unwrap(), None);
        // The same bytes in a conversation are another attachment, and stay the house's.
        let shared = attachments::share(&mut tx, &world.ids, &file, later(1)).await.unwrap().unwrap();
        assert!(attachments::get_in(&mut tx, &shared).await.unwrap().unwrap().is_shared);
        let gone = AttachmentId::from("01NONE");
        assert_eq!(attachments::share(&mut tx, &world.ids, &gone, later(1)).await.unwrap(), None);
        tx.commit().await.unwrap();
        let hash = flows::picture_hash(&world.db, "triage", "a.png").await.unwrap();
        assert_eq!(hash, Some("ab".repeat(32)));

        let texts = BTreeMap::from([("en".to_owned(), articles::Text::default())]);
        let written = articles::Written {
            slug: "door",
            products: &[],
            codes: &[],
            origin: "folder",
            is_published: true,
            texts: &texts,
        };
        let mut tx = world.tx().await;
        let article = articles::put(&mut tx, &world.ids, &written, NOON).await.unwrap();
        articles::put_picture(&mut tx, &article, "a.png", &file).await.unwrap();
        tx.commit().await.unwrap();
        let pictures = articles::pictures(&world.db, &article).await.unwrap();
        assert_eq!((pictures.len(), &pictures[0].attachment_id), (1, &file));
    })
    .await;
}

#[tokio::test]
async fn a_conversation_is_led_by_one_run_at_a_time() {
    on_each_engine(async |world| {
        let place = world.ticket_of("393331112223").await;
        let id = FlowRunId::new(&world.ids, NOON);
        let new = |id: &FlowRunId| (id.clone(), place.conversation.id.clone(), place.ticket.clone());
        let begin = async |tx: &mut store::Tx, id: &FlowRunId| {
            let (id, conversation_id, ticket_id) = new(id);
            let run = flow_runs::NewRun {
                id: &id,
                flow: "triage",
                version: 1,
                conversation_id: &conversation_id,
                ticket_id: &ticket_id,
                state: "{}",
            };
            flow_runs::begin(tx, &run, NOON).await
        };
        let mut tx = world.tx().await;
        assert_eq!(flow_runs::newest_ending(&mut tx, &place.ticket).await.unwrap(), None);
        begin(&mut tx, &id).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = world.tx().await;
        let second = begin(&mut tx, &FlowRunId::new(&world.ids, NOON)).await;
        assert!(matches!(second, Err(store::StoreError::Duplicate(_))), "{second:?}");
        drop(tx);

        let mut tx = world.tx().await;
        conversations::hold(&mut tx, &place.conversation.id).await.unwrap();
        let run = flow_runs::open_of(&mut tx, &place.conversation.id).await.unwrap().unwrap();
        assert_eq!(flow_runs::open(&mut tx, &id).await.unwrap().unwrap().flow, "triage");
        let of = flow_runs::conversation_of(&mut tx, &id).await.unwrap();
        assert_eq!(of, Some(place.conversation.id.clone()));
        let scene = flow_runs::scene(&mut tx, &place.ticket).await.unwrap();
        assert_eq!((scene.account.as_str(), scene.language.as_deref()), ("7", Some("it")));
        flow_runs::ask(&mut tx, &id, 1, "question", NOON).await.unwrap();
        flow_runs::suggested(&mut tx, &id, Some(&"01ARTICLE".into())).await.unwrap();
        assert_eq!(flow_runs::tried(&mut tx, &id).await.unwrap(), Some("01ARTICLE".into()));
        flow_runs::rate(&mut tx, &id, 3).await.unwrap();
        let left = flow_runs::Left { state: "{\"a\":1}", step: Some("topic"), ending: None };
        flow_runs::keep(&mut tx, &run, &left, later(1)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(flow_runs::question(&world.db, &id, 1).await.unwrap().as_deref(), Some("question"));
        assert_eq!(flow_runs::phones(&world.db, &id).await.unwrap(), ["393331112223"]);
        let counts = flow_runs::counts(&world.db).await.unwrap();
        assert_eq!((counts[0].step.as_deref(), counts[0].runs, counts[0].rating_sum), (Some("topic"), 1, 3));

        let mut tx = world.tx().await;
        // There and back: each way counts once a run.
        for (from, to) in [("topic", "photo"), ("photo", "topic"), ("topic", "photo")] {
            flow_runs::went(&mut tx, &id, from, to).await.unwrap();
        }
        tx.commit().await.unwrap();
        let ways = flow_runs::ways(&world.db, &counts[0].flow, counts[0].version).await.unwrap();
        let ways: Vec<_> = ways.iter().map(|w| (w.from_step.as_str(), w.to_step.as_str(), w.runs)).collect();
        assert_eq!(ways, [("photo", "topic", 1), ("topic", "photo", 1)]);
        assert!(flow_runs::ways(&world.db, "triage", 999).await.unwrap().is_empty());

        let mut tx = world.tx().await;
        flow_runs::ask_again(&mut tx, &id, 1, "otherwise").await.unwrap();
        assert_eq!(flow_runs::question_in(&mut tx, &id, 1).await.unwrap().as_deref(), Some("otherwise"));
        assert!(flow_runs::answered(&mut tx, &id, 1).await.unwrap());
        assert_eq!(flow_runs::question_in(&mut tx, &id, 1).await.unwrap(), None);
        assert!(!flow_runs::answered(&mut tx, &id, 1).await.unwrap(), "an answer counts once");
        flow_runs::ask(&mut tx, &id, 2, "another", NOON).await.unwrap();
        let left = flow_runs::Left { state: "{}", step: None, ending: Some("ended") };
        flow_runs::keep(&mut tx, &run, &left, later(2)).await.unwrap();
        assert!(flow_runs::open(&mut tx, &id).await.unwrap().is_none());
        let ending = flow_runs::newest_ending(&mut tx, &place.ticket).await.unwrap();
        assert_eq!(ending, Some(Some("ended".to_owned())));
        tx.commit().await.unwrap();
        assert_eq!(flow_runs::question(&world.db, &id, 2).await.unwrap(), None, "nobody waits for it");
        let newest = flow_runs::newest(&world.db, &place.ticket).await.unwrap().unwrap();
        assert_eq!((newest.rating, newest.ended_at), (Some(3), Some(later(2))));
    })
    .await;
}

#[tokio::test]
async fn what_a_flow_writes_down_stands_on_the_ticket() {
    on_each_engine(async |world| {
        let place = world.ticket_of("393331112223").await;
        let mut tx = world.tx().await;
        let (turn, _) = turns::join(&mut tx, &world.ids, &place.conversation.id, &place.ticket, HOUR, NOON)
            .await
            .unwrap();
        let id = model::ids::MessageId::new(&world.ids, NOON);
        let mut new = crate::new_message(&place, &id, Direction::In, Some("wamid.1"), NOON);
        new.turn_id = Some(&turn);
        messages::insert(&mut tx, &new).await.unwrap();
        let said = flow_runs::said_in(&mut tx, &turn, 10).await.unwrap();
        assert_eq!((said.len(), &said[0].id), (1, &id));
        assert!(flow_runs::said_in(&mut tx, &TurnId::from("01NONE"), 10).await.unwrap().is_empty());
        assert!(!messages::has_answer_of_person(&mut tx, &place.ticket).await.unwrap());
        assert!(findings::current_in(&mut tx, &AttachmentId::from("01NONE")).await.unwrap().is_none());

        let fields = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let first = fields(&[("product", "oven"), ("serial", "1")]);
        tickets::set_fields(&mut tx, &world.ids, &place.ticket, &first, None, NOON).await.unwrap();
        let second = fields(&[("serial", "2")]);
        tickets::set_fields(&mut tx, &world.ids, &place.ticket, &second, None, NOON).await.unwrap();
        tickets::set_team(&mut tx, &world.ids, &place.ticket, Some("workshop"), None, NOON).await.unwrap();
        for _ in 0..2 {
            tickets::add_tag(&mut tx, &world.ids, &place.ticket, "warranty", NOON).await.unwrap();
        }
        contacts::set_unguided(&mut tx, &place.contact, Some(NOON)).await.unwrap();
        assert_eq!(flow_runs::scene(&mut tx, &place.ticket).await.unwrap().unguided_at, Some(NOON));
        tx.commit().await.unwrap();
        let ticket = tickets::get(&world.db, &place.ticket).await.unwrap().unwrap();
        assert_eq!(ticket.fields, r#"{"product":"oven","serial":"2"}"#);
        assert_eq!((ticket.team.as_deref(), ticket.tags.as_str()), (Some("workshop"), r#"["warranty"]"#));
    })
    .await;
}

#[tokio::test]
async fn a_time_is_given_once() {
    on_each_engine(async |world| {
        let place = world.ticket_of("393331112223").await;
        let gino = TechnicianId::new(&world.ids, NOON);
        let new = visits::NewTechnician {
            name: "Gino",
            areas: &["20".to_owned()],
            skills: &[],
            hours: &["mon-fri 09:00-18:00".to_owned()],
            user_id: None,
        };
        let mut tx = world.tx().await;
        visits::put_technician(&mut tx, &gino, &new, "secret", NOON).await.unwrap();
        // Changed: the calendar's key stays.
        visits::put_technician(&mut tx, &gino, &new, "another", NOON).await.unwrap();
        assert_eq!(visits::technicians_in(&mut tx).await.unwrap().len(), 1);
        let visit = visits::NewVisit {
            ticket_id: &place.ticket,
            technician_id: &gino,
            what: "oven",
            place: "20121 Milano",
            note: None,
            starts_at: later(3_600),
            ends_at: later(7_200),
            booked_by: None,
        };
        let booked = visits::book(&mut tx, &world.ids, &visit, NOON).await.unwrap().unwrap();
        assert_eq!(visits::book(&mut tx, &world.ids, &visit, NOON).await.unwrap(), None, "it is taken");
        assert_eq!(
            visits::booked(&mut tx, NOON).await.unwrap(),
            [(gino.clone(), later(3_600), later(7_200))]
        );
        assert_eq!(visits::get_in(&mut tx, &booked).await.unwrap().unwrap().technician_name, "Gino");
        tx.commit().await.unwrap();
        assert_eq!(visits::technicians(&world.db).await.unwrap()[0].areas().unwrap(), ["20"]);
        assert_eq!(visits::by_calendar(&world.db, "secret").await.unwrap().unwrap().id, gino);
        assert!(visits::by_calendar(&world.db, "another").await.unwrap().is_none());
        let wanted =
            visits::Wanted { from: NOON, until: None, technician: Some(&gino), ticket: Some(&place.ticket) };
        let list = visits::list(&world.db, &wanted, 10).await.unwrap();
        assert_eq!((list.len(), list[0].contact_name.as_deref()), (1, Some("Name of 393331112223")));
        // What begins as the day ends is the next day's.
        let day = visits::Wanted { until: Some(later(3_600)), ..wanted };
        assert!(visits::list(&world.db, &day, 10).await.unwrap().is_empty());

        // An account that is given to them leads to their visits, and to nobody else's.
        let mut tx = world.tx().await;
        let role = model::access::Role::Technician;
        let user = users::insert(&mut tx, &world.ids, "g@b.c", "Gino", role, "x", NOON).await.unwrap();
        let stranger = users::insert(&mut tx, &world.ids, "s@b.c", "Sam", role, "x", NOON).await.unwrap();
        let new = visits::NewTechnician { user_id: Some(&user), ..new };
        visits::put_technician(&mut tx, &gino, &new, "secret", NOON).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(visits::technician_of(&world.db, &user).await.unwrap(), Some(gino.clone()));
        assert_eq!(visits::technician_of(&world.db, &stranger).await.unwrap(), None);
        assert!(visits::visits_ticket(&world.db, &user, &place.ticket).await.unwrap());
        assert!(!visits::visits_ticket(&world.db, &stranger, &place.ticket).await.unwrap());
        let other = world.ticket_of("393339998877").await;
        assert!(!visits::visits_ticket(&world.db, &user, &other.ticket).await.unwrap());

        let mut tx = world.tx().await;
        assert!(visits::cancel(&mut tx, &world.ids, &booked, Some("ill"), None, later(1)).await.unwrap());
        assert!(!visits::done(&mut tx, &world.ids, &booked, None, later(2)).await.unwrap(), "it is over");
        assert!(visits::book(&mut tx, &world.ids, &visit, NOON).await.unwrap().is_some(), "it is free again");
        assert!(visits::leave(&mut tx, &gino, later(3)).await.unwrap());
        assert!(!visits::leave(&mut tx, &gino, later(3)).await.unwrap());
        tx.commit().await.unwrap();
        let visit = visits::get(&world.db, &booked).await.unwrap().unwrap();
        assert_eq!((visit.status.as_str(), visit.why.as_deref()), ("cancelled", Some("ill")));
    })
    .await;
}

#[tokio::test]
async fn a_return_moves_on_once_and_is_told_to_its_customer_only() {
    on_each_engine(async |world| {
        let place = world.ticket_of("393331112223").await;
        let other = world.ticket_of("393334445556").await;
        let new = returns::NewReturn {
            ticket_id: &place.ticket,
            contact_id: &place.contact,
            order_number: "AB-1",
            item: "pump",
            reason: None,
            wish: Some("refund"),
            condition: None,
            opened_by: None,
        };
        let mut tx = world.tx().await;
        let (id, number) = returns::open(&mut tx, &world.ids, &new, NOON).await.unwrap();
        let found = returns::of_contact(&mut tx, &place.contact, number).await.unwrap().unwrap();
        assert_eq!((&found.id, found.contact_name.as_deref()), (&id, Some("Name of 393331112223")));
        assert!(returns::of_contact(&mut tx, &other.contact, number).await.unwrap().is_none());
        let approved = ReturnState::Approved;
        assert!(
            returns::move_on(&mut tx, &world.ids, &found, approved, Some("fine"), None, later(1))
                .await
                .unwrap()
        );
        // A colleague who looked at the same page decides too late.
        let refused = ReturnState::Refused;
        assert!(!returns::move_on(&mut tx, &world.ids, &found, refused, None, None, later(2)).await.unwrap());
        tx.commit().await.unwrap();
        let kept = returns::get(&world.db, &found.id).await.unwrap().unwrap();
        assert_eq!((kept.state.as_str(), kept.note.as_deref()), ("approved", Some("fine")));
        let all = (Timestamp(i64::MAX), "~");
        let listed = returns::list(&world.db, &[approved], Some(&place.ticket), all, 10).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert!(returns::list(&world.db, &[refused], None, all, 10).await.unwrap().is_empty());
        for states in [&[refused, approved][..], &[]] {
            assert_eq!(returns::list(&world.db, states, None, all, 10).await.unwrap().len(), 1, "{states:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_link_is_used_up_by_one() {
    on_each_engine(async |world| {
        let place = world.ticket_of("393331112223").await;
        let run = FlowRunId::new(&world.ids, NOON);
        let mut tx = world.tx().await;
        let new = flow_runs::NewRun {
            id: &run,
            flow: "page",
            version: 1,
            conversation_id: &place.conversation.id,
            ticket_id: &place.ticket,
            state: "{}",
        };
        flow_runs::begin(&mut tx, &new, NOON).await.unwrap();
        let link = |hash: &str| capture_links::Link {
            token_hash: hash.to_owned(),
            run_id: run.clone(),
            ticket_id: place.ticket.clone(),
            contact_id: place.contact.clone(),
            purpose: "identity_document".to_owned(),
            language: "it".to_owned(),
            expires_at: later(1_800),
            used_at: None,
        };
        capture_links::make(&mut tx, &link("first"), NOON).await.unwrap();
        capture_links::make(&mut tx, &link("second"), later(60)).await.unwrap();
        assert!(!capture_links::take(&mut tx, "first", later(61)).await.unwrap(), "another took its place");
        assert!(!capture_links::take(&mut tx, "second", later(1_800)).await.unwrap(), "its time is over");
        assert!(capture_links::take(&mut tx, "second", later(61)).await.unwrap());
        assert!(!capture_links::take(&mut tx, "second", later(62)).await.unwrap(), "it serves once");
        tx.commit().await.unwrap();
        assert_eq!(capture_links::get(&world.db, "second").await.unwrap().unwrap().used_at, Some(later(61)));
        assert!(capture_links::get(&world.db, "none").await.unwrap().is_none());
    })
    .await;
}
