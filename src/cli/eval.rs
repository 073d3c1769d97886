//! `regain eval`: tries an expression on one customer, of the data or made up, and shows where its value comes from.

mod complete;
mod draw;
mod expression;
mod given;
mod prompt;
mod session;

use clap::{Args, ValueEnum};

use super::{Exit, Failure, Input, Terminal};
use crate::draw::Paint;
use session::{Answer, Session};

/// Arguments of `regain eval`.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
    /// The expression. Every name of the pack may be used, also what the rules decide, such as `state` or `score.payment`, and
    /// aggregates of events, such as `sum(orders.amount)`. Without one a prompt asks for them; what is piped in is read line by
    /// line.
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    pub expression: Option<String>,
    /// The customer of the data to try it on.
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// A value by hand: a column, rollup, fact or parameter, or `state`, `cause`, `grade` or a score; `()` is missing. May be
    /// repeated. Together with --key it changes that customer, alone it makes one up.
    #[arg(long = "set", value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pub set: Vec<String>,
    /// How many names deep to look: 0 shows the value of a name only, 1 also what a fact is made of, 2 the facts in it, and so
    /// on.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub depth: usize,
    /// What to print.
    #[arg(long, value_enum, default_value_t = EvalFormat::Table)]
    pub format: EvalFormat,
}

/// What `regain eval` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EvalFormat {
    /// For people: the value, below it the tree of its parts.
    Table,
    /// For programs: one object an expression.
    Json,
}

/// Runs the command. Exit code 2 if the expression has errors; of several that were piped in, 1 if any had.
///
/// # Errors
/// If the pack has errors, the data cannot be read, there is no such customer, or a value cannot be set.
pub fn eval(args: &EvalArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut session = Session::new(&args.input, terminal)?;
    session.depth = args.depth;
    if let Some(key) = &args.key {
        session.look_up(key)?;
    }
    for text in &args.set {
        session.set(text)?;
    }
    match &args.expression {
        Some(text) => Ok(match session.evaluate(text)? {
            Some(answer) => {
                terminal.print(&show(&answer, args.format, true, terminal)?)?;
                Exit::Fine
            }
            None => Exit::CouldNotRun,
        }),
        None => prompt::ask(session, args.format, terminal),
    }
}

/// An answer as it is printed. `alone`: not one of many.
fn show(answer: &Answer, format: EvalFormat, alone: bool, terminal: &Terminal) -> Result<String, Failure> {
    match format {
        EvalFormat::Table => {
            let said =
                |why: &&String| answer.part.unknown.as_ref().is_some_and(|unknown| unknown.contains(why.as_str()));
            let remark = answer.suppressed.as_ref().filter(|why| !said(why)).map(|why| {
                let who = answer.key.as_deref().unwrap_or("the customer");
                format!("{who} is suppressed, so nothing is decided about her: {why}")
            });
            Ok(draw::answer(&answer.part, remark.as_deref(), terminal.width(), Paint::new(terminal.color())))
        }
        EvalFormat::Json => {
            let text = if alone { serde_json::to_string_pretty(answer) } else { serde_json::to_string(answer) };
            Ok(text.map_err(|e| Failure::new(e.to_string()))? + "\n")
        }
    }
}
