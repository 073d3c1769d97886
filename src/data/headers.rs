//! Headers as people write them: `Kundennr.`, `KUNDEN-NR`, `Kündigungsdatum`, `Kuendigungsdatum`.

use std::collections::{HashMap, HashSet};

use unicode_normalization::UnicodeNormalization;

use crate::expr::functions::patterns;

/// The forms in which a header is compared when neither case, accents nor punctuation matter; two headers are alike if they
/// share one. `ä` is `a` in one form and `ae` in the other.
pub(crate) fn forms(header: &str) -> Vec<String> {
    let plain = fold(header.chars());
    let german: Vec<char> = header.nfc().collect();
    if !german.iter().any(|c| "äöüÄÖÜ".contains(*c)) {
        return vec![plain];
    }
    let written_out = fold(german.into_iter().flat_map(|c| {
        let (first, second) = match c {
            'ä' | 'Ä' => ('a', Some('e')),
            'ö' | 'Ö' => ('o', Some('e')),
            'ü' | 'Ü' => ('u', Some('e')),
            other => (other, None),
        };
        std::iter::once(first).chain(second)
    }));
    vec![plain, written_out]
}

/// Letters and digits only, folded as `mentions` folds them. What has none is compared as it is.
fn fold(header: impl Iterator<Item = char>) -> String {
    let header: String = header.collect();
    let spelt = header.replace(['ð', 'Ð'], "d").replace(['þ', 'Þ'], "th");
    let out: String = patterns::fold(&spelt).chars().filter(|c| c.is_alphanumeric()).collect();
    if out.is_empty() { header.trim().to_lowercase() } else { out }
}

/// Case and blanks around do not matter.
fn lenient(header: &str) -> String {
    header.trim().to_lowercase()
}

/// The columns of a file by header.
pub(crate) struct Headers {
    exact: HashMap<String, Vec<usize>>,
    lenient: HashMap<String, Vec<usize>>,
    folded: HashMap<String, Vec<usize>>,
}

impl Headers {
    /// Of a file; columns without a name are never found.
    pub(crate) fn new(header: &[String]) -> Self {
        let mut all = Self { exact: HashMap::new(), lenient: HashMap::new(), folded: HashMap::new() };
        for (i, name) in header.iter().enumerate().filter(|(_, name)| !name.trim().is_empty()) {
            all.exact.entry(name.clone()).or_default().push(i);
            all.lenient.entry(lenient(name)).or_default().push(i);
            for form in forms(name) {
                let list = all.folded.entry(form).or_default();
                if list.last() != Some(&i) {
                    list.push(i);
                }
            }
        }
        all
    }

    /// For each wanted column (a list of names, the first ones first) the columns that have its header. An exact header comes
    /// before one that differs in case or blanks around it, and that before one that differs in accents or punctuation; a
    /// header that one column has found no longer counts for what another finds less exactly.
    pub(crate) fn find(&self, wanted: &[Vec<&str>]) -> Vec<Vec<usize>> {
        let mut found: Vec<Vec<usize>> = vec![Vec::new(); wanted.len()];
        let mut taken: HashSet<usize> = HashSet::new();
        for step in 0..3 {
            let mut now = Vec::new();
            for (names, place) in wanted.iter().zip(&mut found).filter(|(_, place)| place.is_empty()) {
                *place = names.iter().map(|n| self.at(step, n, &taken)).find(|f| !f.is_empty()).unwrap_or_default();
                now.extend_from_slice(place);
            }
            taken.extend(now);
        }
        found
    }

    fn at(&self, step: u8, name: &str, taken: &HashSet<usize>) -> Vec<usize> {
        let mut list: Vec<usize> = match step {
            0 => self.exact.get(name).cloned().unwrap_or_default(),
            1 => self.lenient.get(&lenient(name)).cloned().unwrap_or_default(),
            _ => forms(name).iter().filter_map(|f| self.folded.get(f)).flatten().copied().collect(),
        };
        list.retain(|i| !taken.contains(i));
        list.sort_unstable();
        list.dedup();
        list
    }
}

/// The names a pack wants of a table, to tell a header line from others.
pub(crate) struct Known(HashSet<String>);

impl Known {
    /// From all names and what else columns go by.
    pub(crate) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        Self(names.flat_map(forms).collect())
    }

    /// Whether a header is one of them, however it is written.
    pub(crate) fn has(&self, header: &str) -> bool {
        // No header is as long as a sentence, and this is asked of many cells.
        !self.0.is_empty()
            && !header.trim().is_empty()
            && header.len() <= 200
            && forms(header).iter().any(|f| self.0.contains(f))
    }
}

/// Gives every column a name of its own: double ones are counted, empty ones numbered. Names the pack wants stay double: which
/// of them is meant is asked.
pub(crate) fn tell_apart(header: &mut [String], known: &Known) {
    let mut seen: HashSet<String> = header.iter().cloned().collect();
    let mut met: HashMap<String, usize> = HashMap::new();
    for (i, name) in header.iter_mut().enumerate() {
        let base = if name.trim().is_empty() { format!("column{}", i + 1) } else { name.clone() };
        let times = met.entry(base.clone()).or_default();
        *times += 1;
        if *times == 1 && base == *name || known.has(&base) {
            continue;
        }
        let mut count = *times;
        let mut other = if count == 1 { base.clone() } else { format!("{base}_{count}") };
        while !seen.insert(other.clone()) {
            count += 1;
            other = format!("{base}_{count}");
        }
        *name = other;
    }
}

/// The headers nearest to any of the names, the nearest first; only such as could be meant.
pub(crate) fn nearest<'a>(names: &[&str], header: &'a [String], most: usize) -> Vec<&'a str> {
    let wanted: Vec<String> = names.iter().flat_map(|n| forms(n)).collect();
    let mut list: Vec<(usize, &str)> = header
        .iter()
        .filter(|h| !h.trim().is_empty())
        .filter_map(|h| {
            let near =
                forms(h).iter().flat_map(|form| wanted.iter().filter_map(move |name| distance(name, form))).min()?;
            Some((near, h.as_str()))
        })
        .collect();
    list.sort();
    list.dedup();
    list.into_iter().take(most).map(|(_, h)| h).collect()
}

/// `None` if one can hardly be meant by the other.
fn distance(name: &str, header: &str) -> Option<usize> {
    // Long headers are cut: the distance costs the product of the lengths.
    let short = |s: &str| s.chars().take(80).collect::<String>();
    let (name, header) = (short(name), short(header));
    let (a, b) = (name.chars().count(), header.chars().count());
    let least = a.min(b);
    if least >= 3 && (name.contains(&header) || header.contains(&name)) {
        return Some(1 + a.abs_diff(b) / 4);
    }
    let edits = strsim::damerau_levenshtein(&name, &header);
    let limit = match a {
        0..=2 => 1,
        3..=5 => 2,
        _ => a / 3 + 1,
    };
    (edits <= limit && edits < least.max(2)).then_some(edits)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn alike(a: &str, b: &str) -> bool {
        let b = forms(b);
        forms(a).iter().any(|f| b.contains(f))
    }

    #[test]
    fn headers_that_are_alike() {
        for (a, b) in [
            ("customer_id", "Customer ID"),
            ("customer_id", "CUSTOMER-ID:"),
            ("Straße", "Strasse"),
            ("Kündigungsdatum", "Kuendigungsdatum"),
            ("Kündigungsdatum", "KUNDIGUNGSDATUM"),
            ("Kündigungsdatum", "Ku\u{308}ndigungsdatum"),
            ("Año", "ano"),
            ("Prénom", "prenom"),
            ("Ærø", "aero"),
            ("İl", "il"),
            ("１２", "12"),
        ] {
            assert!(alike(a, b), "{a} {b}: {:?} {:?}", forms(a), forms(b));
        }
        for (a, b) in [("a", "b"), ("%", "#"), ("Größe", "Grose1"), ("", "a")] {
            assert!(!alike(a, b), "{a} {b}");
        }
    }

    fn find(header: &[&str], wanted: &[&[&str]]) -> Vec<Vec<usize>> {
        let header: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
        Headers::new(&header).find(&wanted.iter().map(|w| w.to_vec()).collect::<Vec<_>>())
    }

    #[test]
    fn the_more_exact_header_wins() {
        assert_eq!(find(&["Order No", "order_no", "ORDER_NO"], &[&["order_no"]]), [vec![1]]);
        assert_eq!(find(&["Order No", "ORDER_NO"], &[&["order_no"]]), [vec![1]]);
        assert_eq!(find(&["order no", "order-no"], &[&["order_no"]]), [vec![0, 1]]);
        // What one column has exactly is not found again by another.
        assert_eq!(find(&["order_no"], &[&["orderno"], &["order_no"]]), [vec![], vec![0]]);
        assert_eq!(find(&["b", "a"], &[&["x", "a", "b"]]), [vec![1]], "in the order of the pack");
        assert_eq!(find(&["", " "], &[&["", "x"]]), [Vec::<usize>::new()]);
    }

    #[test]
    fn every_column_gets_a_name() {
        let mut header: Vec<String> =
            ["x", "x", "", "x_2", "x", "id", "id", ""].iter().map(|h| (*h).to_owned()).collect();
        tell_apart(&mut header, &Known::new(["id"].into_iter()));
        assert_eq!(header, ["x", "x_3", "column3", "x_2", "x_4", "id", "id", "column8"]);
    }

    #[test]
    fn the_nearest_come_first() {
        let header: Vec<String> =
            ["Umsatz 2024", "umsaetze", "Umsatz", "Land", ""].iter().map(|h| (*h).to_owned()).collect();
        assert_eq!(nearest(&["umsatz_"], &header, 3), ["Umsatz", "Umsatz 2024", "umsaetze"]);
        assert!(nearest(&["xyz"], &header, 3).is_empty());
    }
}
