//! Photos a second: through the whole product, and the rendition alone as sharp and libvips make it.
//!
//! The pictures are 12-megapixel JPEGs with the noise of a phone's camera, made once by sharp.

use crate::product::{Product, Upload};
use crate::timing::{float, per_second};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const SHARP: &str = "sharp@0.35.5";
const CUSTOMER: &str = "+393339999999";
const POLL_EVERY: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Args)]
pub struct Options {
    /// Photos in a run.
    #[arg(long, default_value_t = 24)]
    photos: usize,
    /// Only the renditions by sharp and libvips.
    #[arg(long)]
    others_only: bool,
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
}

pub async fn run(options: Options) -> Result<()> {
    std::fs::create_dir_all(&options.dir)?;
    let cache = options.dir.canonicalize()?.join("sharp");
    install(&cache)?;
    let photos = cache.join("photos");
    script(&cache, &["make", &options.photos.to_string()])?;
    println!("{} photos of 12 megapixels, view (1,600 px) and thumbnail (320 px) of each", options.photos);

    let output = script(&cache, &["render", &options.photos.to_string()])?;
    let seconds: f64 = output.trim().parse().context("sharp did not say how long it took")?;
    println!("{:<28} {:>6.1} photos/s", "sharp, all cores", float(options.photos) / seconds);
    libvips(&photos, &options)?;
    if !options.others_only {
        product(&photos, &options).await?;
    }
    Ok(())
}

fn install(cache: &Path) -> Result<()> {
    std::fs::create_dir_all(cache)?;
    std::fs::write(cache.join("photos.mjs"), include_str!("photos.mjs"))?;
    if cache.join("node_modules/sharp").is_dir() {
        return Ok(());
    }
    std::fs::write(cache.join("package.json"), r#"{"private":true,"type":"module"}"#)?;
    let status = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--silent", SHARP])
        .current_dir(cache)
        .status()
        .context("npm is missing: install Node 20 or newer")?;
    ensure!(status.success(), "`npm install {SHARP}` failed in {}", cache.display());
    Ok(())
}

fn script(cache: &Path, args: &[&str]) -> Result<String> {
    let output = Command::new("node").arg("photos.mjs").args(args).current_dir(cache).output()?;
    ensure!(output.status.success(), "photos.mjs failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// One `vipsthumbnail` for all photos and each size, as many at once as there are processors.
fn libvips(photos: &Path, options: &Options) -> Result<()> {
    if Command::new("vipsthumbnail").arg("--version").output().is_err() {
        println!(
            "{:<28} not installed (`apt-get install -y --no-install-recommends libvips-tools`)",
            "libvips"
        );
        return Ok(());
    }
    let out = tempfile::tempdir_in(&options.dir)?;
    let target = out.path().canonicalize()?;
    let begin = Instant::now();
    let halves: Vec<Vec<PathBuf>> =
        (0..2).map(|half| files(photos, options.photos).skip(half).step_by(2).collect()).collect();
    let running: Result<Vec<_>> = halves
        .iter()
        .map(|half| {
            let view = format!("{}/%s_view.jpg[Q=82,strip]", target.display());
            let thumb = format!("{}/%s_thumb.jpg[Q=82,strip]", target.display());
            let both = r#"vipsthumbnail --size 1600x1600 --output "$0" "${@:2}" && vipsthumbnail --size 320x320 --output "$1" "${@:2}""#;
            let mut command = Command::new("bash");
            command.args(["-c", both, &view, &thumb]).args(half);
            Ok(command.spawn()?)
        })
        .collect();
    for mut child in running? {
        ensure!(child.wait()?.success(), "vipsthumbnail failed");
    }
    println!(
        "{:<28} {:>6.1} photos/s",
        "libvips, two processes",
        per_second(options.photos, begin.elapsed())
    );
    Ok(())
}

/// From the first photo leaving the phone to the last one ready in front of a person.
async fn product(photos: &Path, options: &Options) -> Result<()> {
    let dir = tempfile::tempdir_in(&options.dir)?;
    let product = Product::start(&dir.path().join("desk"))?;
    let begin = Instant::now();
    for (index, file) in files(photos, options.photos).enumerate() {
        let upload = Upload {
            form: "document",
            caption: format!("photo {index}"),
            name: format!("{index}.jpg"),
            bytes: std::fs::read(file)?,
        };
        product.send(CUSTOMER, upload).await?;
    }
    let sent = begin.elapsed();
    loop {
        let mut states = Vec::new();
        for ticket in product.tickets().await? {
            for message in product.messages(&ticket).await? {
                states.extend(message.attachments.into_iter().map(|attachment| attachment.state));
            }
        }
        if let Some(bad) = states.iter().find(|state| ["failed", "expired"].contains(&state.as_str())) {
            bail!("a photo is {bad}");
        }
        if states.iter().filter(|state| *state == "ready").count() == options.photos {
            break;
        }
        ensure!(begin.elapsed() < sent + PATIENCE, "not all photos are ready: {states:?}");
        tokio::time::sleep(POLL_EVERY).await;
    }
    println!(
        "{:<28} {:>6.1} photos/s (uploads to the sandbox took {:.1} s of {:.1} s)",
        "sportello, sent to ready",
        per_second(options.photos, begin.elapsed()),
        sent.as_secs_f64(),
        begin.elapsed().as_secs_f64()
    );
    product.stop()
}

fn files(photos: &Path, count: usize) -> impl Iterator<Item = PathBuf> {
    (0..count).map(move |index| photos.join(format!("{index}.jpg")))
}
