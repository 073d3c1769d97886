//! Which lines of the scripts calls went through: for coverage. Other runs know nothing of it and pay nothing for it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use rhai::debugger::{DebuggerCommand, DebuggerEvent};
use rhai::{ASTNode, Engine, Position, Stmt};

use super::host::{Place, Scripts};
use crate::diag::{FileId, Span};

/// A line of a script on which something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `prestige::image`
    pub function: String,
    /// The file and the line's number in it, from 1.
    pub at: (FileId, usize),
    /// The text of the line, without the blanks around it.
    pub span: Span,
}

/// Lines that calls went through: file, and number from 1.
#[derive(Debug, Default)]
pub struct SeenLines(Mutex<HashSet<(FileId, usize)>>);

impl SeenLines {
    /// Whether any call went through a line.
    #[must_use]
    pub fn contains(&self, at: (FileId, usize)) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&at)
    }

    fn insert(&self, at: (FileId, usize)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(at);
    }
}

impl Scripts {
    /// The lines of all functions on which a statement begins or an arm of a `switch` gives its result, by file and number.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let mut found: BTreeMap<(FileId, usize), Line> = BTreeMap::new();
        for module in self.modules() {
            let functions: Vec<(String, usize)> =
                module.ast.iter_functions().map(|f| (f.name.to_owned(), f.params.len())).collect();
            for (name, parameters) in functions {
                let Some(place) = module.places.get(&name) else { continue };
                let mut only = module.ast.clone_functions_only();
                only.retain_functions(|_, _, f, n| f == name && n == parameters);
                only.walk(&mut |path| {
                    for number in path.last().map(positions).unwrap_or_default().into_iter().filter_map(Position::line)
                    {
                        let span = place.text.line_span(number);
                        let function = shown(&module.name, &name);
                        let at = (place.text.file, number);
                        let line = found.entry(at).or_insert_with(|| Line { function: function.clone(), at, span });
                        if is_closure(&line.function) {
                            line.function = function;
                        }
                    }
                    true
                });
            }
        }
        // A closure stands within a function, whose name says more.
        let mut lines: Vec<Line> = Vec::new();
        for mut line in found.into_values() {
            if let (true, Some(before)) = (is_closure(&line.function), lines.last()) {
                line.function.clone_from(&before.function);
            }
            lines.push(line);
        }
        lines
    }

    /// The same scripts, with a note taken of every line that a call goes through. Much slower.
    #[must_use]
    pub fn observed(&self) -> (Scripts, Arc<SeenLines>) {
        let seen = Arc::new(SeenLines::default());
        let files: HashMap<(String, String), FileId> = self
            .modules()
            .iter()
            .flat_map(|module| {
                let of = |(name, place): (&String, &Place)| ((module.name.clone(), name.clone()), place.text.file);
                module.places.iter().map(of).collect::<Vec<_>>()
            })
            .collect();
        let files = Arc::new(files);
        let scripts = self.with_engine(&|engine| observe(engine, Arc::clone(&files), Arc::clone(&seen)));
        (scripts, seen)
    }
}

/// Takes a note of the line of each step.
#[expect(deprecated, reason = "Rhai marks what may still change in this way; there is no other way to follow a script")]
fn observe(engine: &mut Engine, files: Arc<HashMap<(String, String), FileId>>, seen: Arc<SeenLines>) {
    engine.register_debugger(
        |_, debugger| debugger,
        move |context, event, _, _, position| {
            let state = context.global_runtime_state();
            let within = state.debugger().call_stack().last().map(|frame| {
                let module = frame.source.as_deref().unwrap_or_default();
                (module.to_owned(), frame.fn_name.to_string())
            });
            if matches!(event, DebuggerEvent::Start | DebuggerEvent::Step)
                && let Some(file) = within.and_then(|within| files.get(&within))
                && let Some(line) = position.line()
            {
                seen.insert((*file, line));
            }
            Ok(DebuggerCommand::StepInto)
        },
    );
}

/// Where something is done at a node: a statement, the result of an arm of a `switch`.
fn positions(node: &ASTNode<'_>) -> Vec<Position> {
    match node {
        ASTNode::Stmt(Stmt::Noop(_) | Stmt::Block(_) | Stmt::Share(_)) => Vec::new(),
        ASTNode::Stmt(Stmt::Expr(expr)) => vec![expr.position()],
        ASTNode::Stmt(statement @ Stmt::Switch(switch, _)) => {
            let arms = switch.1.expressions.iter().map(|arm| arm.rhs.position());
            std::iter::once(statement.position()).chain(arms).collect()
        }
        ASTNode::Stmt(statement) => vec![statement.position()],
        _ => Vec::new(),
    }
}

/// `module::function`, as rules call it.
fn shown(module: &str, function: &str) -> String {
    if is_closure(function) { function.to_owned() } else { format!("{module}::{function}") }
}

fn is_closure(name: &str) -> bool {
    name.starts_with("anon$")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;
    use crate::diag::Sources;
    use crate::expr::Value;
    use crate::script::Limits;

    const TEXT: &str = "\
/// (n: number, word: text) -> number
fn score(n, word) {
    if n < 0 {
        return 0.0;
    }
    let points = switch word {
        \"a\" | \"b\" => 3.0,
        \"c\" => 4.0,
        _ => 0.0,
    };
    let list = [1.0, n].map(|x| {
        helper(x)
    });
    points + list[1]
}

fn helper(x) {
    if x > 100.0 { 100.0 } else { x }
}

fn never() {
    1.0
}
";

    #[test]
    fn lines_are_those_that_do_something_and_are_seen_when_called() {
        let mut sources = Sources::default();
        let file = sources.add("scripts/m.rhai", TEXT);
        let mut diagnostics = Vec::new();
        let scripts = Scripts::compile(&[("m".to_owned(), file)], &sources, &Limits::default(), &mut diagnostics);
        assert_eq!(diagnostics, []);
        let lines = scripts.lines();
        let numbers: Vec<usize> = lines.iter().map(|l| l.at.1).collect();
        assert_eq!(numbers, [3, 4, 6, 7, 8, 9, 11, 12, 14, 18, 22]);
        assert_eq!(lines[3].function, "m::score");
        assert_eq!(sources.text(lines[0].span), "if n < 0 {");
        assert_eq!(lines.last().unwrap().function, "m::never");

        let (observed, seen) = scripts.observed();
        let signature = scripts.find("m", "score").unwrap();
        let arguments = [Value::number(2.0), Value::text("b")];
        assert_eq!(observed.call(signature, &arguments), Ok(Value::number(5.0)));
        assert_eq!(scripts.call(signature, &arguments), Ok(Value::number(5.0)));
        let unseen = |seen: &SeenLines| -> Vec<usize> {
            lines.iter().filter(|l| !seen.contains(l.at)).map(|l| l.at.1).collect()
        };
        assert_eq!(unseen(&seen), [4, 8, 9, 22]);
        let _ = observed.call(signature, &[Value::number(-2.0), Value::text("b")]);
        assert_eq!(unseen(&seen), [8, 9, 22]);
        // The scripts that are not observed leave no trace.
        let _ = scripts.call(signature, &[Value::number(2.0), Value::text("c")]);
        assert_eq!(unseen(&seen), [8, 9, 22]);
    }
}
