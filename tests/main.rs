//! All integration tests in one binary: DataFusion is linked once, not once per file. A part of them: `cargo test --release suite::`.

mod b2b;
mod cli;
mod data;
mod database;
mod decisions;
mod differential;
mod eval;
mod joins;
mod layering;
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
