//! What a bot answers: things to say, and what is to follow. Bounded while it is read.

use url::Url;

/// Messages of one answer; more is a bot that has lost its way.
pub const SAYS_MAX: usize = 10;
/// Options of one question.
pub const OPTIONS_MAX: usize = 10;
const TEXT_CHARS_MAX: usize = 4_096;
const TITLE_CHARS_MAX: usize = 100;
const PAYLOAD_CHARS_MAX: usize = 1_000;
const URL_CHARS_MAX: usize = 2_000;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reply {
    pub says: Vec<Say>,
    pub then: Then,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Say {
    Text(String),
    /// The text may be empty.
    Choice {
        text: String,
        options: Vec<Choice>,
    },
    /// Where a picture lies; checked to be an address of the web.
    Picture {
        url: Url,
    },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    pub title: String,
    /// What the bot wants to hear when it is chosen.
    pub payload: String,
}

/// What is to follow; of several the last one counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Then {
    /// The bot goes on.
    #[default]
    Stay,
    Solved,
    /// It wants a person.
    Person,
}

impl Reply {
    pub fn then(&mut self, then: Then) {
        self.then = self.then.max(then);
    }

    pub fn text(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.push(Say::Text(clip(text, TEXT_CHARS_MAX)));
        }
    }

    /// Anything but an address of the web is left out.
    pub fn picture(&mut self, url: &str) {
        let parsed = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        if let Some(url) = parsed.filter(|_| url.chars().count() <= URL_CHARS_MAX) {
            self.push(Say::Picture { url });
        }
    }

    /// Options belong to the text before them.
    pub fn options(&mut self, options: impl IntoIterator<Item = Choice>) {
        let named = options.into_iter().filter(|option| !option.title.trim().is_empty());
        let options: Vec<Choice> = named.take(OPTIONS_MAX).map(bounded).collect();
        if options.is_empty() {
            return;
        }
        let before = self.says.pop_if(|say| matches!(say, Say::Text(_)));
        let text = if let Some(Say::Text(text)) = before { text } else { String::new() };
        self.push(Say::Choice { text, options });
    }

    fn push(&mut self, say: Say) {
        if self.says.len() < SAYS_MAX {
            self.says.push(say);
        }
    }
}

impl Choice {
    /// An option that comes back as it is called.
    pub fn named(title: &str) -> Self {
        Self { title: title.to_owned(), payload: title.to_owned() }
    }
}

/// Half a payload means nothing: a longer one comes back as the title.
fn bounded(option: Choice) -> Choice {
    let title = clip(option.title.trim(), TITLE_CHARS_MAX);
    let fits = (1..=PAYLOAD_CHARS_MAX).contains(&option.payload.chars().count());
    let payload = if fits { option.payload } else { title.clone() };
    Choice { title, payload }
}

/// The first characters of `text`.
pub fn clip(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_bounded() {
        let mut reply = Reply::default();
        for _ in 0..50 {
            reply.text(&"x".repeat(10_000));
        }
        reply.options((0..30).map(|n| Choice { title: format!(" {n} "), payload: "y".repeat(2_000) }));
        assert_eq!(reply.says.len(), SAYS_MAX);
        let Some(Say::Choice { text, options }) = reply.says.last() else { panic!("{reply:?}") };
        assert_eq!((text.len(), options.len()), (TEXT_CHARS_MAX, OPTIONS_MAX));
        assert_eq!(options[7], Choice::named("7"));
    }

    #[test]
    fn only_addresses_of_the_web_are_pictures() {
        let mut reply = Reply::default();
        for url in ["javascript:alert(1)", "file:///etc/passwd", "door.png", "https://example.org/door.png"] {
            reply.picture(url);
        }
        assert_eq!(reply.says, [Say::Picture { url: "https://example.org/door.png".parse().unwrap() }]);
    }

    #[test]
    fn a_person_counts_more_than_a_solution() {
        let mut reply = Reply::default();
        reply.then(Then::Person);
        reply.then(Then::Solved);
        assert_eq!(reply.then, Then::Person);
    }
}
