//! What the book says, chapter by chapter.

mod campaigns;
mod causes;
mod contact;
mod criteria;
mod data;
mod names;
mod opening;
mod outcomes;
mod people;
mod plan;
mod prevention;
mod scripts;
mod states;

use super::index::{Index, Target, written};
use super::model::{Block, Book, Entry, Inline, Line, Section};
use super::words::{Words, text};
use crate::diag::Span;
use crate::expr::Expr;
use crate::pack::{Pack, Rule, Template};

/// Writes the chapters of one pack.
pub(super) struct Writer<'a> {
    pack: &'a Pack,
    index: &'a Index,
    words: Words<'a>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(pack: &'a Pack, index: &'a Index) -> Self {
        Writer { pack, index, words: Words::new(pack, index) }
    }

    pub(super) fn book(&self) -> Book {
        let chapters = [
            self.how_to_read(),
            self.parameters(),
            self.record(),
            self.events(),
            self.facts(),
            self.suppressions(),
            self.states(),
            self.causes(),
            self.criteria(),
            self.grades(),
            self.offers(),
            self.campaigns(),
            self.contact(),
            self.people(),
            self.plan(),
            self.outcomes(),
            self.followups(),
            self.warnings(),
            self.losses(),
            self.second_life(),
            self.money(),
            self.scripts(),
            self.names(),
        ];
        let pack = &self.pack.identity;
        Book {
            title: format!("Rule book: {}", pack.name),
            help: pack.help.clone(),
            identity: self.identity(),
            // A pack need not have everything.
            sections: chapters.into_iter().filter(|section| !section.blocks.is_empty()).collect(),
        }
    }

    /// A condition in words and as written.
    fn condition(&self, rule: &Rule) -> Block {
        Block::Rule { words: self.words.condition(&rule.expr), written: rule.text.clone() }
    }

    /// A value in words and as written.
    fn value(&self, rule: &Rule) -> Block {
        self.formula(&rule.expr, &rule.text)
    }

    fn formula(&self, expr: &Expr, written: &str) -> Block {
        Block::Rule { words: self.words.value_blocks(expr), written: written.to_owned() }
    }

    /// The sentence that is shown as the reason; `None` if there is none.
    fn reason(&self, template: &Template) -> Option<(String, Vec<Block>)> {
        let line = self.words.sentence(template);
        (!line.is_empty()).then(|| ("Reason given".to_owned(), vec![Block::Paragraph(line)]))
    }

    /// A help text; an empty line in it begins a new paragraph.
    fn help(&self, help: &str) -> Vec<Block> {
        let parts = help.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| Block::Paragraph(self.prose(part))).collect()
    }

    /// A text of the author's. What stands between back-ticks is a name, and leads to what it names.
    fn prose(&self, words: &str) -> Line {
        let mut line = Vec::new();
        let mut rest = words;
        while let Some((before, name, after)) = ticked(rest) {
            line.push(text(before.replace('\n', " ")));
            line.push(match self.index.name(name) {
                Some(target) => target.link(),
                None => Inline::Code(name.to_owned()),
            });
            rest = after;
        }
        line.push(text(rest.replace('\n', " ")));
        line
    }

    /// An entry with its help text and where it is written.
    fn entry(&self, id: String, title: String, name: &str, help: &str, place: (Span, String)) -> Entry {
        let name = if title == name { String::new() } else { name.to_owned() };
        let (span, path) = place;
        let blocks = self.help(help);
        Entry { id, title, name, blocks, notes: written(self.pack, span, &path), ..Entry::default() }
    }
}

fn section(id: &str, title: &str, blocks: Vec<Block>) -> Section {
    Section { id: id.to_owned(), title: title.to_owned(), blocks }
}

fn thing(entry: Entry) -> Block {
    Block::Entry(Box::new(entry))
}

/// A text up to a back-tick, what stands between it and the next, and the rest.
fn ticked(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (inner, after) = rest.split_once('`')?;
    (!inner.is_empty() && !inner.contains('\n')).then_some((before, inner, after))
}

/// Links with a comma between them.
fn links<'t>(targets: impl IntoIterator<Item = &'t Target>) -> Line {
    let mut line = Vec::new();
    for target in targets {
        if !line.is_empty() {
            line.push(text(", "));
        }
        line.push(target.link());
    }
    line
}

/// Texts in code font with a comma between them.
fn codes<'t>(list: impl IntoIterator<Item = &'t String>) -> Line {
    let mut line = Vec::new();
    for word in list {
        if !line.is_empty() {
            line.push(text(", "));
        }
        line.push(Inline::Code(word.clone()));
    }
    line
}
