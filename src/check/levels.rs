#![doc = include_str!("manual/RG0591.md")]
#![doc = include_str!("manual/RG0592.md")]
//!
//! Which findings are shown, and as what: `[lints]` in a pack, comments in a line.
//!
//! ```toml
//! [lints]
//! magic_number = "allow"
//! masked = { level = "deny", reason = "our CI stands on it" }
//!
//! [[states]]
//! name = "asleep"
//! when = 'days_silent > 180'   # regain: allow(magic_number) agreed with the board in 2025
//! ```

use super::comments::{Comments, of_pack};
use super::{LINTS, Lint, Subject};
use crate::diag::{Code, Diagnostic, Severity, code, nearest};
pub use crate::pack::LintLevel as Level;
use crate::pack::Pack;

/// Settings and comments that name no lint, or give no reason.
pub const BAD_LINT_SETTING: Lint = Lint {
    code: code::BAD_LINT_SETTING,
    name: "bad_lint_setting",
    level: Level::Warn,
    what: "a setting or comment that names no lint, or an allowance without a reason",
    run: bad_settings,
};

/// Comments that allow a finding where there is none. What they allow is only known when all lints have run: see [`apply`].
pub const ALLOWS_NOTHING: Lint = Lint {
    code: code::ALLOWS_NOTHING,
    name: "allows_nothing",
    level: Level::Warn,
    what: "a comment that allows a finding where there is none",
    run: |_, _| {},
};

/// What is found with data, cases or mutants only: a comment that allows it is no idle one without them.
const NOT_ALWAYS_LOOKED_FOR: [(&str, Code); 6] = [
    ("not_in_data", code::NOT_IN_DATA),
    ("value_not_listed", code::VALUE_NOT_LISTED),
    ("idle_on_data", code::IDLE_ON_DATA),
    ("no_cases", code::NO_CASES),
    ("not_covered", code::NOT_COVERED),
    ("mutant_survived", code::MUTANT_SURVIVED),
];

/// Sets the severity of findings, drops those that are allowed, and adds the comments of the pack's own files that allow nothing.
#[must_use]
pub fn apply(pack: &Pack, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let comments = of_pack(pack);
    let mut used = vec![false; comments.allows.len()];
    let mut kept = set(pack, &comments, found, &mut used);
    let idle = idle(pack, &comments, &used);
    // A comment may allow such a comment, too; that one is never idle.
    kept.extend(set(pack, &comments, idle, &mut used));
    kept
}

/// As [`apply`], for what was found beside the lints of [`check`](super::check()): with data. No comment is called idle.
#[must_use]
pub fn apply_to_more(pack: &Pack, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let comments = of_pack(pack);
    let mut used = vec![false; comments.allows.len()];
    set(pack, &comments, found, &mut used)
}

/// The level in force for a code, comments aside.
#[must_use]
pub fn level(pack: &Pack, code: Code) -> Level {
    let Some(name) = name_of(code) else { return Level::Warn };
    let set = pack.lints.iter().find(|setting| setting.name == name).map(|setting| setting.level);
    set.unwrap_or_else(|| super::lint(code).map_or(Level::Warn, |lint| lint.level))
}

fn set(pack: &Pack, comments: &Comments, found: Vec<Diagnostic>, used: &mut [bool]) -> Vec<Diagnostic> {
    let mut kept = Vec::new();
    for mut diagnostic in found {
        if allowed(comments, &diagnostic, used) {
            continue;
        }
        match level(pack, diagnostic.code) {
            Level::Allow => continue,
            Level::Deny => diagnostic.severity = Severity::Error,
            // What could not be decided stays a note.
            Level::Warn if diagnostic.severity == Severity::Note => {}
            Level::Warn => diagnostic.severity = Severity::Warning,
        }
        kept.push(diagnostic);
    }
    kept
}

/// Whether a comment allows a finding; every comment that does is used.
fn allowed(comments: &Comments, diagnostic: &Diagnostic, used: &mut [bool]) -> bool {
    let (Some(name), Some(primary)) = (name_of(diagnostic.code), &diagnostic.primary) else { return false };
    let mut any = false;
    for index in comments.covering(primary.span) {
        let names = comments.allows.get(index).map(|allow| allow.names.as_slice()).unwrap_or_default();
        if names.iter().any(|(other, _)| other == name) {
            any = true;
            if let Some(used) = used.get_mut(index) {
                *used = true;
            }
        }
    }
    any
}

fn idle(pack: &Pack, comments: &Comments, used: &[bool]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (allow, used) in comments.allows.iter().zip(used) {
        let known = allow.names.iter().all(|(name, _)| code_of(name).is_some());
        let always = !allow.names.iter().any(|(name, _)| NOT_ALWAYS_LOOKED_FOR.iter().any(|(other, _)| other == name));
        if *used || !known || !always || allow.names.is_empty() || !pack.is_own(allow.span) {
            continue;
        }
        let names: Vec<String> = allow.names.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message = format!("this comment allows nothing: there is no finding of {} here", names.join(" or "));
        let help = "take it away; it stands on the line of a finding, on the line above, or at the head of the thing";
        found.push(Diagnostic::warning(code::ALLOWS_NOTHING, allow.span, message).help(help));
    }
    found
}

fn bad_settings(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    for setting in pack.lints.iter().filter(|setting| code_of(&setting.name).is_none()) {
        found.push(unknown(&setting.name, setting.span));
    }
    let comments = of_pack(pack);
    for allow in &comments.allows {
        for (name, span) in &allow.names {
            if code_of(name).is_none() {
                found.push(unknown(name, *span));
            }
        }
        if allow.reason.is_empty() {
            let message = "an allowed finding needs a reason";
            let names: Vec<&str> = allow.names.iter().map(|(name, _)| name.as_str()).collect();
            let help = format!("write it behind: `regain: allow({}) agreed with sales in March`", names.join(", "));
            found.push(Diagnostic::warning(code::BAD_LINT_SETTING, allow.span, message).help(help));
        }
    }
    for span in &comments.malformed {
        let message = "this comment to regain cannot be read";
        let help = "write `regain: allow(NAME) why`, with the name of a lint";
        found.push(Diagnostic::warning(code::BAD_LINT_SETTING, *span, message).help(help));
    }
}

fn unknown(name: &str, span: crate::diag::Span) -> Diagnostic {
    let message = format!("there is no lint `{name}`");
    let diagnostic = Diagnostic::warning(code::BAD_LINT_SETTING, span, message);
    match nearest(name, names()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("the name stands in the first line of `regain check --explain CODE`"),
    }
}

/// Every name that can be set or allowed.
fn names() -> impl Iterator<Item = &'static str> {
    let more = NOT_ALWAYS_LOOKED_FOR.iter().map(|(name, _)| *name);
    LINTS.iter().map(|lint| lint.name).chain(more.filter(|name| !LINTS.iter().any(|lint| lint.name == *name)))
}

/// The name of a code that can be set or allowed.
#[must_use]
pub fn name_of(code: Code) -> Option<&'static str> {
    let lint = super::lint(code).map(|lint| lint.name);
    lint.or_else(|| NOT_ALWAYS_LOOKED_FOR.iter().find(|(_, other)| *other == code).map(|(name, _)| *name))
}

fn code_of(name: &str) -> Option<Code> {
    let lint = LINTS.iter().find(|lint| lint.name == name).map(|lint| lint.code);
    lint.or_else(|| NOT_ALWAYS_LOOKED_FOR.iter().find(|(other, _)| *other == name).map(|(_, code)| *code))
}
