//! YAML as a tree in which every node knows where it stands.
//!
//! Only the plain part of YAML: no anchors, aliases, tags nor several documents, so that what is read is what
//! is seen, and nothing small unfolds into something large.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::problem::{Place, Problem};

/// A flow with every text in five languages has some 60 KiB.
pub const SIZE_BYTES_MAX: usize = 512 * 1024;
const DEPTH_MAX: usize = 24;
const NODES_MAX: usize = 40_000;

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Node {
    pub place: Place,
    pub kind: Kind,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Kind {
    /// As written; a plain one (no quotes) may be a number, `true` or nothing.
    Scalar {
        text: String,
        is_plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Entry {
    pub key: String,
    pub key_place: Place,
    pub value: Node,
}

impl Node {
    /// What it is, for a message.
    pub fn is_what(&self) -> String {
        match &self.kind {
            Kind::Scalar { text, .. } if self.is_nothing() && text.is_empty() => "nothing".to_owned(),
            Kind::Scalar { text, .. } => format!("`{}`", text.chars().take(40).collect::<String>()),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "keys".to_owned(),
        }
    }

    pub fn is_nothing(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, is_plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    pub fn get(&self, key: &str) -> Option<&Entry> {
        let Kind::Map(entries) = &self.kind else { return None };
        entries.iter().find(|e| e.key == key)
    }
}

/// Reads one document.
pub(crate) fn read(source: &str) -> Result<Node, Problem> {
    if source.len() > SIZE_BYTES_MAX {
        let said = format!("the file has {} bytes, at most {SIZE_BYTES_MAX} are read", source.len());
        return Err(Problem::new(Place { line: 1, column: 1 }, said));
    }
    document(source).map_err(|problem| Problem { place: inside(source, problem.place), ..problem })
}

/// What is missing at the end is missed behind the last line: an editor has no such place.
fn inside(source: &str, place: Place) -> Place {
    let lines = source.replace("\r\n", "\n").replace('\r', "\n");
    let (count, last) = (lines.split('\n').count(), lines.rsplit('\n').next().unwrap_or_default());
    if place.line <= count { place } else { Place { line: count, column: last.chars().count() + 1 } }
}

fn document(source: &str) -> Result<Node, Problem> {
    let mut reader = Reader { events: Parser::new_from_str(source), nodes: 0 };
    let start = Place { line: 1, column: 1 };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
            (Event::StreamEnd | Event::DocumentEnd, _) => {
                return Err(Problem::new(start, "the file is empty; begin with `flow:` and a name"));
            }
            (event, place) => {
                let node = reader.node(event, place, 0)?;
                return reader.finish().map(|()| node);
            }
        }
    }
}

struct Reader<'a, I: saphyr_parser::Input> {
    events: Parser<'a, I>,
    nodes: usize,
}

impl<'a, I: saphyr_parser::Input> Reader<'a, I> {
    fn next(&mut self) -> Result<(Event<'a>, Place), Problem> {
        match self.events.next() {
            Some(Ok((event, span))) => Ok((event, place(span.start))),
            Some(Err(error)) => {
                Err(Problem::new(place(*error.marker()), format!("not YAML: {}", error.info())))
            }
            None => Ok((Event::StreamEnd, Place { line: 1, column: 1 })),
        }
    }

    fn node(&mut self, event: Event<'a>, place: Place, depth: usize) -> Result<Node, Problem> {
        self.nodes = self.nodes.saturating_add(1);
        if depth > DEPTH_MAX {
            return Err(Problem::new(place, format!("nested deeper than {DEPTH_MAX} levels")));
        }
        if self.nodes > NODES_MAX {
            return Err(Problem::new(place, format!("more than {NODES_MAX} values in one file")));
        }
        let kind = match event {
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                return Err(Problem::new(place, "anchors (`&name`) are not read; write it out"));
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => {
                return Err(Problem::new(place, "tags (`!name`) are not read; leave it out"));
            }
            Event::Scalar(text, style, ..) => {
                Kind::Scalar { text: text.into_owned(), is_plain: style == ScalarStyle::Plain }
            }
            Event::SequenceStart(..) => Kind::List(self.list(depth)?),
            Event::MappingStart(..) => Kind::Map(self.map(depth)?),
            _ => return Err(Problem::new(place, "aliases (`*name`) are not read; write it out")),
        };
        Ok(Node { place, kind })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Problem> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, place) => items.push(self.node(event, place, depth.saturating_add(1))?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<Entry>, Problem> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (event, key_place) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(entries),
                Event::Scalar(text, _, 0, None) => text.into_owned(),
                _ => return Err(Problem::new(key_place, "a key is one plain word")),
            };
            if let Some(first) = entries.iter().find(|e| e.key == key) {
                let said =
                    format!("`{key}` stands here twice (first on line {}); keep one", first.key_place.line);
                return Err(Problem::new(key_place, said));
            }
            let (event, place) = self.next()?;
            let mut value = self.node(event, place, depth.saturating_add(1))?;
            if value.is_nothing() {
                value.place = key_place;
            }
            entries.push(Entry { key, key_place, value });
        }
    }

    fn finish(&mut self) -> Result<(), Problem> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentEnd | Event::Nothing, _) => {}
                (_, place) => {
                    return Err(Problem::new(place, "a second document begins here; one file is one flow"));
                }
            }
        }
    }
}

fn place(mark: Marker) -> Place {
    Place { line: mark.line(), column: mark.col().saturating_add(1) }
}
