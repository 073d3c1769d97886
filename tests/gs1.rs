//! The allocation against a published instance: GS1 of Bigler, Kammermann and Baumann (EJOR 304(2), 2023, 689-708), 10,000 customers,
//! 50 activities. The rules are read again here, from the files, and every chosen contact is held against them.
//!
//! How the files are read: a budget is on the sum of costs, an assignment limit on the number of contacts, a sales limit on the sum of
//! response probabilities over activities that promote the product; expected profit is net of cost already. A conflict is
//! ordered: an activity of the first channel, and one of the second on the same day or less than `Lag` days later.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]
#![allow(clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regain::plan::solve::{Class, Lag, Limit, Problem, Settings, Solution, check, solve};

/// What a missing assignment and a missing sale cost. A possible contact brings 12 on average, an expected sale 320: three to four
/// times that, so that the wish is met wherever it can be, and neglected only where it would cost several times what it is about.
const PER_ASSIGNMENT: f64 = 50.0;
const PER_SALE: f64 = 1000.0;
const CHANNELS: [&str; 4] = ["call center", "direct mail", "text message", "email"];

struct Activity {
    day: i32,
    channel: usize,
    products: Vec<String>,
    cost: f64,
}

/// A row of `table3`.
struct Rule {
    kind: String,
    days: (i32, i32),
    channels: Vec<String>,
    products: Vec<String>,
    bound: f64,
}

impl Rule {
    fn covers(&self, activity: &Activity) -> bool {
        let any = |wanted: &[String], has: &dyn Fn(&str) -> bool| wanted.iter().any(|w| w == "ALL" || has(w));
        (self.days.0..=self.days.1).contains(&activity.day)
            && any(&self.channels, &|channel| channel == CHANNELS[activity.channel])
            && any(&self.products, &|product| activity.products.iter().any(|p| p == product))
    }
}

struct Instance {
    activities: Vec<Activity>,
    /// Customer, activity, profit, probability; by customer.
    pairs: Vec<(u32, usize, f64, f64)>,
    rules: Vec<Rule>,
    /// Channel, channel, days.
    conflicts: Vec<(usize, usize, i32)>,
}

fn instance() -> Option<Instance> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/assignment/GS1");
    let file = |name: &str| -> PathBuf { folder.join(format!("{name}.csv")) };
    if !["table1", "table2", "table3", "table4"].iter().all(|name| file(name).is_file()) {
        eprintln!(
            "NOT RUN: the instance GS1 is not in {}: nothing about allocation was compared with it",
            folder.display()
        );
        return None;
    }
    let rows = |name: &str| -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_path(file(name)).unwrap();
        reader.records().map(|row| row.unwrap().iter().map(|cell| cell.trim().to_owned()).collect()).collect()
    };
    let list = |cell: &str| -> Vec<String> { cell.split(';').map(|part| part.trim().to_owned()).collect() };
    let channel = |name: &str| CHANNELS.iter().position(|channel| *channel == name).unwrap();
    let activity = |row: Vec<String>| Activity {
        day: row[1].parse().unwrap(),
        channel: channel(&row[2]),
        products: list(&row[3]),
        cost: row[4].parse().unwrap(),
    };
    let pair = |row: Vec<String>| {
        let activity: usize = row[1].parse().unwrap();
        (row[0].parse().unwrap(), activity - 1, row[2].parse().unwrap(), row[3].parse().unwrap())
    };
    let rule = |row: Vec<String>| Rule {
        kind: row[1].clone(),
        days: (row[2].parse().unwrap(), row[3].parse().unwrap()),
        channels: list(&row[4]),
        products: list(&row[5]),
        bound: row[6].parse().unwrap(),
    };
    let mut pairs: Vec<(u32, usize, f64, f64)> = rows("table2").into_iter().map(pair).collect();
    pairs.sort_by_key(|(customer, activity, ..)| (*customer, *activity));
    let conflicts = rows("table4");
    assert!(conflicts.iter().all(|row| row[2] == "ALL" && row[4] == "ALL"), "conflicts between products are not read");
    Some(Instance {
        activities: rows("table1").into_iter().map(activity).collect(),
        pairs,
        rules: rows("table3").into_iter().map(rule).collect(),
        conflicts: conflicts.iter().map(|row| (channel(&row[1]), channel(&row[3]), row[5].parse().unwrap())).collect(),
    })
}

/// The instance as a problem: all rules, or the budgets alone with one contact per customer.
fn problem(instance: &Instance, all: bool) -> Problem {
    let mut problem = Problem { most_per_customer: 1, amounts: vec![vec![]; 3], ..Problem::default() };
    let mut before = None;
    for (customer, activity, profit, probability) in &instance.pairs {
        if before.replace(*customer) != Some(*customer) {
            problem.first.push(problem.gain.len() as u32);
        }
        problem.gain.push(*profit);
        problem.class.push(*activity as u16);
        problem.day.push(instance.activities[*activity].day);
        problem.amounts[1].push(instance.activities[*activity].cost);
        problem.amounts[2].push(*probability);
    }
    problem.first.push(problem.gain.len() as u32);
    let class = |activity: &Activity| Class { uses: Vec::new(), weight: 1.0, group: activity.channel as u16 };
    problem.classes = instance.activities.iter().map(class).collect();
    for rule in &instance.rules {
        let (measure, penalty) = match rule.kind.as_str() {
            "Budget" => (1, 0.0),
            "Minimum assignment" | "Maximum assignment" if all => (0, PER_ASSIGNMENT),
            "Minimum sales" | "Maximum sales" if all => (2, PER_SALE),
            "Maximum contact" if all => {
                problem.most_per_customer = rule.bound as u32;
                continue;
            }
            _ => continue,
        };
        let at = problem.limits.len() as u32;
        for (class, activity) in problem.classes.iter_mut().zip(&instance.activities) {
            if rule.covers(activity) {
                class.uses.push((at, measure));
            }
        }
        let minimum = rule.kind.starts_with("Minimum");
        let name = format!("{} {} {:?}", rule.kind, rule.channels.join("/"), rule.products);
        let (most, least) = if minimum { (None, Some(rule.bound)) } else { (Some(rule.bound), None) };
        problem.limits.push(Limit { name, most, least, penalty });
    }
    if all {
        let lag = |(earlier, later, days): &(usize, usize, i32)| Lag {
            earlier: *earlier as u16,
            later: *later as u16,
            days: *days,
        };
        problem.lags = instance.conflicts.iter().map(lag).collect();
    }
    problem
}

fn told(title: &str, problem: &Problem, found: &Solution) {
    println!(
        "{title}: objective {:.2}, bound {:.2}, gap {:.5} %, {} contacts, {} passes{}",
        found.objective,
        found.bound,
        100.0 * found.gap(),
        found.chosen.len(),
        found.passes,
        if found.exact { ", proven" } else { "" }
    );
    for (at, limit) in problem.limits.iter().enumerate() {
        let bound = limit.most.or(limit.least).unwrap();
        println!("  {:44} {bound:>10.2} used {:>9.2} price {:>9.4}", limit.name, found.used[at], found.prices[at]);
    }
}

/// What a plan is worth by the files alone, and every rule it breaks.
fn by_hand(instance: &Instance, chosen: &[u32], all: bool) -> (f64, Vec<String>) {
    let mut broken = Vec::new();
    let mut worth = 0.0;
    let mut contacts: BTreeMap<u32, Vec<&Activity>> = BTreeMap::new();
    for option in chosen {
        let (customer, activity, profit, _) = instance.pairs[*option as usize];
        worth += profit;
        contacts.entry(customer).or_default().push(&instance.activities[activity]);
    }
    for rule in &instance.rules {
        let covered = chosen.iter().map(|option| instance.pairs[*option as usize]);
        let covered = covered.filter(|(_, activity, ..)| rule.covers(&instance.activities[*activity]));
        let used: f64 = match rule.kind.as_str() {
            "Budget" => covered.map(|(_, activity, ..)| instance.activities[activity].cost).sum(),
            "Minimum assignment" | "Maximum assignment" => covered.count() as f64,
            "Minimum sales" | "Maximum sales" => covered.map(|(.., probability)| probability).sum(),
            "Maximum contact" => contacts.values().map(Vec::len).max().unwrap_or(0) as f64,
            other => panic!("a rule of the kind {other}"),
        };
        let penalty = if rule.kind.ends_with("sales") { PER_SALE } else { PER_ASSIGNMENT };
        if rule.kind.starts_with("Minimum") {
            worth -= if all { penalty * (rule.bound - used).max(0.0) } else { 0.0 };
        } else if (all || rule.kind == "Budget") && used > rule.bound + 1e-6 {
            broken.push(format!("{}: {used} of {}", rule.kind, rule.bound));
        }
    }
    for (customer, list) in &contacts {
        if !all && list.len() > 1 {
            broken.push(format!("customer {customer} is contacted {} times", list.len()));
        }
        for (at, first) in list.iter().enumerate() {
            for (other, second) in list.iter().enumerate() {
                for (one, two, lag) in instance.conflicts.iter().filter(|_| all && at != other) {
                    let days = second.day - first.day;
                    if first.channel == *one && second.channel == *two && days >= 0 && days < *lag {
                        broken.push(format!("customer {customer}: {days} days between {one} and {two}"));
                    }
                }
            }
        }
    }
    (worth, broken)
}

#[test]
fn one_contact_and_two_budgets_reach_the_optimum() {
    let Some(instance) = instance() else { return };
    let problem = problem(&instance, false);
    let found = solve(&problem, &Settings { threads: 2, gap: 0.0 }).unwrap();
    told("GS1, one contact, two budgets", &problem, &found);
    assert_eq!(check(&problem, &found.chosen), []);
    let (worth, broken) = by_hand(&instance, &found.chosen, false);
    assert_eq!(broken, Vec::<String>::new());
    assert!((worth - found.objective).abs() < 1e-6);
    // The optimum is 142,553.23, that of the linear program 142,553.36.
    assert!((142_550.0..142_553.24).contains(&found.objective), "{}", found.objective);
    assert!((142_553.23..142_554.0).contains(&found.bound), "{}", found.bound);
}

#[test]
fn all_rules_are_held() {
    let Some(instance) = instance() else { return };
    let problem = problem(&instance, true);
    let found = solve(&problem, &Settings { threads: 2, gap: 0.0 }).unwrap();
    told("GS1, all rules", &problem, &found);
    assert_eq!(check(&problem, &found.chosen), []);
    let (worth, broken) = by_hand(&instance, &found.chosen, true);
    assert_eq!(broken, Vec::<String>::new());
    assert!((worth - found.objective).abs() < 1e-6);
    assert!(found.gap() < 1e-3, "{}", found.gap());
    assert!(found.short.iter().all(|short| *short < 1e-6), "every wish can be met: {:?}", found.short);
    // The rereading can fail: whoever contacts everybody breaks budgets, and two contacts too near each other conflict.
    let everything: Vec<u32> = (0..instance.pairs.len() as u32).collect();
    let broken = by_hand(&instance, &everything, true).1;
    assert!(
        broken.iter().any(|rule| rule.contains(" days between ")) && broken.iter().any(|rule| rule.contains("Budget"))
    );
}
