//! A comparison on a terminal: what changed, who moves, and why.

use super::{ChangeKind, Comparison, Dimension, Head, Look, RuleChange, words};
use crate::draw::{
    Cell, Column, Overflow, Paint, Role, Table, UNKNOWN, beside, clean, count, cut, grouped, indent, width, wrap,
    wrap_hanging,
};

/// At most so many changes of rules are listed.
const RULES: usize = 60;
/// How many scores of a customer are named.
const SCORES: usize = 3;
/// From this width on, two respects stand side by side.
const WIDE: usize = 150;
/// Between them.
const GAP: usize = 4;

/// A comparison for a person, in lines of at most `columns`, ending in a line break. Made for 80 to 200 columns.
#[must_use]
pub fn terminal(comparison: &Comparison, look: &Look) -> String {
    let draw = Draw { comparison, paint: Paint::new(look.color), columns: look.columns.clamp(72, 200) };
    let mut blocks = Vec::new();
    if let Some(heads) = &look.heads {
        blocks.push(draw.heads(&heads.old, &heads.new));
    }
    blocks.push(draw.rules());
    blocks.push(draw.headline());
    let respects = comparison.moves.by.iter().filter(|dimension| !dimension.flows.is_empty()).collect::<Vec<_>>();
    if draw.columns >= WIDE {
        let half = (draw.columns - GAP) / 2;
        blocks.extend(respects.chunks(2).map(|pair| {
            let [left, right] = [0, 1].map(|i| pair.get(i).map(|d| draw.dimension(d, half)).unwrap_or_default());
            beside(&left, &right, half, GAP)
        }));
    } else {
        blocks.extend(respects.into_iter().map(|dimension| draw.dimension(dimension, draw.columns)));
    }
    blocks.push(draw.movers());
    let blocks = blocks.into_iter().filter(|block| !block.is_empty()).map(|block| block.join("\n"));
    let mut out = blocks.collect::<Vec<_>>().join("\n\n");
    out.push('\n');
    out
}

struct Draw<'a> {
    comparison: &'a Comparison,
    paint: Paint,
    columns: usize,
}

impl Draw<'_> {
    fn heads(&self, old: &Head, new: &Head) -> Vec<String> {
        let line = |word: &str, head: &Head| {
            let receipt = &head.receipt;
            let title = clean(&head.title);
            let pack = format!("{} {}", clean(&receipt.pack), clean(&receipt.version));
            let pack = if title == pack || title == receipt.pack { clean(&receipt.version) } else { pack };
            let hash = receipt.hash.get(..8).unwrap_or(&receipt.hash);
            let as_of = words::as_of(receipt, " · ");
            let rest = format!(" · {} · {hash}{as_of}", pack.trim());
            let room = self.columns.saturating_sub(width(&rest) + 8).max(16);
            format!("{} {}{}", self.paint.dim(word), self.paint.strong(&cut(&title, room)), self.paint.dim(&rest))
        };
        vec![line("before", old), line("now   ", new)]
    }

    fn rules(&self) -> Vec<String> {
        let rules = &self.comparison.rules;
        if rules.is_empty() {
            return vec!["the rules say the same".to_owned()];
        }
        let title = match rules.len() {
            1 => "what changed in the rules".to_owned(),
            n => format!("what changed in the rules: {n} things"),
        };
        let mut lines = vec![self.paint.strong(&title)];
        for change in rules.iter().take(RULES) {
            lines.extend(self.rule(change));
        }
        if rules.len() > RULES {
            lines.push(self.paint.dim(&format!("  and {} more", rules.len() - RULES)));
        }
        lines
    }

    /// `~ state `dormant`: …`, and below it what reads it and where it is written.
    fn rule(&self, change: &RuleChange) -> Vec<String> {
        let role = match change.kind {
            ChangeKind::Added => Role::Good,
            ChangeKind::Removed => Role::Bad,
            ChangeKind::Changed => Role::Warn,
            ChangeKind::Reordered => Role::Accent,
        };
        let (used, details): (Vec<&String>, Vec<&String>) =
            change.details.iter().partition(|detail| detail.starts_with("used by "));
        let details: Vec<String> = details.into_iter().map(|detail| clean(detail)).collect();
        let colon = if details.is_empty() { "" } else { ": " };
        let text = format!("{}{colon}{}", clean(&change.what), details.join("; "));
        let room = self.columns.saturating_sub(4);
        let mut lines: Vec<String> = Vec::new();
        for (i, line) in wrap_hanging(&text, self.columns.saturating_sub(2), room).into_iter().enumerate() {
            lines.push(match i {
                0 => format!("{} {line}", self.paint.apply(role, words::sign(change.kind))),
                _ => indent(&line, 4),
            });
        }
        let mut below: Vec<String> = used.into_iter().map(|used| clean(used)).collect();
        let place = format!(" · {}", clean(&change.place));
        if let ([line], true, false) = (lines.as_mut_slice(), below.is_empty(), change.place.is_empty())
            && width(line) + width(&place) <= self.columns
        {
            line.push_str(&self.paint.dim(&place));
        } else if !change.place.is_empty() {
            below.push(clean(&change.place));
        }
        if !below.is_empty() {
            let below = wrap(&below.join(" · "), room);
            lines.extend(below.into_iter().map(|line| self.paint.dim(&indent(&line, 4))));
        }
        lines
    }

    fn headline(&self) -> Vec<String> {
        let headline = words::headline(&self.comparison.moves).map(|text| wrap(&text, self.columns).join("\n"));
        let mut lines: Vec<String> = headline.iter().map(|text| self.paint.strong(text)).collect();
        for note in words::notes(self.comparison) {
            lines.extend(wrap(&clean(&note), self.columns).into_iter().map(|line| self.paint.dim(&line)));
        }
        lines
    }

    /// Where customers went in one respect, and how many are where now.
    fn dimension(&self, dimension: &Dimension, columns: usize) -> Vec<String> {
        let currency = self.currency();
        let with_money = dimension.flows.iter().any(|flow| flow.money.is_some());
        let with_why = dimension.flows.iter().any(|flow| !flow.because.is_empty());
        let mut list = vec![Column::text(&dimension.name).overflow(Overflow::Cut(24)), Column::number("customers")];
        if with_money {
            list.push(Column::number(&currency));
        }
        if with_why {
            list.push(Column::prose("because of"));
        }
        let mut table = Table::new(list);
        for flow in dimension.flows.iter().take(words::FLOWS) {
            let mut cells =
                vec![words::arrow(flow.from.as_ref(), flow.to.as_ref()).into(), count(flow.customers).into()];
            if with_money {
                cells.push(known(flow.money.map(|x| grouped(x, 0))));
            }
            if with_why {
                cells.push(words::because(flow).into());
            }
            table.row(cells);
        }
        let mut lines = table.draw(columns, self.paint);
        lines.extend(words::rest(dimension).map(|rest| self.paint.dim(&rest)));
        let totals = dimension.totals.iter().filter(|total| total.customers.0 != total.customers.1);
        let totals: Vec<String> = totals
            .map(|total| {
                let (before, now) = total.customers;
                format!("{} {} ({})", words::value(total.value.as_ref()), count(now), words::change(before, now))
            })
            .collect();
        if !totals.is_empty() {
            let text = format!("now {}", totals.join(" · "));
            lines.extend(wrap(&text, columns).into_iter().map(|line| self.paint.dim(&line)));
        }
        lines
    }

    fn currency(&self) -> String {
        let currency = cut(&clean(&self.comparison.moves.currency), 8);
        if currency.is_empty() { "money".to_owned() } else { currency }
    }

    /// The customers with the largest change: a row each, and below it why.
    fn movers(&self) -> Vec<String> {
        let movers = &self.comparison.movers;
        if movers.is_empty() {
            return Vec::new();
        }
        let with_money = movers.iter().any(|mover| mover.money.is_some());
        let mut list = vec![Column::text("customer").overflow(Overflow::Cut(12))];
        if with_money {
            list.push(Column::number(&self.currency()));
        }
        list.push(Column::fixed("priority"));
        list.push(Column::prose("what changes").overflow(Overflow::Wrap(24)));
        let mut lines = vec![self.paint.strong(&words::movers_title(self.comparison))];
        // What is the same for all is said once.
        let shared = match movers.as_slice() {
            [first, others @ ..] if !others.is_empty() && others.iter().all(|m| m.reasons == first.reasons) => {
                Some(&first.reasons)
            }
            _ => None,
        };
        for reason in shared.into_iter().flatten() {
            let text = format!("all because of {}", clean(reason));
            lines.extend(wrap(&text, self.columns).into_iter().map(|line| self.paint.dim(&line)));
        }
        lines.push(String::new());
        let mut table = Table::new(list);
        for mover in movers {
            let mut cells = vec![Cell::new(cut(&clean(&mover.key), 24), Role::Strong)];
            if with_money {
                cells.push(known(mover.money.map(|x| grouped(x, 0))));
            }
            cells.push(words::priority(mover).into());
            cells.push(words::changes(mover, SCORES).join(", ").into());
            table.row(cells);
            for reason in mover.reasons.iter().filter(|_| shared.is_none()) {
                table.note(Cell::new(clean(reason), Role::Dim));
            }
        }
        lines.extend(table.draw(self.columns, self.paint));
        lines
    }
}

/// A text, or a faint dash.
fn known(text: Option<String>) -> Cell {
    text.map_or_else(|| Cell::new(UNKNOWN, Role::Dim), Cell::from)
}
