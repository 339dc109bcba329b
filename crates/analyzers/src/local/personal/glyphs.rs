//! The letters and digits of lines read on, with what stands between them.
//!
//! Numbers are printed in groups, and a reader adds, drops and confuses: so numbers are looked for in this row of
//! glyphs and not in the text.

use crate::local::page::{Page, Span};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gap {
    /// Nothing.
    None,
    /// What separates the groups of a number: spaces, a dash, a point.
    Group,
    /// The end of a line: one box ends in a number, the next one begins with it.
    Line,
    /// Anything else.
    Wall,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub(super) char: char,
    pub(super) line: usize,
    pub(super) place: usize,
    /// What stands before it.
    pub(super) gap: Gap,
    /// The last separator before it.
    separator: char,
}

pub(super) struct Glyphs {
    pub(super) all: Vec<Glyph>,
}

impl Glyphs {
    pub(super) fn new(page: &Page, chain: &[usize]) -> Glyphs {
        let mut all = Vec::new();
        let mut gap = Gap::Wall;
        for &index in chain {
            let Some(line) = page.lines.get(index) else { continue };
            gap = if gap == Gap::Wall { Gap::Wall } else { Gap::Line };
            let (mut spaces, mut separator) = (0, ' ');
            for (place, char) in line.text.chars().enumerate() {
                if char.is_alphanumeric() {
                    all.push(Glyph { char, line: index, place, gap, separator });
                    (gap, spaces) = (Gap::None, 0);
                } else {
                    spaces += 1;
                    separator = char;
                    gap = wider(gap, char, spaces);
                }
            }
        }
        Glyphs { all }
    }

    /// The lines and places of glyphs `from..to`, a span a line.
    pub(super) fn spans(&self, from: usize, to: usize) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for glyph in self.all.get(from..to).unwrap_or_default() {
            match spans.last_mut() {
                Some(span) if span.line == glyph.line => span.chars.end = glyph.place + 1,
                _ => spans.push(Span { line: glyph.line, chars: glyph.place..glyph.place + 1 }),
            }
        }
        spans
    }

    /// Rows of digits in groups: what every number of digits only is made of. Letters a reader confuses with
    /// digits count where they stand among digits.
    pub(super) fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut from = 0;
        while let Some(first) = self.all.get(from) {
            let to = (from + 1..self.all.len())
                .find(|&place| self.all.get(place).is_none_or(|glyph| glyph.gap != Gap::None))
                .unwrap_or(self.all.len());
            self.split(from, to, first.gap, &mut groups);
            from = to;
        }
        groups
    }

    /// A word as one group if it can be read as digits; else the digits in it, walled off from its letters.
    fn split(&self, from: usize, to: usize, gap: Gap, groups: &mut Vec<Group>) {
        let Some(word) = self.all.get(from..to) else { return };
        let real = word.iter().filter(|glyph| glyph.char.is_ascii_digit()).count();
        let readable = word.iter().all(|glyph| digit(glyph.char).is_some());
        if readable && real > 0 && 2 * real >= word.len() {
            groups.push(Group::new(from, gap, false, word));
            return;
        }
        let mut start = None;
        for place in from..=to {
            let is_digit = place < to && self.all.get(place).is_some_and(|glyph| glyph.char.is_ascii_digit());
            match (is_digit, start) {
                (true, None) => start = Some(place),
                (false, Some(begun)) => {
                    let gap = if begun == from { gap } else { Gap::Wall };
                    if let Some(run) = self.all.get(begun..place) {
                        groups.push(Group::new(begun, gap, place < to, run));
                    }
                    start = None;
                }
                _ => {}
            }
        }
        // What follows a word that is no number does not go on with a number before it.
        if let Some(last) = groups.last_mut().filter(|last| last.from < from) {
            last.walled = true;
        }
    }
}

/// A row of digits without a gap.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) from: usize,
    pub(super) gap: Gap,
    separator: char,
    /// A letter follows at once, or a word that is no number.
    pub(super) walled: bool,
    pub(super) digits: String,
    /// Letters that were taken for digits.
    pub(super) confused: usize,
}

impl Group {
    fn new(from: usize, gap: Gap, walled: bool, glyphs: &[Glyph]) -> Group {
        Group {
            from,
            gap,
            separator: glyphs.first().map_or(' ', |glyph| glyph.separator),
            walled,
            digits: glyphs.iter().filter_map(|glyph| digit(glyph.char)).collect(),
            confused: glyphs.iter().filter(|glyph| !glyph.char.is_ascii_digit()).count(),
        }
    }
}

/// Groups that stand one after the other with nothing but separators between.
pub(super) struct Window<'a> {
    pub(super) groups: &'a [Group],
    pub(super) digits: String,
    pub(super) confused: usize,
    /// Digits go on before or after it.
    pub(super) continued: bool,
    /// They do after a dash, which joins what is one number.
    pub(super) is_cut: bool,
}

impl Window<'_> {
    pub(super) fn lengths(&self) -> Vec<usize> {
        self.groups.iter().map(|group| group.digits.len()).collect()
    }

    pub(super) fn from(&self) -> usize {
        self.groups.first().map_or(0, |group| group.from)
    }

    /// Groups on one line with the same separator between them, and no point: not a row of prices.
    pub(super) fn is_evenly_spaced(&self) -> bool {
        let mut separators = self.groups.iter().skip(1).map(|group| group.separator);
        let first = separators.next().unwrap_or(' ');
        first != '.' && separators.all(|separator| separator == first) && self.line_ends() == 0
    }

    pub(super) fn line_ends(&self) -> usize {
        self.groups.iter().skip(1).filter(|group| group.gap == Gap::Line).count()
    }
}

/// Every window of `shortest` to `longest` digits, the longest from each place first.
pub(super) fn windows(groups: &[Group], shortest: usize, longest: usize) -> Vec<Window<'_>> {
    let mut windows = Vec::new();
    for start in 0..groups.len() {
        let mut digits = String::new();
        let mut confused = 0;
        let mut found = Vec::new();
        for end in start..groups.len() {
            let Some(group) = groups.get(end) else { break };
            let walled = end > start && groups.get(end - 1).is_some_and(|last| last.walled);
            if end > start && (group.gap == Gap::Wall || walled)
                || digits.len() + group.digits.len() > longest
            {
                break;
            }
            digits.push_str(&group.digits);
            confused += group.confused;
            if digits.len() >= shortest
                && let Some(members) = groups.get(start..=end)
            {
                let next = groups.get(end + 1);
                let after = next.is_some_and(|next| next.gap == Gap::Group && !group.walled);
                let first = groups.get(start);
                let before = first.is_some_and(|first| first.gap == Gap::Group)
                    && start
                        .checked_sub(1)
                        .and_then(|last| groups.get(last))
                        .is_some_and(|last| !last.walled);
                found.push(Window {
                    groups: members,
                    digits: digits.clone(),
                    confused,
                    continued: before || after,
                    is_cut: before && first.is_some_and(|first| first.separator == '-')
                        || after && next.is_some_and(|next| next.separator == '-'),
                });
            }
        }
        windows.extend(found.into_iter().rev());
    }
    windows
}

/// The digit a reader meant.
pub(super) fn digit(char: char) -> Option<char> {
    Some(match char {
        '0'..='9' => char,
        'O' | 'o' | 'D' | 'Q' => '0',
        'I' | 'l' | 'i' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        'G' | 'b' => '6',
        'T' => '7',
        'B' => '8',
        'g' | 'q' => '9',
        _ => return None,
    })
}

fn wider(gap: Gap, char: char, spaces: usize) -> Gap {
    /// Embossed cards and boxes for single digits have wide gaps; a table's column is wider.
    const SEPARATORS_MAX: usize = 4;
    match gap {
        Gap::Wall => Gap::Wall,
        // Before the first character of the chain's next line.
        Gap::Line if " .-_*".contains(char) => Gap::Line,
        _ if spaces <= SEPARATORS_MAX && " .-_".contains(char) => Gap::Group,
        _ => Gap::Wall,
    }
}
