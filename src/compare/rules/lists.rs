//! Lists: which things stand elsewhere, and what changed in bands, curves, maps, evidence and lists of texts.

use super::detail::{details, exact};
use super::sections::table_in;
use super::tokens;
use crate::pack::format;
use crate::pack::raw::{Node, Raw, Table};

/// The names that moved relative to the others, each with where it stands now. As few as can explain the new order.
pub(super) fn moved<'a>(old: &[&str], new: &[&'a str]) -> Vec<(&'a str, String)> {
    let place = |name: &str| old.iter().position(|other| *other == name);
    let common: Vec<(&'a str, usize)> = new.iter().filter_map(|name| Some((*name, place(name)?))).collect();
    let stay = longest_rising(&common.iter().map(|(_, at)| *at).collect::<Vec<_>>());
    let mut moved = Vec::new();
    for (i, (name, at)) in common.iter().enumerate() {
        if stay.contains(&i) {
            continue;
        }
        let before = common.get(i + 1);
        let after = i.checked_sub(1).and_then(|i| common.get(i));
        // The neighbour that was on the other side says most.
        let text = match (before, after) {
            (Some((next, was)), _) if was < at => format!("stands before `{next}` now"),
            (_, Some((last, was))) if was > at => format!("stands after `{last}` now"),
            (Some((next, _)), _) => format!("stands before `{next}` now"),
            (None, Some((last, _))) => format!("stands after `{last}` now"),
            (None, None) => continue,
        };
        moved.push((*name, text));
    }
    moved
}

/// The indices of a longest part of a list that rises.
fn longest_rising(list: &[usize]) -> Vec<usize> {
    // Lists of rules are short: the plain way, which keeps the earliest of several.
    let mut best: Vec<(usize, Option<usize>)> = Vec::new();
    for (i, x) in list.iter().enumerate() {
        let before = (0..i).filter(|j| list.get(*j).is_some_and(|y| y < x));
        let before = before.max_by_key(|j| (best.get(*j).map_or(0, |(length, _)| *length), std::cmp::Reverse(*j)));
        let length = before.and_then(|j| best.get(j)).map_or(0, |(length, _)| *length) + 1;
        best.push((length, before));
    }
    let mut at = (0..best.len()).max_by_key(|i| (best.get(*i).map_or(0, |b| b.0), std::cmp::Reverse(*i)));
    let mut kept = Vec::new();
    while let Some(i) = at {
        kept.push(i);
        at = best.get(i).and_then(|(_, before)| *before);
    }
    kept
}

/// Bands: what changed, bound by bound.
pub(super) fn bands(old: &[Node], new: &[Node]) -> Vec<String> {
    let read = |list: &[Node]| -> Vec<(Option<f64>, Option<f64>)> {
        let tables = list.iter().filter_map(table_in);
        tables.map(|table| (number(table, "below"), number(table, "score"))).collect()
    };
    let (old, new) = (read(old), read(new));
    let name =
        |below: Option<f64>| below.map_or("the last band".to_owned(), |x| format!("the band below {}", exact(x)));
    let score = |x: Option<f64>| x.map_or_else(String::new, exact);
    let mut said = Vec::new();
    if old.len() == new.len() {
        for ((was, gave), (is, gives)) in old.iter().zip(&new) {
            if was != is {
                said.push(format!("{} is {} now", name(*was), name(*is)));
            }
            if gave != gives {
                said.push(format!("{} scores {} instead of {}", name(*is), score(*gives), score(*gave)));
            }
        }
        return said;
    }
    for (below, gives) in &new {
        match old.iter().find(|(other, _)| other == below) {
            None => said.push(format!("{} is new and scores {}", name(*below), score(*gives))),
            Some((_, gave)) if gave != gives => {
                said.push(format!("{} scores {} instead of {}", name(*below), score(*gives), score(*gave)));
            }
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|(below, _)| !new.iter().any(|(other, _)| other == below));
    said.extend(gone.map(|(below, gave)| format!("{}, which scored {}, is gone", name(*below), score(*gave))));
    said
}

/// Curves: what changed, point by point.
pub(super) fn curve(old: &[Node], new: &[Node]) -> Vec<String> {
    let read = |list: &[Node]| -> Vec<(f64, f64)> {
        let point = |node: &Node| match &node.value {
            Raw::List(pair) => match (pair.first().map(|n| &n.value), pair.get(1).map(|n| &n.value)) {
                (Some(Raw::Number(x)), Some(Raw::Number(y))) => Some((*x, *y)),
                _ => None,
            },
            _ => None,
        };
        list.iter().filter_map(point).collect()
    };
    let (old, new) = (read(old), read(new));
    let at = |list: &[(f64, f64)], x: f64| list.iter().find(|(other, _)| *other == x).map(|(_, y)| *y);
    // A point that is moved sideways is not one that goes and one that comes.
    if old.len() == new.len() && old.iter().zip(&new).filter(|(a, b)| a.0 != b.0).count() < old.len() {
        let mut said = Vec::new();
        for ((was, gave), (is, gives)) in old.iter().zip(&new) {
            match (was == is, gave == gives) {
                (true, true) => {}
                (true, false) => {
                    said.push(format!("{} scores {} instead of {}", exact(*is), exact(*gives), exact(*gave)))
                }
                (false, true) => {
                    said.push(format!("the score {} is at {} instead of {}", exact(*gives), exact(*is), exact(*was)))
                }
                (false, false) => said.push(format!(
                    "the point {} with score {} is {} with score {} now",
                    exact(*was),
                    exact(*gave),
                    exact(*is),
                    exact(*gives)
                )),
            }
        }
        return said;
    }
    let mut said = Vec::new();
    for (x, gives) in &new {
        match at(&old, *x) {
            None => said.push(format!("a new point: {} scores {}", exact(*x), exact(*gives))),
            Some(gave) if gave != *gives => {
                said.push(format!("{} scores {} instead of {}", exact(*x), exact(*gives), exact(gave)));
            }
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|(x, _)| at(&new, *x).is_none());
    said.extend(gone.map(|(x, gave)| format!("no point at {} any more, which scored {}", exact(*x), exact(*gave))));
    said
}

/// Scores by text.
pub(super) fn map(old: &Table, new: &Table) -> Vec<String> {
    let mut said = Vec::new();
    for (text, entry) in &new.entries {
        let Raw::Number(gives) = entry.node.value else { continue };
        match number(old, text) {
            None => said.push(format!("“{text}” scores {} now", exact(gives))),
            Some(gave) if gave != gives => {
                said.push(format!("“{text}” scores {} instead of {}", exact(gives), exact(gave)));
            }
            Some(_) => {}
        }
    }
    let gone = old.entries.keys().filter(|text| new.get(text).is_none());
    said.extend(gone.map(|text| format!("“{text}” has no score any more")));
    said
}

/// Texts: which came, which went, or that only their order is another.
pub(super) fn texts(old: &[String], new: &[String]) -> Vec<String> {
    let list = |from: &[String], but: &[String]| -> Vec<String> {
        from.iter().filter(|text| !but.contains(text)).map(|text| format!("“{text}”")).collect()
    };
    let (came, went) = (list(new, old), list(old, new));
    let mut said = Vec::new();
    if !came.is_empty() {
        said.push(format!("with {}", came.join(", ")));
    }
    if !went.is_empty() {
        said.push(format!("without {}", went.join(", ")));
    }
    if said.is_empty() && old != new {
        said.push("in another order".to_owned());
    }
    said
}

/// Evidence: matched by what it looks at, then by its words, then by its place.
pub(super) fn evidence(old: &[Node], new: &[Node]) -> Vec<String> {
    let old: Vec<&Table> = old.iter().filter_map(table_in).collect();
    let new: Vec<&Table> = new.iter().filter_map(table_in).collect();
    let text = |table: &Table, key: &str| table.text(key).map(|text| text.text.clone()).unwrap_or_default();
    let mut partner: Vec<Option<usize>> = vec![None; new.len()];
    let pair = |fits: &dyn Fn(usize, usize) -> bool, partner: &mut Vec<Option<usize>>| {
        for j in 0..new.len() {
            if partner.get(j).is_some_and(Option::is_none)
                && let Some(i) = (0..old.len()).find(|i| !partner.contains(&Some(*i)) && fits(*i, j))
                && let Some(place) = partner.get_mut(j)
            {
                *place = Some(i);
            }
        }
    };
    let both = |i: usize, j: usize| Some((*old.get(i)?, *new.get(j)?));
    let same = |key: &'static str| {
        move |a: &Table, b: &Table| {
            let (a, b) = (text(a, key), text(b, key));
            !b.is_empty() && tokens::same(&a, &b)
        }
    };
    let (when, plugin, because) = (same("when"), same("plugin"), same("because"));
    let all = |i, j| both(i, j).is_some_and(|(a, b)| details(&format::EVIDENCE, Some(a), Some(b), &[]).is_empty());
    pair(&all, &mut partner);
    pair(&|i, j| both(i, j).is_some_and(|(a, b)| when(a, b) || plugin(a, b)), &mut partner);
    pair(&|i, j| both(i, j).is_some_and(|(a, b)| because(a, b)), &mut partner);
    if old.len() == new.len() {
        pair(&|i, j| i == j, &mut partner);
    }
    let mut said = Vec::new();
    for (table, partner) in new.iter().zip(&partner) {
        match partner.and_then(|i| old.get(i)) {
            None => said.push(format!("new evidence {}", described(table))),
            Some(before) => {
                let details = details(&format::EVIDENCE, Some(before), Some(table), &[]);
                said.extend(details.into_iter().map(|(_, text)| format!("evidence {}: {text}", called(before))));
            }
        }
    }
    let gone = (0..old.len()).filter(|i| !partner.contains(&Some(*i))).filter_map(|i| old.get(i));
    said.extend(gone.map(|table| format!("evidence {} is gone", called(table))));
    let order: Vec<usize> = partner.iter().flatten().copied().collect();
    if order.windows(2).any(|pair| matches!(pair, [a, b] if a > b)) {
        said.push("the evidence in another order".to_owned());
    }
    said
}

/// A piece of evidence by its words, else by its condition.
fn called(table: &Table) -> String {
    let text = |key: &str| table.text(key).map(|text| text.text.as_str()).filter(|text| !text.is_empty());
    match (text("because"), text("when").or(text("plugin"))) {
        (Some(because), _) => format!("“{because}”"),
        (None, Some(when)) => format!("`{}`", tokens::cut(&tokens::one_line(when))),
        (None, None) => "without a condition".to_owned(),
    }
}

fn described(table: &Table) -> String {
    let weight = number(table, "weight").unwrap_or(1.0);
    let name = called(table);
    match table.text("when").or(table.text("plugin")) {
        Some(when) if !name.starts_with('`') => {
            format!("{name}: weight {}, when `{}`", exact(weight), tokens::cut(&tokens::one_line(&when.text)))
        }
        _ => format!("{name}: weight {}", exact(weight)),
    }
}

fn number(table: &Table, key: &str) -> Option<f64> {
    match table.get(key)?.node.value {
        Raw::Number(x) => Some(x),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_few_as_possible_have_moved() {
        let say = |old: &[&str], new: &[&'static str]| {
            moved(old, new).into_iter().map(|(name, text)| format!("{name} {text}")).collect::<Vec<_>>()
        };
        assert!(say(&["a", "b", "c"], &["a", "x", "c"]).is_empty());
        assert_eq!(say(&["a", "b", "c", "d"], &["d", "a", "b", "c"]), ["d stands before `a` now"]);
        assert_eq!(say(&["a", "b", "c", "d"], &["b", "c", "d", "a"]), ["a stands after `d` now"]);
        assert_eq!(say(&["a", "b"], &["b", "a"]).len(), 1);
    }

    #[test]
    fn texts_come_and_go() {
        let list = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        assert_eq!(texts(&list(&["a", "b"]), &list(&["b", "c"])), ["with “c”", "without “a”"]);
        assert_eq!(texts(&list(&["a", "b"]), &list(&["b", "a"])), ["in another order"]);
        assert!(texts(&list(&["a"]), &list(&["a"])).is_empty());
    }
}
