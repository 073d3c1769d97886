//! One thing on both sides, key by key: a sentence for each that says something else.

use super::{limits, lists, tokens};
use crate::pack::format::{Key, Keys, Kind};
use crate::pack::raw::{Entry, Node, Raw, Table};
pub(super) use crate::report::book::number::number as exact;
use crate::report::book::number::quantity;
use crate::report::book::number::weekday;

/// The ways of scoring a criterion, and how they are called.
const METHODS: [(&str, &str); 5] = [
    ("score", "an expression"),
    ("bands", "bands"),
    ("curve", "a curve"),
    ("map", "a map"),
    ("rank", "the place in the population"),
];

/// What changed, by key, in the order of the format; keys it does not know come last.
pub(super) fn details(
    keys: &'static Keys,
    old: Option<&Table>,
    new: Option<&Table>,
    skip: &[&str],
) -> Vec<(String, String)> {
    let get = |table: Option<&'_ Table>, key: &str| -> Option<Node> { Some(table?.get(key)?.node.clone()) };
    let mut said: Vec<(String, String)> = Vec::new();
    let mut add = |key: &str, texts: Vec<String>| said.extend(texts.into_iter().map(|text| (key.to_owned(), text)));
    let mut done: Vec<&str> = skip.to_vec();
    if keys.noun == "parameter" {
        add("value", parameter(old, new));
        done.extend(["value", "unit"]);
    }
    if keys.noun == "criterion"
        && let (Some(was), Some(is)) = (method(old), method(new))
        && was.0 != is.0
    {
        add(is.0, vec![format!("scored by {} instead of {}", is.1, was.1)]);
        done.extend(METHODS.map(|(key, _)| key));
    }
    if matches!(keys.noun, "budget" | "capacity" | "volume") {
        done.extend(["most", "least"]);
        let (said, units) = limits::amounts(keys, old, new);
        // Said with the amounts already.
        if units {
            done.extend(["unit", "per"]);
        }
        said.into_iter().for_each(|(key, text)| add(key, vec![text]));
    }
    for key in keys.iter().filter(|key| !done.contains(&key.name)) {
        let bare = key.name == "value" && matches!(keys.noun, "fact" | "rollup");
        let word = if bare { String::new() } else { word(key.name) };
        let unit = limits::unit(keys, key.name);
        add(key.name, detail(key, &word, unit, get(old, key.name).as_ref(), get(new, key.name).as_ref()));
    }
    let known = |key: &str| keys.get(key).is_some() || done.contains(&key);
    let names = |table: Option<&Table>| -> Vec<String> {
        table.map(|table| table.entries.keys().filter(|key| !known(key)).cloned().collect()).unwrap_or_default()
    };
    let mut others = names(old);
    others.extend(names(new));
    others.sort();
    others.dedup();
    for key in others {
        add(&key, plain(&word(&key), "", get(old, &key).as_ref(), get(new, &key).as_ref(), ""));
    }
    said
}

/// What is to be known of a thing that came or went: what it does, not what it is called.
pub(super) fn described(keys: &'static Keys, table: &Table) -> Vec<(String, String)> {
    let mut said = Vec::new();
    if keys.noun == "parameter" {
        said.extend(amount(table).map(|text| ("value".to_owned(), text)));
        return said;
    }
    let units = limits::of(keys, table);
    for key in keys.iter().filter(|key| key.name != "name") {
        let Some(Entry { node, .. }) = table.get(key.name) else { continue };
        match (&units, key.name) {
            (Some(unit), "most" | "least") => {
                said.push((key.name.to_owned(), labelled(key.name, &limits::amount(node, unit))));
                continue;
            }
            (Some(_), "unit" | "per") => continue,
            _ => {}
        }
        let bare = key.name == "value" && matches!(keys.noun, "fact" | "rollup");
        let word = if bare { String::new() } else { word(key.name) };
        let text = match (&key.kind, &node.value) {
            (Kind::Text | Kind::Sentence | Kind::Texts | Kind::Things(_) | Kind::Table(_), _)
            | (Kind::Any([Kind::Sentence, ..]), _) => continue,
            (_, Raw::List(list)) if key.name == "evidence" => {
                let evidence = if list.len() == 1 { "piece" } else { "pieces" };
                format!("{} {evidence} of evidence", list.len())
            }
            (_, Raw::List(_) | Raw::Table(_)) => match METHODS.iter().find(|method| method.0 == key.name) {
                Some((_, method)) => format!("scored by {method}"),
                None => labelled(&word, &shown(node)),
            },
            (Kind::Expression(_), Raw::Text(text)) => labelled(&word, &format!("`{}`", short(&text.text))),
            _ => labelled(&word, &limits::amount(node, limits::unit(keys, key.name))),
        };
        said.push((key.name.to_owned(), text));
    }
    said
}

/// `weight 2`; the value alone if it needs no word.
pub(super) fn labelled(word: &str, value: &str) -> String {
    if word.is_empty() { value.to_owned() } else { format!("{word} {value}") }
}

/// How a key is called in a sentence.
fn word(key: &str) -> String {
    match key {
        "because" => "reason".to_owned(),
        "from" => "headers".to_owned(),
        "key_from" => "headers of the key".to_owned(),
        "send_on" => "sent on".to_owned(),
        "min" => "smallest allowed value".to_owned(),
        "max" => "largest allowed value".to_owned(),
        "otherwise" => "any other text".to_owned(),
        "missing" => "if unknown".to_owned(),
        key => key.replace('_', " "),
    }
}

/// What one key says now that it did not say before.
fn detail(key: &Key, word: &str, unit: &str, old: Option<&Node>, new: Option<&Node>) -> Vec<String> {
    let prefixed = |texts: Vec<String>| -> Vec<String> {
        texts.into_iter().map(|text| if word.is_empty() { text } else { format!("{word}: {text}") }).collect()
    };
    // Rules about contacts in the words they are spoken of.
    if matches!(key.name, "caps" | "weekdays" | "cooldown") {
        let spoken = |node: Option<&Node>| node.map(|node| contacts(key.name, node));
        let (old, new) = (spoken(old), spoken(new));
        return match (old, new) {
            (old, new) if old == new => Vec::new(),
            (Some(old), Some(new)) if key.name == "cooldown" && !format!("{old}{new}").contains(" after ") => {
                vec![labelled(word, &from_to(&old, &new))]
            }
            (Some(old), Some(new)) => vec![labelled(word, &format!("{new} instead of {old}"))],
            (None, Some(new)) => vec![labelled(word, &format!("{new}, where there was none"))],
            (Some(old), None) => vec![labelled(word, &format!("{old} is gone"))],
            (None, None) => Vec::new(),
        };
    }
    let (old_node, new_node) = (old, new);
    // A sentence, or one for each of several keys.
    let kind = match (&key.kind, old.map(|node| &node.value), new.map(|node| &node.value)) {
        (Kind::Any([Kind::Sentence, table @ Kind::Table(_)]), Some(Raw::Table(_)), Some(Raw::Table(_))) => table,
        (Kind::Any([sentence @ Kind::Sentence, ..]), Some(Raw::Text(_)), Some(Raw::Text(_))) => sentence,
        (kind, ..) => kind,
    };
    match (kind, old.map(|node| &node.value), new.map(|node| &node.value)) {
        (Kind::Things(_), ..) => Vec::new(),
        (Kind::Table(keys), old, new) => {
            let table = |raw: Option<&Raw>| if let Some(Raw::Table(table)) = raw { Some(table.clone()) } else { None };
            let (old, new) = (table(old), table(new));
            prefixed(details(keys, old.as_ref(), new.as_ref(), &[]).into_iter().map(|(_, text)| text).collect())
        }
        (Kind::Expression(_), Some(Raw::Text(old)), Some(Raw::Text(new))) => {
            if tokens::same(&old.text, &new.text) {
                return Vec::new();
            }
            let (old, new) = tokens::difference(&old.text, &new.text);
            vec![labelled(word, &format!("`{new}` instead of `{old}`"))]
        }
        (Kind::Text | Kind::Sentence, Some(Raw::Text(old)), Some(Raw::Text(new))) => {
            if old.text == new.text {
                return Vec::new();
            }
            if key.name == "help" {
                return vec!["help reworded".to_owned()];
            }
            let (was, is) = tokens::difference(&old.text, &new.text);
            if was == is {
                return vec![format!("{word} laid out otherwise")];
            }
            vec![format!("{word} “{is}” instead of “{was}”")]
        }
        (Kind::Text, ..) if key.name == "help" => match (old, new) {
            (None, Some(_)) => vec!["help given".to_owned()],
            (Some(_), None) => vec!["help gone".to_owned()],
            _ => Vec::new(),
        },
        (Kind::Texts | Kind::Words(_), old, new) => {
            let list = |raw: Option<&Raw>| -> Vec<String> {
                let Some(Raw::List(list)) = raw else { return Vec::new() };
                list.iter()
                    .filter_map(|node| if let Raw::Text(t) = &node.value { Some(t.text.clone()) } else { None })
                    .collect()
            };
            lists::texts(&list(old), &list(new)).into_iter().map(|text| format!("{word} {text}")).collect()
        }
        (Kind::Scores, Some(Raw::Table(old)), Some(Raw::Table(new))) => lists::map(old, new),
        (Kind::List(_), Some(Raw::List(old)), Some(Raw::List(new))) => {
            let said = match key.name {
                "bands" => lists::bands(old, new),
                "curve" => lists::curve(old, new),
                "evidence" => lists::evidence(old, new),
                "quiet" => return plain(word, unit, old_node, new_node, key.default),
                _ => Vec::new(),
            };
            let same = old.len() == new.len() && old.iter().zip(new).all(|(a, b)| same(a, b));
            // Evidence is read token by token; anything else that differs must not stay silent.
            if said.is_empty() && !same && key.name != "evidence" { vec![format!("{word} changed")] } else { said }
        }
        (Kind::List(_), None, Some(Raw::List(list))) if key.name == "evidence" => lists::evidence(&[], list),
        (Kind::List(_), Some(Raw::List(list)), None) if key.name == "evidence" => lists::evidence(list, &[]),
        _ => plain(word, unit, old, new, key.default),
    }
}

/// A value as a whole, with what holds where it is not given. Numbers are of a unit, which may be empty.
fn plain(word: &str, unit: &str, old: Option<&Node>, new: Option<&Node>, default: &str) -> Vec<String> {
    let quiet = |node: Option<&Node>| node.is_some_and(|node| !default.is_empty() && literal(node) == default);
    let equal = match (old, new) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b),
        (a, b) => quiet(a) || quiet(b),
    };
    if equal {
        return Vec::new();
    }
    let say = |node: Option<&Node>| match node {
        Some(node) => Some(limits::amount(node, unit)),
        None if default.is_empty() => None,
        None => Some(match default.trim_matches('"') {
            "true" => "yes".to_owned(),
            "false" => "no".to_owned(),
            "[]" => "none".to_owned(),
            text if default.starts_with('"') => format!("`{text}`"),
            number => number.parse().map_or_else(|_| number.to_owned(), |x| limits::quantity(x, unit)),
        }),
    };
    let numbers =
        [old, new].into_iter().flatten().all(|node| matches!(node.value, Raw::Number(_) | Raw::Bool(_) | Raw::Date(_)));
    vec![match (say(old), say(new)) {
        (Some(old), Some(new)) if numbers => labelled(word, &from_to(&old, &new)),
        (Some(old), Some(new)) => labelled(word, &format!("{new} instead of {old}")),
        (None, Some(new)) => labelled(word, &format!("{new}, where there was none")),
        (Some(old), None) => labelled(word, &format!("{old} is gone")),
        (None, None) => format!("{word} changed"),
    }]
}

/// A parameter's value and unit.
fn parameter(old: Option<&Table>, new: Option<&Table>) -> Vec<String> {
    let unit = |table: Option<&Table>| table.and_then(|t| t.text("unit")).map(|t| t.text.clone()).unwrap_or_default();
    let value = |table: Option<&Table>| table.and_then(|t| t.get("value")).map(|e| e.node.clone());
    let equal = match (value(old), value(new)) {
        (Some(a), Some(b)) => same(&a, &b),
        (a, b) => a.is_none() && b.is_none(),
    };
    if equal && unit(old) == unit(new) {
        return Vec::new();
    }
    match (old.and_then(amount), new.and_then(amount)) {
        (Some(was), Some(is)) => vec![from_to(&was, &is)],
        (_, Some(is)) => vec![format!("{is} now")],
        _ => vec!["no value any more".to_owned()],
    }
}

/// `from 365 to 180 days`
pub(super) fn from_to(old: &str, new: &str) -> String {
    match (old.split_once(' '), new.split_once(' ')) {
        (Some((number, a)), Some((_, b))) if a == b && !old.starts_with('“') => format!("from {number} to {new}"),
        _ => format!("from {old} to {new}"),
    }
}

/// `180 days`, `25 % of revenue`
fn amount(table: &Table) -> Option<String> {
    let node = &table.get("value")?.node;
    let unit = table.text("unit").map_or("", |unit| unit.text.as_str());
    Some(match &node.value {
        Raw::Number(x) => quantity(*x, unit),
        Raw::Text(text) => format!("“{}”", text.text),
        _ => shown(node),
    })
}

/// How a criterion is scored.
fn method(table: Option<&Table>) -> Option<(&'static str, &'static str)> {
    METHODS.into_iter().find(|(key, _)| table.is_some_and(|table| table.get(key).is_some()))
}

/// A cooldown, caps or days of the week: `14 days`, `at most 3 in 90 days`, `Mon, Tue`.
fn contacts(key: &str, node: &Node) -> String {
    let one = |node: &Node| match &node.value {
        Raw::Number(x) => exact(*x),
        _ => shown(node),
    };
    let part = |table: &Table, key: &str| table.get(key).map_or_else(|| "?".to_owned(), |entry| one(&entry.node));
    match (key, &node.value) {
        ("caps", Raw::List(list)) => {
            let cap = |node: &Node| match &node.value {
                Raw::Table(table) => format!("at most {} in {} days", part(table, "most"), part(table, "days")),
                _ => shown(node),
            };
            let list: Vec<String> = list.iter().map(cap).collect();
            if list.is_empty() { "none".to_owned() } else { list.join(" and ") }
        }
        ("weekdays", Raw::List(list)) => {
            let day = |node: &Node| match node.value {
                Raw::Number(x) => weekday(x).map_or_else(|| exact(x), str::to_owned),
                _ => shown(node),
            };
            list.iter().map(day).collect::<Vec<_>>().join(", ")
        }
        ("cooldown", Raw::Table(table)) => {
            let after = |(name, entry): (&String, &Entry)| format!("{} days after {name}", one(&entry.node));
            let list: Vec<String> = table.entries.iter().map(after).collect();
            if list.is_empty() { "none".to_owned() } else { list.join(" and ") }
        }
        ("cooldown", _) => format!("{} days", one(node)),
        _ => shown(node),
    }
}

/// A value as it is shown.
pub(super) fn shown(node: &Node) -> String {
    match &node.value {
        Raw::Text(text) => format!("`{}`", short(&text.text)),
        Raw::Number(x) => exact(*x),
        Raw::Bool(b) => if *b { "yes" } else { "no" }.to_owned(),
        Raw::Date(date) => date.to_string(),
        Raw::Other(words) => (*words).to_owned(),
        Raw::List(list) => {
            let list: Vec<String> = list.iter().map(shown).collect();
            if list.is_empty() { "none".to_owned() } else { tokens::cut(&list.join(", ")) }
        }
        Raw::Table(table) => {
            let list: Vec<String> =
                table.entries.iter().map(|(key, entry)| format!("{key} {}", shown(&entry.node))).collect();
            tokens::cut(&list.join(", "))
        }
    }
}

fn short(text: &str) -> String {
    tokens::cut(&tokens::one_line(text))
}

/// A value as TOML, as far as defaults go.
fn literal(node: &Node) -> String {
    match &node.value {
        Raw::Text(text) => format!("\"{}\"", text.text),
        Raw::Number(x) => x.to_string(),
        Raw::Bool(b) => b.to_string(),
        Raw::List(list) if list.is_empty() => "[]".to_owned(),
        _ => String::new(),
    }
}

/// Whether two values are equal, wherever they are written.
pub(super) fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Raw::Text(a), Raw::Text(b)) => a.text == b.text,
        (Raw::Number(a), Raw::Number(b)) => a == b,
        (Raw::Bool(a), Raw::Bool(b)) => a == b,
        (Raw::Date(a), Raw::Date(b)) => a == b,
        (Raw::Other(a), Raw::Other(b)) => a == b,
        (Raw::List(a), Raw::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Raw::Table(a), Raw::Table(b)) => {
            a.entries.len() == b.entries.len()
                && a.entries.iter().all(|(key, x)| b.get(key).is_some_and(|y| same(&x.node, &y.node)))
        }
        _ => false,
    }
}
