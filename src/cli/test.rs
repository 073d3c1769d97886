//! `regain test`: runs the cases beside a pack, and says what was decided otherwise than expected.

pub mod cover;
pub mod mutate;
mod output;
mod rewrite;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::{Exit, Failure, Terminal};
use crate::cases::report::Report;
use crate::cases::verdict::{self, Verdicts};
use crate::cases::{self, CaseSet, Filter};
use crate::diag::{Diagnostic, Severity, code, has_errors};
use crate::pack::{self, Loaded, Pack};

/// Arguments of `regain test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// A pack: a folder, or the name of a shipped one (base, retail, telecom, b2b). Its cases are in the folder `cases` beside it.
    pub pack: String,
    /// Only the cases whose name, or whose file's name, contains this text; behind `re:` a regular expression.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// How the outcome is printed.
    #[arg(long, value_enum, default_value_t = TestFormat::Human)]
    pub format: TestFormat,
    /// Write the outcome to this file, and print it for people.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// List the cases and run none.
    #[arg(long, conflicts_with_all = ["update", "out"])]
    pub list: bool,
    /// Rewrite what cases expect to what is decided now. Comments, layout and all that passes stay as they are.
    #[arg(long)]
    pub update: bool,
    /// Coverage.
    #[command(flatten)]
    pub cover: cover::CoverArgs,
    /// Mutation.
    #[command(flatten)]
    pub mutate: mutate::MutateArgs,
}

/// How the outcome of cases is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// A line per file, and every failure with the step of the decision that settled it.
    Human,
    /// One line per expectation that is not met.
    Short,
    /// One JSON object.
    Json,
    /// JUnit XML, for CI servers.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
}

/// Runs the command. Exit code 0 if every case passed, 1 if one failed or there is none, too little is covered or a change was not
/// noticed, 2 if the pack or a case cannot be read.
///
/// # Errors
/// If the pack has errors, a filter names no case, or a file cannot be written.
pub fn test(args: &TestArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let start = Instant::now();
    if !args.cover.data.is_empty() {
        return cover::of_data(args, terminal);
    }
    let loaded = pack::load(&args.pack);
    let Some(pack) = loaded.pack.clone() else {
        terminal.diagnostics(&loaded.diagnostics, &loaded.sources);
        return Err(Failure::new(format!("the pack `{}` has errors and does not run", args.pack)));
    };
    let set = read(args, &loaded)?;
    if args.list {
        terminal.diagnostics(&set.diagnostics, &set.sources);
        terminal.print(&output::list(&set))?;
        return Ok(readable(&set));
    }
    if set.is_empty() && !has_errors(&set.diagnostics) {
        return output::nothing(args, &none(&args.pack), &set, terminal);
    }
    let verdicts = run(&set, &pack)?;
    let (set, verdicts) = match args.update {
        true => {
            rewrite::rewrite(args, &set, &verdicts, terminal)?;
            let set = read(args, &loaded)?;
            let verdicts = run(&set, &pack)?;
            (set, verdicts)
        }
        false => (set, verdicts),
    };
    let report = Report::new(&set, &pack, &verdicts)?;
    let passed = verdicts.failed.is_empty() && readable(&set) == Exit::Fine;
    let coverage = match args.cover.wanted() {
        true => Some(cases::coverage::of_cases(&set, &pack)?),
        false => None,
    };
    let mutation = match args.mutate.mutate && passed {
        true => Some(mutate::run(&args.mutate, args.cover.all, &pack, &set)?),
        false => None,
    };
    let proof = output::Proof { coverage: coverage.as_ref(), mutation: mutation.as_ref() };
    output::print(args, &report, &proof, start.elapsed(), terminal)?;
    if args.mutate.mutate && !passed {
        terminal.note("no change was tried: `--mutate` needs cases that all pass");
    }
    let enough = coverage.as_ref().is_none_or(|coverage| args.cover.exit(coverage, terminal) == Exit::Fine);
    let noticed = mutation.is_none_or(|mutation| mutation.survivors().next().is_none());
    Ok(match readable(&set) {
        Exit::Fine if !verdicts.failed.is_empty() || !enough || !noticed => Exit::Findings,
        exit => exit,
    })
}

/// The cases that are asked for.
fn read(args: &TestArgs, loaded: &Loaded) -> Result<CaseSet, Failure> {
    let set = cases::load(&args.pack, loaded);
    let Some(text) = &args.filter else { return Ok(set) };
    let filter =
        Filter::parse(text).map_err(|reason| Failure::new(reason).help("without `re:` the text is taken as it is"))?;
    let all = set.len();
    let only = set.only(&filter);
    if only.is_empty() && all > 0 {
        return Err(Failure::new(format!("no case of `{}` is called like `{text}`", args.pack))
            .help(format!("`regain test {} --list` shows all {all}", args.pack)));
    }
    Ok(only)
}

fn run(set: &CaseSet, pack: &Arc<Pack>) -> Result<Verdicts, Failure> {
    Ok(verdict::run(set, pack)?)
}

/// Whether every case could be read.
fn readable(set: &CaseSet) -> Exit {
    if has_errors(&set.diagnostics) { Exit::CouldNotRun } else { Exit::Fine }
}

/// A pack without cases is a finding: nobody knows what it does.
fn none(pack: &str) -> Diagnostic {
    let mut finding =
        Diagnostic::without_place(code::NO_CASES, format!("the pack `{pack}` has no cases: nothing proves it"))
            .help("write sample customers and what must be decided about them into `cases/NAME.toml` beside the pack");
    finding.severity = Severity::Warning;
    finding
}
