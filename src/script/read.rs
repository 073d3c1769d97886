//! One script name as it is read: its texts laid over each other, and all that is wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rhai::{AST, Engine};

use super::compile::{self, Function, Script};
use super::crossing::{self, Crossing, Offer};
use super::host::{Module, Place};
use super::text::Text;
use super::{Signature, checks, fits};
use crate::diag::{Diagnostic, Span, code};

/// Bytes of a script.
const MOST_BYTES: usize = 500_000;

/// The scripts of one name, parsed and laid over each other.
pub(super) struct Read {
    pub(super) name: String,
    ast: AST,
    /// In force, in the order of the texts.
    pub(super) functions: Vec<Function>,
    /// Their functions are in `functions`.
    pub(super) parsed: Vec<Script>,
    pub(super) signatures: Vec<Arc<Signature>>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// A text does not parse, so that functions may be missing.
    unread: bool,
    /// It is part of a circle of scripts.
    pub(super) circular: bool,
}

impl Read {
    /// Reads the texts of one name, those of extended packs first.
    pub(super) fn module(
        engine: &Engine,
        name: &str,
        texts: impl Iterator<Item = Text>,
        modules: &[String],
        known: &[String],
    ) -> Read {
        let mut read = Read {
            name: name.to_owned(),
            ast: AST::empty(),
            functions: Vec::new(),
            parsed: Vec::new(),
            signatures: Vec::new(),
            diagnostics: Vec::new(),
            unread: false,
            circular: false,
        };
        let diagnostics = &mut read.diagnostics;
        for text in texts {
            if let Some(diagnostic) = name_taken(name, &text) {
                diagnostics.push(diagnostic);
            }
            if text.text.len() > MOST_BYTES {
                diagnostics.push(too_long(&text));
                read.unread = true;
                continue;
            }
            match compile::script(engine, &text, modules, diagnostics) {
                Some(mut script) => {
                    checks::check_closures(&script, diagnostics);
                    checks::check_switches(engine, &script, diagnostics);
                    checks::check_names(&script, known, diagnostics);
                    read.ast = read.ast.merge(&script.ast);
                    for function in script.functions.drain(..) {
                        replace(&mut read.functions, function);
                    }
                    read.parsed.push(script);
                }
                None => read.unread = true,
            }
        }
        for script in &read.parsed {
            checks::check_calls(script, &read.functions, known, diagnostics);
        }
        fits::check(&read.ast, &read.functions, diagnostics);
        read.signatures = signatures(name, &read.functions, diagnostics);
        read
    }

    /// What is needed to run it.
    pub(super) fn compiled(self) -> Module {
        let Read { name, mut ast, functions, .. } = self;
        // By this name errors and prints say which script they are in.
        ast.set_source(&name);
        let constants = !ast.statements().is_empty();
        let places = functions.into_iter().map(|f| (f.name, Place { text: f.text, span: f.span })).collect();
        Module { name, ast: Arc::new(ast), constants, places }
    }
}

/// Checks what scripts call of each other; gives those calls, by the script they stand in.
pub(super) fn check_crossings(
    names: &[String],
    read: &mut [Read],
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Vec<Crossing>> {
    let crossings: BTreeMap<String, Vec<Crossing>> = read
        .iter()
        .map(|module| {
            let found = module.parsed.iter().flat_map(|script| crossing::find(script, &module.functions)).collect();
            (module.name.clone(), found)
        })
        .collect();
    let signatures: Vec<Arc<Signature>> = read.iter().flat_map(|module| module.signatures.iter().cloned()).collect();
    let named = |module: &Read| {
        let functions = module.functions.iter().map(|function| (module.name.clone(), function.name.clone()));
        functions.collect::<Vec<_>>()
    };
    let functions: BTreeSet<(String, String)> = read.iter().flat_map(named).collect();
    let unread: BTreeSet<String> =
        read.iter().filter(|module| module.unread).map(|module| module.name.clone()).collect();
    let offer = Offer { modules: names, signatures: &signatures, functions: &functions, unread: &unread };
    let circular = crossing::circles(&crossings, diagnostics);
    for module in read {
        let own = crossings.get(&module.name).map(Vec::as_slice).unwrap_or_default();
        crossing::check(&module.name, own, &offer, &mut module.diagnostics);
        module.circular = circular.contains(&module.name);
    }
    crossings
}

/// A script nobody wrote by hand.
fn too_long(text: &Text) -> Diagnostic {
    let message =
        format!("a script has at most {} KB, and this one has {}", MOST_BYTES / 1_000, text.text.len() / 1_000);
    let start = Span::new(text.file, 0, 0);
    Diagnostic::error(code::SCRIPT_SYNTAX, start, message).help("make several scripts of it; data belong into a table")
}

/// A script whose name means something else before `::`.
fn name_taken(name: &str, text: &Text) -> Option<Diagnostic> {
    let message = if name == crossing::CONSTANTS {
        format!("`{name}` cannot be the name of a script: `{name}::` holds the constants of each script")
    } else if !rhai::is_valid_function_name(name) {
        format!("`{name}` cannot be the name of a script: it is a word of the language")
    } else {
        return None;
    };
    let start = Span::new(text.file, 0, 0);
    Some(Diagnostic::error(code::SCRIPT_SYNTAX, start, message).help("give the file another name"))
}

/// Adds a function; one of the same name and number of parameters gives way. So does one of another pack with other parameters
/// where both have a signature: rules tell functions apart by name only.
fn replace(functions: &mut Vec<Function>, mut function: Function) {
    let both = |f: &Function| f.declared.is_some() && function.declared.is_some() && f.text.file != function.text.file;
    let same = |f: &Function| f.name == function.name && (f.parameters.len() == function.parameters.len() || both(f));
    if let Some(earlier) = functions.iter_mut().find(|f| same(f)) {
        if function.declared.is_none() && function.parameters == earlier.parameters {
            function.declared = earlier.declared.take();
        }
        function.replaces.push(earlier.span);
        function.replaces.append(&mut earlier.replaces);
        *earlier = function;
    } else {
        functions.push(function);
    }
}

/// The signatures of a module. A name can be declared once: rules tell functions apart by name only.
fn signatures(module: &str, functions: &[Function], diagnostics: &mut Vec<Diagnostic>) -> Vec<Arc<Signature>> {
    let mut found: Vec<Arc<Signature>> = Vec::new();
    for function in functions {
        let Some(declared) = &function.declared else {
            continue;
        };
        if let Some(earlier) = found.iter().find(|s| s.name == function.name) {
            diagnostics.push(
                Diagnostic::error(
                    code::SCRIPT_SIGNATURE,
                    function.span,
                    format!("`{}` has a signature twice", function.name),
                )
                .related(earlier.span, "first here")
                .help("rules tell functions apart by name only; rename one or take its signature away"),
            );
            continue;
        }
        found.push(Arc::new(Signature {
            module: module.to_owned(),
            name: function.name.clone(),
            parameters: declared.parameters.clone(),
            result: declared.result,
            on_missing: declared.on_missing,
            help: declared.help.clone(),
            span: function.span,
        }));
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}
