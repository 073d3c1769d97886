//! What needs the whole population, fitted once: the place of a value among all customers.
//!
//! A [`Reference`] is a small file, versioned beside the pack. Applying it is per record, so one customer can be decided alone
//! exactly as in the nightly run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::pack::RankOrder;

/// How many points a fitted table keeps at most. Between two kept points the place is off by less than 1/1000 of the population.
const POINTS: usize = 1000;

/// Fitted tables by criterion.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The pack it was fitted with.
    #[serde(default)]
    pub pack: String,
    /// Its content hash.
    #[serde(default)]
    pub hash: String,
    /// The as-of date.
    #[serde(default)]
    pub as_of: String,
    /// Per `rank` criterion.
    #[serde(default)]
    pub tables: BTreeMap<String, Table>,
}

/// The distribution of one value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// How many customers had a value.
    pub count: u64,
    /// Value and place: the share of customers below it, plus half of those equal to it; 0 to 1, values rising.
    pub points: Vec<(f64, f64)>,
}

impl Table {
    /// Fits the places of values (in any order; not finite ones are left out).
    #[must_use]
    pub fn fit(mut values: Vec<f64>) -> Table {
        values.retain(|x| x.is_finite());
        values.sort_unstable_by(f64::total_cmp);
        let count = values.len();
        let mut points: Vec<(f64, f64)> = Vec::new();
        let mut below = 0;
        for group in values.chunk_by(|a, b| a == b) {
            if let Some(value) = group.first() {
                points.push((*value, (below as f64 + group.len() as f64 / 2.0) / count as f64));
            }
            below += group.len();
        }
        if points.len() > POINTS {
            let last = points.len() - 1;
            let keep = |i: usize| points.get(i * last / (POINTS - 1)).copied();
            points = (0..POINTS).filter_map(keep).collect();
            points.dedup_by(|a, b| a.0 == b.0);
        }
        Table { count: count as u64, points }
    }
}

impl Reference {
    /// The score of a value as a curve from 0 to 10; `None` if the criterion was not fitted or nobody had a value.
    #[must_use]
    pub fn curve(&self, criterion: &str, order: RankOrder) -> Option<Vec<(f64, f64)>> {
        let table = self.tables.get(criterion).filter(|t| !t.points.is_empty())?;
        let score = |place: f64| match order {
            RankOrder::HigherIsBetter => 10.0 * place,
            RankOrder::LowerIsBetter => 10.0 * (1.0 - place),
        };
        Some(table.points.iter().map(|(x, place)| (*x, score(*place))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_place() {
        let table = Table::fit(vec![3.0, 1.0, 1.0, 2.0, f64::NAN]);
        assert_eq!(table.count, 4);
        assert_eq!(table.points, vec![(1.0, 0.25), (2.0, 0.625), (3.0, 0.875)]);
    }

    #[test]
    fn a_large_population_keeps_few_points_and_both_ends() {
        let table = Table::fit((0..100_000).map(f64::from).collect());
        assert_eq!(table.points.len(), POINTS);
        assert_eq!(table.points.first().map(|p| p.0), Some(0.0));
        assert_eq!(table.points.last().map(|p| p.0), Some(99_999.0));
        for (x, place) in &table.points {
            assert!((place - (x + 0.5) / 100_000.0).abs() < 1e-12);
        }
    }

    #[test]
    fn an_empty_population_has_no_curve() {
        let reference =
            Reference { tables: BTreeMap::from([("a".into(), Table::fit(vec![]))]), ..Reference::default() };
        assert_eq!(reference.curve("a", RankOrder::HigherIsBetter), None);
    }
}
