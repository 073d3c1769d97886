//! Where the tokens of a text begin and end, and which bracket closes which.
//!
//! Rhai's tree says where a node *begins*. This scanner knows where it *ends*, so that a caret underlines all of it;
//! it also finds the slips people make, before Rhai's parser sees the text. It follows Rhai's tokenizer.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `12.5`
    Number,
    /// `"abc"`
    Text,
    /// `'a'`; also what was meant to be a text in single quotes.
    Char,
    /// A text in back-ticks: nothing in it is escaped, which suits patterns.
    Ticks,
    /// A name or a keyword.
    Word,
    /// Anything else.
    Symbol,
}

/// A token. Comments and blanks are none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// First byte.
    pub(super) start: usize,
    /// One past the last byte.
    pub(super) end: usize,
    /// The character it starts at, counted from 0.
    pub(super) at: usize,
    /// Of a bracket: the token that closes or opens it.
    pub(super) partner: Option<usize>,
    /// Of a text: whether its closing quote is there and, for [`Kind::Char`], whether it holds one character.
    pub(super) whole: bool,
}

/// What the scanner found.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// Its tokens.
    pub(super) tokens: Vec<Token>,
    /// The text for Rhai: comments and line ends are blanks, character for character, so that a column is a place.
    pub(super) clean: String,
    /// The first bracket that does not fit: the token, and the one it meets (`(` and `]`), if any.
    pub(super) unbalanced: Option<(usize, Option<usize>)>,
}

/// Longest first.
const SYMBOLS: &[&str] = &[
    "===", "!==", "...", "..=", "**=", "<<=", ">>=", "==", "!=", "<=", ">=", "&&", "||", "??", "**", "..", "=>", "=<",
    "<>", "::", "?.", "?[", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "++", "--", "->", "<-", ":=",
    ":;", "|>", "<|", "#{", "(*", "*)", "!.",
];

/// Whether a name may start with it.
fn starts_name(c: char) -> bool {
    c == '_' || rhai::is_valid_identifier(c.encode_utf8(&mut [0; 4]))
}

/// Whether a name may go on with it.
fn continues_name(c: char) -> bool {
    if c.is_ascii() {
        return c == '_' || c.is_ascii_alphanumeric();
    }
    let mut name = String::with_capacity(5);
    name.push('a');
    name.push(c);
    rhai::is_valid_identifier(&name)
}

/// The characters of a text with their bytes.
struct Cursor<'a> {
    text: &'a str,
    byte: usize,
    char: usize,
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.byte..).unwrap_or("")
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest().chars().nth(ahead)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.byte += c.len_utf8();
        self.char += 1;
        Some(c)
    }

    fn skip_while(&mut self, mut keep: impl FnMut(char) -> bool) {
        while self.peek(0).is_some_and(&mut keep) {
            self.next();
        }
    }
}

/// Finds the tokens of a text.
pub(super) fn scan(text: &str) -> Scan<'_> {
    let mut cursor = Cursor { text, byte: 0, char: 0 };
    let mut scan = Scan { text, tokens: Vec::new(), clean: String::with_capacity(text.len()), unbalanced: None };
    while let Some(c) = cursor.peek(0) {
        let (start, at) = (cursor.byte, cursor.char);
        let found = if c.is_whitespace() {
            cursor.next();
            None
        } else if cursor.rest().starts_with("//") || cursor.rest().starts_with("/*") {
            comment(&mut cursor);
            None
        } else {
            Some(token(&mut cursor, c))
        };
        match found {
            None => scan.clean.extend((at..cursor.char).map(|_| ' ')),
            Some((kind, whole)) => {
                scan.clean.push_str(text.get(start..cursor.byte).unwrap_or(""));
                scan.tokens.push(Token { kind, start, end: cursor.byte, at, partner: None, whole });
            }
        }
    }
    scan.pair();
    scan
}

/// Skips a comment. One that is not closed runs to the end.
fn comment(cursor: &mut Cursor<'_>) {
    if cursor.rest().starts_with("//") {
        cursor.skip_while(|c| c != '\n');
        return;
    }
    let mut level = 0usize;
    while cursor.peek(0).is_some() {
        if cursor.rest().starts_with("/*") {
            cursor.next();
            level += 1;
        } else if cursor.rest().starts_with("*/") {
            cursor.next();
            level -= 1;
        }
        cursor.next();
        if level == 0 {
            return;
        }
    }
}

/// Reads one token that starts with `c`.
fn token(cursor: &mut Cursor<'_>, c: char) -> (Kind, bool) {
    match c {
        '0'..='9' => {
            number(cursor);
            (Kind::Number, true)
        }
        '"' | '\'' | '`' => quoted(cursor, c),
        _ if starts_name(c) => {
            cursor.skip_while(continues_name);
            (Kind::Word, true)
        }
        '!' if cursor.rest().starts_with("!in") && !cursor.peek(3).is_some_and(continues_name) => {
            (0..3).for_each(|_| {
                cursor.next();
            });
            (Kind::Symbol, true)
        }
        _ => {
            let length = SYMBOLS.iter().find(|s| cursor.rest().starts_with(**s)).map_or(1, |s| s.len());
            (0..length).for_each(|_| {
                cursor.next();
            });
            (Kind::Symbol, true)
        }
    }
}

/// A text in quotes. A doubled quote stands for one, as Rhai reads it; a line end ends the text.
fn quoted(cursor: &mut Cursor<'_>, quote: char) -> (Kind, bool) {
    let kind = match quote {
        '"' => Kind::Text,
        '`' => Kind::Ticks,
        _ => Kind::Char,
    };
    let mut length = 0usize;
    let mut closed = false;
    cursor.next();
    while let Some(c) = cursor.peek(0) {
        if c == '\n' || c == '\r' {
            break;
        }
        cursor.next();
        if c == '\\' && kind != Kind::Ticks {
            let escaped = cursor.peek(0);
            if escaped.is_some_and(|c| c != '\n' && c != '\r') {
                cursor.next();
            }
            // `\x41`, `\u20ac`, `\U0001f600` are one character each.
            let digits = match escaped {
                Some('x') => 2,
                Some('u') => 4,
                Some('U') => 8,
                _ => 0,
            };
            (0..digits).for_each(|_| {
                if cursor.peek(0).is_some_and(|c| c.is_ascii_hexdigit()) {
                    cursor.next();
                }
            });
        } else if c == quote {
            if cursor.peek(0) != Some(quote) {
                closed = true;
                break;
            }
            cursor.next();
        }
        length += 1;
    }
    (kind, closed && (kind != Kind::Char || length == 1))
}

/// A number, as far as Rhai would read it.
fn number(cursor: &mut Cursor<'_>) {
    let radix = cursor.peek(0) == Some('0') && cursor.peek(1).is_some_and(|c| "xXoObB".contains(c));
    if radix {
        cursor.next();
        cursor.next();
        cursor.skip_while(|c| c == '_' || c.is_ascii_hexdigit());
        return;
    }
    let (mut point, mut exponent) = (false, false);
    while let Some(c) = cursor.peek(0) {
        let after = cursor.peek(1);
        match c {
            '0'..='9' | '_' => {}
            '.' if !point => match after {
                Some('0'..='9') => point = true,
                Some('_' | '.') | None => return,
                Some(c) if starts_name(c) => return,
                Some(_) => point = true,
            },
            'e' | 'E' if !exponent => match after {
                Some('0'..='9') => (point, exponent) = (true, true),
                Some('+' | '-') => {
                    (point, exponent) = (true, true);
                    cursor.next();
                }
                _ => return,
            },
            _ => return,
        }
        cursor.next();
    }
}

impl Scan<'_> {
    /// Fills in [`Token::partner`].
    fn pair(&mut self) {
        let mut open: Vec<usize> = Vec::new();
        for i in 0..self.tokens.len() {
            let closes = match self.str(i) {
                "(" | "[" | "{" | "#{" | "?[" => {
                    open.push(i);
                    continue;
                }
                ")" => "(",
                "]" => "[",
                "}" => "{",
                _ => continue,
            };
            match open.pop() {
                Some(o) if self.str(o).ends_with(closes) => {
                    for (a, b) in [(o, i), (i, o)] {
                        if let Some(token) = self.tokens.get_mut(a) {
                            token.partner = Some(b);
                        }
                    }
                }
                other => {
                    self.unbalanced = Some((i, other));
                    return;
                }
            }
        }
        self.unbalanced = open.pop().map(|o| (o, None));
    }

    /// The text of a token; empty past the end.
    pub(super) fn str(&self, i: usize) -> &str {
        self.tokens.get(i).and_then(|t| self.text.get(t.start..t.end)).unwrap_or("")
    }

    /// What a token is.
    pub(super) fn kind(&self, i: usize) -> Option<Kind> {
        self.tokens.get(i).map(|t| t.kind)
    }

    /// The bracket that belongs to a bracket.
    pub(super) fn partner(&self, i: usize) -> Option<usize> {
        self.tokens.get(i).and_then(|t| t.partner)
    }

    /// The bytes of a token; those at the end of the text if there is none.
    pub(super) fn bytes(&self, i: usize) -> Range<usize> {
        self.tokens.get(i).map_or(self.text.len()..self.text.len(), |t| t.start..t.end)
    }

    /// Whether nothing stands between a token and the next.
    pub(super) fn touches_next(&self, i: usize) -> bool {
        matches!((self.tokens.get(i), self.tokens.get(i + 1)), (Some(a), Some(b)) if a.end == b.start)
    }

    /// The token that covers a character, or else the next one after it.
    pub(super) fn token_at(&self, char: usize) -> usize {
        let next = self.tokens.partition_point(|t| t.at <= char);
        match next.checked_sub(1).and_then(|i| self.tokens.get(i).map(|t| (i, t))) {
            Some((i, t)) if char < t.at + self.text.get(t.start..t.end).map_or(1, |s| s.chars().count()) => i,
            _ => next,
        }
    }

    /// The token that starts at a character.
    pub(super) fn token_starting(&self, char: usize) -> Option<usize> {
        self.tokens.binary_search_by_key(&char, |t| t.at).ok()
    }

    /// Whether a value can end with this token.
    pub(super) fn ends_value(&self, i: usize) -> bool {
        match self.kind(i) {
            Some(Kind::Word) => !is_keyword(self.str(i)),
            Some(Kind::Symbol) => matches!(self.str(i), ")" | "]" | "}"),
            Some(_) => true,
            None => false,
        }
    }

    /// Whether a value begins with this token, and nothing else can.
    pub(super) fn begins_value(&self, i: usize) -> bool {
        match self.kind(i) {
            Some(Kind::Word) => !matches!(self.str(i), "in" | "else"),
            Some(Kind::Symbol) | None => false,
            Some(_) => true,
        }
    }

    /// The smallest range of tokens around `from..=to` in which every bracket has its partner.
    pub(super) fn cover(&self, mut from: usize, mut to: usize) -> (usize, usize) {
        loop {
            let partners = self.tokens.get(from..=to).unwrap_or(&[]).iter().filter_map(|t| t.partner);
            let (low, high) = partners.fold((from, to), |(low, high), p| (low.min(p), high.max(p)));
            if (low, high) == (from, to) {
                return (from, to);
            }
            (from, to) = (low, high);
        }
    }
}

/// The words an expression is built with. `true` and `false` are values.
pub(super) fn is_keyword(word: &str) -> bool {
    matches!(word, "if" | "else" | "switch" | "in")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let scan = scan(text);
        (0..scan.tokens.len()).map(|i| scan.str(i).to_string()).collect()
    }

    #[test]
    fn tokens_end_where_rhai_ends_them() {
        let cases: &[(&str, &[&str])] = &[
            ("a+1.5e-3", &["a", "+", "1.5e-3"]),
            ("1_000.5*x", &["1_000.5", "*", "x"]),
            ("0xFF+1", &["0xFF", "+", "1"]),
            ("1..5", &["1", "..", "5"]),
            ("1.foo", &["1", ".", "foo"]),
            ("20%", &["20", "%"]),
            ("umsatz_jährlich>=3", &["umsatz_jährlich", ">=", "3"]),
            (r#"x == "a\"b" && y"#, &["x", "==", r#""a\"b""#, "&&", "y"]),
            (r#""a""b" + "c""#, &[r#""a""b""#, "+", r#""c""#]),
            (r#""" == x"#, &[r#""""#, "==", "x"]),
            ("a !in [1]", &["a", "!in", "[", "1", "]"]),
            ("!inside", &["!", "inside"]),
            ("a /* b /* c */ d */ + e // f", &["a", "+", "e"]),
            ("a /* b", &["a"]),
            ("'x' + 'abc'", &["'x'", "+", "'abc'"]),
            (r"`^\d` b", &[r"`^\d`", "b"]),
        ];
        for (text, expected) in cases {
            assert_eq!(tokens(text), *expected, "{text}");
        }
    }

    #[test]
    fn the_text_for_rhai_keeps_every_character_in_its_place() {
        let text = "ä /* ü */ +\n b // c";
        let scan = scan(text);
        assert_eq!(scan.clean, "ä         +  b     ");
        assert_eq!(scan.clean.chars().count(), text.chars().count());
    }

    #[test]
    fn brackets_are_paired() {
        let scan = scan("f(a, [b])");
        assert_eq!(scan.partner(1), Some(7));
        assert_eq!(scan.partner(6), Some(4));
        assert!(scan.unbalanced.is_none());
        assert_eq!(super::scan("f(a").unbalanced, Some((1, None)));
        assert_eq!(super::scan("f(a]").unbalanced, Some((3, Some(1))));
        assert_eq!(super::scan("a)").unbalanced, Some((1, None)));
    }
}
