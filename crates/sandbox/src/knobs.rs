//! The knobs that make the sandbox misbehave, each on request and each the same way every time.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::GraphError;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knobs {
    /// Deliver each webhook this many extra times.
    pub duplicate: u32,
    /// Deliver what is waiting newest first.
    pub reorder: bool,
    pub delay_ms: u64,
    /// So many updates in one POST.
    pub batch: u32,
    /// Lose the next n webhooks.
    pub drop: u32,
    pub bad_signature: bool,
    /// The Graph API takes so long to answer.
    pub slow_ms: u64,
    /// Every media id is gone.
    pub expire_media: bool,
    pub media_url_in_webhook: bool,
    pub contacts_on_status: bool,
    /// No phone number in any webhook.
    pub bsuid_only: bool,
    /// The `conversation` object of versions before 24.
    pub conversation_on_status: bool,
    pub fail_next: Vec<Failure>,
    /// The next n sends are done, and the answer is lost.
    pub accept_then_cut: u32,
    pub download: Download,
    /// What goes wrong with a form that is filled in.
    pub form: FormFault,
    /// Customers read at once.
    pub read_automatically: bool,
    /// Messages of the business end as `failed` with this code.
    pub error_status: Option<i64>,
    /// Messages a second that the number may send; 0 for no limit.
    pub throughput_mps: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    pub status: u16,
    #[serde(default = "something_went_wrong")]
    pub code: i64,
    #[serde(default = "once")]
    pub times: u32,
    #[serde(default)]
    pub endpoint: Option<Endpoint>,
}

const fn something_went_wrong() -> i64 {
    131_000
}

const fn once() -> u32 {
    1
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    Messages,
    Media,
    Resolve,
    Download,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Download {
    #[default]
    Ok,
    Truncate,
    Endless,
    WrongBytes,
    Html,
    RedirectPrivate,
    PrivateUrl,
    Slow,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormFault {
    #[default]
    Ok,
    /// The phone still has an old public key: 421, then it tries again.
    WrongKey,
    BadToken,
    BadSignature,
    /// A byte of each file is another, and its hash says so, too.
    TamperedMedia,
    /// The hash of each sealed file is not its own.
    WrongHash,
    /// The hash of each plain file is not its own.
    OtherFile,
    /// The network of the files answers with a page.
    Html,
    /// The files lie at an address inside of a cloud.
    PrivateUrl,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            duplicate: 0,
            reorder: false,
            delay_ms: 0,
            batch: 0,
            drop: 0,
            bad_signature: false,
            slow_ms: 0,
            expire_media: false,
            media_url_in_webhook: true,
            contacts_on_status: true,
            bsuid_only: false,
            conversation_on_status: false,
            fail_next: Vec::new(),
            accept_then_cut: 0,
            download: Download::Ok,
            form: FormFault::Ok,
            read_automatically: true,
            error_status: None,
            throughput_mps: 80,
        }
    }
}

impl Knobs {
    /// These knobs with those of `changes` turned; an error says which one is wrong.
    pub fn turned(&self, changes: Map<String, Value>) -> Result<Self, String> {
        let mut all = match serde_json::to_value(self) {
            Ok(Value::Object(all)) => all,
            _ => Map::new(),
        };
        all.extend(changes);
        let knobs: Self = serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())?;
        let bounded = knobs.duplicate <= 100
            && knobs.batch <= 1_000
            && knobs.delay_ms <= 3_600_000
            && knobs.slow_ms <= 120_000
            && knobs.fail_next.len() <= 1_000
            && knobs.fail_next.iter().all(|f| (100..1_000).contains(&f.status));
        if !bounded {
            return Err("a knob is out of range: duplicate 100, batch 1000, delay_ms 3600000, slow_ms 120000, 1000 fail_next entries at most; a status has three digits".to_owned());
        }
        Ok(knobs)
    }

    /// The failure that this call has to suffer, if any; it is used up.
    pub fn fail(&mut self, endpoint: Option<Endpoint>) -> Option<GraphError> {
        let failure = self
            .fail_next
            .iter_mut()
            .find(|f| f.times > 0 && (f.endpoint.is_none() || f.endpoint == endpoint))?;
        failure.times -= 1;
        let error = GraphError::knob(failure.status, failure.code);
        self.fail_next.retain(|f| f.times > 0);
        Some(error)
    }

    /// Deliveries wait a little for company.
    pub const fn holds(&self) -> bool {
        self.reorder || self.batch > 1
    }
}
