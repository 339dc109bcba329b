//! Contacts and the identities by which channels know them.
//!
//! Recognising somebody is a unique key on the identity. A retired identity (the customer has a new number)
//! still finds the history of messages sent before it was retired, and nobody after: numbers are given to
//! other people. Two contacts that turn out to be one person are merged, and no message is lost.

use model::{
    Ids, Timestamp,
    contact::{Identity, IdentityKind, language_of_phone},
    event::{IdentityChange, Sender},
    ids::ContactId,
};
use sqlx::FromRow;

use crate::{Db, Result, StoreError, Tx, conversations, search};

#[derive(Clone, Debug, FromRow)]
pub struct Contact {
    pub id: ContactId,
    pub name: Option<String>,
    pub language: Option<String>,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, FromRow)]
pub struct Known {
    pub kind: String,
    pub value: String,
    pub contact_id: ContactId,
    pub retired_at: Option<Timestamp>,
}

/// Who wrote this; a stranger becomes a contact. Learns identities and the name on the way.
pub async fn recognise(
    tx: &mut Tx,
    ids: &Ids,
    sender: &Sender,
    sent_at: Timestamp,
    now: Timestamp,
) -> Result<ContactId> {
    let mut found: Vec<ContactId> = Vec::new();
    for identity in
        sender.identities.iter().filter(|i| i.kind.recognises() && i.kind != IdentityKind::ParentBsuid)
    {
        if let Some(known) = known(tx, identity).await? {
            let is_current = known.retired_at.is_none_or(|at| sent_at <= at);
            if is_current && !found.contains(&known.contact_id) {
                found.push(known.contact_id);
            }
        }
    }
    found.sort();
    let id = match found.split_first() {
        None => insert(tx, ids, sender, now).await?,
        Some((oldest, others)) => {
            for other in others {
                merge(tx, ids, oldest, other, now).await?;
            }
            oldest.clone()
        }
    };
    let mut is_changed = false;
    for identity in &sender.identities {
        is_changed |= learn(tx, &id, identity, sent_at, now).await?;
    }
    learn_language(tx, &id, &sender.identities).await?;
    if let Some(name) = sender.profile_name.as_deref().filter(|n| !n.trim().is_empty()) {
        let renamed = on_tx!(tx, c => sqlx::query("update contacts set name = $2, updated_at = $3 where id = $1 and (name is null or name <> $2)")
            .bind(&id).bind(name).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
        is_changed |= renamed > 0;
    }
    if is_changed {
        search::contact_changed(tx, &id).await?;
    }
    Ok(id)
}

/// A customer has a new number or id: the old identities are retired, the new ones lead to the same contact.
pub async fn rekey(tx: &mut Tx, ids: &Ids, change: &IdentityChange, now: Timestamp) -> Result<ContactId> {
    let old = Sender { identities: change.old.clone(), profile_name: None };
    let id = recognise(tx, ids, &old, change.at, now).await?;
    let was_current = |known: &Known| known.retired_at.is_none_or(|at| change.at <= at);
    for identity in &change.old {
        if change.new.contains(identity) {
            continue;
        }
        on_tx!(tx, c => sqlx::query("update identities set retired_at = $3 where kind = $1 and value = $2 and retired_at is null and contact_id = $4")
            .bind(identity.kind.as_str()).bind(&identity.value).bind(change.at).bind(&id)
            .execute(c).await.map(drop))?;
    }
    let mut survivor = id;
    for identity in &change.new {
        // One that was retired later than this change was theirs at its time: changes may arrive in any order.
        if let Some(known) = known(tx, identity).await?.filter(|k| k.contact_id != survivor && was_current(k))
        {
            let (keep, lose) = if known.contact_id < survivor {
                (known.contact_id, survivor)
            } else {
                (survivor, known.contact_id)
            };
            merge(tx, ids, &keep, &lose, now).await?;
            survivor = keep;
        }
        learn(tx, &survivor, identity, change.at, now).await?;
    }
    search::contact_changed(tx, &survivor).await?;
    learn_language(tx, &survivor, &change.new).await?;
    Ok(survivor)
}

async fn known(tx: &mut Tx, identity: &Identity) -> Result<Option<Known>> {
    Ok(
        on_tx!(tx, c => sqlx::query_as("select kind, value, contact_id, retired_at from identities where kind = $1 and value = $2")
        .bind(identity.kind.as_str()).bind(&identity.value).fetch_optional(c).await)?,
    )
}

/// Returns whether the contact is known by it only from now on.
async fn learn(
    tx: &mut Tx,
    id: &ContactId,
    identity: &Identity,
    at: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    if identity.kind == IdentityKind::Username {
        // One name a contact: the newest.
        on_tx!(tx, c => sqlx::query("delete from identities where contact_id = $1 and kind = 'username' and value <> $2")
            .bind(id).bind(&identity.value).execute(c).await.map(drop))?;
    }
    // A retired identity that somebody else uses now is theirs from then on.
    let learnt = on_tx!(tx, c => sqlx::query(
        "insert into identities (kind, value, contact_id, first_seen_at) values ($1, $2, $3, $4)
         on conflict (kind, value) do update set contact_id = excluded.contact_id, retired_at = null
         where identities.contact_id <> excluded.contact_id and (identities.retired_at < $5 or identities.kind = 'username')")
        .bind(identity.kind.as_str()).bind(&identity.value).bind(id).bind(now).bind(at)
        .execute(c).await.map(|done| done.rows_affected()))?;
    if learnt > 0 {
        search::identity_moved(tx, id, &identity.value).await?;
    }
    Ok(learnt > 0)
}

/// The first phone number that is seen suggests a language; a customer who hid it at first shows it later.
async fn learn_language(tx: &mut Tx, id: &ContactId, identities: &[Identity]) -> Result<()> {
    let phone = identities.iter().find(|i| i.kind == IdentityKind::WaId);
    if let Some(language) = phone.and_then(|i| language_of_phone(&i.value)) {
        on_tx!(tx, c => sqlx::query("update contacts set language = $2 where id = $1 and language is null")
            .bind(id).bind(language).execute(c).await.map(drop))?;
    }
    Ok(())
}

async fn insert(tx: &mut Tx, ids: &Ids, sender: &Sender, now: Timestamp) -> Result<ContactId> {
    let id = ContactId::new(ids, now);
    on_tx!(tx, c => sqlx::query("insert into contacts (id, name, created_at, updated_at) values ($1, $2, $3, $3)")
        .bind(&id).bind(sender.profile_name.as_deref()).bind(now).execute(c).await.map(drop))?;
    Ok(id)
}

/// Makes `lose`'s history `keep`'s. Blobs keep their owner's key; `merged_into` leads an erasure to it.
pub async fn merge(tx: &mut Tx, ids: &Ids, keep: &ContactId, lose: &ContactId, now: Timestamp) -> Result<()> {
    conversations::merge(tx, ids, keep, lose, now).await?;
    for sql in [
        "update identities set contact_id = $1 where contact_id = $2",
        "update tickets set contact_id = $1 where contact_id = $2",
        "update attachments set contact_id = $1 where contact_id = $2",
        "update contacts set merged_into = $1 where id = $2",
        "update contacts set name = (select l.name from contacts l where l.id = $2) where id = $1 and name is null",
        "update contacts set language = (select l.language from contacts l where l.id = $2) where id = $1 and language is null",
    ] {
        on_tx!(tx, c => sqlx::query(sql).bind(keep).bind(lose).execute(c).await.map(drop))?;
    }
    search::contact_changed(tx, keep).await
}

pub async fn get(db: &Db, id: &ContactId) -> Result<Contact> {
    on!(db, c => sqlx::query_as("select id, name, language, created_at from contacts where id = $1").bind(id).fetch_optional(c).await)?
        .ok_or_else(|| StoreError::corrupt("contact", id))
}

/// The identities that lead to the contact now, strongest first.
pub async fn identities(db: &Db, id: &ContactId) -> Result<Vec<Identity>> {
    let rows: Vec<Known> = on!(db, c => sqlx::query_as(
        "select kind, value, contact_id, retired_at from identities where contact_id = $1 and retired_at is null order by kind desc, value")
        .bind(id).fetch_all(c).await)?;
    let mut identities: Vec<Identity> = rows
        .into_iter()
        .filter_map(|row| Some(Identity { kind: IdentityKind::parse(&row.kind)?, value: row.value }))
        .collect();
    identities.sort_by_key(|i| i.kind);
    Ok(identities)
}

/// Whether a machine may answer them: `None` allows it again.
pub async fn set_unguided(tx: &mut Tx, id: &ContactId, since: Option<Timestamp>) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update contacts set unguided_at = $2 where id = $1").bind(id).bind(since).execute(c).await.map(drop))?;
    Ok(())
}
