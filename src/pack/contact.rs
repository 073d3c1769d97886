//! `[contact]`: how often, and on which days, a customer may be contacted at all; and the same of one channel.

use crate::diag::Span;
use crate::expr::{Date, Row, Slot, Value, evaluate};

use super::{Pack, Param, Rule};

/// Rules over all contacts with a customer, whichever campaign they belong to.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// The event table of contacts made: its time, its column `channel` and, if it has one, `campaign`.
    pub history: Option<TableName>,
    /// The table of those who must not be contacted: `channel` (missing: every channel), `since`, `ends_on`.
    pub do_not_contact: Option<TableName>,
    /// Days between any two contacts; a figure.
    pub cooldown: Option<Rule>,
    /// Days before a customer gets the same campaign again; a figure. Campaigns may say otherwise ([`super::Campaign::again`]).
    pub again: Option<Rule>,
    /// How many contacts there may be, of all channels together.
    pub caps: Vec<Cap>,
    /// Days of the week on which contacts may be made.
    pub weekdays: Weekdays,
    /// Days on which nobody is contacted.
    pub quiet: Vec<Quiet>,
}

impl Contact {
    /// Whether a column of an event table is read by these rules.
    #[must_use]
    pub fn reads(&self, table: &str, column: &str) -> bool {
        let is = |named: &Option<TableName>| named.as_ref().is_some_and(|named| named.name == table);
        (is(&self.history) && matches!(column, "channel" | "campaign"))
            || (is(&self.do_not_contact) && matches!(column, "channel" | "since" | "ends_on"))
    }

    /// Every figure.
    pub fn figures(&self) -> impl Iterator<Item = &Rule> {
        self.cooldown.iter().chain(&self.again).chain(self.caps.iter().flat_map(Cap::figures))
    }
}

impl super::Channel {
    /// Every figure.
    pub fn figures(&self) -> impl Iterator<Item = &Rule> {
        self.cooldown.iter().map(|cooldown| &cooldown.days).chain(self.caps.iter().flat_map(Cap::figures))
    }
}

/// The name of a table of the pack, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    /// A key of [`Pack::tables`].
    pub name: String,
    /// Where.
    pub span: Span,
}

/// At most so many contacts with one customer in any so many days.
#[derive(Debug, Clone)]
pub struct Cap {
    /// Contacts; a figure, 1 or more.
    pub most: Rule,
    /// Days that lie next to each other; a figure, 1 or more.
    pub days: Rule,
    /// Where it is written.
    pub span: Span,
}

impl Cap {
    fn figures(&self) -> [&Rule; 2] {
        [&self.most, &self.days]
    }
}

/// After a contact by one channel, none by another (or the same) for some days.
#[derive(Debug, Clone)]
pub struct Cooldown {
    /// The channel of the earlier contact, a key of [`Pack::channels`].
    pub after: String,
    /// Days from the earlier contact to the later, at least; a figure.
    pub days: Rule,
    /// Where it is written.
    pub span: Span,
}

/// Days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Default for Weekdays {
    fn default() -> Self {
        Weekdays::ALL
    }
}

impl Weekdays {
    /// Every day.
    pub const ALL: Weekdays = Weekdays(0b111_1111);
    /// None; what [`Weekdays::with`] begins with.
    pub const NONE: Weekdays = Weekdays(0);

    /// These days and one more, 1 for Monday to 7; another number changes nothing.
    #[must_use]
    pub fn with(self, weekday: u32) -> Weekdays {
        if (1..=7).contains(&weekday) { Weekdays(self.0 | 1 << (weekday - 1)) } else { self }
    }

    /// Whether a day of the week is among them, 1 for Monday to 7.
    #[must_use]
    pub fn has(self, weekday: u32) -> bool {
        (1..=7).contains(&weekday) && self.0 & 1 << (weekday - 1) != 0
    }

    /// Days that are in both.
    #[must_use]
    pub fn and(self, other: Weekdays) -> Weekdays {
        Weekdays(self.0 & other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Days on which nobody is contacted, first and last included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    /// The days.
    pub days: QuietDays,
    /// As written: `12-24..12-26`.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// See [`Quiet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuietDays {
    /// Once.
    Once(Date, Date),
    /// Every year: month and day; over New Year if the second comes first in the year.
    Yearly((u32, u32), (u32, u32)),
}

impl QuietDays {
    /// Whether a day is among them.
    #[must_use]
    pub fn has(self, day: Date) -> bool {
        match self {
            QuietDays::Once(first, last) => (first..=last).contains(&day),
            QuietDays::Yearly(first, last) => {
                use chrono::Datelike;
                let date = day.to_chrono();
                let day = (date.month(), date.day());
                if first <= last { (first..=last).contains(&day) } else { day >= first || day <= last }
            }
        }
    }
}

/// The values of parameters: what a figure may read.
struct Params<'a>(&'a [Param]);

impl Row for Params<'_> {
    fn get(&self, slot: Slot) -> Value {
        self.0.iter().find(|param| param.slot == slot).map_or(Value::Missing, |param| param.value.clone())
    }
}

impl Rule {
    /// The value of a figure: a number, or an expression over nothing but parameters.
    #[must_use]
    pub fn figure(&self, params: &[Param], scripts: &crate::script::Scripts) -> Option<f64> {
        evaluate(&self.expr, &Params(params), scripts).as_number()
    }
}

impl Pack {
    /// The value of a figure of this pack: `cooldown = 14`, `most = 'budget'`. Missing where its expression is.
    #[must_use]
    pub fn figure(&self, rule: &Rule) -> Option<f64> {
        rule.figure(&self.params, &self.scripts)
    }

    /// Days before a customer gets a campaign again, by index: what it says itself, else `[contact]`; 0 if nobody says any.
    #[must_use]
    pub fn again(&self, campaign: usize) -> i32 {
        let own = self.campaigns.get(campaign).and_then(|campaign| campaign.again).map(f64::from);
        let general = || self.figure(self.contact.as_ref()?.again.as_ref()?);
        // Whole and within bounds, as the resolver has seen.
        #[expect(clippy::cast_possible_truncation)]
        own.or_else(general).map_or(0, |days| days as i32)
    }
}
