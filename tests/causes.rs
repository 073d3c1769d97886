//! `regain causes`: the cause table on IBM's churn sample and by hand, early warnings, and two readings of one loss.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::PathBuf;

use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{Date32Type, Float64Type};
use fastrand::Rng;
use regain::expr::Type;
use regain::stage::prevention::{column, loss, warned_because};
use regain::stage::{Context, Program, RowValues, cell, decide};
use serde_json::Value;

use crate::command::{self, regain, run, telco};
use crate::decisions::{as_of, load, records};

fn json(args: &[&str]) -> Value {
    command::json(&run(&[&["causes"], args, &["--format", "json"]].concat(), 80), 0)
}

#[test]
fn the_causes_of_ibms_sample_are_those_of_the_file() {
    let Some(files) = telco() else { return };
    let data = files.iter().flat_map(|(table, path)| ["--data".to_owned(), format!("{table}={}", path.display())]);
    let data: Vec<String> = data.collect();
    let mut args = vec!["examples/telco", "--as-of", "2019-09-30"];
    args.extend(data.iter().map(String::as_str));
    let found = json(&args);
    let mut rows: Vec<(&str, u64)> = found["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["label"].as_str().unwrap(), row["customers"].as_u64().unwrap()))
        .collect();
    rows.sort_unstable();
    let expected = [("Attitude", 314), ("Competitor", 841), ("Dissatisfaction", 303), ("Other", 200), ("Price", 211)];
    assert_eq!(rows, expected);
    assert_eq!(found["total"]["customers"], 1_869);
    let revenue = found["total"]["revenue"].as_f64().unwrap();
    assert!((revenue - 3_684_459.82).abs() < 0.005, "{revenue}");
    // Attitude and dissatisfaction are our own doing; of "Other" nobody knows.
    assert_eq!(found["preventable"]["customers"], 617);
    assert_eq!(found["unknown"]["customers"], 200);
    // All left in one quarter: there is nothing to compare with, and nobody has come back.
    assert_eq!(found["total"]["trend"]["trend"], "nothing_before");
    assert_eq!(found["total"]["recovery"]["back"], 0);
    // The most money first.
    let margins: Vec<f64> =
        found["causes"].as_array().unwrap().iter().map(|row| row["margin"].as_f64().unwrap()).collect();
    assert!(margins.is_sorted_by(|a, b| a >= b), "{margins:?}");

    let mut args: Vec<&str> = vec!["causes"];
    let rest = ["examples/telco", "--as-of", "2019-09-30"];
    args.extend(rest);
    args.extend(data.iter().map(String::as_str));
    let (_, out, _) = regain(&args, 100);
    assert!(out.contains("3,684,460") && out.contains("none before"), "{out}");
}

/// A pack of one table, in which everything is said outright.
const PLAIN: &str = r#"
[pack]
name = "plain"
[record]
key = "id"
[record.columns]
gone = { type = "bool" }
back = { type = "bool" }
day = { type = "date" }
why = { type = "text" }
sum = { type = "number" }
objected = { type = "bool", optional = true }
complaint = { type = "bool", optional = true }
[[suppress]]
name = "objected"
when = 'objected'
[[states]]
name = "lost"
track = "recovery"
when = 'gone'
[[states]]
name = "returned"
track = "second_life"
when = 'back'
[[states]]
name = "active"
[[causes]]
name = "price"
class = "bought_away"
evidence = [{ when = 'why == "price"', weight = 1, because = "price" }]
[[causes]]
name = "service"
class = "pushed_away"
preventable = true
evidence = [{ when = 'why == "service"', weight = 1, because = "service" }]
[money]
value = 'sum'
currency = "EUR"
[prevention]
lost_on = 'day'
margin = 'sum'
period = 30
[[warnings]]
name = "complaint"
when = 'complaint'
weight = 3
because = "a complaint waits"
[[warnings]]
name = "small"
when = 'sum < 50'
"#;

fn plain(pack: &str, rows: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pack.toml"), pack).unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/customers.csv"), format!("id,gone,back,day,why,sum,objected,complaint\n{rows}"))
        .unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}

#[test]
fn losses_trends_and_returns_are_counted_by_hand() {
    let mut rows = String::new();
    let mut add = |n: usize, gone: bool, back: bool, day: &str, why: &str| {
        for _ in 0..n {
            let id = rows.lines().count();
            rows.push_str(&format!("c{id:04},{gone},{back},{day},{why},100,,\n"));
        }
    };
    // The period is 2026-06-01 to 2026-06-30, the one before 2026-05-02 to 2026-05-31.
    add(40, true, false, "2026-06-01", "service");
    add(10, false, true, "2026-06-30", "service");
    add(15, true, false, "2026-05-31", "service");
    add(5, false, true, "2026-05-02", "service");
    add(4, true, false, "2026-06-10", "price");
    add(2, true, false, "2026-06-10", "");
    add(7, true, false, "2026-05-01", "price");
    add(3, true, false, "", "price");
    add(20, false, false, "", "");
    rows.push_str("objector,true,false,2026-06-10,price,1000000,true,\n");
    let (_keep, folder) = plain(PLAIN, &rows);
    let pack = folder.to_str().unwrap();
    let found = json(&[pack, "--as-of", "2026-06-30"]);

    let service = &found["causes"][0];
    assert_eq!((&service["cause"], &service["preventable"]), (&"service".into(), &true.into()));
    assert_eq!((&service["customers"], &service["margin"]), (&40.into(), &4_000.0.into()));
    assert_eq!((&service["all_lost"], &service["before"]), (&50.into(), &20.into()));
    // 50 against 20: 2.5 times as many; exact interval of 50 of 70, [.594, .816].
    assert_eq!((&service["trend"]["trend"], &service["trend"]["change"]), (&"more".into(), &1.5.into()));
    let low = service["trend"]["low"].as_f64().unwrap();
    assert!((0.4..0.5).contains(&low), "{low}");
    // 10 of 50 are back; Wilson: [.1124, .3304].
    let recovery = &service["recovery"];
    assert_eq!((&recovery["back"], &recovery["of"], &recovery["rate"]), (&10.into(), &50.into(), &0.2.into()));
    assert!((recovery["low"].as_f64().unwrap() - 0.1124).abs() < 1e-4, "{recovery}");
    let price = &found["causes"][1];
    assert_eq!((&price["customers"], &price["trend"]["trend"]), (&4.into(), &"too_few".into()));
    assert_eq!(price["recovery"]["rate"], Value::Null);
    // Who has no cause is a row of its own, and who objected is in none.
    assert_eq!(found["causes"][2]["cause"], "unknown");
    assert_eq!(found["causes"][2]["preventable"], Value::Null);
    assert_eq!((&found["total"]["customers"], &found["suppressed"]), (&46.into(), &1.into()));
    assert_eq!((&found["unknown"]["customers"], &found["preventable"]["customers"]), (&2.into(), &40.into()));
    assert_eq!((&found["earlier"]["customers"], &found["undated"]["customers"]), (&22.into(), &3.into()));

    // A longer period: what was before is in it.
    let longer = json(&[pack, "--as-of", "2026-06-30", "--period", "60"]);
    assert_eq!(longer["total"]["customers"], 40 + 15 + 4 + 2);
    // Seven of the day before the period of 60 days began, too few to tell anything.
    let price = longer["causes"].as_array().unwrap().iter().find(|row| row["cause"] == "price").unwrap();
    assert_eq!((&price["before"], &price["trend"]["trend"]), (&7.into(), &"too_few".into()));

    for columns in [80, 120, 200] {
        let (_, out, _) = regain(&["causes", pack, "--as-of", "2026-06-30"], columns);
        let widest = out.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= columns, "{widest} columns:\n{out}");
        assert!(
            out.contains("too few to tell") && out.contains("+150 %") && out.contains("3 lost on a day nobody knows")
        );
    }
}

#[test]
fn warnings_are_about_those_who_are_still_here_and_in_the_order_of_money_and_weight() {
    let rows = "gone,true,false,2026-06-01,price,900,,true\n\
                objector,false,false,,,900,true,true\n\
                loud,false,false,,,100,,true\n\
                rich,false,false,,,900,,false\n\
                both,false,false,,,49,,true\n\
                small,false,false,,,40,,false\n\
                unknown,false,false,,,,,true\n\
                back,false,true,2026-06-01,price,20,,false\n";
    let (_keep, folder) = plain(PLAIN, rows);
    let pack = folder.to_str().unwrap();
    let file = folder.join("warnings.csv");
    let (code, out, err) =
        regain(&["causes", pack, "--as-of", "2026-06-30", "--top", "1", "--warnings-out", file.to_str().unwrap()], 80);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("a complaint waits") && out.contains("see `--warnings-out`"), "{out}");
    assert!(err.contains("5 customers with warnings written to"), "{err}");
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "id,state,track,at_risk,weight,urgency,warnings,reasons\n\
         loud,active,,100,3,300,complaint,a complaint waits\n\
         both,active,,49,4,196,complaint; small,a complaint waits; Small\n\
         small,active,,40,1,40,small,Small\n\
         back,returned,second_life,20,1,20,small,Small\n\
         unknown,active,,,3,,complaint,a complaint waits\n"
    );
    let (_, explained, _) = regain(&["explain", pack, "both", "--as-of", "2026-06-30"], 80);
    assert!(explained.contains("early warnings") && explained.contains("a complaint waits"), "{explained}");
    let (_, explained, _) = regain(&["explain", pack, "gone", "--as-of", "2026-06-30"], 80);
    assert!(!explained.contains("early warnings"), "{explained}");
}

#[test]
fn a_pack_that_says_nothing_of_losses_is_told_so() {
    let pack = PLAIN.split("[prevention]").next().unwrap();
    let (_keep, folder) = plain(pack, "a,true,false,2026-06-01,price,1,,\n");
    let (code, _, err) = regain(&["causes", folder.to_str().unwrap(), "--as-of", "2026-06-30"], 80);
    assert_eq!(code, Some(2));
    assert!(err.contains("does not say how losses are counted") && err.contains("[prevention]"), "{err}");
}

#[test]
fn the_shop_is_counted_alike_by_any_number_of_threads() {
    let of = |threads| json(&["examples/retail", "--as-of", "2026-06-30", "--threads", threads]);
    let (one, two) = (of("1"), of("2"));
    assert!(one == two);
    let list = one["warnings"]["list"].as_array().unwrap();
    assert!(list.len() > 100);
    for warned in list {
        let state = warned["state"].as_str().unwrap();
        assert!(!["cancelling", "lost", "dormant", "lost_again"].contains(&state), "{warned}");
        assert_ne!(warned["key"], "C10006", "who objected is on no list");
        assert!(!warned["reasons"].as_str().unwrap().is_empty());
    }
}

/// Columns and rows are two readings of one loss: they agree to the bit, on every shipped pack.
#[test]
fn columns_and_rows_agree() {
    for name in ["base", "retail", "telecom", "b2b"] {
        let pack = load(name);
        let prevention = pack.prevention.as_ref().unwrap();
        let context = Context::at(as_of());
        let program = Program::prevention(&pack, &context).unwrap();
        let mut seen = [0usize; 5];
        for seed in 0..24 {
            let batch = records(&pack, &mut Rng::with_seed(seed));
            let columns = program.apply(&batch).unwrap().decisions;
            let flag = |name: &str, row: usize| columns.column_by_name(name).unwrap().as_boolean().value(row);
            let number = |name: &str, row: usize| {
                let column = columns.column_by_name(name).unwrap().as_primitive::<Float64Type>();
                column.is_valid(row).then(|| column.value(row))
            };
            let reasons = columns.column_by_name(column::REASONS).unwrap();
            let days = columns.column_by_name(column::LOST_ON).unwrap().as_primitive::<Date32Type>();
            for row in 0..batch.num_rows() {
                let decision = decide(&pack, &context, RowValues::from_batch(&pack, &batch, row));
                let one = loss(&pack, &decision);
                assert_eq!(flag(column::LOST, row), one.lost, "{name} {seed} {row}");
                assert_eq!(flag(column::RECOVERED, row), one.recovered, "{name} {seed} {row}");
                assert_eq!(flag(column::LEAVING, row), one.leaving, "{name} {seed} {row}");
                assert_eq!(flag(column::AGAIN, row), one.again, "{name} {seed} {row}");
                assert_eq!(days.is_valid(row).then(|| days.value(row)), one.lost_on.map(|d| d.days()), "{name} {row}");
                for (column, value) in
                    [(column::REVENUE, one.revenue), (column::MARGIN, one.margin), (column::AT_RISK, one.at_risk)]
                {
                    assert_eq!(number(column, row).map(f64::to_bits), value.map(f64::to_bits), "{name} {column} {row}");
                }
                let mut sentences = Vec::new();
                for (i, warning) in prevention.warnings.iter().enumerate() {
                    let there = decision.warnings.contains(&i);
                    assert_eq!(flag(&format!("{}{}", column::WARNING, warning.name), row), there, "{name} {row}");
                    if there {
                        sentences.push(warned_because(&pack, warning, &decision.values));
                    }
                }
                let said = cell(reasons, row, Type::Text).as_text().map(str::to_owned);
                assert_eq!(said, (!sentences.is_empty()).then(|| sentences.join("; ")), "{name} {row}");
                let facts = [one.lost, one.recovered, one.again, one.lost_on.is_some(), !sentences.is_empty()];
                seen.iter_mut().zip(facts).for_each(|(n, fact)| *n += usize::from(fact));
            }
        }
        // What never happens proves nothing.
        assert!(seen.iter().all(|n| *n > 10), "{name}: {seen:?}");
    }
}
