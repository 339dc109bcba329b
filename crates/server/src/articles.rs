//! The knowledge base: articles in Markdown, kept in a folder, found by code and by words, sent in short messages.
//!
//! `articles/NAME/en.md`, `it.md` … are one article in several languages; pictures lie beside them. Each file begins
//! with what leads to it:
//!
//! ```text
//! ---
//! title: The washing machine shows E20
//! products: [WX-700]
//! codes: [E20]
//! symptoms: [water stays in the drum]
//! ---
//! 1. Switch the machine off and open the small door. ![](door.jpg)
//! ```

mod folder;
mod messages;

use std::collections::BTreeMap;

use model::{
    ids::{AttachmentId, TicketId, UserId},
    outbound::{OutMedia, Outbound},
};
use store::{
    Db, Tx,
    articles::{self, Article, Found, Picture, Why},
    attachments,
};

pub use self::{folder::watch, messages::Piece};
use crate::{
    app::App,
    error::AppError,
    outbox::{self, Draft, Refusal},
};

/// Articles that one search looks at more closely.
const FOUND_MAX: usize = 5;

/// An article, ready to be sent.
pub struct Suggestion {
    pub article: Article,
    /// Why it was found; empty when a person chose it.
    pub why: Vec<Why>,
    pictures: Vec<Picture>,
    pieces: Vec<Piece>,
}

/// The article that surely fits, with everything that is needed to send it.
pub async fn suggest(db: &Db, query: &str, language: &str) -> Result<Option<Suggestion>, AppError> {
    let found = articles::search(db, query, language, FOUND_MAX).await?;
    let Some(found) = found.into_iter().find(Found::is_sure) else { return Ok(None) };
    // Deleted between the two questions: nothing is suggested.
    let Some(article) = articles::get(db, &found.id).await? else { return Ok(None) };
    Ok(Some(Suggestion { why: found.why, ..Suggestion::of(db, article, language).await? }))
}

impl Suggestion {
    /// The article in this language, or in the next best.
    pub async fn of(db: &Db, article: Article, language: &str) -> Result<Self, AppError> {
        let pictures = articles::pictures(db, &article.id).await?;
        let text = article.text(language).map(|(_, text)| messages::cut(&text.title, &text.body));
        Ok(Self { pieces: text.unwrap_or_default(), article, why: Vec::new(), pictures })
    }

    /// For a flow that only wants to know of it.
    pub fn facts(&self) -> BTreeMap<String, String> {
        let title = self.article.text("en").map(|(_, text)| text.title.clone()).unwrap_or_default();
        [("article".to_owned(), self.article.slug.clone()), ("title".to_owned(), title)].into()
    }

    /// What is sent, in its order: words, and the picture that they stand under.
    pub fn messages(&self) -> impl Iterator<Item = (&str, Option<&AttachmentId>)> {
        self.pieces.iter().map(|piece| match piece {
            Piece::Words(words) => (words.as_str(), None),
            Piece::Picture { name, caption } => (caption.as_str(), self.picture(name)),
        })
    }

    /// Sends it to the ticket's customer, a short message after the other; `false` when the window is closed.
    pub async fn send(
        &self,
        tx: &mut Tx,
        app: &App,
        ticket: &TicketId,
        author: Option<&UserId>,
    ) -> Result<bool, AppError> {
        for piece in &self.pieces {
            let content = self.content(tx, app, piece).await?;
            let draft = Draft { content, author, reply_to: None };
            match outbox::queue(tx, app, ticket, draft).await {
                Ok(_) => {}
                Err(Refusal::App(error)) => return Err(error),
                Err(refusal) => {
                    tracing::warn!(article = self.article.slug, %refusal, "an article could not be sent");
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    async fn content(&self, tx: &mut Tx, app: &App, piece: &Piece) -> Result<Outbound, AppError> {
        let plain = |body: &str| Outbound::Text { body: body.to_owned(), preview_url: false };
        let (name, caption) = match piece {
            Piece::Words(words) => return Ok(plain(words)),
            Piece::Picture { name, caption } => (name, caption),
        };
        let shared = match self.picture(name) {
            Some(file) => attachments::share(tx, &app.ids, file, app.clock.now()).await?,
            None => None,
        };
        // A picture that is gone leaves its words.
        let Some(file) = shared else { return Ok(plain(caption)) };
        let caption = (!caption.is_empty()).then(|| caption.clone());
        Ok(Outbound::Image(OutMedia { attachment_id: Some(file), caption, ..OutMedia::default() }))
    }

    fn picture(&self, name: &str) -> Option<&AttachmentId> {
        self.pictures.iter().find(|known| known.name == name).map(|known| &known.attachment_id)
    }
}
