//! What is computed once per distinct text, or once per distinct arguments of a script.

use std::sync::Arc;

use super::failures::Failures;
use super::graph::Graph;
use super::op::{Argument, Measure, Relation, TextMap, TextTest};
use super::output::date;
use super::registers::Registers;
use super::texts::Texts;
use super::tuples::Tuples;
use crate::expr::functions::{patterns, texts as scalar};
use crate::expr::{Compare, Value};
use crate::script::{CallError, OnMissing, Scripts, Signature};

/// Results of scripts that a thread keeps, all functions together; each has at least [`FEW`].
const MANY: usize = 1 << 16;
const FEW: usize = 1 << 10;

const FALSE: u8 = 0;
const TRUE: u8 = 1;
const MISSING: u8 = 2;
const UNKNOWN: u8 = 255;
const UNKNOWN_CODE: u32 = u32::MAX;
/// A NaN that no computation gives.
const UNKNOWN_NUMBER: u64 = 0x7FF8_0000_0BAD_CAFE;

/// By text code, filled as texts are met.
#[derive(Debug, Default)]
pub(super) struct Memos {
    tests: Vec<Vec<u8>>,
    maps: [Vec<u32>; 4],
    measures: Vec<Vec<f64>>,
    /// By function.
    calls: Vec<Tuples<Outcome>>,
    /// Room for one call.
    key: Vec<u64>,
    values: Vec<Value>,
}

/// What a script call gave, as a lane.
#[derive(Debug, Clone)]
enum Outcome {
    Number(f64),
    Text(u32),
    Bool(u8),
    Failed(Arc<CallError>),
}

/// What a script is called with, and where its failures go.
pub(super) struct Calling<'a> {
    pub(super) scripts: &'a Scripts,
    pub(super) graph: &'a Graph,
    /// First row of the chunk, and how many it has.
    pub(super) start: usize,
    pub(super) rows: usize,
    /// Rows of the batch.
    pub(super) batch: usize,
    pub(super) failures: &'a mut Failures,
}

fn relation(relation: Relation, a: &str, b: &str) -> bool {
    match relation {
        Relation::Contains => scalar::contains(a, b),
        Relation::StartsWith => scalar::starts_with(a, b),
        Relation::EndsWith => scalar::ends_with(a, b),
        Relation::Compare(Compare::Eq) => a == b,
        Relation::Compare(Compare::Ne) => a != b,
        // Bytes of UTF-8 have the order of code points.
        Relation::Compare(Compare::Lt) => a < b,
        Relation::Compare(Compare::Le) => a <= b,
        Relation::Compare(Compare::Gt) => a > b,
        Relation::Compare(Compare::Ge) => a >= b,
    }
}

/// `relation(a, b)` is `side`, row by row.
pub(super) fn related(rel: Relation, out: &mut [u8], a: &[u32], b: &[u32], side: bool, texts: &Texts) {
    for ((o, a), b) in out.iter_mut().zip(a).zip(b) {
        *o = u8::from(*a != 0 && *b != 0 && relation(rel, texts.get(*a), texts.get(*b)) == side);
    }
}

impl TextTest {
    fn holds(&self, code: u32, texts: &Texts) -> bool {
        let text = texts.get(code);
        match self {
            TextTest::Relation(rel, part) => relation(*rel, text, part),
            TextTest::Flipped(rel, whole) => relation(*rel, whole, text),
            TextTest::In(codes) => codes.binary_search(&code).is_ok(),
            TextTest::Matches(pattern) => pattern.is_match(text),
            TextTest::Mentions(words) => words.is_match_folded(text),
        }
    }
}

/// The memo at `at`, with a place for every code.
fn table<'a, V: Copy>(
    tables: &'a mut Vec<Vec<V>>,
    at: usize,
    texts: &Texts,
    missing: V,
    unknown: V,
) -> Option<&'a mut Vec<V>> {
    if tables.len() <= at {
        tables.resize_with(at + 1, Vec::new);
    }
    let table = tables.get_mut(at)?;
    widen(table, texts, missing, unknown);
    Some(table)
}

fn widen<V: Copy>(table: &mut Vec<V>, texts: &Texts, missing: V, unknown: V) {
    if table.is_empty() {
        table.push(missing);
    }
    if table.len() < texts.len() {
        table.resize(texts.len(), unknown);
    }
}

impl Memos {
    /// Codes will mean something else.
    pub(super) fn forget(&mut self) {
        *self = Memos::default();
    }

    /// Rows whose text passes (or fails) a test.
    pub(super) fn test(&mut self, graph: &Graph, at: u32, out: &mut [u8], codes: &[u32], side: bool, texts: &Texts) {
        let (Some(table), Some(test)) =
            (table(&mut self.tests, at as usize, texts, MISSING, UNKNOWN), graph.tests.get(at as usize))
        else {
            return;
        };
        let mut unknown = false;
        for (o, code) in out.iter_mut().zip(codes) {
            *o = table.get(*code as usize).copied().unwrap_or(MISSING);
            unknown |= *o == UNKNOWN;
        }
        if unknown {
            for (o, code) in out.iter_mut().zip(codes) {
                if let Some(slot) = table.get_mut(*code as usize).filter(|_| *o == UNKNOWN) {
                    if *slot == UNKNOWN {
                        *slot = if test.holds(*code, texts) { TRUE } else { FALSE };
                    }
                    *o = *slot;
                }
            }
        }
        let wanted = if side { TRUE } else { FALSE };
        for o in out {
            *o = u8::from(*o == wanted);
        }
    }

    /// The mapped text of each text.
    pub(super) fn map(&mut self, map: TextMap, out: &mut [u32], codes: &[u32], texts: &mut Texts) {
        let [lower, upper, trim, fold] = &mut self.maps;
        let table = match map {
            TextMap::Lower => lower,
            TextMap::Upper => upper,
            TextMap::Trim => trim,
            TextMap::Fold => fold,
        };
        widen(table, texts, 0, UNKNOWN_CODE);
        let mut unknown = false;
        for (o, code) in out.iter_mut().zip(codes) {
            *o = table.get(*code as usize).copied().unwrap_or(0);
            unknown |= *o == UNKNOWN_CODE;
        }
        if unknown {
            for (o, code) in out.iter_mut().zip(codes) {
                if let Some(slot) = table.get_mut(*code as usize).filter(|_| *o == UNKNOWN_CODE) {
                    if *slot == UNKNOWN_CODE {
                        let text = texts.get(*code);
                        let mapped = match map {
                            TextMap::Lower => scalar::lower(text),
                            TextMap::Upper => scalar::upper(text),
                            TextMap::Trim => scalar::trim(text).to_owned(),
                            TextMap::Fold => patterns::fold(text),
                        };
                        *slot = texts.code(&mapped);
                    }
                    *o = *slot;
                }
            }
        }
    }

    /// The number of each text.
    pub(super) fn measure(&mut self, graph: &Graph, at: u32, out: &mut [f64], codes: &[u32], texts: &Texts) {
        let unknown = f64::from_bits(UNKNOWN_NUMBER);
        let (Some(table), Some(measure)) =
            (table(&mut self.measures, at as usize, texts, f64::NAN, unknown), graph.measures.get(at as usize))
        else {
            return;
        };
        let mut met = true;
        for (o, code) in out.iter_mut().zip(codes) {
            *o = table.get(*code as usize).copied().unwrap_or(f64::NAN);
            met &= o.to_bits() != UNKNOWN_NUMBER;
        }
        if !met {
            for (o, code) in out.iter_mut().zip(codes) {
                if let Some(slot) = table.get_mut(*code as usize).filter(|_| o.to_bits() == UNKNOWN_NUMBER) {
                    if slot.to_bits() == UNKNOWN_NUMBER {
                        *slot = match measure {
                            Measure::Len => scalar::len(texts.get(*code)),
                            Measure::Table(numbers, otherwise) => numbers.get(code).unwrap_or(otherwise).get(),
                        };
                    }
                    *o = *slot;
                }
            }
        }
    }

    /// Calls a script for each row within, once per distinct arguments, as far as the results of earlier calls are still known;
    /// `give` takes each row's outcome as number, text and bool lane, of which it uses one.
    pub(super) fn call(
        &mut self,
        at: u32,
        calling: Calling<'_>,
        (within, arguments): (&[u8], &[Argument]),
        registers: &Registers,
        texts: &mut Texts,
        mut give: impl FnMut(usize, f64, u32, u8),
    ) {
        let Calling { scripts, graph, start, rows, batch, failures } = calling;
        let Some(signature) = graph.calls.get(at as usize) else { return };
        let most = (MANY / graph.calls.len().max(1) / 2).max(FEW / 2);
        if self.calls.len() <= at as usize {
            self.calls.resize_with(at as usize + 1, || Tuples::new(most));
        }
        let Memos { calls, key, values, .. } = self;
        let Some(known) = calls.get_mut(at as usize) else { return };
        let mut caller = scripts.caller(signature);
        for (row, within) in within.iter().enumerate() {
            give(row, f64::NAN, 0, 0);
            if row >= rows || *within == 0 || !lanes(key, arguments, signature, registers, row) {
                continue;
            }
            failures.call(start + row, batch);
            let pays = known.pays();
            let outcome = match if pays { known.get(key) } else { None } {
                Some(outcome) => outcome.clone(),
                None => {
                    values.clear();
                    values.extend(arguments.iter().zip(&*key).map(|(argument, lane)| value(argument, *lane, texts)));
                    let outcome = match caller.call(values) {
                        Ok(Value::Missing) => Outcome::Number(f64::NAN),
                        Ok(Value::Number(x)) => Outcome::Number(x),
                        Ok(Value::Date(d)) => Outcome::Number(f64::from(d.days())),
                        Ok(Value::Text(t)) => Outcome::Text(texts.code(&t)),
                        Ok(Value::Bool(b)) => Outcome::Bool(if b { 1 } else { 2 }),
                        Err(error) => Outcome::Failed(Arc::new(error)),
                    };
                    // What the clock stopped says nothing about the next batch.
                    if pays && !caller.was_stopped() {
                        known.insert(key, outcome.clone());
                    }
                    outcome
                }
            };
            match outcome {
                Outcome::Number(x) => give(row, x, 0, 0),
                Outcome::Text(code) => give(row, f64::NAN, code, 0),
                Outcome::Bool(b) => give(row, f64::NAN, 0, b),
                Outcome::Failed(error) => failures.add(start + row, &error),
            }
        }
    }
}

/// The lanes of one row's arguments. Says whether the function is called for them: not if one is missing, unless it asks for it.
fn lanes(key: &mut Vec<u64>, arguments: &[Argument], signature: &Signature, registers: &Registers, row: usize) -> bool {
    key.clear();
    let mut missing = false;
    for argument in arguments {
        let (lane, there) = match argument {
            Argument::Number(id) | Argument::Date(id) => {
                let x = registers.number(*id, row);
                (if x.is_nan() { u64::MAX } else { x.to_bits() }, !x.is_nan())
            }
            Argument::Text(id) => (u64::from(registers.word(*id, row)), registers.word(*id, row) != 0),
            Argument::Bool { yes, no } => {
                let (yes, no) = (registers.byte(*yes, row), registers.byte(*no, row));
                (u64::from(yes * 2 + no), yes + no > 0)
            }
        };
        key.push(lane);
        missing |= !there;
    }
    !missing || signature.on_missing == OnMissing::Call
}

/// The value of a lane of a script's argument.
fn value(argument: &Argument, lane: u64, texts: &Texts) -> Value {
    match argument {
        Argument::Number(_) => Value::number(f64::from_bits(lane)),
        Argument::Date(_) => date(f64::from_bits(lane)),
        Argument::Text(_) if lane == 0 => Value::Missing,
        Argument::Text(_) => Value::text(texts.get(lane as u32)),
        Argument::Bool { .. } => match lane {
            0 => Value::Missing,
            lane => Value::Bool(lane >= 2),
        },
    }
}
