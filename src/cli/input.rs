//! From what was typed to what a command works on: pack, as-of date, data, reference.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::aside::{rows, set_aside, without_partner};
use super::{Failure, Input, Terminal, script_errors};
use crate::data::{DataError, Held, MaxRejects, Options, Population, Run, RunCounts, Source};
use crate::expr::Date;
use crate::files;
use crate::pack::{self, Pack};
use crate::reference::Reference;
use crate::stage::{Context, Program};

/// Where fitted tables lie in a pack's folder. TOML, because it reads numbers back to the bit; in a folder of its own, because every
/// TOML file directly in the pack's folder is a part of the rules.
pub(super) const REFERENCE_FILE: &str = "reference/population.toml";
/// The folder of a pack in which tables are looked for.
const DATA_FOLDER: &str = "data";
/// The kinds of files looked for there, in this order; then a folder of the table's name.
const DATA_KINDS: [&str; 8] = ["csv", "parquet", "jsonl", "xlsx", "tsv", "txt", "csv.gz", "csv.zst"];

/// What a command that decides works on.
pub(super) struct Prepared {
    pub(super) pack: Arc<Pack>,
    pub(super) as_of: Date,
    sources: Vec<Source>,
    options: Options,
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        if error.is_broken_pipe() {
            // Whoever read our output has gone; that is not worth a word.
            return Failure::new("");
        }
        let failure = Failure::new(error.message);
        error.help.into_iter().fold(failure, Failure::help)
    }
}

/// Loads a pack, shows what is wrong with it, and stops if it has errors.
pub(super) fn load(name: &str, terminal: &Terminal) -> Result<Arc<Pack>, Failure> {
    let loaded = pack::load(name);
    terminal.diagnostics(&loaded.diagnostics, &loaded.sources);
    loaded.pack.ok_or_else(|| Failure::new(format!("the pack `{name}` has errors and does not run")))
}

impl Prepared {
    pub(super) fn new(input: &Input, rejects: Option<PathBuf>, terminal: &Terminal) -> Result<Self, Failure> {
        Self::of(load(&input.pack, terminal)?, input, rejects, terminal)
    }

    /// Of a pack that is loaded already.
    pub(super) fn of(
        pack: Arc<Pack>,
        input: &Input,
        rejects: Option<PathBuf>,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let sources = sources(&pack, &input.pack, &input.data);
        Self::with(pack, sources, input, rejects, terminal)
    }

    /// Of a pack that is loaded, and tables that are found already.
    pub(super) fn with(
        pack: Arc<Pack>,
        sources: Vec<Source>,
        input: &Input,
        rejects: Option<PathBuf>,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let as_of = match input.as_of {
            Some(date) => date,
            None => {
                let today = today()?;
                terminal
                    .note(&format!("deciding as of {today}, the day of this run; say `--as-of {today}` to repeat it"));
                today
            }
        };
        let max_rejects = if input.strict { Some(MaxRejects::Rows(0)) } else { input.max_rejects };
        let mut options = Options { max_rejects, rejects, ..Options::default() };
        if let Some(threads) = input.threads {
            options.threads = threads.get();
        }
        Ok(Self { pack, as_of, sources, options })
    }

    /// Keys without a partner are to be listed in a file.
    pub(super) fn listing(mut self, unmatched: Option<&Path>) -> Self {
        self.options.unmatched = unmatched.map(Path::to_owned);
        self
    }

    /// Whether there are data at all.
    pub(super) fn has_data(&self) -> bool {
        !self.sources.is_empty()
    }

    /// How many threads to use.
    pub(super) fn threads(&self) -> usize {
        self.options.threads
    }

    /// Opens the data.
    pub(super) fn open(&self) -> Result<Run, Failure> {
        Ok(Run::open(&self.pack, self.as_of, &self.sources, self.options.clone())?)
    }

    /// The fitted tables: from the file given, from the one beside the pack, or from the data at hand.
    pub(super) fn context(&self, input: &Input, terminal: &Terminal) -> Result<Context, Failure> {
        // What is set aside is reported by the run itself, not by the look at the population before it.
        let fit = || if self.sources.is_empty() { Ok(Reference::default()) } else { Ok(self.fitted(None)?.0) };
        self.context_or(input, terminal, fit)
    }

    /// The same, where the data at hand are in memory already.
    pub(super) fn context_of(&self, held: &Held, input: &Input, terminal: &Terminal) -> Result<Context, Failure> {
        self.context_or(input, terminal, || Ok(held.fit(&self.pack, self.as_of, self.options.threads)?))
    }

    fn context_or(
        &self,
        input: &Input,
        terminal: &Terminal,
        fit: impl FnOnce() -> Result<Reference, Failure>,
    ) -> Result<Context, Failure> {
        if Program::ranks(&self.pack, self.as_of).is_none() {
            return Ok(Context::at(self.as_of));
        }
        let lying = Path::new(&input.pack).join(REFERENCE_FILE);
        let file = input.reference.clone().or_else(|| lying.is_file().then_some(lying));
        let Some(path) = file else {
            return Ok(Context { as_of: self.as_of, reference: Arc::new(fit()?) });
        };
        let text = files::read_text(&path).map_err(|e| Failure::new(format!("cannot read {}: {e}", path.display())))?;
        let reference: Reference = toml::from_str(&text).map_err(|e| {
            Failure::new(format!("{} is no reference: {e}", path.display())).help("make it anew with `regain fit`")
        })?;
        if reference.hash != self.pack.identity.hash {
            terminal.warning(&format!(
                "{} was fitted with another version of the rules; `regain fit` makes it anew",
                path.display()
            ));
        }
        Ok(Context { as_of: self.as_of, reference: Arc::new(reference) })
    }

    /// Fits the tables of `rank` criteria from the data; says which scripts failed.
    pub(super) fn fit(&self, terminal: &Terminal) -> Result<Reference, Failure> {
        let (reference, counts) = self.fitted(self.options.max_rejects)?;
        if let Some(text) = script_errors::warning(&counts, terminal.width()) {
            terminal.warning(&text);
        }
        Ok(reference)
    }

    fn fitted(&self, max_rejects: Option<MaxRejects>) -> Result<(Reference, RunCounts), Failure> {
        let Some(program) = Program::ranks(&self.pack, self.as_of) else {
            return Ok((Population::default().fit(&self.pack, self.as_of), RunCounts::default()));
        };
        let options = Options { rejects: None, max_rejects, unmatched: None, ..self.options.clone() };
        let run = Run::open(&self.pack, self.as_of, &self.sources, options)?;
        let mut population = Population::of(&program);
        let counts = run.decide(&program, &mut population)?;
        Ok((population.fit(&self.pack, self.as_of), counts))
    }
}

/// Says on stderr what a person should know about a run: rows set aside, events not seen, keys without a partner, scripts
/// that failed.
pub(super) fn report(counts: &RunCounts, rejects: Option<&Path>, terminal: &Terminal) {
    for notice in &counts.notices {
        terminal.note(notice);
    }
    for table in &counts.tables {
        if table.rejected > 0 {
            terminal.warning(&set_aside(table, terminal.width()));
        }
        if table.after_today > 0 {
            terminal.note(&format!("{}: {} later than the as-of date, not seen", table.table, rows(table.after_today)));
        }
        if let Some(text) = without_partner(table) {
            terminal.note(&text);
        }
    }
    if counts.listed.is_none() && counts.tables.iter().any(|t| without_partner(t).is_some()) {
        terminal.note("`regain run … --unmatched FILE` lists the keys without a partner");
    }
    if counts.rejected() > 0
        && let Some(path) = rejects
    {
        terminal.note(&format!("all {} set aside are in {}", rows(counts.rejected()), path.display()));
    }
    if let Some(text) = script_errors::warning(counts, terminal.width()) {
        terminal.warning(&text);
    }
}

/// The tables a pack reads: those given, and of the others those in the data folder of a pack.
pub(super) fn sources(pack: &Pack, folder: &str, given: &[Source]) -> Vec<Source> {
    let mut sources = given.to_vec();
    let joined = pack.record.joins.iter().map(|join| &join.name);
    for name in std::iter::once(&pack.record.table).chain(joined).chain(pack.tables.keys()) {
        if !sources.iter().any(|s| s.name == *name)
            && let Some(path) = beside(folder, name)
        {
            sources.push(Source::new(name.as_str(), path));
        }
    }
    sources
}

/// A table in the pack's own data folder.
fn beside(pack: &str, table: &str) -> Option<PathBuf> {
    let folder = Path::new(pack).join(DATA_FOLDER);
    let file = DATA_KINDS.iter().map(|kind| folder.join(format!("{table}.{kind}"))).find(|path| path.is_file());
    file.or_else(|| Some(folder.join(table)).filter(|path| path.is_dir()))
}

/// The day of this run, in UTC: the only clock there is, read once, and only if no `--as-of` is given.
pub(super) fn today() -> Result<Date, Failure> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    i64::try_from(seconds / 86_400)
        .ok()
        .and_then(Date::from_days)
        .ok_or_else(|| Failure::new("the clock shows no usable date").help("say the day with `--as-of 2026-06-30`"))
}
