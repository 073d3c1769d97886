//! Rhai's errors in plain words.

use std::sync::Arc;

use rhai::{Dynamic, EvalAltResult, LexError, ParseErrorType, Position};

use super::sandbox::{FORBIDDEN, MOST_FUNCTIONS};
use super::{Limits, Signature, nesting, patience};

/// A failed call: where, in which function, and why.
pub(super) struct Failure {
    pub(super) position: Position,
    /// Module and name of the function it happened in.
    pub(super) function: (String, String),
    pub(super) message: String,
}

/// A limit that was exceeded in a function another script called. Rhai keeps no track of where such an error comes from.
#[derive(Clone)]
pub(super) struct Stopped {
    function: (String, String),
    /// What the limit was; taken for the message once it is out.
    error: Arc<EvalAltResult>,
}

impl Stopped {
    /// The error with the function it happened in. Like any limit, no script can catch it.
    pub(super) fn within(signature: &Signature, error: EvalAltResult) -> Box<EvalAltResult> {
        if let EvalAltResult::ErrorTerminated(why, _) = &error
            && why.read_lock::<Stopped>().is_some()
        {
            return error.into();
        }
        let function = (signature.module.clone(), signature.name.clone());
        let stopped = Stopped { function, error: Arc::new(error) };
        EvalAltResult::ErrorTerminated(Dynamic::from(stopped), Position::NONE).into()
    }
}

/// Whether the clock has stopped a call, and not something that happens again whenever it is made.
pub(super) fn is_of_the_clock(error: &EvalAltResult) -> bool {
    let EvalAltResult::ErrorTerminated(why, _) = error.unwrap_inner() else { return false };
    match why.read_lock::<Stopped>() {
        Some(stopped) => is_of_the_clock(&stopped.error),
        None => patience::is_of_the_clock(why),
    }
}

/// What went wrong in a call of a function.
pub(super) fn call_failure(signature: &Signature, error: EvalAltResult, limits: &Limits) -> Failure {
    let mut error = error;
    let mut function = (signature.module.clone(), signature.name.clone());
    // The functions on the way, and where they call the next.
    let mut callers: Vec<((String, String), Position)> = Vec::new();
    while let EvalAltResult::ErrorInFunctionCall(name, module, inner, position) = error {
        let module = if module.is_empty() { function.0.clone() } else { module };
        callers.push((std::mem::replace(&mut function, (module, name)), position));
        error = *inner;
    }
    if let EvalAltResult::ErrorTerminated(why, _) = &error
        && let Some(stopped) = why.read_lock::<Stopped>()
    {
        let message = message(&stopped.error, limits);
        return Failure { position: Position::NONE, function: stopped.function.clone(), message };
    }
    let mut position = error.take_position();
    let mut message = message(&error, limits);
    if position.is_none()
        && let Some((caller, at)) = callers.pop()
    {
        // Known only by the place of the call: that is in the caller.
        position = at;
        function = caller;
    }
    let mut inner = &function.0;
    for ((module, _), at) in callers.iter().rev() {
        if module != inner {
            let place = at.line().map(|line| format!(", line {line}")).unwrap_or_default();
            message = format!("{message} (called from {module}.rhai{place})");
        }
        inner = module;
    }
    Failure { position, function, message }
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
pub(super) fn syntax_error(error: &ParseErrorType, depth: usize) -> (String, Option<String>) {
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
        // What was meant is added by whoever knows the scripts.
        ParseErrorType::ModuleUndefined(name) => (format!("there is no script `{name}`"), None),
        ParseErrorType::FnDuplicatedDefinition(name, _) => {
            (format!("`{name}` is defined twice with the same number of parameters"), None)
        }
        ParseErrorType::UnexpectedEOF => ("the script ends too early".to_owned(), Some("is a `}` missing?".to_owned())),
        ParseErrorType::ExprTooDeep => (
            "this is nested too deeply".to_owned(),
            Some(format!("split it with `let`, or into functions (`max_expression_depth = {depth}`)")),
        ),
        ParseErrorType::TooManyFunctions => {
            (format!("a script has at most {MOST_FUNCTIONS} functions"), Some("make two scripts of it".to_owned()))
        }
        error => (plain(&error.to_string()), None),
    }
}

fn forbidden(word: &str) -> (String, Option<String>) {
    let hint = match word {
        "import" | "export" => Some("scripts of a pack see each other: write `other::name(…)`".to_owned()),
        word if FORBIDDEN.contains(&word) => Some(
            "scripts cannot load, evaluate or wait for anything: a rule gives the same answer everywhere".to_owned(),
        ),
        _ => None,
    };
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
