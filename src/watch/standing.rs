//! The decisions that stand: records in memory, the rules in force, and what these decided about those.
//!
//! When other rules come, only the columns they change are computed again; the records are not read again.

use std::sync::Arc;

use crate::compare::Side;
use crate::data::{DataError, Decided, Held};
use crate::expr::Date;
use crate::pack::Pack;
use crate::reference::Reference;
use crate::report::Layout;
use crate::stage::{Context, Program};

/// Rules in force and what they decided about records in memory.
///
/// The decisions take 8 bytes for a number and 4 for a text or date, about 200 of each customer with a dozen criteria, and 8
/// for what each script call gave. Of the earlier side only those columns are extra that were computed again; the others are
/// the same memory.
#[derive(Debug)]
pub struct Standing {
    pack: Arc<Pack>,
    context: Context,
    held: Arc<Held>,
    program: Program,
    decided: Arc<Decided>,
    threads: usize,
}

/// What other rules did.
#[derive(Debug, Clone)]
pub struct Followed {
    /// The rules that were in force before, and what they had decided.
    pub earlier: (Arc<Pack>, Context, Arc<Decided>),
    /// The columns of the decisions that were computed again, in their order; what is not among them is as it was.
    pub again: Vec<String>,
}

/// The columns that a comparison of decisions reads: all but sentences and receipts.
#[must_use]
pub fn compared(pack: &Pack, as_of: Date) -> Vec<String> {
    let mut columns = Layout::of(pack, as_of).columns();
    columns.retain(|name| !["suppressed_because", "overridden", "override_ignored"].contains(&name.as_str()));
    for name in ["confidence", "speaker", "send_on", "value"] {
        if !columns.iter().any(|known| known == name) {
            columns.push(name.to_owned());
        }
    }
    columns
}

/// A program that gives what a comparison reads.
fn program(pack: &Pack, context: &Context) -> Program {
    let columns = compared(pack, context.as_of);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    Program::compile(pack, context).keep(&columns)
}

impl Standing {
    /// Decides everything.
    ///
    /// # Errors
    /// As [`Held::decide`].
    pub fn open(pack: Arc<Pack>, context: Context, held: Arc<Held>, threads: usize) -> Result<Standing, DataError> {
        let program = program(&pack, &context);
        let decided = Arc::new(held.decide(&program, threads)?);
        Ok(Standing { pack, context, held, program, decided, threads })
    }

    /// Decides by other rules what they change. They must read the records as the earlier ones do: see
    /// [`crate::data::reads_same`]. Of the earlier decisions only those in the answer are kept.
    ///
    /// # Errors
    /// As [`Held::decide`]; the earlier rules stay in force then.
    pub fn follow(&mut self, pack: Arc<Pack>, context: Context) -> Result<Followed, DataError> {
        let program = program(&pack, &context);
        let (decided, again) =
            self.held.decide_again(&program, (&self.program, self.decided.as_ref()), self.threads)?;
        let earlier = (
            std::mem::replace(&mut self.pack, pack),
            std::mem::replace(&mut self.context, context),
            std::mem::replace(&mut self.decided, Arc::new(decided)),
        );
        self.program = program;
        Ok(Followed { earlier, again })
    }

    /// The population of other rules' `rank` criteria, fitted from the records in memory. Where the rules in force rank the same
    /// value, in a population fitted here, their table is taken as it is.
    ///
    /// # Errors
    /// As [`Held::decide`].
    pub fn fit(&self, pack: &Pack, as_of: Date) -> Result<Reference, DataError> {
        let known = &self.context.reference;
        let fitted_here = known.hash == self.pack.identity.hash && known.as_of == as_of.to_string();
        let earlier = Program::ranks(&self.pack, as_of).filter(|_| fitted_here);
        let (Some(earlier), Some(ranks)) = (earlier, Program::ranks(pack, as_of)) else {
            return self.held.fit(pack, as_of, self.threads);
        };
        let mut again = ranks.changed(&earlier);
        let schema = ranks.output_schema();
        let names = || schema.fields().iter().map(|f| f.name());
        again.extend(names().filter(|name| !known.tables.contains_key(*name)).cloned());
        let again: Vec<&str> = again.iter().map(String::as_str).collect();
        let mut reference = self.held.fit_with(&ranks.project(&again), pack, as_of, self.threads)?;
        for name in names() {
            if let (false, Some(table)) = (again.contains(&name.as_str()), known.tables.get(name)) {
                reference.tables.insert(name.clone(), table.clone());
            }
        }
        Ok(reference)
    }

    /// The rules in force and what they decided, for a comparison.
    #[must_use]
    pub fn side(&self) -> Side<'_> {
        Side { pack: &self.pack, context: &self.context, held: &self.held, decided: &self.decided }
    }

    /// The rules in force.
    #[must_use]
    pub fn pack(&self) -> &Arc<Pack> {
        &self.pack
    }

    /// As of when, against which population.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The records.
    #[must_use]
    pub fn held(&self) -> &Arc<Held> {
        &self.held
    }

    /// What the rules in force decided.
    #[must_use]
    pub fn decided(&self) -> &Arc<Decided> {
        &self.decided
    }
}

impl Followed {
    /// The earlier rules and decisions, for a comparison; `held` are the records both have decided about.
    #[must_use]
    pub fn side<'a>(&'a self, held: &'a Held) -> Side<'a> {
        let (pack, context, decided) = &self.earlier;
        Side { pack, context, held, decided }
    }
}
