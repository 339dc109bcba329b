//! Native forms: an offer serves once, and only its owner's key opens what is kept sealed.

use model::{
    content::Media,
    ids::{AttachmentId, ContactId},
    message::Direction,
};
use store::{
    attachments,
    forms::{self, NewKey, Offer, SealedFile},
    keys::Keyring,
    messages,
};

use crate::{NOON, World, later, on_each_engine};

fn ring(world: &World) -> Keyring {
    Keyring::from_file(&world.dir.path().join("master.key"), &world.ids, NOON).unwrap()
}

#[tokio::test]
async fn the_newest_keys_of_each_number_open() {
    on_each_engine(async |world| {
        let ring = ring(world);
        assert!(forms::private_keys(&world.db, &ring).await.unwrap().is_empty());
        for (account, private, public) in [
            ("7", "a", "A"),
            ("7", "b", "B"),
            ("8", "c", "C"),
            ("7", "d", "D"),
            ("7", "e", "E"),
            ("7", "f", "F"),
        ] {
            let key = NewKey { account, private_key: private.as_bytes(), public_key: public };
            let mut tx = world.tx().await;
            forms::add_key(&mut tx, &ring, &world.ids, key, NOON).await.unwrap();
            tx.commit().await.unwrap();
        }
        let newest = forms::public_key(&world.db, "7").await.unwrap().unwrap();
        assert_eq!((newest.account.as_str(), newest.public_key.as_str()), ("7", "F"));
        assert!(forms::public_key(&world.db, "9").await.unwrap().is_none());
        let all = forms::private_keys(&world.db, &ring).await.unwrap();
        let all: Vec<&[u8]> = all.iter().map(|key| key.as_slice()).collect();
        assert_eq!(all, [b"f", b"e", b"d", b"c", b"b"], "four of a number, the newest first");
    })
    .await;
}

#[tokio::test]
async fn an_offer_serves_once_and_in_time() {
    on_each_engine(async |world| {
        let place = world.ticket_of("393331112223").await;
        let mut tx = world.tx().await;
        for (token, expires_at) in [("open", later(60)), ("over", later(5))] {
            let (form, ticket_id) = ("damage".to_owned(), place.ticket.clone());
            let offer = Offer {
                token: token.to_owned(),
                form,
                language: "it".to_owned(),
                ticket_id,
                expires_at,
                used_at: None,
            };
            forms::offer(&mut tx, &offer, NOON).await.unwrap();
        }
        assert!(forms::take(&mut tx, "open", later(10)).await.unwrap());
        assert!(!forms::take(&mut tx, "open", later(11)).await.unwrap(), "it was used");
        assert!(!forms::take(&mut tx, "over", later(10)).await.unwrap(), "it is over");
        assert!(!forms::take(&mut tx, "none", later(10)).await.unwrap());
        assert_eq!(forms::get_in(&mut tx, "over").await.unwrap().unwrap().used_at, None);
        tx.commit().await.unwrap();
        let used = forms::get(&world.db, "open").await.unwrap().unwrap();
        assert_eq!((used.used_at, used.ticket_id), (Some(later(10)), place.ticket));
        assert!(forms::get(&world.db, "none").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn what_opens_a_file_is_its_contacts_and_goes_with_its_arrival() {
    on_each_engine(async |world| {
        let ring = ring(world);
        let place = world.ticket_of("393331112223").await;
        let message = world.message(&place, Direction::In, Some("form:t"), NOON).await;
        let id = AttachmentId::new(&world.ids, NOON);
        let at = attachments::Place {
            message_id: &message,
            ticket_id: &place.ticket,
            contact_id: &place.contact,
            channel_id: &place.channel,
        };
        let sealed = SealedFile { attachment_id: &id, contact_id: &place.contact, seals: "{}" };
        let mut tx = world.tx().await;
        attachments::announce(&mut tx, &id, &at, "image", &Media::default(), later(600), NOON).await.unwrap();
        forms::keep_seals(&mut tx, &ring, &world.ids, &sealed, NOON).await.unwrap();
        // WhatsApp's message comes and names what the endpoint stored.
        assert!(messages::rename(&mut tx, &place.channel, "form:t", "wamid.1").await.unwrap());
        assert!(!messages::rename(&mut tx, &place.channel, "form:t", "wamid.2").await.unwrap());
        tx.commit().await.unwrap();
        let seals = forms::seals(&world.db, &ring, &id, Some(&place.contact)).await.unwrap().unwrap();
        assert_eq!(seals.as_slice(), b"{}");
        let stranger = ContactId::from("01NOBODY");
        assert!(forms::seals(&world.db, &ring, &id, Some(&stranger)).await.is_err());
        let mut tx = world.tx().await;
        forms::forget_seals(&mut tx, &id).await.unwrap();
        tx.commit().await.unwrap();
        assert!(forms::seals(&world.db, &ring, &id, Some(&place.contact)).await.unwrap().is_none());
    })
    .await;
}
