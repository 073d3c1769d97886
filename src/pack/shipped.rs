//! The packs inside the binary, so that an installed `regain` needs no checkout.

/// A text of a pack: its name relative to the pack's folder, and what it holds.
pub type Text = (&'static str, &'static str);

/// One pack's texts, from `rules/PACK`.
macro_rules! pack {
    ($pack:literal: $($file:literal),+ $(,)?) => {
        ($pack, &[$(($file, include_str!(concat!("../../rules/", $pack, "/", $file)))),+])
    };
}

/// Every shipped pack: name, and texts.
pub const SHIPPED: &[(&str, &[Text])] = &[
    pack!("base":
        "campaigns.toml",
        "causes.toml",
        "contact.toml",
        "criteria.toml",
        "facts.toml",
        "followups.toml",
        "outcomes.toml",
        "overrides.toml",
        "pack.toml",
        "plan.toml",
        "prevention.toml",
        "second_life.toml",
        "states.toml",
        "scripts/prestige.rhai",
    ),
    pack!("b2b":
        "campaigns.toml",
        "causes.toml",
        "contact.toml",
        "criteria.toml",
        "facts.toml",
        "followups.toml",
        "pack.toml",
        "prevention.toml",
        "states.toml",
        "scripts/prestige.rhai",
        "scripts/words.rhai",
    ),
    pack!("retail":
        "campaigns.toml",
        "facts.toml",
        "pack.toml",
        "prevention.toml",
        "states.toml",
    ),
    pack!("telecom":
        "campaigns.toml",
        "causes.toml",
        "criteria.toml",
        "facts.toml",
        "followups.toml",
        "pack.toml",
        "prevention.toml",
        "states.toml",
        "tables.toml",
        "scripts/notice.rhai",
    ),
];

/// One pack's cases, from `rules/PACK/cases`. They do not count for its hash: they prove rules, they do not change them.
macro_rules! cases {
    ($pack:literal: $($file:literal),* $(,)?) => {
        ($pack, &[$((concat!("cases/", $file), include_str!(concat!("../../rules/", $pack, "/cases/", $file)))),*])
    };
}

/// The cases of every shipped pack: name, and texts.
pub const CASES: &[(&str, &[Text])] = &[
    cases!("base":
        "campaigns.toml",
        "causes.toml",
        "contact.toml",
        "criteria.toml",
        "followups.toml",
        "grades.toml",
        "margin.toml",
        "overrides.toml",
        "prevention.toml",
        "second_life.toml",
        "states.toml",
        "timeline.toml",
    ),
    cases!("b2b":
        "campaigns.toml",
        "causes.toml",
        "criteria.toml",
        "edges.toml",
        "lives.toml",
        "second_life.toml",
        "states.toml",
        "thresholds.toml",
        "weights.toml",
    ),
    cases!("retail":
        "campaigns.toml",
        "criteria.toml",
        "logs.toml",
        "second_life.toml",
        "states.toml",
        "timeline.toml",
    ),
    cases!("telecom":
        "campaigns.toml",
        "causes.toml",
        "criteria.toml",
        "followups.toml",
        "logs.toml",
        "second_life.toml",
        "states.toml",
        "timeline.toml",
    ),
];

/// The cases of a shipped pack.
#[must_use]
pub fn cases(name: &str) -> &'static [Text] {
    CASES.iter().find(|(pack, _)| *pack == name).map_or(&[], |(_, texts)| *texts)
}

/// The texts of a shipped pack.
#[must_use]
pub fn shipped(name: &str) -> Option<&'static [Text]> {
    SHIPPED.iter().find(|(pack, _)| *pack == name).map(|(_, texts)| *texts)
}

/// The names of the shipped packs.
pub fn names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(pack, _)| *pack)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn on_disk(folder: &Path, prefix: &str, extension: &str) -> Vec<String> {
        let names = crate::files::list(folder, extension).unwrap_or_default();
        names.into_iter().map(|name| format!("{prefix}{name}")).collect()
    }

    #[test]
    fn the_binary_holds_exactly_what_the_folders_hold() {
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        let folders: BTreeSet<String> =
            std::fs::read_dir(&rules).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(folders, names().map(str::to_owned).collect::<BTreeSet<_>>());
        for (pack, texts) in SHIPPED {
            let folder = rules.join(pack);
            let mut files = on_disk(&folder, "", "toml");
            files.extend(on_disk(&folder.join("scripts"), "scripts/", "rhai"));
            assert_eq!(files, texts.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(), "{pack}");
            for (name, text) in *texts {
                assert_eq!(*text, std::fs::read_to_string(folder.join(name)).unwrap(), "{pack}/{name}");
            }
            let mut files = Vec::new();
            for kind in ["csv", "jsonl", "toml"] {
                files.extend(on_disk(&folder.join("cases"), "cases/", kind));
            }
            files.sort();
            assert_eq!(files, cases(pack).iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(), "{pack}");
            for (name, text) in cases(pack) {
                assert_eq!(*text, std::fs::read_to_string(folder.join(name)).unwrap(), "{pack}/{name}");
            }
        }
    }
}
