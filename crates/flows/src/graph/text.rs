//! How wide a text is, and how it is broken into lines.
//!
//! Which font a picture meets is not known here: the widths are those of the usual sans serifs (Inter, Roboto,
//! Segoe, Arial, Noto), rather too wide than too narrow, so that a text ends inside its box.

/// Roughly how wide `text` is, in px at a size of `size_px`.
pub(crate) fn width(text: &str, size_px: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size_px
}

/// The advance of a character, as a part of the font's size.
fn advance(c: char) -> f64 {
    if is_mark(c) {
        return 0.0;
    }
    match c {
        'i' | 'j' | 'l' | 'ì' | 'í' | 'ï' | 'I' | 'Í' | '.' | ',' | ':' | ';' | '!' | '|' | '\'' | '’'
        | '·' => 0.29,
        ' ' | '\u{a0}' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | '"' | '“' | '”' | '¡' => {
            0.36
        }
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' | '—' | '&' => 0.89,
        'a'..='z' | '0'..='9' | '–' => 0.59,
        'A'..='Z' => 0.69,
        // Vowels of Devanagari that stand beside their consonant.
        '\u{903}' | '\u{93e}'..='\u{940}' | '\u{949}'..='\u{94c}' => 0.3,
        '\u{964}' | '\u{965}' => 0.35,
        '\u{900}'..='\u{97f}' => 0.66,
        '\u{c0}'..='\u{de}' => 0.69,
        '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}' => 1.35,
        // Chinese, Japanese, Korean.
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{20000}'..='\u{3fffd}' => 1.0,
        _ => 0.6,
    }
}

/// Stands on, under or within the character before it.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{900}'..='\u{902}' | '\u{93a}' | '\u{93c}' | '\u{941}'..='\u{948}'
        | '\u{94d}' | '\u{951}'..='\u{957}' | '\u{962}' | '\u{963}' | '\u{200b}'..='\u{200f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Goes with the character before it, also when it has a width of its own.
fn is_joined(c: char) -> bool {
    is_mark(c) || matches!(c, '\u{903}' | '\u{93e}'..='\u{940}' | '\u{949}'..='\u{94c}')
}

/// Words in lines not wider than `width_px`, at most `lines_max` of them; what is left over ends in an ellipsis.
pub(crate) fn wrap(text: &str, width_px: f64, size_px: f64, lines_max: usize) -> Vec<String> {
    let fits = |text: &str| width(text, size_px) <= width_px;
    let mut lines: Vec<String> = Vec::new();
    let mut is_cut = false;
    for word in text.split_whitespace() {
        if let Some(last) = lines.last_mut() {
            let longer = format!("{last} {word}");
            if fits(&longer) {
                *last = longer;
                continue;
            }
        }
        if lines.len() == lines_max {
            is_cut = true;
            break;
        }
        lines.push(word.to_owned());
    }
    let last = lines.len().saturating_sub(1);
    for (at, line) in lines.iter_mut().enumerate() {
        if is_cut && at == last {
            *line = ended(line, fits);
        } else if !fits(line) {
            *line = shortened(line, fits);
        }
    }
    lines
}

/// With an ellipsis behind it, without as many words as it takes; the last one is shortened.
fn ended(line: &str, fits: impl Fn(&str) -> bool) -> String {
    let mut head = line;
    loop {
        let more = format!("{head} …");
        if fits(&more) {
            return more;
        }
        let Some((shorter, _)) = head.rsplit_once(' ') else { return shortened(head, fits) };
        head = shorter;
    }
}

/// The longest beginning that fits with an ellipsis behind it; a character keeps the marks that go with it.
fn shortened(line: &str, fits: impl Fn(&str) -> bool) -> String {
    let whole = |at: &usize| {
        let (head, tail) = line.split_at(*at);
        // A virama at the end would show as a half letter.
        !tail.chars().next().is_some_and(is_joined) && !head.ends_with('\u{94d}')
    };
    let ends = line.char_indices().rev().map(|(at, _)| at);
    let cut =
        ends.filter(whole).map(|at| format!("{}…", line.split_at(at).0.trim_end())).find(|cut| fits(cut));
    cut.unwrap_or_else(|| "…".to_owned())
}

/// A name as people read it: `to_team` is `To team`.
pub(crate) fn titled(name: &str) -> String {
    capital(&name.replace(['_', '.', '-'], " "))
}

pub(crate) fn capital(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, like: &str, lines_max: usize, expect: &[&str]) {
        // As wide as that text, so that the test says in letters how much fits.
        assert_eq!(wrap(text, width(like, 12.0) + 0.01, 12.0, lines_max), expect, "{text}");
    }

    #[test]
    fn words_wrap_and_what_is_left_over_ends_in_an_ellipsis() {
        check("one two three", "one two", 2, &["one two", "three"]);
        check("one two three", "one two", 3, &["one two", "three"]);
        check("one two three four", "one two", 2, &["one two", "three …"]);
        check("one two or thre four", "one two", 2, &["one two", "or …"]);
        check("one two threee four", "one two", 2, &["one two", "three…"]);
        check("incomprehensibilities", "incompreh…", 2, &["incompreh…"]);
        check("incomprehensibilities it is", "incompreh…", 2, &["incompreh…", "it is"]);
        check("", "anything", 2, &[]);
        check("  \n ", "anything", 2, &[]);
        check("word", "", 2, &["…"]);
        check("one two", "one two three", 0, &[]);
    }

    #[test]
    fn a_letter_keeps_its_vowel() {
        // The vowel sign is not cut off the letter, and no half letter is left.
        check(
            "\u{915}\u{93e}\u{915}\u{93e}\u{915}\u{93e}",
            "\u{915}\u{93e}\u{915}…",
            1,
            &["\u{915}\u{93e}…"],
        );
        check(
            "\u{915}\u{94d}\u{937}\u{915}\u{94d}\u{937}\u{915}",
            "\u{915}\u{937}\u{915}…",
            1,
            &["\u{915}\u{94d}\u{937}…"],
        );
    }

    #[test]
    fn letters_differ_in_width() {
        assert!(width("illicit", 12.0) < width("women", 12.0));
        assert!((width("कि", 10.0) - width("कि".get(..3).unwrap_or_default(), 10.0)).abs() < 5.0);
        assert!(width("\u{915}\u{941}", 12.0) == width("\u{915}", 12.0), "a sign below has no width");
        assert!((width("word", 24.0) - 2.0 * width("word", 12.0)).abs() < 1e-9);
    }

    #[test]
    fn names_are_read_by_people() {
        assert_eq!([titled("to_team"), titled("e-mail"), titled("")], ["To team", "E mail", ""]);
        assert_eq!(capital("élan"), "Élan");
    }
}
