//! What was written: TOML as a tree in which every key and value knows its place.
//!
//! Keys keep the order of the file. Headers, dotted keys and inline tables give the same tree.

use indexmap::IndexMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::escapes;
use super::slips::Slip;
use crate::diag::{Diagnostic, FileId, Span, code};
use crate::expr::{Anchor, Date};

/// A value and where it is written. The span of a table with a header is that of the header.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where.
    pub span: Span,
    /// What.
    pub value: Raw,
}

/// A TOML value.
#[derive(Debug, Clone)]
pub enum Raw {
    /// A text.
    Text(Text),
    /// An integer or a float; may be infinite or not a number.
    Number(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A day.
    Date(Date),
    /// A value that packs have no use for (a time of day, …), in words.
    Other(&'static str),
    /// A list, also one of `[[headers]]`.
    List(Vec<Node>),
    /// A table.
    Table(Table),
}

impl Raw {
    /// What it is, in words: `a text`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Raw::Text(_) => "a text",
            Raw::Number(x) if x.is_finite() => "a number",
            Raw::Number(_) => "not a finite number",
            Raw::Bool(_) => "a bool",
            Raw::Date(_) => "a date",
            Raw::Other(words) => words,
            Raw::List(_) => "a list",
            Raw::Table(_) => "a table",
        }
    }
}

/// A text and where its characters stand.
#[derive(Debug, Clone)]
pub struct Text {
    /// As decoded.
    pub text: String,
    /// Where.
    pub anchor: Anchor,
}

impl Text {
    /// Between the quotes; with them where nobody knows where its characters stand.
    #[must_use]
    pub fn span(&self) -> Span {
        self.anchor.span(0, self.text.len())
    }
}

/// Keys and values in the order they were written.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// By key.
    pub entries: IndexMap<String, Entry>,
}

/// A key's place, and its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where the key is written.
    pub key: Span,
    /// Its value.
    pub node: Node,
}

impl Table {
    /// The entry of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// The text under a key, if it is one.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&Text> {
        match &self.get(key)?.node.value {
            Raw::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// What parsing one file gave.
#[derive(Debug)]
pub struct Parsed {
    /// All that could be read.
    pub table: Table,
    /// Whether something could not: what is missing from the table then is no finding.
    pub broken: bool,
}

/// Parses a TOML text. Every syntax error becomes a diagnostic, the first of each line.
pub fn parse(file: FileId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Parsed {
    let (document, errors) = DeTable::parse_recoverable(text);
    let reader = Reader { file, text };
    let table = reader.table(document.get_ref());
    let mut broken = false;
    let mut last_line = None;
    for error in errors {
        let range = error.span().unwrap_or(0..0);
        let span = Span::new(file, range.start.min(text.len()), range.end.min(text.len()));
        if error.message() == DUPLICATE_KEY {
            let (diagnostic, complete) = reader.duplicate(span, &table);
            diagnostics.push(diagnostic);
            broken |= !complete;
            continue;
        }
        broken = true;
        // One slip often gives several errors; those that follow on its line say nothing new.
        let line = text.get(..range.start).map(|before| before.matches('\n').count());
        if line.is_none() || last_line != line {
            let (start, end) = (span.start as usize, span.end as usize);
            diagnostics.push(Slip { file, text, start, end, message: error.message() }.explain());
        }
        last_line = line;
    }
    Parsed { table, broken }
}

/// The parser's message for a key that is there twice (its errors have no code). Were it to change, such
/// keys would still be errors, only without the first place.
const DUPLICATE_KEY: &str = "duplicate key";

/// Turns the parser's tree into ours.
struct Reader<'a> {
    file: FileId,
    text: &'a str,
}

impl Reader<'_> {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    fn table(&self, table: &DeTable<'_>) -> Table {
        // The parser's map may be sorted by name; the place of the key is the order it was written in.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let entries = entries.into_iter().map(|(key, value)| {
            (key.get_ref().to_string(), Entry { key: self.span(key.span()), node: self.node(value) })
        });
        Table { entries: entries.collect() }
    }

    fn node(&self, value: &Spanned<DeValue<'_>>) -> Node {
        let span = self.span(value.span());
        let value = match value.get_ref() {
            DeValue::String(text) => Raw::Text(Text { text: text.to_string(), anchor: self.anchor(span, text) }),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map(|n| Raw::Number(n as f64))
                .unwrap_or(Raw::Other("a number that is too large")),
            DeValue::Float(number) => number.as_str().parse().map_or(Raw::Other("an odd number"), Raw::Number),
            DeValue::Boolean(b) => Raw::Bool(*b),
            DeValue::Datetime(value) => match (value.date, value.time) {
                (Some(date), None) => Date::from_ymd(i32::from(date.year), u32::from(date.month), u32::from(date.day))
                    .map_or(Raw::Other("a date outside the years 1 to 9999"), Raw::Date),
                (Some(_), Some(_)) => Raw::Other("a date with a time"),
                _ => Raw::Other("a time of day"),
            },
            DeValue::Array(list) => Raw::List(list.iter().map(|item| self.node(item)).collect()),
            DeValue::Table(table) => Raw::Table(self.table(table)),
        };
        Node { span, value }
    }

    /// Where a text's characters stand.
    fn anchor(&self, whole: Span, decoded: &str) -> Anchor {
        let raw = self.text.get(whole.start as usize..whole.end as usize).unwrap_or("");
        let quotes = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
        if raw.len() < 2 * quotes {
            // The parser stood in for a value that is not there, or not there in full.
            return Anchor::somewhere(whole);
        }
        let inner = raw.get(quotes..raw.len().saturating_sub(quotes)).unwrap_or("");
        // TOML drops a line break right after the opening quotes of a text over several lines.
        let trimmed = if quotes == 3 {
            inner.strip_prefix("\r\n").or_else(|| inner.strip_prefix('\n')).unwrap_or(inner)
        } else {
            inner
        };
        let offset = quotes + inner.len() - trimmed.len();
        let first = whole.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        if trimmed == decoded {
            return Anchor::plain(self.file, first, whole);
        }
        let escapes = escapes::pieces(trimmed, first, decoded, raw.starts_with('"'));
        Anchor { escapes, ..Anchor::somewhere(whole) }
    }

    /// A key that is there twice, and the place of the first, as far as it can be found; false if the first is not in the tree.
    fn duplicate(&self, span: Span, table: &Table) -> (Diagnostic, bool) {
        let written = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let name = written.trim_matches(['"', '\'']);
        let diagnostic = Diagnostic::error(code::TOML, span, format!("`{name}` is given twice")).label("again here");
        let first = self.first_header(span).or_else(|| {
            let mut found = None;
            self.first_key(table, name, span, &mut found);
            found
        });
        match first.or_else(|| self.first_line(name, span)) {
            Some(place) => (diagnostic.related(place, "first given here"), first.is_some()),
            None => (diagnostic, false),
        }
    }

    /// The last line before that gives a key of this name a value.
    fn first_line(&self, name: &str, span: Span) -> Option<Span> {
        let mut at = 0;
        let mut found = None;
        for line in self.text.get(..span.start as usize)?.split_inclusive('\n') {
            let key = line.split('=').next().unwrap_or("").trim();
            if line.contains('=') && key.trim_matches(['"', '\'']) == name {
                let indent = line.len() - line.trim_start().len();
                found = Some(self.span(at + indent..at + indent + key.len()));
            }
            at += line.len();
        }
        found
    }

    /// For a header: an earlier line with the same header.
    fn first_header(&self, span: Span) -> Option<Span> {
        let before = self.text.get(..span.start as usize)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let header = header_of(self.text.get(line_start..)?.lines().next()?)?;
        let mut at = 0;
        for line in before.get(..line_start)?.split_inclusive('\n') {
            if header_of(line).is_some_and(|other| same_header(other, header)) {
                let indent = line.len() - line.trim_start().len();
                return Some(self.span(at + indent..at + line.trim_end().len()));
            }
            at += line.len();
        }
        None
    }

    /// The last key of this name before `span`, not within an inline table that ends before it.
    fn first_key(&self, table: &Table, name: &str, span: Span, found: &mut Option<Span>) {
        for (key, entry) in &table.entries {
            if key == name && entry.key.start < span.start && found.is_none_or(|f| f.start < entry.key.start) {
                *found = Some(entry.key);
            }
            self.first_key_below(&entry.node, name, span, found);
        }
    }

    fn first_key_below(&self, node: &Node, name: &str, span: Span, found: &mut Option<Span>) {
        let inline = self.text.get(node.span.start as usize..).is_some_and(|text| text.starts_with(['{', '[']))
            && self.text.get(node.span.start as usize..).is_none_or(|text| header_of(text).is_none());
        if inline && node.span.end <= span.start {
            return;
        }
        match &node.value {
            Raw::Table(table) => self.first_key(table, name, span, found),
            Raw::List(list) => list.iter().for_each(|item| self.first_key_below(item, name, span, found)),
            _ => {}
        }
    }
}

/// The `[…]` or `[[…]]` a line begins with.
fn header_of(line: &str) -> Option<&str> {
    let line = line.lines().next()?.trim();
    let end = line.find(']')?;
    let name = line.get(..end)?.strip_prefix('[')?;
    // `[1, 2]` and `["x", "y"]` within a list are no headers.
    (!name.contains(',')).then_some(name)
}

fn same_header(a: &str, b: &str) -> bool {
    let plain = |name: &str| name.chars().filter(|c| !c.is_whitespace() && !"\"'".contains(*c)).collect::<String>();
    plain(a) == plain(b)
}

/// Lists of named things, which several files of a pack may add to.
const SHARED_LISTS: [&str; 7] = ["suppress", "states", "causes", "grades", "campaigns", "followups", "warnings"];

/// Joins the files of one pack into one table. The same key twice is an error with both places.
pub fn join(files: Vec<Table>, diagnostics: &mut Vec<Diagnostic>) -> Table {
    let mut all = Table::default();
    for file in files {
        join_tables(&mut all, file, "", diagnostics);
    }
    all
}

fn join_tables(into: &mut Table, from: Table, path: &str, diagnostics: &mut Vec<Diagnostic>) {
    for (key, entry) in from.entries {
        let Some(first) = into.entries.get_mut(&key) else {
            into.entries.insert(key, entry);
            continue;
        };
        let full = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (&mut first.node.value, entry.node.value) {
            (Raw::Table(a), Raw::Table(b)) => join_tables(a, b, &full, diagnostics),
            (Raw::List(a), Raw::List(b)) if path.is_empty() && SHARED_LISTS.contains(&key.as_str()) => a.extend(b),
            _ => diagnostics.push(
                Diagnostic::error(code::DUPLICATE_NAME, entry.key, format!("`{full}` is given twice in this pack"))
                    .label("again here")
                    .related(first.key, "first given here"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::diag::Sources;

    fn read(text: &str) -> (Sources, Parsed, Vec<Diagnostic>) {
        let mut sources = Sources::default();
        let file = sources.add("f.toml", text);
        let mut diagnostics = Vec::new();
        let parsed = parse(file, text, &mut diagnostics);
        (sources, parsed, diagnostics)
    }

    /// Asserts that byte by byte the text of `key` stands where its anchor says.
    fn assert_anchored(text: &str, key: &str) {
        let (sources, parsed, diagnostics) = read(text);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let found = parsed.table.text(key).unwrap();
        assert!(found.anchor.start.is_some(), "{text:?}");
        for (at, c) in found.text.char_indices() {
            assert_eq!(sources.text(found.anchor.span(at, at + c.len_utf8())), c.to_string(), "{text:?}");
        }
    }

    #[test]
    fn anchors_map_bytes_one_to_one() {
        for text in [
            "a = 'x + größe'",
            "b = 1\na = \"x ä\"",
            "a = '''x\n y'''",
            "a = '''\nx\n y\n'''",
            "a = '''\r\nx'''",
            "a = \"\"\"\nx\n\"\"\"",
            "a = ''",
            "a = ''''''",
            "a = ''''x''''",
            "\u{feff}a = 'x'",
        ] {
            assert_anchored(text, "a");
        }
    }

    #[test]
    fn a_text_that_is_not_there_has_its_place_in_the_file() {
        for text in ["a =", "a = '", "a = \"", "a = '''", "a = ''''", "a = \"\"\""] {
            let (_, parsed, diagnostics) = read(text);
            assert!(parsed.broken && !diagnostics.is_empty(), "{text}");
            if let Some(found) = parsed.table.text("a") {
                assert!(found.span().end as usize <= text.len(), "{text}: {:?}", found.span());
            }
        }
    }

    #[test]
    fn escapes_are_mapped_to_where_they_are_written() {
        let text = "a = \"x \\\"y\\\" \\u00e4 = ö\\t\\\\z\"";
        let (sources, parsed, _) = read(text);
        let found = parsed.table.text("a").unwrap();
        assert_eq!(found.text, "x \"y\" ä = ö\t\\z");
        let written = |part: &str| {
            let at = found.text.find(part).unwrap();
            sources.text(found.anchor.span(at, at + part.len())).to_owned()
        };
        assert_eq!(written("x"), "x");
        assert_eq!(written("\"y\""), "\\\"y\\\"");
        assert_eq!(written("y"), "y");
        assert_eq!(written("ä"), "\\u00e4");
        assert_eq!(written("= ö"), "= ö");
        assert_eq!(written("\t"), "\\t");
        assert_eq!(written("\\z"), "\\\\z");
        let inner = found.anchor.within(found.text.find("ö").unwrap());
        assert_eq!(sources.text(inner.span(0, 2)), "ö");
        assert_eq!(sources.text(inner.span(4, 5)), "z");
        for (text, part) in [
            ("a = \"\"\"\nx \\\n   + y\r\n + z\"\"\"", "+ y"),
            ("a = \"\"\"\nx \\\n   + y\r\n + z\"\"\"", "+ z"),
            ("a = '''\r\nx\r\n + z'''", "+ z"),
            ("a = \"\"\"\\\n\n + z\"\"\"", "+ z"),
            ("a = \"\\\"\\U0001F600 + z\"", "+ z"),
        ] {
            let (sources, parsed, said) = read(text);
            let found = parsed.table.text("a").unwrap_or_else(|| panic!("{text:?} {said:?}"));
            let at = found.text.find(part).unwrap();
            assert_eq!(sources.text(found.anchor.span(at, at + part.len())), part, "{text:?}");
        }
    }

    #[test]
    fn order_is_that_of_the_file_and_forms_are_equal() {
        let (sources, parsed, _) =
            read("[t]\nz = 1\na.x = 2\na.y = 3\n[t.b]\nx = 4\n[[l]]\n[[l]]\nn = { m = 2025-02-28 }\n");
        let Raw::Table(t) = &parsed.table.get("t").unwrap().node.value else { panic!() };
        assert_eq!(t.entries.keys().collect::<Vec<_>>(), ["z", "a", "b"]);
        assert_eq!(sources.text(t.get("b").unwrap().node.span), "[t.b]");
        let Raw::List(list) = &parsed.table.get("l").unwrap().node.value else { panic!() };
        let Raw::Table(last) = &list[1].value else { panic!() };
        let Raw::Table(n) = &last.get("n").unwrap().node.value else { panic!() };
        assert!(matches!(n.get("m").unwrap().node.value, Raw::Date(d) if d.to_string() == "2025-02-28"));
    }

    #[test]
    fn twice_shows_both_places() {
        for (text, first, second) in [
            ("[a]\nx = 1\nx = 2\n", "2", "3"),
            ("[a]\nx = 1\ny = { x = 1 }\nx = 2\n", "2", "4"),
            ("[a]\nx = 1\n[b]\n[ a ]\ny = 2\n", "1", "4"),
            ("a = { x = 1, x = 2 }\n", "1", "1"),
        ] {
            let (sources, parsed, diagnostics) = read(text);
            assert_eq!(diagnostics.len(), 1, "{text}: {diagnostics:?}");
            assert!(!parsed.broken);
            let places: Vec<String> = [diagnostics[0].primary.as_ref().unwrap(), &diagnostics[0].related[0]]
                .iter()
                .map(|label| sources.place(label.span).line.to_string())
                .collect();
            assert_eq!(places, [second, first], "{text}");
        }
    }

    #[test]
    fn every_faulty_line_is_reported_once() {
        let (sources, parsed, diagnostics) = read("a = today\nb = 1\nc = [1 2]\nd = 'x\ne = 2\n");
        assert!(parsed.broken);
        let lines: Vec<usize> =
            diagnostics.iter().map(|d| sources.place(d.primary.as_ref().unwrap().span).line).collect();
        assert_eq!(lines, [1, 3, 4], "{diagnostics:?}");
    }

    #[test]
    fn files_join_and_the_same_key_in_two_is_an_error() {
        let mut sources = Sources::default();
        let mut diagnostics = Vec::new();
        let mut tables = Vec::new();
        for (name, text) in [
            ("a.toml", "[p.x]\nv = 1\n[[states]]\nname = 'a'\n"),
            ("b.toml", "[p.x]\nv = 2\nw = 3\n[[states]]\nname = 'b'\n"),
        ] {
            let file = sources.add(name, text);
            tables.push(parse(file, text, &mut diagnostics).table);
        }
        let all = join(tables, &mut diagnostics);
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].message, "`p.x.v` is given twice in this pack");
        assert_eq!(diagnostics[0].code, code::DUPLICATE_NAME);
        assert_eq!(sources.place(diagnostics[0].related[0].span).to_string(), "a.toml:2:1");
        assert!(matches!(&all.get("states").unwrap().node.value, Raw::List(list) if list.len() == 2));
    }
}
