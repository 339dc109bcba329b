//! What parent and child say to each other: one message each way, a length, a small JSON header, raw bytes.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{confine::Confinement, limits::Limits, report::Report};

pub(crate) const HEADER_BYTES_MAX: u32 = 64 * 1024;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    Inspect,
    /// Text, pages and pictures of a document; without pages and pictures where they were too much.
    Document {
        is_text_only: bool,
    },
    /// Confine, try what is forbidden, say what happened.
    Probe,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub task: Task,
    pub limits: Limits,
    pub input_bytes: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub confinement: Confinement,
    pub outcome: Outcome,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The bytes of the renditions follow, in order.
    Report { report: Box<Report>, rendition_bytes: Vec<u64> },
    /// The document's description as JSON follows, then its previews, then its pictures.
    Document { description_bytes: u64, part_bytes: Vec<u64> },
    /// What could be done that must not be.
    Probe { open_doors: Vec<String> },
    /// The confinement is not whole, and the request said that it must be.
    NotConfined,
}

pub(crate) fn write_header(mut to: impl Write, header: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_vec(header)?;
    let length = u32::try_from(json.len()).ok().filter(|n| *n <= HEADER_BYTES_MAX);
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "header too long"))?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&json)
}

pub(crate) fn read_header<T: DeserializeOwned>(mut from: impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > HEADER_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "header too long"));
    }
    let mut json = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut json)?;
    Ok(serde_json::from_slice(&json)?)
}
