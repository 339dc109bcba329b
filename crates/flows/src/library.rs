//! The flows that come with the house, for the use cases it exists for. A desk may copy and change them.

use crate::{
    check::check,
    format::{Flow, Problem},
};

/// Name and file of each.
pub const SOURCES: [(&str, &str); 8] = [
    ("appliance_video", include_str!("../library/appliance_video/flow.yaml")),
    ("identity_document", include_str!("../library/identity_document/flow.yaml")),
    ("network_screenshot", include_str!("../library/network_screenshot/flow.yaml")),
    ("payment_dispute", include_str!("../library/payment_dispute/flow.yaml")),
    ("product_defect", include_str!("../library/product_defect/flow.yaml")),
    ("retail_return", include_str!("../library/retail_return/flow.yaml")),
    ("software_screenshot", include_str!("../library/software_screenshot/flow.yaml")),
    ("triage", include_str!("../library/triage/flow.yaml")),
];

/// The example pictures beside them: flow, file name, PNG. Drawn by `library/draw.py`.
const PICTURES: [(&str, &str, &[u8]); 5] = [
    ("appliance_video", "display.png", include_bytes!("../library/appliance_video/display.png")),
    ("identity_document", "page.png", include_bytes!("../library/identity_document/page.png")),
    ("network_screenshot", "speed_test.png", include_bytes!("../library/network_screenshot/speed_test.png")),
    ("payment_dispute", "receipt.png", include_bytes!("../library/payment_dispute/receipt.png")),
    ("retail_return", "four_sides.png", include_bytes!("../library/retail_return/four_sides.png")),
];

/// The picture of that name beside a flow of that name: what [`crate::engine::Action::ShowPicture`] wants sent.
pub fn picture(flow: &str, name: &str) -> Option<&'static [u8]> {
    PICTURES.iter().find(|(of, known, _)| *of == flow && *known == name).map(|(.., png)| *png)
}

/// The flow of that name, checked; `None` when there is none. A shipped flow without problems is what the tests assert.
pub fn flow(name: &str) -> Option<Result<Flow, Vec<Problem>>> {
    SOURCES.iter().find(|(known, _)| *known == name).map(|(_, source)| check(source))
}
