//! Any text as an expression, or one that is made of choices: it is parsed, typed and evaluated on odd records.
#![no_main]

#[path = "../generate.rs"]
#[allow(dead_code, unreachable_pub)]
mod generate;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((mode, rest)) = input.split_first() else { return };
    let mut choices = generate::Bytes(rest);
    let text = if mode % 2 == 0 {
        String::from_utf8_lossy(rest).into_owned()
    } else {
        generate::expression(&mut choices)
    };
    generate::survive_expression(&text, &mut choices);
});
