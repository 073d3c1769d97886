//! Keys that differ only in blanks, case or zeros in front are made alike where the pack asks for it; where it does not and
//! few keys meet, a look at some of them says whether it should.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::error::DataError;
use super::keys::each_key;
use super::scan::Input;
use crate::pack::KeyRules;

/// So many keys of a table are compared with those of the record before a rule is proposed.
const LOOKED_AT: usize = 1000;

/// A key as it is compared.
pub(crate) fn key(rules: KeyRules, key: &str) -> Cow<'_, str> {
    let trimmed = if rules.trim { key.trim() } else { key };
    let capital = if rules.case && trimmed.chars().any(|c| !c.is_ascii_uppercase() && !c.is_ascii_digit()) {
        Cow::Owned(trimmed.to_uppercase())
    } else {
        Cow::Borrowed(trimmed)
    };
    if !rules.leading_zeros || !capital.starts_with('0') {
        return capital;
    }
    // Blanks behind the zeros go, too, so that a key made alike stays as it is when it is made alike again.
    let in_front = |c: char| c == '0' || (rules.trim && c.is_whitespace());
    match capital {
        // Of nothing but zeros one stays.
        text if text.chars().all(in_front) => Cow::Borrowed("0"),
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start_matches(in_front)),
        Cow::Owned(text) => Cow::Owned(text.trim_start_matches(in_front).to_owned()),
    }
}

/// A column of keys, made alike; one of nothing but blanks is missing if blanks do not count.
pub(crate) fn keys(rules: KeyRules, array: &ArrayRef) -> Result<ArrayRef, DataError> {
    let texts = cast(array, &DataType::Utf8)?;
    let alike: StringArray =
        texts.as_string::<i32>().iter().map(|k| k.map(|k| key(rules, k)).filter(|k| !k.is_empty())).collect();
    if alike.null_count() == 0 && alike == *texts.as_string::<i32>() {
        return Ok(texts);
    }
    Ok(Arc::new(alike))
}

/// The rules as they stand in a pack: `["trim", "case"]`.
fn written(rules: KeyRules) -> String {
    let words = [(rules.trim, "trim"), (rules.case, "case"), (rules.leading_zeros, "leading_zeros")];
    let list: Vec<String> = words.iter().filter(|(on, _)| *on).map(|(_, word)| format!("\"{word}\"")).collect();
    format!("[{}]", list.join(", "))
}

/// All sets of rules that do more than the given one, the ones that do least first.
fn more_than(rules: KeyRules) -> Vec<KeyRules> {
    let bits = |r: KeyRules| [r.trim, r.case, r.leading_zeros].iter().filter(|b| **b).count();
    let mut all: Vec<KeyRules> = (0..8u8)
        .map(|i| KeyRules { trim: i & 1 > 0, case: i & 2 > 0, leading_zeros: i & 4 > 0 })
        .filter(|r| {
            let keeps = (!rules.trim || r.trim) && (!rules.case || r.case) && (!rules.leading_zeros || r.leading_zeros);
            keeps && *r != rules
        })
        .collect();
    all.sort_by_key(|r| bits(*r));
    all
}

/// Whether keys of `table` that are no customer's would be one's under more rules: then a sentence that says which.
///
/// Reads the first keys of the table and all of the record, and keeps only the former.
pub(crate) fn proposal(rules: KeyRules, record: &Input, table: &Input) -> Result<Option<String>, DataError> {
    let all = KeyRules { trim: true, case: true, leading_zeros: true };
    let mut sample: BTreeSet<String> = BTreeSet::new();
    each_key(table, |_, _, key| {
        sample.insert(key.to_owned());
        sample.len() < LOOKED_AT
    })?;
    // What every set of rules makes alike is alike under all of them: one look-up per customer.
    let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for text in &sample {
        alike.entry(key(all, text).into_owned()).or_default().push(text);
    }
    let candidates = more_than(rules);
    let mut met: BTreeSet<&str> = BTreeSet::new();
    let mut would: Vec<BTreeMap<&str, String>> = vec![BTreeMap::new(); candidates.len()];
    each_key(record, |_, _, theirs| {
        for ours in alike.get(key(all, theirs).as_ref()).into_iter().flatten() {
            if *ours == theirs {
                met.insert(ours);
                continue;
            }
            for (rules, would) in candidates.iter().zip(&mut would) {
                if key(*rules, ours) == key(*rules, theirs) {
                    would.entry(ours).or_insert_with(|| theirs.to_owned());
                }
            }
        }
        true
    })?;
    let unmet = sample.len() - met.len();
    for would in &mut would {
        would.retain(|ours, _| !met.contains(ours));
    }
    let most = would.iter().map(BTreeMap::len).max().unwrap_or(0);
    // A few that happen to look alike are no reason to treat all keys another way.
    if most == 0 || most * 10 < unmet {
        return Ok(None);
    }
    let best = candidates.iter().zip(&would).find(|(_, would)| would.len() == most);
    Ok(best.and_then(|(rules, would)| {
        let (ours, theirs) = would.first_key_value()?;
        Some(format!(
            "of {unmet} keys of `{}` that are no customer's, {most} would be one's if keys were made alike, for example \
             `{ours}` and `{theirs}`: say `key_normalise = {}` in `[record]`",
            table.spec.table,
            written(*rules)
        ))
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn rules(text: &str) -> KeyRules {
        KeyRules { trim: text.contains('t'), case: text.contains('c'), leading_zeros: text.contains('z') }
    }

    #[test]
    fn each_rule_and_all() {
        let of = |r: &str, k: &str| key(rules(r), k).into_owned();
        assert_eq!(of("", " 00a "), " 00a ");
        assert_eq!(of("t", " \u{a0}00a "), "00a");
        assert_eq!(of("c", "00a-ß"), "00A-SS");
        assert_eq!(of("z", "00a"), "a");
        assert_eq!(of("z", "000"), "0");
        assert_eq!(of("z", " 00a"), " 00a");
        assert_eq!(of("tcz", " 00a "), "A");
        assert_eq!(of("tcz", " 0 "), "0");
        assert_eq!(of("tcz", "  "), "");
    }

    #[test]
    fn doing_it_twice_changes_nothing() {
        for text in ["", " ", "0", "00", " 0a", "0 a", "0 0", "ß", "ŉ", "é0", "İ"] {
            for set in ["t", "c", "z", "tc", "tz", "cz", "tcz"] {
                let once = key(rules(set), text).into_owned();
                assert_eq!(key(rules(set), &once), once, "{text:?} {set}");
            }
        }
    }

    #[test]
    fn keys_of_blanks_are_missing() {
        let array: ArrayRef = Arc::new(StringArray::from(vec![Some(" a"), Some("  "), None, Some("00")]));
        let alike = keys(rules("tz"), &array).unwrap();
        let list: Vec<Option<&str>> = alike.as_string::<i32>().iter().collect();
        assert_eq!(list, [Some("a"), None, None, Some("0")]);
        let same: ArrayRef = Arc::new(StringArray::from(vec!["A", "1"]));
        assert_eq!(&keys(rules("tcz"), &same).unwrap(), &same);
    }

    #[test]
    fn the_fewest_rules_come_first() {
        let list: Vec<String> = more_than(rules("c")).into_iter().map(written).collect();
        assert_eq!(
            list,
            [r#"["trim", "case"]"#, r#"["case", "leading_zeros"]"#, r#"["trim", "case", "leading_zeros"]"#]
        );
        assert_eq!(more_than(rules("")).len(), 7);
    }
}
