//! The rule files: read once, compiled once, each family in a file of its own.
//!
//! A rule either finds its pattern anywhere and asks for words near it (`context`), or looks only right after a
//! label (`label`): on the same line, in the box beside it or in the box below.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::normal::{Normal, Normaliser, Validator};
use crate::local::page::{Page, Span};

const FILES: [(&str, &str); 10] = [
    ("errors", include_str!("../../../rules/errors.toml")),
    ("identifiers", include_str!("../../../rules/identifiers.toml")),
    ("tracking", include_str!("../../../rules/tracking.toml")),
    ("money", include_str!("../../../rules/money.toml")),
    ("dates", include_str!("../../../rules/dates.toml")),
    ("transactions", include_str!("../../../rules/transactions.toml")),
    ("versions", include_str!("../../../rules/versions.toml")),
    ("network", include_str!("../../../rules/network.toml")),
    ("readings", include_str!("../../../rules/readings.toml")),
    ("personal", include_str!("../../../rules/personal.toml")),
];

/// A pattern that compiles to more than this is not a pattern for a line of text.
const REGEX_SIZE_MAX: usize = 4 << 20;
/// As many numbers of six characters as a piece of a line has room for.
const MATCHES_OF_A_LINE_MAX: usize = 100;

const WORD_ENDS: &str = "(?:$|[^\\p{L}])";
/// What stands between a label and its value.
const LABEL_ENDS: &str = "(?P<sep>[\\s.:;#=№º°ª*>|)\\-]*)";

/// Words by language (BCP 47), as the files write them.
type Words = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    rule: Vec<RuleSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSource {
    id: String,
    kind: String,
    /// What it looks like. A group named `v` is the value; without it, the whole match is.
    pattern: String,
    #[serde(default)]
    ignore_case: bool,
    #[serde(default)]
    validator: Option<Validator>,
    #[serde(default)]
    normaliser: Normaliser,
    /// Words before the value, which must follow one of them.
    #[serde(default)]
    label: Words,
    /// Words near the value.
    #[serde(default)]
    context: Words,
    /// Words near it that say it is something else.
    #[serde(default)]
    not: Words,
    /// With its label or a word of its context; of a rule with neither, always.
    confidence: f32,
    /// With no such word, but alone on its line.
    #[serde(default)]
    confidence_line: Option<f32>,
    /// With no such word, in the middle of other text.
    #[serde(default)]
    confidence_alone: Option<f32>,
    /// Of two rules for the same characters the higher one wins.
    #[serde(default)]
    rank: u32,
    /// The pattern sees to it itself that a value is no piece of something longer.
    #[serde(default)]
    bounded: bool,
    why: String,
}

pub(super) struct Rule {
    #[cfg(test)]
    id: String,
    pub(super) kind: String,
    pub(super) why: String,
    pub(super) rank: u32,
    bounded: bool,
    pattern: Regex,
    validator: Option<Validator>,
    normaliser: Normaliser,
    label: Option<Regex>,
    context: Option<Regex>,
    not: Option<Regex>,
    confidence: f32,
    confidence_line: Option<f32>,
    confidence_alone: Option<f32>,
}

/// Where a rule's pattern stands, how sure that alone makes it, and the word that spoke for it.
pub(super) struct Match {
    pub(super) span: Span,
    pub(super) confidence: f32,
    pub(super) word: Option<String>,
}

pub(super) fn rules() -> &'static [Rule] {
    static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
        #[expect(
            clippy::expect_used,
            reason = "the files are part of the program, and a test compiles them all"
        )]
        FILES.iter().flat_map(|(name, text)| read(name, text).expect("built-in rules are sound")).collect()
    });
    &RULES
}

fn read(name: &str, text: &str) -> Result<Vec<Rule>, String> {
    let file: RuleFile = toml::from_str(text).map_err(|error| format!("{name}: {error}"))?;
    file.rule
        .into_iter()
        .map(|source| {
            let place = format!("{name}: {}", source.id);
            Rule::new(source).map_err(|error| format!("{place}: {error}"))
        })
        .collect()
}

impl Rule {
    fn new(source: RuleSource) -> Result<Rule, regex::Error> {
        let pattern = source.pattern.replace("{currency}", super::amount::CURRENCY_PATTERN);
        let anchored = if source.label.is_empty() { pattern } else { format!("^(?:{pattern})") };
        Ok(Rule {
            #[cfg(test)]
            id: source.id,
            kind: source.kind,
            why: source.why,
            rank: source.rank,
            bounded: source.bounded,
            pattern: compile(&anchored, source.ignore_case)?,
            validator: source.validator,
            normaliser: source.normaliser,
            label: words(&source.label, LABEL_ENDS)?,
            context: words(&source.context, WORD_ENDS)?,
            not: words(&source.not, WORD_ENDS)?,
            confidence: source.confidence,
            confidence_line: source.confidence_line,
            confidence_alone: source.confidence_alone,
        })
    }

    pub(super) fn is_proved(&self) -> bool {
        self.validator.is_some_and(Validator::is_arithmetic)
    }

    pub(super) fn normalise(&self, text: &str, locale: Option<&str>) -> Option<Normal> {
        if self.validator.is_some_and(|validator| !validator.holds(text)) {
            return None;
        }
        self.normaliser.apply(text, locale)
    }

    /// Every place on line `index` where the rule may hold.
    pub(super) fn matches(&self, page: &Page, index: usize) -> Vec<Match> {
        match &self.label {
            Some(label) => self.after_label(page, index, label),
            None => self.anywhere(page, index),
        }
    }

    fn anywhere(&self, page: &Page, index: usize) -> Vec<Match> {
        let Some(line) = page.lines.get(index) else { return Vec::new() };
        let mut found = Vec::new();
        let mut from = 0;
        while found.len() < MATCHES_OF_A_LINE_MAX
            && let Some(captures) = self.pattern.captures_at(&line.text, from)
            && let Some(value) = captures.name("v").or(captures.get(0))
            && value.end() > from
        {
            from = value.end();
            if !self.bounded && !stands_alone(&line.text, value.start(), value.end()) {
                continue;
            }
            let span = Span { line: index, chars: line.chars(value.range()) };
            let whole = line.text.trim().len() <= value.as_str().len() + 1;
            if let Some((confidence, word)) = self.weigh(page, &span, whole) {
                found.push(Match { span, confidence, word });
            }
        }
        found
    }

    /// How sure the words near a match make it; `None` if they are missing and needed, or speak against it.
    fn weigh(&self, page: &Page, span: &Span, whole: bool) -> Option<(f32, Option<String>)> {
        let asks = self.context.is_some() || self.not.is_some();
        let near = if asks { page.context(span.line) } else { Vec::new() };
        if self.not.as_ref().is_some_and(|not| near.iter().any(|text| not.is_match(text))) {
            return None;
        }
        let Some(context) = &self.context else { return Some((self.confidence, None)) };
        let word =
            near.iter().find_map(|text| context.captures(text)?.name("word").map(|word| word.as_str()));
        if let Some(word) = word {
            return Some((self.confidence, Some(word.to_owned())));
        }
        let alone =
            if whole { self.confidence_line.or(self.confidence_alone) } else { self.confidence_alone };
        alone.map(|confidence| (confidence, None))
    }

    fn after_label(&self, page: &Page, index: usize, label: &Regex) -> Vec<Match> {
        let Some(line) = page.lines.get(index) else { return Vec::new() };
        let mut found = Vec::new();
        for captures in label.captures_iter(&line.text).take(MATCHES_OF_A_LINE_MAX) {
            let (Some(all), Some(word), Some(sep)) =
                (captures.get(0), captures.name("word"), captures.name("sep"))
            else {
                continue;
            };
            let rest = line.text.get(all.end()..).unwrap_or("");
            let hit = if rest.is_empty() {
                let beside = [page.right_of(index), page.below(index)];
                beside.into_iter().flatten().find_map(|other| self.anchored(page, other, 0))
            } else if !sep.is_empty() || rest.starts_with(|char: char| char.is_ascii_digit()) {
                self.anchored(page, index, all.end())
            } else {
                None
            };
            found.extend(hit.and_then(|span| {
                let near = page.lines.get(span.line).map_or("", |line| line.text.as_str());
                let against =
                    self.not.as_ref().is_some_and(|not| not.is_match(near) || not.is_match(&line.text));
                (!against).then(|| Match {
                    span,
                    confidence: self.confidence,
                    word: Some(word.as_str().to_owned()),
                })
            }));
        }
        found
    }

    /// The pattern right at byte `from` of a line.
    fn anchored(&self, page: &Page, index: usize, from: usize) -> Option<Span> {
        let line = page.lines.get(index)?;
        let rest = line.text.get(from..)?;
        let skipped = rest.len() - rest.trim_start().len();
        let captures = self.pattern.captures(rest.get(skipped..)?)?;
        let value = captures.name("v").or(captures.get(0))?;
        let (start, end) = (from + skipped + value.start(), from + skipped + value.end());
        let ends = !line.text.get(end..)?.starts_with(char::is_alphanumeric);
        ends.then(|| Span { line: index, chars: line.chars(start..end) })
    }
}

/// A value is not a piece of a longer word or number.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|before| before.chars().next_back());
    let after = text.get(end..).and_then(|after| after.chars().next());
    let first = text.get(start..).and_then(|value| value.chars().next());
    let last = text.get(..end).and_then(|value| value.chars().next_back());
    let joined = |left: Option<char>, right: Option<char>| matches!((left, right), (Some(left), Some(right)) if left.is_alphanumeric() && right.is_alphanumeric());
    !joined(before, first) && !joined(last, after)
}

/// One expression for all words, the longest first, tolerant of the spaces and points a reader loses.
fn words(by_language: &Words, tail: &str) -> Result<Option<Regex>, regex::Error> {
    let mut all: Vec<&str> = by_language.values().flatten().map(String::as_str).collect();
    if all.is_empty() {
        return Ok(None);
    }
    all.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    all.dedup();
    let alternatives: Vec<String> = all.into_iter().map(loose).collect();
    compile(&format!("(?:^|[^\\p{{L}}\\p{{N}}])(?P<word>{}){tail}", alternatives.join("|")), true).map(Some)
}

fn loose(word: &str) -> String {
    word.chars()
        .map(|char| match char {
            ' ' => "[\\s.\\-_]{0,3}".to_owned(),
            '.' => "\\.?".to_owned(),
            '\'' => "'?".to_owned(),
            other => regex::escape(other.encode_utf8(&mut [0; 4])),
        })
        .collect()
}

fn compile(pattern: &str, ignore_case: bool) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .case_insensitive(ignore_case)
        .size_limit(REGEX_SIZE_MAX)
        .dfa_size_limit(REGEX_SIZE_MAX)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_compiles_and_names_a_rule_once() {
        let mut ids = Vec::new();
        for (name, text) in FILES {
            ids.extend(read(name, text).unwrap().into_iter().map(|rule| rule.id));
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn an_unknown_field_or_validator_is_refused() {
        let rule = "[[rule]]\nid='a'\nkind='k'\npattern='x'\nconfidence=1.0\nwhy='w'\n";
        assert!(read("test", rule).is_ok());
        assert!(read("test", &format!("{rule}colour='red'\n")).is_err());
        assert!(read("test", &format!("{rule}validator='no_such'\n")).is_err());
    }
}
