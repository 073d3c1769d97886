//! Errors of Rhai's parser, in plain words.

use rhai::{LexError, ParseError, ParseErrorType};

use super::Anchor;
use super::scan::{Kind, Scan};
use super::slips::reserved;
use crate::diag::{Code, Diagnostic, code};

/// What is wrong, where, and what to do.
pub(super) fn explain(error: &ParseError, scan: &Scan<'_>, anchor: &Anchor) -> Diagnostic {
    let char = error.position().position().map_or(usize::MAX, |column| column - 1);
    let at = scan.token_at(char);
    let end = at >= scan.tokens.len();
    let here = if end { scan.tokens.len().saturating_sub(1) } else { at };
    let found = scan.str(here).to_string();
    let (from, to) = match error.err_type() {
        ParseErrorType::MismatchedType(..) => scan.cover(here, here),
        ParseErrorType::ExprExpected(what) if what.contains("literal") => case_around(here, scan),
        _ => (here, here),
    };
    let say = |code: Code, message: String, help: &str| {
        let span = anchor.span(scan.bytes(from).start, scan.bytes(to).end);
        let diagnostic = Diagnostic::error(code, span, message);
        if help.is_empty() { diagnostic } else { diagnostic.help(help) }
    };
    let syntax = |message: String, help: &str| say(code::SYNTAX, message, help);
    let incomplete = || syntax(format!("something is missing after `{found}`"), "");
    if end && !matches!(error.err_type(), ParseErrorType::ExprTooDeep) {
        return incomplete();
    }
    match error.err_type() {
        ParseErrorType::ExprTooDeep => {
            syntax("this expression is nested too deeply".to_string(), "make facts of its parts, in `[facts]`")
        }
        ParseErrorType::BadInput(LexError::MalformedEscapeSequence(sequence)) => syntax(
            format!("`{sequence}` means nothing in a text"),
            "write `\\\\` for a backslash, or put the text in back-ticks: there nothing is escaped",
        ),
        ParseErrorType::BadInput(LexError::MalformedNumber(_)) => syntax(format!("`{found}` is not a number"), ""),
        ParseErrorType::BadInput(LexError::MalformedIdentifier(_)) => syntax(format!("`{found}` is not a name"), ""),
        ParseErrorType::Reserved(word) => match reserved(word) {
            Some(help) => syntax(format!("`{word}` cannot be a name in an expression"), &help),
            None => syntax(format!("`{word}` has no meaning here"), ""),
        },
        ParseErrorType::MismatchedType(_, found) => {
            let found = match found.as_str() {
                "()" => "`()`",
                "a number" | "a floating-point number" => "a number",
                "a string" | "a character" => "a text",
                "an array" => "a list",
                _ => "something else",
            };
            let help = match found {
                "`()`" => "to ask whether a value is missing, write `x == ()`",
                "a text" | "a number" => {
                    "to compare with several values, write `x in [1, 2]`; else a condition, such as `x > 0`"
                }
                _ => "",
            };
            say(code::TYPE, format!("a condition is needed here, and this is {found}"), help)
        }
        ParseErrorType::ExprExpected(what) if what.contains("literal") => say(
            code::NOT_CONSTANT,
            "a case is a written-out number, text or bool".to_string(),
            "for anything else, write `if … else if …`",
        ),
        ParseErrorType::ExprExpected(_) => syntax(format!("a condition is missing before `{found}`"), ""),
        ParseErrorType::WrongSwitchDefaultCase => syntax("`_` must be the last case".to_string(), ""),
        ParseErrorType::WrongSwitchCaseCondition => syntax("`_` has no condition".to_string(), ""),
        ParseErrorType::MissingToken(token, _) => missing(token, &found, at, scan, &syntax),
        ParseErrorType::PropertyExpected => syntax(format!("a name must follow the dot, not `{found}`"), ""),
        ParseErrorType::VariableExpected => syntax(format!("a name must stand here, not `{found}`"), ""),
        _ => unexpected(&found, at, scan, &syntax),
    }
}

/// The value of a case that a token belongs to.
fn case_around(at: usize, scan: &Scan<'_>) -> (usize, usize) {
    let (mut from, mut to) = scan.cover(at, at);
    while from > 0 && !matches!(scan.str(from - 1), "{" | "," | "|") {
        from = scan.partner(from - 1).unwrap_or(from - 1).min(from - 1);
    }
    while to + 1 < scan.tokens.len() && !matches!(scan.str(to + 1), "=>" | "|" | "," | "}") {
        to = scan.partner(to + 1).unwrap_or(to + 1).max(to + 1);
    }
    (from, to)
}

const IF: &str = "write `if condition { a } else { b }`";

/// Rhai wanted a certain token.
fn missing(
    token: &str,
    found: &str,
    at: usize,
    scan: &Scan<'_>,
    syntax: &dyn Fn(String, &str) -> Diagnostic,
) -> Diagnostic {
    match token {
        "{" if found == "}" || scan.ends_value(at) && !scan.begins_value(at) => {
            syntax(format!("something is missing before `{found}`"), IF)
        }
        "{" => syntax(format!("`{{` is missing before `{found}`"), IF),
        "=>" => syntax(format!("`=>` is missing before `{found}`"), "write `switch x { 1 => a, 2 | 3 => b, _ => c }`"),
        "," | ")" | "]" | "}" => match unexpected_operand(found, at, scan, syntax) {
            Some(diagnostic) => diagnostic,
            None => syntax(format!("`{found}` cannot stand here"), &format!("perhaps `{token}` is missing before it")),
        },
        _ => syntax(format!("`{found}` cannot stand here"), ""),
    }
}

/// An operator or a closing bracket where a value should be.
fn unexpected_operand(
    found: &str,
    at: usize,
    scan: &Scan<'_>,
    syntax: &dyn Fn(String, &str) -> Diagnostic,
) -> Option<Diagnostic> {
    let after_value = at.checked_sub(1).is_some_and(|p| scan.ends_value(p));
    (scan.kind(at) == Some(Kind::Symbol) && !after_value)
        .then(|| syntax(format!("a value is missing before `{found}`"), ""))
}

fn unexpected(found: &str, at: usize, scan: &Scan<'_>, syntax: &dyn Fn(String, &str) -> Diagnostic) -> Diagnostic {
    if let Some(diagnostic) = unexpected_operand(found, at, scan, syntax) {
        return diagnostic;
    }
    match found {
        "else" => syntax("`else` belongs after the `}` of an `if`".to_string(), IF),
        "in" => syntax("a value is missing before `in`".to_string(), "write `x in [\"a\", \"b\"]`"),
        "_" => syntax("`_` stands only for the last case of a `switch`".to_string(), ""),
        "if" | "switch" => syntax(format!("`{found}` cannot stand here"), "put it in parentheses"),
        _ => syntax(format!("`{found}` cannot stand here"), ""),
    }
}
