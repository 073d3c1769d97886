//! Two rules of one list: the same condition twice, and customers both match.

use super::super::Region;
use super::super::solver::Answer;
use super::Record;
use super::{Item, List, Looker};
use crate::diag::{Diagnostic, code};
use crate::expr::Value;

impl<'a> Looker<'a> {
    /// Rules with the same condition. Two are only asked about if each matches whom the other matches.
    pub(super) fn twins(&mut self, list: &List<'a>, usable: &[(&Item<'a>, &Record)]) {
        for (index, (item, record)) in usable.iter().enumerate() {
            let Some(expr) = item.expr() else { continue };
            for (earlier, other) in usable.iter().take(index) {
                let Some(before) = earlier.expr() else { continue };
                let alike = self.solver.fits(record, &[before], &[]) && self.solver.fits(other, &[expr], &[]);
                if alike && self.solver.same(before, expr) == Some(true) {
                    self.say_same(list, earlier, item);
                    break;
                }
            }
        }
    }

    pub(super) fn say_same(&mut self, list: &List<'a>, earlier: &Item<'a>, item: &Item<'a>) {
        let message = if list.first_match {
            format!("{} has the same condition as {}, which comes first", item.what, earlier.what)
        } else if earlier.what == item.what {
            format!("{} has the same condition twice", item.what)
        } else {
            format!("{} has the same condition as {}", item.what, earlier.what)
        };
        let help = match list.noun {
            "evidence" => "make it one, with the weight it is to have",
            "campaign" => "if they are to compete, let the conditions say for whom; otherwise drop one",
            _ => "drop one, or change its condition",
        };
        let finding =
            Diagnostic::warning(code::SAME_CONDITION, item.span(), message).related(earlier.span(), "here first");
        self.say(finding.help(help), None);
    }

    pub(super) fn overlaps(&mut self, list: &List<'a>, never: &[bool], always: &[bool]) {
        let usable: Vec<&Item<'a>> = list
            .items
            .iter()
            .zip(never.iter().zip(always))
            .filter(|(_, (never, always))| !**never && !**always)
            .map(|(item, _)| item)
            .collect();
        for (index, second) in usable.iter().enumerate() {
            for first in usable.iter().take(index) {
                let (Some(a), Some(b)) = (first.expr(), second.expr()) else { continue };
                let Answer::Possible(record) = self.solver.ask(&[a, b], &[]) else { continue };
                // Where one contains the other, the order is what makes the difference, and meant to.
                let contained = !matches!(self.solver.ask(&[a], &[b]), Answer::Possible(_))
                    || !matches!(self.solver.ask(&[b], &[a]), Answer::Possible(_));
                if contained {
                    continue;
                }
                let message =
                    format!("{} and {} both match some customers: the order decides", first.what, second.what);
                let name = format!("in both {} and {}", first.what, second.what).replace('`', "");
                let expect = self.decides(list, &record);
                let help = self.sample(&name, &record, &[a, b], expect);
                let region = Region { all_of: vec![a.clone(), b.clone()], none_of: Vec::new() };
                let finding = Diagnostic::warning(code::OVERLAP, second.span(), message)
                    .related(first.span(), "this comes first")
                    .help(help);
                self.say(finding, Some(region));
            }
        }
    }

    /// What decides for a record, as a case expects it.
    pub(super) fn decides(&self, list: &List<'a>, record: &Record) -> Option<(&'static str, Value)> {
        let matches = |item: &&Item<'a>| {
            item.expr().is_none_or(|e| crate::expr::evaluate(e, record, &self.pack.scripts) == Value::Bool(true))
        };
        let (key, name) = list.before.iter().chain(&list.items).find(matches)?.expect.clone()?;
        Some((key, Value::text(name)))
    }
}
