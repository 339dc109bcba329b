//! Codes made, printed badly and photographed badly: every picture follows from its seed.
//!
//! A code is drawn through a homography with supersampling, then softened, shaded, covered, made noisy and packed as
//! a JPEG, in the order in which it happens to a real one. Beside each picture stands what is written in it.

use media::Pixels;
use rxing::{BarcodeFormat, EncodeHints, MultiFormatWriter, Writer};

/// A number from a seed; SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0.0 up to 1.0.
    pub fn share(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.share()
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[(self.next() % of.len() as u64) as usize]
    }

    /// Of mean 0 and deviation 1.
    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.share()).sum::<f32>() - 6.0
    }
}

pub const FORMATS: [(&str, BarcodeFormat); 11] = [
    ("code.qr", BarcodeFormat::QR_CODE),
    ("code.data_matrix", BarcodeFormat::DATA_MATRIX),
    ("code.aztec", BarcodeFormat::AZTEC),
    ("code.pdf_417", BarcodeFormat::PDF_417),
    ("code.ean_13", BarcodeFormat::EAN_13),
    ("code.ean_8", BarcodeFormat::EAN_8),
    ("code.upc_a", BarcodeFormat::UPC_A),
    ("code.upc_e", BarcodeFormat::UPC_E),
    ("code.code_128", BarcodeFormat::CODE_128),
    ("code.code_39", BarcodeFormat::CODE_39),
    ("code.itf", BarcodeFormat::ITF),
];

pub const DAMAGES: [&str; 17] = [
    "clean",
    "turned",
    "sideways",
    "soft_0.7",
    "soft_1.0",
    "soft_1.5",
    "small_2px",
    "small_1.5px",
    "perspective",
    "jpeg",
    "faint",
    "covered",
    "inverted",
    "shade",
    "noise",
    "motion",
    "photo",
];

pub struct Sample {
    pub kind: &'static str,
    pub text: String,
    pub pixels: Pixels,
}

/// How a code is shown.
struct Shot {
    module_px: f32,
    angle: f32,
    /// How much nearer one side is than the other, each way.
    tilt: [f32; 2],
    soft_px: f32,
    motion_px: f32,
    dark: f32,
    light: f32,
    shade: f32,
    noise: f32,
    jpeg: Option<u8>,
    is_covered: bool,
}

pub fn sample(format: usize, damage: &'static str, number: u64) -> Sample {
    let (kind, barcode) = FORMATS[format];
    let seed = 1
        + number * 7_919
        + format as u64 * 104_729
        + damage.bytes().fold(7, |sum, b| sum * 31 + u64::from(b));
    let mut dice = Dice(seed);
    let text = text(kind, &mut dice);
    let code = Code::of(&text, barcode);
    let shot = shot(damage, code.is_bars, &mut dice);
    Sample { kind, text, pixels: photograph(&code, &shot, &mut dice) }
}

fn shot(damage: &str, is_bars: bool, dice: &mut Dice) -> Shot {
    let mut shot = Shot {
        module_px: 4.0,
        angle: 0.0,
        tilt: [0.0; 2],
        soft_px: 0.4,
        motion_px: 0.0,
        dark: 25.0,
        light: 230.0,
        shade: 0.0,
        noise: 1.5,
        jpeg: None,
        is_covered: false,
    };
    let sign = if dice.share() < 0.5 { -1.0 } else { 1.0 };
    let few = 0.26 * sign * dice.between(0.3, 1.0);
    match damage {
        "turned" if is_bars => shot.angle = few,
        "turned" => shot.angle = dice.between(0.0, std::f32::consts::TAU),
        "sideways" => shot.angle = std::f32::consts::FRAC_PI_2 * *dice.pick(&[1.0, 2.0, 3.0]) + few * 0.2,
        "soft_0.7" => shot.soft_px = 0.7 * shot.module_px,
        "soft_1.0" => shot.soft_px = shot.module_px,
        "soft_1.5" => shot.soft_px = 1.5 * shot.module_px,
        "small_2px" => (shot.module_px, shot.angle) = (2.0, few * 0.3),
        "small_1.5px" => (shot.module_px, shot.angle) = (1.5, few * 0.3),
        "perspective" => shot.tilt = [dice.between(-0.3, 0.3), dice.between(-0.3, 0.3)],
        "jpeg" => (shot.module_px, shot.jpeg) = (2.6, Some(75)),
        "faint" => (shot.dark, shot.light, shot.noise) = (120.0, 160.0, 3.0),
        "covered" => shot.is_covered = true,
        "inverted" => (shot.dark, shot.light) = (shot.light, shot.dark),
        "shade" => shot.shade = 0.8,
        "noise" => shot.noise = 22.0,
        "motion" => (shot.motion_px, shot.soft_px) = (1.1 * shot.module_px, 0.8),
        "photo" => {
            shot.module_px = dice.between(2.8, 6.0);
            shot.angle = few;
            shot.tilt = [dice.between(-0.2, 0.2), dice.between(-0.2, 0.2)];
            shot.soft_px = dice.between(0.4, 0.8) * shot.module_px;
            (shot.shade, shot.noise, shot.jpeg) = (0.5, 6.0, Some(75));
            (shot.dark, shot.light) = (dice.between(20.0, 60.0), dice.between(150.0, 230.0));
        }
        _ => {}
    }
    shot
}

fn text(kind: &str, dice: &mut Dice) -> String {
    let mut digits = |count: usize| -> String {
        (0..count).map(|_| char::from(b'0' + (dice.next() % 10) as u8)).collect()
    };
    match kind {
        "code.ean_13" => with_check_digit(&format!("8{}", digits(11))),
        "code.ean_8" => with_check_digit(&digits(7)),
        "code.upc_a" => with_check_digit(&digits(11)),
        "code.upc_e" => {
            // Numbers that end in 5 to 9 stand for five digits and 0000 before it.
            let number = digits(5);
            let last = 5 + number.bytes().next().map_or(0, |byte| byte % 5);
            let long = with_check_digit(&format!("0{number}0000{last}"));
            format!("0{number}{last}{}", &long[11..])
        }
        "code.itf" => with_check_digit(&digits(13)),
        "code.code_39" => format!("SN-{}", digits(8)),
        "code.code_128" => format!("1Z{}AB{}", digits(6), digits(4)),
        "code.qr" => {
            let choice = digits(12);
            match choice.as_bytes()[0] % 3 {
                0 => format!("https://example.com/t/{choice}"),
                1 => format!("upi://pay?pa=shop{choice}@okbank&pn=Corner%20Shop&am=249.00&cu=INR"),
                _ => format!("S/N {choice} Größe 7"),
            }
        }
        "code.pdf_417" => format!("M1ROSSI/MARIA EABC{} FCOMXP", digits(8)),
        _ => format!("(21){} lot {}", digits(9), digits(5)),
    }
}

fn with_check_digit(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| u32::from(byte - b'0') * if place % 2 == 0 { 3 } else { 1 })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// The modules of a code, without its quiet zone.
pub struct Code {
    columns: usize,
    rows: usize,
    dark: Vec<bool>,
    /// How many columns' widths a row is high.
    row_height: f32,
    quiet: f32,
    is_bars: bool,
}

impl Code {
    pub fn of(text: &str, format: BarcodeFormat) -> Self {
        let hints = EncodeHints {
            Margin: Some("0".into()),
            CharacterSet: Some("UTF-8".into()),
            ..EncodeHints::default()
        };
        let matrix =
            MultiFormatWriter.encode_with_hints(text, &format, 1, 1, &hints).expect("the text fits the code");
        let [left, top, width, height] = matrix.getEnclosingRectangle().expect("a code has dark modules");
        let is_bars = !matches!(
            format,
            BarcodeFormat::QR_CODE
                | BarcodeFormat::DATA_MATRIX
                | BarcodeFormat::AZTEC
                | BarcodeFormat::PDF_417
        );
        let height = if is_bars { 1 } else { height };
        let mut dark = Vec::new();
        for y in 0..height {
            for x in 0..width {
                dark.push(matrix.get(left + x, top + y));
            }
        }
        let row_height = if is_bars { 45.0 } else { 1.0 };
        let quiet = if is_bars { 10.0 } else { 4.0 };
        Self { columns: width as usize, rows: height as usize, dark, row_height, quiet, is_bars }
    }

    /// On white, `module` pixels a module, with its quiet zone.
    pub fn drawn(&self, module: usize) -> Pixels {
        let (wide, high) = self.size();
        let (width, height) = (
            ((wide + 2.0 * self.quiet) as usize) * module,
            ((high + 2.0 * self.quiet.min(4.0)) as usize) * module,
        );
        let mut rgb = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            for x in 0..width {
                let u = (x as f32 + 0.5) / module as f32 - self.quiet;
                let v = (y as f32 + 0.5) / module as f32 - self.quiet.min(4.0);
                rgb.extend([if self.at(u, v) == Some(true) { 0 } else { 255 }; 3]);
            }
        }
        Pixels { width: width as u32, height: height as u32, rgb }
    }

    fn size(&self) -> (f32, f32) {
        (self.columns as f32, self.rows as f32 * self.row_height)
    }

    /// Whether it is dark there; `None` off its paper.
    fn at(&self, x: f32, y: f32) -> Option<bool> {
        let (width, height) = self.size();
        let quiet = self.quiet;
        if x < -quiet || y < -quiet.min(4.0) || x >= width + quiet || y >= height + quiet.min(4.0) {
            return None;
        }
        if x < 0.0 || y < 0.0 || x >= width || y >= height {
            return Some(false);
        }
        let (column, row) = (x as usize, (y / self.row_height) as usize);
        Some(self.dark[row.min(self.rows - 1) * self.columns + column.min(self.columns - 1)])
    }
}

const SUPER: usize = 4;

fn photograph(code: &Code, shot: &Shot, dice: &mut Dice) -> Pixels {
    let (wide, high) = code.size();
    let reach = (wide + 2.0 * code.quiet).hypot(high + 12.0) * shot.module_px;
    let (width, height) = ((reach * 1.25).max(640.0) as usize, (reach * 1.1).max(480.0) as usize);
    let (centre_x, centre_y) =
        (width as f32 / 2.0 + dice.between(-20.0, 20.0), height as f32 / 2.0 + dice.between(-15.0, 15.0));
    let (sin, cos) = shot.angle.sin_cos();
    let cover = [dice.between(0.3, 0.7) * wide, dice.between(0.55, 0.75) * high];
    let cover_radius = 0.11 * wide.min(high).max(8.0);
    let table = dice.between(90.0, 170.0);
    let mut grey = vec![0.0_f32; width * height];
    for y in 0..height {
        for x in 0..width {
            let mut sum = 0.0;
            for part in 0..SUPER * SUPER {
                let px = x as f32 + ((part % SUPER) as f32 + 0.5) / SUPER as f32 - centre_x;
                let py = y as f32 + ((part / SUPER) as f32 + 0.5) / SUPER as f32 - centre_y;
                let depth = 1.0 + (px * shot.tilt[0] + py * shot.tilt[1]) / (reach * 0.5);
                let (px, py) = (px / depth / shot.module_px, py / depth / shot.module_px);
                let (u, v) = (px * cos + py * sin + wide / 2.0, py * cos - px * sin + high / 2.0);
                let is_under = shot.is_covered
                    && if code.is_bars {
                        v > 0.5 * high
                    } else {
                        (u - cover[0]).hypot(v - cover[1]) < cover_radius
                    };
                sum += match code.at(u, v) {
                    _ if is_under => table,
                    Some(true) => shot.dark,
                    Some(false) => shot.light,
                    None => table,
                };
            }
            grey[y * width + x] = sum / (SUPER * SUPER) as f32;
        }
    }
    blur(&mut grey, width, height, shot.soft_px);
    if shot.motion_px > 0.0 {
        smear(&mut grey, width, height, shot.motion_px, dice.between(0.0, std::f32::consts::PI));
    }
    let from_left = dice.share() < 0.5;
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            let across = x as f32 / width as f32;
            let shade = 1.0 - shot.shade * if from_left { across } else { 1.0 - across };
            let value = grey[y * width + x] * shade.max(0.12) + dice.normal() * shot.noise;
            rgb.extend([value.clamp(0.0, 255.0) as u8; 3]);
        }
    }
    let pixels = Pixels { width: width as u32, height: height as u32, rgb };
    match shot.jpeg {
        Some(quality) => through_jpeg(&pixels, quality),
        None => pixels,
    }
}

fn blur(grey: &mut [f32], width: usize, height: usize, sigma: f32) {
    let reach = (sigma * 3.0).ceil() as isize;
    let kernel: Vec<f32> =
        (-reach..=reach).map(|d| (-(d * d) as f32 / (2.0 * sigma * sigma)).exp()).collect();
    let total: f32 = kernel.iter().sum();
    for is_down in [false, true] {
        let source = grey.to_vec();
        for y in 0..height {
            for x in 0..width {
                let mut sum = 0.0;
                for (tap, weight) in kernel.iter().enumerate() {
                    let d = tap as isize - reach;
                    let (dx, dy) = if is_down { (0, d) } else { (d, 0) };
                    let sx = (x as isize + dx).clamp(0, width as isize - 1) as usize;
                    let sy = (y as isize + dy).clamp(0, height as isize - 1) as usize;
                    sum += source[sy * width + sx] * weight;
                }
                grey[y * width + x] = sum / total;
            }
        }
    }
}

fn smear(grey: &mut [f32], width: usize, height: usize, length: f32, angle: f32) {
    let source = grey.to_vec();
    let taps = 9;
    for y in 0..height {
        for x in 0..width {
            let mut sum = 0.0;
            for tap in 0..taps {
                let d = (tap as f32 / (taps - 1) as f32 - 0.5) * length;
                let sx = (x as f32 + d * angle.cos()).round().clamp(0.0, width as f32 - 1.0) as usize;
                let sy = (y as f32 + d * angle.sin()).round().clamp(0.0, height as f32 - 1.0) as usize;
                sum += source[sy * width + sx];
            }
            grey[y * width + x] = sum / taps as f32;
        }
    }
}

fn through_jpeg(pixels: &Pixels, quality: u8) -> Pixels {
    let mut file = Vec::new();
    jpeg_encoder::Encoder::new(&mut file, quality)
        .encode(&pixels.rgb, pixels.width as u16, pixels.height as u16, jpeg_encoder::ColorType::Rgb)
        .expect("a picture of this size is a JPEG");
    let mut decoder = zune_jpeg::JpegDecoder::new(std::io::Cursor::new(file));
    let rgb = decoder.decode().expect("our own JPEG decodes");
    Pixels { rgb, ..*pixels }
}
