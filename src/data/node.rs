//! Plan nodes: a function over batches as a DataFusion operator, and a decision program as a table.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
    ReplaceChildrenOptions, SendableRecordBatchStream,
};
use futures::{StreamExt, TryStreamExt};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::error::DataError;
use crate::engine::Code;

/// What an operator does to the stream of one partition.
pub(crate) type Transform = Arc<dyn Fn(SendableRecordBatchStream) -> SendableRecordBatchStream + Send + Sync>;

/// An operator that is one function: of batches ([`StreamExec::map`]) or of the stream of a partition.
///
/// Partitions stay apart and rows stay in order, unless the function itself does otherwise.
#[derive(Clone)]
pub(crate) struct StreamExec {
    name: &'static str,
    input: Arc<dyn ExecutionPlan>,
    transform: Transform,
    properties: Arc<PlanProperties>,
}

impl StreamExec {
    /// Transforms the stream of each partition. `schema` is that of the result.
    pub(crate) fn streaming(
        name: &'static str,
        input: Arc<dyn ExecutionPlan>,
        schema: SchemaRef,
        transform: Transform,
    ) -> Arc<dyn ExecutionPlan> {
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(input.output_partitioning().partition_count()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        Arc::new(Self { name, input, transform, properties })
    }

    /// Applies a function to each batch. An empty result is dropped.
    pub(crate) fn map(
        name: &'static str,
        input: Arc<dyn ExecutionPlan>,
        schema: SchemaRef,
        function: impl Fn(RecordBatch) -> Result<RecordBatch, DataError> + Send + Sync + 'static,
    ) -> Arc<dyn ExecutionPlan> {
        let function = Arc::new(function);
        let output = Arc::clone(&schema);
        let transform: Transform = Arc::new(move |stream| {
            let function = Arc::clone(&function);
            let mapped = stream.map(move |batch| function(batch?).map_err(DataFusionError::from));
            let full = mapped.try_filter(|batch| futures::future::ready(batch.num_rows() > 0));
            Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&output), full))
        });
        Self::streaming(name, input, schema, transform)
    }
}

/// Applies a function to the batches of a stream, in order. With several worker threads the next batches are worked on while the
/// stream is read on: reading a text file and making sense of its values then take two threads.
pub(crate) fn work_ahead(
    stream: SendableRecordBatchStream,
    schema: SchemaRef,
    function: impl Fn(Result<RecordBatch>) -> Result<RecordBatch> + Send + Sync + 'static,
) -> SendableRecordBatchStream {
    let workers = match Handle::try_current() {
        Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::MultiThread => handle.metrics().num_workers(),
        _ => 1,
    };
    let full = |batch: &RecordBatch| futures::future::ready(batch.num_rows() > 0);
    if workers < 2 {
        return Box::pin(RecordBatchStreamAdapter::new(schema, stream.map(function).try_filter(full)));
    }
    let function = Arc::new(function);
    let ahead = stream.map(move |batch| {
        let function = Arc::clone(&function);
        async move {
            tokio::spawn(async move { function(batch) })
                .await
                .unwrap_or_else(|e| Err(DataFusionError::from(DataError::internal(e))))
        }
    });
    Box::pin(RecordBatchStreamAdapter::new(schema, ahead.buffered(workers).try_filter(full)))
}

impl fmt::Debug for StreamExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamExec").field("name", &self.name).field("input", &self.input).finish_non_exhaustive()
    }
}

impl DisplayAs for StreamExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl ExecutionPlan for StreamExec {
    fn name(&self) -> &str {
        self.name
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match <[_; 1]>::try_from(children) {
            Ok([input]) => Ok(Self::streaming(self.name, input, self.schema(), Arc::clone(&self.transform))),
            Err(_) => Err(DataFusionError::Internal("one input expected".to_owned())),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        use datafusion::physical_plan::ChildrenPropertiesMode;
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        Ok((self.transform)(self.input.execute(partition, context)?))
    }
}

/// Puts a decision program on a plan: it streams, and uses as many cores as the plan has partitions.
///
/// Failed script calls leave their value missing, as always; to count them, run the program yourself.
#[must_use]
pub fn decide(input: Arc<dyn ExecutionPlan>, code: Arc<Code>) -> Arc<dyn ExecutionPlan> {
    let schema = code.output_schema();
    StreamExec::map("Decide", input, schema, move |batch| Ok(code.run(&batch)?.0))
}

/// A table of decisions over a table of records, for SQL and data frames: only the columns a query asks for are decided.
#[derive(Debug)]
pub struct DecisionTable {
    records: Arc<dyn TableProvider>,
    code: Arc<Code>,
}

impl DecisionTable {
    /// Over records whose columns are named as in the pack.
    #[must_use]
    pub fn new(records: Arc<dyn TableProvider>, code: Arc<Code>) -> Self {
        Self { records, code }
    }

    async fn plan(&self, state: &dyn Session, projection: Option<&Vec<usize>>) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = self.code.output_schema();
        let code = match projection {
            Some(columns) if !columns.is_empty() => {
                let names: Vec<&str> =
                    columns.iter().filter_map(|i| schema.fields().get(*i)).map(|f| f.name().as_str()).collect();
                Arc::new(self.code.project(&names))
            }
            _ => Arc::clone(&self.code),
        };
        // Only what the program reads is read.
        let wanted = code.input_schema();
        let records = self.records.schema();
        let needed: Vec<usize> = (0..records.fields().len())
            .filter(|i| wanted.column_with_name(records.field(*i).name()).is_some())
            .collect();
        let input = self.records.scan(state, Some(&needed), &[], None).await?;
        let plan = decide(input, code);
        if projection.is_some_and(Vec::is_empty) {
            // `count(*)`: rows without columns.
            let none = Arc::new(arrow::datatypes::Schema::empty());
            let schema = Arc::clone(&none);
            return Ok(StreamExec::map("Rows", plan, none, move |batch| {
                let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
                Ok(RecordBatch::try_new_with_options(Arc::clone(&schema), Vec::new(), &options)?)
            }));
        }
        Ok(plan)
    }
}

type Planned<'a> = Pin<Box<dyn Future<Output = Result<Arc<dyn ExecutionPlan>>> + Send + 'a>>;

impl TableProvider for DecisionTable {
    fn schema(&self) -> SchemaRef {
        self.code.output_schema()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn scan<'a, 'b, 'c, 'd, 'out>(
        &'a self,
        state: &'b dyn Session,
        projection: Option<&'c Vec<usize>>,
        _filters: &'d [Expr],
        _limit: Option<usize>,
    ) -> Planned<'out>
    where
        'a: 'out,
        'b: 'out,
        'c: 'out,
        'd: 'out,
        Self: 'out,
    {
        Box::pin(self.plan(state, projection))
    }
}

/// A plan as a table, for SQL. Made anew for every scan.
pub(crate) struct PlanTable {
    schema: SchemaRef,
    make: Arc<dyn Fn() -> Result<Arc<dyn ExecutionPlan>, DataError> + Send + Sync>,
}

impl PlanTable {
    pub(crate) fn new(
        schema: SchemaRef,
        make: impl Fn() -> Result<Arc<dyn ExecutionPlan>, DataError> + Send + Sync + 'static,
    ) -> Self {
        Self { schema, make: Arc::new(make) }
    }

    fn plan(&self, projection: Option<&Vec<usize>>) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = (self.make)()?;
        let Some(columns) = projection.cloned() else { return Ok(plan) };
        let schema = Arc::new(self.schema.project(&columns)?);
        Ok(StreamExec::map("Columns", plan, schema, move |batch| Ok(batch.project(&columns)?)))
    }
}

impl fmt::Debug for PlanTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlanTable").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl TableProvider for PlanTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn scan<'a, 'b, 'c, 'd, 'out>(
        &'a self,
        _state: &'b dyn Session,
        projection: Option<&'c Vec<usize>>,
        _filters: &'d [Expr],
        _limit: Option<usize>,
    ) -> Planned<'out>
    where
        'a: 'out,
        'b: 'out,
        'c: 'out,
        'd: 'out,
        Self: 'out,
    {
        Box::pin(futures::future::ready(self.plan(projection)))
    }
}
