//! The part of a pack that reads the given files, as TOML: `[record]` and `[tables]` over a pack that is extended.
//!
//! What is certain is written as it counts. What is not stands behind `# ?`, with what would settle it, so that the text
//! always loads and never decides for anybody.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::column::Column;
use super::matching::{How, Match};
use super::roles::Role;
use super::words;
use super::{Profile, Table};
use crate::check::sample::quoted;
use crate::data::{Read, Reader};
use crate::draw::{clean, wrap};
use crate::expr::{Type, Value};
use crate::pack::{self, Delimiter, KeyRules, Thousands, ValueFormat};

/// How wide a comment may be.
const COMMENT: usize = 98;

/// A part of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The TOML.
    pub text: String,
    /// How many lines ask something: `# ?`.
    pub questions: usize,
}

/// Writes the pack `name` over `extends` (a shipped pack or a path). Of each table, at most `listed` columns that the pack does
/// not know are listed.
#[must_use]
pub fn to_toml(profile: &Profile, name: &str, extends: &str, listed: usize) -> Section {
    let mut out = Lines { text: String::new(), questions: 0, listed };
    let given: Vec<String> = profile.tables.iter().map(|t| format!("{}={}", clean(&t.given), clean(&t.path))).collect();
    for (i, table) in given.iter().enumerate() {
        out.line(&format!("{} {table}", if i == 0 { "# Made by `regain profile` from" } else { "#   and" }));
    }
    out.line("");
    out.line("[pack]");
    out.line(&format!("name = {}", quoted(name)));
    out.line("version = \"0.1.0\"");
    out.line(&format!("extends = {}", quoted(extends)));
    let of = |role: Role| profile.tables.iter().filter(move |t| t.role == role);
    for table in of(Role::Record) {
        record(profile, table, &mut out);
    }
    for table in of(Role::Joined) {
        joined(profile, table, &mut out);
    }
    record_columns(profile, &mut out);
    for table in of(Role::Events) {
        events(profile, table, &mut out);
    }
    for table in of(Role::Loose) {
        out.line("");
        out.ask(&format!("`{}`: no column of it names a customer, so it is left out", clean(&table.given)));
    }
    Section { text: out.text, questions: out.questions }
}

struct Lines {
    text: String,
    questions: usize,
    listed: usize,
}

impl Lines {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// A line that asks.
    fn ask(&mut self, text: &str) {
        self.questions += 1;
        for (i, line) in wrap(text, COMMENT).iter().enumerate() {
            self.line(&format!("# {}{line}", if i == 0 { "? " } else { "  " }));
        }
    }

    /// An empty line and a header.
    fn head(&mut self, header: &str) {
        self.line("");
        self.line(&format!("[{header}]"));
    }
}

fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    format!("[{}]", texts.into_iter().map(quoted).collect::<Vec<_>>().join(", "))
}

/// One text, or a list of them.
fn one_or_list(texts: &[String]) -> String {
    match texts {
        [one] => quoted(one),
        several => list(several.iter().map(String::as_str)),
    }
}

fn record(profile: &Profile, table: &Table, out: &mut Lines) {
    let pack = &profile.pack;
    out.head("record");
    if table.name != pack.record.table {
        out.line(&format!("table = {}", quoted(&table.name)));
    }
    key_line(table, &pack.record.key, out);
    let rules = rules(profile);
    if let Some(words) = rule_words(rules).filter(|_| rules != pack.record.normalise) {
        out.line(&format!("key_normalise = {words}"));
    }
    file(table, "record", out);
}

/// Which differences between keys must not count, so that all tables meet.
pub(super) fn rules(profile: &Profile) -> KeyRules {
    let mut all = profile.pack.record.normalise;
    for overlap in profile.tables.iter().filter_map(|t| t.key.as_ref()?.overlap.as_ref()) {
        // A tenth of a per cent may be chance.
        if overlap.alike - overlap.exact > 0.001 {
            all.trim |= overlap.rules.trim;
            all.case |= overlap.rules.case;
            all.leading_zeros |= overlap.rules.leading_zeros;
        }
    }
    all
}

pub(super) fn rule_words(rules: KeyRules) -> Option<String> {
    let words = [("trim", rules.trim), ("case", rules.case), ("leading_zeros", rules.leading_zeros)];
    let words: Vec<&str> = words.into_iter().filter(|(_, on)| *on).map(|(word, _)| word).collect();
    (!words.is_empty()).then(|| list(words))
}

fn key_line(table: &Table, name: &str, out: &mut Lines) {
    let Some((key, column)) = table.key.as_ref().and_then(|k| Some((k, table.columns.get(k.column)?))) else {
        out.ask(&format!(
            "no column of `{}` is complete and different in each row: which one names the customer?",
            clean(&table.given)
        ));
        out.line("# key_from = [\"…\"]");
        return;
    };
    let line = format!("key_from = {}", list([column.header.as_str()]));
    if key.known {
        out.line(&format!("# `{name}` is found by its header `{}`", clean(&column.header)));
    } else if key.sure {
        out.line(&line);
    } else {
        out.ask(&format!("is this the customer? {}", what(column)));
        out.line(&line);
    }
}

fn joined(profile: &Profile, table: &Table, out: &mut Lines) {
    let header = format!("record.join.{}", table.name);
    out.head(&header);
    key_line(table, &profile.pack.record.key, out);
    file(table, &header, out);
}

/// What all columns of a table have in common.
fn common(table: &Table) -> ValueFormat {
    let mut decimals: Vec<(char, usize)> = Vec::new();
    let mut dates: Vec<(Vec<String>, usize)> = Vec::new();
    for column in table.columns.iter().filter(|c| c.unclear.is_none()) {
        if let Some(sign) = column.written.decimal {
            bump(&mut decimals, sign);
        }
        if column.ty == Type::Date && !column.written.dates.is_empty() {
            bump(&mut dates, column.written.dates.clone());
        }
    }
    let decimal = most(&decimals);
    let thousands = table
        .columns
        .iter()
        .filter(|c| c.unclear.is_none() && c.written.decimal == decimal)
        .find_map(|c| c.written.thousands);
    ValueFormat { decimal, thousands, dates: most(&dates).unwrap_or_default(), ..ValueFormat::default() }
}

fn bump<T: PartialEq>(list: &mut Vec<(T, usize)>, item: T) {
    match list.iter_mut().find(|(known, _)| *known == item) {
        Some((_, n)) => *n += 1,
        None => list.push((item, 1)),
    }
}

/// The most frequent; of equals the first.
fn most<T: Clone>(list: &[(T, usize)]) -> Option<T> {
    let largest = list.iter().map(|(_, n)| *n).max()?;
    list.iter().find(|(_, n)| *n == largest).map(|(item, _)| item.clone())
}

/// `[….file]`, if there is something to say.
fn file(table: &Table, section: &str, out: &mut Lines) {
    let mut lines = Vec::new();
    let plain = crate::pack::FileFormat::default();
    let found = table.looked.files.first().map_or(&plain, |f| &f.found);
    if let Some(encoding) = found.encoding.as_ref().filter(|e| !e.eq_ignore_ascii_case("utf-8")) {
        lines.push(format!("encoding = {}", quoted(encoding)));
    }
    match found.delimiter {
        Some(Delimiter::Byte(b'\t')) => lines.push("delimiter = \"tab\"".to_owned()),
        Some(Delimiter::Blanks) => lines.push("delimiter = \"blanks\"".to_owned()),
        Some(Delimiter::Byte(b',')) | None => {}
        Some(Delimiter::Byte(sign)) => lines.push(format!("delimiter = {}", quoted(&char::from(sign).to_string()))),
    }
    match found.quote {
        None | Some(Some(b'"')) => {}
        Some(None) => lines.push("quote = \"none\"".to_owned()),
        Some(Some(sign)) => lines.push(format!("quote = {}", quoted(&char::from(sign).to_string()))),
    }
    if let Some(skip) = found.skip.filter(|n| *n > 0) {
        lines.push(format!("skip = {skip}"));
    }
    if let Some(sheet) = &found.sheet {
        lines.push(format!("sheet = {}", quoted(sheet)));
    }
    if !found.headers.is_empty() {
        lines.push(format!("headers = {}", list(found.headers.iter().map(String::as_str))));
    }
    let common = common(table);
    if let Some(sign) = common.decimal {
        lines.push(format!("decimal = {}", quoted(&sign.to_string())));
    }
    if let Some(Thousands::Sign(sign)) = common.thousands {
        lines.push(format!("thousands = {}", quoted(&sign.to_string())));
    }
    if !common.dates.is_empty() {
        lines.push(format!("date = {}", one_or_list(&common.dates)));
    }
    if table.columns.iter().any(|c| c.ty == Type::Number && c.written.percent.is_some()) {
        lines.push("percent = \"share\"   # 12 % is 0.12; \"number\" keeps 12".to_owned());
    }
    lines.extend(truths(table));
    lines.extend(missing(table));
    let questions: Vec<(&Column, &crate::data::Unclear)> = table
        .columns
        .iter()
        .filter_map(|c| Some((c, c.unclear.as_ref()?)))
        .filter(|(c, _)| c.ty != Type::Number || common.decimal.is_none())
        .collect();
    if lines.is_empty() && questions.is_empty() {
        return;
    }
    out.head(&format!("{section}.file"));
    lines.iter().for_each(|line| out.line(line));
    // Columns that ask the same are asked once.
    let mut asked: Vec<&[(String, String); 2]> = Vec::new();
    for (column, unclear) in questions {
        if asked.iter().any(|a| a[0].0 == unclear.ways[0].0 && a[1].0 == unclear.ways[1].0) {
            continue;
        }
        asked.push(&unclear.ways);
        out.ask(&format!(
            "`{}` holds `{}`, which can be read in two ways: keep one of these lines",
            clean(&column.header),
            clean(&unclear.value)
        ));
        for (line, value) in &unclear.ways {
            out.line(&format!("# {line:<24} # `{}` is {value}", clean(&unclear.value)));
        }
    }
}

/// The words that were taken as true and as false, unless they are those that need no word.
fn truths(table: &Table) -> Vec<String> {
    const USUAL: [&str; 6] = ["true", "yes", "1", "false", "no", "0"];
    let reader = Reader::new(Type::Bool, &ValueFormat::default());
    let (mut yes, mut no): (BTreeSet<String>, BTreeSet<String>) = Default::default();
    let columns = table.columns.iter().filter(|c| c.ty == Type::Bool && c.written == ValueFormat::default());
    for text in columns.flat_map(|c| &c.watched.values).map(|(text, _)| text.trim().to_lowercase()) {
        match reader.read(&text) {
            Read::Value(Value::Bool(true)) => drop(yes.insert(text)),
            Read::Value(Value::Bool(false)) => drop(no.insert(text)),
            _ => {}
        }
    }
    if yes.iter().chain(&no).all(|word| USUAL.contains(&word.as_str())) {
        return Vec::new();
    }
    let line = |key: &str, words: &BTreeSet<String>| {
        (!words.is_empty()).then(|| format!("{key} = {}", list(words.iter().map(String::as_str))))
    };
    line("true", &yes).into_iter().chain(line("false", &no)).collect()
}

/// The texts that were taken as missing. They are said only where they can be nothing else.
fn missing(table: &Table) -> Option<String> {
    let mut words: Vec<&str> = Vec::new();
    for (word, _) in table.columns.iter().flat_map(|c| &c.missing_words) {
        if !words.iter().any(|w| w.eq_ignore_ascii_case(word)) {
            words.push(word);
        }
    }
    let everywhere = Reader::new(Type::Text, &ValueFormat::default());
    let plain = words.iter().all(|w| everywhere.read(w) == Read::Missing);
    let line = format!("missing = {}", list(words.iter().copied()));
    match (words.is_empty(), plain) {
        (true, _) => None,
        (false, true) => Some(line),
        (false, false) => Some(format!("# {line}   # taken as missing in columns of numbers, dates and yes or no")),
    }
}

/// How this column is written other than its table.
fn own_format(column: &Column, ty: Type, table: &ValueFormat, declared: Option<&pack::Column>) -> Vec<String> {
    let mut lines = Vec::new();
    if column.unclear.is_some() {
        return lines;
    }
    match ty {
        Type::Number => {
            if let Some(sign) = column.written.decimal.filter(|d| Some(*d) != table.decimal) {
                lines.push(format!("decimal = {}", quoted(&sign.to_string())));
            }
        }
        Type::Date => {
            let said = declared.map(|d| d.written.over(table).dates).unwrap_or_else(|| table.dates.clone());
            let found = &column.written.dates;
            if found.is_empty()
                && !said.is_empty()
                && !said.iter().any(|f| f == "%Y-%m-%d")
                && column.missing < column.rows
            {
                lines.push("format = \"%Y-%m-%d\"".to_owned());
            } else if !found.is_empty() && *found != said {
                lines.push(format!("format = {}", one_or_list(found)));
            }
        }
        Type::Text | Type::Bool => {}
    }
    lines
}

/// In few words what a column holds, for a comment.
fn what(column: &Column) -> String {
    let mut text = format!("{}, {}", column.ty, super::terminal::distinct(column));
    let examples: Vec<String> = match column.top.as_slice() {
        [] => column.watched.values.iter().take(2).map(|(t, _)| short(t)).collect(),
        top => top.iter().take(3).map(|(t, _)| short(t)).collect(),
    };
    if !examples.is_empty() {
        // Writing to memory does not fail.
        let _ = write!(text, ": {}", examples.join(", "));
    }
    text
}

fn short(text: &str) -> String {
    crate::draw::cut(&clean(text), 20)
}

/// `[record.columns]`: of all tables with one row per customer.
fn record_columns(profile: &Profile, out: &mut Lines) {
    let pack = &profile.pack;
    let tables: Vec<&Table> = [Role::Record, Role::Joined]
        .into_iter()
        .flat_map(|role| profile.tables.iter().filter(move |t| t.role == role))
        .collect();
    if pack.record.sql.is_some() || tables.is_empty() {
        return;
    }
    out.head("record.columns");
    let declared = |name: &str| pack.record.columns.iter().find(|c| c.name == name);
    let several = tables.len() > 1;
    let mut used = Vec::new();
    for table in tables {
        let whence = |name: &str| {
            let said = declared(name).and_then(|c| c.table.as_deref());
            (several && said != Some(table.name.as_str())).then(|| format!("table = {}", quoted(&table.name)))
        };
        columns(profile, table, &declared, &whence, &mut used, out);
    }
}

fn events(profile: &Profile, table: &Table, out: &mut Lines) {
    let pack = &profile.pack;
    let header = format!("tables.{}", table.name);
    out.head(&header);
    let Some(known) = pack.tables.get(&table.name) else {
        new_events(profile, table, &header, out);
        return;
    };
    key_line(table, &known.key, out);
    file(table, &header, out);
    let declared = |name: &str| known.columns.iter().find(|c| c.name == name);
    out.head(&format!("{header}.columns"));
    columns(profile, table, &declared, &|_| None, &mut Vec::new(), out);
    for name in &table.lacking {
        if !table.matches.iter().any(|m| m.name == *name) {
            let ty = declared(name).map_or(Type::Text, |c| c.ty);
            out.ask(&format!("`{name}` (a {ty}) is needed, and no header says so"));
            out.line(&format!("# {name} = {{ from = [\"…\"] }}"));
        }
    }
}

/// A table the pack has no rule for yet.
fn new_events(profile: &Profile, table: &Table, header: &str, out: &mut Lines) {
    let key = &profile.pack.record.key;
    out.line(&format!("key = {}", quoted(key)));
    key_line(table, key, out);
    let key_column = table.key.as_ref().map(|k| k.column);
    let complete = |c: &Column| c.missing * 10 < c.rows;
    let time = table.columns.iter().position(|c| c.ty == Type::Date && complete(c));
    let mut names: Vec<(usize, String)> = Vec::new();
    for (i, column) in table.columns.iter().enumerate().filter(|(i, _)| Some(*i) != key_column) {
        let name = fresh(&words::name(&column.header), |n| n == key || names.iter().any(|(_, known)| known == n));
        names.push((i, name));
    }
    let name_of = |i: usize| names.iter().find(|(at, _)| *at == i).map(|(_, n)| n.clone()).unwrap_or_default();
    match time {
        Some(time) => out.line(&format!("time = {}", quoted(&name_of(time)))),
        None => out.ask("no column is a complete date: without `time`, nothing can be said of before and after"),
    }
    out.line("optional = true");
    file(table, header, out);
    let common = common(table);
    out.head(&format!("{header}.columns"));
    for (i, column) in table.columns.iter().enumerate() {
        if Some(i) == key_column || !column.has_name(&table.columns) {
            continue;
        }
        let mut parts = vec![format!("type = {}", quoted(column.ty.word()))];
        if column.header != name_of(i) {
            parts.push(format!("from = {}", list([column.header.as_str()])));
        }
        parts.extend(own_format(column, column.ty, &common, None));
        if Some(i) != time {
            parts.push("optional = true".to_owned());
        }
        out.line(&format!("{} = {{ {} }}", name_of(i), parts.join(", ")));
    }
    out.line("");
    out.line(&format!("# `{}` has no rule about `{}` yet. For instance:", profile.pack.identity.name, table.name));
    out.line("# [rollups]");
    out.line(&format!("# {}_count = 'count({})'", table.name, table.name));
    if let Some(time) = time {
        out.line(&format!("# {}_last = 'max({}.{})'", table.name, table.name, name_of(time)));
    }
}

fn fresh(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut candidate = name.to_owned();
    let mut n = 2;
    while taken(&candidate) {
        candidate = format!("{name}_{n}");
        n += 1;
    }
    candidate
}

/// The columns of a table that the pack knows, then the others, ready to be taken in. One line each.
fn columns<'a>(
    profile: &Profile,
    table: &Table,
    declared: &dyn Fn(&str) -> Option<&'a pack::Column>,
    whence: &dyn Fn(&str) -> Option<String>,
    used: &mut Vec<String>,
    out: &mut Lines,
) {
    let common = common(table);
    let mut named = Vec::new();
    for Match { column: at, name, ty, how, fits } in &table.matches {
        let Some(column) = table.columns.get(*at) else { continue };
        let mut parts = own_format(column, *ty, &common, declared(name));
        parts.extend(whence(name));
        let header = clean(&column.header);
        if *how != How::Named {
            parts.insert(0, format!("from = {}", list([column.header.as_str()])));
        }
        let line = format!("{name} = {{ {} }}", parts.join(", "));
        match how {
            How::Named => {
                named.push(name.as_str());
                if !*fits {
                    out.ask(&format!("`{name}` should be a {ty}, but `{header}` holds {}", what(column)));
                }
                if !parts.is_empty() {
                    out.line(&line);
                }
            }
            How::Sure => out.line(&line),
            How::Perhaps(_) => {
                out.ask(&format!("is `{header}` what the pack calls `{name}`? It holds {}", what(column)));
                out.line(&format!("# {line}"));
            }
        }
    }
    if !named.is_empty() {
        let found = format!("found in `{}` by their headers: {}", clean(&table.given), named.join(", "));
        wrap(&found, COMMENT).iter().for_each(|line| out.line(&format!("# {line}")));
    }
    unknown(profile, table, &common, whence, used, out);
}

/// Columns the pack does not know.
fn unknown(
    profile: &Profile,
    table: &Table,
    common: &ValueFormat,
    whence: &dyn Fn(&str) -> Option<String>,
    used: &mut Vec<String>,
    out: &mut Lines,
) {
    let pack = &profile.pack;
    let key = table.key.as_ref().map(|k| k.column);
    let rest: Vec<&Column> = table
        .columns
        .iter()
        .enumerate()
        .filter(|(i, c)| {
            let known = table.matches.iter().any(|m| m.column == *i && !matches!(m.how, How::Perhaps(_)));
            Some(*i) != key && !known && c.has_name(&table.columns)
        })
        .map(|(_, c)| c)
        .collect();
    if rest.is_empty() {
        return;
    }
    let these = if rest.len() == 1 { "this column".to_owned() } else { format!("these {} columns", rest.len()) };
    let whose = format!("`{}` does not know {these} of `{}`;", pack.identity.name, clean(&table.given));
    out.line(&format!("# {whose} take the `# ` off what rules are to use"));
    let in_record = table.role != Role::Events;
    for column in rest.iter().take(out.listed) {
        let plain = words::name(&column.header);
        let taken = |name: &str| {
            let events = pack.tables.get(&table.name).filter(|_| !in_record);
            used.iter().any(|u| u == name)
                || (in_record && (pack.names.find(name).is_some() || name == pack.record.key))
                || events.is_some_and(|t| t.key == name || t.columns.iter().any(|c| c.name == name))
        };
        // The same header in two tables is two columns: each is called after its table.
        let shared = in_record
            && profile.tables.iter().any(|t| {
                t.given != table.given
                    && t.role != Role::Events
                    && t.columns.iter().any(|c| words::name(&c.header) == plain)
            });
        let name = if taken(&plain) || shared { format!("{}_{plain}", table.name) } else { plain };
        let name = fresh(&name, taken);
        let mut parts = vec![format!("type = {}", quoted(column.ty.word()))];
        if column.header != name {
            parts.push(format!("from = {}", list([column.header.as_str()])));
        }
        parts.extend(own_format(column, column.ty, common, None));
        parts.extend(whence(&name));
        parts.push("optional = true".to_owned());
        out.line(&format!("# {name} = {{ {} }}", parts.join(", ")));
        used.push(name);
    }
    if rest.len() > out.listed {
        out.line(&format!("# and {} more; `--format toml` writes them all", rest.len() - out.listed));
    }
}
