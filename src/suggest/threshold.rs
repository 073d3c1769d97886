//! From which priority on a contact pays: the threshold below which customers are let go.

use super::auc::Estimate;
use super::gain::effects;
use super::sheet::{FOLDS, Setting, Sheet, fold};

/// Thresholds are tried in steps of this.
const STEP: f64 = 0.25;
/// Customers below a threshold that it takes to say that they do not pay; where some are held out, so many of these, too.
const ENOUGH: usize = 20;

/// A better threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// The parameter, and its present value.
    pub setting: Setting,
    /// Its new value.
    pub new: f64,
    /// Customers between the present threshold and the new one.
    pub below: usize,
    /// What they brought per contact.
    pub each: Option<Estimate>,
    /// What is gained by not contacting those below, all together, cross-validated.
    pub gain: Estimate,
    /// Whether the profit is incremental, measured against a holdout.
    pub incremental: bool,
}

/// Looks for a threshold above the present one; customers below that were never contacted, and nothing is known of them.
/// `None` if the pack has no such parameter, profit is not known, or no threshold is better.
#[must_use]
pub fn threshold(sheet: &Sheet) -> Option<Threshold> {
    let setting = sheet.let_go.clone()?;
    let incremental = sheet.has_holdout();
    let of_contact: Vec<Option<f64>> = if incremental {
        effects(sheet)
    } else {
        sheet.cases.iter().map(|c| c.profit.filter(|_| c.contacted)).collect()
    };
    let mut points: Vec<Point> = Vec::new();
    for (case, profit) in sheet.cases.iter().zip(of_contact) {
        if let (Some(priority), Some(profit)) = (case.priority, profit)
            && priority >= setting.value
        {
            points.push(Point { priority, profit, part: fold(&case.key), counts: !incremental || !case.contacted });
        }
    }
    let new = best(&points, &setting);
    if new <= setting.value {
        return None;
    }
    let parts: Vec<f64> = (0..FOLDS).map(|part| best(&others(&points, part), &setting)).collect();
    let saved: Vec<f64> = points
        .iter()
        .map(|p| if parts.get(p.part).is_some_and(|t| p.priority < *t) { -p.profit } else { 0.0 })
        .collect();
    let gain = Estimate::mean(&saved)?.times(saved.len() as f64);
    let below: Vec<f64> = points.iter().filter(|p| p.priority < new).map(|p| p.profit).collect();
    Some(Threshold { setting, new, below: below.len(), each: Estimate::mean(&below), gain, incremental })
}

/// A customer whom a threshold may let go.
#[derive(Clone, Copy)]
struct Point {
    priority: f64,
    /// What her contact brings beyond no contact, or what she brought.
    profit: f64,
    /// The part she is judged in.
    part: usize,
    /// Whether she counts among those it takes: the held out, where there are any.
    counts: bool,
}

fn others(points: &[Point], part: usize) -> Vec<Point> {
    points.iter().copied().filter(|p| p.part != part).collect()
}

/// The threshold below which the sum is lowest; the present one if it is not below nothing.
fn best(points: &[Point], setting: &Setting) -> f64 {
    let mut found = (setting.value, 0.0);
    let mut at = (setting.value / STEP).floor() * STEP + STEP;
    while at <= 10.0 && setting.allowed(at) == at {
        let below = || points.iter().filter(|p| p.priority < at);
        let sum: f64 = below().map(|p| p.profit).sum();
        if below().filter(|p| p.counts).count() >= ENOUGH && sum < found.1 {
            found = (at, sum);
        }
        at += STEP;
    }
    found.0
}
