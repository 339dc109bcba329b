//! What the binary tells the sandbox. The defaults are fixed, so that scripts can rely on them.

use std::{borrow::Cow, net::SocketAddr, path::PathBuf, time::Duration};

/// A file of the phone page.
#[derive(Clone, Debug)]
pub struct Asset {
    pub content_type: Cow<'static, str>,
    pub bytes: Cow<'static, [u8]>,
}

/// Finds a file of the phone page by the path of its URL; `/` is the page itself.
pub type Page = fn(&str) -> Option<Asset>;

#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// Where webhooks go; can be set later, until then they wait.
    pub webhook_url: Option<String>,
    /// Chats, media and undelivered webhooks survive a restart there; `None` keeps them in memory.
    pub dir: Option<PathBuf>,
    pub app_secret: String,
    pub verify_token: String,
    /// Access tokens that the Graph API accepts.
    pub tokens: Vec<String>,
    pub phone_number_id: String,
    pub waba_id: String,
    /// Digits only.
    pub display_phone_number: String,
    pub verified_name: String,
    /// How others reach this port, when not by the address it listens on (media URLs begin with it).
    pub public_url: Option<String>,
    pub page: Page,
    /// Two sandboxes with different seeds hand out different ids.
    pub seed: u64,
    /// The pause before the first repetition of a webhook; it doubles up to `retry_max`.
    pub retry_first: Duration,
    pub retry_max: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            webhook_url: None,
            dir: None,
            app_secret: "sandbox-app-secret".to_owned(),
            verify_token: "sandbox-verify".to_owned(),
            tokens: vec!["sandbox-token".to_owned()],
            phone_number_id: "700000000000001".to_owned(),
            waba_id: "800000000000001".to_owned(),
            display_phone_number: "390612345678".to_owned(),
            verified_name: "Sportello Sandbox".to_owned(),
            public_url: None,
            page: |_| None,
            seed: 1,
            retry_first: Duration::from_millis(250),
            retry_max: Duration::from_secs(10),
        }
    }
}
