//! Where a file comes from and what it hides: the child's readings, weighed by how the file came to us.

use media::{
    Report,
    malice::{self, Claimed},
    metadata::{self, ChannelKind, Context},
};
use model::finding::Analysis;
use store::attachments::Attachment;

/// How a file came.
pub struct Origin<'a> {
    pub context: Context,
    pub claimed: Claimed<'a>,
}

impl<'a> Origin<'a> {
    /// From a message: sent as a photo, its metadata is gone; sent as a file, it is as the sender had it.
    pub fn of_message(attachment: &'a Attachment, riders: &model::content::Riders) -> Self {
        let is_file = attachment.kind == "document";
        Self {
            context: Context {
                channel_kind: if is_file { ChannelKind::Document } else { ChannelKind::Photo },
                is_forwarded: riders.is_forwarded,
                is_frequently_forwarded: riders.is_forwarded_often,
            },
            claimed: Claimed {
                mime_type: attachment.claimed_mime_type.as_deref(),
                file_name: attachment.file_name.as_deref(),
            },
        }
    }

    /// A file on this machine's disk.
    pub const fn of_file(file_name: Option<&'a str>) -> Self {
        Self {
            context: Context {
                channel_kind: ChannelKind::Upload,
                is_forwarded: false,
                is_frequently_forwarded: false,
            },
            claimed: Claimed { mime_type: None, file_name },
        }
    }

    /// Adds what is known without reading the file again.
    pub fn add(&self, analysis: &mut Analysis, report: &Report) {
        analysis.findings.extend(report.findings.iter().cloned());
        if let Some(metadata) = &report.metadata {
            analysis.findings.extend(metadata::findings(metadata, &self.context));
        }
        analysis.findings.extend(malice::mismatch(report.sniffed, self.claimed));
    }
}
