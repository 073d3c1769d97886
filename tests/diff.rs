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

/// Two folders: the pack, and one that falls asleep after 150 days.
fn two_folders() -> Place {
    let place = Place::new();
    place.write("a/pack.toml", PACK).write("b/pack.toml", &PACK.replace("value = 180", "value = 150"));
    place.write("customers.csv", CUSTOMERS);
    place
}

fn moved(json: &Value) -> u64 {
    json["customers"]["moved"].as_u64().unwrap_or_else(|| panic!("{json:#}"))
}

#[test]
fn a_threshold_moves_whom_it_should() {
    let place = two_folders();
    let json = place.json(&["a", "b", DATA[0], DATA[1]]);
    assert_eq!(moved(&json), 3);
    assert_eq!(json["customers"]["both"], 7);
    let text = json.to_string();
    for key in ["C2", "C3", "C6"] {
        assert!(text.contains(&format!("\"{key}\"")), "{key} in {json:#}");
    }
    for key in ["C1", "C4", "C5", "C7"] {
        assert!(!text.contains(&format!("\"{key}\"")), "no {key} in {json:#}");
    }
    // 2,000 + 300 + 50 EUR went from active to dormant.
    let flow = &json["by"][0]["flows"][0];
    assert_eq!((flow["from"].as_str(), flow["to"].as_str()), (Some("active"), Some("dormant")), "{flow}");
    assert_eq!((flow["customers"].as_u64(), flow["money"].as_f64()), (Some(3), Some(2350.0)), "{flow}");
    // The way back is the same way.
    assert_eq!(moved(&place.json(&["b", "a", DATA[0], DATA[1]])), 3);
}

#[test]
fn the_same_rules_make_no_difference() {
    let place = two_folders();
    place.write("c/pack.toml", PACK);
    for other in ["a", "c"] {
        let json = place.json(&["a", other, DATA[0], DATA[1]]);
        assert_eq!((moved(&json), json["rules"].as_array().map(Vec::len)), (0, Some(0)), "{json:#}");
        let (out, _) = place.told(0, &["a", other, DATA[0], DATA[1], "--max-moved", "0"]);
        assert!(out.contains("no difference"), "{out}");
    }
}

#[test]
fn the_output_does_not_depend_on_the_threads() {
    let place = two_folders();
    for format in ["table", "markdown", "json"] {
        let run = |threads| place.told(0, &["a", "b", DATA[0], DATA[1], "--format", format, "--threads", threads]).0;
        assert_eq!(run("1"), run("2"));
        assert!(run("1").contains("150"), "{}", run("1"));
    }
}

#[test]
fn too_many_movers_are_a_finding() {
    let place = two_folders();
    for (most, code) in [("3", 0), ("2", 1), ("42%", 1), ("43%", 0), ("0.42", 1), ("0", 1), ("100%", 0)] {
        let (out, err) = place.told(code, &["a", "b", DATA[0], DATA[1], "--max-moved", most]);
        assert!(out.contains("C2"), "it is shown all the same: {out}");
        assert_eq!(err.contains("3 of 7 customers moved (42.9 %), and at most"), code == 1, "{err}");
    }
    let (out, _) = place.told(1, &["a", "b", DATA[0], DATA[1], "--max-moved", "1%", "--format", "markdown"]);
    assert!(out.starts_with("> [!WARNING]\n> 3 of 7 customers moved"), "{out}");
    let output = place.diff(&["a", "b", DATA[0], DATA[1], "--max-moved", "1%", "--format", "json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((json["max_moved"].as_str(), json["over_max_moved"].as_bool()), (Some("1%"), Some(true)));
    let (_, err) = place.told(2, &["a", "b", "--max-moved", "150%"]);
    assert!(err.contains("5%, 0.05 or 100"), "{err}");
    let (_, err) = place.told(2, &["a", "b", "--max-moved", "5%"]);
    assert!(err.contains("counts customers, and no data is given"), "nothing checked is no success: {err}");
}

#[test]
fn without_data_the_rules_are_compared() {
    let place = two_folders();
    let more = "[[states]]\nname = \"fading\"\nwhen = 'days_silent > 90'\nbefore = \"active\"\n";
    place.write("b/more.toml", more);
    let (out, err) = place.told(0, &["a", "b"]);
    assert!(err.contains("no data is given, so only the rules are compared"), "{err}");
    assert!(!err.contains("deciding as of"), "no day plays a part: {err}");
    assert!(out.contains("sleep_after") && out.contains("180") && out.contains("150"), "{out}");
    assert!(out.contains("fading"), "a rule that is new: {out}");
    let json = place.json(&["b", "a"]);
    let removed =
        json["rules"].as_array().unwrap().iter().find(|rule| rule["what"].as_str().unwrap().contains("fading"));
    assert_eq!(removed.unwrap()["kind"], "removed", "{json:#}");
}

#[test]
fn data_lie_beside_the_later_pack() {
    let place = two_folders();
    std::fs::create_dir(place.path().join("b/data")).unwrap();
    std::fs::rename(place.path().join("customers.csv"), place.path().join("b/data/customers.csv")).unwrap();
    assert_eq!(moved(&place.json(&["a", "b"])), 3);
}

#[test]
fn sides_that_read_the_data_differently_are_joined_by_key() {
    let place = two_folders();
    // The later pack reads another column, and cannot use a row of it.
    let later = PACK.replace("days_silent", "quiet").replace("value = 180", "value = 150");
    place.write("b/pack.toml", &later);
    let customers =
        "customer_id,days_silent,quiet,revenue\nC1,100,300,1000\nC2,160,160,2000\nC3,170,17x,300\nC4,200,20,400\n";
    place.write("customers.csv", customers);
    let output = place.diff(&["a", "b", DATA[0], DATA[1], "--format", "json"]);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        err.contains("(the column `quiet` is new, the column `days_silent` is gone), and customers are matched"),
        "{err}"
    );
    let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{err}"));
    // C1 falls asleep, C2 too, C4 wakes up; C3 is on the earlier side only.
    assert_eq!((json["customers"]["both"].as_u64(), moved(&json)), (Some(3), 3), "{json:#}");
    assert_eq!((json["customers"]["gone"].as_u64(), json["customers"]["new"].as_u64()), (Some(1), Some(0)), "{json:#}");
    let (_, err) = place.told(1, &["a", "b", DATA[0], DATA[1], "--max-moved", "3"]);
    assert!(err.contains("4 of 4 customers moved"), "who is gone counts as moved: {err}");
}

#[test]
fn a_pack_with_errors_is_shown_by_its_side() {
    let place = two_folders();
    place.write("a/more.toml", "[facts]\nx = 'nowhere'\n").write("b/more.toml", "[facts]\ny = 'no_such'\n");
    let (out, err) = place.told(2, &["a", "b", DATA[0], DATA[1]]);
    assert_eq!(out, "");
    let (earlier, later) = (err.find("in the earlier rules, a:").unwrap(), err.find("in the later rules, b:").unwrap());
    assert!(earlier < err.find("nowhere").unwrap() && err.find("nowhere").unwrap() < later, "{err}");
    assert!(later < err.find("no_such").unwrap(), "{err}");
    let (_, err) = place.told(2, &["a", "b", DATA[0], "customers=none.csv"]);
    assert!(err.contains("nowhere"), "{err}");
    place.write("a/more.toml", "").write("b/more.toml", "");
    let (_, err) = place.told(2, &["a", "b", DATA[0], "customers=none.csv"]);
    assert!(err.contains("none.csv"), "{err}");
    let (_, err) = place.told(2, &["a", "b", DATA[0], "custmers=customers.csv"]);
    assert!(err.contains("did you mean `customers`?"), "{err}");
}

#[test]
fn revisions_of_a_pack() {
    let place = Place::new();
    // What it extends lies beside it, and has a history, too; scripts belong to it.
    let base = |days: &str| {
        let text = PACK.replace("\"shop\"", "\"ours\"").replace("value = 180", &format!("value = {days}"));
        text.replace("'days_silent > ", "'edge::days(days_silent) > ")
    };
    place.write("rules/base/pack.toml", &base("180"));
    place.write("rules/base/scripts/edge.rhai", "/// (x: number) -> number\nfn days(x) { x + 0.0 }\n");
    place.write("rules/shop/pack.toml", "[pack]\nname = \"shop\"\nversion = \"1.0.0\"\nextends = \"../base\"\n");
    place.write("customers.csv", CUSTOMERS);
    let first = place.commit("first");
    place.write("rules/base/pack.toml", &base("150"));
    place.git(&["checkout", "--quiet", "-b", "shorter"]);
    let second = place.commit("second");
    place.git(&["checkout", "--quiet", "main"]);
    place.write("rules/shop/more.toml", "[params]\nsleep_after = 90\n");
    place.commit("another way");
    place.git(&["checkout", "--quiet", "shorter"]);

    let moved = |range: &str| moved(&place.json(&["rules/shop", "--git", range, DATA[0], DATA[1]]));
    assert_eq!(moved("HEAD"), 0, "nothing is changed since");
    assert_eq!(moved(&format!("{first}..{second}")), 3);
    assert_eq!(moved(&format!("{second}..{first}")), 3);
    assert_eq!(moved("main...shorter"), 3, "from where they went apart");
    assert_eq!(moved("main...HEAD"), 3);
    // C1, C2, C3, C6 and C7 are dormant after 90 days; C2, C3, C6 after 150.
    assert_eq!(moved("main..shorter"), 2);
    assert_eq!(moved(&format!("{first}..")), 3, "against the files as they are");
    place.write("rules/base/pack.toml", &base("165"));
    assert_eq!(moved("HEAD"), 2, "C2 and C6 are awake again, and nothing of it is committed");
    assert_eq!(moved(&format!("{first}..")), 1);
    assert_eq!(moved("main...shorter"), 3, "what is not committed plays no part");
    place.write("rules/base/scripts/edge.rhai", "/// (x: number) -> number\nfn days(x) { x + 100.0 }\n");
    assert_eq!(moved(&format!("{first}..")), 5, "all but C4 and C5, by the script");

    let (out, _) = place.told(0, &["rules/shop", "--git", "main~1..shorter", DATA[0], DATA[1]]);
    assert!(out.contains(&format!("shorter ({second})")) && out.contains(&format!("main~1 ({first})")), "{out}");
    // From within a folder, and of a folder that is gone.
    std::fs::remove_dir_all(place.path().join("rules")).unwrap();
    assert_eq!(moved("main...shorter"), 3);
}

#[test]
fn revisions_that_cannot_be_compared_say_why() {
    let place = two_folders();
    let first = place.commit("first");
    place.write("a/pack.toml", &PACK.replace("sleep_after'", "sleep_aftr'"));
    let broken = place.commit("broken");
    place.write("a/pack.toml", PACK).write("new/pack.toml", PACK);
    place.write("b/pack.toml", "[pack]\nname = \"b\"\nextends = \"../../elsewhere\"\n");
    place.write("c/pack.toml", "[pack]\nname = \"c\"\nextends = \"../gone\"\n");
    place.commit("mended");

    let (_, err) = place.told(2, &["a", "--git", &broken, DATA[0], DATA[1]]);
    assert!(err.contains(&format!("a/pack.toml ({broken})")) && err.contains("sleep_aftr"), "{err}");
    assert!(err.contains(&format!("the earlier rules, {broken}, have errors")), "{err}");
    let (_, err) = place.told(2, &["a", "--git", &format!("{first}..{broken}")]);
    assert!(err.contains("the later rules"), "{err}");
    let (_, err) = place.told(2, &["a", "--git", "mian"]);
    assert!(err.contains("knows no commit `mian`") && err.contains("did you mean `main`?"), "{err}");
    let (_, err) = place.told(2, &["a", "--git=--output=x"]);
    assert!(err.contains("is no revision"), "{err}");
    let (_, err) = place.told(2, &["b", "--git", "HEAD"]);
    assert!(err.contains("`../elsewhere` is outside of the repository"), "{err}");
    let (_, err) = place.told(2, &["c", "--git", "HEAD"]);
    assert!(err.contains("no folder `gone` at"), "{err}");
    let (_, err) = place.told(2, &["nowhere", "--git", "HEAD"]);
    assert!(err.contains("there is no pack `nowhere`"), "{err}");
    let (_, err) = place.told(2, &["retail", "--git", "HEAD"]);
    assert!(err.contains("`retail` is a shipped pack, which has no revisions"), "{err}");
    let (_, err) = place.told(2, &["a"]);
    assert!(err.contains("PACK_B"), "{err}");

    // A pack that is new is nothing to complain about.
    for format in ["table", "markdown"] {
        let (out, _) = place.told(0, &["new", "--git", &first, "--format", format]);
        assert!(out.contains("the pack `shop` is new") || out.contains("The pack `shop` is new"), "{out}");
    }
    assert_eq!(place.json(&["new", "--git", &first])["new_pack"], "shop");
}

#[cfg(unix)]
#[test]
fn links_in_a_revision_are_not_followed() {
    let place = two_folders();
    std::os::unix::fs::symlink("../a/pack.toml", place.path().join("b/linked.toml")).unwrap();
    std::os::unix::fs::symlink("a", place.path().join("c")).unwrap();
    place.commit("links");
    let (_, err) = place.told(2, &["b", "--git", "HEAD..HEAD"]);
    assert!(err.contains("`b/linked.toml` is a symbolic link at"), "{err}");
    // A link that leads to the pack today leads there then, too.
    place.told(0, &["c", "--git", "HEAD..HEAD"]);
    std::fs::remove_file(place.path().join("c")).unwrap();
    let (_, err) = place.told(2, &["c", "--git", "HEAD..HEAD"]);
    assert!(err.contains("`c` is a symbolic link at"), "{err}");
}

#[test]
fn a_folder_without_history_is_said_so() {
    let (_, err) = two_folders().told(2, &["a", "--git", "HEAD"]);
    assert!(err.contains("`a` is in no git repository"), "{err}");
}
