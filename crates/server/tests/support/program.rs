//! The real binary, as an operator runs it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(60);

/// The binary with a clean environment, in `dir`.
pub fn sportello(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sportello"));
    command.args(args).current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars() {
        if name.starts_with("SPORTELLO_") {
            command.env_remove(name);
        }
    }
    command
}

pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs a command to its end.
pub fn run(dir: &Path, args: &[&str]) -> Ended {
    let done = sportello(dir, args).output().unwrap();
    Ended {
        code: done.status.code(),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

/// Runs a command that has to work; returns what it printed.
pub fn ok(dir: &Path, args: &[&str]) -> String {
    let done = run(dir, args);
    assert_eq!(done.code, Some(0), "{args:?}: {}{}", done.out, done.err);
    done.out
}

/// A command that goes on until it is told to end; killed when dropped.
pub struct Running {
    child: Child,
    pub out: Arc<Mutex<String>>,
    pub err: Arc<Mutex<String>>,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let out = collect(child.stdout.take().unwrap());
        let err = collect(child.stderr.take().unwrap());
        Self { child, out, err }
    }

    /// The first line of what it prints that contains `word`.
    pub fn line_of(&mut self, stream: &Arc<Mutex<String>>, word: &str) -> String {
        let began = Instant::now();
        loop {
            let text = stream.lock().unwrap().clone();
            if let Some(line) = text.lines().find(|line| line.contains(word) && text.contains('\n')) {
                return line.to_owned();
            }
            let ended = self.child.try_wait().unwrap();
            let err = self.err.lock().unwrap().clone();
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "no `{word}`: {ended:?} {text} {err}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// `serve`: where it listens, and where its metrics are.
    pub fn addresses(&mut self) -> (String, String) {
        let line = self.line_of(&self.err.clone(), "sportello is ready");
        let line: String = strip_colour(&line);
        let address = line.split("address=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let metrics = line.split("metrics=Some(").nth(1).unwrap().split(')').next().unwrap();
        (address, format!("http://{metrics}/metrics"))
    }

    /// Asks it to end; returns its exit code and how long it took.
    pub fn terminate(mut self) -> (Option<i32>, Duration) {
        let began = Instant::now();
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), began.elapsed());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end: {}", self.err.lock().unwrap());
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The configuration's part for a sandbox at `graph`.
pub fn whatsapp(graph: &str) -> String {
    let names = sandbox::Config::default();
    format!(
        "[whatsapp]\napp_secrets = [\"{}\"]\nverify_token = \"{}\"\ngraph_url = \"{graph}\"\nis_sandbox = true\n\
         [[whatsapp.numbers]]\nphone_number_id = \"{}\"\nwaba_id = \"{}\"\ntoken = \"{}\"\nname = \"Support\"\n",
        names.app_secret, names.verify_token, names.phone_number_id, names.waba_id, names.tokens[0],
    )
}

/// The API of a server, as a program with a token uses it.
pub struct Api {
    pub url: String,
    pub token: String,
    pub http: reqwest::Client,
}

impl Api {
    pub fn of(line: &Value) -> Self {
        let text = |key: &str| line[key].as_str().unwrap().to_owned();
        Self { url: text("console"), token: text("api_token"), http: reqwest::Client::new() }
    }

    pub async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}/api/v1{path}", self.url)).bearer_auth(&self.token);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Every message of every ticket, once `is_done` holds of them.
    pub async fn until(&self, is_done: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let mut all = Vec::new();
            for ticket in self.get("/tickets").await["items"].as_array().unwrap() {
                let path = format!("/tickets/{}/messages?limit=200", ticket["id"].as_str().unwrap());
                all.extend(self.get(&path).await["items"].as_array().unwrap().clone());
            }
            if is_done(&all) {
                return all;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{all:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Whether these are all the messages, with every file shown.
pub fn is_ready(messages: &[Value], count: usize) -> bool {
    let is_whole =
        |m: &Value| m["attachments"].as_array().unwrap().iter().all(|file| file["state"] == "ready");
    messages.len() == count && messages.iter().all(is_whole)
}

fn strip_colour(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((plain, tail)) = rest.split_once('\u{1b}') {
        out += plain;
        rest = tail.split_once('m').map_or("", |(_, rest)| rest);
    }
    out + rest
}

fn collect(stream: impl std::io::Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let kept = text.clone();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while reader.by_ref().read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            kept.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    });
    text
}
