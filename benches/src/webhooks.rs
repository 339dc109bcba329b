//! Webhooks as Meta sends them: distinct, signed, about 1,500 bytes, a number each so that it can be
//! looked for afterwards.

use anyhow::{Result, anyhow};
use hmac::{Hmac, KeyInit, Mac};
use model::{Clock, SystemClock};
use sha2::Sha256;

/// What a customer writes; the reference in front of it makes every text one of a kind.
const COMPLAINT: &str = "Good morning, I am writing about the coffee machine that I bought from you in \
    September. Since yesterday it makes a loud grinding noise when I press the button for two cups, then the \
    red lamp on the right blinks four times and only hot water comes out. I have already cleaned the brewing \
    unit, emptied the tray, filled the tank with fresh water and switched it off for ten minutes, as the \
    leaflet says on page twelve, but it has not changed anything. The serial number is on the photo that I \
    sent before. Could you please tell me whether this is covered by the guarantee, and whether I should \
    bring it to the shop in Via Garibaldi or wait for the courier? I am at home on Tuesday and on Thursday \
    after four in the afternoon; on the other days a neighbour could take it, if the courier \
    rings twice. One more question: the small milk jug that came with it has a crack near the handle, can I \
    order a new one from you or is it part of the same guarantee? Thank you very much for your help and kind regards.";

/// Writes the webhooks of one number of ours. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    key: Hmac<Sha256>,
    phone_number_id: String,
    waba_id: String,
    customers: u64,
    sent_at: i64,
}

impl Sender {
    /// Messages go round `customers`, each of whom writes the next one.
    pub fn new(app_secret: &str, phone_number_id: &str, waba_id: &str, customers: u64) -> Result<Self> {
        let key = Hmac::new_from_slice(app_secret.as_bytes()).map_err(|_| anyhow!("unusable app secret"))?;
        Ok(Self {
            key,
            phone_number_id: phone_number_id.to_owned(),
            waba_id: waba_id.to_owned(),
            customers: customers.max(1),
            sent_at: SystemClock.now().secs(),
        })
    }

    /// The body of webhook `n`: the same bytes for the same `n`.
    pub fn body(&self, n: u64) -> String {
        let (waba, number, at) = (&self.waba_id, &self.phone_number_id, self.sent_at);
        let (wamid, reference) = (wamid(n), reference(n));
        let customer = n % self.customers;
        let phone = 393_330_000_000 + customer;
        format!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"id":"{waba}","changes":[{{"value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"390612345678","phone_number_id":"{number}"}},"contacts":[{{"profile":{{"name":"Customer {customer}"}},"wa_id":"{phone}","user_id":"IT.{phone}00"}}],"messages":[{{"from":"{phone}","from_user_id":"IT.{phone}00","id":"{wamid}","timestamp":"{at}","text":{{"body":"{reference} {COMPLAINT}"}},"type":"text"}}]}},"field":"messages"}}]}}]}}"#
        )
    }

    /// The value of `X-Hub-Signature-256`.
    pub fn signature(&self, body: &[u8]) -> String {
        let mut mac = self.key.clone();
        mac.update(body);
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    }
}

/// The message's id at WhatsApp.
pub fn wamid(n: u64) -> String {
    format!("wamid.HBgMMzkzMzMwMDAwMDAwFQIAEhgU{n:016X}")
}

/// What stands in front of the text, and finds it again.
pub fn reference(n: u64) -> String {
    format!("[webhook {n}]")
}

/// The number in a text that begins with a `reference`.
pub fn number_of(text: &str) -> Option<u64> {
    text.strip_prefix("[webhook ")?.split_once(']')?.0.parse().ok()
}

/// The number of a stored body, wherever in it the reference stands.
pub fn number_in(body: &str) -> Option<u64> {
    number_of(body.get(body.find("[webhook ")?..)?)
}

#[cfg(test)]
mod tests {
    use super::{Sender, number_in, number_of, reference, wamid};

    #[test]
    fn a_body_is_json_of_the_promised_size_and_names_its_number() {
        let sender = Sender::new("secret", "7", "8", 10).unwrap();
        let body = sender.body(123_456);
        assert!((1_400..1_600).contains(&body.len()), "{} bytes", body.len());
        let json: serde_json::Value = serde_json::from_str(&body).unwrap();
        let message = json.pointer("/entry/0/changes/0/value/messages/0").unwrap();
        assert_eq!(message["id"], wamid(123_456));
        assert_eq!(number_of(message["text"]["body"].as_str().unwrap()), Some(123_456));
        assert_eq!(number_in(&body), Some(123_456));
        assert_eq!(number_of(&reference(7)), Some(7));
        assert_eq!(number_of("no reference"), None);
    }

    #[test]
    fn the_signature_is_the_hmac_of_the_bytes() {
        // RFC 4231, test case 2.
        let sender = Sender::new("Jefe", "7", "8", 1).unwrap();
        assert_eq!(
            sender.signature(b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
