//! The engine scripts run in: what they can reach, and how values go in and out.
//!
//! No file, network, clock, randomness, `eval` or `import`; what is printed goes into a log; every size is limited. Functions of the standard
//! packages that could outrun the limits are replaced by those in `bounded`.

use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage,
    BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{Array, Dynamic, Engine, EvalAltResult, INT, ImmutableString};

use super::printed::Log;
use super::{Limits, bounded, nesting, patience};
use crate::expr::functions::patterns;
use crate::expr::{Date, Func, Type, Value};

/// Words of Rhai that scripts cannot use.
pub(super) const FORBIDDEN: &[&str] = &["eval", "import", "export", "sleep", "this"];

/// Functions of one script.
pub(super) const MOST_FUNCTIONS: usize = 1_000;

/// What a call of a native function gives.
pub(super) type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// The engine for scripts under these limits.
pub(super) fn engine(limits: &Limits, log: &Log) -> Engine {
    let mut engine = Engine::new_raw();
    // Not the core package (`sleep`, `exit`, reflection) and not the time package.
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicFnPackage::new().register_into_engine(&mut engine);

    for word in FORBIDDEN {
        engine.disable_symbol(*word);
    }
    // With no `on_print`, what `print` gives back is dropped: it is in the log by then.
    // A raw engine has no module resolver; with `import` disabled and no modules allowed there is no way to one.
    engine.set_max_modules(0);
    engine.set_max_call_levels(limits.max_depth);
    engine.set_max_expr_depths(limits.max_expression_depth, limits.max_expression_depth);
    engine.set_max_string_size(limits.max_string);
    engine.set_max_array_size(limits.max_array);
    engine.set_max_map_size(limits.max_map);
    engine.set_max_variables(limits.max_variables);
    engine.set_max_functions(MOST_FUNCTIONS);
    engine.set_strict_variables(true);

    nesting::limit(&mut engine, limits);
    patience::limit(&mut engine, limits.max_operations);
    log.register(&mut engine);
    bounded::register(&mut engine, *limits);
    register_dates(&mut engine);
    register_functions(&mut engine);
    engine
}

/// Dates: `.year .month .day .weekday`, days between, moved by days, compared.
fn register_dates(engine: &mut Engine) {
    fn moved(date: Option<Date>) -> Dynamic {
        date.map_or(Dynamic::UNIT, Dynamic::from)
    }
    fn plus(date: Date, n: f64) -> Dynamic {
        date_of(&Func::AddDays.call(&[Value::Date(date), Value::number(n)]))
    }
    fn minus(date: Date, n: f64) -> Dynamic {
        // As `date - n` in an expression: n is floored first.
        plus(date, -n.floor())
    }
    fn date_of(value: &Value) -> Dynamic {
        moved(value.as_date())
    }
    fn part(func: &Func, date: Date) -> f64 {
        func.call(&[Value::Date(date)]).as_number().unwrap_or_default()
    }
    engine.register_type_with_name::<Date>("date");
    engine.register_get("year", |date: &mut Date| part(&Func::Year, *date));
    engine.register_get("month", |date: &mut Date| part(&Func::Month, *date));
    engine.register_get("day", |date: &mut Date| part(&Func::Day, *date));
    engine.register_get("weekday", |date: &mut Date| part(&Func::Weekday, *date));
    engine.register_fn("-", |a: Date, b: Date| f64::from(a.days()) - f64::from(b.days()));
    engine.register_fn("+", plus);
    engine.register_fn("-", minus);
    engine.register_fn("+", |date: Date, n: INT| plus(date, n as f64));
    engine.register_fn("-", |date: Date, n: INT| minus(date, n as f64));
    engine.register_fn("==", |a: Date, b: Date| a == b);
    engine.register_fn("!=", |a: Date, b: Date| a != b);
    engine.register_fn("<", |a: Date, b: Date| a < b);
    engine.register_fn("<=", |a: Date, b: Date| a <= b);
    engine.register_fn(">", |a: Date, b: Date| a > b);
    engine.register_fn(">=", |a: Date, b: Date| a >= b);
    engine.register_fn("to_string", |date: &mut Date| date.to_string());
    engine.register_fn("to_debug", |date: &mut Date| date.to_string());
    engine.register_fn("date", |text: &str| moved(Date::parse_iso(text)));
}

/// The functions of expressions, under the same names and with the same meaning.
///
/// Left out are those that Rhai has under the same name with another meaning (`trim`), those it has anyway (`len`,
/// `contains`, …), and `matches`, whose pattern would be compiled on every call.
fn register_functions(engine: &mut Engine) {
    use Type::{Date, Number, Text};
    const PAIR: &[Type] = &[Date, Date];
    const MOVE: &[Type] = &[Date, Number];
    for (func, types) in [
        (Func::DaysBetween, PAIR),
        (Func::MonthsBetween, PAIR),
        (Func::YearsBetween, PAIR),
        (Func::AddDays, MOVE),
        (Func::AddMonths, MOVE),
        (Func::Year, &[Date]),
        (Func::Month, &[Date]),
        (Func::Day, &[Date]),
        (Func::Weekday, &[Date]),
        (Func::Clamp, &[Number, Number, Number]),
        (Func::Abs, &[Number]),
        (Func::Round, &[Number]),
        (Func::Round, &[Number, Number]),
        (Func::Floor, &[Number]),
        (Func::Ceil, &[Number]),
        (Func::Sqrt, &[Number]),
        (Func::Ln, &[Number]),
        (Func::Exp, &[Number]),
        (Func::Pow, &[Number, Number]),
        (Func::Lower, &[Text]),
        (Func::Upper, &[Text]),
        // Of numbers or of dates, all alike.
        (Func::Min, &[Number, Number]),
        (Func::Min, &[Number, Number, Number]),
        (Func::Max, &[Number, Number]),
        (Func::Max, &[Number, Number, Number]),
    ] {
        register(engine, func, types);
    }
    engine.register_fn("mentions", |text: Dynamic, words: Array| -> Outcome<Dynamic> {
        if text.is_unit() {
            return Ok(Dynamic::UNIT);
        }
        let Ok(text) = text.into_immutable_string() else {
            return Err("`mentions` takes a text and a list of texts".into());
        };
        // Built for one call: trying the words in turn costs less than an automaton.
        let folded = patterns::fold(&text);
        for word in words {
            let Ok(word) = word.into_immutable_string() else {
                return Err("`mentions` takes a text and a list of texts".into());
            };
            let needle = patterns::fold(&word);
            if needle != " " && folded.contains(&needle) {
                return Ok(true.into());
            }
        }
        Ok(false.into())
    });
}

/// Registers one function for arguments of any type, so that Rhai's own version for its own types goes first.
fn register(engine: &mut Engine, func: Func, types: &'static [Type]) {
    let name = func.name();
    let call = move |arguments: &[Dynamic]| builtin(&func, types, arguments);
    match types.len() {
        1 => {
            engine.register_fn(name, move |a: Dynamic| call(&[a]));
        }
        2 => {
            engine.register_fn(name, move |a: Dynamic, b: Dynamic| call(&[a, b]));
        }
        _ => {
            engine.register_fn(name, move |a: Dynamic, b: Dynamic, c: Dynamic| call(&[a, b, c]));
        }
    }
}

/// Calls a function of expressions with values of a script.
fn builtin(func: &Func, types: &[Type], arguments: &[Dynamic]) -> Outcome<Dynamic> {
    let mut values = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match from_script(argument) {
            Some(value) => values.push(value),
            None => return Err(format!("`{}` cannot take {}", func.name(), kind(argument)).into()),
        }
    }
    if values.iter().any(Value::is_missing) {
        return Ok(Dynamic::UNIT);
    }
    let dates = matches!(func, Func::Min | Func::Max) && values.iter().all(|v| v.ty() == Some(Type::Date));
    let misfit = types.iter().zip(&values).zip(arguments).find(|((ty, value), _)| value.ty() != Some(**ty));
    match misfit {
        Some(((ty, _), argument)) if !dates => {
            Err(format!("`{}` takes a {ty} here, not {}", func.name(), kind(argument)).into())
        }
        _ => Ok(to_script(&func.call(&values))),
    }
}

/// A value as scripts see it: numbers as floats, missing as `()`.
pub(super) fn to_script(value: &Value) -> Dynamic {
    match value {
        Value::Missing => Dynamic::UNIT,
        Value::Number(x) => Dynamic::from_float(*x),
        Value::Text(text) => Dynamic::from(ImmutableString::from(&**text)),
        Value::Bool(b) => Dynamic::from_bool(*b),
        Value::Date(date) => Dynamic::from(*date),
    }
}

/// A value of a script as expressions see it; `None` if it is none of theirs. What is not finite is missing.
pub(super) fn from_script(value: &Dynamic) -> Option<Value> {
    if value.is_unit() {
        Some(Value::Missing)
    } else if let Ok(x) = value.as_float() {
        Some(Value::number(x))
    } else if let Ok(x) = value.as_int() {
        Some(Value::number(x as f64))
    } else if let Ok(b) = value.as_bool() {
        Some(Value::Bool(b))
    } else if let Ok(text) = value.as_immutable_string_ref() {
        Some(Value::text(&**text))
    } else if let Ok(c) = value.as_char() {
        Some(Value::text(&*c.encode_utf8(&mut [0; 4])))
    } else {
        value.read_lock::<Date>().map(|date| Value::Date(*date))
    }
}

/// What a value of a script is, in words.
pub(super) fn kind(value: &Dynamic) -> &'static str {
    match from_script(value) {
        Some(value) => match value.ty() {
            None => "nothing",
            Some(Type::Number) => "a number",
            Some(Type::Text) => "a text",
            Some(Type::Bool) => "a bool",
            Some(Type::Date) => "a date",
        },
        None if value.is_array() => "a list",
        None if value.is_map() => "a map",
        None if value.is_fnptr() => "a function",
        None => "something else",
    }
}

/// What is said of a result that is not what the signature says.
pub(super) fn wrong_result(wanted: Type, value: &Dynamic) -> String {
    format!("gives {}, but its signature says {wanted}", kind(value))
}

/// The names a script may call.
pub(super) fn function_names(engine: &Engine) -> Vec<String> {
    // What the interpreter itself answers, without a function behind it.
    const BUILT_IN: [&str; 10] =
        ["Fn", "call", "curry", "type_of", "is_def_var", "is_def_fn", "is_shared", "print", "debug", "switch"];
    let mut names: Vec<String> = engine
        .gen_fn_signatures(true)
        .iter()
        .filter_map(|signature| signature.split('(').next())
        .map(|name| name.trim().to_owned())
        .chain(BUILT_IN.map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    names
}
