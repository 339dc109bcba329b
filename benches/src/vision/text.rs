//! How well a text was read: every true line against the best stretch of what was recognised.
//!
//! Readers cut lines differently (one by boxes, one across columns), so lines are not compared with lines: a true line
//! may lie anywhere in the recognised text, each stretch of it may serve once, and what served nobody is counted as
//! extra. A true line is never compared with a stretch that has more errors than [`HOPELESS`] of its length: it is missed.

/// Beyond this share of errors a stretch is not a reading of the line but something else.
const HOPELESS: f64 = 0.6;
/// Stands where a stretch was used: matches nothing and is not crossed.
const USED: char = '\u{0}';

/// What one picture adds to the scores; lengths and errors in characters without white space.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Reading {
    pub characters: usize,
    pub errors: usize,
    pub lines: usize,
    pub lines_exact: usize,
    /// Recognised characters that belong to no true line.
    pub extra: usize,
    /// The same two with white space as a character of its own.
    pub spaced_characters: usize,
    pub spaced_errors: usize,
}

pub fn read<'a>(lines: impl IntoIterator<Item = &'a str>, recognised: &str) -> Reading {
    // Longest first: a long line leaves no doubt where it stands, a short one takes what is left.
    let mut lines: Vec<String> = lines.into_iter().map(normalised).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.chars().count()));
    let recognised = normalised(recognised);
    let compact = score(lines.iter().map(|line| without_spaces(line)), without_spaces(&recognised));
    let spaced = score(lines.iter().map(|line| line.chars().collect()), recognised.chars().collect());
    Reading {
        characters: compact.characters,
        errors: compact.errors,
        lines: lines.len(),
        lines_exact: compact.exact,
        extra: compact.extra,
        spaced_characters: spaced.characters,
        spaced_errors: spaced.errors,
    }
}

/// Whether a value stands in a text, white space aside.
pub fn holds(text: &str, value: &str) -> bool {
    let squeezed = |text: &str| without_spaces(&normalised(text)).into_iter().collect::<String>();
    let value = squeezed(value);
    !value.is_empty() && squeezed(text).contains(&value)
}

#[derive(Default)]
struct Score {
    characters: usize,
    errors: usize,
    exact: usize,
    extra: usize,
}

fn score(lines: impl Iterator<Item = Vec<char>>, mut page: Vec<char>) -> Score {
    let mut score = Score::default();
    for line in lines {
        let length = line.len();
        score.characters += length;
        let best = best_stretch(&line, &page);
        if crate::timing::float(best.errors) > HOPELESS * crate::timing::float(length) {
            score.errors += length;
            continue;
        }
        score.errors += best.errors;
        score.exact += usize::from(best.errors == 0);
        page.iter_mut().take(best.end).skip(best.start).for_each(|used| *used = USED);
    }
    score.extra = page.iter().filter(|char| **char != USED && !char.is_whitespace()).count();
    score
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Stretch {
    errors: usize,
    start: usize,
    end: usize,
}

/// The stretch of `page` with the smallest edit distance to `line`; where several have it, the first of the longest.
fn best_stretch(line: &[char], page: &[char]) -> Stretch {
    let mut row: Vec<Stretch> =
        (0..=page.len()).map(|at| Stretch { errors: 0, start: at, end: at }).collect();
    for (done, wanted) in line.iter().enumerate() {
        let mut diagonal = row.first().copied().unwrap_or(NOTHING);
        let mut left = Stretch { errors: done + 1, start: 0, end: 0 };
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (at, (cell, found)) in row.iter_mut().skip(1).zip(page).enumerate() {
            let above = *cell;
            let next = if *found == USED {
                // Nothing is read across what another line has taken.
                Stretch { errors: done + 1, start: at + 1, end: at + 1 }
            } else {
                let replace = Stretch { errors: diagonal.errors + usize::from(wanted != found), ..diagonal };
                let drop = Stretch { errors: above.errors + 1, ..above };
                let insert = Stretch { errors: left.errors + 1, ..left };
                [replace, drop, insert].into_iter().min_by_key(|each| each.errors).unwrap_or(replace)
            };
            diagonal = above;
            left = Stretch { end: at + 1, ..next };
            *cell = left;
        }
    }
    row.into_iter()
        .min_by_key(|each| (each.errors, std::cmp::Reverse(each.end - each.start.min(each.end))))
        .unwrap_or(NOTHING)
}

const NOTHING: Stretch = Stretch { errors: 0, start: 0, end: 0 };

/// Signs that look the same are the same, full-width forms are narrow, white space is one space.
fn normalised(text: &str) -> String {
    let same = text.chars().map(|char| match char {
        '’' | '‘' | '´' | '`' | 'ʼ' | '′' => '\'',
        '“' | '”' | '„' | '«' | '»' | '″' => '"',
        '–' | '—' | '−' | '‐' | '‑' => '-',
        '•' | '∙' | '●' | '・' => '·',
        '×' => 'x',
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => narrow(char),
        '。' => '.',
        '、' => ',',
        USED => ' ',
        other => other,
    });
    let text: String = same.filter(|char| !matches!(char, '\u{200b}'..='\u{200d}' | '\u{feff}')).collect();
    let text = text.replace('…', "...");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn narrow(wide: char) -> char {
    u32::from(wide).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(wide)
}

fn without_spaces(text: &str) -> Vec<char> {
    text.chars().filter(|char| !char.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Reading, holds, read};

    #[test]
    fn lines_are_found_wherever_they_stand() {
        let cases: &[(&[&str], &str, Reading)] = &[
            (&["Error code E18"], "Error code E18", perfect(12, 14, 1)),
            // One reader joins columns, another one splits lines: neither is an error.
            (&["Total", "48.90"], "Total 48.90", perfect(10, 10, 2)),
            (&["Version 8.14"], "Version\n8.14", perfect(11, 12, 1)),
            // Another order is no error either.
            (&["first", "second"], "second\nfirst", perfect(11, 11, 2)),
            // A missing space counts only where spaces count.
            (&["do not burn"], "donotburn", Reading { spaced_errors: 2, ..perfect(9, 11, 1) }),
            (&["E18"], "E1B", Reading { errors: 1, lines_exact: 0, spaced_errors: 1, ..perfect(3, 3, 1) }),
        ];
        for (lines, recognised, expected) in cases {
            assert_eq!(read(lines.iter().copied(), recognised), *expected, "{lines:?} in {recognised:?}");
        }
    }

    #[test]
    fn what_belongs_to_no_line_is_extra_and_a_stretch_serves_once() {
        let doubled = read(["7.50", "7.50"], "7.50 and noise");
        assert_eq!((doubled.lines_exact, doubled.errors, doubled.extra), (1, 4, 8));
        let missed = read(["Riprova"], "xqzkw");
        assert_eq!((missed.errors, missed.lines_exact, missed.extra), (7, 0, 5));
        assert_eq!(read(["Riprova"], "").errors, 7);
        assert_eq!(read([], "ghost").extra, 5);
    }

    #[test]
    fn a_match_does_not_cross_what_was_used() {
        // "abcdef" is taken out of the middle; "xy" may not be pieced together around it.
        let reading = read(["abcdefgh", "xy12"], "xabcdefghy12");
        assert_eq!((reading.lines_exact, reading.errors), (1, 1));
    }

    #[test]
    fn look_alikes_are_the_same() {
        assert_eq!(read(["can’t – “go”"], "can't - \"go\"").errors, 0);
        assert_eq!(read(["(50%)"], "（50％）").errors, 0);
        assert!(holds("Kartennummer 4111  1111\n1111 1111", "4111 1111 1111 1111"));
        assert!(!holds("E1B", "E18") && !holds("anything", ""));
    }

    fn perfect(characters: usize, spaced_characters: usize, lines: usize) -> Reading {
        Reading { characters, spaced_characters, lines, lines_exact: lines, ..Reading::default() }
    }
}
