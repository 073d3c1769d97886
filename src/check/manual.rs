//! The manual pages of all codes: `manual/RG0123.md`.
//!
//! A page begins with its code and name (`# RG0541 unknown_value`), then says in one sentence what it finds. Its examples are run as
//! tests: blocks marked `fires` must be found, blocks marked `fine` must not.

use super::{Level, lint};
use crate::diag::{Code, Rule, Severity, code};

/// The pages, by code.
macro_rules! pages {
    ($($code:literal),+ $(,)?) => {
        &[$(($code, include_str!(concat!("manual/RG", $code, ".md")))),+]
    };
}

/// Every page: the digits of its code, and its text.
const PAGES: &[(&str, &str)] = pages![
    "0001", "0002", "0003", "0004", "0101", "0102", "0103", "0104", "0105", "0106", "0107", "0108", "0201", "0202",
    "0203", "0204", "0205", "0206", "0207", "0208", "0209", "0301", "0302", "0401", "0402", "0403", "0501", "0502",
    "0503", "0504", "0505", "0506", "0507", "0521", "0522", "0523", "0531", "0532", "0533", "0534", "0535", "0541",
    "0542", "0543", "0544", "0545", "0551", "0552", "0553", "0561", "0571", "0581", "0582", "0583", "0591", "0592",
    "0601", "0602", "0603", "0610", "0611", "0612",
];

/// The manual page of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Its code.
    pub code: Code,
    /// Its short name; of a lint, the name in `[lints]`.
    pub name: &'static str,
    /// What it finds, in one sentence.
    pub what: &'static str,
    /// All of it, as Markdown.
    pub text: &'static str,
}

/// Every page, by code.
pub fn pages() -> impl Iterator<Item = Page> {
    PAGES.iter().filter_map(|(digits, text)| {
        let mut lines = text.lines();
        let name = lines.next()?.rsplit(' ').next()?;
        let what = lines.find(|line| !line.trim().is_empty())?.trim();
        Some(Page { code: Code(digits.parse().ok()?), name, what, text })
    })
}

/// The page of a code, as Markdown.
#[must_use]
pub fn page(code: Code) -> Option<&'static str> {
    pages().find(|page| page.code == code).map(|page| page.text)
}

/// The page someone asks for by code (`RG0541`, `rg541`) or by name (`unknown_value`, `unknown-value`).
#[must_use]
pub fn find(asked: &str) -> Option<Page> {
    let plain = asked.trim().to_ascii_lowercase().replace('-', "_");
    let digits = plain.strip_prefix("rg").unwrap_or(&plain);
    let code = digits.parse().ok().map(Code);
    pages().find(|page| Some(page.code) == code || page.name == plain)
}

/// As what a code is shown if nothing is set: `None` if it is not shown.
#[must_use]
pub fn severity(of: Code) -> Option<Severity> {
    match lint(of) {
        Some(lint) => match lint.level {
            Level::Allow => None,
            Level::Warn => Some(Severity::Warning),
            Level::Deny => Some(Severity::Error),
        },
        None => Some(match of {
            code::NO_CATCH_ALL | code::UNREACHABLE | code::CASE_EXPECTS_NOTHING => Severity::Warning,
            code::NOT_COVERED | code::MUTANT_SURVIVED => Severity::Warning,
            _ => Severity::Error,
        }),
    }
}

/// What SARIF says about a code.
#[must_use]
pub fn rule(of: Code) -> Option<Rule<'static>> {
    let page = pages().find(|page| page.code == of)?;
    let level = severity(of).unwrap_or(Severity::Note);
    // What the tests are to make of an example is nothing for a viewer.
    let claims = [",fires", ",fine", ",text"];
    let lines = page.text.lines().map(|line| match line.strip_prefix("```") {
        Some(info) => format!("```{}\n", claims.iter().fold(info, |info, claim| info.trim_end_matches(claim))),
        None => format!("{line}\n"),
    });
    Some(Rule { name: page.name, what: page.what, level, page: lines.collect() })
}
