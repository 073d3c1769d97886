//! `[override]`: keys of the pack format.

use super::{Gives, Key, Keys, Kind, key};

/// `[override]`
pub const OVERRIDE: Keys = Keys { noun: "`[override]`", groups: &[OVERRIDES] };

const OVERRIDES: &[Key] = &[
    key(
        "grade",
        Kind::Expression(Gives::Text),
        "The grade a person gave her; it wins over `[[grades]]`. Missing: nobody did. Reads columns, rollups and facts.",
    ),
    key(
        "campaign",
        Kind::Expression(Gives::Text),
        "The campaign a person chose for her, whatever its `track` and `when` and her grade say, or \"none\": no contact. \
         Never against a suppression or a missing consent.",
    ),
    key(
        "cause",
        Kind::Expression(Gives::Text),
        "Why she left, as a person found out, or \"unknown\"; it wins over `[[causes]]`, its confidence is 1.",
    ),
    key("because", Kind::Sentence, "Who decided so, and why; shown wherever a decision of a person is."),
];
