//! The knowledge base: search it, read it, send an article to a customer.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, Query, State},
};
use model::{
    Timestamp,
    ids::{ArticleId, AttachmentId, TicketId},
};
use serde::{Deserialize, Serialize};
use store::articles::{self, Why};
use utoipa::{IntoParams, ToSchema};

use super::{
    Web,
    access::Reached,
    auth::Caller,
    error::{ApiError, ApiResult},
    page::Page,
};
use crate::{articles::Suggestion, guide};

/// An article in one language.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleText {
    pub title: String,
    /// A line each.
    pub symptoms: String,
    /// Markdown.
    pub body: String,
}

/// An article, and why it was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Article {
    pub id: String,
    /// The name of its folder.
    pub slug: String,
    pub products: Vec<String>,
    pub codes: Vec<String>,
    /// Where it was written: `folder`.
    pub origin: String,
    pub is_published: bool,
    /// How many customers said so.
    pub helped: i64,
    pub did_not_help: i64,
    /// By language.
    pub texts: BTreeMap<String, ArticleText>,
    /// Empty when nothing was searched for.
    pub why: Vec<ArticleMatch>,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// What was asked, and where it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleMatch {
    pub word: String,
    /// `code`, `product`, `title`, `symptom` or `body`.
    pub place: String,
}

impl Article {
    fn of(article: articles::Article, why: Vec<Why>) -> Self {
        let text = |text: articles::Text| ArticleText {
            title: text.title,
            symptoms: text.symptoms,
            body: text.body,
        };
        Self {
            id: article.id.0,
            slug: article.slug,
            products: article.products,
            codes: article.codes,
            origin: article.origin,
            is_published: article.is_published,
            helped: article.helped,
            did_not_help: article.did_not_help,
            texts: article.texts.into_iter().map(|(language, written)| (language, text(written))).collect(),
            why: why.into_iter().map(|why| ArticleMatch { word: why.word, place: why.place }).collect(),
            updated_at: article.updated_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ArticleQuery {
    /// A code, a product, words of a customer. Everything, by name, without it.
    pub q: Option<String>,
    /// The language of the words: `en`, `it`, `es`, `pt` or `hi`; `en` when left out.
    pub language: Option<String>,
}

const FOUND_MAX: usize = 20;

#[utoipa::path(get, path = "/api/v1/articles", tag = "articles", params(ArticleQuery), responses((status = 200, body = Page<Article>)))]
pub async fn list(
    State(web): State<Web>,
    Query(query): Query<ArticleQuery>,
) -> ApiResult<Json<Page<Article>>> {
    let db = &web.app.db;
    let Some(words) = query.q.filter(|q| !q.trim().is_empty()) else {
        let all = articles::list(db).await?;
        return Ok(Json(Page::whole(
            all.into_iter().map(|article| Article::of(article, Vec::new())).collect(),
        )));
    };
    let words: String = words.chars().take(500).collect();
    let language = query.language.as_deref().unwrap_or("en");
    let mut found = Vec::new();
    for hit in articles::search(db, &words, language, FOUND_MAX).await? {
        if let Some(article) = articles::get(db, &hit.id).await? {
            found.push(Article::of(article, hit.why));
        }
    }
    Ok(Json(Page::whole(found)))
}

#[utoipa::path(get, path = "/api/v1/articles/{id}", tag = "articles", params(("id" = String, Path)), responses((status = 200, body = Article)))]
pub async fn get(State(web): State<Web>, Path(id): Path<String>) -> ApiResult<Json<Article>> {
    let article = articles::get(&web.app.db, &ArticleId(id)).await?;
    let article = article.ok_or_else(|| ApiError::not_found("article"))?;
    Ok(Json(Article::of(article, Vec::new())))
}

/// One message of an article.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleMessage {
    pub text: String,
    /// The picture above the words.
    pub attachment_id: Option<String>,
}

/// An article as a customer gets it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleMessages {
    /// The asked one, or the next best in which it is written.
    pub language: String,
    pub messages: Vec<ArticleMessage>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ArticleMessagesQuery {
    /// The language of the customer; the desk's own when left out.
    pub language: Option<String>,
}

/// The short messages that a customer would get, in their order.
#[utoipa::path(get, path = "/api/v1/articles/{id}/messages", tag = "articles", params(("id" = String, Path), ArticleMessagesQuery), responses((status = 200, body = ArticleMessages)))]
pub async fn messages(
    State(web): State<Web>,
    Path(id): Path<String>,
    Query(query): Query<ArticleMessagesQuery>,
) -> ApiResult<Json<ArticleMessages>> {
    let app = &web.app;
    let article = articles::get(&app.db, &ArticleId(id)).await?;
    let article = article.ok_or_else(|| ApiError::not_found("article"))?;
    let wanted = query.language.as_deref().unwrap_or(&app.config.server.language);
    let language = article.text(wanted).map(|(language, _)| language.to_owned()).unwrap_or_default();
    let suggestion = Suggestion::of(&app.db, article, wanted).await?;
    let shown = |(text, picture): (&str, Option<&AttachmentId>)| ArticleMessage {
        text: text.to_owned(),
        attachment_id: picture.map(|id| id.0.clone()),
    };
    let messages = suggestion.messages().map(shown).collect();
    Ok(Json(ArticleMessages { language, messages }))
}

/// Which article to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleToSend {
    pub article_id: String,
}

/// Sends an article to the ticket's customer in their language, a short message after the other.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/articles", tag = "articles", params(("id" = String, Path)), request_body = ArticleToSend, responses((status = 200, body = Article)))]
pub async fn send(
    State(web): State<Web>,
    caller: Caller,
    Reached(ticket): Reached<TicketId>,
    Json(wanted): Json<ArticleToSend>,
) -> ApiResult<Json<Article>> {
    let app = &web.app;
    let row = store::tickets::get(&app.db, &ticket).await?.ok_or_else(|| ApiError::not_found("ticket"))?;
    let article = articles::get(&app.db, &ArticleId(wanted.article_id)).await?;
    let article = article.ok_or_else(|| ApiError::not_found("article"))?;
    let language = row.contact_language.unwrap_or_else(|| app.config.server.language.clone());
    let suggestion = Suggestion::of(&app.db, article.clone(), &language).await?;
    let mut tx = app.db.begin().await?;
    guide::taken_over(&mut tx, app, &ticket, caller.user_id()).await?;
    if !suggestion.send(&mut tx, app, &ticket, caller.user_id()).await? {
        return Err(ApiError::new(
            axum::http::StatusCode::CONFLICT,
            "window_closed",
            "the customer last wrote more than 24 hours ago; send a template, or wait until they write again",
        ));
    }
    tx.commit().await?;
    Ok(Json(Article::of(article, Vec::new())))
}
