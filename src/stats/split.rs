//! Splits that are the same on every machine: a hash in place of chance, for tests and for parts of a sample.

/// SplitMix64 (Steele, Lea and Flood 2014, OOPSLA): one step from a state to a well-mixed number.
#[must_use]
pub fn mix(state: u64) -> u64 {
    let mut x = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The part, 0 to `parts - 1`, that a text belongs to: FNV-1a of its bytes, mixed.
#[must_use]
pub fn part(text: &str, parts: u64) -> u64 {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    mix(hash) % parts.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_published_and_even() {
        // The first number of the reference implementation for the seed 1234567.
        assert_eq!(mix(1_234_567), 6_457_827_717_110_365_317);
        let mut counts = [0_u32; 4];
        for i in 0..4000 {
            if let Some(count) = usize::try_from(part(&format!("C{i}"), 4)).ok().and_then(|i| counts.get_mut(i)) {
                *count += 1;
            }
        }
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
    }
}
