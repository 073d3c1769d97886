//! Scripts as plugins: the example that ships is proven and its README true, one function can be replaced, and what editors are
//! told is what scripts have.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regain::pack::load;
use regain::script::definitions;
use serde_json::Value;

const PACK: &str = "examples/plugin";
const AS_OF: [&str; 2] = ["--as-of", "2026-03-15"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn regain(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(root()).args(args).env("NO_COLOR", "1").env("COLUMNS", "100").output().unwrap()
}

/// What is printed, if all went well.
#[track_caller]
fn fine(args: &[&str]) -> String {
    let output = regain(args);
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert_eq!(output.status.code(), Some(0), "{args:?}:\n{out}{err}");
    out
}

#[track_caller]
fn json(args: &[&str]) -> Value {
    serde_json::from_str(&fine(args)).unwrap()
}

/// The pack that replaces one function, beside a copy of the example.
fn north() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let below = root().join(PACK);
    write("pack.toml", &format!("[pack]\nname = \"north\"\nextends = {:?}\n", below.display().to_string()));
    // Fewer parameters than the function it takes the place of.
    write(
        "scripts/spring_check.rhai",
        "/// (expected_margin: number) -> number\n/// The check costs nothing.\nfn value(expected_margin) { expected_margin }\n",
    );
    // Definitions are for editors: no script of the pack.
    write("scripts/spring_check.d.rhai", "module spring_check;\n");
    write("scripts/definitions/more.rhai", "this is read by nobody");
    let name = folder.path().display().to_string();
    (folder, name)
}

#[test]
fn the_example_is_proven() {
    fine(&["check", PACK, "--deny-warnings"]);
    let found = json(&["test", PACK, "--coverage", "--mutate", "--format", "json"]);
    assert_eq!(found["failed"], 0, "{found:#}");
    let everything = &found["coverage"]["everything"];
    assert_eq!(everything["covered"], everything["all"], "{:#}", found["coverage"]);
    assert!(everything["all"].as_u64().unwrap() > 30, "lines of scripts count: {everything}");
    assert_eq!(found["mutation"]["survived"].as_array().map(Vec::len), Some(0), "{:#}", found["mutation"]);
}

/// Each command of the README that begins with `regain` is run; every line shown below it must be printed, in that order.
#[test]
fn the_readme_shows_what_is_printed() {
    let text = std::fs::read_to_string(root().join(PACK).join("README.md")).unwrap();
    let mut printed: Vec<String> = Vec::new();
    let took = regex::Regex::new(r" \(\d+\.\d+ s\)$").unwrap();
    let (mut commands, mut shown) = (0, 0);
    for line in text.lines() {
        // A heading ends what belongs to a command.
        if line.starts_with('#') {
            printed.clear();
        }
        let Some(code) = line.strip_prefix("    ") else { continue };
        if let Some(command) = code.strip_prefix("regain ") {
            let args: Vec<&str> = command.split(' ').collect();
            // How long it took is another number each time.
            printed = fine(&args).lines().map(|line| took.replace(line, "").trim_end().to_owned()).collect();
            commands += 1;
        } else if !printed.is_empty() && !code.starts_with("# north") {
            let at = printed.iter().position(|line| line == code.trim_end());
            let at = at.unwrap_or_else(|| panic!("not printed, or not in this order: {code}\n{}", printed.join("\n")));
            printed.drain(..=at);
            shown += 1;
        } else if code.starts_with("# north") {
            printed.clear();
        }
    }
    assert!(commands >= 4 && shown >= 15, "{commands} commands, {shown} lines");
}

#[test]
fn one_function_is_replaced_and_everybody_says_so() {
    let (_folder, north) = north();
    let data = format!("customers={}", root().join(PACK).join("data/customers.csv").display());
    let told = |pack: &str| fine(&[["explain", pack, "S-108", "--data", &data].as_slice(), &AS_OF].concat());
    let (below, above) = (told(PACK), told(&north));
    assert!(below.contains("9.0 % of 498.80") && !below.contains("9.0 % of 543.80"), "{below}");
    assert!(above.contains("9.0 % of 543.80"), "without the hour: {above}");

    let shown = json(&["show", &north, "scripts.spring_check", "--format", "json"]);
    let [success, value] = shown.as_array().unwrap().as_slice() else { panic!("{shown:#}") };
    assert_eq!((&success["own"], &value["own"]), (&Value::Bool(false), &Value::Bool(true)));
    assert_eq!(value["value"], "spring_check::value(expected_margin: number) -> number");
    assert!(value["replaces"][0]["file"].as_str().unwrap().ends_with("examples/plugin/scripts/spring_check.rhai"));
    assert_eq!(success.get("replaces"), None);
    for format in ["toml", "table"] {
        let text = fine(&["show", &north, "spring_check::value", "--format", format]);
        assert!(text.contains("spring_check"), "{text}");
    }

    let book = fine(&["docs", &north]);
    let chapter = &book[book.find("## Functions").unwrap()..];
    assert!(chapter.contains("*north instead of speiche*"), "{chapter}");
    assert!(chapter.contains("used by [Spring check](#campaign-spring_check)"), "{chapter}");
    assert!(book.contains("[referral: score](#script-referral~3a~3ascore)"), "a rule leads to its function");
}

#[test]
fn nothing_under_a_name_of_a_function_is_said_with_what_is_near() {
    let output = regain(&["show", PACK, "scripts.refferal"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean `scripts.referral`?"));
}

/// What an explanation says about a function that refused.
#[test]
fn an_error_stands_where_its_value_would() {
    let args = [["explain", PACK, "S-108"].as_slice(), &AS_OF].concat();
    // However its lines are broken.
    let text = fine(&args).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("referral::score(referrals, tenure_years, nps)"), "{text}");
    assert!(text.contains("a customer cannot have brought fewer friends"), "{text}");
}

/// Folders with the definition files that ship, and the files in each.
fn definition_files() -> Vec<(PathBuf, Vec<(String, String)>)> {
    let folders = ["rules/base", "rules/b2b", "rules/telecom", PACK];
    let files_of = |folder: &str| {
        let path = root().join(folder);
        let pack = load(&path.display().to_string()).pack.unwrap();
        let own = |module: &str| path.join("scripts").join(format!("{module}.rhai")).is_file();
        let mut files = definitions(&pack.scripts);
        // What every script may call is the same for all: it lies beside the pack that all extend.
        files.retain(|(name, _)| {
            let module = name.trim_end_matches(".d.rhai");
            if module == "regain" { folder == "rules/base" } else { own(module) }
        });
        (path.join("scripts/definitions"), files)
    };
    folders.map(files_of).into()
}

#[test]
fn definition_files_are_current() {
    let update = std::env::var("REGAIN_UPDATE").is_ok_and(|value| value == "1");
    for (folder, files) in definition_files() {
        assert!(!files.is_empty(), "{}", folder.display());
        if update {
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(&folder).unwrap();
        }
        for (name, text) in &files {
            let path = folder.join(name);
            if update {
                std::fs::write(&path, text).unwrap();
            }
            let there = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(there == *text, "{} is not current: REGAIN_UPDATE=1 writes it anew", path.display());
        }
        let mut there: Vec<String> =
            std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        let mut wanted: Vec<String> = files.into_iter().map(|(name, _)| name).collect();
        there.sort();
        wanted.sort();
        assert_eq!(there, wanted, "{}", folder.display());
    }
}

/// A new pack has what an editor needs for its first script: definitions beside it, in a folder the pack does not read.
#[test]
fn a_new_pack_has_definitions() {
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("ours");
    let name = pack.display().to_string();
    fine(&["init", &name]);
    let text = std::fs::read_to_string(pack.join(".regain/regain.d.rhai")).unwrap();
    // The language server tells definitions by their first word.
    assert!(text.starts_with("module static;\n"), "{}", &text[..80]);
    assert!(text.contains("fn mentions(") && text.contains("fn clamp(x: float, low: float, high: float) -> float;"));
    assert!(std::fs::read_to_string(pack.join(".regain/prestige.d.rhai")).unwrap().starts_with("module prestige;\n"));

    std::fs::create_dir(pack.join("scripts")).unwrap();
    let script =
        "/// (revenue: number) -> number\n/// Size.\nfn score(revenue) { clamp(revenue / 1000.0, 0.0, 10.0) }\n";
    std::fs::write(pack.join("scripts/size.rhai"), script).unwrap();
    let more = "\n[criteria.size]\nplugin = \"size\"\n";
    let toml = std::fs::read_to_string(pack.join("pack.toml")).unwrap();
    std::fs::write(pack.join("pack.toml"), toml + more).unwrap();
    fine(&["check", &name]);
    let beside = pack.join(".regain").display().to_string();
    fine(&["schema", &name, "--out", &beside, "--rhai", &beside]);
    let text = std::fs::read_to_string(pack.join(".regain/size.d.rhai")).unwrap();
    assert!(text.contains("fn score(revenue: float) -> float;"), "{text}");
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string(pack.join(".regain/pack.schema.json")).unwrap()).unwrap();
    let plugin = &schema["definitions"]["criterion"]["properties"]["plugin"];
    assert!(plugin.to_string().contains("\"size\""), "scripts are offered by name: {plugin:#}");
    let evidence = &schema["definitions"]["evidence"]["anyOf"];
    assert_eq!(evidence, &serde_json::json!([{ "required": ["when"] }, { "required": ["plugin"] }]));
}
