//! The book as one HTML page: no scripts, nothing from elsewhere, everything escaped.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::model::{Block, Book, Chart, Entry, Inline, Item, Line, Section, plain};
use super::number::number;
use super::svg;

const STYLE: &str = include_str!("style.css");
/// Of a rule, a text longer than this is folded away until somebody asks for it.
const LONG: usize = 400;
/// The same within a line, as in a table.
const LONG_WITHIN: usize = 110;

/// Draws a book.
#[must_use]
pub fn to_html(book: &Book) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content="regain docs";
                title { (book.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                nav.side aria-label="Contents" {
                    a.home href="#top" { (book.title) }
                    @for section in &book.sections { (contents(section)) }
                }
                main id="top" {
                    header {
                        h1 { (book.title) }
                        @if !book.help.trim().is_empty() { p.lead { (book.help) } }
                        dl.identity {
                            @for (word, line) in &book.identity {
                                dt { (word) }
                                dd { (spans(line)) }
                            }
                        }
                        details.contents {
                            summary { "Contents" }
                            ul { @for section in &book.sections { li { a href=(to(&section.id)) { (section.title) } } } }
                        }
                    }
                    @for section in &book.sections {
                        section id=(section.id) {
                            h2 { a.self href=(to(&section.id)) { (section.title) } }
                            (blocks(&section.blocks))
                        }
                    }
                }
            }
        }
    }
    .into_string()
}

/// A section in the table of contents at the side; what it holds unfolds.
fn contents(section: &Section) -> Markup {
    let inner: Vec<_> = Book::contents(section).collect();
    html! {
        @if inner.is_empty() {
            a.chapter href=(to(&section.id)) { (section.title) }
        } @else {
            details {
                summary { a href=(to(&section.id)) { (section.title) } }
                ul {
                    @for (id, title, heading) in inner {
                        li.heading[heading] { a href=(to(id)) { (title) } }
                    }
                }
            }
        }
    }
}

fn to(id: &str) -> String {
    format!("#{id}")
}

fn blocks(list: &[Block]) -> Markup {
    html! { @for block in list { (one(block)) } }
}

fn one(block: &Block) -> Markup {
    match block {
        Block::Paragraph(line) => html! { p { (spans(line)) } },
        Block::Heading { id, text } => html! { h3 id=(id) { a.self href=(to(id)) { (text) } } },
        Block::List { ordered: true, items: list } => html! { ol { (items(list)) } },
        Block::List { ordered: false, items: list } => html! { ul { (items(list)) } },
        Block::Table { head, rows } => table(head, rows),
        Block::Terms(terms) => html! {
            dl.terms {
                @for (word, list) in terms {
                    dt { (word) }
                    dd { (blocks(list)) }
                }
            }
        },
        Block::Rule { words, written } => html! {
            div.rule {
                div.words { (blocks(words)) }
                div.written { (code(written, LONG)) }
            }
        },
        Block::Code(text) => html! { pre { code { (text) } } },
        Block::Chart(chart) => figure(chart),
        Block::Entry(entry) => card(entry),
    }
}

fn items(list: &[Item]) -> Markup {
    html! { @for item in list { li { (spans(&item.line)) (blocks(&item.below)) } } }
}

fn table(head: &[String], rows: &[Vec<Line>]) -> Markup {
    html! {
        table {
            thead { tr { @for word in head { th scope="col" { (word) } } } }
            tbody {
                @for row in rows {
                    tr {
                        @for (cell, word) in row.iter().zip(head) {
                            td data-head=(word) { div { (spans(cell)) } }
                        }
                    }
                }
            }
        }
    }
}

fn figure(chart: &Chart) -> Markup {
    let rows = chart.rows();
    html! {
        figure {
            (PreEscaped(svg::chart(chart)))
            table.scores {
                thead { tr { th scope="col" { (chart.label) @if !chart.unit.is_empty() { ", " (chart.unit) } } th scope="col" { "Score" } } }
                tbody {
                    @for (what, score) in rows { tr { td { (what) } td { (number(score)) } } }
                    @if let Some(score) = chart.missing { tr.unknown { td { "unknown" } td { (number(score)) } } }
                }
            }
        }
    }
}

fn card(entry: &Entry) -> Markup {
    let group = entry.tags.iter().find_map(|tag| match tag {
        Inline::Tag { group, .. } => Some(group.as_str()),
        _ => None,
    });
    html! {
        article id=(entry.id) data-group=[group] {
            div.title {
                h4 {
                    a.self href=(to(&entry.id)) {
                        @if let Some(n) = entry.number { span.number { (n) } " " }
                        (entry.title)
                    }
                }
                @if !entry.name.is_empty() { code.name { (entry.name) } }
                (spans(&entry.tags))
                @if !plain(&entry.value).is_empty() { span.value { (spans(&entry.value)) } }
            }
            (blocks(&entry.blocks))
            @if !entry.notes.is_empty() {
                p.notes { @for note in &entry.notes { span.note { (spans(note)) } " " } }
            }
        }
    }
}

/// A text as written; a long one is folded away.
fn code(text: &str, long: usize) -> Markup {
    html! {
        @if text.chars().count() > long {
            details { summary { "as written" } code { (text) } }
        } @else {
            code { (text) }
        }
    }
}

fn spans(line: &[Inline]) -> Markup {
    html! {
        @for part in line {
            @match part {
                Inline::Text(text) => (text),
                Inline::Strong(text) => strong { (text) },
                // A percent sign stays with its number.
                Inline::Soft(text) => span.soft { (text.replace(" %", "\u{a0}%")) },
                Inline::Code(text) => (code(text, LONG_WITHIN)),
                Inline::Link { to: id, text, hint } => {
                    a.thing href=(to(id)) title=[Some(hint).filter(|hint| !hint.is_empty())] { (text) }
                }
                Inline::Tag { text, group } => span.tag data-group=(group) { (text) },
                Inline::Value(line) => span.slot { (spans(line)) },
                Inline::Bar(share) => (PreEscaped(svg::bar(*share))),
            }
        }
    }
}
