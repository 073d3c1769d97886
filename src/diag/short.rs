//! Diagnostics as one line each, for editors and `grep`.

use std::fmt::Write as _;

use super::{Diagnostic, Sources};

/// One line per diagnostic: `file:line:col: error[RG0203]: message (help)`.
#[must_use]
pub fn render_short(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        if let Some(label) = &diagnostic.primary {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}: ", sources.place(label.span));
        }
        let _ = write!(out, "{}[{}]: {}", diagnostic.severity.word(), diagnostic.code, one_line(&diagnostic.message));
        if !diagnostic.help.is_empty() {
            let _ = write!(out, " ({})", one_line(&diagnostic.help.join("; ")));
        }
        out.push('\n');
    }
    out
}

/// A name in a message may hold a line break; the format may not.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::diag::{Span, code};

    #[test]
    fn one_line_each_with_columns_in_characters() {
        let mut sources = Sources::default();
        let file = sources.add("f.toml", "a = 1\nä = 'ö + x'\n");
        let diagnostics = [
            Diagnostic::error(code::UNKNOWN_NAME, Span::new(file, 17, 18), "`x` is not known here")
                .help("one")
                .help("two"),
            Diagnostic::warning(code::NO_CATCH_ALL, Span::new(file, 0, 1), "some are left\nout"),
            Diagnostic::without_place(code::NO_PACK, "no folder `y`"),
        ];
        assert_eq!(
            render_short(&diagnostics, &sources),
            "f.toml:2:10: error[RG0203]: `x` is not known here (one; two)\n\
             f.toml:1:1: warning[RG0402]: some are left out\n\
             error[RG0003]: no folder `y`\n"
        );
    }
}
