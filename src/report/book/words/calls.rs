//! Functions and scripts in words.

use super::super::index::anchor;
use super::super::model::{Inline, Line};
pub(super) use super::super::number::weekday;
use super::super::number::{number, spaced};
use super::{Said, Tie, Words, constant, join, text};
use crate::expr::{Expr, Func, Type};

impl Words<'_> {
    pub(super) fn call(&self, func: &Func, arguments: &[Expr]) -> Said {
        match (func, arguments) {
            (Func::DaysBetween, [from, to]) => self.span("days", from, to),
            (Func::MonthsBetween, [from, to]) => self.span("whole months", from, to),
            (Func::YearsBetween, [from, to]) => self.span("whole years", from, to),
            (Func::AddDays, [day, n]) => self.moved(day, n, false),
            (Func::AddMonths, [day, n]) => {
                let (mut line, back) = self.amount(n, "month");
                line.push(text(if back { " before " } else { " after " }));
                line.extend(self.within(day, Tie::Sum));
                (line, Tie::Phrase)
            }
            (Func::Year, [x]) => self.of("the year of ", x),
            (Func::Month, [x]) => self.of("the month of ", x),
            (Func::Day, [x]) => self.of("the day of the month of ", x),
            (Func::Weekday, [x]) => self.of("the weekday of ", x),
            (Func::Abs, [x]) => self.of("the size without sign of ", x),
            (Func::Sqrt, [x]) => self.of("the square root of ", x),
            (Func::Ln, [x]) => self.of("the natural logarithm of ", x),
            (Func::Exp, [x]) => self.of("e to the power of ", x),
            (Func::Len, [x]) => self.of("the number of characters of ", x),
            (Func::Min, list) => {
                self.extreme(list, ["the earlier of ", "the earliest of ", "the smaller of ", "the smallest of "])
            }
            (Func::Max, list) => {
                self.extreme(list, ["the later of ", "the latest of ", "the larger of ", "the largest of "])
            }
            (Func::Clamp, [x, low, high]) => {
                let mut line = self.within(x, Tie::Phrase);
                line.push(text(", but at least "));
                line.extend(self.within(low, Tie::Phrase));
                line.push(text(" and at most "));
                line.extend(self.within(high, Tie::Phrase));
                (line, Tie::Clause)
            }
            (Func::Round, [x]) => self.treated(x, ", rounded".to_owned()),
            (Func::Round, [x, digits]) => match constant(digits) {
                Some(n) => {
                    let s = if n == 1.0 { "" } else { "s" };
                    self.treated(x, format!(", rounded to {} decimal{s}", number(n)))
                }
                None => {
                    let (mut line, _) = self.treated(x, ", rounded to ".to_owned());
                    line.extend(self.within(digits, Tie::Word));
                    line.push(text(" decimals"));
                    (line, Tie::Clause)
                }
            },
            (Func::Floor, [x]) => self.treated(x, ", rounded down".to_owned()),
            (Func::Ceil, [x]) => self.treated(x, ", rounded up".to_owned()),
            (Func::Pow, [x, y]) => {
                let mut line = self.within(x, Tie::Word);
                line.push(text(" to the power of "));
                line.extend(self.within(y, Tie::Word));
                (line, Tie::Product)
            }
            (Func::Lower, [x]) => self.noted(x, " (in small letters)"),
            (Func::Upper, [x]) => self.noted(x, " (in capitals)"),
            (Func::Trim, [x]) => self.noted(x, " (without blanks around it)"),
            (func, list) => {
                let mut line = vec![text(format!("{} of ", spaced(func.name())))];
                line.extend(self.arguments(list));
                (line, Tie::Phrase)
            }
        }
    }

    /// A function of a script: `prestige: image, of segment and region`.
    pub(super) fn script(&self, path: &str, arguments: &[Expr]) -> Said {
        let link = Inline::Link {
            to: anchor("script", path),
            text: spaced(&path.replace("::", ": ")),
            hint: "a function written as a script".to_owned(),
        };
        let mut line = vec![link];
        if !arguments.is_empty() {
            line.push(text(" of "));
            line.extend(self.arguments(arguments));
        }
        (line, Tie::Phrase)
    }

    fn arguments(&self, list: &[Expr]) -> Line {
        join(list.iter().map(|x| self.within(x, Tie::Sum)).collect(), " and ")
    }

    fn of(&self, words: &str, x: &Expr) -> Said {
        let mut line = vec![text(words)];
        line.extend(self.within(x, Tie::Word));
        (line, Tie::Phrase)
    }

    fn noted(&self, x: &Expr, words: &str) -> Said {
        let mut line = self.within(x, Tie::Word);
        line.push(text(words));
        (line, Tie::Word)
    }

    fn treated(&self, x: &Expr, words: String) -> Said {
        let mut line = self.within(x, Tie::Phrase);
        line.push(text(words));
        (line, Tie::Clause)
    }

    /// Words for two dates, more dates, two numbers, more numbers.
    fn extreme(&self, list: &[Expr], [two_days, days, two, more]: [&str; 4]) -> Said {
        let date = list.first().is_some_and(|x| x.ty == Type::Date);
        let words = match (date, list.len() > 2) {
            (true, false) => two_days,
            (true, true) => days,
            (false, false) => two,
            (false, true) => more,
        };
        let mut line = vec![text(words)];
        line.extend(self.arguments(list));
        (line, Tie::Phrase)
    }
}
