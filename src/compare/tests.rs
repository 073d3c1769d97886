//! Who moved and why, on records made here: the counts against a plain reading, the reasons, and how it looks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};

use super::rules::tests::{CASES, PACK, pack};
use super::*;
use crate::draw::width;
use crate::expr::Date;
use crate::pack::load_from_texts;
use crate::stage::{Program, decide};

/// Some records of the sample pack.
#[derive(Clone)]
struct Row {
    key: usize,
    silent: Option<f64>,
    late: f64,
    revenue: f64,
    objected: bool,
    reason: Option<&'static str>,
    phone: bool,
}

/// Customers in whom everything happens, the same each time.
fn rows(count: usize) -> Vec<Row> {
    let pick = |i: usize, k: usize, n: usize| (i.wrapping_mul(2_654_435_761).wrapping_add(k * 40_503) >> 7) % n;
    (0..count)
        .map(|i| Row {
            key: i + 1,
            silent: (pick(i, 1, 17) != 0).then(|| pick(i, 2, 900) as f64),
            late: pick(i, 3, 8) as f64,
            revenue: pick(i, 4, 160) as f64 * 10.0,
            objected: pick(i, 5, 25) == 0,
            reason: [Some("price"), Some("service"), None][pick(i, 6, 3)],
            phone: pick(i, 7, 3) != 0,
        })
        .collect()
}

/// Batches of at most so many rows; keys as texts, or as numbers.
fn held(rows: &[Row], size: usize, numbers: bool) -> Held {
    let batch = |rows: &[Row]| {
        let keys: ArrayRef = if numbers {
            Arc::new(rows.iter().map(|r| Some(r.key as i64)).collect::<Int64Array>())
        } else {
            Arc::new(rows.iter().map(|r| Some(r.key.to_string())).collect::<StringArray>())
        };
        let number =
            |of: fn(&Row) -> Option<f64>| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<Float64Array>()) };
        RecordBatch::try_from_iter([
            ("customer_id", keys),
            ("days_silent", number(|r| r.silent)),
            ("late", number(|r| Some(r.late))),
            ("revenue", number(|r| Some(r.revenue))),
            ("objected", Arc::new(rows.iter().map(|r| Some(r.objected)).collect::<BooleanArray>()) as ArrayRef),
            ("reason", Arc::new(rows.iter().map(|r| r.reason).collect::<StringArray>()) as ArrayRef),
            ("phone_ok", Arc::new(rows.iter().map(|r| Some(r.phone)).collect::<BooleanArray>()) as ArrayRef),
            ("order_count", number(|_| Some(3.0))),
        ])
        .unwrap()
    };
    Held::of(rows.chunks(size).map(batch).collect())
}

/// Rules with what they decided.
struct Decisions {
    pack: Arc<Pack>,
    context: Context,
    held: Arc<Held>,
    decided: Decided,
}

impl Decisions {
    fn of(pack: Arc<Pack>, held: &Arc<Held>) -> Decisions {
        let context = Context::at(Date::from_ymd(2026, 6, 30).unwrap());
        let decided = held.decide(&Program::compile(&pack, &context), 1).unwrap();
        Decisions { pack, context, held: Arc::clone(held), decided }
    }

    fn side(&self) -> Side<'_> {
        Side { pack: &self.pack, context: &self.context, held: &self.held, decided: &self.decided }
    }
}

fn compared(changes: &[(&str, &str)], rows: &[Row]) -> Comparison {
    let held = Arc::new(held(rows, 100, false));
    let (old, new) = (Decisions::of(pack(&[]), &held), Decisions::of(pack(changes), &held));
    compare(&old.side(), &new.side(), 10)
}

/// From, to: how many, in one respect, read one by one from single decisions.
fn plainly(old: &Decisions, new: &Decisions, respect: &str) -> BTreeMap<(Option<String>, Option<String>), u64> {
    let value = |side: &Decisions, batch, row| {
        let decision = decide(&side.pack, &side.context, side.held.record(&side.pack, batch, row));
        let pack = &side.pack;
        match respect {
            "state" if decision.suppressed.is_some() => Some(SUPPRESSED.to_owned()),
            "state" => decision.state.map(|i| pack.states[i].state.clone()),
            "cause" if decision.suppressed.is_none() && decision.cause.analysed => {
                Some(decision.cause.winner.map_or("unknown".to_owned(), |i| pack.causes.list[i].name.clone()))
            }
            "grade" => decision.grade.map(|i| pack.grades[i].name.clone()),
            "campaign" => decision.best.map(|i| pack.campaigns[i].name.clone()),
            _ => None,
        }
    };
    let mut counts = BTreeMap::new();
    for (b, batch) in old.held.batches().iter().enumerate() {
        for row in 0..batch.num_rows() {
            *counts.entry((value(old, b, row), value(new, b, row))).or_default() += 1;
        }
    }
    counts
}

#[test]
fn counts_are_those_of_a_plain_reading() {
    let held = Arc::new(held(&rows(600), 64, false));
    let old = Decisions::of(pack(&[]), &held);
    for changes in [
        &[("value = 365", "value = 120")][..],
        &[("when = 'objected'", "when = 'objected || late > 5'")],
        &[("weight = 2, because", "weight = 0.5, because"), ("when = 'priority >= 7'", "when = 'priority >= 6'")],
        &[("name = \"dormant\"", "name = \"asleep\""), ("success = '0.1'", "success = '0.3'")],
    ] {
        let new = Decisions::of(pack(changes), &held);
        let found = compare(&old.side(), &new.side(), 5);
        assert!(found.moves.moved > 0, "{changes:?}");
        assert_eq!(found.moves.customers, 600);
        for dimension in &found.moves.by {
            let expected = plainly(&old, &new, &dimension.name);
            for flow in &dimension.flows {
                assert_eq!(expected[&(flow.from.clone(), flow.to.clone())], flow.customers, "{changes:?}");
            }
            let flowing: u64 = dimension.flows.iter().map(|flow| flow.customers).sum();
            let staying: u64 = expected.iter().filter(|((a, b), _)| a == b).map(|(_, n)| n).sum();
            assert_eq!(flowing + staying, 600);
            let sum = |of: fn(&Total) -> u64| dimension.totals.iter().map(of).sum::<u64>();
            assert_eq!((sum(|t| t.customers.0), sum(|t| t.customers.1)), (600, 600));
            let money = |of: fn(&Total) -> Option<f64>| dimension.totals.iter().filter_map(of).sum::<f64>();
            let (before, now) = found.moves.money.unwrap();
            assert_eq!((money(|t| t.money.0), money(|t| t.money.1)), (before, now));
        }
    }
}

#[test]
fn customers_are_matched_by_key_wherever_they_stand() {
    let rows = rows(500);
    let one = Arc::new(held(&rows, 64, false));
    let mut mixed = rows.clone();
    mixed.reverse();
    mixed.swap(3, 400);
    let old = Decisions::of(pack(&[]), &one);
    let fast = Decisions::of(pack(&[("value = 365", "value = 120")]), &one);
    let expected = compare(&old.side(), &fast.side(), 5);
    for numbers in [false, true] {
        let other = Arc::new(held(&mixed, 90, numbers));
        let new = Decisions::of(pack(&[("value = 365", "value = 120")]), &other);
        assert_eq!(compare(&old.side(), &new.side(), 5), expected, "{numbers}");
    }
    let fewer = Arc::new(held(&mixed[20..], 90, false));
    let new = Decisions::of(pack(&[("value = 365", "value = 120")]), &fewer);
    let found = compare(&old.side(), &new.side(), 5).moves;
    assert_eq!((found.customers, found.gone, found.new), (480, 20, 0));
    let found = compare(&new.side(), &old.side(), 5).moves;
    assert_eq!((found.customers, found.gone, found.new), (480, 0, 20));
}

/// What decides is never silent, and the rule that is blamed is the one that changed.
#[test]
fn the_rule_that_changed_did_it() {
    let held = Arc::new(held(&rows(400), 128, false));
    let old = Decisions::of(pack(&[]), &held);
    let mut moving = 0;
    for (from, to, said) in CASES {
        let new = Decisions::of(pack(&[(from, to)]), &held);
        let found = compare(&old.side(), &new.side(), 400);
        let decisions = |side: &Decisions| -> Vec<Vec<ArrayRef>> {
            let batches = side.decided.batches.iter();
            // What follows from the texts of a pack alone is no decision.
            let names =
                ["state", "track", "cause", "class", "grade", "priority", "campaign", "net", "money", "suppressed"];
            batches.map(|batch| names.iter().filter_map(|name| batch.column_by_name(name).cloned()).collect()).collect()
        };
        assert!(decisions(&old) == decisions(&new) || !found.rules.is_empty(), "{to}");
        let what = found.rules[0].what.as_str();
        for mover in &found.movers {
            assert!(!mover.reasons.is_empty() && mover.reasons.len() == 1, "{to}: {mover:?}");
            assert!(mover.reasons[0].contains(what), "{to}: {mover:?}");
        }
        for flow in found.moves.by.iter().flat_map(|dimension| &dimension.flows) {
            assert!(flow.looked_at > 0, "{to}: {flow:?}");
            assert_eq!(flow.because, [(what.to_owned(), flow.looked_at)], "{said}");
        }
        moving += usize::from(found.moves.moved > 0);
    }
    assert!(moving > 15, "{moving}");
    assert_eq!(compare(&old.side(), &old.side(), 10).movers, []);
}

/// A person's decision is why, whatever the rules say of her besides.
#[test]
fn what_people_decide_did_it() {
    let told = "[override]\ngrade = 'if late > 6 { \"A\" } else { () }'\n\
                cause = 'if late == 5 { \"service\" } else { () }'\n\
                campaign = 'if late == 4 { \"none\" } else { () }'\n\
                because = \"Ines: {late} times late\"\n[[grades]]\nname = \"A\"";
    let found = compared(&[("[[grades]]\nname = \"A\"", told)], &rows(300));
    assert_eq!(found.rules.iter().map(|rule| rule.what.as_str()).collect::<Vec<_>>(), ["what people decide"]);
    let moved: Vec<&str> = found.moves.by.iter().filter(|d| !d.flows.is_empty()).map(|d| d.name.as_str()).collect();
    assert_eq!(moved, ["cause", "grade", "campaign"]);
    for mover in &found.movers {
        assert_eq!(mover.reasons.len(), 1, "{mover:?}");
        assert!(mover.reasons[0].contains("what people decide"), "{mover:?}");
    }
    assert!(found.movers.iter().any(|mover| mover.reasons[0].contains("(Ines: 7 times late)")), "{:?}", found.movers);
    // The same rules over other data: it is the data.
    let (before, mut now) = (rows(300), rows(300));
    now.iter_mut().for_each(|row| row.late = if row.late == 7.0 { 6.0 } else { row.late });
    let pack = pack(&[("[[grades]]\nname = \"A\"", told)]);
    let old = Decisions::of(Arc::clone(&pack), &Arc::new(held(&before, 100, false)));
    let new = Decisions::of(pack, &Arc::new(held(&now, 100, false)));
    let found = compare(&old.side(), &new.side(), 300);
    let graded = found.movers.iter().filter(|mover| mover.reasons.iter().any(|r| r.starts_with("grade")));
    assert!(graded.count() == 0 && !found.movers.is_empty());
    assert!(found.movers.iter().all(|mover| mover.reasons[0].contains("`late` 6, before 7")), "{:?}", found.movers);
}

#[test]
fn reasons_are_in_words_with_her_values() {
    let reason = |changes: &[(&str, &str)]| {
        let found = compared(changes, &rows(300));
        found.movers.first().map(|mover| mover.reasons.join(" | ")).unwrap_or_default()
    };
    insta::assert_snapshot!(
        [
            reason(&[("value = 365", "value = 120")]),
            reason(&[("when = 'days_silent > sleep_line'", "when = 'days_silent > 90'")]),
            reason(&[("when = 'objected'", "when = 'objected || late > 5'")]),
            reason(&[("weight = 2, because", "weight = 0.5, because")]),
            reason(&[("[0.1, 7]", "[0.1, 2]")]),
            reason(&[("weight = 2\nvalue", "weight = 9\nvalue")]),
            reason(&[("when = 'priority >= 7'", "when = 'priority >= 6'")]),
            reason(&[("success = '0.1'", "success = '0.3'")]),
            reason(&[("{ 3.0 }", "{ 9.0 }")]),
            reason(&[("consent = 'phone_ok'", "")]),
            reason(&[(
                "[[states]]\nname = \"active\"",
                "[[states]]\nname = \"napping\"\nwhen = 'days_silent > 90'\n[[states]]\nname = \"active\""
            )]),
            reason(&[
                ("value = 365", "value = 120"),
                ("when = 'priority >= 7'", "when = 'priority >= 6'"),
                ("{ 3.0 }", "{ 9.0 }")
            ]),
        ]
        .join("\n")
    );
}

#[test]
fn other_data_are_said_to_be_so() {
    let mut later = rows(50);
    let at = later.iter().position(|r| !r.objected && r.silent.is_some_and(|x| x < 300.0)).unwrap();
    let (before, key) = (later[at].silent.unwrap(), later[at].key.to_string());
    later[at].silent = Some(800.0);
    let old = Decisions::of(pack(&[]), &Arc::new(held(&rows(50), 64, false)));
    let new = Decisions::of(pack(&[]), &Arc::new(held(&later, 64, false)));
    let found = compare(&old.side(), &new.side(), 5);
    assert_eq!((found.moves.moved, found.rules.len()), (1, 0));
    assert_eq!(found.movers[0].key, key);
    assert_eq!(found.movers[0].reasons, [format!("her data are different: `days_silent` 800, before {before}")]);
}

/// A comparison in which much happens.
fn sample() -> (Comparison, Heads) {
    let held = Arc::new(held(&rows(1200), 256, false));
    let old = Decisions::of(pack(&[]), &held);
    let new = Decisions::of(
        pack(&[
            ("1.0.0", "1.1.0"),
            ("value = 365", "value = 180"),
            ("[0.1, 7]", "[0.1, 4]"),
            (
                "[[states]]\nname = \"active\"",
                "[[states]]\nname = \"napping\"\ntrack = \"prevention\"\nwhen = 'days_silent > 90'\n[[states]]\nname = \"active\"",
            ),
            ("[[followups]]\nname = \"thanks\"\nwhen = 'state == \"active\"'", ""),
            ("weight = 2, because", "weight = 0.5, because"),
        ]),
        &held,
    );
    let mut found = compare(&old.side(), &new.side(), 6);
    found.other.push("as of 2026-06-30 instead of 2026-05-31".to_owned());
    let mut heads = Heads { old: Head::of(&old.side(), "main"), new: Head::of(&new.side(), "working copy") };
    heads.old.receipt.hash = "3f9a1c20d4e5f607".repeat(4);
    heads.new.receipt.hash = "99aa1c20d4e5f607".repeat(4);
    (found, heads)
}

#[test]
fn on_a_terminal() {
    let (found, heads) = sample();
    for columns in [80, 120, 200] {
        let text = terminal(&found, &Look { columns, color: false, heads: Some(heads.clone()) });
        assert!(text.lines().all(|line| width(line) <= columns), "{columns}:\n{text}");
        if columns != 120 {
            insta::assert_snapshot!(format!("terminal_{columns}"), text);
        }
    }
    let coloured = terminal(&found, &Look { columns: 80, color: true, heads: None });
    assert!(coloured.contains('\u{1b}'));
}

#[test]
fn as_markdown_and_json() {
    let (found, heads) = sample();
    insta::assert_snapshot!("markdown", markdown(&found, &heads));
    insta::assert_snapshot!("json", serde_json::to_string_pretty(&json(&found, &heads)).unwrap());
}

#[test]
fn nothing_and_rules_alone_are_said_plainly() {
    let same = compared(&[], &rows(100));
    let rescored = compared(&[("[0.1, 7]", "[0.1, 6.99]")], &rows(100));
    let alone =
        Comparison { rules: rules(&pack(&[]), &pack(&[("value = 365", "value = 180")])), ..Comparison::default() };
    let look = Look { columns: 80, color: false, heads: None };
    let shown = [same, rescored, alone].map(|comparison| terminal(&comparison, &look));
    insta::assert_snapshot!("quiet", shown.join("=====\n"));
}

#[test]
fn a_comment_is_never_too_long_nor_taken_over_by_data() {
    let (mut found, heads) = sample();
    let nasty = "a|b`c` <img src=x> @everyone **bold** [x](http://x) ``` \n\u{1b}[2J".to_owned();
    found.movers[0].key.clone_from(&nasty);
    found.movers[0].reasons = vec![nasty.clone()];
    found.rules[0].details = vec![nasty];
    let mover = found.movers[0].clone();
    let change = found.rules[0].clone();
    found.movers.extend(std::iter::repeat_n(mover, 300));
    found.rules.extend(std::iter::repeat_n(change, 300));
    let text = markdown(&found, &heads);
    assert!(text.chars().count() < 60_000, "{}", text.chars().count());
    assert!(text.contains("left out here"));
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    for bad in ["<img", "@everyone", "**bold", "\u{1b}"] {
        assert!(!text.contains(bad), "{bad}");
    }
    // Each row of the table of movers has its five columns.
    let row = text.lines().find(|line| line.contains("img src")).unwrap();
    assert!(row.starts_with("- "), "{row}");
    let rows = text.lines().filter(|line| line.starts_with('|') && line.contains("img src"));
    for row in rows {
        let pipes = row.char_indices().filter(|(at, c)| *c == '|' && !row[..*at].ends_with('\\')).count();
        assert_eq!(pipes, 6, "{row}");
    }
}

#[test]
fn two_packs_of_different_names_are_compared() {
    let other = PACK
        .replace("name = \"sample\"", "name = \"other\"")
        .replace("sleep_line = 'sleep_after'", "sleep_line = '200'");
    let script = super::rules::tests::SCRIPT;
    let other = load_from_texts(&[("pack.toml", &other), ("scripts/prestige.rhai", script)]).pack.unwrap();
    let held = Arc::new(held(&rows(200), 64, false));
    let (old, new) = (Decisions::of(pack(&[]), &held), Decisions::of(other, &held));
    let found = compare(&old.side(), &new.side(), 3);
    let what: Vec<&str> = found.rules.iter().map(|change| change.what.as_str()).collect();
    assert_eq!(what, ["`[pack]`", "fact `sleep_line`"]);
    assert!(found.movers.iter().all(|mover| mover.reasons[0].contains("fact `sleep_line`")), "{:?}", found.movers);
}

#[test]
fn a_million_is_counted_in_one_pass() {
    // Generous: unoptimised code on a busy machine. How fast it really is, the bench `watch` says.
    let one = held(&rows(2_000), 2_000, false);
    let batches: Vec<RecordBatch> = one.batches().iter().cycle().take(50).cloned().collect();
    let held = Arc::new(Held::of(batches));
    let old = Decisions::of(pack(&[]), &held);
    let new = Decisions::of(pack(&[("value = 365", "value = 364")]), &held);
    let start = std::time::Instant::now();
    let found = moves::moves(&old.side(), &new.side(), 10);
    assert!(start.elapsed().as_secs() < 20);
    assert_eq!(found.moves.customers, 100_000);
}

/// Haus & Herd of the example, with some of its pack replaced and more added.
fn house(from: &str, to: &str, more: &str) -> Arc<Pack> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/retail/pack.toml");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from));
    let loaded = load_from_texts(&[("pack.toml", &format!("{}\n{more}\n", text.replacen(from, to, 1)))]);
    loaded.pack.unwrap_or_else(|| panic!("{more}: {:#?}", loaded.diagnostics))
}

/// Her customers, as a pack reads them.
fn house_held(pack: &Arc<Pack>) -> Arc<Held> {
    use crate::data::{Options, Run, Source};
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/retail/data");
    let sources: Vec<Source> =
        ["complaints", "customers", "orders"].map(|name| Source::new(name, format!("{folder}/{name}.csv"))).into();
    let options = Options { threads: 1, ..Options::default() };
    let run = Run::open(pack, Date::from_ymd(2026, 6, 30).unwrap(), &sources, options).unwrap();
    Arc::new(Held::read(&run).unwrap())
}

#[test]
fn a_real_pack_says_what_did_it() {
    let pack = house("", "", "");
    let held = house_held(&pack);
    let old = Decisions::of(pack, &held);
    let edits = [
        ("", "", "[params.sleep_after]\nvalue = 120"),
        ("", "", "[params.lost_after]\nvalue = 365\n[params.cost_mail]\nvalue = 9"),
        ("weight = 0.5", "weight = 4", ""),
        ("", "", "[[grades]]\nname = \"A\"\nwhen = 'priority >= 6'"),
        ("", "", "[[states]]\nname = \"overdue\"\nremove = true"),
        ("", "", "[[suppress]]\nname = \"tiny\"\nwhen = 'revenue < 100'"),
        ("", "", "[facts]\ncare_cost = 'complaints_12m * 50'"),
        ("weight = 6, because", "weight = 1, because", ""),
        ("", "", "[rollups]\nusual_gap = 'quantile_gap(orders.ordered_on, 0.8)'"),
        ("", "", "[channels.phone]\nconsent = 'true'"),
    ];
    let mut said = Vec::new();
    for (from, to, more) in edits {
        let pack = house(from, to, more);
        let records = if more.contains("rollups") { house_held(&pack) } else { Arc::clone(&held) };
        let new = Decisions::of(pack, &records);
        let found = compare(&old.side(), &new.side(), 60);
        assert!(!found.rules.is_empty(), "{more}{to}");
        for mover in &found.movers {
            for reason in &mover.reasons {
                let known =
                    found.rules.iter().any(|change| reason.contains(&change.what)) || reason.starts_with("and ");
                assert!(known, "{more}{to}: {mover:#?}");
            }
        }
        let moves = &found.moves;
        let first = found.movers.first().map(|mover| format!("{}: {}", mover.key, mover.reasons.join(" | ")));
        said.push(format!("{} of {}, {}", moves.moved, moves.customers, first.unwrap_or_default()));
    }
    insta::assert_snapshot!("house", said.join("\n"));
    let both = house(
        "weight = 0.5",
        "weight = 4",
        "[params.sleep_after]\nvalue = 120\n[rollups]\nusual_gap = 'quantile_gap(orders.ordered_on, 0.8)'",
    );
    let records = house_held(&both);
    let new = Decisions::of(both, &records);
    let found = compare(&old.side(), &new.side(), 8);
    insta::assert_snapshot!("house_terminal", terminal(&found, &Look { columns: 100, color: false, heads: None }));
}
