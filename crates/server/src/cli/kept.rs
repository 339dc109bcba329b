//! What a demonstration's folder remembers from start to start.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// What is chosen once for a folder, and where the last start listened.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    pub email: String,
    pub password: String,
    pub api_token: String,
    /// Where the sandbox was reached last.
    pub sandbox_url: String,
    pub console_url: String,
    /// Meta's ids of the forms that were published in the sandbox, by name.
    pub forms: BTreeMap<String, String>,
}

const KEPT_FILE: &str = "demo.json";

impl Kept {
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        match std::fs::read_to_string(dir.join(KEPT_FILE)) {
            Ok(text) => serde_json::from_str(&text)
                .with_context(|| format!("{} cannot be read; remove it", dir.join(KEPT_FILE).display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| dir.join(KEPT_FILE).display().to_string()),
        }
    }

    /// Only its owner may read it: it holds a password and a token. Replaced whole, so that no kill leaves half of it.
    pub fn write(&self, dir: &Path) -> anyhow::Result<()> {
        use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
        let path = dir.join(KEPT_FILE);
        let fresh = path.with_extension("new");
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&fresh, &path)?;
        Ok(())
    }
}
