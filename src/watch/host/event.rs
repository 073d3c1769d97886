//! What a host hands out: rules of one version, and what happened to them.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::diag::{Diagnostic, Sources, render_human};
use crate::files::{Change, How};
use crate::pack::Pack;
use crate::stage::{Context, Program};

/// The rules of one version. Everything in it belongs together: the program is the pack's, compiled for the context.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The pack.
    pub pack: Arc<Pack>,
    /// The pack, compiled.
    pub program: Arc<Program>,
    /// As of when, against which population.
    pub context: Context,
    /// The file the population was read from; `None`: there is none, or it was given.
    pub reference: Option<PathBuf>,
    /// 1 for the rules the host was opened with, and one more for each that followed.
    pub generation: u64,
    /// Since when they are in force.
    pub since: SystemTime,
    /// Warnings from reading them; errors there are none.
    pub warnings: Arc<[Diagnostic]>,
}

/// Something happened. A clone costs nothing.
#[derive(Debug, Clone)]
pub struct Event {
    /// 1 for the first event of a host, and one more for each: who gets 7 after 5 has missed one.
    pub number: u64,
    /// When.
    pub at: SystemTime,
    /// When the first sign of it was noticed: what passed since is what it took.
    pub noticed: Instant,
    /// The files that are not what they were at the event before, by path.
    pub files: Arc<[Change]>,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum What {
    /// Other rules are in force.
    Reloaded {
        /// The new ones.
        rules: Arc<Rules>,
        /// Those before.
        before: Arc<Rules>,
        /// Whether there were errors until now.
        mended: bool,
    },
    /// The files have errors; the rules stay in force.
    Broken {
        /// What is wrong, in order of file and place; warnings, too.
        diagnostics: Arc<[Diagnostic]>,
        /// The texts these point into.
        sources: Arc<Sources>,
        /// The rules that stay in force.
        rules: Arc<Rules>,
    },
    /// Changes are noticed in another way from now on.
    Watching(How),
}

/// Why a host could not be opened: the rules have errors, or there are none.
#[derive(Debug, Clone)]
pub struct OpenError {
    /// What is wrong, in order of file and place.
    pub diagnostics: Arc<[Diagnostic]>,
    /// The texts these point into.
    pub sources: Arc<Sources>,
}

impl OpenError {
    /// The errors as [`render_human`] shows them.
    #[must_use]
    pub fn render(&self, color: bool, width: usize) -> String {
        render_human(&self.diagnostics, &self.sources, color, width)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false, 100).trim_end())
    }
}

impl std::error::Error for OpenError {}
