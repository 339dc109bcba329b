//! The parent's side: starts the decoder, feeds it, watches the clock, and believes nothing it says.
//!
//! Blocking, for a bounded pool. One process a file; when [`Decoder::inspect`] returns, the process is gone and
//! reaped and no thread is left, whatever the file did to it.

use std::{
    ffi::OsString,
    io::{self, Cursor, Read, Write},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use model::finding::Region;

use crate::{
    confine::Confinement,
    documents::{self, Document},
    forensics::{self, Forensics, WhyNot},
    limits::{Limits, MIB},
    metadata::ChannelKind,
    rendition::{
        PIXELS_SIDE_PX_MAX, Pixels, THUMB, VIEW, is_renderable, no_picture, verdict_without_decoding,
    },
    report::{Rendition, Report, Unrenderable},
    sniff::{self, Sniffed, sniff},
    wire::{self, Answer, Outcome, Request, Task},
};

/// How to start the decoder, and what a file may cost.
#[derive(Clone, Debug)]
pub struct Decoder {
    /// The server's own binary: `std::env::current_exe()`.
    pub exe: PathBuf,
    /// What makes it run [`crate::run_worker`].
    pub args: Vec<OsString>,
    pub limits: Limits,
}

/// Twenty previews, the pictures inside and the text, each with room to spare.
const DOCUMENT_BYTES_MAX: u64 = 64 * MIB;

#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("cannot start the decoder process {exe}: {source}")]
    Start { exe: PathBuf, source: io::Error },
    #[error("the decoder gave no answer within {wall_ms} ms and was ended")]
    TimedOut { wall_ms: u64 },
    #[error("the decoder was ended: {why}")]
    Killed { why: Death },
    #[error("the decoder answered nonsense: {what}")]
    Protocol { what: &'static str },
    #[error("the decoder cannot be confined here ({}), and the configuration asks for it", .0.describe())]
    NotConfined(Confinement),
    #[error("the decoder says that it is confined ({}), and yet it could {what}", .confinement.describe())]
    Escaped { confinement: Confinement, what: String },
}

impl DecodeError {
    /// The file did it and would do it again; otherwise the machine did, and another try may succeed.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::TimedOut { .. } => true,
            Self::Killed { why } => !matches!(why, Death::FromOutside),
            Self::Start { .. } | Self::Protocol { .. } | Self::NotConfined(_) | Self::Escaped { .. } => false,
        }
    }

    /// For a person, with a way out.
    pub fn sentence(&self) -> String {
        match self {
            Self::TimedOut { .. } | Self::Killed { why: Death::Memory { .. } | Death::Cpu { .. } } => {
                format!(
                    "this file takes too much to open ({self}); ask for a smaller copy or a screenshot of it"
                )
            }
            Self::Killed { .. } => {
                format!(
                    "this file could not be opened safely ({self}); ask for it to be sent again, as a photo"
                )
            }
            Self::NotConfined(_) | Self::Escaped { .. } => {
                format!("{self}; `sportello doctor` says what this machine lacks")
            }
            Self::Start { .. } | Self::Protocol { .. } => format!("{self}; it is tried again"),
        }
    }
}

/// What ended a child that did not end by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Death {
    #[error("it needed more than {} MiB of memory", .limit_bytes / MIB)]
    Memory { limit_bytes: u64 },
    #[error("it needed more than {limit_s} s of processor time")]
    Cpu { limit_s: u64 },
    #[error("it answered more than {} MiB", .limit_bytes / MIB)]
    Output { limit_bytes: u64 },
    #[error("it called the kernel in a way that is forbidden")]
    ForbiddenCall,
    /// SIGKILL that we did not send: the system ran out of memory, or somebody ended it.
    #[error("by somebody else, or because the machine ran out of memory")]
    FromOutside,
    #[error("by signal {0}")]
    Signal(i32),
    #[error("it ended itself with code {0}")]
    Exit(i32),
}

impl Decoder {
    /// Says what the file is and makes its renditions.
    ///
    /// A file that cannot be shown is a report that says why; an error means that the decoder itself failed.
    /// Only pictures are handed to the child: of everything else the type is all that is said.
    pub fn inspect(&self, bytes: &[u8]) -> Result<Report, DecodeError> {
        let sniffed = sniff(bytes);
        if let Some(report) = verdict_without_decoding(bytes, sniffed, &self.limits) {
            return Ok(report);
        }
        let (answer, rest) = self.ask(Task::Inspect, bytes)?;
        match answer.outcome {
            Outcome::NotConfined => Err(DecodeError::NotConfined(answer.confinement)),
            Outcome::Report { report, rendition_bytes } if report.sniffed == sniffed => {
                let renditions = checked(&report, &rendition_bytes, &rest)?;
                Ok(Report { renditions, ..*report })
            }
            _ => Err(DecodeError::Protocol { what: "not what was asked" }),
        }
    }

    /// The text of a document, its pages as pictures, and the pictures inside it.
    ///
    /// For every file that is no picture, film or sound: archives and markup have names, text and findings as well.
    /// Where the pages or pictures need too much, a second child reads the text alone, and the answer says so.
    pub fn document(&self, bytes: &[u8]) -> Result<Document, DecodeError> {
        let sniffed = sniff(bytes);
        let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size_bytes > self.limits.input_bytes_max {
            let limit_bytes = self.limits.input_bytes_max;
            let why_none = Some(Unrenderable::TooLarge { size_bytes, limit_bytes }.sentence());
            let mut document = Document::new(sniffed);
            document.why_none = why_none;
            return Ok(document);
        }
        let output_bytes_max = self.limits.output_bytes_max.max(DOCUMENT_BYTES_MAX);
        let generous = Self { limits: Limits { output_bytes_max, ..self.limits }, ..self.clone() };
        match generous.ask_document(bytes, sniffed, false) {
            Err(e) if e.is_final() => {
                let mut document = generous.ask_document(bytes, sniffed, true)?;
                document.cut(|| format!("its pages and pictures are not shown: {e}"));
                Ok(document)
            }
            other => other,
        }
    }

    fn ask_document(
        &self,
        bytes: &[u8],
        sniffed: Sniffed,
        is_text_only: bool,
    ) -> Result<Document, DecodeError> {
        let (answer, rest) = self.ask(Task::Document { is_text_only }, bytes)?;
        match answer.outcome {
            Outcome::NotConfined => Err(DecodeError::NotConfined(answer.confinement)),
            Outcome::Document { description_bytes, part_bytes } => {
                documents::checked(&rest, description_bytes, &part_bytes)
                    .filter(|document| document.sniffed == sniffed)
                    .ok_or(DecodeError::Protocol { what: "the document is not what it claims to be" })
            }
            _ => Err(DecodeError::Protocol { what: "not what was asked" }),
        }
    }

    /// Runs a child that confines itself and then tries to read and create files, open a socket and start a process.
    ///
    /// `Ok` says what is enforced (a confinement that is not full is for the caller to show); an error means that
    /// the child does not run, or that something was possible although it should not be.
    pub fn probe(&self) -> Result<Confinement, DecodeError> {
        let (answer, _) = self.ask(Task::Probe, &[])?;
        match answer.outcome {
            Outcome::NotConfined => Err(DecodeError::NotConfined(answer.confinement)),
            Outcome::Probe { open_doors } if open_doors.is_empty() || !answer.confinement.is_full() => {
                Ok(answer.confinement)
            }
            Outcome::Probe { open_doors } => {
                Err(DecodeError::Escaped { confinement: answer.confinement, what: open_doors.join(", ") })
            }
            _ => Err(DecodeError::Protocol { what: "not what was asked" }),
        }
    }

    /// The picture itself, upright and in sRGB, its longer side at most `side_px_max` (and [`PIXELS_SIDE_PX_MAX`]).
    ///
    /// For the workers that hold the models: they are given pixels, never a file.
    pub fn pixels(
        &self,
        bytes: &[u8],
        side_px_max: u32,
    ) -> Result<Result<Pixels, Unrenderable>, DecodeError> {
        if let Some(why) = no_picture(bytes, &self.limits) {
            return Ok(Err(why));
        }
        let side_px_max = side_px_max.clamp(1, PIXELS_SIDE_PX_MAX);
        let (answer, rgb) = self.ask(Task::Pixels { side_px_max }, bytes)?;
        match answer.outcome {
            Outcome::NotConfined => Err(DecodeError::NotConfined(answer.confinement)),
            Outcome::Unrenderable(why) => Ok(Err(why)),
            Outcome::Pixels { width, height } => {
                // Its sides are looked at first: their product may be any number.
                let is_small = width.max(height) <= side_px_max && width.min(height) > 0;
                let bytes = u64::from(width).saturating_mul(u64::from(height)).saturating_mul(3);
                if !is_small || u64::try_from(rgb.len()) != Ok(bytes) {
                    return Err(DecodeError::Protocol { what: "the pixels do not fill their size" });
                }
                Ok(Ok(Pixels { width, height, rgb }))
            }
            _ => Err(DecodeError::Protocol { what: "not what was asked" }),
        }
    }

    /// `view` and `thumb` with the regions, which are in pixels of `view`, painted black: see [`crate::mask`].
    pub fn masked(
        &self,
        bytes: &[u8],
        regions: &[Region],
    ) -> Result<Result<Vec<Rendition>, Unrenderable>, DecodeError> {
        let sniffed = sniff(bytes);
        if let Some(why) = no_picture(bytes, &self.limits) {
            return Ok(Err(why));
        }
        let (answer, rest) = self.ask(Task::Mask { regions: regions.to_vec() }, bytes)?;
        match answer.outcome {
            Outcome::NotConfined => Err(DecodeError::NotConfined(answer.confinement)),
            Outcome::Report { report, rendition_bytes } if report.sniffed == sniffed => {
                let renditions = checked(&report, &rendition_bytes, &rest)?;
                match report.why_none {
                    Some(why) => Ok(Err(why)),
                    None if renditions.len() == 2 => Ok(Ok(renditions)),
                    None => Err(DecodeError::Protocol { what: "neither renditions nor a reason" }),
                }
            }
            _ => Err(DecodeError::Protocol { what: "not what was asked" }),
        }
    }

    /// Traces of editing in a picture that is an original, or why they were not looked for.
    ///
    /// Costs at most [`forensics::CPU_S_MAX`] and [`forensics::WALL_MS_MAX`]; a photo of a messenger costs nothing.
    pub fn forensics(
        &self,
        bytes: &[u8],
        channel_kind: ChannelKind,
    ) -> Result<Result<Forensics, Unrenderable>, DecodeError> {
        let unlooked = |why| Ok(Ok(Forensics { why_not: Some(why), ..Forensics::default() }));
        if channel_kind == ChannelKind::Photo {
            return unlooked(WhyNot::SentAsPhoto);
        }
        if sniff(bytes) != sniff::JPEG {
            return unlooked(WhyNot::NotJpeg);
        }
        if let Some(why) = no_picture(bytes, &self.limits) {
            return Ok(Err(why));
        }
        let limits = Limits {
            wall_ms: self.limits.wall_ms.min(forensics::WALL_MS_MAX),
            cpu_s: self.limits.cpu_s.min(forensics::CPU_S_MAX),
            ..self.limits
        };
        let (answer, _) = Self { limits, ..self.clone() }.ask(Task::Forensics { channel_kind }, bytes)?;
        match answer.outcome {
            Outcome::NotConfined => Err(DecodeError::NotConfined(answer.confinement)),
            Outcome::Unrenderable(why) => Ok(Err(why)),
            Outcome::Forensics(seen) if seen.is_plausible() => Ok(Ok(*seen)),
            _ => Err(DecodeError::Protocol { what: "not what was asked" }),
        }
    }

    fn ask(&self, task: Task, input: &[u8]) -> Result<(Answer, Vec<u8>), DecodeError> {
        let input_bytes = u64::try_from(input.len()).unwrap_or(u64::MAX);
        let output_bytes_max = match &task {
            Task::Pixels { side_px_max } => u64::from(*side_px_max) * u64::from(*side_px_max) * 3,
            Task::Inspect
            | Task::Document { .. }
            | Task::Mask { .. }
            | Task::Forensics { .. }
            | Task::Probe => self.limits.output_bytes_max,
        };
        let request = Request { task, limits: self.limits, input_bytes };
        let header = wire::header(&request, wire::REQUEST_BYTES_MAX)
            .map_err(|_| DecodeError::Protocol { what: "there are more regions than can be told" })?;
        let mut child = self.start()?;
        let exchange = self.exchange(&mut child, [&header, input], output_bytes_max);
        // Already gone or ended by us: this reaps it.
        let status = child.wait();
        let output = exchange?;
        let status = status.map_err(|_| DecodeError::Protocol { what: "it cannot be waited for" })?;
        if !status.success() {
            return Err(DecodeError::Killed { why: self.death(status) });
        }
        let mut cursor = Cursor::new(output);
        let answer = wire::read_header(&mut cursor, wire::HEADER_BYTES_MAX)
            .map_err(|_| DecodeError::Protocol { what: "the header cannot be read" })?;
        let mut rest = Vec::new();
        cursor.read_to_end(&mut rest).map_err(|_| DecodeError::Protocol { what: "cut off" })?;
        Ok((answer, rest))
    }

    fn start(&self) -> Result<Child, DecodeError> {
        Command::new(&self.exe)
            .args(&self.args)
            // Secrets of the server may stand in its environment.
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What a hostile file makes a decoder say is nobody's business.
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| DecodeError::Start { exe: self.exe.clone(), source })
    }

    /// Writes the request and reads the answer at the same time, so that full pipes cannot lock us up, while a third
    /// thread watches the clock. All three end with the child, which is ended here at the latest.
    fn exchange(
        &self,
        child: &mut Child,
        input: [&[u8]; 2],
        output_bytes_max: u64,
    ) -> Result<Vec<u8>, DecodeError> {
        let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(DecodeError::Protocol { what: "it has no pipes" });
        };
        let limit_bytes = output_bytes_max.saturating_add(u64::from(wire::HEADER_BYTES_MAX));
        let (done, clock) = mpsc::channel::<()>();
        let (read, is_late) = thread::scope(|scope| {
            scope.spawn(move || {
                // A child that dies early breaks this pipe; its status tells the story.
                let _ = input.into_iter().try_for_each(|part| stdin.write_all(part));
            });
            let watch = scope.spawn(move || {
                let verdict = clock.recv_timeout(Duration::from_millis(self.limits.wall_ms));
                // Its answer ended because it ended, and then this changes nothing; or it closed its output to live on.
                let _ = child.kill();
                verdict == Err(RecvTimeoutError::Timeout)
            });
            let mut output = Vec::new();
            let read = stdout.take(limit_bytes.saturating_add(1)).read_to_end(&mut output).map(|_| output);
            let _ = done.send(());
            (read, watch.join().unwrap_or(false))
        });
        if is_late {
            return Err(DecodeError::TimedOut { wall_ms: self.limits.wall_ms });
        }
        let output = read.map_err(|_| DecodeError::Protocol { what: "its answer cannot be read" })?;
        if u64::try_from(output.len()).is_ok_and(|n| n <= limit_bytes) {
            Ok(output)
        } else {
            Err(DecodeError::Killed { why: Death::Output { limit_bytes: output_bytes_max } })
        }
    }

    #[cfg(unix)]
    fn death(&self, status: ExitStatus) -> Death {
        use std::os::unix::process::ExitStatusExt;
        // The numbers of Linux on x86-64 and ARM.
        match status.signal() {
            // Rust aborts when an allocation fails or the stack is used up.
            Some(6) => Death::Memory { limit_bytes: self.limits.memory_bytes },
            Some(9) => Death::FromOutside,
            Some(24) => Death::Cpu { limit_s: self.limits.cpu_s },
            Some(31) => Death::ForbiddenCall,
            Some(signal) => Death::Signal(signal),
            None => Death::Exit(status.code().unwrap_or(-1)),
        }
    }

    #[cfg(not(unix))]
    fn death(&self, status: ExitStatus) -> Death {
        Death::Exit(status.code().unwrap_or(-1))
    }
}

/// A child that was taken over can say anything; what it hands us must still be small JPEGs with our names.
fn checked(report: &Report, sizes: &[u64], mut rest: &[u8]) -> Result<Vec<Rendition>, DecodeError> {
    const WRONG: DecodeError = DecodeError::Protocol { what: "the renditions are not what they claim to be" };
    if sizes.len() != report.renditions.len() || !is_renderable(report.sniffed) && !sizes.is_empty() {
        return Err(WRONG);
    }
    let mut renditions = Vec::with_capacity(sizes.len());
    for (rendition, size) in report.renditions.iter().zip(sizes) {
        let size = usize::try_from(*size).map_err(|_| WRONG)?;
        let (bytes, after) = rest.split_at_checked(size).ok_or(WRONG)?;
        rest = after;
        let spec = [VIEW, THUMB].into_iter().find(|s| s.name == rendition.name).ok_or(WRONG)?;
        let is_small = rendition.width.max(rendition.height) <= spec.side_px_max;
        if !is_small || rendition.mime_type != sniff::JPEG.mime_type || sniff(bytes) != sniff::JPEG {
            return Err(WRONG);
        }
        renditions.push(Rendition { bytes: bytes.to_vec(), ..rendition.clone() });
    }
    if rest.is_empty() { Ok(renditions) } else { Err(WRONG) }
}
