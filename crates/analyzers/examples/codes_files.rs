//! `codes_files FILE…`: the codes on pictures (PPM, as any converter writes them), with the time they took.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions, clippy::expect_used)]

use std::time::Instant;

use analyzers::local::codes;
use media::Pixels;

fn main() {
    for file in std::env::args().skip(1) {
        let bytes = std::fs::read(&file).expect("a file");
        let header: Vec<&[u8]> = bytes.splitn(4, |&byte| byte == b'\n').collect();
        let sides = std::str::from_utf8(header[1]).unwrap();
        let (width, height) = sides.split_once(' ').expect("width and height");
        let rgb = header[3].to_vec();
        let pixels = Pixels { width: width.parse().unwrap(), height: height.parse().unwrap(), rgb };
        let started = Instant::now();
        let findings = codes::find(&pixels);
        println!("{file}: {:.0} ms", started.elapsed().as_secs_f64() * 1000.0);
        for finding in findings {
            println!("  {} {} {} {}", finding.kind, finding.value, finding.confidence, finding.why);
        }
    }
}
