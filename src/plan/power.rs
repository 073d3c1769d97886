//! Whether a plan's holdouts are large enough for the effects its campaigns are said to have.

use std::sync::Arc;

use super::row::PlanRow;
use crate::pack::Pack;

/// Where the share that returns without a contact is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseFrom {
    /// The mean of `anyway`.
    Anyway,
    /// The mean of `success`, less the declared `effect`.
    Effect,
    /// Half the mean of `success`: nobody says who would return anyway.
    Half,
}

/// Where the effect is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectFrom {
    /// `effect` of the campaign.
    Declared,
    /// The mean of `success` less the mean of `anyway`.
    Expected,
}

/// What can be said before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// The effect is seen with the power that is asked for.
    Seen,
    /// The effect is too small for these numbers.
    Hidden,
    /// Nobody is held out, so nothing can be seen.
    NoHoldout,
    /// No effect is declared and none follows from `success` and `anyway`.
    NoEffect,
    /// Neither `success` nor `anyway` is known, so nothing can be computed.
    NoBase,
    /// A human decided for everybody, or nobody is planned.
    Nobody,
}

/// What a campaign's holdout, or that of several campaigns in one experiment, can show.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The campaigns: one, or all of an experiment that several share.
    pub campaigns: Vec<Arc<str>>,
    /// The experiment's name.
    pub experiment: Arc<str>,
    /// Customers who are contacted, human decisions aside.
    pub treated: u64,
    /// Customers who are held out.
    pub held_out: u64,
    /// The share that returns without a contact, and where it is taken from.
    pub base: Option<(f64, BaseFrom)>,
    /// By how much the contact raises it, and where that is taken from.
    pub effect: Option<(f64, EffectFrom)>,
    /// The smallest raise that is seen.
    pub detectable: Option<f64>,
    /// The share of these customers that would have to be held out; `None` if no share is enough.
    pub share_needed: Option<f64>,
    /// How many customers it takes at the present share.
    pub customers_needed: Option<u64>,
    /// The two-sided significance.
    pub significance: f64,
    /// The probability of seeing the effect.
    pub power: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// One finding per campaign that contacts somebody, in the pack's order; then one per experiment that several campaigns share.
#[must_use]
pub fn findings(_pack: &Pack, _rows: &[PlanRow]) -> Vec<Finding> {
    Vec::new()
}
