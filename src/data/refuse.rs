//! The rows a run set aside, looked for once more: to list them, and to say why there are too many.

use std::sync::Arc;

use super::error::DataError;
use super::keys::Doubles;
use super::limit::MaxRejects;
use super::record::Attempt;
use super::rejects::{self, Reject, RejectsFile};
use super::run::{RejectCount, Run, RunCounts, TableCounts};
use super::scan::Input;

/// So many rejects are listed of a run that was stopped because there are too many; more, if more may be.
const LISTED: u64 = 10_000;

impl Run {
    /// Looks for the rejects of a table, up to a number of them: writes them, and counts them by column and reason.
    pub(super) fn list_rejects(
        &self,
        input: &Input,
        doubles: Option<&Arc<Doubles>>,
        file: &mut Option<RejectsFile>,
        most: Option<u64>,
        samples: &mut Vec<Reject>,
    ) -> Result<Vec<RejectCount>, DataError> {
        if let (None, Some(path)) = (&file, &self.options.rejects) {
            *file = Some(RejectsFile::create(path)?);
        }
        let mut found: Vec<RejectCount> = Vec::new();
        let mut left = most.unwrap_or(u64::MAX);
        rejects::each(input, doubles, &mut |reject, reason| {
            if let Some(file) = file.as_mut() {
                file.add(&reject)?;
            }
            if samples.len() < 20 {
                samples.push(reject.clone());
            }
            match found.iter_mut().find(|f| f.column == reject.column && f.reason == reason) {
                Some(count) => count.rows += 1,
                None => {
                    let column = reject.column.clone();
                    found.push(RejectCount { column, reason, rows: 1, example: Some(reject) });
                }
            }
            left = left.saturating_sub(1);
            Ok(left > 0)
        })?;
        Ok(found)
    }

    /// A run was stopped because too many rows cannot be used: says which.
    ///
    /// They are listed from the start of the data, so that the list is the same however many threads there were; but not
    /// to its end if there are very many, and rows with double keys only if the others alone are not too many.
    pub(super) fn too_many(&self, attempt: &Attempt, stopped: DataError) -> DataError {
        let Some(max) = self.options.max_rejects else { return stopped };
        for doubles in [false, true] {
            match self.count_again(attempt, max, doubles) {
                Ok(Some(error)) | Err(error) => return error,
                Ok(None) => {}
            }
        }
        stopped
    }

    fn count_again(&self, attempt: &Attempt, max: MaxRejects, doubles: bool) -> Result<Option<DataError>, DataError> {
        let mut counts = RunCounts::default();
        let mut file = None;
        let mut all = true;
        for input in self.given.iter().filter(|i| attempt.counts(&i.spec.table).is_some()) {
            // Without the number of rows there is no share that could have ended the run.
            let known = input.known_rows();
            let most = match max {
                MaxRejects::Rows(most) => LISTED.max(most.saturating_add(1)).saturating_sub(counts.rejected()),
                MaxRejects::Percent(_) => LISTED.max(known.map_or(0, |rows| max.of(rows).saturating_add(1))),
            };
            if most == 0 {
                all = false;
                break;
            }
            let doubles = attempt.known.doubles.get(&input.spec.table).filter(|_| doubles);
            let found = self.list_rejects(input, doubles, &mut file, Some(most), &mut counts.samples)?;
            let rejected = found.iter().map(|f| f.rows).sum();
            all &= rejected < most;
            let (table, rows) = (input.spec.table.clone(), known.unwrap_or(u64::MAX));
            counts.tables.push(TableCounts { table, rows, rejected, rejects: found, ..TableCounts::default() });
        }
        let Some(error) = max.error(&counts, all) else { return Ok(None) };
        file.map_or(Ok(()), RejectsFile::finish)?;
        Ok(Some(self.with_list(error, counts.rejected(), all)))
    }

    /// Says where the rejects are that ended a run.
    pub(super) fn with_list(&self, error: DataError, listed: u64, all: bool) -> DataError {
        match &self.options.rejects {
            Some(path) if all => error.help(format!("all {listed} are in `{}`", path.display())),
            Some(path) => error.help(format!("the first {listed} are in `{}`", path.display())),
            None => error,
        }
    }
}
