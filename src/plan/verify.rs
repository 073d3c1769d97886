//! The proof before a byte is written: every row is held against the rules again, and every limit is summed up from the rows.
//!
//! Whatever it finds is a fault of ours, and nothing is written. It shares nothing with what chose the rows but the records and
//! the pack.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::limits::{Bounds, slack};
use super::permit::{Permission, Planned};
use super::row::{Arm, PlanRow};
use super::rows::Witness;
use crate::expr::Date;
use crate::pack::{Measure, Pack};

/// What a plan must fulfil.
pub(super) struct Promise<'a> {
    pub(super) pack: &'a Pack,
    pub(super) permission: &'a Permission,
    pub(super) bounds: &'a Bounds,
    pub(super) as_of: Date,
    pub(super) last: Date,
}

/// A row that breaks a rule, or a sum that breaks a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// What is broken: `suppressed`, `consent`, `contact`, `limit`, …
    pub(super) rule: &'static str,
    /// In words.
    pub(super) message: String,
}

impl Promise<'_> {
    /// Everything that is wrong with a plan; nothing, if all is as it should be.
    pub(super) fn faults(&self, rows: &[(&PlanRow, &Witness)]) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (row, witness) in rows {
            self.row(row, witness, &mut faults);
        }
        self.customers(rows, &mut faults);
        self.limits(rows, &mut faults);
        faults
    }

    /// One row by itself.
    fn row(&self, row: &PlanRow, witness: &Witness, faults: &mut Vec<Fault>) {
        let who = format!("`{}` by `{}` on {}", row.key, row.campaign, row.send_on);
        let mut say = |rule, what: &str| faults.push(Fault { rule, message: format!("{who}: {what}") });
        let Some(campaign) = self.pack.campaigns.get(witness.campaign).filter(|c| *c.name == *row.campaign) else {
            say("campaign", "there is no such campaign");
            return;
        };
        if campaign.channel.as_deref() != row.channel.as_deref() {
            say("campaign", "the channel is not the campaign's");
        }
        if witness.suppressed {
            say("suppressed", "she is suppressed");
        }
        if !witness.allowed {
            say("consent", "there is no consent for the channel");
        }
        if !witness.candidate {
            say("candidate", "the campaign is not meant for her, or her grade is let go");
        }
        if row.send_on < self.as_of || row.send_on > row.send_by || row.send_by > self.last {
            say("horizon", "the day lies outside the plan");
        }
        if !(row.propensity > 0.0 && row.propensity <= 1.0) {
            say("arm", "the probability of a contact is none");
        }
        if (row.arm == Arm::Holdout) != row.held_out_by.is_some() {
            say("arm", "nobody knows whether she is held out");
        }
        if witness.forced && row.arm == Arm::Holdout {
            say("arm", "a human decided for the contact, and she is held out");
        }
        if witness.ends.is_some_and(|ends| row.send_on > ends || row.send_by > ends) {
            say("decision", "the decision of a person has ended before that");
        }
        let amounts = [row.cost, row.success, row.value, row.net, row.hours];
        if amounts.iter().flatten().any(|x| !x.is_finite()) || row.success.is_some_and(|s| !(0.0..=1.0).contains(&s)) {
            say("number", "a number is none");
        }
    }

    /// All contacts with one customer, those of both arms: how many there are, and what the rules about contacts say.
    fn customers(&self, rows: &[(&PlanRow, &Witness)], faults: &mut Vec<Fault>) {
        let mut customers: BTreeMap<&Arc<str>, Vec<Planned>> = BTreeMap::new();
        // Where a contact may wait, its last day must be permitted, too.
        let mut waiting = Vec::new();
        for (row, witness) in rows {
            customers.entry(&row.key).or_default().push(Planned { campaign: witness.campaign, on: row.send_on });
            if row.send_by > row.send_on {
                waiting.push((&row.key, Planned { campaign: witness.campaign, on: row.send_by }));
            }
        }
        let waiting = waiting.into_iter().map(|(key, contact)| (key, vec![contact]));
        let most = self.bounds.plan().per_customer as usize;
        for (key, contacts) in customers.into_iter().chain(waiting) {
            if contacts.len() > most {
                let message = format!("`{key}`: {} contacts, at most {most} are allowed", contacts.len());
                faults.push(Fault { rule: "per_customer", message });
            }
            let twice =
                |(at, contact): (usize, &Planned)| contacts.iter().take(at).any(|c| c.campaign == contact.campaign);
            if contacts.iter().enumerate().any(twice) {
                faults.push(Fault { rule: "per_customer", message: format!("`{key}`: the same campaign twice") });
            }
            for breach in self.permission.breaches(key, &contacts) {
                let on = contacts.get(breach.contact).map_or(self.as_of, |contact| contact.on);
                let rule = breach.barrier.words(self.pack);
                let message = format!("`{key}` on {on}: {rule}, from {} to {}", breach.from, breach.until);
                faults.push(Fault { rule: "contact", message });
            }
        }
    }

    /// Every hard limit, summed up over those who are contacted.
    fn limits(&self, rows: &[(&PlanRow, &Witness)], faults: &mut Vec<Fault>) {
        let plan = self.bounds.plan();
        let mut sums = vec![0.0; self.bounds.list.len()];
        for (row, witness) in rows.iter().filter(|(row, _)| row.arm == Arm::Contact) {
            for (index, limit) in plan.limits.iter().enumerate() {
                if !self.bounds.counts(index, witness.campaign, witness.mask) {
                    continue;
                }
                let amount = match limit.measure {
                    Measure::Contacts => 1.0,
                    Measure::Cost => row.cost.unwrap_or(0.0).max(0.0),
                    Measure::Hours => row.hours.unwrap_or(0.0).max(0.0),
                    Measure::Returns => row.success.unwrap_or(0.0),
                };
                let sum = self.bounds.place(index, row.send_on).and_then(|at| sums.get_mut(at));
                match sum {
                    Some(sum) => *sum += amount,
                    None => faults.push(Fault {
                        rule: "horizon",
                        message: format!("`{}` on {}: no limit holds for that day", row.key, row.send_on),
                    }),
                }
            }
        }
        for (at, (sum, bound)) in sums.iter().zip(&self.bounds.list).enumerate() {
            if let Some(most) = bound.most.filter(|most| *sum > most + slack(*most)) {
                let message = format!("{}: {sum} is used, at most {most} is allowed", self.bounds.name(self.pack, at));
                faults.push(Fault { rule: "limit", message });
            }
        }
    }
}
