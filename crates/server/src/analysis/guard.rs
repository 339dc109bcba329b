//! A look before anything is written: what the configuration never wants stored is black before it reaches a disk.

use std::{sync::Arc, time::Instant};

use analyzers::local::{picture_kind::Claim, worker::Urgency};

use super::{
    Glance,
    eyes::{Eyes, Only},
    since,
};

/// A file as it may be stored.
pub struct Guarded {
    pub bytes: Vec<u8>,
    /// The kinds of personal data that are black in it now; empty when it is what came.
    pub hidden: Vec<String>,
}

/// Nobody could look, and why.
pub enum Unguarded {
    /// Another try may succeed.
    ForNow(String),
    ForEver(String),
}

impl Eyes {
    /// Whether files of this kind are looked at before they are stored.
    pub fn guards(&self, attachment_kind: &str) -> bool {
        !self.never_stored.is_empty() && matches!(attachment_kind, "image" | "sticker" | "document")
    }

    /// The picture itself when nothing in it is never stored, else its view with that painted black. What is no
    /// picture passes.
    pub async fn guard(&self, bytes: Vec<u8>, claim: Option<Claim>) -> Result<Guarded, Unguarded> {
        if media::sniff(&bytes).family != media::Family::Image {
            return Ok(Guarded { bytes, hidden: Vec::new() });
        }
        let bytes = Arc::new(bytes);
        let began = Instant::now();
        let given = bytes.clone();
        let inspected = self.decoded(move |decoder| decoder.inspect(&given)).await;
        let inspected = inspected.map_err(Unguarded::ForNow)?;
        match &inspected {
            Err(error) if error.is_final() => return Err(Unguarded::ForEver(error.sentence())),
            Err(error) => return Err(Unguarded::ForNow(error.sentence())),
            Ok(report) => {
                if let Some(why) = &report.why_none {
                    return Err(Unguarded::ForEver(why.sentence()));
                }
            }
        }
        let glance = Glance::of(&inspected, since(began), claim);
        let whole = self.look(bytes.clone(), glance, &Only::hidden(), Urgency::Customer).await;
        let failed = ["text", "codes", "personal", "mask"];
        let failed = failed.iter().find_map(|part| whole.analysis.failed.get(*part));
        if let Some(why) = whole.passing.or_else(|| failed.cloned()) {
            return Err(Unguarded::ForNow(why));
        }
        let mut hidden: Vec<String> =
            whole.analysis.findings.into_iter().map(|finding| finding.kind).collect();
        hidden.retain(|kind| self.never_stored.contains(kind));
        hidden.sort();
        hidden.dedup();
        if hidden.is_empty() {
            return Ok(Guarded { bytes: Arc::unwrap_or_clone(bytes), hidden });
        }
        let masked = whole.made.into_iter().find(|rendition| rendition.name == "view_masked");
        let masked = masked.ok_or_else(|| Unguarded::ForNow("its mask could not be made".to_owned()))?;
        Ok(Guarded { bytes: masked.bytes, hidden })
    }
}
