//! Rhai's errors in plain words.

use rhai::{EvalAltResult, LexError, ParseErrorType, Position};

use super::sandbox::FORBIDDEN;
use super::{Limits, nesting, patience};

/// A failed call: where, in which function, and why.
pub(super) struct Failure {
    pub(super) position: Position,
    /// The innermost function it happened in; `None` for the one that was called.
    pub(super) function: Option<String>,
    pub(super) message: String,
}

/// What went wrong in a call.
pub(super) fn call_failure(error: EvalAltResult, limits: &Limits) -> Failure {
    let mut error = error;
    let mut function = None;
    let mut outer = Position::NONE;
    while let EvalAltResult::ErrorInFunctionCall(name, _, inner, position) = error {
        function = Some(name);
        if !position.is_none() {
            outer = position;
        }
        error = *inner;
    }
    let mut position = error.take_position();
    if position.is_none() && !outer.is_none() {
        // Known only by the place of the call: that is in the caller, whose name was passed on the way.
        position = outer;
    }
    Failure { position, function, message: message(&error, limits) }
}

fn message(error: &EvalAltResult, limits: &Limits) -> String {
    match error {
        EvalAltResult::ErrorTooManyOperations(_) => too_many_steps(limits),
        EvalAltResult::ErrorTerminated(why, _) => patience::message(why, limits),
        EvalAltResult::ErrorStackOverflow(_) => {
            format!("functions call each other too deeply (`max_depth = {}`)", limits.max_depth)
        }
        EvalAltResult::ErrorTooManyVariables(_) => {
            format!("a function has too many variables at one time (`max_variables = {}`)", limits.max_variables)
        }
        EvalAltResult::ErrorDataTooLarge(what, _) if what == nesting::TOO_DEEP => {
            "lists, maps or closures are nested in each other without end".to_owned()
        }
        EvalAltResult::ErrorDataTooLarge(what, _) => too_large(what, limits),
        EvalAltResult::ErrorRuntime(value, _) if value.is_unit() => "the script gave up with `throw`".to_owned(),
        EvalAltResult::ErrorRuntime(value, _) => value.to_string(),
        EvalAltResult::ErrorFunctionNotFound(signature, _) => {
            format!("there is no function `{}`", types_in_words(signature))
        }
        EvalAltResult::ErrorVariableNotFound(name, _) => format!("there is no variable `{name}`"),
        EvalAltResult::ErrorMismatchDataType(wanted, got, _)
        | EvalAltResult::ErrorMismatchOutputType(wanted, got, _) => {
            format!("{} is needed here, not {}", types_in_words(wanted), types_in_words(got))
        }
        error => plain(&types_in_words(&error.to_string())),
    }
}

/// What is said of a call that took too many steps.
pub(super) fn too_many_steps(limits: &Limits) -> String {
    format!("took too many steps (`max_operations = {}`); is there a loop without an end?", limits.max_operations)
}

/// What is said of a value that grew too large, by the words of Rhai or of `bounded`.
fn too_large(what: &str, limits: &Limits) -> String {
    let what = what.to_lowercase();
    if what.contains("map") {
        format!("a map grew too large (`max_map = {}` elements, with those of maps in it)", limits.max_map)
    } else if what.contains("array") || what.contains("list") {
        format!("a list grew too large (`max_array = {}` elements, with those of lists in it)", limits.max_array)
    } else {
        format!("a text, or the texts of a list together, grew too large (`max_string = {}` bytes)", limits.max_string)
    }
}

/// Why a script does not parse, and what to do about it.
pub(super) fn syntax_error(error: &ParseErrorType) -> (String, Option<String>) {
    match error {
        ParseErrorType::Reserved(word) => forbidden(word),
        ParseErrorType::BadInput(LexError::ImproperSymbol(word, _)) if FORBIDDEN.contains(&word.as_str()) => {
            forbidden(word)
        }
        ParseErrorType::VariableUndefined(name) => (
            format!("there is no variable `{name}`"),
            Some(format!(
                "a function sees its parameters and its own variables; a constant of the script is `global::{name}`"
            )),
        ),
        ParseErrorType::ModuleUndefined(name) => (
            format!("there is no module `{name}`"),
            Some("a script uses its own functions only; put what two scripts share into both".to_owned()),
        ),
        ParseErrorType::FnDuplicatedDefinition(name, _) => {
            (format!("`{name}` is defined twice with the same number of parameters"), None)
        }
        ParseErrorType::UnexpectedEOF => ("the script ends too early".to_owned(), Some("is a `}` missing?".to_owned())),
        ParseErrorType::ExprTooDeep => ("this is nested too deeply".to_owned(), Some("split it with `let`".to_owned())),
        error => (plain(&error.to_string()), None),
    }
}

fn forbidden(word: &str) -> (String, Option<String>) {
    let hint = FORBIDDEN.contains(&word).then(|| {
        "scripts cannot load, evaluate or wait for anything: a rule gives the same answer everywhere".to_owned()
    });
    (format!("`{word}` cannot be used in a script"), hint)
}

/// The types in a message of Rhai by the names a pack's author knows.
pub(super) fn types_in_words(text: &str) -> String {
    const WORDS: [(&str, &str); 10] = [
        ("&str | ImmutableString | String", "text"),
        ("ImmutableString", "text"),
        ("&str", "text"),
        ("string", "text"),
        ("i64", "whole number"),
        ("f64", "number"),
        ("array", "list"),
        ("Array", "list"),
        ("char", "character"),
        ("()", "missing"),
    ];
    let mut text = text.to_owned();
    for (rhai, word) in WORDS {
        text = text.replace(rhai, word);
    }
    text
}

/// A message of Rhai in our form: lower case, no full stop, back-ticks.
fn plain(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    // `Unknown property 'x' - a getter is not registered for type 'y'`
    let message = message.split(" - ").next().unwrap_or_default().trim_end_matches('.').replace('\'', "`");
    let mut chars = message.chars();
    match chars.next() {
        // `BLOB` and other capitals stay.
        Some(first) if !chars.clone().next().is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => message,
    }
}
