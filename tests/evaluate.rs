//! `regain evaluate`: what is counted, what is said and what is not, and whether its intervals hold what they promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod counting;
mod saying;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use regain::evaluate::{Evaluation, Joined, Observed, Settings, Verdict, evaluate};
use regain::expr::Date;
use regain::pack::{self, Pack};
use regain::plan::{Arm, PlanRow};
use regain::stats::split::{mix, part};
use serde_json::Value;

use crate::command::{err, out, run};

const PLAN: &str = "customer_id,arm,propensity,campaign,channel,send_on,cost,success,value,anyway,track,cause,grade,money,chance,\
                    pack,version,hash,as_of\n";

/// A plan and its outcomes in a folder that goes away.
struct Files {
    folder: tempfile::TempDir,
    plan: String,
    outcomes: String,
}

impl Files {
    fn new(outcomes: &str) -> Files {
        Files { folder: tempfile::tempdir().unwrap(), plan: PLAN.to_owned(), outcomes: format!("{outcomes}\n") }
    }

    /// Plans a customer.
    fn plan(&mut self, key: &str, arm: &str, propensity: f64, campaign: &str, send_on: &str) {
        let chance = part(key, 11);
        let track = if campaign == "save" { "termination" } else { "recovery" };
        writeln!(
            self.plan,
            "{key},{arm},{propensity},{campaign},post,{send_on},2.5,0.2,50,0.15,{track},price,A,100,{chance},base,0.1.0,x,2026-06-30"
        )
        .unwrap();
    }

    fn run(&self, more: &[&str], columns: usize) -> Output {
        self.run_pack("base", more, columns)
    }

    fn run_pack(&self, pack: &str, more: &[&str], columns: usize) -> Output {
        let (plan, outcomes) = (self.folder.path().join("plan.csv"), self.folder.path().join("outcomes.csv"));
        std::fs::write(&plan, &self.plan).unwrap();
        std::fs::write(&outcomes, &self.outcomes).unwrap();
        let files = [&plan, &outcomes].map(|path| path.to_str().unwrap());
        let own = ["evaluate", pack, "--as-of", "2026-12-31", "--plan", files[0], "--outcomes", files[1]];
        run(&[&own, more].concat(), columns)
    }

    fn json(&self, more: &[&str]) -> Value {
        let output = self.run(&[&["--format", "json"], more].concat(), 80);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}\n{}", err(&output)))
    }
}

/// 800 contacted, 200 held out; of each so many come back, on a day within the window, with 40 of margin.
fn plain(back: u64, back_held_out: u64) -> Files {
    let mut files = Files::new("customer_id,returned_on,margin");
    for i in 0..1000_u64 {
        let held_out = i % 5 == 0;
        let key = format!("C{i:04}");
        files.plan(&key, if held_out { "holdout" } else { "contact" }, 0.8, "letter", "2026-07-01");
        // The i-th of her arm.
        let place = if held_out { i / 5 } else { i - i / 5 - 1 };
        if place < if held_out { back_held_out } else { back } {
            writeln!(files.outcomes, "{key},2026-08-01,40").unwrap();
        }
    }
    files
}

#[test]
fn numbers_by_hand() {
    let json = plain(200, 20).json(&[]);
    assert_eq!(json["kpis"]["won_back"], 200);
    // 25 % of the contacted cost 2.50 each and bring 40: 8,000 less 2,000.
    let near =
        |value: &Value, wanted: f64| assert!((value.as_f64().unwrap() - wanted).abs() < 1e-9, "{value} {wanted}");
    near(&json["kpis"]["regain_profit"], 6000.0);
    let whole = &json["whole"];
    assert_eq!((whole["verdict"].as_str(), whole["contacted"].as_u64()), (Some("works"), Some(800)));
    let effect = &whole["effect"];
    near(&effect["lift"]["value"], 0.15);
    near(&effect["returns"]["value"], 120.0);
    near(&effect["anyway"]["value"], 0.4);
    near(&effect["margin"]["difference"]["value"], 6.0);
    // 120 more returns of 40 each, less 800 times 2.50.
    near(&effect["profit"]["value"], 2800.0);
    near(&effect["roi"]["value"], 1.4);
    // R, PropCIs::diffscoreci is Miettinen-Nurminen; Newcombe's by hand: 0.0934 to 0.1946.
    let (low, high) = (effect["lift"]["low"].as_f64().unwrap(), effect["lift"]["high"].as_f64().unwrap());
    assert!((0.09..0.10).contains(&low) && (0.19..0.20).contains(&high), "{low} {high}");
    assert_eq!(json["families"][0]["by"], "campaign");
    assert_eq!(json["sample_ratio_holds"], true);
    assert!(json["qini"].as_array().is_some_and(|list| !list.is_empty()));
}

#[test]
fn the_terminal_says_it_in_words_and_in_its_width() {
    let files = plain(200, 20);
    for columns in [80, 130, 200] {
        let output = files.run(&["--by", "chance", "--by", "grade"], columns);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        let text = out(&output);
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= columns, "{widest} > {columns}\n{text}");
        for said in ["regain rate 25.0 %", "15.0 more", "That is 120 returns", "40.0 %", "By chance", "ROI 1.40"] {
            assert!(text.replace('\n', " ").contains(said), "no {said} at {columns} in\n{text}");
        }
        assert_eq!(text.matches("By grade").count(), 1, "asked for or not, a table stands there once");
    }
}

#[test]
fn arms_of_the_wrong_size_are_said_before_any_lift() {
    let mut files = plain(200, 20);
    // Somebody has lost every other one of those who were contacted.
    let mut contacts = 0;
    let kept: Vec<&str> = files
        .plan
        .lines()
        .filter(|line| {
            contacts += usize::from(line.contains(",contact,"));
            !line.contains(",contact,") || contacts % 2 == 0
        })
        .collect();
    files.plan = kept.join("\n") + "\n";
    let output = files.run(&[], 80);
    assert_eq!(output.status.code(), Some(1));
    let text = out(&output);
    let (said, changed) = (text.find("The arms are not of the size").unwrap(), text.find("What the contacts").unwrap());
    assert!(said < changed && text.contains("400 contacted where 480 were"), "{text}");
    assert!(!text.contains("rings customers back") && text.contains("ot to be trusted"), "{text}");
    // Nothing that compares the arms is given as a number: no lift, no profit, no curve.
    for number in ["Of 100", "may be anything", "Does the score say", "coefficient", "points)", "Incremental profit"] {
        assert!(!text.contains(number), "{number} in\n{text}");
    }
    let json = files.json(&[]);
    assert_eq!((&json["whole"]["verdict"], &json["whole"]["effect"]), (&"not_trusted".into(), &Value::Null));
    assert_eq!(json["qini"], serde_json::json!([]));
    let rows = || json["families"].as_array().unwrap().iter().flat_map(|family| family["rows"].as_array().unwrap());
    assert!(
        rows().count() > 0 && rows().all(|row| row["effect"].is_null() && row["verdict"] == "not_trusted"),
        "{json}"
    );
}

#[test]
fn too_few_returns_give_no_number() {
    let files = plain(20, 2);
    let json = files.json(&[]);
    // 22 of 1,000: the 200 held out would have 4.4 returns. 10 take 455.
    assert_eq!((&json["whole"]["verdict"], &json["whole"]["effect"]), (&"too_few".into(), &Value::Null));
    assert_eq!((&json["whole"]["more"]["count"], &json["whole"]["more"]["arm"]), (&255.into(), &"holdout".into()));
    let text = out(&files.run(&[], 80));
    assert!(text.contains("Cannot tell yet: 255 more held out."), "{text}");
    assert!(!text.contains("points)"), "{text}");

    // Enough to look, not enough to know.
    let json = plain(110, 22).json(&[]);
    assert_eq!(json["whole"]["verdict"], "open");
    // What the plan expects: 20 % with a contact, 15 % without.
    assert_eq!(json["whole"]["worth_seeing"].as_f64().map(|x| (x * 1e9).round()), Some(5e7));
    assert_eq!(json["whole"]["more"]["count"], regain::stats::power::needed(0.11, 0.16, 4.0, 0.05, 0.8) - 200);
    let text = out(&plain(110, 22).run(&[], 80));
    let text = text.replace('\n', " ");
    assert!(text.contains("may be anything from") && text.contains("Cannot tell yet"), "{text}");
}

#[test]
fn without_a_holdout_nothing_is_said_about_the_effect() {
    let mut files = Files::new("customer_id,returned_on,margin");
    for i in 0..100 {
        files.plan(&format!("C{i}"), "contact", 1.0, "letter", "2026-07-01");
        if i < 30 {
            writeln!(files.outcomes, "C{i},2026-08-01,40").unwrap();
        }
    }
    let text = out(&files.run(&[], 80));
    assert!(
        text.contains("regain rate 30.0 %") && text.contains("Nobody was held out, so nothing can be said"),
        "{text}"
    );
    assert!(!text.contains("lift") && !text.contains("anyway)"), "{text}");
    let json = files.json(&[]);
    assert_eq!((&json["whole"]["verdict"], &json["whole"]["effect"]), (&"no_holdout".into(), &Value::Null));
}

#[test]
fn which_outcomes_count() {
    let mut files = Files::new("Kundennummer;Bestelldatum;Bestellungen;Umsatz;notice_withdrawn");
    for (i, arm) in (0..40).map(|i| (i, if i % 2 == 0 { "contact" } else { "holdout" })) {
        files.plan(&format!("K{i}"), arm, 0.5, if i >= 30 { "save" } else { "letter" }, "2026-07-01");
    }
    files.plan("LATE", "contact", 0.5, "letter", "2027-02-01");
    for row in [
        "K0;2026-06-30;1;10,00;",     // before the contact
        "K0;2026-07-02;1;12,50;",     // counts
        "K0;2026-07-09;1;7,50;",      // counts, too: one return
        "K1;2026-07-01;1;30,00;",     // the day itself counts
        "K2;2026-09-30;1;99,00;",     // one day after the 90 days
        "K3;2026-09-29;1;5,00;",      // their last
        "K4;2027-01-15;1;99,00;",     // later than the as-of date
        "K30;;;;ja",                  // notice taken back, without a day
        "K31;2026-07-05;1;5,00;nein", // an order, but the notice stands
        "K5;irgendwann;1;5,00;",      // no day at all
        "X9;2026-07-05;1;5,00;",      // nobody planned her
    ] {
        writeln!(files.outcomes, "{row}").unwrap();
    }
    let output = files.run(&["--format", "json"], 80);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}\n{}", err(&output)));
    assert!(err(&output).contains("1 rows of outcomes cannot be used; the first:"), "{}", err(&output));
    let counts = &json["counts"];
    let of = |name: &str| counts[name].as_u64().unwrap();
    assert_eq!((of("planned"), of("not_yet"), of("without_outcome")), (41, 1, 35));
    assert_eq!((of("unplanned_customers"), of("unplanned_rows")), (1, 1));
    assert_eq!((of("rows_before_contact"), of("rows_after_window"), of("rows_after_as_of")), (1, 1, 1));
    let whole = &json["whole"];
    assert_eq!((&whole["won_back"], &whole["came_back_held_out"]), (&2.into(), &2.into()), "K0, K30; K1, K3");
    assert_eq!(json["kpis"]["revenue"], 20.0);
}

#[test]
fn what_cannot_be_done_is_said() {
    let files = plain(200, 20);
    let output = files.run(&["--by", "chanc"], 80);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("the plan has no column `chanc`") && err(&output).contains("did you mean `chance`?"));
    let output = files.run(&["--as-of", "2026-06-01"], 80);
    assert_ne!(output.status.code(), Some(0), "given twice, or before every contact");
    assert!(err(&files.run(&["--sequential"], 80)).contains("made by other rules of `base`"));
}

// ---------------------------------------------------------------- do the intervals hold what they promise?

fn base() -> Arc<Pack> {
    pack::load("base").pack.unwrap()
}

fn uniform(seed: u64, customer: u64, salt: u64) -> f64 {
    (mix(mix(seed ^ (salt << 40)) ^ customer) >> 11) as f64 / (1_u64 << 53) as f64
}

/// 2,000 customers of two campaigns with different holdouts and different luck; a contact raises the share of each by `effect`.
fn simulated(seed: u64, effect: f64) -> Joined {
    let day = Date::from_ymd(2026, 7, 1).unwrap();
    let observed = (0..2000).map(|i| {
        let letter = uniform(seed, i, 1) < 0.6;
        let (propensity, usual, worth) = if letter { (0.9, 0.10, 60.0) } else { (0.5, 0.30, 20.0) };
        let arm = if uniform(seed, i, 2) < propensity { Arm::Contact } else { Arm::Holdout };
        let rate = usual + if arm == Arm::Contact { effect } else { 0.0 };
        let won_back = uniform(seed, i, 3) < rate;
        let before = 50.0 + 100.0 * uniform(seed, i, 4);
        let margin = if won_back { worth * before / 100.0 } else { 0.0 };
        let row = PlanRow {
            key: format!("C{i}").into(),
            arm,
            held_out_by: None,
            experiment: "e".into(),
            stratum: None,
            propensity,
            campaign: if letter { "letter" } else { "call" }.into(),
            offer: None,
            channel: Some("post".into()),
            speaker: None,
            send_on: day,
            send_by: day,
            cost: Some(2.0),
            success: Some(rate),
            value: Some(worth),
            net: None,
            anyway: Some(usual),
            hours: None,
            basis: None,
            consent_on: None,
            state: None,
            track: None,
            cause: None,
            class: None,
            confidence: None,
            grade: None,
            priority: None,
            money: Some(before),
            overridden: None,
            say: None,
            reasons: None,
            scores: Vec::new(),
            carried: Vec::new(),
        };
        let cost = if arm == Arm::Contact { 2.0 } else { 0.0 };
        let returned_on = won_back.then_some(day);
        Observed {
            row,
            won_back,
            returned_on,
            revenue: Some(margin),
            margin: Some(margin),
            cost,
            covariate: Some(before),
        }
    });
    Joined { observed: observed.collect(), ..Joined::default() }
}

fn judged(pack: &Pack, seed: u64, effect: f64) -> Evaluation {
    let day = Date::from_ymd(2026, 12, 31).unwrap();
    evaluate(&simulated(seed, effect), pack, day, Settings::of(pack)).unwrap()
}

#[test]
fn intervals_cover_the_truth_of_a_simulation() {
    let pack = base();
    const RUNS: u64 = 200;
    let effect = 0.05;
    let (mut lift, mut profit, mut refused) = (0, 0, 0);
    for seed in 0..RUNS {
        let found = judged(&pack, seed, effect);
        assert_eq!(found.whole.strata, 2);
        // One in a thousand fails the sample-ratio check by chance, and nothing is said of it.
        let Some(whole) = found.whole.effect else {
            refused += 1;
            continue;
        };
        lift += u64::from(whole.interval.holds(effect));
        // Each contact costs 2 and raises the share by 5 points, of 60 or 20 (times the mean of what was bought before, 1).
        let of = |name: &str| {
            let campaigns = found.families.iter().find(|family| family.column == "campaign").unwrap();
            campaigns.rows.iter().find(|row| row.name == name).unwrap().contacted.of as f64
        };
        let truth = of("letter") * (effect * 60.0 - 2.0) + of("call") * (effect * 20.0 - 2.0);
        profit += u64::from(whole.worth.unwrap().interval.holds(truth));
    }
    assert!(refused <= 2, "{refused} of {RUNS} fail the sample-ratio check");
    for (what, covered) in [("lift", lift), ("profit", profit)] {
        let share = covered as f64 / (RUNS - refused) as f64;
        assert!((0.91..=0.99).contains(&share), "{what}: {share} of 95 % intervals hold the truth");
    }
}

#[test]
fn campaigns_without_an_effect_are_rarely_called_effective() {
    let pack = base();
    const RUNS: u64 = 100;
    let false_alarms = (0..RUNS)
        .filter(|seed| {
            let found = judged(&pack, seed + 10_000, 0.0);
            let rows =
                found.families.iter().filter(|family| family.column == "campaign").flat_map(|family| &family.rows);
            rows.clone().count() == 2
                && rows.into_iter().any(|row| matches!(row.verdict, Verdict::Works | Verdict::Harms))
        })
        .count();
    // Two campaigns, Holm: 5 % of the tables, of which 100 give 5 ± 4.
    assert!(false_alarms <= 12, "{false_alarms} of {RUNS} tables show an effect that is not there");
    // The test can fail: with an effect most do.
    let seen = (0..20).filter(|seed| judged(&pack, *seed, 0.1).whole.verdict == Verdict::Works).count();
    assert!(seen >= 15, "{seen} of 20 effects were seen");
}

#[test]
fn the_plan_of_a_folder_that_is_not_there() {
    let missing = Path::new("nowhere/plan.csv");
    let error = regain::plan::read::read(missing, None).unwrap_err();
    assert!(error.message.contains("there is no such file"), "{error}");
}
