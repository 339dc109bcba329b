//! What people made black, and the files of a ticket and of a contact.

use model::{
    finding::Verdict,
    ids::{BlobId, UserId},
    redaction::Area,
};
use store::{
    attachments::{
        self, Arrived, NewRendition,
        listing::{self, Of},
    },
    findings,
    keys::HOUSE,
    redactions::{self, Remains},
    search::Query,
    tickets::{self, Assignee, Filter, Viewer},
};

use crate::{
    NOON,
    findings::{analysis, keep, picture, vault},
    on_each_engine,
};

#[tokio::test]
async fn what_is_made_black_leaves_the_pictures_the_findings_and_the_search() {
    on_each_engine(async |world| {
        let place = world.ticket_of("1").await;
        let (id, other) = (picture(world, &place, "m1").await, picture(world, &place, "m2").await);
        let blobs = vault(world);
        let put = async |bytes: &[u8]| {
            let written = blobs.put(bytes, NOON).await.unwrap();
            let mut tx = world.tx().await;
            blobs.insert(&mut tx, &written, HOUSE, NOON).await.unwrap();
            tx.commit().await.unwrap();
            written.id
        };
        fn view(blob_id: &BlobId) -> NewRendition<'_> {
            NewRendition {
                name: "view",
                blob_id,
                mime_type: "image/jpeg",
                width: 10,
                height: 10,
                size_bytes: 5,
            }
        }
        let (original, clear, black, shared) =
            (put(b"original").await, put(b"clear").await, put(b"black").await, put(b"shared").await);
        let arrived = Arrived { blob_id: &original, mime_type: "image/png", size_bytes: 8, sha256: "aa" };
        let mut tx = world.tx().await;
        attachments::fetched(&mut tx, &id, &arrived, NOON).await.unwrap();
        attachments::ready(&mut tx, &id, Some((20, 20)), &[view(&clear)], None, NOON).await.unwrap();
        tx.commit().await.unwrap();
        for text in ["FEHLER E18", "FEHLER E19"] {
            keep(world, &id, &analysis(Verdict::Usable, text), true).await;
        }
        assert_eq!(redactions::of(&world.db, &id).await.unwrap(), []);

        let area = Area { page: None, x: 1, y: 2, width: 5, height: 4 };
        let of_page = Area { page: Some(3), ..area };
        let mut tx = world.tx().await;
        let drawn = redactions::hold(&mut tx, &id).await.unwrap();
        assert_eq!(drawn.iter().map(|r| &r.blob_id).collect::<Vec<_>>(), [&clear]);
        redactions::add(&mut tx, &world.ids, &id, &[area, of_page], "user:1", NOON).await.unwrap();
        assert_eq!(redactions::of_in(&mut tx, &id).await.unwrap(), [area, of_page]);
        let gone = redactions::repaint(&mut tx, &id, &[view(&black)], NOON).await.unwrap();
        assert_eq!(gone, [clear], "what showed it has no row any more");
        findings::redact(&mut tx, &id, &[area]).await.unwrap();
        tx.commit().await.unwrap();
        let versions = findings::versions(&world.db, &id).await.unwrap();
        assert!(
            versions.len() == 2
                && versions.iter().all(|v| v.analysis.text.is_empty() && v.analysis.findings.is_empty())
        );
        let filter = Filter {
            statuses: vec![],
            assignee: Assignee::Anyone,
            team: None,
            is_snoozed: None,
            is_breached: false,
            order: store::tickets::Order::Activity,
            viewer: Viewer::ALL,
            query: Some(Query::read("fehler").unwrap()),
            before: None,
            limit: 10,
        };
        assert_eq!(tickets::list(&world.db, &filter).await.unwrap().len(), 0, "nor does a search find it");
        let counts = redactions::counts(&world.db, &[id.as_str(), other.as_str()]).await.unwrap();
        assert_eq!((counts.get(&id), counts.get(&other)), (Some(&2), None));

        // What something else is drawn with stays.
        let mut tx = world.tx().await;
        attachments::ready(&mut tx, &other, None, &[view(&black)], None, NOON).await.unwrap();
        assert_eq!(redactions::repaint(&mut tx, &id, &[view(&shared)], NOON).await.unwrap(), []);
        let remains = Remains {
            blob_id: &shared,
            mime_type: "image/jpeg",
            size_bytes: 6,
            sha256: "bb",
            width: 10,
            height: 10,
        };
        assert_eq!(redactions::erase_original(&mut tx, &id, &remains, NOON).await.unwrap(), [original]);
        tx.commit().await.unwrap();
        let file = attachments::get(&world.db, &id).await.unwrap().unwrap();
        assert_eq!((file.blob_id, file.sha256.as_deref(), file.width), (Some(shared), Some("bb"), Some(10)));
    })
    .await;
}

#[tokio::test]
async fn files_are_listed_by_ticket_and_by_contact_from_the_newest_on() {
    on_each_engine(async |world| {
        let (one, two) = (world.ticket_of("1").await, world.ticket_of("2").await);
        let first = picture(world, &one, "m1").await;
        let second = picture(world, &one, "m2").await;
        picture(world, &two, "m3").await;
        let nobody = UserId::from("nobody");
        for of in [Of::Ticket(&one.ticket), Of::Contact(&one.contact)] {
            let page = listing::list(&world.db, of, None, None, 1).await.unwrap();
            assert_eq!((page.len(), &page[0].attachment.id, page[0].ticket_number), (1, &second, 1));
            assert_eq!(page[0].direction, "in");
            let point = (page[0].attachment.created_at, second.as_str());
            let rest = listing::list(&world.db, of, None, Some(point), 9).await.unwrap();
            assert_eq!(rest.iter().map(|p| &p.attachment.id).collect::<Vec<_>>(), [&first]);
            assert!(listing::list(&world.db, of, Some(&nobody), None, 9).await.unwrap().is_empty());
        }
        assert!(listing::is_known(&world.db, &one.contact, None).await.unwrap());
        assert!(!listing::is_known(&world.db, &one.contact, Some(&nobody)).await.unwrap());
        assert!(!listing::is_known(&world.db, &"01NONE".into(), None).await.unwrap());
    })
    .await;
}
