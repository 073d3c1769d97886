//! `[second_life]`: customers who came back, as a cohort of their own.

use super::Rule;
use crate::expr::Type;

/// How a second life, and the first one before it, are read from a record.
#[derive(Debug, Clone, Default)]
pub struct SecondLife {
    /// The day she came back; missing for who never did.
    pub since: Option<Rule>,
    /// The day the second life ended; missing while it runs.
    pub ended: Option<Rule>,
    /// The first day of the first life.
    pub first_start: Option<Rule>,
    /// The day the first life ended; missing while it runs.
    pub first_end: Option<Rule>,
    /// Until when the record knows whether a life runs; `None`: `today`.
    pub observed_until: Option<Rule>,
    /// What the second life brought so far.
    pub value: Option<Rule>,
    /// What was predicted that it would have brought by today.
    pub predicted: Option<Rule>,
    /// What she came back with.
    pub offer: Option<Rule>,
}

impl SecondLife {
    /// Every expression, by its key.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, &Rule)> {
        let all = [
            ("since", &self.since),
            ("ended", &self.ended),
            ("first_start", &self.first_start),
            ("first_end", &self.first_end),
            ("observed_until", &self.observed_until),
            ("value", &self.value),
            ("predicted", &self.predicted),
            ("offer", &self.offer),
        ];
        all.into_iter().filter_map(|(key, rule)| Some((key, rule.as_ref()?)))
    }

    /// What is said of each customer, by its key, with its type.
    pub fn says(&self) -> impl Iterator<Item = (&'static str, Type)> {
        self.rules().map(|(key, rule)| (key, rule.expr.ty))
    }

    /// One of them, to be changed.
    pub fn rule_mut(&mut self, key: &str) -> Option<&mut Rule> {
        match key {
            "since" => self.since.as_mut(),
            "ended" => self.ended.as_mut(),
            "first_start" => self.first_start.as_mut(),
            "first_end" => self.first_end.as_mut(),
            "observed_until" => self.observed_until.as_mut(),
            "value" => self.value.as_mut(),
            "predicted" => self.predicted.as_mut(),
            "offer" => self.offer.as_mut(),
            _ => None,
        }
    }
}
