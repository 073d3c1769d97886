//! Limits in figures and in words: what one more of each is worth.

use super::summary::LimitLine;
use crate::draw::{amount, clean, grouped};
use crate::pack::{Limit, LimitKind, Measure};
use crate::plan::{LimitUse, Plan};

/// Prices below this are nothing: the limit does not bind.
const NOTHING: f64 = 0.005;
/// More times than this are not listed one by one.
const LISTED: usize = 4;

/// Every limit for every time.
pub(super) fn limit_lines(plan: &Plan, currency: &str) -> Vec<LimitLine> {
    let line = |used: &LimitUse| {
        let limit = plan.planning.limits.get(used.limit)?;
        Some(LimitLine {
            name: used.name(&plan.pack),
            label: match (limit.kind, limit.of.and_then(|of| plan.planning.limits.get(of))) {
                (LimitKind::Reserve, Some(of)) => format!("{}, not {}", of.label, limit.label),
                _ => limit.label.clone(),
            },
            kind: limit.kind.word().to_owned(),
            time: used.time.clone(),
            unit: units(limit.measure, currency).to_owned(),
            used: used.used,
            expected: used.expected,
            most: used.most,
            least: used.least,
            short: used.short,
            price: used.price,
        })
    };
    plan.limits.iter().filter_map(line).collect()
}

/// What a measure is counted in: `hours`.
fn units(measure: Measure, currency: &str) -> &str {
    match measure {
        Measure::Contacts => "contacts",
        Measure::Cost if currency.is_empty() => "money",
        Measure::Cost => currency,
        Measure::Hours => "hours",
        Measure::Returns => "returns",
    }
}

/// One of it: `hour`.
fn unit(measure: Measure, currency: &str) -> &str {
    match measure {
        Measure::Contacts => "contact",
        Measure::Cost if currency.is_empty() => "unit of money",
        Measure::Cost => currency,
        Measure::Hours => "hour",
        Measure::Returns => "return",
    }
}

/// What every limit is worth, in the order of the pack.
pub(super) fn limit_words(plan: &Plan, currency: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (index, limit) in plan.planning.limits.iter().enumerate() {
        let used: Vec<&LimitUse> = plan.limits.iter().filter(|used| used.limit == index).collect();
        if limit.kind == LimitKind::Reserve {
            all.push(reserve(plan, limit, &used, currency));
            continue;
        }
        if limit.most.is_some() {
            all.push(most(limit, &used, currency));
        }
        if let Some(wanted) = limit.least {
            all.push(least(plan, (index, limit), wanted, &used, currency));
        }
    }
    all
}

/// What is limited, as the subject of a sentence.
fn subject(limit: &Limit) -> String {
    let label = clean(&limit.label);
    match limit.kind {
        LimitKind::Budget => format!("the {label}"),
        LimitKind::Capacity | LimitKind::Volume | LimitKind::Reserve => format!("the limit on {label}"),
    }
}

fn money(x: f64, currency: &str) -> String {
    // Two figures are as many as a price has.
    let shown = if x.abs() >= 20.0 { grouped(x, 0) } else { amount((x * 100.0).round() / 100.0) };
    format!("{shown} {}", clean(currency)).trim_end().to_owned()
}

/// `one more hour of winback calls is worth 48 EUR`
fn most(limit: &Limit, used: &[&LimitUse], currency: &str) -> String {
    let more = match limit.measure {
        Measure::Contacts => format!("one more contact ({})", clean(&limit.label)),
        Measure::Cost => format!("one more {} in the {}", unit(limit.measure, currency), clean(&limit.label)),
        measure => format!("one more {} of {}", unit(measure, currency), clean(&limit.label)),
    };
    worth(&more, &format!("{} does not bind", subject(limit)), used, currency)
}

/// The worth of one more, where it is the same for all times; else by time.
fn worth(more: &str, nothing: &str, used: &[&LimitUse], currency: &str) -> String {
    let binding: Vec<&&LimitUse> = used.iter().filter(|used| used.price > NOTHING).collect();
    let Some(first) = binding.first() else { return nothing.to_owned() };
    if used.len() == 1 {
        return format!("{more} is worth {}", money(first.price, currency));
    }
    let at = |used: &LimitUse| used.time.clone().unwrap_or_default();
    let mut text = if binding.len() <= LISTED {
        let prices: Vec<String> =
            binding.iter().map(|used| format!("{} in {}", money(used.price, currency), at(used))).collect();
        format!("{more} is worth {}", prices.join(", "))
    } else {
        let lowest = binding.iter().map(|used| used.price).fold(f64::INFINITY, f64::min);
        let highest = binding.iter().map(|used| used.price).fold(0.0, f64::max);
        let last = binding.last().map(|used| at(used)).unwrap_or_default();
        format!(
            "{more} is worth {} to {} from {} to {last}",
            money(lowest, currency),
            money(highest, currency),
            at(first)
        )
    };
    if binding.len() < used.len() {
        text.push_str("; it does not bind otherwise");
    }
    text
}

/// `the minimum of 500 comeback cards costs 312 EUR`
fn least(plan: &Plan, (index, limit): (usize, &Limit), wanted: f64, used: &[&LimitUse], currency: &str) -> String {
    let minimum = format!("the minimum of {} {}", amount(wanted), clean(&limit.label));
    let each = if used.len() > 1 { format!(" a {}", limit.per.word()) } else { String::new() };
    let short: f64 = used.iter().map(|used| used.short).sum();
    let lowest = used.iter().map(|used| -used.price).fold(0.0, f64::max);
    let cost = plan.minimums.get(&index).copied().unwrap_or(0.0);
    let mut text = if cost > NOTHING {
        format!("{minimum}{each} costs {}, the last one {}", money(cost, currency), money(lowest, currency))
    } else {
        format!("{minimum}{each} costs nothing")
    };
    if short > 0.5 {
        text = format!("{minimum}{each} is missed by {}", grouped(short, 0));
        if cost > NOTHING {
            text.push_str(&format!("; what is there costs {}", money(cost, currency)));
        }
    }
    text
}

/// `keeping 10 % of winback calls for key accounts costs 12 EUR for the last hour`
fn reserve(plan: &Plan, limit: &Limit, used: &[&LimitUse], currency: &str) -> String {
    let of = limit.of.and_then(|of| plan.planning.limits.get(of));
    let of_label = of.map_or_else(String::new, |of| clean(&of.label));
    let kept = format!("keeping {} % of {of_label} for {}", amount(limit.share * 100.0), clean(&limit.label));
    let highest = used.iter().map(|used| used.price).fold(0.0, f64::max);
    if highest <= NOTHING {
        return format!("{kept} costs nothing");
    }
    let last = unit(limit.measure, currency);
    let binding = used.iter().filter(|used| used.price > NOTHING).count();
    let some = if binding < used.len() {
        format!(", in {binding} of {} {}s", used.len(), limit.per.word())
    } else {
        String::new()
    };
    let most = if binding > 1 { "up to " } else { "" };
    format!("{kept} costs {most}{} for the last {last}{some}", money(highest, currency))
}
