//! Plays the half year after a plan: who returns, what they buy, who leaves again. Writes `outcomes.csv` for `regain evaluate`,
//! `truth.csv` with the effect that is true in this world, and the tables as they stand half a year later for
//! `regain second-life`.
//!
//! `cargo run --release --example simulate_retail -- plan.csv later`

#![allow(clippy::print_stdout, reason = "a tool for people")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

use regain::plan::PlanRow;

use export::{Day, day, iso, line};
use returns::{Planned, hash, margin_of_return, outcome, truth};

#[path = "../shared/export.rs"]
#[allow(dead_code, reason = "shared with the generators")]
mod export;
mod returns;

/// The world is played until this day.
const UNTIL: Day = day(2026, 12, 31);
/// What was bought after this day is made here.
const FROM: Day = day(2026, 6, 30);
const SEED: u64 = 7;
/// The share of second lives that end within the half year, by what is known of nobody beforehand.
const LEAVES_AGAIN: f64 = 0.25;
const DATA: &str = "examples/retail/data";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut args = env::args().skip(1);
    let (Some(plan), Some(folder)) = (args.next(), args.next()) else {
        return Err("say the plan and a folder: simulate_retail plan.csv later [data]".into());
    };
    let data = args.next().unwrap_or_else(|| DATA.to_owned());
    let (data, folder) = (Path::new(&data), Path::new(&folder));
    fs::create_dir_all(folder)?;
    let planned = read_plan(Path::new(&plan))?;

    let mut outcomes = String::from("customer_no,withdrawn,returned_on,orders,revenue,margin,cost\n");
    let mut contacts = String::from("customer_no,contacted_on,channel,campaign\n");
    let mut truths: BTreeMap<String, Sums> = BTreeMap::new();
    let mut returned = BTreeMap::new();
    for row in &planned {
        let what = outcome(&row.planned, SEED);
        let on = what.after_days.map(|days| row.send_on + days);
        let withdrawn = on.is_some() && row.planned.track == "termination";
        let cells = [
            row.planned.key.clone(),
            withdrawn.to_string(),
            on.map(iso).unwrap_or_default(),
            what.orders.to_string(),
            format!("{:.2}", what.revenue),
            format!("{:.2}", what.margin),
            format!("{:.2}", what.cost),
        ];
        line(&mut outcomes, &cells);
        if row.planned.contacted {
            let cells = [row.planned.key.clone(), iso(row.send_on), row.planned.channel.clone(), row.campaign.clone()];
            line(&mut contacts, &cells);
        }
        if let Some(on) = on {
            returned.insert(row.planned.key.clone(), (on, what.orders, what.revenue));
        }
        for group in
            ["all".to_owned(), format!("campaign {}", row.campaign), format!("channel {}", row.planned.channel)]
        {
            truths.entry(group).or_default().add(&row.planned);
        }
    }
    fs::write(folder.join("outcomes.csv"), outcomes)?;
    fs::write(folder.join("contacts.csv"), earlier(&data.join("contacts.csv"))? + without_header(&contacts).as_str())?;

    let mut truth = String::from("group,customers,returns_anyway,returns_contacted,effect,margin_effect\n");
    for (group, sums) in &truths {
        line(&mut truth, &sums.cells(group));
    }
    fs::write(folder.join("truth.csv"), truth)?;

    later(data, folder, &returned)?;
    let total = truths.get("all").map(|sums| sums.cells("all").join(" ")).unwrap_or_default();
    println!("{} planned, {} returned; the truth: {total}", planned.len(), returned.len());
    Ok(())
}

/// One row of the plan.
struct Row {
    planned: Planned,
    campaign: String,
    send_on: Day,
}

/// Means over a group of planned customers.
#[derive(Default)]
struct Sums {
    customers: f64,
    anyway: f64,
    contacted: f64,
    margin: f64,
}

impl Sums {
    fn add(&mut self, planned: &Planned) {
        let truth = truth(planned);
        self.customers += 1.0;
        self.anyway += truth.anyway;
        self.contacted += truth.contacted;
        self.margin += (truth.contacted - truth.anyway) * margin_of_return(planned);
    }

    fn cells(&self, group: &str) -> Vec<String> {
        let share = |sum: f64| format!("{:.4}", sum / self.customers);
        let effect = share(self.contacted - self.anyway);
        let margin = format!("{:.2}", self.margin / self.customers);
        vec![group.to_owned(), self.customers.to_string(), share(self.anyway), share(self.contacted), effect, margin]
    }
}

fn read_plan(path: &Path) -> Result<Vec<Row>> {
    let plan = regain::plan::read::read(path, None)?;
    let chance = plan.score_names.iter().position(|name| name == "chance").ok_or("the plan has no column `chance`")?;
    let row = |row: &PlanRow| Row {
        planned: Planned::of(row, chance),
        campaign: row.campaign.to_string(),
        send_on: i64::from(row.send_on.days()),
    };
    Ok(plan.rows.iter().map(row).collect())
}

fn read_day(text: &str) -> Option<Day> {
    let mut parts = text.get(..10)?.split('-').map(str::parse);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(y)), Some(Ok(m)), Some(Ok(d))) => Some(day(y, m, d)),
        _ => None,
    }
}

/// The contacts made before, or the header of the file.
fn earlier(path: &Path) -> Result<String> {
    if path.is_file() {
        Ok(fs::read_to_string(path)?)
    } else {
        Ok("customer_no,contacted_on,channel,campaign\n".to_owned())
    }
}

fn without_header(text: &str) -> String {
    text.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default()
}

/// The tables half a year later: who was buying goes on, who returned buys again, and some of them leave a second time.
fn later(data: &Path, folder: &Path, returned: &BTreeMap<String, (Day, i64, f64)>) -> Result<()> {
    let mut reader = csv::Reader::from_path(data.join("orders.csv"))?;
    let mut lives: BTreeMap<String, Vec<(Day, f64)>> = BTreeMap::new();
    let mut orders = String::from("order_no,customer_no,order_date,amount,margin,discount,returned,late\n");
    for record in reader.records() {
        let record = record?;
        let cell = |place: usize| record.get(place).unwrap_or_default();
        let Some(on) = read_day(cell(2)) else { continue };
        if on > FROM {
            continue;
        }
        line(&mut orders, &record.iter().map(str::to_owned).collect::<Vec<_>>());
        if let Ok(amount) = cell(3).parse() {
            lives.entry(cell(1).to_owned()).or_default().push((on, amount));
        }
    }
    let mut number = 700_000;
    let mut buy = |key: &str, on: Day, amount: f64, orders: &mut String| {
        number += 1;
        let (amount, margin) = (format!("{amount:.2}"), format!("{:.2}", 0.38 * amount));
        let cells = [format!("A{number}"), key.to_owned(), iso(on), amount, margin];
        line(orders, &cells.into_iter().chain(["0.00", "false", "false"].map(str::to_owned)).collect::<Vec<_>>());
    };
    for (key, days) in &lives {
        let mut rng = fastrand::Rng::with_seed(hash(key) ^ SEED);
        let mut gaps: Vec<Day> =
            days.windows(2).filter_map(|w| Some(w.last()?.0 - w.first()?.0)).filter(|g| *g > 0).collect();
        gaps.sort_unstable();
        let gap = gaps.get(gaps.len() / 2).copied().unwrap_or(120).max(7);
        let amount = days.iter().map(|(_, amount)| amount).sum::<f64>() / days.len() as f64;
        let last = days.iter().map(|(on, _)| *on).max().unwrap_or(FROM);
        let step = |rng: &mut fastrand::Rng| ((gap as f64) * (0.6 + 0.8 * rng.f64())) as Day + 1;
        let (mut on, until) = match returned.get(key) {
            Some((on, ..)) => {
                let leaves = rng.f64() < LEAVES_AGAIN;
                (*on, if leaves { *on + gap / 2 } else { UNTIL })
            }
            // Still a customer: buys on, and one of twelve stops.
            None if FROM - last <= 2 * gap && rng.f64() < 11.0 / 12.0 => ((last + step(&mut rng)).max(FROM + 1), UNTIL),
            None => continue,
        };
        while on <= until && on <= UNTIL {
            buy(key, on, amount * (0.7 + 0.6 * rng.f64()), &mut orders);
            on += step(&mut rng);
        }
    }
    fs::write(folder.join("orders.csv"), orders)?;

    let mut reader = csv::Reader::from_path(data.join("customers.csv"))?;
    let headers = reader.headers()?.clone();
    let back = headers.iter().position(|h| h == "returned_on").ok_or("customers.csv has no column `returned_on`")?;
    let mut writer = csv::Writer::from_path(folder.join("customers.csv"))?;
    writer.write_record(&headers)?;
    for record in reader.records() {
        let record = record?;
        let on = record.get(0).and_then(|key| returned.get(key)).map(|(on, ..)| iso(*on));
        let cells = record.iter().enumerate().map(|(place, cell)| match &on {
            Some(on) if place == back => on.clone(),
            _ => cell.to_owned(),
        });
        writer.write_record(cells)?;
    }
    writer.flush()?;
    for table in ["complaints.csv", "do_not_contact.csv", "overrides.csv"] {
        if data.join(table).is_file() {
            fs::copy(data.join(table), folder.join(table))?;
        }
    }
    Ok(())
}
