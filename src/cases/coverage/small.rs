//! A small pack with a bit of everything, for tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use crate::expr::{Date, Value};
use crate::pack::{Pack, load_from_texts};
use crate::stage::RowValues;

pub(in crate::cases) const PACK: &str = r#"
[pack]
name = "small"
[record]
key = "customer_id"
[record.columns]
last_order = { type = "date" }
revenue = { type = "number" }
segment = { type = "text" }
objected = { type = "bool" }
[params.sleep_after]
value = 180
[facts]
days_silent = 'today - last_order'
[[suppress]]
name = "objected"
when = 'objected'
[[states]]
name = "dormant"
track = "recovery"
when = 'days_silent > sleep_after'
[[states]]
name = "at_risk"
track = "prevention"
when = 'days_silent > 90 && revenue >= 100'
[[states]]
name = "active"
[analysis]
when = 'track != ()'
minimum = 1
[[causes]]
name = "price"
class = "bought_away"
evidence = [{ when = 'revenue < 50', weight = 2 }, { when = 'segment == "private"', weight = 1 }]
[[causes]]
name = "silence"
class = "unknown"
evidence = [{ when = 'days_silent > 300', weight = 2 }]
[criteria.size]
value = 'revenue'
bands = [{ below = 100, score = 2 }, { below = 500, score = 6 }, { score = 10 }]
[criteria.fresh]
dimension = "chance"
value = 'days_silent'
curve = [[0, 10], [100, 5], [400, 0]]
[criteria.group]
value = 'segment'
map = { private = 4, business = 8 }
otherwise = 2
[[grades]]
name = "A"
when = 'worth >= 6'
[[grades]]
name = "B"
let_go = true
[offers.gift]
[channels.email]
[[campaigns]]
name = "comeback"
track = "recovery"
when = 'if segment == "business" { revenue > 50 } else { revenue > 300 }'
offer = "gift"
channel = "email"
cost = '2'
success = '(chance ?? 5) / 20'
value = 'revenue'
"#;

pub(in crate::cases) fn pack() -> Arc<Pack> {
    let loaded = load_from_texts(&[("pack.toml", PACK)]);
    loaded.pack.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
}

/// A record: days silent, revenue, segment.
pub(in crate::cases) fn record(pack: &Pack, days: Option<i64>, revenue: Option<f64>, segment: &str) -> RowValues {
    let mut row = RowValues::new(pack);
    let slot = |name: &str| pack.names.find(name).unwrap();
    if let Some(days) = days {
        row.set(slot("last_order"), Value::Date(Date::from_days(i64::from(today().days()) - days).unwrap()));
    }
    row.set(slot("revenue"), revenue.map_or(Value::Missing, Value::number));
    if !segment.is_empty() {
        row.set(slot("segment"), Value::text(segment));
    }
    row
}

pub(in crate::cases) fn today() -> Date {
    Date::parse_iso("2026-06-30").unwrap()
}
