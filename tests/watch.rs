//! `regain watch` as a user meets it: edits in one place, what the screen says in the other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Much more than anything takes; only a test that fails waits so long.
const LONG: Duration = Duration::from_secs(60);

/// A pack of its own to edit, and `regain watch` on it.
struct Session {
    _folder: tempfile::TempDir,
    pack: PathBuf,
    child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
    /// How much of `out` was looked at.
    seen: usize,
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a pipe gives, as it comes.
fn gather(mut pipe: impl std::io::Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&text);
    thread::spawn(move || {
        let mut rest = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(n) = pipe.read(&mut buffer) {
            if n == 0 {
                break;
            }
            rest.extend_from_slice(&buffer[..n]);
            let valid = std::str::from_utf8(&rest).map_or_else(|e| e.valid_up_to(), str::len);
            let text: Vec<u8> = rest.drain(..valid).collect();
            kept.lock().unwrap().push_str(std::str::from_utf8(&text).unwrap());
        }
    });
    text
}

impl Session {
    /// Watches a copy of `examples/retail`, with its data or without.
    fn start(with_data: bool, args: &[&str]) -> Session {
        let folder = tempfile::tempdir().unwrap();
        let pack = folder.path().join("ours");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/retail"), &pack);
        if !with_data {
            fs::remove_dir_all(pack.join("data")).unwrap();
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_regain"))
            .current_dir(folder.path())
            .args(["watch", "ours", "--as-of", "2026-06-30"])
            .args(args)
            .env_remove("NO_COLOR")
            .env("COLUMNS", "80")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (out, err) = (gather(child.stdout.take().unwrap()), gather(child.stderr.take().unwrap()));
        Session { _folder: folder, pack, child, out, err, seen: 0 }
    }

    /// What came since the last time, once all of it is in it.
    fn until(&mut self, all: &[&str]) -> String {
        let start = Instant::now();
        loop {
            let text = self.out.lock().unwrap().clone();
            let new = text.get(self.seen..).unwrap_or_default();
            if all.iter().all(|wanted| new.contains(wanted)) && new.ends_with('\n') {
                // Findings come after the moves, in a piece of their own.
                let new = new.to_owned();
                self.seen = text.len();
                return new;
            }
            let ended = self.child.try_wait().unwrap();
            if start.elapsed() > LONG || ended.is_some() {
                panic!("no {all:?} ({ended:?}) in\n{new}\n{}", self.err.lock().unwrap());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.pack.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        // As editors do that are careful: written beside, renamed over.
        let beside = self.pack.join(".beside.tmp");
        fs::write(&beside, text.replacen(from, to, 1)).unwrap();
        fs::rename(beside, path).unwrap();
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.pack.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

const SCRIPT: &str = "/// (segment: text, region: text, role: text) -> number\n/// missing: call\n/// How good.\n\
                      fn image(segment, region, role) {\n    if segment == \"business\" { 9.0 } else { 2.0 }\n}\n";

#[test]
fn a_threshold_a_weight_a_script_a_slip_and_its_mend() {
    let mut session = Session::start(true, &[]);
    let screen = session.until(&["Ctrl-C ends"]);
    for part in ["haus-und-herd 1.0.0", "as of 2026-06-30", "2,000 customers in memory", "dormant", "watching ours"] {
        assert!(screen.contains(part), "no {part} in\n{screen}");
    }
    // A threshold.
    session.write("mine.toml", "[params.sleep_after]\nvalue = 150\n");
    let screen = session.until(&["generation 2", "decided again"]);
    for part in ["mine.toml added", "sleep_after", "150", "dormant"] {
        assert!(screen.contains(part), "no {part} in\n{screen}");
    }
    // A weight: nobody's state can be another.
    session.edit("pack.toml", "[criteria.credit]\nweight = 0.5", "[criteria.credit]\nweight = 3");
    let screen = session.until(&["generation 3", "decided again"]);
    for part in [" pack.toml ", "credit", "grade"] {
        assert!(screen.contains(part), "no {part} in\n{screen}");
    }
    let again = screen.split("decided again").nth(1).unwrap();
    assert!(again.contains("worth") && !again.contains("state"), "{again}");
    // A script.
    session.write("scripts/prestige.rhai", SCRIPT);
    let screen = session.until(&["generation 4", "decided again"]);
    for part in ["scripts/prestige.rhai added", "image"] {
        assert!(screen.contains(part), "no {part} in\n{screen}");
    }
    // A slip.
    session.edit("pack.toml", "weight = 3", "weight = = 3");
    let screen = session.until(&["stay in force (generation 4)"]);
    for part in ["1 error", "error[RG0002]", "ours/pack.toml:", "weight = = 3", "^"] {
        assert!(screen.contains(part), "no {part} in\n{screen}");
    }
    // Its mend, which leaves everything as it was.
    session.edit("pack.toml", "weight = = 3", "weight = 3");
    let screen = session.until(&["generation 5", "no decision is different"]);
    assert!(screen.contains("mended"), "{screen}");
    // What the data are read by.
    session.edit("pack.toml", "from = [\"city\"]", "from = [\"city\", \"town\"]");
    let screen = session.until(&["generation 6"]);
    assert!(screen.contains("the data were read again, because the column `region` is read another way"), "{screen}");
    for line in session.out.lock().unwrap().lines() {
        assert!(line.chars().count() <= 80, "wider than 80: {line}");
    }
    assert!(!session.out.lock().unwrap().contains('\u{1b}'), "no colours into a pipe");
}

#[test]
fn without_data_rules_and_errors_are_shown() {
    let mut session = Session::start(false, &["--poll", "0.1"]);
    let screen = session.until(&["Ctrl-C ends"]);
    assert!(screen.contains("no data") && screen.contains("looking every 0.1 seconds"), "{screen}");
    session.write("mine.toml", "[params.sleep_after]\nvalue = 150\n");
    let screen = session.until(&["generation 2", "sleep_after"]);
    assert!(!screen.contains("customers"), "{screen}");
    session.write("mine.toml", "[params.sleep_after]\nvalue = \"a while\"\n");
    let screen = session.until(&["stay in force (generation 2)"]);
    assert!(screen.contains("error["), "{screen}");
    // A finding of `check` that was not there before.
    session.write("mine.toml", "[params.sleep_after]\nvalue = 150\n[facts]\nnobody_reads = 'days_silent + 1'\n");
    let screen = session.until(&["generation 3", "`nobody_reads`", "RG0532"]);
    assert!(screen.contains("mended"), "{screen}");
    session.write("mine.toml", "[params.sleep_after]\nvalue = 150\n");
    session.until(&["generation 4", "1 finding of `regain check` is gone"]);
}

#[test]
fn programs_read_a_line_for_each_event() {
    let mut session = Session::start(true, &["--format", "jsonl"]);
    let json = |text: &str| -> Vec<serde_json::Value> {
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    };
    let opened = json(&session.until(&["\"opened\""]));
    assert_eq!(opened[0]["customers"], 2000);
    assert_eq!(opened[0]["rules"]["pack"], "haus-und-herd");
    session.write("mine.toml", "[params.sleep_after]\nvalue = 150\n");
    let line = json(&session.until(&["\"reloaded\""])).remove(0);
    assert_eq!((&line["generation"], &line["files"][0]["kind"]), (&2.into(), &"added".into()));
    assert!(line["ms"].as_u64().is_some() && line["comparison"].is_object() && line["decided_again"].is_array());
    session.write("mine.toml", "[params.sleep_after]\nvalue = \n");
    let line = json(&session.until(&["\"broken\""])).remove(0);
    assert_eq!((&line["generation"], &line["diagnostics"][0]["code"]), (&2.into(), &"RG0002".into()));
}

#[test]
fn what_cannot_be_watched_is_said_at_once() {
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_regain")).args(args).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, text) = run(&["watch", "base"]);
    assert!(code == Some(2) && text.contains("`base` is shipped with regain: it does not change"), "{text}");
    let (code, text) = run(&["watch", "no/such/pack"]);
    assert!(code == Some(2) && text.contains("there is no pack `no/such/pack`"), "{text}");
    let (code, text) = run(&["watch", "base", "--poll", "0"]);
    assert!(code == Some(2) && text.contains("from 0.05 to 3600"), "{text}");
}
