//! Rules in force while they are edited: files read, rebuilt, swapped; the last good ones are kept.
//!
//! A [`Host`] is the handle that a program embeds: the newest good rules at any time, and a channel of what happened to them.
//! A [`Standing`] holds records and what the rules decided about them, and decides again by other rules only what these change. The
//! command `regain watch` is the two together, with a [comparison](crate::compare) of the decisions before and after each save.
//!
//! ```no_run
//! use std::sync::Arc;
//! use regain::compare::compare;
//! use regain::data::{Held, Options, Run, Source};
//! use regain::expr::Date;
//! use regain::watch::{Host, Standing, What};
//!
//! let as_of = Date::parse_iso("2026-06-30").ok_or("no such day")?;
//! let host = Host::builder("rules/ours").as_of(as_of).open()?;
//! let events = host.events();
//! let rules = host.rules();
//!
//! // The records are read once.
//! let sources = [Source::new("customers", "data/customers.parquet")];
//! let run = Run::open(&rules.pack, as_of, &sources, Options::default())?;
//! let held = Arc::new(Held::read(&run)?);
//! let mut standing = Standing::open(Arc::clone(&rules.pack), rules.context.clone(), Arc::clone(&held), 4)?;
//!
//! for event in events {
//!     let What::Reloaded { rules, .. } = event.what else { continue };
//!     let followed = standing.follow(Arc::clone(&rules.pack), rules.context.clone())?;
//!     let moved = compare(&followed.side(&held), &standing.side(), 10);
//!     println!("{} of {} customers moved", moved.moves.moved, moved.moves.customers);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod host;
mod standing;

pub use host::{Builder, Event, Host, OpenError, Rules, What};
pub use standing::{Followed, Standing, compared};
