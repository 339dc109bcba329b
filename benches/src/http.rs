//! One HTTP/1.1 connection that posts and reads statuses: a client library would cost more processor time
//! than the servers that are measured on the same machine.

use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEAD_BYTES_MAX: usize = 64 * 1024;

pub struct Connection {
    addr: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects with the first request, and again after an error.
    pub fn new(addr: SocketAddr) -> Self {
        Self { addr, stream: None, buffer: Vec::with_capacity(4_096) }
    }

    /// Posts a signed body and returns the status of the complete answer.
    pub async fn post(&mut self, path: &str, body: &[u8], signature: &str) -> Result<u16> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.addr).await?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nX-Hub-Signature-256: {signature}\r\n\r\n",
            self.addr,
            body.len()
        );
        self.buffer.clear();
        self.buffer.extend_from_slice(head.as_bytes());
        self.buffer.extend_from_slice(body);
        stream.write_all(&self.buffer).await?;
        let (status, is_open) = self.answer(&mut stream).await?;
        if is_open {
            self.stream = Some(stream);
        }
        Ok(status)
    }

    async fn answer(&mut self, stream: &mut TcpStream) -> Result<(u16, bool)> {
        self.buffer.clear();
        loop {
            if stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the connection was closed");
            }
            let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
                if self.buffer.len() > HEAD_BYTES_MAX {
                    bail!("the head of the answer never ends");
                }
                continue;
            };
            let head = Head::parse(self.buffer.get(..end).unwrap_or_default())?;
            let total = end + 4 + head.content_length;
            while self.buffer.len() < total {
                if stream.read_buf(&mut self.buffer).await? == 0 {
                    bail!("the connection was closed in the middle of an answer");
                }
            }
            return Ok((head.status, head.is_open));
        }
    }
}

struct Head {
    status: u16,
    content_length: usize,
    is_open: bool,
}

impl Head {
    fn parse(head: &[u8]) -> Result<Self> {
        let head = std::str::from_utf8(head)?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status")?.parse()?;
        let mut parsed = Self { status, content_length: 0, is_open: true };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                parsed.content_length = value.parse()?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                bail!("a chunked answer to a webhook is not expected");
            } else if name.eq_ignore_ascii_case("connection") {
                parsed.is_open = !value.eq_ignore_ascii_case("close");
            }
        }
        Ok(parsed)
    }
}
