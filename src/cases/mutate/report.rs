//! What became of the changes, for people and for programs.

use serde_json::{Value as Json, json};

use super::change::{Mutant, MutantKind};
use super::run::{Fate, Mutation};
use crate::diag::{Diagnostic, Sources, code};
use crate::draw::{Cell, Column, Paint, Role, Table, count, indent, wrap};

/// So far the parts of a survivor stand to the right.
const INDENT: usize = 4;
/// What is said where no customer was found.
const NONE_FOUND: &str =
    "no sample found: maybe it makes no difference; if so, say why with `# regain: survives because …`";

/// What is said of a reason that lets nothing survive.
const UNNEEDED: &str =
    "this reason lets nothing survive: every change here is noticed, or proved to make no difference";

/// Counts by kind, and every change no case noticed.
#[must_use]
pub fn render(mutation: &Mutation, sources: &Sources, width: usize, paint: Paint) -> String {
    let mut lines = Vec::new();
    let tried = mutation.count(|fate| !matches!(fate, Fate::NotTried));
    let title = format!(
        "mutation: {} of {} changes tried on {} cases",
        count(tried as u64),
        count(mutation.possible as u64),
        count(mutation.cases as u64)
    );
    lines.extend([paint.strong(&title), String::new()]);
    if mutation.possible == 0 {
        lines.push("the pack has no rule of its own to change; `--all` changes those it extends".to_owned());
        return lines.join("\n") + "\n";
    }
    lines.extend(kinds(mutation).draw(width, paint));
    let late = mutation.count(|fate| matches!(fate, Fate::NotTried));
    if late > 0 {
        lines.push(format!("{} more were chosen and not tried: the time was over (`--seconds`)", count(late as u64)));
    }
    let place = |mutant: &Mutant| {
        let place = sources.place(mutant.span);
        format!("{}:{}", place.file, place.line)
    };
    if mutation.survivors().next().is_some() {
        lines.extend([String::new(), paint.strong("not noticed by any case")]);
    }
    for (mutant, sample) in mutation.survivors() {
        lines.push(String::new());
        lines.push(format!("{}  {}", paint.apply(Role::Bad, &place(mutant)), mutant.owner));
        lines.extend(block(&format!("`{}` became `{}`", mutant.was, mutant.now), width));
        match sample {
            Some(sample) => {
                lines.push(paint.dim(&indent("this customer would notice:", INDENT)));
                lines.push(indent(sample.trim_end(), INDENT));
            }
            None => lines.extend(block(NONE_FOUND, width)),
        }
    }
    if mutation.reasoned().next().is_some() {
        lines.extend([String::new(), paint.strong("not noticed, for a reason written down"), String::new()]);
    }
    for (mutant, reason) in mutation.reasoned() {
        lines.push(format!("{}  {}", paint.dim(&place(mutant)), mutant.owner));
        lines.extend(block(&format!("`{}` became `{}`: {reason}", mutant.was, mutant.now), width));
    }
    if !mutation.unneeded.is_empty() {
        lines.extend([String::new(), paint.strong("reasons that let nothing survive"), String::new()]);
        for span in &mutation.unneeded {
            let place = sources.place(*span);
            lines.push(format!("{}:{}", paint.apply(Role::Warn, &place.file), place.line));
        }
        lines.extend(wrap("every change at them is noticed, or proved to make no difference: take them out", width));
    }
    lines.join("\n") + "\n"
}

fn block(text: &str, width: usize) -> Vec<String> {
    wrap(text, width.saturating_sub(INDENT)).iter().map(|line| indent(line, INDENT)).collect()
}

/// The table by kind.
fn kinds(mutation: &Mutation) -> Table {
    let mut table = Table::new(vec![
        Column::text("what was changed"),
        Column::number("tried"),
        Column::number("noticed"),
        Column::number("no difference"),
        Column::number("with a reason"),
        Column::number("not noticed"),
    ]);
    let row = |name: &str, of: &dyn Fn(&Mutant) -> bool| {
        let number = |fits: fn(&Fate) -> bool| mutation.mutants.iter().filter(|(m, f)| of(m) && fits(f)).count() as u64;
        let tried = number(|fate| !matches!(fate, Fate::NotTried));
        let open = number(|fate| matches!(fate, Fate::Survived(_)));
        let looks = if open > 0 { Role::Bad } else { Role::Good };
        (tried > 0).then(|| {
            vec![
                name.into(),
                count(tried).into(),
                count(number(|fate| matches!(fate, Fate::Noticed))).into(),
                count(number(|fate| matches!(fate, Fate::NoDifference))).into(),
                count(number(|fate| matches!(fate, Fate::Reasoned(_)))).into(),
                Cell::new(count(open), looks),
            ]
        })
    };
    MutantKind::ALL.into_iter().filter_map(|kind| row(kind.words(), &|m| m.kind == kind)).for_each(|r| table.row(r));
    if let Some(total) = row("total", &|_| true) {
        table.total(total);
    }
    table
}

/// Everything: counts, and every change that was not noticed, with its sample.
#[must_use]
pub fn to_json(mutation: &Mutation, sources: &Sources) -> Json {
    let one = |mutant: &Mutant| {
        let place = sources.place(mutant.span);
        json!({
            "kind": mutant.kind,
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "owner": mutant.owner,
            "was": mutant.was,
            "now": mutant.now,
        })
    };
    let with = |mutant: &Mutant, key: &str, value: Json| {
        let mut all = one(mutant);
        if let Some(map) = all.as_object_mut() {
            map.insert(key.to_owned(), value);
        }
        all
    };
    let survived: Vec<Json> =
        mutation.survivors().map(|(mutant, sample)| with(mutant, "sample", json!(sample))).collect();
    let reasoned: Vec<Json> =
        mutation.reasoned().map(|(mutant, reason)| with(mutant, "reason", json!(reason))).collect();
    let unneeded: Vec<Json> = mutation
        .unneeded
        .iter()
        .map(|span| {
            let place = sources.place(*span);
            json!({ "file": place.file, "line": place.line, "column": place.column })
        })
        .collect();
    json!({
        "possible": mutation.possible,
        "chosen": mutation.mutants.len(),
        "tried": mutation.count(|fate| !matches!(fate, Fate::NotTried)),
        "noticed": mutation.count(|fate| matches!(fate, Fate::Noticed)),
        "no_difference": mutation.equal().map(one).collect::<Vec<_>>(),
        "cases": mutation.cases,
        "survived": survived,
        "reasoned": reasoned,
        "unneeded_reasons": unneeded,
    })
}

/// What was not noticed, as warnings: for annotations in CI.
#[must_use]
pub fn diagnostics(mutation: &Mutation) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = mutation
        .survivors()
        .map(|(mutant, sample)| {
            let message = format!("no case notices if `{}` becomes `{}` in {}", mutant.was, mutant.now, mutant.owner);
            let help = match sample {
                Some(sample) => format!("this customer would notice:\n{}", sample.trim_end()),
                None => NONE_FOUND.to_owned(),
            };
            Diagnostic::warning(code::MUTANT_SURVIVED, mutant.span, message).help(help)
        })
        .collect();
    found.extend(
        mutation
            .unneeded
            .iter()
            .map(|span| Diagnostic::warning(code::ALLOWS_NOTHING, *span, UNNEEDED).help("take the comment out")),
    );
    found.sort_by_key(|diagnostic| diagnostic.primary.as_ref().map(|label| label.span));
    found
}
