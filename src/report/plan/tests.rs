//! A plan in words: what limits are worth, and that nothing is wider than the terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use super::*;
use crate::draw::width;
use crate::expr::Date;
use crate::pack::load_from_texts;
use crate::plan::{Counted, LimitUse, Plan};

const PACK: &str = r#"
[pack]
name = "words"
[record]
key = "id"
[record.columns.segment]
type = "text"
[channels.phone]
[channels.post]
[[states]]
name = "gone"
[[campaigns]]
name = "a-campaign-with-a-very-long-name-indeed"
channel = "phone"
[money]
value = '1'
currency = "EUR"
[budget.mail]
most = 500
[capacity.calls]
channel = "phone"
unit = "hours"
per = "week"
most = 40
label = "winback calls"
[volume.cards]
least = 500
label = "cards"
[reserve.key]
of = "capacity.calls"
when = 'segment == "key_account"'
share = 0.1
label = "key accounts"
"#;

fn used(limit: usize, time: Option<&str>, price: f64, short: f64) -> LimitUse {
    LimitUse {
        limit,
        time: time.map(str::to_owned),
        most: (limit != 2).then_some(40.0),
        least: (limit == 2).then_some(500.0),
        used: 39.5,
        expected: 39.0,
        price,
        short,
    }
}

fn plan(limits: Vec<LimitUse>) -> Plan {
    let loaded = load_from_texts(&[("pack.toml", PACK)]);
    let pack = loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let day = Date::from_ymd(2026, 6, 30).unwrap();
    Plan {
        planning: pack.planning.clone().unwrap(),
        pack,
        as_of: day,
        last: day,
        rows: Vec::new(),
        integer_keys: false,
        scores: Vec::new(),
        carried: Vec::new(),
        counted: Counted {
            customers: 1_234_567,
            candidates: 1_000_000,
            not_worth: 999,
            refused: BTreeMap::from([("14 days after any contact, whichever campaign it was for".to_owned(), 500_000)]),
            crowded_out: BTreeMap::from([("winback calls".to_owned(), 12)]),
            ignored: BTreeMap::from([("the campaign `visit` is not one of the pack".to_owned(), 3)]),
            ..Counted::default()
        },
        limits,
        objective: 99.9,
        bound: 100.0,
        exact: false,
        redrawn: 0,
        given_up: 0.0,
        minimums: BTreeMap::from([(2, 312.0)]),
        notices: Vec::new(),
    }
}

#[test]
fn what_limits_are_worth_in_words() {
    let words = |limits| PlanSummary::of(&plan(limits)).limit_words;
    let binding = words(vec![
        used(0, None, 3.2, 0.0),
        used(1, Some("2026-W27"), 48.1, 0.0),
        used(1, Some("2026-W28"), 0.0, 0.0),
        used(2, None, -2.1, 0.0),
        used(3, Some("2026-W27"), 12.0, 0.0),
        used(3, Some("2026-W28"), 0.0, 0.0),
    ]);
    assert_eq!(
        binding,
        [
            "one more EUR in the mail budget is worth 3.20 EUR",
            "one more hour of winback calls is worth 48 EUR in 2026-W27; it does not bind otherwise",
            "the minimum of 500 cards costs 312 EUR, the last one 2.10 EUR",
            "keeping 10 % of winback calls for key accounts costs 12 EUR for the last hour, in 1 of 2 weeks",
        ]
    );
    let idle = words(vec![used(0, None, 0.0, 0.0), used(1, Some("2026-W27"), 0.0, 0.0), used(2, None, 0.0, 60.0)]);
    assert_eq!(
        idle,
        [
            "the mail budget does not bind",
            "the limit on winback calls does not bind",
            "the minimum of 500 cards is missed by 60; what is there costs 312 EUR",
            "keeping 10 % of winback calls for key accounts costs nothing",
        ]
    );
}

#[test]
fn what_was_not_followed_of_what_people_decided_is_said() {
    let page = render(&PlanSummary::of(&plan(Vec::new())), 200, false);
    let words = "not followed of what people decided: the campaign `visit` is not one of the pack (3)";
    assert!(page.contains(words), "{page}");
}

#[test]
fn no_line_is_too_wide_at_any_width() {
    let plan = plan(vec![used(0, None, 3.2, 0.0), used(1, Some("2026-W27"), 48.1, 0.0), used(2, None, -2.1, 5.0)]);
    let summary = PlanSummary::of(&plan);
    let what_if = WhatIf::of(&plan, &plan, &[]);
    for columns in 76..=240 {
        for color in [false, true] {
            let both = format!("{}{}", render(&summary, columns, color), render_what_if(&what_if, columns, color));
            for line in both.lines() {
                assert!(width(line) <= columns, "{columns}: {line}");
            }
        }
    }
}
