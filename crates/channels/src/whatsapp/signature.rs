//! Is this webhook Meta's? The HMAC over the raw bytes says so; nothing is parsed before.
//!
//! Meta signs the bytes as it sends them (escaped its own way), so a body that was parsed and written again never verifies.
//! There may be several secrets: while the app secret is being changed, the old and the new one both count.

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

/// The header that carries the signature.
pub const HEADER: &str = "x-hub-signature-256";

/// Why a webhook is refused. None of them says what would have been right.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignatureError {
    #[error("the X-Hub-Signature-256 header is missing; Meta sends it with every webhook")]
    Missing,
    #[error("the X-Hub-Signature-256 header is not `sha256=` and 64 hexadecimal digits")]
    Malformed,
    #[error("the signature belongs to none of the app secrets; check the app secret in the configuration")]
    Wrong,
}

/// Accepts `raw` when one of `secrets` signed it; `header` is the value of [`HEADER`].
///
/// Every secret is tried and compared in constant time. An empty secret never matches.
pub fn verify(secrets: &[SecretString], raw: &[u8], header: Option<&str>) -> Result<(), SignatureError> {
    let header = header.ok_or(SignatureError::Missing)?;
    let digits = header.trim().strip_prefix("sha256=").ok_or(SignatureError::Malformed)?;
    let mut claimed = [0u8; 32];
    hex::decode_to_slice(digits, &mut claimed).map_err(|_| SignatureError::Malformed)?;
    let mut is_known = Choice::from(0);
    for secret in secrets.iter().filter(|secret| !secret.expose_secret().is_empty()) {
        is_known |= sign(secret, raw).ct_eq(&claimed);
    }
    if bool::from(is_known) { Ok(()) } else { Err(SignatureError::Wrong) }
}

/// The query of Meta's `GET` when somebody enters our address in its console.
///
/// Without `Debug`: it can hold our token.
#[derive(Clone, Default, Deserialize)]
pub struct Handshake {
    #[serde(rename = "hub.mode", default)]
    pub mode: String,
    #[serde(rename = "hub.verify_token", default)]
    pub verify_token: String,
    #[serde(rename = "hub.challenge", default)]
    pub challenge: String,
}

/// The exact body to answer a handshake with; `None` is a refusal.
///
/// A challenge is echoed only if it is short and printable, so that the answer can carry nothing else.
pub fn handshake(params: &Handshake, verify_token: &SecretString) -> Option<String> {
    let expected = verify_token.expose_secret();
    let is_same = Sha256::digest(&params.verify_token).ct_eq(&Sha256::digest(expected));
    let is_plain =
        (1..=512).contains(&params.challenge.len()) && params.challenge.bytes().all(|b| b.is_ascii_graphic());
    (params.mode == "subscribe" && !expected.is_empty() && bool::from(is_same) && is_plain)
        .then(|| params.challenge.clone())
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn sign(secret: &SecretString, raw: &[u8]) -> [u8; 32] {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("any key length is fine");
    mac.update(raw);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(secret: &str, raw: &[u8]) -> String {
        format!("sha256={}", hex::encode(sign(&secret.into(), raw)))
    }

    #[test]
    fn agrees_with_rfc_4231() {
        let header = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(verify(&["Jefe".into()], b"what do ya want for nothing?", Some(header)), Ok(()));
    }

    #[test]
    fn accepts_any_live_secret_and_nothing_else() {
        let raw = br#"{"text":"\u00e8 \ud83d\ude00 \/"}"#;
        let both = ["new".into(), "old".into()];
        assert_eq!(verify(&both, raw, Some(&header("new", raw))), Ok(()));
        assert_eq!(verify(&both, raw, Some(&header("old", raw))), Ok(()));
        assert_eq!(verify(&both, raw, Some(&header("other", raw))), Err(SignatureError::Wrong));
        assert_eq!(verify(&both, b"{}", Some(&header("new", raw))), Err(SignatureError::Wrong));
        assert_eq!(verify(&[], raw, Some(&header("new", raw))), Err(SignatureError::Wrong));
        assert_eq!(verify(&["".into()], raw, Some(&header("", raw))), Err(SignatureError::Wrong));
    }

    #[test]
    fn peer_cve_2026_39969_refuses_what_is_not_signed() {
        let secrets = ["s".into()];
        assert_eq!(verify(&secrets, b"", None), Err(SignatureError::Missing));
        let short = header("s", b"").split_off(1);
        let long = format!("{}00", header("s", b""));
        for bad in ["", "sha256=", "sha1=00", "sha256=zz", &short, &long, "è", &"0".repeat(64)] {
            assert_eq!(verify(&secrets, b"", Some(bad)), Err(SignatureError::Malformed), "{bad}");
        }
    }

    #[test]
    fn echoes_the_challenge_to_who_knows_the_token() {
        let ask = |mode: &str, token: &str, challenge: &str| {
            let params = Handshake {
                mode: mode.to_owned(),
                verify_token: token.to_owned(),
                challenge: challenge.to_owned(),
            };
            handshake(&params, &"secret".into())
        };
        assert_eq!(ask("subscribe", "secret", "1158201444").as_deref(), Some("1158201444"));
        assert_eq!(ask("unsubscribe", "secret", "1"), None);
        assert_eq!(ask("subscribe", "Secret", "1"), None);
        assert_eq!(ask("subscribe", "", "1"), None);
        assert_eq!(ask("subscribe", "secret", ""), None);
        assert_eq!(ask("subscribe", "secret", "<script> </script>"), None);
        let params = Handshake { mode: "subscribe".into(), challenge: "1".into(), ..Handshake::default() };
        assert_eq!(handshake(&params, &"".into()), None, "no token configured: nobody knows it");
    }
}
