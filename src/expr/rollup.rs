//! The texts under `[rollups]`: one aggregate over one event table.

use indexmap::IndexMap;

use super::parse::{Node, NodeKind};
use super::types::{Typer, a};
use super::{Anchor, Ast, Expr, Names, Scope, Stage, Type};
use crate::diag::{Code, Diagnostic, Span, code};
use crate::script::Scripts;

/// The aggregates a rollup may use.
#[derive(Debug, Clone, PartialEq)]
pub enum Aggregate {
    /// `count(t)` rows, `count(t.x)` values that are there.
    Count,
    /// `sum(t.x)`, added up in order of time.
    Sum,
    /// `mean(t.x)`
    Mean,
    /// `min(t.x)` of numbers, dates or texts.
    Min,
    /// `max(t.x)` of numbers, dates or texts.
    Max,
    /// `quantile(t.x, q)`; `median` is 0.5. Linear between the two nearest (Hyndman and Fan's type 7).
    Quantile(f64),
    /// `first(t.x)`: of the earliest row where it is there.
    First,
    /// `last(t.x)`: of the latest row where it is there.
    Last,
    /// `share(t, part)` of rows, `share(t.x, part)` of the sum, for which `part` is true.
    /// Missing if there are no rows, or the sum is 0.
    Share(Expr),
    /// `count_distinct(t.x)`
    CountDistinct,
    /// `quantile_gap(t.date, q)`: of the days between one event and the next; `median_gap` is 0.5.
    /// Missing with fewer than two different days.
    QuantileGap(f64),
}

/// A rollup, typed.
#[derive(Debug, Clone, PartialEq)]
pub struct RollupExpr {
    /// The table it reads.
    pub table: String,
    /// What it computes.
    pub aggregate: Aggregate,
    /// The value aggregated; `None` for `count(t)` and `share(t, part)`.
    pub value: Option<Expr>,
    /// Only rows for which this is true.
    pub condition: Option<Expr>,
    /// The type of the result.
    pub ty: Type,
}

/// What a function of a rollup takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The table, or a value.
    Rows,
    /// A value.
    Value,
    /// A value and a number from 0 to 1.
    Quantile,
    /// The table or a value, and a condition.
    Share,
}

/// An aggregate: its name, its form, the types its value may have, how it is written.
struct Shape {
    name: &'static str,
    form: Form,
    types: &'static [Type],
    usage: &'static str,
}

const ANY: &[Type] = &[Type::Number, Type::Text, Type::Bool, Type::Date];
const ORDERED: &[Type] = &[Type::Number, Type::Date, Type::Text];
const NUMBER: &[Type] = &[Type::Number];
const DATE: &[Type] = &[Type::Date];

const SHAPES: &[Shape] = &[
    Shape {
        name: "count",
        form: Form::Rows,
        types: ANY,
        usage: "count(orders)` or `count(orders, orders.amount > 100)",
    },
    Shape { name: "sum", form: Form::Value, types: NUMBER, usage: "sum(orders.amount)" },
    Shape { name: "mean", form: Form::Value, types: NUMBER, usage: "mean(orders.amount)" },
    Shape { name: "min", form: Form::Value, types: ORDERED, usage: "min(orders.amount)" },
    Shape { name: "max", form: Form::Value, types: ORDERED, usage: "max(orders.ordered_on)" },
    Shape { name: "median", form: Form::Value, types: NUMBER, usage: "median(orders.amount)" },
    Shape { name: "quantile", form: Form::Quantile, types: NUMBER, usage: "quantile(orders.amount, 0.9)" },
    Shape { name: "first", form: Form::Value, types: ANY, usage: "first(orders.channel)" },
    Shape { name: "last", form: Form::Value, types: ANY, usage: "last(orders.channel)" },
    Shape { name: "count_distinct", form: Form::Value, types: ANY, usage: "count_distinct(orders.product)" },
    Shape {
        name: "share",
        form: Form::Share,
        types: NUMBER,
        usage: "share(orders, orders.discount > 0)` or `share(orders.amount, orders.discount > 0)",
    },
    Shape { name: "median_gap", form: Form::Value, types: DATE, usage: "median_gap(orders.ordered_on)" },
    Shape { name: "quantile_gap", form: Form::Quantile, types: DATE, usage: "quantile_gap(orders.ordered_on, 0.9)" },
];

/// The names of all aggregates.
pub fn aggregate_names() -> impl Iterator<Item = &'static str> {
    SHAPES.iter().map(|s| s.name)
}

/// Types a parsed rollup. `tables` maps each table's name to the names its rollups may use: `today`, the
/// parameters and `TABLE.COLUMN`.
pub fn check_rollup(
    ast: &Ast,
    anchor: &Anchor,
    tables: &IndexMap<String, &Names>,
    scripts: &Scripts,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<RollupExpr> {
    let NodeKind::Call { name, at, arguments } = &ast.root.kind else {
        diagnostics.push(not_one_aggregate(ast));
        return None;
    };
    let Some(shape) = SHAPES.iter().find(|s| s.name == name) else {
        diagnostics.push(unknown_aggregate(ast, name, anchor.span(at.start, at.end)));
        return None;
    };
    let (table, names) = find_table(ast, shape, arguments, tables, diagnostics)?;
    let scope = Scope { names, stage: Stage::Campaign, scripts };
    let mut rollup = Rollup { typer: Typer::new(ast, scope, Some(table), diagnostics), table, shape };
    rollup.check(arguments)
}

/// The aggregates over tables in an expression that is no rollup itself: the bytes of each in the text, from left to right.
///
/// A call counts that is an aggregate, or no function at all, and reads a table in its arguments. Of one in another the inner
/// counts, but for `min` and `max`, which are functions of a row, too.
#[must_use]
pub fn aggregates(ast: &Ast, is_table: &dyn Fn(&str) -> bool) -> Vec<std::ops::Range<usize>> {
    let reads_table = |node: &Node| {
        let mut found = false;
        node.walk(&mut |n| {
            if let NodeKind::Name(name) = &n.kind {
                found |= is_table(name.split_once('.').map_or(name.as_str(), |(table, _)| table));
            }
        });
        found
    };
    let is_aggregate = |name: &str| {
        let known = SHAPES.iter().any(|s| s.name == name);
        known || (!name.contains("::") && super::functions::doc(name).is_none())
    };
    let mut calls: Vec<(&str, std::ops::Range<usize>)> = Vec::new();
    ast.root.walk(&mut |node| {
        if let NodeKind::Call { name, .. } = &node.kind
            && is_aggregate(name)
            && reads_table(node)
        {
            calls.push((name, node.range.clone()));
        }
    });
    let within =
        |a: &std::ops::Range<usize>, b: &std::ops::Range<usize>| a != b && b.start <= a.start && a.end <= b.end;
    let of_rows = |name: &str| matches!(name, "min" | "max");
    let holds_another =
        |range: &std::ops::Range<usize>| calls.iter().any(|(name, inner)| within(inner, range) && !of_rows(name));
    let kept: Vec<_> = calls.iter().map(|(_, range)| range).filter(|range| !holds_another(range)).collect();
    let outermost = |range: &&std::ops::Range<usize>| !kept.iter().any(|other| within(range, other));
    kept.iter().copied().filter(outermost).cloned().collect()
}

/// Everything but one call on top.
fn not_one_aggregate(ast: &Ast) -> Diagnostic {
    let mut aggregates = Vec::new();
    ast.root.walk(&mut |node| {
        if let NodeKind::Call { name, .. } = &node.kind
            && SHAPES.iter().any(|s| s.name == name)
        {
            aggregates.push(ast.text_of(node));
        }
    });
    let diagnostic = Diagnostic::error(code::NOT_AN_EXPRESSION, ast.span, "a rollup is one aggregate");
    match (&ast.root.kind, aggregates.as_slice()) {
        (NodeKind::Name(name), _) => diagnostic
            .help(format!("write how its rows become one value: `last({name})`, `sum({name})`, `count({name})`")),
        (_, [one]) => diagnostic.help(format!("make a rollup of `{one}`, and do the rest in `[facts]`")),
        (NodeKind::Arith(op, ..), [_, _, ..]) => {
            let verb = match op {
                super::Arith::Div => "divide",
                super::Arith::Mul => "multiply",
                super::Arith::Sub => "subtract",
                super::Arith::Add => "add",
                _ => "compute with",
            };
            diagnostic.help(format!("make two rollups, and {verb} them in `[facts]`"))
        }
        (_, [_, _, ..]) => diagnostic.help("make a rollup of each, and put them together in `[facts]`"),
        _ => diagnostic.help("write an aggregate of a table, such as `count(orders)` or `sum(orders.amount)`"),
    }
}

/// A call on top that is no aggregate.
fn unknown_aggregate(ast: &Ast, name: &str, span: Span) -> Diagnostic {
    let known = || SHAPES.iter().map(|s| s.name);
    let mut inner = None;
    ast.root.walk(&mut |node| {
        if let NodeKind::Call { name, .. } = &node.kind
            && inner.is_none()
            && known().any(|k| k == name)
        {
            inner = Some(ast.text_of(node).to_string());
        }
    });
    if let Some(inner) = inner {
        let diagnostic = Diagnostic::error(code::NOT_AN_EXPRESSION, ast.span, "a rollup is one aggregate");
        return diagnostic.help(format!("make a rollup of `{inner}`, and do the rest in `[facts]`"));
    }
    let diagnostic = Diagnostic::error(code::UNKNOWN_FUNCTION, span, format!("`{name}` is not an aggregate"));
    let plain = match name.to_lowercase().replace('_', "").as_str() {
        "avg" | "average" => Some("mean"),
        "nunique" | "distinct" | "countunique" | "uniq" => Some("count_distinct"),
        "percentile" | "percentilecont" => Some("quantile"),
        "total" | "sumif" | "sumifs" => Some("sum"),
        "countif" | "countifs" | "len" | "rows" => Some("count"),
        "earliest" => Some("min"),
        "latest" => Some("max"),
        "ratio" | "fraction" | "proportion" => Some("share"),
        _ => crate::diag::nearest(name, known()),
    };
    match plain.and_then(|plain| SHAPES.iter().find(|s| s.name == plain)) {
        Some(shape) => diagnostic.help(format!("did you mean `{}`?", shape.usage)),
        None => {
            diagnostic.help(format!("there are {}", known().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")))
        }
    }
}

/// The one table a rollup reads.
fn find_table<'t>(
    ast: &Ast,
    shape: &Shape,
    arguments: &[Node],
    tables: &'t IndexMap<String, &Names>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(&'t str, &'t Names)> {
    // `count(orders)` names its table; elsewhere the first dotted name does.
    let bare = match arguments.first() {
        Some(Node { kind: NodeKind::Name(name), range }) if !name.contains('.') => Some((name.as_str(), range)),
        _ => None,
    };
    let mut mentioned: Vec<(String, Span)> = Vec::new();
    if let Some((name, range)) = bare {
        mentioned.push((name.to_string(), ast.anchor.span(range.start, range.end)));
    }
    for (name, span) in ast.names() {
        if let Some((table, _)) = name.split_once('.') {
            let end = (span.start as usize + table.len()).min(span.end as usize);
            let span = if ast.anchor.is_exact() { Span::new(span.file, span.start as usize, end) } else { span };
            mentioned.push((table.to_string(), span));
        }
    }
    let Some((first, span)) = mentioned.first() else {
        let diagnostic = Diagnostic::error(code::ARGUMENTS, ast.span, "this rollup names no table");
        diagnostics.push(diagnostic.help(format!("write `{}`", shape.usage)));
        return None;
    };
    let Some((table, names)) = tables.get_key_value(first.as_str()) else {
        // `sum(amount)`: a column of exactly one table.
        let owners: Vec<&str> = tables
            .iter()
            .filter(|(table, names)| names.find(&format!("{table}.{first}")).is_some())
            .map(|(table, _)| table.as_str())
            .collect();
        let diagnostic = Diagnostic::error(code::UNKNOWN_REFERENCE, *span, format!("there is no table `{first}`"));
        diagnostics.push(match owners.as_slice() {
            [owner, ..] if bare.is_some() => {
                diagnostic.help(format!("a column is written with its table: `{owner}.{first}`"))
            }
            _ => {
                let diagnostic = diagnostic.did_you_mean(first, tables.keys().map(String::as_str));
                if diagnostic.help.is_empty() {
                    diagnostic.help(format!("declare it: `[tables.{first}]`"))
                } else {
                    diagnostic
                }
            }
        });
        return None;
    };
    if let Some((other, span)) = mentioned.iter().find(|(name, _)| name != first) {
        let (code, message) = if tables.contains_key(other.as_str()) {
            (code::NOT_AN_EXPRESSION, format!("a rollup reads one table: `{first}` or `{other}`"))
        } else {
            (code::UNKNOWN_REFERENCE, format!("there is no table `{other}`"))
        };
        let diagnostic = Diagnostic::error(code, *span, message);
        diagnostics.push(if code == code::UNKNOWN_REFERENCE {
            diagnostic.did_you_mean(other, tables.keys().map(String::as_str))
        } else {
            diagnostic.help("make a rollup of each, and put them together in `[facts]`")
        });
        return None;
    }
    Some((table.as_str(), names))
}

/// Types the arguments of one aggregate.
struct Rollup<'a> {
    typer: Typer<'a>,
    table: &'a str,
    shape: &'a Shape,
}

impl Rollup<'_> {
    fn report(&mut self, code: Code, node: &Node, message: String, help: String) {
        let diagnostic = Diagnostic::error(code, self.typer.ast.span_of(node), message);
        self.typer.diagnostics.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    fn check(&mut self, arguments: &[Node]) -> Option<RollupExpr> {
        let own = match self.shape.form {
            Form::Rows | Form::Value => 1,
            Form::Quantile | Form::Share => 2,
        };
        if !(own..=own + 1).contains(&arguments.len()) {
            let name = self.shape.name;
            let (root, usage) = (&self.typer.ast.root, self.shape.usage);
            let message = format!("`{name}` takes {own} or {} arguments, and {} given", own + 1, are(arguments.len()));
            let help = format!("write `{usage}`; a condition may come last");
            self.report(code::ARGUMENTS, root, message, help);
            return None;
        }
        let (first, rest) = arguments.split_first()?;
        let whole_table = matches!(&first.kind, NodeKind::Name(name) if name == self.table);
        let value = if whole_table { self.no_value(first) } else { self.value(first).map(Some) };
        let (parameter, rest) = if own == 2 { rest.split_first().map(|(p, r)| (Some(p), r))? } else { (None, rest) };
        let parameter = match parameter {
            Some(node) => self.parameter(node).map(Some),
            None => Some(None),
        };
        let condition = match rest.first() {
            Some(node) => self.condition(node).map(Some),
            None => Some(None),
        };
        let (value, parameter, condition) = (value?, parameter?, condition?);
        let (aggregate, ty) = self.aggregate(parameter, value.as_ref())?;
        Some(RollupExpr { table: self.table.to_string(), aggregate, value, condition, ty })
    }

    /// The table itself, where rows are enough.
    fn no_value(&mut self, node: &Node) -> Option<Option<Expr>> {
        if matches!(self.shape.form, Form::Rows | Form::Share) {
            return Some(None);
        }
        let (name, table) = (self.shape.name, self.table);
        let help =
            format!("write a column of it, as in `{}`; rows are counted with `count({table})`", self.shape.usage);
        self.report(code::TYPE, node, format!("`{name}` needs a column of `{table}`"), help);
        None
    }

    /// The value that is aggregated.
    fn value(&mut self, node: &Node) -> Option<Expr> {
        let value = self.typer.root(node, None)?;
        if self.shape.types.contains(&value.ty) {
            return Some(value);
        }
        let wanted = match self.shape.types {
            NUMBER => "numbers",
            DATE => "dates",
            _ => "numbers, dates or texts",
        };
        let (name, ty) = (self.shape.name, value.ty);
        let (x, table) = (self.typer.short(node), self.table);
        let help = match (name, ty) {
            ("sum" | "mean" | "share", Type::Bool) => format!("write `count({table}, {x})`, or `share({table}, {x})`"),
            ("median" | "quantile", Type::Date) => format!("for the days between events, write `{name}_gap(…)`"),
            ("sum" | "mean", Type::Date) => format!("for days, write `{name}(today - {x})`"),
            ("min" | "max", Type::Bool) => format!("write `count({table}, {x}) > 0` in two steps: a rollup and a fact"),
            (_, Type::Text) => "there are `count_distinct`, `first` and `last` for texts".to_string(),
            _ => format!("write `{}`", self.shape.usage),
        };
        self.report(code::TYPE, node, format!("`{name}` takes {wanted}, and this is {}", a(ty)), help);
        None
    }

    /// The second argument of `quantile` (as `Ok`) and of `share` (as `Err`).
    fn parameter(&mut self, node: &Node) -> Option<Result<f64, Expr>> {
        if self.shape.form == Form::Share {
            return self.condition(node).map(Err);
        }
        match node.kind {
            NodeKind::Number(q) if (0.0..=1.0).contains(&q) => Some(Ok(q)),
            NodeKind::Number(q) => {
                let help = if (1.0..=100.0).contains(&q) { format!("write `{}`", q / 100.0) } else { String::new() };
                self.report(code::BAD_CONSTANT, node, "a quantile lies between 0 and 1".to_string(), help);
                None
            }
            _ => {
                let message = "the quantile must be written out".to_string();
                self.report(code::NOT_CONSTANT, node, message, format!("write `{}`", self.shape.usage));
                None
            }
        }
    }

    fn condition(&mut self, node: &Node) -> Option<Expr> {
        self.typer.root(node, Some(Type::Bool))
    }

    fn aggregate(&mut self, parameter: Option<Result<f64, Expr>>, value: Option<&Expr>) -> Option<(Aggregate, Type)> {
        let of_value = value.map_or(Type::Number, |v| v.ty);
        let number = |aggregate| Some((aggregate, Type::Number));
        match (self.shape.name, parameter) {
            ("count", _) => number(Aggregate::Count),
            ("sum", _) => number(Aggregate::Sum),
            ("mean", _) => number(Aggregate::Mean),
            ("median", _) => number(Aggregate::Quantile(0.5)),
            ("quantile", Some(Ok(q))) => number(Aggregate::Quantile(q)),
            ("share", Some(Err(part))) => number(Aggregate::Share(part)),
            ("count_distinct", _) => number(Aggregate::CountDistinct),
            ("median_gap", _) => number(Aggregate::QuantileGap(0.5)),
            ("quantile_gap", Some(Ok(q))) => number(Aggregate::QuantileGap(q)),
            ("min", _) => Some((Aggregate::Min, of_value)),
            ("max", _) => Some((Aggregate::Max, of_value)),
            ("first", _) => Some((Aggregate::First, of_value)),
            ("last", _) => Some((Aggregate::Last, of_value)),
            _ => None,
        }
    }
}

fn are(n: usize) -> String {
    match n {
        0 => "none is".to_string(),
        1 => "1 is".to_string(),
        n => format!("{n} are"),
    }
}

#[cfg(test)]
mod tests;
