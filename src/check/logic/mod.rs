//! Exact answers about conditions: can it be true, does one follow from others, and who falls between.
