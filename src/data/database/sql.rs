//! What is asked of a database: the wanted columns, and only the rows that may be seen.

use arrow::datatypes::DataType;

use super::super::error::DataError;
use super::super::table::{Layout, TableSpec, Want};
use super::address::{Server, literal, quote};
use super::{Column, Family, Table};
use crate::expr::Type;

/// How the values of a column arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decode {
    Text,
    Int,
    Float,
    /// The digits of a number.
    Digits,
    Bool,
    Day,
    /// A point in time of which the day counts.
    DayOfStamp,
    /// A point in time.
    Stamp,
    /// As the row says (SQLite); where all are numbers, as numbers.
    Number,
    /// As the row says; where all are whole numbers, as such.
    Truth,
}

/// A query, and how its columns arrive.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub sql: String,
    /// One for each wanted column; `None` where the table lacks it.
    pub columns: Vec<Option<Decode>>,
}

/// Asks for each wanted column, in the order of the spec.
pub(crate) fn select(table: &Table, spec: &TableSpec, layout: &Layout) -> Result<Query, DataError> {
    let mut list = Vec::new();
    let mut columns = Vec::new();
    for (wanted, place) in spec.columns.iter().zip(&layout.columns) {
        let Some(column) = place.and_then(|place| table.columns.get(place)) else {
            columns.push(None);
            continue;
        };
        let (expression, decode) = expression(column, &wanted.want);
        list.push(expression);
        columns.push(Some(decode));
    }
    if list.is_empty() {
        list.push("1".to_owned());
    }
    let mut sql = format!("SELECT {} FROM {}", list.join(", "), table.address.table()?.quoted());
    let (_, until) = until(table);
    let conditions: Vec<String> = until.into_iter().chain(key(table)).collect();
    if !conditions.is_empty() {
        sql.push_str(" WHERE ");
        sql.push_str(&conditions.join(" AND "));
    }
    Ok(Query { sql, columns })
}

/// Asks how many rows are not read because they are too late.
pub(crate) fn count_unseen(table: &Table) -> Option<String> {
    let late = until(table).0?;
    Some(format!("SELECT count(*) FROM {} WHERE {late}", table.address.table.as_ref()?.quoted()))
}

/// How a column is asked for.
fn expression(column: &Column, want: &Want) -> (String, Decode) {
    let name = quote(&column.name);
    let wanted = match want {
        Want::KeyText | Want::Dictionary | Want::Value(Type::Text) => DataType::Utf8,
        Want::KeyInt => DataType::Int64,
        Want::Value(ty) => super::super::table::arrow_type(*ty),
        Want::Raw(ty) => ty.clone(),
    };
    if column.family == Family::Any {
        let decode = match wanted {
            DataType::Float64 => Decode::Number,
            DataType::Boolean => Decode::Truth,
            _ => Decode::Text,
        };
        return (name, decode);
    }
    let number = wanted.is_numeric();
    match column.family {
        Family::Int if number || matches!(wanted, DataType::Boolean | DataType::Date32) => {
            (format!("{name}::int8"), Decode::Int)
        }
        Family::Float if number => (format!("{name}::float8"), Decode::Float),
        Family::Decimal if number => (format!("{name}::text"), Decode::Digits),
        Family::Bool if wanted == DataType::Boolean => (format!("{name}::bool"), Decode::Bool),
        Family::Date if wanted == DataType::Date32 => (format!("{name}::date"), Decode::Day),
        Family::Stamp if wanted == DataType::Date32 => (name, Decode::DayOfStamp),
        Family::Stamp if matches!(wanted, DataType::Timestamp(..)) => (name, Decode::Stamp),
        _ => (format!("{name}::text"), Decode::Text),
    }
}

/// Whether the days of a column can be compared in the database. `dates` is how the pack says they are written.
pub(crate) fn has_days(column: &Column, dates: &[String]) -> bool {
    match column.family {
        Family::Date | Family::Stamp => true,
        Family::Any => {
            let declared = column.declared.to_uppercase();
            let iso = dates.iter().all(|format| format.starts_with("%Y-%m-%d"));
            iso && (declared.contains("DATE") || declared.contains("TIME"))
        }
        _ => false,
    }
}

/// The conditions of rows that are too late, and of those that are read.
fn until(table: &Table) -> (Option<String>, Option<String>) {
    let Some((place, day)) = &table.filter.until else { return (None, None) };
    let Some(column) = table.columns.get(*place) else { return (None, None) };
    let name = quote(&column.name);
    let Some(next) = crate::expr::Date::from_days(i64::from(day.days()) + 1) else { return (None, None) };
    if column.family == Family::Any {
        // Only what has the shape of a day is compared; the rest is read, and set aside if it is none.
        let shape = "'[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'";
        return (
            Some(format!("{name} >= '{next}' AND {name} GLOB {shape}")),
            Some(format!("({name} < '{next}' OR {name} IS NULL OR {name} NOT GLOB {shape})")),
        );
    }
    let zoned = column.declared.contains("with time zone");
    let next = match column.family {
        Family::Stamp if zoned => format!("timestamptz '{next} 00:00:00+00'"),
        Family::Stamp => format!("timestamp '{next}'"),
        _ => format!("date '{next}'"),
    };
    (Some(format!("{name} >= {next}")), Some(format!("({name} < {next} OR {name} IS NULL)")))
}

/// Whether the database finds every row whose key is shown as this text.
pub(crate) fn compares(column: &Column, key: &str) -> bool {
    if key.contains('\0') {
        return false;
    }
    match column.family {
        Family::Text => true,
        Family::Int => key.trim().parse::<i64>().is_ok(),
        // What a column without a declared type holds is compared by its type as well.
        Family::Any => {
            let declared = column.declared.to_uppercase();
            ["CHAR", "TEXT", "CLOB", "INT"].iter().any(|word| declared.contains(word))
        }
        _ => false,
    }
}

fn key(table: &Table) -> Option<String> {
    let (place, key) = table.filter.key.as_ref()?;
    let column = table.columns.get(*place)?;
    let name = quote(&column.name);
    Some(match (column.family, &table.address.server) {
        (Family::Int, _) => format!("{name} = {}", key.trim().parse::<i64>().ok()?),
        (_, Server::Sqlite(_)) => format!("{name} = {}", literal(key)),
        // What is no text itself (an enumeration, a UUID) is compared as it is shown.
        _ if is_text(&column.declared) => format!("{name} = {}", text(key)),
        _ => format!("{name}::text = {}", text(key)),
    })
}

fn is_text(declared: &str) -> bool {
    ["text", "character", "name"].iter().any(|word| declared.starts_with(word))
}

/// A text in PostgreSQL: `\` is a letter like any other, whatever the server's settings are.
fn text(text: &str) -> String {
    format!("E{}", literal(&text.replace('\\', "\\\\")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::super::address::Address;
    use super::*;
    use crate::expr::Date;
    use crate::pack::load_from_texts;

    const PACK: &str = r#"
[pack]
name = "test"
[record]
key = "id"
[record.columns.since]
type = "date"
[tables.orders]
key = "id"
time = "day"
[tables.orders.columns.day]
type = "date"
from = ["Day \"x\""]
[tables.orders.columns.amount]
type = "number"
[tables.orders.columns.note]
type = "text"
[rollups]
n = 'count(orders)'
"#;

    fn table(address: &str, columns: &[(&str, &str, Family)]) -> Table {
        let column = |(name, declared, family): &(&str, &str, Family)| Column {
            name: (*name).to_owned(),
            declared: (*declared).to_owned(),
            family: *family,
        };
        Table {
            address: Address::parse(address).unwrap(),
            columns: columns.iter().map(column).collect(),
            filter: super::super::Filter::default(),
            moment: None,
        }
    }

    fn orders() -> TableSpec {
        let pack = load_from_texts(&[("pack.toml", PACK)]).pack.unwrap();
        TableSpec::events(pack.tables.get("orders").unwrap())
    }

    fn layout(columns: Vec<Option<usize>>) -> Layout {
        Layout { columns, formats: Vec::new() }
    }

    #[test]
    fn only_what_is_wanted_and_may_be_seen_is_asked_for() {
        let columns = [
            ("unread", "text", Family::Text),
            ("note", "text", Family::Text),
            ("amount", "numeric(12,2)", Family::Decimal),
            ("Day \"x\"", "timestamp with time zone", Family::Stamp),
            ("id", "character varying", Family::Text),
        ];
        let mut table = table("postgres://h/d?table=Shop.or\"ders", &columns);
        table.filter.until = Some((3, Date::from_ymd(2025, 12, 31).unwrap()));
        table.filter.key = Some((4, "O'Neil\\".to_owned()));
        let layout = layout(vec![Some(4), Some(3), Some(2), None]);
        assert_eq!(
            table.question(&orders(), &layout).unwrap(),
            r#"SELECT "id"::text, "Day ""x""", "amount"::text FROM "Shop"."or""ders" WHERE ("Day ""x""" < timestamptz '2026-01-01 00:00:00+00' OR "Day ""x""" IS NULL) AND "id" = E'O''Neil\\'"#
        );
        assert_eq!(
            count_unseen(&table).unwrap(),
            r#"SELECT count(*) FROM "Shop"."or""ders" WHERE "Day ""x""" >= timestamptz '2026-01-01 00:00:00+00'"#
        );
        let decodes: Vec<_> = select(&table, &orders(), &layout).unwrap().columns;
        assert_eq!(decodes, [Some(Decode::Text), Some(Decode::DayOfStamp), Some(Decode::Digits), None]);
    }

    #[test]
    fn sqlite_compares_days_only_where_they_are_days() {
        let columns = [("id", "INTEGER", Family::Any), ("day", "DATE", Family::Any), ("amount", "", Family::Any)];
        let mut table = table("sqlite://x.db?table=orders", &columns);
        table.filter.until = Some((1, Date::from_ymd(2025, 6, 30).unwrap()));
        table.filter.key = Some((0, "7".to_owned()));
        let sql = table.question(&orders(), &layout(vec![Some(0), Some(1), Some(2), None])).unwrap();
        assert_eq!(
            sql,
            "SELECT \"id\", \"day\", \"amount\" FROM \"orders\" WHERE (\"day\" < '2025-07-01' OR \"day\" IS NULL OR \
             \"day\" NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*') AND \"id\" = '7'"
        );
        assert!(has_days(&table.columns[1], &[]) && has_days(&table.columns[1], &["%Y-%m-%d %H:%M".into()]));
        assert!(!has_days(&table.columns[1], &["%d.%m.%Y".into()]) && !has_days(&table.columns[2], &[]));
    }

    #[test]
    fn keys_the_database_compares_otherwise_are_compared_here() {
        let column = |declared: &str, family| Column { name: "k".into(), declared: declared.into(), family };
        assert!(compares(&column("bigint", Family::Int), "42") && !compares(&column("bigint", Family::Int), "C42"));
        assert!(compares(&column("uuid", Family::Text), "x") && !compares(&column("text", Family::Text), "a\0"));
        assert!(compares(&column("VARCHAR(20)", Family::Any), "x") && !compares(&column("", Family::Any), "42"));
        assert!(!compares(&column("REAL", Family::Any), "42") && !compares(&column("numeric", Family::Decimal), "42"));
    }
}
