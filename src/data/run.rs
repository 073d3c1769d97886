//! A run over data: open once, execute or look at one customer. Blocking; the threads are inside.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use tokio::runtime::{Builder as RuntimeBuilder, Runtime};

use super::conform::Reason;
use super::database;
use super::error::{DataError, DataErrorKind};
use super::keys::{self, Doubles};
use super::limit::MaxRejects;
use super::normalise;
use super::notices;
use super::open::{check_names, nothing_given, open_record};
use super::record::{Attempt, EventTable, Known, Tables, raw_spec};
use super::rejects::{self, Reject};
use super::rollup::TableRollups;
use super::scan::{BATCH, Counts, Input};
use super::sink::Sink;
use super::source::{Source, files};
use super::table::{TableSpec, Want};
use crate::engine::ScriptErrors;
use crate::expr::{Date, Type};
use crate::pack::Pack;
use crate::stage::{Applied, Program};

/// Bytes a sort needs at least: with less, one that merges what it wrote to disk leaves too little to the others.
const SORT: usize = 8 << 20;

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Worker threads; at least 1.
    pub threads: usize,
    /// Bytes that sorts and joins may use before they go to disk.
    pub memory: usize,
    /// More rejected rows than this are an error; `None`: any number will do.
    pub max_rejects: Option<MaxRejects>,
    /// Where rejected rows are written, if there are any: CSV or Parquet, by the name.
    pub rejects: Option<PathBuf>,
    /// Where keys without a partner are listed: CSV or Parquet, by the name.
    pub unmatched: Option<PathBuf>,
}

impl Default for Options {
    /// A thread per core, 512 MiB (128 MiB per thread if there are more than four), any number of rejects, no lists of them.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { threads, memory: (128 << 20) * threads.max(4), max_rejects: None, rejects: None, unmatched: None }
    }
}

/// Rows set aside for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectCount {
    /// The pack's name of the column; empty if it is about the whole row.
    pub column: String,
    /// What is wrong.
    pub reason: Reason,
    /// How many rows.
    pub rows: u64,
    /// The first of them.
    pub example: Option<Reject>,
}

/// What became of the rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableCounts {
    /// The table, as in `--data NAME=PATH`.
    pub table: String,
    /// Where the pack declares its columns: `record`, `tables.NAME`; empty if it does not.
    pub section: String,
    /// Rows read.
    pub rows: u64,
    /// Rows set aside, each counted once.
    pub rejected: u64,
    /// The same by column and reason.
    pub rejects: Vec<RejectCount>,
    /// Events later than the as-of date, which are not seen.
    pub after_today: u64,
    /// Events the rollups saw, rows of one day merged where the table asks for it; 0 if no rollup reads the table.
    pub events: u64,
    /// Usable rows of an event table or a joined one whose key is no customer's.
    pub unmatched: u64,
    /// Different keys of these rows.
    pub unmatched_keys: u64,
    /// Customers without a row in an event table or a joined one; `None` of tables whose keys were not compared.
    pub without: Option<u64>,
    /// Whether it is a table joined to the record, in which every customer should have a row.
    pub joined: bool,
    /// Values that the pack's `values` do not list: column, value, rows; by column, the commonest first.
    pub unlisted: Vec<(String, String, u64)>,
}

/// What became of all rows.
#[derive(Debug, Clone, Default)]
pub struct RunCounts {
    /// One row per customer: all were given to the decision program.
    pub records: u64,
    /// Given tables, the record table first.
    pub tables: Vec<TableCounts>,
    /// The first rejects, with their places.
    pub samples: Vec<Reject>,
    /// Script calls of the decisions, of [`Run::decide`].
    pub script_errors: ScriptErrors,
    /// Script calls of rollups, by event table: only tables whose rollups called a script.
    pub rollup_errors: BTreeMap<String, ScriptErrors>,
    /// What a person should know, one sentence each.
    pub notices: Vec<String>,
    /// Lines in the list of keys without a partner, if it was asked for.
    pub listed: Option<u64>,
}

impl RunCounts {
    /// Rows set aside in all tables.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.tables.iter().map(|t| t.rejected).sum()
    }
}

/// What is done with each batch of records: the decision program. Called from several threads.
pub type Apply = Arc<dyn Fn(&RecordBatch) -> Result<RecordBatch, DataError> + Send + Sync>;

/// The same, with the script calls that failed.
type Work = Arc<dyn Fn(&RecordBatch) -> Result<(RecordBatch, ScriptErrors), DataError> + Send + Sync>;

/// Data opened for a pack: headers read, columns found.
pub struct Run {
    pub(super) tables: Tables,
    pub(super) options: Options,
    pub(super) notices: Vec<String>,
    pub(super) given: Vec<Arc<Input>>,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("schema", &self.tables.schema()).finish_non_exhaustive()
    }
}

impl Run {
    /// Finds the files, reads their headers and finds the columns the pack wants.
    ///
    /// # Errors
    /// A table the pack does not know or that must be given and is not; a missing or empty file; a column that must be
    /// there and is not, or twice.
    pub fn open(pack: &Arc<Pack>, as_of: Date, sources: &[Source], options: Options) -> Result<Run, DataError> {
        let mut notices = Vec::new();
        check_names(pack, sources)?;
        let find = |name: &str| sources.iter().find(|s| s.name == name);
        let sql = pack.record.sql.is_some();

        for path in options.rejects.iter().chain(&options.unmatched) {
            rejects::table_format(path)?;
        }
        let (mut record, mut joins) = open_record(pack, sources, &mut notices)?;
        let mut inputs: Vec<(Arc<TableRollups>, Option<Input>)> = Vec::new();
        for table in pack.tables.values() {
            let input = match find(&table.name) {
                Some(source) => {
                    let spec = TableSpec::events(table).normalised(pack.record.normalise);
                    let list = files(source, &spec, &mut notices)?;
                    let input = Input::new(spec, list, &mut notices)?;
                    // A query may look at all rows.
                    Some(if sql { input } else { database::up_to(input, as_of) })
                }
                None if table.optional => None,
                None => {
                    return Err(DataError::input(format!("the pack needs the table `{}`", table.name))
                        .help(format!("give it with `--data {}=PATH`", table.name)));
                }
            };
            inputs.push((Arc::new(TableRollups::new(pack, table, as_of)), input));
        }
        let mut extra = Vec::new();
        if sql {
            // The query joins them itself.
            extra.extend(joins.drain(..).map(Arc::new));
        }
        for source in sources {
            let joined = pack.record.joins.iter().any(|join| join.name == source.name);
            if source.name != pack.record.table && !joined && !pack.tables.contains_key(&source.name) {
                let list = files(source, &TableSpec::default(), &mut notices)?;
                let spec = raw_spec(&source.name, &list, &TableSpec::default());
                extra.push(Arc::new(Input::new(spec, list, &mut notices)?));
            }
        }
        if !sql && record.is_none() && inputs.iter().all(|(_, i)| i.is_none()) {
            return Err(nothing_given(pack));
        }

        // Keys are whole numbers if they are everywhere, texts otherwise: `00042` stays as it is.
        let all = record.iter().chain(&joins).chain(inputs.iter().filter_map(|(_, i)| i.as_ref()));
        let integer = !sql && pack.record.normalise.is_none() && all.clone().all(Input::integer_key);
        let key_type = if integer { DataType::Int64 } else { DataType::Utf8 };
        if integer {
            let keys = |_: usize, want: &mut Want| {
                if *want == Want::KeyText {
                    *want = Want::KeyInt;
                }
            };
            record.iter_mut().chain(&mut joins).for_each(|i| i.set_wants(keys));
            inputs.iter_mut().filter_map(|(_, i)| i.as_mut()).for_each(|i| i.set_wants(keys));
        }
        let mut tables = Tables {
            pack: Arc::clone(pack),
            today: as_of,
            record: record.map(Arc::new),
            joins: joins.into_iter().map(Arc::new).collect(),
            events: inputs
                .into_iter()
                .map(|(rollups, input)| EventTable { rollups, input: input.map(Arc::new) })
                .collect(),
            extra,
            key: Field::new(&pack.record.key, key_type, true),
        };
        // Texts that only pass through stay in the dictionaries they are stored in; a sort would have to merge those.
        if let (true, Some(input)) = (tables.streams(), &tables.record) {
            let small: Vec<bool> = (0..input.spec.columns.len()).map(|i| input.small_dictionary(i)).collect();
            let mut input = input.as_ref().clone();
            input.set_wants(|i, want| {
                if *want == Want::Value(Type::Text) && small.get(i) == Some(&true) {
                    *want = Want::Dictionary;
                }
            });
            tables.record = Some(Arc::new(input));
        }
        if !sql && tables.record.is_some() {
            // What a plan reads is of use without a rollup.
            let of_plans = |table: &str| {
                let contact = pack.contact.iter();
                let mut named = contact.flat_map(|contact| contact.history.iter().chain(&contact.do_not_contact));
                named.any(|named| named.name == table)
            };
            let idle = |e: &&EventTable| e.input.is_some() && e.rollups.is_empty() && !of_plans(&e.rollups.table);
            for event in tables.events.iter().filter(idle) {
                notices.push(format!("no rollup reads the table `{}`, so it was not read", event.rollups.table));
            }
        }
        let inputs = tables.events.iter_mut().filter_map(|e| e.input.as_mut()).chain(&mut tables.extra);
        database::at_one_moment(inputs.chain(&mut tables.joins).chain(&mut tables.record));
        let given =
            tables.record.iter().chain(&tables.joins).chain(tables.events.iter().filter_map(|e| e.input.as_ref()));
        let given = given.chain(&tables.extra).cloned().collect();
        Ok(Run { tables, options, notices, given })
    }

    /// The columns of the batches given to the decision program: the key, the record's columns, the rollups.
    #[must_use]
    pub fn record_schema(&self) -> SchemaRef {
        self.tables.schema()
    }

    /// A schema of decisions whose first column, the key, has the type it has in the data.
    #[must_use]
    pub fn keyed(&self, decisions: &SchemaRef) -> SchemaRef {
        let mut fields: Vec<Field> = decisions.fields().iter().map(|f| f.as_ref().clone()).collect();
        if let Some(key) = fields.first_mut() {
            *key = key.clone().with_data_type(self.tables.key.data_type().clone());
        }
        Arc::new(arrow::datatypes::Schema::new(fields))
    }

    /// Columns of the pack's event tables that are in none of the files given for them: table and column.
    #[must_use]
    pub fn absent(&self) -> Vec<(String, String)> {
        let mut absent = Vec::new();
        for input in self.tables.events.iter().filter_map(|event| event.input.as_ref()) {
            for (index, wanted) in input.spec.columns.iter().enumerate() {
                if input.files.iter().all(|(_, layout)| layout.columns.get(index).is_none_or(Option::is_none)) {
                    absent.push((input.spec.table.clone(), wanted.name.clone()));
                }
            }
        }
        absent
    }

    /// Rows of the record table, if its files say so without being read: for a progress bar.
    #[must_use]
    pub fn known_rows(&self) -> Option<u64> {
        self.tables.record.as_ref().filter(|_| self.tables.streams()).and_then(|r| r.known_rows())
    }

    /// Applies the decision program to every record and hands the results to the sink, in a fixed order: that of the
    /// files if the record is one table as it is, otherwise by key. The order does not depend on the number of threads.
    ///
    /// # Errors
    /// Data that cannot be read at all; a sink that fails; in a strict run, any row set aside.
    pub fn execute(&self, apply: &Apply, sink: &mut dyn Sink) -> Result<RunCounts, DataError> {
        let apply = Arc::clone(apply);
        self.work(&(Arc::new(move |batch: &RecordBatch| Ok((apply(batch)?, ScriptErrors::default()))) as Work), sink)
    }

    /// As [`Run::execute`], with a decision program: what became of its script calls is in [`RunCounts::script_errors`].
    ///
    /// # Errors
    /// As [`Run::execute`]; a column that cannot be read as the type the pack declares.
    pub fn decide(&self, program: &Program, sink: &mut dyn Sink) -> Result<RunCounts, DataError> {
        let program = program.clone();
        let work: Work = Arc::new(move |batch| {
            let Applied { decisions, failures } = program.apply(batch).map_err(|e| DataError::input(e.to_string()))?;
            Ok((decisions, failures))
        });
        self.work(&work, sink)
    }

    fn work(&self, work: &Work, sink: &mut dyn Sink) -> Result<RunCounts, DataError> {
        let mut known = Known::default();
        loop {
            let once = self.tables.pack.record.sql.is_none();
            let attempt = Arc::new(Attempt::new(&known, self.options.max_rejects, once));
            let (records, errors) = match self.attempt(&attempt, work, sink) {
                Ok(done) => done,
                Err(DataError { kind: DataErrorKind::Malformed(table), .. }) if !known.careful.contains(&table) => {
                    known.careful.insert(table);
                    sink.restart()?;
                    continue;
                }
                Err(DataError { kind: DataErrorKind::DoubleKeys(table), .. })
                    if !known.doubles.contains_key(&table) =>
                {
                    self.find_doubles(&table, &mut known)?;
                    sink.restart()?;
                    continue;
                }
                Err(error) if error.kind == DataErrorKind::Strict => return Err(self.too_many(&attempt, error)),
                Err(error) => return Err(error),
            };
            let table = &self.tables.pack.record.table;
            if !known.doubles.contains_key(table) {
                let tracker = std::mem::take(&mut *attempt.tracker.lock().unwrap_or_else(PoisonError::into_inner));
                if !tracker.all_different() && self.find_doubles(table, &mut known)? {
                    sink.restart()?;
                    continue;
                }
            }
            let mut counts = self.settle(&attempt, records)?;
            counts.script_errors = errors;
            counts.notices.extend(self.proposals(&counts)?);
            if let Some(path) = &self.options.unmatched {
                counts.listed = Some(self.list_unmatched(path, &known)?);
            }
            return Ok(counts);
        }
    }

    /// Looks for the keys of a table that occur more than once; says whether there are any.
    fn find_doubles(&self, table: &str, known: &mut Known) -> Result<bool, DataError> {
        let found = match self.tables.keyed().find(|input| input.spec.table == table) {
            Some(input) => keys::doubles(input)?,
            None => Doubles::default(),
        };
        let any = !found.is_empty();
        known.doubles.insert(table.to_owned(), Arc::new(found));
        Ok(any)
    }

    /// One pass over the data. Returns the number of records, and their script errors, in their order.
    fn attempt(
        &self,
        attempt: &Arc<Attempt>,
        work: &Work,
        sink: &mut dyn Sink,
    ) -> Result<(u64, ScriptErrors), DataError> {
        let threads = self.options.threads.max(1);
        let runtime = runtime(threads)?;
        let sorts = self.tables.sorts();
        let context = self.context(threads, sorts)?;
        let partitions = self.partitions(threads, sorts);
        let plan = runtime.block_on(self.tables.plan(&context, partitions, attempt))?;
        let stream = {
            // Operators may start their tasks as soon as the stream is made.
            let _inside = runtime.enter();
            plan.execute(0, context.task_ctx())?
        };
        let (mut records, mut all) = (0, ScriptErrors::default());
        let mut take = |(rows, (out, errors)): (usize, (RecordBatch, ScriptErrors))| -> Result<(), DataError> {
            if out.num_rows() != rows {
                return Err(DataError::internal(format!("{rows} records gave {} decisions", out.num_rows())));
            }
            records += rows as u64;
            all.extend(errors);
            sink.write(&out)
        };
        if threads == 1 {
            runtime.block_on(async {
                let mut stream = stream;
                while let Some(batch) = stream.next().await {
                    let batch = batch?;
                    take((batch.num_rows(), work(&batch)?))?;
                }
                Ok::<(), DataError>(())
            })?;
        } else {
            // Reading, deciding and writing overlap; `buffered` keeps the order.
            let (sender, mut receiver) = tokio::sync::mpsc::channel(2);
            let work = Arc::clone(work);
            let pump = runtime.spawn(async move {
                let decided = stream.map(move |batch| {
                    let work = Arc::clone(&work);
                    async move {
                        let batch = batch?;
                        tokio::spawn(async move { Ok((batch.num_rows(), work(&batch)?)) })
                            .await
                            .unwrap_or_else(|e| Err(DataError::internal(e)))
                    }
                });
                let mut decided = std::pin::pin!(decided.buffered(threads + 1));
                while let Some(result) = decided.next().await {
                    if sender.send(result).await.is_err() {
                        break;
                    }
                }
            });
            let mut result = Ok(());
            while let Some(decided) = receiver.blocking_recv() {
                result = decided.and_then(&mut take);
                if result.is_err() {
                    break;
                }
            }
            drop(receiver);
            if result.is_ok()
                && let Err(error) = runtime.block_on(pump)
            {
                return Err(DataError::internal(error));
            }
            runtime.shutdown_background();
            result?;
        }
        Ok((records, all))
    }

    /// Adds up, finds the places of rejects, and makes sure that nothing was lost.
    fn settle(&self, attempt: &Attempt, records: u64) -> Result<RunCounts, DataError> {
        let mut counts = RunCounts { records, notices: self.notices.clone(), ..RunCounts::default() };
        counts.rollup_errors.clone_from(&attempt.failures.lock().unwrap_or_else(PoisonError::into_inner));
        let mut file = None;
        for input in &self.given {
            let Some(seen) = attempt.counts(&input.spec.table) else { continue };
            if let Some(question) = notices::open_question(input, &seen) {
                return Err(question);
            }
            let mut table = table_counts(input, &seen);
            let is_record = self.tables.record.as_ref().is_some_and(|r| r.spec.table == input.spec.table);
            if is_record && self.tables.pack.record.sql.is_none() && table.rows != records + table.rejected {
                return Err(DataError::internal(format!(
                    "{} rows of `{}` became {records} records and {} rejects",
                    table.rows, table.table, table.rejected
                )));
            }
            if let Some(customers) = self.tables.compared(input).then(|| seen.matched_keys.load(Ordering::Relaxed)) {
                table.without = Some(records.saturating_sub(customers));
                table.joined = self.tables.joins.iter().any(|j| j.spec.table == input.spec.table);
            }
            if table.rejected > 0 {
                let doubles = attempt.known.doubles.get(&input.spec.table);
                let found = self.list_rejects(input, doubles, &mut file, None, &mut counts.samples)?;
                let total: u64 = found.iter().map(|f| f.rows).sum();
                if total != table.rejected {
                    return Err(DataError::internal(format!(
                        "{} rejects of `{}` were counted, {total} found",
                        table.rejected, table.table
                    )));
                }
                for reject in &mut table.rejects {
                    let same = found.iter().find(|f| f.column == reject.column && f.reason == reject.reason);
                    reject.example = same.and_then(|f| f.example.clone());
                }
            }
            counts.notices.extend(notices::of_table(input, &seen));
            counts.tables.push(table);
        }
        if let Some(file) = file {
            file.finish()?;
        }
        if records == 0 && counts.rejected() == 0 {
            counts.notices.push("the data holds no customer".to_owned());
        }
        match self.options.max_rejects.and_then(|max| max.error(&counts, true)) {
            Some(error) => Err(self.with_list(error, counts.rejected(), true)),
            None => Ok(counts),
        }
    }

    /// Rules for keys that would make more of them meet, for tables most of whose rows are no customer's.
    fn proposals(&self, counts: &RunCounts) -> Result<Vec<String>, DataError> {
        let mut list = Vec::new();
        let record = self.tables.record.as_ref().filter(|_| self.tables.pack.record.sql.is_none());
        let Some(record) = record.filter(|_| *self.tables.key.data_type() == DataType::Utf8) else { return Ok(list) };
        for table in &counts.tables {
            let usable = table.rows.saturating_sub(table.rejected + table.after_today);
            if table.unmatched > 0
                && table.unmatched * 2 > usable
                && let Some(input) = self.given.iter().find(|i| i.spec.table == table.table)
            {
                list.extend(normalise::proposal(self.tables.pack.record.normalise, record, input)?);
            }
        }
        Ok(list)
    }

    /// In how many parts the keys are divided: one for each thread, fewer if memory is short. The result is the same.
    pub(super) fn partitions(&self, threads: usize, sorts: usize) -> usize {
        (self.options.memory / (sorts.max(1) * SORT)).clamp(1, threads)
    }

    /// `sorts`: how many the plan has, in each partition.
    pub(super) fn context(&self, threads: usize, sorts: usize) -> Result<SessionContext, DataError> {
        let memory = self.options.memory.max(2 * SORT).max(sorts * SORT);
        let partitions = self.partitions(threads, sorts);
        let environment =
            RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(memory))).build_arc()?;
        // A sort keeps its rows a second time, as bytes to compare, while it merges them: half of the memory is for that.
        let reserve = memory / (2 * partitions * sorts.max(1));
        let config = SessionConfig::new()
            .with_batch_size(BATCH)
            .with_target_partitions(partitions)
            .with_sort_spill_reservation_bytes(reserve);
        Ok(SessionContext::new_with_config_rt(config, environment))
    }
}

pub(super) fn runtime(threads: usize) -> Result<Runtime, DataError> {
    if tokio::runtime::Handle::try_current().is_ok() {
        return Err(DataError::internal("a run blocks, and was started inside an asynchronous task")
            .help("start it on a thread of its own (`spawn_blocking`)"));
    }
    let mut builder =
        if threads == 1 { RuntimeBuilder::new_current_thread() } else { RuntimeBuilder::new_multi_thread() };
    builder.worker_threads(threads).enable_all().build().map_err(|e| DataError::io("starting the worker threads", &e))
}

fn table_counts(input: &Input, seen: &Counts) -> TableCounts {
    let get = |n: &std::sync::atomic::AtomicU64| n.load(Ordering::Relaxed);
    let rejects = seen
        .reasons()
        .into_iter()
        .map(|((column, reason), rows)| RejectCount {
            column: column
                .and_then(|c| input.spec.columns.get(usize::from(c)))
                .map(|c| c.name.clone())
                .unwrap_or_default(),
            reason,
            rows,
            example: None,
        })
        .collect();
    TableCounts {
        table: input.spec.table.clone(),
        section: input.spec.section.split(".join.").next().unwrap_or_default().to_owned(),
        rows: get(&seen.rows),
        rejected: get(&seen.rejected),
        rejects,
        after_today: get(&seen.after_today),
        events: get(&seen.events),
        unmatched: get(&seen.event_rows).saturating_sub(get(&seen.matched)),
        unmatched_keys: get(&seen.keys).saturating_sub(get(&seen.matched_keys)),
        without: None,
        joined: false,
        unlisted: unlisted(input, seen),
    }
}

fn unlisted(input: &Input, seen: &Counts) -> Vec<(String, String, u64)> {
    let mut all: Vec<(usize, u64, String)> =
        seen.unknown().into_iter().map(|((column, value), rows)| (column, rows, value)).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
    let name = |column: usize| input.spec.columns.get(column).map(|wanted| wanted.name.clone());
    all.into_iter().filter_map(|(column, rows, value)| Some((name(column)?, value, rows))).collect()
}
