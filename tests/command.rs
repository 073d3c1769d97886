//! Running `regain` as a user does, and public data that lies beside the project, if it does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The folder of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs `regain` in a folder, without colour.
pub(crate) fn run_in<A: AsRef<OsStr>>(folder: &Path, args: &[A], columns: usize) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(folder).args(args).env("NO_COLOR", "1").env("COLUMNS", columns.to_string());
    command.output().unwrap()
}

/// The same in the folder of the project.
pub(crate) fn run<A: AsRef<OsStr>>(args: &[A], columns: usize) -> Output {
    run_in(root(), args, columns)
}

/// The same: exit code, stdout, stderr.
pub(crate) fn regain(args: &[&str], columns: usize) -> (Option<i32>, String, String) {
    let output = run(args, columns);
    (output.status.code(), out(&output), err(&output))
}

/// What was printed.
pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What was said beside it.
pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What was printed as JSON, by a command that ended with this code.
#[track_caller]
pub(crate) fn json(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{}", err(output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", out(output)))
}

/// Where a file of public data is; `None`, with a loud word, if it is not there.
pub(crate) fn shared(file: &str) -> Option<PathBuf> {
    let path = root().join("../shared/data").join(file);
    if path.is_file() {
        return Some(path);
    }
    absent(&path);
    None
}

/// Says that what some public data would prove is not proven.
pub(crate) fn absent(path: &Path) {
    // Not `eprintln!`: the test harness would swallow it.
    let _ = writeln!(
        std::io::stderr(),
        "\n!!! REAL DATA ABSENT: {} is not there; what it would prove is NOT proven by this run !!!\n",
        path.display()
    );
}

/// IBM's churn sample: tables by name; `None` if it is not there.
pub(crate) fn telco() -> Option<Vec<(&'static str, PathBuf)>> {
    let file = |table| Some((table, shared(&format!("telco/Telco_customer_churn_{table}.csv"))?));
    ["demographics", "services", "status"].into_iter().map(file).collect()
}
