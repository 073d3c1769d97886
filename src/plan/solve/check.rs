//! What a choice breaks, found anew from the problem as given: shares nothing with the solver but the types.

use std::fmt;

use super::{Class, Lag, Problem};

/// What may be used beyond a limit, as a share of it: sums of many amounts round.
const ROUNDING: f64 = 1e-9;

/// A rule that a choice breaks.
#[derive(Debug, Clone, PartialEq)]
pub enum Violation {
    /// There is no such option, or it belongs to no customer or class.
    Unknown {
        /// What was chosen.
        option: u32,
    },
    /// An option is chosen more than once.
    Twice {
        /// Which.
        option: u32,
    },
    /// A customer gets more than she may.
    Count {
        /// Her position.
        customer: u32,
        /// What she gets.
        chosen: u32,
        /// What she may get.
        most: u32,
    },
    /// Two options of a customer are too near each other.
    Lag {
        /// Her position.
        customer: u32,
        /// The option whose group comes first.
        earlier: u32,
        /// The other.
        later: u32,
        /// The days that must lie between them.
        days: i32,
    },
    /// More is used than a limit allows.
    Limit {
        /// Its name.
        limit: String,
        /// What is used.
        used: f64,
        /// What may be used.
        most: f64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::Unknown { option } => write!(f, "option {option} does not exist"),
            Violation::Twice { option } => write!(f, "option {option} is chosen twice"),
            Violation::Count { customer, chosen, most } => {
                write!(f, "customer {customer} gets {chosen} options, at most {most} are allowed")
            }
            Violation::Lag { customer, earlier, later, days } => {
                write!(f, "customer {customer} gets option {later} less than {days} days after option {earlier}")
            }
            Violation::Limit { limit, used, most } => write!(f, "`{limit}` allows {most}, and {used} is used"),
        }
    }
}

/// Every rule that the choice breaks; none: it may be carried out. A `least` is no rule but a wish, and not looked at.
#[must_use]
pub fn check(problem: &Problem, chosen: &[u32]) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut options = Vec::new();
    let mut sorted = chosen.to_vec();
    sorted.sort_unstable();
    let mut before = None;
    for option in sorted {
        if before == Some(option) {
            found.push(Violation::Twice { option });
            continue;
        }
        before = Some(option);
        match class_of(problem, option) {
            Some(class) if problem.first.first().is_some_and(|start| *start <= option) => options.push((option, class)),
            _ => found.push(Violation::Unknown { option }),
        }
    }
    let mut rest = options.as_slice();
    for (customer, end) in problem.first.iter().skip(1).enumerate() {
        let customer = u32::try_from(customer).unwrap_or(u32::MAX);
        let (mine, others) = rest.split_at(rest.partition_point(|(option, _)| option < end));
        rest = others;
        let count = u32::try_from(mine.len()).unwrap_or(u32::MAX);
        if count > problem.most_per_customer {
            found.push(Violation::Count { customer, chosen: count, most: problem.most_per_customer });
        }
        for (earlier, a) in mine {
            for (later, b) in mine.iter().filter(|(later, _)| later != earlier) {
                for lag in problem.lags.iter().filter(|lag| lag.earlier == a.group && lag.later == b.group) {
                    if too_near(problem, lag, *earlier, *later) {
                        found.push(Violation::Lag { customer, earlier: *earlier, later: *later, days: lag.days });
                    }
                }
            }
        }
    }
    found.extend(rest.iter().map(|(option, _)| Violation::Unknown { option: *option }));
    for (at, limit) in problem.limits.iter().enumerate() {
        let Some(most) = limit.most else { continue };
        let used: f64 = options.iter().map(|(option, class)| uses(problem, class, *option, at)).sum();
        // Written so that a sum that is no number is too much.
        let kept = used <= most + ROUNDING * most.abs().max(1.0);
        if !kept {
            found.push(Violation::Limit { limit: limit.name.clone(), used, most });
        }
    }
    found
}

fn class_of(problem: &Problem, option: u32) -> Option<&Class> {
    problem.gain.get(option as usize)?;
    problem.classes.get(usize::from(*problem.class.get(option as usize)?))
}

/// Whether the second option lies on the day of the first or less than the lag after it.
fn too_near(problem: &Problem, lag: &Lag, earlier: u32, later: u32) -> bool {
    let day = |option: u32| i64::from(problem.day.get(option as usize).copied().unwrap_or_default());
    let days = day(later) - day(earlier);
    0 <= days && days < i64::from(lag.days)
}

/// What an option uses of a limit.
fn uses(problem: &Problem, class: &Class, option: u32, limit: usize) -> f64 {
    let of_measure = |measure: u32| match problem.amounts.get(measure as usize) {
        Some(list) if list.is_empty() => 1.0,
        Some(list) => list.get(option as usize).copied().unwrap_or(f64::NAN),
        None => f64::NAN,
    };
    let amounts = class.uses.iter().filter(|(at, _)| *at as usize == limit).map(|(_, measure)| of_measure(*measure));
    class.weight * amounts.sum::<f64>()
}
