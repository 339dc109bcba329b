//! A technician's visits as a calendar that a phone subscribes to.

use model::Timestamp;
use store::visits::Visit;

/// A technician's visits as a calendar (RFC 5545).
pub fn calendar(name: &str, visits: &[Visit], now: Timestamp) -> String {
    let stamp = |at: Timestamp| {
        let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or_default();
        at.strftime("%Y%m%dT%H%M%SZ").to_string()
    };
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Sportello//Visits//EN".to_owned(),
        format!("X-WR-CALNAME:{}", escaped(name)),
    ];
    for visit in visits {
        let status = if visit.status == "cancelled" { "CANCELLED" } else { "CONFIRMED" };
        lines.extend([
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}@sportello", visit.id),
            format!("DTSTAMP:{}", stamp(visit.updated_at.min(now))),
            format!("DTSTART:{}", stamp(visit.starts_at)),
            format!("DTEND:{}", stamp(visit.ends_at)),
            format!("SUMMARY:{}", escaped(&visit.what)),
            format!("LOCATION:{}", escaped(&visit.place)),
            format!("DESCRIPTION:{}", escaped(visit.note.as_deref().unwrap_or_default())),
            format!("STATUS:{status}"),
            "END:VEVENT".to_owned(),
        ]);
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

/// Backslash, comma, semicolon and line ends mean something in a value.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | ',' | ';' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A line has 75 bytes at most; what goes on begins with a space.
fn folded(line: &str) -> String {
    let (mut out, mut width) = (String::new(), 0);
    for c in line.chars() {
        if width + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(c);
        width += c.len_utf8();
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use model::ids::{TechnicianId, TicketId, VisitId};

    use super::*;

    #[test]
    fn a_calendar_keeps_to_the_format() {
        let visit = Visit {
            id: VisitId::from("01V"),
            ticket_id: TicketId::from("01T"),
            ticket_number: 1,
            contact_name: None,
            technician_id: TechnicianId::from("01N"),
            technician_name: "Gino".to_owned(),
            what: "Washer; leaks, a lot".to_owned(),
            place: "Via Roma 1\n20121 Milano".to_owned(),
            note: Some("è rumorosa ".repeat(12)),
            starts_at: Timestamp::from_secs(1_795_424_400),
            ends_at: Timestamp::from_secs(1_795_431_600),
            status: "booked".to_owned(),
            why: None,
            updated_at: Timestamp::from_secs(1_795_000_000),
        };
        let text = calendar("Gino", &[visit], Timestamp::from_secs(1_795_000_000));
        assert!(text.contains("DTSTART:20261123T090000Z\r\n"), "{text}");
        assert!(text.contains("SUMMARY:Washer\\; leaks\\, a lot\r\n"), "{text}");
        assert!(text.contains("LOCATION:Via Roma 1\\n20121 Milano\r\n"), "{text}");
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    }
}
