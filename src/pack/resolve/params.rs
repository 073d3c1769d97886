//! `[params]`: what a business user sets.

use super::read::{Fields, wrong_type};
use super::{Resolver, Table};
use crate::diag::{Diagnostic, code};
use crate::expr::{NameKind, Stage, Value};
use crate::pack::Param;
use crate::pack::format;
use crate::pack::raw::{Entry, Raw};

impl Resolver<'_> {
    pub(super) fn params(&mut self, root: &Table) -> Vec<Param> {
        let mut params = Vec::new();
        for (name, entry) in self.things(root, "params") {
            let fine = self.declare(name, entry.key, "a parameter");
            match self.param(name, entry) {
                Some(param) if fine => params.push(param),
                _ => drop(self.broken.insert(name.to_owned())),
            }
        }
        params
    }

    fn param(&mut self, name: &str, entry: &Entry) -> Option<Param> {
        let what = format!("parameter `{name}`");
        let fields = Fields::open(&entry.node, entry.key, what, &format::PARAM, &mut self.diagnostics)?;
        let unit = fields.string("unit", &mut self.diagnostics);
        let help = fields.string("help", &mut self.diagnostics);
        let min = fields.number("min", &mut self.diagnostics);
        let max = fields.number("max", &mut self.diagnostics);
        let Some(value) = fields.get("value") else {
            fields.missing(
                "value",
                "a number, a text in quotes, true, false or a date such as 2025-12-31",
                &mut self.diagnostics,
            );
            return None;
        };
        let span = fields.span("value");
        let value = match &value.node.value {
            Raw::Number(x) if x.is_finite() => Value::number(*x),
            Raw::Text(text) => Value::text(text.text.as_str()),
            Raw::Bool(b) => Value::Bool(*b),
            Raw::Date(date) => Value::Date(*date),
            _ => {
                let key = format!("parameter `{name}`");
                self.diagnostics.push(wrong_type(&key, "a number, a text, a bool or a date", &value.node));
                return None;
            }
        };
        let ty = value.ty()?;
        match value.as_number() {
            Some(x) => self.bounds(&fields, name, x, &unit, min, max),
            None => {
                for key in ["min", "max"] {
                    if let Some(bound) = fields.get(key) {
                        let message =
                            format!("only a number can have `{key}`, parameter `{name}` is {}", article(ty.word()));
                        self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, bound.key, message));
                    }
                }
            }
        }
        let slot = self.add(name, NameKind::Param, Stage::Run, ty, Some(entry.key));
        Some(Param { name: name.to_owned(), slot, value, unit, min, max, help, span })
    }

    /// The value must lie within its bounds.
    fn bounds(&mut self, fields: &Fields<'_>, name: &str, x: f64, unit: &str, min: Option<f64>, max: Option<f64>) {
        if let (Some(low), Some(high)) = (min, max)
            && low > high
        {
            let message = format!("`min` is {low}, which is more than `max`, {high}");
            self.diagnostics.push(
                Diagnostic::error(code::BAD_VALUE, fields.span("min"), message)
                    .related(fields.span("max"), "`max` is set here"),
            );
            return;
        }
        let at = fields.span("value");
        let outside = if let Some(low) = min.filter(|low| x < *low) {
            let message = format!("parameter `{name}` must be at least {low}, this is {x}");
            Some(Diagnostic::error(code::BAD_VALUE, at, message).related(fields.span("min"), "`min` is set here"))
        } else if let Some(high) = max.filter(|high| x > *high) {
            let message = format!("parameter `{name}` must be at most {high}, this is {x}");
            Some(Diagnostic::error(code::BAD_VALUE, at, message).related(fields.span("max"), "`max` is set here"))
        } else if unit == "share" && !(0.0..=1.0).contains(&x) {
            let message = format!("parameter `{name}` is a share, which lies between 0 and 1, this is {x}");
            let diagnostic =
                Diagnostic::error(code::BAD_VALUE, at, message).related(fields.span("unit"), "its unit is set here");
            Some(if (1.0..=100.0).contains(&x) {
                diagnostic.help(format!("{x} % is {}", x / 100.0))
            } else {
                diagnostic
            })
        } else {
            None
        };
        self.diagnostics.extend(outside);
    }
}

fn article(word: &str) -> String {
    format!("a {word}")
}
