//! Child processes that end with us, and what the kernel says about them.

use anyhow::{Context, Result, bail};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Linux shows processor time in hundredths of a second on every architecture that we know.
const TICK: Duration = Duration::from_millis(10);

/// Killed on drop.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a program whose complaints go to the end of `log`, and waits for its first line.
    pub fn start(command: &mut Command, log: &Path, within: Duration) -> Result<(Self, String)> {
        let program = command.get_program().display().to_string();
        let (mut process, lines) = Self::spawn(command, log)?;
        match lines.recv_timeout(within) {
            Ok(line) => Ok((process, line)),
            Err(_) => match process.child.try_wait()? {
                Some(status) => bail!("{program} ended ({status}); see {}", log.display()),
                None => bail!("{program} was not ready within {within:?}; see {}", log.display()),
            },
        }
    }

    /// Starts a program without waiting; its lines arrive on the channel.
    pub fn spawn(command: &mut Command, log: &Path) -> Result<(Self, mpsc::Receiver<String>)> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let stdout = child.stdout.take().context("no standard output")?;
        let (sender, lines) = mpsc::channel();
        // Reads to the end, so that a talkative program never blocks on a full pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody listens after the first line.
                let _ = sender.send(line);
            }
        });
        Ok((Self { child }, lines))
    }

    /// SIGKILL.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// SIGTERM, and how it ended; killed when it takes longer than `within`.
    pub fn terminate(mut self, within: Duration) -> Result<ExitStatus> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let begin = Instant::now();
        while begin.elapsed() < within {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(TICK);
        }
        bail!("the process did not end within {within:?} of SIGTERM")
    }

    /// Whether it is still there.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Processor time used so far, all threads, user and system.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The program's name, in brackets, may contain anything; the fields after it are numbers.
        let (_, fields) = stat.rsplit_once(") ").context("unreadable /proc/PID/stat")?;
        let ticks: u32 =
            fields.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
        Ok(TICK * ticks)
    }

    /// Resident memory in MiB.
    pub fn memory_mib(&self) -> Result<f64> {
        memory(self.child.id(), "VmRSS:")
    }

    /// The most memory, in MiB, that any living child with this argument ever had resident; `None` without such a child.
    pub fn child_memory_mib_max(&self, argument: &str) -> Result<Option<f64>> {
        let children = Command::new("pgrep")
            .args(["--parent", &self.child.id().to_string(), "--full", argument])
            .output()
            .context("pgrep is missing: apt-get install -y --no-install-recommends procps")?;
        let pids = String::from_utf8(children.stdout)?;
        let peaks: Result<Vec<f64>> = pids.lines().map(|pid| memory(pid.parse()?, "VmHWM:")).collect();
        Ok(peaks?.into_iter().max_by(f64::total_cmp))
    }
}

fn memory(pid: u32, field: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line =
        status.lines().find_map(|line| line.strip_prefix(field)).with_context(|| format!("no {field}"))?;
    let kib: u32 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(f64::from(kib) / 1024.0)
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
