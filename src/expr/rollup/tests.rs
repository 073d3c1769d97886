//! Rollups: what they are typed to, and what each diagnostic says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::diag::Sources;
use crate::expr::ir::Name;
use crate::expr::types::tests::{place, scripts, shown};
use crate::expr::{Kind, NameKind, parse};

fn names(table: &str, columns: &[(&str, Type)]) -> Names {
    let mut names = Names::default();
    let mut add = |name: String, kind, stage, ty| {
        names.add(Name { name, kind, stage, ty, span: None }).unwrap();
    };
    add("today".into(), NameKind::Today, Stage::Run, Type::Date);
    add("big".into(), NameKind::Param, Stage::Run, Type::Number);
    for (column, ty) in columns {
        add(format!("{table}.{column}"), NameKind::Column, Stage::Record, *ty);
    }
    names
}

fn run(text: &str) -> (Option<RollupExpr>, Vec<Diagnostic>, Sources) {
    let orders = names(
        "orders",
        &[
            ("ordered_on", Type::Date),
            ("amount", Type::Number),
            ("quantity", Type::Number),
            ("channel", Type::Text),
            ("returned", Type::Bool),
        ],
    );
    let calls = names("calls", &[("called_on", Type::Date), ("minutes", Type::Number)]);
    let tables = [("orders".to_string(), &orders), ("calls".to_string(), &calls)].into_iter().collect();
    let mut sources = Sources::default();
    let anchor = place(&mut sources, text);
    let mut diagnostics = Vec::new();
    let rollup = parse(text, &anchor, &mut diagnostics)
        .and_then(|ast| check_rollup(&ast, &anchor, &tables, &scripts(), &mut diagnostics));
    (rollup, diagnostics, sources)
}

#[test]
fn aggregates() {
    use Aggregate as A;
    // Text, aggregate, type, whether it has a value and a condition.
    let cases: &[(&str, Aggregate, Type, bool, bool)] = &[
        ("count(orders)", A::Count, Type::Number, false, false),
        ("count(orders, orders.ordered_on > today - 365)", A::Count, Type::Number, false, true),
        ("count(orders.channel)", A::Count, Type::Number, true, false),
        ("count(orders.amount, orders.amount > big)", A::Count, Type::Number, true, true),
        ("sum(orders.amount * orders.quantity)", A::Sum, Type::Number, true, false),
        ("sum(if orders.returned { 0 } else { orders.amount }, orders.amount > 0)", A::Sum, Type::Number, true, true),
        ("mean(orders.amount)", A::Mean, Type::Number, true, false),
        ("median(orders.amount)", A::Quantile(0.5), Type::Number, true, false),
        ("quantile(orders.amount, 0.9)", A::Quantile(0.9), Type::Number, true, false),
        ("quantile(orders.amount, 1, orders.returned)", A::Quantile(1.0), Type::Number, true, true),
        ("min(orders.ordered_on)", A::Min, Type::Date, true, false),
        ("max(orders.channel, orders.returned)", A::Max, Type::Text, true, true),
        ("max(max(orders.amount, 3))", A::Max, Type::Number, true, false),
        ("first(orders.returned)", A::First, Type::Bool, true, false),
        ("last(lower(orders.channel))", A::Last, Type::Text, true, false),
        ("count_distinct(orders.channel)", A::CountDistinct, Type::Number, true, false),
        ("median_gap(orders.ordered_on)", A::QuantileGap(0.5), Type::Number, true, false),
        ("quantile_gap(orders.ordered_on, 0.9, orders.amount > 0)", A::QuantileGap(0.9), Type::Number, true, true),
        ("sum(prestige::image(orders.channel, orders.amount))", A::Sum, Type::Number, true, false),
    ];
    for (text, aggregate, ty, value, condition) in cases {
        let (rollup, diagnostics, _) = run(text);
        let rollup = rollup.unwrap_or_else(|| panic!("{text}: {diagnostics:#?}"));
        assert_eq!((&rollup.aggregate, rollup.ty, rollup.table.as_str()), (aggregate, *ty, "orders"), "{text}");
        assert_eq!((rollup.value.is_some(), rollup.condition.is_some()), (*value, *condition), "{text}");
        assert!(diagnostics.is_empty(), "{text}");
    }
}

#[test]
fn shares() {
    for (text, value, condition) in [
        ("share(orders, orders.returned)", false, false),
        ("share(orders.amount, orders.returned, orders.amount > 0)", true, true),
    ] {
        let rollup = run(text).0.unwrap();
        let Aggregate::Share(part) = &rollup.aggregate else { panic!("{text}") };
        assert!(matches!(part.kind, Kind::Slot(_)));
        assert_eq!((rollup.value.is_some(), rollup.condition.is_some(), rollup.ty), (value, condition, Type::Number));
    }
}

#[test]
fn diagnostics() {
    use code::*;
    let cases: &[(&str, Code, &str, &str)] = &[
        (
            "sum(orders.amount) / count(orders)",
            NOT_AN_EXPRESSION,
            "sum(orders.amount) / count(orders)",
            "make two rollups, and divide them in `[facts]`",
        ),
        (
            "sum(orders.amount) * 2",
            NOT_AN_EXPRESSION,
            "sum(orders.amount) * 2",
            "make a rollup of `sum(orders.amount)`",
        ),
        (
            "round(mean(orders.amount))",
            NOT_AN_EXPRESSION,
            "round(mean(orders.amount))",
            "make a rollup of `mean(orders.amount)`",
        ),
        ("orders.amount", NOT_AN_EXPRESSION, "orders.amount", "`sum(orders.amount)`"),
        ("3", NOT_AN_EXPRESSION, "3", "`count(orders)`"),
        ("avg(orders.amount)", UNKNOWN_FUNCTION, "avg", "did you mean `mean(orders.amount)`?"),
        ("cuont(orders)", UNKNOWN_FUNCTION, "cuont", "did you mean `count(orders)`"),
        ("whatever(orders)", UNKNOWN_FUNCTION, "whatever", "there are `count`, `sum`"),
        ("count(order)", UNKNOWN_REFERENCE, "order", "did you mean `orders`?"),
        ("sum(invoices.amount)", UNKNOWN_REFERENCE, "invoices", "declare it: `[tables.invoices]`"),
        ("sum(amount)", UNKNOWN_REFERENCE, "amount", "`orders.amount`"),
        ("count()", ARGUMENTS, "count()", "this rollup names no table"),
        ("sum(3)", ARGUMENTS, "sum(3)", "this rollup names no table"),
        ("sum(orders)", TYPE, "orders", "`sum` needs a column of `orders`"),
        ("sum(orders.channel)", TYPE, "orders.channel", "`sum` takes numbers, and this is a text"),
        ("mean(orders.returned)", TYPE, "orders.returned", "`share(orders, orders.returned)`"),
        ("median_gap(orders.amount)", TYPE, "orders.amount", "`median_gap` takes dates, and this is a number"),
        ("median(orders.ordered_on)", TYPE, "orders.ordered_on", "`median_gap(…)`"),
        ("max(orders.returned)", TYPE, "orders.returned", "numbers, dates or texts"),
        ("sum(orders.amout)", UNKNOWN_NAME, "orders.amout", "did you mean `orders.amount`?"),
        ("count(orders, amount > 3)", UNKNOWN_NAME, "amount", "written `orders.amount`"),
        ("count(orders, days_silent > 3)", UNKNOWN_NAME, "days_silent", "columns of `orders`, parameters and `today`"),
        ("count(orders, orders.amount)", TYPE, "orders.amount", "expected bool, found number"),
        ("sum(orders.amount, calls.minutes > 3)", NOT_AN_EXPRESSION, "calls", "a rollup reads one table"),
        ("sum(orders.amount, cals.minutes > 3)", UNKNOWN_REFERENCE, "cals", "did you mean `calls`?"),
        ("quantile(orders.amount)", ARGUMENTS, "quantile(orders.amount)", "`quantile(orders.amount, 0.9)`"),
        ("quantile(orders.amount, 90)", BAD_CONSTANT, "90", "write `0.9`"),
        ("quantile(orders.amount, -1)", BAD_CONSTANT, "-1", "between 0 and 1"),
        ("quantile(orders.amount, big)", NOT_CONSTANT, "big", "must be written out"),
        ("sum(sum(orders.amount))", UNKNOWN_FUNCTION, "sum", "a rollup is one aggregate"),
        ("share(orders)", ARGUMENTS, "share(orders)", "`share` takes 2 or 3 arguments, and 1 is given"),
        ("share(orders.channel, orders.returned)", TYPE, "orders.channel", "`share` takes numbers"),
        ("count(orders, orders.amount = 3)", SYNTAX, "=", "write `==`"),
    ];
    let mut wrong = String::new();
    for (text, code, underlined, part) in cases {
        let (rollup, diagnostics, sources) = run(text);
        let said: Vec<String> = diagnostics.iter().map(|d| shown(d, &sources)).collect();
        let fits = rollup.is_none()
            && diagnostics.len() == 1
            && diagnostics[0].code == *code
            && sources.text(diagnostics[0].primary.as_ref().unwrap().span) == *underlined
            && said[0].contains(part);
        if !fits {
            wrong += &format!("{text}\n  wanted {code} at [{underlined}] … {part}\n  got    {}\n", said.join("\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn several_errors_at_once() {
    let (_, diagnostics, sources) = run("quantile(orders.channel, 2, orders.amount)");
    let at: Vec<&str> = diagnostics.iter().map(|d| sources.text(d.primary.as_ref().unwrap().span)).collect();
    assert_eq!(at, ["orders.channel", "2", "orders.amount"]);
}
