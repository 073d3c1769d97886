//! The table of one column: its rows with their arms, lift, money, and what can be said.

use super::Draw;
use super::words::{has_answer, pays, probability, rate, ratio, role, signed, signed_span, span};
use crate::draw::{Cell, Column, Overflow, Role, Table, UNKNOWN, amount, count, share, width};
use crate::evaluate::{Effect, Family, Row, Verdict};

/// How much stands in columns of its own; the rest stands below the rows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Room {
    /// Arms and lift.
    Arms,
    /// Money, too.
    Money,
    /// And what can be said.
    All,
}

/// A name is not cut to less than this where the page is wide enough for it and the arms, and on narrower pages.
const NAMES: (usize, usize) = (26, 12);
/// From this many columns on it is.
const WIDE_PAGE: usize = 100;
/// So much room for what can be said is enough.
const SAID: usize = 30;

impl Draw<'_> {
    pub(super) fn family(&self, family: &Family) -> Vec<String> {
        let mut lines = vec![self.paint.strong(&format!("By {}", family.column.replace('_', " ")))];
        let held_out = family.rows.iter().any(|row| row.verdict != Verdict::NoHoldout);
        // Where the arms of the plan cannot be compared, those of its parts cannot either: what was done is all that is known.
        if !held_out || self.evaluation.whole.verdict == Verdict::NotTrusted {
            lines.extend(self.without_holdout(family));
            return lines;
        }
        // The first that fits; what can be said wraps, and needs some room to do so. The rule is as wide as the table.
        let fits =
            |columns: usize| self.drawn(family, Room::Money, columns).get(1).is_some_and(|rule| width(rule) <= columns);
        let room = match self.columns {
            columns if fits(columns.saturating_sub(SAID + 2)) => Room::All,
            columns if fits(columns) => Room::Money,
            _ => Room::Arms,
        };
        lines.extend(self.drawn(family, room, self.columns));
        lines
    }

    fn drawn(&self, family: &Family, room: Room, columns_of_page: usize) -> Vec<String> {
        let (wide, wider) = (room >= Room::Money, room >= Room::All);
        let mut columns = vec![
            Column::text("").overflow(Overflow::Cut(self.names())),
            Column::number("contacted"),
            Column::number("held out"),
            Column::number("back"),
            Column::number("without"),
            Column::number("lift, points"),
        ];
        let currency = self.words.currency();
        let profit = if currency.is_empty() { "profit".to_owned() } else { format!("profit, {currency}") };
        if wide {
            columns.extend([Column::number("returns brought"), Column::number(&profit), Column::number("ROI")]);
        }
        if wider {
            columns.push(Column::prose(""));
        }
        let mut table = Table::new(columns);
        for row in &family.rows {
            let trusted = row.verdict != Verdict::NotTrusted;
            let plain = if trusted { Role::Plain } else { Role::Dim };
            let cell = |text: String| Cell::new(text, plain);
            let unknown = || Cell::new(UNKNOWN, Role::Dim);
            let mut cells = vec![
                Cell::new(self.words.label(&family.column, &row.name), plain),
                cell(count(row.contacted.of)),
                cell(count(row.held_out.of)),
            ];
            match row.effect {
                Some(effect) => {
                    cells.push(cell(rate(effect.rate_contact)));
                    cells.push(cell(rate(effect.rate_holdout)));
                    cells
                        .push(Cell::new(lift(&effect, &row.verdict), if trusted { role(&row.verdict) } else { plain }));
                    if wide {
                        cells.extend(money(&effect, &row.verdict).map(cell));
                    }
                }
                // Also without anybody held out it is known who came back.
                None if row.verdict == Verdict::NoHoldout && row.contacted.of > 0 => {
                    cells.push(cell(rate(row.contacted.rate())));
                    cells.extend((0..if wide { 5 } else { 2 }).map(|_| unknown()));
                }
                None => cells.extend((0..if wide { 6 } else { 3 }).map(|_| unknown())),
            }
            let said = self.said(row);
            if wider {
                cells.push(Cell::new(said.clone(), role(&row.verdict)));
            }
            table.row(cells);
            if !wide && let Some(text) = row.effect.filter(|_| trusted).and_then(|e| self.in_words(&e, &row.verdict)) {
                table.note(Cell::new(text, Role::Dim));
            }
            if !wider {
                table.note(Cell::new(said, role(&row.verdict)));
            }
        }
        table.draw(columns_of_page, self.paint)
    }

    fn names(&self) -> usize {
        if self.columns >= WIDE_PAGE { NAMES.0 } else { NAMES.1 }
    }

    /// What can be said of a row, with its p-value.
    fn said(&self, row: &Row) -> String {
        let said = self.words.verdict(&row.verdict);
        match row.effect.filter(|_| has_answer(&row.verdict) || row.verdict == Verdict::OnlyAlone) {
            Some(effect) => {
                let pays = pays(&row.verdict, effect.worth);
                format!("{said} (p {} after Holm){pays}", probability(effect.adjusted))
            }
            None => said,
        }
    }

    /// What stands in columns where there is room for them.
    fn in_words(&self, effect: &Effect, verdict: &Verdict) -> Option<String> {
        let worth = effect.worth;
        if !has_answer(verdict) {
            let worth = worth?;
            return Some(format!("profit {}", span(worth.interval, |x| self.words.money(x))));
        }
        let (returns, interval) = effect.returns;
        let mut parts =
            vec![format!("{} returns brought ({})", amount(returns.round()), span(interval, |x| amount(x.round())))];
        if let Some(worth) = worth {
            let range = span(worth.interval, |x| self.words.money(x));
            parts.push(format!("profit {} ({range})", self.words.money(worth.profit)));
            if let Some((roi, interval)) = worth.roi {
                let range = interval.map_or_else(String::new, |i| format!(" ({})", span(i, ratio)));
                parts.push(format!("ROI {}{range}", ratio(roi)));
            }
        }
        if let Some((anyway, _)) = effect.anyway {
            parts.push(format!("{} of the returned would have come anyway", share(anyway, 1.0)));
        }
        Some(parts.join("; "))
    }

    /// Without a holdout only rates are known.
    fn without_holdout(&self, family: &Family) -> Vec<String> {
        let columns = vec![
            Column::text("").overflow(Overflow::Cut(self.names())),
            Column::number("contacted"),
            Column::number("won back"),
            Column::number("rate"),
            Column::number(""),
        ];
        let mut table = Table::new(columns);
        for row in family.rows.iter().filter(|row| row.contacted.of > 0) {
            table.row(vec![
                self.words.label(&family.column, &row.name).into(),
                count(row.contacted.of).into(),
                count(row.contacted.hits).into(),
                rate(row.contacted.rate()).into(),
                Cell::new(super::words::rates(row.rate), Role::Dim),
            ]);
        }
        table.draw(self.columns, self.paint)
    }
}

/// Lift with its interval; the interval alone where a number would look like an answer.
fn lift(effect: &Effect, verdict: &Verdict) -> String {
    let range = signed_span(effect.interval);
    if has_answer(verdict) { format!("{} ({range})", signed(effect.lift)) } else { range }
}

/// Returns brought, profit and ROI with their intervals; the same.
fn money(effect: &Effect, verdict: &Verdict) -> [String; 3] {
    let whole = |x: f64| amount(x.round());
    let shown = |value: f64, range: String, text: &dyn Fn(f64) -> String| {
        if has_answer(verdict) { format!("{} ({range})", text(value)) } else { range }
    };
    let (returns, interval) = effect.returns;
    let profit = effect
        .worth
        .map_or_else(|| UNKNOWN.to_owned(), |worth| shown(worth.profit, span(worth.interval, whole), &whole));
    let roi = effect.worth.and_then(|worth| worth.roi).map_or_else(
        || UNKNOWN.to_owned(),
        |(roi, interval)| match interval {
            Some(interval) => shown(roi, span(interval, ratio), &ratio),
            None => UNKNOWN.to_owned(),
        },
    );
    [shown(returns, span(interval, whole), &whole), profit, roi]
}
