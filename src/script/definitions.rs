//! Rhai definition files, for editors: what a script may call, with its help.
//!
//! Made of the engine scripts run in, so that nothing is offered which the sandbox does not have.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::sandbox;
use super::{OnMissing, Scripts, Signature};
use crate::expr::Type;
use crate::expr::functions::doc;

/// What belongs to no module, in the words of a definition file.
const HEAD: &str = "module static;\n\n";

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
    let engine = sandbox::engine(scripts.limits());
    let mut text = String::from(HEAD);
    let mut documented = false;
    let mut seen = HashSet::new();
    for line in engine.definitions().with_headers(false).static_module().lines() {
        let name = line.strip_prefix("fn ").and_then(|rest| rest.split('(').next());
        // The getters of dates (`fn get year`) have no page of their own.
        if let Some(name) = name
            && !documented
            && let Some(doc) = doc(name)
            && seen.insert(name.to_owned())
        {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "/// {}", doc.help);
            let _ = writeln!(text, "///\n/// `{}`: `{}` is `{}`.", doc.signature, doc.example, doc.result);
        }
        documented = line.starts_with("///") || line.starts_with("/*") || (documented && name.is_none());
        text.push_str(line);
        text.push('\n');
    }
    text
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
        let text = "/// (segment: text, age: number) -> bool\n/// missing: call\n/// Whether it is.\nfn is(segment, age) { true }\nfn helper() {}\n";
        let file = sources.add("scripts/words.rhai", text);
        let mut diagnostics = Vec::new();
        let scripts = Scripts::compile(&[("words".to_owned(), file)], &sources, &Limits::default(), &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let files = definitions(&scripts);
        assert_eq!(files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["regain.d.rhai", "words.d.rhai"]);
        let words = "module words;\n\n/// (segment: text, age: number) -> bool\n/// missing: call\n/// Whether it is.\nfn is(segment: String, age: float) -> bool;\n";
        assert_eq!(files[1].1, words);
        let all = &files[0].1;
        for there in ["fn days_between(", "fn mentions(", "fn to_lower(", "Whole calendar months", "fn get year("] {
            assert!(all.contains(there), "{there}");
        }
        for name in super::sandbox::FORBIDDEN.iter().chain(&["timestamp", "exit"]) {
            assert!(!all.contains(&format!("fn {name}(")), "{name}");
        }
    }
}
