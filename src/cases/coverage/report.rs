//! Coverage as people and programs read it: per kind, per file, and what was not reached.

use std::fmt;

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::{Coverage, Item, ItemKind};
use crate::cases::reason::{DEAD_BRANCH, SURVIVES, written};
use crate::diag::{Diagnostic, Sources, code};
use crate::draw::{Cell, Column, Overflow, Paint, Role, Table, count, cut_left, indent, wrap_hanging};

/// Wider than this, lines are hard to follow.
const WIDEST: usize = 140;
/// What the numbers of a file need beside its name.
const NUMBERS: usize = 50;

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Percent {
    /// Reached.
    pub covered: usize,
    /// All there are.
    pub all: usize,
}

impl Percent {
    fn add(&mut self, covered: bool) {
        self.all += 1;
        self.covered += usize::from(covered);
    }

    /// The share in per cent, rounded down to one decimal: 100 only if all were reached. All of nothing is 100.
    #[must_use]
    pub fn value(self) -> f64 {
        (self.covered * 1000).checked_div(self.all).map_or(100.0, |tenths| tenths as f64 / 10.0)
    }

    /// Whether at least so many per cent were reached.
    #[must_use]
    pub fn reaches(self, percent: f64) -> bool {
        self.covered as f64 * 100.0 >= percent * self.all as f64
    }

    fn json(self) -> Json {
        json!({ "covered": self.covered, "all": self.all, "percent": self.value() })
    }
}

/// `97.5 %`
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} %", self.value())
    }
}

/// What is shown of a coverage: the pack's own files, or also those of what it extends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Only the pack's own files.
    Own,
    /// All files.
    All,
}

/// The two totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Rules alone.
    pub rules: Percent,
    /// Rules, conditions, branches and script lines.
    pub everything: Percent,
}

impl Coverage {
    /// The items shown, and whether each was reached.
    pub fn shown(&self, shown: Shown) -> impl Iterator<Item = (&Item, bool)> {
        let items = self.plan.items.iter().zip(&self.hits).map(|(item, hits)| (item, *hits > 0));
        items.filter(move |(item, _)| !item.spare && (shown == Shown::All || item.own))
    }

    /// The totals over the items shown.
    #[must_use]
    pub fn totals(&self, shown: Shown) -> Totals {
        let mut totals = Totals::default();
        for (item, covered) in self.shown(shown) {
            totals.add(item, covered);
        }
        totals
    }
}

impl Totals {
    fn add(&mut self, item: &Item, covered: bool) {
        self.everything.add(covered);
        if item.kind.is_rule() {
            self.rules.add(covered);
        }
    }
}

/// One file of the pack.
struct File<'a> {
    totals: Totals,
    open: Vec<(usize, usize, &'a Item)>,
}

fn files<'a>(coverage: &'a Coverage, sources: &Sources, shown: Shown) -> IndexMap<String, File<'a>> {
    let mut files: IndexMap<String, File<'a>> = IndexMap::new();
    for (item, covered) in coverage.shown(shown) {
        let place = sources.place(item.span);
        let file = files.entry(place.file).or_insert_with(|| File { totals: Totals::default(), open: Vec::new() });
        file.totals.add(item, covered);
        if !covered {
            file.open.push((place.line, place.column, item));
        }
    }
    for file in files.values_mut() {
        file.open.sort_by_key(|(line, column, item)| (*line, *column, item.kind));
    }
    files
}

/// Tables and the list of what was not reached.
#[must_use]
pub fn render(coverage: &Coverage, sources: &Sources, shown: Shown, width: usize, paint: Paint) -> String {
    let width = width.min(WIDEST);
    let mut lines = vec![paint.strong(&format!("coverage by {} customers", count(coverage.customers))), String::new()];
    let files = files(coverage, sources, shown);
    let spare: Vec<&Item> =
        coverage.plan.items.iter().filter(|item| item.spare && (shown == Shown::All || item.own)).collect();
    if files.is_empty() {
        lines.push("the pack has no rule of its own; `--all` shows those it extends".to_owned());
        return lines.join("\n") + "\n";
    }
    lines.extend(kinds(coverage, shown).draw(width, paint));
    lines.push(String::new());
    let text = |header: &str| Column::text(header).overflow(Overflow::Cut(16));
    let mut table = Table::new(vec![
        text("file"),
        Column::number("rules"),
        Column::number(""),
        Column::number("everything"),
        Column::number(""),
    ]);
    let row = |name: Cell, totals: Totals| {
        vec![name, of(totals.rules), share(totals.rules), of(totals.everything), share(totals.everything)]
    };
    for (name, file) in &files {
        // Of a long path the end says more.
        let name = cut_left(name, width.saturating_sub(NUMBERS).max(16));
        table.row(row(name.as_str().into(), file.totals));
    }
    table.total(row("total".into(), coverage.totals(shown)));
    lines.extend(table.draw(width, paint));
    if !spare.is_empty() {
        lines.extend([String::new(), paint.strong("not counted: proved that nobody is left to it")]);
        lines.extend(spare.iter().map(|item| format!("  {}  {}", paint.dim(&short_place(sources, item)), item.what)));
    }
    if files.values().any(|file| !file.open.is_empty()) {
        lines.extend([String::new(), paint.strong("not covered")]);
        for (name, file) in files.iter().filter(|(_, file)| !file.open.is_empty()) {
            lines.push(cut_left(name, width));
            let digits = file.open.iter().map(|(line, ..)| line.to_string().len()).max().unwrap_or(1);
            for (line, _, item) in &file.open {
                let number = format!("  {line:>digits$}  ");
                let room = width.saturating_sub(number.len()).max(20);
                let why = [SURVIVES, DEAD_BRANCH]
                    .into_iter()
                    .find_map(|mark| written(sources, item.span, mark))
                    .map(|(_, reason)| reason);
                let why = why.map(|why| format!(": {why}")).unwrap_or_default();
                let text = format!("{} {}{why}", item.what, item.never);
                let wrapped = wrap_hanging(&text, room, room).join("\n");
                let block = indent(&wrapped, number.len());
                let block = block.get(number.len()..).unwrap_or_default();
                lines.push(format!("{}{block}", paint.dim(&number)));
            }
        }
    }
    lines.join("\n") + "\n"
}

/// File and line.
fn short_place(sources: &Sources, item: &Item) -> String {
    let place = sources.place(item.span);
    format!("{}:{}", place.file, place.line)
}

/// The table by kind.
fn kinds(coverage: &Coverage, shown: Shown) -> Table {
    let mut table = Table::new(vec![Column::text("kind"), Column::number("covered"), Column::number("")]);
    for (kind, percent) in by_kind(coverage, shown) {
        table.row(vec![kind.words().into(), of(percent), share(percent)]);
    }
    table
}

fn by_kind(coverage: &Coverage, shown: Shown) -> Vec<(ItemKind, Percent)> {
    let counted = ItemKind::ALL.into_iter().map(|kind| {
        let mut percent = Percent::default();
        coverage.shown(shown).filter(|(item, _)| item.kind == kind).for_each(|(_, covered)| percent.add(covered));
        (kind, percent)
    });
    counted.filter(|(_, percent)| percent.all > 0).collect()
}

fn of(percent: Percent) -> Cell {
    if percent.all == 0 {
        return Cell::new("–", Role::Dim);
    }
    format!("{} of {}", count(percent.covered as u64), count(percent.all as u64)).into()
}

fn share(percent: Percent) -> Cell {
    match percent {
        Percent { all: 0, .. } => "".into(),
        Percent { covered, all } if covered == all => Cell::new(percent.to_string(), Role::Good),
        _ => Cell::new(percent.to_string(), Role::Warn),
    }
}

/// Everything.
///
/// | key | what it is |
/// |---|---|
/// | `customers` | how many customers were counted: steps of cases, or rows of data |
/// | `rules`, `everything` | the two totals: `covered`, `all`, `percent` (rounded down, so that 100 is all) |
/// | `kinds` | the same by kind of item: `state_rule`, `band`, … |
/// | `spare` | last rules of lists that leave nobody to them, proved: `file`, `line`, `what`; not counted |
/// | `files` | per file of the pack: `file`, `rules`, `everything`, and `uncovered`, a list of `line`, `column`, `kind`, `what`, `never` |
#[must_use]
pub fn to_json(coverage: &Coverage, sources: &Sources, shown: Shown) -> Json {
    let totals = coverage.totals(shown);
    let kinds: serde_json::Map<String, Json> = by_kind(coverage, shown)
        .into_iter()
        .filter_map(|(kind, percent)| Some((serde_json::to_value(kind).ok()?.as_str()?.to_owned(), percent.json())))
        .collect();
    let files: Vec<Json> = files(coverage, sources, shown)
        .into_iter()
        .map(|(name, file)| {
            let open = file.open.iter().map(|(line, column, item)| {
                json!({ "line": line, "column": column, "kind": item.kind, "what": item.what, "never": item.never })
            });
            json!({
                "file": name,
                "rules": file.totals.rules.json(),
                "everything": file.totals.everything.json(),
                "uncovered": open.collect::<Vec<_>>(),
            })
        })
        .collect();
    let spare = coverage.plan.items.iter().filter(|item| item.spare && (shown == Shown::All || item.own));
    let spare: Vec<Json> = spare
        .map(|item| {
            let place = sources.place(item.span);
            json!({ "file": place.file, "line": place.line, "what": item.what })
        })
        .collect();
    json!({
        "customers": coverage.customers,
        "rules": totals.rules.json(),
        "everything": totals.everything.json(),
        "kinds": kinds,
        "spare": spare,
        "files": files,
    })
}

/// What was not reached, as warnings: for annotations in CI.
#[must_use]
pub fn diagnostics(coverage: &Coverage, shown: Shown) -> Vec<Diagnostic> {
    let open = coverage.shown(shown).filter(|(_, covered)| !covered);
    let mut found: Vec<Diagnostic> = open
        .map(|(item, _)| Diagnostic::warning(code::NOT_COVERED, item.span, format!("{} {}", item.what, item.never)))
        .collect();
    found.sort_by_key(|diagnostic| diagnostic.primary.as_ref().map(|label| label.span));
    found
}
