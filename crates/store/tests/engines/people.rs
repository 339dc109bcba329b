//! Contacts, conversations, turns, users: who is who, and what becomes of two who are one.

use std::time::Duration;

use model::{
    Timestamp,
    access::{Right, Rights, Role},
    contact::{Identity, IdentityKind},
    event::{IdentityChange, Sender},
    ids::{ContactId, TicketId},
    message::Direction,
    ticket::TicketStatus,
};
use store::{StoreError, contacts, conversations, events, messages, sessions, tickets, turns, users};

use crate::{NOON, World, accounts::begin, later, on_each_engine};

fn known_as(identities: &[Identity]) -> Sender {
    Sender { identities: identities.to_vec(), profile_name: None }
}

async fn recognise(world: &World, identities: &[Identity], at: Timestamp) -> ContactId {
    let mut tx = world.tx().await;
    let id = contacts::recognise(&mut tx, &world.ids, &known_as(identities), at, at).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn rekey(world: &World, at: Timestamp, old: Identity, new: Identity) -> ContactId {
    let change = IdentityChange { external_id: "x".into(), at, old: vec![old], new: vec![new], body: None };
    let mut tx = world.tx().await;
    let id = contacts::rekey(&mut tx, &world.ids, &change, at).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn a_person_is_recognised_by_any_name_and_merged_when_two_were_one() {
    on_each_engine(async |world| {
        let (phone, bsuid) = (Identity::wa_id("393331112223"), Identity::bsuid("IT.42"));
        let hidden = recognise(world, std::slice::from_ref(&bsuid), NOON).await;
        assert_eq!(contacts::get(&world.db, &hidden).await.unwrap().language, None);
        let shown = world.ticket_of("393331112223").await;
        let told = world.message(&shown, Direction::In, Some("w1"), later(1)).await;
        assert_ne!(shown.contact, hidden);

        let one = recognise(world, &[phone.clone(), bsuid.clone()], later(2)).await;
        assert_eq!(one, hidden, "the older of the two");
        let contact = contacts::get(&world.db, &one).await.unwrap();
        assert_eq!(
            (contact.language.as_deref(), contact.name.as_deref()),
            (Some("it"), Some("Name of 393331112223"))
        );
        assert_eq!(contacts::identities(&world.db, &one).await.unwrap(), [phone, bsuid]);
        let ticket = tickets::get(&world.db, &shown.ticket).await.unwrap().unwrap();
        assert_eq!((&ticket.contact_id, ticket.contact_phone.as_deref()), (&one, Some("393331112223")));
        let message = messages::get(&world.db, &told).await.unwrap().unwrap();
        assert_eq!(message.conversation_id, ticket.conversation_id);
    })
    .await;
}

#[tokio::test]
async fn two_active_tickets_become_one_and_nothing_of_either_is_lost() {
    on_each_engine(async |world| {
        let older = world.ticket_of("1").await;
        let newer = world.ticket_of("2").await;
        let answered = world.message(&older, Direction::In, Some("a"), later(1)).await;
        let waiting = world.message(&newer, Direction::In, Some("b"), later(9)).await;
        let mut tx = world.tx().await;
        tickets::set_status(&mut tx, &world.ids, &older.ticket, TicketStatus::Waiting, None, later(2))
            .await
            .unwrap();
        conversations::heard(&mut tx, &newer.conversation.id, later(9)).await.unwrap();
        turns::join(
            &mut tx,
            &world.ids,
            &older.conversation.id,
            &older.ticket,
            Duration::from_secs(4),
            later(9),
        )
        .await
        .unwrap();
        turns::join(
            &mut tx,
            &world.ids,
            &newer.conversation.id,
            &newer.ticket,
            Duration::from_secs(4),
            later(9),
        )
        .await
        .unwrap();
        contacts::merge(&mut tx, &world.ids, &older.contact, &newer.contact, later(10)).await.unwrap();
        tx.commit().await.unwrap();

        let kept = tickets::get(&world.db, &older.ticket).await.unwrap().unwrap();
        assert_eq!((kept.status.as_str(), kept.unread_count), ("open", 2), "one half is unanswered");
        assert_eq!((kept.last_message_id, kept.last_inbound_at), (Some(waiting.clone()), Some(later(9))));
        let all = messages::list(&world.db, &older.ticket, None, false, 10).await.unwrap();
        assert_eq!(all.iter().map(|m| m.id.clone()).collect::<Vec<_>>(), [answered, waiting]);
        let emptied = tickets::get(&world.db, &newer.ticket).await.unwrap().unwrap();
        assert_eq!(
            (emptied.status.as_str(), emptied.unread_count, emptied.last_message_id),
            ("closed", 0, None)
        );
        assert_eq!(emptied.conversation_id, kept.conversation_id);
        let told = events::list(&world.db, &newer.ticket, None, true, 10).await.unwrap();
        assert_eq!(told[0].kind, "ticket.merged");
    })
    .await;
}

#[tokio::test]
async fn changes_of_number_in_any_order_lead_to_one_person() {
    on_each_engine(async |world| {
        let number = |n: u32| Identity::wa_id(format!("39333000{n}"));
        let first = recognise(world, &[number(1)], NOON).await;
        // The second change is reported before the first.
        rekey(world, later(20), number(2), number(3)).await;
        let one = rekey(world, later(10), number(1), number(2)).await;
        assert_eq!(one, first);
        for (n, at) in [(1, later(5)), (2, later(15)), (3, later(25))] {
            assert_eq!(recognise(world, &[number(n)], at).await, one, "{n}");
        }
        assert_eq!(contacts::identities(&world.db, &one).await.unwrap(), [number(3)]);
        // Afterwards a number is whoever has it then.
        assert_ne!(recognise(world, &[number(1)], later(30)).await, one);
        assert_eq!(recognise(world, &[number(3)], later(30)).await, one);
    })
    .await;
}

#[tokio::test]
async fn a_username_is_shown_and_recognises_nobody() {
    on_each_engine(async |world| {
        let username = |name: &str| Identity { kind: IdentityKind::Username, value: name.to_owned() };
        let a = recognise(world, &[Identity::wa_id("1"), username("@zoe")], NOON).await;
        let b = recognise(world, &[Identity::wa_id("2"), username("@zoe")], later(1)).await;
        assert_ne!(a, b);
        assert_eq!(contacts::identities(&world.db, &a).await.unwrap(), [Identity::wa_id("1")]);
        recognise(world, &[Identity::wa_id("2"), username("@zoe.fix")], later(2)).await;
        assert_eq!(
            contacts::identities(&world.db, &b).await.unwrap(),
            [Identity::wa_id("2"), username("@zoe.fix")]
        );
    })
    .await;
}

#[tokio::test]
async fn the_window_runs_from_the_newest_message_and_a_turn_until_it_is_quiet() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let quiet = Duration::from_secs(4);
        let mut tx = world.tx().await;
        for at in [later(5), later(3)] {
            conversations::heard(&mut tx, &place.conversation.id, at).await.unwrap();
        }
        assert_eq!(
            conversations::hold(&mut tx, &place.conversation.id).await.unwrap().last_inbound_at,
            Some(later(5))
        );
        let join = async |tx: &mut store::Tx, at| {
            turns::join(tx, &world.ids, &place.conversation.id, &place.ticket, quiet, at).await.unwrap()
        };
        let (turn, is_new) = join(&mut tx, NOON).await;
        assert!(is_new);
        assert_eq!(join(&mut tx, later(4)).await, (turn.clone(), false));
        let early = turns::close_if_quiet(&mut tx, &turn, later(5)).await.unwrap();
        assert!(matches!(early, turns::Quiet::NotBefore(at) if at == later(8)), "{early:?}");
        let closed = turns::close_if_quiet(&mut tx, &turn, later(8)).await.unwrap();
        assert!(matches!(&closed, turns::Quiet::Closed(closed) if closed.id == turn), "{closed:?}");
        let (next, is_new) = join(&mut tx, later(8)).await;
        assert!(is_new && next != turn, "a closed turn takes nothing more");
        let (third, _) = join(&mut tx, later(60)).await;
        assert_ne!(third, next, "nor does one that is long over");
        tx.commit().await.unwrap();
        assert_eq!(
            conversations::get(&world.db, &place.conversation.id).await.unwrap().contact_id,
            place.contact
        );
    })
    .await;
}

#[tokio::test]
async fn users_sign_in_with_a_session_and_programs_with_a_token() {
    on_each_engine(async |world| {
        let mut tx = world.tx().await;
        let ada = users::insert(&mut tx, &world.ids, "Ada@Example.org", "Ada", Role::Agent, "hash", NOON)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = world.tx().await;
        let again =
            users::insert(&mut tx, &world.ids, "ada@example.org", "Eve", Role::Agent, "hash", NOON).await;
        assert!(matches!(again, Err(StoreError::Duplicate(_))), "{again:?}");
        drop(tx);
        let (user, hash) = users::by_email(&world.db, "ADA@example.ORG").await.unwrap().unwrap();
        assert_eq!((&user.id, hash.as_str()), (&ada, "hash"));
        assert!(users::exists(&world.db, &ada).await.unwrap());
        assert!(!users::exists(&world.db, &"none".into()).await.unwrap());

        let hour = Duration::from_secs(3_600);
        let mut tx = world.tx().await;
        begin(&mut tx, "s1", "c1", &ada, hour).await;
        begin(&mut tx, "s2", "c2", &ada, 2 * hour).await;
        let robot = users::NewToken { name: "robot", user: Some(&ada), scopes: None, expires_at: None };
        let house = users::NewToken { name: "house", user: None, scopes: None, expires_at: None };
        users::add_token(&mut tx, &world.ids, "t1", &robot, NOON).await.unwrap();
        users::add_token(&mut tx, &world.ids, "t2", &house, NOON).await.unwrap();
        tx.commit().await.unwrap();
        let session = sessions::by_secret(&world.db, "s1", later(3_599)).await.unwrap().unwrap();
        assert_eq!((session.user.id, session.csrf_token.as_str()), (ada.clone(), "c1"));
        assert!(sessions::by_secret(&world.db, "s1", later(3_600)).await.unwrap().is_none(), "run out");
        assert!(sessions::by_secret(&world.db, "c1", NOON).await.unwrap().is_none());
        assert_eq!(users::by_token(&world.db, "t1", NOON).await.unwrap().unwrap().user.unwrap().id, ada);
        assert!(users::by_token(&world.db, "t2", NOON).await.unwrap().unwrap().user.is_none());
        assert!(users::by_token(&world.db, "t3", NOON).await.unwrap().is_none());
        // A token may do what its person may and its scopes name; nobody's all that its scopes name.
        let scopes: Rights = [Right::TicketsRead, Right::AuditRead].into_iter().collect();
        let cut = users::NewToken { name: "cut", user: Some(&ada), scopes: Some(&scopes), expires_at: None };
        let free = users::NewToken { name: "free", user: None, scopes: Some(&scopes), expires_at: None };
        let mut tx = world.tx().await;
        users::add_token(&mut tx, &world.ids, "t4", &cut, NOON).await.unwrap();
        users::add_token(&mut tx, &world.ids, "t5", &free, NOON).await.unwrap();
        tx.commit().await.unwrap();
        let rights = async |token| users::by_token(&world.db, token, NOON).await.unwrap().unwrap().rights;
        assert_eq!(rights("t4").await, [Right::TicketsRead].into_iter().collect());
        assert_eq!((rights("t5").await, rights("t2").await), (scopes, Rights::all()));
        // What is given beside the role, and another role, count at once.
        let given: Rights = [Right::IdentityDocumentsRead].into_iter().collect();
        let mut tx = world.tx().await;
        assert_eq!(users::administrators(&mut tx).await.unwrap(), 0);
        users::set_granted(&mut tx, &ada, &given).await.unwrap();
        let agent = users::get(&mut tx, &ada).await.unwrap().unwrap();
        assert_eq!(agent.rights().unwrap(), Role::Agent.rights().with(&given));
        users::set_role(&mut tx, &ada, Role::Administrator).await.unwrap();
        assert_eq!(users::administrators(&mut tx).await.unwrap(), 1);
        let administrator = users::get(&mut tx, &ada).await.unwrap().unwrap();
        assert_eq!(
            (administrator.rights().unwrap(), administrator.granted().unwrap()),
            (Rights::all(), given)
        );
        assert_eq!(users::get(&mut tx, &"01NONE".into()).await.unwrap().map(|user| user.id), None);
        drop(tx);

        let mut tx = world.tx().await;
        sessions::end(&mut tx, "s1").await.unwrap();
        tx.commit().await.unwrap();
        assert!(sessions::by_secret(&world.db, "s1", NOON).await.unwrap().is_none());
        let mut tx = world.tx().await;
        users::set_password(&mut tx, &ada, "other").await.unwrap();
        tx.commit().await.unwrap();
        assert!(
            sessions::by_secret(&world.db, "s2", NOON).await.unwrap().is_none(),
            "a new password ends every session"
        );
        assert_eq!(users::by_email(&world.db, "ada@example.org").await.unwrap().unwrap().1, "other");
        let mut tx = world.tx().await;
        begin(&mut tx, "s3", "c3", &ada, hour).await;
        users::disable(&mut tx, &ada, later(5)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(users::by_email(&world.db, "ada@example.org").await.unwrap().is_none());
        assert!(users::by_token(&world.db, "t1", NOON).await.unwrap().is_none(), "who left has no token");
        assert!(users::list(&world.db).await.unwrap().is_empty());
        assert_eq!(users::accounts(&world.db).await.unwrap()[0].disabled_at, Some(later(5)));
        let mut tx = world.tx().await;
        users::enable(&mut tx, &ada).await.unwrap();
        tx.commit().await.unwrap();
        let account = users::account(&world.db, "ADA@example.org").await.unwrap().unwrap();
        assert_eq!((account.id, account.disabled_at), (ada, None));
        assert!(users::by_email(&world.db, "ada@example.org").await.unwrap().is_some());
        assert!(
            sessions::by_secret(&world.db, "s3", NOON).await.unwrap().is_none(),
            "what ended stays ended"
        );
        assert!(users::by_token(&world.db, "t1", NOON).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn what_happens_before_the_first_ticket_is_told_by_whichever_ticket_comes() {
    on_each_engine(async |world| {
        let mut tx = world.tx().await;
        let channel =
            store::channels::of_account(&mut tx, &world.ids, "whatsapp", "7", "Support", NOON).await.unwrap();
        tx.commit().await.unwrap();
        let early = async |contact: &ContactId, id: &str| {
            let mut tx = world.tx().await;
            let talk = conversations::of(&mut tx, &world.ids, contact, &channel.id, NOON).await.unwrap();
            for _ in 0..2 {
                let data = serde_json::json!({ "body": id });
                events::add_early(&mut tx, &id.into(), &talk.id, "identity.changed", &data, later(1))
                    .await
                    .unwrap();
            }
            tx.commit().await.unwrap();
        };
        let told = async |ticket: &TicketId| -> Vec<String> {
            let events = events::list(&world.db, ticket, None, false, 10).await.unwrap();
            events.into_iter().filter(|e| e.kind == "identity.changed").map(|e| e.id.0).collect()
        };
        let ada = recognise(world, &[Identity::wa_id("393330001")], NOON).await;
        early(&ada, "of-ada").await;
        let place = world.ticket_of("393330001").await;
        assert_eq!(told(&place.ticket).await, ["of-ada"]);
        // Somebody who never had a ticket turns out to be Ada.
        let other = recognise(world, &[Identity::wa_id("393330002")], NOON).await;
        early(&other, "of-other").await;
        let mut tx = world.tx().await;
        contacts::merge(&mut tx, &world.ids, &ada, &other, later(10)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(told(&place.ticket).await, ["of-ada", "of-other"]);
    })
    .await;
}
