//! Functions that mean the same in a script and in an expression.
//!
//! A function of expressions gives `()` in a script for whatever is missing or not finite. Where Rhai has its own version for
//! floats (`abs`, `floor`, `round`, `sqrt`, `ln`, `exp`, `min`, `max`), that one is called, and computes on with what is not finite.

use std::sync::Arc;

use rhai::Position;

use super::body::Lowerer;
use super::value::{Low, Val};
use super::{WhyNot, a};
use crate::expr::functions::Words;
use crate::expr::{Compare, Date, Expr, Func, Kind, Type, Value};

type Found<T> = Result<T, WhyNot>;

use Type::{Bool, Date as Day, Number, Text};

impl Lowerer<'_> {
    /// A function of the sandbox, with what it is given.
    pub(super) fn builtin(&mut self, name: &str, arguments: Vec<Val>, at: Position) -> Found<Val> {
        let made = match (name, arguments.as_slice()) {
            ("contains", [Val::List(list), Val::One(item)]) => self.is_in(item.clone(), list, at)?,
            ("mentions", [Val::One(text), Val::List(words)]) => self.mentions(text.clone(), words, at)?,
            _ => {
                let mut list = Vec::new();
                for argument in arguments {
                    list.push(self.single(argument)?);
                }
                self.function_of(name, list, at)?
            }
        };
        Ok(Val::One(made))
    }

    fn function_of(&mut self, name: &str, list: Vec<Low>, at: Position) -> Found<Low> {
        if let Some(never) = list.iter().find(|x| x.ty.is_none() && !x.unit) {
            return Ok(never.clone());
        }
        match (name, list.as_slice()) {
            ("print" | "debug", _) => Err(self.no(at, "it prints")),
            ("abs" | "floor" | "round" | "sqrt" | "ln" | "exp", [x]) if x.ty != Some(Number) && x.ty.is_some() => {
                Err(self.misfit(name, x, at))
            }
            ("abs" | "floor" | "round" | "sqrt" | "ln" | "exp", [x]) if x.ty.is_none() => Ok(x.clone()),
            ("abs", [x]) => {
                let most = x.low.abs().max(x.high.abs());
                let least = if x.low <= 0.0 && x.high >= 0.0 { 0.0 } else { x.low.abs().min(x.high.abs()) };
                let made = self.make(Func::Abs, &list, Number, at);
                Ok(Low { unit: x.unit, wild: x.wild, float: x.float, int: x.int, reach: x.reach, ..made }
                    .within(least, most))
            }
            ("floor", [x]) => Ok(self.of_float(Func::Floor, x, false, at).within(x.low.floor(), x.high.floor())),
            ("round", [x]) => Ok(self.of_float(Func::Round, x, false, at).within(x.low.round(), x.high.round())),
            ("sqrt", [x]) => {
                let made = self.of_float(Func::Sqrt, x, x.low < 0.0, at);
                Ok(made.within(x.low.max(0.0).sqrt(), x.high.max(0.0).sqrt()))
            }
            ("ln", [x]) => Ok(self.of_float(Func::Ln, x, x.low <= 0.0, at).within(-1e3, 1e3)),
            ("exp", [x]) => {
                // The exponent -inf would give 0.
                self.require_there_if_wild(x, at);
                let fails = !x.high.exp().is_finite();
                Ok(Low { wild: fails && x.float, ..self.of_float(Func::Exp, x, fails, at) })
            }
            ("min" | "max", [x, y]) => self.extreme(name, x, y, at),
            ("min" | "max", [x, ..]) if list.len() == 3 => {
                let func = if name == "min" { Func::Min } else { Func::Max };
                let ty = if x.ty == Some(Day) { Day } else { Number };
                self.ours(func, &[ty; 3], list, ty, false, at)
            }
            ("ceil", [_]) => self.ours(Func::Ceil, &[Number], list, Number, false, at),
            ("round", [_, _]) => self.ours(Func::Round, &[Number, Number], list, Number, false, at),
            ("pow", [_, _]) => self.ours(Func::Pow, &[Number, Number], list, Number, true, at),
            ("clamp", [_, low, high]) => {
                let (least, most) = (low.low.min(high.low), high.high);
                Ok(self.ours(Func::Clamp, &[Number; 3], list, Number, false, at)?.within(least, most))
            }
            ("days_between", [_, _]) => self.ours(Func::DaysBetween, &[Day, Day], list, Number, false, at),
            ("months_between", [_, _]) => self.ours(Func::MonthsBetween, &[Day, Day], list, Number, false, at),
            ("years_between", [_, _]) => self.ours(Func::YearsBetween, &[Day, Day], list, Number, false, at),
            ("add_days", [_, _]) => self.ours(Func::AddDays, &[Day, Number], list, Day, true, at),
            ("add_months", [_, _]) => self.ours(Func::AddMonths, &[Day, Number], list, Day, true, at),
            ("year" | "month" | "day" | "weekday", [_]) => {
                self.ours(date_part(name), &[Day], list, Number, false, at).map(|x| x.within(-1e4, 1e4))
            }
            ("lower", [_]) => self.ours(Func::Lower, &[Text], list, Text, false, at),
            ("upper", [_]) => self.ours(Func::Upper, &[Text], list, Text, false, at),
            ("to_lower", [_]) => self.strict(name, Func::Lower, list, Text, at),
            ("to_upper", [_]) => self.strict(name, Func::Upper, list, Text, at),
            ("len", [_]) => self.length(list, at),
            ("is_empty", [_]) => self.is_empty(list, at),
            ("contains", [_, _]) => self.strict(name, Func::Contains, list, Bool, at),
            ("starts_with", [_, _]) => self.strict(name, Func::StartsWith, list, Bool, at),
            ("ends_with", [_, _]) => self.strict(name, Func::EndsWith, list, Bool, at),
            ("trim", [_]) => {
                Err(self.no(at, "`trim` changes its text in place and gives nothing; make it a statement"))
            }
            ("to_float", [x]) if x.ty == Some(Number) => {
                self.require_some(x, at);
                Ok(Low { unit: false, float: true, int: false, reach: 0.0, ..x.clone() })
            }
            ("date", [x]) => match x.value().and_then(Value::as_text) {
                Some(text) => {
                    let value = Date::parse_iso(text).map_or(Value::Missing, Value::Date);
                    Ok(Low::constant(value, self.span(at), at))
                }
                None => Err(self.no(at, "a date is read from a text")),
            },
            _ => Err(self.no(at, format!("an expression has no `{name}`"))),
        }
    }

    pub(super) fn property(&mut self, name: &str, base: Low, at: Position) -> Found<Low> {
        match (name, base.ty) {
            (_, None) if !base.unit => Ok(base),
            ("year" | "month" | "day" | "weekday", Some(Day)) => {
                self.require_some(&base, at);
                let list = vec![Low { unit: false, ..base }];
                self.ours(date_part(name), &[Day], list, Number, false, at).map(|x| x.within(-1e4, 1e4))
            }
            ("len", Some(Text)) => self.length(vec![base], at),
            ("is_empty", Some(Text)) => self.is_empty(vec![base], at),
            _ => Err(self.no(at, format!("an expression has no `.{name}`"))),
        }
    }

    /// `text.trim();`
    pub(super) fn trimmed(&mut self, x: Low, at: Position) -> Found<Low> {
        self.strict("trim", Func::Trim, vec![x], Text, at)
    }

    fn make(&mut self, func: Func, list: &[Low], ty: Type, at: Position) -> Low {
        let span = self.span(at);
        if list.iter().any(|x| x.ty == Some(Text)) && self.text_used.is_none() {
            self.text_used = Some(self.place(at));
        }
        let arguments = list.iter().map(|x| x.expr.clone()).collect();
        Low::of(Expr { kind: Kind::Call(func, arguments), ty, span }, at)
    }

    fn misfit(&self, name: &str, x: &Low, at: Position) -> WhyNot {
        self.no(at, format!("`{name}` of {}", x.ty.map_or("nothing".to_owned(), a)))
    }

    /// A function of expressions: `()` for whatever is missing or not finite, or fails.
    fn ours(&mut self, func: Func, types: &[Type], list: Vec<Low>, ty: Type, fails: bool, at: Position) -> Found<Low> {
        if let Some((x, _)) = list.iter().zip(types).find(|(x, ty)| x.ty.is_some_and(|found| found != **ty)) {
            return Err(self.misfit(func.name(), x, at));
        }
        if list.iter().any(|x| x.ty.is_none()) {
            return Ok(Low::nothing(self.span(at), at));
        }
        let unit = fails || list.iter().any(Low::may_be_missing);
        Ok(Low { unit, ..self.make(func, &list, ty, at) })
    }

    /// A function of Rhai's own: an error where an argument is `()`.
    fn strict(&mut self, name: &str, func: Func, list: Vec<Low>, ty: Type, at: Position) -> Found<Low> {
        for x in &list {
            if x.ty != Some(Text) {
                return Err(self.misfit(name, x, at));
            }
            self.require_some(x, at);
        }
        Ok(self.make(func, &list, ty, at))
    }

    fn length(&mut self, list: Vec<Low>, at: Position) -> Found<Low> {
        let made = self.strict("len", Func::Len, list, Number, at)?;
        Ok(Low { float: false, int: true, reach: 1e9, ..made }.within(0.0, 1e9))
    }

    fn is_empty(&mut self, list: Vec<Low>, at: Position) -> Found<Low> {
        let length = self.length(list, at)?;
        let zero = Low::whole(0, self.span(at), at).ok_or_else(|| self.no(at, "it cannot be read"))?;
        self.compare(Compare::Eq, length, zero, at)
    }

    /// Rhai's version for floats, ours for whole numbers and `()`.
    fn of_float(&mut self, func: Func, x: &Low, fails: bool, at: Position) -> Low {
        let made = self.make(func, std::slice::from_ref(x), Number, at);
        Low { unit: x.unit || (x.int && fails), wild: x.wild || (x.float && fails), ..made }
    }

    /// `min` and `max` of two: Rhai's own for numbers, ours for dates.
    fn extreme(&mut self, name: &str, x: &Low, y: &Low, at: Position) -> Found<Low> {
        let func = if name == "min" { Func::Min } else { Func::Max };
        let ty = x.ty.or(y.ty).unwrap_or(Number);
        if ty != Number {
            return self.ours(func, &[Day, Day], vec![x.clone(), y.clone()], Day, false, at);
        }
        let types_fit = [x, y].into_iter().all(|z| z.ty.is_none_or(|ty| ty == Number));
        if !types_fit {
            return Err(self.misfit(name, y, at));
        }
        // The larger of no number and 3 is 3.
        self.require_there_if_wild(x, at);
        self.require_there_if_wild(y, at);
        if x.ty.is_none() || y.ty.is_none() {
            return Ok(Low::nothing(self.span(at), at));
        }
        let made = self.make(func, &[x.clone(), y.clone()], Number, at);
        let (low, high) =
            if name == "min" { (x.low.min(y.low), x.high.min(y.high)) } else { (x.low.max(y.low), x.high.max(y.high)) };
        let made = Low {
            unit: x.unit || y.unit,
            float: x.float || y.float,
            int: x.int && y.int,
            reach: x.reach.max(y.reach),
            ..made
        };
        Ok(made.within(low, high))
    }

    /// `item in [ … ]`
    fn is_in(&mut self, item: Low, list: &[Low], at: Position) -> Found<Low> {
        let span = self.span(at);
        let bool = |b: bool| Low::constant(Value::Bool(b), span, at);
        let bytes: usize = list.iter().filter_map(|x| x.value()?.as_text().map(str::len)).sum();
        if !self.list_fits(list.len(), bytes) {
            return Err(self.no(at, "a list is larger than is allowed"));
        }
        if item.ty.is_none() && !item.unit {
            return Ok(item);
        }
        // What is of another type is never equal.
        let alike: Vec<&Low> = list.iter().filter(|x| x.ty == item.ty && x.ty.is_some()).collect();
        if list.iter().any(|x| x.ty.is_none()) {
            return Err(self.no(at, "a list holds nothing, `()`"));
        }
        if alike.is_empty() {
            return Ok(bool(false));
        }
        if item.ty == Some(Number) {
            let item = self.name(item);
            let mut parts = Vec::new();
            for x in alike {
                parts.push(self.compare(Compare::Eq, item.clone(), x.clone(), at)?.expr);
            }
            return Ok(Low::of(Expr { kind: Kind::Or(parts), ty: Bool, span }, at));
        }
        if item.ty == Some(Text) && self.text_used.is_none() {
            self.text_used = Some(self.place(at));
        }
        let found = alike.into_iter().map(|x| x.expr.clone()).collect();
        let kind = Kind::In { item: Box::new(item.expr.clone()), list: found, negated: false };
        let mut made = Expr { kind, ty: Bool, span };
        if item.unit {
            made = Expr { kind: Kind::Coalesce(vec![made, bool(false).expr]), ty: Bool, span };
        }
        Ok(Low::of(made, at))
    }

    /// `mentions(text, ["a", "b"])`
    fn mentions(&mut self, text: Low, words: &[Low], at: Position) -> Found<Low> {
        let list: Option<Vec<String>> =
            words.iter().map(|x| x.value().and_then(Value::as_text).map(str::to_owned)).collect();
        let Some(list) = list else { return Err(self.no(at, "`mentions` takes a list of texts")) };
        let bytes = list.iter().map(String::len).sum();
        if !self.list_fits(list.len(), bytes) {
            return Err(self.no(at, "a list is larger than is allowed"));
        }
        self.ours(Func::Mentions(Arc::new(Words::compile(list))), &[Text], vec![text], Bool, false, at)
    }
}

fn date_part(name: &str) -> Func {
    match name {
        "year" => Func::Year,
        "month" => Func::Month,
        "day" => Func::Day,
        _ => Func::Weekday,
    }
}
