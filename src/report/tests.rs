//! The portfolio: what it counts, and how it looks at 80 and 200 columns.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use super::{
    CampaignEntry, CauseEntry, CriterionEntry, DimensionEntry, GradeEntry, Layout, MoneyEntry, Portfolio, StateEntry,
    render,
};
use crate::draw::width;
use crate::stage::Receipt;
use arrow::array::{ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int32Type;

const CRITERIA: [(&str, &str, &str); 12] = [
    ("purchase_history", "Purchase history", "worth"),
    ("margin", "Contribution margin", "worth"),
    ("image", "Image factor", "worth"),
    ("referral", "Recommendation", "worth"),
    ("prospects", "Future prospects", "worth"),
    ("payment", "Payment mentality", "worth"),
    ("credit", "Credit rating", "worth"),
    ("care", "Care costs", "worth"),
    ("price", "Price sensitivity", "chance"),
    ("bargain", "Bargain factor", "chance"),
    ("sympathy", "Sympathy", "chance"),
    ("willingness_to_complain", "Willingness to complain", "chance"),
];

fn layout() -> Layout {
    let state = |state: &str, track: Option<&str>| StateEntry { state: state.into(), track: track.map(str::to_owned) };
    let cause = |name: &str, label: &str, class: &str| CauseEntry {
        name: name.into(),
        label: label.into(),
        class: class.into(),
    };
    let grade = |name: &str, let_go| GradeEntry { name: name.into(), label: name.into(), let_go };
    let campaign = |name: &str| CampaignEntry { name: name.into(), label: name.into() };
    let dimension = |name: &str| DimensionEntry { name: name.into(), label: name.into() };
    Layout {
        human: false,
        receipt: Receipt {
            pack: "retail".into(),
            version: "1.2.0".into(),
            hash: "3f9a1c20d4e5f6071829".into(),
            as_of: "2026-06-30".into(),
        },
        key: "customer_id".into(),
        money: Some(MoneyEntry { label: "revenue so far".into(), currency: "EUR".into() }),
        states: vec![
            state("returned", Some("second_life")),
            state("cancelling", Some("termination")),
            state("dormant", Some("recovery")),
            state("active", None),
        ],
        causes: vec![
            cause("price", "Price too high", "bought_away"),
            cause("service", "Let down by service", "pushed_away"),
            cause("moved", "Moved out of reach", "moved_away"),
        ],
        grades: vec![grade("A", false), grade("B", false), grade("C", false), grade("D", true)],
        campaigns: vec![campaign("price-comeback"), campaign("apology-call"), campaign("newsletter")],
        criteria: CRITERIA
            .map(|(name, label, dimension)| CriterionEntry {
                name: name.into(),
                label: label.into(),
                dimension: dimension.into(),
            })
            .to_vec(),
        dimensions: vec![dimension("worth"), dimension("chance")],
    }
}

/// One customer of the hand-made table.
#[derive(Clone, Copy)]
struct Row {
    suppressed: Option<&'static str>,
    state: Option<(&'static str, Option<&'static str>)>,
    cause: Option<(&'static str, &'static str)>,
    scores: [Option<f64>; 12],
    worth: Option<f64>,
    chance: Option<f64>,
    priority: Option<f64>,
    grade: Option<&'static str>,
    campaign: Option<(&'static str, &'static str, &'static str)>,
    economy: Option<(f64, f64, f64)>,
    money: Option<f64>,
}

const EMPTY: Row = Row {
    suppressed: None,
    state: None,
    cause: None,
    scores: [None; 12],
    worth: None,
    chance: None,
    priority: None,
    grade: None,
    campaign: None,
    economy: None,
    money: None,
};

/// Customer `i` of a portfolio in which everything happens.
fn row(i: usize) -> Row {
    let x = |k: usize| ((i * 37 + k * 53) % 101) as f64 / 10.0;
    let suppressed = Row { suppressed: Some("objection to direct marketing (GDPR Art. 21)"), ..EMPTY };
    match i % 20 {
        19 => suppressed,
        18 => Row { suppressed: Some("deceased"), ..EMPTY },
        0..8 => Row { state: Some(("active", None)), grade: Some("C"), money: Some(x(1) * 210.0), ..EMPTY },
        17 => Row { money: Some(12.5), ..EMPTY },
        n => {
            let mut scores = [None; 12];
            for (k, score) in scores.iter_mut().enumerate() {
                *score = (!(i + k).is_multiple_of(7)).then(|| x(k).min(10.0));
            }
            let (worth, chance) = (x(3).min(10.0), x(7).min(10.0));
            let priority = (worth + chance) / 2.0;
            let grade = if priority > 6.5 {
                "A"
            } else if priority > 4.0 {
                "B"
            } else {
                "D"
            };
            let cause = match n {
                8..11 => ("price", "bought_away"),
                11..14 => ("service", "pushed_away"),
                _ => ("unknown", "unknown"),
            };
            let campaign = match (grade, n) {
                ("D", _) | (_, 14) => None,
                (_, 8..11) => Some(("price-comeback", "comeback-15", "phone")),
                _ => Some(("apology-call", "voucher-20", "letter")),
            };
            let state = if n % 2 == 0 { ("dormant", Some("recovery")) } else { ("cancelling", Some("termination")) };
            Row {
                state: Some(state),
                cause: Some(cause),
                scores,
                worth: Some(worth),
                chance: (n != 12).then_some(chance),
                priority: Some(priority),
                grade: Some(grade),
                campaign,
                economy: campaign.map(|_| (12.5, 0.05 + 0.01 * chance, 100.0 * worth - 90.0)),
                money: Some(x(2) * 333.0),
                ..EMPTY
            }
        }
    }
}

fn texts(values: impl Iterator<Item = Option<&'static str>>) -> ArrayRef {
    let values: Vec<_> = values.collect();
    Arc::new(values.into_iter().collect::<DictionaryArray<Int32Type>>())
}

fn batch(key: ArrayRef, rows: &[Row]) -> RecordBatch {
    let number = |of: &dyn Fn(&Row) -> Option<f64>| Arc::new(rows.iter().map(of).collect::<Float64Array>()) as ArrayRef;
    let text = |of: fn(&Row) -> Option<&'static str>| texts(rows.iter().map(of));
    let suppressed: BooleanArray = rows.iter().map(|r| Some(r.suppressed.is_some())).collect();
    let mut columns: Vec<(String, ArrayRef)> = vec![
        ("customer_id".into(), key),
        ("suppressed".into(), Arc::new(suppressed)),
        ("suppressed_because".into(), text(|r| r.suppressed)),
        ("state".into(), text(|r| r.state.map(|s| s.0))),
        ("track".into(), text(|r| r.state.and_then(|s| s.1))),
        ("cause".into(), text(|r| r.cause.map(|c| c.0))),
        ("class".into(), text(|r| r.cause.map(|c| c.1))),
    ];
    for (i, (name, ..)) in CRITERIA.iter().enumerate() {
        columns.push((format!("score.{name}"), number(&|r| r.scores[i])));
    }
    columns.extend([
        ("worth".to_owned(), number(&|r| r.worth)),
        ("chance".to_owned(), number(&|r| r.chance)),
        ("priority".to_owned(), number(&|r| r.priority)),
        ("grade".to_owned(), text(|r| r.grade)),
        ("campaign".to_owned(), text(|r| r.campaign.map(|c| c.0))),
        ("offer".to_owned(), text(|r| r.campaign.map(|c| c.1))),
        ("channel".to_owned(), text(|r| r.campaign.map(|c| c.2))),
        ("cost".to_owned(), number(&|r| r.economy.map(|e| e.0))),
        ("success".to_owned(), number(&|r| r.economy.map(|e| e.1))),
        ("net".to_owned(), number(&|r| r.economy.map(|e| e.1 * e.2 - e.0))),
        ("money".to_owned(), number(&|r| r.money)),
    ]);
    RecordBatch::try_from_iter(columns).unwrap()
}

fn rows(n: usize) -> Vec<Row> {
    (0..n).map(row).collect()
}

fn keys(range: std::ops::Range<usize>) -> ArrayRef {
    Arc::new(range.map(|i| Some(format!("C{i:05}"))).collect::<StringArray>())
}

fn portfolio() -> Portfolio {
    let mut portfolio = Portfolio::new(layout(), 8);
    portfolio.add(&batch(keys(0..2000), &rows(2000))).unwrap();
    portfolio.set_rejected(6);
    portfolio.set_input(2006);
    portfolio
}

#[test]
fn at_80_columns() {
    insta::assert_snapshot!(render(&portfolio().summary(), 80, false));
}

#[test]
fn at_200_columns() {
    insta::assert_snapshot!(render(&portfolio().summary(), 200, false));
}

#[test]
fn as_json() {
    let mut portfolio = Portfolio::new(layout(), 1);
    portfolio.add(&batch(keys(0..40), &rows(40))).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&portfolio.to_json()).unwrap());
}

#[test]
fn no_line_is_too_wide_at_any_width() {
    let summary = portfolio().summary();
    for columns in 76..=240 {
        for color in [false, true] {
            for line in render(&summary, columns, color).lines() {
                assert!(width(line) <= columns, "{columns}: {line}");
            }
        }
    }
}

#[test]
fn without_colour_there_is_no_escape_and_with_it_the_same_text() {
    let summary = portfolio().summary();
    for columns in [80, 200] {
        let plain = render(&summary, columns, false);
        let coloured = render(&summary, columns, true);
        assert!(!plain.contains('\u{1b}'));
        assert!(coloured.contains('\u{1b}'));
        let trimmed = |s: String| s.lines().map(|l| l.trim_end().to_owned()).collect::<Vec<_>>();
        assert_eq!(trimmed(anstream::adapter::strip_str(&coloured).to_string()), trimmed(plain));
    }
}

#[test]
fn counts_do_not_depend_on_batches_their_order_or_threads() {
    let all = rows(2000);
    let whole = portfolio().to_json();
    for size in [1, 7, 512] {
        let mut parts: Vec<Portfolio> = (0..3).map(|_| Portfolio::new(layout(), 8)).collect();
        let starts: Vec<usize> = (0..2000).step_by(size).collect();
        for (i, start) in starts.into_iter().rev().enumerate() {
            let end = (start + size).min(2000);
            parts[i % 3].add(&batch(keys(start..end), &all[start..end])).unwrap();
        }
        let mut sum = Portfolio::new(layout(), 8);
        sum.set_rejected(6);
        sum.set_input(2006);
        parts.into_iter().for_each(|p| sum.merge(p));
        assert_eq!(sum.to_json(), whole, "batches of {size}");
    }
}

#[test]
fn plain_text_columns_count_like_dictionaries() {
    let original = batch(keys(0..500), &rows(500));
    let plain = original.columns().iter().map(|c| match c.data_type() {
        arrow::datatypes::DataType::Dictionary(..) => {
            arrow::compute::cast(c, &arrow::datatypes::DataType::Utf8).unwrap()
        }
        _ => Arc::clone(c),
    });
    let names = original.schema().fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>();
    let plain = RecordBatch::try_from_iter(names.into_iter().zip(plain)).unwrap();
    let json = |batch: &RecordBatch| {
        let mut portfolio = Portfolio::new(layout(), 5);
        portfolio.add(batch).unwrap();
        portfolio.to_json()
    };
    assert_eq!(json(&plain), json(&original));
}

#[test]
fn money_adds_up_to_the_cent() {
    let mut portfolio = Portfolio::new(layout(), 0);
    let rows = vec![Row { state: Some(("active", None)), money: Some(0.1), ..EMPTY }; 1000];
    portfolio.add(&batch(keys(0..1000), &rows)).unwrap();
    assert_eq!(portfolio.summary().money.unwrap().total, 100.0);
}

#[test]
fn ties_go_to_the_smaller_key_and_numbers_are_ordered_as_numbers() {
    let rows = vec![Row { priority: Some(5.0), campaign: Some(("newsletter", "none", "e-mail")), ..EMPTY }; 12];
    let mut portfolio = Portfolio::new(layout(), 3);
    let key: ArrayRef = Arc::new((0..12).rev().map(Some).collect::<Int64Array>());
    portfolio.add(&batch(key, &rows)).unwrap();
    let top: Vec<String> = portfolio.summary().top.into_iter().map(|t| t.key).collect();
    assert_eq!(top, ["0", "1", "2"]);
    let mut portfolio = Portfolio::new(layout(), 3);
    let key: ArrayRef = Arc::new((0..12).rev().map(|i| Some(i.to_string())).collect::<StringArray>());
    portfolio.add(&batch(key, &rows)).unwrap();
    let top: Vec<String> = portfolio.summary().top.into_iter().map(|t| t.key).collect();
    assert_eq!(top, ["0", "1", "10"]);
}

#[test]
fn an_empty_run_and_an_unbalanced_one_are_said_plainly() {
    let empty = Portfolio::new(layout(), 10).summary();
    insta::assert_snapshot!(render(&empty, 80, false));
    let mut lost = Portfolio::new(layout(), 10);
    lost.set_input(3);
    assert!(!lost.summary().rows.balanced());
    assert!(render(&lost.summary(), 80, false).contains("3 rows in ≠ 0 decided + 0 suppressed + 0 rejected"));
}

#[test]
fn strange_keys_and_names_cannot_break_the_picture() {
    let mut layout = layout();
    layout.receipt.pack = "a\nb".into();
    let mut portfolio = Portfolio::new(layout, 3);
    let rows =
        vec![Row { priority: Some(5.0), campaign: Some(("new\nsletter \"x\"", "\u{1b}[2J", "客户")), ..EMPTY }; 3];
    let long = "k".repeat(4096);
    let key: ArrayRef = Arc::new(StringArray::from(vec![long.as_str(), "line\nbreak", "客户客户客户"]));
    portfolio.add(&batch(key, &rows)).unwrap();
    for columns in [80, 200] {
        let drawn = render(&portfolio.summary(), columns, false);
        assert!(!drawn.contains('\u{1b}'));
        for line in drawn.lines() {
            assert!(width(line) <= columns, "{columns}: {line}");
        }
    }
}
