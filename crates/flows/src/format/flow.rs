//! A flow: when it starts, for whom it is on, and its steps in the order of the file.

use std::fmt;

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::SerializeMap,
};

use super::{
    steps::Step,
    words::{FlowId, Language, Many, StepId, Texts, WordLists},
};

/// A guided conversation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Its name: small letters, digits and `_`.
    pub flow: FlowId,
    /// Rises by one whenever a change is published. Runs say which one they began with.
    pub version: u32,
    /// One sentence for people of the desk.
    pub about: String,
    /// For whom it is on.
    #[serde(default)]
    pub rollout: Rollout,
    /// What starts it; the first that fits.
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    /// What has to hold besides a trigger.
    #[serde(default)]
    pub only: Narrow,
    /// Its line in the menu (24 characters), when it has one.
    #[serde(default)]
    pub menu: Option<Texts>,
    /// The first message. `{notice}` in it becomes the house's sentence that a machine answers, what happens
    /// to pictures, how to reach a person and how to stop.
    pub greeting: Texts,
    /// The first one is where it begins.
    pub steps: Steps,
}

impl Flow {
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.0.iter().find(|(name, _)| name == id).map(|(_, step)| step)
    }

    pub fn first(&self) -> Option<&StepId> {
        self.steps.0.first().map(|(name, _)| name)
    }

    /// The step below `id` in the file: where a step goes that names no other.
    pub fn below(&self, id: &StepId) -> Option<&StepId> {
        let at = self.steps.0.iter().position(|(name, _)| name == id)?;
        self.steps.0.get(at.checked_add(1)?).map(|(name, _)| name)
    }
}

/// For whom a flow is on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rollout {
    /// For nobody.
    #[default]
    Off,
    /// For everybody.
    On,
    /// For these contacts, by their id.
    Contacts(Vec<String>),
    /// For so many of a hundred contacts; always the same ones.
    Share(u8),
}

/// What starts a flow.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A customer who writes while no flow is under way.
    FirstMessage,
    /// Its line in the menu was chosen.
    Menu,
    /// A message that holds one of these words.
    Keyword(WordLists),
    /// A file of one of these kinds.
    Medium(Many<MediumKind>),
    /// Something was found on a picture.
    Finding(Found),
    /// A QR code or link whose text begins with this.
    Link(String),
}

/// Narrows down when a flow starts.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Narrow {
    /// The customer's language is one of these.
    pub language: Many<Language>,
    /// They wrote to one of these numbers of ours, by its id.
    pub number: Many<String>,
    /// While the desk is open, or closed.
    pub hours: Option<Hours>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hours {
    Open,
    Closed,
}

/// What sort of file a customer sent. A picture sent as a document is a `photo` all the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediumKind {
    Photo,
    Video,
    Voice,
    Document,
}

impl MediumKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
            Self::Voice => "voice note",
            Self::Document => "document",
        }
    }
}

/// A finding that is looked for: its kind, and what its value must be.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// `entity.serial`, or `code.` for every code.
    pub kind: String,
    /// One of these values; `E*` is everything that begins with E. Without it, any value.
    #[serde(default)]
    pub like: Many<String>,
    /// How sure the analyzer has to be, 0 to 1.
    #[serde(default = "half")]
    pub confidence_min: f32,
}

fn half() -> f32 {
    0.5
}

/// Steps with their names, in the order of the file.
#[derive(Clone, PartialEq, Debug, Default, JsonSchema)]
#[schemars(with = "std::collections::BTreeMap<String, Step>")]
pub struct Steps(pub Vec<(StepId, Step)>);

impl Serialize for Steps {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, step) in &self.0 {
            map.serialize_entry(name, step)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Steps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Steps;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("steps by their names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Steps, A::Error> {
                let mut steps = Vec::new();
                while let Some(step) = map.next_entry()? {
                    steps.push(step);
                }
                Ok(Steps(steps))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}
