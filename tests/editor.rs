//! Making, showing and editing packs: `init`, `show`, `schema`, and what editors are told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regain::pack::{load, shipped};
use regain::schema;
use serde_json::Value;

fn regain(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(folder).args(args).env("COLUMNS", "80").output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// As much of JSON Schema as our schemas use. Dates of TOML are texts, as for editors.
fn faults(all: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return faults(all, all.pointer(&name[1..]).expect("a $ref leads somewhere"), value, path, found);
    }
    let fits = |schema: &Value| {
        let mut inner = Vec::new();
        faults(all, schema, value, path, &mut inner);
        inner
    };
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        found.extend(fits(part));
    }
    if let Some(parts) = schema.get("anyOf").and_then(Value::as_array) {
        let tried: Vec<Vec<String>> = parts.iter().map(fits).collect();
        if tried.iter().all(|faults| !faults.is_empty()) {
            found.extend(tried.into_iter().min_by_key(Vec::len).unwrap());
        }
    }
    let of_type = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|x| x.fract() == 0.0),
        "number" => value.is_number(),
        other => panic!("the type {other}"),
    };
    let types: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.into_iter().any(of_type) {
        found.push(format!("{path}: {value} is no {}", schema["type"]));
        return;
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array)
        && !words.contains(value)
    {
        found.push(format!("{path}: {value} is none of the words"));
    }
    if let Some(only) = schema.get("const")
        && only != value
    {
        found.push(format!("{path}: {value} is not {only}"));
    }
    if let Some(x) = value.as_f64() {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        if bound("minimum").is_some_and(|b| x < b)
            || bound("maximum").is_some_and(|b| x > b)
            || bound("exclusiveMinimum").is_some_and(|b| x <= b)
        {
            found.push(format!("{path}: {value} is out of bounds"));
        }
    }
    if let Some(map) = value.as_object() {
        for (key, inner) in map {
            let path = format!("{path}.{key}");
            match (schema["properties"].get(key), &schema["additionalProperties"]) {
                (Some(known), _) => faults(all, known, inner, &path, found),
                (None, Value::Bool(false)) => found.push(format!("{path}: there is no such key")),
                (None, more @ Value::Object(_)) => faults(all, more, inner, &path, found),
                _ => {}
            }
        }
        for key in schema["required"].as_array().into_iter().flatten() {
            if !map.contains_key(key.as_str().unwrap()) {
                found.push(format!("{path}: {key} is not there"));
            }
        }
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        let items = match &schema["items"] {
            Value::Array(items) => items.get(index).unwrap_or(&Value::Null),
            one => one,
        };
        if items.is_object() {
            faults(all, items, inner, &format!("{path}[{index}]"), found);
        }
    }
}

fn of(schema: &Value, text: &str) -> Vec<String> {
    fn plain(value: toml::Value) -> Value {
        match value {
            toml::Value::Datetime(date) => date.to_string().into(),
            toml::Value::Array(list) => list.into_iter().map(plain).collect(),
            toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, plain(value))).collect(),
            other => serde_json::to_value(other).unwrap(),
        }
    }
    let table: toml::Table = text.parse().unwrap();
    let mut found = Vec::new();
    faults(schema, schema, &plain(toml::Value::Table(table)), "", &mut found);
    found
}

fn tomls(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).map(|list| list.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default();
    found.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    found.sort();
    found
}

#[test]
fn every_pack_and_case_fits_its_schema() {
    let mut seen = 0;
    let plain = (schema::pack(None), schema::cases(None));
    for group in ["rules", "examples"] {
        for entry in std::fs::read_dir(root().join(group)).unwrap() {
            let folder = entry.unwrap().path();
            if !folder.join("pack.toml").exists() {
                continue;
            }
            let pack = load(folder.to_str().unwrap()).pack.unwrap();
            let special = (schema::pack(Some(&pack)), schema::cases(Some(&pack)));
            for (cases, path) in tomls(&folder)
                .into_iter()
                .map(|path| (false, path))
                .chain(tomls(&folder.join("cases")).into_iter().map(|path| (true, path)))
            {
                let text = std::fs::read_to_string(&path).unwrap();
                for (of_pack, of_cases) in [&plain, &special] {
                    let found = of(if cases { of_cases } else { of_pack }, &text);
                    assert!(found.is_empty(), "{}: {found:?}", path.display());
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 25, "only {seen} files");
}

#[test]
fn a_schema_says_no_where_the_pack_would() {
    let base = load("base").pack.unwrap();
    let (pack, cases) = (schema::pack(Some(&base)), schema::cases(Some(&base)));
    for (text, fault) in [
        ("[parms]\nx = 1\n", ".parms: there is no such key"),
        ("[params.x]\nvalu = 1\n", ".params.x"),
        ("[[states]]\nnme = 'x'\n", ".states[0].nme: there is no such key"),
        ("[[states]]\nname = 'x'\ntrack = 'recovry'\n", ".states[0].track: \"recovry\" is none of the words"),
        ("[[causes]]\nname = 'x'\nevidence = [{ weight = 0 }]\n", ".causes[0].evidence"),
        ("[criteria.x]\nbands = [{ below = 1, score = 11 }]\n", ".criteria.x.bands"),
        ("[record.columns.x]\ntype = 'string'\n", ".record.columns.x.type: \"string\" is none of the words"),
        ("[lints]\nmagic_numbr = 'allow'\n", ".lints.magic_numbr: there is no such key"),
    ] {
        let found = of(&pack, text);
        assert!(found.iter().any(|found| found.starts_with(fault)), "{text}: {found:?}");
    }
    for (text, fault) in [
        (
            "[[cases]]\nname = 'x'\ngiven = { last_ordr = 2026-01-01 }\n",
            ".cases[0].given.last_ordr: there is no such key",
        ),
        ("[[cases]]\nname = 'x'\nexpect = { state = 'dorment' }\n", ".cases[0].expect.state"),
        ("[[cases]]\nname = 'x'\nparams = { sleep_after = 'x' }\n", ".cases[0].params.sleep_after"),
        ("[[cases]]\nexpect = {}\n", ".cases[0]: \"name\" is not there"),
    ] {
        let found = of(&cases, text);
        assert!(found.iter().any(|found| found.starts_with(fault)), "{text}: {found:?}");
    }
    // Words of overlays, and names that are new.
    let overlay = "[params]\nsleep_after = { remove = true }\nwarn_after.min = { remove = true }\nours = 3\n\
                   [[states]]\nname = 'dormant'\nafter = 'returned'\n[[campaigns]]\nname = 'new'\noffer = 'ours'\n";
    assert_eq!(of(&pack, overlay), Vec::<String>::new());
}

#[test]
fn what_init_makes_passes_as_made() {
    for template in ["blank", "retail", "telecom", "b2b"] {
        let folder = tempfile::tempdir().unwrap();
        let made = regain(folder.path(), &["init", "our rules", "--template", template]);
        assert_eq!(made.status.code(), Some(0), "{}", err(&made));
        assert!(out(&made).contains("cases/first.toml"), "{}", out(&made));
        let dir = folder.path().join("our rules");
        let loaded = load(dir.to_str().unwrap());
        assert!(loaded.diagnostics.is_empty(), "{template}: {:?}", loaded.diagnostics);
        let pack = loaded.pack.unwrap();
        assert_eq!(pack.identity.name, "our-rules");
        let checked = regain(folder.path(), &["check", "our rules", "--deny-warnings"]);
        assert_eq!(checked.status.code(), Some(0), "{template}: {}{}", out(&checked), err(&checked));
        assert!(out(&checked).contains("no findings"), "{}", out(&checked));
        let tested = regain(folder.path(), &["test", "our rules"]);
        assert_eq!(tested.status.code(), Some(0), "{template}: {}{}", out(&tested), err(&tested));
        for (name, file) in [("pack", "pack.toml"), ("cases", "cases/first.toml")] {
            let schema = std::fs::read_to_string(dir.join(format!(".regain/{name}.schema.json"))).unwrap();
            let text = std::fs::read_to_string(dir.join(file)).unwrap();
            assert_eq!(of(&serde_json::from_str(&schema).unwrap(), &text), Vec::<String>::new(), "{template} {file}");
            assert!(text.starts_with("#:schema ."), "{file}");
            assert!(!text.contains('@'), "a blank was not filled in: {text}");
        }
        workflow_is_sound(&std::fs::read_to_string(dir.join(".github/workflows/regain.yml")).unwrap());
        // With every line in force that is commented out, it still is a pack without errors.
        let text = std::fs::read_to_string(dir.join("pack.toml")).unwrap();
        let live: String = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.starts_with(['[', ']', ' ', '{']) || rest.contains(" = ") => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        assert_ne!(text, live);
        std::fs::write(dir.join("pack.toml"), live).unwrap();
        let loaded = load(dir.to_str().unwrap());
        assert!(loaded.pack.is_some(), "{template}: {:?}", loaded.diagnostics);
    }
}

/// The workflow tells a pull request what it changes, and no text of somebody else becomes a part of a script.
fn workflow_is_sound(text: &str) {
    for part in ["fetch-depth: 0", "pull-requests: write", "regain diff . --git", "<!-- regain diff of our-rules -->"] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    let mut script = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        assert!(!line.contains(['\t', '\r']) && !line.contains("@NAME@") && !line.contains("@TABLE@"), "{line}");
        let indent = line.len() - line.trim_start().len();
        if line.trim_start().starts_with("run:") {
            script = Some(indent);
        } else if script.is_some_and(|outer| indent <= outer) {
            script = None;
        }
        assert!(script.is_none() || !line.contains("${{"), "put it into `env`: {line}");
    }
}

#[test]
fn init_writes_nothing_over() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("ours/data")).unwrap();
    std::fs::write(folder.path().join("ours/README.md"), "ours\n").unwrap();
    let made = regain(folder.path(), &["init", "ours"]);
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    assert_eq!(std::fs::read_to_string(folder.path().join("ours/README.md")).unwrap(), "ours\n");
    let again = regain(folder.path(), &["init", "ours", "--template", "retail"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(err(&again).contains("`ours` holds a pack already"), "{}", err(&again));
    std::fs::create_dir(folder.path().join("full")).unwrap();
    std::fs::write(folder.path().join("full/notes.txt"), "x").unwrap();
    let full = regain(folder.path(), &["init", "full"]);
    assert_eq!(full.status.code(), Some(2));
    assert!(err(&full).contains("is not empty: `notes.txt`"), "{}", err(&full));
    assert_eq!(std::fs::read_dir(folder.path().join("full")).unwrap().count(), 1);
}

#[test]
fn show_prints_what_is_in_force_and_where_it_comes_from() {
    for name in shipped::names() {
        let shown = regain(&root(), &["show", name]);
        assert_eq!(shown.status.code(), Some(0));
        let table: toml::Table = out(&shown).parse().unwrap();
        assert!(!table["pack"].as_table().unwrap().contains_key("extends"));
    }
    let one = regain(&root(), &["show", "telecom", "params.usual_margin_rate.value"]);
    let text = out(&one);
    assert!(text.starts_with("[params.usual_margin_rate]\nvalue = 0.4  # telecom/pack.toml:"), "{text}");
    assert!(text.contains(", was 0.25 in base/pack.toml:"), "{text}");
    let changed = out(&regain(&root(), &["show", "retail", "--only", "changed"]));
    assert!(changed.contains("warn_stretch") && !changed.contains("sleep_after"), "{changed}");
    assert!(changed.contains("# dropped: params.warn_gaps"), "{changed}");
    let json: Value = serde_json::from_str(&out(&regain(&root(), &["show", "retail", "--format", "json"]))).unwrap();
    assert!(
        json.as_array().unwrap().iter().any(|value| value["path"] == "states.one_time.when" && value["own"] == true)
    );
    for line in out(&regain(&root(), &["show", "retail", "--format", "table"])).lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for (args, said) in [
        (&["show", "base", "params.sleep_aftr"][..], "did you mean `params.sleep_after`?"),
        (&["show", "telecom", "states.dormant"][..], "it drops `states.dormant` in telecom/states.toml:"),
        (&["show", "base", "--section", "fact"][..], "did you mean `facts`?"),
    ] {
        let output = regain(&root(), args);
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains(said), "{}", err(&output));
    }
}

#[test]
fn schema_writes_what_editors_read() {
    let folder = tempfile::tempdir().unwrap();
    let made = regain(folder.path(), &["schema", "telecom", "--out", "s", "--rhai", "s"]);
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    for name in ["pack.schema.json", "cases.schema.json", "regain.d.rhai", "notice.d.rhai", "prestige.d.rhai"] {
        assert!(folder.path().join("s").join(name).exists(), "{name}");
    }
    let printed = regain(folder.path(), &["schema"]);
    let schema: Value = serde_json::from_str(&out(&printed)).unwrap();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    assert_eq!(schema["definitions"]["analysis"]["properties"]["minimum"]["default"], 1);
}
