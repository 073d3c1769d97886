//! `[second_life]`: keys of the pack format.

use super::{Gives, Keys, Kind, key};

/// `[second_life]`
pub const SECOND_LIFE: Keys = Keys {
    noun: "`[second_life]`",
    groups: &[&[
        key("since", Kind::Expression(Gives::Date), "The day she came back; missing for who never did.").once(),
        key("ended", Kind::Expression(Gives::Date), "The day the second life ended; missing while it runs."),
        key("first_start", Kind::Expression(Gives::Date), "The first day of the first life."),
        key("first_end", Kind::Expression(Gives::Date), "The day the first life ended; missing while it runs."),
        key(
            "observed_until",
            Kind::Expression(Gives::Date),
            "Until when the record knows whether a life runs. Default: `today`.",
        ),
        key("value", Kind::Expression(Gives::Number), "What the second life brought so far."),
        key("predicted", Kind::Expression(Gives::Number), "What was predicted that it would have brought by today."),
        key("offer", Kind::Expression(Gives::Text), "The offer she came back with."),
    ]],
};
