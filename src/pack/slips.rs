//! Slips in TOML: what the parser says, in the words of someone who wants to mend it.
//!
//! The parser's errors have no code, so its messages are told apart by how they begin. One that is not known here is passed on as it is.

use crate::diag::{Diagnostic, FileId, Span, code};

/// A syntax error and where the parser stood.
pub(super) struct Slip<'a> {
    pub(super) file: FileId,
    pub(super) text: &'a str,
    /// The bytes the parser points at; often an empty range.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) message: &'a str,
}

impl<'a> Slip<'a> {
    /// The diagnostic.
    pub(super) fn explain(&self) -> Diagnostic {
        let known = self.value().or_else(|| self.structure()).or_else(|| self.line_of_a_key());
        known.unwrap_or_else(|| self.say(self.start, self.end, self.message))
    }

    fn say(&self, start: usize, end: usize, message: &str) -> Diagnostic {
        let span = Span::new(self.file, start, end.min(self.text.len()));
        Diagnostic::error(code::TOML, span, format!("this is not TOML: {message}"))
    }

    fn is(&self, beginning: &str) -> bool {
        self.message.starts_with(beginning)
    }

    /// The line, and the byte it begins at.
    fn line(&self) -> (usize, &'a str) {
        let before = self.text.get(..self.start).unwrap_or("");
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        (begin, self.text.get(begin..).unwrap_or("").lines().next().unwrap_or(""))
    }

    /// What stands between blanks, commas and brackets around a byte.
    fn token(&self, at: usize) -> (usize, usize, &'a str) {
        let part = |c: char| !c.is_whitespace() && !",[]{}=#".contains(c);
        let before = self.text.get(..at).unwrap_or("");
        let start = before.trim_end_matches(part).len();
        let rest = self.text.get(start..).unwrap_or("");
        let end = start + (rest.len() - rest.trim_start_matches(part).len());
        (start, end, self.text.get(start..end).unwrap_or(""))
    }

    /// The last sign before the place that is no blank.
    fn sign_before(&self) -> (usize, usize) {
        let before = self.text.get(..self.start).unwrap_or("").trim_end();
        (before.char_indices().next_back().map_or(0, |(at, _)| at), before.len())
    }

    /// Values that are no values.
    fn value(&self) -> Option<Diagnostic> {
        let (start, end, token) = self.token(self.start);
        if self.is("string values must be quoted") {
            return Some(self.unquoted());
        }
        if self.is("invalid literal string") || self.is("invalid basic string") {
            let (begin, line) = self.line();
            let quote = if self.is("invalid literal") { '\'' } else { '"' };
            let open = line.find('=').and_then(|equals| Some(equals + line.get(equals..)?.find(quote)?)).unwrap_or(0);
            let help = "a text ends on the line it begins on; a longer one stands between ''' and '''";
            return Some(self.say(begin + open, begin + line.len(), "this text is never closed").help(help));
        }
        if self.is("invalid multi-line") {
            let quotes = if self.message.contains("literal") { "'''" } else { "\"\"\"" };
            let open = self.text.get(..self.start)?.rfind(quotes)?;
            let message = "this text is never closed";
            return Some(self.say(open, open + 3, message).help(format!("it ends with {quotes}, too")));
        }
        if self.is("invalid boolean") {
            let help = format!("write `{}`", token.to_lowercase());
            return Some(self.say(start, end, "true and false are written in small letters").help(help));
        }
        if self.is("missing escaped value") || self.is("invalid value, expected unicode") {
            let slash = self.text.get(..self.start)?.rfind('\\')?;
            let sign = self.text.get(slash..)?.chars().nth(1).unwrap_or(' ');
            let end = slash + 1 + sign.len_utf8();
            let message = format!("`\\{sign}` means nothing here between double quotes");
            let help = "between single quotes everything stands as it is: 'C:\\data'; a backslash between double quotes is `\\\\`";
            return Some(self.say(slash, end, &message).help(help));
        }
        if self.is("invalid date") || self.is("invalid time") || self.is("invalid datetime") {
            let help = "a day is written as year, month and day: 2025-01-31";
            return Some(self.say(self.start, self.end, self.message).help(help));
        }
        if self.is("unexpected leading zero") {
            let plain = token.trim_start_matches('0');
            let help = format!("write {}, or \"{token}\" if it is a name", if plain.is_empty() { "0" } else { plain });
            return Some(self.say(start, end, "a number has no zeros in front").help(help));
        }
        if self.is("invalid float") || self.is("invalid integer") || self.is("invalid number") {
            return self.odd_number();
        }
        None
    }

    /// A number with two points.
    fn odd_number(&self) -> Option<Diagnostic> {
        let (start, end, token) = self.token(self.start);
        let parts: Vec<&str> = token.split('.').collect();
        if !parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())) {
            return None;
        }
        match parts.as_slice() {
            [day, month, year] if year.len() == 4 && day.len() <= 2 && month.len() <= 2 => {
                let help = format!("a day is written year first: {year}-{month:0>2}-{day:0>2}");
                Some(self.say(start, end, &format!("`{token}` is neither a number nor a date")).help(help))
            }
            [_, rest @ ..] if rest.len() > 1 && rest.iter().all(|part| part.len() == 3) => {
                let help = format!("large numbers are written without points: {}", parts.concat());
                Some(self.say(start, end, &format!("`{token}` is not a number")).help(help))
            }
            _ => None,
        }
    }

    /// A text without quotes, or something that was not meant to be one.
    fn unquoted(&self) -> Diagnostic {
        let written = self.text.get(self.start..self.end).unwrap_or("").trim();
        let say = |message: &str| self.say(self.start, self.end, message);
        if written.is_empty() {
            let (start, end) = self.sign_before();
            return self
                .say(start, end, "a value is missing after `=`")
                .help("texts and expressions stand in single quotes, numbers and `true` as they are");
        }
        let straight = written.trim_matches(|c| "“”„‟‚‘’«»".contains(c));
        if straight.len() < written.len() {
            return say("a text stands in straight quotes").help(format!("write \"{straight}\""));
        }
        let digits = written.trim_start_matches(|c: char| c.is_ascii_digit() || "+-._".contains(c));
        let number = written.get(..written.len() - digits.len()).unwrap_or("");
        match (number.parse::<f64>(), digits.trim()) {
            (Ok(share), "%") => {
                let help = format!("a share lies between 0 and 1: write {}", share / 100.0);
                say(&format!("`{written}` is not a number")).help(help)
            }
            (Ok(_), unit) if !unit.is_empty() && unit.chars().all(char::is_alphabetic) => say("numbers have no unit")
                .help(format!("write {number}; of a parameter, the unit goes into `unit = \"{unit}\"`")),
            _ => say("texts must be in quotes")
                .help("write texts and expressions in single quotes: 'today - last_order'"),
        }
    }

    /// Brackets, braces and commas.
    fn structure(&self) -> Option<Diagnostic> {
        let (last, after_last) = self.sign_before();
        if self.is("missing comma between array elements") || self.is("missing comma between key-value pairs") {
            let (open, close) = if self.message.contains("array") { ('[', ']') } else { ('{', '}') };
            let rest = self.text.get(self.start..).unwrap_or("").lines().next().unwrap_or("");
            let new_line = self.text.get(after_last..self.start).is_some_and(|between| between.contains('\n'));
            if new_line && (is_key_line(rest) || rest.starts_with('[') && !rest.contains(',')) {
                let at = self.opening(open, close)?;
                let message = format!("this `{open}` is never closed");
                let next = Span::new(self.file, self.start, self.start + rest.trim_end().len());
                let help = if open == '{' {
                    format!("add `{close}`, on the line it begins on")
                } else {
                    format!("add `{close}`")
                };
                return Some(self.say(at, at + 1, &message).related(next, "something else begins here").help(help));
            }
            let message = "a comma is missing between two values";
            return Some(self.say(last, after_last, message).label("after this").help("add `,`"));
        }
        if self.is("extra assignment between key-value pairs") {
            let (start, end, key) = self.token(after_last);
            return Some(self.say(start, end, &format!("a comma is missing before `{key}`")).help("add `,`"));
        }
        if self.is("unclosed array table") || self.is("unclosed table") {
            let (begin, line) = self.line();
            let name = line.trim().trim_matches(['[', ']']).trim();
            let help =
                if self.is("unclosed array") { format!("write `[[{name}]]`") } else { format!("write `[{name}]`") };
            return Some(self.say(begin, begin + line.trim_end().len(), "this header is never closed").help(help));
        }
        if self.is("cannot extend value of type inline table") {
            let help = "put the key between the braces, or give it all a section of its own, `[…]`";
            return Some(self.say(self.start, self.end, "what stands in braces is complete").help(help));
        }
        None
    }

    /// The bracket that is open at the place, texts and comments left aside as far as a glance can tell.
    fn opening(&self, open: char, close: char) -> Option<usize> {
        let mut stack = Vec::new();
        let mut quote = None;
        let mut comment = false;
        for (at, c) in self.text.get(..self.start)?.char_indices() {
            match quote {
                _ if c == '\n' => (quote, comment) = (None, false),
                _ if comment => {}
                Some(open) if c == open => quote = None,
                Some(_) => {}
                None if c == '#' => comment = true,
                None if c == '\'' || c == '"' => quote = Some(c),
                None if c == open => stack.push(at),
                None if c == close => drop(stack.pop()),
                None => {}
            }
        }
        stack.pop()
    }

    /// A line that should give a key its value.
    fn line_of_a_key(&self) -> Option<Diagnostic> {
        let (begin, line) = self.line();
        let indent = line.len() - line.trim_start().len();
        let (start, written) = (begin + indent, line.trim());
        let whole = |message: &str| self.say(start, start + written.len(), message);
        if self.is("key with no value") || self.is("missing key") || self.is("unexpected key or value") {
            if let Some(sign) = ["//", "--", ";", "/*"].into_iter().find(|sign| written.starts_with(sign)) {
                return Some(whole(&format!("`{sign}` begins no comment")).help("a comment begins with `#`"));
            }
        }
        if self.is("key with no value") {
            let rest = self.text.get(self.start..begin + line.len()).unwrap_or("").trim();
            let key = self.text.get(start..self.start).unwrap_or("").trim();
            // The sign belongs to the key where it touches it.
            if let Some((key, value)) =
                written.split_once(':').filter(|(name, _)| name.trim() == key.trim_end_matches(':'))
            {
                let help = format!("write `{} = {}`", key.trim(), value.trim());
                let at = begin + line.find(':').unwrap_or(0);
                return Some(self.say(at, at + 1, "`:` gives no value").help(help));
            }
            if let Some((name, _)) = written.split_once('=') {
                let name = name.trim();
                let joined = name.split_whitespace().collect::<Vec<_>>().join("_");
                let message = "a name with blanks must stand in quotes";
                return Some(self.say(start, start + name.len(), message).help(format!("or write it as `{joined}`")));
            }
            let help = if rest.is_empty() { format!("write `{key} = …`") } else { format!("write `{key} = {rest}`") };
            return Some(self.say(start, start + key.len(), &format!("`=` is missing after `{key}`")).help(help));
        }
        if self.is("unexpected key or value") {
            let rest = self.text.get(self.start..begin + line.len()).unwrap_or("");
            let (from, _, number) = self.token(self.start);
            let decimals: String = rest.strip_prefix(',')?.chars().take_while(char::is_ascii_digit).collect();
            if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && !decimals.is_empty() {
                let help = format!("write {number}.{decimals}");
                let end = self.start + 1 + decimals.len();
                return Some(self.say(from, end, "decimals are written with a point").help(help));
            }
            let message = "nothing may follow a value on its line, not even a comma";
            return Some(self.say(self.start, self.start + rest.trim_end().len(), message));
        }
        if self.is("invalid unquoted key") {
            let help = "a name with other letters goes in quotes here (not in expressions): \"größe\" = …";
            return Some(self.say(self.start, self.end, self.message).help(help));
        }
        if self.message.contains("carriage return") {
            return Some(self.say(self.start, self.end, self.message).help("save the file with usual line endings"));
        }
        None
    }
}

/// Whether a line gives a key a value: `name = …`.
fn is_key_line(line: &str) -> bool {
    line.split_once('=').is_some_and(|(key, _)| {
        let key = key.trim();
        !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-.\"' ".contains(c))
    })
}
