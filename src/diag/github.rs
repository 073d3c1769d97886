//! Diagnostics as workflow commands of GitHub Actions: annotations on the lines of a pull request.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message>

use std::fmt::Write as _;

use super::{Diagnostic, Severity, Sources};

/// One line per diagnostic: `::error file=…,line=…,col=…,endLine=…,endColumn=…,title=RG0203::message`. Related places and hints are
/// further lines of the message.
#[must_use]
pub fn render_github(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let mut properties = Vec::new();
        let mut text = String::new();
        if let Some(label) = &diagnostic.primary
            && let Some(source) = sources.get(label.span.file)
        {
            let (start, end) = sources.region(label.span);
            match source.path() {
                Ok(path) => {
                    properties.push(format!("file={}", property(&path)));
                    properties.push(format!("line={}", start.line));
                    // GitHub drops columns of what is on several lines.
                    if start.line == end.line {
                        properties.push(format!("col={}", start.column));
                        properties.push(format!("endLine={},endColumn={}", end.line, end.column.max(start.column)));
                    } else {
                        properties.push(format!("endLine={}", end.line));
                    }
                }
                // There is no line to annotate; the message says where it is.
                Err(_) => text = format!("{start}: "),
            }
        }
        properties.push(format!("title={}", diagnostic.code));
        text.push_str(&diagnostic.message);
        if let Some(label) = diagnostic.primary.as_ref().filter(|label| !label.text.is_empty()) {
            // Writing to a string cannot fail.
            let _ = write!(text, " ({})", label.text);
        }
        for label in &diagnostic.related {
            let _ = write!(text, "\n{}: {}", sources.place(label.span), label.text);
        }
        for help in &diagnostic.help {
            let _ = write!(text, "\nhelp: {help}");
        }
        let _ = writeln!(out, "::{command} {}::{}", properties.join(","), message(&text));
    }
    out
}

/// A message of a workflow command; nothing in it ends the line.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::diag::{Span, code};

    #[test]
    fn one_command_a_line_and_nothing_breaks_out_of_it() {
        let mut sources = Sources::default();
        let file = sources.add("./ours\\facts,1:2 %.toml", "ä = 'ö + xy'\nz = '''\n'''\n");
        let base = sources.add("base/facts.toml (shipped)", "[facts]\na = 'b'\n");
        let diagnostics = [
            Diagnostic::error(code::UNKNOWN_NAME, Span::new(file, 11, 13), "`xy` is 100 % unknown,\n::error ::x")
                .label("no such name")
                .related(Span::new(base, 8, 9), "a fact: `a`")
                .help("did you mean\r\n`xz`?"),
            Diagnostic::warning(code::UNREACHABLE, Span::new(file, 19, 26), "two lines"),
            Diagnostic::note(code::NOT_DECIDED, Span::new(base, 13, 14), "not decided"),
            Diagnostic::without_place(code::NO_PACK, "no folder `y`"),
        ];
        assert_eq!(
            render_github(&diagnostics, &sources),
            "::error file=ours/facts%2C1%3A2 %25.toml,line=1,col=10,endLine=1,endColumn=12,title=RG0203::`xy` is 100 %25 \
             unknown,%0A::error ::x (no such name)%0Abase/facts.toml (shipped):2:1: a fact: `a`%0Ahelp: did you mean%0D%0A`xz`?\n\
             ::warning file=ours/facts%2C1%3A2 %25.toml,line=2,endLine=3,title=RG0403::two lines\n\
             ::notice title=RG0507::base/facts.toml (shipped):2:6: not decided\n\
             ::error title=RG0003::no folder `y`\n"
        );
        assert_eq!(render_github(&[], &sources), "");
    }
}
