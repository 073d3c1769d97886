//! The terminal: what goes to stdout, what to stderr, in colour or not. The only place that prints.

use std::io::{self, IsTerminal as _, Write as _};

use super::ColorChoice;
use crate::diag::{Diagnostic, Severity, Sources, render_human};

/// Narrower than this, tables would be unreadable.
const NARROWEST: usize = 60;
/// The width when there is no terminal to ask.
const DEFAULT_WIDTH: usize = 100;

/// A command that could not run, in words.
#[derive(Debug)]
pub struct Failure {
    message: String,
    help: Vec<String>,
}

impl Failure {
    /// A message, lower case, without a full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: Vec::new() }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// The message and the hints, to be shown elsewhere.
    pub(super) fn parts(&self) -> (&str, &[String]) {
        (&self.message, &self.help)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::new(error.to_string())
    }
}

/// Where a command prints.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    color_out: bool,
    color_err: bool,
    width: usize,
}

impl Terminal {
    /// Asks the environment: terminal or pipe, NO_COLOR, width (COLUMNS wins).
    #[must_use]
    pub fn detect(color: ColorChoice) -> Self {
        let wanted = |is_terminal: bool| match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                is_terminal
                    && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                    && std::env::var_os("TERM").is_none_or(|v| v != "dumb")
            }
        };
        let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        let measured = || terminal_size::terminal_size().map(|(w, _)| usize::from(w.0));
        Self {
            color_out: wanted(io::stdout().is_terminal()),
            color_err: wanted(io::stderr().is_terminal()),
            width: columns.or_else(measured).unwrap_or(DEFAULT_WIDTH).max(NARROWEST),
        }
    }

    /// Whether stdout takes colours.
    #[must_use]
    pub fn color(&self) -> bool {
        self.color_out
    }

    /// Columns to lay tables out for.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Writes a result to stdout. A closed pipe ends the command quietly.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        match io::stdout().lock().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
            other => other.map_err(Failure::from),
        }
    }

    /// A remark on stderr.
    pub fn note(&self, text: &str) {
        self.say("note", anstyle::AnsiColor::Cyan, text);
    }

    /// A warning on stderr.
    pub fn warning(&self, text: &str) {
        self.say("warning", anstyle::AnsiColor::Yellow, text);
    }

    /// Why a command could not run, on stderr.
    pub fn error(&self, failure: &Failure) {
        if failure.message.is_empty() {
            return;
        }
        self.say("error", anstyle::AnsiColor::Red, &failure.message);
        for help in &failure.help {
            self.say("help", anstyle::AnsiColor::Cyan, help);
        }
    }

    /// Diagnostics on stderr, and a line that counts them.
    pub fn diagnostics(&self, diagnostics: &[Diagnostic], sources: &Sources) {
        if !diagnostics.is_empty() {
            let text = render_human(diagnostics, sources, self.color_err, self.width);
            self.raw_err(text.trim_end());
            self.raw_err("");
        }
    }

    fn say(&self, word: &str, color: anstyle::AnsiColor, text: &str) {
        let style = anstyle::Style::new().bold().fg_color(Some(color.into()));
        if self.color_err {
            self.raw_err(&format!("{style}{word}{style:#}: {text}"));
        } else {
            self.raw_err(&format!("{word}: {text}"));
        }
    }

    fn raw_err(&self, text: &str) {
        // Nobody is left to tell if stderr is closed.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

/// `2 errors and 1 warning`, `1 warning and 3 notes`
#[must_use]
pub(super) fn count_findings(diagnostics: &[Diagnostic]) -> String {
    let of = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let plural = |(n, word): (usize, &str)| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let all = [(of(Severity::Error), "error"), (of(Severity::Warning), "warning"), (of(Severity::Note), "note")];
    let parts: Vec<String> = all.into_iter().filter(|(n, _)| *n > 0).map(plural).collect();
    match parts.split_last() {
        None => "no findings".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}
