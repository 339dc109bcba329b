//! The child: confined first, then one file in, one answer out, then the end.
//!
//! The request's header comes from our own parent; not one byte of a customer's file is looked at before the
//! confinement stands. A decoder that panics is a damaged picture, not a crash.

use std::{
    fs,
    io::{self, Read, Write},
    net::UdpSocket,
    panic,
    process::{self, Command, ExitCode},
};

use crate::{
    confine::{Confinement, confine},
    documents::{self, Bounds, Document},
    forensics,
    rendition::{Pixels, pixels, render, render_masked},
    report::{Report, Unrenderable},
    sniff::sniff,
    wire::{self, Answer, Outcome, Request, Task},
};

/// The whole life of the child process. Call it first in `main`, before any thread is started.
pub fn run_worker() -> ExitCode {
    // A panic is reported in the answer; its text could hold bytes of the file, so it goes nowhere else.
    panic::set_hook(Box::new(|_| {}));
    match serve_one(io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // Room for the file itself is asked for politely: a refusal means the same as an allocation that fails.
        Err(e) if e.kind() == io::ErrorKind::OutOfMemory => process::abort(),
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve_one(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let request: Request = wire::read_header(&mut from, wire::REQUEST_BYTES_MAX)?;
    let confinement = confine(&request.limits);
    if request.limits.needs_full_confinement && !confinement.is_full() {
        return answer(&mut to, confinement, Outcome::NotConfined, &[]);
    }
    if request.task == Task::Probe {
        return answer(&mut to, confinement, Outcome::Probe { open_doors: open_doors() }, &[]);
    }
    let mut bytes = Vec::new();
    from.take(request.input_bytes).read_to_end(&mut bytes)?;
    let gave_up = || Unrenderable::Damaged { detail: "the decoder gave up".to_owned() };
    let regions = match &request.task {
        Task::Pixels { side_px_max } => {
            let pixels = panic::catch_unwind(|| pixels(&bytes, *side_px_max, &request.limits));
            return match pixels.unwrap_or_else(|_| Err(gave_up())) {
                Ok(Pixels { width, height, rgb }) => {
                    answer(&mut to, confinement, Outcome::Pixels { width, height }, &[&rgb])
                }
                Err(why) => answer(&mut to, confinement, Outcome::Unrenderable(why), &[]),
            };
        }
        Task::Forensics { channel_kind } => {
            let seen = panic::catch_unwind(|| {
                forensics::look(&bytes, sniff(&bytes), *channel_kind, &request.limits)
            });
            let outcome = match seen.unwrap_or_else(|_| Err(gave_up())) {
                Ok(seen) => Outcome::Forensics(Box::new(seen)),
                Err(why) => Outcome::Unrenderable(why),
            };
            return answer(&mut to, confinement, outcome, &[]);
        }
        Task::Document { is_text_only } => {
            return answer_document(&mut to, confinement, &bytes, *is_text_only);
        }
        Task::Mask { regions } => Some(regions.as_slice()),
        Task::Inspect | Task::Probe => None,
    };
    let rendered = panic::catch_unwind(|| match regions {
        Some(regions) => render_masked(&bytes, regions, &request.limits),
        None => render(&bytes, &request.limits),
    });
    let report = rendered.unwrap_or_else(|_| Report::without_renditions(sniff(&bytes), Some(gave_up())));
    let parts: Vec<&[u8]> = report.renditions.iter().map(|r| r.bytes.as_slice()).collect();
    let rendition_bytes = parts.iter().map(|p| u64::try_from(p.len()).unwrap_or(u64::MAX)).collect();
    answer(
        &mut to,
        confinement,
        Outcome::Report { report: Box::new(report.clone()), rendition_bytes },
        &parts,
    )
}

/// A document whose reader gives up is an unread document that says so.
fn answer_document(
    to: impl Write,
    confinement: Confinement,
    bytes: &[u8],
    is_text_only: bool,
) -> io::Result<()> {
    let sniffed = sniff(bytes);
    let bounds = if is_text_only { Bounds::TEXT_ONLY } else { Bounds::default() };
    let document = panic::catch_unwind(|| documents::read(bytes, sniffed, &bounds))
        .unwrap_or_else(|_| Document::damaged(sniffed));
    let description = serde_json::to_vec(&document)?;
    let previews = document.previews.iter().map(|p| p.bytes.as_slice());
    let parts: Vec<&[u8]> = previews.chain(document.images.iter().map(|i| i.bytes.as_slice())).collect();
    let length = |part: &[u8]| u64::try_from(part.len()).unwrap_or(u64::MAX);
    let outcome = Outcome::Document {
        description_bytes: length(&description),
        part_bytes: parts.iter().map(|p| length(p)).collect(),
    };
    let parts = [vec![description.as_slice()], parts].concat();
    answer(to, confinement, outcome, &parts)
}

fn answer(mut to: impl Write, confinement: Confinement, outcome: Outcome, parts: &[&[u8]]) -> io::Result<()> {
    to.write_all(&wire::header(&Answer { confinement, outcome }, wire::HEADER_BYTES_MAX)?)?;
    parts.iter().try_for_each(|part| to.write_all(part))?;
    to.flush()
}

/// What an attacker who runs in a confined process would try first, and could do; each must be refused.
pub fn open_doors() -> Vec<String> {
    let created = std::env::temp_dir().join("sportello-media-probe");
    let tries: [(&str, bool); 5] = [
        ("read a file", fs::read("/etc/passwd").is_ok()),
        ("list a folder", fs::read_dir("/").is_ok()),
        ("create a file", fs::File::create_new(&created).is_ok()),
        ("open a socket", UdpSocket::bind("127.0.0.1:0").is_ok()),
        ("start a process", Command::new("/bin/true").spawn().and_then(|mut c| c.wait()).is_ok()),
    ];
    let open: Vec<String> =
        tries.iter().filter(|(_, done)| *done).map(|(what, _)| (*what).to_owned()).collect();
    if open.iter().any(|what| what == "create a file") {
        // It is only there where nothing confines us; then it can be removed as well.
        let _ = fs::remove_file(created);
    }
    open
}
