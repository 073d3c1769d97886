//! From registers to Arrow columns, chunk by chunk.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, StringArray, new_null_array,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Int32Type};
use arrow::error::ArrowError;

use super::plan::{OutputKind, Piece};
use super::registers::Registers;
use super::texts::Texts;
use crate::expr::{Date, Type, Value};

/// The Arrow type of a column of this type.
pub(super) fn data_type(ty: Type) -> DataType {
    match ty {
        Type::Number => DataType::Float64,
        Type::Text => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Type::Bool => DataType::Boolean,
        Type::Date => DataType::Date32,
    }
}

/// Bits collected chunk by chunk; every chunk but the last is a multiple of 64 rows.
#[derive(Debug, Default)]
pub(super) struct Bits {
    words: Vec<u64>,
    any_clear: bool,
}

impl Bits {
    fn with_capacity(rows: usize) -> Bits {
        Bits { words: Vec::with_capacity(rows.div_ceil(64)), any_clear: false }
    }

    /// Adds a bit per row.
    #[inline(always)]
    fn extend<T: Copy>(&mut self, rows: &[T], holds: impl Fn(T) -> bool) {
        for block in rows.chunks(64) {
            let mut bytes = [0_u8; 64];
            for (byte, row) in bytes.iter_mut().zip(block) {
                *byte = u8::from(holds(*row));
            }
            let word = pack(&bytes);
            let full = u64::MAX >> (64 - block.len());
            self.any_clear |= word != full;
            self.words.push(word);
        }
    }

    fn buffer(self, rows: usize) -> BooleanBuffer {
        BooleanBuffer::new(Buffer::from_vec(self.words), 0, rows)
    }

    fn nulls(self, rows: usize) -> Option<NullBuffer> {
        self.any_clear.then(|| NullBuffer::new(self.buffer(rows)))
    }
}

/// 64 bytes of 0 or 1 as bits, the first lowest.
#[inline(always)]
fn pack(bytes: &[u8; 64]) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    let mut word = 0;
    for (at, eight) in eights.iter().enumerate() {
        // The multiplication brings bit 0 of byte i to bit 56 + i; nothing carries.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        word |= bits << (at * 8);
    }
    word
}

/// The texts of an output column, each once, in order of first use.
#[derive(Debug, Default)]
struct Dictionary {
    keys: Vec<i32>,
    ends: Vec<i32>,
    bytes: Vec<u8>,
}

impl Dictionary {
    fn with_capacity(rows: usize) -> Dictionary {
        Dictionary { keys: Vec::with_capacity(rows), ends: vec![0], bytes: Vec::new() }
    }

    fn add(&mut self, text: &str) -> i32 {
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(i32::try_from(self.bytes.len()).unwrap_or(i32::MAX));
        self.ends.len() as i32 - 2
    }

    fn finish(self, valid: Bits, rows: usize) -> Result<ArrayRef, ArrowError> {
        if i32::try_from(self.bytes.len()).is_err() {
            return Err(ArrowError::OffsetOverflowError(self.bytes.len()));
        }
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.ends));
        let values = StringArray::try_new(offsets, Buffer::from_vec(self.bytes), None)?;
        let keys = Int32Array::try_new(ScalarBuffer::from(self.keys), valid.nulls(rows))?;
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::new(values))?))
    }
}

/// An output column being filled.
#[derive(Debug)]
pub(super) enum Sink {
    Number(Vec<f64>, Bits),
    Date(Vec<i32>, Bits),
    Bool(Bits, Bits),
    Text(TextSink),
    Sentences(SentenceSink),
    /// Filled elsewhere.
    Whole,
}

#[derive(Debug)]
pub(super) struct TextSink {
    dictionary: Dictionary,
    valid: Bits,
    /// Codes in the order of the dictionary.
    used: Vec<u32>,
}

#[derive(Debug)]
pub(super) struct SentenceSink {
    dictionary: Dictionary,
    valid: Bits,
    known: Texts,
}

/// What text sinks keep from batch to batch: the key of each code, -1 where it has none. Empty between batches.
#[derive(Debug, Default)]
pub(super) struct Keys(Vec<i32>);

impl Sink {
    pub(super) fn new(kind: &OutputKind, rows: usize) -> Sink {
        let bits = || Bits::with_capacity(rows);
        match kind {
            OutputKind::Number(_) => Sink::Number(Vec::with_capacity(rows), bits()),
            OutputKind::Date(_) => Sink::Date(Vec::with_capacity(rows), bits()),
            OutputKind::Bool { .. } | OutputKind::Mask(_) => Sink::Bool(bits(), bits()),
            OutputKind::Text(_) => {
                Sink::Text(TextSink { dictionary: Dictionary::with_capacity(rows), valid: bits(), used: Vec::new() })
            }
            OutputKind::Sentences(_) => Sink::Sentences(SentenceSink {
                dictionary: Dictionary::with_capacity(rows),
                valid: bits(),
                known: Texts::new(std::iter::empty()),
            }),
            OutputKind::Input(..) | OutputKind::Constant(..) => Sink::Whole,
        }
    }

    /// Takes the values of a chunk of `rows` rows.
    pub(super) fn store(
        &mut self,
        kind: &OutputKind,
        registers: &Registers,
        rows: usize,
        texts: &Texts,
        keys: &mut Keys,
    ) {
        match (self, kind) {
            (Sink::Number(values, valid), OutputKind::Number(id)) => {
                let lanes = registers.numbers(*id, rows);
                values.extend(lanes.iter().map(|x| if x.is_nan() { 0.0 } else { *x }));
                valid.extend(lanes, |x| !x.is_nan());
            }
            (Sink::Date(values, valid), OutputKind::Date(id)) => {
                let lanes = registers.numbers(*id, rows);
                // A cast takes NaN to 0.
                values.extend(lanes.iter().map(|x| *x as i32));
                valid.extend(lanes, |x| !x.is_nan());
            }
            (Sink::Bool(values, valid), OutputKind::Bool { yes, no }) => {
                let (yes, no) = (registers.bytes(*yes, rows), registers.bytes(*no, rows));
                values.extend(yes, |m| m != 0);
                for (yes, no) in yes.chunks(64).zip(no.chunks(64)) {
                    let mut there = [0_u8; 64];
                    for ((there, yes), no) in there.iter_mut().zip(yes).zip(no) {
                        *there = yes | no;
                    }
                    valid.extend(there.get(..yes.len()).unwrap_or(&there), |m| m != 0);
                }
            }
            (Sink::Bool(values, valid), OutputKind::Mask(id)) => {
                values.extend(registers.bytes(*id, rows), |m| m != 0);
                valid.extend(registers.bytes(*id, rows), |_| true);
            }
            (Sink::Text(sink), OutputKind::Text(id)) => sink.store(registers.words(*id, rows), texts, keys),
            (Sink::Sentences(sink), OutputKind::Sentences(sentences)) => sink.store(sentences, registers, rows, texts),
            _ => {}
        }
    }

    /// The column.
    pub(super) fn finish(self, rows: usize) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Sink::Number(values, valid) => Arc::new(Float64Array::try_new(values.into(), valid.nulls(rows))?),
            Sink::Date(values, valid) => Arc::new(Date32Array::try_new(values.into(), valid.nulls(rows))?),
            Sink::Bool(values, valid) => Arc::new(BooleanArray::new(values.buffer(rows), valid.nulls(rows))),
            Sink::Text(sink) => sink.dictionary.finish(sink.valid, rows)?,
            Sink::Sentences(sink) => sink.dictionary.finish(sink.valid, rows)?,
            Sink::Whole => new_null_array(&DataType::Null, rows),
        })
    }
}

impl TextSink {
    fn store(&mut self, codes: &[u32], texts: &Texts, keys: &mut Keys) {
        let Keys(known) = keys;
        if known.len() < texts.len() {
            known.resize(texts.len(), -1);
        }
        // Keys are shared by all text outputs of a batch: take ours in, and give them back.
        for (key, code) in self.used.iter().enumerate() {
            if let Some(slot) = known.get_mut(*code as usize) {
                *slot = key as i32;
            }
        }
        self.valid.extend(codes, |code| code != 0);
        if let Some(missing) = known.first_mut() {
            *missing = 0;
        }
        let keys = &mut self.dictionary.keys;
        let before = keys.len();
        keys.extend(codes.iter().map(|code| known.get(*code as usize).copied().unwrap_or(0)));
        let new = keys.iter().skip(before).fold(0, |all, key| all | key) < 0;
        if new {
            for (row, code) in codes.iter().enumerate() {
                let Some(slot) = known.get_mut(*code as usize) else { continue };
                if *slot < 0 {
                    *slot = self.dictionary.add(texts.get(*code));
                    self.used.push(*code);
                }
                if let Some(key) = self.dictionary.keys.get_mut(before + row) {
                    *key = *slot;
                }
            }
        }
        for code in &self.used {
            if let Some(slot) = known.get_mut(*code as usize) {
                *slot = -1;
            }
        }
    }
}

impl SentenceSink {
    fn store(&mut self, sentences: &[(u32, Vec<Piece>)], registers: &Registers, rows: usize, texts: &Texts) {
        let mut line = String::new();
        let mut said = [0_u8; 64];
        for row in 0..rows {
            line.clear();
            let mut any = false;
            for (mask, pieces) in sentences {
                if registers.byte(*mask, row) == 0 {
                    continue;
                }
                if any {
                    line.push_str("; ");
                }
                any = true;
                for piece in pieces {
                    // Writing into a `String` cannot fail.
                    let _ = match piece {
                        Piece::Written(text) => line.write_str(text),
                        Piece::Text(id) => match registers.word(*id, row) {
                            0 => write!(line, "{}", Value::Missing),
                            code => line.write_str(texts.get(code)),
                        },
                        Piece::Number(id) => write!(line, "{}", Value::number(registers.number(*id, row))),
                        Piece::Date(id) => write!(line, "{}", date(registers.number(*id, row))),
                        Piece::Bool { yes, no } => {
                            let value = match (registers.byte(*yes, row), registers.byte(*no, row)) {
                                (0, 0) => Value::Missing,
                                (yes, _) => Value::Bool(yes != 0),
                            };
                            write!(line, "{value}")
                        }
                    };
                }
            }
            if let Some(said) = said.get_mut(row % 64) {
                *said = u8::from(any);
            }
            let mut key = 0;
            if any {
                let before = self.known.len();
                key = self.known.code(&line) as i32 - 1;
                if self.known.len() > before {
                    self.dictionary.add(&line);
                }
            }
            self.dictionary.keys.push(key);
            if row % 64 == 63 || row + 1 == rows {
                self.valid.extend(said.get(..=row % 64).unwrap_or(&said), |m| m != 0);
            }
        }
    }
}

/// Days as a date; missing where they are none.
pub(super) fn date(days: f64) -> Value {
    if days.is_nan() { Value::Missing } else { Date::from_days(days as i64).map_or(Value::Missing, Value::Date) }
}

/// A column with the same value on every row.
pub(super) fn constant(ty: Type, value: &Value, rows: usize) -> Result<ArrayRef, ArrowError> {
    Ok(match value {
        Value::Number(x) if ty == Type::Number => Arc::new(Float64Array::from(vec![*x; rows])),
        Value::Date(d) if ty == Type::Date => Arc::new(Date32Array::from(vec![d.days(); rows])),
        Value::Bool(b) if ty == Type::Bool => {
            let bits = if *b { BooleanBuffer::new_set(rows) } else { BooleanBuffer::new_unset(rows) };
            Arc::new(BooleanArray::new(bits, None))
        }
        Value::Text(text) if ty == Type::Text => {
            let keys = Int32Array::from(vec![0; rows]);
            let values = StringArray::from(vec![&**text]);
            Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::new(values))?)
        }
        _ => new_null_array(&data_type(ty), rows),
    })
}

/// The first rows of a column made before, if it is long enough.
pub(super) fn head(array: &ArrayRef, rows: usize) -> Option<ArrayRef> {
    (array.len() >= rows).then(|| if array.len() == rows { Arc::clone(array) } else { array.slice(0, rows) })
}
