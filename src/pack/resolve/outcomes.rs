//! `[outcomes]`: what came of a plan, in a name space of its own.

use super::read::Fields;
use super::record::{Headers, Owner};
use super::{Resolver, Table as Tree};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Kind, Name, NameKind, Names, Row, Scope, Slot, Stage, Type, Value, check, evaluate, parse};
use crate::pack::format;
use crate::pack::raw::Raw;
use crate::pack::{Outcomes, Param, Record, Rule, Table};

/// What holds where `within` is not given.
const WITHIN: f64 = 90.0;
/// What may be written for `won_back`.
const WON_BACK: &str =
    "an expression that is true or false, for instance `won_back = 'returned_on <= send_on + within'`";

/// The parameters alone.
struct Params<'a>(&'a [Param]);

impl Row for Params<'_> {
    fn get(&self, slot: Slot) -> Value {
        self.0.iter().find(|param| param.slot == slot).map_or(Value::Missing, |param| param.value.clone())
    }
}

impl Resolver<'_> {
    /// `[outcomes]`
    pub(super) fn outcomes(&mut self, root: &Tree, params: &[Param], record: &Record) -> Option<Outcomes> {
        let fields = self.section(root, "outcomes", &format::OUTCOMES)?;
        let mut headers = Headers::default();
        let mut key_from = self.key_from(&fields, &record.key, &mut headers);
        let file = self.file(&fields);
        let (within, within_rule) = self.within(&fields, params);
        // The same slots as in the names of the pack for what is the same in every run; then what only outcomes have.
        let mut names = Names::default();
        for (_, shared) in self.names.iter().filter(|(_, n)| n.stage == Stage::Run) {
            let _ = names.add(shared.clone());
        }
        let shared = names.len();
        let within_slot = add(&mut names, "within", NameKind::Decided, Type::Number);
        let rows_slot = add(&mut names, "rows", NameKind::Decided, Type::Number);
        let found = self.diagnostics.len();
        let columns = match fields.get("columns") {
            Some(columns) => self.columns(columns, &mut Owner::Outcomes { names: &mut names, shared }, &mut headers),
            None => Vec::new(),
        };
        if let Some(column) = columns.iter().find(|column| column.name == record.key) {
            self.key_as_column(&column.name, column.span);
        }
        // What the key is called in the record, it may be called here, unless a column is called so.
        let taken = |header: &String| columns.iter().any(|c| c.name == *header || c.from.contains(header));
        let more: Vec<String> =
            record.key_from.iter().filter(|header| !taken(header) && !key_from.contains(header)).cloned().collect();
        key_from.extend(more);
        let time = self.time(&fields, &columns);
        // Without a column its expressions would only say the same again.
        let sound = self.diagnostics.len() == found;
        let mut plan = Vec::new();
        for (name, ty) in Outcomes::PLAN {
            plan.push((name, add(&mut names, &format!("plan.{name}"), NameKind::Decided, ty)));
            if names.find(name).is_none() {
                plan.push((name, add(&mut names, name, NameKind::Decided, ty)));
            }
        }
        let mut scores = Vec::new();
        let known =
            self.names.iter().filter(|(_, n)| matches!(n.stage, Stage::Score | Stage::Dimension | Stage::Priority));
        for (_, name) in known {
            for full in [format!("plan.{}", name.name), name.name.clone()] {
                if names.find(&full).is_none() {
                    let slot = add(&mut names, &full, NameKind::Decided, Type::Number);
                    scores.push((name.name.clone(), slot));
                }
            }
        }
        let table = Table {
            name: Outcomes::TABLE.to_owned(),
            key: record.key.clone(),
            key_from,
            time,
            file,
            merge_day: false,
            columns,
            names,
            optional: false,
            help: String::new(),
            span: fields.at,
        };
        if !fields.has("won_back") {
            fields.missing("won_back", WON_BACK, &mut self.diagnostics);
        }
        let mut rule =
            |key: &str, ty: Type| if sound { self.of_outcomes(&fields, key, ty, &table.names) } else { None };
        let won_back = rule("won_back", Type::Bool);
        let revenue = rule("revenue", Type::Number);
        let margin = rule("margin", Type::Number);
        let cost = rule("cost", Type::Number);
        let covariate = rule("covariate", Type::Number);
        self.judges_both_arms_alike(&table.names, won_back.as_ref());
        self.known_before(&table, rows_slot, covariate.as_ref());
        let won_back = won_back.unwrap_or_else(|| self.placeholder(&fields, Value::Bool(false)));
        let span = fields.at;
        Some(Outcomes {
            table,
            plan,
            scores,
            within_slot,
            rows_slot,
            within,
            within_rule,
            won_back,
            revenue,
            margin,
            cost,
            covariate,
            span,
        })
    }

    /// Says that a column of outcomes has a name that means something else in their expressions.
    pub(super) fn free_in_outcomes(&mut self, name: &str, span: Span, taken: Option<Slot>, names: &Names) -> bool {
        let Some(taken) = taken else { return true };
        let what = match names.get(taken).kind {
            NameKind::Today => "the as-of date",
            NameKind::Param => "a parameter",
            _ => "a name that outcomes always have",
        };
        let message = format!("`{name}` names both a column of `[outcomes]` and {what}");
        let diagnostic = Diagnostic::error(code::DUPLICATE_NAME, span, message);
        self.diagnostics.push(match names.get(taken).span {
            Some(first) => diagnostic.related(first, "the other is declared here"),
            None => diagnostic.help("call the column something else, and give the header of the file in `from`"),
        });
        false
    }

    /// Days: a number, or an expression over parameters.
    fn within(&mut self, fields: &Fields<'_>, params: &[Param]) -> (f64, Option<Rule>) {
        let Some(entry) = fields.get("within") else { return (WITHIN, None) };
        let (days, rule) = match &entry.node.value {
            Raw::Number(_) => (fields.number("within", &mut self.diagnostics), None),
            _ => {
                let rule = self.rule(fields, "within", Stage::Run, Type::Number);
                let value = rule.as_ref().map(|rule| evaluate(&rule.expr, &Params(params), self.scripts));
                (value.map(|value| value.as_number().unwrap_or(f64::NAN)), rule)
            }
        };
        let Some(days) = days else { return (WITHIN, rule) };
        if (1.0..=3660.0).contains(&days) {
            return (days.floor(), rule);
        }
        let message = if days.is_nan() {
            "`within` has no value by the parameters alone".to_owned()
        } else {
            format!("`within` must be from 1 to 3660 days, this is {days}")
        };
        self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span("within"), message));
        (WITHIN, rule)
    }

    /// An expression over the names of outcomes.
    fn of_outcomes(&mut self, fields: &Fields<'_>, key: &str, ty: Type, names: &Names) -> Option<Rule> {
        let node = &fields.get(key)?.node;
        if let Raw::Number(_) | Raw::Bool(_) = node.value {
            // The words for it are those of every other rule.
            return self.rule(fields, key, Stage::Grade, ty);
        }
        let text = fields.text(key, &mut self.diagnostics)?;
        let ast = parse(&text.text, &text.anchor, &mut self.diagnostics)?;
        let scope = Scope { names, stage: Stage::Campaign, scripts: self.scripts };
        let expr = check(&ast, &scope, Some(ty), &mut self.diagnostics)?;
        Some(Rule { expr, text: text.text.trim().to_owned(), span: text.span() })
    }

    /// Who is won back must not depend on whether she was contacted.
    fn judges_both_arms_alike(&mut self, names: &Names, rule: Option<&Rule>) {
        let Some(rule) = rule else { return };
        let mut found = None;
        rule.expr.walk(&mut |expr| {
            if let Kind::Slot(slot) = expr.kind
                && matches!(names.get(slot).name.as_str(), "arm" | "plan.arm")
            {
                found.get_or_insert(expr.span);
            }
        });
        if let Some(span) = found {
            let message = "`won_back` must not depend on `arm`: both arms are judged by one measure";
            let help = "whoever is held out shows what happens without a contact; count her returns in the same way";
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, span, message).help(help));
        }
    }

    /// A covariate that the contact can change would take away the effect together with the noise.
    fn known_before(&mut self, table: &Table, rows: Slot, rule: Option<&Rule>) {
        let Some(rule) = rule else { return };
        let after = |slot: Slot| slot == rows || table.columns.iter().any(|column| column.slot == slot);
        let mut found = None;
        rule.expr.walk(&mut |expr| {
            if let Kind::Slot(slot) = expr.kind
                && (after(slot) || matches!(table.names.get(slot).name.as_str(), "arm" | "plan.arm"))
            {
                found.get_or_insert((expr.span, table.names.get(slot).name.clone()));
            }
        });
        if let Some((span, name)) = found {
            let message = format!("`covariate` must be known before the contact, `{name}` is not");
            let help = "take a column of the plan, for instance `covariate = 'money'`";
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, span, message).help(help));
        }
    }
}

/// Adds a name of the outcomes' own; one that is taken keeps its slot.
fn add(names: &mut Names, name: &str, kind: NameKind, ty: Type) -> Slot {
    let name = Name { name: name.to_owned(), kind, stage: Stage::Record, ty, span: None };
    names.add(name).unwrap_or_else(|taken| taken)
}
