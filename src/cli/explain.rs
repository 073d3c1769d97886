//! `regain explain`: one customer's decision, step by step.

use super::input::Prepared;
use super::{Exit, ExplainArgs, ExplainFormat, Failure, Terminal};
use crate::explain::{Events, Input, explain as trace, render};
use crate::stage::RowValues;

/// How many of a customer's latest events are shown per table.
const EVENTS: usize = 5;

/// Runs the command.
///
/// # Errors
/// If the pack has errors, the data cannot be read, or there is no such customer.
pub fn explain(args: &ExplainArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let prepared = Prepared::new(&args.input, None, terminal)?;
    let run = prepared.open()?;
    let pack = &prepared.pack;
    let Some(found) = run.one(&args.key)? else {
        return Err(Failure::new(format!("there is no customer `{}` in the data as of {}", args.key, prepared.as_of))
            .help(format!(
                "keys are compared {}, in the column `{}`; a row that could not be read has no record",
                if pack.record.normalise.is_none() { "exactly" } else { "as `key_normalise` says" },
                pack.record.key
            )));
    };
    let context = prepared.context(&args.input, terminal)?;
    let events = found
        .events
        .iter()
        .filter_map(|(name, batch)| Some(Events::of(pack.tables.get(name)?, std::slice::from_ref(batch), EVENTS)))
        .collect();
    let record = RowValues::from_batch(pack, &found.record, 0);
    let explanation = trace(pack, &context, Input { key: found.key.clone(), record, events });
    match args.format {
        ExplainFormat::Table => terminal.print(&render(&explanation, terminal.width(), terminal.color()))?,
        ExplainFormat::Json => {
            let text = serde_json::to_string_pretty(&explanation).map_err(|e| Failure::new(e.to_string()))?;
            terminal.print(&text)?;
            terminal.print("\n")?;
        }
    }
    Ok(Exit::Fine)
}
