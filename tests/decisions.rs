//! Two readings of one decision: `Program::apply` over columns and `stage::decide` over one record must agree to the bit, on the
//! shipped packs and the reference workload, over generated records in which anything may be missing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Float64Array, RecordBatch, StringArray};
use fastrand::Rng;
use regain::expr::{Date, Type, Value};
use regain::pack::{self, Pack};
use regain::reference::{Reference, Table};
use regain::stage::{
    Candidates, Context, Decision, Program, RowValues, Told, candidates, cell, decide, decide_by_rules,
    suppressed_because,
};

const ROWS: usize = 3_000;

pub(crate) fn as_of() -> Date {
    Date::from_ymd(2026, 6, 30).unwrap()
}

pub(crate) fn load(name: &str) -> Arc<Pack> {
    let path = match name {
        "workload" => concat!(env!("CARGO_MANIFEST_DIR"), "/benches/workload").to_owned(),
        shipped => shipped.to_owned(),
    };
    let loaded = pack::load(&path);
    loaded.pack.unwrap_or_else(|| panic!("{name}: {:#?}", loaded.diagnostics))
}

/// The pack with its first suppression alone: of records made at random, hardly one would meet none of them all.
fn objected_only(pack: &Pack) -> Arc<Pack> {
    let mut pack = pack.clone();
    pack.suppress.truncate(1);
    Arc::new(pack)
}

/// A number as customers' data has them: often small and whole, sometimes a share, rarely extreme.
fn number(rng: &mut Rng) -> f64 {
    match rng.u8(0..10) {
        0 => 0.0,
        1..=3 => f64::from(rng.i32(0..12)),
        4..=5 => (rng.f64() * 1000.0).round() / 1000.0,
        6..=7 => f64::from(rng.i32(-50..5_000)),
        8 => rng.f64() * 2.0e6 - 1.0e6,
        _ => [1e300, -1e300, 1e-300, 0.1, -0.0, 365.0][rng.usize(0..6)],
    }
}

const WORDS: &[&str] = &[
    "too expensive",
    "Zu teuer, leider",
    "moved to another city",
    "the courier lost my parcel twice",
    "bad service on the phone",
    "competitor offer",
    "billing error",
    "no need any more",
    "",
    "äöü ß 漢字",
    "PRICE",
];

pub(crate) fn records(pack: &Pack, rng: &mut Rng) -> RecordBatch {
    let names = pack.record.columns.iter().map(|c| (c.name.clone(), c.ty, c.values.clone()));
    let rollups = pack.rollups.iter().map(|r| (r.name.clone(), pack.names.get(r.slot).ty, Vec::new()));
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    let keys: StringArray = (0..ROWS).map(|i| Some(format!("c{i}"))).collect();
    columns.push((pack.record.key.clone(), Arc::new(keys)));
    for (name, ty, values) in names.chain(rollups) {
        let missing = [0.0, 0.1, 0.4][rng.usize(0..3)];
        let there: Vec<bool> = (0..ROWS).map(|_| rng.f64() >= missing).collect();
        let array: ArrayRef = match ty {
            Type::Number => Arc::new(there.iter().map(|t| t.then(|| number(rng))).collect::<Float64Array>()),
            Type::Bool => Arc::new(there.iter().map(|t| t.then(|| rng.f64() < 0.3)).collect::<BooleanArray>()),
            Type::Date => {
                Arc::new(there.iter().map(|t| t.then(|| as_of().days() - rng.i32(-60..1_500))).collect::<Date32Array>())
            }
            Type::Text => Arc::new(
                there
                    .iter()
                    .map(|t| {
                        t.then(|| match values.is_empty() || rng.f64() < 0.1 {
                            true => WORDS[rng.usize(0..WORDS.len())].to_owned(),
                            false => values[rng.usize(0..values.len())].clone(),
                        })
                    })
                    .collect::<StringArray>(),
            ),
        };
        columns.push((name, array));
    }
    RecordBatch::try_from_iter(columns).unwrap()
}

fn number_or_missing(x: Option<f64>) -> Value {
    x.map_or(Value::Missing, Value::number)
}

fn text_or_missing(x: Option<&str>) -> Value {
    x.map_or(Value::Missing, Value::text)
}

/// The output columns a row decision stands for.
fn expected(pack: &Pack, d: &Decision) -> Vec<(String, Type, Value)> {
    use regain::expr::Row as _;
    let mut out: Vec<(String, Type, Value)> = Vec::new();
    let mut put = |name: &str, ty, value| out.push((name.to_owned(), ty, value));
    let suppression = d.suppressed.map(|i| &pack.suppress[i]);
    put("suppressed", Type::Bool, Value::Bool(suppression.is_some()));
    put(
        "suppressed_because",
        Type::Text,
        suppression.map_or(Value::Missing, |s| Value::text(suppressed_because(pack, s, &d.values))),
    );
    let decided = pack.decided;
    for (name, slot, ty) in [
        ("state", decided.state, Type::Text),
        ("track", decided.track, Type::Text),
        ("cause", decided.cause, Type::Text),
        ("class", decided.class, Type::Text),
        ("confidence", decided.confidence, Type::Number),
        ("grade", decided.grade, Type::Text),
    ] {
        put(name, ty, d.values.get(slot));
    }
    for (i, criterion) in pack.criteria.iter().enumerate() {
        put(
            &format!("score.{}", criterion.name),
            Type::Number,
            number_or_missing(d.criteria.get(i).and_then(|c| c.score)),
        );
    }
    for (dimension, mean) in pack.dimensions.iter().zip(&d.dimensions) {
        put(&dimension.name, Type::Number, number_or_missing(*mean));
    }
    put("priority", Type::Number, number_or_missing(d.priority));
    let best = d.best.map(|i| (&pack.campaigns[i], &d.campaigns[i]));
    put("campaign", Type::Text, text_or_missing(best.map(|(c, _)| c.name.as_str())));
    put("offer", Type::Text, text_or_missing(best.and_then(|(c, _)| c.offer.as_deref())));
    put("channel", Type::Text, text_or_missing(best.and_then(|(c, _)| c.channel.as_deref())));
    put("speaker", Type::Text, text_or_missing(best.and_then(|(c, _)| c.speaker.as_deref())));
    put("send_on", Type::Date, best.and_then(|(_, d)| d.send_on).map_or(Value::Missing, Value::Date));
    put("cost", Type::Number, number_or_missing(best.and_then(|(_, d)| d.cost)));
    put("success", Type::Number, number_or_missing(best.and_then(|(_, d)| d.success)));
    put("value", Type::Number, number_or_missing(best.and_then(|(_, d)| d.value)));
    put("net", Type::Number, number_or_missing(best.and_then(|(_, d)| d.net)));
    if pack.money.is_some() {
        put("money", Type::Number, number_or_missing(d.money));
    }
    put("reasons", Type::Text, text_or_missing(d.reasons.as_deref()));
    if pack.human.is_some() {
        put("overridden", Type::Text, text_or_missing(d.told.because.as_deref()));
        let ignored = (!d.told.ignored.is_empty()).then(|| d.told.ignored.join("; "));
        put("override_ignored", Type::Text, text_or_missing(ignored.as_deref()));
    }
    out
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.to_bits() == b.to_bits(),
        _ => a == b,
    }
}

fn differences(pack: &Pack, batch: &RecordBatch, context: &Context) -> Vec<String> {
    let program = Program::compile(pack, context);
    let decisions = program.apply(batch).unwrap().decisions;
    assert_eq!(decisions.num_rows(), batch.num_rows());
    let mut found = Vec::new();
    for row in 0..batch.num_rows() {
        let decision = decide(pack, context, RowValues::from_batch(pack, batch, row));
        for (name, ty, want) in expected(pack, &decision) {
            let column = decisions.column_by_name(&name).unwrap_or_else(|| panic!("no column {name}"));
            let got = cell(column, row, ty);
            if !same(&want, &got) {
                found.push(format!("row {row}, {name}: by row {want:?}, by column {got:?}"));
            }
        }
    }
    found
}

fn context(pack: &Pack, batch: &RecordBatch) -> Context {
    let mut reference = Reference::default();
    if let Some(ranks) = Program::ranks(pack, as_of()) {
        let values = ranks.apply(batch).unwrap().decisions;
        for criterion in &pack.criteria {
            if let Some(column) = values.column_by_name(&criterion.name) {
                let values = (0..column.len()).filter_map(|i| cell(column, i, Type::Number).as_number()).collect();
                reference.tables.insert(criterion.name.clone(), Table::fit(values));
            }
        }
    }
    Context { as_of: as_of(), reference: Arc::new(reference) }
}

fn rng(seed: u64) -> Rng {
    Rng::with_seed(seed)
}

#[test]
fn columns_and_rows_decide_alike() {
    for (i, name) in ["base", "retail", "workload", "telecom", "b2b"].into_iter().enumerate() {
        let whole = load(name);
        for pack in [objected_only(&whole), whole] {
            let batch = records(&pack, &mut rng(i as u64 + 1));
            let context = context(&pack, &batch);
            let found = differences(&pack, &batch, &context);
            let first = &found[..found.len().min(10)];
            assert!(found.is_empty(), "{name}: {} differences, first: {first:#?}", found.len());
        }
    }
}

#[test]
fn a_wrong_reading_is_caught() {
    let pack = load("workload");
    let batch = records(&pack, &mut rng(7));
    let mut other = Pack::clone(&pack);
    other.criteria[0].weight += 1.0;
    let by_column = Program::compile(&other, &Context::at(as_of())).apply(&batch).unwrap().decisions;
    let worth = by_column.column_by_name("worth").unwrap();
    let differ = (0..batch.num_rows()).any(|row| {
        let decision = decide(&pack, &Context::at(as_of()), RowValues::from_batch(&pack, &batch, row));
        !same(&number_or_missing(decision.dimensions[0]), &cell(worth, row, Type::Number))
    });
    assert!(differ, "a changed weight goes unnoticed: this test proves nothing");
}

#[test]
fn a_batch_cut_in_pieces_gives_the_same_decisions() {
    let pack = load("retail");
    let batch = records(&pack, &mut rng(9));
    let program = Program::compile(&pack, &context(&pack, &batch));
    let whole = program.apply(&batch).unwrap().decisions;
    for (from, length) in [(0, 1), (1, 1023), (1024, 1025), (2049, ROWS - 2049)] {
        let piece = program.apply(&batch.slice(from, length)).unwrap().decisions;
        for field in whole.schema().fields() {
            let (a, b) = (whole.column_by_name(field.name()).unwrap(), piece.column_by_name(field.name()).unwrap());
            let ty = match field.data_type() {
                arrow::datatypes::DataType::Float64 => Type::Number,
                arrow::datatypes::DataType::Boolean => Type::Bool,
                arrow::datatypes::DataType::Date32 => Type::Date,
                _ => Type::Text,
            };
            for row in 0..length {
                assert!(same(&cell(a, from + row, ty), &cell(b, row, ty)), "{}, row {row}", field.name());
            }
        }
    }
}

/// What `[override]` reads, and everything a plan reads of a pack.
const TOLD: &str = r#"
[record.columns]
hand_grade = { type = "text", values = ["A", "B", "C", "D", "Z"], optional = true }
hand_campaign = { type = "text", values = ["CAMPAIGNS", "none", "no such"], optional = true }
hand_cause = { type = "text", values = ["CAUSES", "unknown", "none such"], optional = true }
hand_why = { type = "text", optional = true }
hand_until = { type = "date", optional = true }
[override]
grade = 'hand_grade'
campaign = 'hand_campaign'
cause = 'hand_cause'
holds_until = 'hand_until'
because = { grade = "{hand_why ?? \"no reason given\"}, said a person", campaign = "until {hand_until}" }
[plan]
anyway = '0.02 * worth'
stratify = ["grade", "hand_why"]
carry = ["hand_why"]
[budget.some]
most = 10
when = 'chance > 5 || grade == "A"'
"#;

/// A shipped pack with [`TOLD`].
fn told(name: &str) -> Arc<Pack> {
    let shipped = load(name);
    let list = |names: Vec<&str>| names.join("\", \"");
    let text = format!("[pack]\nname = \"told\"\nextends = \"{name}\"\n{TOLD}")
        .replace("CAMPAIGNS", &list(shipped.campaigns.iter().map(|c| c.name.as_str()).collect()))
        .replace("CAUSES", &list(shipped.causes.list.iter().map(|c| c.name.as_str()).collect()));
    let loaded = pack::load_from_texts(&[("pack.toml", &text)]);
    objected_only(&loaded.pack.unwrap_or_else(|| panic!("{name}: {:#?}", loaded.diagnostics)))
}

#[test]
fn what_people_decide_wins_in_both_readings() {
    for (i, name) in ["base", "telecom"].into_iter().enumerate() {
        let pack = told(name);
        let batch = records(&pack, &mut rng(i as u64 + 21));
        let context = context(&pack, &batch);
        let found = differences(&pack, &batch, &context);
        assert!(found.is_empty(), "{name}: {} differences, first: {:#?}", found.len(), &found[..found.len().min(10)]);
        let (mut grades, mut forced, mut none, mut causes, mut ignored, mut barred) = (0, 0, 0, 0, 0, 0);
        for row in 0..batch.num_rows() {
            let record = RowValues::from_batch(&pack, &batch, row);
            let (by_rules, d) = (decide_by_rules(&pack, &context, record.clone()), decide(&pack, &context, record));
            assert_eq!(by_rules.told, Told::default());
            assert_eq!(by_rules.suppressed, d.suppressed);
            grades += usize::from(d.grade != by_rules.grade);
            causes += usize::from(d.cause.winner != by_rules.cause.winner);
            ignored += usize::from(!d.told.ignored.is_empty());
            if let Some(told) = d.told.campaign_of(&pack) {
                let best = d.best.map(|i| pack.campaigns[i].name.as_str());
                none += usize::from(told.is_none());
                match told {
                    Some(told) if best == Some(&told.name) => forced += 1,
                    Some(_) => barred += 1,
                    None => assert_eq!(best, None),
                }
                assert!(d.told.because.is_some());
            }
        }
        assert!(
            [grades, forced, none, causes, ignored].iter().all(|n| *n > 8),
            "{grades} {forced} {none} {causes} {ignored}"
        );
        assert!(barred > 3, "nobody is without consent: this proves nothing");
    }
}

#[test]
fn candidates_agree_with_their_row_reading() {
    for (i, name) in ["base", "retail", "telecom"].into_iter().enumerate() {
        let pack = told(name);
        let batch = records(&pack, &mut rng(i as u64 + 31));
        let context = context(&pack, &batch);
        let columns = Candidates::compile(&pack, &context, true).apply(&batch).unwrap();
        let decided = Program::compile(&pack, &context).apply(&batch).unwrap().decisions;
        for shared in ["suppressed", "state", "track", "cause", "grade", "priority", "money", "overridden"] {
            let (a, b) = (columns.column_by_name(shared).unwrap(), decided.column_by_name(shared).unwrap());
            assert_eq!(a, b, "{name}, {shared}");
        }
        let (mut compared, mut candidate) = (0, 0);
        for row in 0..batch.num_rows() {
            let rows = candidates(&pack, &context, RowValues::from_batch(&pack, &batch, row), true);
            for (column, want) in rows {
                let array = columns.column_by_name(&column).unwrap_or_else(|| panic!("no column {column}"));
                let ty = match array.data_type() {
                    arrow::datatypes::DataType::Float64 => Type::Number,
                    arrow::datatypes::DataType::Boolean => Type::Bool,
                    arrow::datatypes::DataType::Date32 => Type::Date,
                    _ => Type::Text,
                };
                let got = cell(array, row, ty);
                assert!(same(&want, &got), "{name}, row {row}, {column}: by row {want:?}, by column {got:?}");
                compared += 1;
                candidate += usize::from(column.starts_with("candidate.") && want == Value::Bool(true));
            }
        }
        assert!(compared > 5 * ROWS && candidate > 50, "{name}: {compared} compared, {candidate} candidates");
        // Every column of the row reading is there, and none of the words without words.
        let plain = Candidates::compile(&pack, &context, false).output_schema();
        assert!(plain.fields().iter().all(|f| !f.name().starts_with("say.") && f.name() != "reasons"));
        assert!(plain.fields().len() < columns.num_columns());
    }
}
