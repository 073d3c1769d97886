#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::super::index::Index;
use super::super::model::{Block, Item, plain};
use super::{Words, rollup};
use crate::pack::{Pack, load_from_texts};

const FRAME: &str = r#"
[pack]
name = "small"
version = "1"
[params.sleep_after]
value = 180
unit = "days"
[params.half]
value = 0.5
unit = "share of revenue"
[record]
key = "id"
[record.columns]
last = { type = "date" }
ends = { type = "date" }
a = { type = "number" }
b = { type = "number" }
said = { type = "text" }
asked = { type = "bool" }
told = { type = "bool" }
[tables.orders]
key = "id"
time = "day"
columns.day = { type = "date" }
columns.amount = { type = "number" }
[[causes]]
name = "price"
label = "Price"
class = "bought_away"
evidence = [ { when = 'a > 1', weight = 1 } ]
[[grades]]
name = "A"
[[states]]
name = "active"
"#;

/// A list as `[x; y]`, one within it likewise.
fn shown(blocks: &[Block]) -> String {
    let item = |item: &Item| format!("{}{}", plain(&item.line), shown(&item.below));
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Paragraph(line) => out.push_str(&plain(line)),
            Block::List { items, .. } => {
                let items: Vec<String> = items.iter().map(item).collect();
                out.push_str(&format!(" [{}]", items.join("; ")));
            }
            Block::Table { head, rows } => {
                let row = |row: &Vec<Vec<_>>| row.iter().map(|cell| plain(cell)).collect::<Vec<_>>().join(" -> ");
                let rows: Vec<String> = rows.iter().map(row).collect();
                out.push_str(&format!("{} | {}", head.join(" -> "), rows.join(" | ")));
            }
            other => panic!("{other:?}"),
        }
    }
    out
}

fn pack(line: &str) -> std::sync::Arc<Pack> {
    let text = format!("{FRAME}\n{line}\n");
    let loaded = load_from_texts(&[("pack.toml", &text)]);
    loaded.pack.unwrap_or_else(|| panic!("{line}: {:?}", loaded.diagnostics))
}

fn condition(expr: &str) -> String {
    let pack = pack(&format!("[[followups]]\nname = \"f\"\nlabel = \"f\"\nwhen = '{expr}'\nbecause = \"x\""));
    let index = Index::of(&pack);
    shown(&Words::new(&pack, &index).condition(&pack.followups[0].when.expr))
}

fn value(expr: &str) -> String {
    let pack = pack(&format!("[facts]\nf = '{expr}'"));
    let index = Index::of(&pack);
    shown(&Words::new(&pack, &index).value_blocks(&pack.facts[0].expr))
}

#[test]
fn a_parameter_in_a_sentence_is_named_alone() {
    let line = "[[followups]]\nname = \"f\"\nlabel = \"f\"\nwhen = 'a > 3'\nbecause = \"{a} of {sleep_after} days\"";
    let pack = pack(line);
    let index = Index::of(&pack);
    let because = &pack.followups[0].because;
    assert_eq!(plain(&Words::new(&pack, &index).sentence(because)), "a of sleep after days");
}

/// Compares all of a table, so that one run shows every difference.
fn compare(table: &[(&str, &str)], said: impl Fn(&str) -> String) {
    let differ = |(written, words): &(&str, &str)| {
        let found = said(written);
        (found != *words).then(|| format!("{written}\n  is {found}\n not {words}"))
    };
    let wrong: Vec<String> = table.iter().filter_map(differ).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn conditions() {
    let table = [
        ("a > 3", "a is more than 3"),
        ("3 < a", "a is more than 3"),
        ("!(a > 3)", "a is at most 3"),
        ("a != 0.005", "a is not 0.005"),
        ("a == ()", "a is not known"),
        ("!(a == ())", "a is known"),
        ("asked", "asked is yes"),
        ("!asked", "asked is no"),
        ("asked == false", "asked is no"),
        ("!(asked != true)", "asked is yes"),
        ("asked == told", "(asked is yes) holds just as (told is yes)"),
        ("last <= today - 30", "last is on or before 30 days before today"),
        ("ends <= today + sleep_after", "ends is on or before 180 days (sleep after) after today"),
        ("last > date(\"2026-01-31\")", "last is after 2026-01-31"),
        ("said == \"x\"", "said is “x”"),
        ("said in [\"x\", \"y\", \"z\"]", "said is “x”, “y” or “z”"),
        ("!(said in [\"x\", \"y\"])", "said is neither “x” nor “y”"),
        ("cause == \"price\"", "cause is Price"),
        ("class in [\"pushed_away\"]", "class is pushed away"),
        ("grade in [\"A\"] && track != ()", "grade is A and track is known"),
        ("mentions(said, [\"price\", \"expensive\"])", "said mentions one of: price, expensive"),
        ("mentions(said, [\"price\"])", "said mentions price"),
        ("!starts_with(said, \"x\")", "said does not begin with “x”"),
        ("matches(said, \"^a|b\")", "said fits the pattern ^a|b"),
        ("weekday(today) >= 5", "the weekday of today is Friday or later"),
        ("(asked || told) && a > 1", "(asked is yes or told is yes) and a is more than 1"),
        ("asked || told && a > 1", "asked is yes or (told is yes and a is more than 1)"),
        ("!(asked && a > 1)", "asked is no or a is at most 1"),
        ("(a > 1) ?? true", "a is more than 1 (also if unknown)"),
        ("!((a > 1) ?? true)", "a is at most 1 (not if unknown)"),
        (
            "a > 1 && (asked || told) && last < today",
            "all of these hold: [a is more than 1; asked is yes or told is yes; last is before today]",
        ),
        ("a / b > 3 * half", "a ÷ b is more than 3 × half (50 % of revenue)"),
        ("if asked { told } else { a > 1 }", "(told if asked is yes, otherwise (yes if a is more than 1)) is yes"),
        ("a in []", "never"),
    ];
    compare(&table, condition);
}

#[test]
fn values() {
    let table = [
        ("today - last", "days from last to today"),
        ("today + 1", "tomorrow"),
        ("last + (8 - a)", "(8 − a) days after last"),
        ("add_months(last, -3)", "3 months before last"),
        ("add_days(last, -sleep_after)", "180 days (sleep after) before last"),
        ("max(sleep_after, (3 * a) ?? 0)", "the larger of sleep after (180 days) and (3 × a, or 0 if unknown)"),
        ("3 * (a ?? 5)", "3 × a (5 if unknown)"),
        ("min(last, ends, today)", "the earliest of last, ends and today"),
        ("(a + b) * 2 - (a - b)", "(a + b) × 2 − (a − b)"),
        ("a / (b * 2)", "a ÷ (b × 2)"),
        ("-a ** 2", "(−a) to the power of 2"),
        ("clamp(a, 0, 10)", "a, but at least 0 and at most 10"),
        ("1 + clamp(a, 0, 10)", "1 + (a, but at least 0 and at most 10)"),
        ("(today - last) / 365.25", "(days from last to today) ÷ 365.25"),
        ("round(a, 1)", "a, rounded to 1 decimal"),
        ("last ?? ends", "last, or if unknown ends"),
        ("last ?? ends ?? today", "The first of these that is known: [last; ends; today]"),
        ("lower(said)", "said (in small letters)"),
        ("asked && a > 1", "yes if asked is yes and a is more than 1"),
        ("if a > 1 { 2 } else { b }", "If -> it is | a is more than 1 -> 2 | otherwise -> b"),
        (
            "switch said { \"x\" | \"y\" => 1, _ => 2 }",
            "If said is -> it is | “x” or “y” -> 1 | anything else, or unknown -> 2",
        ),
        (
            "if a > 1 { told } else { b > 1 }",
            "If -> it is | a is more than 1 -> told | otherwise -> yes if b is more than 1",
        ),
        ("1 + if a > 1 { 2 } else { b }", "1 + (2 if a is more than 1, otherwise b)"),
        ("months_between(last, today)", "whole months from last to today"),
        ("12500 * a", "12,500 × a"),
    ];
    compare(&table, value);
}

#[test]
fn rollups() {
    for (written, words) in [
        ("count(orders)", "the number of orders"),
        ("count(orders, orders.amount > 100)", "the number of orders where amount is more than 100"),
        (
            "sum(orders.amount, orders.day > today - 365)",
            "the sum of amount of all orders where day is after 365 days before today",
        ),
        ("max(orders.day)", "the latest day of all orders"),
        ("median_gap(orders.day)", "the median of the days from one day to the next of all orders"),
        ("share(orders, orders.amount > 5)", "the share of all orders for which amount is more than 5"),
    ] {
        let pack = pack(&format!("[rollups]\nr = '{written}'"));
        let index = Index::of(&pack);
        assert_eq!(plain(&rollup(&pack, &index, &pack.rollups[0])), words, "{written}");
    }
}
