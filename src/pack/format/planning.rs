//! `[plan]`, `[budget.NAME]`, `[capacity.NAME]`, `[volume.NAME]`, `[reserve.NAME]`: keys of the pack format.

use super::sections::TRACKS;
use super::{Gives, Key, Keys, Kind, Reference, Word, key, word};

/// A number from 0, or an expression over parameters.
const AMOUNT: Kind = Kind::Any(&[Kind::Number(Some(0.0), None), Kind::Expression(Gives::Number)]);
/// A share, or an expression over parameters.
const SHARE: Kind = Kind::Any(&[Kind::Number(Some(0.0), Some(1.0)), Kind::Expression(Gives::Number)]);
/// A share of customers who are held out, or an expression over parameters.
const HELD_OUT: Kind = Kind::Any(&[Kind::Number(Some(0.0), Some(0.9)), Kind::Expression(Gives::Number)]);

/// `[plan]`
pub const PLAN: Keys = Keys {
    noun: "`[plan]`",
    groups: &[&[
        key(
            "per_customer",
            Kind::Any(&[Kind::Whole(1, 100), Kind::Expression(Gives::Number)]),
            "The most contacts one customer gets in one plan.",
        )
        .or("1"),
        key(
            "horizon",
            Kind::Any(&[Kind::Whole(0, 366), Kind::Expression(Gives::Number)]),
            "Days; contacts later than today and so many days wait for a later plan.",
        )
        .or("28"),
        key("holdout", HELD_OUT, "The share of all customers whom no plan contacts, so that its effect can be seen.")
            .or("0"),
        key(
            "experiment",
            Kind::Text,
            "The name whose hash with the key decides who is held out of everything. Default: the pack's name.",
        ),
        key(
            "stratify",
            Kind::Texts,
            "Names of text values, such as `grade`, within which the holdouts of campaigns are drawn apart; the one over all plans never is.",
        ),
        key(
            "anyway",
            Kind::Expression(Gives::Number),
            "The probability that a customer returns without any contact, from 0 to 1.",
        ),
        key("significance", Kind::Number(Some(0.0001), Some(0.5)), "How rare a difference must be by chance to count.")
            .or("0.05"),
        key("power", Kind::Number(Some(0.5), Some(0.9999)), "The probability with which a real effect is to be seen.")
            .or("0.8"),
        key("carry", Kind::Texts, "Values of the record written into the plan as they are: `name`, `phone`."),
    ]],
};

const CAMPAIGNS: Kind =
    Kind::Any(&[Kind::Reference(Reference::Campaign), Kind::List(&Kind::Reference(Reference::Campaign))]);
const CHANNELS: Kind =
    Kind::Any(&[Kind::Reference(Reference::Channel), Kind::List(&Kind::Reference(Reference::Channel))]);
const SPEAKERS: Kind =
    Kind::Any(&[Kind::Reference(Reference::Person), Kind::List(&Kind::Reference(Reference::Person))]);
const OFFERS: Kind = Kind::Any(&[Kind::Reference(Reference::Offer), Kind::List(&Kind::Reference(Reference::Offer))]);

/// Which contacts a limit is about.
const SCOPE: &[Key] = &[
    key("campaign", CAMPAIGNS, "Only contacts of this campaign, or of these."),
    key("channel", CHANNELS, "Only contacts by this channel, or by these."),
    key("speaker", SPEAKERS, "Only contacts that this person makes, or one of these."),
    key("offer", OFFERS, "Only contacts with this offer, or one of these."),
    key("track", Kind::Any(&[Kind::Word(TRACKS), Kind::Words(TRACKS)]), "Only campaigns for this track, or for these."),
    key("when", Kind::Expression(Gives::Bool), "Only contacts with customers for whom this is true."),
    key("label", Kind::Text, "What is limited, in words that stand within a sentence: `winback calls`."),
    key("help", Kind::Text, "What it means, for people."),
];

const PER: Key = key("per", Kind::Word(PERIODS), "The time it is for.").or("\"plan\"");

const PERIODS: &[Word] = &[
    word("plan", "The whole plan."),
    word("month", "Each month of the calendar."),
    word("week", "Each week, Monday to Sunday."),
    word("day", "Each day."),
];

/// `[budget.NAME]`
pub const BUDGET: Keys = Keys {
    noun: "budget",
    groups: &[&[key("most", AMOUNT, "What contacts may cost together, in the pack's currency.").once(), PER], SCOPE],
};

/// `[capacity.NAME]`
pub const CAPACITY: Keys = Keys {
    noun: "capacity",
    groups: &[
        &[
            key("most", AMOUNT, "How many contacts, or hours of work, can be done.").once(),
            key(
                "unit",
                Kind::Word(&[word("contacts", "Contacts are counted."), word("hours", "Their `hours` are summed up.")]),
                "What is counted.",
            )
            .or("\"contacts\""),
            PER,
        ],
        SCOPE,
    ],
};

/// `[volume.NAME]`
pub const VOLUME: Keys = Keys {
    noun: "volume",
    groups: &[
        &[
            key("least", AMOUNT, "How many there should be at least, as far as it can be had."),
            key("most", AMOUNT, "How many there may be at most."),
            key("penalty", AMOUNT, "What each one short of `least` costs, in the pack's currency.").or("1"),
            key(
                "unit",
                Kind::Word(&[
                    word("contacts", "Contacts are counted."),
                    word("returns", "The returns to be expected are summed up."),
                ]),
                "What is counted.",
            )
            .or("\"contacts\""),
            PER,
        ],
        SCOPE,
    ],
};

/// `[reserve.NAME]`
pub const RESERVE: Keys = Keys {
    noun: "reserve",
    groups: &[
        &[
            key("of", Kind::Text, "What it is a share of, by section and name: `capacity.calls`.").once(),
            key("share", SHARE, "The share that is kept; everybody else may use the rest at most.").once(),
        ],
        SCOPE,
    ],
};
