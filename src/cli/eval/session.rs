//! What expressions are tried on: a pack, a day, a customer of the data, values given by hand.

use std::sync::Arc;

use serde::Serialize;

use super::expression::{self, Compiled};
use super::given::{self, Given};
use crate::cli::input::Prepared;
use crate::cli::{Failure, Input, Terminal, prints};
use crate::data::{OneRecord, roll_up};
use crate::diag::Sources;
use crate::explain::{Lamp, Part, unfold};
use crate::expr::{Slot, Stage, Value};
use crate::pack::Pack;
use crate::stage::{Context, Decision, RowValues, decide, suppressed_because};

/// All that an expression needs besides itself.
pub(super) struct Session<'a> {
    prepared: Prepared,
    context: Context,
    terminal: &'a Terminal,
    customer: Option<OneRecord>,
    given: Vec<Given>,
    /// How many names deep the trace goes.
    pub(super) depth: usize,
}

/// The answer to one expression.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    /// As typed.
    pub(super) expression: String,
    /// Which customer of the data.
    pub(super) key: Option<String>,
    /// `today`
    pub(super) as_of: String,
    /// Why nothing is decided about her.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suppressed: Option<String>,
    /// The value and what it is made of.
    #[serde(flatten)]
    pub(super) part: Part,
}

impl<'a> Session<'a> {
    /// Loads the pack. Data are only needed for a customer, and for the population of `rank` criteria.
    pub(super) fn new(input: &Input, terminal: &'a Terminal) -> Result<Self, Failure> {
        let prepared = Prepared::new(input, None, terminal)?;
        let context = prepared.context(input, terminal)?;
        Ok(Self { prepared, context, terminal, customer: None, given: Vec::new(), depth: 1 })
    }

    pub(super) fn pack(&self) -> &Arc<Pack> {
        &self.prepared.pack
    }

    /// The customer's key, as it stands in the data.
    pub(super) fn key(&self) -> Option<&str> {
        self.customer.as_ref().map(|c| c.key.as_str())
    }

    /// Takes a customer of the data.
    pub(super) fn look_up(&mut self, key: &str) -> Result<(), Failure> {
        if !self.prepared.has_data() {
            return Err(Failure::new("there are no data to look a customer up in")
                .help("say where they are: `--data NAME=PATH`; or give values by hand with `--set name=value`"));
        }
        let Some(found) = self.prepared.open()?.one(key)? else {
            let (pack, as_of) = (self.pack(), self.context.as_of);
            return Err(Failure::new(format!("there is no customer `{key}` in the data as of {as_of}"))
                .help(format!("keys are compared in the column `{}`", pack.record.key)));
        };
        self.customer = Some(found);
        Ok(())
    }

    /// Gives a name a value: `name=value`.
    pub(super) fn set(&mut self, text: &str) -> Result<(), Failure> {
        let given = Given::parse(self.pack(), text)?;
        if let Some(remark) = &given.remark {
            self.terminal.warning(remark);
        }
        self.given.retain(|g| g.slot != given.slot);
        self.given.push(given);
        Ok(())
    }

    /// Takes a value back; whether there was one.
    pub(super) fn unset(&mut self, name: &str) -> Result<bool, Failure> {
        let slot = given::find(self.pack(), name.trim())?;
        let before = self.given.len();
        self.given.retain(|g| g.slot != slot);
        Ok(self.given.len() < before)
    }

    /// Values given by hand, with their names.
    pub(super) fn given(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.given.iter().map(|g| (self.prepared.pack.names.get(g.slot).name.as_str(), &g.value))
    }

    /// The value of every name, decided as far as the rules do.
    pub(super) fn decision(&self) -> Decision {
        let mut pack = (**self.pack()).clone();
        let mut record = self.record(&pack);
        given::put(&self.given, &mut pack, &mut record);
        decide(&pack, &self.context, record)
    }

    fn record(&self, pack: &Pack) -> RowValues {
        match &self.customer {
            Some(customer) => RowValues::from_batch(pack, &customer.record, 0),
            None => RowValues::new(pack),
        }
    }

    /// Evaluates an expression. `None` if it has errors: then they were shown.
    pub(super) fn evaluate(&self, text: &str) -> Result<Option<Answer>, Failure> {
        let read = self.read(text);
        let Some(compiled) = read.0 else { return Ok(None) };
        self.answer(text.trim(), compiled, &read.1).map(Some)
    }

    /// The type of an expression, as a word. `None` if it has errors: then they were shown.
    pub(super) fn type_of(&self, text: &str) -> Option<&'static str> {
        self.read(text).0.map(|compiled| compiled.expr.ty.word())
    }

    fn read(&self, text: &str) -> (Option<Compiled>, Sources) {
        let read = expression::read(self.pack(), text);
        self.terminal.diagnostics(&read.diagnostics, &read.sources);
        (read.compiled, read.sources)
    }

    fn answer(&self, text: &str, compiled: Compiled, sources: &Sources) -> Result<Answer, Failure> {
        let Compiled { expr, mut pack, rollups } = compiled;
        let mut record = self.record(&pack);
        for rollup in &rollups {
            let Some(customer) = &self.customer else {
                return Err(Failure::new(format!("`{}` reads the events of a customer", rollup.text))
                    .help("say whose: `--key KEY`, with the events as `--data TABLE=PATH`"));
            };
            let Some((_, events)) = customer.events.iter().find(|(table, _)| *table == rollup.table) else {
                return Err(Failure::new(format!("`{}`: there are no data of `{}`", rollup.text, rollup.table))
                    .help(format!("say where they are: `--data {}=PATH`", rollup.table)));
            };
            record.set(rollup.slot, roll_up(&pack, rollup, self.context.as_of, events)?);
        }
        given::put(&self.given, &mut pack, &mut record);
        let decision = decide(&pack, &self.context, record);
        let given: Vec<Slot> = self.given.iter().map(|g| g.slot).collect();
        let lamp = Lamp {
            pack: &pack,
            context: &self.context,
            decision: &decision,
            sources,
            given: &given,
            depth: self.depth,
        };
        // What deciding her printed is not about this expression.
        prints::forget(&pack.scripts);
        let part = unfold(&lamp, &expr);
        prints::show(pack.scripts.printed(), false, self.terminal);
        let reads_decided = expr.slots().iter().any(|s| pack.names.get(*s).stage > Stage::Fact);
        let suppressed = decision.suppressed.filter(|_| reads_decided).and_then(|i| pack.suppress.get(i));
        Ok(Answer {
            expression: text.to_owned(),
            key: self.key().map(str::to_owned),
            as_of: self.context.as_of.to_string(),
            suppressed: suppressed.map(|rule| suppressed_because(&pack, rule, &decision.values)),
            part,
        })
    }
}
