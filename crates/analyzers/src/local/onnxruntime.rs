//! ONNX Runtime, where somebody has it: the networks that read text take less time on it than on `rten`.
//!
//! The library is nothing that Sportello brings or links: it is loaded from the file that the configuration names.
//! That takes two steps. Loading opens the file, so it comes before the worker shuts itself off from files and
//! networks. Starting comes after: released builds since 1.29 tell Microsoft how they are used, from a thread of their
//! own, unless [`NO_TELEMETRY`] is set. Who starts a process for it sets that; what ignores it finds every door shut.

use std::{
    any::Any,
    ffi::CStr,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use libloading::Symbol;
use ort::{
    environment::Environment, ep::CPU, logging::LogLevel, session::Session, sys::OrtApiBase, value::TensorRef,
};

/// The oldest that has the calls we make: 1.17.
const MINOR_MIN: u32 = ort::MINOR_VERSION;
/// A version is shown and stored with every line of text.
const VERSION_CHARS_MAX: usize = 24;

/// What a person does about a library that cannot be used.
pub const MEND: &str = "give analysis.onnxruntime a libonnxruntime.so of version 1.17 or a newer 1.x (the wheel of `pip download --no-deps onnxruntime` holds one under onnxruntime/capi), or take the setting out";

/// Why the library is not used. Each sentence says what mends it.
#[derive(Debug, thiserror::Error)]
pub enum OnnxRuntimeError {
    #[error("there is no ONNX Runtime at {}; {MEND}", .path.display())]
    Missing { path: PathBuf },
    #[error("{} cannot be loaded as a library ({what}); {MEND}", .path.display())]
    NotALibrary { path: PathBuf, what: String },
    #[error("{} is a library, but not ONNX Runtime; {MEND}", .path.display())]
    AnotherLibrary { path: PathBuf },
    #[error("{} is ONNX Runtime {version}, which has another interface; {MEND}", .path.display())]
    OtherVersion { path: PathBuf, version: String },
    #[error("{} (ONNX Runtime {version}) does not start: {what}; {MEND}", .path.display())]
    Broken { path: PathBuf, version: String, what: String },
    #[error("ONNX Runtime {version} does not take the model for {name}: {what}; {MEND}")]
    Refused { version: String, name: &'static str, what: String },
}

/// The variable, and its value, that keeps the library from telling its makers how it is used.
pub const NO_TELEMETRY: (&str, &str) = ("ORT_DISABLE_TELEMETRY", "1");

/// The library, loaded and not started. A process can have one.
pub struct Library {
    path: PathBuf,
    version: String,
}

/// The library at work.
pub struct OnnxRuntime {
    environment: Environment,
    version: String,
}

/// A network on it.
pub struct Network {
    /// The library's networks are not made for two callers at once.
    session: Mutex<Session>,
}

impl Library {
    /// Looks whether the file is what we need before any of it is used.
    pub fn load(path: &Path) -> Result<Self, OnnxRuntimeError> {
        let path = path.to_owned();
        if !path.exists() {
            return Err(OnnxRuntimeError::Missing { path });
        }
        let version = version(&path)?;
        if !is_ours(&version) {
            return Err(OnnxRuntimeError::OtherVersion { path, version });
        }
        match guarded(|| ort::init_from(&path).map_err(|error| error.to_string())) {
            Ok(_) => Ok(Self { path, version }),
            Err(what) => Err(OnnxRuntimeError::Broken { path, version, what }),
        }
    }

    /// Once a process.
    pub fn start(self) -> Result<OnnxRuntime, OnnxRuntimeError> {
        let Self { path, version } = self;
        let environment = guarded(|| {
            let environment = ort::init().with_name("sportello").with_telemetry(false);
            environment.build().map_err(|error| error.to_string())
        });
        match environment {
            Ok(environment) => {
                // What a picture makes it say is nobody's business.
                environment.set_log_level(LogLevel::Fatal);
                Ok(OnnxRuntime { environment, version })
            }
            Err(what) => Err(OnnxRuntimeError::Broken { path, version, what }),
        }
    }
}

impl OnnxRuntime {
    /// As the library says it: `1.32.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// `threads` work on one call; they are started here.
    pub fn network(
        &self,
        name: &'static str,
        onnx: &[u8],
        threads: usize,
    ) -> Result<Network, OnnxRuntimeError> {
        let session = guarded(|| self.session(onnx, threads).map_err(|error| error.to_string()));
        let refused = |what| OnnxRuntimeError::Refused { version: self.version.clone(), name, what };
        Ok(Network { session: Mutex::new(session.map_err(refused)?) })
    }

    fn session(&self, onnx: &[u8], threads: usize) -> ort::Result<Session> {
        Session::builder(&self.environment)?
            .with_intra_threads(threads.max(1))?
            // A thread without work sleeps; otherwise an idle worker would keep a processor busy.
            .with_intra_op_spinning(false)?
            // Every picture has a size of its own: what is kept of one for the next only grows.
            .with_memory_pattern(false)?
            .with_execution_providers([CPU::default().with_arena_allocator(false).build()])?
            .commit_from_memory(onnx)
    }
}

impl Network {
    /// What the model's file says of itself under this key.
    pub fn metadata(&self, key: &str) -> Option<String> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        session.metadata().ok()?.custom(key)
    }

    /// Its one output for its one input: the numbers, and their shape.
    pub fn run(&self, numbers: &[f32], shape: [usize; 4]) -> Result<(Vec<f32>, Vec<usize>), String> {
        let said = |error: ort::Error| error.to_string();
        let input = TensorRef::from_array_view((shape, numbers)).map_err(said)?;
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = session.run(ort::inputs![input]).map_err(said)?;
        let output = outputs.values().next().ok_or("no output")?;
        let (shape, numbers) = output.try_extract_tensor::<f32>().map_err(said)?;
        let shape: Result<Vec<usize>, _> = shape.iter().map(|side| usize::try_from(*side)).collect();
        Ok((numbers.to_vec(), shape.map_err(|error| error.to_string())?))
    }
}

/// The library asserts a few things of itself.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let said = |panic: Box<dyn Any + Send>| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it gave up").to_owned()
    };
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(said(panic)))
}

/// Opens the file as a library and asks it for its version.
fn version(path: &Path) -> Result<String, OnnxRuntimeError> {
    let not_loaded = |error: libloading::Error| {
        let what = error.to_string();
        OnnxRuntimeError::NotALibrary { path: path.to_owned(), what }
    };
    let another = || OnnxRuntimeError::AnotherLibrary { path: path.to_owned() };
    // SAFETY: whoever writes the configuration chose this code, as they chose this program; the symbol is one that
    // only ONNX Runtime has, its type is that of its header since its first version, and what it points to lives as
    // long as the library, which is read from here only while it is open.
    #[expect(unsafe_code, reason = "a library that is found when the program runs has no safe interface")]
    let text = unsafe {
        let library = libloading::Library::new(path).map_err(not_loaded)?;
        let base: Symbol<unsafe extern "C" fn() -> *const OrtApiBase> =
            library.get(b"OrtGetApiBase\0").map_err(|_| another())?;
        let base = base().as_ref().ok_or_else(another)?;
        let version = (base.GetVersionString)();
        if version.is_null() {
            return Err(another());
        }
        let text = CStr::from_ptr(version).to_string_lossy().into_owned();
        // It stays: unloading a library whose code has run is safe for few.
        std::mem::forget(library);
        text
    };
    Ok(text.chars().filter(|c| c.is_ascii_graphic()).take(VERSION_CHARS_MAX).collect())
}

fn is_ours(version: &str) -> bool {
    let mut numbers = version.split(['.', '-', '+']).map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    // Another major version may have another interface under the same names.
    major == 1 && minor >= MINOR_MIN
}
