//! Names of exported files: safe on every file system, whatever channels and speakers are called.

use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

/// Letters a part of a name keeps at most.
const LONGEST: usize = 48;

/// What stands for a channel or a speaker that is not there. No real one may look like it.
pub(super) const WITHOUT: [&str; 2] = ["without-channel", "without-speaker"];

/// `calls.phone.winback.csv`. Parts have no dots, so that two lists never share a name.
pub(super) fn of_list(kind: &str, channel: Option<&str>, speaker: Option<&str>, extension: &str) -> String {
    let [no_channel, no_speaker] = WITHOUT.map(str::to_owned);
    let (channel, speaker) = (channel.map_or(no_channel, part), speaker.map_or(no_speaker, part));
    format!("{kind}.{channel}.{speaker}.{extension}")
}

/// `calendar.winback.ics`
pub(super) fn of_calendar(speaker: Option<&str>) -> String {
    let [_, no_speaker] = WITHOUT.map(str::to_owned);
    format!("calendar.{}.ics", speaker.map_or(no_speaker, part))
}

/// A name in small ASCII letters, digits, `-` and `_`. Where that says less than the name did, six digits of its hash follow, so
/// that different names stay different, also where capitals do not count.
fn part(name: &str) -> String {
    let mut out = String::new();
    for c in name.nfkd() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() || c == '_' => out.push(c),
            'ß' => out.push_str("ss"),
            // An accent, apart from its letter.
            '\u{300}'..='\u{36f}' => {}
            _ if out.ends_with('-') || out.is_empty() => {}
            _ => out.push('-'),
        }
    }
    let short: String = out.chars().take(LONGEST).collect();
    let short = short.trim_end_matches('-');
    if short == name && !name.is_empty() && !WITHOUT.contains(&name) {
        return short.to_owned();
    }
    let digest = Sha256::digest(name.as_bytes());
    let mark: String = digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    if short.is_empty() { mark } else { format!("{short}-{mark}") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn plain_names_stay() {
        assert_eq!(of_list("calls", Some("phone"), Some("key_account"), "csv"), "calls.phone.key_account.csv");
        assert_eq!(of_list("mailing", Some("e-mail"), None, "parquet"), "mailing.e-mail.without-speaker.parquet");
        assert_eq!(of_calendar(None), "calendar.without-speaker.ics");
    }

    #[test]
    fn every_name_is_safe_and_stays_apart() {
        let names = [
            "phone",
            "Phone",
            "PHONE",
            "phone ",
            "..",
            ".",
            "/",
            "\\",
            "",
            "a/b",
            "a-b",
            "a b",
            "a.b",
            "a\0b",
            "con",
            "NUL",
            "Grün",
            "grun",
            "gru\u{308}n",
            "straße",
            "电话",
            "邮件",
            "🙂",
            "-rf",
            "=1+1",
            "without-speaker",
            "x\ny",
            &"long".repeat(99),
            &"long".repeat(98),
        ];
        let mut seen = BTreeSet::new();
        for channel in names {
            for speaker in names {
                let file = of_list("calls", Some(channel), Some(speaker), "csv");
                let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
                assert!(file.chars().all(safe) && file.len() < 160, "{file}");
                assert!(!file.contains(".."), "{file}");
                assert!(seen.insert(file.clone()), "{channel:?} {speaker:?}: {file}");
            }
        }
        assert!(!seen.contains(&of_list("calls", Some("phone"), None, "csv")));
        assert!(part("Grün").starts_with("grun-"), "{}", part("Grün"));
    }
}
