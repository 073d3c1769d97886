//! What each diagnostic says, where it points, and what it advises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use super::*;
use crate::diag::{Code, FileId, Severity, Sources, has_errors};
use crate::expr::ir::Name;
use crate::expr::value::Date;
use crate::expr::{Anchor, Arith, Compare, Func, NameKind, parse};

/// The names of a small pack.
pub(crate) fn names() -> Names {
    let mut names = Names::default();
    for (name, kind, stage, ty) in [
        ("today", NameKind::Today, Stage::Run, Type::Date),
        ("sleep_after", NameKind::Param, Stage::Run, Type::Number),
        ("amount", NameKind::Column, Stage::Record, Type::Number),
        ("margin", NameKind::Column, Stage::Record, Type::Number),
        ("segment", NameKind::Column, Stage::Record, Type::Text),
        ("cancel_reason", NameKind::Column, Stage::Record, Type::Text),
        ("objected", NameKind::Column, Stage::Record, Type::Bool),
        ("vip", NameKind::Column, Stage::Record, Type::Bool),
        ("last_order", NameKind::Rollup, Stage::Record, Type::Date),
        ("contract_end", NameKind::Column, Stage::Record, Type::Date),
        ("umsatz_jährlich", NameKind::Column, Stage::Record, Type::Number),
        ("days_silent", NameKind::Fact, Stage::Fact, Type::Number),
        ("state", NameKind::Decided, Stage::State, Type::Text),
        ("cause", NameKind::Decided, Stage::Cause, Type::Text),
        ("score.payment", NameKind::Decided, Stage::Score, Type::Number),
        ("worth", NameKind::Decided, Stage::Dimension, Type::Number),
        ("grade", NameKind::Decided, Stage::Grade, Type::Text),
    ] {
        names.add(Name { name: name.into(), kind, stage, ty, span: None }).unwrap();
    }
    names
}

/// A script `prestige` with `image(segment: text, amount: number) -> number`.
pub(crate) fn scripts() -> Scripts {
    let mut sources = Sources::default();
    let text = "/// (segment: text, amount: number) -> number\nfn image(segment, amount) { amount }\n";
    let file = sources.add("scripts/prestige.rhai", text);
    let mut diagnostics = Vec::new();
    let scripts = Scripts::compile(
        &[("prestige".to_string(), file)],
        &sources,
        &crate::script::Limits::default(),
        &mut diagnostics,
    );
    assert!(!has_errors(&diagnostics), "{diagnostics:?}");
    scripts
}

/// A text in the middle of a file, and its anchor.
pub(crate) fn place(sources: &mut Sources, text: &str) -> Anchor {
    let file = sources.add("facts.toml", format!("x = '{text}'\n"));
    Anchor::plain(file, 5, Span::new(file, 4, 6 + text.len()))
}

/// Parses and types a text in the middle of a file.
fn run(text: &str, stage: Stage, expected: Option<Type>) -> (Option<Expr>, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let anchor = place(&mut sources, text);
    let mut diagnostics = Vec::new();
    let (names, scripts) = (names(), scripts());
    let scope = Scope { names: &names, stage, scripts: &scripts };
    let expr = parse(text, &anchor, &mut diagnostics).and_then(|ast| check(&ast, &scope, expected, &mut diagnostics));
    (expr, diagnostics, sources)
}

fn expr(text: &str) -> Expr {
    let (expr, diagnostics, _) = run(text, Stage::Campaign, None);
    expr.unwrap_or_else(|| panic!("{text}: {diagnostics:#?}"))
}

/// A diagnostic as the tests below write it.
pub(crate) fn shown(d: &Diagnostic, sources: &Sources) -> String {
    let place = |span| sources.text(span).to_string();
    let mut lines = vec![format!("{} {}", d.code, d.message)];
    lines.push(format!("at [{}]", d.primary.as_ref().map_or(String::new(), |l| place(l.span))));
    lines.extend(d.related.iter().map(|l| format!("also [{}] {}", place(l.span), l.text)));
    lines.extend(d.help.iter().map(|h| format!("help {h}")));
    lines.join("\n")
}

/// Each text gives exactly one error: its code, the text underlined, and a part of what it says or advises.
fn says(stage: Stage, expected: Option<Type>, cases: &[(&str, Code, &str, &str)]) {
    let mut wrong = String::new();
    for (text, code, underlined, part) in cases {
        let (expr, diagnostics, sources) = run(text, stage, expected);
        let [d] = diagnostics.as_slice() else {
            let all: Vec<String> = diagnostics.iter().map(|d| shown(d, &sources)).collect();
            wrong += &format!("{text}\n  {} diagnostics: {all:#?}\n", diagnostics.len());
            continue;
        };
        let at = sources.text(d.primary.as_ref().unwrap().span);
        let said = shown(d, &sources);
        if expr.is_some() || d.code != *code || at != *underlined || !said.contains(part) {
            wrong += &format!("{text}\n  wanted {code} at [{underlined}] … {part}\n  got    {said}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn errors(cases: &[(&str, Code, &str, &str)]) {
    says(Stage::Campaign, None, cases);
}

#[test]
fn common_forms() {
    let cases = [
        ("today - last_order", Type::Number),
        ("amount * (margin + 1) / 2 ** -3 - -(5)", Type::Number),
        ("days_silent > max(sleep_after, (3 * amount) ?? 0)", Type::Bool),
        (r#"cause == "price" && grade in ["A", "B"]"#, Type::Bool),
        ("last_order + 30", Type::Date),
        ("30 + last_order", Type::Date),
        ("() + last_order", Type::Date),
        ("() - last_order", Type::Number),
        ("last_order - ()", Type::Date),
        (r#"segment !in ["a", 'b'] && !vip"#, Type::Bool),
        ("if objected { 1 } else if vip { 2 } else { () }", Type::Number),
        ("if objected { () } else { \"a\" }", Type::Text),
        (r#"switch segment { "a" | "b" => last_order, 'c' => (), _ => () }"#, Type::Date),
        ("switch (amount) { 1 | -2 => today, 3 => date(\"2025-01-31\"), }", Type::Date),
        ("switch vip { true => 1, false => 2 }", Type::Number),
        ("last_order == () || () != amount", Type::Bool),
        ("() ?? ()", Type::Text),
        ("() ?? () ?? segment", Type::Text),
        ("vip == true", Type::Bool),
        ("segment < \"b\"", Type::Bool),
        ("round(amount) + round(amount, 2) + clamp(amount, 0, 10)", Type::Number),
        ("min(today, last_order + 60)", Type::Date),
        ("min(today, ())", Type::Date),
        ("contains(segment, \"in\") && !contains(segment, \"x\")", Type::Bool),
        (r#"mentions(cancel_reason, ["price", "too expensive"]) || matches(segment, `^\d+$`)"#, Type::Bool),
        ("prestige::image(segment, amount) + prestige::image((), 3)", Type::Number),
        ("prestige::image + -prestige :: image * 2", Type::Number),
        ("umsatz_jährlich % 2 >= 1e3", Type::Bool),
        ("amount /* in EUR */ > // really\n 1_000", Type::Bool),
        ("+amount - +3", Type::Number),
        ("score.payment + score . payment", Type::Number),
        ("amount\u{a0}> 3", Type::Bool),
        ("-amount ** 2", Type::Number),
    ];
    for (text, ty) in cases {
        let (expr, diagnostics, _) = run(text, Stage::Campaign, Some(ty));
        assert_eq!(expr.map(|e| e.ty), Some(ty), "{text}: {diagnostics:#?}");
        assert_eq!(diagnostics, [], "{text}");
    }
}

#[test]
fn trees() {
    let kind = |text: &str| expr(text).kind;
    assert!(
        matches!(kind("date(\"2025-01-31\")"), Kind::Const(Value::Date(d)) if Date::from_ymd(2025, 1, 31) == Some(d))
    );
    assert!(matches!(kind("-5"), Kind::Const(Value::Number(x)) if x == -5.0));
    assert!(matches!(kind("'x'"), Kind::Const(Value::Text(t)) if &*t == "x"));
    assert!(matches!(kind("amount == ()"), Kind::IsMissing { missing: true, .. }));
    assert!(matches!(kind("() != amount"), Kind::IsMissing { missing: false, .. }));
    assert!(matches!(kind("amount !in [1]"), Kind::In { negated: true, .. }));
    assert!(matches!(kind("!(amount in [1])"), Kind::Not(_)));
    assert!(matches!(kind("contains(segment, cause)"), Kind::Call(Func::Contains, _)));
    assert!(matches!(kind("matches(segment, `a`)"), Kind::Call(Func::Matches(_), list) if list.len() == 1));
    assert!(matches!(kind("vip && objected && vip"), Kind::And(list) if list.len() == 3));
    // A date comes first.
    let Kind::Arith(Arith::Add, x, _) = kind("30 + last_order") else { panic!() };
    assert_eq!(x.ty, Type::Date);
    // `in` looks for the left side in the right one.
    let Kind::In { item, list, .. } = kind("segment in [\"a\", cause]") else { panic!() };
    assert!(matches!(item.kind, Kind::Slot(_)));
    assert_eq!(list.len(), 2);
    let Kind::Compare(Compare::Gt, x, y) = kind("amount > margin") else { panic!() };
    assert_ne!(x.kind, y.kind);
    // Cases keep the order in which they are written.
    let Kind::Switch { arms, otherwise, .. } = kind("switch amount { 3 | 1 => 10, 2 => 20, -1.5 => 30, _ => 40 }")
    else {
        panic!()
    };
    let numbers = |list: &[f64]| list.iter().map(|x| Value::Number(*x)).collect::<Vec<_>>();
    let values: Vec<_> = arms.iter().map(|(values, _)| values.clone()).collect();
    assert_eq!(values, [numbers(&[3.0, 1.0]), numbers(&[2.0]), numbers(&[-1.5])]);
    assert!(matches!(otherwise.kind, Kind::Const(Value::Number(x)) if x == 40.0));
    // Without `_`, the rest is missing.
    let Kind::Switch { otherwise, .. } = kind("switch amount { 1 => \"a\" }") else { panic!() };
    assert_eq!((otherwise.kind, otherwise.ty), (Kind::Const(Value::Missing), Type::Text));
    let Kind::If { branches, otherwise } = kind("if vip { 1 } else if objected { 2 }") else { panic!() };
    assert_eq!((branches.len(), otherwise.kind), (2, Kind::Const(Value::Missing)));
    let Kind::Script(signature, list) = kind("prestige::image(segment, amount)") else { panic!() };
    assert_eq!((signature.path().as_str(), list.len()), ("prestige::image", 2));
    // Without parentheses it is the same call with the names of the parameters.
    let Kind::Script(_, named) = kind("prestige::image") else { panic!() };
    let kinds = |list: &[Expr]| list.iter().map(|x| x.kind.clone()).collect::<Vec<_>>();
    assert_eq!(kinds(&named), kinds(&list));
}

#[test]
fn a_span_is_the_whole_of_a_sub_expression() {
    let text = "(amount + (margin)) * -(2) > abs( (amount) ) && segment !in [ \"ä\", cause ] || \
                (if (vip) { (score.payment) } else { switch segment { 'a' => ((1)), _ => 2 } }) ?? 3 == ()";
    let (expr, diagnostics, sources) = run(text, Stage::Campaign, None);
    let expr = expr.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    let mut found = Vec::new();
    expr.walk(&mut |e| found.push(sources.text(e.span).to_string()));
    let wanted = [
        text,
        "(amount + (margin)) * -(2) > abs( (amount) ) && segment !in [ \"ä\", cause ]",
        "(amount + (margin)) * -(2) > abs( (amount) )",
        "(amount + (margin)) * -(2)",
        "amount + (margin)",
        "amount",
        "margin",
        "-(2)",
        "abs( (amount) )",
        "amount",
        "segment !in [ \"ä\", cause ]",
        "segment",
        "\"ä\"",
        "cause",
        "(if (vip) { (score.payment) } else { switch segment { 'a' => ((1)), _ => 2 } }) ?? 3 == ()",
        "(if (vip) { (score.payment) } else { switch segment { 'a' => ((1)), _ => 2 } }) ?? 3",
        "if (vip) { (score.payment) } else { switch segment { 'a' => ((1)), _ => 2 } }",
        "vip",
        "score.payment",
        "switch segment { 'a' => ((1)), _ => 2 }",
        "segment",
        "1",
        "2",
        "3",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn names_of_a_text() {
    let mut sources = Sources::default();
    let text = "score.payment + max(a, b::c(d)) > 3 && e in [f] || switch g { 1 => h } == if i { j } else { k }";
    let anchor = place(&mut sources, text);
    let ast = parse(text, &anchor, &mut Vec::new()).unwrap();
    let names = ast.names();
    assert_eq!(
        names.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["score.payment", "a", "d", "e", "f", "g", "h", "i", "j", "k"]
    );
    assert!(names.iter().all(|(name, span)| sources.text(*span) == name));
    // What a function without parentheses is called with is read, too, and stands where the function does.
    let text = "c + prestige::image";
    let ast = parse(text, &place(&mut sources, text), &mut Vec::new()).unwrap();
    assert_eq!(ast.names().len(), 1);
    let read: Vec<(String, &str)> =
        ast.reads(&scripts()).into_iter().map(|(name, span)| (name, sources.text(span))).collect();
    let wanted = [("c", "c"), ("segment", "prestige::image"), ("amount", "prestige::image")];
    assert_eq!(read, wanted.map(|(name, at)| (name.to_owned(), at)));
}

#[test]
fn where_the_text_is_escaped_everything_points_at_the_whole() {
    let whole = Span::new(FileId(7), 10, 40);
    let anchor = Anchor::somewhere(whole);
    let mut diagnostics = Vec::new();
    let (names, scripts) = (names(), Scripts::default());
    let scope = Scope { names: &names, stage: Stage::Fact, scripts: &scripts };
    let ast = parse("amount + segment", &anchor, &mut diagnostics).unwrap();
    assert_eq!(check(&ast, &scope, None, &mut diagnostics), None);
    assert_eq!(diagnostics[0].primary.as_ref().unwrap().span, whole);
    assert_eq!(diagnostics[0].related, []);
}

use code::*;

#[test]
fn unknown_names() {
    errors(&[
        ("amoutn > 3", UNKNOWN_NAME, "amoutn", "did you mean `amount`?"),
        ("Amount > 3", UNKNOWN_NAME, "Amount", "did you mean `amount`?"),
        ("3 + umsatz_jahrlich", UNKNOWN_NAME, "umsatz_jahrlich", "did you mean `umsatz_jährlich`?"),
        ("last_order.year > 3", UNKNOWN_NAME, "last_order.year", "write `year(last_order)`"),
        ("amount.eur > 3", UNKNOWN_NAME, "amount.eur", "`amount` is one value"),
        ("completely_different", UNKNOWN_NAME, "completely_different", "`completely_different` is not a name here"),
        ("payment > 3", UNKNOWN_NAME, "payment", "`score.payment`"),
        ("score.paymnt > 3", UNKNOWN_NAME, "score.paymnt", "did you mean `score.payment`?"),
        ("orders.amount > 3", UNKNOWN_NAME, "orders.amount", "'sum(orders.amount)'"),
        ("segment == NULL", UNKNOWN_NAME, "NULL", "a missing value is written `()`"),
        ("segment == None", UNKNOWN_NAME, "None", "a missing value is written `()`"),
        ("vip == True", UNKNOWN_NAME, "True", "write `true`"),
        ("now - last_order", UNKNOWN_NAME, "now", "the as-of date is `today`"),
        ("segment == business", UNKNOWN_NAME, "business", "put it in double quotes: `\"business\"`"),
        ("segment in [\"a\", business]", UNKNOWN_NAME, "business", "put it in double quotes: `\"business\"`"),
        ("abs > 3", UNKNOWN_NAME, "abs", "`abs` is a function: `abs(x: number) -> number`"),
    ]);
}

#[test]
fn names_of_later_stages() {
    says(
        Stage::State,
        None,
        &[
            ("state == \"a\" && grade == \"A\"", TOO_EARLY, "grade", "`grade` is decided by `[[grades]]`"),
            ("worth > 3", TOO_EARLY, "worth", "columns, rollups, parameters, `today`, facts and `state`, `track`"),
            ("score.payment > 3", TOO_EARLY, "score.payment", "decided by `[criteria]`"),
        ],
    );
    says(Stage::Record, None, &[("days_silent", TOO_EARLY, "days_silent", "`days_silent` is a fact")]);
}

#[test]
fn unknown_functions() {
    errors(&[
        ("lowr(segment)", UNKNOWN_FUNCTION, "lowr", "did you mean `lower`?"),
        ("LOWER(segment)", UNKNOWN_FUNCTION, "LOWER", "did you mean `lower`?"),
        ("isnull(amount)", UNKNOWN_FUNCTION, "isnull", "write `amount == ()`"),
        ("iif(vip, 1, 2)", UNKNOWN_FUNCTION, "iif", "write `if vip { 1 } else { 2 }`"),
        ("IF(vip, 1, 2)", SYNTAX, "IF", "write `if condition { a } else { b }`"),
        ("coalesce(amount, 0)", UNKNOWN_FUNCTION, "coalesce", "write `amount ?? 0`"),
        ("ifnull(amount + 1, 0)", UNKNOWN_FUNCTION, "ifnull", "write `(amount + 1) ?? 0`"),
        ("datediff(today, last_order)", UNKNOWN_FUNCTION, "datediff", "`a - b`"),
        ("now() - last_order", UNKNOWN_FUNCTION, "now", "`today`, without parentheses"),
        ("today() - last_order", UNKNOWN_FUNCTION, "today", "`today`, without parentheses"),
        ("amount()", UNKNOWN_FUNCTION, "amount", "`amount` is a name"),
        ("to_float(amount)", UNKNOWN_FUNCTION, "to_float", "declare `amount` with `type = \"number\"`"),
        ("substring(segment, 1, 2)", UNKNOWN_FUNCTION, "substring", "`starts_with`"),
        ("AND(vip, objected)", UNKNOWN_FUNCTION, "AND", "write `vip && objected`"),
        ("sum(orders.amount)", UNKNOWN_FUNCTION, "sum", "`[rollups]`"),
        ("print(amount)", UNKNOWN_FUNCTION, "print", "it belongs in a script"),
        ("image(segment, amount)", UNKNOWN_FUNCTION, "image", "did you mean `prestige::image`?"),
        ("prestige::imag(segment, 1)", UNKNOWN_FUNCTION, "prestige::imag", "did you mean `prestige::image`?"),
        ("prestige::other(segment, 1)", UNKNOWN_FUNCTION, "prestige::other", "`prestige` declares `image`"),
        ("fame::image(segment, 1)", UNKNOWN_FUNCTION, "fame::image", "did you mean `prestige::image`?"),
        ("prestige::imag > 3", UNKNOWN_FUNCTION, "prestige::imag", "did you mean `prestige::image`?"),
        ("x::lower(segment)", UNKNOWN_FUNCTION, "x::lower", "`lower` is built in"),
    ]);
}

#[test]
fn arguments() {
    errors(&[
        ("abs(amount, 3)", ARGUMENTS, "abs(amount, 3)", "`abs` takes 1 argument, and 2 are given"),
        ("today + abs()", ARGUMENTS, "abs()", "`abs(x: number) -> number`"),
        ("round(0,5, 2)", ARGUMENTS, "round(0,5, 2)", "decimals are written with a point: `0.5`"),
        ("max(amount)", ARGUMENTS, "max(amount)", "`max` takes at least 2 arguments, and 1 is given"),
        ("lower(amount)", TYPE, "amount", "`lower` wants a text here, and this is a number"),
        ("year(amount)", TYPE, "amount", "`year(day: date) -> number`"),
        ("min(amount, segment)", TYPE, "segment", "`min` compares numbers or dates, and this is a text"),
        ("min(amount, today)", TYPE, "today", "the arguments of `min` are number and date"),
        (
            "prestige::image(segment)",
            ARGUMENTS,
            "prestige::image(segment)",
            "prestige::image(segment: text, amount: number) -> number",
        ),
        ("prestige::image(segment, vip)", TYPE, "vip", "`prestige::image(segment: text, amount: number) -> number`"),
        ("date(\"2025-02-30\")", BAD_CONSTANT, "\"2025-02-30\"", "`2025-02-30` is not a day"),
        ("date(2025, 1, 31)", ARGUMENTS, "date(2025, 1, 31)", "write `date(\"2025-01-31\")`"),
        ("date(segment) < today", NOT_CONSTANT, "segment", "the day must be written out"),
        ("matches(segment, cause)", NOT_CONSTANT, "cause", "the pattern must be written out"),
        ("matches(segment, \"(\")", BAD_CONSTANT, "\"(\"", "this pattern cannot be used"),
        ("mentions(segment, \"a\", \"b\")", ARGUMENTS, "\"b\"", "write `mentions(segment, [\"a\", \"b\"])`"),
        ("mentions(segment, [])", BAD_CONSTANT, "[]", "the list of words is empty"),
        ("mentions(segment, [\"a\", cause])", NOT_CONSTANT, "cause", "the words must be written out"),
        ("mentions(segment, [\"a\", \" \"])", BAD_CONSTANT, "\" \"", "there is no word in this text"),
    ]);
}

#[test]
fn types_that_do_not_fit() {
    errors(&[
        ("(amount) + segment", TYPE, "(amount) + segment", "cannot add text to number"),
        ("amount + segment", TYPE, "amount + segment", "also [segment] this is a text"),
        ("amount + segment", TYPE, "amount + segment", "declare the column `segment` with `type = \"number\"`"),
        ("amount - \"5\"", TYPE, "amount - \"5\"", "leave the quotes out: `5`"),
        ("vip + 1", TYPE, "vip + 1", "write `if vip { 1 } else { 0 }`"),
        ("\"a\" + segment", TYPE, "\"a\" + segment", "texts are joined in a `because`"),
        ("last_order + contract_end", TYPE, "last_order + contract_end", "`last_order - contract_end`"),
        ("5 - last_order", TYPE, "5 - last_order", "write `last_order - 5`"),
        ("last_order * 2", TYPE, "last_order * 2", "cannot multiply date by number"),
        ("last_order > 30", TYPE, "last_order > 30", "write `today - last_order > 30`"),
        ("last_order > 2025-01-31", TYPE, "last_order > 2025-01-31", "`date(\"2025-01-31\")`"),
        ("last_order > 31/01/2025", TYPE, "last_order > 31/01/2025", "year first"),
        ("contains(segment, [\"a\"])", TYPE, "[\"a\"]", "`x in ["),
        ("segment == \"a\" || \"b\"", TYPE, "\"b\"", "write `x in ["),
        ("30 < last_order", TYPE, "30 < last_order", "write `30 < today - last_order`"),
        ("last_order > \"2025-01-31\"", TYPE, "last_order > \"2025-01-31\"", "`date(\"2025-01-31\")`"),
        ("vip == 1", TYPE, "vip == 1", "write `vip`"),
        ("vip == \"no\"", TYPE, "vip == \"no\"", "write `!vip`"),
        ("segment == 3", TYPE, "segment == 3", "put it in quotes: `\"3\"`"),
        ("objected < vip", TYPE, "objected < vip", "`<` has no meaning for a bool"),
        ("amount < ()", TYPE, "amount < ()", "write `amount == ()`"),
        ("-vip", TYPE, "vip", "`-` needs a number, and this is a bool"),
        ("!amount", TYPE, "amount", "write `amount == 0`"),
        ("!segment", TYPE, "segment", "write `segment == ()`"),
        ("vip && (amount + 1)", TYPE, "amount + 1", "write a condition, such as `(amount + 1) > 0`"),
        ("if amount { 1 } else { 2 }", TYPE, "amount", "`if` needs a condition, and this is a number"),
        ("if vip { 1 } else { \"a\" }", TYPE, "\"a\"", "the branches of `if` are number and text"),
        ("if vip { 1 } else { \"a\" }", TYPE, "\"a\"", "also [1] this is a number"),
        ("amount ?? \"a\"", TYPE, "\"a\"", "the two sides of `??` are number and text"),
        ("switch amount { 1 => 1, \"a\" => 2 }", TYPE, "\"a\"", "cannot compare number with text"),
        ("switch amount { () => 1 }", TYPE, "()", "a missing value matches no case"),
        ("switch last_order { 1 => 1 }", TYPE, "1", "in an `if`"),
        ("switch amount { 1 => 1, 2 => vip }", TYPE, "vip", "the cases of `switch` are number and bool"),
        ("amount in [1, \"a\"]", TYPE, "\"a\"", "cannot compare number with text"),
        ("amount in [1, ()]", TYPE, "()", "write `amount == () || amount in […]`"),
        ("last_order in [\"2025-01-31\"]", TYPE, "\"2025-01-31\"", "`date(\"2025-01-31\")`"),
        ("\"a\" in segment", NOT_CONSTANT, "segment", "write `contains(segment, \"a\")`"),
        ("amount in 3", NOT_CONSTANT, "3", "write `amount in [3]`"),
        ("[1, 2]", TYPE, "[1, 2]", "a list stands after `in`"),
        ("1e999", BAD_CONSTANT, "1e999", "too large"),
        ("1 && vip", TYPE, "1", "a condition is needed here, and this is a number"),
        ("vip && ()", TYPE, "()", "write `x == ()`"),
    ]);
}

#[test]
fn the_type_a_place_asks_for() {
    let expects = |ty, cases: &[(&str, Code, &str, &str)]| says(Stage::Campaign, Some(ty), cases);
    expects(
        Type::Bool,
        &[
            ("amount + 1", TYPE, "amount + 1", "expected bool, found number"),
            ("amount + 1", TYPE, "amount + 1", "such as `(amount + 1) > 0`"),
            ("last_order", TYPE, "last_order", "write `last_order != ()`"),
            ("\"true\"", TYPE, "\"true\"", "leave the quotes out: `true`"),
        ],
    );
    expects(
        Type::Number,
        &[("vip || objected", TYPE, "vip || objected", "write `if vip || objected { 1 } else { 0 }`")],
    );
    expects(Type::Number, &[("last_order", TYPE, "last_order", "write `today - last_order`")]);
    expects(Type::Date, &[("30", TYPE, "30", "write `today + 30`")]);
    expects(Type::Text, &[("5", TYPE, "5", "put it in quotes: `\"5\"`")]);
}

#[test]
fn slips() {
    errors(&[
        ("amount = 5", SYNTAX, "=", "to compare, write `==`"),
        ("amount =! 5", SYNTAX, "=!", "write `!=`"),
        ("amount <> 5", SYNTAX, "<>", "write `!=`"),
        ("amount => 5", SYNTAX, "=>", "write `>=`"),
        ("amount =< 5", SYNTAX, "=<", "write `<=`"),
        ("amount === 5", SYNTAX, "===", "write `==`"),
        ("amount ≥ 5", SYNTAX, "≥", "write `>=`"),
        ("amount − 5", SYNTAX, "−", "write `-`"),
        ("vip and objected", SYNTAX, "and", "write `&&`"),
        ("vip OR objected", SYNTAX, "OR", "write `||`"),
        ("not vip", SYNTAX, "not", "write `!vip`"),
        ("amount not in [1]", SYNTAX, "not in", "write `amount !in […]`"),
        ("segment is null", SYNTAX, "is null", "write `segment == ()`"),
        ("(amount) IS NOT NULL", SYNTAX, "IS NOT NULL", "write `(amount) != ()`"),
        ("segment == null", SYNTAX, "null", "a missing value is written `()`"),
        ("segment is \"a\"", SYNTAX, "is", "write `segment == …`"),
        ("amount between 1 and 5 && vip", SYNTAX, "between", "write `amount >= 1 && amount <= 5`"),
        ("segment like \"a\"", SYNTAX, "like", "contains(segment"),
        ("segment contains \"a\"", SYNTAX, "contains", "write `contains(segment, \"a\")`"),
        ("amount mod 2", SYNTAX, "mod", "write `%`"),
        ("segment == 'abc'", SYNTAX, "'abc'", "write `\"abc\"`"),
        ("segment == ''", SYNTAX, "''", "write `\"\"`"),
        ("segment == “abc”", SYNTAX, "“", "straight double quotes"),
        ("segment == \"abc", SYNTAX, "\"abc", "this text is not closed"),
        ("amount > 0,5", SYNTAX, "0,5", "write `0.5`"),
        ("(0,5) * amount", SYNTAX, "0,5", "write `0.5`"),
        ("amount, 5", SYNTAX, ",", "a comma only separates"),
        ("amount > .5", SYNTAX, ".5", "write `0.5`"),
        ("amount > 20% && vip", SYNTAX, "20%", "write `0.2`"),
        ("amount > 30eur", SYNTAX, "30eur", "write `30`"),
        ("amount > 30days", SYNTAX, "30days", "plain numbers"),
        ("today - 3 months", SYNTAX, "3 months", "add_months(today, -3)"),
        ("amount > 1.000,50", SYNTAX, "1.000,50", "write `1000.50`"),
        ("last_order > 31.01.2025", SYNTAX, "31.01.2025", "`date(\"2025-01-31\")`"),
        ("segment in (\"a\", \"b\", \"c\")", SYNTAX, "(\"a\", \"b\", \"c\")", "write `[\"a\", \"b\", \"c\"]`"),
        ("switch segment { \"a\" => 1 \"b\" => 2 }", SYNTAX, "\"b\"", "a comma is missing before `\"b\"`"),
        ("switch segment { \"a\": 1 }", SYNTAX, ":", "write `=>`"),
        ("if vip: 1 else: 2", SYNTAX, ":", "write `if condition { a } else { b }`"),
        ("if vip 1 else 2", SYNTAX, "1", "`{` is missing before `1`"),
        ("if vip { 1 } else 2", SYNTAX, "2", "`{` is missing before `2`"),
        ("1 000 + amount", SYNTAX, "1 000", "`1000`"),
        ("(amount + 1", SYNTAX, "(", "this `(` is never closed"),
        ("max(amount, 3 > 2", SYNTAX, "(", "add `)`"),
        ("amount + 1)", SYNTAX, ")", "this `)` closes nothing"),
        ("amount in [1)", SYNTAX, ")", "also [[] opened here"),
        ("amount margin", SYNTAX, "margin", "an operator is missing between `amount` and `margin`"),
        ("amount +", SYNTAX, "+", "something is missing after `+`"),
        ("amount > > 5", SYNTAX, ">", "a value is missing before `>`"),
        ("&& vip", SYNTAX, "&&", "a condition is missing before `&&`"),
        ("max(amount, , 3)", SYNTAX, ",", "a value is missing before `,`"),
        ("", SYNTAX, "", "the expression is empty"),
        ("  // nothing", SYNTAX, "  // nothing", "the expression is empty"),
        ("if(vip, 1, 2)", SYNTAX, "if(vip, 1, 2)", "write `if condition { a } else { b }`"),
        ("if vip then 1 else 2", SYNTAX, "then", "write `if condition { a } else { b }`"),
        ("if vip { 1 } elif objected { 2 }", SYNTAX, "elif", "write `else if`"),
        ("if vip", SYNTAX, "vip", "something is missing after `vip`"),
        ("case when vip then 1 end", SYNTAX, "case", "write `if condition"),
        ("default > 3", SYNTAX, "default", "`from = [\"default\"]`"),
        ("matches(segment, \"\\d\")", SYNTAX, "\"\\d\"", "write `\\\\` for a backslash"),
        ("amount--5", SYNTAX, "--", "with parentheses"),
        ("amount <-5", SYNTAX, "<-", "`< -`"),
        ("switch amount { 1 => 2, _ => 3, 4 => 5 }", SYNTAX, "_", "`_` must be the last case"),
        ("switch amount { 1, 2 => 3 }", SYNTAX, ",", "`=>` is missing before `,`"),
        ("switch amount { margin => 3 }", NOT_CONSTANT, "margin", "if … else if"),
        ("switch amount { 1 + 1 => 3 }", NOT_CONSTANT, "1 + 1", "if … else if"),
        ("score.", SYNTAX, ".", "something is missing after `.`"),
        ("amount §", SYNTAX, "§", "`§` has no meaning here"),
    ]);
}

#[test]
fn parts_of_rhai_that_expressions_do_not_have() {
    errors(&[
        ("let x = 3; x", NOT_AN_EXPRESSION, "let", "`[facts]`"),
        ("amount += 5", NOT_AN_EXPRESSION, "+=", "expressions cannot assign"),
        ("amount; margin", NOT_AN_EXPRESSION, ";", "one value"),
        ("while vip { 1 }", NOT_AN_EXPRESSION, "while", "script::name"),
        ("|x| x + 1", NOT_AN_EXPRESSION, "|", "script::name"),
        ("segment.len() > 3", NOT_AN_EXPRESSION, ".len()", "write `len(segment)`"),
        ("score.payment.round(2)", NOT_AN_EXPRESSION, ".round(2)", "write `round(score.payment, 2)`"),
        ("segment[0] == 'a'", NOT_AN_EXPRESSION, "[0]", "starts_with(segment"),
        ("#{ a: 1 }", NOT_AN_EXPRESSION, "#{ a: 1 }", "`switch`"),
        ("amount in 1..5", NOT_AN_EXPRESSION, "..", "x >= 1 && x <= 5"),
        ("`a ${amount}`", NOT_AN_EXPRESSION, "`a ${amount}`", "`because`"),
        ("amount & 3", NOT_AN_EXPRESSION, "&", "write `&&`"),
        ("amount | 3", NOT_AN_EXPRESSION, "|", "write `||`"),
        ("amount ^ 2", NOT_AN_EXPRESSION, "^", "`**`"),
        ("amount << 2", NOT_AN_EXPRESSION, "<<", "bit operators"),
        ("this > 3", NOT_AN_EXPRESSION, "this", "name of a column"),
        ("a::b::c > 3", NOT_AN_EXPRESSION, "a::b::c", "script::name(…)"),
        ("a::b::c(3) > 3", NOT_AN_EXPRESSION, "a::b::c", "script::name(…)"),
        ("a.b.c > 3", NOT_AN_EXPRESSION, "a.b.c", "at most one dot"),
        ("abs(amount).x", NOT_AN_EXPRESSION, ".x", "this value has no parts"),
        ("vip ? 1 : 2", NOT_AN_EXPRESSION, "?", "`if condition { a } else { b }`"),
        ("{ amount }", NOT_AN_EXPRESSION, "{ amount }", "parentheses"),
        ("switch amount { 1 if vip => 2 }", NOT_AN_EXPRESSION, "if", "if … else if"),
        ("return amount", NOT_AN_EXPRESSION, "return", "leave `return` out"),
        ("abs!(amount)", NOT_AN_EXPRESSION, "abs!(amount)", "leave the `!` out"),
        ("import \"x\" as y", NOT_AN_EXPRESSION, "import", "script"),
    ]);
}

#[test]
fn several_errors_at_once() {
    let (expr, diagnostics, sources) = run(
        "vip && 5 > \"a\" && amount + segment > 3 && lowr(amuont) && switch amount { \"a\" => 1, 2 => last_order } > 1",
        Stage::Campaign,
        None,
    );
    assert_eq!(expr, None);
    let at: Vec<&str> = diagnostics.iter().map(|d| sources.text(d.primary.as_ref().unwrap().span)).collect();
    assert_eq!(at, ["5 > \"a\"", "amount + segment", "lowr", "amuont", "\"a\"", "last_order"]);
    let (_, diagnostics, _) = run("amount = 5 and vip or segment is null", Stage::Campaign, None);
    assert_eq!(diagnostics.len(), 4);
}

#[test]
fn a_case_that_is_there_already_is_a_warning() {
    let (expr, diagnostics, sources) = run("switch amount { 1 => 1, 2 | 1.0 => 2 }", Stage::Campaign, None);
    assert!(expr.is_some());
    assert_eq!(diagnostics.len(), 1);
    assert_eq!((diagnostics[0].severity, diagnostics[0].code), (Severity::Warning, UNREACHABLE));
    assert_eq!(sources.text(diagnostics[0].primary.as_ref().unwrap().span), "1.0");
}

#[test]
fn long_and_deep_texts() {
    let chain = vec!["amount"; 150].join(" + ");
    expr(&chain);
    let nested = |n: usize| format!("{}amount{}", "(".repeat(n), ")".repeat(n));
    expr(&nested(60));
    let many = (0..400).map(|i| format!("amount == {i}")).collect::<Vec<_>>();
    expr(&many[..190].join(" || "));
    errors(&[(&nested(400), SYNTAX, "(", "nested too deeply")]);
    let (_, diagnostics, _) = run(&"amount + ".repeat(2000), Stage::Fact, None);
    assert!(diagnostics[0].message.contains("KiB"), "{diagnostics:?}");
}

/// The deepest trees Rhai lets through are parsed, typed, walked and dropped on a small stack.
#[test]
fn no_text_exhausts_the_stack() {
    let run = || {
        let shapes: [(&str, &str, &str); 9] = [
            ("(", "amount", ")"),
            ("-", "amount", ""),
            ("!", "vip", ""),
            ("abs(", "amount", ")"),
            ("if vip { ", "amount", " }"),
            ("if vip { 1 } else ", "{ amount }", ""),
            ("switch amount { 1 => ", "amount", " }"),
            ("amount + (", "amount", ")"),
            ("amount in [ ", "amount", " ]"),
        ];
        for (open, middle, close) in shapes {
            for n in [10, 40, 60, 90, 130, 180, 195, 1000, 2000] {
                let text = format!("{}{middle}{}", open.repeat(n), close.repeat(n));
                let (expr, diagnostics, _) = super::tests::run(&text, Stage::Campaign, None);
                drop((expr.clone(), expr, diagnostics));
            }
        }
        for operator in [" + ", " - ", " ** ", " ?? ", ".x", "[0]", "::a", "?.x", "!"] {
            for n in [100, 180, 5000] {
                let text = format!("amount{}", format!("{operator}amount").repeat(n));
                super::tests::run(text.get(..16_000.min(text.len())).unwrap(), Stage::Campaign, None);
            }
        }
    };
    std::thread::Builder::new()
        .stack_size(if cfg!(debug_assertions) { 16 << 20 } else { 1 << 20 })
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}

/// Token soups, broken expressions and noise: never a panic; an error if and only if there is no expression; every
/// place lies in the text.
#[test]
fn no_text_panics() {
    const WORDS: &[&str] = &[
        "amount",
        "segment",
        "vip",
        "last_order",
        "today",
        "score",
        ".",
        "payment",
        "orders",
        "::",
        "prestige",
        "image",
        "(",
        ")",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        "+",
        "-",
        "*",
        "/",
        "%",
        "**",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "&&",
        "||",
        "??",
        "!",
        "!in",
        "in",
        "if",
        "else",
        "switch",
        "=>",
        "_",
        "|",
        "1",
        "2.5",
        "0x1F",
        "1e5",
        "-5",
        "\"a\"",
        "'b'",
        "`c`",
        "\"\"",
        "()",
        "true",
        "false",
        "min",
        "max",
        "round",
        "matches",
        "mentions",
        "date",
        "\"2025-01-31\"",
        "contains",
        "count",
        "sum",
        "null",
        "is",
        "not",
        "and",
        "let",
        "=",
        ";",
        "..",
        "#{",
        "${",
        "?",
        ":",
        "'",
        "\"",
        "`",
        "\\",
        "ä",
        "€",
        "\u{301}",
        "this",
        "fn",
        "|x|",
        "//",
        "/*",
        "*/",
        "\n",
        "=<",
        "&",
        "#",
        "@",
        "print",
        "eval",
        "Fn",
        "call",
        "type_of",
        "return",
        "+=",
        "--",
        "?.",
        "?[",
    ];
    const WHOLE: &[&str] = &[
        "days_silent > max(sleep_after, (3 * amount) ?? 0)",
        "switch segment { \"a\" | \"b\" => last_order, 'c' => (), _ => today + 3 }",
        "if objected && !vip { 1 } else if amount in [1, 2.5, -3] { 2 } else { () }",
        "mentions(cancel_reason, [\"price\", \"too expensive\"]) || matches(segment, `^\\d+$`)",
        "quantile(orders.amount * 2, 0.9, orders.when > today - 30)",
        "prestige::image(segment, -amount ** 2) != ()",
    ];
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |n: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 11) as usize % n
    };
    let (names, scripts) = (names(), scripts());
    let tables: indexmap::IndexMap<String, &Names> = [("orders".to_string(), &names)].into_iter().collect();
    let mut typed = 0;
    for round in 0..12_000 {
        let text = match round % 4 {
            0 | 1 => {
                let glue = [" ", "", " "][next(3)];
                let length = 1 + next(if round % 8 == 0 { 60 } else { 9 });
                (0..length).map(|_| WORDS[next(WORDS.len())]).collect::<Vec<_>>().join(glue)
            }
            2 => {
                let mut chars: Vec<char> = WHOLE[next(WHOLE.len())].chars().collect();
                for _ in 0..1 + next(3) {
                    let at = next(chars.len());
                    match next(3) {
                        0 => drop(chars.remove(at)),
                        1 => chars.insert(at, WORDS[next(WORDS.len())].chars().next().unwrap()),
                        _ => chars[at] = char::from_u32(next(0x250) as u32).unwrap_or('x'),
                    }
                }
                chars.into_iter().collect()
            }
            _ => {
                let bytes: Vec<u8> = (0..1 + next(40)).map(|_| next(256) as u8).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
        };
        let mut sources = Sources::default();
        let anchor = place(&mut sources, &text);
        let mut diagnostics = Vec::new();
        let ast = parse(&text, &anchor, &mut diagnostics);
        assert_eq!(ast.is_none(), has_errors(&diagnostics), "{text:?} {diagnostics:#?}");
        let inside = |span: Span| {
            let whole = sources.text(anchor.whole);
            let found = sources.text(span);
            assert!(whole.contains(found), "{text:?}");
            assert!(!found.is_empty() || text.trim().is_empty(), "{text:?} {span:?}");
        };
        if let Some(ast) = ast {
            ast.names().into_iter().for_each(|(_, span)| inside(span));
            for (stage, expected) in [(Stage::Campaign, None), (Stage::Record, Some(Type::Bool))] {
                let scope = Scope { names: &names, stage, scripts: &scripts };
                let mut found = Vec::new();
                let expr = check(&ast, &scope, expected, &mut found);
                assert_eq!(expr.is_none(), has_errors(&found), "{text:?} {found:#?}");
                if let Some(expr) = expr {
                    typed += 1;
                    assert!(expected.is_none_or(|ty| ty == expr.ty), "{text:?}");
                    expr.walk(&mut |e| inside(e.span));
                }
                diagnostics.append(&mut found);
            }
            let mut found = Vec::new();
            let rollup = crate::expr::check_rollup(&ast, &anchor, &tables, &scripts, &mut found);
            assert_eq!(rollup.is_none(), has_errors(&found), "{text:?} {found:#?}");
            diagnostics.append(&mut found);
        }
        for d in &diagnostics {
            inside(d.primary.as_ref().unwrap().span);
            d.related.iter().for_each(|label| inside(label.span));
            assert!(!d.message.is_empty() && !d.message.ends_with('.'), "{d:?}");
        }
    }
    assert!(typed > 200, "the soups are too thin: {typed}");
}

#[test]
fn one_engine_serves_many_threads() {
    let text: Arc<str> = "amount * 2 > max(sleep_after, 3)".into();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let text = text.clone();
            std::thread::spawn(move || (0..50).for_each(|_| drop(expr(&text))))
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
}
