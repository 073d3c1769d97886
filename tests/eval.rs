//! `regain eval` as a user meets it: an expression and values in; the value, where it comes from, and the exit code out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use regain::draw::width;

fn eval(args: &[&str], width: &str, typed: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("eval").args(args).args(["--as-of", "2026-06-30"]);
    command.env("COLUMNS", width).env("NO_COLOR", "1").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
fn fine(args: &[&str]) -> String {
    let output = eval(args, "100", "");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    out(&output)
}

#[track_caller]
fn fails(args: &[&str], parts: &[&str]) {
    let output = eval(args, "100", "");
    assert_eq!(output.status.code(), Some(2), "{}", out(&output));
    assert_eq!(out(&output), "");
    for part in parts {
        assert!(err(&output).contains(part), "no {part} in\n{}", err(&output));
    }
}

#[test]
fn a_made_up_customer_needs_no_data() {
    let text =
        fine(&["base", "days_silent > sleep_after", "--set", "last_order=2025-12-01", "--set", "sleep_after=200"]);
    assert_eq!(
        text,
        "true  bool\n\
         \n\
         days_silent > sleep_after  true\n\
         ├─ days_silent             211         fact: today - last_order\n\
         │  ├─ today                2026-06-30  the as-of date\n\
         │  └─ last_order           2025-12-01  given\n\
         └─ sleep_after             200         given\n"
    );
}

#[test]
fn the_rules_decide_first() {
    let silent = ["base", "state", "--set", "last_order=2024-12-01"];
    assert!(fine(&silent).starts_with("\"dormant\"  text\n"), "{}", fine(&silent));
    let mut active = silent.to_vec();
    active.extend(["--set", "days_silent=3"]);
    assert!(fine(&active).starts_with("\"active\"  text\n"), "a fact may be given");
    let by_hand =
        ["base", "track == \"recovery\" && score.payment > 2", "--set", "state=lost", "--set", "score.payment=3"];
    assert!(fine(&by_hand).starts_with("true  bool\n"), "{}", fine(&by_hand));
    let text = fine(&["base", "priority", "--set", "objected=true"]);
    assert!(text.contains("is suppressed") && text.contains("GDPR Art. 21"), "{text}");
}

#[test]
fn a_customer_of_the_data_with_her_events() {
    let key = ["examples/retail", "--key", "C10001"];
    let mut args = key.to_vec();
    args.push("sum(orders.amount) / count(orders) > 1 && state != \"\"");
    let text = fine(&args);
    assert!(text.starts_with("true  bool\n") && text.contains("of her rows in orders"), "{text}");
    for (rollup, name) in [("count(orders)", "order_count"), ("max(orders.ordered_on)", "last_order")] {
        let both = format!("{rollup} == {name}");
        let mut args = key.to_vec();
        args.push(&both);
        assert!(fine(&args).starts_with("true  bool\n"), "{both}: {}", fine(&args));
    }
    let mut args = key.to_vec();
    args.extend(["order_count", "--set", "order_count=77"]);
    assert!(fine(&args).starts_with("77  number\n"));
}

#[test]
fn what_is_missing_is_named() {
    let text = fine(&["base", "order_value * 2 > 10", "--set", "revenue=9"]);
    assert!(text.starts_with("unknown  bool\n`order_count` is missing\n"), "{text}");
}

#[test]
fn errors_are_drawn_with_carets() {
    fails(&["base", "days_silnt > 180"], &["--> expression:1:1", "^^^^^^^^^^", "did you mean `days_silent`"]);
    fails(&["base", "1 +"], &["expression:1"]);
    fails(&["examples/retail", "sum(orders.amont) + 1", "--key", "C10001"], &["expression:1:5", "orders.amount"]);
    fails(
        &["examples/retail", "sum(orders.amount) && objected", "--key", "C10001"],
        &["expression:1:1", "^^^^^^^^^^^^^^^^^^", "sum(orders.amount) > 0"],
    );
    fails(&["examples/retail", "sum(orders.amount)"], &["reads the events of a customer", "--key"]);
    fails(&["base", "1", "--key", "C1"], &["no data", "--set"]);
    fails(&["examples/retail", "1", "--key", "nobody"], &["no customer `nobody`"]);
    fails(&["base", "1", "--set", "revenu=1"], &["did you mean `revenue`"]);
}

#[test]
fn json_holds_every_part() {
    let text = fine(&["base", "-revenue * 2", "--set", "revenue=1.5", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["value"], -3.0);
    assert_eq!(json["type"], "number");
    assert_eq!(json["as_of"], "2026-06-30");
    assert_eq!(json["parts"][0]["text"], "-revenue");
    assert_eq!(json["parts"][0]["parts"][0]["what"], "column");
}

#[test]
fn lines_piped_in_are_answered_one_by_one() {
    let typed = "# silent?\n:set last_order=2025-06-30\ndays_silent\n:unset last_order\ndays_silent\n:type today\n";
    let output = eval(&["base"], "80", typed);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = out(&output);
    assert!(
        text.starts_with("365  number\n") && text.contains("\nunknown  number\n`last_order` is missing\n"),
        "{text}"
    );
    assert!(text.ends_with("date\n") && !text.contains('>'), "{text}");

    let output = eval(&["base"], "80", "1 + 1\nnothing_like_it\n:sett x\n:quit\n7\n");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(out(&output), "2  number\n");
    assert!(err(&output).contains("did you mean `:set`"), "{}", err(&output));

    let output = eval(&["base", "--format", "json"], "80", "1\n2\n");
    assert_eq!(out(&output).lines().count(), 2);
}

#[test]
fn names_are_listed_with_their_values() {
    let output = eval(
        &["base"],
        "120",
        ":set last_order=2026-06-20\n:names silent\n:names prestige\n:names days_between\n:help\n",
    );
    let text = out(&output);
    let row = text.lines().find(|l| l.starts_with("days_silent")).unwrap();
    assert!(row.contains("fact") && row.contains("10") && row.contains("today - last_order"), "{row}");
    assert!(text.contains("days_between(") && text.contains(":unset NAME"), "{text}");
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    let long = "if cause == \"price\" && days_silent > sleep_line { expected_margin * freshness - cost_letter } \
                else { switch segment { \"private\" => score.purchase_history * worth, _ => priority } }";
    for columns in ["80", "200"] {
        for depth in ["0", "1", "9"] {
            let output = eval(&["examples/retail", long, "--key", "C10001", "--depth", depth], columns, "");
            assert_eq!(output.status.code(), Some(0), "{}", err(&output));
            for line in out(&output).lines() {
                assert!(width(line) <= columns.parse().unwrap(), "wider than {columns}: {line}");
            }
        }
        let output = eval(&["examples/retail"], columns, ":names\n:help\n");
        assert!(out(&output).lines().all(|line| width(line) <= columns.parse().unwrap()));
    }
}
