//! Step 3b for everybody at once: which customers are contacted, by which campaign, on which day, within what may be spent and
//! what is permitted, and who is held out so that the effect can be seen.
//!
//! `decisions > candidates > permitted days > allocation > holdout > plan > exports`

mod allocate;
mod build;
mod columns;
pub mod export;
pub mod holdout;
mod join;
mod lapse;
mod limits;
mod make;
pub mod permit;
pub mod power;
pub mod read;
pub mod row;
mod rows;
pub mod solve;
mod spread;
#[cfg(test)]
mod tests;
mod verify;
pub mod what_if;
pub mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use limits::time_name;
pub use make::{GAP, Making, make, make_both};
pub use read::PlanFile;
pub use row::{Arm, PlanRow};

use crate::expr::Date;
use crate::pack::{Pack, Planning};

/// A plan: who is contacted, how, when, and what it is worth.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The rules it was made by.
    pub pack: Arc<Pack>,
    /// Its limits: the pack's, unless it was made to see what others would change.
    pub planning: Planning,
    /// The day it was made for.
    pub as_of: Date,
    /// The last day of its horizon.
    pub last: Date,
    /// Contacts, and those held out; in the order of the records.
    pub rows: Vec<PlanRow>,
    /// Whether the keys of the data are whole numbers.
    pub integer_keys: bool,
    /// The names of [`PlanRow::scores`].
    pub scores: Vec<String>,
    /// The names of [`PlanRow::carried`].
    pub carried: Vec<String>,
    /// What became of every customer.
    pub counted: Counted,
    /// Every limit, one for each time it holds for, in the order of the pack.
    pub limits: Vec<LimitUse>,
    /// The expected gain of the best choice found, each contact weighed by its probability; less the penalties of minimum volumes
    /// that are not reached. Its limits are kept on average, whoever is drawn.
    pub objective: f64,
    /// No choice that keeps the limits is worth more.
    pub bound: f64,
    /// Whether the choice is proven to be the best.
    pub exact: bool,
    /// How often it was chosen anew because chance had put too many into one arm.
    pub redrawn: u32,
    /// What of the objective is given up so that the limits are kept by those whom chance has drawn, not only on average.
    pub given_up: f64,
    /// What a minimum volume costs beside what the plan would be worth without it: by index into [`Planning::limits`].
    pub minimums: BTreeMap<usize, f64>,
    /// What a person should know, one sentence each.
    pub notices: Vec<String>,
}

/// What became of every customer. Those with a candidate are planned, or counted under exactly one reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Customers.
    pub customers: u64,
    /// Suppressed: not looked at.
    pub suppressed: u64,
    /// Customers with at least one campaign that is meant for them.
    pub candidates: u64,
    /// Customers with at least one row in the plan.
    pub planned: u64,
    /// There was room for others who are worth more; by the limit that cost them most (empty: no single one).
    pub crowded_out: BTreeMap<String, u64>,
    /// Every contact would cost more than it brings.
    pub not_worth: u64,
    /// `success` or `value` is not known.
    pub unknown: u64,
    /// No day is known to send it on.
    pub no_day: u64,
    /// The day lies beyond the horizon.
    pub later: u64,
    /// A rule about contacts stands in the way, in words.
    pub refused: BTreeMap<String, u64>,
    /// Contacts that a human decided for and that are planned.
    pub forced: u64,
    /// Contacts that a human decided for and that nothing permits, or for which there is no room; by why.
    pub forced_refused: BTreeMap<String, u64>,
    /// Customers of whom a person decided something that names nothing of the pack, in words.
    pub ignored: BTreeMap<String, u64>,
}

impl Counted {
    /// Customers with a candidate who are not planned.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        let crowded: u64 = self.crowded_out.values().sum();
        let refused: u64 = self.refused.values().sum();
        let forced: u64 = self.forced_refused.values().sum();
        crowded + refused + forced + self.not_worth + self.unknown + self.no_day + self.later
    }
}

/// A limit for one time, and how it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitUse {
    /// Index into [`crate::pack::Planning::limits`].
    pub limit: usize,
    /// The time it holds for: `2026-W27`, `2026-07`, `2026-07-01`; `None` for the whole plan.
    pub time: Option<String>,
    /// Never more than this.
    pub most: Option<f64>,
    /// Not less than this, if it can be had.
    pub least: Option<f64>,
    /// What the contacts use, held-out customers aside.
    pub used: f64,
    /// What is expected to be used: everybody who is chosen, weighed by the probability of a contact.
    pub expected: f64,
    /// What one unit more is worth, in the pack's currency. 0 where it does not bind; negative for a `least` that costs.
    pub price: f64,
    /// What is missing to `least`.
    pub short: f64,
}

impl LimitUse {
    /// `capacity.calls/2026-W27`
    #[must_use]
    pub fn name(&self, pack: &Pack) -> String {
        let limit = pack.planning.as_ref().and_then(|plan| plan.limits.get(self.limit));
        let name = limit.map_or_else(String::new, crate::pack::Limit::full_name);
        match &self.time {
            Some(time) => format!("{name}/{time}"),
            None => name,
        }
    }
}
