//! How the values of a table are written, found from samples of them.

use arrow::array::StringArray;

use super::error::DataError;
use super::format::ColumnFormat;
use super::table::TableSpec;

/// What was found.
pub(crate) struct Found {
    /// For each column of the spec.
    pub formats: Vec<ColumnFormat>,
    /// What a person should know.
    pub notices: Vec<String>,
}

/// Finds how the values of each column are written, as far as the pack does not say it.
pub(crate) fn formats(
    spec: &TableSpec,
    _shown: &str,
    _headers: &[Option<String>],
    _samples: &[Option<StringArray>],
) -> Result<Found, DataError> {
    let formats = spec.columns.iter().map(|wanted| ColumnFormat::declared(&wanted.written)).collect();
    Ok(Found { formats, notices: Vec::new() })
}
