//! What `regain evaluate` says about its numbers, and where it gives none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::process::Command;

use serde_json::Value;

use super::{base, err, judged, out, plain};

#[test]
fn outcomes_that_say_nothing_are_no_answer() {
    let mut files = plain(200, 20);
    // The plan itself, where outcomes were meant.
    files.outcomes = files.plan.clone();
    let output = files.run(&[], 80);
    assert_eq!(output.status.code(), Some(2), "{}", out(&output));
    for said in ["does not say who returned", "`returned_on`", "`order_date`", "`withdrawn`", "from"] {
        assert!(err(&output).contains(said), "no {said} in\n{}", err(&output));
    }
    // Headers alone.
    files.outcomes = "customer_id,returned_on,margin\n".to_owned();
    let text = out(&files.run(&[], 80)).replace('\n', " ");
    assert!(text.contains("Nobody has returned yet") && text.contains("not a single row of outcomes"), "{text}");
    for answer in ["more held out", "regain rate", "cannot tell yet", "Intervals"] {
        assert!(!text.contains(answer), "{answer} in\n{text}");
    }
    // Customers nobody knows.
    files.outcomes = "customer_id,returned_on,margin\nX1,2026-08-01,40\nX2,2026-08-01,40\n".to_owned();
    let output = files.run(&[], 80);
    let text = out(&output).replace('\n', " ");
    assert!(text.contains("No outcome belongs to the plan") && !text.contains("more held out"), "{text}");
    assert!(err(&output).contains("are the keys written in the same way?"));
    assert_eq!(files.json(&[])["whole"]["verdict"], "nobody_returned");
}

#[test]
fn outcomes_that_are_there_twice_are_said() {
    let mut files = plain(200, 20);
    assert!(!err(&files.run(&[], 80)).contains("exact cop"));
    let rows: String = files.outcomes.lines().skip(1).map(|line| format!("{line}\n")).collect();
    files.outcomes.push_str(&rows);
    let output = files.run(&[], 80);
    let said = "220 of 440 rows of outcomes are exact copies of others; each is counted: is the file there twice?";
    assert!(err(&output).replace('\n', " ").contains(said), "{}", err(&output));
}

#[test]
fn those_a_person_decided_about_are_said_to_be_left_out() {
    let mut files = plain(200, 20);
    files.plan = files.plan.replace(",as_of\n", ",as_of,overridden\n");
    files.plan =
        files.plan.replace("C0001,contact,0.8,", "C0001,contact,1,").replace("C0002,contact,0.8,", "C0002,contact,1,");
    let decided = files.plan.lines().map(|line| {
        let who = if line.starts_with("C0001,") { ",\"call her, says Ann\"" } else { "" };
        let rest = if who.is_empty() && !line.starts_with("customer_id") { "," } else { who };
        format!("{line}{rest}\n")
    });
    files.plan = decided.collect();
    let json = files.json(&[]);
    assert_eq!((&json["whole"]["not_compared"], &json["whole"]["decided_by_people"]), (&2.into(), &1.into()));
    let text = out(&files.run(&[], 80)).replace('\n', " ");
    assert!(text.contains("A person decided for 1 customer, and not chance (overrides): she is"), "{text}");
    assert!(
        text.contains("1 more could not have been held out, or not been contacted, and is compared with nobody"),
        "{text}"
    );
}

#[test]
fn who_looks_every_day_is_told_which_intervals_hold() {
    let text = out(&plain(200, 20).run(&["--sequential"], 80)).replace('\n', " ");
    let said = "Those of the regain rate and of Qini coefficients are not: they hold for one look.";
    assert!(text.contains("always-valid (95 %)") && text.contains(said), "{text}");
}

#[test]
fn qini_curves_end_where_the_comparison_does_and_say_what_they_are() {
    // Different odds of a contact, which the arms have not met exactly.
    let found = judged(&base(), 7, 0.2);
    let (returns, _) = found.whole.effect.unwrap().returns;
    let curve = found.curves.iter().find(|curve| curve.column == "success").unwrap();
    assert!(found.whole.strata == 2 && (curve.qini.at(1.0) - returns).abs() < 1e-6, "{} {returns}", curve.qini.at(1.0));
    let text = out(&plain(200, 20).run(&[], 80)).replace('\n', " ");
    assert!(text.contains("the area between this curve and the straight line to its end"), "{text}");
    let help = Command::new(env!("CARGO_BIN_EXE_regain")).args(["evaluate", "--help"]).output().unwrap();
    assert!(out(&help).contains("Qini curves: customers in falling order of a score"));
}

#[test]
fn raw_means_and_their_adjusted_difference_are_told_apart() {
    let mut files = plain(200, 20);
    // Who bought more before, brings more: and those contacted had bought more.
    let mut back = 0;
    let rows = files.plan.lines().map(|line| {
        let before = if line.starts_with("customer_id") || !line.contains(",contact,") { 100 } else { 130 + back % 40 };
        back += 1;
        line.replace(",A,100,", &format!(",A,{before},")) + "\n"
    });
    files.plan = rows.collect();
    let text = out(&files.run(&[], 200)).replace('\n', " ");
    let said = "with a contact and 4 EUR without (raw means). Adjusted for `money` before the contact (CUPED";
    assert!(text.replace(".00", "").contains(said), "{text}");
    let by = |json: &Value, name: &str| json["whole"]["effect"]["margin"][name].clone();
    assert_eq!(by(&files.json(&[]), "adjusted"), true);
    // Where everybody bought the same before, there is nothing to adjust for.
    let text = out(&plain(200, 20).run(&[], 200)).replace(".00", "");
    assert!(text.contains("with a contact and 4 EUR without: 6 EUR more (") && !text.contains("raw means"), "{text}");
}
