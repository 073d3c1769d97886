//! The texts of a run as codes: equal texts have equal codes.
//!
//! Code 0 is missing, then come the program's constants, then what the batches bring. What batches brought is
//! forgotten between batches once it is much, so that memory does not grow with the table.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Forget at the start of a batch above so many texts …
const MANY: usize = 1 << 16;
/// … or so many bytes.
const LONG: usize = 4 << 20;

#[derive(Debug)]
pub(super) struct Texts {
    /// All texts, one after the other.
    arena: String,
    /// Where the text of each code ends; it starts where the one before ends.
    ends: Vec<usize>,
    hashes: Vec<u64>,
    /// Open addressing, 0 is free. A power of two, at most half full.
    table: Vec<u32>,
    /// Codes that are always there.
    constants: usize,
    seed: u64,
}

impl Texts {
    /// Knows the constants, by code from 1.
    pub(super) fn new<'a>(constants: impl Iterator<Item = &'a Arc<str>>) -> Texts {
        // The seed keeps a hostile table from being slow; no result depends on it.
        let seed = RandomState::new().hash_one(0_u8);
        let mut texts =
            Texts { arena: String::new(), ends: vec![0], hashes: vec![0], table: vec![0; 64], constants: 1, seed };
        for text in constants {
            texts.code(text);
        }
        texts.constants = texts.ends.len();
        texts
    }

    /// How many codes there are, missing included.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a code; empty for missing.
    pub(super) fn get(&self, code: u32) -> &str {
        let code = code as usize;
        let end = self.ends.get(code).copied().unwrap_or(0);
        let start = code.checked_sub(1).and_then(|c| self.ends.get(c)).copied().unwrap_or(0);
        self.arena.get(start..end).unwrap_or("")
    }

    /// The code of a text, a new one if it is new.
    #[inline]
    pub(super) fn code(&mut self, text: &str) -> u32 {
        let hash = hash(text.as_bytes(), self.seed);
        let mask = self.table.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let code = self.table.get(at).copied().unwrap_or(0);
            if code == 0 {
                return self.add(text, hash, at);
            }
            if self.hashes.get(code as usize) == Some(&hash) && self.get(code) == text {
                return code;
            }
            at = (at + 1) & mask;
        }
    }

    #[cold]
    fn add(&mut self, text: &str, hash: u64, at: usize) -> u32 {
        let code = self.ends.len() as u32;
        self.arena.push_str(text);
        self.ends.push(self.arena.len());
        self.hashes.push(hash);
        if let Some(slot) = self.table.get_mut(at) {
            *slot = code;
        }
        if self.ends.len() * 2 > self.table.len() {
            self.rehash(self.table.len() * 4);
        }
        code
    }

    fn rehash(&mut self, size: usize) {
        self.table.clear();
        self.table.resize(size, 0);
        let mask = size - 1;
        for (code, hash) in self.hashes.iter().enumerate().skip(1) {
            let mut at = *hash as usize & mask;
            while self.table.get(at).is_some_and(|taken| *taken != 0) {
                at = (at + 1) & mask;
            }
            if let Some(slot) = self.table.get_mut(at) {
                *slot = code as u32;
            }
        }
    }

    /// Forgets what batches brought, if that is much. Says whether it did: whoever keeps something by code must then
    /// forget it, too.
    pub(super) fn tidy(&mut self) -> bool {
        if self.ends.len() <= MANY + self.constants && self.arena.len() <= LONG {
            return false;
        }
        self.forget();
        true
    }

    /// Forgets what batches brought.
    pub(super) fn forget(&mut self) {
        self.ends.truncate(self.constants);
        self.hashes.truncate(self.constants);
        self.arena.truncate(self.ends.last().copied().unwrap_or(0));
        self.arena.shrink_to(LONG);
        let size = (self.constants * 4).next_power_of_two().max(64);
        self.table.shrink_to(size);
        self.rehash(size);
    }
}

/// Folded multiplication over eight bytes at a time.
#[inline]
fn hash(bytes: &[u8], seed: u64) -> u64 {
    const A: u64 = 0x9E37_79B9_7F4A_7C15;
    const B: u64 = 0xD6E8_FEB8_6659_FD93;
    let mut state = seed ^ (bytes.len() as u64).wrapping_mul(A);
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        if bytes.len() > 16 {
            for part in bytes.chunks_exact(8) {
                state = fold(state ^ part.first_chunk::<8>().map_or(0, |p| u64::from_le_bytes(*p)), A);
            }
        }
        state = fold(state ^ u64::from_le_bytes(*first), B);
        return fold(state ^ u64::from_le_bytes(*last), A);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let both = u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
        return fold(state ^ both, A);
    }
    let small = bytes.iter().fold(0_u64, |all, b| all << 8 | u64::from(*b));
    fold(state ^ small, A)
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ ((wide >> 64) as u64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn equal_texts_have_equal_codes() {
        let constants: Vec<Arc<str>> = ["price", "", "a text of more than sixteen bytes"].map(Arc::from).to_vec();
        let mut texts = Texts::new(constants.iter());
        assert_eq!(texts.len(), 4);
        assert_eq!((texts.code("price"), texts.code(""), texts.get(3)), (1, 2, "a text of more than sixteen bytes"));
        let many: Vec<String> = (0..100_000).map(|i| format!("text number {i}")).collect();
        let codes: Vec<u32> = many.iter().map(|t| texts.code(t)).collect();
        for (text, code) in many.iter().zip(&codes) {
            assert_eq!((texts.code(text), texts.get(*code)), (*code, text.as_str()));
        }
        assert!(texts.tidy(), "100,000 texts are many");
        assert_eq!(texts.len(), 4);
        assert_eq!((texts.code("price"), texts.code("text number 7")), (1, 4));
        assert!(!texts.tidy());
    }
}
