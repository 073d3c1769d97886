//! Step 5, prevent: what losses cost by cause, and who of those still here may be next.
//!
//! [`Losses`] takes what [`Program::prevention`](crate::stage::Program::prevention) gives, batch by batch; [`Report`] is what it found.
//!
//! # What is counted
//!
//! Of every customer who is not suppressed the pack says whether she is lost or was lost and is back, since when, and what is lost with
//! her. Losses of the last `period` days stand against those of as many days before. All is read from the same records, as they are
//! today, which has three consequences, said with the table:
//!
//! - Who was lost twice is counted for the later loss only.
//! - A loss of the period before has had more time to be undone: returns are counted as losses in both periods, so that the trend does
//!   not fall for that; the share of returns of the latest losses still grows.
//! - Who has been deleted from the records since is in neither period; the older one lacks more of them.

pub(crate) mod columns;
mod table;
mod warned;

pub use table::{CauseRow, Change, Counted, Period, Recovery, Report, Subtotal, Trend};
pub use warned::{Warned, WarningRow, Warnings, write_warnings};

use std::collections::BTreeMap;

use arrow::array::RecordBatch;

use self::columns::{Dates, Flags, Numbers, Texts};
use crate::data::{DataError, Sink};
use crate::expr::Date;
use crate::pack::{Pack, Prevention};
use crate::stage::prevention::column;

/// Losses by cause, and warnings, while batches pass.
#[derive(Debug, Clone)]
pub struct Losses {
    as_of: Date,
    /// Days of a period; `None` if the pack does not say when somebody was lost.
    period: Option<u32>,
    key: String,
    weights: Vec<(String, f64)>,
    seen: u64,
    suppressed: u64,
    /// By name; `None` for those who were not analysed.
    causes: BTreeMap<Option<String>, Tally>,
    earlier: Counted,
    undated: Counted,
    leaving: Counted,
    again: u64,
    warned: Vec<Warned>,
}

/// The losses of one cause.
#[derive(Debug, Clone, Default)]
struct Tally {
    /// Still lost, in the period.
    lost: Counted,
    /// Back, of those lost in the period.
    back: u64,
    /// Lost in the period before, back or not.
    before: u64,
    /// Its class.
    class: Option<String>,
}

/// Where a day lies.
#[derive(Clone, Copy)]
enum When {
    Now,
    Before,
    Earlier,
    Unknown,
}

impl Losses {
    /// Nobody yet. `period` in days stands for the pack's own.
    #[must_use]
    pub fn new(pack: &Pack, prevention: &Prevention, as_of: Date, period: Option<u32>) -> Losses {
        let days = period.unwrap_or(prevention.period).max(1);
        Losses {
            as_of,
            period: prevention.lost_on.is_some().then_some(days),
            key: pack.record.key.clone(),
            weights: prevention.warnings.iter().map(|w| (format!("{}{}", column::WARNING, w.name), w.weight)).collect(),
            seen: 0,
            suppressed: 0,
            causes: BTreeMap::new(),
            earlier: Counted::default(),
            undated: Counted::default(),
            leaving: Counted::default(),
            again: 0,
            warned: Vec::new(),
        }
    }

    fn when(&self, lost_on: Option<Date>) -> When {
        let Some(period) = self.period else { return When::Now };
        let Some(lost_on) = lost_on.filter(|day| *day <= self.as_of) else { return When::Unknown };
        let (days, period) = (i64::from(self.as_of.days()) - i64::from(lost_on.days()), i64::from(period));
        match days {
            days if days < period => When::Now,
            days if days < 2 * period => When::Before,
            _ => When::Earlier,
        }
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        let keys = Texts::read(batch, &self.key)?;
        let (states, tracks) = (Texts::read(batch, "state")?, Texts::read(batch, "track")?);
        let (causes, classes) = (Texts::read(batch, "cause")?, Texts::read(batch, "class")?);
        let (suppressed, lost) = (Flags::read(batch, "suppressed")?, Flags::read(batch, column::LOST)?);
        let (recovered, leaving) = (Flags::read(batch, column::RECOVERED)?, Flags::read(batch, column::LEAVING)?);
        let (again, lost_on) = (Flags::read(batch, column::AGAIN)?, Dates::read(batch, column::LOST_ON)?);
        let (revenue, margin) = (Numbers::read(batch, column::REVENUE)?, Numbers::read(batch, column::MARGIN)?);
        let (at_risk, reasons) = (Numbers::read(batch, column::AT_RISK)?, Texts::read(batch, column::REASONS)?);
        let warnings = self.weights.iter().map(|(name, _)| Flags::read(batch, name));
        let warnings = warnings.collect::<Result<Vec<Flags>, DataError>>()?;
        for row in 0..batch.num_rows() {
            self.seen += 1;
            if suppressed.get(row) {
                self.suppressed += 1;
                continue;
            }
            let (gone, back) = (lost.get(row), recovered.get(row));
            if gone || back {
                let when = self.when(lost_on.get(row));
                let tally = self.causes.entry(causes.get(row).map(str::to_owned)).or_default();
                if tally.class.is_none() {
                    tally.class = classes.get(row).map(str::to_owned);
                }
                let (revenue, margin) = (revenue.get(row), margin.get(row));
                match (when, gone) {
                    (When::Now, true) => {
                        tally.lost.add(revenue, margin);
                        self.again += u64::from(again.get(row));
                    }
                    (When::Now, false) => tally.back += 1,
                    (When::Before, _) => tally.before += 1,
                    (When::Earlier, true) => self.earlier.add(revenue, margin),
                    (When::Unknown, true) => self.undated.add(revenue, margin),
                    (When::Earlier | When::Unknown, false) => {}
                }
                if matches!(when, When::Before) && gone {
                    self.earlier.add(revenue, margin);
                }
            }
            if leaving.get(row) {
                self.leaving.add(at_risk.get(row), None);
            }
            if let Some(reasons) = reasons.get(row) {
                let there = warnings.iter().zip(&self.weights).filter(|(flags, _)| flags.get(row));
                let there: Vec<&(String, f64)> = there.map(|(_, named)| named).collect();
                let weight = there.iter().map(|(_, weight)| weight).sum();
                let names = there.iter().map(|(name, _)| name.trim_start_matches(column::WARNING).to_owned());
                let at_risk = at_risk.get(row);
                self.warned.push(Warned {
                    key: keys.get(row).unwrap_or_default().to_owned(),
                    state: states.get(row).map(str::to_owned),
                    track: tracks.get(row).map(str::to_owned),
                    at_risk,
                    weight,
                    urgency: at_risk.map(|money| money * weight),
                    warnings: names.collect(),
                    reasons: reasons.to_owned(),
                });
            }
        }
        Ok(())
    }
}

impl Sink for Losses {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        self.add(batch)
    }

    fn restart(&mut self) -> Result<(), DataError> {
        self.seen = 0;
        self.suppressed = 0;
        self.again = 0;
        self.causes.clear();
        self.warned.clear();
        for counted in [&mut self.earlier, &mut self.undated, &mut self.leaving] {
            *counted = Counted::default();
        }
        Ok(())
    }
}
