//! What separates those who returned from those who did not: one column at a time, all criteria together, and rates by quarter.

use crate::stats::logistic::{self, Effect, Slope};
use crate::stats::{Interval, Share, holm, wilson};

use super::auc::{self, Estimate};
use super::sheet::{Sheet, Values};

/// Customers with each outcome below which nothing is said of a column.
const ENOUGH: u64 = 5;
/// Values up to which each has a rate of its own.
const OWN_RATE: usize = 5;
/// Texts up to which each has a rate of its own.
const TEXTS: usize = 8;
/// The share of missing values from which on it counts in the joint model whether a value is known.
const OFTEN_MISSING: f64 = 0.02;

/// What a column is to the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The score of a criterion; into [`Sheet::criteria`].
    Criterion(usize),
    /// A number or a yes or no; into [`Sheet::columns`].
    Number(usize),
    /// One text against all others; into [`Sheet::columns`].
    Text(usize),
}

/// One column, or one text of a column, and how it goes with a return.
#[derive(Debug, Clone, PartialEq)]
pub struct Separator {
    /// `score.payment`, `days_silent`, `offer`.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// Of a text: the one that is told from all others.
    pub text: Option<String>,
    /// Its unit, if the pack says it.
    pub unit: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it is a yes or no.
    pub flag: bool,
    /// Customers of whom it is known.
    pub known: Share,
    /// Of how many it is not.
    pub missing: u64,
    /// The probability that somebody who returned has a higher value than somebody who did not.
    pub area: Estimate,
    /// Alone.
    pub effect: Effect,
    /// Together with all criteria; only of criteria.
    pub joint: Option<Effect>,
    /// The probability of such a slope if there were none, adjusted for the number of criteria, or of other columns (Holm).
    pub p: f64,
    /// The step its odds are told in: a power of ten no larger than its spread.
    pub step: f64,
    /// Rates by value, or by quarter.
    pub bands: Vec<Band>,
}

impl Separator {
    /// Whether its effect is no accident, the other columns of its kind considered.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.p < 0.05 || matches!(self.effect, Effect::Separates(_))
    }

    /// The slope, if there is one.
    #[must_use]
    pub fn slope(&self) -> Option<Slope> {
        self.effect.slope()
    }
}

/// A part of the customers, and how many of them returned.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Smallest and largest value, or a text.
    pub values: BandValues,
    /// Those who returned.
    pub share: Share,
    /// Wilson's interval, 95 %.
    pub interval: Interval,
}

/// Which customers a band holds.
#[derive(Debug, Clone, PartialEq)]
pub enum BandValues {
    /// From the first to the second, as they occur.
    Numbers(f64, f64),
    /// Those with this text.
    Text(String),
}

/// Everything of a sheet, among those who were contacted; criteria first, then the rest, each by how clear it is.
#[must_use]
pub fn separate(sheet: &Sheet) -> Vec<Separator> {
    let rows = sheet.contacted();
    let returned = |row: usize| sheet.cases.get(row).is_some_and(|c| c.returned);
    let mut criteria: Vec<Separator> = Vec::new();
    for (at, criterion) in sheet.criteria.iter().enumerate() {
        let points = known(&rows, &criterion.scores, returned);
        let one = single(&points, rows.len()).map(|s| Separator {
            name: format!("score.{}", criterion.name),
            label: criterion.label.clone(),
            unit: "points".to_owned(),
            kind: Kind::Criterion(at),
            step: 1.0,
            ..s
        });
        criteria.extend(one);
    }
    together(sheet, &rows, &mut criteria);
    let mut others: Vec<Separator> = Vec::new();
    for (at, column) in sheet.columns.iter().enumerate() {
        match &column.values {
            Values::Numbers(values) => {
                let points = known(&rows, values, returned);
                others.extend(single(&points, rows.len()).map(|s| Separator {
                    name: column.name.clone(),
                    label: column.name.clone(),
                    unit: column.unit.clone(),
                    kind: Kind::Number(at),
                    flag: column.flag,
                    step: if column.flag { 1.0 } else { s.step },
                    ..s
                }));
            }
            Values::Texts(values) => {
                let mut texts: Vec<&str> =
                    rows.iter().filter_map(|row| values.get(*row)?.as_deref()).collect::<Vec<_>>();
                texts.sort_unstable();
                texts.dedup();
                if texts.len() < 2 || texts.len() > TEXTS {
                    continue;
                }
                for text in &texts {
                    let is: Vec<Option<f64>> =
                        values.iter().map(|v| v.as_deref().map(|v| f64::from(u8::from(v == *text)))).collect();
                    let points = known(&rows, &is, returned);
                    others.extend(single(&points, rows.len()).map(|s| Separator {
                        name: column.name.clone(),
                        label: column.name.clone(),
                        text: Some((*text).to_owned()),
                        kind: Kind::Text(at),
                        flag: true,
                        step: 1.0,
                        bands: s.bands.into_iter().filter_map(|b| with_text(b, text)).collect(),
                        ..s
                    }));
                }
            }
        }
    }
    for family in [&mut criteria, &mut others] {
        let p: Vec<f64> = family.iter().map(|s| s.slope().map_or(1.0, |slope| slope.p())).collect();
        family.iter_mut().zip(holm(&p)).for_each(|(s, p)| s.p = p);
        let clear = |s: &Separator| match s.effect {
            Effect::Separates(_) => f64::INFINITY,
            Effect::Slope(slope) => slope.z().abs(),
            Effect::Aliased => 0.0,
        };
        family.sort_by(|a, b| clear(b).total_cmp(&clear(a)).then_with(|| a.name.cmp(&b.name)));
    }
    criteria.append(&mut others);
    criteria
}

fn known(rows: &[usize], values: &[Option<f64>], returned: impl Fn(usize) -> bool) -> Vec<(f64, bool)> {
    rows.iter().filter_map(|row| Some(((*values.get(*row)?)?, returned(*row)))).collect()
}

/// Of a yes or no, the band of the yes.
fn with_text(band: Band, text: &str) -> Option<Band> {
    match band.values {
        BandValues::Numbers(1.0, _) => Some(Band { values: BandValues::Text(text.to_owned()), ..band }),
        _ => None,
    }
}

/// One column alone; `None` if too little is known, or it is the same for everybody.
fn single(points: &[(f64, bool)], rows: usize) -> Option<Separator> {
    let of = points.len() as u64;
    let hits = points.iter().filter(|p| p.1).count() as u64;
    if hits.min(of - hits) < ENOUGH {
        return None;
    }
    let (values, event): (Vec<f64>, Vec<bool>) = points.iter().copied().unzip();
    let effect = *logistic::fit(&[&values], &event).ok()?.effects.first()?;
    if effect == Effect::Aliased {
        return None;
    }
    let area = auc::area(&values, &event)?;
    let effect =
        if area.value == 1.0 || area.value == 0.0 { Effect::Separates(area.value * 2.0 - 1.0) } else { effect };
    let spread = effect.slope().map_or(1.0, |s| s.spread);
    Some(Separator {
        name: String::new(),
        label: String::new(),
        text: None,
        unit: String::new(),
        kind: Kind::Number(0),
        flag: false,
        known: Share { hits, of },
        missing: (rows as u64).saturating_sub(of),
        area,
        effect,
        joint: None,
        p: 1.0,
        step: 10f64.powf(spread.log10().floor()),
        bands: bands(points),
    })
}

/// Rates by value if there are few, else by quarter: the quarters end at the quantiles of R's default (type 7), which belong
/// to the lower one.
#[must_use]
pub fn bands(points: &[(f64, bool)]) -> Vec<Band> {
    let mut sorted: Vec<f64> = points.iter().map(|p| p.0).collect();
    sorted.sort_by(f64::total_cmp);
    let mut ends = sorted.clone();
    ends.dedup();
    if ends.len() > OWN_RATE {
        ends = [0.25, 0.5, 0.75, 1.0].iter().filter_map(|share| quantile(&sorted, *share)).collect();
        ends.dedup();
    }
    let mut found = Vec::new();
    let mut from = f64::NEG_INFINITY;
    for end in ends {
        let inside: Vec<&(f64, bool)> = points.iter().filter(|p| p.0 > from && p.0 <= end).collect();
        from = end;
        let share = Share { hits: inside.iter().filter(|p| p.1).count() as u64, of: inside.len() as u64 };
        let low = inside.iter().map(|p| p.0).fold(f64::INFINITY, f64::min);
        let high = inside.iter().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max);
        if share.of > 0 {
            found.push(Band { values: BandValues::Numbers(low, high), share, interval: wilson(share, 0.05) });
        }
    }
    found
}

/// Hyndman and Fan's definition 7 on sorted values.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = (sorted.len().checked_sub(1)?) as f64 * share;
    let below = place.floor() as usize;
    let (a, b) = (sorted.get(below)?, sorted.get(below + 1).or(sorted.get(below))?);
    Some(a + (place - place.floor()) * (b - a))
}

/// The criteria together. What is missing stands at the mean of what is known, beside a column that says so where it is often.
fn together(sheet: &Sheet, rows: &[usize], criteria: &mut [Separator]) {
    let event: Vec<bool> = rows.iter().map(|row| sheet.cases.get(*row).is_some_and(|c| c.returned)).collect();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let mut missing: Vec<Vec<f64>> = Vec::new();
    for separator in criteria.iter() {
        let Kind::Criterion(at) = separator.kind else { continue };
        let Some(criterion) = sheet.criteria.get(at) else { continue };
        let values: Vec<Option<f64>> = rows.iter().map(|row| criterion.scores.get(*row).copied().flatten()).collect();
        let there: Vec<f64> = values.iter().flatten().copied().collect();
        let mean = there.iter().sum::<f64>() / there.len().max(1) as f64;
        columns.push(values.iter().map(|v| v.unwrap_or(mean)).collect());
        let gaps = rows.len() - there.len();
        if gaps as f64 >= OFTEN_MISSING * rows.len() as f64 && gaps > 0 {
            missing.push(values.iter().map(|v| f64::from(u8::from(v.is_none()))).collect());
        }
    }
    let all: Vec<&[f64]> = columns.iter().chain(&missing).map(Vec::as_slice).collect();
    if let Ok(model) = logistic::fit(&all, &event) {
        criteria.iter_mut().zip(&model.effects).for_each(|(s, e)| s.joint = Some(*e));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn quarters_are_those_of_r() {
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.25), Some(1.75));
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 1.0), Some(4.0));
        assert_eq!(quantile(&[], 0.5), None);
        let points: Vec<(f64, bool)> = (0..40).map(|i| (f64::from(i), i < 10)).collect();
        let found: Vec<(u64, u64)> = bands(&points).iter().map(|b| (b.share.hits, b.share.of)).collect();
        assert_eq!(found, [(10, 10), (0, 10), (0, 10), (0, 10)]);
        // Few values have rates of their own.
        let few: Vec<(f64, bool)> = (0..30).map(|i| (f64::from(20 + 5 * (i % 3)), i % 2 == 0)).collect();
        assert_eq!(bands(&few).len(), 3);
        assert_eq!(bands(&few)[1].values, BandValues::Numbers(25.0, 25.0));
    }
}
