//! All integration tests in one binary: DataFusion is linked once, not once per file. A part of them: `cargo test --release suite::`.

mod b2b;
mod cases;
mod cli;
mod data;
mod database;
mod decisions;
mod differential;
mod docs;
mod eval;
mod fuzzing;
mod joins;
mod layering;
mod lints;
mod manual;
mod messes;
mod profile;
mod reading;
mod real_data;
mod reference;
mod shipped;
mod suite;
mod telco;
mod values;
mod workload;
