//! The text functions. Texts are compared exactly; `lower` and `upper` follow Unicode.

use super::Doc;

/// The documentation of this family.
pub(super) const DOCS: &[Doc] = &[
    Doc {
        name: "lower",
        signature: "lower(text: text) -> text",
        help: "in small letters",
        missing: "missing if the text is",
        example: r#"lower("Müller GmbH")"#,
        result: r#""müller gmbh""#,
    },
    Doc {
        name: "upper",
        signature: "upper(text: text) -> text",
        help: "in capitals",
        missing: "missing if the text is",
        example: r#"upper("straße")"#,
        result: r#""STRASSE""#,
    },
    Doc {
        name: "trim",
        signature: "trim(text: text) -> text",
        help: "without blanks at either end",
        missing: "missing if the text is",
        example: r#"trim("  gold ")"#,
        result: r#""gold""#,
    },
    Doc {
        name: "len",
        signature: "len(text: text) -> number",
        help: "how many characters it has",
        missing: "missing if the text is; an empty text has 0",
        example: r#"len("süß")"#,
        result: "3",
    },
    Doc {
        name: "contains",
        signature: "contains(text: text, part: text) -> bool",
        help: "whether the part stands somewhere in the text, exactly so; `mentions` is more lenient",
        missing: "missing if either text is",
        example: r#"contains("key account", "account")"#,
        result: "true",
    },
    Doc {
        name: "starts_with",
        signature: "starts_with(text: text, part: text) -> bool",
        help: "whether the text begins with the part, exactly so",
        missing: "missing if either text is",
        example: r#"starts_with("DE-80331", "DE-")"#,
        result: "true",
    },
    Doc {
        name: "ends_with",
        signature: "ends_with(text: text, part: text) -> bool",
        help: "whether the text ends with the part, exactly so",
        missing: "missing if either text is",
        example: r#"ends_with("anna@example.org", ".com")"#,
        result: "false",
    },
];

/// In small letters.
#[must_use]
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// In capitals.
#[must_use]
pub fn upper(text: &str) -> String {
    text.to_uppercase()
}

/// Without white space at either end.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim()
}

/// How many characters (code points) it has.
#[must_use]
pub fn len(text: &str) -> f64 {
    text.chars().count() as f64
}

/// Whether `part` stands in it.
#[must_use]
pub fn contains(text: &str, part: &str) -> bool {
    text.contains(part)
}

/// Whether it begins with `part`.
#[must_use]
pub fn starts_with(text: &str, part: &str) -> bool {
    text.starts_with(part)
}

/// Whether it ends with `part`.
#[must_use]
pub fn ends_with(text: &str, part: &str) -> bool {
    text.ends_with(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(len(""), 0.0);
        assert_eq!(len("süß"), 3.0);
        assert_eq!(len("日本"), 2.0);
    }

    #[test]
    fn case_follows_unicode() {
        assert_eq!(lower("ÄÖÜ ΣΑΣ"), "äöü σας");
        assert_eq!(upper("straße ŉ"), "STRASSE ʼN");
    }

    #[test]
    fn trim_takes_unicode_blanks() {
        assert_eq!(trim("\u{a0}\t gold\u{3000}\r\n"), "gold");
        assert_eq!(trim(" \u{2003} "), "");
    }

    #[test]
    fn parts_are_exact() {
        assert!(contains("abc", "") && starts_with("abc", "") && ends_with("", ""));
        assert!(!contains("Price", "price"));
        assert!(starts_with("äb", "ä") && !starts_with("a\u{308}b", "ä"));
        assert!(ends_with("日本", "本"));
    }
}
