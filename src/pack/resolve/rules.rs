//! Rules: suppressions, states, causes and grades, and how every expression of a rule is compiled.

use super::names::default_label;
use super::plugins::EVIDENCE;
use super::read::Fields;
use super::{Listed, Resolver};
use crate::diag::{Diagnostic, code};
use crate::expr::{Ast, Expr, Kind, Scope, Stage, Type, Value, check, parse};
use crate::pack::format;
use crate::pack::raw::{Node, Raw, Table as Tree, Text};
use crate::pack::template::{Piece, split};
use crate::pack::{Cause, Causes, Evidence, Grade, Part, Rule, State, Suppress, Template, Track};

/// The words for tracks.
pub(super) const TRACKS: [(&str, Track); 4] = [
    ("termination", Track::Termination),
    ("recovery", Track::Recovery),
    ("prevention", Track::Prevention),
    ("second_life", Track::SecondLife),
];

/// The classes of causes.
pub(super) const CLASSES: [(&str, &str); 6] = [
    ("pushed_away", "pushed_away"),
    ("pulled_away", "pulled_away"),
    ("bought_away", "bought_away"),
    ("moved_away", "moved_away"),
    ("involuntary", "involuntary"),
    ("unknown", "unknown"),
];

/// What to write for `when`.
pub(super) const WHEN_HELP: &str = "an expression that is true or false, for instance `when = 'days_silent > 180'`";

impl Resolver<'_> {
    /// Types an expression; `None`, without a finding of its own, if it reads a name that could not be typed.
    pub(super) fn typed(&mut self, ast: &Ast, stage: Stage, expected: Option<Type>) -> Option<Expr> {
        if self.reads_broken(ast) {
            return None;
        }
        let scope = Scope { names: &self.names, stage, scripts: self.scripts };
        check(ast, &scope, expected, &mut self.diagnostics)
    }

    /// Whether a name it reads could not be typed, because of an earlier finding.
    pub(super) fn reads_broken(&self, ast: &Ast) -> bool {
        !self.broken.is_empty() && ast.reads(self.scripts).iter().any(|(name, _)| self.is_broken(name))
    }

    fn is_broken(&self, name: &str) -> bool {
        // `orders.amount` cannot be typed either if the whole table could not be read.
        self.broken.contains(name) || name.split_once('.').is_some_and(|(table, _)| self.broken.contains(table))
    }

    /// Compiles a text.
    pub(super) fn compile(&mut self, text: &Text, stage: Stage, expected: Type) -> Option<Rule> {
        let ast = parse(&text.text, &text.anchor, &mut self.diagnostics)?;
        let expr = self.typed(&ast, stage, Some(expected))?;
        Some(Rule { expr, text: text.text.trim().to_owned(), span: text.span() })
    }

    /// The expression under a key, if there is one.
    pub(super) fn rule(&mut self, fields: &Fields<'_>, key: &str, stage: Stage, expected: Type) -> Option<Rule> {
        let node = &fields.get(key)?.node;
        // `when = true` and `cost = 12.5` are what one writes at first.
        let plain = match &node.value {
            Raw::Bool(b) => Some(b.to_string()),
            Raw::Number(x) if x.is_finite() => Some(x.to_string()),
            _ => None,
        };
        if let Some(plain) = plain {
            let message = format!("`{key}` must be a text with an expression, this is {}", node.value.kind());
            let help = format!("put it in quotes: `{key} = '{plain}'`");
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, node.span, message).help(help));
            return None;
        }
        let text = fields.text(key, &mut self.diagnostics)?;
        self.compile(text, stage, expected)
    }

    /// A `when` that must be there. Where it is not, or is no expression, a placeholder stands for it in a pack
    /// that does not run.
    pub(super) fn required_when(&mut self, fields: &Fields<'_>, stage: Stage) -> Rule {
        if !fields.has("when") {
            fields.missing("when", WHEN_HELP, &mut self.diagnostics);
        }
        let rule = self.rule(fields, "when", stage, Type::Bool);
        rule.unwrap_or_else(|| self.placeholder(fields, Value::Bool(false)))
    }

    /// What stands for an expression with an error.
    pub(super) fn placeholder(&self, fields: &Fields<'_>, value: Value) -> Rule {
        let ty = value.ty().unwrap_or(Type::Number);
        Rule { expr: Expr { kind: Kind::Const(value), ty, span: fields.at }, text: String::new(), span: fields.at }
    }

    /// The sentence under a key; empty if there is none.
    pub(super) fn template(&mut self, fields: &Fields<'_>, key: &str, stage: Stage) -> Template {
        let mut template = Template::default();
        let Some(text) = fields.text(key, &mut self.diagnostics) else { return template };
        for piece in split(text, &mut self.diagnostics).unwrap_or_default() {
            match piece {
                Piece::Text(text) => template.parts.push(Part::Text(text)),
                Piece::Expr { text, anchor } => {
                    let ast = parse(&text, &anchor, &mut self.diagnostics);
                    if let Some(expr) = ast.and_then(|ast| self.typed(&ast, stage, None)) {
                        template.parts.push(Part::Value(expr));
                    }
                }
            }
        }
        template
    }

    /// `[[suppress]]`
    pub(super) fn suppress(&mut self, root: &Tree) -> Vec<Suppress> {
        let listed = self.listed(root, "suppress", &format::SUPPRESSION);
        let mut list = Vec::new();
        for Listed { name, fields } in listed {
            let _ = fields.string("help", &mut self.diagnostics);
            list.push(Suppress {
                name,
                when: self.required_when(&fields, Stage::Fact),
                because: self.template(&fields, "because", Stage::Fact),
                span: fields.at,
            });
        }
        list
    }

    /// `[[states]]`
    pub(super) fn states(&mut self, root: &Tree) -> Vec<State> {
        let listed = self.listed(root, "states", &format::STATE);
        let mut states = Vec::new();
        for Listed { name, fields } in listed {
            let state = match fields.text("state", &mut self.diagnostics) {
                Some(state) => {
                    self.plain_name(&state.text, state.span(), "a state");
                    state.text.clone()
                }
                None => name.clone(),
            };
            let when = self.rule(&fields, "when", Stage::Fact, Type::Bool);
            states.push(State {
                state,
                track: fields.word("track", &TRACKS, &mut self.diagnostics),
                when,
                because: self.template(&fields, "because", Stage::Fact),
                help: fields.string("help", &mut self.diagnostics),
                span: fields.at,
                name,
            });
        }
        states
    }

    /// `[analysis]` and `[[causes]]`
    pub(super) fn causes(&mut self, root: &Tree) -> Causes {
        let mut causes = Causes { when: None, minimum: 1.0, list: Vec::new() };
        if let Some(fields) = self.section(root, "analysis", &format::ANALYSIS) {
            causes.when = self.rule(&fields, "when", Stage::State, Type::Bool);
            if let Some(minimum) = fields.number("minimum", &mut self.diagnostics) {
                if minimum < 0.0 {
                    let message = "`minimum` must not be negative";
                    self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span("minimum"), message));
                }
                causes.minimum = minimum;
            }
        }
        for Listed { name, fields } in self.listed(root, "causes", &format::CAUSE) {
            let help = format!("it is one of {}", CLASSES.map(|(word, _)| format!("`{word}`")).join(", "));
            if !fields.has("class") {
                fields.missing("class", &help, &mut self.diagnostics);
            }
            let class = fields.word("class", &CLASSES, &mut self.diagnostics).unwrap_or("unknown").to_owned();
            let nodes = fields.list("evidence", "tables", &mut self.diagnostics).unwrap_or_default();
            let evidence = nodes.iter().filter_map(|node| self.evidence(node, &name)).collect();
            causes.list.push(Cause {
                class,
                label: self.label(&fields, &name),
                preventable: fields.flag("preventable", &mut self.diagnostics),
                help: fields.string("help", &mut self.diagnostics),
                evidence,
                span: fields.at,
                name,
            });
        }
        causes
    }

    fn evidence(&mut self, node: &Node, cause: &str) -> Option<Evidence> {
        let what = format!("evidence of cause `{cause}`");
        let fields = Fields::open(node, node.span, what, &format::EVIDENCE, &mut self.diagnostics)?;
        Some(Evidence {
            when: self.evidence_when(&fields),
            weight: fields.weight(1.0, "leave out what should not count", &mut self.diagnostics),
            because: self.template(&fields, "because", Stage::State),
        })
    }

    /// `when`, or what a plugin provides for it.
    fn evidence_when(&mut self, fields: &Fields<'_>) -> Rule {
        let (when, plugin) = (fields.get("when"), fields.get("plugin"));
        if let (Some(when), Some(plugin)) = (when, plugin) {
            let message = format!("{} says when it holds in two ways, by `when` and by `plugin`", fields.what);
            let diagnostic = Diagnostic::error(code::BAD_VALUE, plugin.key, message).related(when.key, "the other");
            self.diagnostics.push(diagnostic.help("keep one of them; a `when` may call `script::evidence`, too"));
        }
        let rule = match (when, plugin) {
            (None, Some(_)) => self.provided(fields, EVIDENCE),
            (Some(_), _) => self.rule(fields, "when", EVIDENCE.stage, EVIDENCE.ty),
            (None, None) => {
                fields.missing("when", WHEN_HELP, &mut self.diagnostics);
                if let Some(last) = self.diagnostics.last_mut() {
                    last.help.push(
                        "or a script that says so, by its function `evidence`: `plugin = \"tickets\"`".to_owned(),
                    );
                }
                None
            }
        };
        rule.unwrap_or_else(|| self.placeholder(fields, Value::Bool(false)))
    }

    /// `[[grades]]`
    pub(super) fn grades(&mut self, root: &Tree) -> Vec<Grade> {
        let listed = self.listed(root, "grades", &format::GRADE);
        let mut grades = Vec::new();
        for Listed { name, fields } in listed {
            let when = self.rule(&fields, "when", Stage::Priority, Type::Bool);
            grades.push(Grade {
                when,
                let_go: fields.flag("let_go", &mut self.diagnostics),
                label: self.label(&fields, &name),
                help: fields.string("help", &mut self.diagnostics),
                span: fields.at,
                name,
            });
        }
        grades
    }

    /// `label`, or one made of the name.
    pub(super) fn label(&mut self, fields: &Fields<'_>, name: &str) -> String {
        let label = fields.string("label", &mut self.diagnostics);
        if label.is_empty() { default_label(name) } else { label }
    }
}
