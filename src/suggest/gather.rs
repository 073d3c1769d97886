//! From a pack, its decisions and what came of them to a [`Sheet`] of plain numbers.

use std::collections::HashMap;
use std::sync::Arc;

use super::sheet::{Case, Column, Criterion, MIDDLE, Pair, Raw, Setting, Sheet, Values};
use crate::expr::{Arith, Compare, Expr, Kind, NameKind, Row as _, Slot, Type, Value, evaluate};
use crate::pack::{Method, Pack};
use crate::plan::{Arm, PlanRow};
use crate::stage::{Context, Decision, RowValues, decide};

/// What came of one customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Her row of the plan; `None` where there was no plan.
    pub row: Option<PlanRow>,
    /// Whether she counts as won back.
    pub returned: bool,
    /// Whether she was contacted.
    pub contacted: bool,
    /// The margin she brought, if it is known.
    pub margin: Option<f64>,
    /// What was spent on her, if it is known.
    pub cost: Option<f64>,
}

/// A sheet, and what a person should know of how it was made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gathered {
    /// What suggestions are made from.
    pub sheet: Sheet,
    /// One sentence each.
    pub notices: Vec<String>,
}

/// Texts with more different values than this are no groups.
const GROUPS: usize = 8;

/// From records: each customer of whom something is known is decided by the present rules; raw values are known, so curves can be
/// fitted. `records` holds her columns and rollups by key.
#[must_use]
pub fn from_records(
    pack: &Pack,
    context: &Context,
    records: Vec<(Arc<str>, RowValues)>,
    score_names: &[String],
    known: &HashMap<Arc<str>, Known>,
) -> Gathered {
    let mut records = records;
    records.sort_by(|a, b| a.0.cmp(&b.0));
    let mut sheet = empty(pack);
    let (mut suppressed, mut otherwise) = (0usize, 0usize);
    let others = names(pack);
    let mut columns: Vec<Vec<Value>> = vec![Vec::new(); others.len()];
    let mut plans: Vec<Option<PlanRow>> = Vec::new();
    for (key, record) in records {
        let Some(known) = known.get(&key) else { continue };
        let decision = decide(pack, context, record);
        if decision.suppressed.is_some() {
            suppressed += 1;
            continue;
        }
        let planned = known.row.as_ref();
        let logged = planned.and_then(|row| logged_chance(score_names, row));
        let decided = decision.dimensions.get(chance_of(pack)).copied().flatten();
        if let Some(logged) = logged
            && decided.is_none_or(|d| (d - logged).abs() > 1e-6)
        {
            otherwise += 1;
        }
        let case = case(pack, key, known, Some(&decision), decided.or(logged));
        for (column, (slot, ..)) in columns.iter_mut().zip(&others) {
            column.push(decision.values.get(*slot));
        }
        for (at, criterion) in sheet.criteria.iter_mut().enumerate() {
            let Some(scored) = decision.criteria.get(at) else { continue };
            criterion.scores.push(scored.score);
            match &mut criterion.raw {
                Raw::None => {}
                Raw::Numbers(values) => values.push(scored.value.as_number()),
                Raw::Texts(values, _) => values.push(scored.value.as_text().map(Arc::from)),
            }
        }
        plans.push(known.row.clone());
        sheet.cases.push(case);
    }
    for ((_, name, unit), values) in others.into_iter().zip(columns) {
        sheet.columns.extend(column(name, unit, &values));
    }
    if plans.iter().any(Option::is_some) {
        let rows: Vec<Option<&PlanRow>> = plans.iter().map(Option::as_ref).collect();
        of_plan(&mut sheet, &rows, &["campaign", "offer", "channel", "speaker"]);
    }
    let mut notices = Vec::new();
    if suppressed > 0 {
        notices.push(format!("{} left out: suppressed by the present rules", super::words::customers(suppressed)));
    }
    if otherwise > 0 {
        notices.push(format!(
            "{} scored otherwise by these data than in the plan; are data and `--as-of` those of the plan?",
            super::words::customers(otherwise)
        ));
    }
    Gathered { sheet, notices }
}

/// From a plan alone: scores as they were written into it; no raw values, so no curves.
#[must_use]
pub fn from_plan(pack: &Pack, score_names: &[String], known: &HashMap<Arc<str>, Known>) -> Gathered {
    let mut sheet = empty(pack);
    for criterion in &mut sheet.criteria {
        criterion.raw = Raw::None;
    }
    let mut all: Vec<(&Arc<str>, &Known, &PlanRow)> =
        known.iter().filter_map(|(key, known)| Some((key, known, known.row.as_ref()?))).collect();
    all.sort_by_key(|(key, ..)| *key);
    let places: Vec<Option<usize>> = sheet
        .criteria
        .iter()
        .map(|c| score_names.iter().position(|name| name.strip_prefix("score.") == Some(c.name.as_str())))
        .collect();
    for (key, known, row) in &all {
        sheet.cases.push(case(pack, Arc::clone(key), known, None, logged_chance(score_names, row)));
        for (criterion, place) in sheet.criteria.iter_mut().zip(&places) {
            criterion.scores.push(place.and_then(|at| row.scores.get(at).copied().flatten()));
        }
    }
    let rows: Vec<Option<&PlanRow>> = all.iter().map(|(.., row)| Some(*row)).collect();
    of_plan(&mut sheet, &rows, &["campaign", "offer", "channel", "speaker", "cause", "class", "grade", "state"]);
    let notices = vec![
        "without `--data` only what the plan wrote down is known: weights can be suggested, curves cannot".to_owned(),
    ];
    Gathered { sheet, notices }
}

/// What a plan would have said of a customer, had there been one: for customers of whom only data and outcomes are there.
#[must_use]
pub fn as_if_planned(pack: &Pack, context: &Context, key: &Arc<str>, decision: &Decision) -> PlanRow {
    let text = |slot: Slot| decision.values.get(slot).as_text().map(Arc::from);
    let best = decision.best.and_then(|at| Some((pack.campaigns.get(at)?, decision.campaigns.get(at)?)));
    let name = best.map_or("", |(campaign, _)| campaign.name.as_str());
    let of = |text: Option<&String>| text.map(|t| Arc::from(t.as_str()));
    PlanRow {
        key: Arc::clone(key),
        arm: Arm::Contact,
        held_out_by: None,
        experiment: Arc::from(name),
        stratum: None,
        propensity: 1.0,
        campaign: Arc::from(name),
        offer: of(best.and_then(|(c, _)| c.offer.as_ref())),
        channel: of(best.and_then(|(c, _)| c.channel.as_ref())),
        speaker: of(best.and_then(|(c, _)| c.speaker.as_ref())),
        // What counts as a return is counted from the day of the decision, not from one on which nothing was sent.
        send_on: context.as_of,
        send_by: context.as_of,
        cost: best.and_then(|(_, d)| d.cost),
        success: best.and_then(|(_, d)| d.success),
        value: best.and_then(|(_, d)| d.value),
        net: best.and_then(|(_, d)| d.net),
        anyway: None,
        hours: None,
        basis: None,
        consent_on: None,
        state: text(pack.decided.state),
        track: text(pack.decided.track),
        cause: text(pack.decided.cause),
        class: text(pack.decided.class),
        confidence: decision.values.get(pack.decided.confidence).as_number(),
        grade: text(pack.decided.grade),
        priority: decision.priority,
        money: decision.money,
        overridden: None,
        say: None,
        reasons: None,
        scores: Vec::new(),
        carried: Vec::new(),
    }
}

/// Criteria, parameters and thresholds of a pack, without customers.
fn empty(pack: &Pack) -> Sheet {
    let chance = chance_of(pack);
    let criteria = pack.criteria.iter().map(|c| {
        let (now, raw) = match &c.method {
            Method::Score(_) => ("an expression".to_owned(), Raw::None),
            Method::Bands(_, bands) => (format!("{} bands", bands.len()), Raw::Numbers(Vec::new())),
            Method::Curve(_, points) => {
                let points: Vec<String> = points.iter().map(|(x, y)| format!("[{x}, {y}]")).collect();
                (format!("[{}]", points.join(", ")), Raw::Numbers(Vec::new()))
            }
            Method::Rank(..) => ("a rank".to_owned(), Raw::Numbers(Vec::new())),
            Method::Map(_, map, _) => ("another map".to_owned(), Raw::Texts(Vec::new(), map.clone())),
        };
        Criterion {
            name: c.name.clone(),
            label: c.label.clone(),
            chance: c.dimension == chance,
            weight: c.weight,
            now,
            missing: c.missing.score(),
            looks_at: c.method.rule().text.clone(),
            raw,
            scores: Vec::new(),
        }
    });
    Sheet {
        criteria: criteria.collect(),
        pairs: pairs(pack).into_iter().map(|(_, _, pair)| pair).collect(),
        let_go: let_go(pack),
        currency: pack.money.as_ref().map(|m| m.currency.clone()).unwrap_or_default(),
        ..Sheet::default()
    }
}

fn chance_of(pack: &Pack) -> usize {
    pack.dimensions.iter().position(|d| d.name == "chance").unwrap_or(usize::MAX)
}

fn logged_chance(score_names: &[String], row: &PlanRow) -> Option<f64> {
    let at = score_names.iter().position(|name| name == "chance")?;
    row.scores.get(at).copied().flatten()
}

fn case(pack: &Pack, key: Arc<str>, known: &Known, decision: Option<&Decision>, chance: Option<f64>) -> Case {
    let row = known.row.as_ref();
    let campaign = match row {
        Some(row) => pack.campaigns.iter().position(|c| c.name == *row.campaign),
        None => decision.and_then(|d| d.best),
    };
    let decided = campaign.and_then(|at| decision?.campaigns.get(at));
    let logged = |of: fn(&PlanRow) -> Option<f64>, or: Option<f64>| row.and_then(of).or(or);
    let success = logged(|r| r.success, decided.and_then(|d| d.success));
    let value = logged(|r| r.value, decided.and_then(|d| d.value));
    let planned_cost = logged(|r| r.cost, decided.and_then(|d| d.cost)).unwrap_or(0.0);
    let spent = if known.contacted { known.cost.unwrap_or(planned_cost) } else { 0.0 };
    let margin = known.margin.or_else(|| if known.returned { value } else { value.map(|_| 0.0) });
    let of_data = decision.map(|d| (d, decided.and_then(|d| d.success)));
    let line = campaign.and_then(|at| line(pack, at, success?, chance, of_data));
    Case {
        key,
        returned: known.returned,
        contacted: known.contacted,
        propensity: row.map_or(1.0, |r| r.propensity),
        campaign: row.map(|r| Arc::clone(&r.campaign)),
        success,
        value,
        cost: planned_cost,
        profit: margin.map(|m| m - spent),
        chance,
        priority: row.and_then(|r| r.priority).or_else(|| decision?.priority),
        line,
    }
}

/// Parameters that make a line of `chance` in the `success` of a campaign, `base + per_point * chance`, in the order of the pack:
/// their slots and themselves. One that is in two lines is left alone: what is learnt of one would change the other.
fn pairs(pack: &Pack) -> Vec<(Slot, Slot, Pair)> {
    let Some(chance) = pack.names.find("chance") else { return Vec::new() };
    let param = |slot: Slot| pack.params.iter().find(|param| param.slot == slot);
    let mut lines = Vec::new();
    for rule in pack.campaigns.iter().filter_map(|campaign| campaign.success.as_ref()) {
        lines_in(&rule.expr, chance, &|slot| param(slot).is_some(), &mut lines);
    }
    lines.sort_unstable();
    lines.dedup();
    let setting = |slot: Slot| {
        let param = param(slot)?;
        let alone = lines.iter().filter(|(base, per_point)| *base == slot || *per_point == slot).count() == 1;
        let value = param.value.as_number().filter(|_| alone)?;
        Some(Setting { name: param.name.clone(), value, min: param.min, max: param.max })
    };
    let pair = |(base, per_point): &(Slot, Slot)| {
        Some((*base, *per_point, Pair { base: setting(*base)?, per_point: setting(*per_point)? }))
    };
    lines.iter().filter_map(pair).collect()
}

/// Sums of a parameter and of another one times an expression of `chance` alone, whatever stands first.
fn lines_in(expr: &Expr, chance: Slot, is_param: &impl Fn(Slot) -> bool, found: &mut Vec<(Slot, Slot)>) {
    let param = |expr: &Expr| match &expr.kind {
        Kind::Slot(slot) if is_param(*slot) => Some(*slot),
        _ => None,
    };
    let of_chance = |expr: &Expr| {
        let slots = expr.slots();
        !slots.is_empty() && slots.iter().all(|slot| *slot == chance)
    };
    expr.walk(&mut |sum| {
        let Kind::Arith(Arith::Add, a, b) = &sum.kind else { return };
        for (base, product) in [(a, b), (b, a)] {
            let Kind::Arith(Arith::Mul, x, y) = &product.kind else { continue };
            for (per_point, points) in [(x, y), (y, x)] {
                if let (Some(base), Some(per_point), true) = (param(base), param(per_point), of_chance(points)) {
                    found.push((base, per_point));
                }
            }
        }
    });
}

/// The pair a campaign's probability of a return is made with, and by what the line is multiplied: whatever else its expression
/// multiplies it by, and what it has lost by the day it was sent. `None` where that cannot be told.
fn line(
    pack: &Pack,
    campaign: usize,
    success: f64,
    chance: Option<f64>,
    decided: Option<(&Decision, Option<f64>)>,
) -> Option<(usize, f64)> {
    let rule = pack.campaigns.get(campaign)?.success.as_ref()?;
    let slots = rule.expr.slots();
    let (at, (base, per_point, pair)) = pairs(pack)
        .into_iter()
        .enumerate()
        .find(|(_, (base, per_point, _))| slots.contains(base) && slots.contains(per_point))?;
    if !is_factor(&rule.expr, base, per_point) {
        return None;
    }
    let inside = |p: f64| p > 0.0 && p < 1.0;
    let factor = match decided {
        Some((decision, would)) => {
            // With a line of 1 throughout the expression is the factor, also where the probability was cut off at 1.
            let mut values = decision.values.clone();
            values.set(base, Value::number(1.0));
            values.set(per_point, Value::number(0.0));
            let factor = evaluate(&rule.expr, &values, &pack.scripts).as_number()?;
            factor * would.filter(|would| inside(*would) && inside(success)).map_or(1.0, |would| success / would)
        }
        None => {
            let line = pair.base.value + pair.per_point.value * chance.unwrap_or(MIDDLE);
            if line <= 0.0 || !inside(success) {
                return None;
            }
            success / line
        }
    };
    (factor.is_finite() && factor > 0.0).then_some((at, factor))
}

/// Whether an expression is something times the sum that holds the two parameters: nothing is added to it outside.
fn is_factor(expr: &Expr, base: Slot, per_point: Slot) -> bool {
    let slots = expr.slots();
    match &expr.kind {
        Kind::Arith(Arith::Mul, a, b) => {
            let inside = |e: &Expr| e.slots().contains(&base) || e.slots().contains(&per_point);
            match (inside(a), inside(b)) {
                (true, false) => is_factor(a, base, per_point),
                (false, true) => is_factor(b, base, per_point),
                _ => false,
            }
        }
        Kind::Arith(Arith::Div, a, b) => !b.slots().contains(&base) && is_factor(a, base, per_point),
        Kind::Arith(Arith::Add, ..) => slots.contains(&base) && slots.contains(&per_point),
        _ => false,
    }
}

/// The parameter under which a priority is let go: `priority < grade_d`, or `priority >= grade_d` of the grade before.
fn let_go(pack: &Pack) -> Option<Setting> {
    let at = pack.grades.iter().position(|g| g.let_go)?;
    let of = |at: usize, below: bool| {
        let rule = pack.grades.get(at)?.when.as_ref()?;
        let Kind::Compare(op, a, b) = &rule.expr.kind else { return None };
        let (Kind::Slot(a), Kind::Slot(b)) = (&a.kind, &b.kind) else { return None };
        let (op, param) = if *a == pack.priority.slot { (*op, *b) } else { (op.mirrored(), *a) };
        let fits = if below { op == Compare::Lt } else { op == Compare::Ge };
        let param = pack.params.iter().find(|p| fits && p.slot == param)?;
        Some(Setting { name: param.name.clone(), value: param.value.as_number()?, min: param.min, max: param.max })
    };
    of(at, true).or_else(|| of(at.checked_sub(1)?, false))
}

/// Everything else a rule may read and that is a number, a yes or no, or a text: slot, name, unit.
fn names(pack: &Pack) -> Vec<(Slot, String, String)> {
    let decided = [pack.decided.state, pack.decided.cause, pack.decided.class, pack.decided.grade];
    let wanted = |slot: Slot, kind: NameKind, ty: Type| match kind {
        NameKind::Column | NameKind::Rollup | NameKind::Fact => ty != Type::Date,
        NameKind::Decided => decided.contains(&slot),
        NameKind::Today | NameKind::Param => false,
    };
    pack.names
        .iter()
        .filter(|(slot, name)| wanted(*slot, name.kind, name.ty))
        .map(|(slot, name)| (slot, name.name.clone(), unit(pack, slot)))
        .collect()
}

/// The unit of a number: of a fact that is a difference of dates, days; of a column, what its help begins or ends with.
fn unit(pack: &Pack, slot: Slot) -> String {
    const UNITS: [&str; 8] = ["days", "weeks", "months", "years", "points", "hours", "minutes", "percent"];
    if let Some(fact) = pack.facts.iter().find(|f| f.slot == slot)
        && let Kind::Arith(Arith::Sub, a, b) = &fact.expr.kind
        && a.ty == Type::Date
        && b.ty == Type::Date
    {
        return "days".to_owned();
    }
    let help = pack.record.columns.iter().find(|c| c.slot == slot).map_or("", |c| c.help.as_str());
    let ends = |word: Option<&str>| word.map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase());
    let (first, last) = (ends(help.split_whitespace().next()), ends(help.split_whitespace().next_back()));
    let found = UNITS.iter().find(|unit| first.as_deref() == Some(**unit) || last.as_deref() == Some(**unit));
    found.map_or_else(String::new, |unit| (*unit).to_owned())
}

fn column(name: String, unit: String, values: &[Value]) -> Option<Column> {
    let flag = values.iter().any(|v| matches!(v, Value::Bool(_)));
    let number = |v: &Value| match v {
        Value::Number(x) => Some(*x),
        Value::Bool(b) => Some(f64::from(u8::from(*b))),
        _ => None,
    };
    if values.iter().any(|v| number(v).is_some()) {
        let values = Values::Numbers(values.iter().map(number).collect());
        return Some(Column { name, unit, flag, values });
    }
    let texts: Vec<Option<Arc<str>>> = values.iter().map(|v| v.as_text().map(Arc::from)).collect();
    let groups: std::collections::HashSet<&str> = texts.iter().flatten().map(AsRef::as_ref).collect();
    let some = (2..=GROUPS).contains(&groups.len());
    some.then_some(Column { name, unit, flag: false, values: Values::Texts(texts) })
}

/// Columns of the plan that are groups.
fn of_plan(sheet: &mut Sheet, rows: &[Option<&PlanRow>], wanted: &[&str]) {
    for name in wanted {
        let text = |row: &PlanRow| match *name {
            "campaign" => Some(Arc::clone(&row.campaign)),
            "offer" => row.offer.clone(),
            "channel" => row.channel.clone(),
            "speaker" => row.speaker.clone(),
            "cause" => row.cause.clone(),
            "class" => row.class.clone(),
            "grade" => row.grade.clone(),
            _ => row.state.clone(),
        };
        if sheet.columns.iter().any(|c| c.name == *name) {
            continue;
        }
        let values: Vec<Value> =
            rows.iter().map(|row| row.and_then(text).map_or(Value::Missing, Value::Text)).collect();
        sheet.columns.extend(column((*name).to_owned(), String::new(), &values));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::pack::load_from_texts;

    #[test]
    fn lines_are_found_by_what_they_are_not_by_their_names() {
        let campaign = |name: &str, success: &str| {
            format!("[[campaigns]]\nname = \"{name}\"\nsuccess = '{success}'\nvalue = '10'\n")
        };
        let text = format!(
            "[pack]\nname = \"p\"\n[params]\nlift = 1.2\nper_step = 0.04\nstart = 0.1\ncommon = 0.2\na = 0.01\nb = 0.02\n\
             [record]\nkey = \"id\"\ncolumns.x = {{ type = \"number\" }}\n\
             [dimensions.chance]\n[criteria.one]\ndimension = \"chance\"\nscore = 'x'\n\
             [[states]]\nname = \"lost\"\ntrack = \"recovery\"\n{}{}{}{}",
            campaign("turned", "lift * ((chance ?? 5) * per_step + start)"),
            campaign("of_x", "lift + per_step * x"),
            campaign("first", "common + a * chance"),
            campaign("second", "common + b * chance"),
        );
        let loaded = load_from_texts(&[("pack.toml", &text)]);
        let pack = loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
        let found = pairs(&pack);
        let names: Vec<_> = found.iter().map(|(_, _, p)| (p.base.name.as_str(), p.per_point.name.as_str())).collect();
        assert_eq!(names, [("start", "per_step")], "`common` is in two lines, `x` is not the chance");
        assert!(is_factor(&pack.campaigns[0].success.as_ref().unwrap().expr, found[0].0, found[0].1));
    }
}
