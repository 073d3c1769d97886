//! Suggestions on a terminal: what separates those who returned, in numbers and in words, what to change, and what it would bring.

mod json;
mod policy;

pub use json::{policy_to_json, to_json};
pub use policy::{Challenger, render_policy};

use super::frame::page;
use crate::draw::{Cell, Column, Overflow, Paint, Role, Table, bar, clean, count, wrap};
use crate::stage::Receipt;
use crate::stats::logistic::Effect;
use crate::stats::{Share, wilson};
use crate::suggest::overlay::{gained, line_evidence};
use crate::suggest::separate::{Band, Kind, Separator};
use crate::suggest::words::{gained_or_lost, per_spread, percent, probability, sentence, short, values};
use crate::suggest::{By, Sheet, Suggestions, Verdict};

/// Columns beside the criteria that are listed.
const OTHERS: usize = 8;
/// Sentences that are shown.
const SENTENCES: usize = 8;
/// Columns whose rates are shown.
const RATES: usize = 4;

/// What is shown above everything.
#[derive(Debug, Clone)]
pub struct Head {
    /// Which rules, as of when.
    pub receipt: Receipt,
    /// Where the customers come from: `plan.csv`, or nothing.
    pub plan: Option<String>,
    /// Why the arms cannot be compared, if they are not of the size they should be: said before all else.
    pub mismatches: Vec<String>,
    /// What to type next.
    pub next: Vec<String>,
}

/// Everything in lines of at most `columns`, ending in a line break.
#[must_use]
pub fn render(sheet: &Sheet, found: &Suggestions, head: &Head, columns: usize, color: bool) -> String {
    let paint = Paint::new(color);
    let columns = columns.clamp(72, 200);
    let mut blocks = vec![header(found, head, columns, paint), mismatches(head, columns, paint)];
    if nobody_returned(found) {
        let text = "Nobody has returned yet: nothing can be learnt from that.";
        blocks.push(wrap(text, columns).iter().map(|line| paint.apply(Role::Warn, line)).collect());
        return page(blocks);
    }
    let (criteria, others): (Vec<&Separator>, Vec<&Separator>) =
        found.separators.iter().partition(|s| matches!(s.kind, Kind::Criterion(_)));
    blocks.push(separators("criterion", "What separates those who returned", &criteria, columns, paint));
    let shown: Vec<&Separator> = others.iter().copied().take(OTHERS).collect();
    blocks.push(separators("column", "Other columns", &shown, columns, paint));
    if others.len() > shown.len() {
        let clear = others.iter().skip(OTHERS).filter(|s| s.is_clear()).count();
        let rest = others.len() - shown.len();
        blocks.push(vec![paint.dim(&format!("{rest} more, {clear} of them clear: `--format json` lists all"))]);
    }
    blocks.push(in_words(sheet, &criteria, &others, columns, paint));
    blocks.push(rates(&criteria, &others, columns, paint));
    blocks.push(verdicts(sheet, found, columns, paint));
    if !head.next.is_empty() {
        blocks.push(head.next.iter().map(|line| format!("    {line}")).collect());
    }
    page(blocks)
}

/// Whether nobody of either arm has returned: shares of nothing would look like an answer.
fn nobody_returned(found: &Suggestions) -> bool {
    found.contacted.hits + found.held_out.hits == 0
}

/// The line that names the rules.
fn named(receipt: &Receipt, paint: Paint) -> String {
    let name = format!("{} {}", clean(&receipt.pack), clean(&receipt.version));
    let hash = receipt.hash.get(..8).unwrap_or(&receipt.hash);
    format!("{}{}", paint.strong(&name), paint.dim(&format!(" · {hash} · as of {}", receipt.as_of)))
}

/// What is wrong with the arms.
fn mismatches(head: &Head, columns: usize, paint: Paint) -> Vec<String> {
    head.mismatches.iter().flat_map(|text| wrap(text, columns)).map(|line| paint.apply(Role::Bad, &line)).collect()
}

fn rate(share: Share) -> String {
    let interval = wilson(share, 0.05);
    let (low, high) = (percent(interval.low), percent(interval.high));
    format!("{} ({} to {high})", percent(share.rate()), low.trim_end_matches(" %"))
}

fn header(found: &Suggestions, head: &Head, columns: usize, paint: Paint) -> Vec<String> {
    let mut lines = vec![named(&head.receipt, paint)];
    if nobody_returned(found) {
        let text = format!("{} contacted, {} held out", count(found.contacted.of), count(found.held_out.of));
        lines.extend(wrap(&text, columns));
        return lines;
    }
    let what = if head.plan.is_some() { "contacted" } else { "customers with an outcome" };
    let mut text = format!("{} {what}, {} returned", count(found.contacted.of), count(found.contacted.hits));
    if found.contacted.of > 0 {
        text.push_str(&format!(": {}", rate(found.contacted)));
    }
    if found.held_out.of > 0 && !head.mismatches.is_empty() {
        text.push_str(&format!("; {} held out, not compared", count(found.held_out.of)));
    } else if found.held_out.of > 0 {
        text.push_str(&format!(
            "; {} held out, {} returned: {}",
            count(found.held_out.of),
            count(found.held_out.hits),
            rate(found.held_out)
        ));
    }
    lines.extend(wrap(&text, columns));
    lines
}

fn separators(what: &str, title: &str, list: &[&Separator], columns: usize, paint: Paint) -> Vec<String> {
    if list.is_empty() {
        return Vec::new();
    }
    let wide = columns >= 110;
    let mut header = vec![
        Column::text(what).overflow(Overflow::Cut(14)),
        Column::number("known"),
        Column::number("AUC"),
        Column::text("95 %").overflow(Overflow::Keep),
        Column::text("odds per std. deviation").overflow(Overflow::Keep),
    ];
    let joint = list.iter().any(|s| s.joint.is_some());
    if wide && joint {
        header.push(Column::text("beside the other criteria").overflow(Overflow::Keep));
    }
    header.push(Column::number("p (Holm)"));
    let mut table = Table::new(header);
    for s in list {
        let name = match &s.text {
            Some(text) => format!("{}: {}", clean(&s.label), clean(text)),
            None => clean(&s.label),
        };
        let interval = s.area.interval(0.05);
        let role = if s.is_clear() { Role::Plain } else { Role::Dim };
        let odds = match s.effect {
            Effect::Slope(_) => per_spread(s),
            Effect::Separates(_) => "separates".to_owned(),
            Effect::Aliased => String::new(),
        };
        let mut cells: Vec<Cell> = vec![
            Cell::new(name, if s.is_clear() { Role::Strong } else { Role::Dim }),
            Cell::new(count(s.known.of), role),
            Cell::new(format!("{:.3}", s.area.value), role),
            Cell::new(format!("{:.3} to {:.3}", interval.low.max(0.0), interval.high.min(1.0)), role),
            Cell::new(odds, role),
        ];
        if wide && joint {
            let text = match s.joint {
                Some(Effect::Slope(_)) => {
                    s.joint.map_or_else(String::new, |effect| per_spread(&Separator { effect, ..(*s).clone() }))
                }
                Some(Effect::Separates(_)) => "separates".to_owned(),
                Some(Effect::Aliased) => "the same as others".to_owned(),
                None => String::new(),
            };
            cells.push(Cell::new(text, role));
        }
        cells.push(Cell::new(probability(s.p), role));
        table.row(cells);
    }
    let mut lines = vec![paint.strong(title), String::new()];
    lines.extend(table.draw(columns, paint));
    lines
}

/// The clear ones; of a criterion that looks at a column, the column says more than the score.
fn in_words(
    sheet: &Sheet,
    criteria: &[&Separator],
    others: &[&Separator],
    columns: usize,
    paint: Paint,
) -> Vec<String> {
    let said = |s: &Separator| match s.kind {
        Kind::Criterion(at) => {
            let looks_at = sheet.criteria.get(at).map(|c| c.looks_at.as_str());
            others.iter().any(|o| o.is_clear() && Some(o.name.as_str()) == looks_at)
        }
        Kind::Number(_) | Kind::Text(_) => false,
    };
    let clear = others.iter().chain(criteria).filter(|s| s.is_clear() && !said(s));
    let clear: Vec<&&Separator> = clear.take(SENTENCES).collect();
    if clear.is_empty() {
        let text =
            "Nothing separates those who returned from those who did not: whatever differs may as well be an accident.";
        return wrap(text, columns);
    }
    let mut lines = vec![paint.strong("In words")];
    for s in clear {
        lines.extend(item(&sentence(s), columns));
    }
    let missing = criteria.iter().any(|s| s.missing > 0);
    if missing {
        let text = "a criterion alone: customers of whom it is known; beside the others: what is missing stands at the mean of \
                    what is known, and where it is often missing that it is counts by itself";
        lines.extend(wrap(text, columns).iter().map(|line| paint.dim(line)));
    }
    lines
}

/// An item of a list, its further lines moved in.
fn item(text: &str, columns: usize) -> Vec<String> {
    let wrapped = wrap(&clean(text), columns.saturating_sub(2));
    wrapped
        .into_iter()
        .enumerate()
        .map(|(i, line)| if i == 0 { format!("- {line}") } else { format!("  {line}") })
        .collect()
}

fn rates(criteria: &[&Separator], others: &[&Separator], columns: usize, paint: Paint) -> Vec<String> {
    let numbers = |s: &&&Separator| s.is_clear() && s.bands.len() > 1 && s.text.is_none();
    let mut chosen: Vec<&&Separator> = others.iter().filter(numbers).take(RATES).collect();
    if chosen.is_empty() {
        chosen = criteria.iter().filter(numbers).take(RATES).collect();
    }
    if chosen.is_empty() {
        return Vec::new();
    }
    let mut table = Table::new(vec![
        Column::text("returned by"),
        Column::number("values"),
        Column::number("customers"),
        Column::number("share"),
        Column::fixed(""),
        Column::number("95 %"),
    ]);
    for s in chosen {
        for (i, band) in s.bands.iter().enumerate() {
            let Band { values: held, share, interval } = band;
            table.row(vec![
                Cell::new(if i == 0 { clean(&s.label) } else { String::new() }, Role::Strong),
                Cell::from(values(held)),
                Cell::from(count(share.of)),
                Cell::from(percent(share.rate())),
                Cell::new(bar(share.rate(), 20), Role::Accent),
                Cell::new(
                    format!("{} to {}", percent(interval.low).trim_end_matches(" %"), percent(interval.high)),
                    Role::Dim,
                ),
            ]);
        }
    }
    table.draw(columns, paint)
}

fn verdicts(sheet: &Sheet, found: &Suggestions, columns: usize, paint: Paint) -> Vec<String> {
    let mut lines = vec![paint.strong("What to change")];
    let mut say = |text: &str, role: Role| lines.extend(wrap(text, columns).iter().map(|l| paint.apply(role, l)));
    if sheet.untrusted {
        say(
            "Judged by returns, not by incremental profit: the arms are not what they should be, so nothing is judged by them.",
            Role::Bad,
        );
    }
    if let Verdict::TooFew(more) = found.ranking.verdict {
        say(&format!("Cannot tell yet: at least {} more of the rarer outcome.", count(more)), Role::Warn);
        return lines;
    }
    if !found.any() {
        say("No better rules found: the present ones stay.", Role::Strong);
    }
    let unclear = |times: Option<f64>| match times {
        Some(times) if times < 50.0 => {
            format!(" About {} times as many customers would tell.", short((times * 10.0).ceil() / 10.0))
        }
        Some(_) | None => String::new(),
    };
    match found.ranking.verdict {
        Verdict::Better => say(&gained(&found.ranking, found, sheet), Role::Good),
        Verdict::Unclear(times) => {
            let text = gained(&found.ranking, found, sheet);
            say(&format!("{text} That may as well be none.{}", unclear(times)), Role::Plain);
        }
        Verdict::Nothing if found.by == By::Profit && found.ranking.gain.is_some() => {
            say(
                "Curves and weights: what customers brought is not known, so nothing can be said of profit (`--by returns` judges by returns).",
                Role::Plain,
            );
        }
        Verdict::Nothing | Verdict::TooFew(_) => {
            if sheet.criteria.iter().any(|c| c.chance) {
                say("Curves and weights of `chance`: the present ones fit.", Role::Plain);
            } else {
                say("The pack has no criterion in `chance`: there is nothing to weigh anew.", Role::Plain);
            }
        }
    }
    match found.lines.verdict {
        Verdict::Better => say(&gained(&found.lines, found, sheet), Role::Good),
        Verdict::Unclear(_) if found.ranking.verdict != Verdict::Better => {
            say("The probabilities of a return: the present ones fit.", Role::Plain);
        }
        _ => {}
    }
    if let Some(change) = found.better() {
        for line in change.rules.lines.iter().flatten() {
            say(&line_evidence(line), Role::Dim);
        }
    }
    if let Some((threshold, verdict)) = &found.threshold {
        let ours = if threshold.incremental { "" } else { ", all returns counted as ours" };
        let text = format!(
            "Letting go below {} instead of {} (`{}`) {}, cross-validated{ours}",
            short(threshold.new),
            short(threshold.setting.value),
            threshold.setting.name,
            gained_or_lost(threshold.gain, &sheet.currency)
        );
        match verdict {
            Verdict::Better => say(&format!("{text}."), Role::Good),
            _ => say(&format!("{text}: that may as well be none."), Role::Plain),
        }
    }
    for at in &found.contrary {
        if let Some(criterion) = sheet.criteria.get(*at) {
            let text = format!(
                "{} goes against what came of it: is it scored the wrong way round, or does it stand for something else? It is not \
                 turned by itself.",
                clean(&criterion.label)
            );
            say(&text, Role::Warn);
        }
    }
    lines
}
