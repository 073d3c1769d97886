#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use crate::diag::{Diagnostic, Sources};
use crate::script::{Limits, Scripts};

fn compile(text: &str, limits: &Limits) -> (Scripts, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let file = sources.add("scripts/m.rhai", text);
    let mut diagnostics = Vec::new();
    let scripts = Scripts::compile(&[("m".to_owned(), file)], &sources, limits, &mut diagnostics);
    (scripts, diagnostics)
}

/// `columnar`, `columnar, Rhai where …`, or why not and in which line.
fn plan(text: &str) -> String {
    let (scripts, diagnostics) = compile(text, &Limits::default());
    assert_eq!(diagnostics, [], "{text}");
    let signature = scripts.find("m", "f").unwrap();
    match (scripts.lowered(signature), scripts.why_not(signature)) {
        (Some(lowered), None) => {
            let unless: Vec<String> = lowered.guards.iter().map(|g| format!("{} ({})", g.unless, g.line)).collect();
            if unless.is_empty() {
                "columnar".to_owned()
            } else {
                format!("columnar, Rhai where {}", unless.join("; "))
            }
        }
        (None, Some(why)) => format!("Rhai: {} ({})", why.reason, why.line),
        _ => panic!("{text}: neither"),
    }
}

/// What is lowered, with which guards, and what is not and why.
#[test]
fn what_is_lowered() {
    let one = "/// (x: number) -> number\nfn f(x) { ";
    let call = "/// (x: number) -> number\n/// missing: call\nfn f(x) { ";
    let text = "/// (t: text) -> number\n/// missing: call\nfn f(t) { ";
    let bool = "/// (x: number, y: number) -> bool\nfn f(x, y) { ";
    let date = "/// (d: date, n: number) -> number\nfn f(d, n) { ";
    let mut wrong = Vec::new();
    for (start, body, expected) in [
        (one, "x * 2.0 + 1", "columnar"),
        (one, "x / 3.0", "columnar"),
        (one, "1 / x", "columnar"),
        (one, "x / (x - 1.0)", "columnar"),
        (one, "x / (x * 2.0)", "columnar, Rhai where the result of `*` is no finite number (2)"),
        (one, "let y = x * x; y - 1.0", "columnar"),
        (one, "if x > 10.0 { 10.0 } else { x }", "columnar"),
        (
            one,
            "if x * 3.0 > 10.0 { 10.0 } else { x }",
            "columnar, Rhai where the result of `*` is no finite number (2)",
        ),
        (one, "let p = 4.0; if x > 1.0 { p += 2.0; } if p > 5.0 { 5.0 } else { p }", "columnar"),
        (one, "if x < 0.0 { return (); } if x > 1.0 { return 1.0; } x", "columnar"),
        (one, "switch x { 1.0 | 2.0 => 3.0, _ => 0.0 }", "columnar"),
        (one, "clamp(x / 7, 0, 10)", "columnar"),
        (one, "round(x, 2) ?? 0.0", "columnar"),
        (one, "max(x, 0)", "columnar"),
        (one, "max(x * 2.0, 0)", "columnar, Rhai where the result of `*` is no finite number (2)"),
        (one, "if x < 0.0 { throw \"below\" } x", "columnar, Rhai where it throws (2)"),
        (one, "helper(x, 2.0) }\nfn helper(a, b) { a * b", "columnar"),
        (one, "x * global::RATE }\nconst RATE = 0.5;\nfn other() { 1", "columnar"),
        (one, "let n = 0; if x > 1.0 { n += 1; } if x > 2.0 { n += 1; } n", "columnar"),
        (call, "if x == () { 7.0 } else { x }", "columnar"),
        (call, "x ?? 7.0", "columnar"),
        (call, "if x == () { return 0.0; } x + 1.0", "columnar"),
        (call, "if x != () && x > 3.0 { 1.0 } else { 0.0 }", "columnar"),
        (call, "if x > 3.0 { 1.0 } else { 0.0 }", "columnar"),
        (call, "x + 1.0", "columnar, Rhai where `x` is missing (3)"),
        (text, "switch t { \"a\" | \"b\" => 1.0, _ => 0.0 }", "columnar"),
        (
            text,
            "if t in [\"a\", \"b\"] { 1.0 } else { 0.0 }",
            "columnar, Rhai where a text has more than 833 characters (3)",
        ),
        (text, "if t == () { 0.0 } else { t.len() }", "columnar, Rhai where a text has more than 833 characters (3)"),
        (bool, "x > y", "columnar"),
        (bool, "x > 1.0 && !(y < 2) || x == y", "columnar"),
        (bool, "x in [1.0, 2.0]", "columnar"),
        (date, "d.year + n", "columnar"),
        (date, "(d + n) - d", "columnar, Rhai where the result of `+` is missing (2)"),
        (date, "add_months(d, n).month", "columnar, Rhai where `add_months` is missing (2)"),
        (one, "let s = 0.0; for i in 0..3 { s += x; } s", "Rhai: it has a loop (2)"),
        (one, "let l = [x]; l[0]", "Rhai: it makes a list (2)"),
        (
            one,
            "let n = 7; if x > 1.0 { n = 8; } n / 2",
            "Rhai: it may divide whole numbers, where `1 / 2` is 0; write `2.0` for `2` (2)",
        ),
        (one, "let n = if x > 1.0 { 3 } else { 4 }; n % 2", "Rhai: `%` of whole numbers (2)"),
        (one, "let y = 0.0; try { y = x; } catch { y = 1.0; } y", "Rhai: it catches errors (2)"),
        (one, "print(x); x", "Rhai: it prints (2)"),
        (one, "sin(x)", "Rhai: an expression has no `sin` (2)"),
        (one, "f2(x) }\nfn f2(y) { f2(y)", "Rhai: `f2` calls itself (3)"),
        (
            one,
            "let y = if x > 1.0 { 1.0 } else { \"a\" }; if y == 1.0 { 1.0 } else { x }",
            "Rhai: this may be a number or a text (2)",
        ),
        (text, "(t + \"!\").len()", "Rhai: an expression cannot join texts (3)"),
        (text, "`${t}`.len()", "Rhai: an expression cannot join texts (3)"),
        (one, "switch x { 1.0 if x > 0.5 => 1.0, _ => 0.0 }", "Rhai: a case has a condition of its own (2)"),
        (one, "switch x { 0..5 => 1.0, _ => 0.0 }", "Rhai: a case is a range (2)"),
        (one, "let g = |y| y + 1.0; g.call(x)", "Rhai: it has a closure (2)"),
    ] {
        let found = plan(&format!("{start}{body} }}"));
        if found != expected {
            wrong.push(format!("{body}\n  {found}\n  not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What goes beyond the limits fails in Rhai, and must fail all the same.
#[test]
fn limits_are_kept() {
    let deep = "/// (x: number) -> number\nfn f(x) { g(x) }\nfn g(x) { h(x) }\nfn h(x) { x }";
    let lowered = |limits: &Limits, text: &str| {
        let (scripts, _) = compile(text, limits);
        let signature = scripts.find("m", "f").unwrap().clone();
        scripts.lowered(&signature).is_some()
    };
    let with = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    assert!(lowered(&Limits::default(), deep));
    assert!(!lowered(&with(|l| l.max_depth = 2), deep));
    let many = "/// (x: number) -> number\nfn f(x) { let a = x; let b = x; let c = x; let d = x; a + b + c + d }";
    assert!(lowered(&Limits::default(), many));
    assert!(!lowered(&with(|l| l.max_variables = 4), many));
    assert!(!lowered(&with(|l| l.max_operations = 100), many));
}

/// A result that is never of the declared type is found when the pack is loaded.
#[test]
fn a_result_of_another_type_is_reported() {
    for (text, expected) in [
        (
            "/// (x: number) -> number\nfn f(x) { if x > 1.0 { \"a\" } else { \"b\" } }",
            vec!["`f` gives a text here, but its signature says number"; 2],
        ),
        (
            "/// (x: number) -> text\nfn f(x) { if x > 1.0 { return (); } x }",
            vec!["`f` gives a number, but its signature says text"],
        ),
        // Only on some rows: an error there, and nowhere else.
        ("/// (x: number) -> text\nfn f(x) { if x > 1.0 { return \"a\"; } x }", vec![]),
        (
            "/// (x: number) -> text\nfn f(x) { () }",
            vec!["`f` never gives a text: every way through it ends with nothing"],
        ),
    ] {
        let (_, diagnostics) = compile(text, &Limits::default());
        let messages: Vec<&str> = diagnostics.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(messages, expected, "{text}");
    }
}
