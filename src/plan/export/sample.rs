//! Packs and rows for tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::expr::Date;
use crate::pack::{Pack, load_from_texts};
use crate::plan::{Arm, Counted, Plan, PlanRow};

/// A pack of this text; its diagnostics fail the test.
pub(crate) fn pack(text: &str) -> Arc<Pack> {
    let loaded = load_from_texts(&[("pack.toml", text)]);
    let Some(pack) = loaded.pack else { panic!("{:?}", loaded.diagnostics) };
    pack
}

pub(crate) fn day(text: &str) -> Date {
    Date::parse_iso(text).unwrap()
}

/// A contact of 2026-07-06 with nothing known.
pub(crate) fn row(key: &str, campaign: &str) -> PlanRow {
    PlanRow {
        key: key.into(),
        arm: Arm::Contact,
        held_out_by: None,
        experiment: campaign.into(),
        stratum: None,
        propensity: 1.0,
        campaign: campaign.into(),
        offer: None,
        channel: None,
        speaker: None,
        send_on: day("2026-07-06"),
        send_by: day("2026-07-06"),
        cost: None,
        success: None,
        value: None,
        net: None,
        anyway: None,
        hours: None,
        basis: None,
        consent_on: None,
        state: None,
        track: None,
        cause: None,
        class: None,
        confidence: None,
        grade: None,
        priority: None,
        money: None,
        overridden: None,
        say: None,
        reasons: None,
        scores: Vec::new(),
        carried: Vec::new(),
    }
}

/// A plan of 2026-07-01 of these rows.
pub(crate) fn plan(pack: &Arc<Pack>, rows: Vec<PlanRow>, scores: &[&str], carried: &[&str]) -> Plan {
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
    Plan {
        pack: pack.clone(),
        planning: pack.planning.clone().unwrap_or_default(),
        as_of: day("2026-07-01"),
        last: day("2026-07-29"),
        rows,
        integer_keys: false,
        scores: names(scores),
        carried: names(carried),
        counted: Counted::default(),
        limits: Vec::new(),
        objective: 0.0,
        bound: 0.0,
        exact: true,
        redrawn: 0,
        given_up: 0.0,
        minimums: BTreeMap::new(),
        notices: Vec::new(),
    }
}
