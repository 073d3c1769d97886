//! Text on a terminal: how wide it is, how to cut, pad and wrap it, and how to keep foreign text harmless.

use tabled::grid::util::string::{get_char_width, get_line_width, get_text_width};

/// The display columns of the widest line; escape sequences take none.
#[must_use]
pub fn width(text: &str) -> usize {
    get_text_width(text)
}

/// Text from data, made safe to show on one line: control characters become visible signs, and the invisible ones
/// that turn writing around are dropped, so that no customer's name can move the cursor.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('⏎'),
            '\t' => out.push(' '),
            '\r' => {}
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => {}
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// At most `columns` wide; what is cut ends in `…`. For text without escape sequences.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    // A bound that needs no look at every character of a 4 KiB key.
    if text.len() <= columns || get_line_width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let (mut out, mut used) = (String::new(), 0);
    for c in text.chars() {
        let w = get_char_width(c);
        if used + w > columns - 1 {
            break;
        }
        out.push(c);
        used += w;
    }
    out.push('…');
    out
}

/// At most `columns` wide; what is cut begins with `…`: of a path the end says more. For text without escape sequences.
#[must_use]
pub fn cut_left(text: &str, columns: usize) -> String {
    if get_line_width(text) <= columns {
        return text.to_owned();
    }
    let (mut from, mut used) = (text.len(), 0);
    for (at, c) in text.char_indices().rev() {
        let w = get_char_width(c);
        if used + w + 1 > columns {
            break;
        }
        from = at;
        used += w;
    }
    if columns == 0 { String::new() } else { format!("…{}", text.get(from..).unwrap_or_default()) }
}

/// Filled with blanks on the right to `columns`.
#[must_use]
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(get_line_width(text))))
}

/// Broken into lines of at most `columns` at blanks; a longer word is broken where it must. Line breaks in the text stay.
/// For text without escape sequences.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    wrap_hanging(text, columns, columns)
}

/// As [`wrap`], with another width for the first line than for the rest.
#[must_use]
pub fn wrap_hanging(text: &str, first: usize, rest: usize) -> Vec<String> {
    let room = |lines: &Vec<String>| if lines.is_empty() { first.max(1) } else { rest.max(1) };
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let (mut line, mut used) = (String::new(), 0);
        for word in paragraph.split(' ').filter(|w| !w.is_empty()) {
            let w = get_line_width(word);
            if used > 0 && used + 1 + w > room(&lines) {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            if w + used <= room(&lines) {
                line.push_str(word);
                used += w;
                continue;
            }
            for c in word.chars() {
                let w = get_char_width(c);
                if used > 0 && used + w > room(&lines) {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push(c);
                used += w;
            }
        }
        lines.push(line);
    }
    lines
}

/// Every line that is not empty moved right by so many columns.
#[must_use]
pub fn indent(text: &str, columns: usize) -> String {
    let margin = " ".repeat(columns);
    let lines = text.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("{margin}{line}") });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_count_twice_and_escapes_not_at_all() {
        assert_eq!(width("客户"), 4);
        assert_eq!(width("\u{1b}[1mab\u{1b}[0m"), 2);
        assert_eq!(width("ab\nabc"), 3);
    }

    #[test]
    fn foreign_text_cannot_move_the_cursor() {
        assert_eq!(clean("a\nb\u{1b}[2Jc\u{202e}d\te"), "a⏎b\u{fffd}[2Jcd e");
    }

    #[test]
    fn cuts_to_the_column() {
        assert_eq!(cut("price-comeback", 8), "price-c…");
        assert_eq!(cut("price", 8), "price");
        assert_eq!(cut("客户客户", 5), "客户…");
        assert_eq!(cut("客户客户", 4), "客…");
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn wraps_at_blanks() {
        assert_eq!(wrap("silent for 412 days", 10), ["silent for", "412 days"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("a abcdefgh", 3), ["a", "abc", "def", "gh"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("a\nb", 5), ["a", "b"]);
    }

    #[test]
    fn a_hanging_text_uses_its_first_line_whole() {
        assert_eq!(wrap_hanging("aa bb cc dd", 8, 5), ["aa bb cc", "dd"]);
        assert_eq!(wrap_hanging("aa bb cc dd ee", 8, 5), ["aa bb cc", "dd ee"]);
        assert_eq!(wrap_hanging("abcdefghij", 6, 3), ["abcdef", "ghi", "j"]);
    }

    #[test]
    fn indents_lines_but_not_empty_ones() {
        assert_eq!(indent("a\n\nb", 2), "  a\n\n  b");
    }
}
