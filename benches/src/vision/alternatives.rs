//! The alternatives: each a small Python script in an environment of its own, made on first use under `target/`.
//!
//! One that cannot be had is named with the reason and left out; the others are still measured.

use super::answer::{self, Answer};
use anyhow::{Context, Result, bail, ensure};
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub struct Alternative {
    pub name: &'static str,
    script: &'static str,
    /// What pip installs, pinned.
    requirements: &'static [&'static str],
    /// A program that has to be there, and the Debian packages that bring it.
    program: Option<(&'static str, &'static str)>,
}

const TESSERACT: (&str, &str) =
    ("tesseract", "tesseract-ocr tesseract-ocr-ita tesseract-ocr-spa tesseract-ocr-por tesseract-ocr-hin");

pub const RAPIDOCR: Alternative = Alternative {
    name: "rapidocr 3.10.0",
    script: include_str!("readers/rapid.py"),
    requirements: &["rapidocr==3.10.0", "onnxruntime==1.32.0"],
    program: None,
};
pub const TESSERACT_5: Alternative = Alternative {
    name: "Tesseract",
    script: include_str!("readers/tesseract.py"),
    requirements: &[],
    program: Some(TESSERACT),
};
pub const ZXING: Alternative = Alternative {
    name: "zxing-cpp 3.1.1",
    script: include_str!("readers/zxing.py"),
    requirements: &["zxing-cpp==3.1.1", "pillow==13.0.0"],
    program: None,
};
pub const ZBAR: Alternative = Alternative {
    name: "zbar",
    script: include_str!("readers/zbar.py"),
    requirements: &["pyzbar==0.1.9", "pillow==13.0.0"],
    program: None,
};
pub const LAPLACIAN: Alternative = Alternative {
    name: "Laplacian variance < 100",
    script: include_str!("readers/laplacian.py"),
    requirements: &["opencv-python-headless==5.0.0.93", "numpy==2.4.6"],
    program: None,
};
pub const PRESIDIO: Alternative = Alternative {
    name: "Presidio",
    script: include_str!("readers/presidio.py"),
    requirements: &["presidio-analyzer==2.2.366", "presidio-image-redactor==0.0.62"],
    program: Some(TESSERACT),
};

impl Alternative {
    /// What it said of the files the last time, if it was asked about all of them.
    pub fn last_answers(&self, cache: &Path, files: &[PathBuf]) -> Option<HashMap<String, Answer>> {
        let kept = std::fs::read_to_string(cache.join(self.slug()).join("answers.jsonl")).ok()?;
        let answers = answer::parse(&kept).ok()?;
        let is_known = |file: &PathBuf| {
            file.file_name().is_some_and(|name| answers.contains_key(&*name.to_string_lossy()))
        };
        files.iter().all(is_known).then_some(answers)
    }

    /// What it says of the files; `Err` says why it is left out.
    pub fn answers(&self, cache: &Path, files: &[PathBuf]) -> Result<HashMap<String, Answer>> {
        if let Some((program, packages)) = self.program {
            let found = Command::new(program).arg("--version").output().is_ok();
            ensure!(found, "not installed (`apt-get install -y --no-install-recommends {packages}`)");
        }
        let home = cache.join(self.slug());
        let python = self.environment(&home)?;
        let script = home.join("reader.py");
        std::fs::write(&script, self.script)?;
        std::fs::write(home.join("common.py"), include_str!("readers/common.py"))?;
        let mut child = Command::new(python)
            .arg(&script)
            // What a measurement reads is nobody's business.
            .env("ORT_DISABLE_TELEMETRY", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(home.join("errors.log"))?)
            .spawn()?;
        let list: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
        // Read whole by every script before its first answer, so it cannot block.
        child.stdin.take().context("no standard input")?.write_all(list.as_bytes())?;
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "it failed; see {}", home.join("errors.log").display());
        std::fs::write(home.join("answers.jsonl"), &output.stdout)?;
        answer::parse(std::str::from_utf8(&output.stdout)?)
    }

    /// The interpreter of an environment that has the requirements, made again when they change.
    fn environment(&self, home: &Path) -> Result<PathBuf> {
        let python = home.join("venv/bin/python");
        let (stamp, wanted) = (home.join("installed"), self.requirements.join("\n"));
        if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(python);
        }
        eprintln!("==> {}: its own environment in {}", self.name, home.display());
        std::fs::create_dir_all(home)?;
        quiet(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home.join("venv")))
            .context("python3 with its venv module is needed")?;
        if !self.requirements.is_empty() {
            quiet(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(self.requirements))?;
        }
        std::fs::write(stamp, wanted)?;
        Ok(python)
    }

    fn slug(&self) -> String {
        self.name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
    }
}

fn quiet(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    bail!("cannot be installed: {}", said.lines().last().unwrap_or("no reason given"))
}
