//! Words and signs of expressions and scripts: layout and comments do not count when two texts are compared.

use std::ops::Range;

/// A text longer than this is not shown whole if only a part of it differs.
const WHOLE: usize = 72;
/// How many words and signs stand around the part that differs.
const AROUND: usize = 2;
/// What differs is cut when it is longer than this.
const LONG: usize = 160;

/// Signs of more than one character, the longer ones first.
const SIGNS: [&str; 17] =
    ["..=", "**=", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "=>", "->", "**", "::", "..", "#{", "${"];

/// The places of the words and signs of a text, without blanks and comments.
pub(super) fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (length, counts) = token(rest);
        if counts {
            found.push(at..at + length);
        }
        at += length.max(1);
    }
    found
}

/// The length of what a text begins with, and whether it counts.
fn token(rest: &str) -> (usize, bool) {
    let Some(first) = rest.chars().next() else { return (1, false) };
    if first.is_whitespace() {
        return (first.len_utf8(), false);
    }
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (comment(rest), false);
    }
    if matches!(first, '"' | '\'' | '`') {
        return (quoted(rest, first), true);
    }
    if first.is_alphanumeric() || first == '_' {
        return (word(rest, first.is_ascii_digit()), true);
    }
    let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
    (sign.map_or(first.len_utf8(), |sign| sign.len()), true)
}

/// A comment, with those within it.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(rest) = rest.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// A text in quotes; to the end if it is never closed.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// A name, or a number with its point.
fn word(rest: &str, number: bool) -> usize {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let point = number && c == '.' && chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        if !(c.is_alphanumeric() || c == '_' || point) {
            return at;
        }
    }
    rest.len()
}

/// Whether two texts say the same but for layout and comments.
pub(super) fn same(a: &str, b: &str) -> bool {
    a == b || words(a).eq(words(b))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    tokens(text).into_iter().filter_map(|range| text.get(range))
}

/// A text on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The parts of two texts that differ, with a little around them; both whole if they are short. Where something is left out
/// stands `…`.
pub(super) fn difference(old: &str, new: &str) -> (String, String) {
    if old.chars().count() <= WHOLE && new.chars().count() <= WHOLE {
        return (one_line(old), one_line(new));
    }
    let (a, b) = (tokens(old), tokens(new));
    let equal = |x: &Range<usize>, y: &Range<usize>| old.get(x.clone()) == new.get(y.clone());
    let before = a.iter().zip(&b).take_while(|(x, y)| equal(x, y)).count();
    let most = a.len().min(b.len()) - before;
    let after = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(x, y)| equal(x, y)).count();
    (part(old, &a, before, after), part(new, &b, before, after))
}

/// A text without its first and last tokens, but for a few.
fn part(text: &str, tokens: &[Range<usize>], before: usize, after: usize) -> String {
    let (from, to) = (before.saturating_sub(AROUND), (tokens.len() - after + AROUND).min(tokens.len()));
    let kept = tokens.get(from..to).unwrap_or_default();
    let (Some(first), Some(last)) = (kept.first(), kept.last()) else { return String::new() };
    let shown = cut(&one_line(text.get(first.start..last.end).unwrap_or_default()));
    let (left, right) = (if from > 0 { "… " } else { "" }, if to < tokens.len() { " …" } else { "" });
    format!("{left}{shown}{right}")
}

/// A text without its middle if it is too long.
pub(super) fn cut(text: &str) -> String {
    let count = text.chars().count();
    if count <= LONG {
        return text.to_owned();
    }
    let half = LONG / 2 - 2;
    let (start, end): (String, String) = (text.chars().take(half).collect(), text.chars().skip(count - half).collect());
    format!("{start} … {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_and_comments_do_not_count() {
        assert!(same("a+b // why\n * 2", "a + b * /* so /* nested */ */ 2"));
        assert!(!same("a + b", "a - b"));
        assert!(!same("\"a b\"", "\"a  b\""));
        assert!(!same("ab", "a b"));
        assert!(same("x??y", "x ?? y"));
        assert!(!same("x < = y", "x <= y"));
        assert!(!same("`a//b`", "`a"));
        assert!(same("größe>1.5", "größe > 1.5"));
        assert!(!same("1.5", "1. 5"));
    }

    #[test]
    fn the_rest_of_a_long_text_is_left_out() {
        assert_eq!(difference("a > 1", "a >  2"), ("a > 1".to_owned(), "a > 2".to_owned()));
        let long = |n: u32| {
            format!("days_silent > max(sleep_after, 3 * usual_gap) && order_count > {n} && !cancelled && margin > 0")
        };
        assert_eq!(
            difference(&long(3), &long(4)),
            ("… order_count > 3 && ! …".to_owned(), "… order_count > 4 && ! …".to_owned())
        );
        let (gone, there) = difference(&long(3), "days_silent > max(sleep_after, 3 * usual_gap) && order_count > 3");
        assert_eq!((gone.as_str(), there.as_str()), ("… > 3 && !cancelled && margin > 0", "… > 3"));
    }

    #[test]
    fn any_text_can_be_taken_apart() {
        for text in ["", "\"", "'x", "/* never", "`${", "\u{301}a", "1..2", "ä\"\\", "//"] {
            for range in tokens(text) {
                assert!(text.get(range).is_some_and(|token| !token.is_empty()), "{text}");
            }
            let _ = difference(
                text,
                "something else that is rather long, and then a little longer than what would be short",
            );
        }
    }
}
