//! Compares what was decided with what was expected.

use super::known::word;
use super::model::{About, Expectation, Expected};
use super::run::Prepared;
use crate::check::sample::{literal, quoted};
use crate::diag::Span;
use crate::expr::{Date, Row as _, Value};
use crate::pack::{Campaign, Limit, Pack};
use crate::stage::{Decision, holds, prevention, second_life, suppressed_because, term};

/// An expectation that is not met.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// Its place in [`super::model::Step::expect`].
    pub expectation: usize,
    /// About what.
    pub about: About,
    /// The word it is written with: `state`, `score.payment`.
    pub name: String,
    /// What was expected, as it is written in a case.
    pub expected: String,
    /// What was decided instead, as it would be written in a case.
    pub actual: String,
    /// What was decided instead.
    pub found: Actual,
    /// Where the expectation is written.
    pub span: Span,
}

/// What was decided about something.
#[derive(Debug, Clone, PartialEq)]
pub enum Actual {
    /// One value, perhaps missing.
    Value(Value),
    /// The suppression that holds, by name.
    Suppressed(Option<String>),
    /// Several texts.
    Texts(Vec<String>),
}

/// What was decided about something.
#[must_use]
pub fn actual(pack: &Pack, decision: &Decision, about: &About) -> Actual {
    let best = decision.best.and_then(|i| pack.campaigns.get(i));
    let planned = decision.best.and_then(|i| decision.campaigns.get(i));
    let text = |text: Option<&String>| Actual::Value(text.map_or(Value::Missing, |t| Value::text(t.as_str())));
    let number = |x: Option<f64>| Actual::Value(x.map_or(Value::Missing, Value::number));
    match about {
        About::Name(slot) => Actual::Value(decision.values.get(*slot)),
        About::StateRule => text(decision.state.and_then(|i| pack.states.get(i)).map(|s| &s.name)),
        About::Suppressed => {
            Actual::Suppressed(decision.suppressed.and_then(|i| pack.suppress.get(i)).map(|s| s.name.clone()))
        }
        About::Campaign => text(best.map(|c| &c.name)),
        About::Candidates => Actual::Texts(
            pack.campaigns
                .iter()
                .zip(&decision.campaigns)
                .filter(|(_, d)| d.obstacles.is_empty())
                .map(|(c, _)| c.name.clone())
                .collect(),
        ),
        About::Contact => Actual::Value(Value::Bool(best.is_some())),
        About::Offer => text(best.and_then(|c| c.offer.as_ref())),
        About::Channel => text(best.and_then(|c| c.channel.as_ref())),
        About::Speaker => text(best.and_then(|c| c.speaker.as_ref())),
        About::SendOn => Actual::Value(planned.and_then(|p| p.send_on).map_or(Value::Missing, Value::Date)),
        About::Net => number(planned.and_then(|p| p.net)),
        About::Reasons => {
            let suppressed = decision
                .suppressed
                .and_then(|i| pack.suppress.get(i))
                .map(|rule| suppressed_because(pack, rule, &decision.values));
            Actual::Texts(decision.reasons.iter().cloned().chain(suppressed).collect())
        }
        About::FollowUps => {
            let due = decision.followups.iter().filter_map(|i| pack.followups.get(*i));
            Actual::Texts(due.map(|f| f.name.clone()).collect())
        }
        About::Warnings => {
            let list = pack.prevention.iter().flat_map(|p| &p.warnings).enumerate();
            Actual::Texts(list.filter(|(i, _)| decision.warnings.contains(i)).map(|(_, w)| w.name.clone()).collect())
        }
        About::Prevention(key) => Actual::Value(prevention::loss(pack, decision).value(key)),
        About::SecondLife(key) => Actual::Value(second_life::value(pack, decision, key)),
        About::Plan(key) => Actual::Value(match best {
            Some(campaign) => term(pack, &decision.values, campaign, key),
            None => Value::Missing,
        }),
        About::Limits => {
            let limits = pack.planning.iter().flat_map(|plan| &plan.limits);
            let counts = limits.filter(|limit| best.is_some_and(|campaign| counted(pack, decision, limit, campaign)));
            Actual::Texts(counts.map(Limit::full_name).collect())
        }
        About::Money => number(decision.money),
        About::Overridden => Actual::Texts(decision.told.because.iter().cloned().collect()),
    }
}

/// Whether a contact by a campaign counts against a limit.
fn counted(pack: &Pack, decision: &Decision, limit: &Limit, campaign: &Campaign) -> bool {
    limit.scope.has(campaign) && holds(pack, limit.when.as_ref(), &decision.values)
}

/// The expectations that are not met, in the order written.
#[must_use]
pub fn judge(prepared: &Prepared, decision: &Decision, expectations: &[Expectation]) -> Vec<Mismatch> {
    judge_with(&prepared.pack, decision, expectations)
}

/// As [`judge`], with the pack alone.
#[must_use]
pub fn judge_with(pack: &Pack, decision: &Decision, expectations: &[Expectation]) -> Vec<Mismatch> {
    let mut list = Vec::new();
    for (place, expectation) in expectations.iter().enumerate() {
        let found = actual(pack, decision, &expectation.about);
        if met(&expectation.about, &expectation.expected, &found) {
            continue;
        }
        list.push(Mismatch {
            expectation: place,
            about: expectation.about.clone(),
            name: word(pack, &expectation.about),
            expected: written(&expectation.about, &expectation.expected),
            actual: shown(&expectation.about, &found, &expectation.expected),
            found,
            span: expectation.span,
        });
    }
    list
}

/// Whether an expectation is met.
#[must_use]
pub fn met(about: &About, expected: &Expected, actual: &Actual) -> bool {
    match actual {
        Actual::Value(value) => value_meets(expected, value),
        Actual::Suppressed(by) => match expected {
            Expected::Value(Value::Bool(wanted), _) => *wanted == by.is_some(),
            Expected::Value(Value::Text(name), _) => by.as_deref() == Some(name),
            Expected::OneOf(names) => by.as_ref().is_some_and(|by| names.contains(by)),
            Expected::Any => by.is_some(),
            Expected::Missing => by.is_none(),
            Expected::Value(..) | Expected::Range(..) | Expected::AllOf(_) | Expected::Exactly(_) => false,
        },
        Actual::Texts(texts) => match expected {
            Expected::AllOf(wanted) if about.is_sentence() => {
                wanted.iter().all(|part| texts.iter().any(|text| text.contains(part)))
            }
            Expected::AllOf(wanted) => wanted.iter().all(|name| texts.contains(name)),
            Expected::Exactly(wanted) => {
                wanted.iter().all(|name| texts.contains(name)) && texts.iter().all(|name| wanted.contains(name))
            }
            Expected::Any => !texts.is_empty(),
            Expected::Missing => texts.is_empty(),
            Expected::Value(..) | Expected::Range(..) | Expected::OneOf(_) => false,
        },
    }
}

fn value_meets(expected: &Expected, value: &Value) -> bool {
    match (expected, value) {
        (Expected::Any, value) => !value.is_missing(),
        (Expected::Missing, value) => value.is_missing(),
        (Expected::Value(Value::Number(wanted), Some(places)), Value::Number(x)) => close(*wanted, *x, *places),
        (Expected::Value(wanted, _), value) => wanted == value,
        (Expected::Range(low, high), value) => {
            let at_least = |low: &Value| match (low, value) {
                (Value::Number(low), Value::Number(x)) => x >= low,
                (Value::Date(low), Value::Date(day)) => day >= low,
                _ => false,
            };
            let at_most = |high: &Value| match (high, value) {
                (Value::Number(high), Value::Number(x)) => x <= high,
                (Value::Date(high), Value::Date(day)) => day <= high,
                _ => false,
            };
            low.as_ref().is_none_or(at_least) && high.as_ref().is_none_or(at_most)
        }
        (Expected::OneOf(texts), Value::Text(text)) => texts.iter().any(|t| t.as_str() == &**text),
        (Expected::OneOf(_) | Expected::AllOf(_) | Expected::Exactly(_), _) => false,
    }
}

/// Whether a number rounds to what is written with so many decimals. The bound is a hair wider than half a unit, because neither
/// number has an exact decimal form.
fn close(written: f64, x: f64, places: u8) -> bool {
    let half = 0.5 * 10f64.powi(-i32::from(places));
    (written - x).abs() <= half * (1.0 + 1e-9)
}

/// An expectation as it is written in a case.
#[must_use]
pub fn written(about: &About, expected: &Expected) -> String {
    match expected {
        Expected::Value(Value::Number(x), Some(places)) if *places < 9 => format!("{x:.*}", usize::from(*places)),
        Expected::Value(value, _) => literal(value),
        Expected::Range(low, high) => {
            let low = low.as_ref().map(|v| format!("min = {}", literal(v)));
            let high = high.as_ref().map(|v| format!("max = {}", literal(v)));
            let bounds: Vec<String> = low.into_iter().chain(high).collect();
            format!("{{ {} }}", bounds.join(", "))
        }
        Expected::OneOf(texts) | Expected::AllOf(texts) => texts_literal(texts),
        Expected::Exactly(texts) => format!("{{ exactly = {} }}", texts_literal(texts)),
        Expected::Any => "\"any\"".to_owned(),
        Expected::Missing if named(about) => "\"none\"".to_owned(),
        Expected::Missing => "\"missing\"".to_owned(),
    }
}

/// Of names it is said that there is none; of values, that they are missing.
pub(super) fn named(about: &About) -> bool {
    matches!(
        about,
        About::StateRule
            | About::Campaign
            | About::Candidates
            | About::Offer
            | About::Channel
            | About::Speaker
            | About::FollowUps
            | About::Overridden
            | About::Warnings
            | About::Limits
            | About::Suppressed
    )
}

/// A list of texts.
pub(super) fn texts_literal(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|t| quoted(t)).collect();
    format!("[{}]", quoted.join(", "))
}

/// What was decided, as it would be written in a case; a number with so many decimals that it differs from what was expected.
#[must_use]
pub fn shown(about: &About, actual: &Actual, expected: &Expected) -> String {
    match actual {
        Actual::Value(Value::Missing) if named(about) => "\"none\"".to_owned(),
        Actual::Texts(texts) if texts.is_empty() => "\"none\"".to_owned(),
        Actual::Value(Value::Number(x)) => number(*x, expected),
        Actual::Value(value) => literal(value),
        Actual::Suppressed(Some(name)) => quoted(name),
        Actual::Suppressed(None) => "false".to_owned(),
        Actual::Texts(texts) => texts_literal(texts),
    }
}

fn number(x: f64, expected: &Expected) -> String {
    let least = match expected {
        Expected::Value(_, Some(places)) if *places < 9 => *places,
        _ => 2,
    };
    for places in least.max(2)..12 {
        let text = format!("{x:.*}", usize::from(places));
        let Ok(rounded) = text.parse::<f64>() else { break };
        // Rounding must neither meet the expectation nor hide a small value.
        if !value_meets(expected, &Value::number(rounded)) && (rounded != 0.0 || x == 0.0) {
            let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
            return text.to_owned();
        }
    }
    x.to_string()
}

/// A value as an expectation with so many decimals: for rewriting a case.
pub(super) fn rewritten(value: &Value, places: Option<u8>) -> String {
    match (value, places) {
        (Value::Number(x), Some(places)) if places < 9 => format!("{x:.*}", usize::from(places)),
        // Written without a fraction, and it has one now.
        (Value::Number(x), _) if (x - x.round()).abs() > 5e-10 => {
            let text = format!("{x:.6}");
            text.trim_end_matches('0').to_owned()
        }
        (Value::Number(x), _) => format!("{x:.0}"),
        (Value::Date(day), _) => Date::to_string(day),
        (value, _) => literal(value),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn exact(x: f64, places: u8) -> Expected {
        Expected::Value(Value::number(x), Some(places))
    }

    #[test]
    fn numbers_are_compared_at_the_decimals_written() {
        for (wanted, places, x, expected) in [
            (7.3, 1, 7.2961, true),
            (7.3, 1, 7.2499, false),
            (7.3, 1, 7.35, true),
            (7.0, 9, 7.0 + 4e-10, true),
            (7.0, 9, 7.01, false),
            (0.3, 1, 0.1 + 0.2, true),
            (1e300, 9, 1e300, true),
        ] {
            assert_eq!(value_meets(&exact(wanted, places), &Value::number(x)), expected, "{wanted} {x}");
        }
        assert!(!value_meets(&exact(7.0, 9), &Value::Missing));
        assert!(value_meets(&Expected::Range(Some(Value::number(6.0)), None), &Value::number(6.0)));
        assert!(!value_meets(&Expected::Range(None, Some(Value::number(6.0))), &Value::Missing));
    }

    #[test]
    fn what_is_shown_differs_from_what_was_expected() {
        for (x, expected, text) in [
            // 7.25 would meet it.
            (7.2499, exact(7.3, 1), "7.2499"),
            (7.2499, exact(7.25, 9), "7.2499"),
            (8.0, exact(7.0, 9), "8"),
            (7.000_000_1, exact(7.0, 9), "7.0000001"),
            (0.000_3, exact(2.0, 9), "0.0003"),
            (9.996, Expected::Range(Some(Value::number(10.0)), None), "9.996"),
        ] {
            assert_eq!(number(x, &expected), text, "{x}");
        }
        assert_eq!(rewritten(&Value::number(7.2499), Some(1)), "7.2");
        assert_eq!(rewritten(&Value::number(7.5), Some(9)), "7.5");
        assert_eq!(rewritten(&Value::number(8.0), Some(9)), "8");
        assert_eq!(rewritten(&Value::text("a\"b"), None), "\"a\\\"b\"");
    }

    #[test]
    fn reasons_are_parts_and_names_are_whole() {
        let texts = Actual::Texts(vec!["silent for 200 days; said the price was too high".to_owned()]);
        let wanted = |list: &[&str]| Expected::AllOf(list.iter().map(|t| (*t).to_owned()).collect());
        assert!(met(&About::Reasons, &wanted(&["price", "200 days"]), &texts));
        assert!(!met(&About::Reasons, &wanted(&["price", "300 days"]), &texts));
        assert!(!met(&About::FollowUps, &wanted(&["price"]), &texts));
        assert!(met(&About::FollowUps, &Expected::Missing, &Actual::Texts(Vec::new())));
        let names = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let exactly = |wanted: &[&str], found: &[&str]| {
            met(&About::FollowUps, &Expected::Exactly(names(wanted)), &Actual::Texts(names(found)))
        };
        assert!(exactly(&["a", "b"], &["b", "a"]));
        assert!(!exactly(&["a"], &["b", "a"]));
        assert!(!exactly(&["a", "b"], &["a"]));
    }
}
