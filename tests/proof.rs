//! What people decide, early warnings, losses, second lives and limits of the plan: cases expect them, coverage counts them,
//! mutation changes them, and a fault in any of them is noticed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use regain::cases::coverage::{self, ItemKind, Shown};
use regain::cases::mutate::{Limits, Mutation, mutate};
use regain::cases::report::{Report, render_human};
use regain::cases::{CaseSet, load_from_texts, update, verdict};
use regain::diag::render_short;
use regain::pack::{self, Loaded, Pack};

const PACK: &str = r#"
[pack]
name = "shop"
[record]
key = "customer_id"
[record.columns]
last_order = { type = "date" }
revenue = { type = "number" }
complaints = { type = "number" }
notice = { type = "bool" }
back_on = { type = "date" }
consent = { type = "bool" }
agreed_on = { type = "date" }
objected = { type = "bool" }
hand_grade = { type = "text" }
hand_cause = { type = "text" }
hand_campaign = { type = "text" }
came_by = { type = "text" }
[params.sleep_after]
value = 180
[facts]
days_silent = 'today - last_order'
[[suppress]]
name = "objected"
when = 'objected'
[override]
grade = 'hand_grade'
cause = 'hand_cause'
campaign = 'if hand_campaign == "" { () } else { hand_campaign }'
because = "as Ines said"
[[states]]
name = "cancelling"
track = "termination"
when = 'notice'
[[states]]
name = "dormant"
track = "recovery"
when = 'days_silent > sleep_after'
[[states]]
name = "returned"
track = "second_life"
when = 'back_on != ()'
[[states]]
name = "active"
[[causes]]
name = "price"
class = "bought_away"
evidence = [{ when = 'revenue < 50', weight = 1 }]
[criteria.size]
value = 'revenue'
curve = [[0, 0], [1000, 10]]
[[grades]]
name = "A"
when = 'worth >= 5'
[[grades]]
name = "B"
[channels.email]
consent = 'consent'
basis = 'if agreed_on == () { "existing customer" } else { "consent" }'
consent_on = 'agreed_on'
[channels.post]
[[campaigns]]
name = "mail"
track = "recovery"
channel = "email"
hours = '0.52'
success = '0.2'
value = 'revenue'
[[campaigns]]
name = "card"
track = "recovery"
channel = "post"
success = '0.1'
value = 'revenue'
[prevention]
lost = 'track == "recovery"'
recovered = 'back_on <= today'
again = 'back_on != ()'
lost_on = 'last_order + sleep_after'
revenue = 'revenue / 2'
[[warnings]]
name = "late"
when = 'days_silent > 60'
[[warnings]]
name = "complained"
when = 'complaints > 0 && revenue >= 100'
because = "complained {complaints} times"
[second_life]
since = 'back_on'
ended = 'if days_silent > sleep_after { last_order } else { () }'
value = '0.4 * revenue'
offer = 'came_by'
[plan]
anyway = 'if revenue > 50 { 0.013 } else { 0.027 }'
[budget.post]
channel = "post"
most = 100
[capacity.large]
most = 10
when = 'revenue >= 500'
"#;

/// Of everything in [`PACK`], on both sides of each bound.
const CASES: &str = r#"as_of = 2026-06-30
[defaults]
last_order = 2026-06-01

[[cases]]
name = "nothing at all"
expect = { state = "active", overridden = "none", warnings = "none", plan = { limits = "none", anyway = "missing", basis = "missing" }, prevention = { lost = false, recovered = false, leaving = false, lost_on = "missing", revenue = "missing" }, second_life = { since = "missing", value = "missing", ended = "missing" } }
[[cases]]
name = "silent for 60 days, a complaint, and too little revenue"
given = { last_order = 2026-05-01, complaints = 1, revenue = 99 }
expect = { warnings = { exactly = [] }, prevention = { revenue = 49.5, at_risk = 49.5 } }
[[cases]]
name = "silent for 61 days, a complaint, and enough revenue"
given = { last_order = 2026-04-30, complaints = 1, revenue = 100 }
expect = { warnings = { exactly = ["complained", "late"] } }
[[cases]]
name = "no complaint"
given = { complaints = 0, revenue = 100 }
expect = { warnings = [] }
[[cases]]
name = "half a complaint, and more revenue"
given = { complaints = 0.5, revenue = 101 }
expect = { warnings = ["complained"] }
[[cases]]
name = "gave notice"
given = { notice = true, last_order = 2026-04-30, revenue = 0 }
expect = { state = "cancelling", warnings = "none", prevention.leaving = true }
[[cases]]
name = "objected"
given = { objected = true, last_order = 2026-01-01, hand_grade = "A" }
expect = { suppressed = true, warnings = "none", overridden = "none", "prevention.lost" = false, "second_life.ended" = "missing" }
[[cases]]
name = "silent for 180 days"
given = { last_order = 2026-01-01, consent = true, revenue = 499 }
expect = { state = "active", prevention = { lost = false }, second_life = { ended = "missing" } }
[[cases]]
name = "asleep for a day: a mail"
given = { last_order = 2025-12-31, consent = true, agreed_on = 2025-01-01, revenue = 499 }
expect = { grade = "B", campaign = "mail", net = 99.8, plan = { limits = "none", anyway = 0.013, hours = 0.52, basis = "consent", consent_on = 2025-01-01 }, prevention = { lost = true, again = false, lost_on = 2026-06-29 }, second_life = { ended = 2025-12-31, value = 199.6 } }
[[cases]]
name = "asleep, and hardly worth a card"
given = { last_order = 2025-12-31, revenue = 51 }
expect = { campaign = "card", plan.anyway = 0.013 }
[[cases]]
name = "asleep, and large: a card"
given = { last_order = 2025-12-31, revenue = 500 }
expect = { grade = "A", "score.size" = 5, campaign = "card", net = 50, plan = { limits = { exactly = ["budget.post", "capacity.large"] }, hours = 0, basis = "missing" } }
[[cases]]
name = "asleep, and larger"
given = { last_order = 2025-12-31, revenue = 501, consent = true }
expect = { plan.limits = ["capacity.large"], plan.basis = "existing customer", candidates = { exactly = ["mail", "card"] } }
[[cases]]
name = "back today, with a card"
given = { back_on = 2026-06-30, came_by = "card", revenue = 1000 }
expect = { state = "returned", prevention = { recovered = true, lost_on = 2026-11-28 }, second_life = { since = 2026-06-30, offer = "card" } }
[[cases]]
name = "back, and asleep"
given = { back_on = 2025-06-30, last_order = 2025-12-31, revenue = 40 }
expect = { cause = "price", prevention = { lost = true, again = true, recovered = false } }
[[cases]]
name = "a person decides"
given = { last_order = 2025-12-31, revenue = 50, hand_grade = "A", hand_cause = "price", hand_campaign = "none" }
expect = { grade = "A", cause = "price", campaign = "none", overridden = ["as Ines"] }
[[cases]]
name = "a person decides, and takes it back"
given = { last_order = 2025-12-31, revenue = 50, hand_campaign = "" }
expect = { cause = "unknown", campaign = "card", plan.anyway = 0.027, overridden = "none" }
"#;

fn load(text: &str) -> Loaded {
    let loaded = pack::load_from_texts(&[("pack.toml", text)]);
    assert!(loaded.pack.is_some(), "{}", render_short(&loaded.diagnostics, &loaded.sources));
    loaded
}

fn read(loaded: &Loaded, text: &str) -> CaseSet {
    let set = load_from_texts(&[("cases/a.toml", text)], loaded);
    assert_eq!(render_short(&set.diagnostics, &set.sources), "");
    set
}

/// What is expected and not decided, as `case: word`.
fn failures(loaded: &Loaded, set: &CaseSet) -> Vec<String> {
    let verdicts = verdict::run(set, loaded.pack.as_ref().unwrap()).unwrap();
    let name = |failed: &verdict::FailedStep| set.files[failed.file].cases[failed.case].name.clone();
    let failed = verdicts.failed.iter();
    failed.flat_map(|f| f.mismatches.iter().map(move |m| format!("{}: {}", name(f), m.name))).collect()
}

fn all_changes(loaded: &Loaded, set: &CaseSet) -> Mutation {
    let limits = Limits { mutants: 10_000, until: Instant::now() + Duration::from_secs(300), all: false };
    mutate(loaded.pack.as_ref().unwrap(), set, &limits, &|_, _| {}).unwrap()
}

fn survivors(mutation: &Mutation) -> BTreeSet<String> {
    mutation.survivors().map(|(m, _)| format!("{}: {} -> {}", m.owner, m.was, m.now)).collect()
}

#[test]
fn the_cases_hold_and_every_planted_fault_fails_one() {
    let loaded = load(PACK);
    assert_eq!(failures(&loaded, &read(&loaded, CASES)), Vec::<String>::new());
    for (was, now, noticed) in [
        (
            "when = 'days_silent > 60'",
            "when = 'days_silent > 61'",
            "silent for 61 days, a complaint, and enough revenue: warnings",
        ),
        (
            "when = 'days_silent > 60'",
            "when = 'days_silent >= 60'",
            "silent for 60 days, a complaint, and too little revenue: warnings",
        ),
        ("complaints > 0 && revenue", "complaints > 0 || revenue", "no complaint: warnings"),
        ("grade = 'hand_grade'", "grade = 'hand_cause'", "a person decides: grade"),
        ("cause = 'hand_cause'", "cause = 'hand_grade'", "a person decides: cause"),
        (
            "if hand_campaign == \"\" { () } else { hand_campaign }",
            "hand_campaign ?? \"none\"",
            "nothing at all: overridden",
        ),
        ("because = \"as Ines said\"", "because = \"as Paul said\"", "a person decides: overridden"),
        (
            "lost = 'track == \"recovery\"'",
            "lost = 'track == \"termination\"'",
            "asleep for a day: a mail: prevention.lost",
        ),
        (
            "recovered = 'back_on <= today'",
            "recovered = 'back_on < today'",
            "back today, with a card: prevention.recovered",
        ),
        ("again = 'back_on != ()'", "again = 'back_on == ()'", "back, and asleep: prevention.again"),
        (
            "lost_on = 'last_order + sleep_after'",
            "lost_on = 'last_order'",
            "back today, with a card: prevention.lost_on",
        ),
        (
            "revenue = 'revenue / 2'",
            "revenue = 'revenue / 3'",
            "silent for 60 days, a complaint, and too little revenue: prevention.revenue",
        ),
        ("since = 'back_on'", "since = 'back_on + 1'", "back today, with a card: second_life.since"),
        ("value = '0.4 * revenue'", "value = '0.5 * revenue'", "asleep for a day: a mail: second_life.value"),
        ("offer = 'came_by'", "offer = 'hand_cause'", "back today, with a card: second_life.offer"),
        ("when = 'revenue >= 500'", "when = 'revenue > 500'", "asleep, and large: a card: plan.limits"),
        ("hours = '0.52'", "hours = '0.6'", "asleep for a day: a mail: plan.hours"),
        ("if revenue > 50 {", "if revenue >= 50 {", "a person decides, and takes it back: plan.anyway"),
        ("if agreed_on == ()", "if agreed_on != ()", "asleep for a day: a mail: plan.basis"),
        ("consent_on = 'agreed_on'", "consent_on = 'last_order'", "asleep for a day: a mail: plan.consent_on"),
        (
            "[budget.post]\nchannel = \"post\"",
            "[budget.post]\nchannel = \"email\"",
            "asleep, and large: a card: plan.limits",
        ),
    ] {
        assert_eq!(PACK.matches(was).count(), 1, "{was}");
        let other = load(&PACK.replace(was, now));
        let failed = failures(&other, &read(&other, CASES));
        assert!(failed.iter().any(|f| f == noticed), "{now}: {failed:#?}");
    }
}

#[test]
fn coverage_counts_what_people_decide_warnings_and_losses() {
    let loaded = load(PACK);
    let pack: &Arc<Pack> = loaded.pack.as_ref().unwrap();
    let open = |text: &str| -> Vec<String> {
        let found = coverage::of_cases(&read(&loaded, text), pack).unwrap();
        let open = found.shown(Shown::Own).filter(|(_, covered)| !covered);
        open.map(|(item, _)| format!("{} {}", item.what, item.never)).collect()
    };
    assert_eq!(open(CASES), Vec::<String>::new());
    let few = "as_of = 2026-06-30\n[[cases]]\nname = 'a'\ngiven = { last_order = 2026-06-01 }\nexpect = { state = 'active' }\n";
    let found = open(few);
    for expected in [
        "`grade` of `[override]` never followed",
        "`cause` of `[override]` never followed",
        "`campaign` of `[override]` never followed",
        "`()` in `campaign` of `[override]` never taken",
        "warning `late` never there",
        "warning `complained` never there",
        "`complaints > 0` in warning `complained` never true",
        "condition of `lost` of `[prevention]` never true",
        "condition of `again` of `[prevention]` never other than true",
        "`last_order` in `ended` of `[second_life]` never taken",
        "condition of capacity `large` never true",
    ] {
        assert!(found.iter().any(|item| item == expected), "{expected}: {found:#?}");
    }
    // She is not lost, so `again` is not asked; `lost` and the warnings are.
    for asked in ["condition of `lost` of `[prevention]`", "condition of warning `late`"] {
        assert!(!found.contains(&format!("{asked} never other than true")), "{found:#?}");
    }
    // Early warnings and people's decisions are rules, and count as such.
    let plan = coverage::of_cases(&read(&loaded, CASES), pack).unwrap().plan;
    let count = |kind: ItemKind| plan.items.iter().filter(|item| item.kind == kind).count();
    assert_eq!((count(ItemKind::Warning), count(ItemKind::Override)), (2, 3));
    assert!(ItemKind::Warning.is_rule() && ItemKind::Override.is_rule());
    // Who is asleep is warned of nothing, and nobody is asked whether she should be.
    let asleep = few.replace("2026-06-01", "2025-01-01").replace("'active'", "'dormant'");
    assert!(open(&asleep).contains(&"condition of warning `late` never other than true".to_owned()));
}

#[test]
fn mutation_changes_them_and_full_cases_notice_every_change() {
    let loaded = load(PACK);
    let full = all_changes(&loaded, &read(&loaded, CASES));
    let owners: BTreeSet<&str> = full.mutants.iter().map(|(mutant, _)| mutant.owner.as_str()).collect();
    for owner in [
        "warning `late`",
        "warning `complained`",
        "`grade` of `[override]`",
        "`campaign` of `[override]`",
        "`lost` of `[prevention]`",
        "`revenue` of `[prevention]`",
        "`ended` of `[second_life]`",
        "`value` of `[second_life]`",
        "capacity `large`",
        "`hours` of campaign `mail`",
        "`basis` of channel `email`",
        "`anyway` of `[plan]`",
    ] {
        assert!(owners.contains(owner), "{owner}: {owners:#?}");
    }
    let away = |owner: &str| {
        let found = full.mutants.iter().filter(|(m, _)| m.owner == owner && ["false", "()"].contains(&m.now.as_str()));
        found.count()
    };
    assert_eq!(["warning `late`", "`cause` of `[override]`", "capacity `large`"].map(away), [1, 1, 1]);
    let of = ["warning", "[override]", "[prevention]", "[second_life]", "capacity", "`basis`", "`hours`", "`anyway`"];
    let left: Vec<String> =
        survivors(&full).into_iter().filter(|name| of.iter().any(|word| name.contains(word))).collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn what_no_case_notices_is_listed_with_a_customer_who_would() {
    let loaded = load(PACK);
    // Nobody expects a warning, a loss or a decision of a person.
    let few = "as_of = 2026-06-30\n[[cases]]\nname = 'a'\ngiven = { last_order = 2026-04-30, complaints = 1, revenue = 100 }\n\
        expect = { state = 'active' }\n";
    let first = all_changes(&loaded, &read(&loaded, few));
    let survived = survivors(&first);
    for expected in [
        "warning `late`: days_silent > 60 -> days_silent >= 60",
        "warning `late`: days_silent > 60 -> days_silent > 61",
        "warning `late`: days_silent > 60 -> false",
        "`grade` of `[override]`: hand_grade -> ()",
        "`lost` of `[prevention]`: track == \"recovery\" -> track != \"recovery\"",
        "`ended` of `[second_life]`: days_silent > sleep_after -> days_silent >= sleep_after",
        "capacity `large`: revenue >= 500 -> revenue > 500",
    ] {
        assert!(survived.contains(expected), "{expected}: {survived:#?}");
    }
    let (_, sample) =
        first.survivors().find(|(m, _)| m.was == "days_silent > 60" && m.now == "days_silent >= 60").unwrap();
    let sample = sample.unwrap();
    assert!(sample.contains("given = { last_order = 2026-05-01 }\nexpect = { warnings = \"none\" }"), "{sample}");
    // Pasted into the cases, the samples notice all of them.
    let samples: String = first.survivors().filter_map(|(_, sample)| sample).collect();
    let second = survivors(&all_changes(&loaded, &read(&loaded, &format!("{few}{samples}"))));
    let of = ["warning", "[override]", "[prevention]", "[second_life]", "capacity", "`basis`", "`hours`", "`anyway`"];
    let left: Vec<&String> = second.iter().filter(|name| of.iter().any(|word| name.contains(word))).collect();
    assert_eq!(left, Vec::<&String>::new());
}

#[test]
fn a_failure_says_why_and_can_be_rewritten() {
    let loaded = load(PACK);
    let text = r#"as_of = 2026-06-30
[[cases]]
name = "still here"
given = { last_order = 2026-04-30, revenue = 600 }
expect = { warnings = "none", prevention = { lost = true, revenue = 10, lost_on = 2026-01-01 }, second_life.value = 1 }
[[cases]]
name = "asleep"
given = { last_order = 2025-06-30, revenue = 100 }
expect = { warnings = ["late"], plan.limits = ["capacity.large"], prevention = { recovered = true } }
"#;
    let set = read(&loaded, text);
    let pack = loaded.pack.as_ref().unwrap();
    let verdicts = verdict::run(&set, pack).unwrap();
    insta::assert_snapshot!("proof_failures", render_human(&Report::new(&set, pack, &verdicts).unwrap(), 100, false));
    let rewrites = update::update(&set, pack, &verdicts).unwrap();
    insta::assert_snapshot!("proof_rewritten", rewrites[0].text);
    assert_eq!(failures(&loaded, &read(&loaded, &rewrites[0].text)), Vec::<String>::new());
}

#[test]
fn only_what_the_pack_says_can_be_expected() {
    let loaded = load(PACK);
    let found = |expect: &str| {
        let text = format!("as_of = 2026-06-30\n[[cases]]\nname = 'a'\nexpect = {{ {expect} }}\n");
        let set = load_from_texts(&[("a.toml", &text)], &loaded);
        render_short(&set.diagnostics, &set.sources)
    };
    for (expect, said) in [
        (
            "prevention = { lots = true }",
            "nothing called `prevention.lots` is decided (did you mean `prevention.lost`?)",
        ),
        ("\"prevention.margin\" = 3", "nothing called `prevention.margin` is decided"),
        ("second_life = { predicted = 3 }", "nothing called `second_life.predicted` is decided"),
        ("prevention = { lost = 3 }", "`prevention.lost`"),
        (
            "plan = { limits = [\"budget.poste\"] }",
            "the pack has no limit called `budget.poste` (did you mean `budget.post`?)",
        ),
        ("warnings = [\"lat\"]", "the pack has no warning called `lat` (did you mean `late`?)"),
    ] {
        let found = found(expect);
        assert!(found.contains(said), "{expect}: {found}");
    }
    // A table of cases names them by whole words.
    let csv = "name,as_of,last_order,expect.prevention.lost,expect.second_life.ended,expect.plan.limits,expect.warnings\n\
        a,2026-06-30,2025-06-30,true,2025-06-30,exactly budget.post,none\nb,2026-06-30,2026-04-30,false,missing,none,exactly late\n";
    let set = load_from_texts(&[("cases/a.csv", csv)], &loaded);
    assert_eq!(render_short(&set.diagnostics, &set.sources), "");
    assert_eq!(failures(&loaded, &set), Vec::<String>::new());
    // A pack without these sections says nothing of the kind.
    let bare = load("[pack]\nname = \"bare\"\n[record]\nkey = \"id\"\n[record.columns]\na = { type = \"number\" }\n");
    let text = "as_of = 2026-06-30\n[[cases]]\nname = 'a'\nexpect = { \"prevention.lost\" = true }\n";
    let set = load_from_texts(&[("a.toml", text)], &bare);
    assert!(render_short(&set.diagnostics, &set.sources).contains("nothing called `prevention.lost` is decided"));
}

#[test]
fn warnings_may_stand_in_several_files_of_a_pack() {
    let more = "[[warnings]]\nname = \"small\"\nwhen = 'revenue < 10'\n";
    let loaded = pack::load_from_texts(&[("pack.toml", PACK), ("more.toml", more)]);
    let pack = loaded.pack.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics));
    let names: Vec<&str> = pack.prevention.iter().flat_map(|p| &p.warnings).map(|w| w.name.as_str()).collect();
    assert_eq!(names, ["small", "late", "complained"]);
}

/// What is proved to make no difference must make none to those about whom a person decided, either.
#[test]
fn a_campaign_that_a_person_may_choose_is_asked_for_anybody() {
    let text = PACK.replace("success = '0.2'", "success = 'if track == \"recovery\" { 0.2 } else { 0.3 }'");
    let fate = |text: &str| {
        let loaded = load(text);
        let set = read(&loaded, "as_of = 2026-06-30\n[[cases]]\nname = 'a'\nexpect = { state = 'active' }\n");
        let found = all_changes(&loaded, &set);
        let equal = found.equal().any(|m| m.owner == "`success` of campaign `mail`" && m.now.contains("0.33"));
        let left = found.survivors().find(|(m, _)| m.now.contains("0.33"));
        (equal, left.is_some())
    };
    assert_eq!(fate(&text), (false, true));
    let rules_alone = text.replace("campaign = 'if hand_campaign == \"\" { () } else { hand_campaign }'\n", "");
    assert_eq!(fate(&rules_alone), (true, false), "nobody is on another track");
}
