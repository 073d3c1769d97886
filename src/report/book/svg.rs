//! Small pictures: how a number becomes a score, and bars. Drawn with the colour of the text around them.

use std::fmt::Write as _;

use maud::html;

use super::model::{Chart, Shape};
use super::number::number;

/// The whole picture.
const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 158.0;
/// The part in which scores are drawn.
const LEFT: f64 = 26.0;
const RIGHT: f64 = 326.0;
const TOP: f64 = 18.0;
const BOTTOM: f64 = 116.0;
/// Width of a character of a label, about.
const CHARACTER: f64 = 5.8;
/// If the narrowest gap between two numbers is less than this share of all, the numbers stand at equal distances.
const NARROW: f64 = 0.035;
/// The most characters below the axis.
const LABEL: usize = 54;
/// Said below the axis where it is so.
const EQUAL: &str = " (not to scale)";

/// A bar of so much of its full length.
pub(super) fn bar(share: f64) -> String {
    let width = if share.is_finite() { share.clamp(0.0, 1.0) * 60.0 } else { 0.0 };
    let width = format!("{width:.1}");
    html! {
        svg.bar viewBox="0 0 60 8" width="60" height="8" aria-hidden="true" {
            rect.rail x="0" y="1" width="60" height="6" rx="2" {}
            rect.fill x="0" y="1" width=(width) height="6" rx="2" {}
        }
    }
    .into_string()
}

/// Where a number stands between left and right.
struct Axis {
    /// The numbers that are marked, rising.
    marks: Vec<f64>,
    /// Where each stands.
    places: Vec<f64>,
    /// Whether distances are not those of the numbers.
    equal: bool,
}

impl Axis {
    /// `open` keeps room at either end for what lies outside.
    fn new(marks: Vec<f64>) -> Axis {
        let room = (RIGHT - LEFT) * 0.12;
        let (from, to) = (LEFT + room, RIGHT - room);
        let (low, high) = (marks.first().copied().unwrap_or(0.0), marks.last().copied().unwrap_or(0.0));
        // Halves, because the whole of a very long range is not a number.
        let range = high / 2.0 - low / 2.0;
        let gaps = marks.iter().zip(marks.iter().skip(1)).map(|(a, b)| b / 2.0 - a / 2.0);
        let narrowest = gaps.fold(f64::INFINITY, f64::min);
        let equal = marks.len() > 2 && (narrowest <= range * NARROW);
        let last = marks.len().saturating_sub(1);
        let places = marks
            .iter()
            .enumerate()
            .map(|(i, x)| match last {
                0 => f64::midpoint(from, to),
                last if equal => from + (to - from) * (i as f64 / last as f64),
                _ if range > 0.0 => from + (to - from) * ((x / 2.0 - low / 2.0) / range),
                _ => from,
            })
            .collect();
        Axis { marks, places, equal }
    }
}

fn height(score: f64) -> f64 {
    let score = if score.is_finite() { score.clamp(0.0, 10.0) } else { 0.0 };
    BOTTOM - (BOTTOM - TOP) * score / 10.0
}

/// The picture of a chart.
pub(super) fn chart(chart: &Chart) -> String {
    let mut path = String::new();
    let mut dots: Vec<(f64, f64, String)> = Vec::new();
    let axis = match &chart.shape {
        Shape::Curve(points) => {
            let axis = Axis::new(points.iter().map(|(x, _)| *x).collect());
            let ends = (points.first().map_or(0.0, |p| p.1), points.last().map_or(0.0, |p| p.1));
            let _ = write!(path, "M{LEFT:.1} {:.1}", height(ends.0));
            for (x, (_, score)) in axis.places.iter().zip(points) {
                let y = height(*score);
                let _ = write!(path, " L{x:.1} {y:.1}");
                dots.push((*x, y, number(*score)));
            }
            let _ = write!(path, " L{RIGHT:.1} {:.1}", height(ends.1));
            axis
        }
        Shape::Steps(bands, above) => {
            let axis = Axis::new(bands.iter().map(|(x, _)| *x).collect());
            let mut from = LEFT;
            let scores = bands.iter().map(|b| b.1).chain([*above]);
            let ends = axis.places.iter().copied().chain([RIGHT]);
            for (i, (to, score)) in ends.zip(scores).enumerate() {
                let y = height(score);
                let _ = write!(path, "{}{from:.1} {y:.1} L{to:.1} {y:.1}", if i == 0 { "M" } else { " L" });
                dots.push((f64::midpoint(from, to), y, number(score)));
                from = to;
            }
            axis
        }
    };
    let steps = matches!(chart.shape, Shape::Steps(..));
    let area = format!("{path} L{RIGHT:.1} {BOTTOM:.1} L{LEFT:.1} {BOTTOM:.1} Z");
    let marks: Vec<String> = axis.marks.iter().map(|x| number(*x)).collect();
    let shown = apart(&axis.places, &marks);
    let scores: Vec<String> = dots.iter().map(|dot| dot.2.clone()).collect();
    let score_places: Vec<f64> = dots.iter().map(|dot| dot.0).collect();
    let shown_scores = apart(&score_places, &scores);
    let label = axis_label(chart, axis.equal);
    let rows = chart.rows().into_iter().map(|(what, score)| format!("{what}: {}", number(score)));
    let alt = format!("Score by {}. {}", chart.label, rows.collect::<Vec<_>>().join("; "));
    let f = |x: f64| format!("{x:.1}");
    html! {
        svg.chart viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(alt) {
            @for score in [0.0, 5.0, 10.0] {
                line.grid x1=(f(LEFT)) x2=(f(RIGHT)) y1=(f(height(score))) y2=(f(height(score))) {}
                text.tick x=(f(LEFT - 5.0)) y=(f(height(score) + 3.5)) text-anchor="end" { (number(score)) }
            }
            path.area d=(area) {}
            @for (x, (mark, shown)) in axis.places.iter().zip(marks.iter().zip(&shown)) {
                line.mark x1=(f(*x)) x2=(f(*x)) y1=(f(BOTTOM)) y2=(f(BOTTOM + 4.0)) {}
                @if *shown { text.tick x=(f(*x)) y=(f(BOTTOM + 15.0)) text-anchor="middle" { (mark) } }
            }
            @if let Some(score) = chart.missing {
                line.missing x1=(f(LEFT)) x2=(f(RIGHT)) y1=(f(height(score))) y2=(f(height(score))) {}
                text.tick.missing x=(f(RIGHT)) y=(f(beside(height(score), &dots))) text-anchor="end" { "unknown: " (number(score)) }
            }
            path.line d=(path) {}
            @for ((x, y, score), shown) in dots.iter().zip(&shown_scores) {
                @if !steps { circle.dot cx=(f(*x)) cy=(f(*y)) r="2.8" {} }
                @if *shown { text.score x=(f(*x)) y=(f(y - 6.0)) text-anchor="middle" { (score) } }
            }
            text.axis x=(f(f64::midpoint(LEFT, RIGHT))) y=(f(HEIGHT - 8.0)) text-anchor="middle" { (label) }
        }
    }
    .into_string()
}

/// What the numbers are, as long as there is room.
fn axis_label(chart: &Chart, equal: bool) -> String {
    let unit = if chart.unit.is_empty() { String::new() } else { format!(", {}", chart.unit) };
    let after = format!("{unit}{}", if equal { EQUAL } else { "" });
    let room = LABEL.saturating_sub(after.chars().count());
    if chart.label.chars().count() <= room {
        return format!("{}{after}", chart.label);
    }
    let cut: String = chart.label.chars().take(room.saturating_sub(1)).collect();
    format!("{}…{after}", cut.trim_end())
}

/// A place for words above a line, or below it where something is drawn at the right end.
fn beside(y: f64, dots: &[(f64, f64, String)]) -> f64 {
    let crowded = dots.last().is_some_and(|(_, last, _)| (last - y).abs() < 22.0 && *last <= y);
    if crowded && y + 12.0 < BOTTOM { y + 11.0 } else { y - 4.0 }
}

/// Which labels can be shown without touching: the first, the last, and what fits between.
fn apart(places: &[f64], labels: &[String]) -> Vec<bool> {
    let half = |label: &String| label.chars().count() as f64 * CHARACTER / 2.0 + 2.0;
    let mut shown = vec![false; places.len()];
    let last_start = places.last().zip(labels.last()).map_or(f64::INFINITY, |(x, label)| x - half(label));
    let mut end = f64::NEG_INFINITY;
    let n = places.len();
    for (i, ((x, label), shown)) in places.iter().zip(labels).zip(&mut shown).enumerate() {
        let fits = x - half(label) >= end;
        let is_last = i + 1 == n;
        if i == 0 || (fits && (is_last || x + half(label) <= last_start)) {
            *shown = true;
            end = x + half(label);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn curve(points: &[(f64, f64)]) -> String {
        chart(&Chart {
            label: "x".to_owned(),
            unit: String::new(),
            shape: Shape::Curve(points.to_vec()),
            missing: Some(5.0),
        })
    }

    #[test]
    fn no_points_one_point_and_huge_ranges_are_drawn_inside_the_picture() {
        let many: Vec<(f64, f64)> = (0..60).map(|i| (f64::from(i), f64::from(i) / 6.0)).collect();
        let places = regex::Regex::new(r#"cx="([^"]*)""#).unwrap();
        for points in [
            &[][..],
            &[(3.0, 7.0)],
            &[(-1e308, 0.0), (1e308, 10.0)],
            &[(-5.0, 10.0), (-1.0, 0.0)],
            &[(0.0, 0.0), (1.0, 5.0), (1e12, 10.0)],
            &many,
        ] {
            let text = curve(points);
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
            for place in places.captures_iter(&text) {
                let x: f64 = place[1].parse().unwrap();
                assert!((LEFT..=RIGHT).contains(&x), "{x}");
            }
        }
        assert!(curve(&[(0.0, 0.0), (1.0, 5.0), (1e12, 10.0)]).contains("not to scale"));
        assert!(!curve(&[(0.0, 0.0), (0.5, 10.0)]).contains("not to scale"));
    }

    #[test]
    fn labels_do_not_touch() {
        let labels: Vec<String> = ["10", "11", "12", "13"].map(str::to_owned).to_vec();
        assert_eq!(apart(&[10.0, 12.0, 14.0, 200.0], &labels), [true, false, false, true]);
    }
}
