//! The whole is what the interpreter says, and so is every part of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::diag::Span;
use crate::expr::{Anchor, Date, Scope, Stage, Type, check, evaluate, parse};
use crate::pack::{load, load_from_texts};
use crate::stage::decide;

fn today() -> Date {
    Date::parse_iso("2026-06-30").unwrap()
}

/// Parses with the names of a pack; the text stands in a file of its own.
fn read(pack: &Pack, text: &str) -> (Expr, Sources) {
    let mut sources = (*pack.sources).clone();
    let file = sources.add("expression", text);
    let anchor = Anchor::plain(file, 0, Span::new(file, 0, text.len()));
    let mut found = Vec::new();
    let scope = Scope { names: &pack.names, stage: Stage::Campaign, scripts: &pack.scripts };
    let expr = parse(text, &anchor, &mut found).and_then(|ast| check(&ast, &scope, None, &mut found));
    (expr.unwrap_or_else(|| panic!("{text}: {found:?}")), sources)
}

/// A record in which some values are missing, and the rest anything.
fn record(pack: &Pack, rng: &mut fastrand::Rng) -> RowValues {
    let mut record = RowValues::new(pack);
    let slots = pack.record.columns.iter().map(|c| (c.slot, c.ty, c.values.clone()));
    for (slot, ty, listed) in slots.chain(pack.rollups.iter().map(|r| (r.slot, pack.names.get(r.slot).ty, Vec::new())))
    {
        if rng.u8(..) < 64 || (ty == Type::Bool && rng.bool()) {
            continue;
        }
        let value = match ty {
            Type::Number => Value::number(f64::from(rng.i32(-2..400)) / f64::from(rng.i32(1..4))),
            Type::Text if listed.is_empty() => Value::text(["too expensive", "moved", "", "slow"][rng.usize(..4)]),
            Type::Text => Value::text(listed[rng.usize(..listed.len())].as_str()),
            Type::Bool => Value::Bool(rng.u8(..) < 20),
            Type::Date => Value::Date(Date::from_days(i64::from(today().days() - rng.i32(-60..900))).unwrap()),
        };
        record.set(slot, value);
    }
    record
}

/// Every expression a customer can be asked, with its text.
fn rules(pack: &Pack) -> Vec<String> {
    let mut texts: Vec<String> = pack.facts.iter().map(|f| f.text.clone()).collect();
    texts.extend(pack.names.iter().map(|(_, n)| n.name.clone()));
    texts.extend(pack.states.iter().filter_map(|s| s.when.as_ref()).map(|r| r.text.clone()));
    for campaign in &pack.campaigns {
        let rules = [&campaign.when, &campaign.cost, &campaign.success, &campaign.value, &campaign.send_on];
        texts.extend(rules.into_iter().flatten().map(|r| r.text.clone()));
    }
    texts.extend(pack.causes.list.iter().flat_map(|c| &c.evidence).map(|e| e.when.text.clone()));
    texts
}

#[test]
fn every_part_is_worth_what_its_text_is_worth() {
    let mut rng = fastrand::Rng::with_seed(7);
    let mut parts = 0;
    for name in ["base", "telecom", "b2b"] {
        let pack = load(name).pack.unwrap();
        let context = Context::at(today());
        for _ in 0..3 {
            let decision = decide(&pack, &context, record(&pack, &mut rng));
            for text in rules(&pack) {
                let (expr, sources) = read(&pack, &text);
                for depth in [0, 2] {
                    let lamp = Lamp {
                        pack: &pack,
                        context: &context,
                        decision: &decision,
                        sources: &sources,
                        given: &[],
                        depth,
                    };
                    let whole = unfold(&lamp, &expr);
                    assert_eq!(whole.value.0, evaluate(&expr, &decision.values, &pack.scripts), "{text}");
                    whole.walk(&mut |part| {
                        let (again, _) = read(&pack, &part.text);
                        let value = evaluate(&again, &decision.values, &pack.scripts);
                        assert_eq!(part.value.0, value, "`{}` of `{text}` in {name}", part.text);
                        parts += 1;
                    });
                }
            }
        }
    }
    assert!(parts > 5000, "only {parts} parts were looked at");
}

const SMALL: &str = r#"
[pack]
name = "small"
[params.sleep_after]
value = 180
unit = "days"
[record]
key = "k"
columns.last_order = { type = "date" }
columns.revenue = { type = "number" }
columns.orders = { type = "number" }
columns.segment = { type = "text" }
[facts]
days_silent = 'today - last_order'
per_order = 'revenue / orders'
asleep = 'days_silent > sleep_after'
"#;

fn small(values: &[(&str, Value)], text: &str, depth: usize) -> Part {
    let states = "[[states]]\nname = \"dormant\"\nwhen = 'asleep'\n[[states]]\nname = \"active\"\n";
    let pack = load_from_texts(&[("pack.toml", SMALL), ("states.toml", states)]).pack.unwrap();
    let mut record = RowValues::new(&pack);
    for (name, value) in values {
        record.set(pack.names.find(name).unwrap(), value.clone());
    }
    let context = Context::at(today());
    let decision = decide(&pack, &context, record);
    let (expr, sources) = read(&pack, text);
    let lamp = Lamp { pack: &pack, context: &context, decision: &decision, sources: &sources, given: &[], depth };
    unfold(&lamp, &expr)
}

/// `role text = value (why)`, indented; what is not taken in brackets.
fn outline(part: &Part) -> String {
    fn write(part: &Part, level: usize, out: &mut String) {
        let role = part.role.as_ref().map_or(String::new(), |role| format!("{role} "));
        let why = part.unknown.as_ref().map_or(String::new(), |why| format!(" ({why})"));
        let line = format!("{role}{} = {}{why}", part.text, crate::explain::literal(&part.value.0));
        let line = if part.not_taken { format!("[{line}]") } else { line };
        out.push_str(&format!("{}{line}\n", "  ".repeat(level)));
        part.parts.iter().for_each(|p| write(p, level + 1, out));
    }
    let mut out = String::new();
    write(part, 0, &mut out);
    out
}

#[test]
fn names_open_as_deep_as_asked() {
    let values = [("last_order", Value::Date(Date::parse_iso("2025-12-01").unwrap()))];
    assert_eq!(outline(&small(&values, "asleep", 0)), "asleep = true\n");
    assert_eq!(outline(&small(&values, "asleep", 1)), "asleep = true\n  days_silent = 211\n  sleep_after = 180\n");
    assert_eq!(
        outline(&small(&values, "asleep && days_silent > 1", 9)),
        "asleep && days_silent > 1 = true\n\
         \x20 asleep = true\n\
         \x20   days_silent = 211\n\
         \x20     today = date(\"2026-06-30\")\n\
         \x20     last_order = date(\"2025-12-01\")\n\
         \x20   sleep_after = 180\n\
         \x20 days_silent > 1 = true\n\
         \x20   days_silent = 211\n"
    );
    assert_eq!(
        outline(&small(&values, "state == \"dormant\"", 1)),
        "state == \"dormant\" = true\n  state = \"dormant\"\n    when asleep = true\n"
    );
}

#[test]
fn branches_that_were_not_taken_say_so() {
    let values = [("segment", Value::text("gold")), ("orders", Value::Number(3.0))];
    assert_eq!(
        outline(&small(&values, "if orders > 2 { orders } else if orders > 1 { 1 } else { 0 }", 0)),
        "if orders > 2 { orders } else if orders > 1 { 1 } else { 0 } = 3\n\
         \x20 if orders > 2 = true\n\
         \x20   orders = 3\n\
         \x20 then orders = 3\n\
         \x20 [else if orders > 1 = true]\n\
         \x20 [then 1 = 1]\n\
         \x20 [else 0 = 0]\n"
    );
    assert_eq!(
        outline(&small(&values, "switch segment { \"gold\" => orders, _ => 0 }", 0)),
        "switch segment { \"gold\" => orders, _ => 0 } = 3\n\
         \x20 switch segment = \"gold\"\n\
         \x20 \"gold\" => orders = 3\n\
         \x20 [_ => 0 = 0]\n"
    );
    assert_eq!(
        outline(&small(&values, "orders ?? revenue ?? 5", 0)),
        "orders ?? revenue ?? 5 = 3\n  orders = 3\n  [revenue = ()]\n"
    );
}

#[test]
fn what_has_no_value_says_why() {
    let zero = [("revenue", Value::Number(5.0)), ("orders", Value::Number(0.0))];
    assert_eq!(
        outline(&small(&zero, "per_order > 1", 0)),
        "per_order > 1 = () (`revenue / orders` has no value)\n  per_order = () (`revenue / orders` has no value)\n"
    );
    assert_eq!(
        outline(&small(&zero, "per_order > 1", 1)),
        "per_order > 1 = () (`revenue / orders` has no value)\n\
         \x20 per_order = () (division by zero)\n\
         \x20   revenue = 5\n\
         \x20   orders = 0\n"
    );
    assert_eq!(
        outline(&small(&[], "days_silent + 1", 1)),
        "days_silent + 1 = () (`last_order` is missing)\n\
         \x20 days_silent = ()\n\
         \x20   today = date(\"2026-06-30\")\n\
         \x20   last_order = () (not known of this customer)\n"
    );
}

#[test]
fn a_text_on_several_lines_becomes_one() {
    assert_eq!(small(&[], "orders\n   + 1\n", 0).text, "orders + 1");
}
