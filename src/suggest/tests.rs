//! Suggestions on made-up customers: what is there is found, what is not there is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::sync::Arc;

use super::learn::{Rules, Scoring};
use super::policy::{CannotJudge, Choices, NoData, judge};
use super::sheet::{Case, Column, Criterion, Pair, Raw, Setting, Sheet, Values};
use super::{By, Options, Verdict, overlay, suggest};
use crate::stats::logistic::expit;
use crate::stats::split::mix;

/// Numbers from 0 to 1 that a seed decides.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(1);
        (mix(self.0) >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn setting(name: &str, value: f64) -> Setting {
    Setting { name: name.to_owned(), value, min: Some(0.0), max: Some(1.0) }
}

/// How to make customers.
struct Make {
    seed: u64,
    customers: usize,
    /// What a point of each of the three criteria adds to the log odds.
    effects: [f64; 3],
    /// The share held out.
    holdout: f64,
    /// Whether a contact does anything at all.
    works: bool,
}

/// Customers with three criteria of equal weight, scored 0 to 10 by curves over values 0 to 100, the second falling.
fn made(make: &Make) -> Sheet {
    let mut draw = Draw(mix(make.seed));
    let names = ["first", "second", "third"];
    let mut raw = vec![Vec::new(); 3];
    let mut cases = Vec::new();
    for i in 0..make.customers {
        let x: Vec<f64> = (0..3).map(|_| (draw.next() * 100.0).round()).collect();
        let score = |j: usize| if j == 1 { 10.0 - x[j] / 10.0 } else { x[j] / 10.0 };
        let chance = (0..3).map(score).sum::<f64>() / 3.0;
        let odds = -0.5 + (0..3).map(|j| make.effects[j] * (score(j) - 5.0)).sum::<f64>();
        let contacted = draw.next() >= make.holdout;
        // Without an effect of anything, a return is as probable as the present rules say.
        let p = if make.effects == [0.0; 3] { 0.05 + 0.06 * chance } else { expit(odds) };
        let returned = draw.next() < if contacted || !make.works { p } else { p * 0.3 };
        let (value, cost) = (100.0, 8.0);
        for (values, x) in raw.iter_mut().zip(&x) {
            values.push(Some(*x));
        }
        let profit = (if returned { value } else { 0.0 }) - if contacted { cost } else { 0.0 };
        cases.push(Case {
            key: Arc::from(format!("C{i:05}")),
            returned,
            contacted,
            propensity: 1.0 - make.holdout,
            campaign: Some(Arc::from("card")),
            success: Some(0.05 + 0.06 * chance),
            value: Some(value),
            cost,
            profit: Some(profit),
            chance: Some(chance),
            priority: Some(chance),
            line: Some((0, 1.0)),
        });
    }
    let criteria = names.iter().zip(raw.clone()).enumerate().map(|(j, (name, values))| Criterion {
        name: (*name).to_owned(),
        label: (*name).to_owned(),
        chance: true,
        weight: 1.0,
        now: "a line".to_owned(),
        missing: None,
        looks_at: format!("{name}_value"),
        scores: values.iter().map(|x| x.map(|x| if j == 1 { 10.0 - x / 10.0 } else { x / 10.0 })).collect(),
        raw: Raw::Numbers(values),
    });
    let columns = names.iter().zip(raw).map(|(name, values)| Column {
        name: format!("{name}_value"),
        unit: String::new(),
        flag: false,
        values: Values::Numbers(values),
    });
    Sheet {
        cases,
        criteria: criteria.collect(),
        columns: columns.collect(),
        pairs: vec![Pair { base: setting("return_base", 0.05), per_point: setting("return_per_point", 0.06) }],
        let_go: Some(Setting { name: "grade_d".to_owned(), value: 2.0, min: Some(0.0), max: Some(10.0) }),
        currency: "EUR".to_owned(),
        untrusted: false,
    }
}

fn heading() -> overlay::Heading {
    overlay::Heading {
        name: "ours-suggested".to_owned(),
        extends: "../ours".to_owned(),
        judged: "ours 1.0.0".to_owned(),
        as_of: "2026-06-30".to_owned(),
    }
}

const SETS: u64 = 200;
/// One in twenty, and what 200 sets may add to it by chance.
const MOST: usize = 14;

/// Sets of customers whose returns are what the present rules say: something is suggested for at most one in twenty, give or
/// take what so few sets can show.
#[test]
fn of_noise_nothing_is_made() {
    for (holdout, by) in [(0.0, By::Returns), (0.3, By::Profit)] {
        let suggested = (0..SETS)
            .filter(|seed| {
                let make = Make { seed: *seed, customers: 300, effects: [0.0; 3], holdout, works: true };
                let found = suggest(&made(&make), Options::default());
                assert_eq!(found.by, by);
                found.any()
            })
            .count();
        assert!(suggested <= MOST, "{suggested} of {SETS} at a holdout of {holdout}");
    }
}

#[test]
fn what_is_there_is_found_and_written_down() {
    let make = Make { seed: 7, customers: 1500, effects: [0.0, 0.5, 0.05], holdout: 0.0, works: true };
    let sheet = made(&make);
    let found = suggest(&sheet, Options::default());
    assert_eq!(found.ranking.verdict, Verdict::Better, "{:?}", found.ranking.decisive);
    let rules = &found.ranking.rules;
    assert!(rules.weights[1] > 2.0 && rules.weights[0] < 0.5, "{:?}", rules.weights);
    assert!(matches!(&rules.scorings[1], Scoring::Curve(points) if points[0].1 == 10.0));
    let second = found.separators.iter().find(|s| s.name == "second_value").unwrap();
    assert!(second.is_clear() && second.slope().unwrap().value < 0.0);
    let text = overlay::overlay(&sheet, &found, &heading()).unwrap();
    assert!(text.contains("extends = \"../ours\"") && text.contains("[criteria.second]"), "{text}");
    assert!(text.contains("[params.return_base]"), "{text}");
    // The same again gives the same bytes.
    let again = suggest(&sheet, Options::default());
    assert_eq!(overlay::overlay(&sheet, &again, &heading()).unwrap(), text);
}

#[test]
fn a_criterion_that_goes_the_other_way_is_not_turned() {
    let make = Make { seed: 11, customers: 1500, effects: [-0.4, 0.4, 0.0], holdout: 0.0, works: true };
    let sheet = made(&make);
    let found = suggest(&sheet, Options::default());
    assert!(found.contrary.contains(&0), "{:?}", found.contrary);
    assert_eq!(found.ranking.rules.scorings[0], Scoring::Keep);
    assert!(found.ranking.rules.weights[0] <= 0.1);
    let text = overlay::overlay(&sheet, &found, &heading()).unwrap();
    assert!(text.contains("goes against what came of it") && text.contains("\n# [criteria.first]\n"), "{text}");
}

#[test]
fn probabilities_that_are_wrong_are_said() {
    let make = Make { seed: 21, customers: 800, effects: [0.0; 3], holdout: 0.0, works: true };
    let mut sheet = made(&make);
    let mut draw = Draw(99);
    for case in &mut sheet.cases {
        case.returned = draw.next() < 0.08 + 0.01 * case.chance.unwrap();
    }
    let found = suggest(&sheet, Options::default());
    assert_eq!(found.lines.verdict, Verdict::Better, "{:?}", found.lines.decisive);
    assert_ne!(found.ranking.verdict, Verdict::Better);
    let line = found.lines.rules.lines[0].unwrap();
    assert!(line.base_fit.interval(0.01).holds(0.08) && line.per_point_fit.interval(0.01).holds(0.01), "{line:?}");
    let text = overlay::overlay(&sheet, &found, &heading()).unwrap();
    assert!(text.contains("return_per_point") && !text.contains("[criteria."), "{text}");
}

#[test]
fn against_a_holdout_profit_decides() {
    let make = Make { seed: 3, customers: 6000, effects: [0.0, 0.6, 0.0], holdout: 0.4, works: true };
    let found = suggest(&made(&make), Options::default());
    let incremental = found.ranking.gain.as_ref().and_then(|g| g.incremental.as_ref()).unwrap();
    assert!(incremental.gain.clearly_positive(), "{incremental:?}");
    assert_eq!((found.by, found.ranking.verdict), (By::Profit, Verdict::Better));
    // Contacts that do nothing: who returns is told just as well, and there is no profit in it.
    let make = Make { works: false, ..make };
    let found = suggest(&made(&make), Options::default());
    assert_ne!(found.ranking.verdict, Verdict::Better, "{:?}", found.ranking.decisive);
    assert!(found.ranking.gain.unwrap().area_gain.clearly_positive());
}

#[test]
fn too_few_outcomes_are_said() {
    let make = Make { seed: 1, customers: 30, effects: [0.0; 3], holdout: 0.0, works: true };
    let found = suggest(&made(&make), Options::default());
    assert!(matches!(found.ranking.verdict, Verdict::TooFew(more) if more > 0));
    assert!(!found.any() && overlay::overlay(&made(&make), &found, &heading()).is_none());
}

#[test]
fn a_threshold_below_which_contacts_lose_money() {
    let make = Make { seed: 5, customers: 3000, effects: [0.3, 0.3, 0.3], holdout: 0.0, works: true };
    let mut sheet = made(&make);
    for case in &mut sheet.cases {
        case.cost = 25.0;
        case.profit = case.profit.map(|p| p - 17.0);
    }
    let found = suggest(&sheet, Options::default());
    let threshold = found.better_threshold().unwrap();
    assert!(threshold.new >= 3.0 && threshold.new <= 5.0, "{threshold:?}");
    assert!(threshold.each.unwrap().value < 0.0 && threshold.gain.value > 0.0);
}

#[test]
fn a_plan_that_was_never_run() {
    let make = Make { seed: 9, customers: 4000, effects: [0.0, 0.5, 0.0], holdout: 0.5, works: true };
    let sheet = made(&make);
    // Only the upper half of the second criterion is contacted, where a contact pays.
    let upper: Choices = sheet
        .cases
        .iter()
        .zip(&sheet.criteria[1].scores)
        .filter(|(_, score)| score.unwrap() >= 5.0)
        .map(|(case, _)| (Arc::clone(&case.key), Arc::from("card")))
        .collect();
    let judged = judge(&sheet, &upper).unwrap();
    assert_eq!((judged.customers, judged.no_data.total()), (4000, 0));
    // The truth of both, from how the customers were made.
    let truth = |contact: &dyn Fn(usize) -> bool| -> f64 {
        let each = (0..4000).map(|row| {
            let score = sheet.criteria[1].scores[row].unwrap();
            let p = expit(-0.5 + 0.5 * (score - 5.0));
            if contact(row) { 100.0 * p - 8.0 } else { 30.0 * p }
        });
        each.sum::<f64>() / 4000.0
    };
    let (champion, challenger) = (truth(&|_| true), truth(&|row| sheet.criteria[1].scores[row].unwrap() >= 5.0));
    for (estimate, wanted) in [
        (judged.champion.robust, champion),
        (judged.challenger.robust, challenger),
        (judged.challenger.ips, challenger),
        (judged.challenger.normalised, challenger),
        (judged.difference, challenger - champion),
    ] {
        assert!((estimate.value - wanted).abs() < 3.5 * estimate.error, "{estimate:?} {wanted}");
    }
    assert!(judged.difference.error < judged.challenger.ips.error);
    assert!(judged.challenger.effective > 1500.0 && judged.challenger.effective < 2500.0);

    // Nobody may be judged by contacts that never were.
    let mut beyond: Choices = HashMap::from([(Arc::from("X"), Arc::from("card"))]);
    beyond.insert(Arc::from("C00001"), Arc::from("call"));
    let no_data = judge(&sheet, &beyond).unwrap().no_data;
    assert_eq!(no_data, NoData { never_contacted: 1, other_campaign: 1, never_left_alone: 0 });
    let mut certain = sheet;
    certain.cases.iter_mut().for_each(|case| case.propensity = 1.0);
    let expected = NoData { never_left_alone: 4000, ..NoData::default() };
    assert_eq!(judge(&certain, &Choices::new()), Err(CannotJudge::NobodyInCommon(expected)));
}

#[test]
fn the_present_rules_give_what_is_logged() {
    let sheet = made(&Make { seed: 2, customers: 50, effects: [0.1; 3], holdout: 0.0, works: true });
    let present = Rules::present(&sheet);
    assert!((0..50).all(|row| present.success(&sheet, row) == sheet.cases[row].success));
    assert!(!present.ranks_otherwise(&sheet));
}
