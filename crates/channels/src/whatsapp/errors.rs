//! What Meta's error codes mean for a message of ours, and what a person at a help desk should do next.
//!
//! Codes decide, not HTTP statuses or messages: most errors come as 400, and the texts change.

use std::time::Duration;

/// What to do about an error.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Class {
    /// Later, with backoff.
    Retry,
    /// Later, and only this customer has to wait: after 4^X seconds, X = 0, 1, 2 …
    RetryPair,
    /// Nothing goes out until the token is renewed.
    Credentials,
    /// Nothing goes out until an operator has put something right in Meta's console.
    Operator,
    /// This message will never go out as it is.
    Permanent,
    /// The 24 hours are over: a template, or wait for the customer.
    NeedsTemplate,
    /// Meta holds back marketing for this customer; not before 24 hours.
    NotBefore24h,
    /// The customer does not want marketing messages: never again.
    OptedOut,
}

impl Class {
    /// Whether the same message may be sent again later without anybody doing anything.
    pub const fn is_retried(self) -> bool {
        matches!(self, Self::Retry | Self::RetryPair)
    }
}

struct Row {
    code: i64,
    class: Class,
    /// What happened and what to do, for a person.
    says: &'static str,
}

const fn row(code: i64, class: Class, says: &'static str) -> Row {
    Row { code, class, says }
}

/// Sorted by code.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    row(0, Class::Credentials, "WhatsApp did not accept our access token. An administrator has to enter a new one; the message is sent then."),
    row(1, Class::Retry, "WhatsApp had a fault of its own. The message is tried again by itself."),
    row(2, Class::Retry, "WhatsApp is briefly not available. The message is tried again by itself."),
    row(3, Class::Operator, "The WhatsApp app lacks a permission. An administrator has to grant `whatsapp_business_messaging` to it."),
    row(4, Class::Retry, "Too many requests at once. The message is tried again by itself."),
    row(10, Class::Operator, "The WhatsApp app lacks a permission. An administrator has to grant `whatsapp_business_messaging` to it."),
    row(33, Class::Permanent, "WhatsApp does not know our phone number any more. An administrator has to check the phone number id."),
    row(100, Class::Permanent, "WhatsApp could not make sense of the message. Write it anew; if it happens again, tell an administrator."),
    row(102, Class::Credentials, "The session of our access token has ended. An administrator has to enter a new one; the message is sent then."),
    row(104, Class::Credentials, "Our access token was missing or wrong. An administrator has to enter a new one; the message is sent then."),
    row(190, Class::Credentials, "Our access token has expired. An administrator has to enter a new one; the message is sent then."),
    row(368, Class::Operator, "Meta has blocked our account for a while because of its policies. An administrator has to look into Meta's Business Support."),
    row(80_007, Class::Retry, "Our account has sent too many requests. The message is tried again by itself."),
    row(130_429, Class::Retry, "Too many messages at once. The message is tried again by itself."),
    row(130_472, Class::Permanent, "Meta keeps marketing from this customer as part of an experiment. Wait until the customer writes, or use another channel."),
    row(130_497, Class::Operator, "Our account may not write to customers in this country. Use another channel, or ask an administrator to check Meta's policies."),
    row(131_000, Class::Retry, "WhatsApp had an unknown fault. The message is tried again by itself."),
    row(131_005, Class::Operator, "A permission is missing or was taken away. An administrator has to check the app's permissions."),
    row(131_008, Class::Permanent, "Something that WhatsApp needs is missing from the message. Write it anew; if it happens again, tell an administrator."),
    row(131_009, Class::Permanent, "A value in the message is not allowed: it is too long, or it reacts to a message that is older than 30 days. Change it and send it again."),
    row(131_016, Class::Retry, "WhatsApp is briefly not available. The message is tried again by itself."),
    row(131_021, Class::Permanent, "The recipient is our own number. Choose another recipient."),
    row(131_026, Class::Permanent, "The message cannot be delivered: the number may not be on WhatsApp, may run an old version, or has not accepted WhatsApp's terms. Reach the customer another way."),
    row(131_031, Class::Operator, "Our WhatsApp account is locked. An administrator has to look into Meta's Business Support."),
    row(131_037, Class::Operator, "Our number has no approved display name. An administrator has to request one from Meta."),
    row(131_042, Class::Operator, "There is a problem with how our WhatsApp account is paid. An administrator has to check the payment method at Meta."),
    row(131_045, Class::Operator, "Our number is not registered correctly. An administrator has to register it again."),
    row(131_047, Class::NeedsTemplate, "More than 24 hours have passed since the customer wrote. Send a template, or wait until the customer writes."),
    row(131_048, Class::Operator, "Meta has limited our number because customers reported or blocked it. Send nothing for now; an administrator has to check the number's quality."),
    row(131_049, Class::NotBefore24h, "Meta holds this message back so that the customer is not written to too often. Try again after 24 hours at the earliest."),
    row(131_050, Class::OptedOut, "The customer does not want marketing messages from us. Do not send any more of them."),
    row(131_051, Class::Permanent, "WhatsApp does not pass on messages of this type. Ask the customer to send it another way, as a photo or as text."),
    row(131_052, Class::Permanent, "WhatsApp could not hand over the customer's file; often it is larger than 100 MB. Ask the customer to send it smaller or in parts."),
    row(131_053, Class::Permanent, "WhatsApp could not process the file that we sent. Convert it (JPEG, MP4, PDF) or send it as a document."),
    row(131_056, Class::RetryPair, "Too many messages to this customer in a short time. The message is tried again by itself."),
    row(131_057, Class::Retry, "WhatsApp is upgrading our number. The message is tried again by itself, usually within a minute."),
    row(131_060, Class::Permanent, "WhatsApp could not show us this message. Ask the customer to send it again or another way."),
    row(131_062, Class::Permanent, "This template can only go to a phone number and we know only the customer's user name. Ask for the number."),
    row(132_000, Class::Permanent, "The number of values does not fit the template. Fill in each of its placeholders."),
    row(132_001, Class::Permanent, "The template does not exist in this language or is not approved. Choose another from the list."),
    row(132_005, Class::Permanent, "With its values filled in the template is too long. Shorten them."),
    row(132_007, Class::Permanent, "The content of the template breaks a policy of WhatsApp. Choose another, or ask an administrator to change it."),
    row(132_012, Class::Permanent, "A value does not fit its placeholder in the template. Check the values and send it again."),
    row(132_015, Class::Permanent, "The template is paused because customers did not like it. Choose another."),
    row(132_016, Class::Permanent, "The template is switched off for good because customers did not like it. Choose another."),
    row(132_068, Class::Permanent, "The form is blocked. An administrator has to correct it at Meta."),
    row(132_069, Class::Permanent, "The form is limited to 10 an hour because of faults. Try again later, or ask an administrator to correct it."),
    row(133_004, Class::Retry, "WhatsApp is briefly not available. The message is tried again by itself."),
    row(133_010, Class::Operator, "Our number is not registered with the Cloud API. An administrator has to register it."),
    row(135_000, Class::Permanent, "WhatsApp could not send the message and does not say why. Write it anew; if it happens again, tell an administrator."),
];

/// How long a customer waits before try number `attempt` (from 0) after [`Class::RetryPair`]: Meta's 4^X seconds, at most an hour.
pub const fn pair_backoff(attempt: u32) -> Duration {
    let secs = 4u64.saturating_pow(attempt);
    Duration::from_secs(if secs < 3_600 { secs } else { 3_600 })
}

/// The class of a code, wherever it came from; `None` when the table does not know it.
pub fn class_of(code: i64) -> Option<Class> {
    find(code).map(|row| row.class).or((200..=299).contains(&code).then_some(Class::Operator))
}

/// The class of an answer: by its code, and by the HTTP status where the code says nothing.
pub fn classify(code: i64, http_status: u16) -> Class {
    class_of(code).unwrap_or(match http_status {
        401 => Class::Credentials,
        403 => Class::Operator,
        408 | 429 | 500..=599 => Class::Retry,
        _ => Class::Permanent,
    })
}

/// A sentence for the agent who looks at the message: what happened and what to do next.
///
/// `details` (Meta's own words, from `error_data.details`) are added where they say more.
pub fn explain(code: i64, details: Option<&str>) -> String {
    let says = match (find(code), code) {
        (Some(row), _) => row.says,
        (None, 200..=299) => {
            "The WhatsApp app lacks a permission. An administrator has to check the app's permissions."
        }
        _ => "WhatsApp refused the message. Write it anew; if it happens again, tell an administrator.",
    };
    let details: String =
        details.unwrap_or_default().trim().chars().filter(|c| !c.is_control()).take(300).collect();
    if details.is_empty() {
        format!("{says} (WhatsApp error {code})")
    } else {
        format!("{says} (WhatsApp error {code}: {details})")
    }
}

fn find(code: i64) -> Option<&'static Row> {
    TABLE.binary_search_by_key(&code, |row| row.code).ok().and_then(|index| TABLE.get(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_each_sentence_says_what_to_do() {
        assert!(TABLE.is_sorted_by(|a, b| a.code < b.code));
        for row in TABLE {
            assert!(
                row.says.ends_with('.') && row.says.matches(". ").count() >= 1,
                "{}: {}",
                row.code,
                row.says
            );
            assert_eq!(row.says.contains("by itself"), row.class.is_retried(), "{}: {}", row.code, row.says);
        }
    }

    #[test]
    fn classes_follow_the_documents() {
        use Class::*;
        let groups: &[(Class, &[i64])] = &[
            (Retry, &[1, 2, 4, 80_007, 130_429, 131_000, 131_016, 131_057, 133_004]),
            (RetryPair, &[131_056]),
            (Credentials, &[0, 190, 102, 104]),
            (
                Operator,
                &[
                    3, 10, 200, 250, 299, 131_005, 368, 131_031, 130_497, 131_042, 131_045, 133_010, 131_048,
                    131_037,
                ],
            ),
            (
                Permanent,
                &[
                    33, 100, 131_008, 131_009, 131_021, 131_026, 131_051, 131_053, 131_062, 132_000, 132_001,
                    132_005, 132_007, 132_012, 132_015, 132_016, 132_068, 132_069, 135_000, 130_472, 131_052,
                    131_060,
                ],
            ),
            (NeedsTemplate, &[131_047]),
            (NotBefore24h, &[131_049]),
            (OptedOut, &[131_050]),
        ];
        for (class, codes) in groups {
            for code in *codes {
                assert_eq!(class_of(*code), Some(*class), "{code}");
                assert_eq!(classify(*code, 500), *class, "the code beats the status: {code}");
            }
        }
        assert_eq!(class_of(999_999), None);
        for (status, class) in
            [(400, Permanent), (401, Credentials), (403, Operator), (429, Retry), (500, Retry), (503, Retry)]
        {
            assert_eq!(classify(999_999, status), class, "{status}");
        }
    }

    #[test]
    fn a_pair_waits_longer_each_time() {
        let waits: Vec<u64> = (0..8).map(|n| pair_backoff(n).as_secs()).collect();
        assert_eq!(waits, [1, 4, 16, 64, 256, 1_024, 3_600, 3_600]);
        assert_eq!(pair_backoff(u32::MAX).as_secs(), 3_600);
    }

    #[test]
    fn explains_with_metas_own_words_behind() {
        assert_eq!(
            explain(131_047, Some("Message failed to send because more than 24 hours have passed")),
            "More than 24 hours have passed since the customer wrote. Send a template, or wait until the customer \
             writes. (WhatsApp error 131047: Message failed to send because more than 24 hours have passed)"
        );
        assert!(explain(7, None).ends_with("(WhatsApp error 7)"));
        assert!(explain(7, Some(&"x".repeat(5_000))).len() < 500);
    }
}
