//! Rules on screen: suppressions, states, grades, campaigns, follow-ups.

use super::Page;
use crate::draw::{Cell, Column, Overflow, Role, Table, UNKNOWN, amount, clean, cut, share, width};
use crate::explain::answer::{CampaignTrace, Choice, Clause, RuleTrace, ScriptTrace, Verdict};

/// The sign of a verdict, and its looks.
pub(super) fn sign(verdict: Verdict) -> (&'static str, Role) {
    match verdict {
        Verdict::Holds => ("✓", Role::Good),
        Verdict::Fails => ("✗", Role::Bad),
        Verdict::Unknown => ("?", Role::Warn),
        Verdict::NotAsked => ("·", Role::Dim),
    }
}

impl Page<'_> {
    pub(super) fn suppressions(&self) -> Option<Vec<String>> {
        let list = &self.explanation.suppressions;
        if list.is_empty() {
            return None;
        }
        let mut lines = vec![self.title("suppressed?")];
        let holds = list.iter().find(|r| r.verdict == Verdict::Holds);
        match holds {
            Some(rule) => {
                lines.extend(self.rule(rule, false));
                let before = names(list.iter().filter(|r| matches!(r.verdict, Verdict::Fails | Verdict::Unknown)));
                if !before.is_empty() {
                    lines.extend(self.faint(&format!("asked before, and not so: {before}")));
                }
            }
            None => {
                let no = names(list.iter().filter(|r| r.verdict == Verdict::Fails));
                let unknown = names(list.iter().filter(|r| r.verdict == Verdict::Unknown));
                if !no.is_empty() {
                    lines.extend(self.hanging(&format!("no: {no}"), 0, 4));
                }
                if !unknown.is_empty() {
                    lines.extend(self.faint(&format!("not known, which counts as no: {unknown}")));
                }
            }
        }
        Some(lines)
    }

    pub(super) fn states(&self) -> Option<Vec<String>> {
        let list = &self.explanation.states;
        (!list.is_empty()).then(|| {
            let mut lines = vec![self.title("state: the first rule that holds")];
            lines.extend(self.first_match(list));
            lines
        })
    }

    pub(super) fn grades(&self) -> Option<Vec<String>> {
        let list = &self.explanation.grades;
        (!list.is_empty()).then(|| {
            let mut lines = vec![self.title("grade: the first rule that holds")];
            lines.extend(self.told("grade"));
            lines.extend(self.first_match(list));
            lines
        })
    }

    pub(super) fn warnings(&self) -> Option<Vec<String>> {
        let list = &self.explanation.warnings;
        let there: Vec<&RuleTrace> = list.iter().filter(|r| r.verdict == Verdict::Holds).collect();
        let rest = names(list.iter().filter(|r| r.verdict != Verdict::Holds));
        if list.is_empty() {
            return None;
        }
        let mut lines = vec![self.title("early warnings")];
        for rule in &there {
            lines.extend(self.rule(rule, false));
        }
        if !rest.is_empty() {
            lines.extend(self.faint(&format!("{}: {rest}", if there.is_empty() { "none of" } else { "not there" })));
        }
        Some(lines)
    }

    pub(super) fn followups(&self) -> Option<Vec<String>> {
        let due: Vec<&RuleTrace> = self.explanation.followups.iter().filter(|r| r.verdict == Verdict::Holds).collect();
        let rest = self.explanation.followups.iter().filter(|r| r.verdict != Verdict::Holds);
        if self.explanation.followups.is_empty() {
            return None;
        }
        let mut lines = vec![self.title("follow-ups due")];
        for rule in &due {
            lines.extend(self.rule(rule, false));
        }
        let rest = names(rest);
        if !rest.is_empty() {
            lines.extend(self.faint(&format!("{}: {rest}", if due.is_empty() { "none of" } else { "not due" })));
        }
        Some(lines)
    }

    fn first_match(&self, list: &[RuleTrace]) -> Vec<String> {
        let mut lines = Vec::new();
        for rule in list.iter().filter(|r| r.verdict != Verdict::NotAsked) {
            lines.extend(self.rule(rule, rule.verdict != Verdict::Holds));
        }
        if !list.iter().any(|r| r.verdict == Verdict::Holds) {
            lines.push(self.paint.apply(Role::Warn, "no rule holds"));
        }
        let later = names(list.iter().filter(|r| r.verdict == Verdict::NotAsked));
        if !later.is_empty() {
            lines.extend(self.faint(&format!("not asked any more: {later}")));
        }
        lines
    }

    /// A rule: its name and sentence; its parts below. Of a rule that does not hold, only the parts that fail.
    fn rule(&self, rule: &RuleTrace, failing_only: bool) -> Vec<String> {
        let (sign, role) = sign(rule.verdict);
        let mut name = clean(&rule.name);
        if rule.label != rule.name && !rule.label.is_empty() {
            name = format!("{name} ({})", clean(&rule.label));
        }
        let name = cut(&name, self.columns.saturating_sub(2));
        let name = if rule.verdict == Verdict::Holds { self.paint.strong(&name) } else { name };
        let mut lines = vec![format!("{} {name}", self.paint.apply(role, sign))];
        if let Some(because) = &rule.because {
            lines.extend(self.hanging(&super::shorten(because), 4, 0));
        }
        if rule.text.is_none() {
            lines.extend(self.faint_at("always holds", 4));
        }
        let parts = rule.clauses.iter().filter(|c| !failing_only || c.verdict != Verdict::Holds);
        for clause in parts {
            lines.extend(self.clause(clause, 4));
        }
        lines
    }

    /// A part of a rule, its values put in, and what would change it.
    fn clause(&self, clause: &Clause, at: usize) -> Vec<String> {
        let (sign, role) = sign(clause.verdict);
        let text = brief(&clause.text, self.columns);
        let mut shown = String::new();
        if let Some(compared) = clause.compared.as_ref().filter(|c| **c != clause.text) {
            shown = cut(&clean(compared), 60);
        }
        let mut lines = self.hanging(&format!("{sign} {text}"), at, 4);
        let values = clause.given.iter().map(|g| format!("{} {}", g.name, cut(&clean(&g.value.to_string()), 40)));
        let values = values.collect::<Vec<_>>().join(", ");
        // On one line where there is room.
        let room = (self.columns.min(140)).saturating_sub(width(&text) + at + 6);
        let looks = if clause.script_error.is_some() { Role::Bad } else { Role::Dim };
        let detail = match (shown.is_empty(), &clause.would) {
            (_, None) if clause.script_error.is_some() => {
                let error = clause.script_error.as_ref().map(ScriptTrace::told).unwrap_or_default();
                format!("script error: {}", clean(&error))
            }
            (_, Some(would)) => {
                let would = cut(&clean(would), 400);
                let both = format!("{shown} is false; {would}");
                let fits = clause.verdict == Verdict::Fails && !shown.is_empty() && width(&both) <= room;
                if fits { both } else { would }
            }
            (false, None) => shown,
            (true, None) => values,
        };
        let short = lines.len() == 1 && width(&detail) <= room;
        if let Some(first) = lines.first_mut() {
            let coloured = self.paint.apply(role, sign);
            *first = first.replacen(sign, &coloured, 1);
            if short && !detail.is_empty() {
                *first = format!("{first}   {}", self.paint.apply(looks, &detail));
            }
        }
        if !short && !detail.is_empty() {
            lines.extend(self.hanging(&detail, at + 2, 2).iter().map(|line| self.paint.apply(looks, line)));
        }
        lines
    }

    pub(super) fn campaigns(&self) -> Option<Vec<String>> {
        let list = &self.explanation.campaigns;
        if list.is_empty() {
            return None;
        }
        let currency =
            self.explanation.outcome.currency.as_deref().map_or_else(String::new, |c| format!(", in {}", clean(c)));
        let mut lines = vec![self.title(&format!("campaigns{currency}"))];
        lines.extend(self.told("campaign"));
        let wide = self.columns >= 140;
        let mut columns = vec![
            Column::fixed(""),
            Column::text("campaign").overflow(Overflow::Cut(12)),
            Column::number("success"),
            Column::number("value"),
            Column::number("cost"),
            Column::number("net"),
        ];
        columns.extend(wide.then(|| Column::prose("why")));
        let mut table = Table::new(columns);
        let mut sorted: Vec<&CampaignTrace> = list.iter().collect();
        sorted.sort_by(|a, b| rank(a.choice).cmp(&rank(b.choice)).then_with(|| order(b.net, a.net)));
        let other_track =
            |c: &CampaignTrace| c.why_not.iter().any(|w| matches!(w, crate::explain::answer::WhyNot::Track { .. }));
        let (elsewhere, here): (Vec<_>, Vec<_>) = sorted.into_iter().partition(|c| other_track(c));
        for campaign in here {
            let (sign, role) = match campaign.choice {
                Choice::Chosen => ("✓", Role::Good),
                Choice::Candidate => ("○", Role::Plain),
                Choice::No => ("✗", Role::Dim),
            };
            let mut why = match campaign.choice {
                Choice::Chosen => chosen(campaign),
                _ => campaign.why_not_in_words.join("; "),
            };
            for (name, error) in &campaign.script_errors {
                let gap = if why.is_empty() { "" } else { "; " };
                why.push_str(&format!("{gap}{name}: script error: {}", error.told()));
            }
            let text = if campaign.choice == Choice::Chosen { Role::Strong } else { role };
            let money = |x: Option<f64>| Cell::new(x.map_or_else(|| UNKNOWN.to_owned(), amount), role_of(campaign));
            let why = Cell::new(brief(&why, self.columns * 2), role_of(campaign));
            let mut cells = vec![
                Cell::new(sign, role),
                Cell::new(clean(&campaign.name), text),
                Cell::new(campaign.success.map_or_else(|| UNKNOWN.to_owned(), |s| share(s, 1.0)), role_of(campaign)),
                money(campaign.value),
                money(campaign.cost),
                money(campaign.net),
            ];
            cells.extend(wide.then(|| why.clone()));
            table.row(cells);
            if !wide {
                table.note(why);
            }
        }
        if !table.is_empty() {
            lines.extend(table.draw(self.columns, self.paint));
        }
        if !elsewhere.is_empty() {
            let track = self.explanation.outcome.track.as_deref().map_or("none", |t| t);
            let names = elsewhere.iter().map(|c| clean(&c.name)).collect::<Vec<_>>().join(", ");
            lines.extend(self.faint(&format!("for other tracks than `{track}`: {names}")));
        }
        Some(lines)
    }

    /// That a person won over the rules at a step; nothing if nobody did.
    pub(super) fn told(&self, step: &str) -> Vec<String> {
        let overridden = self.explanation.overridden.as_ref();
        let Some(step) = overridden.and_then(|overridden| overridden.step(step)) else { return Vec::new() };
        let text = format!("! decided by a person: {} ({})", step.words(), super::shorten(&step.because));
        self.hanging(&text, 0, 2).iter().map(|line| self.paint.apply(Role::Accent, line)).collect()
    }

    pub(super) fn faint(&self, text: &str) -> Vec<String> {
        self.faint_at(text, 0)
    }

    pub(super) fn faint_at(&self, text: &str, at: usize) -> Vec<String> {
        let hang = if at == 0 { 4 } else { 2 };
        self.hanging(text, at, hang).iter().map(|l| self.paint.dim(l)).collect()
    }
}

fn rank(choice: Choice) -> u8 {
    match choice {
        Choice::Chosen => 0,
        Choice::Candidate => 1,
        Choice::No => 2,
    }
}

fn role_of(campaign: &CampaignTrace) -> Role {
    if campaign.choice == Choice::No { Role::Dim } else { Role::Plain }
}

fn order(a: Option<f64>, b: Option<f64>) -> std::cmp::Ordering {
    a.unwrap_or(f64::NEG_INFINITY).total_cmp(&b.unwrap_or(f64::NEG_INFINITY))
}

fn chosen(campaign: &CampaignTrace) -> String {
    let mut parts = Vec::new();
    parts.extend(campaign.because.as_deref().map(clean));
    let how = [
        ("offer", &campaign.offer),
        ("channel", &campaign.channel),
        ("speaker", &campaign.speaker),
        ("on", &campaign.send_on),
    ];
    parts.extend(how.into_iter().filter_map(|(word, x)| x.as_ref().map(|x| format!("{word} {}", clean(x)))));
    parts.join("; ")
}

fn names<'a>(rules: impl Iterator<Item = &'a RuleTrace>) -> String {
    rules.map(|r| clean(&r.name)).collect::<Vec<_>>().join(", ")
}

/// A rule's text on screen: its beginning, where it is a page of words.
pub(super) fn brief(text: &str, columns: usize) -> String {
    cut(&clean(text), columns.saturating_mul(2).saturating_sub(20).max(60))
}
