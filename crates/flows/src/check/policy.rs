//! What law and WhatsApp's policy ask of a flow: that a machine says so, and that nothing is asked in a chat which
//! may not be asked there (full card, account and identity numbers, pictures of identity papers).
//!
//! The words are in `forbidden.yaml`, in every language. A sentence that warns ("do not send your card number")
//! or asks for the last digits only is allowed. An identity paper may be asked for where the text shows the page
//! on which it is taken, outside the chat.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Findings, look_ups, walk};
use crate::{
    format::{self, Flow, WordLists, path::Path},
    texts::tidy,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    forbidden: WordLists,
    papers: WordLists,
    allowed_with: WordLists,
}

struct Words {
    forbidden: Vec<String>,
    papers: Vec<String>,
    allowed_with: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the file is part of the binary, and a test reads it")]
static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let written: Written =
        format::read_as(include_str!("forbidden.yaml")).expect("the words of the policy are readable");
    let all =
        |words: WordLists| words.into_values().flat_map(|w| w.0).map(|w| format!(" {} ", tidy(&w))).collect();
    Words {
        forbidden: all(written.forbidden),
        papers: all(written.papers),
        allowed_with: all(written.allowed_with),
    }
});

pub(super) fn check(flow: &Flow, found: &mut Findings<'_>) {
    let greeting = Path::default().key("greeting");
    for (language, text) in &flow.greeting.0 {
        if !text.contains("{notice}") {
            let said = "the first message has to say that a machine answers and what happens to pictures; put `{notice}` into it";
            found.add(&greeting.key(language.as_str()), said);
        }
    }
    for said in walk::texts(flow).into_iter().filter(|said| said.is_question) {
        for (language, text) in &said.texts.0 {
            let path = said.path.key(language.as_str());
            if let Some(word) = asks_for(text, &WORDS.forbidden) {
                let message = format!(
                    "`{word}` may not be asked for in a chat; ask for the last four digits, or hand over with a secure link"
                );
                found.add(&path, message);
            }
            let shows_page = said.ask.is_some_and(|ask| look_ups::shows_page(ask, text));
            if let Some(word) = asks_for(text, &WORDS.papers).filter(|_| !shows_page) {
                let message = format!(
                    "`{word}` may not be asked for in a chat; look up a `link: capture`, ask with `by_link:` and put `{{link.url}}` into the text"
                );
                found.add(&path, message);
            }
        }
    }
}

/// The thing that a sentence of `text` asks for and may not.
fn asks_for<'w>(text: &str, forbidden: &'w [String]) -> Option<&'w str> {
    let ends = |c: char| matches!(c, '.' | '!' | '?' | ':' | ';' | '।' | '\n');
    text.split(ends).find_map(|sentence| {
        let sentence = format!(" {} ", tidy(sentence));
        let word = forbidden.iter().find(|w| sentence.contains(w.as_str()))?;
        let is_allowed = WORDS.allowed_with.iter().any(|w| sentence.contains(w.as_str()));
        (!is_allowed).then(|| word.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_may_not_be_asked() {
        for text in [
            "Please send your card number.",
            "Send a photo of your passport",
            "Scriva il numero della carta.",
            "Invii una foto della carta d'identità",
            "Envíe el número de tarjeta, por favor",
            "Escriba su número de cuenta",
            "Envie o seu CPF",
            "Envie uma foto do seu RG",
            "अपना कार्ड नंबर भेजें",
            "अपना आधार नंबर लिखें",
            "What is the CVV?",
        ] {
            assert!(asks_for(text, &WORDS.forbidden).or(asks_for(text, &WORDS.papers)).is_some(), "{text}");
        }
        for text in [
            "Please send the last four digits of your card number.",
            "Do not send your card number. Which product is it?",
            "Non invii mai il numero della carta.",
            "No envíe su número de tarjeta.",
            "Não envie o número do cartão.",
            "अपना कार्ड नंबर न भेजें।",
            "What is the serial number on the label?",
            "Please send a photo of the memory card slot",
        ] {
            assert_eq!(asks_for(text, &WORDS.forbidden).or(asks_for(text, &WORDS.papers)), None, "{text}");
        }
    }
}
