//! Texts that are long, deep or nonsense, and many threads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::code::*;
use super::*;

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
                let (expr, diagnostics, _) = super::run(&text, Stage::Campaign, None);
                drop((expr.clone(), expr, diagnostics));
            }
        }
        for operator in [" + ", " - ", " ** ", " ?? ", ".x", "[0]", "::a", "?.x", "!"] {
            for n in [100, 180, 5000] {
                let text = format!("amount{}", format!("{operator}amount").repeat(n));
                super::run(text.get(..16_000.min(text.len())).unwrap(), Stage::Campaign, None);
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
