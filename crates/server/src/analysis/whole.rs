//! The whole look at a file whose first glance is known.

use std::sync::Arc;

use model::finding::Analysis;
use store::attachments::Attachment;

use super::{Glance, Leave};
use crate::{app::App, error::AppError};

/// Everything that was said, and what was made on the way.
pub struct Whole {
    pub analysis: Analysis,
}

pub async fn whole(
    _app: &Arc<App>,
    _attachment: &Attachment,
    glance: Glance,
    _leave: Leave,
) -> Result<Whole, AppError> {
    Ok(Whole { analysis: glance.analysis })
}
