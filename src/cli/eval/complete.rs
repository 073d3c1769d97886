//! Completion at the prompt: names of the pack, functions with their signatures, commands.

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter, MatchingBracketHighlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::{Context, Helper};

use super::prompt::COMMANDS;
use crate::expr::{aggregate_names, functions};
use crate::pack::Pack;

/// A word that can be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    /// As it is inserted: `days_silent`, `days_between(`.
    text: String,
    /// As it is listed: with its kind or signature.
    shown: String,
    /// Of a function: what its brackets take and give.
    signature: Option<String>,
}

/// The words of a pack.
pub(super) struct Words {
    list: Vec<Word>,
    brackets: MatchingBracketHighlighter,
    color: bool,
}

impl Words {
    pub(super) fn of(pack: &Pack, color: bool) -> Words {
        let plain =
            |name: &str, what: &str| Word { text: name.to_owned(), shown: format!("{name}  {what}"), signature: None };
        let mut list: Vec<Word> = pack.names.iter().map(|(_, name)| plain(&name.name, name.ty.word())).collect();
        for table in pack.tables.values() {
            let columns = table.columns.iter();
            list.extend(columns.map(|c| plain(&format!("{}.{}", table.name, c.name), c.ty.word())));
            list.push(plain(&table.name, "table"));
        }
        let mut call = |name: &str, signature: &str| {
            list.push(Word {
                text: format!("{name}("),
                shown: signature.to_owned(),
                signature: signature.strip_prefix(name).and_then(|s| s.strip_prefix('(')).map(str::to_owned),
            });
        };
        functions::docs().iter().for_each(|doc| call(doc.name, doc.signature));
        pack.scripts.signatures().iter().for_each(|s| call(&s.path(), &s.declaration()));
        if !pack.tables.is_empty() {
            aggregate_names().filter(|name| functions::doc(name).is_none()).for_each(|name| call(name, name));
        }
        list.sort_by(|a, b| a.text.cmp(&b.text));
        Words { list, brackets: MatchingBracketHighlighter::new(), color }
    }

    /// Where the word before the cursor starts, and what it may become.
    fn candidates(&self, line: &str, cursor: usize) -> (usize, Vec<&Word>) {
        let before = line.get(..cursor).unwrap_or(line);
        let letters = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':');
        let start = before.char_indices().rev().take_while(|(_, c)| letters(*c)).last().map_or(cursor, |(i, _)| i);
        let word = before.get(start..).unwrap_or_default();
        // Only a name can be set.
        let names_only = line.starts_with(":set") || line.starts_with(":unset");
        let fits = |w: &&Word| w.text.starts_with(word) && !(names_only && w.text.ends_with('('));
        if word.is_empty() && !names_only {
            return (start, Vec::new());
        }
        (start, self.list.iter().filter(fits).collect())
    }

    /// The signature of the function whose bracket was just opened.
    fn signature(&self, line: &str, cursor: usize) -> Option<&str> {
        let before = line.get(..cursor)?.strip_suffix('(')?;
        let letters = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
        let start = before.char_indices().rev().take_while(|(_, c)| letters(*c)).last()?.0;
        let name = before.get(start..)?;
        self.list.iter().find(|w| w.text.strip_suffix('(') == Some(name))?.signature.as_deref()
    }
}

impl Completer for Words {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        if line.starts_with(':') && !line.get(..pos).unwrap_or(line).contains(' ') {
            let fitting = COMMANDS.iter().filter(|c| c.name.starts_with(line.get(..pos).unwrap_or(line)));
            let pairs = fitting.map(|c| Pair {
                display: format!("{} {}", c.name, c.argument),
                replacement: if c.argument.is_empty() { c.name.to_owned() } else { format!("{} ", c.name) },
            });
            return Ok((0, pairs.collect()));
        }
        let (start, words) = self.candidates(line, pos);
        Ok((start, words.iter().map(|w| Pair { display: w.shown.clone(), replacement: w.text.clone() }).collect()))
    }
}

/// Shown behind the cursor, never inserted.
pub(super) struct Shown(String);

impl Hint for Shown {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Words {
    type Hint = Shown;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<Shown> {
        if pos < line.len() {
            return None;
        }
        self.signature(line, pos).map(|s| Shown(s.to_owned()))
    }
}

impl Highlighter for Words {
    fn highlight<'l>(&self, line: &'l str, pos: usize) -> std::borrow::Cow<'l, str> {
        if self.color { self.brackets.highlight(line, pos) } else { line.into() }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> std::borrow::Cow<'h, str> {
        if self.color { format!("\u{1b}[2m{hint}\u{1b}[0m").into() } else { hint.into() }
    }

    fn highlight_char(&self, line: &str, pos: usize, kind: CmdKind) -> bool {
        self.color && self.brackets.highlight_char(line, pos, kind)
    }
}

impl rustyline::validate::Validator for Words {}

impl Helper for Words {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use rustyline::history::DefaultHistory;

    fn words() -> Words {
        Words::of(&crate::pack::load("retail").pack.unwrap(), false)
    }

    fn complete(line: &str) -> (usize, Vec<String>) {
        let history = DefaultHistory::new();
        let (start, pairs) = words().complete(line, line.len(), &Context::new(&history)).unwrap();
        (start, pairs.into_iter().map(|p| p.replacement).collect())
    }

    #[test]
    fn names_functions_and_commands_are_completed() {
        assert_eq!(complete("days_sil"), (0, vec!["days_silent".to_owned()]));
        assert_eq!(complete("1 + score.paym"), (4, vec!["score.payment".to_owned()]));
        assert!(complete("days_b").1.contains(&"days_between(".to_owned()));
        assert!(complete("prestige::").1.iter().all(|w| w.starts_with("prestige::") && w.ends_with('(')));
        assert_eq!(complete(":un"), (0, vec![":unset ".to_owned()]));
        assert_eq!(complete(":q"), (0, vec![":quit".to_owned()]));
        assert!(!complete(":set da").1.iter().any(|w| w.ends_with('(')));
        assert_eq!(complete("").1, Vec::<String>::new());
        assert_eq!(complete("größe + ").1, Vec::<String>::new());
    }

    #[test]
    fn an_opened_bracket_shows_the_signature() {
        let words = words();
        assert!(words.signature("days_between(", 13).unwrap().contains("date"));
        assert_eq!(words.signature("nothing(", 8), None);
        assert_eq!(words.signature("(", 1), None);
    }
}
