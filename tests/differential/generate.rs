//! Random values and random typed expressions.

use std::sync::Arc;

use regain::expr::functions::{Pattern, Words};
use regain::expr::{Arith, Compare, Date, Expr, Func, Kind, Type, Value};

use super::harness::{World, span};

/// splitmix64
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub(crate) fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    pub(crate) fn number(&mut self) -> Value {
        let special = [
            0.0,
            1.0,
            -1.0,
            0.5,
            -0.5,
            2.0,
            2.5,
            3.5,
            -2.5,
            10.0,
            100.0,
            1e-3,
            1e308,
            -1e308,
            1e-308,
            5e-324,
            4_503_599_627_370_496.5,
            9_007_199_254_740_993.0,
            -4_503_599_627_370_495.5,
            0.1,
            0.2,
            0.3,
            365.0,
            0.999_999_999,
        ];
        Value::number(match self.below(4) {
            0 | 1 => *self.of(&special),
            2 => self.below(2000) as f64 / 8.0 - 100.0,
            _ => (self.next() as f64 / u64::MAX as f64 - 0.5) * 1e4,
        })
    }

    pub(crate) fn date(&mut self) -> Value {
        let days = match self.below(6) {
            0 => Date::MIN.days() + self.below(800) as i32,
            1 => Date::MAX.days() - self.below(800) as i32,
            2 => Date::from_ymd(2024, 1, 31).unwrap().days() + 31 * self.below(13) as i32,
            _ => 18_000 + self.below(3000) as i32,
        };
        Value::Date(Date::from_days(days.into()).unwrap())
    }

    pub(crate) fn text(&mut self) -> Value {
        Value::text(*self.of(&[
            "",
            "price",
            "Price",
            "  padded ",
            "too expensive",
            "Größe",
            "GRÖSSE",
            "ﬀ",
            "a",
            "b",
            "ab",
            "moved away",
            "日本",
            "Prix élevé, trop cher",
            "a text that is longer than sixteen bytes",
            "😀",
            "ß",
            "x\ny",
        ]))
    }

    fn literal(&mut self, ty: Type) -> Value {
        match ty {
            Type::Number => self.number(),
            Type::Text => self.text(),
            Type::Bool => Value::Bool(self.below(2) == 0),
            Type::Date => self.date(),
        }
    }

    fn ty(&mut self) -> Type {
        *self.of(&[Type::Number, Type::Text, Type::Bool, Type::Date])
    }
}

pub(crate) const ARITH: [Arith; 6] = [Arith::Add, Arith::Sub, Arith::Mul, Arith::Div, Arith::Rem, Arith::Pow];
pub(crate) const COMPARE: [Compare; 6] = [Compare::Eq, Compare::Ne, Compare::Lt, Compare::Le, Compare::Gt, Compare::Ge];

pub(crate) struct Generator<'a> {
    pub(crate) random: &'a mut Random,
    pub(crate) world: &'a World,
}

impl Generator<'_> {
    /// An expression of a type, at most this deep.
    pub(crate) fn expr(&mut self, ty: Type, depth: usize) -> Expr {
        let kind = if depth == 0 { self.leaf(ty) } else { self.kind(ty, depth - 1) };
        Expr { kind, ty, span: span() }
    }

    fn leaf(&mut self, ty: Type) -> Kind {
        let slots = self.world.slots(ty);
        match self.random.below(12) {
            0 => Kind::Const(Value::Missing),
            1 | 2 => Kind::Const(self.random.literal(ty)),
            _ => Kind::Slot(*self.random.of(&slots)),
        }
    }

    fn boxed(&mut self, ty: Type, depth: usize) -> Box<Expr> {
        Box::new(self.expr(ty, depth))
    }

    fn list(&mut self, ty: Type, depth: usize) -> Vec<Expr> {
        (0..2 + self.random.below(2)).map(|_| self.expr(ty, depth)).collect()
    }

    fn call(&mut self, func: Func, types: &[Type], depth: usize) -> Kind {
        let arguments = types.iter().map(|ty| self.expr(*ty, depth)).collect();
        Kind::Call(func, arguments)
    }

    fn script(&mut self, name: &str, depth: usize) -> Kind {
        let signature = self.world.scripts.find("script", name).unwrap().clone();
        let arguments = signature.parameters.iter().map(|p| self.expr(p.ty, depth)).collect();
        Kind::Script(signature, arguments)
    }

    /// Forms that exist in every type, or one of the type's own.
    fn kind(&mut self, ty: Type, d: usize) -> Kind {
        match self.random.below(10) {
            0 => Kind::Coalesce(self.list(ty, d)),
            1 => Kind::If {
                branches: (0..1 + self.random.below(2)).map(|_| (self.expr(Type::Bool, d), self.expr(ty, d))).collect(),
                otherwise: self.boxed(ty, d),
            },
            2 => {
                let on = self.random.ty();
                let arms = (0..1 + self.random.below(3)).map(|_| {
                    let values = (0..1 + self.random.below(5)).map(|_| self.random.literal(on)).collect();
                    (values, self.expr(ty, d))
                });
                let arms = arms.collect();
                Kind::Switch { item: self.boxed(on, d), arms, otherwise: self.boxed(ty, d) }
            }
            3 if d == 0 => self.leaf(ty),
            _ => match ty {
                Type::Number => self.number(d),
                Type::Text => self.text(d),
                Type::Bool => self.bool(d),
                Type::Date => self.date(d),
            },
        }
    }

    fn number(&mut self, d: usize) -> Kind {
        use Type::{Date, Number, Text};
        match self.random.below(32) {
            0..=11 => Kind::Arith(*self.random.of(&ARITH), self.boxed(Number, d), self.boxed(Number, d)),
            12 => Kind::Neg(self.boxed(Number, d)),
            13 => Kind::Arith(Arith::Sub, self.boxed(Date, d), self.boxed(Date, d)),
            14 => self.call(Func::DaysBetween, &[Date, Date], d),
            15 => self.call(Func::MonthsBetween, &[Date, Date], d),
            16 => self.call(Func::YearsBetween, &[Date, Date], d),
            17 => {
                let func = self.random.of(&[Func::Year, Func::Month, Func::Day, Func::Weekday]).clone();
                self.call(func, &[Date], d)
            }
            18 => self.call(Func::Min, &[Number, Number, Number], d),
            19 => self.call(Func::Max, &[Number, Number], d),
            20 => self.call(Func::Clamp, &[Number, Number, Number], d),
            21 => {
                let (low, high) = (self.random.number(), self.random.number());
                let constant = |value| Expr { kind: Kind::Const(value), ty: Number, span: span() };
                Kind::Call(Func::Clamp, vec![self.expr(Number, d), constant(low), constant(high)])
            }
            22 => self.call(Func::Abs, &[Number], d),
            23 => self.call(Func::Round, &[Number], d),
            24 => self.call(Func::Round, &[Number, Number], d),
            25 => self.call(Func::Floor, &[Number], d),
            26 => self.call(Func::Ceil, &[Number], d),
            27 => {
                let func = self.random.of(&[Func::Sqrt, Func::Ln, Func::Exp]).clone();
                self.call(func, &[Number], d)
            }
            28 => self.call(Func::Pow, &[Number, Number], d),
            29 | 30 => self.call(Func::Len, &[Text], d),
            _ => {
                let name = *self.random.of(&["mix", "or_seven", "fails"]);
                self.script(name, d)
            }
        }
    }

    fn text(&mut self, d: usize) -> Kind {
        match self.random.below(8) {
            0 | 1 => self.call(Func::Lower, &[Type::Text], d),
            2 | 3 => self.call(Func::Upper, &[Type::Text], d),
            4 | 5 => self.call(Func::Trim, &[Type::Text], d),
            6 if self.random.below(3) == 0 => self.script("twice", d),
            _ => self.leaf(Type::Text),
        }
    }

    fn bool(&mut self, d: usize) -> Kind {
        use Type::{Bool, Text};
        match self.random.below(20) {
            0..=4 => {
                let ty = self.random.ty();
                let op = if ty == Bool { &COMPARE[..2] } else { &COMPARE[..] };
                Kind::Compare(*self.random.of(op), self.boxed(ty, d), self.boxed(ty, d))
            }
            5 => Kind::Not(self.boxed(Bool, d)),
            6 | 7 => Kind::And(self.list(Bool, d)),
            8 | 9 => Kind::Or(self.list(Bool, d)),
            10 | 11 => {
                let ty = self.random.ty();
                Kind::IsMissing { item: self.boxed(ty, d), missing: self.random.below(2) == 0 }
            }
            12 | 13 => {
                let ty = self.random.ty();
                let depth = if self.random.below(2) == 0 { 0 } else { d };
                let mut list: Vec<Expr> = (0..self.random.below(7)).map(|_| self.expr(ty, depth)).collect();
                for x in &mut list {
                    if self.random.below(2) == 0 {
                        x.kind = Kind::Const(self.random.literal(ty));
                    }
                }
                Kind::In { item: self.boxed(ty, d), list, negated: self.random.below(2) == 0 }
            }
            14 | 15 => {
                let func = self.random.of(&[Func::Contains, Func::StartsWith, Func::EndsWith]).clone();
                let mut arguments = vec![self.expr(Text, d), self.expr(Text, d)];
                let which = self.random.below(3);
                if let Some(x) = arguments.get_mut(which) {
                    x.kind = Kind::Const(self.random.text());
                }
                Kind::Call(func, arguments)
            }
            16 => {
                let pattern = *self.random.of(&["^p", "[0-9]{2}", "e.*e", "(?i)price", "^$", "ö|ß"]);
                let pattern = Pattern::compile(pattern).unwrap();
                Kind::Call(Func::Matches(Arc::new(pattern)), vec![self.expr(Text, d)])
            }
            17 => {
                let lists = [vec!["price", "prix eleve"], vec!["grosse"], vec!["too expensive", "moved"], vec!["text"]];
                let words = self.random.of(&lists).iter().map(|w| (*w).to_owned()).collect();
                Kind::Call(Func::Mentions(Arc::new(Words::compile(words))), vec![self.expr(Text, d)])
            }
            18 if self.random.below(2) == 0 => {
                let name = *self.random.of(&["big", "known"]);
                self.script(name, d)
            }
            _ => self.leaf(Bool),
        }
    }

    fn date(&mut self, d: usize) -> Kind {
        use Type::{Date, Number};
        match self.random.below(12) {
            0..=2 => Kind::Arith(Arith::Add, self.boxed(Date, d), self.boxed(Number, d)),
            3 | 4 => Kind::Arith(Arith::Sub, self.boxed(Date, d), self.boxed(Number, d)),
            5 => Kind::Arith(Arith::Add, self.boxed(Number, d), self.boxed(Date, d)),
            6 => self.call(Func::AddDays, &[Date, Number], d),
            7 => self.call(Func::AddMonths, &[Date, Number], d),
            8 => self.call(Func::Min, &[Date, Date], d),
            9 => self.call(Func::Max, &[Date, Date, Date], d),
            10 if self.random.below(2) == 0 => self.script("same_day", d),
            _ => self.leaf(Date),
        }
    }
}
