//! Typing names: what a name means here, and what was meant if it means nothing.

use super::{Typed, Typer};
use crate::diag::{Diagnostic, code};
use crate::expr::functions::doc;
use crate::expr::ir::Name;
use crate::expr::parse::{Node, NodeKind};
use crate::expr::{Kind, NameKind, Stage, Type};

/// For a name that is near no other.
const WHAT_NAMES_ARE: &str = "names are columns, rollups, facts and parameters; a text stands in double quotes";

impl Typer<'_> {
    pub(super) fn name(&mut self, name: &str, node: &Node) -> Option<Typed> {
        let span = self.ast.span_of(node);
        let Some(slot) = self.scope.names.find(name) else {
            let diagnostic = self.unknown_name(name, node);
            self.diagnostics.push(diagnostic);
            return None;
        };
        let found = self.scope.names.get(slot);
        if found.stage > self.scope.stage {
            let diagnostic = Diagnostic::error(code::TOO_EARLY, span, format!("`{name}` is not decided yet here"))
                .help(decided(found))
                .help(format!("here you may use {}", available(self.scope.stage)));
            self.diagnostics.push(diagnostic);
            return None;
        }
        Typed::new(Kind::Slot(slot), found.ty, span)
    }

    /// Where a name nobody knows is compared with a text, it was meant as one.
    pub(super) fn unquoted(&mut self, other: Option<Type>, node: &Node) {
        let NodeKind::Name(name) = &node.kind else { return };
        let span = self.ast.span_of(node);
        if other == Some(Type::Text)
            && foreign_word(name).is_none()
            && let Some(last) = self.diagnostics.last_mut()
            && last.code == code::UNKNOWN_NAME
            && last.primary.as_ref().is_some_and(|label| label.span == span)
        {
            last.help.retain(|help| help != WHAT_NAMES_ARE);
            last.help.push(format!("if it is a text, put it in double quotes: `\"{name}\"`"));
        }
    }

    fn unknown_name(&self, name: &str, node: &Node) -> Diagnostic {
        let diagnostic =
            Diagnostic::error(code::UNKNOWN_NAME, self.ast.span_of(node), format!("`{name}` is not a name here"));
        if let Some(help) = foreign_word(name) {
            return diagnostic.help(help);
        }
        let known = || self.scope.names.iter().map(|(_, n)| n.name.as_str());
        if let Some(table) = self.table {
            let qualified = format!("{table}.{name}");
            if self.scope.names.find(&qualified).is_some() {
                return diagnostic.help(format!("columns of the table are written `{qualified}`"));
            }
            let help = format!("a rollup reads columns of `{table}`, parameters and `today`");
            return diagnostic.did_you_mean(name, known()).help(help);
        }
        let score = format!("score.{name}");
        if self.scope.names.find(&score).is_some() {
            return diagnostic.help(format!("the score of a criterion is written `{score}`"));
        }
        match name.split_once('.') {
            Some((base, part)) if self.scope.names.find(base).is_some() => match doc(part) {
                Some(_) => diagnostic.help(format!("write `{part}({base})`")),
                None => diagnostic.help(format!("`{base}` is one value, without parts")),
            },
            Some((table, column)) if table != "score" => {
                let found = crate::diag::nearest(name, known());
                match found {
                    Some(found) => diagnostic.help(format!("did you mean `{found}`?")),
                    None => diagnostic.help(format!(
                        "values of a table are read in `[rollups]`: write `{column}_total = 'sum({table}.{column})'` \
                         there, or another aggregate, and use its name"
                    )),
                }
            }
            _ => {
                let function = doc(name).map(|d| format!("`{name}` is a function: `{}`", d.signature));
                match function {
                    Some(help) => diagnostic.help(help),
                    None => {
                        let diagnostic = diagnostic.did_you_mean(name, known());
                        if diagnostic.help.is_empty() { diagnostic.help(WHAT_NAMES_ARE) } else { diagnostic }
                    }
                }
            }
        }
    }
}

/// Words other languages use for values.
fn foreign_word(name: &str) -> Option<&'static str> {
    match name.to_lowercase().as_str() {
        "null" | "none" | "nil" | "na" | "nan" | "undefined" | "missing" => Some("a missing value is written `()`"),
        "true" | "yes" => Some("write `true`"),
        "false" | "no" => Some("write `false`"),
        "now" | "sysdate" | "current_date" | "heute" => Some("the as-of date is `today`"),
        _ => None,
    }
}

/// When a name is decided.
pub(super) fn decided(name: &Name) -> String {
    let n = &name.name;
    match (name.stage, name.kind) {
        (Stage::Run | Stage::Record, _) => format!("`{n}` is read with the record"),
        (Stage::Fact, _) => format!("`{n}` is a fact, computed from columns, rollups and parameters"),
        (Stage::State, _) => format!("`{n}` is decided by `[[states]]`, after the facts and suppressions"),
        (Stage::Cause, _) => format!("`{n}` is decided by `[[causes]]`, after the states"),
        (Stage::Score, _) => format!("`{n}` is decided by `[criteria]`, after the causes"),
        (Stage::Dimension, _) => format!("`{n}` is a dimension, computed from the scores of all criteria"),
        (Stage::Priority, _) => format!("`{n}` is decided by `[scoring]`, after the dimensions"),
        (Stage::Grade, NameKind::Decided) => format!("`{n}` is decided by `[[grades]]`, after the priority"),
        (Stage::Grade | Stage::Campaign, _) => format!("`{n}` is decided by `[[campaigns]]`, last of all"),
    }
}

/// What may be used at a stage.
pub(super) fn available(stage: Stage) -> String {
    let more = [
        (Stage::Fact, "facts"),
        (Stage::State, "`state`, `track`"),
        (Stage::Cause, "`cause`, `class`, `confidence`"),
        (Stage::Score, "scores"),
        (Stage::Dimension, "dimensions"),
        (Stage::Priority, "`priority`"),
        (Stage::Grade, "`grade`"),
    ];
    let mut parts = vec!["parameters", "`today`"];
    if stage >= Stage::Record {
        parts = vec!["columns", "rollups", "parameters", "`today`"];
    }
    parts.extend(more.iter().filter(|(s, _)| *s <= stage).map(|(_, what)| *what));
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => parts.join(""),
    }
}
