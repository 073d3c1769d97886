//! The slips people make: found in the tokens, before Rhai's parser sees the text.
//!
//! Two kinds: parts of Rhai that expressions do not have ([`code::NOT_AN_EXPRESSION`]), and habits from
//! spreadsheets, SQL and other languages ([`code::SYNTAX`]). Nothing here can stand in a correct expression.

mod words;

pub(super) use words::reserved;

use super::super::Anchor;
use super::scan::{Kind, Scan, is_keyword};
use crate::diag::{Code, Diagnostic, code};

/// Where a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Arguments of a call: commas separate.
    Call,
    /// Plain parentheses.
    Group,
    /// Parentheses after `in`, where a list should stand.
    AfterIn,
    /// `[…]`
    List,
    /// The braces of an `if` or `else`.
    Branch,
    /// The braces of a `switch`; `true` between a comma and `=>`, where the values of a case stand.
    Switch(bool),
    /// Braces that belong to nothing.
    Braces,
}

struct Finder<'a> {
    scan: &'a Scan<'a>,
    anchor: &'a Anchor,
    diagnostics: &'a mut Vec<Diagnostic>,
    inside: Vec<Inside>,
    /// `if`, `else` and `switch` whose braces are still to come.
    pending: Vec<&'a str>,
    /// The last word that was explained as an operator (`and`): a value may follow it.
    operator: Option<usize>,
    /// The last `%` that was explained as a percentage: it ends a value.
    percent: Option<usize>,
}

/// Reports every slip. Says whether there is one.
pub(super) fn find(scan: &Scan<'_>, anchor: &Anchor, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let before = diagnostics.len();
    let mut finder =
        Finder { scan, anchor, diagnostics, inside: Vec::new(), pending: Vec::new(), operator: None, percent: None };
    let mut i = 0;
    while i < scan.tokens.len() {
        i = finder.token(i).max(i + 1);
    }
    if finder.diagnostics.len() == before {
        finder.brackets();
    }
    diagnostics.len() > before
}

impl<'a> Finder<'a> {
    fn say(&mut self, code: Code, from: usize, to: usize, message: impl Into<String>, help: impl Into<String>) {
        let span = self.anchor.span(self.scan.bytes(from).start, self.scan.bytes(to).end);
        let help = help.into();
        let diagnostic = Diagnostic::error(code, span, message);
        self.diagnostics.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    fn syntax(&mut self, from: usize, to: usize, message: impl Into<String>, help: impl Into<String>) {
        self.say(code::SYNTAX, from, to, message, help);
    }

    fn foreign(&mut self, from: usize, to: usize, message: impl Into<String>, help: impl Into<String>) {
        self.say(code::NOT_AN_EXPRESSION, from, to, message, help);
    }

    /// The text from one token to another; `…` if it is long or not there.
    fn quote(&self, from: usize, to: usize) -> &'a str {
        let range = self.scan.bytes(from).start..self.scan.bytes(to).end;
        self.scan.text.get(range).filter(|s| !s.is_empty() && s.chars().count() <= 40).unwrap_or("…")
    }

    /// The value that ends with a token, as far as a glance can tell.
    fn value_before(&self, i: usize) -> &'a str {
        let Some(last) = i.checked_sub(1) else { return "x" };
        let from = match self.scan.str(last) {
            ")" => self.scan.partner(last).map_or(last, |open| match open.checked_sub(1) {
                Some(name) if self.is_name(name) => name,
                _ => open,
            }),
            _ if last >= 2 && self.scan.str(last - 1) == "." => last - 2,
            _ => last,
        };
        self.quote(from, last)
    }

    /// Whether the token before ends a value.
    fn after_value(&self, i: usize) -> bool {
        let Some(p) = i.checked_sub(1) else { return false };
        self.percent == Some(p) || (self.scan.ends_value(p) && self.operator != Some(p))
    }

    fn is_name(&self, i: usize) -> bool {
        self.scan.kind(i) == Some(Kind::Word) && !is_keyword(self.scan.str(i))
    }

    /// Looks at one token; returns the next one to look at, if some are explained already.
    fn token(&mut self, i: usize) -> usize {
        let scan = self.scan;
        let text = scan.str(i);
        match scan.kind(i) {
            Some(Kind::Symbol) => self.symbol(i, text),
            Some(Kind::Word) => match self.word(i, text) {
                Some(next) => next,
                None => self.side_by_side(i),
            },
            Some(Kind::Text | Kind::Ticks) if !scan.tokens.get(i).is_some_and(|t| t.whole) => {
                let quote = if text.starts_with('"') { "`\"`" } else { "a back-tick" };
                self.syntax(i, i, "this text is not closed", format!("end it with {quote} on the same line"));
                scan.tokens.len()
            }
            Some(Kind::Char) if !scan.tokens.get(i).is_some_and(|t| t.whole) => {
                self.single_quotes(i, text);
                i + 1
            }
            Some(Kind::Ticks) if text.contains("${") => {
                self.foreign(
                    i,
                    i,
                    "values cannot be put into a text here",
                    "a `because` is a sentence with values in it: `silent for {days_silent} days`",
                );
                i + 1
            }
            Some(_) => self.side_by_side(i),
            None => i + 1,
        }
    }

    fn single_quotes(&mut self, i: usize, text: &str) {
        let inner = text.trim_matches('\'');
        if text.len() > 1 && text.ends_with('\'') {
            let message = "a text stands in double quotes";
            self.syntax(i, i, message, format!("write `\"{}\"`", inner.replace('"', "\\\"")));
        } else {
            self.syntax(i, i, "this quote is not closed", "a text stands in double quotes: `\"…\"`");
        }
    }

    fn symbol(&mut self, i: usize, text: &'a str) -> usize {
        let scan = self.scan;
        let after_value = self.after_value(i);
        match text {
            "(" => {
                let before = i.checked_sub(1);
                if before.is_some_and(|p| scan.kind(p) == Some(Kind::Number)) && after_value {
                    let number = self.value_before(i);
                    self.syntax(
                        i,
                        i,
                        format!("an operator is missing between `{number}` and `(`"),
                        format!("to multiply, write `{number} * (…)`"),
                    );
                }
                self.inside.push(match before.map(|p| scan.str(p)) {
                    Some("in" | "!in") => Inside::AfterIn,
                    _ if before.is_some_and(|p| self.is_name(p)) => Inside::Call,
                    _ => Inside::Group,
                });
            }
            "[" if after_value && scan.str(i - 1) != "}" => {
                let name = self.value_before(i);
                self.foreign(
                    i,
                    scan.partner(i).unwrap_or(i),
                    "parts of a value cannot be picked with `[…]`",
                    format!(
                        "for texts there are `starts_with({name}, …)`, `contains` and `matches`; for the rest, a script"
                    ),
                );
                self.inside.push(Inside::List);
            }
            "[" => self.inside.push(Inside::List),
            "{" => {
                let inside = match self.pending.pop() {
                    Some("switch") => Inside::Switch(true),
                    Some(_) => Inside::Branch,
                    None => {
                        self.foreign(
                            i,
                            scan.partner(i).unwrap_or(i),
                            "braces belong to an `if` or a `switch`",
                            "group with parentheses `( … )`",
                        );
                        Inside::Braces
                    }
                };
                self.inside.push(inside);
            }
            "#{" => {
                self.foreign(
                    i,
                    scan.partner(i).unwrap_or(i),
                    "maps are not part of expressions",
                    "write a `switch`, or a script",
                );
                return scan.partner(i).map_or(scan.tokens.len(), |p| p + 1);
            }
            ")" | "]" | "}" => {
                self.inside.pop();
            }
            "," => return self.comma(i),
            "." => return self.dot(i),
            "%" => self.percent(i),
            "=>" => match self.inside.last_mut() {
                Some(Inside::Switch(values @ true)) => *values = false,
                _ => self.syntax(i, i, "`=>` does not compare", "write `>=` for greater or equal"),
            },
            "|" => match self.inside.last() {
                Some(Inside::Switch(true)) if after_value => {}
                _ if after_value => self.foreign(i, i, "there are no bit operators", "write `||` for or"),
                _ => {
                    self.foreign(
                        i,
                        i,
                        "functions cannot be written inside an expression",
                        "write it in a script, and call it as `script::name(…)`",
                    );
                    return scan.tokens.len();
                }
            },
            "||" | "&&" if !after_value => {
                self.syntax(i, i, format!("a condition is missing before `{text}`"), "");
            }
            _ => return self.operator(i, text),
        }
        i + 1
    }

    /// Symbols that are wrong wherever they stand.
    fn operator(&mut self, i: usize, text: &str) -> usize {
        let assignment = "expressions cannot assign";
        let fact = "name a value in `[facts]`; to compare, write `==`";
        match text {
            "=" if self.scan.str(i + 1) == "!" && self.scan.touches_next(i) => {
                self.syntax(i, i + 1, "`=!` does not compare", "write `!=` for not equal");
                return i + 2;
            }
            "=" => self.syntax(i, i, "`=` does not compare", "to compare, write `==`"),
            "===" => self.syntax(i, i, "`===` is written `==`", "write `==`"),
            "!==" => self.syntax(i, i, "`!==` is written `!=`", "write `!=`"),
            "<>" => self.syntax(i, i, "`<>` does not compare", "for not equal, write `!=`"),
            "=<" => self.syntax(i, i, "`=<` does not compare", "write `<=` for less or equal"),
            "≤" | "≥" | "≠" | "×" | "÷" | "−" | "–" | "·" => {
                let plain = match text {
                    "≤" => "<=",
                    "≥" => ">=",
                    "≠" => "!=",
                    "÷" => "/",
                    "−" | "–" => "-",
                    _ => "*",
                };
                self.syntax(i, i, format!("`{text}` is not an operator here"), format!("write `{plain}`"));
            }
            "“" | "”" | "„" | "‚" | "‘" | "’" | "«" | "»" => {
                self.syntax(i, i, "a text stands in straight double quotes", "write `\"…\"`");
                // What follows are the words of that text.
                return self.scan.tokens.len();
            }
            "+=" | "-=" | "*=" | "/=" | "%=" | "**=" | "&=" | "|=" | "^=" | "<<=" | ">>=" | ":=" => {
                self.foreign(i, i, assignment, fact);
            }
            ";" => {
                self.foreign(i, i, "an expression is one value, without `;`", "make a fact of each part, in `[facts]`")
            }
            "&" => self.foreign(i, i, "there are no bit operators", "write `&&` for and"),
            "^" => self.foreign(i, i, "there are no bit operators", "for a power, write `**`"),
            "~" | "<<" | ">>" => self.foreign(i, i, "there are no bit operators", ""),
            "++" => self.syntax(i, i, "`++` is not an operator", "write `+ 1`"),
            "--" => self.syntax(i, i, "`--` is not an operator", "write `a - (-b)`, with parentheses"),
            "<-" => self.syntax(i, i, "`<-` is not an operator", "write a blank before the minus: `< -`"),
            ".." | "..=" | "..." => {
                self.foreign(i, i, "ranges are not part of expressions", "write both bounds: `x >= 1 && x <= 5`")
            }
            "?" => self.foreign(
                i,
                i,
                "`?` is not part of expressions",
                "a choice is written `if condition { a } else { b }`; for a missing value there is `x ?? 0`",
            ),
            "?." | "?[" => {
                if text == "?[" {
                    self.inside.push(Inside::List);
                }
                self.foreign(i, i, format!("`{text}` is not part of expressions"), "");
            }
            "#" => self.foreign(i, i, "`#` is not part of expressions", "write texts in double quotes"),
            ":" if matches!(self.inside.last(), Some(Inside::Switch(true))) => {
                self.syntax(i, i, "`:` does not end a case", "write `=>`, as in `switch x { 1 => a, _ => b }`");
                return self.scan.tokens.len();
            }
            ":" if self.pending.last() == Some(&"if") => {
                self.syntax(i, i, "`:` does not end a condition", "write `if condition { a } else { b }`");
                return self.scan.tokens.len();
            }
            "->" | "::<" | ":;" | "|>" | "<|" | "(*" | "*)" | "!." | ":" | "@" | "$" | "\\" => {
                // The `:` of `a ? b : c` is explained at its `?`.
                if text != ":" || self.diagnostics.is_empty() {
                    self.syntax(i, i, format!("`{text}` has no meaning here"), "");
                }
            }
            "==" | "!=" | "<=" | ">=" | "<" | ">" | "&&" | "||" | "??" | "**" | "+" | "-" | "*" | "/" | "!" | "!in"
            | "::" => {}
            "€" | "£" | "¥" => {
                self.syntax(i, i, "numbers have no unit", format!("leave `{text}` out"));
            }
            _ => self.syntax(i, i, format!("`{text}` has no meaning here"), ""),
        }
        i + 1
    }

    fn comma(&mut self, i: usize) -> usize {
        match self.inside.last_mut() {
            // Stray braces are explained already.
            Some(Inside::Call | Inside::List | Inside::Braces) => {}
            Some(Inside::Switch(values)) => *values = true,
            Some(Inside::AfterIn) => {
                let open = (0..i).rev().find(|t| self.scan.partner(*t).is_some_and(|p| p > i)).unwrap_or(i);
                let close = self.scan.partner(open).unwrap_or(i);
                let items = self.quote(open + 1, close.saturating_sub(1));
                self.syntax(open, close, "a list stands in square brackets", format!("write `[{items}]`"));
                // One comma is enough.
                self.inside.pop();
                self.inside.push(Inside::List);
            }
            Some(Inside::Group | Inside::Branch) | None => {
                let number = |t: usize| self.scan.kind(t) == Some(Kind::Number);
                match i.checked_sub(1) {
                    Some(p) if number(p) && number(i + 1) && self.scan.touches_next(p) && self.scan.touches_next(i) => {
                        let whole = self.scan.str(p).replace('.', "");
                        let help = format!("write `{whole}.{}`", self.scan.str(i + 1));
                        self.syntax(p, i + 1, "decimals are written with a point", help);
                        return i + 2;
                    }
                    _ => self.syntax(i, i, "a comma only separates arguments and list items", ""),
                }
            }
        }
        i + 1
    }

    /// `20%`
    fn percent(&mut self, i: usize) {
        let Some(p) = i.checked_sub(1) else { return };
        let next = i + 1;
        let goes_on = self.scan.begins_value(next) || matches!(self.scan.str(next), "(" | "-" | "+" | "!");
        if self.scan.kind(p) == Some(Kind::Number) && !goes_on {
            let share = self.scan.str(p).replace('_', "").parse::<f64>().map_or(0.2, |x| x / 100.0);
            self.syntax(p, i, "`%` is the remainder of a division, not a percentage", format!("write `{share}`"));
            self.percent = Some(i);
        }
    }

    fn dot(&mut self, i: usize) -> usize {
        let scan = self.scan;
        let (next, after) = (i + 1, i + 2);
        let Some(p) = i.checked_sub(1) else {
            if scan.kind(next) == Some(Kind::Number) && scan.touches_next(i) {
                self.syntax(i, next, "a number starts with a digit", format!("write `0.{}`", scan.str(next)));
            } else {
                self.syntax(i, i, "`.` has no meaning here", "");
            }
            return after;
        };
        if scan.kind(next) == Some(Kind::Word) && matches!(scan.str(after), "(" | "!") && scan.ends_value(p) {
            let close = if scan.str(after) == "(" { scan.partner(after) } else { None };
            let receiver = self.value_before(i);
            let has_arguments = close.is_some_and(|c| c > after + 1);
            let arguments = match close {
                Some(c) if has_arguments => format!(", {}", self.quote(after + 1, c - 1)),
                _ => String::new(),
            };
            let help = format!("write `{}({receiver}{arguments})`", scan.str(next));
            self.foreign(i, close.unwrap_or(next), "functions are not called with a dot", help);
            return next + 1;
        }
        if scan.kind(p) == Some(Kind::Number) && scan.kind(next) == Some(Kind::Number) {
            // `1.000.000` is two numbers with a dot between them: `1.000` and `000`.
            let written = self.quote(p, next);
            let thousands = written.split('.').skip(1).all(|part| part.len() == 3);
            let help = if thousands {
                format!("large numbers are written without points: `{}`", written.replace('.', ""))
            } else {
                "a day is written `date(\"2025-01-31\")`, year first".to_string()
            };
            self.syntax(p, next, format!("`{written}` is not a number"), help);
            return after;
        }
        if !scan.ends_value(p) && scan.kind(next) == Some(Kind::Number) && scan.touches_next(i) {
            self.syntax(i, next, "a number starts with a digit", format!("write `0.{}`", scan.str(next)));
            return after;
        }
        let chained = p >= 2 && scan.str(p - 1) == ".";
        if !self.is_name(p) || chained {
            let (from, what) =
                if chained { (p - 2, "a name has at most one dot") } else { (i, "this value has no parts") };
            self.foreign(from, if scan.kind(next) == Some(Kind::Word) { next } else { i }, what, "");
        }
        next
    }

    /// A value right after a value: an operator is missing.
    fn side_by_side(&mut self, i: usize) -> usize {
        let scan = self.scan;
        let Some(p) = i.checked_sub(1) else { return i + 1 };
        if !self.after_value(i) || !scan.begins_value(i) {
            return i + 1;
        }
        if scan.str(i) == "if" && self.inside.last() == Some(&Inside::Switch(true)) {
            self.foreign(i, i, "a case has no condition of its own", "write `if … else if …`");
            return i + 1;
        }
        if let Some(Inside::Switch(values @ false)) = self.inside.last_mut()
            && matches!(scan.str(i + 1), "=>" | "|")
        {
            *values = true;
            self.syntax(i, i, format!("a comma is missing before `{}`", scan.str(i)), "");
            return i + 1;
        }
        if matches!(self.pending.last(), Some(&("if" | "else"))) {
            let help = "write `if condition { a } else { b }`";
            self.syntax(i, i, format!("`{{` is missing before `{}`", self.quote(i, i)), help);
            return scan.tokens.len();
        }
        match (scan.kind(p), scan.kind(i)) {
            (Some(Kind::Number), Some(Kind::Word)) if words::unit(scan.str(i)).is_some() => {
                let help = words::unit(scan.str(i)).unwrap_or_default();
                self.syntax(p, i, "numbers have no unit", help);
            }
            (Some(Kind::Number), Some(Kind::Word)) if scan.touches_next(p) => {
                let message = format!("`{}` is not a number", self.quote(p, i));
                self.syntax(p, i, message, format!("numbers have no unit: write `{}`", scan.str(p)));
            }
            (Some(Kind::Number), Some(Kind::Number)) => {
                let joined = format!("{}{}", scan.str(p), scan.str(i));
                self.syntax(
                    p,
                    i,
                    "two numbers side by side",
                    format!("large numbers are written without blanks: `{joined}`"),
                );
            }
            _ => {
                let what = match self.inside.last() {
                    Some(Inside::Call | Inside::List) => "a comma or an operator",
                    _ => "an operator",
                };
                let message =
                    format!("{what} is missing between `{}` and `{}`", self.value_before(i), self.quote(i, i));
                self.syntax(i, i, message, "");
            }
        }
        i + 1
    }

    /// Brackets that are not closed, or close nothing.
    fn brackets(&mut self) {
        let Some((at, other)) = self.scan.unbalanced else { return };
        let (here, closing) = (self.scan.str(at), |open: &str| match open {
            "(" => ")",
            "[" => "]",
            _ => "}",
        });
        match (here, other) {
            ("(" | "[" | "{", _) => {
                let message = format!("this `{here}` is never closed");
                self.syntax(at, at, message, format!("add `{}`", closing(here)));
            }
            (_, Some(open)) => {
                let opened = self.scan.str(open);
                let span = {
                    let bytes = self.scan.bytes(open);
                    self.anchor.span(bytes.start, bytes.end)
                };
                self.syntax(
                    at,
                    at,
                    format!("`{here}` cannot close `{opened}`"),
                    format!("write `{}` here", closing(opened)),
                );
                if self.anchor.is_exact()
                    && let Some(last) = self.diagnostics.pop()
                {
                    self.diagnostics.push(last.related(span, "opened here"));
                }
            }
            (_, None) => self.syntax(at, at, format!("this `{here}` closes nothing"), "leave it out"),
        }
    }
}
