//! How many rows may be set aside before a run is not worth finishing.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::{DataError, DataErrorKind};
use super::run::{RunCounts, TableCounts};

/// More rows set aside than this end a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxRejects {
    /// Of all tables together.
    Rows(u64),
    /// Of the rows of any one table, in per cent.
    Percent(f64),
}

impl FromStr for MaxRejects {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write a number of rows or a share of them, for example 100 or 0.5%".to_owned();
        match text.trim().strip_suffix('%') {
            Some(share) => {
                let share: f64 = share.trim_end().parse().map_err(|_| wrong())?;
                if (0.0..=100.0).contains(&share) { Ok(MaxRejects::Percent(share)) } else { Err(wrong()) }
            }
            None => text.trim().parse().map(MaxRejects::Rows).map_err(|_| wrong()),
        }
    }
}

impl fmt::Display for MaxRejects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MaxRejects::Rows(rows) => write!(f, "{rows}"),
            MaxRejects::Percent(share) => write!(f, "{share}%"),
        }
    }
}

impl MaxRejects {
    /// So many rows of a table of so many may be set aside.
    pub(crate) fn of(self, rows: u64) -> u64 {
        match self {
            MaxRejects::Rows(most) => most,
            // Not more than `rows`, as the share is 100 at most.
            MaxRejects::Percent(share) => (rows as f64 * share / 100.0).floor() as u64,
        }
    }

    /// Whether too many rows of a table were set aside; of a number of rows all tables share, each has its part in it.
    fn broken_by(self, table: &TableCounts, counts: &RunCounts) -> bool {
        match self {
            MaxRejects::Rows(most) => table.rejected > 0 && counts.rejected() > most,
            MaxRejects::Percent(_) => table.rejected > self.of(table.rows),
        }
    }

    /// What to say if too many rows were set aside. `all` is false if there may be more than were counted.
    pub(crate) fn error(self, counts: &RunCounts, all: bool) -> Option<DataError> {
        let broken: Vec<&TableCounts> = counts.tables.iter().filter(|t| self.broken_by(t, counts)).collect();
        if broken.is_empty() {
            return None;
        }
        let least = if all { "" } else { "at least " };
        let rows = |n: u64| if n == 1 { "1 row".to_owned() } else { format!("{n} rows") };
        let message = match self {
            MaxRejects::Rows(0) => format!("{least}{} cannot be used, and the run is strict", rows(counts.rejected())),
            MaxRejects::Rows(_) => {
                format!("{least}{} cannot be used, and at most {self} may be set aside", rows(counts.rejected()))
            }
            MaxRejects::Percent(_) => {
                let list: Vec<String> =
                    broken.iter().map(|t| format!("{} of the {} of `{}`", t.rejected, rows(t.rows), t.table)).collect();
                format!("{least}{} cannot be used, and at most {self} may be set aside", list.join(" and "))
            }
        };
        // Of the tables at fault first, then what occurs most.
        let mut reasons: Vec<_> = counts.tables.iter().flat_map(|t| t.rejects.iter().map(move |r| (t, r))).collect();
        reasons.sort_by_key(|(table, reject)| (!self.broken_by(table, counts), std::cmp::Reverse(reject.rows)));
        let mut error = DataError { kind: DataErrorKind::Strict, message, help: Vec::new() };
        for (table, reject) in reasons.iter().take(5) {
            let column = if reject.column.is_empty() { String::new() } else { format!(" `{}`", reject.column) };
            let (place, value) = match &reject.example {
                Some(example) if example.value.is_empty() => (example.place(), String::new()),
                Some(example) => (example.place(), format!(" `{}`", example.value)),
                None => (format!("`{}`", table.table), String::new()),
            };
            let times = if reject.rows == 1 { String::new() } else { format!(" ({})", rows(reject.rows)) };
            let what = if column.is_empty() { String::new() } else { format!("{column}{value}:") };
            error = error.help(format!("{place}:{what} {}{times}", reject.reason));
        }
        if reasons.len() > 5 {
            let more = reasons.len() - 5;
            error = error.help(format!("and {more} more {}", if more == 1 { "reason" } else { "reasons" }));
        }
        Some(error)
    }
}

/// Watches the rows set aside while a table is read.
#[derive(Debug, Default)]
pub(crate) struct Limit {
    most: Option<u64>,
    seen: Arc<AtomicU64>,
}

impl Limit {
    /// For one scan of a table, of as many rows as its files say. `together` counts the rows of all tables; not given if
    /// one table may be read several times.
    pub(crate) fn new(max: Option<MaxRejects>, rows: Option<u64>, together: Option<&Arc<AtomicU64>>) -> Limit {
        match max {
            None => Limit::default(),
            Some(max @ MaxRejects::Percent(_)) => Limit { most: rows.map(|r| max.of(r)), seen: Arc::default() },
            Some(MaxRejects::Rows(most)) => {
                Limit { most: Some(most), seen: together.map_or_else(Arc::default, Arc::clone) }
            }
        }
    }

    /// Counts rows set aside. The error only says that there are too many; which, the run finds out.
    pub(crate) fn add(&self, rows: usize) -> Result<(), DataError> {
        let Some(most) = self.most.filter(|_| rows > 0) else { return Ok(()) };
        if self.seen.fetch_add(rows as u64, Ordering::Relaxed) + rows as u64 <= most {
            return Ok(());
        }
        let message = "more rows cannot be used than may be set aside".to_owned();
        Err(DataError { kind: DataErrorKind::Strict, message, help: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn rows_or_a_share() {
        assert_eq!("12".parse(), Ok(MaxRejects::Rows(12)));
        assert_eq!(" 0.5 %".parse(), Ok(MaxRejects::Percent(0.5)));
        for wrong in ["", "%", "-1", "1.5", "101%", "NaN%", "-1%", "many"] {
            assert!(wrong.parse::<MaxRejects>().is_err(), "{wrong}");
        }
        assert_eq!(MaxRejects::Percent(0.5).to_string(), "0.5%");
        assert_eq!((MaxRejects::Percent(0.5).of(1000), MaxRejects::Percent(0.5).of(199)), (5, 0));
        assert_eq!(MaxRejects::Percent(100.0).of(7), 7);
    }

    #[test]
    fn the_row_too_many_ends_it() {
        let together = Arc::default();
        let a = Limit::new(Some(MaxRejects::Rows(3)), None, Some(&together));
        let b = Limit::new(Some(MaxRejects::Rows(3)), None, Some(&together));
        assert!(a.add(2).is_ok() && b.add(1).is_ok() && a.add(0).is_ok());
        assert_eq!(b.add(1).unwrap_err().kind, DataErrorKind::Strict);
        let none = Limit::new(Some(MaxRejects::Percent(1.0)), None, Some(&together));
        assert!(none.add(1_000_000).is_ok(), "judged when the table has been read");
        assert!(Limit::new(Some(MaxRejects::Percent(1.0)), Some(100), None).add(2).is_err());
        assert!(Limit::new(None, Some(1), None).add(2).is_ok());
    }
}
