//! The variables conditions are about: names that are free, sums of them, and parts that are outside of the fragment ("atoms"),
//! which stand for themselves and may have any value.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::domain::{Domain, Interval, Test, VarId};
use super::formula::{Formula, Lit};
use crate::diag::Span;
use crate::expr::{Aggregate, Arith, Compare, Expr, Kind, NameKind, Names, Slot, Type, Value};
use crate::pack::{Pack, Table, Track};

/// What a name means here.
#[derive(Debug, Clone)]
pub(super) enum Meaning {
    /// A parameter.
    Const(Value),
    /// A column, a rollup, `today`, or what a stage decides.
    Free(Domain),
    /// A fact.
    Derived(Expr),
}

/// A name.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Its type.
    pub(super) ty: Type,
    /// What it means.
    pub(super) meaning: Meaning,
    /// Values a sample should have, best first.
    pub(super) usual: Vec<Arc<str>>,
    /// Whether it is given with a customer, not decided by a stage.
    pub(super) of_record: bool,
}

/// What a variable stands for.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// A free name.
    Name(Slot),
    /// A part outside of the fragment.
    Atom(Expr),
    /// A sum: variables with their factors. It is there if all of them are.
    Sum(Rc<[(VarId, f64)]>),
}

/// A variable.
#[derive(Debug, Clone)]
pub(super) struct Var {
    /// What it stands for.
    pub(super) what: What,
    /// The values it can have.
    pub(super) domain: Domain,
}

/// A sum of variables and a constant.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Linear {
    /// By variable, factors not 0.
    pub(super) terms: Vec<(VarId, f64)>,
    /// What is added.
    pub(super) constant: f64,
}

impl Linear {
    pub(super) fn constant(constant: f64) -> Self {
        Self { terms: Vec::new(), constant }
    }

    pub(super) fn var(var: VarId) -> Self {
        Self { terms: vec![(var, 1.0)], constant: 0.0 }
    }

    pub(super) fn scaled(&self, by: f64) -> Self {
        if by == 0.0 {
            return Self::default();
        }
        Self { terms: self.terms.iter().map(|(v, c)| (*v, c * by)).collect(), constant: self.constant * by }
    }

    pub(super) fn plus(&self, other: &Linear, by: f64) -> Self {
        let mut terms = self.terms.clone();
        for (var, c) in &other.terms {
            match terms.iter_mut().find(|(v, _)| v == var) {
                Some((_, old)) => *old += c * by,
                None => terms.push((*var, c * by)),
            }
        }
        terms.retain(|(_, c)| *c != 0.0);
        terms.sort_by_key(|(v, _)| *v);
        Self { terms, constant: self.constant + other.constant * by }
    }
}

/// The day samples are made for, where the conditions do not ask for another: 2026-06-30.
pub(super) const SAMPLE_DAY: f64 = 20_634.0;

/// Names, variables, and what facts were translated to.
pub(super) struct Space {
    pub(super) names: Vec<Known>,
    /// The slot of `today`.
    pub(super) today: Slot,
    /// Facts in order: a fact only reads what stands before it.
    pub(super) derived: Vec<Slot>,
    pub(super) vars: Vec<Var>,
    by_slot: HashMap<Slot, VarId>,
    atoms: HashMap<String, VarId>,
    sums: HashMap<Vec<(VarId, u64)>, VarId>,
    tests: HashMap<VarId, Vec<Rc<Test>>>,
    /// What is always true, and the variables it is about.
    axioms: Vec<(Vec<Slot>, Formula)>,
    pub(super) memo: super::translate::Memo,
    /// The parts outside of the fragment, as met.
    pub(super) outside: Vec<(VarId, Span, String)>,
}

impl Space {
    fn empty(today: Slot) -> Self {
        Self {
            names: Vec::new(),
            today,
            derived: Vec::new(),
            vars: Vec::new(),
            by_slot: HashMap::new(),
            atoms: HashMap::new(),
            sums: HashMap::new(),
            tests: HashMap::new(),
            axioms: Vec::new(),
            memo: super::translate::Memo::default(),
            outside: Vec::new(),
        }
    }

    /// The names of a pack. With `open`, parameters that are true or false are free: a switch is meant to be turned.
    pub(super) fn of_pack(pack: &Pack, open: bool) -> Self {
        let mut space = Self::empty(pack.today);
        space.add_names(&pack.names);
        for param in &pack.params {
            space.param(param.slot, &param.value, open);
        }
        for column in &pack.record.columns {
            space.usual(column.slot, &column.values);
        }
        for rollup in &pack.rollups {
            let interval = match &rollup.aggregate {
                Aggregate::Count | Aggregate::CountDistinct => Interval::closed(0.0, super::domain::HUGE, true),
                Aggregate::Share(_) if rollup.value.is_none() => Interval::closed(0.0, 1.0, false),
                Aggregate::QuantileGap(_) => Interval::closed(0.0, super::domain::HUGE, false),
                _ => continue,
            };
            space.restrict(rollup.slot, Domain::numbers(interval));
        }
        for fact in &pack.facts {
            space.derive(fact.slot, fact.expr.clone());
        }
        space.decided(pack);
        space.past(pack);
        space
    }

    /// The names a rollup of a table may use.
    pub(super) fn of_table(pack: &Pack, table: &Table) -> Self {
        let today = table.names.find("today").unwrap_or(pack.today);
        let mut space = Self::empty(today);
        space.add_names(&table.names);
        for param in &pack.params {
            if let Some(slot) = table.names.find(&param.name) {
                space.param(slot, &param.value, false);
            }
        }
        for column in &table.columns {
            space.usual(column.slot, &column.values);
            if table.time.as_ref() == Some(&column.name) {
                // Events without a day are set aside, and later ones are never seen.
                if let Some(Known { meaning: Meaning::Free(domain), .. }) = space.names.get_mut(column.slot.0 as usize)
                {
                    domain.missing = false;
                }
                space.not_after_today(column.slot);
            }
        }
        space
    }

    fn add_names(&mut self, names: &Names) {
        for (_, name) in names.iter() {
            let mut domain = Domain::any(name.ty);
            domain.missing = name.kind != NameKind::Today;
            self.names.push(Known {
                ty: name.ty,
                meaning: Meaning::Free(domain),
                usual: Vec::new(),
                of_record: !matches!(name.kind, NameKind::Decided),
            });
        }
    }

    fn known(&mut self, slot: Slot) -> Option<&mut Known> {
        self.names.get_mut(slot.0 as usize)
    }

    fn param(&mut self, slot: Slot, value: &Value, open: bool) {
        let switch = open && matches!(value, Value::Bool(_));
        if let Some(known) = self.known(slot) {
            known.meaning = if switch {
                Meaning::Free(Domain { missing: false, ..Domain::any(Type::Bool) })
            } else {
                Meaning::Const(value.clone())
            };
        }
    }

    fn usual(&mut self, slot: Slot, values: &[String]) {
        if let Some(known) = self.known(slot) {
            known.usual = values.iter().map(|v| Arc::from(v.as_str())).collect();
        }
    }

    fn restrict(&mut self, slot: Slot, domain: Domain) {
        if let Some(known) = self.known(slot) {
            known.meaning = Meaning::Free(domain);
        }
    }

    fn derive(&mut self, slot: Slot, expr: Expr) {
        if let Some(known) = self.known(slot) {
            known.meaning = Meaning::Derived(expr);
            self.derived.push(slot);
        }
    }

    /// What the stages can decide.
    fn decided(&mut self, pack: &Pack) {
        let text = |word: &str| -> Arc<str> { Arc::from(word) };
        let mut list = |slot: Slot, mut words: Vec<Arc<str>>| {
            let mut seen = std::collections::HashSet::new();
            words.retain(|word| seen.insert(word.clone()));
            self.restrict(slot, Domain::texts(words));
        };
        list(pack.decided.state, pack.states.iter().map(|s| text(&s.state)).collect());
        list(pack.decided.track, pack.states.iter().filter_map(|s| s.track).map(|t| text(t.word())).collect());
        let unknown = || [text("unknown")];
        list(pack.decided.cause, pack.causes.list.iter().map(|c| text(&c.name)).chain(unknown()).collect());
        list(pack.decided.class, pack.causes.list.iter().map(|c| text(&c.class)).chain(unknown()).collect());
        list(pack.decided.grade, pack.grades.iter().map(|g| text(&g.name)).collect());
        self.restrict(pack.decided.confidence, Domain::numbers(Interval::closed(0.0, 1.0, false)));
        let scores = || Domain::numbers(Interval::closed(0.0, 10.0, false));
        for criterion in &pack.criteria {
            let missing = criterion.missing.score().is_none();
            self.restrict(criterion.slot, Domain { missing, ..scores() });
        }
        for dimension in &pack.dimensions {
            let of: Vec<_> = pack
                .criteria
                .iter()
                .filter(|c| pack.dimensions.get(c.dimension).is_some_and(|d| d.slot == dimension.slot))
                .collect();
            let missing = of.iter().all(|c| c.missing.score().is_none());
            // A pack that scores nothing yet is in the making: its grades are not called dead for that.
            let there = !of.is_empty() || pack.criteria.is_empty();
            self.restrict(dimension.slot, Domain { missing, there, ..scores() });
        }
        match &pack.priority.rule {
            Some(rule) => self.derive(pack.priority.slot, rule.expr.clone()),
            None => match mean_of_known(&pack.dimensions.iter().map(|d| d.slot).collect::<Vec<_>>()) {
                Some(expr) => self.derive(pack.priority.slot, expr),
                None => self.restrict(pack.priority.slot, scores()),
            },
        }
        self.tie(
            pack.decided.state,
            pack.decided.track,
            pack.states.iter().map(|s| (text(&s.state), s.track.map(Track::word))).collect(),
        );
        let classes = pack.causes.list.iter().map(|c| (text(&c.name), Some(c.class.as_str())));
        let classes: Vec<_> = classes.chain([(text("unknown"), Some("unknown"))]).collect();
        self.tie(pack.decided.cause, pack.decided.class, classes);
    }

    /// The second name follows from the first: the track from the state.
    fn tie(&mut self, from: Slot, to: Slot, pairs: Vec<(Arc<str>, Option<&str>)>) {
        let (Some(a), Some(b)) = (self.var(from), self.var(to)) else { return };
        let mut cases = vec![Formula::and([Formula::lit(Lit::Missing(a, true)), Formula::lit(Lit::Missing(b, true))])];
        let mut seen = std::collections::HashSet::new();
        for (first, second) in pairs {
            if !seen.insert((first.clone(), second)) {
                continue;
            }
            let second = match second {
                Some(word) => Formula::lit(Lit::In(b, Rc::from([Arc::from(word)]), true)),
                None => Formula::lit(Lit::Missing(b, true)),
            };
            cases.push(Formula::and([Formula::lit(Lit::In(a, Rc::from([first]), true)), second]));
        }
        self.axioms.push((vec![from, to], Formula::or(cases)));
    }

    /// Rollups of days are not after today.
    fn past(&mut self, pack: &Pack) {
        let mut past = Vec::new();
        for rollup in &pack.rollups {
            let Some(table) = pack.tables.get(&rollup.table) else { continue };
            let time = table.time.as_ref().and_then(|time| table.columns.iter().find(|c| c.name == *time));
            let plain =
                matches!(rollup.aggregate, Aggregate::Min | Aggregate::Max | Aggregate::First | Aggregate::Last);
            if let (Some(time), Some(Expr { kind: Kind::Slot(slot), .. }), true) = (time, &rollup.value, plain)
                && *slot == time.slot
            {
                past.push(rollup.slot);
            }
        }
        for slot in past {
            self.not_after_today(slot);
        }
    }

    fn not_after_today(&mut self, slot: Slot) {
        let (Some(var), Some(today)) = (self.var(slot), self.var(self.today)) else { return };
        let ahead = Linear::var(var).plus(&Linear::var(today), -1.0);
        let past = self.compared(&ahead, Compare::Le);
        let axiom = Formula::or([past, Formula::lit(Lit::Missing(var, true))]);
        self.axioms.push((vec![slot, self.today], axiom));
    }

    /// What is always true of these names.
    pub(super) fn axioms_about(&self, slots: &super::witness::Slots) -> Vec<Formula> {
        self.axioms
            .iter()
            .filter(|(about, _)| about.iter().all(|slot| slots.contains(*slot)))
            .map(|(_, f)| f.clone())
            .collect()
    }

    /// A variable.
    #[expect(clippy::indexing_slicing, reason = "ids are only made by `add`")]
    pub(super) fn get(&self, var: VarId) -> &Var {
        &self.vars[var.0 as usize]
    }

    fn add(&mut self, what: What, domain: Domain) -> VarId {
        let id = VarId(u32::try_from(self.vars.len()).unwrap_or(u32::MAX));
        self.vars.push(Var { what, domain });
        id
    }

    /// The variable of a free name.
    pub(super) fn var(&mut self, slot: Slot) -> Option<VarId> {
        if let Some(var) = self.by_slot.get(&slot) {
            return Some(*var);
        }
        let Meaning::Free(domain) = &self.names.get(slot.0 as usize)?.meaning else { return None };
        let domain = domain.clone();
        let var = self.add(What::Name(slot), domain);
        self.by_slot.insert(slot, var);
        Some(var)
    }

    /// The variable of a part outside of the fragment. A part that is missing only with its arguments is `strict`.
    pub(super) fn atom(&mut self, expr: &Expr, strict: bool, interval: Option<Interval>) -> VarId {
        let mut key = String::new();
        super::key::write(expr, &mut key);
        if let Some(var) = self.atoms.get(&key) {
            return *var;
        }
        let mut domain = interval.map_or_else(|| Domain::any(expr.ty), Domain::numbers);
        domain.missing = !strict;
        let var = self.add(What::Atom(expr.clone()), domain);
        self.outside.push((var, expr.span, key.clone()));
        self.atoms.insert(key, var);
        var
    }

    /// A test on a text.
    pub(super) fn test(&mut self, var: VarId, test: Test) -> Rc<Test> {
        let list = self.tests.entry(var).or_default();
        if let Some(known) = list.iter().find(|known| ***known == test) {
            return known.clone();
        }
        let test = Rc::new(test);
        list.push(test.clone());
        test
    }

    /// `linear op 0`, where everything in it is there.
    pub(super) fn compared(&mut self, linear: &Linear, op: Compare) -> Formula {
        let Some((_, lead)) = linear.terms.first().copied() else {
            let zero = Value::Number(0.0);
            let truth = crate::expr::eval::compare(op, &Value::Number(linear.constant), &zero);
            return Formula::Const(truth == Value::Bool(true));
        };
        // Scaled so that the first factor is 1, unless that would round.
        let exact = |x: f64| (x / lead) * lead == x && ((x / lead) * 1024.0).fract() == 0.0;
        let scalable = exact(linear.constant) && linear.terms.iter().all(|(_, c)| exact(*c));
        let by = if scalable { 1.0 / lead } else { lead.signum() };
        let divide = |x: f64| if scalable { x / lead } else { x * by };
        let op = if lead < 0.0 { op.mirrored() } else { op };
        let bound = 0.0 - divide(linear.constant);
        let terms: Vec<(VarId, f64)> = linear.terms.iter().map(|(v, c)| (*v, divide(*c))).collect();
        let var = match terms.as_slice() {
            [(var, 1.0)] => *var,
            _ => {
                if op == Compare::Ne {
                    let (less, more) = (self.compared(linear, Compare::Lt), self.compared(linear, Compare::Gt));
                    return Formula::or([less, more]);
                }
                self.sum(terms)
            }
        };
        Formula::lit(Lit::Number(var, op, bound))
    }

    fn sum(&mut self, terms: Vec<(VarId, f64)>) -> VarId {
        let key: Vec<(VarId, u64)> = terms.iter().map(|(v, c)| (*v, c.to_bits())).collect();
        if let Some(var) = self.sums.get(&key) {
            return *var;
        }
        let whole = terms.iter().all(|(v, c)| c.fract() == 0.0 && self.is_whole(*v));
        let mut domain = Domain::numbers(Interval::all(whole));
        domain.missing = false;
        let var = self.add(What::Sum(terms.into()), domain);
        self.sums.insert(key, var);
        var
    }

    /// Whether a variable only has whole values.
    pub(super) fn is_whole(&self, var: VarId) -> bool {
        self.get(var).domain.interval().is_some_and(|interval| interval.whole)
    }
}

/// The mean of those that are known, for up to three names: what a priority is if nothing else is said.
fn mean_of_known(slots: &[Slot]) -> Option<Expr> {
    if slots.is_empty() || slots.len() > 3 {
        return None;
    }
    let expr = |kind| Expr { kind, ty: Type::Number, span: Span::new(crate::diag::FileId(0), 0, 0) };
    let mut subsets: Vec<Vec<Slot>> = (1..1_u32 << slots.len())
        .map(|bits| slots.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, s)| *s).collect())
        .collect();
    // The sum of all comes first, so that what is missing drops out one by one.
    subsets.sort_by_key(|subset: &Vec<Slot>| std::cmp::Reverse(subset.len()));
    let means: Vec<Expr> = subsets
        .iter()
        .filter_map(|subset| {
            let sum = subset
                .iter()
                .map(|s| expr(Kind::Slot(*s)))
                .reduce(|a, b| expr(Kind::Arith(Arith::Add, Box::new(a), Box::new(b))))?;
            let count = Box::new(expr(Kind::Const(Value::number(subset.len() as f64))));
            Some(expr(Kind::Arith(Arith::Div, Box::new(sum), count)))
        })
        .collect();
    Some(if means.len() == 1 { means.into_iter().next()? } else { expr(Kind::Coalesce(means)) })
}
