//! Samples: from what a search left of every variable to a record, which is then proved by evaluating the conditions on it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::domain::{Domain, Interval, Test, Values, VarId};
use super::linear::{Inequality, Solved, solve};
use super::search::Case;
use super::space::{Known, Meaning, SAMPLE_DAY, Space, What};
use crate::expr::{Date, Expr, Func, Kind, Row, Slot, Type, Value, evaluate};
use crate::script::Scripts;

/// A value for every name.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub(super) values: Vec<Value>,
}

impl Row for Record {
    fn get(&self, slot: Slot) -> Value {
        self.values.get(slot.0 as usize).cloned().unwrap_or(Value::Missing)
    }
}

impl Record {
    pub(super) fn set(&mut self, slot: Slot, value: Value) {
        if let Some(place) = self.values.get_mut(slot.0 as usize) {
            *place = value;
        }
    }
}

/// What must be true of a record, and what must not.
pub(super) struct Proof<'a> {
    pub(super) space: &'a Space,
    pub(super) scripts: &'a Scripts,
    pub(super) yes: &'a [&'a Expr],
    pub(super) no: &'a [&'a Expr],
    /// The facts they read, in order.
    pub(super) facts: Vec<Slot>,
    /// So many records may still be tried.
    pub(super) tries: usize,
}

impl Proof<'_> {
    /// Computes facts, and looks whether all conditions come out as wanted.
    pub(super) fn holds(&mut self, record: &mut Record) -> bool {
        self.tries = self.tries.saturating_sub(1);
        for slot in &self.facts {
            if let Some(Known { meaning: Meaning::Derived(expr), .. }) = self.space.names.get(slot.0 as usize) {
                let value = evaluate(expr, record, self.scripts);
                record.set(*slot, value);
            }
        }
        let truth = |expr: &&Expr| evaluate(expr, record, self.scripts) == Value::Bool(true);
        self.yes.iter().all(truth) && !self.no.iter().any(truth)
    }
}

/// Slots that expressions read.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    /// By number, whether it is among them.
    seen: Vec<bool>,
    /// As they were met.
    list: Vec<Slot>,
}

impl Slots {
    /// Whether a slot is among them.
    pub(super) fn contains(&self, slot: Slot) -> bool {
        self.seen.get(slot.0 as usize).copied().unwrap_or(false)
    }

    /// Each once.
    pub(super) fn iter(&self) -> impl Iterator<Item = Slot> {
        self.list.iter().copied()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn add(&mut self, expr: &Expr) {
        expr.walk(&mut |part| {
            if let Kind::Slot(slot) = part.kind
                && let Some(seen) = self.seen.get_mut(slot.0 as usize)
                && !std::mem::replace(seen, true)
            {
                self.list.push(slot);
            }
        });
    }
}

/// The facts some expressions read, directly or through others, in order; and all slots they read.
pub(super) fn reads(space: &Space, exprs: &[&Expr]) -> (Vec<Slot>, Slots) {
    let mut slots = Slots { seen: vec![false; space.names.len()], list: Vec::new() };
    for expr in exprs {
        slots.add(expr);
    }
    let mut next = 0;
    while let Some(slot) = slots.list.get(next).copied() {
        next += 1;
        if let Some(Known { meaning: Meaning::Derived(expr), .. }) = space.names.get(slot.0 as usize) {
            slots.add(expr);
        }
    }
    (space.derived.iter().copied().filter(|slot| slots.contains(*slot)).collect(), slots)
}

/// A record of a case; `Err(false)` if there is none after all, `Err(true)` if none was found.
pub(super) fn record_of(case: &Case<'_>, proof: &mut Proof<'_>) -> Result<Record, bool> {
    let space = case.space;
    let mut values: Vec<Option<Value>> = vec![None; space.vars.len()];
    numbers_of_sums(case, &mut values)?;
    let today = values_of_today(case, &values);
    // Texts that must be the same are chosen one after the other, so that the later can follow the earlier.
    for (index, var) in space.vars.iter().enumerate() {
        let id = VarId(u32::try_from(index).unwrap_or(u32::MAX));
        let domain = case.domain(id);
        if values.get(index).is_none_or(Option::is_some) || matches!(var.what, What::Sum(_)) {
            continue;
        }
        let value =
            if domain.missing { Value::Missing } else { one_of(case, id, domain, &values, today).ok_or(true)? };
        if let Some(place) = values.get_mut(index) {
            *place = Some(value);
        }
    }
    let mut record = Record { values: vec![Value::Missing; space.names.len()] };
    for (slot, known) in space.names.iter().enumerate() {
        if let Meaning::Const(value) = &known.meaning {
            record.set(Slot(slot as u32), value.clone());
        }
    }
    record.set(space.today, Date::from_days(SAMPLE_DAY as i64).map_or(Value::Missing, Value::Date));
    let mut atoms: Vec<(VarId, &Expr)> = Vec::new();
    for (index, (var, value)) in space.vars.iter().zip(&values).enumerate() {
        let id = VarId(u32::try_from(index).unwrap_or(u32::MAX));
        match (&var.what, value) {
            (What::Name(slot), Some(value)) => record.set(*slot, value.clone()),
            (What::Atom(expr), Some(_)) if *case.domain(id) != var.domain => atoms.push((id, expr)),
            _ => {}
        }
    }
    if proof.holds(&mut record) {
        return Ok(record);
    }
    if atoms.is_empty() || case.quick {
        return Err(true);
    }
    repaired(case, proof, &record, &atoms, &values).ok_or(true)
}

fn values_of_today(case: &Case<'_>, values: &[Option<Value>]) -> f64 {
    let of = |(index, var): (usize, &super::space::Var)| match var.what {
        What::Name(slot) if slot == case.space.today => {
            let chosen = values.get(index).cloned().flatten().and_then(|value| value.as_date());
            let interval = case.domains.get(index).and_then(|domain| domain.interval().cloned());
            chosen.map(|day| f64::from(day.days())).or_else(|| interval.and_then(|i| i.choose(SAMPLE_DAY)))
        }
        _ => None,
    };
    case.space.vars.iter().enumerate().find_map(of).unwrap_or(SAMPLE_DAY)
}

/// Chooses the values of variables that are tied by sums.
fn numbers_of_sums(case: &Case<'_>, values: &mut [Option<Value>]) -> Result<(), bool> {
    let space = case.space;
    let mut bases: Vec<VarId> = Vec::new();
    for sum in &case.sums {
        if let What::Sum(terms) = &space.get(*sum).what {
            bases.extend(terms.iter().map(|(var, _)| *var));
        }
    }
    bases.sort();
    bases.dedup();
    if bases.is_empty() {
        return Ok(());
    }
    // `today` is chosen first, what is outside of the fragment last.
    bases.sort_by_key(|var| match &space.get(*var).what {
        What::Name(slot) if *slot == space.today => (0, *var),
        What::Name(_) => (1, *var),
        _ => (2, *var),
    });
    let ty = |var: VarId| match &space.get(var).what {
        What::Name(slot) => space.names.get(slot.0 as usize).map_or(Type::Number, |known| known.ty),
        What::Atom(expr) => expr.ty,
        What::Sum(_) => Type::Number,
    };
    let vars: Vec<(Interval, f64)> = bases
        .iter()
        .map(|var| {
            let interval = case.domain(*var).interval().cloned().unwrap_or_else(|| Interval::all(false));
            (interval, if ty(*var) == Type::Date { SAMPLE_DAY } else { 0.0 })
        })
        .collect();
    let mut given = Vec::new();
    for sum in &case.sums {
        let (What::Sum(terms), Some(interval)) = (&space.get(*sum).what, case.domain(*sum).interval()) else {
            continue;
        };
        let side = |sign: f64| -> Vec<(usize, f64)> {
            terms.iter().filter_map(|(v, c)| Some((bases.iter().position(|b| b == v)?, c * sign))).collect()
        };
        if interval.has_high() {
            given.push(Inequality { terms: side(1.0), bound: interval.high, strict: interval.high_open });
        }
        if interval.has_low() {
            given.push(Inequality { terms: side(-1.0), bound: 0.0 - interval.low, strict: interval.low_open });
        }
    }
    match solve(&vars, given) {
        Solved::Impossible => Err(false),
        Solved::Unknown => Err(true),
        Solved::Values(chosen) => {
            for (var, x) in bases.iter().zip(chosen) {
                if let Some(place) = values.get_mut(var.0 as usize) {
                    *place = Some(of_number(ty(*var), x));
                }
            }
            Ok(())
        }
    }
}

fn of_number(ty: Type, x: f64) -> Value {
    if ty == Type::Date { Date::from_days(x as i64).map_or(Value::Missing, Value::Date) } else { Value::number(x) }
}

/// A plain value of a domain.
fn one_of(case: &Case<'_>, var: VarId, domain: &Domain, values: &[Option<Value>], today: f64) -> Option<Value> {
    let space = case.space;
    let (ty, known) = match &space.get(var).what {
        What::Name(slot) => {
            let known = space.names.get(slot.0 as usize);
            (known.map_or(Type::Number, |k| k.ty), known)
        }
        What::Atom(expr) => (expr.ty, None),
        What::Sum(_) => return None,
    };
    if !domain.there {
        return Some(Value::Missing);
    }
    match &*domain.values {
        Values::Number(interval) => {
            let wish = if ty == Type::Date { today } else { 0.0 };
            interval.choose(wish).map(|x| of_number(ty, x))
        }
        Values::Bool { yes, .. } => Some(Value::Bool(*yes)),
        Values::Text { .. } => {
            let tied = case.same.iter().filter(|(a, b, _)| *a == var || *b == var);
            let tied: Vec<(Arc<str>, bool)> = tied
                .filter_map(|(a, b, same)| {
                    let other = if *a == var { b } else { a };
                    let text = values.get(other.0 as usize)?.as_ref()?.as_text()?;
                    Some((Arc::from(text), *same))
                })
                .collect();
            let mut candidates: Vec<Arc<str>> =
                tied.iter().filter(|(_, same)| *same).map(|(text, _)| text.clone()).collect();
            candidates.extend(texts(domain, known));
            candidates
                .into_iter()
                .find(|text| fits(domain, text) && tied.iter().all(|(t, same)| (t == text) == *same))
                .map(Value::Text)
        }
    }
}

fn fits(domain: &Domain, text: &Arc<str>) -> bool {
    match &*domain.values {
        Values::Text { only, not, tests } => {
            only.as_ref().is_none_or(|only| only.contains(text))
                && !not.contains(text)
                && tests.iter().all(|(test, want)| test.holds(text) == *want)
        }
        _ => false,
    }
}

/// Texts that may fit a domain, the likeliest first.
fn texts(domain: &Domain, known: Option<&Known>) -> Vec<Arc<str>> {
    let Values::Text { only, tests, .. } = &*domain.values else { return Vec::new() };
    let mut list: Vec<Arc<str>> = only.clone().unwrap_or_default();
    list.extend(known.into_iter().flat_map(|known| known.usual.iter().cloned()));
    let (mut starts, mut parts, mut ends) = (String::new(), Vec::new(), String::new());
    for (test, want) in tests {
        let words: Vec<String> = match &**test {
            Test::Call(Func::Mentions(words), _) => words.list.clone(),
            Test::Call(Func::Matches(pattern), _) => guesses(&pattern.text),
            Test::Call(_, rest) => rest.iter().filter_map(|value| value.as_text().map(str::to_owned)).collect(),
            Test::Order(_, text) => vec![text.to_string(), format!("{text}a"), text.chars().take(1).collect()],
        };
        list.extend(words.iter().map(|word| Arc::from(word.as_str())));
        if *want && let Some(word) = words.first() {
            match &**test {
                Test::Call(Func::StartsWith, _) => starts.clone_from(word),
                Test::Call(Func::EndsWith, _) => ends.clone_from(word),
                _ => parts.push(word.clone()),
            }
        }
    }
    let joined: Vec<String> = [starts, parts.join(" "), ends].into_iter().filter(|part| !part.is_empty()).collect();
    list.push(Arc::from(joined.join(" ")));
    list.push(Arc::from(joined.join("")));
    list.extend((0..40).map(|n| if n == 0 { Arc::from("other") } else { Arc::from(format!("other {n}")) }));
    list.extend(["a", "zzz", ""].map(Arc::from));
    list
}

/// Texts a pattern may be found in: its alternatives without the signs that mean something.
fn guesses(pattern: &str) -> Vec<String> {
    let plain = |part: &str| -> String {
        let part =
            part.replace("(?i)", "").replace("\\b", "").replace("\\d", "1").replace("\\s", " ").replace(".*", "");
        part.chars().filter(|c| !"^$()[]{}*+?\\".contains(*c)).collect()
    };
    pattern.split('|').map(plain).filter(|part| !part.is_empty()).collect()
}

/// Tries values of the names that the parts outside of the fragment read, until everything holds.
fn repaired(
    case: &Case<'_>,
    proof: &mut Proof<'_>,
    start: &Record,
    atoms: &[(VarId, &Expr)],
    values: &[Option<Value>],
) -> Option<Record> {
    let space = case.space;
    let exprs: Vec<&Expr> = atoms.iter().map(|(_, expr)| *expr).collect();
    let (_, slots) = reads(space, &exprs);
    let slots: BTreeSet<Slot> = slots.iter().collect();
    let mut choices: Vec<(Slot, Vec<Value>)> = Vec::new();
    let wanted: Vec<(Type, Value)> = atoms
        .iter()
        .filter_map(|(var, expr)| Some((expr.ty, values.get(var.0 as usize)?.clone()?)))
        .filter(|(_, value)| !value.is_missing())
        .collect();
    for slot in slots {
        let Some(index) = space.vars.iter().position(|var| matches!(var.what, What::Name(s) if s == slot)) else {
            continue;
        };
        let (Some(domain), Some(known)) = (case.domains.get(index), space.names.get(slot.0 as usize)) else { continue };
        let list = choices_of(domain, known, &wanted, start.get(slot).as_date());
        if !list.is_empty() {
            choices.push((slot, list));
        }
    }
    // A small generator of its own, so that the same pack gives the same sample.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let aims = aims(proof.yes);
    let most = TRIES_PER_CASE.min(proof.tries);
    let enough = proof.tries.saturating_sub(most);
    if choices.is_empty() {
        return None;
    }
    // First anything at all: products and the like need several values at once.
    while proof.tries > enough + most / 3 {
        let mut record = start.clone();
        for (slot, list) in &choices {
            if let Some(value) = list.get(random(list.len())) {
                record.set(*slot, value.clone());
            }
        }
        if proof.holds(&mut record) {
            return Some(record);
        }
    }
    let mut record = start.clone();
    while proof.tries > enough {
        let mut best = reached(case, proof, &mut record, atoms, &aims);
        let mut better = true;
        // One name after the other gets the value with which most of what is wanted holds.
        while better && proof.tries > enough {
            better = false;
            for (slot, list) in &choices {
                for value in list {
                    if record.get(*slot) == *value {
                        continue;
                    }
                    let mut next = record.clone();
                    next.set(*slot, value.clone());
                    if proof.holds(&mut next) {
                        return Some(next);
                    }
                    let now = reached(case, proof, &mut next, atoms, &aims);
                    if now > best {
                        (record, best, better) = (next, now, true);
                    }
                    if proof.tries <= enough {
                        return None;
                    }
                }
            }
        }
        // Stuck: some of the names begin elsewhere.
        record = start.clone();
        for (slot, list) in &choices {
            if random(2) == 0
                && let Some(value) = list.get(random(list.len()))
            {
                record.set(*slot, value.clone());
            }
        }
        if proof.holds(&mut record) {
            return Some(record);
        }
    }
    None
}

/// So many records are tried for one case.
const TRIES_PER_CASE: usize = 500;

/// The parts of conditions that must all be true.
fn aims<'e>(yes: &[&'e Expr]) -> Vec<&'e Expr> {
    let mut aims = Vec::new();
    for expr in yes {
        match &expr.kind {
            Kind::And(list) => aims.extend(list),
            _ => aims.push(*expr),
        }
    }
    aims
}

/// How much of what is wanted holds of a record whose facts are computed.
fn reached(case: &Case<'_>, proof: &Proof<'_>, record: &mut Record, atoms: &[(VarId, &Expr)], aims: &[&Expr]) -> usize {
    let truth = |expr: &&&Expr| evaluate(expr, record, proof.scripts) == Value::Bool(true);
    let yes = aims.iter().filter(truth).count();
    let no = proof.no.iter().filter(|expr| !truth(expr)).count();
    let inside = |(var, expr): &&(VarId, &Expr)| {
        let domain = case.domain(*var);
        match (evaluate(expr, record, proof.scripts), &*domain.values) {
            (Value::Missing, _) => domain.missing,
            (Value::Number(x), Values::Number(interval)) => domain.there && interval.holds(x),
            (Value::Date(day), Values::Number(interval)) => domain.there && interval.holds(f64::from(day.days())),
            (Value::Bool(b), Values::Bool { yes, no }) => domain.there && if b { *yes } else { *no },
            (Value::Text(text), Values::Text { .. }) => domain.there && fits(domain, &text),
            _ => false,
        }
    };
    yes + no + 2 * atoms.iter().filter(inside).count()
}

/// Values a name could have, to be tried.
fn choices_of(domain: &Domain, known: &Known, wanted: &[(Type, Value)], now: Option<Date>) -> Vec<Value> {
    let mut list = Vec::new();
    if domain.there {
        match &*domain.values {
            Values::Number(interval) if known.ty == Type::Date => {
                let days = (0..15).map(|n| -25.0 * f64::from(n)).chain([
                    -1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -500.0, -600.0, -800.0, -3000.0, -12000.0, 1.0, 30.0, 100.0,
                    400.0,
                ]);
                let edges = [interval.low, interval.high];
                let near = [1.0, -1.0, 7.0, -7.0, 31.0, -31.0, 300.0, -300.0];
                let near = now.into_iter().flat_map(|day| near.map(|d| f64::from(day.days()) + d));
                let all = days.map(|d| SAMPLE_DAY + d).chain(near).chain(edges);
                list.extend(all.filter(|x| interval.holds(*x)).map(|x| of_number(Type::Date, x)));
            }
            Values::Number(interval) => {
                let near = interval.choose(0.0).into_iter();
                let edges = [interval.low, interval.high].into_iter().filter(|x| x.abs() < 1e12);
                let wanted = wanted.iter().filter_map(|(_, value)| value.as_number());
                let plain = [1.0, 0.0, 2.0, 3.0, 10.0, 100.0, 1000.0, 0.5, 0.1, -1.0, -100.0, 5.0, 50.0, 10_000.0, 1e6];
                for x in near.chain(edges).chain(wanted).chain(plain) {
                    let value = Value::number(x);
                    if interval.holds(x) && !list.contains(&value) {
                        list.push(value);
                    }
                }
            }
            Values::Bool { yes, no } => {
                list.extend([(*yes, true), (*no, false)].iter().filter(|c| c.0).map(|c| Value::Bool(c.1)))
            }
            Values::Text { .. } => {
                let wanted = wanted.iter().filter_map(|(_, value)| value.as_text());
                let wanted = wanted
                    .flat_map(|text| [Arc::from(text), Arc::from(text.to_uppercase()), Arc::from(format!(" {text} "))]);
                let candidates = wanted.chain(texts(domain, Some(known)).into_iter().take(8));
                for text in candidates {
                    let value = Value::Text(text.clone());
                    if fits(domain, &text) && !list.contains(&value) {
                        list.push(value);
                    }
                }
            }
        }
    }
    if domain.missing {
        list.push(Value::Missing);
    }
    list
}
