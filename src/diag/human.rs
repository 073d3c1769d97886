//! Diagnostics as people read them on a terminal: the source line, a caret, labels and hints.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, FileId, Label, Severity, Source, Sources, Span};

/// Renders diagnostics as rustc does, separated by an empty line; empty if there is none.
///
/// `width` is that of the terminal in columns; longer source lines are cut around what is underlined.
#[must_use]
pub fn render_human(diagnostics: &[Diagnostic], sources: &Sources, color: bool, width: usize) -> String {
    let renderer = if color { Renderer::styled().hyperlink(false) } else { Renderer::plain() };
    let width = width.max(40);
    let renderer = renderer.term_width(width);
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&renderer.render(&[group(diagnostic, sources, width)]));
        out.push('\n');
    }
    out
}

/// One diagnostic as the title, the excerpts and the hints of a report.
fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources, width: usize) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.to_string());
    let mut group = Group::with_title(title);
    for (source, annotations) in excerpts(diagnostic, sources) {
        let snippet = Snippet::source(source.text.as_ref()).path(source.name.as_str()).annotations(annotations);
        group = group.element(snippet);
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(wrapped(help, width.saturating_sub(MARGIN))));
    }
    group
}

/// What stands left of a hint: line numbers of up to four digits, and `= help: `.
const MARGIN: usize = 14;

/// A hint broken at blanks. Lines of more than one, such as TOML to paste, keep their breaks; a long word sticks out.
fn wrapped(text: &str, room: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut length = 0;
        for word in paragraph.split_inclusive(' ') {
            let word_length = word.trim_end().chars().count();
            if length > 0 && length + word_length > room {
                lines.push(line.trim_end().to_owned());
                line.clear();
                length = 0;
            }
            line.push_str(word);
            length += word.chars().count();
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// What is underlined, by file; the file of the primary place comes first.
fn excerpts<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<(&'a Source, Vec<Annotation<'a>>)> {
    let mut files: Vec<(FileId, &Source, Vec<Annotation<'_>>)> = Vec::new();
    let primary = diagnostic.primary.iter().map(|label| (AnnotationKind::Primary, label));
    let related = diagnostic.related.iter().map(|label| (AnnotationKind::Context, label));
    for (kind, label) in primary.chain(related) {
        let Some(source) = sources.get(label.span.file) else { continue };
        let annotation = annotate(kind, label, source);
        match files.iter_mut().find(|(file, ..)| *file == label.span.file) {
            Some((_, _, annotations)) => annotations.push(annotation),
            None => files.push((label.span.file, source, vec![annotation])),
        }
    }
    files.into_iter().map(|(_, source, annotations)| (source, annotations)).collect()
}

/// One underlined place.
fn annotate<'a>(kind: AnnotationKind, label: &'a Label, source: &Source) -> Annotation<'a> {
    let annotation = kind.span(on_characters(label.span, &source.text));
    if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
}

/// The bytes of a span, moved to the edges of characters and into the text.
fn on_characters(span: Span, text: &str) -> Range<usize> {
    let mut start = (span.start as usize).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (span.end as usize).clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::diag::code;

    fn span_of(sources: &Sources, file: FileId, part: &str) -> Span {
        let text = &sources.get(file).unwrap().text;
        let start = text.find(part).unwrap();
        Span::new(file, start, start + part.len())
    }

    #[test]
    fn shows_line_caret_labels_and_help() {
        let mut sources = Sources::default();
        let facts = sources.add("retail/facts.toml", "[facts]\nstill = 'today - lst_order'\n");
        let base = sources.add("base/facts.toml (shipped)", "[rollups]\nlast_order = 'max(orders.ordered_on)'\n");
        let diagnostic = Diagnostic::error(
            code::UNKNOWN_NAME,
            span_of(&sources, facts, "lst_order"),
            "`lst_order` is not known here",
        )
        .label("no such name")
        .related(span_of(&sources, base, "last_order"), "a rollup of a similar name")
        .help("did you mean `last_order`?");
        let expected = "\
error[RG0203]: `lst_order` is not known here
 --> retail/facts.toml:2:18
  |
2 | still = 'today - lst_order'
  |                  ^^^^^^^^^ no such name
  |
 ::: base/facts.toml (shipped):2:1
  |
2 | last_order = 'max(orders.ordered_on)'
  | ---------- a rollup of a similar name
  |
  = help: did you mean `last_order`?
";
        assert_eq!(render_human(&[diagnostic], &sources, false, 100), expected);
    }

    #[test]
    fn carets_stand_under_what_they_mean_after_wide_and_accented_characters() {
        let mut sources = Sources::default();
        let file = sources.add("f.toml", "a = 'größe_日本 + falsch'\n");
        let diagnostic =
            Diagnostic::error(code::UNKNOWN_NAME, span_of(&sources, file, "falsch"), "`falsch` is not known here");
        let expected = "\
error[RG0203]: `falsch` is not known here
 --> f.toml:1:17
  |
1 | a = 'größe_日本 + falsch'
  |                   ^^^^^^
";
        assert_eq!(render_human(&[diagnostic], &sources, false, 100), expected);
    }

    #[test]
    fn any_span_renders() {
        let mut sources = Sources::default();
        let file = sources.add("f.toml", "ä€\n\t日x");
        for start in 0..14 {
            for end in start..16 {
                for span in [Span::new(file, start, end), Span::new(FileId(7), start, end)] {
                    let diagnostic = Diagnostic::warning(code::TOML, span, "odd").related(span, "here");
                    assert!(render_human(&[diagnostic], &sources, true, 0).contains("odd"));
                }
            }
        }
        let without = Diagnostic::without_place(code::NO_PACK, "there is no folder `x`").help("give a folder");
        assert_eq!(
            render_human(&[without], &sources, false, 80),
            "error[RG0003]: there is no folder `x`\n |\n = help: give a folder\n"
        );
        assert_eq!(render_human(&[], &sources, false, 80), "");
    }

    #[test]
    fn long_hints_are_broken_at_blanks() {
        assert_eq!(wrapped("one two three", 8), "one two\nthree");
        assert_eq!(wrapped("unbreakable x\n[params.y]", 5), "unbreakable\nx\n[params.y]");
        assert_eq!(wrapped("a  b", 40), "a  b");
    }
}
