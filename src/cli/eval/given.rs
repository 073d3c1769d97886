//! `--set name=value`: values given by hand, in the type the pack declares for the name.

use crate::cli::Failure;
use crate::diag::{Span, nearest};
use crate::expr::{Date, Expr, Kind, NameKind, Slot, Type, Value};
use crate::pack::{Method, Pack, Rule};
use crate::stage::RowValues;

/// A value for a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Given {
    pub(super) slot: Slot,
    pub(super) value: Value,
    /// What a person should know about it.
    pub(super) remark: Option<String>,
}

impl Given {
    /// Reads `name=value`.
    pub(super) fn parse(pack: &Pack, text: &str) -> Result<Given, Failure> {
        let Some((name, value)) = text.split_once('=') else {
            return Err(Failure::new(format!("`{text}` gives no value")).help("write `name=value`; `()` is missing"));
        };
        let (name, value) = (name.trim(), value.trim());
        let slot = find(pack, name)?;
        let ty = pack.names.get(slot).ty;
        if value.is_empty() {
            let failure = Failure::new(format!("`{name}` is given nothing"));
            return Err(failure.help(format!("for a missing value write `{name}=()`")));
        }
        let value = read(name, ty, value)?;
        fits(pack, slot, name, &value)?;
        let remark = unlisted(pack, slot, name, &value);
        Ok(Given { slot, value, remark })
    }
}

/// The name to be given a value.
pub(super) fn find(pack: &Pack, name: &str) -> Result<Slot, Failure> {
    let decided = pack.decided;
    if let Some(slot) = pack.names.find(name) {
        let kind = pack.names.get(slot).kind;
        let help = match kind {
            NameKind::Today => "say the day with `--as-of`",
            _ if slot == decided.track => "it comes with the state: set `state`",
            _ if slot == decided.class || slot == decided.confidence => "it comes with the cause: set `cause`",
            _ if pack.dimensions.iter().any(|d| d.slot == slot) => "it is made of scores: set those, as `score.…=7`",
            _ => return Ok(slot),
        };
        return Err(Failure::new(format!("`{name}` cannot be set")).help(help));
    }
    let failure = Failure::new(format!("`{name}` is no name of the pack"));
    if name == pack.record.key {
        return Err(Failure::new(format!("`{name}` is the key")).help("say which customer with `--key`"));
    }
    if pack.tables.contains_key(name) {
        let rollups = pack.rollups.iter().filter(|r| r.table == name).map(|r| format!("`{}`", r.name));
        let rollups: Vec<String> = rollups.take(5).collect();
        let failure = Failure::new(format!("`{name}` is a table of events"));
        return Err(failure.help(format!("set what is made of it: {}", rollups.join(", "))));
    }
    let known = pack.names.iter().map(|(_, n)| n.name.as_str());
    Err(match nearest(name, known) {
        Some(other) => failure.help(format!("did you mean `{other}`?")),
        None => failure.help("`:names` in the prompt lists them; a column, rollup, fact or parameter may be set"),
    })
}

/// A value as it is typed: as in an expression, or plain.
fn read(name: &str, ty: Type, text: &str) -> Result<Value, Failure> {
    if text == "()" {
        return Ok(Value::Missing);
    }
    let unquoted = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    let wrong = |what: &str, help: &str| {
        Failure::new(format!("`{name}` is a {what}, and `{text}` is not")).help(help.to_owned())
    };
    match ty {
        Type::Text => Ok(Value::text(unquoted.unwrap_or(text))),
        Type::Number => {
            let number = text.replace('_', "").parse::<f64>().ok().map(Value::number).filter(|x| !x.is_missing());
            number.ok_or_else(|| wrong("number", "write it as `12.5`, with a point and without separators"))
        }
        Type::Bool => match text.to_lowercase().as_str() {
            "true" | "yes" => Ok(Value::Bool(true)),
            "false" | "no" => Ok(Value::Bool(false)),
            _ => Err(wrong("bool", "write `true` or `false`")),
        },
        Type::Date => {
            let inner = text.strip_prefix("date(").and_then(|t| t.strip_suffix(')')).map(str::trim);
            let day = inner.unwrap_or(text).trim_matches('"');
            Date::parse_iso(day)
                .map(Value::Date)
                .ok_or_else(|| wrong("date", "write a day as YEAR-MONTH-DAY, for example 2026-06-30"))
        }
    }
}

/// Whether a parameter is within its bounds, and a decided name one that can be decided.
fn fits(pack: &Pack, slot: Slot, name: &str, value: &Value) -> Result<(), Failure> {
    if let Some(param) = pack.params.iter().find(|p| p.slot == slot) {
        let Some(x) = value.as_number() else {
            return match value.is_missing() {
                true => Err(Failure::new(format!("the parameter `{name}` cannot be missing"))),
                false => Ok(()),
            };
        };
        let bound = |what: &str, limit: f64| {
            let failure = Failure::new(format!("`{name}` is {} {limit}, and `{x}` is not", what));
            Err(failure.help("the pack says so, with `min` and `max`"))
        };
        return match (param.min, param.max) {
            (Some(min), _) if x < min => bound("at least", min),
            (_, Some(max)) if x > max => bound("at most", max),
            _ => Ok(()),
        };
    }
    let known: Vec<&str> = match slot {
        s if s == pack.decided.state => pack.states.iter().map(|s| s.state.as_str()).collect(),
        s if s == pack.decided.grade => pack.grades.iter().map(|g| g.name.as_str()).collect(),
        s if s == pack.decided.cause => pack.causes.list.iter().map(|c| c.name.as_str()).collect(),
        _ => return Ok(()),
    };
    match value {
        Value::Text(text) if !known.contains(&&**text) => {
            let failure = Failure::new(format!("there is no {name} `{text}`"));
            Err(match nearest(text, known.iter().copied()) {
                Some(other) => failure.help(format!("did you mean `{other}`?")),
                None => failure.help(format!("there are {}", quoted(&known))),
            })
        }
        _ => Ok(()),
    }
}

fn unlisted(pack: &Pack, slot: Slot, name: &str, value: &Value) -> Option<String> {
    let column = pack.record.columns.iter().find(|c| c.slot == slot)?;
    let text = value.as_text()?;
    if column.values.is_empty() || column.values.iter().any(|v| v == text) {
        return None;
    }
    let listed: Vec<&str> = column.values.iter().map(String::as_str).collect();
    Some(format!("`{text}` is no value of `{name}` the pack lists: {}", quoted(&listed)))
}

fn quoted(list: &[&str]) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for item in list {
        if !seen.contains(item) {
            seen.push(item);
        }
    }
    seen.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
}

/// Puts the values given in force: those of the record in the row, all others in the pack, so that what is decided after
/// them follows from them.
pub(super) fn put(given: &[Given], pack: &mut Pack, record: &mut RowValues) {
    for Given { slot, value, .. } in given {
        match pack.names.get(*slot).kind {
            NameKind::Column | NameKind::Rollup | NameKind::Today => record.set(*slot, value.clone()),
            NameKind::Param => {
                pack.params.iter_mut().filter(|p| p.slot == *slot).for_each(|p| p.value = value.clone());
            }
            NameKind::Fact => {
                for fact in pack.facts.iter_mut().filter(|f| f.slot == *slot) {
                    fact.expr.kind = Kind::Const(value.clone());
                }
            }
            NameKind::Decided => decide_by_hand(*slot, value, pack),
        }
    }
}

fn decide_by_hand(slot: Slot, value: &Value, pack: &mut Pack) {
    let named = |name: &str| value.as_text() == Some(name);
    let constant = |span: Span, ty: Type| Expr { kind: Kind::Const(value.clone()), ty, span };
    if let Some(criterion) = pack.criteria.iter_mut().find(|c| c.slot == slot) {
        let span = criterion.span;
        criterion.method = Method::Score(Rule { expr: constant(span, Type::Number), text: value.literal(), span });
        criterion.missing = crate::pack::MissingScore::Skip;
    } else if slot == pack.priority.slot {
        let span = Span::new(crate::diag::FileId(0), 0, 0);
        pack.priority.rule = Some(Rule { expr: constant(span, Type::Number), text: value.literal(), span });
    } else if slot == pack.decided.state {
        pack.states.retain(|s| named(&s.state));
        pack.states.truncate(1);
        pack.states.iter_mut().for_each(|s| s.when = None);
    } else if slot == pack.decided.grade {
        pack.grades.retain(|g| named(&g.name));
        pack.grades.truncate(1);
        pack.grades.iter_mut().for_each(|g| g.when = None);
    } else if slot == pack.decided.cause {
        pack.causes.when = None;
        pack.causes.list.retain(|c| named(&c.name));
        for evidence in pack.causes.list.iter_mut().flat_map(|c| &mut c.evidence) {
            evidence.when.expr.kind = Kind::Const(Value::Bool(true));
        }
        pack.causes.minimum = 0.0;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::expr::Row as _;
    use crate::pack::load;
    use crate::stage::{Context, decide};

    fn pack() -> Pack {
        (*load("base").pack.unwrap()).clone()
    }

    fn value(text: &str) -> Value {
        Given::parse(&pack(), text).unwrap_or_else(|e| panic!("{text}: {e:?}")).value
    }

    fn failure(text: &str) -> String {
        format!("{:?}", Given::parse(&pack(), text).unwrap_err())
    }

    #[test]
    fn values_are_read_in_the_type_of_the_name() {
        let day = Value::Date(Date::from_ymd(2026, 1, 3).unwrap());
        assert_eq!(value("last_order=2026-01-03"), day);
        assert_eq!(value("last_order = date(\"2026-01-03\")"), day);
        assert_eq!(value("revenue=12.5"), Value::Number(12.5));
        assert_eq!(value("revenue=-1_000"), Value::Number(-1000.0));
        assert_eq!(value("segment=private"), Value::text("private"));
        assert_eq!(value("segment=\"a = b\""), Value::text("a = b"));
        assert_eq!(value("objected=yes"), Value::Bool(true));
        assert_eq!(value("days_silent=()"), Value::Missing);
        assert_eq!(value("sleep_after=90"), Value::Number(90.0));
    }

    #[test]
    fn what_cannot_be_given_says_what_to_do() {
        for (text, parts) in [
            ("revenue", &["gives no value", "name=value"][..]),
            ("revenue=", &["given nothing", "revenue=()"]),
            ("revenue=12,5", &["is a number", "12.5"]),
            ("revenue=inf", &["is a number"]),
            ("last_order=3.1.2026", &["is a date", "2026-06-30"]),
            ("objected=maybe", &["is a bool"]),
            ("revenu=1", &["no name", "did you mean `revenue`"]),
            ("today=2026-01-01", &["--as-of"]),
            ("track=recovery", &["set `state`"]),
            ("worth=3", &["made of scores"]),
            ("state=dorment", &["no state `dorment`", "did you mean `dormant`"]),
            ("sleep_after=()", &["cannot be missing"]),
            ("sleep_after=1", &["at least 14"]),
            ("customer_id=C1", &["is the key", "--key"]),
        ] {
            let failure = failure(text);
            for part in parts {
                assert!(failure.contains(part), "{text}: {failure} has no {part}");
            }
        }
    }

    #[test]
    fn a_value_the_pack_does_not_list_is_remarked_on() {
        assert!(Given::parse(&pack(), "outlook=rising").unwrap().remark.unwrap().contains("`growing`"));
        assert_eq!(Given::parse(&pack(), "outlook=growing").unwrap().remark, None);
    }

    #[test]
    fn what_is_decided_later_follows_from_what_is_given() {
        let mut pack = pack();
        let given: Vec<Given> = ["state=dormant", "cause=price", "score.payment=3", "grade=A", "sleep_after=99"]
            .iter()
            .filter_map(|text| Given::parse(&pack, text).ok())
            .collect();
        assert_eq!(given.len(), 5, "all of them are names of the pack");
        let mut record = RowValues::new(&pack);
        put(&given, &mut pack, &mut record);
        let decision = decide(&pack, &Context::at(Date::from_ymd(2026, 6, 30).unwrap()), record);
        let of = |name: &str| decision.values.get(pack.names.find(name).unwrap());
        for (name, wanted) in [
            ("state", Value::text("dormant")),
            ("track", Value::text("recovery")),
            ("cause", Value::text("price")),
            ("score.payment", Value::Number(3.0)),
            ("grade", Value::text("A")),
            ("sleep_line", Value::Number(99.0)),
        ] {
            assert_eq!(of(name), wanted, "{name}");
        }
    }
}
