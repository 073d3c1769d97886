//! **regain** is a rules-engine host for customer recovery: winning back lost and dormant customers.
//!
//! A company writes down, in TOML files and Rhai scripts, what *it* means by "lost", "why they left", "worth winning back" and
//! "what we offer them". regain checks those rules and applies them to customer records, from one record to many
//! millions, always able to say why.
//!
//! This page is the architecture: the phases, what each makes, and who may know whom.
//!
//! # The way of the data
//!
//! ```text
//!  TOML + Rhai --parse--> tree --overlay, resolve--> Pack --compile--> Program        (immutable, shared)
//!                           |
//!                           +--> diagnostics
//!
//!  tables --rollups or record.sql--> record batches
//!  record batch --Program::apply--> facts > suppress > state > cause > criteria > grade > campaigns
//!  decisions --sinks--> Parquet, CSV, JSONL, databases; portfolio tables; one customer's explanation
//! ```
//!
//! | phase | verb | product | where |
//! |---|---|---|---|
//! | read a pack and what it extends | [`pack::load`](pack::load()) | [`pack::Loaded`]: a [`pack::Pack`], [`diag::Diagnostic`]s | [`pack`], [`files`], [`diag`] |
//! | read one expression | [`expr::parse`], [`expr::check`] | a typed [`expr::Expr`] | [`expr`] |
//! | find what is well-formed and still not meant | [`check`](check::check()) | [`diag::Diagnostic`]s with samples | [`check`] |
//! | compile a pack for a run | [`stage::Program::compile`] | a [`stage::Program`] | [`stage`], [`engine`] |
//! | build records | [`data`] | record batches | [`data`] |
//! | decide many | [`stage::Program::apply`] | decisions as a record batch | [`engine`] |
//! | all campaigns of everybody, to choose from | [`stage::Candidates`] | a record batch, a column per campaign and value | [`stage`], [`engine`] |
//! | decide one, in the open | [`stage::decide`] | a [`stage::Decision`] | [`stage`] |
//! | look at unknown files | [`profile::profile`] | a [`profile::Profile`], TOML for a pack | [`profile`] |
//! | prove a pack | [`cases`] | verdicts, coverage, surviving mutants | [`cases`] |
//! | compare two packs | [`compare`] | what changed in words, who moved | [`compare`], [`data::Held`] |
//! | plan: whom, what, when, through whom | [`plan`] | contacts under limits, with bound and prices | [`plan`] |
//! | judge what came of a plan | [`evaluate`] | lift, profit, intervals | [`evaluate`], [`stats`] |
//! | better rules from outcomes | [`suggest`] | an overlay, with its expected gain | [`suggest`] |
//! | where customers are lost, and who is next | [`prevent`] | the cause table, early warnings | [`prevent`] |
//! | follow those who came back | [`second_life`] | the cohort of second lives | [`second_life`] |
//! | keep rules in force while they are edited | [`watch::Host`] | the newest good program, events | [`watch`], [`files`] |
//! | help editors | [`schema`] | JSON Schemas of pack and case files | [`schema`], [`script::definitions`] |
//! | show | [`report`], [`explain`] | tables, JSON | [`report`], [`explain`] |
//!
//! # One meaning, read twice
//!
//! An expression has one meaning, written down in the row interpreter [`expr::eval`], which is small and obvious, and which
//! explain uses. The columnar evaluator [`engine`] is fast. A generated differential test holds them together to the bit. The
//! stages of a decision are likewise written twice, side by side, in [`stage`].
//!
//! What people decide (`[override]`, [`stage::Told`]) is a part of that meaning: it wins over the rules at its stage, and every
//! decision says so.
//!
//! Of a script function the meaning is what Rhai does with it. One that is a pure expression runs in the columnar engine all the
//! same ([`script::Scripts::lowered`]): where Rhai would go on with something an expression does not have, a guard sends
//! that row, and only that, to Rhai. The differential test holds the two together, errors included.
//!
//! # Deciding again
//!
//! Every column of a program has a fingerprint of what it computes. When rules change while records are held
//! ([`watch::Standing`], [`data::Held`]), columns of equal fingerprint are taken as they are, and the others are computed from
//! them as far as they go.
//!
//! Values are numbers, texts, bools and dates, and any of them may be missing. Expressions are total: no record can make a
//! checked pack fail. `today` is the as-of date of a run; nothing else reads a clock.
//!
//! # Who may know whom
//!
//! Imports go in one direction, and `tests/layering.rs` enforces it:
//!
//! ```text
//! diag < files < expr, script < pack < check < schema < engine < reference < stage < stats < data < plan < evaluate < suggest < prevent < second_life < draw < profile < explain < cases < report < compare < watch < cli
//! ```
//!
//! [`engine`] knows expressions but no packs, [`data`] knows programs but no terminals, and only [`cli`] prints.
//!
//! # Errors
//!
//! The author's fault is a [`diag::Diagnostic`] with a place and a hint; the data's fault is a row set aside, counted and
//! written to a rejects file; the machine's fault is an error with context; our own fault would be a panic, and no input reaches one.
#![forbid(unsafe_code)]

pub mod cases;
pub mod check;
pub mod cli;
pub mod compare;
pub mod data;
pub mod diag;
pub mod draw;
pub mod engine;
pub mod evaluate;
pub mod explain;
pub mod expr;
pub mod files;
pub mod pack;
pub mod plan;
pub mod prevent;
pub mod profile;
pub mod reference;
pub mod report;
pub mod schema;
pub mod script;
pub mod second_life;
pub mod stage;
pub mod stats;
pub mod suggest;
pub mod watch;
