//! The one name space: which names there are, and that none is there twice.

use indexmap::IndexMap;

use super::Resolver;
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Anchor, Name, NameKind, Slot, Stage, Type};

/// What a name stands for, and where it is declared (the built-in ones nowhere).
#[derive(Debug, Clone)]
pub(super) struct Declared {
    what: String,
    span: Option<Span>,
}

impl Declared {
    /// What it stands for: `a fact`.
    pub(super) fn what(&self) -> &str {
        &self.what
    }

    /// As `what`, without the article.
    fn noun(&self) -> &str {
        self.what.split_once(' ').map_or(self.what.as_str(), |(_, noun)| noun)
    }

    /// Where it is declared.
    pub(super) fn span(&self) -> Option<Span> {
        self.span
    }
}

/// Every name that is taken.
pub(super) type Registry = IndexMap<String, Declared>;

/// The names that are always there, and what they are.
pub(super) const BUILT_IN: [(&str, &str); 9] = [
    ("today", "the as-of date"),
    ("state", "the state decided by `[[states]]`"),
    ("track", "the track of the state"),
    ("cause", "the cause decided by `[[causes]]`"),
    ("class", "the class of the cause"),
    ("confidence", "the confidence of the cause"),
    ("score", "the scores of the criteria (`score.payment`)"),
    ("priority", "the priority decided by `[scoring]`"),
    ("grade", "the grade decided by `[[grades]]`"),
];

impl Resolver<'_> {
    /// Takes the built-in names.
    pub(super) fn declare_built_in(&mut self) {
        for (name, what) in BUILT_IN {
            self.declare_without_place(name, what);
        }
    }

    /// Takes a name for `what` (``a fact``). False, with a diagnostic, if it cannot be one or is taken.
    pub(super) fn declare(&mut self, name: &str, span: Span, what: &str) -> bool {
        if !self.identifier(name, span, what) {
            self.broken.insert(name.to_owned());
            return false;
        }
        if let Some(taken) = self.registry.get(name) {
            let message = format!("`{name}` names both {what} and {}", taken.what);
            let diagnostic = Diagnostic::error(code::DUPLICATE_NAME, span, message);
            self.diagnostics.push(match taken.span {
                Some(first) => {
                    diagnostic.label("again here").related(first, format!("the {} is declared here", taken.noun()))
                }
                None => diagnostic
                    .help("columns, rollups, facts and parameters share one name space with what regain decides"),
            });
            self.broken.insert(name.to_owned());
            return false;
        }
        self.registry.insert(name.to_owned(), Declared { what: what.to_owned(), span: Some(span) });
        true
    }

    /// Takes a name that is always there.
    pub(super) fn declare_without_place(&mut self, name: &str, what: &str) {
        self.registry.insert(name.to_owned(), Declared { what: what.to_owned(), span: None });
    }

    /// Whether a name can be written in an expression.
    pub(super) fn identifier(&mut self, name: &str, span: Span, what: &str) -> bool {
        if !rhai::is_valid_identifier(name) {
            let message = format!("`{name}` cannot be the name of {what}");
            let fixed = as_identifier(name);
            let help = match fixed {
                Some(fixed) => format!("names have letters, digits and `_`, and start with a letter: `{fixed}`"),
                None => "names have letters, digits and `_`, and start with a letter".to_owned(),
            };
            self.diagnostics.push(Diagnostic::error(code::BAD_NAME, span, message).help(help));
            return false;
        }
        if is_reserved(name, span) {
            let message = format!("`{name}` cannot be the name of {what}: it is a word of the expression language");
            let help = format!("choose another name, such as `{name}_`");
            self.diagnostics.push(Diagnostic::error(code::BAD_NAME, span, message).help(help));
            return false;
        }
        true
    }

    /// Whether a name that is only a label and a key (a campaign, an offer, a state) is well-formed.
    pub(super) fn plain_name(&mut self, name: &str, span: Span, what: &str) -> bool {
        let fine = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-+.".contains(c));
        if !fine {
            let message = format!("`{name}` cannot be the name of {what}");
            let help = match what {
                "a pack" | "a table" | "a state" => "such names have letters, digits, `_` and `-`",
                _ => "such names have letters, digits, `_` and `-`; what people read goes into `label`",
            };
            self.diagnostics.push(Diagnostic::error(code::BAD_NAME, span, message).help(help));
        }
        fine
    }

    /// Adds a name that [`Resolver::declare`] let pass to the names of expressions.
    pub(super) fn add(&mut self, name: &str, kind: NameKind, stage: Stage, ty: Type, span: Option<Span>) -> Slot {
        let name = Name { name: name.to_owned(), kind, stage, ty, span };
        // A name that is taken is in the registry, and its second declaration an error already.
        self.names.add(name).unwrap_or_else(|taken| taken)
    }
}

/// Whether the parser takes a name for something else than a name.
fn is_reserved(name: &str, span: Span) -> bool {
    let anchor = Anchor::somewhere(span);
    let names = crate::expr::parse(name, &anchor, &mut Vec::new()).map(|ast| ast.names());
    !names.is_some_and(|names| names.len() == 1 && names.iter().all(|(read, _)| read == name))
}

/// The nearest name that could be used.
fn as_identifier(name: &str) -> Option<String> {
    let fixed: String = name.trim().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    (fixed != name && rhai::is_valid_identifier(&fixed)).then_some(fixed)
}

/// How something is called if nobody says: `price-comeback` as `Price comeback`.
pub(super) fn default_label(name: &str) -> String {
    let spaced = name.replace(['_', '-'], " ");
    let mut chars = spaced.trim().chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn labels_and_names() {
        assert_eq!(default_label("price-comeback"), "Price comeback");
        assert_eq!(default_label("ärger_groß"), "Ärger groß");
        assert_eq!(default_label("_"), "");
        assert_eq!(as_identifier("days-silent").as_deref(), Some("days_silent"));
        assert_eq!(as_identifier("12m"), None);
    }
}
