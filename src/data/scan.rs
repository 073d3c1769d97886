//! One given table as a plan: DataFusion reads, we conform and count.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::config::CsvOptions;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{CsvSource, FileGroup, FileScanConfigBuilder, FileSource, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, SendableRecordBatchStream};
use futures::{StreamExt, TryStreamExt};

use super::careful::chunks;
use super::conform::{BadRow, Conformed, Reason, Seen, accepts, conform, under_schema};
use super::error::{DataError, DataErrorKind};
use super::format::Doubts;
use super::limit::Limit;
use super::node::{StreamExec, work_ahead};
use super::sample;
use super::source::{DataFile, Kind};
use super::table::{Layout, TableSpec, Want};

/// Rows per batch everywhere.
pub(crate) const BATCH: usize = 8192;

/// Counts of one table during one run.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Rows read, good and bad.
    pub rows: AtomicU64,
    /// Rows set aside.
    pub rejected: AtomicU64,
    /// Events later than `today`.
    pub after_today: AtomicU64,
    /// Events that rollups saw, after the merge of days.
    pub events: AtomicU64,
    /// The same, before the merge of days.
    pub event_rows: AtomicU64,
    /// Of these, the ones whose customer has a record.
    pub matched: AtomicU64,
    /// Different keys of `event_rows`.
    pub keys: AtomicU64,
    /// Of these, the ones of a customer who has a record.
    pub matched_keys: AtomicU64,
    /// How many rows may be set aside.
    pub limit: Limit,
    /// By place in the spec and reason.
    reasons: Mutex<BTreeMap<(Option<u16>, Reason), u64>>,
    /// Texts the pack does not list, by place in the spec.
    unknown: Mutex<BTreeMap<(usize, String), u64>>,
    /// Words read as missing, by place in the spec.
    missing: Mutex<BTreeMap<(usize, String), u64>>,
    /// Values that may be two things, by place in the spec.
    doubts: Mutex<BTreeMap<usize, Doubts>>,
}

/// So many different unknown texts of a table are told apart.
const UNKNOWN: usize = 1000;

impl Counts {
    /// Adds bad rows.
    pub(crate) fn reject(&self, bad: &[BadRow]) {
        if bad.is_empty() {
            return;
        }
        self.rejected.fetch_add(bad.len() as u64, Ordering::Relaxed);
        let mut reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        for b in bad {
            *reasons.entry((b.column, b.reason)).or_default() += 1;
        }
    }

    /// Counts texts the pack does not list, in the columns for which it lists any.
    fn look_for_unknown(&self, spec: &TableSpec, batch: &RecordBatch) -> Result<(), DataError> {
        for (i, (wanted, array)) in spec.columns.iter().zip(batch.columns()).enumerate() {
            if wanted.values.is_empty() {
                continue;
            }
            let texts = arrow::compute::cast(array, &DataType::Utf8)?;
            let known = |text: &str| wanted.values.iter().any(|v| v == text);
            for text in texts.as_string::<i32>().iter().flatten().filter(|t| !known(t)) {
                let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
                let full = unknown.len() >= UNKNOWN;
                let entry = unknown.entry((i, text.to_owned()));
                if !full || matches!(entry, std::collections::btree_map::Entry::Occupied(_)) {
                    *entry.or_default() += 1;
                }
            }
        }
        Ok(())
    }

    /// Adds what was seen while a batch was read.
    fn see(&self, seen: Seen) {
        if !seen.missing.is_empty() {
            let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
            for (column, word, rows) in seen.missing {
                *missing.entry((column, word)).or_default() += rows;
            }
        }
        if !seen.doubts.is_empty() {
            let mut doubts = self.doubts.lock().unwrap_or_else(PoisonError::into_inner);
            for (column, more) in seen.doubts {
                doubts.entry(column).or_default().add(&more);
            }
        }
    }

    /// Words read as missing: place in the spec and word, values.
    pub(crate) fn missing(&self) -> BTreeMap<(usize, String), u64> {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Values that may be two things, of columns in which nothing settled it before they were read, by place in the spec.
    pub(crate) fn doubts(&self) -> BTreeMap<usize, Doubts> {
        self.doubts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Texts the pack does not list: place in the spec and text, rows.
    pub(crate) fn unknown(&self) -> BTreeMap<(usize, String), u64> {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was set aside, and how often.
    pub(crate) fn reasons(&self) -> BTreeMap<(Option<u16>, Reason), u64> {
        self.reasons.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A given table: what is wanted of it and the files that have it.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// What is wanted.
    pub spec: TableSpec,
    /// The schema of the conformed table.
    pub schema: SchemaRef,
    /// In order, each with the places of the wanted columns.
    pub files: Vec<(Arc<DataFile>, Arc<Layout>)>,
}

impl Input {
    /// Finds the wanted columns in every file, and how their values are written; what was found goes to `notices`.
    pub(crate) fn new(spec: TableSpec, files: Vec<DataFile>, notices: &mut Vec<String>) -> Result<Input, DataError> {
        let mut list = Vec::with_capacity(files.len());
        for file in files {
            let layout = spec.layout(&file)?;
            for (wanted, column) in spec.columns.iter().zip(&layout.columns) {
                let Some(column) = column else { continue };
                if let Err(holds) = accepts(wanted, &file.data_type(*column)) {
                    return Err(DataError::input(format!(
                        "`{}` in `{}` holds {holds}, the pack wants a {}",
                        file.header.get(*column).unwrap_or(&wanted.name),
                        file.shown,
                        match &wanted.want {
                            Want::Value(ty) => ty.word(),
                            _ => "text",
                        }
                    )));
                }
            }
            list.push((Arc::new(file), layout));
        }
        let shown = match list.as_slice() {
            [] => String::new(),
            [(one, _)] => one.shown.clone(),
            [(first, _), ..] => first.path.parent().map_or_else(|| first.shown.clone(), |p| p.display().to_string()),
        };
        // The header of each column where a file has it: the first that does.
        let headers: Vec<Option<String>> = (0..spec.columns.len())
            .map(|i| {
                list.iter().find_map(|(file, layout)| {
                    layout.columns.get(i).copied().flatten().and_then(|c| file.header.get(c)).cloned()
                })
            })
            .collect();
        let mut found = super::find::formats(&spec, &shown, &headers, &sample::values(&spec, &list)?)?;
        notices.append(&mut found.notices);
        let files = list
            .into_iter()
            .map(|(file, layout)| {
                // Only in text files and workbooks can a word say that a text is not there.
                let of_text = matches!(file.kind, Kind::Csv | Kind::Excel);
                let formats = found.formats.iter().cloned();
                let formats = formats.map(|f| if of_text { f.in_text_file() } else { f }).collect();
                (file, Arc::new(Layout { formats, ..layout }))
            })
            .collect();
        let schema = spec.schema();
        Ok(Input { spec, schema, files })
    }

    /// Changes what is wanted.
    pub(crate) fn set_wants(&mut self, change: impl Fn(usize, &mut Want)) {
        for (i, column) in self.spec.columns.iter_mut().enumerate() {
            change(i, &mut column.want);
        }
        self.schema = self.spec.schema();
    }

    /// Whether the key is a whole number in every file.
    pub(crate) fn integer_key(&self) -> bool {
        self.files.iter().all(|(file, layout)| {
            let ty = layout.columns.first().copied().flatten().map(|c| file.data_type(c));
            ty.is_some_and(|t| t.is_integer() && t != DataType::UInt64)
        })
    }

    /// Whether a column is a text with few different values in every file.
    pub(crate) fn small_dictionary(&self, column: usize) -> bool {
        self.files.iter().all(|(file, layout)| {
            layout.columns.get(column).copied().flatten().is_none_or(|c| file.small_dictionary.get(c) == Some(&true))
        })
    }

    /// Rows, if the files say so without being read.
    pub(crate) fn known_rows(&self) -> Option<u64> {
        self.files.iter().map(|(file, _)| file.rows).sum()
    }

    /// The conformed good rows. With one partition they come in the order of the files; with more, in any.
    /// `careful` reads row by row.
    pub(crate) fn plan(
        &self,
        partitions: usize,
        careful: bool,
        counts: &Arc<Counts>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataError> {
        // Files of one header next to each other are one scan.
        let mut scans: Vec<(Arc<Layout>, Vec<Arc<DataFile>>)> = Vec::new();
        for (file, layout) in &self.files {
            match scans.last_mut() {
                Some((last, group))
                    if last == layout && group.last().is_some_and(|f| same_shape(f, file)) && file.is_fast() =>
                {
                    group.push(Arc::clone(file));
                }
                _ => scans.push((Arc::clone(layout), vec![Arc::clone(file)])),
            }
        }
        let mut plans = Vec::with_capacity(scans.len());
        for (layout, group) in scans {
            let row_by_row = careful || group.iter().any(|f| !f.is_fast());
            if row_by_row {
                for file in group {
                    plans.push(self.careful_plan(file, Arc::clone(&layout), counts)?);
                }
            } else {
                plans.push(self.scan_plan(&layout, &group, partitions, counts)?);
            }
        }
        if plans.len() > 1 {
            let union = UnionExec::try_new(plans)?;
            return if partitions == 1 { in_order(union) } else { Ok(union) };
        }
        plans.pop().ok_or_else(|| DataError::internal("a table without files"))
    }

    /// DataFusion's own scan, then our types.
    fn scan_plan(
        &self,
        layout: &Arc<Layout>,
        files: &[Arc<DataFile>],
        partitions: usize,
        counts: &Arc<Counts>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataError> {
        let Some(first) = files.first() else { return Err(DataError::internal("a scan without files")) };
        let projection = layout.projection();
        let file_schema = self.file_schema(first, layout);
        let source: Arc<dyn FileSource> = match first.kind {
            Kind::Parquet => Arc::new(ParquetSource::new(Arc::clone(&file_schema))),
            _ => Arc::new(CsvSource::new(Arc::clone(&file_schema)).with_csv_options(CsvOptions {
                has_header: Some(first.dialect.has_header),
                delimiter: first.dialect.fast().unwrap_or(b','),
                newlines_in_values: Some(true),
                truncated_rows: Some(false),
                ..CsvOptions::default()
            })),
        };
        let groups = partitions.clamp(1, files.len());
        let mut group_list: Vec<Vec<PartitionedFile>> = vec![Vec::new(); groups];
        for (i, file) in files.iter().enumerate() {
            let mut part = PartitionedFile::new_from_meta(file.meta.clone());
            if file.kind == Kind::Parquet {
                part = part.with_arrow_schema(Arc::clone(&file_schema));
            }
            if let Some(group) = group_list.get_mut(i * groups / files.len()) {
                group.push(part);
            }
        }
        let compression =
            if first.kind == Kind::Parquet { FileCompressionType::UNCOMPRESSED } else { first.compression };
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_groups(group_list.into_iter().map(FileGroup::new).collect())
            .with_file_compression_type(compression)
            .with_preserve_order(true)
            .with_projection_indices(Some(projection.clone()))?
            .build();
        let scan: Arc<dyn ExecutionPlan> = DataSourceExec::from_data_source(config);
        let places: Vec<Option<usize>> =
            layout.columns.iter().map(|c| c.and_then(|c| projection.iter().position(|p| *p == c))).collect();
        let shown = shown(files);
        let (table, csv) = (self.spec.table.clone(), first.kind == Kind::Csv);
        let broken = move |error: DataFusionError| scan_error(error, &table, &shown, csv);
        let (spec, schema, counts) = (self.spec.clone(), Arc::clone(&self.schema), Arc::clone(counts));
        let layout = Arc::clone(layout);
        let convert = Arc::new(move |batch: RecordBatch| -> Result<RecordBatch, DataError> {
            let raw: Vec<Option<ArrayRef>> =
                places.iter().map(|p| p.and_then(|p| batch.columns().get(p).cloned())).collect();
            let conformed = conform(&spec, &layout.formats, &schema, &raw, batch.num_rows(), &[])?;
            count(&counts, &spec, conformed, &schema)
        });
        let (output, broken) = (Arc::clone(&self.schema), Arc::new(broken));
        Ok(StreamExec::streaming(
            "Conform",
            scan,
            Arc::clone(&self.schema),
            Arc::new(move |stream| {
                let (convert, broken) = (Arc::clone(&convert), Arc::clone(&broken));
                work_ahead(stream, Arc::clone(&output), move |batch| match batch {
                    Ok(batch) => convert(batch).map_err(DataFusionError::from),
                    Err(error) => Err(DataFusionError::from(broken(error))),
                })
            }),
        ))
    }

    /// How the reader is to give the columns of a file.
    fn file_schema(&self, file: &DataFile, layout: &Layout) -> SchemaRef {
        let Some(types) = &file.types else {
            // By place, so that neither double nor odd headers matter.
            let fields: Vec<Field> =
                (0..file.header.len()).map(|i| Field::new(format!("c{i}"), DataType::Utf8, true)).collect();
            return Arc::new(Schema::new(fields));
        };
        let dictionaries: Vec<usize> = (self.spec.columns.iter().zip(&layout.columns))
            .filter(|(wanted, _)| wanted.want == Want::Dictionary)
            .filter_map(|(_, column)| *column)
            .collect();
        let fields: Vec<Field> = types
            .fields()
            .iter()
            .enumerate()
            .map(|(i, field)| {
                let ty = match field.data_type() {
                    DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if dictionaries.contains(&i) => {
                        super::table::dictionary()
                    }
                    DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
                    other => other.clone(),
                };
                field.as_ref().clone().with_data_type(ty)
            })
            .collect();
        Arc::new(Schema::new(fields))
    }

    fn careful_plan(
        &self,
        file: Arc<DataFile>,
        layout: Arc<Layout>,
        counts: &Arc<Counts>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataError> {
        let partition = CarefulScan {
            spec: self.spec.clone(),
            schema: Arc::clone(&self.schema),
            file,
            layout,
            counts: Arc::clone(counts),
        };
        let exec =
            StreamingTableExec::try_new(Arc::clone(&self.schema), vec![Arc::new(partition)], None, [], false, None)?;
        Ok(Arc::new(exec))
    }
}

fn same_shape(a: &DataFile, b: &DataFile) -> bool {
    let bare = |f: &DataFile| f.types.as_ref().map(|s| s.fields().clone());
    a.kind == b.kind
        && a.dialect == b.dialect
        && a.compression == b.compression
        && a.header == b.header
        && bare(a) == bare(b)
}

fn shown(files: &[Arc<DataFile>]) -> String {
    match files {
        [] => String::new(),
        [one] => format!("`{}`", one.shown),
        [first, rest @ ..] => format!("`{}` and {} more", first.shown, rest.len()),
    }
}

/// What stopped a scan. A CSV file that cannot be taken apart may still be read row by row.
fn scan_error(error: DataFusionError, table: &str, shown: &str, csv: bool) -> DataError {
    let error = DataError::from(error);
    let doing = format!("reading {shown}");
    match error.kind {
        DataErrorKind::Input if csv => {
            DataError { kind: DataErrorKind::Malformed(table.to_owned()), ..error.doing(doing) }
        }
        _ => error.doing(doing),
    }
}

/// Counts a conformed batch and keeps its good rows.
fn count(
    counts: &Counts,
    spec: &TableSpec,
    mut conformed: Conformed,
    schema: &SchemaRef,
) -> Result<RecordBatch, DataError> {
    counts.rows.fetch_add(conformed.batch.num_rows() as u64, Ordering::Relaxed);
    counts.reject(&conformed.bad);
    counts.see(std::mem::take(&mut conformed.seen));
    counts.limit.add(conformed.bad.len())?;
    let good = under_schema(conformed.good()?, schema)?;
    counts.look_for_unknown(spec, &good)?;
    Ok(good)
}

/// Reads one file row by row.
struct CarefulScan {
    spec: TableSpec,
    schema: SchemaRef,
    file: Arc<DataFile>,
    layout: Arc<Layout>,
    counts: Arc<Counts>,
}

impl fmt::Debug for CarefulScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CarefulScan").field("file", &self.file.shown).finish_non_exhaustive()
    }
}

impl PartitionStream for CarefulScan {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (spec, schema, counts) = (self.spec.clone(), Arc::clone(&self.schema), Arc::clone(&self.counts));
        // Rows that a database does not even send are counted there.
        let unseen = self.file.database.as_ref().map_or(Ok(0), |table| table.unseen());
        let opened = unseen.and_then(|unseen| {
            counts.rows.fetch_add(unseen, Ordering::Relaxed);
            counts.after_today.fetch_add(unseen, Ordering::Relaxed);
            chunks(&self.file, &self.spec, &self.layout, BATCH)
        });
        let layout = Arc::clone(&self.layout);
        let batches = match opened {
            Ok(list) => futures::future::Either::Left(futures::stream::iter(list)),
            Err(error) => futures::future::Either::Right(futures::stream::iter([Err(error)])),
        };
        let stream = batches.map(move |chunk| {
            let chunk = chunk?;
            let conformed = conform(&spec, &layout.formats, &schema, &chunk.columns, chunk.rows, &chunk.broken)?;
            Ok::<_, DataFusionError>(count(&counts, &spec, conformed, &schema)?)
        });
        let full = stream.try_filter(|batch| futures::future::ready(batch.num_rows() > 0));
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), full))
    }
}

/// The partitions of a plan one after the other, as one.
fn in_order(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>, DataError> {
    #[derive(Debug)]
    struct InOrder(Arc<dyn ExecutionPlan>, SchemaRef);
    impl PartitionStream for InOrder {
        fn schema(&self) -> &SchemaRef {
            &self.1
        }

        fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
            let plan = Arc::clone(&self.0);
            let partitions = plan.output_partitioning().partition_count();
            let stream =
                futures::stream::iter(0..partitions).map(move |p| plan.execute(p, Arc::clone(&context))).try_flatten();
            Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.1), stream))
        }
    }
    let schema = plan.schema();
    let partition = InOrder(plan, Arc::clone(&schema));
    Ok(Arc::new(StreamingTableExec::try_new(schema, vec![Arc::new(partition)], None, [], false, None)?))
}
