//! The format of `cases/*.toml`: sample customers, and what must be decided about them.

use super::{Key, Keys, Kind, key};

/// A file of cases.
pub const CASES: Keys = Keys {
    noun: "file of cases",
    groups: &[&[
        AS_OF,
        key("defaults", Kind::Given, "What all cases of the file are given, unless they say otherwise."),
        PARAMS,
        key(
            "population",
            Kind::Population,
            "Values of other customers by criterion of `rank`, for all cases of the file. Default: the fitted population of the pack.",
        ),
        key("cases", Kind::List(&Kind::Table(&CASE)), "The sample customers."),
    ]],
};

const AS_OF: Key = key("as_of", Kind::Date, "The day decided for: a fixed clock. A case or step may give its own.");
const PARAMS: Key = key("params", Kind::Params, "Parameters set for these cases alone.");
const GIVEN: Key =
    key("given", Kind::Given, "What is known of the customer: columns, rollups, events. What is not given is missing.");
const EXPECT: Key = key("expect", Kind::Expect, "What must be decided.");

/// `[[cases]]`
pub const CASE: Keys = Keys {
    noun: "case",
    groups: &[&[
        key("name", Kind::Text, "What it shows; unique in the file.").always(),
        key("help", Kind::Text, "More about it, for people."),
        AS_OF,
        PARAMS,
        GIVEN,
        EXPECT,
        key(
            "timeline",
            Kind::List(&Kind::Table(&STEP)),
            "One customer on several days, in order: what is given adds to what is known.",
        ),
    ]],
};

/// `[[cases.timeline]]`
pub const STEP: Keys = Keys { noun: "step", groups: &[&[AS_OF, GIVEN, EXPECT]] };
