//! The model files: which ones, from where, and whether those on this disk are exactly they.
//!
//! They are not part of the repository or of the binary (31 MB that change less often than the program).
//! A file is used only when its SHA-256 is the one written here: a model of another version reads differently without
//! saying so, and a truncated one fails late and obscurely.

mod install;
mod table;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

pub use install::{InstallError, Installed, install, packages};
pub use table::{ALL, FACES, Package, Spec, TEXT_DETECTION, TEXT_RECOGNITION};

/// A folder with models. Nothing is held open: a file is read, checked and handed out when somebody asks for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Models {
    dir: PathBuf,
}

/// Why a model cannot be used. Each sentence says what mends it.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the model for {name} is missing: {} does not exist; {MEND}", .path.display())]
    Missing { name: &'static str, path: PathBuf },
    #[error("the model for {name} is incomplete: {} has {size_bytes} of {} bytes; {MEND}", .path.display(), .expected_bytes)]
    Truncated { name: &'static str, path: PathBuf, size_bytes: u64, expected_bytes: u64 },
    #[error("the model for {name} is another version: {} has SHA-256 {sha256}, {} is needed; {MEND}", .path.display(), .expected)]
    OtherVersion { name: &'static str, path: PathBuf, sha256: String, expected: &'static str },
    #[error("the model for {name} cannot be read: {}: {source}", .path.display())]
    Unreadable { name: &'static str, path: PathBuf, source: io::Error },
}

/// What a person does about it, with the repository and without.
pub const MEND: &str = "run `cargo dev models` in the source folder, or `sportello models install FOLDER|FILE` with the downloaded packages";

impl Models {
    /// Checks every file and names all that is wrong, so that one look mends everything.
    pub fn open(dir: &Path) -> Result<Self, Vec<ModelError>> {
        let models = Self::at(dir);
        let wrong: Vec<ModelError> = ALL.iter().filter_map(|spec| models.read(spec).err()).collect();
        if wrong.is_empty() { Ok(models) } else { Err(wrong) }
    }

    /// Without a look: what is wrong shows when a file is read.
    pub fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The whole file, checked.
    pub fn read(&self, spec: &Spec) -> Result<Vec<u8>, ModelError> {
        let (name, path) = (spec.name, self.dir.join(spec.file_name));
        let size_bytes = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                return Err(ModelError::Missing { name, path });
            }
            Err(source) => return Err(ModelError::Unreadable { name, path, source }),
        };
        if size_bytes < spec.size_bytes {
            let expected_bytes = spec.size_bytes;
            return Err(ModelError::Truncated { name, path, size_bytes, expected_bytes });
        }
        if size_bytes > spec.size_bytes {
            let sha256 = format!("of {size_bytes} bytes");
            return Err(ModelError::OtherVersion { name, path, sha256, expected: spec.sha256 });
        }
        let bytes =
            fs::read(&path).map_err(|source| ModelError::Unreadable { name, path: path.clone(), source })?;
        let sha256 = sha256(&bytes);
        if sha256 == spec.sha256 {
            Ok(bytes)
        } else {
            Err(ModelError::OtherVersion { name, path, sha256, expected: spec.sha256 })
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
