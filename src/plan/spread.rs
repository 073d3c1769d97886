//! Work of people spread over the days of its week: the allocation only says in which week a call is made, and not everybody can
//! be called on Monday.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Making;
use super::build::later;
use super::limits::{Bounds, Fineness, time_of};
use super::row::Arm;
use super::rows::Made;
use crate::expr::Date;
use crate::pack::{Campaign, Per};

/// Whose day it is, in which arm: the two are spread apart, so that a holdout's days are like those of the contacts.
type Whose = (Arc<str>, Arm, i32);

/// Moves contacts that are work within their week, each to the permitted day that has least to do so far, and says of every contact
/// until when it may wait.
///
/// The week stays, so does the month where a limit is for one, and with them every limit. Several contacts with one customer are left where they are.
pub(super) fn spread(making: &Making<'_>, bounds: &Bounds, rows: &mut [Made]) {
    let pack = making.pack;
    let mut load: BTreeMap<Whose, f64> = BTreeMap::new();
    let alone: Vec<bool> = (0..rows.len())
        .map(|at| {
            let key = |at: usize| rows.get(at).map(|made| &made.row.key);
            key(at) != key(at + 1) && (at == 0 || key(at) != key(at - 1))
        })
        .collect();
    for (made, alone) in rows.iter_mut().zip(alone) {
        let campaign = made.witness.campaign;
        let Some(terms) = pack.campaigns.get(campaign) else { continue };
        let daily = bounds.fineness(campaign) == Fineness::Day;
        let room = if alone && !daily { Room::of(making, bounds, made) } else { Room::default() };
        // What takes hours is done by people, whether or not a limit counts them by the week.
        if (bounds.is_work(campaign) || terms.hours.is_some()) && !daily {
            level(&mut load, &room, made, terms);
        }
        if terms.within > 0 {
            made.row.send_by = room.last_after(made.row.send_on);
        }
    }
}

/// Puts a contact on the day on which least is to be done.
fn level(load: &mut BTreeMap<Whose, f64>, room: &Room, made: &mut Made, terms: &Campaign) {
    let whose = made.row.speaker.clone().or_else(|| made.row.channel.clone()).unwrap_or_default();
    let hours = made.row.hours.filter(|hours| *hours > 0.0).unwrap_or(1.0);
    let (begin, arm) = (made.row.send_on, made.row.arm);
    let place = |day: Date| (Arc::clone(&whose), arm, day.days());
    let done = |day: &Date| load.get(&place(*day)).copied().unwrap_or(0.0);
    // Of equals the earliest.
    let best = std::iter::once(begin)
        .chain(room.days.iter().copied())
        .min_by(|a, b| done(a).total_cmp(&done(b)).then(a.cmp(b)))
        .unwrap_or(begin);
    let before = made.clone();
    if best != begin {
        made.send_on(best, terms);
        // Waiting must not turn a gain into a loss.
        if made.row.net.is_some_and(|net| net <= 0.0) && before.row.net.is_some_and(|net| net > 0.0) {
            *made = before;
        }
    }
    *load.entry(place(made.row.send_on)).or_default() += hours;
}

/// The days of the same week to which a contact may be moved.
#[derive(Debug, Default)]
struct Room {
    /// Permitted ones, ascending.
    days: Vec<Date>,
    /// Days that are forbidden for this customer, not for everybody.
    forbidden: Vec<Date>,
}

impl Room {
    fn of(making: &Making<'_>, bounds: &Bounds, made: &Made) -> Room {
        let (begin, campaign) = (made.row.send_on, made.witness.campaign);
        let known = making.permission.customer(&made.row.key);
        let same = |day: Date| {
            let within = |per: Per| time_of(per, day) == time_of(per, begin);
            within(Per::Week) && (within(Per::Month) || !bounds.is_monthly(campaign))
        };
        let (mut room, mut one) = (Room::default(), Vec::new());
        let mut day = later(begin, 1);
        while day <= made.last && same(day) {
            match making.permission.days_of(known, campaign, day, day, &mut one) {
                None => room.days.push(day),
                Some(refusal) if refusal.barrier.is_closed() => {}
                Some(_) => room.forbidden.push(day),
            }
            day = later(day, 1);
        }
        room
    }

    /// The last day up to which a contact of that day may wait: whoever waits must not come upon a forbidden day.
    fn last_after(&self, day: Date) -> Date {
        let end = self.forbidden.iter().copied().find(|forbidden| *forbidden > day).unwrap_or(Date::MAX);
        self.days.iter().copied().filter(|later| *later > day && *later < end).max().unwrap_or(day)
    }
}
