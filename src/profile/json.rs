//! A profile for programs.

use serde_json::{Value, json};

use super::column::{Column, Range};
use super::matching::How;
use super::{Profile, Table};
use crate::expr::{Date, Type};
use crate::pack::Delimiter;

/// Everything that was found, as one JSON object.
#[must_use]
pub fn to_json(profile: &Profile) -> Value {
    json!({
        "pack": profile.pack.identity.name,
        "pack_asked_for": profile.asked,
        "key_normalise": rules(super::section::rules(profile)),
        "tables": profile.tables.iter().map(table).collect::<Vec<_>>(),
    })
}

fn rules(rules: crate::pack::KeyRules) -> Value {
    let words = [("trim", rules.trim), ("case", rules.case), ("leading_zeros", rules.leading_zeros)];
    words.into_iter().filter(|(_, on)| *on).map(|(word, _)| word).collect()
}

fn table(table: &Table) -> Value {
    let files: Vec<Value> = table
        .looked
        .files
        .iter()
        .map(|f| {
            let delimiter = f.found.delimiter.map(|d| match d {
                Delimiter::Byte(b) => char::from(b).to_string(),
                Delimiter::Blanks => "blanks".to_owned(),
            });
            json!({
                "path": f.shown, "kind": f.kind, "bytes": f.bytes, "rows": f.rows,
                "encoding": f.found.encoding, "delimiter": delimiter, "skip": f.found.skip,
                "sheet": f.found.sheet,
            })
        })
        .collect();
    let broken: Vec<Value> = table
        .looked
        .broken_rows
        .iter()
        .map(|b| json!({ "file": b.file, "line": b.line, "reason": b.reason }))
        .collect();
    let key = table.key.as_ref().map(|k| {
        json!({
            "header": table.columns.get(k.column).map(|c| &c.header),
            "sure": k.sure,
            "found_in_record": k.overlap.map(|o| json!({
                "keys": o.keys, "exact": o.exact, "normalised": o.alike, "key_normalise": rules(o.rules),
            })),
            "record_keys_found_here": k.covered,
        })
    });
    json!({
        "given": table.given,
        "path": table.path,
        "name": table.name,
        "role": table.role.word(),
        "key": key,
        "rows": table.looked.rows,
        "all_rows_read": table.looked.complete,
        "duplicate_rows": { "count": table.duplicates, "exact": table.duplicates_exact },
        "broken_rows": { "count": table.looked.broken, "first": broken },
        "files": files,
        "columns": table.columns.iter().enumerate().map(|(i, c)| column(table, i, c)).collect::<Vec<_>>(),
        "needed_and_not_found": table.lacking,
        "notices": table.looked.notices,
    })
}

fn column(table: &Table, at: usize, column: &Column) -> Value {
    let found = table.matches.iter().find(|m| m.column == at).map(|m| {
        let (how, likeness) = match m.how {
            How::Named => ("header", None),
            How::Sure => ("sure", None),
            How::Perhaps(score) => ("perhaps", Some((score * 100.0).round() / 100.0)),
        };
        json!({ "name": m.name, "type": m.ty.word(), "how": how, "likeness": likeness, "type_fits": m.fits })
    });
    let counted = |list: &[(String, u64)]| -> Vec<Value> {
        list.iter().map(|(text, rows)| json!({ "text": text, "rows": rows })).collect()
    };
    json!({
        "header": column.header,
        "type": column.ty.word(),
        "rows": column.rows,
        "missing": column.missing,
        "missing_words": counted(&column.missing_words),
        "distinct": { "count": column.distinct, "exact": column.distinct_exact },
        "unique": column.unique,
        "range": column.range.map(|r| range(column.ty, r)),
        "most_frequent": counted(&column.top),
        "spark": column.spark,
        "shapes": column.shapes.iter().map(|(s, share)| json!({ "shape": s, "share": share })).collect::<Vec<_>>(),
        "misfits": {
            "count": column.misfits,
            "first": column.misfit.as_ref().map(|(text, file, line)| json!({ "text": text, "file": file, "line": line })),
        },
        "decimal": column.written.decimal.map(String::from),
        "date": column.written.dates,
        "unclear": column.unclear.as_ref().map(|u| json!({
            "value": u.value,
            "ways": u.ways.iter().map(|(line, value)| json!({ "toml": line, "value": value })).collect::<Vec<_>>(),
        })),
        "pack": found,
    })
}

fn range(ty: Type, range: Range) -> Value {
    let Range { least, median, mean, largest } = range;
    match ty {
        Type::Date => {
            let day = |x: f64| Date::from_days(x as i64).map(|d| d.to_string());
            json!({ "first": day(least), "median": day(median), "last": day(largest) })
        }
        Type::Number => json!({ "least": least, "median": median, "mean": mean, "largest": largest }),
        Type::Bool => json!({ "share_of_true": mean }),
        Type::Text => json!({ "shortest": least, "median_length": median, "longest": largest }),
    }
}
