//! Articles from a folder: read when they change, named when something is wrong with them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use flows::format::{Language, read_as};
use serde::Deserialize;
use store::articles::{self, Text, Written};
use tokio::{sync::watch as stop_watch, time};

use crate::{app::App, error::AppError, uploads};

/// How soon a changed file is read.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const ARTICLES_MAX: usize = 5_000;
const FILES_MAX: usize = 40;
const TEXT_BYTES_MAX: u64 = 256 * 1024;
/// WhatsApp's limit of a picture.
const PICTURE_BYTES_MAX: u64 = 5 * 1024 * 1024;

/// What stands at the head of each file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    title: String,
    #[serde(default)]
    products: Vec<String>,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    symptoms: Vec<String>,
    #[serde(default)]
    draft: bool,
}

/// An article as it lies in its folder.
#[derive(Debug, Default)]
struct Lying {
    products: Vec<String>,
    codes: Vec<String>,
    is_draft: bool,
    texts: BTreeMap<String, Text>,
    pictures: Vec<PathBuf>,
}

/// When each file of an article was changed last.
type Seen = BTreeMap<String, BTreeMap<PathBuf, SystemTime>>;

/// Keeps the database in step with the folder, in a process that does the work.
pub async fn watch(app: Arc<App>, mut stop: stop_watch::Receiver<bool>) {
    let mut seen = Seen::new();
    while !*stop.borrow() && app.own.roles.worker {
        if let Err(error) = take_in(&app, &mut seen).await {
            tracing::warn!(%error, "the folder of articles could not be taken in");
        }
        tokio::select! {
            () = time::sleep(LOOK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn take_in(app: &App, seen: &mut Seen) -> Result<(), AppError> {
    let dir = app.config.articles_dir();
    let there = tokio::task::spawn_blocking(move || files_of(&dir)).await?;
    if there == *seen {
        return Ok(());
    }
    let mut bad = Vec::new();
    for (slug, files) in &there {
        if seen.get(slug) == Some(files) {
            continue;
        }
        if let Err(why) = take_article(app, slug, files).await? {
            bad.push(why);
        }
    }
    for slug in seen.keys().filter(|slug| !there.contains_key(*slug)) {
        forget(app, slug).await?;
    }
    *seen = there;
    match bad.first() {
        Some(first) => app.health.enter(
            "article_bad",
            format!(
                "{first} ({} such). The version before goes on; mend the file, it is read again by itself",
                bad.len()
            ),
        ),
        None => app.health.leave("article_bad"),
    };
    Ok(())
}

/// The files of each article's folder. Two processes may look at the same time: what they find is the same.
fn files_of(dir: &Path) -> Seen {
    let entries = |dir: &Path, most: usize| std::fs::read_dir(dir).into_iter().flatten().flatten().take(most);
    let mut there = Seen::new();
    for article in entries(dir, ARTICLES_MAX).filter(|entry| entry.path().is_dir()) {
        let slug = article.file_name().to_string_lossy().into_owned();
        let files = entries(&article.path(), FILES_MAX).filter_map(|file| {
            let meta = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some((file.path(), meta.modified().ok()?))
        });
        there.insert(slug, files.collect());
    }
    there
}

async fn take_article(
    app: &App,
    slug: &str,
    files: &BTreeMap<PathBuf, SystemTime>,
) -> Result<Result<(), String>, AppError> {
    let paths: Vec<PathBuf> = files.keys().cloned().collect();
    let lying = match tokio::task::spawn_blocking(move || read(&paths)).await? {
        Ok(lying) if lying.texts.is_empty() => return Ok(Ok(())),
        Ok(lying) => lying,
        Err(why) => return Ok(Err(why)),
    };
    let written = Written {
        slug,
        products: &lying.products,
        codes: &lying.codes,
        origin: "folder",
        is_published: !lying.is_draft,
        texts: &lying.texts,
    };
    let mut tx = app.db.begin().await?;
    let id = articles::put(&mut tx, &app.ids, &written, app.clock.now()).await?;
    tx.commit().await?;
    let known = articles::pictures(&app.db, &id).await?;
    for path in &lying.pictures {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = match tokio::fs::read(path).await {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Err(format!("{}: {error}", path.display()))),
        };
        let sha256 = uploads::sha256(&bytes);
        if known.iter().any(|picture| picture.name == name && picture.sha256.as_deref() == Some(&sha256)) {
            continue;
        }
        let file = uploads::keep_bytes(app, Some(&name), &bytes).await?;
        let mut tx = app.db.begin().await?;
        articles::put_picture(&mut tx, &id, &name, &file).await?;
        tx.commit().await?;
    }
    tracing::info!(article = slug, "an article was read from its folder");
    Ok(Ok(()))
}

async fn forget(app: &App, slug: &str) -> Result<(), AppError> {
    let gone = articles::list(&app.db).await?.into_iter().find(|a| a.slug == slug && a.origin == "folder");
    if let Some(article) = gone {
        let mut tx = app.db.begin().await?;
        articles::delete(&mut tx, &article.id).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn read(paths: &[PathBuf]) -> Result<Lying, String> {
    let mut lying = Lying::default();
    for path in paths {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let limit = if ending == "md" { TEXT_BYTES_MAX } else { PICTURE_BYTES_MAX };
        let size = std::fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?.len();
        if size > limit {
            return Err(format!("{}: {size} bytes, at most {limit} are taken", path.display()));
        }
        match ending.as_str() {
            "md" => add_text(&mut lying, path).map_err(|why| format!("{}: {why}", path.display()))?,
            "jpg" | "jpeg" | "png" => lying.pictures.push(path.clone()),
            _ => {}
        }
    }
    Ok(lying)
}

fn add_text(lying: &mut Lying, path: &Path) -> Result<(), String> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let language = Language::parse(&stem)
        .ok_or("the file's name is its language: en.md, it.md, es.md, pt.md or hi.md")?;
    let written = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let (front, body) = split(&written)?;
    // Line numbers count from the top of the file.
    let front: Front =
        read_as(front).map_err(|p| format!("{}:{}: {}", p.place.line + 1, p.place.column, p.message))?;
    for (all, own) in [(&mut lying.products, front.products), (&mut lying.codes, front.codes)] {
        all.extend(own);
        all.sort();
        all.dedup();
    }
    lying.is_draft |= front.draft;
    let text = Text { title: front.title, symptoms: front.symptoms.join("\n"), body: body.trim().to_owned() };
    lying.texts.insert(language.as_str().to_owned(), text);
    Ok(())
}

/// The head between two lines `---`, and what follows.
fn split(written: &str) -> Result<(&str, &str), String> {
    let form = "it has to begin with a line `---`, then `title: …`, then a line `---`";
    let rest = written.strip_prefix("---\n").ok_or(form)?;
    rest.split_once("\n---\n").ok_or_else(|| form.to_owned())
}
