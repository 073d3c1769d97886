//! Qini curves: what contacts brought among the first of those sorted by a score.

use super::Draw;
use super::words::span;
use crate::draw::{Cell, Column, Role, Table, amount, bar, count, share};
use crate::evaluate::Curve;

/// At these shares of the customers a curve is shown.
const SHOWN: [f64; 6] = [0.1, 0.2, 0.4, 0.6, 0.8, 1.0];

/// What the numbers are: other tools divide by something.
const DEFINED: &str = "Qini: among the customers with the highest values, returns of those contacted less returns of those held out, \
                       these scaled up to as many customers; at 100 % it is the returns brought above. Coefficient: the area between \
                       this curve and the straight line to its end, in returns; 0 is sorting at random.";

impl Draw<'_> {
    pub(super) fn curves(&self) -> Vec<String> {
        if self.evaluation.curves.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![self.paint.strong("Does the score say where contacts work?")];
        let mut columns = vec![Column::text("returns brought among the first")];
        columns.extend(SHOWN.iter().map(|at| Column::number(&share(*at, 1.0).replace(".0 %", " %"))));
        let mut table = Table::new(columns);
        for Curve { column, qini, unknown } in &self.evaluation.curves {
            let mut cells: Vec<Cell> = vec![format!("by `{column}`").into()];
            cells.extend(SHOWN.iter().map(|at| Cell::from(amount(qini.at(*at).round()))));
            table.row(cells);
            let (said, role) = match qini.interval {
                Some(i) if i.low > 0.0 => ("those who come first gain most by a contact", Role::Good),
                Some(i) if i.high < 0.0 => ("those who come first gain least by a contact", Role::Bad),
                _ => ("no sign that a contact works better on those who come first", Role::Warn),
            };
            let range = qini.interval.map_or_else(String::new, |i| format!(" ({})", span(i, |x| amount(x.round()))));
            let text = format!("Qini coefficient {} returns{range}: {said}", amount(qini.coefficient.round()));
            table.note(Cell::new(text, role));
            if *unknown > 0 {
                let (who, are) = if *unknown == 1 { ("customer has", "is") } else { ("customers have", "are") };
                let text = format!("{} {who} no `{column}` and {are} not in this curve", count(*unknown));
                table.note(Cell::new(text, Role::Dim));
            }
        }
        lines.extend(table.draw(self.columns, self.paint));
        lines.extend(self.prose(Role::Dim, DEFINED));
        if self.columns > 100 {
            lines.extend(self.as_bars());
        }
        lines
    }

    /// The first curve as bars, against what a score that sorts at random would bring.
    fn as_bars(&self) -> Vec<String> {
        let Some(Curve { column, qini, .. }) = self.evaluation.curves.first() else { return Vec::new() };
        let most = qini.points.iter().map(|point| point.gained).fold(0.0_f64, f64::max);
        if most <= 0.0 {
            return Vec::new();
        }
        let mut table = Table::new(vec![
            Column::number(&format!("first by `{column}`")),
            Column::number("brought"),
            Column::fixed(""),
            Column::number("at random"),
        ]);
        let end = qini.at(1.0);
        for tenth in 1..=10 {
            let at = f64::from(tenth) / 10.0;
            let gained = qini.at(at);
            table.row(vec![
                share(at, 1.0).replace(".0 %", " %").into(),
                amount(gained.round()).into(),
                Cell::new(bar(gained / most, 30), Role::Accent),
                Cell::new(amount((end * at).round()), Role::Dim),
            ]);
        }
        let mut lines = vec![String::new()];
        lines.extend(table.draw(self.columns, self.paint));
        lines
    }
}
