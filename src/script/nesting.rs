//! Keeps lists, maps and closures from being nested without bound, and from growing where Rhai does not look.
//!
//! Rhai limits how much a value holds, not how deep it is; copying, comparing, printing and dropping go down level by
//! level on the stack. And it does not look at a list or map whose parts are replaced one by one (`m[key] = list`), nor into
//! closures. So a value is looked at whenever a variable that holds it is used. Whatever builds a deeper or larger value must
//! name the earlier one, `this` being disabled.

use std::cell::Cell;

use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, Map, Position};

use super::{Limits, patience};

/// Levels a value may have. One step of a script can add no more than a function's expressions are deep (32).
const MOST_LEVELS: usize = 32;

/// Values looked at in one go: more than lists and maps may hold; closures that hold closures can fan out to any number.
const MOST_LOOKS: usize = 400_000;

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
pub(super) fn limit(engine: &mut Engine, limits: &Limits) {
    let limits = *limits;
    engine.on_var(move |name, _, context| {
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
        let mut held = Held::default();
        match held.look(value, MOST_LEVELS).and_then(|()| held.within(&limits)) {
            Ok(()) => Ok(None),
            Err(what) => Err(EvalAltResult::ErrorDataTooLarge(what.to_owned(), Position::NONE).into()),
        }
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

/// What a value holds, counted as Rhai counts, with what closures hold.
#[derive(Default)]
struct Held {
    elements: usize,
    entries: usize,
    bytes: usize,
    looks: usize,
}

impl Held {
    /// Counts a value. The error says what is too much.
    fn look(&mut self, value: &Dynamic, levels: usize) -> Result<(), &'static str> {
        self.looks += 1;
        if self.looks > MOST_LOOKS {
            return Err("list");
        }
        if !holds_values(value) {
            if let Ok(text) = value.as_immutable_string_ref() {
                self.bytes += text.len();
            }
            return Ok(());
        }
        if levels == 0 {
            return Err(TOO_DEEP);
        }
        if value.is_shared() {
            // What closures share says what it is only once it is locked. If it cannot be, the script itself cannot use it.
            return value.read_lock::<Dynamic>().map_or(Ok(()), |inner| self.look(&inner, levels));
        }
        if let Ok(list) = value.as_array_ref() {
            self.elements += list.len();
            list.iter().try_for_each(|inner| self.look(inner, levels - 1))
        } else if let Ok(map) = value.as_map_ref() {
            self.entries += map.len();
            map.values().try_for_each(|inner| self.look(inner, levels - 1))
        } else if let Some(closure) = value.read_lock::<FnPtr>() {
            closure.curry().iter().try_for_each(|inner| self.look(inner, levels - 1))
        } else {
            Ok(())
        }
    }

    fn within(&self, limits: &Limits) -> Result<(), &'static str> {
        if self.elements > limits.max_array {
            Err("list")
        } else if self.entries > limits.max_map {
            Err("map")
        } else if self.bytes > limits.max_string {
            Err("text")
        } else {
            Ok(())
        }
    }
}
