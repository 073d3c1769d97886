//! What may be said about an effect, and what may not yet.

use crate::plan::Arm;
use crate::stats::Interval;
use crate::stats::power::needed;

/// With fewer returns than this to be expected in an arm nothing is said: 10, the usual bound for comparing two shares.
pub(super) const FEWEST: f64 = 10.0;

/// What can be said of a comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Nobody was held out: what would have happened without a contact is not known.
    NoHoldout,
    /// The arms are not of the size they should be: something other than chance has sorted customers.
    NotTrusted,
    /// Nobody of either arm has returned yet.
    Nobody,
    /// Too few returns to be expected in an arm: not a number is given.
    TooFew(More),
    /// The contact brings customers back: so sure that it holds among all rows of the table.
    Works,
    /// The contact keeps customers away, as surely.
    Harms,
    /// By itself the row shows an effect, and among as many as its table has, chance may have made it.
    OnlyAlone,
    /// If there is an effect, it is smaller than the one worth seeing.
    TooSmall {
        /// The smallest effect worth seeing.
        worth: f64,
    },
    /// There are enough customers to see an effect worth seeing, and none is seen.
    Unseen {
        /// The smallest effect worth seeing.
        worth: f64,
    },
    /// An effect worth seeing may be there or not.
    Open(More),
}

impl Verdict {
    /// One word for machines.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::NoHoldout => "no_holdout",
            Verdict::NotTrusted => "not_trusted",
            Verdict::Nobody => "nobody_returned",
            Verdict::TooFew(_) => "too_few",
            Verdict::Works => "works",
            Verdict::Harms => "harms",
            Verdict::OnlyAlone => "only_alone",
            Verdict::TooSmall { .. } => "too_small",
            Verdict::Unseen { .. } => "unseen",
            Verdict::Open(_) => "open",
        }
    }
}

/// How many more customers it takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct More {
    /// So many; `None` if that cannot be told.
    pub count: Option<u64>,
    /// Of this arm, the smaller one; the other in proportion.
    pub arm: Arm,
    /// The effect they would show, as a difference of shares; `None` if it is about the number of returns.
    pub effect: Option<f64>,
}

/// The numbers a verdict is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    /// Customers that were contacted, of those that can be compared.
    pub contact: u64,
    /// Customers that were held out.
    pub holdout: u64,
    /// How many of both returned.
    pub won: u64,
    /// The share of those held out who returned.
    pub rate_holdout: f64,
    /// The smallest effect worth seeing, if it is known.
    pub worth: Option<f64>,
    /// Level.
    pub alpha: f64,
    /// The level at which an interval for one look is as wide as the one that is used: other than `alpha` for those who look every day.
    pub level: f64,
    /// Power.
    pub power: f64,
}

impl Seen {
    /// Whether there are too few returns to say anything.
    pub(super) fn too_few(&self) -> Option<More> {
        let (arm, least) = self.smaller();
        let rate = self.won as f64 / (self.contact + self.holdout) as f64;
        if least as f64 * rate >= FEWEST {
            return None;
        }
        let count = ((FEWEST / rate).ceil() as u64).saturating_sub(least).max(1);
        Some(More { count: (self.won > 0).then_some(count), arm, effect: None })
    }

    fn smaller(&self) -> (Arm, u64) {
        if self.contact < self.holdout { (Arm::Contact, self.contact) } else { (Arm::Holdout, self.holdout) }
    }

    /// What an interval says. `p` is adjusted for the other rows of the table.
    pub(super) fn verdict(&self, lift: f64, interval: Interval, p: f64) -> Verdict {
        if p < self.alpha && !interval.holds(0.0) {
            return if lift > 0.0 { Verdict::Works } else { Verdict::Harms };
        }
        if !interval.holds(0.0) {
            return Verdict::OnlyAlone;
        }
        let (arm, least) = self.smaller();
        let Some(worth) = self.worth.filter(|worth| *worth > 0.0) else {
            return Verdict::Open(More { count: None, arm, effect: None });
        };
        if interval.high < worth {
            return Verdict::TooSmall { worth };
        }
        let (low, high) = (self.rate_holdout, (self.rate_holdout + worth).min(1.0));
        let enough = match arm {
            Arm::Holdout => needed(low, high, self.contact as f64 / self.holdout as f64, self.level, self.power),
            // Turned round: the smaller arm is what the formula counts.
            Arm::Contact => needed(high, low, self.holdout as f64 / self.contact as f64, self.level, self.power),
        };
        match enough.checked_sub(least) {
            Some(0) | None => Verdict::Unseen { worth },
            Some(more) => Verdict::Open(More { count: (enough < u64::MAX).then_some(more), arm, effect: Some(worth) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: Seen = Seen {
        contact: 900,
        holdout: 100,
        won: 200,
        rate_holdout: 0.2,
        worth: Some(0.05),
        alpha: 0.05,
        level: 0.05,
        power: 0.8,
    };

    #[test]
    fn too_few_returns_are_no_answer() {
        assert_eq!(SEEN.too_few(), None);
        let few = Seen { won: 40, ..SEEN };
        // 4 of 100: 250 held out make 10.
        assert_eq!(few.too_few(), Some(More { count: Some(150), arm: Arm::Holdout, effect: None }));
        assert_eq!(Seen { won: 0, ..SEEN }.too_few().and_then(|m| m.count), None);
    }

    #[test]
    fn verdicts() {
        let of = |low, high, p| SEEN.verdict((low + high) / 2.0, Interval { low, high }, p);
        assert_eq!(of(0.01, 0.05, 0.01), Verdict::Works);
        assert_eq!(of(-0.05, -0.01, 0.01), Verdict::Harms);
        // The interval of the row alone is not enough.
        assert_eq!(of(0.01, 0.09, 0.2), Verdict::OnlyAlone);
        assert_eq!(of(-0.02, 0.04, 0.5), Verdict::TooSmall { worth: 0.05 });
        let Verdict::Open(more) = of(-0.02, 0.06, 0.5) else { unreachable!() };
        assert_eq!(more.count, Some(needed(0.2, 0.25, 9.0, 0.05, 0.8) - 100));
        assert!(matches!(
            Seen { holdout: 100_000, contact: 900_000, ..SEEN }.verdict(0.0, Interval { low: -0.1, high: 0.1 }, 1.0),
            Verdict::Unseen { .. }
        ));
        assert!(matches!(
            Seen { worth: None, ..SEEN }.verdict(0.0, Interval { low: -0.1, high: 0.1 }, 1.0),
            Verdict::Open(More { count: None, .. })
        ));
    }
}
