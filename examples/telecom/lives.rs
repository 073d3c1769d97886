//! Everybody else: what became of a customer decides which data is made. The pack finds out by itself.

use super::words::{CITIES, FIRST, LAST, LEAVING, QUESTIONS, TRADES, Topic, words};
use super::{AS_OF, Books, Contract, Customer, Day, Rng, between, chance, months_later, pick, weighted};

#[derive(Clone, Copy, PartialEq)]
enum Life {
    Steady,
    Cancelling,
    PartlyCancelling,
    Saved,
    Returner,
    Gone,
    FreeAgain,
    LongGone,
    EndedByUs,
    Expired,
    AsksToLeave,
    Faulty,
    Unhappy,
    Bouncing,
    PriceRaised,
    Fading,
    NoContract,
    /// Gives notice, but only after the day we look at: the export was made later.
    Later,
}

const LIVES: &[(f64, Life)] = &[
    (43.0, Life::Steady),
    (8.0, Life::Cancelling),
    (1.5, Life::PartlyCancelling),
    (2.0, Life::Saved),
    (3.0, Life::Returner),
    (14.0, Life::Gone),
    (3.0, Life::FreeAgain),
    (3.0, Life::LongGone),
    (2.5, Life::EndedByUs),
    (1.0, Life::Expired),
    (1.5, Life::AsksToLeave),
    (1.5, Life::Faulty),
    (2.5, Life::Unhappy),
    (1.5, Life::Bouncing),
    (3.0, Life::PriceRaised),
    (2.0, Life::Fading),
    (0.7, Life::NoContract),
    (1.5, Life::Later),
];

const WHY: &[(f64, Topic)] = &[
    (15.0, Topic::Price),
    (14.0, Topic::Poached),
    (6.0, Topic::Competitor),
    (7.0, Topic::Devices),
    (8.0, Topic::More),
    (11.0, Topic::Service),
    (11.0, Topic::Network),
    (5.0, Topic::Installation),
    (3.0, Topic::Fibre),
    (6.0, Topic::Billing),
    (2.0, Topic::Trust),
    (7.0, Topic::Moved),
    (4.0, Topic::LifeChange),
    (4.0, Topic::NoNeed),
    (5.0, Topic::Vague),
];

const WHY_COMPLAIN: &[(f64, Topic)] = &[
    (30.0, Topic::Network),
    (25.0, Topic::Billing),
    (22.0, Topic::Service),
    (12.0, Topic::Installation),
    (5.0, Topic::Fibre),
    (6.0, Topic::Trust),
];

pub(crate) fn crowd(books: &mut Books) {
    let number = books.next_number();
    let rng = &mut books.rng;
    let life = weighted(rng, LIVES);
    let why = weighted(rng, WHY);
    let german = chance(rng, 0.6);
    let mut c = person(rng, number.clone());
    if why == Topic::Fibre {
        c.city = "Freiburg";
    }
    let mut contracts = portfolio(rng, c.group, life);
    happens(books, &mut c, &mut contracts, life, why, german);

    let rng = &mut books.rng;
    let late = weighted(rng, &[(0.75, 0.03), (0.17, 0.2), (0.08, 0.6)]);
    c.dunning_level = (!chance(rng, 0.1)).then(|| if late > 0.5 { rng.i64(0..=2) } else { 0 });
    let first = contracts.iter().map(|k| k.started).min();
    c.since = first.filter(|_| !chance(rng, 0.05)).map(|on| on - pick(rng, &[0, 0, 0, 0, 0, 365, 900]));
    books.bills(&number, &contracts, late);
    books.use_up(&number, &contracts, if life == Life::Fading { 0.25 } else { 1.0 });
    if life == Life::Bouncing {
        books.bounce(&number, 1);
    }
    if life == Life::EndedByUs {
        books.bounce(&number, 2);
        c.dunning_level = Some(3);
    }
    everyday(books, &number, life, german);
    books.contracts.extend(contracts.into_iter().map(|k| Contract { number: number.clone(), ..k }));
    books.customers.push(c);
}

/// Who somebody is, and what we may do.
fn person(rng: &mut Rng, number: String) -> Customer {
    let group =
        weighted(rng, &[(0.5, "private"), (0.34, "family"), (0.125, "business"), (0.02, "key_account"), (0.015, "")]);
    let trade = matches!(group, "business" | "key_account");
    let last = pick(rng, LAST);
    let name = if trade {
        format!("{} {last}{}", pick(rng, TRADES), pick(rng, &["", "", " & Co", " GmbH"]))
    } else {
        format!("{} {last}", pick(rng, FIRST))
    };
    let flag = |rng: &mut Rng, p: f64| if chance(rng, p) { Some(true) } else { chance(rng, 0.9).then_some(false) };
    Customer {
        number,
        name,
        group,
        city: if chance(rng, 0.97) { pick(rng, CITIES) } else { "" },
        role: if trade && chance(rng, 0.15) { pick(rng, &["reference", "press", "association"]) } else { "" },
        sympathy: (trade || chance(rng, 0.2)).then(|| rng.i64(2..=7) + rng.i64(0..=3)),
        nps: chance(rng, 0.45).then(|| pick(rng, &[1, 3, 4, 5, 6, 6, 7, 7, 8, 8, 9, 10])),
        referrals: chance(rng, 0.6).then(|| pick(rng, &[0, 0, 0, 0, 0, 0, 1, 1, 2, 3])),
        outlook: if trade { pick(rng, &["growing", "stable", "stable", "shrinking", ""]) } else { "" },
        objected: flag(rng, 0.03),
        deceased: flag(rng, 0.005),
        fraud: flag(rng, 0.003),
        insolvent: flag(rng, 0.004),
        internal: flag(rng, 0.003),
        consent_email: chance(rng, 0.9).then(|| chance(rng, 0.45)),
        email_from_sale: chance(rng, 0.9).then(|| chance(rng, 0.6)),
        consent_phone: chance(rng, 0.9).then(|| chance(rng, if trade { 0.55 } else { 0.25 })),
        consent_post: chance(rng, 0.5).then(|| chance(rng, 0.9)),
        credit_rating: (trade || chance(rng, 0.3)).then(|| 130 + rng.i64(0..=140) + rng.i64(0..=200)),
        service_hours: (trade && chance(rng, 0.6)).then(|| between(rng, 0.0, 8.0)),
        ..Customer::default()
    }
}

/// One to four contracts that run.
fn portfolio(rng: &mut Rng, group: &str, life: Life) -> Vec<Contract> {
    if life == Life::NoContract {
        return Vec::new();
    }
    let trade = matches!(group, "business" | "key_account");
    let size = match group {
        "key_account" => between(rng, 6.0, 14.0),
        "business" => between(rng, 2.0, 4.5),
        "family" => between(rng, 1.0, 1.5),
        _ => 1.0,
    };
    let least = i64::from(life == Life::PartlyCancelling) + 1;
    let count = weighted(rng, &[(0.55, 1), (0.28, 2), (0.12, 3), (0.05, 4)]).max(least);
    let older = between(rng, 3.0, 100.0) as i64;
    (0..count)
        .map(|n| {
            let line = if n == 0 { "internet" } else { pick(rng, &["mobile", "mobile", "power"]) };
            let line = if count == 1 { pick(rng, &["internet", "internet", "mobile", "power"]) } else { line };
            let list_fee = size
                * match line {
                    "internet" => pick(rng, &[34.9, 39.9, 44.9, 54.9]),
                    "mobile" => pick(rng, &[9.9, 19.9, 29.9, 39.9]),
                    _ => between(rng, 58.0, 140.0),
                };
            let discount = weighted(rng, &[(0.6, 0.0), (0.2, 0.1), (0.15, 0.2), (0.05, 0.4)]);
            // Begun on one of the first 28 days, so that every month has it.
            let started = months_later(AS_OF - rng.i64(30..=57), -rng.i64(0..=older.max(1)));
            let power = line == "power";
            Contract {
                line,
                started,
                term: if power { 12 } else { weighted(rng, &[(0.8, 24), (0.2, 0)]) },
                renewal: if trade || power { Some(12) } else { chance(rng, 0.9).then_some(0) },
                notice_months: if trade { Some(3) } else { chance(rng, 0.9).then_some(1) },
                fee: list_fee * (1.0 - discount),
                list_fee,
                ..Contract::default()
            }
        })
        .collect()
}

/// Notice and end of contracts, and what else belongs to a life.
fn happens(books: &mut Books, c: &mut Customer, contracts: &mut [Contract], life: Life, why: Topic, german: bool) {
    let number = c.number.clone();
    let rng = &mut books.rng;
    match life {
        Life::Cancelling | Life::PartlyCancelling => {
            let on = AS_OF - rng.i64(0..=55);
            let end = AS_OF + weighted(rng, &[(0.6, 25), (0.25, 90), (0.15, 200)]) + rng.i64(-20..=40);
            let count = if life == Life::Cancelling { contracts.len() } else { 1 };
            for k in contracts.iter_mut().rev().take(count) {
                leave(rng, k, on, end, why, german);
            }
            if chance(rng, 0.2) {
                let asked = (on + rng.i64(1..=9)).min(AS_OF);
                books.contacts.push((number.clone(), asked, "phone"));
            }
        }
        Life::Saved => {
            let back = AS_OF - rng.i64(2..=300);
            if let Some(k) = contracts.first_mut() {
                let on = back - rng.i64(2..=25);
                leave(rng, k, on, back, why, german);
                (k.withdrawn, k.ends, k.ended_by) = (Some(back), None, "");
                k.started = k.started.min(months_later(k.started, -13));
            }
            books.contacts.push((number.clone(), back - 1, "phone"));
        }
        Life::Returner => {
            let back = AS_OF - rng.i64(5..=340);
            let end = back - rng.i64(40..=700);
            if let Some(k) = contracts.first_mut() {
                k.started = months_later(k.started, -36);
                let on = end - rng.i64(25..=90);
                leave(rng, k, on, end, why, german);
            }
            for k in contracts.iter_mut().skip(1) {
                k.started = back;
            }
            if contracts.len() == 1 {
                books.contracts.push(Contract {
                    number: number.clone(),
                    line: "internet",
                    started: back,
                    term: 24,
                    renewal: Some(0),
                    notice_months: Some(1),
                    fee: 34.9,
                    list_fee: 39.9,
                    ..Contract::default()
                });
            }
        }
        Life::Gone | Life::FreeAgain | Life::LongGone => {
            let end = AS_OF
                - match life {
                    Life::FreeAgain => rng.i64(612..=725),
                    Life::LongGone => rng.i64(1_100..=2_600),
                    _ => rng.i64(1..=1_000),
                };
            let on = end - rng.i64(25..=120);
            for k in contracts.iter_mut() {
                k.started = months_later(k.started, -((AS_OF - end) / 30 + 5));
                leave(rng, k, on, end, why, german);
            }
            if matches!(why, Topic::Competitor | Topic::Poached | Topic::More) && chance(rng, 0.4) {
                c.competitor = pick(rng, &["Telestar", "Funkwerk", "Netzblick", "Strom24"]);
            }
            if why == Topic::Moved && chance(rng, 0.4) {
                c.address_invalid = Some(true);
            }
        }
        Life::EndedByUs => {
            let end = AS_OF - rng.i64(3..=500);
            for k in contracts.iter_mut() {
                k.started = months_later(k.started, -((AS_OF - end) / 30 + 3));
                (k.notice, k.ends, k.ended_by) = (Some(end - 20), Some(end), "us");
            }
        }
        Life::Expired => {
            let end = AS_OF + rng.i64(-400..=60);
            for k in contracts.iter_mut() {
                k.started = months_later(k.started, -((AS_OF - end).max(0) / 30 + 13));
                k.ends = Some(end);
            }
        }
        Life::AsksToLeave => {
            let (on, text) = (AS_OF - rng.i64(0..=50), pick(rng, LEAVING));
            books.ticket(&number, on, Some(on), "leaving", text);
        }
        Life::Faulty => {
            for _ in 0..books.rng.i64(3..=5) {
                let on = AS_OF - books.rng.i64(2..=85);
                let text = words(&mut books.rng, Topic::Network, german);
                books.ticket(&number, on, Some(on + 2), "fault", &text);
            }
        }
        Life::Unhappy => {
            let on = AS_OF - rng.i64(0..=30);
            let topic = weighted(rng, WHY_COMPLAIN);
            let text = words(rng, topic, german);
            books.ticket(&number, on, None, "complaint", &text);
        }
        Life::PriceRaised => {
            let on = AS_OF - rng.i64(3..=120);
            c.price_increase = Some(pick(rng, &[0.03, 0.06, 0.08, 0.12, 0.15]));
            contracts.iter_mut().for_each(|k| k.raised = Some(on.max(k.started)));
        }
        Life::Later => {
            let on = AS_OF + rng.i64(1..=9);
            for k in contracts.iter_mut() {
                leave(rng, k, on, on + 35, why, german);
            }
        }
        Life::Steady | Life::Bouncing | Life::Fading | Life::NoContract => {}
    }
    if why == Topic::Price && !matches!(life, Life::Steady | Life::NoContract) && chance(&mut books.rng, 0.3) {
        c.price_increase = c.price_increase.or(Some(0.08));
    }
}

fn leave(rng: &mut Rng, contract: &mut Contract, on: Day, end: Day, why: Topic, german: bool) {
    let end = end.max(on + 1);
    if contract.started >= on {
        contract.started = months_later(on, -7);
    }
    (contract.notice, contract.ends, contract.ended_by) = (Some(on), Some(end), "customer");
    // Some never say why; some exports lack the day of the end.
    contract.reason = if chance(rng, 0.9) { words(rng, why, german) } else { String::new() };
    if end > AS_OF && on > AS_OF - 25 && chance(rng, 0.06) {
        contract.ends = None;
    }
}

/// What everybody has now and then: questions, a fault, a complaint that is settled, a newsletter.
fn everyday(books: &mut Books, number: &str, life: Life, german: bool) {
    for _ in 0..books.rng.i64(0..=2) {
        let rng = &mut books.rng;
        let on = AS_OF - rng.i64(1..=700);
        let (kind, text) = match rng.u8(0..10) {
            0..=4 => ("question", pick(rng, QUESTIONS).to_owned()),
            5..=6 => ("fault", words(rng, Topic::Network, german)),
            _ => {
                let topic = weighted(rng, WHY_COMPLAIN);
                ("complaint", words(rng, topic, german))
            }
        };
        // Whoever has been gone for long has no tickets any more.
        if matches!(life, Life::LongGone | Life::FreeAgain | Life::NoContract) && kind != "question" {
            continue;
        }
        let closed = on + books.rng.i64(0..=14);
        books.ticket(number, on, Some(closed.min(AS_OF)), kind, &text);
    }
    if chance(&mut books.rng, 0.25) {
        let on = AS_OF - books.rng.i64(1..=120);
        let channel = pick(&mut books.rng, &["email", "email", "post", "phone"]);
        books.contacts.push((number.to_owned(), on, channel));
    }
}
