//! Every number that [`super::judge()`] decides by.
//!
//! `BLUR` and `MOTION` are printed by `cargo run --release -p media --example calibrate -- FOLDER` (fitted on every other
//! source, scored on the rest); the others were set by hand on the measures that it writes.

/// Probability of being blurred from which a picture is doubtful, and from which it is to be taken again.
pub const BLUR_DOUBTFUL: f32 = 0.5;
pub const BLUR_RETAKE: f32 = 0.9;

/// Logistic regression on [`super::judge()`]'s features: the intercept, then one weight a feature.
pub const BLUR: [f32; 5] = [-7.025, 4.431, -0.199, -3.634, 7.034];
/// Among blurred pictures: motion against focus.
pub const MOTION: [f32; 3] = [-5.63, 3.038, 8.815];

/// Mean brightness below which, and the level that 95 of a hundred pixels stay under, a picture is too dark.
pub const DARK_MEAN_RETAKE: f32 = 22.0;
pub const DARK_MEAN_DOUBTFUL: f32 = 40.0;
pub const DARK_LEVEL_95: u8 = 90;
pub const DARK_EDGE_CONTRAST: f32 = 65.0;

/// Over-exposed: this much is burnt out, and the darkest twentieth is still this bright (ink on paper is darker).
pub const CLIPPED_SHARE: f32 = 0.25;
pub const CLIPPED_LEVEL_5: u8 = 90;
pub const CLIPPED_EDGE_CONTRAST: f32 = 150.0;

/// Brightest against darkest hundredth.
pub const CONTRAST_DOUBTFUL: u8 = 40;
pub const CONTRAST_RETAKE: u8 = 16;

/// Softness and share of a bright spot that counts as glare.
pub const GLARE_SOFTNESS: f32 = 0.5;
pub const GLARE_SHARE: f32 = 0.004;

/// Loneliness of a fine periodic pattern from which it is taken for a screen's.
pub const MOIRE: f32 = 4.0;

/// A sheet has writing on this share of its tiles, and is tilted when opposite sides are this uneven.
pub const SHEET_WRITTEN_SHARE: f32 = 0.1;
pub const SHEET_SHARE: f32 = 0.3;
pub const SHEET_EVENNESS: f32 = 0.6;

/// Pixels of the longer side.
pub const SMALL_DOUBTFUL: u32 = 320;
pub const SMALL_RETAKE: u32 = 120;

/// Nothing to see: next to no tile shows anything, and brightness is one (a pocket), or changes smoothly (a finger).
pub const NOTHING_CONTENT_SHARE: f32 = 0.005;
pub const PLAIN_DEVIATION: f32 = 1.2;
pub const SMOOTH_DEVIATION: f32 = 8.0;

/// Text read this surely, on this many lines, outweighs what the numbers say of its sharpness.
pub const TEXT_LINES_MIN: u32 = 2;
pub const TEXT_CONFIDENCE_MIN: f32 = 0.85;
