//! The knowledge base: articles, by the codes, products and words that lead to them.
//!
//! The words are cut and cut down to their stems here and not by an engine's full-text search: both engines rank
//! alike, an error code is one word, and why an article was found can be said.

mod index;

use std::collections::BTreeMap;

use model::{
    Ids, Timestamp,
    ids::{ArticleId, AttachmentId},
};
use sqlx::FromRow;

pub use self::index::{Found, Why, search};
use crate::{Db, Result, StoreError, Tx};

/// An article with everything that is said of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Article {
    pub id: ArticleId,
    pub slug: String,
    pub products: Vec<String>,
    pub codes: Vec<String>,
    pub origin: String,
    pub is_published: bool,
    pub helped: i64,
    pub did_not_help: i64,
    pub updated_at: Timestamp,
    /// By language.
    pub texts: BTreeMap<String, Text>,
}

impl Article {
    /// In this language, or in the next best.
    pub fn text(&self, language: &str) -> Option<(&str, &Text)> {
        let found = self.texts.get_key_value(language).or_else(|| self.texts.get_key_value("en"));
        found.or_else(|| self.texts.first_key_value()).map(|(language, text)| (language.as_str(), text))
    }
}

/// An article in one language.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text {
    pub title: String,
    /// A line each, as customers would say it.
    pub symptoms: String,
    /// Markdown.
    pub body: String,
}

/// What somebody wrote.
pub struct Written<'a> {
    pub slug: &'a str,
    pub products: &'a [String],
    pub codes: &'a [String],
    pub origin: &'a str,
    pub is_published: bool,
    pub texts: &'a BTreeMap<String, Text>,
}

#[derive(FromRow)]
struct Row {
    id: ArticleId,
    slug: String,
    products: String,
    codes: String,
    origin: String,
    is_published: bool,
    helped: i64,
    did_not_help: i64,
    updated_at: Timestamp,
}

#[derive(FromRow)]
struct TextRow {
    article_id: ArticleId,
    language: String,
    title: String,
    symptoms: String,
    body: String,
}

const SELECT: &str =
    "select id, slug, products, codes, origin, is_published, helped, did_not_help, updated_at from articles";

/// Stores an article under its slug, new or changed, and returns its id.
pub async fn put(tx: &mut Tx, ids: &Ids, article: &Written<'_>, now: Timestamp) -> Result<ArticleId> {
    let (products, codes) = (json(article.products)?, json(article.codes)?);
    let id: ArticleId = on_tx!(tx, c => sqlx::query_scalar(
        "insert into articles (id, slug, products, codes, origin, is_published, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $7)
         on conflict (slug) do update set products = excluded.products, codes = excluded.codes, origin = excluded.origin,
             is_published = excluded.is_published, updated_at = excluded.updated_at
         returning id")
        .bind(ArticleId::new(ids, now)).bind(article.slug).bind(products).bind(codes).bind(article.origin)
        .bind(article.is_published).bind(now).fetch_one(c).await)?;
    on_tx!(tx, c => sqlx::query("delete from article_texts where article_id = $1").bind(&id).execute(c).await.map(drop))?;
    for (language, text) in article.texts {
        on_tx!(tx, c => sqlx::query(
            "insert into article_texts (article_id, language, title, symptoms, body) values ($1, $2, $3, $4, $5)")
            .bind(&id).bind(language).bind(&text.title).bind(&text.symptoms).bind(&text.body).execute(c).await.map(drop))?;
    }
    index::write(tx, &id, article).await?;
    Ok(id)
}

/// Removes an article; `false` when there is none. A conversation that suggests it goes on without it.
pub async fn delete(tx: &mut Tx, id: &ArticleId) -> Result<bool> {
    for sql in [
        "delete from article_words where article_id = $1",
        "delete from article_texts where article_id = $1",
        "delete from article_pictures where article_id = $1",
    ] {
        on_tx!(tx, c => sqlx::query(sql).bind(id).execute(c).await.map(drop))?;
    }
    let gone = on_tx!(tx, c => sqlx::query("delete from articles where id = $1").bind(id).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(gone > 0)
}

/// Every article, by its slug.
pub async fn list(db: &Db) -> Result<Vec<Article>> {
    let rows: Vec<Row> = {
        let sql = format!("{SELECT} order by slug");
        on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(c).await)?
    };
    let texts: Vec<TextRow> = on!(db, c => sqlx::query_as(
        "select article_id, language, title, symptoms, body from article_texts").fetch_all(c).await)?;
    let mut by_article: BTreeMap<String, BTreeMap<String, Text>> = BTreeMap::new();
    for row in texts {
        let text = Text { title: row.title, symptoms: row.symptoms, body: row.body };
        by_article.entry(row.article_id.0).or_default().insert(row.language, text);
    }
    rows.into_iter()
        .map(|row| {
            let texts = by_article.remove(row.id.as_str()).unwrap_or_default();
            whole(row, texts)
        })
        .collect()
}

pub async fn get(db: &Db, id: &ArticleId) -> Result<Option<Article>> {
    let sql = format!("{SELECT} where id = $1");
    let row: Option<Row> =
        on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(None) };
    let texts: Vec<TextRow> = on!(db, c => sqlx::query_as(
        "select article_id, language, title, symptoms, body from article_texts where article_id = $1").bind(id).fetch_all(c).await)?;
    let texts = texts
        .into_iter()
        .map(|row| (row.language, Text { title: row.title, symptoms: row.symptoms, body: row.body }));
    whole(row, texts.collect()).map(Some)
}

/// Counts whether it helped a customer.
pub async fn count(tx: &mut Tx, id: &ArticleId, helped: bool) -> Result<()> {
    let sql = if helped {
        "update articles set helped = helped + 1 where id = $1"
    } else {
        "update articles set did_not_help = did_not_help + 1 where id = $1"
    };
    on_tx!(tx, c => sqlx::query(sql).bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// A picture of an article: a file of the house.
#[derive(Clone, Debug, FromRow)]
pub struct Picture {
    pub name: String,
    pub attachment_id: AttachmentId,
    pub sha256: Option<String>,
}

/// Keeps a picture under its name.
pub async fn put_picture(tx: &mut Tx, id: &ArticleId, name: &str, file: &AttachmentId) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "insert into article_pictures (article_id, name, attachment_id) values ($1, $2, $3)
         on conflict (article_id, name) do update set attachment_id = excluded.attachment_id")
        .bind(id).bind(name).bind(file).execute(c).await.map(drop))?;
    Ok(())
}

pub async fn pictures(db: &Db, id: &ArticleId) -> Result<Vec<Picture>> {
    Ok(on!(db, c => sqlx::query_as(
        "select p.name, p.attachment_id, a.sha256 from article_pictures p join attachments a on a.id = p.attachment_id
         where p.article_id = $1 order by p.name")
        .bind(id).fetch_all(c).await)?)
}

fn whole(row: Row, texts: BTreeMap<String, Text>) -> Result<Article> {
    Ok(Article {
        id: row.id,
        slug: row.slug,
        products: list_of(&row.products)?,
        codes: list_of(&row.codes)?,
        origin: row.origin,
        is_published: row.is_published,
        helped: row.helped,
        did_not_help: row.did_not_help,
        updated_at: row.updated_at,
        texts,
    })
}

fn json(list: &[String]) -> Result<String> {
    serde_json::to_string(list).map_err(|e| StoreError::corrupt("article", e))
}

fn list_of(text: &str) -> Result<Vec<String>> {
    serde_json::from_str(text).map_err(|e| StoreError::corrupt("article", e))
}
