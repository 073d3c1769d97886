//! Compiles scripts, and calls their functions so that nothing can crash or hang.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use rhai::{AST, Engine};

use super::lower::{self, Lowered, WhyNot};
use super::printed::{Log, Prints};
use super::read::{Read, check_crossings};
use super::text::Text;
use super::{Limits, ScriptFunction, Signature, bridge, functions, sandbox};
use crate::diag::{Diagnostic, FileId, Sources, Span, has_errors};
use crate::expr::Value;

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
    /// The name and text of every script, a later one laid over an earlier one of its name.
    pub(super) texts: Vec<(String, Arc<str>)>,
    /// Functions as expressions, by module and name.
    lowered: HashMap<String, HashMap<String, Result<Lowered, WhyNot>>>,
    /// `None` if there is no script.
    engine: Option<Engine>,
    /// What scripts printed.
    log: Log,
}

/// The scripts of one name, a later one laid over an earlier one.
#[derive(Clone)]
pub(super) struct Module {
    pub(super) name: String,
    pub(super) ast: Arc<AST>,
    /// Whether constants stand outside of the functions.
    pub(super) constants: bool,
    /// Where each function is written, by name.
    pub(super) places: HashMap<String, Place>,
}

/// Where a function is written.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) text: Text,
    pub(super) span: Span,
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

impl CallError {
    /// `prestige.rhai:4`
    #[must_use]
    pub fn place(&self) -> String {
        match self.line {
            0 => format!("{}.rhai", self.module),
            line => format!("{}.rhai:{line}", self.module),
        }
    }
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
    /// the same parameters and declares no signature of its own keeps the earlier one. Functions with a signature can be
    /// called from all of them.
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
        let log = Log::default();
        let mut engine = sandbox::engine(&limits, &log);
        let known = sandbox::function_names(&engine);
        let mut names: Vec<String> = modules.iter().map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        for name in &names {
            // Known by name while they are parsed; what is in them is offered when all are.
            engine.register_static_module(name, rhai::Module::new().into());
        }

        let before = diagnostics.len();
        let mut read: Vec<Read> = Vec::new();
        for name in &names {
            let texts = modules.iter().filter(|(n, _)| n == name).filter_map(|(_, file)| {
                let source = sources.get(*file)?;
                Some(Text::new(*file, source.text.clone()))
            });
            read.push(Read::module(&engine, name, texts, &names, &known));
        }
        let crossings = check_crossings(&names, &mut read, diagnostics);

        let texts = modules.iter().filter_map(|(name, file)| Some((name.clone(), sources.get(*file)?.text.clone())));
        let mut scripts = Scripts { limits, texts: texts.collect(), log, ..Scripts::default() };
        for mut module in read {
            let crossings = crossings.get(&module.name).map(Vec::as_slice).unwrap_or_default();
            scripts.functions.extend(functions::of_module(&module.name, &module.functions, &module.parsed, crossings));
            scripts.signatures.append(&mut module.signatures);
            if module.circular || has_errors(&module.diagnostics) {
                scripts.broken.insert(module.name.clone());
            }
            diagnostics.append(&mut module.diagnostics);
            scripts.modules.push(module.compiled());
        }
        if !has_errors(diagnostics.get(before..).unwrap_or_default()) {
            bridge::register(&mut engine, &scripts.modules, &scripts.signatures);
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

    /// Takes out what scripts have printed since this was last asked: the first 1,000 lines, and how many more there were.
    /// A result that was remembered prints nothing again.
    #[must_use]
    pub fn printed(&self) -> Prints {
        self.log.take()
    }

    pub(super) fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// The same scripts, run by another engine, which is an engine of the sandbox with something added.
    pub(super) fn with_engine(&self, add: &dyn Fn(&mut Engine)) -> Scripts {
        let engine = self.engine.as_ref().map(|_| {
            let mut engine = sandbox::engine(&self.limits, &self.log);
            add(&mut engine);
            bridge::register(&mut engine, &self.modules, &self.signatures);
            engine
        });
        Scripts {
            signatures: self.signatures.clone(),
            functions: self.functions.clone(),
            modules: self.modules.clone(),
            broken: self.broken.clone(),
            limits: self.limits,
            texts: self.texts.clone(),
            // What is watched must be called.
            lowered: HashMap::new(),
            engine,
            log: self.log.clone(),
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
        self.caller(signature).call(arguments)
    }

    /// A script, and the engine that runs it.
    pub(super) fn script(&self, name: &str) -> Option<(&Engine, &Module)> {
        Some((self.engine.as_ref()?, self.module(name)?))
    }

    /// An error in a function, at a position in it or at its definition; without one, at the definition of what was called.
    pub(super) fn error(
        &self,
        signature: &Signature,
        at: Option<((String, String), rhai::Position)>,
        message: String,
    ) -> CallError {
        let called = || (signature.module.clone(), signature.name.clone());
        let ((module, function), position) = at.unwrap_or_else(|| (called(), rhai::Position::NONE));
        let places = self.module(&module).map(|m| &m.places);
        let place = places.and_then(|places| {
            places.get(&function).or_else(|| places.get(&signature.name).filter(|_| module == signature.module))
        });
        let (mut line, mut span) = (0, None);
        if let Some(place) = place {
            let found = if position.is_none() { place.span } else { place.text.word_at(position) };
            line = place.text.line(found);
            span = Some(found);
        }
        CallError { module, line, message, span }
    }
}
