//! `[record]` and `[tables]`: which columns there are, and how they are found in a client's files.

use indexmap::IndexMap;

use super::read::{Fields, no_such_word};
use super::{ByName, Resolver};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Name, NameKind, Names, Slot, Stage, Type};
use crate::pack::format;
use crate::pack::raw::{Entry, Table as Tree};
use crate::pack::{Column, FileFormat, Join, KeyRules, MergeBy, Outcomes, Record, Sql, Table};

/// Where a column belongs, while it is read.
pub(super) enum Owner<'a> {
    Record,
    Table {
        name: &'a str,
        merge_day: bool,
        names: &'a mut Names,
    },
    /// `shared`: so many names come before those of outcomes alone.
    Outcomes {
        names: &'a mut Names,
        shared: usize,
    },
}

/// Columns of the decisions beside the names of expressions: the key cannot be called so.
const OUTPUT: [&str; 18] = [
    "suppressed",
    "suppressed_because",
    "campaign",
    "offer",
    "channel",
    "speaker",
    "send_on",
    "cost",
    "success",
    "value",
    "net",
    "money",
    "reasons",
    "pack",
    "version",
    "hash",
    "as_of",
    "score",
];

const KEY_HELP: &str = "the column that names the customer, for instance `key = \"customer_id\"`";

impl Resolver<'_> {
    pub(super) fn record(&mut self, root: &Tree) -> Record {
        let mut record = Record {
            table: "customers".to_owned(),
            key: String::new(),
            key_from: Vec::new(),
            normalise: KeyRules::default(),
            file: FileFormat::default(),
            columns: Vec::new(),
            joins: Vec::new(),
            sql: None,
        };
        let Some(fields) = self.section(root, "record", &format::RECORD) else {
            if root.get("record").is_none() {
                let message = "the pack has no `[record]` with a `key`";
                self.diagnostics.push(Diagnostic::error(code::MISSING_KEY, self.place, message).help(KEY_HELP));
            }
            return record;
        };
        if let Some(key) = fields.required_text("key", KEY_HELP, &mut self.diagnostics)
            && self.declare(&key.text, key.span(), "the key column")
        {
            if OUTPUT.contains(&key.text.as_str()) {
                let message = format!(
                    "`{}` cannot be the name of the key column: decisions have a column of that name",
                    key.text
                );
                let help = "choose another name, and give the header of the file in `key_from`";
                self.diagnostics.push(Diagnostic::error(code::BAD_NAME, key.span(), message).help(help));
            }
            record.key.clone_from(&key.text);
        }
        if let Some(table) = fields.text("table", &mut self.diagnostics)
            && self.plain_name(&table.text, table.span(), "a table")
        {
            record.table.clone_from(&table.text);
        }
        if let Some(sql) = fields.text("sql", &mut self.diagnostics) {
            if sql.text.trim().is_empty() {
                self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, sql.anchor.whole, "`sql` is empty"));
            }
            record.sql = Some(Sql { text: sql.text.clone(), span: sql.span() });
        }
        let mut headers = Headers::default();
        record.key_from = self.key_from(&fields, &record.key, &mut headers);
        record.normalise = self.key_rules(&fields);
        record.file = self.file(&fields);
        if let Some(entry) = fields.get("join") {
            record.joins = self.joins(entry, &record);
        }
        if let Some(entry) = fields.get("columns") {
            record.columns = self.columns(entry, &mut Owner::Record, &mut headers);
            self.tables_of_columns(entry, &record);
        }
        record
    }

    /// `key_normalise`: which differences between keys do not count.
    fn key_rules(&mut self, fields: &Fields<'_>) -> KeyRules {
        let mut rules = KeyRules::default();
        for text in fields.texts("key_normalise", &mut self.diagnostics) {
            match text.text.as_str() {
                "trim" => rules.trim = true,
                "case" => rules.case = true,
                "leading_zeros" => rules.leading_zeros = true,
                _ => {
                    self.diagnostics.push(no_such_word("key_normalise", text, &["trim", "case", "leading_zeros"]));
                }
            }
        }
        rules
    }

    /// `[record.join.*]`: tables with at most one row per customer.
    fn joins(&mut self, entry: &Entry, record: &Record) -> Vec<Join> {
        let mut joins = Vec::new();
        for (name, entry) in self.things_of(entry, "record.join") {
            let fine = self.identifier(name, entry.key, "a table");
            let what = format!("joined table `{name}`");
            if let crate::pack::raw::Raw::Table(table) = &entry.node.value
                && let Some(columns) = table.get("columns")
            {
                let message = format!("{what} has no columns of its own");
                let help = format!(
                    "every column of the record is declared in `[record.columns]`; there `table = \"{name}\"` says where it comes from"
                );
                self.diagnostics.push(Diagnostic::error(code::UNKNOWN_KEY, columns.key, message).help(help));
                continue;
            }
            let Some(fields) = Fields::open(&entry.node, entry.key, what, &format::JOIN, &mut self.diagnostics) else {
                continue;
            };
            if name == record.table {
                let message = format!("`{name}` is the table of the record itself");
                self.diagnostics.push(Diagnostic::error(code::DUPLICATE_NAME, entry.key, message));
                continue;
            }
            let mut headers = Headers::default();
            let join = Join {
                name: name.to_owned(),
                key_from: self.key_from(&fields, &record.key, &mut headers),
                file: self.file(&fields),
                optional: fields.flag("optional", &mut self.diagnostics),
                help: fields.string("help", &mut self.diagnostics),
                span: entry.key,
            };
            if fine {
                joins.push(join);
            }
        }
        joins
    }

    /// `table` of a column names the table of the record or one that is joined to it.
    fn tables_of_columns(&mut self, columns: &Entry, record: &Record) {
        let crate::pack::raw::Raw::Table(columns) = &columns.node.value else { return };
        for column in &record.columns {
            let Some(table) = &column.table else { continue };
            let known = || std::iter::once(record.table.as_str()).chain(record.joins.iter().map(|j| j.name.as_str()));
            if known().any(|name| name == table) {
                continue;
            }
            let written = columns.get(&column.name).and_then(|entry| match &entry.node.value {
                crate::pack::raw::Raw::Table(keys) => keys.get("table"),
                _ => None,
            });
            let span = written.map_or(column.span, |entry| entry.node.span);
            let message = format!("`{table}` is neither the table of the record nor joined to it");
            self.diagnostics.push(
                Diagnostic::error(code::UNKNOWN_REFERENCE, span, message)
                    .did_you_mean(table, known())
                    .help(format!("declare it: `[record.join.{table}]`")),
            );
        }
    }

    pub(super) fn tables(&mut self, root: &Tree, record: &Record) -> IndexMap<String, Table> {
        let mut tables = ByName::new();
        for (name, entry) in self.things(root, "tables") {
            let fine = self.identifier(name, entry.key, "a table");
            if let Some(param) = self.names.find(name).map(|slot| self.names.get(slot).span)
                && fine
            {
                let message = format!("`{name}` names both a table and a parameter");
                let diagnostic = Diagnostic::error(code::DUPLICATE_NAME, entry.key, message);
                self.diagnostics.push(match param {
                    Some(span) => diagnostic.related(span, "the other is declared here"),
                    None => diagnostic,
                });
            }
            if let Some(join) = record.joins.iter().find(|join| join.name == name) {
                let message = format!("`{name}` is both an event table and joined to the record");
                self.diagnostics.push(
                    Diagnostic::error(code::DUPLICATE_NAME, entry.key, message)
                        .related(join.span, "it is joined here")
                        .help("a joined table has at most one row per customer, an event table many"),
                );
            }
            if name == record.table {
                let message = format!("`{name}` is both an event table and the table of the record");
                let help = "an event table has many rows per customer; call the other one something else by `table` in `[record]`";
                self.diagnostics.push(Diagnostic::error(code::DUPLICATE_NAME, entry.key, message).help(help));
            }
            match self.table(name, entry) {
                Some(table) if fine => drop(tables.insert(name.to_owned(), table)),
                _ => drop(self.broken.insert(name.to_owned())),
            }
        }
        tables
    }

    fn table(&mut self, name: &str, entry: &Entry) -> Option<Table> {
        let fields =
            Fields::open(&entry.node, entry.key, format!("table `{name}`"), &format::TABLE, &mut self.diagnostics)?;
        let mut key = String::new();
        if let Some(text) = fields.required_text("key", KEY_HELP, &mut self.diagnostics)
            && self.identifier(&text.text, text.span(), "the key column")
        {
            key.clone_from(&text.text);
        }
        let merge_day = fields.word("merge", &[("day", ())], &mut self.diagnostics).is_some();
        let mut headers = Headers::default();
        let key_from = self.key_from(&fields, &key, &mut headers);
        // The same slots as in the names of the pack: `today`, then the parameters. Only they are there by now
        // beside the record's columns, which events cannot read.
        let mut names = Names::default();
        for (_, shared) in self.names.iter().filter(|(_, n)| n.stage == Stage::Run) {
            let _ = names.add(shared.clone());
        }
        let columns = match fields.get("columns") {
            Some(columns) => {
                self.columns(columns, &mut Owner::Table { name, merge_day, names: &mut names }, &mut headers)
            }
            None => Vec::new(),
        };
        if let Some(column) = columns.iter().find(|column| column.name == key) {
            self.key_as_column(&column.name, column.span);
        }
        let time = self.time(&fields, &columns);
        if merge_day && time.is_none() && !fields.has("time") {
            let help = "name the date column of an event, for instance `time = \"ordered_on\"`";
            let message = format!("table `{name}` needs `time` to merge by day");
            self.diagnostics.push(Diagnostic::error(code::MISSING_KEY, fields.span("merge"), message).help(help));
        }
        Some(Table {
            name: name.to_owned(),
            key,
            key_from,
            time,
            file: self.file(&fields),
            merge_day,
            columns,
            names,
            optional: fields.flag("optional", &mut self.diagnostics),
            help: fields.string("help", &mut self.diagnostics),
            span: entry.key,
        })
    }

    /// `time` names a date column of the table.
    pub(super) fn time(&mut self, fields: &Fields<'_>, columns: &[Column]) -> Option<String> {
        let time = fields.text("time", &mut self.diagnostics)?;
        match columns.iter().find(|column| column.name == time.text) {
            Some(column) if column.ty == Type::Date => return Some(time.text.clone()),
            Some(column) => {
                let message = format!("`time` must name a date column, `{}` is a {}", time.text, column.ty);
                self.diagnostics.push(
                    Diagnostic::error(code::BAD_VALUE, time.span(), message)
                        .related(column.span, "it is declared here"),
                );
            }
            None if fields.get("columns").is_some_and(|entry| column_is_written(entry, &time.text)) => {}
            None => {
                let message = format!("{} has no column `{}`", fields.what, time.text);
                let diagnostic = Diagnostic::error(code::UNKNOWN_REFERENCE, time.span(), message)
                    .did_you_mean(&time.text, columns.iter().map(|column| column.name.as_str()));
                self.diagnostics.push(if diagnostic.help.is_empty() {
                    diagnostic.help(format!("declare it: `columns.{} = {{ type = \"date\" }}`", time.text))
                } else {
                    diagnostic
                });
            }
        }
        None
    }

    /// `key_from`, entered into the accepted headers.
    pub(super) fn key_from(&mut self, fields: &Fields<'_>, key: &str, headers: &mut Headers) -> Vec<String> {
        let from = fields.texts("key_from", &mut self.diagnostics);
        headers.take(key, fields.span("key"), key, &mut self.diagnostics);
        for text in &from {
            headers.take(&text.text, text.span(), key, &mut self.diagnostics);
        }
        from.into_iter().map(|text| text.text.clone()).collect()
    }

    pub(super) fn key_as_column(&mut self, name: &str, span: Span) {
        let message = format!("`{name}` is the key column and cannot be declared again");
        let help = "leave it out here; other headers of the key go into `key_from`";
        self.diagnostics.push(Diagnostic::error(code::DUPLICATE_NAME, span, message).help(help));
    }

    pub(super) fn columns(&mut self, entry: &Entry, owner: &mut Owner<'_>, headers: &mut Headers) -> Vec<Column> {
        let mut columns = Vec::new();
        let path = match owner {
            Owner::Record => "record.columns".to_owned(),
            Owner::Table { name, .. } => format!("tables.{name}.columns"),
            Owner::Outcomes { .. } => "outcomes.columns".to_owned(),
        };
        for (name, entry) in self.things_of(entry, &path) {
            let full = match owner {
                Owner::Record => name.to_owned(),
                Owner::Table { name: table, .. } => format!("{table}.{name}"),
                Owner::Outcomes { .. } => format!("outcomes.{name}"),
            };
            let fine = match owner {
                Owner::Record => self.declare(name, entry.key, "a column"),
                Owner::Table { .. } => self.identifier(name, entry.key, "a column"),
                Owner::Outcomes { names, shared } => {
                    let taken = names.find(name).filter(|slot| (slot.0 as usize) < *shared + 2);
                    self.identifier(name, entry.key, "a column") && self.free_in_outcomes(name, entry.key, taken, names)
                }
            };
            match self.column(name, &full, entry, owner, headers) {
                Some(column) if fine => columns.push(column),
                _ => drop(self.broken.insert(full)),
            }
        }
        columns
    }

    fn column(
        &mut self,
        name: &str,
        full: &str,
        entry: &Entry,
        owner: &mut Owner<'_>,
        headers: &mut Headers,
    ) -> Option<Column> {
        let keys = if matches!(owner, Owner::Record) { &format::COLUMN } else { &format::EVENT_COLUMN };
        let fields = Fields::open(&entry.node, entry.key, format!("column `{full}`"), keys, &mut self.diagnostics)?;
        let from = fields.texts("from", &mut self.diagnostics);
        let table = match owner {
            Owner::Record => fields.text("table", &mut self.diagnostics),
            Owner::Table { .. } | Owner::Outcomes { .. } => None,
        };
        headers.take_of(table.map(|t| t.text.as_str()), name, entry.key, name, &mut self.diagnostics);
        for text in &from {
            headers.take_of(table.map(|t| t.text.as_str()), &text.text, text.span(), name, &mut self.diagnostics);
        }
        let values = fields.texts("values", &mut self.diagnostics);
        let optional = fields.flag("optional", &mut self.diagnostics);
        let help = fields.string("help", &mut self.diagnostics);
        let ty = self.column_type(&fields)?;
        if let Some(entry) = fields.get("values")
            && ty != Type::Text
        {
            let message = format!("`values` is only for columns of type text, `{full}` is a {ty}");
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, entry.key, message));
        }
        let written = self.column_values(&fields, ty, full);
        let merge = self.merge_by(&fields, ty, owner);
        let slot = match owner {
            Owner::Record => self.add(name, NameKind::Column, Stage::Record, ty, Some(entry.key)),
            Owner::Table { names, .. } => add_to(names, full, ty, entry.key),
            Owner::Outcomes { names, .. } => add_to(names, name, ty, entry.key),
        };
        Some(Column {
            name: name.to_owned(),
            slot,
            ty,
            from: from.into_iter().map(|text| text.text.clone()).collect(),
            values: values.into_iter().map(|text| text.text.clone()).collect(),
            table: table.map(|text| text.text.clone()),
            written,
            optional,
            merge,
            help,
            span: entry.key,
        })
    }

    fn column_type(&mut self, fields: &Fields<'_>) -> Option<Type> {
        let help = "`type` is one of `number`, `text`, `bool`, `date`";
        let text = fields.required_text("type", help, &mut self.diagnostics)?;
        let ty = Type::from_word(&text.text);
        if ty.is_none() {
            let meant = match text.text.to_lowercase().as_str() {
                "string" | "str" | "char" | "varchar" | "category" => Some("text"),
                "integer" | "int" | "float" | "double" | "decimal" | "money" | "numeric" => Some("number"),
                "boolean" | "flag" => Some("bool"),
                "datetime" | "timestamp" | "time" | "day" => Some("date"),
                _ => None,
            };
            let mut diagnostic = no_such_word("type", text, &["number", "text", "bool", "date"]);
            if let Some(word) = meant {
                diagnostic.help = vec![format!("it is called `{word}` here"), help.to_owned()];
            }
            self.diagnostics.push(diagnostic);
        }
        ty
    }

    /// How the values of one day combine.
    fn merge_by(&mut self, fields: &Fields<'_>, ty: Type, owner: &Owner<'_>) -> MergeBy {
        let default = match ty {
            Type::Number => MergeBy::Sum,
            Type::Text | Type::Date => MergeBy::Min,
            Type::Bool => MergeBy::Max,
        };
        let (name, merges) = match owner {
            Owner::Record => return default,
            Owner::Table { name, merge_day, .. } => (*name, *merge_day),
            Owner::Outcomes { .. } => (Outcomes::TABLE, true),
        };
        let words = [("sum", MergeBy::Sum), ("min", MergeBy::Min), ("max", MergeBy::Max)];
        let Some(merge) = fields.word("merge", &words, &mut self.diagnostics) else { return default };
        if !merges {
            let message = format!("`merge` of a column needs `merge = \"day\"` of table `{name}`");
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span("merge"), message));
        } else if merge == MergeBy::Sum && ty != Type::Number {
            let message = format!("only numbers can be summed, this column is a {ty}");
            let help = "use `min` or `max`";
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span("merge"), message).help(help));
        }
        merge
    }
}

/// Adds `TABLE.COLUMN`. The keys of a TOML table are different, so it is never taken.
fn add_to(names: &mut Names, full: &str, ty: Type, span: Span) -> Slot {
    let name = Name { name: full.to_owned(), kind: NameKind::Column, stage: Stage::Record, ty, span: Some(span) };
    names.add(name).unwrap_or_else(|taken| taken)
}

/// Whether a column of that name is written, even if something is wrong with it.
fn column_is_written(columns: &Entry, name: &str) -> bool {
    matches!(&columns.node.value, crate::pack::raw::Raw::Table(table) if table.get(name).is_some())
}

/// The headers that the columns of one table accept: each leads to one column.
#[derive(Default)]
pub(super) struct Headers(IndexMap<String, Vec<Taken>>);

/// A column that accepts a header: of one table if it says so, else of any.
struct Taken {
    table: Option<String>,
    span: Span,
    column: String,
}

impl Headers {
    fn take(&mut self, header: &str, span: Span, column: &str, diagnostics: &mut Vec<Diagnostic>) {
        self.take_of(None, header, span, column, diagnostics);
    }

    /// Two columns may have one header if each says another table.
    fn take_of(
        &mut self,
        table: Option<&str>,
        header: &str,
        span: Span,
        column: &str,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let all = self.0.entry(header.to_owned()).or_default();
        let apart = |t: &Taken| t.table.is_some() && table.is_some() && t.table.as_deref() != table;
        match all.iter().find(|t| t.column != column && !apart(t)) {
            Some(Taken { span: first, column: other, .. }) => diagnostics.push(
                Diagnostic::error(
                    code::DUPLICATE_NAME,
                    span,
                    format!("the header `{header}` is accepted by two columns, `{other}` and `{column}`"),
                )
                .related(*first, format!("`{other}` accepts it here")),
            ),
            None => {
                all.push(Taken { table: table.map(str::to_owned), span, column: column.to_owned() });
            }
        }
    }
}
