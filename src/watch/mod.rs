//! Rules in force while they are edited: files read, rebuilt, swapped; the last good ones are kept.

mod standing;

pub use standing::{Followed, Standing, compared};
