//! One plane of brightness: everything but colour casts and glare is measured on it.

#![expect(clippy::as_conversions, reason = "arithmetic on bytes; every sum is bounded by its comment")]

use std::ops::Range;

use crate::rendition::Pixels;

/// Eight bits a pixel, rows without gaps; `bytes.len() == width * height`, both sides at least one.
pub(crate) struct Luma {
    pub width: usize,
    pub height: usize,
    pub bytes: Vec<u8>,
}

impl Luma {
    /// ITU-R BT.601, as JPEG and PDQ have it. `None` when the bytes do not fill the size.
    pub fn of(pixels: &Pixels) -> Option<Self> {
        let (width, height) = (pixels.width as usize, pixels.height as usize);
        let (rgb, rest) = pixels.rgb.as_chunks::<3>();
        if width == 0 || height == 0 || !rest.is_empty() || width.checked_mul(height)? != rgb.len() {
            return None;
        }
        // 77 + 150 + 29 = 256: at most 255 * 256 + 128.
        let brightness = |[r, g, b]: &[u8; 3]| {
            ((77 * u32::from(*r) + 150 * u32::from(*g) + 29 * u32::from(*b) + 128) >> 8) as u8
        };
        Some(Self { width, height, bytes: rgb.iter().map(brightness).collect() })
    }

    /// `None` when it is empty or reaches over the border.
    pub fn cut(&self, across: Range<usize>, down: Range<usize>) -> Option<Self> {
        let rows = self.rows().skip(down.start).take(down.len());
        let bytes: Vec<u8> = rows.filter_map(|row| row.get(across.clone())).flatten().copied().collect();
        let (width, height) = (across.len(), down.len());
        (!bytes.is_empty() && bytes.len() == width * height).then_some(Self { width, height, bytes })
    }

    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.bytes.chunks_exact(self.width)
    }

    /// The brightness at a place; outside of the picture, `None`.
    pub fn at(&self, x: i32, y: i32) -> Option<i32> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        if x >= self.width {
            return None;
        }
        self.bytes.get(y.checked_mul(self.width)?.checked_add(x)?).map(|b| i32::from(*b))
    }

    /// The mean of each square of `n` × `n`; what is left over at the right and the bottom is dropped. `None` when
    /// not one square fits.
    pub fn reduced(&self, n: usize) -> Option<Self> {
        let (width, height) = (self.width.checked_div(n)?, self.height.checked_div(n)?);
        if width == 0 || height == 0 {
            return None;
        }
        let area = (n * n) as u32;
        let mut sums = vec![0_u32; width];
        let mut bytes = Vec::with_capacity(width * height);
        for band in self.bytes.chunks_exact(self.width * n) {
            sums.fill(0);
            for row in band.chunks_exact(self.width) {
                for (sum, part) in sums.iter_mut().zip(row.chunks_exact(n)) {
                    *sum += part.iter().map(|b| u32::from(*b)).sum::<u32>();
                }
            }
            bytes.extend(sums.iter().map(|sum| ((sum + area / 2) / area) as u8));
        }
        Some(Self { width, height, bytes })
    }
}
