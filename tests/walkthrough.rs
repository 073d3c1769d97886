//! The walk-through of `examples/retail` as the README tells it: run, plan, a world with a known true effect, evaluate, suggest,
//! second life; and whether the intervals of the evaluation hold that truth.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::Path;

use regain::evaluate::{Joined, Observed, Settings, evaluate};
use regain::expr::Date;
use regain::pack;
use regain::plan::holdout::position;
use regain::plan::read::read;
use regain::plan::{Arm, PlanFile};

use crate::command;
use returns::{Planned, margin_of_return, outcome, truth};

#[path = "../examples/retail/returns.rs"]
mod returns;

fn regain(arguments: &[&str]) -> String {
    let (code, out, err) = command::regain(arguments, 100);
    assert!(matches!(code, Some(0 | 1)), "{arguments:?}: {err}");
    out
}

/// The plan of the example, as it is read back.
fn plan(folder: &Path) -> PlanFile {
    let file = folder.join("plan.parquet");
    regain(&["plan", "examples/retail", "--as-of", "2026-06-30", "--out", file.to_str().unwrap()]);
    read(&file, None).unwrap()
}

/// What happens in the simulated world if arms are drawn anew under another name.
fn played(plan: &PlanFile, seed: u64) -> Joined {
    let chance = plan.score_names.iter().position(|name| name == "chance").unwrap();
    let observed = plan.rows.iter().map(|row| {
        let mut row = row.clone();
        let drawn = position(&format!("world {seed}"), &row.key);
        row.arm = if drawn < row.propensity { Arm::Contact } else { Arm::Holdout };
        let planned = Planned::of(&row, chance);
        let what = outcome(&planned, seed);
        Observed {
            won_back: what.after_days.is_some(),
            returned_on: None,
            revenue: Some(what.revenue),
            margin: Some(what.margin),
            cost: what.cost,
            covariate: row.money,
            row,
        }
    });
    Joined { observed: observed.collect(), score_names: plan.score_names.clone(), ..Joined::default() }
}

/// The true effect on the contacted: within customers of one propensity its mean, weighted by how many of them were contacted; of
/// returns and of margin.
fn true_effect(joined: &Joined) -> (f64, f64) {
    let chance = joined.score_names.iter().position(|name| name == "chance").unwrap();
    let mut strata: BTreeMap<u64, (f64, f64, f64, f64)> = BTreeMap::new();
    for Observed { row, .. } in joined.observed.iter().filter(|o| o.row.propensity < 1.0) {
        let planned = Planned::of(row, chance);
        let effect = truth(&planned).contacted - truth(&planned).anyway;
        let stratum = strata.entry(row.propensity.to_bits()).or_default();
        stratum.0 += 1.0;
        stratum.1 += effect;
        stratum.2 += effect * margin_of_return(&planned);
        stratum.3 += f64::from(u8::from(row.arm == Arm::Contact));
    }
    let contacted: f64 = strata.values().map(|s| s.3).sum();
    let mean =
        |of: fn(&(f64, f64, f64, f64)) -> f64| strata.values().map(|s| s.3 * of(s) / s.0).sum::<f64>() / contacted;
    (mean(|s| s.1), mean(|s| s.2))
}

#[test]
fn intervals_hold_the_truth_at_the_stated_rate() {
    const WORLDS: u64 = 200;
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path());
    let pack =
        pack::load(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/retail").to_str().unwrap()).pack.unwrap();
    let day = Date::from_ymd(2026, 11, 15).unwrap();
    let (mut lifts, mut margins) = (0, 0);
    // By channel: intervals that hold the truth, of so many.
    let mut channels: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for seed in 0..WORLDS {
        let joined = played(&plan, seed);
        let (lift, margin) = true_effect(&joined);
        let found = evaluate(&joined, &pack, day, Settings::of(&pack)).unwrap();
        let effect = found.whole.effect.expect("enough returns to say something");
        lifts += u64::from(effect.interval.holds(lift));
        margins += u64::from(effect.margin.unwrap().interval.holds(margin));
        for channel in ["email", "post"] {
            let of_channel = |seen: &&Observed| seen.row.channel.as_deref() == Some(channel);
            let observed = joined.observed.iter().filter(of_channel).cloned().collect();
            let part = Joined { observed, score_names: joined.score_names.clone(), ..Joined::default() };
            let (held, of) = channels.entry(channel).or_default();
            if let Some(effect) = evaluate(&part, &pack, day, Settings::of(&pack)).unwrap().whole.effect {
                *held += u64::from(effect.interval.holds(true_effect(&part).0));
                *of += 1;
            }
        }
    }
    for (channel, (held, of)) in channels {
        let share = held as f64 / of as f64;
        assert!(of > 150 && (0.91..=1.0).contains(&share), "{channel}: {held} of {of} 95 % intervals hold the truth");
    }
    for (what, covered) in [("lift", lifts), ("margin", margins)] {
        let share = covered as f64 / WORLDS as f64;
        assert!((0.91..=1.0).contains(&share), "{what}: {share} of 95 % intervals hold the truth");
    }
}

#[test]
fn each_step_reads_what_the_one_before_has_written() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    regain(&["plan", "examples/retail", "--as-of", "2026-06-30", "--out", &at("plan.csv"), "--export", &at("lists")]);
    let plan = read(&folder.path().join("plan.csv"), None).unwrap();
    let mut outcomes = String::from("customer_no,returned_on,orders,revenue,margin,cost\n");
    for (seen, row) in played(&plan, 7).observed.iter().zip(&plan.rows) {
        let on = if seen.won_back { row.send_on.to_string() } else { String::new() };
        let orders = u8::from(seen.won_back);
        let (revenue, margin) = (seen.revenue.unwrap(), seen.margin.unwrap());
        outcomes.push_str(&format!("{},{on},{orders},{revenue},{margin},{}\n", row.key, seen.cost));
    }
    std::fs::write(at("outcomes.csv"), outcomes).unwrap();
    let given = ["--plan", &at("plan.csv"), "--outcomes", &at("outcomes.csv"), "--as-of", "2026-11-15"];
    let ask = |command: &str| {
        let mut arguments = vec![command, "examples/retail"];
        arguments.extend(given);
        regain(&arguments)
    };
    assert!(ask("evaluate").contains("What the contacts changed"));
    assert!(ask("suggest").contains("What to change"));
    assert!(regain(&["second-life", "examples/retail", "--as-of", "2026-06-30"]).contains("came back"));
    assert!(regain(&["causes", "examples/retail", "--as-of", "2026-06-30"]).contains("early warning"));
}
