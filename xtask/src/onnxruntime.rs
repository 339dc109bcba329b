//! ONNX Runtime, for who wants text read faster: the library out of its makers' own wheel, checked, beside the models.
//!
//! Which wheel does not depend on the Python that downloads it, so that one SHA-256 an architecture says all.

use crate::models::{self, sha256};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;

const PACKAGE: &str = "onnxruntime==1.32.0";
const IN_PACKAGE: &str = "onnxruntime/capi/libonnxruntime.so.1.32.0";
/// The wheels of which the sums are.
const PYTHON: &str = "3.11";

struct Build {
    architecture: &'static str,
    platform: &'static str,
    sha256: &'static str,
}

const BUILDS: [Build; 2] = [
    Build {
        architecture: "x86_64",
        platform: "manylinux_2_28_x86_64",
        sha256: "6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f",
    },
    Build {
        architecture: "aarch64",
        platform: "manylinux_2_28_aarch64",
        sha256: "49852228a93995158b2a813d4df487d47a1b76b0eaa894507ef49e91b6d7954a",
    },
];

/// Makes sure that it is there, and says how it is used.
pub fn need() -> Result<()> {
    let library = path()?;
    let build = BUILDS.iter().find(|build| build.architecture == std::env::consts::ARCH);
    let Some(build) = build.filter(|_| cfg!(target_os = "linux")) else {
        bail!("no library is known for this machine; name one of your own in analysis.onnxruntime");
    };
    if !fs::read(&library).is_ok_and(|bytes| sha256(&bytes) == build.sha256) {
        let options = ["--python-version", PYTHON, "--platform", build.platform];
        let unpacked = models::download_wheel(PACKAGE, &options)?;
        models::place(&unpacked.join(IN_PACKAGE), build.sha256, &library)?;
        fs::remove_dir_all(&unpacked)?;
    }
    println!("[analysis]\nonnxruntime = \"{}\"", library.display());
    Ok(())
}

fn path() -> Result<PathBuf> {
    let dir = models::dir()?;
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir.join("libonnxruntime.so"))
}
