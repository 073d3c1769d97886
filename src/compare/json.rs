//! A comparison for a machine. Keys are only ever added.
//!
//! ```json
//! {
//!   "old": { "title": "…", "pack": "retail", "version": "1.2.0", "hash": "…", "as_of": "2026-06-30" },
//!   "new": { … },
//!   "rules": [{ "kind": "changed", "section": "params", "what": "parameter `sleep_after`",
//!               "details": ["from 365 to 180 days"], "place": "rules/retail/pack.toml:12" }],
//!   "other": ["as of 2026-06-30 instead of 2026-05-31"],
//!   "customers": { "both": 24000, "moved": 1204, "gone": 0, "new": 0, "rescored": 310, "share": 0.0502 },
//!   "money": { "currency": "EUR", "before": 1200000.0, "now": 1200000.0, "moved": 310220.0 },
//!   "by": [{ "name": "state",
//!            "flows": [{ "from": "active", "to": "dormant", "customers": 1204, "money": 310220.0,
//!                        "because": [{ "rule": "parameter `sleep_after`", "customers": 20 }], "looked_at": 20 }],
//!            "totals": [{ "value": "dormant", "customers": { "before": 1, "now": 2 },
//!                         "money": { "before": 1.0, "now": 2.0 } }] }],
//!   "movers": [{ "key": "C-1", "money": 1.0, "priority": { "before": 6.1, "now": 7.2 },
//!                "changes": [{ "name": "state", "before": "active", "now": "dormant" }],
//!                "reasons": ["…"] }]
//! }
//! ```
//!
//! `kind` is `added`, `removed`, `changed` or `reordered`. `share` counts customers only one side has as moved. What is not
//! known, or not there, is null; `money.before` and `money.now` are null unless both packs count in the same currency.

use serde_json::{Value, json};

use super::{Comparison, Dimension, Head, Heads, Mover};

/// A comparison as JSON; the keys are described at the top of this file, and only ever added to.
#[must_use]
pub fn json(comparison: &Comparison, heads: &Heads) -> Value {
    let Comparison { rules, other, moves, movers } = comparison;
    let rules: Vec<Value> = rules
        .iter()
        .map(|change| {
            json!({
                "kind": change.kind.word(),
                "section": change.section,
                "what": change.what,
                "details": change.details,
                "place": change.place,
            })
        })
        .collect();
    json!({
        "old": head(&heads.old),
        "new": head(&heads.new),
        "rules": rules,
        "other": other,
        "customers": {
            "both": moves.customers,
            "moved": moves.moved,
            "gone": moves.gone,
            "new": moves.new,
            "rescored": moves.rescored,
            "share": moves.share(),
        },
        "money": {
            "currency": moves.currency,
            "before": moves.money.map(|money| money.0),
            "now": moves.money.map(|money| money.1),
            "moved": moves.moved_money,
        },
        "by": moves.by.iter().map(dimension).collect::<Vec<_>>(),
        "movers": movers.iter().map(mover).collect::<Vec<_>>(),
    })
}

fn head(head: &Head) -> Value {
    let receipt = &head.receipt;
    json!({
        "title": head.title,
        "pack": receipt.pack,
        "version": receipt.version,
        "hash": receipt.hash,
        "as_of": receipt.as_of,
    })
}

fn dimension(dimension: &Dimension) -> Value {
    let flows: Vec<Value> = dimension
        .flows
        .iter()
        .map(|flow| {
            let because: Vec<Value> =
                flow.because.iter().map(|(rule, n)| json!({ "rule": rule, "customers": n })).collect();
            json!({
                "from": flow.from,
                "to": flow.to,
                "customers": flow.customers,
                "money": flow.money,
                "because": because,
                "looked_at": flow.looked_at,
            })
        })
        .collect();
    let totals: Vec<Value> = dimension
        .totals
        .iter()
        .map(|total| {
            json!({
                "value": total.value,
                "customers": { "before": total.customers.0, "now": total.customers.1 },
                "money": { "before": total.money.0, "now": total.money.1 },
            })
        })
        .collect();
    json!({ "name": dimension.name, "flows": flows, "totals": totals })
}

fn mover(mover: &Mover) -> Value {
    let changes: Vec<Value> =
        mover.changes.iter().map(|(name, before, now)| json!({ "name": name, "before": before, "now": now })).collect();
    json!({
        "key": mover.key,
        "money": mover.money,
        "priority": { "before": mover.priority.0, "now": mover.priority.1 },
        "changes": changes,
        "reasons": mover.reasons,
    })
}
