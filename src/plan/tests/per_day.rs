//! Limits for each day: none is exceeded, work goes on over the days, and each day has its price.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use super::*;

const LIMITS: &str = r#"
[plan]
horizon = 7
[capacity.calls]
channel = "phone"
per = "day"
most = 4
label = "calls a day"
[budget.cards]
channel = "post"
most = 0
"#;

/// Calls made on each day.
fn calls(plan: &Plan) -> BTreeMap<Date, usize> {
    let mut days = BTreeMap::new();
    for row in plan.rows.iter().filter(|row| row.channel.as_deref() == Some("phone") && row.arm == Arm::Contact) {
        *days.entry(row.send_on).or_default() += 1;
    }
    days
}

/// The limit of each day.
fn by_day(plan: &Plan) -> Vec<&LimitUse> {
    plan.limits.iter().filter(|limit| limit.time.is_some()).collect()
}

#[test]
fn no_day_has_more_than_its_limit() {
    let plan = world(LIMITS).plan();
    let days = calls(&plan);
    // From a Tuesday to the next: six working days, all of them full, for there are customers enough.
    assert_eq!(days.len(), 6, "{days:?}");
    assert!(days.values().all(|calls| *calls == 4), "{days:?}");
    assert_eq!(plan.rows.len(), 24, "for cards there is no money");
    assert_eq!(plan.counted.planned + plan.counted.left_out(), plan.counted.candidates);
    assert!(plan.counted.crowded_out.get("calls a day").is_some_and(|n| *n > 50), "{:?}", plan.counted);
}

#[test]
fn each_day_has_a_limit_and_a_price_of_its_own() {
    let plan = world(LIMITS).plan();
    let days = by_day(&plan);
    // From the first day to the last, Saturdays and Sundays among them.
    assert_eq!(days.len(), 8);
    assert_eq!(days[0].name(&plan.pack), "capacity.calls/2026-06-30");
    assert_eq!(days[7].name(&plan.pack), "capacity.calls/2026-07-07");
    let calls = calls(&plan);
    let mut last = f64::INFINITY;
    for limit in days {
        let day = calls.iter().find(|(day, _)| limit.time.as_deref() == Some(&day.to_string()));
        assert!((limit.used - day.map_or(0.0, |(_, calls)| *calls as f64)).abs() < 1e-9, "{limit:?}");
        match day {
            // Waiting makes success fade, so an early day is worth more than a late one.
            Some(_) => {
                assert!(limit.price > 0.0 && limit.price < last, "{limit:?}, {last} before");
                last = limit.price;
            }
            None => assert!(limit.price == 0.0, "{limit:?}"),
        }
    }
}

#[test]
fn a_day_with_room_is_worth_nothing_more() {
    let plan = world(&LIMITS.replace("most = 4", "most = 300")).plan();
    let days = calls(&plan);
    assert!(days[&plan.as_of] > 100, "who may be called is called at once: {days:?}");
    assert!(by_day(&plan).iter().all(|limit| limit.price == 0.0), "{:?}", plan.limits);
}
