//! Cases: what can be given and expected, time lines, parameters, tables, rewriting, and the command that runs them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::{Command, Output};

use regain::cases::report::{Report, render_human, render_json, render_junit, summary};
use regain::cases::verdict::{self, Verdicts};
use regain::cases::{CaseSet, Filter, load_from_texts, update};
use regain::diag::render_short;
use regain::pack::{self, Loaded};

/// Two tables, a state per silence, a cause, two dimensions, grades, a suppression and three campaigns.
const PACK: &str = r##"
[pack]
name = "shop"
version = "1.0.0"

[params]
sleep_after = { value = 180, unit = "days", min = 30, max = 700 }
window = { value = 365 }

[record]
key = "customer_id"
[record.columns]
segment = { type = "text", values = ["private", "business"] }
since = { type = "date" }
late_share = { type = "number" }
objected = { type = "bool" }
note = { type = "text" }
consent = { type = "bool" }

[tables.orders]
key = "customer_id"
time = "ordered_on"
merge = "day"
[tables.orders.columns]
ordered_on = { type = "date" }
amount = { type = "number" }

[rollups]
last_order = 'max(orders.ordered_on)'
order_count = 'count(orders)'
revenue = 'sum(orders.amount, orders.ordered_on > today - window)'

[facts]
days_silent = 'today - last_order'

[[suppress]]
name = "objected"
when = 'objected'
because = "objection on file"

[[states]]
name = "asleep"
state = "dormant"
track = "recovery"
when = 'days_silent > sleep_after && order_count > 1'
because = "silent for {days_silent} days"
[[states]]
name = "active"

[[causes]]
name = "price"
class = "bought_away"
evidence = [
  { when = 'mentions(note, ["price"])', weight = 5, because = "said the price was too high" },
  { when = 'revenue < 50', weight = 1, because = "buys little" },
]

[criteria.payment]
dimension = "worth"
weight = 2
value = 'late_share'
bands = [{ below = 0.1, score = 10 }, { below = 0.5, score = 5 }, { score = 0 }]
[criteria.value]
dimension = "worth"
weight = 1
value = 'revenue'
curve = [[0, 0], [300, 10]]
[criteria.chance]
dimension = "chance"
weight = 1
score = '7'

[[grades]]
name = "A"
when = 'worth >= 7'
[[grades]]
name = "B"

[offers.discount]
label = "Discount"
[channels.email]
consent = 'consent'
[people.shop]
label = "The shop"

[[campaigns]]
name = "comeback"
track = "recovery"
offer = "discount"
channel = "email"
speaker = "shop"
send_on = 'today + 7'
cost = '2'
success = '0.1'
value = 'revenue'
because = "worth a mail"
[[campaigns]]
name = "letter"
track = "recovery"
cost = '5'
success = '0.1'
value = 'revenue'

[[followups]]
name = "thank"
when = 'order_count > 2'
because = "thank you"

[money]
value = 'revenue'
currency = "EUR"
"##;

fn shop() -> Loaded {
    let loaded = pack::load_from_texts(&[("pack.toml", PACK)]);
    assert!(loaded.pack.is_some(), "{}", render_short(&loaded.diagnostics, &loaded.sources));
    loaded
}

fn read(loaded: &Loaded, name: &str, text: &str) -> CaseSet {
    load_from_texts(&[(name, text)], loaded)
}

fn verdicts(loaded: &Loaded, set: &CaseSet) -> Verdicts {
    verdict::run(set, loaded.pack.as_ref().unwrap()).unwrap()
}

/// Runs cases without a mistake; what failed, as `name: expected, actual`.
fn failures(name: &str, text: &str) -> Vec<String> {
    let loaded = shop();
    let set = read(&loaded, name, text);
    assert_eq!(render_short(&set.diagnostics, &set.sources), "");
    let found = verdicts(&loaded, &set);
    let steps = found.failed.iter().flat_map(|failed| &failed.mismatches);
    steps.map(|m| format!("{}: {}, {}", m.name, m.expected, m.actual)).collect()
}

/// A customer asleep, and what is expected of her.
fn asleep(expect: &str) -> String {
    format!(
        r#"
as_of = 2026-06-30
[[cases]]
name = "asleep"
given = {{ segment = "private", late_share = 0.2, note = "The PRICE!", consent = true, orders = [
  {{ ordered_on = 2025-05-01, amount = 10 }}, {{ ordered_on = 2025-10-01, amount = 100 }},
  {{ ordered_on = 2025-10-01, amount = 20 }}, {{ ordered_on = 2026-07-01, amount = 999 }}] }}
expect = {{ {expect} }}
"#
    )
}

#[test]
fn every_expectation_can_hold_and_fail() {
    for (holds, fails, actual) in [
        ("state = 'dormant'", "state = 'active'", "\"dormant\""),
        ("state = ['active', 'dormant']", "state = ['active']", "\"dormant\""),
        ("rule = 'asleep'", "rule = 'active'", "\"asleep\""),
        ("track = 'recovery'", "track = 'missing'", "\"recovery\""),
        ("cause = 'price'", "cause = 'unknown'", "\"price\""),
        ("class = 'bought_away'", "class = 'unknown'", "\"bought_away\""),
        ("confidence = 1", "confidence = 0.5", "1"),
        ("'score.payment' = 5", "'score.payment' = 10", "5"),
        ("score = { payment = 5, value = 4.0 }", "score = { payment = 4 }", "5"),
        ("score.value = 4", "score.value = 4.1", "4"),
        ("worth = 4.7", "worth = 4.6", "4.67"),
        ("worth = { min = 4, max = 5 }", "worth = { min = 5 }", "4.67"),
        ("chance = { max = 7 }", "chance = { max = 6.9 }", "7"),
        ("priority = 5.83", "priority = 5", "5.83"),
        ("grade = 'B'", "grade = 'A'", "\"B\""),
        ("days_silent = 272", "days_silent = 271", "272"),
        ("last_order = 2025-10-01", "last_order = 2026-07-01", "2025-10-01"),
        ("last_order = { max = 2025-10-01 }", "last_order = { min = '2025-10-02' }", "2025-10-01"),
        // Two baskets of one day are one; those after the day are not seen, those before the window not counted.
        ("order_count = 2", "order_count = 4", "2"),
        ("revenue = 120", "revenue = 130", "120"),
        ("segment = 'private'", "segment = 'business'", "\"private\""),
        ("suppressed = false", "suppressed = true", "false"),
        ("suppressed = 'none'", "suppressed = 'objected'", "false"),
        ("campaign = 'comeback'", "campaign = 'letter'", "\"comeback\""),
        ("campaign = 'any'", "campaign = 'none'", "\"comeback\""),
        ("candidates = ['letter', 'comeback']", "candidates = []", "[\"comeback\", \"letter\"]"),
        ("contact = true", "contact = false", "true"),
        ("offer = 'discount'", "offer = 'none'", "\"discount\""),
        ("channel = 'email'", "channel = 'none'", "\"email\""),
        ("speaker = 'shop'", "speaker = 'none'", "\"shop\""),
        ("send_on = 2026-07-07", "send_on = 2026-07-08", "2026-07-07"),
        ("net = 10", "net = { min = 10.1 }", "10"),
        (
            "reasons = ['272 days', 'price was too high', 'mail']",
            "reasons = ['buys little']",
            "[\"silent for 272 days; said the price was too high; worth a mail\"]",
        ),
        (
            "candidates = { exactly = ['letter', 'comeback'] }",
            "candidates = { exactly = ['letter'] }",
            "[\"comeback\", \"letter\"]",
        ),
        ("followups = { exactly = [] }", "followups = { exactly = ['thank'] }", "\"none\""),
        ("followups = 'none'", "followups = ['thank']", "\"none\""),
        ("money = 120.0", "money = 'missing'", "120"),
    ] {
        assert_eq!(failures("cases/a.toml", &asleep(holds)), Vec::<String>::new(), "{holds}");
        let found = failures("cases/a.toml", &asleep(fails));
        assert_eq!(found.len(), 1, "{fails}: {found:?}");
        assert!(found[0].ends_with(&format!(", {actual}")), "{fails}: {found:?}");
    }
}

#[test]
fn suppressed_customers_are_not_decided() {
    let text = "as_of = 2026-06-30\n[[cases]]\nname = 'a'\ngiven = { objected = true }\nexpect = { suppressed = 'objected', state = 'missing', \
                contact = false, reasons = ['objection'], campaign = 'none', order_count = 0 }\n";
    assert_eq!(failures("cases/a.toml", text), Vec::<String>::new());
}

#[test]
fn a_file_may_bring_the_population_that_ranks_are_measured_against() {
    let pack = "[pack]\nname = \"r\"\n[record]\nkey = \"id\"\n[record.columns]\nmargin = { type = \"number\" }\n\
        [criteria.margin]\ndimension = \"worth\"\nvalue = 'margin'\nrank = \"higher_is_better\"\n";
    let loaded = pack::load_from_texts(&[("pack.toml", pack)]);
    let cases = "as_of = 2026-06-30\n[population]\nmargin = [10, 20, 30, 40]\n[[cases]]\nname = \"third\"\n\
        given = { margin = 30 }\nexpect = { \"score.margin\" = 6.25 }\n";
    let set = read(&loaded, "a.toml", cases);
    assert_eq!(render_short(&set.diagnostics, &set.sources), "");
    assert!(verdicts(&loaded, &set).failed.is_empty());
    // Without it, and with other values in it, the case fails.
    for other in ["", "[population]\nmargin = [30, 40]\n"] {
        let text = cases.replace("[population]\nmargin = [10, 20, 30, 40]\n", other);
        assert_eq!(verdicts(&loaded, &read(&loaded, "a.toml", &text)).failed.len(), 1, "{other}");
    }
    let wrong = "as_of = 2026-06-30\n[population]\nmargn = [1]\nmargin = [1, \"x\"]\n[[cases]]\nname = \"a\"\n\
        expect = { worth = \"any\" }\n";
    let set = read(&loaded, "a.toml", wrong);
    assert_eq!(
        render_short(&set.diagnostics, &set.sources),
        "a.toml:3:1: error[RG0601]: no criterion `margn` is scored by rank (did you mean `margin`?)\n\
         a.toml:4:14: error[RG0601]: a population is a list of numbers, and this is a text\n"
    );
    assert!(set.is_empty(), "what all cases share is wrong");
}

#[test]
fn time_lines_add_up_and_defaults_give_way() {
    let text = r#"
as_of = 2020-01-01
[defaults]
segment = "private"
orders = [ { ordered_on = 2019-01-01, amount = 5 } ]
[params]
window = 100

[[cases]]
name = "a life"
given = { orders = [ { ordered_on = 2025-01-01, amount = 10 } ] }
[[cases.timeline]]
as_of = 2025-02-01
expect = { state = "active", order_count = 1, revenue = 10, segment = "private" }
[[cases.timeline]]
as_of = 2025-03-01
given = { segment = "business", orders = [ { ordered_on = "2025-02-15", amount = 20 } ] }
[[cases.timeline]]
as_of = 2025-12-31
expect = { state = "dormant", order_count = 2, revenue = "missing", segment = "business" }

[[cases]]
name = "the default"
expect = { order_count = 1, days_silent = 365 }

[[cases]]
name = "none of the default"
given = { segment = "missing", orders = [] }
expect = { order_count = 0, last_order = "missing", segment = "missing" }

[[cases]]
name = "a rollup as it is"
as_of = 2020-02-01
given = { last_order = 2020-01-01, order_count = 2 }
params = { sleep_after = 30 }
expect = { state = "dormant", days_silent = 31 }

[[cases]]
name = "parameters reach into rollups"
params = { window = 400 }
expect = { revenue = 5 }

[[cases]]
name = "those of the file hold, too"
expect = { revenue = "missing" }
"#;
    assert_eq!(failures("cases/a.toml", text), Vec::<String>::new());
}

#[test]
fn tables_of_cases_are_read_cell_by_cell() {
    let csv = "name,as_of,help,segment,late_share,orders,params.sleep_after,expect.state,expect.worth,expect.order_count,expect.campaign\r\n\
        one,2026-06-30,x,private,0.05,\"[{\"\"ordered_on\"\":\"\"2025-01-01\"\",\"\"amount\"\":3}]\",,active,9..10,1,none\r\n\
        two,2026-06-30,,,,\"[{\"\"ordered_on\"\":\"\"2026-01-01\"\"},{\"\"ordered_on\"\":\"\"2026-01-02\"\"}]\",100,dormant|active,,2,\r\n\
        ,2026-06-30,,,,,,active,,1,\r\n";
    assert_eq!(failures("cases/a.csv", csv), ["order_count: 1, 0"]);
    let semicolons = "\u{feff}name;as_of;given.last_order;order_count;expect.state;expect.days_silent\nx;2026-06-30;2025-06-30;2;active;360..\n";
    assert_eq!(failures("cases/a.csv", semicolons), ["state: \"active\", \"dormant\""]);
    let jsonl = "{\"name\": \"x\", \"as_of\": \"2026-06-30\", \"given\": {\"orders\": [{\"ordered_on\": \"2026-06-01\", \"amount\": 2.5}], \
                 \"segment\": null}, \"expect\": {\"revenue\": 2.5, \"state\": \"dormant\"}}\n\n";
    assert_eq!(failures("cases/a.jsonl", jsonl), ["state: \"dormant\", \"active\""]);
}

#[test]
fn many_cases_give_the_same_on_any_number_of_threads() {
    let mut csv = String::from("name,as_of,orders,expect.order_count\n");
    for i in 0..2000 {
        let orders: Vec<String> = (0..i % 4)
            .map(|k| format!("{{\"\"ordered_on\"\":\"\"2026-01-{:02}\"\",\"\"amount\"\":1}}", k + 1))
            .collect();
        csv.push_str(&format!("c{i},2026-0{}-01,\"[{}]\",{}\n", i % 3 + 4, orders.join(","), i % 4));
    }
    assert_eq!(failures("cases/a.csv", &csv), Vec::<String>::new());
}

#[test]
fn only_what_a_filter_names() {
    let loaded = shop();
    let text = "as_of = 2026-06-30\n[[cases]]\nname = 'One'\nexpect = { grade = 'B' }\n[[cases]]\nname = 'two'\nexpect = { grade = 'B' }\n";
    let names = |filter: &str| {
        let set = load_from_texts(&[("cases/a.toml", text), ("cases/b.toml", text)], &loaded);
        let set = set.only(&Filter::parse(filter).unwrap());
        let cases =
            set.files.iter().flat_map(|file| file.cases.iter().map(|case| format!("{} {}", file.name, case.name)));
        cases.collect::<Vec<_>>()
    };
    assert_eq!(names("one"), ["cases/a.toml One", "cases/b.toml One"]);
    assert_eq!(names("b.toml").len(), 2);
    assert_eq!(names("re:^(one|two)$").len(), 4);
    assert_eq!(names("re:a.toml$"), ["cases/a.toml One", "cases/a.toml two"]);
    assert!(names("three").is_empty());
    assert!(Filter::parse("re:(").unwrap_err().starts_with("`(` is no regular expression: "));
}

#[test]
fn mistakes_are_said_in_their_place() {
    let frame = |case: &str| format!("as_of = 2026-06-30\n[[cases]]\nname = 'x'\n{case}\n");
    let fine = "expect = { grade = 'B' }";
    let list = [
        ("unknown column", frame(&format!("given = {{ segmnt = 'a' }}\n{fine}"))),
        ("a fact is not given", frame(&format!("given = {{ days_silent = 3 }}\n{fine}"))),
        ("a parameter is not given", frame(&format!("given = {{ sleep_after = 3 }}\n{fine}"))),
        ("a state is not given", frame(&format!("given = {{ state = 'active' }}\n{fine}"))),
        (
            "wrong types",
            frame(&format!("given = {{ late_share = '0.5', since = 'today', objected = 'yes', note = 3 }}\n{fine}")),
        ),
        ("a value that is not listed", frame(&format!("given = {{ segment = 'privat' }}\n{fine}"))),
        (
            "events",
            frame(&format!(
                "given = {{ orders = [ {{ amount = 3 }}, {{ ordred_on = 2026-01-01 }}, {{ customer_id = 'x', ordered_on = 1 }} ] }}\n{fine}"
            )),
        ),
        ("events are a list", frame(&format!("given = {{ orders = 3 }}\n{fine}"))),
        ("both", frame(&format!("given = {{ order_count = 3, orders = [ {{ ordered_on = 2026-01-01 }} ] }}\n{fine}"))),
        ("unknown expectation", frame("expect = { stat = 'active' }")),
        ("a score without its prefix", frame("expect = { payment = 3 }")),
        (
            "unknown values",
            frame("expect = { state = 'dorment', grade = 'C', campaign = 'letters', suppressed = 'x' }"),
        ),
        (
            "wrong kinds",
            frame("expect = { worth = 'high', state = 3, suppressed = 3, candidates = 1, state = { min = 1 } }"),
        ),
        (
            "exactly",
            frame(
                "expect = { candidates = { exactly = ['letters'] }, followups = { exact = [] }, reasons = { exactly = ['x'] } }",
            ),
        ),
        ("ranges", frame("expect = { worth = {}, chance = { min = 3, max = 2 }, priority = { mni = 3 } }")),
        ("nothing expected", frame("given = { late_share = 0.5 }")),
        ("keys", frame(&format!("gven = {{}}\nlate_share = 3\ngrade = 'B'\n{fine}"))),
        (
            "parameters",
            frame(&format!("params = {{ sleep_after = 5, windw = 3, window = 'x', segment = 'a' }}\n{fine}")),
        ),
        ("no day", "[[cases]]\nname = 'x'\nexpect = { grade = 'B' }\n".to_owned()),
        ("no name", "as_of = 2026-06-30\n[[cases]]\nexpect = { grade = 'B' }\n".to_owned()),
        ("twice", format!("{}{}", frame(fine), "[[cases]]\nname = 'x'\nexpect = { grade = 'B' }\n")),
        (
            "backwards",
            frame(
                "[[cases.timeline]]\nas_of = 2026-02-01\nexpect = { grade = 'B' }\n[[cases.timeline]]\nas_of = 2026-01-01",
            ),
        ),
        ("both ways", frame(&format!("{fine}\n[[cases.timeline]]\nexpect = {{ grade = 'B' }}"))),
        ("the file", "as_off = 2026-06-30\n[case]\n".to_owned()),
        ("no toml", "as_of = 2026-06-30\n[[cases]]\nname = x\n".to_owned()),
    ];
    let loaded = shop();
    let mut shown = String::new();
    for (what, text) in list {
        let set = read(&loaded, "c.toml", &text);
        shown.push_str(&format!("# {what}\n{}\n", render_short(&set.diagnostics, &set.sources)));
    }
    for (what, name, text) in [
        ("headers", "c.csv", "name,as_of,segmnt,expect.stat,params.windw,state,name\nx,2026-06-30,a,b,c,d,e\n"),
        (
            "cells",
            "c.csv",
            "name,as_of,late_share,orders,expect.worth\nx,30.6.2026,\"0,5\",[1,7..6\ny,2026-06-30,1,2,3,4\n",
        ),
        ("no day", "c.csv", "name,expect.grade\nx,B\n"),
        ("nothing expected", "c.csv", "as_of\n2026-06-30\n"),
        ("an open quote", "c.csv", "name,as_of,expect.grade\n\"x,2026-06-30,B\n"),
        (
            "json",
            "c.jsonl",
            "{\"name\": \"x\", \"as_of\": \"2026-06-30\", \"expect\": {\"grade\": \"C\"}}\n{\"name\": }\n[]\n",
        ),
    ] {
        let set = read(&loaded, name, text);
        shown.push_str(&format!("# {name}: {what}\n{}\n", render_short(&set.diagnostics, &set.sources)));
    }
    insta::assert_snapshot!("case_mistakes", shown);
}

#[test]
fn a_mistake_in_one_file_does_not_stop_the_others() {
    let loaded = shop();
    let good = "as_of = 2026-06-30\n[[cases]]\nname = 'x'\nexpect = { grade = 'A' }\n[[cases]]\nname = 'y'\nexpect = { grad = 'A' }\n";
    let set = load_from_texts(&[("cases/a.toml", "x = ["), ("cases/b.toml", good)], &loaded);
    assert_eq!(set.len(), 1, "the case with a mistake is left out");
    assert_eq!(verdicts(&loaded, &set).failed.len(), 1);
    assert_eq!(set.diagnostics.len(), 2, "{:?}", set.diagnostics);
}

const FAILING: &str = r#"# what must hold
as_of = 2026-06-30

[[cases]]
name = "asleep"   # or is she?
given = { late_share = 0.2, orders = [ { ordered_on = 2026-02-01, amount = 40 }, { ordered_on = 2026-01-01, amount = 40 } ] }
expect = { state = "dormant", campaign = "comeback", worth = { min = 7, max = 8 }, days_silent = 149, "score.value" = 3.1 }

[[cases]]
name = "fine"
expect = { grade = "B" }

[[cases]]
name = "a life"
[[cases.timeline]]
as_of = 2026-01-15
given = { objected = true }
expect = { suppressed = true }
[[cases.timeline]]
as_of = 2026-07-15
expect = { cause = "price", suppressed = false }   # no
"#;

#[test]
fn failures_are_told_with_the_step_that_settled_them() {
    let loaded = shop();
    let set = load_from_texts(&[("cases/a.toml", FAILING)], &loaded);
    let pack = loaded.pack.as_ref().unwrap();
    let found = verdicts(&loaded, &set);
    let report = Report::new(&set, pack, &found).unwrap();
    insta::assert_snapshot!("case_failures", format!("{}{}\n", render_human(&report, 100, false), summary(&report)));
    for columns in [60, 80, 200] {
        for line in render_human(&report, columns, false).lines() {
            assert!(line.chars().count() <= columns, "wider than {columns}: {line}");
        }
    }
    let json: serde_json::Value = serde_json::from_str(&render_json(&report, &set.diagnostics)).unwrap();
    assert_eq!((&json["steps"], &json["passed"], &json["failed"]), (&4.into(), &2.into(), &2.into()));
    let first = &json["files"][0]["cases"][0]["steps"][0]["mismatches"][0];
    assert_eq!((&first["expected"], &first["actual"]), (&"\"dormant\"".into(), &"\"active\"".into()));
    assert_eq!(first["because"][1]["parts"][0]["holds"], false);
    let xml = render_junit(&report, &set.diagnostics);
    insta::assert_snapshot!("case_junit", xml);
    assert_eq!(xml, render_junit(&report, &set.diagnostics), "no time in it");
}

#[test]
fn rewriting_keeps_everything_else() {
    let loaded = shop();
    let set = load_from_texts(&[("cases/a.toml", FAILING)], &loaded);
    let rewrites = update::update(&set, loaded.pack.as_ref().unwrap(), &verdicts(&loaded, &set)).unwrap();
    assert_eq!(rewrites.len(), 1);
    insta::assert_snapshot!("case_rewritten", rewrites[0].text);
    let set = load_from_texts(&[("cases/a.toml", &rewrites[0].text)], &loaded);
    assert_eq!(verdicts(&loaded, &set).failed, []);
    assert!(update::update(&set, loaded.pack.as_ref().unwrap(), &verdicts(&loaded, &set)).unwrap().is_empty());
}

#[test]
fn cases_that_expect_nothing_are_answered() {
    let loaded = shop();
    let text = "as_of = 2026-06-30\n\n[[cases]]\nname = \"a\"   # first\n# second\ngiven = { objected = true }\n\n[[cases]]\nname = \"b\"\nexpect = {}\n\
                [[cases]]\nname = \"c\"\r\n[cases.given]\nlate_share = 0\n[[cases]]\nname = \"d\"\n[[cases.timeline]]\n";
    let set = load_from_texts(&[("cases/a.toml", text)], &loaded);
    assert!(set.is_empty());
    assert_eq!(set.diagnostics.len(), 4);
    let rewrites = update::update(&set, loaded.pack.as_ref().unwrap(), &verdicts(&loaded, &set)).unwrap();
    let expected = text
        .replace("objected = true }", "objected = true }\nexpect = { suppressed = \"objected\" }")
        .replace(
            "expect = {}",
            "expect = { state = \"active\", cause = \"unknown\", grade = \"B\", campaign = \"none\" }",
        )
        .replace(
            "\"c\"",
            "\"c\"\nexpect = { state = \"active\", cause = \"unknown\", grade = \"A\", campaign = \"none\" }",
        );
    assert_eq!(rewrites[0].text, expected);
    let set = load_from_texts(&[("cases/a.toml", &rewrites[0].text)], &loaded);
    assert_eq!((set.len(), set.diagnostics.len()), (3, 1), "a time line is not answered for its author");
    assert_eq!(verdicts(&loaded, &set).failed, []);
}

#[test]
fn tables_are_rewritten_cell_by_cell() {
    let loaded = shop();
    let csv = "name,as_of,expect.state,expect.worth,\"expect.reasons\"\r\nx,2026-06-30,\"dormant\",7.25, any \r\n";
    for (name, text, expected) in [
        (
            "c.csv",
            csv,
            "name,as_of,expect.state,expect.worth,\"expect.reasons\"\r\nx,2026-06-30,\"active\",missing,none\r\n",
        ),
        (
            "e.csv",
            "name,as_of,order_count,expect.followups,expect.candidates\nx,2026-06-30,3,exactly,\n",
            "name,as_of,order_count,expect.followups,expect.candidates\nx,2026-06-30,3,thank,\n",
        ),
        (
            "e.toml",
            "as_of = 2026-06-30\n[[cases]]\nname = 'x'\ngiven = { order_count = 3, last_order = 2025-01-01, revenue = 100, consent = true }\n\
             expect = { candidates = { exactly = ['letter'] }, followups = { exactly = ['thank'] } }\n",
            "as_of = 2026-06-30\n[[cases]]\nname = 'x'\ngiven = { order_count = 3, last_order = 2025-01-01, revenue = 100, consent = true }\n\
             expect = { candidates = { exactly = [\"comeback\", \"letter\"] }, followups = { exactly = ['thank'] } }\n",
        ),
        (
            "c.jsonl",
            "{\"as_of\": \"2026-06-30\",  \"expect\": {\"state\": \"dormant\", \"chance\": 7}}\n",
            "{\"as_of\": \"2026-06-30\",  \"expect\": {\"state\": \"active\", \"chance\": 7}}\n",
        ),
    ] {
        let set = load_from_texts(&[(name, text)], &loaded);
        let rewrites = update::update(&set, loaded.pack.as_ref().unwrap(), &verdicts(&loaded, &set)).unwrap();
        assert_eq!(
            rewrites.first().map(|r| r.text.as_str()),
            Some(expected),
            "{name}: {}",
            render_short(&set.diagnostics, &set.sources)
        );
    }
}

#[test]
fn no_text_of_cases_makes_a_panic() {
    let loaded = shop();
    let pack = loaded.pack.as_ref().unwrap();
    let csv = "name,as_of,late_share,orders,params.window,expect.state,expect.worth\n\
        one,2026-06-30,0.5,\"[{\"\"ordered_on\"\":\"\"2026-01-01\"\",\"\"amount\"\":3}]\",100,active|dormant,3..10\n";
    let jsonl = "{\"name\": \"x\", \"as_of\": \"2026-06-30\", \"given\": {\"orders\": [{\"ordered_on\": \"2026-06-01\"}]}, \
        \"expect\": {\"state\": [\"active\"], \"score\": {\"payment\": {\"min\": 1e2}}}}\n";
    let signs: Vec<char> = "[]{}=\"'\\\n\r\t,;.|#-0é\u{feff}\u{0}9".chars().collect();
    let mut random = fastrand::Rng::with_seed(4);
    for (name, text) in [("c.toml", FAILING), ("c.csv", csv), ("c.jsonl", jsonl)] {
        for _ in 0..400 {
            let mut chars: Vec<char> = text.chars().collect();
            for _ in 0..random.usize(1..6) {
                let at = random.usize(0..chars.len());
                match random.u8(0..3) {
                    0 => chars[at] = signs[random.usize(0..signs.len())],
                    1 => chars.insert(at, signs[random.usize(0..signs.len())]),
                    _ => {
                        let end = (at + random.usize(1..12)).min(chars.len());
                        chars.drain(at..end);
                    }
                }
                if chars.is_empty() {
                    break;
                }
            }
            let text: String = chars.into_iter().collect();
            let set = read(&loaded, name, &text);
            for label in set.diagnostics.iter().flat_map(|d| d.primary.iter().chain(&d.related)) {
                let text = &set.sources.get(label.span.file).unwrap().text;
                assert!(text.get(label.span.start as usize..label.span.end as usize).is_some(), "{label:?} in {text}");
            }
            let found = verdicts(&loaded, &set);
            let _ = render_human(&Report::new(&set, pack, &found).unwrap(), 80, false);
            for rewrite in update::update(&set, pack, &found).unwrap() {
                // What was rewritten passes, or at least is refused openly.
                let again = read(&loaded, name, &rewrite.text);
                assert_eq!(
                    again.len() + rewrite.refused.len(),
                    set.len() + rewrite.refused.len() + set.files[0].unanswered.len(),
                    "{text}\n---\n{}",
                    rewrite.text
                );
            }
        }
    }
}

fn regain(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args).env_remove("NO_COLOR").env("COLUMNS", "80");
    command.output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A folder with the shop and one file of cases.
fn folder(cases: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pack.toml"), PACK).unwrap();
    std::fs::create_dir(folder.path().join("cases")).unwrap();
    std::fs::write(folder.path().join("cases/a.toml"), cases).unwrap();
    folder
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn exit_codes_say_what_happened() {
    let failing = folder(FAILING);
    let path = shown(failing.path());
    let output = regain(&["test", path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("3 cases, 4 steps: 2 passed, 2 failed ("), "{}", out(&output));
    assert_eq!(regain(&["test", path, "--filter", "fine"]).status.code(), Some(0));
    let nobody = regain(&["test", path, "--filter", "nobody"]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("no case of"));
    let list = out(&regain(&["test", path, "--list"]));
    assert!(list.lines().count() == 3 && list.contains("cases/a.toml:14: a life (2 steps)"), "{list}");

    // A report for a CI server, and the same for people.
    let xml = failing.path().join("report.xml");
    let output = regain(&["test", path, "--format", "junit", "--out", shown(&xml)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("2 failed"));
    let text = std::fs::read_to_string(&xml).unwrap();
    assert!(text.contains("<testsuites name=\"shop 1.0.0\" tests=\"3\"") && text.contains("failures=\"2\""), "{text}");
    let github = out(&regain(&["test", path, "--format", "github"]));
    assert!(github.starts_with("::error ") && github.contains("line=7,"), "{github}");

    // Rewritten, it passes, and comments are kept.
    let output = regain(&["test", path, "--update"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    assert!(out(&output).contains("state = \"dormant\" → \"active\""), "{}", out(&output));
    let text = std::fs::read_to_string(failing.path().join("cases/a.toml")).unwrap();
    assert!(text.contains("# or is she?") && text.contains("suppressed = true }   # no"), "{text}");

    // Nothing to run, and what cannot be read.
    assert_eq!(regain(&["test", shown(folder("x = [").path())]).status.code(), Some(2));
    let empty = folder("");
    std::fs::remove_dir_all(empty.path().join("cases")).unwrap();
    let output = regain(&["test", shown(empty.path())]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("has no cases: nothing proves it"));
    assert_eq!(regain(&["test", "no/such/pack"]).status.code(), Some(2));
}

#[test]
fn the_examples_pass() {
    for pack in
        ["examples/retail", "examples/telecom", "examples/telco", "examples/b2b", "examples/cdnow", "examples/plugin"]
    {
        let output = regain(&["test", pack]);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{pack}\n{}{}",
            out(&output),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
