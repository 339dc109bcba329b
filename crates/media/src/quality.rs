//! Whether a picture shows enough to work with: what is measured, and what is made of it.
//!
//! [`measure`] runs in the confined child on the pixels of the view; [`judge()`] turns the numbers into advice in the
//! server, where it can also hear what the reader of text found. Numbers are kept apart from judgement so that a
//! threshold can change without looking at a picture again. The thresholds and how they were found: [`thresholds`].

mod detail;
mod document;
mod judge;
mod light;
mod luma;
mod moire;
#[cfg(test)]
mod tests;
pub mod thresholds;

pub use document::Sheet;
pub use judge::{ANALYZER, TextEvidence, VERSION, blur_features, hint, judge, motion_features};
pub(crate) use luma::Luma;

use serde::{Deserialize, Serialize};

use crate::rendition::Pixels;

/// What was measured on the view (or on a smaller picture as it is). All numbers are finite.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Measures {
    pub width: u32,
    pub height: u32,
    /// Mean brightness, 0 to 255.
    pub brightness: f32,
    /// Standard deviation of brightness.
    pub deviation: f32,
    /// Brightness below which 1, 5, 50, 95 and 99 of a hundred pixels lie.
    pub levels: [u8; 5],
    /// Share of pixels at 250 and above.
    pub clipped_share: f32,
    /// Share of pixels below 8.
    pub black_share: f32,
    /// Share of 32-pixel tiles whose brightness varies at all.
    pub content_share: f32,
    pub laplacian_variance: f32,
    /// Second-difference energy over first-difference energy in tiles with content: median and ninth decile; of the
    /// picture, and of the picture at half its size.
    pub detail_p50: f32,
    pub detail_p90: f32,
    pub detail_half_p50: f32,
    pub detail_half_p90: f32,
    /// The same by direction: 0°, 45°, 90°, 135°.
    pub detail_by_direction: [f32; 4],
    pub edges: u32,
    /// Brightness across the strongest edges, ninth decile: 0 to 255.
    pub edge_contrast: f32,
    /// Width of the strongest edges, in pixels: 1 is a step, a blur of radius σ gives 2.5 σ.
    pub edge_px_p10: f32,
    pub edge_px_p25: f32,
    pub edge_px_p50: f32,
    /// 0 where there were too few edges of that direction.
    pub edge_px_by_direction: [f32; 4],
    pub glares: Vec<Glare>,
    /// How far the loneliest fine periodic pattern stands out, as a natural logarithm.
    pub moire: f32,
    pub sheet: Option<Sheet>,
}

/// A bright spot that may be a reflection.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Glare {
    /// Of the picture's area.
    pub share: f32,
    /// How much of its border fades instead of ending: 0 to 1.
    pub softness: f32,
    /// In pixels of the measured picture.
    pub points: Vec<[f32; 2]>,
}

/// Nothing is measured on pixels that do not fill their own size: then everything is zero.
pub fn measure(pixels: &Pixels) -> Measures {
    let Some(luma) = Luma::of(pixels) else { return Measures::default() };
    let light = light::light(&luma);
    let detail = detail::detail(&luma);
    let half = luma.reduced(2).map(|half| detail::detail(&half));
    Measures {
        width: pixels.width,
        height: pixels.height,
        brightness: light.mean,
        deviation: light.deviation,
        levels: light.levels,
        clipped_share: light.clipped_share,
        black_share: light.black_share,
        content_share: detail.content_share,
        laplacian_variance: detail.laplacian_variance,
        detail_p50: detail.ratio_p50,
        detail_p90: detail.ratio_p90,
        detail_half_p50: half.as_ref().map_or(0.0, |h| h.ratio_p50),
        detail_half_p90: half.as_ref().map_or(0.0, |h| h.ratio_p90),
        detail_by_direction: detail.ratio_by_direction,
        edges: detail.edges,
        edge_contrast: detail.edge_contrast,
        edge_px_p10: detail.edge_px_p10,
        edge_px_p25: detail.edge_px_p25,
        edge_px_p50: detail.edge_px_p50,
        edge_px_by_direction: detail.edge_px_by_direction,
        glares: light::glares(pixels),
        moire: moire::moire(&luma),
        sheet: document::sheet(&luma),
    }
}
