//! The loops: each over one chunk, plain enough that the compiler vectorises them.
//!
//! Slices of one call have one length, a multiple of [`BLOCK`]. Missing is NaN in numbers and 0 in text codes and
//! choices; masks are 0 or 1.

pub(super) mod choose;
pub(super) mod masks;
pub(super) mod numbers;
pub(super) mod scores;
pub(super) mod words;

/// Rows that one step of a loop with local arrays works on; chunks are multiples of it.
pub(super) const BLOCK: usize = 64;

/// A number operand: lanes, or the same on every row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arg<'a> {
    Lanes(&'a [f64]),
    Const(f64),
}

/// A choice of one alternative: 0 for none.
pub(super) trait Lane: Copy + PartialEq + Default {
    /// Of 1 + the alternative.
    fn of(number: usize) -> Self;
    /// 1 + the alternative.
    fn number(self) -> usize;
}

impl Lane for u8 {
    #[inline(always)]
    fn of(number: usize) -> Self {
        number as u8
    }
    #[inline(always)]
    fn number(self) -> usize {
        usize::from(self)
    }
}

impl Lane for u32 {
    #[inline(always)]
    fn of(number: usize) -> Self {
        number as u32
    }
    #[inline(always)]
    fn number(self) -> usize {
        self as usize
    }
}

/// `out = f(a)`
#[inline(always)]
fn map<A: Copy, O>(out: &mut [O], a: &[A], f: impl Fn(A) -> O) {
    for (o, a) in out.iter_mut().zip(a) {
        *o = f(*a);
    }
}

/// `out = f(a, b)`
#[inline(always)]
fn zip<A: Copy, B: Copy, O>(out: &mut [O], a: &[A], b: &[B], f: impl Fn(A, B) -> O) {
    for ((o, a), b) in out.iter_mut().zip(a).zip(b) {
        *o = f(*a, *b);
    }
}

/// `out = f(a, b)` of operands that may be constant.
#[inline(always)]
fn operate<O>(out: &mut [O], a: Arg<'_>, b: Arg<'_>, f: impl Fn(f64, f64) -> O) {
    match (a, b) {
        (Arg::Lanes(a), Arg::Lanes(b)) => zip(out, a, b, f),
        (Arg::Lanes(a), Arg::Const(k)) => map(out, a, |x| f(x, k)),
        (Arg::Const(k), Arg::Lanes(b)) => map(out, b, |x| f(k, x)),
        (Arg::Const(x), Arg::Const(y)) => out.iter_mut().for_each(|o| *o = f(x, y)),
    }
}
