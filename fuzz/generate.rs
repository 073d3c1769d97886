//! From choices to damaged packs and expressions, and what must hold for any of them.
//!
//! Shared by the fuzz targets, where the choices are the fuzzer's bytes, and by `tests/fuzzing.rs`, where they come from a seed.

use std::fmt::Write as _;
use std::sync::LazyLock;

use regain::check::{self, Subject, manual};
use regain::diag::{
    Diagnostic, Sources, Span, has_errors, render_github, render_human, render_json, render_sarif, render_short,
};
use regain::expr::{Anchor, Date, Expr, Kind, Row, Scope, Slot, Stage, Type, Value, eval, evaluate, parse};
use regain::pack::{Pack, load_from_texts, shipped};

/// Where choices come from.
pub trait Choices {
    /// A number from 0 to `n` - 1; 0 if `n` is 0.
    fn below(&mut self, n: usize) -> usize;
}

/// The fuzzer's bytes; 0 for ever when they are used up.
pub struct Bytes<'a>(pub &'a [u8]);

impl Choices for Bytes<'_> {
    fn below(&mut self, n: usize) -> usize {
        let mut number = 0;
        for _ in 0..if n > 256 { 2 } else { 1 } {
            let Some((first, rest)) = self.0.split_first() else { break };
            number = number << 8 | usize::from(*first);
            self.0 = rest;
        }
        number % n.max(1)
    }
}

/// What is put in where it does not belong.
const ODD: &[&str] = &[
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    "==",
    "\n",
    "\r\n",
    "\t",
    "ä",
    "日本",
    "e\u{301}",
    "\u{202e}",
    "\0",
    "\u{feff}",
    "\\",
    "\\u00e4",
    "\\ud800",
    "\\U00110000",
    "-1",
    "1e999",
    "1e-999",
    "99999999999999999999",
    "0x7fffffffffffffff",
    "nan",
    "-inf",
    "0000-00-00",
    "2025-02-30",
    "9999-12-31",
    "0001-01-01",
    "2025-01-01T00:00:00Z",
    "()",
    "true",
    "''",
    "today",
    "score",
    "#",
    ";",
    ",",
    ".",
    "..",
    "::",
    "&&",
    "||",
    "??",
    "=>",
    "remove = true\n",
    "{ remove = true }",
    "more_evidence = []\n",
    "extends = \"base\"\n",
    "extends = \"..\"\n",
    "name = \"x\"\n",
    "before = \"x\"\n",
    "when = 'true'\n",
    "plugin = \"prestige\"\n",
    "prestige::image",
    "state == \"dormant\"",
    "if",
    "else",
    "switch",
    "in",
    "_",
    "matches(",
    "mentions(",
    "date(\"",
    "# regain: allow(masked) x\n",
    "[lints]\n",
    "bands = []\n",
    "curve = [[0, 1], [0, 2]]\n",
];

/// The texts of a shipped pack, or of an overlay over one, with a few things changed.
pub fn pack(choices: &mut dyn Choices) -> Vec<(String, String)> {
    let (name, texts) = shipped::SHIPPED[choices.below(shipped::SHIPPED.len())];
    let mut texts: Vec<(String, String)> = if choices.below(3) == 0 {
        // An overlay that says again what the shipped pack says.
        let (file, text) = texts[choices.below(texts.len())];
        let head = format!("[pack]\nname = \"ours\"\nextends = \"{name}\"\n");
        let body = text.replace("[pack]", "[params]").replace("extends = ", "# ");
        vec![("own.toml".to_owned(), head), (file.to_owned(), body)]
    } else {
        texts.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect()
    };
    for _ in 0..=choices.below(4) {
        let which = choices.below(texts.len());
        damage(&mut texts[which].1, choices);
    }
    texts
}

/// The byte of a character, chosen.
fn place(text: &str, choices: &mut dyn Choices) -> usize {
    let mut at = choices.below(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The token around a byte: a word, or one sign.
fn token(text: &str, at: usize) -> std::ops::Range<usize> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let start = text[..at].trim_end_matches(word).len();
    let end = start + (text[start..].len() - text[start..].trim_start_matches(word).len());
    let one = text[at..].chars().next().map_or(0, char::len_utf8);
    if end > at { start..end } else { at..at + one }
}

/// The line around a byte, with its end.
fn line(text: &str, at: usize) -> std::ops::Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    start..text[at..].find('\n').map_or(text.len(), |i| at + i + 1)
}

/// Changes one thing.
fn damage(text: &mut String, choices: &mut dyn Choices) {
    if text.is_empty() {
        text.push_str(ODD[choices.below(ODD.len())]);
        return;
    }
    let at = place(text, choices);
    match choices.below(12) {
        0 => text.insert_str(at, ODD[choices.below(ODD.len())]),
        1 => text.replace_range(token(text, at), ""),
        2 => {
            let word = text[token(text, at)].to_owned();
            text.insert_str(at, &word);
        }
        3 => {
            // A word from elsewhere in place of this one.
            let other = place(text, choices);
            let word = text[token(text, other)].to_owned();
            text.replace_range(token(text, at), &word);
        }
        4 => text.replace_range(token(text, at), ODD[choices.below(ODD.len())]),
        5 => text.replace_range(line(text, at), ""),
        6 => {
            let copy = text[line(text, at)].to_owned();
            let target = place(text, choices);
            let start = line(text, target).start;
            text.insert_str(start, &copy);
        }
        7 => text.truncate(at),
        8 => {
            // One bit.
            let mut bytes = std::mem::take(text).into_bytes();
            bytes[at] ^= 1 << choices.below(8);
            *text = String::from_utf8_lossy(&bytes).into_owned();
        }
        9 => {
            let (open, close) = [("[", "]"), ("(", ")"), ("{ a = ", " }"), ("!", ""), ("-", "")][choices.below(5)];
            let depth = 1 << choices.below(12);
            let word = token(text, at);
            let nested = format!("{}{}{}", open.repeat(depth), &text[word.clone()], close.repeat(depth));
            text.replace_range(word, &nested);
        }
        10 => {
            // A value in place of another.
            if let Some(equals) = text[at..].find(" = ") {
                let start = at + equals + 3;
                let end = text[start..].find('\n').map_or(text.len(), |i| start + i);
                text.replace_range(start..end, ODD[choices.below(ODD.len())]);
            }
        }
        _ => {
            // An expression of our own.
            let expression = expression(choices);
            if let Some(open) = text[at..].find('\'').map(|i| at + i + 1)
                && let Some(close) = text[open..].find('\'').map(|i| open + i)
            {
                text.replace_range(open..close, &expression.replace('\'', "\""));
            }
        }
    }
}

/// The pack whose names expressions use.
static FRAME: LazyLock<std::sync::Arc<Pack>> = LazyLock::new(|| {
    let text = r#"
[pack]
name = "frame"
[params]
limit = 180
word = "price"
[record]
key = "id"
columns.amount = { type = "number" }
columns.share = { type = "number" }
columns.segment = { type = "text" }
columns.left_on = { type = "date" }
columns.asked = { type = "bool" }
[facts]
silent = 'today - left_on'
[criteria.payment]
score = '5'
[[states]]
name = "active"
"#;
    let script = "/// (x: number, t: text) -> number\nfn twice(x, t) { if t == \"a\" { throw \"no\" } 2.0 * x }\n\
                  /// (share: number, segment: text) -> number\nfn named(share, segment) { share }\n";
    load_from_texts(&[("pack.toml", text), ("scripts/own.rhai", script)]).pack.expect("the frame is a pack")
});

const NAMES: &[&str] = &[
    "amount",
    "share",
    "segment",
    "left_on",
    "asked",
    "silent",
    "limit",
    "word",
    "today",
    "state",
    "grade",
    "score.payment",
    "worth",
    "nothing",
    "orders.amount",
    "größe",
];
const FUNCTIONS: &[&str] = &[
    "min",
    "max",
    "round",
    "floor",
    "ceil",
    "abs",
    "sqrt",
    "ln",
    "exp",
    "clamp",
    "lower",
    "upper",
    "trim",
    "len",
    "contains",
    "starts_with",
    "ends_with",
    "matches",
    "mentions",
    "date",
    "year",
    "month",
    "day",
    "weekday",
    "add_months",
    "months_between",
    "years_between",
    "own::twice",
    "sum",
    "nothing",
];
const VALUES: &[&str] = &[
    "0",
    "1",
    "-1",
    "0.1",
    "180",
    "1e308",
    "1e-320",
    "9007199254740993",
    "()",
    "true",
    "false",
    "\"\"",
    "\"a\"",
    "\"ä日\"",
    "\"(\"",
    "`b`",
    "'c'",
    "date(\"2024-02-29\")",
    "date(\"0001-01-01\")",
    "[1, 2]",
    "[\"a\"]",
    "[]",
    "own::named",
    "own::twice",
];
const OPERATORS: &[&str] =
    &["+", "-", "*", "/", "%", "**", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "??", "in", "!in", "=", ",", "and"];

/// An expression, mostly well-formed.
pub fn expression(choices: &mut dyn Choices) -> String {
    let mut text = String::new();
    let mut budget = 1 + choices.below(40);
    grow(&mut text, choices, &mut budget, 0);
    while choices.below(3) == 0 && text.len() < 4000 {
        damage(&mut text, choices);
    }
    text
}

fn grow(out: &mut String, choices: &mut dyn Choices, budget: &mut usize, depth: usize) {
    *budget = budget.saturating_sub(1);
    let leaf = *budget == 0 || depth > 30;
    match if leaf { choices.below(2) } else { choices.below(12) } {
        0 => out.push_str(NAMES[choices.below(NAMES.len())]),
        1 => out.push_str(VALUES[choices.below(VALUES.len())]),
        2..=6 => {
            grow(out, choices, budget, depth + 1);
            // Writing to a string cannot fail.
            let _ = write!(out, " {} ", OPERATORS[choices.below(OPERATORS.len())]);
            grow(out, choices, budget, depth + 1);
        }
        7 => {
            out.push_str(["!", "-", "+", "!!"][choices.below(4)]);
            grow(out, choices, budget, depth + 1);
        }
        8 => {
            out.push('(');
            grow(out, choices, budget, depth + 1);
            out.push(')');
        }
        9 => {
            out.push_str(FUNCTIONS[choices.below(FUNCTIONS.len())]);
            out.push('(');
            for i in 0..choices.below(4) {
                out.push_str(if i > 0 { ", " } else { "" });
                grow(out, choices, budget, depth + 1);
            }
            out.push(')');
        }
        10 => {
            out.push_str("if ");
            grow(out, choices, budget, depth + 1);
            out.push_str(" { ");
            grow(out, choices, budget, depth + 1);
            out.push_str(" } else { ");
            grow(out, choices, budget, depth + 1);
            out.push_str(" }");
        }
        _ => {
            out.push_str("switch ");
            grow(out, choices, budget, depth + 1);
            out.push_str(" { ");
            for _ in 0..choices.below(3) {
                let _ = write!(out, "{} => ", VALUES[choices.below(VALUES.len())]);
                grow(out, choices, budget, depth + 1);
                out.push_str(", ");
            }
            out.push_str("_ => ");
            grow(out, choices, budget, depth + 1);
            out.push_str(" }");
        }
    }
}

/// Loads a pack, lints it, and shows what is said about it in every form. Whether it is fit to run.
pub fn survive_pack(texts: &[(String, String)]) -> bool {
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let loaded = load_from_texts(&texts);
    assert_eq!(loaded.pack.is_none(), has_errors(&loaded.diagnostics), "no pack without an error, and none with one");
    let mut diagnostics = loaded.diagnostics.clone();
    if let Some(pack) = &loaded.pack {
        diagnostics.extend(check::check(&Subject { pack, cases: None }));
    }
    shows(&diagnostics, &loaded.sources);
    loaded.pack.is_some()
}

/// Every place is in its text and on characters, and every form can show it.
fn shows(diagnostics: &[Diagnostic], sources: &Sources) {
    for diagnostic in diagnostics {
        for label in diagnostic.primary.iter().chain(&diagnostic.related) {
            let Span { file, start, end } = label.span;
            let text = &sources.get(file).expect("a known file").text;
            let fits = text.is_char_boundary(start as usize) && text.is_char_boundary(end as usize) && start <= end;
            assert!(fits, "{start}..{end} is no place in {} bytes: {diagnostic:?}", text.len());
        }
        assert!(!diagnostic.message.is_empty() && !diagnostic.message.ends_with('.'), "{diagnostic:?}");
    }
    for width in [60, 200] {
        let _ = render_human(diagnostics, sources, width == 60, width);
    }
    assert_eq!(render_github(diagnostics, sources).lines().count(), diagnostics.len());
    assert!(render_short(diagnostics, sources).lines().count() >= diagnostics.len());
    let _ = render_json(diagnostics, sources);
    let _ = render_sarif(diagnostics, sources, &manual::rule);
}

/// One record of the frame.
struct Record(Vec<Value>);

impl Row for Record {
    fn get(&self, slot: Slot) -> Value {
        self.0.get(slot.0 as usize).cloned().unwrap_or(Value::Missing)
    }
}

fn record(choices: &mut dyn Choices) -> Record {
    let numbers = [0.0, 1.0, -1.0, 0.1, 180.0, 1e300, -1e-300, f64::MAX, f64::MIN_POSITIVE, 36524.0];
    let texts = ["", "a", "price", "zu teuer", "日本", "\u{0}", "A".repeat(50).leak()];
    let days = ["0001-01-01", "2024-02-29", "2025-06-30", "9999-12-31"];
    let of = |ty: Type, choices: &mut dyn Choices| {
        if choices.below(4) == 0 {
            return Value::Missing;
        }
        match ty {
            Type::Number => Value::number(numbers[choices.below(numbers.len())]),
            Type::Text => Value::text(texts[choices.below(texts.len())]),
            Type::Bool => Value::Bool(choices.below(2) == 0),
            Type::Date => Date::parse_iso(days[choices.below(days.len())]).map_or(Value::Missing, Value::Date),
        }
    };
    Record(FRAME.names.iter().map(|(_, name)| of(name.ty, choices)).collect())
}

/// Parses, types and evaluates an expression on a few records. Whether it has a meaning.
pub fn survive_expression(text: &str, choices: &mut dyn Choices) -> bool {
    // A finding may point into the scripts of the frame.
    let mut sources = Sources::clone(&FRAME.sources);
    let written = format!("x = '{text}'\n");
    let file = sources.add("f.toml", written.as_str());
    let anchor = Anchor::plain(file, 5, Span::new(file, 4, 6 + text.len()));
    let mut diagnostics = Vec::new();
    let Some(ast) = parse(text, &anchor, &mut diagnostics) else {
        assert!(has_errors(&diagnostics), "an expression that cannot be read is an error: {text:?}");
        shows(&diagnostics, &sources);
        return false;
    };
    let _ = ast.names();
    let mut fine = false;
    for expected in [None, Some(Type::Number), Some(Type::Text), Some(Type::Bool), Some(Type::Date)] {
        for stage in [Stage::Fact, Stage::Campaign] {
            diagnostics.clear();
            let scope = Scope { names: &FRAME.names, stage, scripts: &FRAME.scripts };
            let typed = regain::expr::check(&ast, &scope, expected, &mut diagnostics);
            assert_eq!(typed.is_none(), has_errors(&diagnostics), "{text:?}");
            shows(&diagnostics, &sources);
            let Some(expr) = typed else { continue };
            assert!(expected.is_none_or(|expected| expected == expr.ty), "{text:?}");
            fine = true;
            for _ in 0..2 {
                holds(&expr, &record(choices), text);
            }
        }
    }
    fine
}

/// A value is of the type that was promised, a finite number, and the same when it is traced.
fn holds(expr: &Expr, record: &Record, text: &str) {
    let value = evaluate(expr, record, &FRAME.scripts);
    assert!(value.ty().is_none_or(|ty| ty == expr.ty), "{text:?} gave {value:?}, promised {:?}", expr.ty);
    assert!(value.as_number().is_none_or(f64::is_finite), "{text:?} gave {value:?}");
    assert!(matches!(expr.kind, Kind::Const(_)) || expr.span.start < expr.span.end, "{text:?}");
    assert_eq!(eval::trace(expr, record, &FRAME.scripts).value, value, "{text:?}");
}
