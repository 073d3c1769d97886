//! Which cases are run: a part of the name of a case or a file.

use regex::{Regex, RegexBuilder};

use super::CaseSet;

/// A part of the name of a case or a file, in any case; behind `re:` a regular expression.
#[derive(Debug, Clone)]
pub enum Filter {
    /// In small letters.
    Part(String),
    /// A regular expression.
    Pattern(Regex),
}

impl Filter {
    /// Reads what was typed.
    ///
    /// # Errors
    /// The regular expression cannot be read; the reason in words.
    pub fn parse(text: &str) -> Result<Filter, String> {
        match text.strip_prefix("re:") {
            Some(pattern) => {
                RegexBuilder::new(pattern).case_insensitive(true).build().map(Filter::Pattern).map_err(|error| {
                    let reason = error.to_string();
                    let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    format!("`{pattern}` is no regular expression: {reason}")
                })
            }
            None => Ok(Filter::Part(text.to_lowercase())),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Filter::Part(part) => text.to_lowercase().contains(part),
            Filter::Pattern(pattern) => pattern.is_match(text),
        }
    }
}

impl CaseSet {
    /// Only the cases a filter names; files without any are left out.
    #[must_use]
    pub fn only(mut self, filter: &Filter) -> CaseSet {
        self.files.retain_mut(|file| {
            if !filter.matches(&file.name) {
                file.cases.retain(|case| filter.matches(&case.name));
            }
            !file.cases.is_empty()
        });
        self
    }
}
