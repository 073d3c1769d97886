//! Random script functions, and how they are called: in columns and row by row.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use regain::diag::Sources;
use regain::engine::Builder;
use regain::expr::{Date, Expr, Kind, Name, NameKind, Names, Row, Slot, Stage, Type, Value, evaluate};
use regain::script::{Limits, Lowered, OnMissing, Scripts, Signature, parameter};

use super::generate::Random;
use super::harness::{count, run, same, span};

/// What a function is written with.
struct Writer<'a> {
    random: &'a mut Random,
    /// Variables in sight: name, type, whether it may be assigned.
    names: Vec<(String, Type, bool)>,
    next: usize,
    helpers: &'a [(String, Vec<Type>, Type)],
}

impl Writer<'_> {
    fn one(&mut self, list: &[&str]) -> String {
        (*self.random.of(list)).to_owned()
    }

    fn variable(&mut self, ty: Type) -> Option<String> {
        let fit: Vec<&String> = self.names.iter().filter(|n| n.1 == ty).map(|n| &n.0).collect();
        (!fit.is_empty()).then(|| (*self.random.of(&fit)).clone())
    }

    fn literal(&mut self, ty: Type) -> String {
        match ty {
            Type::Number => self.one(&[
                "0.0", "1.0", "2.5", "10.0", "0.1", "0.3", "-1.5", "3", "0", "2", "1e308", "1e-17", "100.0", "0.5",
                "7", "-4",
            ]),
            Type::Text => self.one(&["\"\"", "\"a\"", "\"gold\"", "\"Gold\"", "\" x \"", "\"ß\"", "\"a\\\"b\""]),
            Type::Bool => self.one(&["true", "false"]),
            Type::Date => {
                self.one(&["date(\"2025-01-31\")", "date(\"2024-02-29\")", "date(\"9999-12-31\")", "date(\"no\")"])
            }
        }
    }

    fn leaf(&mut self, ty: Type) -> String {
        if self.random.below(40) == 0 {
            return "()".to_owned();
        }
        match (self.random.below(3), self.variable(ty)) {
            (0, _) | (_, None) => self.literal(ty),
            (_, Some(name)) => name,
        }
    }

    fn expr(&mut self, ty: Type, depth: usize) -> String {
        if depth == 0 {
            return self.leaf(ty);
        }
        let d = depth - 1;
        match self.random.below(14) {
            0 => {
                let (when, then, otherwise) = (self.expr(Type::Bool, d), self.expr(ty, d), self.expr(ty, d));
                return format!("if {when} {{ {then} }} else {{ {otherwise} }}").replace("if (", "if (");
            }
            1 => return self.switch(ty, d),
            2 => {
                let (a, b) = (self.expr(ty, d), self.expr(ty, d));
                return format!("(({a}) ?? ({b}))");
            }
            3 => {
                let fit: Vec<(String, Vec<Type>, Type)> = self.helpers.iter().filter(|h| h.2 == ty).cloned().collect();
                if !fit.is_empty() {
                    let (name, types, _) = self.random.of(&fit).clone();
                    let arguments: Vec<String> = types.iter().map(|t| self.expr(*t, d)).collect();
                    return format!("{name}({})", arguments.join(", "));
                }
            }
            4 if ty != Type::Bool => return self.leaf(ty),
            _ => {}
        }
        match ty {
            Type::Number => self.number(d),
            Type::Text => match self.random.below(4) {
                0 => format!("lower({})", self.expr(Type::Text, d)),
                1 => format!("({}).to_lower()", self.expr(Type::Text, d)),
                2 => format!("upper({})", self.expr(Type::Text, d)),
                _ => self.leaf(ty),
            },
            Type::Bool => self.bool(d),
            Type::Date => match self.random.below(5) {
                0 => format!("(({}) + ({}))", self.expr(Type::Date, d), self.expr(Type::Number, d)),
                1 => format!("(({}) - ({}))", self.expr(Type::Date, d), self.expr(Type::Number, d)),
                2 => format!("add_months({}, {})", self.expr(Type::Date, d), self.expr(Type::Number, d)),
                3 => {
                    let name = self.one(&["min", "max"]);
                    format!("{name}({}, {})", self.expr(Type::Date, d), self.expr(Type::Date, d))
                }
                _ => self.leaf(ty),
            },
        }
    }

    fn number(&mut self, d: usize) -> String {
        use Type::{Date, Number, Text};
        match self.random.below(15) {
            0..=5 => {
                let op = self.one(&["+", "-", "*", "+", "-", "*", "/", "/", "%", "**"]);
                format!("(({}) {op} ({}))", self.expr(Number, d), self.expr(Number, d))
            }
            6 => format!("(-({}))", self.expr(Number, d)),
            7 => {
                let name = self.one(&["abs", "round", "floor", "ceil", "sqrt", "ln", "exp"]);
                format!("{name}({})", self.expr(Number, d))
            }
            8 => {
                let name = self.one(&["min", "max", "pow", "round"]);
                format!("{name}({}, {})", self.expr(Number, d), self.expr(Number, d))
            }
            9 => format!("clamp({}, {}, {})", self.expr(Number, d), self.leaf(Number), self.leaf(Number)),
            10 => format!("({}).len()", self.expr(Text, d)),
            11 => {
                let part = self.one(&["year", "month", "day", "weekday"]);
                match self.random.below(2) {
                    0 => format!("{part}({})", self.expr(Date, d)),
                    _ => format!("({}).{part}", self.expr(Date, d)),
                }
            }
            12 => format!("(({}) - ({}))", self.expr(Date, d), self.expr(Date, d)),
            13 => {
                let name = self.one(&["days_between", "months_between", "years_between"]);
                format!("{name}({}, {})", self.expr(Date, d), self.expr(Date, d))
            }
            _ => format!("max({}, {}, {})", self.expr(Number, d), self.leaf(Number), self.leaf(Number)),
        }
    }

    fn bool(&mut self, d: usize) -> String {
        use Type::{Bool, Date, Number, Text};
        match self.random.below(12) {
            0..=3 => {
                let ty = *self.random.of(&[Number, Number, Number, Text, Date]);
                let op = self.one(&["==", "!=", "<", "<=", ">", ">="]);
                format!("(({}) {op} ({}))", self.expr(ty, d), self.expr(ty, d))
            }
            4 | 5 => {
                let ty = *self.random.of(&[Number, Text, Bool, Date]);
                let op = self.one(&["==", "!="]);
                format!("({} {op} ())", self.leaf(ty))
            }
            6 => format!("(({}) && ({}))", self.expr(Bool, d), self.expr(Bool, d)),
            7 => format!("(({}) || ({}))", self.expr(Bool, d), self.expr(Bool, d)),
            8 => format!("(!({}))", self.expr(Bool, d)),
            9 => match self.random.below(3) {
                0 => format!("(({}) in [\"a\", \"gold\", \"\"])", self.expr(Text, d)),
                1 => format!("(({}) !in [\"a\", \"gold\"])", self.expr(Text, d)),
                _ => format!("(({}) in [1.0, 2.5, 0.0])", self.expr(Number, d)),
            },
            10 => {
                let name = self.one(&["contains", "starts_with", "ends_with"]);
                format!("({}).{name}({})", self.expr(Text, d), self.expr(Text, d))
            }
            _ => format!("(({}) == ({}))", self.expr(Bool, d), self.expr(Bool, d)),
        }
    }

    fn switch(&mut self, ty: Type, d: usize) -> String {
        let over = *self.random.of(&[Type::Text, Type::Bool, Type::Number]);
        let item = self.expr(over, d);
        let cases: &[&str] = match over {
            Type::Text => &["\"a\" | \"gold\"", "\"\"", "\"a\\\"b\"", "\"ß\" | \"Gold\" | \"x\""],
            Type::Bool => &["true", "false"],
            _ => &["1.0 | 2.0", "2.5", "-1.5", "3.0"],
        };
        let mut text = format!("switch {item} {{ ");
        for case in cases.iter().take(1 + self.random.below(cases.len())) {
            let _ = write!(text, "{case} => {{ {} }}, ", self.expr(ty, d));
        }
        if self.random.below(4) > 0 {
            let _ = write!(text, "_ => {{ {} }} ", self.expr(ty, d));
        }
        text + "}"
    }

    /// Statements before the result.
    fn statements(&mut self, result: Type, count: usize, text: &mut String) {
        for _ in 0..count {
            let ty = *self.random.of(&[Type::Number, Type::Number, Type::Text, Type::Bool, Type::Date]);
            match self.random.below(12) {
                0..=3 => {
                    let name = format!("v{}", self.next);
                    self.next += 1;
                    let word = if self.random.below(4) == 0 { "const" } else { "let" };
                    let _ = writeln!(text, "    {word} {name} = {};", self.expr(ty, 2));
                    self.names.push((name, ty, word == "let"));
                }
                4 | 5 => {
                    let fit: Vec<(String, Type, bool)> = self.names.iter().filter(|n| n.2).cloned().collect();
                    if !fit.is_empty() {
                        let (name, ty, _) = self.random.of(&fit).clone();
                        let op =
                            if ty == Type::Number { self.one(&["=", "+=", "-=", "*=", "+="]) } else { "=".to_owned() };
                        let _ = writeln!(text, "    {name} {op} {};", self.expr(ty, 2));
                    }
                }
                6 | 7 => {
                    let when = self.expr(Type::Bool, 2);
                    let _ = writeln!(text, "    if {when} {{ return {}; }}", self.expr(result, 2));
                }
                8 => {
                    let when = self.expr(Type::Bool, 2);
                    let _ = writeln!(text, "    if {when} {{");
                    let names = self.names.len();
                    self.statements(result, 2, text);
                    self.names.truncate(names);
                    if self.random.below(2) == 0 {
                        text.push_str("    } else {\n");
                        self.statements(result, 1, text);
                        self.names.truncate(names);
                    }
                    text.push_str("    }\n");
                }
                9 => {
                    if let Some(name) = self.variable(ty) {
                        let _ = writeln!(text, "    if {name} == () {{ return {}; }}", self.expr(result, 1));
                    }
                }
                10 => match self.random.below(6) {
                    0 => {
                        let _ = writeln!(text, "    if {} {{ throw \"no\"; }}", self.expr(Type::Bool, 1));
                    }
                    1 => text.push_str("    for i in 0..3 { if i > 5 { return (); } }\n"),
                    _ => {
                        if let Some((name, ..)) =
                            self.names.iter().find(|n| n.1 == Type::Text && n.2 && !n.0.is_empty()).cloned()
                        {
                            let _ = writeln!(text, "    {name}.trim();");
                        }
                    }
                },
                _ => {}
            }
        }
    }
}

/// A module of random functions.
pub(crate) fn module(random: &mut Random, count: usize) -> String {
    const TYPES: [Type; 4] = [Type::Number, Type::Text, Type::Bool, Type::Date];
    let mut text = String::from("const LIMIT = 2.5;\nconst WORD = \"gold\";\n");
    let mut helpers: Vec<(String, Vec<Type>, Type)> = Vec::new();
    for at in 0..count + 3 {
        let helper = at < 3;
        let name = if helper { format!("h{at}") } else { format!("f{}", at - 3) };
        let types: Vec<Type> = (0..1 + random.below(3)).map(|_| *random.of(&TYPES)).collect();
        let result = *random.of(&[Type::Number, Type::Number, Type::Text, Type::Bool, Type::Date]);
        let names: Vec<(String, Type, bool)> =
            types.iter().enumerate().map(|(i, ty)| (format!("p{i}"), *ty, true)).collect();
        let parameters: Vec<String> = names.iter().map(|n| n.0.clone()).collect();
        if !helper {
            let declared: Vec<String> = names.iter().map(|n| format!("{}: {}", n.0, n.1)).collect();
            let _ = writeln!(text, "/// ({}) -> {result}", declared.join(", "));
            if random.below(2) == 0 {
                text.push_str("/// missing: call\n");
            }
        }
        let _ = writeln!(text, "fn {name}({}) {{", parameters.join(", "));
        let mut names = names;
        names.push(("global::LIMIT".to_owned(), Type::Number, false));
        names.push(("global::WORD".to_owned(), Type::Text, false));
        let mut writer = Writer { random, names, next: 0, helpers: &helpers };
        let statements = writer.random.below(if helper { 2 } else { 5 });
        let mut body = String::new();
        writer.statements(result, statements, &mut body);
        let depth = 1 + writer.random.below(3);
        let value = writer.expr(result, depth);
        let _ = write!(text, "{body}    {value}\n}}\n\n");
        if helper {
            helpers.push((name, types, result));
        }
    }
    text
}

/// The functions of a text; none if it does not compile, which a generator may bring about.
pub(crate) fn compile(text: &str) -> Option<Scripts> {
    let mut sources = Sources::default();
    let file = sources.add("scripts/m.rhai", text);
    let mut diagnostics = Vec::new();
    let scripts = Scripts::compile(&[("m".to_owned(), file)], &sources, &Limits::default(), &mut diagnostics);
    diagnostics.is_empty().then_some(scripts)
}

/// Arguments of a function, one list per row.
pub(crate) fn arguments(random: &mut Random, signature: &Signature, rows: usize) -> Vec<Vec<Value>> {
    let long = "x".repeat(1500);
    (0..rows).map(|_| signature.parameters.iter().map(|p| argument(random, p.ty, &long)).collect()).collect()
}

fn argument(random: &mut Random, ty: Type, long: &str) -> Value {
    if random.below(7) == 0 {
        return Value::Missing;
    }
    match ty {
        Type::Number => {
            let near = [
                1.0,
                2.5,
                10.0,
                0.1,
                0.3,
                100.0,
                0.0,
                -0.0,
                f64::EPSILON,
                1e-17,
                1e308,
                -1e308,
                f64::MAX,
                f64::MIN,
                5e-324,
                -1.5,
                3.0,
                7.0,
                2.0,
                -4.0,
                1e-200,
            ];
            let x = *random.of(&near);
            Value::number(match random.below(6) {
                0 => x.next_up(),
                1 => x.next_down(),
                2 => random.number().as_number().unwrap_or(x),
                _ => x,
            })
        }
        Type::Text => match random.below(12) {
            0 => Value::text(long),
            1..=3 => random.text(),
            _ => Value::text(*random.of(&["", "a", "gold", "Gold", " x ", "x", "ß", "a\"b"])),
        },
        Type::Bool => Value::Bool(random.below(2) == 0),
        Type::Date => random.date(),
    }
}

/// What was found of one function.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Where columns and rows differ.
    pub(crate) difference: Option<String>,
    /// Rows on which a guard does not hold.
    pub(crate) guarded: usize,
    pub(crate) failed: usize,
    pub(crate) there: usize,
}

/// Calls a function on rows of arguments in columns, and one by one.
pub(crate) fn both(scripts: &Arc<Scripts>, signature: &Arc<Signature>, rows: &[Vec<Value>]) -> Found {
    let mut names = Names::default();
    let mut slots = Vec::new();
    for p in &signature.parameters {
        let name = Name { name: p.name.clone(), kind: NameKind::Column, stage: Stage::Record, ty: p.ty, span: None };
        slots.push((names.add(name).unwrap(), p.ty));
    }
    let mut fields = vec![Field::new("key", DataType::Int64, false)];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(Int64Array::from_iter_values(0..rows.len() as i64))];
    for (at, (p, (_, ty))) in signature.parameters.iter().zip(&slots).enumerate() {
        let column = rows.iter().map(|row| &row[at]);
        let array: ArrayRef = match ty {
            Type::Number => Arc::new(column.map(Value::as_number).collect::<Float64Array>()),
            Type::Text => Arc::new(column.map(Value::as_text).collect::<StringArray>()),
            Type::Bool => Arc::new(column.map(Value::as_bool).collect::<BooleanArray>()),
            Type::Date => Arc::new(column.map(|v| v.as_date().map(Date::days)).collect::<Date32Array>()),
        };
        fields.push(Field::new(&p.name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let mut builder = Builder::new(Arc::new(names), Arc::clone(scripts));
    for ((slot, _), p) in slots.iter().zip(&signature.parameters) {
        builder.input(*slot, &p.name);
    }
    let read = slots.iter().map(|(slot, ty)| Expr { kind: Kind::Slot(*slot), ty: *ty, span: span() }).collect();
    let call = Expr { kind: Kind::Script(Arc::clone(signature), read), ty: signature.result, span: span() };
    let value = builder.value(&call);
    builder.output("e", value);
    let (columns, failures) = run(&builder.finish("key"), &batch);

    let mut found = Found::default();
    let lowered = scripts.lowered(signature);
    for (at, (row, got)) in rows.iter().zip(&columns[0]).enumerate() {
        let wanted = scripts.call(signature, row);
        found.failed += usize::from(wanted.is_err());
        let wanted = wanted.unwrap_or(Value::Missing);
        found.there += usize::from(!wanted.is_missing());
        let called = signature.on_missing == OnMissing::Call || row.iter().all(|v| !v.is_missing());
        if called && lowered.is_some_and(|lowered| !holds(lowered, row)) {
            found.guarded += 1;
        }
        if !same(&wanted, got) && found.difference.is_none() {
            found.difference = Some(format!("row {at}, {row:?}: in Rhai {wanted:?}, in columns {got:?}"));
        }
    }
    if count(&failures) != found.failed as u64 && found.difference.is_none() {
        found.difference = Some(format!("{} calls fail, {} in columns", found.failed, count(&failures)));
    }
    found
}

struct Bound(HashMap<Slot, Value>);

impl Row for Bound {
    fn get(&self, slot: Slot) -> Value {
        self.0.get(&slot).cloned().unwrap_or(Value::Missing)
    }
}

/// Whether all guards hold of some arguments.
fn holds(lowered: &Lowered, row: &[Value]) -> bool {
    let scripts = Scripts::default();
    let mut bound = Bound(row.iter().enumerate().map(|(at, v)| (parameter(at), v.clone())).collect());
    for (slot, expr) in &lowered.definitions {
        let value = evaluate(expr, &bound, &scripts);
        bound.0.insert(*slot, value);
    }
    lowered.guards.iter().all(|guard| evaluate(&guard.holds, &bound, &scripts) == Value::Bool(true))
}
