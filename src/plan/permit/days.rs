//! The days that are left for one contact: fast, for millions of customers times campaigns.
//!
//! Every rule about earlier contacts becomes spans of forbidden days. A contact on day `m` forbids the days before and behind it
//! that its cooldowns ask for. Of a cap of `n` contacts in `d` days, any `n` contacts next to each other that lie within `d` days,
//! from `a` to `b`, forbid the days from `b - d + 1` to `a + d - 1`: on those they and one more would be too many.

use super::rows::OTHER;
use super::{Barrier, Customer, Permission, Refusal};
use crate::expr::Date;
use crate::pack::{Pack, Weekdays};

/// Days before the as-of date whose quiet days are looked up.
const BEFORE: i32 = 31;
/// Days behind it.
const BEHIND: i32 = 800;

/// Which days are for nobody.
#[derive(Debug)]
pub(super) struct Calendar {
    quiet: Vec<crate::pack::QuietDays>,
    /// Whether a day is quiet, from the day `base` on.
    near: Vec<bool>,
    base: i32,
    weekdays: Weekdays,
    /// By channel.
    of_channels: Vec<Weekdays>,
}

/// 1 for Monday to 7.
fn weekday(day: i32) -> u32 {
    // 1970-01-01 was a Thursday.
    (day.wrapping_add(3)).rem_euclid(7).unsigned_abs() + 1
}

impl Calendar {
    pub(super) fn of(pack: &Pack, as_of: Date) -> Calendar {
        let contact = pack.contact.as_ref();
        let quiet: Vec<_> = contact.iter().flat_map(|contact| contact.quiet.iter().map(|quiet| quiet.days)).collect();
        let base = as_of.days().saturating_sub(BEFORE);
        let near = (base..base.saturating_add(BEFORE + BEHIND)).map(|day| falls(&quiet, day)).collect();
        Calendar {
            quiet,
            near,
            base,
            weekdays: contact.map_or(Weekdays::ALL, |contact| contact.weekdays),
            of_channels: pack.channels.values().map(|channel| channel.weekdays).collect(),
        }
    }

    /// What forbids a day to everybody.
    fn barrier(&self, day: i32, channel: u16) -> Option<Barrier> {
        let near = day.checked_sub(self.base).and_then(|at| usize::try_from(at).ok()).and_then(|at| self.near.get(at));
        if near.copied().unwrap_or_else(|| falls(&self.quiet, day)) {
            return Some(Barrier::Quiet);
        }
        let weekday = weekday(day);
        if !self.weekdays.has(weekday) {
            return Some(Barrier::Weekday);
        }
        let channels = self.of_channels.get(usize::from(channel));
        channels.is_some_and(|days| !days.has(weekday)).then_some(Barrier::ChannelWeekday(channel))
    }
}

fn falls(quiet: &[crate::pack::QuietDays], day: i32) -> bool {
    Date::from_days(i64::from(day)).is_some_and(|day| quiet.iter().any(|quiet| quiet.has(day)))
}

/// Days that a rule forbids, first and last included.
struct Span {
    barrier: Barrier,
    from: i32,
    to: i32,
}

impl Permission {
    /// The first permitted day of each week, and what stands in the way if there is none.
    pub(super) fn permitted(
        &self,
        customer: Customer,
        campaign: usize,
        (first, last): (Date, Date),
        days: &mut Vec<Date>,
    ) -> Option<Refusal> {
        days.clear();
        let channel = self.rules.channel(campaign);
        let (first, last) = (first.days(), last.days());
        let spans = match customer.0 {
            Some(id) => self.spans(id, campaign, first, last),
            None => Vec::new(),
        };
        let barrier = |day: i32| {
            let hers = spans.iter().filter(|span| (span.from..=span.to).contains(&day)).map(|span| span.barrier).min();
            hers.or_else(|| self.calendar.barrier(day, channel))
        };
        let mut day = first;
        while day <= last {
            if barrier(day).is_none() {
                days.extend(Date::from_days(i64::from(day)));
                // On to Monday.
                day = day.saturating_add(8 - weekday(day) as i32);
            } else {
                day = day.saturating_add(1);
            }
        }
        if !days.is_empty() || first > last {
            return None;
        }
        // By rule: how many days, and the first of them.
        let mut found: Vec<(Barrier, u32, i32)> = Vec::new();
        for day in first..=last {
            let Some(barrier) = barrier(day) else { continue };
            match found.iter_mut().find(|(known, ..)| *known == barrier) {
                Some((_, count, _)) => *count += 1,
                None => found.push((barrier, 1, day)),
            }
        }
        found.sort_by_key(|(barrier, count, _)| (std::cmp::Reverse(*count), *barrier));
        let (barrier, _, day) = found.first()?;
        Some(Refusal { barrier: *barrier, on: Date::from_days(i64::from(*day))? })
    }

    /// The days that a customer's rows forbid to a campaign, as far as they touch the days asked for.
    fn spans(&self, id: u32, campaign: usize, first: i32, last: i32) -> Vec<Span> {
        let (channel, again) = (self.rules.channel(campaign), self.rules.again(campaign));
        let mut spans = Vec::new();
        let mut add = |barrier, from: i32, to: i32| {
            if from <= last && to >= first && from <= to {
                spans.push(Span { barrier, from, to });
            }
        };
        for listed in self.rows.listed(id) {
            if listed.channel.is_none_or(|other| other == channel) {
                add(Barrier::Listed(listed.channel), listed.since, listed.until);
            }
        }
        // No rule sees further than this.
        let made = self.rows.made(id);
        let (low, high) = (first.saturating_sub(self.rules.longest), last.saturating_add(self.rules.longest));
        let from = made.partition_point(|made| made.day < low);
        let to = made.partition_point(|made| made.day <= high);
        let made = made.get(from..to).unwrap_or_default();
        for contact in made {
            let mut keep = |barrier, before: i32, behind: i32| {
                if before > 0 || behind > 0 {
                    let (before, behind) = ((before - 1).max(0), (behind - 1).max(0));
                    add(barrier, contact.day.saturating_sub(before), contact.day.saturating_add(behind));
                }
            };
            keep(Barrier::Cooldown(self.rules.cooldown), self.rules.cooldown, self.rules.cooldown);
            if usize::from(contact.campaign) == campaign {
                keep(Barrier::Again(contact.campaign, again), again, again);
            }
            if contact.channel != OTHER {
                let behind = self.rules.between(contact.channel, channel);
                let before = self.rules.between(channel, contact.channel);
                keep(Barrier::ChannelCooldown(channel, contact.channel, behind), 0, behind);
                keep(Barrier::ChannelCooldown(contact.channel, channel, before), before, 0);
            }
        }
        for limit in &self.rules.limits {
            if limit.channel.is_some_and(|only| only != channel) {
                continue;
            }
            let barrier = match limit.channel {
                None => Barrier::Cap(limit.most, limit.days),
                Some(channel) => Barrier::ChannelCap(channel, limit.most, limit.days),
            };
            let counts = |contact: &&super::rows::Made| limit.channel.is_none_or(|only| contact.channel == only);
            let days: Vec<i32> = made.iter().filter(counts).map(|contact| contact.day).collect();
            for group in days.windows(limit.most as usize) {
                if let (Some(a), Some(b)) = (group.first(), group.last())
                    && b.saturating_sub(*a) < limit.days
                {
                    let reach = limit.days - 1;
                    add(barrier, b.saturating_sub(reach), a.saturating_add(reach));
                }
            }
        }
        spans
    }
}
