//! Reads what must hold.

use super::super::known::Sort;
use super::super::model::{About, Expectation, Expected};
use super::Reader;
use super::value::{MISSING, a, decimals, names};
use crate::diag::{Diagnostic, Span, code, nearest};
use crate::expr::{NameKind, Type, Value};
use crate::pack::raw::{Node, Raw, Table, Text};

/// It must be there, whatever it is.
const ANY: &str = "any";
/// Of names: it must not be there.
const NONE: &str = "none";
/// Of lists: these and no others.
const EXACTLY: &str = "exactly";

impl Reader<'_> {
    /// `expect`; `path` is what stands before the keys: `score.`.
    pub(super) fn expect(&mut self, table: &Table, path: &str) -> Vec<Expectation> {
        let mut list = Vec::new();
        for (key, entry) in &table.entries {
            let full = format!("{path}{key}");
            if let Raw::Table(inner) = &entry.node.value
                && self.known.about(&full).is_none()
                && self.known.is_group(&full)
            {
                list.extend(self.expect(inner, &format!("{full}.")));
                continue;
            }
            if let Some(about) = self.expect_name(&full, entry.key)
                && let Some(expected) = self.expected(&about, &full, &entry.node)
            {
                list.push(Expectation { about, expected, span: entry.node.span });
            }
        }
        list
    }

    /// What a key of `expect` is about.
    pub(super) fn expect_name(&mut self, key: &str, span: Span) -> Option<About> {
        if let Some(about) = self.known.about(key) {
            return Some(about);
        }
        let pack = self.known.pack;
        let error = Diagnostic::error(code::CASE_UNKNOWN_NAME, span, format!("nothing called `{key}` is decided"));
        let known = self.known.expectable();
        let error = match pack.names.find(key).map(|slot| pack.names.get(slot).kind) {
            Some(NameKind::Param) => error.help(format!("`{key}` is a parameter: write `params = {{ {key} = … }}`")),
            Some(NameKind::Today) => error.help("the day is said with `as_of = 2026-06-30`"),
            _ if self.known.given(key).is_some() => error.help(format!("`{key}` belongs under `given`")),
            // A score is often asked for without its prefix.
            _ if pack.names.find(&format!("score.{key}")).is_some() => {
                error.help(format!("write `\"score.{key}\"`"))
            }
            _ if nearest(key, known.iter().copied()).is_some() => error.did_you_mean(key, known),
            _ => error.help(
                "to be expected are facts, rollups, and what is decided: `state`, `cause`, `\"score.NAME\"`, `grade`, `campaign`, …",
            ),
        };
        self.found.push(error);
        None
    }

    /// What a value must be.
    pub(super) fn expected(&mut self, about: &About, key: &str, node: &Node) -> Option<Expected> {
        let sort = self.known.sort(about);
        if let Raw::Text(text) = &node.value
            && let Some(expected) = self.word(about, sort, &text.text)
        {
            return Some(expected);
        }
        match sort {
            Sort::Many => self.many(about, key, node),
            Sort::Suppressed => self.suppressed(about, key, node),
            Sort::One(ty) => self.one(about, ty, key, node),
        }
    }

    /// `any`, `missing`, `none`.
    fn word(&self, about: &About, sort: Sort, text: &str) -> Option<Expected> {
        let choices = self.known.choices(about);
        if choices.contains(&text) {
            return None;
        }
        match text {
            ANY => Some(Expected::Any),
            MISSING => Some(Expected::Missing),
            NONE if sort == Sort::Suppressed => Some(Expected::Value(Value::Bool(false), None)),
            // Of a column or fact, `none` may well be a value.
            NONE if self.known.closed(about) || *about == About::Overridden => Some(Expected::Missing),
            _ => None,
        }
    }

    fn one(&mut self, about: &About, ty: Type, key: &str, node: &Node) -> Option<Expected> {
        match &node.value {
            Raw::Table(table) => self.range(ty, key, node, table),
            Raw::List(list) if ty == Type::Text => {
                let texts = self.texts(about, key, list)?;
                Some(Expected::OneOf(texts))
            }
            Raw::List(_) => {
                let message = format!("`{key}` is {}, and only texts can be one of several", a(ty));
                let help = "write a range: `{ min = 6, max = 8 }`";
                self.wrong(node.span, message).help.push(help.to_owned());
                None
            }
            Raw::Text(text) if self.loose && ty == Type::Text && text.text.contains('|') => {
                let nodes = parts(node, &text.text, '|');
                let texts = self.texts(about, key, &nodes)?;
                Some(Expected::OneOf(texts))
            }
            Raw::Text(text) if self.loose && text.text.contains("..") => {
                let (low, high) = text.text.split_once("..").unwrap_or_default();
                let mut bound = |text: &str| match text.trim() {
                    "" => Some(None),
                    text => self.value(&cell(node, text), ty, key, &[]).map(Some),
                };
                let (low, high) = (bound(low)?, bound(high)?);
                self.ordered(node.span, key, low, high)
            }
            Raw::Text(text) if ty == Type::Text => {
                self.named(about, key, &text.text, node.span)?;
                Some(Expected::Value(Value::text(text.text.as_str()), None))
            }
            _ => {
                let value = self.value(node, ty, key, &[])?;
                let written = match &node.value {
                    Raw::Text(text) => text.text.clone(),
                    _ => self.written(node.span).to_owned(),
                };
                let places = (ty == Type::Number).then(|| decimals(&written));
                Some(Expected::Value(value, places))
            }
        }
    }

    fn written(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// `{ min = 6, max = 8 }`
    fn range(&mut self, ty: Type, key: &str, node: &Node, table: &Table) -> Option<Expected> {
        if !matches!(ty, Type::Number | Type::Date) {
            let message = format!("`{key}` is {}, and only numbers and dates have ranges", a(ty));
            self.wrong(node.span, message);
            return None;
        }
        let before = self.errors();
        self.keys(table, &["min", "max"], "a range");
        let mut bound = |word: &str| match table.get(word) {
            Some(entry) => self.value(&entry.node, ty, word, &[]),
            None => None,
        };
        let (low, high) = (bound("min"), bound("max"));
        if self.errors() > before {
            return None;
        }
        self.ordered(node.span, key, low, high)
    }

    fn ordered(&mut self, span: Span, key: &str, low: Option<Value>, high: Option<Value>) -> Option<Expected> {
        let (low, high) = (low.filter(|v| !v.is_missing()), high.filter(|v| !v.is_missing()));
        let turned = match (&low, &high) {
            (Some(Value::Number(low)), Some(Value::Number(high))) => low > high,
            (Some(Value::Date(low)), Some(Value::Date(high))) => low > high,
            (None, None) => {
                let help = "write `{ min = 6, max = 8 }`, or one of the two".to_owned();
                self.wrong(span, format!("the range of `{key}` has neither `min` nor `max`")).help.push(help);
                return None;
            }
            _ => false,
        };
        if turned {
            self.wrong(span, format!("the range of `{key}` ends before it begins"));
            return None;
        }
        Some(Expected::Range(low, high))
    }

    /// True, false, or a name.
    fn suppressed(&mut self, about: &About, key: &str, node: &Node) -> Option<Expected> {
        match &node.value {
            Raw::Bool(b) => Some(Expected::Value(Value::Bool(*b), None)),
            Raw::Text(text) if self.loose && matches!(text.text.trim(), "true" | "yes") => {
                Some(Expected::Value(Value::Bool(true), None))
            }
            Raw::Text(text) if self.loose && matches!(text.text.trim(), "false" | "no") => {
                Some(Expected::Value(Value::Bool(false), None))
            }
            Raw::Text(text) => {
                self.named(about, key, &text.text, node.span)?;
                Some(Expected::Value(Value::text(text.text.as_str()), None))
            }
            Raw::List(list) => {
                let texts = self.texts(about, key, list)?;
                Some(Expected::OneOf(texts))
            }
            other => {
                let message =
                    format!("`{key}` is true, false or the name of a suppression, and this is {}", other.kind());
                self.wrong(node.span, message);
                None
            }
        }
    }

    /// Texts that must all be there, or be all that is there.
    fn many(&mut self, about: &About, key: &str, node: &Node) -> Option<Expected> {
        let texts = match &node.value {
            Raw::Table(table) => return self.exactly(about, key, node, table),
            Raw::Text(text) if self.loose && !about.is_sentence() && exactly(&text.text).is_some() => {
                let nodes = parts(node, exactly(&text.text).unwrap_or_default(), '|');
                let texts = self.texts(about, key, &nodes)?;
                return Some(whole(texts));
            }
            Raw::List(list) => self.texts(about, key, list)?,
            Raw::Text(text) if self.loose && text.text.contains('|') => {
                let nodes = parts(node, &text.text, '|');
                self.texts(about, key, &nodes)?
            }
            Raw::Text(text) => {
                self.named(about, key, &text.text, node.span)?;
                vec![text.text.clone()]
            }
            other => {
                let message = format!("`{key}` is a list of texts, and this is {}", other.kind());
                self.wrong(node.span, message);
                return None;
            }
        };
        // Nothing is expected to be there.
        Some(if texts.is_empty() { Expected::Missing } else { Expected::AllOf(texts) })
    }

    /// `{ exactly = ["thank_you"] }`
    fn exactly(&mut self, about: &About, key: &str, node: &Node, table: &Table) -> Option<Expected> {
        if about.is_sentence() {
            let message = format!("each of `{key}` is a part of a sentence, and there is no `exactly` for parts");
            self.wrong(node.span, message).help.push("write a list of texts".to_owned());
            return None;
        }
        let before = self.errors();
        self.keys(table, &[EXACTLY], "a list that is expected");
        let Some(entry) = table.get(EXACTLY) else {
            if self.errors() == before {
                let help = format!("write `{key} = {{ exactly = [\"…\"] }}`");
                self.wrong(node.span, format!("`{key}` does not say what is expected")).help.push(help);
            }
            return None;
        };
        let Raw::List(list) = &entry.node.value else {
            let message = format!("`{EXACTLY}` is a list of texts, and this is {}", entry.node.value.kind());
            self.wrong(entry.node.span, message);
            return None;
        };
        let texts = self.texts(about, key, list)?;
        (self.errors() == before).then(|| whole(texts))
    }

    fn texts(&mut self, about: &About, key: &str, list: &[Node]) -> Option<Vec<String>> {
        let before = self.errors();
        let mut texts = Vec::new();
        for node in list {
            match &node.value {
                Raw::Text(text) => {
                    if self.named(about, key, &text.text, node.span).is_some() {
                        texts.push(text.text.clone());
                    }
                }
                other => {
                    let message = format!("`{key}` lists texts, and this is {}", other.kind());
                    self.wrong(node.span, message);
                }
            }
        }
        (self.errors() == before).then_some(texts)
    }

    /// A text that names something of the pack must name something that is there.
    fn named(&mut self, about: &About, key: &str, text: &str, span: Span) -> Option<()> {
        let choices = self.known.choices(about);
        if !self.known.closed(about) || choices.contains(&text) {
            return Some(());
        }
        let what = match about {
            About::StateRule => "state rule",
            About::Suppressed => "suppression",
            About::Candidates => "campaign",
            About::FollowUps => "follow-up",
            About::Warnings => "warning",
            About::Limits => "limit",
            About::Speaker => "person",
            _ => key,
        };
        let message = format!("the pack has no {what} called `{text}`");
        let error = Diagnostic::error(code::CASE_UNKNOWN_NAME, span, message);
        let error = match nearest(text, choices.iter().copied()) {
            Some(_) => error.did_you_mean(text, choices),
            None if choices.is_empty() => error.help("it has none at all"),
            None => error.help(format!("it has {}", names(&choices))),
        };
        self.found.push(error);
        None
    }
}

/// These texts and no others.
fn whole(texts: Vec<String>) -> Expected {
    if texts.is_empty() { Expected::Missing } else { Expected::Exactly(texts) }
}

/// What stands behind `exactly` in a cell.
fn exactly(text: &str) -> Option<&str> {
    let rest = text.trim().strip_prefix(EXACTLY)?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim())
}

/// A part of a cell.
fn cell(node: &Node, text: &str) -> Node {
    let anchor = crate::expr::Anchor::somewhere(node.span);
    Node { span: node.span, value: Raw::Text(Text { text: text.to_owned(), anchor }) }
}

fn parts(node: &Node, text: &str, sign: char) -> Vec<Node> {
    text.split(sign).map(str::trim).filter(|part| !part.is_empty()).map(|part| cell(node, part)).collect()
}
