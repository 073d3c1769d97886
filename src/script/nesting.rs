//! Keeps lists, maps and closures from being nested without bound.
//!
//! Rhai limits how much a value holds, not how deep it is; copying, comparing, printing and dropping go down level by
//! level on the stack. So the depth of a value is looked at whenever a variable that holds it is used. Whatever builds
//! a deeper value must name the shallower one, `this` being disabled.

use std::cell::Cell;

use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, Map, Position};

use super::patience;

/// Levels a value may have. One step of a script can add no more than a function's expressions are deep (32).
const MOST_LEVELS: usize = 32;

/// Values looked at in one go: more than a list may hold, less than closures that share closures can fan out to.
const MOST_LOOKS: usize = 200_000;

/// A list or map of more elements is looked at every this many steps only: looking takes as long as it is.
const STEPS: u64 = 16;

/// What a list or map may hold to be looked at every time.
const SMALL: usize = 64;

/// The error text, by which the message in plain words is chosen.
pub(super) const TOO_DEEP: &str = "nested too deeply";

thread_local! {
    /// The step at which a large value was last looked at.
    static LAST: Cell<u64> = const { Cell::new(0) };
}

/// Looks at the value of every variable that is used.
#[expect(deprecated, reason = "marked so by its library only because it may change; the version is pinned")]
pub(super) fn limit(engine: &mut Engine) {
    engine.on_var(|name, _, context| {
        let Some(value) = context.scope().get(name) else {
            return Ok(None);
        };
        if !holds_values(value) {
            return Ok(None);
        }
        if len(value) > SMALL {
            let now = patience::steps();
            // Steps start again at 0 with every call.
            if LAST.get() <= now && now - LAST.get() < STEPS {
                return Ok(None);
            }
            LAST.set(now);
        }
        if too_deep(value, MOST_LEVELS, &mut { MOST_LOOKS }) {
            return Err(EvalAltResult::ErrorDataTooLarge(TOO_DEEP.to_owned(), Position::NONE).into());
        }
        Ok(None)
    });
}

/// Whether a value can hold others: a list, a map, a closure, or what closures share.
fn holds_values(value: &Dynamic) -> bool {
    value.is_shared() || value.is_array() || value.is_map() || value.is_fnptr()
}

fn len(value: &Dynamic) -> usize {
    if let Some(list) = value.read_lock::<Array>() {
        list.len()
    } else if let Some(map) = value.read_lock::<Map>() {
        map.len()
    } else {
        0
    }
}

/// Whether a value has more than so many levels.
fn too_deep(value: &Dynamic, levels: usize, looks: &mut usize) -> bool {
    if !holds_values(value) {
        return false;
    }
    if levels == 0 {
        return true;
    }
    if value.is_shared() {
        // What closures share says what it is only once it is locked. If it cannot be, the script itself cannot use it.
        return value.read_lock::<Dynamic>().is_some_and(|inner| too_deep(&inner, levels, looks));
    }
    let deep = |value: &Dynamic| {
        *looks = looks.saturating_sub(1);
        *looks > 0 && too_deep(value, levels - 1, looks)
    };
    if let Ok(list) = value.as_array_ref() {
        list.iter().any(deep)
    } else if let Ok(map) = value.as_map_ref() {
        map.values().any(deep)
    } else if let Some(closure) = value.read_lock::<FnPtr>() {
        closure.curry().iter().any(deep)
    } else {
        false
    }
}
