//! What a rollup makes of the events of one customer: the one implementation, used by runs and by explain.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type};

use super::error::DataError;
use crate::expr::{Aggregate, Date, Type, Value};

/// A column of computed arguments, ready to be read by row.
pub(crate) enum Lane {
    /// Numbers.
    Number(Float64Array),
    /// Dates.
    Date(Date32Array),
    /// Texts.
    Text(StringArray),
    /// Bools.
    Bool(BooleanArray),
}

impl Lane {
    pub(crate) fn new(array: &ArrayRef) -> Result<Lane, DataError> {
        Ok(match array.data_type() {
            DataType::Float64 => Lane::Number(array.as_primitive::<Float64Type>().clone()),
            DataType::Date32 => Lane::Date(array.as_primitive::<Date32Type>().clone()),
            DataType::Boolean => Lane::Bool(array.as_boolean().clone()),
            _ => Lane::Text(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
        })
    }

    fn is_there(&self, row: usize) -> bool {
        match self {
            Lane::Number(a) => a.is_valid(row),
            Lane::Date(a) => a.is_valid(row),
            Lane::Text(a) => a.is_valid(row),
            Lane::Bool(a) => a.is_valid(row),
        }
    }

    /// The value in a row.
    pub(crate) fn get(&self, row: usize) -> Value {
        if !self.is_there(row) {
            return Value::Missing;
        }
        match self {
            Lane::Number(a) => Value::number(a.value(row)),
            Lane::Date(a) => Date::from_days(i64::from(a.value(row))).map_or(Value::Missing, Value::Date),
            Lane::Text(a) => Value::text(a.value(row)),
            Lane::Bool(a) => Value::Bool(a.value(row)),
        }
    }

    fn number(&self, row: usize) -> Option<f64> {
        match self {
            Lane::Number(a) => a.is_valid(row).then(|| a.value(row)),
            Lane::Date(a) => a.is_valid(row).then(|| f64::from(a.value(row))),
            Lane::Text(_) | Lane::Bool(_) => None,
        }
    }

    fn day(&self, row: usize) -> Option<i32> {
        match self {
            Lane::Date(a) => a.is_valid(row).then(|| a.value(row)),
            _ => None,
        }
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        match self {
            Lane::Number(x) => x.value(a).total_cmp(&x.value(b)),
            Lane::Date(x) => x.value(a).cmp(&x.value(b)),
            Lane::Text(x) => x.value(a).cmp(x.value(b)),
            Lane::Bool(x) => x.value(a).cmp(&x.value(b)),
        }
    }

    fn distinct(&self, rows: impl Iterator<Item = usize>) -> usize {
        match self {
            Lane::Number(a) => rows.map(|r| a.value(r).to_bits()).collect::<HashSet<_>>().len(),
            Lane::Date(a) => rows.map(|r| a.value(r)).collect::<HashSet<_>>().len(),
            Lane::Text(a) => rows.map(|r| a.value(r)).collect::<HashSet<_>>().len(),
            Lane::Bool(a) => rows.map(|r| a.value(r)).collect::<HashSet<_>>().len(),
        }
    }
}

/// What one rollup reads: values, the condition, and the part of a share. `None` stands for every row.
pub(crate) struct Arguments<'a> {
    /// The value aggregated.
    pub value: Option<&'a Lane>,
    /// Only rows for which it is true.
    pub condition: Option<&'a BooleanArray>,
    /// Of a share: the rows that count as the part.
    pub part: Option<&'a BooleanArray>,
}

fn holds(mask: Option<&BooleanArray>, row: usize) -> bool {
    mask.is_none_or(|m| m.is_valid(row) && m.value(row))
}

/// The value of a rollup over the events `rows` of one customer, which are in order of time. `ty` is its type.
///
/// Values that are missing are left out. On none, `count` and `count_distinct` are 0, everything else is missing.
pub(crate) fn aggregate_events(aggregate: &Aggregate, ty: Type, args: &Arguments<'_>, rows: Range<usize>) -> Value {
    let rows = rows.filter(|row| holds(args.condition, *row) && args.value.is_none_or(|v| v.is_there(*row)));
    if let (Aggregate::Count, _) | (Aggregate::Share(_), None) = (aggregate, args.value) {
        return match aggregate {
            Aggregate::Count => Value::number(rows.count() as f64),
            _ => {
                let (part, all) = rows.fold((0.0, 0.0), |(part, all), row| {
                    (part + f64::from(u8::from(holds(args.part, row))), all + 1.0)
                });
                divide(part, all)
            }
        };
    }
    let Some(lane) = args.value else { return Value::Missing };
    match aggregate {
        Aggregate::Count => Value::Missing,
        Aggregate::Sum => sum(lane, rows).map_or(Value::Missing, |(sum, _)| Value::number(sum)),
        Aggregate::Mean => sum(lane, rows).map_or(Value::Missing, |(sum, n)| of_type(ty, sum / n)),
        Aggregate::Min => extreme(lane, rows, Ordering::Less),
        Aggregate::Max => extreme(lane, rows, Ordering::Greater),
        Aggregate::Quantile(q) => {
            let mut values: Vec<f64> = rows.filter_map(|row| lane.number(row)).collect();
            quantile(&mut values, *q).map_or(Value::Missing, |x| of_type(ty, x))
        }
        Aggregate::First => rows.min().map_or(Value::Missing, |row| lane.get(row)),
        Aggregate::Last => rows.max().map_or(Value::Missing, |row| lane.get(row)),
        Aggregate::Share(_) => {
            let (mut part, mut all) = (0.0, 0.0);
            for row in rows {
                let x = lane.number(row).unwrap_or(0.0);
                all += x;
                if holds(args.part, row) {
                    part += x;
                }
            }
            divide(part, all)
        }
        Aggregate::CountDistinct => Value::number(lane.distinct(rows) as f64),
        Aggregate::QuantileGap(q) => {
            let mut days: Vec<i32> = rows.filter_map(|row| lane.day(row)).collect();
            days.sort_unstable();
            days.dedup();
            let mut gaps: Vec<f64> = days
                .windows(2)
                .map(|pair| if let [a, b] = pair { f64::from(*b) - f64::from(*a) } else { 0.0 })
                .collect();
            quantile(&mut gaps, *q).map_or(Value::Missing, Value::number)
        }
    }
}

/// The sum from left to right, and how many there are; `None` if there is none.
fn sum(lane: &Lane, rows: impl Iterator<Item = usize>) -> Option<(f64, f64)> {
    let (mut sum, mut n) = (0.0, 0.0);
    for row in rows {
        sum += lane.number(row)?;
        n += 1.0;
    }
    (n > 0.0).then_some((sum, n))
}

fn divide(part: f64, all: f64) -> Value {
    if all == 0.0 { Value::Missing } else { Value::number(part / all) }
}

/// A number as the type of the rollup: a date is a whole day, rounded down.
fn of_type(ty: Type, x: f64) -> Value {
    match ty {
        Type::Date if x.is_finite() => Date::from_days(x.floor() as i64).map_or(Value::Missing, Value::Date),
        _ => Value::number(x),
    }
}

/// The first of the smallest or largest.
fn extreme(lane: &Lane, rows: impl Iterator<Item = usize>, better: Ordering) -> Value {
    rows.reduce(|best, row| if lane.compare(row, best) == better { row } else { best })
        .map_or(Value::Missing, |row| lane.get(row))
}

/// Hyndman and Fan (1996), type 7: at `h = (n - 1) q`, linear between the two nearest. `None` of none.
fn quantile(values: &mut [f64], q: f64) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let h = values.len().checked_sub(1)? as f64 * q.clamp(0.0, 1.0);
    let below = h.floor();
    let low = *values.get(below as usize)?;
    let high = values.get(below as usize + 1).copied().unwrap_or(low);
    Some(low + (h - below) * (high - low))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn numbers(list: &[Option<f64>]) -> Lane {
        Lane::Number(Float64Array::from(list.to_vec()))
    }

    fn over(aggregate: &Aggregate, lane: Option<&Lane>, condition: Option<&[bool]>, rows: usize) -> Value {
        let mask = condition.map(|c| BooleanArray::from(c.to_vec()));
        let args = Arguments { value: lane, condition: mask.as_ref(), part: None };
        aggregate_events(aggregate, Type::Number, &args, 0..rows)
    }

    #[test]
    fn nothing_is_zero_for_counts_and_missing_for_the_rest() {
        let lane = numbers(&[None, None]);
        for aggregate in [Aggregate::Count, Aggregate::CountDistinct] {
            assert_eq!(over(&aggregate, Some(&lane), None, 2), Value::Number(0.0));
        }
        for aggregate in [
            Aggregate::Sum,
            Aggregate::Mean,
            Aggregate::Min,
            Aggregate::Max,
            Aggregate::Quantile(0.5),
            Aggregate::First,
            Aggregate::Last,
        ] {
            assert_eq!(over(&aggregate, Some(&lane), None, 2), Value::Missing, "{aggregate:?}");
            assert_eq!(over(&aggregate, Some(&lane), None, 0), Value::Missing, "{aggregate:?}");
        }
        assert_eq!(over(&Aggregate::Count, None, None, 2), Value::Number(2.0));
        assert_eq!(over(&Aggregate::Count, None, Some(&[true, false]), 2), Value::Number(1.0));
    }

    #[test]
    fn quantiles_are_type_7() {
        // R: quantile(c(1, 2, 4, 8), c(0, .25, .5, .9, 1))
        for (q, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (0.9, 6.8), (1.0, 8.0)] {
            let found = quantile(&mut [8.0, 1.0, 4.0, 2.0], q).unwrap();
            assert!((found - expected).abs() < 1e-12, "{q}: {found}");
        }
        assert_eq!(quantile(&mut [], 0.5), None);
        assert_eq!(quantile(&mut [7.0], 0.5), Some(7.0));
    }

    #[test]
    fn gaps_are_between_different_days() {
        let gap = |days: &[i32]| {
            let lane = Lane::Date(Date32Array::from(days.to_vec()));
            over(&Aggregate::QuantileGap(0.5), Some(&lane), None, days.len())
        };
        assert_eq!(gap(&[10, 10]), Value::Missing);
        assert_eq!(gap(&[10]), Value::Missing);
        assert_eq!(gap(&[10, 10, 15, 25]), Value::Number(7.5));
        assert_eq!(gap(&[25, 10, 15]), Value::Number(7.5));
    }

    #[test]
    fn sums_run_left_to_right() {
        let lane = numbers(&[Some(1e16), Some(1.0), Some(-1e16), Some(1.0)]);
        assert_eq!(over(&Aggregate::Sum, Some(&lane), None, 4), Value::Number(1.0));
        let overflow = numbers(&[Some(f64::MAX), Some(f64::MAX)]);
        assert_eq!(over(&Aggregate::Sum, Some(&overflow), None, 2), Value::Missing);
    }
}
