//! The date functions, on days since 1970-01-01 as [`Date`] counts them.
//!
//! Every `days` given here must be those of a [`Date`]; any other integer is taken to the nearest one.

use chrono::Datelike;

use super::Doc;
use crate::expr::Date;

/// The documentation of this family.
pub(super) const DOCS: &[Doc] = &[
    Doc {
        name: "date",
        signature: "date(\"2025-01-31\") -> date",
        help: "a fixed day; year, month and day as written in ISO 8601",
        missing: "never missing: a day that does not exist is an error in the pack",
        example: r#"date("2025-01-31")"#,
        result: r#"date("2025-01-31")"#,
    },
    Doc {
        name: "days_between",
        signature: "days_between(from: date, to: date) -> number",
        help: "days from the first date to the second, negative backwards; the same as `to - from`",
        missing: "missing if either date is",
        example: r#"days_between(date("2025-01-31"), date("2025-03-01"))"#,
        result: "29",
    },
    Doc {
        name: "months_between",
        signature: "months_between(from: date, to: date) -> number",
        help: "whole calendar months from the first date to the second, negative backwards; \
               month ends clamp, so that 31 January to 28 February is one month",
        missing: "missing if either date is",
        example: r#"months_between(date("2025-01-31"), date("2025-02-28"))"#,
        result: "1",
    },
    Doc {
        name: "years_between",
        signature: "years_between(from: date, to: date) -> number",
        help: "whole calendar years from the first date to the second, negative backwards: an age",
        missing: "missing if either date is",
        example: r#"years_between(date("1980-06-15"), date("2025-06-14"))"#,
        result: "44",
    },
    Doc {
        name: "add_days",
        signature: "add_days(day: date, n: number) -> date",
        help: "the date n days later, or earlier if n is negative; a fraction of n is dropped downwards; \
               the same as `day + n`",
        missing: "missing if either argument is, or if the date would leave the years 1 to 9999",
        example: r#"add_days(date("2024-02-28"), 2)"#,
        result: r#"date("2024-03-01")"#,
    },
    Doc {
        name: "add_months",
        signature: "add_months(day: date, n: number) -> date",
        help: "the same day n months later, or the last day of that month if it is shorter; \
               a fraction of n is dropped downwards",
        missing: "missing if either argument is, or if the date would leave the years 1 to 9999",
        example: r#"add_months(date("2024-01-31"), 1)"#,
        result: r#"date("2024-02-29")"#,
    },
    Doc {
        name: "year",
        signature: "year(day: date) -> number",
        help: "the year",
        missing: "missing if the date is",
        example: r#"year(date("2025-03-01"))"#,
        result: "2025",
    },
    Doc {
        name: "month",
        signature: "month(day: date) -> number",
        help: "the month, 1 for January to 12",
        missing: "missing if the date is",
        example: r#"month(date("2025-03-01"))"#,
        result: "3",
    },
    Doc {
        name: "day",
        signature: "day(day: date) -> number",
        help: "the day of the month, 1 to 31",
        missing: "missing if the date is",
        example: r#"day(date("2025-03-01"))"#,
        result: "1",
    },
    Doc {
        name: "weekday",
        signature: "weekday(day: date) -> number",
        help: "the day of the week, 1 for Monday to 7 for Sunday",
        missing: "missing if the date is",
        example: r#"weekday(date("2025-03-01"))"#,
        result: "6",
    },
];

/// `to - from` in days.
#[must_use]
pub fn days_between(from: i32, to: i32) -> f64 {
    f64::from(to) - f64::from(from)
}

/// The date `n` days later; a fraction of `n` is dropped downwards. `None` outside the years 1 to 9999 or if `n` is
/// missing (NaN).
#[must_use]
pub fn add_days(days: i32, n: f64) -> Option<i32> {
    within(f64::from(days) + n.floor())
}

/// The date `n` days earlier, `n` floored first: `sub_days(d, 1.5)` is one day back. `None` as for [`add_days`].
#[must_use]
pub fn sub_days(days: i32, n: f64) -> Option<i32> {
    within(f64::from(days) - n.floor())
}

/// A whole number of days as a date, if it is one.
fn within(days: f64) -> Option<i32> {
    // Whole and within the range of a date, so the cast is exact; NaN is in no range.
    (f64::from(Date::MIN.days())..=f64::from(Date::MAX.days())).contains(&days).then_some(days as i32)
}

/// The same day `n` months later (`n` floored), clamped to the end of the month. `None` outside the years 1 to 9999
/// or if `n` is missing (NaN).
#[must_use]
pub fn add_months(days: i32, n: f64) -> Option<i32> {
    let (year, month, day) = civil(days);
    let months = f64::from(year) * 12.0 + f64::from(month - 1) + n.floor();
    if !(12.0..120_000.0).contains(&months) {
        return None;
    }
    // Whole and within the years 1 to 9999, so both casts are exact.
    let months = months as i32;
    let (year, month) = (months / 12, (months % 12) as u32 + 1);
    Date::from_ymd(year, month, day.min(days_in_month(year, month))).map(Date::days)
}

/// Whole calendar months from one date to another, negative backwards: for `from <= to` the largest `n` with
/// `add_months(from, n) <= to`, otherwise `-months_between(to, from)`.
#[must_use]
pub fn months_between(from: i32, to: i32) -> f64 {
    if from > to {
        return 0.0 - whole_months(to, from);
    }
    whole_months(from, to)
}

/// Months between, forwards. `add_months(from, n)` for the month of `to` falls on the day of `from`, or on the last
/// day of the month of `to`; the month is whole unless that day is later than `to`.
fn whole_months(from: i32, to: i32) -> f64 {
    let (year_from, month_from, day_from) = civil(from);
    let (year_to, month_to, day_to) = civil(to);
    let months = (f64::from(year_to) - f64::from(year_from)) * 12.0 + f64::from(month_to) - f64::from(month_from);
    let reached = day_from.min(days_in_month(year_to, month_to)) <= day_to;
    if reached { months } else { months - 1.0 }
}

/// Whole calendar years from one date to another, negative backwards: a twelfth of the months, fraction dropped.
#[must_use]
pub fn years_between(from: i32, to: i32) -> f64 {
    (months_between(from, to) / 12.0).trunc() + 0.0
}

/// The year, 1 to 9999.
#[must_use]
pub fn year(days: i32) -> i32 {
    civil(days).0
}

/// The month, 1 to 12.
#[must_use]
pub fn month(days: i32) -> i32 {
    civil(days).1 as i32
}

/// The day of the month, 1 to 31.
#[must_use]
pub fn day(days: i32) -> i32 {
    civil(days).2 as i32
}

/// The day of the week, 1 for Monday to 7 for Sunday.
#[must_use]
pub fn weekday(days: i32) -> i32 {
    // 1970-01-01 was a Thursday, 4.
    (clip(days) + 3).rem_euclid(7) + 1
}

/// Year, month and day.
fn civil(days: i32) -> (i32, u32, u32) {
    let date = Date::from_days(i64::from(clip(days))).unwrap_or(Date::MIN).to_chrono();
    (date.year(), date.month(), date.day())
}

fn clip(days: i32) -> i32 {
    days.clamp(Date::MIN.days(), Date::MAX.days())
}

/// How many days a month has.
fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    fn d(text: &str) -> i32 {
        Date::parse_iso(text).unwrap().days()
    }

    /// A small generator, so that the cases are the same on every run.
    fn random_dates(count: usize) -> Vec<i32> {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        (0..count)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let span = u64::try_from(Date::MAX.days() - Date::MIN.days() + 1).unwrap();
                Date::MIN.days() + i32::try_from(state % span).unwrap()
            })
            .collect()
    }

    #[test]
    fn months_are_added_with_clamping() {
        for (from, n, to) in [
            ("2025-01-31", 1.0, "2025-02-28"),
            ("2024-01-31", 1.0, "2024-02-29"),
            ("2025-01-31", 13.0, "2026-02-28"),
            ("2025-03-31", -1.0, "2025-02-28"),
            ("2025-03-31", -1.5, "2025-01-31"),
            ("2025-01-15", 1.9, "2025-02-15"),
            ("2025-01-15", 0.0, "2025-01-15"),
            ("2000-02-29", 12.0, "2001-02-28"),
            ("2000-02-29", 1200.0, "2100-02-28"),
            ("2000-02-29", 4800.0, "2400-02-29"),
            ("0001-02-01", -1.0, "0001-01-01"),
            ("9999-11-30", 1.0, "9999-12-30"),
        ] {
            assert_eq!(add_months(d(from), n), Some(d(to)), "{from} + {n} months");
        }
        assert_eq!(add_months(d("0001-01-31"), -1.0), None);
        assert_eq!(add_months(d("9999-12-01"), 1.0), None);
        assert_eq!(add_months(d("2025-01-01"), f64::NAN), None);
        assert_eq!(add_months(d("2025-01-01"), 1e300), None);
        assert_eq!(add_months(d("2025-01-01"), f64::NEG_INFINITY), None);
    }

    #[test]
    fn months_between_counts_whole_months_both_ways() {
        for (from, to, months) in [
            ("2025-01-31", "2025-02-28", 1.0),
            ("2025-01-31", "2025-02-27", 0.0),
            ("2024-01-31", "2024-02-28", 0.0),
            ("2024-01-31", "2024-02-29", 1.0),
            ("2025-01-15", "2025-03-14", 1.0),
            ("2025-01-15", "2025-03-15", 2.0),
            ("2025-03-15", "2025-01-15", -2.0),
            ("2025-03-14", "2025-01-15", -1.0),
            ("2025-02-28", "2025-01-31", -1.0),
            ("2025-01-31", "2025-01-31", 0.0),
            ("2024-02-29", "2025-02-28", 12.0),
        ] {
            assert_eq!(months_between(d(from), d(to)), months, "{from} to {to}");
        }
        assert!(months_between(d("2025-02-02"), d("2025-02-01")).is_sign_positive(), "zero months is never -0");
    }

    /// The closed form is the definition: the largest n with `add_months(from, n) <= to`.
    #[test]
    fn months_between_is_the_largest_step_that_fits() {
        let dates = random_dates(4000);
        for pair in dates.windows(2) {
            let (a, b) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
            for (a, b) in [(a, b), (a, (a + (b - a) % 400).min(Date::MAX.days()))] {
                let n = months_between(a, b);
                assert!(add_months(a, n).is_some_and(|x| x <= b), "{a} {b} {n}");
                assert!(add_months(a, n + 1.0).is_none_or(|x| x > b), "{a} {b} {n}");
                assert_eq!(months_between(b, a), 0.0 - n);
            }
        }
    }

    #[test]
    fn years_between_is_an_age() {
        assert_eq!(years_between(d("1980-06-15"), d("2025-06-14")), 44.0);
        assert_eq!(years_between(d("1980-06-15"), d("2025-06-15")), 45.0);
        assert_eq!(years_between(d("2025-06-14"), d("1980-06-15")), -44.0);
        assert_eq!(years_between(d("2000-02-29"), d("2001-02-28")), 1.0);
        assert!(years_between(d("2025-06-14"), d("2025-03-14")).is_sign_positive());
    }

    #[test]
    fn days_are_floored_and_stay_in_range() {
        assert_eq!(add_days(d("2024-02-28"), 2.0), Some(d("2024-03-01")));
        assert_eq!(add_days(d("2024-02-28"), 1.9), Some(d("2024-02-29")));
        assert_eq!(add_days(d("2024-02-28"), -0.5), Some(d("2024-02-27")));
        assert_eq!(sub_days(d("2024-02-28"), 1.5), Some(d("2024-02-27")));
        assert_eq!(sub_days(d("2024-02-28"), -1.5), Some(d("2024-03-01")));
        assert_eq!(add_days(Date::MAX.days(), 1.0), None);
        assert_eq!(add_days(Date::MAX.days(), 0.9), Some(Date::MAX.days()));
        assert_eq!(sub_days(Date::MIN.days(), 1.0), None);
        for n in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e18] {
            assert_eq!(add_days(0, n), None);
            assert_eq!(sub_days(0, n), None);
        }
    }

    #[test]
    fn weekdays_run_from_monday() {
        assert_eq!(weekday(d("2025-03-03")), 1);
        assert_eq!(weekday(d("2025-03-09")), 7);
        for days in random_dates(2000) {
            let date = Date::from_days(i64::from(days)).unwrap().to_chrono();
            assert_eq!(weekday(days), i32::try_from(date.weekday().number_from_monday()).unwrap());
            assert_eq!((year(days), month(days), day(days)), (date.year(), date.month() as i32, date.day() as i32));
        }
    }

    #[test]
    fn no_integer_panics() {
        for days in [i32::MIN, i32::MIN + 1, -719_163, 2_932_897, i32::MAX] {
            let _ = (year(days), month(days), day(days), weekday(days));
            let _ = (add_days(days, 1.0), add_months(days, 1.0), months_between(days, 0), years_between(0, days));
            let _ = days_between(days, i32::MIN);
        }
    }
}
