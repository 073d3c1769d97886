//! Holdouts: customers who would be contacted and are not, so that the effect can be seen.
//!
//! Who is held out follows from her key and the experiment's name alone ([`position`]), so it is the same in every plan, on every
//! machine, and can be repeated by anybody. Raising a share adds customers and lets nobody go.
//!
//! Two experiments decide about a row: the global one, whose customers no plan contacts, and the campaign's. A human decision is
//! never held out.
//!
//! **The global one** looks at nothing but the position: whoever is below the share is held out of every plan, whoever else is planned,
//! as long as name and share stay. It is never stratified, nor is a campaign's experiment that has its name and is the same.
//!
//! **Stratified** (`[plan] stratify`), a campaign's experiment holds out its share of each stratum exactly, up to rounding: the customers
//! with the lowest positions of the stratum. The cost is stability: the share is then one of *these* customers, so one near the
//! border may be held out of one plan and contacted by the next when others join or leave her stratum. Without strata she never changes
//! sides as long as name and share stay. How a stratum's share is rounded is decided by a hash as well, so that over many small strata
//! (of one customer each, at worst) the share is still met, and everybody's propensity is what is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::row::Arm;
use crate::pack::Pack;

/// Where a customer stands in an experiment, 0 to 1: held out if below the share.
///
/// The first 8 bytes of SHA-256(experiment, a line feed, key), read as a big-endian number and divided by 2^64. In Python:
///
/// ```text
/// int.from_bytes(hashlib.sha256(f"{experiment}\n{key}".encode()).digest()[:8], "big") / 2**64
/// ```
///
/// In SQL (DuckDB):
///
/// ```text
/// ('0x' || left(sha256(experiment || chr(10) || key), 16))::UBIGINT / 18446744073709551616.0
/// ```
///
/// In PostgreSQL (11 and later), where a `bigint` has a sign:
///
/// ```text
/// mod(('x' || left(encode(sha256(convert_to(experiment || E'\n' || key, 'UTF8')), 'hex'), 16))::bit(64)::bigint
///     + 18446744073709551616, 18446744073709551616) / 18446744073709551616
/// ```
#[must_use]
pub fn position(experiment: &str, key: &str) -> f64 {
    let digest = Sha256::new().chain_update(experiment).chain_update(b"\n").chain_update(key).finalize();
    let first = digest.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    first as f64 / 18_446_744_073_709_551_616.0
}

/// Which experiment holds a customer out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HeldBy {
    /// The one over all plans.
    Global,
    /// The campaign's own.
    Campaign,
}

impl HeldBy {
    /// As in a plan's `held_out_by`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            HeldBy::Global => "global",
            HeldBy::Campaign => "campaign",
        }
    }
}

/// Somebody a plan would contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Her key.
    pub key: &'a str,
    /// Index into [`Pack::campaigns`].
    pub campaign: usize,
    /// Her stratum (see [`stratum`]), if the draw is stratified.
    pub stratum: Option<&'a str>,
    /// A human decided for this contact: it is made.
    pub forced: bool,
}

/// What the draw says about a [`Subject`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// Contacted, or held out.
    pub arm: Arm,
    /// By which experiment, if she is held out; the global one is named where both do.
    pub by: Option<HeldBy>,
    /// The probability that she was to be contacted.
    pub propensity: f64,
}

/// A name and the share it holds out.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Hashed with the key.
    pub name: String,
    /// 0 to 1.
    pub share: f64,
}

/// The experiments of a pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Holdouts {
    global: Experiment,
    campaigns: Vec<Experiment>,
    stratified: bool,
}

impl Holdouts {
    /// The experiments a pack declares: `[plan] holdout`, `experiment`, `stratify`, and those of its campaigns.
    #[must_use]
    pub fn of(pack: &Pack) -> Self {
        let plan = pack.planning.as_ref();
        let name = plan.and_then(|plan| plan.experiment.clone()).unwrap_or_else(|| pack.identity.name.clone());
        let global = Experiment { name, share: plan.map_or(0.0, |plan| plan.holdout) };
        let campaigns = pack.campaigns.iter().map(|campaign| Experiment {
            name: campaign.experiment.clone().unwrap_or_else(|| campaign.name.clone()),
            share: campaign.holdout.unwrap_or(0.0),
        });
        Self::new(global, campaigns.collect(), plan.is_some_and(|plan| !plan.stratify.is_empty()))
    }

    /// From a global experiment and one for each campaign, in the pack's order. Shares are brought into 0 to 1.
    #[must_use]
    pub fn new(global: Experiment, campaigns: Vec<Experiment>, stratified: bool) -> Self {
        let tidy = |e: Experiment| Experiment { share: if e.share > 0.0 { e.share.min(1.0) } else { 0.0 }, ..e };
        Self { global: tidy(global), campaigns: campaigns.into_iter().map(tidy).collect(), stratified }
    }

    /// The experiment over all plans.
    #[must_use]
    pub fn global(&self) -> &Experiment {
        &self.global
    }

    /// A campaign's experiment; the global one for an index that is none.
    #[must_use]
    pub fn campaign(&self, campaign: usize) -> &Experiment {
        self.campaigns.get(campaign).unwrap_or(&self.global)
    }

    /// The probability that a customer planned for this campaign is contacted: (1 - global share) * (1 - campaign share).
    ///
    /// Where the campaign's experiment has the global one's name, both look at the same position, and the larger share decides alone.
    #[must_use]
    pub fn propensity(&self, campaign: usize) -> f64 {
        let own = self.campaign(campaign);
        if own.name == self.global.name {
            1.0 - own.share.max(self.global.share)
        } else {
            (1.0 - self.global.share) * (1.0 - own.share)
        }
    }

    /// Who is contacted and who is held out, in the order of `rows`, on which nothing else depends.
    ///
    /// Rows of one customer in one experiment fare alike, unless campaigns of one experiment hold out different shares. The two draws
    /// are independent of each other: a campaign's share is met among all its rows, whether the global holdout has them or
    /// not, so that raising either share never lets anybody go.
    #[must_use]
    pub fn draw(&self, rows: &[Subject<'_>]) -> Vec<Drawn> {
        let all = || rows.iter().enumerate().filter(|(_, row)| !row.forced);
        let everybody = all().map(|(i, row)| (i, *row, self.global.share)).collect();
        let global = held(&self.global.name, rows.len(), everybody, false);
        let mut experiments: BTreeMap<&str, Vec<(usize, Subject<'_>, f64)>> = BTreeMap::new();
        for (i, row) in all() {
            let own = self.campaign(row.campaign);
            experiments.entry(&own.name).or_default().push((i, *row, own.share));
        }
        let mut own = vec![false; rows.len()];
        for (name, members) in experiments {
            let stratified = self.stratified && name != self.global.name;
            let held = held(name, rows.len(), members, stratified);
            own.iter_mut().zip(held).for_each(|(own, held)| *own |= held);
        }
        let drawn = |((row, global), own): ((&Subject<'_>, bool), bool)| {
            let by = if global { Some(HeldBy::Global) } else { own.then_some(HeldBy::Campaign) };
            Drawn {
                arm: if by.is_some() { Arm::Holdout } else { Arm::Contact },
                by,
                propensity: if row.forced { 1.0 } else { self.propensity(row.campaign) },
            }
        };
        rows.iter().zip(global).zip(own).map(drawn).collect()
    }
}

/// Which of `count` rows an experiment holds out, given its members: their row, who they are, and the share that counts for them.
fn held(experiment: &str, count: usize, members: Vec<(usize, Subject<'_>, f64)>, stratified: bool) -> Vec<bool> {
    let mut held = vec![false; count];
    let mut mark = |row: usize| {
        if let Some(held) = held.get_mut(row) {
            *held = true;
        }
    };
    if members.iter().all(|(.., share)| *share <= 0.0) {
        return held;
    }
    if !stratified {
        for (row, subject, share) in members {
            // A position may round to 1: a share of 1 holds out everybody all the same.
            if share >= 1.0 || position(experiment, subject.key) < share {
                mark(row);
            }
        }
        return held;
    }
    let mut placed: Vec<Placed<'_>> = members
        .into_iter()
        .map(|(row, subject, share)| Placed {
            stratum: subject.stratum.unwrap_or(""),
            position: position(experiment, subject.key),
            key: subject.key,
            row,
            share,
        })
        .collect();
    placed.sort_unstable_by(|a, b| {
        let by_place = a.stratum.cmp(b.stratum).then(a.position.total_cmp(&b.position));
        by_place.then_with(|| a.key.cmp(b.key)).then(a.row.cmp(&b.row))
    });
    for members in placed.chunk_by(|a, b| a.stratum == b.stratum) {
        let customers = members.chunk_by(|a, b| a.key == b.key);
        let size = customers.clone().count() as f64;
        let stratum = members.first().map_or("", |first| first.stratum);
        let rounding = position(experiment, &format!("\n{stratum}"));
        for (rank, rows) in customers.enumerate() {
            for placed in rows {
                if (rank as f64) < (placed.share * size + rounding).floor() {
                    mark(placed.row);
                }
            }
        }
    }
    held
}

/// A member of an experiment, in her place.
struct Placed<'a> {
    stratum: &'a str,
    position: f64,
    key: &'a str,
    row: usize,
    share: f64,
}

/// The stratum of a customer from the values of `[plan] stratify`: `A / private`; what is not known is `–`. `None` without values.
#[must_use]
pub fn stratum(values: &[Option<&str>]) -> Option<Arc<str>> {
    let words: Vec<&str> = values.iter().map(|value| value.unwrap_or("–")).collect();
    (!words.is_empty()).then(|| Arc::from(words.join(" / ")))
}

#[cfg(test)]
mod tests;
