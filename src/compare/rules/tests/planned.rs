//! Sentences about what plans keep to, and about what came of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::super::rules;
use super::said;
use crate::pack::load_from_texts;

/// A pack with a plan, its outcomes, warnings and second lives.
const PLANNED: &str = r#"
[pack]
name = "planned"
[params.money_for_calls]
value = 3000
unit = "EUR"
[params.won_within]
value = 90
unit = "days"
[params.left_alone]
value = 0.1
unit = "share"
[params.calls_a_week]
value = 40
unit = "calls"
[record]
key = "id"
columns.segment = { type = "text" }
columns.grade_by_hand = { type = "text" }
columns.odds = { type = "number" }
columns.gone_on = { type = "date" }
columns.back_on = { type = "date" }
[channels.phone]
basis = '"consent"'
cooldown = 60
[channels.post]
[people.team]
[people.chief]
[[states]]
name = "lost"
track = "recovery"
when = 'gone_on != ()'
[[states]]
name = "active"
[[grades]]
name = "A"
[override]
grade = 'grade_by_hand'
because = "decided by hand"
[[campaigns]]
name = "call"
channel = "phone"
speaker = "team"
success = 'odds'
[[campaigns]]
name = "card"
channel = "post"
holdout = 0.1
effect = 0.03
experiment = "cards"
within = 7
hours = '0.1'
fade = 0.01
[plan]
holdout = 'left_alone'
stratify = ["grade"]
anyway = 'odds / 4'
[budget.calls]
channel = "phone"
most = 'money_for_calls'
[budget.all]
most = 5000
[capacity.calls]
channel = "phone"
unit = "hours"
per = "week"
most = 10
[capacity.chief]
speaker = "chief"
channel = "phone"
per = "week"
most = 'calls_a_week / 10'
[volume.cards]
campaign = "card"
least = 50
penalty = 2
[reserve.key]
of = "capacity.calls"
when = 'segment == "key"'
share = 0.2
[contact]
cooldown = 14
[outcomes]
time = "paid_on"
columns.paid_on = { type = "date" }
columns.paid = { type = "number" }
within = 'won_within'
won_back = 'paid > 0'
[prevention]
revenue = '100'
[[warnings]]
name = "quiet"
when = 'odds < 0.1'
because = "hardly comes"
[second_life]
since = 'back_on'
"#;

/// What is replaced in [`PLANNED`], by what, and what is said about it.
const PLANNED_CASES: &[(&str, &str, &str)] = &[
    (
        "value = 3000",
        "value = 4000",
        "~ parameter `money_for_calls`: from 3,000 to 4,000 EUR; used by the budget `calls`",
    ),
    ("value = 90", "value = 120", "~ parameter `won_within`: from 90 to 120 days; used by the win-back rules"),
    ("value = 0.1\nunit", "value = 0.05\nunit", "~ parameter `left_alone`: from 10 to 5 %; used by the plan"),
    ("value = 40", "value = 60", "~ parameter `calls_a_week`: from 40 to 60 calls; used by the capacity `chief`"),
    ("holdout = 'left_alone'", "holdout = 0.2", "~ how plans are made: holdout 20 % instead of `left_alone`"),
    ("holdout = 'left_alone'", "", "~ how plans are made: holdout 0 % instead of `left_alone`"),
    (
        "[plan]",
        "[plan]\nhorizon = 14\npower = 0.9",
        "~ how plans are made: horizon from 28 to 14 days; power from 80 to 90 %",
    ),
    ("[plan]", "[plan]\nexperiment = \"spring\"", "~ how plans are made: experiment `spring`, where there was none"),
    (
        "stratify = [\"grade\"]",
        "stratify = [\"state\"]",
        "~ how plans are made: stratify with “state”; stratify without “grade”",
    ),
    ("odds / 4", "odds / 5", "~ how plans are made: anyway `odds / 5` instead of `odds / 4`"),
    ("most = 5000", "most = 6000", "~ budget `all`: most from 5,000 to 6,000"),
    ("most = 5000", "per = \"month\"\nmost = 5000", "~ budget `all`: most 5,000 a month instead of 5,000 in all"),
    (
        "'money_for_calls'",
        "'2 * money_for_calls'",
        "~ budget `calls`: most `2 * money_for_calls` instead of `money_for_calls`",
    ),
    (
        "channel = \"phone\"\nmost",
        "channel = [\"phone\", \"post\"]\nmost",
        "~ budget `calls`: channel `phone`, `post` instead of `phone`",
    ),
    ("most = 10\n", "most = 12\n", "~ capacity `calls`: most from 10 to 12 hours a week"),
    (
        "unit = \"hours\"\nper = \"week\"\nmost = 10\n",
        "per = \"day\"\nmost = 1\n",
        "~ capacity `calls`: most 1 contact a day instead of 10 hours a week",
    ),
    (
        "per = \"week\"\nmost = 'calls",
        "per = \"month\"\nmost = 'calls",
        "~ capacity `chief`: most `calls_a_week / 10` contacts a month instead of `calls_a_week / 10` contacts a week",
    ),
    ("least = 50", "least = 75", "~ volume `cards`: least from 50 to 75 contacts"),
    (
        "least = 50",
        "least = 75\nmost = 90\nunit = \"returns\"",
        "~ volume `cards`: most 90 returns, where there was none; least 75 returns instead of 50 contacts",
    ),
    ("penalty = 2", "penalty = 3", "~ volume `cards`: penalty from 2 to 3"),
    ("share = 0.2", "share = 0.25", "~ reserve `key`: share from 20 to 25 %"),
    (
        "of = \"capacity.calls\"",
        "of = \"budget.calls\"",
        "~ reserve `key`: of “budget.calls” instead of “capacity.calls”",
    ),
    (
        "segment == \"key\"",
        "segment != \"key\"",
        "~ reserve `key`: when `segment != \"key\"` instead of `segment == \"key\"`",
    ),
    (
        "[reserve.key]",
        "[capacity.cards]\nchannel = \"post\"\nper = \"day\"\nmost = 30\n[reserve.key]",
        "+ capacity `cards`: most 30 contacts a day; channel `post`",
    ),
    (
        "[reserve.key]\nof = \"capacity.calls\"\nwhen = 'segment == \"key\"'\nshare = 0.2\n",
        "",
        "− reserve `key`: share 20 %; when `segment == \"key\"`",
    ),
    ("cooldown = 14", "cooldown = 21", "~ how often customers are contacted: cooldown from 14 to 21 days"),
    (
        "cooldown = 60",
        "cooldown = { phone = 60, post = 30 }",
        "~ channel `phone`: cooldown 60 days after phone and 30 days after post instead of 60 days",
    ),
    (
        "cooldown = 60",
        "cooldown = 60\ncaps = [{ most = 1, days = 30 }]",
        "~ channel `phone`: caps at most 1 in 30 days, where there was none",
    ),
    ("'\"consent\"'", "'\"interest\"'", "~ channel `phone`: basis `\"interest\"` instead of `\"consent\"`"),
    ("holdout = 0.1\n", "holdout = 0.15\n", "~ campaign `card`: holdout from 10 to 15 %"),
    ("effect = 0.03", "effect = 0.07", "~ campaign `card`: effect from 3 to 7 percentage points"),
    ("experiment = \"cards\"", "", "~ campaign `card`: experiment `cards` is gone"),
    ("within = 7", "within = 1", "~ campaign `card`: within from 7 days to 1 day"),
    ("hours = '0.1'", "hours = '0.2'", "~ campaign `card`: hours `0.2` instead of `0.1`"),
    ("fade = 0.01", "fade = 0.02", "~ campaign `card`: fade from 1 to 2 %"),
    (
        "grade_by_hand'",
        "grade_by_hand ?? \"A\"'",
        "~ what people decide: grade `grade_by_hand ?? \"A\"` instead of `grade_by_hand`",
    ),
    ("within = 'won_within'", "within = 60", "~ what counts as won back: within 60 days instead of `won_within`"),
    ("paid > 0", "paid > 50", "~ what counts as won back: won back `paid > 50` instead of `paid > 0`"),
    (
        "columns.paid = { type = \"number\" }",
        "columns.paid = { type = \"number\", merge = \"max\" }",
        "~ column `paid`: merge `max`, where there was none",
    ),
    (
        "revenue = '100'",
        "revenue = '200'\nperiod = 180",
        "~ how losses are counted: revenue `200` instead of `100`; period from 365 to 180 days",
    ),
    ("odds < 0.1", "odds < 0.2", "~ warning `quiet`: when `odds < 0.2` instead of `odds < 0.1`"),
    (
        "[second_life]",
        "[[warnings]]\nname = \"late\"\nwhen = 'odds < 0.3'\nweight = 2\n[second_life]",
        "+ warning `late`: when `odds < 0.3`; weight 2",
    ),
    (
        "since = 'back_on'",
        "since = 'back_on'\nvalue = '7'",
        "~ how second lives are read: value `7`, where there was none",
    ),
];

#[test]
fn plans_outcomes_warnings_and_second_lives_have_their_sentences() {
    let load = |text: &str| {
        let loaded = load_from_texts(&[("pack.toml", text)]);
        loaded.pack.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
    };
    let before = load(PLANNED);
    let mut wrong = Vec::new();
    for (from, to, expected) in PLANNED_CASES {
        assert!(PLANNED.contains(from), "{from}");
        let found = said(&rules(&before, &load(&PLANNED.replacen(from, to, 1)))).join("\n");
        if found != *expected {
            wrong.push(format!("expected {expected}\n   found {found}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
