//! The rows of a plan in one order, each contact once, and several contacts of a customer as one.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::data::DataError;
use crate::plan::{Arm, PlanFile, PlanRow};

/// The order in which a plan is looked at: customer, day, campaign. Nothing that is said depends on that of the file.
pub(super) fn order(a: &PlanRow, b: &PlanRow) -> Ordering {
    let rest = |row: &PlanRow| (row.arm.word(), row.offer.clone(), row.channel.clone(), row.speaker.clone());
    place(a)
        .cmp(&place(b))
        .then_with(|| rest(a).cmp(&rest(b)))
        .then_with(|| a.propensity.total_cmp(&b.propensity))
        .then_with(|| a.cost.unwrap_or(0.0).total_cmp(&b.cost.unwrap_or(0.0)))
}

fn place(row: &PlanRow) -> (&str, crate::expr::Date, &str) {
    (&row.key, row.send_on, &row.campaign)
}

/// Puts a plan in order and drops what stands in it twice: the same customer, campaign and day. How many rows were dropped.
///
/// # Errors
/// If one of them says that she was contacted and another that she was held out.
pub fn once(plan: &mut PlanFile) -> Result<u64, DataError> {
    plan.rows.sort_by(order);
    for (a, b) in plan.rows.iter().zip(plan.rows.iter().skip(1)).filter(|(a, b)| place(a) == place(b)) {
        if a.arm != b.arm {
            return Err(DataError::input(format!(
                "the plan has `{}` twice for `{}` on {}: contacted and held out",
                a.key, a.campaign, a.send_on
            ))
            .help("take out the row of what was not done; nobody can be in both arms"));
        }
    }
    let before = plan.rows.len();
    plan.rows.dedup_by(|later, first| place(later) == place(first));
    Ok((before - plan.rows.len()) as u64)
}

/// Several contacts of a customer as one, in the order of their days: contacted if any of them was, with the probability of that. It
/// begins with the first, costs what those cost that were sent, and has all else from the first that was sent.
///
/// `shared` is the share of the holdout over all plans, which decides about all of them at once.
pub(super) fn as_one(rows: &[&PlanRow], shared: f64) -> Option<PlanRow> {
    let sent = || rows.iter().filter(|row| row.arm == Arm::Contact);
    let any = sent().next().is_some();
    let first = sent().next().or(rows.first())?;
    let mut one = PlanRow::clone(first);
    one.send_on = rows.iter().map(|row| row.send_on).min()?;
    one.propensity = any_contact(rows, shared);
    let counted = || rows.iter().filter(|row| !any || row.arm == Arm::Contact);
    let known = counted().any(|row| row.cost.is_some());
    one.cost = known.then(|| counted().filter_map(|row| row.cost).sum());
    // Each further contact adds what it adds to no contact.
    let more = |row: &PlanRow| row.success.zip(row.anyway).map(|(success, anyway)| success - anyway);
    let others = counted().filter(|row| !std::ptr::eq(**row, *first)).filter_map(|row| more(row));
    one.success = first.success.map(|success| (success + others.sum::<f64>()).clamp(0.0, 1.0));
    one.overridden = rows.iter().filter(|row| decided(row)).find_map(|row| row.overridden.clone());
    Some(one)
}

/// Whether a person decided about a row, and not chance.
pub(super) fn decided(row: &PlanRow) -> bool {
    row.overridden.is_some() && (row.propensity <= 0.0 || row.propensity >= 1.0)
}

/// The probability that at least one of the contacts is sent. Those of one experiment fare alike, so the largest counts; draws of
/// different experiments are independent once the holdout over all plans has spared the customer.
fn any_contact(rows: &[&PlanRow], shared: f64) -> f64 {
    let mut experiments: BTreeMap<&str, f64> = BTreeMap::new();
    for row in rows {
        let most = experiments.entry(&row.experiment).or_insert(0.0);
        *most = most.max(row.propensity);
    }
    let most = experiments.values().copied().fold(0.0, f64::max);
    if experiments.len() < 2 || most >= 1.0 || most <= 0.0 {
        return most;
    }
    let spared = (1.0 - shared).clamp(most, 1.0);
    let none: f64 = experiments.values().map(|p| 1.0 - p / spared).product();
    // Equal shares in another order are one stratum.
    ((spared * (1.0 - none)) * 1e12).round() / 1e12
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::expr::Date;

    fn row(experiment: &str, arm: Arm, propensity: f64) -> PlanRow {
        let text = format!(
            "id,arm,propensity,campaign,experiment,send_on,cost\n1,{},{propensity},{experiment},{experiment},2026-07-01,2\n",
            arm.word()
        );
        let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        crate::plan::read::read(file.path(), None).unwrap().rows.remove(0)
    }

    #[test]
    fn the_probability_of_any_contact() {
        let (a, b) = (row("a", Arm::Contact, 0.8), row("b", Arm::Holdout, 0.5));
        // Independent: 1 - 0.2 * 0.5.
        assert_eq!(any_contact(&[&a, &b], 0.0), 0.9);
        assert_eq!(any_contact(&[&b, &a], 0.0), 0.9);
        // A tenth is held out of everything: 0.9 * (1 - 1/9 * 4/9).
        assert!((any_contact(&[&a, &b], 0.1) - (0.9 - 0.9 * 4.0 / 81.0)).abs() < 1e-9);
        // One draw decides about both.
        let again = PlanRow { campaign: "other".into(), send_on: Date::from_ymd(2026, 8, 1).unwrap(), ..a.clone() };
        assert_eq!(any_contact(&[&a, &again], 0.1), 0.8);
        let one = as_one(&[&a, &again, &b], 0.0).unwrap();
        assert_eq!((one.arm, one.cost, one.send_on), (Arm::Contact, Some(4.0), a.send_on));
    }
}
