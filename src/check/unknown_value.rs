#![doc = include_str!("manual/RG0541.md")]

use std::collections::HashMap;

use super::places::{Behind, Index, entry, places, quoted_list};
use super::{Level, Lint, Subject};
use crate::diag::{Diagnostic, Sources, Span, code, nearest};
use crate::expr::{Compare, Expr, Func, Kind, Slot, Type, Value};
use crate::pack::{Aggregate, Method, Pack, Table, Track};

/// A comparison with a value that cannot be there.
pub const LINT: Lint = Lint {
    code: code::UNKNOWN_VALUE,
    name: "unknown_value",
    level: Level::Warn,
    what: "a comparison with a value the column, state, cause or grade does not have",
    run,
};

/// The texts an expression can be, beside missing.
#[derive(Debug, Clone)]
struct Known {
    /// Each once.
    texts: Vec<String>,
    /// How messages call it.
    of: String,
    /// Where they are listed.
    listed: Option<Span>,
}

struct Texts<'a> {
    pack: &'a Pack,
    index: Index<'a>,
    /// Of names that stages decide, rollups and facts.
    by_slot: HashMap<Slot, Known>,
}

fn run(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let texts = Texts::new(pack);
    for place in places(pack) {
        place.expr.walk(&mut |expr| texts.look(expr, place.table, found));
    }
    for criterion in &pack.criteria {
        let Method::Map(rule, map, _) = &criterion.method else { continue };
        let Some(known) = texts.of(&rule.expr, None) else { continue };
        for (text, _) in map {
            let at = entry(&pack.tree, &["criteria", &criterion.name, "map", text]).map(|entry| entry.key);
            if let Some(at) = at
                && !known.texts.contains(text)
                && pack.is_own(at)
            {
                found.push(finding(text, &known, at, "scores nobody"));
            }
        }
    }
}

impl<'a> Texts<'a> {
    fn new(pack: &'a Pack) -> Self {
        let mut texts = Texts { pack, index: Index::new(pack), by_slot: HashMap::new() };
        let decided = &pack.decided;
        let states = pack.states.iter().map(|state| state.state.as_str());
        texts.decided(decided.state, "state", states.collect());
        texts.decided(decided.track, "track", Track::ALL.iter().map(|track| track.word()).collect());
        let causes = pack.causes.list.iter().map(|cause| cause.name.as_str());
        texts.decided(decided.cause, "cause", causes.chain(["unknown"]).collect());
        let classes = ["pushed_away", "pulled_away", "bought_away", "moved_away", "involuntary", "unknown"];
        texts.decided(decided.class, "class", classes.to_vec());
        texts.decided(decided.grade, "grade", pack.grades.iter().map(|grade| grade.name.as_str()).collect());
        for rollup in &pack.rollups {
            let same = matches!(rollup.aggregate, Aggregate::First | Aggregate::Last | Aggregate::Min | Aggregate::Max);
            if let (true, Some(value)) = (same, &rollup.value)
                && let Some(known) = texts.of(value, pack.tables.get(&rollup.table))
            {
                texts.by_slot.insert(rollup.slot, Known { of: format!("`{}`", rollup.name), ..known });
            }
        }
        for fact in &pack.facts {
            if let Some(known) = texts.of(&fact.expr, None) {
                let listed = known.listed.or(Some(fact.span));
                texts.by_slot.insert(fact.slot, Known { of: format!("`{}`", fact.name), listed, ..known });
            }
        }
        texts
    }

    fn decided(&mut self, slot: Slot, name: &str, mut texts: Vec<&str>) {
        texts.retain(|text| !text.is_empty());
        let mut once: Vec<String> = Vec::new();
        for text in texts {
            if !once.iter().any(|other| other == text) {
                once.push(text.to_owned());
            }
        }
        // Without a list of them, nobody compares with one.
        if !once.is_empty() {
            self.by_slot.insert(slot, Known { texts: once, of: format!("`{name}`"), listed: None });
        }
    }

    /// The texts an expression can be, if that is known.
    fn of(&self, expr: &Expr, table: Option<&Table>) -> Option<Known> {
        if expr.ty != Type::Text {
            return None;
        }
        match &expr.kind {
            Kind::Const(Value::Text(text)) => {
                Some(Known { texts: vec![text.to_string()], of: "this".to_owned(), listed: None })
            }
            Kind::Const(_) => Some(Known { texts: Vec::new(), of: "this".to_owned(), listed: None }),
            Kind::Slot(slot) => match self.index.behind(*slot, table) {
                Behind::Column(column) | Behind::Event(column) if !column.values.is_empty() => Some(Known {
                    texts: column.values.clone(),
                    of: format!("`{}`", table.map_or(&self.pack.names, |table| &table.names).get(*slot).name),
                    listed: Some(column.span),
                }),
                Behind::Rollup(_) | Behind::Fact(_) | Behind::Other if table.is_none() => {
                    self.by_slot.get(slot).cloned()
                }
                _ => None,
            },
            Kind::Coalesce(list) => self.any_of(list.iter(), table),
            Kind::If { branches, otherwise } => {
                self.any_of(branches.iter().map(|(_, then)| then).chain([otherwise.as_ref()]), table)
            }
            Kind::Switch { arms, otherwise, .. } => {
                self.any_of(arms.iter().map(|(_, then)| then).chain([otherwise.as_ref()]), table)
            }
            Kind::Call(func @ (Func::Lower | Func::Upper | Func::Trim), arguments) => {
                let mut known = self.of(arguments.first()?, table)?;
                for text in &mut known.texts {
                    if let Value::Text(changed) = func.call(&[Value::text(text.as_str())]) {
                        *text = changed.to_string();
                    }
                }
                Some(known)
            }
            _ => None,
        }
    }

    fn any_of<'e>(&self, list: impl Iterator<Item = &'e Expr>, table: Option<&Table>) -> Option<Known> {
        let mut all = Known { texts: Vec::new(), of: "this".to_owned(), listed: None };
        for expr in list {
            let known = self.of(expr, table)?;
            if known.listed.is_some() {
                all.listed = known.listed;
                all.of = known.of;
            }
            for text in known.texts {
                if !all.texts.contains(&text) {
                    all.texts.push(text);
                }
            }
        }
        (!all.texts.is_empty()).then_some(all)
    }

    /// Compares one part of an expression with what is known.
    fn look(&self, expr: &Expr, table: Option<&Table>, found: &mut Vec<Diagnostic>) {
        match &expr.kind {
            Kind::Compare(op @ (Compare::Eq | Compare::Ne), a, b) => {
                let (item, text) = match (&a.kind, &b.kind) {
                    (_, Kind::Const(Value::Text(text))) => (a, (b.span, text)),
                    (Kind::Const(Value::Text(text)), _) => (b, (a.span, text)),
                    _ => return,
                };
                let effect = if *op == Compare::Eq { "never true" } else { "always true" };
                self.compare(item, text.1, text.0, effect, table, found);
            }
            Kind::In { item, list, negated } => {
                for one in list {
                    if let Kind::Const(Value::Text(text)) = &one.kind {
                        let effect = if *negated { "excludes nobody" } else { "adds nobody" };
                        self.compare(item, text, one.span, effect, table, found);
                    }
                }
            }
            Kind::Switch { item, arms, .. } => {
                for value in arms.iter().flat_map(|(values, _)| values) {
                    if let Value::Text(text) = value {
                        let at = written(&self.pack.sources, expr.span, text);
                        self.compare(item, text, at, "never taken", table, found);
                    }
                }
            }
            _ => {}
        }
    }

    fn compare(
        &self,
        item: &Expr,
        text: &str,
        at: Span,
        effect: &str,
        table: Option<&Table>,
        found: &mut Vec<Diagnostic>,
    ) {
        // What a base compares with is written for many clients; the values of one are its own.
        if !self.pack.is_own(at) {
            return;
        }
        if let Some(known) = self.of(item, table)
            && !matches!(item.kind, Kind::Const(_))
            && !known.texts.iter().any(|other| other == text)
        {
            found.push(finding(text, &known, at, effect));
        }
    }
}

fn finding(text: &str, known: &Known, at: Span, effect: &str) -> Diagnostic {
    let message = format!("{} is never `{text}`", known.of);
    let mut diagnostic = Diagnostic::warning(code::UNKNOWN_VALUE, at, message).label(effect);
    if let Some(listed) = known.listed {
        diagnostic = diagnostic.related(listed, "its values are given here");
    }
    if let Some(near) = nearest(text, known.texts.iter().map(String::as_str)) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    let all = quoted_list(known.texts.iter().map(String::as_str));
    let one = if known.texts.len() == 1 { "it can only be" } else { "it is one of" };
    diagnostic.help(format!("{one} {all}"))
}

/// Where a text stands within an expression; the whole expression if it is written in another way.
fn written(sources: &Sources, within: Span, text: &str) -> Span {
    let found = sources.text(within).find(&format!("\"{text}\""));
    found.map_or(within, |at| {
        let start = within.start as usize + at;
        Span::new(within.file, start, start + text.len() + 2)
    })
}
