//! The functions and constants of a module, as they are lowered from.

use std::cell::RefCell;
use std::collections::HashMap;

use rhai::{ASTFlags, ASTNode, Engine, Expr as Node, Stmt};

use super::cases::{self, Literal};
use crate::diag::{FileId, Span};
use crate::script::host::Module;
use crate::script::text::Text;

/// A module, taken apart.
pub(super) struct Source<'a> {
    engine: &'a Engine,
    functions: HashMap<(String, usize), Body>,
    constants: HashMap<String, Node>,
    /// By file, found when first asked for.
    literals: RefCell<HashMap<FileId, HashMap<u64, Literal>>>,
}

/// One function.
pub(super) struct Body {
    pub(super) parameters: Vec<String>,
    pub(super) statements: Vec<Stmt>,
    pub(super) text: Text,
    /// `fn name`
    pub(super) span: Span,
    /// Whether it is written as a method.
    pub(super) method: bool,
}

impl<'a> Source<'a> {
    pub(super) fn new(engine: &'a Engine, module: &Module) -> Source<'a> {
        let mut functions = HashMap::new();
        let definitions: Vec<(String, Vec<String>)> = module
            .ast
            .iter_functions()
            .map(|f| (f.name.to_owned(), f.params.iter().map(|p| (*p).to_owned()).collect()))
            .collect();
        for (name, parameters) in definitions {
            let Some(place) = module.places.get(&name) else { continue };
            let arity = parameters.len();
            let mut only = module.ast.clone_functions_only();
            only.retain_functions(|_, _, f, n| f == name && n == arity);
            let mut statements = Vec::new();
            // Rhai shows the statements of a function only to who walks through them.
            only.walk(&mut |path| {
                if let [ASTNode::Stmt(statement)] = path {
                    statements.push((*statement).clone());
                }
                true
            });
            let method = module.ast.shared_lib().get_script_fn(&name, arity).is_none_or(|f| f.this_type.is_some());
            let body = Body { parameters, statements, text: place.text.clone(), span: place.span(), method };
            functions.insert((name, arity), body);
        }
        let constants = module.ast.statements().iter().filter_map(|statement| match statement {
            Stmt::Var(x, flags, _) if flags.intersects(ASTFlags::CONSTANT) => {
                Some((x.0.as_str().to_owned(), x.1.clone()))
            }
            _ => None,
        });
        Source { engine, functions, constants: constants.collect(), literals: RefCell::default() }
    }

    pub(super) fn function(&self, name: &str, arity: usize) -> Option<&Body> {
        self.functions.get(&(name.to_owned(), arity))
    }

    /// Whether any function has this name, with whatever parameters.
    pub(super) fn has_function(&self, name: &str) -> bool {
        self.functions.keys().any(|(found, _)| found == name)
    }

    /// What `global::NAME` is set to.
    pub(super) fn constant(&self, name: &str) -> Option<&Node> {
        self.constants.get(name)
    }

    /// At most so many steps set the constants, before each call.
    pub(super) fn constant_steps(&self) -> u64 {
        let mut steps = 0;
        for constant in self.constants.values() {
            constant.walk(&mut Vec::new(), &mut |_| {
                steps += 8;
                true
            });
        }
        steps
    }

    /// The literal of a text that has this hash in a `switch`.
    pub(super) fn literal(&self, text: &Text, hash: u64) -> Option<Literal> {
        let mut known = self.literals.borrow_mut();
        let of_file = known.entry(text.file).or_insert_with(|| cases::literals(self.engine, &text.text));
        of_file.get(&hash).cloned()
    }
}
