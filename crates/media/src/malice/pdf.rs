//! Code and files inside a PDF, by its objects: names may be spelt with escapes, and objects may be compressed.

use hayro::hayro_syntax::{
    DecryptionError, LoadPdfError, Pdf,
    object::{Array, Dict, MaybeRef, Name, Object},
};
use memchr::memmem;
use model::finding::Finding;

use super::{active, encrypted};

const OBJECTS_MAX: usize = 100_000;
const VALUES_MAX: usize = 1_000_000;
const DEPTH_MAX: usize = 24;

pub(super) fn findings(bytes: &[u8], found: &mut Vec<Finding>) {
    match Pdf::new(bytes.to_vec()) {
        Ok(pdf) => {
            let mut walk = Walk { values_left: VALUES_MAX, found };
            pdf.objects().into_iter().take(OBJECTS_MAX).for_each(|object| walk.object(&object, 0));
            runs_at_once(&pdf, found);
        }
        Err(LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm)) => {
            encrypted("the PDF is locked in a way that cannot be opened here", found);
        }
        Err(LoadPdfError::Decryption(_)) => encrypted("the PDF is protected by a password", found),
        Err(LoadPdfError::Invalid) => by_bytes(bytes, found),
    }
}

struct Walk<'f> {
    values_left: usize,
    found: &'f mut Vec<Finding>,
}

impl Walk<'_> {
    /// References are not followed: what they lead to is an object of its own, and comes by itself.
    fn object(&mut self, object: &Object<'_>, depth: usize) {
        if depth > DEPTH_MAX || self.values_left == 0 {
            return;
        }
        self.values_left = self.values_left.saturating_sub(1);
        match object {
            Object::Dict(dict) => self.dict(dict, depth),
            Object::Stream(stream) => self.dict(stream.dict(), depth),
            Object::Array(array) => self.array(array, depth),
            _ => {}
        }
    }

    fn array(&mut self, array: &Array<'_>, depth: usize) {
        for item in array.raw_iter() {
            if let MaybeRef::NotRef(object) = item {
                self.object(&object, depth.saturating_add(1));
            }
        }
    }

    fn dict(&mut self, dict: &Dict<'_>, depth: usize) {
        for (key, value) in dict.entries() {
            let name = match &value {
                MaybeRef::NotRef(Object::Name(name)) => Some(name),
                _ => None,
            };
            self.entry(key.as_str(), name.map(Name::as_str));
            if let MaybeRef::NotRef(value) = value {
                self.object(&value, depth.saturating_add(1));
            }
        }
    }

    /// ISO 32000-2 §12.6.4 (actions), §7.11.4 (embedded files), §13.7 (rich media), §12.7.8 (XFA).
    fn entry(&mut self, key: &str, value: Option<&str>) {
        let (what, confidence, why) = match (key, value) {
            ("JS" | "JavaScript", _) | ("S", Some("JavaScript")) => {
                ("pdf.javascript", 0.95, "the PDF holds JavaScript, which some readers run")
            }
            ("S", Some("Launch")) => ("pdf.launch", 0.95, "the PDF asks its reader to start a program"),
            ("Type", Some("EmbeddedFile")) | ("EF", _) => {
                ("pdf.embedded_file", 0.8, "the PDF carries files inside; electronic invoices do so as well")
            }
            ("Subtype", Some("RichMedia" | "Screen" | "3D" | "Flash")) => {
                ("pdf.rich_media", 0.8, "the PDF carries films, sound or 3D models that a reader may play")
            }
            ("S", Some("SubmitForm" | "ImportData")) => {
                ("pdf.submit", 0.8, "the PDF can send what is filled in to an address of its maker")
            }
            ("S", Some("GoToR" | "GoToE")) => (
                "pdf.other_file",
                0.6,
                "the PDF leads its reader to another file, on the disk or on a server",
            ),
            ("XFA", _) => ("pdf.xfa", 0.7, "the PDF holds an XFA form, which may carry code"),
            _ => return,
        };
        active(what, confidence, why, self.found);
    }
}

/// Whether the catalog or a page starts an action by itself; most start a mere view of a page.
fn runs_at_once(pdf: &Pdf, found: &mut Vec<Finding>) {
    let Some(catalog) = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()) else { return };
    let kind = |action: Dict<'_>| action.get::<Name<'_>>("S").map(|s| s.as_str().to_owned());
    let opens = catalog.get::<Dict<'_>>("OpenAction").and_then(kind);
    let is_code = opens.is_some_and(|s| !matches!(s.as_str(), "GoTo" | "Named"));
    if is_code || catalog.contains_key("AA") {
        active("pdf.open_action", 0.9, "the PDF does something by itself as soon as it is opened", found);
    }
}

/// For what no parser can open: what stands there unescaped and uncompressed is found, the rest is not.
fn by_bytes(bytes: &[u8], found: &mut Vec<Finding>) {
    for (needle, what, why) in [
        (&b"/JavaScript"[..], "pdf.javascript", "a damaged PDF that names JavaScript"),
        (b"/Launch", "pdf.launch", "a damaged PDF that names the start of a program"),
        (b"/EmbeddedFile", "pdf.embedded_file", "a damaged PDF that names files inside"),
    ] {
        if memmem::find(bytes, needle).is_some() {
            active(what, 0.6, why, found);
        }
    }
    if memmem::find(bytes, b"/Encrypt").is_some() {
        encrypted("the PDF is damaged and names a lock", found);
    }
}
