//! What the search for traces of editing sees: `cargo run --release -p media --example traces -- FILE…`
//!
//! A line of JSON a file, with every number that the findings leave out; for choosing thresholds.

use std::{error::Error, time::Instant};

use media::{Limits, forensics::look, metadata::ChannelKind, sniff};

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let began = Instant::now();
        let seen = look(&bytes, sniff(&bytes), ChannelKind::Upload, &Limits::default());
        let seen = seen.map_err(|why| why.sentence());
        println!("{path} {} ms {}", began.elapsed().as_millis(), serde_json::to_string(&seen)?);
    }
    Ok(())
}
