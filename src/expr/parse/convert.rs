//! From Rhai's tree to ours. What is left of Rhai that expressions do not have is reported here.

use std::ops::Range;

use rhai::{AST, Expr, FlowControl, FnCallExpr, Namespace, Position, Stmt, StmtBlock, SwitchCasesCollection};

use super::scan::{Kind, Scan};
use super::{Anchor, Node, NodeKind, literal};
use crate::diag::{Diagnostic, code};
use crate::expr::{Arith, Compare};

/// Converts a parsed text; `None` if something was reported.
pub(super) fn convert(tree: &AST, scan: &Scan<'_>, anchor: &Anchor, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    let mut converter = Converter { scan, anchor, diagnostics };
    match tree.statements() {
        [statement] => converter.statement(statement),
        _ => {
            converter.foreign(0..scan.text.len(), "this is more than one expression", "");
            None
        }
    }
}

struct Converter<'a> {
    scan: &'a Scan<'a>,
    anchor: &'a Anchor,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Converter<'_> {
    fn foreign(&mut self, range: Range<usize>, message: &str, help: &str) {
        let span = self.anchor.span(range.start, range.end);
        let diagnostic = Diagnostic::error(code::NOT_AN_EXPRESSION, span, message);
        self.diagnostics.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    /// The token at one of Rhai's positions. Comments and line ends are blanks in the text Rhai sees, so all of it
    /// stands on line 1.
    fn token(&self, position: Position) -> usize {
        let char = position.position().map_or(0, |column| column - 1);
        self.scan.token_starting(char).unwrap_or_else(|| self.scan.token_at(char))
    }

    /// The tokens of a node's bytes.
    fn tokens(&self, range: &Range<usize>) -> (usize, usize) {
        let first = self.scan.tokens.partition_point(|t| t.start < range.start);
        let last = self.scan.tokens.partition_point(|t| t.end <= range.end);
        (first, last.saturating_sub(1).max(first))
    }

    /// The bytes of some tokens, extended until every bracket has its partner.
    fn cover(&self, from: usize, to: usize) -> Range<usize> {
        let (from, to) = self.scan.cover(from.min(to), to.max(from));
        self.scan.bytes(from).start..self.scan.bytes(to).end
    }

    /// From the start of one node to the end of another.
    fn join(&self, first: &Node, last: &Node) -> Range<usize> {
        self.cover(self.tokens(&first.range).0, self.tokens(&last.range).1)
    }

    fn statement(&mut self, statement: &Stmt) -> Option<Node> {
        match statement {
            Stmt::Expr(expr) => self.expr(expr),
            Stmt::FnCall(call, position) => self.call(call, *position),
            Stmt::If(flow, position) => self.if_else(flow, *position),
            Stmt::Switch(switch, position) => self.switch(&switch.0, &switch.1, *position),
            Stmt::Block(block) => self.block(block),
            other => {
                let range = self.scan.bytes(self.token(other.position()));
                self.foreign(range, "statements are not part of expressions", "write a script, and call its function");
                None
            }
        }
    }

    fn block(&mut self, block: &StmtBlock) -> Option<Node> {
        match block.statements() {
            [statement] => self.statement(statement),
            _ => {
                let range = self.scan.bytes(self.token(block.position()));
                self.foreign(range, "statements are not part of expressions", "write a script, and call its function");
                None
            }
        }
    }

    fn expr(&mut self, expr: &Expr) -> Option<Node> {
        let at = self.token(expr.position());
        let simple = |kind| Some(Node { kind, range: self.scan.bytes(at) });
        match expr {
            Expr::BoolConstant(b, _) => simple(NodeKind::Bool(*b)),
            Expr::IntegerConstant(i, _) => Some(self.number(*i as f64, at)),
            Expr::FloatConstant(x, _) => Some(self.number(**x, at)),
            Expr::CharConstant(c, _) => simple(NodeKind::Text(c.to_string().into())),
            Expr::StringConstant(s, _) => simple(NodeKind::Text(s.as_str().into())),
            Expr::Unit(_) => Some(Node { kind: NodeKind::Missing, range: self.cover(at, at) }),
            Expr::Array(list, _) => {
                let range = self.cover(at, at);
                let list = self.list(list.iter())?;
                Some(Node { kind: NodeKind::List(list), range })
            }
            Expr::Variable(variable, _, _) => {
                if variable.2.is_empty() {
                    return simple(NodeKind::Name(variable.1.to_string()));
                }
                let range = self.cover(self.token(variable.2.position()), at);
                let kind = NodeKind::ByName(self.path(&variable.2, &variable.1, &range)?);
                Some(Node { kind, range })
            }
            Expr::Dot(pair, _, _) => {
                if let (Expr::Variable(base, _, position), Expr::Property(property, end)) = (&pair.lhs, &pair.rhs)
                    && base.2.is_empty()
                {
                    let range = self.cover(self.token(*position), self.token(*end));
                    return Some(Node { kind: NodeKind::Name(format!("{}.{}", base.1, property.2)), range });
                }
                self.foreign(self.scan.bytes(at), "this value has no parts", "");
                None
            }
            Expr::And(list, _) => self.chain(list, NodeKind::And),
            Expr::Or(list, _) => self.chain(list, NodeKind::Or),
            Expr::Coalesce(list, _) => self.chain(list, NodeKind::Coalesce),
            Expr::FnCall(call, position) => self.call(call, *position),
            Expr::Stmt(block) => self.block(block),
            _ => {
                self.foreign(
                    self.scan.bytes(at),
                    "this is not part of expressions",
                    "write a script, and call its function",
                );
                None
            }
        }
    }

    /// A number. Rhai folds signs into it, and forgets parentheses: `-(5)` is one number.
    fn number(&self, value: f64, at: usize) -> Node {
        let mut last = at;
        while matches!(self.scan.str(last), "-" | "+" | "(") {
            last += 1;
        }
        Node { kind: NodeKind::Number(value), range: self.cover(at, last) }
    }

    fn list<'e>(&mut self, list: impl Iterator<Item = &'e Expr>) -> Option<Vec<Node>> {
        // All of them, so that every error is reported.
        let nodes: Vec<Option<Node>> = list.map(|x| self.expr(x)).collect();
        nodes.into_iter().collect()
    }

    fn chain(&mut self, list: &[Expr], make: fn(Vec<Node>) -> NodeKind) -> Option<Node> {
        let nodes = self.list(list.iter())?;
        let range = self.join(nodes.first()?, nodes.last()?);
        Some(Node { kind: make(nodes), range })
    }

    fn call(&mut self, call: &FnCallExpr, position: Position) -> Option<Node> {
        let at = self.token(position);
        let name = call.name.as_str();
        match (call.args.as_slice(), self.scan.kind(at)) {
            ([list, item], _) if name == "contains" && matches!(self.scan.str(at), "in" | "!in") => {
                self.find_in(item, list, false)
            }
            ([operand], Some(Kind::Symbol)) => self.prefix(name, operand, at),
            ([left, right], Some(Kind::Symbol)) => self.binary(name, left, right, at),
            _ => self.function(call, at),
        }
    }

    fn find_in(&mut self, item: &Expr, list: &Expr, negated: bool) -> Option<Node> {
        let (item, list) = (self.expr(item), self.expr(list));
        let (item, list) = (item?, list?);
        let range = self.join(&item, &list);
        Some(Node { kind: NodeKind::In { item: item.into(), list: list.into(), negated }, range })
    }

    fn prefix(&mut self, name: &str, operand: &Expr, at: usize) -> Option<Node> {
        if name == "!"
            && self.scan.str(at) == "!in"
            && let Expr::FnCall(inner, _) = operand
            && let [list, item] = inner.args.as_slice()
        {
            return self.find_in(item, list, true);
        }
        let node = self.expr(operand)?;
        let range = self.cover(at, self.tokens(&node.range).1);
        let node = Box::new(node);
        let kind = match name {
            "-" => NodeKind::Neg(node),
            "+" => NodeKind::Plus(node),
            "!" => NodeKind::Not(node),
            _ => {
                self.foreign(self.scan.bytes(at), "this operator is not part of expressions", "");
                return None;
            }
        };
        Some(Node { kind, range })
    }

    fn binary(&mut self, name: &str, left: &Expr, right: &Expr, at: usize) -> Option<Node> {
        let (left, right) = (self.expr(left), self.expr(right));
        let (left, right) = (left?, right?);
        let range = self.join(&left, &right);
        let (left, right) = (Box::new(left), Box::new(right));
        let arith = |op, left, right| NodeKind::Arith(op, left, right);
        let compare = |op, left, right| NodeKind::Compare(op, left, right);
        let kind = match name {
            "+" => arith(Arith::Add, left, right),
            "-" => arith(Arith::Sub, left, right),
            "*" => arith(Arith::Mul, left, right),
            "/" => arith(Arith::Div, left, right),
            "%" => arith(Arith::Rem, left, right),
            "**" => arith(Arith::Pow, left, right),
            "==" => compare(Compare::Eq, left, right),
            "!=" => compare(Compare::Ne, left, right),
            "<" => compare(Compare::Lt, left, right),
            "<=" => compare(Compare::Le, left, right),
            ">" => compare(Compare::Gt, left, right),
            ">=" => compare(Compare::Ge, left, right),
            _ => {
                self.foreign(self.scan.bytes(at), "this operator is not part of expressions", "");
                return None;
            }
        };
        Some(Node { kind, range })
    }

    fn function(&mut self, call: &FnCallExpr, at: usize) -> Option<Node> {
        let first = if call.namespace.is_empty() { at } else { self.token(call.namespace.position()) };
        let name_range = self.cover(first, at);
        // The arguments stand in the parentheses right after the name.
        let range = self.cover(first, at + 1);
        if call.capture_parent_scope {
            let range = self.cover(first, at + 2);
            self.foreign(range, "a call has no `!`", "leave the `!` out");
            return None;
        }
        let name = self.path(&call.namespace, &call.name, &name_range)?;
        let arguments = self.list(call.args.iter())?;
        Some(Node { kind: NodeKind::Call { name, at: name_range, arguments }, range })
    }

    /// The name of a function, with its module if it has one.
    fn path(&mut self, namespace: &Namespace, name: &str, range: &Range<usize>) -> Option<String> {
        match namespace.path.as_slice() {
            [] => Some(name.to_owned()),
            [module] => Some(format!("{}::{name}", module.name)),
            _ => {
                self.foreign(range.clone(), "a script's function has one module", "write `script::name(…)`");
                None
            }
        }
    }

    fn if_else(&mut self, flow: &FlowControl, position: Position) -> Option<Node> {
        let first = self.token(position);
        let mut last = first;
        let mut branches = Vec::new();
        let mut otherwise = None;
        let mut failed = false;
        let mut flow = flow;
        loop {
            let (condition, then) = (self.expr(&flow.expr), self.block(&flow.body));
            last = last.max(self.token(flow.body.end_position()));
            match (condition, then) {
                (Some(condition), Some(then)) => branches.push((condition, then)),
                _ => failed = true,
            }
            match flow.branch.statements() {
                [] => break,
                [Stmt::If(next, _)] if flow.branch.end_position().is_none() => flow = next,
                _ => {
                    last = last.max(self.token(flow.branch.end_position()));
                    match self.block(&flow.branch) {
                        Some(node) => otherwise = Some(Box::new(node)),
                        None => failed = true,
                    }
                    break;
                }
            }
        }
        let range = self.cover(first, last);
        (!failed).then_some(Node { kind: NodeKind::If { branches, otherwise }, range })
    }

    fn switch(&mut self, item: &Expr, cases: &SwitchCasesCollection, position: Position) -> Option<Node> {
        let first = self.token(position);
        let item = self.expr(item)?;
        // `switch (x) { … }`: the braces come after the item and the parentheses around it.
        let (_, mut open) = self.scan.cover(self.tokens(&item.range).0, self.tokens(&item.range).1);
        while open < self.scan.tokens.len() && self.scan.str(open) != "{" {
            open += 1;
        }
        let close = self.scan.partner(open)?;
        let range = self.cover(first, close);
        let written = self.written_cases(open, close);
        let (mut arms, mut otherwise, mut failed) = (Vec::new(), None, false);
        for (index, arm) in cases.expressions.iter().enumerate() {
            if !matches!(arm.lhs, Expr::BoolConstant(true, _)) {
                let range = self.scan.bytes(self.token(arm.lhs.position()));
                self.foreign(range, "a case has no condition of its own", "write `if … else if …`");
                failed = true;
                continue;
            }
            let Some(then) = self.expr(&arm.rhs) else {
                failed = true;
                continue;
            };
            if cases.def_case == Some(index) {
                otherwise = Some(Box::new(then));
                continue;
            }
            match written.get(index).map(|values| self.case_values(values)) {
                Some(Some(values)) => arms.push((values, then)),
                _ => failed = true,
            }
        }
        (!failed).then_some(Node { kind: NodeKind::Switch { item: item.into(), arms, otherwise }, range })
    }

    /// The tokens of the values of each case, as first and last.
    fn written_cases(&self, open: usize, close: usize) -> Vec<Vec<(usize, usize)>> {
        let mut cases = Vec::new();
        let mut values = Vec::new();
        let (mut start, mut before_arrow) = (open + 1, true);
        let mut t = open + 1;
        while t < close {
            match self.scan.str(t) {
                "|" | "=>" if before_arrow => {
                    if start < t {
                        values.push((start, t - 1));
                    }
                    start = t + 1;
                    if self.scan.str(t) == "=>" {
                        cases.push(std::mem::take(&mut values));
                        before_arrow = false;
                    }
                }
                "," => (start, before_arrow) = (t + 1, true),
                "(" | "[" | "{" => {
                    t = self.scan.partner(t).map_or(close, |p| p.max(t));
                }
                _ => {}
            }
            t += 1;
        }
        cases
    }

    fn case_values(&mut self, values: &[(usize, usize)]) -> Option<Vec<Node>> {
        let mut nodes = Vec::with_capacity(values.len());
        for (from, to) in values {
            let range = self.cover(*from, *to);
            match self.scan.text.get(range.clone()).and_then(literal) {
                Some(kind) => nodes.push(Node { kind, range }),
                None => {
                    let span = self.anchor.span(range.start, range.end);
                    let message = "a case is a written-out number, text or bool";
                    self.diagnostics.push(
                        Diagnostic::error(code::NOT_CONSTANT, span, message)
                            .help("for anything else, write `if … else if …`"),
                    );
                }
            }
        }
        (nodes.len() == values.len()).then_some(nodes)
    }
}
