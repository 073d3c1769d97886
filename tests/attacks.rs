//! Hostile scripts, one attack per test, each as a whole pack on disk: it ends within a bound, says what happened and where, and
//! whatever runs after it in the same process is unharmed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{Array as _, Float64Array, RecordBatch, StringArray};
use regain::diag::render_short;
use regain::expr::{Date, Value};
use regain::pack::{self, Pack};
use regain::stage::{Context, Program};

/// What no attack may take. Typically they take less than a hundredth of it.
const BOUND: Duration = Duration::from_secs(60);

const PACK: &str = r#"
[pack]
name = "attacked"

[record]
key = "id"
columns.n = { type = "number" }

[criteria.score]
score = 'evil::f(n)'

[criteria.plain]
score = 'n / 10'
"#;

/// A pack in a folder of its own.
struct Attack {
    folder: tempfile::TempDir,
}

impl Attack {
    /// A pack whose criterion is `evil::f(n)`, with these scripts.
    fn of(scripts: &[(&str, &str)]) -> Attack {
        let attack = Attack { folder: tempfile::tempdir().unwrap() };
        attack.write("pack.toml", PACK);
        for (name, text) in scripts {
            attack.write(&format!("scripts/{name}.rhai"), text);
        }
        attack
    }

    /// One script with a body of `f(n)`.
    fn body(body: &str) -> Attack {
        Attack::of(&[("evil", &format!("/// (n: number) -> number\nfn f(n) {{\n{body}\n}}\n"))])
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn folder(&self) -> String {
        self.folder.path().display().to_string()
    }

    /// It loads, and a run gives every row what does not depend on the script, and the failure the script's own rows.
    #[track_caller]
    fn fails_with(&self, place: &str, message: &str) {
        let start = Instant::now();
        let loaded = pack::load(&self.folder());
        let pack = loaded.pack.unwrap_or_else(|| panic!("{}", render_short(&loaded.diagnostics, &loaded.sources)));
        let program = Program::compile(&pack, &Context::at(as_of()));
        let applied = program.apply(&records(8)).unwrap();
        assert_eq!(
            numbers(&applied.decisions, "score.plain"),
            (0..8).map(|i| Some(f64::from(i) / 10.0)).collect::<Vec<_>>()
        );
        assert_eq!(numbers(&applied.decisions, "score.score"), vec![None; 8]);
        let error = errors(&pack, &[Value::number(1.0)]).unwrap_err();
        assert!(error.place().starts_with(place), "{error}");
        assert!(error.message.contains(message), "{error}");
        ended(start);
        unharmed();
    }

    /// It does not load; what is said is said at its place.
    #[track_caller]
    fn is_refused(&self, expected: &str) {
        let start = Instant::now();
        let loaded = pack::load(&self.folder());
        assert!(loaded.pack.is_none());
        let said = render_short(&loaded.diagnostics, &loaded.sources).replace(&self.folder(), "DIR");
        assert!(said.contains(expected), "{said}");
        ended(start);
        unharmed();
    }
}

fn as_of() -> Date {
    Date::from_ymd(2026, 6, 30).unwrap()
}

/// Customers with `n` from 0.
fn records(rows: i32) -> RecordBatch {
    let keys: StringArray = (0..rows).map(|i| Some(format!("c{i}"))).collect();
    let n: Float64Array = (0..rows).map(|i| Some(f64::from(i))).collect();
    RecordBatch::try_from_iter([("id", Arc::new(keys) as _), ("n", Arc::new(n) as _)]).unwrap()
}

fn numbers(batch: &RecordBatch, column: &str) -> Vec<Option<f64>> {
    let column = batch.column_by_name(column).unwrap_or_else(|| panic!("no column {column}"));
    let numbers = column.as_any().downcast_ref::<Float64Array>().unwrap();
    (0..numbers.len()).map(|i| numbers.is_valid(i).then(|| numbers.value(i))).collect()
}

/// Calls `evil::f` itself.
fn errors(pack: &Pack, arguments: &[Value]) -> Result<Value, regain::script::CallError> {
    pack.scripts.call(pack.scripts.find("evil", "f").unwrap(), arguments)
}

#[track_caller]
fn ended(start: Instant) {
    let took = start.elapsed();
    assert!(took < BOUND, "it took {took:?}");
}

/// The run after an attack: a healthy pack, decided right.
#[track_caller]
fn unharmed() {
    let healthy = Attack::of(&[
        (
            "evil",
            "const TOP = #{ gold: 3.0 };\n/// (n: number) -> number\nfn f(n) { let l = [n, n]; l.push(1.0); other::g(l.len()) + global::TOP.gold + round(n) }\n",
        ),
        ("other", "/// (n: number) -> number\nfn g(n) { let s = 0.0; for i in 0..100 { s += n; } s / 300.0 }\n"),
    ]);
    let loaded = pack::load(&healthy.folder());
    let pack = loaded.pack.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics));
    let applied = Program::compile(&pack, &Context::at(as_of())).apply(&records(6)).unwrap();
    let expected: Vec<Option<f64>> = (0..6).map(|i| Some(f64::from(i) + 4.0)).collect();
    assert_eq!(numbers(&applied.decisions, "score.score"), expected);
}

const STEPS: &str = "took too many steps (`max_operations = 100000`)";
const DEPTH: &str = "functions call each other too deeply (`max_depth = 32`)";

#[test]
fn endless_loop() {
    Attack::body("loop { }").fails_with("evil.rhai:2", STEPS);
    Attack::body("let x = 1; while x > 0 { x += 1; } x").fails_with("evil.rhai:2", STEPS);
    Attack::body("[1, 2].map(|x| { loop { x += 1; } }); 1").fails_with("evil.rhai:3", STEPS);
}

#[test]
fn deep_recursion() {
    Attack::body("f(n + 1)").fails_with("evil.rhai:2", DEPTH);
    Attack::body("g(n) }\nfn g(n) { h(n) }\nfn h(n) { f(n)").fails_with("evil.rhai:2", DEPTH);
    Attack::body("let g = Fn(\"f\"); 1 + g.call(n)").fails_with("evil.rhai:2", DEPTH);
}

#[test]
fn deep_recursion_across_scripts() {
    let other = "/// (n: number) -> number\nfn g(n) { deeper(n) }\nfn deeper(n) { 1 + deeper(n) }\n";
    let evil = "/// (n: number) -> number\nfn f(n) {\n  other::g(n)\n}\n";
    Attack::of(&[("evil", evil), ("other", other)]).fails_with("other.rhai:2", DEPTH);
}

#[test]
fn memory_bomb_of_lists() {
    let list = "a list grew too large (`max_array = 10000` elements, with those of lists in it)";
    Attack::body("let l = [n];\nloop { l += l; }").fails_with("evil.rhai:2", list);
    Attack::body("let l = [n];\nloop { l = [l, l]; }").fails_with("evil.rhai:2", list);
    let parts =
        Attack::body("let l = []; l.pad(400, n); let k = []; k.pad(400, n); let i = 0;\nloop { k[i] = l; i += 1; }");
    parts.write("limits.toml", "[limits]\nmax_array = 1000\n");
    parts.fails_with("evil.rhai:", "(`max_array = 1000` elements");
    Attack::body("let l = [n];\nloop { l = [l]; }").fails_with("evil.rhai:2", "nested in each other without end");
}

#[test]
fn memory_bomb_of_maps() {
    let map = "a map grew too large (`max_map = 10000` elements, with those of maps in it)";
    Attack::body("let m = #{ a: n };\nloop { m = #{ a: m, b: m }; }").fails_with("evil.rhai:2", map);
    let limited = Attack::body("let m = #{}; let i = 0;\nloop { m[`k${i}`] = i; i += 1; }");
    limited.write("limits.toml", "[limits]\nmax_map = 200\n");
    limited.fails_with("evil.rhai:2", "(`max_map = 200` elements");
    let nested = Attack::body("let m = #{ a: #{ b: #{} } }; let i = 0;\nloop { m.a.b[`k${i}`] = #{ x: i }; i += 1; }");
    nested.write("limits.toml", "[limits]\nmax_map = 200\n");
    nested.fails_with("evil.rhai:2", "(`max_map = 200` elements");
}

#[test]
fn huge_string() {
    let text = "grew too large (`max_string = 10000` bytes)";
    Attack::body("let s = \"x\";\nloop { s += s; }").fails_with("evil.rhai:2", text);
    Attack::body("let s = \"x\"; s.pad(9000000000000000, 'x'); 1.0").fails_with("evil.rhai:2", text);
    Attack::body("let s = \"x\";\nloop { s = `${s}${s}`; }").fails_with("evil.rhai:2", text);
    Attack::body("let s = \"x\"; s.pad(9999, 'x'); let t = s; s.replace(\"x\", t); 1.0")
        .fails_with("evil.rhai:2", text);
}

#[test]
fn too_many_variables() {
    let many: String = (0..300).map(|i| format!("let v{i} = {i};\n")).collect();
    Attack::body(&format!("{many} v1")).fails_with("evil.rhai:2", "(`max_variables = 128`)");
}

#[test]
fn importing_a_file() {
    let sees = "error[RG0301]: `import` cannot be used in a script";
    Attack::body("import \"/etc/passwd\" as p; 1.0").is_refused(&format!("DIR/scripts/evil.rhai:3:1: {sees}"));
    let path = "import \"../../../etc/passwd\" as p;\n/// (n: number) -> number\nfn f(n) { 1.0 }\n";
    Attack::of(&[("evil", path)]).is_refused(&format!("DIR/scripts/evil.rhai:1:1: {sees}"));
}

#[test]
fn evaluating_a_text() {
    Attack::body("eval(\"40 + 2\")")
        .is_refused("DIR/scripts/evil.rhai:3:1: error[RG0301]: `eval` cannot be used in a script");
    Attack::body("let e = \"eval\"; Fn(e).call(\"40 + 2\")").fails_with("evil.rhai:2", "`eval` is a reserved keyword");
}

#[test]
fn a_circle_of_modules() {
    let evil = "/// (n: number) -> number\nfn f(n) { other::g(n) }\n";
    let other = "/// (n: number) -> number\nfn g(n) { third::h(n) }\n";
    let third = "/// (n: number) -> number\nfn h(n) { evil::f(n) }\n";
    Attack::of(&[("evil", evil), ("other", other), ("third", third)]).is_refused(
        "DIR/scripts/evil.rhai:2:11: error[RG0301]: scripts call each other in a circle: `evil` calls `other` calls `third` calls `evil`",
    );
}

#[test]
fn shadowing_a_built_in() {
    Attack::body("round(n) }\nfn round(x) { 42.0").is_refused(
        "DIR/scripts/evil.rhai:4:1: error[RG0301]: `round` is built in, and would mean something else in this script",
    );
    Attack::of(&[
        ("evil", "/// (n: number) -> number\nfn f(n) { n }\n"),
        ("global", "/// (n: number) -> number\nfn g(n) { n }\n"),
    ])
    .is_refused("DIR/scripts/global.rhai:1:1: error[RG0301]: `global` cannot be the name of a script");
}

/// What one record does, the next does not see: not in constants, not in closures kept in constants, not in another script.
#[test]
fn shared_state_between_records() {
    for body in [
        "let l = global::LIST; l.push(n); l.len()",
        "let m = global::MAP; m.seen = n; m.len() + 1",
        "let f = global::COUNT; f.call(0); f.call(0); 2.0",
        "other::count(n)",
    ] {
        let evil = format!(
            "const LIST = [1];\nconst MAP = #{{}};\nconst COUNT = || {{ let c = 1; c += 1; c }};\n/// (n: number) -> number\nfn f(n) {{\n{body}\n}}\n"
        );
        let other = "const SEEN = [0.0];\n/// (n: number) -> number\nfn count(n) { let seen = global::SEEN; seen.push(n); seen.len() }\n";
        let body_of = evil.replace("|| {", "|x| {");
        let attack = Attack::of(&[("evil", &body_of), ("other", other)]);
        let loaded = pack::load(&attack.folder());
        let pack = loaded.pack.unwrap_or_else(|| panic!("{}", render_short(&loaded.diagnostics, &loaded.sources)));
        let program = Program::compile(&pack, &Context::at(as_of()));
        for _ in 0..2 {
            let applied = program.apply(&records(100)).unwrap();
            assert_eq!(numbers(&applied.decisions, "score.score"), vec![Some(2.0); 100], "{body}");
        }
    }
    // Changing a constant itself, or what a closure in one holds, is an error.
    for (text, message) in [
        ("const LIST = [1];\n/// (n: number) -> number\nfn f(n) {\nglobal::LIST.push(n); 1.0\n}\n", "constant"),
        ("const N = 1;\n/// (n: number) -> number\nfn f(n) {\nglobal::N = n; 1.0\n}\n", "constant"),
    ] {
        let attack = Attack::of(&[("evil", text)]);
        let loaded = pack::load(&attack.folder());
        match loaded.pack {
            Some(pack) => {
                let error = errors(&pack, &[Value::number(1.0)]).unwrap_err();
                assert!(error.message.contains(message), "{error}");
            }
            None => assert!(render_short(&loaded.diagnostics, &loaded.sources).contains(message)),
        }
    }
    unharmed();
}

#[cfg(unix)]
#[test]
fn links_out_of_the_pack() {
    use std::os::unix::fs::symlink;
    let outside = Attack::of(&[("secret", "/// (n: number) -> number\nfn f(n) { n }\n")]);
    let refused = |at: &str| {
        format!(
            "{at}:1:1: error[RG0001]: this is a link that leads out of the pack, to `{}",
            canonical(outside.folder.path())
        )
    };

    let script = Attack::body("n");
    symlink(outside.path("scripts/secret.rhai"), script.path("scripts/linked.rhai")).unwrap();
    script.is_refused(&refused("DIR/scripts/linked.rhai"));

    let toml = Attack::body("n");
    symlink(outside.path("pack.toml"), toml.path("more.toml")).unwrap();
    toml.is_refused(&refused("DIR/more.toml"));

    let folder = Attack::of(&[]);
    symlink(outside.path("scripts"), folder.path("scripts")).unwrap();
    folder.is_refused(&refused("DIR/scripts"));

    // Over two links, and by a way that goes up.
    let twice = Attack::body("n");
    symlink(outside.path("scripts"), twice.path("inner")).unwrap();
    symlink("../inner/../scripts/secret.rhai", twice.path("scripts/linked.rhai")).unwrap();
    twice.is_refused("DIR/scripts/linked.rhai");

    // Links within the pack are fine, and so is a pack behind a link.
    let within = Attack::body("n");
    within.write("drafts/kept.rhai", "/// (n: number) -> number\nfn g(n) { n }\n");
    symlink("../drafts/kept.rhai", within.path("scripts/kept.rhai")).unwrap();
    let link = outside.path("linked-pack");
    symlink(within.folder.path(), &link).unwrap();
    for path in [within.folder(), link.display().to_string()] {
        let loaded = pack::load(&path);
        let pack = loaded.pack.unwrap_or_else(|| panic!("{}", render_short(&loaded.diagnostics, &loaded.sources)));
        assert!(pack.scripts.find("kept", "g").is_some());
    }
    unharmed();
}

#[cfg(unix)]
fn canonical(path: &Path) -> String {
    std::fs::canonicalize(path).unwrap().display().to_string()
}

/// A pipe in place of a file would be waited for without end.
#[cfg(unix)]
#[test]
fn a_pipe_for_a_script() {
    let attack = Attack::body("n");
    let made = std::process::Command::new("mkfifo").arg(attack.path("scripts/pipe.rhai")).status();
    if made.is_ok_and(|status| status.success()) {
        attack.is_refused("scripts/pipe.rhai` cannot be read: it is no ordinary file");
    }
}

#[test]
fn a_script_of_five_megabytes() {
    let line = "fn g(x) { let y = x + 1; y * 2 }\n";
    let text = format!("/// (n: number) -> number\nfn f(n) {{ n }}\n{}", line.repeat(5_000_000 / line.len()));
    Attack::of(&[("evil", &text)])
        .is_refused("DIR/scripts/evil.rhai:1:1: error[RG0301]: a script has at most 500 KB, and this one has 5000");
    // As large as it may be, on one line, with a call at every other word.
    let calls = "g(1)+".repeat(90_000);
    let text = format!("/// (n: number) -> number\nfn f(n) {{ n }}\nfn g(x) {{ x }}\nfn h() {{ {calls} 1 }}");
    Attack::of(&[("evil", &text)]).is_refused("error[RG0301]: this is nested too deeply");
    let calls = "g('ä');".repeat(60_000);
    let text = format!("/// (n: number) -> number\nfn f(n) {{ loop {{}} }}\nfn g(x) {{ x }}\nfn h() {{ {calls} 1 }}");
    Attack::of(&[("evil", &text)]).fails_with("evil.rhai:2", STEPS);
}

#[test]
fn a_hundred_thousand_brackets() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("#{a:", "}"),
        ("-", ""),
        ("!", ""),
        ("f(", ")"),
        ("|x| ", ""),
        ("if n { ", "}"),
    ] {
        let text = format!("{}n{}", open.repeat(100_000), close.repeat(100_000));
        let attack = Attack::body(&text);
        let start = Instant::now();
        let loaded = pack::load(&attack.folder());
        assert!(loaded.pack.is_none(), "{open}");
        let said = render_short(&loaded.diagnostics, &loaded.sources);
        assert!(said.contains("scripts/evil.rhai:") && said.contains("error[RG0301]"), "{open}: {said}");
        ended(start);
    }
    unharmed();
}

#[test]
fn catastrophically_many_functions() {
    let functions: String = (0..5_000).map(|i| format!("fn g{i}(x) {{ x }}\n")).collect();
    Attack::body(&format!("n }}\n{functions}fn end() {{ 1"))
        .is_refused("error[RG0301]: a script has at most 1000 functions");
    // As many as there may be, each calling all around it.
    let functions: String = (0..300)
        .map(|i| {
            format!(
                "/// (x: number) -> number\nfn g{i}(x) {{ g{}(x) + g{}(x) + other::h(x) }}\n",
                (i + 1) % 300,
                (i + 7) % 300
            )
        })
        .collect();
    let other = "/// (x: number) -> number\nfn h(x) { x }\n";
    let evil = format!("/// (n: number) -> number\nfn f(n) {{ g0(n) }}\n{functions}");
    Attack::of(&[("evil", &evil), ("other", other)]).fails_with("evil.rhai:2", DEPTH);
}

#[test]
fn closures_that_capture_themselves() {
    Attack::body("let f = |x| x; f = |x| f.call(x);\nf.call(n)").fails_with("evil.rhai:2", "without end");
    Attack::body("let f = Fn(\"g\");\nloop { f = Fn(\"g\").curry(f); } }\nfn g(x) { x")
        .fails_with("evil.rhai:2", "without end");
    Attack::body("let f = Fn(\"g\");\nloop { f = Fn(\"g\").curry(f).curry(f); } }\nfn g(x) { x")
        .fails_with("evil.rhai:2", "too");
}

/// Limits cannot be caught, so that no script outlives them.
#[test]
fn errors_swallowed_to_outlive_limits() {
    Attack::body("try { loop { } } catch { }\n1.0").fails_with("evil.rhai:2", STEPS);
    Attack::body("loop { try { throw 1; } catch { } }").fails_with("evil.rhai:2", STEPS);
    Attack::body("try { f(n) } catch { }\n1.0").fails_with("evil.rhai:2", DEPTH);
    let other = "/// (n: number) -> number\nfn g(n) { loop { } }\n";
    let evil = "/// (n: number) -> number\nfn f(n) {\n  try { other::g(n); } catch { }\n  1.0\n}\n";
    Attack::of(&[("evil", evil), ("other", other)]).fails_with("other.rhai:2", STEPS);
}

/// Slow within its limits, on many customers: the batch's time ends it.
#[test]
fn a_slow_script_on_many_records() {
    let attack = Attack::body("let s = 0.0;\nfor i in 0..15000 { s += i * n; }\ns");
    attack.write("limits.toml", "[limits]\nmax_batch_seconds = 0.3\n");
    let start = Instant::now();
    let loaded = pack::load(&attack.folder());
    let pack = loaded.pack.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics));
    let program = Program::compile(&pack, &Context::at(as_of()));
    let applied = program.apply(&records(8_000)).unwrap();
    let scores = numbers(&applied.decisions, "score.score");
    assert!(scores[0].is_some(), "the first were still decided");
    assert!(scores[7_999].is_none(), "the last were not");
    assert_eq!(numbers(&applied.decisions, "score.plain")[7_999], Some(10.0));
    ended(start);
    unharmed();
}

/// Names that other languages have for files, the network, the environment, the clock, chance and processes.
#[test]
fn names_of_the_world_outside() {
    for call in [
        "open_file(\"/etc/passwd\")",
        "read_file(\"/etc/passwd\")",
        "include(\"/etc/passwd\")",
        "require(\"fs\")",
        "http_get(\"http://localhost\")",
        "fetch(\"http://localhost\")",
        "connect(\"localhost\", 80)",
        "env(\"HOME\")",
        "getenv(\"HOME\")",
        "args()",
        "timestamp()",
        "now()",
        "today()",
        "sleep(1)",
        "exit(1)",
        "rand()",
        "random()",
        "rand_int(1, 6)",
        "shuffle([1])",
        "uuid()",
        "system(\"ls\")",
        "exec(\"ls\")",
        "spawn(\"ls\")",
        "parse_json(\"{}\")",
        "get_fn_metadata_list()",
        "hash(1)",
        "memory()",
        "thread()",
    ] {
        let name = call.split('(').next().unwrap();
        let attack = Attack::body(&format!("{call};\n1.0"));
        let loaded = pack::load(&attack.folder());
        let said = render_short(&loaded.diagnostics, &loaded.sources);
        assert!(loaded.pack.is_none(), "{call} is there");
        assert!(said.contains("scripts/evil.rhai:3:1: error[RG0301]") && said.contains(&format!("`{name}`")), "{said}");
        // Nor by a name that is only known while running.
        let attack = Attack::body(&format!("let name = \"{name}\"; Fn(name).call();\n1.0"));
        let loaded = pack::load(&attack.folder());
        if let Some(pack) = loaded.pack {
            assert!(errors(&pack, &[Value::number(1.0)]).is_err(), "{name}");
        }
    }
    unharmed();
}

/// The same call gives the same, whatever ran before and on whichever thread: also what is printed, hashed or iterated.
#[test]
fn the_same_call_always_ends_the_same() {
    let attack = Attack::body(
        "let m = #{ zebra: 1, apple: 2, mango: n };\nlet out = \"\";\nfor k in m.keys() { out += k; }\nfor v in m.values() { out += v; }\nlet g = |x| x + n;\nout += g.call(1) + type_of(m) + type_of(g);\nprint(m);\nswitch out { \"applemangozebra21.012.0mapFn\" => 1.0, _ => { throw out } }",
    );
    let loaded = pack::load(&attack.folder());
    let pack = loaded.pack.unwrap_or_else(|| panic!("{}", render_short(&loaded.diagnostics, &loaded.sources)));
    let first = errors(&pack, &[Value::number(1.0)]);
    let printed = pack.scripts.printed();
    assert_eq!(printed.lines.len(), 1);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(errors(&pack, &[Value::number(1.0)]), first);
                }
            });
        }
    });
    assert!(pack.scripts.printed().lines.iter().all(|line| *line == printed.lines[0]));
    unharmed();
}
