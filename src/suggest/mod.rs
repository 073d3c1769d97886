//! Step 4, optimise: better curves, weights and thresholds from what came of plans.
//!
//! `gather` makes a [`Sheet`] of customers and what came of them, [`suggest`](suggest()) says what separates those who
//! returned, learns better rules and judges them on customers they were not learnt from, [`overlay`] writes them down.
//! Nothing is applied, and where the gain may as well be none nothing is suggested. [`policy`] judges a pack that was never run by
//! what came of another one's plan.

pub mod auc;
pub mod gain;
mod gather;
pub mod isotonic;
pub mod learn;
pub mod line;
pub mod overlay;
pub mod policy;
pub mod separate;
pub mod sheet;
#[cfg(test)]
mod tests;
pub mod threshold;
pub mod words;

pub use gather::{Gathered, Known, as_if_planned, from_plan, from_records};
pub use sheet::Sheet;

use auc::Estimate;
use gain::{Gain, cross_validated};
use learn::{Rules, learn};
use separate::{Separator, separate};
use threshold::Threshold;

use crate::stats::{Share, holm, z};

/// Customers with each outcome below which nothing is suggested.
pub const ENOUGH: u64 = 20;
/// The probability of suggesting something where there is nothing.
const ALPHA: f64 = 0.05;

/// What a gain is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Incremental profit, against those held out.
    Profit,
    /// How well those who returned are told from the others.
    Returns,
}

/// How to judge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// What decides; `None`: profit where customers were held out by chance, else returns.
    pub by: Option<By>,
    /// The share of customers whom both sets of rules may choose.
    pub share: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { by: None, share: 0.5 }
    }
}

/// What is said of a change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Too few outcomes; so many more of the rarer one.
    TooFew(u64),
    /// Nothing was found that might be better.
    Nothing,
    /// The gain may as well be none. About so many times the customers would tell, if it is what it looks like.
    Unclear(Option<f64>),
    /// Better.
    Better,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestions {
    /// Those contacted, and how many returned.
    pub contacted: Share,
    /// Those held out.
    pub held_out: Share,
    /// What decides.
    pub by: By,
    /// What separates those who returned.
    pub separators: Vec<Separator>,
    /// New curves and weights, with the lines that fit them.
    pub ranking: Change,
    /// New lines alone.
    pub lines: Change,
    /// A new threshold for letting go.
    pub threshold: Option<(Threshold, Verdict)>,
    /// Criteria of `chance` that go against what came of it.
    pub contrary: Vec<usize>,
}

/// Rules, what they bring, and what is said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Learnt from everybody.
    pub rules: Rules,
    /// Cross-validated.
    pub gain: Option<Gain>,
    /// What it is about, in the unit of what decides.
    pub decisive: Option<Estimate>,
    /// Whether to suggest it.
    pub verdict: Verdict,
}

impl Suggestions {
    /// The rules that are suggested, if any are.
    #[must_use]
    pub fn better(&self) -> Option<&Change> {
        [&self.ranking, &self.lines].into_iter().find(|change| change.verdict == Verdict::Better)
    }

    /// The threshold that is suggested, if one is.
    #[must_use]
    pub fn better_threshold(&self) -> Option<&Threshold> {
        self.threshold.as_ref().filter(|(_, verdict)| *verdict == Verdict::Better).map(|(t, _)| t)
    }

    /// Whether anything is suggested.
    #[must_use]
    pub fn any(&self) -> bool {
        self.better().is_some() || self.better_threshold().is_some()
    }
}

/// Looks for better rules.
#[must_use]
pub fn suggest(sheet: &Sheet, options: Options) -> Suggestions {
    let count = |contacted: bool| {
        let of = || sheet.cases.iter().filter(|c| c.contacted == contacted);
        Share { hits: of().filter(|c| c.returned).count() as u64, of: of().count() as u64 }
    };
    let (contacted, held_out) = (count(true), count(false));
    let by = options.by.filter(|_| !sheet.untrusted).unwrap_or(if sheet.has_holdout() && profit_known(sheet) {
        By::Profit
    } else {
        By::Returns
    });
    let separators = separate(sheet);
    let rows = sheet.contacted();
    let present = Rules::present(sheet);
    let fewer = contacted.hits.min(contacted.of - contacted.hits);
    if fewer < ENOUGH {
        let none = Change { rules: present, gain: None, decisive: None, verdict: Verdict::TooFew(ENOUGH - fewer) };
        return Suggestions {
            contacted,
            held_out,
            by,
            separators,
            ranking: none.clone(),
            lines: none,
            threshold: None,
            contrary: Vec::new(),
        };
    }
    let rules = learn(sheet, &rows, true);
    let lines = learn(sheet, &rows, false);
    let contrary = rules.contrary.clone();
    let mut ranking = change(sheet, rules, options.share, by, true);
    let mut lines = change(sheet, lines, options.share, by, false);
    let threshold = threshold::threshold(sheet);

    // Three questions at once: the probability that any is answered wrongly with "better" is the one of the whole command.
    let questions = [ranking.decisive, lines.decisive, threshold.as_ref().map(|t| t.gain)];
    let p: Vec<f64> = questions.iter().map(|q| q.map_or(1.0, |estimate| estimate.p())).collect();
    let adjusted = holm(&p);
    let verdict = |at: usize| match (questions.get(at).copied().flatten(), adjusted.get(at)) {
        (Some(estimate), Some(p)) if *p < ALPHA && estimate.value > 0.0 => Verdict::Better,
        (Some(estimate), _) => Verdict::Unclear(times(estimate)),
        (None, _) => Verdict::Nothing,
    };
    ranking.verdict = verdict(0);
    lines.verdict = verdict(1);
    if ranking.verdict == Verdict::Better && lines.verdict == Verdict::Better {
        // The lines of the new ranking are part of it.
        lines.verdict = Verdict::Nothing;
    }
    let threshold = threshold.map(|t| (t, verdict(2)));
    Suggestions { contacted, held_out, by, separators, ranking, lines, threshold, contrary }
}

/// Whether it is known what customers brought who could have been held out.
fn profit_known(sheet: &Sheet) -> bool {
    sheet.cases.iter().any(|c| c.propensity < 1.0 && c.profit.is_some())
}

fn change(sheet: &Sheet, rules: Rules, share: f64, by: By, ranking: bool) -> Change {
    let something = if ranking { rules.ranks_otherwise(sheet) } else { rules.lines.iter().any(Option::is_some) };
    let gain = something.then(|| cross_validated(sheet, ranking, share)).flatten();
    let decisive = gain.as_ref().and_then(|gain| match (ranking, by) {
        // A line alone ranks hardly anybody otherwise; it is there to say true probabilities.
        (false, _) => gain.loss.map(|(.., gain)| gain),
        (true, By::Returns) => Some(gain.area_gain),
        (true, By::Profit) => gain.incremental.as_ref().map(|i| i.gain),
    });
    // What does not change anything in any part has no spread, and is no gain.
    let decisive = decisive.filter(|estimate| estimate.error > 0.0);
    Change { rules, gain, decisive, verdict: Verdict::Nothing }
}

/// How many times the customers would tell, if the gain is what it looks like; `None` if it looks like a loss.
fn times(estimate: Estimate) -> Option<f64> {
    (estimate.value > 0.0).then(|| (z(ALPHA) * estimate.error / estimate.value).powi(2).max(1.1))
}
