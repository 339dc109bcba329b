//! A mail that was saved as a file: who, when, what about, what it says, what hangs on it.

use mail_parser::{Address, MessageParser, MimeHeaders};

use super::{Bounds, Document, is_worthwhile, short};

const ATTACHMENTS_MAX: usize = 200;
const ADDRESSES_MAX: usize = 20;

pub(super) fn read(bytes: &[u8], bounds: &Bounds, document: &mut Document) {
    let Some(message) = MessageParser::default().parse(bytes) else {
        document.why_none =
            Some("the mail is damaged and was not read; ask for it to be forwarded".to_owned());
        return;
    };
    let head = [
        ("From", message.from().map(|from| addresses(from, document))),
        ("To", message.to().map(|to| addresses(to, document))),
        ("Date", message.date().map(|d| d.to_rfc3339())),
        ("Subject", message.subject().map(short)),
    ];
    for (name, value) in head {
        if let Some(value) = value {
            document.push_text(&format!("{name}: {value}\n"), bounds);
        }
    }
    document.push_text("\n", bounds);
    let (parts, files) = (message.text_body_count(), message.attachment_count());
    if parts > ATTACHMENTS_MAX {
        document.cut(|| {
            format!("only the first {ATTACHMENTS_MAX} of {parts} parts of the mail's text were read")
        });
    }
    if files > ATTACHMENTS_MAX {
        document
            .cut(|| format!("only the first {ATTACHMENTS_MAX} of {files} files in the mail were looked at"));
    }
    for at in 0..parts.min(ATTACHMENTS_MAX) {
        if let Some(text) = message.body_text(at) {
            document.push_text(&text.replace("\r\n", "\n"), bounds);
            document.push_text("\n", bounds);
        }
    }
    for attachment in message.attachments().take(ATTACHMENTS_MAX) {
        let name = attachment.attachment_name().unwrap_or("without a name");
        document.attachments.push(short(name));
        if is_worthwhile(attachment.contents(), bounds) {
            document.push_image(name.to_owned(), attachment.contents().to_vec(), bounds);
        }
    }
}

fn addresses(address: &Address<'_>, document: &mut Document) -> String {
    let one = |a: &mail_parser::Addr<'_>| match (a.name(), a.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.or(address).unwrap_or_default().to_owned(),
    };
    let count = address.iter().count();
    if count > ADDRESSES_MAX {
        document.cut(|| {
            format!(
                "only the first {ADDRESSES_MAX} of {count} addresses in a line of the mail's head were read"
            )
        });
    }
    let read = address.iter().take(ADDRESSES_MAX).map(one);
    read.map(|address| short(&address)).collect::<Vec<_>>().join(", ")
}
