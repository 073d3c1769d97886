//! What scripts print: kept in a log of bounded size, for whoever wants to see it.

use std::sync::{Arc, Mutex, PoisonError};

use rhai::{Array, Dynamic, Engine, FnPtr, INT, ImmutableString, Map, NativeCallContext};

use super::sandbox::Outcome;

/// Lines kept; later ones are counted only.
const MOST_LINES: usize = 1_000;
/// Bytes kept of a line.
const MOST_BYTES: usize = 500;

/// A line that a script printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Module of the script.
    pub module: String,
    /// Line of the `print` in the script, from 1; 0 if unknown.
    pub line: usize,
    /// The text, at most 500 bytes of it.
    pub text: String,
}

/// What scripts printed since it was last asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prints {
    /// The first 1,000 lines, in the order in which they came; calls on several threads come in any order.
    pub lines: Vec<Printed>,
    /// How many more there were.
    pub more: u64,
}

/// The log of all engines of the same scripts.
#[derive(Debug, Clone, Default)]
pub(super) struct Log(Arc<Mutex<Prints>>);

impl Log {
    /// Takes out what is in it.
    pub(super) fn take(&self) -> Prints {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, module: &str, line: usize, text: &str) {
        let mut prints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if prints.lines.len() >= MOST_LINES {
            prints.more = prints.more.saturating_add(1);
            return;
        }
        let kept = text.get(..text.floor_char_boundary(MOST_BYTES)).unwrap_or_default();
        prints.lines.push(Printed { module: module.to_owned(), line, text: kept.to_owned() });
    }

    /// Lets `print` and `debug` write into it. Their texts are made also when the log is full, so that a call takes the
    /// same steps whatever was printed before.
    pub(super) fn register(&self, engine: &mut Engine) {
        for (name, texts) in [("print", "to_string"), ("debug", "to_debug")] {
            let log = self.clone();
            engine.register_fn(name, move |context: NativeCallContext| log.print(&context, texts, None));
            // Rhai's own are for these types; the one for any other is the last.
            self.register_for::<()>(engine, name, texts);
            self.register_for::<bool>(engine, name, texts);
            self.register_for::<char>(engine, name, texts);
            self.register_for::<INT>(engine, name, texts);
            self.register_for::<f64>(engine, name, texts);
            self.register_for::<ImmutableString>(engine, name, texts);
            self.register_for::<FnPtr>(engine, name, texts);
            self.register_for::<Array>(engine, name, texts);
            self.register_for::<Map>(engine, name, texts);
            let log = self.clone();
            engine.register_fn(name, move |context: NativeCallContext, value: Dynamic| {
                log.print(&context, texts, Some(value))
            });
        }
    }

    fn register_for<T: Clone + Send + Sync + 'static>(
        &self,
        engine: &mut Engine,
        name: &'static str,
        texts: &'static str,
    ) {
        let log = self.clone();
        engine.register_fn(name, move |context: NativeCallContext, value: T| {
            log.print(&context, texts, Some(Dynamic::from(value)))
        });
    }

    /// Rhai takes the text that is given back for what is to be printed, and has nowhere to print it.
    fn print(&self, context: &NativeCallContext, texts: &str, value: Option<Dynamic>) -> Outcome<ImmutableString> {
        let text = match value {
            Some(mut value) => context.call_native_fn_raw(texts, true, &mut [&mut value])?.into_immutable_string(),
            None => Ok(ImmutableString::new()),
        };
        let text = text.unwrap_or_default();
        let line = context.call_position().line().unwrap_or(0);
        self.add(context.call_source().unwrap_or_default(), line, &text);
        Ok(text)
    }
}
