//! `regain watch`: rules and records kept open; each save shows what changed in the rules, and who moved.

mod findings;
mod lines;
mod live;
mod news;
mod screen;

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use self::findings::Findings;
use self::live::Live;
use self::news::News;
use super::input::today;
use super::{Exit, Failure, Input, Terminal};
use crate::watch::{Host, OpenError, Rules};

/// Arguments of `regain watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
    /// How long files must be left alone, in milliseconds, before they are read.
    #[arg(long, value_name = "MS", default_value_t = 40, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub debounce_ms: u64,
    /// Look at the files every so many seconds instead of being told of changes. Without it, that is done once a second where the
    /// system does not tell: in folders of other machines.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub poll: Option<Duration>,
    /// How many customers with the largest change to show.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub top: usize,
    /// What to print: for people, or one JSON object a line for each thing that happens.
    #[arg(long, value_enum, default_value_t = WatchFormat::Table)]
    pub format: WatchFormat,
}

/// What `regain watch` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WatchFormat {
    /// For people.
    Table,
    /// For programs.
    Jsonl,
}

/// Seconds, also parts of one.
fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || "it must be a number of seconds from 0.05 to 3600, as in `2` or `0.5`".to_owned();
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    if (0.05..=3600.0).contains(&seconds) { Ok(Duration::from_secs_f64(seconds)) } else { Err(wrong()) }
}

/// Who shows what happens.
trait Show {
    /// The rules and the records are there.
    fn opened(&mut self, host: &Host, rules: &Rules, live: &Live) -> Result<(), Failure>;
    /// Other rules are in force, and decided. What is found wrong with them is shown by [`Show::found`].
    fn reloaded(&mut self, news: &News, live: &Live, outcome: &live::Outcome) -> Result<(), Failure>;
    /// Other rules are in force, and the data cannot be decided by them.
    fn stuck(&mut self, news: &News, live: &Live, failure: &Failure) -> Result<(), Failure>;
    /// Findings that were not there before.
    fn found(&mut self, rules: &Rules, new: &[crate::diag::Diagnostic], gone: usize) -> Result<(), Failure>;
    /// The files have errors.
    fn broken(&mut self, news: &News, broken: &news::Broken) -> Result<(), Failure>;
    /// Something a person should know.
    fn note(&mut self, text: &str) -> Result<(), Failure>;
}

/// Runs the command, until it is ended from outside.
///
/// # Errors
/// If the pack has errors at the start, or the data cannot be read.
pub fn watch(args: &WatchArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let as_of = match args.input.as_of {
        Some(date) => date,
        None => today()?,
    };
    let input = Input { as_of: Some(as_of), ..args.input.clone() };
    let host = open(args, as_of, terminal)?;
    let events = host.events();
    let rules = host.rules();
    if host.how().is_none() {
        return Err(Failure::new(format!("`{}` is shipped with regain: it does not change", input.pack))
            .help("make a pack of your own over it with `regain init`, and watch its folder"));
    }
    let mut show: Box<dyn Show> = match args.format {
        WatchFormat::Table => Box::new(screen::Screen::new(*terminal)),
        WatchFormat::Jsonl => Box::new(lines::Lines::new(*terminal)),
    };
    let mut live = Live::open(input, &rules, terminal)?;
    show.opened(&host, &rules, &live)?;
    let mut findings = Findings::of(&rules);
    show.found(&rules, &findings.all(), 0)?;
    let mut was_broken = false;
    while let Ok(event) = events.recv() {
        let mut news = News::of(event, &events);
        for how in std::mem::take(&mut news.watching) {
            show.note(&format!("changes are noticed by {how}"))?;
        }
        if let Some(rules) = news.rules.clone() {
            news.mended &= was_broken;
            was_broken = false;
            match live.follow(&rules, args.top, terminal) {
                Ok(outcome) => show.reloaded(&news, &live, &outcome)?,
                Err(failure) => show.stuck(&news, &live, &failure)?,
            }
            let (new, gone) = findings.follow(&rules);
            show.found(&rules, &new, gone)?;
        }
        if let Some(broken) = news.broken.take() {
            was_broken = true;
            show.broken(&news, &broken)?;
        }
    }
    Ok(Exit::Fine)
}

/// Opens the rules.
fn open(args: &WatchArgs, as_of: crate::expr::Date, terminal: &Terminal) -> Result<Host, Failure> {
    let mut builder = Host::builder(&args.input.pack).as_of(as_of).debounce(Duration::from_millis(args.debounce_ms));
    if let Some(every) = args.poll {
        builder = builder.poll(every);
    }
    if let Some(file) = &args.input.reference {
        builder = builder.reference_file(file);
    }
    builder.open().map_err(|OpenError { diagnostics, sources }| {
        terminal.diagnostics(&diagnostics, &sources);
        Failure::new(format!("the pack `{}` has errors and does not run", args.input.pack))
    })
}

/// Milliseconds since then, as shown: `in 84 ms`, `in 1.2 s`.
fn took(since: Instant) -> String {
    let time = since.elapsed();
    if time < Duration::from_secs(1) {
        format!("in {} ms", time.as_millis())
    } else {
        format!("in {:.1} s", time.as_secs_f64())
    }
}

/// The time of day, in UTC.
fn clock(at: std::time::SystemTime) -> String {
    chrono::DateTime::<chrono::Utc>::from(at).format("%H:%M:%S").to_string()
}

/// Rules under the name by which the screen speaks of them.
fn called(rules: &Arc<Rules>) -> String {
    format!("the rules of {} (generation {})", clock(rules.since), rules.generation)
}
