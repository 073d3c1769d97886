//! From options to picks: what humans decided first, then the most valuable choice, then the arms.

use std::collections::BTreeMap;

use super::build::{Options, Pick};
use super::holdout::{Drawn, Holdouts, Subject};
use super::limits::slack;
use super::permit::Planned;
use super::row::Arm;
use super::solve::{self, Settings, Solution};
use super::{Counted, LimitUse, Making, columns};
use crate::data::DataError;

/// How often a choice is made anew because chance has put too many into one arm.
const REDRAWS: u32 = 6;

/// What was chosen among as many options, before chance: of a plan with other limits.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    options: usize,
    chosen: Vec<u32>,
}

impl Known {
    /// The choice, if these are the options it was made from.
    fn among(&self, options: &Options) -> &[u32] {
        if self.options == options.problem.gain.len() { &self.chosen } else { &[] }
    }
}

/// A choice.
#[derive(Debug)]
pub(super) struct Choice {
    /// What it is before chance, for a plan with other limits.
    pub(super) known: Known,
    /// In the order of the records.
    pub(super) picks: Vec<Pick>,
    /// By pick: contacted or held out.
    pub(super) drawn: Vec<Drawn>,
    /// By pick: her key.
    pub(super) keys: Vec<std::sync::Arc<str>>,
    pub(super) counted: Counted,
    pub(super) limits: Vec<LimitUse>,
    pub(super) objective: f64,
    pub(super) bound: f64,
    pub(super) exact: bool,
    pub(super) redrawn: u32,
    pub(super) given_up: f64,
    pub(super) minimums: BTreeMap<usize, f64>,
    pub(super) notices: Vec<String>,
}

/// Chooses.
///
/// # Errors
/// If the allocation breaks a limit, which would be our own fault.
pub(super) fn allocate(
    making: &Making<'_>,
    options: &mut Options,
    holdouts: &Holdouts,
    known: &Known,
) -> Result<Choice, DataError> {
    let bounds = options.bounds.list.len();
    let mut counted = options.counted.clone();
    let forced = set_first(options, &mut counted);
    let mut taken = vec![0.0; bounds];
    for pick in &forced {
        add(options, pick, 1.0, &mut taken);
    }
    let most: Vec<Option<f64>> = options.bounds.list.iter().map(|bound| bound.most).collect();
    let mut tight = most.clone();
    // The choice whose limits are kept on average, before chance: what it is worth does not depend on who is drawn, so that plans
    // with other limits can be compared.
    let mut first: Option<Solution> = None;
    let mut redrawn = 0;
    let weights: Vec<f64> = options.problem.classes.iter().map(|class| class.weight).collect();
    loop {
        if redrawn > REDRAWS {
            // Chance will not have it: everybody who is chosen counts whole, held out or not.
            options.problem.classes.iter_mut().for_each(|class| class.weight = 1.0);
            tight.clone_from(&most);
        }
        options.problem.limits = options.bounds.to_solve(making.pack, &tight, &taken);
        // Only the first is compared with what is known; the later ones have limits of their own.
        let known = if first.is_none() { known.among(options) } else { &[] };
        let solution = solved(options, making, known)?;
        let mut picks = forced.clone();
        picks.extend(chosen(options, &solution));
        picks.sort_by_key(|pick| (pick.place, pick.day, pick.campaign));
        let keys = keys_of(making, &picks)?;
        let left_apart = together(making, &mut picks, keys)?;
        let (picks, keys, dropped) = left_apart;
        let drawn = draw(options, holdouts, &picks, &keys);
        let mut used = vec![0.0; bounds];
        for (pick, drawn) in picks.iter().zip(&drawn) {
            if drawn.arm == Arm::Contact {
                add(options, pick, 1.0, &mut used);
            }
        }
        let over: Vec<f64> = used.iter().zip(&most).map(|(used, most)| most.map_or(0.0, |most| used - most)).collect();
        let exceeds = |(over, most): (&f64, &Option<f64>)| *over > slack(most.unwrap_or(0.0));
        let fine = !over.iter().zip(&most).any(exceeds);
        if !fine && redrawn <= REDRAWS {
            for (((tight, used), most), taken) in tight.iter_mut().zip(&used).zip(&most).zip(&taken) {
                if let (Some(tight), Some(most)) = (tight, *most)
                    && used - most > slack(most)
                {
                    // In proportion, so that what chance makes of the next choice is about what is allowed.
                    *tight = taken + (*tight - taken).max(0.0) * (most - taken).max(0.0) / (used - taken);
                }
            }
            redrawn += 1;
            first.get_or_insert(solution);
            continue;
        }
        for (class, weight) in options.problem.classes.iter_mut().zip(&weights) {
            class.weight = *weight;
        }
        count(options, &picks, &solution, &mut counted);
        let first = first.unwrap_or(solution);
        let limits = limit_uses(options, &picks, &used, &first.prices);
        let gain = |pick: &Pick| weights.get(usize::from(pick.class)).copied().unwrap_or(1.0) * pick.gain;
        let penalties: f64 = limits.iter().zip(&options.bounds.list).map(|(l, bound)| l.short * bound.penalty).sum();
        let worth = picks.iter().filter(|pick| !pick.forced).map(gain).sum::<f64>() - penalties;
        let objective = if dropped > 0 { worth } else { first.objective.max(worth) };
        options.problem.limits = options.bounds.to_solve(making.pack, &most, &taken);
        let mut notices = Vec::new();
        if dropped > 0 {
            let contacts = if dropped == 1 { "contact is" } else { "contacts are" };
            notices.push(format!("{dropped} further {contacts} left out: caps on contacts with one customer"));
        }
        return Ok(Choice {
            known: Known { options: options.problem.gain.len(), chosen: first.chosen.clone() },
            picks,
            drawn,
            keys,
            counted,
            limits,
            objective,
            bound: first.bound.max(objective),
            exact: first.exact && dropped == 0,
            redrawn,
            given_up: objective - worth,
            minimums: minimums(options, making, &first)?,
            notices,
        });
    }
}

/// What humans decided: on the first day on which every limit has room.
fn set_first(options: &Options, counted: &mut Counted) -> Vec<Pick> {
    let mut used = vec![0.0; options.bounds.list.len()];
    let mut set = Vec::new();
    for forced in &options.forced {
        let fits = |pick: &&Pick| {
            let mut with = used.clone();
            add(options, pick, 1.0, &mut with);
            let over = |(used, bound): (&f64, &super::limits::Bound)| bound.most.is_some_and(|m| *used > m + slack(m));
            !with.iter().zip(&options.bounds.list).any(over)
        };
        match forced.picks.iter().find(fits) {
            Some(pick) => {
                add(options, pick, 1.0, &mut used);
                counted.forced += 1;
                set.push(*pick);
            }
            None if forced.refused.is_none() => {
                *counted.forced_refused.entry("the limits have no room for it".to_owned()).or_default() += 1;
            }
            None => {}
        }
    }
    set
}

/// Adds what a pick uses.
fn add(options: &Options, pick: &Pick, weight: f64, used: &mut [f64]) {
    let Some(class) = options.problem.classes.get(usize::from(pick.class)) else { return };
    for (bound, measure) in &class.uses {
        let amount = pick.amounts.get(*measure as usize).copied().unwrap_or(0.0);
        if let Some(used) = used.get_mut(*bound as usize) {
            *used += weight * amount;
        }
    }
}

/// What each minimum volume that has a price costs: how much more a choice without it is worth.
fn minimums(options: &mut Options, making: &Making<'_>, with: &Solution) -> Result<BTreeMap<usize, f64>, DataError> {
    let mut costs = BTreeMap::new();
    let list = &options.bounds.list;
    let mut wanted: Vec<usize> = list
        .iter()
        .enumerate()
        .filter(|(at, bound)| bound.least.is_some() && with.prices.get(*at).is_some_and(|price| *price < 0.0))
        .map(|(_, bound)| bound.limit)
        .collect();
    wanted.dedup();
    for limit in wanted {
        let places: Vec<usize> =
            options.bounds.list.iter().enumerate().filter(|(_, b)| b.limit == limit).map(|(at, _)| at).collect();
        let before: Vec<Option<f64>> =
            places.iter().map(|at| options.problem.limits.get_mut(*at).and_then(|l| l.least.take())).collect();
        let without = solved(options, making, &with.chosen)?;
        // What is short of it is no loss of money, only of what was wanted.
        let short = |at: &usize| {
            let penalty = options.bounds.list.get(*at).map_or(0.0, |bound| bound.penalty);
            penalty * with.short.get(*at).copied().unwrap_or(0.0)
        };
        let gained = with.objective + places.iter().map(short).sum::<f64>();
        costs.insert(limit, (without.objective - gained).max(0.0));
        for (at, least) in places.into_iter().zip(before) {
            if let Some(limit) = options.problem.limits.get_mut(at) {
                limit.least = least;
            }
        }
    }
    Ok(costs)
}

fn solved(options: &Options, making: &Making<'_>, known: &[u32]) -> Result<Solution, DataError> {
    let settings = Settings { threads: making.threads.max(1), gap: making.gap };
    let solution = solve::solve_from(&options.problem, &settings, known).map_err(DataError::internal)?;
    match solve::check(&options.problem, &solution.chosen).first() {
        None => Ok(solution),
        Some(violation) => Err(DataError::internal(format!("the allocation breaks a limit: {violation}"))),
    }
}

/// What a solution has chosen. Options of one customer stand together, and so do those chosen.
fn chosen(options: &Options, solution: &Solution) -> Vec<Pick> {
    let mut picks = Vec::with_capacity(solution.chosen.len());
    let mut customer = 0;
    for option in &solution.chosen {
        let option = *option as usize;
        while customer < options.places.len() && options.range(customer).end <= option {
            customer += 1;
        }
        picks.extend(options.pick(customer, option));
    }
    picks
}

/// The keys of customers, by pick.
fn keys_of(making: &Making<'_>, picks: &[Pick]) -> Result<Vec<std::sync::Arc<str>>, DataError> {
    let mut keys = Vec::with_capacity(picks.len());
    for picks in picks.chunk_by(|a, b| a.place.batch == b.place.batch) {
        let Some(first) = picks.first() else { continue };
        let batch = making.held.batches().get(first.place.batch as usize);
        let batch = batch.ok_or_else(|| DataError::internal("a customer without a record"))?;
        let all = columns::keys(batch)?;
        keys.extend(
            picks
                .iter()
                .map(|pick| std::sync::Arc::<str>::from(columns::text(&all, pick.place.row as usize).unwrap_or(""))),
        );
    }
    Ok(keys)
}

/// The picks that may stay together, their keys, and how many had to go.
type Together = (Vec<Pick>, Vec<std::sync::Arc<str>>, u64);

/// Of several contacts with one customer, those that caps allow.
fn together(making: &Making<'_>, picks: &mut Vec<Pick>, keys: Vec<std::sync::Arc<str>>) -> Result<Together, DataError> {
    let picks = std::mem::take(picks);
    let several = picks.windows(2).any(|pair| matches!(pair, [a, b] if a.place == b.place));
    if !several {
        return Ok((picks, keys, 0));
    }
    let mut stays = Vec::with_capacity(picks.len());
    for group in picks.chunk_by(|a, b| a.place == b.place) {
        if group.len() == 1 {
            stays.push(true);
            continue;
        }
        let key = keys.get(stays.len()).map_or("", |key| key);
        let contacts: Vec<Planned> =
            group.iter().map(|pick| Planned { campaign: usize::from(pick.campaign), on: pick.day }).collect();
        stays.extend(making.permission.together(key, &contacts));
    }
    if stays.len() != picks.len() {
        return Err(DataError::internal("contacts of one customer were lost"));
    }
    let dropped = stays.iter().filter(|stays| !**stays).count() as u64;
    let kept = |at: usize| stays.get(at).copied().unwrap_or(false);
    let picks = picks.into_iter().enumerate().filter(|(at, _)| kept(*at)).map(|(_, pick)| pick).collect();
    let keys = keys.into_iter().enumerate().filter(|(at, _)| kept(*at)).map(|(_, key)| key).collect();
    Ok((picks, keys, dropped))
}

fn draw(options: &Options, holdouts: &Holdouts, picks: &[Pick], keys: &[std::sync::Arc<str>]) -> Vec<Drawn> {
    let subjects: Vec<Subject<'_>> = picks
        .iter()
        .zip(keys)
        .map(|(pick, key)| Subject {
            key,
            campaign: usize::from(pick.campaign),
            stratum: options.strata.get(pick.stratum as usize).and_then(Option::as_deref),
            forced: pick.forced,
        })
        .collect();
    holdouts.draw(&subjects)
}

/// Counts who is planned, and why the others are not.
fn count(options: &Options, picks: &[Pick], solution: &Solution, counted: &mut Counted) {
    let mut planned = picks.iter().map(|pick| pick.place).collect::<Vec<_>>();
    planned.dedup();
    counted.planned = planned.len() as u64;
    let mut planned = planned.into_iter().peekable();
    let labels: Vec<&str> = options.bounds.plan().limits.iter().map(|limit| limit.label.as_str()).collect();
    let mut crowded: BTreeMap<String, u64> = BTreeMap::new();
    for (customer, place) in options.places.iter().enumerate() {
        while planned.next_if(|first| first < place).is_some() {}
        if planned.peek() == Some(place) {
            continue;
        }
        let best = options.range(customer).max_by(|a, b| {
            let gain = |i: &usize| options.problem.gain.get(*i).copied().unwrap_or(f64::NEG_INFINITY);
            // Of equals the first.
            gain(a).total_cmp(&gain(b)).then(b.cmp(a))
        });
        let Some(pick) = best.and_then(|option| options.pick(customer, option)).filter(|pick| pick.gain > 0.0) else {
            counted.not_worth += 1;
            continue;
        };
        let uses = options.problem.classes.get(usize::from(pick.class)).map_or(&[][..], |class| &class.uses);
        let dearest = uses
            .iter()
            .map(|(bound, measure)| {
                let price = solution.prices.get(*bound as usize).copied().unwrap_or(0.0);
                (price * pick.amounts.get(*measure as usize).copied().unwrap_or(0.0), *bound)
            })
            .filter(|(cost, _)| *cost > 0.0)
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let label = dearest
            .and_then(|(_, bound)| options.bounds.list.get(bound as usize))
            .and_then(|bound| labels.get(bound.limit));
        *crowded.entry(label.copied().unwrap_or("").to_owned()).or_default() += 1;
    }
    counted.crowded_out = crowded;
}

fn limit_uses(options: &Options, picks: &[Pick], used: &[f64], prices: &[f64]) -> Vec<LimitUse> {
    let mut expected = vec![0.0; options.bounds.list.len()];
    for pick in picks {
        let weight = options.problem.classes.get(usize::from(pick.class)).map_or(1.0, |class| class.weight);
        add(options, pick, if pick.forced { 1.0 } else { weight }, &mut expected);
    }
    let value = |list: &[f64], at: usize| list.get(at).copied().unwrap_or(0.0);
    options
        .bounds
        .list
        .iter()
        .enumerate()
        .map(|(at, bound)| LimitUse {
            limit: bound.limit,
            time: bound.time.clone(),
            most: bound.most,
            least: bound.least,
            used: value(used, at),
            expected: value(&expected, at),
            price: value(prices, at),
            short: bound.least.map_or(0.0, |least| (least - value(&expected, at)).max(0.0)),
        })
        .collect()
}
