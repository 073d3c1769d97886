//! `regain diff`: two packs, two git revisions, with and without data.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Who is silent for how long; everything else is a state.
const PACK: &str = r#"
[pack]
name = "shop"
version = "1.0.0"

[params]
sleep_after = { value = 180, unit = "days", help = "Silence after which a customer is dormant." }

[record]
key = "customer_id"
[record.columns]
days_silent = { type = "number", help = "Days since the last order." }
revenue = { type = "number", help = "Net, EUR" }

[[states]]
name = "dormant"
track = "recovery"
when = 'days_silent > sleep_after'
because = "silent for {days_silent} days"

[[states]]
name = "active"

[money]
value = 'revenue'
currency = "EUR"
"#;

/// With 150 days instead of 180, C2, C3 and C6 fall asleep: 2,000 + 300 + 50 EUR. C7 is on the edge.
const CUSTOMERS: &str = "customer_id,days_silent,revenue\nC1,100,1000\nC2,160,2000\nC3,170,300\nC4,200,400\nC5,,500\nC6,151,50\nC7,150,70\n";

/// A folder of packs, data and, if asked for, history.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, text: &str) -> &Place {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            command.env_remove(name);
        }
        let settings = ["user.name=t", "user.email=t@example.com", "commit.gpgsign=false", "init.defaultBranch=main"];
        command.arg("-C").arg(self.path()).args(settings.iter().flat_map(|setting| ["-c", setting])).args(arguments);
        let output = command.output().expect("these tests need git");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Everything as it is now becomes a commit; its short name.
    fn commit(&self, message: &str) -> String {
        if !self.path().join(".git").exists() {
            self.git(&["init", "--quiet"]);
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "--short", "HEAD"])
    }

    fn diff(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
        command.current_dir(self.path()).arg("diff").args(arguments).args(["--as-of", "2026-06-30"]);
        command.env("COLUMNS", "100").env_remove("NO_COLOR").output().unwrap()
    }

    /// Runs it, expects that exit code, and gives stdout and stderr.
    fn told(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let output = self.diff(arguments);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{out}\n{err}");
        (out, err)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let (out, err) = self.told(0, &[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}\n{out}\n{err}"))
    }
}

const DATA: [&str; 2] = ["--data", "customers=customers.csv"];
