//! Text codes.

use super::{map, zip};

pub(in crate::engine) fn there(out: &mut [u8], a: &[u32]) {
    map(out, a, |x| u8::from(x != 0));
}

pub(in crate::engine) fn is(out: &mut [u8], a: &[u32], code: u32, same: bool) {
    if same {
        map(out, a, |x| u8::from(x == code));
    } else {
        map(out, a, |x| u8::from((x != code) & (x != 0)));
    }
}

pub(in crate::engine) fn same(out: &mut [u8], a: &[u32], b: &[u32], same: bool) {
    if same {
        zip(out, a, b, |x, y| u8::from((x == y) & (x != 0)));
    } else {
        zip(out, a, b, |x, y| u8::from((x != y) & (x != 0) & (y != 0)));
    }
}

pub(in crate::engine) fn or_else(out: &mut [u32], a: &[u32], b: &[u32]) {
    zip(out, a, b, |x, y| if x != 0 { x } else { y });
}

pub(in crate::engine) fn pick(out: &mut [u32], mask: &[u8], yes: &[u32], no: &[u32]) {
    for (((o, m), a), b) in out.iter_mut().zip(mask).zip(yes).zip(no) {
        *o = if *m != 0 { *a } else { *b };
    }
}
