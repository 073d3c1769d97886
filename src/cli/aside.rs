//! What was left out of a run, in words for the terminal: rows set aside, keys without a partner.

use crate::data::{Reject, RejectCount, TableCounts};
use crate::draw::{count, cut, share, width, wrap};

/// Before the reasons of a table.
const MARGIN: &str = "  ";
/// More of a value is not shown.
const VALUE: usize = 30;
/// So many reasons are shown of a table.
const REASONS: usize = 12;

/// `1 row`, `1,234 rows`
pub(super) fn rows(n: u64) -> String {
    if n == 1 { "1 row".to_owned() } else { format!("{} rows", count(n)) }
}

/// The rows of a table that were set aside: how many, and by column and reason with an example of each.
pub(super) fn set_aside(table: &TableCounts, columns: usize) -> String {
    let mut text = format!(
        "{}: {} of {} set aside ({})",
        table.table,
        count(table.rejected),
        rows(table.rows),
        share(table.rejected as f64, table.rows as f64)
    );
    let mut list: Vec<&RejectCount> = table.rejects.iter().collect();
    list.sort_by_key(|reject| std::cmp::Reverse(reject.rows));
    let shown = list.get(..REASONS).unwrap_or(&list);
    let counts: Vec<String> = shown.iter().map(|r| count(r.rows)).collect();
    let numbers = counts.iter().map(|n| width(n)).max().unwrap_or(0).max(6);
    let whats: Vec<String> = shown.iter().map(|r| what(table, r)).collect();
    let room = columns.saturating_sub(MARGIN.len() + numbers + 2).max(20);
    // Examples stand in a column of their own if all lines have room for them.
    let first = whats.iter().map(|w| width(w)).max().unwrap_or(0);
    let beside =
        |r: &RejectCount| r.example.as_ref().is_none_or(|e| first + 2 + width(&example(e, usize::MAX)) <= room);
    let abreast = shown.iter().all(|r| beside(r));
    let indent = " ".repeat(MARGIN.len() + numbers + 2);
    for ((reject, number), what) in shown.iter().zip(&counts).zip(&whats) {
        let pad = " ".repeat(numbers - width(number));
        text.push_str(&format!("\n{MARGIN}{pad}{number}  "));
        let there = reject.example.as_ref();
        if abreast {
            text.push_str(what);
            if let Some(there) = there {
                text.push_str(&" ".repeat(first - width(what) + 2));
                text.push_str(&example(there, usize::MAX));
            }
        } else {
            text.push_str(&wrap(what, room).join(&format!("\n{indent}")));
            if let Some(there) = there {
                text.push_str(&format!("\n{indent}{}", example(there, room)));
            }
        }
        if let Some(line) = remedy(table, reject) {
            text.push_str(&format!("\n{indent}{}", wrap(&line, room).join(&format!("\n{indent}"))));
        }
    }
    if let Some(more) = list.len().checked_sub(REASONS).filter(|n| *n > 0) {
        text.push_str(&format!("\n{indent}and {more} more reasons"));
    }
    text
}

/// Column and reason; of a column none of whose values can be read, so.
fn what(table: &TableCounts, reject: &RejectCount) -> String {
    if reject.column.is_empty() {
        return reject.reason.to_string();
    }
    let none = if whole(table, reject) { "no value can be read: " } else { "" };
    format!("`{}`: {none}{}", reject.column, reject.reason)
}

fn whole(table: &TableCounts, reject: &RejectCount) -> bool {
    table.rows > 1 && reject.rows == table.rows && !reject.column.is_empty()
}

/// The line of the pack that would have the values of a column read, if there is one.
fn remedy(table: &TableCounts, reject: &RejectCount) -> Option<String> {
    let line = reject.reason.toml()?;
    Some(format!("say `{line}` in `[{}.columns.{}]`", table.section, reject.column))
}

/// `orders.csv:17 "12,5"`, at most so wide: of a long path the end is shown.
fn example(reject: &Reject, columns: usize) -> String {
    let value = if reject.value.is_empty() { String::new() } else { format!(" \"{}\"", cut(&reject.value, VALUE)) };
    let value = crate::draw::clean(&value);
    let place = crate::draw::clean(&reject.place());
    let room = columns.saturating_sub(width(&value)).max(8);
    if width(&place) <= room {
        return format!("{place}{value}");
    }
    let mut end = place.as_str();
    while width(end) + 1 > room {
        let mut letters = end.chars();
        letters.next();
        end = letters.as_str();
    }
    format!("…{end}{value}")
}

/// One line about the keys of a table that have no partner; none if all have.
pub(super) fn without_partner(table: &TableCounts) -> Option<String> {
    let mut parts = Vec::new();
    if table.unmatched > 0 {
        let verb = if table.unmatched == 1 { "belongs" } else { "belong" };
        let keys = if table.unmatched_keys == table.unmatched || table.unmatched_keys == 0 {
            String::new()
        } else if table.unmatched_keys == 1 {
            " (of one key)".to_owned()
        } else {
            format!(" (of {} keys)", count(table.unmatched_keys))
        };
        parts.push(format!("{}{keys} {verb} to no customer", rows(table.unmatched)));
    }
    if let Some(without) = table.without.filter(|n| table.joined && *n > 0) {
        let (who, verb) = if without == 1 { ("customer", "has") } else { ("customers", "have") };
        parts.push(format!("{} {who} {verb} no row", count(without)));
    }
    (!parts.is_empty()).then(|| format!("{}: {}", table.table, parts.join(", ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::data::Reason;

    fn reject(column: &str, reason: Reason, rows: u64, line: u64, value: &str) -> RejectCount {
        let example = Reject {
            table: "orders".into(),
            file: "exports/2026/orders.csv".into(),
            line,
            column: column.into(),
            value: value.into(),
            reason: reason.to_string(),
            key: "C1".into(),
        };
        RejectCount { column: column.into(), reason, rows, example: Some(example) }
    }

    fn orders(rows: u64, rejects: Vec<RejectCount>) -> TableCounts {
        let rejected = rejects.iter().map(|r| r.rows).sum();
        TableCounts {
            table: "orders".into(),
            section: "tables.orders".into(),
            rows,
            rejected,
            rejects,
            ..Default::default()
        }
    }

    #[test]
    fn a_block_for_each_table_with_an_example_for_each_reason() {
        let list = vec![
            reject("on", Reason::MissingTime, 1, 30, ""),
            reject("amount", Reason::NotANumber, 12, 17, "12,5\u{1b}[2J"),
            reject("", Reason::Ragged, 2, 40, ""),
        ];
        let table = orders(1234, list);
        assert_eq!(
            set_aside(&table, 200),
            "orders: 15 of 1,234 rows set aside (1.2 %)\n\
             \x20     12  `amount`: not a number                             exports/2026/orders.csv:17 \"12,5\u{fffd}[2J\"\n\
             \x20      2  the line has more or fewer fields than the header  exports/2026/orders.csv:40\n\
             \x20      1  `on`: the date is missing                          exports/2026/orders.csv:30"
        );
        assert_eq!(
            set_aside(&table, 60),
            "orders: 15 of 1,234 rows set aside (1.2 %)\n\
             \x20     12  `amount`: not a number\n\
             \x20         exports/2026/orders.csv:17 \"12,5\u{fffd}[2J\"\n\
             \x20      2  the line has more or fewer fields than the header\n\
             \x20         exports/2026/orders.csv:40\n\
             \x20      1  `on`: the date is missing\n\
             \x20         exports/2026/orders.csv:30"
        );
        for columns in [60, 80, 200] {
            assert!(set_aside(&table, columns).lines().all(|l| width(l) <= columns));
        }
    }

    #[test]
    fn a_column_that_cannot_be_read_is_one_line() {
        let table = orders(1000, vec![reject("amount", Reason::NotANumber, 1000, 2, "12,5")]);
        assert_eq!(
            set_aside(&table, 100),
            "orders: 1,000 of 1,000 rows set aside (100.0 %)\n\
             \x20  1,000  `amount`: no value can be read: not a number  exports/2026/orders.csv:2 \"12,5\""
        );
    }

    #[test]
    fn keys_without_a_partner_are_one_line() {
        let table = |joined, unmatched, unmatched_keys, without| TableCounts {
            table: "status".into(),
            joined,
            unmatched,
            unmatched_keys,
            without: Some(without),
            ..Default::default()
        };
        let said = |t: TableCounts| without_partner(&t).unwrap_or_default();
        assert_eq!(said(table(true, 3, 3, 1200)), "status: 3 rows belong to no customer, 1,200 customers have no row");
        assert_eq!(said(table(true, 0, 0, 1)), "status: 1 customer has no row");
        assert_eq!(said(table(false, 7, 2, 9)), "status: 7 rows (of 2 keys) belong to no customer");
        assert_eq!(said(table(false, 1, 1, 9)), "status: 1 row belongs to no customer");
        assert_eq!(said(table(false, 0, 0, 9)), "");
    }
}
