#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::plan::export::sample::{pack, row};

fn rules(campaigns: &str) -> Arc<Pack> {
    pack(&format!(
        "[pack]\nname = \"tiny\"\n[record]\nkey = \"id\"\n[[states]]\nname = \"lost\"\ntrack = \"recovery\"\n\
         [[grades]]\nname = \"A\"\n{campaigns}"
    ))
}

/// Contacts and held-out customers with these probabilities.
fn rows(campaign: &str, contacted: usize, held_out: usize, success: Option<f64>, anyway: Option<f64>) -> Vec<PlanRow> {
    let one = |i: usize| {
        let mut row = row(&format!("{campaign}-{i}"), campaign);
        row.propensity = 0.9;
        row.arm = if i < contacted { Arm::Contact } else { Arm::Holdout };
        (row.success, row.anyway) = (success, anyway);
        row
    };
    (0..contacted + held_out).map(one).collect()
}

const CALLS: &str = "[[campaigns]]\nname = \"calls\"\nholdout = 0.1\neffect = 0.03\n";

#[test]
fn a_declared_effect_that_cannot_be_seen_is_a_warning_with_a_remedy() {
    let found = findings(&rules(CALLS), &rows("calls", 1_800, 200, None, Some(0.04)));
    let [calls] = &found[..] else { panic!("{found:?}") };
    assert_eq!((calls.treated, calls.held_out, calls.verdict), (1_800, 200, Verdict::Hidden));
    assert_eq!(calls.base, Some((0.04, BaseFrom::Anyway)));
    assert!(calls.is_warning());
    assert_eq!(
        calls.words(),
        "`calls`: the declared raise of 3.0 points cannot be seen, only 4.3 points or more (1800 contacted, 200 held out, 4.0 % return \
         anyway); hold out 28 %, or join campaigns into one experiment"
    );
    let few = findings(&rules(CALLS), &rows("calls", 90, 10, None, Some(0.04)));
    assert!(
        few[0].words().ends_with("it takes 3980 customers at this share; join campaigns into one experiment"),
        "{}",
        few[0].words()
    );
}

#[test]
fn with_enough_customers_it_is_seen() {
    let found = findings(&rules(CALLS), &rows("calls", 9_000, 1_000, Some(0.09), Some(0.04)));
    assert_eq!(found[0].verdict, Verdict::Seen);
    assert!(!found[0].is_warning());
    assert_eq!(
        found[0].effect,
        Some((0.03, EffectFrom::Declared)),
        "what is declared counts more than what is computed"
    );
    assert_eq!(
        found[0].words(),
        "`calls`: a raise of 1.9 points or more is seen, 3.0 points are declared (9000 contacted, 1000 held out, 4.0 % return anyway)"
    );
}

#[test]
fn the_base_is_taken_from_what_is_known() {
    let base = |effect: &str, success, anyway| {
        let text = format!("[[campaigns]]\nname = \"calls\"\nholdout = 0.1\n{effect}");
        let found = findings(&rules(&text), &rows("calls", 900, 100, success, anyway));
        (
            found[0].base.map(|(base, from)| ((base * 1e6).round() / 1e6, from)),
            found[0].effect.map(|e| e.1),
            found[0].verdict,
        )
    };
    let expected = (Some((0.04, BaseFrom::Anyway)), Some(EffectFrom::Expected), Verdict::Hidden);
    assert_eq!(base("", Some(0.06), Some(0.04)), expected);
    assert_eq!(base("effect = 0.02", Some(0.06), None).0, Some((0.04, BaseFrom::Effect)));
    assert_eq!(
        base("effect = 0.07", Some(0.06), None).0,
        Some((0.03, BaseFrom::Half)),
        "more than all cannot be meant"
    );
    assert_eq!(base("", Some(0.06), None), (Some((0.03, BaseFrom::Half)), None, Verdict::NoEffect));
    assert_eq!(base("", Some(0.03), Some(0.04)).2, Verdict::NoEffect);
    assert_eq!(base("effect = 0.02", None, None).2, Verdict::NoBase);
}

#[test]
fn campaigns_of_one_experiment_are_looked_at_together() {
    let two = format!(
        "{}{}",
        CALLS.replace("0.03", "0.03\nexperiment = \"both\""),
        CALLS.replace("0.03", "0.03\nexperiment = \"both\"").replace("calls", "cards")
    );
    let mut both = rows("calls", 1_800, 300, None, Some(0.03));
    both.extend(rows("cards", 1_800, 300, None, Some(0.03)));
    let found = findings(&rules(&two), &both);
    assert_eq!(found.iter().map(|f| f.verdict).collect::<Vec<_>>(), [Verdict::Hidden, Verdict::Hidden, Verdict::Seen]);
    assert!(found.iter().all(|f| !f.is_warning()), "seen together");
    assert_eq!((found[2].campaigns.len(), found[2].held_out), (2, 600));
    assert!(found[2].words().starts_with("experiment `both` (calls, cards): "));
}

#[test]
fn human_decisions_do_not_count_and_no_holdout_is_said() {
    let mut forced = rows("calls", 50, 0, None, Some(0.04));
    forced.iter_mut().for_each(|row| row.propensity = 1.0);
    let found = findings(&rules(CALLS), &forced);
    assert_eq!(found[0].verdict, Verdict::Nobody);
    let none = findings(&rules("[[campaigns]]\nname = \"calls\"\n"), &forced);
    assert_eq!(none[0].verdict, Verdict::NoHoldout);
    assert!(none[0].words().contains("nobody is held out"));
    assert_eq!(findings(&rules(CALLS), &[]), []);
}
