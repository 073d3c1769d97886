//! The few best customers of many, without keeping the many.

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::columns::{Codes, Numbers};
use super::layout::Layout;
use super::summary::TopRow;

/// The best so far: those with the highest priority, ties by key (numbers as numbers, texts by code point).
#[derive(Debug, Clone)]
pub(super) struct Top {
    limit: usize,
    best: Vec<(Key, TopRow)>,
}

/// A key, in its order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// An integer that fits.
    Number(i64),
    /// Anything else, as it is written.
    Text(String),
}

impl Key {
    fn show(&self) -> String {
        match self {
            Key::Number(n) => n.to_string(),
            Key::Text(t) => t.clone(),
        }
    }
}

/// What a missing priority counts as: less than any.
fn rank(priority: Option<f64>) -> f64 {
    priority.unwrap_or(f64::NEG_INFINITY)
}

fn better(a: (f64, &Key), b: (f64, &Key)) -> Ordering {
    b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1))
}

impl Top {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, best: Vec::new() }
    }

    /// Takes part of a batch: the rows that have a campaign.
    pub(super) fn add(
        &mut self,
        batch: &RecordBatch,
        layout: &Layout,
        rows: &[bool],
        texts: &Texts<'_>,
    ) -> Result<(), ArrowError> {
        if self.limit == 0 {
            return Ok(());
        }
        let priority = Numbers::read(batch, "priority")?;
        // Numbers first: keys are only looked at where numbers do not decide.
        let worst =
            if self.best.len() < self.limit { None } else { self.best.last().map(|(_, row)| rank(row.priority)) };
        let enough = |p: f64| worst.is_none_or(|w| p >= w);
        let wanted = rows.iter().enumerate().filter(|(_, wanted)| **wanted).map(|(row, _)| row);
        let mut close: Vec<(f64, usize)> =
            wanted.map(|row| (rank(priority.row(row)), row)).filter(|&(p, _)| enough(p)).collect();
        if close.len() > self.limit {
            let (_, &mut (least, _), _) = close.select_nth_unstable_by(self.limit - 1, |a, b| b.0.total_cmp(&a.0));
            close.retain(|&(p, _)| p >= least);
        }
        if close.is_empty() {
            return Ok(());
        }
        let Some(column) = batch.column_by_name(&layout.key) else {
            return Err(ArrowError::SchemaError(format!("the decisions have no column `{}`", layout.key)));
        };
        let keys = keys(column, &close)?;
        let mut found: Vec<(f64, Key, usize)> =
            close.into_iter().zip(keys).map(|((p, row), key)| (p, key, row)).collect();
        found.sort_by(|a, b| better((a.0, &a.1), (b.0, &b.1)));
        found.truncate(self.limit);
        if found.is_empty() {
            return Ok(());
        }
        let reader = Reader::new(batch, layout, texts, priority)?;
        self.best.extend(found.into_iter().map(|(_, key, row)| {
            let row = reader.row(row, key.show());
            (key, row)
        }));
        self.settle();
        Ok(())
    }

    /// Takes in what another one found.
    pub(super) fn merge(&mut self, other: Top) {
        self.best.extend(other.best);
        self.settle();
    }

    /// Best first.
    pub(super) fn rows(&self) -> Vec<TopRow> {
        self.best.iter().map(|(_, row)| row.clone()).collect()
    }

    fn settle(&mut self) {
        self.best.sort_by(|a, b| better((rank(a.1.priority), &a.0), (rank(b.1.priority), &b.0)));
        self.best.truncate(self.limit);
    }
}

/// The keys of some rows.
fn keys(column: &ArrayRef, rows: &[(f64, usize)]) -> Result<Vec<Key>, ArrowError> {
    let wanted = UInt64Array::from_iter_values(rows.iter().map(|&(_, row)| row as u64));
    let taken = take(column.as_ref(), &wanted, None)?;
    if taken.data_type().is_integer()
        && let Ok(numbers) = cast(&taken, &DataType::Int64)
        && numbers.null_count() == taken.null_count()
        && let Some(numbers) = numbers.as_any().downcast_ref::<Int64Array>()
    {
        return Ok(numbers.iter().map(|n| n.map_or_else(|| Key::Text(String::new()), Key::Number)).collect());
    }
    let texts = cast(&taken, &DataType::Utf8)?;
    let wrong = || ArrowError::SchemaError("the key column holds no texts".to_owned());
    let texts = texts.as_any().downcast_ref::<StringArray>().ok_or_else(wrong)?;
    Ok(texts.iter().map(|t| Key::Text(t.unwrap_or_default().to_owned())).collect())
}

/// The text columns a portfolio has already read.
pub(super) struct Texts<'a> {
    pub(super) overridden: &'a Codes,
    pub(super) state: &'a Codes,
    pub(super) track: &'a Codes,
    pub(super) cause: &'a Codes,
    pub(super) grade: &'a Codes,
    pub(super) campaign: &'a Codes,
    pub(super) offer: &'a Codes,
    pub(super) channel: &'a Codes,
}

/// Every column a [`TopRow`] shows.
struct Reader<'a> {
    texts: &'a Texts<'a>,
    priority: Numbers,
    dimensions: Vec<(String, Numbers)>,
    scores: Vec<(String, Numbers)>,
    cost: Numbers,
    net: Numbers,
    money: Numbers,
}

impl<'a> Reader<'a> {
    fn new(batch: &RecordBatch, layout: &Layout, texts: &'a Texts<'a>, priority: Numbers) -> Result<Self, ArrowError> {
        let read = |name: &str| Numbers::read(batch, name);
        Ok(Self {
            texts,
            priority,
            dimensions: layout
                .dimensions
                .iter()
                .map(|d| Ok((d.name.clone(), read(&d.name)?)))
                .collect::<Result<_, ArrowError>>()?,
            scores: layout
                .criteria
                .iter()
                .map(|c| Ok((c.name.clone(), read(&format!("score.{}", c.name))?)))
                .collect::<Result<_, ArrowError>>()?,
            cost: read("cost")?,
            net: read("net")?,
            money: read("money")?,
        })
    }

    fn row(&self, row: usize, key: String) -> TopRow {
        TopRow {
            key,
            state: self.texts.state.row(row),
            track: self.texts.track.row(row),
            cause: self.texts.cause.row(row),
            priority: self.priority.row(row),
            grade: self.texts.grade.row(row),
            dimensions: self.dimensions.iter().map(|(name, x)| (name.clone(), x.row(row))).collect(),
            scores: self.scores.iter().map(|(name, x)| (name.clone(), x.row(row))).collect(),
            campaign: self.texts.campaign.row(row),
            offer: self.texts.offer.row(row),
            channel: self.texts.channel.row(row),
            cost: self.cost.row(row),
            expected_net: self.net.row(row),
            money: self.money.row(row),
            overridden: self.texts.overridden.row(row),
        }
    }
}
