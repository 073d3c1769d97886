//! Causes and criteria on screen: what speaks for what, and how much.

use super::Page;
use super::rules::{brief, sign};
use crate::draw::{Cell, Column, Overflow, Role, Table, UNKNOWN, clean, cut, share, steps};
use crate::explain::answer::{CauseTrace, CriterionTrace, Verdict};
use crate::explain::known::Known;
use crate::expr::Value;

impl Page<'_> {
    pub(super) fn causes(&self) -> Option<Vec<String>> {
        let analysis = &self.explanation.analysis;
        if analysis.causes.is_empty() && analysis.when.is_none() {
            return None;
        }
        let mut lines = vec![self.title("cause of loss: the heaviest evidence")];
        lines.extend(self.told("cause"));
        if !analysis.analysed {
            let text = analysis.when.as_ref().and_then(|w| w.text.as_deref()).unwrap_or_default();
            lines.extend(self.hanging(&format!("not analysed: `{}` does not hold", brief(text, self.columns)), 0, 4));
            return Some(lines);
        }
        let total: f64 = analysis.causes.iter().map(|c| c.score).sum();
        let (found, nothing): (Vec<_>, Vec<_>) = analysis.causes.iter().partition(|c| c.score > 0.0);
        for cause in &found {
            lines.extend(self.cause(cause, total));
        }
        let told = self.explanation.overridden.as_ref().is_some_and(|o| o.step("cause").is_some());
        if !told && !analysis.causes.iter().any(|c| c.won) {
            let text = format!("unknown: no cause reaches a score of {}", number(analysis.minimum));
            lines.push(self.paint.apply(Role::Warn, &text));
        }
        if let [first, second, ..] = found.as_slice()
            && first.won
            && first.score == second.score
        {
            let text =
                format!("{} weighs as much; {} stands first in the pack", clean(&second.label), clean(&first.label));
            lines.extend(self.faint(&text));
        }
        if !nothing.is_empty() {
            let names = nothing.iter().map(|c| clean(&c.label)).collect::<Vec<_>>().join(", ");
            lines.extend(self.faint(&format!("nothing found for: {names}")));
        }
        Some(lines)
    }

    fn cause(&self, cause: &CauseTrace, total: f64) -> Vec<String> {
        let (sign, role) = if cause.won { ("✓", Role::Good) } else { ("○", Role::Plain) };
        let name = cut(&clean(&cause.label), 30);
        let name = if cause.won { self.paint.strong(&name) } else { name };
        let rest = format!(
            "{}, score {} of {}, {}",
            clean(&cause.class).replace('_', " "),
            number(cause.score),
            number(total),
            share(cause.score, total)
        );
        let mut lines = vec![format!("{} {name}   {}", self.paint.apply(role, sign), self.paint.dim(&rest))];
        for evidence in &cause.evidence {
            let holds = evidence.verdict == Verdict::Holds;
            // A script that failed may be why the cause did not win.
            if !holds && !cause.won && evidence.script_error.is_none() {
                continue;
            }
            let (mark, role) = self::sign(evidence.verdict);
            let weight =
                if holds { format!("+{}", number(evidence.weight)) } else { format!("({})", number(evidence.weight)) };
            let text = match (&evidence.because, holds) {
                (Some(because), true) => super::shorten(because),
                (_, true) => brief(&evidence.text, self.columns),
                (_, false) => brief(evidence.would.as_deref().unwrap_or(&evidence.text), self.columns),
            };
            let mut part = self.hanging(&format!("{mark} {weight:>4}  {text}"), 4, 8);
            if let Some(first) = part.first_mut() {
                *first = first.replacen(mark, &self.paint.apply(role, mark), 1);
            }
            if !holds {
                part = part.iter().map(|l| self.paint.dim(l)).collect();
            }
            lines.extend(part);
        }
        lines
    }

    /// The criteria of each dimension, what each adds, and what they come to.
    pub(super) fn scores(&self) -> Option<Vec<String>> {
        let explanation = self.explanation;
        if explanation.criteria.is_empty() {
            return None;
        }
        let mut lines = Vec::new();
        for dimension in &explanation.dimensions {
            let its: Vec<&CriterionTrace> =
                explanation.criteria.iter().filter(|c| c.dimension == dimension.name).collect();
            if its.is_empty() {
                continue;
            }
            if !lines.is_empty() {
                lines.push(String::new());
            }
            let label = match dimension.label.to_lowercase() == dimension.name {
                true => clean(&dimension.name),
                false => format!("{}: {}", clean(&dimension.name), clean(&dimension.label)),
            };
            let counted = format!("{} of {} criteria count", dimension.counted, dimension.criteria);
            lines.push(self.title(&format!("{label} = {} ({counted})", score(dimension.value))));
            lines.extend(self.criteria(&its, dimension.value));
        }
        let priority = &explanation.priority;
        let text = match &priority.text {
            Some(text) => format!("priority {} = {}", score(priority.value), clean(text)),
            None => format!("priority {}: the mean of what is known", score(priority.value)),
        };
        lines.push(String::new());
        lines.extend(self.hanging(&text, 0, 4));
        Some(lines)
    }

    fn criteria(&self, list: &[&CriterionTrace], value: Option<f64>) -> Vec<String> {
        // What it asks and how it was scored: in columns of their own, or below.
        let wide = self.columns >= 140;
        let mut columns = vec![Column::text("criterion").overflow(Overflow::Wrap(11))];
        if wide {
            columns.push(Column::prose("question").overflow(Overflow::Wrap(24)));
        }
        columns.extend([
            Column::fixed("score"),
            Column::number("weight"),
            Column::number("points"),
            Column::number("share"),
        ]);
        if wide {
            columns.push(Column::prose("how").overflow(Overflow::Wrap(22)));
        }
        let mut table = Table::new(columns);
        for criterion in list {
            let role = if criterion.score.is_none() { Role::Dim } else { Role::Plain };
            let role = if criterion.script_error.is_some() && criterion.scored.is_none() { Role::Bad } else { role };
            let bar = if role == Role::Plain { Role::Accent } else { role };
            let question = Cell::new(clean(&criterion.question), Role::Dim);
            let mut how = cut(&clean(&criterion.text), 200);
            if !criterion.value.0.is_missing() {
                how.push_str(&format!(" = {}", cut(&clean(&criterion.value.to_string()), 40)));
            }
            how.push_str(&format!(": {}", super::shorten(&criterion.how)));
            let how = Cell::new(how, role);
            let mut cells = vec![Cell::new(clean(&criterion.label), role)];
            cells.extend(wide.then(|| question.clone()));
            cells.extend([
                Cell::new(format!("{} {:>4}", steps(criterion.score), score(criterion.score)), bar),
                Cell::new(number(criterion.weight), role),
                Cell::new(criterion.points.map_or_else(|| UNKNOWN.to_owned(), |p| format!("{p:.2}")), role),
                Cell::new(criterion.share.map_or_else(|| UNKNOWN.to_owned(), |s| share(s, 1.0)), role),
            ]);
            cells.extend(wide.then(|| how.clone()));
            table.row(cells);
            if !wide {
                if !criterion.question.is_empty() {
                    table.note(question);
                }
                table.note(how);
            }
        }
        let mut total = vec![Cell::default()];
        total.extend(wide.then(Cell::default));
        let weights: f64 = list.iter().filter(|c| c.score.is_some()).map(|c| c.weight).sum();
        total.extend([
            Cell::default(),
            number(weights).into(),
            Cell::new(value.map_or_else(|| UNKNOWN.to_owned(), |v| format!("{v:.2}")), Role::Strong),
        ]);
        table.total(total);
        table.draw(self.columns, self.paint)
    }
}

fn number(x: f64) -> String {
    Known(Value::number(x)).to_string()
}

/// `8.3`, `10`, `–`
fn score(x: Option<f64>) -> String {
    x.map_or_else(|| UNKNOWN.to_owned(), |x| number((x * 10.0).round() / 10.0))
}
