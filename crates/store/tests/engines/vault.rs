//! Keys and sealed blobs: what opens, what does not, and what a new master key changes.

use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use model::{Ids, ids::BlobId};
use store::{
    StoreError,
    blobs::{self, Blobs},
    keys::{self, HOUSE, Keyring},
    seal::CHUNK_BYTES,
};

use crate::{NOON, World, on_each_engine};

fn ring(world: &World) -> Keyring {
    Keyring::from_file(&world.dir.path().join("master.key"), &world.ids, NOON).unwrap()
}

fn vault(world: &World) -> Blobs {
    let folder = format!("file:{}", world.dir.path().join("blobs").display());
    Blobs::new(Blobs::open_local(&folder).unwrap(), ring(world), world.ids.clone())
}

/// Bytes that differ from place to place.
fn plain(len: u64) -> Vec<u8> {
    (0..len).map(|n| u8::try_from(n * 31 % 251).unwrap()).collect()
}

async fn keep(world: &World, blobs: &Blobs, plain: &[u8], owner: &str) -> BlobId {
    let written = blobs.put(plain, NOON).await.unwrap();
    let mut tx = world.tx().await;
    blobs.insert(&mut tx, &written, owner, NOON).await.unwrap();
    tx.commit().await.unwrap();
    written.id
}

async fn read(world: &World, blobs: &Blobs, id: &BlobId, range: std::ops::Range<u64>) -> Vec<u8> {
    let parts: Vec<Bytes> = blobs.read(&world.db, id, range).await.unwrap().try_collect().await.unwrap();
    parts.concat()
}

#[tokio::test]
async fn any_range_is_opened_as_it_was_written() {
    on_each_engine(async |world| {
        let blobs = vault(world);
        let c = CHUNK_BYTES;
        for size in [0, 1, c - 1, c, c + 1, 2 * c, 2 * c + 5] {
            let plain = plain(size);
            let id = keep(world, &blobs, &plain, HOUSE).await;
            assert_eq!(blobs.read_all(&world.db, &id, size).await.unwrap(), plain, "{size}");
            for edge in [0, c, 2 * c, size] {
                for (from, to) in [
                    (edge.saturating_sub(1), edge + 1),
                    (edge, edge + 2),
                    (edge.saturating_sub(2), edge),
                    (0, edge),
                ] {
                    let cut = |at: u64| usize::try_from(at.min(size)).unwrap();
                    let expect = &plain[cut(from)..cut(to)];
                    assert_eq!(read(world, &blobs, &id, from..to).await, expect, "{size}: {from}..{to}");
                }
            }
        }
        let id = keep(world, &blobs, b"12345", HOUSE).await;
        assert!(matches!(blobs.read_all(&world.db, &id, 4).await, Err(StoreError::Unusable(_))));
        assert_eq!(blobs::find(&world.db, &id).await.unwrap().size_bytes, 5);
    })
    .await;
}

#[tokio::test]
async fn the_photos_of_an_album_make_one_key_together() {
    on_each_engine(async |world| {
        let blobs = vault(world);
        let first = blobs.put(b"first", NOON).await.unwrap();
        let mut tx = world.tx().await;
        blobs.insert(&mut tx, &first, "C1", NOON).await.unwrap();
        let commit = async {
            // Long enough for the second to find no key and to wait for the first one's end.
            tokio::time::sleep(Duration::from_millis(100)).await;
            tx.commit().await.unwrap();
        };
        let (second, ()) = tokio::join!(keep(world, &blobs, b"second", "C1"), commit);
        for (id, plain) in [(&first.id, b"first".as_slice()), (&second, b"second")] {
            assert_eq!(blobs.read_all(&world.db, id, 100).await.unwrap(), plain);
        }
    })
    .await;
}

#[tokio::test]
async fn a_blob_changes_hands_and_the_erased_take_theirs_with_them() {
    on_each_engine(async |world| {
        let blobs = vault(world);
        let mine = keep(world, &blobs, b"mine", "C1").await;
        let house = keep(world, &blobs, b"house", HOUSE).await;
        let before = blobs::find(&world.db, &house).await.unwrap();
        let mut tx = world.tx().await;
        blobs.hand_over(&mut tx, &house, "C2", NOON).await.unwrap();
        tx.commit().await.unwrap();
        let after = blobs::find(&world.db, &house).await.unwrap();
        assert_eq!(after.owner, "C2");
        assert_ne!(before.sealed_key, after.sealed_key);
        assert_eq!(read(world, &blobs, &house, 0..5).await, b"house");

        // To erase somebody is to destroy their key.
        world.raw("update keys set sealed_key = '' where owner = 'C1'").await;
        assert!(matches!(blobs.read(&world.db, &mine, 0..4).await.map(drop), Err(StoreError::Sealed(_))));
        let mut tx = world.tx().await;
        assert!(matches!(blobs.hand_over(&mut tx, &mine, "C2", NOON).await, Err(StoreError::Sealed(_))));
        drop(tx);
        assert_eq!(read(world, &blobs, &house, 0..5).await, b"house", "only theirs");
        assert!(keys::find(&world.db, blobs.ring(), "nobody").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_new_master_key_takes_over_every_owner_and_the_old_one_can_go() {
    on_each_engine(async |world| {
        let path = world.dir.path().join("master.key");
        let blobs = vault(world);
        let old = ring(world);
        let mut tx = world.tx().await;
        for n in 0..1_203 {
            keys::of_owner(&mut tx, &old, &world.ids, &format!("owner {n}"), NOON).await.unwrap();
        }
        tx.commit().await.unwrap();
        let id = keep(world, &blobs, b"before", "owner 7").await;

        let both = Keyring::rotate_file(&path, &world.ids, NOON).unwrap();
        assert_ne!(both.current_id(), old.current_id());
        assert_eq!(keys::rewrap(&world.db, &both, &world.ids).await.unwrap(), 1_203);
        assert_eq!(keys::rewrap(&world.db, &both, &world.ids).await.unwrap(), 0);
        let text = std::fs::read_to_string(&path).unwrap();
        let new = Keyring::parse(text.lines().next().unwrap()).unwrap();
        assert_eq!(keys::unopenable(&world.db, &new).await.unwrap(), 0);
        assert_eq!(keys::unopenable(&world.db, &old).await.unwrap(), 1_203);
        let blobs = Blobs::new(blobs.objects(), new, world.ids.clone());
        assert_eq!(read(world, &blobs, &id, 0..6).await, b"before");
        let other = Blobs::new(blobs.objects(), old, world.ids.clone());
        assert!(matches!(other.read(&world.db, &id, 0..6).await.map(drop), Err(StoreError::MasterKey(_))));
    })
    .await;
}

#[tokio::test]
async fn what_has_no_row_is_an_orphan_and_what_is_given_up_leaves_nothing() {
    on_each_engine(async |world| {
        let blobs = vault(world);
        let kept = keep(world, &blobs, b"kept", HOUSE).await;
        let stray = blobs.put(b"stray", NOON).await.unwrap().id;
        let mut writer = blobs.create(NOON).await.unwrap();
        writer.push(&plain(6 * 1024 * 1024)).await.unwrap();
        writer.abort().await;
        assert_eq!(blobs.orphans(&world.db).await.unwrap(), (vec![stray.clone()], vec![]));
        blobs.delete(&stray).await.unwrap();
        blobs.delete(&stray).await.unwrap();
        blobs.healthcheck(NOON).await.unwrap();
        blobs.delete(&kept).await.unwrap();
        assert_eq!(blobs.orphans(&world.db).await.unwrap(), (vec![], vec![kept.clone()]));
        assert_eq!(blobs::all(&world.db).await.unwrap(), vec![kept]);
        // Another world's blob under this row's name does not open.
        let ids = Ids::from_seed(99);
        assert_ne!(ids.ulid(NOON), world.ids.ulid(NOON));
        let whole = blobs.create(NOON).await.unwrap().finish().await.unwrap();
        assert_eq!(whole.size_bytes, 0);
    })
    .await;
}

#[test]
fn processes_that_start_together_agree_on_the_first_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("master.key");
    let gate = std::sync::Barrier::new(8);
    let ids: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8)
            .map(|seed| {
                let (path, gate) = (&path, &gate);
                scope.spawn(move || {
                    gate.wait();
                    let ring = Keyring::from_file(path, &Ids::from_seed(seed), NOON).unwrap();
                    ring.current_id().to_owned()
                })
            })
            .collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
}
