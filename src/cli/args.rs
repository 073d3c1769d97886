//! What can be typed. The same words mean the same thing in every command.

use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::data::{DataError, MaxRejects, Place, Source};
use crate::expr::Date;

/// Win back lost and dormant customers by rules you can read.
///
/// A rule pack is a folder of TOML files and Rhai scripts that says who is lost, why, what they are worth, and what to offer.
#[derive(Debug, Parser)]
#[command(name = "regain", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one of them in a process")]
pub enum Command {
    /// Decide every customer, and show the portfolio or write the decisions.
    Run(RunArgs),
    /// Read a pack and report everything that is wrong with it.
    Check(CheckArgs),
    /// Plan whom to contact: which offer, when, through which channel, under budgets, capacities and consent.
    Plan(super::plan::PlanArgs),
    /// Judge what came of a plan against its holdout: lift, profit and their intervals.
    Evaluate(super::evaluate::EvaluateArgs),
    /// Suggest better curves, weights and thresholds from what came of plans, as an overlay to read.
    Suggest(super::suggest::SuggestArgs),
    /// Show what losses cost by cause, and who may be next.
    Causes(super::causes::CausesArgs),
    /// Follow customers who came back: what is due, and how their second life compares.
    SecondLife(super::second_life::SecondLifeArgs),
    /// Show how one customer was decided, step by step.
    Explain(ExplainArgs),
    /// Fit the population tables that `rank` criteria are scored against.
    Fit(FitArgs),
    /// Prove a pack with its cases: sample customers, and what must be decided about them.
    Test(super::test::TestArgs),
    /// Make a new pack: a commented overlay over a shipped one, its cases, and a workflow for CI.
    Init(super::init::InitArgs),
    /// Show the pack in force: every value, and the file and line it comes from.
    Show(super::show::ShowArgs),
    /// Try an expression: its value, its type, and the value of every part.
    Eval(super::eval::EvalArgs),
    /// Keep rules and data open: each save shows what changed in the rules, and who moved.
    Watch(super::watch::WatchArgs),
    /// Compare two packs, or two revisions of one: what changed in the rules, and who moves.
    Diff(super::diff::DiffArgs),
    /// Write the rule book: the pack in words, as Markdown and as a page.
    Docs(super::docs::DocsArgs),
    /// Write what editors need: JSON Schemas of pack and case files, and Rhai definitions.
    Schema(super::schema::SchemaArgs),
    /// Look at a client's files: what they hold, how they belong together, and the lines of a pack that read them.
    Profile(ProfileArgs),
}

/// Which rules, which data, as of when: the same in every command that decides.
#[derive(Debug, Clone, Args)]
pub struct Input {
    /// A pack: a folder, or the name of a shipped one (base, retail, telecom, b2b).
    pub pack: String,
    /// A table: a text file (CSV and what looks like it), an Excel workbook, a Parquet or JSONL file, or a folder of them; or a
    /// table of a database, as sqlite://FILE?table=NAME or postgres://USER@HOST/DATABASE?table=NAME. May be repeated. Tables not
    /// given are looked for in the pack's own `data` folder.
    #[arg(long = "data", value_name = "NAME=PATH", value_parser = Discreet(Source::parse))]
    pub data: Vec<Source>,
    /// The day to decide for (2026-06-30). Nothing later is seen. Default: the day this command is run.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub as_of: Option<Date>,
    /// The fitted tables of `rank` criteria, from `regain fit`. Default: `reference/population.toml` in the pack's folder; without
    /// one, the tables are fitted from the data at hand.
    #[arg(long, value_name = "FILE")]
    pub reference: Option<PathBuf>,
    /// Stop with an error if any row cannot be used: the same as `--max-rejects 0`.
    #[arg(long, conflicts_with = "max_rejects")]
    pub strict: bool,
    /// Stop with an error as soon as more rows than this cannot be used: a number (100), of all tables together, or a share
    /// (0.5%) of the rows of any one table. Nothing but the list of these rows is written then. Default: set aside as many
    /// as there are, and say so.
    #[arg(long, value_name = "N|N%")]
    pub max_rejects: Option<MaxRejects>,
    /// How many threads to use. Default: one per core. The result is the same for any number.
    #[arg(long, value_name = "N")]
    pub threads: Option<std::num::NonZeroUsize>,
}

/// Arguments of `regain run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
    /// Write one row per customer to this file: .csv, .jsonl or .parquet; or into a database, as sqlite://FILE or
    /// postgres://USER@HOST/DATABASE (?table=NAME; default: decisions). All rows appear at once, when the run is complete.
    #[arg(long, value_name = "FILE", value_parser = Discreet(Place::parse))]
    pub out: Option<Place>,
    /// The id under which decisions stand in a database; they replace those of an earlier run with the same id. Default: the
    /// pack's name, the as-of date and the start of the pack's hash.
    #[arg(long, value_name = "ID")]
    pub run_id: Option<String>,
    /// What to print: the portfolio as tables or JSON, or every decision as CSV or JSONL.
    #[arg(long, value_enum, default_value_t = RunFormat::Table)]
    pub format: RunFormat,
    /// Where rows that could not be used are written, with place, value and reason: .csv or .parquet. Default: beside --out,
    /// else `rejects.csv` in the working folder; only if there are any.
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// List the keys without a partner in this file, .csv or .parquet: rows of an event table or a joined one that are no
    /// customer's, and customers without a row in such a table.
    #[arg(long, value_name = "FILE")]
    pub unmatched: Option<PathBuf>,
    /// How many customers to show below the portfolio.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Show what scripts print with `print` and `debug`, equal lines once: the first 1,000 lines of the run.
    #[arg(long)]
    pub show_prints: bool,
}

/// What `regain run` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RunFormat {
    /// The portfolio, for people.
    Table,
    /// The portfolio, for programs.
    Json,
    /// Every decision, as CSV.
    Csv,
    /// Every decision, as one JSON object a line.
    Jsonl,
}

/// What a command prints that has one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AnswerFormat {
    /// Tables, for people.
    Table,
    /// Everything, for programs.
    Json,
}

/// Arguments of `regain check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// A pack: a folder, or the name of a shipped one (base, retail, telecom, b2b).
    #[arg(required_unless_present = "explain")]
    pub pack: Option<String>,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub format: CheckFormat,
    /// Print the manual page of a code (RG0203) or of a lint (masked) instead: what it finds, why, and what to do. `all` lists
    /// them.
    #[arg(long, value_name = "CODE")]
    pub explain: Option<String>,
    /// Every warning counts as an error: for CI.
    #[arg(long)]
    pub deny_warnings: bool,
    /// Also list the conditions about which nothing certain can be said, and why.
    #[arg(long)]
    pub notes: bool,
    /// Also say which way each script function and each rule that calls one runs: in the columnar engine, as any expression, or
    /// in Rhai, and why. With `--format json`, findings and plan are one object.
    #[arg(long, conflicts_with = "explain")]
    pub plan: bool,
    /// Hold the rules against data, too: columns that are not there, values that are not listed, rules that decide for nobody. A
    /// table as in `regain run`; may be repeated. Tables not given are then looked for in the pack's own `data` folder.
    #[arg(long = "data", value_name = "NAME=PATH", value_parser = Discreet(Source::parse), conflicts_with = "explain")]
    pub data: Vec<Source>,
    /// The day to decide for, with --data (2026-06-30). Default: the day this command is run.
    #[arg(long, value_name = "DATE", value_parser = parse_date, requires = "data")]
    pub as_of: Option<Date>,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// With the text and a caret.
    Human,
    /// One line each.
    Short,
    /// A JSON array.
    Json,
    /// Workflow commands of GitHub Actions: annotations on the lines of a pull request.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// Arguments of `regain explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
    /// The customer's key.
    #[arg(value_name = "KEY")]
    pub key: String,
    /// What to print.
    #[arg(long, value_enum, default_value_t = ExplainFormat::Table)]
    pub format: ExplainFormat,
}

/// What `regain explain` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Arguments of `regain fit`.
#[derive(Debug, Args)]
pub struct FitArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
    /// Where to write the tables. Default: `reference/population.toml` in the pack's folder.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Arguments of `regain profile`.
#[derive(Debug, Args)]
pub struct ProfileArgs {
    /// The pack whose names the columns are matched with: a folder, or the name of a shipped one. Default: the shipped one that
    /// fits best.
    pub pack: Option<String>,
    /// A table: a file, a folder of files, or a table of a database, as in `regain run`. May be repeated. Any NAME will do; those
    /// of the pack say what the table is.
    #[arg(long = "data", value_name = "NAME=PATH", value_parser = Discreet(Source::parse))]
    pub data: Vec<Source>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = ProfileFormat::Table)]
    pub format: ProfileFormat,
    /// Write the TOML to this file. A file that is there is not written over without --force.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write over the file of --out.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Look at the first N rows of each table only.
    #[arg(long, value_name = "N")]
    pub rows: Option<std::num::NonZeroU64>,
}

/// What `regain profile` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProfileFormat {
    /// Everything, for people.
    Table,
    /// Everything, for programs.
    Json,
    /// Only the lines of a pack.
    Toml,
}

/// Reads a value whose error does not show what was typed, because a password may stand in it.
#[derive(Clone)]
pub(super) struct Discreet<T>(pub(super) fn(&str) -> Result<T, DataError>);

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Discreet<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<T, clap::Error> {
        let failed = |text: String| command.clone().error(clap::error::ErrorKind::ValueValidation, text);
        let name = argument.and_then(clap::Arg::get_long).map(|name| format!("--{name}: ")).unwrap_or_default();
        let text = value.to_str().ok_or_else(|| failed(format!("{name}the value is not UTF-8")))?;
        (self.0)(text).map_err(|e| {
            let help: String = e.help.iter().map(|help| format!("\n  help: {help}")).collect();
            failed(format!("{name}{}{help}", e.message))
        })
    }
}

pub(super) fn parse_date(text: &str) -> Result<Date, String> {
    Date::parse_iso(text).ok_or_else(|| "write a day as YEAR-MONTH-DAY, for example 2026-06-30".to_owned())
}
