//! What a case could tell two decisions apart by.

use crate::cases::judge::{Actual, actual, met, named};
use crate::cases::model::{About, Expected};
use crate::expr::{NameKind, Value};
use crate::pack::{Pack, Prevention, SecondLife};
use crate::stage::Decision;

/// What to expect: met by the first decision and not by the second.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Differences {
    /// Values by name.
    pub values: Vec<(String, Value)>,
    /// Whole lists by name.
    pub exactly: Vec<(String, Vec<String>)>,
}

impl Differences {
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.exactly.is_empty()
    }
}

/// So many are enough to see what is meant.
const FEW: usize = 3;

/// What the first decision must be expected to give so that the second fails; the most telling first.
pub(super) fn differences(pack: &Pack, one: &Decision, other_pack: &Pack, other: &Decision) -> Differences {
    let mut found = Differences::default();
    for (name, about) in abouts(pack) {
        let (here, there) = (actual(pack, one, &about), actual(other_pack, other, &about));
        if here == there {
            continue;
        }
        match (apart(&about, &here, &there), &here) {
            (Some(value), _) => found.values.push((name, value)),
            // Something came to the list: only the list as a whole tells.
            (None, Actual::Texts(texts)) if !about.is_sentence() => found.exactly.push((name, texts.clone())),
            _ => continue,
        }
        if found.values.len() + found.exactly.len() == FEW {
            break;
        }
    }
    found
}

/// Everything that can be expected, the most telling first.
fn abouts(pack: &Pack) -> Vec<(String, About)> {
    let of = |slot| (pack.names.get(slot).name.clone(), About::Name(slot));
    let word = |word: &str, about| (word.to_owned(), about);
    let d = &pack.decided;
    let mut list = vec![word("suppressed", About::Suppressed)];
    list.extend([d.state, d.track].map(of));
    list.extend([d.cause, d.class].map(of));
    list.push(of(d.grade));
    list.extend([word("campaign", About::Campaign), word("followups", About::FollowUps)]);
    list.extend(pack.prevention.iter().map(|_| word("warnings", About::Warnings)));
    list.extend(pack.criteria.iter().map(|c| of(c.slot)));
    list.push(word("rule", About::StateRule));
    list.extend([word("channel", About::Channel), word("offer", About::Offer), word("send_on", About::SendOn)]);
    list.extend([word("net", About::Net), word("candidates", About::Candidates)]);
    list.push(of(d.confidence));
    list.extend(pack.dimensions.iter().map(|dimension| of(dimension.slot)));
    list.push(of(pack.priority.slot));
    list.extend([word("money", About::Money), word("overridden", About::Overridden)]);
    let losses = pack.prevention.iter().flat_map(Prevention::says);
    list.extend(losses.map(|(key, _)| (format!("prevention.{key}"), About::Prevention(key))));
    let lives = pack.second_life.iter().flat_map(SecondLife::says);
    list.extend(lives.map(|(key, _)| (format!("second_life.{key}"), About::SecondLife(key))));
    list.extend(pack.terms().map(|(key, _)| (format!("plan.{key}"), About::Plan(key))));
    let limited = pack.planning.iter().filter(|plan| !plan.limits.is_empty());
    list.extend(limited.map(|_| word("plan.limits", About::Limits)));
    list.push(word("reasons", About::Reasons));
    list.extend(pack.facts.iter().map(|fact| of(fact.slot)));
    debug_assert!(pack.names.iter().all(|(_, name)| name.kind != NameKind::Decided || !name.name.is_empty()));
    list
}

/// The value to expect so that the one is met and the other is not.
fn apart(about: &About, here: &Actual, there: &Actual) -> Option<Value> {
    let fits = |expected: &Expected| met(about, expected, here) && !met(about, expected, there);
    let nothing = || if named(about) { Value::text("none") } else { Value::Missing };
    match (here, there) {
        (Actual::Value(Value::Missing), _) => fits(&Expected::Missing).then(nothing),
        (Actual::Value(Value::Number(x)), _) => (0..=9).find_map(|decimals| {
            let scale = 10f64.powi(decimals);
            let value = Value::number((x * scale).round() / scale);
            let text = value.as_number()?.to_string();
            // A whole number is compared exactly.
            let places = text.split_once('.').map_or(9, |(_, digits)| u8::try_from(digits.len()).unwrap_or(9).min(9));
            fits(&Expected::Value(value.clone(), Some(places))).then_some(value)
        }),
        (Actual::Value(value), _) => fits(&Expected::Value(value.clone(), None)).then(|| value.clone()),
        (Actual::Suppressed(by), _) => {
            let value = by.as_deref().map_or(Value::Bool(false), Value::text);
            fits(&Expected::Value(value.clone(), None)).then_some(value)
        }
        (Actual::Texts(texts), _) if texts.is_empty() => fits(&Expected::Missing).then(nothing),
        (Actual::Texts(texts), _) => {
            let found = texts.iter().find(|text| fits(&Expected::AllOf(vec![(*text).clone()])))?;
            Some(Value::text(found.as_str()))
        }
    }
}
