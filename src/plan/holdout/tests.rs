#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn experiment(name: &str, share: f64) -> Experiment {
    Experiment { name: name.into(), share }
}

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("K{i:06}")).collect()
}

fn subjects<'a>(keys: &'a [String], strata: &'a [&'a str]) -> Vec<Subject<'a>> {
    let stratum = |i: usize| (!strata.is_empty()).then(|| strata[i % strata.len()]);
    let one = |(i, key): (usize, &'a String)| Subject { key, campaign: i % 2, stratum: stratum(i), forced: false };
    keys.iter().enumerate().map(one).collect()
}

fn held<'a>(rows: &[Subject<'a>], drawn: &[Drawn]) -> BTreeSet<&'a str> {
    rows.iter().zip(drawn).filter(|(_, d)| d.arm == Arm::Holdout).map(|(row, _)| row.key).collect()
}

/// The values are those of Python 3.11 (`hashlib`), DuckDB 2.0 and PostgreSQL 15, by the lines in the documentation of `position`.
#[test]
fn positions_are_those_of_other_programs() {
    for (experiment, key, expected) in [
        ("haus-und-herd", "K0001", 0.294_300_300_231_927_55),
        ("price-comeback", "4711", 0.820_349_566_503_492_1),
        ("Rückkehr", "Müller & Söhne", 0.904_039_405_073_409_2),
        ("", "", 0.006_748_622_698_109_718),
    ] {
        assert_eq!(position(experiment, key), expected, "{experiment} {key}");
    }
}

/// Four standard deviations of the binomial distribution: once in 16,000 by chance, and the keys are fixed.
#[test]
fn shares_are_met_and_propensities_are_what_happens() {
    let keys = keys(20_000);
    let rows = subjects(&keys, &[]);
    let campaigns = vec![experiment("calls", 0.1), experiment("cards", 0.3)];
    let holdouts = Holdouts::new(experiment("all", 0.05), campaigns, false);
    let drawn = holdouts.draw(&rows);
    for campaign in [0, 1] {
        let arms: Vec<_> = rows.iter().zip(&drawn).filter(|(row, _)| row.campaign == campaign).collect();
        let contacted = arms.iter().filter(|(_, d)| d.arm == Arm::Contact).count() as f64;
        let (n, p) = (arms.len() as f64, holdouts.propensity(campaign));
        assert!((contacted - n * p).abs() < 4.0 * (n * p * (1.0 - p)).sqrt(), "{contacted} of {n} at {p}");
        assert!(arms.iter().all(|(_, d)| d.propensity == p && d.by.is_some() == (d.arm == Arm::Holdout)));
    }
    assert_eq!(holdouts.propensity(0), 0.95 * 0.9);
    let global = drawn.iter().filter(|d| d.by == Some(HeldBy::Global)).count() as f64;
    assert!((global - 1_000.0).abs() < 4.0 * (20_000.0 * 0.05 * 0.95f64).sqrt(), "{global}");
}

/// Pearson's chi-square over 10 by 10 fields, 81 degrees of freedom: 0.001 is exceeded at 126.1. Names that differ in one letter.
#[test]
fn positions_of_two_experiments_are_independent() {
    let fields = |a: &str, b: &str| {
        let mut counts = [[0f64; 10]; 10];
        let tenth = |experiment: &str, key: &str| (position(experiment, key) * 10.0) as usize;
        keys(20_000).iter().for_each(|key| counts[tenth(a, key)][tenth(b, key)] += 1.0);
        counts.iter().flatten().map(|n| (n - 200.0).powi(2) / 200.0).sum::<f64>()
    };
    let chi_square = fields("calls-2026", "calls-2027");
    assert!(chi_square < 126.1, "{chi_square}");
    assert!(fields("calls-2026", "calls-2026") > 10_000.0, "the test can fail");
}

#[test]
fn raising_a_share_lets_nobody_go() {
    let keys = keys(3_000);
    for stratified in [false, true] {
        let rows = subjects(&keys, &["A", "B", "C"]);
        let mut before = BTreeSet::new();
        for (all, own) in [(0.0, 0.01), (0.0, 0.1), (0.02, 0.1), (0.02, 0.5), (0.4, 0.5), (0.4, 0.9), (1.0, 1.0)] {
            let campaigns = vec![experiment("calls", own), experiment("cards", own / 2.0)];
            let drawn = Holdouts::new(experiment("all", all), campaigns, stratified).draw(&rows);
            let now = held(&rows, &drawn);
            assert!(now.is_superset(&before), "{all} {own}");
            before = now;
        }
        assert_eq!(before.len(), keys.len(), "a share of 1 holds out everybody");
    }
}

#[test]
fn nothing_depends_on_the_order_of_the_rows() {
    let keys = keys(2_000);
    for stratified in [false, true] {
        let campaigns = vec![experiment("calls", 0.2), experiment("calls", 0.1)];
        let holdouts = Holdouts::new(experiment("all", 0.05), campaigns, stratified);
        let rows = subjects(&keys, &["A", "B"]);
        let mut turned = rows.clone();
        turned.reverse();
        turned.rotate_left(701);
        assert_eq!(held(&rows, &holdouts.draw(&rows)), held(&turned, &holdouts.draw(&turned)));
    }
}

#[test]
fn without_strata_nobody_changes_sides_when_others_come_and_go() {
    let keys = keys(2_000);
    let holdouts = Holdouts::new(experiment("all", 0.0), vec![experiment("calls", 0.2); 2], false);
    let rows = subjects(&keys, &[]);
    let half = subjects(&keys[..1_000], &[]);
    let (all, few) = (holdouts.draw(&rows), holdouts.draw(&half));
    assert_eq!(all[..1_000], few[..]);
}

/// Whom no plan contacts must not depend on who else is planned, whatever strata campaigns draw in.
#[test]
fn who_is_held_out_of_every_plan_is_the_same_in_each() {
    let keys = keys(2_000);
    let campaigns = vec![experiment("calls", 0.2), experiment("all", 0.3)];
    let holdouts = Holdouts::new(experiment("all", 0.12), campaigns, true);
    let rows = subjects(&keys, &["A", "B", "C"]);
    // A week later: every third is gone, and the others are of another grade.
    let later = subjects(&keys, &["C", "A"]);
    let later: Vec<Subject<'_>> =
        later.into_iter().enumerate().filter(|(at, _)| at % 3 > 0).map(|(_, row)| row).collect();
    for rows in [&rows, &later] {
        for (row, drawn) in rows.iter().zip(holdouts.draw(rows)) {
            let place = position("all", row.key);
            assert_eq!(drawn.by == Some(HeldBy::Global), place < 0.12, "{}", row.key);
            // The same experiment under the same name: the larger share decides alone.
            assert!(row.campaign == 0 || (drawn.arm == Arm::Holdout) == (place < 0.3), "{}", row.key);
        }
    }
    assert_eq!((holdouts.propensity(0), holdouts.propensity(1)), (0.88 * 0.8, 0.7));
    let out = holdouts.draw(&rows).iter().filter(|drawn| drawn.by == Some(HeldBy::Global)).count() as f64;
    assert!((out - 240.0).abs() < 4.0 * (2_000.0 * 0.12 * 0.88f64).sqrt(), "{out}");
}

#[test]
fn strata_meet_their_share_up_to_rounding() {
    let keys = keys(1_003);
    let strata = ["A", "A", "A", "B", "B", "C", "D"];
    let rows = subjects(&keys, &strata);
    let holdouts = Holdouts::new(experiment("all", 0.0), vec![experiment("calls", 0.13); 2], true);
    let drawn = holdouts.draw(&rows);
    let mut counts: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (row, drawn) in rows.iter().zip(&drawn) {
        let count = counts.entry(row.stratum.unwrap()).or_default();
        count.0 += 1.0;
        count.1 += f64::from(u8::from(drawn.arm == Arm::Holdout));
    }
    for (stratum, (size, out)) in counts {
        assert!((out - 0.13 * size).abs() < 1.0, "{stratum}: {out} of {size}");
    }
}

/// A stratum of one customer cannot give up 10 % of her: the hash decides, so that one in ten such strata does.
#[test]
fn many_small_strata_meet_the_share_together() {
    let keys = keys(4_000);
    let names: Vec<&str> = keys.iter().map(String::as_str).collect();
    let rows = subjects(&keys, &names);
    let holdouts = Holdouts::new(experiment("all", 0.0), vec![experiment("calls", 0.1); 2], true);
    let out = held(&rows, &holdouts.draw(&rows)).len() as f64;
    assert!((out - 400.0).abs() < 4.0 * (4_000.0 * 0.1 * 0.9f64).sqrt(), "{out}");
}

#[test]
fn human_decisions_are_never_held_out() {
    let keys = keys(500);
    let mut rows = subjects(&keys, &["A"]);
    rows.iter_mut().step_by(2).for_each(|row| row.forced = true);
    for stratified in [false, true] {
        let all = Holdouts::new(experiment("all", 1.0), vec![experiment("calls", 1.0); 2], stratified);
        for (row, drawn) in rows.iter().zip(all.draw(&rows)) {
            assert_eq!(drawn.arm == Arm::Contact, row.forced);
            assert_eq!(drawn.propensity, if row.forced { 1.0 } else { 0.0 });
        }
    }
}

#[test]
fn one_experiment_for_several_campaigns_looks_once() {
    let keys = keys(400);
    let campaigns = vec![experiment("winback", 0.2), experiment("winback", 0.2)];
    let same = Holdouts::new(experiment("winback", 0.1), campaigns, false);
    assert_eq!(same.propensity(0), 0.8, "the larger share decides alone");
    let both: Vec<Subject<'_>> = keys
        .iter()
        .flat_map(|key| [0, 1].map(|campaign| Subject { key, campaign, stratum: None, forced: false }))
        .collect();
    let drawn = same.draw(&both);
    assert!(drawn.chunks(2).all(|pair| pair[0] == pair[1]), "she fares alike in both");
    let out = held(&both, &drawn).len();
    assert_eq!(out, keys.iter().filter(|key| position("winback", key) < 0.2).count());
}

#[test]
fn strata_have_names() {
    assert_eq!(stratum(&[]), None);
    assert_eq!(stratum(&[Some("A"), None]).as_deref(), Some("A / –"));
}
