//! Markdown: tables on the screen, and the same tables between marks in `docs/evaluation.md`.

use super::Part;
use super::bootstrap::Interval;
use super::manifest::Set;
use anyhow::{Context, Result};

const DOCUMENT: &str = "docs/evaluation.md";

/// A table with its heading; the first column is text, the others are numbers.
pub struct Table {
    lines: Vec<String>,
}

impl Table {
    pub fn new(caption: &str, head: &[&str]) -> Self {
        let rule: String =
            head.iter().enumerate().map(|(n, _)| if n == 0 { "|---" } else { "|---:" }).collect();
        Self {
            lines: vec![
                caption.to_owned(),
                String::new(),
                format!("| {} |", head.join(" | ")),
                format!("{rule}|"),
            ],
        }
    }

    pub fn row(&mut self, cells: &[String]) {
        self.lines.push(format!("| {} |", cells.join(" | ")));
    }

    pub fn text(self) -> String {
        self.lines.join("\n")
    }
}

/// `3.1 (2.4–3.9)`, in per cent.
pub fn percent(score: Option<Interval>) -> String {
    score.map_or_else(
        || "–".to_owned(),
        |score| format!("{:.1} ({:.1}–{:.1})", score.value * 100.0, score.low * 100.0, score.high * 100.0),
    )
}

/// Replaces what stands between the marks of each section; a section without marks is put at the end.
pub fn write(sections: &[(Part, String)], set: Set) -> Result<()> {
    let mut document = std::fs::read_to_string(DOCUMENT).with_context(|| format!("no {DOCUMENT}"))?;
    for (part, section) in sections {
        let name = format!("{part:?}").to_lowercase();
        document = replaced(&document, &name, &format!("Set: {}.\n\n{section}", set_name(set)));
    }
    std::fs::write(DOCUMENT, document)?;
    println!("written: {DOCUMENT}");
    Ok(())
}

fn set_name(set: Set) -> &'static str {
    match set {
        Set::All => "all pictures",
        Set::Tune => "the pictures for tuning",
        Set::HeldOut => "the held-out pictures",
    }
}

fn replaced(document: &str, name: &str, section: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    match (document.split_once(&begin), document.split_once(&end)) {
        (Some((before, _)), Some((_, after))) => format!("{before}{begin}\n{section}\n{end}{after}"),
        _ => format!("{}\n\n{begin}\n{section}\n{end}\n", document.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::bootstrap::Interval;
    use super::{Table, percent, replaced};

    #[test]
    fn a_section_replaces_itself_and_nothing_else() {
        let first =
            replaced("# Head\n\nwords\n\n<!-- text -->\nold\n<!-- /text -->\n\ntail\n", "text", "new");
        assert_eq!(first, "# Head\n\nwords\n\n<!-- text -->\nnew\n<!-- /text -->\n\ntail\n");
        assert_eq!(replaced("# Head\n", "codes", "x"), "# Head\n\n<!-- codes -->\nx\n<!-- /codes -->\n");
    }

    #[test]
    fn a_table_is_markdown() {
        let mut table = Table::new("Caption", &["reader", "CER %"]);
        table.row(&["ours".to_owned(), percent(Some(Interval { value: 0.031, low: 0.024, high: 0.04 }))]);
        assert_eq!(table.text(), "Caption\n\n| reader | CER % |\n|---|---:|\n| ours | 3.1 (2.4–4.0) |");
        assert_eq!(percent(None), "–");
    }
}
