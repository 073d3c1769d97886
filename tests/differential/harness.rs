//! A world to evaluate in (names, scripts, records as values and as a batch), and both evaluations.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Date64Array, Float32Array, Float64Array, Int16Array,
    Int32Array, Int64Array, LargeStringArray, RecordBatch, StringArray, StringDictionaryBuilder, StringViewArray,
    TimestampMicrosecondArray, UInt8Array,
};
use arrow::datatypes::{DataType, Date32Type, Field, Float64Type, Int8Type, Int32Type, Int64Type, Schema};
use regain::diag::{Sources, Span};
use regain::engine::{Builder, Code, ScriptErrors};
use regain::expr::{Date, Expr, Kind, Name, NameKind, Names, Row, Slot, Stage, Type, Value, evaluate};
use regain::script::{Limits, Scripts};

use super::generate::{Generator, Random};

const SCRIPT: &str = r#"
/// (x: number, t: text) -> number
fn mix(x, t) { x * 2.0 + t.len().to_float() }
/// (t: text) -> text
fn twice(t) { t + t }
/// (x: number) -> bool
fn big(x) { x > 1.0 }
/// (d: date) -> date
fn same_day(d) { d }
/// (x: number) -> number
/// missing: call
fn or_seven(x) { if x == () { 7.0 } else { x } }
/// (x: number) -> number
fn fails(x) { if x > 0.0 { throw "above zero" } else { x } }
/// (b: bool, t: text) -> bool
/// missing: call
fn known(b, t) { b != () && t != () }
"#;

/// Columns: name, type and how Arrow holds it.
const COLUMNS: [(&str, Type, usize); 14] = [
    ("n0", Type::Number, 0),
    ("n1", Type::Number, 0),
    ("n2", Type::Number, 1),
    ("n3", Type::Number, 2),
    ("absent", Type::Number, 9),
    ("d0", Type::Date, 0),
    ("d1", Type::Date, 1),
    ("d2", Type::Date, 2),
    ("t0", Type::Text, 0),
    ("t1", Type::Text, 1),
    ("t2", Type::Text, 2),
    ("t3", Type::Text, 3),
    ("b0", Type::Bool, 0),
    ("b1", Type::Bool, 0),
];

pub(crate) struct World {
    pub(crate) names: Arc<Names>,
    pub(crate) scripts: Arc<Scripts>,
    pub(crate) columns: Vec<(Slot, &'static str)>,
    pub(crate) constants: Vec<(Slot, Value)>,
    pub(crate) facts: Vec<(Slot, Expr)>,
    pub(crate) records: Vec<Record>,
    pub(crate) batch: RecordBatch,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Record(HashMap<Slot, Value>);

impl Row for Record {
    fn get(&self, slot: Slot) -> Value {
        self.0.get(&slot).cloned().unwrap_or(Value::Missing)
    }
}

pub(crate) fn span() -> Span {
    Span::new(regain::diag::FileId(0), 0, 0)
}

impl World {
    pub(crate) fn new(random: &mut Random, rows: usize) -> World {
        let mut sources = Sources::default();
        let file = sources.add("script.rhai", SCRIPT);
        let mut diagnostics = Vec::new();
        let modules = [("script".to_owned(), file)];
        let scripts = Scripts::compile(&modules, &sources, &Limits::default(), &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");

        let mut names = Names::default();
        let mut add = |name: &str, kind: NameKind, stage: Stage, ty: Type| {
            names.add(Name { name: name.to_owned(), kind, stage, ty, span: None }).unwrap()
        };
        let today = Date::from_ymd(2025, 11, 21).unwrap();
        let constants = vec![
            (add("today", NameKind::Today, Stage::Run, Type::Date), Value::Date(today)),
            (add("limit", NameKind::Param, Stage::Run, Type::Number), Value::number(2.5)),
            (add("word", NameKind::Param, Stage::Run, Type::Text), Value::text("price")),
            (add("flag", NameKind::Param, Stage::Run, Type::Bool), Value::Bool(true)),
        ];
        let columns: Vec<(Slot, &'static str)> =
            COLUMNS.iter().map(|(name, ty, _)| (add(name, NameKind::Column, Stage::Record, *ty), *name)).collect();
        let fact_slots: Vec<Slot> = (0..8)
            .map(|i| {
                let ty = [Type::Number, Type::Text, Type::Bool, Type::Date][i % 4];
                add(&format!("f{i}"), NameKind::Fact, Stage::Fact, ty)
            })
            .collect();

        let mut records = vec![Record::default(); rows];
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for ((slot, name), (_, ty, form)) in columns.iter().zip(&COLUMNS) {
            let values: Vec<Value> = (0..rows).map(|_| column_value(random, *ty, *form)).collect();
            for (record, value) in records.iter_mut().zip(&values) {
                record.0.insert(*slot, value.clone());
            }
            if *form < 9 {
                let array = array(random, *ty, *form, &values);
                fields.push(Field::new(*name, array.data_type().clone(), true));
                arrays.push(array);
            }
        }
        fields.push(Field::new("key", DataType::Int64, false));
        arrays.push(Arc::new(Int64Array::from_iter_values(0..rows as i64)));
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();

        for record in &mut records {
            record.0.extend(constants.iter().cloned());
        }
        let mut world = World {
            names: Arc::new(names),
            scripts: Arc::new(scripts),
            columns,
            constants,
            facts: Vec::new(),
            records,
            batch,
        };
        for slot in fact_slots {
            let ty = world.names.get(slot).ty;
            let expr = Generator { random, world: &world }.expr(ty, 3);
            let values: Vec<Value> = world.records.iter().map(|r| evaluate(&expr, r, &world.scripts)).collect();
            for (record, value) in world.records.iter_mut().zip(values) {
                record.0.insert(slot, value);
            }
            world.facts.push((slot, expr));
        }
        world
    }

    /// Every slot of a type that an expression may read.
    pub(crate) fn slots(&self, ty: Type) -> Vec<Slot> {
        let known = self.columns.iter().map(|c| c.0).chain(self.constants.iter().map(|c| c.0));
        let known = known.chain(self.facts.iter().map(|f| f.0));
        known.filter(|slot| self.names.get(*slot).ty == ty).collect()
    }

    pub(crate) fn slot(&self, name: &str) -> Slot {
        self.names.find(name).unwrap()
    }

    /// An expression that reads a name.
    pub(crate) fn read(&self, name: &str) -> Expr {
        let slot = self.slot(name);
        Expr { kind: Kind::Slot(slot), ty: self.names.get(slot).ty, span: span() }
    }

    pub(crate) fn builder(&self) -> Builder {
        let mut b = Builder::new(self.names.clone(), self.scripts.clone());
        for (slot, value) in &self.constants {
            b.constant(*slot, value.clone());
        }
        for (slot, field) in &self.columns {
            b.input(*slot, field);
        }
        for (slot, expr) in &self.facts {
            b.define(*slot, expr);
        }
        b
    }
}

fn column_value(random: &mut Random, ty: Type, form: usize) -> Value {
    if form == 9 || random.below(5) == 0 {
        return Value::Missing;
    }
    match (ty, form) {
        (Type::Number, 0) => random.number(),
        (Type::Number, 1) => Value::number([0.0, 1.0, 2.0, 3.0, -7.0, 255.0][random.below(6)]),
        (Type::Number, _) => Value::number([0.0, 1.0, 2.0, 3.0, 7.0, 12.0][random.below(6)]),
        (Type::Date, _) => random.date(),
        (Type::Text, 3) => Value::text(format!("text {}", random.below(100_000))),
        (Type::Text, _) => random.text(),
        (Type::Bool, _) => Value::Bool(random.below(2) == 0),
    }
}

/// The values as an Arrow column of some physical type, at some offset.
fn array(random: &mut Random, ty: Type, form: usize, values: &[Value]) -> ArrayRef {
    // A slice of a longer array, so that offsets into bitmaps are odd.
    let offset = random.below(70);
    let padded: Vec<Value> = (0..offset).map(|_| Value::Missing).chain(values.iter().cloned()).collect();
    let numbers = || padded.iter().map(Value::as_number);
    let days = || padded.iter().map(|v| v.as_date().map(Date::days));
    let texts = || padded.iter().map(Value::as_text);
    let array: ArrayRef = match (ty, form) {
        (Type::Number, 0) => {
            // What is not finite is missing, too.
            let odd = [None, Some(f64::NAN), Some(f64::INFINITY), Some(f64::NEG_INFINITY)];
            Arc::new(numbers().map(|x| x.or_else(|| odd[random.below(4)])).collect::<Float64Array>())
        }
        (Type::Number, 1) => match random.below(3) {
            0 => Arc::new(numbers().map(|x| x.map(|x| x as i64)).collect::<Int64Array>()),
            1 => Arc::new(numbers().map(|x| x.map(|x| x as i16)).collect::<Int16Array>()),
            _ => Arc::new(numbers().map(|x| x.map(|x| x as f32)).collect::<Float32Array>()),
        },
        (Type::Number, _) => match random.below(2) {
            0 => Arc::new(numbers().map(|x| x.map(|x| x as i32)).collect::<Int32Array>()),
            _ => Arc::new(numbers().map(|x| x.map(|x| x as u8)).collect::<UInt8Array>()),
        },
        (Type::Date, 0) => Arc::new(days().collect::<Date32Array>()),
        (Type::Date, 1) => Arc::new(days().map(|d| d.map(|d| i64::from(d) * 86_400_000)).collect::<Date64Array>()),
        (Type::Date, _) => {
            // Any time of the day.
            let micros =
                days().map(|d| d.map(|d| i64::from(d) * 86_400_000_000 + random.below(86_400_000) as i64 * 999));
            Arc::new(micros.collect::<TimestampMicrosecondArray>())
        }
        (Type::Text, 0) => Arc::new(texts().collect::<StringArray>()),
        (Type::Text, 1) => {
            let mut builder = StringDictionaryBuilder::<Int8Type>::new();
            texts().for_each(|t| builder.append_option(t));
            Arc::new(builder.finish())
        }
        (Type::Text, 2) => {
            let mut builder = StringDictionaryBuilder::<Int32Type>::new();
            texts().for_each(|t| builder.append_option(t));
            Arc::new(builder.finish())
        }
        (Type::Text, _) => match random.below(2) {
            0 => Arc::new(texts().collect::<LargeStringArray>()),
            _ => Arc::new(texts().collect::<StringViewArray>()),
        },
        (Type::Bool, _) => Arc::new(padded.iter().map(Value::as_bool).collect::<BooleanArray>()),
    };
    array.slice(offset, values.len())
}

/// A program whose output `e<i>` is expression i.
pub(crate) fn compile(world: &World, expressions: &[Expr]) -> Code {
    let mut b = world.builder();
    for (i, expr) in expressions.iter().enumerate() {
        let value = b.value(expr);
        b.output(&format!("e{i}"), value);
    }
    b.finish("key")
}

/// The values of every output column.
pub(crate) fn run(code: &Code, batch: &RecordBatch) -> (Vec<Vec<Value>>, ScriptErrors) {
    let (made, failures) = code.run(batch).unwrap();
    assert_eq!(made.num_rows(), batch.num_rows());
    (made.columns().iter().map(values).collect(), failures)
}

/// On how many rows, each error by itself.
pub(crate) fn count(failures: &ScriptErrors) -> u64 {
    failures.list().iter().map(|error| error.rows).sum()
}

pub(crate) fn values(array: &ArrayRef) -> Vec<Value> {
    (0..array.len())
        .map(|row| {
            if array.is_null(row) {
                return Value::Missing;
            }
            match array.data_type() {
                DataType::Float64 => Value::Number(array.as_primitive::<Float64Type>().value(row)),
                DataType::Int64 => Value::Number(array.as_primitive::<Int64Type>().value(row) as f64),
                DataType::Date32 => {
                    Value::Date(Date::from_days(array.as_primitive::<Date32Type>().value(row).into()).unwrap())
                }
                DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
                DataType::Dictionary(..) => {
                    let array = array.as_dictionary::<Int32Type>();
                    let at = array.keys().value(row) as usize;
                    Value::text(array.values().as_string::<i32>().value(at))
                }
                other => panic!("no output is {other}"),
            }
        })
        .collect()
}

/// Equal to the bit.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    }
}

/// Where the columns, running one list of expressions, and the rows, running the other, differ.
pub(crate) fn differences(world: &World, by_columns: &[Expr], by_rows: &[Expr]) -> Vec<String> {
    let (columns, _) = run(&compile(world, by_columns), &world.batch);
    let mut found = Vec::new();
    for (expr, column) in by_rows.iter().zip(&columns) {
        for (row, (record, value)) in world.records.iter().zip(column).enumerate() {
            let wanted = evaluate(expr, record, &world.scripts);
            if !same(&wanted, value) {
                found.push(format!("row {row}: by row {wanted:?}, by column {value:?}, in {:#?}", expr.kind));
                break;
            }
        }
    }
    found
}

/// How many of the values are there.
pub(crate) fn there(world: &World, expressions: &[Expr]) -> usize {
    let (columns, _) = run(&compile(world, expressions), &world.batch);
    columns.iter().flatten().filter(|v| !v.is_missing()).count()
}
