//! `regain test --mutate`: which changes of the pack its cases would not notice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cases::CaseSet;
use crate::cases::mutate::{Limits, Mutation, mutate, render};
use crate::cli::{Failure, Terminal};
use crate::diag::Sources;
use crate::draw::Paint;
use crate::pack::Pack;

/// The options of mutation.
#[derive(Debug, Args)]
pub struct MutateArgs {
    /// Change the pack in one place at a time, in memory, and list the changes no case notices, each with a customer that would.
    /// One that makes no difference is explained by a comment at its place: `# regain: survives because …`.
    #[arg(long)]
    pub mutate: bool,
    /// Try at most so many changes, spread evenly over kinds and files.
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "mutate")]
    pub mutants: usize,
    /// Begin no change after so many seconds.
    #[arg(long, value_name = "S", default_value_t = 60, requires = "mutate")]
    pub seconds: u64,
}

/// Tries changes, with a bar on a terminal.
pub(super) fn run(args: &MutateArgs, all: bool, pack: &Arc<Pack>, set: &CaseSet) -> Result<Mutation, Failure> {
    let start = Instant::now();
    let until = start.checked_add(Duration::from_secs(args.seconds)).unwrap_or(start);
    let limits = Limits { mutants: args.mutants, until, all };
    // Hidden where stderr is no terminal.
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    // The template is constant and well-formed; if not, the default style does.
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} changes, {eta} to go") {
        bar.set_style(style);
    }
    let mutation = mutate(pack, set, &limits, &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(mutation?)
}

/// Tables and lists, for people.
pub(super) fn for_people(mutation: &Mutation, sources: &Sources, terminal: &Terminal) -> String {
    render(mutation, sources, terminal.width(), Paint::new(terminal.color()))
}
