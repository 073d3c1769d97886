//! All integration tests in one binary: DataFusion is linked once, not once per file. A part of them: `cargo test --release suite::`.

mod cli;
mod data;
mod database;
mod decisions;
mod differential;
mod layering;
mod real_data;
mod reference;
mod suite;
mod workload;
