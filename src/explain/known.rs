//! A value as explain hands it on: in words for people, as itself for machines.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::expr::Value;

/// A value. In JSON a number, a text, a bool, an ISO date as text, or null where it is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Known(
    /// The value.
    pub Value,
);

impl Serialize for Known {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Missing => serializer.serialize_none(),
            Value::Number(x) => serializer.serialize_f64(*x),
            Value::Text(t) => serializer.serialize_str(t),
            Value::Bool(b) => serializer.serialize_bool(*b),
            Value::Date(d) => serializer.collect_str(d),
        }
    }
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
