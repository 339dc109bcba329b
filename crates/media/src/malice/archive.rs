//! ZIP and what stands on it: members counted and measured before anything is unpacked.

use std::{
    borrow::Cow,
    io::{Cursor, Read},
};

use flate2::read::MultiGzDecoder;
use memchr::memmem;
use model::finding::Finding;
use serde_json::json;
use zip::ZipArchive;

use super::{active, encrypted, finding, is_program, office};
use crate::{
    limits::MIB,
    sniff::{self, Family, Sniffed, sniff},
};

/// More members than this are not listed; an Office file has hundreds.
const MEMBERS_MAX: usize = 20_000;
/// What a person may want to unpack.
const UNPACKED_BYTES_MAX: u64 = 1_024 * MIB;
const RATIO_MAX: u64 = 200;
/// Deflate cannot do more than 1,032 to 1, and text does 10 to 1: below this size a ratio does no harm.
const RATIO_BYTES_MIN: u64 = 64 * MIB;
const NESTED_DEPTH_MAX: u32 = 3;
/// What is unpacked altogether in order to look inside.
const LOOK_BYTES_MAX: u64 = 32 * MIB;

pub(crate) fn is_zip(sniffed: Sniffed) -> bool {
    use sniff::{DOCX, EPUB, ODP, ODS, ODT, PPTX, XLSX, ZIP};
    [ZIP, DOCX, XLSX, PPTX, ODT, ODS, ODP, EPUB].contains(&sniffed)
}

/// By the signatures in the bytes, whatever the archive says of itself: asked before its directory is read.
pub(crate) fn has_too_many_members(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"PK\x01\x02").nth(MEMBERS_MAX).is_some()
}

/// The members of a ZIP, read within a budget that all of them share.
pub(crate) struct Members<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    bytes_left: u64,
    /// The budget ran out, or a member was larger than asked for.
    pub is_cut: bool,
}

impl<'a> Members<'a> {
    /// `None` for what is no readable ZIP or has too many members.
    pub fn open(bytes: &'a [u8], bytes_max: u64) -> Option<Self> {
        let archive = (!has_too_many_members(bytes)).then(|| ZipArchive::new(Cursor::new(bytes)))?.ok()?;
        Some(Self { archive, bytes_left: bytes_max, is_cut: false })
    }

    pub fn names(&self) -> Vec<String> {
        // A name that is no text cannot be asked for.
        self.archive.file_names().take(MEMBERS_MAX).flatten().map(Cow::into_owned).collect()
    }

    /// At most `bytes_max` of the member; what came before an error is kept. `None` when it is not there or locked.
    pub fn read(&mut self, name: &str, bytes_max: u64) -> Option<Vec<u8>> {
        let limit = bytes_max.min(self.bytes_left);
        let mut member = self.archive.by_name(name).ok()?;
        let mut bytes = Vec::new();
        let _ = member.by_ref().take(limit).read_to_end(&mut bytes);
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        // Whether there was more: by its declared size, or by one more byte.
        self.is_cut |=
            length == limit && (member.size() > limit || member.read(&mut [0]).is_ok_and(|n| n > 0));
        self.bytes_left = self.bytes_left.saturating_sub(length);
        Some(bytes)
    }

    fn sizes(&mut self) -> Sizes {
        let mut sizes = Sizes::default();
        for index in 0..self.archive.len() {
            let Ok(member) = self.archive.by_index_raw(index) else { continue };
            sizes.is_locked |= member.encrypted();
            sizes.unpacked = sizes.unpacked.saturating_add(member.size());
            sizes.packed = sizes.packed.saturating_add(member.compressed_size());
        }
        sizes
    }
}

#[derive(Default)]
struct Sizes {
    is_locked: bool,
    unpacked: u64,
    packed: u64,
}

pub(super) fn findings(bytes: &[u8], sniffed: Sniffed, found: &mut Vec<Finding>) {
    if has_too_many_members(bytes) {
        bomb(&format!("the archive has more than {MEMBERS_MAX} members"), found);
        return;
    }
    let Some(mut members) = Members::open(bytes, LOOK_BYTES_MAX) else { return };
    look(&mut members, bytes, 0, found);
    // An Office file may be packed so that its first bytes tell only of a ZIP.
    let is_office = |name: &String| matches!(name.as_str(), "[Content_Types].xml" | "mimetype");
    if sniffed.family == Family::Document || members.names().iter().any(is_office) {
        office::findings(&mut members, found);
    }
}

fn look(members: &mut Members<'_>, bytes: &[u8], depth: u32, found: &mut Vec<Finding>) {
    let sizes = members.sizes();
    if sizes.is_locked {
        encrypted("members of the archive are protected by a password", found);
    }
    measured(&sizes, u64::try_from(bytes.len()).unwrap_or(u64::MAX), found);
    let names = members.names();
    if let Some(name) =
        names.iter().find(|n| n.rsplit_once('.').is_some_and(|(_, e)| is_program(&e.to_lowercase())))
    {
        let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
        active("archive.program", 0.8, &format!("the archive holds a program or script (“{name}”)"), found);
    }
    for name in names.iter().filter(|n| n.to_lowercase().ends_with(".zip")) {
        if depth >= NESTED_DEPTH_MAX {
            bomb("archives stand within archives, more than three deep", found);
            return;
        }
        let Some(inner) = members.read(name, LOOK_BYTES_MAX) else { continue };
        if has_too_many_members(&inner) {
            bomb(&format!("an archive within the archive has more than {MEMBERS_MAX} members"), found);
        } else if sniff(&inner).family == Family::Archive
            && let Some(mut nested) = Members::open(&inner, members.bytes_left)
        {
            look(&mut nested, &inner, depth.saturating_add(1), found);
            members.bytes_left = nested.bytes_left;
        }
    }
}

fn measured(sizes: &Sizes, file_bytes: u64, found: &mut Vec<Finding>) {
    let unpacked_mib = sizes.unpacked / MIB;
    if sizes.packed > file_bytes {
        let why =
            "the members of the archive share their bytes: unpacked, a few of them become endlessly many";
        bomb(why, found);
    } else if sizes.unpacked > UNPACKED_BYTES_MAX {
        bomb(&format!("unpacked, the archive says, it is {unpacked_mib} MiB"), found);
    } else if sizes.unpacked > RATIO_BYTES_MIN && sizes.unpacked / sizes.packed.max(1) > RATIO_MAX {
        let ratio = sizes.unpacked / sizes.packed.max(1);
        bomb(&format!("unpacked, the archive is {unpacked_mib} MiB, {ratio} times its size"), found);
    }
}

fn bomb(why: &str, found: &mut Vec<Finding>) {
    if !found.iter().any(|f| f.kind == "file.archive_bomb") {
        let why = format!("{why}; it was not unpacked here, and should not be on a person's computer");
        found.push(finding("file.archive_bomb", json!(true), 0.9, why));
    }
}

/// The size at a gzip's end can lie: it is unpacked as far as a bomb begins, into nothing.
pub(super) fn gzip(bytes: &[u8], found: &mut Vec<Finding>) {
    let mut stream = MultiGzDecoder::new(bytes).take(RATIO_BYTES_MIN.saturating_add(1));
    let unpacked = std::io::copy(&mut stream, &mut std::io::sink()).unwrap_or(0);
    let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX).max(1);
    if unpacked > RATIO_BYTES_MIN && unpacked / packed > RATIO_MAX {
        bomb(&format!("unpacked, it is more than {} times its size", unpacked / packed), found);
    }
}
