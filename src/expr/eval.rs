//! The row interpreter: the specification of what an expression means on one record.

use super::{Expr, Slot, Value};
use crate::script::Scripts;

/// The values of one record.
pub trait Row {
    /// The value of a name; missing if it has none.
    fn get(&self, slot: Slot) -> Value;
}

/// The value of an expression on one record. Total: never fails, never panics.
pub fn evaluate(expr: &Expr, row: &dyn Row, scripts: &Scripts) -> Value {
    let _ = (expr, row, scripts);
    todo!()
}
