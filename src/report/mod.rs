//! The portfolio: who is in which state, why they left, what they are worth and what they would get.
//!
//! [`Portfolio`] counts decision batches in bounded memory, [`Summary`] is what it found (and, through serde, the machine
//! form), [`render`] draws it on a terminal. [`Layout`] is what all three need to know of a pack. [`book`] is the rule book.

pub mod book;
pub mod causes;
pub(crate) mod columns;
mod customers;
pub mod evaluate;
mod frame;
mod head;
mod layout;
pub mod plan;
mod portfolio;
pub mod second_life;
pub mod suggest;
mod summary;
mod terminal;
#[cfg(test)]
mod tests;
mod top;

pub use layout::{
    CampaignEntry, CauseEntry, CriterionEntry, DimensionEntry, GradeEntry, Layout, MoneyEntry, StateEntry,
};
pub use portfolio::Portfolio;
pub use summary::{
    CampaignRow, CauseRow, GradeRow, MoneyTotal, Never, Rows, StateRow, Summary, SuppressedRow, TopRow, Without,
};
pub use terminal::render;
