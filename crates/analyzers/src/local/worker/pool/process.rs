//! One worker process: started, asked under a clock, and never believed more than a stranger.

use std::{
    io::{self, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use super::{Death, Look, PoolError, Settings};
use crate::local::{
    onnxruntime::{MEND, NO_TELEMETRY},
    text::Runtime,
    worker::{Part, Ready, Request, Seen, Setup, wire},
};

const LINES_MAX: usize = 5_000;
const LINE_CHARS_MAX: usize = 2_000;

/// From this size on, what ONNX Runtime gives back goes back to the system at once: a large picture takes some 330 MB then
/// and not 515, for some more processor time (docs/measurements.md).
const LARGE_BYTES: &str = "4194304";

/// Ended and reaped when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    /// Looked at so far.
    pub pictures: u32,
    runtime: Runtime,
}

impl Process {
    /// Returns when the worker is confined and ready.
    ///
    /// A library can end or hang the process that loads it: then a worker without it takes its place.
    pub fn start(settings: &Settings, tries_doors: bool) -> Result<(Self, Ready), PoolError> {
        let Some(library) = &settings.onnxruntime else {
            return Self::start_with(settings, None, tries_doors);
        };
        match Self::start_with(settings, Some(library), tries_doors) {
            Err(why @ (PoolError::Died { .. } | PoolError::NotReady { .. })) => {
                let (process, mut ready) = Self::start_with(settings, None, tries_doors)?;
                let library = library.display();
                ready.why_not_onnxruntime = Some(format!("with {library} loaded, {why}; {MEND}"));
                Ok((process, ready))
            }
            started => started,
        }
    }

    fn start_with(
        settings: &Settings,
        library: Option<&Path>,
        tries_doors: bool,
    ) -> Result<(Self, Ready), PoolError> {
        let mut command = Command::new(&settings.exe);
        command
            .args(&settings.args)
            // Secrets of the server may stand in its environment.
            .env_clear()
            // Every thread with a heap of its own would need much more room.
            .env("MALLOC_ARENA_MAX", "2")
            .env(NO_TELEMETRY.0, NO_TELEMETRY.1)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What a picture makes it say is nobody's business.
            .stderr(Stdio::null());
        if library.is_some() {
            command.env("MALLOC_MMAP_THRESHOLD_", LARGE_BYTES);
        }
        let mut child =
            command.spawn().map_err(|source| PoolError::Start { exe: settings.exe.clone(), source })?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(PoolError::Protocol { what: "it has no pipes" });
        };
        let mut process = Self { child, stdin, stdout, pictures: 0, runtime: Runtime::Rten };
        // It runs in another folder.
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let setup = Setup {
            models: absolute(&settings.models),
            onnxruntime: library.map(absolute),
            threads: settings.threads,
            memory_bytes: settings.limits.memory_bytes,
            needs_full_confinement: settings.needs_full_confinement,
            tries_doors,
        };
        let start_ms = settings.limits.start_ms;
        let ready: Ready =
            process.ask(settings, start_ms, |to| wire::write(to, &setup)).map_err(|e| match e {
                PoolError::TimedOut { .. } => PoolError::NotReady { start_ms },
                other => other,
            })?;
        if settings.needs_full_confinement && !ready.confinement.is_full() {
            return Err(PoolError::NotConfined(ready.confinement));
        }
        process.runtime = ready.runtime.clone();
        Ok((process, ready))
    }

    pub fn look(&mut self, settings: &Settings, look: &Look) -> Result<Seen, PoolError> {
        let (width, height) = (look.pixels.width, look.pixels.height);
        let request = Request { width, height, parts: look.parts.clone() };
        self.pictures += 1;
        let seen = self.ask(settings, settings.limits.wall_ms, |to| {
            wire::write(&mut *to, &request)?;
            to.write_all(&look.pixels.rgb)?;
            to.flush()
        })?;
        Ok(Seen { runtime: self.runtime.clone(), ..checked(seen, look)? })
    }

    /// Sends and waits for the answer, while a second thread watches the clock. After an error the worker is gone.
    fn ask<T: serde::de::DeserializeOwned>(
        &mut self,
        settings: &Settings,
        wall_ms: u64,
        send: impl FnOnce(&mut ChildStdin) -> io::Result<()>,
    ) -> Result<T, PoolError> {
        let Self { child, stdin, stdout, .. } = self;
        let (done, clock) = mpsc::channel::<()>();
        let (answer, is_late) = thread::scope(|scope| {
            let watch = scope.spawn(move || {
                let is_late =
                    clock.recv_timeout(Duration::from_millis(wall_ms)) == Err(RecvTimeoutError::Timeout);
                if is_late {
                    // This ends the reading below.
                    let _ = child.kill();
                }
                is_late
            });
            // A worker that dies while it is written to has broken the pipe: what it says then is nothing.
            let answer = send(stdin).and_then(|()| wire::read::<T>(&mut *stdout));
            let _ = done.send(());
            (answer, watch.join().unwrap_or(false))
        });
        if is_late {
            return Err(PoolError::TimedOut { wall_ms });
        }
        answer.map_err(|error| self.why(settings, &error))
    }

    /// Its death when it died, its nonsense when it lives on (not for long: it is dropped now).
    fn why(&mut self, settings: &Settings, error: &io::Error) -> PoolError {
        let is_cut_off = matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe);
        if !is_cut_off {
            return PoolError::Protocol { what: "its answer cannot be read" };
        }
        // The pipe ended because the process does, and then this changes nothing; or it closed its output to live on.
        let _ = self.child.kill();
        let status = self.child.wait();
        match status {
            Ok(status) => PoolError::Died { why: death(status, settings.limits.memory_bytes) },
            Err(_) => PoolError::Protocol { what: "it cannot be waited for" },
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
fn death(status: ExitStatus, limit_bytes: u64) -> Death {
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        // Rust aborts when an allocation fails or the stack is used up.
        Some(6) => Death::Memory { limit_bytes },
        Some(9) => Death::FromOutside,
        Some(signal) => Death::Signal(signal),
        None => Death::Exit(status.code().unwrap_or(-1)),
    }
}

#[cfg(not(unix))]
fn death(status: ExitStatus, _: u64) -> Death {
    Death::Exit(status.code().unwrap_or(-1))
}

/// A worker that was taken over can say anything; what is handed on is small, finite and about this picture.
fn checked(seen: Seen, look: &Look) -> Result<Seen, PoolError> {
    const WRONG: PoolError = PoolError::Protocol { what: "it speaks of something else than this picture" };
    let is_asked = |name: &String| look.parts.iter().any(|part| part.name() == name);
    let is_inside = |points: &[[f32; 2]]| points.iter().flatten().all(|n| n.is_finite() && n.abs() < 1e5);
    let is_share = |n: f32| (0.0..=1.0).contains(&n);
    let kinds: Vec<&str> = look.parts.iter().filter_map(|part| part.kinds()).collect();
    let lines_are_fine = (seen.lines.is_empty() || look.parts.contains(&Part::Text))
        && seen.lines.len() <= LINES_MAX
        && seen.unread <= LINES_MAX
        && seen.lines.iter().all(|line| {
            line.text.chars().count() <= LINE_CHARS_MAX && is_inside(&line.quad) && is_share(line.confidence)
        });
    let findings_are_fine = seen.findings.len() <= LINES_MAX
        && seen.findings.iter().all(|finding| {
            kinds.iter().any(|kind| finding.kind.starts_with(kind))
                && is_share(finding.confidence)
                && finding.region.as_ref().is_none_or(|region| is_inside(&region.points))
        });
    let look_is_fine = seen.look.is_none_or(|seen| look.parts.contains(&Part::Kind) && seen.is_finite());
    let is_fine = look_is_fine
        && lines_are_fine
        && findings_are_fine
        && seen.ms.keys().chain(seen.failed.keys()).all(is_asked);
    if is_fine { Ok(seen) } else { Err(WRONG) }
}
