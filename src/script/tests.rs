//! Scripts as a whole: what they can do, what they cannot, and what is said when they fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use super::*;
use crate::diag::{Diagnostic, Sources, code};
use crate::expr::{Date, Value};

mod crossing;

/// Compiles one script named `m`.
fn compile(text: &str) -> (Scripts, Vec<Diagnostic>, Sources) {
    compile_all(&[("m", text)], &Limits::default())
}

fn compile_all(texts: &[(&str, &str)], limits: &Limits) -> (Scripts, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let modules: Vec<_> = texts
        .iter()
        .map(|(name, text)| ((*name).to_owned(), sources.add(format!("scripts/{name}.rhai"), *text)))
        .collect();
    let mut diagnostics = Vec::new();
    let scripts = Scripts::compile(&modules, &sources, limits, &mut diagnostics);
    (scripts, diagnostics, sources)
}

/// Calls `m::f`.
fn call(text: &str, arguments: &[Value]) -> Result<Value, CallError> {
    let (scripts, diagnostics, _) = compile(text);
    assert_eq!(diagnostics, [], "{text}");
    let signature = scripts.find("m", "f").expect("a signature").clone();
    scripts.call(&signature, arguments)
}

/// Calls a body with no arguments that gives a number.
fn body(body: &str) -> Result<Value, CallError> {
    call(&format!("/// () -> number\nfn f() {{\n{body}\n}}\nfn wrap(x) {{ [x] }}"), &[])
}

fn day(text: &str) -> Value {
    Value::Date(Date::parse_iso(text).unwrap())
}

#[test]
fn values_go_in_and_out() {
    let text =
        "/// (n: number, t: text, b: bool, d: date) -> text\nfn f(n, t, b, d) { `${type_of(n)} ${t} ${b} ${d}` }";
    let arguments = [Value::number(2.0), Value::text("süß"), Value::Bool(true), day("2025-01-31")];
    assert_eq!(call(text, &arguments), Ok(Value::text("f64 süß true 2025-01-31")));

    assert_eq!(body("42"), Ok(Value::number(42.0)));
    assert_eq!(body("-0.0"), Ok(Value::number(0.0)));
    assert_eq!(body("wrap(())[0]"), Ok(Value::Missing));
    assert_eq!(body("1.0 / 0.0"), Ok(Value::Missing));
    assert_eq!(body("0.0 / 0.0"), Ok(Value::Missing));
    assert_eq!(body("return 7;"), Ok(Value::number(7.0)));
    assert_eq!(call("/// () -> text\nfn f() { 'x' }", &[]), Ok(Value::text("x")));
    assert_eq!(call("/// () -> bool\nfn f() { 1 == 1.0 }", &[]), Ok(Value::Bool(true)));
    assert_eq!(call("/// (d: date) -> date\nfn f(d) { d }", &[day("0001-01-01")]), Ok(day("0001-01-01")));
}

#[test]
fn a_missing_argument_is_not_passed_unless_asked_for() {
    let plain = "/// (n: number) -> number\nfn f(n) { if n == () { 5 } else { n } }";
    assert_eq!(call(plain, &[Value::Missing]), Ok(Value::Missing));
    let asked = "/// (n: number) -> number\n/// missing: call\nfn f(n) { if n == () { 5 } else { n } }";
    assert_eq!(call(asked, &[Value::Missing]), Ok(Value::number(5.0)));
    assert_eq!(call(asked, &[Value::number(2.0)]), Ok(Value::number(2.0)));
}

#[test]
fn a_result_of_another_type_is_an_error() {
    for (text, message) in [
        ("\"a\"", "gives a text, but its signature says number"),
        ("true", "gives a bool, but its signature says number"),
        ("[1]", "gives a list, but its signature says number"),
        ("#{a: 1}", "gives a map, but its signature says number"),
        ("|x| x", "gives a function, but its signature says number"),
        ("0..9", "gives something else, but its signature says number"),
        ("date(\"2025-01-31\")", "gives a date, but its signature says number"),
    ] {
        // Not written out as what the function gives, which would be found when it is loaded.
        let error = body(&format!("wrap({text})[0]")).unwrap_err();
        assert_eq!(error.message, message);
        assert_eq!(error.line, 2, "the function itself");
    }
}

#[test]
fn dates_count_in_days() {
    let with = |text: &str| {
        call(
            &format!("/// (d: date, e: date) -> number\nfn f(d, e) {{ {text} }}"),
            &[day("2025-01-31"), day("2024-12-24")],
        )
    };
    assert_eq!(with("d.year * 10000 + d.month * 100 + d.day"), Ok(Value::number(20_250_131.0)));
    assert_eq!(with("d.weekday"), Ok(Value::number(5.0)));
    assert_eq!(with("d - e"), Ok(Value::number(38.0)));
    assert_eq!(with("(d + 1).day + (d - 1.5).day"), Ok(Value::number(31.0)));
    assert_eq!(with("let x = d; x += 1; x - d"), Ok(Value::number(1.0)));
    assert_eq!(
        with("if d > e && e < d && d >= d && d <= d && d != e && d == d { 1 } else { 0 }"),
        Ok(Value::number(1.0))
    );
    assert_eq!(with("if d == () || d == 1 { 1 } else { 0 }"), Ok(Value::number(0.0)));
    assert_eq!(with("if d + 9999999 == () { 1 } else { 0 }"), Ok(Value::number(1.0)));
    assert_eq!(with("(date(\"2025-02-28\")).day"), Ok(Value::number(28.0)));
    assert_eq!(with("if date(\"2025-02-29\") == () { 1 } else { 0 }"), Ok(Value::number(1.0)));
}

#[test]
fn functions_of_expressions_are_there() {
    for (text, expected) in [
        ("clamp(12.5, 0, 10)", 10.0),
        ("round(2.345, 1) + round(2.5)", 5.3),
        ("min(3, 1.5) + max(1, 2, 3)", 4.5),
        ("pow(2, 10) + abs(-3) + abs(-3.5)", 1030.5),
        ("floor(2.5) + ceil(2.5) + sqrt(9.0) + ln(1.0) + exp(0.0)", 9.0),
        ("sqrt(9)", 3.0),
        ("months_between(date(\"2025-01-31\"), date(\"2025-02-28\"))", 1.0),
        ("year(add_months(date(\"2025-01-31\"), 12))", 2026.0),
        ("day(max(date(\"2025-01-31\"), date(\"2024-12-24\")))", 31.0),
        ("if mentions(\"Zu TEUER!\", [\"billig\", \"teuer\"]) { 1 } else { 0 }", 1.0),
        ("if lower(\"ÄB\") == \"äb\" && upper(\"äb\") == \"ÄB\" { 1 } else { 0 }", 1.0),
    ] {
        assert_eq!(body(text), Ok(Value::number(expected)), "{text}");
    }
    assert_eq!(body("clamp((), 0, 10)"), Ok(Value::Missing));
    assert_eq!(body("sqrt(-1.0)"), Ok(Value::Missing));
    assert_eq!(body("clamp(\"a\", 0, 10)").unwrap_err().message, "`clamp` takes a number here, not a text");
    assert_eq!(body("year([])").unwrap_err().message, "`year` cannot take a list");
    assert_eq!(body("min(1, \"a\")").unwrap_err().message, "`min` takes a number here, not a text");
}

#[test]
fn full_rhai_is_there() {
    let text = "
        let total = 0;
        for x in [1, 2, 3].map(|x| x * 2).filter(|x| x > 2) { total += x; }
        let by = #{ a: 1, b: 2 };
        for k in by.keys() { total += by[k]; }
        for i in 0..3 { total += i; }
        total += switch \"b\" { \"a\" => 1, \"b\" => 100, _ => 0 };
        total += helper(4);
        try { throw \"no\"; } catch (e) { total += e.len(); }
        total
    ";
    let text = format!(
        "/// () -> number\nfn f() {{ {text} }}\nfn helper(n) {{ if n < 2 {{ 1 }} else {{ n * helper(n - 1) }} }}"
    );
    assert_eq!(call(&text, &[]), Ok(Value::number(10.0 + 3.0 + 3.0 + 100.0 + 24.0 + 2.0)));
}

#[test]
fn constants_outside_of_functions_can_be_used() {
    let text = "const RATES = #{ gold: 3, silver: 2 };\n/// (t: text) -> number\nfn f(t) { global::RATES[t] }";
    assert_eq!(call(text, &[Value::text("gold")]), Ok(Value::number(3.0)));
    assert_eq!(call(text, &[Value::text("iron")]), Ok(Value::Missing));
    let changed = "const RATES = #{ gold: 3 };\n/// (t: text) -> number\nfn f(t) { global::RATES.gold = 7; 1 }";
    assert!(call(changed, &[Value::text("gold")]).is_err());
}

#[test]
fn nothing_is_remembered_between_calls() {
    let text = "const LIST = [1];\n/// () -> number\nfn f() { let l = global::LIST; l.push(2); l.len() }";
    let (scripts, diagnostics, _) = compile(text);
    assert_eq!(diagnostics, []);
    let signature = scripts.find("m", "f").unwrap();
    for _ in 0..3 {
        assert_eq!(scripts.call(signature, &[]), Ok(Value::number(2.0)));
    }
}

#[test]
fn errors_have_a_line_and_plain_words() {
    for (text, line, message) in [
        ("let x = 1;\nthrow \"not today\"", 4, "not today"),
        ("throw", 3, "the script gave up with `throw`"),
        ("let a = [1];\n\na[7]", 5, "list index 7 out of bounds: only 1 element in list"),
        ("1 / 0", 3, "division by zero: 1 / 0"),
        ("9223372036854775807 + 1", 3, "addition overflow: 9223372036854775807 + 1"),
        ("let x = \"a\";\nx - 1", 4, "there is no function `- (text, whole number)`"),
        ("let x = 1.5;\nround(x, x, x)", 4, "there is no function `round (number, number, number)`"),
        ("let x = #{};\nx.a.b.c", 4, "unknown property"),
        ("let x = 1; if x { 2 }", 3, "bool is needed here, not whole number"),
        ("let y = 5; for x in y { let z = x; }", 3, "for loop expects iterable type"),
        ("[3, 1].sort(|a, b| a.x)", 3, "unknown property `x`"),
        ("[3, 1].sort(|a, b| \"x\")", 3, "a comparer gives a number, or true if the first comes before the second"),
    ] {
        let error = body(text).unwrap_err();
        assert!(error.message.starts_with(message), "{text}: {error}");
        assert_eq!((error.module.as_str(), error.line), ("m", line), "{text}: {error}");
        assert!(error.span.is_some());
    }
}

#[test]
fn an_error_in_a_helper_points_into_the_helper() {
    let text = "/// () -> number\nfn f() {\n  g(1)\n}\nfn g(x) {\n  let y = x;\n  throw `bad ${y}`\n}";
    let error = call(text, &[]).unwrap_err();
    assert_eq!((error.line, error.message.as_str()), (7, "bad 1"));
    assert_eq!(error.to_string(), "m.rhai, line 7: bad 1");
}

/// Closures that use what is around them are fine as long as they do not use what is gone through.
#[test]
fn closures_may_use_what_is_around_them() {
    let text = "let limit = 2; let l = [1, 2, 3]; let n = l.len(); l.filter(|x| x >= limit).map(|x| x * n).reduce(|a, b| a + b, 0)";
    assert_eq!(body(text), Ok(Value::number(15.0)));
    let text = "let l = [3, 1, 2]; l.sort(|a, b| a - b); let f = |x| l[0] + x; f.call(10)";
    assert_eq!(body(text), Ok(Value::number(11.0)));
}

#[test]
fn lists_are_sorted_stably() {
    let sorted = |comparer: &str| {
        let text = format!(
            "let l = [31, 12, 32, 11, 21]; l.sort({comparer}); let k = [31, 12, 32, 11, 21].order({comparer}); \
             if l != k {{ throw \"differ\" }} l.reduce(|sum, x| sum * 100 + x, 0)"
        );
        body(&text)
    };
    assert_eq!(sorted("|a, b| a - b"), Ok(Value::number(1_112_213_132.0)));
    assert_eq!(sorted("|a, b| b - a"), Ok(Value::number(3_231_211_211.0)));
    assert_eq!(sorted("|a, b| a % 10 - b % 10"), Ok(Value::number(3_111_211_232.0)));
    assert_eq!(sorted("|a, b| a < b"), Ok(Value::number(1_112_213_132.0)));
    assert_eq!(sorted("|a, b| (a - b) * 0.5"), Ok(Value::number(1_112_213_132.0)));
    assert_eq!(
        body("let l = [1, 1, 2, 3, 3, 1]; l.dedup(|a, b| a == b); l.reduce(|s, x| s * 10 + x, 0)"),
        Ok(Value::number(1231.0))
    );
    assert_eq!(
        body("let l = [2, 1]; l.sort(); l.pad(4, 7); l.reduce(|s, x| s * 10 + x, 0)"),
        Ok(Value::number(1277.0))
    );
}

/// Every script ends by itself, fast, with an error and never a crash. The stack of a test's thread has 2 MiB.
#[test]
fn no_script_crashes_or_hangs() {
    let scripts = [
        ("endless loop", "loop { }"),
        ("endless loop with work", "let x = 0; while true { x += 1; } x"),
        ("endless loop of nothing", "let x = true; while x { } 1"),
        ("endless loop of an empty block", "loop { { } }"),
        ("endless loop of continue", "loop { continue; }"),
        ("endless loop of a constant", "loop { 1; }"),
        ("endless loop of a variable", "let x = 1; loop { x; }"),
        ("endless loop of an empty list", "loop { [] }"),
        ("endless loop of an empty branch", "let x = true; loop { if x { } }"),
        ("endless do of nothing", "let x = true; do { } while x; 1"),
        ("endless for", "for i in 0..9223372036854775807 { let y = i; } 1"),
        ("endless range with a step", "for i in range(0, 9223372036854775807, 1) { let y = i; } 1"),
        ("endless float range", "for i in range(0.0, 1e300, 1e-300) { let y = i; } 1"),
        ("endless do", "let x = 0; do { x = 1 - x; } until x > 2; x"),
        ("recursion", "f()"),
        ("recursion in arithmetic", "1 + (2 * (3 + f()))"),
        ("recursion by pointer", "let g = Fn(\"f\"); g.call()"),
        ("recursion in a closure", "let l = [1]; l.map(|x| f()); 1"),
        ("recursion in a sort", "let l = [3, 1, 2]; l.sort(|a, b| f()); loop {}"),
        ("text bomb", "let s = \"x\"; loop { s += s; }"),
        ("text bomb by interpolation", "let s = \"x\"; loop { s = `${s}${s}`; }"),
        ("text bomb by padding", "let s = \"x\"; s.pad(9000000000000000000, 'y'); 1"),
        ("text bomb by padding with text", "let s = \"x\"; s.pad(9000000000000000000, \"yz\"); 1"),
        ("text bomb by replacing", "let s = \"x\"; s.pad(9999, 'x'); let t = s; s.replace(\"x\", t); 1"),
        ("text bomb by replacing nothing", "let s = \"x\"; s.pad(9999, 'x'); let t = s; s.replace(\"\", t); 1"),
        ("text bomb by replacing a character", "let s = \"x\"; s.pad(9999, 'x'); let t = s; s.replace('x', t); 1"),
        ("list bomb", "let l = [1]; loop { l += l; }"),
        ("list bomb by pushing", "let l = []; loop { l.push(1); }"),
        ("list bomb by padding", "let l = []; l.pad(9000000000000000000, 1); 1"),
        ("list bomb by padding with lists", "let l = []; l.pad(4611686018427387904, [1, 2, 3, 4]); 1"),
        ("list bomb by nesting", "let l = [1]; loop { l = [l, l]; }"),
        ("deep list", "let l = [1]; loop { l = [l]; }"),
        ("deep list by pushing", "let l = [1]; loop { let k = []; k.push(l); l = k; }"),
        ("deep map", "let m = #{}; loop { m = #{ m: m }; }"),
        ("deep map of many", "let m = #{}; for i in 0..100 { m[`k${i}`] = i; } loop { let n = m; n.m = m; m = n; }"),
        ("deep list of many", "let m = []; m.pad(100, 1); loop { let n = []; n.pad(70, 1); n[0] = m; m = n; }"),
        ("deep list by index", "let l = [0]; loop { l[0] = l; }"),
        ("deep list in a closure", "let l = [1]; let f = |x| { l = [l]; 1 }; loop { f.call(1); }"),
        ("deep list by reducing", "let l = []; l.pad(9000, 1); l.reduce(|sum, x| [sum]); loop {}"),
        ("deep list by a function", "let l = [1]; loop { l = wrap(l); }"),
        ("deep list compared", "let l = [1]; let k = [1]; loop { l = [l]; k = [k]; l == k; }"),
        ("deep list printed", "let l = [1]; loop { l = [l]; print(l); }"),
        ("deep closures", "let f = |x| x; loop { let g = f; f = |x| g.call(x); }"),
        ("deep curry", "let f = Fn(\"wrap\"); loop { f = Fn(\"wrap\").curry(f); }"),
        ("a closure of itself", "let f = |x| x; f = |x| f.call(x); f.call(1)"),
        ("work in a closure", "loop { [1].map(|x| { for i in 0..90000 { let y = i; } 1 }); }"),
        ("work in a comparer", "let l = [3, 1, 2]; loop { l.sort(|a, b| { for i in 0..90000 { let y = i; } 1 }); }"),
        ("large lists changed", "let l = []; l.pad(9000, 1); loop { l[0] += 1; }"),
        ("large lists copied", "let l = []; l.pad(900, \"text\"); loop { let k = l; k[0] = \"a\"; }"),
        ("large texts changed", "let s = \"x\"; s.pad(9000, 'y'); loop { let t = s.to_upper(); }"),
        ("deep list in few steps", "let m = []; m.pad(70, 1); loop { m[0] = [[[[[[m]]]]]]; m == m; print(m); }"),
        ("deep list grown in one step", "let l = [1]; loop { l = [[[[[[[[l]]]]]]]]; l == l; print(l); }"),
        ("map bomb", "let m = #{}; let i = 0; loop { m[`k${i}`] = 1; i += 1; }"),
        ("map of large lists", "let l = []; l.pad(9000, 1); let m = #{}; let i = 0; loop { m[`k${i}`] = l; i += 1; }"),
        (
            "list of large lists",
            "let l = []; l.pad(900, 1); let k = []; k.pad(900, 1); let i = 0; loop { k[i] = l; i += 1; }",
        ),
        ("closures of large lists", "let l = []; l.pad(9000, 1); let k = []; loop { k.push(Fn(\"wrap\").curry(l)); }"),
        ("closures fanned out", "let f = Fn(\"wrap\"); loop { f = Fn(\"wrap\").curry(f).curry(f); }"),
        (
            "large lists in a property",
            "let l = []; l.pad(900, 1); let m = #{ a: #{} }; let i = 0; loop { m.a[`${i}`] = l; i += 1; }",
        ),
        ("list of large texts", "let s = \"x\"; s.pad(9999, 'x'); let l = []; loop { l.push(s); }"),
        (
            "work in a comparer for runs",
            "let l = [3, 1, 2]; loop { l.dedup(|a, b| { for i in 0..90000 { let y = i; } true }); l = [1, 2]; }",
        ),
        ("many variables", "let l = []; loop { let x = 1; l.push(|y| x + y); }"),
        (
            "a comparer without order",
            "let l = []; for i in 0..2000 { l.push(i); } l.sort(|a, b| (a * 7919) % 13 - 5); loop {}",
        ),
        ("swallowed errors", "loop { try { throw 1; } catch { } }"),
        ("swallowed limits", "try { loop { } } catch { 1 } 1"),
    ];
    let mut wrong = Vec::new();
    for (what, text) in scripts {
        let start = Instant::now();
        let outcome = body(text);
        let took = start.elapsed();
        if outcome.is_ok() || took > Duration::from_secs(30) {
            wrong.push(format!("{what} took {took:?} and gave {outcome:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn limits_are_named() {
    let error = body("loop { }").unwrap_err();
    assert_eq!(error.message, "took too many steps (`max_operations = 100000`); is there a loop without an end?");
    let error = body("f()").unwrap_err();
    assert_eq!(error.message, "functions call each other too deeply (`max_depth = 32`)");
    let many: String = (0..200).map(|i| format!("let v{i} = {i};")).chain(["v0".to_owned()]).collect();
    for (text, key) in [
        ("let s = \"x\"; loop { s += s; }", "max_string = 10000"),
        (
            "let l = [\"x\"]; loop { l += l; l[0] += \"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"; }",
            "max_",
        ),
        ("let l = [1]; loop { l += l; }", "max_array = 10000"),
        ("let l = []; l.pad(1000000, 1); 1", "max_array = 10000"),
        ("let m = #{ a: 1 }; loop { m = #{ a: m, b: m }; }", "max_map = 10000"),
        (many.as_str(), "max_variables = 128"),
        ("[1, 2, 3].map(|x| { let s = 0; for i in 0..40000 { s += i; } s }); 1", "max_operations = 100000"),
    ] {
        let error = body(text).unwrap_err();
        assert!(error.message.contains(key), "{text}: {error}");
    }
    let limits = Limits { max_map: 100, ..Limits::default() };
    let text = "/// () -> number\nfn f() { let m = #{}; let i = 0; loop { m[`k${i}`] = 1; i += 1; } }";
    let (scripts, _, _) = compile_all(&[("m", text)], &limits);
    let error = scripts.call(scripts.find("m", "f").unwrap(), &[]).unwrap_err();
    assert!(error.message.contains("max_map = 100`"), "{error}");
    let deep = format!("/// () -> number\nfn f() {{ {}1{} }}", "(1 + ".repeat(40), ")".repeat(40));
    let limits = Limits { max_expression_depth: 16, ..Limits::default() };
    let (_, diagnostics, _) = compile_all(&[("m", &deep)], &limits);
    assert_eq!(diagnostics[0].message, "this is nested too deeply");
    assert!(diagnostics[0].help[0].contains("max_expression_depth = 16"), "{:?}", diagnostics[0].help);
}

#[test]
fn limits_can_be_set() {
    let limits = Limits { max_operations: 1000, max_depth: 3, max_string: 200, max_array: 20, ..Limits::default() };
    let text = "/// (n: number) -> number\nfn f(n) { if n <= 0 { 0 } else { 1 + f(n - 1) } }
        /// (n: number) -> number\nfn steps(n) { let i = 0; while i < n { i += 1; } i }
        /// (n: number) -> number\nfn list(n) { let l = []; let i = 0; while i < n { l.push(i); i += 1; } l.len() }
        /// (n: number) -> number\nfn text(n) { let t = \"\"; let i = 0; while i < n { t += 'x'; i += 1; } t.len() }";
    let (scripts, diagnostics, _) = compile_all(&[("m", text)], &limits);
    assert_eq!(diagnostics, []);
    assert_eq!(*scripts.limits(), limits);
    let run = |name: &str, n: f64| scripts.call(scripts.find("m", name).unwrap(), &[Value::number(n)]).is_ok();
    for (name, fits, breaks) in [("f", 1.0, 9.0), ("steps", 50.0, 2000.0), ("list", 19.0, 25.0), ("text", 100.0, 250.0)]
    {
        assert!(run(name, fits), "{name} with {fits}");
        assert!(!run(name, breaks), "{name} with {breaks}");
    }
    let wild = Limits { max_operations: 0, max_depth: 0, max_string: 0, max_array: usize::MAX, ..Limits::default() };
    let inside = wild.within_bounds();
    assert_eq!(inside.max_operations, Limits::LEAST.max_operations, "0 would mean without a limit");
    assert_eq!(inside.max_array, Limits::MOST.max_array);
}

#[test]
fn there_is_no_way_out() {
    for text in [
        "eval(\"1\")",
        "import \"other\" as o; 1",
        "sleep(10)",
        "timestamp()",
        "exit(1)",
        "parse_json(\"{}\")",
        "open_file(\"x\")",
        "get_fn_metadata_list()",
        "rand()",
    ] {
        let (_, diagnostics, _) = compile(&format!("/// () -> number\nfn f() {{ {text} }}"));
        assert_eq!(diagnostics.len(), 1, "{text}: {diagnostics:?}");
        assert_eq!(diagnostics[0].code, code::SCRIPT_SYNTAX);
    }
    for text in ["Fn(\"eval\").call(\"1\")", "Fn(\"sleep\").call(10)", "Fn(\"timestamp\").call()", "\"1\".eval()"] {
        let (scripts, diagnostics, _) = compile(&format!("/// () -> number\nfn f() {{ {text} }}"));
        if diagnostics.is_empty() {
            let outcome = scripts.call(scripts.find("m", "f").unwrap(), &[]);
            assert!(outcome.is_err(), "{text}: {outcome:?}");
        }
    }
    assert_eq!(body("print(\"quiet\"); debug(1); 1"), Ok(Value::number(1.0)));
}

/// What a diagnostic says, and the text it points at.
fn said(text: &str) -> Vec<(String, String)> {
    let (_, diagnostics, sources) = compile(text);
    diagnostics.iter().map(|d| (d.message.clone(), sources.text(d.primary.as_ref().unwrap().span).to_owned())).collect()
}

#[test]
fn what_does_not_parse_is_shown_at_its_place() {
    for (text, message, place) in [
        ("fn f( { }", "expecting `)` to close the parameters list of function `f`", "{"),
        ("fn f() { let x = ; }", "unexpected `;`", ";"),
        ("fn f() {\n  \"ä\" + y\n}", "there is no variable `y`", "y"),
        ("fn f() { import \"x\" as y; }", "`import` cannot be used in a script", "import"),
        ("fn f() { eval(\"1\") }", "`eval` cannot be used in a script", "eval"),
        ("fn f() { 1 ", "expecting `;` to terminate this statement", " "),
        ("fn f() { other::g(1) }", "there is no script `other`", "other"),
        ("fn f() { mentoins(\"a\", [\"b\"]) }", "there is no function `mentoins`", "mentoins"),
        ("fn f() { let x = [1]; x.map(|y| nothing(y)); }", "there is no function `nothing`", "nothing"),
        ("fn f(a) { 1 }\nfn f(b) { 2 }", "`f` is defined twice with the same number of parameters", "fn"),
        ("let x = 1;\nfn f() { 1 }", "only functions and constants may stand outside of functions", "let"),
        ("const X = 1;\nfn f() { X }", "there is no variable `X`", "X"),
        ("fn f() { '\u{20ac}\u{20ac}' }", "", ""),
        ("fn f() { this }", "`this` cannot be used in a script", "this"),
        ("fn f(x) { x.map(|y| y / x.len()) }", "`x` is used by a closure while it is gone through", "x"),
        (
            "fn f(x) { x.a[1].filter(|y| { let z = x; y > z.len() }) }",
            "`x` is used by a closure while it is gone through",
            "x",
        ),
    ] {
        let found = said(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        if !message.is_empty() {
            assert!(found[0].0.starts_with(message), "{text}: {found:?}");
            assert_eq!(found[0].1, place, "{text}: {found:?}");
        }
    }
}

#[test]
fn flawed_signatures_are_shown_at_their_place() {
    for (text, message, place) in [
        ("/// (a: txt) -> number\nfn f(a) { 1 }", "there is no type `txt`", "a: txt"),
        ("/// (a: text) -> number\nfn f(b) { 1 }", "the parameters of `f` are not those of its signature", "fn f"),
        ("/// (a: text) -> number\nfn f(a, b) { 1 }", "the parameters of `f` are not those of its signature", "fn f"),
        ("/// () -> number\nfn f() { 1 }\n/// (a: text) -> number\nfn f(a) { 1 }", "`f` has a signature twice", "fn f"),
        ("// fn f(\n/// (a: text) -> numbr\n  private  fn   f  (a) { 1 }", "there is no type `numbr`", "numbr"),
    ] {
        let found = said(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!((found[0].0.as_str(), found[0].1.as_str()), (message, place), "{text}");
    }
}

/// Numbers come in as `1.0`, and Rhai's `switch` does not take that for `1`.
#[test]
fn a_switch_that_never_matches_is_a_warning() {
    let text = |body: &str| format!("/// (n: number, t: text) -> number\nfn f(n, t) {{ {body} }}");
    let (scripts, diagnostics, sources) = compile(&text("switch n { 3 => 5, 1 => 6, _ => 7 }"));
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].message, "`1` never matches the number `n`");
    assert_eq!(sources.text(diagnostics[0].primary.as_ref().unwrap().span), "n");
    assert!(!scripts.is_broken("m"), "a warning is no error");
    let call = |scripts: &Scripts| {
        scripts.call(scripts.find("m", "f").unwrap(), &[Value::number(1.0), Value::text("1")]).unwrap()
    };
    assert_eq!(call(&scripts), Value::number(7.0));
    for fine in ["switch n { 1.0 => 6, _ => 7 }", "switch n { 1..=1 => 6, _ => 7 }", "switch t { \"1\" => 6, _ => 7 }"]
    {
        let (scripts, diagnostics, _) = compile(&text(fine));
        assert_eq!(diagnostics, []);
        assert_eq!(call(&scripts), Value::number(6.0), "{fine}");
    }
}

#[test]
fn a_function_without_a_signature_is_private() {
    let (scripts, diagnostics, sources) = compile(
        "// about\n\n/// Helps.\nfn helper() { 1 }\n\n/// () -> number\n/// What it means.\nfn f() { helper() }\n",
    );
    assert_eq!(diagnostics, []);
    assert_eq!(scripts.signatures().len(), 1);
    let signature = scripts.find("m", "f").unwrap();
    assert_eq!(signature.help, "What it means.");
    assert_eq!(signature.declaration(), "m::f() -> number");
    assert_eq!(sources.text(signature.span), "fn f");
    assert_eq!(sources.place(signature.span).line, 8);
    assert!(scripts.find("m", "helper").is_none() && scripts.find("n", "f").is_none());
    assert!(scripts.has_module("m") && !scripts.has_module("n") && !scripts.is_broken("m"));
}

#[test]
fn a_later_script_of_the_same_name_is_laid_over() {
    let base = "const TOP = 1;\n/// (n: number) -> number\n/// Base help.\nfn f(n) { n + step() + global::TOP }\nfn step() { 10 }\n/// () -> text\nfn kept() { \"kept\" }";
    let over = "const TOP = 2;\n\n\n\n\n\nfn step() { 20 }\nfn f(n) {\n if n > 5 { throw \"over\" }\n n + step() + global::TOP }\n/// () -> bool\nfn added() { true }";
    let (scripts, diagnostics, sources) =
        compile_all(&[("m", base), ("other", "fn x() { 1 }"), ("m", over)], &Limits::default());
    assert_eq!(diagnostics, []);
    let f = scripts.find("m", "f").unwrap().clone();
    assert_eq!(f.help, "Base help.", "the signature of the base stays in force");
    assert_eq!(sources.place(f.span).line, 8);
    assert_eq!(scripts.call(&f, &[Value::number(1.0)]), Ok(Value::number(23.0)));
    assert_eq!(scripts.call(scripts.find("m", "kept").unwrap(), &[]), Ok(Value::text("kept")));
    assert_eq!(scripts.call(scripts.find("m", "added").unwrap(), &[]), Ok(Value::Bool(true)));
    let error = scripts.call(&f, &[Value::number(9.0)]).unwrap_err();
    assert_eq!(error.line, 9);
    assert_eq!(sources.place(error.span.unwrap()).line, 9);
    assert_eq!(error.span.unwrap().file, f.span.file);
}

#[test]
fn scripts_without_any_text_can_be_asked() {
    let scripts = Scripts::default();
    assert!(scripts.find("m", "f").is_none());
    let (_, _, mut sources) = compile("");
    let none = Scripts::compile(&[], &sources, &Limits::default(), &mut Vec::new());
    assert!(none.signatures().is_empty());
    let empty = sources.add("empty.rhai", "");
    let mut diagnostics = Vec::new();
    Scripts::compile(&[("empty".to_owned(), empty)], &sources, &Limits::default(), &mut diagnostics);
    assert_eq!(diagnostics, []);
}

#[test]
fn calls_run_side_by_side() {
    let (scripts, _, _) = compile("/// (n: number) -> number\nfn f(n) { let s = 0.0; for i in 0..100 { s += n; } s }");
    let signature = scripts.find("m", "f").unwrap();
    std::thread::scope(|scope| {
        for t in 0..4 {
            let scripts = &scripts;
            scope.spawn(move || {
                for i in 0..500 {
                    let n = f64::from(t * 1000 + i);
                    assert_eq!(scripts.call(signature, &[Value::number(n)]), Ok(Value::number(n * 100.0)));
                }
            });
        }
    });
}

/// The deepest recursion in the deepest expression a script may have, shape by shape, on less than the stack of a
/// thread of DataFusion (2 MiB).
#[test]
fn the_deepest_recursion_fits_a_small_stack() {
    for (open, core, close) in [
        ("1 + (", "f()", ")"),
        ("if true { ", "f();", "}"),
        ("max(1, ", "f()", ")"),
        ("x.max(", "f()", ")"),
        ("l[", "f()", "]"),
        ("m[0].a[", "f()", "]"),
        ("[", "f()", "]"),
        ("#{a: ", "f()", "}"),
        ("switch x { 1 => { ", "f()", "} _ => 1 }"),
        ("try { ", "f();", "} catch { 1 }"),
        ("true && (", "f()", ")"),
        ("() ?? (", "f()", ")"),
        ("`${", "f()", "}`"),
        ("[1].map(|x| ", "f()", ")"),
        ("[1, 2].sort(|x, y| ", "f()", ")"),
        ("{ let x = ", "f()", "; x }"),
        ("for i in [1] { ", "f();", "}"),
    ] {
        let start = "let x = 1; let l = [1]; let m = [#{a: [1]}];";
        let script = |times: usize| {
            let (open, close) = (open.repeat(times), close.repeat(times));
            format!("/// () -> number\nfn f() {{ {start} {open}{core}{close}; 1 }}")
        };
        let fits = |times: &usize| compile_all(&[("m", &script(*times))], &Limits::MOST).1.is_empty();
        let deepest = (1..60).take_while(fits).last().unwrap();
        assert!((4..59).contains(&deepest), "{open}: {deepest}");
        let (scripts, _, _) = compile_all(&[("m", &script(deepest))], &Limits::MOST);
        let outcome = std::thread::scope(|scope| {
            let call = || scripts.call(scripts.find("m", "f").unwrap(), &[]);
            std::thread::Builder::new().stack_size(1792 << 10).spawn_scoped(scope, call).unwrap().join().unwrap()
        });
        assert!(outcome.unwrap_err().message.starts_with("functions call each other"), "{open}");
    }
}

#[test]
fn what_a_function_evidently_gives_must_fit_its_signature() {
    for (body, message, place) in [
        ("\"high\"", "`f` gives a text here, but its signature says number", "\"high\""),
        ("if n > 1 { 2.0 } else { \"low\" }", "`f` gives a text here, but its signature says number", "\"low\""),
        ("if n > 1 { return true; } n", "`f` gives a bool here, but its signature says number", "true"),
        ("switch n { 1.0 => 2.0, _ => [1] }", "`f` gives a list here, but its signature says number", "["),
        ("n > 3", "`f` gives a bool here, but its signature says number", "n"),
        ("`${n}`", "`f` gives a text here, but its signature says number", "`${n}`"),
        ("", "`f` never gives a number: every way through it ends with nothing", "fn f"),
        ("let x = 1;", "`f` never gives a number: every way through it ends with nothing", ""),
        ("if n > 1 { return; } else { () }", "`f` never gives a number: every way through it ends with nothing", ""),
    ] {
        let found = said(&format!("/// (n: number) -> number\nfn f(n) {{ {body} }}"));
        assert_eq!(found.len(), 1, "{body}: {found:?}");
        assert_eq!(found[0].0, message, "{body}");
        if !place.is_empty() {
            assert_eq!(found[0].1, place, "{body}");
        }
    }
    for fine in [
        "if n > 1 { 2.0 } else { () }",
        "if n > 1 { return 3; }",
        "[1].map(|x| { return \"text\"; }); 1",
        "throw \"never\"",
        "loop { break 5; }",
        "helper()",
        "n + 1",
        "let m = n == 1; helper2(m)",
        "switch n { 1.0 => 3.0 }",
    ] {
        let text =
            format!("/// (n: number) -> number\nfn f(n) {{ {fine} }}\nfn helper() {{ 1 }}\nfn helper2(x) {{ 1 }}");
        assert_eq!(said(&text), [], "{fine}");
    }
}

#[test]
fn what_is_built_in_cannot_be_shadowed() {
    for (text, place) in [
        ("fn round(x) { 1 }", "fn round"),
        ("fn mentions(a, b) { true }", "fn mentions"),
        ("fn clamp() { true }", "fn clamp"),
        ("fn len() { 3 }", "fn len"),
        ("fn to_string(x) { 3 }", "fn to_string"),
        ("fn filter(x, y) { 3 }", "fn filter"),
    ] {
        let found = said(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].0.ends_with("is built in, and would mean something else in this script"), "{found:?}");
        assert_eq!(found[0].1, place);
    }
    for text in [
        "fn +(a, b) { 1 }",
        "fn `+`(a, b) { 1 }",
        "fn type_of(x) { 1 }",
        "fn print(x) { 1 }",
        "fn Fn(x) { 1 }",
        "fn call(x) { 1 }",
    ] {
        assert_eq!(said(text).len(), 1, "{text}: {:?}", said(text));
    }
    for (name, word) in [("global", "constants"), ("if", "word of the language"), ("this", "word of the language")] {
        let (_, diagnostics, _) = compile_all(&[(name, "/// () -> number\nfn f() { 1 }")], &Limits::default());
        assert_eq!(diagnostics.len(), 1, "{name}");
        assert!(diagnostics[0].message.contains(word), "{}", diagnostics[0].message);
    }
}
