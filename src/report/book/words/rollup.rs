//! Rollups in words: `count(orders, orders.amount > 100)` as "number of rows of orders where amount is more than 100".

use super::super::index::{Index, anchor};
use super::super::model::{Inline, Line};
use super::super::number::{percent, spaced};
use super::{Tie, Words, text};
use crate::expr::{Aggregate, Expr, Type};
use crate::pack::{Pack, Rollup};

/// What a rollup computes.
pub(in super::super) fn rollup(pack: &Pack, index: &Index, rollup: &Rollup) -> Line {
    let Some(table) = pack.tables.get(&rollup.table) else { return Vec::new() };
    let words = Words { pack, names: &table.names, index, table: Some(&table.name) };
    let value = rollup.value.as_ref();
    let ty = value.map_or(Type::Number, |x| x.ty);
    let rows = Inline::Link { to: anchor("table", &table.name), text: spaced(&table.name), hint: table.help.clone() };
    let mut line = Vec::new();
    // How what is aggregated is tied to the table: `the sum of amount over orders`.
    let mut link = " of all ";
    match (&rollup.aggregate, value) {
        (Aggregate::Count, None) => {
            line.push(text("the number of "));
            link = "";
        }
        (Aggregate::Count, Some(x)) => said(&mut line, words, "how often there is ", x),
        (Aggregate::CountDistinct, Some(x)) => said(&mut line, words, "the number of different values of ", x),
        (Aggregate::Sum, Some(x)) => said(&mut line, words, "the sum of ", x),
        (Aggregate::Mean, Some(x)) => said(&mut line, words, "the average ", x),
        (Aggregate::Min, Some(x)) if ty == Type::Date => said(&mut line, words, "the earliest ", x),
        (Aggregate::Max, Some(x)) if ty == Type::Date => said(&mut line, words, "the latest ", x),
        (Aggregate::Min, Some(x)) => said(&mut line, words, "the smallest ", x),
        (Aggregate::Max, Some(x)) => said(&mut line, words, "the largest ", x),
        (Aggregate::Quantile(q), Some(x)) if *q == 0.5 => said(&mut line, words, "the median of ", x),
        (Aggregate::Quantile(q), Some(x)) => {
            said(&mut line, words, &format!("what {} are not above, of ", percent(*q)), x);
        }
        (Aggregate::First, Some(x)) => said(&mut line, words, "the first known ", x),
        (Aggregate::Last, Some(x)) => said(&mut line, words, "the last known ", x),
        (Aggregate::QuantileGap(q), Some(x)) => {
            let lead = match *q {
                0.5 => "the median of the days from one ".to_owned(),
                q => format!("of the days from one {{}} to the next, what {} are not above: ", percent(q)),
            };
            if *q == 0.5 {
                said(&mut line, words, &lead, x);
                line.push(text(" to the next"));
            } else {
                said(&mut line, words, &lead.replace("{} ", "event "), x);
            }
        }
        (Aggregate::Share(part), value) => {
            match value {
                Some(x) => said(&mut line, words, "the share of ", x),
                None => line.push(text("the share")),
            }
            line.push(text(" of all "));
            line.push(rows.clone());
            filter(&mut line, words, rollup.condition.as_ref(), " where ");
            filter(
                &mut line,
                words,
                Some(part),
                if rollup.condition.is_some() { ", for which " } else { " for which " },
            );
            return line;
        }
        (_, None) => line.push(text("what is known")),
    }
    line.push(text(link));
    line.push(rows);
    filter(&mut line, words, rollup.condition.as_ref(), " where ");
    line
}

fn said(line: &mut Line, words: Words<'_>, lead: &str, x: &Expr) {
    line.push(text(lead));
    line.extend(words.within(x, Tie::Word));
}

fn filter(line: &mut Line, words: Words<'_>, condition: Option<&Expr>, lead: &str) {
    if let Some(condition) = condition {
        line.push(text(lead));
        line.extend(words.clause(condition));
    }
}
