//! Scripts that call each other.

use super::*;

/// Calls `m::f` of several scripts.
fn call_in(texts: &[(&str, &str)], arguments: &[Value]) -> Result<Value, CallError> {
    let (scripts, diagnostics, _) = compile_all(texts, &Limits::default());
    assert_eq!(diagnostics, [], "{texts:?}");
    let signature = scripts.find("m", "f").expect("a signature").clone();
    scripts.call(&signature, arguments)
}

/// Calls a body that gives a number beside a script `other`.
fn beside(other: &str, body: &str) -> Result<Value, CallError> {
    let text = format!("/// () -> number\nfn f() {{\n{body}\n}}");
    call_in(&[("m", &text), ("other", other)], &[])
}

/// What is said of `m` beside a script `other`, at which text, and with which help.
fn said_beside(other: &str, text: &str) -> Vec<(String, String, String)> {
    let (_, diagnostics, sources) = compile_all(&[("m", text), ("other", other)], &Limits::default());
    let at = |d: &Diagnostic| sources.text(d.primary.as_ref().unwrap().span).to_owned();
    diagnostics.iter().map(|d| (d.message.clone(), at(d), d.help.join("; "))).collect()
}

#[test]
fn a_function_of_another_script_is_called_as_by_a_rule() {
    let other = "/// (n: number, t: text) -> number\nfn g(n, t) { if type_of(n) != \"f64\" { throw \"no number\" } n + t.len() + helper() }\nfn helper() { 100 }";
    assert_eq!(beside(other, "other::g(1, 'x')"), Ok(Value::number(102.0)));
    assert_eq!(beside(other, "let n = 1.5; other::g(n, \"ab\") + n"), Ok(Value::number(105.0)));
    assert_eq!(beside(other, "[1, 2].map(|n| other::g(n, \"ab\")).reduce(|a, b| a + b, 0)"), Ok(Value::number(207.0)));
    assert_eq!(beside(other, "if other::g((), \"x\") == () { 7 } else { 8 }"), Ok(Value::number(7.0)));
    assert_eq!(beside(other, "if other::g(0.0 / 0.0, \"x\") == () { 7 } else { 8 }"), Ok(Value::number(7.0)));

    let asked = "/// (d: date) -> bool\n/// missing: call\nfn g(d) { d == () }";
    assert_eq!(beside(asked, "if other::g(()) { 7 } else { 8 }"), Ok(Value::number(7.0)));
    assert_eq!(beside(asked, "if other::g(date(\"2025-01-31\")) { 7 } else { 8 }"), Ok(Value::number(8.0)));
    // What comes back is what a rule would get: a float, or nothing.
    let gives = "/// () -> number\nfn g() { 3 }\n/// () -> number\nfn h() { 1.0 / 0.0 }";
    assert_eq!(
        beside(gives, "(if type_of(other::g()) == \"f64\" { 1 } else { 0 }) + (if other::h() == () { 2 } else { 0 })"),
        Ok(Value::number(3.0))
    );
}

#[test]
fn private_functions_and_constants_stay_within_their_script() {
    let other = "const RATES = #{ gold: 3.0 };\n/// (t: text) -> number\nfn g(t) { helper(t) }\nfn helper(t) { global::RATES[t] }";
    let text = "const RATES = #{ gold: 5.0 };\n/// () -> number\nfn f() { other::g(\"gold\") + helper(1) * 10.0 + global::RATES.gold * 100.0 }\nfn helper(x) { x }";
    assert_eq!(call_in(&[("m", text), ("other", other)], &[]), Ok(Value::number(513.0)));
    // Also by a name that is only known while running.
    let peeks = "/// () -> number\nfn g() { Fn(\"secret\").call() }";
    let text = "/// () -> number\nfn f() { other::g() + secret() }\nfn secret() { 1 }";
    let error = call_in(&[("m", text), ("other", peeks)], &[]).unwrap_err();
    assert_eq!((error.module.as_str(), error.line), ("other", 2), "{error}");
    assert!(error.message.starts_with("there is no function `secret"), "{error}");
}

#[test]
fn an_overlay_is_seen_by_other_scripts() {
    let base = "/// (n: number) -> number\nfn g(n) { n + step() }\nfn step() { 1 }";
    let over = "fn step() { 2 }";
    let text = "/// () -> number\nfn f() { other::g(10) }";
    assert_eq!(call_in(&[("other", base), ("m", text), ("other", over)], &[]), Ok(Value::number(12.0)));
}

#[test]
fn errors_in_another_script_have_its_place_and_the_call() {
    let other = "/// (n: number) -> number\nfn g(n) {\n  helper(n)\n}\nfn helper(n) {\n  let l = [n];\n  l[7]\n}";
    let error = beside(other, "let x = 1;\nother::g(x)").unwrap_err();
    assert_eq!((error.module.as_str(), error.line), ("other", 7));
    assert_eq!(error.message, "list index 7 out of bounds: only 1 element in list (called from m.rhai, line 4)");
    // Through three scripts.
    let third = "/// (n: number) -> number\nfn h(n) { throw \"third\" }";
    let second = "/// (n: number) -> number\nfn g(n) {\n third::h(n) }";
    let first = "/// () -> number\nfn f() { other::g(1) }";
    let error = call_in(&[("m", first), ("other", second), ("third", third)], &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "third.rhai, line 2: third (called from other.rhai, line 3) (called from m.rhai, line 2)"
    );
    // A script that expects it can go on.
    assert_eq!(beside(other, "let x = 0; try { x = other::g(1); } catch { x = 5; } x"), Ok(Value::number(5.0)));
    let throws = "/// () -> number\nfn g() { throw \"four\" }";
    assert_eq!(beside(throws, "try { other::g(); } catch (e) { return e.len(); }"), Ok(Value::number(4.0)));
    // In a constant of the other.
    let constant = "const X = [1][3];\n/// () -> number\nfn g() { 1 }";
    let error = beside(constant, "other::g()").unwrap_err();
    assert_eq!((error.module.as_str(), error.line), ("other", 1), "{error}");
}

#[test]
fn wrong_types_are_told_at_the_call() {
    let other = "/// (n: number) -> number\nfn g(n) { n }";
    let error = beside(other, "let t = \"a\";\nother::g(t)").unwrap_err();
    assert_eq!(error.to_string(), "m.rhai, line 4: `other::g` wants a number for `n`, and this is a text");
    let error = beside(other, "let t = [1];\nother::g(t)").unwrap_err();
    assert_eq!(error.to_string(), "m.rhai, line 4: `other::g` wants a number for `n`, and this is a list");
    let error =
        beside("/// (n: number) -> number\nfn g(n) { let x = [n, \"text\"]; x[1] }", "\nother::g(1)").unwrap_err();
    assert_eq!(error.to_string(), "m.rhai, line 4: `other::g` gives a text, but its signature says number");
}

#[test]
fn what_other_scripts_do_not_have_is_shown_at_the_call() {
    let other = "/// (age: number, t: text) -> number\nfn image(age, t) { 1 }\nfn helper() { 1 }\nconst X = 1;";
    let scripts = "scripts of a pack see each other, those of what it extends, too: there is no `scripts/words.rhai`";
    let declaration = "`other::image(age: number, t: text) -> number`";
    for (body, message, place, help) in [
        ("words::g(1)", "there is no script `words`", "words", scripts),
        ("othr::image(1)", "there is no script `othr`", "othr", "did you mean `other`?"),
        ("other::imag(1, \"\")", "there is no script function `other::imag`", "other::imag", "did you mean `image`?"),
        ("other :: score(1)", "there is no script function `other::score`", "other :: score", "`other` has `image`"),
        (
            "other::helper()",
            "`other::helper` has no signature, so that only `other` itself can call it",
            "other::helper",
            "begin the comment above it with what it takes and gives: `/// (x: number) -> number`",
        ),
        ("other::image(1)", "`other::image` takes 2 arguments, and 1 is given", "other::image", declaration),
        ("other::image();", "`other::image` takes 2 arguments, and 0 are given", "other::image", declaration),
        (
            "other::image(\"old\", \"x\")",
            "`other::image` wants a number here, and this is a text",
            "\"old\"",
            declaration,
        ),
        ("other::image(1, 2.5)", "`other::image` wants a text here, and this is a number", "2.5", declaration),
        ("other::image(1 < 2, \"\")", "`other::image` wants a number here, and this is a bool", "", declaration),
        ("other::image([1], \"\")", "`other::image` wants a number here, and this is a list", "[", declaration),
        (
            "let g = other::image; 1",
            "`other::image` is a function, and needs its arguments",
            "other::image",
            "write `other::image(…)`; to hand it on, `|x| other::image(x)`",
        ),
        ("other::X", "there is no script function `other::X`", "other::X", "`other` has `image`"),
        ("m::f()", "`m::f` stands in this script itself", "m::f", "write `f` without `m::`"),
        ("global::f()", "`global::` holds the constants of the script, no functions", "global::f", "write `f(…)`"),
        ("other::deep::f()", "a function has one script before its name", "other::deep::f", "write `other::name(…)`"),
    ] {
        let found = said_beside(other, &format!("/// () -> number\nfn f() {{ {body} }}"));
        assert_eq!(found.len(), 1, "{body}: {found:?}");
        assert_eq!((found[0].0.as_str(), found[0].2.as_str()), (message, help), "{body}");
        if !place.is_empty() {
            assert_eq!(found[0].1, place, "{body}");
        }
    }
    // Nothing is said of a script that cannot be read.
    let found = said_beside("fn g( { }", "/// () -> number\nfn f() { other::anything(1) }");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0.starts_with("expecting"), "{found:?}");
}

#[test]
fn circles_of_scripts_are_told_once() {
    let calls = |name: &str, other: &str| format!("/// () -> number\nfn {name}() {{ {other}() }}");
    let (a, b, c) = (calls("a", "two::b"), calls("b", "three::c"), calls("c", "one::a"));
    let outside = calls("d", "one::a");
    let texts = [("one", a.as_str()), ("two", &b), ("three", &c), ("zero", &outside)];
    let (scripts, diagnostics, sources) = compile_all(&texts, &Limits::default());
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    assert_eq!(
        diagnostics[0].message,
        "scripts call each other in a circle: `one` calls `two` calls `three` calls `one`"
    );
    assert_eq!(sources.text(diagnostics[0].primary.as_ref().unwrap().span), "two::b");
    let related: Vec<&str> = diagnostics[0].related.iter().map(|label| sources.text(label.span)).collect();
    assert_eq!(related, ["three::c", "one::a"]);
    assert!(scripts.is_broken("one") && scripts.is_broken("three") && !scripts.is_broken("zero"));
    // What is not linked cannot run on and on.
    assert!(scripts.call(scripts.find("one", "a").unwrap(), &[]).is_err());

    // A call in a function that an overlay replaced is none.
    let replaced = "fn c() { 7 }";
    let texts = [("one", a.as_str()), ("two", &b), ("three", &c), ("three", replaced)];
    let (scripts, diagnostics, _) = compile_all(&texts, &Limits::default());
    assert_eq!(diagnostics, []);
    assert_eq!(scripts.call(scripts.find("one", "a").unwrap(), &[]), Ok(Value::number(7.0)));
}

#[test]
fn limits_hold_across_scripts() {
    let other = "/// (n: number) -> number\nfn spin(n) { let s = 0; for i in 0..40000 { s += 1; } s }\n/// () -> number\nfn endless() { loop { } }\n/// (n: number) -> number\nfn deep(n) { if n <= 0 { 0 } else { 1 + deep(n - 1) } }";
    let error = beside(other, "other::spin(1) + other::spin(2) + other::spin(3)").unwrap_err();
    assert!(error.message.contains("`max_operations = 100000`"), "{error}");
    assert_eq!((error.module.as_str(), error.line), ("other", 2));
    let error = beside(other, "try { other::endless() } catch { 1 }").unwrap_err();
    assert!(error.message.contains("`max_operations = 100000`"), "{error}");
    assert_eq!((error.module.as_str(), error.line), ("other", 4));
    assert_eq!(beside(other, "other::deep(25)"), Ok(Value::number(25.0)));
    let down = "fn down(n) { if n <= 0 { other::deep(20) } else { down(n - 1) } }";
    let text = format!("/// () -> number\nfn f() {{ down(15) }}\n{down}");
    let error = call_in(&[("m", &text), ("other", other)], &[]).unwrap_err();
    assert!(error.message.contains("`max_depth = 32`"), "{error}");
}

/// As many scripts as there may be levels, each with the deepest expressions, on less than the stack of a thread.
#[test]
fn the_longest_chain_of_scripts_fits_a_small_stack() {
    let deep = |call: &str, times: usize| format!("{}{call}{}", "max(1, ".repeat(times), ")".repeat(times));
    let texts: Vec<(String, String)> = (0..60)
        .map(|i| {
            let call = deep(&format!("s{}::f()", i + 1), 12);
            (format!("s{i}"), format!("/// () -> number\nfn f() {{ {call} }}"))
        })
        .chain([("s60".to_owned(), "/// () -> number\nfn f() { 1 }".to_owned())])
        .collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let (scripts, diagnostics, _) = compile_all(&texts, &Limits::MOST);
    assert_eq!(diagnostics, []);
    let run = |from: &str| {
        std::thread::scope(|scope| {
            let call = || scripts.call(scripts.find(from, "f").unwrap(), &[]);
            std::thread::Builder::new().stack_size(1792 << 10).spawn_scoped(scope, call).unwrap().join().unwrap()
        })
    };
    let error = run("s0").unwrap_err();
    assert!(error.message.contains("`max_depth = 32`"), "{error}");
    assert_eq!(run("s35"), Ok(Value::number(1.0)));
}

#[test]
fn what_another_script_uses_is_used() {
    let other = "/// () -> number\nfn g() { helper() }\nfn helper() { 1 }";
    let text = "/// () -> number\nfn f() { 1 }\nfn part() { [1].map(|x| other::g()) }";
    let (scripts, diagnostics, _) = compile_all(&[("m", text), ("other", other)], &Limits::default());
    assert_eq!(diagnostics, []);
    let function = |name: &str| scripts.functions().iter().find(|f| f.name == name).unwrap();
    assert_eq!(function("part").others, [("other".to_owned(), "g".to_owned())]);
    assert_eq!(function("f").others, []);
    assert_eq!(function("g").calls, ["helper"]);
}

#[test]
fn lines_of_other_scripts_are_seen() {
    let other = "/// (n: number) -> number\nfn g(n) {\n  if n > 5.0 {\n    return helper();\n  }\n  n\n}\nfn helper() {\n  9\n}";
    let text = "/// (n: number) -> number\nfn f(n) {\n  other::g(n)\n}\nfn g(n) {\n  0\n}";
    let (scripts, diagnostics, _) = compile_all(&[("m", text), ("other", other)], &Limits::default());
    assert_eq!(diagnostics, []);
    let (observed, seen) = scripts.observed();
    assert_eq!(observed.call(scripts.find("m", "f").unwrap(), &[Value::number(1.0)]), Ok(Value::number(1.0)));
    let lines = || -> Vec<(String, usize)> {
        scripts.lines().into_iter().filter(|l| seen.contains(l.at)).map(|l| (l.function, l.at.1)).collect()
    };
    let at = |function: &str, line: usize| (function.to_owned(), line);
    assert_eq!(lines(), [at("m::f", 3), at("other::g", 3), at("other::g", 6)]);
    assert_eq!(observed.call(scripts.find("m", "f").unwrap(), &[Value::number(8.0)]), Ok(Value::number(9.0)));
    assert_eq!(lines().len(), 5);
}

#[test]
fn prints_are_kept_with_their_place() {
    let other = "/// (n: number) -> number\nfn g(n) {\n  debug(\"in\"); print([1, \"a\", ()]);\n  n\n}";
    let text = "/// () -> number\nfn f() { print(1.5); print(); print(date(\"2025-01-31\"));\n  print(\"süß\"); other::g(1) }\n/// () -> number\nfn many() { for i in 0..1500 { print(i); } print(\"x\"); 1 }\n/// () -> number\nfn long() { let s = \"ü\"; s.pad(600, 'ü'); print(s); 1 }";
    let (scripts, diagnostics, _) = compile_all(&[("m", text), ("other", other)], &Limits::default());
    assert_eq!(diagnostics, []);
    assert_eq!(scripts.printed(), Prints::default());
    scripts.call(scripts.find("m", "f").unwrap(), &[]).unwrap();
    let lines: Vec<String> =
        scripts.printed().lines.iter().map(|p| format!("{}:{}: {}", p.module, p.line, p.text)).collect();
    assert_eq!(
        lines,
        ["m:2: 1.5", "m:2: ", "m:2: 2025-01-31", "m:3: süß", "other:3: \"in\"", "other:3: [1, \"a\", ()]"]
    );
    assert_eq!(scripts.printed(), Prints::default(), "taken out once");
    scripts.call(scripts.find("m", "many").unwrap(), &[]).unwrap();
    let prints = scripts.printed();
    assert_eq!((prints.lines.len(), prints.more), (1000, 501));
    assert_eq!((prints.lines[999].text.as_str(), prints.lines[999].line), ("999", 5));
    scripts.call(scripts.find("m", "long").unwrap(), &[]).unwrap();
    let long = &scripts.printed().lines[0].text;
    assert_eq!((long.len(), long.chars().count()), (500, 250));
}
