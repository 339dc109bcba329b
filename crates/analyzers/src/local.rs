//! The analyzers that come with Sportello and need no other service.

pub mod consistency;
pub mod language;
pub mod meaning;
pub mod personal;

mod check;
pub mod codes;
pub mod faces;
pub mod models;
pub mod onnxruntime;
mod page;
pub mod picture_kind;
pub mod tesseract;
pub mod text;
pub mod worker;

use serde::{Deserialize, Serialize};

/// A line of recognised text, in reading order. Coordinates are pixels of the picture that was read.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TextLine {
    pub text: String,
    /// 0.0 to 1.0: the mean over its characters.
    pub confidence: f32,
    /// Clockwise from where the text begins: a turned line begins with its own top left.
    pub quad: [[f32; 2]; 4],
    /// Lines with the same number stand together: a paragraph, a cell, a label.
    pub block: u32,
}
