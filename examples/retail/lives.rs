//! Who the customers are and what became of them: the few the README tells of, then the crowd.

use super::words::{COUNTRIES, TRADES, Topic};
use super::{AS_OF, Customer, Day, Habit, Rng, Shop, day};

// ---------------------------------------------------------------- the people of the README

pub(crate) fn story(shop: &mut Shop) {
    let usual = Habit { basket: 70.0, margin_rate: 0.38, discounted: 0.15, returned: 0.06, late: 0.04 };
    let yes = Some(true);

    // C10001: bought every six weeks for three years. One parcel came late, then a second one; then silence.
    let c = Customer {
        number: shop.next_number(),
        name: "Marta Lindqvist".to_owned(),
        group: "family",
        city: "Malmö",
        country: "SE",
        since: Some(day(2022, 6, 11)),
        sympathy: Some(8),
        nps: Some(8),
        referrals: Some(2),
        outlook: "stable",
        consent_email: yes,
        email_from_sale: yes,
        consent_phone: Some(false),
        invoices: Some(27),
        late_invoices: Some(1),
        ..Customer::default()
    };
    shop.orders_back(&c.number, day(2025, 11, 28), 42.0, 27, usual);
    for order in shop.orders.iter_mut().filter(|o| o.number == c.number && o.on >= day(2025, 10, 1)) {
        order.late = true;
    }
    let first = "My parcel was promised for Monday and came five days late. The birthday was over.";
    shop.wrote(&c.number, day(2025, 10, 24), day(2025, 11, 3), "complaint", first);
    let second = "Again! The baking tin was to be here before the first of Advent. It is the 4th, and the courier knows nothing.";
    shop.wrote(&c.number, day(2025, 12, 4), day(2025, 12, 21), "complaint", second);
    shop.customers.push(c);

    // C10002: a restaurant chain, left for a competitor's bonus. Worth a visit.
    let c = Customer {
        number: shop.next_number(),
        name: "Trattoria Venturi Group".to_owned(),
        group: "key_account",
        city: "Rome",
        country: "IT",
        since: Some(day(2021, 8, 2)),
        role: "reference",
        sympathy: Some(9),
        nps: Some(9),
        referrals: Some(3),
        outlook: "growing",
        email_from_sale: yes,
        consent_phone: yes,
        competitor: "ChefDirect",
        invoices: Some(58),
        late_invoices: Some(2),
        credit_rating: Some(180),
        service_hours: Some(14.0),
        ..Customer::default()
    };
    let large = Habit { basket: 900.0, ..usual };
    shop.orders_back(&c.number, day(2025, 12, 10), 28.0, 56, large);
    shop.customers.push(c);

    // C10003: gave notice last week because the club fee went up.
    let c = Customer {
        number: shop.next_number(),
        name: "Jonas Weber".to_owned(),
        group: "private",
        city: "Kassel",
        country: "DE",
        since: Some(day(2023, 3, 1)),
        sympathy: Some(6),
        nps: Some(7),
        consent_email: yes,
        email_from_sale: yes,
        consent_phone: yes,
        cancelled_on: Some(AS_OF - 7),
        club_until: Some(day(2026, 8, 31)),
        price_increase: Some(0.2),
        invoices: Some(22),
        late_invoices: Some(0),
        ..Customer::default()
    };
    shop.orders_back(&c.number, day(2026, 6, 12), 50.0, 21, usual);
    let text =
        "Hiermit kündige ich die Clubmitgliedschaft. Der neue Beitrag ist mir zu teuer, so oft bestelle ich nicht.";
    shop.wrote(&c.number, AS_OF - 7, AS_OF - 7, "notice", text);
    shop.customers.push(c);

    // C10004: buys a roasting tin each December. Silent for half a year, and not asleep at all.
    let c = Customer {
        number: shop.next_number(),
        name: "Agnieszka Nowak".to_owned(),
        group: "family",
        city: "Gdansk",
        country: "PL",
        since: Some(day(2021, 11, 30)),
        email_from_sale: yes,
        invoices: Some(5),
        late_invoices: Some(0),
        ..Customer::default()
    };
    for (year, on) in [(2021, 30), (2022, 27), (2023, 29), (2024, 28), (2025, 30)] {
        shop.order(&c.number, day(year, 11, on), usual);
    }
    shop.customers.push(c);

    // C10005: silent for a year, then back in April.
    let c = Customer {
        number: shop.next_number(),
        name: "Claire Dubois".to_owned(),
        group: "private",
        city: "Lyon",
        country: "FR",
        since: Some(day(2023, 2, 14)),
        sympathy: Some(7),
        nps: Some(9),
        referrals: Some(2),
        consent_email: yes,
        consent_phone: yes,
        invoices: Some(17),
        late_invoices: Some(0),
        ..Customer::default()
    };
    shop.orders_back(&c.number, day(2025, 3, 20), 55.0, 13, usual);
    let text = "The handle of the casserole broke after three weeks of normal use.";
    shop.wrote(&c.number, day(2025, 3, 28), day(2025, 4, 6), "complaint", text);
    for on in [day(2026, 4, 9), day(2026, 5, 22)] {
        shop.order(&c.number, on, usual);
    }
    shop.customers.push(c);

    // C10006: asked us to stop. Would have been worth it; is not scored.
    let c = Customer {
        number: shop.next_number(),
        name: "Dr. Helga Brandt".to_owned(),
        group: "business",
        city: "Vienna",
        country: "AT",
        since: Some(day(2021, 9, 3)),
        sympathy: Some(9),
        nps: Some(10),
        objected: yes,
        consent_email: yes,
        consent_phone: yes,
        invoices: Some(30),
        late_invoices: Some(0),
        ..Customer::default()
    };
    shop.orders_back(&c.number, day(2025, 9, 1), 45.0, 30, large);
    shop.customers.push(c);

    // C10007: the card expired, nobody noticed.
    let c = Customer {
        number: shop.next_number(),
        name: "Pieter de Vries".to_owned(),
        group: "family",
        city: "Utrecht",
        country: "NL",
        since: Some(day(2022, 1, 15)),
        sympathy: Some(7),
        consent_email: yes,
        failed_payments: Some(2),
        invoices: Some(24),
        late_invoices: Some(2),
        ..Customer::default()
    };
    shop.orders_back(&c.number, day(2025, 10, 30), 48.0, 24, usual);
    shop.customers.push(c);

    // C10008: bought once, with the welcome discount, two years ago.
    let c = Customer {
        number: shop.next_number(),
        name: "Tom Baker".to_owned(),
        group: "private",
        city: "Leeds",
        country: "UK",
        since: Some(day(2024, 9, 5)),
        invoices: Some(1),
        late_invoices: Some(1),
        dunning_level: Some(1),
        ..Customer::default()
    };
    shop.order(&c.number, day(2024, 9, 5), Habit { discounted: 1.0, ..usual });
    shop.customers.push(c);
}

// ---------------------------------------------------------------- everybody else

/// What became of a customer. The pack finds out by itself; here it only decides which data is made.
#[derive(Clone, Copy, PartialEq)]
enum Life {
    Steady,
    Annual,
    Hunter,
    OneTime,
    Sleeper,
    LongLost,
    Cancelling,
    Cancelled,
    Expired,
    Returner,
    Overdue,
    Falling,
    Unhappy,
    Failing,
    NeverBought,
}

const LIVES: &[(f64, Life)] = &[
    (37.0, Life::Steady),
    (5.0, Life::Annual),
    (7.0, Life::Hunter),
    (11.0, Life::OneTime),
    (13.0, Life::Sleeper),
    (3.0, Life::LongLost),
    (3.0, Life::Cancelling),
    (3.5, Life::Cancelled),
    (0.8, Life::Expired),
    (4.5, Life::Returner),
    (3.0, Life::Overdue),
    (2.0, Life::Falling),
    (1.5, Life::Unhappy),
    (1.5, Life::Failing),
    (1.2, Life::NeverBought),
];

const WHY_LEAVE: &[(f64, Topic)] = &[
    (17.0, Topic::Price),
    (10.0, Topic::Poached),
    (11.0, Topic::Competitor),
    (7.0, Topic::Assortment),
    (2.0, Topic::Showroom),
    (10.0, Topic::Service),
    (9.0, Topic::Quality),
    (11.0, Topic::Delivery),
    (6.0, Topic::Billing),
    (5.0, Topic::Trust),
    (5.0, Topic::Payment),
    (7.0, Topic::Moved),
    (8.0, Topic::LifeChange),
    (8.0, Topic::NoNeed),
    (6.0, Topic::Vague),
];

const WHY_COMPLAIN: &[(f64, Topic)] = &[
    (27.0, Topic::Delivery),
    (25.0, Topic::Quality),
    (18.0, Topic::Service),
    (15.0, Topic::Billing),
    (7.0, Topic::Trust),
    (8.0, Topic::Assortment),
];

pub(crate) fn crowd(shop: &mut Shop) {
    let number = shop.next_number();
    let life = shop.rng.weighted(LIVES);
    let mut c = person(&mut shop.rng, number.clone());
    let german = matches!(c.country, "DE" | "AT") && shop.rng.chance(0.7);
    let why = shop.rng.weighted(WHY_LEAVE);

    let rng = &mut shop.rng;
    let mut habit = Habit {
        basket: match c.group {
            "key_account" => rng.between(450.0, 1_600.0),
            "business" => rng.between(110.0, 420.0),
            "family" => rng.between(45.0, 130.0),
            _ => rng.between(22.0, 95.0),
        },
        margin_rate: rng.between(0.28, 0.46),
        discounted: rng.between(0.0, 0.35),
        returned: rng.between(0.0, 0.12),
        late: 0.04,
    };
    if life == Life::Hunter || (why == Topic::Price && leaves(life) && rng.chance(0.6)) {
        habit.discounted = rng.between(0.65, 1.0);
    }
    if leaves(life) && why == Topic::Quality {
        habit.returned = rng.between(0.2, 0.5);
    }
    if leaves(life) && why == Topic::Delivery {
        habit.late = 0.3;
    }
    let gap = match c.group {
        "key_account" => rng.between(18.0, 50.0),
        "business" => rng.between(25.0, 80.0),
        _ => rng.between(24.0, 105.0),
    };
    let many = rng.range(4, 16).min((1_700.0 / gap) as i64);

    let (first, count) = history(shop, &mut c, life, why, german, habit, gap, many);

    let rng = &mut shop.rng;
    c.since = (!rng.chance(0.05)).then(|| first - rng.pick(&[0, 0, 0, 1, 4, 30, 90]));
    let pays_late = rng.weighted(&[(0.72, 0.02), (0.18, 0.15), (0.10, 0.55)]);
    if count > 0 && !rng.chance(0.08) {
        c.invoices = Some(count);
        c.late_invoices = Some((0..count).filter(|_| rng.chance(pays_late)).count() as i64);
        c.dunning_level = Some(if pays_late > 0.5 { rng.range(0, 3) } else { 0 });
    }
    suppressions(rng, &mut c);

    // Everybody complains now and then, most of all about parcels, and nearly all is settled.
    if count > 0 && !leaves(life) && shop.rng.chance(0.27) {
        for _ in 0..shop.rng.weighted(&[(0.75, 1), (0.18, 2), (0.05, 3), (0.02, 5)]) {
            let topic = shop.rng.weighted(WHY_COMPLAIN);
            let opened = shop.rng.range(first.max(AS_OF - 900), AS_OF - 22);
            shop.complain(&number, opened, topic, german, false);
        }
    }
    shop.customers.push(c);
}

fn leaves(life: Life) -> bool {
    use Life::{Cancelled, Cancelling, Expired, LongLost, Returner, Sleeper};
    matches!(life, Sleeper | LongLost | Cancelling | Cancelled | Expired | Returner)
}

/// Who somebody is, and what we may do.
fn person(rng: &mut Rng, number: String) -> Customer {
    let (country, cities, first_names, last_names) = rng.weighted(COUNTRIES);
    let group =
        rng.weighted(&[(0.49, "private"), (0.34, "family"), (0.13, "business"), (0.025, "key_account"), (0.015, "")]);
    let trade = matches!(group, "business" | "key_account");
    let last = rng.pick(last_names);
    let name = if trade {
        format!("{} {last}{}", rng.pick(TRADES), rng.pick(&["", "", " & Co", ", owner-run", " GmbH"]))
    } else {
        format!("{} {last}", rng.pick(first_names))
    };
    let known = |rng: &mut Rng, p: f64| rng.chance(p);
    Customer {
        number,
        name,
        group,
        city: if known(rng, 0.96) { rng.pick(cities) } else { "" },
        country,
        role: if trade && known(rng, 0.18) {
            rng.pick(&["reference", "press", "association"])
        } else if known(rng, 0.012) {
            "influencer"
        } else {
            ""
        },
        sympathy: if trade || known(rng, 0.2) { Some(rng.range(2, 7) + rng.range(0, 3)) } else { None },
        nps: known(rng, 0.42).then(|| rng.pick(&[2, 4, 5, 6, 7, 7, 8, 8, 8, 9, 9, 10, 10])),
        referrals: known(rng, 0.6).then(|| rng.pick(&[0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3])),
        outlook: if trade || known(rng, 0.06) {
            rng.pick(&["growing", "stable", "stable", "shrinking", ""])
        } else {
            ""
        },
        consent_email: known(rng, 0.9).then(|| rng.chance(0.42)),
        email_from_sale: known(rng, 0.9).then(|| rng.chance(0.5)),
        consent_phone: known(rng, 0.85).then(|| rng.chance(if trade { 0.5 } else { 0.2 })),
        consent_post: known(rng, 0.5).then(|| rng.chance(0.9)),
        club_until: None,
        credit_rating: (trade || known(rng, 0.25)).then(|| 130 + rng.range(0, 140) + rng.range(0, 200)),
        service_hours: (trade && known(rng, 0.6)).then(|| rng.between(0.0, 9.0)),
        ..Customer::default()
    }
}

/// Few, but each of them must not be written to.
fn suppressions(rng: &mut Rng, c: &mut Customer) {
    let flag = |rng: &mut Rng, p: f64| if rng.chance(p) { Some(true) } else { rng.chance(0.9).then_some(false) };
    c.objected = flag(rng, 0.028);
    c.deceased = flag(rng, 0.004);
    c.fraud = flag(rng, 0.003);
    c.insolvent = flag(rng, 0.003);
    c.in_dispute = flag(rng, 0.002);
    c.internal = flag(rng, 0.003);
}

/// Orders, notice, complaints of one life. Gives the day it began and the number of orders.
#[expect(clippy::too_many_arguments, reason = "one call, and each of them matters to every life")]
fn history(
    shop: &mut Shop,
    c: &mut Customer,
    life: Life,
    why: Topic,
    german: bool,
    habit: Habit,
    gap: f64,
    many: i64,
) -> (Day, i64) {
    let number = c.number.clone();
    let club = shop.rng.chance(0.28);
    let soon = |shop: &mut Shop| AS_OF - shop.rng.range(1, (0.8 * gap) as i64);

    match life {
        Life::Steady | Life::Hunter => {
            let last = soon(shop);
            if club {
                c.club_until = Some(AS_OF + shop.rng.range(5, 365));
                c.price_increase = shop.rng.chance(0.5).then_some(0.2);
            }
            if shop.rng.chance(0.2) {
                let later = AS_OF + shop.rng.range(1, 20);
                shop.order(&number, later, habit);
            }
            (shop.orders_back(&number, last, gap, many, habit), many)
        }
        Life::Annual => {
            let gap = shop.rng.between(170.0, 380.0);
            let last = AS_OF - shop.rng.range(10, (0.9 * gap) as i64);
            let count = shop.rng.range(3, 5);
            (shop.orders_back(&number, last, gap, count, habit), count)
        }
        Life::OneTime => {
            let ago =
                shop.rng.weighted(&[(0.28, (1, 70)), (0.22, (76, 178)), (0.42, (181, 720)), (0.08, (740, 1_500))]);
            let on = AS_OF - shop.rng.range(ago.0, ago.1);
            shop.order(&number, on, habit);
            (on, 1)
        }
        Life::Sleeper => {
            let last = AS_OF - shop.rng.range(190.max((3.6 * gap) as i64), 680);
            left_traces(shop, c, why, last, german, 0.75);
            (shop.orders_back(&number, last, gap, many, habit), many)
        }
        Life::LongLost => {
            let last = AS_OF - shop.rng.range(740, 1_300);
            let count = many.min(8);
            left_traces(shop, c, why, last, german, 0.5);
            (shop.orders_back(&number, last, gap, count, habit), count)
        }
        Life::Cancelling => {
            let last = soon(shop);
            let on = AS_OF - shop.rng.range(0, 40);
            c.cancelled_on = Some(on);
            c.club_until = (!shop.rng.chance(0.1)).then_some(AS_OF + shop.rng.range(3, 200));
            if c.club_until.is_none() {
                c.cancelled_on = Some(AS_OF - shop.rng.range(0, 28));
            }
            said_why(shop, c, why, on, german);
            (shop.orders_back(&number, last, gap, many, habit), many)
        }
        Life::Cancelled => {
            let end = AS_OF - shop.rng.range(5, 600);
            let on = end - shop.rng.range(10, 120);
            c.cancelled_on = Some(on);
            c.club_until = Some(end);
            said_why(shop, c, why, on, german);
            let last = on - shop.rng.range(1, 60);
            (shop.orders_back(&number, last, gap, many, habit), many)
        }
        Life::Expired => {
            let end = AS_OF - shop.rng.range(20, 170);
            c.club_until = Some(end);
            let last = end - shop.rng.range(5, 60);
            left_traces(shop, c, why, last, german, 0.6);
            (shop.orders_back(&number, last, gap, many, habit), many)
        }
        Life::Returner => {
            let back = AS_OF - shop.rng.range(3, 172);
            let silence = shop.rng.range(200.max((3.8 * gap) as i64), 620);
            let mut on = back;
            let mut again = 0;
            while on <= AS_OF && again < 5 {
                shop.order(&number, on, habit);
                on += (gap * shop.rng.wobble()).round().max(5.0) as Day;
                again += 1;
            }
            left_traces(shop, c, why, back - silence, german, 0.6);
            c.failed_payments = None;
            c.address_invalid = None;
            (shop.orders_back(&number, back - silence, gap, many, habit), many + again)
        }
        Life::Overdue => {
            let gap = gap.min(50.0);
            let last = AS_OF - shop.rng.range((2.3 * gap) as i64 + 25, 175);
            (shop.orders_back(&number, last, gap, many.max(8), habit), many.max(8))
        }
        Life::Falling => {
            let gap = gap.min(60.0);
            let last = AS_OF - shop.rng.range(1, 30);
            shop.order(&number, last, Habit { basket: habit.basket * 0.6, ..habit });
            let before = last - shop.rng.range(50, 70);
            shop.order(&number, before, Habit { basket: habit.basket * 0.6, ..habit });
            let count = many.max(9);
            (shop.orders_back(&number, AS_OF - 372, gap * 0.6, count, habit), count + 2)
        }
        Life::Unhappy => {
            let last = soon(shop);
            let topic = shop.rng.weighted(WHY_COMPLAIN);
            let opened = AS_OF - shop.rng.range(1, 25);
            shop.complain(&number, opened, topic, german, true);
            if shop.rng.chance(0.3) {
                let again = shop.rng.range(opened, AS_OF);
                shop.complain(&number, again, Topic::Service, german, true);
            }
            (shop.orders_back(&number, last, gap, many, habit), many)
        }
        Life::Failing => {
            let last = soon(shop);
            c.failed_payments = Some(shop.rng.range(1, 3));
            (shop.orders_back(&number, last, gap, many, habit), many)
        }
        Life::NeverBought => (AS_OF - shop.rng.range(20, 900), 0),
    }
}

/// What a customer who just fell silent leaves behind: with `p`, something that points to the cause.
fn left_traces(shop: &mut Shop, c: &mut Customer, why: Topic, last: Day, german: bool, p: f64) {
    if !shop.rng.chance(p) {
        return;
    }
    match why {
        Topic::Payment => c.failed_payments = Some(shop.rng.range(1, 3)),
        Topic::Moved => c.address_invalid = Some(true),
        Topic::Competitor if shop.rng.chance(0.6) => {
            c.competitor = shop.rng.pick(&["ChefDirect", "Kochwelt24", "PanPalace", "TafelTotal"]);
        }
        Topic::Showroom => (c.city, c.country) = ("Hamburg", "DE"),
        // Who only drifts away rarely writes; one in four does, when asked.
        Topic::NoNeed | Topic::LifeChange | Topic::Poached => {
            if shop.rng.chance(0.25) {
                let asked = (last + shop.rng.range(60, 160)).min(AS_OF - 10);
                shop.notice(&c.number.clone(), asked, why, german);
            }
        }
        Topic::Price | Topic::Vague => {}
        _ => {
            for _ in 0..shop.rng.range(1, 2) {
                let opened = (last + shop.rng.range(-6, 25)).min(AS_OF - 30);
                let open = shop.rng.chance(0.12);
                shop.complain(&c.number.clone(), opened, why, german, open);
            }
        }
    }
}

/// The reason given with a notice: in her own words, as a code of the call centre, or not at all.
fn said_why(shop: &mut Shop, c: &mut Customer, why: Topic, on: Day, german: bool) {
    if why == Topic::Price && shop.rng.chance(0.6) {
        c.price_increase = Some(0.2);
    }
    if why == Topic::Payment {
        c.failed_payments = Some(shop.rng.range(1, 3));
    }
    if shop.rng.chance(0.22) {
        c.cancel_reason = match why {
            Topic::Price => "too expensive",
            Topic::Poached => "welcome bonus elsewhere",
            Topic::Competitor => "other shop",
            Topic::Assortment => "selection",
            Topic::Showroom => "showroom closed",
            Topic::Service => "customer service",
            Topic::Quality => "quality",
            Topic::Delivery => "delivery",
            Topic::Billing => "billing",
            Topic::Trust => "too many emails",
            Topic::Payment => "payment failed",
            Topic::Moved => "moved",
            Topic::LifeChange => "health reasons",
            Topic::NoNeed => "no need",
            Topic::Vague => "other",
        };
    } else if shop.rng.chance(0.9) {
        shop.notice(&c.number.clone(), on, why, german);
    }
}
