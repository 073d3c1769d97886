//! The pack format and the case format as data: every section and key, what a value may be, and what it means in one line.
//!
//! The resolver takes the keys it allows from here, editors their schemas, so that they cannot drift apart. What a value means,
//! and what is wrong with one, stays with [`super::resolve`].

mod cases;
mod contact;
mod human;
mod outcomes;
mod planning;
mod prevention;
mod second_life;
mod sections;
#[cfg(test)]
mod tests;

pub use cases::{CASE, CASES, STEP};
pub use contact::{CAP, CONTACT};
pub use human::{OVERRIDE, OVERRIDE_BECAUSE};
pub use outcomes::OUTCOMES;
pub use planning::{BUDGET, CAPACITY, PLAN, RESERVE, VOLUME};
pub use prevention::{PREVENTION, WARNING};
pub use second_life::SECOND_LIFE;
pub use sections::*;

/// The keys of one thing: a parameter, a state, `[scoring]`.
#[derive(Debug)]
pub struct Keys {
    /// How one such thing is called.
    pub noun: &'static str,
    /// In groups, because some things share them; in the order in which messages and schemas list them.
    pub groups: &'static [&'static [Key]],
}

impl Keys {
    /// Every key, in order.
    pub fn iter(&self) -> impl Iterator<Item = &'static Key> {
        self.groups.iter().flat_map(|group| group.iter())
    }

    /// The names of the keys, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.iter().map(|key| key.name).collect()
    }

    /// A key by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'static Key> {
        self.iter().find(|key| key.name == name)
    }
}

/// A key and what may stand behind it.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// Whether it must be there.
    pub need: Need,
    /// What holds where it is not given, as TOML; empty if nothing does.
    pub default: &'static str,
    /// What it means, in one line.
    pub help: &'static str,
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It may be left out.
    May,
    /// Some pack of the chain must give it; an overlay need not repeat it.
    Once,
    /// It must be there wherever the thing is written, also in an overlay.
    Always,
}

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any text.
    Text,
    /// A text with an expression.
    Expression(Gives),
    /// A text with `{expressions}` in it.
    Sentence,
    /// A name of something that expressions read: letters, digits and `_`.
    Identifier,
    /// A name of something else: also with `-`, `+` and `.`.
    Name,
    /// A finite number within bounds, both included.
    Number(Option<f64>, Option<f64>),
    /// A number greater than 0.
    Positive,
    /// A whole number within bounds, both included.
    Whole(u64, u64),
    /// `true` or `false`.
    Bool,
    /// A day.
    Date,
    /// One of a few words.
    Word(&'static [Word]),
    /// A list of a few words.
    Words(&'static [Word]),
    /// A list of texts.
    Texts,
    /// The name of something that is declared elsewhere.
    Reference(Reference),
    /// Any one of these.
    Any(&'static [Kind]),
    /// A list of values of one kind.
    List(&'static Kind),
    /// A point of a curve: a value and its score.
    Point,
    /// Scores from 0 to 10, by text.
    Scores,
    /// A table of these keys.
    Table(&'static Keys),
    /// Things by name: `[params.NAME]`. An overlay changes one by its name, and drops it by `remove = true`.
    Things(&'static Things),
    /// A list of things that have a `name`: `[[states]]`. An overlay changes, drops and places one by its name.
    Listed(&'static Keys),
    /// Values of one kind by the names of channels.
    ByChannel(&'static Kind),
    /// Levels of lints by name.
    Lints,
    /// What is known of a sample customer: columns, rollups, events of tables.
    Given,
    /// Values of parameters by name.
    Params,
    /// Lists of numbers by criterion of rank.
    Population,
    /// What must be decided about a sample customer.
    Expect,
}

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// True or false.
    Bool,
    /// A number.
    Number,
    /// A date.
    Date,
    /// A text.
    Text,
    /// A number; a text for a `map`.
    Scored,
    /// One value from many rows.
    Rollup,
    /// Whatever it is.
    Any,
}

impl Gives {
    /// In words, for help texts.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Gives::Bool => "An expression that is true or false.",
            Gives::Number => "An expression that is a number.",
            Gives::Date => "An expression that is a date.",
            Gives::Text => "An expression that is a text.",
            Gives::Scored => "An expression that is a number; for a `map`, a text.",
            Gives::Rollup => "An aggregate over the rows of a table, such as `max(orders.ordered_on)`.",
            Gives::Any => "An expression.",
        }
    }
}

/// A word with its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// As written.
    pub word: &'static str,
    /// What it means, in one line.
    pub help: &'static str,
}

/// Where a name is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// A shipped pack, or a folder.
    Pack,
    /// `[offers]`
    Offer,
    /// `[channels]`
    Channel,
    /// `[people]`
    Person,
    /// `[[campaigns]]`
    Campaign,
    /// `[dimensions]`, and those that are always there.
    Dimension,
    /// A script of the pack: `scripts/NAME.rhai`.
    Script,
    /// The table of the record, or one that is joined to it.
    RecordTable,
    /// A date column of the same table.
    TimeColumn,
    /// `[tables]`
    EventTable,
}

/// Things by name.
#[derive(Debug)]
pub struct Things {
    /// The keys of each.
    pub keys: &'static Keys,
    /// What a bare value may be, which stands for `{ value = … }`.
    pub bare: Option<Kind>,
    /// Whether their names are those of expressions.
    pub identifiers: bool,
}

/// What an overlay may say of a thing beside its keys.
pub const REMOVE: Key = key("remove", Kind::Bool, "Drops what the pack that is extended has under this name.");
/// Where a thing of a list goes: before another.
pub const BEFORE: Key = key("before", Kind::Name, "Puts it right before the one of this name.");
/// Where a thing of a list goes: after another.
pub const AFTER: Key = key("after", Kind::Name, "Puts it right after the one of this name.");

/// A key that may be left out.
const fn key(name: &'static str, kind: Kind, help: &'static str) -> Key {
    Key { name, kind, need: Need::May, default: "", help }
}

impl Key {
    /// Some pack of the chain must give it.
    const fn once(self) -> Key {
        Key { need: Need::Once, ..self }
    }

    /// It must be there wherever the thing is written.
    const fn always(self) -> Key {
        Key { need: Need::Always, ..self }
    }

    /// What holds where it is not given.
    const fn or(self, default: &'static str) -> Key {
        Key { default, ..self }
    }
}

const fn word(word: &'static str, help: &'static str) -> Word {
    Word { word, help }
}
