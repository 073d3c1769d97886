//! Counting decisions, batch by batch, in memory that does not grow with them.
//!
//! Sums are kept as whole millionths, so that they are exact and the same in whatever order the batches come.

use std::collections::{BTreeMap, HashMap};

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use super::columns::{Codes, MILLION, Numbers, flags, millionths};
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
    /// Customers about whom people decided.
    pub(super) overridden: u64,
    /// What people decided and the pack does not have.
    pub(super) ignored: Groups<1, 0>,
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
            overridden: 0,
            ignored: BTreeMap::new(),
            top: Top::new(top),
        }
    }

    /// Counts a batch of decisions. The columns it reads are [`Layout::columns`]; those that are not there count as missing.
    ///
    /// # Errors
    /// A column of a type that cannot be read as what it should hold, or no key column.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let suppressed = flags(batch, "suppressed")?;
        let live: Vec<bool> = suppressed.iter().map(|s| !s).collect();
        let gone = suppressed.iter().filter(|s| **s).count() as u64;
        self.suppressed += gone;
        self.decided += batch.num_rows() as u64 - gone;
        if gone > 0 {
            tally(&mut self.reasons, &suppressed, [&Codes::read(batch, "suppressed_because")?], []);
        }
        let text = |name: &str| Codes::read(batch, name);
        let (state, track, cause, class) = (text("state")?, text("track")?, text("cause")?, text("class")?);
        let (grade, campaign, offer, channel) = (text("grade")?, text("campaign")?, text("offer")?, text("channel")?);
        let measure = |name: &str| Numbers::read(batch, name);
        let money = measure(if self.layout.money.is_some() { "money" } else { "" })?;
        tally(&mut self.states, &live, [&state, &track], [&money]);
        tally(&mut self.causes, &live, [&cause, &class], [&money]);
        tally(&mut self.grades, &live, [&grade], [&money]);
        let with: Vec<bool> = live.iter().zip(&campaign.codes).map(|(live, code)| *live && *code > 0).collect();
        let without: Vec<bool> = live.iter().zip(&with).map(|(live, with)| *live && !with).collect();
        let (cost, success, net) = (measure("cost")?, measure("success")?, measure("net")?);
        tally(&mut self.campaigns, &with, [&campaign, &offer, &channel], [&money, &cost, &success, &net]);
        tally(&mut self.without, &without, [&grade], [&money]);
        let overridden = text(if self.layout.human { "overridden" } else { "" })?;
        if self.layout.human {
            self.overridden += overridden.codes.iter().filter(|code| **code > 0).count() as u64;
            let ignored = text("override_ignored")?;
            let some: Vec<bool> = ignored.codes.iter().map(|code| *code > 0).collect();
            if some.contains(&true) {
                tally(&mut self.ignored, &some, [&ignored], []);
            }
        }
        let texts = Texts {
            overridden: &overridden,
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
        self.overridden += other.overridden;
        merge(&mut self.ignored, other.ignored);
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

/// Counts the rows of a mask by the texts of `K` columns: as a number per combination of codes first, as texts once per batch.
fn tally<const K: usize, const M: usize>(
    groups: &mut Groups<K, M>,
    rows: &[bool],
    columns: [&Codes; K],
    measures: [&Numbers; M],
) {
    let mut keep = |place: usize, tally: &Tally<M>| {
        let mut rest = place;
        let texts = columns.map(|c| {
            let code = rest % c.size();
            rest /= c.size();
            c.text(code).map(str::to_owned)
        });
        groups.entry(texts).or_default().add(tally);
    };
    let size = columns.iter().try_fold(1usize, |n, c| n.checked_mul(c.size()));
    // A pack has few states and campaigns; a file from elsewhere may hold anything.
    if let Some(size) = size.filter(|&n| n <= 1 << 14) {
        // One place more than there are combinations, for the rows that are left out.
        let outside = u32::try_from(size).unwrap_or(u32::MAX);
        let mut places: Vec<u32> = vec![0; rows.len()];
        for column in columns.iter().rev() {
            let size = u32::try_from(column.size()).unwrap_or(u32::MAX);
            for (place, code) in places.iter_mut().zip(&column.codes) {
                *place = place.wrapping_mul(size).wrapping_add(*code);
            }
        }
        for (place, row) in places.iter_mut().zip(rows) {
            *place = if *row { *place } else { outside };
        }
        let mut local = vec![Tally::<M>::default(); size + 1];
        for place in &places {
            if let Some(tally) = local.get_mut(*place as usize) {
                tally.count += 1;
            }
        }
        for (i, numbers) in measures.iter().enumerate() {
            numbers.each(|row, x| {
                let tally = places.get(row).and_then(|place| local.get_mut(*place as usize));
                if let Some(sum) = tally.and_then(|t| t.sums.get_mut(i))
                    && x.is_finite()
                {
                    sum.0 = sum.0.saturating_add(millionths(x));
                    sum.1 += 1;
                }
            });
        }
        local.iter().take(size).enumerate().filter(|(_, t)| t.count > 0).for_each(|(place, t)| keep(place, t));
        return;
    }
    let mut local: HashMap<[u32; K], Tally<M>> = HashMap::new();
    for (row, _) in rows.iter().enumerate().filter(|(_, wanted)| **wanted) {
        let tally = local.entry(columns.map(|c| c.code(row))).or_default();
        tally.count += 1;
        for (sum, numbers) in tally.sums.iter_mut().zip(&measures) {
            if let Some(x) = numbers.row(row) {
                sum.0 = sum.0.saturating_add(millionths(x));
                sum.1 += 1;
            }
        }
    }
    for (codes, tally) in local {
        let mut codes = codes.into_iter();
        let texts = columns.map(|c| c.text(codes.next().unwrap_or(0) as usize).map(str::to_owned));
        groups.entry(texts).or_default().add(&tally);
    }
}

fn merge<const K: usize, const M: usize>(into: &mut Groups<K, M>, from: Groups<K, M>) {
    for (key, tally) in from {
        into.entry(key).or_default().add(&tally);
    }
}
