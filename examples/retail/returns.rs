//! What really happens after a plan in the invented world of Haus & Herd: the truth that `regain evaluate` has to find.
//!
//! A customer returns with one probability if nobody contacts her, and with another if somebody does. Both are known here, and
//! nowhere else.

use std::sync::Arc;

use regain::plan::{Arm, PlanRow};

/// What the world knows about a planned customer.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) key: String,
    pub(crate) contacted: bool,
    pub(crate) channel: String,
    pub(crate) track: String,
    /// `chance`, 0 to 10.
    pub(crate) chance: f64,
    /// Revenue so far.
    pub(crate) money: f64,
    /// What the contact costs, if it is made.
    pub(crate) cost: f64,
}

impl Planned {
    /// From a row of a plan; `chance` is the place of that dimension among its scores.
    pub(crate) fn of(row: &PlanRow, chance: usize) -> Planned {
        let text = |text: &Option<Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
        Planned {
            key: row.key.to_string(),
            contacted: row.arm == Arm::Contact,
            channel: text(&row.channel),
            track: text(&row.track),
            chance: row.scores.get(chance).copied().flatten().unwrap_or(5.0),
            money: row.money.unwrap_or(0.0),
            cost: row.cost.unwrap_or(0.0),
        }
    }
}

/// The two probabilities of a return.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Truth {
    pub(crate) anyway: f64,
    pub(crate) contacted: f64,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Outcome {
    /// Days after the contact, or after the day it would have been made; `None` if she did not return.
    pub(crate) after_days: Option<i64>,
    pub(crate) orders: i64,
    pub(crate) revenue: f64,
    pub(crate) margin: f64,
    pub(crate) cost: f64,
}

/// The true probabilities: the more willing return more often anyway, and a talk moves more of them than a mail.
pub(crate) fn truth(planned: &Planned) -> Truth {
    let willing = (planned.chance / 10.0).clamp(0.0, 1.0);
    let anyway = match planned.track.as_str() {
        "termination" => 0.06 + 0.10 * willing,
        "prevention" => 0.25 + 0.20 * willing,
        "second_life" => 0.40 + 0.20 * willing,
        _ => 0.02 + 0.06 * willing,
    };
    let effect = match planned.channel.as_str() {
        "visit" => 0.30,
        "phone" => 0.22,
        "post" => 0.12,
        _ => 0.08,
    };
    Truth { anyway, contacted: (anyway + effect * (0.5 + willing)).min(0.95) }
}

/// What she is expected to bring if she returns: orders and margin.
pub(crate) fn margin_of_return(planned: &Planned) -> f64 {
    MARGIN_RATE * basket(planned) * (1.0 + MORE_ORDERS / 2.0)
}

const MARGIN_RATE: f64 = 0.38;
/// Up to so many orders after the first.
const MORE_ORDERS: f64 = 3.0;
/// A return comes this many days after the contact, at the most.
const WITHIN: f64 = 75.0;

fn basket(planned: &Planned) -> f64 {
    (0.05 * planned.money).clamp(20.0, 400.0)
}

/// Draws what happens. The same seed and customer give the same draw, whether she is contacted or not.
pub(crate) fn outcome(planned: &Planned, seed: u64) -> Outcome {
    let mut rng = fastrand::Rng::with_seed(hash(&planned.key) ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let (fate, day, more) = (rng.f64(), rng.f64(), rng.f64());
    let truth = truth(planned);
    let returns = fate < if planned.contacted { truth.contacted } else { truth.anyway };
    let orders = if returns { 1 + (more * (MORE_ORDERS + 1.0)) as i64 } else { 0 };
    let revenue = basket(planned) * orders as f64 * (0.7 + 0.6 * rng.f64());
    Outcome {
        after_days: returns.then_some(2 + (day * day * WITHIN) as i64),
        orders,
        revenue,
        margin: MARGIN_RATE * revenue,
        cost: if planned.contacted { planned.cost } else { 0.0 },
    }
}

/// FNV-1a, so that every machine draws the same.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
