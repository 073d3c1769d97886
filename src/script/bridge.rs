//! Runs calls from script to script as a rule's call would be: the same types, the same meaning of missing.
//!
//! What is called has its own functions and constants, and none of the caller's. Steps and levels go on being counted.

use std::any::TypeId;
use std::sync::Arc;

use rhai::{
    AST, Caches, Dynamic, Engine, EvalAltResult, FuncRegistration, ImmutableString, NativeCallContext, Position,
    RhaiFunc, Scope,
};

use super::errors::Stopped;
use super::host::Module;
use super::sandbox::{self, Outcome};
use super::{OnMissing, Signature};
use crate::expr::{Date, Type, Value};

/// Levels that the way to a function adds to those of calls.
const OWN_LEVELS: usize = 2;

/// Offers the functions with a signature to all scripts, under the names of their modules.
pub(super) fn register(engine: &mut Engine, modules: &[Module], signatures: &[Arc<Signature>]) {
    for module in modules {
        let mut offered = rhai::Module::new();
        for signature in signatures.iter().filter(|signature| signature.module == module.name) {
            let declared: Vec<TypeId> = signature.parameters.iter().map(|parameter| type_id(parameter.ty)).collect();
            let any = vec![TypeId::of::<Dynamic>(); declared.len()];
            // By its types it is found at once; for any others, so that what does not fit is told in our words.
            for types in [declared, any] {
                let (signature, ast) = (Arc::clone(signature), Arc::clone(&module.ast));
                let name = signature.name.clone();
                let func = move |context: Option<NativeCallContext<'_>>, arguments: &mut [&mut Dynamic]| match context {
                    Some(context) => call(&context, &signature, &ast, arguments),
                    None => Ok(Dynamic::UNIT),
                };
                let func = RhaiFunc::Pure { func: Arc::new(func), has_context: true, is_pure: true, is_volatile: true };
                FuncRegistration::new(name).set_into_module_raw(&mut offered, types, func);
            }
        }
        offered.build_index();
        engine.register_static_module(&module.name, offered.into());
    }
}

/// The type in which a value comes from a script.
fn type_id(ty: Type) -> TypeId {
    match ty {
        Type::Number => TypeId::of::<f64>(),
        Type::Text => TypeId::of::<ImmutableString>(),
        Type::Bool => TypeId::of::<bool>(),
        Type::Date => TypeId::of::<Date>(),
    }
}

/// Calls a function of another script.
fn call(
    context: &NativeCallContext<'_>,
    signature: &Signature,
    ast: &AST,
    arguments: &mut [&mut Dynamic],
) -> Outcome<Dynamic> {
    let at = context.call_position();
    let path = signature.path();
    let wrong = |message: String| EvalAltResult::ErrorRuntime(message.into(), at).into();
    let mut values = Vec::with_capacity(arguments.len());
    for (argument, parameter) in arguments.iter_mut().zip(&signature.parameters) {
        let argument = argument.flatten_clone();
        match sandbox::from_script(&argument) {
            Some(value) if value.is_missing() || value.ty() == Some(parameter.ty) => values.push(value),
            _ => {
                let (wanted, name, kind) = (parameter.ty, &parameter.name, sandbox::kind(&argument));
                return Err(wrong(format!("`{path}` wants a {wanted} for `{name}`, and this is {kind}")));
            }
        }
    }
    if signature.on_missing == OnMissing::Missing && values.iter().any(Value::is_missing) {
        return Ok(Dynamic::UNIT);
    }
    let mut values: Vec<Dynamic> = values.iter().map(sandbox::to_script).collect();
    let result = enter(context, signature, ast, &mut values)?.flatten();
    match sandbox::from_script(&result) {
        Some(value) if value.is_missing() || value.ty() == Some(signature.result) => Ok(sandbox::to_script(&value)),
        _ => Err(wrong(format!("`{path}` {}", sandbox::wrong_result(signature.result, &result)))),
    }
}

/// Runs the function in a state of its own, with the levels of the caller.
fn enter(
    context: &NativeCallContext<'_>,
    signature: &Signature,
    ast: &AST,
    values: &mut [Dynamic],
) -> Outcome<Dynamic> {
    let engine = context.engine();
    let mut global = engine.new_global_runtime_state();
    global.level = context.call_level().saturating_sub(OWN_LEVELS);
    global.source = Some(signature.module.as_str().into());
    global.lib.push(ast.shared_lib().clone());
    let outcome = match ast.statements() {
        [] => Ok(Dynamic::UNIT),
        // Made anew for each call, so that nothing can be remembered in them.
        #[expect(
            deprecated,
            reason = "there is no other way to evaluate constants into a given state; the version is pinned"
        )]
        constants => engine
            .eval_statements_raw(&mut global, &mut Caches::new(), &mut Scope::new(), constants)
            .map_err(|error| in_function(signature, error, context.call_position())),
    };
    let outcome = outcome.and_then(|_| {
        let (name, module) = (signature.name.as_str(), signature.module.as_str());
        let inner =
            NativeCallContext::new_with_all_fields(engine, name, Some(module), &global, context.call_position());
        let mut arguments: Vec<&mut Dynamic> = values.iter_mut().collect();
        inner.call_fn_raw(name, false, false, &mut arguments)
    });
    outcome.map_err(|error| if error.is_system_exception() { Stopped::within(signature, *error) } else { error })
}

fn in_function(signature: &Signature, error: Box<EvalAltResult>, at: Position) -> Box<EvalAltResult> {
    if error.is_system_exception() {
        return error;
    }
    EvalAltResult::ErrorInFunctionCall(signature.name.clone(), signature.module.clone(), error, at).into()
}
