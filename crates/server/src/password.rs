//! Passwords: Argon2id with the library's defaults (19 MiB, two passes), off the async threads; and which ones are taken.
//!
//! The rules are those of NIST SP 800-63B-4 (section 3.1.1.2): length and what is commonly used or expected decide, and
//! nothing has to be mixed in. Every character is allowed, and none is cut off.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;

/// Each hash takes 19 MiB: a flood of sign-ins must not take them all at once.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Stands in for the hash of somebody who has no account.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody").unwrap_or_default());

/// What NIST asks of a password that stands alone. It is one for everybody: a second factor may be switched off again.
pub const LENGTH_MIN: usize = 15;
/// Longer ones only cost time.
const LENGTH_MAX: usize = 1_024;
/// Characters that nobody expects; with fewer, a list of common words finds the password.
const OWN_MIN: usize = 5;
/// A repeated part says its length once.
const REPEATED_MAX: usize = 8;
/// `aaa` and `123` are runs; `ab` is in many words.
const RUN_MIN: usize = 3;

/// The longest first: of two words that begin alike the longer one explains more.
static COMMON: LazyLock<Vec<Vec<char>>> = LazyLock::new(|| {
    let lines = include_str!("common-passwords.txt").lines();
    let mut words: Vec<Vec<char>> = lines
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|l| l.chars().collect())
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
});

/// Whether a new password will do, or a sentence that says why not. `about` is what everybody knows of the person:
/// their name, their address.
pub fn check(password: &str, about: &[&str]) -> Result<(), String> {
    let length = password.chars().count();
    if length < LENGTH_MIN {
        return Err(format!(
            "the password has {length} characters and needs at least {LENGTH_MIN}; a sentence that only you would think of is easy to keep"
        ));
    }
    if password.len() > LENGTH_MAX {
        return Err(format!("the password has more than {LENGTH_MAX} bytes; take a shorter one"));
    }
    let folded: Vec<char> = password.to_lowercase().chars().collect();
    let is_repeated = (1..=REPEATED_MAX)
        .any(|period| folded.iter().skip(period).eq(folded.iter().take(folded.len() - period)));
    if is_repeated || own_characters(&folded, &words_about(about)) < OWN_MIN {
        return Err(
            "the password consists of words and patterns that are tried first; add something that only you would think of"
                .to_owned(),
        );
    }
    Ok(())
}

/// The parts of somebody's name and address, and ours: expected of them.
fn words_about(about: &[&str]) -> Vec<Vec<char>> {
    let own = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    own.chain(["sportello"])
        .map(|word| word.to_lowercase().chars().collect::<Vec<char>>())
        .filter(|word| word.len() >= RUN_MIN)
        .collect()
}

/// How many characters are neither of a known word nor of a run nor between them.
fn own_characters(password: &[char], about: &[Vec<char>]) -> usize {
    let (mut rest, mut own) = (password, 0);
    while let Some((first, after)) = rest.split_first() {
        let known =
            about.iter().chain(COMMON.iter()).filter(|word| rest.starts_with(word)).map(Vec::len).max();
        let run = run_length(rest);
        let explained = known.unwrap_or(0).max(if run >= RUN_MIN { run } else { 0 });
        if explained == 0 {
            own += usize::from(!first.is_whitespace() && !"-_.,!".contains(*first));
            rest = after;
        } else {
            rest = rest.get(explained..).unwrap_or_default();
        }
    }
    own
}

/// How many characters from here on are the same, or follow each other up or down: `aaa`, `123`, `cba`.
fn run_length(text: &[char]) -> usize {
    let step = |pair: &[char]| match pair {
        [a, b] => i64::from(u32::from(*b)) - i64::from(u32::from(*a)),
        _ => i64::MAX,
    };
    let Some(first) = text.windows(2).next().map(step).filter(|step| step.abs() <= 1) else { return 1 };
    1 + text.windows(2).take_while(|pair| step(pair) == first).count()
}

/// The hash to store, or why the password will not do.
pub fn hash(password: &str) -> Result<String, String> {
    if password.len() > LENGTH_MAX {
        return Err(format!("the password has more than {LENGTH_MAX} bytes"));
    }
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|e| e.to_string())
}

/// The same in its turn, off the async threads.
pub async fn hash_in_turn(password: String) -> Result<String, String> {
    let _leave = AT_ONCE.acquire().await.map_err(|e| e.to_string())?;
    tokio::task::spawn_blocking(move || hash(&password)).await.map_err(|e| e.to_string())?
}

/// Whether `password` belongs to `stored`; takes as long when nothing is stored.
pub async fn verify(stored: Option<String>, password: String) -> bool {
    let Ok(_leave) = AT_ONCE.acquire().await else { return false };
    let task = tokio::task::spawn_blocking(move || {
        let is_known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.clone());
        let Ok(parsed) = PasswordHash::new(&stored) else { return false };
        password.len() <= LENGTH_MAX
            && Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
            && is_known
    });
    task.await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_and_what_is_expected_decide_and_nothing_else() {
        let about = ["Ada Lovelace", "ada.lovelace@example.org"];
        for good in [
            "la porta verde cigola",
            "two kettles sang badly",
            "дверь скрипит утром",
            "पंद्रह अक्षर से लंबा",
            "🦀🐙🦑🐡🦐🦞🐚🪸🐠🐟🐬🐳🐋🦈🐊",
            "xK7#qR!9zP$m2Lw",
            "                    a  b  c  x  y  7  !",
        ] {
            assert_eq!(check(good, &about), Ok(()), "{good}");
        }
        for (weak, why) in [
            ("fourteen chars", "has 14 characters"),
            ("correct horse battery staple", "tried first"),
            ("passwordpassword", "tried first"),
            ("Password123456789", "tried first"),
            ("AdaLovelace-2026", "tried first"),
            ("sportello-support-123", "tried first"),
            ("aaaaaaaaaaaaaaaaaaaa", "tried first"),
            ("x7!x7!x7!x7!x7!x7!", "tried first"),
            ("1q2w3e4r5t6y7u8i", "tried first"),
            ("qwertyuiopasdfghjkl", "tried first"),
            ("987654321abcdefgh", "tried first"),
        ] {
            let told = check(weak, &about).unwrap_err();
            assert!(told.contains(why), "{weak}: {told}");
        }
        assert!(check(&"é".repeat(600), &[]).is_err(), "longer than what is hashed");
        // What is expected of Ada is nobody else's.
        assert_eq!(check("Ada Lovelace, Ada", &about).is_err(), check("Ada Lovelace, Ada", &[]).is_ok());
    }
}
