//! A randomised e-mail experiment with 64,000 customers, as published (Hillstrom 2008): the figures every tool should find, splits of
//! its control arm in which there is nothing to find, and what looking every day does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use regain::stats::mean::{Sample, welch};
use regain::stats::proportion::{anyway, difference, newcombe, p_value};
use regain::stats::split::mix;
use regain::stats::{Arms, Means, Share, sequential};

/// What one customer did in the two weeks after.
#[derive(Debug, Clone, Copy)]
struct Customer {
    visit: bool,
    conversion: bool,
    spend: f64,
}

/// Customers by arm: `Mens E-Mail`, `Womens E-Mail`, `No E-Mail`.
fn arms() -> Option<[Vec<Customer>; 3]> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/hillstrom/hillstrom.csv");
    let Ok(mut reader) = csv::Reader::from_path(&path) else {
        crate::command::absent(&path);
        return None;
    };
    let mut arms = [Vec::new(), Vec::new(), Vec::new()];
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (segment, visit, conversion, spend) = (at("segment"), at("visit"), at("conversion"), at("spend"));
    for row in reader.records() {
        let row = row.unwrap();
        let arm = ["Mens E-Mail", "Womens E-Mail", "No E-Mail"].iter().position(|name| *name == &row[segment]).unwrap();
        arms[arm].push(Customer {
            visit: &row[visit] == "1",
            conversion: &row[conversion] == "1",
            spend: row[spend].parse().unwrap(),
        });
    }
    assert_eq!(arms.iter().map(Vec::len).collect::<Vec<_>>(), [21_307, 21_387, 21_306]);
    Some(arms)
}

fn share(arm: &[Customer], did: fn(&Customer) -> bool) -> Share {
    Share { hits: arm.iter().filter(|c| did(c)).count() as u64, of: arm.len() as u64 }
}

fn six(x: f64) -> String {
    format!("{x:.6}")
}

#[test]
fn the_published_figures_to_six_digits() {
    let Some([mens, womens, none]) = arms() else { return };
    let compared = |arm: &[Customer], did| [Arms::one(share(arm, did), share(&none, did))];
    let told = |arm: &[Customer], did| {
        let strata = compared(arm, did);
        let interval = newcombe(&strata, 0.05);
        [six(difference(&strata)), six(interval.low), six(interval.high)]
    };
    assert_eq!(told(&mens, |c| c.visit), ["0.076590", "0.069953", "0.083227"]);
    assert_eq!(told(&mens, |c| c.conversion), ["0.006805", "0.005014", "0.008641"]);
    assert_eq!(told(&womens, |c| c.visit)[0], "0.045233");
    assert_eq!(told(&womens, |c| c.conversion)[0], "0.003111");

    let spend = |arm: &[Customer]| Sample::from_values(arm.iter().map(|c| c.spend));
    let welch_of =
        |arm: &[Customer]| welch(&[Means { treated: spend(arm), control: spend(&none), weight: 1.0 }]).unwrap();
    let found = welch_of(&mens);
    assert_eq!((six(found.value), format!("{:.3}", found.t)), ("0.769827".to_owned(), "5.300".to_owned()));
    assert!(found.p < 1e-6 && found.interval(0.05).low > 0.4);
    assert_eq!(six(welch_of(&womens).value), "0.424412");

    // Of the buyers after the mailing, so many would have bought anyway.
    let would = |arm: &[Customer]| anyway(&compared(arm, |c| c.conversion), 0.05).unwrap();
    for (arm, wanted) in [(&mens, "45.7"), (&womens, "64.8")] {
        let (share, interval) = would(arm);
        assert_eq!(format!("{:.1}", share * 100.0), wanted);
        assert!(interval.holds(share) && interval.high - interval.low < 0.4);
    }
}

/// Seed and customer decide the arm, as if by a coin.
fn coin(seed: u64, customer: usize) -> bool {
    mix(mix(seed) ^ customer as u64) & 1 == 1
}

/// Running sums of one arm.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: u64,
    visits: u64,
    spend: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, customer: &Customer) {
        self.count += 1;
        self.visits += u64::from(customer.visit);
        self.spend += customer.spend;
        self.squares += customer.spend * customer.spend;
    }

    fn share(&self) -> Share {
        Share { hits: self.visits, of: self.count }
    }

    fn sample(&self) -> Sample {
        let n = self.count as f64;
        let mean = self.spend / n;
        Sample { count: n, mean, variance: (self.squares - n * mean * mean) / (n - 1.0) }
    }
}

#[test]
fn a_thousand_splits_with_nothing_to_find() {
    let Some([_, _, none]) = arms() else { return };
    let (mut visits, mut spends) = (0, 0);
    for seed in 0..1000 {
        let mut arms = [Sums::default(); 2];
        for (i, customer) in none.iter().enumerate() {
            arms[usize::from(coin(seed, i))].add(customer);
        }
        visits += u32::from(p_value(&[Arms::one(arms[0].share(), arms[1].share())]) < 0.05);
        let found = welch(&[Means { treated: arms[0].sample(), control: arms[1].sample(), weight: 1.0 }]).unwrap();
        spends += u32::from(found.p < 0.05);
    }
    for (what, found) in [("visit", visits), ("spend", spends)] {
        assert!((35..=65).contains(&found), "{found} of 1,000 splits differ in {what} at 5 %, where nothing differs");
    }
}

/// The customers come day by day, and each day somebody looks and would stop at the first effect.
#[test]
fn looking_every_day() {
    let Some([_, _, none]) = arms() else { return };
    const DAYS: usize = 50;
    const SPLITS: u64 = 1000;
    let planned = none.iter().filter(|c| c.visit).count() as f64;
    let (mut fixed, mut sequential_visits, mut sequential_spend) = (0, 0, 0);
    for seed in 0..SPLITS {
        let mut arms = [Sums::default(); 2];
        let mut alarms = [false; 3];
        for (i, customer) in none.iter().enumerate() {
            arms[usize::from(coin(seed ^ 0xda15, i))].add(customer);
            if (i + 1) % (none.len() / DAYS) != 0 || arms.iter().any(|arm| arm.visits < 10) {
                continue;
            }
            let strata = [Arms::one(arms[0].share(), arms[1].share())];
            let seen = arms[0].visits + arms[1].visits;
            let fraction = seen as f64 / planned;
            let error = (strata[0].treated.variance() + strata[0].control.variance()).sqrt();
            alarms[0] |= !newcombe(&strata, 0.05).holds(0.0);
            alarms[1] |= sequential::p_value(difference(&strata), error, fraction, 0.05) < 0.05;
            let means = [Means { treated: arms[0].sample(), control: arms[1].sample(), weight: 1.0 }];
            if let Some(spend) = welch(&means) {
                alarms[2] |= sequential::p_value(spend.value, spend.error, fraction, 0.05) < 0.05;
            }
        }
        fixed += u32::from(alarms[0]);
        sequential_visits += u32::from(alarms[1]);
        sequential_spend += u32::from(alarms[2]);
    }
    let share = |n: u32| f64::from(n) / SPLITS as f64;
    assert!(share(sequential_visits) < 0.05, "{sequential_visits} false alarms about visits in {SPLITS}");
    assert!(share(sequential_spend) < 0.05, "{sequential_spend} false alarms about spend in {SPLITS}");
    // Why it is needed: the interval for one look, looked at every day.
    assert!(share(fixed) > 0.2, "only {fixed} false alarms in {SPLITS} by looking every day");
}
