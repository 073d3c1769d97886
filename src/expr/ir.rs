//! The typed tree of an expression: what a text means once every name and type is known.

use std::sync::Arc;

use super::functions::Func;
use super::value::{Type, Value};
use crate::diag::Span;

/// A name of a pack: an index into [`Names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u32);

/// When a name gets its value. A rule may use only names of its own stage or an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Parameters and `today`: the same for every record of a run.
    Run,
    /// Columns and rollups.
    Record,
    /// Facts.
    Fact,
    /// `state`, `track`.
    State,
    /// `cause`, `class`, `confidence`.
    Cause,
    /// `score.<criterion>`.
    Score,
    /// `worth`, `chance` and every other dimension.
    Dimension,
    /// `priority`.
    Priority,
    /// `grade`.
    Grade,
    /// Campaign candidates; also follow-ups and money.
    Campaign,
}

/// What kind of thing a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// The as-of date.
    Today,
    /// A parameter.
    Param,
    /// A column of the record.
    Column,
    /// A rollup.
    Rollup,
    /// A fact.
    Fact,
    /// Decided by a stage (`state`, `score.payment`, …).
    Decided,
}

/// One entry of the name space.
#[derive(Debug, Clone)]
pub struct Name {
    /// As written in expressions: `days_silent`, `score.payment`.
    pub name: String,
    /// What it is.
    pub kind: NameKind,
    /// When it is known.
    pub stage: Stage,
    /// Its type.
    pub ty: Type,
    /// Where it is declared; `None` for the built-in ones.
    pub span: Option<Span>,
}

/// The one name space of a pack.
#[derive(Debug, Clone, Default)]
pub struct Names {
    list: Vec<Name>,
    index: std::collections::HashMap<String, Slot>,
}

impl Names {
    /// Adds a name. If it is taken, returns the slot that has it as the error.
    pub fn add(&mut self, name: Name) -> Result<Slot, Slot> {
        if let Some(taken) = self.index.get(&name.name) {
            return Err(*taken);
        }
        let slot = Slot(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.index.insert(name.name.clone(), slot);
        self.list.push(name);
        Ok(slot)
    }

    /// The slot of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Slot> {
        self.index.get(name).copied()
    }

    /// The name of a slot.
    ///
    /// # Panics
    /// Never for a slot made by [`Names::add`] of this table, which is the only way to get one.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "slots are only made by `add`")]
    pub fn get(&self, slot: Slot) -> &Name {
        &self.list[slot.0 as usize]
    }

    /// Changes the type of a name, once inference has found it.
    pub fn set_type(&mut self, slot: Slot, ty: Type) {
        if let Some(name) = self.list.get_mut(slot.0 as usize) {
            name.ty = ty;
        }
    }

    /// All names in order.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &Name)> {
        self.list.iter().enumerate().map(|(i, n)| (Slot(i as u32), n))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// `+ - * / % **`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arith {
    /// Sum; `date + number` moves a date by whole days (a fraction is dropped downwards).
    Add,
    /// Difference; `date - date` is days, `date - number` a date.
    Sub,
    /// Product.
    Mul,
    /// Real division; by zero is missing.
    Div,
    /// Remainder with the sign of the left side; by zero is missing.
    Rem,
    /// Power; missing where it is not a finite real number.
    Pow,
}

/// `== != < <= > >=`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compare {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

impl Compare {
    /// The symbol.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Compare::Eq => "==",
            Compare::Ne => "!=",
            Compare::Lt => "<",
            Compare::Le => "<=",
            Compare::Gt => ">",
            Compare::Ge => ">=",
        }
    }

    /// `b op a` for `a op b`.
    #[must_use]
    pub fn mirrored(self) -> Compare {
        match self {
            Compare::Eq | Compare::Ne => self,
            Compare::Lt => Compare::Gt,
            Compare::Le => Compare::Ge,
            Compare::Gt => Compare::Lt,
            Compare::Ge => Compare::Le,
        }
    }

    /// The comparison that is true where this one is false. Where a side is missing, both are.
    #[must_use]
    pub fn negated(self) -> Compare {
        match self {
            Compare::Eq => Compare::Ne,
            Compare::Ne => Compare::Eq,
            Compare::Lt => Compare::Ge,
            Compare::Le => Compare::Gt,
            Compare::Gt => Compare::Le,
            Compare::Ge => Compare::Lt,
        }
    }
}

impl Arith {
    /// The symbol.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Arith::Add => "+",
            Arith::Sub => "-",
            Arith::Mul => "*",
            Arith::Div => "/",
            Arith::Rem => "%",
            Arith::Pow => "**",
        }
    }
}

/// A typed expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it does.
    pub kind: Kind,
    /// Its type. A bare `()` takes the type its context asks for (number if there is none).
    pub ty: Type,
    /// Where it is written: the whole sub-expression.
    pub span: Span,
}

/// The forms an expression can have. All sub-expressions are typed and fit.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A literal, or `()` as [`Value::Missing`].
    Const(Value),
    /// The value of a name.
    Slot(Slot),
    /// `-x`.
    Neg(Box<Expr>),
    /// Kleene `!x`.
    Not(Box<Expr>),
    /// Arithmetic on numbers, and the three date forms (told apart by the operand types).
    Arith(Arith, Box<Expr>, Box<Expr>),
    /// Comparison of two values of one type; missing if either is. `<` on bools is a type error.
    Compare(Compare, Box<Expr>, Box<Expr>),
    /// `x == ()` (true) and `x != ()` (false): never missing.
    IsMissing {
        /// The value asked about.
        item: Box<Expr>,
        /// Whether "is missing" is the question (`==`), or "is there" (`!=`).
        missing: bool,
    },
    /// Kleene `&&` of two or more.
    And(Vec<Expr>),
    /// Kleene `||` of two or more.
    Or(Vec<Expr>),
    /// `a ?? b ?? …`: the first that is there.
    Coalesce(Vec<Expr>),
    /// `x in [a, b]`, meaning `x == a || x == b`; `negated` for `!in`.
    In {
        /// The value looked for.
        item: Box<Expr>,
        /// What it is compared with; may be empty (then false).
        list: Vec<Expr>,
        /// `!in`.
        negated: bool,
    },
    /// `if a { x } else if b { y } else { z }`: the first branch whose condition is *true* (missing is
    /// not true, as in SQL's `CASE`); without `else`, missing.
    If {
        /// Condition and result, in order.
        branches: Vec<(Expr, Expr)>,
        /// `else`.
        otherwise: Box<Expr>,
    },
    /// `switch x { 1 | 2 => a, _ => b }`: a missing `x` goes to `_`; without `_`, missing.
    Switch {
        /// The value looked at.
        item: Box<Expr>,
        /// Literals (never missing, of the item's type) and the result.
        arms: Vec<(Vec<Value>, Expr)>,
        /// `_`.
        otherwise: Box<Expr>,
    },
    /// A built-in function. Its constant list and pattern arguments are in `Func` already compiled.
    Call(Func, Vec<Expr>),
    /// A function of a pack's script.
    Script(Arc<crate::script::Signature>, Vec<Expr>),
}

impl Expr {
    /// Calls `visit` on this expression and every one below it, parents first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        match &self.kind {
            Kind::Const(_) | Kind::Slot(_) => {}
            Kind::Neg(x) | Kind::Not(x) | Kind::IsMissing { item: x, .. } => x.walk(visit),
            Kind::Arith(_, a, b) | Kind::Compare(_, a, b) => {
                a.walk(visit);
                b.walk(visit);
            }
            Kind::And(list) | Kind::Or(list) | Kind::Coalesce(list) | Kind::Call(_, list) | Kind::Script(_, list) => {
                for x in list {
                    x.walk(visit);
                }
            }
            Kind::In { item, list, .. } => {
                item.walk(visit);
                for x in list {
                    x.walk(visit);
                }
            }
            Kind::If { branches, otherwise } => {
                for (condition, then) in branches {
                    condition.walk(visit);
                    then.walk(visit);
                }
                otherwise.walk(visit);
            }
            Kind::Switch { item, arms, otherwise } => {
                item.walk(visit);
                for (_, then) in arms {
                    then.walk(visit);
                }
                otherwise.walk(visit);
            }
        }
    }

    /// The slots it reads, each once, in order of first use.
    #[must_use]
    pub fn slots(&self) -> Vec<Slot> {
        let mut found = Vec::new();
        self.walk(&mut |e| {
            if let Kind::Slot(slot) = e.kind
                && !found.contains(&slot)
            {
                found.push(slot);
            }
        });
        found
    }
}
