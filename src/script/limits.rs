//! How far a script may go: the `[limits]` of a pack.

/// What a script function may use. Only `max_batch_seconds` looks at a clock, for what no count of steps can see; within the
/// others the same call always ends the same way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Steps of the interpreter, in one call.
    pub max_operations: u64,
    /// Functions inside functions.
    pub max_depth: usize,
    /// Bytes of a text.
    pub max_string: usize,
    /// Elements of a list, counted with those of the lists in it.
    pub max_array: usize,
    /// Elements of a map, counted with those of the maps in it.
    pub max_map: usize,
    /// Variables of a function at one time.
    pub max_variables: usize,
    /// Expressions inside expressions.
    pub max_expression_depth: usize,
    /// Seconds that the calls of one batch of customers may take together; what is left then fails.
    pub max_batch_seconds: f64,
    /// The share of the customers scripts were called for that may have a failed call; with more a run ends with exit code 1.
    /// Calls of decisions and of each table's rollups are looked at by themselves.
    pub max_error_rate: f64,
}

impl Limits {
    /// The least a pack may set.
    pub const LEAST: Limits = Limits {
        max_operations: 100,
        max_depth: 1,
        max_string: 100,
        max_array: 10,
        max_map: 10,
        max_variables: 4,
        max_expression_depth: 8,
        max_batch_seconds: 0.1,
        max_error_rate: 0.0,
    };

    /// The most a pack may set: what any script leaves a thread with a stack of 2 MiB alive with.
    pub const MOST: Limits = Limits {
        max_operations: 1_000_000,
        max_depth: 32,
        max_string: 1_000_000,
        max_array: 100_000,
        max_map: 100_000,
        max_variables: 1_000,
        max_expression_depth: 32,
        max_batch_seconds: 3_600.0,
        max_error_rate: 1.0,
    };

    /// The nearest limits within [`Limits::LEAST`] and [`Limits::MOST`].
    #[must_use]
    pub fn within_bounds(self) -> Limits {
        let (least, most) = (Self::LEAST, Self::MOST);
        Limits {
            max_operations: self.max_operations.clamp(least.max_operations, most.max_operations),
            max_depth: self.max_depth.clamp(least.max_depth, most.max_depth),
            max_string: self.max_string.clamp(least.max_string, most.max_string),
            max_array: self.max_array.clamp(least.max_array, most.max_array),
            max_map: self.max_map.clamp(least.max_map, most.max_map),
            max_variables: self.max_variables.clamp(least.max_variables, most.max_variables),
            max_expression_depth: self
                .max_expression_depth
                .clamp(least.max_expression_depth, most.max_expression_depth),
            max_batch_seconds: self.max_batch_seconds.clamp(least.max_batch_seconds, most.max_batch_seconds),
            max_error_rate: self.max_error_rate.clamp(least.max_error_rate, most.max_error_rate),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_operations: 100_000,
            max_depth: 32,
            max_string: 10_000,
            max_array: 10_000,
            max_map: 10_000,
            max_variables: 128,
            max_expression_depth: 32,
            max_batch_seconds: 10.0,
            max_error_rate: 0.01,
        }
    }
}
