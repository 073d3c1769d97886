//! `[….file]` and the same keys of a column: how files and the values in them are written.

use super::Resolver;
use super::read::{Fields, no_such_word, wrong_type};
use crate::diag::{Diagnostic, code};
use crate::expr::Type;
use crate::pack::format;
use crate::pack::raw::{Node, Raw, Text};
use crate::pack::{Delimiter, FileFormat, Percent, Thousands, ValueFormat};

impl Resolver<'_> {
    /// `file` of a table.
    pub(super) fn file(&mut self, fields: &Fields<'_>) -> FileFormat {
        let Some(entry) = fields.get("file") else { return FileFormat::default() };
        let what = format!("`file` of {}", fields.what);
        let Some(fields) = Fields::open(&entry.node, entry.key, what, &format::FILE, &mut self.diagnostics) else {
            return FileFormat::default();
        };
        let file = FileFormat {
            encoding: self.encoding(&fields),
            delimiter: self.delimiter(&fields),
            quote: self.quote(&fields),
            headers: fields.texts("headers", &mut self.diagnostics).into_iter().map(|t| t.text.clone()).collect(),
            skip: self.skip(&fields),
            sheet: fields.text("sheet", &mut self.diagnostics).map(|t| t.text.clone()),
            values: self.values(&fields, Some("date")),
        };
        if let (Some(Delimiter::Byte(delimiter)), Some(Some(quote))) = (file.delimiter, file.quote)
            && delimiter == quote
        {
            let message = "`quote` and `delimiter` are the same sign";
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span("quote"), message));
        }
        file
    }

    /// The keys of a column, as far as they fit its type.
    pub(super) fn column_values(&mut self, fields: &Fields<'_>, ty: Type, full: &str) -> ValueFormat {
        for (key, wanted) in [
            ("format", Type::Date),
            ("decimal", Type::Number),
            ("thousands", Type::Number),
            ("percent", Type::Number),
            ("true", Type::Bool),
            ("false", Type::Bool),
        ] {
            if let Some(entry) = fields.get(key)
                && ty != wanted
            {
                let message = format!("`{key}` is only for columns of type {wanted}, `{full}` is a {ty}");
                self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, entry.key, message));
            }
        }
        self.values(fields, (ty == Type::Date).then_some("format"))
    }

    fn values(&mut self, fields: &Fields<'_>, date: Option<&str>) -> ValueFormat {
        let signs = [(".", '.'), (",", ',')];
        let decimal = fields.word("decimal", &signs, &mut self.diagnostics);
        let groups = [
            ("none", Thousands::None),
            (".", Thousands::Sign('.')),
            (",", Thousands::Sign(',')),
            ("'", Thousands::Sign('\'')),
            (" ", Thousands::Sign(' ')),
        ];
        let thousands = fields.word("thousands", &groups, &mut self.diagnostics);
        if let (Some(decimal), Some(Thousands::Sign(sign))) = (decimal, thousands)
            && decimal == sign
        {
            let message = format!("`{sign}` cannot stand before the fraction and between thousands");
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span("thousands"), message));
        }
        let percents = [("share", Percent::Share), ("number", Percent::Number)];
        let percent = fields.word("percent", &percents, &mut self.diagnostics);
        let yes = self.words(fields, "true");
        let no = self.words(fields, "false");
        if let Some(both) = yes.iter().flatten().find(|y| no.iter().flatten().any(|n| n.eq_ignore_ascii_case(y))) {
            let message = format!("`{both}` cannot mean both true and false");
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span("false"), message));
        }
        ValueFormat {
            decimal,
            thousands,
            percent,
            dates: date.map(|key| self.dates(fields, key)).unwrap_or_default(),
            missing: self.words(fields, "missing"),
            yes,
            no,
        }
    }

    fn words(&mut self, fields: &Fields<'_>, key: &str) -> Option<Vec<String>> {
        let texts = fields.texts(key, &mut self.diagnostics);
        fields.has(key).then(|| texts.into_iter().map(|t| t.text.trim().to_owned()).collect())
    }

    /// A date format, or a list of them.
    fn dates(&mut self, fields: &Fields<'_>, key: &str) -> Vec<String> {
        let formats: Vec<&Text> = match fields.get(key).map(|entry| &entry.node) {
            None => return Vec::new(),
            Some(Node { value: Raw::List(_), .. }) => fields.texts(key, &mut self.diagnostics),
            Some(Node { value: Raw::Text(text), .. }) => vec![text],
            Some(node) => {
                self.diagnostics.push(wrong_type(key, "a text or a list of texts", node));
                return Vec::new();
            }
        };
        formats.iter().for_each(|format| self.date_format(format));
        formats.into_iter().map(|text| text.text.clone()).collect()
    }

    /// A date format must say year, month and day.
    fn date_format(&mut self, format: &Text) {
        let sample = chrono::NaiveDate::from_ymd_opt(2001, 2, 3).and_then(|day| day.and_hms_opt(4, 5, 6));
        let known = !chrono::format::StrftimeItems::new(&format.text).any(|item| item == chrono::format::Item::Error);
        let reads = known
            && sample.is_some_and(|moment| {
                use std::fmt::Write as _;
                let mut text = String::new();
                write!(text, "{}", moment.and_utc().format(&format.text)).is_ok()
                    && chrono::NaiveDate::parse_from_str(&text, &format.text) == Ok(moment.date())
            });
        if !reads {
            let message = if known {
                format!("`{}` does not give a whole date", format.text)
            } else {
                format!("`{}` is no date format", format.text)
            };
            let help = "`%Y` is the year, `%m` the month, `%d` the day: `%d.%m.%Y` reads 31.12.2025";
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, format.span(), message).help(help));
        }
    }

    fn encoding(&mut self, fields: &Fields<'_>) -> Option<String> {
        let text = fields.text("encoding", &mut self.diagnostics)?;
        match encoding_rs::Encoding::for_label(text.text.as_bytes()) {
            Some(encoding) => Some(encoding.name().to_lowercase()),
            None => {
                let message = format!("there is no encoding `{}`", text.text);
                let known =
                    ["utf-8", "utf-16le", "utf-16be", "windows-1252", "windows-1250", "iso-8859-2", "macintosh"];
                self.diagnostics.push(
                    Diagnostic::error(code::BAD_VALUE, text.span(), message)
                        .did_you_mean(&text.text, known)
                        .help("for example `utf-8`, `utf-16le`, `windows-1252`, `windows-1250`"),
                );
                None
            }
        }
    }

    fn delimiter(&mut self, fields: &Fields<'_>) -> Option<Delimiter> {
        let text = fields.text("delimiter", &mut self.diagnostics)?;
        match text.text.as_str() {
            "tab" => return Some(Delimiter::Byte(b'\t')),
            "blanks" => return Some(Delimiter::Blanks),
            _ => {}
        }
        match text.text.as_bytes() {
            [byte] if byte.is_ascii_punctuation() || matches!(byte, b'\t' | b' ') => Some(Delimiter::Byte(*byte)),
            _ => {
                let diagnostic = no_such_word("delimiter", text, &["tab", "blanks"]);
                self.diagnostics.push(diagnostic.help("or a single sign, such as `;`, `,` or `|`"));
                None
            }
        }
    }

    fn quote(&mut self, fields: &Fields<'_>) -> Option<Option<u8>> {
        let text = fields.text("quote", &mut self.diagnostics)?;
        match text.text.as_bytes() {
            b"none" => Some(None),
            [byte] if byte.is_ascii_punctuation() => Some(Some(*byte)),
            _ => {
                let diagnostic = no_such_word("quote", text, &["none"]);
                self.diagnostics.push(diagnostic.help("or a single sign, such as `\"` or `'`"));
                None
            }
        }
    }

    fn skip(&mut self, fields: &Fields<'_>) -> Option<usize> {
        const MOST: f64 = 1000.0;
        let lines = fields.number("skip", &mut self.diagnostics)?;
        if lines.fract() != 0.0 || !(0.0..=MOST).contains(&lines) {
            let message = "`skip` is a number of lines, from 0 to 1000";
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span("skip"), message));
            return None;
        }
        Some(lines as usize)
    }
}
