//! Reading the keys of one thing: what is allowed, what is there, and of which TOML type.

use crate::diag::{Diagnostic, Span, code};
use crate::pack::format::Keys;
use crate::pack::overlay::listed;
use crate::pack::raw::{Entry, Node, Raw, Table, Text};

/// The keys of one thing of a pack.
pub(super) struct Fields<'a> {
    /// How messages call it: ``parameter `sleep_after` ``.
    pub(super) what: String,
    /// Where it is declared.
    pub(super) at: Span,
    table: &'a Table,
    /// What the format says of such a thing.
    #[cfg(test)]
    keys: &'static Keys,
}

impl<'a> Fields<'a> {
    /// Opens a table; keys that the format does not have are reported.
    pub(super) fn open(
        node: &'a Node,
        at: Span,
        what: impl Into<String>,
        keys: &'static Keys,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = what.into();
        let Raw::Table(table) = &node.value else {
            let message = format!("{what} must be a table of keys and values, this is {}", node.value.kind());
            let diagnostic = Diagnostic::error(code::BAD_VALUE, node.span, message);
            let doubled = matches!(node.value, Raw::List(_)) && what.starts_with("`[");
            diagnostics.push(if doubled {
                diagnostic.help(format!("write {what} in single brackets"))
            } else {
                diagnostic
            });
            return None;
        };
        let fields = Fields {
            what,
            at,
            table,
            #[cfg(test)]
            keys,
        };
        fields.unknown_keys(&keys.names(), diagnostics);
        Some(fields)
    }

    fn unknown_keys(&self, allowed: &[&str], diagnostics: &mut Vec<Diagnostic>) {
        for (key, entry) in &self.table.entries {
            if allowed.contains(&key.as_str()) {
                continue;
            }
            let message = format!("{} has no key `{key}`", self.what);
            let mut diagnostic = Diagnostic::error(code::UNKNOWN_KEY, entry.key, message);
            if matches!(key.as_str(), "before" | "after") {
                diagnostic = diagnostic.help("only lists of named things (`[[…]]`) can be ordered");
            } else {
                diagnostic = diagnostic.did_you_mean(key, allowed.iter().copied());
                if allowed.len() <= 12 {
                    let are = if allowed.len() == 1 { "its only key is" } else { "its keys are" };
                    diagnostic = diagnostic.help(format!("{are} {}", listed(allowed)));
                }
            }
            diagnostics.push(diagnostic);
        }
    }

    /// The entry of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'a Entry> {
        #[cfg(test)]
        log::key(self.keys, key);
        self.table.get(key)
    }

    /// Whether a key is there, with whatever value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Where the value of a key is written; where the thing is declared if it has none.
    pub(super) fn span(&self, key: &str) -> Span {
        match self.get(key).map(|entry| &entry.node) {
            Some(Node { value: Raw::Text(text), .. }) => text.span(),
            Some(node) => node.span,
            None => self.at,
        }
    }

    /// Says that a key must be there.
    pub(super) fn missing(&self, key: &str, help: &str, diagnostics: &mut Vec<Diagnostic>) {
        let message = format!("{} needs `{key}`", self.what);
        let diagnostic = Diagnostic::error(code::MISSING_KEY, self.at, message);
        diagnostics.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    /// A text with its place.
    pub(super) fn text(&self, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<&'a Text> {
        let entry = self.get(key)?;
        match &entry.node.value {
            Raw::Text(text) => Some(text),
            _ => {
                diagnostics.push(wrong_type(key, "a text", &entry.node));
                None
            }
        }
    }

    /// A text that must be there.
    pub(super) fn required_text(&self, key: &str, help: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<&'a Text> {
        if !self.has(key) {
            self.missing(key, help, diagnostics);
        }
        self.text(key, diagnostics)
    }

    /// A text without its place; empty if there is none.
    pub(super) fn string(&self, key: &str, diagnostics: &mut Vec<Diagnostic>) -> String {
        self.text(key, diagnostics).map(|text| text.text.trim().to_owned()).unwrap_or_default()
    }

    /// A finite number.
    pub(super) fn number(&self, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
        number(key, &self.get(key)?.node, diagnostics)
    }

    /// A number greater than 0; `default` if there is none.
    pub(super) fn weight(&self, default: f64, help: &str, diagnostics: &mut Vec<Diagnostic>) -> f64 {
        let Some(weight) = self.number("weight", diagnostics) else { return default };
        if weight <= 0.0 {
            let message = "`weight` must be greater than 0";
            diagnostics.push(Diagnostic::error(code::BAD_VALUE, self.span("weight"), message).help(help));
            return default;
        }
        weight
    }

    /// `true` or `false`; false if there is none.
    pub(super) fn flag(&self, key: &str, diagnostics: &mut Vec<Diagnostic>) -> bool {
        match self.get(key).map(|entry| &entry.node) {
            None => false,
            Some(Node { value: Raw::Bool(flag), .. }) => *flag,
            Some(node) => {
                diagnostics.push(wrong_type(key, "true or false", node));
                false
            }
        }
    }

    /// A list; what is in it is up to the caller.
    pub(super) fn list(&self, key: &str, of: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<&'a [Node]> {
        let node = &self.get(key)?.node;
        match &node.value {
            Raw::List(list) => Some(list),
            _ => {
                diagnostics.push(wrong_type(key, &format!("a list of {of}"), node));
                None
            }
        }
    }

    /// A list of texts that are not empty.
    pub(super) fn texts(&self, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<&'a Text> {
        let mut texts: Vec<&Text> = Vec::new();
        for node in self.list(key, "texts", diagnostics).unwrap_or_default() {
            match &node.value {
                Raw::Text(text) if text.text.is_empty() => {
                    let message = format!("`{key}` must not hold an empty text");
                    diagnostics.push(Diagnostic::error(code::BAD_VALUE, node.span, message));
                }
                Raw::Text(text) => match texts.iter().find(|other| other.text == text.text) {
                    Some(first) => diagnostics.push(
                        Diagnostic::error(
                            code::BAD_VALUE,
                            text.span(),
                            format!("`{}` is in this list twice", text.text),
                        )
                        .related(first.span(), "first here"),
                    ),
                    None => texts.push(text),
                },
                _ => diagnostics.push(wrong_type(&format!("each of `{key}`"), "a text", node)),
            }
        }
        texts
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, key: &str, words: &[(&str, T)], diagnostics: &mut Vec<Diagnostic>) -> Option<T> {
        #[cfg(test)]
        log::words(self.keys, key, words.iter().map(|(word, _)| *word));
        let text = self.text(key, diagnostics)?;
        let found = words.iter().find(|(word, _)| *word == text.text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            diagnostics.push(no_such_word(key, text, &known));
        }
        found
    }
}

/// A word that is not one of the few that are possible.
pub(super) fn no_such_word(key: &str, text: &Text, known: &[&str]) -> Diagnostic {
    Diagnostic::error(code::BAD_VALUE, text.span(), format!("`{key}` cannot be `{}`", text.text))
        .did_you_mean(&text.text, known.iter().copied())
        .help(format!("{} {}", if known.len() == 1 { "it can only be" } else { "it is one of" }, listed(known)))
}

/// A finite number.
pub(super) fn number(key: &str, node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    match node.value {
        Raw::Number(x) if x.is_finite() => Some(x + 0.0),
        _ => {
            diagnostics.push(wrong_type(key, "a number", node));
            None
        }
    }
}

/// A value of the wrong TOML type, in plain words.
pub(super) fn wrong_type(key: &str, wanted: &str, node: &Node) -> Diagnostic {
    let key = if key.contains('`') { key.to_owned() } else { format!("`{key}`") };
    let message = format!("{key} must be {wanted}, this is {}", node.value.kind());
    let diagnostic = Diagnostic::error(code::BAD_VALUE, node.span, message);
    match &node.value {
        Raw::Text(text) if wanted == "a number" && text.text.trim().parse::<f64>().is_ok() => {
            diagnostic.help(format!("leave out the quotes: {}", text.text.trim()))
        }
        Raw::Text(text) if wanted == "true or false" && matches!(text.text.trim(), "true" | "false") => {
            diagnostic.help(format!("leave out the quotes: {}", text.text.trim()))
        }
        Raw::Number(_) | Raw::Bool(_) | Raw::Date(_) if wanted == "a text" => diagnostic.help("put it in quotes"),
        Raw::Text(_) if wanted.starts_with("a list") => diagnostic.help("put it in square brackets, as in [\"…\"]"),
        _ => diagnostic,
    }
}

/// Which keys and words were read, for the test that holds them against the format.
#[cfg(test)]
pub(in crate::pack) mod log {
    use std::cell::RefCell;
    use std::collections::{BTreeMap, BTreeSet};

    use crate::pack::format::Keys;

    /// By the noun of the thing and the key: the words that are possible, if it is one of a few.
    pub(in crate::pack) type Read = BTreeMap<(&'static str, String), BTreeSet<String>>;

    thread_local! {
        static READ: RefCell<Read> = const { RefCell::new(BTreeMap::new()) };
    }

    pub(super) fn key(keys: &'static Keys, key: &str) {
        READ.with_borrow_mut(|read| drop(read.entry((keys.noun, key.to_owned())).or_default()));
    }

    pub(super) fn words<'a>(keys: &'static Keys, key: &str, words: impl Iterator<Item = &'a str>) {
        READ.with_borrow_mut(|read| {
            read.entry((keys.noun, key.to_owned())).or_default().extend(words.map(str::to_owned));
        });
    }

    /// What was read on this thread since it was last asked.
    pub(in crate::pack) fn take() -> Read {
        READ.with_borrow_mut(std::mem::take)
    }
}
