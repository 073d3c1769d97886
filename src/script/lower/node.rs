//! Expressions of a script.

use rhai::{ASTFlags, Dynamic, Expr as Node, FnCallExpr, Position, SwitchCasesCollection};

use super::WhyNot;
use super::body::{Lowerer, Variable, typed};
use super::cases::Literal;
use super::value::{Low, Val, join};
use crate::expr::{Expr, Kind, Type, Value};

type Found<T> = Result<T, WhyNot>;

/// Operators by name; functions of a script cannot have such names.
const OPERATORS: [&str; 12] = ["+", "-", "*", "/", "%", "**", "==", "!=", "<", "<=", ">", ">="];

impl Lowerer<'_> {
    /// An expression as a statement: one method changes its variable.
    pub(super) fn effect(&mut self, node: &Node) -> Found<Val> {
        if let Node::Dot(pair, flags, at) = node
            && !flags.intersects(ASTFlags::NEGATED)
            && let (Node::Variable(variable, ..), Node::MethodCall(call, _)) = (&pair.lhs, &pair.rhs)
            && (call.name.as_str(), call.args.len()) == ("trim", 0)
            && variable.2.is_empty()
            && !self.source.has_function("trim")
        {
            let name = variable.1.to_string();
            self.step(*at)?;
            let x = self.expr(&pair.lhs)?;
            let x = self.single(x)?;
            let x = self.trimmed(x, *at)?;
            self.assign(&name, Val::One(x), *at)?;
            return Ok(Val::One(Low::nothing(self.span(*at), *at)));
        }
        self.expr(node)
    }

    pub(super) fn one(&mut self, node: &Node) -> Found<Low> {
        let value = self.expr(node)?;
        self.single(value)
    }

    pub(super) fn expr(&mut self, node: &Node) -> Found<Val> {
        let at = node.position();
        self.step(at)?;
        let span = self.span(at);
        let constant = |value| Ok(Val::One(Low::constant(value, span, at)));
        match node {
            Node::BoolConstant(b, _) => constant(Value::Bool(*b)),
            Node::FloatConstant(x, _) if x.is_finite() => constant(Value::number(**x)),
            Node::StringConstant(text, _) => constant(Value::text(text.as_str())),
            Node::IntegerConstant(n, _) => match Low::whole(*n, span, at) {
                Some(x) => Ok(Val::One(x)),
                None => Err(self.no(at, "a whole number is too large")),
            },
            Node::Unit(_) => Ok(Val::One(Low::nothing(span, at))),
            Node::CharConstant(..) => Err(self.no(at, "a single character in `'…'`; write it in `\"…\"`")),
            Node::DynamicConstant(value, _) => self.constant(value, at),
            Node::Array(list, _) => {
                let mut values = Vec::new();
                for x in list.iter() {
                    values.push(self.one(x)?);
                }
                if values.iter().any(|x| x.value().is_none()) {
                    return Err(self.no(at, "it makes a list"));
                }
                Ok(Val::List(values))
            }
            Node::Variable(variable, ..) => {
                let name = variable.1.as_str();
                match variable.2.path.as_slice() {
                    [] => match self.find(name) {
                        Some(found) => Ok(match &found.value {
                            Val::One(x) => Val::One(Low { at, ..x.clone() }),
                            list @ Val::List(_) => list.clone(),
                        }),
                        None => Err(self.no(at, format!("`{name}` is not a variable"))),
                    },
                    [global] if global.name == "global" => {
                        let Some(constant) = self.source.constant(name) else {
                            return Err(self.no(at, format!("there is no constant `{name}`")));
                        };
                        match constant.get_literal_value(None) {
                            Some(value) => self.constant(&value, at),
                            None => Err(self.no(at, format!("the constant `{name}` is computed"))),
                        }
                    }
                    _ => Err(self.no(at, "it reads what another script has")),
                }
            }
            Node::And(list, _) => self.all_or_any(list, true, at),
            Node::Or(list, _) => self.all_or_any(list, false, at),
            Node::Coalesce(list, _) => self.coalesce(list, at),
            Node::FnCall(call, position) => self.call_node(call, *position),
            Node::Dot(pair, flags, _) => {
                if flags.intersects(ASTFlags::NEGATED) {
                    return Err(self.no(at, "an expression has no `?.`"));
                }
                let base = self.expr(&pair.lhs)?;
                self.chain(base, &pair.rhs)
            }
            Node::Stmt(block) => self.block(block.statements()),
            Node::InterpolatedString(..) => Err(self.no(at, "an expression cannot join texts")),
            Node::Index(..) => Err(self.no(at, "it looks into a list or a map")),
            Node::Map(..) => Err(self.no(at, "it makes a map")),
            _ => Err(self.no(at, "an expression has nothing like this")),
        }
    }

    fn constant(&self, value: &Dynamic, at: Position) -> Found<Val> {
        let span = self.span(at);
        let one = |value: &Dynamic| {
            if let Ok(n) = value.as_int() {
                return Low::whole(n, span, at);
            }
            if value.is_char() {
                return None;
            }
            let known = crate::script::sandbox::from_script(value)?;
            let finite = !value.is_float() || !known.is_missing();
            finite.then(|| Low::constant(known, span, at))
        };
        let list = value.as_array_ref().ok();
        let found = match list {
            Some(list) => list.iter().map(one).collect::<Option<Vec<Low>>>().map(Val::List),
            None => one(value).map(Val::One),
        };
        let reason = if value.is_fnptr() { "it has a closure" } else { "an expression has no such value" };
        found.ok_or_else(|| self.no(at, reason))
    }

    /// A condition: a bool that is there, under a name.
    pub(super) fn condition(&mut self, node: &Node) -> Found<Low> {
        let x = self.one(node)?;
        let at = node.position();
        match x.ty {
            Some(Type::Bool) => {
                self.require_some(&x, at);
                Ok(self.name(Low { unit: false, ..x }))
            }
            Some(ty) => Err(self.no(at, format!("{} is no condition", super::a(ty)))),
            None => Err(self.no(at, "nothing, `()`, is no condition")),
        }
    }

    /// `&&`, `||`: what stands behind is asked only if it matters.
    fn all_or_any(&mut self, list: &[Node], all: bool, at: Position) -> Found<Val> {
        let span = self.span(at);
        let outer = self.variables.clone();
        let writes = self.writes;
        let mut parts: Vec<Expr> = Vec::new();
        let mut decided = false;
        for node in list {
            if decided {
                break;
            }
            let before = match parts.as_slice() {
                [] => Expr { kind: Kind::Const(Value::Bool(true)), ty: Type::Bool, span },
                parts if all => Expr { kind: Kind::And(parts.to_vec()), ty: Type::Bool, span },
                parts => {
                    let any = Expr { kind: Kind::Or(parts.to_vec()), ty: Type::Bool, span };
                    Expr { kind: Kind::Not(Box::new(any)), ty: Type::Bool, span }
                }
            };
            let part =
                if parts.is_empty() { self.condition(node)? } else { self.under(before, |l| l.condition(node))? };
            match part.value() {
                Some(Value::Bool(b)) if *b == all => {}
                Some(Value::Bool(_)) => {
                    parts.push(part.expr);
                    decided = true;
                }
                _ => parts.push(part.expr),
            }
            self.narrow(node, all);
        }
        if self.writes != writes {
            return Err(self.no(at, "it changes a variable within a condition"));
        }
        self.variables = outer;
        let expr = match parts.len() {
            0 => Expr { kind: Kind::Const(Value::Bool(all)), ty: Type::Bool, span },
            1 => parts.remove(0),
            _ if all => Expr { kind: Kind::And(parts), ty: Type::Bool, span },
            _ => Expr { kind: Kind::Or(parts), ty: Type::Bool, span },
        };
        Ok(Val::One(Low::of(expr, at)))
    }

    /// `a ?? b`: only `()` is replaced, a number that is not finite stays.
    fn coalesce(&mut self, list: &[Node], at: Position) -> Found<Val> {
        let Some((first, others)) = list.split_first() else { return Err(self.no(at, "it cannot be read")) };
        let writes = self.writes;
        let mut value = self.one(first)?;
        for node in others {
            if value.ty.is_none() && value.unit {
                value = self.one(node)?;
                continue;
            }
            if !value.unit {
                break;
            }
            if value.wild {
                self.require_there(&value, at);
                value.unit = false;
                break;
            }
            value = self.name(value);
            let missing = self.is_missing(&value, true);
            let next = self.under(missing, |l| l.one(node))?;
            let known = Low { unit: false, ..value.clone() };
            let Some(joined) = join(&[known, next.clone()]) else { return Err(self.differ(&value, &next, at)) };
            let ty = joined.ty.unwrap_or(Type::Number);
            let parts = vec![value.expr, typed(next.expr, ty)];
            value = Low { expr: Expr { kind: Kind::Coalesce(parts), ty, span: self.span(at) }, ..joined };
        }
        if self.writes != writes {
            return Err(self.no(at, "it changes a variable within `??`"));
        }
        Ok(Val::One(value))
    }

    /// What a branch knows of the variables its condition asked about.
    pub(super) fn narrow(&mut self, condition: &Node, holds: bool) {
        match condition {
            Node::And(list, _) if holds => list.iter().for_each(|x| self.narrow(x, true)),
            Node::Or(list, _) if !holds => list.iter().for_each(|x| self.narrow(x, false)),
            Node::FnCall(call, _) => match (call.name.as_str(), call.args.as_slice()) {
                ("!", [x]) => self.narrow(x, !holds),
                (
                    name @ ("==" | "!="),
                    [Node::Variable(variable, ..), Node::Unit(_)] | [Node::Unit(_), Node::Variable(variable, ..)],
                ) if variable.2.is_empty() => {
                    let nothing = (name == "==") == holds;
                    if let Some(Variable { value: Val::One(x), .. }) = self.find(variable.1.as_str()) {
                        if !nothing {
                            x.unit = x.unit && x.ty.is_none();
                        } else if x.unit {
                            *x = Low::nothing(x.expr.span, x.at);
                        }
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    pub(super) fn call_node(&mut self, call: &FnCallExpr, at: Position) -> Found<Val> {
        self.step(at)?;
        if let Some(module) = call.namespace.path.first() {
            return Err(self.no(at, format!("it calls the script `{}`", module.name)));
        }
        if call.capture_parent_scope {
            return Err(self.no(at, "it calls with its own variables"));
        }
        match (call.name.as_str(), call.args.as_slice()) {
            (name @ ("-" | "+" | "!"), [x]) => {
                let x = self.one(x)?;
                Ok(Val::One(self.unary(name, x, at)?))
            }
            (name, [x, y]) if OPERATORS.contains(&name) => {
                let (x, y) = (self.one(x)?, self.one(y)?);
                Ok(Val::One(self.binary(name, x, y, at)?))
            }
            (name, arguments) => {
                let mut values = Vec::new();
                for argument in arguments {
                    values.push(self.expr(argument)?);
                }
                if self.source.function(name, values.len()).is_some() {
                    return self.inline(name, values, at);
                }
                self.builtin(name, values, at)
            }
        }
    }

    /// Methods and properties, one after the other.
    fn chain(&mut self, base: Val, node: &Node) -> Found<Val> {
        let at = node.position();
        self.step(at)?;
        match node {
            Node::MethodCall(call, position) => {
                let name = call.name.as_str();
                if self.source.has_function(name) {
                    return Err(self.no(*position, format!("`{name}` is called as a method")));
                }
                let mut values = vec![base];
                for argument in &call.args {
                    values.push(self.expr(argument)?);
                }
                self.builtin(name, values, *position)
            }
            Node::Property(property, position) => {
                let base = self.single(base)?;
                Ok(Val::One(self.property(property.2.as_str(), base, *position)?))
            }
            Node::Dot(pair, flags, _) if !flags.intersects(ASTFlags::NEGATED) => {
                let base = self.chain(base, &pair.lhs)?;
                self.chain(base, &pair.rhs)
            }
            _ => Err(self.no(at, "an expression has nothing like this")),
        }
    }

    pub(super) fn switch(&mut self, item: &Node, cases: &SwitchCasesCollection, at: Position) -> Found<Val> {
        self.step(at)?;
        let item = self.one(item)?;
        if !cases.ranges.is_empty() {
            return Err(self.no(at, "a case is a range"));
        }
        let arms = self.arms(&item, cases, at)?;
        let item = self.name(item);
        let span = self.span(at);
        let outer = self.variables.clone();
        let (mut ends, mut values) = (Vec::new(), Vec::new());
        let mut before: Vec<Expr> = Vec::new();
        for (literals, then) in &arms {
            let yes = Box::new(Expr { kind: Kind::Const(Value::Bool(false)), ty: Type::Bool, span });
            let one = Expr { kind: Kind::Const(Value::Bool(true)), ty: Type::Bool, span };
            let kind =
                Kind::Switch { item: Box::new(item.expr.clone()), arms: vec![(literals.clone(), one)], otherwise: yes };
            let when = self.name(Low::of(Expr { kind, ty: Type::Bool, span }, at));
            self.variables.clone_from(&outer);
            let value = self.under(when.expr.clone(), |l| l.one(then))?;
            before.push(self.side(&when, false));
            values.push((literals.clone(), value));
            ends.push((when, std::mem::take(&mut self.variables)));
        }
        self.variables.clone_from(&outer);
        let default = match cases.def_case.and_then(|at| cases.expressions.get(at)) {
            Some(arm) => {
                let none = match before.len() {
                    0 => Expr { kind: Kind::Const(Value::Bool(true)), ty: Type::Bool, span },
                    1 => before.remove(0),
                    _ => Expr { kind: Kind::And(before), ty: Type::Bool, span },
                };
                self.under(none, |l| l.one(&arm.rhs))?
            }
            None => Low::nothing(span, at),
        };
        // From the last case to the first, as `if … else if …`.
        let mut variables = std::mem::take(&mut self.variables);
        for (when, end) in ends.into_iter().rev() {
            variables = self.together(&when, end, variables, &outer, at)?;
        }
        self.variables = variables;

        let all: Vec<Low> = values.iter().map(|(_, x)| x.clone()).chain([default.clone()]).collect();
        let Some(joined) = join(&all) else {
            let (x, y) = all.iter().zip(all.iter().skip(1)).find(|(x, y)| x.ty != y.ty).unwrap_or((&item, &default));
            return Err(self.differ(x, y, at));
        };
        if values.is_empty() {
            return Ok(Val::One(default));
        }
        let ty = joined.ty.unwrap_or(Type::Number);
        let arms = values.into_iter().map(|(literals, x)| (literals, typed(x.expr, ty))).collect();
        let otherwise = Box::new(typed(default.expr, ty));
        let kind = Kind::Switch { item: Box::new(item.expr), arms, otherwise };
        Ok(Val::One(Low { expr: Expr { kind, ty, span }, ..joined }))
    }

    /// The values of each case that can be met, and what it gives.
    fn arms<'n>(
        &mut self,
        item: &Low,
        cases: &'n SwitchCasesCollection,
        at: Position,
    ) -> Found<Vec<(Vec<Value>, &'n Node)>> {
        let mut arms: Vec<(usize, Vec<Value>, &Node)> = Vec::new();
        let mut found: Vec<(usize, u64)> = Vec::new();
        for (hash, case) in cases.cases.iter() {
            if let Some(first) = case.blocks.first() {
                found.push((*first, *hash));
            }
        }
        found.sort_unstable();
        for (block, hash) in found {
            let Some(arm) = cases.expressions.get(block) else { return Err(self.no(at, "it cannot be read")) };
            if !matches!(arm.lhs, Node::BoolConstant(true, _)) {
                return Err(self.no(arm.lhs.position(), "a case has a condition of its own"));
            }
            let literal = self.literal(hash);
            let value = match (literal, item.ty) {
                (Some(Literal::Text(text)), Some(Type::Text)) => Value::text(text),
                (Some(Literal::Bool(b)), Some(Type::Bool)) => Value::Bool(b),
                (Some(Literal::Whole(n)), Some(Type::Number)) if item.int && !item.float => {
                    match Low::whole(n, self.span(at), at) {
                        Some(x) => x.value().cloned().unwrap_or(Value::Missing),
                        None => return Err(self.no(at, "a whole number is too large")),
                    }
                }
                // Rhai tells 0.0 and -0.0 apart.
                (Some(Literal::Float(x)), Some(Type::Number)) if item.float && !item.int && x != 0.0 => {
                    Value::number(x)
                }
                (Some(Literal::Float(_)), Some(Type::Number)) if item.float && !item.int => {
                    return Err(self.no(at, "a case is 0.0"));
                }
                (Some(Literal::Whole(_) | Literal::Float(_)), Some(Type::Number)) if item.int != item.float => continue,
                (Some(Literal::Whole(_) | Literal::Float(_)), Some(Type::Number)) => {
                    return Err(self.no(at, "the number may be whole or not"));
                }
                // Another type is never met.
                (Some(_), Some(_)) => continue,
                (Some(_), None) => continue,
                (None, _) => return Err(self.no(at, "a case is something else than a text, bool or number")),
            };
            match arms.iter_mut().find(|(known, ..)| *known == block) {
                Some((_, values, _)) => values.push(value),
                None => arms.push((block, vec![value], &arm.rhs)),
            }
        }
        Ok(arms.into_iter().map(|(_, values, then)| (values, then)).collect())
    }
}
