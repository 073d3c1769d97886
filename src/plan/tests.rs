//! Plans over a small table of customers: what is chosen, that the limits hold, and that a broken row is caught.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod per_day;
mod redraw;

use std::fmt::Write as _;
use std::sync::Arc;

use super::allocate::{Choice, Known, allocate};
use super::build::{Options, Pick, Place, options};
use super::holdout::Holdouts;
use super::lapse::Lapses;
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
consent_since = { type = "date", optional = true }
consent_until = { type = "date", optional = true }
over_on = { type = "date", optional = true }
chosen = { type = "text", optional = true }
chosen_until = { type = "date", optional = true }

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
consent = 'consent && ((today <= consent_until) ?? true)'
consent_on = 'consent_since'
basis = '"consent"'
[channels.post]
[people.team]

[[suppress]]
name = "objected"
when = 'objected'
because = "objected"

[[states]]
name = "leaving"
track = "termination"
when = 'today <= over_on'
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
name = "stay"
track = "termination"
channel = "post"
cost = '1'
success = '0.5'
value = '100'

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
    folder: tempfile::TempDir,
}

/// 400 customers: every ninth is still here, every eleventh objected, every third may not be called, and some were contacted lately.
fn world(limits: &str) -> World {
    world_after(limits, &[])
}

fn world_after(limits: &str, earlier: &[PlanFile]) -> World {
    world_with(limits, earlier, "")
}

/// With more customers, whom the team wrote to on 2026-06-25 if their key begins with `R`.
fn world_with(limits: &str, earlier: &[PlanFile], more: &str) -> World {
    let loaded = load_from_texts(&[("pack.toml", PACK), ("plan.toml", limits)]);
    let pack = loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let mut customers =
        String::from("id,gone_on,segment,consent,objected,worth_of,odds,consent_since,consent_until,over_on\n");
    let mut contacts = String::from("id,made_on,channel\n");
    for i in 0..400_u32 {
        let gone = if i % 9 == 0 { "" } else { "2026-01-10" };
        let segment = if i % 10 == 3 { "key" } else { "private" };
        let (consent, objected) = (i % 3 != 0, i % 11 == 0);
        let (worth, odds) = (20 + (i * 37) % 500, f64::from((i * 53) % 40) / 100.0);
        writeln!(customers, "K{i:03},{gone},{segment},{consent},{objected},{worth},{odds},,,").unwrap();
        if i % 7 == 0 {
            writeln!(contacts, "K{i:03},2026-06-2{},phone", i % 10).unwrap();
        }
    }
    customers.push_str(more);
    for key in more.lines().filter_map(|line| line.split(',').next()).filter(|key| key.starts_with('R')) {
        writeln!(contacts, "{key},2026-06-25,post").unwrap();
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
    let permission = Permission::read_after(&pack, &run, earlier).unwrap();
    World { pack, context: Context::at(as_of), held, permission, folder }
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
        let lapses = Lapses::of(&making, last);
        let mut options = options(&making, bounds, &holdouts, &lapses).unwrap();
        let choice = allocate(&making, &mut options, &holdouts, &Known::default()).unwrap();
        (options, holdouts, choice)
    }

    fn made(&self, options: &Options, holdouts: &Holdouts, choice: &Choice) -> Vec<Made> {
        let mut made = rows(&self.making(1), options, holdouts, choice).unwrap();
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
fn a_wider_limit_is_never_worth_less() {
    let world = world(LIMITS);
    let making = world.making(2);
    let mut before = f64::NEG_INFINITY;
    for most in [700.0, 905.0, 1100.0] {
        let mut planning = world.pack.planning.clone().unwrap();
        planning.limits[0].most = Some(most);
        let (now, then) = make_both(&making, &planning).unwrap();
        let more = then.objective - now.objective;
        assert!((more >= 0.0) == (most >= 900.0) || more.abs() < 1e-9, "{most}: {more}");
        assert!(more >= before - 1.0, "{most}: {more} after {before}");
        before = more;
    }
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
fn a_contact_may_wait_within_its_week_and_its_window_and_no_longer() {
    let world = world(LIMITS);
    let plan = world.plan();
    let calls = || plan.rows.iter().filter(|row| &*row.campaign == "call");
    assert!(calls().any(|row| row.send_by > row.send_on), "somebody may wait");
    for row in calls() {
        let known = world.permission.customer(&row.key);
        let may = |day: Date| world.permission.days_of(known, 0, day, day, &mut Vec::new()).is_none();
        assert!(may(row.send_by), "{} {}", row.key, row.send_by);
        assert_eq!(time_name(crate::pack::Per::Week, row.send_by), time_name(crate::pack::Per::Week, row.send_on));
        // 20 days from the as-of date on, which is a Tuesday: the third Monday is the last day, and waits for nobody.
        assert!(row.send_by <= Date::from_ymd(2026, 7, 20).unwrap());
        let week_ends = Date::from_days(i64::from(row.send_by.days()) + 1).unwrap();
        let beyond = week_ends <= Date::from_ymd(2026, 7, 20).unwrap() && may(week_ends);
        let same = time_name(crate::pack::Per::Week, week_ends) == time_name(crate::pack::Per::Week, row.send_on);
        assert!(!(beyond && same), "{} could wait longer than {}", row.key, row.send_by);
    }
    let cards = plan.rows.iter().filter(|row| &*row.campaign == "card");
    assert!(
        cards.clone().count() > 0 && cards.clone().all(|row| row.send_by == row.send_on),
        "no `within`, no waiting"
    );
}

#[test]
fn what_ends_before_the_contact_forbids_it() {
    let more = "\
        E1,2026-01-10,private,true,false,5000,0.9,,2026-07-02,
        R1,2026-01-10,private,true,false,5000,0.9,,2026-07-02,
        S1,2026-01-10,private,true,false,5000,0.9,2026-07-15,,
        S2,2026-01-10,private,true,false,5000,0.9,2027-01-01,,
        T1,,private,true,false,5000,0.9,,,2026-07-03
        R2,,private,true,false,5000,0.9,,,2026-07-03
        "
    .replace(' ', "");
    let world = world_with("", &[], more.trim_end());
    let plan = world.plan();
    let of = |key: &str| {
        let row = plan.rows.iter().find(|row| &*row.key == key)?;
        Some((row.campaign.to_string(), row.send_on.to_string(), row.send_by.to_string()))
    };
    let contact = |campaign: &str, on: &str, by: &str| Some((campaign.to_owned(), on.to_owned(), by.to_owned()));
    // She may be called while her consent lasts.
    assert_eq!(of("E1"), contact("call", "2026-06-30", "2026-07-02"));
    // Written to on the 25th: by the 9th the consent is over, and a card needs none.
    assert_eq!(of("R1"), contact("card", "2026-07-09", "2026-07-09"));
    // A consent counts from its day on.
    assert_eq!(of("S1"), contact("call", "2026-07-15", "2026-07-17"));
    assert_eq!(of("S2"), contact("card", "2026-06-30", "2026-06-30"));
    // Whoever has left by then is no longer asked to stay.
    assert_eq!(of("T1"), contact("stay", "2026-06-30", "2026-06-30"));
    assert_eq!(of("R2"), None);
    assert!(plan.counted.refused.values().sum::<u64>() >= 1, "{:?}", plan.counted);
    // The proof sees it without the help of what chose the days.
    let (options, holdouts, choice) = world.parts();
    let mut made = world.made(&options, &holdouts, &choice);
    let lapses_of = |made: &mut Vec<Made>| {
        let making = world.making(1);
        Lapses::of(&making, making.last(options.bounds.plan())).witness(&choice.picks, made).unwrap();
        world.faults(&options, made)
    };
    assert_eq!(lapses_of(&mut made.clone()), []);
    let late = Date::from_ymd(2026, 7, 6).unwrap();
    for (key, rule) in [("E1", "consent"), ("T1", "candidate")] {
        let at = made.iter().position(|made| &*made.row.key == key).unwrap();
        let before = made[at].clone();
        (made[at].row.send_on, made[at].row.send_by) = (late, late);
        let faults = lapses_of(&mut made.clone());
        assert!(faults.iter().any(|fault| fault.rule == rule), "{key}: {faults:?}");
        made[at] = before;
    }
}

#[test]
fn contacts_of_an_earlier_plan_count_as_made() {
    let july = world(LIMITS);
    let plan = july.plan();
    let path = july.folder.path().join("july.csv");
    write::write(&plan, &path, crate::data::Format::Csv).unwrap();
    let earlier = read::read(&path, Some(&july.pack)).unwrap();
    assert_eq!(
        earlier.rows.iter().map(|row| row.send_by).collect::<Vec<_>>(),
        plan.rows.iter().map(|row| row.send_by).collect::<Vec<_>>()
    );
    let days = |world: &World| -> std::collections::BTreeMap<Arc<str>, Date> {
        let contacts = world.plan().rows.into_iter().filter(|row| row.arm == Arm::Contact);
        contacts.map(|row| (row.key, row.send_on)).collect()
    };
    let first = days(&july);
    // The same rules on the same day again: without the first plan everybody would be contacted a second time.
    let again = world_after(LIMITS, &[earlier.clone(), earlier]);
    let close = |second: &std::collections::BTreeMap<Arc<str>, Date>| {
        second.iter().filter(|(key, day)| first.get(*key).is_some_and(|f| (f.days() - day.days()).abs() < 14)).count()
    };
    assert!(close(&days(&july)) > 50, "the test can fail");
    assert_eq!(close(&days(&again)), 0);
    let contacts = plan.rows.iter().filter(|row| row.arm == Arm::Contact).count();
    let notice = again.permission.notices().iter().find(|notice| notice.contains("earlier plan")).unwrap();
    assert!(notice.starts_with(&format!("{contacts} contacts of the earlier plan")), "{notice}");
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

const PEOPLE: &str = r#"
[override]
campaign = 'chosen'
holds_until = 'chosen_until'
because = "Ann, until {chosen_until}"
"#;

/// [`world`] in which people decided for calls: customers, campaigns and last days.
fn decided(chosen: &[(u32, &str, &str)]) -> World {
    let mut world = world(PEOPLE);
    let path = world.folder.path().join("customers.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut customers = String::new();
    for (at, line) in text.lines().enumerate() {
        let told = chosen.iter().find(|(i, ..)| *i as usize + 1 == at);
        let told = if at == 0 {
            "chosen,chosen_until".into()
        } else {
            told.map_or(",".into(), |t| format!("{},{}", t.1, t.2))
        };
        writeln!(customers, "{line},{told}").unwrap();
    }
    std::fs::write(&path, customers).unwrap();
    let sources =
        ["customers", "contacts"].map(|name| Source::new(name, world.folder.path().join(format!("{name}.csv"))));
    let run = Run::open(&world.pack, world.context.as_of, &sources, RunOptions::default()).unwrap();
    world.held = Held::read(&run).unwrap();
    world.permission = Permission::read_after(&world.pack, &run, &[]).unwrap();
    world
}

#[test]
fn what_a_person_decided_for_is_not_made_after_its_last_day() {
    // K007 was called on 27 June and K014 on 24 June, so that neither may be called before 11 and 8 July; K010 any day from
    // 30 June on; K020's decision ended before; K022 objected; K101 is for a campaign that nobody knows.
    let world = decided(&[
        (7, "call", "2026-07-02"),
        (14, "call", "2026-07-09"),
        (10, "call", "2026-07-01"),
        (16, "call", ""),
        (20, "call", "2026-06-29"),
        (22, "nothing", "2026-07-09"),
        (101, "nothing", "2026-07-09"),
    ]);
    let plan = world.plan();
    let row = |key: &str| plan.rows.iter().find(|row| &*row.key == key).map(|row| (row.send_on, row.send_by));
    let day = |day: u32| Date::from_ymd(2026, 7, day).unwrap();
    assert_eq!(row("K007"), None);
    let (on, by) = row("K014").unwrap();
    assert!(on >= day(8) && by <= day(9), "{on} {by}");
    assert!(row("K010").unwrap().1 <= day(1), "{:?}", row("K010"));
    assert!(row("K016").unwrap().1 > day(1), "without an end it may wait: {:?}", row("K016"));
    assert_eq!(row("K020"), None);
    let ended = "the decision ends before a day on which she may be contacted".to_owned();
    assert_eq!(plan.counted.forced_refused, std::collections::BTreeMap::from([(ended, 2)]));
    assert_eq!(plan.counted.forced, 3);
    let ignored = "the campaign `nothing` is not one of the pack".to_owned();
    assert_eq!(plan.counted.ignored, std::collections::BTreeMap::from([(ignored, 1)]));

    // The proof sees it by itself.
    let (options, holdouts, choice) = world.parts();
    let mut made = world.made(&options, &holdouts, &choice);
    assert_eq!(world.faults(&options, &made), []);
    let one = made.iter_mut().find(|made| &*made.row.key == "K010").unwrap();
    (one.row.send_on, one.row.send_by) = (day(2), day(2));
    let faults = world.faults(&options, &made);
    assert!(faults.iter().any(|fault| fault.rule == "decision"), "{faults:?}");
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
    let campaigns: std::collections::BTreeSet<(&str, &str)> =
        plan.rows.iter().map(|row| (row.key.as_ref(), row.campaign.as_ref())).collect();
    assert_eq!(campaigns.len(), plan.rows.len(), "nobody gets the same campaign twice in one plan");
}
