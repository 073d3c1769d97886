//! Typing calls of script functions: with arguments, and without parentheses, with the names of the parameters.

use std::ops::Range;
use std::sync::Arc;

use super::names::{available, decided};
use super::{Typed, Typer, a};
use crate::diag::{Diagnostic, code};
use crate::expr::functions::doc;
use crate::expr::parse::{Node, NodeKind};
use crate::expr::{Expr, Kind};
use crate::script::{Parameter, Signature};

impl Typer<'_> {
    /// `prestige::image(segment, lower(region))`
    pub(super) fn script(
        &mut self,
        module: &str,
        function: &str,
        at: &Range<usize>,
        arguments: &[Node],
        node: &Node,
    ) -> Option<Typed> {
        let Some(signature) = self.signature(module, function, at) else {
            arguments.iter().filter(|x| !matches!(x.kind, NodeKind::List(_))).for_each(|x| {
                self.infer(x);
            });
            return None;
        };
        let path = signature.path();
        let usage = usage(&signature);
        let before = self.diagnostics.len();
        let count = signature.parameters.len();
        if !self.arity(&path, count, count, arguments, node) {
            let by_name = arguments.is_empty().then(|| self.would_fit(&signature)).flatten();
            if let Some(diagnostic) = self.diagnostics.get_mut(before) {
                diagnostic.help.insert(0, usage);
                diagnostic.help.extend(by_name);
            }
            return None;
        }
        let mut typed = Vec::with_capacity(arguments.len());
        for (argument, parameter) in arguments.iter().zip(&signature.parameters) {
            let from = self.diagnostics.len();
            typed.push(self.argument(&path, argument, parameter.ty));
            // Of the argument itself; errors inside it speak for themselves.
            if let Some(last) = self.diagnostics.get_mut(from)
                && last.message.starts_with(&format!("`{path}` wants"))
            {
                last.help.push(usage.clone());
            }
        }
        self.called(signature, typed, node)
    }

    /// `prestige::image`: called with the names of its parameters.
    pub(super) fn by_name(&mut self, path: &str, node: &Node) -> Option<Typed> {
        let (module, function) = path.split_once("::")?;
        let signature = self.signature(module, function, &node.range)?;
        // All of them, so that every error is reported.
        let typed = signature.parameters.iter().map(|parameter| self.named(&signature, parameter, node)).collect();
        self.called(signature, typed, node)
    }

    fn called(&self, signature: Arc<Signature>, typed: Vec<Option<Expr>>, node: &Node) -> Option<Typed> {
        let typed = typed.into_iter().collect::<Option<_>>()?;
        let result = signature.result;
        Typed::new(Kind::Script(signature, typed), result, self.ast.span_of(node))
    }

    /// The name an argument is taken from: in a rollup a column of its table goes before a parameter of the pack.
    fn answers(&self, parameter: &str) -> Option<crate::expr::Slot> {
        let column = self.table.and_then(|table| self.scope.names.find(&format!("{table}.{parameter}")));
        column.or_else(|| self.scope.names.find(parameter))
    }

    /// The value of the name a parameter has.
    fn named(&mut self, signature: &Signature, parameter: &Parameter, node: &Node) -> Option<Expr> {
        let span = self.ast.span_of(node);
        let (path, name) = (signature.path(), parameter.name.as_str());
        let place = self.scope.scripts.parameter(signature, name);
        let Some(slot) = self.answers(name) else {
            let message =
                format!("`{path}` is called with the names of its parameters, and `{name}` is not a name here");
            let diagnostic = Diagnostic::error(code::UNKNOWN_NAME, span, message).related(place, "this parameter");
            let known: Vec<&str> = match self.table {
                Some(table) => {
                    let column = |full: &'_ str| full.split_once('.').is_some_and(|(of, _)| of == table);
                    let names = self.scope.names.iter().map(|(_, known)| known.name.as_str());
                    names
                        .map(|full| if column(full) { full.split_once('.').map_or(full, |(_, own)| own) } else { full })
                        .collect()
                }
                None => self.scope.names.iter().map(|(_, known)| known.name.as_str()).collect(),
            };
            let diagnostic = diagnostic.did_you_mean(name, known);
            let call = self.with_arguments(signature);
            let help = format!("call it with arguments, `{call}`, or give a fact the name `{name}`");
            self.diagnostics.push(diagnostic.help(help));
            return None;
        };
        let found = self.scope.names.get(slot);
        if found.stage > self.scope.stage {
            let message = format!("`{path}` takes `{name}`, which is not decided yet here");
            let diagnostic = Diagnostic::error(code::TOO_EARLY, span, message).related(place, "this parameter");
            let diagnostic =
                diagnostic.help(decided(found)).help(format!("here you may use {}", available(self.scope.stage)));
            self.diagnostics.push(diagnostic);
            return None;
        }
        if found.ty != parameter.ty {
            let message = format!(
                "`{path}` wants {} as `{name}`, and the name `{name}` is {} here",
                a(parameter.ty),
                a(found.ty)
            );
            let mut diagnostic = Diagnostic::error(code::TYPE, span, message);
            diagnostic = diagnostic.related(place, format!("{} is wanted", a(parameter.ty)));
            if let Some(declared) = found.span {
                diagnostic = diagnostic.related(declared, format!("`{name}` is {}", a(found.ty)));
            }
            let help = format!("call it with arguments: `{}`", self.with_arguments(signature));
            self.diagnostics.push(diagnostic.help(help));
            return None;
        }
        Some(Expr { kind: Kind::Slot(slot), ty: found.ty, span })
    }

    /// `prestige::image(segment, …)`: a call with those of its names that fit.
    fn with_arguments(&self, signature: &Signature) -> String {
        let word = |parameter: &Parameter| if self.fits(parameter) { parameter.name.clone() } else { "…".to_owned() };
        let names: Vec<String> = signature.parameters.iter().map(word).collect();
        format!("{}({})", signature.path(), names.join(", "))
    }

    /// Whether the name of a parameter is one here, and of its type.
    fn fits(&self, parameter: &Parameter) -> bool {
        let found = self.answers(&parameter.name).map(|slot| self.scope.names.get(slot));
        found.is_some_and(|found| found.ty == parameter.ty && found.stage <= self.scope.stage)
    }

    /// That a call without arguments may have none of its parentheses, either, where every parameter has its name here.
    fn would_fit(&self, signature: &Signature) -> Option<String> {
        let all = signature.parameters.iter().all(|parameter| self.fits(parameter));
        all.then(|| {
            format!("without parentheses, `{}`, it is called with the names of its parameters", signature.path())
        })
    }

    /// The signature of `module::function`; reports that there is none. A script with an error of its own has said enough.
    fn signature(&mut self, module: &str, function: &str, at: &Range<usize>) -> Option<Arc<Signature>> {
        let scripts = self.scope.scripts;
        if let Some(signature) = scripts.find(module, function) {
            return Some(Arc::clone(signature));
        }
        if scripts.is_broken(module) {
            return None;
        }
        let name = format!("{module}::{function}");
        let span = self.ast.anchor.span(at.start, at.end);
        let all = scripts.signatures();
        let mut diagnostic =
            Diagnostic::error(code::UNKNOWN_FUNCTION, span, format!("there is no script function `{name}`"));
        if let Some(private) = scripts.functions().iter().find(|f| f.module == module && f.name == function) {
            let help = format!("declare what it takes and gives by `/// (x: number) -> number` above `fn {function}`");
            self.diagnostics.push(diagnostic.related(private.span, "it has no signature").help(help));
            return None;
        }
        let paths: Vec<String> = all.iter().map(|s| s.path()).collect();
        let elsewhere = all.iter().find(|s| s.name == function);
        let siblings: Vec<String> =
            all.iter().filter(|s| s.module == module).map(|s| format!("`{}`", s.name)).collect();
        diagnostic = match elsewhere {
            Some(other) => diagnostic.help(format!("did you mean `{}`?", other.path())),
            None if doc(function).is_some() => {
                diagnostic.help(format!("`{function}` is built in: write `{function}(…)`"))
            }
            None => diagnostic.did_you_mean(&name, paths.iter().map(String::as_str)),
        };
        if diagnostic.help.is_empty() {
            diagnostic = diagnostic.help(match siblings.as_slice() {
                [] => format!(
                    "there is no script `{module}` with a declared function: a function is declared by \
                     `/// (x: number) -> number` above it"
                ),
                siblings => format!("`{module}` declares {}", siblings.join(", ")),
            });
        }
        self.diagnostics.push(diagnostic);
        None
    }

    /// Adds to an error about what a script's function gives how it is declared.
    pub(super) fn declared(&self, diagnostic: Diagnostic, node: &Node) -> Diagnostic {
        let path = match &node.kind {
            NodeKind::Call { name, .. } => name,
            NodeKind::ByName(path) => path,
            _ => return diagnostic,
        };
        let signature = path.split_once("::").and_then(|(module, name)| self.scope.scripts.find(module, name));
        match signature {
            Some(signature) => diagnostic.help(usage(signature)),
            None => diagnostic,
        }
    }
}

/// How a function is declared, for hints.
fn usage(signature: &Signature) -> String {
    format!("`{}`", signature.declaration())
}
