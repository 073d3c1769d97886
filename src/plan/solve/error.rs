//! Why a problem cannot be solved: it contradicts itself.

use std::fmt;

/// What is wrong with a problem.
#[derive(Debug, Clone, PartialEq)]
pub enum SolveError {
    /// Lists do not fit together: what, and how.
    Shape(String),
    /// A number is none, infinite, or negative where that has no meaning.
    Number {
        /// `the gain of option`, …
        what: String,
        /// The position of the option, class or limit.
        at: usize,
        /// What stands there.
        found: f64,
    },
    /// Not even choosing nothing keeps this limit.
    Infeasible {
        /// The limit's name.
        limit: String,
        /// What it allows: less than nothing.
        most: f64,
    },
}

impl fmt::Display for SolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SolveError::Shape(what) => write!(f, "the allocation problem does not fit together: {what}"),
            SolveError::Number { what, at, found } => {
                write!(f, "{what} {at} is {found}, which an allocation cannot use")
            }
            SolveError::Infeasible { limit, most } => {
                write!(f, "`{limit}` allows {most}: less than nothing, so that no plan keeps it")
            }
        }
    }
}

impl std::error::Error for SolveError {}
