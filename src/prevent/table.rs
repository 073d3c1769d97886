//! The cause table: rows in the order of money, trends, returns, and what is outside of it.

use serde::Serialize;

use super::warned::Warnings;
use super::{Losses, Tally};
use crate::expr::Date;
use crate::pack::{Pack, Prevention};
use crate::stats::survival::exact_share;
use crate::stats::{Interval, Share, wilson};

/// Two-sided, 95 %.
const ALPHA: f64 = 0.05;
/// With fewer losses in both periods together nothing is said about a trend.
const ENOUGH_FOR_TREND: u64 = 20;
/// The class of causes that explain nothing.
const UNKNOWN: &str = "unknown";
/// With fewer losses nothing is said about the share that returns.
const ENOUGH_FOR_RATE: u64 = 10;

/// Customers, and what is lost with them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Counted {
    /// How many.
    pub customers: u64,
    /// Revenue, of those of whom it is known.
    pub revenue: Option<f64>,
    /// Margin, of those of whom it is known.
    pub margin: Option<f64>,
}

impl Counted {
    pub(super) fn add(&mut self, revenue: Option<f64>, margin: Option<f64>) {
        self.customers += 1;
        for (sum, x) in [(&mut self.revenue, revenue), (&mut self.margin, margin)] {
            if let Some(x) = x {
                *sum = Some(sum.unwrap_or(0.0) + x);
            }
        }
    }

    fn plus(&mut self, other: &Counted) {
        self.customers += other.customers;
        for (sum, x) in [(&mut self.revenue, other.revenue), (&mut self.margin, other.margin)] {
            if let Some(x) = x {
                *sum = Some(sum.unwrap_or(0.0) + x);
            }
        }
    }
}

/// The days compared; both ends included.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Period {
    /// How many.
    pub days: u32,
    /// The first day.
    pub from: String,
    /// The last day: the as-of date.
    pub to: String,
    /// The first day of the period before.
    pub before_from: String,
    /// Its last day.
    pub before_to: String,
}

/// What can be said of a trend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// More are lost than in the period before.
    More,
    /// Fewer.
    Fewer,
    /// The interval holds "no change".
    NoClearChange,
    /// Too few losses.
    TooFew,
    /// No loss of the period before is on record at all.
    NothingBefore,
    /// The pack does not say when somebody was lost.
    Undated,
}

/// Losses against those of the period before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Change {
    /// In words.
    pub trend: Trend,
    /// `now / before - 1`; `None` where too little is known.
    pub change: Option<f64>,
    /// The lower end of its 95 % interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

impl Change {
    /// Given both counts together, the later one is binomial; the exact interval of that share is turned into one of the ratio.
    fn of(now: u64, before: u64, nothing_before: bool, dated: bool) -> Change {
        let none = |trend| Change { trend, change: None, low: None, high: None };
        if !dated {
            return none(Trend::Undated);
        }
        if nothing_before {
            return none(Trend::NothingBefore);
        }
        if now + before < ENOUGH_FOR_TREND || before == 0 {
            return none(Trend::TooFew);
        }
        let share = exact_share(now, now + before, ALPHA);
        let ratio = |p: f64| if p >= 1.0 { f64::INFINITY } else { p / (1.0 - p) - 1.0 };
        let Interval { low, high } = Interval { low: ratio(share.low), high: ratio(share.high) };
        let trend = match (low > 0.0, high < 0.0) {
            (true, _) => Trend::More,
            (_, true) => Trend::Fewer,
            _ => Trend::NoClearChange,
        };
        let finite = |x: f64| Some(x).filter(|x| x.is_finite());
        Change { trend, change: finite(now as f64 / before as f64 - 1.0), low: finite(low), high: finite(high) }
    }
}

/// How many of those lost came back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Recovery {
    /// Back.
    pub back: u64,
    /// Of so many lost.
    pub of: u64,
    /// The share; `None` where too few were lost to tell.
    pub rate: Option<f64>,
    /// The lower end of Wilson's 95 % interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

impl Recovery {
    fn of(back: u64, of: u64) -> Recovery {
        if of < ENOUGH_FOR_RATE {
            return Recovery { back, of, rate: None, low: None, high: None };
        }
        let share = Share { hits: back, of };
        let Interval { low, high } = wilson(share, ALPHA);
        Recovery { back, of, rate: Some(share.rate()), low: Some(low), high: Some(high) }
    }
}

/// Losses of one cause, or of all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CauseRow {
    /// Its name; `unknown` where nothing was found, `None` for those not analysed, and in the total.
    pub cause: Option<String>,
    /// How it is called on screen.
    pub label: String,
    /// Its class.
    pub class: Option<String>,
    /// Whether it could have been prevented; `None` where nobody knows the cause.
    pub preventable: Option<bool>,
    /// Lost in the period and not back.
    #[serde(flatten)]
    pub lost: Counted,
    /// Of all customers of the table.
    pub share: f64,
    /// Lost in the period, those who are back included.
    pub all_lost: u64,
    /// The same in the period before.
    pub before: u64,
    /// One against the other.
    pub trend: Change,
    /// Those who are back, of those lost in the period.
    pub recovery: Recovery,
}

/// A part of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subtotal {
    /// Its customers and their money.
    #[serde(flatten)]
    pub lost: Counted,
    /// Of all customers of the table.
    pub share: f64,
}

/// The whole table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The pack.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// Its hash.
    pub hash: String,
    /// `today`
    pub as_of: String,
    /// What is compared; `None` if the pack does not say when somebody was lost: then all losses are in the table.
    pub period: Option<Period>,
    /// What money is counted in.
    pub currency: String,
    /// How revenue is called; `None` if the pack does not say what is lost.
    pub revenue_label: Option<String>,
    /// The same of margin.
    pub margin_label: Option<String>,
    /// What the rows are ordered by: `margin`, `revenue` or `customers`.
    pub ordered_by: &'static str,
    /// Customers looked at.
    pub customers: u64,
    /// Of them suppressed: not counted anywhere below.
    pub suppressed: u64,
    /// By cause.
    pub causes: Vec<CauseRow>,
    /// All of them.
    pub total: CauseRow,
    /// What could have been prevented.
    pub preventable: Subtotal,
    /// What is not known: no cause found, or not analysed.
    pub unknown: Subtotal,
    /// Lost before the period, and still lost.
    pub earlier: Counted,
    /// Lost, nobody knows when.
    pub undated: Counted,
    /// Notice given and still here; `revenue` is what is at risk with them.
    pub leaving: Counted,
    /// Lost for the second time, of those in the table.
    pub again: u64,
    /// Early warnings.
    pub warnings: Warnings,
}

impl Losses {
    /// What was found.
    #[must_use]
    pub fn report(self, pack: &Pack, prevention: &Prevention) -> Report {
        let dated = self.period.is_some();
        let nothing_before = self.causes.values().all(|tally| tally.before == 0);
        let mut whole = Tally::default();
        for tally in self.causes.values() {
            whole.lost.plus(&tally.lost);
            whole.back += tally.back;
            whole.before += tally.before;
        }
        let row = |cause: Option<String>, tally: &Tally| {
            let all_lost = tally.lost.customers + tally.back;
            CauseRow {
                label: label(pack, cause.as_deref()),
                class: tally.class.clone(),
                preventable: preventable(pack, cause.as_deref()),
                lost: tally.lost,
                share: tally.lost.customers as f64 / whole.lost.customers.max(1) as f64,
                all_lost,
                before: tally.before,
                trend: Change::of(all_lost, tally.before, nothing_before, dated),
                recovery: Recovery::of(tally.back, all_lost),
                cause,
            }
        };
        let rows = self.causes.iter().filter(|(_, t)| t.lost.customers + t.back + t.before > 0);
        let mut causes: Vec<CauseRow> = rows.map(|(cause, tally)| row(cause.clone(), tally)).collect();
        let ordered_by = match (prevention.margin.is_some(), prevention.revenue.is_some()) {
            (true, _) => "margin",
            (_, true) => "revenue",
            _ => "customers",
        };
        let weight = |row: &CauseRow| match ordered_by {
            "margin" => row.lost.margin.unwrap_or(0.0),
            "revenue" => row.lost.revenue.unwrap_or(0.0),
            _ => 0.0,
        };
        causes.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(b.lost.customers.cmp(&a.lost.customers)));
        let total = CauseRow { label: "all causes".to_owned(), preventable: None, ..row(None, &whole) };
        let part = |wanted: Option<bool>| {
            let mut lost = Counted::default();
            causes.iter().filter(|row| row.preventable == wanted).for_each(|row| lost.plus(&row.lost));
            Subtotal { lost, share: lost.customers as f64 / whole.lost.customers.max(1) as f64 }
        };
        let (preventable, unknown) = (part(Some(true)), part(None));
        Report {
            pack: pack.identity.name.clone(),
            version: pack.identity.version.clone(),
            hash: pack.identity.hash.clone(),
            as_of: self.as_of.to_string(),
            period: self.period.map(|days| period(self.as_of, days)),
            currency: pack.money.as_ref().map(|money| money.currency.clone()).unwrap_or_default(),
            revenue_label: prevention.revenue.as_ref().map(|_| prevention.revenue_label.clone()),
            margin_label: prevention.margin.as_ref().map(|_| prevention.margin_label.clone()),
            ordered_by,
            customers: self.seen,
            suppressed: self.suppressed,
            causes,
            total,
            preventable,
            unknown,
            earlier: self.earlier,
            undated: self.undated,
            leaving: self.leaving,
            again: self.again,
            warnings: Warnings::of(prevention, self.warned),
        }
    }
}

fn period(as_of: Date, days: u32) -> Period {
    let back = |by: i64| {
        let day = Date::from_days(i64::from(as_of.days()) - by);
        day.map(|day| day.to_string()).unwrap_or_default()
    };
    let length = i64::from(days);
    Period {
        days,
        from: back(length - 1),
        to: as_of.to_string(),
        before_from: back(2 * length - 1),
        before_to: back(length),
    }
}

fn label(pack: &Pack, cause: Option<&str>) -> String {
    match cause {
        None => "not analysed".to_owned(),
        Some(name) => {
            let found = pack.causes.list.iter().find(|cause| cause.name == name);
            found.map_or_else(|| name.to_owned(), |cause| cause.label.clone())
        }
    }
}

/// Of a cause of the pack; nobody knows of those whose cause, or its class, is unknown.
fn preventable(pack: &Pack, cause: Option<&str>) -> Option<bool> {
    let cause = pack.causes.list.iter().find(|c| Some(c.name.as_str()) == cause)?;
    (cause.class != UNKNOWN).then_some(cause.preventable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_is_said_only_where_it_can_be_seen() {
        let word = |now, before| Change::of(now, before, false, true).trend;
        assert_eq!(word(30, 30), Trend::NoClearChange);
        assert_eq!(word(60, 30), Trend::More);
        assert_eq!(word(30, 60), Trend::Fewer);
        assert_eq!(word(9, 10), Trend::TooFew);
        assert_eq!(word(40, 0), Trend::TooFew);
        assert_eq!(Change::of(40, 0, true, true).trend, Trend::NothingBefore);
        assert_eq!(Change::of(40, 40, false, false).trend, Trend::Undated);
        // 60 of 90, Clopper and Pearson: [.559, .763].
        let change = Change::of(60, 30, false, true);
        assert_eq!(change.change, Some(1.0));
        assert!((change.low.unwrap_or(0.0) - 0.269).abs() < 0.01, "{change:?}");
        assert!((change.high.unwrap_or(0.0) - 2.21).abs() < 0.02, "{change:?}");
    }

    #[test]
    fn a_rate_of_few_is_no_number() {
        assert_eq!(Recovery::of(3, 9).rate, None);
        let rate = Recovery::of(3, 10);
        assert_eq!(rate.rate, Some(0.3));
        assert!(rate.low.is_some_and(|low| (low - 0.1078).abs() < 1e-3), "{rate:?}");
    }
}
