//! Each kind of change, and the way from a survivor to a case that notices it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::reason::reason;
use super::*;
use crate::cases::{CaseSet, load_from_texts as load_cases, verdict};
use crate::pack::{Loaded, Pack, load_from_texts};

fn load(text: &str) -> (Loaded, Arc<Pack>) {
    let loaded = load_from_texts(&[("pack.toml", text)]);
    let pack = loaded.pack.clone().unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics));
    (loaded, pack)
}

/// `kind: was -> now` of the changes in a fact.
fn of_fact(text: &str) -> Vec<String> {
    let pack = format!(
        "[pack]\nname = 'x'\n[record]\nkey = 'k'\n[record.columns]\na = {{ type = 'number' }}\ny = {{ type = 'bool' }}\n\
         t = {{ type = 'text' }}\n[facts]\nf = '{text}'\n"
    );
    let (_, pack) = load(&pack);
    mutants(&pack, false).iter().map(|m| format!("{:?}: {} -> {}", m.kind, m.was, m.now)).collect()
}

#[test]
fn changes_within_an_expression() {
    assert_eq!(
        of_fact("a > 180"),
        ["Boundary: a > 180 -> a >= 180", "Constant: a > 180 -> a > 179", "Constant: a > 180 -> a > 181"]
    );
    assert_eq!(
        of_fact("a <= 0.5"),
        ["Boundary: a <= 0.5 -> a < 0.5", "Constant: a <= 0.5 -> a <= 0.45", "Constant: a <= 0.5 -> a <= 0.55"]
    );
    assert_eq!(of_fact("t == \"x\""), ["Equality: t == \"x\" -> t != \"x\""]);
    assert_eq!(of_fact("t in [\"x\"]"), ["Equality: t in [\"x\"] -> t !in [\"x\"]"]);
    assert_eq!(of_fact("a == ()"), ["Equality: a == () -> a != ()"]);
    assert_eq!(of_fact("y && t == ()")[0], "Logic: y && t == () -> y || t == ()");
    assert_eq!(of_fact("!y"), ["Negation: !y -> y"]);
    assert_eq!(of_fact("y ?? true"), ["Truth: y ?? true -> y ?? false"]);
    assert_eq!(of_fact("max(a, 3)"), ["Constant: max(a, 3) -> max(a, 2)", "Constant: max(a, 3) -> max(a, 4)"]);
}

const PACK: &str = crate::cases::coverage::small::PACK;

#[test]
fn changes_of_a_pack() {
    let (_, pack) = load(PACK);
    let all = mutants(&pack, false);
    let of = |kind: MutantKind| -> Vec<String> {
        all.iter().filter(|m| m.kind == kind).map(|m| format!("{}: {} -> {}", m.owner, m.was, m.now)).collect()
    };
    assert_eq!(
        of(MutantKind::Parameter),
        [
            "parameter `sleep_after`: sleep_after = 180 -> sleep_after = 179",
            "parameter `sleep_after`: sleep_after = 180 -> sleep_after = 181"
        ]
    );
    // 2 down and up, 1 only up: a weight is more than 0.
    assert_eq!(of(MutantKind::Evidence).len(), 2 + 1 + 2);
    // `fresh` is alone in its dimension.
    assert_eq!(
        of(MutantKind::Weight),
        [
            "criterion `size`: weight = 1 -> weight = 2",
            "criterion `size`: weight = 1 -> weight = 0.5",
            "criterion `group`: weight = 1 -> weight = 2",
            "criterion `group`: weight = 1 -> weight = 0.5"
        ]
    );
    assert_eq!(
        of(MutantKind::Minimum),
        ["the analysis: minimum = 1 -> minimum = 0", "the analysis: minimum = 1 -> minimum = 2"]
    );
    assert_eq!(of(MutantKind::Order), ["order of state rules: dormant, at_risk -> at_risk, dormant"]);
    let scores = of(MutantKind::Score);
    assert!(scores.contains(&"criterion `size`: below = 100 -> below = 101".to_owned()), "{scores:?}");
    assert!(scores.contains(&"criterion `size`: score = 10 -> score = 9".to_owned()));
    assert!(!scores.iter().any(|s| s.contains("score = 11")));
    assert!(scores.contains(&"criterion `fresh`: point = 100 -> point = 101".to_owned()));
    assert!(scores.contains(&"criterion `group`: business = 8 -> business = 9".to_owned()));
    assert!(scores.contains(&"criterion `group`: otherwise = 2 -> otherwise = 1".to_owned()));
    // objected, 2 states, 3 lines of evidence, 1 grade, 1 campaign; and the state and the grade without a condition.
    assert_eq!(of(MutantKind::Never).len(), 8 + 2);
    // The place is that of what is changed.
    let band = all.iter().find(|m| m.was == "below = 100").unwrap();
    assert_eq!(pack.sources.text(band.span), "100");
}

#[test]
fn a_choice_is_even_and_always_the_same() {
    let (_, pack) = load(PACK);
    let all = mutants(&pack, false);
    let kinds = |list: &[Mutant]| list.iter().map(|m| m.kind).collect::<BTreeSet<_>>();
    let names = |list: &[Mutant]| list.iter().map(|m| format!("{} {} {}", m.owner, m.was, m.now)).collect::<Vec<_>>();
    let some = choose(all.clone(), 30);
    assert_eq!(some.len(), 30);
    assert_eq!(kinds(&some), kinds(&all), "every kind is there");
    assert_eq!(names(&some), names(&choose(all.clone(), 30)));
    assert_eq!(choose(all.clone(), 1000).len(), all.len());
    assert_eq!(choose(all, 0).len(), 0);
}

#[test]
fn a_reason_stands_on_the_line_or_above() {
    let with = |text: &str| {
        let (_, pack) = load(&format!(
            "[pack]\nname = 'x'\n[record]\nkey = 'k'\n[record.columns]\na = {{ type = 'number' }}\n[facts]\n{text}\n"
        ));
        reason(&pack.sources, &mutants(&pack, false)[0]).map(|(_, reason)| reason)
    };
    assert_eq!(with("f = 'a > 1'"), None);
    assert_eq!(with("f = 'a > 1' # regain: survives because a is odd").as_deref(), Some("a is odd"));
    assert_eq!(with("# regain: survives because a is odd\nf = 'a > 1'").as_deref(), Some("a is odd"));
    assert_eq!(with("# regain: survives because\nf = 'a > 1'"), None, "a reason is asked for");
    assert_eq!(with("g = 'a' # regain: survives because of g\nf = 'a > 1'"), None, "the line above belongs to another");
}

const CASES: &str = r#"as_of = 2026-06-30
[[cases]]
name = "asleep"
given = { last_order = 2025-10-01, revenue = 400, segment = "private" }
expect = { state = "dormant", grade = "B" }
[[cases]]
name = "fresh"
given = { last_order = 2026-06-01, revenue = 40, segment = "business" }
expect = { state = "active", campaign = "none" }
[[cases]]
name = "good and asleep"
given = { last_order = 2025-12-01, revenue = 700, segment = "business" }
expect = { grade = "A", campaign = "comeback" }
"#;

fn cases(text: &str, loaded: &Loaded) -> CaseSet {
    let set = load_cases(&[("cases/a.toml", text)], loaded);
    assert_eq!(set.diagnostics, [], "{text}");
    let verdicts = verdict::run(&set, loaded.pack.as_ref().unwrap()).unwrap();
    assert_eq!(verdicts.failed, [], "{text}");
    set
}

fn tried(pack: &Arc<Pack>, set: &CaseSet) -> Mutation {
    let limits = Limits { mutants: 1000, until: Instant::now() + Duration::from_secs(300), all: false };
    mutate(pack, set, &limits, &|_, _| {}).unwrap()
}

fn names(mutation: &Mutation) -> BTreeSet<String> {
    mutation.survivors().map(|(m, _)| format!("{}: {} -> {}", m.owner, m.was, m.now)).collect()
}

#[test]
fn samples_pasted_into_the_cases_notice_what_survived() {
    let (loaded, pack) = load(PACK);
    let first = tried(&pack, &cases(CASES, &loaded));
    assert_eq!(first.possible, first.mutants.len());
    let survived = names(&first);
    assert!(
        survived.contains("state rule `dormant`: days_silent > sleep_after -> days_silent >= sleep_after"),
        "{survived:#?}"
    );
    let without: Vec<&Mutant> = first.survivors().filter(|(_, sample)| sample.is_none()).map(|(m, _)| m).collect();
    let samples: Vec<String> = first.survivors().filter_map(|(_, sample)| sample.map(str::to_owned)).collect();
    assert!(samples.len() > 20, "{samples:#?}");
    // What the samples show passes as the pack is, and fails with the change.
    let second = tried(&pack, &cases(&format!("{CASES}{}", samples.join("")), &loaded));
    let left = names(&second);
    let known: BTreeSet<String> = without.iter().map(|m| format!("{}: {} -> {}", m.owner, m.was, m.now)).collect();
    assert!(left.is_subset(&known), "{:#?}", left.difference(&known).collect::<Vec<_>>());
    // For these nobody can be found: there is always a chance, with whole weights no sum lies between 0 and 1, and a business with
    // a revenue of 50 has a grade that is let go.
    let open: Vec<&String> = left.iter().collect();
    let equal = ["chance ?? 5", "minimum = 1 -> minimum = 0", "revenue > 50"];
    let makes_no_difference = |name: &str| equal.iter().any(|part| name.contains(part));
    assert!(open.iter().all(|name| makes_no_difference(name)), "{open:#?}");
}

#[test]
fn a_boundary_sample_is_short_and_on_the_bound() {
    let (loaded, pack) = load(PACK);
    let mutation = tried(&pack, &cases(CASES, &loaded));
    let (_, sample) = mutation
        .survivors()
        .find(|(m, _)| m.was == "days_silent > sleep_after" && m.now == "days_silent >= sleep_after")
        .unwrap();
    let sample = sample.unwrap();
    // 180 days before the as-of date, and nothing else.
    let expected = "as_of = 2026-06-30\ngiven = { last_order = 2026-01-01 }\nexpect = { state = \"active\"";
    assert!(sample.contains(expected), "{sample}");
}

#[test]
fn a_change_within_a_rollup_is_shown_by_an_event() {
    let (loaded, pack) = load(
        r#"
[pack]
name = "shop"
[record]
key = "customer_id"
[tables.orders]
key = "customer_id"
time = "ordered_on"
[tables.orders.columns]
ordered_on = { type = "date" }
amount = { type = "number" }
[rollups]
lately = 'count(orders, orders.ordered_on > today - 365)'
[[states]]
name = "busy"
when = 'lately >= 2'
[[states]]
name = "quiet"
"#,
    );
    let text = "as_of = 2026-06-30\n[[cases]]\nname = \"one\"\n\
        given = { orders = [{ ordered_on = 2026-01-10, amount = 40 }] }\nexpect = { state = \"quiet\" }\n";
    let mutation = tried(&pack, &cases(text, &loaded));
    let of_rollup: Vec<(&Mutant, Option<&str>)> =
        mutation.survivors().filter(|(m, _)| m.owner == "rollup `lately`").collect();
    assert!(of_rollup.iter().any(|(m, _)| m.kind == MutantKind::Boundary), "{of_rollup:?}");
    assert!(of_rollup.iter().all(|(_, sample)| sample.is_some()), "{of_rollup:?}");
    let samples: String = mutation.survivors().filter_map(|(_, sample)| sample).collect();
    let second = tried(&pack, &cases(&format!("{text}{samples}"), &loaded));
    assert_eq!(names(&second).iter().filter(|name| name.starts_with("rollup")).count(), 0, "{samples}");
}

#[test]
fn time_and_reasons_are_kept_to() {
    let (loaded, pack) = load(
        &PACK.replace("days_silent > sleep_after'", "days_silent > sleep_after' # regain: survives because we say so"),
    );
    let set = cases(CASES, &loaded);
    let none = Limits { mutants: 1000, until: Instant::now(), all: false };
    let mutation = mutate(&pack, &set, &none, &|_, _| {}).unwrap();
    assert_eq!(mutation.count(|fate| matches!(fate, Fate::NotTried)), mutation.possible);
    assert_eq!(mutation.survivors().count(), 0);
    let mutation = tried(&pack, &set);
    let reasoned: Vec<(&Mutant, &str)> = mutation.reasoned().collect();
    assert_eq!(reasoned.len(), 1);
    assert_eq!(reasoned[0].1, "we say so");
    let text = render(&mutation, &pack.sources, 80, crate::draw::Paint::new(false));
    assert!(text.contains("not noticed, for a reason written down"), "{text}");
    let json = to_json(&mutation, &pack.sources);
    assert_eq!(json["survived"].as_array().unwrap().len(), mutation.survivors().count());
    assert_eq!(json["reasoned"][0]["reason"], "we say so");
    assert_eq!(diagnostics(&mutation).len(), mutation.survivors().count());
}

#[test]
fn what_makes_no_difference_is_proved_and_needs_no_reason() {
    let (loaded, pack) = load(
        r#"
[pack]
name = "shop"
[record]
key = "customer_id"
[record.columns]
a = { type = "number" }
t = { type = "text" }
[tables.orders]
key = "customer_id"
time = "ordered_on"
[tables.orders.columns]
ordered_on = { type = "date" }
[rollups]
orders_ever = 'count(orders)'
[facts]
many = '(orders_ever ?? 3) > 5'
[[states]]
name = "low"
when = 'a < 10'
[[states]]
name = "high"
when = 'a >= 10 && (t == "x" || a > 5)'   # regain: survives because whoever comes here has 10
[[states]]
name = "none"
[criteria.x]
# regain: survives because nothing at all
score = 'clamp(a, 0, 10)'
[criteria.y]
value = 'orders_ever'
bands = [{ below = 0, score = 1 }, { below = 5, score = 3 }, { score = 7 }]
"#,
    );
    let text = "as_of = 2026-06-30\n[[cases]]\nname = \"one\"\ngiven = { a = 3 }\nexpect = { state = \"low\" }\n";
    let mutation = tried(&pack, &cases(text, &loaded));
    let equal: Vec<String> = mutation.equal().map(|m| format!("{}: {} -> {}", m.owner, m.was, m.now)).collect();
    for expected in [
        "fact `many`: orders_ever ?? 3 -> orders_ever ?? 2",
        "order of state rules: low, high -> high, low",
        "state rule `high`: a > 5 -> a >= 5",
        "criterion `x`: clamp(a, 0, 10) -> clamp(a, -1, 10)",
        "criterion `x`: clamp(a, 0, 10) -> clamp(a, 0, 11)",
        "criterion `y`: score = 1 -> score = 2",
    ] {
        assert!(equal.iter().any(|found| found == expected), "{expected}: {equal:#?}");
    }
    for other in
        ["clamp(a, 0, 10) -> clamp(a, 1, 10)", "score = 3 -> score = 4", "a < 10 -> a <= 10", "a < 10 -> false"]
    {
        assert!(!equal.iter().any(|found| found.ends_with(other)), "{other}: {equal:#?}");
    }
    // The first is needed by other changes of its line, as long as there is one case.
    let unneeded: Vec<&str> = mutation.unneeded.iter().map(|span| pack.sources.text(*span)).collect();
    assert!(!unneeded.contains(&"regain: survives because whoever comes here has 10"), "{unneeded:?}");
    let fuller = format!(
        "{text}[[cases]]\nname = \"two\"\ngiven = {{ a = 1 }}\nexpect = {{ \"score.x\" = 1, state = \"low\" }}\n\
         [[cases]]\nname = \"three\"\ngiven = {{ a = 0 }}\nexpect = {{ \"score.x\" = 0 }}\n\
         [[cases]]\nname = \"four\"\ngiven = {{ a = 11 }}\nexpect = {{ \"score.x\" = 10 }}\n"
    );
    let mutation = tried(&pack, &cases(&fuller, &loaded));
    let unneeded: Vec<&str> = mutation.unneeded.iter().map(|span| pack.sources.text(*span)).collect();
    assert_eq!(unneeded, ["regain: survives because nothing at all"]);
    assert!(diagnostics(&mutation).iter().any(|d| d.code == crate::diag::code::ALLOWS_NOTHING));
}

#[test]
fn a_bound_on_what_is_computed_is_met_by_a_short_number() {
    let (loaded, pack) =
        load(&PACK.replacen("[[grades]]", "[[grades]]\nname = \"top\"\nwhen = 'worth >= 8.5'\n[[grades]]", 1));
    let text = CASES.replace("grade = \"A\", campaign", "grade = \"top\", campaign");
    let mutation = tried(&pack, &cases(&text, &loaded));
    let samples: Vec<&str> = mutation.survivors().filter_map(|(_, sample)| sample).collect();
    let long = |sample: &&&str| {
        let given = sample.lines().find(|line| line.starts_with("given")).unwrap_or_default();
        given
            .split([' ', ','])
            .any(|word| word.parse::<f64>().is_ok() && word.split_once('.').is_some_and(|(_, digits)| digits.len() > 2))
    };
    assert_eq!(samples.iter().filter(long).collect::<Vec<_>>(), Vec::<&&str>::new());
}
