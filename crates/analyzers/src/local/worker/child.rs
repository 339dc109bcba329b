//! The worker's own side: models, confinement, then picture after picture until the pipe ends.

use std::{
    io::{self, Read, Write},
    panic::{self, AssertUnwindSafe},
    process::ExitCode,
    time::Instant,
};

use media::{Pixels, confine, worker::open_doors};

use super::{Part, Ready, Request, Seen, Setup, wire};
use crate::local::{
    codes, faces,
    models::{FACES, ModelError, Models, TEXT_DETECTION, TEXT_RECOGNITION},
    onnxruntime::Library,
    picture_kind,
    text::{Reader, Runtime},
};

/// The whole life of the worker process. Call it first in `main`, before any thread is started.
pub fn run() -> ExitCode {
    // A panic is a part that failed; its text could hold what a picture says, so it goes nowhere.
    panic::set_hook(Box::new(|_| {}));
    match serve(io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let setup: Setup = wire::read(&mut from)?;
    let files = Files::read(&Models::at(&setup.models));
    // Opened while files can be; started, like everything else, when they cannot.
    let library = setup.onnxruntime.as_deref().map(|path| Library::load(path).map_err(|e| e.to_string()));
    let limits = media::Limits {
        memory_bytes: setup.memory_bytes,
        // It lives long: its parent watches the clock, picture by picture.
        cpu_s: u64::MAX,
        ..media::Limits::default()
    };
    let (confinement, tools) =
        confine::confine_around(&limits, || Tools::load(files, library, setup.threads));
    let unavailable = tools.unavailable();
    let open_doors = if setup.tries_doors { open_doors() } else { Vec::new() };
    let ready = Ready {
        confinement,
        unavailable,
        runtime: tools.runtime.clone(),
        why_not_onnxruntime: tools.why_not_onnxruntime.clone(),
        open_doors,
    };
    wire::write(&mut to, &ready)?;
    to.flush()?;
    if setup.needs_full_confinement && !confinement.is_full() {
        return Ok(());
    }
    // The end of the pipe is the end of the work.
    while let Ok(request) = wire::read::<Request>(&mut from) {
        let pixels = pixels(&request, &mut from)?;
        wire::write(&mut to, &look(&tools, &request.parts, &pixels))?;
        to.flush()?;
    }
    Ok(())
}

/// The size was checked by the parent; a picture that does not come whole ends the worker.
fn pixels(request: &Request, from: &mut impl Read) -> io::Result<Pixels> {
    let (width, height) = (request.width, request.height);
    let bytes = u64::from(width) * u64::from(height) * 3;
    let mut rgb = vec![0; usize::try_from(bytes).map_err(io::Error::other)?];
    from.read_exact(&mut rgb)?;
    Ok(Pixels { width, height, rgb })
}

/// Read while files can still be read; the networks are built from them afterwards.
struct Files {
    text: Result<(Vec<u8>, Vec<u8>), ModelError>,
    faces: Result<Vec<u8>, ModelError>,
}

impl Files {
    fn read(models: &Models) -> Self {
        let text = models.read(&TEXT_DETECTION).and_then(|d| Ok((d, models.read(&TEXT_RECOGNITION)?)));
        Self { text, faces: models.read(&FACES) }
    }
}

/// Everything that is loaded once. What could not be loaded is a sentence.
struct Tools {
    reader: Result<Reader, String>,
    faces: Result<faces::Finder, String>,
    runtime: Runtime,
    why_not_onnxruntime: Option<String>,
}

impl Tools {
    fn load(files: Files, library: Option<Result<Library, String>>, threads: usize) -> Self {
        let start = |library: Library| library.start().map_err(|error| error.to_string());
        let library = library.map(|library| library.and_then(start)).transpose();
        let (library, mut why_not_onnxruntime) = match library {
            Ok(library) => (library, None),
            Err(why) => (None, Some(why)),
        };
        let version = library.as_ref().map(|library| library.version().to_owned());
        let mut runtime = version.map_or(Runtime::Rten, Runtime::OnnxRuntime);
        let reader = files.text.map_err(|error| error.to_string()).and_then(|(detection, recognition)| {
            if let Some(library) = &library {
                match Reader::on(library, detection.clone(), recognition.clone(), threads) {
                    Ok(reader) => return Ok(reader),
                    Err(error) => why_not_onnxruntime = Some(error.to_string()),
                }
            }
            runtime = Runtime::Rten;
            Reader::from_bytes(detection, recognition, threads).map_err(|error| error.to_string())
        });
        let faces = files.faces.map_err(|error| error.to_string());
        let faces = faces.and_then(|model| faces::Finder::load(model).map_err(|error| error.to_string()));
        Self { reader, faces, runtime, why_not_onnxruntime }
    }

    fn unavailable(&self) -> std::collections::BTreeMap<String, String> {
        let text = self.reader.as_ref().err().map(|why| (Part::Text, why));
        let faces = self.faces.as_ref().err().map(|why| (Part::Faces, why));
        text.into_iter().chain(faces).map(|(part, why)| (part.name().to_owned(), why.clone())).collect()
    }
}

/// One part's work: it adds what it sees, or says in a sentence why it cannot.
type Work = fn(&Tools, &Pixels, &mut Seen) -> Result<(), String>;

/// The one list of what a worker can do.
fn work(part: Part) -> Work {
    match part {
        Part::Text => |tools, pixels, seen| {
            let reader = tools.reader.as_ref().map_err(String::clone)?;
            let page = reader.read_page(pixels).map_err(|error| error.to_string())?;
            (seen.lines, seen.unread) = (page.lines, page.unread);
            Ok(())
        },
        Part::Codes => |_, pixels, seen| {
            seen.findings = codes::find(pixels);
            Ok(())
        },
        Part::Faces => |tools, pixels, seen| {
            let faces = tools.faces.as_ref().map_err(String::clone)?;
            seen.findings = faces.find(pixels).map_err(|error| error.to_string())?;
            Ok(())
        },
        Part::Kind => |_, pixels, seen| {
            seen.look = Some(picture_kind::Look::of(pixels));
            Ok(())
        },
    }
}

fn look(tools: &Tools, parts: &[Part], pixels: &Pixels) -> Seen {
    let mut seen = Seen::default();
    for part in parts {
        let started = Instant::now();
        let mut own = Seen::default();
        // Tools are only read, and what a part that panicked saw is thrown away.
        let done = panic::catch_unwind(AssertUnwindSafe(|| work(*part)(tools, pixels, &mut own)));
        let ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        seen.ms.insert(part.name().to_owned(), ms);
        match done.unwrap_or_else(|_| Err("it stumbled over this picture".to_owned())) {
            Ok(()) => {
                seen.lines.append(&mut own.lines);
                seen.unread += own.unread;
                seen.findings.append(&mut own.findings);
                seen.look = seen.look.or(own.look);
            }
            Err(why) => {
                seen.failed.insert(part.name().to_owned(), why);
            }
        }
    }
    seen
}
