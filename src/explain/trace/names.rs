//! What stands behind a name: a parameter's unit, a rollup's text, a fact's parts, the rule that decided.

use super::{Part, Unfolding, kind_of};
use crate::explain::criteria;
use crate::explain::known::Known;
use crate::expr::{Row as _, Slot, Value};
use crate::pack::{Pack, Rule};
use crate::stage::suppressed_because;

/// What decided a name: a word about it, and the rules that were looked at.
#[derive(Default)]
struct Behind<'a> {
    meaning: Option<String>,
    rules: Vec<(Option<String>, &'a Rule)>,
    names: Vec<(Option<String>, Slot)>,
}

impl<'a> Unfolding<'a> {
    /// A name with its value; what is behind it, too, if `depth` is left.
    pub(super) fn name(&mut self, slot: Slot, depth: usize) -> Part {
        let pack = self.lamp.pack;
        let name = pack.names.get(slot);
        let value = self.values().get(slot);
        let mut part = Part {
            role: None,
            text: name.name.clone(),
            what: kind_of(pack, slot),
            ty: name.ty.word(),
            value: Known(value.clone()),
            meaning: None,
            unknown: None,
            not_taken: false,
            shown_above: false,
            parts: Vec::new(),
        };
        if self.lamp.given.contains(&slot) {
            part.meaning = Some("given".to_owned());
            return part;
        }
        match part.what {
            super::What::Parameter => {
                let unit = pack.params.iter().find(|p| p.slot == slot).map(|p| p.unit.as_str()).unwrap_or_default();
                part.meaning =
                    Some(if unit.is_empty() { "parameter".to_owned() } else { format!("parameter, {unit}") });
            }
            super::What::Column => {
                part.meaning = Some("column".to_owned());
                if value.is_missing() {
                    part.unknown = Some("not known of this customer".to_owned());
                }
            }
            super::What::Rollup => self.rollup(slot, &value, &mut part),
            super::What::Fact => self.fact(slot, &value, depth, &mut part),
            super::What::Decided => self.decided(slot, &value, depth, &mut part),
            _ => part.meaning = Some("the as-of date".to_owned()),
        }
        part
    }

    fn rollup(&self, slot: Slot, value: &Value, part: &mut Part) {
        let Some(rollup) = self.lamp.pack.rollups.iter().find(|r| r.slot == slot) else { return };
        part.meaning = Some(match rollup.text == part.text {
            // Written where it is asked for.
            true => format!("of her rows in {}", rollup.table),
            false => format!("rollup: {}", super::one_line(&rollup.text)),
        });
        if value.is_missing() {
            part.unknown = Some(format!("her rows in {} give no value", rollup.table));
        }
    }

    fn fact(&mut self, slot: Slot, value: &Value, depth: usize, part: &mut Part) {
        let Some(fact) = self.lamp.pack.facts.iter().find(|f| f.slot == slot) else { return };
        part.meaning = Some(format!("fact: {}", super::one_line(&fact.text)));
        if depth > 0 {
            if !self.opened.insert(slot) {
                part.shown_above = true;
                return;
            }
            let whole = self.rule(&fact.expr, &fact.text, depth - 1);
            // The fact's own text stands in its meaning; a fact that is nothing but another name shows that one.
            part.unknown.clone_from(&whole.unknown);
            part.parts = match fact.expr.kind {
                crate::expr::Kind::Slot(_) => vec![whole],
                _ => whole.parts,
            };
        } else if value.is_missing() {
            let why = self.scene().why_unknown(&fact.expr);
            part.unknown = why.map(|why| why.trim_start_matches("unknown: ").to_owned());
        }
    }

    fn decided(&mut self, slot: Slot, value: &Value, depth: usize, part: &mut Part) {
        let (pack, decision) = (self.lamp.pack, self.lamp.decision);
        if let Some(rule) = decision.suppressed.and_then(|i| pack.suppress.get(i)) {
            let why = suppressed_because(pack, rule, &decision.values);
            part.unknown = Some(format!("not decided, the customer is suppressed: {why}"));
            return;
        }
        let behind = self.behind(slot);
        match value.is_missing() {
            true => part.unknown = behind.meaning,
            false => part.meaning = behind.meaning,
        }
        if depth == 0 || (behind.rules.is_empty() && behind.names.is_empty()) {
            return;
        }
        if !self.opened.insert(slot) {
            part.shown_above = true;
            return;
        }
        for (role, rule) in behind.rules {
            if !matches!(rule.expr.kind, crate::expr::Kind::Const(_)) {
                part.parts.push(Part { role, ..self.rule(&rule.expr, &rule.text, depth - 1) });
            }
        }
        for (role, slot) in behind.names {
            part.parts.push(Part { role, ..self.name(slot, depth - 1) });
        }
    }

    fn behind(&self, slot: Slot) -> Behind<'a> {
        let (pack, decided) = (self.lamp.pack, self.lamp.pack.decided);
        let scored = pack.criteria.iter().zip(&self.lamp.decision.criteria).find(|(c, _)| c.slot == slot);
        if let Some((criterion, d)) = scored {
            let how = criteria::how(self.lamp.context, &self.scene(), criterion, d);
            return Behind { meaning: Some(how), rules: vec![(None, criterion.method.rule())], names: Vec::new() };
        }
        if let Some(i) = pack.dimensions.iter().position(|d| d.slot == slot) {
            return dimension(pack, i, self.values().get(slot).is_missing());
        }
        match slot {
            s if s == pack.priority.slot => self.priority(),
            s if s == decided.state || s == decided.track => self.state(s == decided.track),
            s if s == decided.grade => self.grade(),
            _ => self.cause(slot),
        }
    }

    fn state(&self, of_track: bool) -> Behind<'a> {
        let pack = self.lamp.pack;
        let Some(state) = self.lamp.decision.state.and_then(|i| pack.states.get(i)) else {
            return Behind { meaning: Some("no state rule holds".to_owned()), ..Behind::default() };
        };
        let rule = format!("rule `{}`", state.name);
        if of_track {
            let meaning = if state.track.is_some() { rule } else { format!("{rule} has no track") };
            return Behind { meaning: Some(meaning), rules: Vec::new(), names: vec![(None, pack.decided.state)] };
        }
        let rules = state.when.iter().map(|when| (Some("when".to_owned()), when)).collect();
        let always = if state.when.is_none() { ", which always holds" } else { "" };
        Behind { meaning: Some(format!("{rule}{always}")), rules, names: Vec::new() }
    }

    fn grade(&self) -> Behind<'a> {
        let pack = self.lamp.pack;
        let Some(grade) = self.lamp.decision.grade.and_then(|i| pack.grades.get(i)) else {
            return Behind { meaning: Some("no grade holds".to_owned()), ..Behind::default() };
        };
        let meaning = match (&grade.when, grade.let_go) {
            (None, true) => "all the rest; let go on purpose".to_owned(),
            (None, false) => "all the rest".to_owned(),
            (Some(_), true) => format!("{}; let go on purpose", grade.label),
            (Some(_), false) => grade.label.clone(),
        };
        let rules = grade.when.iter().map(|when| (Some("when".to_owned()), when)).collect();
        Behind { meaning: Some(meaning), rules, names: Vec::new() }
    }

    fn priority(&self) -> Behind<'a> {
        let pack = self.lamp.pack;
        let missing = self.values().get(pack.priority.slot).is_missing();
        match &pack.priority.rule {
            Some(rule) => {
                let why = if missing { self.scene().why_unknown(&rule.expr) } else { Some("by formula".to_owned()) };
                let why = why.map(|why| why.trim_start_matches("unknown: ").to_owned());
                Behind { meaning: why, rules: vec![(None, rule)], names: Vec::new() }
            }
            None => Behind {
                meaning: Some(if missing { "no dimension is known" } else { "the mean of the dimensions" }.to_owned()),
                rules: Vec::new(),
                names: pack.dimensions.iter().map(|d| (None, d.slot)).collect(),
            },
        }
    }

    /// `cause`, `class` and `confidence`.
    fn cause(&self, slot: Slot) -> Behind<'a> {
        let (pack, cause) = (self.lamp.pack, &self.lamp.decision.cause);
        if !cause.analysed {
            let rules = pack.causes.when.iter().map(|when| (Some("when".to_owned()), when)).collect();
            return Behind { meaning: Some("not looked for in this state".to_owned()), rules, names: Vec::new() };
        }
        let Some((i, winner)) = cause.winner.and_then(|i| Some((i, pack.causes.list.get(i)?))) else {
            return Behind { meaning: Some("no cause has enough evidence".to_owned()), ..Behind::default() };
        };
        if slot != pack.decided.cause {
            let meaning = match slot == pack.decided.class {
                true => format!("the class of `{}`", winner.name),
                false => format!("what `{}` has of all weights", winner.name),
            };
            return Behind { meaning: Some(meaning), rules: Vec::new(), names: vec![(None, pack.decided.cause)] };
        }
        let number = |x: f64| Value::number(x).to_string();
        let weight = cause.scores.get(i).copied().unwrap_or_default();
        let all: f64 = cause.scores.iter().sum();
        let found = winner.evidence.iter().zip(cause.evidence.get(i).into_iter().flatten());
        Behind {
            meaning: Some(format!("evidence of weight {} of {} in all", number(weight), number(all))),
            rules: found
                .filter(|(_, found)| **found)
                .map(|(e, _)| (Some(format!("weight {}", number(e.weight))), &e.when))
                .collect(),
            names: Vec::new(),
        }
    }
}

fn dimension(pack: &Pack, i: usize, missing: bool) -> Behind<'_> {
    let its = pack.criteria.iter().filter(|c| c.dimension == i);
    let names: Vec<_> = its.map(|c| (Some(format!("weight {}", Value::number(c.weight))), c.slot)).collect();
    let meaning = match (names.is_empty(), missing) {
        (true, _) => "no criterion belongs to it",
        (false, true) => "none of its scores is known",
        (false, false) => "the weighted mean of the scores that are known",
    };
    Behind { meaning: Some(meaning.to_owned()), rules: Vec::new(), names }
}
