//! What can go wrong with data, in plain words.

use std::fmt;

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;

/// Whose fault it is, and what a caller may do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataErrorKind {
    /// What was asked for or given does not fit: a missing file, a lacking column, a value that is none.
    Input,
    /// More rows had to be set aside than the run allows.
    Strict,
    /// The machine: a disk that is full, a file that may not be read, memory.
    Machine,
    /// Whoever reads our output has gone; nothing need be said.
    BrokenPipe,
    /// Our own fault.
    Internal,
    /// The fast reader stumbled over this table; the careful one may still read it.
    Malformed(String),
    /// A key occurs more than once in this table; the run starts again and sets the later rows aside.
    DoubleKeys(String),
}

/// An error with data: one sentence, and hints.
///
/// Messages are lower case without a full stop; what the user wrote stands in back-ticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataError {
    /// Whose fault it is.
    pub kind: DataErrorKind,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: Vec<String>,
}

impl DataError {
    /// Something in what was given does not fit.
    pub fn input(message: impl Into<String>) -> Self {
        Self { kind: DataErrorKind::Input, message: message.into(), help: Vec::new() }
    }

    /// The machine could not.
    pub fn machine(message: impl Into<String>) -> Self {
        Self { kind: DataErrorKind::Machine, message: message.into(), help: Vec::new() }
    }

    /// Our own fault; asks for a report.
    pub fn internal(message: impl fmt::Display) -> Self {
        Self {
            kind: DataErrorKind::Internal,
            message: format!("this should not happen: {message}"),
            help: vec!["please report it, with the command and a few lines of the data".to_owned()],
        }
    }

    /// A table with at most one row per customer has two of one.
    pub(crate) fn double_keys(table: &str) -> Self {
        let message = format!("a key of `{table}` occurs more than once");
        Self { kind: DataErrorKind::DoubleKeys(table.to_owned()), message, help: Vec::new() }
    }

    /// Reading or writing a file failed.
    pub fn io(doing: impl fmt::Display, error: &std::io::Error) -> Self {
        let kind = if error.kind() == std::io::ErrorKind::BrokenPipe {
            DataErrorKind::BrokenPipe
        } else {
            DataErrorKind::Machine
        };
        Self { kind, message: format!("{doing}: {}", io_words(error)), help: Vec::new() }
    }

    /// Adds a hint.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Puts what was being done before the message.
    #[must_use]
    pub fn doing(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Whether whoever reads our output has gone.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        self.kind == DataErrorKind::BrokenPipe
    }
}

/// What the operating system said, without its number.
fn io_words(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "it may not be read or written (permission denied)".to_owned(),
        ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_lowercase()
        }
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DataError {}

/// Our errors travel through plans unchanged.
impl From<DataError> for DataFusionError {
    fn from(error: DataError) -> Self {
        DataFusionError::External(Box::new(error))
    }
}

/// One of ours if it is one of ours; otherwise the innermost reason, without the names of libraries.
impl From<DataFusionError> for DataError {
    fn from(error: DataFusionError) -> Self {
        from_datafusion(&error)
    }
}

impl From<ArrowError> for DataError {
    fn from(error: ArrowError) -> Self {
        from_arrow(&error)
    }
}

fn from_datafusion(error: &DataFusionError) -> DataError {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => from_datafusion(inner),
        DataFusionError::Shared(inner) => from_datafusion(inner),
        DataFusionError::Collection(list) => {
            list.first().map_or_else(|| DataError::internal("an error without a reason"), from_datafusion)
        }
        DataFusionError::External(inner) => from_dynamic(inner.as_ref()),
        DataFusionError::ArrowError(inner, _) => from_arrow(inner),
        DataFusionError::ParquetError(inner) => from_dynamic(inner.as_ref()),
        DataFusionError::IoError(inner) => DataError::io("reading or writing", inner),
        DataFusionError::ObjectStore(inner) => DataError::machine(plain(&inner.to_string())),
        DataFusionError::ResourcesExhausted(text) => {
            let mut error = DataError::machine("the memory limit is too small for this run");
            if text.contains("disk") {
                "there is too little room on disk for what does not fit into memory".clone_into(&mut error.message);
            }
            error.help("give more memory")
        }
        DataFusionError::SQL(inner, _) => DataError::input(plain(&inner.to_string())),
        DataFusionError::SchemaError(inner, _) => DataError::input(plain(&inner.to_string())),
        DataFusionError::Plan(text) | DataFusionError::Execution(text) | DataFusionError::NotImplemented(text) => {
            DataError::input(plain(text))
        }
        DataFusionError::ExecutionJoin(inner) => DataError::internal(inner),
        other => DataError::internal(plain(&other.to_string())),
    }
}

fn from_arrow(error: &ArrowError) -> DataError {
    match error {
        ArrowError::ExternalError(inner) => from_dynamic(inner.as_ref()),
        ArrowError::IoError(_, inner) => DataError::io("reading or writing", inner),
        ArrowError::CsvError(text) | ArrowError::ParseError(text) | ArrowError::JsonError(text) => {
            DataError::input(plain(text))
        }
        ArrowError::ComputeError(text) | ArrowError::CastError(text) => DataError::input(plain(text)),
        other => DataError::input(plain(&other.to_string())),
    }
}

fn from_dynamic(error: &(dyn std::error::Error + Send + Sync + 'static)) -> DataError {
    if let Some(ours) = error.downcast_ref::<DataError>() {
        return ours.clone();
    }
    if let Some(inner) = error.downcast_ref::<DataFusionError>() {
        return from_datafusion(inner);
    }
    if let Some(inner) = error.downcast_ref::<ArrowError>() {
        return from_arrow(inner);
    }
    if let Some(inner) = error.downcast_ref::<std::io::Error>() {
        return DataError::io("reading or writing", inner);
    }
    DataError::input(plain(&error.to_string()))
}

/// Takes the names of libraries off the front of a message.
fn plain(text: &str) -> String {
    let mut rest = text.trim();
    loop {
        let before = rest;
        for prefix in [
            "Arrow error: ",
            "Parquet error: ",
            "External error: ",
            "Parquet argument error: ",
            "Csv error: ",
            "Json error: ",
            "Parser error: ",
            "SQL error: ",
            "Schema error: ",
            "Error during planning: ",
            "Execution error: ",
            "Invalid argument error: ",
            "Compute error: ",
            "Cast error: ",
            "EOF: ",
            "Internal error: ",
        ] {
            rest = rest.strip_prefix(prefix).unwrap_or(rest);
        }
        if rest == before {
            break;
        }
    }
    let rest = rest.split("\n\nbacktrace:").next().unwrap_or(rest).trim_end_matches('.');
    let mut letters = rest.chars();
    match (letters.next(), letters.next()) {
        // A word in capitals (`SQL`) stays as it is.
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(std::iter::once(second)).chain(letters).collect()
        }
        _ => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ours_survives_every_wrapping() {
        let ours = DataError::input("reading `x.csv`: no").help("do");
        let wrapped = DataFusionError::Shared(std::sync::Arc::new(DataFusionError::Context(
            "somewhere".into(),
            Box::new(DataFusionError::from(ArrowError::ExternalError(Box::new(DataFusionError::from(ours.clone()))))),
        )));
        assert_eq!(DataError::from(wrapped), ours);
    }

    #[test]
    fn no_library_is_named() {
        let error = DataFusionError::from(ArrowError::CsvError("Incorrect number of fields".into()));
        assert_eq!(DataError::from(error).to_string(), "incorrect number of fields");
    }
}
