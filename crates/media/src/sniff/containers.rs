//! Formats whose name stands inside a container: the signature alone says too little.

use super::{
    AVI, AVIF, DOC, DOCX, EPUB, HEIC, HEIF, M4A, MKV, MOV, MP4, ODP, ODS, ODT, OGG, OGV, OLE, OPUS, PPT,
    PPTX, Sniffed, THREE_GP, WAV, WEBM, WEBP, XLS, XLSX, ZIP, contains, u32_be,
};

pub(super) fn riff(head: &[u8]) -> Option<Sniffed> {
    if !head.starts_with(b"RIFF") {
        return None;
    }
    match head.get(8..12)? {
        b"WEBP" => Some(WEBP),
        b"WAVE" => Some(WAV),
        b"AVI " => Some(AVI),
        _ => None,
    }
}

/// MP4, MOV, 3GP, M4A, HEIC, AVIF: told apart by the brands of the `ftyp` box.
pub(super) fn iso_media(head: &[u8]) -> Option<Sniffed> {
    match head.get(4..8)? {
        b"ftyp" => {}
        // QuickTime files older than `ftyp` open with one of these.
        b"moov" | b"mdat" | b"wide" | b"pnot" => return Some(MOV),
        _ => return None,
    }
    let size = usize::try_from(u32_be(head, 0)?).ok()?.clamp(16, 1_024);
    let major = head.get(8..12)?;
    let compatible = head.get(16..size).or_else(|| head.get(16..)).unwrap_or_default();
    let has = |brands: &[&[u8; 4]]| {
        let is_one = |b: &[u8]| brands.iter().any(|brand| b == *brand);
        is_one(major) || compatible.chunks_exact(4).any(is_one)
    };
    Some(match major {
        b"avif" | b"avis" => AVIF,
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => HEIC,
        b"mif1" | b"msf1" | b"mif2" if has(&[b"avif", b"avis"]) => AVIF,
        b"mif1" | b"msf1" | b"mif2" if has(&[b"heic", b"heix", b"heim", b"heis"]) => HEIC,
        b"mif1" | b"msf1" | b"mif2" => HEIF,
        b"qt  " => MOV,
        b"M4A " | b"M4B " | b"M4P " => M4A,
        [b'3', b'g', ..] => THREE_GP,
        _ if is_audio_only(head) => M4A,
        _ => MP4,
    })
}

/// Recorders write plain `isom` for sound alone: the handlers of the tracks tell, if `moov` is in the head.
fn is_audio_only(head: &[u8]) -> bool {
    let handlers = || {
        head.windows(4)
            .enumerate()
            .filter(|(_, w)| *w == b"hdlr")
            .filter_map(|(at, _)| head.get(at.checked_add(12)?..)?.first_chunk::<4>())
    };
    // A head that is cut within `moov` may hide a later video track.
    let moov = head.windows(4).position(|w| w == b"moov");
    let is_whole = moov.is_some_and(|at| {
        let size = at.checked_sub(4).and_then(|start| u32_be(head, start)).unwrap_or(u32::MAX);
        usize::try_from(size).is_ok_and(|size| at.saturating_add(size).saturating_sub(4) <= head.len())
    });
    is_whole && handlers().any(|h| h == b"soun") && !handlers().any(|h| h == b"vide")
}

pub(super) fn ogg(head: &[u8]) -> Option<Sniffed> {
    if !head.starts_with(b"OggS") {
        return None;
    }
    let first_page = head.get(..4_096).unwrap_or(head);
    Some(if opus_channels(head).is_some() {
        OPUS
    } else if contains(first_page, b"\x80theora") {
        OGV
    } else {
        OGG
    })
}

/// The channel count of the `OpusHead` packet, which is the whole payload of the first page (RFC 7845 §3).
pub(super) fn opus_channels(bytes: &[u8]) -> Option<u8> {
    if !bytes.starts_with(b"OggS\0") {
        return None;
    }
    let segments = usize::from(*bytes.get(26)?);
    let payload = bytes.get(27_usize.checked_add(segments)?..)?;
    let [_version, channels, ..] = *payload.strip_prefix(b"OpusHead")? else { return None };
    Some(channels)
}

pub(super) fn matroska(head: &[u8]) -> Option<Sniffed> {
    if !head.starts_with(b"\x1A\x45\xDF\xA3") {
        return None;
    }
    let header = head.get(..128).unwrap_or(head);
    Some(if contains(header, b"webm") { WEBM } else { MKV })
}

/// Office files are ZIPs: the names of the members in the head tell which.
pub(super) fn zip(head: &[u8]) -> Option<Sniffed> {
    const MEMBER: &[u8] = b"PK\x03\x04";
    if !head.starts_with(MEMBER) {
        return (head.starts_with(b"PK\x05\x06") || head.starts_with(b"PK\x07\x08PK")).then_some(ZIP);
    }
    // OpenDocument and EPUB: the first member is `mimetype`, stored as it is.
    if let Some(declared) = head.get(30..).and_then(|rest| rest.strip_prefix(b"mimetype")) {
        for sniffed in [ODT, ODS, ODP, EPUB] {
            if declared.starts_with(sniffed.mime_type.as_bytes()) {
                return Some(sniffed);
            }
        }
    }
    let named = |prefix: &[u8]| {
        head.windows(MEMBER.len())
            .enumerate()
            .filter(|(_, w)| *w == MEMBER)
            .filter_map(|(at, _)| head.get(at.checked_add(30)?..))
            .any(|name| name.starts_with(prefix))
    };
    // The word of an Office file alone is not enough: any ZIP may hold a folder `word`.
    if named(b"[Content_Types].xml") || named(b"_rels/.rels") {
        for (prefix, sniffed) in [(&b"word/"[..], DOCX), (b"xl/", XLSX), (b"ppt/", PPTX)] {
            if named(prefix) {
                return Some(sniffed);
            }
        }
    }
    Some(ZIP)
}

/// The old Office container; the names of its streams are UTF-16, when they stand in the head.
pub(super) fn ole(head: &[u8]) -> Option<Sniffed> {
    if !head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return None;
    }
    let named = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        contains(head, &wide)
    };
    Some(if named("WordDocument") {
        DOC
    } else if named("Workbook") {
        XLS
    } else if named("PowerPoint Document") {
        PPT
    } else {
        OLE
    })
}
