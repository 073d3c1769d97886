//! Mutation: the pack changed in one place at a time, to see whether the cases notice.
//!
//! A change no case notices is a hole in the cases, or makes no difference. For each of them a customer is looked for who would
//! notice it, written as a case ready to paste. One that makes no difference is explained where it stands, and is then listed apart:
//!
//! ```toml
//! when = 'days_silent >= 180'   # regain: survives because days are whole and 179.5 cannot be
//! ```
//!
//! Changes are made in the typed pack, never in its text: see [`MutantKind`]. Left out are the sentences of reasons, texts, and
//! the scripts. Changes that cannot matter are not tried: the weight of a criterion that is alone in its dimension, the order of
//! two rules that plainly exclude each other, a step of a parameter beyond its own `min` or `max`.
//!
//! Of others it is proved that nobody is decided otherwise (a bound that nobody can stand on, a band nobody falls into): they are
//! counted apart, and need no reason. A reason that lets nothing survive is told.
//!
//! A case is decided anew only if the changed expression gives another value for it.

mod aim;
mod change;
mod equal;
mod events;
mod list;
mod pools;
mod reason;
mod report;
mod run;
mod search;
mod tell;

pub use change::{Mutant, MutantKind};
pub use list::{choose, mutants};
pub(in crate::cases) use report::told;
pub use report::{diagnostics, render, to_json};
pub use run::{Fate, Limits, Mutation, mutate};

#[cfg(test)]
mod tests;
