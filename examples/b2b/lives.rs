//! All the other companies: who they are, and what became of them.

use super::words::{FOUNDERS, INDUSTRIES, LOST_REASONS, PLACES, RIVALS, Topic, words};
use super::{AS_OF, Company, Day, Dice, Habit, House, Quote, day};

/// The logs begin here.
pub(crate) const FIRST: Day = day(2023, 1, 2);
/// Everything is paid that is due.
pub(crate) const NEVER: Day = day(2100, 1, 1);

/// Puts a company on file under the next number.
pub(crate) fn settle(house: &mut House, company: Company, habit: Habit) -> String {
    let number = house.next_number();
    house.habits.push((number.clone(), habit));
    house.companies.push(Company { number: number.clone(), ..company });
    number
}

#[expect(clippy::too_many_arguments, reason = "a line of a table")]
pub(crate) fn bid(
    house: &mut House,
    number: &str,
    on: Day,
    amount: i64,
    result: &'static str,
    decided: Option<Day>,
    winner: &'static str,
    reason: &'static str,
) {
    let number = number.to_owned();
    house.quotes.push(Quote { number, on, kind: "tender", amount, result, decided, winner, reason });
}

/// What became of a company. The pack finds out by itself; here it only decides which data is made.
#[derive(Clone, Copy, PartialEq)]
enum Life {
    Steady,
    Annual,
    Sleeper,
    Fading,
    Falling,
    Overdue,
    Cancelling,
    Cancelled,
    Expired,
    Outbid,
    Returner,
    Unhappy,
    Slipping,
    Benchmarked,
    LongLost,
    OneTime,
    Insolvent,
    NeverBought,
}

const LIVES: &[(f64, Life)] = &[
    (45.0, Life::Steady),
    (3.0, Life::Annual),
    (14.0, Life::Sleeper),
    (6.0, Life::Fading),
    (4.0, Life::Falling),
    (3.0, Life::Overdue),
    (3.0, Life::Cancelling),
    (2.5, Life::Cancelled),
    (2.0, Life::Expired),
    (3.0, Life::Outbid),
    (4.5, Life::Returner),
    (2.5, Life::Unhappy),
    (2.0, Life::Slipping),
    (1.5, Life::Benchmarked),
    (3.0, Life::LongLost),
    (2.0, Life::OneTime),
    (1.0, Life::Insolvent),
    (2.0, Life::NeverBought),
];

const WHY_LEAVE: &[(f64, Topic)] = &[
    (16.0, Topic::Price),
    (12.0, Topic::Competitor),
    (8.0, Topic::Bundling),
    (8.0, Topic::Neglect),
    (5.0, Topic::Service),
    (9.0, Topic::Quality),
    (10.0, Topic::Delivery),
    (3.0, Topic::Billing),
    (6.0, Topic::Terms),
    (6.0, Topic::Portal),
    (8.0, Topic::NewBuyer),
    (4.0, Topic::Moved),
    (5.0, Topic::TakenOver),
    (6.0, Topic::NoNeed),
    (4.0, Topic::Credit),
    (16.0, Topic::Vague),
];

const WHY_COMPLAIN: &[(f64, Topic)] = &[
    (30.0, Topic::Delivery),
    (30.0, Topic::Quality),
    (14.0, Topic::Billing),
    (12.0, Topic::Service),
    (9.0, Topic::Portal),
    (5.0, Topic::Terms),
];

pub(crate) fn crowd(house: &mut House) {
    let life = house.dice.weighted(LIVES);
    let why = house.dice.weighted(WHY_LEAVE);
    let mut c = company(&mut house.dice);
    let german = matches!(c.country, "DE" | "AT") && house.dice.chance(0.8);
    let number = house.next_number();

    let dice = &mut house.dice;
    let (order, gap) = match c.class {
        "key" => (dice.between(2_600.0, 6_400.0), dice.between(8.0, 16.0)),
        "mid" => (dice.between(650.0, 2_100.0), dice.between(12.0, 32.0)),
        _ => (dice.between(90.0, 520.0), dice.between(22.0, 75.0)),
    };
    let mut habit = Habit {
        order,
        margin_rate: dice.between(0.22, 0.37),
        special: dice.weighted(&[(0.7, 0.08), (0.2, 0.3), (0.1, 0.75)]),
        late: 0.04,
        pays: dice.weighted(&[(0.55, 3.0), (0.25, 11.0), (0.15, 26.0), (0.05, 52.0)]),
        unpaid_after: NEVER,
    };
    if left(life) && why == Topic::Delivery {
        habit.late = 0.3;
    }
    if matches!(life, Life::Insolvent | Life::Slipping) {
        habit.unpaid_after = AS_OF - dice.range(75, 140);
        habit.pays += 15.0;
    }
    if why == Topic::Price && left(life) {
        c.price_increase = Some(dice.pick(&[0.04, 0.05, 0.06, 0.08]));
    }

    let first = FIRST.max(AS_OF - dice.range(500, 1_500));
    let last = history(house, &number, &mut c, life, why, german, habit, first, gap);
    c.since = (!house.dice.chance(0.04)).then(|| first - house.dice.pick(&[0, 3, 30, 400, 1_100, 2_600]));

    let every = match c.class {
        "key" => Some((60.0, "Jule Tamm")),
        "mid" => Some((125.0, "Ole Petersen")),
        _ => house.dice.chance(0.35).then_some((150.0, "inside sales")),
    };
    // Whom nobody looks after any more leaves, too.
    let care_ends = if why == Topic::Neglect && left(life) { last - 380 } else { AS_OF.min(last + 60) };
    if let (Some((every, by)), true) = (every, life != Life::NeverBought) {
        let latest = care_ends - house.dice.range(1, 40);
        house.looked_after(&number, first, latest, every, by);
    }
    if !left(life) && life != Life::NeverBought && house.dice.chance(0.3) {
        for _ in 0..house.dice.weighted(&[(0.75, 1), (0.2, 2), (0.05, 4)]) {
            let topic = house.dice.weighted(WHY_COMPLAIN);
            let opened = house.dice.range(first.max(AS_OF - 800), AS_OF - 40);
            house.complain(&number, opened, topic, german, false);
        }
    }
    if life == Life::Steady && house.dice.chance(0.06) {
        c.buyer_changed_on = Some(AS_OF - house.dice.range(5, 70));
    }
    everyday_quotes(house, &number, c.class, life, order);
    settle(house, c, habit);
}

fn left(life: Life) -> bool {
    use Life::{Cancelled, Cancelling, Expired, Fading, LongLost, Returner, Sleeper};
    matches!(life, Sleeper | Fading | Cancelling | Cancelled | Expired | LongLost | Returner)
}

/// Who a company is, and what we may do.
fn company(dice: &mut Dice) -> Company {
    let (industry, kinds) = dice.weighted(INDUSTRIES);
    let (country, cities) = dice.weighted(PLACES);
    let class = if industry == "workshop" {
        dice.weighted(&[(0.93, "small"), (0.07, "mid")])
    } else {
        dice.weighted(&[(0.07, "key"), (0.36, "mid"), (0.54, "small"), (0.03, "")])
    };
    let (founder, kind) = (dice.pick(FOUNDERS), dice.pick(kinds));
    let form = match class {
        "key" => dice.pick(&[" AG", " SE", " GmbH & Co. KG", " Group"]),
        _ => dice.pick(&["", " GmbH", " & Co", " GmbH", " KG"]),
    };
    let name = if dice.chance(0.5) { format!("{founder} {kind}{form}") } else { format!("{kind} {founder}{form}") };
    let large = class == "key" || class == "mid";
    let flag = |dice: &mut Dice, p: f64| if dice.chance(p) { Some(true) } else { dice.chance(0.7).then_some(false) };
    let referrals = dice.chance(0.6).then(|| dice.pick(&[0, 0, 0, 0, 0, 1, 1, 2]));
    let framework = dice.chance(if class == "key" { 0.6 } else { 0.12 });
    Company {
        name,
        class,
        industry,
        country,
        city: if dice.chance(0.97) { dice.pick(cities) } else { "" },
        role: if large && dice.chance(0.08) { dice.pick(&["association", "standards", "jury"]) } else { "" },
        reference: if large || dice.chance(0.3) {
            dice.pick(&["named", "named", "private", "none", "case_study", "visits", ""])
        } else {
            ""
        },
        standing: match class {
            "key" => dice.pick(&["leader", "well_known", "well_known", "specialist"]),
            "mid" => dice.pick(&["well_known", "specialist", "specialist", "local", ""]),
            _ => dice.pick(&["local", "local", "specialist", ""]),
        },
        sympathy: (large || dice.chance(0.5)).then(|| dice.range(2, 6) + dice.range(0, 4)),
        nps: dice.chance(0.45).then(|| dice.pick(&[2, 4, 5, 6, 7, 7, 8, 8, 8, 9, 9, 10])),
        referrals,
        referred_revenue: referrals.map(|n| n * dice.range(2, 14) * 1_000),
        outlook: if large || dice.chance(0.3) {
            dice.pick(&["growing", "stable", "stable", "shrinking", ""])
        } else {
            ""
        },
        contacts: (large || dice.chance(0.6)).then(|| dice.range(1, if class == "key" { 5 } else { 3 })),
        objected: flag(dice, 0.02),
        dissolved: flag(dice, 0.012),
        in_dispute: flag(dice, 0.008),
        consent_email: dice.chance(0.8).then(|| dice.chance(0.4)),
        email_from_sale: dice.chance(0.9).then(|| dice.chance(0.7)),
        consent_phone: dice.chance(0.35).then(|| dice.chance(0.75)),
        visits_refused: flag(dice, 0.03),
        rep_changed_on: dice.chance(0.2).then(|| AS_OF - dice.range(30, 900)),
        framework_until: framework.then(|| AS_OF + dice.range(20, 500)),
        notice_period: framework.then(|| dice.pick(&[30, 60, 90, 90, 180])),
        auto_renews: framework.then(|| dice.chance(0.7)),
        credit_index: (large || dice.chance(0.5)).then(|| 150 + dice.range(0, 110) + dice.range(0, 110)),
        ..Company::default()
    }
}

/// Orders, notice, tenders and words of one life. Gives the day of the last order.
#[expect(clippy::too_many_arguments, reason = "one call, and each of them matters to every life")]
fn history(
    house: &mut House,
    number: &str,
    c: &mut Company,
    life: Life,
    why: Topic,
    german: bool,
    habit: Habit,
    first: Day,
    gap: f64,
) -> Day {
    let soon = AS_OF - house.dice.range(1, (0.7 * gap) as i64);
    let asleep = AS_OF - house.dice.range((3.2 * gap).max(125.0) as i64, 560);
    match life {
        Life::Steady => {
            // The log was exported later than the day we look at.
            let last = if house.dice.chance(0.25) { AS_OF + house.dice.range(1, 12) } else { soon };
            demand(house, c, habit, gap, 1.0);
            house.orders_back(number, first, last, gap, habit);
            last
        }
        Life::Annual => {
            let last = AS_OF - house.dice.range(60, 320);
            house.orders_back(number, first.min(last - 800), last, 365.0, Habit { order: habit.order * 6.0, ..habit });
            last
        }
        Life::Sleeper => {
            demand(house, c, habit, gap, 1.0);
            house.orders_back(number, first.min(asleep - 300), asleep, gap, habit);
            said(house, number, c, why, german, asleep);
            asleep
        }
        Life::Fading | Life::Falling => {
            let part =
                if life == Life::Fading { house.dice.between(0.1, 0.28) } else { house.dice.between(0.42, 0.62) };
            let turn = AS_OF - 365 + house.dice.range(-20, 20);
            let shrinks = house.dice.chance(0.25);
            demand(house, c, habit, gap, if shrinks { part } else { 1.0 });
            house.orders_back(number, FIRST, turn, gap, habit);
            house.orders_back(number, turn + 1, soon, gap, Habit { order: habit.order * part, ..habit });
            if !shrinks {
                said(house, number, c, why, german, soon);
            }
            soon
        }
        Life::Overdue => {
            let last = AS_OF - ((2.4 * gap) as i64).clamp(40, 115);
            house.orders_back(number, first, last, gap, habit);
            last
        }
        Life::Cancelling => {
            c.cancelled_on = Some(AS_OF - house.dice.range(2, 80));
            c.framework_until = Some(AS_OF + house.dice.range(20, 190));
            c.notice_period = Some(90);
            c.cancel_reason = words(&mut house.dice, why, german);
            house.orders_back(number, first, soon, gap, habit);
            soon
        }
        Life::Cancelled => {
            let end = AS_OF - house.dice.range(20, 400);
            c.cancelled_on = Some(end - house.dice.range(60, 180));
            c.framework_until = Some(end);
            c.cancel_reason = words(&mut house.dice, why, german);
            let last = end - house.dice.range(1, 30);
            house.orders_back(number, FIRST.min(last - 300), last, gap, habit);
            last
        }
        Life::Expired => {
            let end = AS_OF - house.dice.range(60, 300);
            c.framework_until = Some(end);
            c.auto_renews = Some(false);
            let last = end - house.dice.range(3, 40);
            house.orders_back(number, FIRST.min(last - 300), last, gap, habit);
            said(house, number, c, why, german, last);
            last
        }
        Life::Outbid => {
            let decided = AS_OF - house.dice.range(20, 260);
            let last = (decided + house.dice.range(5, 70)).min(soon);
            house.orders_back(number, first.min(last - 700), last, gap, habit);
            let year = habit.order * 365.0 / gap;
            let amount = (year * house.dice.between(0.8, 1.1) / 100.0).round() as i64 * 100;
            let (winner, reason) = (house.dice.pick(RIVALS), house.dice.pick(LOST_REASONS));
            bid(house, number, decided - 40, amount, "lost", Some(decided), winner, reason);
            bid(house, number, decided - 410, amount, "won", Some(decided - 366), "", "");
            last
        }
        Life::Returner => {
            let back = AS_OF - house.dice.range(5, 110);
            let before = back - house.dice.range(((3.4 * gap) as i64).max(170), 420);
            house.orders_back(number, FIRST.min(before - 300), before, gap, habit);
            house.orders_back(number, back, soon.max(back), gap, habit);
            said(house, number, c, why, german, before);
            c.returned_on = house.dice.chance(0.6).then_some(back);
            soon
        }
        Life::Unhappy => {
            house.orders_back(number, first, soon, gap, habit);
            let topic = house.dice.weighted(WHY_COMPLAIN);
            let opened = AS_OF - house.dice.range(4, 60);
            house.complain(number, opened, topic, german, true);
            soon
        }
        Life::Slipping | Life::Benchmarked => {
            house.orders_back(number, first, soon, gap, habit);
            soon
        }
        Life::LongLost => {
            let last = AS_OF - house.dice.range(735, 1_100);
            house.orders_back(number, FIRST.min(last - 200), last, gap, habit);
            last
        }
        Life::OneTime => {
            let on = AS_OF - house.dice.range(30, 700);
            house.order(number, on, habit);
            on
        }
        Life::Insolvent => {
            c.insolvent = Some(true);
            c.credit_index = Some(600);
            let last = AS_OF - house.dice.range(40, 160);
            house.orders_back(number, first.min(last - 300), last, gap, habit);
            last
        }
        Life::NeverBought => AS_OF,
    }
}

/// What the account manager knows about the company's demand; often nothing.
fn demand(house: &mut House, c: &mut Company, habit: Habit, gap: f64, change: f64) {
    if c.class == "small" || house.dice.chance(0.3) {
        return;
    }
    let year = habit.order * 365.0 / gap / house.dice.between(0.3, 0.9);
    let thousands = |x: f64| (x / 1_000.0).round() as i64 * 1_000;
    c.demand = Some(thousands(year * change).max(1_000));
    c.demand_before = (change < 1.0 || house.dice.chance(0.5)).then(|| thousands(year).max(1_000));
}

/// What came before the end: a complaint, a note after a visit, a changed buyer, or nothing at all.
fn said(house: &mut House, number: &str, c: &mut Company, why: Topic, german: bool, last: Day) {
    let talks = house.dice.chance(0.65);
    match why {
        Topic::Quality | Topic::Delivery | Topic::Billing | Topic::Service | Topic::Terms | Topic::Portal if talks => {
            for _ in 0..house.dice.weighted(&[(0.7, 1), (0.3, 2)]) {
                let opened = last - house.dice.range(-6, 45);
                house.complain(number, opened, why, german, false);
            }
        }
        Topic::NewBuyer => c.buyer_changed_on = Some(last - house.dice.range(-10, 60)),
        Topic::Competitor if house.dice.chance(0.5) => c.competitor = house.dice.pick(RIVALS),
        Topic::Credit if house.dice.chance(0.6) => c.credit_stop = Some(true),
        Topic::Vague | Topic::Neglect => {}
        _ if talks => {
            let (on, note) = ((last + house.dice.range(64, 110)).min(AS_OF - 2), words(&mut house.dice, why, true));
            house.visited(number, on, "call", 0.5, "inside sales", &note);
        }
        _ => {}
    }
}

/// Quotes as they come and go.
fn everyday_quotes(house: &mut House, number: &str, class: &str, life: Life, order: f64) {
    if life == Life::Benchmarked {
        for n in 0..house.dice.range(3, 5) {
            let on = AS_OF - 330 + n * 60;
            let (winner, reason) = (house.dice.pick(RIVALS), house.dice.pick(LOST_REASONS));
            let amount = (order * house.dice.between(1.5, 4.0)).round() as i64;
            let decided = Some(on + house.dice.range(5, 40));
            let number = number.to_owned();
            house.quotes.push(Quote { number, on, kind: "quote", amount, result: "lost", decided, winner, reason });
        }
        return;
    }
    let many = match class {
        "key" => house.dice.range(3, 9),
        "mid" => house.dice.range(0, 4),
        _ => i64::from(house.dice.chance(0.2)),
    };
    for _ in 0..many {
        let on = AS_OF - house.dice.range(3, 900);
        let result = if on > AS_OF - 25 {
            "open"
        } else {
            house.dice.weighted(&[(0.55, "won"), (0.38, "lost"), (0.07, "withdrawn")])
        };
        let lost = result == "lost";
        let quote = Quote {
            number: number.to_owned(),
            on,
            kind: "quote",
            amount: (order * house.dice.between(1.0, 5.0)).round() as i64,
            result,
            decided: (result != "open").then(|| on + house.dice.range(4, 60)),
            winner: if lost && house.dice.chance(0.6) { house.dice.pick(RIVALS) } else { "" },
            reason: if lost { house.dice.pick(LOST_REASONS) } else { "" },
        };
        house.quotes.push(quote);
    }
}
