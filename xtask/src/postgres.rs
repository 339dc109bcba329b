//! A throw-away PostgreSQL cluster from the installed programs, on 127.0.0.1 with a password of its own:
//! the superuser of a cluster can run programs, so not even this one is open to everybody on the machine.
//!
//! A small shell script owns the cluster and ends it when our end of its pipe closes (see postgres.sh).

use crate::{machine, run};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// The variable that the tests read.
pub const URL_VARIABLE: &str = "SPORTELLO_TEST_POSTGRES_URL";
const SCRIPT: &str = include_str!("postgres.sh");
const ATTEMPTS: u32 = 3;

/// Stops and is erased on drop.
pub struct Cluster {
    pub url: String,
    guardian: Child,
    /// Open as long as the cluster is wanted.
    leash: Option<ChildStdin>,
}

impl Cluster {
    pub fn start() -> Result<Self> {
        let programs = machine::need("PostgreSQL", "postgresql", programs)?;
        let mut attempt = 1;
        loop {
            match Self::start_once(&programs) {
                // Between choosing a free port and listening on it, somebody else may have taken it.
                Err(error) if attempt < ATTEMPTS => eprintln!("PostgreSQL, attempt {attempt}: {error:#}"),
                result => return result,
            }
            attempt += 1;
        }
    }

    fn start_once(programs: &Path) -> Result<Self> {
        let password = random_hex()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let dir = std::env::temp_dir().join(format!("sportello-postgres-{}-{port}", std::process::id()));
        std::fs::create_dir(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let mut guardian = Command::new("sh")
            .args(["-c", SCRIPT, "postgres.sh"])
            .args([dir.as_path(), programs, Path::new(&port.to_string()), Path::new(&run_as()?)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start sh")?;
        let mut leash = guardian.stdin.take().context("sh has no standard input")?;
        writeln!(leash, "{password}")?;
        let mut answer = String::new();
        let stdout = guardian.stdout.take().context("sh has no standard output")?;
        BufReader::new(stdout).read_line(&mut answer)?;
        let url = format!("postgres://sportello:{password}@127.0.0.1:{port}/postgres");
        let cluster = Self { url, guardian, leash: Some(leash) };
        if answer.trim() != "ready" {
            bail!("the cluster did not start");
        }
        Ok(cluster)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.leash.take());
        if let Err(error) = self.guardian.wait() {
            eprintln!("cannot wait for PostgreSQL to stop: {error}");
        }
    }
}

/// `cargo dev postgres`: for running single tests by hand.
pub fn hold() -> Result<()> {
    let cluster = Cluster::start()?;
    println!("export {URL_VARIABLE}={}", cluster.url);
    println!("Enter stops it.");
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}

/// The folder of `initdb`: Debian keeps it off the PATH, one folder a major version; the newest wins.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    let asked = run::find("pg_config").and_then(|pg_config| {
        let folder = Command::new(pg_config).arg("--bindir").output().ok()?.stdout;
        Some(PathBuf::from(String::from_utf8(folder).ok()?.trim()))
    });
    let on_path =
        run::find("initdb").and_then(|file| Some(file.canonicalize().ok()?.parent()?.to_path_buf()));
    let folders = versions.into_iter().rev().map(|(_, folder)| folder).chain(asked).chain(on_path);
    folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
}

/// PostgreSQL refuses to run as root; "" means ourselves.
fn run_as() -> Result<String> {
    if !machine::is_root() {
        return Ok(String::new());
    }
    let users = ["postgres", "nobody"];
    match users.iter().find(|user| run::answers(Command::new("id").arg(user))) {
        Some(user) => Ok((*user).to_owned()),
        None => {
            bail!("PostgreSQL refuses to run as root and there is no user postgres or nobody to run it as")
        }
    }
}

fn random_hex() -> Result<String> {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
