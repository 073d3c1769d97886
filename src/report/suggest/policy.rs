//! Champion against challenger on a terminal.

use super::{Head, mismatches, named};
use crate::draw::{Cell, Column, Paint, Role, Table, clean, count, wrap};
use crate::suggest::auc::Estimate;
use crate::suggest::policy::{CannotJudge, Judged, NoData, Value};
use crate::suggest::words::{money, short};

/// The pack that is judged.
#[derive(Debug, Clone)]
pub struct Challenger {
    /// Name and version.
    pub name: String,
    /// Whether the plan that was run was made by these very rules.
    pub same: bool,
    /// How many customers it contacts.
    pub contacts: usize,
}

impl Challenger {
    /// How it is judged, and why it may differ from the plan even if its rules do not.
    fn how(&self, name: &str) -> String {
        let who = count(self.contacts as u64);
        let mut text = format!(
            "By its rules alone, not by a plan of its own: {name} contacts the {who} customers its rules expect to gain most of, each by \
             the best campaign. Budgets, capacities, permissions and days, which the champion's plan kept, do not hold it back."
        );
        if self.same {
            text.push_str(
                " These are the rules the plan was made by: whatever differs below is what its limits changed, and says nothing about \
                 rules.",
            );
        }
        text
    }
}

/// What the rules of another pack would have brought, in lines of at most `columns`, ending in a line break.
#[must_use]
pub fn render_policy(
    judged: &Result<Judged, CannotJudge>,
    head: &Head,
    judging: &Challenger,
    currency: &str,
    columns: usize,
    color: bool,
) -> String {
    let paint = Paint::new(color);
    let columns = columns.clamp(72, 200);
    let challenger = clean(&judging.name);
    let mut lines = vec![
        format!("{} {} {}", named(&head.receipt, paint), paint.dim("against"), paint.strong(&challenger)),
        String::new(),
    ];
    let say =
        |text: &str, role: Role| -> Vec<String> { wrap(text, columns).iter().map(|l| paint.apply(role, l)).collect() };
    if !head.mismatches.is_empty() {
        lines.extend(mismatches(head, columns, paint));
        lines.push(String::new());
    }
    lines.extend(say(&judging.how(&challenger), Role::Dim));
    lines.push(String::new());
    match judged {
        Err(CannotJudge::Arms) => {
            let text = "No value: it would rest on the probabilities with which customers were contacted, and these are not what was \
                        done.";
            lines.extend(say(text, Role::Bad));
        }
        Err(CannotJudge::NoProfit) => {
            lines.extend(say("What customers brought is not known, so no plan can be judged by it.", Role::Bad));
        }
        Err(CannotJudge::NobodyInCommon(no_data)) => {
            lines.extend(say(&format!("No data: {}.", missing(no_data, &challenger)), Role::Bad));
            lines.extend(say("There is no customer of whom anything is known under both plans.", Role::Plain));
        }
        Ok(judged) => {
            let refused = judged.no_data.total() > 0;
            if refused {
                let text = missing(&judged.no_data, &challenger);
                lines.extend(say(&format!("No value for the whole plan: {text}.",), Role::Bad));
                let n = judged.customers as u64;
                lines.extend(say(
                    &format!("What follows is about the other {} customers alone.", count(n)),
                    Role::Plain,
                ));
                lines.push(String::new());
            }
            lines.extend(table(judged, currency, columns, paint));
            lines.push(String::new());
            lines.extend(verdict(judged, &challenger, currency, columns, paint));
        }
    }
    let mut out = lines.join("\n");
    out.push('\n');
    out
}

fn missing(n: &NoData, challenger: &str) -> String {
    let customers = |n: usize| format!("{} customer{}", count(n as u64), if n == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    if n.never_contacted > 0 {
        parts.push(format!("{challenger} would contact {} whom nobody contacted", customers(n.never_contacted)));
    }
    if n.other_campaign > 0 {
        parts.push(format!("{} by a campaign that was not used for them", customers(n.other_campaign)));
    }
    if n.never_left_alone > 0 {
        parts.push(format!("it would leave {} alone of whom nobody was held out", customers(n.never_left_alone)));
    }
    parts.join(", ")
}

fn table(judged: &Judged, currency: &str, columns: usize, paint: Paint) -> Vec<String> {
    let money = if currency.is_empty() { "profit per customer".to_owned() } else { format!("{currency} per customer") };
    let mut table = Table::new(vec![
        Column::text("plan"),
        Column::number("contacts"),
        Column::number("data of"),
        Column::number("worth"),
        Column::number("doubly robust"),
        Column::number("IPS"),
        Column::number("self-norm."),
    ]);
    let cell = |e: Estimate| {
        let interval = e.interval(0.05);
        format!("{}\n{} to {}", short(e.value), short(interval.low), short(interval.high))
    };
    let mut row = |name: &str, v: &Value| {
        table.row(vec![
            Cell::new(name, Role::Strong),
            Cell::from(count(v.contacts as u64)),
            Cell::from(count(v.followed as u64)),
            Cell::from(count(v.effective.round() as u64)),
            Cell::from(cell(v.robust)),
            Cell::from(cell(v.ips)),
            Cell::from(cell(v.normalised)),
        ]);
    };
    row("champion", &judged.champion);
    row("challenger", &judged.challenger);
    let mut lines = vec![paint.dim(&format!("{money}, 95 %"))];
    lines.extend(table.draw(columns, paint));
    lines
}

fn verdict(judged: &Judged, challenger: &str, currency: &str, columns: usize, paint: Paint) -> Vec<String> {
    let total = judged.difference.times(judged.customers as f64);
    let interval = total.interval(0.05);
    let unit = if currency.is_empty() { String::new() } else { format!(" {currency}") };
    let who = count(judged.customers as u64);
    let text = format!(
        "Difference over {who} customers: {}{unit} (95 %: {} to {}), {} treated alike by both.",
        money(total.value),
        money(interval.low),
        money(interval.high),
        count(judged.alike as u64)
    );
    let mut lines = wrap(&text, columns);
    let (text, role) = if judged.alike == judged.customers {
        ("Both plans do the same.".to_owned(), Role::Plain)
    } else if interval.low > 0.0 {
        (format!("{challenger} would have brought more."), Role::Good)
    } else if interval.high < 0.0 {
        (format!("{challenger} would have brought less."), Role::Bad)
    } else {
        ("Cannot tell which is better: the difference may as well be none.".to_owned(), Role::Warn)
    };
    lines.extend(wrap(&text, columns).iter().map(|l| paint.apply(role, l)));
    if judged.challenger.effective < 100.0 {
        let text = format!(
            "The challenger rests on {} customers' worth of data; hold more out to judge it better.",
            count(judged.challenger.effective.round() as u64)
        );
        lines.extend(wrap(&text, columns).iter().map(|l| paint.apply(Role::Warn, l)));
    }
    let text = "data of: customers for whom chance did what the plan would have done; worth: how many these are worth with their weights \
                (effective sample size)";
    lines.extend(wrap(text, columns).iter().map(|l| paint.dim(l)));
    lines
}
