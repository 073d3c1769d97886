//! The companies the README tells of: one for each track, and for each of those who speak.

use super::lives::{FIRST, NEVER, bid, settle};
use super::{Company, Habit, House, day};

pub(crate) fn story(house: &mut House) {
    let yes = Some(true);
    let usual = Habit { order: 1_000.0, margin_rate: 0.29, special: 0.1, late: 0.03, pays: 4.0, unpaid_after: NEVER };
    let key = Habit { order: 5_200.0, ..usual };
    let small = Habit { order: 210.0, ..usual };
    let german = Company { country: "DE", email_from_sale: yes, ..Company::default() };

    // D2001: seals for pumps, every week for years. A bad batch in autumn, a second one in winter; silent since February.
    let c = Company {
        name: "Haldenwang Pumpen AG".to_owned(),
        class: "key",
        industry: "pumps and valves",
        city: "Kassel",
        since: Some(day(2016, 4, 1)),
        reference: "named",
        standing: "leader",
        sympathy: Some(8),
        nps: Some(5),
        referrals: Some(2),
        referred_revenue: Some(41_000),
        outlook: "growing",
        demand: Some(390_000),
        demand_before: Some(370_000),
        contacts: Some(4),
        credit_index: Some(175),
        ..german.clone()
    };
    let n = settle(house, c, key);
    house.orders_back(&n, FIRST, day(2026, 2, 18), 8.0, key);
    house.looked_after(&n, FIRST, day(2026, 1, 14), 55.0, "Jule Tamm");
    house.complained(
        &n,
        day(2025, 10, 22),
        Some(day(2025, 11, 20)),
        "Charge 2510 gesperrt: Wellendichtringe außerhalb der Toleranz, 3 % Ausschuss am Prüfstand.",
    );
    house.complained(
        &n,
        day(2026, 2, 16),
        Some(day(2026, 4, 2)),
        "Again: shaft seals out of tolerance. Our pumps \
        leak on the test stand, and your 8D report is a copy of the last one.",
    );

    // D2002: gave notice of the framework contract. The surcharge stayed when energy became cheaper.
    let c = Company {
        name: "Okstra Maritime A/S".to_owned(),
        class: "key",
        industry: "shipbuilding",
        city: "Aarhus",
        country: "DK",
        since: Some(day(2018, 9, 10)),
        reference: "case_study",
        standing: "well_known",
        role: "association",
        sympathy: Some(7),
        nps: Some(7),
        referrals: Some(1),
        referred_revenue: Some(12_000),
        outlook: "stable",
        demand: Some(260_000),
        contacts: Some(3),
        framework_until: Some(day(2026, 12, 31)),
        notice_period: Some(180),
        auto_renews: yes,
        cancelled_on: Some(day(2026, 6, 24)),
        cancel_reason: "We terminate as of 31 December. The energy surcharge was to end in March 2025 and did not; \
            your prices are 7 % above the offers we have."
            .to_owned(),
        price_increase: Some(0.07),
        credit_index: Some(190),
        email_from_sale: yes,
        ..Company::default()
    };
    let n = settle(house, c, key);
    house.orders_back(&n, FIRST, day(2026, 6, 26), 12.0, Habit { order: 4_300.0, ..key });
    house.looked_after(&n, FIRST, day(2026, 5, 20), 60.0, "Jule Tamm");

    // D2003: the year's demand went to somebody else in a tender. What still comes in are call-offs of the old contract.
    let c = Company {
        name: "Molkereitechnik Zander GmbH".to_owned(),
        class: "mid",
        industry: "food machines",
        city: "Hannover",
        since: Some(day(2019, 2, 4)),
        reference: "named",
        standing: "specialist",
        sympathy: Some(8),
        nps: Some(8),
        outlook: "growing",
        demand: Some(62_000),
        contacts: Some(2),
        credit_index: Some(210),
        ..german.clone()
    };
    let n = settle(house, c, usual);
    house.orders_back(&n, FIRST, day(2026, 5, 28), 11.0, Habit { order: 1_350.0, ..usual });
    house.looked_after(&n, FIRST, day(2026, 4, 21), 120.0, "Ole Petersen");
    bid(house, &n, day(2025, 2, 10), 38_000, "won", Some(day(2025, 3, 20)), "", "");
    bid(house, &n, day(2026, 2, 12), 44_000, "lost", Some(day(2026, 3, 26)), "Nordring", "price 4 % above the winner");

    // D2004: orders every week as always. Only that the orders have become small, and its demand has not.
    let c = Company {
        name: "Windkraft Nord Service SE".to_owned(),
        class: "key",
        industry: "energy",
        city: "Bremen",
        since: Some(day(2020, 1, 15)),
        reference: "private",
        standing: "leader",
        sympathy: Some(6),
        nps: Some(6),
        referrals: Some(0),
        referred_revenue: Some(0),
        outlook: "growing",
        demand: Some(300_000),
        demand_before: Some(280_000),
        contacts: Some(3),
        credit_index: Some(205),
        ..german.clone()
    };
    let n = settle(house, c, key);
    house.orders_back(&n, FIRST, day(2025, 6, 20), 9.0, Habit { order: 4_400.0, ..key });
    house.orders_back(&n, day(2025, 6, 28), day(2026, 6, 25), 9.0, Habit { order: 780.0, ..key });
    house.looked_after(&n, FIRST, day(2026, 2, 11), 75.0, "Ole Petersen");
    house.visited(
        &n,
        day(2026, 3, 18),
        "visit",
        2.5,
        "Ole Petersen",
        "Gitterboxen mit Etiketten von Fixtura im \
        Wareneingang. Einkauf weicht aus: habe einen Zweitlieferanten qualifiziert.",
    );

    // D2005: the buyer of twelve years has retired, and nobody has met the new one.
    let c = Company {
        name: "Petersen Trailer GmbH & Co. KG".to_owned(),
        class: "mid",
        industry: "vehicles",
        city: "Kiel",
        since: Some(day(2014, 6, 1)),
        reference: "named",
        standing: "well_known",
        sympathy: Some(8),
        nps: Some(8),
        referrals: Some(1),
        referred_revenue: Some(9_500),
        outlook: "stable",
        demand: Some(48_000),
        contacts: Some(2),
        buyer_changed_on: Some(day(2026, 2, 1)),
        credit_index: Some(220),
        ..german.clone()
    };
    let n = settle(house, c, usual);
    house.orders_back(&n, FIRST, day(2026, 2, 6), 13.0, Habit { order: 1_150.0, ..usual });
    house.looked_after(&n, FIRST, day(2025, 12, 9), 110.0, "Ole Petersen");

    // D2006: insolvent since May. The yard goes on under an administrator.
    let c = Company {
        name: "Werft Sievers & Sohn".to_owned(),
        class: "mid",
        industry: "shipbuilding",
        city: "Kiel",
        since: Some(day(2011, 3, 14)),
        standing: "local",
        reference: "named",
        sympathy: Some(9),
        nps: Some(8),
        outlook: "shrinking",
        contacts: Some(2),
        insolvent: yes,
        credit_index: Some(600),
        ..german.clone()
    };
    let n = settle(house, c, Habit { pays: 40.0, unpaid_after: day(2026, 1, 31), ..usual });
    house.orders_back(&n, FIRST, day(2026, 4, 29), 14.0, Habit { order: 1_050.0, ..usual });
    house.looked_after(&n, FIRST, day(2026, 4, 2), 130.0, "Ole Petersen");

    // D2007: a workshop. The minimum order of 2025 was made for others.
    let c = Company {
        name: "Reparaturwerk Maaß".to_owned(),
        class: "small",
        industry: "workshop",
        city: "Lübeck",
        since: Some(day(2015, 10, 5)),
        standing: "local",
        sympathy: Some(9),
        nps: Some(4),
        referrals: Some(1),
        outlook: "stable",
        demand: Some(7_500),
        contacts: Some(1),
        credit_index: Some(245),
        ..german.clone()
    };
    let n = settle(house, c, small);
    house.orders_back(&n, FIRST, day(2025, 12, 11), 16.0, Habit { order: 290.0, ..small });
    house.complained(
        &n,
        day(2025, 12, 15),
        Some(day(2025, 12, 22)),
        "Mindestbestellwert 250 Euro und 30 Euro \
        Mindermengenzuschlag: so kaufe ich meine O-Ringe beim Händler um die Ecke.",
    );

    // D2008: all is well, and in four weeks notice may be given.
    let c = Company {
        name: "Abfülltechnik Hinrichs AG".to_owned(),
        class: "key",
        industry: "food machines",
        city: "Stuttgart",
        since: Some(day(2017, 5, 2)),
        reference: "visits",
        standing: "leader",
        sympathy: Some(9),
        nps: Some(9),
        referrals: Some(3),
        referred_revenue: Some(96_000),
        outlook: "growing",
        demand: Some(310_000),
        demand_before: Some(290_000),
        contacts: Some(5),
        framework_until: Some(day(2026, 10, 31)),
        notice_period: Some(92),
        auto_renews: yes,
        credit_index: Some(160),
        ..german.clone()
    };
    let n = settle(house, c, key);
    house.orders_back(&n, FIRST, day(2026, 6, 26), 9.0, Habit { order: 4_600.0, pays: 1.0, ..key });
    house.looked_after(&n, FIRST, day(2026, 6, 9), 50.0, "Jule Tamm");

    // D2009: has always paid on the day. Since spring it does not, and no one has asked why.
    let c = Company {
        name: "Ruhrtal Extrusion GmbH".to_owned(),
        class: "mid",
        industry: "machine building",
        city: "Dortmund",
        since: Some(day(2018, 3, 5)),
        standing: "specialist",
        sympathy: Some(7),
        nps: Some(8),
        outlook: "stable",
        contacts: Some(2),
        credit_index: Some(260),
        ..german.clone()
    };
    let n = settle(house, c, Habit { pays: 2.0, unpaid_after: day(2026, 3, 10), ..usual });
    house.orders_back(&n, FIRST, day(2026, 6, 22), 12.0, usual);
    house.looked_after(&n, FIRST, day(2025, 10, 21), 120.0, "Ole Petersen");
    house.visited(&n, day(2026, 3, 3), "visit", 1.5, "Ole Petersen", "Jahresplanung durchgesprochen.");

    // D2010: left when its contact person changed for the third time; back since March.
    let c = Company {
        name: "Hydraulik Carstens GmbH".to_owned(),
        class: "mid",
        industry: "pumps and valves",
        city: "Hamburg",
        since: Some(day(2016, 8, 22)),
        reference: "named",
        standing: "specialist",
        sympathy: Some(8),
        nps: Some(8),
        referrals: Some(1),
        referred_revenue: Some(7_000),
        outlook: "stable",
        demand: Some(45_000),
        contacts: Some(3),
        rep_changed_on: Some(day(2025, 3, 1)),
        returned_on: Some(day(2026, 3, 16)),
        credit_index: Some(200),
        ..german.clone()
    };
    let n = settle(house, c, usual);
    house.orders_back(&n, FIRST, day(2025, 5, 12), 12.0, Habit { order: 1_200.0, ..usual });
    house.orders_back(&n, day(2026, 3, 16), day(2026, 6, 18), 14.0, Habit { order: 1_000.0, ..usual });
    house.looked_after(&n, FIRST, day(2024, 9, 10), 120.0, "Karl Brandt");
    house.complained(
        &n,
        day(2025, 5, 14),
        Some(day(2025, 6, 30)),
        "Das ist der dritte wechselnde Ansprechpartner in zwei Jahren. Jetzt ist gar niemand zuständig.",
    );
    house.visited(&n, day(2026, 2, 24), "visit", 3.0, "Jule Tamm", "Langes Gespräch, wir bekommen eine zweite Chance.");

    // D2011: asked us to stop. Would have been worth it; is not scored.
    let c = Company {
        name: "Thomsen Power Systems".to_owned(),
        class: "key",
        industry: "energy",
        city: "Hamburg",
        since: Some(day(2019, 11, 4)),
        sympathy: Some(7),
        objected: yes,
        credit_index: Some(185),
        ..german.clone()
    };
    let n = settle(house, c, key);
    house.orders_back(&n, FIRST, day(2025, 9, 3), 14.0, key);

    // D2012: four screws a week, two complaints a quarter, and never without a discount.
    let c = Company {
        name: "Metallbau Quast".to_owned(),
        class: "small",
        industry: "workshop",
        city: "Chemnitz",
        since: Some(day(2024, 9, 2)),
        standing: "local",
        reference: "none",
        sympathy: Some(2),
        nps: Some(3),
        outlook: "shrinking",
        contacts: Some(1),
        credit_index: Some(355),
        ..german.clone()
    };
    let n = settle(house, c, Habit { pays: 55.0, ..small });
    house.orders_back(&n, day(2024, 9, 2), day(2026, 1, 22), 9.0, Habit { order: 42.0, special: 0.95, ..small });
    for (on, text) in [
        (day(2025, 8, 4), "Schrauben M8 falsch verpackt, ich erwarte einen Nachlass."),
        (day(2025, 10, 13), "Die Lieferung kam einen Tag zu spät, ich ziehe 10 % ab."),
        (day(2025, 12, 1), "Kratzer an zwei Muttern."),
        (day(2026, 1, 12), "Ihre Preise sind eine Frechheit."),
    ] {
        house.complained(&n, on, Some(on + 9), text);
    }

    // D2013: buys little. But half the paddock has our seals because this team has.
    let c = Company {
        name: "Valtor Racing".to_owned(),
        class: "small",
        industry: "vehicles",
        city: "Zwolle",
        country: "NL",
        since: Some(day(2021, 2, 8)),
        role: "jury",
        reference: "visits",
        standing: "leader",
        sympathy: Some(9),
        nps: Some(10),
        referrals: Some(5),
        referred_revenue: Some(68_000),
        outlook: "growing",
        demand: Some(18_000),
        contacts: Some(3),
        competitor: "SealWorks",
        credit_index: Some(230),
        email_from_sale: yes,
        ..Company::default()
    };
    let n = settle(house, c, small);
    house.orders_back(&n, FIRST, day(2026, 1, 30), 17.0, Habit { order: 420.0, margin_rate: 0.36, ..small });
    house.visited(&n, day(2025, 11, 6), "support", 4.0, "Ole Petersen", "Dichtsatz für Getriebe angepasst.");

    // D2014: buys half of what it bought, because it builds half of what it built. Our share is what it was.
    let c = Company {
        name: "Dobler Anlagenbau GmbH".to_owned(),
        class: "mid",
        industry: "machine building",
        city: "Stuttgart",
        since: Some(day(2015, 1, 12)),
        reference: "named",
        standing: "well_known",
        sympathy: Some(8),
        nps: Some(8),
        outlook: "shrinking",
        demand: Some(35_000),
        demand_before: Some(82_000),
        contacts: Some(3),
        credit_index: Some(270),
        ..german.clone()
    };
    let n = settle(house, c, usual);
    house.orders_back(&n, FIRST, day(2025, 6, 24), 12.0, Habit { order: 1_700.0, ..usual });
    house.orders_back(&n, day(2025, 7, 1), day(2026, 6, 23), 12.0, Habit { order: 760.0, ..usual });
    house.looked_after(&n, FIRST, day(2026, 5, 5), 120.0, "Ole Petersen");

    // D2015: the paper mill stands still once a year, in autumn, and then buys for the whole overhaul.
    let c = Company {
        name: "Papierfabrik Ehlers".to_owned(),
        class: "mid",
        industry: "machine building",
        city: "Lübeck",
        since: Some(day(2013, 9, 16)),
        standing: "local",
        sympathy: Some(7),
        nps: Some(7),
        outlook: "stable",
        contacts: Some(2),
        credit_index: Some(235),
        ..german.clone()
    };
    let n = settle(house, c, usual);
    for (year, on) in [(2023, 25), (2024, 23), (2025, 22)] {
        house.order(&n, day(year, 9, on), Habit { order: 16_000.0, ..usual });
    }
    house.looked_after(&n, FIRST, day(2026, 3, 24), 170.0, "Ole Petersen");

    // D2016: the price, said plainly, and small enough for a call.
    let c = Company {
        name: "Nissen Fahrzeugtechnik".to_owned(),
        class: "mid",
        industry: "vehicles",
        city: "Hamburg",
        since: Some(day(2019, 7, 1)),
        standing: "specialist",
        reference: "named",
        sympathy: Some(7),
        nps: Some(7),
        outlook: "stable",
        demand: Some(24_000),
        contacts: Some(3),
        price_increase: Some(0.06),
        credit_index: Some(215),
        ..german.clone()
    };
    let n = settle(house, c, usual);
    house.orders_back(&n, FIRST, day(2026, 1, 27), 14.0, Habit { order: 820.0, ..usual });
    house.looked_after(&n, FIRST, day(2025, 11, 18), 140.0, "Ole Petersen");
    house.visited(
        &n,
        day(2026, 3, 10),
        "call",
        0.5,
        "inside sales",
        "Einkauf sagt: Kupferringe sind 6 % zu teuer, kommen jetzt aus Polen.",
    );

    // D2017: would order, and may not: our own finance department asks for prepayment.
    let c = Company {
        name: "Greif Bohrservice GmbH".to_owned(),
        class: "mid",
        industry: "energy",
        city: "Hannover",
        since: Some(day(2014, 2, 17)),
        standing: "specialist",
        reference: "named",
        sympathy: Some(8),
        nps: Some(6),
        outlook: "stable",
        contacts: Some(3),
        credit_stop: yes,
        credit_index: Some(310),
        ..german.clone()
    };
    let n = settle(house, c, Habit { pays: 21.0, ..usual });
    house.orders_back(&n, FIRST, day(2026, 2, 10), 11.0, Habit { order: 900.0, ..usual });
    house.looked_after(&n, FIRST, day(2026, 1, 20), 130.0, "Ole Petersen");
    house.visited(
        &n,
        day(2026, 3, 2),
        "call",
        0.5,
        "inside sales",
        "Bestellen nicht gegen Vorkasse, nach zwölf Jahren.",
    );

    // D2018: gave notice because of our new order portal. Our fault, and a key account.
    let c = Company {
        name: "Jessen Fördertechnik AG".to_owned(),
        class: "key",
        industry: "machine building",
        city: "Hannover",
        since: Some(day(2012, 10, 8)),
        reference: "named",
        standing: "well_known",
        sympathy: Some(8),
        nps: Some(4),
        referrals: Some(2),
        referred_revenue: Some(22_000),
        outlook: "stable",
        demand: Some(230_000),
        contacts: Some(4),
        framework_until: Some(day(2026, 9, 30)),
        notice_period: Some(90),
        auto_renews: yes,
        cancelled_on: Some(day(2026, 6, 12)),
        cancel_reason: "Ihr Bestellportal kennt unsere Artikelnummern nicht. Seit Oktober tippen wir jeden Abruf \
            doppelt, und keiner ändert es. Wir kündigen zum 30. September."
            .to_owned(),
        credit_index: Some(195),
        ..german
    };
    let n = settle(house, c, key);
    house.orders_back(&n, FIRST, day(2026, 6, 24), 10.0, Habit { order: 3_600.0, ..key });
    house.looked_after(&n, FIRST, day(2026, 5, 12), 60.0, "Jule Tamm");
}
