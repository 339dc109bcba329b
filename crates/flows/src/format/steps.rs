//! The kinds of steps, and where each may lead.

use std::collections::BTreeMap;

use model::ticket::Priority;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    condition::Condition,
    medium::Medium,
    source::Source,
    words::{Many, Span, StepId, Texts, WordLists},
};

/// One step of a flow.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Say(Say),
    Ask(Box<Ask>),
    Check(Check),
    LookUp(LookUp),
    Suggest(Suggest),
    Act(Act),
    Wait(Wait),
    HandOver(HandOver),
    Bot(Bot),
    End(End),
}

/// Says something and goes on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Say {
    pub text: Texts,
    /// A picture beside the flow, by its file name.
    #[serde(default)]
    pub picture: Option<String>,
    /// The approved template that says the same when the customer last wrote more than 24 hours ago.
    #[serde(default)]
    pub template: Option<String>,
    /// The next step; without it, the one below.
    #[serde(default)]
    pub then: Option<StepId>,
}

/// Asks for something, patiently, a stated number of times and for a stated time.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    pub text: Texts,
    /// What is asked for.
    #[serde(rename = "for")]
    pub wanted: Wanted,
    /// The name under which the answer is kept.
    pub save: String,
    /// An example picture beside the flow, by its file name.
    #[serde(default)]
    pub example: Option<String>,
    /// Where the number has this native form (`whatsapp.numbers.forms`), it is offered in the place of the question,
    /// together with the questions below that fit into a form; what does not serve of it is asked in the chat.
    /// `sportello flow form` prints what Meta has to be given.
    #[serde(default)]
    pub form: Option<String>,
    /// How often it is asked in all before somebody else takes over, 1 to 5.
    #[serde(default = "three")]
    pub tries: u8,
    /// When a silent customer is reminded, once; never when the 24-hour window is closed.
    #[serde(default)]
    pub remind_after: Option<Span>,
    /// How long the answer is waited for.
    #[serde(default = "twenty_hours")]
    pub give_up_after: Span,
    /// The next step; without it, the one below.
    #[serde(default)]
    pub then: Option<StepId>,
    /// Where it goes when the tries are used up; without it, to a person.
    #[serde(default)]
    pub otherwise: Option<StepId>,
    /// Where it goes when no answer came in time, or when the customer says that the link to the page has expired;
    /// without it, to a person.
    #[serde(default)]
    pub on_silence: Option<StepId>,
}

fn three() -> u8 {
    3
}

fn twenty_hours() -> Span {
    Span::hours(20)
}

/// What a question is answered with.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    Text(Words),
    Choice(Choice),
    Number(Number),
    Date(Date),
    Location(Pin),
    Photo(Medium),
    Video(Medium),
    Voice(Medium),
    Document(Medium),
}

/// Free text.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    /// Shorter answers are asked again.
    pub chars_min: u16,
}

/// A pin on the map.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pin {
    /// Whether an address in words will do as well.
    pub or_words: bool,
}

/// One of several: buttons when there are three short ones, else a list, in pages when it is long.
///
/// The options stand in the file, or a look-up gives them, or both: the given ones first.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [{ "required": ["options"] }, { "required": ["from", "none"] }]))]
pub struct Choice {
    /// 2 to 40 of them; beside `from`, none to 20.
    #[serde(default)]
    pub options: Vec<ChoiceOption>,
    /// The look-up whose answers are options, by the name it saves under: of `slot1` and `slot1_title` the first is
    /// what is saved, the second what is shown, cut where it is too long (`slot1_description` may stand below it).
    /// The title of the chosen one is kept beside it, as `save.title`.
    #[serde(default)]
    pub from: Option<String>,
    /// Where it goes, without asking, when the look-up gave none.
    #[serde(default)]
    pub none: Option<StepId>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// What is saved: small letters, digits and `_`.
    pub id: String,
    /// 20 characters, or 24 in a list.
    pub title: Texts,
    /// 72 characters; makes it a list.
    #[serde(default)]
    pub description: Option<Texts>,
    /// What a customer may type instead.
    #[serde(default)]
    pub words: WordLists,
    /// Where this answer leads; without it, where the question does.
    #[serde(default)]
    pub then: Option<StepId>,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Number {
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Whole numbers only.
    pub whole: bool,
}

/// A day, counted from today.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Date {
    /// How many days back it may lie.
    pub days_back_max: Option<u32>,
    /// How many days ahead it may lie.
    pub days_ahead_max: Option<u32>,
}

/// Decides, without a word.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The first that holds decides.
    pub cases: Vec<Case>,
    /// Where it goes when none holds.
    pub otherwise: StepId,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    #[serde(rename = "if")]
    pub condition: Condition,
    pub then: StepId,
}

/// Asks another system.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookUp {
    #[serde(rename = "in")]
    pub source: Source,
    /// What is passed on; `{name}` stands for an answer.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// The answers that it gives are kept as `save.key`.
    pub save: String,
    /// How long it may take, at most 2 minutes.
    #[serde(default = "thirty_seconds")]
    pub give_up_after: Span,
    pub found: StepId,
    pub missing: StepId,
    /// Where it goes when the other system fails or is late; without it, to a person.
    #[serde(default)]
    pub failed: Option<StepId>,
}

fn thirty_seconds() -> Span {
    Span(std::time::Duration::from_secs(30))
}

/// Sends the article that fits and asks whether it helped.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suggest {
    /// What is searched for; `{name}` stands for an answer.
    #[serde(rename = "for")]
    pub query: String,
    pub helped: StepId,
    pub did_not_help: StepId,
    /// When no article fits.
    pub none: StepId,
}

/// Does something to the ticket, without a word.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Act {
    #[serde(rename = "do")]
    pub deeds: Many<Deed>,
    #[serde(default)]
    pub then: Option<StepId>,
}

/// Nothing here decides against a customer: refusing is a person's.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Fields of the ticket; `{name}` stands for an answer.
    Fields(BTreeMap<String, String>),
    Tag(String),
    Priority(#[schemars(with = "PriorityWord")] Priority),
    Team(String),
    /// Tells a system of yours (`flows.events`) that something happened.
    Event(Announcement),
}

/// What another system is told. Of the customer it learns what stands here, and an id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// What happened: small letters, digits and `_`, in parts with a dot between them, such as `parcel.lost`.
    pub name: String,
    /// What is passed on; `{name}` stands for an answer.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
}

/// The words of [`Priority`], for the schema.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum PriorityWord {
    Low,
    Normal,
    High,
    Urgent,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// How long, or with `until` how long at most.
    #[serde(rename = "for")]
    pub span: Span,
    /// The answer that says until when, a time of the desk such as `2026-11-24T17:00`; `for` counts when it is none.
    #[serde(default)]
    pub until: Option<String>,
    /// Where it goes, without waiting, when that time has passed; without it, on as when the time is over.
    #[serde(default)]
    pub passed: Option<StepId>,
    #[serde(default)]
    pub then: Option<StepId>,
    /// Where it goes when the customer writes meanwhile, more than `ok, thanks`; without it, on as if the time were
    /// over.
    #[serde(default)]
    pub if_they_write: Option<StepId>,
}

/// A person takes over, with everything that is known in writing.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// What the customer is told; without it, the house's sentence.
    #[serde(default)]
    pub text: Option<Texts>,
    #[serde(default)]
    pub team: Option<String>,
    /// Why, for the person: one sentence; `{name}` stands for an answer.
    pub why: String,
    /// What the person should see at a glance, a line for each that holds.
    #[serde(default)]
    pub lists: Vec<Listed>,
}

/// A line of a summary.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    #[serde(rename = "if")]
    pub condition: Condition,
    /// `{name}` stands for an answer.
    pub line: String,
}

/// A bot takes over until it has solved it or wants a person.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bot {
    /// A bot of the configuration.
    pub name: String,
    pub solved: StepId,
    /// Where it goes when the bot wants a person or cannot be reached; without it, to a person.
    #[serde(default)]
    pub otherwise: Option<StepId>,
    #[serde(default = "twenty_hours")]
    pub give_up_after: Span,
}

/// The end: the matter is settled.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct End {
    pub text: Texts,
    /// Whether to ask how it was.
    #[serde(default)]
    pub satisfaction: bool,
}
