//! The house's own sentences, one file a language.

use std::{collections::BTreeMap, sync::LazyLock};

use model::finding::Reason;
use serde::Deserialize;

use crate::format::{self, Language};

const SOURCES: [(Language, &str); 5] = [
    (Language::En, include_str!("en.yaml")),
    (Language::It, include_str!("it.yaml")),
    (Language::Es, include_str!("es.yaml")),
    (Language::Pt, include_str!("pt.yaml")),
    (Language::Hi, include_str!("hi.yaml")),
];

macro_rules! phrases {
    ($($name:ident),+ $(,)?) => {
        /// A sentence of the house.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Phrase { $($name),+ }

        impl Phrase {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

phrases![
    Notice,
    PersonComing,
    PersonAsked,
    Withdrawn,
    Unforeseen,
    GaveUp,
    Kept,
    BackTo,
    UsedEarlier,
    NeedPhoto,
    NeedVideo,
    NeedVoice,
    NeedDocument,
    CannotHear,
    Unsupported,
    OldButton,
    Choose,
    ChooseButton,
    More,
    Longer,
    NotANumber,
    NumberFrom,
    NumberTo,
    NotADate,
    DateOutside,
    NotAPlace,
    StillMissing,
    AsDocument,
    ByLink,
    DidItHelp,
    YesHelped,
    NotHelped,
    Rate,
    RateGood,
    RateFair,
    RateBad,
    Rated,
    Remind,
    OutOfFocus,
    MotionBlur,
    TooDark,
    OverExposed,
    Glare,
    LowContrast,
    TooSmall,
    CutOff,
    Tilted,
    PhotoOfScreen,
    NothingToSee,
    Unreadable,
    VideoTooDark,
    VideoBlurred,
    VideoNothingToSee,
];

impl From<Reason> for Phrase {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::OutOfFocus => Self::OutOfFocus,
            Reason::MotionBlur => Self::MotionBlur,
            Reason::TooDark => Self::TooDark,
            Reason::OverExposed => Self::OverExposed,
            Reason::Glare => Self::Glare,
            Reason::LowContrast => Self::LowContrast,
            Reason::TooSmall => Self::TooSmall,
            Reason::CutOff => Self::CutOff,
            Reason::Tilted => Self::Tilted,
            Reason::PhotoOfScreen => Self::PhotoOfScreen,
            Reason::NothingToSee => Self::NothingToSee,
            Reason::Unreadable => Self::Unreadable,
        }
    }
}

type Sentences = BTreeMap<Phrase, String>;

#[expect(clippy::expect_used, reason = "the files are part of the binary, and a test reads each of them")]
static SENTENCES: LazyLock<Vec<(Language, Sentences)>> = LazyLock::new(|| {
    SOURCES
        .into_iter()
        .map(|(language, source)| {
            (language, format::read_as(source).expect("a file of sentences is readable"))
        })
        .collect()
});

/// The sentence in `language`.
pub fn phrase(language: Language, phrase: Phrase) -> &'static str {
    let found = SENTENCES.iter().find(|(l, _)| *l == language).and_then(|(_, s)| s.get(&phrase));
    found.map(String::as_str).unwrap_or_default()
}

/// `text` with each `{name}` replaced by what `value` says of it; an unknown one disappears.
pub(crate) fn fill<'v>(text: &str, value: impl Fn(&str) -> Option<std::borrow::Cow<'v, str>>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        if let Some(value) = value(name) {
            filled.push_str(&value);
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_exists_in_every_language_and_is_short() {
        for language in Language::ALL {
            for each in Phrase::ALL {
                let text = phrase(language, *each);
                let limit = match each {
                    Phrase::YesHelped | Phrase::NotHelped | Phrase::RateGood | Phrase::RateFair => 20,
                    Phrase::RateBad | Phrase::ChooseButton | Phrase::More => 20,
                    _ => 320,
                };
                assert!((1..=limit).contains(&text.chars().count()), "{language:?} {each:?}: {text}");
            }
        }
    }

    #[test]
    fn the_page_names_words_that_bring_another_link() {
        for language in Language::ALL {
            let named = phrase(language, Phrase::ByLink).split('*').nth(1).unwrap();
            assert!(crate::texts::wants_new_link(named), "{language:?} {named:?}");
        }
        for said in ["what for?", "I have no passport", "open", ""] {
            assert!(!crate::texts::wants_new_link(said), "{said}");
        }
    }

    #[test]
    fn the_notice_names_words_that_work() {
        for language in Language::ALL {
            let named: Vec<&str> = phrase(language, Phrase::Notice).split('*').skip(1).step_by(2).collect();
            assert_eq!(named.len(), 2, "{language:?}");
            assert!(crate::texts::wants_person(named[0]), "{language:?} {named:?}");
            assert!(crate::texts::wants_stop(named[1]), "{language:?} {named:?}");
        }
    }
}
