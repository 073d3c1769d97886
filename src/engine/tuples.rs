//! What was computed per arguments of a script: a table of bounded size, keys lying one behind the other.

/// A table from tuples of lanes to values. It holds at most twice `most` of them: the younger ones, and those of the generation
/// before. What was asked for lately is there; what is not there is computed anew, to the same value.
#[derive(Debug)]
pub(super) struct Tuples<V> {
    most: usize,
    young: Generation<V>,
    old: Generation<V>,
    tried: Tried,
}

/// Whether remembering pays: where hardly any tuple comes again, looking for it costs more than it saves.
#[derive(Debug, Default)]
struct Tried {
    asked: u32,
    found: u32,
    /// Tuples that are not looked for any more until it is tried again.
    rest: u32,
}

/// So many tuples are looked for before it is judged whether that pays.
const TRIAL: u32 = 8_192;
/// Less than one in so many found does not.
const RARE: u32 = 64;
/// So many tuples are then let pass.
const REST: u32 = 8 * TRIAL;

#[derive(Debug)]
struct Generation<V> {
    /// `width` lanes per entry.
    keys: Vec<u64>,
    values: Vec<V>,
    /// Open addressing: the entry's number from 1, 0 is free. A power of two, at most half full.
    slots: Vec<u32>,
}

impl<V> Default for Generation<V> {
    fn default() -> Self {
        Generation { keys: Vec::new(), values: Vec::new(), slots: Vec::new() }
    }
}

impl<V: Clone> Tuples<V> {
    /// An empty table.
    pub(super) fn new(most: usize) -> Tuples<V> {
        Tuples { most: most.max(1), young: Generation::default(), old: Generation::default(), tried: Tried::default() }
    }

    /// How many tuples it holds.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.young.values.len() + self.old.values.len()
    }

    /// Whether the next tuple is worth looking for and keeping. What it gives is the same either way.
    pub(super) fn pays(&mut self) -> bool {
        if self.tried.rest > 0 {
            self.tried.rest -= 1;
            return false;
        }
        if self.tried.asked >= TRIAL {
            let rare = self.tried.found < TRIAL / RARE;
            self.tried = Tried { rest: if rare { REST } else { 0 }, ..Tried::default() };
        }
        true
    }

    /// The value of a tuple, if it is there.
    pub(super) fn get(&mut self, key: &[u64]) -> Option<&V> {
        self.tried.asked += 1;
        let found = self.look(key);
        if found.is_some() {
            self.tried.found += 1;
        }
        let at = found?;
        self.young.values.get(at)
    }

    /// The place of a tuple among the young ones, where it is put if it was among the old ones.
    fn look(&mut self, key: &[u64]) -> Option<usize> {
        let hash = hash(key);
        if let Some(at) = self.young.find(key, hash) {
            return Some(at);
        }
        let value = self.old.find(key, hash).and_then(|at| self.old.values.get(at)).cloned()?;
        self.put(key, hash, value);
        self.young.values.len().checked_sub(1)
    }

    /// Adds a tuple that is not there.
    pub(super) fn insert(&mut self, key: &[u64], value: V) {
        self.put(key, hash(key), value);
    }

    fn put(&mut self, key: &[u64], hash: u64, value: V) {
        if self.young.values.len() >= self.most {
            // The room of the generation that goes is used again.
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.add(key, hash, value);
    }
}

impl<V> Generation<V> {
    fn clear(&mut self) {
        self.keys.clear();
        self.values.clear();
        self.slots.fill(0);
    }

    fn key(&self, at: usize, width: usize) -> Option<&[u64]> {
        self.keys.get(at * width..(at + 1) * width)
    }

    fn find(&self, key: &[u64], hash: u64) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = hash as usize & mask;
        loop {
            let at = (*self.slots.get(slot)? as usize).checked_sub(1)?;
            if self.key(at, key.len()) == Some(key) {
                return Some(at);
            }
            slot = (slot + 1) & mask;
        }
    }

    fn add(&mut self, key: &[u64], hash: u64, value: V) {
        if (self.values.len() + 1) * 2 > self.slots.len() {
            self.slots = vec![0; (self.slots.len() * 2).max(64)];
            for at in 0..self.values.len() {
                let known = self.key(at, key.len()).map(self::hash);
                self.place(known.unwrap_or_default(), at);
            }
        }
        self.place(hash, self.values.len());
        self.keys.extend_from_slice(key);
        self.values.push(value);
    }

    fn place(&mut self, hash: u64, at: usize) {
        let mask = self.slots.len().saturating_sub(1);
        let mut slot = hash as usize & mask;
        while self.slots.get(slot).is_some_and(|taken| *taken != 0) {
            slot = (slot + 1) & mask;
        }
        if let Some(free) = self.slots.get_mut(slot) {
            *free = at as u32 + 1;
        }
    }
}

/// Folded multiplication, lane by lane.
#[inline]
fn hash(key: &[u64]) -> u64 {
    let fold = |a: u64, b: u64| {
        let wide = u128::from(a) * u128::from(b);
        (wide as u64) ^ ((wide >> 64) as u64)
    };
    // Small whole numbers have zeros only in their low bits; the rotation brings in the others.
    key.iter().fold(0x9E37_79B9_7F4A_7C15, |state: u64, lane| {
        fold(state.rotate_left(23) ^ *lane ^ 0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_never_comes_again_is_let_pass_and_tried_again_later() {
        let mut tuples = Tuples::new(1000);
        let mut looked = 0;
        for i in 0..u64::from(TRIAL + REST + 10) {
            if tuples.pays() {
                looked += 1;
                assert_eq!(tuples.get(&[i]), None);
                tuples.insert(&[i], i);
            }
        }
        assert_eq!(looked, TRIAL + 1 + 9, "the trial, and the begin of the next");
        let mut tuples = Tuples::new(1000);
        for i in 0..u64::from(3 * TRIAL) {
            assert!(tuples.pays(), "what comes again is kept");
            if tuples.get(&[i % 100]).is_none() {
                tuples.insert(&[i % 100], i);
            }
        }
    }

    #[test]
    fn it_never_holds_more_than_two_generations_and_never_a_wrong_value() {
        let mut tuples = Tuples::new(1000);
        let key = |i: u64| [(i as f64).to_bits(), i % 7, u64::MAX - i];
        let mut computed = 0;
        for i in (0..10_000u64).chain(9_500..9_900).chain(0..100) {
            match tuples.get(&key(i)) {
                Some(value) => assert_eq!(*value, i),
                None => {
                    computed += 1;
                    tuples.insert(&key(i), i);
                }
            }
            assert!(tuples.len() <= 2000, "{}", tuples.len());
        }
        assert_eq!(computed, 10_100, "what was met lately is not computed again, what was met long ago is");
    }

    #[test]
    fn what_is_asked_for_again_and_again_stays() {
        let mut tuples = Tuples::new(10);
        tuples.insert(&[1], 'a');
        for i in 100..1000 {
            assert_eq!(tuples.get(&[1]), Some(&'a'), "{i}");
            tuples.insert(&[i], 'b');
        }
        assert!(tuples.get(&[100]).is_none());
    }

    #[test]
    fn functions_without_parameters_have_one_value() {
        let mut tuples = Tuples::new(10);
        assert!(tuples.get(&[]).is_none());
        tuples.insert(&[], 5);
        assert_eq!(tuples.get(&[]), Some(&5));
    }

    #[test]
    fn usual_arguments_spread() {
        for mask in [1023, 65_535] {
            let numbers: HashSet<u64> = (0..=mask).map(|i| hash(&[(i as f64).to_bits(), 3]) & mask).collect();
            let codes: HashSet<u64> = (0..=mask).map(|i| hash(&[i / 16, i % 16]) & mask).collect();
            // Of chance, 63 %.
            assert!(numbers.len() as f64 > 0.55 * mask as f64, "{}", numbers.len());
            assert!(codes.len() as f64 > 0.55 * mask as f64, "{}", codes.len());
        }
    }
}
