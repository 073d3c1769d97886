//! A page of the manual on a terminal: headings, paragraphs, lists and code of a little Markdown.

use super::{Paint, indent, wrap};

/// Lines longer than this are hard to read, however wide the terminal is.
const WIDEST: usize = 100;

/// A Markdown text, wrapped to the width; headings bold, code moved in and never wrapped.
#[must_use]
pub fn page(markdown: &str, width: usize, color: bool) -> String {
    let paint = Paint::new(color);
    let width = width.min(WIDEST);
    let mut blocks: Vec<String> = Vec::new();
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        if text.starts_with("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```")).collect();
            blocks.push(indent(&code.join("\n"), 4));
        } else if text.starts_with('#') {
            blocks.push(paint.strong(text.trim_start_matches('#').trim()));
        } else if let Some(first) = item(text) {
            let mut items = vec![first.to_owned()];
            while let Some(next) = lines.next_if(|line| !line.trim().is_empty() && !line.starts_with("```")) {
                match (item(next.trim()), items.last_mut()) {
                    (None, Some(last)) => {
                        last.push(' ');
                        last.push_str(next.trim());
                    }
                    (started, _) => items.push(started.unwrap_or_default().to_owned()),
                }
            }
            let items = items.iter().map(|item| wrap(item, width.saturating_sub(2)).join("\n  "));
            blocks.push(items.map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n"));
        } else {
            let mut paragraph = text.to_owned();
            let goes_on = |line: &&str| {
                let text = line.trim();
                !text.is_empty() && !text.starts_with("```") && !text.starts_with('#') && item(text).is_none()
            };
            while let Some(next) = lines.next_if(goes_on) {
                paragraph.push(' ');
                paragraph.push_str(next.trim());
            }
            blocks.push(wrap(&paragraph, width).join("\n"));
        }
    }
    let mut out = blocks.join("\n\n");
    out.push('\n');
    out
}

/// The text of a list item.
fn item(line: &str) -> Option<&str> {
    line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_wrap_and_code_does_not() {
        let text = "# RG0001 a\n\nOne two three\nfour five.\n- six seven eight nine\n  ten\n- eleven\n\n## Code\n\n```toml,fires\na = 'a long line of code'\n\nb = 1\n```\nEnd.\n";
        assert_eq!(
            page(text, 16, false),
            "RG0001 a\n\nOne two three\nfour five.\n\n- six seven\n  eight nine ten\n- eleven\n\nCode\n\n    a = 'a long line of code'\n\n    b = 1\n\nEnd.\n"
        );
        assert!(page(text, 16, true).starts_with("\u{1b}[1mRG0001 a\u{1b}[0m\n"));
        assert_eq!(page("```\nnever closed", 80, false), "    never closed\n");
    }
}
