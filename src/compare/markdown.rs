//! A comparison as a comment on a pull request: what a reviewer must know above, the rest folded away.

use super::{ChangeKind, Comparison, Dimension, Head, Heads, Mover, RuleChange, words};
use crate::draw::{UNKNOWN, amount, clean, count, cut};

/// GitHub takes 65,536 characters.
const MOST: usize = 60_000;
/// Kept free for what closes a part, and for the note that something is left out.
const SPARE: usize = 400;
/// Longer texts are cut in a cell.
const CELL: usize = 400;
/// So many changes of rules are open to the eye.
const OPEN: usize = 15;

/// A comparison as GitHub Markdown, always below 60,000 characters: what does not fit is left out, with a note.
#[must_use]
pub fn markdown(comparison: &Comparison, heads: &Heads) -> String {
    let mut page = Page { text: String::new(), used: 0, left_out: 0 };
    let title = |head: &Head| plain(&cut(&clean(&head.title), 120));
    page.block(&format!("## {} → {}", title(&heads.old), title(&heads.new)));
    if let Some(headline) = words::headline(&comparison.moves) {
        page.block(&format!("**{}**", plain(&sentence(&headline))));
    }
    let notes: Vec<String> = words::notes(comparison).iter().map(|note| format!("- {}", said(note))).collect();
    page.list("", &notes, "");
    rules(&mut page, &comparison.rules);
    for dimension in comparison.moves.by.iter().filter(|dimension| !dimension.flows.is_empty()) {
        flows(&mut page, dimension, &comparison.moves.currency);
    }
    movers(&mut page, comparison);
    let receipt = |head: &Head| {
        let r = &head.receipt;
        let hash = r.hash.get(..12).unwrap_or(&r.hash);
        format!("{} {} `{hash}`{}", plain(&clean(&r.pack)), plain(&clean(&r.version)), words::as_of(r, " "))
    };
    page.last(&format!("<sub>before: {} · now: {}</sub>", receipt(&heads.old), receipt(&heads.new)));
    page.text
}

/// A text that grows up to a bound.
struct Page {
    text: String,
    used: usize,
    left_out: usize,
}

impl Page {
    /// Whether so many characters more fit.
    fn fits(&self, more: usize) -> bool {
        self.used + more + SPARE <= MOST
    }

    fn push(&mut self, text: &str) {
        self.used += text.chars().count();
        self.text.push_str(text);
    }

    /// A paragraph.
    fn block(&mut self, text: &str) {
        if self.fits(text.chars().count() + 2) {
            self.push(text);
            self.push("\n\n");
        } else {
            self.left_out += 1;
        }
    }

    /// Lines between a head and a foot: as many as fit.
    fn list(&mut self, head: &str, lines: &[String], foot: &str) {
        let around = head.chars().count() + foot.chars().count() + 4;
        if lines.is_empty() {
            return;
        }
        if !self.fits(around + lines.first().map_or(0, |line| line.chars().count())) {
            self.left_out += lines.len();
            return;
        }
        if !head.is_empty() {
            self.push(head);
            self.push("\n");
        }
        for (i, line) in lines.iter().enumerate() {
            if !self.fits(line.chars().count() + 1 + foot.chars().count() + 2) {
                self.left_out += lines.len() - i;
                break;
            }
            self.push(line);
            self.push("\n");
        }
        if !foot.is_empty() {
            self.push("\n");
            self.push(foot);
            self.push("\n");
        }
        self.push("\n");
    }

    /// The end, for which room was kept.
    fn last(&mut self, text: &str) {
        if self.left_out > 0 {
            let lines = if self.left_out == 1 { "1 line is" } else { &format!("{} lines are", self.left_out) };
            self.push(&format!("_{lines} left out here: the comment would be too long._\n\n"));
        }
        if self.used + text.chars().count() < MOST {
            self.push(text);
            self.push("\n");
        }
    }
}

fn rules(page: &mut Page, rules: &[RuleChange]) {
    if rules.is_empty() {
        page.block("The rules say the same.");
        return;
    }
    let line = |change: &RuleChange| {
        let kind = match change.kind {
            ChangeKind::Added => "new: ",
            ChangeKind::Removed => "gone: ",
            ChangeKind::Changed | ChangeKind::Reordered => "",
        };
        let colon = if change.details.is_empty() { "" } else { ": " };
        let details: Vec<String> = change.details.iter().map(|detail| said(&cut(&clean(detail), CELL))).collect();
        let place = if change.place.is_empty() {
            String::new()
        } else {
            format!(" <sub>{}</sub>", plain(&clean(&change.place)))
        };
        format!("- {kind}**{}**{colon}{}{place}", said(&clean(&change.what)), details.join("; "))
    };
    let lines: Vec<String> = rules.iter().map(line).collect();
    let (open, folded) = lines.split_at(lines.len().min(OPEN));
    page.list("### What changed in the rules\n", open, "");
    let head = format!("<details><summary>{} more</summary>\n", folded.len());
    page.list(&head, folded, "</details>");
}

fn flows(page: &mut Page, dimension: &Dimension, currency: &str) {
    let name = title(&dimension.name);
    let money = if currency.is_empty() { "money".to_owned() } else { cell(currency) };
    let with_money = dimension.flows.iter().any(|flow| flow.money.is_some());
    let with_why = dimension.flows.iter().any(|flow| !flow.because.is_empty());
    let head = |texts: &[&str], numbers: &[&str]| {
        let all: Vec<&str> = texts.iter().chain(numbers).copied().collect();
        let rule: Vec<&str> = texts.iter().map(|_| "---").chain(numbers.iter().map(|_| "---:")).collect();
        format!("| {} |\n| {} |", all.join(" | "), rule.join(" | "))
    };
    let mut columns = vec!["customers"];
    if with_money {
        columns.push(&money);
    }
    let mut table = head(&["from", "to"], &columns);
    if with_why {
        table = table.replacen(" |\n", " | because of |\n", 1) + " --- |";
    }
    let mut lines: Vec<String> = Vec::new();
    for flow in dimension.flows.iter().take(words::FLOWS) {
        let mut cells =
            vec![cell(&words::value(flow.from.as_ref())), cell(&words::value(flow.to.as_ref())), count(flow.customers)];
        if with_money {
            cells.push(flow.money.map_or(UNKNOWN.to_owned(), amount));
        }
        if with_why {
            cells.push(said_cell(&words::because(flow)));
        }
        lines.push(format!("| {} |", cells.join(" | ")));
    }
    let rest = words::rest(dimension).unwrap_or_default();
    page.list(&format!("### {name}\n\n{table}"), &lines, &rest);
    let mut numbers = vec!["before", "now", "change"];
    let money_before = format!("{money} before");
    let money_now = format!("{money} now");
    if with_money {
        numbers.extend([money_before.as_str(), money_now.as_str()]);
    }
    let lines: Vec<String> = dimension
        .totals
        .iter()
        .map(|total| {
            let (before, now) = total.customers;
            let mut cells =
                vec![cell(&words::value(total.value.as_ref())), count(before), count(now), words::change(before, now)];
            if with_money {
                cells.extend([total.money.0, total.money.1].map(|x| x.map_or(UNKNOWN.to_owned(), amount)));
            }
            format!("| {} |", cells.join(" | "))
        })
        .collect();
    let table = head(&[dimension.name.as_str()], &numbers);
    page.list(&format!("<details><summary>{name}: before and now</summary>\n\n{table}"), &lines, "</details>");
}

fn movers(page: &mut Page, comparison: &Comparison) {
    let with_money = comparison.movers.iter().any(|mover| mover.money.is_some());
    let currency = &comparison.moves.currency;
    let money = if currency.is_empty() { "money".to_owned() } else { cell(currency) };
    let line = |mover: &Mover| {
        let mut cells = vec![cell(&clean(&mover.key))];
        if with_money {
            cells.push(mover.money.map_or(UNKNOWN.to_owned(), amount));
        }
        cells.push(words::priority(mover));
        cells.push(words::changes(mover, 5).iter().map(|change| cell(change)).collect::<Vec<_>>().join("<br>"));
        cells.push(mover.reasons.iter().map(|reason| said_cell(&clean(reason))).collect::<Vec<_>>().join("<br>"));
        format!("| {} |", cells.join(" | "))
    };
    let lines: Vec<String> = comparison.movers.iter().map(line).collect();
    let table = if with_money {
        format!("| customer | {money} | priority | what changes | why |\n| --- | ---: | --- | --- | --- |")
    } else {
        "| customer | priority | what changes | why |\n| --- | --- | --- | --- |".to_owned()
    };
    let title = title(&words::movers_title(comparison));
    page.list(&format!("<details><summary>{title}</summary>\n\n{table}"), &lines, "</details>");
}

/// With a capital letter in front.
fn title(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A sentence of its own.
fn sentence(text: &str) -> String {
    format!("{}.", title(text))
}

/// A foreign text, so that nothing in it means anything to Markdown or GitHub.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A name behind it would be told.
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '$' => out.extend(['\\', c]),
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A sentence of ours: what stands in back-ticks is code, the rest is plain.
fn said(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(text);
    }
    let part = |(i, part): (usize, &&str)| match i % 2 {
        0 => plain(part),
        _ if part.trim().is_empty() => String::new(),
        _ => format!("`{}`", part.replace(['\n', '\r'], " ")),
    };
    parts.iter().enumerate().map(part).collect()
}

/// A foreign text in a table.
fn cell(text: &str) -> String {
    plain(&cut(text, CELL))
}

/// A sentence of ours in a table, where a pipe ends the cell even in code.
fn said_cell(text: &str) -> String {
    let text = cut(text, CELL);
    let parts = said(&text);
    let mut out = String::with_capacity(parts.len());
    let mut before = ' ';
    for c in parts.chars() {
        if c == '|' && before != '\\' {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}
