//! `[second_life]`, and the follow-ups that are due on a day of it.

use indexmap::IndexMap;

use super::prevention::MOST_DAYS;
use super::read::{Fields, no_such_word};
use super::rules::{CLASSES, WHEN_HELP};
use super::{Listed, Resolver, Table as Tree};
use crate::diag::{Diagnostic, code};
use crate::expr::{Arith, Compare, Expr, Kind, Slot, Stage, Type, Value};
use crate::pack::{Cause, FollowUp, Labelled, Rule, SecondLife, format};

/// How long a follow-up stays due if nothing is said.
const WEEK: u32 = 7;

impl Resolver<'_> {
    /// `[second_life]`
    pub(super) fn second_life(&mut self, root: &Tree) -> Option<SecondLife> {
        let fields = self.section(root, "second_life", &format::SECOND_LIFE)?;
        if !fields.has("since") {
            let help = "the day she came back, for instance `since = 'returned_on'`";
            fields.missing("since", help, &mut self.diagnostics);
        }
        let mut rule = |key: &str, ty: Type| self.rule(&fields, key, Stage::Grade, ty);
        Some(SecondLife {
            since: rule("since", Type::Date),
            ended: rule("ended", Type::Date),
            first_start: rule("first_start", Type::Date),
            first_end: rule("first_end", Type::Date),
            observed_until: rule("observed_until", Type::Date),
            value: rule("value", Type::Number),
            predicted: rule("predicted", Type::Number),
            offer: rule("offer", Type::Text),
        })
    }

    /// `[[followups]]`
    pub(super) fn followups(
        &mut self,
        root: &Tree,
        causes: &[Cause],
        people: &IndexMap<String, Labelled>,
        second_life: Option<&SecondLife>,
    ) -> Vec<FollowUp> {
        let mut followups = Vec::new();
        for Listed { name, fields } in self.listed(root, "followups", &format::FOLLOWUP) {
            let day = self.whole_days(&fields, "day", 0..=MOST_DAYS);
            let until = self.whole_days(&fields, "until", 0..=MOST_DAYS).or(day.map(|day| day + WEEK));
            self.days_fit(&fields, day, until, second_life);
            let causes = self.causes_meant(&fields, causes);
            let classes = self.classes_meant(&fields);
            let when = match (day, fields.has("when")) {
                (None, false) if !fields.has("day") => {
                    fields.missing("when", WHEN_HELP, &mut self.diagnostics);
                    if let Some(last) = self.diagnostics.last_mut() {
                        last.help.push("or the day of the second life on which it is due: `day = 14`".to_owned());
                    }
                    None
                }
                _ => self.rule(&fields, "when", Stage::Grade, Type::Bool),
            };
            let besides = self.besides(&fields, when, &causes, &classes);
            let since = second_life.and_then(|life| life.since.as_ref());
            let (when, soon) = match (day.zip(until), since) {
                (None, _) => (besides, None),
                (Some(_), None) => (None, None),
                (Some((day, until)), Some(since)) => {
                    let due = [("day", Compare::Ge, day), ("until", Compare::Le, until)];
                    let near = [("day", Compare::Ge, day.saturating_sub(WEEK)), ("day", Compare::Lt, day)];
                    (
                        with_days(&fields, besides.as_ref(), due, since),
                        with_days(&fields, besides.as_ref(), near, since),
                    )
                }
            };
            followups.push(FollowUp {
                label: self.label(&fields, &name),
                when: when.unwrap_or_else(|| self.placeholder(&fields, Value::Bool(false))),
                soon,
                day,
                until,
                causes,
                classes,
                speaker: self.reference(&fields, "speaker", "people", people.keys()),
                because: self.template(&fields, "because", Stage::Grade),
                help: fields.string("help", &mut self.diagnostics),
                span: fields.at,
                name,
            });
        }
        followups
    }

    /// What is wrong with `day` and `until`.
    fn days_fit(
        &mut self,
        fields: &Fields<'_>,
        day: Option<u32>,
        until: Option<u32>,
        second_life: Option<&SecondLife>,
    ) {
        match (day, until) {
            (Some(day), Some(until)) if until < day => {
                let message = format!("`until` must not come before `day`, {until} is less than {day}");
                self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span("until"), message));
            }
            (None, Some(_)) => {
                let message = "`until` is for a follow-up that has a `day`";
                self.diagnostics.push(
                    Diagnostic::error(code::BAD_VALUE, fields.span("until"), message)
                        .help("say the first day, too, or put both into `when`"),
                );
            }
            _ => {}
        }
        if day.is_some() && second_life.is_none() {
            let message = "a follow-up can only be due on a `day` where the pack says when a second life began";
            self.diagnostics.push(
                Diagnostic::error(code::MISSING_KEY, fields.span("day"), message)
                    .help("write `[second_life]` and `since = 'returned_on'`"),
            );
        }
    }

    /// `cause`: names of causes.
    fn causes_meant(&mut self, fields: &Fields<'_>, causes: &[Cause]) -> Vec<String> {
        let mut names: Vec<&str> = causes.iter().map(|cause| cause.name.as_str()).collect();
        names.push("unknown");
        let texts = fields.texts("cause", &mut self.diagnostics);
        for text in texts.iter().filter(|text| !names.contains(&text.text.as_str())) {
            let message = format!("there is no cause `{}`", text.text);
            self.diagnostics.push(
                Diagnostic::error(code::UNKNOWN_REFERENCE, text.span(), message)
                    .did_you_mean(&text.text, names.iter().copied()),
            );
        }
        texts.into_iter().map(|text| text.text.clone()).collect()
    }

    /// `class`: classes of causes.
    fn classes_meant(&mut self, fields: &Fields<'_>) -> Vec<String> {
        let words = CLASSES.map(|(word, _)| word);
        let texts = fields.texts("class", &mut self.diagnostics);
        for text in texts.iter().filter(|text| !words.contains(&text.text.as_str())) {
            self.diagnostics.push(no_such_word("class", text, &words));
        }
        texts.into_iter().map(|text| text.text.clone()).collect()
    }

    /// `when`, `cause` and `class` together; `None` if nothing but the day counts.
    fn besides(
        &mut self,
        fields: &Fields<'_>,
        when: Option<Rule>,
        causes: &[String],
        classes: &[String],
    ) -> Option<Rule> {
        let mut parts: Vec<Rule> = when.into_iter().collect();
        for (name, key, list) in [("cause", "cause", causes), ("class", "class", classes)] {
            let Some(slot) = self.names.find(name).filter(|_| !list.is_empty()) else { continue };
            let span = fields.span(key);
            let text = |kind| Expr { kind, ty: Type::Text, span };
            let kind = Kind::In {
                item: Box::new(text(Kind::Slot(slot))),
                list: list.iter().map(|word| text(Kind::Const(Value::text(word.as_str())))).collect(),
                negated: false,
            };
            let words = list.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
            let text = format!("{name} in [{words}]");
            parts.push(Rule { expr: Expr { kind, ty: Type::Bool, span }, text, span });
        }
        all_of(parts)
    }
}

/// What else is asked for, between two days of the second life.
fn with_days(
    fields: &Fields<'_>,
    besides: Option<&Rule>,
    days: [(&str, Compare, u32); 2],
    since: &Rule,
) -> Option<Rule> {
    let mut parts: Vec<Rule> = besides.cloned().into_iter().collect();
    for (key, op, bound) in days {
        let span = fields.span(key);
        let expr = |kind, ty| Expr { kind, ty, span };
        // `today` is the first name of every pack.
        let today = expr(Kind::Slot(Slot(0)), Type::Date);
        let lived = Kind::Arith(Arith::Sub, Box::new(today), Box::new(since.expr.clone()));
        let days = expr(Kind::Const(Value::number(f64::from(bound))), Type::Number);
        let kind = Kind::Compare(op, Box::new(expr(lived, Type::Number)), Box::new(days));
        let bare = matches!(since.expr.kind, Kind::Slot(_));
        let begun = if bare { since.text.clone() } else { format!("({})", since.text) };
        let text = format!("today - {begun} {} {bound}", op.symbol());
        parts.push(Rule { expr: expr(kind, Type::Bool), text, span });
    }
    all_of(parts)
}

/// All of these at once; `None` of none.
fn all_of(mut parts: Vec<Rule>) -> Option<Rule> {
    if parts.len() < 2 {
        return parts.pop();
    }
    let first = parts.first()?;
    let span = first.span;
    let whole = first.expr.span;
    let text = parts
        .iter()
        .map(|part| if matches!(part.expr.kind, Kind::Or(_)) { format!("({})", part.text) } else { part.text.clone() })
        .collect::<Vec<_>>()
        .join(" && ");
    let mut list = Vec::new();
    for part in parts {
        match part.expr.kind {
            Kind::And(inner) => list.extend(inner),
            kind => list.push(Expr { kind, ..part.expr }),
        }
    }
    Some(Rule { expr: Expr { kind: Kind::And(list), ty: Type::Bool, span: whole }, text, span })
}
