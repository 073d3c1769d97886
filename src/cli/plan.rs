//! `regain plan`: whom to contact, by which campaign, on which day, within what may be spent and what is permitted.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::input::{Prepared, report};
use super::{AnswerFormat, Exit, Failure, Input, Terminal};
use crate::data::{Format, Held};
use crate::draw::count;
use crate::pack::Pack;
use crate::plan::export;
use crate::plan::permit::Permission;
use crate::plan::what_if::Change;
use crate::plan::{self, GAP, Making, Plan, PlanFile};
use crate::report::plan::{PlanSummary, WhatIf, render, render_what_if};

/// Arguments of `regain plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
    /// Write the plan to this file, one row per contact and per customer held out: .csv, .jsonl or .parquet.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// A plan made earlier, as `--out` wrote it: its contacts that are still to be made count as made, so that cooldowns and caps
    /// hold over both plans. May be repeated.
    #[arg(long, value_name = "PLAN")]
    pub after: Vec<PathBuf>,
    /// Write call lists, mailing lists and calendars for those who do the work into this folder.
    #[arg(long, value_name = "DIR")]
    pub export: Option<PathBuf>,
    /// The kind of the lists in the folder.
    #[arg(long, value_enum, default_value_t = ListFormat::Csv, requires = "export")]
    pub export_format: ListFormat,
    /// Show what another limit would change, and write nothing: `budget.phone=+20%`, `-10%`, `+500`, `7000`. May be repeated: all
    /// of them together are one scenario.
    #[arg(long, value_name = "LIMIT=CHANGE", value_parser = Change::parse, conflicts_with_all = ["out", "export"])]
    pub what_if: Vec<Change>,
    /// Stop searching once no plan could be worth more than this share beyond the one found: 0.0005 is 0.05 %.
    #[arg(long, value_name = "SHARE", value_parser = gap)]
    pub gap: Option<f64>,
    /// Where rows that cannot be used are written. Default: beside `--out`, else `rejects.csv`.
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// The form of the summary.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Table)]
    pub format: AnswerFormat,
}

/// The forms of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Comma-separated.
    Csv,
    /// One JSON object per line.
    Jsonl,
    /// Parquet.
    Parquet,
}

impl From<ListFormat> for Format {
    fn from(format: ListFormat) -> Self {
        match format {
            ListFormat::Csv => Format::Csv,
            ListFormat::Jsonl => Format::Jsonl,
            ListFormat::Parquet => Format::Parquet,
        }
    }
}

fn gap(text: &str) -> Result<f64, String> {
    let wrong = || format!("`{text}` is no share: 0.0005 is 0.05 %");
    let gap: f64 = text.trim().parse().map_err(|_| wrong())?;
    if (0.0..1.0).contains(&gap) { Ok(gap) } else { Err(wrong()) }
}

/// Runs the command.
///
/// # Errors
/// If the pack has errors, the data cannot be read, or the plan cannot be written.
pub fn plan(args: &PlanArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let format = match &args.out {
        Some(path) => Some(Format::of_path(path).ok_or_else(|| unknown_kind(path))?),
        None => None,
    };
    let rejects = match (&args.rejects, &args.out) {
        (Some(path), _) => path.clone(),
        (None, Some(out)) => out.with_extension("rejects.csv"),
        (None, None) => PathBuf::from("rejects.csv"),
    };
    let prepared = Prepared::new(&args.input, Some(rejects.clone()), terminal)?;
    let pack = &prepared.pack;
    if pack.campaigns.is_empty() {
        return Err(Failure::new(format!(
            "the pack `{}` has no campaign, so there is nothing to plan",
            pack.identity.name
        ))
        .help("declare one by `[[campaigns]]`"));
    }
    // Before the data are read: a wrong name should not cost a minute.
    let mut changed_limits = pack.planning.clone().unwrap_or_default();
    let changes = args.what_if.iter().map(|change| change.apply(&mut changed_limits)).collect::<Result<Vec<_>, _>>();
    let changes = changes.map_err(Failure::new)?;
    let earlier = earlier(args, pack, terminal)?;

    let run = prepared.open()?;
    let held = Held::read(&run)?;
    let context = prepared.context_of(&held, &args.input, terminal)?;
    let permission = Permission::read_after(pack, &run, &earlier)?;
    let making = Making {
        pack,
        context: &context,
        held: &held,
        permission: &permission,
        threads: prepared.threads(),
        gap: args.gap.unwrap_or(GAP),
    };
    let (made, then) = match changes.is_empty() {
        true => (plan::make(&making)?, None),
        false => {
            let (now, then) = plan::make_both(&making, &changed_limits)?;
            (now, Some(then))
        }
    };
    report(held.counts(), Some(&rejects), terminal);
    let summary = PlanSummary::of(&made);
    summary.notices.iter().for_each(|notice| terminal.note(notice));

    if let Some(then) = then {
        let what_if = WhatIf::of(&made, &then, &changes);
        match args.format {
            AnswerFormat::Table => terminal.print(&render_what_if(&what_if, terminal.width(), terminal.color()))?,
            AnswerFormat::Json => terminal.print(&format!("{:#}\n", what_if.to_json()))?,
        }
        return Ok(Exit::Fine);
    }
    // The lists first: where they cannot be written, because somebody worked in them, the plan they belong to stays, too.
    if let Some(folder) = &args.export {
        lists(&made, folder, args.export_format.into(), terminal)?;
    }
    if let (Some(path), Some(format)) = (&args.out, format) {
        let written = plan::write::write(&made, path, format)?;
        terminal.note(&format!("{} rows of the plan written to {}", count(written.rows), path.display()));
    }
    match args.format {
        AnswerFormat::Table => terminal.print(&render(&summary, terminal.width(), terminal.color()))?,
        AnswerFormat::Json => terminal.print(&format!("{:#}\n", summary.to_json()))?,
    }
    Ok(Exit::Fine)
}

/// The plans made earlier.
fn earlier(args: &PlanArgs, pack: &Pack, terminal: &Terminal) -> Result<Vec<PlanFile>, Failure> {
    if !args.after.is_empty() && pack.contact.is_none() {
        terminal.note("`--after` changes nothing: the pack has no `[contact]`, so no rule looks at contacts made");
    }
    let read = |path: &PathBuf| plan::read::read(path, Some(pack));
    Ok(args.after.iter().map(read).collect::<Result<_, _>>()?)
}

/// Writes the lists of those who do the work, and says where they are.
fn lists(made: &Plan, folder: &Path, format: Format, terminal: &Terminal) -> Result<(), Failure> {
    let written = export::write(folder, made, format)?;
    let of = |kind: export::Kind| written.iter().filter(move |file| file.kind == kind);
    let plural = |count: usize, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    let lists = plural(of(export::Kind::List).count(), "list");
    let calendars = plural(of(export::Kind::Calendar).count(), "calendar");
    let contacts: u64 = of(export::Kind::List).map(|file| file.contacts).sum();
    let contacts = if contacts == 1 { "1 contact".to_owned() } else { format!("{} contacts", count(contacts)) };
    terminal
        .note(&format!("{contacts} written to {} in {lists} and {calendars}; see README.txt there", folder.display()));
    Ok(())
}

fn unknown_kind(path: &Path) -> Failure {
    Failure::new(format!("cannot tell what kind of file `{}` should be", path.display()))
        .help("end its name in .csv, .jsonl or .parquet")
}
