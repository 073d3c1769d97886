//! `[prevention]` and `[[warnings]]`: what losses cost, and who may be next.

use super::{Rule, Template};
use crate::diag::Span;
use crate::expr::Type;

/// How losses are counted, and early warnings.
#[derive(Debug, Clone, Default)]
pub struct Prevention {
    /// Who counts as lost; `None`: whoever is on the track `recovery`.
    pub lost: Option<Rule>,
    /// Who was lost and is back; `None`: whoever is on the track `second_life`.
    pub recovered: Option<Rule>,
    /// Whether the loss is a second one; `None`: nobody knows.
    pub again: Option<Rule>,
    /// The day she was lost; of one who is back, the day she was lost before.
    pub lost_on: Option<Rule>,
    /// Revenue lost with her.
    pub revenue: Option<Rule>,
    /// Margin lost with her.
    pub margin: Option<Rule>,
    /// What is at risk with a customer who is still here; `None`: `margin`, else `revenue`, else what customers are counted with.
    pub at_risk: Option<Rule>,
    /// How `revenue` is called.
    pub revenue_label: String,
    /// How `margin` is called.
    pub margin_label: String,
    /// Days that are compared with as many days before.
    pub period: u32,
    /// `[[warnings]]`, in order.
    pub warnings: Vec<Warning>,
}

impl Prevention {
    /// Days of a period where the pack says nothing.
    pub const PERIOD: u32 = 365;

    /// Every expression of `[prevention]`, by its key.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, &Rule)> {
        let all = [
            ("lost", &self.lost),
            ("recovered", &self.recovered),
            ("again", &self.again),
            ("lost_on", &self.lost_on),
            ("revenue", &self.revenue),
            ("margin", &self.margin),
            ("at_risk", &self.at_risk),
        ];
        all.into_iter().filter_map(|(key, rule)| Some((key, rule.as_ref()?)))
    }

    /// What is said of each customer, by its key, with its type: of those without an expression what is said without one.
    pub fn says(&self) -> impl Iterator<Item = (&'static str, Type)> {
        let all = [
            ("lost", Type::Bool, true),
            ("recovered", Type::Bool, true),
            ("leaving", Type::Bool, true),
            ("again", Type::Bool, self.again.is_some()),
            ("lost_on", Type::Date, self.lost_on.is_some()),
            ("revenue", Type::Number, self.revenue.is_some()),
            ("margin", Type::Number, self.margin.is_some()),
            ("at_risk", Type::Number, true),
        ];
        all.into_iter().filter(|(.., said)| *said).map(|(key, ty, _)| (key, ty))
    }

    /// One of them, to be changed.
    pub fn rule_mut(&mut self, key: &str) -> Option<&mut Rule> {
        match key {
            "lost" => self.lost.as_mut(),
            "recovered" => self.recovered.as_mut(),
            "again" => self.again.as_mut(),
            "lost_on" => self.lost_on.as_mut(),
            "revenue" => self.revenue.as_mut(),
            "margin" => self.margin.as_mut(),
            "at_risk" => self.at_risk.as_mut(),
            _ => None,
        }
    }
}

/// A sign that a customer who is still here may leave.
#[derive(Debug, Clone)]
pub struct Warning {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// When it is there.
    pub when: Rule,
    /// How much it counts; greater than 0.
    pub weight: f64,
    /// In words.
    pub because: Template,
    /// What to do about it.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}
