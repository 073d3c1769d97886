//! `plugin = "prestige"`: a script that provides what a thing needs, each part by a function of a fixed name.
//!
//! What comes of it is an ordinary [`Rule`]: the function called with the names of its parameters. It is written nowhere, so every
//! place in it is that of the word behind `plugin`.

use std::sync::Arc;

use super::Resolver;
use super::names::default_label;
use super::read::Fields;
use crate::diag::{Diagnostic, code};
use crate::expr::{Anchor, Stage, Type, parse};
use crate::pack::Rule;
use crate::pack::raw::Text;
use crate::script::{Scripts, Signature};

/// What a function of a plugin is for.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// The name the function must have; where a rule is written out instead, that of the key, too.
    pub(super) function: &'static str,
    /// The key that does the same by an expression.
    pub(super) key: &'static str,
    /// What it must give.
    pub(super) ty: Type,
    /// The stage whose names it may take.
    pub(super) stage: Stage,
}

/// Of a criterion.
pub(super) const SCORE: Part = Part { function: "score", key: "score", ty: Type::Number, stage: Stage::Cause };
/// Of a line of evidence.
pub(super) const EVIDENCE: Part = Part { function: "evidence", key: "when", ty: Type::Bool, stage: Stage::State };
/// Of a campaign: the probability of success.
pub(super) const SUCCESS: Part = Part { function: "success", key: "success", ty: Type::Number, stage: Stage::Grade };
/// Of a campaign: what a return is worth.
pub(super) const VALUE: Part = Part { function: "value", key: "value", ty: Type::Number, stage: Stage::Grade };

/// A help text of at most so many characters may be a label.
const LABEL: usize = 32;

impl Resolver<'_> {
    /// The script behind `plugin`; reports that there is none. One with an error of its own has said enough.
    pub(super) fn plugin<'t>(&mut self, fields: &Fields<'t>, parts: &[Part]) -> Option<&'t Text> {
        let text = fields.text("plugin", &mut self.diagnostics)?;
        let name = text.text.as_str();
        if self.scripts.has_module(name) {
            return (!self.scripts.is_broken(name)).then_some(text);
        }
        let modules = modules(self.scripts);
        let bare = name.trim_end_matches(".rhai").rsplit(['/', '\\']).next().unwrap_or(name);
        let message = format!("there is no script `{name}`");
        let diagnostic = Diagnostic::error(code::UNKNOWN_REFERENCE, text.span(), message);
        let functions = parts.iter().map(|part| format!("`{}`", part.function)).collect::<Vec<_>>().join(" or ");
        self.diagnostics.push(match (name.split_once("::"), parts) {
            _ if bare.is_empty() => diagnostic.help("name a script of the pack, as in `plugin = \"prestige\"`"),
            (Some((module, function)), [part]) if function == part.function && modules.contains(&module) => {
                diagnostic.help(format!("a plugin is a script: write `plugin = \"{module}\"`"))
            }
            (Some(_), [part, ..]) => diagnostic
                .help(format!("a plugin is a script; a single function is called by `{} = '{name}'`", part.key)),
            (None, _) if bare != name && modules.contains(&bare) => {
                diagnostic.help(format!("a script is named without its folder and ending: `{bare}`"))
            }
            _ => {
                let diagnostic = diagnostic.did_you_mean(name, modules.iter().copied());
                if diagnostic.help.is_empty() {
                    diagnostic.help(format!(
                        "a plugin is a script of the pack: `scripts/{bare}.rhai`, with a function {functions}"
                    ))
                } else {
                    diagnostic
                }
            }
        });
        None
    }

    /// What a plugin provides for one part; reports that it does not.
    pub(super) fn provided(&mut self, fields: &Fields<'_>, part: Part) -> Option<Rule> {
        let text = self.plugin(fields, &[part])?;
        if self.scripts.find(&text.text, part.function).is_none() {
            let diagnostic = self.lacks(fields, text, &[part]);
            self.diagnostics.push(diagnostic);
            return None;
        }
        self.by_plugin(fields, text, part)
    }

    /// The rule that a function of a plugin is, which is there.
    pub(super) fn by_plugin(&mut self, fields: &Fields<'_>, text: &Text, part: Part) -> Option<Rule> {
        let signature = Arc::clone(self.scripts.find(&text.text, part.function)?);
        if signature.result != part.ty {
            let (what, path) = (&fields.what, signature.path());
            let (wanted, found) = (article(part.ty), article(signature.result));
            let message = format!("{what} needs {wanted} of its plugin, and `{path}` gives {found}");
            let diagnostic = Diagnostic::error(code::TYPE, text.span(), message)
                .related(signature.span, format!("`{}`", signature.declaration()))
                .help(format!("a function `{}` of a plugin gives {wanted}", part.function));
            self.diagnostics.push(diagnostic);
            return None;
        }
        let ast = parse(&signature.path(), &Anchor::somewhere(text.span()), &mut self.diagnostics)?;
        let expr = self.typed(&ast, part.stage, Some(part.ty))?;
        let names: Vec<&str> = signature.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        Some(Rule { expr, text: format!("{}({})", signature.path(), names.join(", ")), span: text.span() })
    }

    /// That a script has none of the functions that a thing needs of it.
    pub(super) fn lacks(&self, fields: &Fields<'_>, text: &Text, parts: &[Part]) -> Diagnostic {
        let module = text.text.as_str();
        let wanted = parts.iter().map(|part| format!("`{}`", part.function)).collect::<Vec<_>>().join(" or ");
        let private = |part: &Part| {
            let functions = self.scripts.functions();
            functions.iter().find(|f| f.module == module && f.name == part.function && !f.declared)
        };
        if let Some(function) = parts.iter().find_map(private) {
            let (name, what) = (&function.name, &fields.what);
            let message = format!("{what} needs `{name}` of the script `{module}`, and that has no signature");
            return Diagnostic::error(code::UNKNOWN_FUNCTION, text.span(), message)
                .related(function.span, "declared without a signature")
                .help(format!("write what it takes and gives above `fn {name}`: {}", example(parts)));
        }
        let message = format!("the script `{module}` has no function {wanted}, which {} needs", fields.what);
        let mut diagnostic = Diagnostic::error(code::UNKNOWN_FUNCTION, text.span(), message);
        let fits = |s: &&Arc<Signature>| s.module == module && parts.iter().any(|part| part.ty == s.result);
        if let (Some(other), [part, ..]) = (self.scripts.signatures().iter().find(fits), parts) {
            diagnostic = diagnostic.related(other.span, "this one could be meant").help(format!(
                "call it `{}`, or write `{} = '{}'` instead of `plugin`",
                part.function,
                part.key,
                other.path()
            ));
        } else {
            diagnostic =
                diagnostic.help(format!("add it to the script, with its signature above it: {}", example(parts)));
        }
        diagnostic
    }

    /// The label and the help of what a plugin provides: what is written, else what its function says of itself.
    pub(super) fn described(&mut self, fields: &Fields<'_>, name: &str, part: Part) -> (String, String) {
        let label = fields.string("label", &mut self.diagnostics);
        let help = fields.string("help", &mut self.diagnostics);
        let signature = match fields.text("plugin", &mut Vec::new()) {
            Some(text) => self.scripts.find(&text.text, part.function),
            None => None,
        };
        let (sentence, rest) = signature.map(|signature| first_sentence(&signature.help)).unwrap_or_default();
        let short = sentence.trim_end_matches('.');
        match (label.is_empty(), !short.is_empty() && short.chars().count() <= LABEL) {
            (true, true) => (short.to_owned(), if help.is_empty() { rest } else { help }),
            (is_default, _) => {
                let label = if is_default { default_label(name) } else { label };
                (label, if help.is_empty() { sentence } else { help })
            }
        }
    }
}

/// The names of all scripts, each once.
fn modules(scripts: &Scripts) -> Vec<&str> {
    let mut modules: Vec<&str> = scripts.functions().iter().map(|function| function.module.as_str()).collect();
    modules.dedup();
    modules
}

fn article(ty: Type) -> String {
    format!("a {}", ty.word())
}

/// How the first of some functions could be declared.
fn example(parts: &[Part]) -> String {
    let ty = parts.first().map_or("number", |part| part.ty.word());
    format!("`/// (segment: text) -> {ty}`")
}

/// The first sentence of a help text, and what else its first paragraph says, each on one line.
fn first_sentence(help: &str) -> (String, String) {
    let paragraph = help.split("\n\n").next().unwrap_or_default();
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.split_once(". ") {
        // `e.g. this` is no end.
        Some((first, rest)) if rest.starts_with(char::is_uppercase) => (format!("{first}."), rest.to_owned()),
        _ => (line, String::new()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn sentences() {
        for (help, first, rest) in [
            ("How good it is,\n0 to 10. Starts at 4.\n\nMore.", "How good it is, 0 to 10.", "Starts at 4."),
            ("One, e.g. this.", "One, e.g. this.", ""),
            ("no stop", "no stop", ""),
            ("", "", ""),
        ] {
            assert_eq!(first_sentence(help), (first.to_owned(), rest.to_owned()), "{help}");
        }
    }
}
