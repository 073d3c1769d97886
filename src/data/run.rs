//! A run over data: open once, execute or look at one customer. Blocking; the threads are inside.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, SchemaRef};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use tokio::runtime::{Builder as RuntimeBuilder, Runtime};

use super::conform::Reason;
use super::database;
use super::error::{DataError, DataErrorKind};
use super::keys;
use super::record::{Attempt, EventTable, Tables, only_key, raw_spec, record_plan};
use super::rejects::{self, Reject, RejectsFile};
use super::rollup::TableRollups;
use super::scan::{BATCH, Counts, Input};
use super::sink::Sink;
use super::source::{Source, files};
use super::table::{TableSpec, Want};
use crate::diag::nearest;
use crate::engine::ScriptFailure;
use crate::expr::{Date, Type};
use crate::pack::Pack;

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Worker threads; at least 1.
    pub threads: usize,
    /// Bytes that sorts and joins may use before they go to disk.
    pub memory: usize,
    /// Any rejected row is an error.
    pub strict: bool,
    /// Where rejected rows are written, if there are any.
    pub rejects: Option<PathBuf>,
}

impl Default for Options {
    /// A thread per core, 512 MiB (128 MiB per thread if there are more than four), not strict, no rejects file.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { threads, memory: (128 << 20) * threads.max(4), strict: false, rejects: None }
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
}

/// What became of the rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableCounts {
    /// The table, as in `--data NAME=PATH`.
    pub table: String,
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
    /// Rows of events whose customer has no record.
    pub unmatched: u64,
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
    /// Script calls that failed inside rollups.
    pub script_failures: u64,
    /// The first of them.
    pub first_failures: Vec<ScriptFailure>,
    /// What a person should know, one sentence each.
    pub notices: Vec<String>,
}

impl RunCounts {
    /// Rows set aside in all tables.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.tables.iter().map(|t| t.rejected).sum()
    }
}

/// One customer, as the decision program would see her.
#[derive(Debug, Clone)]
pub struct OneRecord {
    /// One row.
    pub record: RecordBatch,
    /// Per given event table, in the order of the pack: her events up to the as-of date, in order of time, days merged
    /// where the table asks for it. The key first; of no rows if she has none.
    pub events: Vec<(String, RecordBatch)>,
}

/// What is done with each batch of records: the decision program. Called from several threads.
pub type Apply = Arc<dyn Fn(&RecordBatch) -> Result<RecordBatch, DataError> + Send + Sync>;

/// Data opened for a pack: headers read, columns found.
pub struct Run {
    tables: Tables,
    options: Options,
    notices: Vec<String>,
    given: Vec<Arc<Input>>,
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

        let record_spec = TableSpec::record(pack);
        let mut record = match find(&pack.record.table) {
            Some(source) => {
                let list = files(source, &mut notices)?;
                let spec = if sql { raw_spec(&source.name, &list, &record_spec) } else { record_spec.clone() };
                Some(Input::new(spec, list)?)
            }
            None => None,
        };
        let mut inputs: Vec<(Arc<TableRollups>, Option<Input>)> = Vec::new();
        for table in pack.tables.values() {
            let input = match find(&table.name) {
                Some(source) => {
                    let input = Input::new(TableSpec::events(table), files(source, &mut notices)?)?;
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
        for source in sources {
            if source.name != pack.record.table && !pack.tables.contains_key(&source.name) {
                let list = files(source, &mut notices)?;
                let spec = raw_spec(&source.name, &list, &TableSpec::default());
                extra.push(Arc::new(Input::new(spec, list)?));
            }
        }
        if !sql && record.is_none() && inputs.iter().all(|(_, i)| i.is_none()) {
            return Err(nothing_given(pack));
        }

        // Keys are whole numbers if they are everywhere, texts otherwise: `00042` stays as it is.
        let all = record.iter().chain(inputs.iter().filter_map(|(_, i)| i.as_ref()));
        let integer = !sql && all.clone().all(Input::integer_key);
        let key_type = if integer { DataType::Int64 } else { DataType::Utf8 };
        if integer {
            let keys = |_: usize, want: &mut Want| {
                if *want == Want::KeyText {
                    *want = Want::KeyInt;
                }
            };
            record.iter_mut().for_each(|i| i.set_wants(keys));
            inputs.iter_mut().filter_map(|(_, i)| i.as_mut()).for_each(|i| i.set_wants(keys));
        }
        let mut tables = Tables {
            pack: Arc::clone(pack),
            today: as_of,
            record: record.map(Arc::new),
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
            for event in tables.events.iter().filter(|e| e.input.is_some() && e.rollups.is_empty()) {
                notices.push(format!("no rollup reads the table `{}`, so it was not read", event.rollups.table));
            }
        }
        let inputs = tables.events.iter_mut().filter_map(|e| e.input.as_mut()).chain(&mut tables.extra);
        database::at_one_moment(inputs.chain(&mut tables.record));
        let given = tables.record.iter().chain(tables.events.iter().filter_map(|e| e.input.as_ref()));
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
        let mut careful = BTreeSet::new();
        let mut doubles = None;
        loop {
            let attempt = Arc::new(Attempt::new(careful.clone(), doubles.clone()));
            let records = match self.attempt(&attempt, apply, sink) {
                Ok(records) => records,
                Err(DataError { kind: DataErrorKind::Malformed(table), .. }) if !careful.contains(&table) => {
                    careful.insert(table);
                    sink.restart()?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let input = self.tables.record.as_ref().filter(|_| self.tables.pack.record.sql.is_none());
            if let (Some(input), None) = (input, &doubles) {
                let tracker = std::mem::take(&mut *attempt.tracker.lock().unwrap_or_else(PoisonError::into_inner));
                if !tracker.all_different() {
                    let found = keys::doubles(input)?;
                    if !found.is_empty() {
                        doubles = Some(Arc::new(found));
                        sink.restart()?;
                        continue;
                    }
                }
            }
            return self.settle(&attempt, records);
        }
    }

    /// One pass over the data. Returns the number of records.
    fn attempt(&self, attempt: &Arc<Attempt>, apply: &Apply, sink: &mut dyn Sink) -> Result<u64, DataError> {
        let threads = self.options.threads.max(1);
        let runtime = runtime(threads)?;
        let context = self.context(threads)?;
        let plan = runtime.block_on(self.tables.plan(&context, threads, attempt))?;
        let stream = {
            // Operators may start their tasks as soon as the stream is made.
            let _inside = runtime.enter();
            plan.execute(0, context.task_ctx())?
        };
        let mut records = 0;
        let mut take = |(rows, out): (usize, RecordBatch)| -> Result<(), DataError> {
            if out.num_rows() != rows {
                return Err(DataError::internal(format!("{rows} records gave {} decisions", out.num_rows())));
            }
            records += rows as u64;
            sink.write(&out)
        };
        if threads == 1 {
            runtime.block_on(async {
                let mut stream = stream;
                while let Some(batch) = stream.next().await {
                    let batch = batch?;
                    take((batch.num_rows(), apply(&batch)?))?;
                }
                Ok::<(), DataError>(())
            })?;
        } else {
            // Reading, deciding and writing overlap; `buffered` keeps the order.
            let (sender, mut receiver) = tokio::sync::mpsc::channel(2);
            let apply = Arc::clone(apply);
            let pump = runtime.spawn(async move {
                let decided = stream.map(move |batch| {
                    let apply = Arc::clone(&apply);
                    async move {
                        let batch = batch?;
                        tokio::spawn(async move { Ok((batch.num_rows(), apply(&batch)?)) })
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
        Ok(records)
    }

    /// Adds up, finds the places of rejects, and makes sure that nothing was lost.
    fn settle(&self, attempt: &Attempt, records: u64) -> Result<RunCounts, DataError> {
        let mut counts = RunCounts { records, notices: self.notices.clone(), ..RunCounts::default() };
        {
            let failures = attempt.failures.lock().unwrap_or_else(PoisonError::into_inner);
            counts.script_failures = failures.count;
            counts.first_failures.clone_from(&failures.first);
        }
        let mut file = None;
        for input in &self.given {
            let Some(seen) = attempt.counts(&input.spec.table) else { continue };
            let table = table_counts(input, &seen);
            let is_record = self.tables.record.as_ref().is_some_and(|r| r.spec.table == input.spec.table);
            if is_record && self.tables.pack.record.sql.is_none() && table.rows != records + table.rejected {
                return Err(DataError::internal(format!(
                    "{} rows of `{}` became {records} records and {} rejects",
                    table.rows, table.table, table.rejected
                )));
            }
            if table.rejected > 0 {
                if let (None, Some(path)) = (&file, &self.options.rejects) {
                    file = Some(RejectsFile::create(path)?);
                }
                let doubles = attempt.doubles.as_ref().filter(|_| is_record);
                let mut found = 0;
                rejects::each(input, doubles, &mut |reject| {
                    found += 1;
                    if let Some(file) = &mut file {
                        file.add(&reject)?;
                    }
                    if counts.samples.len() < 20 {
                        counts.samples.push(reject);
                    }
                    Ok(())
                })?;
                if found != table.rejected {
                    return Err(DataError::internal(format!(
                        "{} rejects of `{}` were counted, {found} found",
                        table.rejected, table.table
                    )));
                }
            }
            counts.notices.extend(unknown_values(input, &seen));
            counts.tables.push(table);
        }
        if let Some(file) = file {
            file.finish()?;
        }
        if records == 0 && counts.rejected() == 0 {
            counts.notices.push("the data holds no customer".to_owned());
        }
        if self.options.strict && counts.rejected() > 0 {
            return Err(strict_error(&counts));
        }
        Ok(counts)
    }

    fn context(&self, partitions: usize) -> Result<SessionContext, DataError> {
        let memory = self.options.memory.max(16 << 20);
        let environment =
            RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(memory))).build_arc()?;
        // A sort keeps its rows a second time, as bytes to compare, while it merges them: half of the memory is for that.
        let reserve = memory / (2 * partitions * self.tables.sorts().max(1));
        let config = SessionConfig::new()
            .with_batch_size(BATCH)
            .with_target_partitions(partitions)
            .with_sort_spill_reservation_bytes(reserve);
        Ok(SessionContext::new_with_config_rt(config, environment))
    }

    /// One customer by key: her record with rollups, and her events. `None` if there is no usable row of hers.
    ///
    /// # Errors
    /// Data that cannot be read at all.
    pub fn one(&self, key: &str) -> Result<Option<OneRecord>, DataError> {
        let mut careful = BTreeSet::new();
        loop {
            let attempt = Arc::new(Attempt::new(careful.clone(), None));
            match self.look_up(key, &attempt) {
                Err(DataError { kind: DataErrorKind::Malformed(table), .. }) if !careful.contains(&table) => {
                    careful.insert(table);
                }
                result => return result,
            }
        }
    }

    fn look_up(&self, key: &str, attempt: &Arc<Attempt>) -> Result<Option<OneRecord>, DataError> {
        let runtime = runtime(1)?;
        let context = self.context(1)?;
        let rows = |plan: Arc<dyn ExecutionPlan>| -> Result<Vec<RecordBatch>, DataError> {
            let plan = only_key(plan, key);
            Ok(runtime.block_on(datafusion::physical_plan::collect(plan, context.task_ctx()))?)
        };
        let tables = &self.tables;
        let record = match runtime.block_on(tables.sql_record(&context, attempt))? {
            Some(plan) => {
                Some(rows(Arc::new(datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec::new(plan)))?)
            }
            None => match &tables.record {
                Some(input) => Some(rows(record_plan(&database::only(input, &tables.pack, key), attempt)?)?),
                None => None,
            },
        };
        let record = match record {
            None => None,
            Some(batches) => match batches.iter().find(|b| b.num_rows() > 0) {
                Some(batch) => Some(batch.slice(0, 1)),
                None => return Ok(None),
            },
        };
        let counts = Arc::new(Counts::default());
        let mut found = record.is_some();
        let mut values: BTreeMap<String, ArrayRef> = BTreeMap::new();
        let mut events = Vec::new();
        let mut key_column = record.as_ref().map(|r| Arc::clone(r.column(0)));
        for event in &tables.events {
            let list = match &event.input {
                Some(input) => {
                    let careful = attempt.careful.contains(&input.spec.table);
                    rows(database::only(input, &tables.pack, key).plan(1, careful, &counts)?)?
                }
                None => Vec::new(),
            };
            let hers = event.rollups.events_of(&list, &counts)?;
            match (&hers, &event.input) {
                (Some(hers), _) => {
                    found = true;
                    let (_, columns) = event.rollups.rolled_up(hers, &attempt.failures)?;
                    values.extend(event.rollups.names().map(str::to_owned).zip(columns));
                    key_column.get_or_insert_with(|| hers.column(0).slice(0, 1));
                }
                (None, _) => values.extend(event.rollups.of_nothing()?),
            }
            if let Some(input) = &event.input {
                let hers = hers.unwrap_or_else(|| RecordBatch::new_empty(Arc::clone(&input.schema)));
                events.push((event.rollups.table.clone(), hers));
            }
        }
        let (true, Some(key_column)) = (found, key_column) else { return Ok(None) };
        let schema = tables.schema();
        let mut columns = vec![key_column];
        for field in schema.fields().iter().skip(1) {
            let array = match values.get(field.name()) {
                Some(array) => Arc::clone(array),
                None => match record.as_ref().and_then(|r| r.column_by_name(field.name())) {
                    Some(array) => Arc::clone(array),
                    None => new_null_array(field.data_type(), 1),
                },
            };
            columns.push(array);
        }
        let record = concat_batches(&schema, [&RecordBatch::try_new(Arc::clone(&schema), columns)?])?;
        Ok(Some(OneRecord { record, events }))
    }
}

fn runtime(threads: usize) -> Result<Runtime, DataError> {
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
        })
        .collect();
    TableCounts {
        table: input.spec.table.clone(),
        rows: get(&seen.rows),
        rejected: get(&seen.rejected),
        rejects,
        after_today: get(&seen.after_today),
        events: get(&seen.events),
        unmatched: get(&seen.event_rows).saturating_sub(get(&seen.matched)),
    }
}

/// One sentence per text column that holds values the pack does not list.
fn unknown_values(input: &Input, seen: &Counts) -> Vec<String> {
    let mut by_column: BTreeMap<usize, Vec<(String, u64)>> = BTreeMap::new();
    for ((column, value), rows) in seen.unknown() {
        by_column.entry(column).or_default().push((value, rows));
    }
    by_column
        .into_iter()
        .filter_map(|(column, mut values)| {
            let wanted = input.spec.columns.get(column)?;
            values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let shown: Vec<String> = values.iter().take(5).map(|(value, rows)| format!("`{value}` ({rows})")).collect();
            let more = if values.len() > 5 { ", …" } else { "" };
            Some(format!(
                "`{}` of `{}` holds values the pack does not list: {}{more}",
                wanted.name,
                input.spec.table,
                shown.join(", ")
            ))
        })
        .collect()
}

fn strict_error(counts: &RunCounts) -> DataError {
    let rejected = counts.rejected();
    let rows = if rejected == 1 { "row" } else { "rows" };
    let mut error = DataError {
        kind: DataErrorKind::Strict,
        message: format!("{rejected} {rows} cannot be used, and the run is strict"),
        help: Vec::new(),
    };
    for reject in counts.samples.iter().take(3) {
        let column = if reject.column.is_empty() { String::new() } else { format!(" `{}`", reject.column) };
        let value = if reject.value.is_empty() { String::new() } else { format!(" `{}`", reject.value) };
        error = error.help(format!("{}:{}:{column}{value}: {}", reject.file, reject.line, reject.reason));
    }
    error
}

fn nothing_given(pack: &Pack) -> DataError {
    let mut error = DataError::input("no data is given");
    let tables = std::iter::once(&pack.record.table).chain(pack.tables.keys());
    for table in tables {
        error = error.help(format!("give `--data {table}=PATH`"));
    }
    error
}

/// Every given table must be one the pack knows (unless it is for `record.sql`), and be given once.
fn check_names(pack: &Pack, sources: &[Source]) -> Result<(), DataError> {
    for (i, source) in sources.iter().enumerate() {
        if sources.iter().take(i).any(|s| s.name == source.name) {
            return Err(DataError::input(format!("the table `{}` is given twice", source.name))
                .help("put its files into one folder and give the folder"));
        }
        let mut known = std::iter::once(pack.record.table.as_str()).chain(pack.tables.keys().map(String::as_str));
        if pack.record.sql.is_some() || known.clone().any(|k| k == source.name) {
            continue;
        }
        let error = DataError::input(format!("the pack has no table `{}`", source.name));
        let names: Vec<String> = known.clone().map(|k| format!("`{k}`")).collect();
        return Err(match nearest(&source.name, &mut known) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("it has {}", names.join(", "))),
        });
    }
    Ok(())
}
