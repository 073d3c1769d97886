//! Each kind of change gives its sentence, and nothing that decides stays silent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod planned;

use std::sync::Arc;

use super::super::{ChangeKind, RuleChange};
use super::rules;
use crate::pack::{Pack, load_from_texts};

pub(in crate::compare) const PACK: &str = r#"
[pack]
name = "sample"
version = "1.0.0"

[params.sleep_after]
value = 365
unit = "days"
max = 730
help = "Silence after which a customer is dormant."

[params.cheap]
value = 0.25
unit = "share"

[record]
key = "customer_id"
[record.columns.days_silent]
type = "number"
from = ["silent", "Tage"]
[record.columns.late]
type = "number"
[record.columns.revenue]
type = "number"
[record.columns.objected]
type = "bool"
[record.columns.reason]
type = "text"
[record.columns.phone_ok]
type = "bool"

[tables.orders]
key = "customer_id"
time = "ordered_on"
columns.ordered_on = { type = "date" }
columns.amount = { type = "number" }

[rollups]
order_count = 'count(orders, orders.ordered_on > today - 365)'

[facts]
sleep_line = 'sleep_after'
late_share = 'late / 10'

[[suppress]]
name = "objected"
when = 'objected'
because = "she objected"

[[states]]
name = "lost"
track = "recovery"
when = 'days_silent > 2 * sleep_line'
because = "silent for {days_silent} days"
[[states]]
name = "dormant"
track = "recovery"
when = 'days_silent > sleep_line'
because = "silent for {days_silent} days"
[[states]]
name = "active"

[analysis]
when = 'track == "recovery"'
[[causes]]
name = "price"
class = "bought_away"
evidence = [
  { when = 'reason == "price"', weight = 2, because = "said so" },
  { when = 'revenue < 100', because = "bought little" },
]
[[causes]]
name = "service"
class = "pushed_away"
evidence = [{ when = 'reason == "service"', weight = 2 }]

[criteria.payment]
dimension = "worth"
weight = 2
value = 'late_share'
curve = [[0.0, 10], [0.1, 7], [0.5, 0]]
[criteria.size]
dimension = "worth"
value = 'revenue'
bands = [{ below = 100, score = 2 }, { below = 1000, score = 6 }, { score = 10 }]
[criteria.reach]
dimension = "chance"
value = 'reason'
map = { price = 8, service = 4 }
otherwise = 5
[criteria.image]
dimension = "chance"
score = 'prestige::image(revenue)'

[[grades]]
name = "A"
when = 'priority >= 7'
[[grades]]
name = "B"
when = 'priority >= 4'
[[grades]]
name = "C"
let_go = true

[offers.voucher]
label = "A voucher"
[channels.phone]
consent = 'phone_ok'
[channels.post]
label = "By post"

[[campaigns]]
name = "call"
track = "recovery"
channel = "phone"
offer = "voucher"
cost = '12'
success = '0.2'
value = 'revenue'
because = "a call is worth it"
[[campaigns]]
name = "letter"
track = "recovery"
channel = "post"
cost = '2'
success = '0.1'
value = 'revenue'

[[followups]]
name = "thanks"
when = 'state == "active"'

[money]
value = 'revenue'
label = "revenue"
currency = "EUR"
"#;

pub(in crate::compare) const SCRIPT: &str = "\
/// (revenue: number) -> number
/// The image.
fn image(revenue) {
    base(revenue) + 1.0
}

fn base(x) {
    if x > 500.0 { 6.0 } else { 3.0 }
}
";

/// The sample, with some of its text replaced.
pub(in crate::compare) fn pack(changes: &[(&str, &str)]) -> Arc<Pack> {
    let (mut text, mut script) = (PACK.to_owned(), SCRIPT.to_owned());
    for (from, to) in changes {
        assert!(text.contains(from) || script.contains(from), "{from}");
        text = text.replacen(from, to, 1);
        script = script.replacen(from, to, 1);
    }
    let loaded = load_from_texts(&[("pack.toml", &text), ("scripts/prestige.rhai", &script)]);
    loaded.pack.unwrap_or_else(|| panic!("{changes:?}: {:#?}", loaded.diagnostics))
}

fn changed(changes: &[(&str, &str)]) -> Vec<RuleChange> {
    rules(&pack(&[]), &pack(changes))
}

/// `~ what: detail; detail`
fn said(changes: &[RuleChange]) -> Vec<String> {
    changes
        .iter()
        .map(|change| {
            let colon = if change.details.is_empty() { "" } else { ": " };
            let sign = crate::compare::words::sign(change.kind);
            format!("{sign} {}{colon}{}", change.what, change.details.join("; "))
        })
        .collect()
}

/// What is replaced, by what, and what is said about it.
pub(in crate::compare) const CASES: &[(&str, &str, &str)] = &[
    ("1.0.0", "1.1.0", "~ `[pack]`: version “1.1.0” instead of “1.0.0”"),
    (
        "value = 365",
        "value = 180",
        "~ parameter `sleep_after`: from 365 to 180 days; used by the state `lost` and the state `dormant`",
    ),
    (
        "max = 730",
        "max = 900",
        "~ parameter `sleep_after`: largest allowed value from 730 to 900; used by the state `lost` and the state `dormant`",
    ),
    ("value = 0.25", "value = 0.3", "~ parameter `cheap`: from 25 to 30 %"),
    ("\"Tage\"", "\"Tage\", \"Ruhe\"", "~ column `days_silent`: headers with “Ruhe”"),
    (
        "columns.amount = { type = \"number\" }",
        "columns.amount = { type = \"number\", optional = true }",
        "~ column `orders.amount`: optional from no to yes",
    ),
    (
        "today - 365)",
        "today - 730)",
        "~ rollup `order_count`: `count(orders, orders.ordered_on > today - 730)` instead of `count(orders, orders.ordered_on > today - 365)`",
    ),
    (
        "late / 10",
        "late / 12",
        "~ fact `late_share`: `late / 12` instead of `late / 10`; used by the criterion `payment`",
    ),
    (
        "when = 'objected'",
        "when = 'objected || late > 9'",
        "~ suppression `objected`: when `objected || late > 9` instead of `objected`",
    ),
    (
        "she objected",
        "she does not want it",
        "~ suppression `objected`: reason “she does not want it” instead of “she objected”",
    ),
    (
        "when = 'days_silent > sleep_line'",
        "when = 'days_silent > 90'",
        "~ state `dormant`: when `days_silent > 90` instead of `days_silent > sleep_line`",
    ),
    (
        "when = 'track == \"recovery\"'",
        "minimum = 2\nwhen = 'track == \"recovery\"'",
        "~ the analysis of causes: minimum from 1 to 2",
    ),
    ("weight = 2, because", "weight = 5, because", "~ cause `price`: evidence “said so”: weight from 2 to 5"),
    (
        "\"service\"', weight = 2 }]",
        "\"service\"' }, { when = 'late > 3', weight = 4 }]",
        "~ cause `service`: evidence `reason == \"service\"`: weight from 2 to 1; new evidence `late > 3`: weight 4",
    ),
    (
        "  { when = 'revenue < 100', because = \"bought little\" },\n",
        "",
        "~ cause `price`: evidence “bought little” is gone",
    ),
    ("[0.1, 7]", "[0.1, 6]", "~ criterion `payment`: 0.1 scores 6 instead of 7"),
    ("[0.1, 7]", "[0.1, 7], [0.2, 5]", "~ criterion `payment`: a new point: 0.2 scores 5"),
    ("[0.1, 7]", "[0.2, 7]", "~ criterion `payment`: the score 7 is at 0.2 instead of 0.1"),
    (
        "curve = [[0.0, 10], [0.1, 7], [0.5, 0]]",
        "bands = [{ below = 0.2, score = 8 }, { score = 1 }]",
        "~ criterion `payment`: scored by bands instead of a curve",
    ),
    (
        "below = 100, score = 2",
        "below = 100, score = 3",
        "~ criterion `size`: the band below 100 scores 3 instead of 2",
    ),
    ("below = 1000", "below = 2000", "~ criterion `size`: the band below 1,000 is the band below 2,000 now"),
    ("{ below = 100, score = 2 }, ", "", "~ criterion `size`: the band below 100, which scored 2, is gone"),
    ("map = { price = 8, service", "map = { price = 9, service", "~ criterion `reach`: “price” scores 9 instead of 8"),
    ("weight = 2\nvalue", "weight = 3\nvalue", "~ criterion `payment`: weight from 2 to 3"),
    (
        "otherwise = 5",
        "otherwise = 5\nmissing = \"neutral\"",
        "~ criterion `reach`: if unknown `neutral` instead of `skip`",
    ),
    (
        "when = 'priority >= 7'",
        "when = 'priority >= 8'",
        "~ grade `A`: when `priority >= 8` instead of `priority >= 7`",
    ),
    ("let_go = true", "", "~ grade `C`: let go from yes to no"),
    ("consent = 'phone_ok'", "", "~ channel `phone`: consent `phone_ok` is gone"),
    ("A voucher", "A large voucher", "~ offer `voucher`: label “A large voucher” instead of “A voucher”"),
    ("offer = \"voucher\"", "", "~ campaign `call`: offer `voucher` is gone"),
    ("cost = '2'", "cost = '3'", "~ campaign `letter`: cost `3` instead of `2`"),
    (
        "when = 'state == \"active\"'",
        "when = 'grade == \"A\"'",
        "~ follow-up `thanks`: when `grade == \"A\"` instead of `state == \"active\"`",
    ),
    (
        "value = 'revenue'\nlabel = \"revenue\"",
        "value = 'revenue / 2'\nlabel = \"revenue\"",
        "~ what customers are counted with: value `revenue / 2` instead of `revenue`",
    ),
    (
        "[offers.voucher]",
        "[limits]\nmax_operations = 5000\n[offers.voucher]",
        "~ limits of scripts: max operations from 100,000 to 5,000",
    ),
    (
        "{ 3.0 }",
        "{ 2.0 }",
        "~ function `prestige::base`: `fn base(x) { if x > 500.0 { 6.0 } else { 2.0 } }` instead of `fn base(x) { if x > 500.0 { 6.0 } else { 3.0 } }`; used by the criterion `image`",
    ),
    (
        "/// The image.",
        "/// The image.\n/// missing: call",
        "~ function `prestige::image`: called with missing arguments, too; used by the criterion `image`",
    ),
    (
        "[[grades]]\nname = \"A\"",
        "[scoring]\npriority = 'worth'\n[[grades]]\nname = \"A\"",
        "~ what the plan sorts by: priority `worth`, where there was none",
    ),
    (
        "[[states]]\nname = \"active\"",
        "[[states]]\nname = \"napping\"\ntrack = \"prevention\"\nwhen = 'days_silent > 90'\n[[states]]\nname = \"active\"",
        "+ state `napping`: track `prevention`; when `days_silent > 90`",
    ),
    (
        "[[followups]]\nname = \"thanks\"\nwhen = 'state == \"active\"'",
        "",
        "− follow-up `thanks`: when `state == \"active\"`",
    ),
    ("name = \"letter\"", "name = \"mail\"", "~ campaign `mail`: called `letter` before"),
    (
        "late_share = 'late / 10'",
        "late_share = 'late / 10'\nspare = { value = 'late * 2', help = \"?\" }",
        "+ fact `spare`: `late * 2`",
    ),
];

#[test]
fn each_change_has_its_sentence() {
    let mut wrong = Vec::new();
    for (from, to, expected) in CASES {
        let found = said(&changed(&[(from, to)])).join("\n");
        if found != *expected {
            wrong.push(format!("expected {expected}\n   found {found}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn order_counts_where_order_decides() {
    let states = PACK.find("[[states]]\nname = \"lost\"").unwrap();
    let dormant = PACK.find("[[states]]\nname = \"dormant\"").unwrap();
    let active = PACK.find("[[states]]\nname = \"active\"").unwrap();
    let (lost, dormant) = (PACK[states..dormant].to_owned(), PACK[dormant..active].to_owned());
    let found = changed(&[(&format!("{lost}{dormant}"), &format!("{dormant}{lost}"))]);
    assert_eq!(said(&found), ["↕ state `lost`: stands after `dormant` now"]);
    assert_eq!(found[0].kind, ChangeKind::Reordered);
    // Parameters and facts have no order.
    assert!(
        changed(&[(
            "sleep_line = 'sleep_after'\nlate_share = 'late / 10'",
            "late_share = 'late / 10'\nsleep_line = 'sleep_after'"
        )])
        .is_empty()
    );
}

#[test]
fn what_says_the_same_is_no_change() {
    for (from, to) in [
        ("[params.cheap]", "# a comment\n[params.cheap]"),
        ("when = 'days_silent > sleep_line'", "when = 'days_silent  >sleep_line'"),
        ("late_share = 'late / 10'", "late_share = { value = 'late / 10' }"),
        ("weight = 2\nvalue", "missing = \"skip\"\nweight = 2.0\nvalue"),
        ("cost = '2'", "cost = \"2\""),
        ("    base(revenue) + 1.0", "    // its base\n    base(revenue)  + 1.0"),
    ] {
        assert_eq!(said(&changed(&[(from, to)])), [""; 0], "{to}");
    }
}

#[test]
fn places_are_those_of_the_key() {
    let line = |text: &str| PACK.lines().position(|line| line == text).unwrap() + 1;
    let found = changed(&[("value = 365", "value = 180"), ("cost = '2'", "cost = '3'")]);
    assert_eq!(found[0].place, format!("pack.toml:{}", line("value = 365")));
    assert_eq!(found[1].place, format!("pack.toml:{}", line("cost = '2'")));
}

#[test]
fn rules_about_contacts_are_a_line_each() {
    let with = |contact: &str, phone: &str| {
        let text = format!(
            "[contact]\n{contact}\n[channels.phone]\n{phone}\n[channels.post]\n{}",
            "[pack]\nname = 'a'\n[record]\nkey = 'id'\n[params.gap]\nvalue = 14\nunit = 'days'\n"
        );
        load_from_texts(&[("pack.toml", &text)]).pack.unwrap()
    };
    let old =
        with("cooldown = 14\nquiet = ['12-24']\ncaps = [{ most = 3, days = 90 }]", "cooldown = 90\nweekdays = [1, 2]");
    let new = with(
        "cooldown = 21\nquiet = ['12-24..12-26']\ncaps = [{ most = 2, days = 90 }]",
        "cooldown = { phone = 90, post = 'gap' }\nweekdays = [1]",
    );
    assert_eq!(
        said(&rules(&old, &new)),
        [
            "~ channel `phone`: cooldown 90 days after phone and `gap` days after post instead of 90 days; weekdays Monday instead of Monday, Tuesday",
            "~ how often customers are contacted: cooldown from 14 to 21 days; caps at most 2 in 90 days instead of at most 3 in 90 days; quiet `12-24..12-26` instead of `12-24`",
        ]
    );
}

#[test]
fn shipped_packs_differ_and_equal_themselves() {
    let load = |name: &str| crate::pack::load(name).pack.unwrap();
    let names = ["base", "retail", "telecom", "b2b"];
    for old in names {
        for new in names {
            let found = rules(&load(old), &load(new));
            assert_eq!(found.is_empty(), old == new, "{old} → {new}: {:#?}", said(&found));
            assert!(found.iter().all(|change| !change.what.contains("` `")), "{old} → {new}");
        }
    }
    let said = said(&rules(&load("base"), &load("retail"))).join("\n");
    assert!(said.contains("~ parameter `usual_margin_rate`: from 25 to 35 % of revenue"), "{said}");
    assert!(said.contains("− parameter `warn_gaps`"), "{said}");
}

/// Every number, text and bool of every shipped pack, changed: none stays silent.
#[test]
fn no_value_changes_in_silence() {
    use crate::pack::raw::{Node, Raw, Table};

    fn change(node: &mut Node, at: &mut usize) {
        let one = match &mut node.value {
            Raw::List(list) => return list.iter_mut().for_each(|node| change(node, at)),
            Raw::Table(table) => return below(table, at),
            Raw::Text(text) => {
                let then: Box<dyn FnOnce()> = Box::new(|| text.text.push_str(" x"));
                then
            }
            Raw::Number(x) => Box::new(|| *x += 1.0),
            Raw::Bool(b) => Box::new(|| *b = !*b),
            Raw::Date(_) | Raw::Other(_) => return,
        };
        if *at == 0 {
            one();
        }
        *at = at.wrapping_sub(1);
    }
    fn below(table: &mut Table, at: &mut usize) {
        table.entries.values_mut().for_each(|entry| change(&mut entry.node, at));
    }

    let old = crate::pack::load("telecom").pack.unwrap();
    let mut count = usize::MAX;
    below(&mut (*old.tree).clone(), &mut count);
    let leaves = usize::MAX - count;
    assert!(leaves > 500, "{leaves}");
    // A seventh of them, spread over all sections, is enough for one run.
    for at in (0..leaves).step_by(7) {
        let mut tree = (*old.tree).clone();
        let mut left = at;
        below(&mut tree, &mut left);
        let new = Pack { tree: Arc::new(tree), ..(*old).clone() };
        assert!(!super::sections::sections(&old, &new).is_empty(), "leaf {at}");
    }
}
