//! What must survive a kill of the sandbox: a file of JSON lines, appended before a call is answered.
//!
//! A line says what a thing looks like now; the last line about a thing wins.
//! A torn last line (killed in the middle of a write) is ignored. On start the file is written anew without history.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    customer::{Customer, Stored},
    forms::Form,
    knobs::Knobs,
    media::Media,
    webhooks::queue::Delivery,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "row", content = "value", rename_all = "snake_case")]
pub enum Row {
    Meta(Box<Meta>),
    Customer(Customer),
    Message(Box<Stored>),
    Media(Media),
    MediaGone(String),
    Queued(Box<Delivery>),
    Done(u64),
}

/// The few values that exist once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// The last number handed out; ids of every kind are made from it, so none ever comes back.
    pub counter: u64,
    pub clock_offset_s: i64,
    pub webhook_url: Option<String>,
    /// Set through `subscribed_apps`; goes before the app's own address.
    pub override_url: Option<String>,
    pub unsubscribed: bool,
    pub blocked: BTreeSet<String>,
    pub profile: Value,
    pub encryption_key: Option<String>,
    pub knobs: Knobs,
    pub templates: Vec<Value>,
    pub forms: Vec<Form>,
}

/// Lines after which the file is written anew.
const ROWS_MAX: usize = 200_000;

pub struct Journal {
    path: PathBuf,
    file: File,
    rows: usize,
}

impl Journal {
    /// Every readable row of the file in order, then the journal itself, open for more.
    pub fn open(dir: &Path) -> io::Result<(Vec<Row>, Self)> {
        fs::create_dir_all(dir)?;
        let path = dir.join("journal.jsonl");
        let mut rows = Vec::new();
        if path.exists() {
            for line in BufReader::new(File::open(&path)?).split(b'\n') {
                match serde_json::from_slice(&line?) {
                    Ok(row) => rows.push(row),
                    Err(error) => tracing::warn!(%error, "a line of the sandbox's journal cannot be read"),
                }
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        Ok((rows, Self { path, file, rows: 0 }))
    }

    pub fn append(&mut self, row: &Row) {
        let written = line(row).and_then(|line| self.file.write_all(&line));
        if let Err(error) = written {
            tracing::error!(%error, path = %self.path.display(), "the sandbox cannot write its journal");
        }
        self.rows += 1;
    }

    pub const fn is_long(&self) -> bool {
        self.rows > ROWS_MAX
    }

    /// Replaces the history by the present.
    pub fn rewrite(&mut self, rows: impl Iterator<Item = Row>) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let mut out = io::BufWriter::new(File::create(&fresh)?);
        for row in rows {
            out.write_all(&line(&row)?)?;
        }
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        self.file = OpenOptions::new().append(true).open(&self.path)?;
        self.rows = 0;
        Ok(())
    }
}

fn line(row: &Row) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(row)?;
    line.push(b'\n');
    Ok(line)
}
