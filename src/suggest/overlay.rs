//! Suggestions as a pack over the present one: only what differs, with the evidence beside it.

use super::learn::Scoring;
use super::line::Line;
use super::separate::{Kind, Separator};
use super::sheet::{Criterion, Sheet};
use super::words::{self, percent, probability, sentence, short};
use super::{By, Change, Suggestions};

/// What the overlay is called, what it extends, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// `pack.name`
    pub name: String,
    /// `pack.extends`
    pub extends: String,
    /// The pack that was judged, with version and hash.
    pub judged: String,
    /// The as-of date.
    pub as_of: String,
}

/// The overlay; `None` if nothing is suggested.
#[must_use]
pub fn overlay(sheet: &Sheet, found: &Suggestions, heading: &Heading) -> Option<String> {
    if !found.any() {
        return None;
    }
    let mut out = Text::default();
    out.comment(&format!(
        "Suggested by `regain suggest` for {} as of {}, from what came of {} contacts: {} returned. Read it, try it with \
         `regain diff`, and change what you know better: nothing here is in force unless this folder is run.",
        heading.judged, heading.as_of, found.contacted.of, found.contacted.hits
    ));
    out.line("");
    out.line("[pack]");
    out.line(&format!("name = {}", quoted(&heading.name)));
    out.line("version = \"0.1.0\"");
    out.line(&format!("extends = {}", quoted(&heading.extends)));
    if let Some(change) = found.better() {
        out.line("");
        out.comment(&gained(change, found, sheet));
        criteria(&mut out, sheet, found, change);
        lines(&mut out, sheet, change);
    }
    if let Some(threshold) = found.better_threshold() {
        let money = money(&sheet.currency);
        out.line("");
        let kind = if threshold.incremental { "incremental profit" } else { "profit, all returns counted as ours" };
        out.comment(&format!(
            "{} with a priority from {} to {} brought {} each ({kind}). Not contacting them {}, cross-validated. \
             Nothing is known of those below {}, who were not contacted.",
            words::customers(threshold.below),
            short(threshold.setting.value),
            short(threshold.new),
            threshold.each.map_or_else(|| "little".to_owned(), |e| format!("{}{money}", words::money(e.value))),
            words::gained_or_lost(threshold.gain, &sheet.currency),
            short(threshold.setting.value),
        ));
        out.line(&format!("[params.{}]", key(&threshold.setting.name)));
        out.line(&format!("value = {}    # was {}", number(threshold.new), number(threshold.setting.value)));
    }
    contrary(&mut out, sheet, found);
    candidates(&mut out, sheet, found);
    Some(out.0)
}

/// `, EUR`-less money: ` EUR`, or nothing.
fn money(currency: &str) -> String {
    if currency.is_empty() { String::new() } else { format!(" {currency}") }
}

/// What the change brings, in a sentence.
#[must_use]
pub fn gained(change: &Change, found: &Suggestions, sheet: &Sheet) -> String {
    let Some(gain) = &change.gain else { return String::new() };
    let is_ranking = std::ptr::eq(change, &raw const found.ranking);
    let mut parts = Vec::new();
    if let Some(incremental) = gain.incremental.as_ref().filter(|_| is_ranking && found.by == By::Profit) {
        let interval = incremental.gain.interval(0.05);
        parts.push(format!(
            "incremental profit of {} contacts {} instead of {}{}, {} {} (95 %: {} to {})",
            incremental.contacts,
            words::money(incremental.profit.1.value),
            words::money(incremental.profit.0.value),
            money(&sheet.currency),
            words::money(incremental.gain.value.abs()),
            if incremental.gain.value < 0.0 { "less" } else { "more" },
            words::money(interval.low),
            words::money(interval.high)
        ));
    }
    if is_ranking {
        let interval = gain.area_gain.interval(0.05);
        parts.push(format!(
            "those who returned are told from the others with an AUC of {:.3} instead of {:.3}, {:+.3} (95 %: {:+.3} to {:+.3})",
            gain.area.1.value, gain.area.0.value, gain.area_gain.value, interval.low, interval.high
        ));
        if let Some(top) = &gain.top {
            let interval = top.rate_gain.interval(0.05);
            parts.push(format!(
                "of the best {} {} returned instead of {} ({:+.1} to {:+.1} points)",
                top.contacts,
                percent(top.rate.1),
                percent(top.rate.0),
                interval.low * 100.0,
                interval.high * 100.0
            ));
        }
    }
    if let Some((now, new, by)) = gain.loss {
        let interval = by.interval(0.05);
        parts.push(format!(
            "log loss of the probabilities {new:.4} instead of {now:.4}, {:+.4} lower ({:+.4} to {:+.4})",
            by.value, interval.low, interval.high
        ));
    }
    let what = if is_ranking { "Gain of the new curves and weights" } else { "Gain of the new probabilities" };
    let warning = if found.by == By::Returns && is_ranking {
        " Returns, not incremental profit: some would have come anyway."
    } else {
        ""
    };
    format!("{what}, cross-validated: {}.{warning}", parts.join("; "))
}

fn evidence(found: &Suggestions, at: usize) -> Option<&Separator> {
    found.separators.iter().find(|s| s.kind == Kind::Criterion(at))
}

/// What is known of the value a criterion looks at, if it is a column of its own.
fn behind<'a>(found: &'a Suggestions, criterion: &Criterion) -> Option<&'a Separator> {
    found.separators.iter().find(|s| matches!(s.kind, Kind::Number(_)) && s.name == criterion.looks_at)
}

fn criteria(out: &mut Text, sheet: &Sheet, found: &Suggestions, change: &Change) {
    for (at, criterion) in sheet.criteria.iter().enumerate() {
        let scoring = change.rules.scorings.get(at).unwrap_or(&Scoring::Keep);
        let weight = change.rules.weights.get(at).copied().unwrap_or(criterion.weight);
        if *scoring == Scoring::Keep && weight == criterion.weight {
            continue;
        }
        out.line("");
        if let Some(separator) = behind(found, criterion).or_else(|| evidence(found, at)) {
            out.comment(&format!(
                "{}: {} customers, {} returned; {}; p {} (Holm)",
                criterion.label,
                separator.known.of,
                separator.known.hits,
                sentence(separator),
                probability(separator.p)
            ));
            if separator.bands.len() > 1 {
                let rates: Vec<String> = separator
                    .bands
                    .iter()
                    .map(|b| format!("{}: {}", words::values(&b.values), percent(b.share.rate())))
                    .collect();
                out.comment(&format!("returned: {}", rates.join(", ")));
            }
        }
        if weight < 0.15 && criterion.weight > weight {
            out.comment("no effect of its own was seen beside the others; `remove = true` would drop it");
        }
        out.line(&format!("[criteria.{}]", key(&criterion.name)));
        match scoring {
            Scoring::Keep => {}
            Scoring::Curve(points) => {
                let points: Vec<String> =
                    points.iter().map(|(x, y)| format!("[{}, {}]", number(*x), number(*y))).collect();
                out.line(&format!("curve = [{}]    # was {}", points.join(", "), criterion.now));
            }
            Scoring::Map(map) => {
                let pairs: Vec<String> = map.iter().map(|(t, s)| format!("{} = {}", key(t), number(*s))).collect();
                out.line(&format!("map = {{ {} }}", pairs.join(", ")));
            }
        }
        if weight != criterion.weight {
            out.line(&format!("weight = {}    # was {}", number(weight), number(criterion.weight)));
        }
    }
}

fn lines(out: &mut Text, sheet: &Sheet, change: &Change) {
    for (pair, line) in sheet.pairs.iter().zip(&change.rules.lines) {
        let Some(line) = line else { continue };
        out.line("");
        out.comment(&line_evidence(line));
        for (setting, new) in [(&pair.base, line.base), (&pair.per_point, line.per_point)] {
            if new == setting.value {
                continue;
            }
            out.line(&format!("[params.{}]", key(&setting.name)));
            out.line(&format!("value = {}    # was {}", number(new), number(setting.value)));
        }
    }
}

/// What a line rests on.
#[must_use]
pub fn line_evidence(line: &Line) -> String {
    let (base, per_point) = (line.base_fit.interval(0.05), line.per_point_fit.interval(0.05));
    // Parameters have bounds, and the one that is held by them moves the other.
    let moved = |fit: f64, written: f64| (fit - written).abs() > 2e-4;
    let bounds = if moved(line.base_fit.value, line.base) || moved(line.per_point_fit.value, line.per_point) {
        format!(
            "; written as {} and {}, the best fit within the bounds of the parameters",
            number(line.base),
            number(line.per_point)
        )
    } else {
        String::new()
    };
    format!(
        "probability of a return from {} contacts, {} returned: base {} (95 %: {} to {}), per point of chance {} ({} to {}){bounds}",
        line.rows,
        line.returned,
        short(line.base_fit.value),
        short(base.low),
        short(base.high),
        short(line.per_point_fit.value),
        short(per_point.low),
        short(per_point.high)
    )
}

/// Criteria that go against what came of it: shown, never turned.
fn contrary(out: &mut Text, sheet: &Sheet, found: &Suggestions) {
    for at in &found.contrary {
        let Some(criterion) = sheet.criteria.get(*at) else { continue };
        out.line("");
        let why = behind(found, criterion).or_else(|| evidence(found, *at)).map_or_else(String::new, sentence);
        out.comment(&format!(
            "{} goes against what came of it: {why}. Is it scored the wrong way round, or does it stand for something else? Turn it \
             or drop it; nothing is done about it here:",
            criterion.label
        ));
        out.line(&format!("# [criteria.{}]", key(&criterion.name)));
        out.line("# remove = true");
    }
}

/// Columns that separate clearly and that no criterion looks at: worth a thought.
fn candidates(out: &mut Text, sheet: &Sheet, found: &Suggestions) {
    let looked_at = |name: &str| sheet.criteria.iter().any(|c| c.looks_at == name);
    let new: Vec<&Separator> = found
        .separators
        .iter()
        .filter(|s| matches!(s.kind, Kind::Number(_)) && s.is_clear() && s.slope().is_some() && !looked_at(&s.name))
        .take(3)
        .collect();
    if new.is_empty() {
        return;
    }
    out.line("");
    out.comment("No criterion looks at these directly, and they separate; perhaps they are worth one:");
    for separator in new {
        out.comment(&format!("- {}; p {} (Holm)", sentence(separator), probability(separator.p)));
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

fn key(name: &str) -> String {
    toml_edit::Key::new(name).display_repr().into_owned()
}

fn number(x: f64) -> String {
    (x + 0.0).to_string()
}

/// Lines of a TOML file.
#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// A comment, wrapped at blanks.
    fn comment(&mut self, text: &str) {
        const WIDE: usize = 118;
        let mut line = String::from("#");
        for word in text.split_whitespace() {
            if line.chars().count() + 1 + word.chars().count() > WIDE && line.len() > 1 {
                self.line(&line);
                line = String::from("#");
            }
            line.push(' ');
            // A control character would end the comment.
            line.extend(word.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }));
        }
        self.line(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suggest::auc::Estimate;

    #[test]
    fn a_line_that_bounds_hold_is_said_as_it_is_written() {
        let fit = |value: f64| Estimate { value, error: 0.01 };
        let free =
            Line { base: 0.1, per_point: 0.02, base_fit: fit(0.1), per_point_fit: fit(0.02), rows: 100, returned: 30 };
        assert!(!line_evidence(&free).contains("written"));
        let held = Line { base: 0.0, per_point: 0.1175, base_fit: fit(-0.204), per_point_fit: fit(0.146), ..free };
        let said = line_evidence(&held);
        assert!(
            said.ends_with("; written as 0 and 0.1175, the best fit within the bounds of the parameters"),
            "{said}"
        );
    }
}
