//! Markdown cut into messages that a phone shows well: a step a message, a picture with the words that belong to it.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// WhatsApp takes 1,024 characters under a picture; the same is a comfortable message.
const WORDS_CHARS_MAX: usize = 1_024;
/// Nobody reads more on a phone; a longer article ends with where the rest is to be had: from a person.
pub const PIECES_MAX: usize = 12;

/// One message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    Words(String),
    /// A picture beside the article, by its file name, with its caption.
    Picture {
        name: String,
        caption: String,
    },
}

/// The messages of an article, its title in the first.
pub fn cut(title: &str, body: &str) -> Vec<Piece> {
    let mut cutter = Cutter::default();
    cutter.words.push_str(&format!("*{}*", title.trim()));
    cutter.end_block();
    for event in Parser::new(body) {
        cutter.take(event);
    }
    cutter.end_block();
    cutter.end_piece();
    cutter.pieces.truncate(PIECES_MAX);
    cutter.pieces
}

#[derive(Default)]
struct Cutter {
    pieces: Vec<Piece>,
    /// Blocks that go out together.
    gathered: String,
    /// The block under way.
    words: String,
    picture: Option<String>,
    /// The number of the next item of each list around here; `None` for a list without numbers.
    lists: Vec<Option<u64>>,
    links: Vec<String>,
    is_alt_text: bool,
}

impl Cutter {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) if !self.is_alt_text => self.words.push_str(&text),
            Event::SoftBreak => self.words.push(' '),
            Event::HardBreak => self.words.push('\n'),
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            _ => {}
        }
    }

    fn begin(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                // A heading belongs to what follows.
                self.end_piece();
                self.words.push('*');
            }
            Tag::Strong => self.words.push('*'),
            Tag::Emphasis => self.words.push('_'),
            Tag::Strikethrough => self.words.push('~'),
            Tag::List(first) => {
                self.end_block();
                self.lists.push(first);
            }
            Tag::Item => {
                self.end_block();
                match self.lists.last_mut() {
                    Some(Some(number)) => {
                        // A step is a message of its own.
                        let mark = format!("{number}. ");
                        *number += 1;
                        if self.lists.len() == 1 {
                            self.end_piece();
                        }
                        self.words.push_str(&mark);
                    }
                    _ => self.words.push_str("• "),
                }
            }
            Tag::Image { dest_url, .. } => {
                self.is_alt_text = true;
                self.picture = Some(dest_url.rsplit('/').next().unwrap_or_default().to_owned());
            }
            Tag::Link { dest_url, .. } => self.links.push(dest_url.into_string()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.words.push('*');
                self.end_block();
            }
            TagEnd::Strong => self.words.push('*'),
            TagEnd::Emphasis => self.words.push('_'),
            TagEnd::Strikethrough => self.words.push('~'),
            TagEnd::Image => self.is_alt_text = false,
            TagEnd::Link => {
                if let Some(url) = self.links.pop().filter(|url| !self.words.ends_with(url.as_str())) {
                    self.words.push_str(&format!(" ({url})"));
                }
            }
            TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock => self.end_block(),
            TagEnd::List(_) => {
                self.end_block();
                self.lists.pop();
            }
            _ => {}
        }
    }

    /// A block is complete: it joins what was gathered, or goes out with its picture.
    fn end_block(&mut self) {
        let words = std::mem::take(&mut self.words);
        let words = words.trim();
        if !words.is_empty() {
            if self.gathered.chars().count() + words.chars().count() + 2 > WORDS_CHARS_MAX {
                self.end_piece();
            }
            if !self.gathered.is_empty() {
                self.gathered.push_str("\n\n");
            }
            self.gathered.extend(words.chars().take(WORDS_CHARS_MAX));
        }
        if let Some(name) = self.picture.take() {
            let caption = std::mem::take(&mut self.gathered);
            self.pieces.push(Piece::Picture { name, caption });
        }
    }

    fn end_piece(&mut self) {
        let words = std::mem::take(&mut self.gathered);
        if !words.is_empty() {
            self.pieces.push(Piece::Words(words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_message_and_a_picture_has_its_words() {
        let body = "The pump is **blocked**.\n\n1. Switch it *off*.\n2. Open the door ![door](img/door.jpg)\n3. Clean the filter:\n   - rinse it\n   - see [the video](https://example.org/v)\n\n## When it comes back\n\nWrite to us.";
        let picture =
            |name: &str, caption: &str| Piece::Picture { name: name.to_owned(), caption: caption.to_owned() };
        assert_eq!(
            cut("It shows E20", body),
            [
                Piece::Words("*It shows E20*\n\nThe pump is *blocked*.".to_owned()),
                Piece::Words("1. Switch it _off_.".to_owned()),
                picture("door.jpg", "2. Open the door"),
                Piece::Words(
                    "3. Clean the filter:\n\n• rinse it\n\n• see the video (https://example.org/v)"
                        .to_owned()
                ),
                Piece::Words("*When it comes back*\n\nWrite to us.".to_owned()),
            ]
        );
    }

    #[test]
    fn a_long_article_stays_within_the_limits() {
        let body = format!("{}\n\n", "word ".repeat(150)).repeat(40);
        let pieces = cut("Long", &body);
        assert_eq!(pieces.len(), PIECES_MAX);
        for piece in pieces {
            assert!(matches!(piece, Piece::Words(words) if words.chars().count() <= WORDS_CHARS_MAX));
        }
        assert_eq!(cut("Empty", ""), [Piece::Words("*Empty*".to_owned())]);
    }
}
