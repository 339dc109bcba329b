//! What another system is told: a name that programs can tell apart, and fields that do not hide the desk's own.

use super::Findings;
use crate::format::{Announcement, Deed, Flow, NAME_CHARS_MAX, Step, is_name, path::Path};

/// The members of `data` that the desk itself writes.
const OF_THE_DESK: [&str; 3] = ["ticket", "contact", "flow"];
const FIELDS_MAX: usize = 30;

pub(super) fn check(flow: &Flow, found: &mut Findings<'_>) {
    for (id, step) in &flow.steps.0 {
        let Step::Act(act) = step else { continue };
        let path = super::walk::settings_of(id, step).key("do");
        for (n, deed) in act.deeds.0.iter().enumerate() {
            if let Deed::Event(event) = deed {
                announcement(event, &path.item(n).key("event"), found);
            }
        }
    }
}

fn announcement(event: &Announcement, path: &Path, found: &mut Findings<'_>) {
    let name = &event.name;
    if name.len() > NAME_CHARS_MAX || !name.split('.').all(is_name) {
        let said = format!(
            "`{}` is no name for an event: small letters, digits and `_`, in parts with a dot between them, such as `parcel.lost`, at most {NAME_CHARS_MAX}",
            name.chars().take(50).collect::<String>()
        );
        found.add(&path.key("name"), said);
    }
    let with = path.key("with");
    if event.with.len() > FIELDS_MAX {
        found.add(
            &with,
            format!("{} fields are too many for an event; at most {FIELDS_MAX}", event.with.len()),
        );
    }
    for key in event.with.keys() {
        if OF_THE_DESK.contains(&key.as_str()) {
            found.add(
                &with.key(key),
                format!("`{key}` is told by the desk itself; pass yours on under another name"),
            );
        } else if !is_name(key) {
            let said = format!(
                "`{key}` is no name for a field: begin with a small letter, then small letters, digits and `_`"
            );
            found.add(&with.key(key), said);
        }
    }
}
