//! One index over what was said, what was read in files, their names, the ticket and its contact.
//!
//! It says which words stand in which ticket, and in which place; where exactly is read from the rows themselves when
//! a ticket is shown. So the index of a place is always what its texts make of it: whoever changes a text has the
//! place written anew in the same transaction, and what was taken back is gone. Both engines use the same plain table:
//! see docs/adr/0011.

mod cut;
mod fill;
mod find;
mod places;
mod query;
mod snippet;
mod texts;
mod write;

use model::{
    Timestamp,
    finding::Region,
    ids::{AttachmentId, ChannelId, EventId, MessageId, TicketId},
    ticket::TicketStatus,
};

pub(crate) use self::write::{
    contact_changed, erase_read, identity_moved, name_file, note, opened, rewrite, said, write_read,
};
pub use self::{
    fill::{Progress, fill_some, progress},
    find::{list, search},
    query::{QUERY_CHARS_MAX, Query, Refused, WORDS_MAX},
};
use crate::tickets::{Assignee, Viewer};

/// Where in a ticket words stand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// In a message or a note.
    Said,
    /// In what was read in a file.
    Read,
    /// In what was read in an identity document: for those who may see one.
    Paper,
    /// In a file's name.
    File,
    /// In the ticket's number, subject, tags and fields.
    Ticket,
    /// In the names and numbers of its contact.
    Contact,
}

impl Place {
    pub const ALL: [Self; 6] = [Self::Said, Self::Read, Self::Paper, Self::File, Self::Ticket, Self::Contact];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Said => "said",
            Self::Read | Self::Paper => "read",
            Self::File => "file",
            Self::Ticket => "ticket",
            Self::Contact => "contact",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.as_str() == text)
    }

    /// As it stands in the index.
    const fn letter(self) -> &'static str {
        match self {
            Self::Said => "s",
            Self::Read => "r",
            Self::Paper => "p",
            Self::File => "f",
            Self::Ticket => "t",
            Self::Contact => "c",
        }
    }
}

/// What is looked for, and among what.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub query: Query,
    /// Empty for all.
    pub statuses: Vec<TicketStatus>,
    pub assignee: Assignee,
    pub viewer: Viewer,
    pub channel: Option<ChannelId>,
    /// Only what stands there.
    pub place: Option<Place>,
    /// Tickets that were going on at some time between the two.
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Where the page begins: after this activity and ticket.
    pub before: Option<(Timestamp, TicketId)>,
    pub limit: usize,
}

impl Wanted {
    /// Whether words that stand there count.
    fn counts(&self, place: Place) -> bool {
        let is_asked = self.place.is_none_or(|only| only.as_str() == place.as_str());
        is_asked && (place != Place::Paper || self.viewer.reads_papers)
    }
}

/// A ticket in which all words stand.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    pub id: TicketId,
    pub number: i64,
    pub last_activity_at: Timestamp,
    /// The best first.
    pub hits: Vec<Hit>,
    /// How many more places there are in the ticket.
    pub more: usize,
}

/// One page of what was found.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Page {
    pub tickets: Vec<Found>,
    /// Where the next page begins; a page may be short, or empty, and have one.
    pub next: Option<(Timestamp, TicketId)>,
}

/// One place where words of the search stand.
#[derive(Clone, PartialEq, Debug)]
pub struct Hit {
    pub source: Source,
    /// The text around them, in one line.
    pub snippet: String,
    /// The words in the snippet, from and to, in characters.
    pub matches: Vec<(usize, usize)>,
    pub at: Option<Timestamp>,
}

/// What a text belongs to.
#[derive(Clone, PartialEq, Debug)]
pub enum Source {
    Message {
        id: MessageId,
        direction: String,
    },
    Note {
        id: EventId,
    },
    /// What was read in a file; the line's place in the picture when it has one.
    Read {
        id: AttachmentId,
        message: Option<MessageId>,
        file_name: Option<String>,
        region: Option<Region>,
    },
    FileName {
        id: AttachmentId,
        message: Option<MessageId>,
    },
    Number,
    Subject,
    Tag,
    Field {
        name: String,
    },
    ContactName,
    Phone,
    Username,
    /// Another name by which the channel knows the contact.
    Identity,
}

/// A text of a ticket.
#[derive(Clone, Debug)]
struct Text {
    ticket: i64,
    source: Source,
    text: String,
    at: Option<Timestamp>,
}

impl Text {
    /// Its words; a phone number is found by its endings as well.
    fn spans(&self) -> Vec<cut::Span> {
        let mut spans = cut::spans(&self.text);
        if self.source == Source::Phone {
            let end = self.text.chars().count();
            for word in cut::endings(self.text.trim_start_matches('+')) {
                let start = end.saturating_sub(word.len());
                spans.push(cut::Span { word, start, end, is_part: false });
            }
        }
        spans
    }
}
