//! `matches` and `mentions`: searching texts for a pattern, or for words as people mean them.

use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};
use regex::{Regex, RegexBuilder};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Doc;

/// The documentation of this family.
pub(super) const DOCS: &[Doc] = &[
    Doc {
        name: "matches",
        signature: "matches(text: text, \"pattern\") -> bool",
        help: "whether the regular expression is found somewhere in the text; `^` and `$` tie it to the ends, `(?i)` ignores case",
        missing: "missing if the text is; the pattern must be written out",
        example: r#"matches("DE-80331 München", `^DE-\d{5}`)"#,
        result: "true",
    },
    Doc {
        name: "mentions",
        signature: "mentions(text: text, [\"word\", \"a phrase\", …]) -> bool",
        help: "whether the text contains one of the words or phrases; whole words only; case, accents, punctuation and \
               line breaks do not count, `ß` is `ss`",
        missing: "missing if the text is; the words must be written out",
        example: r#"mentions("Far TOO-EXPENSIVE for me!", ["price", "too expensive"])"#,
        result: "true",
    },
];

/// Bytes a compiled pattern may take: generous for any written by a person, small enough that `\w{1000}{1000}` is
/// refused at once.
const SIZE_LIMIT: usize = 4 << 20;

/// A compiled pattern of `matches`.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As written.
    pub text: String,
    regex: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Pattern {
    /// Compiles a regular expression.
    ///
    /// # Errors
    /// What is wrong with it, in plain words.
    pub fn compile(text: &str) -> Result<Pattern, String> {
        match RegexBuilder::new(text).size_limit(SIZE_LIMIT).build() {
            Ok(regex) => Ok(Pattern { text: text.to_owned(), regex }),
            Err(regex::Error::CompiledTooBig(_)) => {
                Err("the pattern is too large, mostly because of repetitions such as `{1000}`".to_owned())
            }
            Err(error) => Err(plain_words(&error.to_string())),
        }
    }

    /// Whether it is found somewhere in the text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// The reason and the place out of the library's drawing: the pattern, carets below it, `error: reason`.
fn plain_words(drawing: &str) -> String {
    let lines: Vec<&str> = drawing.lines().collect();
    let reason = lines.iter().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or("the pattern is broken");
    let reason = match reason {
        "unclosed character class" => "`[` is never closed",
        "unclosed group" => "`(` is never closed",
        "unopened group" => "`)` closes nothing",
        "repetition operator missing expression" => "there is nothing to repeat; write `\\*` for the character itself",
        "unclosed counted repetition" => "`{` is never closed; write `\\{` for the character itself",
        "unrecognized escape sequence" => "there is no such escape; `\\\\` is a backslash",
        "invalid character class range, the start must be <= the end" => "the range in `[…]` is the wrong way round",
        "invalid repetition count range, the start must be <= the end" => "the range in `{…}` is the wrong way round",
        "repetition quantifier expects a valid decimal" => {
            "a number is missing in `{…}`; write `\\{` for the character itself"
        }
        "incomplete escape sequence, reached end of pattern prematurely" => "the pattern ends with a single backslash",
        "look-around, including look-ahead and look-behind, is not supported" => {
            "looking ahead or behind (`(?=`, `(?!`, `(?<=`, `(?<!`) is not supported"
        }
        other => other,
    };
    // A pattern of one line is drawn on the second line, the carets on the third, both indented alike.
    let fragment = match lines.as_slice() {
        [_, pattern, carets, ..] if carets.contains('^') && carets.chars().all(|c| c == ' ' || c == '^') => {
            pattern.chars().zip(carets.chars()).filter(|(_, mark)| *mark == '^').map(|(c, _)| c).collect()
        }
        _ => String::new(),
    };
    if fragment.is_empty() { reason.to_owned() } else { format!("{reason}, at `{fragment}`") }
}

/// A compiled word list of `mentions`.
///
/// Text and phrases are folded alike (see [`fold`]); a phrase is then mentioned if its folded form, which begins and
/// ends with a blank, stands in the folded text.
#[derive(Debug, Clone)]
pub struct Words {
    /// As written.
    pub list: Vec<String>,
    needles: Vec<String>,
    /// `None` if the list is too large for one automaton; then the needles are tried in turn.
    automaton: Option<Arc<AhoCorasick>>,
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Words {
    /// Compiles a list of words and phrases. Those without a letter, digit or symbol are ignored.
    #[must_use]
    pub fn compile(list: Vec<String>) -> Words {
        let mut needles: Vec<String> = list.iter().map(|word| fold(word)).filter(|n| n != BLANK).collect();
        needles.sort();
        needles.dedup();
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&needles).ok().map(Arc::new);
        Words { list, needles, automaton }
    }

    /// Whether the text mentions one of them.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        !self.needles.is_empty() && self.is_match_folded(&fold(text))
    }

    /// Whether a text that is already [`fold`]ed mentions one of them.
    #[must_use]
    pub fn is_match_folded(&self, folded: &str) -> bool {
        match &self.automaton {
            Some(automaton) => automaton.is_match(folded),
            None => self.needles.iter().any(|needle| folded.contains(needle.as_str())),
        }
    }

    /// The first of the words as written that the text mentions, for explanations.
    #[must_use]
    pub fn first_match(&self, text: &str) -> Option<&str> {
        let folded = fold(text);
        self.list.iter().map(String::as_str).find(|word| {
            let needle = fold(word);
            needle != BLANK && folded.contains(&needle)
        })
    }

    /// The folded forms looked for, sorted, each once; never a blank alone. One automaton over the needles of several
    /// lists, run over a folded text, finds what each of them mentions.
    #[must_use]
    pub fn needles(&self) -> &[String] {
        &self.needles
    }
}

/// What a text without a word folds to.
const BLANK: &str = " ";

/// A text as `mentions` compares it: a blank, then every word followed by a blank.
///
/// Compatibility forms and accents are taken off (NFKD without combining marks), letters are small, `ß` is `ss`, and
/// the letters with a stroke or a ligature (`ø ł đ æ œ`) are their plain ones. Blanks, punctuation and control
/// characters separate words; any other symbol (`€`, an emoji) is a word of its own.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 2);
    folded.push(' ');
    if text.is_ascii() {
        for byte in text.bytes() {
            push(&mut folded, char::from(byte.to_ascii_lowercase()));
        }
    } else {
        // Lowering a letter may give marks of its own (`İ`), and must see the letter that NFKD gave (`ﬀ`).
        for c in text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)) {
            match c {
                'ß' => folded.push_str("ss"),
                'æ' => folded.push_str("ae"),
                'œ' => folded.push_str("oe"),
                'ø' => folded.push('o'),
                'ł' => folded.push('l'),
                'đ' => folded.push('d'),
                'ı' => folded.push('i'),
                'ς' => folded.push('σ'),
                c => push(&mut folded, c),
            }
        }
    }
    if !folded.ends_with(' ') {
        folded.push(' ');
    }
    folded
}

/// Adds one character that is already lowered and decomposed.
fn push(folded: &mut String, c: char) {
    if c.is_alphanumeric() {
        folded.push(c);
    } else if c.is_ascii() || is_separator(c) {
        if !folded.ends_with(' ') {
            folded.push(' ');
        }
    } else {
        if !folded.ends_with(' ') {
            folded.push(' ');
        }
        folded.push(c);
        folded.push(' ');
    }
}

/// Whether a character beyond ASCII is white space, punctuation or a control character.
fn is_separator(c: char) -> bool {
    static SEPARATORS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{P}\p{Z}\p{C}\p{Sk}]$").ok());
    let mut buffer = [0; 4];
    c.is_whitespace() || SEPARATORS.as_ref().is_none_or(|regex| regex.is_match(c.encode_utf8(&mut buffer)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    fn mentions(text: &str, words: &[&str]) -> bool {
        let words = Words::compile(words.iter().map(|w| (*w).to_owned()).collect());
        let found = words.is_match(text);
        assert_eq!(found, words.first_match(text).is_some(), "{text}");
        let without = Words { automaton: None, ..words.clone() };
        assert_eq!(found, without.is_match(text), "{text}");
        found
    }

    #[test]
    fn whole_words_only() {
        assert!(mentions("the price is high", &["price"]));
        assert!(mentions("price", &["price"]));
        assert!(mentions("Price!", &["price"]));
        assert!(!mentions("priceless", &["price"]));
        assert!(!mentions("overprice", &["price"]));
        assert!(!mentions("price2", &["price"]));
        assert!(!mentions("", &["price"]));
        assert!(!mentions("prices", &["price"]));
    }

    #[test]
    fn phrases_reach_over_blanks_and_punctuation() {
        for text in
            ["too expensive", "TOO-EXPENSIVE", "way too,\n  expensive.", "“too … expensive”", "too\u{a0}expensive"]
        {
            assert!(mentions(text, &["too expensive"]), "{text}");
        }
        assert!(mentions("too expensive", &["Too-Expensive!"]));
        assert!(!mentions("too very expensive", &["too expensive"]));
        assert!(!mentions("tooexpensive", &["too expensive"]));
        assert!(!mentions("too expensively", &["too expensive"]));
        assert!(mentions("I don’t know", &["don't"]));
    }

    #[test]
    fn case_and_accents_do_not_count() {
        assert!(mentions("Kündigung wegen Preiserhöhung", &["kundigung"]));
        assert!(mentions("kundigung", &["KÜNDIGUNG"]));
        assert!(mentions("Ku\u{308}ndigung", &["Kündigung"]));
        assert!(mentions("Großhandel", &["GROSSHANDEL"]));
        assert!(mentions("GROẞ", &["groß"]));
        assert!(mentions("ﬁnance", &["finance"]));
        assert!(mentions("İstanbul", &["istanbul"]));
        assert!(mentions("Łódź Øre", &["lodz ore"]));
        assert!(mentions("ΟΔΟΣ", &["οδός"]));
        assert!(!mentions("mude", &["mueder"]));
    }

    #[test]
    fn symbols_are_words() {
        assert!(mentions("war mir 50€ nicht wert", &["€"]));
        assert!(mentions("50€", &["50"]));
        assert!(mentions("never again😡!", &["😡"]));
        assert!(!mentions("fine", &["😡"]));
    }

    #[test]
    fn empty_words_are_ignored() {
        assert!(!mentions("anything at all", &[]));
        assert!(!mentions("anything at all", &["", " ", "...", "\u{301}"]));
        assert!(!mentions("", &[""]));
        assert!(mentions("anything at all", &["", "all"]));
    }

    #[test]
    fn folding_is_stable() {
        for text in
            ["", " ", "a", "Ärger, viel Ärger", "½ ﬀ ℡ ｱ 🇩🇪 👩‍👧 \u{0} \u{FEFF}x", "İ ẞ ŉ ΐ", "²³", "a\u{301}\u{302}b"]
        {
            let once = fold(text);
            assert!(once.starts_with(' ') && once.ends_with(' ') && !once.contains("  "), "{once:?}");
            assert_eq!(fold(&once), once);
        }
    }

    #[test]
    fn many_words_are_one_search() {
        let list: Vec<String> = (0..5000).map(|i| format!("word{i}")).collect();
        let words = Words::compile(list);
        assert!(words.is_match("this is word4999, is it not"));
        assert!(!words.is_match("this is word5000, is it not"));
    }

    #[test]
    fn a_pattern_is_found_anywhere() {
        let pattern = Pattern::compile(r"\d{5}").unwrap();
        assert!(pattern.is_match("DE-80331 München"));
        assert!(!pattern.is_match("DE-8033"));
        assert!(Pattern::compile("").unwrap().is_match(""));
        assert!(Pattern::compile("(?i)größe").unwrap().is_match("GRÖSSE oder GRÖßE"));
    }

    #[test]
    fn broken_patterns_say_why_in_plain_words() {
        for (pattern, reason) in [
            ("(a", "`(` is never closed, at `(`"),
            ("a)", "`)` closes nothing, at `)`"),
            ("ü[a-", "`[` is never closed, at `[`"),
            ("*a", "there is nothing to repeat; write `\\*` for the character itself, at `*`"),
            ("[z-a]", "the range in `[…]` is the wrong way round, at `z-a`"),
            ("a{2,1}", "the range in `{…}` is the wrong way round, at `{2,1}`"),
            (r"\", "the pattern ends with a single backslash, at `\\`"),
            (r"a\y", "there is no such escape; `\\\\` is a backslash, at `\\y`"),
            ("(?=a)", "looking ahead or behind (`(?=`, `(?!`, `(?<=`, `(?<!`) is not supported, at `(?=`"),
            (r"\p{Nothing}", "Unicode property not found, at `\\p{Nothing}`"),
            (r"\w{1000}{1000}", "the pattern is too large, mostly because of repetitions such as `{1000}`"),
        ] {
            assert_eq!(Pattern::compile(pattern).unwrap_err(), reason, "{pattern}");
        }
        // A pattern over several lines is drawn differently; the reason is there all the same.
        assert!(Pattern::compile("a\n(b").unwrap_err().starts_with("`(` is never closed"));
        assert!(Pattern::compile(&"(".repeat(10_000)).is_err());
    }
}
