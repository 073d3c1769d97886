//! Damaged packs and odd expressions, from a seed: nothing panics, nothing hangs, and every place that is named exists.
//!
//! The generators are those of the fuzz targets. `REGAIN_FUZZ_SECONDS=600` looks longer, from another start each time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

#[path = "../fuzz/generate.rs"]
#[allow(dead_code, unreachable_pub)]
mod generate;

use std::time::{Duration, Instant};

use generate::{Choices, expression, pack, survive_expression, survive_pack};

/// Nothing may take longer, even in a slow build.
const PATIENCE: Duration = Duration::from_secs(20);

struct Seeded(fastrand::Rng);

impl Choices for Seeded {
    fn below(&mut self, n: usize) -> usize {
        self.0.usize(0..n.max(1))
    }
}

/// Runs so many rounds, always the same; where more time is asked for, others until it is up. A panic names the seed of its round.
fn rounds(usual: u64, mut one: impl FnMut(&mut Seeded) -> bool) {
    let longer = std::env::var("REGAIN_FUZZ_SECONDS").ok().and_then(|s| s.parse::<u64>().ok());
    let first = if longer.is_some() { fastrand::u64(..) } else { 0 };
    let start = Instant::now();
    let (mut round, mut fine) = (0, 0);
    while longer.map_or(round < usual, |seconds| start.elapsed().as_secs() < seconds) {
        let seed = first.wrapping_add(round);
        let begin = Instant::now();
        let result =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| one(&mut Seeded(fastrand::Rng::with_seed(seed)))));
        match result {
            Ok(survived) => fine += u64::from(survived),
            Err(cause) => {
                eprintln!("seed {seed}");
                std::panic::resume_unwind(cause);
            }
        }
        assert!(begin.elapsed() < PATIENCE, "seed {seed} took {:?}", begin.elapsed());
        round += 1;
    }
    assert!(fine > 0 && fine < round, "{fine} of {round} rounds were fine: some must be, and some not");
}

#[test]
fn damaged_packs_are_loaded_linted_and_shown() {
    rounds(400, |choices| survive_pack(&pack(choices)));
}

#[test]
fn odd_expressions_have_a_meaning_or_a_message() {
    rounds(4000, |choices| {
        let text = expression(choices);
        survive_expression(&text, choices)
    });
}

fn pack_of(text: &str) -> bool {
    let head = "[pack]\nname = \"x\"\n[record]\nkey = \"id\"\n".to_owned();
    survive_pack(&[("pack.toml".to_owned(), head), ("own.toml".to_owned(), text.to_owned())])
}

/// What once was, or could be, too much: depth, size, and characters nobody expects.
#[test]
fn nasty_texts_are_answered() {
    let deep = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    for depth in [130, 5_000, 60_000] {
        for text in [
            format!("x = {}\n", deep("[", "1", "]", depth)),
            format!("x = {}\n", deep("{ a = ", "1", " }", depth)),
            format!("x{} = 1\n", ".a".repeat(depth)),
            format!("[x{}]\nb = 1\n", ".a".repeat(depth)),
            format!("[[x{}]]\nb = 1\n", ".a".repeat(depth)),
            format!("x = {}", "[".repeat(depth)),
            format!("x = {}", "{ a = ".repeat(depth)),
            format!("x = '{}'", "[".repeat(depth)),
        ] {
            assert!(!pack_of(&text), "{depth}");
        }
        for text in [
            deep("(", "1", ")", depth),
            deep("!", "true", "", depth),
            deep("-", "1", "", depth),
            deep("if true { ", "1", " } else { 2 }", depth),
            deep("abs(", "1", ")", depth),
            deep("[", "1", "]", depth),
            format!("1{}", " + 1".repeat(depth)),
            format!("true{}", " && true".repeat(depth)),
            format!("1{}", " ?? 1".repeat(depth)),
            format!("if true {{ 1 }}{}", " else if true { 1 }".repeat(depth)),
            format!("switch amount {{ {} _ => 1 }}", "1 => 2, ".repeat(depth)),
            format!("amount in [{}]", "1, ".repeat(depth)),
            "(".repeat(depth),
            ")".repeat(depth),
            "{".repeat(depth),
            "\"".repeat(depth),
            "a.".repeat(depth),
        ] {
            pack_of(&format!("[facts]\na = '{text}'\n"));
            pack_of(&format!("[[states]]\nname = \"a\"\nbecause = '{{{text}}}'\n"));
            survive_expression(&text, &mut Seeded(fastrand::Rng::with_seed(1)));
        }
    }
    for text in [
        "[params]\na = \"\\u0000\"\nb = \"\\ud800\"\nc = 0000-00-00\nd = 1e999\ne = 99999999999999999999\nf = -nan\n",
        "[params]\n\"\" = 1\n\" \" = 1\n\"\\u0000\" = 1\n\"a.b\" = 1\n\"日本\" = 1\n\"\\u202e\" = 1\n",
        "[facts]\na = \"\\\"\\u00e4\\\" + \\\"\"\nb = \"\"\"\\\n\n x + \\\n ä\"\"\"\nc = \"\\u0061 + größe\"\n",
        "[[states]]\nname = \"a\"\nbecause = \"\\\"{wrong}\\\" \\u00e4 {ä} {{\\\"}}\"\n",
        "[facts]\na = 'x\u{0}y'\nb = '\u{feff}x'\nc = 'x\u{202e}'\nd = 'e\u{301}'\n",
        "\u{feff}[facts]\na = 'wrong'\n",
        "[facts]\r\na = '''\r\nwrong\r\n'''\r\nb = \"\"\"\\\r\n  wrong\"\"\"\r\n",
    ] {
        pack_of(text);
    }
}
