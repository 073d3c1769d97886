//! In what a number is counted, as far as parameters, dates and names say: for [`date_unit`](super::date_unit) and for hints.

use std::collections::HashMap;

use super::places::{Behind, Index};
use crate::expr::{Arith, Expr, Func, Kind, Slot, Type, Value};
use crate::pack::{Aggregate, Pack, Table};

/// What a number counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// Days.
    Days,
    /// Weeks.
    Weeks,
    /// Months.
    Months,
    /// Years.
    Years,
    /// A part of 1.
    Share,
    /// Money, in a currency.
    Money(String),
}

impl Unit {
    /// As in messages: `days`, `a share`, `EUR`.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Unit::Days => "days",
            Unit::Weeks => "weeks",
            Unit::Months => "months",
            Unit::Years => "years",
            Unit::Share => "a share",
            Unit::Money(currency) => currency,
        }
    }

    /// Whether it counts time.
    #[must_use]
    pub fn is_time(&self) -> bool {
        matches!(self, Unit::Days | Unit::Weeks | Unit::Months | Unit::Years)
    }

    /// What `unit` of a parameter means; `None` for what cannot be compared (`times`, `points of 10`).
    #[must_use]
    pub fn of_word(word: &str) -> Option<Unit> {
        const CURRENCIES: [&str; 12] =
            ["EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "JPY", "CAD", "AUD"];
        match word.trim().to_lowercase().as_str() {
            "day" | "days" | "tage" => Some(Unit::Days),
            "week" | "weeks" | "wochen" => Some(Unit::Weeks),
            "month" | "months" | "monate" => Some(Unit::Months),
            "year" | "years" | "jahre" => Some(Unit::Years),
            "share" => Some(Unit::Share),
            "€" | "euro" | "euros" => Some(Unit::Money("EUR".to_owned())),
            "$" | "dollar" | "dollars" => Some(Unit::Money("USD".to_owned())),
            other => {
                let currency = CURRENCIES.iter().find(|currency| currency.to_lowercase() == other)?;
                Some(Unit::Money((*currency).to_owned()))
            }
        }
    }

    /// What a name says: `days_silent`, `tenure_months`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Unit> {
        let of = |part: &str| match part {
            "days" => Some(Unit::Days),
            "weeks" => Some(Unit::Weeks),
            "months" => Some(Unit::Months),
            "years" => Some(Unit::Years),
            _ => None,
        };
        let last = name.rsplit(['_', '.']).next().and_then(of);
        last.or_else(|| name.rsplit('.').next().and_then(|own| own.split('_').next()).and_then(of))
    }
}

/// The units of a pack's names.
#[derive(Debug)]
pub struct Units<'a> {
    pack: &'a Pack,
    index: Index<'a>,
    by_slot: HashMap<Slot, Unit>,
}

impl<'a> Units<'a> {
    /// Of a pack.
    #[must_use]
    pub fn new(pack: &'a Pack) -> Self {
        let mut units = Units { pack, index: Index::new(pack), by_slot: HashMap::new() };
        for rollup in &pack.rollups {
            let unit = match &rollup.aggregate {
                Aggregate::QuantileGap(_) => Some(Unit::Days),
                Aggregate::Count | Aggregate::CountDistinct => None,
                Aggregate::Share(_) => Some(Unit::Share),
                _ => rollup.value.as_ref().and_then(|value| units.of(value, pack.tables.get(&rollup.table))),
            };
            units.by_slot.extend(unit.map(|unit| (rollup.slot, unit)));
        }
        for fact in &pack.facts {
            if let Some(unit) = units.of(&fact.expr, None) {
                units.by_slot.insert(fact.slot, unit);
            }
        }
        units
    }

    /// The unit of an expression, if there is no doubt. A bare number fits every unit.
    #[must_use]
    pub fn of(&self, expr: &Expr, table: Option<&Table>) -> Option<Unit> {
        if expr.ty != Type::Number {
            return None;
        }
        let one = |x: &Expr| self.of(x, table);
        match &expr.kind {
            Kind::Slot(slot) => self.of_slot(*slot, table),
            Kind::Neg(x) => one(x),
            Kind::Arith(Arith::Sub, a, _) if a.ty == Type::Date => Some(Unit::Days),
            Kind::Arith(Arith::Add | Arith::Sub, a, b) => one(a).or_else(|| one(b)),
            // Days times 1.5 are days; days times 24, or by 30.4, are something else.
            Kind::Arith(Arith::Mul, a, b) => match (factor(a), factor(b)) {
                (Some(_), None) => one(b).filter(|_| !converts(a)),
                (None, Some(_)) => one(a).filter(|_| !converts(b)),
                _ => None,
            },
            Kind::Arith(Arith::Div, a, b) => factor(b).and_then(|_| one(a)).filter(|_| !converts(b)),
            Kind::Coalesce(list) => list.iter().find_map(one),
            Kind::If { branches, otherwise } => {
                branches.iter().map(|(_, then)| then).chain([otherwise.as_ref()]).find_map(one)
            }
            Kind::Call(func, list) => match func {
                Func::DaysBetween => Some(Unit::Days),
                Func::MonthsBetween => Some(Unit::Months),
                Func::YearsBetween => Some(Unit::Years),
                Func::Min | Func::Max | Func::Clamp => list.iter().find_map(one),
                Func::Abs | Func::Round | Func::Floor | Func::Ceil => list.first().and_then(one),
                _ => None,
            },
            _ => None,
        }
    }

    fn of_slot(&self, slot: Slot, table: Option<&Table>) -> Option<Unit> {
        match self.index.behind(slot, table) {
            // What a parameter says counts, and only that.
            Behind::Param(param) => Unit::of_word(&param.unit),
            Behind::Column(column) | Behind::Event(column) => Unit::of_name(&column.name),
            Behind::Rollup(rollup) => self.by_slot.get(&slot).cloned().or_else(|| Unit::of_name(&rollup.name)),
            Behind::Fact(fact) => self.by_slot.get(&slot).cloned().or_else(|| Unit::of_name(&fact.name)),
            Behind::Other => None,
        }
    }

    /// Where it is said that an expression is in its unit: the parameter, fact or rollup it is read from, and its place.
    #[must_use]
    pub fn origin(&self, expr: &Expr, table: Option<&Table>) -> Option<(String, crate::diag::Span)> {
        let slot = expr.slots().into_iter().find(|slot| self.of_slot(*slot, table).is_some())?;
        match self.index.behind(slot, table) {
            Behind::Param(param) => {
                let unit = super::places::entry(&self.pack.tree, &["params", &param.name, "unit"]);
                let at = unit.map_or(param.span, super::places::span_of);
                Some((format!("parameter `{}`", param.name), at))
            }
            Behind::Fact(fact) => Some((format!("fact `{}`", fact.name), fact.span)),
            Behind::Rollup(rollup) => Some((format!("rollup `{}`", rollup.name), rollup.span)),
            Behind::Column(column) | Behind::Event(column) => Some((format!("column `{}`", column.name), column.span)),
            Behind::Other => None,
        }
    }
}

/// A plain factor.
fn factor(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        Kind::Const(Value::Number(x)) => Some(*x),
        _ => None,
    }
}

/// Whether a factor turns one unit into another.
fn converts(expr: &Expr) -> bool {
    const BETWEEN: [f64; 12] = [7.0, 12.0, 24.0, 28.0, 30.0, 31.0, 52.0, 90.0, 91.0, 100.0, 360.0, 4.0];
    factor(expr).is_some_and(|x| BETWEEN.contains(&x) || (30.3..30.6).contains(&x) || (365.0..=366.0).contains(&x))
}
