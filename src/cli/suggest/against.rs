//! Champion against challenger: what another pack would have brought.

use std::sync::Arc;

use super::{AnswerFormat, Prepared, SuggestArgs, arms, joined, known, load, receipt, sources};
use crate::cli::{Exit, Failure, Input, Terminal};
use crate::data::Held;
use crate::evaluate::OutcomeRows;
use crate::expr::{Date, Type};
use crate::pack::Pack;
use crate::plan::read::PlanFile;
use crate::report::suggest::{Challenger, Head, policy_to_json, render_policy};
use crate::stage::{Program, cell};
use crate::suggest::from_plan;
use crate::suggest::policy::{Choices, judge};

/// Judges the challenger. Exit code 1 if nothing can be said of its whole plan.
pub(super) fn against(
    args: &SuggestArgs,
    pack: &Arc<Pack>,
    plan: PlanFile,
    rows: &OutcomeRows,
    (seen_on, decided_on): (Date, Date),
    name: &str,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let challenger = load(name, terminal)?;
    let same = !plan.receipt.hash.is_empty() && plan.receipt.hash == challenger.identity.hash;
    let joined = joined(plan, rows, pack, seen_on, terminal);
    let mismatches = arms(&joined, pack, seen_on)?;
    let known = known(&joined, pack, seen_on, terminal);
    let mut gathered = from_plan(pack, &joined.score_names, &known);
    gathered.sheet.untrusted = !mismatches.is_empty();
    let choices = choices(args, &challenger, name, decided_on, known.len(), terminal)?;
    let judged = judge(&gathered.sheet, &choices);
    let head = Head {
        receipt: receipt(pack, decided_on),
        plan: args.plan.as_ref().map(|p| p.display().to_string()),
        mismatches,
        next: Vec::new(),
    };
    let name = format!("{} {}", challenger.identity.name, challenger.identity.version);
    let shown = Challenger { name, same, contacts: choices.len() };
    match args.format {
        AnswerFormat::Table => {
            let currency = &gathered.sheet.currency;
            let text = render_policy(&judged, &head, &shown, currency, terminal.width(), terminal.color());
            terminal.print(&text)?;
        }
        AnswerFormat::Json => terminal.print(&format!("{:#}\n", policy_to_json(&judged, &head, &shown)))?,
    }
    let whole = judged.is_ok_and(|judged| judged.no_data.total() == 0);
    Ok(if whole { Exit::Fine } else { Exit::Findings })
}

/// The challenger's best campaign for the customers with the highest expected gain, as many as the plan has.
fn choices(
    args: &SuggestArgs,
    challenger: &Arc<Pack>,
    name: &str,
    day: Date,
    contacts: usize,
    terminal: &Terminal,
) -> Result<Choices, Failure> {
    let input = Input { pack: name.to_owned(), as_of: Some(day), ..args.input.clone() };
    let mut found = sources(challenger, name, &args.input.data);
    if found.is_empty() {
        found = sources(challenger, &args.input.pack, &args.input.data);
    }
    let prepared = Prepared::with(Arc::clone(challenger), found, &input, None, terminal)?;
    if !prepared.has_data() {
        return Err(Failure::new("both packs must decide the same customers, and there are no data")
            .help("give those the plan was made from with `--data NAME=PATH`"));
    }
    let held = Held::read(&prepared.open()?)?;
    let context = prepared.context_of(&held, &input, terminal)?;
    let key = challenger.record.key.as_str();
    let program = Program::compile(challenger, &context).project(&[key, "campaign", "net"]);
    let decided = held.decide(&program, prepared.threads())?;
    let mut list: Vec<(f64, Arc<str>, Arc<str>)> = Vec::new();
    for batch in &decided.batches {
        let (Some(keys), Some(campaigns), Some(nets)) =
            (batch.column_by_name(key), batch.column_by_name("campaign"), batch.column_by_name("net"))
        else {
            continue;
        };
        for row in 0..batch.num_rows() {
            let (key, campaign) = (cell(keys, row, Type::Text), cell(campaigns, row, Type::Text));
            if let (Some(key), Some(campaign)) = (key.as_text(), campaign.as_text()) {
                let net = cell(nets, row, Type::Number).as_number().unwrap_or(f64::NEG_INFINITY);
                list.push((net, Arc::from(key), Arc::from(campaign)));
            }
        }
    }
    list.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    Ok(list.into_iter().take(contacts).map(|(_, key, campaign)| (key, campaign)).collect())
}
