//! Who gets a ticket: of the members of a team who are there, speak for it and have room, the next.

use std::collections::BTreeSet;

use crate::ids::UserId;

/// How a team gives its tickets to its members.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Assigning {
    ByHand,
    /// Each in turn.
    RoundRobin,
    /// Whoever has the fewest in hand; of several, whose turn it is.
    LeastLoad,
}

impl Assigning {
    pub const ALL: [Self; 3] = [Self::ByHand, Self::RoundRobin, Self::LeastLoad];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ByHand => "by_hand",
            Self::RoundRobin => "round_robin",
            Self::LeastLoad => "least_load",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }
}

/// Somebody of a team.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    pub user: UserId,
    pub skills: Vec<String>,
    /// Codes such as `it` or `pt-BR`; of each the language counts, not the country.
    pub languages: Vec<String>,
    pub is_there: bool,
    /// Tickets that need them now: new or open, not put aside.
    pub in_hand: i64,
    /// `None` for any number.
    pub tickets_max: Option<i64>,
    /// When they were last given one, as a number that rises; 0 for never.
    pub last_turn: i64,
}

impl Member {
    /// Whether they can take one more.
    pub fn is_free(&self) -> bool {
        self.is_there && self.tickets_max.is_none_or(|most| self.in_hand < most)
    }
}

/// What a ticket asks of whoever gets it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// Its tags and its flow. Those that are a skill of somebody in the team are needed.
    pub words: Vec<String>,
    pub language: Option<String>,
}

/// Who gets it, and why they.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen<'a> {
    pub member: &'a Member,
    /// What was needed and they can.
    pub skills: Vec<String>,
    /// The customer's language, where it decided.
    pub language: Option<String>,
}

/// Why nobody gets it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Nobody {
    /// The team gives its tickets by hand, or has no members.
    ByHand,
    /// Those who could take it are away.
    Away,
    /// Those who are there have as many as they take.
    Full,
}

impl Nobody {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ByHand => "by_hand",
            Self::Away => "away",
            Self::Full => "full",
        }
    }
}

/// Skills are a must: only those come into question who have as many of the needed ones as anybody in the team, there
/// or not, so that a ticket waits for its specialist. The language is a wish: where a free one speaks it, only such.
pub fn choose<'a>(
    assigning: Assigning,
    members: &'a [Member],
    wanted: &Wanted,
) -> Result<Chosen<'a>, Nobody> {
    if assigning == Assigning::ByHand || members.is_empty() {
        return Err(Nobody::ByHand);
    }
    let words: BTreeSet<String> = wanted.words.iter().map(|word| word.to_lowercase()).collect();
    let skills = |member: &Member| -> Vec<String> {
        let own: BTreeSet<String> = member.skills.iter().map(|skill| skill.to_lowercase()).collect();
        own.intersection(&words).cloned().collect()
    };
    let most = members.iter().map(|member| skills(member).len()).max().unwrap_or(0);
    let able = || members.iter().filter(|member| skills(member).len() == most);
    if !able().any(|member| member.is_there) {
        return Err(Nobody::Away);
    }
    let free: Vec<&Member> = able().filter(|member| member.is_free()).collect();
    let language = wanted.language.as_deref().map(base);
    let speaks = |member: &&&Member| {
        language.as_ref().is_some_and(|wanted| member.languages.iter().any(|own| base(own) == *wanted))
    };
    let speakers: Vec<&Member> = free.iter().filter(speaks).copied().collect();
    let decided = !speakers.is_empty() && speakers.len() < free.len();
    let pool = if speakers.is_empty() { free } else { speakers };
    let next = pool.into_iter().min_by_key(|member| {
        let load = if assigning == Assigning::LeastLoad { member.in_hand } else { 0 };
        (load, member.last_turn, member.user.clone())
    });
    let member = next.ok_or(Nobody::Full)?;
    Ok(Chosen { member, skills: skills(member), language: language.filter(|_| decided) })
}

/// `pt` of `pt-BR` and `pt_BR`.
fn base(code: &str) -> String {
    code.split(['-', '_']).next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn member(name: &str) -> Member {
        Member {
            user: name.into(),
            skills: Vec::new(),
            languages: Vec::new(),
            is_there: true,
            in_hand: 0,
            tickets_max: None,
            last_turn: 0,
        }
    }

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    fn wanted(list: &[&str], language: Option<&str>) -> Wanted {
        Wanted { words: words(list), language: language.map(str::to_owned) }
    }

    fn name(chosen: Result<Chosen<'_>, Nobody>) -> Result<String, Nobody> {
        chosen.map(|chosen| chosen.member.user.0.clone())
    }

    #[test]
    fn the_next_who_can_and_has_room() {
        use Assigning::{ByHand, LeastLoad, RoundRobin};
        let ada = Member { in_hand: 3, last_turn: 1, ..member("ada") };
        let bob = Member { in_hand: 1, last_turn: 2, tickets_max: Some(2), ..member("bob") };
        let team = [ada.clone(), bob.clone()];
        let away = |one: &Member| Member { is_there: false, ..one.clone() };
        let full = |one: &Member| Member { tickets_max: Some(one.in_hand), ..one.clone() };
        let plain = wanted(&["washer"], Some("it"));
        for (way, team, expect) in [
            (ByHand, team.to_vec(), Err(Nobody::ByHand)),
            (RoundRobin, Vec::new(), Err(Nobody::ByHand)),
            (RoundRobin, team.to_vec(), Ok("ada")),
            (LeastLoad, team.to_vec(), Ok("bob")),
            (RoundRobin, vec![away(&ada), bob.clone()], Ok("bob")),
            (RoundRobin, vec![full(&ada), bob.clone()], Ok("bob")),
            (RoundRobin, vec![full(&ada), full(&bob)], Err(Nobody::Full)),
            (LeastLoad, vec![away(&ada), full(&bob)], Err(Nobody::Full)),
            (LeastLoad, vec![away(&ada), away(&bob)], Err(Nobody::Away)),
        ] {
            assert_eq!(name(choose(way, &team, &plain)), expect.map(str::to_owned), "{way:?} {team:#?}");
        }
    }

    #[test]
    fn a_skill_is_a_must_and_a_language_a_wish() {
        let ada =
            Member { skills: words(&["Washer"]), languages: words(&["it"]), last_turn: 9, ..member("ada") };
        let bob = Member { skills: words(&["oven", "washer"]), last_turn: 8, ..member("bob") };
        let eve = Member { languages: words(&["pt-BR", "en"]), ..member("eve") };
        let team = [ada.clone(), bob.clone(), eve];
        for (ask, expect) in [
            (wanted(&[], None), "eve"),
            (wanted(&["urgent"], None), "eve"),
            (wanted(&["washer"], None), "bob"),
            (wanted(&["washer"], Some("it_IT")), "ada"),
            (wanted(&["washer", "oven"], Some("it")), "bob"),
            (wanted(&[], Some("pt")), "eve"),
            (wanted(&[], Some("it")), "ada"),
            (wanted(&[], Some("hi")), "eve"),
        ] {
            assert_eq!(name(choose(Assigning::RoundRobin, &team, &ask)), Ok(expect.to_owned()), "{ask:?}");
        }
        let why = choose(Assigning::RoundRobin, &team, &wanted(&["washer"], Some("it"))).unwrap();
        assert_eq!((why.skills, why.language), (words(&["washer"]), Some("it".to_owned())));
        // The only one who mends ovens is away: the ticket waits for them.
        let away = [ada, Member { is_there: false, ..bob }];
        assert_eq!(name(choose(Assigning::LeastLoad, &away, &wanted(&["oven"], None))), Err(Nobody::Away));
    }

    fn team() -> impl Strategy<Value = Vec<Member>> {
        prop::collection::vec((any::<bool>(), 0i64..4, prop::option::of(0i64..5), any::<bool>()), 1..6)
            .prop_map(|rows| {
                rows.into_iter()
                    .enumerate()
                    .map(|(n, (is_there, in_hand, tickets_max, has_skill))| Member {
                        is_there,
                        in_hand,
                        tickets_max,
                        skills: if has_skill { words(&["washer"]) } else { Vec::new() },
                        ..member(&format!("member {n}"))
                    })
                    .collect()
            })
    }

    proptest! {
        #[test]
        fn nobody_is_given_more_than_they_take(mut team in team(), asks in prop::collection::vec(any::<bool>(), 0..40), is_by_load: bool) {
            let way = if is_by_load { Assigning::LeastLoad } else { Assigning::RoundRobin };
            for (turn, is_skilled) in (1..).zip(asks) {
                let ask = wanted(if is_skilled { &["washer"] } else { &[] }, None);
                let before = team.clone();
                match choose(way, &before, &ask) {
                    Ok(chosen) => {
                        prop_assert!(chosen.member.is_there);
                        let most = chosen.member.tickets_max.unwrap_or(i64::MAX);
                        prop_assert!(chosen.member.in_hand < most);
                        let one = team.iter_mut().find(|one| one.user == chosen.member.user).unwrap();
                        one.in_hand += 1;
                        one.last_turn = turn;
                    }
                    // Nobody who could have taken it was passed over.
                    Err(_) => {
                        let anybody_skilled = before.iter().any(|one| !one.skills.is_empty());
                        let able = |one: &&Member| !is_skilled || !anybody_skilled || !one.skills.is_empty();
                        prop_assert!(!before.iter().filter(able).any(Member::is_free));
                    }
                }
            }
        }

        #[test]
        fn in_turns_nobody_is_two_ahead(count in 1usize..6, given in 0i64..40) {
            let mut team: Vec<Member> = (0..count).map(|n| member(&format!("member {n}"))).collect();
            for turn in 1..=given {
                let next = choose(Assigning::RoundRobin, &team, &Wanted::default()).unwrap().member.user.clone();
                let one = team.iter_mut().find(|one| one.user == next).unwrap();
                one.in_hand += 1;
                one.last_turn = turn;
            }
            let most = team.iter().map(|one| one.in_hand).max().unwrap();
            let fewest = team.iter().map(|one| one.in_hand).min().unwrap();
            prop_assert!(most - fewest <= 1, "{most} and {fewest}");
        }
    }
}
