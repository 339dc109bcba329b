//! A drawing as an SVG picture that stands alone: its own styles, light and dark as the reader's system is, and in
//! words for whoever hears it.

use std::fmt::Write as _;

use super::{
    draw, icons,
    layout::{
        Drawing, HEAD_PX, LABEL_LINE_PX, LABEL_TEXT_PX, LINE_PX, Label, PAD_PX, PlacedBox, TEXT_PX,
        TITLE_FROM_PX, TITLE_PX, layout,
    },
    text::titled,
};
use crate::format::{Flow, Language};

/// The flow as a picture, its texts in `language`.
pub fn svg(flow: &Flow, language: Language) -> String {
    let (boxes, ways) = draw(flow, language);
    let drawing = layout(&boxes, &ways, &|_, _| 0);
    let (width, height) = (drawing.width, drawing.height);
    let title = format!("{}, version {}", titled(flow.flow.as_str()), flow.version);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flow-graph\" role=\"img\" \
         aria-labelledby=\"flow-title flow-desc\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n<title id=\"flow-title\">{}</title>\n\
         <desc id=\"flow-desc\">{}</desc>\n<style>\n{}</style>\n",
        escaped(&title),
        escaped(&in_words(&flow.about, &drawing)),
        styles(),
    );
    out.push_str(
        "<defs><marker id=\"flow-arrow\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path class=\"tip\" d=\"M.5.5L7.5 4 .5 7.5z\"/></marker></defs>\n\
         <rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n",
    );
    // Writing to a string does not fail.
    for way in &drawing.ways {
        let class = if way.is_back { "way back" } else { "way" };
        _ = writeln!(out, "<path class=\"{class}\" d=\"{}\" marker-end=\"url(#flow-arrow)\"/>", way.path);
    }
    for (at, placed) in drawing.boxes.iter().enumerate() {
        out.push_str(&step(placed, at == 0, language));
    }
    for label in drawing.ways.iter().filter_map(|way| way.label.as_ref()) {
        out.push_str(&words(label));
    }
    out.push_str("</svg>\n");
    out
}

fn step(placed: &PlacedBox<'_>, is_first: bool, language: Language) -> String {
    let (w, h) = (placed.width, placed.height);
    let kind = placed.of.kind;
    let mut out = format!("<g class=\"step {kind}\" transform=\"translate({} {})\">\n", placed.x, placed.y);
    if is_first {
        out.push_str("<path class=\"start\" d=\"M-14 11v10l9-5z\"/>\n");
    }
    let inner = w - 18.0;
    let band = if placed.lines.is_empty() {
        format!("v{0}a9 9 0 0 1-9 9h-{inner}a9 9 0 0 1-9-9z", h - 18.0)
    } else {
        format!("v{}h-{w}z", HEAD_PX - 9.0)
    };
    _ = writeln!(
        out,
        "<rect class=\"frame\" width=\"{w}\" height=\"{h}\" rx=\"9\"/>\n\
         <path class=\"band\" d=\"M0 9a9 9 0 0 1 9-9h{inner}a9 9 0 0 1 9 9{band}\"/>\n\
         <path class=\"sign\" transform=\"translate(10 8.5) scale(.625)\" d=\"{}\"/>\n\
         <text class=\"name\" x=\"{TITLE_FROM_PX}\" y=\"20.5\">{}</text>",
        icons::icon(kind, placed.of.wants),
        escaped(&placed.title),
    );
    if !placed.lines.is_empty() {
        _ = write!(out, "<text class=\"words\" lang=\"{}\">", language.as_str());
        let mut y = HEAD_PX + 15.0;
        for line in &placed.lines {
            _ = write!(out, "<tspan x=\"{PAD_PX}\" y=\"{y}\">{}</tspan>", escaped(line));
            y += LINE_PX;
        }
        out.push_str("</text>\n");
    }
    out.push_str("</g>\n");
    out
}

fn words(label: &Label) -> String {
    let Label { lines, x, y, width, height } = label;
    let mut out = format!(
        "<rect class=\"pill\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" rx=\"9\"/><text class=\"when\">",
        x - width / 2.0,
        y - height / 2.0,
    );
    let mut at = y - height / 2.0 + LABEL_LINE_PX - 1.0;
    for line in lines {
        _ = write!(out, "<tspan x=\"{x}\" y=\"{at}\">{}</tspan>", escaped(line));
        at += LABEL_LINE_PX;
    }
    out.push_str("</text>\n");
    out
}

/// The drawing for whoever hears it: a sentence a step, with where it leads.
fn in_words(about: &str, drawing: &Drawing<'_>) -> String {
    let mut told = about.trim().to_owned();
    for placed in &drawing.boxes {
        let (step, of) = (placed.of.step, &placed.of);
        _ = write!(told, " {} ({}): {}", titled(step.as_str()), of.kind.replace('_', " "), of.text.trim());
        if !told.ends_with(['.', '!', '?', '।', '…']) {
            told.push('.');
        }
        for way in drawing.ways.iter().filter(|way| way.from == step) {
            let when = if way.when.is_empty() { String::new() } else { format!(" ({})", way.when) };
            _ = write!(told, " Leads to {}{when}.", titled(way.to.as_str()));
        }
    }
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text as it may stand in XML, in an element or an attribute; what no XML may hold becomes `�`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

struct Palette {
    ground: &'static str,
    raised: &'static str,
    line: &'static str,
    way: &'static str,
    text: &'static str,
    accent: &'static str,
    /// Band and ink for the kinds of [`KINDS`], in their order.
    kinds: [(&'static str, &'static str); 6],
}

/// Which kinds of steps look alike.
const KINDS: [&str; 6] =
    [".say,.act", ".ask", ".check,.wait", ".look_up,.suggest,.bot", ".hand_over", ".end"];

/// The colours of the console (`console/src/lib/tokens.css`): texts keep 4.5:1 on what they stand on.
const LIGHT: Palette = Palette {
    ground: "#f1f3f1",
    raised: "#ffffff",
    line: "#c9cfcc",
    way: "#5d6964",
    text: "#4d5a55",
    accent: "#0c7460",
    kinds: [
        ("#f0f2f1", "#4d5a55"),
        ("#dff1eb", "#0b6b59"),
        ("#fff6d6", "#5c4600"),
        ("#e5f0fb", "#1b5e9e"),
        ("#fdf1dc", "#8a5300"),
        ("#e1f4e8", "#176b3a"),
    ],
};

const DARK: Palette = Palette {
    ground: "#121514",
    raised: "#212624",
    line: "#3d4441",
    way: "#8f9c96",
    text: "#a9b4af",
    accent: "#3dc3a1",
    kinds: [
        ("#202523", "#a9b4af"),
        ("#17352d", "#4fcfaf"),
        ("#332b12", "#f0d98a"),
        ("#16293b", "#82bdf5"),
        ("#38290f", "#f2b75c"),
        ("#14331f", "#6bd09a"),
    ],
};

fn styles() -> String {
    format!(
        ".flow-graph text{{font-family:Inter,\"Segoe UI\",Roboto,\"Noto Sans\",\"Noto Sans Devanagari\",\
         \"Liberation Sans\",Arial,sans-serif}}\n\
         .flow-graph .way{{fill:none;stroke-width:1.4}}\n.flow-graph .back{{stroke-dasharray:5 4}}\n\
         .flow-graph .sign{{fill:none;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}}\n\
         .flow-graph .name{{font-size:{TITLE_PX}px;font-weight:600}}\n\
         .flow-graph .words{{font-size:{TEXT_PX}px}}\n\
         .flow-graph .when{{font-size:{LABEL_TEXT_PX}px;text-anchor:middle}}\n\
         {}@media (prefers-color-scheme:dark){{\n{}}}\n",
        colours(&LIGHT),
        colours(&DARK),
    )
}

fn colours(palette: &Palette) -> String {
    let Palette { ground, raised, line, way, text, accent, kinds } = palette;
    let mut out = format!(
        ".flow-graph .ground,.flow-graph .pill{{fill:{ground}}}\n.flow-graph .pill{{stroke:{line}}}\n\
         .flow-graph .frame{{fill:{raised};stroke:{line}}}\n.flow-graph .way{{stroke:{way}}}\n\
         .flow-graph .tip{{fill:{way}}}\n.flow-graph .start{{fill:{accent}}}\n\
         .flow-graph .words,.flow-graph .when{{fill:{text}}}\n"
    );
    for (of, (band, ink)) in KINDS.iter().zip(kinds) {
        for kind in of.split(',') {
            _ = writeln!(
                out,
                ".flow-graph {kind} .band{{fill:{band}}}.flow-graph {kind} .name{{fill:{ink}}}\
                 .flow-graph {kind} .sign{{stroke:{ink}}}"
            );
        }
    }
    out
}
