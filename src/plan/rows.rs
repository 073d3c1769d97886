//! From picks to rows: everything a plan says about a contact, read again from the rules.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Float64Array, RecordBatch, StringArray, UInt32Array};

use super::Making;
use super::allocate::Choice;
use super::build::{Options, Pick, each, later};
use super::columns::{date, dates, flag, flags, number, numbers, text, texts};
use super::holdout::Holdouts;
use super::limits::Mask;
use super::row::PlanRow;
use crate::data::DataError;
use crate::expr::{Date, Type};
use crate::pack::{Campaign, Pack};
use crate::stage::{Candidates, cell};

/// What the rules say about a contact when they are read again, for the proof before anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Witness {
    /// Index into [`Pack::campaigns`].
    pub(super) campaign: usize,
    /// A rule forbids to look at her at all.
    pub(super) suppressed: bool,
    /// The campaign is meant for her: grade, track, rule, consent, human decisions.
    pub(super) candidate: bool,
    /// There is consent for the channel.
    pub(super) allowed: bool,
    /// Which limits with a `when` count for her.
    pub(super) mask: Mask,
    /// A human decided for the contact.
    pub(super) forced: bool,
    /// The last day on which that decision holds, if it has one.
    pub(super) ends: Option<Date>,
}

/// A row, what it was made from and the days it may be moved to.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) row: PlanRow,
    pub(super) witness: Witness,
    /// From here waiting is counted.
    pub(super) first: Date,
    /// No later than this.
    pub(super) last: Date,
    /// `success` on the first day.
    pub(super) fresh: Option<f64>,
}

impl Made {
    /// Moves it to a day: `success` fades with every day of waiting.
    pub(super) fn send_on(&mut self, day: Date, campaign: &Campaign) {
        let waited = (day.days() - self.first.days()).max(0);
        self.row.send_on = day;
        self.row.send_by = self.row.send_by.max(day);
        self.row.success = self.fresh.map(|success| success * (1.0 - campaign.fade).powi(waited));
        self.row.net = net(&self.row);
    }
}

/// `success * value - cost`, an unknown cost counting 0.
fn net(row: &PlanRow) -> Option<f64> {
    let gain = row.success? * row.value? - row.cost.unwrap_or(0.0);
    gain.is_finite().then_some(gain + 0.0)
}

/// Names of `PlanRow::scores`: dimensions, then criteria.
pub(super) fn score_names(pack: &Pack) -> Vec<String> {
    let dimensions = pack.dimensions.iter().map(|dimension| dimension.name.clone());
    dimensions.chain(pack.criteria.iter().map(|criterion| format!("score.{}", criterion.name))).collect()
}

/// A row for every pick, in the same order.
///
/// # Errors
/// A record that cannot be read.
pub(super) fn rows(
    making: &Making<'_>,
    options: &Options,
    holdouts: &Holdouts,
    choice: &Choice,
) -> Result<Vec<Made>, DataError> {
    let candidates = Candidates::compile(making.pack, making.context, true);
    // Where the picks of each batch begin.
    let mut starts = HashMap::new();
    let mut at = 0;
    for picks in choice.picks.chunk_by(|a, b| a.place.batch == b.place.batch) {
        if let Some(first) = picks.first() {
            starts.insert(first.place.batch, (at, picks.len()));
        }
        at += picks.len();
    }
    let words = Words { making, options, holdouts, choice };
    let parts = each(making.held.batches(), making.threads, |batch, records| {
        let Some((start, count)) = starts.get(&batch) else { return Ok(Vec::new()) };
        let picks = choice.picks.get(*start..start + count).unwrap_or_default();
        let mut places: Vec<u32> = picks.iter().map(|pick| pick.place.row).collect();
        places.dedup();
        let taken = arrow::compute::take_record_batch(records, &UInt32Array::from(places.clone()))
            .map_err(|e| DataError::internal(format!("taking records: {e}")))?;
        let decided = candidates.apply(&taken).map_err(|e| DataError::input(e.to_string()))?;
        words.batch(*start, picks, &places, &decided)
    })?;
    Ok(parts.into_iter().flatten().collect())
}

struct Words<'a> {
    making: &'a Making<'a>,
    options: &'a Options,
    holdouts: &'a Holdouts,
    choice: &'a Choice,
}

/// Texts of which many rows share a few.
struct Shared {
    array: StringArray,
    known: HashMap<String, Arc<str>>,
}

impl Shared {
    fn of(batch: &RecordBatch, name: &str) -> Result<Self, DataError> {
        Ok(Self { array: texts(batch, name)?, known: HashMap::new() })
    }

    fn get(&mut self, row: usize) -> Option<Arc<str>> {
        let text = text(&self.array, row)?;
        if let Some(known) = self.known.get(text) {
            return Some(Arc::clone(known));
        }
        let shared: Arc<str> = Arc::from(text);
        self.known.insert(text.to_owned(), Arc::clone(&shared));
        Some(shared)
    }
}

/// The names of a campaign, shared by its rows.
struct Names {
    campaign: Arc<str>,
    experiment: Arc<str>,
    offer: Option<Arc<str>>,
    channel: Option<Arc<str>>,
    speaker: Option<Arc<str>>,
}

impl Words<'_> {
    /// The rows of the picks of one batch. `decided` has one row for each of `places`.
    fn batch(
        &self,
        start: usize,
        picks: &[Pick],
        places: &[u32],
        decided: &RecordBatch,
    ) -> Result<Vec<Made>, DataError> {
        let pack = self.making.pack;
        let plan = self.options.bounds.plan();
        let suppressed = flags(decided, "suppressed")?;
        let mut shared = ["state", "track", "cause", "class", "grade"]
            .map(|name| Shared::of(decided, name))
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        let (confidence, priority) = (numbers(decided, "confidence")?, numbers(decided, "priority")?);
        let money = pack.money.as_ref().map(|_| numbers(decided, "money")).transpose()?;
        let (overridden, reasons) = (texts(decided, "overridden")?, texts(decided, "reasons")?);
        let ends = dates(decided, "decision_ends")?;
        let scores = score_names(pack).iter().map(|name| numbers(decided, name)).collect::<Result<Vec<_>, _>>()?;
        let carried: Vec<(ArrayRef, Type)> = plan
            .carry
            .iter()
            .map(|(name, slot)| {
                let array = decided.column_by_name(&format!("carry.{name}")).cloned();
                let array = array.ok_or_else(|| DataError::internal(format!("no column `carry.{name}`")))?;
                Ok((array, pack.names.get(*slot).ty))
            })
            .collect::<Result<_, DataError>>()?;
        let conditions = self
            .options
            .bounds
            .conditions
            .iter()
            .filter_map(|limit| plan.limits.get(*limit))
            .map(|limit| flags(decided, &format!("limit.{}", limit.full_name())))
            .collect::<Result<Vec<_>, _>>()?;
        let mut campaigns = HashMap::new();
        let mut made = Vec::with_capacity(picks.len());
        let mut at = 0;
        for (offset, pick) in picks.iter().enumerate() {
            while places.get(at).is_some_and(|row| *row < pick.place.row) {
                at += 1;
            }
            let index = usize::from(pick.campaign);
            let campaign =
                pack.campaigns.get(index).ok_or_else(|| DataError::internal("a campaign that is not there"))?;
            let terms = match campaigns.entry(index) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => {
                    entry.insert(Terms::of(decided, pack, campaign, self.holdouts.campaign(index).name.as_str())?)
                }
            };
            let drawn = self.choice.drawn.get(start + offset);
            let key = self.choice.keys.get(start + offset);
            let (Some(drawn), Some(key)) = (drawn, key) else {
                return Err(DataError::internal("a pick without an arm"));
            };
            let mut mask: Mask = 0;
            for (bit, condition) in conditions.iter().enumerate() {
                mask |= Mask::from(flag(condition, at)) << bit;
            }
            let [state, track, cause, class, grade] = shared.as_mut_slice() else {
                return Err(DataError::internal("a column is lost"));
            };
            let because = [text(&reasons, at), text(&terms.because, at)];
            let because: Vec<&str> = because.into_iter().flatten().filter(|text| !text.is_empty()).collect();
            let fresh = number(&terms.success, at);
            let row = PlanRow {
                key: Arc::clone(key),
                arm: drawn.arm,
                held_out_by: drawn.by.map(|by| Arc::from(by.word())),
                experiment: Arc::clone(&terms.names.experiment),
                stratum: self.options.strata.get(pick.stratum as usize).cloned().flatten(),
                propensity: drawn.propensity,
                campaign: Arc::clone(&terms.names.campaign),
                offer: terms.names.offer.clone(),
                channel: terms.names.channel.clone(),
                speaker: terms.names.speaker.clone(),
                send_on: pick.day,
                send_by: pick.day,
                cost: number(&terms.cost, at),
                success: fresh,
                value: number(&terms.value, at),
                net: None,
                anyway: number(&terms.anyway, at),
                hours: campaign.hours.as_ref().and_then(|_| number(&terms.hours, at)),
                basis: terms.basis.as_mut().and_then(|basis| basis.get(at)),
                consent_on: terms.consent_on.as_ref().and_then(|days| date(days, at)),
                state: state.get(at),
                track: track.get(at),
                cause: cause.get(at),
                class: class.get(at),
                confidence: number(&confidence, at),
                grade: grade.get(at),
                priority: number(&priority, at),
                money: money.as_ref().and_then(|money| number(money, at)),
                overridden: text(&overridden, at).map(Arc::from),
                say: text(&terms.say, at).map(Arc::from),
                reasons: (!because.is_empty()).then(|| Arc::from(because.join("; "))),
                scores: scores.iter().map(|array| number(array, at)).collect(),
                carried: carried
                    .iter()
                    .map(|(array, ty)| {
                        let value = cell(array, at, *ty);
                        (!value.is_missing()).then(|| Arc::from(value.to_string()))
                    })
                    .collect(),
            };
            let first = date(&terms.send_on, at).unwrap_or(pick.day).max(self.making.context.as_of);
            let lapse = self.options.ends.get(&(pick.place, pick.campaign)).copied().unwrap_or(Date::MAX);
            let patience = if campaign.within > 0 { campaign.within } else { super::build::PATIENCE };
            let forced = flag(&terms.forced, at);
            let ends = date(&ends, at).filter(|_| forced);
            let mut one = Made {
                row,
                witness: Witness {
                    campaign: index,
                    suppressed: flag(&suppressed, at),
                    candidate: flag(&terms.candidate, at),
                    allowed: terms.allowed.as_ref().is_none_or(|allowed| flag(allowed, at)),
                    mask,
                    forced,
                    ends,
                },
                first,
                last: later(first, patience).min(self.making.last(plan)).min(lapse).min(ends.unwrap_or(Date::MAX)),
                fresh,
            };
            one.send_on(pick.day, campaign);
            made.push(one);
        }
        Ok(made)
    }
}

/// What the rules say of one campaign for the customers of a batch.
struct Terms {
    names: Names,
    candidate: BooleanArray,
    forced: BooleanArray,
    send_on: Date32Array,
    cost: Float64Array,
    success: Float64Array,
    value: Float64Array,
    anyway: Float64Array,
    hours: Float64Array,
    because: StringArray,
    say: StringArray,
    allowed: Option<BooleanArray>,
    basis: Option<Shared>,
    consent_on: Option<Date32Array>,
}

impl Terms {
    fn of(batch: &RecordBatch, pack: &Pack, campaign: &Campaign, experiment: &str) -> Result<Self, DataError> {
        let name = |key: &str| format!("{key}.{}", campaign.name);
        let shared = |text: &Option<String>| text.as_deref().map(Arc::<str>::from);
        let channel = campaign.channel.as_ref().filter(|channel| pack.channels.contains_key(*channel));
        Ok(Self {
            names: Names {
                campaign: Arc::from(campaign.name.as_str()),
                experiment: Arc::from(experiment),
                offer: shared(&campaign.offer),
                channel: shared(&campaign.channel),
                speaker: shared(&campaign.speaker),
            },
            candidate: flags(batch, &name("candidate"))?,
            forced: flags(batch, &name("forced"))?,
            send_on: dates(batch, &name("send_on"))?,
            cost: numbers(batch, &name("cost"))?,
            success: numbers(batch, &name("success"))?,
            value: numbers(batch, &name("value"))?,
            anyway: numbers(batch, &name("anyway"))?,
            hours: numbers(batch, &name("hours"))?,
            because: texts(batch, &name("because"))?,
            say: texts(batch, &name("say"))?,
            allowed: channel.map(|channel| flags(batch, &format!("allowed.{channel}"))).transpose()?,
            basis: channel.map(|channel| Shared::of(batch, &format!("basis.{channel}"))).transpose()?,
            consent_on: channel.map(|channel| dates(batch, &format!("consent_on.{channel}"))).transpose()?,
        })
    }
}
