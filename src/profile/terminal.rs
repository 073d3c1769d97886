//! A profile on a terminal, at 80 columns as at 200.

use super::column::Column;
use super::keys::merged_by;
use super::matching::How;
use super::roles::Role as Part;
use super::section::{rule_words, rules};
use super::{Profile, Section, Table as Given};
use crate::draw::{
    Cell, Column as Head, Overflow, Paint, Role, Table, amount, clean, count, cut, grouped, share, width, wrap,
};
use crate::expr::{Date, Type};
use crate::pack::{Delimiter, KeyRules};

/// From this width on, the pack's names and the most frequent values have columns of their own.
const WIDE: usize = 120;
/// How wide the column of values may be.
const VALUES: usize = 90;
/// How many words or values are listed before the rest is only counted.
const LISTED: usize = 4;

/// All of it in lines of at most `columns` (the TOML keeps its own), ending in a line break. `run` is the command that comes next.
#[must_use]
pub fn render(profile: &Profile, section: &Section, run: &str, columns: usize, color: bool) -> String {
    let columns = columns.clamp(60, 240);
    let paint = Paint::new(color);
    let mut blocks: Vec<Vec<String>> = profile.tables.iter().map(|t| table(t, columns, paint)).collect();
    blocks.push(together(profile, columns, paint));
    blocks.push(vec![rule("a pack that reads these files", columns, paint)]);
    let toml = section.text.trim_end().split('\n').map(|line| match line {
        line if line.starts_with("# ?") => paint.apply(Role::Warn, line),
        line if line.starts_with('#') => paint.dim(line),
        line if line.starts_with('[') => paint.strong(line),
        line => line.to_owned(),
    });
    blocks.push(toml.collect());
    let mut next = vec![rule("next", columns, paint)];
    if section.questions > 0 {
        let what = if section.questions == 1 {
            "one line asks".to_owned()
        } else {
            format!("{} lines ask", section.questions)
        };
        next.extend(wrap(&format!("{what} something (`# ?`): answer there first."), columns));
    }
    next.extend(run.split('\n').map(str::to_owned));
    blocks.push(next);
    let blocks = blocks.into_iter().filter(|b| !b.is_empty()).map(|b| b.join("\n"));
    let mut out = blocks.collect::<Vec<_>>().join("\n\n");
    out.push('\n');
    out
}

fn rule(title: &str, columns: usize, paint: Paint) -> String {
    let dashes = columns.min(100).saturating_sub(width(title) + 4);
    format!("{} {} {}", paint.dim("──"), paint.strong(title), paint.dim(&"─".repeat(dashes)))
}

/// `all different`, `5 values`, `about 190,000 values`.
pub(super) fn distinct(column: &Column) -> String {
    let about = if column.distinct_exact { "" } else { "about " };
    match column.distinct {
        0 => "empty".to_owned(),
        1 => "one value".to_owned(),
        _ if column.unique => "all different".to_owned(),
        n => format!("{about}{} values", count(n)),
    }
}

fn size(bytes: u64) -> String {
    let bytes = bytes as f64;
    for (limit, unit) in [(1e9, "GB"), (1e6, "MB"), (1e3, "KB")] {
        if bytes >= limit {
            return format!("{:.1} {unit}", bytes / limit);
        }
    }
    format!("{bytes} bytes")
}

fn some<'a>(texts: impl ExactSizeIterator<Item = String> + 'a) -> String {
    let rest = texts.len().saturating_sub(LISTED);
    let shown: Vec<String> = texts.take(LISTED).collect();
    let more = if rest > 0 { format!(" and {} more", count(rest as u64)) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

fn plural(n: u64, word: &str) -> String {
    format!("{} {word}{}", count(n), if n == 1 { "" } else { "s" })
}

fn header(table: &Given, columns: usize, paint: Paint) -> Vec<String> {
    let name = clean(&table.given);
    let path = cut(&clean(&table.path), columns.saturating_sub(width(&name) + 2));
    let looked = &table.looked;
    let mut facts = vec![plural(looked.rows, "row"), plural(table.columns.len() as u64, "column")];
    if looked.files.len() > 1 {
        facts.push(plural(looked.files.len() as u64, "file"));
    }
    // A table of a database has no size of its own.
    let bytes = looked.files.iter().map(|f| f.bytes).sum();
    if bytes > 0 {
        facts.push(size(bytes));
    }
    if let Some(first) = looked.files.first() {
        facts.push(first.kind.to_owned());
        facts.extend(first.found.encoding.iter().map(|e| e.to_uppercase()));
        facts.extend(first.found.delimiter.map(|d| match d {
            Delimiter::Byte(b',') => "commas".to_owned(),
            Delimiter::Byte(b';') => "semicolons".to_owned(),
            Delimiter::Byte(b'\t') => "tabs".to_owned(),
            Delimiter::Byte(b'|') => "bars".to_owned(),
            Delimiter::Byte(b) => format!("`{}` between fields", char::from(b)),
            Delimiter::Blanks => "blanks between fields".to_owned(),
        }));
    }
    let mut lines = vec![format!("{}  {}", paint.strong(&name), paint.dim(&path))];
    lines.extend(wrap(&facts.join(" · "), columns));
    let mut odd = Vec::new();
    if !looked.complete {
        odd.push(format!(
            "only the first {} were read: shares, ranges and keys may differ in the rest",
            plural(looked.rows, "row")
        ));
    }
    if table.duplicates > 0 {
        let about = if table.duplicates_exact { "" } else { "about " };
        odd.push(format!("{about}{} the same as an earlier one", rows_are(table.duplicates)));
    }
    if looked.broken > 0 {
        let first = looked.broken_rows.first().map(|b| format!(" (line {}: {})", b.line, b.reason)).unwrap_or_default();
        odd.push(format!("{} left out{first}", rows_are(looked.broken)));
    }
    odd.extend(looked.notices.iter().map(|n| clean(n)));
    for text in odd {
        lines.extend(wrap(&text, columns).iter().map(|line| paint.apply(Role::Warn, line)));
    }
    lines
}

fn rows_are(n: u64) -> String {
    if n == 1 { "1 row is".to_owned() } else { format!("{} rows are", count(n)) }
}

fn table(given: &Given, columns: usize, paint: Paint) -> Vec<String> {
    let (wide, roomy) = (columns >= WIDE, columns >= 72);
    let mut heads = vec![Head::text("column").overflow(Overflow::Cut(14))];
    if wide {
        heads.push(Head::text("in the pack").overflow(Overflow::Cut(10)));
    }
    heads.extend([Head::fixed("type"), Head::number("missing"), Head::number("distinct")]);
    heads.push(Head::text("values").overflow(Overflow::Cut(16)));
    if roomy {
        heads.push(Head::fixed("spread"));
    }
    let mut drawn = Table::new(heads);
    for (i, column) in given.columns.iter().enumerate() {
        let name = pack_name(given, i);
        let mut cells: Vec<Cell> = Vec::new();
        let header = clean(&column.header);
        match &name {
            Some((text, role)) if !wide && *text != header => {
                // One below the other, where there is no room for both.
                let _ = role;
                cells.push(Cell::from(format!("{header}\n→ {text}")));
            }
            _ => cells.push(Cell::from(header)),
        }
        if wide {
            cells.push(name.map_or_else(Cell::default, |(text, role)| Cell::new(text, role)));
        }
        let ty = if column.range.is_none() { crate::draw::UNKNOWN } else { column.ty.word() };
        cells.push(Cell::new(ty, Role::Dim));
        cells.push(missing(column));
        let about = if column.distinct_exact { "" } else { "~" };
        let unique = if column.is_key() { Role::Good } else { Role::Plain };
        cells.push(Cell::new(format!("{about}{}", count(column.distinct)), unique));
        cells.push(cut(&values(column, wide), VALUES).into());
        if roomy {
            cells.push(Cell::new(column.spark.clone(), Role::Accent));
        }
        drawn.row(cells);
        notes(given, i, column).into_iter().for_each(|note| drawn.note(note));
    }
    let mut lines = header(given, columns, paint);
    lines.push(String::new());
    lines.extend(drawn.draw(columns, paint));
    lines
}

/// What the pack calls a column.
fn pack_name(given: &Given, at: usize) -> Option<(String, Role)> {
    if given.key.as_ref().is_some_and(|k| k.column == at) {
        return Some(("the key".to_owned(), Role::Good));
    }
    let found = given.matches.iter().find(|m| m.column == at)?;
    Some(match found.how {
        _ if !found.fits => (format!("{} !", found.name), Role::Bad),
        How::Named | How::Sure => (found.name.clone(), Role::Plain),
        How::Perhaps(_) => (format!("{} ?", found.name), Role::Warn),
    })
}

fn missing(column: &Column) -> Cell {
    let rows = column.rows as f64;
    match column.missing {
        0 => Cell::new(crate::draw::UNKNOWN, Role::Dim),
        n if n == column.rows => Cell::new("all", Role::Warn),
        n if n * 2 > column.rows => Cell::new(share(n as f64, rows), Role::Warn),
        n => Cell::from(share(n as f64, rows)),
    }
}

/// From where to where; of few texts which. With room also mean and the most frequent value.
fn values(column: &Column, wide: bool) -> String {
    let Some(range) = column.range else { return String::new() };
    // A dash with blanks around it where there is room, or where a minus stands beside it.
    let dash = if wide || range.least < 0.0 { " – " } else { "–" };
    match column.ty {
        Type::Number if column.zero_one && column.distinct > 1 => format!("0 or 1, {} are 1", percent(range.mean)),
        Type::Number if range.least == range.largest => format!("always {}", amount(range.least)),
        Type::Number => {
            let from_to = format!("{}{dash}{}", amount(range.least), amount(range.largest));
            if !wide {
                let decimals = if range.median.abs() >= 100.0 || range.median.fract() == 0.0 { 0 } else { 1 };
                return format!("{from_to}, med. {}", grouped(range.median, decimals));
            }
            let often = often(column, 0.2);
            format!("{from_to}, median {}, mean {}{often}", amount(range.median), amount(range.mean))
        }
        Type::Date => {
            let day = |x: f64| Date::from_days(x as i64).map_or_else(String::new, |d| d.to_string());
            let month = |x: f64| day(x).get(..7).unwrap_or_default().to_owned();
            match (range.least == range.largest, wide) {
                (true, _) => format!("always {}", day(range.least)),
                (false, true) => format!("{} – {}{}", day(range.least), day(range.largest), often(column, 0.2)),
                (false, false) => format!("{} – {}", month(range.least), month(range.largest)),
            }
        }
        Type::Bool => format!("{} yes", share(range.mean, 1.0)),
        Type::Text if column.distinct == 1 => {
            let only = column.watched.values.first().map(|(t, _)| cut(&clean(t), 40)).unwrap_or_default();
            format!("always {only}")
        }
        Type::Text => match column.shapes.as_slice() {
            [(shape, part), ..] if *part > 0.9 && (column.code || column.distinct > 50) => clean(shape),
            [(a, p), (b, q), ..] if p + q > 0.9 && column.distinct > 50 => format!("{}, {}", clean(a), clean(b)),
            _ if column.distinct <= 50 => frequent(column, if wide { 2 * LISTED } else { LISTED }),
            _ if range.least == range.largest => format!("{} characters", range.least),
            _ => format!(
                "{}{dash}{} characters{}",
                range.least,
                range.largest,
                if wide { often(column, 0.05) } else { String::new() }
            ),
        },
    }
}

/// The most frequent value, if it is frequent.
fn often(column: &Column, at_least: f64) -> String {
    let told = column.rows.saturating_sub(column.missing) as f64;
    match column.top.first() {
        Some((text, n)) if *n as f64 >= told * at_least && *n > 1 && column.distinct > 2 => {
            format!(" · {} are {}", percent(*n as f64 / told), cut(&clean(text), 40))
        }
        _ => String::new(),
    }
}

/// The most frequent values.
fn frequent(column: &Column, listed: usize) -> String {
    let told = column.rows.saturating_sub(column.missing) as f64;
    let rest = column.distinct.saturating_sub(column.top.len().min(listed) as u64);
    if column.top.is_empty() {
        let some: Vec<String> = column.watched.values.iter().take(listed).map(|(t, _)| cut(&clean(t), 24)).collect();
        return some.join(", ");
    }
    let top: Vec<String> = column
        .top
        .iter()
        .take(listed)
        .map(|(t, n)| format!("{} {}", cut(&clean(t), 24), percent(*n as f64 / told)))
        .collect();
    let more = if rest > 0 { format!(" and {} more", count(rest)) } else { String::new() };
    format!("{}{more}", top.join(", "))
}

/// Whole per cent, where little room is left.
fn percent(part: f64) -> String {
    if part > 0.0 && part < 0.005 { "<1%".to_owned() } else { format!("{:.0}%", part * 100.0) }
}

/// What somebody must know of a column, below its line.
fn notes(given: &Given, at: usize, column: &Column) -> Vec<Cell> {
    let mut list = Vec::new();
    if let Some((text, _, line)) = &column.misfit {
        let text = cut(&clean(text), 40);
        let (what, first) = if column.misfits == 1 {
            (format!("1 value is no {}", column.ty), "it is")
        } else {
            (format!("{} values are no {}", count(column.misfits), column.ty), "the first is")
        };
        list.push(Cell::new(format!("{what}: {first} `{text}` in line {}", count(*line)), Role::Warn));
    }
    if let Some(unclear) = &column.unclear {
        let [(a, x), (b, y)] = &unclear.ways;
        list.push(Cell::new(
            format!("`{}` is {x} (`{a}`) or {y} (`{b}`): the data does not say which", clean(&unclear.value)),
            Role::Warn,
        ));
    }
    if !column.missing_words.is_empty() {
        let words = some(column.missing_words.iter().map(|(w, n)| format!("`{}` {}", clean(w), count(*n))));
        list.push(Cell::new(format!("read as missing: {words}"), Role::Dim));
    }
    if let Some(found) = given.matches.iter().find(|m| m.column == at && !m.fits) {
        list.push(Cell::new(format!("the pack wants a {} for `{}`", found.ty, found.name), Role::Bad));
    }
    list
}

/// What the tables are to each other and to the pack.
fn together(profile: &Profile, columns: usize, paint: Paint) -> Vec<String> {
    let pack = &profile.pack.identity.name;
    let mut lines = vec![rule("how they belong together", columns, paint)];
    let why = if profile.asked {
        format!("fitted to the pack `{pack}`")
    } else {
        format!("no pack was named: of the shipped ones `{pack}` fits best")
    };
    lines.extend(wrap(&why, columns));
    lines.push(String::new());
    let mut drawn = Table::new(vec![
        Head::text("table").overflow(Overflow::Cut(if columns < 72 { 12 } else { 20 })),
        Head::text("is").overflow(Overflow::Cut(8)),
        Head::text("customer is in").overflow(Overflow::Cut(8)),
        Head::number("known"),
        Head::number("unknown"),
        Head::text("keys").overflow(Overflow::Cut(8)),
    ]);
    for table in &profile.tables {
        let is = match table.role {
            Part::Record => "the record".to_owned(),
            Part::Joined => "joined to it".to_owned(),
            Part::Events if table.known => "events".to_owned(),
            Part::Events => "new events".to_owned(),
            Part::Loose => "not used".to_owned(),
        };
        let name = if table.name == table.given {
            clean(&table.given)
        } else {
            format!("{} → {}", clean(&table.given), table.name)
        };
        let key = table.key.as_ref().and_then(|k| table.columns.get(k.column));
        let known = table.matches.iter().filter(|m| !matches!(m.how, How::Perhaps(_))).count();
        let rest = table.columns.len().saturating_sub(known + usize::from(key.is_some()));
        drawn.row(vec![
            name.into(),
            is.into(),
            key.map_or_else(|| Cell::new("no column", Role::Warn), |c| Cell::from(clean(&c.header))),
            count(known as u64).into(),
            count(rest as u64).into(),
            keys(table).into(),
        ]);
        if let Some(note) = meets(table) {
            drawn.note(Cell::new(note, Role::Dim));
        }
        for note in troubles(table) {
            drawn.note(Cell::new(note, Role::Warn));
        }
    }
    lines.extend(drawn.draw(columns, paint));
    let rules = rules(profile);
    if let Some(words) = rule_words(rules).filter(|_| rules != profile.pack.record.normalise) {
        lines.push(String::new());
        lines.extend(wrap(&format!("keys meet better with `key_normalise = {words}`"), columns));
        lines.extend(merged(profile, rules, columns, paint));
    }
    lines
}

fn merged(profile: &Profile, rules: KeyRules, columns: usize, paint: Paint) -> Vec<String> {
    let record = profile.tables.iter().find(|t| t.role == Part::Record);
    let key = record.and_then(|t| t.columns.get(t.key.as_ref()?.column));
    let lost = key.map_or(0, |k| merged_by(k, rules));
    if lost == 0 {
        return Vec::new();
    }
    let text = format!(
        "but then {} of the record would have the key of another",
        rows_are(lost).replace(" are", "").replace(" is", "")
    );
    wrap(&text, columns).iter().map(|line| paint.apply(Role::Warn, line)).collect()
}

/// How many keys a table has.
fn keys(table: &Given) -> String {
    let column = table.key.as_ref().and_then(|k| table.columns.get(k.column));
    match column {
        Some(column) if column.is_key() => "one row each".to_owned(),
        Some(column) => {
            format!("{}{} different", if column.distinct_exact { "" } else { "about " }, count(column.distinct))
        }
        None => String::new(),
    }
}

/// How the keys of a table meet those of the record.
fn meets(table: &Given) -> Option<String> {
    let key = table.key.as_ref()?;
    let overlap = key.overlap?;
    let mut text = format!("{} of its keys are in the record", share(overlap.alike.max(overlap.exact), 1.0));
    if overlap.alike - overlap.exact > 0.001 {
        text.push_str(&format!(" ({} as they stand)", share(overlap.exact, 1.0)));
    }
    if let Some(covered) = key.covered {
        text.push_str(&format!("; {} of the record has rows here", share(covered, 1.0)));
    }
    Some(text)
}

/// What stands in the way of a run.
fn troubles(table: &Given) -> Vec<String> {
    let mut list = Vec::new();
    let key = table.key.as_ref().and_then(|k| table.columns.get(k.column));
    match (table.role, key) {
        (Part::Record | Part::Joined, Some(key)) if !key.unique => {
            let again = key.rows.saturating_sub(key.missing).saturating_sub(key.distinct);
            list.push(format!(
                "{} a `{}` that stands in another row, too; only the first counts",
                rows_have(again),
                clean(&key.header)
            ));
        }
        (Part::Record, None) => list
            .push("no column is complete and different in each row: a customer cannot be told from another".to_owned()),
        _ => {}
    }
    if let Some(key) = key.filter(|k| k.missing > 0) {
        list.push(format!("{} no `{}` and would be set aside", rows_have(key.missing), clean(&key.header)));
    }
    if !table.lacking.is_empty() {
        let names = some(table.lacking.iter().map(|n| format!("`{n}`")));
        list.push(format!("needed by the pack and not found for certain: {names}"));
    }
    list
}

fn rows_have(n: u64) -> String {
    if n == 1 { "1 row has".to_owned() } else { format!("{} rows have", count(n)) }
}
