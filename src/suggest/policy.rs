//! Champion and challenger: what a plan that was never run would have brought, from what came of the one that was run.
//!
//! The plan that was run has logged with which probability each customer was contacted. A customer counts for the challenger
//! where chance has done what it would have done, by the inverse of that probability (IPS; Horvitz & Thompson 1952), the
//! same with weights that sum to one (self-normalised; Hájek 1971), and doubly robust with a simple model of profit
//! (Dudík, Langford & Li 2011). Where chance could not have done it, nothing is known, and nothing is said.

use std::collections::HashMap;
use std::sync::Arc;

use super::auc::Estimate;
use super::gain::expected;
use super::sheet::Sheet;

/// Whom a plan contacts: the campaign by key. Whoever is not listed is left alone.
pub type Choices = HashMap<Arc<str>, Arc<str>>;

/// Customers of whom nothing is known under the challenger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoData {
    /// The challenger contacts them, the champion planned none of them.
    pub never_contacted: usize,
    /// The challenger contacts them by another campaign than the champion.
    pub other_campaign: usize,
    /// The challenger leaves them alone, the champion held none of them out.
    pub never_left_alone: usize,
}

impl NoData {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.never_contacted + self.other_campaign + self.never_left_alone
    }
}

/// The profit of one plan per customer, estimated in three ways.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// Customers whom it contacts.
    pub contacts: usize,
    /// Customers for whom chance has done what it would have done.
    pub followed: usize,
    /// How many customers the weights are worth: `(sum w)^2 / sum w^2`.
    pub effective: f64,
    /// Inverse propensities.
    pub ips: Estimate,
    /// The same, self-normalised.
    pub normalised: Estimate,
    /// Doubly robust.
    pub robust: Estimate,
}

/// Both plans on the same customers.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Customers of whom there are data for both.
    pub customers: usize,
    /// Customers whom both treat alike.
    pub alike: usize,
    /// The plan that was run.
    pub champion: Value,
    /// The one that was not.
    pub challenger: Value,
    /// Challenger less champion per customer: doubly robust, on the same customers.
    pub difference: Estimate,
    /// Those left out of all this.
    pub no_data: NoData,
}

/// Why nothing can be said at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotJudge {
    /// There is no customer of whom there are data for both plans.
    NobodyInCommon(NoData),
    /// It is not known what customers brought.
    NoProfit,
    /// The arms are not of the size they should be: what rests on the logged probabilities is not to be trusted.
    Arms,
}

/// Judges a challenger by the outcomes of the champion's plan. `sheet` holds everybody in that plan, contacted or held out.
///
/// # Errors
/// If nothing can be said.
pub fn judge(sheet: &Sheet, challenger: &Choices) -> Result<Judged, CannotJudge> {
    if sheet.untrusted {
        return Err(CannotJudge::Arms);
    }
    let planned: HashMap<&str, ()> = sheet.cases.iter().map(|c| (c.key.as_ref(), ())).collect();
    let mut no_data = NoData {
        never_contacted: challenger.keys().filter(|key| !planned.contains_key(key.as_ref())).count(),
        ..NoData::default()
    };
    let expected = expected(sheet);
    let mut rows: Vec<Row> = Vec::new();
    let mut profit_unknown = 0usize;
    for (case, expected) in sheet.cases.iter().zip(expected) {
        let contact = match challenger.get(&case.key) {
            None => false,
            Some(campaign) if case.campaign.as_ref() == Some(campaign) => true,
            Some(_) => {
                no_data.other_campaign += 1;
                continue;
            }
        };
        if !contact && case.propensity >= 1.0 {
            no_data.never_left_alone += 1;
            continue;
        }
        let Some(profit) = case.profit else {
            profit_unknown += 1;
            continue;
        };
        rows.push(Row {
            contact,
            contacted: case.contacted,
            propensity: case.propensity,
            profit,
            with: expected.with,
            without: expected.without,
        });
    }
    if rows.len() < 2 {
        return Err(if profit_unknown > 0 { CannotJudge::NoProfit } else { CannotJudge::NobodyInCommon(no_data) });
    }
    let champion = value(&rows, |_| true);
    let challenger = value(&rows, |row| row.contact);
    let difference: Vec<f64> = rows.iter().map(|row| row.robust(row.contact) - row.robust(true)).collect();
    let zero = Estimate { value: 0.0, error: 0.0 };
    Ok(Judged {
        customers: rows.len(),
        alike: rows.iter().filter(|row| row.contact).count(),
        champion,
        challenger,
        difference: Estimate::mean(&difference).unwrap_or(zero),
        no_data,
    })
}

/// One customer of whom there are data.
struct Row {
    contact: bool,
    contacted: bool,
    propensity: f64,
    profit: f64,
    with: f64,
    without: f64,
}

impl Row {
    /// The inverse probability of what was done, if it is what is asked for; else 0.
    fn weight(&self, contact: bool) -> f64 {
        match (contact == self.contacted, contact) {
            (false, _) => 0.0,
            (true, true) => 1.0 / self.propensity,
            (true, false) => 1.0 / (1.0 - self.propensity),
        }
    }

    fn robust(&self, contact: bool) -> f64 {
        let expected = if contact { self.with } else { self.without };
        expected + self.weight(contact) * (self.profit - expected)
    }
}

fn value(rows: &[Row], contact: impl Fn(&Row) -> bool) -> Value {
    let zero = Estimate { value: 0.0, error: 0.0 };
    let mean = |values: Vec<f64>| Estimate::mean(&values).unwrap_or(zero);
    let weights: Vec<f64> = rows.iter().map(|row| row.weight(contact(row))).collect();
    let (sum, squares) = weights.iter().fold((0.0, 0.0), |(a, b), w| (a + w, b + w * w));
    let ips = mean(rows.iter().zip(&weights).map(|(row, w)| w * row.profit).collect());
    let normalised = if sum > 0.0 {
        let n = rows.len() as f64;
        let value = ips.value * n / sum;
        // Linearised: the weights have a sum of their own.
        let residual = mean(rows.iter().zip(&weights).map(|(row, w)| w * (row.profit - value) * n / sum).collect());
        Estimate { value, error: residual.error }
    } else {
        zero
    };
    Value {
        contacts: rows.iter().filter(|row| contact(row)).count(),
        followed: weights.iter().filter(|w| **w > 0.0).count(),
        effective: if squares > 0.0 { sum * sum / squares } else { 0.0 },
        ips,
        normalised,
        robust: mean(rows.iter().map(|row| row.robust(contact(row))).collect()),
    }
}
