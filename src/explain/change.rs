//! What would have to be different about one record for a condition to hold.
//!
//! The answer names values, not rules: "`days_silent` would have to be more than 180 (is 120)". It follows `&&`, `||`, `!`, yes-or-no
//! facts and branches down to comparisons, and says which side of a comparison to move: the one that is a name of the record.

use serde::Serialize;

use super::answer::Given;
use super::known::Known;
use super::scene::{DEPTH, Roots, Scene};
use crate::expr::{Compare, Expr, Func, Kind, Slot, Stage, Value};

/// What would have to be different.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// A value would have to lie elsewhere.
    Value {
        /// Whose value.
        what: String,
        /// Where it would have to lie,
        needs: Needs,
        /// as measured by this (or these),
        to: Vec<Known>,
        /// and what it is.
        is: Known,
    },
    /// Something that is either so or not would have to be the other way.
    Truth {
        /// What.
        what: String,
        /// The way it would have to be.
        to: bool,
        /// The values it looks at.
        given: Vec<Given>,
    },
    /// Nobody can tell, because something is not known.
    Unknown {
        /// Names that are missing.
        missing: Vec<String>,
        /// What has no value although all of it is known, such as a division by zero.
        undefined: Vec<String>,
    },
    /// A value would have to be there.
    Present {
        /// Names that are missing.
        missing: Vec<String>,
        /// What has no value although all of it is known.
        undefined: Vec<String>,
    },
    /// A value would have to be missing.
    Absent {
        /// Whose.
        what: String,
        /// What it is.
        is: Known,
    },
    /// Any of these would do.
    Any {
        /// Which.
        of: Vec<Change>,
    },
    /// All of these are needed.
    All {
        /// Which.
        of: Vec<Change>,
    },
    /// Nothing about the customer changes it: it reads only parameters.
    Never,
}

/// Where a value would have to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// `> to`
    MoreThan,
    /// `>= to`
    AtLeast,
    /// `< to`
    LessThan,
    /// `<= to`
    AtMost,
    /// `== to`
    Equal,
    /// `!= to`
    NotEqual,
    /// One of them.
    OneOf,
    /// None of them.
    NoneOf,
}

impl Change {
    /// A sentence: `would hold if …`, or `unknown: … is missing`.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Change::Unknown { missing, undefined } => {
                let mut parts = Vec::new();
                match missing.as_slice() {
                    [] => {}
                    [one] => parts.push(format!("`{one}` is missing")),
                    [most @ .., last] => {
                        let most = most.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
                        parts.push(format!("{most} and `{last}` are missing"));
                    }
                }
                parts.extend(undefined.iter().map(|u| format!("`{u}` has no value")));
                format!("unknown: {}", parts.join(", "))
            }
            Change::Never => "no customer changes this: it reads parameters only".to_owned(),
            other => format!("would hold if {}", other.words()),
        }
    }

    /// What follows `if`: "`days_silent` were more than 180 (is 120)".
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Change::Value { what, needs, to, is } => {
                format!("`{what}` were {} (is {})", needs.words(to), quoted(is))
            }
            Change::Truth { what, to, given } => {
                let others = given.iter().filter(|g| g.name != *what);
                let given: Vec<String> = others.map(|g| format!("`{}` is {}", g.name, quoted(&g.value))).collect();
                let given = if given.is_empty() { String::new() } else { format!(" ({})", given.join(", ")) };
                format!("`{what}` were {}{given}", if *to { "true" } else { "false" })
            }
            Change::Unknown { missing, undefined } | Change::Present { missing, undefined } => {
                let known = missing.iter().map(|n| format!("`{n}` were known"));
                let defined = undefined.iter().map(|u| format!("`{u}` had a value"));
                known.chain(defined).collect::<Vec<_>>().join(" and ")
            }
            Change::Absent { what, is } => format!("`{what}` were missing (is {})", quoted(is)),
            Change::Any { of } => of.iter().map(Change::operand).collect::<Vec<_>>().join(", or "),
            Change::All { of } => of.iter().map(Change::operand).collect::<Vec<_>>().join(" and "),
            Change::Never => "the pack's parameters were others".to_owned(),
        }
    }

    fn operand(&self) -> String {
        match self {
            Change::Any { .. } | Change::All { .. } => format!("({})", self.words()),
            _ => self.words(),
        }
    }

    fn any(mut of: Vec<Change>) -> Change {
        of.retain(|c| *c != Change::Never);
        of.dedup();
        match of.len() {
            0 => Change::Never,
            1 => of.swap_remove(0),
            _ => Change::Any { of },
        }
    }

    /// All of these together, said once.
    #[must_use]
    pub fn all(mut of: Vec<Change>) -> Change {
        of.dedup();
        // `x != () && x > 1`: once `x` is there, one can tell.
        let present: Vec<String> = of
            .iter()
            .filter_map(|c| if let Change::Present { missing, .. } = c { Some(missing.clone()) } else { None })
            .flatten()
            .collect();
        of.retain(|c| match c {
            Change::Unknown { missing, undefined } => {
                !undefined.is_empty() || missing.iter().any(|name| !present.contains(name))
            }
            _ => true,
        });
        if of.contains(&Change::Never) {
            return Change::Never;
        }
        match of.len() {
            0 => Change::Never,
            1 => of.swap_remove(0),
            _ => Change::All { of },
        }
    }
}

impl Needs {
    fn words(self, to: &[Known]) -> String {
        let is_date = matches!(to.first(), Some(Known(Value::Date(_))));
        let list = to.iter().map(quoted).collect::<Vec<_>>().join(", ");
        match (self, is_date) {
            (Needs::MoreThan, false) => format!("more than {list}"),
            (Needs::AtLeast, false) => format!("at least {list}"),
            (Needs::LessThan, false) => format!("less than {list}"),
            (Needs::AtMost, false) => format!("at most {list}"),
            (Needs::MoreThan, true) => format!("after {list}"),
            (Needs::AtLeast, true) => format!("{list} or later"),
            (Needs::LessThan, true) => format!("before {list}"),
            (Needs::AtMost, true) => format!("{list} or earlier"),
            (Needs::Equal, _) => list,
            (Needs::NotEqual, _) => format!("anything but {list}"),
            (Needs::OneOf, _) if to.len() == 1 => list,
            (Needs::OneOf, _) => format!("one of {list}"),
            (Needs::NoneOf, _) if to.len() == 1 => format!("anything but {list}"),
            (Needs::NoneOf, _) => format!("none of {list}"),
        }
    }

    /// What a comparison asks of its left side, if it is to come out as wanted.
    fn of(op: Compare, want: bool) -> Needs {
        match (op, want) {
            (Compare::Gt, true) | (Compare::Le, false) => Needs::MoreThan,
            (Compare::Ge, true) | (Compare::Lt, false) => Needs::AtLeast,
            (Compare::Lt, true) | (Compare::Ge, false) => Needs::LessThan,
            (Compare::Le, true) | (Compare::Gt, false) => Needs::AtMost,
            (Compare::Eq, true) | (Compare::Ne, false) => Needs::Equal,
            (Compare::Ne, true) | (Compare::Eq, false) => Needs::NotEqual,
        }
    }
}

/// A value within a sentence: texts in quotes.
fn quoted(value: &Known) -> String {
    match &value.0 {
        Value::Text(t) => format!("\"{t}\""),
        other => other.to_string(),
    }
}

/// What would make a condition come out as wanted on this record; `None` if it does already.
#[must_use]
pub fn needed(scene: &Scene<'_>, expr: &Expr, want: bool) -> Option<Change> {
    within(scene, expr, want, DEPTH)
}

fn within(scene: &Scene<'_>, expr: &Expr, want: bool, depth: usize) -> Option<Change> {
    let value = scene.value(expr);
    if value == Value::Bool(want) {
        return None;
    }
    if depth == 0 {
        return Some(truth(scene, expr, want));
    }
    let deeper = |x: &Expr, want: bool| within(scene, x, want, depth - 1);
    let change = match &expr.kind {
        Kind::Const(_) => Change::Never,
        Kind::Slot(slot) => of_name(scene, expr, *slot, want, depth),
        Kind::Not(x) => deeper(x, !want)?,
        Kind::And(list) if want => Change::all(list.iter().filter_map(|x| deeper(x, true)).collect()),
        Kind::And(list) => Change::any(list.iter().filter_map(|x| deeper(x, false)).collect()),
        Kind::Or(list) if want => Change::any(list.iter().filter_map(|x| deeper(x, true)).collect()),
        Kind::Or(list) => Change::all(list.iter().filter_map(|x| deeper(x, false)).collect()),
        Kind::Compare(op, a, b) => compared(scene, *op, a, b, want, depth),
        Kind::IsMissing { item, missing } => {
            if *missing == want {
                Change::Absent { what: scene.text(item), is: Known(scene.value(item)) }
            } else {
                match unknown(scene.roots(item), || scene.text(item)) {
                    Change::Unknown { missing, undefined } => Change::Present { missing, undefined },
                    other => other,
                }
            }
        }
        Kind::In { item, list, negated } => {
            let is = scene.value(item);
            if is.is_missing() {
                unknown(scene.roots(item), || scene.text(item))
            } else {
                let to: Vec<Known> =
                    list.iter().map(|x| scene.value(x)).filter(|v| !v.is_missing()).map(Known).collect();
                let needs = if *negated == want { Needs::NoneOf } else { Needs::OneOf };
                match to.is_empty() {
                    true => Change::Never,
                    false => Change::Value { what: scene.text(item), needs, to, is: Known(is) },
                }
            }
        }
        Kind::Coalesce(list) => match list.iter().find(|x| !scene.value(x).is_missing()) {
            // The first that is there decides. An earlier one that is not known would come before it.
            Some(decides) => {
                let earlier = list.iter().take_while(|x| scene.value(x).is_missing()).filter(|x| scene.reads_record(x));
                let mut options: Vec<Change> = earlier.map(|x| if_known(scene, x, want)).collect();
                options.extend(deeper(decides, want));
                Change::any(options)
            }
            None => Change::any(list.iter().filter_map(|x| deeper(x, want)).collect()),
        },
        Kind::If { branches, otherwise } => {
            let mut options = Vec::new();
            let taken = branches.iter().find(|(condition, _)| scene.value(condition) == Value::Bool(true));
            options.extend(deeper(taken.map_or(otherwise.as_ref(), |(_, then)| then), want));
            for (condition, then) in branches {
                if scene.value(then) == Value::Bool(want) {
                    options.extend(deeper(condition, true));
                }
            }
            Change::any(options)
        }
        Kind::Switch { item, arms, otherwise } => {
            let is = scene.value(item);
            let taken = arms.iter().find(|(values, _)| values.contains(&is)).map(|(_, then)| then);
            let mut options = Vec::new();
            let fits = arms.iter().filter(|(_, then)| scene.value(then) == Value::Bool(want));
            let to: Vec<Known> = fits.flat_map(|(values, _)| values.iter().cloned().map(Known)).collect();
            if !to.is_empty() {
                options.push(Change::Value { what: scene.text(item), needs: Needs::OneOf, to, is: Known(is) });
            }
            options.extend(deeper(taken.unwrap_or(otherwise), want));
            Change::any(options)
        }
        // Not of type bool; a checked condition never ends here.
        Kind::Neg(_) | Kind::Arith(..) => truth(scene, expr, want),
        Kind::Call(..) | Kind::Script(..) => {
            if value.is_missing() {
                unknown(scene.roots(expr), || scene.text(expr))
            } else if scene.reads_record(expr) {
                truth(scene, expr, want)
            } else {
                Change::Never
            }
        }
    };
    Some(change)
}

/// A bare name of type bool: what it stands for, if it is a fact.
fn of_name(scene: &Scene<'_>, expr: &Expr, slot: Slot, want: bool, depth: usize) -> Change {
    if scene.value(expr).is_missing() {
        return unknown(scene.roots(expr), || scene.text(expr));
    }
    if scene.names.get(slot).stage == Stage::Run {
        return Change::Never;
    }
    let behind = scene.facts.get(&slot).and_then(|meaning| within(scene, meaning, want, depth - 1));
    behind.filter(|c| *c != Change::Never).unwrap_or_else(|| truth(scene, expr, want))
}

fn compared(scene: &Scene<'_>, op: Compare, a: &Expr, b: &Expr, want: bool, depth: usize) -> Change {
    let (left, right) = (scene.value(a), scene.value(b));
    if left.is_missing() || right.is_missing() {
        let mut roots = scene.roots(a);
        let other = scene.roots(b);
        for (mine, theirs) in [(&mut roots.missing, other.missing), (&mut roots.undefined, other.undefined)] {
            mine.extend(theirs.into_iter().filter(|t| !mine.contains(t)).collect::<Vec<_>>());
        }
        return unknown(roots, || format!("{} {} {}", scene.text(a), op.symbol(), scene.text(b)));
    }
    // `x == true` is a question about `x`.
    if let (Compare::Eq | Compare::Ne, Value::Bool(_), Value::Bool(other)) = (op, &left, &right)
        && !scene.reads_record(b)
    {
        let want = if (op == Compare::Eq) == want { *other } else { !*other };
        return within(scene, a, want, depth - 1).unwrap_or(Change::Never);
    }
    let rank = |x: &Expr| match &x.kind {
        Kind::Slot(slot) if scene.names.get(*slot).stage > Stage::Run => 2,
        _ if scene.reads_record(x) => 1,
        _ => 0,
    };
    let (what, is, to, op) = match (rank(a), rank(b)) {
        (0, 0) => return Change::Never,
        (left_rank, right_rank) if right_rank > left_rank => (b, right, left, op.mirrored()),
        _ => (a, left, right, op),
    };
    Change::Value { what: scene.text(what), needs: Needs::of(op, want), to: vec![Known(to)], is: Known(is) }
}

/// What a condition that is not known would have to come to: of a comparison, where its unknown side would have to lie.
fn if_known(scene: &Scene<'_>, expr: &Expr, want: bool) -> Change {
    if let Kind::Compare(op, a, b) = &expr.kind {
        let (left, right) = (scene.value(a), scene.value(b));
        let (what, to, op) = match (left.is_missing(), right.is_missing()) {
            (true, false) => (a, right, *op),
            (false, true) => (b, left, op.mirrored()),
            _ => return truth(scene, expr, want),
        };
        let needs = Needs::of(op, want);
        return Change::Value { what: scene.text(what), needs, to: vec![Known(to)], is: Known(Value::Missing) };
    }
    truth(scene, expr, want)
}

/// A condition that cannot be taken apart: the names in it, as they are.
fn truth(scene: &Scene<'_>, expr: &Expr, want: bool) -> Change {
    let what = match &expr.kind {
        // The words looked for, not a page of them.
        Kind::Call(Func::Mentions(words), list) if words.list.len() > 3 => {
            let first: Vec<String> = words.list.iter().take(3).map(|w| format!("\"{w}\"")).collect();
            let item = list.first().map_or_else(String::new, |x| scene.text(x));
            format!("mentions({item}, [{}, … {} more])", first.join(", "), words.list.len() - 3)
        }
        _ => scene.text(expr),
    };
    let given = scene.given(expr, false).into_iter().map(|(name, value)| Given { name, value: Known(value) }).collect();
    Change::Truth { what, to: want, given }
}

fn unknown(roots: Roots, text: impl FnOnce() -> String) -> Change {
    let Roots { missing, mut undefined } = roots;
    if missing.is_empty() && undefined.is_empty() {
        undefined.push(text());
    }
    Change::Unknown { missing, undefined }
}
