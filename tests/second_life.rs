//! `regain second-life`: on the CDNOW log against figures worked out by other programs, and follow-ups by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::PathBuf;

use regain::stage::second_life::value;
use regain::stage::{Context, Program, RowValues, cell, decide};
use serde_json::Value;

use crate::command::{self, regain, run, shared};
use crate::decisions::{as_of, load, records};

fn json(args: &[&str]) -> Value {
    command::json(&run(&[&["second-life"], args, &["--format", "json"]].concat(), 80), 0)
}

#[track_caller]
fn close(value: &Value, expected: f64, within: f64) {
    let x = value.as_f64().unwrap_or_else(|| panic!("{value} is no number"));
    assert!((x - expected).abs() < within, "{x} is not {expected}");
}

/// Columns and rows are two readings of one second life: they agree to the bit, on every shipped pack.
#[test]
fn columns_and_rows_agree() {
    for name in ["base", "retail", "telecom", "b2b"] {
        let pack = load(name);
        let context = Context::at(as_of());
        let program = Program::second_life(&pack, &context).unwrap();
        let rules: Vec<_> = pack.second_life.as_ref().unwrap().says().collect();
        assert!(rules.len() > 5, "{name}");
        let mut there = 0;
        for seed in 0..6 {
            let batch = records(&pack, &mut fastrand::Rng::with_seed(seed));
            let columns = program.apply(&batch).unwrap().decisions;
            for row in 0..batch.num_rows() {
                let decision = decide(&pack, &context, RowValues::from_batch(&pack, &batch, row));
                for (key, ty) in &rules {
                    let by_column = cell(columns.column_by_name(key).unwrap(), row, *ty);
                    let by_row = value(&pack, &decision, key);
                    assert_eq!(by_row, by_column, "{name}, row {row}, {key}");
                    there += usize::from(!by_row.is_missing());
                }
            }
        }
        assert!(there > 100, "{name}: {there} values prove nothing");
    }
}

/// Lives, Kaplan–Meier curves and the log-rank test of all 23,570 buyers, as pandas 2 and lifelines 0.30 work them out from the raw
/// log, by the definitions of the pack.
#[test]
fn the_second_lives_of_cdnow_are_those_of_lifelines() {
    let Some(orders) = shared("cdnow/cdnow.csv") else { return };
    let data = format!("orders={}", orders.display());
    let found = json(&["examples/cdnow", "--as-of", "1998-06-30", "--data", &data, "--top", "0"]);
    assert_eq!((&found["came_back"], &found["lost_again"]), (&4_767.into(), &936.into()));
    assert_eq!(found["left_out"]["too_recent"], 2_978);
    let tenure = &found["tenure"];
    let lives = |group: &Value| {
        (group["lives"].as_u64().unwrap(), group["ended"].as_u64().unwrap(), group["days"].as_f64().unwrap())
    };
    assert_eq!(lives(&tenure["second"]), (1_789, 936, 98_807.0));
    assert_eq!(lives(&tenure["first"]), (23_570, 21_142, 1_341_224.0));
    assert_eq!(tenure["up_to_days"], 269.0);
    close(&tenure["log_rank"], 435.537_569_779_747, 1e-6);
    assert_eq!(tenure["rating"], "later");
    let ages = tenure["ages"].as_array().unwrap();
    for (at, days, second, first) in [
        (0, 30.0, 0.347_999_392_104_179_74, 0.667_585_914_297_836_4),
        (1, 60.0, 0.465_445_688_930_206_77, 0.716_631_310_988_544_8),
        (2, 90.0, 0.539_133_021_112_476_3, 0.752_184_980_907_934),
        (3, 180.0, 0.680_264_517_724_729_5, 0.841_026_728_892_660_4),
    ] {
        assert_eq!(ages[at]["days"], days);
        close(&ages[at]["second"]["value"], second, 1e-12);
        close(&ages[at]["first"]["value"], first, 1e-12);
        close(&ages[at]["difference"]["value"], second - first, 1e-12);
    }
    close(&ages[3]["second"]["low"], 1.0 - 0.351_175, 1e-6);
    close(&ages[3]["second"]["high"], 1.0 - 0.288_674, 1e-6);
    // No second life was observed for a year: that is said, not guessed.
    assert_eq!((&ages[4]["second"], &ages[4]["difference"]), (&Value::Null, &Value::Null));

    for columns in [80, 200] {
        let args = ["second-life", "examples/cdnow", "--as-of", "1998-06-30", "--data", &data];
        let (_, out, _) = regain(&args, columns);
        let widest = out.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= columns, "{widest} columns:\n{out}");
        assert!(out.contains("936 of them left again (19.6 %)") && out.contains("second lives last longer"), "{out}");
        assert!(out.contains("cannot tell yet"), "{out}");
    }
}

/// A pack of one table, in which everything is said outright.
const PLAIN: &str = r#"
[pack]
name = "plain"
[record]
key = "id"
[record.columns]
start = { type = "date" }
left = { type = "date" }
came = { type = "date" }
gone = { type = "date" }
why = { type = "text" }
brought = { type = "number" }
objected = { type = "bool" }
[[suppress]]
name = "objected"
when = 'objected'
[[states]]
name = "lost_again"
when = 'gone != ()'
[[states]]
name = "returned"
track = "second_life"
when = 'came != ()'
[[states]]
name = "active"
[[causes]]
name = "price"
class = "bought_away"
evidence = [{ when = 'why == "price"', weight = 1, because = "price" }]
[[causes]]
name = "service"
class = "pushed_away"
evidence = [{ when = 'why == "service"', weight = 1, because = "service" }]
[people.clerk]
label = "The clerk"
[money]
value = 'brought'
currency = "EUR"
[second_life]
since = 'came'
ended = 'gone'
first_start = 'start'
first_end = 'left'
value = 'brought'
predicted = '100'
[[followups]]
name = "thanks"
label = "Thanks"
when = 'state == "returned"'
day = 1
until = 2
speaker = "clerk"
because = "back since {came}"
help = "say it"
[[followups]]
name = "fixed"
label = "Fixed?"
day = 14
class = ["pushed_away"]
[[followups]]
name = "worth"
label = "Worth it?"
day = 60
until = 90
cause = ["price"]
[[followups]]
name = "big"
label = "A big one"
when = 'brought > 500'
"#;

fn plain(pack: &str, rows: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pack.toml"), pack).unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(
        folder.path().join("data/customers.csv"),
        format!("id,start,left,came,gone,why,brought,objected\n{rows}"),
    )
    .unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}

#[test]
fn follow_ups_are_due_on_their_day_by_cause() {
    let rows = "a,2024-01-01,2025-01-01,2026-06-29,,price,10,\n\
                b,2024-01-01,2025-01-01,2026-06-28,,service,10,\n\
                c,2024-01-01,2025-01-01,2026-06-23,,service,10,\n\
                d,2024-01-01,2025-01-01,2026-06-22,,price,10,\n\
                e,2024-01-01,2025-01-01,2026-06-16,,service,10,\n\
                f,2024-01-01,2025-01-01,2026-06-09,,service,10,\n\
                g,2024-01-01,2025-01-01,2026-06-08,,service,10,\n\
                h,2024-01-01,2025-01-01,2026-05-07,,price,600,\n\
                i,2024-01-01,2025-01-01,2026-04-01,,price,10,\n\
                j,2024-01-01,2025-01-01,2026-03-31,,price,10,\n\
                k,2024-01-01,2025-01-01,2026-06-29,,price,900,true\n\
                l,2024-01-01,2025-01-01,2026-06-30,,price,10,\n\
                m,2024-01-01,2025-01-01,2026-05-01,2026-06-01,service,10,\n\
                n,2024-01-01,,,,,,\n";
    let (_keep, folder) = plain(PLAIN, rows);
    let (pack, file) = (folder.to_str().unwrap(), folder.join("due.csv"));
    let (code, out, err) =
        regain(&["second-life", pack, "--as-of", "2026-06-30", "--due-out", file.to_str().unwrap()], 80);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("9 follow-ups written to"), "{err}");
    assert!(out.contains("The clerk") && out.contains("cannot tell yet"), "{out}");
    // a: the day after. b: one day late. l: tomorrow. c: on day 7 of 14, in a week. e: today. f: the last day. h: in a week, and a
    // big one. i: the last of the 90 days. d, g, j, n: nothing. k objected. m left again, on a day 14 that is long over.
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "id,due,due_on,until,since,followup,label,who,because,what\n\
         h,today,,,2026-05-07,big,A big one,,A big one,\n\
         a,today,2026-06-30,2026-07-01,2026-06-29,thanks,Thanks,The clerk,back since 2026-06-29,say it\n\
         e,today,2026-06-30,2026-07-07,2026-06-16,fixed,Fixed?,,Fixed?,\n\
         i,still due,2026-05-31,2026-06-30,2026-04-01,worth,Worth it?,,Worth it?,\n\
         f,still due,2026-06-23,2026-06-30,2026-06-09,fixed,Fixed?,,Fixed?,\n\
         b,still due,2026-06-29,2026-06-30,2026-06-28,thanks,Thanks,The clerk,back since 2026-06-28,say it\n\
         l,this week,2026-07-01,2026-07-02,2026-06-30,thanks,Thanks,The clerk,back since 2026-06-30,say it\n\
         h,this week,2026-07-06,2026-08-05,2026-05-07,worth,Worth it?,,Worth it?,\n\
         c,this week,2026-07-07,2026-07-14,2026-06-23,fixed,Fixed?,,Fixed?,\n"
    );
}

#[test]
fn lives_are_compared_at_equal_age_and_values_with_what_was_predicted() {
    let mut rows = String::new();
    // Thirty came back 100 days ago; ten of them left after 40 days, each having brought 50 of the 100 predicted.
    for i in 0..30 {
        let gone = if i < 10 { "2026-05-01" } else { "" };
        let brought = if i < 10 { 50 } else { 60 + i };
        rows.push_str(&format!("s{i:02},2024-01-01,2025-01-01,2026-03-22,{gone},price,{brought},\n"));
    }
    // Fifty who never left began 300 days ago, five of them left after 200 days: behind the age that is compared.
    for i in 0..50 {
        let left = if i < 5 { "2026-02-19" } else { "" };
        rows.push_str(&format!("f{i:02},2025-09-03,{left},,,,,\n"));
    }
    // One ended before it began, one comes back tomorrow.
    rows.push_str("x,2024-01-01,2025-01-01,2026-06-01,2026-05-01,price,,\n");
    rows.push_str("y,2024-01-01,2025-01-01,2026-07-01,,price,,\n");
    let (_keep, folder) = plain(PLAIN, &rows);
    let pack = folder.to_str().unwrap();
    let found = json(&[pack, "--as-of", "2026-06-30"]);
    assert_eq!((&found["came_back"], &found["left_out"]["impossible"]), (&31.into(), &1.into()));
    let tenure = &found["tenure"];
    assert_eq!(tenure["up_to_days"], 100.0);
    // 10 ends in 10 * 40 + 20 * 100 days.
    assert_eq!((&tenure["second"]["lives"], &tenure["second"]["ended"]), (&30.into(), &10.into()));
    close(&tenure["second"]["churn"]["value"], 100.0 * 10.0 / 2_400.0, 1e-12);
    // First lives are watched for 100 days only: none of them, those of returned customers included, had ended by then.
    assert_eq!((&tenure["first"]["lives"], &tenure["first"]["ended"]), (&82.into(), &0.into()));
    assert_eq!((&tenure["rating"], &tenure["ratio"]), (&"sooner".into(), &Value::Null));
    let ages = tenure["ages"].as_array().unwrap();
    assert_eq!(ages[0]["second"]["value"], 0.0);
    close(&ages[1]["second"]["value"], 1.0 / 3.0, 1e-12);
    assert_eq!(ages[3]["second"], Value::Null);
    let value = &found["value"];
    assert_eq!((&value["customers"], &value["unknown"]), (&30.into(), &1.into()));
    close(&value["value"]["value"], (10.0 * 50.0 + (10..30).map(|i| 60.0 + f64::from(i)).sum::<f64>()) / 30.0, 1e-9);
    let high = value["ratio"]["high"].as_f64().unwrap();
    assert!((0.69..0.80).contains(&high), "{value}");
    let (_, out, _) = regain(&["second-life", pack, "--as-of", "2026-06-30"], 80);
    assert!(out.contains("second lives end sooner") && out.contains("the prediction is too high"), "{out}");
}

#[test]
fn few_are_told_to_be_few() {
    let rows =
        "a,2024-01-01,2025-01-01,2026-03-22,2026-05-01,price,10,\nb,2024-01-01,2025-01-01,2026-03-22,,price,10,\n";
    let (_keep, folder) = plain(PLAIN, rows);
    let found = json(&[folder.to_str().unwrap(), "--as-of", "2026-06-30"]);
    let tenure = &found["tenure"];
    assert_eq!((&tenure["rating"], &tenure["needed"]), (&"cannot_tell_yet".into(), &18.into()));
    assert_eq!((&tenure["second"]["churn"], &tenure["p"]), (&Value::Null, &Value::Null));
    assert!(tenure["ages"].as_array().unwrap().iter().all(|at| at["second"].is_null() && at["difference"].is_null()));
    assert_eq!((&found["value"]["value"], &found["value"]["needed"]), (&Value::Null, &18.into()));
}

#[test]
fn a_pack_that_knows_no_second_life_is_told_so() {
    let pack = PLAIN.split("[second_life]").next().unwrap();
    let (_keep, folder) = plain(pack, "a,2024-01-01,,,,,,\n");
    let (code, _, err) = regain(&["second-life", folder.to_str().unwrap(), "--as-of", "2026-06-30"], 80);
    assert_eq!(code, Some(2));
    assert!(err.contains("does not say when a second life begins") && err.contains("[second_life]"), "{err}");
}
