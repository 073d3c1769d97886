//! Running again only what another program computes otherwise.
//!
//! A column of equal fingerprint is taken as it is. And where a column that must be computed reads a value that an earlier
//! one holds, the graph is cut there and the value read instead, so that what lies above it does not run again.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::errors::ScriptErrors;
use super::fingerprint::{Print, Prints};
use super::machine::Code;
use super::op::{Bank, Id, Op};
use super::plan::{Output, OutputKind};
use crate::expr::Type;

/// What begins the name of a column that only holds what a script call gave: no name of a pack does.
const CALL: &str = "#";
/// So many calls are kept: a number of every record is a megabyte per 131,072 of them and call.
const CALLS: usize = 32;
/// What begins the name of an input that is an earlier column: no name of a pack does.
const EARLIER: &str = "#earlier ";

/// A program as far as it differs from an earlier one.
#[derive(Debug)]
pub struct Again {
    /// Computes what differs, from the records and the earlier columns; `None` if nothing does.
    code: Option<Code>,
    /// Where each column of the result comes from.
    columns: Vec<Origin>,
    /// Inputs of `code` that are earlier columns, by place.
    inputs: Vec<(String, usize)>,
    /// The columns of the result.
    schema: SchemaRef,
    /// Of the computed ones those that are decisions.
    names: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
enum Origin {
    Earlier(usize),
    Computed(usize),
}

/// How an earlier column is read in the place of a node.
#[derive(Debug, Clone, Copy)]
struct Held {
    column: usize,
    side: Option<bool>,
    ty: Type,
}

impl Code {
    /// As [`Code::project`], and behind these columns one for what each script call gave, so that a later program need
    /// not make it again. [`is_call`] tells them.
    #[must_use]
    pub fn keep(&self, columns: &[&str]) -> Code {
        let mut chosen: Vec<Output> =
            columns.iter().filter_map(|name| self.all.iter().find(|o| o.name == *name).cloned()).collect();
        let mut graph = (*self.graph).clone();
        for (number, id) in needed(&graph, &chosen, |op| matches!(op, Op::Script { .. })).into_iter().enumerate() {
            let Op::Script { call, .. } = graph.op(id) else { continue };
            let Some(signature) = graph.calls.get(*call as usize).cloned() else { continue };
            let kind = match (graph.bank(id), signature.result) {
                (Bank::Numbers, Type::Date) => OutputKind::Date(id),
                (Bank::Numbers, _) => OutputKind::Number(id),
                (Bank::Words, _) => OutputKind::Text(id),
                (Bank::Bytes, _) => OutputKind::Bool { yes: graph.is(id, 0), no: graph.is(id, 1) },
            };
            chosen.push(Output { name: format!("{CALL}{} {number}", signature.path()), kind });
            if number + 1 == CALLS {
                break;
            }
        }
        let mut all = (*self.all).clone();
        all.extend(chosen.iter().filter(|o| is_call(&o.name)).cloned());
        let (inputs, scripts) = (self.inputs.clone(), Arc::clone(&self.scripts));
        Code::planned(Arc::new(graph), scripts, inputs, Arc::new(all), &self.key, &chosen)
    }

    /// The columns of this program that an earlier one lacks or may compute otherwise. The others are equal to the
    /// byte on equal records.
    #[must_use]
    pub fn changed(&self, earlier: &Code) -> Vec<String> {
        let (prints, before) = (self.prints(), earlier.prints());
        let known: HashMap<&str, Print> =
            earlier.chosen().into_iter().map(|o| (o.name.as_str(), before.output(&o.kind))).collect();
        let chosen = self.chosen().into_iter();
        let changed = chosen.filter(|o| known.get(o.name.as_str()) != Some(&prints.output(&o.kind)));
        changed.map(|o| o.name.clone()).filter(|name| !is_call(name)).collect()
    }

    /// The fingerprint of every column: equal ones give equal values on equal records. Good within this process.
    #[must_use]
    pub fn fingerprints(&self) -> Vec<(String, u128)> {
        let prints = self.prints();
        self.chosen().into_iter().map(|o| (o.name.clone(), prints.output(&o.kind).number())).collect()
    }

    /// What of this program must run again where an earlier one has run. `failures` are all those of the earlier run: what
    /// calls a script that failed is computed again, so that the failures are found again, too.
    #[must_use]
    pub fn again(&self, earlier: &Code, failures: &ScriptErrors) -> Again {
        let (prints, before) = (self.prints(), earlier.prints());
        let failing = self.failing(failures);
        let mut columns: HashMap<Print, usize> = HashMap::new();
        let mut nodes: HashMap<Print, Held> = HashMap::new();
        for (column, output) in earlier.chosen().into_iter().enumerate() {
            columns.entry(before.output(&output.kind)).or_insert(column);
            let mut hold = |id: Id, side: Option<bool>, ty: Type| {
                nodes.entry(before.get(id)).or_insert(Held { column, side, ty });
            };
            match &output.kind {
                OutputKind::Number(id) => hold(*id, None, Type::Number),
                OutputKind::Date(id) => hold(*id, None, Type::Date),
                OutputKind::Text(id) => hold(*id, None, Type::Text),
                OutputKind::Mask(id) => hold(*id, Some(true), Type::Bool),
                OutputKind::Bool { yes, no } => {
                    hold(*yes, Some(true), Type::Bool);
                    hold(*no, Some(false), Type::Bool);
                }
                OutputKind::Input(..) | OutputKind::Constant(..) | OutputKind::Sentences(_) => {}
            }
        }

        let mut origins = Vec::new();
        let mut computed: Vec<Output> = Vec::new();
        for output in self.chosen() {
            let fails = output.kind.operand_ids().into_iter().any(|id| failing.contains(&id));
            match columns.get(&prints.output(&output.kind)).filter(|_| !fails) {
                Some(column) => origins.push(Origin::Earlier(*column)),
                None => {
                    origins.push(Origin::Computed(computed.len()));
                    computed.push(output.clone());
                }
            }
        }
        let names = computed.iter().map(|o| o.name.clone()).filter(|name| !is_call(name)).collect();
        let (code, inputs) = if computed.is_empty() {
            (None, Vec::new())
        } else {
            let (code, inputs) = self.cut(&prints, &nodes, &failing, &computed);
            (Some(code), inputs)
        };
        Again { code, columns: origins, inputs, names, schema: self.output_schema() }
    }

    /// Code for some outputs that reads held values where it can.
    fn cut(
        &self,
        prints: &Prints,
        nodes: &HashMap<Print, Held>,
        failing: &BTreeSet<Id>,
        computed: &[Output],
    ) -> (Code, Vec<(String, usize)>) {
        let mut graph = (*self.graph).clone();
        let mut inputs = self.inputs.clone();
        let mut added: Vec<(String, usize)> = Vec::new();
        for id in 0..graph.len() as Id {
            let op = graph.op(id);
            let given = matches!(op, Op::NumberIn(_) | Op::DateIn(_) | Op::BoolIn(..) | Op::TextIn(_));
            if given || op.is_constant() || failing.contains(&id) {
                continue;
            }
            let Some(held) = nodes.get(&prints.get(id)) else { continue };
            let name = format!("{EARLIER}{}", held.column);
            let at = inputs.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                inputs.push((name.clone(), held.ty));
                added.push((name, held.column));
                inputs.len() - 1
            });
            let at = at as u32;
            graph.replace(
                id,
                match (held.ty, held.side) {
                    (Type::Number, _) => Op::NumberIn(at),
                    (Type::Date, _) => Op::DateIn(at),
                    (Type::Text, _) => Op::TextIn(at),
                    (Type::Bool, side) => Op::BoolIn(at, side.unwrap_or(true)),
                },
            );
        }
        let outputs = Arc::new(computed.to_vec());
        let code = Code::planned(Arc::new(graph), Arc::clone(&self.scripts), inputs, outputs, &self.key, computed);
        (code, added)
    }

    /// The nodes that depend on a call of a script that failed.
    fn failing(&self, failures: &ScriptErrors) -> BTreeSet<Id> {
        let mut failing = BTreeSet::new();
        if failures.is_empty() {
            return failing;
        }
        let failures = failures.list();
        let modules: BTreeSet<&str> = failures.iter().map(|f| f.module.as_str()).collect();
        for id in 0..self.graph.len() as Id {
            let op = self.graph.op(id);
            let mut fails = op.operand_ids().iter().any(|operand| failing.contains(operand));
            if let Op::Script { call, .. } = op
                && let Some(signature) = self.graph.calls.get(*call as usize)
            {
                let reached = self.scripts.reached(&signature.module);
                fails |= reached.iter().any(|(name, _)| modules.contains(name));
            }
            if fails {
                failing.insert(id);
            }
        }
        failing
    }

    fn prints(&self) -> Prints {
        Prints::of(&self.graph, &self.inputs, &self.scripts)
    }

    /// The outputs it gives, in order.
    fn chosen(&self) -> Vec<&Output> {
        let schema = self.output_schema();
        schema.fields().iter().filter_map(|field| self.all.iter().find(|o| o.name == *field.name())).collect()
    }
}

/// Whether a column only holds what a script call gave.
#[must_use]
pub fn is_call(column: &str) -> bool {
    column.starts_with(CALL)
}

/// The nodes that some outputs need and that are of a kind, in order.
fn needed(graph: &super::graph::Graph, outputs: &[Output], of: impl Fn(&Op) -> bool) -> Vec<Id> {
    let mut needed: BTreeSet<Id> = outputs.iter().flat_map(|o| o.kind.operand_ids()).collect();
    let mut found = Vec::new();
    // Operands come before users: what is taken from the end is needed by nothing that is still to come.
    while let Some(id) = needed.pop_last() {
        let op = graph.op(id);
        needed.extend(op.operand_ids());
        if of(op) {
            found.push(id);
        }
    }
    found.reverse();
    found
}

impl Again {
    /// The columns that are computed, in their order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.names
    }

    /// The result the whole program would give of these records, where `earlier` is what the earlier one gave of them.
    ///
    /// # Errors
    /// A column of a type that cannot be read as its declared one.
    pub fn run(&self, records: &RecordBatch, earlier: &RecordBatch) -> Result<(RecordBatch, ScriptErrors), ArrowError> {
        let rows = records.num_rows();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let (computed, failures) = match &self.code {
            Some(code) => {
                let input = self.input(code, records, earlier, &options)?;
                let (batch, failures) = code.run(&input)?;
                (Some(batch), failures)
            }
            None => (None, ScriptErrors::default()),
        };
        let lost = || ArrowError::SchemaError("the earlier decisions are not about these records".to_owned());
        let column = |origin: &Origin| match origin {
            Origin::Earlier(at) => earlier.columns().get(*at).filter(|c| c.len() == rows).cloned(),
            Origin::Computed(at) => computed.as_ref().and_then(|batch| batch.columns().get(*at)).cloned(),
        };
        let columns: Option<Vec<ArrayRef>> = self.columns.iter().map(column).collect();
        let columns = columns.ok_or_else(lost)?;
        let fields = self.schema.fields().iter().zip(&columns).map(|(field, column)| {
            // The key has the type it has in the records.
            Field::new(field.name(), column.data_type().clone(), true)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok((RecordBatch::try_new_with_options(schema, columns, &options)?, failures))
    }

    /// What the code reads: of the records, and of the earlier columns.
    fn input(
        &self,
        code: &Code,
        records: &RecordBatch,
        earlier: &RecordBatch,
        options: &RecordBatchOptions,
    ) -> Result<RecordBatch, ArrowError> {
        let (mut fields, mut columns) = (Vec::new(), Vec::new());
        for field in code.input_schema().fields() {
            let name = field.name();
            let held = self.inputs.iter().find(|(input, _)| input == name).map(|(_, at)| *at);
            let column = match held {
                Some(at) => earlier.columns().get(at),
                // One the batch lacks is missing for every record.
                None => records.column_by_name(name),
            };
            if let Some(column) = column {
                fields.push(Field::new(name, column.data_type().clone(), true));
                columns.push(Arc::clone(column));
            }
        }
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, options)
    }
}
