//! The evaluation set as its generator wrote it down: `fixtures/evaluation/manifest.jsonl`.

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Set {
    Tune,
    HeldOut,
    All,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Picture {
    pub file: PathBuf,
    sha256: String,
    pub width: u32,
    pub height: u32,
    pub set: String,
    #[cfg(test)]
    template: String,
    pub kind: String,
    pub language: String,
    pub quality: String,
    /// `usable`, `retake` or `either`.
    pub expect: String,
    /// Whether a person reads the text without guessing.
    pub readable: bool,
    pub lines: Vec<Line>,
    pub codes: Vec<Code>,
    pub entities: Vec<Entity>,
    pub personal: Vec<Personal>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    pub text: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Code {
    pub kind: String,
    pub payload: String,
    pub damage: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Entity {
    pub kind: String,
    pub value: String,
    pub currency: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Personal {
    pub kind: String,
    pub value: String,
    pub regions: Vec<Vec<[f32; 2]>>,
}

impl Picture {
    /// The name by which answers are matched: unique in the set.
    pub fn name(&self) -> String {
        self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// From the picture's pixels to those of the `view` rendition, whose longest side is 1,600.
    pub fn view_scale(&self) -> f32 {
        const VIEW: f32 = 1_600.0;
        let longest = u16::try_from(self.width.max(self.height)).map_or(f32::MAX, f32::from);
        (VIEW / longest).min(1.0)
    }
}

pub fn load(dir: &Path, set: Set) -> Result<Vec<Picture>> {
    let path = dir.join("manifest.jsonl");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("no {}: make it with fixtures/evaluation/generate", path.display()))?;
    let pictures: Vec<Picture> =
        text.lines().map(serde_json::from_str).collect::<Result<_, _>>().context("an unreadable manifest")?;
    let wanted = |picture: &Picture| match set {
        Set::All => true,
        Set::Tune => picture.set == "tune",
        Set::HeldOut => picture.set == "held_out",
    };
    let pictures: Vec<Picture> = pictures.into_iter().filter(wanted).collect();
    ensure!(!pictures.is_empty(), "{} names no picture of this set", path.display());
    for picture in &pictures {
        let bytes = std::fs::read(dir.join(&picture.file))
            .with_context(|| format!("{} is missing", picture.file.display()))?;
        let is_same = hex::encode(Sha256::digest(&bytes)) == picture.sha256;
        ensure!(is_same, "{} is not the picture that the manifest describes", picture.file.display());
    }
    Ok(pictures)
}

#[cfg(test)]
mod tests {
    use super::{Set, load};
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    #[test]
    fn the_pictures_are_the_ones_that_the_manifest_describes() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/evaluation");
        // Loading compares the hashes.
        let pictures = load(&dir, Set::All).expect("the manifest and its pictures");
        let mut sets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for picture in &pictures {
            assert!(matches!(picture.expect.as_str(), "usable" | "retake" | "either"));
            sets.entry(&picture.template).or_default().insert(&picture.set);
        }
        let names: BTreeSet<String> = pictures.iter().map(super::Picture::name).collect();
        assert_eq!(names.len(), pictures.len(), "answers are matched by name");
        let on_disk = std::fs::read_dir(dir.join("pictures")).expect("the folder").count();
        assert_eq!(on_disk, pictures.len(), "a picture without a line, or a line too few");
        // What was looked at while tuning must not be in the held-out scores.
        let mixed: Vec<_> = sets.iter().filter(|(_, sets)| sets.len() > 1).collect();
        assert!(mixed.is_empty(), "in both sets: {mixed:?}");
    }
}
