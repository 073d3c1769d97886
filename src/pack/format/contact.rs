//! `[contact]`: keys of the pack format, and those it shares with `[channels.NAME]`.

use super::{Gives, Key, Keys, Kind, Reference, key};

/// A number, or an expression over parameters that is one.
const FIGURE: Kind = Kind::Any(&[Kind::Number(Some(0.0), None), Kind::Expression(Gives::Number)]);

/// `caps`
pub(super) const CAPS: Key = key(
    "caps",
    Kind::List(&Kind::Table(&CAP)),
    "How many contacts one customer may get in so many days that lie next to each other.",
);

/// `weekdays`
pub(super) const WEEKDAYS: Key = key(
    "weekdays",
    Kind::List(&Kind::Whole(1, 7)),
    "Days of the week on which contacts are made, 1 for Monday to 7. Default: all.",
);

/// `[channels.NAME] cooldown`
pub(super) const CHANNEL_COOLDOWN: Key = key(
    "cooldown",
    Kind::Any(&[Kind::Number(Some(0.0), None), Kind::Expression(Gives::Number), Kind::ByChannel(&FIGURE)]),
    "Days that must lie between two contacts by this channel; or, by channel, since a contact by that one: `{ phone = 90, post = 70 }`.",
);

/// A line of `caps`.
pub const CAP: Keys = Keys {
    noun: "cap",
    groups: &[&[key("most", FIGURE, "Contacts, at most.").always(), key("days", FIGURE, "In so many days.").always()]],
};

/// `[contact]`
pub const CONTACT: Keys = Keys {
    noun: "`[contact]`",
    groups: &[&[
        key(
            "history",
            Kind::Reference(Reference::EventTable),
            "The table of contacts made: its time, a text column `channel` and, if it has one, `campaign`.",
        ),
        key(
            "do_not_contact",
            Kind::Reference(Reference::EventTable),
            "The table of those who must not be contacted: `channel` (without one, every channel), `since`, `ends_on`.",
        ),
        key("cooldown", FIGURE, "Days that must lie between any two contacts with a customer."),
        key(
            "again",
            FIGURE,
            "Days before a customer gets the same campaign again, by the `campaign` of the history. In one plan she never does.",
        ),
        CAPS,
        WEEKDAYS,
        key(
            "quiet",
            Kind::List(&Kind::Any(&[Kind::Text, Kind::Date])),
            "Days on which nobody is contacted: `2027-01-01`, `2026-12-24..2026-12-26`; without a year every year: `12-24..01-01`.",
        ),
    ]],
};
