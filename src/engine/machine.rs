//! Running register code over record batches.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::errors::ScriptErrors;
use super::failures::Failures;
use super::graph::Graph;
use super::input::{Column, column, prepare};
use super::kernels::{BLOCK, choose, masks, numbers, scores, words};
use super::memo::{Calling, Memos, related};
use super::op::Op;
use super::output::{Keys, Sink, constant, data_type, head};
use super::plan::{Output, OutputKind, Plan, Step, plan};
use super::registers::{CHUNK, Choice as Lanes, Registers};
use super::texts::Texts;
use crate::expr::Type;
use crate::script::{Scripts, begin_batch};

/// A finished program. Immutable and shared; every thread brings its own registers.
pub struct Code {
    pub(super) graph: Arc<Graph>,
    pub(super) scripts: Arc<Scripts>,
    /// Field and type of every input column; the plan says which are read.
    pub(super) inputs: Vec<(String, Type)>,
    /// Every output there is.
    pub(super) all: Arc<Vec<Output>>,
    pub(super) key: String,
    plan: Plan,
    input_schema: SchemaRef,
    output_schema: SchemaRef,
    /// Registers and memos that no run is using.
    idle: Mutex<Vec<Scratch>>,
}

/// What a run writes into, kept for the next one.
#[derive(Debug)]
struct Scratch {
    registers: Registers,
    texts: Texts,
    memos: Memos,
    keys: Keys,
    /// Columns that are the same on every row, as long as was needed so far.
    constants: Vec<Option<ArrayRef>>,
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("steps", &self.plan.steps.len()).field("outputs", &self.output_schema).finish()
    }
}

impl Code {
    pub(super) fn new(
        graph: Arc<Graph>,
        scripts: Arc<Scripts>,
        inputs: Vec<(String, Type)>,
        outputs: Arc<Vec<Output>>,
        key: &str,
    ) -> Code {
        let chosen = outputs.to_vec();
        Code::planned(graph, scripts, inputs, outputs, key, &chosen)
    }

    pub(super) fn planned(
        graph: Arc<Graph>,
        scripts: Arc<Scripts>,
        inputs: Vec<(String, Type)>,
        all: Arc<Vec<Output>>,
        key: &str,
        chosen: &[Output],
    ) -> Code {
        let plan = plan(&graph, chosen);
        let mut fields: Vec<Field> = Vec::new();
        let mut field = |name: &str, ty: Option<Type>| {
            if fields.iter().all(|f| f.name() != name) {
                fields.push(Field::new(name, ty.map_or(DataType::Utf8, data_type), true));
            }
        };
        field(key, inputs.iter().find(|(name, ty)| name == key && *ty != Type::Text).map(|(_, ty)| *ty));
        for (name, ty) in plan.inputs.iter().filter_map(|at| inputs.get(*at as usize)) {
            field(name, Some(*ty));
        }
        for output in chosen {
            if let OutputKind::Input(name, ty) = &output.kind {
                field(name, *ty);
            }
        }
        let outputs = chosen.iter().map(|output| {
            let ty = match &output.kind {
                OutputKind::Number(_) => Some(Type::Number),
                OutputKind::Date(_) => Some(Type::Date),
                OutputKind::Text(_) | OutputKind::Sentences(_) => Some(Type::Text),
                OutputKind::Bool { .. } | OutputKind::Mask(_) => Some(Type::Bool),
                OutputKind::Input(_, ty) => *ty,
                OutputKind::Constant(ty, _) => Some(*ty),
            };
            Field::new(&output.name, ty.map_or(DataType::Utf8, data_type), true)
        });
        let output_schema = Arc::new(Schema::new(outputs.collect::<Vec<_>>()));
        Code {
            graph,
            scripts,
            inputs,
            all,
            key: key.to_owned(),
            plan,
            input_schema: Arc::new(Schema::new(fields)),
            output_schema,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// The columns it reads: the key, and every input that an output depends on; name and type as [`Code::run`] likes
    /// them best (Float64, Date32, Boolean, Dictionary(Int32, Utf8) for texts). Other integer, float, text and date types
    /// are taken, too, and a batch may have more columns, or lack some.
    #[must_use]
    pub fn input_schema(&self) -> SchemaRef {
        Arc::clone(&self.input_schema)
    }

    /// All columns it can give. The key has the type of the input in every batch; see [`Code::output_schema_for`].
    #[must_use]
    pub fn output_schema(&self) -> SchemaRef {
        Arc::clone(&self.output_schema)
    }

    /// The columns of a batch made from batches of this schema.
    #[must_use]
    pub fn output_schema_for(&self, input: &Schema) -> SchemaRef {
        let fields = self.output_schema.fields().iter().zip(&self.plan.outputs).map(|(field, output)| {
            let actual = match &output.kind {
                OutputKind::Input(name, _) => input.field_with_name(name).ok().map(Field::data_type),
                _ => None,
            };
            match actual {
                Some(actual) if actual != field.data_type() => {
                    Arc::new(field.as_ref().clone().with_data_type(actual.clone()))
                }
                _ => Arc::clone(field),
            }
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// The same program, giving only these columns (in this order), computing nothing the others alone need. Names it does
    /// not have are left out.
    #[must_use]
    pub fn project(&self, columns: &[&str]) -> Code {
        let chosen: Vec<Output> =
            columns.iter().filter_map(|name| self.all.iter().find(|o| o.name == *name).cloned()).collect();
        Code::planned(
            Arc::clone(&self.graph),
            Arc::clone(&self.scripts),
            self.inputs.clone(),
            Arc::clone(&self.all),
            &self.key,
            &chosen,
        )
    }

    /// Runs over one batch. The same input gives the same bytes, whatever the batch boundaries.
    ///
    /// # Errors
    /// A column of a type that cannot be read as its declared one.
    pub fn run(&self, batch: &RecordBatch) -> Result<(RecordBatch, ScriptErrors), ArrowError> {
        let (made, failures) = self.run_rows(batch)?;
        Ok((made, failures.counted(batch.num_rows(), None, batch.column_by_name(&self.key))))
    }

    /// As [`Code::run`], where several rows belong to one customer: in the counts of script errors she is one. The groups are
    /// in order of key and leave no row out.
    ///
    /// # Errors
    /// As [`Code::run`].
    pub(crate) fn run_grouped(
        &self,
        batch: &RecordBatch,
        groups: &[Range<usize>],
    ) -> Result<(RecordBatch, ScriptErrors), ArrowError> {
        let (made, failures) = self.run_rows(batch)?;
        Ok((made, failures.counted(batch.num_rows(), Some(groups), batch.column_by_name(&self.key))))
    }

    fn run_rows(&self, batch: &RecordBatch) -> Result<(RecordBatch, Failures), ArrowError> {
        let rows = batch.num_rows();
        let mut arrays: Vec<Option<ArrayRef>> = vec![None; self.inputs.len()];
        for at in &self.plan.inputs {
            if let (Some(slot), Some((name, ty))) = (arrays.get_mut(*at as usize), self.inputs.get(*at as usize)) {
                *slot = batch.column_by_name(name).map(|array| prepare(name, *ty, array)).transpose()?;
            }
        }
        let mut columns: Vec<Column<'_>> = arrays.iter().map(|a| a.as_ref().map_or(Column::Missing, column)).collect();

        let mut scratch = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_else(|| Scratch {
            registers: Registers::new(&self.plan),
            texts: Texts::new(self.graph.texts.iter()),
            memos: Memos::default(),
            keys: Keys::default(),
            constants: vec![None; self.plan.outputs.len()],
        });
        if scratch.texts.tidy() {
            scratch.memos.forget();
        }

        let mut sinks: Vec<Sink> = self.plan.outputs.iter().map(|o| Sink::new(&o.kind, rows)).collect();
        let mut failures = Failures::default();
        let _time = begin_batch(self.scripts.limits().max_batch_seconds);
        for start in (0..rows).step_by(CHUNK) {
            let chunk = Chunk { start, rows: CHUNK.min(rows - start), batch: rows };
            self.chunk(chunk, &mut scratch, &mut columns, &mut sinks, &mut failures);
        }

        let mut made = Vec::with_capacity(sinks.len());
        for ((output, sink), known) in self.plan.outputs.iter().zip(sinks).zip(&mut scratch.constants) {
            made.push(match &output.kind {
                OutputKind::Input(name, ty) => match batch.column_by_name(name) {
                    Some(array) => Arc::clone(array),
                    None => new_null_array(&ty.map_or(DataType::Utf8, data_type), rows),
                },
                OutputKind::Constant(ty, value) => match known.as_ref().and_then(|array| head(array, rows)) {
                    Some(array) => array,
                    None => Arc::clone(known.insert(constant(*ty, value, rows)?)),
                },
                _ => sink.finish(rows)?,
            });
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        let same = self.output_schema.fields().iter().zip(&made).all(|(f, a)| f.data_type() == a.data_type());
        let schema = if same { Arc::clone(&self.output_schema) } else { self.output_schema_for(&batch.schema()) };
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let made = RecordBatch::try_new_with_options(schema, made, &options)?;
        Ok((made, failures))
    }

    /// Runs all steps over one chunk.
    fn chunk(
        &self,
        chunk: Chunk,
        scratch: &mut Scratch,
        columns: &mut [Column<'_>],
        sinks: &mut [Sink],
        failures: &mut Failures,
    ) {
        let n = chunk.rows.next_multiple_of(BLOCK);
        let mut at = 0;
        while let Some(step) = self.plan.steps.get(at) {
            at += 1;
            match step {
                Step::Do(op, out) => self.execute(op, *out, n, chunk, scratch, columns, failures),
                Step::Open { choice, wide, open, within } => {
                    let r = &mut scratch.registers;
                    r.write_bytes(*open, n, |out, r| out.copy_from_slice(r.bytes(*within, n)));
                    if *wide {
                        r.write_words(*choice, n, |out, _| out.fill(0));
                    } else {
                        r.write_bytes(*choice, n, |out, _| out.fill(0));
                    }
                }
                Step::Try { choice, wide, open, mask, alternative } => {
                    scratch.registers.step(*choice, *wide, *open, n, |choice, open, r| {
                        let mask = r.bytes(*mask, n);
                        match choice {
                            Lanes::Narrow(choice) => choose::step(choice, open, mask, *alternative),
                            Lanes::Wide(choice) => choose::step(choice, open, mask, *alternative),
                        }
                    });
                }
                Step::Skip { open, to } => {
                    if !masks::any(scratch.registers.bytes(*open, chunk.rows)) {
                        at = *to;
                    }
                }
                Step::Store(output) => {
                    if let (Some(sink), Some(output)) = (sinks.get_mut(*output), self.plan.outputs.get(*output)) {
                        let Scratch { registers, texts, keys, .. } = scratch;
                        sink.store(&output.kind, registers, chunk.rows, texts, keys);
                    }
                }
            }
        }
    }

    /// Computes one value over one chunk of `n` lanes.
    #[expect(clippy::too_many_arguments, reason = "the parts of one run, borrowed apart")]
    fn execute(
        &self,
        op: &Op,
        out: u32,
        n: usize,
        chunk: Chunk,
        scratch: &mut Scratch,
        columns: &mut [Column<'_>],
        failures: &mut Failures,
    ) {
        let graph = &*self.graph;
        let Scratch { registers, texts, memos, .. } = scratch;
        let Chunk { start, rows, batch } = chunk;
        match op {
            Op::Number(_) | Op::Fill(_) | Op::Text(_) | Op::First { .. } => {}

            Op::NumberIn(at) => {
                registers.write_numbers(out, n, |out, _| input(columns, *at, |c| c.numbers(out, start, rows)))
            }
            Op::DateIn(at) => {
                registers.write_numbers(out, n, |out, _| input(columns, *at, |c| c.dates(out, start, rows)))
            }
            Op::BoolIn(at, side) => registers.write_bytes(out, n, |out, _| {
                input(columns, *at, |c| c.bools(out, start, rows, *side));
            }),
            Op::TextIn(at) => registers.write_words(out, n, |out, _| {
                input(columns, *at, |c| c.texts(out, start, rows, texts));
            }),

            Op::Arith(op, a, b) => {
                registers.write_numbers(out, n, |out, r| numbers::arith(*op, out, r.arg(*a, n), r.arg(*b, n)));
            }
            Op::Unary(op, a) => registers.write_numbers(out, n, |out, r| numbers::unary(*op, out, r.numbers(*a, n))),
            Op::Binary(op, a, b) => {
                registers.write_numbers(out, n, |out, r| numbers::binary(*op, out, r.arg(*a, n), r.arg(*b, n)));
            }
            Op::Clamp(a, low, high) => registers.write_numbers(out, n, |out, r| {
                numbers::clamp(out, r.numbers(*a, n), low.get(), high.get());
            }),
            Op::Else(a, b) => {
                registers.write_numbers(out, n, |out, r| numbers::or_else(out, r.numbers(*a, n), r.arg(*b, n)));
            }
            Op::Pick(mask, a, b) => registers.write_numbers(out, n, |out, r| {
                numbers::pick(out, r.bytes(*mask, n), r.arg(*a, n), r.arg(*b, n));
            }),
            Op::OfChoice { choice, wide, numbers } => registers.write_numbers(out, n, |out, r| {
                let args = numbers.iter().map(|src| r.arg(*src, n));
                if *wide {
                    choose::numbers(out, r.words(*choice, n), args);
                } else {
                    choose::numbers(out, r.bytes(*choice, n), args);
                }
            }),
            Op::Weigh(terms) => registers.write_numbers(out, n, |out, r| {
                scores::weigh(out, terms.iter().map(|(mask, weight)| (r.bytes(*mask, n), weight.get())));
            }),
            Op::Share { choice, wide, numbers } => registers.write_numbers(out, n, |out, r| {
                let lanes = numbers.iter().map(|id| r.numbers(*id, n));
                if *wide {
                    choose::share(out, r.words(*choice, n), lanes);
                } else {
                    choose::share(out, r.bytes(*choice, n), lanes);
                }
            }),
            Op::Bands(a, bands, rest) => {
                registers.write_numbers(out, n, |out, r| scores::bands(out, r.numbers(*a, n), bands, rest.get()));
            }
            Op::Curve(a, at) => registers.write_numbers(out, n, |out, r| {
                if let Some(curve) = graph.curves.get(*at as usize) {
                    scores::curve(out, r.numbers(*a, n), curve);
                }
            }),
            Op::Measure(at, a) => {
                registers.write_numbers(out, n, |out, r| memos.measure(graph, *at, out, r.words(*a, n), texts));
            }
            Op::Mean(terms) => registers.write_numbers(out, n, |out, r| {
                scores::mean(out, terms.iter().map(|(id, weight)| (r.numbers(*id, n), weight.get())));
            }),

            Op::And(a, b) => registers.write_bytes(out, n, |out, r| masks::and(out, r.bytes(*a, n), r.bytes(*b, n))),
            Op::Or(a, b) => registers.write_bytes(out, n, |out, r| masks::or(out, r.bytes(*a, n), r.bytes(*b, n))),
            Op::AndNot(a, b) => {
                registers.write_bytes(out, n, |out, r| masks::and_not(out, r.bytes(*a, n), r.bytes(*b, n)));
            }
            Op::Not(a) => registers.write_bytes(out, n, |out, r| masks::not(out, r.bytes(*a, n))),
            Op::PickMask(mask, a, b) => registers.write_bytes(out, n, |out, r| {
                masks::pick(out, r.bytes(*mask, n), r.bytes(*a, n), r.bytes(*b, n));
            }),
            Op::Compare(op, a, b) => {
                registers.write_bytes(out, n, |out, r| numbers::compare(*op, out, r.arg(*a, n), r.arg(*b, n)));
            }
            Op::There(a) => registers.write_bytes(out, n, |out, r| numbers::there(out, r.numbers(*a, n))),
            Op::TextThere(a) => registers.write_bytes(out, n, |out, r| words::there(out, r.words(*a, n))),
            Op::TextIs(a, code, same) => {
                registers.write_bytes(out, n, |out, r| words::is(out, r.words(*a, n), *code, *same));
            }
            Op::TextSame(a, b, same) => {
                registers.write_bytes(out, n, |out, r| words::same(out, r.words(*a, n), r.words(*b, n), *same));
            }
            Op::Test(at, a, side) => {
                registers.write_bytes(out, n, |out, r| memos.test(graph, *at, out, r.words(*a, n), *side, texts));
            }
            Op::Related(rel, a, b, side) => {
                registers
                    .write_bytes(out, n, |out, r| related(*rel, out, r.words(*a, n), r.words(*b, n), *side, texts));
            }
            Op::Is { choice, wide, index } => registers.write_bytes(out, n, |out, r| {
                if *wide {
                    masks::is(out, r.words(*choice, n), *index as usize);
                } else {
                    masks::is(out, r.bytes(*choice, n), *index as usize);
                }
            }),

            Op::Highest { within, numbers, minimum, wide } => {
                if *wide {
                    registers.write_words(out, n, |out, r| {
                        let lanes = numbers.iter().map(|id| r.numbers(*id, n));
                        choose::highest(out, r.bytes(*within, n), lanes, minimum.get());
                    });
                } else {
                    registers.write_bytes(out, n, |out, r| {
                        let lanes = numbers.iter().map(|id| r.numbers(*id, n));
                        choose::highest(out, r.bytes(*within, n), lanes, minimum.get());
                    });
                }
            }
            Op::Best { alternatives, wide } => {
                if *wide {
                    registers.write_words(out, n, |out, r| {
                        choose::best(out, alternatives.iter().map(|(m, x)| (r.bytes(*m, n), r.numbers(*x, n))));
                    });
                } else {
                    registers.write_bytes(out, n, |out, r| {
                        choose::best(out, alternatives.iter().map(|(m, x)| (r.bytes(*m, n), r.numbers(*x, n))));
                    });
                }
            }

            Op::Map(map, a) => registers.write_words(out, n, |out, r| memos.map(*map, out, r.words(*a, n), texts)),
            Op::ElseText(a, b) => {
                registers.write_words(out, n, |out, r| words::or_else(out, r.words(*a, n), r.words(*b, n)));
            }
            Op::PickText(mask, a, b) => registers.write_words(out, n, |out, r| {
                words::pick(out, r.bytes(*mask, n), r.words(*a, n), r.words(*b, n));
            }),
            Op::TextOfChoice { choice, wide, texts } => registers.write_words(out, n, |out, r| {
                if *wide {
                    choose::lookup(out, r.words(*choice, n), texts);
                } else {
                    choose::lookup(out, r.bytes(*choice, n), texts);
                }
            }),

            Op::Script { call, within, meant, arguments } => {
                if meant != within {
                    failures.call_all(start, registers.bytes(*meant, rows), batch);
                }
                let calling = Calling { scripts: &self.scripts, graph, start, rows, batch, failures };
                match graph.calls.get(*call as usize).map(|s| s.result) {
                    Some(Type::Text) => registers.write_words(out, n, |out, r| {
                        let rows = (r.bytes(*within, n), arguments.as_slice());
                        memos.call(*call, calling, rows, r, texts, |row, _, code, _| set(out, row, code));
                    }),
                    Some(Type::Bool) => registers.write_bytes(out, n, |out, r| {
                        let rows = (r.bytes(*within, n), arguments.as_slice());
                        memos.call(*call, calling, rows, r, texts, |row, _, _, truth| set(out, row, truth));
                    }),
                    _ => registers.write_numbers(out, n, |out, r| {
                        let rows = (r.bytes(*within, n), arguments.as_slice());
                        memos.call(*call, calling, rows, r, texts, |row, number, _, _| set(out, row, number));
                    }),
                }
            }
        }
    }
}

/// A part of a batch.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    start: usize,
    rows: usize,
    /// Rows of the whole batch.
    batch: usize,
}

fn input(columns: &mut [Column<'_>], at: u32, read: impl FnOnce(&mut Column<'_>)) {
    if let Some(column) = columns.get_mut(at as usize) {
        read(column);
    }
}

fn set<T>(out: &mut [T], row: usize, value: T) {
    if let Some(slot) = out.get_mut(row) {
        *slot = value;
    }
}
