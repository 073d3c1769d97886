//! Words: keywords of Rhai that expressions do not have, and words of SQL and spreadsheets.

use super::super::scan::is_keyword;
use super::Finder;

impl<'a> Finder<'a> {
    /// Keywords of Rhai that expressions do not have, and `if` as a spreadsheet writes it.
    pub(super) fn word(&mut self, i: usize, word: &'a str) -> Option<usize> {
        let scan = self.scan;
        let before = i.checked_sub(1).map_or("", |p| scan.str(p));
        if before == "." {
            // `orders.default`: a column of that name.
            let keyword = is_keyword(word) || matches!(word, "true" | "false");
            return if let Some(help) = if keyword { Some(rename(word)) } else { reserved(word) } {
                self.syntax(i, i, format!("`{word}` cannot be a name in an expression"), help);
                Some(i + 1)
            } else {
                None
            };
        }
        let compared = matches!(before, "==" | "!=") || scan.str(i + 1) == "==" && self.text_follows(i + 2);
        if compared && rhai_only(word) {
            let message = format!("`{word}` cannot be a name in an expression");
            self.syntax(i, i, message, format!("if it is a text, put it in double quotes: `\"{word}\"`"));
            return Some(i + 1);
        }
        match word {
            "if" => {
                let open = i + 1;
                let commas = scan.str(open) == "(" && {
                    let close = scan.partner(open).unwrap_or(scan.tokens.len());
                    self.has_comma(open, close)
                };
                if commas {
                    let close = scan.partner(open).unwrap_or(open);
                    self.syntax(i, close, "`if` is not a function", "write `if condition { a } else { b }`");
                    return Some(scan.tokens.len());
                }
                if self.pending.last() == Some(&"else") {
                    self.pending.pop();
                }
                self.pending.push(word);
                None
            }
            "else" | "switch" => {
                self.pending.push(word);
                None
            }
            "let" | "const" | "var" | "static" => {
                self.foreign(i, i, "expressions have no variables", "name the value in `[facts]`");
                Some(scan.tokens.len())
            }
            "while" | "loop" | "for" | "do" | "until" => {
                let help = "write a function in a script, and call it as `script::name(…)`";
                self.foreign(i, i, "expressions have no loops", help);
                Some(scan.tokens.len())
            }
            "fn" | "private" | "try" | "catch" | "throw" | "import" | "export" | "as" | "continue" | "break" => {
                self.foreign(i, i, format!("`{word}` is not part of expressions"), "it belongs in a script");
                Some(scan.tokens.len())
            }
            "return" => {
                self.foreign(i, i, "an expression is its value, without `return`", "leave `return` out");
                Some(scan.tokens.len())
            }
            "this" => {
                self.foreign(i, i, "there is no `this` in an expression", "write the name of a column, rollup or fact");
                Some(i + 1)
            }
            _ => self.unquoted_word(i, word),
        }
    }

    fn text_follows(&self, i: usize) -> bool {
        matches!(self.scan.kind(i), Some(super::Kind::Text))
    }

    fn has_comma(&self, open: usize, close: usize) -> bool {
        let mut t = open + 1;
        while t < close {
            match self.scan.str(t) {
                "," => return true,
                "(" | "[" | "{" => t = self.scan.partner(t).map_or(close, |p| p + 1),
                _ => t += 1,
            }
        }
        false
    }

    /// Words that mean something in SQL or a spreadsheet.
    fn unquoted_word(&mut self, i: usize, word: &'a str) -> Option<usize> {
        let scan = self.scan;
        let infix = self.after_value(i);
        let next = i + 1;
        let lower = word.to_lowercase();
        let x = self.value_before(i);
        match lower.as_str() {
            "is" if infix => {
                let negated = scan.str(next).eq_ignore_ascii_case("not");
                let what = if negated { next + 1 } else { next };
                let operator = if negated { "!=" } else { "==" };
                let missing = matches!(
                    scan.str(what).to_lowercase().as_str(),
                    "null" | "nil" | "none" | "missing" | "empty" | "unknown" | "na"
                );
                let (last, right) = if missing { (what, "()") } else { (what - 1, "…") };
                let message = format!("`{}` is not an operator", self.quote(i, last));
                self.syntax(i, last, message, format!("write `{x} {operator} {right}`"));
                self.operator = (!missing).then_some(last);
                Some(last + 1)
            }
            "not" if infix && scan.str(next).eq_ignore_ascii_case("in") => {
                self.syntax(i, next, "`not in` is written `!in`", format!("write `{x} !in […]`"));
                self.operator = Some(next);
                Some(next + 1)
            }
            "not" if infix && scan.str(next).eq_ignore_ascii_case("between") => {
                self.syntax(i, next, "there is no `between`", format!("write `{x} < 1 || {x} > 5`"));
                Some(scan.tokens.len())
            }
            "not" if infix && scan.str(next).eq_ignore_ascii_case("like") => {
                self.syntax(i, next, "there is no `like`", format!("write `!contains({x}, \"…\")`"));
                Some(next + 1)
            }
            "and" | "or" | "xor" if infix => {
                let symbol = match lower.as_str() {
                    "and" => "&&",
                    "or" => "||",
                    _ => "!=",
                };
                self.syntax(i, i, format!("`{word}` is written `{symbol}`"), format!("write `{symbol}`"));
                self.operator = Some(i);
                Some(next)
            }
            "between" if infix => {
                let (low, high) = (scan.str(next), scan.str(next + 2));
                let plain = scan.str(next + 1).eq_ignore_ascii_case("and") && !low.is_empty() && !high.is_empty();
                let (low, high) = if plain { (low, high) } else { ("1", "5") };
                let help = format!("write `{x} >= {low} && {x} <= {high}`");
                self.syntax(i, i, "there is no `between`", help);
                Some(if plain { next + 3 } else { next })
            }
            "like" | "rlike" | "regexp" if infix => {
                let help = format!("write `contains({x}, \"…\")`, or `matches({x}, \"…\")` for a pattern");
                self.syntax(i, i, format!("there is no `{word}`"), help);
                Some(next + 1)
            }
            "contains" | "mentions" | "matches" | "starts_with" | "ends_with" if infix => {
                self.syntax(
                    i,
                    i,
                    format!("`{word}` is a function"),
                    format!("write `{word}({x}, {})`", self.quote(next, next)),
                );
                Some(next + 1)
            }
            "mod" | "div" if infix => {
                let symbol = if lower == "mod" { "%" } else { "/" };
                self.syntax(i, i, format!("`{word}` is written `{symbol}`"), format!("write `{symbol}`"));
                self.operator = Some(i);
                Some(next)
            }
            "then" if infix => {
                self.syntax(i, i, "`then` is not part of `if`", "write `if condition { a } else { b }`");
                Some(scan.tokens.len())
            }
            "elseif" | "elif" | "elsif" if infix => {
                self.syntax(i, i, format!("`{word}` is two words"), "write `else if`");
                Some(scan.tokens.len())
            }
            "in" if word != "in" && infix => {
                self.syntax(i, i, format!("`{word}` is written `in`"), "write `in`");
                self.operator = Some(i);
                Some(next)
            }
            "not" if !infix && scan.begins_value(next) => {
                self.syntax(i, i, format!("`{word}` is written `!`"), format!("write `!{}`", self.quote(next, next)));
                self.operator = Some(i);
                Some(next)
            }
            "if" | "else" | "switch" | "case" if word != lower || lower == "case" => {
                let help = "write `if condition { a } else { b }`, or `switch x { 1 => a, _ => b }`";
                self.syntax(i, i, format!("`{word}` is not part of expressions"), help);
                Some(scan.tokens.len())
            }
            _ if scan.str(next) != "(" && !is_keyword(word) => {
                let help = reserved(word)?;
                self.syntax(i, i, format!("`{word}` cannot be a name in an expression"), help);
                Some(next)
            }
            _ => None,
        }
    }
}

/// Words that are taken without meaning anything in an expression: as the right side of `==` they were meant as texts.
fn rhai_only(word: &str) -> bool {
    reserved(word).is_some() && !matches!(word, "null" | "nil" | "void" | "this" | "is" | "case")
}

/// What to do about a word that Rhai keeps for itself; `None` if it is free.
pub(in crate::expr::parse) fn reserved(word: &str) -> Option<String> {
    Some(match word {
        "null" | "nil" | "void" => "a missing value is written `()`".to_string(),
        "is" | "as" | "use" | "case" | "async" | "public" | "package" | "super" | "private" | "var" | "protected"
        | "spawn" | "shared" | "sync" | "static" | "default" | "thread" | "yield" | "new" | "match" | "await"
        | "with" | "module" | "this" | "let" | "const" | "while" | "loop" | "for" | "do" | "until" | "fn"
        | "return" | "throw" | "try" | "catch" | "break" | "continue" | "import" | "export" | "call" | "curry"
        | "debug" | "print" | "eval" | "type_of" | "is_shared" | "is_def_var" | "is_def_fn" | "Fn" => rename(word),
        _ => return None,
    })
}

/// What to write instead of a span of time.
pub(super) fn unit(word: &str) -> Option<&'static str> {
    match word.to_lowercase().as_str() {
        "d" | "day" | "days" | "tage" => Some("days are plain numbers: `today - 90`"),
        "w" | "week" | "weeks" => Some("days are plain numbers: `today - 14`"),
        "m" | "month" | "months" => Some("write `add_months(today, -3)`"),
        "y" | "year" | "years" => Some("write `add_months(today, -12)`"),
        _ => None,
    }
}

fn rename(word: &str) -> String {
    format!("give it another name, with `from = [\"{word}\"]` if it is the header of a column")
}
