//! `regain explain`: one customer's decision, step by step.

use super::input::Prepared;
use super::{Exit, ExplainArgs, ExplainFormat, Failure, Terminal, prints};
use crate::data::OneRecord;
use crate::explain::{Events, Explanation, FailureTrace, Input, ScriptTrace, explain as trace, render};
use crate::expr::{Aggregate, Kind};
use crate::pack::{Pack, Rollup};
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
    let mut printed = pack.scripts.printed();
    let context = prepared.context(&args.input, terminal)?;
    // What fitting the population printed is not about her.
    prints::forget(&pack.scripts);
    let events = found
        .events
        .iter()
        .filter_map(|(name, batch)| Some(Events::of(pack.tables.get(name)?, std::slice::from_ref(batch), EVENTS)))
        .collect();
    let record = RowValues::from_batch(pack, &found.record, 0);
    let mut explanation = trace(pack, &context, Input { key: found.key.clone(), record, events });
    rollups_failed(&mut explanation, pack, &found);
    printed.lines.extend(pack.scripts.printed().lines);
    prints::show(printed, false, terminal);
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

/// Script calls that failed in the rollups of her events: said at the rollups that call a script of that name, and at the top.
fn rollups_failed(explanation: &mut Explanation, pack: &Pack, found: &OneRecord) {
    for (table, errors) in &found.rollup_errors {
        for error in errors.list() {
            let told = ScriptTrace {
                function: String::new(),
                script: format!("{}.rhai", error.module),
                line: error.line,
                message: error.message.unwrap_or_default(),
            };
            for rollup in pack.rollups.iter().filter(|r| r.table == *table && calls(r, &error.module)) {
                let shown = explanation.rollups.iter_mut().find(|shown| shown.name == rollup.name);
                if let Some(shown) = shown.filter(|shown| shown.script_error.is_none()) {
                    shown.script_error = Some(told.clone());
                }
            }
            explanation.failures.push(FailureTrace { place: format!("rollups over {table}"), error: told });
        }
    }
}

/// Whether a rollup calls a function of a script.
fn calls(rollup: &Rollup, module: &str) -> bool {
    let part = if let Aggregate::Share(part) = &rollup.aggregate { Some(part) } else { None };
    let mut found = false;
    for expr in rollup.value.iter().chain(&rollup.condition).chain(part) {
        expr.walk(&mut |e| found |= matches!(&e.kind, Kind::Script(signature, _) if signature.module == module));
    }
    found
}
