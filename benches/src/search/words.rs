//! What the customers of the measured desk say: words as frequent as words are, codes and numbers.

use crate::timing::float;
use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng};

const VOCABULARY: usize = 30_000;
/// Each kind of search that is measured.
pub const KINDS: [&str; 12] = [
    "word",
    "rare word",
    "frequent word",
    "two frequent words",
    "frequent and rare",
    "prefix",
    "code",
    "phone",
    "order number",
    "phrase",
    "frequent, one status",
    "nothing",
];

pub struct Words {
    words: Vec<String>,
    /// 1, 2, 3 …, to look a position up in.
    steps: Vec<f64>,
}

impl Words {
    pub fn new() -> Self {
        let syllables = [
            "la", "ro", "mi", "te", "ca", "no", "sul", "per", "da", "vi", "gno", "be", "tri", "fo", "zu",
            "ke",
        ];
        let word = |n: usize| {
            let mut word = String::new();
            let mut rest = n + 1;
            while rest > 0 || word.len() < 4 {
                word.push_str(syllables.get(rest % syllables.len()).copied().unwrap_or("x"));
                rest /= syllables.len();
            }
            word
        };
        let steps = (1..=VOCABULARY).map(float).collect();
        Self { words: (0..VOCABULARY).map(word).collect(), steps }
    }

    fn at(&self, rank: usize) -> &str {
        self.words.get(rank % VOCABULARY).map_or("x", String::as_str)
    }

    /// The word of a rank is said as often as Zipf found: the hundredth a hundredth as often as the first.
    fn any(&self, random: &mut impl Rng) -> &str {
        let share: f64 = random.random();
        // The inverse of the sum of 1/n: e^(share · ln n).
        let position = (share * float(VOCABULARY).ln()).exp();
        let rank = self.steps.partition_point(|step| *step < position);
        self.at(rank)
    }

    pub fn sentence(&self, ticket: usize, message: usize) -> String {
        let mut random = StdRng::seed_from_u64(u64::try_from(ticket * 1_000 + message).unwrap_or(0));
        let count = random.random_range(6..14);
        let mut words: Vec<String> = (0..count).map(|_| self.any(&mut random).to_owned()).collect();
        if message == 1 {
            words.push(format!("order {}", order(ticket)));
        }
        if message == 2 {
            words.push("scheda bruciata".to_owned());
        }
        words.join(" ")
    }

    /// What stands on the ticket's picture.
    pub fn label(&self, ticket: usize) -> Vec<String> {
        vec![
            format!("Model {}", self.at(ticket % 97)),
            format!("S/N {}", serial(ticket)),
            "Made in EU 230 V".to_owned(),
        ]
    }

    /// What is asked for, as a part of an address.
    pub fn query(&self, kind: &str, n: usize, tickets: usize) -> String {
        let ticket = (n * 7_919) % tickets.max(1);
        let word = match kind {
            "word" => self.at(400 + n).to_owned(),
            "rare word" => {
                self.sentence(ticket, 3).split(' ').max_by_key(|word| word.len()).unwrap_or("x").to_owned()
            }
            "frequent word" | "frequent, one status" => self.at(n % 20).to_owned(),
            "two frequent words" => format!("{}%20{}", self.at(n % 20), self.at(20 + n % 20)),
            // Of the same ticket: together they have to be found.
            "frequent and rare" => {
                let said = self.sentence(ticket, 3);
                let rank = |word: &&str| self.words.iter().position(|known| known.as_str() == *word);
                format!("{}%20{}", said.split(' ').min_by_key(rank).unwrap_or("x"), serial(ticket))
            }
            "prefix" => self.at(400 + n).chars().take(4).collect(),
            "code" => serial(ticket).replace('-', ""),
            "phone" => format!(
                "%2B39%20{}%20{}",
                &phone(ticket).chars().skip(2).take(3).collect::<String>(),
                phone(ticket).chars().skip(5).collect::<String>()
            ),
            "order number" => order(ticket).replace('-', "%20"),
            "phrase" => "%22scheda%20bruciata%22".to_owned(),
            _ => format!("nowhere{n}"),
        };
        let filter = if kind == "frequent, one status" { "&status=waiting" } else { "" };
        format!("q={word}{filter}")
    }
}

fn serial(ticket: usize) -> String {
    format!("SN-{:07}", (ticket * 48_271) % 9_999_991)
}

fn order(ticket: usize) -> String {
    format!("45{:02}-{:04}-{:02}", ticket / 10_000 % 100, ticket % 10_000, ticket % 89)
}

pub fn phone(ticket: usize) -> String {
    format!("39{:010}", 3_300_000_000_usize + ticket * 31)
}
