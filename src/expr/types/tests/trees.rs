//! What becomes of a text: trees, types, spans, names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;

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
