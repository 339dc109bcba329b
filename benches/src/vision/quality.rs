//! Quality: is what cannot be used told apart from what can, and is a good picture ever sent back?

use super::answer::Answer;
use super::bootstrap::{Interval, Share, interval, share, share_interval};
use super::manifest::Picture;

/// One picture whose verdict is beyond dispute.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    pub is_bad: bool,
    /// `usable`, `doubtful`, `retake`; empty without an answer.
    pub verdict: String,
    /// The right reason was given; `None` where the set does not say which is right.
    pub reason_right: Option<bool>,
}

pub struct Scores {
    /// Mean of the share of bad pictures flagged and of good ones passed.
    pub balanced_accuracy: Option<Interval>,
    /// Good pictures that a customer would have been asked to take again.
    pub false_retake: Option<Interval>,
    /// Good pictures that were called doubtful or worse.
    pub false_doubt: Option<Interval>,
    pub bad_flagged: Option<Interval>,
    pub bad_retake: Option<Interval>,
    pub reason_right: Option<Interval>,
}

/// `None` for pictures about which people would disagree.
pub fn judge(picture: &Picture, answer: Option<&Answer>) -> Option<Judged> {
    let is_bad = match picture.expect.as_str() {
        "usable" => false,
        "retake" => true,
        _ => return None,
    };
    let reason = answer.and_then(|answer| answer.reason.as_deref());
    let right: &[&str] = match picture.quality.as_str() {
        // On a strong blur the two are hard to tell apart, for a person too: either hint mends it.
        "blurred" => &["out_of_focus"],
        "motion" => &["motion_blur", "out_of_focus"],
        "dark" => &["too_dark"],
        "over_exposed" => &["over_exposed"],
        "nothing_to_see" => &["nothing_to_see", "too_dark", "over_exposed", "out_of_focus"],
        _ => &[],
    };
    Some(Judged {
        is_bad,
        verdict: answer.and_then(|answer| answer.verdict.clone()).unwrap_or_default(),
        reason_right: (is_bad && !right.is_empty())
            .then(|| reason.is_some_and(|reason| right.contains(&reason))),
    })
}

pub fn scores(judged: &[Judged]) -> Scores {
    let of = |is_bad: bool, hit: fn(&Judged) -> bool| {
        let shares: Vec<Share> = judged
            .iter()
            .filter(|each| each.is_bad == is_bad)
            .map(|each| Share { part: f64::from(u8::from(hit(each))), whole: 1.0 })
            .collect();
        share_interval(&shares)
    };
    let reasons: Vec<Share> = judged
        .iter()
        .filter_map(|each| each.reason_right)
        .map(|right| Share { part: f64::from(u8::from(right)), whole: 1.0 })
        .collect();
    Scores {
        balanced_accuracy: interval(judged, balanced_accuracy),
        false_retake: of(false, |each| each.verdict == "retake"),
        false_doubt: of(false, is_flagged),
        bad_flagged: of(true, is_flagged),
        bad_retake: of(true, |each| each.verdict == "retake"),
        reason_right: share_interval(&reasons),
    }
}

fn is_flagged(judged: &Judged) -> bool {
    matches!(judged.verdict.as_str(), "doubtful" | "retake")
}

fn balanced_accuracy(judged: &[&Judged]) -> Option<f64> {
    let rate = |is_bad: bool| {
        let shares: Vec<Share> = judged
            .iter()
            .filter(|each| each.is_bad == is_bad)
            .map(|each| Share { part: f64::from(u8::from(is_flagged(each) == is_bad)), whole: 1.0 })
            .collect();
        share(&shares)
    };
    Some((rate(true)? + rate(false)?) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::{Judged, scores};

    #[test]
    fn both_kinds_of_error_weigh_the_same() {
        let judged = |is_bad, verdict: &str, reason_right| Judged {
            is_bad,
            verdict: verdict.to_owned(),
            reason_right,
        };
        let mut all = vec![judged(false, "usable", None); 9];
        all.push(judged(false, "retake", None));
        all.push(judged(true, "doubtful", Some(true)));
        all.push(judged(true, "usable", Some(false)));
        let scores = scores(&all);
        assert_eq!(scores.balanced_accuracy.map(|score| score.value), Some((0.9 + 0.5) / 2.0));
        assert_eq!(scores.false_retake.map(|score| score.value), Some(0.1));
        assert_eq!(scores.bad_flagged.map(|score| score.value), Some(0.5));
        assert_eq!(scores.bad_retake.map(|score| score.value), Some(0.0));
        assert_eq!(scores.reason_right.map(|score| score.value), Some(0.5));
    }
}
