//! Licence expressions: whether the licences we allow are enough to use a crate.

use std::iter::Peekable;
use std::slice::Iter;

/// `None` when the expression cannot be read, which the caller treats as a refusal.
/// Cargo's older `MIT/Apache-2.0` means OR.
pub fn is_satisfied(expression: &str, allowed: &[String]) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut words = words.iter().peekable();
    let satisfied = any(&mut words, allowed)?;
    words.next().is_none().then_some(satisfied)
}

type Words<'a, 'b> = Peekable<Iter<'a, &'b str>>;

/// AND binds tighter than OR.
fn any(words: &mut Words, allowed: &[String]) -> Option<bool> {
    let mut satisfied = all(words, allowed)?;
    while words.next_if(|word| **word == "OR").is_some() {
        satisfied |= all(words, allowed)?;
    }
    Some(satisfied)
}

fn all(words: &mut Words, allowed: &[String]) -> Option<bool> {
    let mut satisfied = one(words, allowed)?;
    while words.next_if(|word| **word == "AND").is_some() {
        satisfied &= one(words, allowed)?;
    }
    Some(satisfied)
}

fn one(words: &mut Words, allowed: &[String]) -> Option<bool> {
    match *words.next()? {
        "(" => {
            let satisfied = any(words, allowed)?;
            words.next_if(|word| **word == ")").map(|_| satisfied)
        }
        ")" | "AND" | "OR" | "WITH" => None,
        licence => {
            let mut full = licence.to_owned();
            if words.next_if(|word| **word == "WITH").is_some() {
                full = format!("{licence} WITH {}", words.next()?);
            }
            // An exception only adds permissions, so the bare licence's place on the list is enough.
            Some(allowed.iter().any(|allowed| *allowed == full || allowed == licence))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_satisfied;

    fn check(expression: &str, expect: Option<bool>) {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"].map(String::from);
        assert_eq!(is_satisfied(expression, &allowed), expect, "{expression}");
    }

    #[test]
    fn expressions_are_read_as_spdx_says() {
        check("MIT", Some(true));
        check("GPL-3.0-only", Some(false));
        check("MIT OR GPL-3.0-only", Some(true));
        check("MIT AND GPL-3.0-only", Some(false));
        check("GPL-3.0-only/MIT", Some(true));
        check("(MIT OR Apache-2.0) AND Unicode-3.0", Some(true));
        check("(MIT OR Apache-2.0) AND NCSA", Some(false));
        check("NCSA AND MIT OR Apache-2.0", Some(true));
        check("Apache-2.0 WITH LLVM-exception OR GPL-2.0", Some(true));
        check("GPL-2.0 WITH Classpath-exception-2.0", Some(false));
        for unreadable in ["", "MIT OR", "(MIT", "MIT Apache-2.0", "AND MIT"] {
            check(unreadable, None);
        }
    }
}
