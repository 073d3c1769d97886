//! Step 5, second loyalty: customers who came back, as a cohort of their own.
//!
//! [`Cohort`] takes what [`Program::second_life`](crate::stage::Program::second_life) gives, batch by batch; [`Report`] is what it found.
//!
//! # What is compared
//!
//! The second life of a customer begins on the day she came back and ends on the day the pack says; while it runs, and where its end
//! lies behind the day until which the record knows (`observed_until`), it was observed running until that day.
//! Who came back later than that day is too recent to be judged.
//!
//! The first lives are those of *all* customers, those who came back later included: theirs ended. Leaving them out would make first
//! lives look longer than they were. Equal age means equal time since the beginning: first lives are watched no longer than the longest
//! second life was, so that old loyalty does not count for the first ones. What stays is that first lives began in other years than
//! second ones, and that customers deleted from the records are missing in both.

mod compare;
mod due;

pub use compare::{Against, AtAge, Group, LifeRate, Lives, Rating, Ratio, Value};
pub use due::{Due, DueKind, DueRow, FollowUps, write_due};

use arrow::array::RecordBatch;
use serde::Serialize;

use crate::data::{DataError, Sink};
use crate::expr::Date;
use crate::pack::{Pack, SecondLife};
use crate::prevent::columns::{Dates, Flags, Numbers, Texts};
use crate::stage::second_life::column;
use crate::stats::survival::Life;

/// One second life.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Second {
    pub(crate) cause: Option<String>,
    pub(crate) offer: Option<String>,
    /// `None` if she came back too recently to be judged.
    pub(crate) life: Option<Life>,
    pub(crate) value: Option<f64>,
    pub(crate) predicted: Option<f64>,
}

/// What does not enter the comparison, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Left {
    /// Came back after the day until which the record knows.
    pub too_recent: u64,
    /// A second life that ended before it began.
    pub impossible: u64,
    /// First lives whose beginning is not known.
    pub first_start_unknown: u64,
    /// Of customers who came back: first lives whose end is not known.
    pub first_end_unknown: u64,
    /// First lives that ended before they began.
    pub first_impossible: u64,
    /// First lives too recent to be judged.
    pub first_too_recent: u64,
}

/// First and second lives, and follow-ups, while batches pass.
#[derive(Debug, Clone)]
pub struct Cohort {
    as_of: Date,
    key: String,
    followups: Vec<due::Plan>,
    customers: u64,
    suppressed: u64,
    lost_again: u64,
    pub(crate) first: Vec<Life>,
    pub(crate) second: Vec<Second>,
    left: Left,
    due: Vec<Due>,
}

/// All that is said of the cohort.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The pack.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// Its hash.
    pub hash: String,
    /// `today`
    pub as_of: String,
    /// What money is counted in.
    pub currency: String,
    /// Customers looked at.
    pub customers: u64,
    /// Of them suppressed.
    pub suppressed: u64,
    /// Customers who came back.
    pub came_back: u64,
    /// Of them, those whose second life has ended.
    pub lost_again: u64,
    /// What is not compared.
    pub left_out: Left,
    /// Second lives against first ones.
    pub tenure: Against,
    /// By the cause of the first loss, the largest group first.
    pub by_cause: Vec<Group>,
    /// By what they came back with.
    pub by_offer: Vec<Group>,
    /// What second lives brought against what was predicted; `None` if the pack does not say.
    pub value: Option<Value>,
    /// What is due.
    pub followups: FollowUps,
}

impl Cohort {
    /// Nobody yet.
    #[must_use]
    pub fn new(pack: &Pack, as_of: Date) -> Cohort {
        Cohort {
            as_of,
            key: pack.record.key.clone(),
            followups: due::plans(pack),
            customers: 0,
            suppressed: 0,
            lost_again: 0,
            first: Vec::new(),
            second: Vec::new(),
            left: Left::default(),
            due: Vec::new(),
        }
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        let keys = Texts::read(batch, &self.key)?;
        let suppressed = Flags::read(batch, "suppressed")?;
        let (causes, offers) = (Texts::read(batch, "cause")?, Texts::read(batch, column::OFFER)?);
        let (since, ended) = (Dates::read(batch, column::SINCE)?, Dates::read(batch, column::ENDED)?);
        let (first_start, first_end) =
            (Dates::read(batch, column::FIRST_START)?, Dates::read(batch, column::FIRST_END)?);
        let until = Dates::read(batch, column::UNTIL)?;
        let (values, predicted) = (Numbers::read(batch, column::VALUE)?, Numbers::read(batch, column::PREDICTED)?);
        let plans: Vec<due::Columns> =
            self.followups.iter().map(|plan| plan.columns(batch)).collect::<Result<_, DataError>>()?;
        for row in 0..batch.num_rows() {
            self.customers += 1;
            if suppressed.get(row) {
                self.suppressed += 1;
                continue;
            }
            let until = until.get(row).unwrap_or(self.as_of).min(self.as_of);
            let since = since.get(row).filter(|day| *day <= self.as_of);
            match (first_start.get(row), first_end.get(row)) {
                (None, _) => self.left.first_start_unknown += 1,
                (Some(_), None) if since.is_some() => self.left.first_end_unknown += 1,
                (Some(start), end) if end.is_some_and(|end| end < start) => self.left.first_impossible += 1,
                // That she came back says that the first life had ended, whatever is known of today.
                (Some(start), end) => match life(start, end, if since.is_some() { self.as_of } else { until }) {
                    Some(life) => self.first.push(life),
                    None => self.left.first_too_recent += 1,
                },
            }
            if let Some(since) = since {
                let ended = ended.get(row).filter(|day| *day <= self.as_of);
                self.lost_again += u64::from(ended.is_some());
                let life = if ended.is_some_and(|end| end < since) {
                    self.left.impossible += 1;
                    None
                } else {
                    let life = life(since, ended, until);
                    self.left.too_recent += u64::from(life.is_none());
                    life
                };
                self.second.push(Second {
                    cause: causes.get(row).map(str::to_owned),
                    offer: offers.get(row).map(str::to_owned),
                    life,
                    value: values.get(row),
                    predicted: predicted.get(row),
                });
            }
            for (plan, columns) in self.followups.iter().zip(&plans) {
                self.due.extend(plan.due(columns, row, keys.get(row).unwrap_or_default(), since, self.as_of));
            }
        }
        Ok(())
    }

    /// What was found.
    #[must_use]
    pub fn report(self, pack: &Pack, rules: &SecondLife) -> Report {
        let (tenure, by_cause, by_offer) = compare::tenure(&self, pack);
        Report {
            pack: pack.identity.name.clone(),
            version: pack.identity.version.clone(),
            hash: pack.identity.hash.clone(),
            as_of: self.as_of.to_string(),
            currency: pack.money.as_ref().map(|money| money.currency.clone()).unwrap_or_default(),
            customers: self.customers,
            suppressed: self.suppressed,
            came_back: self.second.len() as u64,
            lost_again: self.lost_again,
            left_out: self.left,
            tenure,
            by_cause,
            by_offer,
            value: (rules.value.is_some() && rules.predicted.is_some()).then(|| compare::value(&self.second)),
            followups: FollowUps::of(&self.followups, self.due),
        }
    }
}

/// A life from its first day on, observed until a day; `None` if it began later than that.
fn life(start: Date, end: Option<Date>, until: Date) -> Option<Life> {
    let days = |to: Date| f64::from(to.days()) - f64::from(start.days());
    match end {
        Some(end) if end <= until => Some(Life { days: days(end), ended: true }),
        _ => (start <= until).then(|| Life { days: days(until), ended: false }),
    }
}

impl Sink for Cohort {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        self.add(batch)
    }

    fn restart(&mut self) -> Result<(), DataError> {
        (self.customers, self.suppressed, self.lost_again) = (0, 0, 0);
        self.left = Left::default();
        self.first.clear();
        self.second.clear();
        self.due.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_life_is_observed_as_far_as_the_record_knows() {
        let day = |d: i64| Date::from_days(20_000 + d).unwrap();
        assert_eq!(life(day(0), Some(day(30)), day(100)), Some(Life { days: 30.0, ended: true }));
        assert_eq!(life(day(0), None, day(100)), Some(Life { days: 100.0, ended: false }));
        // What ended behind that day was running on it.
        assert_eq!(life(day(0), Some(day(130)), day(100)), Some(Life { days: 100.0, ended: false }));
        assert_eq!(life(day(101), None, day(100)), None);
        assert_eq!(life(day(100), None, day(100)), Some(Life { days: 0.0, ended: false }));
    }
}
