//! Sessions, invitations, second factors and tokens: what opens, how often, and until when.

use std::time::Duration;

use model::{
    Timestamp,
    access::{Right, Rights, Role},
    ids::{InvitationId, SessionId, UserId},
};
use store::{
    Tx, invitations,
    keys::Keyring,
    second_factors,
    sessions::{self, NewSession},
    users,
};

use crate::{NOON, World, later, on_each_engine};

/// A session whose public name is its secret with an `S` before it.
pub async fn begin(tx: &mut Tx, secret: &str, csrf_token: &str, user: &UserId, life: Duration) {
    let id = SessionId(format!("S{secret}"));
    let agent = format!("Firefox\u{7}{}", "x".repeat(sessions::USER_AGENT_CHARS_MAX));
    let new = NewSession {
        id: &id,
        secret,
        csrf_token,
        user,
        user_agent: Some(&agent),
        address: "192.0.2.1",
        life,
    };
    sessions::begin(tx, &new, NOON).await.unwrap();
}

async fn person(world: &World, email: &str) -> UserId {
    let mut tx = world.tx().await;
    let id = users::insert(&mut tx, &world.ids, email, "Ada", Role::Agent, "hash", NOON).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_and_by_their_owner_only() {
    on_each_engine(async |world| {
        let (ada, eve) = (person(world, "ada@example.org").await, person(world, "eve@example.org").await);
        let hour = Duration::from_secs(3_600);
        let mut tx = world.tx().await;
        for (secret, user) in [("a1", &ada), ("a2", &ada), ("a3", &ada), ("e1", &eve)] {
            begin(&mut tx, secret, "c", user, hour).await;
        }
        sessions::seen(&mut tx, &"Sa2".into(), "192.0.2.9", later(60)).await.unwrap();
        tx.commit().await.unwrap();
        let names = async |user: &UserId, at| -> Vec<String> {
            let all = sessions::of_user(&world.db, user, at).await.unwrap();
            all.into_iter().map(|session| session.id.0).collect()
        };
        assert_eq!(names(&ada, later(60)).await, ["Sa2", "Sa3", "Sa1"], "the last used first");
        assert!(names(&ada, later(3_600)).await.is_empty(), "run out");
        let listed = sessions::of_user(&world.db, &ada, later(60)).await.unwrap();
        assert_eq!((listed[0].address.as_deref(), listed[0].seen_at), (Some("192.0.2.9"), later(60)));
        let agent = listed[0].user_agent.clone().unwrap();
        assert!(agent.starts_with("Firefoxx") && agent.len() == sessions::USER_AGENT_CHARS_MAX, "{agent}");
        let open = sessions::by_secret(&world.db, "a2", later(60)).await.unwrap().unwrap();
        assert_eq!((open.id.as_str(), open.seen_at), ("Sa2", later(60)));

        let mut tx = world.tx().await;
        assert!(!sessions::end_one(&mut tx, &eve, &"Sa1".into()).await.unwrap(), "somebody else's");
        assert!(sessions::end_one(&mut tx, &ada, &"Sa1".into()).await.unwrap());
        assert_eq!(sessions::end_others(&mut tx, &ada, &"Sa3".into()).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(
            (names(&ada, NOON).await, names(&eve, NOON).await),
            (vec!["Sa3".into()], vec!["Se1".into()])
        );
        let mut tx = world.tx().await;
        let account = users::account_of(&mut tx, &ada).await.unwrap().unwrap();
        assert_eq!(
            (account.seen_at, account.created_at, account.has_second_factor),
            (Some(NOON), NOON, false)
        );
        users::change_password(&mut tx, &ada, "new").await.unwrap();
        sessions::end_all(&mut tx, &eve).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(users::by_email(&world.db, "ada@example.org").await.unwrap().unwrap().1, "new");
        assert!(names(&eve, NOON).await.is_empty() && names(&ada, NOON).await.len() == 1);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_accepted_once_in_its_time_and_the_newest_counts() {
    on_each_engine(async |world| {
        let invite = async |secret: &str, email: &str, until: Timestamp| {
            let id = InvitationId::new(&world.ids, NOON);
            let new = invitations::NewInvitation {
                id: &id,
                secret,
                email,
                name: "Ada",
                role: Role::Agent,
                invited_by: "user:1",
                expires_at: until,
            };
            let mut tx = world.tx().await;
            invitations::add(&mut tx, &new, NOON).await.unwrap();
            tx.commit().await.unwrap();
            id
        };
        let opens =
            async |secret: &str, at| invitations::by_secret(&world.db, secret, at).await.unwrap().is_some();
        let first = invite("one", "Ada@example.org", later(60)).await;
        let second = invite("two", "ada@EXAMPLE.org", later(60)).await;
        let other = invite("three", "max@example.org", later(60)).await;
        assert!(!opens("one", NOON).await && opens("two", NOON).await && !opens("two", later(60)).await);
        assert!(!opens(second.as_str(), NOON).await, "a name opens nothing");
        let open = invitations::open(&world.db, NOON).await.unwrap();
        assert_eq!(open.iter().map(|one| &one.id).collect::<Vec<_>>(), [&other, &second]);
        let mut tx = world.tx().await;
        assert!(!invitations::accept(&mut tx, &first, NOON).await.unwrap(), "a newer one took its place");
        assert!(!invitations::accept(&mut tx, &second, later(60)).await.unwrap(), "too late");
        assert!(invitations::accept(&mut tx, &second, later(59)).await.unwrap());
        assert!(!invitations::accept(&mut tx, &second, later(59)).await.unwrap(), "once");
        assert_eq!(invitations::revoke(&mut tx, &second, NOON).await.unwrap(), None);
        let whose = invitations::revoke(&mut tx, &other, NOON).await.unwrap();
        assert_eq!(whose.as_deref(), Some("max@example.org"));
        assert!(!invitations::accept(&mut tx, &other, NOON).await.unwrap(), "taken back");
        tx.commit().await.unwrap();
        assert!(invitations::open(&world.db, NOON).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_sealed_counts_from_its_confirmation_and_takes_a_code_once() {
    on_each_engine(async |world| {
        let (ada, eve) = (person(world, "ada@example.org").await, person(world, "eve@example.org").await);
        let ring = Keyring::from_file(&world.dir.path().join("master.key"), &world.ids, NOON).unwrap();
        let mut tx = world.tx().await;
        for secret in [b"first", b"other"] {
            second_factors::begin(&mut tx, &ring, &world.ids, &ada, secret, NOON).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(second_factors::since(&world.db, &ada).await.unwrap(), None, "no code confirmed it");
        let held = async |user: &UserId| {
            let mut tx = world.tx().await;
            second_factors::hold(&mut tx, &ring, &world.ids, user, NOON).await.unwrap()
        };
        let begun = held(&ada).await.unwrap();
        assert_eq!((&begun.secret[..], begun.confirmed_at, begun.last_step), (&b"other"[..], None, 0));
        assert!(held(&eve).await.is_none());

        // Five wrong codes cost nothing; then each doubles the wait, a day at most.
        let fail = async |times: i64| {
            let mut tx = world.tx().await;
            for _ in 0..times {
                second_factors::failed(&mut tx, &ada, NOON).await.unwrap();
            }
            tx.commit().await.unwrap();
            held(&ada).await.unwrap().wait(later(10)).map(|wait| wait.as_secs())
        };
        assert_eq!((fail(4).await, fail(1).await, fail(1).await), (None, Some(20), Some(50)));
        assert_eq!(fail(60).await, Some(24 * 3_600 - 10));
        let mut tx = world.tx().await;
        second_factors::taken(&mut tx, &ada, 7, later(1)).await.unwrap();
        second_factors::taken(&mut tx, &ada, 8, later(2)).await.unwrap();
        tx.commit().await.unwrap();
        let kept = held(&ada).await.unwrap();
        assert_eq!((kept.confirmed_at, kept.last_step, kept.wait(later(10))), (Some(later(1)), 8, None));
        assert_eq!(second_factors::since(&world.db, &ada).await.unwrap(), Some(later(1)));
        assert!(users::account(&world.db, "ada@example.org").await.unwrap().unwrap().has_second_factor);
        assert!(!users::accounts(&world.db).await.unwrap()[1].has_second_factor);
        // A confirmed one is not replaced behind its owner's back.
        let mut tx = world.tx().await;
        assert!(second_factors::begin(&mut tx, &ring, &world.ids, &ada, b"third", NOON).await.is_err());
        drop(tx);

        let codes = ["ONE".to_owned(), "TWO".to_owned()];
        let mut tx = world.tx().await;
        second_factors::set_recovery_codes(&mut tx, &ada, &codes, NOON).await.unwrap();
        assert!(!second_factors::use_recovery_code(&mut tx, &eve, "ONE", NOON).await.unwrap(), "not hers");
        assert!(second_factors::use_recovery_code(&mut tx, &ada, "ONE", NOON).await.unwrap());
        assert!(!second_factors::use_recovery_code(&mut tx, &ada, "ONE", NOON).await.unwrap(), "once");
        tx.commit().await.unwrap();
        assert_eq!(second_factors::recovery_codes_left(&world.db, &ada).await.unwrap(), 1);
        let mut tx = world.tx().await;
        assert!(second_factors::remove(&mut tx, &ada).await.unwrap());
        assert!(!second_factors::remove(&mut tx, &ada).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(second_factors::recovery_codes_left(&world.db, &ada).await.unwrap(), 0);
        assert!(held(&ada).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn tokens_are_listed_while_they_open_and_end_by_time_or_by_hand() {
    on_each_engine(async |world| {
        let ada = person(world, "ada@example.org").await;
        let scopes: Rights = [Right::TicketsRead].into_iter().collect();
        let mut tx = world.tx().await;
        let brief = users::NewToken {
            name: "brief",
            user: Some(&ada),
            scopes: Some(&scopes),
            expires_at: Some(later(60)),
        };
        let long = users::NewToken { name: "long", user: None, scopes: Some(&scopes), expires_at: None };
        let brief = users::add_token(&mut tx, &world.ids, "t1", &brief, NOON).await.unwrap();
        let long = users::add_token(&mut tx, &world.ids, "t2", &long, NOON).await.unwrap();
        tx.commit().await.unwrap();
        let opens = async |secret: &str, at| users::by_token(&world.db, secret, at).await.unwrap().is_some();
        assert!(
            opens("t1", later(59)).await && !opens("t1", later(60)).await && opens("t2", later(60)).await
        );
        let listed = users::tokens(&world.db, NOON).await.unwrap();
        assert_eq!(listed.iter().map(|one| &one.id).collect::<Vec<_>>(), [&long, &brief]);
        let one = &listed[1];
        assert_eq!((one.user_name.as_deref(), one.user_id.as_ref()), (Some("Ada"), Some(&ada)));
        assert_eq!((one.scopes().unwrap(), one.expires_at), (Some(scopes), Some(later(60))));
        assert_eq!(users::tokens(&world.db, later(60)).await.unwrap().len(), 1, "one has ended");
        let mut tx = world.tx().await;
        assert_eq!(users::revoke_token(&mut tx, &long, NOON).await.unwrap().as_deref(), Some("long"));
        assert_eq!(users::revoke_token(&mut tx, &long, NOON).await.unwrap(), None);
        tx.commit().await.unwrap();
        assert!(!opens("t2", NOON).await);
    })
    .await;
}
