//! What one file may cost. Every limit names its unit.

use serde::{Deserialize, Serialize};

pub const MIB: u64 = 1024 * 1024;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// From the start of the child to its whole answer.
    pub wall_ms: u64,
    /// Processor time of the child, whole seconds.
    pub cpu_s: u64,
    /// Address space of the child: the program, the file and everything decoded.
    pub memory_bytes: u64,
    /// Width times height, by the header, before anything is decoded.
    pub pixels_max: u64,
    /// A picture larger than this is not handed to the child.
    pub input_bytes_max: u64,
    /// All renditions of one file together.
    pub output_bytes_max: u64,
    /// Refuse to decode where the kernel cannot confine the child, instead of going on with rlimits alone.
    pub needs_full_confinement: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_ms: 20_000,
            cpu_s: 10,
            // 50 megapixels of 16-bit RGBA are 400 MB, their 8-bit copy is 150 MB.
            memory_bytes: 1_024 * MIB,
            pixels_max: 50_000_000,
            input_bytes_max: 64 * MIB,
            output_bytes_max: 8 * MIB,
            needs_full_confinement: false,
        }
    }
}
