//! Statements: variables, branches and returns, followed until one value is left.

use rhai::{ASTFlags, ASTNode, Expr as Node, FlowControl, Position, Stmt, Token};

use super::cases::Literal;
use super::source::{Body, Source};
use super::value::{Low, Val, join};
use super::{Guard, WhyNot, may_be_missing, own_slot};
use crate::diag::Span;
use crate::expr::{Compare, Expr, Func, Kind, Slot, Type, Value};
use crate::script::{Limits, Signature};

/// More nodes than this are not written out, however they came to be so many.
const MAX_STEPS: u64 = 20_000;
/// Branches within branches, of the rest of a function after an early return.
const MAX_NESTED: usize = 48;
/// Names a body may define.
const MAX_DEFINED: usize = 400;

/// A variable.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: Val,
    pub(super) constant: bool,
    /// When it was set; what a branch finds out about it does not count.
    set: usize,
}

/// Statements still to come after a block.
pub(super) struct Rest<'r> {
    statements: &'r [Stmt],
    /// How many variables there are outside of the block.
    variables: usize,
    next: Option<&'r Rest<'r>>,
}

impl<'r> Rest<'r> {
    /// `None` if nothing comes any more: then the value of the block is that of the function.
    fn new(statements: &'r [Stmt], variables: usize, next: Option<&'r Rest<'r>>) -> Option<Rest<'r>> {
        (!statements.is_empty() || next.is_some()).then_some(Rest { statements, variables, next })
    }
}

/// Follows a function and those it calls.
pub(super) struct Lowerer<'a> {
    pub(super) source: &'a Source<'a>,
    /// The functions being followed, the innermost last.
    pub(super) within: Vec<&'a Body>,
    names: Vec<(String, usize)>,
    pub(super) variables: Vec<Variable>,
    /// Grows with every assignment, so that one made on some rows only is noticed.
    pub(super) writes: usize,
    definitions: Vec<(Slot, Expr)>,
    next_slot: usize,
    guards: Vec<Guard>,
    /// The branches taken so far.
    path: Vec<Expr>,
    steps: u64,
    nested: usize,
    /// The most variables of a function at one time.
    most: usize,
    limits: Limits,
    /// Where a text is handed to a function of Rhai's, which looks at its length.
    pub(super) text_used: Option<(Span, usize)>,
}

type Found<T> = Result<T, WhyNot>;

impl<'a> Lowerer<'a> {
    pub(super) fn new(source: &'a Source<'a>, signature: &Signature, limits: &Limits) -> Found<Lowerer<'a>> {
        let nothing = WhyNot { reason: "it cannot be read".to_owned(), span: signature.span, line: 0 };
        let body = source.function(&signature.name, signature.parameters.len()).ok_or(nothing)?;
        Ok(Lowerer {
            source,
            within: vec![body],
            names: vec![(signature.name.clone(), signature.parameters.len())],
            variables: Vec::new(),
            writes: 0,
            definitions: Vec::new(),
            next_slot: signature.parameters.len(),
            guards: Vec::new(),
            path: Vec::new(),
            steps: 0,
            nested: 0,
            most: 0,
            limits: *limits,
            text_used: None,
        })
    }

    /// The value of the function itself.
    pub(super) fn function(&mut self, signature: &Signature) -> Found<Val> {
        let Some(body) = self.within.last().copied() else { return Err(self.no(Position::NONE, "it cannot be read")) };
        for (at, parameter) in signature.parameters.iter().enumerate() {
            let expr = Expr { kind: Kind::Slot(own_slot(at)), ty: parameter.ty, span: body.span };
            let value = Low { unit: may_be_missing(signature), ..Low::of(expr, Position::NONE) };
            self.declare(&parameter.name, Val::One(value), false);
        }
        self.body(body)
    }

    fn body(&mut self, body: &'a Body) -> Found<Val> {
        if body.method {
            return Err(self.no(Position::NONE, "a method is called"));
        }
        let value = self.tail(&body.statements, None)?;
        if self.most >= self.limits.max_variables {
            return Err(self.no(Position::NONE, "it has as many variables as are allowed"));
        }
        Ok(value)
    }

    /// The value of another function of the script.
    pub(super) fn inline(&mut self, name: &str, arguments: Vec<Val>, at: Position) -> Found<Val> {
        let arity = arguments.len();
        let Some(body) = self.source.function(name, arity) else {
            return Err(self.no(at, format!("there is no `{name}` with {arity} arguments")));
        };
        if self.names.iter().any(|(known, n)| known == name && *n == arity) {
            return Err(self.no(at, format!("`{name}` calls itself")));
        }
        if self.names.len() + 1 >= self.limits.max_depth {
            return Err(self.no(at, "calls go as deep as is allowed"));
        }
        let outer = std::mem::take(&mut self.variables);
        for (parameter, argument) in body.parameters.iter().zip(arguments) {
            let argument = match argument {
                Val::One(x) => Val::One(self.name(x)),
                list @ Val::List(_) => list,
            };
            self.declare(parameter, argument, false);
        }
        self.within.push(body);
        self.names.push((name.to_owned(), arity));
        let value = self.body(body);
        self.within.pop();
        self.names.pop();
        self.variables = outer;
        value
    }

    // What goes wrong, and what must hold.

    /// Not lowered, because of what stands at a position.
    pub(super) fn no(&self, at: Position, reason: impl Into<String>) -> WhyNot {
        let (span, line) = self.place(at);
        WhyNot { reason: reason.into(), span, line }
    }

    pub(super) fn place(&self, at: Position) -> (Span, usize) {
        let Some(body) = self.within.last() else { return (Span::new(crate::diag::FileId(0), 0, 0), 0) };
        let span = if at.is_none() { body.span } else { body.text.word_at(at) };
        (span, body.text.line(span))
    }

    pub(super) fn span(&self, at: Position) -> Span {
        self.place(at).0
    }

    /// Counts a step; every node of Rhai's tree is a few.
    pub(super) fn step(&mut self, at: Position) -> Found<()> {
        self.steps += 4;
        if self.steps > MAX_STEPS { Err(self.no(at, "it is too large when it is written out")) } else { Ok(()) }
    }

    /// Rows that come here must fulfil a condition, or are called in Rhai.
    pub(super) fn require(&mut self, holds: Expr, unless: impl Into<String>, at: Position) {
        let (span, line) = self.place(at);
        let holds = match self.path.as_slice() {
            [] => holds,
            path => {
                let when = match path {
                    [one] => one.clone(),
                    all => Expr { kind: Kind::And(all.to_vec()), ty: Type::Bool, span },
                };
                let otherwise = Box::new(Expr { kind: Kind::Const(Value::Bool(true)), ty: Type::Bool, span });
                Expr { kind: Kind::If { branches: vec![(when, holds)], otherwise }, ty: Type::Bool, span }
            }
        };
        let guard = Guard { holds, unless: unless.into(), span, line };
        if !self.guards.iter().any(|known| known.holds == guard.holds) {
            self.guards.push(guard);
        }
    }

    /// The value must be there.
    pub(super) fn require_there(&mut self, x: &Low, at: Position) {
        if x.may_be_missing() {
            let what = self.words(x, at);
            let (unit, wild) = (x.unit || x.ty.is_none(), x.wild);
            let unless = match (unit, wild) {
                (true, false) => format!("{what} is missing"),
                (false, true) => format!("{what} is no finite number"),
                _ => format!("{what} is missing or no finite number"),
            };
            let there = self.is_missing(x, false);
            self.require(there, unless, at);
        }
    }

    /// The value must not be `()`.
    pub(super) fn require_some(&mut self, x: &Low, at: Position) {
        if x.unit || x.ty.is_none() {
            self.require_there(x, at);
        }
    }

    fn words(&self, x: &Low, at: Position) -> String {
        let named = self.variables.iter().rev().find(|v| matches!(&v.value, Val::One(y) if y.same(x)));
        match named {
            Some(variable) if matches!(x.expr.kind, Kind::Slot(_)) => format!("`{}`", variable.name),
            _ => {
                let (span, _) = self.place(if x.at.is_none() { at } else { x.at });
                let text = self.within.last().and_then(|b| b.text.text.get(span.start as usize..span.end as usize));
                let text = text.unwrap_or_default();
                match text.chars().next() {
                    Some(c) if c.is_alphanumeric() => format!("`{text}`"),
                    Some(_) => format!("the result of `{text}`"),
                    None => "a value".to_owned(),
                }
            }
        }
    }

    /// Whether a value is missing, or there.
    pub(super) fn is_missing(&self, x: &Low, missing: bool) -> Expr {
        let span = x.expr.span;
        Expr { kind: Kind::IsMissing { item: Box::new(x.expr.clone()), missing }, ty: Type::Bool, span }
    }

    /// What is done in a branch.
    pub(super) fn under<T>(&mut self, when: Expr, work: impl FnOnce(&mut Self) -> Found<T>) -> Found<T> {
        self.path.push(when);
        let done = work(self);
        self.path.pop();
        done
    }

    // Names.

    /// The same value under a name, so that it can be repeated.
    pub(super) fn name(&mut self, x: Low) -> Low {
        if matches!(x.expr.kind, Kind::Slot(_) | Kind::Const(_)) {
            return x;
        }
        let slot = own_slot(self.next_slot);
        self.next_slot += 1;
        let expr = Expr { kind: Kind::Slot(slot), ty: x.expr.ty, span: x.expr.span };
        self.definitions.push((slot, x.expr));
        Low { expr, ..x }
    }

    pub(super) fn declare(&mut self, name: &str, value: Val, constant: bool) {
        self.variables.push(Variable { name: name.to_owned(), value, constant, set: self.writes });
        self.most = self.most.max(self.variables.len());
    }

    pub(super) fn find(&mut self, name: &str) -> Option<&mut Variable> {
        self.variables.iter_mut().rev().find(|v| v.name == name)
    }

    /// A value that is no list.
    pub(super) fn single(&self, value: Val) -> Found<Low> {
        match value {
            Val::One(x) => Ok(x),
            Val::List(list) => {
                let at = list.first().map_or(Position::NONE, |x| x.at);
                Err(self.no(at, "it makes a list"))
            }
        }
    }

    /// Whether Rhai makes a list of so many elements, texts of so many bytes in it.
    pub(super) fn list_fits(&self, elements: usize, bytes: usize) -> bool {
        elements < self.limits.max_array && bytes < self.limits.max_string
    }

    pub(super) fn check_limits(&self, limits: &Limits, at: Position) -> Found<()> {
        if self.steps + 50 + self.source.constant_steps() > limits.max_operations {
            return Err(self.no(at, "it may take more steps than are allowed"));
        }
        if self.definitions.len() > MAX_DEFINED {
            return Err(self.no(at, "it is too large when it is written out"));
        }
        Ok(())
    }

    /// What has been collected, with the guards that concern the texts that come in.
    pub(super) fn finish(mut self, signature: &Signature, limits: &Limits) -> (Vec<(Slot, Expr)>, Vec<Guard>) {
        if let Some((span, line)) = self.text_used {
            // Rhai refuses texts of more bytes than this. A character has up to 4 bytes, and up to 3 capitals.
            let characters = limits.max_string / 12;
            let node = |kind, ty| Expr { kind, ty, span };
            let mut all = Vec::new();
            for (at, _) in signature.parameters.iter().enumerate().filter(|(_, p)| p.ty == Type::Text) {
                let text = node(Kind::Slot(own_slot(at)), Type::Text);
                let length = node(Kind::Call(Func::Len, vec![text.clone()]), Type::Number);
                let most = node(Kind::Const(Value::number(characters as f64)), Type::Number);
                let fits = super::near::exact(Compare::Le, length, most);
                let yes = node(Kind::Const(Value::Bool(true)), Type::Bool);
                all.push(node(Kind::Coalesce(vec![fits, yes]), Type::Bool));
            }
            let holds = match all.len() {
                0 => None,
                1 => all.pop(),
                _ => Some(node(Kind::And(all), Type::Bool)),
            };
            let unless = format!("a text has more than {characters} characters");
            self.guards.extend(holds.map(|holds| Guard { holds, unless, span, line }));
        }
        (self.definitions, self.guards)
    }

    pub(super) fn literal(&self, hash: u64) -> Option<Literal> {
        self.source.literal(&self.within.last()?.text, hash)
    }

    // Statements.

    /// The value of statements at the end of a function, and of what comes after them.
    fn tail(&mut self, statements: &[Stmt], rest: Option<&Rest<'_>>) -> Found<Val> {
        for (at, statement) in statements.iter().enumerate() {
            let after = statements.get(at + 1..).unwrap_or_default();
            let last = after.is_empty() && rest.is_none();
            match statement {
                Stmt::Return(value, flags, position) => {
                    self.step(*position)?;
                    if flags.intersects(ASTFlags::BREAK) {
                        if let Some(value) = value {
                            self.expr(value)?;
                        }
                        let (span, _) = self.place(*position);
                        let never = Expr { kind: Kind::Const(Value::Bool(false)), ty: Type::Bool, span };
                        if self.path.is_empty() {
                            return Err(self.no(*position, "it always throws"));
                        }
                        self.require(never, "it throws", *position);
                        return Ok(Val::One(Low::never(span, *position)));
                    }
                    return match value {
                        Some(value) => self.expr(value),
                        None => Ok(Val::One(Low::nothing(self.span(*position), *position))),
                    };
                }
                Stmt::If(flow, position) if last || returns(statement) => {
                    let rest = Rest::new(after, self.variables.len(), rest);
                    return self.split(flow, *position, rest.as_ref());
                }
                Stmt::Block(block) if last || returns(statement) => {
                    let rest = Rest::new(after, self.variables.len(), rest);
                    return self.tail(block.statements(), rest.as_ref());
                }
                _ if returns(statement) => {
                    let reason = "it returns out of the middle of an expression";
                    return Err(self.no(statement.position(), reason));
                }
                _ if last => return self.statement(statement),
                _ => {
                    self.statement(statement)?;
                }
            }
        }
        match rest {
            // What a block gives is dropped where something comes after it.
            Some(rest) => {
                self.variables.truncate(rest.variables);
                self.tail(rest.statements, rest.next)
            }
            None => Ok(Val::One(Low::nothing(self.span(Position::NONE), Position::NONE))),
        }
    }

    /// An `if` after which each branch goes on by itself to the end of the function.
    fn split(&mut self, flow: &FlowControl, at: Position, rest: Option<&Rest<'_>>) -> Found<Val> {
        self.step(at)?;
        self.nested += 1;
        if self.nested > MAX_NESTED {
            return Err(self.no(at, "it has too many branches"));
        }
        let when = self.condition(&flow.expr)?;
        let outer = self.variables.clone();
        let mut values = Vec::new();
        for (side, block) in [(true, &flow.body), (false, &flow.branch)] {
            self.variables.clone_from(&outer);
            let taken = self.side(&when, side);
            if taken.kind == Kind::Const(Value::Bool(false)) {
                values.push(Low::never(when.expr.span, at));
                continue;
            }
            self.narrow(&flow.expr, side);
            let value = self.under(taken, |l| l.tail(block.statements(), rest))?;
            values.push(self.single(value)?);
        }
        self.variables = outer;
        self.nested -= 1;
        let [then, otherwise] = <[Low; 2]>::try_from(values).map_err(|_| self.no(at, "it cannot be read"))?;
        Ok(Val::One(self.choose(&when, then, otherwise, at)?))
    }

    /// A condition that holds in the branch for a side.
    pub(super) fn side(&self, when: &Low, side: bool) -> Expr {
        match (&when.expr.kind, side) {
            (_, true) => when.expr.clone(),
            (Kind::Const(Value::Bool(b)), false) => {
                Expr { kind: Kind::Const(Value::Bool(!b)), ty: Type::Bool, span: when.expr.span }
            }
            (_, false) => Expr { kind: Kind::Not(Box::new(when.expr.clone())), ty: Type::Bool, span: when.expr.span },
        }
    }

    /// `if when { then } else { otherwise }`
    pub(super) fn choose(&mut self, when: &Low, then: Low, otherwise: Low, at: Position) -> Found<Low> {
        match when.value() {
            Some(Value::Bool(true)) => return Ok(then),
            Some(Value::Bool(false)) => return Ok(otherwise),
            _ => {}
        }
        let Some(joined) = join(&[then.clone(), otherwise.clone()]) else {
            return Err(self.differ(&then, &otherwise, at));
        };
        if then.same(&otherwise) {
            return Ok(joined);
        }
        let ty = joined.ty.unwrap_or(Type::Number);
        let (then, otherwise) = (typed(then.expr, ty), typed(otherwise.expr, ty));
        let mut branches = vec![(when.expr.clone(), then)];
        let otherwise = match otherwise.kind {
            // `else if`
            Kind::If { branches: more, otherwise } if branches.len() + more.len() < 64 => {
                branches.extend(more);
                otherwise
            }
            kind => Box::new(Expr { kind, ..otherwise }),
        };
        let expr = Expr { kind: Kind::If { branches, otherwise }, ty, span: self.span(at) };
        Ok(Low { expr, ..joined })
    }

    pub(super) fn differ(&self, x: &Low, y: &Low, at: Position) -> WhyNot {
        let word = |x: &Low| x.ty.map_or("nothing".to_owned(), super::a);
        self.no(at, format!("this may be {} or {}", word(x), word(y)))
    }

    /// A statement; its value if it has one.
    fn statement(&mut self, statement: &Stmt) -> Found<Val> {
        let at = statement.position();
        self.step(at)?;
        let nothing = Ok(Val::One(Low::nothing(self.span(at), at)));
        match statement {
            Stmt::Noop(_) => nothing,
            Stmt::Expr(expr) => self.effect(expr),
            Stmt::FnCall(call, position) => self.call_node(call, *position),
            Stmt::Block(block) => self.block(block.statements()),
            Stmt::If(flow, position) => self.if_value(flow, *position),
            Stmt::Switch(switch, position) => self.switch(&switch.0, &switch.1, *position),
            Stmt::Var(variable, flags, _) => {
                let value = match self.expr(&variable.1)? {
                    Val::One(x) => Val::One(self.name(x)),
                    list @ Val::List(_) => list,
                };
                self.declare(variable.0.as_str(), value, flags.intersects(ASTFlags::CONSTANT));
                nothing
            }
            Stmt::Assignment(assignment) => {
                let (op, sides) = &**assignment;
                let Node::Variable(variable, ..) = &sides.lhs else {
                    return Err(self.no(at, "it changes a part of something"));
                };
                if !variable.2.is_empty() {
                    return Err(self.no(at, "it changes what is not its own"));
                }
                let name = variable.1.as_str();
                let mut value = self.expr(&sides.rhs)?;
                if let Some((_, _, _, _, token, _)) = op.get_op_assignment_info() {
                    let Some(before) = self.find(name).map(|v| v.value.clone()) else {
                        return Err(self.no(at, format!("there is no variable `{name}`")));
                    };
                    let (before, by) = (self.single(before)?, self.single(value)?);
                    let symbol = match token {
                        Token::Plus => "+",
                        Token::Minus => "-",
                        Token::Multiply => "*",
                        Token::Divide => "/",
                        _ => return Err(self.no(at, "it changes a variable by this operator")),
                    };
                    value = Val::One(self.binary(symbol, before, by, op.position())?);
                }
                self.assign(name, value, at)?;
                nothing
            }
            Stmt::While(..) | Stmt::Do(..) | Stmt::For(..) => Err(self.no(at, "it has a loop")),
            Stmt::TryCatch(..) => Err(self.no(at, "it catches errors")),
            Stmt::Share(_) => Err(self.no(at, "it has a closure")),
            Stmt::Return(..) => Err(self.no(at, "it returns out of the middle of an expression")),
            _ => Err(self.no(at, "an expression has no such statement")),
        }
    }

    pub(super) fn assign(&mut self, name: &str, value: Val, at: Position) -> Found<()> {
        let value = match value {
            Val::One(x) => Val::One(self.name(x)),
            list @ Val::List(_) => list,
        };
        self.writes += 1;
        let now = self.writes;
        match self.find(name) {
            Some(variable) if !variable.constant => {
                variable.value = value;
                variable.set = now;
                Ok(())
            }
            Some(_) => Err(self.no(at, format!("`{name}` is a constant"))),
            None => Err(self.no(at, format!("there is no variable `{name}`"))),
        }
    }

    /// The value of a block; its variables end with it.
    pub(super) fn block(&mut self, statements: &[Stmt]) -> Found<Val> {
        let outer = self.variables.len();
        let mut value = Val::One(Low::nothing(self.span(Position::NONE), Position::NONE));
        for statement in statements {
            value = self.statement(statement)?;
        }
        self.variables.truncate(outer);
        Ok(value)
    }

    /// `if` whose branches come together again.
    pub(super) fn if_value(&mut self, flow: &FlowControl, at: Position) -> Found<Val> {
        self.step(at)?;
        let when = self.condition(&flow.expr)?;
        let outer = self.variables.clone();
        let mut ends = Vec::new();
        for (side, block) in [(true, &flow.body), (false, &flow.branch)] {
            self.variables.clone_from(&outer);
            let taken = self.side(&when, side);
            self.narrow(&flow.expr, side);
            let value = self.under(taken, |l| l.block(block.statements()))?;
            ends.push((self.single(value)?, std::mem::take(&mut self.variables)));
        }
        let [(then, one), (otherwise, other)] =
            <[(Low, Vec<Variable>); 2]>::try_from(ends).map_err(|_| self.no(at, "it cannot be read"))?;
        self.variables = self.together(&when, one, other, &outer, at)?;
        Ok(Val::One(self.choose(&when, then, otherwise, at)?))
    }

    /// The variables after two branches.
    pub(super) fn together(
        &mut self,
        when: &Low,
        one: Vec<Variable>,
        other: Vec<Variable>,
        before: &[Variable],
        at: Position,
    ) -> Found<Vec<Variable>> {
        let mut all = Vec::with_capacity(before.len());
        for ((a, b), old) in one.into_iter().zip(other).zip(before) {
            // A branch may know more of a variable than is known afterwards.
            if a.set == old.set && b.set == old.set {
                all.push(old.clone());
                continue;
            }
            let set = a.set.max(b.set);
            let (Val::One(x), Val::One(y)) = (a.value, b.value) else {
                return Err(self.no(at, format!("`{}` is a list or something else", old.name)));
            };
            let value = self.choose(when, x, y, at)?;
            all.push(Variable { value: Val::One(self.name(value)), set, ..old.clone() });
        }
        Ok(all)
    }
}

/// Whether a statement holds a `return` (or a `throw`) anywhere.
fn returns(statement: &Stmt) -> bool {
    let mut found = false;
    statement.walk(&mut Vec::new(), &mut |path| {
        found |= matches!(path.last(), Some(ASTNode::Stmt(Stmt::Return(..))));
        !found
    });
    found
}

/// An expression in a place of a type: `()` has any.
pub(super) fn typed(expr: Expr, ty: Type) -> Expr {
    if expr.kind == Kind::Const(Value::Missing) { Expr { ty, ..expr } } else { expr }
}
