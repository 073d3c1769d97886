//! Names and helpers for tests of types.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod hostile;
mod messages;
mod trees;

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
