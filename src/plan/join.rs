//! The options of every batch of records joined into one problem, in the order of the records.

use std::collections::HashMap;
use std::sync::Arc;

use super::build::{Forced, Options, Part, Place, Reasons, Unplanned};
use super::holdout::Holdouts;
use super::limits::Bounds;
use super::solve::{Class, Problem};
use super::{Counted, Making};
use crate::data::DataError;
use crate::expr::Date;
use crate::pack::Pack;

/// Joins the parts in order.
pub(super) fn join(
    making: &Making<'_>,
    parts: Vec<Part>,
    bounds: Bounds,
    holdouts: &Holdouts,
) -> Result<Options, DataError> {
    let pack = making.pack;
    let mut options = Options {
        problem: Problem { first: vec![0], amounts: vec![Vec::new(); 4], ..Problem::default() },
        places: Vec::new(),
        customer_strata: Vec::new(),
        strata: vec![None],
        class_campaigns: Vec::new(),
        forced: Vec::new(),
        counted: Counted::default(),
        bounds,
        ends: HashMap::new(),
    };
    let mut classes: HashMap<(u16, Vec<(u32, u32)>), u16> = HashMap::new();
    let mut strata: HashMap<String, u32> = HashMap::new();
    let too_many = |what: &str| DataError::input(format!("the plan has too many {what}"));
    for (batch, part) in parts.into_iter().enumerate() {
        let mut class_of = Vec::with_capacity(part.kinds.len());
        for (campaign, mask, day) in &part.kinds {
            let day = Date::from_days(i64::from(*day)).unwrap_or(making.context.as_of);
            let uses = options.bounds.uses(usize::from(*campaign), *mask, day);
            let class = match classes.get(&(*campaign, uses.clone())) {
                Some(class) => *class,
                None => {
                    let class = u16::try_from(options.problem.classes.len()).map_err(|_| {
                        too_many("kinds of contacts").help("fewer limits per day, or fewer with `when`")
                    })?;
                    options.problem.classes.push(Class {
                        uses: uses.clone(),
                        weight: holdouts.propensity(usize::from(*campaign)),
                        group: *campaign,
                    });
                    options.class_campaigns.push(*campaign);
                    classes.insert((*campaign, uses), class);
                    class
                }
            };
            class_of.push(class);
        }
        let stratum_of: Vec<u32> = part
            .strata
            .iter()
            .map(|name| {
                *strata.entry(name.clone()).or_insert_with(|| {
                    options.strata.push(Some(Arc::from(name.as_str())));
                    u32::try_from(options.strata.len() - 1).unwrap_or(u32::MAX)
                })
            })
            .collect();
        let stratum =
            |local: u32| (local as usize).checked_sub(1).and_then(|at| stratum_of.get(at)).copied().unwrap_or(0);
        let problem = &mut options.problem;
        let batch = u32::try_from(batch).unwrap_or(u32::MAX);
        options.ends.extend(part.ends.into_iter().map(|(row, campaign, day)| ((Place { batch, row }, campaign), day)));
        for (row, local, count) in part.customers {
            options.places.push(Place { batch, row });
            options.customer_strata.push(stratum(local));
            let last = problem.first.last().copied().unwrap_or(0);
            problem.first.push(last.checked_add(count).ok_or_else(|| too_many("options"))?);
        }
        problem.gain.extend(part.gain);
        problem.class.extend(part.class.iter().filter_map(|kind| class_of.get(*kind as usize)));
        problem.day.extend(part.day);
        for (into, list) in problem.amounts.iter_mut().skip(1).zip(part.amounts) {
            into.extend(list);
        }
        for (mut picks, reason) in part.forced {
            for pick in &mut picks {
                pick.class = class_of.get(usize::from(pick.class)).copied().unwrap_or(0);
                pick.stratum = stratum(pick.stratum);
            }
            let refused = reason.filter(|_| picks.is_empty());
            if let Some(refused) = refused {
                *options.counted.forced_refused.entry(words(pack, refused, &part.reasons)).or_default() += 1;
            }
            options.forced.push(Forced { picks, refused });
        }
        options.counted.customers += part.counted.customers;
        options.counted.suppressed += part.counted.suppressed;
        options.counted.candidates += part.counted.candidates;
        for (ignored, customers) in part.counted.ignored {
            *options.counted.ignored.entry(ignored).or_default() += customers;
        }
        for (why, customers) in part.unplanned {
            let counted = &mut options.counted;
            match why {
                Unplanned::NoDay => counted.no_day += customers,
                // Only what a person decided for ends, and that is counted with `forced_refused`.
                Unplanned::Later | Unplanned::Ended => counted.later += customers,
                Unplanned::Unknown => counted.unknown += customers,
                Unplanned::NotWorth => counted.not_worth += customers,
                Unplanned::Refused(_) => {
                    *counted.refused.entry(words(pack, why, &part.reasons)).or_default() += customers
                }
            }
        }
    }
    options.problem.most_per_customer = options.bounds.plan().per_customer;
    options.problem.lags = making.permission.lags();
    Ok(options)
}

/// Why there is no contact, in words.
fn words(pack: &Pack, why: Unplanned, reasons: &Reasons) -> String {
    match why {
        Unplanned::NoDay => "no day is known for it".to_owned(),
        Unplanned::Later => "its day lies beyond the horizon".to_owned(),
        Unplanned::Ended => "the decision ends before a day on which she may be contacted".to_owned(),
        Unplanned::Unknown => "`success` or `value` is not known".to_owned(),
        Unplanned::NotWorth => "it costs more than it brings".to_owned(),
        Unplanned::Refused(reason) => {
            reasons.list.get(reason as usize).map_or_else(String::new, |refusal| refusal.barrier.words(pack))
        }
    }
}
