//! Text read with ONNX Runtime in the real confined worker, and what becomes of libraries that are not it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use analyzers::local::{
    text::Runtime,
    worker::{Limits, Pool, Ready, Seen, Settings},
};

use media::Pixels;

use super::{
    Test,
    common::{models, picture, plain, turned},
    pictures::{children, peak_mib},
    settings, text_of,
};

pub const TESTS: &[Test] = &[
    ("onnxruntime::it_reads_what_rten_reads", it_reads_what_rten_reads),
    ("onnxruntime::it_tells_its_makers_nothing", it_tells_its_makers_nothing),
    ("onnxruntime::what_is_not_it_is_passed_over", what_is_not_it_is_passed_over),
];

/// Names a `libonnxruntime.so`; without it only what goes wrong is tried.
const VARIABLE: &str = "SPORTELLO_TEST_ONNXRUNTIME";

fn with(library: &Path) -> Settings {
    let mut settings = settings("analysis-worker", Limits::default());
    settings.onnxruntime = Some(library.to_owned());
    settings.needs_full_confinement = true;
    settings
}

fn texts(seen: &Seen) -> Vec<&str> {
    seen.lines.iter().map(|line| line.text.as_str()).collect()
}

fn it_reads_what_rten_reads() {
    let Some(library) = std::env::var_os(VARIABLE) else {
        println!("skipped: {VARIABLE} names no library");
        return;
    };
    models();
    let ours = Pool::new(with(Path::new(&library))).unwrap();
    let ready = ours.probe().unwrap();
    assert!(ready.confinement.is_full(), "{}", ready.confinement.describe());
    assert_eq!((ready.open_doors.len(), ready.unavailable.len()), (0, 0), "{ready:?}");
    assert_eq!(ready.why_not_onnxruntime, None);
    let Runtime::OnnxRuntime(version) = &ready.runtime else { panic!("{ready:?}") };
    assert!(version.starts_with("1."), "{version}");

    let built_in = Pool::new(settings("analysis-worker", Limits::default())).unwrap();
    let mut worker = None;
    for (name, turns) in [("screenshot.png", 4), ("columns.png", 2), ("small.png", 1), ("dark.png", 4)] {
        for quarters in 0..turns {
            let pixels = turned(&picture(name), quarters);
            let seen = ours.look(text_of(pixels.clone())).unwrap();
            if worker.is_none() {
                worker = children().into_iter().next();
            }
            let expect = built_in.look(text_of(pixels)).unwrap();
            assert_eq!((expect.lines.is_empty(), expect.failed.len()), (false, 0), "{name}: {expect:#?}");
            assert_eq!(texts(&seen), texts(&expect), "{name}, {quarters} quarters");
            assert_eq!(seen.unread, expect.unread, "{name}, {quarters} quarters");
            assert_eq!((&seen.runtime, &expect.runtime), (&ready.runtime, &Runtime::Rten));
        }
    }
    // Fine print on a large page: the most memory that looking for text takes.
    let seen = ours.look(text_of(on_a_larger_page(&picture("small.png")))).unwrap();
    assert_eq!((seen.lines.len(), seen.failed.len()), (20, 0), "{seen:#?}");
    let peak = peak_mib(&worker.unwrap());
    assert!(peak < 450, "a worker may take 450 MB, this one took {peak} MiB");
}

/// In the corner of a white page of four times its size.
fn on_a_larger_page(page: &Pixels) -> Pixels {
    let row = usize::try_from(page.width).unwrap() * 3;
    let mut rgb: Vec<u8> =
        page.rgb.chunks_exact(row).flat_map(|row| [row, &vec![255; row.len()]].concat()).collect();
    rgb.resize(rgb.len() * 2, 255);
    Pixels { width: page.width * 2, height: page.height * 2, rgb }
}

/// Released builds report to Microsoft unless a variable forbids it, and a worker gets no variable but ours.
fn it_tells_its_makers_nothing() {
    let pool = Pool::new(settings("say-whether-it-would-tell", Limits::default())).unwrap();
    assert_eq!(pool.look(text_of(plain(8, 8, 0))).unwrap().ms["text"], 0);
}

/// Everything is read all the same, and a sentence names the file, what is wrong with it and what mends it.
fn what_is_not_it_is_passed_over() {
    models();
    let folder = tempfile::TempDir::new().unwrap();
    let nowhere = folder.path().join("nowhere.so");
    let garbage = folder.path().join("garbage.so");
    std::fs::write(&garbage, "this is no library").unwrap();
    let other = built(folder.path(), "other", "int answer(void) { return 42; }");
    let old = built(folder.path(), "old", &speaks("1.16.3"));
    let future = built(folder.path(), "future", &speaks("2.0.0"));
    let mute = built(folder.path(), "mute", "const void *OrtGetApiBase(void) { return 0; }");
    // Its version is right and it has nothing to offer.
    let hollow = built(folder.path(), "hollow", &speaks("1.17.0"));
    let deadly = built(
        folder.path(),
        "deadly",
        "#include <stdlib.h>\n__attribute__((constructor)) static void at_once(void) { abort(); }",
    );
    for (library, expect) in [
        (&nowhere, "there is no ONNX Runtime at"),
        (&garbage, "cannot be loaded as a library"),
        (&folder.path().to_owned(), "cannot be loaded as a library"),
        (&other, "is a library, but not ONNX Runtime"),
        (&mute, "is a library, but not ONNX Runtime"),
        (&old, "is ONNX Runtime 1.16.3, which has another interface"),
        (&future, "is ONNX Runtime 2.0.0, which has another interface"),
        (&hollow, "(ONNX Runtime 1.17.0) does not start"),
        (&deadly, "the analysis process was ended"),
    ] {
        let pool = Pool::new(with(library)).unwrap();
        let Ready { runtime, why_not_onnxruntime, unavailable, .. } = pool.probe().unwrap();
        assert_eq!((runtime, unavailable.len()), (Runtime::Rten, 0), "{}", library.display());
        let why = why_not_onnxruntime.unwrap();
        let named = library.display().to_string();
        for part in [expect, &named, "analysis.onnxruntime"] {
            assert!(why.contains(part), "{part}: {why}");
        }
    }
    // Also after a library that takes the worker with it.
    for library in [&garbage, &deadly] {
        let seen = Pool::new(with(library)).unwrap().look(text_of(picture("screenshot.png"))).unwrap();
        assert_eq!((seen.lines.len(), seen.runtime), (11, Runtime::Rten));
    }
}

/// The least that a library of this version would have to have.
fn speaks(version: &str) -> String {
    format!(
        "static const void *api(unsigned number) {{ (void)number; return 0; }}
         static const char *version(void) {{ return \"{version}\"; }}
         static const struct {{ const void *(*api)(unsigned); const char *(*version)(void); }} base = {{ api, version }};
         const void *OrtGetApiBase(void) {{ return &base; }}"
    )
}

/// A library of these lines of C; a compiler is there, because the crate needs one itself.
fn built(folder: &Path, name: &str, source: &str) -> PathBuf {
    let (from, to) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.so")));
    std::fs::write(&from, source).unwrap();
    let output = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&to, &from]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    to
}
