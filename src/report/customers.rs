//! The best customers on a terminal: one line each where there is room, else one line per dimension.

use super::summary::{Summary, TopRow};
use super::terminal::{known, net, net_header};
use crate::draw::{
    Cell, Column, Overflow, Paint, Role, Table, UNKNOWN, clean, cut, grouped, spark, steps, width, wrap,
};

/// The table and the legend of its criteria; nothing if there is no such customer.
pub(super) fn draw(summary: &Summary, columns: usize, paint: Paint) -> Vec<String> {
    if summary.top.is_empty() {
        return Vec::new();
    }
    let title = match summary.top.len() {
        1 => "the customer to win back first".to_owned(),
        n => format!("the {n} customers to win back first, by priority"),
    };
    let mut lines = vec![paint.strong(&title), String::new()];
    let wide = (columns >= 120).then(|| wide(summary, columns)).flatten();
    lines.extend(wide.unwrap_or_else(|| narrow(summary)).draw(columns, paint));
    lines.push(String::new());
    lines.extend(legend(summary, columns).into_iter().map(|line| paint.dim(&line)));
    if summary.top.iter().any(|row| row.overridden.is_some()) {
        lines.push(paint.dim(&format!("{BY_PERSON} a person decided about this customer: `regain explain` says what")));
    }
    lines
}

/// One line per customer, every criterion in a column of its own; `None` if there is no room for that.
fn wide(summary: &Summary, columns: usize) -> Option<Table> {
    let fits = |gap: usize, name: usize| {
        let table = wide_table(summary, gap, name);
        let widest = table.draw(usize::MAX / 2, Paint::new(false)).iter().map(|l| width(l)).max().unwrap_or(0);
        (widest <= columns).then_some(table)
    };
    // Whole names first, then closer columns, then shorter names.
    let longest = summary.criteria.iter().map(|c| width(&header(&c.name, usize::MAX))).max().unwrap_or(0);
    fits(2, longest).or_else(|| fits(1, longest)).or_else(|| (5..longest).rev().find_map(|name| fits(1, name)))
}

fn wide_table(summary: &Summary, gap: usize, name: usize) -> Table {
    let mut list = vec![
        Column::text("customer").overflow(Overflow::Keep),
        Column::text("state"),
        Column::text("cause"),
        Column::fixed("grade"),
        Column::number("prio"),
    ];
    list.extend(summary.dimensions.iter().map(|d| Column::fixed(&cut(&d.name, 15))));
    list.extend(summary.criteria.iter().map(|c| Column::number(&header(&c.name, name))));
    list.extend([Column::text("campaign"), Column::number(&net_header(summary))]);
    let mut table = Table::new(list).gap(gap);
    for row in &summary.top {
        let text = |x: &Option<String>| known(x.as_deref().map(|t| cut(&clean(t), 24)));
        let mut cells = vec![
            Cell::new(key(row, 20), Role::Strong),
            text(&row.state),
            text(&row.cause),
            text(&row.grade),
            known(row.priority.map(score)),
        ];
        for (_, value) in &row.dimensions {
            cells.push(Cell::new(measure(*value), Role::Accent));
        }
        for (_, value) in &row.scores {
            cells.push(match value {
                Some(x) => format!("{} {:>3}", spark(*value), score(*x)).into(),
                None => Cell::new(format!("{}   {UNKNOWN}", spark(None)), Role::Dim),
            });
        }
        cells.extend([text(&row.campaign), net(row.expected_net)]);
        table.row(cells);
    }
    table
}

/// Stands behind the key of whom a person has decided about.
const BY_PERSON: &str = "*";

fn key(row: &TopRow, longest: usize) -> String {
    let mark = if row.overridden.is_some() { BY_PERSON } else { "" };
    format!("{}{mark}", cut(&clean(&row.key), longest))
}

/// A criterion's name above a narrow column: each of its words on a line of its own.
fn header(name: &str, columns: usize) -> String {
    clean(name).split('_').map(|word| cut(word, columns)).collect::<Vec<_>>().join("\n")
}

/// A line per dimension: its bar, and its criteria as a sparkline.
fn narrow(summary: &Summary) -> Table {
    let mut table = Table::new(vec![
        Column::text("customer\ngrade · prio").overflow(Overflow::Cut(12)),
        Column::fixed(""),
        Column::text("criteria").overflow(Overflow::Cut(8)),
        Column::text("state · cause\ncampaign").overflow(Overflow::Cut(12)),
        Column::number(&net_header(summary)),
    ]);
    let longest = summary.dimensions.iter().map(|d| width(&d.name)).max().unwrap_or(0).min(8);
    for row in &summary.top {
        let mut bars = Vec::new();
        let mut sparks = Vec::new();
        for (name, value) in &row.dimensions {
            bars.push(format!("{} {}", crate::draw::pad(&cut(&clean(name), longest), longest), measure(*value)));
            sparks.push(sparkline(summary, row, name));
        }
        let fact = |x: &Option<String>| x.as_deref().map_or(UNKNOWN.to_owned(), clean);
        let what = match &row.cause {
            Some(cause) => format!("{} · {}", fact(&row.state), clean(cause)),
            None => fact(&row.state),
        };
        table.row(vec![
            format!(
                "{}\n{} · {}",
                key(row, usize::MAX),
                fact(&row.grade),
                row.priority.map_or(UNKNOWN.to_owned(), score)
            )
            .into(),
            Cell::new(bars.join("\n"), Role::Accent),
            sparks.join("\n").into(),
            format!("{what}\n{}", fact(&row.campaign)).into(),
            net(row.expected_net),
        ]);
    }
    table
}

/// The criteria of one dimension, one cell each.
fn sparkline(summary: &Summary, row: &TopRow, dimension: &str) -> String {
    let of_it = |name: &str| summary.criteria.iter().any(|c| c.name == name && c.dimension == dimension);
    row.scores.iter().filter(|(name, _)| of_it(name)).map(|(_, value)| spark(*value)).collect()
}

/// What the cells of a sparkline are, from left to right.
fn legend(summary: &Summary, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for dimension in &summary.dimensions {
        let of_it = summary.criteria.iter().filter(|c| c.dimension == dimension.name);
        let labels: Vec<String> = of_it.map(|c| clean(&c.label)).collect();
        if labels.is_empty() {
            continue;
        }
        let head = format!("{}: ", clean(&dimension.name));
        let margin = width(&head);
        for (i, line) in wrap(&labels.join(" | "), columns.saturating_sub(margin)).into_iter().enumerate() {
            lines.push(if i == 0 { format!("{head}{line}") } else { format!("{}{line}", " ".repeat(margin)) });
        }
    }
    if !lines.is_empty() {
        lines.push("each from ▁ 0 to █ 10, always good for us; · is unknown".to_owned());
    }
    lines
}

/// `████████░░  8.3`
fn measure(value: Option<f64>) -> String {
    format!("{} {:>4}", steps(value), value.map_or(UNKNOWN.to_owned(), score))
}

/// `8.3`, `10`
fn score(x: f64) -> String {
    let text = grouped(x, 1);
    if text == "10.0" { "10".to_owned() } else { text }
}
