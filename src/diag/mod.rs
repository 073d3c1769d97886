//! Diagnostics: what is wrong in a pack, where, and what to do about it.
//!
//! A phase collects every [`Diagnostic`] it finds instead of stopping at the first; one renderer
//! per file turns them into text. Codes are data: nothing matches on message text.

pub mod code;
mod github;
mod human;
mod json;
mod sarif;
mod short;
mod suggest;

pub use code::Code;
pub use github::render_github;
pub use human::render_human;
pub use json::render_json;
pub use sarif::{Rule, render_sarif};
pub use short::render_short;
pub use suggest::nearest;

use std::sync::Arc;

/// A source file known to a [`Sources`] table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A byte range in one source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets.
    #[must_use]
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { file, start: clip(start), end: clip(end.max(start)) }
    }

    /// The smallest span that covers both; `self` if they are in different files.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One source text: a TOML file or a script of a pack.
#[derive(Debug, Clone)]
pub struct Source {
    /// How the file is shown to the user: the path as given, or `base/facts.toml (shipped)`.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
}

impl Source {
    /// The path of a file on disk, with forward slashes; `Err` with the name if the text is inside of regain.
    pub(crate) fn path(&self) -> Result<String, &str> {
        match self.name.strip_suffix(SHIPPED) {
            Some(name) => Err(name),
            None => {
                let path = self.name.replace('\\', "/");
                Ok(path.strip_prefix("./").map(str::to_owned).unwrap_or(path))
            }
        }
    }
}

/// How the names of texts end that come with regain and are no files of the user.
pub const SHIPPED: &str = " (shipped)";

/// All source texts of a pack, so that a [`Span`] can be shown.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a text and returns its id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source { name: name.into(), text: text.into() });
        id
    }

    /// The file behind an id, if it is one of ours.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// All files, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(i, s)| (FileId(i as u32), s))
    }

    /// Start and end of a span as [`Sources::place`] counts; the end is one past the last character.
    #[must_use]
    pub fn region(&self, span: Span) -> (Place, Place) {
        (self.place(span), self.place(Span { start: span.end.max(span.start), ..span }))
    }

    /// The text a span covers; empty if the span does not fit.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).and_then(|s| s.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// File name, line and column (both from 1, columns count characters) of a span's start.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        let Some(source) = self.get(span.file) else {
            return Place { file: String::new(), line: 0, column: 0 };
        };
        let mut start = (span.start as usize).min(source.text.len());
        while !source.text.is_char_boundary(start) {
            start -= 1;
        }
        let before = source.text.get(..start).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        Place {
            file: source.name.clone(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or("").chars().count() + 1,
        }
    }
}

/// A position as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// File as shown to the user.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// How bad it is. A pack with an error never runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// For information: what could not be decided, and why. Never counts as a finding.
    Note,
    /// The pack runs, but a person should look.
    Warning,
    /// The pack does not run.
    Error,
}

impl Severity {
    /// `error`, `warning` or `note`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A place in a source text and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there; may be empty on the primary label.
    pub text: String,
}

/// One finding.
///
/// Messages are lower case without a full stop, names from the user's text stand in back-ticks,
/// and no Rust type is ever named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// One line.
    pub message: String,
    /// The place it is about. `None` only when there is no text to point at.
    pub primary: Option<Label>,
    /// Related places (`first defined here`).
    pub related: Vec<Label>,
    /// What to do.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            primary: Some(Label { span, text: String::new() }),
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A warning at a place.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// A note at a place.
    pub fn note(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, span, message) }
    }

    /// An error without a place: a folder that is not there.
    pub fn without_place(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            primary: None,
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    /// Says something at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(label) = &mut self.primary {
            label.text = text.into();
        }
        self
    }

    /// Adds a related place.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds ``did you mean `x`?`` if one of the candidates is close enough.
    #[must_use]
    pub fn did_you_mean<'a>(self, wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(wrong, known) {
            Some(name) => {
                let text = format!("did you mean `{name}`?");
                self.help(text)
            }
            None => self,
        }
    }
}

/// Whether any of them is an error.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}
