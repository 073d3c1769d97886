//! `regain run`: decide every customer; show the portfolio, write the decisions.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use indicatif::{ProgressBar, ProgressStyle};

use super::answer::end;
use super::input::{Prepared, report};
use super::{Exit, Failure, RunArgs, RunFormat, Terminal, prints, script_errors};
use crate::data::{DataError, DatabaseSink, DecisionSink, Format, Place, Sink, Target, Tee, default_run_id};
use crate::draw::count;
use crate::report::{Layout, Portfolio, render};
use crate::stage::Program;

/// Work shorter than this shows no progress bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs the command.
///
/// # Errors
/// If the pack has errors, the data cannot be read, or the result cannot be written.
pub fn run(args: &RunArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let rejects = rejects_path(args);
    let (out, database) = match &args.out {
        Some(Place::Path(path)) => (Some((path, Format::of_path(path).ok_or_else(|| unknown_kind(path))?)), None),
        Some(Place::Database(address)) => (None, Some(address)),
        None => (None, None),
    };
    if args.run_id.is_some() && database.is_none() {
        return Err(Failure::new("`--run-id` is for decisions in a database")
            .help("write there with `--out sqlite://FILE` or `--out postgres://USER@HOST/DATABASE`"));
    }
    let prepared = Prepared::new(&args.input, Some(rejects.clone()), terminal)?.listing(args.unmatched.as_deref());
    let run = prepared.open()?;
    let context = prepared.context(&args.input, terminal)?;
    let layout = Layout::of(&prepared.pack, prepared.as_of);
    let mut program = Program::compile(&prepared.pack, &context);
    let printed = match args.format {
        RunFormat::Csv => Some(Format::Csv),
        RunFormat::Jsonl => Some(Format::Jsonl),
        RunFormat::Table | RunFormat::Json => None,
    };
    if args.out.is_none() && printed.is_none() {
        // Nothing but the portfolio is wanted: sentences and receipts need not be written.
        let columns = layout.columns();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        program = program.project(&columns);
    }

    let mut portfolio = Counting { portfolio: Portfolio::new(layout.clone(), args.top), layout, top: args.top };
    let mut progress = Progress::new(run.known_rows());
    let schema = program.output_schema();
    let mut files = Vec::new();
    if let Some((path, format)) = out {
        files.push(DecisionSink::create(Target::File(path.clone()), format, schema.clone())?);
    }
    if let Some(format) = printed {
        files.push(DecisionSink::create(Target::Stdout, format, schema.clone())?);
    }
    let run_id = args.run_id.clone().unwrap_or_else(|| default_run_id(&prepared.pack, prepared.as_of));
    let mut database = match database {
        Some(address) => {
            let mut notices = Vec::new();
            // The key has the type it has in the data, which the program does not know.
            let schema = run.keyed(&schema);
            let sink = DatabaseSink::create(address, &schema, &run_id, &mut notices)?;
            notices.iter().for_each(|notice| terminal.note(notice));
            Some(sink)
        }
        None => None,
    };
    let mut sinks: Vec<&mut dyn Sink> = vec![&mut portfolio, &mut progress];
    sinks.extend(files.iter_mut().map(|f| f as &mut dyn Sink));
    sinks.extend(database.iter_mut().map(|d| d as &mut dyn Sink));
    let counts = run.decide(&program, &mut Tee(sinks))?;
    progress.finish();

    let mut portfolio = portfolio.portfolio;
    let decided = portfolio.decided() + portfolio.suppressed();
    if decided != counts.records {
        return Err(DataError::internal(format!("{} records, but {decided} decisions", counts.records)).into());
    }
    let mut written_to = None;
    if let Some(database) = database {
        if database.rows() != counts.records {
            let rows = database.rows();
            return Err(DataError::internal(format!("{} records, but {rows} rows to write", counts.records)).into());
        }
        written_to = Some(database.shown());
        database.finish()?;
    }
    for file in files {
        let written = file.finish()?;
        if written.rows != counts.records {
            return Err(
                DataError::internal(format!("{} records, but {} rows written", counts.records, written.rows)).into()
            );
        }
    }
    let record_table = counts.tables.iter().find(|t| t.table == prepared.pack.record.table);
    if let Some(table) = record_table {
        portfolio.set_rejected(table.rejected);
        portfolio.set_input(table.rows);
    }
    report(&counts, Some(&rejects), terminal);
    match args.show_prints {
        true => prints::show(prepared.pack.scripts.printed(), true, terminal),
        false => prints::mention(&prepared.pack.scripts, terminal),
    }
    if let (Some(path), Some(keys)) = (&args.unmatched, counts.listed) {
        terminal.note(&format!("{} keys without a partner are listed in {}", count(keys), path.display()));
    }
    if let Some((path, _)) = out {
        terminal.note(&format!("{} decisions written to {}", counts.records, path.display()));
    }
    if let Some(place) = written_to {
        let rows = count(counts.records);
        terminal.note(&format!("{rows} decisions written to {place} as run `{run_id}`"));
    }
    let summary = portfolio.summary();
    let limits = prepared.pack.scripts.limits();
    if !summary.rows.balanced() {
        return Err(DataError::internal("rows in are not decisions, suppressed and rejects together").into());
    }
    match args.format {
        RunFormat::Table => terminal.print(&render(&summary, terminal.width(), terminal.color()))?,
        RunFormat::Json => {
            let mut json = portfolio.to_json();
            if let Some(object) = json.as_object_mut() {
                object.insert("script_errors".to_owned(), script_errors::to_json(&counts, limits));
            }
            terminal.print(&format!("{json:#}\n"))?;
        }
        RunFormat::Csv | RunFormat::Jsonl => {}
    }
    Ok(end(&counts, limits, terminal))
}

fn rejects_path(args: &RunArgs) -> PathBuf {
    match (&args.rejects, &args.out) {
        (Some(path), _) => path.clone(),
        (None, Some(Place::Path(out))) => out.with_extension("rejects.csv"),
        (None, Some(Place::Database(_)) | None) => PathBuf::from("rejects.csv"),
    }
}

fn unknown_kind(path: &Path) -> Failure {
    Failure::new(format!("cannot tell what kind of file `{}` should be", path.display()))
        .help("end its name in .csv, .jsonl or .parquet")
}

/// Counts decisions as they pass.
struct Counting {
    portfolio: Portfolio,
    layout: Layout,
    top: usize,
}

impl Sink for Counting {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        self.portfolio.add(batch).map_err(DataError::internal)
    }

    fn restart(&mut self) -> Result<(), DataError> {
        self.portfolio = Portfolio::new(self.layout.clone(), self.top);
        Ok(())
    }
}

/// A progress bar on stderr: only on a terminal, only for work that takes long.
struct Progress {
    start: Instant,
    rows: u64,
    known: Option<u64>,
    bar: Option<ProgressBar>,
}

impl Progress {
    fn new(known: Option<u64>) -> Self {
        Self { start: Instant::now(), rows: 0, known, bar: None }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Sink for Progress {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        self.rows += batch.num_rows() as u64;
        if self.bar.is_none() && self.start.elapsed() > PATIENCE {
            let (bar, template) = match self.known {
                Some(rows) => (ProgressBar::new(rows), "{bar:40} {human_pos} of {human_len} customers, {eta} to go"),
                None => (ProgressBar::new_spinner(), "{spinner} {human_pos} customers"),
            };
            // The templates are constant and well-formed; if not, the default style does.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.rows);
        }
        Ok(())
    }

    fn restart(&mut self) -> Result<(), DataError> {
        self.rows = 0;
        Ok(())
    }
}
