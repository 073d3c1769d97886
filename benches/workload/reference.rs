//! The reference workload as every benchmark runs it: its pack, its as-of date, and the decisions that are compared.

use std::sync::Arc;

use regain::expr::Date;
use regain::pack::{self, Pack};
use regain::stage::{Context, Program};

/// The scored criteria.
const CRITERIA: [&str; 12] = [
    "history",
    "margin",
    "image",
    "referral",
    "future",
    "price",
    "bargain",
    "payment",
    "credit",
    "care",
    "sympathy",
    "complaint",
];

/// The workload's as-of date, in days since 1970: 2026-11-21.
pub(crate) const TODAY: i32 = 20_778;

/// The same as a date.
pub(crate) fn as_of() -> Date {
    Date::from_days(TODAY.into()).unwrap()
}

/// The rules, in `benches/workload`.
pub(crate) fn pack() -> Arc<Pack> {
    let loaded = pack::load(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/workload"));
    loaded.pack.unwrap_or_else(|| panic!("the workload pack has errors: {:#?}", loaded.diagnostics))
}

/// The rules, as far as state, cause, scores, worth and campaign need them.
pub(crate) fn program(pack: &Arc<Pack>) -> Program {
    let mut columns = vec!["customer_id".to_owned(), "state".into(), "cause".into()];
    columns.extend(CRITERIA.iter().map(|c| format!("score.{c}")));
    columns.extend(["worth".into(), "campaign".into()]);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    Program::compile(pack, &Context::at(as_of())).project(&columns)
}
