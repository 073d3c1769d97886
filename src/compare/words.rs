//! What all three forms of a comparison say in the same words.

use super::{ChangeKind, Comparison, Dimension, Flow, Mover, Moves};
use crate::draw::{UNKNOWN, amount, clean, count, grouped, share};
use crate::stage::Receipt;

/// At most so many flows of a respect are shown to people.
pub(super) const FLOWS: usize = 8;

/// `+`, `−`, `~`, `↕`
pub(super) fn sign(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "+",
        ChangeKind::Removed => "−",
        ChangeKind::Changed => "~",
        ChangeKind::Reordered => "↕",
    }
}

/// `as of 2026-06-30`, with what divides it from the text before; nothing where no day plays a part.
pub(super) fn as_of(receipt: &Receipt, before: &str) -> String {
    if receipt.as_of.is_empty() { String::new() } else { format!("{before}as of {}", receipt.as_of) }
}

/// `1 customer`, `1,204 customers`
pub(super) fn customers(n: u64) -> String {
    if n == 1 { "1 customer".to_owned() } else { format!("{} customers", count(n)) }
}

/// `1,204 EUR`
pub(super) fn money(x: f64, currency: &str) -> String {
    format!("{} {}", amount(x), clean(currency)).trim_end().to_owned()
}

/// The one sentence to read if there is time for one; `None` if rules alone were compared.
pub(super) fn headline(moves: &Moves) -> Option<String> {
    if moves.customers + moves.gone + moves.new == 0 {
        return None;
    }
    Some(if moves.customers == 0 {
        "there is no customer on both sides".to_owned()
    } else if moves.moved == 0 {
        let all = if moves.customers == 1 {
            "the one customer stays".to_owned()
        } else {
            format!("all {} stay", customers(moves.customers))
        };
        format!("nobody moves: {all} in the same state, with the same cause, grade and campaign")
    } else {
        let with = moves.moved_money.map(|x| format!(", with {}", money(x, &moves.currency))).unwrap_or_default();
        let verb = if moves.moved == 1 { "moves" } else { "move" };
        let part = share(moves.moved as f64, moves.customers as f64);
        format!("{} of {} {verb} ({part}){with}", count(moves.moved), customers(moves.customers))
    })
}

/// What else there is to know about the customers as a whole, a sentence each.
pub(super) fn notes(comparison: &Comparison) -> Vec<String> {
    let moves = &comparison.moves;
    let mut notes = comparison.other.clone();
    if moves.rescored > 0 {
        let (also, whose) =
            if moves.moved > 0 { ("also ", "more customers, who stay where they are,") } else { ("", "customers") };
        notes.push(match moves.rescored {
            1 => format!("{also}another priority for 1 customer who stays where she is"),
            n => format!("{also}another priority for {} {whose}", count(n)).trim_end_matches(',').to_owned(),
        });
    }
    if let Some((before, now)) = moves.money
        && before != now
    {
        notes.push(format!(
            "counted with {} before, {} now",
            money(before, &moves.currency),
            money(now, &moves.currency)
        ));
    }
    if moves.gone + moves.new > 0 {
        notes.push(format!(
            "{} only in the earlier data, {} only in the later",
            customers(moves.gone),
            customers(moves.new)
        ));
    }
    notes
}

/// A value, or that there is none.
pub(super) fn value(value: Option<&String>) -> String {
    value.map_or("none".to_owned(), |text| clean(text))
}

/// `dormant → lost`
pub(super) fn arrow(from: Option<&String>, to: Option<&String>) -> String {
    format!("{} → {}", value(from), value(to))
}

/// Which rules moved the customers of a flow: ``parameter `sleep_after` (15 of 20 looked at), criterion `credit` (6)`` .
pub(super) fn because(flow: &Flow) -> String {
    let sampled = flow.looked_at < flow.customers;
    let mut list: Vec<String> = Vec::new();
    for (i, (rule, n)) in flow.because.iter().take(3).enumerate() {
        let n = *n;
        let counted = match (i, n == flow.looked_at) {
            (0, true) if flow.because.len() == 1 && !sampled => String::new(),
            (0, true) if sampled => format!(" (all {} looked at)", count(n)),
            (0, false) if sampled => format!(" ({} of {} looked at)", count(n), count(flow.looked_at)),
            _ => format!(" ({})", count(n)),
        };
        list.push(format!("{}{counted}", clean(rule)));
    }
    let more = flow.because.len().saturating_sub(3);
    if more > 0 {
        list.push(format!("and {more} more"));
    }
    list.join(", ")
}

/// What flows are not shown: how many, and how many customers.
pub(super) fn rest(dimension: &Dimension) -> Option<String> {
    let hidden = dimension.flows.get(FLOWS..).filter(|flows| !flows.is_empty())?;
    let flows = if hidden.len() == 1 { "1 more flow".to_owned() } else { format!("{} more flows", hidden.len()) };
    Some(format!("and {flows}: {}", customers(hidden.iter().map(|flow| flow.customers).sum())))
}

/// `6.1 → 7.2`; more decimals where one would not tell them apart.
pub(super) fn priority(mover: &Mover) -> String {
    let (was, is) = mover.priority;
    let say = |x: Option<f64>, decimals| x.map_or(UNKNOWN.to_owned(), |x| grouped(x, decimals));
    if was == is {
        return say(is, 1);
    }
    let decimals = (1..4).find(|d| say(was, *d) != say(is, *d)).unwrap_or(4);
    format!("{} → {}", say(was, decimals), say(is, decimals))
}

/// What changed about a customer: `state dormant → lost`, then the scores. At most `scores` of these are named.
pub(super) fn changes(mover: &Mover, scores: usize) -> Vec<String> {
    let mut said = Vec::new();
    let (mut shown, mut hidden) = (0, 0);
    for (name, was, is) in &mover.changes {
        match name.strip_prefix("score.") {
            Some(_) if shown == scores => hidden += 1,
            score => {
                shown += usize::from(score.is_some());
                said.push(format!("{} {}", clean(score.unwrap_or(name)), arrow(was.as_ref(), is.as_ref())));
            }
        }
    }
    if hidden > 0 {
        said.push(format!("{hidden} more {}", if hidden == 1 { "score" } else { "scores" }));
    }
    said
}

/// `+1,204`, `−12`; nothing if it is the same.
pub(super) fn change(before: u64, now: u64) -> String {
    match now.cmp(&before) {
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Greater => format!("+{}", count(now - before)),
        std::cmp::Ordering::Less => format!("−{}", count(before - now)),
    }
}

/// How the list of movers is headed.
pub(super) fn movers_title(comparison: &Comparison) -> String {
    let moved = comparison.moves.moved > 0;
    match (comparison.movers.len() as u64, moved) {
        (1, true) if comparison.moves.moved == 1 => "the customer who moves".to_owned(),
        (n, true) if n == comparison.moves.moved => format!("the {} who move", customers(n)),
        (1, _) => "the customer with the largest change".to_owned(),
        (n, true) => format!("the {} with the largest change, by money", customers(n)),
        (n, false) => format!("the {} whose priority changes most", customers(n)),
    }
}
