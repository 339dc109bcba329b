//! Whether a flow is good: everything that can be known before the first customer meets it.
//!
//! All problems at once, each with its line, its column and what to write instead. What passes here keeps the
//! engine's promises: texts in every language, WhatsApp's limits, an exit everywhere, nothing asked that may not be.

mod events;
mod look_ups;
mod names;
mod paths;
mod policy;
mod settings;
mod texts;
pub(crate) mod walk;

use crate::format::{Flow, Place, Problem, path::Path, read, tree::Node};

/// Reads and judges a flow file. `Err` holds every problem, in the order of the file.
pub fn check(source: &str) -> Result<Flow, Vec<Problem>> {
    let (flow, tree) = read(source).map_err(|problem| vec![problem])?;
    let mut found = Findings { tree: &tree, problems: Vec::new() };
    names::check(&flow, &mut found);
    settings::check(&flow, &mut found);
    texts::check(&flow, &mut found);
    look_ups::check(&flow, &mut found);
    events::check(&flow, &mut found);
    policy::check(&flow, &mut found);
    paths::check(&flow, &mut found);
    found.problems.sort();
    found.problems.dedup();
    if found.problems.is_empty() { Ok(flow) } else { Err(found.problems) }
}

/// What was found so far.
struct Findings<'t> {
    tree: &'t Node,
    problems: Vec<Problem>,
}

impl Findings<'_> {
    fn add(&mut self, path: &Path, message: impl Into<String>) {
        let place: Place = path.place_in(self.tree);
        self.problems.push(Problem::new(place, message));
    }
}
