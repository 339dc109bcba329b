//! The words that lead to an article, and what they are worth.

use std::collections::{BTreeMap, BTreeSet};

use model::ids::ArticleId;
use rust_stemmers::{Algorithm, Stemmer};
use serde::Serialize;
use sqlx::FromRow;

use super::Written;
use crate::{Db, Result, StoreError, Tx, words};

/// Words of a search that count.
const ASKED_MAX: usize = 24;
/// Rows that one search reads; a word that stands in more places tells nothing.
const ROWS_MAX: i64 = 4_000;
/// Of a long article the beginning is found.
const WORDS_MAX: usize = 2_000;

/// An article that fits, and why.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    pub id: ArticleId,
    pub score: f64,
    pub why: Vec<Why>,
}

impl Found {
    /// Whether it may be suggested to a customer by itself: a code fits, or two words of its title or symptoms.
    pub fn is_sure(&self) -> bool {
        let counts = |why: &&Why| matches!(why.place.as_str(), "title" | "symptom");
        let words: BTreeSet<&str> = self.why.iter().filter(counts).map(|why| why.word.as_str()).collect();
        self.why.iter().any(|why| why.place == "code") || words.len() >= 2
    }
}

/// One reason: what was asked, and where it stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Why {
    pub word: String,
    /// `code`, `product`, `title`, `symptom` or `body`.
    pub place: String,
}

#[derive(FromRow)]
struct Row {
    word: String,
    article_id: ArticleId,
    place: String,
}

/// What a match is worth, by where it stands.
fn worth(place: &str) -> f64 {
    match place {
        "code" => 20.0,
        "symptom" => 4.0,
        "title" => 3.0,
        "product" => 2.0,
        _ => 1.0,
    }
}

pub(super) async fn write(tx: &mut Tx, id: &ArticleId, article: &Written<'_>) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from article_words where article_id = $1").bind(id).execute(c).await.map(drop))?;
    let mut rows: BTreeSet<(String, &str, &str)> = BTreeSet::new();
    for code in article.codes {
        rows.insert((normal_code(code), "", "code"));
    }
    for product in article.products {
        rows.extend(words::kept(product).into_iter().map(|word| (word, "", "product")));
    }
    for (language, text) in article.texts {
        for (written, place) in [(&text.title, "title"), (&text.symptoms, "symptom"), (&text.body, "body")] {
            let stems = words::kept(written).into_iter().map(|word| stem(&word, language));
            rows.extend(stems.map(|word| (word, language.as_str(), place)));
        }
    }
    rows.retain(|(word, ..)| !word.is_empty());
    let rows: Vec<[&str; 3]> = rows
        .iter()
        .take(WORDS_MAX)
        .map(|(word, language, place)| [word.as_str(), *language, *place])
        .collect();
    let list = serde_json::to_string(&rows).map_err(|e| StoreError::corrupt("article", e))?;
    let sql = tx.engine().pick(
        "insert into article_words (word, article_id, language, place)
         select json_extract(value, '$[0]'), $2, json_extract(value, '$[1]'), json_extract(value, '$[2]') from json_each($1)",
        "insert into article_words (word, article_id, language, place)
         select value->>0, $2, value->>1, value->>2 from json_array_elements($1::json)",
    );
    on_tx!(tx, c => sqlx::query(sql).bind(list).bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// The published articles that fit best, the best first. Words count in `language` and, less, in English.
pub async fn search(db: &Db, query: &str, language: &str, limit: usize) -> Result<Vec<Found>> {
    let asked = asked(query, language);
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let list = serde_json::to_string(&asked.keys().collect::<Vec<_>>())
        .map_err(|e| StoreError::corrupt("search", e))?;
    let sql = db.engine().pick(
        "select w.word, w.article_id, w.place from article_words w join articles a on a.id = w.article_id
         where w.word in (select value from json_each($1)) and w.language in ('', $2, 'en') and a.is_published limit $3",
        "select w.word, w.article_id, w.place from article_words w join articles a on a.id = w.article_id
         where w.word in (select json_array_elements_text($1::json)) and w.language in ('', $2, 'en') and a.is_published limit $3",
    );
    let rows: Vec<Row> =
        on!(db, c => sqlx::query_as(sql).bind(list).bind(language).bind(ROWS_MAX).fetch_all(c).await)?;
    // A word of grammar may be a code, and is nothing else.
    let counts = |row: &Row| row.place == "code" || !says_nothing(&row.word);
    Ok(ranked(&asked, rows.into_iter().filter(counts).collect(), limit))
}

/// A word that stands in few articles says more: its worth is divided by the logarithm of their number.
fn ranked(asked: &BTreeMap<String, String>, rows: Vec<Row>, limit: usize) -> Vec<Found> {
    let mut articles_of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &rows {
        articles_of.entry(&row.word).or_default().insert(row.article_id.as_str());
    }
    let rarity = |word: &str| {
        let articles = articles_of.get(word).map_or(1, BTreeSet::len);
        1.0 / f64::from(u32::try_from(articles).unwrap_or(u32::MAX)).ln_1p()
    };
    let mut found: BTreeMap<&str, Found> = BTreeMap::new();
    for row in &rows {
        let entry = found.entry(row.article_id.as_str()).or_insert_with(|| Found {
            id: row.article_id.clone(),
            score: 0.0,
            why: Vec::new(),
        });
        entry.score += worth(&row.place) * rarity(&row.word);
        let word = asked.get(&row.word).unwrap_or(&row.word).clone();
        entry.why.push(Why { word, place: row.place.clone() });
    }
    let mut found: Vec<Found> = found.into_values().collect();
    for one in &mut found {
        one.why.sort();
        one.why.dedup();
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.id.cmp(&b.id)));
    found.truncate(limit);
    found
}

/// What is looked up, each with the word that was asked.
fn asked(query: &str, language: &str) -> BTreeMap<String, String> {
    let mut asked = BTreeMap::new();
    for chunk in query.split_whitespace() {
        asked.insert(normal_code(chunk), chunk.to_owned());
    }
    for word in words::kept(query).into_iter().filter(|word| !says_nothing(word)) {
        for language in [language, "en"] {
            asked.entry(stem(&word, language)).or_insert_with(|| word.clone());
        }
        asked.entry(word.clone()).or_insert(word);
    }
    asked.retain(|word, _| word.chars().count() > 1);
    asked.into_iter().take(ASKED_MAX).collect()
}

/// Words that stand in every text: the short ones, and the longer ones of grammar.
fn says_nothing(word: &str) -> bool {
    const GRAMMAR: &str = " does with that this have when what your from there their would could about \
        della delle degli dello nella nelle quando anche sono come questo questa dopo \
        para como cuando esta este pero desde tiene todo sobre muy \
        quando esta este isso pelo pela mais depois \
        नहीं करता करती रहा रही रहे मेरा मेरी जाता हैं ";
    let has_digit = word.chars().any(|c| c.is_ascii_digit());
    !has_digit && (word.chars().count() <= 3 || GRAMMAR.contains(&format!(" {word} ")))
}

/// `Er-20`, `ER 20` and `er20` are the same code.
fn normal_code(code: &str) -> String {
    code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Cut down to its stem (Snowball), so that `leaks` finds `leaking`; a word with a digit stays as it is.
fn stem(word: &str, language: &str) -> String {
    let algorithm = match language {
        "en" => Algorithm::English,
        "it" => Algorithm::Italian,
        "es" => Algorithm::Spanish,
        "pt" => Algorithm::Portuguese,
        _ => return word.to_owned(),
    };
    if word.chars().any(|c| c.is_ascii_digit()) {
        return word.to_owned();
    }
    Stemmer::create(algorithm).stem(word).into_owned()
}
