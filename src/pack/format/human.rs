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
    key(
        "holds_until",
        Kind::Expression(Gives::Date),
        "The last day on which the decision about the campaign holds: a plan makes no contact for it after that day. Missing: it has no end.",
    ),
    key(
        "because",
        Kind::Any(&[Kind::Sentence, Kind::Table(&OVERRIDE_BECAUSE)]),
        "Who decided so, and why; shown wherever a decision of a person is. One sentence for all, or one for each kind: \
         `{ grade = \"…\", campaign = \"…\", cause = \"…\" }`.",
    ),
];

/// `because` of `[override]`, by kind of decision.
pub const OVERRIDE_BECAUSE: Keys = Keys {
    noun: "reason of a decision",
    groups: &[&[
        key("grade", Kind::Sentence, "Who decided about the grade, and why."),
        key("campaign", Kind::Sentence, "Who decided about the campaign, and why."),
        key("cause", Kind::Sentence, "Who found the cause out, and how."),
    ]],
};
