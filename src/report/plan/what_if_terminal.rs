//! What another limit would change, on a terminal.

use super::summary::PlanSummary;
use super::terminal::{gap, list, plural};
use super::what_if::{ChangeLine, Moves, WhatIf};
use crate::draw::{
    Cell, Column, Overflow, Paint, Role, Table, UNKNOWN, amount, clean, count, cut, grouped, width, wrap,
};

/// The whole comparison in lines of at most `columns`, ending in a line break.
#[must_use]
pub fn render_what_if(what_if: &WhatIf, columns: usize, color: bool) -> String {
    let draw = Draw { what_if, paint: Paint::new(color), columns: columns.clamp(72, 140) };
    let blocks = [draw.header(), draw.whole(), draw.campaigns(), draw.movers(), draw.prices()];
    let blocks = blocks.into_iter().filter(|block| !block.is_empty()).map(|block| block.join("\n"));
    let mut out = blocks.collect::<Vec<_>>().join("\n\n");
    out.push('\n');
    out
}

struct Draw<'a> {
    what_if: &'a WhatIf,
    paint: Paint,
    columns: usize,
}

/// With a sign: `+12`, `-3`, `0`.
fn signed(x: f64, decimals: usize) -> String {
    let text = grouped(x, decimals);
    let nothing = !text.bytes().any(|b| b.is_ascii_digit() && b != b'0');
    if x > 0.0 && !nothing { format!("+{text}") } else { text }
}

impl Draw<'_> {
    fn header(&self) -> Vec<String> {
        let receipt = &self.what_if.now.receipt;
        let name = format!("{} {}", clean(&receipt.pack), clean(&receipt.version));
        let rest = format!(" · what if, plan of {}", receipt.as_of);
        let title = self.paint.strong(&cut(&name, self.columns.saturating_sub(width(&rest))));
        let mut lines = vec![format!("{title}{}", self.paint.dim(&rest))];
        for change in &self.what_if.changes {
            let words = format!(
                "{}: `{}` {} instead of {}",
                clean(&change.label),
                change.key,
                amount(change.to),
                amount(change.from)
            );
            lines.extend(wrap(&words, self.columns));
        }
        for sentence in self.sentences() {
            lines.extend(wrap(&sentence, self.columns));
        }
        lines
    }

    /// `the plan would be worth 312 EUR more: 3.12 for each one more; the first one more would be 3.20`
    fn sentences(&self) -> Vec<String> {
        let w = self.what_if;
        let money = |x: f64| format!("{} {}", grouped(x.abs(), 0), clean(&w.now.currency)).trim_end().to_owned();
        let differs = |x: f64| format!("{} {}", money(x), if x < 0.0 { "less" } else { "more" });
        let nothing = |x: f64| x.abs() < 0.5;
        let mut text = if nothing(w.objective) {
            "the plan would be worth the same".to_owned()
        } else {
            format!("the plan would be worth {}", differs(w.objective))
        };
        if let [only] = w.changes.as_slice()
            && let Some(per_unit) = only.per_unit
        {
            text.push_str(&self.each(only, per_unit));
        } else if let Some(by_prices) = w.by_prices.filter(|x| !(nothing(*x) && nothing(w.objective))) {
            text.push_str(&format!("; the prices of now say {}", differs(by_prices)));
        }
        let mut all = vec![text];
        if w.uncertain >= 0.5 && w.objective.abs() < 2.0 * w.uncertain {
            all.push(format!(
                "that may as well be none: the two plans may lack {} of what the best ones are worth",
                money(w.uncertain)
            ));
        }
        all
    }

    fn each(&self, change: &ChangeLine, per_unit: f64) -> String {
        if change.key == "share" {
            return String::new();
        }
        let figure = |x: f64| format!("{} {}", grouped(x, 2), clean(&self.what_if.now.currency)).trim_end().to_owned();
        let more = if change.to < change.from { "less" } else { "more" };
        let each = format!(", {} for each one {more}", figure(per_unit));
        match change.price {
            price if price.abs() < 0.005 => format!("{each}; the limit does not bind now"),
            price => format!("{each}; the first one {more} would be {}", figure(price)),
        }
    }

    fn whole(&self) -> Vec<String> {
        let w = self.what_if;
        let mut table = Table::new(["", "now", "then", "change"].map(Column::number).to_vec());
        let mut row = |name: &str, of: &dyn Fn(&PlanSummary) -> f64, decimals: usize| {
            let (now, then) = (of(&w.now), of(&w.then));
            table.row(vec![
                name.into(),
                grouped(now, decimals).into(),
                grouped(then, decimals).into(),
                signed(then - now, decimals).into(),
            ]);
        };
        row("contacts", &|s| s.contacts as f64, 0);
        row("held out", &|s| s.held_out as f64, 0);
        row("expected returns", &|s| s.returns, 1);
        row("cost", &|s| s.cost, 0);
        if w.now.hours > 0.0 || w.then.hours > 0.0 {
            row("hours of work", &|s| s.hours, 1);
        }
        row("expected gain", &|s| s.gain, 0);
        let mut lines = table.draw(self.columns, self.paint);
        let gaps = format!("gap to the bound: {} now, {} then", gap(w.now.gap), gap(w.then.gap));
        lines.push(self.paint.dim(&gaps));
        lines
    }

    fn campaigns(&self) -> Vec<String> {
        let mut table = Table::new(vec![
            Column::text("campaign").overflow(Overflow::Cut(12)),
            Column::number("contacts now"),
            Column::number("then"),
            Column::number("change"),
            Column::number("gain now"),
            Column::number("then"),
            Column::number("change"),
        ]);
        let dash = || Cell::new(UNKNOWN, Role::Dim);
        for line in &self.what_if.campaigns {
            let contacts = line.contacts_then as f64 - line.contacts as f64;
            let gain = line.gain_then - line.gain;
            if contacts == 0.0 && gain.abs() < 0.5 {
                continue;
            }
            table.row(vec![
                clean(&line.campaign).into(),
                count(line.contacts).into(),
                count(line.contacts_then).into(),
                if contacts == 0.0 { dash() } else { signed(contacts, 0).into() },
                grouped(line.gain, 0).into(),
                grouped(line.gain_then, 0).into(),
                if gain.abs() < 0.5 { dash() } else { signed(gain, 0).into() },
            ]);
        }
        if table.is_empty() {
            return vec![self.paint.dim("no campaign changes")];
        }
        table.draw(self.columns, self.paint)
    }

    fn movers(&self) -> Vec<String> {
        let w = self.what_if;
        let groups = [("join", &w.joined), ("leave", &w.left), ("get another campaign", &w.switched)];
        let mut words: Vec<String> = groups
            .iter()
            .filter(|(_, moves)| moves.customers > 0)
            .map(|(word, moves)| format!("{} {word}: {}", plural(moves.customers, "customer"), self.named(moves)))
            .collect();
        if w.moved > 0 {
            words.push(format!("{} contacted on another day", plural(w.moved, "customer")));
        }
        if words.is_empty() {
            words.push("nobody".to_owned());
        }
        list("who moves", words.iter().map(|text| (Role::Plain, text)), self.columns, self.paint)
    }

    fn named(&self, moves: &Moves) -> String {
        let one = |m: &super::what_if::Move| {
            let what = match (&m.from, &m.to) {
                (Some(from), Some(to)) => format!("{} → {}", clean(from), clean(to)),
                (None, Some(campaign)) | (Some(campaign), None) => clean(campaign),
                (None, None) => String::new(),
            };
            format!("{} ({what}, {})", clean(&m.key), grouped(m.net, 0))
        };
        let mut text = moves.first.iter().map(one).collect::<Vec<_>>().join(", ");
        if moves.customers > moves.first.len() as u64 {
            text.push_str(", …");
        }
        text
    }

    /// What the limits would be worth, where that changes.
    fn prices(&self) -> Vec<String> {
        let w = self.what_if;
        let changed = w.then.limit_words.iter().zip(&w.now.limit_words).filter(|(then, now)| then != now);
        list("what the limits would be worth", changed.map(|(then, _)| (Role::Plain, then)), self.columns, self.paint)
    }
}
