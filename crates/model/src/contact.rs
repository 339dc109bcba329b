//! Who writes to us, and by which names a channel knows them.
//!
//! A contact has an id of our own; everything a channel calls them is an identity that may come, go or change.

use serde::{Deserialize, Serialize};

/// What sort of name an identity is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// A phone number as WhatsApp writes it: digits only, no plus.
    WaId,
    /// A business-scoped user id: `IT.4471902356612009`. Never a phone number.
    Bsuid,
    /// The BSUID of a parent portfolio: `IT.ENT.9`.
    ParentBsuid,
    /// `@zoe.fix`: shown to people, never used to recognise somebody (it can be given up and taken by another).
    Username,
}

impl IdentityKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WaId => "wa_id",
            Self::Bsuid => "bsuid",
            Self::ParentBsuid => "parent_bsuid",
            Self::Username => "username",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::WaId, Self::Bsuid, Self::ParentBsuid, Self::Username].into_iter().find(|k| k.as_str() == text)
    }

    /// Whether two messages with this identity are surely from the same person.
    pub const fn recognises(self) -> bool {
        !matches!(self, Self::Username)
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Identity {
    pub kind: IdentityKind,
    pub value: String,
}

impl Identity {
    pub fn wa_id(value: impl Into<String>) -> Self {
        Self { kind: IdentityKind::WaId, value: value.into() }
    }

    pub fn bsuid(value: impl Into<String>) -> Self {
        let value = value.into();
        let kind = if is_parent_bsuid(&value) { IdentityKind::ParentBsuid } else { IdentityKind::Bsuid };
        Self { kind, value }
    }
}

/// `^[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}$`, from Meta's page on business-scoped user ids.
pub fn is_bsuid(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else { return false };
    let tail = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=128).contains(&tail.len())
        && tail.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_parent_bsuid(text: &str) -> bool {
    text.get(2..7) == Some(".ENT.")
}

/// The digits of a phone number as WhatsApp writes it, from `+39 333 111-2223` and the like.
///
/// Nothing but digits, spaces and `+-().` may stand in it; 5 to 15 digits (E.164's limit).
pub fn phone_digits(text: &str) -> Option<String> {
    let mut digits = String::new();
    for c in text.trim().chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' | '-' | ' ' | '(' | ')' | '.' => {}
            _ => return None,
        }
    }
    (5..=15).contains(&digits.len()).then_some(digits)
}

/// The language to address a stranger in, from the country code of a phone number.
///
/// `None` where the country has none of the languages we ship.
pub fn language_of_phone(wa_id: &str) -> Option<&'static str> {
    const LANGUAGES: &[(&str, &str)] = &[
        ("39", "it"),
        ("351", "pt"),
        ("55", "pt"),
        ("244", "pt"),
        ("258", "pt"),
        ("34", "es"),
        ("51", "es"),
        ("52", "es"),
        ("54", "es"),
        ("56", "es"),
        ("57", "es"),
        ("58", "es"),
        ("50", "es"),
        ("593", "es"),
        ("595", "es"),
        ("598", "es"),
        ("591", "es"),
        ("91", "hi"),
        ("1", "en"),
        ("44", "en"),
    ];
    LANGUAGES.iter().find(|(code, _)| wa_id.starts_with(code)).map(|(_, language)| *language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_bsuid_from_a_phone_number() {
        for good in ["IT.4471902356612009", "IT.ENT.9", "US.13491208655302741918"] {
            assert!(is_bsuid(good), "{good}");
            assert_eq!(phone_digits(good), None, "{good}");
        }
        for bad in ["393331112223", "it.44", "ITA.44", "IT.", "IT.ENT.", "IT.4 4", ""] {
            assert!(!is_bsuid(bad), "{bad}");
        }
        assert_eq!(Identity::bsuid("IT.ENT.9").kind, IdentityKind::ParentBsuid);
        assert_eq!(phone_digits("+39 (333) 111-2223").as_deref(), Some("393331112223"));
        assert_eq!(phone_digits("12"), None);
    }
}
