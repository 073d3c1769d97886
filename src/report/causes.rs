//! The cause table and the early warnings on a terminal.

use super::frame::{Frame, page};
use crate::draw::{Cell, Column, Overflow, Role, Table, UNKNOWN, clean, count, cut, grouped, share, wrap};
use crate::prevent::{CauseRow, Change, Recovery, Report, Trend, Warned};

/// From this width on, revenue stands beside margin.
const BOTH: usize = 92;

/// Table, remarks and warnings in lines of at most `columns`, ending in a line break. Made for 80 to 200 columns.
#[must_use]
pub fn render(report: &Report, columns: usize, color: bool) -> String {
    let draw = Draw { report, frame: Frame::new(columns, color) };
    let blocks = [draw.header(), draw.causes(), draw.remarks(), draw.kinds(), draw.list()];
    page(blocks)
}

struct Draw<'a> {
    report: &'a Report,
    frame: Frame,
}

impl Draw<'_> {
    fn header(&self) -> Vec<String> {
        let report = self.report;
        let mut lines = vec![self.frame.head(&report.pack, &report.version, &report.hash, &report.as_of)];
        let kept = report.customers - report.suppressed;
        let mut text = format!("{} customers", count(report.customers));
        if report.suppressed > 0 {
            text.push_str(&format!(
                ", {} suppressed and not counted, {} looked at",
                count(report.suppressed),
                count(kept)
            ));
        }
        lines.extend(wrap(&text, self.frame.columns));
        match &report.period {
            Some(period) => {
                let text = format!(
                    "lost in {} days, {} to {}; the period before is {} to {}",
                    period.days, period.from, period.to, period.before_from, period.before_to
                );
                lines.extend(wrap(&text, self.frame.columns));
            }
            None => lines.extend(wrap(
                "all losses on record: the pack does not say when somebody was lost (`[prevention] lost_on`)",
                self.frame.columns,
            )),
        }
        lines
    }

    fn causes(&self) -> Vec<String> {
        let report = self.report;
        if report.causes.is_empty() {
            return vec!["nobody was lost in the period".to_owned()];
        }
        let money = |what: &str| {
            let currency = cut(&clean(&report.currency), 8);
            format!("{what} {currency}").trim_end().to_owned()
        };
        let cutting = |header: &str, least| Column::text(header).overflow(Overflow::Cut(least));
        let mut columns = vec![cutting("cause of loss", 12)];
        if self.frame.roomy {
            columns.push(cutting("class", 8));
        }
        columns.extend([Column::number("customers"), Column::number("share")]);
        let both = self.frame.columns >= BOTH || report.margin_label.is_none();
        let revenue = report.revenue_label.is_some() && both;
        if revenue {
            columns.push(Column::number(&money("revenue")));
        }
        if report.margin_label.is_some() {
            columns.push(Column::number(&money("margin")));
        }
        columns.extend([Column::number("trend"), Column::number("back"), Column::fixed(self.preventable_header())]);
        let mut table = Table::new(columns);
        // Of whose cause nobody was lost now, only a clear change is worth a line.
        let said = |row: &CauseRow| row.all_lost > 0 || row.trend.trend == Trend::Fewer;
        for row in report.causes.iter().filter(|row| said(row)) {
            table.row(self.row(row, revenue));
        }
        table.total(self.row(&report.total, revenue));
        let mut lines = self.frame.draw(&table);
        if let (false, Some(label), Some(x)) = (revenue, &report.revenue_label, report.total.lost.revenue) {
            lines.extend(self.frame.note(&format!("{} lost: {}", clean(label), self.with_currency(x))));
        }
        lines
    }

    fn preventable_header(&self) -> &'static str {
        if self.frame.roomy { "preventable" } else { "prev." }
    }

    fn row(&self, row: &CauseRow, revenue: bool) -> Vec<Cell> {
        let total = std::ptr::eq(row, &raw const self.report.total);
        let known = total || row.preventable.is_some();
        let role = if known { Role::Plain } else { Role::Dim };
        let mut cells = vec![Cell::new(clean(&row.label), role)];
        if self.frame.roomy {
            let class = if total { "" } else { row.class.as_deref().unwrap_or_default() };
            cells.push(Cell::new(clean(class).replace('_', " "), role));
        }
        cells.push(Cell::new(count(row.lost.customers), role));
        cells.push(Cell::new(if total { String::new() } else { share(row.share, 1.0) }, role));
        if revenue {
            cells.push(Cell::new(whole(row.lost.revenue), role));
        }
        if self.report.margin_label.is_some() {
            cells.push(Cell::new(whole(row.lost.margin), role));
        }
        cells.push(self.trend(&row.trend));
        cells.push(Cell::new(self.recovery(&row.recovery), role));
        cells.push(match row.preventable {
            _ if total => Cell::default(),
            Some(true) => Cell::new("yes", Role::Warn),
            Some(false) => Cell::new("no", Role::Plain),
            None => Cell::new(UNKNOWN, Role::Dim),
        });
        cells
    }

    fn trend(&self, trend: &Change) -> Cell {
        let percent = |x: f64| {
            let text = grouped(100.0 * x, 0);
            if x > 0.0 && !text.starts_with('0') { format!("+{text}") } else { text }
        };
        let number = trend.change.map(|x| format!("{} %", percent(x)));
        let interval = match (trend.low, trend.high) {
            (Some(low), Some(high)) if self.frame.roomy => format!(" [{}, {}]", percent(low), percent(high)),
            (Some(low), None) if self.frame.roomy => format!(" [{} and more]", percent(low)),
            _ => String::new(),
        };
        match (trend.trend, number) {
            (Trend::More, Some(number)) => Cell::new(format!("{number}{interval}"), Role::Bad),
            (Trend::Fewer, Some(number)) => Cell::new(format!("{number}{interval}"), Role::Good),
            (Trend::NoClearChange, Some(number)) if self.frame.roomy => Cell::from(format!("{number}{interval}")),
            (Trend::NoClearChange, _) => Cell::from("no clear change"),
            (Trend::NothingBefore, _) => Cell::new("none before", Role::Dim),
            (Trend::Undated, _) => Cell::new(UNKNOWN, Role::Dim),
            (Trend::TooFew | Trend::More | Trend::Fewer, _) => Cell::new("too few to tell", Role::Dim),
        }
    }

    fn recovery(&self, recovery: &Recovery) -> String {
        match (recovery.rate, recovery.low, recovery.high) {
            (Some(rate), Some(low), Some(high)) if self.frame.roomy => {
                format!("{} [{}, {}]", share(rate, 1.0), grouped(100.0 * low, 1), grouped(100.0 * high, 1))
            }
            (Some(rate), ..) => share(rate, 1.0),
            _ if recovery.of == 0 => UNKNOWN.to_owned(),
            _ => format!("{} of {}", recovery.back, recovery.of),
        }
    }

    /// `1,234 EUR`, of margin if that is known, else of revenue.
    fn money(&self, counted: &crate::prevent::Counted) -> String {
        let money = counted.margin.or(counted.revenue);
        money.map_or_else(String::new, |x| format!(", {}", self.with_currency(x)))
    }

    fn with_currency(&self, x: f64) -> String {
        format!("{} {}", grouped(x, 0), clean(&self.report.currency)).trim_end().to_owned()
    }

    fn remarks(&self) -> Vec<String> {
        let report = self.report;
        let mut notes = Vec::new();
        let said = |customers: u64| format!("{} of {}", count(customers), count(report.total.lost.customers));
        if report.total.lost.customers > 0 {
            let of_all = |part: &crate::prevent::Subtotal| match (part.lost.margin, report.total.lost.margin) {
                (Some(a), Some(b)) => format!(" ({})", share(a, b)),
                _ => match (part.lost.revenue, report.total.lost.revenue) {
                    (Some(a), Some(b)) => format!(" ({})", share(a, b)),
                    _ => String::new(),
                },
            };
            let (kept, open) = (&report.preventable, &report.unknown);
            notes.push(format!(
                "preventable: {} customers{}{}; cause unknown: {}{}{}",
                said(kept.lost.customers),
                self.money(&kept.lost),
                of_all(kept),
                said(open.lost.customers),
                self.money(&open.lost),
                of_all(open),
            ));
        }
        if report.again > 0 {
            notes.push(format!("lost for the second time: {}", said(report.again)));
        }
        let mut outside = Vec::new();
        if report.earlier.customers > 0 {
            outside.push(format!("{} lost earlier{}", count(report.earlier.customers), self.money(&report.earlier)));
        }
        if report.undated.customers > 0 {
            let lost = count(report.undated.customers);
            outside.push(format!("{lost} lost on a day nobody knows{}", self.money(&report.undated)));
        }
        if report.leaving.customers > 0 {
            let leaving = count(report.leaving.customers);
            let money =
                report.leaving.revenue.map_or_else(String::new, |x| format!(", {} at risk", self.with_currency(x)));
            outside.push(format!("{leaving} who have given notice and are still here{money}"));
        }
        if !outside.is_empty() {
            notes.push(format!("not in the table: {}", outside.join("; ")));
        }
        let mut meaning = String::new();
        let labels: Vec<String> =
            [&report.revenue_label, &report.margin_label].into_iter().flatten().map(|label| clean(label)).collect();
        if !labels.is_empty() {
            meaning.push_str(&format!("money: {} of those not back. ", labels.join(" and ")));
        }
        if report.period.is_some() {
            meaning.push_str(
                "trend: all lost in the period against all lost in the one before, those who are back included; ",
            );
        }
        meaning.push_str("back: returned by today, of all lost in the period; the latest had the least time to return");
        if self.frame.roomy {
            meaning.push_str(". In brackets: 95 % intervals");
        }
        notes.push(meaning);
        notes.iter().flat_map(|note| self.frame.note(note)).collect()
    }

    fn kinds(&self) -> Vec<String> {
        let warnings = &self.report.warnings;
        if warnings.kinds.is_empty() && warnings.quiet.is_empty() {
            return Vec::new();
        }
        if warnings.kinds.is_empty() {
            return self.frame.note("no early warning about anybody who is still here");
        }
        let mut columns = vec![
            Column::text("early warning").overflow(Overflow::Cut(20)),
            Column::number("customers"),
            Column::number(format!("at risk {}", clean(&self.report.currency)).trim_end()),
            Column::number("weight"),
        ];
        if self.frame.roomy {
            columns.push(Column::prose("what to do"));
        }
        let mut table = Table::new(columns);
        for kind in &warnings.kinds {
            let mut cells = vec![
                Cell::from(clean(&kind.label)),
                count(kind.customers).into(),
                whole(kind.at_risk).into(),
                grouped(kind.weight, if kind.weight.fract() == 0.0 { 0 } else { 1 }).into(),
            ];
            if self.frame.roomy {
                cells.push(Cell::new(clean(&kind.help), Role::Dim));
            }
            table.row(cells);
        }
        let mut total = vec!["customers with a warning".into(), count(warnings.customers).into()];
        total.push(whole(warnings.at_risk).into());
        table.total(total);
        let mut lines = self.frame.draw(&table);
        if !warnings.quiet.is_empty() {
            let quiet: Vec<String> = warnings.quiet.iter().map(|label| clean(label)).collect();
            lines.extend(self.frame.note(&format!("about nobody: {}", quiet.join(", "))));
        }
        lines
    }

    fn list(&self) -> Vec<String> {
        let warnings = &self.report.warnings;
        if warnings.list.is_empty() {
            return Vec::new();
        }
        let columns = vec![
            Column::text("still here").overflow(Overflow::Cut(10)),
            Column::text("state").overflow(Overflow::Cut(8)),
            Column::number(format!("at risk {}", clean(&self.report.currency)).trim_end()),
            Column::number("weight"),
            Column::prose("why"),
        ];
        let mut table = Table::new(columns);
        for Warned { key, state, at_risk, weight, reasons, .. } in &warnings.list {
            table.row(vec![
                clean(key).into(),
                clean(state.as_deref().unwrap_or(UNKNOWN)).into(),
                whole(*at_risk).into(),
                grouped(*weight, if weight.fract() == 0.0 { 0 } else { 1 }).into(),
                clean(reasons).into(),
            ]);
        }
        let mut lines = self.frame.draw(&table);
        let rest = warnings.customers - warnings.list.len() as u64;
        let more = if rest > 0 { format!("; {} more, see `--warnings-out`", count(rest)) } else { String::new() };
        lines.extend(
            self.frame.note(&format!("in the order of money at risk times the weights of the warnings together{more}")),
        );
        lines
    }
}

/// Money in a column: whole, or a dash.
fn whole(x: Option<f64>) -> String {
    x.map_or_else(|| UNKNOWN.to_owned(), |x| grouped(x, 0))
}
