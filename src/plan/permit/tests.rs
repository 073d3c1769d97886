#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use std::collections::BTreeMap;
use std::fmt::Write as _;

use arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use super::*;
use crate::pack::load_from_texts;
use crate::plan::{Arm, PlanRow};

const HEAD: &str = r#"
[pack]
name = "tiny"
[params.rest]
value = 14
unit = "days"
[record]
key = "id"
[tables.contacts]
key = "id"
time = "day"
[tables.contacts.columns]
day = { type = "date" }
channel = { type = "text", optional = true }
campaign = { type = "text", optional = true }
[tables.dnc]
key = "id"
[tables.dnc.columns]
channel = { type = "text", optional = true, values = ["email", "phone", "post", "fax"] }
since = { type = "date", optional = true }
ends_on = { type = "date", optional = true }
[[campaigns]]
name = "mail"
channel = "email"
[[campaigns]]
name = "call"
channel = "phone"
[[campaigns]]
name = "card"
channel = "post"
[[campaigns]]
name = "none"
[[campaigns]]
name = "ring"
channel = "phone"
"#;

fn pack(rules: &str) -> Arc<Pack> {
    let text = format!("{HEAD}{rules}");
    let loaded = load_from_texts(&[("pack.toml", &text)]);
    loaded.pack.unwrap_or_else(|| panic!("{rules}\n{:?}", loaded.diagnostics))
}

fn day(text: &str) -> Date {
    Date::parse_iso(text).unwrap()
}

fn at(days: i32) -> Date {
    Date::from_days(i64::from(days)).unwrap()
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn batch(columns: Vec<(&str, DataType, ArrayRef)>) -> Vec<RecordBatch> {
    let fields: Vec<Field> = columns.iter().map(|(name, ty, _)| Field::new(*name, ty.clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    vec![RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()]
}

/// Key, day, channel, campaign.
type Row<'a> = (&'a str, Date, Option<&'a str>, Option<&'a str>);
/// Key, channel, since, until.
type Line<'a> = (&'a str, Option<&'a str>, Option<Date>, Option<Date>);

fn permission(pack: &Arc<Pack>, history: &[Row<'_>], list: &[Line<'_>]) -> Permission {
    let days = |days: Vec<Option<Date>>| -> ArrayRef {
        Arc::new(days.into_iter().map(|day| day.map(Date::days)).collect::<Date32Array>())
    };
    let made = batch(vec![
        ("id", DataType::Utf8, texts(history.iter().map(|row| Some(row.0)))),
        ("day", DataType::Date32, days(history.iter().map(|row| Some(row.1)).collect())),
        ("channel", DataType::Utf8, texts(history.iter().map(|row| row.2))),
        ("campaign", DataType::Utf8, texts(history.iter().map(|row| row.3))),
    ]);
    let lines = batch(vec![
        ("id", DataType::Utf8, texts(list.iter().map(|line| Some(line.0)))),
        ("channel", DataType::Utf8, texts(list.iter().map(|line| line.1))),
        ("since", DataType::Date32, days(list.iter().map(|line| line.2).collect())),
        ("ends_on", DataType::Date32, days(list.iter().map(|line| line.3).collect())),
    ]);
    Permission::of(pack, day("2026-06-30"), Events::of(made), Events::of(lines))
}

const CONTACT: &str = "[contact]\nhistory = 'contacts'\ndo_not_contact = 'dnc'\n";
const CHANNELS: &str = "[channels.email]\n[channels.phone]\nlabel = 'Telephone'\n[channels.post]\n";

/// The lags between two campaigns.
fn apart(permission: &Permission) -> Vec<(u16, u16, i32)> {
    let lags = permission.lags().into_iter();
    lags.filter(|lag| lag.earlier != lag.later).map(|lag| (lag.earlier, lag.later, lag.days)).collect()
}

fn days_of(permission: &Permission, key: &str, campaign: usize, first: &str, last: &str) -> Vec<String> {
    permission.days(key, campaign, day(first), day(last)).days.iter().map(Date::to_string).collect()
}

#[test]
fn a_cooldown_is_counted_from_the_last_contact_by_any_channel() {
    let pack = pack(&format!("{CONTACT}cooldown = 'rest'\n{CHANNELS}"));
    let made = [("a", day("2026-07-01"), Some("post"), None), ("b", day("2026-06-01"), None, None)];
    let permission = permission(&pack, &made, &[]);
    // 2026-07-15 is a Wednesday.
    assert_eq!(days_of(&permission, "a", 0, "2026-07-01", "2026-07-22"), ["2026-07-15", "2026-07-20"]);
    assert_eq!(days_of(&permission, "b", 0, "2026-07-01", "2026-07-06"), ["2026-07-01", "2026-07-06"]);
    assert_eq!(days_of(&permission, "nobody", 0, "2026-07-01", "2026-07-01"), ["2026-07-01"]);
    let refused = permission.days("a", 1, day("2026-07-02"), day("2026-07-14"));
    assert_eq!(refused.refusal, Some(Refusal { barrier: Barrier::Cooldown(14), on: day("2026-07-02") }));
    assert_eq!(Barrier::Cooldown(14).words(&pack), "less than 14 days between two contacts");
    assert_eq!(Barrier::Cooldown(14).name(&pack), "contact.cooldown");
    let breach = &permission.breaches("a", &[Planned { campaign: 1, on: day("2026-07-14") }])[0];
    assert_eq!((breach.from, breach.until), (day("2026-07-01"), day("2026-07-14")));
    assert_eq!(breach.words(&pack), "less than 14 days between two contacts: post on 2026-07-01");
    assert!(permission.breaches("a", &[Planned { campaign: 1, on: day("2026-07-15") }]).is_empty());
}

#[test]
fn one_channel_waits_for_another_and_not_the_other_way_round() {
    let rules = "[channels.email]\n[channels.phone]\ncooldown = { phone = 30, post = 10 }\n[channels.post]\n";
    let pack = pack(&format!("{CONTACT}{rules}"));
    let made = [("a", day("2026-07-01"), Some(" POST "), None), ("b", day("2026-07-01"), Some("Phone"), None)];
    let permission = permission(&pack, &made, &[]);
    assert_eq!(days_of(&permission, "a", 1, "2026-07-06", "2026-07-12"), ["2026-07-11"]);
    assert_eq!(days_of(&permission, "a", 0, "2026-07-01", "2026-07-01"), ["2026-07-01"]);
    // A card may follow a call at once, but not on the day itself: nobody knows which comes first.
    assert_eq!(days_of(&permission, "b", 2, "2026-07-01", "2026-07-05"), ["2026-07-02"]);
    assert_eq!(days_of(&permission, "b", 1, "2026-07-06", "2026-07-31"), ["2026-07-31"]);
    // By campaign, of which 1 and 4 are by phone, 2 is a card; the same one comes once in a plan.
    assert_eq!(apart(&permission), [(2, 1, 10), (4, 1, 30), (1, 4, 30), (2, 4, 10)]);
}

#[test]
fn caps_count_over_all_campaigns_and_with_what_is_planned() {
    let rules = "caps = [{ most = 3, days = 90 }]\n[channels.email]\n[channels.phone]\ncaps = [{ most = 1, days = 7 }]\n[channels.post]\n";
    let pack = pack(&format!("{CONTACT}{rules}"));
    let made = [("a", day("2026-05-01"), Some("post"), None), ("a", day("2026-06-01"), Some("email"), None)];
    let permission = permission(&pack, &made, &[]);
    let planned = |list: &[(usize, &str)]| -> Vec<Planned> {
        list.iter().map(|(campaign, on)| Planned { campaign: *campaign, on: day(on) }).collect()
    };
    assert!(permission.breaches("a", &planned(&[(0, "2026-07-01")])).is_empty());
    // The fourth within 90 days; from 2026-07-30 on the first has left the window.
    let two = planned(&[(0, "2026-07-01"), (2, "2026-07-29")]);
    let breaches = permission.breaches("a", &two);
    assert_eq!(breaches.iter().map(|breach| breach.contact).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(breaches[0].barrier, Barrier::Cap(3, 90));
    assert_eq!(breaches[1].words(&pack), "more than 3 contacts in 90 days: post on 2026-05-01");
    assert_eq!(permission.together("a", &two), [true, false]);
    assert_eq!(permission.together("a", &planned(&[(0, "2026-07-01"), (2, "2026-07-30")])), [true, true]);
    // A cap of one is a lag.
    assert_eq!(apart(&permission), [(4, 1, 7), (1, 4, 7)]);
}

#[test]
fn who_is_on_the_list_is_not_contacted_while_she_is_on_it() {
    let pack = pack(&format!("{CONTACT}{CHANNELS}"));
    let list = [
        ("all", None, None, None),
        ("from", Some("all"), Some(day("2026-07-10")), None),
        ("phone", Some("telephone"), None, Some(day("2026-07-03"))),
        ("typo", Some("telefon"), None, None),
        ("fax", Some("fax"), None, None),
    ];
    let permission = permission(&pack, &[], &list);
    let first = |key: &str, campaign| days_of(&permission, key, campaign, "2026-07-01", "2026-07-05");
    assert!(first("all", 0).is_empty());
    assert_eq!(
        permission.days("all", 3, day("2026-07-01"), day("2026-07-01")).refusal.unwrap().barrier,
        Barrier::Listed(None)
    );
    assert_eq!(first("from", 0), ["2026-07-01"]);
    assert!(days_of(&permission, "from", 0, "2026-07-10", "2027-12-31").is_empty());
    assert_eq!(first("phone", 1), ["2026-07-04"]);
    assert_eq!(first("phone", 0), ["2026-07-01"]);
    // In doubt nobody is contacted; a channel that is declared and never used is no doubt.
    assert!(first("typo", 2).is_empty());
    assert_eq!(first("fax", 0), ["2026-07-01"]);
    let [notice] = permission.notices() else { panic!("{:?}", permission.notices()) };
    assert!(notice.starts_with("`dnc.channel` names `telefon` in 1 row"), "{notice}");
}

#[test]
fn quiet_days_and_weekdays() {
    let rules = "weekdays = [1, 2, 3, 4, 5]\nquiet = [2026-07-06, '2026-07-08..2026-07-09', '12-24..01-01']\n";
    let channels = "[channels.email]\n[channels.phone]\nweekdays = [2, 4]\n[channels.post]\n";
    let pack = pack(&format!("{CONTACT}{rules}{channels}"));
    let permission = permission(&pack, &[], &[]);
    assert_eq!(days_of(&permission, "a", 0, "2026-07-04", "2026-07-12"), ["2026-07-07"]);
    assert_eq!(days_of(&permission, "a", 1, "2026-07-08", "2026-07-15"), ["2026-07-14"]);
    for year in [2026, 2033] {
        let days = permission.days("a", 0, day(&format!("{year}-12-24")), day(&format!("{}-01-01", year + 1)));
        assert_eq!(days.refusal.unwrap().barrier, Barrier::Quiet);
    }
    let spare = |on: &str| permission.breaches("a", &[Planned { campaign: 1, on: day(on) }]);
    assert_eq!(
        spare("2026-07-04").iter().map(|b| b.barrier).collect::<Vec<_>>(),
        [Barrier::Weekday, Barrier::ChannelWeekday(1)]
    );
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> i32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i32::try_from((z ^ (z >> 31)) % sides).unwrap()
    }
}

/// What a generated pack says, and what was done: what the obvious model looks at. Channels by number, 3 is none of the three.
#[derive(Debug, Default)]
struct Model {
    cooldown: i32,
    again: i32,
    caps: Vec<(i32, i32)>,
    /// By later and earlier channel.
    after: BTreeMap<(i32, i32), i32>,
    channel_caps: Vec<(i32, i32, i32)>,
    weekdays: Vec<u32>,
    quiet: Vec<(i32, i32)>,
    /// By customer: day, channel, campaign; of the four that are planned each has the channel of its number.
    made: Vec<Vec<(i32, i32, i32)>>,
    /// By customer: channel (9: all), first day, last day.
    listed: Vec<Vec<(i32, i32, i32)>>,
}

const NAMES: [&str; 3] = ["email", "phone", "post"];
const CAMPAIGNS: [&str; 5] = ["mail", " CALL", "card", "none", "another"];
const BASE: i32 = 20_600;

impl Model {
    fn generate(dice: &mut Dice) -> Model {
        let (cooldown, again) = ([0, 1, 5, 12][dice.roll(4) as usize], [0, 20, 45][dice.roll(3) as usize]);
        let mut model = Model { cooldown, again, ..Model::default() };
        for _ in 0..dice.roll(3) {
            model.caps.push((1 + dice.roll(3), 1 + dice.roll(40)));
        }
        for _ in 0..dice.roll(4) {
            model.after.insert((dice.roll(3), dice.roll(3)), dice.roll(25));
        }
        for _ in 0..dice.roll(3) {
            model.channel_caps.push((dice.roll(3), 1 + dice.roll(2), 1 + dice.roll(30)));
        }
        model.weekdays = (1..=7).filter(|_| dice.roll(5) > 0).collect();
        if model.weekdays.is_empty() {
            model.weekdays.push(3);
        }
        for _ in 0..dice.roll(3) {
            let from = BASE + dice.roll(60);
            model.quiet.push((from, from + dice.roll(8)));
        }
        for _ in 0..6 {
            model
                .made
                .push((0..dice.roll(7)).map(|_| (BASE - 40 + dice.roll(80), dice.roll(4), dice.roll(6))).collect());
            let line = |dice: &mut Dice| {
                let from = BASE - 10 + dice.roll(50);
                ([0, 1, 2, 9][dice.roll(4) as usize], from, from + dice.roll(30))
            };
            model.listed.push((0..dice.roll(8) / 5).map(|_| line(dice)).collect());
        }
        model
    }

    fn toml(&self) -> String {
        let caps = |caps: Vec<(i32, i32)>| {
            let list: Vec<String> =
                caps.iter().map(|(most, days)| format!("{{ most = {most}, days = {days} }}")).collect();
            format!("caps = [{}]\n", list.join(", "))
        };
        let mut text =
            format!("{CONTACT}cooldown = {}\nagain = {}\n{}", self.cooldown, self.again, caps(self.caps.clone()));
        writeln!(text, "weekdays = {:?}", self.weekdays).unwrap();
        let quiet: Vec<String> = self.quiet.iter().map(|(from, to)| format!("'{}..{}'", at(*from), at(*to))).collect();
        writeln!(text, "quiet = [{}]", quiet.join(", ")).unwrap();
        for (channel, name) in NAMES.iter().enumerate() {
            let channel = channel as i32;
            let own = self.channel_caps.iter().filter(|cap| cap.0 == channel).map(|cap| (cap.1, cap.2)).collect();
            let after: Vec<String> = (0..3)
                .filter_map(|earlier| {
                    Some(format!("{} = {}", NAMES[earlier as usize], self.after.get(&(channel, earlier))?))
                })
                .collect();
            write!(text, "[channels.{name}]\n{}cooldown = {{ {} }}\n", caps(own), after.join(", ")).unwrap();
        }
        text
    }

    fn read(&self) -> (Arc<Pack>, Permission) {
        let pack = pack(&self.toml());
        let keys: Vec<String> = (0..self.made.len()).map(|key| format!("k{key}")).collect();
        let mut history = Vec::new();
        let mut list = Vec::new();
        for (key, made) in keys.iter().zip(&self.made) {
            history.extend(made.iter().map(|(on, channel, campaign)| {
                let name = |names: &[&'static str], at: i32| names.get(at as usize).copied();
                (key.as_str(), at(*on), name(&NAMES, *channel), name(&CAMPAIGNS, *campaign))
            }));
        }
        for (key, listed) in keys.iter().zip(&self.listed) {
            list.extend(listed.iter().map(|(channel, from, to)| {
                (key.as_str(), NAMES.get(*channel as usize).copied(), Some(at(*from)), Some(at(*to)))
            }));
        }
        let read = permission(&pack, &history, &list);
        (pack, read)
    }

    /// Whether these contacts, day and channel, may be made.
    fn allows(&self, customer: usize, planned: &[(i32, i32)]) -> bool {
        let mut all: Vec<(i32, i32, bool, i32)> =
            planned.iter().map(|(on, channel)| (*on, *channel, true, *channel)).collect();
        all.extend(self.made[customer].iter().map(|(on, channel, campaign)| (*on, *channel, false, *campaign)));
        for (on, channel) in planned {
            if self.quiet.iter().any(|(from, to)| from <= on && on <= to) {
                return false;
            }
            if !self.weekdays.contains(&(((on + 3).rem_euclid(7) + 1) as u32)) {
                return false;
            }
            if self.listed[customer]
                .iter()
                .any(|(only, from, to)| (*only == 9 || only == channel) && from <= on && on <= to)
            {
                return false;
            }
        }
        let gap = |earlier: &(i32, i32, bool, i32), later: &(i32, i32, bool, i32)| {
            let known = earlier.1 < 3 && later.1 < 3;
            let channels = if known { self.after.get(&(later.1, earlier.1)).copied().unwrap_or(0) } else { 0 };
            let again = if earlier.3 == later.3 { self.again } else { 0 };
            self.cooldown.max(channels).max(again)
        };
        for (i, a) in all.iter().enumerate() {
            for (j, b) in all.iter().enumerate() {
                if i != j && (a.2 || b.2) && a.0 <= b.0 && b.0 - a.0 < gap(a, b) {
                    return false;
                }
            }
        }
        let caps = self.caps.iter().map(|(most, days)| (None, *most, *days));
        for (only, most, days) in caps.chain(self.channel_caps.iter().map(|cap| (Some(cap.0), cap.1, cap.2))) {
            for from in BASE - 100..BASE + 150 {
                let inside: Vec<_> = all
                    .iter()
                    .filter(|contact| only.is_none_or(|only| contact.1 == only))
                    .filter(|contact| from <= contact.0 && contact.0 < from + days)
                    .collect();
                if inside.len() as i32 > most && inside.iter().any(|contact| contact.2) {
                    return false;
                }
            }
        }
        true
    }
}

#[test]
fn days_and_proof_agree_with_an_obvious_model() {
    let mut dice = Dice(6);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..60 {
        let model = Model::generate(&mut dice);
        let (_, permission) = model.read();
        for customer in 0..model.made.len() {
            let key = format!("k{customer}");
            for campaign in 0..4 {
                let channel = campaign as i32;
                let first = BASE - 5 + dice.roll(30);
                let last = first + dice.roll(20);
                let fine: Vec<bool> = (first..=last).map(|on| model.allows(customer, &[(on, channel)])).collect();
                let mut expected: Vec<i32> = Vec::new();
                for (on, fine) in (first..=last).zip(&fine) {
                    let breaches = permission.breaches(&key, &[Planned { campaign, on: at(on) }]);
                    assert_eq!(breaches.is_empty(), *fine, "{key} {campaign} {} {breaches:?}\n{model:?}", at(on));
                    let week = |day: i32| (day + 3).div_euclid(7);
                    if *fine && expected.last().is_none_or(|last| week(*last) != week(on)) {
                        expected.push(on);
                    }
                }
                let days = permission.days(&key, campaign, at(first), at(last));
                let found: Vec<i32> = days.days.iter().map(|day| day.days()).collect();
                assert_eq!(found, expected, "{key} {campaign} {}..{}\n{model:?}", at(first), at(last));
                assert_eq!(days.refusal.is_some(), expected.is_empty());
                if let Some(refusal) = days.refusal {
                    let broken = permission.breaches(&key, &[Planned { campaign, on: refusal.on }]);
                    assert!(broken.iter().any(|breach| breach.barrier == refusal.barrier), "{refusal:?} {broken:?}");
                    let word = format!("{:?}", refusal.barrier);
                    *seen.entry(words(&word)).or_default() += 1;
                } else {
                    *seen.entry("permitted").or_default() += 1;
                }
            }
        }
    }
    // The generator reaches every rule.
    for word in ["permitted", "Listed", "Cooldown", "ChannelCooldown", "Cap", "ChannelCap", "Quiet", "Weekday"] {
        assert!(seen.get(word).is_some_and(|times| *times >= 3), "{word}: {seen:?}");
    }
}

fn words(debug: &str) -> &'static str {
    let all =
        ["Listed", "Cooldown", "ChannelCooldown", "Again", "Cap", "ChannelCap", "Quiet", "Weekday", "ChannelWeekday"];
    let bare = debug.split('(').next().unwrap();
    all.into_iter().find(|word| *word == bare).unwrap_or("other")
}

#[test]
fn several_contacts_of_one_plan() {
    let mut dice = Dice(7);
    let (mut fine, mut broken) = (0, 0);
    for _ in 0..80 {
        let model = Model::generate(&mut dice);
        let (_, permission) = model.read();
        let lags = permission.lags();
        for customer in 0..model.made.len() {
            let key = format!("k{customer}");
            let list: Vec<(i32, i32)> =
                (0..2 + dice.roll(2)).map(|_| (BASE + 20 + dice.roll(50), dice.roll(4))).collect();
            let planned: Vec<Planned> =
                list.iter().map(|(on, channel)| Planned { campaign: *channel as usize, on: at(*on) }).collect();
            let breaches = permission.breaches(&key, &planned);
            assert_eq!(breaches.is_empty(), model.allows(customer, &list), "{list:?} {breaches:?}\n{model:?}");
            // Two that are too close are in a breach.
            for a in &list {
                for b in list.iter().filter(|b| !std::ptr::eq(*b, a)) {
                    let too_close = lags.iter().any(|lag| {
                        lag.earlier != lag.later
                            && i32::from(lag.earlier) == a.1
                            && i32::from(lag.later) == b.1
                            && a.0 <= b.0
                            && b.0 - a.0 < lag.days
                    });
                    assert!(!too_close || !breaches.is_empty(), "{list:?} {lags:?}");
                }
            }
            let stays = permission.together(&key, &planned);
            let kept: Vec<(i32, i32)> = list.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(c, _)| *c).collect();
            assert!(model.allows(customer, &kept));
            *(if breaches.is_empty() { &mut fine } else { &mut broken }) += 1;
        }
    }
    assert!(fine > 40 && broken > 40, "{fine} {broken}");
}

#[test]
fn many_customers_have_their_days() {
    let pack = pack(&format!(
        "{CONTACT}cooldown = 14\ncaps = [{{ most = 3, days = 90 }}]\nquiet = ['12-24..01-01']\nweekdays = [1, 2, 3, 4, 5]\n{CHANNELS}"
    ));
    let keys: Vec<String> = (0..100_000).map(|key| format!("C{key:06}")).collect();
    let made: Vec<Row<'_>> = keys
        .iter()
        .step_by(5)
        .flat_map(|key| (0..3).map(move |n| (key.as_str(), at(BASE - 30 * n), Some(NAMES[n as usize]), None)))
        .collect();
    let permission = permission(&pack, &made, &[]);
    let mut days = Vec::new();
    let mut found = 0;
    for key in &keys {
        let customer = permission.customer(key);
        for campaign in 0..10 {
            permission.days_of(customer, campaign % 4, at(BASE + 20), at(BASE + 34), &mut days);
            found += days.len();
        }
    }
    assert!(found > 2_000_000, "{found}");
}

#[test]
fn what_the_history_has_of_an_earlier_plan_is_not_counted_twice() {
    let pack = pack(&format!("{CONTACT}caps = [{{ most = 2, days = 30 }}]\n{CHANNELS}"));
    let row = |key: &str, campaign: &str, channel: &str, on: &str, by: &str| PlanRow {
        channel: Some(channel.into()),
        send_on: day(on),
        send_by: day(by),
        ..crate::plan::export::sample::row(key, campaign)
    };
    let mut held_out = row("held", "mail", "email", "2026-07-02", "2026-07-03");
    held_out.arm = Arm::Holdout;
    let plan = PlanFile {
        rows: vec![
            row("a", "mail", "email", "2026-06-29", "2026-07-03"),
            row("b", "mail", "email", "2026-06-29", "2026-07-03"),
            row("c", "mail", "email", "2026-06-22", "2026-06-26"),
            row("d", "card", "post", "2026-07-08", "2026-07-08"),
            held_out,
        ],
        ..PlanFile::default()
    };
    // `a` was written to on the 30th; `b` still waits; the days of `c` are over.
    let made = Events::of(batch(vec![
        ("id", DataType::Utf8, texts(["a"].into_iter().map(Some))),
        ("day", DataType::Date32, Arc::new(Date32Array::from(vec![day("2026-06-30").days()]))),
        ("channel", DataType::Utf8, texts(["email"].into_iter().map(Some))),
    ]));
    let (pending, contacts) =
        earlier::pending(&pack, &made, &[plan.clone(), plan], day("2026-06-30")).unwrap().unwrap();
    let rows: Vec<_> = (0..pending.num_rows())
        .map(|row| (Events::keys(&pending).unwrap().value(row), Events::day(&pending, "day", row).unwrap().to_string()))
        .collect();
    assert_eq!(rows, [("b", "2026-06-30".to_owned()), ("d", "2026-07-08".to_owned())]);
    assert_eq!(contacts, 2);
    assert_eq!(Events::text(&pending, "campaign", 1), Some("card"));
    // Without a table of contacts made the earlier plan counts all the same, for the days and for the proof.
    let bare = self::pack("[contact]\ncooldown = 14\n[channels.email]\n[channels.phone]\n[channels.post]\n");
    let plan = PlanFile { rows: vec![row("d", "card", "post", "2026-07-08", "2026-07-08")], ..PlanFile::default() };
    let (pending, _) = earlier::pending(&bare, &Events::default(), &[plan], day("2026-06-30")).unwrap().unwrap();
    let permission = Permission::of(&bare, day("2026-06-30"), Events::of(vec![pending]), Events::default());
    assert_eq!(days_of(&permission, "d", 1, "2026-07-08", "2026-07-23"), ["2026-07-22"]);
    assert_eq!(permission.breaches("d", &[Planned { campaign: 1, on: day("2026-07-21") }]).len(), 1);
}
