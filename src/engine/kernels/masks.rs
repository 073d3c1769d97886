//! Logic on truths.

use super::{Lane, map, zip};

pub(in crate::engine) fn and(out: &mut [u8], a: &[u8], b: &[u8]) {
    zip(out, a, b, |a, b| a & b);
}

pub(in crate::engine) fn or(out: &mut [u8], a: &[u8], b: &[u8]) {
    zip(out, a, b, |a, b| a | b);
}

pub(in crate::engine) fn and_not(out: &mut [u8], a: &[u8], b: &[u8]) {
    zip(out, a, b, |a, b| a & (b ^ 1));
}

pub(in crate::engine) fn not(out: &mut [u8], a: &[u8]) {
    map(out, a, |a| a ^ 1);
}

pub(in crate::engine) fn pick(out: &mut [u8], mask: &[u8], yes: &[u8], no: &[u8]) {
    for (((o, m), a), b) in out.iter_mut().zip(mask).zip(yes).zip(no) {
        *o = (m & a) | ((m ^ 1) & b);
    }
}

pub(in crate::engine) fn is<T: Lane>(out: &mut [u8], choice: &[T], index: usize) {
    let wanted = T::of(index + 1);
    map(out, choice, |c| u8::from(c == wanted));
}

/// Whether any row holds.
pub(in crate::engine) fn any(mask: &[u8]) -> bool {
    mask.iter().fold(0, |all, m| all | m) != 0
}
