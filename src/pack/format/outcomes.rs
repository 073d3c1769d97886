//! `[outcomes]`: keys of the pack format.

use super::{EVENT_COLUMN, FILE, Gives, Keys, Kind, Reference, Things, key};

/// `[outcomes]`
pub const OUTCOMES: Keys = Keys {
    noun: "`[outcomes]`",
    groups: &[&[
        key("key_from", Kind::Texts, "Headers that the key column may have, besides those it may have in the record."),
        key("file", Kind::Table(&FILE), "How its files are written. What is not said is found from the data."),
        key(
            "time",
            Kind::Reference(Reference::TimeColumn),
            "The date column of what happened; rows before `send_on`, after `within` days or after the as-of date do not count.",
        ),
        key(
            "within",
            Kind::Any(&[Kind::Number(Some(1.0), Some(3660.0)), Kind::Expression(Gives::Number)]),
            "Days from `send_on` on within which an outcome counts; an expression may read parameters.",
        )
        .or("90"),
        key(
            "columns",
            Kind::Things(&Things { keys: &EVENT_COLUMN, bare: None, identifiers: true }),
            "The columns of outcomes. `merge` says how several rows of a customer become one.",
        ),
        key(
            "won_back",
            Kind::Expression(Gives::Bool),
            "What counts as won back, over these columns, those of the plan (`send_on`, `track`, `plan.cost`), `within` and `rows`.",
        )
        .once(),
        key("revenue", Kind::Expression(Gives::Number), "What a customer brought in since; missing counts as nothing."),
        key("margin", Kind::Expression(Gives::Number), "What of it is contribution margin; missing counts as nothing."),
        key(
            "cost",
            Kind::Expression(Gives::Number),
            "What was spent on her. Default: the plan's cost if she was contacted.",
        ),
        key(
            "covariate",
            Kind::Expression(Gives::Number),
            "A number known before the contact, over columns of the plan: it takes noise out of comparisons (CUPED).",
        ),
    ]],
};
