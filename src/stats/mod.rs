//! Statistics that plans and their evaluation rest on: pure functions of numbers, each with the source of its formula.

pub mod power;
