//! The proof that contacts may be made: every rule of the pack, day by day, over the rows as they were read.
//!
//! Deliberately simple and apart from [`super::days`]: rules are taken from the pack, not from what was worked out of them, and
//! rows from the tables, not from the numbers made of them.

use std::sync::Arc;

use super::rows::{Meant, campaign_of, history_of, meant};
use super::{Barrier, Breach, Earlier, Permission, Planned};
use crate::data::Events;
use crate::diag::Span;
use crate::expr::Date;
use crate::pack::{Channel, Rule};

/// A contact, made or planned.
struct Contact {
    on: Date,
    /// `None`: one nobody knows.
    channel: Option<u16>,
    /// `None`: none of the pack's.
    campaign: Option<usize>,
    earlier: Earlier,
    /// Of a planned one, its place in the plan.
    place: Option<usize>,
}

impl Permission {
    /// Every rule that these contacts with one customer break, together with what was made before: the proof at writing time.
    ///
    /// Of two planned contacts that are too close the later one breaks the rule; on one day, both.
    #[must_use]
    pub fn breaches(&self, key: &str, contacts: &[Planned]) -> Vec<Breach> {
        let mut found = Vec::new();
        let all = self.all_contacts(key, contacts);
        for contact in all.iter().filter(|contact| contact.place.is_some()) {
            self.listed(key, contact, &mut found);
            self.too_soon(contact, &all, &mut found);
            self.too_many(contact, &all, &mut found);
            self.wrong_day(contact, &mut found);
        }
        found
    }

    /// What was made, and what is planned.
    fn all_contacts(&self, key: &str, planned: &[Planned]) -> Vec<Contact> {
        let mut all = Vec::new();
        let (table, time) = history_of(&self.pack);
        for (batch, row) in self.rows.raw_history(key) {
            let Some(on) = Events::day(batch, &time, row) else { continue };
            let said = Events::text(batch, "channel", row);
            let channel = match meant(&self.pack, &table, said) {
                Meant::Channel(channel) => Some(channel),
                _ => None,
            };
            let campaign = Events::text(batch, "campaign", row).map(Arc::from);
            let known = campaign.as_deref().and_then(|text| campaign_of(&self.pack, text));
            let earlier = Earlier { on, channel: said.map(Arc::from), campaign, planned: false };
            all.push(Contact { on, channel, campaign: known, earlier, place: None });
        }
        for (place, contact) in planned.iter().enumerate() {
            let campaign = self.pack.campaigns.get(contact.campaign);
            let channel = campaign.and_then(|campaign| campaign.channel.as_deref());
            let earlier = Earlier {
                on: contact.on,
                channel: channel.map(Arc::from),
                campaign: campaign.map(|campaign| Arc::from(campaign.name.as_str())),
                planned: true,
            };
            let channel = channel.and_then(|name| self.pack.channels.get_index_of(name));
            let channel = channel.and_then(|index| u16::try_from(index).ok());
            all.push(Contact {
                on: contact.on,
                channel,
                campaign: Some(contact.campaign),
                earlier,
                place: Some(place),
            });
        }
        all
    }

    /// Nobody on the list is contacted while she is on it.
    fn listed(&self, key: &str, contact: &Contact, found: &mut Vec<Breach>) {
        let Some(table) = self.pack.contact.as_ref().and_then(|c| c.do_not_contact.as_ref()) else { return };
        for (batch, row) in self.rows.raw_list(key) {
            let channel = match meant(&self.pack, &table.name, Events::text(batch, "channel", row)) {
                Meant::All | Meant::Unknown => None,
                Meant::Channel(channel) => Some(channel),
                Meant::Foreign => continue,
            };
            if channel.is_some() && channel != contact.channel {
                continue;
            }
            let from = Events::day(batch, "since", row).unwrap_or(Date::MIN);
            let until = Events::day(batch, "ends_on", row).unwrap_or(Date::MAX);
            if from <= contact.on && contact.on <= until {
                let span = Some(table.span);
                found.push(breach(contact, Barrier::Listed(channel), span, (from, until), None));
            }
        }
    }

    /// Between two contacts lie as many days as the cooldowns ask for.
    fn too_soon(&self, contact: &Contact, all: &[Contact], found: &mut Vec<Breach>) {
        let general = self.pack.contact.as_ref().and_then(|contact| contact.cooldown.as_ref());
        for other in all.iter().filter(|other| other.place != contact.place) {
            let mut rules: Vec<(Barrier, i32, Span, bool)> = Vec::new();
            if let Some(rule) = general {
                let days = self.figure(rule);
                rules.push((Barrier::Cooldown(days), days, rule.span, true));
                rules.push((Barrier::Cooldown(days), days, rule.span, false));
            }
            if let Some(campaign) = contact.campaign.filter(|_| contact.campaign == other.campaign)
                && let Some((days, span)) = self.again(campaign)
            {
                let barrier = Barrier::Again(u16::try_from(campaign).unwrap_or(u16::MAX), days);
                rules.push((barrier, days, span, true));
                rules.push((barrier, days, span, false));
            }
            // One channel after another: the rule is the later one's. `true`: this contact is the later one.
            if let (Some(mine), Some(theirs)) = (contact.channel, other.channel) {
                for (later, earlier, forwards) in [(mine, theirs, true), (theirs, mine, false)] {
                    let after = self.channel(earlier).map(|channel| channel.name.as_str());
                    for cooldown in self.channel(later).iter().flat_map(|channel| &channel.cooldown) {
                        if Some(cooldown.after.as_str()) == after {
                            let days = self.figure(&cooldown.days);
                            let barrier = Barrier::ChannelCooldown(later, earlier, days);
                            rules.push((barrier, days, cooldown.span, forwards));
                        }
                    }
                }
            }
            for (barrier, days, span, forwards) in rules {
                // Of two planned contacts the later one breaks the rule.
                if !forwards && other.place.is_some() && other.on != contact.on {
                    continue;
                }
                let (earlier, later) = if forwards { (other.on, contact.on) } else { (contact.on, other.on) };
                let too_close = (0..days).any(|day| add(earlier, day) == Some(later));
                let known = |known: &Breach| Some(known.contact) == contact.place && known.barrier == barrier;
                if too_close && !found.iter().any(known) {
                    let span_of_days = match forwards {
                        true => (other.on, add(other.on, days - 1).unwrap_or(Date::MAX)),
                        false => (add(other.on, 1 - days).unwrap_or(Date::MIN), other.on),
                    };
                    found.push(breach(contact, barrier, Some(span), span_of_days, Some(other.earlier.clone())));
                }
            }
        }
    }

    /// In no time of so many days are there more contacts than a cap allows.
    fn too_many(&self, contact: &Contact, all: &[Contact], found: &mut Vec<Breach>) {
        let general = self.pack.contact.iter().flat_map(|contact| &contact.caps).map(|cap| (None, cap));
        let channel = contact.channel.and_then(|index| Some((index, self.channel(index)?)));
        let own =
            channel.into_iter().flat_map(|(index, channel)| channel.caps.iter().map(move |cap| (Some(index), cap)));
        for (only, cap) in general.chain(own) {
            let counted: Vec<&Contact> = all.iter().filter(|other| only.is_none() || other.channel == only).collect();
            let (most, days) = (self.figure(&cap.most), self.figure(&cap.days));
            // As many as there are altogether are never too many.
            if counted.len() <= usize::try_from(most).unwrap_or(0) {
                continue;
            }
            // Every time of so many days in which this contact lies.
            for first in 1 - days..=0 {
                let (Some(from), Some(until)) = (add(contact.on, first), add(contact.on, first + days - 1)) else {
                    continue;
                };
                let inside: Vec<&&Contact> =
                    counted.iter().filter(|other| from <= other.on && other.on <= until).collect();
                if inside.len() > usize::try_from(most).unwrap_or(0) {
                    let other = inside.iter().filter(|other| other.place != contact.place).min_by_key(|other| other.on);
                    let earlier = other.map(|other| other.earlier.clone());
                    let barrier = barrier_of(only, most, days);
                    found.push(breach(contact, barrier, Some(cap.span), (from, until), earlier));
                    break;
                }
            }
        }
    }

    /// No contact on a quiet day, or on a day of the week that is left out.
    fn wrong_day(&self, contact: &Contact, found: &mut Vec<Breach>) {
        use chrono::Datelike;
        let day = (contact.on, contact.on);
        let weekday = contact.on.to_chrono().weekday().number_from_monday();
        for quiet in self.pack.contact.iter().flat_map(|contact| &contact.quiet) {
            if quiet.days.has(contact.on) {
                found.push(breach(contact, Barrier::Quiet, Some(quiet.span), day, None));
            }
        }
        if self.pack.contact.as_ref().is_some_and(|contact| !contact.weekdays.has(weekday)) {
            found.push(breach(contact, Barrier::Weekday, None, day, None));
        }
        if let Some(index) = contact.channel
            && self.channel(index).is_some_and(|channel| !channel.weekdays.has(weekday))
        {
            let span = self.channel(index).map(|channel| channel.span);
            found.push(breach(contact, Barrier::ChannelWeekday(index), span, day, None));
        }
    }

    /// Days before a campaign comes again, and where that is written.
    fn again(&self, campaign: usize) -> Option<(i32, Span)> {
        let campaign = self.pack.campaigns.get(campaign)?;
        if let Some(days) = campaign.again {
            return Some((i32::try_from(days).unwrap_or(i32::MAX), campaign.span));
        }
        let rule = self.pack.contact.as_ref()?.again.as_ref()?;
        Some((self.figure(rule), rule.span))
    }

    fn channel(&self, index: u16) -> Option<&Channel> {
        self.pack.channels.get_index(usize::from(index)).map(|(_, channel)| channel)
    }

    /// A whole number: the resolver has seen that it is one.
    fn figure(&self, rule: &Rule) -> i32 {
        self.pack.figure(rule).map_or(0, |x| x as i32)
    }
}

fn breach(
    contact: &Contact,
    barrier: Barrier,
    span: Option<Span>,
    (from, until): (Date, Date),
    earlier: Option<Earlier>,
) -> Breach {
    Breach { contact: contact.place.unwrap_or_default(), barrier, span, from, until, earlier }
}

fn barrier_of(channel: Option<u16>, most: i32, days: i32) -> Barrier {
    let most = u32::try_from(most).unwrap_or(0);
    channel.map_or(Barrier::Cap(most, days), |channel| Barrier::ChannelCap(channel, most, days))
}

fn add(day: Date, days: i32) -> Option<Date> {
    Date::from_days(i64::from(day.days()) + i64::from(days))
}
