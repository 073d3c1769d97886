//! Two readings of one expression, one meaning: the row interpreter and the columnar evaluator, equal to the bit.
//!
//! Seeded, so that a failure is found again. `DIFFERENTIAL_SEED` and `DIFFERENTIAL_ROUNDS` widen the search.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

#[path = "differential/blocks.rs"]
mod blocks;
#[path = "differential/functions.rs"]
mod functions;
#[path = "differential/generate.rs"]
mod generate;
#[path = "differential/harness.rs"]
mod harness;
#[path = "differential/plant.rs"]
mod plant;

use std::slice::from_ref;
use std::sync::Arc;

use generate::{Generator, Random};
use harness::{World, differences, run};
use regain::expr::{Expr, Type};

const TYPES: [Type; 4] = [Type::Number, Type::Text, Type::Bool, Type::Date];

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// Some expressions of every type.
fn expressions(random: &mut Random, world: &World, count: usize) -> Vec<Expr> {
    (0..count)
        .map(|i| {
            let depth = 1 + random.below(5);
            Generator { random, world }.expr(TYPES[i % 4], depth)
        })
        .collect()
}

#[test]
fn rows_and_columns_agree() {
    let seed = setting("DIFFERENTIAL_SEED", 20_251_121);
    let (mut cases, mut there) = (0_usize, 0_usize);
    for round in 0..setting("DIFFERENTIAL_ROUNDS", 50) {
        let mut random = Random::new(seed.wrapping_add(round));
        // Around one, two and three chunks, and some small batches.
        let rows = [1, 63, 64, 65, 1023, 1024, 1025, 2048, 2500][random.below(9)];
        let world = World::new(&mut random, rows);
        let expressions = expressions(&mut random, &world, 40);
        let found = differences(&world, &expressions, &expressions);
        assert!(found.is_empty(), "seed {seed}, round {round}: {}", found.join("\n"));
        cases += rows * expressions.len();
        there += harness::there(&world, &expressions);
    }
    assert!(cases >= 10_000, "only {cases} cases");
    assert!(there * 10 > cases * 3, "{there} of {cases} cases have a value: the generator makes too much missing");
}

#[test]
fn batch_boundaries_do_not_matter() {
    for round in 0..6 {
        let mut random = Random::new(77 + round);
        let world = World::new(&mut random, 2200);
        let expressions = expressions(&mut random, &world, 24);
        let code = harness::compile(&world, &expressions);
        let (whole, failures) = run(&code, &world.batch);
        let mut at = 0;
        let mut failed = 0;
        while at < world.batch.num_rows() {
            let rows = (1 + random.below(900)).min(world.batch.num_rows() - at);
            let (part, failures) = run(&code, &world.batch.slice(at, rows));
            for (one, all) in part.iter().zip(&whole) {
                assert!(one.iter().zip(&all[at..]).all(|(a, b)| harness::same(a, b)), "round {round}, rows from {at}");
            }
            failed += harness::count(&failures);
            at += rows;
        }
        assert_eq!(failed, harness::count(&failures), "round {round}");
        // A second run finds the registers and memos of the first.
        let (again, _) = run(&code, &world.batch);
        assert!(again.iter().flatten().zip(whole.iter().flatten()).all(|(a, b)| harness::same(a, b)), "round {round}");
    }
}

#[test]
fn a_projection_gives_the_same_values() {
    let mut random = Random::new(5);
    let world = World::new(&mut random, 1100);
    let expressions = expressions(&mut random, &world, 40);
    let code = harness::compile(&world, &expressions);
    let (whole, _) = run(&code, &world.batch);
    for _ in 0..12 {
        let chosen: Vec<usize> = (0..5).map(|_| random.below(40)).collect();
        let names: Vec<String> = chosen.iter().map(|i| format!("e{i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (part, _) = run(&code.project(&names), &world.batch);
        for (column, at) in part.iter().zip(&chosen) {
            assert!(column.iter().zip(&whole[*at]).all(|(a, b)| harness::same(a, b)), "e{at} of {chosen:?}");
        }
    }
}

/// The harness can fail: every operator that is planted is noticed.
#[test]
fn planted_operators_are_caught() {
    let mut random = Random::new(11);
    let world = World::new(&mut random, 1500);
    for (name, right, wrong) in plant::pairs(&world) {
        assert!(differences(&world, from_ref(&right), from_ref(&right)).is_empty(), "{name}");
        assert!(!differences(&world, &[right], &[wrong]).is_empty(), "{name}: planted, not caught");
    }
    // And somewhere inside of generated trees, where it often does not change any value.
    let (mut planted, mut caught) = (0, 0);
    for expr in expressions(&mut random, &world, 300) {
        if let Some(mutant) = plant::somewhere(&expr, &mut random) {
            planted += 1;
            caught += usize::from(!differences(&world, &[expr], &[mutant]).is_empty());
        }
    }
    assert!(planted > 100 && caught * 4 > planted, "{caught} of {planted} caught");
}

/// Script functions: what Rhai gives is what the columns give, whether the function is lowered, lowered with guards, or called.
#[test]
fn functions_agree_with_rhai() {
    let seed = setting("DIFFERENTIAL_SEED", 20_261_122);
    let (mut functions, mut lowered, mut free, mut guarded, mut failed, mut there, mut cases) = (0, 0, 0, 0, 0, 0, 0);
    for round in 0..setting("DIFFERENTIAL_ROUNDS", 24) {
        let mut random = Random::new(seed.wrapping_add(round));
        let text = functions::module(&mut random, 12);
        let Some(scripts) = functions::compile(&text) else { continue };
        let scripts = Arc::new(scripts);
        for signature in scripts.signatures() {
            let rows = functions::arguments(&mut random, signature, 150);
            let found = functions::both(&scripts, signature, &rows);
            let body = || {
                let start = text.find(&format!("fn {}(", signature.name)).unwrap_or(0);
                text[start..].split("\n}\n").next().unwrap_or_default().to_owned()
            };
            if let Some(difference) = &found.difference {
                panic!(
                    "seed {seed}, round {round}, {}:\n{}\n{difference}\n{text}\nlowered: {:#?}",
                    signature.declaration(),
                    body(),
                    scripts.lowered(signature)
                );
            }
            functions += 1;
            cases += rows.len();
            there += found.there;
            failed += usize::from(found.failed > 0);
            guarded += usize::from(found.guarded > 0);
            if let Some(known) = scripts.lowered(signature) {
                lowered += 1;
                free += usize::from(known.guards.is_empty());
            }
        }
    }
    let what = format!(
        "{functions} functions, {lowered} lowered ({free} without a guard), {guarded} with a guard that failed, {failed} with \
         calls that failed; {there} of {cases} values there"
    );
    eprintln!("{what}");
    assert!(functions >= 150 && lowered * 2 > functions && lowered < functions, "{what}");
    assert!(free * 10 > lowered && guarded * 10 > lowered && failed * 20 > functions && there * 3 > cases, "{what}");
}

/// The test above can fail: a lowered body with one operator changed is noticed.
#[test]
fn planted_bodies_are_caught() {
    let (mut planted, mut caught) = (0, 0);
    for round in 0..12 {
        let mut random = Random::new(4_711 + round);
        let text = functions::module(&mut random, 10);
        let Some(scripts) = functions::compile(&text) else { continue };
        for signature in scripts.signatures().to_vec() {
            let Some(known) = scripts.lowered(&signature) else { continue };
            let Some(mutant) = plant::somewhere(&known.value, &mut random) else { continue };
            let rows = functions::arguments(&mut random, &signature, 150);
            let changed = functions::compile(&text).map(|s| s.with_lowered(&signature, |l| l.value = mutant));
            let Some(changed) = changed.map(Arc::new) else { continue };
            planted += 1;
            caught += usize::from(functions::both(&changed, &signature, &rows).difference.is_some());
        }
    }
    assert!(planted >= 20 && caught * 3 > planted, "{caught} of {planted} caught");
}
