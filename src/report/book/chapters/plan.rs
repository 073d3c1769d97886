//! Step 3: what a plan keeps to: how many contacts, who is held out, and every limit.

use super::super::index::{anchor, limit_kind, written};
use super::super::model::{Block, Entry, Section};
use super::super::number::number;
use super::{Writer, section, thing};
use crate::pack::{Limit, LimitKind, Measure, Per, Planning, Scope};

impl Writer<'_> {
    pub(super) fn plan(&self) -> Section {
        let title = "Step 3: what a plan keeps to";
        let Some(plan) = &self.pack.planning else { return section("plan", title, Vec::new()) };
        let mut blocks = vec![Block::text(
            "A plan chooses, of all contacts that are permitted, those with the highest expected gain (success times value, less cost) that keep every limit here.",
        )];
        let mut terms = vec![
            ("Contacts with a customer".to_owned(), vec![Block::text(format!("at most {}", plan.per_customer))]),
            (
                "Looks ahead".to_owned(),
                vec![Block::text(format!("{} days; what is due later waits for a later plan", plan.horizon))],
            ),
            ("Held out".to_owned(), vec![Block::text(held_out(plan))]),
        ];
        if let Some(rule) = &plan.anyway {
            terms.push(("Returns without a contact".to_owned(), vec![self.value(rule)]));
        }
        blocks.push(Block::Terms(terms));
        blocks.extend(plan.limits.iter().map(|limit| self.limit(plan, limit)));
        section("plan", title, blocks)
    }

    fn limit(&self, plan: &Planning, limit: &Limit) -> Block {
        let mut entry = Entry {
            id: anchor(&limit_kind(limit), &limit.name),
            title: limit.label.clone(),
            notes: written(self.pack, limit.span, &limit.full_name()),
            ..Entry::default()
        };
        if !limit.help.is_empty() {
            entry.blocks.push(Block::Paragraph(self.prose(&limit.help)));
        }
        let mut terms = Vec::new();
        let mut term = |word: &str, block: Block| terms.push((word.to_owned(), vec![block]));
        let unit = self.measured(limit.measure);
        let each = match limit.per {
            Per::Plan => String::new(),
            per => format!(" a {}", per.word()),
        };
        let amount = |x: f64| Block::text(format!("{} {unit}{each}", number(x)));
        if limit.kind == LimitKind::Reserve {
            let of = limit.of.and_then(|i| plan.limits.get(i)).map_or("", |of| of.label.as_str());
            term("Keeps", Block::text(format!("{} % of {of}", number(100.0 * limit.share))));
        }
        if let Some(most) = limit.most.filter(|_| limit.kind != LimitKind::Reserve) {
            term("At most", amount(most));
        }
        if let Some(least) = limit.least {
            term("At least", amount(least));
            let short = format!("each one short counts as a loss of {} {}", number(limit.penalty), self.currency());
            term("If it cannot be had", Block::text(short));
        }
        let scope = scope(&limit.scope);
        if !scope.is_empty() {
            term("Counts", Block::text(scope));
        }
        if let Some(when) = &limit.when {
            term("For customers", self.condition(when));
        }
        entry.blocks.push(Block::Terms(terms));
        thing(entry)
    }

    fn currency(&self) -> &str {
        self.pack.money.as_ref().map_or("", |money| money.currency.as_str())
    }

    fn measured(&self, measure: Measure) -> &str {
        match measure {
            Measure::Contacts => "contacts",
            Measure::Cost => self.currency(),
            Measure::Hours => "hours of work",
            Measure::Returns => "expected returns",
        }
    }
}

fn held_out(plan: &Planning) -> String {
    let names: Vec<&str> = plan.stratify.iter().map(|(name, _)| name.as_str()).collect();
    let apart = if names.is_empty() { String::new() } else { format!(", drawn apart by {}", names.join(" and ")) };
    if plan.holdout == 0.0 {
        return format!("nobody of every plan; campaigns may hold out some of their own{apart}");
    }
    let share = number(100.0 * plan.holdout);
    let own = if apart.is_empty() {
        String::new()
    } else {
        format!("; what campaigns hold out of their own is{}", apart.trim_start_matches(','))
    };
    format!("{share} % of all customers, by a hash of their keys alone: the same ones in every plan{own}")
}

/// `contacts by phone; win-back team`
fn scope(scope: &Scope) -> String {
    let tracks: Vec<String> = scope.tracks.iter().map(|track| track.word().to_owned()).collect();
    let parts = [
        ("campaign", &scope.campaigns),
        ("channel", &scope.channels),
        ("speaker", &scope.speakers),
        ("offer", &scope.offers),
        ("track", &tracks),
    ];
    let parts = parts.into_iter().filter(|(_, names)| !names.is_empty());
    parts.map(|(word, names)| format!("{word} {}", names.join(" or "))).collect::<Vec<_>>().join("; ")
}
