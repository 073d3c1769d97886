//! Coverage counted by hand on a small pack.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::small::{PACK, pack, record, today};
use super::*;
use crate::stage::{Context, RowValues, decide};

fn cover(records: &[RowValues]) -> (Arc<Pack>, Coverage) {
    let pack = pack();
    let mut coverage = Coverage::new(&pack);
    for record in records {
        coverage.add(&pack, &decide(&pack, &Context::at(today()), record.clone()));
    }
    (pack, coverage)
}

fn open(coverage: &Coverage, kind: ItemKind) -> Vec<String> {
    coverage
        .shown(Shown::Own)
        .filter(|(item, covered)| item.kind == kind && !covered)
        .map(|(item, _)| format!("{} {}", item.what, item.never))
        .collect()
}

#[test]
fn what_there_is_to_reach() {
    let (_, coverage) = cover(&[]);
    let count = |kind| coverage.plan.items.iter().filter(|item| item.kind == kind).count();
    let counts: Vec<usize> = ItemKind::ALL.iter().map(|kind| count(*kind)).collect();
    // 3 bands + 4 pieces + 2 entries and `otherwise`; conditions: 1 + 2 + 1 not true, 3 evidence not true, 2 each of analysis
    // and campaign; branches: 2 operands twice, 2 of `if`, 2 of `??`.
    assert_eq!(counts, [1, 0, 3, 3, 2, 10, 3, 2, 1, 0, 0, 11, 8, 0]);
    let totals = coverage.totals(Shown::Own);
    assert_eq!((totals.rules.all, totals.everything.all), (25, 44));
    assert_eq!((totals.rules.covered, totals.everything.covered), (0, 0));
    assert_eq!((totals.rules.value(), totals.rules.reaches(0.0), totals.rules.reaches(0.1)), (0.0, true, false));
}

#[test]
fn one_dormant_customer_by_hand() {
    let pack = pack();
    let (_, coverage) = cover(&[record(&pack, Some(200), Some(400.0), "private")]);
    assert_eq!(
        open(&coverage, ItemKind::State),
        ["state rule `at_risk` never matched", "state rule `active` never matched"]
    );
    assert_eq!(open(&coverage, ItemKind::Suppression), ["suppression `objected` never matched"]);
    assert_eq!(open(&coverage, ItemKind::Cause), ["cause `silence` never won"]);
    assert_eq!(
        open(&coverage, ItemKind::Evidence),
        ["evidence of cause `price` never true", "evidence of cause `silence` never true"]
    );
    assert_eq!(
        open(&coverage, ItemKind::Score),
        [
            "band below 100 of criterion `size` no value fell into it",
            "last band of criterion `size` no value fell into it",
            "curve of criterion `fresh` up to 0 no value there",
            "curve of criterion `fresh` between 0 and 100 no value there",
            "curve of criterion `fresh` from 400 on no value there",
            "`business` in the map of criterion `group` no value of that kind",
            "`otherwise` of criterion `group` every value was in the map",
        ]
    );
    assert_eq!(open(&coverage, ItemKind::Missing).len(), 3);
    // worth is (6 + 4) / 2 = 5: grade B, which is let go, so no campaign, and its `when` is not asked.
    assert_eq!(open(&coverage, ItemKind::Grade), ["grade `A` never matched"]);
    assert_eq!(open(&coverage, ItemKind::Campaign), ["campaign `comeback` nobody was a candidate"]);
    assert_eq!(
        open(&coverage, ItemKind::Condition),
        [
            "condition of state rule `dormant` never other than true",
            "condition of state rule `at_risk` never other than true",
            "condition of the analysis never other than true",
            "condition of evidence of cause `price` never other than true",
            "condition of campaign `comeback` never true",
            "condition of campaign `comeback` never other than true",
        ]
    );
    assert_eq!(open(&coverage, ItemKind::Branch).len(), 8);
}

#[test]
fn a_few_customers_reach_everything() {
    let pack = pack();
    let mut objected = record(&pack, None, None, "");
    objected.set(pack.names.find("objected").unwrap(), Value::Bool(true));
    let (_, coverage) = cover(&[
        objected,
        record(&pack, Some(200), Some(400.0), "private"),
        record(&pack, Some(500), Some(600.0), "business"),
        record(&pack, Some(0), Some(40.0), "other"),
        record(&pack, Some(120), Some(200.0), "business"),
        record(&pack, Some(120), Some(20.0), ""),
        record(&pack, Some(210), Some(600.0), "other"),
        record(&pack, Some(190), Some(30.0), "business"),
        record(&pack, Some(190), None, "business"),
        record(&pack, None, None, "business"),
        record(&pack, None, None, ""),
    ]);
    let open: Vec<String> = coverage
        .shown(Shown::Own)
        .filter(|(_, covered)| !covered)
        .map(|(i, _)| format!("{} {}", i.what, i.never))
        .collect();
    // A dormant customer always has a chance: the other side of `??` is out of reach.
    assert_eq!(open, ["`5` in `success` of campaign `comeback` never used"]);
    let totals = coverage.totals(Shown::Own);
    assert_eq!((totals.rules.value(), totals.everything.covered), (100.0, 43));
    assert_eq!(totals.everything.to_string(), "97.7 %");
}

#[test]
fn the_report_names_file_and_line() {
    let pack = pack();
    let (_, coverage) = cover(&[record(&pack, Some(200), Some(400.0), "private")]);
    let text = render(&coverage, &pack.sources, Shown::Own, 80, crate::draw::Paint::new(false));
    let line = PACK.lines().position(|l| l == "name = \"at_risk\"").unwrap() + 1;
    assert!(text.contains(&format!("{line}  state rule `at_risk` never matched")), "{text}");
    assert!(text.lines().all(|line| crate::draw::width(line) <= 80), "{text}");
    let json = to_json(&coverage, &pack.sources, Shown::Own);
    assert_eq!(json["kinds"]["state"]["covered"], 1);
    let open = json["files"][0]["uncovered"].as_array().unwrap();
    assert!(open.iter().any(|item| item["line"] == line && item["kind"] == "state"));
    assert_eq!(diagnostics(&coverage, Shown::Own).len(), open.len());
}

#[test]
fn a_merge_counts_both() {
    let pack = pack();
    let (_, mut one) = cover(&[record(&pack, Some(200), Some(400.0), "private")]);
    let (_, two) = cover(&[record(&pack, Some(0), Some(400.0), "private")]);
    let alone = one.totals(Shown::Own).everything.covered;
    one.merge(&two);
    assert_eq!(one.customers, 2);
    assert!(one.totals(Shown::Own).everything.covered > alone);
    assert_eq!(one.empty().totals(Shown::Own).everything.covered, 0);
}
