//! Script functions: their bodies as expressions where that means the same, calls elsewhere.

use std::sync::Arc;

use super::builder::{Builder, Mask, Meaning, Num, Reg, Text};
use super::graph::Graph;
use super::op::{Argument, Id};
use crate::expr::{Expr, Kind, Slot, Type};
use crate::script::{OnMissing, Scripts, Signature, parameter};

/// Whether a script function is called in any of them: one that is not an expression on every row.
pub(super) fn calls(scripts: &Scripts, list: &[Expr]) -> bool {
    let mut found = false;
    for x in list {
        x.walk(&mut |e| {
            if let Kind::Script(signature, _) = &e.kind {
                found |= scripts.lowered(signature).is_none_or(|lowered| !lowered.guards.is_empty());
            }
        });
    }
    found
}

/// How the parts of a script function come together.
pub(super) enum Outcome {
    /// The value of calls.
    Called(Id),
    /// The second in the rows of the first, elsewhere the third.
    Pick(Id, Id, Id),
    Missing,
}

impl Builder {
    /// The value of a script function: its body as an expression where it means the same, a call elsewhere.
    pub(super) fn script(
        &mut self,
        signature: &Arc<Signature>,
        arguments: &[Expr],
        body: impl FnOnce(&mut Self, &Expr) -> Id,
        make: impl Fn(&mut Graph, Outcome) -> Id,
    ) -> Id {
        let ids = self.arguments(arguments);
        let scripts = Arc::clone(&self.scripts);
        let Some(lowered) = scripts.lowered(signature) else {
            let called = self.graph.script(signature, self.scope, ids);
            return make(&mut self.graph, Outcome::Called(called));
        };
        // Without an argument there is no call; a body that is missing then need not be told.
        let mut there = self.graph.fill(true);
        if signature.on_missing == OnMissing::Missing {
            for (id, strict) in ids.iter().zip(&lowered.strict) {
                if !strict || !lowered.guards.is_empty() {
                    let one = self.argument_there(*id);
                    there = self.graph.and(there, one);
                }
            }
        }
        let mut own: Vec<Slot> = Vec::new();
        for (at, (argument, id)) in arguments.iter().zip(&ids).enumerate() {
            let meaning = match self.constant_of(argument) {
                Some(value) => Meaning::Constant(value),
                None => Meaning::Bound(match *id {
                    Argument::Number(id) => Reg::Number(Num(id)),
                    Argument::Date(id) => Reg::Date(Num(id)),
                    Argument::Text(id) => Reg::Text(Text(id)),
                    Argument::Bool { yes, no } => Reg::Bool { yes: Mask(yes), no: Mask(no) },
                }),
            };
            self.names.insert(parameter(at), meaning);
            own.push(parameter(at));
        }
        for (slot, expr) in &lowered.definitions {
            self.define(*slot, expr);
            own.push(*slot);
            // One after the other, so that none waits for many before it.
            self.constant_slot(*slot);
        }
        let mut ok = there;
        for guard in &lowered.guards {
            let holds = self.truth(&guard.holds, true);
            ok = self.graph.and(ok, holds);
        }
        let value = body(self, &lowered.value);
        for slot in own {
            self.names.remove(&slot);
        }
        let rest = if lowered.guards.is_empty() || ok == there {
            make(&mut self.graph, Outcome::Missing)
        } else {
            let open = self.graph.and_not(there, ok);
            let within = self.graph.and(self.scope, open);
            // The call counts as one wherever it is meant, in whichever way its value is computed.
            let meant = self.graph.and(self.scope, there);
            let called = self.graph.script_of(signature, within, meant, ids);
            make(&mut self.graph, Outcome::Called(called))
        };
        make(&mut self.graph, Outcome::Pick(ok, value, rest))
    }

    /// Rows where an argument is there.
    fn argument_there(&mut self, id: Argument) -> Id {
        match id {
            Argument::Number(id) | Argument::Date(id) => self.graph.there(id),
            Argument::Text(id) => self.graph.text_there(id),
            Argument::Bool { yes, no } => self.graph.or(yes, no),
        }
    }

    fn arguments(&mut self, arguments: &[Expr]) -> Vec<Argument> {
        let mut lowered = Vec::new();
        for argument in arguments {
            lowered.push(match argument.ty {
                Type::Number => Argument::Number(self.lower_number(argument)),
                Type::Date => Argument::Date(self.lower_number(argument)),
                Type::Text => Argument::Text(self.lower_text(argument)),
                Type::Bool => Argument::Bool { yes: self.truth(argument, true), no: self.truth(argument, false) },
            });
        }
        lowered
    }
}
