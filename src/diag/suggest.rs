//! "Did you mean": the nearest known name, if it is near enough.

/// The candidate within a small edit distance of `wrong`, if there is one.
#[must_use]
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = match wrong.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .filter(|k| *k != wrong)
        .map(|k| (strsim::damerau_levenshtein(&wrong.to_lowercase(), &k.to_lowercase()), k))
        .filter(|(distance, k)| *distance <= limit && *distance < k.chars().count())
        .min()
        .map(|(_, k)| k)
}
