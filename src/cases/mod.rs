//! The proof of a pack: sample customers beside it, and what the pack must say of them.
//!
//! # Cases
//!
//! `cases/*.toml` in the folder of a pack; `regain test PACK` decides every customer in them and compares.
//!
//! ```toml
//! as_of = 2026-06-30                    # `today` for all cases of the file; a case or a step may have its own
//!
//! [defaults]                            # given in every case that does not give it itself
//! segment = "private"
//!
//! [params]                              # optional: parameters for all cases of the file
//! sleep_after = 180
//!
//! [population]                          # optional: what criteria of `rank` are measured against, instead of the fitted population
//! margin = [10, 40, 90, 200]
//!
//! [[cases]]
//! name = "silent for 200 days"          # unique in the file
//! help = "long enough to be asleep"
//! params = { sleep_after = 120 }        # for this case alone
//! given = { revenue = 400, orders = [ { ordered_on = 2025-12-12, amount = 40 } ] }
//! expect = { state = "dormant", worth = { min = 6, max = 8 }, "score.payment" = 7.3 }
//!
//! [[cases]]
//! name = "a life"                       # one customer at several days
//! [[cases.timeline]]
//! as_of = 2026-01-15
//! given = { orders = [ { ordered_on = 2026-01-10, amount = 40 } ] }
//! expect = { state = "active" }
//! [[cases.timeline]]                    # later steps know what earlier ones gave: events add up, values are replaced
//! as_of = 2026-07-15
//! expect = { state = "dormant" }
//! ```
//!
//! ## Given
//!
//! * a column of the record by its name in the pack, whatever table it comes from;
//! * the events of a table, as a list of rows (the table's time column must be there; events after `as_of` are not seen);
//! * a rollup, taken as it is, instead of the events of its table;
//! * the key, if it matters to a reader; nothing else reads it.
//!
//! What is not given is missing; a count over no events is 0. `"missing"` takes a default back. Dates are TOML dates, or texts like
//! `"2026-01-15"`.
//!
//! ## Expected
//!
//! | key | what it is |
//! |---|---|
//! | `state`, `track`, `cause`, `class`, `confidence`, `grade`, `priority`, every dimension, `"score.NAME"` | what is decided |
//! | any fact, rollup or column | its value |
//! | `rule` | the name of the state rule that decided |
//! | `suppressed` | `true`, `false`, or the name of the suppression |
//! | `campaign`, `offer`, `channel`, `speaker`, `send_on`, `net` | of the campaign chosen |
//! | `overridden` | a list; each is a part of what is said of a person's decision. `"none"`: nobody decided otherwise |
//! | `candidates`, `followups`, `warnings` | a list; all of them must be there. `{ exactly = ["a", "b"] }`: these and no others |
//! | `contact` | `false`: no campaign fits, nobody writes to her |
//! | `reasons` | a list; each is a part of the reasons |
//! | `money` | what she is counted with |
//! | `"prevention.KEY"`, `"second_life.KEY"` | what that section says of her: `prevention = { lost = true, lost_on = 2026-05-31 }` |
//! | `"plan.KEY"` | what a plan reads of her for the campaign chosen: `anyway`, `hours`, `basis`, `consent_on`, and `limits`, a list |
//!
//! `plan.limits` are the limits that a contact counts against: `budget.post`, `capacity.calls`. `prevention` says also whether she is
//! `leaving`: she gave notice, and the relation still runs.
//!
//! A value is met exactly; a number at the decimals written: `7.3` is met by 7.2961, `7` only by 7. `{ min = 6, max = 8 }` is a range
//! with both ends. A list of texts is met by any of them. `"any"` is there, `"missing"` is not, `"none"` likewise of names; of lists,
//! `[]` and `{ exactly = [] }` say the same.
//!
//! ## Tables
//!
//! For many cases: `cases/*.csv` with the headers `name`, `as_of`, `help`, `params.X`, `expect.X`; every other header is something
//! given (the same as `given.X`). An empty cell is not given, or not expected. A range is `6..8`, several texts are `a|b`, these and
//! no others are `exactly a|b`, events are a JSON list of rows. Or `cases/*.jsonl`: one case a line, with the same keys as in TOML.

pub mod because;
pub mod coverage;
mod filter;
mod find;
pub mod judge;
mod known;
pub mod model;
pub mod mutate;
pub mod places;
mod read;
mod reason;
pub mod report;
pub mod run;
pub mod update;
pub mod verdict;

use std::sync::Arc;

pub use filter::Filter;
pub use find::{load, load_from_texts};
pub use judge::{Mismatch, judge};
pub use run::{Prepared, Preparer, prepare};

use crate::diag::{Diagnostic, Sources};
use crate::reference::Reference;
use model::CaseFile;

/// The cases of a pack.
#[derive(Debug, Clone)]
pub struct CaseSet {
    /// By name.
    pub files: Vec<CaseFile>,
    /// The texts of the pack, and then those of the cases.
    pub sources: Sources,
    /// What is wrong with the cases. Those with a mistake are not in [`Self::files`].
    pub diagnostics: Vec<Diagnostic>,
    /// The fitted tables beside the pack; without them criteria of rank are unknown.
    pub reference: Arc<Reference>,
}

impl CaseSet {
    /// How many cases there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.iter().map(|file| file.cases.len()).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
