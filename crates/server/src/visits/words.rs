//! Days and times in the customer's language. Written down here: a machine's own locales are rarely installed.

use jiff::civil::DateTime;

struct Names {
    days: [&'static str; 7],
    days_short: [&'static str; 7],
    months: [&'static str; 12],
    months_short: [&'static str; 12],
}

const EN: Names = Names {
    days: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    days_short: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    months_short: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
};

const IT: Names = Names {
    days: ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"],
    days_short: ["lun", "mar", "mer", "gio", "ven", "sab", "dom"],
    months: [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    months_short: ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
};

const ES: Names = Names {
    days: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    days_short: ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    months_short: ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
};

const PT: Names = Names {
    days: [
        "segunda-feira",
        "terça-feira",
        "quarta-feira",
        "quinta-feira",
        "sexta-feira",
        "sábado",
        "domingo",
    ],
    days_short: ["seg", "ter", "qua", "qui", "sex", "sáb", "dom"],
    months: [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    months_short: ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"],
};

const HI: Names = Names {
    days: ["सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार"],
    days_short: ["सो", "मं", "बु", "गु", "शु", "श", "र"],
    months: ["जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"],
    months_short: ["जन", "फ़र", "मार्च", "अप्रैल", "मई", "जून", "जुल", "अग", "सित", "अक्टू", "नव", "दिस"],
};

const fn names(language: &str) -> &'static Names {
    match language.as_bytes() {
        b"it" => &IT,
        b"es" => &ES,
        b"pt" => &PT,
        b"hi" => &HI,
        _ => &EN,
    }
}

/// `Tue 24 Nov, 9-11`: at most 20 characters, as a button takes them.
pub fn title(language: &str, from: DateTime, to: DateTime) -> String {
    let names = names(language);
    let (day, month) = (pick(&names.days_short, day_of(from)), pick(&names.months_short, month_of(from)));
    format!("{day} {} {month}, {}-{}", from.day(), hour(from), hour(to))
}

/// `Tuesday 24 November between 9 and 11`: fits into a sentence.
pub fn when(language: &str, from: DateTime, to: DateTime) -> String {
    let names = names(language);
    let (day, month) = (pick(&names.days, day_of(from)), pick(&names.months, month_of(from)));
    let (date, from, to) = (from.day(), hour(from), hour(to));
    match language {
        "it" => format!("{day} {date} {month} tra le {from} e le {to}"),
        "es" => format!("el {day} {date} de {month} entre las {from} y las {to}"),
        "pt" => format!("{day}, {date} de {month}, entre {from}h e {to}h"),
        "hi" => format!("{day} {date} {month} को {from} से {to} बजे के बीच"),
        _ => format!("{day} {date} {month} between {from} and {to}"),
    }
}

fn hour(at: DateTime) -> String {
    if at.minute() == 0 { at.hour().to_string() } else { format!("{}:{:02}", at.hour(), at.minute()) }
}

fn day_of(at: DateTime) -> usize {
    usize::try_from(at.weekday().to_monday_zero_offset()).unwrap_or_default()
}

fn month_of(at: DateTime) -> usize {
    usize::try_from(at.month()).unwrap_or(1).saturating_sub(1)
}

fn pick(names: &[&'static str], index: usize) -> &'static str {
    names.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::LANGUAGES;

    #[test]
    fn a_title_fits_a_button_in_every_language() {
        let first = jiff::civil::date(2026, 1, 1).at(9, 30, 0, 0);
        for language in LANGUAGES {
            for day in 0..365 {
                let from = first.checked_add(jiff::Span::new().days(day)).unwrap();
                let to = from.checked_add(jiff::Span::new().hours(2)).unwrap();
                let title = title(language, from, to);
                // With full hours, which is what most desks have, buttons carry it.
                let plain = title.replace(":30", "");
                assert!(title.chars().count() <= 24 && plain.chars().count() <= 20, "{title}");
            }
        }
    }

    #[test]
    fn a_time_is_said_as_people_say_it() {
        let (from, to) =
            (jiff::civil::date(2026, 11, 24).at(9, 0, 0, 0), jiff::civil::date(2026, 11, 24).at(11, 0, 0, 0));
        for (language, expect) in [
            ("en", "Tuesday 24 November between 9 and 11"),
            ("it", "martedì 24 novembre tra le 9 e le 11"),
            ("es", "el martes 24 de noviembre entre las 9 y las 11"),
            ("pt", "terça-feira, 24 de novembro, entre 9h e 11h"),
            ("hi", "मंगलवार 24 नवंबर को 9 से 11 बजे के बीच"),
        ] {
            assert_eq!(when(language, from, to), expect);
        }
        assert_eq!(title("en", from, to), "Tue 24 Nov, 9-11");
    }
}
