//! The limits of a pack as limits of an allocation: one for each week, month or day they hold for.

use chrono::Datelike as _;

use super::solve;
use crate::data::DataError;
use crate::expr::Date;
use crate::pack::{LimitKind, Measure, Pack, Per, Planning};

/// Which limits with a `when` count for a customer: a bit each, in the order of [`Bounds::conditions`].
pub(super) type Mask = u128;

/// A limit for one time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bound {
    /// Index into [`Planning::limits`].
    pub(super) limit: usize,
    /// `2026-W27`; `None` for the whole plan.
    pub(super) time: Option<String>,
    pub(super) most: Option<f64>,
    pub(super) least: Option<f64>,
    pub(super) penalty: f64,
}

/// Every limit for every time from the day of the plan to its horizon.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    pub(super) list: Vec<Bound>,
    /// Limits whose `when` a customer must be asked for: indices into [`Planning::limits`], in the order of the bits of [`Mask`].
    pub(super) conditions: Vec<usize>,
    /// By limit: where its bounds begin in `list`, and the first time they are for.
    places: Vec<(usize, i32)>,
    /// By limit and campaign: whether the scope has it.
    scopes: Vec<Vec<bool>>,
    plan: Planning,
}

/// How fine the days of a campaign's options must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fineness {
    /// Only the first permitted day matters: nothing is gained by waiting.
    First,
    /// One day in each week.
    Week,
    /// Every day.
    Day,
}

/// The time a day belongs to, counted on.
pub(super) fn time_of(per: Per, day: Date) -> i32 {
    match per {
        Per::Plan => 0,
        Per::Day => day.days(),
        // 1969-12-29 was a Monday.
        Per::Week => (day.days() + 3).div_euclid(7),
        Per::Month => {
            let date = day.to_chrono();
            date.year() * 12 + i32::try_from(date.month0()).unwrap_or(0)
        }
    }
}

/// How the time of a day is called: `2026-W27`, `2026-07`, `2026-07-01`; `None` of a whole plan.
#[must_use]
pub fn time_name(per: Per, day: Date) -> Option<String> {
    let date = day.to_chrono();
    match per {
        Per::Plan => None,
        Per::Day => Some(day.to_string()),
        Per::Week => {
            let week = date.iso_week();
            Some(format!("{:04}-W{:02}", week.year(), week.week()))
        }
        Per::Month => Some(format!("{:04}-{:02}", date.year(), date.month())),
    }
}

impl Bounds {
    /// Of a plan from a day to its horizon.
    ///
    /// # Errors
    /// More than 128 limits with a `when`.
    pub(super) fn of(pack: &Pack, plan: &Planning, as_of: Date, last: Date) -> Result<Self, DataError> {
        let conditions: Vec<usize> =
            plan.limits.iter().enumerate().filter(|(_, limit)| limit.when.is_some()).map(|(i, _)| i).collect();
        if conditions.len() > 128 {
            return Err(DataError::input(format!(
                "a plan can have 128 limits with `when`, this pack has {}",
                conditions.len()
            )));
        }
        let mut bounds = Bounds {
            list: Vec::new(),
            conditions,
            places: Vec::new(),
            scopes: plan.limits.iter().map(|l| pack.campaigns.iter().map(|c| l.scope.has(c)).collect()).collect(),
            plan: plan.clone(),
        };
        for (index, limit) in plan.limits.iter().enumerate() {
            bounds.places.push((bounds.list.len(), time_of(limit.per, as_of)));
            let most = match limit.kind {
                LimitKind::Reserve => {
                    let of = limit.of.and_then(|of| plan.limits.get(of)).and_then(|of| of.most);
                    of.map(|most| most * (1.0 - limit.share))
                }
                _ => limit.most,
            };
            let mut day = as_of;
            let mut known = None;
            while day <= last {
                let time = time_of(limit.per, day);
                if known != Some(time) {
                    known = Some(time);
                    bounds.list.push(Bound {
                        limit: index,
                        time: time_name(limit.per, day),
                        most,
                        least: limit.least,
                        penalty: limit.penalty,
                    });
                }
                let Some(next) = Date::from_days(i64::from(day.days()) + 1) else { break };
                day = next;
            }
        }
        Ok(bounds)
    }

    /// The bit of a limit with a `when`.
    fn bit(&self, limit: usize) -> Mask {
        self.conditions.iter().position(|other| *other == limit).map_or(0, |bit| 1 << bit)
    }

    /// Whether a limit's scope and `when` have a contact; a reserve: whether it is kept for her.
    fn meant(&self, limit: usize, campaign: usize, mask: Mask) -> bool {
        let scope = self.scopes.get(limit).and_then(|scope| scope.get(campaign)).copied().unwrap_or(false);
        let conditional = self.plan.limits.get(limit).is_some_and(|limit| limit.when.is_some());
        scope && (!conditional || mask & self.bit(limit) != 0)
    }

    /// Whether a contact counts against a limit. Against a reserve count those it is not kept for.
    pub(super) fn counts(&self, limit: usize, campaign: usize, mask: Mask) -> bool {
        match self.plan.limits.get(limit) {
            Some(reserve) if reserve.kind == LimitKind::Reserve => {
                reserve.of.is_some_and(|of| self.meant(of, campaign, mask)) && !self.meant(limit, campaign, mask)
            }
            Some(_) => self.meant(limit, campaign, mask),
            None => false,
        }
    }

    /// The bounds that a contact uses on a day, and the measure that counts there.
    pub(super) fn uses(&self, campaign: usize, mask: Mask, day: Date) -> Vec<(u32, u32)> {
        let mut uses = Vec::new();
        for (index, limit) in self.plan.limits.iter().enumerate() {
            if !self.counts(index, campaign, mask) {
                continue;
            }
            if let Some(at) = self.place(index, day) {
                uses.push((u32::try_from(at).unwrap_or(u32::MAX), measure(limit.measure)));
            }
        }
        uses
    }

    /// Where the bound of a limit on a day stands in the list.
    pub(super) fn place(&self, limit: usize, day: Date) -> Option<usize> {
        let (first, begin) = self.places.get(limit)?;
        let per = self.plan.limits.get(limit)?.per;
        let at = first + usize::try_from(time_of(per, day) - begin).ok()?;
        self.list.get(at).filter(|bound| bound.limit == limit).map(|_| at)
    }

    /// Whether any bound of a limit with a `least` may count for a campaign: then contacts that cost more than they bring are
    /// of use.
    pub(super) fn wants(&self, campaign: usize) -> bool {
        self.plan.limits.iter().enumerate().any(|(i, limit)| {
            limit.least.is_some() && self.scopes.get(i).and_then(|s| s.get(campaign)).copied().unwrap_or(false)
        })
    }

    /// How fine the days of a campaign's options must be.
    pub(super) fn fineness(&self, campaign: usize) -> Fineness {
        let mut fineness = if self.plan.per_customer > 1 { Fineness::Week } else { Fineness::First };
        for (index, limit) in self.plan.limits.iter().enumerate() {
            // A reserve counts wherever the limit it is of does.
            let scope = limit.of.unwrap_or(index);
            if self.scopes.get(scope).and_then(|s| s.get(campaign)).copied().unwrap_or(false) {
                fineness = fineness.max(match limit.per {
                    Per::Plan => Fineness::First,
                    Per::Week | Per::Month => Fineness::Week,
                    Per::Day => Fineness::Day,
                });
            }
        }
        fineness
    }

    /// Whether the contacts of a campaign are work that is to be spread over the days of a week: people do it.
    pub(super) fn is_work(&self, campaign: usize) -> bool {
        self.plan.limits.iter().enumerate().any(|(i, limit)| {
            limit.kind == LimitKind::Capacity
                && (limit.per == Per::Week || !limit.scope.speakers.is_empty())
                && self.scopes.get(i).and_then(|s| s.get(campaign)).copied().unwrap_or(false)
        })
    }

    /// Whether a limit for months counts for a campaign.
    pub(super) fn is_monthly(&self, campaign: usize) -> bool {
        let monthly = |(i, limit): (usize, &crate::pack::Limit)| {
            let scope = limit.of.unwrap_or(i);
            limit.per == Per::Month && self.scopes.get(scope).and_then(|s| s.get(campaign)).copied().unwrap_or(false)
        };
        self.plan.limits.iter().enumerate().any(monthly)
    }

    /// Whether any limit counts this measure.
    pub(super) fn measures(&self, measure: Measure) -> bool {
        self.plan.limits.iter().any(|limit| limit.measure == measure)
    }

    /// For the solver, after something is used already.
    pub(super) fn to_solve(&self, pack: &Pack, most: &[Option<f64>], used: &[f64]) -> Vec<solve::Limit> {
        self.list
            .iter()
            .enumerate()
            .map(|(i, bound)| {
                let used = used.get(i).copied().unwrap_or(0.0);
                let most = most.get(i).copied().flatten();
                solve::Limit {
                    name: self.name(pack, i),
                    most: most.map(|most| (most - used).max(0.0)),
                    least: bound.least.map(|least| (least - used).max(0.0)),
                    penalty: bound.penalty,
                }
            })
            .collect()
    }

    /// `capacity.calls/2026-W27`
    pub(super) fn name(&self, _pack: &Pack, at: usize) -> String {
        let Some(bound) = self.list.get(at) else { return String::new() };
        let name = self.plan.limits.get(bound.limit).map(crate::pack::Limit::full_name).unwrap_or_default();
        match &bound.time {
            Some(time) => format!("{name}/{time}"),
            None => name,
        }
    }

    /// The plan the bounds are of.
    pub(super) fn plan(&self) -> &Planning {
        &self.plan
    }
}

/// The place of a measure among the amounts of a problem.
pub(super) fn measure(measure: Measure) -> u32 {
    match measure {
        Measure::Contacts => 0,
        Measure::Cost => 1,
        Measure::Hours => 2,
        Measure::Returns => 3,
    }
}

/// How much of a limit may be used beyond it: sums of many numbers are never exact.
pub(super) fn slack(most: f64) -> f64 {
    1e-9 * most.abs().max(1.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn pack(limits: &str) -> std::sync::Arc<Pack> {
        let head = r#"
[pack]
name = "limits"
[record]
key = "id"
[record.columns.segment]
type = "text"
[channels.phone]
[channels.post]
[people.team]
[[states]]
name = "gone"
track = "recovery"
[[campaigns]]
name = "call"
channel = "phone"
speaker = "team"
[[campaigns]]
name = "card"
channel = "post"
"#;
        let loaded = crate::pack::load_from_texts(&[("pack.toml", &format!("{head}{limits}"))]);
        loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
    }

    fn day(text: &str) -> Date {
        Date::parse_iso(text).unwrap()
    }

    fn bounds(pack: &Pack) -> Bounds {
        Bounds::of(pack, pack.planning.as_ref().unwrap(), day("2026-06-30"), day("2026-07-28")).unwrap()
    }

    #[test]
    fn one_bound_for_each_time() {
        let pack = pack(
            "[budget.all]\nmost = 100\n[capacity.calls]\nchannel = \"phone\"\nmost = 4\nper = \"week\"\n[capacity.cards]\nchannel = \"post\"\nmost = 9\nper = \"month\"\n",
        );
        let bounds = bounds(&pack);
        let names: Vec<String> = (0..bounds.list.len()).map(|i| bounds.name(&pack, i)).collect();
        assert_eq!(
            names,
            [
                "budget.all",
                "capacity.calls/2026-W27",
                "capacity.calls/2026-W28",
                "capacity.calls/2026-W29",
                "capacity.calls/2026-W30",
                "capacity.calls/2026-W31",
                "capacity.cards/2026-06",
                "capacity.cards/2026-07",
            ]
        );
        // Sunday belongs to the week before Monday, also where a month begins in between.
        assert_eq!(bounds.uses(0, 0, day("2026-07-05")), [(0, 1), (1, 0)]);
        assert_eq!(bounds.uses(0, 0, day("2026-07-06")), [(0, 1), (2, 0)]);
        assert_eq!(bounds.uses(1, 0, day("2026-07-01")), [(0, 1), (7, 0)]);
        assert_eq!(bounds.fineness(0), Fineness::Week);
        assert!(bounds.is_work(0) && !bounds.is_work(1));
    }

    #[test]
    fn a_reserve_limits_the_others() {
        let pack = pack(
            "[capacity.calls]\nchannel = \"phone\"\nmost = 10\n[reserve.key]\nof = \"capacity.calls\"\nwhen = 'segment == \"key\"'\nshare = 0.3\n",
        );
        let bounds = bounds(&pack);
        assert_eq!(bounds.list[1].most, Some(7.0));
        assert_eq!(bounds.conditions, [1]);
        // Somebody else counts against the calls and against what is left of them; a key account only against the calls.
        assert_eq!(bounds.uses(0, 0, day("2026-07-01")), [(0, 0), (1, 0)]);
        assert_eq!(bounds.uses(0, 1, day("2026-07-01")), [(0, 0)]);
        assert_eq!(bounds.uses(1, 0, day("2026-07-01")), []);
    }

    #[test]
    fn weeks_across_new_year() {
        assert_eq!(time_name(Per::Week, day("2027-01-01")).as_deref(), Some("2026-W53"));
        assert_eq!(time_of(Per::Week, day("2026-12-28")), time_of(Per::Week, day("2027-01-03")));
        assert_ne!(time_of(Per::Week, day("2027-01-03")), time_of(Per::Week, day("2027-01-04")));
    }
}
