//! From the sums of a group to what can be said of it: rates, lift, money, profit.

use super::evaluation::Settings;
use super::group::{COST, COVARIATE, MARGIN, REVENUE, Stratum, Sums, VALUES};
use super::verdict::{More, Seen, Verdict};
use crate::plan::Arm;
use crate::stats::mean::{Difference, theta};
use crate::stats::profit::{Uncertain, roi};
use crate::stats::proportion::{anyway, difference, newcombe, p_value};
use crate::stats::ratio::{Ratio, sample_ratio};
use crate::stats::{Arms, Interval, Means, Share, Sum, p_of_z, sequential, welch, wilson};

/// One group of customers: a campaign, a channel, a cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its name as in the plan; empty where it is not known.
    pub name: String,
    /// Contacted: all, and how many of them were won back.
    pub contacted: Share,
    /// Held out: all, and how many of them came back.
    pub held_out: Share,
    /// The share of the contacted who were won back, by Wilson.
    pub rate: Interval,
    /// Of both arms, those who can be compared with nobody: a person decided, or the other arm of their propensity is empty.
    pub apart: u64,
    /// Of them, those whom a person decided about.
    pub decided: u64,
    /// How many propensities there are among the others: above 1 the comparison is put together from one for each.
    pub strata: usize,
    /// The sample-ratio check; `None` where nobody could have been held out.
    pub ratio: Option<Ratio>,
    /// What was spent on the contacted.
    pub cost: f64,
    /// What the contacted brought in.
    pub revenue: f64,
    /// What of it is margin.
    pub margin: f64,
    /// The comparison with those held out; `None` where there is none, or too few returns for one.
    pub effect: Option<Effect>,
    /// What can be said.
    pub verdict: Verdict,
    /// What the verdict is made of.
    pub(super) seen: Option<Seen>,
}

/// What the contacts changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The share of the contacted who were won back, of those who can be compared.
    pub rate_contact: f64,
    /// The share of those held out, weighted as the contacted are.
    pub rate_holdout: f64,
    /// Their difference.
    pub lift: f64,
    /// Its interval: Newcombe's, or the always-valid one.
    pub interval: Interval,
    /// Its p-value.
    pub p: f64,
    /// The same, adjusted for all rows of the table (Holm).
    pub adjusted: f64,
    /// Returns that contacts brought: lift times the contacted.
    pub returns: (f64, Interval),
    /// The share of the returned who would have come anyway; `None` where an arm has no return.
    pub anyway: Option<(f64, Interval)>,
    /// Revenue per customer; `None` where it is not known.
    pub revenue: Option<Money>,
    /// Margin per customer.
    pub margin: Option<Money>,
    /// Profit.
    pub worth: Option<Worth>,
}

/// Money per customer in the two arms, by Welch; with CUPED where a covariate is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Money {
    /// Mean of the contacted.
    pub contact: f64,
    /// Mean of those held out, weighted as the contacted are.
    pub holdout: f64,
    /// The difference, adjusted by CUPED.
    pub difference: f64,
    /// Its interval.
    pub interval: Interval,
    /// Its p-value.
    pub p: f64,
    /// Whether it is: where nothing is known of before the contact it is that of the means.
    pub adjusted: bool,
    /// By what share CUPED made its variance smaller, 0 to 1.
    pub reduction: f64,
}

/// What contacts earned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// Incremental margin less incremental cost, of all who were contacted and can be compared.
    pub profit: f64,
    /// Its interval.
    pub interval: Interval,
    /// Profit per unit of money spent, with Fieller's interval; `None` where nothing was spent.
    pub roi: Option<(f64, Option<Interval>)>,
}

/// Customers who can be compared: both arms, at least two in each.
struct Compared<'a> {
    strata: Vec<(f64, &'a Stratum)>,
    contacted: f64,
}

impl<'a> Compared<'a> {
    fn of(sums: &'a Sums) -> Self {
        let fit = |(bits, stratum): (&u64, &'a Stratum)| {
            let p = f64::from_bits(*bits);
            let both = stratum.contact.moments.count() >= 2.0 && stratum.holdout.moments.count() >= 2.0;
            (p > 0.0 && p < 1.0 && both).then_some(stratum)
        };
        let strata: Vec<&Stratum> = sums.strata.iter().filter_map(fit).collect();
        let contacted: f64 = strata.iter().map(|s| s.contact.moments.count()).sum();
        let strata = strata.into_iter().map(|s| (s.contact.moments.count() / contacted, s)).collect();
        Self { strata, contacted }
    }

    fn arms(&self) -> Vec<Arms> {
        let share = |cell: &super::group::Cell| Share { hits: cell.won, of: cell.moments.count() as u64 };
        let arms = |(weight, s): &(f64, &Stratum)| Arms {
            treated: share(&s.contact),
            control: share(&s.holdout),
            weight: *weight,
        };
        self.strata.iter().map(arms).collect()
    }

    fn welch(&self, weights: [f64; VALUES]) -> Option<Difference> {
        let means = |(weight, s): &(f64, &Stratum)| Means {
            treated: s.contact.moments.of(weights),
            control: s.holdout.moments.of(weights),
            weight: *weight,
        };
        welch(&self.strata.iter().map(means).collect::<Vec<_>>())
    }

    fn theta(&self, of: [f64; VALUES]) -> f64 {
        let cells: Vec<_> = self.strata.iter().flat_map(|(_, s)| [&s.contact.moments, &s.holdout.moments]).collect();
        theta(&cells, of, COVARIATE)
    }

    /// The weighted means of the two arms.
    fn means(&self, of: [f64; VALUES]) -> (f64, f64) {
        self.strata.iter().fold((0.0, 0.0), |(a, b), (weight, s)| {
            (a + weight * s.contact.moments.mean(of), b + weight * s.holdout.moments.mean(of))
        })
    }

    /// The covariance of the differences of two values.
    fn covariance(&self, a: [f64; VALUES], b: [f64; VALUES]) -> f64 {
        let cell = |cell: &super::group::Cell| {
            let n = cell.moments.count();
            cell.moments.co(a, b) / (n - 1.0) / n
        };
        self.strata.iter().map(|(weight, s)| weight * weight * (cell(&s.contact) + cell(&s.holdout))).sum()
    }
}

/// What can be said of a group, before its p-value is adjusted for the other rows.
pub(super) fn estimate(name: String, sums: &Sums, planned: u64, worth: Option<f64>, settings: &Settings) -> Row {
    let (mut contacted, mut held_out) = (Share::default(), Share::default());
    let mut totals = [Sum::default(); 3];
    let (mut expected, mut variance, mut observed) = (0.0, 0.0, 0);
    for (bits, stratum) in &sums.strata {
        let p = f64::from_bits(*bits);
        let (contact, holdout) = (stratum.contact.moments.count(), stratum.holdout.moments.count());
        contacted = Share { hits: contacted.hits + stratum.contact.won, of: contacted.of + contact as u64 };
        held_out = Share { hits: held_out.hits + stratum.holdout.won, of: held_out.of + holdout as u64 };
        totals.iter_mut().zip(&stratum.contact.sums).for_each(|(total, sum)| total.add(sum.value()));
        if p > 0.0 && p < 1.0 {
            expected += p * (contact + holdout);
            variance += p * (1.0 - p) * (contact + holdout);
            observed += contact as u64;
        }
    }
    let mut ratio = (variance > 0.0).then(|| sample_ratio(observed, expected, variance));
    if sums.impossible > 0 {
        let off = Ratio { expected, observed, chi_square: f64::INFINITY, p: 0.0 };
        ratio = Some(off);
    }
    let [revenue, margin, cost] = totals.map(|total| total.value());
    let compared = Compared::of(sums);
    let arms = compared.arms();
    let inside: u64 = arms.iter().map(|a| a.treated.of + a.control.of).sum();
    let mut row = Row {
        name,
        contacted,
        held_out,
        rate: wilson(contacted, settings.alpha),
        apart: contacted.of + held_out.of - inside,
        decided: sums.decided,
        strata: arms.len(),
        ratio,
        cost,
        revenue,
        margin,
        effect: None,
        verdict: Verdict::NoHoldout,
        seen: None,
    };
    let trusted = row.ratio.is_none_or(|ratio| ratio.holds());
    if arms.is_empty() {
        // Some are held out, but no share of them can be compared: one alone has no variance.
        if held_out.of > 0 {
            row.verdict = match contacted.hits + held_out.hits {
                _ if !trusted => Verdict::NotTrusted,
                0 => Verdict::Nobody,
                _ => Verdict::TooFew(More { count: None, arm: Arm::Holdout, effect: None }),
            };
        }
        return row;
    }
    // With arms that are not what they should be no number that compares them is worked out at all.
    if !trusted {
        row.verdict = Verdict::NotTrusted;
        return row;
    }
    let planned_rate = (sums.success.0 > 0).then(|| sums.success.1 / sums.success.0 as f64);
    let rate = |of: fn(&Arms) -> Share| arms.iter().map(|a| a.weight * of(a).rate()).sum::<f64>();
    let (rate_contact, rate_holdout) = (rate(|a| a.treated), rate(|a| a.control));
    let seen = Seen {
        contact: arms.iter().map(|a| a.treated.of).sum(),
        holdout: arms.iter().map(|a| a.control.of).sum(),
        won: arms.iter().map(|a| a.treated.hits + a.control.hits).sum(),
        rate_holdout,
        worth,
        alpha: settings.alpha,
        level: if settings.sequential { p_of_z(sequential::reach(1.0, settings.alpha)) } else { settings.alpha },
        power: settings.power,
    };
    if seen.won == 0 {
        row.verdict = Verdict::Nobody;
        return row;
    }
    if let Some(more) = seen.too_few() {
        row.verdict = Verdict::TooFew(more);
        return row;
    }
    // How much of the information that the plan reckons with is there, for those who look every day.
    let returns = planned_rate.unwrap_or(USUAL_RATE) * planned as f64;
    let fraction = settings.sequential.then(|| seen.won as f64 / returns.max(super::verdict::FEWEST));
    row.effect = Some(effect(&compared, &arms, (rate_contact, rate_holdout), fraction, settings));
    row.seen = Some(seen);
    row
}

/// The share that returns where the plan does not say it: only how wide always-valid intervals are at the end depends on it.
const USUAL_RATE: f64 = 0.1;

fn effect(
    compared: &Compared<'_>,
    arms: &[Arms],
    (rate_contact, rate_holdout): (f64, f64),
    fraction: Option<f64>,
    settings: &Settings,
) -> Effect {
    let alpha = settings.alpha;
    let lift = difference(arms);
    let (interval, p) = match fraction {
        None => (newcombe(arms, alpha), p_value(arms)),
        Some(fraction) => {
            let variance = arms.iter().map(|a| a.weight.powi(2) * (a.treated.variance() + a.control.variance()));
            let error = variance.sum::<f64>().sqrt();
            let p = sequential::p_value(lift, error, fraction, alpha);
            (sequential::always_valid(lift, error, fraction, alpha), p)
        }
    };
    // The level at which a fixed interval is as wide as the always-valid one.
    let level = fraction.map_or(alpha, |fraction| p_of_z(sequential::reach(fraction, alpha)));
    let money = |of: [f64; VALUES], known: bool| {
        if !known {
            return None;
        }
        let theta = compared.theta(of);
        let adjusted = minus(of, theta);
        let (plain, found) = (compared.welch(of)?, compared.welch(adjusted)?);
        let (contact, holdout) = compared.means(of);
        let reduction = if plain.error > 0.0 { 1.0 - (found.error / plain.error).powi(2) } else { 0.0 };
        let p = match fraction {
            Some(fraction) => sequential::p_value(found.value, found.error, fraction, alpha),
            None => found.p,
        };
        let interval = found.interval(level);
        Some(Money { contact, holdout, difference: found.value, interval, p, adjusted: theta != 0.0, reduction })
    };
    Effect {
        rate_contact,
        rate_holdout,
        lift,
        interval,
        p,
        adjusted: p,
        returns: (lift * compared.contacted, interval.times(compared.contacted)),
        anyway: anyway(arms, level),
        revenue: money(REVENUE, settings.revenue),
        margin: money(MARGIN, settings.margin),
        worth: if settings.margin { worth(compared, level) } else { None },
    }
}

/// `of` less the covariate times theta.
fn minus(of: [f64; VALUES], theta: f64) -> [f64; VALUES] {
    let mut weights = of;
    for (weight, covariate) in weights.iter_mut().zip(COVARIATE) {
        *weight -= theta * covariate;
    }
    weights
}

/// Incremental profit and return on what was spent. The margin is adjusted by CUPED, the cost is taken as it is.
fn worth(compared: &Compared<'_>, level: f64) -> Option<Worth> {
    let margin = minus(MARGIN, compared.theta(MARGIN));
    let mut net = margin;
    for (weight, cost) in net.iter_mut().zip(COST) {
        *weight -= cost;
    }
    let (net, above, below) = (compared.welch(net)?, compared.welch(margin)?, compared.welch(COST)?);
    let n = compared.contacted;
    let ratio = Uncertain {
        above: above.value,
        below: below.value,
        variance_above: above.error.powi(2),
        variance_below: below.error.powi(2),
        covariance: compared.covariance(margin, COST),
        freedom: if above.freedom.is_finite() { above.freedom } else { 1e12 },
    };
    Some(Worth {
        profit: net.value * n,
        interval: net.interval(level).times(n),
        roi: roi(ratio, level).filter(|_| below.value > 0.0),
    })
}
