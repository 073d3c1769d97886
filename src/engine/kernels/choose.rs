//! One alternative of many per row.

use super::{BLOCK, Lane};

/// Rows that are open and hold get this alternative, and are open no more.
pub(in crate::engine) fn step<T: Lane>(choice: &mut [T], open: &mut [u8], mask: &[u8], index: usize) {
    let number = T::of(index + 1);
    for ((c, o), m) in choice.iter_mut().zip(open).zip(mask) {
        let hit = *o & *m;
        *c = if hit != 0 { number } else { *c };
        *o ^= hit;
    }
}

/// See [`crate::engine::Builder::highest`].
pub(in crate::engine) fn highest<T: Lane>(
    out: &mut [T],
    within: &[u8],
    numbers: impl Iterator<Item = impl AsRef<[f64]>> + Clone,
    minimum: f64,
) {
    for (block, (out, within)) in out.chunks_exact_mut(BLOCK).zip(within.chunks_exact(BLOCK)).enumerate() {
        let at = block * BLOCK..(block + 1) * BLOCK;
        let mut best = [0.0_f64; BLOCK];
        let mut choice = [T::default(); BLOCK];
        for (index, lanes) in numbers.clone().enumerate() {
            let number = T::of(index + 1);
            let Some(lanes) = lanes.as_ref().get(at.clone()) else { continue };
            for ((best, choice), x) in best.iter_mut().zip(&mut choice).zip(lanes) {
                let wins = (*x > *best) & (*x >= minimum);
                *choice = if wins { number } else { *choice };
                *best = if wins { *x } else { *best };
            }
        }
        for ((out, choice), within) in out.iter_mut().zip(choice).zip(within) {
            *out = if *within != 0 { choice } else { T::default() };
        }
    }
}

/// The chosen number over the sum of all that are there.
pub(in crate::engine) fn share<T: Lane>(
    out: &mut [f64],
    choice: &[T],
    numbers: impl Iterator<Item = impl AsRef<[f64]>> + Clone,
) {
    for (block, (out, choice)) in out.chunks_exact_mut(BLOCK).zip(choice.chunks_exact(BLOCK)).enumerate() {
        let at = block * BLOCK..(block + 1) * BLOCK;
        let mut total = [0.0_f64; BLOCK];
        let mut chosen = [f64::NAN; BLOCK];
        for (index, lanes) in numbers.clone().enumerate() {
            let number = T::of(index + 1);
            let Some(lanes) = lanes.as_ref().get(at.clone()) else { continue };
            for (((total, chosen), choice), x) in total.iter_mut().zip(&mut chosen).zip(choice).zip(lanes) {
                *total += if x.is_nan() { 0.0 } else { *x };
                *chosen = if *choice == number { *x } else { *chosen };
            }
        }
        for ((out, chosen), total) in out.iter_mut().zip(chosen).zip(total) {
            let share = chosen / super::numbers::settle(total);
            *out = super::numbers::settle(share);
        }
    }
}

/// See [`crate::engine::Builder::best`].
pub(in crate::engine) fn best<T: Lane, M: AsRef<[u8]>, N: AsRef<[f64]>>(
    out: &mut [T],
    alternatives: impl Iterator<Item = (M, N)> + Clone,
) {
    for (block, out) in out.chunks_exact_mut(BLOCK).enumerate() {
        let at = block * BLOCK..(block + 1) * BLOCK;
        let mut best = [f64::NEG_INFINITY; BLOCK];
        out.fill(T::default());
        for (index, (mask, lanes)) in alternatives.clone().enumerate() {
            let number = T::of(index + 1);
            let (Some(mask), Some(lanes)) = (mask.as_ref().get(at.clone()), lanes.as_ref().get(at.clone())) else {
                continue;
            };
            for (((best, out), m), x) in best.iter_mut().zip(out.iter_mut()).zip(mask).zip(lanes) {
                // A missing number ranks as the lowest: it wins only where nothing was chosen yet.
                let first = (*out == T::default()) & (*m != 0);
                let wins = (*x > *best) & (*m != 0);
                *out = if first | wins { number } else { *out };
                *best = if wins { *x } else { *best };
            }
        }
    }
}

/// A number per alternative. `numbers` are lanes or a constant.
pub(in crate::engine) fn numbers<'a, T: Lane>(
    out: &mut [f64],
    choice: &[T],
    numbers: impl Iterator<Item = super::Arg<'a>> + Clone,
) {
    for (block, (out, choice)) in out.chunks_exact_mut(BLOCK).zip(choice.chunks_exact(BLOCK)).enumerate() {
        let at = block * BLOCK..(block + 1) * BLOCK;
        out.fill(f64::NAN);
        for (index, arg) in numbers.clone().enumerate() {
            let number = T::of(index + 1);
            match arg {
                super::Arg::Lanes(lanes) => {
                    let Some(lanes) = lanes.get(at.clone()) else { continue };
                    for ((o, c), x) in out.iter_mut().zip(choice).zip(lanes) {
                        *o = if *c == number { *x } else { *o };
                    }
                }
                super::Arg::Const(k) => {
                    for (o, c) in out.iter_mut().zip(choice) {
                        *o = if *c == number { k } else { *o };
                    }
                }
            }
        }
    }
}

/// An entry of a table per alternative, the first for none.
pub(in crate::engine) fn lookup<T: Lane, V: Copy + Default>(out: &mut [V], choice: &[T], table: &[V]) {
    for (o, c) in out.iter_mut().zip(choice) {
        *o = table.get(c.number()).copied().unwrap_or_default();
    }
}
