//! Permission: who may be contacted through which channel on which days, and the proof of it when a plan is written.

use std::sync::Arc;

use crate::data::{DataError, Run};
use crate::diag::Span;
use crate::expr::Date;
use crate::pack::Pack;
use crate::plan::solve::Lag;

/// A contact that is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Index into [`crate::pack::Pack::campaigns`].
    pub campaign: usize,
    /// The day.
    pub on: Date,
}

/// A rule about contacts that stands in the way of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Barrier {
    /// She is on the list of those who must not be contacted; at all, or by this channel (index into the pack's channels).
    Listed(Option<u16>),
    /// So many days after any contact.
    Cooldown(i32),
    /// So many days by the first channel after a contact by the second.
    ChannelCooldown(u16, u16, i32),
    /// So many contacts in so many days, of all channels.
    Cap(u32, i32),
    /// So many contacts by a channel in so many days.
    ChannelCap(u16, u32, i32),
    /// A quiet day.
    Quiet,
    /// A day of the week on which nobody is contacted.
    Weekday,
    /// A day of the week on which the channel is not used.
    ChannelWeekday(u16),
}

/// An earlier (or, in a plan, a later) contact that a rule counts.
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
    /// If there is none: what stands in the way.
    pub refusal: Option<Refusal>,
}

/// A rule that a planned contact breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Which of the contacts, by its place in the list.
    pub contact: usize,
    /// The rule.
    pub barrier: Barrier,
    /// Where it is written; `None` of a list of customers.
    pub span: Option<Span>,
    /// The first day of the time in which the contact is forbidden.
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
#[derive(Debug)]
pub struct Permission {
    pack: Arc<Pack>,
}

impl Permission {
    /// Reads the tables that `[contact]` names, as far as they are given.
    ///
    /// # Errors
    /// Data that cannot be read; a row of the do-not-contact table that cannot be used: nobody knows whom it protects.
    pub fn read(pack: &Arc<Pack>, _run: &Run) -> Result<Permission, DataError> {
        Ok(Permission { pack: Arc::clone(pack) })
    }

    /// Looks a customer up, once for all her campaigns.
    #[must_use]
    pub fn customer(&self, _key: &str) -> Customer {
        Customer(None)
    }

    /// The first permitted day of each ISO week from `first` to `last`; if there is none, the rule that stands in the way.
    #[must_use]
    pub fn days(&self, key: &str, campaign: usize, first: Date, last: Date) -> Days {
        let mut days = Vec::new();
        let refusal = self.days_of(self.customer(key), campaign, first, last, &mut days);
        Days { days, refusal }
    }

    /// As [`Permission::days`], into a list that is emptied first.
    pub fn days_of(
        &self,
        _customer: Customer,
        _campaign: usize,
        first: Date,
        _last: Date,
        days: &mut Vec<Date>,
    ) -> Option<Refusal> {
        days.clear();
        days.push(first);
        None
    }

    /// Every rule that these contacts with one customer break, with what was made before: the proof at writing time. Does not
    /// share anything with [`Permission::days`] but the rows that were read.
    #[must_use]
    pub fn breaches(&self, _key: &str, _contacts: &[Planned]) -> Vec<Breach> {
        Vec::new()
    }

    /// Of several contacts with one customer, those that may stay together: each in turn, if it breaks no rule with the history
    /// and those before it. What [`Permission::lags`] cannot say: caps.
    #[must_use]
    pub fn together(&self, _key: &str, contacts: &[Planned]) -> Vec<bool> {
        vec![true; contacts.len()]
    }

    /// The group of a campaign in [`Permission::lags`]: its channel.
    #[must_use]
    pub fn group(&self, campaign: usize) -> u16 {
        group(&self.pack, campaign)
    }

    /// How far apart two contacts of one customer in one plan must be, by the groups of [`Permission::group`].
    #[must_use]
    pub fn lags(&self, _pack: &Pack) -> Vec<Lag> {
        Vec::new()
    }

    /// What a person should know, one sentence each.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &[]
    }
}

/// The group of a campaign: the index of its channel, one more than the last for one without.
fn group(pack: &Pack, campaign: usize) -> u16 {
    let channel = pack.campaigns.get(campaign).and_then(|c| pack.channels.get_index_of(c.channel.as_deref()?));
    u16::try_from(channel.unwrap_or(pack.channels.len())).unwrap_or(u16::MAX)
}

impl Barrier {
    /// A short name for counting: `cooldown`, `channels.phone.caps`, `quiet`.
    #[must_use]
    pub fn name(self, _pack: &Pack) -> String {
        String::new()
    }

    /// In words, without a full stop: `14 days after any contact`.
    #[must_use]
    pub fn words(self, _pack: &Pack) -> String {
        String::new()
    }
}
