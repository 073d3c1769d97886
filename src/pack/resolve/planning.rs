//! `[plan]`, `[budget]`, `[capacity]`, `[volume]`, `[reserve]`: what a plan must keep to.

use indexmap::IndexMap;

use super::read::{Fields, no_such_word, wrong_type};
use super::rules::TRACKS;
use super::{Resolver, Table as Tree};
use crate::diag::{Diagnostic, code};
use crate::expr::{Kind, NameKind, Row, Slot, Stage, Type, Value, evaluate};
use crate::pack::format::{self, Keys};
use crate::pack::raw::{Raw, Text};
use crate::pack::{
    Campaign, Channel, Figure, Labelled, Limit, LimitKind, Measure, PLAN_COLUMNS, Param, Per, Planning, Record, Rollup,
    Scope, Track,
};

/// What sections of the plan refer to.
pub(super) struct Known<'a> {
    pub(super) params: &'a [Param],
    pub(super) record: &'a Record,
    pub(super) rollups: &'a [Rollup],
    pub(super) campaigns: &'a [Campaign],
    pub(super) channels: &'a IndexMap<String, Channel>,
    pub(super) people: &'a IndexMap<String, Labelled>,
    pub(super) offers: &'a IndexMap<String, Labelled>,
}

/// The words of `per`.
const PERIODS: [(&str, Per); 4] = [("plan", Per::Plan), ("month", Per::Month), ("week", Per::Week), ("day", Per::Day)];
/// The words of a capacity's `unit`.
const WORK: [(&str, Measure); 2] = [("contacts", Measure::Contacts), ("hours", Measure::Hours)];
/// The words of a volume's `unit`.
const COUNTED: [(&str, Measure); 2] = [("contacts", Measure::Contacts), ("returns", Measure::Returns)];

/// The parameters alone: all that a number of the plan may read.
struct Params<'a>(&'a [Param]);

impl Row for Params<'_> {
    fn get(&self, slot: Slot) -> Value {
        self.0.iter().find(|param| param.slot == slot).map_or(Value::Missing, |param| param.value.clone())
    }
}

impl Resolver<'_> {
    /// `[plan]` and the limits; `None` if there is none of them.
    pub(super) fn planning(&mut self, root: &Tree, known: &Known<'_>) -> Option<Planning> {
        let sections = ["plan", "budget", "capacity", "volume", "reserve"];
        if !sections.iter().any(|section| root.get(section).is_some()) {
            return None;
        }
        let mut plan = Planning::default();
        if let Some(fields) = self.section(root, "plan", &format::PLAN) {
            self.plan_itself(&fields, known, &mut plan);
        }
        let kinds: [(LimitKind, &'static Keys); 4] = [
            (LimitKind::Budget, &format::BUDGET),
            (LimitKind::Capacity, &format::CAPACITY),
            (LimitKind::Volume, &format::VOLUME),
            (LimitKind::Reserve, &format::RESERVE),
        ];
        for (kind, keys) in kinds {
            for (name, entry) in self.things(root, kind.word()) {
                self.plain_name(name, entry.key, &super::with_article(keys.noun));
                let what = format!("{} `{name}`", keys.noun);
                let Some(fields) = Fields::open(&entry.node, entry.key, what, keys, &mut self.diagnostics) else {
                    continue;
                };
                let before = plan.figures.len();
                let limit = self.limit(kind, name, &fields, known, &mut plan);
                let at = plan.limits.len();
                plan.figures.iter_mut().skip(before).for_each(|figure| figure.limit = Some(at));
                plan.limits.push(limit);
            }
        }
        Some(plan)
    }

    fn plan_itself(&mut self, fields: &Fields<'_>, known: &Known<'_>, plan: &mut Planning) {
        if let Some(contacts) = self.planned_figure(fields, "per_customer", (1.0, 100.0), known, plan) {
            plan.per_customer = self.whole(fields, "per_customer", contacts).unwrap_or(plan.per_customer);
        }
        if let Some(days) = self.planned_figure(fields, "horizon", (0.0, 366.0), known, plan) {
            plan.horizon = self.whole(fields, "horizon", days).unwrap_or(plan.horizon);
        }
        plan.holdout = self.planned_figure(fields, "holdout", (0.0, 0.9), known, plan).unwrap_or(0.0);
        plan.experiment = fields.text("experiment", &mut self.diagnostics).map(|text| text.text.clone());
        for text in fields.texts("stratify", &mut self.diagnostics) {
            if let Some(slot) = self.stratum(text) {
                plan.stratify.push((text.text.clone(), slot));
            }
        }
        plan.anyway = self.rule(fields, "anyway", Stage::Grade, Type::Number);
        plan.significance = self.between(fields, "significance", 0.0001, 0.5).unwrap_or(plan.significance);
        plan.power = self.between(fields, "power", 0.5, 0.9999).unwrap_or(plan.power);
        for text in fields.texts("carry", &mut self.diagnostics) {
            if let Some(slot) = self.carried(text, known) {
                plan.carry.push((text.text.clone(), slot));
            }
        }
    }

    /// A number from one bound to the other.
    fn between(&mut self, fields: &Fields<'_>, key: &str, low: f64, high: f64) -> Option<f64> {
        let x = fields.number(key, &mut self.diagnostics)?;
        if (low..=high).contains(&x) {
            return Some(x);
        }
        let message = format!("`{key}` must be from {low} to {high}, this is {x}");
        self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span(key), message));
        None
    }

    /// A whole number, within bounds that were looked at already.
    fn whole(&mut self, fields: &Fields<'_>, key: &str, x: f64) -> Option<u32> {
        if x.fract() == 0.0 && (0.0..=366.0).contains(&x) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and small")]
            return Some(x as u32);
        }
        let message = format!("`{key}` must be a whole number, this is {x}");
        self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span(key), message));
        None
    }

    /// A number, or the value of an expression over parameters.
    fn planned_figure(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        (low, high): (f64, f64),
        known: &Known<'_>,
        plan: &mut Planning,
    ) -> Option<f64> {
        let node = &fields.get(key)?.node;
        let (x, of) = match &node.value {
            Raw::Number(x) if x.is_finite() => (*x, String::new()),
            Raw::Text(text) => {
                let rule = self.compile(text, Stage::Run, Type::Number)?;
                let mut reads_today = false;
                rule.expr.walk(&mut |expr| {
                    if let Kind::Slot(slot) = expr.kind {
                        reads_today |= self.names.get(slot).kind == NameKind::Today;
                    }
                });
                if reads_today {
                    let message = format!("`{key}` must not read `today`");
                    let diagnostic = Diagnostic::error(code::BAD_VALUE, rule.span, message);
                    self.diagnostics.push(diagnostic.help("it is a number over parameters, the same on every day"));
                    return None;
                }
                let Some(x) = evaluate(&rule.expr, &Params(known.params), self.scripts).as_number() else {
                    let message = format!("`{key}` has no value: `{}` is unknown", rule.text);
                    self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, rule.span, message));
                    return None;
                };
                let of = format!("`{}`, ", rule.text);
                plan.figures.push(Figure { limit: None, rule, value: x });
                (x, of)
            }
            _ => {
                let diagnostic = wrong_type(key, "a number, or a text with an expression over parameters", node);
                self.diagnostics.push(diagnostic);
                return None;
            }
        };
        if (low..=high).contains(&x) {
            return Some(x);
        }
        let message = match (low, high.is_finite()) {
            (_, true) => format!("`{key}` must be from {low} to {high}, this is {of}{x}"),
            (_, false) => format!("`{key}` must not be negative, this is {of}{x}"),
        };
        let diagnostic = Diagnostic::error(code::BAD_VALUE, fields.span(key), message);
        self.diagnostics.push(if high <= 1.0 && (1.0..=100.0).contains(&x) {
            diagnostic.help(format!("{x} % is {}", x / 100.0))
        } else {
            diagnostic
        });
        None
    }

    /// A text value that holdouts are drawn within.
    fn stratum(&mut self, text: &Text) -> Option<Slot> {
        let (slot, ty) = self.value_named(text, "`stratify`")?;
        if ty != Type::Text {
            let message = format!("`stratify` wants texts, `{}` is a {}", text.text, ty.word());
            let diagnostic = Diagnostic::error(code::TYPE, text.span(), message);
            self.diagnostics.push(diagnostic.help("holdouts are drawn apart within each text, such as each `grade`"));
            return None;
        }
        Some(slot)
    }

    /// A column or rollup that is written into the plan.
    fn carried(&mut self, text: &Text, known: &Known<'_>) -> Option<Slot> {
        if PLAN_COLUMNS.contains(&text.text.as_str()) {
            let message = format!("`carry` names `{}`, which every plan has a column of already", text.text);
            let diagnostic = Diagnostic::error(code::DUPLICATE_NAME, text.span(), message);
            self.diagnostics.push(diagnostic.help("give the column of the record another name"));
            return None;
        }
        let columns = known.record.columns.iter().map(|column| (column.name.as_str(), column.slot));
        let rollups = known.rollups.iter().map(|rollup| (rollup.name.as_str(), rollup.slot));
        let all: Vec<(&str, Slot)> = columns.chain(rollups).collect();
        if let Some((_, slot)) = all.iter().find(|(name, _)| *name == text.text) {
            return Some(*slot);
        }
        if self.broken.contains(text.text.as_str()) {
            return None;
        }
        let message = format!("`carry` names `{}`, which is no column and no rollup", text.text);
        let diagnostic = Diagnostic::error(code::UNKNOWN_REFERENCE, text.span(), message);
        self.diagnostics.push(diagnostic.did_you_mean(&text.text, all.iter().map(|(name, _)| *name)));
        None
    }

    /// A name of expressions, with its type.
    fn value_named(&mut self, text: &Text, of: &str) -> Option<(Slot, Type)> {
        if let Some(slot) = self.names.find(&text.text) {
            return Some((slot, self.names.get(slot).ty));
        }
        if self.broken.contains(text.text.as_str()) {
            return None;
        }
        let message = format!("{of} names `{}`, which is not known", text.text);
        let names: Vec<String> =
            self.names.iter().filter(|(_, name)| name.ty == Type::Text).map(|(_, name)| name.name.clone()).collect();
        let diagnostic = Diagnostic::error(code::UNKNOWN_REFERENCE, text.span(), message);
        self.diagnostics.push(diagnostic.did_you_mean(&text.text, names.iter().map(String::as_str)));
        None
    }

    fn limit(
        &mut self,
        kind: LimitKind,
        name: &str,
        fields: &Fields<'_>,
        known: &Known<'_>,
        plan: &mut Planning,
    ) -> Limit {
        let (most, least) = match kind {
            LimitKind::Volume => (
                self.planned_figure(fields, "most", (0.0, f64::INFINITY), known, plan),
                self.planned_figure(fields, "least", (0.0, f64::INFINITY), known, plan),
            ),
            LimitKind::Budget | LimitKind::Capacity => {
                if !fields.has("most") {
                    fields.missing("most", "how much there is, for instance `most = 500`", &mut self.diagnostics);
                }
                (self.planned_figure(fields, "most", (0.0, f64::INFINITY), known, plan), None)
            }
            LimitKind::Reserve => (None, None),
        };
        let penalty = match kind {
            LimitKind::Volume => self.planned_figure(fields, "penalty", (0.0, f64::INFINITY), known, plan),
            _ => None,
        };
        if kind == LimitKind::Volume {
            self.volume_makes_sense(fields, most, least);
        }
        let measure = match kind {
            LimitKind::Budget => Measure::Cost,
            LimitKind::Capacity => fields.word("unit", &WORK, &mut self.diagnostics).unwrap_or(Measure::Contacts),
            LimitKind::Volume => fields.word("unit", &COUNTED, &mut self.diagnostics).unwrap_or(Measure::Contacts),
            LimitKind::Reserve => Measure::Contacts,
        };
        let per = match kind {
            LimitKind::Reserve => Per::Plan,
            _ => fields.word("per", &PERIODS, &mut self.diagnostics).unwrap_or(Per::Plan),
        };
        let scope = self.scope(fields, known);
        let when = self.rule(fields, "when", Stage::Grade, Type::Bool);
        let label = fields.string("label", &mut self.diagnostics);
        let mut limit = Limit {
            kind,
            name: name.to_owned(),
            label: if label.is_empty() { in_words(kind, name) } else { label },
            scope,
            when,
            measure,
            per,
            most,
            least,
            penalty: penalty.unwrap_or(1.0),
            of: None,
            share: 0.0,
            help: fields.string("help", &mut self.diagnostics),
            span: fields.at,
        };
        if kind == LimitKind::Reserve {
            self.reserve(fields, known, plan, &mut limit);
        }
        limit
    }

    /// A volume says how many there should be, and not more at least than at most.
    fn volume_makes_sense(&mut self, fields: &Fields<'_>, most: Option<f64>, least: Option<f64>) {
        if !fields.has("most") && !fields.has("least") {
            let help = "for instance `least = 500`, or `most = 2000`";
            let message = format!("{} needs `least` or `most`", fields.what);
            self.diagnostics.push(Diagnostic::error(code::MISSING_KEY, fields.at, message).help(help));
        }
        if fields.has("penalty") && !fields.has("least") {
            let message = "`penalty` is for what is short of `least`, and there is no `least`";
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span("penalty"), message));
        }
        if let (Some(most), Some(least)) = (most, least)
            && least > most
        {
            let message = format!("`least` is {least}, which is more than `most`, {most}");
            let diagnostic = Diagnostic::error(code::BAD_VALUE, fields.span("least"), message);
            self.diagnostics.push(diagnostic.related(fields.span("most"), "`most` is set here"));
        }
    }

    /// What a reserve is a share of.
    fn reserve(&mut self, fields: &Fields<'_>, known: &Known<'_>, plan: &mut Planning, limit: &mut Limit) {
        if !fields.has("share") {
            fields.missing("share", "for instance `share = 0.1`, which is 10 of 100", &mut self.diagnostics);
        }
        limit.share = self.planned_figure(fields, "share", (0.0, 1.0), known, plan).unwrap_or(0.0);
        let scoped = ["campaign", "channel", "speaker", "offer", "track", "when"].iter().any(|key| fields.has(key));
        if !scoped {
            let help = "say whom it is for: `when = 'segment == \"key_account\"'`, or by `campaign`, `channel`, …";
            fields.missing("when", help, &mut self.diagnostics);
        }
        let help = "a budget or capacity by section and name, for instance `of = \"capacity.calls\"`";
        let Some(of) = fields.required_text("of", help, &mut self.diagnostics) else { return };
        let shared = |(_, other): &(usize, &Limit)| other.kind != LimitKind::Reserve && other.most.is_some();
        let found = plan.limits.iter().enumerate().find(|(_, other)| other.full_name() == of.text);
        match found.filter(shared) {
            Some((index, other)) => {
                limit.of = Some(index);
                limit.measure = other.measure;
                limit.per = other.per;
            }
            None => {
                let message = match found {
                    Some(_) => format!("`{}` has no `most` that a share could be kept of", of.text),
                    None => format!("there is no limit `{}`", of.text),
                };
                let names: Vec<String> =
                    plan.limits.iter().enumerate().filter(shared).map(|(_, other)| other.full_name()).collect();
                let diagnostic = Diagnostic::error(code::UNKNOWN_REFERENCE, of.span(), message)
                    .did_you_mean(&of.text, names.iter().map(String::as_str));
                self.diagnostics.push(if !diagnostic.help.is_empty() {
                    diagnostic
                } else if names.is_empty() {
                    diagnostic.help("there is no `[budget.NAME]`, `[capacity.NAME]` or `[volume.NAME]` with `most`")
                } else {
                    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                    diagnostic.help(format!("there is {}", names.join(", ")))
                });
            }
        }
    }

    /// Which contacts a limit is about.
    fn scope(&mut self, fields: &Fields<'_>, known: &Known<'_>) -> Scope {
        let names = |names: &mut dyn Iterator<Item = &String>| names.cloned().collect::<Vec<String>>();
        let campaigns = names(&mut known.campaigns.iter().map(|campaign| &campaign.name));
        let scope = Scope {
            campaigns: self.among(fields, "campaign", "campaign", &campaigns),
            channels: self.among(fields, "channel", "channel", &names(&mut known.channels.keys())),
            speakers: self.among(fields, "speaker", "person", &names(&mut known.people.keys())),
            offers: self.among(fields, "offer", "offer", &names(&mut known.offers.keys())),
            tracks: self.tracks(fields),
        };
        let nothing = !known.campaigns.iter().any(|campaign| scope.has(campaign));
        let clean = ["campaign", "channel", "speaker", "offer", "track"].map(|key| fields.has(key));
        let given: usize = [&scope.campaigns, &scope.channels, &scope.speakers, &scope.offers]
            .iter()
            .map(|list| usize::from(!list.is_empty()))
            .sum::<usize>()
            + usize::from(!scope.tracks.is_empty());
        // With a name that is not known there is an error already.
        if nothing && given > 0 && given == clean.iter().filter(|has| **has).count() {
            let message = format!("{} is about no campaign at all", fields.what);
            let help = "no campaign has all that `campaign`, `channel`, `speaker`, `offer` and `track` ask for";
            self.diagnostics.push(Diagnostic::warning(code::NEVER_MATCHES, fields.at, message).help(help));
        }
        scope
    }

    /// A name or a list of names of things that are declared.
    fn among(&mut self, fields: &Fields<'_>, key: &str, noun: &str, known: &[String]) -> Vec<String> {
        let mut found = Vec::new();
        for text in self.one_or_more(fields, key) {
            if known.contains(&text.text) {
                found.push(text.text.clone());
                continue;
            }
            let message = format!("there is no {noun} `{}`", text.text);
            let diagnostic = Diagnostic::error(code::UNKNOWN_REFERENCE, text.span(), message)
                .did_you_mean(&text.text, known.iter().map(String::as_str));
            self.diagnostics.push(if diagnostic.help.is_empty() && !known.is_empty() {
                let known: Vec<String> = known.iter().take(12).map(|name| format!("`{name}`")).collect();
                diagnostic.help(format!("there is {}", known.join(", ")))
            } else {
                diagnostic
            });
        }
        found
    }

    fn tracks(&mut self, fields: &Fields<'_>) -> Vec<Track> {
        let mut found = Vec::new();
        if fields.get("track").is_some_and(|entry| matches!(entry.node.value, Raw::Text(_))) {
            found.extend(fields.word("track", &TRACKS, &mut self.diagnostics));
            return found;
        }
        for text in self.one_or_more(fields, "track") {
            match TRACKS.iter().find(|(word, _)| *word == text.text) {
                Some((_, track)) => found.push(*track),
                None => {
                    let words: Vec<&str> = TRACKS.iter().map(|(word, _)| *word).collect();
                    self.diagnostics.push(no_such_word("track", text, &words));
                }
            }
        }
        found
    }

    /// A text or a list of texts.
    fn one_or_more<'f>(&mut self, fields: &Fields<'f>, key: &str) -> Vec<&'f Text> {
        let Some(entry) = fields.get(key) else { return Vec::new() };
        match &entry.node.value {
            Raw::Text(text) => vec![text],
            Raw::List(list) if list.is_empty() => {
                let message = format!("`{key}` is an empty list");
                let diagnostic = Diagnostic::error(code::BAD_VALUE, entry.node.span, message);
                self.diagnostics.push(diagnostic.help("leave it out where everything counts"));
                Vec::new()
            }
            Raw::List(_) => fields.texts(key, &mut self.diagnostics),
            _ => {
                self.diagnostics.push(wrong_type(key, "a text or a list of texts", &entry.node));
                Vec::new()
            }
        }
    }
}

/// What is limited, where nobody says how it is called: `phone budget`, `calls`.
fn in_words(kind: LimitKind, name: &str) -> String {
    let spaced = name.replace(['_', '-'], " ");
    match kind {
        LimitKind::Budget if name == "total" => "whole budget".to_owned(),
        LimitKind::Budget => format!("{spaced} budget"),
        LimitKind::Capacity | LimitKind::Volume | LimitKind::Reserve => spaced,
    }
}
