//! Makes the data of this folder: `customers.csv`, `orders.csv` and `complaints.csv` of an invented mail-order house.
//!
//! Same bytes on every run and machine: a fixed seed, integers, and only exactly rounded arithmetic. Uses nothing but std.
//! Run it with `cargo run --release --example generate_retail -- examples/retail/data`.

use std::path::Path;
use std::{env, fs, io};

use export::{Day, date, day, iso, line, quoted, shown};
use words::{Topic, words};

#[path = "../shared/export.rs"]
mod export;
mod lives;
mod words;

/// The data is meant to be looked at on this day; some orders lie after it, as in a log that was exported later.
const AS_OF: Day = day(2026, 6, 30);
const CUSTOMERS: usize = 2_000;
const SEED: u64 = 0x5265_6761_696e_2101;

fn main() -> io::Result<()> {
    let folder = env::args().nth(1).unwrap_or_else(|| "examples/retail/data".to_owned());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;

    let mut shop = Shop::new();
    lives::story(&mut shop);
    while shop.customers.len() < CUSTOMERS {
        lives::crowd(&mut shop);
    }

    fs::write(folder.join("customers.csv"), shop.customers_csv())?;
    fs::write(folder.join("orders.csv"), shop.orders_csv())?;
    fs::write(folder.join("complaints.csv"), shop.complaints_csv())?;
    fs::write(folder.join("contacts.csv"), shop.contacts_csv())?;
    fs::write(folder.join("do_not_contact.csv"), DO_NOT_CONTACT)?;
    fs::write(folder.join("overrides.csv"), OVERRIDES)
}

/// Who asked to be left alone, on one channel or on all of them.
const DO_NOT_CONTACT: &str = "customer_no,channel,since,until
C10105,,2026-05-04,
C10159,phone,2026-02-11,
C10127,email,2025-11-28,
C10148,phone,2026-06-01,2026-09-01
C10148,visit,2026-06-01,2026-09-01
C10471,post,2024-08-19,
C10602,,2023-03-02,2025-03-02
C10135,email,2026-06-17,
";

/// What people decided, who knew more than the rules.
const OVERRIDES: &str = "customer_no,made_on,what,value,who,why,until
C10011,2026-06-10,grade,B,Ines Albrecht,\"recommends us at the cookery school, the next order is agreed\",2026-12-31
C10083,2026-06-24,campaign,none,Paul Meier,in hospital until August,2026-08-31
C10041,2026-06-22,cause,showroom,Paul Meier,said so on the phone,2026-12-31
C10058,2026-01-15,grade,A,Ines Albrecht,opens a second restaurant,2026-03-31
C10100,2026-06-15,suppress,,Ines Albrecht,asked to be left alone until autumn,2026-10-01
";

// ---------------------------------------------------------------- days

// ---------------------------------------------------------------- chance

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to below 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A whole number from `low` to `high`, both included; `low` if the range is empty.
    fn range(&mut self, low: i64, high: i64) -> i64 {
        if high <= low { low } else { low + (self.next() % (high - low + 1) as u64) as i64 }
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Around 1, between 0.35 and 2.2: the sum of four uniform numbers, so that no machine rounds differently.
    fn wobble(&mut self) -> f64 {
        let sum = self.unit() + self.unit() + self.unit() + self.unit();
        (1.0 + 0.7 * (sum - 2.0)).clamp(0.35, 2.2)
    }

    #[expect(clippy::indexing_slicing, reason = "the index is taken modulo the length, and no list here is empty")]
    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[(self.next() % list.len() as u64) as usize]
    }

    /// One of several, each with its weight.
    fn weighted<T: Copy>(&mut self, list: &[(f64, T)]) -> T {
        let mut left = self.unit() * list.iter().map(|(weight, _)| weight).sum::<f64>();
        for (weight, item) in list {
            left -= weight;
            if left < 0.0 {
                return *item;
            }
        }
        self.pick(list).1
    }
}

// ---------------------------------------------------------------- the shop

/// One line of `customers.csv`. Empty texts and `None` are empty cells.
#[derive(Default, Clone)]
struct Customer {
    number: String,
    name: String,
    group: &'static str,
    city: &'static str,
    country: &'static str,
    since: Option<Day>,
    role: &'static str,
    sympathy: Option<i64>,
    nps: Option<i64>,
    referrals: Option<i64>,
    outlook: &'static str,
    objected: Option<bool>,
    deceased: Option<bool>,
    fraud: Option<bool>,
    insolvent: Option<bool>,
    in_dispute: Option<bool>,
    internal: Option<bool>,
    consent_email: Option<bool>,
    email_from_sale: Option<bool>,
    consent_phone: Option<bool>,
    consent_post: Option<bool>,
    address_invalid: Option<bool>,
    cancelled_on: Option<Day>,
    club_until: Option<Day>,
    cancel_reason: &'static str,
    competitor: &'static str,
    returned_on: Option<Day>,
    price_increase: Option<f64>,
    invoices: Option<i64>,
    late_invoices: Option<i64>,
    failed_payments: Option<i64>,
    dunning_level: Option<i64>,
    credit_rating: Option<i64>,
    service_hours: Option<f64>,
}

impl Customer {
    /// A number nobody can have: no area begins with 0000.
    fn phone(&self) -> String {
        let prefix = match self.country {
            "AT" => "+43",
            "FR" => "+33",
            "UK" => "+44",
            "IT" => "+39",
            "NL" => "+31",
            "PL" => "+48",
            "SE" => "+46",
            _ => "+49",
        };
        format!("{prefix} 0000 {}", self.number.trim_start_matches('C'))
    }
}

struct Order {
    number: String,
    on: Day,
    amount: f64,
    margin: Option<f64>,
    discount: Option<f64>,
    returned: bool,
    late: bool,
}

struct Complaint {
    number: String,
    opened: Day,
    closed: Option<Day>,
    kind: &'static str,
    text: String,
}

/// How somebody shops.
#[derive(Clone, Copy)]
struct Habit {
    basket: f64,
    margin_rate: f64,
    discounted: f64,
    returned: f64,
    late: f64,
}

struct Shop {
    rng: Rng,
    customers: Vec<Customer>,
    orders: Vec<Order>,
    complaints: Vec<Complaint>,
}

impl Shop {
    fn new() -> Shop {
        Shop { rng: Rng(SEED), customers: Vec::new(), orders: Vec::new(), complaints: Vec::new() }
    }

    fn next_number(&self) -> String {
        format!("C{}", 10_001 + self.customers.len())
    }

    fn order(&mut self, number: &str, on: Day, habit: Habit) {
        let rng = &mut self.rng;
        let list_price = (habit.basket * rng.wobble()).max(4.9);
        let rate = if rng.chance(habit.discounted) { rng.pick(&[0.1, 0.15, 0.2, 0.25, 0.3]) } else { 0.0 };
        let discount = list_price * rate;
        let amount = list_price - discount;
        let margin = list_price * habit.margin_rate * rng.between(0.85, 1.15) - discount;
        let order = Order {
            number: number.to_owned(),
            on,
            amount,
            margin: (!rng.chance(0.03)).then_some(margin),
            discount: (!rng.chance(0.02)).then_some(discount),
            returned: rng.chance(habit.returned),
            late: rng.chance(habit.late),
        };
        self.orders.push(order);
    }

    /// Orders up to `last`, backwards in gaps around `gap`. Now and then two on one day.
    fn orders_back(&mut self, number: &str, last: Day, gap: f64, count: i64, habit: Habit) -> Day {
        let mut on = last;
        for n in 0..count {
            self.order(number, on, habit);
            if self.rng.chance(0.03) {
                self.order(number, on, habit);
            }
            if n + 1 < count {
                on -= (gap * self.rng.wobble()).round().max(2.0) as Day;
            }
        }
        on
    }

    /// A complaint or a notice in given words.
    fn wrote(&mut self, number: &str, opened: Day, closed: Day, kind: &'static str, text: &str) {
        let (number, text) = (number.to_owned(), text.to_owned());
        self.complaints.push(Complaint { number, opened, closed: Some(closed), kind, text });
    }

    fn complain(&mut self, number: &str, opened: Day, topic: Topic, german: bool, open: bool) {
        let closed = (!open).then(|| opened + self.rng.range(1, 21));
        let text = words(&mut self.rng, topic, german);
        self.complaints.push(Complaint { number: number.to_owned(), opened, closed, kind: "complaint", text });
    }

    fn notice(&mut self, number: &str, on: Day, topic: Topic, german: bool) {
        let text = words(&mut self.rng, topic, german);
        self.complaints.push(Complaint {
            number: number.to_owned(),
            opened: on,
            closed: Some(on),
            kind: "notice",
            text,
        });
    }

    // ------------------------------------------------------------ files

    fn customers_csv(&self) -> String {
        let mut out = String::from(
            "customer_no,name,group,city,country,customer_since,role,sympathy,nps,referrals,outlook,objected,deceased,fraud,\
             insolvent,in_dispute,internal,consent_email,email_from_sale,consent_phone,consent_post,address_invalid,\
             cancelled_on,club_until,cancel_reason,competitor,returned_on,price_increase,invoices,late_invoices,\
             failed_payments,dunning_level,credit_rating,service_hours_12m,phone,email\n",
        );
        for c in &self.customers {
            let cells = [
                c.number.clone(),
                quoted(&c.name),
                c.group.to_owned(),
                c.city.to_owned(),
                c.country.to_owned(),
                date(c.since),
                c.role.to_owned(),
                shown(c.sympathy),
                shown(c.nps),
                shown(c.referrals),
                c.outlook.to_owned(),
                shown(c.objected),
                shown(c.deceased),
                shown(c.fraud),
                shown(c.insolvent),
                shown(c.in_dispute),
                shown(c.internal),
                shown(c.consent_email),
                shown(c.email_from_sale),
                shown(c.consent_phone),
                shown(c.consent_post),
                shown(c.address_invalid),
                date(c.cancelled_on),
                date(c.club_until),
                quoted(c.cancel_reason),
                c.competitor.to_owned(),
                date(c.returned_on),
                shown(c.price_increase),
                shown(c.invoices),
                shown(c.late_invoices),
                shown(c.failed_payments),
                shown(c.dunning_level),
                shown(c.credit_rating),
                c.service_hours.map(|h| format!("{h:.1}")).unwrap_or_default(),
                c.phone(),
                format!("{}@example.com", c.number.to_lowercase()),
            ];
            line(&mut out, &cells);
        }
        // As exports are: a date nobody can read, a line without a number, a customer exported twice, a word for a number.
        let broken = |number: &str, since: &str, sympathy: &str| {
            let mut cells = vec![String::new(); 36];
            for (cell, text) in
                cells.iter_mut().zip([number, "Erika Muster", "private", "Kassel", "DE", since, "", sympathy])
            {
                text.clone_into(cell);
            }
            cells
        };
        line(&mut out, &broken("C19001", "31.02.2024", ""));
        line(&mut out, &broken("", "2023-05-04", "7"));
        line(&mut out, &broken("C10007", "2022-01-15", "5"));
        line(&mut out, &broken("C19002", "2024-11-20", "very nice"));
        out
    }

    fn orders_csv(&self) -> String {
        let mut orders: Vec<&Order> = self.orders.iter().collect();
        orders.sort_by(|a, b| (a.on, &a.number).cmp(&(b.on, &b.number)));
        let mut out = String::from("order_no,customer_no,order_date,amount,margin,discount,returned,late\n");
        for (n, o) in orders.iter().enumerate() {
            let cells = [
                format!("A{}", 500_001 + n),
                o.number.clone(),
                iso(o.on),
                money(Some(o.amount)),
                money(o.margin),
                money(o.discount),
                shown(Some(o.returned)),
                shown(Some(o.late)),
            ];
            line(&mut out, &cells);
            // As logs are: an amount typed by hand, a month 13, no customer.
            if n == 4_000 {
                out.push_str("A900001,C10042,2024-03-18,49.9O,18.20,0.00,false,false\n");
            }
            if n == 8_000 {
                out.push_str("A900002,C10043,2025-13-04,24.90,8.10,0.00,false,false\n");
            }
            if n == 12_000 {
                out.push_str("A900003,,2025-11-28,74.50,26.00,0.00,false,false\n");
            }
        }
        out
    }

    /// Contacts of the last five months: every seventh customer got one. Drawn from her number, so that lives stay as they are.
    fn contacts_csv(&self) -> String {
        const MADE: [(&str, &str); 7] = [
            ("email", "we_miss_you"),
            ("email", "friendly_reminder"),
            ("post", "comeback_card"),
            ("email", "price_comeback"),
            ("phone", "care_call"),
            ("post", "thank_you_card"),
            ("phone", "comeback_call"),
        ];
        let mut contacts = Vec::new();
        for (place, customer) in self.customers.iter().enumerate() {
            let mut rng = Rng(SEED ^ place as u64);
            if rng.chance(1.0 / 7.0) {
                let (channel, campaign) = rng.pick(&MADE);
                contacts.push((AS_OF - rng.range(1, 150), customer.number.clone(), channel, campaign));
            }
        }
        contacts.sort();
        let mut out = String::from("customer_no,contacted_on,channel,campaign\n");
        for (on, number, channel, campaign) in contacts {
            line(&mut out, &[number, iso(on), channel.to_owned(), campaign.to_owned()]);
        }
        out
    }

    fn complaints_csv(&self) -> String {
        let mut complaints: Vec<&Complaint> = self.complaints.iter().collect();
        complaints.sort_by(|a, b| (a.opened, &a.number).cmp(&(b.opened, &b.number)));
        let mut out = String::from("customer_no,opened,closed,kind,text\n");
        for c in complaints {
            let closed = date(c.closed);
            line(&mut out, &[c.number.clone(), iso(c.opened), closed, c.kind.to_owned(), quoted(&c.text)]);
        }
        out
    }
}

fn money(value: Option<f64>) -> String {
    value.map(|v| format!("{v:.2}")).unwrap_or_default()
}
