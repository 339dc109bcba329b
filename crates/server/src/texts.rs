//! What customers read from us without a person having written it: Fluent files, one a language.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use model::{finding::Reason, returns::ReturnState};
use unic_langid::LanguageIdentifier;

/// Every language in which every text exists.
pub const LANGUAGES: [&str; 5] = ["en", "it", "es", "pt", "hi"];

const SOURCES: [(&str, &str); 5] = [
    ("en", include_str!("../texts/en.ftl")),
    ("it", include_str!("../texts/it.ftl")),
    ("es", include_str!("../texts/es.ftl")),
    ("pt", include_str!("../texts/pt.ftl")),
    ("hi", include_str!("../texts/hi.ftl")),
];

/// A text by its name in the Fluent files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Text {
    FileTooLarge,
    MessageUnsupported,
    /// Above the lines of the menu, and the button that opens it.
    Menu,
    MenuButton,
    /// On a native form: what opens it, goes on, sends it, and stands above an input.
    FormButton,
    FormNext,
    FormSend,
    FormAnswer,
    /// Why a filled form is not taken.
    FormUnknown,
    FormUsed,
    FormExpired,
    FormUnreadable,
    FormTooManyFiles,
    /// How to take a picture again, by what was wrong with it.
    Retake(Reason),
    /// A technician comes soon; has `when`.
    VisitReminder,
    /// How far a return is.
    Return(ReturnState),
}

impl Text {
    const ALL: [Self; 32] = [
        Self::FileTooLarge,
        Self::MessageUnsupported,
        Self::Menu,
        Self::MenuButton,
        Self::FormButton,
        Self::FormNext,
        Self::FormSend,
        Self::FormAnswer,
        Self::FormUnknown,
        Self::FormUsed,
        Self::FormExpired,
        Self::FormUnreadable,
        Self::FormTooManyFiles,
        Self::VisitReminder,
        Self::Retake(Reason::OutOfFocus),
        Self::Retake(Reason::MotionBlur),
        Self::Retake(Reason::TooDark),
        Self::Retake(Reason::OverExposed),
        Self::Retake(Reason::Glare),
        Self::Retake(Reason::LowContrast),
        Self::Retake(Reason::TooSmall),
        Self::Retake(Reason::CutOff),
        Self::Retake(Reason::Tilted),
        Self::Retake(Reason::PhotoOfScreen),
        Self::Retake(Reason::NothingToSee),
        Self::Retake(Reason::Unreadable),
        Self::Return(ReturnState::Proposed),
        Self::Return(ReturnState::Approved),
        Self::Return(ReturnState::Refused),
        Self::Return(ReturnState::Received),
        Self::Return(ReturnState::Refunded),
        Self::Return(ReturnState::Replaced),
    ];

    const fn id(self) -> &'static str {
        match self {
            Self::FileTooLarge => "file-too-large",
            Self::MessageUnsupported => "message-unsupported",
            Self::Menu => "menu",
            Self::MenuButton => "menu-button",
            Self::FormButton => "form-button",
            Self::FormNext => "form-next",
            Self::FormSend => "form-send",
            Self::FormAnswer => "form-answer",
            Self::FormUnknown => "form-unknown",
            Self::FormUsed => "form-used",
            Self::FormExpired => "form-expired",
            Self::FormUnreadable => "form-unreadable",
            Self::FormTooManyFiles => "form-too-many-files",
            Self::VisitReminder => "visit-reminder",
            Self::Retake(Reason::OutOfFocus) => "retake-out-of-focus",
            Self::Retake(Reason::MotionBlur) => "retake-motion-blur",
            Self::Retake(Reason::TooDark) => "retake-too-dark",
            Self::Retake(Reason::OverExposed) => "retake-over-exposed",
            Self::Retake(Reason::Glare) => "retake-glare",
            Self::Retake(Reason::LowContrast) => "retake-low-contrast",
            Self::Retake(Reason::TooSmall) => "retake-too-small",
            Self::Retake(Reason::CutOff) => "retake-cut-off",
            Self::Retake(Reason::Tilted) => "retake-tilted",
            Self::Retake(Reason::PhotoOfScreen) => "retake-photo-of-screen",
            Self::Retake(Reason::NothingToSee) => "retake-nothing-to-see",
            Self::Retake(Reason::Unreadable) => "retake-unreadable",
            Self::Return(ReturnState::Proposed) => "return-proposed",
            Self::Return(ReturnState::Approved) => "return-approved",
            Self::Return(ReturnState::Refused) => "return-refused",
            Self::Return(ReturnState::Received) => "return-received",
            Self::Return(ReturnState::Refunded) => "return-refunded",
            Self::Return(ReturnState::Replaced) => "return-replaced",
        }
    }
}

pub struct Texts {
    bundles: Vec<(&'static str, FluentBundle<FluentResource>)>,
    default: String,
}

impl Texts {
    /// Reads the embedded files; an error names the language and the text that is missing.
    pub fn load(default: &str) -> Result<Self, String> {
        let mut bundles = Vec::new();
        for (language, source) in SOURCES {
            let id: LanguageIdentifier = language.parse().map_err(|e| format!("{language}: {e}"))?;
            let resource =
                FluentResource::try_new(source.to_owned()).map_err(|(_, e)| format!("{language}: {e:?}"))?;
            let mut bundle = FluentBundle::new_concurrent(vec![id]);
            bundle.set_use_isolating(false);
            bundle.add_resource(resource).map_err(|e| format!("{language}: {e:?}"))?;
            for text in Text::ALL {
                if !bundle.has_message(text.id()) {
                    return Err(format!("{language}: the text `{}` is missing", text.id()));
                }
            }
            bundles.push((language, bundle));
        }
        Ok(Self { bundles, default: default.to_owned() })
    }

    /// The text in `language`, or in the desk's own language when we do not ship that one.
    pub fn get(&self, language: Option<&str>, text: Text) -> String {
        self.filled(language, text, &[])
    }

    /// The same with its gaps filled.
    pub fn filled(&self, language: Option<&str>, text: Text, gaps: &[(&str, &str)]) -> String {
        let gaps: FluentArgs<'_> = gaps.iter().copied().collect();
        let find = |wanted: &str| self.bundles.iter().find(|(l, _)| *l == wanted).map(|(_, b)| b);
        let bundle = language.and_then(find).or_else(|| find(&self.default));
        bundle
            .and_then(|b| {
                let pattern = b.get_message(text.id())?.value()?;
                Some(b.format_pattern(pattern, Some(&gaps), &mut Vec::new()).into_owned())
            })
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_exists_in_every_language() {
        let texts = Texts::load("en").unwrap();
        for language in LANGUAGES {
            for text in Text::ALL {
                assert!(!texts.get(Some(language), text).is_empty(), "{language} {text:?}");
            }
        }
        assert_eq!(texts.get(Some("fr"), Text::FileTooLarge), texts.get(Some("en"), Text::FileTooLarge));
        assert_ne!(texts.get(Some("it"), Text::FileTooLarge), texts.get(Some("en"), Text::FileTooLarge));
    }
}
