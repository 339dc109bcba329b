//! Made-up personal numbers in specimen ranges, and lines that look like them and are none.

pub struct Sample {
    pub kind: &'static str,
    /// `\n` a line, `\t` a box of the same row.
    pub text: String,
    /// Pieces as they are printed, none of which may be left.
    pub secrets: Vec<String>,
}

/// A generator of its own (SplitMix64), so that the set is the same for ever.
pub struct Seeded(u64);

impl Seeded {
    pub fn new(seed: u64) -> Seeded {
        Seeded(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from_digit(u32::try_from(self.below(10)).unwrap(), 10).unwrap()).collect()
    }

    fn letters(&mut self, count: usize) -> String {
        (0..count).map(|_| *self.pick(&('A'..='Z').collect::<Vec<_>>())).collect()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// `count` samples of every kind.
pub fn positives(random: &mut Seeded, count: usize) -> Vec<Sample> {
    let makers: [fn(&mut Seeded) -> Sample; 10] =
        [card, card, card, iban, aadhaar, pan, identity, passport, mrz, mail_or_phone];
    (0..count).flat_map(|_| makers.iter().map(|make| make(random)).collect::<Vec<_>>()).collect()
}

fn luhn_end(body: &str) -> String {
    let sum: u32 = body
        .chars()
        .rev()
        .enumerate()
        .map(|(place, char)| {
            let digit = char.to_digit(10).unwrap() * if place % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn card(random: &mut Seeded) -> Sample {
    // Ranges the schemes publish for tests.
    let (start, length) = *random.pick(&[
        ("411111", 16),
        ("400000", 16),
        ("424242", 16),
        ("555555", 16),
        ("510510", 16),
        ("222300", 16),
        ("378282", 15),
        ("371449", 15),
        ("601111", 16),
        ("353011", 16),
        ("305693", 14),
        ("620000", 16),
        ("650000", 16),
    ]);
    let body = format!("{start}{}", random.digits(length - 1 - start.len()));
    let number = luhn_end(&body);
    let sizes: &[usize] = match length {
        15 => &[4, 6, 5],
        14 => &[4, 6, 4],
        _ => &[4, 4, 4, 4],
    };
    number_sample(
        random,
        "pii.card",
        &number,
        sizes,
        16,
        &["Card number: ", "", "VISA ", "Numero carta ", "Tarjeta ", "Karte: ", "CardNo:", "Nº do cartão "],
        &["", " 12/28", "\nVALID THRU 12/28", "\nCVV 123", "  EXP 09/27", "\nJOHN SPECIMEN"],
    )
}

fn aadhaar(random: &mut Seeded) -> Sample {
    // Numbers for tests begin with 9999.
    let body = format!("9999{}", random.digits(7));
    let check = (0..10).find(|digit| verhoeff(&format!("{body}{digit}"))).unwrap();
    let number = format!("{body}{check}");
    number_sample(
        random,
        "pii.aadhaar",
        &number,
        &[4, 4, 4],
        8,
        &["Aadhaar No. ", "Government of India\n", "आधार संख्या: ", "", "Your Aadhaar No.\n", "UIDAI "],
        &["", "\nDOB: 01/01/1990", "\nमेरा आधार, मेरी पहचान"],
    )
}

fn verhoeff(number: &str) -> bool {
    const D: [[usize; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const P: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let sum = number.chars().rev().enumerate().fold(0, |sum, (place, char)| {
        let digit = usize::try_from(char.to_digit(10).unwrap()).unwrap();
        D[sum][(0..place % 8).fold(digit, |digit, _| P[digit])]
    });
    sum == 0
}

fn number_sample(
    random: &mut Seeded,
    kind: &'static str,
    number: &str,
    sizes: &[usize],
    hidden: usize,
    labels: &[&str],
    tails: &[&str],
) -> Sample {
    let label = *random.pick(labels);
    let tail = *random.pick(tails);
    let mut groups = Vec::new();
    let mut from = 0;
    for size in sizes {
        groups.push(slips(random, &number[from..from + size], 4));
        from += size;
    }
    // Wholly plain numbers without any word for them are left to the cards; twelve digits alone are not readable as Aadhaar.
    let plain_is_known =
        kind == "pii.card" || label.to_lowercase().contains("aadhaar") || label.contains("आधार");
    let text = match random.below(10) {
        0 if plain_is_known => groups.concat(),
        1 => groups.join("-"),
        2 => groups.join("  "),
        3 if groups.len() > 2 => format!("{}\n{}", groups[..2].join(" "), groups[2..].join(" ")),
        4 => groups.join("\t"),
        5 if label.ends_with('\n') || label.is_empty() => groups.join("\n"),
        6 => groups.join("."),
        // A reader drops one space.
        7 => format!(
            "{}{}",
            groups[..2].concat(),
            groups[2..].iter().map(|group| format!(" {group}")).collect::<String>()
        ),
        _ => groups.join(" "),
    };
    let mut secrets = Vec::new();
    let mut count = 0;
    for group in &groups {
        if count < hidden {
            secrets.push(group.clone());
        }
        count += group.len();
    }
    Sample { kind, text: format!("{label}{text}{tail}"), secrets }
}

/// A reader's confusions, in a few of a hundred digits.
fn slips(random: &mut Seeded, digits: &str, percent: usize) -> String {
    let mut left = 1;
    digits
        .chars()
        .map(|char| {
            let slip = match char {
                '0' => 'O',
                '1' => 'l',
                '5' => 'S',
                '8' => 'B',
                _ => return char,
            };
            if left > 0 && random.chance(percent) {
                left -= 1;
                slip
            } else {
                char
            }
        })
        .collect()
}

fn iban(random: &mut Seeded) -> Sample {
    let (country, bban) = match random.below(6) {
        0 => ("DE", random.digits(18)),
        1 => ("IT", format!("X{}", random.digits(22))),
        2 => ("ES", random.digits(20)),
        3 => ("FR", random.digits(23)),
        4 => ("GB", format!("TEST{}", random.digits(14))),
        _ => ("PT", random.digits(21)),
    };
    let value = |text: &str| -> u32 {
        text.chars().fold(0, |rest, char| {
            let digit = char.to_digit(36).unwrap();
            if digit > 9 { (rest * 100 + digit) % 97 } else { (rest * 10 + digit) % 97 }
        })
    };
    let check = 98 - value(&format!("{bban}{country}00"));
    let number = format!("{country}{check:02}{bban}");
    let groups: Vec<String> =
        number.as_bytes().chunks(4).map(|group| String::from_utf8(group.to_vec()).unwrap()).collect();
    let body: Vec<String> = groups
        .iter()
        .enumerate()
        .map(|(place, group)| if place == 0 { group.clone() } else { slips(random, group, 2) })
        .collect();
    let label = *random.pick(&["IBAN: ", "IBAN ", "", "Konto ", "C/C ", "Beneficiary account\n", "IBAN"]);
    let text = match random.below(5) {
        0 => body.concat(),
        1 => format!("{}\n{}", body[..3].join(" "), body[3..].join(" ")),
        2 => body.join("-"),
        _ => body.join(" "),
    };
    let secrets = body.iter().skip(1).filter(|group| group.len() > 2).cloned().collect();
    Sample { kind: "pii.iban", text: format!("{label}{text}"), secrets }
}

fn pan(random: &mut Seeded) -> Sample {
    let holder = *random.pick(&["P", "C", "H", "F"]);
    let number = format!(
        "{}{holder}{}{}{}",
        random.letters(3),
        random.letters(1),
        random.digits(4),
        random.letters(1)
    );
    let text = match random.below(4) {
        0 => format!("Permanent Account Number\n{number}"),
        1 => format!("INCOME TAX DEPARTMENT\tGOVT. OF INDIA\n{number}"),
        2 => format!("PAN: {number}"),
        _ => number.clone(),
    };
    Sample { kind: "pii.pan", text, secrets: vec![number] }
}

fn identity(random: &mut Seeded) -> Sample {
    let (text, number) = match random.below(5) {
        0 => {
            let body = random.digits(9);
            let sum = |text: &str, from: u32| -> u32 {
                let sum: u32 = text
                    .chars()
                    .zip((2..=from).rev())
                    .map(|(char, weight)| char.to_digit(10).unwrap() * weight)
                    .sum();
                sum * 10 % 11 % 10
            };
            let first = sum(&body, 10);
            let second = sum(&format!("{body}{first}"), 11);
            let number = format!("{}.{}.{}-{first}{second}", &body[..3], &body[3..6], &body[6..]);
            (format!("{}{number}", random.pick(&["CPF: ", "CPF ", ""])), number)
        }
        1 => {
            let number: usize = random.digits(8).parse().unwrap();
            let letter = "TRWAGMYFPDXBNJZSQVHLCKE".chars().nth(number % 23).unwrap();
            let number = format!("{number:08}{}{letter}", random.pick(&["", "-"]));
            (format!("{}{number}", random.pick(&["DNI ", "NIF: ", "DNI\n"])), number)
        }
        2 => {
            // Nobody's: made of X.
            let body = format!(
                "XXXXXX{}A{}X{}",
                random.digits(2),
                ["01", "12", "45"][random.below(3)],
                random.digits(3)
            );
            let end = ('A'..='Z').find(|end| codice_fiscale(&format!("{body}{end}"))).unwrap();
            let number = format!("{body}{end}");
            (
                format!("{}{number}", random.pick(&["Codice fiscale: ", "C.F. ", "", "CODICE FISCALE\n"])),
                number,
            )
        }
        3 => {
            let number = format!(
                "0{}-{}-{}",
                10 + random.below(80),
                10 + random.below(80),
                1_000 + random.below(8_000)
            );
            (format!("{}{number}", random.pick(&["SSN: ", "Social Security Number\n", "SSN "])), number)
        }
        _ => {
            let body = format!("{}{}", random.pick(&["1", "2", "3"]), random.digits(7));
            let sum: u32 = body
                .chars()
                .zip((2..=9).rev())
                .map(|(char, weight)| char.to_digit(10).unwrap() * weight)
                .sum();
            let check = match sum % 11 {
                0 | 1 => 0,
                rest => 11 - rest,
            };
            let number = format!("{body}{check}");
            (format!("{}{number}", random.pick(&["NIF: ", "Contribuinte nº ", "NIF "])), number)
        }
    };
    Sample { kind: "pii.id_number", text, secrets: vec![number] }
}

fn codice_fiscale(text: &str) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let sum: u32 = text[..15]
        .chars()
        .enumerate()
        .map(|(place, char)| {
            let value = char.to_digit(10).unwrap_or_else(|| u32::from(char) - u32::from('A'));
            if place % 2 == 0 { ODD[usize::try_from(value).unwrap()] } else { value }
        })
        .sum();
    text.chars().last().map(|end| u32::from(end) - u32::from('A')) == Some(sum % 26)
}

fn passport(random: &mut Seeded) -> Sample {
    let number = match random.below(3) {
        0 => format!("Z{}", 1_000_000 + random.below(8_999_999)),
        1 => format!("AA{}", random.digits(7)),
        _ => format!("C{}", random.digits(8)),
    };
    let label = *random.pick(&[
        "Passport No. ",
        "Passport No.\n",
        "Numero passaporto: ",
        "Pasaporte nº ",
        "Reisepass-Nr. ",
        "Passeport n° ",
        "Passport number\t",
    ]);
    Sample { kind: "pii.passport", text: format!("{label}{number}"), secrets: vec![number] }
}

fn icao(field: &str) -> u32 {
    field
        .chars()
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(char, weight)| if char == '<' { 0 } else { char.to_digit(36).unwrap() * weight })
        .sum::<u32>()
        % 10
}

/// Utopia's documents, as ICAO 9303 prints them.
fn mrz(random: &mut Seeded) -> Sample {
    let number = format!("{}{}", random.letters(1), random.digits(8));
    let birth = format!("{:02}{:02}{:02}", 40 + random.below(60), 1 + random.below(12), 1 + random.below(28));
    let expiry =
        format!("{:02}{:02}{:02}", 26 + random.below(10), 1 + random.below(12), 1 + random.below(28));
    let number = format!("{number}{}", icao(&number));
    let (birth, expiry) = (format!("{birth}{}", icao(&birth)), format!("{expiry}{}", icao(&expiry)));
    let lines = if random.chance(50) {
        let optional = format!("{}<<<<<", random.letters(9));
        let optional = format!("{optional}{}", icao(&optional));
        let composite = icao(&format!("{number}{birth}{expiry}{optional}"));
        vec![
            format!("{:<<44}", "P<UTOERIKSSON<<ANNA<MARIA"),
            format!("{number}UTO{birth}F{expiry}{optional}{composite}"),
        ]
    } else {
        let optional = "<".repeat(15);
        let composite = icao(&format!("{number}{optional}{birth}{expiry}<<<<<<<<<<<"));
        vec![
            format!("I<UTO{number}{optional}"),
            format!("{birth}F{expiry}UTO<<<<<<<<<<<{composite}"),
            format!("{:<<30}", "ERIKSSON<<ANNA<MARIA"),
        ]
    };
    let mut secrets: Vec<String> = vec![number[..9].to_owned(), birth, expiry];
    let text = match random.below(4) {
        // A space where a reader sees one; O for 0 among digits.
        0 => lines.join("\n").replacen("<<<<", "<< <<", 1),
        1 => {
            let slipped = lines.join("\n").replacen('0', "O", 1);
            secrets.retain(|secret| slipped.contains(secret.as_str()));
            slipped
        }
        // A filler lost in the names.
        2 => lines.join("\n").replacen("<<<<<<", "<<<<<", 1),
        _ => lines.join("\n"),
    };
    Sample { kind: "pii.mrz", text, secrets }
}

fn mail_or_phone(random: &mut Seeded) -> Sample {
    if random.chance(50) {
        let address =
            format!("specimen{}@example.{}", random.digits(3), random.pick(&["com", "org", "co.in", "it"]));
        let label = *random.pick(&["", "E-mail: ", "Contact ", "<"]);
        return Sample { kind: "pii.email", text: format!("{label}{address}"), secrets: vec![address] };
    }
    // Ranges for films and books.
    let number = match random.below(4) {
        0 => format!("+1 202 555 01{}", random.digits(2)),
        1 => format!("+44 20 7946 0{}", random.digits(3)),
        2 => format!("+39 333 000 {}", random.digits(4)),
        _ => format!("+91 99999 {}", random.digits(5)),
    };
    let label = *random.pick(&["", "Tel. ", "WhatsApp: ", "Call "]);
    Sample { kind: "pii.phone", text: format!("{label}{number}"), secrets: vec![number] }
}

/// Lines of ordinary screens: numbers of everything but people.
pub fn negatives(random: &mut Seeded, count: usize) -> Vec<String> {
    (0..count).map(|_| negative(random)).collect()
}

fn negative(random: &mut Seeded) -> String {
    let amount = |random: &mut Seeded| format!("{}.{}", 1 + random.below(9_999), random.digits(2));
    let pick = random.below(30);
    match pick {
        0 => format!("Order #{}-{}-{}", random.digits(3), random.digits(7), random.digits(7)),
        1 => format!("Order ID: OD{}", random.digits(18)),
        2 => format!("UTR: {}", random.digits(12)),
        3 => format!("UPI Ref No. {}", random.digits(12)),
        4 => format!("Tracking number {}", random.digits(12)),
        5 => format!("1Z{}{}", random.letters(3), random.digits(13)),
        6 => format!("AWB {}", random.digits(14)),
        7 => format!("IMEI: {}", random.digits(15)),
        8 => format!("Serial No. {}{}", random.letters(2), random.digits(9)),
        9 => format!(
            "2026-{:02}-{:02} {:02}:{:02}:{:02}",
            1 + random.below(12),
            1 + random.below(28),
            random.below(24),
            random.below(60),
            random.below(60)
        ),
        10 => format!(
            "{:02}/{:02}/2026 {:02}:{:02}",
            1 + random.below(28),
            1 + random.below(12),
            random.below(24),
            random.below(60)
        ),
        11 => format!("Total € {}", amount(random)),
        12 => format!("₹{} debited", amount(random)),
        13 => format!("{}  {}  {}", amount(random), amount(random), amount(random)),
        14 => format!(
            "Version {}.{}.{} build {}",
            random.below(20),
            random.below(20),
            random.below(20),
            random.digits(6)
        ),
        15 => format!("192.168.{}.{}", random.below(256), random.below(256)),
        16 => format!("EAN {}", random.digits(13)),
        17 => format!("Transaction ID T{}", random.digits(16)),
        18 => format!("Invoice INV-{}", random.digits(8)),
        19 => format!("Account ending {}", random.digits(4)),
        20 => format!("Error 0x{}", random.digits(8)),
        21 => format!("Model {}{}", random.letters(3), random.digits(4)),
        22 => format!("{} {} {}", random.digits(4), random.digits(3), random.digits(4)),
        23 => format!("Ref {}", random.digits(16)),
        24 => format!("{}:{} PM", 1 + random.below(12), 10 + random.below(50)),
        25 => format!("Step {} of {}", 1 + random.below(9), 10 + random.below(9)),
        26 => format!("ticket {}", random.digits(10)),
        27 => random
            .pick(&[
                "Something went wrong, try again",
                "Ihre Bestellung ist unterwegs",
                "Il tuo ordine è in arrivo",
                "Pago realizado con éxito",
                "Settings",
                "Back",
                "Pedido entregue ontem",
            ])
            .to_string(),
        28 => format!("session {}", random.next()),
        _ => format!("GPS 45.{} 9.{}", random.digits(6), random.digits(6)),
    }
}
