//! From Arrow columns to lanes, masks and codes, chunk by chunk, only for the columns in use.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, LargeStringArray, StringArray, StringViewArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{ArrowDictionaryKeyType, ArrowNativeType, DataType, Int32Type, TimeUnit};
use arrow::datatypes::{Date32Type, Date64Type, Float32Type, Float64Type, Int64Type};
use arrow::datatypes::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow::error::ArrowError;

use super::kernels::numbers::settle;
use super::texts::Texts;
use crate::expr::{Date, Type};

/// Bits of a chunk at any offset.
#[derive(Debug, Clone, Copy)]
pub(super) struct BitsAt<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> BitsAt<'a> {
    fn new(buffer: &'a BooleanBuffer) -> Self {
        BitsAt { bytes: buffer.values(), offset: buffer.offset() }
    }

    fn of_nulls(nulls: Option<&'a NullBuffer>) -> Option<Self> {
        nulls.filter(|n| n.null_count() > 0).map(|n| BitsAt::new(n.inner()))
    }

    /// 64 bits from row `row`; what lies behind the end is anything.
    #[inline]
    fn word(&self, row: usize) -> u64 {
        let at = self.offset + row;
        let (byte, shift) = (at / 8, at % 8);
        let rest = self.bytes.get(byte..).unwrap_or(&[]);
        let (low, high) = match rest.split_first_chunk::<8>() {
            Some((low, rest)) => (u64::from_le_bytes(*low), rest.first().copied().unwrap_or(0)),
            None => {
                let mut low = [0_u8; 8];
                for (to, from) in low.iter_mut().zip(rest) {
                    *to = *from;
                }
                (u64::from_le_bytes(low), 0)
            }
        };
        if shift == 0 { low } else { low >> shift | u64::from(high) << (64 - shift) }
    }
}

/// Texts by position.
#[derive(Debug, Clone, Copy)]
pub(super) enum Strings<'a> {
    Utf8(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
}

impl Strings<'_> {
    /// The text; `None` if it is null or out of range.
    #[inline]
    fn get(&self, at: usize) -> Option<&str> {
        match self {
            Strings::Utf8(a) => (at < a.len() && a.is_valid(at)).then(|| a.value(at)),
            Strings::Large(a) => (at < a.len() && a.is_valid(at)).then(|| a.value(at)),
            Strings::View(a) => (at < a.len() && a.is_valid(at)).then(|| a.value(at)),
        }
    }
}

/// A column of a batch, in a form that can be read.
#[derive(Debug)]
pub(super) enum Column<'a> {
    Missing,
    F64(&'a [f64], Option<BitsAt<'a>>),
    F32(&'a [f32], Option<BitsAt<'a>>),
    I64(&'a [i64], Option<BitsAt<'a>>),
    I32(&'a [i32], Option<BitsAt<'a>>),
    /// Time since 1970 and how much of it is a day.
    Time(&'a [i64], i64, Option<BitsAt<'a>>),
    Bool(BitsAt<'a>, Option<BitsAt<'a>>),
    Text(Strings<'a>),
    Dictionary {
        keys: Cow<'a, [i32]>,
        valid: Option<BitsAt<'a>>,
        values: Strings<'a>,
        /// The code of each value, once it was met.
        codes: Vec<u32>,
    },
}

/// A value of a dictionary that no row has asked for yet.
const UNMET: u32 = u32::MAX;

/// The array as one that [`column()`] takes, or why it cannot be.
pub(super) fn prepare(name: &str, ty: Type, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let wrong = || {
        let is = words(array.data_type());
        ArrowError::InvalidArgumentError(format!("column `{name}` is {is}, but the rules need a {}", ty.word()))
    };
    let to = match (ty, array.data_type()) {
        (_, DataType::Null) => return Ok(Arc::clone(array)),
        (Type::Number, DataType::Float64 | DataType::Float32 | DataType::Int64 | DataType::Int32)
        | (Type::Bool, DataType::Boolean)
        | (Type::Date, DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, None))
        | (Type::Text, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => return Ok(Arc::clone(array)),
        (Type::Text, DataType::Dictionary(_, values)) => match values.as_ref() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => return Ok(Arc::clone(array)),
            DataType::Null => DataType::Utf8,
            _ => return Err(wrong()),
        },
        (_, DataType::Dictionary(_, values)) => {
            let plain = cast_with_options(array, values, &CastOptions::default()).map_err(|_| wrong())?;
            return if matches!(plain.data_type(), DataType::Dictionary(..)) {
                Err(wrong())
            } else {
                prepare(name, ty, &plain)
            };
        }
        (Type::Number, data) if data.is_numeric() => DataType::Float64,
        (Type::Date, DataType::Timestamp(..)) => DataType::Date32,
        _ => return Err(wrong()),
    };
    cast_with_options(array, &to, &CastOptions::default()).map_err(|_| wrong())
}

/// The type of a column as a person would call it.
fn words(data: &DataType) -> String {
    match data {
        DataType::Boolean => "a bool".to_owned(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "a text".to_owned(),
        DataType::Date32 | DataType::Date64 => "a date".to_owned(),
        DataType::Timestamp(..) => "a point in time".to_owned(),
        data if data.is_numeric() => "a number".to_owned(),
        DataType::Dictionary(_, values) => words(values),
        other => format!("of the type {other}"),
    }
}

/// A prepared array as a column. A type [`prepare`] lets pass and this does not know is missing everywhere.
pub(super) fn column(array: &ArrayRef) -> Column<'_> {
    let valid = BitsAt::of_nulls(array.nulls());
    let time = |values, unit: &TimeUnit| {
        let second = 86_400;
        let day = match unit {
            TimeUnit::Second => second,
            TimeUnit::Millisecond => second * 1_000,
            TimeUnit::Microsecond => second * 1_000_000,
            TimeUnit::Nanosecond => second * 1_000_000_000,
        };
        Column::Time(values, day, valid)
    };
    match array.data_type() {
        DataType::Float64 => Column::F64(array.as_primitive::<Float64Type>().values(), valid),
        DataType::Float32 => Column::F32(array.as_primitive::<Float32Type>().values(), valid),
        DataType::Int64 => Column::I64(array.as_primitive::<Int64Type>().values(), valid),
        DataType::Int32 => Column::I32(array.as_primitive::<Int32Type>().values(), valid),
        DataType::Date32 => Column::I32(array.as_primitive::<Date32Type>().values(), valid),
        DataType::Date64 => time(array.as_primitive::<Date64Type>().values(), &TimeUnit::Millisecond),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => time(array.as_primitive::<TimestampSecondType>().values(), unit),
            TimeUnit::Millisecond => time(array.as_primitive::<TimestampMillisecondType>().values(), unit),
            TimeUnit::Microsecond => time(array.as_primitive::<TimestampMicrosecondType>().values(), unit),
            TimeUnit::Nanosecond => time(array.as_primitive::<TimestampNanosecondType>().values(), unit),
        },
        DataType::Boolean => Column::Bool(BitsAt::new(array.as_boolean().values()), valid),
        DataType::Dictionary(key, _) => {
            let (keys, values) = match key.as_ref() {
                DataType::Int32 => {
                    let array = array.as_dictionary::<Int32Type>();
                    (Cow::Borrowed(&**array.keys().values()), array.values())
                }
                DataType::Int8 => keys::<arrow::datatypes::Int8Type>(array),
                DataType::Int16 => keys::<arrow::datatypes::Int16Type>(array),
                DataType::Int64 => keys::<Int64Type>(array),
                DataType::UInt8 => keys::<arrow::datatypes::UInt8Type>(array),
                DataType::UInt16 => keys::<arrow::datatypes::UInt16Type>(array),
                DataType::UInt32 => keys::<arrow::datatypes::UInt32Type>(array),
                DataType::UInt64 => keys::<arrow::datatypes::UInt64Type>(array),
                _ => return Column::Missing,
            };
            match strings(values) {
                Some(strings) => Column::Dictionary { keys, valid, values: strings, codes: vec![UNMET; values.len()] },
                None => Column::Missing,
            }
        }
        _ => strings(array).map_or(Column::Missing, Column::Text),
    }
}

fn keys<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> (Cow<'_, [i32]>, &ArrayRef) {
    let array = array.as_dictionary::<K>();
    (array.keys().values().iter().map(|k| i32::try_from(k.as_usize()).unwrap_or(-1)).collect(), array.values())
}

fn strings(array: &ArrayRef) -> Option<Strings<'_>> {
    match array.data_type() {
        DataType::Utf8 => Some(Strings::Utf8(array.as_string())),
        DataType::LargeUtf8 => Some(Strings::Large(array.as_string())),
        DataType::Utf8View => Some(Strings::View(array.as_string_view())),
        _ => None,
    }
}

/// What is added to four values: nothing, or NaN where a bit of the index is 0.
#[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
const HOLES: [[f64; 4]; 16] = {
    let mut table = [[0.0; 4]; 16];
    let mut index = 0;
    while index < 16 {
        let mut lane = 0;
        while lane < 4 {
            if index >> lane & 1 == 0 {
                table[index][lane] = f64::NAN;
            }
            lane += 1;
        }
        index += 1;
    }
    table
};

/// `convert` of each value; missing where it is null.
#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "a nibble is below 16, a chunk of four has four")]
fn load<T: Copy>(out: &mut [f64], values: &[T], valid: Option<BitsAt<'_>>, start: usize, convert: impl Fn(T) -> f64) {
    let Some(valid) = valid else {
        for (o, x) in out.iter_mut().zip(values) {
            *o = convert(*x);
        }
        return;
    };
    for (block, (out, values)) in out.chunks_mut(64).zip(values.chunks(64)).enumerate() {
        let word = valid.word(start + block * 64);
        if word == u64::MAX {
            for (o, x) in out.iter_mut().zip(values) {
                *o = convert(*x);
            }
            continue;
        }
        let (outs, out_rest) = out.as_chunks_mut::<4>();
        let (fours, rest) = values.as_chunks::<4>();
        let mut bits = word;
        for (o, x) in outs.iter_mut().zip(fours) {
            let holes = &HOLES[bits as usize & 15];
            bits >>= 4;
            let four = [convert(x[0]), convert(x[1]), convert(x[2]), convert(x[3])];
            *o = [four[0] + holes[0], four[1] + holes[1], four[2] + holes[2], four[3] + holes[3]];
        }
        let done = fours.len() * 4;
        let tail = outs.get_mut(fours.len()).map_or(out_rest, |o| &mut o[..]);
        for (lane, (o, x)) in tail.iter_mut().zip(rest).enumerate() {
            *o = if word >> (done + lane) & 1 == 1 { convert(*x) } else { f64::NAN };
        }
    }
}

/// As `x as f64`, in operations that SSE2 has for two lanes at once: the upper and the lower half each become the
/// mantissa of a number whose exponent puts them in their place, and the one rounding is that of the last addition.
#[inline(always)]
fn number_of(x: i64) -> f64 {
    let bits = x as u64;
    // 2^84 + 2^63 + upper * 2^32
    let upper = f64::from_bits(bits >> 32 ^ 0x4530_0000_8000_0000);
    // 2^52 + lower
    let lower = f64::from_bits(bits & 0xFFFF_FFFF | 0x4330_0000_0000_0000);
    // 2^84 + 2^63 + 2^52
    let added = f64::from_bits(0x4530_0000_8010_0000);
    (upper - added) + lower
}

#[inline(always)]
fn day(x: f64) -> f64 {
    let (first, last) = (f64::from(Date::MIN.days()), f64::from(Date::MAX.days()));
    if (x >= first) & (x <= last) { x } else { f64::NAN }
}

fn part<T>(values: &[T], start: usize, rows: usize) -> &[T] {
    values.get(start..start + rows).unwrap_or(&[])
}

impl Column<'_> {
    /// Numbers of `rows` rows from `start`; the rest of `out` is missing.
    pub(super) fn numbers(&self, out: &mut [f64], start: usize, rows: usize) {
        match self {
            Column::F64(v, valid) => load(out, part(v, start, rows), *valid, start, settle),
            Column::F32(v, valid) => load(out, part(v, start, rows), *valid, start, |x| settle(f64::from(x))),
            Column::I64(v, valid) => load(out, part(v, start, rows), *valid, start, number_of),
            Column::I32(v, valid) => load(out, part(v, start, rows), *valid, start, f64::from),
            _ => out.fill(f64::NAN),
        }
        blank(out, rows, f64::NAN);
    }

    /// Dates of `rows` rows from `start`; the rest of `out` is missing.
    pub(super) fn dates(&self, out: &mut [f64], start: usize, rows: usize) {
        match self {
            Column::I32(v, valid) => load(out, part(v, start, rows), *valid, start, |x| day(f64::from(x))),
            Column::Time(v, length, valid) => {
                load(out, part(v, start, rows), *valid, start, |x| day(x.div_euclid(*length) as f64));
            }
            _ => out.fill(f64::NAN),
        }
        blank(out, rows, f64::NAN);
    }

    /// Rows that are there and have this truth; the rest of `out` is 0.
    pub(super) fn bools(&self, out: &mut [u8], start: usize, rows: usize, side: bool) {
        let Column::Bool(values, valid) = self else {
            out.fill(0);
            return;
        };
        for (block, out) in out.chunks_mut(64).enumerate() {
            let at = start + block * 64;
            let word = if side { values.word(at) } else { !values.word(at) };
            let word = valid.map_or(word, |v| word & v.word(at));
            let (eights, _) = out.as_chunks_mut::<8>();
            for (eight, out) in eights.iter_mut().enumerate() {
                *out = spread((word >> (eight * 8)) as u8);
            }
        }
        blank(out, rows, 0);
    }

    /// Codes of `rows` rows from `start`; the rest of `out` is missing.
    pub(super) fn texts(&mut self, out: &mut [u32], start: usize, rows: usize, texts: &mut Texts) {
        match self {
            Column::Text(Strings::Utf8(array)) => short_texts(array, out, start, rows, texts),
            Column::Text(strings) => {
                for (row, o) in out.iter_mut().take(rows).enumerate() {
                    *o = strings.get(start + row).map_or(0, |t| texts.code(t));
                }
            }
            Column::Dictionary { keys, valid, values, codes } => {
                let keys = part(keys, start, rows);
                for (block, (out, keys)) in out.chunks_mut(64).zip(keys.chunks(64)).enumerate() {
                    let word = valid.map_or(u64::MAX, |v| v.word(start + block * 64));
                    for (row, (o, key)) in out.iter_mut().zip(keys).enumerate() {
                        let code = codes.get(*key as usize).copied().unwrap_or(0);
                        *o = if word >> row & 1 == 1 { code } else { 0 };
                        if *o == UNMET {
                            *o = values.get(*key as usize).map_or(0, |t| texts.code(t));
                            if let Some(code) = codes.get_mut(*key as usize) {
                                *code = *o;
                            }
                        }
                    }
                }
            }
            _ => out.fill(0),
        }
        blank(out, rows, 0);
    }
}

/// Codes of plain texts: most are short and were met before, and those take no look at the text itself.
fn short_texts(array: &StringArray, out: &mut [u32], start: usize, rows: usize, texts: &mut Texts) {
    let valid = BitsAt::of_nulls(array.nulls());
    let offsets = array.value_offsets();
    let bytes = array.value_data();
    for (block, out) in out.chunks_mut(64).enumerate() {
        out.fill(0);
        let at = start + block * 64;
        let here = (start + rows).saturating_sub(at).min(64);
        if here == 0 {
            return;
        }
        let mut bits = valid.map_or(u64::MAX, |v| v.word(at)) & u64::MAX >> (64 - here);
        while bits != 0 {
            let row = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            let (Some([from, to]), Some(o)) = (offsets.get(at + row..at + row + 2), out.get_mut(row)) else { continue };
            let (from, to) = (*from as usize, *to as usize);
            let short = bytes.get(from..).and_then(|rest| rest.first_chunk::<16>());
            *o = match short.and_then(|head| Texts::short(head, to - from)) {
                Some(key) => texts.code_of_short(key, || array.value(at + row)),
                None => texts.code(array.value(at + row)),
            };
        }
    }
}

fn blank<T: Copy>(out: &mut [T], rows: usize, with: T) {
    if let Some(rest) = out.get_mut(rows..) {
        rest.fill(with);
    }
}

/// Eight bits as eight bytes of 0 or 1, the lowest first.
#[inline(always)]
fn spread(bits: u8) -> [u8; 8] {
    let picked = (u64::from(bits) * 0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
    // Each byte is 0 or one bit; adding 0x7f carries any bit into the byte's highest.
    let high = picked + 0x7F7F_7F7F_7F7F_7F7F;
    (high >> 7 & 0x0101_0101_0101_0101).to_le_bytes()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;
    use arrow::array::{BooleanArray, Float64Array};

    #[test]
    fn integers_are_rounded_as_by_a_cast() {
        let edges = [0, 1, -1, i64::MAX, i64::MIN, (1 << 53) + 1, -(1 << 53) - 1, (1 << 32) - 1, 1 << 32, -(1 << 32)];
        let spread =
            (0..64).flat_map(|bit| [1_i64 << bit, (1_i64 << bit).wrapping_sub(1), 0x1234_5678_9ABC_DEF0 >> bit]);
        for x in edges.into_iter().chain(spread.clone()).chain(spread.map(i64::wrapping_neg)) {
            assert_eq!(number_of(x).to_bits(), (x as f64).to_bits(), "{x}");
        }
    }

    #[test]
    fn bits_are_read_at_any_offset() {
        let bools: Vec<Option<bool>> = (0..300).map(|i| [Some(true), Some(false), None][(i * i + i / 7) % 3]).collect();
        for offset in [0, 1, 7, 8, 63, 64, 65] {
            let array: ArrayRef = Arc::new(BooleanArray::from(bools.clone()).slice(offset, 300 - offset));
            let numbers: Float64Array = bools.iter().map(|b| b.map(|b| f64::from(u8::from(b)))).collect();
            let numbers: ArrayRef = Arc::new(numbers.slice(offset, 300 - offset));
            for (start, rows) in [(0, 64), (64, 100), (128, 300 - offset - 128)] {
                let mut out = vec![9; rows.next_multiple_of(64)];
                column(&array).bools(&mut out, start, rows, true);
                let wanted = |i: usize| bools.get(offset + start + i).filter(|_| i < rows).copied().flatten();
                assert!(
                    out.iter().enumerate().all(|(i, o)| (*o == 1) == (wanted(i) == Some(true))),
                    "{offset} {start}"
                );
                column(&array).bools(&mut out, start, rows, false);
                assert!(out.iter().enumerate().all(|(i, o)| (*o == 1) == (wanted(i) == Some(false))));
                let mut out = vec![9.0; rows.next_multiple_of(64)];
                column(&numbers).numbers(&mut out, start, rows);
                let number = |i: usize| wanted(i).map_or(f64::NAN, |b| f64::from(u8::from(b)));
                assert!(out.iter().enumerate().all(|(i, o)| o.total_cmp(&number(i)).is_eq()), "{offset} {start}");
            }
        }
    }
}
