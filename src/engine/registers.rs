//! The registers of one thread: lanes of one chunk each.

use std::mem::take;

use super::kernels::Arg;
use super::op::{Op, Src};
use super::plan::Plan;

/// Rows of a chunk, a multiple of 64: the registers of a usual program then fit the second-level cache.
pub(super) const CHUNK: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Registers {
    numbers: Vec<Vec<f64>>,
    bytes: Vec<Vec<u8>>,
    words: Vec<Vec<u32>>,
}

#[expect(clippy::indexing_slicing, reason = "the plan numbers the registers it has; every one has CHUNK lanes")]
impl Registers {
    /// As many as the plan needs, the constants in place.
    pub(super) fn new(plan: &Plan) -> Registers {
        let mut registers = Registers {
            numbers: vec![vec![f64::NAN; CHUNK]; plan.numbers],
            bytes: vec![vec![0; CHUNK]; plan.bytes],
            words: vec![vec![0; CHUNK]; plan.words],
        };
        for (op, register) in &plan.constants {
            match op {
                Op::Number(x) => registers.numbers[*register as usize].fill(x.get()),
                Op::Fill(yes) => registers.bytes[*register as usize].fill(u8::from(*yes)),
                Op::Text(code) => registers.words[*register as usize].fill(*code),
                _ => {}
            }
        }
        registers
    }

    /// The first `n` lanes.
    #[inline]
    pub(super) fn numbers(&self, id: u32, n: usize) -> &[f64] {
        &self.numbers[id as usize][..n]
    }

    /// The first `n` lanes.
    #[inline]
    pub(super) fn bytes(&self, id: u32, n: usize) -> &[u8] {
        &self.bytes[id as usize][..n]
    }

    /// The first `n` lanes.
    #[inline]
    pub(super) fn words(&self, id: u32, n: usize) -> &[u32] {
        &self.words[id as usize][..n]
    }

    pub(super) fn number(&self, id: u32, row: usize) -> f64 {
        self.numbers[id as usize][row]
    }

    pub(super) fn byte(&self, id: u32, row: usize) -> u8 {
        self.bytes[id as usize][row]
    }

    pub(super) fn word(&self, id: u32, row: usize) -> u32 {
        self.words[id as usize][row]
    }

    /// An operand.
    #[inline]
    pub(super) fn arg(&self, src: Src, n: usize) -> Arg<'_> {
        match src {
            Src::Lanes(id) => Arg::Lanes(self.numbers(id, n)),
            Src::Const(k) => Arg::Const(k.get()),
        }
    }

    /// Writes the first `n` lanes of a register, reading others.
    #[inline]
    pub(super) fn write_numbers(&mut self, id: u32, n: usize, write: impl FnOnce(&mut [f64], &Registers)) {
        let mut lanes = take(&mut self.numbers[id as usize]);
        write(&mut lanes[..n], self);
        self.numbers[id as usize] = lanes;
    }

    /// Writes the first `n` lanes of a register, reading others.
    #[inline]
    pub(super) fn write_bytes(&mut self, id: u32, n: usize, write: impl FnOnce(&mut [u8], &Registers)) {
        let mut lanes = take(&mut self.bytes[id as usize]);
        write(&mut lanes[..n], self);
        self.bytes[id as usize] = lanes;
    }

    /// Writes the first `n` lanes of a register, reading others.
    #[inline]
    pub(super) fn write_words(&mut self, id: u32, n: usize, write: impl FnOnce(&mut [u32], &Registers)) {
        let mut lanes = take(&mut self.words[id as usize]);
        write(&mut lanes[..n], self);
        self.words[id as usize] = lanes;
    }

    /// Writes a choice and a mask at once, reading others.
    #[inline]
    pub(super) fn step(
        &mut self,
        choice: u32,
        wide: bool,
        open: u32,
        n: usize,
        write: impl FnOnce(Choice<'_>, &mut [u8], &Registers),
    ) {
        let mut mask = take(&mut self.bytes[open as usize]);
        if wide {
            self.write_words(choice, n, |choice, r| write(Choice::Wide(choice), &mut mask[..n], r));
        } else {
            self.write_bytes(choice, n, |choice, r| write(Choice::Narrow(choice), &mut mask[..n], r));
        }
        self.bytes[open as usize] = mask;
    }
}

/// The lanes of a choice.
pub(super) enum Choice<'a> {
    /// Up to 254 alternatives.
    Narrow(&'a mut [u8]),
    /// More.
    Wide(&'a mut [u32]),
}
