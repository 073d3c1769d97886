//! From decisions to options: every customer, every campaign that is meant for her, every day on which it may reach her.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{BooleanArray, Date32Array, Float64Array, RecordBatch, StringArray};

use super::columns::{date, dates, flag, flags, keys, number, numbers, text, texts};
use super::holdout::{self, Holdouts};
use super::join::join;
use super::lapse::{Ends, Lapses};
use super::limits::{Bounds, Fineness, Mask};
use super::permit::{Barrier, Permission, Refusal};
use super::solve::Problem;
use super::{Counted, Making};
use crate::data::DataError;
use crate::expr::Date;
use crate::pack::{Campaign, Measure, Pack};
use crate::stage::Candidates;

/// Without `within`, a campaign is sent on the first permitted day of so many after its own.
pub(super) const PATIENCE: u32 = 14;

/// Where a customer stands among the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) batch: u32,
    pub(super) row: u32,
}

/// What an option is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pick {
    pub(super) place: Place,
    /// Index into [`Pack::campaigns`].
    pub(super) campaign: u16,
    pub(super) day: Date,
    /// Index into [`Problem::classes`].
    pub(super) class: u16,
    /// Index into [`Options::strata`]; 0 stands for none.
    pub(super) stratum: u32,
    /// A human decided for it.
    pub(super) forced: bool,
    /// What it is worth; 0 where it is not known.
    pub(super) gain: f64,
    /// What it uses, by measure.
    pub(super) amounts: [f64; 4],
}

/// A contact that a human decided for.
#[derive(Debug, Clone)]
pub(super) struct Forced {
    /// On each of the days it may be made, in order.
    pub(super) picks: Vec<Pick>,
    /// Why there is no day.
    pub(super) refused: Option<Unplanned>,
}

/// Everything that can be chosen.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) bounds: Bounds,
    /// Customers, their options and kinds of options; the limits are left to who solves it.
    pub(super) problem: Problem,
    /// By customer of the problem.
    pub(super) places: Vec<Place>,
    /// By customer of the problem: index into `strata`.
    pub(super) customer_strata: Vec<u32>,
    /// Names of strata; the first stands for none.
    pub(super) strata: Vec<Option<std::sync::Arc<str>>>,
    /// By class: the campaign.
    pub(super) class_campaigns: Vec<u16>,
    pub(super) forced: Vec<Forced>,
    /// Everything about customers without an option.
    pub(super) counted: Counted,
    /// The last day of a contact by campaign, where something ends within the plan.
    pub(super) ends: HashMap<(Place, u16), Date>,
}

impl Options {
    /// What an option of the problem is about.
    pub(super) fn pick(&self, customer: usize, option: usize) -> Option<Pick> {
        let class = *self.problem.class.get(option)?;
        let amount = |measure: usize, otherwise: f64| {
            self.problem.amounts.get(measure).and_then(|list| list.get(option)).copied().unwrap_or(otherwise)
        };
        Some(Pick {
            place: *self.places.get(customer)?,
            campaign: *self.class_campaigns.get(usize::from(class))?,
            day: Date::from_days(i64::from(*self.problem.day.get(option)?))?,
            class,
            stratum: self.customer_strata.get(customer).copied().unwrap_or(0),
            forced: false,
            gain: *self.problem.gain.get(option)?,
            amounts: [1.0, amount(1, 0.0), amount(2, 0.0), amount(3, 0.0)],
        })
    }

    /// The options of a customer of the problem.
    pub(super) fn range(&self, customer: usize) -> std::ops::Range<usize> {
        let at = |i: usize| self.problem.first.get(i).map_or(0, |first| *first as usize);
        at(customer)..at(customer + 1)
    }
}

/// Why a customer with a candidate has no option; the later one is nearer to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unplanned {
    /// No day is known.
    NoDay,
    /// A rule about contacts.
    Refused(Reason),
    /// After the horizon.
    Later,
    /// The decision of a person ends before a day on which she may be contacted.
    Ended,
    /// Nobody knows what it would bring.
    Unknown,
    /// It costs more than it brings.
    NotWorth,
}

/// A rule about contacts, by its place in [`Reasons`].
pub(super) type Reason = u32;

/// Rules that stood in the way, each once.
#[derive(Debug, Default)]
pub(super) struct Reasons {
    pub(super) list: Vec<Refusal>,
}

impl Reasons {
    fn of(&mut self, refusal: Refusal) -> Reason {
        let at = self.list.iter().position(|known| known.barrier == refusal.barrier).unwrap_or_else(|| {
            self.list.push(refusal);
            self.list.len() - 1
        });
        Reason::try_from(at).unwrap_or(Reason::MAX)
    }
}

/// A kind of option: who, and when as far as a limit asks.
pub(super) type Kind = (u16, Mask, i32);

/// What one batch of records gave.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Row, stratum (index into `strata`), number of options.
    pub(super) customers: Vec<(u32, u32, u32)>,
    pub(super) gain: Vec<f64>,
    pub(super) class: Vec<u32>,
    pub(super) day: Vec<i32>,
    pub(super) amounts: [Vec<f64>; 3],
    pub(super) kinds: Vec<Kind>,
    pub(super) known: HashMap<Kind, u32>,
    pub(super) strata: Vec<String>,
    /// Picks with a class and a stratum of this part.
    pub(super) forced: Vec<(Vec<Pick>, Option<Unplanned>)>,
    pub(super) reasons: Reasons,
    pub(super) counted: Counted,
    pub(super) unplanned: BTreeMap<Unplanned, u64>,
    /// Row, campaign, last day, where something ends within the plan.
    pub(super) ends: Vec<(u32, u16, Date)>,
}

/// What of a campaign is the same for every customer.
struct Terms {
    index: u16,
    within: Option<u32>,
    fade: f64,
    fineness: Fineness,
    /// Whether a contact that costs more than it brings may be of use.
    wanted: bool,
}

/// The columns of one campaign.
struct Columns {
    candidate: BooleanArray,
    forced: BooleanArray,
    send_on: Date32Array,
    cost: Float64Array,
    success: Float64Array,
    value: Float64Array,
    hours: Float64Array,
    consent_on: Option<Date32Array>,
}

/// When a campaign may reach a customer.
struct Window {
    /// The day the campaign asks for.
    send_on: Option<Date>,
    /// The day of her consent.
    since: Date,
    /// The last day, if something ends.
    until: Date,
    /// What it is that ends, or has not begun.
    barrier: Barrier,
    /// The last day of a person's decision for it.
    decision: Date,
}

/// Everything the work on a batch reads.
struct Builder<'a> {
    pack: &'a Pack,
    permission: &'a Permission,
    bounds: &'a Bounds,
    as_of: Date,
    last: Date,
    terms: Vec<Terms>,
    stratified: bool,
}

/// Builds every option.
///
/// # Errors
/// A record that cannot be read; more options than can be counted.
pub(super) fn options(
    making: &Making<'_>,
    bounds: Bounds,
    holdouts: &Holdouts,
    lapses: &Lapses<'_>,
) -> Result<Options, DataError> {
    let pack = making.pack;
    let candidates = Candidates::compile(pack, making.context, false);
    let terms = |(index, campaign): (usize, &Campaign)| Terms {
        index: u16::try_from(index).unwrap_or(u16::MAX),
        within: (campaign.within > 0).then_some(campaign.within),
        fade: campaign.fade,
        fineness: bounds.fineness(index),
        wanted: bounds.wants(index),
    };
    let builder = Builder {
        pack,
        permission: making.permission,
        bounds: &bounds,
        as_of: making.context.as_of,
        last: making.last(bounds.plan()),
        terms: pack.campaigns.iter().enumerate().map(terms).collect(),
        stratified: !bounds.plan().stratify.is_empty(),
    };
    let parts = each(making.held.batches(), making.threads, |at, batch| {
        let decided = candidates.apply(batch).map_err(|e| DataError::input(e.to_string()))?;
        builder.part(at, batch, &decided, &lapses.batch(batch, &decided)?)
    })?;
    join(making, parts, bounds.clone(), holdouts)
}

/// Does something with every batch, each on one of so many threads; the results in the order of the batches.
pub(super) fn each<T: Send>(
    batches: &[RecordBatch],
    threads: usize,
    work: impl Fn(u32, &RecordBatch) -> Result<T, DataError> + Sync,
) -> Result<Vec<T>, DataError> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(batch) = batches.get(at) else { return done };
            done.push((at, work(u32::try_from(at).unwrap_or(u32::MAX), batch)));
        }
    };
    let parts = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.clamp(1, batches.len().max(1))).map(|_| scope.spawn(take)).collect();
        threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    let mut all = Vec::with_capacity(batches.len());
    for part in parts {
        all.extend(part.map_err(|_| DataError::internal("a thread that plans has failed"))?);
    }
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, result)| result).collect()
}

impl Builder<'_> {
    fn part(
        &self,
        at: u32,
        records: &RecordBatch,
        decided: &RecordBatch,
        lapses: &HashMap<u32, Ends>,
    ) -> Result<Part, DataError> {
        let mut part = Part::default();
        let keys = keys(records)?;
        let suppressed = flags(decided, "suppressed")?;
        let campaigns =
            self.pack.campaigns.iter().map(|campaign| Columns::of(decided, campaign)).collect::<Result<Vec<_>, _>>()?;
        let limits = &self.bounds.plan().limits;
        let conditions = self.bounds.conditions.iter().filter_map(|limit| limits.get(*limit));
        let conditions: Vec<BooleanArray> = conditions
            .map(|limit| flags(decided, &format!("limit.{}", limit.full_name())))
            .collect::<Result<_, _>>()?;
        let strata = &self.bounds.plan().stratify;
        let strata: Vec<StringArray> =
            strata.iter().map(|(name, _)| texts(decided, &format!("stratum.{name}"))).collect::<Result<_, _>>()?;
        let ends = dates(decided, "decision_ends")?;
        let ignored = self.pack.human.as_ref().map(|_| texts(decided, "override_ignored")).transpose()?;
        let mut days = Vec::new();
        for row in 0..decided.num_rows() {
            part.counted.customers += 1;
            if flag(&suppressed, row) {
                part.counted.suppressed += 1;
                continue;
            }
            if let Some(ignored) = ignored.as_ref().and_then(|texts| text(texts, row)) {
                *part.counted.ignored.entry(ignored.to_owned()).or_default() += 1;
            }
            if !campaigns.iter().any(|columns| flag(&columns.candidate, row)) {
                continue;
            }
            part.counted.candidates += 1;
            let mut mask: Mask = 0;
            for (bit, condition) in conditions.iter().enumerate() {
                mask |= Mask::from(flag(condition, row)) << bit;
            }
            let stratum = if self.stratified {
                let values: Vec<Option<&str>> = strata.iter().map(|array| text(array, row)).collect();
                part.stratum(&holdout::stratum(&values).unwrap_or_default())
            } else {
                0
            };
            let key = text(&keys, row).unwrap_or("");
            let place = Place { batch: at, row: u32::try_from(row).unwrap_or(u32::MAX) };
            let lapses = lapses.get(&place.row);
            self.customer(&mut part, &campaigns, key, (place, mask, stratum), (lapses, date(&ends, row)), &mut days);
        }
        Ok(part)
    }

    /// The options of one customer.
    fn customer(
        &self,
        part: &mut Part,
        campaigns: &[Columns],
        key: &str,
        (place, mask, stratum): (Place, Mask, u32),
        (lapses, decision): (Option<&Ends>, Option<Date>),
        days: &mut Vec<Date>,
    ) {
        let row = place.row as usize;
        let known = self.permission.customer(key);
        let before = part.gain.len();
        let mut why: Option<Unplanned> = None;
        let mut forced = false;
        for (terms, columns) in self.terms.iter().zip(campaigns).filter(|(_, c)| flag(&c.candidate, row)) {
            let human = flag(&columns.forced, row);
            forced |= human;
            let (cost, hours) = (number(&columns.cost, row).unwrap_or(0.0), number(&columns.hours, row).unwrap_or(0.0));
            let worth = number(&columns.success, row).zip(number(&columns.value, row));
            let mut reason = None;
            let mut picks = Vec::new();
            let window = self.window(terms, columns, row, (lapses, decision));
            if window.until < self.last {
                part.ends.push((place.row, terms.index, window.until));
            }
            match self.days(part, known, terms, &window, days) {
                Err(unplanned) => reason = Some(unplanned),
                Ok(_) if worth.is_none() && !human => reason = Some(Unplanned::Unknown),
                Ok(first) => {
                    for day in days.iter() {
                        let waited = day.days() - first.days();
                        let success = worth.map(|(success, _)| success * (1.0 - terms.fade).powi(waited.max(0)));
                        let gain = success.zip(worth).map_or(0.0, |(success, (_, value))| success * value - cost);
                        if !gain.is_finite() {
                            reason = Some(Unplanned::Unknown);
                        } else if gain > 0.0 || terms.wanted || human {
                            picks.push(Pick {
                                place,
                                campaign: terms.index,
                                day: *day,
                                class: 0,
                                stratum,
                                forced: human,
                                gain,
                                amounts: [1.0, cost.max(0.0), hours.max(0.0), success.unwrap_or(0.0)],
                            });
                        } else {
                            reason = Some(Unplanned::NotWorth);
                        }
                    }
                }
            }
            if human {
                let kinds: Vec<Pick> = picks;
                part.force(self, kinds, mask, reason);
                continue;
            }
            for pick in &picks {
                part.add(self, pick, mask);
            }
            why = why.max(reason);
        }
        if forced {
            return;
        }
        let count = part.gain.len() - before;
        if count > 0 {
            let row = place.row;
            part.customers.push((row, stratum, u32::try_from(count).unwrap_or(u32::MAX)));
        } else {
            *part.unplanned.entry(why.unwrap_or(Unplanned::NotWorth)).or_default() += 1;
        }
    }

    /// From when until when a campaign may reach a customer by the rules, calendars and contacts made aside.
    fn window(
        &self,
        terms: &Terms,
        columns: &Columns,
        row: usize,
        (ends, decision): (Option<&Ends>, Option<Date>),
    ) -> Window {
        let human = flag(&columns.forced, row);
        let send_on = date(&columns.send_on, row);
        let campaign = self.pack.campaigns.get(usize::from(terms.index));
        let channel = campaign.and_then(|campaign| campaign.channel.as_deref());
        let channel = channel.and_then(|name| self.pack.channels.get_index_of(name));
        let consent = Barrier::NoConsent(channel.and_then(|at| u16::try_from(at).ok()).unwrap_or(u16::MAX));
        let since = columns.consent_on.as_ref().and_then(|days| date(days, row)).unwrap_or(Date::MIN);
        let (until, barrier) = match ends.zip(campaign) {
            Some((ends, campaign)) => ends.of(self.pack, campaign, human),
            None => (Date::MAX, consent),
        };
        // A consent that begins too late is none, whatever else ends.
        let late = since > self.last.min(until);
        Window {
            send_on,
            since,
            until,
            barrier: if late { consent } else { barrier },
            decision: decision.filter(|_| human).unwrap_or(Date::MAX),
        }
    }

    /// The days on which a campaign may reach a customer, into a list, and the day from which waiting is counted. A decision of a
    /// person may have a last day.
    fn days(
        &self,
        part: &mut Part,
        known: super::permit::Customer,
        terms: &Terms,
        window: &Window,
        days: &mut Vec<Date>,
    ) -> Result<Date, Unplanned> {
        days.clear();
        // What should have been sent already, is sent as soon as it may.
        let first = window.send_on.ok_or(Unplanned::NoDay)?.max(self.as_of);
        if window.decision < first {
            return Err(Unplanned::Ended);
        }
        if first > self.last {
            return Err(Unplanned::Later);
        }
        let patience = later(first, terms.within.unwrap_or(PATIENCE)).min(self.last).min(window.until);
        let since = first.max(window.since);
        if since > patience {
            return Err(Unplanned::Refused(part.reasons.of(Refusal { barrier: window.barrier, on: since })));
        }
        let last = patience.min(window.decision);
        if last < since {
            return Err(Unplanned::Ended);
        }
        let campaign = usize::from(terms.index);
        if let Some(refusal) = self.permission.days_of(known, campaign, since, last, days) {
            days.clear();
            if last < patience && self.permission.days_of(known, campaign, since, patience, &mut Vec::new()).is_none() {
                return Err(Unplanned::Ended);
            }
            return Err(Unplanned::Refused(part.reasons.of(refusal)));
        }
        if terms.within.is_none() || terms.fineness == Fineness::First {
            days.truncate(1);
        } else if terms.fineness == Fineness::Day {
            let (mut all, mut one) = (Vec::new(), Vec::new());
            let mut day = days.first().copied().unwrap_or(first);
            while day <= last {
                if self.permission.days_of(known, campaign, day, day, &mut one).is_none() {
                    all.push(day);
                }
                day = later(day, 1);
            }
            *days = all;
        }
        Ok(first)
    }
}

/// So many days later.
pub(super) fn later(day: Date, days: u32) -> Date {
    Date::from_days(i64::from(day.days()) + i64::from(days)).unwrap_or(Date::MAX)
}

impl Columns {
    fn of(batch: &RecordBatch, campaign: &Campaign) -> Result<Self, DataError> {
        let name = |key: &str| format!("{key}.{}", campaign.name);
        let consent_on = campaign.channel.as_ref().map(|channel| format!("consent_on.{channel}"));
        Ok(Self {
            candidate: flags(batch, &name("candidate"))?,
            forced: flags(batch, &name("forced"))?,
            send_on: dates(batch, &name("send_on"))?,
            cost: numbers(batch, &name("cost"))?,
            success: numbers(batch, &name("success"))?,
            value: numbers(batch, &name("value"))?,
            hours: numbers(batch, &name("hours"))?,
            consent_on: consent_on.map(|name| dates(batch, &name)).transpose()?,
        })
    }
}

impl Part {
    /// The number of a stratum in this part; 0 is left to those without.
    fn stratum(&mut self, name: &str) -> u32 {
        let at = self.strata.iter().position(|known| known == name).unwrap_or_else(|| {
            self.strata.push(name.to_owned());
            self.strata.len() - 1
        });
        u32::try_from(at + 1).unwrap_or(u32::MAX)
    }

    fn kind(&mut self, builder: &Builder<'_>, pick: &Pick, mask: Mask) -> u32 {
        // Only where a limit is for a time, the day matters.
        let timed = builder.terms.get(usize::from(pick.campaign)).is_some_and(|t| t.fineness != Fineness::First);
        let kind = (pick.campaign, mask, if timed { pick.day.days() } else { builder.as_of.days() });
        let next = u32::try_from(self.kinds.len()).unwrap_or(u32::MAX);
        *self.known.entry(kind).or_insert_with(|| {
            self.kinds.push(kind);
            next
        })
    }

    fn add(&mut self, builder: &Builder<'_>, pick: &Pick, mask: Mask) {
        let kind = self.kind(builder, pick, mask);
        self.gain.push(pick.gain);
        self.class.push(kind);
        self.day.push(pick.day.days());
        let measures = [Measure::Cost, Measure::Hours, Measure::Returns];
        for ((list, measure), amount) in self.amounts.iter_mut().zip(measures).zip(pick.amounts.iter().skip(1)) {
            if builder.bounds.measures(measure) {
                list.push(*amount);
            }
        }
    }

    fn force(&mut self, builder: &Builder<'_>, mut picks: Vec<Pick>, mask: Mask, reason: Option<Unplanned>) {
        for pick in &mut picks {
            let kind = self.kind(builder, pick, mask);
            // Until the parts are joined, the place among the kinds of this one.
            pick.class = u16::try_from(kind).unwrap_or(u16::MAX);
        }
        self.forced.push((picks, reason));
    }
}
