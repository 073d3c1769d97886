//! Typing calls: which functions there are, what they take, and what was meant if there is no such function.

use std::ops::Range;
use std::sync::Arc;

use super::{Typed, Typer, a, constant, with_help};
use crate::diag::{Diagnostic, code};
use crate::expr::functions::{Pattern, Words, doc, docs};
use crate::expr::parse::{Node, NodeKind};
use crate::expr::value::Date;
use crate::expr::{Func, Kind, Type, Value};

/// What a function takes and gives.
struct Shape {
    /// Types of the parameters.
    parameters: &'static [Type],
    /// How many of the last ones may be left out.
    optional: usize,
    /// The type of the result.
    result: Type,
    /// The function.
    func: Func,
}

/// The functions whose parameters have one type each.
fn shape(name: &str) -> Option<Shape> {
    use Type::{Bool, Date, Number, Text};
    let (parameters, result, func): (&'static [Type], Type, Func) = match name {
        "days_between" => (&[Date, Date], Number, Func::DaysBetween),
        "months_between" => (&[Date, Date], Number, Func::MonthsBetween),
        "years_between" => (&[Date, Date], Number, Func::YearsBetween),
        "add_days" => (&[Date, Number], Date, Func::AddDays),
        "add_months" => (&[Date, Number], Date, Func::AddMonths),
        "year" => (&[Date], Number, Func::Year),
        "month" => (&[Date], Number, Func::Month),
        "day" => (&[Date], Number, Func::Day),
        "weekday" => (&[Date], Number, Func::Weekday),
        "clamp" => (&[Number, Number, Number], Number, Func::Clamp),
        "abs" => (&[Number], Number, Func::Abs),
        "round" => (&[Number, Number], Number, Func::Round),
        "floor" => (&[Number], Number, Func::Floor),
        "ceil" => (&[Number], Number, Func::Ceil),
        "sqrt" => (&[Number], Number, Func::Sqrt),
        "ln" => (&[Number], Number, Func::Ln),
        "exp" => (&[Number], Number, Func::Exp),
        "pow" => (&[Number, Number], Number, Func::Pow),
        "lower" => (&[Text], Text, Func::Lower),
        "upper" => (&[Text], Text, Func::Upper),
        "trim" => (&[Text], Text, Func::Trim),
        "len" => (&[Text], Number, Func::Len),
        "contains" => (&[Text, Text], Bool, Func::Contains),
        "starts_with" => (&[Text, Text], Bool, Func::StartsWith),
        "ends_with" => (&[Text, Text], Bool, Func::EndsWith),
        _ => return None,
    };
    Some(Shape { parameters, optional: usize::from(name == "round"), result, func })
}

impl Typer<'_> {
    pub(super) fn call(&mut self, name: &str, at: &Range<usize>, arguments: &[Node], node: &Node) -> Option<Typed> {
        if let Some((module, function)) = name.split_once("::") {
            return self.script(module, function, at, arguments, node);
        }
        match name {
            "min" => self.extreme(Func::Min, name, arguments, node),
            "max" => self.extreme(Func::Max, name, arguments, node),
            "date" => self.date(arguments, node),
            "matches" => self.matches(arguments, node),
            "mentions" => self.mentions(arguments, node),
            _ => match shape(name) {
                Some(shape) => self.built_in(name, shape, arguments, node),
                None => {
                    let known = self.unknown_function(name, at, arguments);
                    self.diagnostics.push(known);
                    if is_aggregate(name) {
                        return None;
                    }
                    // Names in the arguments are still looked at; lists are what such functions often take.
                    arguments.iter().filter(|x| !matches!(x.kind, NodeKind::List(_))).for_each(|x| {
                        self.infer(x);
                    });
                    None
                }
            },
        }
    }

    fn built_in(&mut self, name: &str, shape: Shape, arguments: &[Node], node: &Node) -> Option<Typed> {
        let most = shape.parameters.len();
        if !self.arity(name, most - shape.optional, most, arguments, node) {
            return None;
        }
        let typed: Vec<_> = arguments.iter().zip(shape.parameters).map(|(x, ty)| self.argument(name, x, *ty)).collect();
        let typed = typed.into_iter().collect::<Option<_>>()?;
        Typed::new(Kind::Call(shape.func, typed), shape.result, self.ast.span_of(node))
    }

    /// How a function is called, as its manual page says.
    fn usage(name: &str) -> Option<String> {
        doc(name).map(|d| format!("`{}`", d.signature))
    }

    /// Whether the number of arguments is right; reports it if not, and looks at the arguments.
    pub(super) fn arity(&mut self, name: &str, least: usize, most: usize, arguments: &[Node], node: &Node) -> bool {
        let given = arguments.len();
        if (least..=most).contains(&given) {
            return true;
        }
        let wanted = match (least, most) {
            (l, m) if l == m => plural(l),
            (l, m) if l + 1 == m => format!("{l} or {}", plural(m)),
            (l, m) if m == usize::MAX => format!("at least {}", plural(l)),
            (l, m) => format!("{l} to {}", plural(m)),
        };
        let message = format!("`{name}` takes {wanted}, and {given} {} given", if given == 1 { "is" } else { "are" });
        let mut diagnostic = Diagnostic::error(code::ARGUMENTS, self.ast.span_of(node), message);
        diagnostic = with_help(diagnostic, Self::usage(name));
        if given > most
            && let Some(decimal) = self.decimal_comma(arguments)
        {
            diagnostic = diagnostic.help(format!("decimals are written with a point: `{decimal}`"));
        }
        self.diagnostics.push(diagnostic);
        for argument in arguments.iter().filter(|x| !matches!(x.kind, NodeKind::List(_))) {
            self.infer(argument);
        }
        false
    }

    /// `0.5`, if two arguments were written `0,5`.
    fn decimal_comma(&self, arguments: &[Node]) -> Option<String> {
        let number = |x: &Node| matches!(x.kind, NodeKind::Number(_));
        arguments.windows(2).find_map(|pair| match pair {
            [x, y] if number(x) && number(y) && x.range.end + 1 == y.range.start => {
                Some(format!("{}.{}", self.short(x), self.short(y)))
            }
            _ => None,
        })
    }

    /// An argument of a certain type.
    pub(super) fn argument(&mut self, function: &str, node: &Node, ty: Type) -> Option<crate::expr::Expr> {
        if matches!(node.kind, NodeKind::List(_)) {
            let message = format!("`{function}` wants {} here, and this is a list", a(ty));
            let help = match ty {
                Type::Text => {
                    "for whole words there is `mentions(x, [\"a\", \"b\"])`, for equal texts `x in [\"a\", \"b\"]`"
                }
                _ => "write one value",
            };
            let diagnostic = self.error(node, message).help(help);
            self.diagnostics.push(diagnostic);
            return None;
        }
        let typed = self.infer(node)?;
        if typed.open || typed.expr.ty == ty {
            return Some(typed.settle(ty));
        }
        let found = typed.expr.ty;
        let message = format!("`{function}` wants {} here, and this is {}", a(ty), a(found));
        let help = match (function, found) {
            ("len", Type::Number | Type::Date) => None,
            ("contains", _) if ty == Type::Text => None,
            _ => self.convert_hint(node, found, ty),
        };
        let diagnostic = with_help(self.error(node, message), help);
        self.diagnostics.push(with_help(diagnostic, Self::usage(function)));
        None
    }

    /// `min` and `max`: of two or more numbers, or of two or more dates.
    fn extreme(&mut self, func: Func, name: &str, arguments: &[Node], node: &Node) -> Option<Typed> {
        if arguments.len() < 2 {
            let table = arguments.iter().any(|x| matches!(&x.kind, NodeKind::Name(n) if n.contains('.')));
            if table && self.table.is_none() {
                let message = format!("`{name}` over a table is a rollup");
                let help = format!("write `'{}'` in `[rollups]`, and use the rollup's name here", self.short(node));
                let diagnostic = Diagnostic::error(code::ARGUMENTS, self.ast.span_of(node), message).help(help);
                self.diagnostics.push(diagnostic);
                return None;
            }
            self.arity(name, 2, usize::MAX, arguments, node);
            return None;
        }
        let parts: Vec<Option<Typed>> = arguments.iter().map(|x| self.infer(x)).collect();
        let mut failed = false;
        for (part, argument) in parts.iter().zip(arguments) {
            if let Some(part) = part
                && !part.open
                && !matches!(part.expr.ty, Type::Number | Type::Date)
            {
                let message = format!("`{name}` compares numbers or dates, and this is {}", a(part.expr.ty));
                let help = self.convert_hint(argument, part.expr.ty, Type::Number);
                let diagnostic = with_help(self.error(argument, message), help);
                self.diagnostics.push(diagnostic);
                failed = true;
            }
        }
        if failed {
            return None;
        }
        let (list, ty, _) = self.unify(parts, arguments.iter().collect(), &format!("the arguments of `{name}`"))?;
        Typed::new(Kind::Call(func, list), ty, self.ast.span_of(node))
    }

    /// A text that must be written out.
    fn constant_text<'n>(&mut self, node: &'n Node, message: &str, help: &str) -> Option<&'n Arc<str>> {
        if let NodeKind::Text(text) = &node.kind {
            return Some(text);
        }
        let diagnostic = Diagnostic::error(code::NOT_CONSTANT, self.ast.span_of(node), message).help(help);
        self.diagnostics.push(diagnostic);
        None
    }

    /// `date("2025-01-31")`
    fn date(&mut self, arguments: &[Node], node: &Node) -> Option<Typed> {
        let [argument] = arguments else {
            let numbers: Option<Vec<f64>> = arguments.iter().map(|x| constant(x).as_number()).collect();
            let day = match numbers.as_deref() {
                Some([y, m, d]) => Date::from_ymd(*y as i32, *m as u32, *d as u32),
                _ => None,
            };
            if let Some(day) = day {
                let span = self.ast.span_of(node);
                let diagnostic = Diagnostic::error(code::ARGUMENTS, span, "`date` takes 1 argument, a text");
                self.diagnostics.push(diagnostic.help(format!("write `date(\"{day}\")`")));
            } else {
                self.arity("date", 1, 1, arguments, node);
            }
            return None;
        };
        let help = "a date is computed with `+`, `add_days` and `add_months`; a text column with dates is declared `type = \"date\"`";
        let text = self.constant_text(argument, "the day must be written out, as `date(\"2025-01-31\")`", help)?;
        match Date::parse_iso(text) {
            Some(day) => Typed::new(Kind::Const(Value::Date(day)), Type::Date, self.ast.span_of(node)),
            None => {
                let message = format!("`{text}` is not a day");
                let span = self.ast.span_of(argument);
                let diagnostic = Diagnostic::error(code::BAD_CONSTANT, span, message);
                self.diagnostics.push(diagnostic.help("write year, month and day: `date(\"2025-01-31\")`"));
                None
            }
        }
    }

    fn matches(&mut self, arguments: &[Node], node: &Node) -> Option<Typed> {
        let [text, pattern] = arguments else {
            self.arity("matches", 2, 2, arguments, node);
            return None;
        };
        let typed = self.argument("matches", text, Type::Text);
        let help = "write the pattern in quotes; to find another column's value, there is `contains`";
        let written = self.constant_text(pattern, "the pattern must be written out", help)?;
        match Pattern::compile(written) {
            Ok(compiled) => {
                let func = Func::Matches(Arc::new(compiled));
                Typed::new(Kind::Call(func, vec![typed?]), Type::Bool, self.ast.span_of(node))
            }
            Err(error) => {
                let message = format!("this pattern cannot be used: {error}");
                let diagnostic = Diagnostic::error(code::BAD_CONSTANT, self.ast.span_of(pattern), message);
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    fn mentions(&mut self, arguments: &[Node], node: &Node) -> Option<Typed> {
        let Some((text, lists)) = arguments.split_first().filter(|(_, lists)| !lists.is_empty()) else {
            self.arity("mentions", 2, 2, arguments, node);
            return None;
        };
        let typed = self.argument("mentions", text, Type::Text);
        if let [_, second, ..] = lists {
            let words = lists.iter().map(|x| self.short(x)).collect::<Vec<_>>().join(", ");
            let message = "`mentions` takes 2 arguments: a text, and a list of words";
            let diagnostic = Diagnostic::error(code::ARGUMENTS, self.ast.span_of(second), message);
            self.diagnostics.push(diagnostic.help(format!("write `mentions({}, [{words}])`", self.short(text))));
            return None;
        }
        let list = lists.first()?;
        let words = self.words(list)?;
        let func = Func::Mentions(Arc::new(Words::compile(words)));
        Typed::new(Kind::Call(func, vec![typed?]), Type::Bool, self.ast.span_of(node))
    }

    /// The words of a list that is written out; a single text is a list of one.
    fn words(&mut self, list: &Node) -> Option<Vec<String>> {
        let message = "the words must be written out";
        let help = "write a list of texts: `[\"price\", \"too expensive\"]`";
        let nodes = match &list.kind {
            NodeKind::List(nodes) => nodes.as_slice(),
            _ => std::slice::from_ref(list),
        };
        let mut words = Vec::with_capacity(nodes.len());
        for node in nodes {
            if let Some(word) = self.constant_text(node, message, help) {
                words.push(word.to_string());
                if !word.chars().any(char::is_alphanumeric)
                    && word.chars().all(|c| c.is_whitespace() || c.is_ascii_punctuation())
                {
                    let span = self.ast.span_of(node);
                    self.diagnostics.push(Diagnostic::error(code::BAD_CONSTANT, span, "there is no word in this text"));
                    words.pop();
                }
            }
        }
        if nodes.is_empty() {
            let diagnostic =
                Diagnostic::error(code::BAD_CONSTANT, self.ast.span_of(list), "the list of words is empty");
            self.diagnostics.push(diagnostic.help(help));
        }
        (words.len() == nodes.len() && !words.is_empty()).then_some(words)
    }

    /// There is no such function: what was meant.
    fn unknown_function(&self, name: &str, at: &Range<usize>, arguments: &[Node]) -> Diagnostic {
        let span = self.ast.anchor.span(at.start, at.end);
        let diagnostic = Diagnostic::error(code::UNKNOWN_FUNCTION, span, format!("there is no function `{name}`"));
        if let Some(help) = self.foreign(name, arguments) {
            return diagnostic.help(help);
        }
        if self.scope.names.find(name).is_some() {
            return diagnostic.help(format!("`{name}` is a name: write it without parentheses"));
        }
        let scripts = self.scope.scripts.signatures();
        if let Some(script) = scripts.iter().find(|s| s.name == name) {
            return diagnostic.help(format!("did you mean `{}`?", script.path()));
        }
        let paths: Vec<String> = scripts.iter().map(|s| s.path()).collect();
        let known = docs().iter().map(|d| d.name).chain(paths.iter().map(String::as_str));
        diagnostic.did_you_mean(name, known)
    }

    /// Functions people know from spreadsheets, SQL and Rhai.
    fn foreign(&self, name: &str, arguments: &[Node]) -> Option<String> {
        let first = arguments.first();
        let x = first.map_or_else(|| "x".to_string(), |n| self.operand(n));
        let y = arguments.get(1).map_or_else(|| "y".to_string(), |n| self.operand(n));
        let last = arguments.get(2).map_or_else(|| "z".to_string(), |n| self.short(n));
        let plain = |help: &str| Some(help.to_string());
        let lower = name.to_lowercase().replace('_', "");
        match lower.as_str() {
            "isnull" if arguments.len() == 2 => Some(format!("write `{x} ?? {y}`")),
            "isnull" | "isblank" | "ismissing" | "isna" | "isempty" | "isnone" | "isunknown" => {
                Some(format!("write `{x} == ()`"))
            }
            "isnotnull" | "notnull" | "exists" | "ispresent" | "hasvalue" => Some(format!("write `{x} != ()`")),
            "coalesce" | "nvl" | "ifnull" | "nz" | "ifna" | "iferror" | "ifmissing" | "default" => {
                Some(format!("write `{x} ?? {y}`"))
            }
            "nullif" => Some(format!("write `if {x} == {y} {{ () }} else {{ {x} }}`")),
            "iif" | "if" | "ifelse" | "when" | "decode" => Some(format!("write `if {x} {{ {y} }} else {{ {last} }}`")),
            "ifs" | "case" | "choose" => plain("write `if a { x } else if b { y } else { z }`, or a `switch`"),
            "datediff" | "datedif" | "daysdiff" | "datesub" | "timestampdiff" | "dayssince" => {
                plain("days between two dates are `a - b`; there are also `months_between` and `years_between`")
            }
            "dateadd" | "adddate" | "plusdays" => Some(format!("write `{x} + 30`, or `add_months({x}, 1)`")),
            "edate" | "plusmonths" => Some(format!("write `add_months({x}, {y})`")),
            "now" | "today" | "getdate" | "currentdate" | "curdate" | "sysdate" | "timestamp" | "currenttimestamp" => {
                plain("the as-of date is `today`, without parentheses")
            }
            "todate" | "parsedate" | "strtodate" | "datevalue" => {
                plain("a day is written `date(\"2025-01-31\")`; a column with dates is declared `type = \"date\"`")
            }
            "tofloat" | "toint" | "tonumber" | "todecimal" | "parseint" | "parsefloat" | "float" | "int" | "number"
            | "value" | "val" | "cast" | "convert" | "cint" | "cdbl" => match first.map(|n| &n.kind) {
                Some(NodeKind::Name(_)) => {
                    Some(format!("types do not change here: declare `{x}` with `type = \"number\"`"))
                }
                _ => plain("numbers need no conversion: leave it out"),
            },
            "tostring" | "str" | "text" | "string" | "concat" | "concatenate" | "join" | "format" | "textjoin" => {
                plain("texts are put together in a `because`, as `{a} {b}`, or in a script")
            }
            "substring" | "substr" | "subst" | "left" | "right" | "mid" | "crop" | "slice" | "split" | "replace"
            | "regexpreplace" | "splitpart" => {
                plain("there are `starts_with`, `ends_with`, `contains` and `matches`; to cut a text, write a script")
            }
            "indexof" | "find" | "search" | "instr" | "position" | "charindex" | "strpos" => {
                Some(format!("to find a part of a text, write `contains({x}, {y})`"))
            }
            "like" | "regex" | "regexp" | "rlike" | "ismatch" | "regexpmatch" | "regexmatch" | "match"
            | "regexplike" => Some(format!("write `matches({x}, {y})`")),
            "containsany" | "anyof" | "hasany" | "mentionsany" => Some(format!("write `mentions({x}, [\"…\"])`")),
            "length" | "size" | "strlen" | "charlength" => Some(format!("write `len({x})`")),
            "toupper" | "ucase" | "uppercase" => Some(format!("write `upper({x})`")),
            "tolower" | "lcase" | "lowercase" => Some(format!("write `lower({x})`")),
            "strip" | "ltrim" | "rtrim" => Some(format!("write `trim({x})`")),
            "ceiling" | "roundup" => Some(format!("write `ceil({x})`")),
            "rounddown" | "trunc" | "truncate" => Some(format!("write `floor({x})`")),
            "power" => Some(format!("write `{x} ** {y}`")),
            "log" if arguments.len() < 2 => Some(format!("write `ln({x})`")),
            "log" | "log10" | "log2" => plain("the natural logarithm is `ln(x)`; to base 10, `ln(x) / ln(10)`"),
            "mod" => Some(format!("write `{x} % {y}`")),
            "and" => Some(format!("write `{x} && {y}`")),
            "or" => Some(format!("write `{x} || {y}`")),
            "not" => Some(format!("write `!{x}`")),
            "xor" => Some(format!("write `{x} != {y}`")),
            "between" => Some(format!("write `{x} >= {y} && {x} <= {last}`")),
            "in" | "oneof" => Some(format!("write `{x} in [{y}, …]`")),
            "least" => Some(format!("write `min({x}, {y})`")),
            "greatest" => Some(format!("write `max({x}, {y})`")),
            "dayofweek" | "isoweekday" | "dow" => Some(format!("write `weekday({x})`: 1 for Monday to 7")),
            "dayofmonth" => Some(format!("write `day({x})`")),
            "rand" | "random" | "uuid" => plain("nothing is random here: the same data must give the same result"),
            "print" | "debug" | "eval" | "call" | "curry" | "fn" | "typeof" | "isshared" | "isdefvar" | "isdeffn" => {
                plain("it belongs in a script")
            }
            _ if is_aggregate(name) => match self.table {
                Some(_) => plain("a rollup is one aggregate: make two rollups, and put them together in `[facts]`"),
                None => plain("events are counted and added up in `[rollups]`: make a rollup, and use its name here"),
            },
            _ => None,
        }
    }
}

/// Whether the name is one of a rollup's functions, or what other tools call them.
fn is_aggregate(name: &str) -> bool {
    matches!(
        name.to_lowercase().replace('_', "").as_str(),
        "count"
            | "sum"
            | "mean"
            | "median"
            | "first"
            | "last"
            | "share"
            | "quantile"
            | "countdistinct"
            | "mediangap"
            | "quantilegap"
            | "avg"
            | "average"
            | "total"
            | "percentile"
            | "sumif"
            | "countif"
            | "stddev"
    )
}

fn plural(n: usize) -> String {
    match n {
        0 => "no arguments".to_string(),
        1 => "1 argument".to_string(),
        n => format!("{n} arguments"),
    }
}
