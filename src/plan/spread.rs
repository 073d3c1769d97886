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
use crate::pack::Per;

/// Whose day it is, in which arm: the two are spread apart, so that a holdout's days are like those of the contacts.
type Whose = (Arc<str>, Arm, i32);

/// Moves contacts that are work within their week, each to the permitted day that has least to do so far.
///
/// The week stays, so does the month where a limit is for one, and with them every limit. Several contacts with one customer are left where they are.
pub(super) fn spread(making: &Making<'_>, bounds: &Bounds, rows: &mut [Made]) {
    let pack = making.pack;
    let work: Vec<bool> = (0..pack.campaigns.len())
        .map(|campaign| bounds.is_work(campaign) && bounds.fineness(campaign) != Fineness::Day)
        .collect();
    let mut load: BTreeMap<Whose, f64> = BTreeMap::new();
    let mut one = Vec::new();
    let alone: Vec<bool> = (0..rows.len())
        .map(|at| {
            let key = |at: usize| rows.get(at).map(|made| &made.row.key);
            key(at) != key(at + 1) && (at == 0 || key(at) != key(at - 1))
        })
        .collect();
    for (made, alone) in rows.iter_mut().zip(alone) {
        let campaign = made.witness.campaign;
        let (Some(true), Some(terms)) = (work.get(campaign), pack.campaigns.get(campaign)) else { continue };
        let whose = made.row.speaker.clone().or_else(|| made.row.channel.clone()).unwrap_or_default();
        let hours = made.row.hours.filter(|hours| *hours > 0.0).unwrap_or(1.0);
        let (begin, arm) = (made.row.send_on, made.row.arm);
        let mut days = vec![begin];
        if alone {
            let known = making.permission.customer(&made.row.key);
            let same = |day: Date| {
                let within = |per: Per| time_of(per, day) == time_of(per, begin);
                within(Per::Week) && (within(Per::Month) || !bounds.is_monthly(campaign))
            };
            let mut day = later(begin, 1);
            while day <= made.last && same(day) {
                if making.permission.days_of(known, campaign, day, day, &mut one).is_none() {
                    days.push(day);
                }
                day = later(day, 1);
            }
        }
        let done = |day: &Date| load.get(&(Arc::clone(&whose), arm, day.days())).copied().unwrap_or(0.0);
        // Of equals the earliest.
        let best = days.iter().copied().min_by(|a, b| done(a).total_cmp(&done(b)).then(a.cmp(b)));
        let day = best.unwrap_or(begin);
        *load.entry((whose, arm, day.days())).or_default() += hours;
        if day != begin {
            let before = made.clone();
            made.send_on(day, terms);
            // Waiting must not turn a gain into a loss.
            if made.row.net.is_some_and(|net| net <= 0.0) && before.row.net.is_some_and(|net| net > 0.0) {
                *load
                    .entry((
                        before.row.speaker.clone().or_else(|| before.row.channel.clone()).unwrap_or_default(),
                        arm,
                        day.days(),
                    ))
                    .or_default() -= hours;
                *made = before;
            }
        }
    }
}
