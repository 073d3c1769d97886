//! From the text of an expression to something that can be evaluated: parsed, typed, aggregates over events set apart.

use indexmap::IndexMap;

use crate::diag::{Diagnostic, FileId, Sources, Span, has_errors};
use crate::expr::{
    Anchor, Expr, Name, NameKind, Names, RollupExpr, Scope, Stage, aggregates, check, check_rollup, parse,
};
use crate::pack::{Pack, Rollup};

/// How the text is called in messages.
const FILE: &str = "expression";

/// An expression that fits a pack.
pub(super) struct Compiled {
    pub(super) expr: Expr,
    /// The pack, with the aggregates of the expression as rollups of it.
    pub(super) pack: Pack,
    /// Those rollups.
    pub(super) rollups: Vec<Rollup>,
}

/// What reading a text gave.
pub(super) struct Read {
    /// The expression, if it is sound.
    pub(super) compiled: Option<Compiled>,
    /// The pack's texts, and that of the expression.
    pub(super) sources: Sources,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// An aggregate in the text: for the typer a name of the same length stands there, so that every place stays where it is.
struct Aside {
    span: std::ops::Range<usize>,
    /// `sum(orders.amount)`
    text: String,
    /// `_a0_______________`
    stand_in: String,
}

/// Reads the text of an expression.
pub(super) fn read(pack: &Pack, text: &str) -> Read {
    let mut sources = (*pack.sources).clone();
    let file = sources.add(FILE, text);
    let mut diagnostics = Vec::new();
    let compiled = compile(pack, text, file, &mut diagnostics);
    let compiled = compiled.filter(|_| !has_errors(&diagnostics));
    Read { compiled, sources, diagnostics }
}

fn anchor(file: FileId, start: usize, end: usize) -> Anchor {
    let whole = Span::new(file, start, end);
    u32::try_from(start).map_or_else(|_| Anchor::somewhere(whole), |start| Anchor::plain(file, start, whole))
}

fn compile(pack: &Pack, text: &str, file: FileId, diagnostics: &mut Vec<Diagnostic>) -> Option<Compiled> {
    let whole = anchor(file, 0, text.len());
    let ast = parse(text, &whole, diagnostics)?;
    let found = aggregates(&ast, &|name| pack.tables.contains_key(name));
    if found.is_empty() {
        let scope = Scope { names: &pack.names, stage: Stage::Campaign, scripts: &pack.scripts };
        let expr = check(&ast, &scope, None, diagnostics)?;
        return Some(Compiled { expr, pack: pack.clone(), rollups: Vec::new() });
    }
    let mut asides: Vec<Aside> = Vec::new();
    for span in found {
        let inner = text.get(span.clone())?.to_owned();
        let place = asides.iter().position(|a| a.text == inner).unwrap_or(asides.len());
        let stand_in = format!("{:_<1$}", format!("_a{place}_"), inner.len());
        asides.push(Aside { span, text: inner, stand_in });
    }
    let mut plain = text.to_owned();
    for aside in &asides {
        plain.replace_range(aside.span.clone(), &aside.stand_in);
    }
    let tables: IndexMap<String, &Names> = pack.tables.iter().map(|(name, t)| (name.clone(), &t.names)).collect();
    // The typer looks names up by their stand-ins; whoever shows them sees the text. Both tables have the same slots.
    let (mut names, mut shown) = (pack.names.clone(), pack.names.clone());
    let mut rollups = Vec::new();
    for aside in &asides {
        let place = anchor(file, aside.span.start, aside.span.end);
        let rollup = parse(&aside.text, &place, diagnostics)
            .and_then(|ast| check_rollup(&ast, &place, &tables, &pack.scripts, diagnostics));
        let Some(RollupExpr { table, aggregate, value, condition, ty }) = rollup else { continue };
        let name = |name: &str| Name {
            name: name.to_owned(),
            kind: NameKind::Rollup,
            stage: Stage::Record,
            ty,
            span: Some(place.whole),
        };
        let (Ok(slot), Ok(_)) = (names.add(name(&aside.stand_in)), shown.add(name(&aside.text))) else { continue };
        let text = aside.text.clone();
        rollups.push(Rollup { name: text.clone(), slot, table, aggregate, value, condition, text, span: place.whole });
    }
    if has_errors(diagnostics) {
        return None;
    }
    let mut found = Vec::new();
    let scope = Scope { names: &names, stage: Stage::Campaign, scripts: &pack.scripts };
    let expr = parse(&plain, &whole, &mut found).and_then(|ast| check(&ast, &scope, None, &mut found));
    diagnostics.extend(found.into_iter().map(|d| restored(d, &asides)));
    let mut pack = pack.clone();
    pack.names = shown;
    pack.rollups.extend(rollups.iter().cloned());
    Some(Compiled { expr: expr?, pack, rollups })
}

/// A diagnostic that speaks of what was written, not of what stands in for it.
fn restored(mut diagnostic: Diagnostic, asides: &[Aside]) -> Diagnostic {
    let texts = std::iter::once(&mut diagnostic.message)
        .chain(&mut diagnostic.help)
        .chain(diagnostic.primary.iter_mut().chain(&mut diagnostic.related).map(|label| &mut label.text));
    for text in texts {
        for aside in asides {
            *text = text.replace(&aside.stand_in, &aside.text);
        }
    }
    diagnostic
}
