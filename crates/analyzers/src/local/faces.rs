//! Faces, as boxes to be masked: nobody is recognised.
//!
//! BlazeFace (front, 128 pixels) sees faces of a fifth of its picture and more. The picture is therefore shown to it
//! whole, in the four ways it may have been turned, and then in tiles of a half and a quarter of its shorter side.
//! Only tiles with the hue of skin (all complexions share it) are looked at; in a picture without colours no tile
//! is, so that small faces of black-and-white copies are not found.
//! A find must be seen by two of the network's anchors and have its eyes and mouth where a face has them.

mod anchors;

use media::Pixels;
use model::finding::{Finding, Region};
use rten::{Model, NodeId, Value};
use rten_tensor::{NdTensor, Tensor, prelude::*};
use serde_json::Value as Json;

use anchors::{Face, faces};

const ANALYZER: &str = "local.faces";
const VERSION: &str = "blazeface-front-128/1";
/// Side of what the network is shown.
const SIDE: usize = 128;
/// A tile's side as a share of the shorter side, the sureness it takes there, and whether all turns are tried.
const LEVELS: [(f32, f32, bool); 3] = [(0.0, 0.70, true), (0.5, 0.78, false), (0.25, 0.86, false)];
/// Tiles begin this share of their side apart.
const STRIDE: f32 = 0.62;
/// Looks at one picture: a long strip would have hundreds of tiles.
const LOOKS_MAX: usize = 90;
/// Tiles with a smaller share of skin's hues are not looked at: most of a screen, a label or a page has none.
const SKIN_SHARE_MIN: f32 = 0.04;
/// Tiles smaller than this hold no face that anybody could know.
const TILE_PX_MIN: f32 = 64.0;
/// A tile with less contrast (deviation of brightness) shows nothing.
const DEVIATION_MIN: f32 = 7.0;

#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    #[error("the face model does not load: {0}; fetch it again with `cargo dev models`")]
    Load(String),
    #[error("the face model is another one: it has {0}")]
    Shape(String),
    #[error("the face model failed on a picture: {0}")]
    Run(String),
}

/// A loaded network.
pub struct Finder {
    model: Model,
    input: NodeId,
}

impl Finder {
    /// From the bytes of the ONNX file.
    pub fn load(model_bytes: Vec<u8>) -> Result<Self, FaceError> {
        let model = Model::load(model_bytes).map_err(|source| FaceError::Load(source.to_string()))?;
        let &[input] = model.input_ids() else {
            return Err(FaceError::Shape(format!("{} inputs", model.input_ids().len())));
        };
        if model.output_ids().len() != 4 {
            return Err(FaceError::Shape(format!("{} outputs", model.output_ids().len())));
        }
        Ok(Self { model, input })
    }

    /// The faces of a picture, surest first. Boxes run from the brows to the chin: a mask should be larger.
    pub fn find(&self, pixels: &Pixels) -> Result<Vec<Finding>, FaceError> {
        let mut found: Vec<Face> = Vec::new();
        for (tile, sure) in tiles(pixels) {
            let Some(input) = tile.shown(pixels) else { continue };
            let (scores, boxes) = self.run(input)?;
            found.extend(faces(&scores, &boxes, sure).into_iter().map(|face| tile.outside(face)));
        }
        Ok(anchors::merged(found).into_iter().map(|face| finding(&face, pixels)).collect())
    }

    fn run(&self, input: Vec<f32>) -> Result<(Vec<f32>, Vec<f32>), FaceError> {
        let failed = |what: &dyn std::fmt::Debug| FaceError::Run(format!("{what:?}"));
        let tensor = NdTensor::try_from_data([1, SIDE, SIDE, 3], input).map_err(|e| failed(&e))?;
        let outputs = self
            .model
            .run(vec![(self.input, tensor.into())], self.model.output_ids(), None)
            .map_err(|e| failed(&e))?;
        // In the order of the anchors: the finer grid before the coarser one.
        let (mut scores, mut boxes) = (vec![Vec::new(); 2], vec![Vec::new(); 2]);
        for output in outputs {
            let tensor: Tensor<f32> = Value::try_into(output).map_err(|e| failed(&e))?;
            let shape = tensor.shape().to_vec();
            let (list, grid) = match *shape.as_slice() {
                [1, 512, 1] => (&mut scores, 0),
                [1, 384, 1] => (&mut scores, 1),
                [1, 512, 16] => (&mut boxes, 0),
                [1, 384, 16] => (&mut boxes, 1),
                _ => return Err(FaceError::Shape(format!("an output of {shape:?}"))),
            };
            if let Some(place) = list.get_mut(grid) {
                *place = tensor.into_data();
            }
        }
        Ok((scores.concat(), boxes.concat()))
    }
}

fn finding(face: &Face, pixels: &Pixels) -> Finding {
    #[expect(clippy::as_conversions, reason = "sides of a picture, far below 2^24")]
    let (width, height) = (pixels.width as f32, pixels.height as f32);
    let [left, top, right, bottom] = face.sides();
    let (left, right) = (left.clamp(0.0, width), right.clamp(0.0, width));
    let (top, bottom) = (top.clamp(0.0, height), bottom.clamp(0.0, height));
    Finding {
        kind: "pii.face".to_owned(),
        value: Json::from("face"),
        confidence: face.score,
        region: Some(Region {
            page: None,
            points: vec![[left, top], [right, top], [right, bottom], [left, bottom]],
        }),
        why: "two eyes, a nose and a mouth stand as in a face".to_owned(),
        analyzer: ANALYZER.to_owned(),
        version: VERSION.to_owned(),
    }
}

/// A square of the picture, turned by quarters.
#[derive(Clone, Copy)]
struct Tile {
    left: f32,
    top: f32,
    side: f32,
    quarters: u8,
    is_part: bool,
}

/// By the colour differences in which skins of all complexions lie close together.
fn is_skin([r, g, b]: [f32; 3]) -> bool {
    let blueness = 128.0 - 0.169 * r - 0.331 * g + 0.5 * b;
    let redness = 128.0 + 0.5 * r - 0.419 * g - 0.081 * b;
    (77.0..=127.0).contains(&blueness) && (133.0..=177.0).contains(&redness)
}

#[expect(clippy::as_conversions, reason = "sides of a picture, far below 2^24; counts of tiles are small")]
fn tiles(pixels: &Pixels) -> Vec<(Tile, f32)> {
    let (width, height) = (pixels.width as f32, pixels.height as f32);
    let mut tiles = Vec::new();
    for (share, sure, is_turned) in LEVELS {
        if share == 0.0 {
            let side = width.max(height);
            let (left, top) = ((width - side) / 2.0, (height - side) / 2.0);
            let turns = if is_turned { 4 } else { 1 };
            tiles.extend(
                (0..turns).map(|quarters| (Tile { left, top, side, quarters, is_part: quarters > 0 }, sure)),
            );
            continue;
        }
        let side = width.min(height) * share;
        if side < TILE_PX_MIN {
            break;
        }
        let along = |length: f32| ((length - side) / (side * STRIDE)).ceil().max(0.0) as usize + 1;
        let (columns, rows) = (along(width), along(height));
        let step = |length: f32, count: usize| (length - side) / (count.max(2) - 1) as f32;
        for index in 0..columns.saturating_mul(rows) {
            let (column, row) = ((index % columns) as f32, (index / columns) as f32);
            let (left, top) = (column * step(width, columns), row * step(height, rows));
            tiles.push((Tile { left, top, side, quarters: 0, is_part: true }, sure));
        }
    }
    tiles.truncate(LOOKS_MAX);
    tiles
}

impl Tile {
    /// A point of the shown square (0 to 1) in the picture.
    fn point(&self, x: f32, y: f32) -> [f32; 2] {
        let (x, y) = match self.quarters {
            0 => (x, y),
            1 => (1.0 - y, x),
            2 => (1.0 - x, 1.0 - y),
            _ => (y, 1.0 - x),
        };
        [self.left + x * self.side, self.top + y * self.side]
    }

    fn outside(&self, face: Face) -> Face {
        let middle = self.point(face.middle[0], face.middle[1]);
        let size = face.size.map(|side| side * self.side);
        let size = if self.quarters % 2 == 1 { [size[1], size[0]] } else { size };
        Face { middle, size, ..face }
    }

    /// What the network is shown, from -1 to 1; outside the picture is black. `None` when there is nothing to see.
    #[expect(
        clippy::as_conversions,
        clippy::indexing_slicing,
        reason = "pixel arithmetic: a point is checked to lie in the picture before it is read"
    )]
    fn shown(&self, pixels: &Pixels) -> Option<Vec<f32>> {
        let (width, height) = (pixels.width as usize, pixels.height as usize);
        if pixels.rgb.len() != width * height * 3 {
            return None;
        }
        // The mean of a few points in each shown pixel: enough that fine patterns do not glitter.
        let fine = ((self.side / SIDE as f32).ceil() as usize).clamp(1, 3);
        let step = 1.0 / (SIDE * fine) as f32;
        let mut shown = Vec::with_capacity(SIDE * SIDE * 3);
        let (mut sum_all, mut square_all, mut seen, mut skin) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
        for y in 0..SIDE {
            for x in 0..SIDE {
                let mut sum = [0.0_f32; 3];
                for part in 0..fine * fine {
                    let u = (x * fine + part % fine) as f32 * step + step / 2.0;
                    let v = (y * fine + part / fine) as f32 * step + step / 2.0;
                    let [px, py] = self.point(u, v);
                    if px < 0.0 || py < 0.0 || px >= width as f32 || py >= height as f32 {
                        continue;
                    }
                    let start = (py as usize * width + px as usize) * 3;
                    for (sum, value) in sum.iter_mut().zip(&pixels.rgb[start..start + 3]) {
                        *sum += f32::from(*value);
                    }
                }
                let rgb = sum.map(|sum| sum / (fine * fine) as f32);
                let bright = (rgb[0] + rgb[1] + rgb[2]) / 3.0;
                (sum_all, square_all, seen) = (sum_all + bright, square_all + bright * bright, seen + 1.0);
                skin += f32::from(u8::from(is_skin(rgb)));
                shown.extend(rgb.map(|value| value / 127.5 - 1.0));
            }
        }
        let mean = sum_all / seen;
        if self.is_part && skin < SKIN_SHARE_MIN * seen {
            return None;
        }
        ((square_all / seen - mean * mean).max(0.0).sqrt() >= DEVIATION_MIN).then_some(shown)
    }
}
