//! How the checker names a value (`steps.label.ask.text.it`) and finds its line and column again.
//!
//! The types of a flow carry no places: they stay plain data, and only a message looks its place up.

use super::{
    problem::Place,
    tree::{Kind, Node},
};

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Key(String),
    Item(usize),
}

/// A way down from the top of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Path(Vec<Part>);

impl Path {
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.plus(Part::Key(key.into()))
    }

    pub fn item(&self, index: usize) -> Self {
        self.plus(Part::Item(index))
    }

    fn plus(&self, part: Part) -> Self {
        let mut parts = self.0.clone();
        parts.push(part);
        Self(parts)
    }

    /// Where the value stands; where a part of the way is missing, the last thing that is there.
    ///
    /// A map or a list is named by its key, because that is what one looks for.
    pub fn place_in(&self, root: &Node) -> Place {
        let (mut node, mut place) = (root, root.place);
        for part in &self.0 {
            let found = match part {
                Part::Key(key) => node.get(key).map(|e| (e.key_place, &e.value)),
                Part::Item(index) => match &node.kind {
                    Kind::List(items) => items.get(*index).map(|n| (n.place, n)),
                    // One thing where a list may stand.
                    _ => Some((node.place, node)),
                },
            };
            let Some((at, value)) = found else { break };
            place = if matches!(value.kind, Kind::Scalar { .. }) { value.place } else { at };
            node = value;
        }
        place
    }
}
