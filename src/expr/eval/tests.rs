//! Meaning, case by case: a text, the values of a record, what comes out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::sync::Arc;

use super::super::functions::{Func, Pattern, Words, docs};
use super::super::{Anchor, Name, NameKind, Names, Scope, Stage, Type, check, parse};
use super::*;
use crate::diag::{FileId, Sources};
use crate::script::Limits;

/// A record by slot.
struct Record(HashMap<Slot, Value>);

impl Row for Record {
    fn get(&self, slot: Slot) -> Value {
        self.0.get(&slot).cloned().unwrap_or(Value::Missing)
    }
}

fn day(text: &str) -> Value {
    Value::Date(Date::parse_iso(text).unwrap())
}

/// Names that have a value, and those of each type that have none: `no_number`, `no_text`, `no_bool`, `no_date`.
fn record() -> (Names, Record) {
    let mut names = Names::default();
    let mut values = HashMap::new();
    for (name, ty, value) in [
        ("today", Type::Date, day("2025-03-01")),
        ("last_order", Type::Date, day("2024-12-24")),
        ("amount", Type::Number, Value::number(12.5)),
        ("zero", Type::Number, Value::number(0.0)),
        ("segment", Type::Text, Value::text("gold")),
        ("reason", Type::Text, Value::text("Viel zu TEUER, schade")),
        ("yes", Type::Bool, Value::Bool(true)),
        ("no", Type::Bool, Value::Bool(false)),
        ("no_number", Type::Number, Value::Missing),
        ("no_text", Type::Text, Value::Missing),
        ("no_bool", Type::Bool, Value::Missing),
        ("no_date", Type::Date, Value::Missing),
    ] {
        let slot =
            names.add(Name { name: name.to_owned(), kind: NameKind::Column, stage: Stage::Record, ty, span: None });
        values.insert(slot.unwrap(), value);
    }
    (names, Record(values))
}

/// A script `m` with a function that doubles, one that fails on numbers above 5, and one that asks for missing.
fn scripts() -> Scripts {
    let mut sources = Sources::default();
    let text = "/// (n: number) -> number\nfn double(n) { n * 2 }\n\
                /// (n: number) -> number\nfn picky(n) {\n if n > 5 { throw \"too much\" }\n n }\n\
                /// (n: number) -> bool\n/// missing: call\nfn absent(n) { n == () }";
    let file = sources.add("scripts/m.rhai", text);
    let mut diagnostics = Vec::new();
    let scripts = Scripts::compile(&[("m".to_owned(), file)], &sources, &Limits::default(), &mut diagnostics);
    assert_eq!(diagnostics, []);
    scripts
}

fn typed(text: &str, names: &Names, scripts: &Scripts) -> Expr {
    let mut sources = Sources::default();
    let file = sources.add("facts.toml", text);
    let anchor = Anchor::plain(file, 0, Span::new(file, 0, text.len()));
    let mut diagnostics = Vec::new();
    let scope = Scope { names, stage: Stage::Campaign, scripts };
    let expr = parse(text, &anchor, &mut diagnostics).and_then(|ast| check(&ast, &scope, None, &mut diagnostics));
    expr.unwrap_or_else(|| panic!("{text}: {diagnostics:#?}"))
}

/// The value of a text, as it would be written.
fn value(text: &str) -> String {
    let (names, record) = record();
    let scripts = scripts();
    let expr = typed(text, &names, &scripts);
    let value = evaluate(&expr, &record, &scripts);
    assert_eq!(trace(&expr, &record, &scripts).value, value, "{text}: the trace says something else");
    assert!(value.ty().is_none_or(|ty| ty == expr.ty), "{text} is {value:?}, not a {}", expr.ty);
    value.literal()
}

fn cases(list: &[(&str, &str)]) {
    let wrong: Vec<String> = list
        .iter()
        .map(|(text, expected)| (text, value(text), expected))
        .filter(|(_, got, expected)| got != *expected)
        .map(|(text, got, expected)| format!("{text}  is {got}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_documented_example_gives_its_result() {
    for doc in docs() {
        assert_eq!(value(doc.example), doc.result, "{}", doc.example);
        assert!(doc.example.starts_with(doc.name), "the example of {} uses it", doc.name);
    }
    let mut names: Vec<&str> = docs().iter().map(|d| d.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), docs().len(), "each function has one page");
}

#[test]
fn arithmetic() {
    cases(&[
        ("1 + 2 * 3", "7"),
        ("7 / 2", "3.5"),
        ("-7 % 3", "-1"),
        ("2 ** 10", "1024"),
        ("1 / 0", "()"),
        ("0 / zero", "()"),
        ("5 % zero", "()"),
        ("(-8) ** (1 / 3)", "()"),
        ("amount * 1e308 * 1e308", "()"),
        ("zero * -1", "0"),
        ("-zero", "0"),
        ("-amount", "-12.5"),
        ("amount + no_number", "()"),
        ("no_number ** 0", "()"),
        ("1 ** no_number", "()"),
        ("-no_number", "()"),
        ("0.1 + 0.2", "0.30000000000000004"),
    ]);
}

#[test]
fn dates() {
    cases(&[
        ("today - last_order", "67"),
        ("last_order - today", "-67"),
        ("today + 1", "date(\"2025-03-02\")"),
        ("today + 1.9", "date(\"2025-03-02\")"),
        ("today - 1.5", "date(\"2025-02-28\")"),
        ("today - -1.5", "date(\"2025-03-03\")"),
        ("today + 1e9", "()"),
        ("today - no_date", "()"),
        ("no_date + 1", "()"),
        ("today + no_number", "()"),
        ("today > last_order", "true"),
        ("max(today, last_order)", "date(\"2025-03-01\")"),
        ("min(today, no_date)", "()"),
    ]);
}

#[test]
fn comparison() {
    cases(&[
        ("1 < 2", "true"),
        ("2 <= 2", "true"),
        ("\"Z\" < \"a\"", "true"),
        ("\"a\" < \"ä\"", "true"),
        ("\"\u{ffff}\" < \"\u{10000}\"", "true"),
        ("segment == \"gold\"", "true"),
        ("segment == \"Gold\"", "false"),
        ("yes == no", "false"),
        ("yes != no", "true"),
        ("zero == -0.0", "true"),
        ("amount > no_number", "()"),
        ("no_text == no_text", "()"),
        ("no_text != \"a\"", "()"),
    ]);
}

#[test]
fn missing_is_asked_for() {
    cases(&[
        ("no_number == ()", "true"),
        ("no_number != ()", "false"),
        ("amount == ()", "false"),
        ("amount != ()", "true"),
        ("(1 / zero) == ()", "true"),
        ("no_number ?? 7", "7"),
        ("no_number ?? (no_number ?? 8)", "8"),
        ("amount ?? 7", "12.5"),
        ("no_number ?? no_number", "()"),
        ("no_bool ?? false", "false"),
    ]);
}

#[test]
fn truth_has_three_values() {
    cases(&[
        ("yes && no_bool", "()"),
        ("no && no_bool", "false"),
        ("no_bool && no", "false"),
        ("yes || no_bool", "true"),
        ("no_bool || yes", "true"),
        ("no || no_bool", "()"),
        ("!no_bool", "()"),
        ("!yes", "false"),
        ("yes && yes && no_bool && no", "false"),
        ("no || no_bool || no", "()"),
    ]);
}

#[test]
fn membership_is_a_chain_of_comparisons() {
    cases(&[
        ("segment in [\"silver\", \"gold\"]", "true"),
        ("segment in [\"silver\"]", "false"),
        ("segment !in [\"silver\"]", "true"),
        ("no_text in [\"silver\"]", "()"),
        ("no_text !in [\"silver\"]", "()"),
        ("amount in [no_number, 12.5]", "true"),
        ("amount in [no_number, 1]", "()"),
        ("amount !in [no_number, 1]", "()"),
        ("amount !in [no_number, 12.5]", "false"),
        ("today in [last_order, today]", "true"),
    ]);
}

#[test]
fn branches() {
    cases(&[
        ("if yes { 1 } else { 2 }", "1"),
        ("if no_bool { 1 } else { 2 }", "2"),
        ("if no { 1 } else if yes { 2 } else { 3 }", "2"),
        ("if no { 1 }", "()"),
        ("if yes { no_number } else { 2 }", "()"),
        ("switch segment { \"silver\" => 1, \"gold\" | \"platinum\" => 2, _ => 3 }", "2"),
        ("switch segment { \"silver\" => 1, _ => 3 }", "3"),
        ("switch segment { \"silver\" => 1 }", "()"),
        ("switch no_text { \"silver\" => 1, _ => 3 }", "3"),
        ("switch amount { 12.5 => \"a\", _ => \"b\" }", "\"a\""),
        ("switch zero { 0 => \"a\", _ => \"b\" }", "\"a\""),
    ]);
}

#[test]
fn functions_are_strict() {
    cases(&[
        ("months_between(last_order, today)", "2"),
        ("clamp(amount, 0, 10)", "10"),
        ("min(1, no_number)", "()"),
        ("max(no_number, 1, 2)", "()"),
        ("round(amount)", "13"),
        ("round(no_number, 1)", "()"),
        ("mentions(reason, [\"teuer\"])", "true"),
        ("mentions(no_text, [\"teuer\"])", "()"),
        ("contains(segment, no_text)", "()"),
        ("len(no_text)", "()"),
        ("weekday(today)", "6"),
    ]);
}

#[test]
fn scripts_are_called() {
    cases(&[
        ("m::double(amount) + 1", "26"),
        ("m::double(no_number)", "()"),
        ("m::absent(no_number)", "true"),
        ("m::absent(amount)", "false"),
        ("m::picky(3)", "3"),
        ("m::picky(amount)", "()"),
        ("m::picky(amount) ?? 1", "1"),
    ]);
}

#[test]
fn a_trace_shows_every_part_and_why_a_script_failed() {
    let (names, record) = record();
    let scripts = scripts();
    let text = "no && m::picky(amount) > 1";
    let trace = trace(&typed(text, &names, &scripts), &record, &scripts);
    assert_eq!(trace.value, Value::Bool(false));
    assert_eq!(trace.children.len(), 2, "short-circuiting hides nothing");
    let comparison = &trace.children[1];
    assert_eq!(comparison.value, Value::Missing);
    let call = &comparison.children[0];
    assert_eq!(call.note.as_deref(), Some("m.rhai, line 5: too much"));
    assert_eq!(call.children[0].value, Value::number(12.5));
    let part = |t: &Trace| &text[t.text_span.start as usize..t.text_span.end as usize];
    assert_eq!(
        [part(&trace), part(comparison), part(call), part(&call.children[0])],
        [text, "m::picky(amount) > 1", "m::picky(amount)", "amount"]
    );
}

#[test]
fn parts_are_all_that_walking_finds() {
    let (names, _) = record();
    let scripts = scripts();
    for text in [
        "if yes { amount } else if no { 1 } else { switch segment { \"a\" => 1, _ => m::double(2) } }",
        "segment in [\"a\", no_text] && !(no_bool || amount == ()) && -amount ?? 1 > round(amount, 2)",
    ] {
        fn count(expr: &Expr) -> usize {
            1 + parts(expr).into_iter().map(count).sum::<usize>()
        }
        let expr = typed(text, &names, &scripts);
        let mut walked = 0;
        expr.walk(&mut |_| walked += 1);
        assert_eq!(count(&expr), walked, "{text}");
    }
}

/// Values that provoke: limits of every type, odd texts, missing.
fn awkward() -> Vec<Value> {
    let mut values = vec![Value::Missing, Value::Bool(true), Value::Bool(false)];
    for x in [0.0, 1.0, -1.0, 0.5, -2.5, 1e-310, 1e15, -1e308, f64::MAX, f64::MIN, 4.0, 12.0, 9e15, -3e6] {
        values.push(Value::number(x));
    }
    for text in ["", " ", "a", "Ärger\n", "ß", "\u{0}", "İ", "👩‍👧 é e\u{301}", "(", "2025-01-31"] {
        values.push(Value::text(text));
    }
    for date in [Date::MIN, Date::MAX, Date::from_days(0).unwrap(), Date::parse_iso("2024-02-29").unwrap()] {
        values.push(Value::Date(date));
    }
    values.push(Value::text("x".repeat(5000)));
    values
}

/// Whatever comes in, of whatever type and number: a value comes out, and a number is finite and never -0.
#[test]
fn no_input_panics() {
    let pattern = Func::Matches(Arc::new(Pattern::compile("a|é").unwrap()));
    let words = Func::Mentions(Arc::new(Words::compile(vec!["a".to_owned(), "é x".to_owned()])));
    let functions = [
        Func::DaysBetween,
        Func::MonthsBetween,
        Func::YearsBetween,
        Func::AddDays,
        Func::AddMonths,
        Func::Year,
        Func::Month,
        Func::Day,
        Func::Weekday,
        Func::Min,
        Func::Max,
        Func::Clamp,
        Func::Abs,
        Func::Round,
        Func::Floor,
        Func::Ceil,
        Func::Sqrt,
        Func::Ln,
        Func::Exp,
        Func::Pow,
        Func::Lower,
        Func::Upper,
        Func::Trim,
        Func::Len,
        Func::Contains,
        Func::StartsWith,
        Func::EndsWith,
        pattern,
        words,
    ];
    let values = awkward();
    let fine = |value: &Value| match value {
        Value::Number(x) => x.is_finite() && (*x != 0.0 || x.is_sign_positive()),
        _ => true,
    };
    for func in &functions {
        assert!(docs().iter().any(|d| d.name == func.name()), "{} has no page", func.name());
        assert_eq!(func.call(&[]), Value::Missing);
        for a in &values {
            assert!(fine(&func.call(std::slice::from_ref(a))), "{func:?} {a:?}");
            for b in &values {
                let got = func.call(&[a.clone(), b.clone()]);
                assert!(fine(&got), "{func:?} {a:?} {b:?}");
                let strict = !a.is_missing() && !b.is_missing();
                assert!(strict || got.is_missing(), "{func:?} is not strict: {a:?} {b:?}");
                for c in values.iter().step_by(3) {
                    assert!(fine(&func.call(&[a.clone(), b.clone(), c.clone()])), "{func:?} {a:?} {b:?} {c:?}");
                }
            }
        }
    }
    for a in &values {
        for b in &values {
            for op in [Arith::Add, Arith::Sub, Arith::Mul, Arith::Div, Arith::Rem, Arith::Pow] {
                assert!(fine(&arith(op, a, b)), "{a:?} {} {b:?}", op.symbol());
            }
            for op in [Compare::Eq, Compare::Ne, Compare::Lt, Compare::Le, Compare::Gt, Compare::Ge] {
                let expected = a.ty().is_some() && a.ty() == b.ty();
                let got = compare(op, a, b);
                assert!(expected || got.is_missing(), "{a:?} {} {b:?} is {got:?}", op.symbol());
            }
        }
    }
}

/// Trees that no checked expression has: a value comes out all the same.
#[test]
fn trees_that_are_not_typed_are_missing() {
    let span = Span::new(FileId(0), 0, 0);
    let (_, record) = record();
    let leaf = |value: &Value| Expr { kind: Kind::Const(value.clone()), ty: Type::Number, span };
    let scripts = Scripts::default();
    for value in awkward() {
        for kind in [
            Kind::Neg(Box::new(leaf(&value))),
            Kind::Not(Box::new(leaf(&value))),
            Kind::And(vec![leaf(&value), leaf(&Value::Bool(true))]),
            Kind::Or(vec![leaf(&value)]),
            Kind::Coalesce(Vec::new()),
            Kind::In { item: Box::new(leaf(&value)), list: Vec::new(), negated: false },
            Kind::Slot(Slot(u32::MAX)),
            Kind::If { branches: vec![(leaf(&value), leaf(&value))], otherwise: Box::new(leaf(&Value::Missing)) },
        ] {
            evaluate(&Expr { kind, ty: Type::Bool, span }, &record, &scripts);
        }
    }
}
