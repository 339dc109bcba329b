//! Who may see what of a file: a mask, what is behind it, an identity document.

use axum::http::StatusCode;
use model::{access::Right, attachment::State as FileState, finding::Finding};
use store::{attachments::Attachment as Row, findings::Kept};

use crate::http::{
    auth::Caller,
    error::{ApiError, ApiResult},
};

/// How much of a file somebody asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// With everything black that is to be.
    Masked,
    /// A rendition of which no mask was made.
    Plain,
    /// Behind a mask that there is.
    Unmasked,
    Original {
        is_masked: bool,
    },
}

/// What is known of a file by now, as far as it matters here.
pub struct Known<'a> {
    pub said: Option<&'a Kept>,
    /// The kinds that the configuration has made black.
    pub masks: &'a [String],
    /// Somebody made a part of it black: what was there is in the original still.
    pub is_redacted: bool,
}

impl Known<'_> {
    fn is_identity_document(&self) -> bool {
        self.said.is_some_and(|said| said.analysis.is_identity_document())
    }

    /// What has to be black is known once it was read.
    fn is_unread(&self) -> bool {
        !self.masks.is_empty() && self.said.is_some_and(|said| !said.is_complete)
    }

    /// What was to be black is not.
    fn lacks_its_mask(&self) -> bool {
        self.said.is_some_and(|said| said.analysis.failed.contains_key("mask"))
    }

    fn has_what_is_masked(&self) -> bool {
        let hidden = |finding: &Finding| self.masks.contains(&finding.kind);
        self.said.is_some_and(|said| said.analysis.findings.iter().any(hidden))
    }
}

/// Refuses what this caller may not see (yet).
pub fn check(caller: &Caller, row: &Row, known: &Known<'_>, wanted: Wanted) -> ApiResult<()> {
    if known.is_identity_document() {
        caller.must(Right::IdentityDocumentsRead)?;
    }
    let sees_everything = caller.may(Right::PersonalDataRead);
    match wanted {
        Wanted::Masked => Ok(()),
        Wanted::Plain if known.lacks_its_mask() => caller.must(Right::PersonalDataRead),
        Wanted::Plain if known.is_unread() && !sees_everything => Err(being_read()),
        Wanted::Plain => Ok(()),
        Wanted::Unmasked => caller.must(Right::PersonalDataRead),
        Wanted::Original { is_masked } => {
            caller.must(Right::OriginalsRead)?;
            if is_masked || known.is_redacted || known.has_what_is_masked() {
                return caller.must(Right::PersonalDataRead);
            }
            let is_underway =
                !known.masks.is_empty() && FileState::parse(&row.state) != Some(FileState::Ready);
            if sees_everything || !(known.is_unread() || is_underway) { Ok(()) } else { Err(being_read()) }
        }
    }
}

fn being_read() -> ApiError {
    let mut error = ApiError::new(
        StatusCode::CONFLICT,
        "being_read",
        "this file is being read, and what has to be black in it is not known before; look again in a moment",
    );
    error.retry_after_s = Some(1);
    error
}

/// What somebody without the right is told of an identity document: that it is one, and how good a picture.
pub fn is_harmless(kind: &str) -> bool {
    kind == "picture.kind" || kind.starts_with("quality.")
}
