//! Tables, the one place that draws them: a quiet look without vertical lines, made to fit a width.

use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::style::Style;
use tabled::settings::{Alignment, Padding};

use super::paint::{Paint, Role};
use super::text::{cut, indent, pad, width, wrap};

/// How far a note stands to the right of its row.
const NOTE: usize = 4;

/// Which side the text of a column stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Texts.
    Left,
    /// Numbers.
    Right,
}

/// What a column does where there is not enough room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// Keeps its width: numbers, bars.
    Keep,
    /// Cuts its text, down to so many columns.
    Cut(usize),
    /// Wraps its text, down to so many columns.
    Wrap(usize),
}

/// A column of a [`Table`].
#[derive(Debug, Clone)]
pub struct Column {
    header: String,
    align: Align,
    overflow: Overflow,
}

impl Column {
    /// A column of texts that may be cut to ten columns.
    #[must_use]
    pub fn text(header: &str) -> Self {
        Self { header: header.to_owned(), align: Align::Left, overflow: Overflow::Cut(10) }
    }

    /// A column of texts that wrap, down to twenty columns.
    #[must_use]
    pub fn prose(header: &str) -> Self {
        Self { header: header.to_owned(), align: Align::Left, overflow: Overflow::Wrap(20) }
    }

    /// A column of numbers.
    #[must_use]
    pub fn number(header: &str) -> Self {
        Self { header: header.to_owned(), align: Align::Right, overflow: Overflow::Keep }
    }

    /// A column of drawings, or of texts that must stay whole.
    #[must_use]
    pub fn fixed(header: &str) -> Self {
        Self { header: header.to_owned(), align: Align::Left, overflow: Overflow::Keep }
    }

    /// The same, with another meaning of too little room.
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }
}

/// One cell: plain text and the looks of it. A text of several lines makes the row as high.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    role: Role,
}

impl Cell {
    /// A cell in the looks of a role.
    #[must_use]
    pub fn new(text: impl Into<String>, role: Role) -> Self {
        Self { text: text.into(), role }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, role: Role::Plain }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// A table that fits a width.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    total: Option<Vec<Cell>>,
    notes: Vec<(usize, Cell)>,
    gap: usize,
}

impl Table {
    /// An empty one.
    #[must_use]
    pub fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new(), total: None, notes: Vec::new(), gap: 2 }
    }

    /// Blanks between columns; 2 if not said.
    #[must_use]
    pub fn gap(mut self, gap: usize) -> Self {
        self.gap = gap;
        self
    }

    /// Adds a row; cells beyond the columns are dropped, cells that are not given stay empty.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// Adds a remark under the row added last, across all columns. It wraps at the width of the page.
    pub fn note(&mut self, note: Cell) {
        self.notes.push((self.rows.len().saturating_sub(1), note));
    }

    /// Sets the last row, under a rule.
    pub fn total(&mut self, cells: Vec<Cell>) {
        self.total = Some(cells);
    }

    /// Whether it has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, none wider than `columns` unless the columns that keep their width alone are.
    #[must_use]
    pub fn draw(&self, columns: usize, paint: Paint) -> Vec<String> {
        if self.columns.is_empty() {
            return Vec::new();
        }
        let widths = self.widths(columns);
        let header = self.columns.iter().map(|c| Cell::new(c.header.clone(), Role::Strong)).collect::<Vec<_>>();
        let has_header = self.columns.iter().any(|c| !c.header.is_empty());
        let body = self.rows.iter().chain(self.total.as_ref());
        let mut builder = Builder::default();
        let mut heights = Vec::new();
        for row in has_header.then_some(&header).into_iter().chain(body) {
            let mut height = 1;
            builder.push_record(self.columns.iter().zip(&widths).enumerate().map(|(i, (column, &width))| {
                let cell = row.get(i).cloned().unwrap_or_default();
                let text = fit(&cell.text, width, column.overflow);
                height = height.max(text.split('\n').count());
                paint.apply(cell.role, &text)
            }));
            heights.push(height);
        }
        let mut table = builder.build();
        table.with(Style::empty()).with(Padding::new(0, self.gap, 0, 0));
        table.modify(Columns::last(), Padding::zero());
        for (i, column) in self.columns.iter().enumerate() {
            if column.align == Align::Right {
                table.modify(Columns::one(i), Alignment::right());
            }
        }
        let drawn = table.to_string();
        let mut drawn = drawn.lines().map(|line| line.trim_end().to_owned());
        let rule = paint.dim(&"─".repeat(widths.iter().sum::<usize>() + self.gap * (widths.len() - 1)));
        let mut lines = Vec::new();
        let mut heights = heights.into_iter();
        if has_header {
            lines.extend(drawn.by_ref().take(heights.next().unwrap_or(1)));
            lines.push(rule.clone());
        }
        for (i, height) in heights.enumerate() {
            if i == self.rows.len() {
                lines.push(rule.clone());
            }
            lines.extend(drawn.by_ref().take(height));
            for (_, note) in self.notes.iter().filter(|(row, _)| *row == i) {
                let wrapped = wrap(&note.text, columns.saturating_sub(NOTE)).join("\n");
                lines.extend(paint.apply(note.role, &indent(&wrapped, NOTE)).split('\n').map(str::to_owned));
            }
        }
        lines
    }

    /// The width of each column: natural, then the widest of those that give way, one by one.
    fn widths(&self, columns: usize) -> Vec<usize> {
        let rows = self.rows.iter().chain(self.total.as_ref());
        let mut widths: Vec<usize> = self.columns.iter().map(|c| width(&c.header)).collect();
        for row in rows {
            for (known, cell) in widths.iter_mut().zip(row) {
                *known = (*known).max(width(&cell.text));
            }
        }
        let gaps = self.gap * self.columns.len().saturating_sub(1);
        let room = columns.saturating_sub(gaps);
        let mut total: usize = widths.iter().sum();
        while total > room {
            let least = |c: &Column| match c.overflow {
                Overflow::Keep => usize::MAX,
                Overflow::Cut(n) | Overflow::Wrap(n) => n.max(1),
            };
            // The widest gives way first; of equals the last, so that the first column stays longest.
            let widest = widths.iter_mut().zip(&self.columns).filter(|(w, c)| **w > least(c)).max_by_key(|(w, _)| **w);
            let Some((widest, column)) = widest else { break };
            let goal = widest.saturating_sub(total - room).max(least(column));
            // Down to the goal at most, and no faster than by a tenth, so that equals shrink together.
            let next = goal.max(*widest - (*widest / 10).max(1));
            total -= *widest - next;
            *widest = next;
        }
        widths
    }
}

/// A cell's text in the width of its column.
fn fit(text: &str, columns: usize, overflow: Overflow) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    match overflow {
        Overflow::Keep => text.to_owned(),
        Overflow::Cut(_) => text.split('\n').map(|line| cut(line, columns)).collect::<Vec<_>>().join("\n"),
        Overflow::Wrap(_) => wrap(text, columns).join("\n"),
    }
}

/// Two blocks side by side, the right one starting at column `left_width + gap`.
#[must_use]
pub fn beside(left: &[String], right: &[String], left_width: usize, gap: usize) -> Vec<String> {
    let empty = String::new();
    (0..left.len().max(right.len()))
        .map(|i| {
            let (a, b) = (left.get(i).unwrap_or(&empty), right.get(i).unwrap_or(&empty));
            if b.is_empty() { a.clone() } else { format!("{}{b}", pad(a, left_width + gap)) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(vec![Column::text("state"), Column::number("customers"), Column::prose("because")]);
        table.row(vec!["dormant".into(), "1,234".into(), "silent for 412 days, usually buys every 30 days".into()]);
        table.row(vec!["active-and-well-known".into(), "9".into(), "".into()]);
        table.total(vec!["".into(), "1,243".into()]);
        table
    }

    #[test]
    fn natural_width() {
        let drawn = sample().draw(120, Paint::new(false)).join("\n");
        let expected = "\
state                  customers  because
────────────────────────────────────────────────────────────────────────────────
dormant                    1,234  silent for 412 days, usually buys every 30 days
active-and-well-known          9
────────────────────────────────────────────────────────────────────────────────
                           1,243";
        let rule = "─".repeat(width("active-and-well-known") + 2 + 9 + 2 + 47);
        let expected = expected.replace(&"─".repeat(80), &rule);
        assert_eq!(drawn, expected);
    }

    #[test]
    fn narrow_wraps_prose_and_cuts_text() {
        for columns in [44, 50, 60, 79] {
            let lines = sample().draw(columns, Paint::new(false));
            assert!(lines.iter().all(|l| width(l) <= columns), "{columns}: {lines:#?}");
        }
    }

    #[test]
    fn colour_does_not_move_anything() {
        let plain = sample().draw(60, Paint::new(false));
        let coloured = sample().draw(60, Paint::new(true));
        let widths = |lines: &[String]| lines.iter().map(|l| width(l)).collect::<Vec<_>>();
        assert_eq!(widths(&plain), widths(&coloured));
    }

    #[test]
    fn blocks_stand_side_by_side() {
        let left = vec!["ab".to_owned(), "c".to_owned()];
        let right = vec!["x".to_owned(), "y".to_owned(), "z".to_owned()];
        assert_eq!(beside(&left, &right, 2, 1), ["ab x", "c  y", "   z"]);
    }
}
