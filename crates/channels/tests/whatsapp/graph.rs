//! A stand-in for the Graph API and its media hosts: a real HTTP server on 127.0.0.1 that notes what it is asked.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, Response, StatusCode},
};
use channels::whatsapp::client::{Client, ClientConfig, Timeouts};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

pub const TOKEN: &str = "EAAGsecretToken";

#[derive(Clone, Debug)]
pub struct Seen {
    pub line: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub struct Graph {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Graph {
    /// Serves `answer` to every request until the test ends.
    pub async fn start(answer: impl Fn(&Seen) -> Response<Body> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (noted, answer) = (Arc::clone(&seen), Arc::new(answer));
        let handler = move |request: Request| {
            let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
            async move {
                let (head, body) = request.into_parts();
                let body = to_bytes(body, usize::MAX).await.unwrap();
                let one = Seen { line: format!("{} {}", head.method, head.uri), headers: head.headers, body };
                noted.lock().unwrap().push(one.clone());
                answer(&one)
            }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await });
        Self { address, seen }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn client(&self) -> Client {
        client(&self.url(""))
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:#?}");
        seen.remove(0)
    }
}

/// Reads a whole request with `Content-Length` or none, writes `answer` as it is, and cuts the connection.
pub async fn cut_off(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !is_whole(&request) {
                let mut chunk = [0; 4_096];
                match stream.read(&mut chunk).await.unwrap() {
                    0 => break,
                    n => request.extend_from_slice(&chunk[..n]),
                }
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    address
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

pub fn config(base_url: &str) -> ClientConfig {
    ClientConfig {
        base_url: base_url.parse().unwrap(),
        version: "v25.0".to_owned(),
        phone_number_id: "700000000000001".to_owned(),
        waba_id: "800000000000001".to_owned(),
        token: TOKEN.into(),
        media_hosts: Vec::new(),
        user_agent: "Sportello/0.1.0".to_owned(),
        timeouts: Timeouts::default(),
    }
}

pub fn client(base_url: &str) -> Client {
    Client::new(config(base_url)).unwrap()
}

pub fn answer(status: u16, body: Value) -> Response<Body> {
    let mut answer = Response::new(Body::from(body.to_string()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer.headers_mut().insert("content-type", "application/json".parse().unwrap());
    answer
}

pub fn plain(status: u16, body: &'static str) -> Response<Body> {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer
}

/// An error in Meta's writing.
pub fn graph_error(status: u16, code: i64, subcode: Option<i64>, message: &str) -> Response<Body> {
    answer(
        status,
        json!({"error": {
            "message": message, "type": "OAuthException", "code": code, "error_subcode": subcode, "fbtrace_id": "A"
        }}),
    )
}
