//! `[prevention]`, `[[warnings]]`: keys of the pack format.

use super::sections::{BECAUSE, HELP, LABEL, NAME, WEIGHT};
use super::{Gives, Keys, Kind, key};

/// `[prevention]`
pub const PREVENTION: Keys = Keys {
    noun: "`[prevention]`",
    groups: &[&[
        key("lost", Kind::Expression(Gives::Bool), "Who counts as lost. Default: who is on the track `recovery`."),
        key(
            "recovered",
            Kind::Expression(Gives::Bool),
            "Who was lost and is back. Default: who is on the track `second_life`.",
        ),
        key("again", Kind::Expression(Gives::Bool), "Whether she was lost once before, and had come back."),
        key(
            "lost_on",
            Kind::Expression(Gives::Date),
            "The day she was lost; of one who is back, the day she was lost before.",
        ),
        key("revenue", Kind::Expression(Gives::Number), "Revenue that is lost with her, such as that of a year."),
        key("margin", Kind::Expression(Gives::Number), "Margin that is lost with her, such as that of a year."),
        key(
            "at_risk",
            Kind::Expression(Gives::Number),
            "What is at risk with one who is still here. Default: `margin`, else `revenue`, else `[money]`.",
        ),
        key("revenue_label", Kind::Text, "How `revenue` is called.").or("\"revenue a year\""),
        key("margin_label", Kind::Text, "How `margin` is called.").or("\"margin a year\""),
        key("period", Kind::Whole(1, 3650), "Days whose losses are compared with those of as many days before.")
            .or("365"),
    ]],
};

/// `[[warnings]]`
pub const WARNING: Keys = Keys {
    noun: "warning",
    groups: &[&[
        NAME,
        LABEL,
        key("when", Kind::Expression(Gives::Bool), "When it is there, of customers who are still here.").once(),
        WEIGHT,
        BECAUSE,
        HELP,
    ]],
};
