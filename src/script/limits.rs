//! How far a script may go: the `[limits]` of a pack.

/// What one call of a script function may use. None is a time: the same call always ends the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Steps of the interpreter.
    pub max_operations: u64,
    /// Functions inside functions.
    pub max_depth: usize,
    /// Bytes of a text.
    pub max_string: usize,
    /// Elements of a list or map, counted with those of the lists in it.
    pub max_array: usize,
}

impl Limits {
    /// The least a pack may set.
    pub const LEAST: Limits = Limits { max_operations: 100, max_depth: 1, max_string: 100, max_array: 10 };

    /// The most a pack may set: what any script leaves a thread with a stack of 2 MiB alive with.
    pub const MOST: Limits =
        Limits { max_operations: 1_000_000, max_depth: 32, max_string: 1_000_000, max_array: 100_000 };

    /// The nearest limits within [`Limits::LEAST`] and [`Limits::MOST`].
    #[must_use]
    pub fn within_bounds(self) -> Limits {
        let (least, most) = (Self::LEAST, Self::MOST);
        Limits {
            max_operations: self.max_operations.clamp(least.max_operations, most.max_operations),
            max_depth: self.max_depth.clamp(least.max_depth, most.max_depth),
            max_string: self.max_string.clamp(least.max_string, most.max_string),
            max_array: self.max_array.clamp(least.max_array, most.max_array),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_operations: 100_000, max_depth: 32, max_string: 10_000, max_array: 10_000 }
    }
}
