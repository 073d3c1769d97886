//! The people of the README: each shows one thing.

use super::{AS_OF, Books, Contract, Customer, Day, day, months_later};

/// A line with two years, then one that may be ended any month.
fn private_line(line: &'static str, started: Day, fee: f64) -> Contract {
    Contract {
        line,
        started,
        term: if line == "power" { 12 } else { 24 },
        renewal: Some(if line == "power" { 12 } else { 0 }),
        notice_months: Some(1),
        fee,
        list_fee: fee,
        ..Contract::default()
    }
}

fn known(name: &str, group: &'static str, city: &'static str, since: Day) -> Customer {
    Customer {
        name: name.to_owned(),
        group,
        city,
        since: Some(since),
        sympathy: Some(7),
        nps: Some(8),
        consent_email: Some(true),
        email_from_sale: Some(true),
        ..Customer::default()
    }
}

/// Enters a customer with contracts; bills and usage follow from them.
fn enter(books: &mut Books, customer: Customer, contracts: Vec<Contract>) -> String {
    let number = books.next_number();
    books.bills(&number, &contracts, 0.05);
    books.use_up(&number, &contracts, 1.0);
    for contract in contracts {
        books.contracts.push(Contract { number: number.clone(), ..contract });
    }
    books.customers.push(Customer { number: number.clone(), ..customer });
    number
}

#[expect(clippy::too_many_lines, reason = "fifteen people, one after the other")]
pub(crate) fn tell(books: &mut Books) {
    let yes = Some(true);

    // D10001: notice three weeks ago, for a bonus elsewhere; the line runs for two more months.
    let contract = Contract {
        notice: Some(AS_OF - 21),
        ends: Some(day(2026, 8, 31)),
        ended_by: "customer",
        reason: "Beim Vergleichsportal gibt es sechs Monate gratis und 150 Euro Wechselbonus.".to_owned(),
        ..private_line("internet", day(2022, 9, 1), 44.9)
    };
    enter(books, known("Ines Albrecht", "private", "Kassel", day(2022, 9, 1)), vec![contract]);

    // D10002: a hotel; notice for the mobile contracts only, after outages. Worth a visit.
    let line = |line, fee, list_fee| Contract {
        term: 24,
        renewal: Some(12),
        notice_months: Some(3),
        list_fee,
        ..private_line(line, day(2019, 5, 1), fee)
    };
    let mobile = Contract {
        notice: Some(AS_OF - 9),
        ends: Some(day(2027, 4, 30)),
        ended_by: "customer",
        reason: "Schon wieder eine Störung, und an der Rezeption kein Netz. Die Mobilverträge kündigen wir.".to_owned(),
        ..line("mobile", 312.0, 340.0)
    };
    let customer = Customer {
        role: "reference",
        sympathy: Some(9),
        nps: Some(6),
        referrals: Some(2),
        outlook: "growing",
        consent_phone: yes,
        credit_rating: Some(170),
        service_hours: Some(6.0),
        ..known("Hotel Seeblick", "key_account", "Konstanz", day(2019, 5, 1))
    };
    let number = enter(books, customer, vec![line("internet", 389.0, 389.0), mobile, line("power", 640.0, 640.0)]);
    for (ago, text) in [
        (74, "No network at the reception for two hours."),
        (33, "Outage again, on a Saturday."),
        (12, "Störung im Mobilfunk."),
    ] {
        books.ticket(&number, AS_OF - ago, Some(AS_OF - ago + 2), "fault", text);
    }

    // D10003: content, but in twelve days the last day passes on which notice can be given.
    let soon = Contract { renewal: Some(12), ..private_line("internet", months_later(AS_OF + 13, 1 - 24), 39.9) };
    enter(books, known("Murat Kaya", "family", "Ulm", soon.started), vec![soon]);

    // D10004: for her that day was last week. Nothing to do for a year.
    let past = Contract { renewal: Some(12), ..private_line("internet", months_later(AS_OF - 6, 1 - 24), 39.9) };
    enter(books, known("Greta Sommer", "family", "Ulm", past.started), vec![past]);

    // D10005: left for a bonus 21 months ago. The two years elsewhere are nearly over.
    let gone = Contract {
        notice: Some(day(2024, 7, 20)),
        ends: Some(day(2024, 9, 30)),
        ended_by: "customer",
        reason: "Competitor made better offer".to_owned(),
        ..private_line("internet", day(2018, 10, 1), 49.9)
    };
    enter(books, known("Paul Wieczorek", "family", "Marburg", day(2018, 10, 1)), vec![gone]);

    // D10006: left in March, after the technician had not come twice. No consent to anything but post.
    let gone = Contract {
        notice: Some(day(2026, 2, 18)),
        ends: Some(day(2026, 3, 31)),
        ended_by: "customer",
        reason: "Der Techniker kam zweimal nicht. Zwei Urlaubstage sind weg.".to_owned(),
        ..private_line("internet", day(2020, 4, 1), 54.9)
    };
    let customer = Customer {
        consent_email: Some(false),
        email_from_sale: Some(false),
        nps: Some(5),
        ..known("Lena Fuchs", "private", "Fulda", day(2020, 4, 1))
    };
    let number = enter(books, customer, vec![gone]);
    books.ticket(
        &number,
        day(2026, 2, 3),
        Some(day(2026, 2, 27)),
        "complaint",
        "Techniker nicht erschienen, Termin am 14. neu.",
    );

    // D10007: we ended the contract after two bills had bounced.
    let gone = Contract {
        notice: Some(day(2026, 5, 4)),
        ends: Some(day(2026, 5, 31)),
        ended_by: "us",
        ..private_line("mobile", day(2021, 6, 1), 29.9)
    };
    let customer = Customer { dunning_level: Some(3), ..known("Rosa Pinto", "private", "Linz", day(2021, 6, 1)) };
    let number = enter(books, customer, vec![gone]);
    books.bounce(&number, 2);

    // D10008: took the notice back a month ago.
    let kept = Contract {
        notice: Some(day(2026, 5, 11)),
        withdrawn: Some(day(2026, 5, 28)),
        reason: "Im Tal ist ein Funkloch, ich habe kein Netz.".to_owned(),
        ..private_line("mobile", day(2021, 11, 1), 34.9)
    };
    let customer = Customer { consent_phone: yes, ..known("Karl Adler", "private", "Innsbruck", day(2021, 11, 1)) };
    let number = enter(books, customer, vec![kept]);
    books.contacts.push((number, day(2026, 5, 27), "phone"));

    // D10009: gone for eight months, back since April.
    let before = Contract {
        notice: Some(day(2025, 6, 12)),
        ends: Some(day(2025, 7, 31)),
        ended_by: "customer",
        reason: "Andere sind zehn Euro günstiger im Monat.".to_owned(),
        ..private_line("internet", day(2019, 8, 1), 44.9)
    };
    let again = Contract { list_fee: 44.9, ..private_line("internet", day(2026, 4, 1), 39.9) };
    enter(books, known("Family Öztürk", "family", "Kassel", day(2019, 8, 1)), vec![before, again]);

    // D10010: asked us to stop. Not scored.
    let gone = Contract {
        notice: Some(day(2026, 1, 5)),
        ends: Some(day(2026, 2, 28)),
        ended_by: "customer",
        reason: "Ständig Werbeanrufe.".to_owned(),
        ..private_line("internet", day(2016, 3, 1), 59.9)
    };
    let customer = Customer { objected: yes, ..known("Dr. Helga Weiss", "private", "Vienna", day(2016, 3, 1)) };
    enter(books, customer, vec![gone]);

    // D10011: gave notice, was called, said no. Nobody asks twice.
    let going = Contract {
        notice: Some(day(2026, 6, 2)),
        ends: Some(day(2026, 9, 30)),
        ended_by: "customer",
        reason: "Too expensive.".to_owned(),
        ..private_line("internet", day(2021, 10, 1), 49.9)
    };
    let customer = Customer { consent_phone: yes, ..known("Sofie Berg", "private", "Flensburg", day(2021, 10, 1)) };
    let number = enter(books, customer, vec![going]);
    books.contacts.push((number, day(2026, 6, 8), "phone"));

    // D10012: gave notice yesterday, for the end of the term in ten months: there is time.
    let going = Contract {
        notice: Some(AS_OF - 1),
        ends: Some(day(2027, 4, 30)),
        ended_by: "customer",
        reason: "There is fibre in our street now, but not from you.".to_owned(),
        ..private_line("internet", day(2025, 5, 1), 44.9)
    };
    enter(books, known("Thomas Kern", "family", "Göttingen", day(2020, 5, 1)), vec![going]);

    // D10013: moves, and thinks that a contract cannot move along.
    let going = Contract {
        notice: Some(AS_OF - 4),
        ends: Some(day(2026, 8, 15)),
        ended_by: "customer",
        reason: "Wegen Umzug kündige ich zum nächstmöglichen Termin.".to_owned(),
        ..private_line("power", day(2023, 8, 16), 96.0)
    };
    enter(books, known("Nils Brandt", "private", "Lübeck", day(2023, 8, 16)), vec![going]);

    // D10014: the price went up by 12 % in May, so she may leave at once, whatever the term.
    let raised = Contract { raised: Some(day(2026, 5, 15)), ..private_line("internet", day(2025, 2, 1), 64.9) };
    let customer =
        Customer { price_increase: Some(0.12), ..known("Aylin Demir", "family", "Freiburg", day(2025, 2, 1)) };
    enter(books, customer, vec![raised]);

    // D10015: gone for seven years, after eight months.
    let gone = Contract {
        notice: Some(day(2019, 2, 1)),
        ends: Some(day(2019, 3, 31)),
        ended_by: "customer",
        reason: "Moved".to_owned(),
        list_fee: 19.9,
        ..private_line("mobile", day(2018, 8, 1), 9.9)
    };
    let customer = Customer {
        sympathy: None,
        nps: Some(3),
        consent_email: None,
        dunning_level: Some(1),
        ..known("Tom Becker", "private", "Rostock", day(2018, 8, 1))
    };
    enter(books, customer, vec![gone]);
}
