//! What each diagnostic says, where it points, and what it advises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::diag::Sources;
use crate::expr::ir::Name;
use crate::expr::{Anchor, NameKind, parse};

/// A pack's names: two of each type, some decided later.
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

/// Parses and types a text in the middle of a file.
fn run(text: &str, stage: Stage, expected: Option<Type>) -> (Option<Expr>, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("facts.toml", format!("x = '{text}'\n"));
    let anchor = Anchor { file, start: Some(5), whole: Span::new(file, 4, 6 + text.len()) };
    let mut diagnostics = Vec::new();
    let (names, scripts) = (names(), Scripts::default());
    let scope = Scope { names: &names, stage, scripts: &scripts };
    let expr = parse(text, &anchor, &mut diagnostics).and_then(|ast| check(&ast, &scope, expected, &mut diagnostics));
    (expr, diagnostics, sources)
}

#[test]
fn common_forms() {
    let cases = [
        ("today - last_order", Type::Number),
        ("amount * (margin + 1) / 2 ** -3", Type::Number),
        ("last_order + 30", Type::Date),
        ("segment !in [\"a\", \"b\"] && !vip", Type::Bool),
        ("if vip { 1 } else { () }", Type::Number),
        ("switch segment { \"a\" | \"b\" => last_order, _ => () }", Type::Date),
        ("last_order == ()", Type::Bool),
    ];
    for (text, ty) in cases {
        let (expr, diagnostics, _) = run(text, Stage::Score, Some(ty));
        assert!(expr.is_some(), "{text}: {diagnostics:?}");
    }
}
