//! Each kind of change gives its sentence, and nothing that decides stays silent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use super::rules;
use crate::pack::{Pack, load_from_texts};
