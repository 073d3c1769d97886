//! Words that mean "not there", yes and no.

/// In number, date and bool columns, when the pack does not say; compared without case.
pub(crate) const MISSING_VALUES: &[&str] = &[
    "NULL",
    "\\N",
    "n/a",
    "NA",
    "#N/A",
    "#NV",
    "NaN",
    "none",
    "nil",
    "-",
    "--",
    "–",
    "—",
    "?",
    ".",
    "unknown",
    "unbekannt",
    "k.A.",
    "keine Angabe",
    "00.00.0000",
    "0000-00-00",
    "0000-00-00 00:00:00",
];

/// In text and key columns, when the pack does not say; compared without case.
pub(crate) const MISSING_TEXTS: &[&str] = &["NULL", "\\N", "n/a", "#N/A", "#NV", "-", "--", "–", "—", "k.A."];

/// Yes, without case.
pub(crate) const YES: &[&str] =
    &["true", "yes", "1", "y", "ja", "j", "oui", "o", "si", "sí", "sì", "s", "t", "wahr", "vrai", "x", "on"];

/// No, without case.
pub(crate) const NO: &[&str] = &["false", "no", "0", "n", "nein", "non", "f", "falsch", "faux", "off"];

/// Words everybody expects: nothing need be said of them.
pub(crate) const USUAL_BOOLS: &[&str] = &["true", "yes", "1", "false", "no", "0"];

/// Equal but for case.
pub(crate) fn same(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.to_lowercase() == b.to_lowercase()
}

/// The place of a text in a list of words.
pub(crate) fn place<T: AsRef<str>>(list: &[T], text: &str) -> Option<usize> {
    list.iter().position(|word| same(word.as_ref(), text))
}
