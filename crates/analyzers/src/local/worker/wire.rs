//! Messages through a pipe: a length, JSON, and after a request the pixels.

use std::io::{self, Read, Write};

use serde::{Serialize, de::DeserializeOwned};

/// An answer holds some hundred lines of text and findings.
pub const MESSAGE_BYTES_MAX: u32 = 4 * 1024 * 1024;

pub fn write(mut to: impl Write, message: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_vec(message)?;
    let length = u32::try_from(json.len()).ok().filter(|n| *n <= MESSAGE_BYTES_MAX).ok_or_else(too_long)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&json)
}

/// Fails at the end of the pipe, on what is too long and on what is not the expected message.
pub fn read<T: DeserializeOwned>(mut from: impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > MESSAGE_BYTES_MAX {
        return Err(too_long());
    }
    let mut json = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut json)?;
    Ok(serde_json::from_slice(&json)?)
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "message too long")
}
