//! Makes the data of this folder: customers, contracts, tickets, payments, usage and contacts of an invented provider.
//!
//! Same bytes on every run and machine: a fixed seed, and only exactly rounded arithmetic.
//! Run it with `cargo run --release --example generate_telecom -- examples/telecom/data`.

use std::path::Path;
use std::{env, fs, io};

use export::{Day, civil, date, day, iso, line, quoted, shown};

use fastrand::Rng;

#[path = "../shared/export.rs"]
mod export;
mod lives;
mod story;
mod words;

/// The data is meant to be looked at on this day; some notices lie after it, as in an export made later.
const AS_OF: Day = day(2026, 6, 30);
const CUSTOMERS: usize = 2_000;
const SEED: u64 = 0x5265_6761_696e_2103;

fn main() -> io::Result<()> {
    let folder = env::args().nth(1).unwrap_or_else(|| "examples/telecom/data".to_owned());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;

    let mut books = Books::new();
    story::tell(&mut books);
    while books.customers.len() < CUSTOMERS {
        lives::crowd(&mut books);
    }

    for (name, text) in [
        ("customers.csv", books.customers_csv()),
        ("contracts.csv", books.contracts_csv()),
        ("tickets.csv", books.tickets_csv()),
        ("payments.csv", books.payments_csv()),
        ("usage.csv", books.usage_csv()),
        ("contacts.csv", books.contacts_csv()),
    ] {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}

// ---------------------------------------------------------------- days

/// The same day so many months later; days that not every month has are avoided by beginning contracts before the 29th.
fn months_later(from: Day, months: i64) -> Day {
    let (year, month, of_month) = civil(from);
    let count = year * 12 + month - 1 + months;
    day(count.div_euclid(12), count.rem_euclid(12) + 1, of_month.min(28))
}

// ---------------------------------------------------------------- chance

fn chance(rng: &mut Rng, p: f64) -> bool {
    rng.f64() < p
}

fn between(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.f64()
}

#[expect(clippy::indexing_slicing, reason = "the index is below the length, and no list here is empty")]
fn pick<T: Copy>(rng: &mut Rng, list: &[T]) -> T {
    list[rng.usize(..list.len())]
}

/// One of several, each with its weight.
fn weighted<T: Copy>(rng: &mut Rng, list: &[(f64, T)]) -> T {
    let mut left = rng.f64() * list.iter().map(|(weight, _)| weight).sum::<f64>();
    for (weight, item) in list {
        left -= weight;
        if left < 0.0 {
            return *item;
        }
    }
    pick(rng, list).1
}

// ---------------------------------------------------------------- the books

/// One line of `customers.csv`. Empty texts and `None` are empty cells.
#[derive(Default, Clone)]
struct Customer {
    number: String,
    name: String,
    group: &'static str,
    city: &'static str,
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
    internal: Option<bool>,
    consent_email: Option<bool>,
    email_from_sale: Option<bool>,
    consent_phone: Option<bool>,
    consent_post: Option<bool>,
    address_invalid: Option<bool>,
    competitor: &'static str,
    price_increase: Option<f64>,
    dunning_level: Option<i64>,
    credit_rating: Option<i64>,
    service_hours: Option<f64>,
}

/// One line of `contracts.csv`.
#[derive(Default, Clone)]
struct Contract {
    number: String,
    line: &'static str,
    started: Day,
    term: i64,
    renewal: Option<i64>,
    notice_months: Option<i64>,
    fee: f64,
    list_fee: f64,
    notice: Option<Day>,
    withdrawn: Option<Day>,
    ends: Option<Day>,
    ended_by: &'static str,
    reason: String,
    raised: Option<Day>,
}

impl Contract {
    fn runs(&self, on: Day) -> bool {
        self.started <= on && self.ends.is_none_or(|end| end > on)
    }
}

struct Ticket {
    number: String,
    opened: Day,
    closed: Option<Day>,
    kind: &'static str,
    text: String,
}

struct Payment {
    number: String,
    due: Day,
    paid: Option<Day>,
    amount: f64,
    failed: bool,
}

struct Books {
    rng: Rng,
    customers: Vec<Customer>,
    contracts: Vec<Contract>,
    tickets: Vec<Ticket>,
    payments: Vec<Payment>,
    usage: Vec<(String, Day, f64)>,
    contacts: Vec<(String, Day, &'static str)>,
}

impl Books {
    fn new() -> Books {
        Books {
            rng: Rng::with_seed(SEED),
            customers: Vec::new(),
            contracts: Vec::new(),
            tickets: Vec::new(),
            payments: Vec::new(),
            usage: Vec::new(),
            contacts: Vec::new(),
        }
    }

    fn next_number(&self) -> String {
        format!("D{}", 10_001 + self.customers.len())
    }

    fn ticket(&mut self, number: &str, opened: Day, closed: Option<Day>, kind: &'static str, text: &str) {
        self.tickets.push(Ticket { number: number.to_owned(), opened, closed, kind, text: text.to_owned() });
    }

    /// Bills every two months for a year and a half, for what ran then. `late` is the share paid late.
    fn bills(&mut self, number: &str, contracts: &[Contract], late: f64) -> usize {
        let mut count = 0;
        for n in (0..9).rev() {
            let due = months_later(day(2026, 6, 15), -2 * n);
            let amount: f64 = contracts.iter().filter(|c| c.runs(due)).map(|c| 2.0 * c.fee).sum();
            if amount <= 0.0 {
                continue;
            }
            let delay = if chance(&mut self.rng, late) { self.rng.i64(5..=28) } else { self.rng.i64(-6..=2) };
            let paid = (due + delay <= AS_OF + 10).then_some(due + delay);
            self.payments.push(Payment { number: number.to_owned(), due, paid, amount, failed: false });
            count += 1;
        }
        count
    }

    /// The latest bills fail and stay open.
    fn bounce(&mut self, number: &str, count: usize) {
        for payment in self.payments.iter_mut().rev().filter(|p| p.number == number).take(count) {
            payment.failed = true;
            payment.paid = None;
        }
    }

    /// Gigabytes, month by month since December; `fades` is what is left of them in the last three.
    fn use_up(&mut self, number: &str, contracts: &[Contract], fades: f64) {
        let monthly = between(&mut self.rng, 18.0, 260.0);
        for n in (0..7).rev() {
            let on = months_later(day(2026, 7, 1), -n) - 1;
            if contracts.iter().any(|c| c.line != "power" && c.runs(on)) {
                let factor = if on > AS_OF - 90 { fades } else { 1.0 };
                let units = monthly * factor * between(&mut self.rng, 0.8, 1.2);
                self.usage.push((number.to_owned(), on, units));
            }
        }
    }

    // ------------------------------------------------------------ files

    fn customers_csv(&self) -> String {
        let mut out = String::from(
            "account_no,name,group,city,customer_since,role,sympathy,nps,referrals,outlook,objected,deceased,fraud,insolvent,\
             internal,consent_email,email_from_sale,consent_phone,consent_post,address_invalid,competitor,price_increase,\
             dunning_level,credit_rating,service_hours_12m\n",
        );
        for c in &self.customers {
            let cells = [
                c.number.clone(),
                quoted(&c.name),
                c.group.to_owned(),
                c.city.to_owned(),
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
                shown(c.internal),
                shown(c.consent_email),
                shown(c.email_from_sale),
                shown(c.consent_phone),
                shown(c.consent_post),
                shown(c.address_invalid),
                c.competitor.to_owned(),
                shown(c.price_increase),
                shown(c.dunning_level),
                shown(c.credit_rating),
                c.service_hours.map(|h| format!("{h:.1}")).unwrap_or_default(),
            ];
            line(&mut out, &cells);
        }
        // As exports are: a day that does not exist, a line without a number, a customer exported twice, a word for a number.
        for (number, since, sympathy) in [
            ("D19001", "2024-02-31", ""),
            ("", "2023-05-04", "7"),
            ("D10007", "2022-01-15", "5"),
            ("D19002", "2024-11-20", "nice"),
        ] {
            let mut cells = vec![String::new(); 25];
            for (cell, text) in cells.iter_mut().zip([number, "Erika Muster", "private", "Kassel", since, "", sympathy])
            {
                text.clone_into(cell);
            }
            line(&mut out, &cells);
        }
        out
    }

    fn contracts_csv(&self) -> String {
        let mut contracts: Vec<&Contract> = self.contracts.iter().collect();
        contracts.sort_by(|a, b| (a.started, &a.number).cmp(&(b.started, &b.number)));
        let mut out = String::from(
            "contract_no,account_no,line,started_on,minimum_term,renewal,notice_period,net_fee,list_fee,notice_on,withdrawn_on,\
             ends_on,ended_by,reason,price_raised_on\n",
        );
        for (n, c) in contracts.iter().enumerate() {
            let cells = [
                format!("V{}", 700_001 + n),
                c.number.clone(),
                c.line.to_owned(),
                iso(c.started),
                c.term.to_string(),
                shown(c.renewal),
                shown(c.notice_months),
                format!("{:.2}", c.fee),
                format!("{:.2}", c.list_fee),
                date(c.notice),
                date(c.withdrawn),
                date(c.ends),
                c.ended_by.to_owned(),
                quoted(&c.reason),
                date(c.raised),
            ];
            line(&mut out, &cells);
            // A letter O in a fee, a month 13, a contract without an account, one of an account nobody knows.
            match n {
                600 => out.push_str("V900001,D10042,internet,2021-03-18,24,0,1,39.9O,39.90,,,,,,\n"),
                1_200 => out.push_str("V900002,D10043,mobile,2023-13-04,24,0,1,19.90,19.90,,,,,,\n"),
                1_800 => out.push_str("V900003,,power,2024-11-28,12,0,1,74.50,74.50,,,,,,\n"),
                2_400 => out.push_str("V900004,D77777,mobile,2025-02-01,24,0,1,14.90,19.90,,,,,,\n"),
                _ => {}
            }
        }
        out
    }

    fn tickets_csv(&self) -> String {
        let mut tickets: Vec<&Ticket> = self.tickets.iter().collect();
        tickets.sort_by(|a, b| (a.opened, &a.number).cmp(&(b.opened, &b.number)));
        let mut out = String::from("account_no,opened,closed,kind,text\n");
        for t in tickets {
            line(&mut out, &[t.number.clone(), iso(t.opened), date(t.closed), t.kind.to_owned(), quoted(&t.text)]);
        }
        // Typed by hand.
        out.push_str("D10050,yesterday,,complaint,Customer calls back\n");
        out
    }

    fn payments_csv(&self) -> String {
        let mut payments: Vec<&Payment> = self.payments.iter().collect();
        payments.sort_by(|a, b| (a.due, &a.number).cmp(&(b.due, &b.number)));
        let mut out = String::from("account_no,due_on,paid_on,amount,failed\n");
        for p in payments {
            let cells = [p.number.clone(), iso(p.due), date(p.paid), format!("{:.2}", p.amount), p.failed.to_string()];
            line(&mut out, &cells);
        }
        out
    }

    fn usage_csv(&self) -> String {
        let mut out = String::from("account_no,month,gb\n");
        for (number, on, units) in &self.usage {
            line(&mut out, &[number.clone(), iso(*on), format!("{units:.1}")]);
        }
        out
    }

    fn contacts_csv(&self) -> String {
        let mut contacts: Vec<_> = self.contacts.iter().collect();
        contacts.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        let mut out = String::from("account_no,sent_on,channel\n");
        for (number, on, channel) in contacts {
            line(&mut out, &[number.clone(), iso(*on), (*channel).to_owned()]);
        }
        out
    }
}
