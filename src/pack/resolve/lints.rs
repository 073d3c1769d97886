//! `[lints]`: which findings a pack wants to see, and as what.

use super::Resolver;
use super::read::{Fields, no_such_word};
use crate::diag::{Diagnostic, code};
use crate::pack::format;
use crate::pack::raw::{Entry, Raw, Table};
use crate::pack::{LintLevel, LintSetting};

const LEVELS: [(&str, LintLevel); 3] =
    [("allow", LintLevel::Allow), ("warn", LintLevel::Warn), ("deny", LintLevel::Deny)];

impl Resolver<'_> {
    pub(super) fn lints(&mut self, root: &Table) -> Vec<LintSetting> {
        let mut settings = Vec::new();
        for (name, entry) in self.things(root, "lints") {
            if let Some((level, reason)) = self.lint(name, entry) {
                settings.push(LintSetting { name: name.to_owned(), level, reason, span: entry.key });
            }
        }
        settings
    }

    /// `name = "deny"` or `name = { level = "deny", reason = "…" }`.
    fn lint(&mut self, name: &str, entry: &Entry) -> Option<(LintLevel, String)> {
        match &entry.node.value {
            Raw::Text(text) => {
                let found = LEVELS.iter().find(|(word, _)| *word == text.text);
                if found.is_none() {
                    let mut diagnostic = no_such_word(name, text, &LEVELS.map(|(word, _)| word));
                    diagnostic.code = code::BAD_LINT_SETTING;
                    self.diagnostics.push(diagnostic);
                }
                found.map(|(_, level)| (*level, String::new()))
            }
            Raw::Table(_) => {
                let what = format!("lint `{name}`");
                let fields = Fields::open(&entry.node, entry.key, what, &format::LINT, &mut self.diagnostics)?;
                let reason = fields.string("reason", &mut self.diagnostics);
                let text = fields.required_text("level", "`allow`, `warn` or `deny`", &mut self.diagnostics)?;
                let found = LEVELS.iter().find(|(word, _)| *word == text.text);
                if found.is_none() {
                    let mut diagnostic = no_such_word("level", text, &LEVELS.map(|(word, _)| word));
                    diagnostic.code = code::BAD_LINT_SETTING;
                    self.diagnostics.push(diagnostic);
                }
                found.map(|(_, level)| (*level, reason))
            }
            other => {
                let message = format!("the level of lint `{name}` must be a text, this is {}", other.kind());
                let help = format!("as in `{name} = \"warn\"`, or `{name} = {{ level = \"allow\", reason = \"…\" }}`");
                let at = entry.node.span;
                self.diagnostics.push(Diagnostic::error(code::BAD_LINT_SETTING, at, message).help(help));
                None
            }
        }
    }
}
