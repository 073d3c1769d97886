//! Makes the data of this folder: what the systems of an invented supplier of seals and fasteners would export.
//!
//! Same bytes on every run and machine: a fixed seed, whole numbers, and only exactly rounded arithmetic. Uses nothing but
//! `fastrand`. Run it with `cargo run --release --example generate_b2b -- examples/b2b/data`.

use std::path::Path;
use std::{env, fs, io};

use export::{Day, civil, date, day, iso, line, quoted, shown};
use words::{Topic, words};

#[path = "../shared/export.rs"]
mod export;
mod lives;
mod story;
mod words;

/// The data is meant to be looked at on this day; it was exported two weeks later, so some of it lies behind that day.
const AS_OF: Day = day(2026, 6, 30);
const EXPORTED: Day = AS_OF + 14;
const COMPANIES: usize = 220;
const SEED: u64 = 0x5265_6761_696e_6232;

fn main() -> io::Result<()> {
    let folder = env::args().nth(1).unwrap_or_else(|| "examples/b2b/data".to_owned());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;

    let mut house = House::new();
    story::story(&mut house);
    while house.companies.len() < COMPANIES {
        lives::crowd(&mut house);
    }
    house.invoice_everything();

    fs::write(folder.join("companies.csv"), house.companies_csv())?;
    fs::write(folder.join("orders.csv"), house.orders_csv())?;
    fs::write(folder.join("invoices.csv"), house.invoices_csv())?;
    fs::write(folder.join("visits.csv"), house.visits_csv())?;
    fs::write(folder.join("quotes.csv"), house.quotes_csv())?;
    fs::write(folder.join("complaints.csv"), house.complaints_csv())
}

// ---------------------------------------------------------------- days

/// Nobody orders on a weekend: Saturday and Sunday become the Friday before.
fn workday(days: Day) -> Day {
    // 1970-01-01 was a Thursday; Monday is 0.
    days - ((days + 3).rem_euclid(7) - 4).max(0)
}

// ---------------------------------------------------------------- chance

/// `fastrand`, with what is needed here.
struct Dice(fastrand::Rng);

impl Dice {
    /// 0 to below 1.
    fn unit(&mut self) -> f64 {
        self.0.f64()
    }

    fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A whole number from `low` to `high`, both included; `low` if the range is empty.
    fn range(&mut self, low: i64, high: i64) -> i64 {
        if high <= low { low } else { self.0.i64(low..=high) }
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Around 1, between 0.4 and 2: the sum of four uniform numbers, so that no machine rounds differently.
    fn wobble(&mut self) -> f64 {
        let sum = self.unit() + self.unit() + self.unit() + self.unit();
        (1.0 + 0.6 * (sum - 2.0)).clamp(0.4, 2.0)
    }

    #[expect(clippy::indexing_slicing, reason = "the index is below the length, and no list here is empty")]
    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.0.usize(0..list.len())]
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

// ---------------------------------------------------------------- the house

/// One line of `companies.csv`. Empty texts and `None` are empty cells.
#[derive(Default, Clone)]
struct Company {
    number: String,
    name: String,
    class: &'static str,
    industry: &'static str,
    city: &'static str,
    country: &'static str,
    since: Option<Day>,
    role: &'static str,
    reference: &'static str,
    standing: &'static str,
    sympathy: Option<i64>,
    nps: Option<i64>,
    referrals: Option<i64>,
    referred_revenue: Option<i64>,
    outlook: &'static str,
    demand: Option<i64>,
    demand_before: Option<i64>,
    contacts: Option<i64>,
    buyer_changed_on: Option<Day>,
    rep_changed_on: Option<Day>,
    objected: Option<bool>,
    dissolved: Option<bool>,
    insolvent: Option<bool>,
    in_dispute: Option<bool>,
    credit_stop: Option<bool>,
    consent_email: Option<bool>,
    email_from_sale: Option<bool>,
    consent_phone: Option<bool>,
    visits_refused: Option<bool>,
    framework_until: Option<Day>,
    notice_period: Option<i64>,
    auto_renews: Option<bool>,
    cancelled_on: Option<Day>,
    cancel_reason: String,
    competitor: &'static str,
    returned_on: Option<Day>,
    price_increase: Option<f64>,
    credit_index: Option<i64>,
}

struct Order {
    number: String,
    on: Day,
    amount: f64,
    margin: Option<f64>,
    special_discount: Option<f64>,
    late: bool,
}

struct Invoice {
    number: String,
    on: Day,
    amount: f64,
    due: Day,
    paid: Option<Day>,
}

struct Visit {
    number: String,
    on: Day,
    kind: &'static str,
    hours: f64,
    by: &'static str,
    note: String,
}

struct Quote {
    number: String,
    on: Day,
    kind: &'static str,
    amount: i64,
    result: &'static str,
    decided: Option<Day>,
    winner: &'static str,
    reason: &'static str,
}

struct Complaint {
    number: String,
    opened: Day,
    closed: Option<Day>,
    text: String,
}

/// How a company buys and pays.
#[derive(Clone, Copy)]
struct Habit {
    /// Usual value of an order.
    order: f64,
    margin_rate: f64,
    /// Share of orders that took a discount beyond the agreed conditions.
    special: f64,
    /// Share of orders we delivered late.
    late: f64,
    /// Days it pays after the due date.
    pays: f64,
    /// Invoices after this day are not paid.
    unpaid_after: Day,
}

struct House {
    dice: Dice,
    companies: Vec<Company>,
    orders: Vec<Order>,
    invoices: Vec<Invoice>,
    visits: Vec<Visit>,
    quotes: Vec<Quote>,
    complaints: Vec<Complaint>,
    habits: Vec<(String, Habit)>,
}

impl House {
    fn new() -> House {
        House {
            dice: Dice(fastrand::Rng::with_seed(SEED)),
            companies: Vec::new(),
            orders: Vec::new(),
            invoices: Vec::new(),
            visits: Vec::new(),
            quotes: Vec::new(),
            complaints: Vec::new(),
            habits: Vec::new(),
        }
    }

    fn next_number(&self) -> String {
        format!("D{}", 2_001 + self.companies.len())
    }

    fn order(&mut self, number: &str, on: Day, habit: Habit) {
        let dice = &mut self.dice;
        let agreed = (habit.order * dice.wobble()).max(18.0);
        let rate = if dice.chance(habit.special) { dice.pick(&[0.03, 0.05, 0.08, 0.1]) } else { 0.0 };
        let discount = agreed * rate;
        let margin = agreed * habit.margin_rate * dice.between(0.88, 1.12) - discount;
        let order = Order {
            number: number.to_owned(),
            on: workday(on),
            amount: agreed - discount,
            margin: (!dice.chance(0.04)).then_some(margin),
            special_discount: (!dice.chance(0.02)).then_some(discount),
            late: dice.chance(habit.late),
        };
        self.orders.push(order);
    }

    /// Orders from `last` backwards to `first`, in gaps around `gap`. Gives the day of the first one.
    fn orders_back(&mut self, number: &str, first: Day, last: Day, gap: f64, habit: Habit) -> Day {
        let mut on = last;
        loop {
            self.order(number, on, habit);
            let before = on - (gap * self.dice.wobble()).round().max(1.0) as Day;
            if before < first {
                return on;
            }
            on = before;
        }
    }

    /// Visits, calls and support from `last` backwards.
    fn looked_after(&mut self, number: &str, first: Day, last: Day, every: f64, by: &'static str) {
        let mut on = last;
        while on >= first {
            let dice = &mut self.dice;
            let kind = if by == "inside sales" {
                "call"
            } else {
                dice.weighted(&[(0.72, "visit"), (0.2, "call"), (0.08, "support")])
            };
            let hours = match kind {
                "call" => dice.range(1, 3) as f64 / 4.0,
                "visit" => dice.range(4, 12) as f64 / 4.0,
                _ => dice.range(4, 28) as f64 / 4.0,
            };
            let note = if dice.chance(0.5) { words(dice, Topic::Nothing, true) } else { String::new() };
            let on_workday = workday(on);
            self.visits.push(Visit { number: number.to_owned(), on: on_workday, kind, hours, by, note });
            on -= (every * self.dice.wobble()).round().max(3.0) as Day;
        }
    }

    fn visited(&mut self, number: &str, on: Day, kind: &'static str, hours: f64, by: &'static str, note: &str) {
        self.visits.push(Visit { number: number.to_owned(), on, kind, hours, by, note: note.to_owned() });
    }

    /// A complaint in given words.
    fn complained(&mut self, number: &str, opened: Day, closed: Option<Day>, text: &str) {
        self.complaints.push(Complaint { number: number.to_owned(), opened, closed, text: text.to_owned() });
    }

    fn complain(&mut self, number: &str, opened: Day, topic: Topic, german: bool, open: bool) {
        let closed = (!open).then(|| opened + self.dice.range(2, 30));
        let text = words(&mut self.dice, topic, german);
        self.complaints.push(Complaint { number: number.to_owned(), opened, closed, text });
    }

    /// One invoice a month for what was ordered in it, due after 30 days; paid as the company pays.
    fn invoice_everything(&mut self) {
        let mut orders: Vec<(String, Day, f64)> =
            self.orders.iter().map(|o| (o.number.clone(), o.on, o.amount)).collect();
        orders.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        let month = |on: Day| (civil(on).0, civil(on).1);
        let groups = orders.chunk_by(|a, b| a.0 == b.0 && month(a.1) == month(b.1));
        let mut invoices = Vec::new();
        for group in groups {
            let Some((number, last, _)) = group.last() else { continue };
            let Some((_, habit)) = self.habits.iter().find(|(name, _)| name == number) else { continue };
            // Three years of invoices are kept.
            let on = last + 2;
            if !(AS_OF - 1_095..=EXPORTED).contains(&on) {
                continue;
            }
            let amount = group.iter().map(|(_, _, amount)| amount).sum::<f64>() * 1.19;
            let due = on + 30;
            let paid = due + (habit.pays * self.dice.wobble()).round() as Day - self.dice.range(0, 4);
            let paid = (paid <= EXPORTED && on <= habit.unpaid_after).then_some(paid);
            invoices.push(Invoice { number: number.clone(), on, amount, due, paid });
        }
        self.invoices = invoices;
    }

    // ------------------------------------------------------------ files

    fn companies_csv(&self) -> String {
        let mut out = String::from(
            "debtor_no,name,account_class,industry,city,country,customer_since,role,reference,standing,sympathy,nps,referrals,\
             referred_revenue,outlook,demand,demand_last_year,contacts,new_buyer_since,new_rep_since,objected,dissolved,\
             insolvent,in_dispute,prepayment_only,consent_email,email_from_sale,consent_phone,no_visits,framework_until,\
             notice_period_days,auto_renews,cancelled_on,cancel_reason,competitor,returned_on,price_increase,credit_index\n",
        );
        for c in &self.companies {
            let cells = [
                c.number.clone(),
                quoted(&c.name),
                c.class.to_owned(),
                c.industry.to_owned(),
                c.city.to_owned(),
                c.country.to_owned(),
                date(c.since),
                c.role.to_owned(),
                c.reference.to_owned(),
                c.standing.to_owned(),
                shown(c.sympathy),
                shown(c.nps),
                shown(c.referrals),
                shown(c.referred_revenue),
                c.outlook.to_owned(),
                shown(c.demand),
                shown(c.demand_before),
                shown(c.contacts),
                date(c.buyer_changed_on),
                date(c.rep_changed_on),
                shown(c.objected),
                shown(c.dissolved),
                shown(c.insolvent),
                shown(c.in_dispute),
                shown(c.credit_stop),
                shown(c.consent_email),
                shown(c.email_from_sale),
                shown(c.consent_phone),
                shown(c.visits_refused),
                date(c.framework_until),
                shown(c.notice_period),
                shown(c.auto_renews),
                date(c.cancelled_on),
                quoted(&c.cancel_reason),
                c.competitor.to_owned(),
                date(c.returned_on),
                shown(c.price_increase),
                shown(c.credit_index),
            ];
            line(&mut out, &cells);
        }
        // As exports are: a day June does not have, a line without a number, a company exported twice, a word for a number.
        let broken = |number: &str, name: &str, since: &str, sympathy: &str| {
            let mut cells = vec![String::new(); 38];
            for (cell, text) in
                cells.iter_mut().zip([number, name, "small", "workshop", "", "DE", since, "", "", "", sympathy])
            {
                text.clone_into(cell);
            }
            cells
        };
        line(&mut out, &broken("D2901", "Muster & Partner", "2021-06-31", ""));
        line(&mut out, &broken("", "Barverkauf Lager Kiel", "2019-01-02", ""));
        line(&mut out, &broken("D2009", "Ruhrtal Extrusion GmbH", "2018-03-05", "6"));
        line(&mut out, &broken("D2902", "Werkstatt Ohlsen", "2022-09-12", "sehr nett"));
        out
    }

    fn orders_csv(&self) -> String {
        let mut orders: Vec<&Order> = self.orders.iter().collect();
        orders.sort_by(|a, b| (a.on, &a.number).cmp(&(b.on, &b.number)));
        let mut out = String::from("order_no,debtor_no,order_date,net_value,margin,special_discount,late\n");
        for (n, o) in orders.iter().enumerate() {
            let cells = [
                format!("{}", 4_100_001 + n),
                o.number.clone(),
                iso(o.on),
                money(Some(o.amount)),
                money(o.margin),
                money(o.special_discount),
                shown(Some(o.late)),
            ];
            line(&mut out, &cells);
            // As logs are: an amount typed by hand, the 30th of February, no customer, a customer nobody has on file.
            match n {
                1_500 => out.push_str("9900001,D2044,2024-05-07,1.2O4.50,310.00,0.00,false\n"),
                3_000 => out.push_str("9900002,D2051,2025-02-30,844.00,211.00,0.00,false\n"),
                4_500 => out.push_str("9900003,,2025-09-18,96.40,30.10,0.00,false\n"),
                5_000 => out.push_str("9900004,D1377,2025-11-04,412.80,118.00,0.00,false\n"),
                _ => {}
            }
        }
        out
    }

    fn invoices_csv(&self) -> String {
        let mut invoices: Vec<&Invoice> = self.invoices.iter().collect();
        invoices.sort_by(|a, b| (a.on, &a.number).cmp(&(b.on, &b.number)));
        let mut out = String::from("invoice_no,debtor_no,invoice_date,gross_value,due_date,payment_date\n");
        for (n, i) in invoices.iter().enumerate() {
            let number = format!("R{}", 70_001 + n);
            line(&mut out, &[number, i.number.clone(), iso(i.on), money(Some(i.amount)), iso(i.due), date(i.paid)]);
        }
        out
    }

    fn visits_csv(&self) -> String {
        let mut visits: Vec<&Visit> = self.visits.iter().collect();
        visits.sort_by(|a, b| (a.on, &a.number, &a.note).cmp(&(b.on, &b.number, &b.note)));
        let mut out = String::from("debtor_no,contact_date,kind,hours,by,report\n");
        for v in visits {
            let hours = format!("{:.2}", v.hours);
            let cells = [v.number.clone(), iso(v.on), v.kind.to_owned(), hours, v.by.to_owned(), quoted(&v.note)];
            line(&mut out, &cells);
        }
        out
    }

    fn quotes_csv(&self) -> String {
        let mut quotes: Vec<&Quote> = self.quotes.iter().collect();
        quotes.sort_by(|a, b| (a.on, &a.number, a.amount).cmp(&(b.on, &b.number, b.amount)));
        let mut out =
            String::from("quote_no,debtor_no,quote_date,kind,volume,status,decision_date,awarded_to,lost_reason\n");
        for (n, q) in quotes.iter().enumerate() {
            let cells = [
                format!("Q{}", 30_001 + n),
                q.number.clone(),
                iso(q.on),
                q.kind.to_owned(),
                q.amount.to_string(),
                q.result.to_owned(),
                date(q.decided),
                quoted(q.winner),
                quoted(q.reason),
            ];
            line(&mut out, &cells);
        }
        out
    }

    fn complaints_csv(&self) -> String {
        let mut complaints: Vec<&Complaint> = self.complaints.iter().collect();
        complaints.sort_by(|a, b| (a.opened, &a.number).cmp(&(b.opened, &b.number)));
        let mut out = String::from("debtor_no,opened,closed,text\n");
        for c in complaints {
            line(&mut out, &[c.number.clone(), iso(c.opened), date(c.closed), quoted(&c.text)]);
        }
        out
    }
}

fn money(value: Option<f64>) -> String {
    value.map(|v| format!("{v:.2}")).unwrap_or_default()
}
