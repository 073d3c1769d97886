//! Permission: who may be contacted through which channel on which days, and the proof of it when a plan is written.
//!
//! Two readings of the same rows: [`Permission::days`] is fast and asks which days are left for one contact,
//! [`Permission::breaches`] goes through the rules day by day for contacts that are about to be written. They share what was read
//! and nothing else; tests hold them together.

mod days;
mod earlier;
mod proof;
mod rows;
mod rules;
#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

use self::days::Calendar;
use self::rows::Rows;
use self::rules::Rules;
use crate::data::{DataError, Events, Run};
use crate::diag::Span;
use crate::expr::Date;
use crate::pack::Pack;
use crate::plan::PlanFile;
use crate::plan::solve::Lag;

/// A contact that is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Index into [`crate::pack::Pack::campaigns`].
    pub campaign: usize,
    /// The day.
    pub on: Date,
}

/// A rule about contacts that stands in the way of one. Channels are indices into [`Pack::channels`].
///
/// Where several stand in the way of a day the first in this order is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Barrier {
    /// A rule suppresses her by then.
    Suppressed,
    /// The notice can no longer be averted by then.
    Over,
    /// There is no consent for the channel on that day.
    NoConsent(u16),
    /// She is on the list of those who must not be contacted: at all, or by this channel.
    Listed(Option<u16>),
    /// So many days after any contact.
    Cooldown(i32),
    /// By the first channel, so many days after a contact by the second.
    ChannelCooldown(u16, u16, i32),
    /// The campaign, so many days after the same one.
    Again(u16, i32),
    /// So many contacts in so many days, of all channels.
    Cap(u32, i32),
    /// By the channel, so many contacts in so many days.
    ChannelCap(u16, u32, i32),
    /// A quiet day.
    Quiet,
    /// A day of the week on which nobody is contacted.
    Weekday,
    /// A day of the week on which the channel is not used.
    ChannelWeekday(u16),
}

impl Barrier {
    /// Whether it is about the day alone: nobody is contacted then, or nobody by this channel.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Barrier::Quiet | Barrier::Weekday | Barrier::ChannelWeekday(_))
    }
}

/// Another contact that a rule counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The day.
    pub on: Date,
    /// The channel, as the history names it.
    pub channel: Option<Arc<str>>,
    /// The campaign, as the history names it.
    pub campaign: Option<Arc<str>>,
    /// Whether it is in the same plan, not in the history.
    pub planned: bool,
}

/// Why there is no day for a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The rule that stands in the way of most days.
    pub barrier: Barrier,
    /// The first day it forbids, of those asked for.
    pub on: Date,
}

/// Days on which a contact may be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Days {
    /// The first permitted day of each ISO week, ascending.
    pub days: Vec<Date>,
    /// If there is none: what stands in the way. `None` only if no day was asked for.
    pub refusal: Option<Refusal>,
}

/// A rule that a planned contact breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Which of the contacts, by its place in the list.
    pub contact: usize,
    /// The rule.
    pub barrier: Barrier,
    /// Where it is written.
    pub span: Option<Span>,
    /// The first day of the time in which the rule is broken.
    pub from: Date,
    /// The last one.
    pub until: Date,
    /// The contact that the rule counts from, if it does.
    pub earlier: Option<Earlier>,
}

/// A customer as permission knows her; from [`Permission::customer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Customer(Option<u32>);

/// Rules about contacts, the contacts made and the list of those who must not be contacted.
///
/// It holds the rows of both tables, and 8 bytes more for each.
#[derive(Debug)]
pub struct Permission {
    pack: Arc<Pack>,
    rules: Rules,
    calendar: Calendar,
    rows: Rows,
    notices: Vec<String>,
}

impl Permission {
    /// Reads the tables that `[contact]` names, as far as they are given.
    ///
    /// # Errors
    /// Data that cannot be read; a row of the do-not-contact table that cannot be used, because nobody knows whom it protects.
    pub fn read(pack: &Arc<Pack>, run: &Run) -> Result<Permission, DataError> {
        Permission::read_after(pack, run, &[])
    }

    /// As [`Permission::read`]; contacts of earlier plans that may still be made on the as-of date or later count as made on
    /// their day. Those that the history has already are not counted twice.
    ///
    /// # Errors
    /// As [`Permission::read`].
    pub fn read_after(pack: &Arc<Pack>, run: &Run, earlier: &[PlanFile]) -> Result<Permission, DataError> {
        let (mut history, mut list, mut notices) = (Events::default(), Events::default(), Vec::new());
        if let Some(contact) = &pack.contact {
            if let Some(table) = &contact.history {
                history = run.events(&table.name)?;
                notices.extend(words::of_history(pack, &table.name, &history));
            }
            if let Some(table) = &contact.do_not_contact {
                list = run.events(&table.name)?;
                if let Some(error) = words::unreadable(&table.name, &list) {
                    return Err(error);
                }
            }
        }
        if !earlier.is_empty() {
            let pending = earlier::pending(pack, &history, earlier, run.as_of())?;
            notices.push(earlier::words(pending.as_ref().map(|(_, contacts)| *contacts), run.as_of()));
            history.batches.extend(pending.map(|(batch, _)| batch));
        }
        let mut permission = Permission::of(pack, run.as_of(), history, list);
        notices.append(&mut permission.notices);
        permission.notices = notices;
        Ok(permission)
    }

    /// Of rows that are read already: contacts made (`channel`, `campaign` and the table's time), and those who must not be
    /// contacted (`channel`, `since`, `ends_on`). `as_of` is only about speed: days around it are looked up.
    #[must_use]
    pub fn of(pack: &Arc<Pack>, as_of: Date, history: Events, list: Events) -> Permission {
        let rules = Rules::of(pack);
        let calendar = Calendar::of(pack, as_of);
        let (rows, notices) = Rows::of(pack, history.batches, list.batches);
        Permission { pack: Arc::clone(pack), rules, calendar, rows, notices }
    }

    /// Looks a customer up, once for all her campaigns.
    #[must_use]
    pub fn customer(&self, key: &str) -> Customer {
        Customer(self.rows.id(key))
    }

    /// The first permitted day of each ISO week from `first` to `last`; if there is none, the rule that stands in the way.
    ///
    /// What several contacts of one plan do to each other is not in it: see [`Permission::lags`] and [`Permission::together`].
    #[must_use]
    pub fn days(&self, key: &str, campaign: usize, first: Date, last: Date) -> Days {
        let mut days = Vec::new();
        let refusal = self.days_of(self.customer(key), campaign, first, last, &mut days);
        Days { days, refusal }
    }

    /// As [`Permission::days`], into a list that is emptied first.
    pub fn days_of(
        &self,
        customer: Customer,
        campaign: usize,
        first: Date,
        last: Date,
        days: &mut Vec<Date>,
    ) -> Option<Refusal> {
        self.permitted(customer, campaign, (first, last), days)
    }

    /// Of several contacts with one customer, those that may stay together: each in turn, if it breaks no rule with the history
    /// and those kept before it. This is what [`Permission::lags`] cannot say: caps.
    #[must_use]
    pub fn together(&self, key: &str, contacts: &[Planned]) -> Vec<bool> {
        let mut kept = Vec::new();
        let mut stays = Vec::with_capacity(contacts.len());
        for contact in contacts {
            kept.push(*contact);
            let fine = self.breaches(key, &kept).is_empty();
            if !fine {
                kept.pop();
            }
            stays.push(fine);
        }
        stays
    }

    /// How far apart two contacts of one customer in one plan must be, by indices of campaigns: cooldowns, and caps of one
    /// contact. The same campaign comes once.
    #[must_use]
    pub fn lags(&self) -> Vec<Lag> {
        self.rules.lags()
    }

    /// What a person should know, one sentence each.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.notices
    }
}
