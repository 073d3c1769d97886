#![doc = include_str!("manual/RG0521.md")]
#![doc = include_str!("manual/RG0522.md")]

use super::logic::{Range, Ranges};
use super::places::{entry, span_of};
use super::{Level, Lint, Subject};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Expr, Type};
use crate::pack::raw::Raw;
use crate::pack::{Band, Criterion, Method, Pack};

/// A score that is cut off.
pub const OUT_OF_RANGE: Lint = Lint {
    code: code::SCORE_OUT_OF_RANGE,
    name: "score_out_of_range",
    level: Level::Warn,
    what: "a `score` that can leave 0 to 10 and is then cut off",
    run: out_of_range,
};

/// A criterion with a ceiling.
pub const TOP_UNREACHABLE: Lint = Lint {
    code: code::TOP_UNREACHABLE,
    name: "top_unreachable",
    level: Level::Warn,
    what: "a criterion in which nobody can score 10",
    run: top_unreachable,
};

/// The highest score.
const TOP: f64 = 10.0;
/// Differences below this come from the arithmetic.
const TINY: f64 = 1e-9;
/// Bounds beyond this are those of the calendar, or none at all: they say that nothing is known.
const FAR: f64 = 1000.0;

fn out_of_range(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let ranges = Ranges::new(pack);
    for criterion in &pack.criteria {
        let Method::Score(rule) = &criterion.method else { continue };
        let range = ranges.of(&rule.expr);
        let known = bounded_parts(pack, &ranges, &rule.expr);
        let over = range.max > TOP + TINY && (range.max < FAR || known);
        let under = range.min < -TINY && (range.min > -FAR || known);
        if !range.may_be_there || !(over || under) {
            continue;
        }
        let message = format!("the score of criterion `{}` can leave 0 to 10 and is cut off there", criterion.name);
        let text = &rule.text;
        found.push(
            Diagnostic::warning(code::SCORE_OUT_OF_RANGE, rule.span, message)
                .label(between(range))
                .help(format!("if the cut is meant, say so: `clamp({text}, 0, 10)`; else scale it"))
                .help("a `value` with a `curve` shows at a glance what scores how much"),
        );
    }
}

/// `between -3 and 14`, `up to any number`.
fn between(range: Range) -> String {
    let side = |x: f64| format!("{}", (x * 1000.0).round() / 1000.0);
    match (range.min > -FAR, range.max < FAR) {
        (true, true) => format!("between {} and {}", side(range.min), side(range.max)),
        (true, false) => format!("from {} without end", side(range.min)),
        (false, true) => format!("up to {}, and down without end", side(range.max)),
        (false, false) => "any number".to_owned(),
    }
}

/// Whether something is known about every number it reads, so that an endless range is more than ignorance: a count grows, of a
/// column nobody knows.
fn bounded_parts(pack: &Pack, ranges: &Ranges, expr: &Expr) -> bool {
    let slots = expr.slots();
    let mut numbers = slots.iter().filter(|slot| pack.names.get(**slot).ty == Type::Number).peekable();
    numbers.peek().is_some()
        && numbers.all(|slot| {
            let range = ranges.name(*slot);
            range.min > -FAR || range.max < FAR
        })
}

fn top_unreachable(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let ranges = Ranges::new(pack);
    for criterion in &pack.criteria {
        let (key, best, why) = match &criterion.method {
            Method::Score(rule) => {
                let range = ranges.of(&rule.expr);
                if !range.may_be_there {
                    continue;
                }
                ("score", range.max, None)
            }
            Method::Bands(rule, bands) => best_band(pack, criterion, bands, ranges.of(&rule.expr)),
            Method::Curve(rule, points) => best_point(pack, criterion, points, ranges.of(&rule.expr)),
            Method::Map(_, map, otherwise) => {
                ("map", map.iter().map(|(_, score)| *score).chain(*otherwise).fold(0.0, f64::max), None)
            }
            Method::Rank(..) => continue,
        };
        if best >= TOP - TINY {
            continue;
        }
        let written = entry(&pack.tree, &["criteria", &criterion.name, key]);
        let written = written.or_else(|| entry(&pack.tree, &["criteria", &criterion.name, "plugin"]));
        let at = written.map_or(criterion.span, |entry| {
            // Of a table (a map) the header or key is enough.
            if matches!(entry.node.value, Raw::Table(_)) { entry.key } else { span_of(entry) }
        });
        let shown = (best * 1000.0).round() / 1000.0;
        let message = format!("nobody can score 10 in criterion `{}`: the best is {shown}", criterion.name);
        let mut diagnostic = Diagnostic::warning(code::TOP_UNREACHABLE, at, message);
        if let Some((span, text)) = why {
            diagnostic = diagnostic.related(span, text);
        }
        found.push(diagnostic.help("10 is what the best customers get, in every criterion; with a lower ceiling this one weighs less than its `weight` says"));
    }
}

/// What a search for the best score gives: the key it is written under, the score, and a place with a reason.
type Best = (&'static str, f64, Option<(Span, String)>);

fn best_band(pack: &Pack, criterion: &Criterion, bands: &[Band], value: Range) -> Best {
    let mut best: f64 = 0.0;
    let mut lost: Option<(usize, f64)> = None;
    let mut from = f64::NEG_INFINITY;
    for (index, band) in bands.iter().enumerate() {
        let below = band.below.unwrap_or(f64::INFINITY);
        if value.min < below && value.max >= from {
            best = best.max(band.score);
        } else if lost.is_none_or(|(_, score)| band.score > score) {
            lost = Some((index, band.score));
        }
        from = below;
    }
    let why = lost.filter(|(_, score)| *score > best).and_then(|(index, score)| {
        let at = part(pack, criterion, "bands", index)?;
        Some((at, format!("the band of {score} is never reached: {}", reach(value))))
    });
    ("bands", best, why)
}

fn best_point(pack: &Pack, criterion: &Criterion, points: &[(f64, f64)], value: Range) -> Best {
    let inside = points.iter().filter(|(x, _)| (value.min..=value.max).contains(x)).map(|(_, y)| *y);
    let ends = [value.min, value.max].into_iter().map(|x| on_curve(points, x));
    let best = inside.chain(ends).fold(0.0, f64::max);
    let top = points.iter().enumerate().max_by(|(_, a), (_, b)| a.1.total_cmp(&b.1));
    let why = top.filter(|(_, point)| point.1 > best + TINY).and_then(|(index, point)| {
        let at = part(pack, criterion, "curve", index)?;
        Some((at, format!("the {} of this point is never reached: {}", point.1, reach(value))))
    });
    ("curve", best, why)
}

/// The score of a curve at a value; flat outside of its points.
fn on_curve(points: &[(f64, f64)], x: f64) -> f64 {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return 0.0 };
    if x <= first.0 {
        return first.1;
    }
    if x >= last.0 {
        return last.1;
    }
    let score = points.windows(2).find_map(|pair| match pair {
        [(x0, y0), (x1, y1)] if (*x0..=*x1).contains(&x) => Some(y0 + (x - x0) * ((y1 - y0) / (x1 - x0))),
        _ => None,
    });
    score.unwrap_or(last.1)
}

fn reach(value: Range) -> String {
    let side = |x: f64| format!("{}", (x * 1000.0).round() / 1000.0);
    match (value.min.is_finite(), value.max.is_finite()) {
        (true, true) => format!("the value lies between {} and {}", side(value.min), side(value.max)),
        (true, false) => format!("the value is never below {}", side(value.min)),
        (false, true) => format!("the value is never above {}", side(value.max)),
        (false, false) => "the value is never there".to_owned(),
    }
}

/// The place of one band or point.
fn part(pack: &Pack, criterion: &Criterion, key: &str, index: usize) -> Option<Span> {
    match &entry(&pack.tree, &["criteria", &criterion.name, key])?.node.value {
        Raw::List(list) => list.get(index).map(|node| node.span),
        _ => None,
    }
}
