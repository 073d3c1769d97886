//! Plans over a small table of customers: what is chosen, that the limits hold, and that a broken row is caught.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod per_day;
mod redraw;

use std::fmt::Write as _;
use std::sync::Arc;

use super::allocate::{Choice, allocate};
use super::build::{Options, Pick, Place, options};
use super::holdout::Holdouts;
use super::limits::Bounds;
use super::permit::Permission;
use super::rows::{Made, rows};
use super::spread::spread;
use super::verify::{Fault, Promise};
use super::*;
use crate::data::{Held, Options as RunOptions, Run, Source};
use crate::pack::load_from_texts;
use crate::stage::{Context, Program};

const PACK: &str = r#"
[pack]
name = "tiny"

[params.rate]
value = 2

[record]
key = "id"
[record.columns]
gone_on = { type = "date" }
segment = { type = "text" }
consent = { type = "bool" }
objected = { type = "bool" }
worth_of = { type = "number" }
odds = { type = "number" }

[tables.contacts]
key = "id"
time = "made_on"
optional = true
columns.made_on = { type = "date" }
columns.channel = { type = "text" }

[contact]
history = "contacts"
cooldown = 14
weekdays = [1, 2, 3, 4, 5]

[channels.phone]
consent = 'consent'
basis = '"consent"'
[channels.post]
[people.team]

[[suppress]]
name = "objected"
when = 'objected'
because = "objected"

[[states]]
name = "lost"
track = "recovery"
when = 'gone_on != ()'
[[states]]
name = "active"

[[campaigns]]
name = "call"
track = "recovery"
channel = "phone"
speaker = "team"
cost = '10'
hours = '0.5'
success = 'odds'
value = 'worth_of'
within = 20
fade = 0.01
because = "worth {worth_of}"
say = "ask {segment}"

[[campaigns]]
name = "card"
track = "recovery"
channel = "post"
cost = '1'
success = 'odds / 2'
value = 'worth_of'
"#;

struct World {
    pack: Arc<Pack>,
    context: Context,
    held: Held,
    permission: Permission,
    _folder: tempfile::TempDir,
}

/// 400 customers: every ninth is still here, every eleventh objected, every third may not be called, and some were contacted lately.
fn world(limits: &str) -> World {
    let loaded = load_from_texts(&[("pack.toml", PACK), ("plan.toml", limits)]);
    let pack = loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let mut customers = String::from("id,gone_on,segment,consent,objected,worth_of,odds\n");
    let mut contacts = String::from("id,made_on,channel\n");
    for i in 0..400_u32 {
        let gone = if i % 9 == 0 { "" } else { "2026-01-10" };
        let segment = if i % 10 == 3 { "key" } else { "private" };
        let (consent, objected) = (i % 3 != 0, i % 11 == 0);
        let (worth, odds) = (20 + (i * 37) % 500, f64::from((i * 53) % 40) / 100.0);
        writeln!(customers, "K{i:03},{gone},{segment},{consent},{objected},{worth},{odds}").unwrap();
        if i % 7 == 0 {
            writeln!(contacts, "K{i:03},2026-06-2{},phone", i % 10).unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let source = |name: &str, text: &str| {
        let path = folder.path().join(format!("{name}.csv"));
        std::fs::write(&path, text).unwrap();
        Source::new(name, path)
    };
    let sources = [source("customers", &customers), source("contacts", &contacts)];
    let as_of = Date::from_ymd(2026, 6, 30).unwrap();
    let run = Run::open(&pack, as_of, &sources, RunOptions::default()).unwrap();
    let held = Held::read(&run).unwrap();
    let permission = Permission::read(&pack, &run).unwrap();
    World { pack, context: Context::at(as_of), held, permission, _folder: folder }
}

impl World {
    fn making(&self, threads: usize) -> Making<'_> {
        Making {
            pack: &self.pack,
            context: &self.context,
            held: &self.held,
            permission: &self.permission,
            threads,
            gap: GAP,
        }
    }

    fn plan(&self) -> Plan {
        make(&self.making(2)).unwrap()
    }

    fn parts(&self) -> (Options, Holdouts, Choice) {
        let making = self.making(1);
        let planning = self.pack.planning.clone().unwrap_or_default();
        let holdouts = Holdouts::of(&self.pack);
        let last = making.last(&planning);
        let bounds = Bounds::of(&self.pack, &planning, self.context.as_of, last).unwrap();
        let mut options = options(&making, bounds, &holdouts).unwrap();
        let choice = allocate(&making, &mut options, &holdouts).unwrap();
        (options, holdouts, choice)
    }

    fn made(&self, options: &Options, holdouts: &Holdouts, choice: &Choice) -> Vec<Made> {
        let mut made = rows(&self.making(1), &options.bounds, &options.strata, holdouts, choice).unwrap();
        spread(&self.making(1), &options.bounds, &mut made);
        made
    }

    fn faults(&self, options: &Options, made: &[Made]) -> Vec<Fault> {
        let promise = Promise {
            pack: &self.pack,
            permission: &self.permission,
            bounds: &options.bounds,
            as_of: self.context.as_of,
            last: self.making(1).last(options.bounds.plan()),
        };
        promise.faults(&made.iter().map(|made| (&made.row, &made.witness)).collect::<Vec<_>>())
    }
}

const LIMITS: &str = r#"
[plan]
holdout = 0.1
stratify = ["segment"]
[budget.all]
most = 900
[capacity.calls]
channel = "phone"
unit = "hours"
per = "week"
most = '5 * rate'
label = "calls"
[reserve.key]
of = "capacity.calls"
when = 'segment == "key"'
share = 0.2
[volume.cards]
campaign = "card"
least = 60
penalty = 4
label = "cards"
"#;

#[test]
fn without_limits_everybody_gets_what_she_gets_alone() {
    let world = world("");
    let plan = world.plan();
    let decided = world.held.decide(&Program::compile(&world.pack, &world.context), 1).unwrap();
    let mut best = std::collections::BTreeMap::new();
    for batch in &decided.batches {
        let keys = columns::keys(batch).unwrap();
        let (campaigns, nets) = (columns::texts(batch, "campaign").unwrap(), columns::numbers(batch, "net").unwrap());
        for row in 0..batch.num_rows() {
            if let Some(campaign) = columns::text(&campaigns, row) {
                let net = columns::number(&nets, row).unwrap();
                best.insert(keys.value(row).to_owned(), (campaign.to_owned(), net));
            }
        }
    }
    assert!(plan.rows.len() > 200);
    for row in &plan.rows {
        // Whoever was contacted lately waits, and then another campaign may be better.
        if row.send_on == Date::from_ymd(2026, 6, 30).unwrap() {
            let (campaign, net) = &best[&*row.key];
            assert_eq!((&*row.campaign, row.net.unwrap()), (campaign.as_str(), *net), "{}", row.key);
        }
    }
    let counted = &plan.counted;
    assert_eq!((counted.customers, counted.suppressed), (400, 37));
    assert_eq!(counted.planned + counted.left_out(), counted.candidates);
    assert!(plan.exact && plan.objective == plan.bound);
}

#[test]
fn limits_hold_and_are_used() {
    let world = world(LIMITS);
    let plan = world.plan();
    let contacts: Vec<&PlanRow> = plan.rows.iter().filter(|row| row.arm == Arm::Contact).collect();
    assert!(plan.rows.len() > contacts.len(), "somebody is held out");
    let cost: f64 = contacts.iter().filter_map(|row| row.cost).sum();
    assert!(cost <= 900.0 + 1e-6, "{cost}");
    let mut weeks: std::collections::BTreeMap<String, (f64, f64)> = std::collections::BTreeMap::new();
    for row in contacts.iter().filter(|row| row.channel.as_deref() == Some("phone")) {
        let week = weeks.entry(time_name(crate::pack::Per::Week, row.send_on).unwrap()).or_default();
        week.0 += row.hours.unwrap();
        if row.key.ends_with('3') {
            week.1 += row.hours.unwrap();
        }
    }
    for (week, (hours, key)) in &weeks {
        assert!(*hours <= 10.0 + 1e-9 && hours - key <= 8.0 + 1e-9, "{week}: {hours}, {key}");
    }
    let budget = &plan.limits[0];
    assert!(budget.price > 0.0 && (budget.used - cost).abs() < 1e-6, "{budget:?}");
    assert!((plan.bound - plan.objective) / plan.bound < 0.01, "{} {}", plan.objective, plan.bound);
    let counted = &plan.counted;
    assert_eq!(counted.planned + counted.left_out(), counted.candidates);
    assert!(counted.crowded_out.values().sum::<u64>() > 0, "{counted:?}");
}

#[test]
fn calls_are_spread_over_the_week() {
    let world = world(LIMITS);
    let plan = world.plan();
    let mut days: std::collections::BTreeMap<Date, u32> = std::collections::BTreeMap::new();
    for row in plan.rows.iter().filter(|row| row.channel.as_deref() == Some("phone") && row.arm == Arm::Contact) {
        *days.entry(row.send_on).or_default() += 1;
    }
    // The week of the plan has four days left for it.
    let first_week: Vec<u32> =
        days.iter().filter(|(day, _)| **day < Date::from_ymd(2026, 7, 6).unwrap()).map(|(_, calls)| *calls).collect();
    assert!(first_week.len() >= 3, "{days:?}");
    assert!(first_week.iter().max().unwrap() - first_week.iter().min().unwrap() <= 2, "{days:?}");
}

#[test]
fn threads_change_nothing() {
    let world = world(LIMITS);
    let one = make(&world.making(1)).unwrap();
    let many = make(&world.making(4)).unwrap();
    assert_eq!(one.rows, many.rows);
    assert_eq!(one.limits, many.limits);
    assert_eq!(one.counted, many.counted);
}

#[test]
fn every_broken_row_is_caught() {
    let world = world(LIMITS);
    let (options, holdouts, choice) = world.parts();
    let made = world.made(&options, &holdouts, &choice);
    assert_eq!(world.faults(&options, &made), [], "a plan as it should be");
    let broken = |rule: &str, breaks: &dyn Fn(&mut Vec<Made>)| {
        let mut made = made.clone();
        breaks(&mut made);
        let faults = world.faults(&options, &made);
        assert!(faults.iter().any(|fault| fault.rule == rule), "{rule}: {faults:?}");
    };
    broken("suppressed", &|made| made[0].witness.suppressed = true);
    broken("consent", &|made| made[0].witness.allowed = false);
    broken("candidate", &|made| made[0].witness.candidate = false);
    broken("campaign", &|made| made[0].row.channel = None);
    broken("arm", &|made| {
        made[0].row.held_out_by = match made[0].row.arm {
            Arm::Contact => Some(Arc::from("global")),
            Arm::Holdout => None,
        }
    });
    broken("arm", &|made| made[0].row.propensity = 0.0);
    broken("number", &|made| made[0].row.success = Some(1.5));
    broken("horizon", &|made| made[0].row.send_on = Date::from_ymd(2026, 9, 1).unwrap());
    broken("per_customer", &|made| {
        let again = made[0].clone();
        made.push(again);
    });
    // A Sunday.
    broken("contact", &|made| made[0].row.send_on = Date::from_ymd(2026, 7, 5).unwrap());
    // Everybody in the first week, and nobody held out.
    broken("limit", &|made| {
        for one in made.iter_mut() {
            one.row.arm = Arm::Contact;
            one.row.held_out_by = None;
            one.row.send_on = Date::from_ymd(2026, 7, 1).unwrap();
        }
    });
}

#[test]
fn who_must_not_be_contacted_is_caught_from_the_record_itself() {
    let world = world(LIMITS);
    let (options, holdouts, mut choice) = world.parts();
    let first = choice.picks[0];
    // K011 objected, K003 gave no consent to calls, K001 is fine, K009 is still here.
    for (row, campaign, rule) in [(11, 0, "suppressed"), (3, 0, "consent"), (9, 1, "candidate")] {
        let pick = Pick { place: Place { batch: 0, row }, campaign, ..first };
        choice.picks[0] = pick;
        choice.keys[0] = Arc::from(format!("K{row:03}"));
        choice.picks.truncate(1);
        let made = world.made(&options, &holdouts, &choice);
        let faults = world.faults(&options, &made);
        assert!(faults.iter().any(|fault| fault.rule == rule), "{rule}: {faults:?}");
    }
    // K007 was called on 27 June: nothing for two weeks.
    choice.picks[0] =
        Pick { place: Place { batch: 0, row: 7 }, campaign: 1, day: Date::from_ymd(2026, 7, 1).unwrap(), ..first };
    choice.keys[0] = Arc::from("K007");
    let made = world.made(&options, &holdouts, &choice);
    let faults = world.faults(&options, &made);
    assert!(faults.iter().any(|fault| fault.rule == "contact"), "{faults:?}");
}

#[test]
fn a_minimum_costs_what_it_takes_from_others() {
    let without = world("[budget.all]\nmost = 900\n").plan();
    let calls = "[budget.all]\nmost = 900\n[volume.calls]\ncampaign = \"call\"\nleast = 80\npenalty = 500\n";
    let with = world(calls).plan();
    let cost = with.minimums.get(&1).copied().unwrap_or(0.0);
    assert!(cost > 0.0, "{:?}", with.limits);
    let lost = without.objective - with.objective;
    // Each is found within the gap.
    assert!((lost - cost).abs() < 0.01 * without.objective, "{lost} {cost}");
    assert!(with.rows.iter().filter(|row| &*row.campaign == "call").count() >= 80);
}

#[test]
fn two_contacts_keep_their_distance() {
    let world = world("[plan]\nper_customer = 2\n");
    let plan = world.plan();
    let mut by_customer: std::collections::BTreeMap<&str, Vec<Date>> = std::collections::BTreeMap::new();
    for row in &plan.rows {
        by_customer.entry(&row.key).or_default().push(row.send_on);
    }
    let twice = by_customer.values().filter(|days| days.len() == 2);
    assert!(twice.clone().count() > 50);
    for days in twice {
        assert!((days[1].days() - days[0].days()).abs() >= 14, "{days:?}");
    }
}
