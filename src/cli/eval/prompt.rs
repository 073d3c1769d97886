//! The prompt: expressions and commands, typed with history and completion, or piped in line by line.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{CompletionType, Config, Editor};

use super::complete::Words;
use super::draw::shown;
use super::session::Session;
use super::{EvalFormat, show};
use crate::cli::{Exit, Failure, Terminal};
use crate::draw::{Cell, Column, Overflow, Paint, Role, Table, clean, cut, wrap};
use crate::explain::literal;
use crate::expr::{NameKind, Row as _, functions};
use crate::pack::Pack;

/// Lines the history keeps.
const HISTORY: usize = 1000;

/// A command of the prompt.
pub(super) struct Command {
    /// `:set`
    pub(super) name: &'static str,
    /// What it takes.
    pub(super) argument: &'static str,
    help: &'static str,
}

/// All of them.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: ":set",
        argument: "NAME=VALUE",
        help: "give a name a value; `()` is missing. Alone: what is given so far",
    },
    Command { name: ":unset", argument: "NAME", help: "take the value back" },
    Command { name: ":key", argument: "KEY", help: "take another customer of the data" },
    Command {
        name: ":names",
        argument: "[TEXT]",
        help: "the names of the pack with their values, those with TEXT in them",
    },
    Command { name: ":type", argument: "EXPR", help: "the type of an expression only" },
    Command { name: ":depth", argument: "N", help: "how many names deep to look" },
    Command { name: ":help", argument: "", help: "this" },
    Command { name: ":quit", argument: "", help: "leave; so does Ctrl-D" },
];

/// What a line came to.
enum Outcome {
    Done,
    /// Something was wrong with it, and that was said.
    Wrong,
    Quit,
}

/// Asks until there is nothing more. What is piped in ends with exit code 1 if a line had an error.
pub(super) fn ask(session: Session<'_>, format: EvalFormat, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut prompt = Prompt { session, format, terminal, answers: 0 };
    if io::stdin().is_terminal() { prompt.typed() } else { prompt.piped() }
}

struct Prompt<'a> {
    session: Session<'a>,
    format: EvalFormat,
    terminal: &'a Terminal,
    answers: usize,
}

impl Prompt<'_> {
    fn piped(&mut self) -> Result<Exit, Failure> {
        let mut wrong = false;
        for line in io::stdin().lock().split(b'\n') {
            let line = line?;
            match self.line(&String::from_utf8_lossy(&line))? {
                Outcome::Done => {}
                Outcome::Wrong => wrong = true,
                Outcome::Quit => break,
            }
        }
        Ok(if wrong { Exit::Findings } else { Exit::Fine })
    }

    fn typed(&mut self) -> Result<Exit, Failure> {
        let broken = |e: ReadlineError| Failure::new(format!("the prompt cannot be shown: {e}"));
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .history_ignore_space(true)
            .max_history_size(HISTORY)
            .map_err(broken)?
            .build();
        let mut editor: Editor<Words, DefaultHistory> = Editor::with_config(config).map_err(broken)?;
        editor.set_helper(Some(Words::of(self.session.pack(), self.terminal.color())));
        let file = history_file();
        if let Some(file) = &file {
            // No history yet is none.
            let _ = editor.load_history(file);
        }
        let pack = self.session.pack();
        self.terminal.print(&format!(
            "{} {}: type an expression; Tab completes, `:help` shows what else there is\n",
            pack.identity.name, pack.identity.version
        ))?;
        loop {
            let prompt = match self.session.key() {
                Some(key) => format!("{}> ", cut(&clean(key), 20)),
                None => "> ".to_owned(),
            };
            match editor.readline(&prompt) {
                Ok(line) => {
                    // What cannot be remembered is forgotten.
                    let _ = editor.add_history_entry(line.trim());
                    if let Outcome::Quit = self.line(&line)? {
                        break;
                    }
                    self.terminal.print("\n")?;
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => break,
                Err(e) => return Err(broken(e)),
            }
        }
        if let Some(file) = &file {
            let _ = file.parent().map(std::fs::create_dir_all);
            let _ = editor.append_history(file);
        }
        Ok(Exit::Fine)
    }

    /// One line. Only what would fail for every other line, too, is an error.
    fn line(&mut self, line: &str) -> Result<Outcome, Failure> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
            return Ok(Outcome::Done);
        }
        if matches!(line, ":quit" | ":q" | ":exit" | "exit" | "quit") {
            return Ok(Outcome::Quit);
        }
        let text = match line.starts_with(':') {
            true => self.command(line),
            false => self.expression(line),
        };
        match text {
            Ok(Some(text)) => {
                self.terminal.print(&text)?;
                Ok(Outcome::Done)
            }
            Ok(None) => Ok(Outcome::Wrong),
            Err(failure) => {
                self.terminal.error(&failure);
                Ok(Outcome::Wrong)
            }
        }
    }

    fn expression(&mut self, line: &str) -> Result<Option<String>, Failure> {
        let Some(answer) = self.session.evaluate(line)? else { return Ok(None) };
        let text = show(&answer, self.format, false, self.terminal)?;
        // Answers that are read by people stand apart from each other.
        let apart =
            if self.answers > 0 && self.format == EvalFormat::Table && !io::stdin().is_terminal() { "\n" } else { "" };
        self.answers += 1;
        Ok(Some(format!("{apart}{text}")))
    }

    fn command(&mut self, line: &str) -> Result<Option<String>, Failure> {
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let none = || Ok(Some(String::new()));
        match name {
            ":set" if rest.is_empty() => Ok(Some(self.given())),
            ":set" => self.session.set(rest).map(|()| Some(String::new())),
            ":unset" => match self.session.unset(rest)? {
                true => none(),
                false => Err(Failure::new(format!("`{rest}` was not set"))),
            },
            ":key" if rest.is_empty() => Ok(Some(match self.session.key() {
                Some(key) => format!("{}\n", clean(key)),
                None => "no customer of the data\n".to_owned(),
            })),
            ":key" => self.session.look_up(rest).map(|()| Some(String::new())),
            ":names" => Ok(Some(self.names(rest))),
            ":type" => Ok(self.session.type_of(rest).map(|ty| format!("{ty}\n"))),
            ":depth" => match rest.parse() {
                Ok(depth) => {
                    self.session.depth = depth;
                    none()
                }
                Err(_) => Err(Failure::new("how deep?").help("write a number: `:depth 2`")),
            },
            ":help" | ":h" | ":?" => Ok(Some(self.help())),
            other => {
                let failure = Failure::new(format!("there is no command `{other}`"));
                Err(match crate::diag::nearest(other, COMMANDS.iter().map(|c| c.name)) {
                    Some(found) => failure.help(format!("did you mean `{found}`?")),
                    None => failure.help("`:help` lists them"),
                })
            }
        }
    }

    fn given(&self) -> String {
        let lines = self.session.given().map(|(name, value)| format!("{name} = {}\n", clean(&literal(value))));
        let lines: String = lines.collect();
        if lines.is_empty() { "nothing is given by hand\n".to_owned() } else { lines }
    }

    fn help(&self) -> String {
        let mut table = Table::new(vec![Column::fixed(""), Column::prose("")]);
        let example = "sum(orders.amount)";
        table.row(vec!["EXPR".into(), Cell::new("its value, and where it comes from", Role::Dim)]);
        for command in COMMANDS {
            let usage = format!("{} {}", command.name, command.argument);
            table.row(vec![usage.trim().into(), Cell::new(command.help, Role::Dim)]);
        }
        let mut lines = table.draw(self.terminal.width(), self.paint());
        if !self.session.pack().tables.is_empty() {
            let text = format!("Aggregates of the customer's events may be used anywhere: `{example}`.");
            lines.extend(wrap(&text, self.terminal.width()));
        }
        lines.join("\n") + "\n"
    }

    fn paint(&self) -> Paint {
        Paint::new(self.terminal.color())
    }

    /// Names and functions that have a text in them.
    fn names(&self, text: &str) -> String {
        let pack = self.session.pack();
        let decision = self.session.decision();
        let wanted = text.to_lowercase();
        let fits = |name: &str| name.to_lowercase().contains(&wanted);
        let mut table = Table::new(vec![
            Column::text("name").overflow(Overflow::Cut(20)),
            Column::fixed("kind"),
            Column::fixed("type"),
            Column::text("value").overflow(Overflow::Cut(12)),
            Column::prose("what it is").overflow(Overflow::Cut(12)),
        ]);
        let mut found = 0;
        for (slot, name) in pack.names.iter().filter(|(_, name)| fits(&name.name)) {
            found += 1;
            let value = decision.values.get(slot);
            let value = match value.is_missing() {
                true => Cell::new("unknown", Role::Warn),
                false => Cell::from(cut(&shown(&value), 30)),
            };
            let kind = match name.kind {
                NameKind::Today => "day",
                NameKind::Param => "param",
                NameKind::Column => "column",
                NameKind::Rollup => "rollup",
                NameKind::Fact => "fact",
                NameKind::Decided => "decided",
            };
            let about = Cell::new(clean(&about(pack, slot)), Role::Dim);
            table.row(vec![clean(&name.name).into(), kind.into(), name.ty.word().into(), value, about]);
        }
        let mut lines = if found > 0 { table.draw(self.terminal.width(), self.paint()) } else { Vec::new() };
        let docs =
            functions::docs().iter().filter(|d| fits(d.name)).map(|d| (d.signature.to_owned(), d.help.to_owned()));
        let scripts = pack.scripts.signatures().iter().filter(|s| fits(&s.path()));
        let scripts = scripts.map(|s| (s.declaration(), s.help.clone()));
        if wanted.is_empty() {
            let all = functions::docs().iter().map(|d| d.name.to_owned());
            let all: Vec<String> = all.chain(pack.scripts.signatures().iter().map(|s| s.path())).collect();
            lines.push(String::new());
            lines.extend(wrap(&format!("functions: {}", all.join(", ")), self.terminal.width()));
        } else {
            for (signature, help) in docs.chain(scripts) {
                lines.extend(wrap(&clean(&signature), self.terminal.width()));
                let room = self.terminal.width().saturating_sub(4);
                lines.extend(
                    wrap(&help.replace('\n', " "), room).iter().map(|l| format!("    {}", self.paint().dim(&clean(l)))),
                );
            }
        }
        if lines.is_empty() {
            return format!("no name has `{text}` in it\n");
        }
        lines.join("\n") + "\n"
    }
}

/// What a name is, in the words of the pack: its help, else its text.
fn about(pack: &Pack, slot: crate::expr::Slot) -> String {
    let param = pack.params.iter().find(|p| p.slot == slot).map(|p| p.help.as_str());
    let column = || pack.record.columns.iter().find(|c| c.slot == slot).map(|c| c.help.as_str());
    let fact = || pack.facts.iter().find(|f| f.slot == slot).map(|f| f.text.as_str());
    let rollup = || pack.rollups.iter().find(|r| r.slot == slot).map(|r| r.text.as_str());
    let criterion = || pack.criteria.iter().find(|c| c.slot == slot).map(|c| c.question.as_str());
    param.or_else(column).or_else(fact).or_else(rollup).or_else(criterion).unwrap_or_default().to_owned()
}

/// Where the prompt's history is kept: `$XDG_STATE_HOME/regain/history`, by default in `~/.local/state`.
fn history_file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join("regain").join("history"))
}
