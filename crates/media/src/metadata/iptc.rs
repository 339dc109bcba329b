//! IPTC-IIM: a row of data sets, each a marker, a record, a number and a length.

use super::{Iptc, text};

const SETS_MAX: usize = 2_000;

pub(super) fn read(mut sets: &[u8]) -> Option<Iptc> {
    let mut iptc = Iptc::default();
    for _ in 0..SETS_MAX {
        let [0x1C, record, number, high, low, ref rest @ ..] = *sets else { break };
        // A set bit says that the length has a length of its own: only for sets that nobody writes.
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some((value, after)) = rest.split_at_checked(length) else { break };
        match (record, number) {
            (2, 65) => iptc.program = text(value),
            (2, 80) => iptc.has_byline = true,
            (2, 110) => iptc.credit = text(value),
            _ => {}
        }
        sets = after;
    }
    (iptc != Iptc::default()).then_some(iptc)
}
