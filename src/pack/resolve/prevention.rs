//! `[prevention]` and `[[warnings]]`

use super::read::Fields;
use super::{Listed, Resolver, Table as Tree};
use crate::diag::{Diagnostic, code};
use crate::expr::{Stage, Type};
use crate::pack::format;
use crate::pack::{Prevention, Warning};

/// Ten years: no rule about days reaches further.
pub(super) const MOST_DAYS: u32 = 3650;

impl Resolver<'_> {
    /// `[prevention]` and `[[warnings]]`; `None` if a pack has neither.
    pub(super) fn prevention(&mut self, root: &Tree) -> Option<Prevention> {
        let mut prevention = Prevention {
            revenue_label: "revenue a year".to_owned(),
            margin_label: "margin a year".to_owned(),
            period: Prevention::PERIOD,
            ..Prevention::default()
        };
        let section = self.section(root, "prevention", &format::PREVENTION);
        let there = section.is_some();
        if let Some(fields) = section {
            let mut rule = |key: &str, ty: Type| self.rule(&fields, key, Stage::Grade, ty);
            prevention.lost = rule("lost", Type::Bool);
            prevention.recovered = rule("recovered", Type::Bool);
            prevention.again = rule("again", Type::Bool);
            prevention.lost_on = rule("lost_on", Type::Date);
            prevention.revenue = rule("revenue", Type::Number);
            prevention.margin = rule("margin", Type::Number);
            prevention.at_risk = rule("at_risk", Type::Number);
            for (key, label) in
                [("revenue_label", &mut prevention.revenue_label), ("margin_label", &mut prevention.margin_label)]
            {
                let given = fields.string(key, &mut self.diagnostics);
                if !given.is_empty() {
                    *label = given;
                }
            }
            if let Some(days) = self.whole_days(&fields, "period", 1..=MOST_DAYS) {
                prevention.period = days;
            }
        }
        for Listed { name, fields } in self.listed(root, "warnings", &format::WARNING) {
            prevention.warnings.push(Warning {
                label: self.label(&fields, &name),
                when: self.required_when(&fields, Stage::Grade),
                weight: fields.weight(
                    1.0,
                    "drop a warning that should not count by `remove = true`",
                    &mut self.diagnostics,
                ),
                because: self.template(&fields, "because", Stage::Grade),
                help: fields.string("help", &mut self.diagnostics),
                span: fields.at,
                name,
            });
        }
        (there || !prevention.warnings.is_empty()).then_some(prevention)
    }

    /// Whole days, no fewer and no more.
    pub(super) fn whole_days(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        allowed: std::ops::RangeInclusive<u32>,
    ) -> Option<u32> {
        let days = fields.number(key, &mut self.diagnostics)?;
        let (least, most) = allowed.into_inner();
        if days.fract() == 0.0 && (f64::from(least)..=f64::from(most)).contains(&days) {
            // Within the bounds just looked at.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            return Some(days as u32);
        }
        let message = format!("`{key}` must be a whole number of days from {least} to {most}, this is {days}");
        self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span(key), message));
        None
    }
}
