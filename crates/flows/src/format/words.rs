//! The small words of the format: names of steps and flows, languages, texts, spans of time, lists.

use std::{borrow::Cow, collections::BTreeMap, fmt, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )+};
}

names! {
    /// The name of a flow: small letters, digits and `_`, at most 40.
    FlowId,
    /// The name of a step within its flow: small letters, digits and `_`, at most 40.
    StepId,
}

/// Longest name of a flow, a step, an answer or an option. Four of them fit in the id of a list's row.
pub const NAME_CHARS_MAX: usize = 40;

pub(crate) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && text.len() <= NAME_CHARS_MAX
}

/// The languages in which every text of every flow exists.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    En,
    It,
    Es,
    Pt,
    Hi,
}

impl Language {
    pub const ALL: [Self; 5] = [Self::En, Self::It, Self::Es, Self::Pt, Self::Hi];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::It => "it",
            Self::Es => "es",
            Self::Pt => "pt",
            Self::Hi => "hi",
        }
    }

    /// For a summary that people read.
    pub const fn in_english(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::It => "Italian",
            Self::Es => "Spanish",
            Self::Pt => "Portuguese",
            Self::Hi => "Hindi",
        }
    }

    /// The language of a BCP 47 tag (`pt-BR`), when it is one of ours.
    pub fn parse(tag: &str) -> Option<Self> {
        let first = tag.split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|l| l.as_str() == first)
    }
}

/// One text in every language. `{name}` stands for an answer that was saved under that name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(pub BTreeMap<Language, String>);

impl Texts {
    /// The text in `language`; a checked flow has it.
    pub fn get(&self, language: Language) -> &str {
        let found = self.0.get(&language).or_else(|| self.0.get(&Language::En));
        found.or_else(|| self.0.values().next()).map(String::as_str).unwrap_or_default()
    }
}

impl JsonSchema for Texts {
    fn schema_name() -> Cow<'static, str> {
        "Texts".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let languages = Language::ALL.map(Language::as_str);
        let properties: serde_json::Map<String, serde_json::Value> =
            languages.iter().map(|l| ((*l).to_owned(), serde_json::json!({ "type": "string" }))).collect();
        json_schema!({
            "description": "One text in every language.",
            "type": "object",
            "properties": properties,
            "required": languages,
            "additionalProperties": false
        })
    }
}

/// Words in some languages: what a customer may type.
pub type WordLists = BTreeMap<Language, Many<String>>;

/// A list in which one thing may stand without brackets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub struct Many<T>(pub Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The deserializer of flows makes a list of a single thing.
        Vec::deserialize(deserializer).map(Self)
    }
}

impl<T: JsonSchema> JsonSchema for Many<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Many_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// A span of time as people write it: `30s`, `20m`, `2h`, `3d`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Span(pub Duration);

impl Span {
    pub const fn hours(hours: u64) -> Self {
        Self(Duration::from_secs(hours.saturating_mul(3_600)))
    }

    pub const fn minutes(minutes: u64) -> Self {
        Self(Duration::from_secs(minutes.saturating_mul(60)))
    }

    /// `None` for what is not a whole number and one of `s`, `m`, `h`, `d`, or longer than a year.
    pub fn parse(text: &str) -> Option<Self> {
        const YEAR_SECS: u64 = 366 * 86_400;
        let unit = text.chars().last()?;
        let count: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        let secs = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        let secs = count.checked_mul(secs).filter(|s| *s <= YEAR_SECS)?;
        Some(Self(Duration::from_secs(secs)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0.as_secs();
        match [(86_400, 'd'), (3_600, 'h'), (60, 'm')]
            .into_iter()
            .find(|(unit, _)| secs >= *unit && secs.is_multiple_of(*unit))
        {
            Some((unit, letter)) => write!(f, "{}{letter}", secs.checked_div(unit).unwrap_or_default()),
            None => write!(f, "{secs}s"),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format!("`{text}` is no span of time; write `30s`, `20m`, `2h` or `3d`"))
        })
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]+ ?[smhd]$", "description": "30s, 20m, 2h or 3d." })
    }
}
