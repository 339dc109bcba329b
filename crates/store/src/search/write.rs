//! The index is written in the transaction of what changes: added to when something comes, made anew when something
//! changes or is taken back.
//!
//! Whoever writes a ticket's words holds the ticket's row, so that what one adds another does not sweep away.

use std::collections::BTreeSet;

use model::{
    finding::Analysis,
    ids::{AttachmentId, ContactId, TicketId},
};

use super::{Place, Source, Text, cut, texts};
use crate::{Result, StoreError, Tx};

/// Of one text the beginning is found.
const WORDS_OF_TEXT_MAX: usize = 6_000;
/// Tickets of one contact that are brought in step with a new name at once; further ones keep the old one.
const TICKETS_MAX: i64 = 2_000;

const READ: [Place; 2] = [Place::Read, Place::Paper];

/// A message that came or went.
pub async fn said(tx: &mut Tx, ticket: &TicketId, text: &str) -> Result<()> {
    let Some(number) = hold(tx, ticket).await? else { return Ok(()) };
    add(tx, number, Place::Said, &words(cut::spans(text))).await
}

/// A note that somebody wrote.
pub async fn note(tx: &mut Tx, ticket: &TicketId, data: &serde_json::Value) -> Result<()> {
    match data.get("text").and_then(serde_json::Value::as_str) {
        Some(text) => said(tx, ticket, text).await,
        None => Ok(()),
    }
}

/// A file that was announced or sent, by its name.
pub async fn name_file(tx: &mut Tx, ticket: &TicketId, file: &AttachmentId) -> Result<()> {
    let name: Option<String> = on_tx!(tx, c => sqlx::query_scalar("select file_name from attachments where id = $1")
        .bind(file).fetch_one(c).await)?;
    let Some(name) = name else { return Ok(()) };
    let Some(number) = hold(tx, ticket).await? else { return Ok(()) };
    add(tx, number, Place::File, &words(cut::spans(&name))).await
}

/// What was read in a file is known; `is_new` when nothing was known of it before.
pub async fn write_read(tx: &mut Tx, ticket: &TicketId, analysis: &Analysis, is_new: bool) -> Result<()> {
    if !is_new {
        return rewrite(tx, ticket, &READ).await;
    }
    let Some(number) = hold(tx, ticket).await? else { return Ok(()) };
    let place = if analysis.is_identity_document() { Place::Paper } else { Place::Read };
    add(tx, number, place, &words(cut::spans(&analysis.text))).await
}

/// A ticket that has just been opened.
pub async fn opened(tx: &mut Tx, ticket: &TicketId) -> Result<()> {
    rewrite(tx, ticket, &[Place::Ticket, Place::Contact]).await
}

/// Makes the index of these places what their texts are now.
pub async fn rewrite(tx: &mut Tx, ticket: &TicketId, places: &[Place]) -> Result<()> {
    let Some(number) = hold(tx, ticket).await? else { return Ok(()) };
    for place in places {
        rewrite_place(tx, number, *place).await?;
    }
    Ok(())
}

async fn rewrite_place(tx: &mut Tx, number: i64, place: Place) -> Result<()> {
    let before: Vec<String> = on_tx!(tx, c => sqlx::query_scalar("select word from search_words where ticket = $1 and place = $2")
        .bind(number).bind(place.letter()).fetch_all(c).await)?;
    let before: BTreeSet<String> = before.into_iter().collect();
    let now = words_of(&texts::of_in(tx, number, place).await?);
    let gone: Vec<&String> = before.difference(&now).collect();
    if !gone.is_empty() {
        let sql = tx.engine().pick(
            "delete from search_words where ticket = $1 and place = $2 and word in (select value from json_each($3))",
            "delete from search_words where ticket = $1 and place = $2 and word in (select json_array_elements_text($3::json))",
        );
        let list = serde_json::json!(gone).to_string();
        on_tx!(tx, c => sqlx::query(sql).bind(number).bind(place.letter()).bind(list).execute(c).await.map(drop))?;
    }
    add(tx, number, place, &now.difference(&before).cloned().collect()).await
}

/// Only adds: for a ticket of which the index knows nothing yet.
pub(super) async fn add_all(tx: &mut Tx, ticket: &TicketId) -> Result<()> {
    let Some(number) = hold(tx, ticket).await? else { return Ok(()) };
    for place in Place::ALL {
        let words = words_of(&texts::of_in(tx, number, place).await?);
        add(tx, number, place, &words).await?;
    }
    Ok(())
}

async fn add(tx: &mut Tx, number: i64, place: Place, words: &BTreeSet<String>) -> Result<()> {
    if words.is_empty() {
        return Ok(());
    }
    let sql = tx.engine().pick(
        "insert into search_words (ticket, word, place) select $1, value, $2 from json_each($3) where true on conflict do nothing",
        "insert into search_words (ticket, word, place) select $1, json_array_elements_text($3::json), $2 on conflict do nothing",
    );
    let list = serde_json::to_string(words).map_err(|e| StoreError::corrupt("word", e))?;
    on_tx!(tx, c => sqlx::query(sql).bind(number).bind(place.letter()).bind(list).execute(c).await.map(drop))?;
    Ok(())
}

/// The ticket's number, and nobody else writes its words until the transaction ends.
async fn hold(tx: &mut Tx, ticket: &TicketId) -> Result<Option<i64>> {
    let sql = tx.engine().pick(
        "select number from tickets where id = $1",
        "select number from tickets where id = $1 for no key update",
    );
    Ok(on_tx!(tx, c => sqlx::query_scalar(sql).bind(ticket).fetch_optional(c).await)?)
}

/// A contact has another name or number: so have all their tickets.
///
/// Their rows are not held: only the reader of the inbox writes the words of contacts, one after the other.
pub async fn contact_changed(tx: &mut Tx, contact: &ContactId) -> Result<()> {
    let numbers: Vec<i64> = on_tx!(tx, c => sqlx::query_scalar("select number from tickets where contact_id = $1 order by number desc limit $2")
        .bind(contact).bind(TICKETS_MAX).fetch_all(c).await)?;
    for number in numbers {
        rewrite_place(tx, number, Place::Contact).await?;
    }
    Ok(())
}

/// An identity is somebody's: it leads no more to whoever had it before.
pub async fn identity_moved(tx: &mut Tx, owner: &ContactId, value: &str) -> Result<()> {
    let Some(word) = cut::spans(value).into_iter().map(|span| span.word).max_by_key(String::len) else {
        return Ok(());
    };
    let others: Vec<ContactId> = on_tx!(tx, c => sqlx::query_scalar(
        "select distinct t.contact_id from search_words w join tickets t on t.number = w.ticket
         where w.word = $1 and w.place = 'c' and t.contact_id <> $2 limit $3")
        .bind(word).bind(owner).bind(TICKETS_MAX).fetch_all(c).await)?;
    for other in others {
        contact_changed(tx, &other).await?;
    }
    Ok(())
}

/// What was read in a contact's files is forgotten.
pub async fn erase_read(tx: &mut Tx, contact: &ContactId) -> Result<()> {
    let tickets: Vec<TicketId> = on_tx!(tx, c => sqlx::query_scalar("select distinct ticket_id from attachments where contact_id = $1 and ticket_id is not null")
        .bind(contact).fetch_all(c).await)?;
    for ticket in tickets {
        rewrite(tx, &ticket, &READ).await?;
    }
    Ok(())
}

fn words_of(texts: &[Text]) -> BTreeSet<String> {
    texts.iter().flat_map(|text| words(text.spans())).collect()
}

fn words(spans: Vec<cut::Span>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for span in spans {
        if words.len() >= WORDS_OF_TEXT_MAX {
            break;
        }
        words.insert(span.word);
    }
    words
}

impl Source {
    /// Which part of the index a text stands in.
    pub const fn place(&self) -> Place {
        match self {
            Self::Message { .. } | Self::Note { .. } => Place::Said,
            Self::Read { .. } => Place::Read,
            Self::FileName { .. } => Place::File,
            Self::Number | Self::Subject | Self::Tag | Self::Field { .. } => Place::Ticket,
            Self::ContactName | Self::Phone | Self::Username | Self::Identity => Place::Contact,
        }
    }
}
