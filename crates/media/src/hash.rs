//! What a picture looks like, in 256 bits: the same photo sent again, smaller, recompressed or turned, is found.
//!
//! PDQ, written from its published description (Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing
//! Algorithm", 2019): brightness, blurred by two passes of a box filter down to 64 × 64, the 16 × 16 lowest
//! frequencies of its cosine transform without the constant ones, each a bit that says whether it lies above their
//! median. Turning and mirroring a picture only swaps and negates frequencies, so all eight ways to hold it cost one
//! transform.

#![expect(clippy::as_conversions, reason = "sides of pictures and 64 × 64 tables as numbers and back")]

mod border;
pub mod index;
mod spectrum;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{quality::Luma, rendition::Pixels};

/// The distance up to which PDQ's authors take two hashes for the same picture.
pub const DISTANCE_MAX: u32 = 31;

/// Below this there is too little in a picture for its hash to mean anything (blank pages, plain walls).
pub const QUALITY_MIN: u8 = 50;

/// Bit `16 * row + column` of the frequencies, row after row; `0` holds the lowest 64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Pdq(pub [u64; 4]);

impl Pdq {
    /// In how many of 256 bits they differ.
    pub fn distance(self, other: Self) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

/// 64 hexadecimal digits, highest bit first, as the reference implementation prints it.
impl fmt::Display for Pdq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().rev().try_for_each(|word| write!(f, "{word:016x}"))
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a perceptual hash is 64 hexadecimal digits")]
pub struct NotAPdq;

impl FromStr for Pdq {
    type Err = NotAPdq;

    fn from_str(text: &str) -> Result<Self, NotAPdq> {
        let (words, rest) = text.as_bytes().as_chunks::<16>();
        let words: &[[u8; 16]; 4] = words.try_into().map_err(|_| NotAPdq)?;
        if !rest.is_empty() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotAPdq);
        }
        let mut bits = [0; 4];
        for (word, digits) in bits.iter_mut().rev().zip(words) {
            let digits = std::str::from_utf8(digits).map_err(|_| NotAPdq)?;
            *word = u64::from_str_radix(digits, 16).map_err(|_| NotAPdq)?;
        }
        Ok(Self(bits))
    }
}

impl Serialize for Pdq {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pdq {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// How a picture may be held: what was done to it before it was hashed.
pub const HOLDS: [&str; 8] = [
    "as it is",
    "mirrored",
    "upside down and mirrored",
    "turned by 180°",
    "transposed",
    "turned by 90°",
    "turned by 270°",
    "transposed across",
];

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hashes {
    /// The picture as it is, then turned and mirrored in the order of [`HOLDS`].
    pub pdq: [Pdq; 8],
    /// Of the picture without the plain border around it (a gallery's black bars), when it has one.
    pub inner: Option<Pdq>,
    /// 0 to 100: how much there is in the picture to tell it by; [`QUALITY_MIN`] and more can be relied on.
    pub quality: u8,
}

/// `None` when the bytes do not fill the picture's size.
pub fn hashes(pixels: &Pixels) -> Option<Hashes> {
    let luma = Luma::of(pixels)?;
    let small = spectrum::small(&luma);
    let pdq = spectrum::held(&small);
    // Where the border ends is seen at a smaller size as well.
    let inner = border::within(&reduced(luma)).map(|part| spectrum::as_it_is(&spectrum::small(&part)));
    Some(Hashes { pdq, inner, quality: spectrum::quality(&small) })
}

/// By whole squares, while the filter that follows stays wider than they are.
fn reduced(luma: Luma) -> Luma {
    let squares = luma.width.min(luma.height) / 320;
    if squares > 1 { luma.reduced(squares).unwrap_or(luma) } else { luma }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waves of many sizes, unlike their own mirror images.
    fn picture(width: u32, height: u32, seed: f32) -> Pixels {
        let mut rgb = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
                let wave: f32 = (1..14)
                    .map(|k| {
                        let k = k as f32;
                        ((u * k * 2.3 + v * (k * seed).sin() * 5.0 + k * k * seed).sin() * 60.0) / k.sqrt()
                    })
                    .sum();
                rgb.extend([(128.0 + wave).clamp(0.0, 255.0) as u8; 3]);
            }
        }
        Pixels { width, height, rgb }
    }

    fn changed(pixels: &Pixels, size: (u32, u32), from: impl Fn(u32, u32) -> (u32, u32)) -> Pixels {
        let mut rgb = Vec::new();
        for y in 0..size.1 {
            for x in 0..size.0 {
                let (x, y) = from(x, y);
                let at = ((y * pixels.width + x) * 3) as usize;
                rgb.extend_from_slice(&pixels.rgb[at..at + 3]);
            }
        }
        Pixels { width: size.0, height: size.1, rgb }
    }

    #[test]
    fn every_hold_is_the_hash_of_the_turned_picture() {
        let (w, h) = (640, 480);
        let whole = picture(w, h, 1.7);
        let hold = hashes(&whole).unwrap();
        let turned: [Pixels; 8] = [
            whole.clone(),
            changed(&whole, (w, h), |x, y| (w - 1 - x, y)),
            changed(&whole, (w, h), |x, y| (x, h - 1 - y)),
            changed(&whole, (w, h), |x, y| (w - 1 - x, h - 1 - y)),
            changed(&whole, (h, w), |x, y| (y, x)),
            changed(&whole, (h, w), |x, y| (y, h - 1 - x)),
            changed(&whole, (h, w), |x, y| (w - 1 - y, x)),
            changed(&whole, (h, w), |x, y| (w - 1 - y, h - 1 - x)),
        ];
        for (n, pixels) in turned.iter().enumerate() {
            let own = hashes(pixels).unwrap().pdq[0];
            let distances: Vec<u32> = hold.pdq.iter().map(|p| p.distance(own)).collect();
            assert!(distances[n] <= 12, "{}: {distances:?}", HOLDS[n]);
            assert!(
                distances.iter().filter(|d| **d <= DISTANCE_MAX).count() == 1,
                "{}: {distances:?}",
                HOLDS[n]
            );
        }
        assert!(hold.quality >= QUALITY_MIN, "{}", hold.quality);
        assert!(
            hashes(&picture(w, h, 0.4)).unwrap().pdq.iter().all(|p| p.distance(hold.pdq[0]) > DISTANCE_MAX)
        );
    }

    #[test]
    fn a_screenshot_of_a_picture_is_near_it_by_its_inner_part() {
        let whole = picture(1_000, 800, 1.7);
        let own = hashes(&whole).unwrap();
        let mut framed = Pixels { width: 1_000, height: 1_400, rgb: vec![9; 1_000 * 1_400 * 3] };
        framed.rgb[300 * 3_000..1_100 * 3_000].copy_from_slice(&whole.rgb);
        // A status bar.
        (20..40).for_each(|y| framed.rgb[y * 3_000 + 300..y * 3_000 + 900].fill(220));
        let inner = hashes(&framed).unwrap().inner.unwrap();
        assert!(inner.distance(own.pdq[0]) <= 12 && own.inner.is_none(), "{}", inner.distance(own.pdq[0]));
        // Bars at its sides.
        let mut wide = Pixels { width: 1_600, height: 800, rgb: vec![250; 1_600 * 800 * 3] };
        for (to, from) in wide.rgb.chunks_exact_mut(4_800).zip(whole.rgb.chunks_exact(3_000)) {
            to[900..3_900].copy_from_slice(from);
        }
        let inner = hashes(&wide).unwrap().inner.unwrap();
        assert!(inner.distance(own.pdq[0]) <= 12, "{}", inner.distance(own.pdq[0]));
    }

    #[test]
    fn odd_sizes_and_empty_pictures_are_no_trouble() {
        for (width, height) in [(1, 1), (1, 700), (700, 1), (65, 3), (2, 129)] {
            let rgb = vec![40; (width * height * 3) as usize];
            let plain = hashes(&Pixels { width, height, rgb }).unwrap();
            assert!(plain.quality < QUALITY_MIN && plain.inner.is_none());
        }
        assert_eq!(hashes(&Pixels { width: 0, height: 0, rgb: vec![] }), None);
        assert_eq!(hashes(&Pixels { width: 9, height: 9, rgb: vec![0; 7] }), None);
    }

    #[test]
    fn is_written_as_the_reference_writes_it() {
        let hash = Pdq([0x1, 0, 0, 0xF000_0000_0000_0000]);
        let text = "f000000000000000000000000000000000000000000000000000000000000001";
        assert_eq!(hash.to_string(), text);
        assert_eq!(text.parse(), Ok(hash));
        for wrong in [
            "",
            "f",
            &text.replace("f0", "f"),
            "+000000000000000000000000000000000000000000000000000000000000001",
        ] {
            assert_eq!(wrong.parse::<Pdq>(), Err(NotAPdq));
        }
    }
}
