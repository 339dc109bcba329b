//! `codes_set FOLDER N`: writes the damaged codes as PGM files with a list of what is in them, and reads them.
//!
//! For comparisons: other readers get the same files, and `list.tsv` says what is in them and whether we read it.

#![allow(
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::expect_used
)]

use std::{collections::BTreeMap, fs, io::Write, path::PathBuf, time::Instant};

use analyzers::local::codes;

#[allow(dead_code, reason = "the tests use the rest of it")]
#[path = "../tests/codes/set.rs"]
mod set;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let count: u64 = arguments.next().map_or(3, |n| n.parse().expect("a number"));
    let first: u64 = arguments.next().map_or(0, |n| n.parse().expect("a number"));
    let only = arguments.next();
    fs::create_dir_all(&folder).unwrap();
    let mut list = fs::File::create(folder.join("list.tsv")).unwrap();
    let mut table: BTreeMap<(usize, usize), (u32, u32)> = BTreeMap::new();
    let mut ms = Vec::new();
    for format in 0..set::FORMATS.len() {
        for (d, damage) in set::DAMAGES.into_iter().enumerate() {
            for number in first..first + count {
                let name = format!("{}-{damage}-{number}.pgm", set::FORMATS[format].0);
                if only.as_ref().is_some_and(|only| !name.contains(only)) {
                    continue;
                }
                let sample = set::sample(format, damage, number);
                let mut file = fs::File::create(folder.join(&name)).unwrap();
                write!(file, "P5\n{} {}\n255\n", sample.pixels.width, sample.pixels.height).unwrap();
                let grey: Vec<u8> = sample.pixels.rgb.iter().step_by(3).copied().collect();
                file.write_all(&grey).unwrap();
                let started = Instant::now();
                let findings = codes::find(&sample.pixels);
                let took = started.elapsed().as_secs_f64() * 1000.0;
                ms.push(took);
                let is_read =
                    findings.iter().any(|f| f.kind == sample.kind && f.value == sample.text.as_str());
                let wrong: Vec<_> = findings
                    .iter()
                    .filter(|f| f.value != sample.text.as_str())
                    .map(|f| format!("{}={}", f.kind, f.value))
                    .collect();
                if !wrong.is_empty() {
                    println!("WRONG {name}: {wrong:?} for {}", sample.text);
                }
                writeln!(list, "{name}\t{}\t{damage}\t{}\t{}\t{took:.1}", sample.kind, sample.text, is_read)
                    .unwrap();
                let cell = table.entry((format, d)).or_default();
                cell.0 += u32::from(is_read);
                cell.1 += 1;
            }
        }
    }
    print!("{:17}", "");
    for damage in set::DAMAGES {
        print!("{:>6.6}", damage.trim_start_matches("so").trim_start_matches("small_"));
    }
    println!();
    for (f, (kind, _)) in set::FORMATS.iter().enumerate() {
        print!("{kind:17}");
        for d in 0..set::DAMAGES.len() {
            let (good, all) = table.get(&(f, d)).copied().unwrap_or_default();
            print!("{:>6}", format!("{good}/{all}"));
        }
        println!();
    }
    let good: u32 = table.values().map(|cell| cell.0).sum();
    let all: u32 = table.values().map(|cell| cell.1).sum();
    ms.sort_by(f64::total_cmp);
    println!(
        "all {good}/{all}; ms mean {:.0} median {:.0} p95 {:.0} max {:.0}",
        ms.iter().sum::<f64>() / ms.len() as f64,
        ms[ms.len() / 2],
        ms[ms.len() * 95 / 100],
        ms[ms.len() - 1]
    );
}
