//! Compiles scripts, and calls their functions so that nothing can crash or hang.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rhai::{AST, CallFnOptions, Dynamic, Engine, Scope};

use super::compile::{self, Function, Text};
use super::lower::{self, Lowered, WhyNot};
use super::{Limits, OnMissing, ScriptFunction, Signature, checks, errors, functions, patience, sandbox};
use crate::diag::{Diagnostic, FileId, Sources, Span, code, has_errors};
use crate::expr::{Type, Value};

/// The scripts of a pack, compiled. Cheap to share; a call needs no lock.
#[derive(Default)]
pub struct Scripts {
    /// Sorted by module and name.
    signatures: Vec<Arc<Signature>>,
    /// By module, in the order of the text.
    functions: Vec<ScriptFunction>,
    /// Sorted by name.
    modules: Vec<Module>,
    /// Modules with an error.
    broken: HashSet<String>,
    limits: Limits,
    /// Functions as expressions, by module and name.
    lowered: HashMap<String, HashMap<String, Result<Lowered, WhyNot>>>,
    /// `None` if there is no script.
    engine: Option<Engine>,
}

/// The scripts of one name, a later one laid over an earlier one.
pub(super) struct Module {
    pub(super) name: String,
    pub(super) ast: AST,
    /// Whether constants stand outside of the functions.
    pub(super) constants: bool,
    /// Where each function is written, by name.
    pub(super) places: HashMap<String, Place>,
    /// Runs it instead of the common engine, where its lines are watched.
    pub(super) watched: Option<Engine>,
}

/// Where a function is written.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) text: Text,
    span: Span,
}

impl Place {
    /// `fn name`
    pub(super) fn span(&self) -> Span {
        self.span
    }
}

impl fmt::Debug for Scripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripts").field("signatures", &self.signatures).finish_non_exhaustive()
    }
}

/// Why a call gave no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// Module of the script.
    pub module: String,
    /// Line in the script, from 1; 0 if unknown.
    pub line: usize,
    /// What went wrong.
    pub message: String,
    /// The place in the script, if known.
    pub span: Option<Span>,
}

/// `prestige.rhai, line 4: there is no variable`
impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}.rhai: {}", self.module, self.message),
            line => write!(f, "{}.rhai, line {line}: {}", self.module, self.message),
        }
    }
}

impl std::error::Error for CallError {}

impl Scripts {
    /// Compiles modules given as (module name, file id); the texts are in `sources`. A later module of the same
    /// name replaces the functions of an earlier one that it also defines (overlays). A function that replaces one with
    /// the same parameters and declares no signature of its own keeps the earlier one.
    pub fn compile(
        modules: &[(String, FileId)],
        sources: &Sources,
        limits: &Limits,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Scripts {
        if modules.is_empty() {
            return Scripts::default();
        }
        let limits = limits.within_bounds();
        let engine = sandbox::engine(&limits);
        let known = sandbox::function_names(&engine);
        let mut names: Vec<&str> = modules.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();

        let mut scripts = Scripts { limits, ..Scripts::default() };
        for name in names {
            let before = diagnostics.len();
            let texts = modules.iter().filter(|(n, _)| n == name).filter_map(|(_, file)| {
                let source = sources.get(*file)?;
                Some(Text { file: *file, text: source.text.clone() })
            });
            let mut ast = AST::empty();
            let mut functions: Vec<Function> = Vec::new();
            let mut parsed = Vec::new();
            for text in texts {
                if let Some(mut script) = compile::script(&engine, &text, diagnostics) {
                    checks::check_closures(&script, diagnostics);
                    checks::check_switches(&engine, &script, diagnostics);
                    ast = ast.merge(&script.ast);
                    for function in script.functions.drain(..) {
                        replace(&mut functions, function);
                    }
                    parsed.push(script);
                }
            }
            for script in &parsed {
                checks::check_calls(script, &functions, &known, diagnostics);
            }
            scripts.signatures.extend(signatures(name, &functions, diagnostics));
            scripts.functions.extend(functions::of_module(name, &functions, &parsed));
            if has_errors(diagnostics.get(before..).unwrap_or_default()) {
                scripts.broken.insert(name.to_owned());
            }
            let constants = !ast.statements().is_empty();
            let places = functions.into_iter().map(|f| (f.name, Place { text: f.text, span: f.span })).collect();
            scripts.modules.push(Module { name: name.to_owned(), ast, constants, places, watched: None });
        }
        for module in scripts.modules.iter().filter(|module| !scripts.broken.contains(&module.name)) {
            let lowered = lower::module(&engine, module, &scripts.signatures, &limits, diagnostics);
            scripts.lowered.insert(module.name.clone(), lowered);
        }
        scripts.engine = Some(engine);
        scripts
    }

    /// The function as an expression, if it means the same as one.
    #[must_use]
    pub fn lowered(&self, signature: &Signature) -> Option<&Lowered> {
        self.lowered.get(&signature.module)?.get(&signature.name)?.as_ref().ok()
    }

    /// Why a function runs in Rhai.
    #[must_use]
    pub fn why_not(&self, signature: &Signature) -> Option<&WhyNot> {
        self.lowered.get(&signature.module)?.get(&signature.name)?.as_ref().err()
    }

    /// The same scripts with a changed lowered form of one function: for tests that prove that a wrong one is noticed.
    #[doc(hidden)]
    #[must_use]
    pub fn with_lowered(mut self, signature: &Signature, change: impl FnOnce(&mut Lowered)) -> Scripts {
        let found = self.lowered.get_mut(&signature.module).and_then(|all| all.get_mut(&signature.name));
        if let Some(Ok(lowered)) = found {
            change(lowered);
        }
        self
    }

    /// The signature of `module::name`.
    #[must_use]
    pub fn find(&self, module: &str, name: &str) -> Option<&Arc<Signature>> {
        self.signatures.iter().find(|s| s.module == module && s.name == name)
    }

    /// All signatures, by module and name.
    #[must_use]
    pub fn signatures(&self) -> &[Arc<Signature>] {
        &self.signatures
    }

    /// All functions in force, also those rules cannot call, and what they call.
    #[must_use]
    pub fn functions(&self) -> &[ScriptFunction] {
        &self.functions
    }

    /// Whether a script of this name has an error of its own, so that a function missing in it need not be reported.
    #[must_use]
    pub fn is_broken(&self, module: &str) -> bool {
        self.broken.contains(module)
    }

    /// Whether there is a script of this name.
    #[must_use]
    pub fn has_module(&self, module: &str) -> bool {
        self.module(module).is_some()
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// The same scripts, each module run by an engine of its own.
    pub(super) fn with_engines(&self, engine: &dyn Fn(&Module) -> Engine) -> Scripts {
        Scripts {
            signatures: self.signatures.clone(),
            functions: self.functions.clone(),
            modules: self.modules.iter().map(|module| module.with_engine(engine(module))).collect(),
            broken: self.broken.clone(),
            limits: self.limits,
            // What is watched must be called.
            lowered: HashMap::new(),
            engine: self.engine.as_ref().map(|_| sandbox::engine(&self.limits)),
        }
    }

    fn module(&self, name: &str) -> Option<&Module> {
        let at = self.modules.binary_search_by(|m| m.name.as_str().cmp(name)).ok()?;
        self.modules.get(at)
    }

    /// Calls a function. Arguments are of the declared types or missing. A missing argument gives missing without a
    /// call unless declared otherwise. Pure: equal arguments give equal results.
    ///
    /// # Errors
    /// What the script did wrong: an error of its own, a limit exceeded, a result of the wrong type.
    pub fn call(&self, signature: &Signature, arguments: &[Value]) -> Result<Value, CallError> {
        if signature.on_missing == OnMissing::Missing && arguments.iter().any(Value::is_missing) {
            return Ok(Value::Missing);
        }
        let (Some(engine), Some(module)) = (&self.engine, self.module(&signature.module)) else {
            return Err(self.error(signature, None, format!("there is no script `{}`", signature.module)));
        };
        let engine = module.watched.as_ref().unwrap_or(engine);
        let arguments: Vec<Dynamic> = arguments.iter().map(sandbox::to_script).collect();
        let options = CallFnOptions::new().eval_ast(module.constants);
        // A panic inside the interpreter would be a bug of ours or Rhai's; it costs this record its value, not the run.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut scope = Scope::new();
            patience::begin();
            engine.call_fn_with_options::<Dynamic>(options, &mut scope, &module.ast, &signature.name, arguments)
        }));
        match outcome {
            Ok(Ok(value)) => {
                let value = value.flatten();
                match sandbox::from_script(&value) {
                    Some(Value::Missing) => Ok(Value::Missing),
                    Some(found) if found.ty() == Some(signature.result) => Ok(found),
                    _ => Err(self.error(signature, None, wrong_result(signature.result, &value))),
                }
            }
            Ok(Err(error)) => {
                let failure = errors::call_failure(*error, &self.limits);
                Err(self.error(signature, Some((failure.function, failure.position)), failure.message))
            }
            Err(_) => Err(self.error(signature, None, "the interpreter failed; please report this script".to_owned())),
        }
    }

    /// An error in a function, at a position in it or at its definition.
    fn error(&self, signature: &Signature, at: Option<(Option<String>, rhai::Position)>, message: String) -> CallError {
        let places = self.module(&signature.module).map(|m| &m.places);
        let place = places.and_then(|places| {
            let inner = at.as_ref().and_then(|(function, _)| function.as_deref());
            inner.and_then(|name| places.get(name)).or_else(|| places.get(&signature.name))
        });
        let (mut line, mut span) = (0, None);
        if let Some(place) = place {
            let position = at.map_or(rhai::Position::NONE, |(_, position)| position);
            let found = if position.is_none() { place.span } else { place.text.word_at(position) };
            line = place.text.line(found);
            span = Some(found);
        }
        CallError { module: signature.module.clone(), line, message, span }
    }
}

fn wrong_result(wanted: Type, value: &Dynamic) -> String {
    format!("gives {}, but its signature says {wanted}", sandbox::kind(value))
}

/// Adds a function; one of the same name and number of parameters gives way.
fn replace(functions: &mut Vec<Function>, mut function: Function) {
    let same = |f: &Function| f.name == function.name && f.parameters.len() == function.parameters.len();
    if let Some(earlier) = functions.iter_mut().find(|f| same(f)) {
        if function.declared.is_none() && function.parameters == earlier.parameters {
            function.declared = earlier.declared.take();
        }
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
