//! The book as GitHub flavoured Markdown. Charts become tables with bars of text, since pictures do not show inline there.

use super::model::{Block, Book, Chart, Entry, Inline, Item, Line, plain};
use super::number::number;

/// How many characters the longest bar has.
const BAR: f64 = 20.0;

/// Draws a book.
#[must_use]
pub fn to_markdown(book: &Book) -> String {
    let mut out = Out::default();
    out.line(&format!("# {}", escape(&book.title)));
    out.line("");
    if !book.help.trim().is_empty() {
        out.paragraph(&[Inline::Text(book.help.clone())], "");
    }
    for (word, line) in &book.identity {
        let text = inline(line, false);
        out.line(&format!("- **{}**: {text}", escape(word)));
    }
    out.line("");
    out.line("## Contents");
    out.line("");
    for section in &book.sections {
        out.line(&format!("- [{}](#{})", escape(&section.title), section.id));
    }
    out.line("");
    for section in &book.sections {
        out.anchor(&section.id);
        out.line(&format!("## {}", escape(&section.title)));
        out.line("");
        out.blocks(&section.blocks, "");
    }
    let mut text = out.text.trim_end().to_owned();
    text.push('\n');
    text
}

#[derive(Default)]
struct Out {
    text: String,
}

impl Out {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn anchor(&mut self, id: &str) {
        self.line(&format!("<a id=\"{}\"></a>", escape_html(id)));
        self.line("");
    }

    fn paragraph(&mut self, line: &[Inline], margin: &str) {
        let text = guard(&inline(line, false));
        if !text.is_empty() {
            self.line(&format!("{margin}{text}"));
            self.line("");
        }
    }

    fn blocks(&mut self, blocks: &[Block], margin: &str) {
        for block in blocks {
            self.block(block, margin);
        }
    }

    fn block(&mut self, block: &Block, margin: &str) {
        match block {
            Block::Paragraph(line) => self.paragraph(line, margin),
            Block::Heading { id, text } => {
                self.anchor(id);
                self.line(&format!("### {}", escape(text)));
                self.line("");
            }
            Block::List { ordered, items } => {
                self.list(*ordered, items, margin);
                self.line("");
            }
            Block::Table { head, rows } => self.table(head, rows, margin),
            Block::Terms(terms) => {
                for (word, blocks) in terms {
                    self.term(word, blocks, margin);
                }
                self.line("");
            }
            Block::Rule { words, written } => {
                self.blocks(words, margin);
                self.written(written, margin);
            }
            Block::Code(text) => self.code(text, margin),
            Block::Chart(chart) => self.chart(chart, margin),
            Block::Entry(entry) => self.entry(entry),
        }
    }

    fn list(&mut self, ordered: bool, items: &[Item], margin: &str) {
        for (item, n) in items.iter().zip(1..) {
            let mark = if ordered { format!("{n}. ") } else { "- ".to_owned() };
            self.line(&format!("{margin}{mark}{}", guard(&inline(&item.line, false))));
            self.below(&item.below, &format!("{margin}{}", " ".repeat(mark.len())));
        }
    }

    /// What belongs to a list's point: lists follow without an empty line, the rest with one.
    fn below(&mut self, blocks: &[Block], margin: &str) {
        for block in blocks {
            if let Block::List { ordered, items } = block {
                self.list(*ordered, items, margin);
            } else {
                self.line("");
                self.block(block, margin);
            }
        }
    }

    /// `- **If**: days silent is more than …`
    fn term(&mut self, word: &str, blocks: &[Block], margin: &str) {
        let inner = format!("{margin}  ");
        let word = escape(word);
        match blocks.split_first() {
            Some((Block::Paragraph(line), rest)) => {
                self.line(&format!("{margin}- **{word}**: {}", inline(line, false)));
                self.below(rest, &inner);
            }
            Some((Block::Rule { words, written }, rest)) => {
                match words.split_first() {
                    Some((Block::Paragraph(line), more)) => {
                        self.line(&format!("{margin}- **{word}**: {}", inline(line, false)));
                        self.below(more, &inner);
                    }
                    _ => {
                        self.line(&format!("{margin}- **{word}**:"));
                        self.below(words, &inner);
                    }
                }
                self.line("");
                self.written(written, &inner);
                self.below(rest, &inner);
            }
            _ => {
                self.line(&format!("{margin}- **{word}**:"));
                self.below(blocks, &inner);
            }
        }
    }

    fn written(&mut self, written: &str, margin: &str) {
        if written.contains('\n') {
            self.line(&format!("{margin}As written:"));
            self.line("");
            self.code(written, margin);
        } else {
            self.line(&format!("{margin}<sub>as written</sub> {}", code(written, false)));
            self.line("");
        }
    }

    fn code(&mut self, text: &str, margin: &str) {
        let fence = "`".repeat(longest_run(text).max(2) + 1);
        self.line(&format!("{margin}{fence}"));
        for line in text.lines() {
            self.line(&format!("{margin}{line}"));
        }
        self.line(&format!("{margin}{fence}"));
        self.line("");
    }

    fn table(&mut self, head: &[String], rows: &[Vec<Line>], margin: &str) {
        let cells: Vec<String> = head.iter().map(|word| escape(word)).collect();
        self.line(&format!("{margin}| {} |", cells.join(" | ")));
        self.line(&format!("{margin}|{}", "---|".repeat(head.len())));
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| inline(cell, true)).collect();
            self.line(&format!("{margin}| {} |", cells.join(" | ")));
        }
        self.line("");
    }

    fn chart(&mut self, chart: &Chart, margin: &str) {
        let label =
            if chart.unit.is_empty() { chart.label.clone() } else { format!("{}, {}", chart.label, chart.unit) };
        let head = [label, "Score".to_owned()];
        let row = |what: String, score: f64| -> Vec<Line> {
            vec![vec![Inline::Text(what)], vec![Inline::Text(format!("{} ", number(score))), Inline::Bar(score / 10.0)]]
        };
        let mut rows: Vec<Vec<Line>> = chart.rows().into_iter().map(|(what, score)| row(what, score)).collect();
        rows.extend(chart.missing.map(|score| row("unknown".to_owned(), score)));
        self.table(&head, &rows, margin);
    }

    fn entry(&mut self, entry: &Entry) {
        self.anchor(&entry.id);
        let number = entry.number.map(|n| format!("{n}. ")).unwrap_or_default();
        let mut title = format!("#### {number}{}", escape(&entry.title));
        if !plain(&entry.value).is_empty() {
            title.push_str(&format!(" — {}", inline(&entry.value, false)));
        }
        self.line(&title);
        self.line("");
        let mut marks = Vec::new();
        if !entry.name.is_empty() {
            marks.push(code(&entry.name, false));
        }
        marks.extend(entry.tags.iter().map(|tag| inline(std::slice::from_ref(tag), false)));
        if !marks.is_empty() {
            self.line(&marks.join(" · "));
            self.line("");
        }
        self.blocks(&entry.blocks, "");
        let notes: Vec<String> = entry.notes.iter().map(|note| inline(note, false)).collect();
        if !notes.is_empty() {
            self.line(&format!("<sub>{}</sub>", notes.join(" · ")));
            self.line("");
        }
    }
}

fn inline(line: &[Inline], in_table: bool) -> String {
    let mut out = String::new();
    for part in line {
        match part {
            Inline::Text(text) | Inline::Soft(text) => out.push_str(&escape(text)),
            Inline::Strong(text) => {
                let (before, inner, after) = blanks(text);
                if inner.is_empty() {
                    out.push_str(text);
                } else {
                    out.push_str(&format!("{before}**{}**{after}", escape(inner)));
                }
            }
            Inline::Code(text) => out.push_str(&code(text, in_table)),
            Inline::Link { to, text, .. } => out.push_str(&format!("[{}](#{to})", escape(text))),
            Inline::Tag { text, .. } => out.push_str(&format!("*{}*", escape(text.trim()))),
            Inline::Value(line) => {
                out.push('‹');
                out.push_str(&inline(line, in_table));
                out.push('›');
            }
            Inline::Bar(share) => out.push_str(&bar(*share)),
        }
    }
    out
}

/// What stands around a text, and the text.
fn blanks(text: &str) -> (&str, &str, &str) {
    let inner = text.trim();
    let start = text.len() - text.trim_start().len();
    (text.get(..start).unwrap_or(""), inner, text.get(start + inner.len()..).unwrap_or(""))
}

/// A bar of text.
fn bar(share: f64) -> String {
    // Casts of floats saturate, and what is not a number is 0.
    let eighths = (share.clamp(0.0, 1.0) * BAR * 2.0).round() as usize;
    let mut out = "█".repeat(eighths / 2);
    if eighths % 2 == 1 {
        out.push('▌');
    }
    out
}

/// Everything that Markdown or HTML could take for a sign of its own.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '#' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // `www.` and addresses would become links, `@name` and `:name:` somebody or a picture: harmless.
            '\n' | '\r' | '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// A text that would begin a list or a heading is kept from it.
fn guard(text: &str) -> String {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = text.split_at(digits);
    match rest.chars().next() {
        Some('.' | ')') if digits > 0 => format!("{number}\\{rest}"),
        Some('-' | '+' | '=') if digits == 0 => format!("\\{text}"),
        _ => text.to_owned(),
    }
}

/// A code span, fenced by more back-ticks than it holds in a row.
fn code(text: &str, in_table: bool) -> String {
    let mut text = text.replace(['\n', '\r', '\t'], " ");
    if in_table {
        text = text.replace('|', "\\|");
    }
    if text.trim().is_empty() {
        return "` `".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The most back-ticks in a row.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_for_a_sign() {
        assert_eq!(escape("a|b_c*<i>&[x](y)"), "a\\|b\\_c\\*&lt;i&gt;&amp;\\[x\\](y)");
        assert_eq!(guard("1. x"), "1\\. x");
        assert_eq!(guard("- x"), "\\- x");
        assert_eq!(guard("10: fine"), "10: fine");
    }

    #[test]
    fn code_is_fenced_by_more_than_it_holds() {
        assert_eq!(code("a", false), "`a`");
        assert_eq!(code("a ``b`", false), "``` a ``b` ```");
        assert_eq!(code("a || b", true), "`a \\|\\| b`");
        assert_eq!(code("", false), "` `");
    }

    #[test]
    fn bars_are_as_long_as_the_share() {
        assert_eq!(bar(1.0).chars().count(), 20);
        assert_eq!(bar(0.125), "██▌");
        assert_eq!(bar(-3.0), "");
        assert_eq!(bar(f64::NAN), "");
    }
}
