//! `regain suggest` with a plan: customers made up with a known effect, some held out, one pack against another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Output;

use regain::stats::split::mix;

use crate::command::{json, run_in};

const PACK: &str = r#"
[pack]
name = "little"

[params.return_base]
value = 0.05
min = 0
max = 1

[params.return_per_point]
value = 0.05
min = 0
max = 1

[record]
key = "id"
columns.silent = { type = "number", help = "Days since the last order." }
columns.luck = { type = "number" }

[[states]]
name = "gone"
track = "recovery"

[criteria.silence]
dimension = "chance"
value = 'silent'
curve = [[0, 10], [100, 0]]

[criteria.luck]
dimension = "chance"
weight = 2
value = 'luck'
curve = [[0, 0], [100, 10]]

[[grades]]
name = "all"

[[campaigns]]
name = "card"
track = "recovery"
cost = '5'
success = 'return_base + return_per_point * (chance ?? 5)'
value = '100'

[money]
value = '100'
currency = "EUR"

[outcomes]
within = 3000
won_back = 'back'
margin = 'if back { 100 } else { 0 }'
columns.back = { type = "bool" }
"#;

/// Only for those who were silent for less than 50 days.
const RECENT: &str = r#"
[pack]
name = "recent"
extends = "../little"
[[campaigns]]
name = "card"
when = 'silent < 50'
"#;

/// By another campaign, for everybody.
const CALL: &str = r#"
[pack]
name = "calls"
extends = "../little"
[[campaigns]]
name = "card"
remove = true
[[campaigns]]
name = "call"
track = "recovery"
cost = '5'
success = 'return_base + return_per_point * (chance ?? 5)'
value = '100'
"#;

/// Customers, plan and outcomes. Who was silent for less long returns more often, and only if she was contacted; luck means nothing.
fn made(folder: &Path, customers: u64) {
    for (name, text) in [("little", PACK), ("recent", RECENT), ("calls", CALL)] {
        fs::create_dir_all(folder.join(name)).unwrap();
        fs::write(folder.join(name).join("pack.toml"), text).unwrap();
    }
    let draw = |i: u64, what: u64| (mix(i * 8 + what) >> 11) as f64 / (1u64 << 53) as f64;
    let mut data = String::from("id,silent,luck\n");
    let mut plan = String::from(
        "id,arm,campaign,experiment,send_on,propensity,cost,success,value,score.silence,score.luck,chance,as_of\n",
    );
    let mut outcomes = String::from("id,back\n");
    for i in 0..customers {
        let (silent, luck) = ((draw(i, 0) * 100.0).floor(), (draw(i, 1) * 100.0).floor());
        let (silence, luck_score) = (10.0 - silent / 10.0, luck / 10.0);
        let chance = (silence + 2.0 * luck_score) / 3.0;
        let contacted = draw(i, 2) < 0.6;
        let p = if contacted { 0.05 + 0.08 * silence } else { 0.05 };
        writeln!(data, "{i},{silent},{luck}").unwrap();
        let arm = if contacted { "contact" } else { "holdout" };
        let success = 0.05 + 0.05 * chance;
        writeln!(plan, "{i},{arm},card,card,2026-01-10,0.6,5,{success},100,{silence},{luck_score},{chance},2026-01-01")
            .unwrap();
        if draw(i, 3) < p {
            writeln!(outcomes, "{i},yes").unwrap();
        }
    }
    fs::write(folder.join("customers.csv"), data).unwrap();
    fs::write(folder.join("plan.csv"), plan).unwrap();
    fs::write(folder.join("outcomes.csv"), outcomes).unwrap();
}

fn suggest(folder: &Path, more: &[&str]) -> Output {
    let mut args = vec!["suggest", "little", "--outcomes", "outcomes.csv", "--as-of", "2026-06-30", "--format", "json"];
    args.extend(more);
    run_in(folder, &args, 80)
}

const DATA: [&str; 2] = ["--data", "customers=customers.csv"];

#[test]
fn incremental_profit_against_the_holdout_decides() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), 4000);
    let found = json(&suggest(folder.path(), &["--plan", "plan.csv", DATA[0], DATA[1], "--out", "better"]), 0);
    assert_eq!(found["judged_by"], "incremental_profit");
    assert_eq!(found["receipt"]["as_of"], "2026-01-01", "decided as of the day of the plan");
    let (contacted, held_out) = (&found["contacted"]["customers"], &found["held_out"]["customers"]);
    assert_eq!(contacted.as_u64().unwrap() + held_out.as_u64().unwrap(), 4000);
    assert_eq!(found["ranking"]["verdict"], "better", "{}", found["ranking"]);
    let gain = &found["ranking"]["gain"]["incremental_profit"]["gain"];
    assert!(gain["low"].as_f64().unwrap() > 0.0, "{gain}");
    let text = fs::read_to_string(folder.path().join("better/pack.toml")).unwrap();
    assert!(text.contains("extends = \"../little\"") && text.contains("[criteria.luck]\nweight = 0.1"), "{text}");
    let check = run_in(folder.path(), &["check", "better"], 80);
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stderr));

    // Without data the scores in the plan are known, and weights; curves are not.
    let found = json(&suggest(folder.path(), &["--plan", "plan.csv"]), 0);
    let overlay = found["overlay"].as_str().unwrap();
    assert!(overlay.contains("weight") && !overlay.contains("curve ="), "{overlay}");
}

#[test]
fn another_pack_is_judged_by_the_plan_that_was_run() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), 4000);
    let against = |pack: &str, code: i32| {
        let more = ["--plan", "plan.csv", DATA[0], DATA[1], "--against", pack];
        json(&suggest(folder.path(), &more), code)
    };
    let found = against("recent", 0);
    assert_eq!((found["supported"].as_bool(), found["customers"].as_u64()), (Some(true), Some(4000)));
    // Contacts at 50 days and more return with 0.05 + 0.08 * score instead of 0.05: at cost 5 they bring 100 * 0.08 * score - 5,
    // on average 8 * 2.55 - 5 over the half of the customers that the challenger leaves alone.
    let truth = -(8.0 * 2.55 - 5.0) / 2.0;
    let difference = &found["difference_per_customer"];
    let (low, high) = (difference["low"].as_f64().unwrap(), difference["high"].as_f64().unwrap());
    let margin = (high - low) / 2.0;
    assert!(low - margin < truth && truth < high + margin, "{difference} does not fit {truth}");
    assert!(high < 0.0, "{difference}");
    let effective = found["challenger"]["effective_sample_size"].as_f64().unwrap();
    assert!(effective > 1500.0 && effective < 2500.0, "{effective}");

    // The same pack does the same.
    let same = against("little", 0);
    assert_eq!((same["difference"]["value"].as_f64(), same["alike"].as_u64()), (Some(0.0), Some(4000)));

    // Nobody was ever called.
    let found = against("calls", 1);
    assert_eq!((found["supported"].as_bool(), found["no_data"]["other_campaign"].as_u64()), (Some(false), Some(4000)));
}

#[test]
fn what_cannot_be_done_is_said() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), 40);
    let said = |more: &[&str], words: &str| {
        let output = suggest(folder.path(), more);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(words), "{error}");
    };
    said(&[], "there is nobody to learn from");
    said(&["--by", "profit", DATA[0], DATA[1]], "no incremental profit without customers who were held out");
    said(&["--plan", "customers.csv"], "is no plan");
    said(&["--share", "2"], "between 0 and 1");
    fs::create_dir_all(folder.path().join("bare")).unwrap();
    fs::write(folder.path().join("bare/pack.toml"), "[pack]\nname = \"bare\"\n[record]\nkey = \"id\"\n").unwrap();
    let output = run_in(folder.path(), &["suggest", "bare", "--outcomes", "outcomes.csv"], 80);
    assert!(String::from_utf8_lossy(&output.stderr).contains("does not say what counts as won back"));

    // Forty customers say nothing.
    let found = json(&suggest(folder.path(), &["--plan", "plan.csv", DATA[0], DATA[1], "--out", "better"]), 0);
    assert_eq!(found["ranking"]["verdict"], "cannot_tell_yet");
    assert!(!folder.path().join("better").exists());
}

#[test]
fn a_customer_with_two_contacts_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), 1000);
    let once = json(&suggest(folder.path(), &["--plan", "plan.csv"]), 0);
    let plan = fs::read_to_string(folder.path().join("plan.csv")).unwrap();
    let again = plan.lines().skip(1).map(|line| line.replace(",2026-01-10,", ",2026-01-20,") + "\n");
    fs::write(folder.path().join("plan.csv"), format!("{}\n{}", plan.trim_end(), again.collect::<String>())).unwrap();
    let output = suggest(folder.path(), &["--plan", "plan.csv"]);
    let twice = json(&output, 0);
    assert_eq!((&twice["contacted"], &twice["held_out"]), (&once["contacted"], &once["held_out"]));
    assert!(said(&output).1.contains("1,000 further contacts of customers who have another"), "{}", said(&output).1);
}

/// The text on a terminal in one line, and what is said beside it.
fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().replace('\n', " ");
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn nothing_is_judged_by_arms_of_the_wrong_size() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), 4000);
    let (mut holdouts, plan) = (0, fs::read_to_string(folder.path().join("plan.csv")).unwrap());
    let kept = plan.lines().filter(|line| {
        holdouts += usize::from(line.contains(",holdout,"));
        !line.contains(",holdout,") || holdouts % 2 == 0
    });
    let kept: Vec<&str> = kept.collect();
    fs::write(folder.path().join("plan.csv"), kept.join("\n") + "\n").unwrap();
    let given = ["--plan", "plan.csv", DATA[0], DATA[1]];
    let output = table(folder.path(), &given);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output).1);
    let (text, _) = said(&output);
    let (first, then) = (text.find("The arms are not of the size").unwrap(), text.find("What separates").unwrap());
    assert!(first < then && text.contains("Judged by returns, not by incremental profit"), "{text}");
    assert!(!text.contains("incremental profit of"), "{text}");
    let found = json(&suggest(folder.path(), &given), 1);
    assert_eq!((&found["judged_by"], &found["sample_ratio_holds"]), (&"returns".into(), &false.into()));
    let output = suggest(folder.path(), &[&given[..], &["--by", "profit"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).1.contains("no incremental profit to judge by: The arms"), "{}", said(&output).1);
    let found = json(&suggest(folder.path(), &[&given[..], &["--against", "recent"]].concat()), 1);
    assert_eq!((&found["supported"], &found["sample_ratio_holds"]), (&false.into(), &false.into()));
}

fn table(folder: &Path, more: &[&str]) -> Output {
    run_in(folder, &[&["suggest", "little", "--outcomes", "outcomes.csv", "--as-of", "2026-06-30"], more].concat(), 80)
}

#[test]
fn unknown_keys_and_copies_are_said() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), 400);
    let given = ["--plan", "plan.csv", DATA[0], DATA[1]];
    fs::write(folder.path().join("outcomes.csv"), "id,back\nX1,yes\nX1,yes\n").unwrap();
    let (text, error) = said(&table(folder.path(), &given));
    assert!(text.contains("Nobody has returned yet") && !text.contains("0 %"), "{text}");
    assert!(error.contains("no outcome is of a planned customer; are the keys written in the same way?"), "{error}");
    assert!(error.contains("1 of 2 rows of outcomes is an exact copy of another one"), "{error}");
    fs::write(folder.path().join("outcomes.csv"), "id,back\nX1,yes\n1,yes\n").unwrap();
    let (_, error) = said(&table(folder.path(), &given));
    assert!(error.contains("outcomes of 1 customer are left out: not in the plan"), "{error}");
}

#[test]
fn it_is_said_how_another_pack_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), 400);
    let given = ["--plan", "plan.csv", DATA[0], DATA[1]];
    let hash = json(&suggest(folder.path(), &given), 0)["receipt"]["hash"].as_str().unwrap().to_owned();
    let against = |pack: &str| said(&table(folder.path(), &[&given[..], &["--against", pack]].concat())).0;
    let text = against("recent");
    assert!(
        text.contains("By its rules alone, not by a plan of its own") && text.contains("do not hold it back"),
        "{text}"
    );
    assert!(!text.contains("These are the rules the plan was made by"), "{text}");
    // The plan was made by the very rules that are judged.
    let plan = fs::read_to_string(folder.path().join("plan.csv")).unwrap();
    let rows = plan.lines().enumerate().map(|(at, line)| format!("{line},{}\n", if at == 0 { "hash" } else { &hash }));
    fs::write(folder.path().join("plan.csv"), rows.collect::<String>()).unwrap();
    let text = against("little");
    assert!(text.contains("These are the rules the plan was made by"), "{text}");
    assert!(text.contains("Both plans do the same."), "{text}");
    let (help, _) = said(&run_in(folder.path(), &["suggest", "--help"], 80));
    assert!(help.split_whitespace().collect::<Vec<_>>().join(" ").contains("Rules alone are judged"), "{help}");
}
