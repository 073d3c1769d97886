//! The conditions of a pack, list by list, and what is asked about them.

mod collect;
mod pairs;
mod rollups;

pub(super) use collect::Extra;
use collect::lists;

use super::solver::{Answer, Solver};
use super::witness::Record;
use super::{Analysis, Finding, Region};
use crate::check::Level;
use crate::check::levels::level;
use crate::check::sample::Sample;
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Expr, Kind, NameKind, Row, Slot, Type, Value};
use crate::pack::{Pack, Rule};

/// One rule of a list.
struct Item<'a> {
    /// How messages call it: ``state `lost` ``.
    what: String,
    /// Its condition; `None` always.
    when: Option<&'a Rule>,
    /// Where it is declared.
    at: Span,
    /// What a case expects where it decides.
    expect: Option<(&'static str, String)>,
    /// What is true anyway where the condition is asked for.
    given: Vec<&'a Expr>,
    /// What is not true there.
    excluded: Vec<&'a Expr>,
    /// What `given` and `excluded` say, in words: ` on the track `recovery``.
    where_given: String,
}

/// Rules that stand together.
struct List<'a> {
    /// `state`
    noun: &'static str,
    /// How messages call the list: `[[states]]`.
    called: String,
    items: Vec<Item<'a>>,
    /// Rules of another list that come before all of these.
    before: Vec<Item<'a>>,
    /// The first match decides.
    first_match: bool,
    /// Somebody for whom none matches gets nothing.
    wants_all: bool,
    /// Two of the same condition are one too many.
    distinct: bool,
}

impl<'a> Item<'a> {
    fn new(what: String, when: Option<&'a Rule>, at: Span) -> Self {
        let (given, excluded, where_given) = (Vec::new(), Vec::new(), String::new());
        Item { what, when, at, expect: None, given, excluded, where_given }
    }

    fn expr(&self) -> Option<&'a Expr> {
        self.when.map(|rule| &rule.expr)
    }

    /// Whether it plainly always matches.
    fn is_open(&self) -> bool {
        self.expr().is_none_or(|expr| expr.kind == Kind::Const(Value::Bool(true)))
    }

    fn span(&self) -> Span {
        self.when.map_or(self.at, |rule| rule.expr.span)
    }
}

/// Looks at every list of a pack.
pub(super) struct Looker<'a> {
    pack: &'a Pack,
    solver: Solver<'a>,
    /// The same with parameters that are true or false taken for free, made when first needed.
    open: Option<Solver<'a>>,
    out: Analysis,
}

pub(super) fn analyse(pack: &Pack) -> Analysis {
    let extra = Extra::of(pack);
    let mut looker = Looker { pack, solver: Solver::new(pack), open: None, out: Analysis::default() };
    let mut idle: Vec<Span> = Vec::new();
    for list in lists(pack, &extra) {
        looker.list(&list, &mut idle);
    }
    looker.rollups(&mut idle);
    let dead = super::branches::dead(pack, &mut looker.solver, &mut looker.open, &idle);
    looker.out.findings.extend(dead.into_iter().map(|diagnostic| Finding { diagnostic, region: None }));
    looker.out
}

/// How many conditions a pack has.
pub(super) fn count(pack: &Pack) -> usize {
    let extra = Extra::of(pack);
    let rules = lists(pack, &extra).iter().flat_map(|list| &list.items).filter(|item| !item.is_open()).count();
    let of_rollup = |rollup: &crate::pack::Rollup| {
        let share = matches!(rollup.aggregate, crate::pack::Aggregate::Share(_));
        usize::from(rollup.condition.is_some()) + usize::from(share)
    };
    rules + pack.rollups.iter().map(of_rollup).sum::<usize>()
}

impl<'a> Looker<'a> {
    fn say(&mut self, diagnostic: Diagnostic, region: Option<Region>) {
        self.out.findings.push(Finding { diagnostic, region });
    }

    /// Whether something is impossible however parameters that are true or false are set. A switch is meant to be turned.
    fn stays_impossible(&mut self, yes: &[&Expr], no: &[&Expr]) -> bool {
        let pack = self.pack;
        let (_, slots) = super::witness::reads(&self.solver.space, &yes.iter().chain(no).copied().collect::<Vec<_>>());
        if !pack.params.iter().any(|p| matches!(p.value, Value::Bool(_)) && slots.contains(p.slot)) {
            return true;
        }
        let open = self.open.get_or_insert_with(|| Solver::with_free_switches(pack));
        open.ask_once(yes, no) == Answer::Impossible
    }

    /// Whether an expression only reads what is set in the pack.
    fn is_fixed(&self, expr: &Expr) -> bool {
        let (_, slots) = super::witness::reads(&self.solver.space, &[expr]);
        let free = |slot: Slot| {
            matches!(
                self.pack.names.get(slot).kind,
                NameKind::Column | NameKind::Rollup | NameKind::Decided | NameKind::Today
            )
        };
        !slots.iter().any(free)
    }

    fn list(&mut self, list: &List<'a>, idle: &mut Vec<Span>) {
        let mut exact = vec![true; list.items.len()];
        let mut reasons: Vec<Option<String>> = vec![None; list.items.len()];
        let mut never = vec![false; list.items.len()];
        let mut always: Vec<bool> = list.items.iter().map(Item::is_open).collect();
        // Per rule, somebody it matches: mostly nobody before it does.
        let mut matched: Vec<Option<Record>> = vec![None; list.items.len()];
        let mut doubt = |index: usize, reason: String| {
            if let Some(place) = exact.get_mut(index) {
                *place = false;
            }
            if let Some(place) = reasons.get_mut(index) {
                place.get_or_insert(reason);
            }
        };
        for (index, item) in list.items.iter().enumerate() {
            let Some(expr) = item.expr() else { continue };
            if matches!(expr.kind, Kind::Const(_)) || self.is_fixed(expr) {
                continue;
            }
            match self.never(item, expr) {
                Ok(None) => {
                    if let Some(place) = never.get_mut(index) {
                        *place = true;
                    }
                    idle.push(expr.span);
                }
                Ok(Some(record)) => {
                    if let Some(place) = matched.get_mut(index) {
                        *place = Some(record);
                    }
                }
                Err(reason) => doubt(index, reason),
            }
            match self.always(item, expr) {
                Ok(true) => {
                    if let Some(place) = always.get_mut(index) {
                        *place = true;
                    }
                    idle.push(expr.span);
                }
                Ok(false) => {}
                Err(reason) => doubt(index, reason),
            }
        }
        let of = |flags: &[bool], index: usize| flags.get(index).copied().unwrap_or(false);
        let mut taken: Vec<usize> = Vec::new();
        if list.first_match {
            for (index, item) in list.items.iter().enumerate() {
                if of(&never, index) {
                    continue;
                }
                match self.masked(list, index, item, &always, matched.get(index).and_then(Option::as_ref)) {
                    Ok(true) => taken.push(index),
                    Ok(false) => {}
                    Err(reason) => doubt(index, reason),
                }
            }
            if list.wants_all && !list.items.is_empty() && !always.contains(&true) {
                self.gap(list);
            }
        }
        if list.distinct {
            let usable: Vec<(&Item<'a>, &Record)> = (list.items.iter().zip(&matched).enumerate())
                .filter(|(index, (item, _))| {
                    !item.is_open() && !of(&never, *index) && !of(&always, *index) && !taken.contains(index)
                })
                .filter_map(|(_, (item, record))| Some((item, record.as_ref()?)))
                .collect();
            self.twins(list, &usable);
        }
        if list.first_match && level(self.pack, code::OVERLAP) != Level::Allow {
            self.overlaps(list, &never, &always);
        }
        let exact_count = list.items.iter().zip(&exact).filter(|(item, exact)| !item.is_open() && **exact).count();
        self.out.summary.exact += exact_count;
        self.not_decided(list, &reasons);
    }

    fn not_decided(&mut self, list: &List<'a>, reasons: &[Option<String>]) {
        let open: Vec<(&Item<'a>, &String)> =
            list.items.iter().zip(reasons).filter_map(|(item, reason)| Some((item, reason.as_ref()?))).collect();
        self.out.summary.not_decided += open.len();
        let Some((first, reason)) = open.first() else { return };
        let rules = list.items.iter().filter(|item| !item.is_open()).count();
        let message =
            format!("{} of {rules} conditions of {} are not decided exactly", open.len(), quoted(&list.called));
        let mut note = Diagnostic::note(code::NOT_DECIDED, first.span(), message).label((*reason).clone());
        for (item, reason) in open.iter().skip(1) {
            note = note.related(item.span(), (*reason).clone());
        }
        let help = "nothing is said about whether they can match, or what is left to them; a case proves it";
        self.say(note.help(help), None);
    }

    /// Somebody it matches; `None` if there is nobody, which is said.
    fn never(&mut self, item: &Item<'a>, expr: &'a Expr) -> Result<Option<Record>, String> {
        let yes: Vec<&'a Expr> = [expr].into_iter().chain(item.given.iter().copied()).collect();
        match self.solver.ask(&yes, &item.excluded) {
            Answer::NotDecided(reason) => return Err(reason),
            Answer::Possible(record) => return Ok(Some(record)),
            Answer::Impossible => {}
        }
        if !self.stays_impossible(&yes, &item.excluded) {
            return Ok(None);
        }
        let alone = self.solver.ask(&[expr], &[]) == Answer::Impossible;
        let message = if alone {
            format!("{} never matches: its condition is true for no customer", item.what)
        } else {
            format!("{} never matches: its condition is true for no customer{}", item.what, item.where_given)
        };
        let mut finding = Diagnostic::warning(code::NEVER_MATCHES, expr.span, message);
        let core = self.conflict(expr, if alone { &[] } else { &item.given });
        if core.len() > 1 {
            let mut parts = core.iter();
            if let Some(first) = parts.next() {
                finding.primary = Some(crate::diag::Label { span: first.span, text: "this".to_owned() });
            }
            for part in parts {
                finding = finding.related(part.span, "and this cannot both be true");
            }
        }
        let help = if alone { "change a part, or drop the rule" } else { "change the condition, or the track" };
        self.say(finding.help(help), None);
        Ok(None)
    }

    /// The parts of an `&&` that cannot be true together, as few as can be.
    fn conflict(&mut self, expr: &'a Expr, given: &[&'a Expr]) -> Vec<&'a Expr> {
        let mut parts = Vec::new();
        conjuncts(expr, &mut parts);
        if parts.len() > 12 {
            return Vec::new();
        }
        let mut index = 0;
        while index < parts.len() {
            let mut fewer: Vec<&Expr> = parts.clone();
            fewer.remove(index);
            let yes: Vec<&Expr> = fewer.iter().copied().chain(given.iter().copied()).collect();
            if self.solver.ask_once(&yes, &[]) == Answer::Impossible {
                parts.remove(index);
            } else {
                index += 1;
            }
        }
        parts
    }

    /// Whether it matches everybody; says so.
    fn always(&mut self, item: &Item<'a>, expr: &'a Expr) -> Result<bool, String> {
        match self.solver.ask(&[], &[expr]) {
            Answer::NotDecided(reason) => return Err(reason),
            Answer::Possible(_) => return Ok(false),
            Answer::Impossible => {}
        }
        if !self.stays_impossible(&[], &[expr]) {
            return Ok(true);
        }
        let message = format!("{} always matches: its condition is true for every customer", item.what);
        let help = if item.when.is_some() && item.at != item.span() {
            "leave out `when` if everybody is meant; otherwise change the condition"
        } else {
            "a condition that is always true says nothing"
        };
        self.say(Diagnostic::warning(code::ALWAYS_MATCHES, expr.span, message).help(help), None);
        Ok(true)
    }

    /// Whether earlier rules leave nobody to it; says so.
    fn masked(
        &mut self,
        list: &List<'a>,
        index: usize,
        item: &Item<'a>,
        always: &[bool],
        matched: Option<&Record>,
    ) -> Result<bool, String> {
        let open = list.items.iter().zip(always).take(index).find(|(_, always)| **always).map(|(earlier, _)| earlier);
        if let Some(earlier) = open {
            let message = format!("{} is never reached: {} before it always matches", item.what, earlier.what);
            let fix = if earlier.when.is_some() { "change the condition of" } else { "give" };
            let more = if earlier.when.is_some() { "" } else { " a `when`" };
            let help = format!("{fix} {}{more}, or order them with `before = \"…\"`", earlier.what);
            self.say(
                Diagnostic::warning(code::UNREACHABLE, item.at, message)
                    .related(earlier.at, "this always matches")
                    .help(help),
                None,
            );
            return Ok(true);
        }
        // A rule for everybody at the end is good practice, also where nobody is left to it.
        let Some(expr) = item.expr().filter(|_| !item.is_open()) else { return Ok(false) };
        let yes: Vec<&'a Expr> = vec![expr];
        let before: Vec<&Item<'a>> = list.before.iter().chain(list.items.iter().take(index)).collect();
        let no: Vec<&'a Expr> = before.iter().filter_map(|earlier| earlier.expr()).collect();
        if no.is_empty() || matched.is_some_and(|record| self.solver.fits(record, &yes, &no)) {
            return Ok(false);
        }
        let mut needed: Vec<&Item<'a>> = before.into_iter().filter(|earlier| earlier.expr().is_some()).collect();
        match self.taken_by_one(&needed, &yes, matched) {
            Some(one) => needed = vec![one],
            None => {
                match self.solver.ask(&yes, &no) {
                    Answer::NotDecided(reason) => return Err(reason),
                    Answer::Possible(_) => return Ok(false),
                    Answer::Impossible => {}
                }
                needed = self.fewest(needed, &yes);
            }
        }
        let no: Vec<&'a Expr> = needed.iter().filter_map(|earlier| earlier.expr()).collect();
        if !self.stays_impossible(&yes, &no) {
            return Ok(true);
        }
        if let [only] = needed.as_slice()
            && let Some(other) = only.expr()
            && self.solver.same(other, expr) == Some(true)
        {
            self.say_same(list, only, item);
            return Ok(true);
        }
        let names: Vec<String> = needed.iter().map(|earlier| earlier.what.clone()).collect();
        let message = match names.as_slice() {
            [one] => format!("{} never decides: {one} before it takes everybody it would match", item.what),
            several => {
                format!("{} never decides: {} before it take everybody it would match", item.what, listed(several))
            }
        };
        let mut finding = Diagnostic::warning(code::MASKED, item.at, message);
        for earlier in &needed {
            finding = finding.related(earlier.span(), "this comes first");
        }
        let target = needed.first().map_or(String::new(), |earlier| earlier.what.clone());
        let same_list = needed.iter().all(|earlier| list.items.iter().any(|item| item.at == earlier.at));
        let help = if same_list {
            format!("move it up with `before = \"…\"`, narrow {target}, or drop it")
        } else {
            "suppressed customers get no state: drop it, or narrow the suppression".to_owned()
        };
        self.say(finding.help(help), None);
        Ok(true)
    }

    /// One rule that alone takes everybody another matches. It must match the one who is known to be matched.
    fn taken_by_one<'i>(
        &mut self,
        earlier: &[&'i Item<'a>],
        yes: &[&'a Expr],
        matched: Option<&Record>,
    ) -> Option<&'i Item<'a>> {
        let record = matched?;
        earlier.iter().copied().find(|one| {
            one.expr().is_some_and(|expr| {
                self.solver.fits(record, &[expr], &[]) && self.solver.ask(yes, &[expr]) == Answer::Impossible
            })
        })
    }

    /// Drops rules, many at a time and then fewer, as long as those that are left still take everybody.
    fn fewest<'i>(&mut self, mut needed: Vec<&'i Item<'a>>, yes: &[&'a Expr]) -> Vec<&'i Item<'a>> {
        let mut chunk = needed.len().div_ceil(2);
        while chunk > 0 && needed.len() > 1 {
            let mut at = 0;
            while at < needed.len() {
                let rest: Vec<&'i Item<'a>> = needed
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| *i < at || *i >= at + chunk)
                    .map(|(_, one)| *one)
                    .collect();
                let fewer: Vec<&'a Expr> = rest.iter().filter_map(|one| one.expr()).collect();
                if !fewer.is_empty() && self.solver.ask(yes, &fewer) == Answer::Impossible {
                    needed = rest;
                } else {
                    at += chunk;
                }
            }
            chunk /= 2;
        }
        needed
    }

    fn gap(&mut self, list: &List<'a>) {
        let all: Vec<&'a Expr> = list.before.iter().chain(&list.items).filter_map(Item::expr).collect();
        let Some(last) = list.items.last() else { return };
        let answer = self.solver.ask(&[], &all);
        let end = format!("end the list with a {} that has no `when`", list.noun);
        let (message, help, region) = match answer {
            Answer::Impossible => return,
            Answer::Possible(record) => {
                let message = format!("customers for whom no rule of `{}` is true get no {}", list.called, list.noun);
                let name = format!("for whom no rule of {} is true", list.called);
                let known = self.all_known(&all);
                let mut help =
                    self.sample(&name, known.as_ref().unwrap_or(&record), &all, Some((list.noun, Value::Missing)));
                if known.is_none() {
                    help.push_str("\n# nobody of whom everything is known was found");
                }
                let region = Region { all_of: Vec::new(), none_of: all.into_iter().cloned().collect() };
                (message, Some(help), Some(region))
            }
            Answer::NotDecided(reason) => {
                let message = format!(
                    "whether customers are left for whom no rule of `{}` is true is not decided: {reason}",
                    list.called
                );
                (message, None, None)
            }
        };
        let mut finding = Diagnostic::warning(code::NO_CATCH_ALL, last.at, message)
            .label(format!("{} is the last", last.what))
            .help(end);
        if let Some(help) = help {
            finding = finding.help(help);
        }
        self.say(finding, region);
    }

    /// A record of which everything that conditions read is there, and for which none of them is true: it shows more than one
    /// of whom nothing is known.
    fn all_known(&mut self, none: &[&'a Expr]) -> Option<Record> {
        let (_, slots) = super::witness::reads(&self.solver.space, none);
        let there: Vec<Expr> = slots
            .iter()
            .map(|slot| (slot, self.pack.names.get(slot)))
            .filter(|(_, name)| matches!(name.kind, NameKind::Column | NameKind::Rollup | NameKind::Decided))
            .filter_map(|(slot, name)| {
                let span = name.span.or_else(|| none.first().map(|expr| expr.span))?;
                let item = Box::new(Expr { kind: Kind::Slot(slot), ty: name.ty, span });
                Some(Expr { kind: Kind::IsMissing { item, missing: false }, ty: Type::Bool, span })
            })
            .collect();
        let there: Vec<&Expr> = there.iter().collect();
        match self.solver.ask_once(&there, none) {
            Answer::Possible(record) => Some(record),
            _ => None,
        }
    }

    /// A record as help: a case where it is one of a customer, otherwise what the values are.
    fn sample(&self, name: &str, record: &Record, about: &[&Expr], expect: Option<(&'static str, Value)>) -> String {
        let (_, slots) = super::witness::reads(&self.solver.space, about);
        let names = &self.solver.space.names;
        let free = |slot: &Slot| {
            let kind = self.pack.names.get(*slot).kind;
            matches!(kind, NameKind::Column | NameKind::Rollup | NameKind::Decided)
        };
        let mut used: Vec<Slot> = slots.iter().filter(free).collect();
        used.sort();
        let of_record = used.iter().all(|slot| names.get(slot.0 as usize).is_some_and(|known| known.of_record));
        let values: Vec<(String, Value)> =
            used.iter().map(|slot| (self.pack.names.get(*slot).name.clone(), record.get(*slot))).collect();
        let as_of = record.get(self.pack.today).as_date();
        if let (true, Some(as_of)) = (of_record, as_of) {
            let given = values.into_iter().filter(|(_, value)| !value.is_missing()).collect();
            let expect = expect.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            let sample = Sample { name: name.to_owned(), as_of, given, expect, exactly: Vec::new() };
            return format!("such a customer, as a case:\n{}", sample.to_toml().trim_end());
        }
        let values: Vec<String> = values.iter().map(|(name, value)| format!("{name} = {}", value.literal())).collect();
        format!("such a customer:\n# {}", values.join(", "))
    }
}

/// The parts of nested `&&`.
fn conjuncts<'a>(expr: &'a Expr, out: &mut Vec<&'a Expr>) {
    match &expr.kind {
        Kind::And(list) => list.iter().for_each(|part| conjuncts(part, out)),
        _ => out.push(expr),
    }
}

/// `a, b and c`
fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.join(""),
    }
}

/// A section in back-ticks; what is said in words stays as it is.
fn quoted(called: &str) -> String {
    if called.starts_with('[') { format!("`{called}`") } else { called.to_owned() }
}
