//! How long the renditions of a file take: `cargo run --release -p media --example speed -- FILE…`
//!
//! Prints processor time for each file, decoded here – for the view and the thumbnail alone (`render`), and with
//! everything that the child says of it – and wall time through a child process (`inspect`); the best of several runs,
//! because a busy machine only ever adds. Without a file it makes a 12-megapixel photo.

use std::{
    error::Error,
    process::ExitCode,
    time::{Duration, Instant},
};

use media::{
    Decoder, Limits, Pixels,
    hash::hashes,
    quality::measure,
    rendition::{pixels, render, render_masked},
};

const RUNS: u32 = 7;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    if std::env::args().nth(1).as_deref() == Some("media-worker") {
        return Ok(media::run_worker());
    }
    let mut files = Vec::new();
    for path in std::env::args().skip(1) {
        files.push((path.clone(), std::fs::read(path)?));
    }
    if files.is_empty() {
        files.push(("made here, 12 MP JPEG".to_owned(), photo(4_000, 3_000)?));
    }
    let decoder = Decoder {
        exe: std::env::current_exe()?,
        args: vec!["media-worker".into()],
        limits: Limits::default(),
    };
    println!("confinement: {}", decoder.probe()?.describe());
    for (name, bytes) in files {
        let report = render(&bytes, &Limits::default());
        let rendered = best(|| drop(render_masked(&bytes, &[], &Limits::default())), cpu_time);
        let looked_at = best(|| drop(render(&bytes, &Limits::default())), cpu_time);
        let started = Instant::now();
        let inspected = best(|| drop(decoder.inspect(&bytes)), || started.elapsed());
        if let Ok(view) = pixels(&bytes, 1_600, &Limits::default()) {
            let quality = best(|| drop(std::hint::black_box(measure(&view))), cpu_time);
            let hash = best(|| _ = std::hint::black_box(hashes(&view)), cpu_time);
            let loss = loss_db(&bytes, &view)
                .map_or("-".to_owned(), |db| format!("{db:.1} dB from a whole decode with Lanczos"));
            println!("view: {loss}; quality {quality:?}, hashes {hash:?}");
        }
        println!(
            "{name}: {} {:?}×{:?}, {} bytes: render {rendered:?} CPU, with quality, hashes and metadata {looked_at:?} CPU, inspect {inspected:?} wall, {:?}",
            report.sniffed.mime_type,
            report.width,
            report.height,
            bytes.len(),
            report.why_none,
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// PSNR of our view against the slow way: every pixel decoded, then Lanczos. `None` for what is no JPEG, or turned.
fn loss_db(bytes: &[u8], view: &Pixels) -> Option<f64> {
    use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer, images::Image};
    let mut decoder = zune_jpeg::JpegDecoder::new(zune_jpeg::zune_core::bytestream::ZCursor::new(bytes));
    let rgb = decoder.decode().ok()?;
    let info = decoder.info()?;
    let source = Image::from_vec_u8(info.width.into(), info.height.into(), rgb, PixelType::U8x3).ok()?;
    let mut target = Image::new(view.width, view.height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize(&source, &mut target, &options).ok()?;
    let squares: f64 =
        target.buffer().iter().zip(&view.rgb).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    let count = f64::from(view.width) * f64::from(view.height) * 3.0;
    Some(10.0 * (255.0_f64.powi(2) * count / squares.max(1.0)).log10())
}

fn best(work: impl Fn(), clock: impl Fn() -> Duration) -> Duration {
    (0..RUNS)
        .map(|_| {
            let before = clock();
            work();
            clock().saturating_sub(before)
        })
        .min()
        .unwrap_or_default()
}

fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
}

/// Waves and a little noise: compresses like a photo.
fn photo(width: u16, height: u16) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut noise = 0x2545_F491_u32;
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            for (p, q) in [(97.0, 61.0), (41.0, 133.0), (211.0, 23.0)] {
                let wave = ((f32::from(x) / p).sin() * (f32::from(y) / q).cos() + 1.0) * 110.0;
                #[expect(clippy::as_conversions, reason = "0.0 to 232.0")]
                rgb.push((wave + (noise % 12) as f32) as u8);
            }
        }
    }
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, 85).encode(&rgb, width, height, jpeg_encoder::ColorType::Rgb)?;
    Ok(bytes)
}
