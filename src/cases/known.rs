//! What a case may name: everything that can be given, and everything that can be expected.

use std::collections::{HashMap, HashSet};

use super::model::About;
use crate::expr::{NameKind, Slot, Type};
use crate::pack::{Limit, Pack, Prevention, SecondLife, Track};

/// What a name under `given` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GivenName {
    /// A column of the record.
    Column(Slot),
    /// A rollup: taken as it is. Behind it the place of its table in [`Pack::tables`].
    Rollup(Slot, usize),
    /// Events of a table, by its place.
    Events(usize),
    /// The key: texts and numbers are welcome, nothing reads it.
    Key,
}

/// Words of `expect` that are not names of the pack.
const WORDS: [(&str, About); 16] = [
    ("rule", About::StateRule),
    ("suppressed", About::Suppressed),
    ("campaign", About::Campaign),
    ("candidates", About::Candidates),
    ("contact", About::Contact),
    ("offer", About::Offer),
    ("channel", About::Channel),
    ("speaker", About::Speaker),
    ("send_on", About::SendOn),
    ("net", About::Net),
    ("reasons", About::Reasons),
    ("followups", About::FollowUps),
    ("warnings", About::Warnings),
    ("money", About::Money),
    ("overridden", About::Overridden),
    // Only so that it is suggested; it is looked up in the pack, too.
    ("score", About::Contact),
];

/// The word of `expect` for what an expectation is about.
pub(super) fn word(pack: &Pack, about: &About) -> String {
    match about {
        About::Name(slot) => pack.names.get(*slot).name.clone(),
        About::Prevention(key) => format!("prevention.{key}"),
        About::SecondLife(key) => format!("second_life.{key}"),
        About::Plan(key) => format!("plan.{key}"),
        About::Limits => "plan.limits".to_owned(),
        other => WORDS.iter().find(|(_, known)| known == other).map_or("", |(word, _)| word).to_owned(),
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// One value of a type.
    One(Type),
    /// True, false, or the name of a suppression.
    Suppressed,
    /// Texts that must all be there.
    Many,
}

/// The names of a pack as cases see them.
pub(super) struct Known<'a> {
    pub(super) pack: &'a Pack,
    given: HashMap<&'a str, GivenName>,
    /// The values a text may have, as far as the pack lists them.
    listed: HashMap<Slot, Vec<&'a str>>,
    /// What is said of losses, second lives and the plan, by the word for it.
    lives: Vec<(String, About, Type)>,
    /// Limits of the plan, by their full names.
    limits: Vec<String>,
}

impl<'a> Known<'a> {
    pub(super) fn new(pack: &'a Pack) -> Self {
        let mut given = HashMap::new();
        let mut listed: HashMap<Slot, Vec<&'a str>> = HashMap::new();
        given.insert(pack.record.key.as_str(), GivenName::Key);
        for (place, name) in pack.tables.keys().enumerate() {
            given.insert(name.as_str(), GivenName::Events(place));
        }
        for rollup in &pack.rollups {
            if let Some(table) = pack.tables.get_index_of(&rollup.table) {
                given.insert(rollup.name.as_str(), GivenName::Rollup(rollup.slot, table));
            }
        }
        for column in &pack.record.columns {
            given.insert(column.name.as_str(), GivenName::Column(column.slot));
            if !column.values.is_empty() {
                listed.insert(column.slot, column.values.iter().map(String::as_str).collect());
            }
        }
        let decided = &pack.decided;
        let unique = |list: Vec<&'a str>| {
            let mut seen = HashSet::new();
            list.into_iter().filter(|name| seen.insert(*name)).collect::<Vec<_>>()
        };
        listed.insert(decided.state, unique(pack.states.iter().map(|s| s.state.as_str()).collect()));
        listed.insert(decided.track, Track::ALL.iter().map(|t| t.word()).collect());
        let causes = pack.causes.list.iter();
        listed.insert(
            decided.cause,
            unique(causes.clone().map(|c| c.name.as_str()).chain(std::iter::once("unknown")).collect()),
        );
        listed.insert(
            decided.class,
            unique(causes.map(|c| c.class.as_str()).chain(std::iter::once("unknown")).collect()),
        );
        listed.insert(decided.grade, unique(pack.grades.iter().map(|g| g.name.as_str()).collect()));
        let losses = pack.prevention.iter().flat_map(Prevention::says).map(|(key, ty)| (About::Prevention(key), ty));
        let lives = pack.second_life.iter().flat_map(SecondLife::says).map(|(key, ty)| (About::SecondLife(key), ty));
        let terms = pack.terms().map(|(key, ty)| (About::Plan(key), ty));
        let limited = pack.planning.iter().filter(|plan| !plan.limits.is_empty());
        let limited = limited.map(|_| (About::Limits, Type::Text));
        let lives = losses
            .chain(lives)
            .chain(terms)
            .chain(limited)
            .map(|(about, ty)| (word(pack, &about), about, ty))
            .collect();
        let limits = pack.planning.iter().flat_map(|plan| &plan.limits).map(Limit::full_name).collect();
        Known { pack, given, listed, lives, limits }
    }

    /// What a name under `given` stands for.
    pub(super) fn given(&self, name: &str) -> Option<GivenName> {
        self.given.get(name).copied()
    }

    /// Everything that may be given, for suggestions.
    pub(super) fn givable(&self) -> impl Iterator<Item = &'a str> {
        self.given.keys().copied()
    }

    /// The values a name may have, as far as the pack lists them; else empty.
    pub(super) fn values(&self, slot: Slot) -> &[&'a str] {
        self.listed.get(&slot).map_or(&[], Vec::as_slice)
    }

    /// What a key of `expect` is about.
    pub(super) fn about(&self, key: &str) -> Option<About> {
        if let Some((_, about)) = WORDS.iter().find(|(word, _)| *word == key && *word != "score") {
            return Some(about.clone());
        }
        if let Some((_, about, _)) = self.lives.iter().find(|(word, ..)| word == key) {
            return Some(about.clone());
        }
        let slot = self.pack.names.find(key)?;
        let kind = self.pack.names.get(slot).kind;
        (!matches!(kind, NameKind::Today | NameKind::Param)).then_some(About::Name(slot))
    }

    /// Everything that may be expected, for suggestions.
    pub(super) fn expectable(&self) -> Vec<&str> {
        let named = self.pack.names.iter().filter(|(_, n)| !matches!(n.kind, NameKind::Today | NameKind::Param));
        let words = WORDS.iter().map(|(word, _)| *word).chain(named.map(|(_, n)| n.name.as_str()));
        words.chain(self.lives.iter().map(|(word, ..)| word.as_str())).collect()
    }

    /// Whether a key of `expect` holds a table of expectations: `score`, `prevention`.
    pub(super) fn is_group(&self, key: &str) -> bool {
        let below = |name: &str| name.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
        self.lives.iter().any(|(word, ..)| below(word)) || self.pack.names.iter().any(|(_, name)| below(&name.name))
    }

    /// How an expectation is compared.
    pub(super) fn sort(&self, about: &About) -> Sort {
        match about {
            About::Name(slot) => Sort::One(self.pack.names.get(*slot).ty),
            About::Suppressed => Sort::Suppressed,
            About::Candidates
            | About::Reasons
            | About::Overridden
            | About::FollowUps
            | About::Warnings
            | About::Limits => Sort::Many,
            About::Prevention(_) | About::SecondLife(_) | About::Plan(_) => {
                let found = self.lives.iter().find(|(_, known, _)| known == about);
                Sort::One(found.map_or(Type::Bool, |(.., ty)| *ty))
            }
            About::Contact => Sort::One(Type::Bool),
            About::SendOn => Sort::One(Type::Date),
            About::Net | About::Money => Sort::One(Type::Number),
            About::StateRule | About::Campaign | About::Offer | About::Channel | About::Speaker => {
                Sort::One(Type::Text)
            }
        }
    }

    /// The texts an expectation may name; empty if any text will do.
    pub(super) fn choices(&self, about: &About) -> Vec<&str> {
        let pack = self.pack;
        match about {
            About::Name(slot) => self.values(*slot).to_vec(),
            About::StateRule => pack.states.iter().map(|s| s.name.as_str()).collect(),
            About::Suppressed => pack.suppress.iter().map(|s| s.name.as_str()).collect(),
            About::Campaign | About::Candidates => pack.campaigns.iter().map(|c| c.name.as_str()).collect(),
            About::Offer => pack.offers.keys().map(String::as_str).collect(),
            About::Channel => pack.channels.keys().map(String::as_str).collect(),
            About::Speaker => pack.people.keys().map(String::as_str).collect(),
            About::FollowUps => pack.followups.iter().map(|f| f.name.as_str()).collect(),
            About::Warnings => pack.prevention.iter().flat_map(|p| &p.warnings).map(|w| w.name.as_str()).collect(),
            About::Limits => self.limits.iter().map(String::as_str).collect(),
            About::Contact
            | About::SendOn
            | About::Net
            | About::Reasons
            | About::Overridden
            | About::Prevention(_)
            | About::SecondLife(_)
            | About::Plan(_)
            | About::Money => Vec::new(),
        }
    }

    /// Whether a text must be one of [`Self::choices`]: it is a name of the pack, not a value of data.
    pub(super) fn closed(&self, about: &About) -> bool {
        match about {
            About::Name(slot) => self.pack.names.get(*slot).kind == NameKind::Decided,
            About::Reasons | About::Overridden => false,
            About::Prevention(_) | About::SecondLife(_) | About::Plan(_) => false,
            _ => true,
        }
    }
}
