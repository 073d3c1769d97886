//! Rhai definition files, for editors: what a script may call, with its help.
//!
//! Made of the engine scripts run in, so that nothing is offered which the sandbox does not have.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::printed::Log;
use super::sandbox;
use super::{OnMissing, Scripts, Signature};
use crate::expr::Type;
use crate::expr::functions::{Doc, doc};

/// What belongs to no module, in the words of a definition file.
const HEAD: &str = "module static;\n\n";

/// What Rhai answers itself, without a function behind it.
const PRINT: &str = "/// Shown beside its line when a customer is explained, or a run is asked for it; it changes nothing.\nfn print(data: ?);\n\n";

/// Definition files: name and text. One for the functions every script may call, one per script with its public functions.
#[must_use]
pub fn definitions(scripts: &Scripts) -> Vec<(String, String)> {
    let mut files = vec![("regain.d.rhai".to_owned(), built_in(scripts))];
    let mut modules: Vec<&str> = scripts.signatures().iter().map(|signature| signature.module.as_str()).collect();
    modules.sort_unstable();
    modules.dedup();
    for module in modules {
        let mut text = format!("module {module};\n");
        for signature in scripts.signatures().iter().filter(|signature| signature.module == module) {
            text.push('\n');
            text.push_str(&function(signature));
        }
        files.push((format!("{module}.d.rhai"), text));
    }
    files
}

/// The functions of the sandbox. Those of expressions get the help they have there.
fn built_in(scripts: &Scripts) -> String {
    let engine = sandbox::engine(scripts.limits(), &Log::default());
    let mut text = format!("{HEAD}{PRINT}");
    let mut comments: Vec<&str> = Vec::new();
    let mut seen = HashSet::new();
    let definitions = engine.definitions().with_headers(false).static_module();
    for line in definitions.lines().filter(|line| !line.trim().is_empty()) {
        let Some(name) = line.strip_prefix("fn ").or_else(|| line.strip_prefix("op ")) else {
            comments.push(line);
            continue;
        };
        let comments = std::mem::take(&mut comments);
        if !is_met(line) {
            continue;
        }
        for comment in &comments {
            let _ = writeln!(text, "{comment}");
        }
        // The getters of dates (`fn get year`) have no page of their own.
        let page = name.split('(').next().filter(|_| line.starts_with("fn ")).and_then(doc);
        if let Some(doc) = page
            && comments.is_empty()
            && seen.insert(doc.name)
        {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "/// {}", doc.help);
            let _ = writeln!(text, "///\n/// `{}`: `{}` is `{}`.", doc.signature, doc.example, doc.result);
        }
        // Functions of expressions take any value and check it themselves; their page knows better.
        match page.filter(|_| line.contains("(_: ?")) {
            Some(doc) => text.push_str(&declared(doc, line.matches(": ?").count())),
            None => text.push_str(&plain(line)),
        }
        text.push_str("\n\n");
    }
    text
}

/// Whether a script can meet it: Rhai has the operators of many kinds of numbers, and values here are of two. What it takes for
/// an operator with a word for a name (`op print`) would be none to an editor.
fn is_met(line: &str) -> bool {
    const FOREIGN: [&str; 11] = ["i8", "i16", "i32", "i128", "u8", "u16", "u32", "u64", "u128", "f32", "blob"];
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let named = line.strip_prefix("op ").is_some_and(|name| name.starts_with(char::is_alphabetic));
    !named && !words.any(|word| FOREIGN.contains(&word))
}

/// A declaration with a result that editors can read: of types that only Rhai's own code has a name for, nothing is said.
fn plain(line: &str) -> String {
    let Some((head, result)) = line.rsplit_once("-> ") else { return line.to_owned() };
    let result = match result.trim_end_matches(';') {
        "Array" => "array",
        "Map" => "map",
        "RhaiResult" | "BitRange" | "CharsStream" => "?",
        result if result.contains(['<', '>']) => "?",
        result => result,
    };
    format!("{}-> {result};", without_generics(head))
}

/// Parameters of types that only Rhai's own code has a name for (`Range<int >`) take anything, as far as an editor can tell.
fn without_generics(head: &str) -> String {
    let mut out = String::new();
    let mut rest = head;
    while let Some((before, after)) = rest.split_once('<') {
        let Some((_, after)) = after.split_once('>').filter(|_| before.ends_with(char::is_alphanumeric)) else { break };
        out.push_str(before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_'));
        out.push('?');
        rest = after;
    }
    out + rest
}

/// `clamp(x: number, low: number, high: number) -> number` in the words of a definition file, with so many parameters.
fn declared(doc: &Doc, count: usize) -> String {
    let (head, result) = doc.signature.split_once("->").unwrap_or((doc.signature, ""));
    let inner = head.split_once('(').map_or("", |(_, rest)| rest.trim_end().trim_end_matches(')'));
    let known = |text: &str| Type::from_word(text.trim()).map(word);
    let parameters: Vec<String> = (0..count)
        .map(|index| {
            let part = inner.split(", ").nth(index).unwrap_or("_");
            let (name, ty) = part.split_once(':').unwrap_or((part, ""));
            let name = if rhai::is_valid_identifier(name.trim()) { name.trim() } else { "_" };
            // `digits: number = 0`
            let ty = ty.split('=').next().and_then(known).unwrap_or("?");
            format!("{name}: {ty}")
        })
        .collect();
    format!("fn {}({}) -> {};", doc.name, parameters.join(", "), known(result).unwrap_or("?"))
}

/// One function of a script.
fn function(signature: &Signature) -> String {
    let mut text = String::new();
    let types: Vec<String> = signature.parameters.iter().map(|p| format!("{}: {}", p.name, p.ty)).collect();
    let _ = writeln!(text, "/// ({}) -> {}", types.join(", "), signature.result);
    if signature.on_missing == OnMissing::Call {
        text.push_str("/// missing: call\n");
    }
    for line in signature.help.lines() {
        let _ = writeln!(text, "/// {line}");
    }
    let parameters: Vec<String> =
        signature.parameters.iter().map(|parameter| format!("{}: {}", parameter.name, word(parameter.ty))).collect();
    let _ = writeln!(text, "fn {}({}) -> {};", signature.name, parameters.join(", "), word(signature.result));
    text
}

/// Rhai's word for a type.
fn word(ty: Type) -> &'static str {
    match ty {
        Type::Number => "float",
        Type::Text => "String",
        Type::Bool => "bool",
        Type::Date => "date",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::diag::Sources;
    use crate::script::Limits;

    #[test]
    fn what_the_sandbox_has_is_offered_and_nothing_else() {
        let mut sources = Sources::default();
        let text = "/// (segment: text, age: number) -> bool\n/// missing: call\n/// Whether it is.\nfn fits(segment, age) { true }\nfn helper() {}\n";
        let file = sources.add("scripts/words.rhai", text);
        let mut diagnostics = Vec::new();
        let scripts = Scripts::compile(&[("words".to_owned(), file)], &sources, &Limits::default(), &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let files = definitions(&scripts);
        assert_eq!(files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["regain.d.rhai", "words.d.rhai"]);
        let words = "module words;\n\n/// (segment: text, age: number) -> bool\n/// missing: call\n/// Whether it is.\nfn fits(segment: String, age: float) -> bool;\n";
        assert_eq!(files[1].1, words);
        let all = &files[0].1;
        for there in ["fn days_between(", "fn mentions(", "fn to_lower(", "whole calendar months", "fn get year("] {
            assert!(all.contains(there), "{there}");
        }
        for line in [
            "fn clamp(x: float, low: float, high: float) -> float;",
            "fn round(x: float, digits: float) -> float;",
            "fn min(a: ?, b: ?, _: ?) -> ?;",
            "fn add_days(day: date, n: float) -> date;",
        ] {
            assert!(all.lines().any(|other| other == line), "{line}");
        }
        for gone in ["EvalAltResult", "RhaiResult", "op print", "i128", "Range<"] {
            assert!(!all.contains(gone), "{gone}");
        }
        assert!(all.contains("\nfn print(data: ?);\n") && all.contains("\nop +(date, float) -> ?;\n"));
        for name in super::sandbox::FORBIDDEN.iter().chain(&["timestamp", "exit"]) {
            assert!(!all.contains(&format!("fn {name}(")), "{name}");
        }
    }
}
