//! Every section of a pack with its keys.

use super::{Gives, Key, Keys, Kind, Reference, Things, Word, key, word};

/// The sections of a pack, in the order of a decision.
pub const PACK: Keys = Keys { noun: "pack", groups: &[SECTIONS] };

const SECTIONS: &[Key] = &[
    key("pack", Kind::Table(&IDENTITY), "What the pack is called, and what it extends.").once(),
    key(
        "params",
        Kind::Things(&Things { keys: &PARAM, bare: Some(PLAIN), identifiers: true }),
        "What a business user sets: numbers, dates, texts and switches, by name.",
    ),
    key("record", Kind::Table(&RECORD), "One row per customer: where it comes from, and its columns.").once(),
    key(
        "tables",
        Kind::Things(&Things { keys: &TABLE, bare: None, identifiers: true }),
        "Event tables, with many rows per customer: orders, complaints, contracts.",
    ),
    key(
        "rollups",
        Kind::Things(&Things { keys: &ROLLUP, bare: Some(Kind::Expression(Gives::Rollup)), identifiers: true }),
        "From many events to one value per customer.",
    ),
    key(
        "facts",
        Kind::Things(&Things { keys: &FACT, bare: Some(Kind::Expression(Gives::Any)), identifiers: true }),
        "Named expressions that rules read.",
    ),
    key("suppress", Kind::Listed(&SUPPRESSION), "Who is not decided about at all: the first that matches ends it."),
    key("states", Kind::Listed(&STATE), "Step 1: the state of the relation. The first that matches decides."),
    key("analysis", Kind::Table(&ANALYSIS), "Which customers causes are looked for."),
    key(
        "causes",
        Kind::Listed(&CAUSE),
        "Step 2: why they left. Evidence is weighed; the highest sum wins, ties go to the earlier cause.",
    ),
    key(
        "criteria",
        Kind::Things(&Things { keys: &CRITERION, bare: None, identifiers: true }),
        "Step 3: how customers are scored, from 0 to 10; 10 is always good for us.",
    ),
    key(
        "dimensions",
        Kind::Things(&Things { keys: &DIMENSION, bare: None, identifiers: true }),
        "Weighted means of criteria. `worth` and `chance` are always there.",
    ),
    key("scoring", Kind::Table(&SCORING), "What the plan sorts by."),
    key("grades", Kind::Listed(&GRADE), "Grades by priority. The first that matches decides."),
    key("offers", Kind::Things(&Things { keys: &OFFER, bare: None, identifiers: false }), "What campaigns offer."),
    key(
        "channels",
        Kind::Things(&Things { keys: &CHANNEL, bare: None, identifiers: false }),
        "Ways to reach a customer, and whether they are allowed.",
    ),
    key(
        "people",
        Kind::Things(&Things { keys: &PERSON, bare: None, identifiers: false }),
        "Who speaks to the customer.",
    ),
    key(
        "campaigns",
        Kind::Listed(&CAMPAIGN),
        "Step 4: offer, channel, day and speaker. The one with the highest `success * value - cost` is planned.",
    ),
    key("followups", Kind::Listed(&FOLLOWUP), "Step 5: what to do for customers who came back."),
    key("contact", Kind::Table(&super::CONTACT), "How often, and on which days, a customer may be contacted at all."),
    key("plan", Kind::Table(&super::PLAN), "How a plan is made: contacts per customer, horizon, holdout."),
    key(
        "budget",
        Kind::Things(&Things { keys: &super::BUDGET, bare: None, identifiers: false }),
        "What a plan may spend: in total, or on some channels or campaigns.",
    ),
    key(
        "capacity",
        Kind::Things(&Things { keys: &super::CAPACITY, bare: None, identifiers: false }),
        "How many contacts, or hours of work, can be done: by channel, by person, by week.",
    ),
    key(
        "volume",
        Kind::Things(&Things { keys: &super::VOLUME, bare: None, identifiers: false }),
        "How many contacts there should be, at least or at most.",
    ),
    key(
        "reserve",
        Kind::Things(&Things { keys: &super::RESERVE, bare: None, identifiers: false }),
        "A share of a budget or capacity that is kept for some customers.",
    ),
    key("override", Kind::Table(&super::OVERRIDE), "What people decided about a customer; it wins over the rules."),
    key("outcomes", Kind::Table(&super::OUTCOMES), "What came of a plan, and what counts as won back."),
    key("prevention", Kind::Table(&super::PREVENTION), "How losses are counted in the cause table."),
    key("warnings", Kind::Listed(&super::WARNING), "Step 5: early warnings about customers who are still here."),
    key(
        "second_life",
        Kind::Table(&super::SECOND_LIFE),
        "Step 5: how the second life of a customer who came back is read.",
    ),
    key("money", Kind::Table(&MONEY), "What a customer is counted with in portfolio tables."),
    key("limits", Kind::Table(&LIMITS), "How far a script may go."),
    key("lints", Kind::Lints, "Which findings of `regain check` are allowed, shown or denied, by their names."),
];

/// What a parameter may be.
const PLAIN: Kind = Kind::Any(&[Kind::Number(None, None), Kind::Text, Kind::Bool, Kind::Date]);
const SCORE: Kind = Kind::Number(Some(0.0), Some(10.0));

const SCRIPT: Kind = Kind::Reference(Reference::Script);

pub(super) const HELP: Key = key("help", Kind::Text, "What it means, for people.");
pub(super) const LABEL: Key = key("label", Kind::Text, "How it is called on screen. Default: made of the name.");
pub(super) const NAME: Key = key("name", Kind::Name, "Its name.").always();
pub(super) const BECAUSE: Key =
    key("because", Kind::Sentence, "The reason shown, such as `silent for {days_silent} days`.");
const OPTIONAL: Key = key("optional", Kind::Bool, "Whether the data may lack it.").or("false");
const KEY_FROM: Key = key("key_from", Kind::Texts, "Headers that the key column may have, besides its name.");
pub(super) const WEIGHT: Key = key("weight", Kind::Positive, "How much it counts against the others.").or("1");

/// `[pack]`
pub const IDENTITY: Keys = Keys {
    noun: "`[pack]`",
    groups: &[&[
        key("name", Kind::Name, "The name of the pack.").once(),
        key("version", Kind::Text, "Its version; stands in every decision.").or("\"0.0.0\""),
        key(
            "extends",
            Kind::Reference(Reference::Pack),
            "The pack it changes: a shipped one (`base`, `retail`, `telecom`, `b2b`) or a folder, as seen from this one.",
        ),
        HELP,
    ]],
};

/// `[params.NAME]`
pub const PARAM: Keys = Keys {
    noun: "parameter",
    groups: &[&[
        key("value", PLAIN, "The value in force.").once(),
        key("unit", Kind::Text, "`days`, `EUR`, `share`, …; a `share` must lie between 0 and 1."),
        key("min", Kind::Number(None, None), "The smallest number it may be."),
        key("max", Kind::Number(None, None), "The largest number it may be."),
        HELP,
    ]],
};

/// `[record]`
pub const RECORD: Keys = Keys {
    noun: "`[record]`",
    groups: &[&[
        key("key", Kind::Identifier, "The column that names the customer.").once(),
        KEY_FROM,
        key("key_normalise", Kind::Words(NORMALISE), "Which differences between keys do not count, in every table.")
            .or("[]"),
        key("table", Kind::Name, "The name of its table in `--data NAME=PATH`.").or("\"customers\""),
        key("file", Kind::Table(&FILE), "How its files are written. What is not said is found from the data."),
        key(
            "join",
            Kind::Things(&Things { keys: &JOIN, bare: None, identifiers: true }),
            "Further tables with at most one row per customer.",
        ),
        key(
            "sql",
            Kind::Text,
            "A query over the given tables that returns the key and the columns, where the record cannot be read as it is.",
        ),
        key(
            "columns",
            Kind::Things(&Things { keys: &COLUMN, bare: None, identifiers: true }),
            "The columns rules may read.",
        ),
    ]],
};

const NORMALISE: &[Word] = &[
    word("trim", "Blanks around a key do not count."),
    word("case", "Small and capital letters are the same."),
    word("leading_zeros", "Zeros in front do not count."),
];

/// `[record.join.NAME]`
pub const JOIN: Keys = Keys {
    noun: "joined table",
    groups: &[&[
        KEY_FROM,
        key("file", Kind::Table(&FILE), "How its files are written."),
        key("optional", Kind::Bool, "Whether a run may go without it.").or("false"),
        HELP,
    ]],
};

/// `[tables.NAME]`
pub const TABLE: Keys = Keys {
    noun: "table",
    groups: &[&[
        key("key", Kind::Identifier, "The column that names the customer.").once(),
        KEY_FROM,
        key(
            "time",
            Kind::Reference(Reference::TimeColumn),
            "The date column of an event; rows after the as-of date are never seen.",
        ),
        key(
            "merge",
            Kind::Word(&[word("day", "Several rows of one customer on one day are one event.")]),
            "How rows become events.",
        ),
        key("file", Kind::Table(&FILE), "How its files are written. What is not said is found from the data."),
        key("optional", Kind::Bool, "Whether a run may go without it; its rollups are then those of no rows.")
            .or("false"),
        HELP,
        key(
            "columns",
            Kind::Things(&Things { keys: &EVENT_COLUMN, bare: None, identifiers: true }),
            "The columns rollups may read.",
        ),
    ]],
};

const COLUMN_KEYS: &[Key] = &[
    key("type", Kind::Word(TYPES), "What its values are.").once(),
    key("from", Kind::Texts, "Headers it may have, besides its name."),
    key("values", Kind::Texts, "The texts it may hold. Default: any."),
    OPTIONAL,
    HELP,
    key("format", DATE_FORMATS, "How its dates are written, such as `%d.%m.%Y`; several are tried in order."),
];

const TYPES: &[Word] =
    &[word("number", "A number."), word("text", "A text."), word("bool", "Yes or no."), word("date", "A day.")];

const DATE_FORMATS: Kind = Kind::Any(&[Kind::Text, Kind::Texts]);

/// How values are written: keys of columns and of files.
const VALUES: &[Key] = &[
    key(
        "decimal",
        Kind::Word(&[word(".", "1234.5"), word(",", "1234,5")]),
        "The sign before the fraction of a number.",
    ),
    key("thousands", Kind::Word(THOUSANDS), "What stands between groups of three digits."),
    key("percent", Kind::Word(&[word("share", "`12 %` is 0.12."), word("number", "`12 %` is 12.")]), "What `12 %` is."),
    key("missing", Kind::Texts, "Texts that mean `not there`, beside the empty one."),
    key("true", Kind::Texts, "Texts that mean yes."),
    key("false", Kind::Texts, "Texts that mean no."),
];

const THOUSANDS: &[Word] =
    &[word("none", "Nothing."), word(".", "1.234,5"), word(",", "1,234.5"), word("'", "1'234.5"), word(" ", "1 234,5")];

/// `[record.columns.NAME]`
pub const COLUMN: Keys = Keys {
    noun: "column",
    groups: &[
        COLUMN_KEYS,
        VALUES,
        &[key(
            "table",
            Kind::Reference(Reference::RecordTable),
            "The table it comes from, where several could have it.",
        )],
    ],
};

/// `[tables.NAME.columns.NAME]`
pub const EVENT_COLUMN: Keys = Keys {
    noun: "column",
    groups: &[
        COLUMN_KEYS,
        VALUES,
        &[key(
            "merge",
            Kind::Word(MERGE),
            "How the values of one day combine in a table with `merge = \"day\"`. Default: numbers `sum`, bools `max`, others `min`.",
        )],
    ],
};

const MERGE: &[Word] = &[
    word("sum", "The sum of what is there; only numbers."),
    word("min", "The smallest that is there."),
    word("max", "The largest that is there."),
];

/// `[record.file]`, `[tables.NAME.file]`
pub const FILE: Keys = Keys {
    noun: "file format",
    groups: &[
        &[
            key("encoding", Kind::Text, "`utf-8`, `windows-1252`, `utf-16le`, …"),
            key("delimiter", Kind::Text, "What stands between fields: one sign, `tab` or `blanks`."),
            key("quote", Kind::Text, "The sign around fields that hold a delimiter; `none` if there is none."),
            key("headers", Kind::Texts, "The names of the columns, in order, of files without a header line."),
            key("skip", Kind::Whole(0, 1000), "Lines above the header.").or("0"),
            key("sheet", Kind::Text, "The sheet of an Excel workbook."),
        ],
        VALUES,
        &[key("date", DATE_FORMATS, "How dates are written, such as `%d.%m.%Y`; several are tried in order.")],
    ],
};

/// `[rollups.NAME]`
pub const ROLLUP: Keys = Keys {
    noun: "rollup",
    groups: &[&[key("value", Kind::Expression(Gives::Rollup), "What it computes.").once(), HELP]],
};

/// `[facts.NAME]`
pub const FACT: Keys =
    Keys { noun: "fact", groups: &[&[key("value", Kind::Expression(Gives::Any), "What it is.").once(), HELP]] };

/// `[[suppress]]`
pub const SUPPRESSION: Keys = Keys {
    noun: "suppression",
    groups: &[&[NAME, key("when", Kind::Expression(Gives::Bool), "Whom it holds for.").once(), BECAUSE, HELP]],
};

/// `[[states]]`
pub const STATE: Keys = Keys {
    noun: "state",
    groups: &[&[
        key("name", Kind::Name, "The name of the rule, and of the state unless `state` says so.").always(),
        key("state", Kind::Name, "The state it decides for; several rules may decide for one. Default: the name."),
        key("track", Kind::Word(TRACKS), "What is to be done about it; without one, nothing."),
        key("when", Kind::Expression(Gives::Bool), "Whom it holds for; without one, everybody left."),
        BECAUSE,
        HELP,
    ]],
};

pub(super) const TRACKS: &[Word] = &[
    word("termination", "Notice given, the relation still runs: avert."),
    word("recovery", "Gone or asleep: resume."),
    word("prevention", "Still here, at risk: prevent."),
    word("second_life", "Came back: keep."),
];

/// `[analysis]`
pub const ANALYSIS: Keys = Keys {
    noun: "`[analysis]`",
    groups: &[&[
        key("when", Kind::Expression(Gives::Bool), "Which customers are analysed; without one, all."),
        key(
            "minimum",
            Kind::Number(Some(0.0), None),
            "The smallest sum of weights that decides; below it the cause is unknown.",
        )
        .or("1"),
    ]],
};

/// `[[causes]]`
pub const CAUSE: Keys = Keys {
    noun: "cause",
    groups: &[&[
        NAME,
        key("class", Kind::Word(CLASSES), "The kind of cause.").once(),
        LABEL,
        key("preventable", Kind::Bool, "Whether we could have kept her: what the cause table is for.").or("false"),
        HELP,
        key(
            "evidence",
            Kind::List(&Kind::Table(&EVIDENCE)),
            "What speaks for it. An overlay gives the whole list anew.",
        ),
    ]],
};

const CLASSES: &[Word] = &[
    word("pushed_away", "Our fault: service, quality, billing."),
    word("pulled_away", "Something better elsewhere."),
    word("bought_away", "The price, or a bonus elsewhere."),
    word("moved_away", "Life went on: moved, no need any more."),
    word("involuntary", "Did not want to go: the payment failed."),
    word("unknown", "Nobody knows."),
];

/// A line of `evidence`.
pub const EVIDENCE: Keys = Keys {
    noun: "evidence",
    groups: &[&[
        key("when", Kind::Expression(Gives::Bool), "When it is there; or a `plugin` says so."),
        key("plugin", SCRIPT, "The script whose function `evidence` says when it is there, instead of `when`."),
        WEIGHT,
        BECAUSE,
    ]],
};

/// `[criteria.NAME]`
pub const CRITERION: Keys = Keys {
    noun: "criterion",
    groups: &[&[
        LABEL,
        key("question", Kind::Text, "The question it answers."),
        key("dimension", Kind::Reference(Reference::Dimension), "The mean it counts in.").or("\"worth\""),
        key("weight", Kind::Positive, "How much it counts in its dimension.").or("1"),
        key("missing", MISSING, "What an unknown value scores.").or("\"skip\""),
        HELP,
        key("score", Kind::Expression(Gives::Number), "The score itself, instead of `value` and a scale."),
        key("plugin", SCRIPT, "The script whose function `score` gives the score, instead of `value` and a scale."),
        key("value", Kind::Expression(Gives::Scored), "What is scored, by one of `bands`, `curve`, `map`, `rank`."),
        key("bands", Kind::List(&Kind::Table(&BAND)), "Scores below rising bounds; the last band has no bound."),
        key(
            "curve",
            Kind::List(&Kind::Point),
            "Points `[value, score]` of rising values; straight lines between them, flat outside.",
        ),
        key("map", Kind::Scores, "Scores by text."),
        key("otherwise", SCORE, "The score of a text that `map` does not have. Default: unknown."),
        key("rank", Kind::Word(RANKS), "Scored by the place in the population."),
    ]],
};

const MISSING: Kind = Kind::Any(&[
    Kind::Word(&[
        word("skip", "Left out; the others count for it."),
        word("neutral", "Scores 5."),
        word("worst", "Scores 0."),
    ]),
    SCORE,
]);

const RANKS: &[Word] =
    &[word("higher_is_better", "The highest value scores 10."), word("lower_is_better", "The lowest value scores 10.")];

/// A line of `bands`.
pub const BAND: Keys = Keys {
    noun: "band",
    groups: &[&[
        key(
            "below",
            Kind::Number(None, None),
            "Values below this, and not below the band before; the last band has none.",
        ),
        key("score", SCORE, "What they score.").always(),
    ]],
};

/// `[dimensions.NAME]`
pub const DIMENSION: Keys = Keys { noun: "dimension", groups: &[&[LABEL, HELP]] };

/// `[scoring]`
pub const SCORING: Keys = Keys {
    noun: "`[scoring]`",
    groups: &[&[key(
        "priority",
        Kind::Expression(Gives::Number),
        "What the plan sorts by. Default: the mean of the dimensions that are known.",
    )]],
};

/// `[[grades]]`
pub const GRADE: Keys = Keys {
    noun: "grade",
    groups: &[&[
        NAME,
        key("when", Kind::Expression(Gives::Bool), "Whom it holds for; without one, everybody left."),
        key("let_go", Kind::Bool, "Let go on purpose: no campaign is planned.").or("false"),
        LABEL,
        HELP,
    ]],
};

/// `[offers.NAME]`
pub const OFFER: Keys = Keys { noun: "offer", groups: &[&[LABEL, HELP]] };

/// `[people.NAME]`
pub const PERSON: Keys = Keys { noun: "person", groups: &[&[LABEL, HELP]] };

/// `[channels.NAME]`
pub const CHANNEL: Keys = Keys {
    noun: "channel",
    groups: &[&[
        LABEL,
        key(
            "consent",
            Kind::Expression(Gives::Bool),
            "Must be true for a customer to be contacted through it; unknown is no.",
        ),
        key("basis", Kind::Expression(Gives::Text), "The legal basis of a contact, written into the plan."),
        key("consent_on", Kind::Expression(Gives::Date), "The day of the consent, written into the plan."),
        super::contact::CHANNEL_COOLDOWN,
        super::contact::CAPS,
        super::contact::WEEKDAYS,
        HELP,
    ]],
};

/// `[[campaigns]]`
pub const CAMPAIGN: Keys = Keys {
    noun: "campaign",
    groups: &[&[
        NAME,
        LABEL,
        key("track", Kind::Word(TRACKS), "Only customers on this track; without one, all."),
        key("when", Kind::Expression(Gives::Bool), "Who may get it; without one, everybody."),
        key("offer", Kind::Reference(Reference::Offer), "What is offered."),
        key("channel", Kind::Reference(Reference::Channel), "The way it is sent; its consent must be true."),
        key("speaker", Kind::Reference(Reference::Person), "Who speaks."),
        key("send_on", Kind::Expression(Gives::Date), "When it is sent. Default: today."),
        key("cost", Kind::Expression(Gives::Number), "What one contact costs. Default: 0."),
        key(
            "plugin",
            SCRIPT,
            "The script whose functions `success` and `value`, or one of them, stand for these keys.",
        ),
        key("success", Kind::Expression(Gives::Number), "The probability that she returns, from 0 to 1."),
        key("value", Kind::Expression(Gives::Number), "What a return is worth."),
        key(
            "anyway",
            Kind::Expression(Gives::Number),
            "The probability that she returns without any contact. Default: that of `[plan]`.",
        ),
        key("hours", Kind::Expression(Gives::Number), "Hours of work one contact takes. Default: 0."),
        key("within", Kind::Whole(0, 366), "Days after `send_on` within which it may still be sent.").or("0"),
        key("again", Kind::Whole(0, 3650), "Days before a customer gets it again. Default: `again` of `[contact]`."),
        key(
            "fade",
            Kind::Number(Some(0.0), Some(1.0)),
            "The share of `success` that is lost with every day after `send_on`.",
        )
        .or("0"),
        key("say", Kind::Sentence, "What to say to the customer, for those who call or write."),
        key(
            "effect",
            Kind::Number(Some(0.0), Some(1.0)),
            "By how much it is said to raise the share that returns: 0.03 is 3 percentage points.",
        ),
        key("holdout", Kind::Number(Some(0.0), Some(0.9)), "The share of its customers that is held out.").or("0"),
        key(
            "experiment",
            Kind::Text,
            "The name whose hash with the key decides who is held out. Default: the campaign's name.",
        ),
        BECAUSE,
        HELP,
    ]],
};

/// `[[followups]]`
pub const FOLLOWUP: Keys = Keys {
    noun: "follow-up",
    groups: &[&[
        NAME,
        LABEL,
        key("when", Kind::Expression(Gives::Bool), "When it is due; with a `day`, a further condition, or none."),
        key("day", Kind::Whole(0, 3650), "The day of the second life on which it is due, counted from `since`."),
        key(
            "until",
            Kind::Whole(0, 3650),
            "The last day of the second life on which it is still due. Default: a week after `day`.",
        ),
        key("cause", Kind::Texts, "Only for those who had left for one of these causes."),
        key("class", Kind::Words(CLASSES), "Only for those whose cause was of one of these classes."),
        key("speaker", Kind::Reference(Reference::Person), "Who does it."),
        BECAUSE,
        HELP,
    ]],
};

/// `[money]`
pub const MONEY: Keys = Keys {
    noun: "`[money]`",
    groups: &[&[
        key("value", Kind::Expression(Gives::Number), "A number per customer.").once(),
        LABEL,
        key("currency", Kind::Text, "`EUR`, …"),
    ]],
};

/// `[limits]`
pub const LIMITS: Keys = Keys {
    noun: "`[limits]`",
    groups: &[&[
        key("max_operations", Kind::Whole(100, 1000000), "Steps of one call.").or("100000"),
        key("max_depth", Kind::Whole(1, 32), "Calls within calls.").or("32"),
        key("max_string", Kind::Whole(100, 1000000), "Bytes of a text.").or("10000"),
        key("max_array", Kind::Whole(10, 100000), "Values in a list.").or("10000"),
        key("max_map", Kind::Whole(10, 100000), "Values in a map.").or("10000"),
        key("max_variables", Kind::Whole(4, 1000), "Variables of a function at one time.").or("128"),
        key("max_expression_depth", Kind::Whole(8, 32), "Expressions within expressions.").or("32"),
        key(
            "max_batch_seconds",
            Kind::Number(Some(0.1), Some(3600.0)),
            "Seconds that the calls of one batch of customers may take together.",
        )
        .or("10"),
        key(
            "max_error_rate",
            Kind::Number(Some(0.0), Some(1.0)),
            "The share of calls that may fail before `regain run` ends with exit code 1.",
        )
        .or("0.01"),
    ]],
};

/// `[lints.NAME]`
pub const LINT: Keys = Keys {
    noun: "lint",
    groups: &[&[
        key("level", Kind::Word(LEVELS), "What becomes of its findings.").once(),
        key("reason", Kind::Text, "Why it is set so."),
    ]],
};

/// The levels of lints.
pub const LEVELS: &[Word] = &[
    word("allow", "Not shown."),
    word("warn", "Shown as a warning."),
    word("deny", "An error: `regain check` ends with exit code 1."),
];
