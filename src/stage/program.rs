//! A pack compiled for one run: the one thing every host calls.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::{Context, compile, compile_ranks, prevention, second_life};
use crate::engine::{Again, Code, ScriptErrors};
use crate::expr::Date;
use crate::pack::Pack;

/// Which rules decided, and as of when. Every decision carries it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Receipt {
    /// The pack's name.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// Its content hash.
    pub hash: String,
    /// `today`
    pub as_of: String,
}

impl Receipt {
    fn of(pack: &Pack, context: &Context) -> Receipt {
        Receipt {
            pack: pack.identity.name.clone(),
            version: pack.identity.version.clone(),
            hash: pack.identity.hash.clone(),
            as_of: context.as_of.to_string(),
        }
    }
}

/// An immutable, shareable program: records in, decisions out, both as Arrow record batches.
///
/// [`Program::apply`] is a pure function: the same batch gives the same bytes, wherever and however often it runs.
///
/// ```
/// use std::sync::Arc;
/// use arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};
/// use regain::{expr::Date, pack, stage::{Context, Program}};
///
/// let loaded = pack::load_from_texts(&[("pack.toml", r#"
///     [pack]
///     name = "tiny"
///     [record]
///     key = "customer_id"
///     [record.columns.last_order]
///     type = "date"
///     [[states]]
///     name = "dormant"
///     track = "recovery"
///     when = 'today - last_order > 180'
///     [[states]]
///     name = "active"
/// "#)]);
/// let pack = loaded.pack.ok_or("the pack has errors")?;
/// let program = Program::compile(&pack, &Context::at(Date::from_ymd(2026, 6, 30).ok_or("no such day")?));
/// let batch = RecordBatch::try_from_iter([
///     ("customer_id", Arc::new(StringArray::from(vec!["anna", "bert"])) as ArrayRef),
///     ("last_order", Arc::new(Date32Array::from(vec![Some(20_000), None]))),
/// ])?;
/// let decisions = program.apply(&batch)?.decisions;
/// assert_eq!(decisions.num_rows(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Program {
    code: Arc<Code>,
    receipt: Receipt,
}

/// What applying a program to one batch gave.
#[derive(Debug, Clone)]
pub struct Applied {
    /// One row per record, in the same order.
    pub decisions: RecordBatch,
    /// Script calls that failed; their values are missing.
    pub failures: ScriptErrors,
}

/// A batch that does not fit the pack: a column of the wrong type.
#[derive(Debug)]
pub struct ProgramError(pub(crate) ArrowError);

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ArrowError::SchemaError(text) | ArrowError::CastError(text) | ArrowError::InvalidArgumentError(text) => {
                f.write_str(text)
            }
            other => other.fmt(f),
        }
    }
}

impl std::error::Error for ProgramError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl Program {
    /// Compiles a pack for an as-of date.
    #[must_use]
    pub fn compile(pack: &Pack, context: &Context) -> Program {
        Program::of(pack, context, compile(pack, context))
    }

    /// Code of a pack, with its receipt.
    pub(super) fn of(pack: &Pack, context: &Context, code: Code) -> Program {
        Program { code: Arc::new(code), receipt: Receipt::of(pack, context) }
    }

    /// A program that gives, for each `rank` criterion, the value that is ranked: what a
    /// [`crate::reference::Reference`] is fitted from. `None` if the pack has no such criterion.
    #[must_use]
    pub fn ranks(pack: &Pack, as_of: Date) -> Option<Program> {
        pack.criteria.iter().any(|c| matches!(c.method, crate::pack::Method::Rank(..))).then(|| {
            let context = Context::at(as_of);
            Program::of(pack, &context, compile_ranks(pack, &context))
        })
    }

    /// A program that gives what the cause table and the early warnings are made of, see [`prevention::column`]. `None` if the pack
    /// has neither `[prevention]` nor `[[warnings]]`.
    #[must_use]
    pub fn prevention(pack: &Pack, context: &Context) -> Option<Program> {
        let code = prevention::compile(pack, pack.prevention.as_ref()?, context);
        Some(Program { code: Arc::new(code), receipt: Receipt::of(pack, context) })
    }

    /// A program that gives the two lives of those who came back and what is due for them, see [`second_life::column`]. `None` if
    /// the pack has no `[second_life]`.
    #[must_use]
    pub fn second_life(pack: &Pack, context: &Context) -> Option<Program> {
        let code = second_life::compile(pack, pack.second_life.as_ref()?, context);
        Some(Program { code: Arc::new(code), receipt: Receipt::of(pack, context) })
    }

    /// The same program giving only these columns, computing nothing that only the others need.
    #[must_use]
    pub fn project(&self, columns: &[&str]) -> Program {
        Program { code: Arc::new(self.code.project(columns)), receipt: self.receipt.clone() }
    }

    /// As [`Program::project`], and with what every script call gave in further columns behind them, so that
    /// [`crate::data::Held::decide_again`] need not call it again.
    #[must_use]
    pub fn keep(&self, columns: &[&str]) -> Program {
        Program { code: Arc::new(self.code.keep(columns)), receipt: self.receipt.clone() }
    }

    /// The columns that this program may decide otherwise than an earlier one, on whatever records; the others are equal
    /// to the byte.
    #[must_use]
    pub fn changed(&self, earlier: &Program) -> Vec<String> {
        self.code.changed(&earlier.code)
    }

    /// What of it must run again where an earlier program has decided, with these failures of its scripts.
    #[must_use]
    pub fn again(&self, earlier: &Program, failures: &ScriptErrors) -> Again {
        self.code.again(&earlier.code, failures)
    }

    /// Decides every record of a batch. Columns the batch lacks are missing for every record.
    ///
    /// # Errors
    /// If a column cannot be read as the type the pack declares.
    pub fn apply(&self, batch: &RecordBatch) -> Result<Applied, ProgramError> {
        let (decisions, failures) = self.code.run(batch).map_err(ProgramError)?;
        Ok(Applied { decisions, failures })
    }

    /// The columns it reads, in the types it likes best.
    #[must_use]
    pub fn input_schema(&self) -> SchemaRef {
        self.code.input_schema()
    }

    /// The columns it gives: the key, `suppressed`, `suppressed_because`, `state`, `track`, `cause`, `class`, `confidence`,
    /// `score.<criterion>` …, each dimension, `priority`, `grade`, `campaign`, `offer`, `channel`, `speaker`, `send_on`, `cost`,
    /// `success`, `value`, `net`, `money` (if the pack counts it), `reasons`, `overridden` and `override_ignored` (if the pack has `[override]`: why a
    /// person decided otherwise, and what of it names nothing of the pack; else missing), `pack`, `version`, `hash`, `as_of`.
    #[must_use]
    pub fn output_schema(&self) -> SchemaRef {
        self.code.output_schema()
    }

    /// The compiled code, for hosts of their own.
    #[must_use]
    pub fn code(&self) -> &Arc<Code> {
        &self.code
    }

    /// Which rules decide.
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }
}
