//! What parent and child say to each other: one message each way, a length, a small JSON header, raw bytes.

use std::io::{self, Read};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use model::finding::Region;

use crate::{
    confine::Confinement,
    forensics::Forensics,
    limits::Limits,
    metadata::ChannelKind,
    report::{Report, Unrenderable},
};

/// Of an answer: what a child that was taken over can make us parse.
pub(crate) const HEADER_BYTES_MAX: u32 = 64 * 1024;

/// Of a request, which only we write: room for the regions of a page full of text.
pub(crate) const REQUEST_BYTES_MAX: u32 = 4 * 1024 * 1024;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    Inspect,
    /// The decoded picture, for the models' workers.
    Pixels {
        side_px_max: u32,
    },
    /// The renditions with these regions of the view painted black.
    Mask {
        regions: Vec<Region>,
    },
    /// Text, pages and pictures of a document; without pages and pictures where they were too much.
    Document {
        is_text_only: bool,
    },
    /// Traces of editing in an original.
    Forensics {
        channel_kind: ChannelKind,
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
    Report {
        report: Box<Report>,
        rendition_bytes: Vec<u64>,
    },
    /// The bytes of the pixels follow.
    Pixels {
        width: u32,
        height: u32,
    },
    Unrenderable(Unrenderable),
    /// The document's description as JSON follows, then its previews, then its pictures.
    Document {
        description_bytes: u64,
        part_bytes: Vec<u64>,
    },
    Forensics(Box<Forensics>),
    /// What could be done that must not be.
    Probe {
        open_doors: Vec<String>,
    },
    /// The confinement is not whole, and the request said that it must be.
    NotConfined,
}

/// The length and the JSON, ready to be written.
pub(crate) fn header(header: &impl Serialize, bytes_max: u32) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(header)?;
    let length = u32::try_from(json.len()).ok().filter(|n| *n <= bytes_max).ok_or_else(too_long)?;
    Ok([&length.to_le_bytes()[..], &json].concat())
}

pub(crate) fn read_header<T: DeserializeOwned>(mut from: impl Read, bytes_max: u32) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > bytes_max {
        return Err(too_long());
    }
    let mut json = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut json)?;
    Ok(serde_json::from_slice(&json)?)
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "header too long")
}
