//! Counting decisions, batch by batch, in memory that does not grow with them.
//!
//! Sums are kept as whole millionths, so that they are exact and the same in whatever order the batches come.

use std::collections::{BTreeMap, HashMap};

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use super::columns::{Codes, Numbers, split};
use super::layout::Layout;
use super::summary::Summary;
use super::top::{Texts, Top};

/// Counts of decisions by state, cause, grade, campaign and reason of suppression, and the best customers.
#[derive(Debug, Clone)]
pub struct Portfolio {
    pub(super) layout: Layout,
    pub(super) suppressed: u64,
    pub(super) decided: u64,
    pub(super) rejected: u64,
    pub(super) input: Option<u64>,
    pub(super) reasons: Groups<1, 0>,
    pub(super) states: Groups<2, 1>,
    pub(super) causes: Groups<2, 1>,
    pub(super) grades: Groups<1, 1>,
    pub(super) campaigns: Groups<3, 4>,
    pub(super) without: Groups<1, 1>,
    pub(super) top: Top,
}

/// What was counted, by the texts of `K` columns, with the sums of `M` number columns. Ordered, so that walking it is stable.
pub(super) type Groups<const K: usize, const M: usize> = BTreeMap<[Option<String>; K], Tally<M>>;

/// A count, and sums.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tally<const M: usize> {
    pub(super) count: u64,
    sums: [(i128, u64); M],
}

impl<const M: usize> Default for Tally<M> {
    fn default() -> Self {
        Self { count: 0, sums: [(0, 0); M] }
    }
}

impl<const M: usize> Tally<M> {
    pub(super) fn add(&mut self, other: &Tally<M>) {
        self.count += other.count;
        for (mine, theirs) in self.sums.iter_mut().zip(&other.sums) {
            mine.0 = mine.0.saturating_add(theirs.0);
            mine.1 += theirs.1;
        }
    }

    /// The `i`th sum; `None` if not one number was there.
    pub(super) fn sum(&self, i: usize) -> Option<f64> {
        let &(sum, known) = self.sums.get(i)?;
        (known > 0).then_some(sum as f64 / MILLION)
    }
}

const MILLION: f64 = 1e6;

/// A number in whole millionths, rounded half away from zero.
fn millionths(x: f64) -> i128 {
    let scaled = x * MILLION;
    if scaled.abs() < 9e15 {
        // `as` drops the fraction, so that the half added makes it round.
        i128::from((scaled + 0.5f64.copysign(scaled)) as i64)
    } else {
        // Far beyond money; kept small enough that a hundred million of them still fit.
        scaled.clamp(-1e30, 1e30) as i128
    }
}

impl Portfolio {
    /// An empty portfolio that keeps the `top` best customers.
    #[must_use]
    pub fn new(layout: Layout, top: usize) -> Self {
        Self {
            layout,
            suppressed: 0,
            decided: 0,
            rejected: 0,
            input: None,
            reasons: BTreeMap::new(),
            states: BTreeMap::new(),
            causes: BTreeMap::new(),
            grades: BTreeMap::new(),
            campaigns: BTreeMap::new(),
            without: BTreeMap::new(),
            top: Top::new(top),
        }
    }

    /// Counts a batch of decisions. The columns it reads are [`Layout::columns`]; those that are not there count as missing.
    ///
    /// # Errors
    /// A column of a type that cannot be read as what it should hold, or no key column.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let (live, suppressed) = split(batch, "suppressed")?;
        self.suppressed += suppressed.len() as u64;
        self.decided += live.len() as u64;
        if !suppressed.is_empty() {
            tally(&mut self.reasons, &suppressed, [&Codes::read(batch, "suppressed_because")?], []);
        }
        let text = |name: &str| Codes::read(batch, name);
        let (state, track, cause, class) = (text("state")?, text("track")?, text("cause")?, text("class")?);
        let (grade, campaign, offer, channel) = (text("grade")?, text("campaign")?, text("offer")?, text("channel")?);
        let money =
            if self.layout.money.is_some() { Numbers::read(batch, "money")? } else { Numbers::read(batch, "")? };
        tally(&mut self.states, &live, [&state, &track], [&money]);
        tally(&mut self.causes, &live, [&cause, &class], [&money]);
        tally(&mut self.grades, &live, [&grade], [&money]);
        let (with, without): (Vec<usize>, Vec<usize>) = live.iter().partition(|&&row| campaign.code(row) > 0);
        let (cost, success, net) =
            (Numbers::read(batch, "cost")?, Numbers::read(batch, "success")?, Numbers::read(batch, "net")?);
        tally(&mut self.campaigns, &with, [&campaign, &offer, &channel], [&money, &cost, &success, &net]);
        tally(&mut self.without, &without, [&grade], [&money]);
        let texts = Texts {
            state: &state,
            track: &track,
            cause: &cause,
            grade: &grade,
            campaign: &campaign,
            offer: &offer,
            channel: &channel,
        };
        self.top.add(batch, &self.layout, &with, &texts)
    }

    /// Takes in what another thread counted with the same layout. The order does not matter.
    pub fn merge(&mut self, other: Portfolio) {
        self.suppressed += other.suppressed;
        self.decided += other.decided;
        self.rejected += other.rejected;
        self.input = match (self.input, other.input) {
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b),
        };
        merge(&mut self.reasons, other.reasons);
        merge(&mut self.states, other.states);
        merge(&mut self.causes, other.causes);
        merge(&mut self.grades, other.grades);
        merge(&mut self.campaigns, other.campaigns);
        merge(&mut self.without, other.without);
        self.top.merge(other.top);
    }

    /// Says how many rows were set aside before any decision.
    pub fn set_rejected(&mut self, rejected: u64) {
        self.rejected = rejected;
    }

    /// Says how many rows came in, counted on its own; without it, what came out is taken to be what came in.
    pub fn set_input(&mut self, rows: u64) {
        self.input = Some(rows);
    }

    /// Customers that were decided, the suppressed left out.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.decided
    }

    /// Customers that were suppressed.
    #[must_use]
    pub fn suppressed(&self) -> u64 {
        self.suppressed
    }

    /// What was found.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(self)
    }

    /// What was found, for machines; the keys are always in the same order.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        // A summary holds nothing that JSON cannot: no map with other keys than texts.
        serde_json::to_value(self.summary()).unwrap_or_default()
    }
}

/// Counts rows by the texts of `K` columns: as a number per combination of codes first, as texts once per batch.
fn tally<const K: usize, const M: usize>(
    groups: &mut Groups<K, M>,
    rows: &[usize],
    columns: [&Codes; K],
    measures: [&Numbers; M],
) {
    let size = columns.iter().try_fold(1usize, |n, c| n.checked_mul(c.size()));
    let place =
        |row: usize| columns.iter().rev().fold(0usize, |at, c| at.wrapping_mul(c.size()).wrapping_add(c.code(row)));
    let add = |tally: &mut Tally<M>, row: usize| {
        tally.count += 1;
        for (sum, numbers) in tally.sums.iter_mut().zip(&measures) {
            if let Some(x) = numbers.row(row) {
                sum.0 = sum.0.saturating_add(millionths(x));
                sum.1 += 1;
            }
        }
    };
    let mut keep = |place: usize, tally: &Tally<M>| {
        let mut rest = place;
        let texts = columns.map(|c| {
            let code = rest % c.size();
            rest /= c.size();
            c.text(code).map(str::to_owned)
        });
        groups.entry(texts).or_default().add(tally);
    };
    // A pack has few states and campaigns; a file from elsewhere may hold anything.
    if let Some(size) = size.filter(|&n| n <= 1 << 14) {
        let mut local = vec![Tally::<M>::default(); size];
        for &row in rows {
            if let Some(tally) = local.get_mut(place(row)) {
                add(tally, row);
            }
        }
        local.iter().enumerate().filter(|(_, t)| t.count > 0).for_each(|(place, t)| keep(place, t));
    } else if size.is_some() {
        let mut local: HashMap<usize, Tally<M>> = HashMap::new();
        for &row in rows {
            add(local.entry(place(row)).or_default(), row);
        }
        local.iter().for_each(|(&place, t)| keep(place, t));
    } else {
        for &row in rows {
            let mut tally = Tally::default();
            add(&mut tally, row);
            groups.entry(columns.map(|c| c.row(row))).or_default().add(&tally);
        }
    }
}

fn merge<const K: usize, const M: usize>(into: &mut Groups<K, M>, from: Groups<K, M>) {
    for (key, tally) in from {
        into.entry(key).or_default().add(&tally);
    }
}
