//! What ends before the plan does: a consent, the relation that a basis rests on, the notice that could still be averted. The
//! rules are asked again as of the day of the contact, about the same records; numbers from event tables stay as they are.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use arrow::array::{BooleanArray, RecordBatch, StringArray, UInt32Array};

use super::Making;
use super::build::{Pick, later};
use super::columns::{flag, flags, text, texts};
use super::permit::Barrier;
use super::rows::Made;
use crate::data::DataError;
use crate::expr::Date;
use crate::pack::{Campaign, Pack, Track};
use crate::stage::{Candidates, Context};

/// The rules as of each day of a plan.
pub(super) struct Lapses<'a> {
    making: &'a Making<'a>,
    last: Date,
    /// By days after the as-of date; compiled when it is asked for.
    by_day: Vec<OnceLock<Candidates>>,
}

/// The last days on which a customer may still be contacted, as far as something ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ends {
    /// Any contact, by channel in the pack's order and then without one.
    channels: Vec<Date>,
    /// Whatever would avert the termination.
    notice: Date,
}

impl Ends {
    /// The last day of a campaign, and what ends there. A human decision is about the campaign whatever the track.
    pub(super) fn of(&self, pack: &Pack, campaign: &Campaign, human: bool) -> (Date, Barrier) {
        let channel = campaign.channel.as_deref().and_then(|name| pack.channels.get_index_of(name));
        let at = channel.unwrap_or(pack.channels.len());
        let day = self.channels.get(at).copied().unwrap_or(Date::MAX);
        if campaign.track == Some(Track::Termination) && !human && self.notice < day {
            return (self.notice, Barrier::Over);
        }
        (day, channel.and_then(|at| u16::try_from(at).ok()).map_or(Barrier::Suppressed, Barrier::NoConsent))
    }
}

/// What the rules say as of one day.
struct Said {
    /// By channel, then without one: whether she may be contacted.
    allowed: Vec<BooleanArray>,
    track: StringArray,
}

impl Said {
    fn of(pack: &Pack, decided: &RecordBatch) -> Result<Said, DataError> {
        let mut allowed = Vec::new();
        for name in pack.channels.keys() {
            allowed.push(flags(decided, &format!("allowed.{name}"))?);
        }
        let suppressed = flags(decided, "suppressed")?;
        allowed.push((0..suppressed.len()).map(|row| Some(!flag(&suppressed, row))).collect());
        Ok(Said { allowed, track: texts(decided, "track")? })
    }

    fn averts(&self, row: usize) -> bool {
        text(&self.track, row) == Some(Track::Termination.word())
    }
}

impl<'a> Lapses<'a> {
    pub(super) fn of(making: &'a Making<'a>, last: Date) -> Lapses<'a> {
        let days = usize::try_from(last.days() - making.context.as_of.days()).unwrap_or(0);
        Lapses { making, last, by_day: (0..=days).map(|_| OnceLock::new()).collect() }
    }

    /// The rules as of a day of the plan, for some records.
    fn as_of(&self, day: Date, records: &RecordBatch) -> Result<RecordBatch, DataError> {
        let at = usize::try_from(day.days() - self.making.context.as_of.days()).unwrap_or(0);
        let place = self.by_day.get(at).ok_or_else(|| DataError::internal("a day outside the plan"))?;
        let rules = place.get_or_init(|| {
            let context = Context { as_of: day, ..self.making.context.clone() };
            Candidates::compile(self.making.pack, &context, false)
        });
        rules.apply(records).map_err(|e| DataError::input(e.to_string()))
    }

    /// The customers of a batch for whom something ends within the plan: what holds today and on its last day no more. `decided` is
    /// what the rules say today.
    pub(super) fn batch(&self, records: &RecordBatch, decided: &RecordBatch) -> Result<HashMap<u32, Ends>, DataError> {
        let pack = self.making.pack;
        let (now, then) = (Said::of(pack, decided)?, Said::of(pack, &self.as_of(self.last, records)?)?);
        let ends = |row: usize| {
            let channels = now.allowed.iter().zip(&then.allowed);
            channels.into_iter().any(|(now, then)| flag(now, row) && !flag(then, row))
                || (now.averts(row) && !then.averts(row))
        };
        let rows: Vec<u32> =
            (0..decided.num_rows()).filter(|row| ends(*row)).filter_map(|r| u32::try_from(r).ok()).collect();
        if rows.is_empty() {
            return Ok(HashMap::new());
        }
        let some = taken(records, &rows)?;
        let mut found = vec![Ends { channels: vec![Date::MAX; now.allowed.len()], notice: Date::MAX }; rows.len()];
        let mut before = self.making.context.as_of;
        while before < self.last {
            let day = later(before, 1);
            let said = Said::of(pack, &self.as_of(day, &some)?)?;
            for (at, ends) in found.iter_mut().enumerate() {
                for (end, allowed) in ends.channels.iter_mut().zip(&said.allowed) {
                    if !flag(allowed, at) {
                        *end = (*end).min(before);
                    }
                }
                if !said.averts(at) {
                    ends.notice = ends.notice.min(before);
                }
            }
            before = day;
        }
        Ok(rows.into_iter().zip(found).collect())
    }

    /// For the proof: asks the rules again, for every contact as of its first and its last day, and notes in its witness what they
    /// do not permit.
    pub(super) fn witness(&self, picks: &[Pick], made: &mut [Made]) -> Result<(), DataError> {
        let pack = self.making.pack;
        let mut days: BTreeMap<(Date, u32), BTreeSet<usize>> = BTreeMap::new();
        for (at, (pick, made)) in picks.iter().zip(made.iter()).enumerate() {
            for day in [made.row.send_on, made.row.send_by] {
                days.entry((day, pick.place.batch)).or_default().insert(at);
            }
        }
        for ((day, batch), places) in days {
            let records = self.making.held.batches().get(batch as usize);
            let records = records.ok_or_else(|| DataError::internal("a customer without a record"))?;
            let rows: Vec<u32> = places.iter().filter_map(|at| picks.get(*at)).map(|pick| pick.place.row).collect();
            let said = Said::of(pack, &self.as_of(day, &taken(records, &rows)?)?)?;
            for (row, at) in places.into_iter().enumerate() {
                let Some(made) = made.get_mut(at) else { continue };
                let Some(campaign) = pack.campaigns.get(made.witness.campaign) else { continue };
                let channel = campaign.channel.as_deref().and_then(|name| pack.channels.get_index_of(name));
                let allowed = said.allowed.get(channel.unwrap_or(pack.channels.len()));
                made.witness.allowed &= allowed.is_some_and(|allowed| flag(allowed, row));
                made.witness.allowed &= made.row.consent_on.is_none_or(|since| since <= made.row.send_on);
                let averts = campaign.track == Some(Track::Termination) && !made.witness.forced;
                made.witness.candidate &= !averts || said.averts(row);
            }
        }
        Ok(())
    }
}

fn taken(records: &RecordBatch, rows: &[u32]) -> Result<RecordBatch, DataError> {
    arrow::compute::take_record_batch(records, &UInt32Array::from(rows.to_vec()))
        .map_err(|e| DataError::internal(format!("taking records: {e}")))
}
