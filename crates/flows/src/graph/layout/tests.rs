//! Layers, circles, order, and that nothing stands on anything else, whatever the flow.

use proptest::prelude::*;

use super::*;

/// Steps and ways by the numbers of the steps: from, to, when, how many went.
#[derive(Clone, Debug)]
struct Sketch {
    steps: Vec<(StepId, String)>,
    ways: Vec<(usize, usize, String, i64)>,
}

impl Sketch {
    /// `a>b a>c:no a>d:late*3`, the steps in the order in which they are named.
    fn of(text: &str) -> Self {
        let mut sketch = Self { steps: Vec::new(), ways: Vec::new() };
        for way in text.split_whitespace() {
            let (way, went) = way.split_once('*').unwrap_or((way, "0"));
            let (way, when) = way.split_once(':').unwrap_or((way, ""));
            let (from, to) = way.split_once('>').unwrap();
            let (from, to) = (sketch.number(from), sketch.number(to));
            sketch.ways.push((from, to, when.to_owned(), went.parse().unwrap()));
        }
        sketch
    }

    fn number(&mut self, name: &str) -> usize {
        let known = self.steps.iter().position(|(step, _)| step.as_str() == name);
        known.unwrap_or_else(|| {
            self.steps.push((name.into(), format!("words of {name}")));
            self.steps.len() - 1
        })
    }

    fn drawn<T>(&self, look: impl FnOnce(&Drawing<'_>) -> T) -> T {
        let boxes =
            self.steps.iter().map(|(step, text)| Box { step, kind: "say", wants: None, text: text.clone() });
        let boxes: Vec<_> = boxes.collect();
        let step = |at: usize| &self.steps[at].0;
        let ways = self.ways.iter().map(|(from, to, when, _)| Way {
            from: step(*from),
            to: step(*to),
            when: when.clone(),
        });
        let went = |from: &StepId, to: &StepId| {
            let way = self.ways.iter().find(|way| step(way.0) == from && step(way.1) == to);
            way.map_or(0, |way| way.3)
        };
        look(&layout(&boxes, &ways.collect::<Vec<_>>(), &went))
    }
}

fn layers_of(text: &str) -> Vec<(String, usize)> {
    Sketch::of(text).drawn(|drawing| {
        let mut tops: Vec<f64> = drawing.boxes.iter().map(|b| b.y).collect();
        tops.sort_by(f64::total_cmp);
        tops.dedup();
        let layer = |b: &PlacedBox<'_>| tops.iter().position(|top| *top == b.y).unwrap();
        drawing.boxes.iter().map(|b| (b.of.step.to_string(), layer(b))).collect()
    })
}

fn layers(text: &str, expect: &str) {
    let mut found = layers_of(text);
    found.sort();
    let found: Vec<String> = found.iter().map(|(step, layer)| format!("{step}{layer}")).collect();
    assert_eq!(found.join(" "), expect, "{text}");
}

#[test]
fn layers_go_by_the_longest_way() {
    layers("a>b b>c", "a0 b1 c2");
    layers("a>b b>c a>c", "a0 b1 c2");
    layers("a>b a>c b>d c>d c>e e>d", "a0 b1 c1 d3 e2");
    // A way back does not count.
    layers("a>b b>c c>a", "a0 b1 c2");
    layers("a>a a>b", "a0 b1");
    // Nothing leads to `x`.
    layers("a>b x>b", "a0 b1 x0");
}

#[test]
fn the_order_inside_a_layer_undoes_a_crossing() {
    Sketch::of("a>b a>c c>d b>e").drawn(|drawing| {
        let x = |step: &str| drawing.boxes.iter().find(|b| b.of.step.as_str() == step).unwrap().x;
        assert_eq!(x("b") < x("c"), x("e") < x("d"));
    });
}

#[test]
fn a_chain_stands_straight_and_the_ways_to_both_sides_of_it_even() {
    Sketch::of("a>b b>c c>d c>e").drawn(|drawing| {
        let x: Vec<f64> = drawing.boxes.iter().map(|b| b.x).collect();
        assert!((x[0] - x[1]).abs() < 0.2 && (x[1] - x[2]).abs() < 0.2, "{x:?}");
        assert!((x[3] + x[4] - 2.0 * x[2]).abs() < 0.3, "{x:?}");
    });
}

#[test]
fn ways_between_the_same_steps_are_one_line_with_all_words() {
    Sketch::of("a>b:yes a>b:no_answer b>a:again b>c:late b>c c>c").drawn(|drawing| {
        let told = drawing.ways.iter().map(|way| {
            let words = way.label.as_ref().map_or(String::new(), |label| label.lines.join("/"));
            format!("{}>{} {}{words}", way.from, way.to, if way.is_back { "back " } else { "" })
        });
        let told: Vec<String> = told.collect();
        assert_eq!(told, ["a>b yes, no answer", "b>a back again", "b>c or late", "c>c back "]);
    });
}

#[test]
fn ways_to_the_same_step_meet_on_the_way() {
    let text = "a>b b>c c>d d>e a>e:no b>e:no c>e:no";
    Sketch::of(text).drawn(|drawing| {
        let ends = |way: &&PlacedWay<'_>| way.to.as_str() == "e";
        let mut ends: Vec<String> =
            drawing.ways.iter().filter(ends).map(|way| way.path.to_string()).collect();
        assert_eq!(ends.len(), 4);
        // Those of `a`, `b` and `c` end as one line; that of `d` comes from right above.
        ends.iter_mut().for_each(|path| *path = path.split_off(path.rfind('C').unwrap()));
        ends.sort();
        ends.dedup();
        assert_eq!(ends.len(), 2, "{ends:?}");
        assert!(drawing.width < 500.0, "{}", drawing.width);
    });
}

#[test]
fn a_label_has_room_for_how_many_went() {
    let width = |text: &str| {
        Sketch::of(text).drawn(|drawing| drawing.ways[0].label.as_ref().map(|l| (l.lines.clone(), l.width)))
    };
    let (alone, few, many) =
        (width("a>b:yes").unwrap(), width("a>b:yes*7").unwrap(), width("a>b:yes*1234567").unwrap());
    let room = |count: &str| text::width(&format!(" · {count}"), LABEL_TEXT_PX);
    assert_eq!(alone.0, ["yes"]);
    assert_eq!(few.0, ["yes"], "the count is written by whoever shows it");
    assert!(few.1 >= alone.1 + room("7") - 1.0, "{few:?}");
    assert!(many.1 >= alone.1 + room("1,234,567") - 1.0, "{many:?}");
    let (lines, wide) = width("a>b*12").unwrap();
    assert!(lines.is_empty() && wide > text::width("12", LABEL_TEXT_PX));
    assert_eq!(width("a>b"), None);
}

#[test]
fn the_smallest_and_the_longest_flows_have_a_drawing() {
    let none = Sketch { steps: Vec::new(), ways: Vec::new() };
    none.drawn(|drawing| assert!(drawing.boxes.is_empty() && drawing.width > 0.0));
    let one = Sketch { steps: vec![("a".into(), String::new())], ways: vec![(0, 0, String::new(), 0)] };
    one.drawn(holds).unwrap();
    // A chain whose every step also leads to the end and back to the first.
    let mut long = Sketch { steps: Vec::new(), ways: Vec::new() };
    for at in 0..300_usize {
        long.steps.push((StepId(format!("s{at}")), "words ".repeat(at % 40)));
        long.ways.extend([(at, (at + 1).min(299), String::new(), 0), (at, 299, "no answer".to_owned(), 3)]);
        long.ways.push((at, 0, "again".to_owned(), 0));
    }
    long.drawn(holds).unwrap();
}

#[test]
fn a_way_to_a_step_that_is_not_there_is_left_out() {
    let (a, ghost) = (StepId::from("a"), StepId::from("ghost"));
    let boxes = [Box { step: &a, kind: "say", wants: None, text: String::new() }];
    let ways = [Way { from: &a, to: &ghost, when: String::new() }];
    assert!(layout(&boxes, &ways, &|_, _| 0).ways.is_empty());
}

#[derive(Clone, Copy, Debug)]
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn of(b: &PlacedBox<'_>) -> Self {
        Self { left: b.x, top: b.y, right: b.x + b.width, bottom: b.y + b.height }
    }

    fn around(l: &Label) -> Self {
        let (w, h) = (l.width / 2.0, l.height / 2.0);
        Self { left: l.x - w, top: l.y - h, right: l.x + w, bottom: l.y + h }
    }

    /// More than a rounding apart.
    fn is_apart(&self, o: &Self) -> bool {
        self.right <= o.left + 0.2
            || o.right <= self.left + 0.2
            || self.bottom <= o.top + 0.2
            || o.bottom <= self.top + 0.2
    }

    fn holds(&self, p: Point, inner: f64) -> bool {
        p.x > self.left + inner
            && p.x < self.right - inner
            && p.y > self.top + inner
            && p.y < self.bottom - inner
    }

    fn has_on_border(&self, p: Point) -> bool {
        self.holds(p, -0.2) && !self.holds(p, 0.2)
    }
}

fn points(path: &Path) -> Vec<Point> {
    let mut all = vec![path.start];
    let mut at = path.start;
    for piece in &path.pieces {
        let (a, b, end) = match *piece {
            Piece::Line(end) => (at, end, end),
            Piece::Curve(a, b, end) => (a, b, end),
        };
        all.extend((1..=16).map(|n| {
            let t = f64::from(n) / 16.0;
            let mix = |p: f64, q: f64, r: f64, s: f64| {
                let u = 1.0 - t;
                u * u * u * p + 3.0 * u * u * t * q + 3.0 * u * t * t * r + t * t * t * s
            };
            if n == 16 { end } else { Point { x: mix(at.x, a.x, b.x, end.x), y: mix(at.y, a.y, b.y, end.y) } }
        }));
        at = end;
    }
    all
}

/// What is true of every drawing.
fn holds(drawing: &Drawing<'_>) -> Result<(), TestCaseError> {
    let whole = Area { left: 0.0, top: 0.0, right: drawing.width, bottom: drawing.height };
    let labels = drawing.ways.iter().filter_map(|way| way.label.as_ref()).map(Area::around);
    let areas: Vec<Area> = drawing.boxes.iter().map(Area::of).chain(labels).collect();
    for (at, a) in areas.iter().enumerate() {
        prop_assert!(whole.holds(Point { x: a.left, y: a.top }, 0.0), "{a:?}");
        prop_assert!(whole.holds(Point { x: a.right, y: a.bottom }, 0.0), "{a:?}");
        for b in areas.iter().skip(at + 1) {
            prop_assert!(a.is_apart(b), "{a:?} {b:?}");
        }
    }
    for way in &drawing.ways {
        let of = |step: &StepId| Area::of(drawing.boxes.iter().find(|b| b.of.step == step).unwrap());
        let line = points(&way.path);
        let (start, end) = (line[0], line[line.len() - 1]);
        prop_assert!(of(way.from).has_on_border(start), "{} {start:?}", way.from);
        prop_assert!(of(way.to).has_on_border(end), "{} {end:?}", way.to);
        prop_assert!(line.iter().all(|point| whole.holds(*point, 0.0)), "{}>{} outside", way.from, way.to);
    }
    Ok(())
}

/// No line runs through a box or through the words of another.
fn lines_are_free(drawing: &Drawing<'_>) -> Result<(), TestCaseError> {
    for way in &drawing.ways {
        let boxes = drawing.boxes.iter().map(Area::of);
        let others = drawing.ways.iter().filter(|other| !std::ptr::eq(*other, way));
        let words = others.filter_map(|other| other.label.as_ref()).map(Area::around);
        let areas: Vec<Area> = boxes.chain(words).collect();
        for point in points(&way.path) {
            let on = areas.iter().find(|area| area.holds(point, 0.3));
            prop_assert!(on.is_none(), "{}>{} at {point:?} runs through {on:?}", way.from, way.to);
        }
    }
    Ok(())
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let words = prop::sample::select(vec![
        "",
        "yes",
        "no answer",
        "others",
        "did not help, no article, tries used up and so on and on",
        "हाँ, तस्वीर भेजें",
        "incomprehensibilitiesandmore",
    ]);
    let text = prop::sample::select(vec![
        "",
        "Short.",
        "कृपया पूरे उपकरण की एक तस्वीर भेजें, जिसमें प्लेट दिखे।",
        "A long one. ".repeat(20).leak(),
    ]);
    (1..40_usize).prop_flat_map(move |steps| {
        let way = (0..steps, 0..steps, words.clone(), 0..3000_i64);
        (prop::collection::vec(text.clone(), steps), prop::collection::vec(way, 0..90)).prop_map(
            |(texts, ways)| Sketch {
                steps: texts
                    .iter()
                    .enumerate()
                    .map(|(at, text)| (StepId(format!("s{at}")), (*text).to_owned()))
                    .collect(),
                ways: ways
                    .into_iter()
                    .map(|(from, to, when, went)| (from, to, when.to_owned(), (went - 1500).max(0)))
                    .collect(),
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Boxes and words touch nothing, ways end at their boxes and run through no other, all is inside, and it is
    /// drawn the same every time.
    #[test]
    fn nothing_stands_on_anything_else(sketch in sketch()) {
        sketch.drawn(|drawing| {
            holds(drawing)?;
            lines_are_free(drawing)?;
            sketch.drawn(|again| {
                prop_assert_eq!(drawing, again);
                Ok(())
            })
        })?;
    }
}
