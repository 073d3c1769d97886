//! A portfolio on a terminal: where everybody is, then the customers to look at first.

use super::customers;
use super::frame::page;
use super::summary::{CampaignRow, CauseRow, GradeRow, StateRow, Summary, SuppressedRow};
use crate::draw::{
    Cell, Column, Overflow, Paint, Role, Table, amount, bar, beside, clean, count, cut, grouped, share, width, wrap,
};

/// From this width on, tables stand side by side.
const WIDE: usize = 150;
/// Between tables side by side.
const GAP: usize = 4;

/// The whole portfolio in lines of at most `columns`, ending in a line break. Made for 80 to 200 columns.
#[must_use]
pub fn render(summary: &Summary, columns: usize, color: bool) -> String {
    let paint = Paint::new(color);
    let columns = columns.clamp(72, 240);
    let wide = columns >= WIDE;
    let draw = Draw { summary, paint, columns: if wide { (columns - GAP) / 2 } else { columns } };
    let mut blocks = vec![draw.header(columns)];
    if wide {
        blocks.push(beside(&draw.states(), &draw.causes(), draw.columns, GAP));
        let mut left = draw.grades();
        let suppressed = draw.suppressed();
        if !left.is_empty() && !suppressed.is_empty() {
            left.push(String::new());
        }
        left.extend(suppressed);
        blocks.push(beside(&left, &draw.campaigns(), draw.columns, GAP));
    } else {
        blocks.extend([draw.states(), draw.causes(), draw.grades(), draw.campaigns(), draw.suppressed()]);
    }
    blocks.push(customers::draw(summary, columns, paint));
    page(blocks)
}

/// A block of tables of one width.
/// What people decided that names nothing of the pack, with the customers it is said of; nothing if all of it was followed.
pub(super) fn not_followed<'a>(said: impl Iterator<Item = (&'a str, u64)>) -> Option<String> {
    const SHOWN: usize = 5;
    let all: Vec<String> = said.map(|(words, customers)| format!("{} ({})", clean(words), count(customers))).collect();
    let (shown, rest) = all.split_at(SHOWN.min(all.len()));
    let mut list = shown.join("; ");
    if !rest.is_empty() {
        list.push_str(&format!("; and {} more", count(rest.len() as u64)));
    }
    (!all.is_empty()).then(|| format!("not followed of what people decided: {list}"))
}

struct Draw<'a> {
    summary: &'a Summary,
    paint: Paint,
    columns: usize,
}

impl Draw<'_> {
    fn header(&self, columns: usize) -> Vec<String> {
        let Summary { receipt, rows, money, .. } = self.summary;
        let name = format!("{} {}", clean(&receipt.pack), clean(&receipt.version));
        let rest = format!(" · {} · as of {}", receipt.hash.get(..8).unwrap_or(&receipt.hash), receipt.as_of);
        let first = format!(
            "{}{}",
            self.paint.strong(&cut(&name, columns.saturating_sub(width(&rest)))),
            self.paint.dim(&rest)
        );
        let counts = format!(
            "{} rows in {} {} decided + {} suppressed + {} rejected",
            count(rows.input),
            if rows.balanced() { "=" } else { "≠" },
            count(rows.decided),
            count(rows.suppressed),
            count(rows.rejected),
        );
        let counts = wrap(&counts, columns).join("\n");
        let role = if rows.balanced() { Role::Plain } else { Role::Bad };
        let mut lines = vec![first, self.paint.apply(role, &counts)];
        if let Some(money) = money {
            let text = format!("{}: {}", clean(&money.label), with_currency(&amount(money.total), &money.currency));
            lines.push(cut(&text, columns));
        }
        lines.extend(self.people(columns));
        lines
    }

    /// What people decided.
    fn people(&self, columns: usize) -> Vec<String> {
        let Some(people) = &self.summary.overridden else { return Vec::new() };
        let mut lines = Vec::new();
        if people.customers > 0 {
            let customers = if people.customers == 1 { "customer" } else { "customers" };
            let text =
                format!("{} {customers} decided by people, against or beside the rules", count(people.customers));
            lines.push(self.paint.apply(Role::Accent, &cut(&text, columns)));
        }
        let ignored = people.ignored.iter().map(|row| (row.because.as_deref().unwrap_or_default(), row.customers));
        if let Some(text) = not_followed(ignored) {
            lines.extend(wrap(&text, columns).iter().map(|line| self.paint.apply(Role::Warn, line)));
        }
        lines
    }

    /// Whether there is room for more than the bare counts.
    fn roomy(&self) -> bool {
        self.columns > 90
    }

    /// How long a bar may be.
    fn bar_cells(&self) -> usize {
        (self.columns / 6).clamp(8, 24)
    }

    /// The header of the money column.
    fn money_header(&self) -> String {
        let currency = self.summary.money.as_ref().map(|m| cut(&clean(&m.currency), 8)).unwrap_or_default();
        if currency.is_empty() { "money".to_owned() } else { currency }
    }

    fn money_cells(&self, money: Option<f64>, of: f64, wide: bool) -> Vec<Cell> {
        let mut cells = Vec::new();
        if self.summary.money.is_some() {
            cells.push(known(money.map(amount_in_column)));
            if wide {
                cells.push(known(money.map(|m| share(m, of))));
            }
        }
        cells
    }

    /// Columns that all tables of customers share: how many, what share, drawn, and their money.
    fn counting(&self) -> Vec<Column> {
        let mut list = vec![Column::number("customers"), Column::number("share"), Column::fixed("")];
        if self.summary.money.is_some() {
            list.push(Column::number(&self.money_header()));
            if self.roomy() {
                list.push(Column::number("share"));
            }
        }
        list
    }

    fn counted(&self, customers: u64, part: f64, money: Option<f64>, of: f64, cells: usize, role: Role) -> Vec<Cell> {
        let drawn = if role == Role::Dim { Role::Dim } else { Role::Accent };
        let mut row = vec![
            Cell::new(count(customers), role),
            Cell::new(share(part, 1.0), role),
            Cell::new(bar(part, cells), drawn),
        ];
        row.extend(self.money_cells(money, of, self.roomy()));
        row
    }

    fn total(&self, texts: usize, customers: u64, money: f64) -> Vec<Cell> {
        let mut cells = vec![Cell::default(); texts];
        cells.extend([count(customers).into(), Cell::default(), Cell::default()]);
        if self.summary.money.is_some() {
            cells.push(amount_in_column(money).into());
        }
        if self.roomy() {
            cells.push(Cell::default());
        }
        cells
    }

    fn states(&self) -> Vec<String> {
        let mut list = vec![Column::text("state"), Column::text("track")];
        list.extend(self.counting());
        let mut table = Table::new(list);
        let all = self.all_money();
        for StateRow { state, track, customers, share, money } in &self.summary.states {
            let role = if state.is_none() { Role::Warn } else { Role::Plain };
            let name = state.as_deref().map_or("no rule fits".to_owned(), clean);
            let mut cells = vec![Cell::new(name, role), known(track.as_deref().map(words))];
            cells.extend(self.counted(*customers, *share, *money, all, self.bar_cells(), Role::Plain));
            table.row(cells);
        }
        table.total(self.total(2, self.summary.rows.decided, all));
        self.finish(table, &[("nobody is", &self.summary.never.states)], None)
    }

    fn causes(&self) -> Vec<String> {
        let causes = &self.summary.causes;
        if causes.is_empty() && self.summary.never.causes.is_empty() {
            return Vec::new();
        }
        let mut list = vec![Column::text("cause of loss"), Column::text("class")];
        list.extend(self.counting());
        let mut table = Table::new(list);
        let customers = causes.iter().map(|c| c.customers).sum();
        let all: f64 = causes.iter().filter_map(|c| c.money).sum();
        for CauseRow { cause, label, class, customers, share, money } in causes {
            let role = if cause == "unknown" { Role::Dim } else { Role::Plain };
            let mut cells =
                vec![Cell::new(clean(label), role), Cell::new(class.as_deref().map_or(String::new(), words), role)];
            cells.extend(self.counted(*customers, *share, *money, all, self.bar_cells(), role));
            table.row(cells);
        }
        table.total(self.total(2, customers, all));
        let rest = self.summary.not_analysed;
        let note = (rest > 0).then(|| format!("{} not analysed", count(rest)));
        self.finish(table, &[("nobody left for", &self.summary.never.causes)], note)
    }

    fn grades(&self) -> Vec<String> {
        if self.summary.grades.iter().all(|g| g.grade.is_none()) && self.summary.never.grades.is_empty() {
            return Vec::new();
        }
        let mut list = vec![Column::text("grade"), Column::text("")];
        list.extend(self.counting());
        let mut table = Table::new(list);
        let all = self.all_money();
        // Labels of grades are sentences; they need the room more than the bars do.
        let bar = if self.roomy() { self.bar_cells() } else { 8 };
        for GradeRow { grade, label, let_go, customers, share, money } in &self.summary.grades {
            let role = if *let_go { Role::Dim } else { Role::Plain };
            let name = grade.as_deref().map_or("no grade".to_owned(), clean);
            let note = match (let_go, label != grade.as_deref().unwrap_or_default()) {
                (true, true) if label.to_lowercase().contains("let go") => clean(label),
                (true, true) => format!("{} (let go)", clean(label)),
                (true, false) => "let go".to_owned(),
                (false, true) => clean(label),
                (false, false) => String::new(),
            };
            let mut cells = vec![Cell::new(name, role), Cell::new(note, role)];
            cells.extend(self.counted(*customers, *share, *money, all, bar, role));
            table.row(cells);
        }
        table.total(self.total(2, self.summary.rows.decided, all));
        self.finish(table, &[("nobody has", &self.summary.never.grades)], None)
    }

    fn campaigns(&self) -> Vec<String> {
        let campaigns = &self.summary.campaigns;
        if campaigns.is_empty() && self.summary.never.campaigns.is_empty() {
            return Vec::new();
        }
        let roomy = self.roomy();
        let cutting = |header: &str, least| Column::text(header).overflow(Overflow::Cut(least));
        let mut list =
            vec![cutting("campaign", 14), cutting("offer", 9), cutting("channel", 7), Column::number("customers")];
        if roomy {
            list.push(Column::fixed(""));
        }
        list.extend(["cost", "returns"].map(Column::number));
        list.push(Column::number(&net_header(self.summary)));
        let mut table = Table::new(list);
        let sum = |of: fn(&CampaignRow) -> Option<f64>| {
            campaigns.iter().filter_map(of).fold(None, |a: Option<f64>, x| Some(a.unwrap_or(0.0) + x))
        };
        for row in campaigns {
            let mut cells = vec![
                clean(&row.campaign).into(),
                known(row.offer.as_deref().map(clean)),
                known(row.channel.as_deref().map(clean)),
                count(row.customers).into(),
            ];
            if roomy {
                cells.push(Cell::new(bar(row.share, self.bar_cells() / 2), Role::Accent));
            }
            cells.push(known(row.cost.map(amount_in_column)));
            cells.push(known(row.expected_returns.map(|r| grouped(r, 1))));
            cells.push(net(row.expected_net));
            table.row(cells);
        }
        let customers: u64 = campaigns.iter().map(|c| c.customers).sum();
        let mut cells = vec![Cell::default(), Cell::default(), Cell::default(), count(customers).into()];
        if roomy {
            cells.push(Cell::default());
        }
        cells.push(known(sum(|c| c.cost).map(amount_in_column)));
        cells.push(known(sum(|c| c.expected_returns).map(|r| grouped(r, 1))));
        cells.push(net(sum(|c| c.expected_net)));
        table.total(cells);
        let without = self.summary.without_campaign;
        let mut notes = Vec::new();
        if without.let_go > 0 {
            notes.push(format!("{} let go on purpose", count(without.let_go)));
        }
        if without.no_candidate > 0 {
            notes.push(format!("{} whom no campaign fits", count(without.no_candidate)));
        }
        let note = (!notes.is_empty()).then(|| format!("without a campaign: {}", notes.join(", ")));
        self.finish(table, &[("nobody gets", &self.summary.never.campaigns)], note)
    }

    fn suppressed(&self) -> Vec<String> {
        if self.summary.suppressed.is_empty() {
            return Vec::new();
        }
        let mut table =
            Table::new(vec![Column::prose("suppressed"), Column::number("customers"), Column::number("share")]);
        let all = self.summary.rows.suppressed as f64;
        for SuppressedRow { because, customers } in &self.summary.suppressed {
            let why = because.as_deref().map_or("no reason given".to_owned(), clean);
            table.row(vec![why.into(), count(*customers).into(), share(*customers as f64, all).into()]);
        }
        table.draw(self.columns, self.paint)
    }

    fn all_money(&self) -> f64 {
        self.summary.money.as_ref().map_or(0.0, |m| m.total)
    }

    /// The table's lines, and under it who is missing from it.
    fn finish(&self, table: Table, lists: &[(&str, &Vec<String>)], note: Option<String>) -> Vec<String> {
        let mut lines = table.draw(self.columns, self.paint);
        let lists = lists.iter().filter(|(_, names)| !names.is_empty());
        let notes =
            note.into_iter().chain(lists.map(|(word, names)| {
                format!("{word}: {}", names.iter().map(|n| clean(n)).collect::<Vec<_>>().join(", "))
            }));
        for note in notes {
            lines.extend(wrap(&note, self.columns).into_iter().map(|line| self.paint.dim(&line)));
        }
        lines
    }
}

/// Money in a column: whole, so that the digits stand below each other.
fn amount_in_column(x: f64) -> String {
    grouped(x, 0)
}

/// `1,234 EUR`, or without a currency the number alone.
fn with_currency(amount: &str, currency: &str) -> String {
    format!("{amount} {}", clean(currency)).trim_end().to_owned()
}

/// A text, or a faint dash.
pub(super) fn known(text: Option<String>) -> Cell {
    text.map_or_else(|| Cell::new(crate::draw::UNKNOWN, Role::Dim), Cell::from)
}

/// Expected profit, and what it is counted in.
pub(super) fn net_header(summary: &Summary) -> String {
    let currency = summary.money.as_ref().map(|m| cut(&clean(&m.currency), 8)).unwrap_or_default();
    format!("net {currency}").trim_end().to_owned()
}

/// Expected profit; a loss stands out.
pub(super) fn net(x: Option<f64>) -> Cell {
    match x {
        Some(x) if x < 0.0 => Cell::new(amount_in_column(x), Role::Bad),
        x => known(x.map(amount_in_column)),
    }
}

/// `second_life` as `second life`.
fn words(name: &str) -> String {
    clean(name).replace('_', " ")
}
