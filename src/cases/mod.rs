//! The proof of a pack: sample customers beside it, and what the pack must say of them.
//!
//! [`model`] is what a case means.

pub mod model;
