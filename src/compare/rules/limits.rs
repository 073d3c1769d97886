//! Numbers of a plan and of campaigns with what they count: `12 hours a week`, `10 %`, `14 days`.

use super::detail::{from_to, labelled, same, shown};
use crate::pack::format::Keys;
use crate::pack::raw::{Node, Raw, Table};
use crate::report::book::number;

/// Percentage points: an effect is a difference of shares.
const POINTS: &str = "percentage points";

/// What the numbers of a key count, where its table does not say so itself; empty if it is a bare number.
pub(super) fn unit(keys: &Keys, key: &str) -> &'static str {
    match (keys.noun, key) {
        ("`[plan]`", "holdout" | "significance" | "power" | "anyway")
        | ("reserve", "share")
        | ("campaign", "holdout" | "fade") => "share",
        ("campaign", "effect") => POINTS,
        ("`[plan]`", "horizon")
        | ("campaign", "within" | "again")
        | ("`[outcomes]`", "within")
        | ("`[prevention]`", "period") => "days",
        ("`[plan]`", "per_customer") => "contacts",
        _ => "",
    }
}

/// What a budget, a capacity or a volume counts, for which time: `hours a week`; `None` for what is none of these.
pub(super) fn of(keys: &Keys, table: &Table) -> Option<String> {
    let text = |key: &str| table.text(key).map(|text| text.text.as_str());
    let unit = match keys.noun {
        // In the pack's currency, which no budget says again.
        "budget" => "",
        "capacity" | "volume" => text("unit").unwrap_or("contacts"),
        _ => return None,
    };
    let each = text("per").filter(|per| *per != "plan").map(|per| format!(" a {per}"));
    Some(format!("{unit}{}", each.unwrap_or_default()).trim_start().to_owned())
}

/// What is said about `most` and `least`, and whether that says the unit and the time as well.
pub(super) fn amounts(keys: &Keys, old: Option<&Table>, new: Option<&Table>) -> (Vec<(&'static str, String)>, bool) {
    let none = Table::default();
    let (old, new) = (old.unwrap_or(&none), new.unwrap_or(&none));
    let (was, is) = (of(keys, old).unwrap_or_default(), of(keys, new).unwrap_or_default());
    let mut said = Vec::new();
    for key in ["most", "least"] {
        let node = |table: &'_ Table| table.get(key).map(|entry| entry.node.clone());
        let text = match (node(old), node(new)) {
            (None, None) => continue,
            (Some(old), Some(new)) if was == is && same(&old, &new) => continue,
            (Some(Node { value: Raw::Number(old), .. }), Some(Node { value: Raw::Number(new), .. })) if was == is => {
                from_to(&quantity(old, &is), &quantity(new, &is))
            }
            // What an expression counts says nothing new.
            (Some(old), Some(new)) if was == is => format!("{} instead of {}", shown(&new), shown(&old)),
            (Some(old), Some(new)) => format!("{} instead of {}", beside(&new, &is, &was), beside(&old, &was, &is)),
            (None, Some(new)) => format!("{}, where there was none", amount(&new, &is)),
            (Some(old), None) => format!("{} is gone", amount(&old, &was)),
        };
        said.push((key, labelled(key, &text)));
    }
    (said, was != is)
}

/// An amount beside one that counts something else: what is for no time in particular is for the whole plan.
fn beside(node: &Node, unit: &str, other: &str) -> String {
    let all = if !is_timed(unit) && is_timed(other) { " in all" } else { "" };
    match &node.value {
        Raw::Text(_) if unit.is_empty() => format!("{}{all}", shown(node)),
        Raw::Text(_) => format!("{} {unit}{all}", shown(node)),
        _ => format!("{}{all}", amount(node, unit)),
    }
}

/// `contacts a week`
fn is_timed(unit: &str) -> bool {
    unit.starts_with("a ") || unit.contains(" a ")
}

/// A value with its unit: `12 hours a week`, `10 %`; an expression with what it counts: `` `calls_a_week` contacts a week ``.
pub(super) fn amount(node: &Node, unit: &str) -> String {
    match &node.value {
        Raw::Number(x) => quantity(*x, unit),
        Raw::Text(_) if is_timed(unit) => format!("{} {unit}", shown(node)),
        _ => shown(node),
    }
}

/// A number with its unit; of one the singular.
pub(super) fn quantity(x: f64, unit: &str) -> String {
    if unit == POINTS {
        // Without the digits that binary fractions leave behind.
        return quantity((x * 1e8).round() / 1e6, "percentage_points").replace('_', " ");
    }
    let (counted, rest) = unit.split_once(' ').unwrap_or((unit, ""));
    let one = counted.strip_suffix('s').filter(|_| x == 1.0);
    let unit = one.map_or(unit.to_owned(), |one| format!("{one} {rest}").trim_end().to_owned());
    number::quantity(x, &unit)
}
