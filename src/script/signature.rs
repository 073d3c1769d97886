//! What a script function takes and gives, as declared in its doc comment.

use crate::diag::{Span, nearest};
use crate::expr::Type;

/// A declared script function: `/// (segment: text, region: text) -> number`.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// The script's file name without `.rhai`: the `prestige` of `prestige::image`.
    pub module: String,
    /// The function's name.
    pub name: String,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// What it returns.
    pub result: Type,
    /// What a missing argument does.
    pub on_missing: OnMissing,
    /// The rest of the doc comment.
    pub help: String,
    /// Where the function stands in its script.
    pub span: Span,
}

impl Signature {
    /// `prestige::image`
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}::{}", self.module, self.name)
    }

    /// `prestige::image(segment: text, region: text) -> number`
    #[must_use]
    pub fn declaration(&self) -> String {
        let parameters: Vec<String> = self.parameters.iter().map(|p| format!("{}: {}", p.name, p.ty)).collect();
        format!("{}({}) -> {}", self.path(), parameters.join(", "), self.result)
    }
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// As in the script.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// What happens when an argument is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMissing {
    /// The result is missing, the function is not called (the default).
    Missing,
    /// It is called with `()` (declared by `missing: call`).
    Call,
}

/// What a doc comment declares.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Declared {
    pub(super) parameters: Vec<Parameter>,
    pub(super) result: Type,
    pub(super) on_missing: OnMissing,
    pub(super) help: String,
}

/// Why a doc comment that looks like a declaration is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    /// What is wrong.
    pub(super) message: String,
    /// The line it is about, as it stands in the script (without the comment signs).
    pub(super) line: String,
    /// The part of the line it is about; the whole line if empty.
    pub(super) part: String,
    /// What to do.
    pub(super) help: String,
}

/// How a declaration is written, for hints.
const FORM: &str =
    "write it as `/// (segment: text, age: number) -> number`; the types are number, text, bool and date";

/// Reads the comment above a function. `Ok(None)` if it declares nothing: a private helper.
pub(super) fn read(comments: &[&str]) -> Result<Option<Declared>, Flaw> {
    let lines: Vec<&str> = comments.iter().flat_map(|comment| text_lines(comment)).collect();
    let Some(first) = lines.iter().position(|line| !line.is_empty()) else {
        return Ok(None);
    };
    let (before, rest) = lines.split_at(first + 1);
    let line = before.last().copied().unwrap_or_default();
    if !looks_like_declaration(line) {
        // A declaration further down would be taken for help, and the function for a private one.
        return match rest.iter().find(|line| line.starts_with('(') && looks_like_declaration(line)) {
            Some(late) => Err(Flaw {
                message: "the signature is not on the first line of the comment".to_owned(),
                line: (*late).to_owned(),
                part: String::new(),
                help: "move it to the top".to_owned(),
            }),
            None => Ok(None),
        };
    }
    let (parameters, result) = read_declaration(line)?;
    let mut on_missing = OnMissing::Missing;
    let mut help = Vec::new();
    for line in rest {
        match line.strip_prefix("missing:").map(str::trim) {
            Some("call") => on_missing = OnMissing::Call,
            Some(other) => {
                return Err(Flaw {
                    message: format!("`missing:` cannot be `{other}`"),
                    line: (*line).to_owned(),
                    part: other.to_owned(),
                    help: "`missing: call` calls the function with `()` for a missing argument; without the line the \
                           result is missing"
                        .to_owned(),
                });
            }
            None => help.push(*line),
        }
    }
    let help = help.join("\n").trim().to_owned();
    Ok(Some(Declared { parameters, result, on_missing, help }))
}

/// The lines of a doc comment without its signs.
fn text_lines(comment: &str) -> Vec<&str> {
    match comment.strip_prefix("/**") {
        Some(block) => {
            let block = block.strip_suffix("*/").unwrap_or(block);
            block.lines().map(|line| line.trim().trim_start_matches('*').trim()).collect()
        }
        None => comment.lines().map(|line| line.trim().trim_start_matches('/').trim()).collect(),
    }
}

/// Whether a line is meant to declare: it begins with `(`, or has `(…) ->` after one word.
fn looks_like_declaration(line: &str) -> bool {
    let head = line.split('(').next().unwrap_or_default().trim();
    line.contains('(') && (head.is_empty() || (line.contains("->") && !head.contains(char::is_whitespace)))
}

/// Reads `(a: text, b: number) -> bool`.
fn read_declaration(line: &str) -> Result<(Vec<Parameter>, Type), Flaw> {
    let flaw = |message: String, part: &str, help: &str| Flaw {
        message,
        line: line.to_owned(),
        part: part.to_owned(),
        help: help.to_owned(),
    };
    let read_type = |word: &str, part: &str| {
        Type::from_word(word).ok_or_else(|| {
            let help = match nearest(word, ["number", "text", "bool", "date"]) {
                Some(known) => format!("did you mean `{known}`?"),
                None => "the types are number, text, bool and date".to_owned(),
            };
            flaw(format!("there is no type `{word}`"), part, &help)
        })
    };
    let Some(inner) = line.strip_prefix('(') else {
        let head = line.split('(').next().unwrap_or_default();
        return Err(flaw("the signature does not begin with `(`".to_owned(), head, FORM));
    };
    let Some((inner, after)) = inner.split_once(')') else {
        return Err(flaw("the signature's `(` is never closed".to_owned(), "", FORM));
    };
    let Some(result) = after.trim_start().strip_prefix("->").map(str::trim) else {
        return Err(flaw("the signature does not say what the function gives".to_owned(), "", FORM));
    };
    if result.is_empty() {
        return Err(flaw("the signature does not say what the function gives".to_owned(), "", FORM));
    }
    let mut parameters = Vec::new();
    for part in inner.split(',').map(str::trim) {
        if part.is_empty() && inner.trim().is_empty() {
            break;
        }
        match part.split_once(':').map(|(name, word)| (name.trim(), word.trim())) {
            Some((name, word)) if !name.is_empty() && !word.is_empty() => {
                parameters.push(Parameter { name: name.to_owned(), ty: read_type(word, part)? });
            }
            _ => {
                let message = match part {
                    "" => "a parameter is missing between two commas".to_owned(),
                    part => format!("the parameter `{part}` has no type"),
                };
                return Err(flaw(message, part, FORM));
            }
        }
    }
    Ok((parameters, read_type(result, result)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    fn parameter(name: &str, ty: Type) -> Parameter {
        Parameter { name: name.to_owned(), ty }
    }

    #[test]
    fn a_declaration_is_read_with_its_help() {
        let comment = "/// (segment: text, age:number)->  bool\n/// missing: call\n///\n/// How well known they are.\n/// Second line.";
        let declared = read(&[comment]).unwrap().unwrap();
        assert_eq!(declared.parameters, [parameter("segment", Type::Text), parameter("age", Type::Number)]);
        assert_eq!(declared.result, Type::Bool);
        assert_eq!(declared.on_missing, OnMissing::Call);
        assert_eq!(declared.help, "How well known they are.\nSecond line.");
    }

    #[test]
    fn no_parameters_and_block_comments() {
        let declared = read(&["/** () -> date\n * the day\n */"]).unwrap().unwrap();
        assert_eq!(declared.parameters, []);
        assert_eq!(declared.result, Type::Date);
        assert_eq!(declared.on_missing, OnMissing::Missing);
        assert_eq!(declared.help, "the day");
    }

    #[test]
    fn a_plain_comment_declares_nothing() {
        for comment in ["", "///", "/// Adds two numbers (both whole) together.", "/// turns a -> b", "/** helper */"] {
            assert_eq!(read(&[comment]), Ok(None), "{comment}");
        }
        assert_eq!(read(&[]), Ok(None));
    }

    #[test]
    fn what_looks_like_a_declaration_must_be_one() {
        for (comment, message, part) in [
            ("/// (a) -> number", "the parameter `a` has no type", "a"),
            ("/// (a: txt) -> number", "there is no type `txt`", "a: txt"),
            ("/// (a: text) -> int", "there is no type `int`", "int"),
            ("/// (a: text)", "the signature does not say what the function gives", ""),
            ("/// (a: text) ->", "the signature does not say what the function gives", ""),
            ("/// (a: text -> number", "the signature's `(` is never closed", ""),
            ("/// (a: text,) -> number", "a parameter is missing between two commas", ""),
            ("/// image(a: text) -> number", "the signature does not begin with `(`", "image"),
            ("/// (a: text) -> number\n/// missing: skip", "`missing:` cannot be `skip`", "skip"),
            ("/// Helps.\n/// (a: text) -> number", "the signature is not on the first line of the comment", ""),
        ] {
            let flaw = read(&[comment]).unwrap_err();
            assert_eq!((flaw.message.as_str(), flaw.part.as_str()), (message, part), "{comment}");
        }
    }
}
