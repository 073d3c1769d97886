#![doc = include_str!("manual/RG0523.md")]

use super::places::{entry, span_of};
use super::{Level, Lint, Subject};
use crate::diag::{Diagnostic, Span, code};
use crate::pack::raw::Raw;
use crate::pack::{Band, Method, Pack};

/// A curve or bands that hold what changes nothing, or go up and down.
pub const LINT: Lint = Lint {
    code: code::BAD_CURVE,
    name: "bad_curve",
    level: Level::Warn,
    what: "a curve that goes up and down, or a point or band that changes nothing",
    run,
};

fn run(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    for criterion in &pack.criteria {
        match &criterion.method {
            Method::Curve(_, points) => {
                let places = places(pack, &criterion.name, "curve", criterion.span);
                let scores: Vec<f64> = points.iter().map(|(_, score)| *score).collect();
                turns(&criterion.name, "curve", &scores, &places, found);
                idle_points(points, &places, found);
            }
            Method::Bands(_, bands) => {
                let places = places(pack, &criterion.name, "bands", criterion.span);
                let scores: Vec<f64> = bands.iter().map(|band| band.score).collect();
                turns(&criterion.name, "bands", &scores, &places, found);
                idle_bands(bands, &places, found);
            }
            _ => {}
        }
    }
}

/// Where each point or band is written.
struct Places {
    all: Vec<Span>,
    whole: Span,
}

impl Places {
    fn of(&self, index: usize) -> Span {
        self.all.get(index).copied().unwrap_or(self.whole)
    }
}

fn places(pack: &Pack, criterion: &str, key: &str, otherwise: Span) -> Places {
    let Some(entry) = entry(&pack.tree, &["criteria", criterion, key]) else {
        return Places { all: Vec::new(), whole: otherwise };
    };
    let all = match &entry.node.value {
        Raw::List(list) => list.iter().map(|node| node.span).collect(),
        _ => Vec::new(),
    };
    Places { all, whole: span_of(entry) }
}

/// Scores that turn twice or more: one peak may be on purpose, a second is a slip of the pen.
fn turns(criterion: &str, key: &str, scores: &[f64], places: &Places, found: &mut Vec<Diagnostic>) {
    let mut turned = Vec::new();
    let mut direction = 0.0;
    for (index, pair) in scores.windows(2).enumerate() {
        let [a, b] = pair else { continue };
        if a == b {
            continue;
        }
        let now = (b - a).signum();
        if direction != 0.0 && now != direction {
            turned.push((index, now));
        }
        direction = now;
    }
    let [(first, down), rest @ ..] = turned.as_slice() else { return };
    if rest.is_empty() {
        return;
    }
    let word = |direction: f64| if direction > 0.0 { "rises again from here" } else { "falls again from here" };
    let verb = if key == "curve" { "goes" } else { "go" };
    let message = format!("the {key} of criterion `{criterion}` {verb} up and down: more turns than one");
    let mut diagnostic = Diagnostic::warning(code::BAD_CURVE, places.of(*first), message).label(word(*down));
    for (index, direction) in rest {
        diagnostic = diagnostic.related(places.of(*index), word(*direction));
    }
    found.push(
        diagnostic.help("one best value in the middle is fine; more of them are mostly a number in the wrong place"),
    );
}

/// Points on the straight line between their neighbours, and flat ends of more than one point.
fn idle_points(points: &[(f64, f64)], places: &Places, found: &mut Vec<Diagnostic>) {
    for (index, three) in points.windows(3).enumerate() {
        let [(x0, y0), (x1, y1), (x2, y2)] = three else { continue };
        let on_line = y0 + (x1 - x0) * ((y2 - y0) / (x2 - x0));
        if (on_line - y1).abs() <= 1e-9 {
            found.push(idle(
                places.of(index + 1),
                "this point changes nothing: it lies on the line between its neighbours",
            ));
        }
    }
    // Outside of its points a curve is flat anyway.
    if let [(_, y0), (_, y1), _, ..] = points
        && y0 == y1
        && points.len() > 2
    {
        found.push(idle(places.of(0), "this point changes nothing: before the next one the curve is flat anyway"));
    }
    if let [.., (_, y0), (_, y1)] = points
        && y0 == y1
        && points.len() > 2
        && points.iter().any(|(_, y)| y != y0)
    {
        found.push(idle(
            places.of(points.len() - 1),
            "this point changes nothing: after the one before the curve is flat anyway",
        ));
    }
}

/// Bands with the score of the next.
fn idle_bands(bands: &[Band], places: &Places, found: &mut Vec<Diagnostic>) {
    for (index, pair) in bands.windows(2).enumerate() {
        let [a, b] = pair else { continue };
        if a.score == b.score {
            let message = "this band changes nothing: the next has the same score";
            found.push(idle(places.of(index), message).related(places.of(index + 1), "the next"));
        }
    }
}

fn idle(at: Span, message: &str) -> Diagnostic {
    Diagnostic::warning(code::BAD_CURVE, at, message).help("take it away, or give it a score of its own")
}
