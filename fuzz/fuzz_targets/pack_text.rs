//! Any texts as a pack, or a shipped pack with a few things changed: it is loaded, linted, and what is said can be shown.
#![no_main]

#[path = "../generate.rs"]
#[allow(dead_code, unreachable_pub)]
mod generate;

use libfuzzer_sys::fuzz_target;

/// The files that the texts of an input stand for, in order.
const FILES: [&str; 4] = ["pack.toml", "rules.toml", "base/pack.toml", "scripts/own.rhai"];

fuzz_target!(|input: &[u8]| {
    let Some((mode, rest)) = input.split_first() else { return };
    let texts = if mode % 2 == 0 {
        // As they are, with a record separator between files.
        let text = String::from_utf8_lossy(rest);
        let parts = text.split('\u{1e}').zip(FILES);
        parts.map(|(text, name)| (name.to_owned(), text.to_owned())).collect()
    } else {
        generate::pack(&mut generate::Bytes(rest))
    };
    generate::survive_pack(&texts);
});
