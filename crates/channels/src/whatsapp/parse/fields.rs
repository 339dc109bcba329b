//! Reading one member of a JSON object, forgivingly: the few rules that every part of the parser shares.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::Timestamp;
use serde_json::Value;

/// Why an element could not be read. Names members, never their values.
pub(super) type Why = std::borrow::Cow<'static, str>;

/// The longest id that we take. Meta's have about 60 characters; a database index takes about 2,700 bytes.
const ID_BYTES_MAX: usize = 512;
/// The longest name of a person or thing that is repeated in every event that it concerns.
const NAME_CHARS_MAX: usize = 100;

/// A text that says something.
pub(super) fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

pub(super) fn owned(object: &Value, key: &str) -> Option<String> {
    text(object, key).map(str::to_owned)
}

pub(super) fn flag(object: &Value, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool).unwrap_or(false)
}

pub(super) fn array(object: &Value, key: &str) -> Result<Vec<Value>, Why> {
    object
        .get(key)
        .and_then(Value::as_array)
        .cloned()
        .ok_or_else(|| format!("`{key}` is not an array").into())
}

/// An object that is not empty, as it came.
pub(super) fn object(parent: &Value, key: &str) -> Option<Value> {
    parent.get(key).filter(|value| value.as_object().is_some_and(|members| !members.is_empty())).cloned()
}

/// The member that a message of this type must have.
pub(super) fn member<'a>(message: &'a Value, key: &str) -> Result<&'a Value, Why> {
    message.get(key).filter(|body| body.is_object()).ok_or_else(|| format!("`{key}` is not an object").into())
}

/// An id, as text or as a whole number.
pub(super) fn id(object: &Value, key: &str) -> Result<String, Why> {
    let id = match object.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) if number.is_u64() => number.to_string(),
        _ => String::new(),
    };
    match id.len() {
        0 => Err(format!("`{key}` is missing").into()),
        1..=ID_BYTES_MAX => Ok(id),
        actual => Err(format!("`{key}` has {actual} bytes, at most {ID_BYTES_MAX} are an id").into()),
    }
}

/// A finite number, as a number or as text.
pub(super) fn number(object: &Value, key: &str) -> Option<f64> {
    let number = match object.get(key)? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// A whole number, as a number or as text.
pub(super) fn integer(object: &Value, key: &str) -> Option<i64> {
    match object.get(key)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// `timestamp`: seconds since 1970, as text or as a number; milliseconds are understood.
///
/// Refused outside the years 2009 (there was no WhatsApp before) to 2099: an absurd time would reorder the conversation.
pub(super) fn timestamp(object: &Value) -> Result<Timestamp, Why> {
    const YEAR_2009: i64 = 1_230_768_000;
    const YEAR_2100: i64 = 4_102_444_800;
    let stated = integer(object, "timestamp").ok_or("`timestamp` is not a number of seconds")?;
    let secs = if stated >= YEAR_2009 * 1_000 { stated / 1_000 } else { stated };
    if (YEAR_2009..YEAR_2100).contains(&secs) {
        Ok(Timestamp::from_secs(secs))
    } else {
        Err("`timestamp` lies outside the years 2009 to 2099".into())
    }
}

/// A SHA-256 in lower-case hex, from hex (look-up) or base64 (webhook).
pub(crate) fn sha256_hex(text: &str) -> Option<String> {
    let mut digest = [0; 32];
    if hex::decode_to_slice(text, &mut digest).is_ok() {
        return Some(hex::encode(digest));
    }
    let bytes = STANDARD.decode(text).ok()?;
    (bytes.len() == 32).then(|| hex::encode(bytes))
}

/// A name cut to what is worth repeating.
pub(super) fn short(name: &str) -> String {
    name.chars().take(NAME_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_a_hash_in_either_writing() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256_hex(hex).as_deref(), Some(hex));
        assert_eq!(sha256_hex(&hex.to_uppercase()).as_deref(), Some(hex));
        assert_eq!(sha256_hex("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=").as_deref(), Some(hex));
        for bad in ["", "e3b0", "47DEQpj8HBSa", "not a hash"] {
            assert_eq!(sha256_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn reads_times_and_refuses_absurd_ones() {
        let read = |stated: Value| timestamp(&json!({"timestamp": stated})).ok();
        let expected = Some(Timestamp::from_secs(1_795_340_000));
        assert_eq!(read(json!("1795340000")), expected);
        assert_eq!(read(json!(1_795_340_000)), expected);
        assert_eq!(read(json!("1795340000123")), expected);
        for bad in [
            json!("0"),
            json!(-1),
            json!("99999999999"),
            json!(i64::MIN),
            json!(i64::MAX),
            json!("soon"),
            json!(null),
        ] {
            assert_eq!(read(bad.clone()), None, "{bad}");
        }
    }
}
