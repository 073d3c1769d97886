//! How a text file is written: encoding, what stands between the fields, quotes, lines above the header.
//!
//! What the pack declares is taken as it is. The rest is found by what makes the most rows have the same number of fields.

use std::collections::HashMap;

use csv::ByteRecord;
use encoding_rs::{Encoding, UTF_8};

use super::error::DataError;
use super::finding::{Finding, toml_text};
use super::headers::Known;
use super::sample::rows;
use super::table::TableSpec;
use crate::pack::Delimiter;

/// How a text file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Its encoding.
    pub encoding: &'static Encoding,
    /// Between the fields.
    pub delimiter: Delimiter,
    /// Around fields that hold a delimiter.
    pub quote: Option<u8>,
    /// Lines above the header, or above the first row if there is none.
    pub skip: usize,
    /// Whether there is a header line.
    pub has_header: bool,
    /// Whether the header line has as many names as rows have fields.
    pub even: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            encoding: UTF_8,
            delimiter: Delimiter::Byte(b','),
            quote: Some(b'"'),
            skip: 0,
            has_header: true,
            even: true,
        }
    }
}

impl Dialect {
    /// Between the fields, if the fast scan can read the file.
    pub(crate) fn fast(&self) -> Option<u8> {
        match self.delimiter {
            Delimiter::Byte(byte)
                if self.encoding == UTF_8 && self.quote == Some(b'"') && self.skip == 0 && self.even =>
            {
                Some(byte)
            }
            _ => None,
        }
    }
}

/// What is known of a text file after a look at it.
#[derive(Debug)]
pub(crate) struct Look {
    /// How it is written.
    pub dialect: Dialect,
    /// The names of its columns.
    pub header: Vec<String>,
    /// The first line as it stands, if it looks like a row and not like a header.
    pub first_row: Option<String>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Rows that are compared.
const ROWS: usize = 2_000;
/// Title lines above a header at most.
const TITLES: usize = 40;

/// Looks at the start of a file. `tabs`: its name says that it is separated by tabs.
pub(crate) fn look(
    spec: &TableSpec,
    shown: &str,
    text: &str,
    encoding: &'static Encoding,
    tabs: bool,
) -> Result<Look, DataError> {
    let declared = &spec.file;
    let names = spec.known();
    let mut findings = Vec::new();
    if declared.encoding.is_none() && encoding != UTF_8 {
        let name = encoding.name().to_lowercase();
        findings.push(Finding { said: format!("the encoding is {name}"), toml: format!("encoding = \"{name}\"") });
    }
    let mut dialect = Dialect { encoding, has_header: declared.headers.is_empty(), ..Dialect::default() };
    let mut skip = declared.skip.unwrap_or(0);
    let mut body = after_lines(text, skip);
    if body.is_none() && skip > 0 {
        return Err(DataError::input(format!("`{shown}` has no line behind the {skip} that are skipped"))
            .help(format!("correct `skip` in `[{}.file]`", spec.section)));
    }
    // Excel's own hint to itself, above the header.
    let mut hinted = None;
    if let (None, Some(line)) = (declared.skip, body.and_then(|b| b.lines().next())) {
        let hint = line.trim_end().trim_matches('"').strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="));
        if let Some([byte]) = hint.map(|h| h.trim_matches('"').as_bytes())
            && (byte.is_ascii_punctuation() || matches!(byte, b'\t' | b' '))
        {
            hinted = Some(*byte);
            skip = 1;
            body = after_lines(text, 1);
        }
    }
    let body = body.unwrap_or_default();
    let shape = shape(spec, &names, body, hinted);
    (dialect.delimiter, dialect.quote) = (shape.delimiter, shape.quote);
    if declared.delimiter.is_none() {
        let found = match shape.delimiter {
            Delimiter::Byte(b',') => None,
            Delimiter::Byte(b'\t') if tabs => None,
            Delimiter::Byte(b'\t') => Some(("tab".to_owned(), "tab".to_owned())),
            Delimiter::Byte(byte) => Some((format!("`{}`", char::from(byte)), char::from(byte).to_string())),
            Delimiter::Blanks => Some(("runs of blanks".to_owned(), "blanks".to_owned())),
        };
        if let Some((said, value)) = found {
            let said = format!("between the fields stands {said}");
            findings.push(Finding { said, toml: format!("delimiter = {}", toml_text(&value)) });
        }
    }
    if declared.quote.is_none() && shape.delimiter != Delimiter::Blanks {
        match shape.quote {
            Some(b'"') => {}
            Some(quote) => {
                let quote = char::from(quote);
                let said = format!("fields are quoted with `{quote}`");
                findings.push(Finding { said, toml: format!("quote = {}", toml_text(&quote.to_string())) });
            }
            None => {
                let said = "quotes are ordinary signs".to_owned();
                findings.push(Finding { said, toml: "quote = \"none\"".to_owned() });
            }
        }
    }
    let mut found = rows(body, dialect.delimiter, dialect.quote, ROWS);
    if declared.skip.is_none() && dialect.has_header {
        let titles = titles(&names, body, &found, &shape);
        if titles > 0 {
            skip += titles;
            found = rows(after_lines(body, titles).unwrap_or_default(), dialect.delimiter, dialect.quote, ROWS);
        }
        if skip > 0 {
            let what = if skip == 1 { "a line stands".to_owned() } else { format!("{skip} lines stand") };
            findings.push(Finding { said: format!("{what} above the header"), toml: format!("skip = {skip}") });
        }
    }
    dialect.skip = skip;
    let Some((first, rest)) = found.split_first() else {
        if dialect.has_header {
            return Err(DataError::input(format!("`{shown}` is empty: not even a header")));
        }
        let header = declared.headers.clone();
        return Ok(Look { dialect, header, first_row: None, findings });
    };
    let first: Vec<String> = first.1.iter().map(|f| String::from_utf8_lossy(f).into_owned()).collect();
    let steady = mode(rest.iter().map(|(_, r)| r.len())).map_or(first.len(), |(m, _)| m);
    if !dialect.has_header {
        let header = declared.headers.clone();
        headers_fit(spec, shown, &first, steady)?;
        if first.iter().filter(|cell| names.has(cell) || header.contains(cell)).count() * 2 > first.len() {
            findings.push(Finding {
                said: "the first line looks like a header and is read as a row".to_owned(),
                toml: format!("skip = {}", skip + 1),
            });
        }
        return Ok(Look { dialect, header, first_row: None, findings });
    }
    let mut header = first;
    let no_header = is_row(&names, &header, rest);
    let first_row = no_header.then(|| first_line(body, skip.saturating_sub(declared.skip.unwrap_or(0))).to_owned());
    // A delimiter at the end of every row but not of the header: the last field has no name and no value. Or the other way
    // round.
    if steady == header.len() + 1
        && rest
            .iter()
            .filter(|(_, r)| r.len() == steady)
            .all(|(_, r)| r.iter().next_back().is_some_and(<[u8]>::is_empty))
    {
        header.push(String::new());
        dialect.even = false;
    } else if steady + 1 == header.len() && header.last().is_some_and(String::is_empty) && steady > 1 {
        header.pop();
        dialect.even = false;
    }
    Ok(Look { dialect, header, first_row, findings })
}

/// The text behind so many lines; nothing if it has not so many.
fn after_lines(text: &str, lines: usize) -> Option<&str> {
    let mut reader = std::io::BufReader::new(std::io::Cursor::new(text));
    let skipped = super::decode::skip_lines(&mut reader, lines).ok()?;
    let left = {
        let unread = reader.buffer().len();
        let position = usize::try_from(reader.get_ref().position()).ok()?;
        position.checked_sub(unread)?
    };
    if skipped < lines { None } else { text.get(left..).filter(|t| lines == 0 || !t.is_empty()) }
}

fn first_line(body: &str, skip: usize) -> &str {
    let line = after_lines(body, skip).unwrap_or(body).lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    let end = line.char_indices().nth(200).map_or(line.len(), |(i, _)| i);
    line.get(..end).unwrap_or(line)
}

/// The most frequent value and how often it occurs; of two the larger one.
fn mode(counts: impl Iterator<Item = usize>) -> Option<(usize, usize)> {
    let mut seen: HashMap<usize, usize> = HashMap::new();
    for count in counts {
        *seen.entry(count).or_default() += 1;
    }
    seen.into_iter().max_by_key(|(value, times)| (*times, *value))
}

/// What stands between fields and around them, and the number of fields most rows then have.
#[derive(Debug, Clone, Copy)]
struct Shape {
    delimiter: Delimiter,
    quote: Option<u8>,
    fields: usize,
}

fn shape(spec: &TableSpec, names: &Known, body: &str, hinted: Option<u8>) -> Shape {
    const SIGNS: [u8; 6] = [b',', b';', b'\t', b'|', b'^', b'~'];
    let declared = &spec.file;
    let text = window(body);
    let delimiters: Vec<Delimiter> = match (declared.delimiter, hinted) {
        (Some(one), _) => vec![one],
        (None, Some(byte)) => vec![Delimiter::Byte(byte)],
        (None, None) => SIGNS.into_iter().map(Delimiter::Byte).chain([Delimiter::Blanks]).collect(),
    };
    let mut best: Option<(Score, Shape)> = None;
    for delimiter in &delimiters {
        let quotes: Vec<Option<u8>> = match (declared.quote, delimiter) {
            (Some(quote), Delimiter::Byte(byte)) if quote == Some(*byte) => continue,
            (Some(quote), _) => vec![quote],
            (None, Delimiter::Byte(b'"')) => vec![None],
            (None, Delimiter::Blanks) => vec![None],
            (None, Delimiter::Byte(byte)) => quotes(text, *byte),
        };
        for (place, quote) in quotes.into_iter().enumerate() {
            let Some((mut score, shape)) = score(names, text, *delimiter, quote) else { continue };
            if delimiters.len() > 1 && *delimiter == Delimiter::Blanks && !like_a_table(text, shape.fields) {
                continue;
            }
            score.order = -(place as i64);
            if best.as_ref().is_none_or(|(b, _)| score > *b) {
                best = Some((score, shape));
            }
        }
    }
    let plain = Shape { delimiter: Delimiter::Byte(b','), quote: Some(b'"'), fields: 1 };
    let only = match delimiters.as_slice() {
        [one] => Shape { delimiter: *one, quote: declared.quote.unwrap_or(Some(b'"')), fields: 1 },
        _ => Shape { quote: declared.quote.unwrap_or(plain.quote), ..plain },
    };
    best.map_or(only, |(_, shape)| shape)
}

/// Compared from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    /// Names the pack wants in a row near the start, if at least half of the rows have the usual number of fields.
    known: usize,
    /// Rows with the usual number of fields, in twentieths of all.
    steady: usize,
    /// The first row has as many: signs that only stand inside values do not stand in headers.
    header: bool,
    /// Earlier candidates of quotes first.
    order: i64,
    /// More fields are less likely to be chance.
    fields: usize,
}

/// `None` if this does not take rows apart at all.
fn score(names: &Known, text: &str, delimiter: Delimiter, quote: Option<u8>) -> Option<(Score, Shape)> {
    let list = rows(text, delimiter, quote, ROWS);
    let first = list.first()?.1.len();
    let counts = list.iter().map(|(_, r)| r.len());
    let (mut fields, mut times) = mode(counts.clone())?;
    // In a file of two lines the header decides.
    let like_first = counts.clone().filter(|c| *c == first).count();
    if like_first == times && first > 1 {
        (fields, times) = (first, like_first);
    }
    if fields < 2 {
        return None;
    }
    // Title lines above the header are none of its rows.
    let titles = counts.clone().take(TITLES).take_while(|c| *c < fields).count();
    let rows_of_table = if list.len() > titles + 1 { list.len() - titles } else { list.len() };
    let known = list
        .iter()
        .take(TITLES)
        .map(|(_, r)| r.iter().filter(|f| std::str::from_utf8(f).is_ok_and(|f| names.has(f))).count())
        .max()
        .unwrap_or(0);
    // A few titles are forgiven, many short lines are not titles.
    let steady = times * 20 / if titles * 2 <= list.len() { rows_of_table.max(times) } else { list.len() };
    let known = if steady >= 10 { known } else { 0 };
    let score = Score { known, steady: steady.min(20), header: first == fields, order: 0, fields };
    Some((score, Shape { delimiter, quote, fields }))
}

/// So much is enough to tell.
fn window(body: &str) -> &str {
    const ENOUGH: usize = 1 << 18;
    if body.len() <= ENOUGH {
        return body;
    }
    let mut end = ENOUGH;
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    let part = body.get(..end).unwrap_or(body);
    part.rfind('\n').and_then(|n| part.get(..=n)).unwrap_or(part)
}

/// Quotes worth trying: `"`; `'` if many fields start and end with it; none if `"` stands at the start of fields that
/// do not end with it.
fn quotes(text: &str, delimiter: u8) -> Vec<Option<u8>> {
    let mut list = vec![Some(b'"')];
    let (mut fields, mut single, mut double, mut open, mut close) = (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    for line in text.lines().take(ROWS) {
        for field in line.as_bytes().split(|b| *b == delimiter).map(<[u8]>::trim_ascii) {
            fields += 1;
            let wrapped = |quote: u8| field.len() > 1 && field.first() == Some(&quote) && field.last() == Some(&quote);
            single += usize::from(wrapped(b'\''));
            double += usize::from(wrapped(b'"'));
            open += usize::from(field.first() == Some(&b'"') && !wrapped(b'"'));
            close += usize::from(field.last() == Some(&b'"') && !wrapped(b'"'));
        }
    }
    if single > double && single * 10 >= fields {
        list.insert(0, Some(b'\''));
    }
    // What opens a field with delimiters or line ends in it closes it, too; inches do not.
    if open > 2 * close && open > double {
        list.insert(0, None);
    } else if open > 0 {
        list.push(None);
    }
    list
}

/// Fields between blanks are a table only if the header has as many and there are numbers in the same places: names and
/// sentences have blanks, too.
fn like_a_table(text: &str, fields: usize) -> bool {
    let list = rows(text, Delimiter::Blanks, None, ROWS);
    let alike = list.iter().filter(|(_, r)| r.len() == fields).count();
    if alike * 4 < list.len() * 3 || list.first().is_none_or(|(_, r)| r.len() != fields) {
        return false;
    }
    let body: Vec<&ByteRecord> = list.iter().skip(1).map(|(_, r)| r).collect();
    (0..fields).any(|i| {
        let numbers = body.iter().filter(|r| r.get(i).is_some_and(|f| is_data(&String::from_utf8_lossy(f)))).count();
        numbers > 0 && numbers * 10 >= body.len() * 9
    })
}

/// Lines above the header: as many as come before the first that has as many fields as most.
fn titles(names: &Known, body: &str, found: &[(u64, ByteRecord)], shape: &Shape) -> usize {
    let Some((_, first)) = found.first() else { return 0 };
    let known =
        |record: &ByteRecord| record.iter().filter(|f| std::str::from_utf8(f).is_ok_and(|f| names.has(f))).count();
    if shape.fields < 2 {
        return 0;
    }
    if first.len() >= shape.fields {
        return padded_titles(&known, body, found);
    }
    let mut rest = body;
    for lines in 0..TITLES {
        let line = rest.lines().next().unwrap_or_default();
        let fields = rows(line, shape.delimiter, shape.quote, 1).pop().map(|(_, r)| r);
        if let Some(record) = fields.filter(|r| r.len() == shape.fields) {
            // The first line may be a header that is too short for its rows; then it knows better.
            let rows_below = found.iter().filter(|(_, r)| r.len() == shape.fields).count();
            let better = known(&record) >= known(first) && (known(first) == 0 || known(&record) > known(first));
            return if better && rows_below > 0 { lines } else { 0 };
        }
        match after_lines(rest, 1) {
            Some(behind) => rest = behind,
            None => return 0,
        }
    }
    0
}

/// The same where every title has as many fields as the rows, most of them empty, as a spreadsheet saves them: the header is the
/// line with names the pack wants.
fn padded_titles(known: &impl Fn(&ByteRecord) -> usize, body: &str, found: &[(u64, ByteRecord)]) -> usize {
    let title = |r: &ByteRecord| known(r) == 0 && r.iter().filter(|f| !f.is_empty()).count() * 2 <= r.len();
    let titles = found.iter().take(TITLES).take_while(|(_, r)| title(r)).count();
    match found.get(titles) {
        Some((place, header)) if titles > 0 && known(header) > 0 => {
            let above = usize::try_from(*place).ok().and_then(|p| body.get(..p)).unwrap_or_default();
            let behind = body.get(above.len()..).unwrap_or_default();
            let blank = behind.bytes().take_while(|b| matches!(b, b'\n' | b'\r'));
            above.bytes().chain(blank).filter(|b| *b == b'\n').count()
        }
        _ => 0,
    }
}

/// Whether a first line is a row: none of its cells is a name the pack wants, and some hold numbers or dates where the rows
/// below do.
fn is_row(names: &Known, first: &[String], rest: &[(u64, ByteRecord)]) -> bool {
    if first.iter().any(|cell| names.has(cell)) || rest.is_empty() {
        return false;
    }
    first.iter().enumerate().any(|(i, cell)| {
        let below: Vec<_> = rest.iter().filter_map(|(_, r)| r.get(i)).filter(|f| !f.is_empty()).collect();
        let data = below.iter().filter(|f| is_data(&String::from_utf8_lossy(f))).count();
        is_data(cell) && !below.is_empty() && data * 10 >= below.len() * 8
    })
}

/// A number, an amount or a date, however written; not a name.
pub(crate) fn is_data(cell: &str) -> bool {
    let cell = cell.trim();
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    digits > 0 && letters <= 3 && letters <= digits && cell.chars().next().is_some_and(|c| !c.is_alphabetic())
}

/// Declared names must be as many as the rows have fields.
fn headers_fit(spec: &TableSpec, shown: &str, first: &[String], steady: usize) -> Result<(), DataError> {
    let named = spec.file.headers.len();
    if named == steady || named == first.len() {
        return Ok(());
    }
    Err(DataError::input(format!("the rows of `{shown}` have {steady} fields, but `headers` names {named} columns"))
        .help(format!("the first row is `{}`", first.join("` `")))
        .help(format!("correct `headers`, or `delimiter`, in `[{}.file]`", spec.section)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::data::table::Wanted;
    use crate::pack::ValueFormat;

    fn spec(names: &[&str]) -> TableSpec {
        TableSpec {
            table: "t".into(),
            section: "tables.t".into(),
            columns: names
                .iter()
                .map(|n| Wanted {
                    name: (*n).into(),
                    want: super::super::table::Want::KeyText,
                    from: Vec::new(),
                    written: ValueFormat::default(),
                    optional: false,
                    required: true,
                    values: Vec::new(),
                    keys: crate::pack::KeyRules::default(),
                })
                .collect(),
            ..TableSpec::default()
        }
    }

    fn see(text: &str) -> Look {
        look(&spec(&["id", "name"]), "x", text, UTF_8, false).unwrap()
    }

    fn delimiter(text: &str) -> Delimiter {
        see(text).dialect.delimiter
    }

    #[test]
    fn delimiters() {
        for sign in [',', ';', '\t', '|', '^', '~'] {
            let text = format!("id{sign}name{sign}x\n1{sign}a, b{sign}2,5\n2{sign}c{sign}3,5\n");
            if sign != ',' {
                assert_eq!(delimiter(&text), Delimiter::Byte(sign as u8), "{sign}");
            }
        }
        // A header alone would say `,`; the rows say `;`.
        assert_eq!(delimiter("id,a,b;c\n1;2\n3;4\n5;6\n"), Delimiter::Byte(b';'));
        // Decimal commas are steady, too.
        assert_eq!(delimiter("id;a;b\n1,5;2,5;3,5\n1,6;2,6;3,6\n"), Delimiter::Byte(b';'));
        assert_eq!(delimiter("id\n1\n2\n"), Delimiter::Byte(b','));
        assert_eq!(delimiter("id,name\n"), Delimiter::Byte(b','));
        assert_eq!(delimiter("id name x\n1  a 5\n 2 b   6\n"), Delimiter::Blanks);
        assert_eq!(delimiter("name\nHans Meier\nAnna Berg\n"), Delimiter::Byte(b','), "names have blanks");
        assert_eq!(delimiter("sep=;\nid;a\n1;2\n"), Delimiter::Byte(b';'));
        // Signs inside values, and a few rows with too many fields.
        let rows: String = (0..100).map(|i| format!("{i},a|b|c{}\n", if i % 20 == 0 { ",x" } else { "" })).collect();
        assert_eq!(delimiter(&format!("id,name\n{rows}")), Delimiter::Byte(b','));
        let rows: String = (0..100).map(|i| format!("{i},a;b;c;d\n")).collect();
        let undeclared = look(&TableSpec::default(), "x", &format!("key,tags\n{rows}"), UTF_8, false).unwrap();
        assert_eq!(undeclared.dialect.delimiter, Delimiter::Byte(b','));
        // Quoted delimiters do not count.
        assert_eq!(delimiter("id,name\n1,\"a;b;c\"\n2,\"d;e;f\"\n"), Delimiter::Byte(b','));
    }

    #[test]
    fn quote_signs() {
        assert_eq!(see("id,name\n'1','a, b'\n'2','c'\n").dialect.quote, Some(b'\''));
        assert_eq!(see("id,name\n1,\"a, b\"\n2,it's\n").dialect.quote, Some(b'"'));
        let inches: String = (0..50).map(|i| format!("{i};\"5 screen;x\n")).collect();
        assert_eq!(see(&format!("id;name;c\n{inches}")).dialect.quote, None);
    }

    #[test]
    fn titles_above_the_header() {
        let look = see("Customers as of 30 June\nby hand, with care\n\nid;name;x\n1;a;2\n3;b;4\n");
        assert_eq!((look.dialect.skip, look.header.as_slice()), (3, ["id", "name", "x"].map(String::from).as_slice()));
        assert_eq!(look.findings.last().unwrap().toml, "skip = 3");
        // A header shorter than its rows is no title.
        let look = see("id;name\n1;a;\n2;b;\n3;c;\n");
        assert_eq!((look.dialect.skip, look.header.len(), look.dialect.even), (0, 3, false));
        let look = see("id;name;\n1;a\n2;b\n");
        assert_eq!((look.header.len(), look.dialect.even), (2, false));
        assert_eq!(see("sep=;\nid;name\n1;a\n").dialect.skip, 1);
        assert_eq!(see("\n\nid;name\n1;a\n").dialect.skip, 0, "empty lines are skipped anyway");
    }

    #[test]
    fn first_lines_that_are_rows() {
        assert_eq!(
            see("00001 19970101 1 11.77\n00002 19970112 1 12.00\n").first_row.unwrap(),
            "00001 19970101 1 11.77"
        );
        assert!(see("id;2023;2024\n1;5;6\n2;7;8\n").first_row.is_none(), "years can be names");
        assert!(see("a;b\nx;y\n").first_row.is_none());
        assert!(see("Kunde;Umsatz 2023\nx;1\n").first_row.is_none());
        let error = super::super::finding::no_header(&spec(&["id", "name"]), "x", 2, "1;2");
        assert!(error.help[1].contains("headers = [\"id\", \"name\"]` in `[tables.t.file]"), "{error:?}");
    }

    #[test]
    fn declared_wins() {
        let mut spec = spec(&["id"]);
        spec.file.delimiter = Some(Delimiter::Byte(b','));
        spec.file.skip = Some(1);
        let look = look(&spec, "x", "id;name\nid;b,c\n1;2,3\n", UTF_8, false).unwrap();
        assert_eq!((look.dialect.delimiter, look.dialect.skip), (Delimiter::Byte(b','), 1));
        assert_eq!(look.header, ["id;b", "c"]);
        assert!(look.findings.is_empty());
        spec.file.skip = Some(9);
        assert!(super::look(&spec, "x", "id\n", UTF_8, false).unwrap_err().message.contains("no line behind the 9"));
        spec.file.skip = None;
        spec.file.headers = vec!["id".into()];
        let error = super::look(&spec, "x", "1,2,3\n4,5,6\n", UTF_8, false).unwrap_err();
        assert!(error.message.contains("have 3 fields, but `headers` names 1 columns"), "{error}");
    }
}
