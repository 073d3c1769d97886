//! `[rollups]` and `[facts]`: named values of a customer, in an order in which each can be computed.

use indexmap::IndexMap;

use super::Resolver;
use super::read::{Fields, wrong_type};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Aggregate, Ast, NameKind, Names, Stage, check_rollup, parse};
use crate::pack::format::{self, Keys};
use crate::pack::raw::{Entry, Raw, Table as Tree, Text};
use crate::pack::{Fact, Rollup, Table};

impl Resolver<'_> {
    pub(super) fn rollups(&mut self, root: &Tree, tables: &IndexMap<String, Table>) -> Vec<Rollup> {
        let names: IndexMap<String, &Names> = tables.iter().map(|(name, table)| (name.clone(), &table.names)).collect();
        let mut rollups = Vec::new();
        for (name, entry) in self.things(root, "rollups") {
            let fine = self.declare(name, entry.key, "a rollup");
            let rollup = self
                .named_text(entry, &format::ROLLUP, name, "max(orders.ordered_on)")
                .and_then(|text| self.rollup(name, entry, text, &names, tables, fine));
            match rollup {
                Some(rollup) if fine => rollups.push(rollup),
                _ => drop(self.broken.insert(name.to_owned())),
            }
        }
        rollups
    }

    fn rollup(
        &mut self,
        name: &str,
        entry: &Entry,
        text: &Text,
        names: &IndexMap<String, &Names>,
        tables: &IndexMap<String, Table>,
        fine: bool,
    ) -> Option<Rollup> {
        let ast = parse(&text.text, &text.anchor, &mut self.diagnostics)?;
        if self.reads_broken(&ast) {
            return None;
        }
        let rollup = check_rollup(&ast, &text.anchor, names, self.scripts, &mut self.diagnostics)?;
        let ordered = match rollup.aggregate {
            Aggregate::First => Some("first"),
            Aggregate::Last => Some("last"),
            _ => None,
        };
        if let (Some(word), Some(table)) = (ordered, tables.get(&rollup.table))
            && table.time.is_none()
        {
            let message = format!("`{word}` needs an order in time, and table `{}` has no `time`", table.name);
            let help = "name the date column of an event there, for instance `time = \"ordered_on\"`";
            self.diagnostics.push(
                Diagnostic::error(code::MISSING_KEY, text.span(), message).related(table.span, "the table").help(help),
            );
        }
        if !fine {
            return None;
        }
        let slot = self.add(name, NameKind::Rollup, Stage::Record, rollup.ty, Some(entry.key));
        Some(Rollup {
            name: name.to_owned(),
            slot,
            table: rollup.table,
            aggregate: rollup.aggregate,
            value: rollup.value,
            condition: rollup.condition,
            text: text.text.trim().to_owned(),
            span: text.span(),
        })
    }

    pub(super) fn facts(&mut self, root: &Tree) -> Vec<Fact> {
        let mut written: IndexMap<&str, Written<'_>> = IndexMap::new();
        for (name, entry) in self.things(root, "facts") {
            let fine = self.declare(name, entry.key, "a fact");
            let text = self.named_text(entry, &format::FACT, name, "today - last_order");
            let ast = text.and_then(|text| parse(&text.text, &text.anchor, &mut self.diagnostics));
            match (text, ast) {
                (Some(text), Some(ast)) if fine => drop(written.insert(name, Written { key: entry.key, text, ast })),
                _ => drop(self.broken.insert(name.to_owned())),
            }
        }
        let mut facts = Vec::new();
        for name in self.in_order(&written) {
            let Some(Written { key, text, ast }) = written.get(name) else { continue };
            match self.typed(ast, Stage::Fact, None) {
                Some(expr) => {
                    let slot = self.add(name, NameKind::Fact, Stage::Fact, expr.ty, Some(*key));
                    let text_of = text.text.trim().to_owned();
                    facts.push(Fact { name: name.to_owned(), slot, expr, text: text_of, span: text.span() });
                }
                None => drop(self.broken.insert(name.to_owned())),
            }
        }
        facts
    }

    /// The text of a fact or rollup, which stands bare or as `value` in a table.
    fn named_text<'t>(&mut self, entry: &'t Entry, keys: &'static Keys, name: &str, example: &str) -> Option<&'t Text> {
        let what = format!("{} `{name}`", keys.noun);
        let fields = Fields::open(&entry.node, entry.key, what.as_str(), keys, &mut self.diagnostics)?;
        let _ = fields.text("help", &mut self.diagnostics);
        match fields.get("value") {
            Some(Entry { node, .. }) => match &node.value {
                Raw::Text(text) => Some(text),
                _ => {
                    let mut diagnostic = wrong_type(&what, "a text with an expression", node);
                    diagnostic.help = vec![format!("write it in single quotes, as in `{name} = '{example}'`")];
                    self.diagnostics.push(diagnostic);
                    None
                }
            },
            None => {
                fields.missing("value", &format!("for instance `value = '{example}'`"), &mut self.diagnostics);
                None
            }
        }
    }

    /// The facts in an order in which each reads only what stands before it; those in a circle are
    /// reported and left out.
    fn in_order<'t>(&mut self, written: &IndexMap<&'t str, Written<'_>>) -> Vec<&'t str> {
        let reads: Vec<Vec<(usize, Span)>> = written
            .values()
            .map(|fact| {
                let names = fact.ast.reads(self.scripts);
                names.iter().filter_map(|(name, span)| Some((written.get_index_of(name.as_str())?, *span))).collect()
            })
            .collect();
        let mut marks = vec![Mark::New; written.len()];
        let mut order = Vec::new();
        for start in 0..written.len() {
            // A path of facts, each read by the one before it, with how many of its own reads were followed.
            let mut path = if marks.get(start) == Some(&Mark::New) { vec![(start, 0)] } else { Vec::new() };
            while let Some((fact, next)) = path.last_mut() {
                let (fact, at) = (*fact, *next);
                *next += 1;
                if let Some(mark) = marks.get_mut(fact).filter(|mark| **mark == Mark::New) {
                    *mark = Mark::OnPath;
                }
                let Some((read, _)) = reads.get(fact).and_then(|reads| reads.get(at)) else {
                    path.pop();
                    if let Some(mark) = marks.get_mut(fact) {
                        *mark = Mark::Done;
                    }
                    order.extend(written.get_index(fact).map(|(name, _)| *name));
                    continue;
                };
                match marks.get(*read) {
                    Some(Mark::New) => path.push((*read, 0)),
                    Some(Mark::OnPath) => {
                        let circle: Vec<usize> =
                            path.iter().map(|(fact, _)| *fact).skip_while(|fact| fact != read).collect();
                        self.circle(&circle, written, &reads);
                    }
                    _ => {}
                }
            }
        }
        order.retain(|name| !self.broken.contains(*name));
        order
    }

    /// Reports facts that read each other in a circle, unless one of them is in a circle already reported.
    fn circle(&mut self, circle: &[usize], written: &IndexMap<&str, Written<'_>>, reads: &[Vec<(usize, Span)>]) {
        let name = |fact: &usize| written.get_index(*fact).map_or("", |(name, _)| *name);
        let new = !circle.iter().any(|fact| self.broken.contains(name(fact)));
        // It is told from the fact that is written first.
        let first = circle.iter().enumerate().min_by_key(|(_, fact)| **fact).map_or(0, |(at, _)| at);
        let mut circle = circle.to_vec();
        circle.rotate_left(first);
        self.broken.extend(circle.iter().map(|fact| name(fact).to_owned()));
        if !new {
            return;
        }
        let links: Vec<(&str, &str, Span)> = circle
            .iter()
            .zip(circle.iter().cycle().skip(1))
            .filter_map(|(fact, read)| {
                let (_, span) = reads.get(*fact)?.iter().find(|(other, _)| other == read)?;
                Some((name(fact), name(read), *span))
            })
            .collect();
        let Some(((fact, first_read, span), others)) = links.split_first() else { return };
        let message = if others.is_empty() {
            format!("fact `{fact}` reads itself")
        } else {
            let told: Vec<String> = links.iter().map(|(fact, read, _)| format!("`{fact}` reads `{read}`")).collect();
            format!("facts read each other in a circle: {}", told.join(", "))
        };
        let mut diagnostic = Diagnostic::error(code::CYCLE, *span, message)
            .label(format!("`{fact}` reads `{first_read}` here"))
            .help("a fact may only read columns, rollups, parameters and facts that do not read it in turn");
        for (fact, read, span) in others {
            diagnostic = diagnostic.related(*span, format!("`{fact}` reads `{read}` here"));
        }
        self.diagnostics.push(diagnostic);
    }
}

/// A fact as written.
struct Written<'a> {
    key: Span,
    text: &'a Text,
    ast: Ast,
}

/// How far a fact is, in [`Resolver::in_order`].
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    New,
    OnPath,
    Done,
}
