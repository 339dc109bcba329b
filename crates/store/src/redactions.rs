//! What people made black in pictures for good: the places, and the pictures in the place of those that showed more.

use std::collections::HashMap;

use model::{
    Ids, Timestamp,
    ids::{AttachmentId, BlobId, RedactionId},
    redaction::Area,
};
use sqlx::FromRow;

use crate::{
    Db, Result, Tx,
    attachments::{NewRendition, Rendition},
};

#[derive(FromRow)]
struct Row {
    page: Option<i64>,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
}

impl From<Row> for Area {
    fn from(row: Row) -> Self {
        let px = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            page: row.page.map(px),
            x: px(row.x),
            y: px(row.y),
            width: px(row.width),
            height: px(row.height),
        }
    }
}

const OF: &str = "select page, x, y, width, height from redactions where attachment_id = $1 order by id";

/// Every box of a file, in the order in which they were drawn.
pub async fn of(db: &Db, attachment: &AttachmentId) -> Result<Vec<Area>> {
    let rows: Vec<Row> = on!(db, c => sqlx::query_as(OF).bind(attachment).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Area::from).collect())
}

pub async fn of_in(tx: &mut Tx, attachment: &AttachmentId) -> Result<Vec<Area>> {
    let rows: Vec<Row> = on_tx!(tx, c => sqlx::query_as(OF).bind(attachment).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Area::from).collect())
}

/// How many boxes these files have, those that have any.
pub async fn counts(db: &Db, attachments: &[&str]) -> Result<HashMap<AttachmentId, i64>> {
    let sql = db.engine().pick(
        "select attachment_id, count(*) from redactions where attachment_id in (select value from json_each($1)) group by attachment_id",
        "select attachment_id, count(*) from redactions where attachment_id in (select json_array_elements_text($1::json)) group by attachment_id",
    );
    let list = serde_json::json!(attachments).to_string();
    let rows: Vec<(AttachmentId, i64)> = on!(db, c => sqlx::query_as(sql).bind(list).fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}

/// Nobody else changes what is drawn of this file until the transaction ends; gives what is drawn of it now.
pub async fn hold(tx: &mut Tx, attachment: &AttachmentId) -> Result<Vec<Rendition>> {
    let sql = tx.engine().pick(
        "select id from attachments where id = $1",
        "select id from attachments where id = $1 for no key update",
    );
    let _: Option<AttachmentId> =
        on_tx!(tx, c => sqlx::query_scalar(sql).bind(attachment).fetch_optional(c).await)?;
    Ok(on_tx!(tx, c => sqlx::query_as(
        "select attachment_id, name, blob_id, mime_type, width, height, size_bytes from renditions where attachment_id = $1 order by name")
        .bind(attachment).fetch_all(c).await)?)
}

pub async fn add(
    tx: &mut Tx,
    ids: &Ids,
    attachment: &AttachmentId,
    areas: &[Area],
    actor: &str,
    now: Timestamp,
) -> Result<()> {
    for area in areas {
        on_tx!(tx, c => sqlx::query(
            "insert into redactions (id, attachment_id, page, x, y, width, height, actor, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(RedactionId::new(ids, now)).bind(attachment).bind(area.page.map(i64::from))
            .bind(i64::from(area.x)).bind(i64::from(area.y)).bind(i64::from(area.width)).bind(i64::from(area.height))
            .bind(actor).bind(now)
            .execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Puts these in the place of the renditions of the same names. Returns the blobs that nothing points to from now on:
/// to be deleted once the transaction has committed.
pub async fn repaint(
    tx: &mut Tx,
    attachment: &AttachmentId,
    renditions: &[NewRendition<'_>],
    now: Timestamp,
) -> Result<Vec<BlobId>> {
    let mut gone = Vec::new();
    for new in renditions {
        let before: Vec<BlobId> = on_tx!(tx, c => sqlx::query_scalar("select blob_id from renditions where attachment_id = $1 and name = $2")
            .bind(attachment).bind(new.name).fetch_all(c).await)?;
        on_tx!(tx, c => sqlx::query(
            "update renditions set blob_id = $3, mime_type = $4, width = $5, height = $6, size_bytes = $7 where attachment_id = $1 and name = $2")
            .bind(attachment).bind(new.name).bind(new.blob_id).bind(new.mime_type).bind(new.width).bind(new.height)
            .bind(new.size_bytes).execute(c).await.map(drop))?;
        gone.extend(unused(tx, before).await?);
    }
    on_tx!(tx, c => sqlx::query("update attachments set updated_at = $2 where id = $1")
        .bind(attachment).bind(now).execute(c).await.map(drop))?;
    Ok(gone)
}

/// What takes the place of an original that is erased.
pub struct Remains<'a> {
    pub blob_id: &'a BlobId,
    pub mime_type: &'a str,
    pub size_bytes: i64,
    pub sha256: &'a str,
    pub width: i64,
    pub height: i64,
}

/// The file is what remains of it from here on; returns the blobs that nothing points to any more.
pub async fn erase_original(
    tx: &mut Tx,
    attachment: &AttachmentId,
    remains: &Remains<'_>,
    now: Timestamp,
) -> Result<Vec<BlobId>> {
    let before: Vec<Option<BlobId>> = on_tx!(tx, c => sqlx::query_scalar("select blob_id from attachments where id = $1")
        .bind(attachment).fetch_all(c).await)?;
    on_tx!(tx, c => sqlx::query(
        "update attachments set blob_id = $2, mime_type = $3, size_bytes = $4, sha256 = $5, width = $6, height = $7, external_id = null,
           updated_at = $8 where id = $1")
        .bind(attachment).bind(remains.blob_id).bind(remains.mime_type).bind(remains.size_bytes).bind(remains.sha256)
        .bind(remains.width).bind(remains.height).bind(now)
        .execute(c).await.map(drop))?;
    unused(tx, before.into_iter().flatten().collect()).await
}

/// Forgets those of these blobs that no file and no rendition points to; gives them.
async fn unused(tx: &mut Tx, blobs: Vec<BlobId>) -> Result<Vec<BlobId>> {
    let mut gone = Vec::new();
    for blob in blobs {
        let deleted = on_tx!(tx, c => sqlx::query(
            "delete from blobs where id = $1 and not exists (select 1 from renditions where blob_id = $1)
             and not exists (select 1 from attachments where blob_id = $1)")
            .bind(&blob).execute(c).await.map(|done| done.rows_affected()))?;
        if deleted > 0 {
            gone.push(blob);
        }
    }
    Ok(gone)
}
