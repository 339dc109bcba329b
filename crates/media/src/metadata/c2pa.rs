//! Content credentials: is the picture as it was signed, and who says so.
//!
//! Nothing is fetched: the child has no network, no HTTP client is compiled in, and a manifest that is kept on a server
//! stays there. No list of trusted signers is shipped, so a valid signature proves that nothing changed since somebody
//! signed, and not who that was.

use std::io::Cursor;

use c2pa::{Reader, ValidationState, assertions::Actions, validation_status::SIGNING_CREDENTIAL_UNTRUSTED};

use super::{C2pa, text};
use crate::sniff::Sniffed;

pub(super) fn verify(bytes: &[u8], sniffed: Sniffed) -> C2pa {
    let read = Reader::default().with_stream(sniffed.mime_type, Cursor::new(bytes));
    let reader = match read {
        Ok(reader) => reader,
        Err(c2pa::Error::RemoteManifestUrl(_) | c2pa::Error::RemoteManifestFetch(_)) => return C2pa::Remote,
        Err(e) => return C2pa::Invalid { why: said(&e.to_string()) },
    };
    let failures = reader.validation_status().unwrap_or_default();
    let worst = failures.iter().find(|status| status.code() != SIGNING_CREDENTIAL_UNTRUSTED);
    let state = reader.validation_state();
    if let Some(status) = worst {
        return C2pa::Invalid { why: said(status.explanation().unwrap_or(status.code())) };
    }
    let Some(manifest) = reader.active_manifest().filter(|_| state != ValidationState::Invalid) else {
        return C2pa::Invalid { why: "there is no active manifest".to_owned() };
    };
    let generator = manifest.claim_generator_info.iter().flatten().next().map(|info| info.name.as_str());
    C2pa::Valid {
        is_trusted: state == ValidationState::Trusted,
        signer: manifest.common_name().or_else(|| manifest.issuer()).and_then(|s| text(s.as_bytes())),
        generator: generator.or_else(|| manifest.claim_generator()).and_then(|g| text(g.as_bytes())),
        signed_at: manifest.time(),
        digital_source_type: source_type(manifest),
    }
}

/// Of the actions, the first that says what kind of source the picture had.
fn source_type(manifest: &c2pa::Manifest) -> Option<String> {
    let actions: Actions = manifest.find_assertion(Actions::LABEL).ok()?;
    // By its written form: the crate's own type for it changed between versions.
    let actions = serde_json::to_value(actions.actions()).ok()?;
    let term = actions.as_array()?.iter().find_map(|a| a.get("digitalSourceType")?.as_str())?;
    text(term.rsplit('/').next()?.as_bytes())
}

fn said(detail: &str) -> String {
    text(detail.as_bytes()).unwrap_or_else(|| "it cannot be read".to_owned())
}

#[cfg(test)]
mod tests;
