//! The parent's side: a bounded number of workers, the customer's picture first, and nothing that hangs for long.
//!
//! Blocking, for threads that may wait. Every worker belongs to a thread of the pool: the kernel ends a worker with
//! the thread that started it, and threads of a runtime come and go.

mod process;
mod queue;

use std::{
    ffi::OsString,
    io,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use media::{Confinement, Pixels};

use self::{
    process::Process,
    queue::{Job, Queue},
};
use super::{Part, Ready, Seen};
use crate::local::tesseract::Tesseract;

/// How to start workers, how many, and what they may cost.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server's own binary: `std::env::current_exe()`.
    pub exe: PathBuf,
    /// What makes it call [`super::run`].
    pub args: Vec<OsString>,
    /// The folder of the models.
    pub models: PathBuf,
    /// The library that reads text instead of `rten`.
    pub onnxruntime: Option<PathBuf>,
    pub workers: usize,
    /// Of one worker, for one picture.
    pub threads: usize,
    pub limits: Limits,
    /// For scripts that the models lack: `Tesseract::find()`.
    pub tesseract: Option<Tesseract>,
    /// Refuse to work where the kernel cannot confine a worker.
    pub needs_full_confinement: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// From the first byte of a picture to the whole answer.
    pub wall_ms: u64,
    /// From the start of a worker to its readiness: models are read and checked.
    pub start_ms: u64,
    /// Address space of a worker: the program, the models and one picture.
    pub memory_bytes: u64,
    pub pixels_max: u64,
    /// A worker is replaced after so many: what leaks anywhere cannot grow for ever.
    pub pictures_max: u32,
    /// A worker without work for so long is ended; its memory is given back.
    pub idle_s: u64,
    /// Pictures that may wait; the next one is refused.
    pub waiting_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_ms: 60_000,
            start_ms: 20_000,
            memory_bytes: 1_024 * 1_024 * 1_024,
            pixels_max: 8_000_000,
            pictures_max: 500,
            idle_s: 300,
            waiting_max: 256,
        }
    }
}

/// Who waits for the answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Urgency {
    /// A customer, just now.
    Customer,
    /// Nobody: an old picture is looked at again.
    Later,
}

/// A picture to look at.
#[derive(Clone, Debug)]
pub struct Look {
    pub pixels: Pixels,
    pub parts: Vec<Part>,
    pub urgency: Urgency,
}

#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    #[error("cannot start the analysis process {exe}: {source}")]
    Start { exe: PathBuf, source: io::Error },
    #[error("the analysis process was not ready within {start_ms} ms")]
    NotReady { start_ms: u64 },
    #[error("the picture was not looked at within {wall_ms} ms, and the analysis process was replaced")]
    TimedOut { wall_ms: u64 },
    #[error("the analysis process was ended: {why}")]
    Died { why: Death },
    #[error("the analysis process answered nonsense: {what}")]
    Protocol { what: &'static str },
    #[error("the analysis process cannot be confined here ({}), and the configuration asks for it", .0.describe())]
    NotConfined(Confinement),
    #[error("the analysis process says that it is confined ({}), and yet it could {what}", .confinement.describe())]
    Escaped { confinement: Confinement, what: String },
    #[error("the picture has {pixels} pixels, and at most {limit} are looked at: make it smaller first")]
    TooLarge { pixels: u64, limit: u64 },
    #[error("{waiting} pictures wait already; try again later")]
    Full { waiting: usize },
    #[error("the server is going down")]
    Closed,
}

impl PoolError {
    /// The picture did it and would do it again; otherwise the machine did, and another try may succeed.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::TimedOut { .. } | Self::TooLarge { .. } => true,
            Self::Died { why } => !matches!(why, Death::FromOutside),
            _ => false,
        }
    }
}

/// What ended a worker that did not end by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Death {
    #[error("it needed more than {} MiB of memory", .limit_bytes / media::limits::MIB)]
    Memory { limit_bytes: u64 },
    /// SIGKILL that we did not send: the system ran out of memory, or somebody ended it.
    #[error("by somebody else, or because the machine ran out of memory")]
    FromOutside,
    #[error("by signal {0}")]
    Signal(i32),
    #[error("it ended itself with code {0}")]
    Exit(i32),
}

/// Workers, started when there is work.
#[derive(Debug)]
pub struct Pool {
    settings: Arc<Settings>,
    queue: Arc<Queue>,
}

impl Pool {
    /// Starts the threads that will own the workers; a worker is started with the first picture.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let pool =
            Self { queue: Arc::new(Queue::new(settings.limits.waiting_max)), settings: Arc::new(settings) };
        for i in 0..pool.settings.workers.max(1) {
            let (settings, queue) = (Arc::clone(&pool.settings), Arc::clone(&pool.queue));
            thread::Builder::new().name(format!("look-{i}")).spawn(move || tend(&settings, &queue))?;
        }
        Ok(pool)
    }

    /// Waits for its turn and for the answer.
    ///
    /// A part that failed stands in [`Seen::failed`]; an error means that the whole worker did.
    pub fn look(&self, look: Look) -> Result<Seen, PoolError> {
        let pixels = u64::from(look.pixels.width) * u64::from(look.pixels.height);
        let limit = self.settings.limits.pixels_max;
        if pixels > limit {
            return Err(PoolError::TooLarge { pixels, limit });
        }
        if u64::try_from(look.pixels.rgb.len()).ok() != Some(pixels * 3) {
            return Err(PoolError::Protocol { what: "these are not the pixels of a picture" });
        }
        let (answer, answered) = mpsc::sync_channel(1);
        let urgency = look.urgency;
        self.queue.push(Job { look, answer }, urgency)?;
        answered.recv().unwrap_or(Err(PoolError::Closed))
    }

    /// Starts a worker of its own, lets it try every forbidden door, and says what it said.
    ///
    /// It names the parts that cannot work, for `doctor` and the console.
    pub fn probe(&self) -> Result<Ready, PoolError> {
        let (process, ready) = Process::start(&self.settings, true)?;
        drop(process);
        if ready.open_doors.is_empty() || !ready.confinement.is_full() {
            return Ok(ready);
        }
        let what = ready.open_doors.join(", ");
        Err(PoolError::Escaped { confinement: ready.confinement, what })
    }

    /// No picture is taken any more, and what waits is told so; those under way are finished.
    pub fn close(&self) {
        self.queue.close();
    }

    /// Pictures that wait: of customers, and to be looked at again.
    pub fn waiting(&self) -> (usize, usize) {
        self.queue.waiting()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close();
    }
}

/// The life of one slot: take a picture, have a worker, ask it.
fn tend(settings: &Settings, queue: &Queue) {
    let idle = Duration::from_secs(settings.limits.idle_s);
    let mut worker: Option<Process> = None;
    loop {
        let job = match queue.take(worker.is_some().then_some(idle)) {
            queue::Taken::Job(job) => job,
            queue::Taken::Idle => {
                worker = None;
                continue;
            }
            queue::Taken::Closed => return,
        };
        let process = match worker.take() {
            Some(process) => Ok(process),
            None => Process::start(settings, false).map(|(process, _)| process),
        };
        let answer = process.and_then(|mut process| {
            let mut seen = process.look(settings, &job.look)?;
            if let Some(tesseract) = &settings.tesseract {
                tesseract.complete(&mut seen, &job.look.pixels);
            }
            worker = Some(process).filter(|p| p.pictures < settings.limits.pictures_max);
            Ok(seen)
        });
        // Nobody may wait any more.
        let _ = job.answer.send(answer);
    }
}
