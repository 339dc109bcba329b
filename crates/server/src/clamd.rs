//! Asks a ClamAV daemon whether it knows a file as malware.
//!
//! Optional: without an address nobody asks. The answer has three states – found, clean, error – and an error is never
//! taken for clean: it says that nobody looked. The bytes travel over a Unix socket or a private network, in the
//! daemon's own protocol (`INSTREAM`, see clamd(8)); nothing of them is written to a disk by us.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use model::finding::Finding;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    time::timeout,
};

/// What the daemon is sent at once.
const CHUNK_BYTES: usize = 64 * 1024;
/// No answer of the daemon is longer: a signature's name and two words.
const ANSWER_BYTES_MAX: u64 = 4 * 1024;
/// Files that are scanned at the same time; the daemon itself has a bounded pool.
const SCANS_MAX: usize = 4;

/// Where the daemon listens: `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub enum Address {
    Unix(PathBuf),
    /// A host and a port.
    Tcp(String),
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_port = |port: &str| port.parse::<u16>().is_ok_and(|p| p > 0);
        match text.split_once(':') {
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(PathBuf::from(path))),
            Some(("tcp", at)) if at.rsplit_once(':').is_some_and(|(h, p)| !h.is_empty() && is_port(p)) => {
                Ok(Self::Tcp(at.to_owned()))
            }
            _ => Err(format!(
                "{text} is no address of clamd: it is unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310"
            )),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// What the daemon says of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scan {
    /// Nothing that it knows; that is no proof of anything.
    Clean,
    Found {
        /// As the daemon calls it: `Eicar-Test-Signature`.
        signature: String,
    },
}

/// Nobody looked, and why.
#[derive(Debug, Error)]
pub enum ClamdError {
    #[error("clamd cannot be reached: {0}")]
    Unreachable(#[source] std::io::Error),
    #[error("clamd ended the connection: {0}")]
    Broken(#[source] std::io::Error),
    #[error("clamd gave no answer within {0} s")]
    TimedOut(u64),
    #[error("the file is {size_bytes} bytes, and at most {limit_bytes} are sent to clamd")]
    TooLarge { size_bytes: usize, limit_bytes: usize },
    /// Larger than `StreamMaxLength` in its clamd.conf, most often.
    #[error("clamd refused the file: {0}")]
    Refused(String),
    #[error("clamd answered what is not in its protocol: {0}")]
    Nonsense(String),
}

/// A client; cheap to clone, and all clones share the number of scans at a time.
#[derive(Clone, Debug)]
pub struct Clamd {
    address: Address,
    /// For one file, from the connection to the answer.
    timeout: Duration,
    size_bytes_max: usize,
    scans: Arc<Semaphore>,
}

impl Clamd {
    /// `size_bytes_max` should be no more than the daemon's own `StreamMaxLength`.
    pub fn new(address: Address, timeout: Duration, size_bytes_max: usize) -> Self {
        Self { address, timeout, size_bytes_max, scans: Arc::new(Semaphore::new(SCANS_MAX)) }
    }

    pub async fn scan(&self, bytes: &[u8]) -> Result<Scan, ClamdError> {
        if bytes.len() > self.size_bytes_max {
            return Err(ClamdError::TooLarge { size_bytes: bytes.len(), limit_bytes: self.size_bytes_max });
        }
        let answer = self.ask(b"zINSTREAM\0", Some(bytes)).await?;
        scan_of(&answer)
    }

    /// The daemon's version and that of its signatures: `ClamAV 1.4.3/27600/Mon …`. It proves that it can be reached.
    pub async fn version(&self) -> Result<String, ClamdError> {
        self.ask(b"zVERSION\0", None).await
    }

    async fn ask(&self, command: &[u8], stream: Option<&[u8]>) -> Result<String, ClamdError> {
        // Nobody closes it; a scan that waits for its turn does not use up its time.
        let _turn = self.scans.acquire().await;
        let answer = async {
            match &self.address {
                Address::Tcp(at) => {
                    let socket = TcpStream::connect(at).await.map_err(ClamdError::Unreachable)?;
                    exchange(socket, command, stream).await
                }
                #[cfg(unix)]
                Address::Unix(path) => {
                    let socket =
                        tokio::net::UnixStream::connect(path).await.map_err(ClamdError::Unreachable)?;
                    exchange(socket, command, stream).await
                }
                #[cfg(not(unix))]
                Address::Unix(_) => Err(ClamdError::Unreachable(std::io::ErrorKind::Unsupported.into())),
            }
        };
        timeout(self.timeout, answer).await.map_err(|_| ClamdError::TimedOut(self.timeout.as_secs()))?
    }
}

async fn exchange(
    socket: impl AsyncRead + AsyncWrite,
    command: &[u8],
    stream: Option<&[u8]>,
) -> Result<String, ClamdError> {
    let (from, mut to) = tokio::io::split(socket);
    let sent = send(&mut to, command, stream).await;
    let mut answer = Vec::new();
    let read = from.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).trim_end_matches(['\0', '\n']).to_owned();
    // A daemon that has enough answers and closes while we still send: its answer goes before our broken pipe.
    if !answer.is_empty() {
        return Ok(answer);
    }
    sent.map_err(ClamdError::Broken)?;
    read.map_err(ClamdError::Broken)?;
    Err(ClamdError::Broken(std::io::ErrorKind::UnexpectedEof.into()))
}

/// `INSTREAM`: chunks, each with its length in four bytes, and one of no length at the end.
async fn send(
    to: &mut (impl AsyncWrite + Unpin),
    command: &[u8],
    stream: Option<&[u8]>,
) -> std::io::Result<()> {
    to.write_all(command).await?;
    if let Some(bytes) = stream {
        for chunk in bytes.chunks(CHUNK_BYTES) {
            let length = u32::try_from(chunk.len()).map_err(std::io::Error::other)?;
            to.write_all(&length.to_be_bytes()).await?;
            to.write_all(chunk).await?;
        }
        to.write_all(&[0; 4]).await?;
    }
    to.flush().await
}

/// `stream: OK`, `stream: NAME FOUND`, `… ERROR`.
fn scan_of(answer: &str) -> Result<Scan, ClamdError> {
    let clean = |text: &str| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    if let Some(refused) = answer.strip_suffix("ERROR") {
        return Err(ClamdError::Refused(clean(refused.trim())));
    }
    match answer.strip_prefix("stream: ") {
        Some("OK") => Ok(Scan::Clean),
        Some(said) => match said.strip_suffix(" FOUND") {
            Some(signature) => Ok(Scan::Found { signature: clean(signature) }),
            None => Err(ClamdError::Nonsense(clean(answer))),
        },
        None => Err(ClamdError::Nonsense(clean(answer))),
    }
}

/// The name by which the daemon knows the file that a finding is about; `None` when it does not.
pub fn known(finding: &Finding) -> Option<&str> {
    finding.value.get("signature").and_then(|name| name.as_str()).filter(|_| finding.kind == KIND)
}

const KIND: &str = "file.malware";

/// What a person is told; `version` is what [`Clamd::version`] said.
pub fn finding(scan: &Result<Scan, ClamdError>, version: &str) -> Finding {
    let (value, confidence, why) = match scan {
        Ok(Scan::Found { signature }) => (
            json!({ "state": "found", "signature": signature }),
            0.95,
            format!("ClamAV knows it as “{signature}”: do not download the original"),
        ),
        Ok(Scan::Clean) => (
            json!({ "state": "clean" }),
            0.5,
            "ClamAV knows nothing bad of it; it knows only what others have reported".to_owned(),
        ),
        Err(e) => (
            json!({ "state": "error" }),
            0.0,
            format!("nobody looked for malware: {e}; `sportello doctor` says whether clamd can be reached"),
        ),
    };
    Finding {
        kind: KIND.to_owned(),
        value,
        confidence,
        region: None,
        why,
        analyzer: "clamd".to_owned(),
        version: version.to_owned(),
    }
}

#[cfg(test)]
mod tests;
