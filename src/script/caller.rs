//! Calls one function many times: what is the same for all of them is looked up once.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rhai::{CallFnOptions, Dynamic, Engine, FuncArgs, Scope};

use super::host::{Module, Scripts};
use super::{CallError, OnMissing, Signature, errors, patience, sandbox};
use crate::expr::Value;

/// A function ready to be called, again and again. Every call is on its own: none sees what another did.
pub struct Caller<'a> {
    scripts: &'a Scripts,
    signature: &'a Signature,
    /// `None` if there is no script of this name.
    script: Option<(&'a Engine, &'a Module)>,
    /// Empty before and after every call.
    scope: Scope<'static>,
    /// Whether the last call was stopped by the clock.
    stopped: bool,
}

/// The arguments of a call, put where the interpreter wants them.
struct Arguments<'a>(&'a [Value]);

impl FuncArgs for Arguments<'_> {
    fn parse<T: Extend<Dynamic>>(self, into: &mut T) {
        into.extend(self.0.iter().map(sandbox::to_script));
    }
}

impl Scripts {
    /// Makes a function ready for many calls, each the same as [`Scripts::call`].
    #[must_use]
    pub fn caller<'a>(&'a self, signature: &'a Signature) -> Caller<'a> {
        let script = self.script(&signature.module);
        Caller { scripts: self, signature, script, scope: Scope::new(), stopped: false }
    }
}

impl<'a> Caller<'a> {
    /// Calls the function. Arguments are of the declared types or missing. A missing argument gives missing without a call
    /// unless declared otherwise. Pure: equal arguments give equal results.
    ///
    /// # Errors
    /// What the script did wrong: an error of its own, a limit exceeded, a result of the wrong type.
    pub fn call(&mut self, arguments: &[Value]) -> Result<Value, CallError> {
        let Caller { scripts, signature, .. } = *self;
        self.stopped = false;
        if signature.on_missing == OnMissing::Missing && arguments.iter().any(Value::is_missing) {
            return Ok(Value::Missing);
        }
        let Some((engine, module)) = self.script else {
            return Err(scripts.error(signature, None, format!("there is no script `{}`", signature.module)));
        };
        let Some(_call) = patience::begin() else {
            self.stopped = true;
            return Err(scripts.error(signature, None, patience::batch_message(scripts.limits())));
        };
        let options = CallFnOptions::new().eval_ast(module.constants);
        let scope = &mut self.scope;
        // A panic inside the interpreter would be a bug of ours or Rhai's; it costs this record its value, not the run.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let arguments = Arguments(arguments);
            engine.call_fn_with_options::<Dynamic>(options, scope, &module.ast, &signature.name, arguments)
        }));
        self.scope.clear();
        match outcome {
            Ok(Ok(value)) => {
                let value = value.flatten();
                match sandbox::from_script(&value) {
                    Some(Value::Missing) => Ok(Value::Missing),
                    Some(found) if found.ty() == Some(signature.result) => Ok(found),
                    _ => Err(scripts.error(signature, None, sandbox::wrong_result(signature.result, &value))),
                }
            }
            Ok(Err(error)) => {
                self.stopped = errors::is_of_the_clock(&error);
                let failure = errors::call_failure(signature, *error, scripts.limits());
                Err(scripts.error(signature, Some((failure.function, failure.position)), failure.message))
            }
            Err(_) => {
                let message = "the interpreter failed; please report this script".to_owned();
                Err(scripts.error(signature, None, message))
            }
        }
    }

    /// Whether the last call failed because the clock stopped it: the same call may go well at another time. Everything else
    /// ends the same way whenever it is called.
    #[must_use]
    pub fn was_stopped(&self) -> bool {
        self.stopped
    }
}
