//! Functions of Rhai's packages that could outrun the limits, replaced: those that build a result before anything looks
//! at its size, and those that go on after an error in a closure.

use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, INT, ImmutableString, NativeCallContext, Position};

use super::Limits;
use super::sandbox::Outcome;

/// Registers them over those of the packages.
pub(super) fn register(engine: &mut Engine, limits: Limits) {
    let replace = move |text: &mut ImmutableString, find: &str, with: &str| -> Outcome<()> {
        let grown = text.matches(find).count().saturating_mul(with.len()).saturating_add(text.len());
        // The exact length is less by what is taken out; the bound is what may be held in memory.
        if grown > limits.max_string.saturating_mul(2) {
            return Err(too_large("text"));
        }
        *text = text.replace(find, with).into();
        Ok(())
    };
    engine.register_fn("replace", replace);
    engine.register_fn("replace", move |text: &mut ImmutableString, find: char, with: &str| {
        replace(text, find.encode_utf8(&mut [0; 4]), with)
    });
    engine.register_fn("replace", move |text: &mut ImmutableString, find: &str, with: char| {
        replace(text, find, with.encode_utf8(&mut [0; 4]))
    });
    for name in ["sort", "sort_by"] {
        engine.register_fn(name, |context: NativeCallContext, list: &mut Array, comparer: FnPtr| -> Outcome<()> {
            *list = sorted(&context, std::mem::take(list), &comparer)?;
            Ok(())
        });
    }
    for name in ["order", "order_by"] {
        engine.register_fn(name, |context: NativeCallContext, list: Array, comparer: FnPtr| {
            sorted(&context, list, &comparer)
        });
    }
    engine.register_fn("dedup", |context: NativeCallContext, list: &mut Array, comparer: FnPtr| -> Outcome<()> {
        let mut kept: Array = Array::new();
        for item in std::mem::take(list) {
            let same = match kept.last() {
                Some(last) => comparer.call_within_context(&context, (last.clone(), item.clone()))?,
                None => false,
            };
            if !same {
                kept.push(item);
            }
        }
        *list = kept;
        Ok(())
    });
    engine.register_fn("pad", move |list: &mut Array, length: INT, item: Dynamic| -> Outcome<()> {
        let length = usize::try_from(length).unwrap_or(0);
        let added = length.saturating_sub(list.len());
        // Elements count with those of the lists in them; a list of one element holds at least itself.
        let each = weight(&item, 0).unwrap_or(usize::MAX);
        if added.saturating_mul(each) > limits.max_array.max(limits.max_string) {
            return Err(too_large("list"));
        }
        if added > 0 {
            list.resize(length, item);
        }
        Ok(())
    });
}

/// How much a value holds: elements and bytes of texts. `None` if it is nested too deeply to be worth counting.
fn weight(value: &Dynamic, depth: usize) -> Option<usize> {
    if depth > 32 {
        return None;
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return Some(text.len().max(1));
    }
    if let Ok(list) = value.as_array_ref() {
        return list.iter().try_fold(1_usize, |sum, x| Some(sum.saturating_add(weight(x, depth + 1)?)));
    }
    if let Ok(map) = value.as_map_ref() {
        return map.values().try_fold(1_usize, |sum, x| Some(sum.saturating_add(weight(x, depth + 1)?)));
    }
    Some(1)
}

fn too_large(what: &str) -> Box<EvalAltResult> {
    EvalAltResult::ErrorDataTooLarge(what.to_owned(), Position::NONE).into()
}

/// Sorts by merging, stable. The comparer says whether the first comes after the second (a number above 0) or before it
/// (below 0, or `true`). Its first error ends it all: Rhai's own version asks on and on. A comparer without order gives
/// some order.
fn sorted(context: &NativeCallContext, list: Array, comparer: &FnPtr) -> Outcome<Array> {
    if list.len() < 2 {
        return Ok(list);
    }
    let mut left = list;
    let right = left.split_off(left.len() / 2);
    let (left, right) = (sorted(context, left, comparer)?, sorted(context, right, comparer)?);
    let mut merged = Array::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let answer: Dynamic = comparer.call_within_context(context, (a.clone(), b.clone()))?;
        let after = match (answer.as_int(), answer.as_float(), answer.as_bool()) {
            (Ok(x), _, _) => x > 0,
            (_, Ok(x), _) => x > 0.0,
            (_, _, Ok(before)) => !before,
            _ => return Err("a comparer gives a number, or true if the first comes before the second".into()),
        };
        merged.extend(if after { right.next() } else { left.next() });
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}
