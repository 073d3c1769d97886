//! What would change it, and how a whole answer looks at 80 and 200 columns.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use super::change::needed;
use super::{Change, Events, Explanation, Input, Known, Scene, Verdict, explain, facts, render, show};
use crate::draw::width;
use crate::expr::{Date, Value};
use crate::pack::{Pack, load_from_texts};
use crate::stage::{Context, RowValues};

fn load(texts: &[(&str, &str)]) -> Arc<Pack> {
    let loaded = load_from_texts(texts);
    let complaints: Vec<String> = loaded.diagnostics.iter().map(|d| format!("{d:?}")).collect();
    loaded.pack.unwrap_or_else(|| panic!("{}", complaints.join("\n")))
}

fn today() -> Date {
    Date::parse_iso("2026-06-30").unwrap()
}

fn day(text: &str) -> Value {
    Value::Date(Date::parse_iso(text).unwrap())
}

fn record(pack: &Pack, values: &[(&str, Value)]) -> RowValues {
    let mut record = RowValues::new(pack);
    for (name, value) in values {
        record.set(pack.names.find(name).unwrap_or_else(|| panic!("no name {name}")), value.clone());
    }
    record
}

/// A pack with one rule, and the answer to what would make it come out true.
fn change(rule: &str, values: &[(&str, Value)]) -> Option<Change> {
    let pack = load(&[("pack.toml", &small(rule))]);
    let decision = crate::stage::decide(&pack, &Context::at(today()), record(&pack, values));
    let meaning = facts(&pack);
    let scene = Scene { names: &pack.names, row: &decision.values, scripts: &pack.scripts, facts: &meaning };
    needed(&scene, &pack.states[0].when.as_ref().unwrap().expr, true)
}

fn small(rule: &str) -> String {
    format!(
        r#"
[pack]
name = "small"
[params.sleep_after]
value = 180
[params.on]
value = true
[record]
key = "k"
columns.last_order = {{ type = "date" }}
columns.cancelled_on = {{ type = "date" }}
columns.usual_gap = {{ type = "number" }}
columns.revenue = {{ type = "number" }}
columns.invoices = {{ type = "number" }}
columns.late = {{ type = "number" }}
columns.region = {{ type = "text" }}
columns.note = {{ type = "text" }}
columns.vip = {{ type = "bool" }}
[facts]
days_silent = 'today - last_order'
late_rate = 'late / invoices'
big = 'revenue > 1000'
loyal = 'big && vip'
[[states]]
name = "asked"
when = '{rule}'
[[states]]
name = "else"
"#
    )
}

#[track_caller]
fn assert_says(rule: &str, values: &[(&str, Value)], expected: &str) {
    let said = change(rule, values).map_or_else(|| "holds".to_owned(), |c| c.sentence());
    assert_eq!(said, expected, "{rule}");
}

fn n(x: f64) -> Value {
    Value::number(x)
}

#[test]
fn a_rule_that_holds_needs_nothing() {
    assert_says("revenue > 10", &[("revenue", n(11.0))], "holds");
}

#[test]
fn comparisons_say_where_the_name_would_have_to_lie() {
    let is = [("revenue", n(120.0))];
    assert_says("revenue > 180", &is, "would hold if `revenue` were more than 180 (is 120)");
    assert_says("revenue >= 180", &is, "would hold if `revenue` were at least 180 (is 120)");
    assert_says("revenue < 100", &is, "would hold if `revenue` were less than 100 (is 120)");
    assert_says("revenue <= 100", &is, "would hold if `revenue` were at most 100 (is 120)");
    assert_says("revenue == 100", &is, "would hold if `revenue` were 100 (is 120)");
    assert_says("revenue != 120", &is, "would hold if `revenue` were anything but 120 (is 120)");
    assert_says("180 < revenue", &is, "would hold if `revenue` were more than 180 (is 120)");
    assert_says("!(revenue <= 180)", &is, "would hold if `revenue` were more than 180 (is 120)");
}

#[test]
fn the_other_side_is_worked_out_on_this_record() {
    let values = [("last_order", day("2026-03-02")), ("usual_gap", n(30.0))];
    assert_says(
        "days_silent > max(sleep_after, (3 * usual_gap) ?? 0)",
        &values,
        "would hold if `days_silent` were more than 180 (is 120)",
    );
    assert_says(
        "today - last_order > 3 * usual_gap + 40",
        &values,
        "would hold if `today - last_order` were more than 130 (is 120)",
    );
}

#[test]
fn dates_are_before_and_after() {
    let is = [("last_order", day("2026-03-02"))];
    assert_says(
        "last_order > date(\"2026-04-01\")",
        &is,
        "would hold if `last_order` were after 2026-04-01 (is 2026-03-02)",
    );
    assert_says("last_order < today - 180", &is, "would hold if `last_order` were before 2026-01-01 (is 2026-03-02)");
    assert_says("last_order >= today", &is, "would hold if `last_order` were 2026-06-30 or later (is 2026-03-02)");
}

#[test]
fn texts_are_needed_as_they_are() {
    let is = [("region", Value::text("north"))];
    assert_says("region == \"south\"", &is, "would hold if `region` were \"south\" (is \"north\")");
    assert_says(
        "region in [\"south\", \"west\"]",
        &is,
        "would hold if `region` were one of \"south\", \"west\" (is \"north\")",
    );
    assert_says("region !in [\"north\"]", &is, "would hold if `region` were anything but \"north\" (is \"north\")");
    assert_says("lower(region) == \"south\"", &is, "would hold if `lower(region)` were \"south\" (is \"north\")");
    assert_says(
        "starts_with(region, \"s\")",
        &is,
        "would hold if `starts_with(region, \"s\")` were true (`region` is \"north\")",
    );
}

#[test]
fn missing_names_are_named_through_facts() {
    assert_says("days_silent > 180", &[], "unknown: `last_order` is missing");
    assert_says("late_rate > 0.5", &[], "unknown: `late` and `invoices` are missing");
    assert_says("region == \"south\"", &[], "unknown: `region` is missing");
    assert_says("mentions(note, [\"price\"])", &[], "unknown: `note` is missing");
    assert_says("vip", &[], "unknown: `vip` is missing");
    assert_says("region != ()", &[], "would hold if `region` were known");
    assert_says("cancelled_on != () && cancelled_on > today", &[], "would hold if `cancelled_on` were known");
    assert_says("usual_gap * 3 > days_silent", &[("last_order", day("2026-03-02"))], "unknown: `usual_gap` is missing");
}

#[test]
fn a_division_by_zero_is_not_a_missing_name() {
    let values = [("late", n(1.0)), ("invoices", n(0.0))];
    assert_says("late_rate > 0.5", &values, "unknown: `late / invoices` has no value");
}

#[test]
fn what_is_there_and_should_not_be() {
    let values = [("cancelled_on", day("2026-01-01"))];
    assert_says("cancelled_on == ()", &values, "would hold if `cancelled_on` were missing (is 2026-01-01)");
}

#[test]
fn and_needs_all_that_fail_or_any() {
    let values = [("revenue", n(5.0)), ("vip", Value::Bool(false)), ("region", Value::text("north"))];
    assert_says(
        "revenue > 10 && region == \"north\" && vip",
        &values,
        "would hold if `revenue` were more than 10 (is 5) and `vip` were true",
    );
    assert_says("revenue > 10 || vip", &values, "would hold if `revenue` were more than 10 (is 5), or `vip` were true");
    assert_says(
        "(revenue > 10 || vip) && region == \"south\"",
        &values,
        "would hold if (`revenue` were more than 10 (is 5), or `vip` were true) and `region` were \"south\" (is \"north\")",
    );
    assert_says(
        "!(region == \"north\" || vip)",
        &values,
        "would hold if `region` were anything but \"north\" (is \"north\")",
    );
}

#[test]
fn yes_or_no_facts_are_opened() {
    let values = [("revenue", n(5.0)), ("vip", Value::Bool(true))];
    assert_says("loyal", &values, "would hold if `revenue` were more than 1000 (is 5)");
    assert_says("loyal == true", &values, "would hold if `revenue` were more than 1000 (is 5)");
    let values = [("revenue", n(5000.0)), ("vip", Value::Bool(true))];
    assert_says("!loyal", &values, "would hold if `revenue` were at most 1000 (is 5000), or `vip` were false");
}

#[test]
fn what_stands_in_for_a_missing_value_is_said_too() {
    assert_says("vip ?? false", &[], "would hold if `vip` were true");
    assert_says("(usual_gap ?? 0) > 10", &[], "would hold if `usual_gap ?? 0` were more than 10 (is 0)");
}

#[test]
fn branches_lead_to_their_conditions() {
    let values = [("revenue", n(5.0)), ("vip", Value::Bool(false))];
    assert_says("if vip { true } else { false }", &values, "would hold if `vip` were true");
    assert_says(
        "if vip { true } else { revenue > 10 }",
        &values,
        "would hold if `revenue` were more than 10 (is 5), or `vip` were true",
    );
    let values = [("region", Value::text("north"))];
    assert_says(
        "switch region { \"south\" | \"west\" => true, _ => false }",
        &values,
        "would hold if `region` were one of \"south\", \"west\" (is \"north\")",
    );
}

#[test]
fn parameters_are_not_the_customers_to_change() {
    assert_says("sleep_after > 200", &[], "no customer changes this: it reads parameters only");
    assert_says("!on", &[], "no customer changes this: it reads parameters only");
    assert_says(
        "revenue > 10 && sleep_after > 200",
        &[("revenue", n(1.0))],
        "no customer changes this: it reads parameters only",
    );
}

#[test]
fn a_change_is_data_too() {
    let change = change("revenue > 180", &[("revenue", n(120.0))]).unwrap();
    let json = serde_json::to_value(change).unwrap();
    let expected =
        serde_json::json!({ "kind": "value", "what": "revenue", "needs": "more_than", "to": [180.0], "is": 120.0 });
    assert_eq!(json, expected);
}

#[test]
fn texts_of_parts_are_as_they_were_written() {
    for rule in [
        "revenue > 10 && (vip || region == \"a\\\"b\")",
        "-revenue ** 2 - (1 - (usual_gap - 2)) * 3 > 0.5",
        "!(vip && big) || last_order == ()",
        "region !in [\"a\", \"b\"] && (usual_gap ?? 3) % 2 == 1",
        "if vip { true } else if big { false } else { revenue > 1 }",
        "switch region { \"a\" | \"b\" => true, _ => vip }",
        "mentions(note, [\"too expensive\"]) && matches(note, \"^a.b$\") && last_order < date(\"2026-01-01\")",
        "max(usual_gap, 2) + abs(revenue) > 0 == vip",
    ] {
        let pack = load(&[("pack.toml", &small(rule))]);
        let shown = show(&pack.states[0].when.as_ref().unwrap().expr, &pack.names);
        let again = load(&[("pack.toml", &small(&shown))]);
        let shown_again = show(&again.states[0].when.as_ref().unwrap().expr, &again.names);
        assert_eq!(shown_again, shown, "{rule}");
        assert_eq!(shown.replace(['(', ')'], ""), rule.replace(['(', ')'], ""), "{rule}");
    }
}

/// A pack with something in every stage.
const SHOP: &str = r#"
[pack]
name = "shop"
version = "1.2.0"
[params.sleep_after]
value = 180
unit = "days"
[record]
key = "customer_id"
columns.segment = { type = "text" }
columns.cancelled_on = { type = "date" }
columns.cancel_reason = { type = "text" }
columns.credit_rating = { type = "number" }
columns.consent_phone = { type = "bool" }
columns.consent_email = { type = "bool" }
columns.objected = { type = "bool" }
columns.referrals = { type = "number", optional = true }
[tables.orders]
key = "customer_id"
time = "ordered_on"
columns.ordered_on = { type = "date" }
columns.amount = { type = "number" }
columns.late = { type = "bool" }
[rollups]
last_order = 'max(orders.ordered_on)'
orders_12m = 'count(orders, orders.ordered_on > today - 365)'
revenue = 'sum(orders.amount)'
usual_gap = 'median_gap(orders.ordered_on)'
late_share = 'share(orders, orders.late)'
[facts]
days_silent = 'today - last_order'
sleep_line = 'max(sleep_after, (3 * usual_gap) ?? 0)'
expected_margin = '0.3 * revenue'
care = '10 / (orders_12m - orders_12m)'
[[suppress]]
name = "objected"
when = 'objected'
because = "objection to direct marketing (GDPR Art. 21)"
[[suppress]]
name = "too_new"
when = 'last_order == () && cancelled_on == ()'
[[states]]
name = "cancelling"
track = "termination"
when = 'cancelled_on != () && cancelled_on > today - 30'
because = "notice given on {cancelled_on}"
[[states]]
name = "dormant"
track = "recovery"
when = 'days_silent > sleep_line && revenue > 0'
because = "silent for {days_silent} days, usually buys every {usual_gap} days"
[[states]]
name = "active"
[analysis]
when = 'track != ()'
minimum = 2
[[causes]]
name = "service"
class = "pushed_away"
label = "Service"
evidence = [
  { when = 'late_share > 0.2', weight = 2, because = "{round(100 * late_share)} % of the orders came late" },
  { when = 'mentions(cancel_reason, ["service", "hotline", "rude", "nobody answered", "on hold"])', weight = 5, because = "was unhappy with the service" },
]
[[causes]]
name = "price"
class = "bought_away"
label = "Price"
evidence = [
  { when = 'mentions(cancel_reason, ["price", "expensive"])', weight = 5, because = "said the price was too high" },
  { when = 'revenue < 100', weight = 1, because = "never spent much" },
]
[[causes]]
name = "moved"
class = "moved_away"
label = "Moved"
evidence = [{ when = 'mentions(cancel_reason, ["moved"])', weight = 5, because = "moved" }]
[criteria.history]
label = "Purchase history"
question = "How much has the customer bought?"
weight = 3
value = 'revenue'
curve = [[0, 0], [1000, 5], [5000, 10]]
[criteria.credit]
label = "Credit rating"
question = "Can the customer pay?"
weight = 2
value = 'credit_rating'
bands = [{ below = 200, score = 10 }, { below = 300, score = 7 }, { score = 0 }]
missing = "neutral"
[criteria.recommendation]
label = "Recommendation"
question = "Does the customer recommend us?"
dimension = "chance"
weight = 2
score = '6 + 2 * referrals'
[criteria.segment]
label = "Segment"
question = "Which kind of customer?"
dimension = "chance"
value = 'segment'
map = { business = 8, private = 5 }
[criteria.image]
label = "Image"
question = "Does it do us good to be seen with this customer?"
score = 'prestige::image(segment)'
[criteria.margin]
label = "Contribution margin"
question = "What may the customer contribute in future?"
value = 'expected_margin'
rank = "higher_is_better"
[[grades]]
name = "A"
label = "Win back at any reasonable cost"
when = 'priority >= 8'
[[grades]]
name = "B"
label = "Win back"
when = 'priority >= 5'
[[grades]]
name = "let_go"
let_go = true
label = "Let go"
[offers.voucher]
label = "Comeback voucher"
[offers.talk]
label = "A talk"
[channels.phone]
label = "Phone"
consent = 'consent_phone'
[channels.email]
label = "E-mail"
consent = 'consent_email'
[people.winback]
label = "Win-back team"
[[campaigns]]
name = "price_mail"
track = "recovery"
when = 'cause == "price"'
offer = "voucher"
channel = "email"
speaker = "winback"
send_on = 'today + 1'
cost = '0.5'
success = '0.02 + 0.01 * chance'
value = 'expected_margin'
because = "left over the price, and a voucher answers that"
[[campaigns]]
name = "call"
track = "recovery"
when = 'grade in ["A", "B"]'
offer = "talk"
channel = "phone"
cost = '12.5'
success = '0.1'
value = 'expected_margin'
[[campaigns]]
name = "card"
track = "recovery"
offer = "voucher"
cost = '1.5'
success = '0.03'
value = 'expected_margin'
[[campaigns]]
name = "save"
track = "termination"
offer = "talk"
[[followups]]
name = "welcome"
label = "Welcome back"
when = 'orders_12m > 3'
because = "bought {orders_12m} times"
[money]
value = 'revenue'
label = "revenue so far"
currency = "EUR"
"#;

const PRESTIGE: &str = r#"
/// (segment: text) -> number
fn image(segment) {
    if segment == "private" { throw "no such place"; }
    7.0
}
"#;

fn shop() -> Arc<Pack> {
    load(&[("pack.toml", SHOP), ("scripts/prestige.rhai", PRESTIGE)])
}

fn dormant(pack: &Pack) -> Input {
    let record = record(
        pack,
        &[
            ("segment", Value::text("private")),
            ("cancel_reason", Value::text("far too expensive, and the hotline kept me on hold")),
            ("credit_rating", n(240.0)),
            ("consent_phone", Value::Bool(false)),
            ("consent_email", Value::Bool(true)),
            ("last_order", day("2025-05-14")),
            ("orders_12m", n(0.0)),
            ("revenue", n(3250.75)),
            ("usual_gap", n(61.5)),
            ("late_share", n(0.1)),
        ],
    );
    let events = Events {
        table: "orders".into(),
        count: 14,
        columns: vec!["ordered_on".into(), "amount".into(), "late".into()],
        last: vec![
            vec![Known(day("2025-02-01")), Known(n(210.0)), Known(Value::Bool(false))],
            vec![Known(day("2025-03-30")), Known(n(99.5)), Known(Value::Bool(true))],
            vec![Known(day("2025-05-14")), Known(n(180.25)), Known(Value::Missing)],
        ],
        rollups: Vec::new(),
    };
    Input { key: "C00042".into(), record, events: vec![events] }
}

fn answer() -> Explanation {
    let pack = shop();
    explain(&pack, &Context::at(today()), dormant(&pack))
}

#[test]
fn at_80_columns() {
    insta::assert_snapshot!(without_hash(&render(&answer(), 80, false)));
}

#[test]
fn at_200_columns() {
    insta::assert_snapshot!(without_hash(&render(&answer(), 200, false)));
}

#[test]
fn as_json() {
    let mut answer = answer();
    answer.receipt.hash = "0".repeat(64);
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer).unwrap());
}

/// The hash is that of the pack's text; a snapshot should not change with a comment.
fn without_hash(text: &str) -> String {
    let hash = answer().receipt.hash;
    text.replace(&hash[..8], "########")
}

#[test]
fn the_parts_of_each_dimension_add_up() {
    let answer = answer();
    for dimension in &answer.dimensions {
        let its = answer.criteria.iter().filter(|c| c.dimension == dimension.name);
        let points: f64 = its.clone().filter_map(|c| c.points).sum();
        let shares: f64 = its.filter_map(|c| c.share).sum();
        assert!((points - dimension.value.unwrap()).abs() < 1e-9, "{}", dimension.name);
        assert!((shares - 1.0).abs() < 1e-9, "{}", dimension.name);
    }
}

#[test]
fn a_suppressed_customer_is_not_profiled() {
    let pack = shop();
    let mut input = dormant(&pack);
    input.record.set(pack.names.find("objected").unwrap(), Value::Bool(true));
    let answer = explain(&pack, &Context::at(today()), input);
    assert!(answer.states.is_empty() && answer.criteria.is_empty() && answer.campaigns.is_empty());
    assert_eq!(answer.suppressions[1].verdict, Verdict::NotAsked);
    insta::assert_snapshot!(without_hash(&render(&answer, 80, false)));
}

#[test]
fn a_customer_of_whom_nothing_is_known_is_answered_too() {
    let pack = shop();
    let mut record = RowValues::new(&pack);
    record.set(pack.names.find("cancelled_on").unwrap(), day("2026-06-20"));
    let input = Input { key: "nobody".into(), record, events: Vec::new() };
    let answer = explain(&pack, &Context::at(today()), input);
    assert_eq!(answer.outcome.state.as_deref(), Some("cancelling"));
    insta::assert_snapshot!(answer.summary.join("\n"));
}

#[test]
fn a_customer_on_no_track_is_answered_too() {
    let pack = shop();
    let mut input = dormant(&pack);
    input.record.set(pack.names.find("last_order").unwrap(), day("2026-06-01"));
    input.record.set(pack.names.find("orders_12m").unwrap(), n(5.0));
    let answer = explain(&pack, &Context::at(today()), input);
    assert_eq!(answer.outcome.state.as_deref(), Some("active"));
    insta::assert_snapshot!(without_hash(&render(&answer, 80, false)));
}

#[test]
fn no_line_is_too_wide_at_any_width_and_no_foreign_text_moves_the_cursor() {
    let pack = shop();
    let mut input = dormant(&pack);
    let nasty = "\u{1b}[2J line\nbreak \u{202e} ".repeat(60) + "x".repeat(4096).as_str();
    input.record.set(pack.names.find("cancel_reason").unwrap(), Value::text(format!("{nasty} expensive")));
    input.record.set(pack.names.find("segment").unwrap(), Value::text(nasty.clone()));
    input.key = nasty;
    let answer = explain(&pack, &Context::at(today()), input);
    for columns in 76..=200 {
        let drawn = render(&answer, columns, false);
        assert!(!drawn.contains('\u{1b}') && !drawn.contains('\u{202e}'));
        for line in drawn.lines() {
            assert!(width(line) <= columns, "{columns}: {line}");
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let answer = answer();
    for columns in [80, 200] {
        let coloured = render(&answer, columns, true);
        assert!(coloured.contains('\u{1b}'));
        let trimmed = |s: String| s.lines().map(|l| l.trim_end().to_owned()).collect::<Vec<_>>();
        let stripped = trimmed(anstream::adapter::strip_str(&coloured).to_string());
        assert_eq!(stripped, trimmed(render(&answer, columns, false)));
    }
}

#[test]
fn what_a_person_decided_is_told_beside_what_the_rules_say() {
    let told = |told: &str| {
        let text = format!("{SHOP}\n[override]\nbecause = \"Ines: knows her, {{segment}}\"\n{told}");
        let pack = load(&[("pack.toml", &text), ("scripts/prestige.rhai", PRESTIGE)]);
        explain(&pack, &Context::at(today()), dormant(&pack))
    };
    let rules = explain(&shop(), &Context::at(today()), dormant(&shop()));
    assert_eq!(rules.overridden, None);

    let grade = told("grade = '\"A\"'");
    assert_eq!(grade.outcome.grade.as_deref(), Some("A"));
    assert_eq!(
        grade.summary[1],
        format!(
            "Decided by a person (Ines: knows her, private): grade `A`, the rules say `{}`.",
            rules.outcome.grade.as_deref().unwrap()
        )
    );
    // The rules are shown as they would have decided.
    assert_eq!(grade.grades, rules.grades);
    assert!(render(&grade, 80, false).contains("! decided by a person: grade `A`"));

    // Each decision may have a sentence of its own; who has none is "a person".
    let each = "grade = '\"A\"'\ncampaign = '\"none\"'\ncause = '\"unknown\"'\n\
                because = { grade = \"Carla: promoted\", campaign = \"Ann: {segment}\" }";
    let text = format!("{SHOP}\n[override]\n{each}");
    let pack = load(&[("pack.toml", &text), ("scripts/prestige.rhai", PRESTIGE)]);
    let each = explain(&pack, &Context::at(today()), dormant(&pack));
    let because = "Carla: promoted; Ann: private; decided by a person";
    assert_eq!(each.outcome.overridden.as_deref(), Some(because));
    assert!(each.outcome.reasons.as_ref().unwrap().starts_with(because), "{:?}", each.outcome.reasons);
    let rules_grade = rules.outcome.grade.as_deref().unwrap();
    assert!(
        each.summary[1].contains(&format!("grade `A`, the rules say `{rules_grade}` (Carla: promoted); no contact")),
        "{:?}",
        each.summary[1]
    );
    let page = render(&each, 200, false);
    let line = |words: &str| page.lines().find(|line| line.contains(words)).unwrap_or_default().to_owned();
    assert!(line("! decided by a person: grade").contains("(Carla: promoted)"), "{page}");
    assert!(line("! decided by a person: no contact").contains("(Ann: private)"), "{page}");
    assert!(line("! decided by a person: cause").contains("(decided by a person)"), "{page}");

    let nobody = told("campaign = '\"none\"'\ncause = '\"nonsense\"'");
    assert_eq!((nobody.outcome.campaign, nobody.outcome.cause), (None, rules.outcome.cause.clone()));
    assert_eq!(
        nobody.summary[1],
        format!(
            "Decided by a person (Ines: knows her, private): no contact, the rules say campaign `{}`. \
             A person's decision was not followed: the cause `nonsense` is not one of the pack.",
            rules.outcome.campaign.as_deref().unwrap()
        )
    );
    assert_eq!(nobody.summary[3], "No campaign: a person decided for no contact.");

    // Never without consent, and nothing else instead.
    let call = told("campaign = '\"call\"'");
    assert_eq!(call.outcome.campaign, None);
    assert_eq!(call.overridden.unwrap().steps[0].not_followed.as_deref(), Some("call"));
    assert_eq!(call.summary[3], "No campaign: a person decided for `call`, but there is no consent for `phone`.");

    let save = told("campaign = '\"save\"'\ncause = '\"unknown\"'");
    assert_eq!(save.outcome.campaign.as_deref(), Some("save"));
    assert_eq!((save.outcome.cause.as_deref(), save.outcome.confidence), (Some("unknown"), None));
    assert!(save.summary[2].starts_with("Cause: unknown, as a person said."), "{:?}", save.summary);
    assert!(
        save.summary[3].starts_with("Gets `save`: a talk, on 2026-06-30, as a person decided."),
        "{:?}",
        save.summary
    );
    assert!(save.outcome.reasons.unwrap().starts_with("Ines: knows her, private; "));
}
