//! What became of the changes, for people and for programs.

use serde_json::{Value as Json, json};

use super::change::{Mutant, MutantKind};
use super::run::{Fate, Mutation};
use crate::diag::{Diagnostic, Sources, code};
use crate::draw::{self, Cell, Column, Paint, Role, Table, count, cut_left, indent, wrap};

/// So far the parts of a survivor stand to the right.
const INDENT: usize = 4;
/// Wider than this, lines are hard to follow.
const WIDEST: usize = 140;
/// What is said where no customer was found.
const NONE_FOUND: &str = "no sample found; if there is none: `# regain: survives because …`";

/// What is said of a reason that lets nothing survive.
const UNNEEDED: &str =
    "this reason lets nothing survive: every change here is noticed, or proved to make no difference";

/// Counts by kind, and every change no case noticed.
#[must_use]
pub fn render(mutation: &Mutation, sources: &Sources, width: usize, paint: Paint) -> String {
    let width = width.min(WIDEST);
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
        lines.extend(head(&place(mutant), Role::Bad, &mutant.owner, width, paint));
        lines.extend(block(&format!("`{}` became `{}`", mutant.was, mutant.now), width));
        match sample {
            Some(sample) => {
                lines.push(paint.dim(&indent("this customer would notice:", INDENT)));
                // To be pasted: it is not broken into lines where TOML would not have it.
                lines.push(indent(&folded(sample.trim_end(), width.saturating_sub(INDENT)), INDENT));
            }
            None => lines.extend(block(NONE_FOUND, width)),
        }
    }
    if mutation.reasoned().next().is_some() {
        lines.extend([String::new(), paint.strong("not noticed, for a reason written down"), String::new()]);
    }
    for (mutant, reason) in mutation.reasoned() {
        lines.extend(head(&place(mutant), Role::Dim, &mutant.owner, width, paint));
        lines.extend(block(&format!("`{}` became `{}`: {reason}", mutant.was, mutant.now), width));
    }
    if !mutation.unneeded.is_empty() {
        lines.extend([String::new(), paint.strong("reasons that let nothing survive"), String::new()]);
        for span in &mutation.unneeded {
            let place = sources.place(*span);
            lines.push(paint.apply(Role::Warn, &cut_left(&format!("{}:{}", place.file, place.line), width)));
        }
        lines.extend(wrap("every change at them is noticed, or proved to make no difference: take them out", width));
    }
    lines.join("\n") + "\n"
}

/// The place of a change and what it belongs to: on one line, or on two; of a path that is too long, its end.
fn head(place: &str, role: Role, owner: &str, width: usize, paint: Paint) -> Vec<String> {
    let fits = draw::width(place) + 2 + draw::width(owner) <= width;
    let place = paint.apply(role, &cut_left(place, width));
    match fits {
        true => vec![format!("{place}  {owner}")],
        false => std::iter::once(place)
            .chain(wrap(owner, width.saturating_sub(2)).iter().map(|line| indent(line, 2)))
            .collect(),
    }
}

/// A case with long inline tables opened: one line per value, as TOML 1.0 allows with keys of their own.
fn folded(sample: &str, width: usize) -> String {
    let lines = sample.lines().map(|line| {
        let table = line.strip_prefix("given = { ").or_else(|| line.strip_prefix("expect = { "));
        let inner = table.and_then(|rest| rest.strip_suffix(" }"));
        match (inner, line.split_once(' ')) {
            (Some(inner), Some((word, _))) if draw::width(line) > width => {
                let parts = parts(inner);
                parts.iter().map(|part| listed(&format!("{word}.{part}"), width)).collect::<Vec<_>>().join("\n")
            }
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A value with a long list opened: one line per element.
fn listed(line: &str, width: usize) -> String {
    let list = line.split_once(" = [").and_then(|(name, rest)| Some((name, rest.strip_suffix(']')?)));
    match list.filter(|_| draw::width(line) > width) {
        Some((name, inner)) => {
            let elements: String = parts(inner).iter().map(|element| format!("  {element},\n")).collect();
            format!("{name} = [\n{elements}]")
        }
        None => line.to_owned(),
    }
}

/// The values of an inline table: what commas part outside of brackets and texts.
fn parts(inner: &str) -> Vec<&str> {
    let (mut found, mut from, mut depth, mut quoted, mut escaped) = (Vec::new(), 0, 0_usize, false, false);
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                found.push(inner.get(from..at).unwrap_or("").trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(inner.get(from..).unwrap_or("").trim());
    found
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
        Column::number("reasoned"),
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
///
/// | key | what it is |
/// |---|---|
/// | `possible`, `chosen`, `tried`, `noticed` | how many changes there are, were chosen, tried, noticed by a case |
/// | `cases` | how many cases they were tried on |
/// | `survived` | changes no case noticed: `kind`, `file`, `line`, `column`, `owner`, `was`, `now`, `sample` (a case in TOML, or null) |
/// | `no_difference` | changes proved to make no difference, with the same keys and no `sample` |
/// | `reasoned` | changes no case noticed, with the same keys and `reason` for `sample` |
/// | `unneeded_reasons` | where a reason is written that nothing needs: `file`, `line`, `column` |
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

/// A change that was not noticed, as a warning.
pub(in crate::cases) fn told(mutant: &Mutant, sample: Option<&str>) -> Diagnostic {
    let message = format!("no case notices if `{}` becomes `{}` in {}", mutant.was, mutant.now, mutant.owner);
    let help = match sample {
        Some(sample) => format!("this customer would notice:\n{}", sample.trim_end()),
        None => NONE_FOUND.to_owned(),
    };
    Diagnostic::warning(code::MUTANT_SURVIVED, mutant.span, message).help(help)
}

/// What was not noticed, as warnings: for annotations in CI.
#[must_use]
pub fn diagnostics(mutation: &Mutation) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = mutation.survivors().map(|(mutant, sample)| told(mutant, sample)).collect();
    found.extend(
        mutation
            .unneeded
            .iter()
            .map(|span| Diagnostic::warning(code::ALLOWS_NOTHING, *span, UNNEEDED).help("take the comment out")),
    );
    found.sort_by_key(|diagnostic| diagnostic.primary.as_ref().map(|label| label.span));
    found
}
