//! Deciding again: what an edit changes is computed again, nothing else, and the decisions are those of deciding everything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use regain::data::{Decided, Held, Options, Run, Source, read_anew, reads_same};
use regain::expr::Date;
use regain::pack::shipped::SHIPPED;
use regain::pack::{self, Pack};
use regain::script::SeenLines;
use regain::stage::{Context, Program};
use regain::watch::{Standing, compared};

type Texts = Vec<(String, String)>;

fn as_of() -> Date {
    Date::from_ymd(2026, 6, 30).unwrap()
}

fn load(texts: &Texts) -> Option<Arc<Pack>> {
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    pack::load_from_texts(&texts).pack
}

#[track_caller]
fn loaded(texts: &Texts) -> Arc<Pack> {
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let loaded = pack::load_from_texts(&texts);
    loaded.pack.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
}

#[track_caller]
fn replaced(texts: &Texts, from: &str, to: &str) -> Texts {
    let mut texts = texts.clone();
    let found = texts.iter_mut().find(|(_, text)| text.contains(from)).unwrap_or_else(|| panic!("no `{from}`"));
    found.1 = found.1.replacen(from, to, 1);
    texts
}

/// An example with the shipped packs it extends, all as texts that can be edited.
fn chain(example: &str) -> Texts {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example);
    let mut texts = vec![("pack.toml".to_owned(), std::fs::read_to_string(root.join("pack.toml")).unwrap())];
    let mut folder = String::new();
    loop {
        let place = texts.iter().position(|(name, _)| *name == format!("{folder}pack.toml")).unwrap();
        let Some(extends) = SHIPPED
            .iter()
            .map(|(name, _)| *name)
            .find(|name| texts[place].1.contains(&format!("\nextends = \"{name}\"")))
        else {
            return texts;
        };
        texts[place].1 =
            texts[place].1.replace(&format!("\nextends = \"{extends}\""), &format!("\nextends = \"./{extends}\""));
        folder.push_str(&format!("{extends}/"));
        let shipped = SHIPPED.iter().find(|(name, _)| *name == extends).unwrap();
        texts.extend(shipped.1.iter().map(|(name, text)| (format!("{folder}{name}"), (*text).to_owned())));
    }
}

/// The records of an example, in small batches.
fn records(example: &str, pack: &Arc<Pack>) -> Held {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example).join("data");
    let mut sources: Vec<Source> = std::fs::read_dir(data)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| Source::new(path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    let run = Run::open(pack, as_of(), &sources, Options { threads: 2, ..Options::default() }).unwrap();
    let held = Held::read(&run).unwrap();
    let mut batches = Vec::new();
    for batch in held.batches() {
        let rows = batch.num_rows().min(600);
        batches.extend((0..rows).step_by(211).map(|at| batch.slice(at, 211.min(rows - at))));
    }
    Held::of(batches)
}

#[track_caller]
fn same(found: &Decided, expected: &Decided, what: &str) {
    assert_eq!(found.batches.len(), expected.batches.len());
    for (found, expected) in found.batches.iter().zip(&expected.batches) {
        let names = |batch: &RecordBatch| batch.schema().fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>();
        assert_eq!(names(found), names(expected), "{what}");
        for (at, name) in names(found).iter().enumerate() {
            assert_eq!(found.column(at), expected.column(at), "{what}: column {name}");
        }
    }
    assert_eq!(found.failures.list(), expected.failures.list(), "{what}");
    assert_eq!(found.failures.failed(), expected.failures.failed(), "{what}");
}

fn keeping(pack: &Pack, context: &Context) -> Program {
    let columns = compared(pack, context.as_of);
    Program::compile(pack, context).keep(&columns.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A small change somewhere: a number, a comparison, a word of logic, a rule taken out.
fn edited(texts: &Texts, random: &mut fastrand::Rng) -> (String, Texts) {
    let mut texts = texts.clone();
    let file = random.usize(..texts.len());
    let (name, text) = &mut texts[file];
    let lines: Vec<&str> = text.lines().collect();
    let told =
        |line: &str| ["#", "//", "help", "label", "because", "question"].iter().any(|word| line.starts_with(word));
    let Some(at) = (0..20).map(|_| random.usize(..lines.len())).find(|at| !told(lines[*at].trim_start())) else {
        return (String::new(), texts);
    };
    let line = lines[at];
    let digit = line.find(|c: char| c.is_ascii_digit());
    let new = match (random.u8(..12), digit) {
        (0, _) if line.contains(" > ") => line.replacen(" > ", " <= ", 1),
        (1, _) if line.contains(" && ") => line.replacen(" && ", " || ", 1),
        (2, _) if line.contains("\"A\"") => line.replacen("\"A\"", "\"C\"", 1),
        (3, _) if line.starts_with("  {") && line.trim_end().ends_with("},") => String::new(),
        (4, _) if name.ends_with(".toml") => format!("{line}  # a comment"),
        (_, Some(start)) => {
            let end = line[start..].find(|c: char| !c.is_ascii_digit()).map_or(line.len(), |n| start + n);
            let number: u64 = line[start..end].parse().unwrap_or(7);
            format!("{}{}{}", &line[..start], [number + 1, number * 2, number / 2][random.usize(..3)], &line[end..])
        }
        _ => return (String::new(), texts),
    };
    if new == line {
        return (String::new(), texts);
    }
    let what = format!("{name}:{}: {new}", at + 1);
    *text =
        lines.iter().enumerate().map(|(i, l)| if i == at { new.as_str() } else { *l }).collect::<Vec<_>>().join("\n");
    (what, texts)
}

/// Edits at random, one after the other: each time the decisions are those of deciding everything.
#[track_caller]
fn holds(example: &str, seed: u64, edits: usize) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut texts = chain(example);
    let first = loaded(&texts);
    let held = Arc::new(records(example, &first));
    let reference = Arc::new(held.fit(&first, as_of(), 2).unwrap());
    let context = Context { as_of: as_of(), reference };
    let mut standing = Standing::open(first, context.clone(), Arc::clone(&held), 2).unwrap();
    let (mut done, mut nothing, mut some, mut computed, mut all) = (0, 0, 0, 0, 0);
    for _ in 0..edits * 40 {
        if done == edits {
            break;
        }
        let (what, new) = edited(&texts, &mut random);
        let Some(pack) = (!what.is_empty()).then(|| load(&new)).flatten() else { continue };
        done += 1;
        let program = keeping(&pack, &context);
        let expected = held.decide(&program, 2).unwrap();
        let before = Arc::clone(standing.decided());
        let followed = standing.follow(pack, context.clone()).unwrap();
        same(standing.decided(), &expected, &what);
        // What is not said to be computed again is as it was.
        for (new, old) in standing.decided().batches.iter().zip(&before.batches) {
            for field in new.schema().fields().iter().filter(|f| !f.name().starts_with('#')) {
                if !followed.again.contains(field.name()) {
                    assert_eq!(
                        new.column_by_name(field.name()),
                        old.column_by_name(field.name()),
                        "{what}: {}",
                        field.name()
                    );
                }
            }
        }
        if followed.again.is_empty() {
            nothing += 1;
        } else {
            some += 1;
        }
        computed += followed.again.len();
        all += compared(standing.pack(), as_of()).len();
        texts = new;
    }
    assert_eq!(done, edits);
    assert!(nothing > 0 && some > edits / 6, "{example}: {nothing} of {edits} edits change nothing, {some} something");
    assert!(computed * 2 < all, "{example}: {computed} of {all} columns computed again");
}

#[test]
fn random_edits_of_the_shop_decide_as_if_anew() {
    holds("retail", 1, 40);
}

#[test]
fn random_edits_of_the_network_decide_as_if_anew() {
    holds("telecom", 2, 40);
}

#[test]
fn random_edits_of_the_supplier_decide_as_if_anew() {
    holds("b2b", 3, 40);
}

// ---------------------------------------------------------------- a small pack with scripts

fn small() -> Texts {
    let rules = r##"
[pack]
name = "small"
version = "1"

[params.sleep_after]
value = 180

[params.least]
value = 2

[record]
key = "id"
columns.silent = { type = "number" }
columns.segment = { type = "text" }
columns.objected = { type = "bool" }
columns.revenue = { type = "number" }

[facts]
long = 'silent > sleep_after'

[[suppress]]
name = "objected"
when = 'objected'

[[states]]
name = "odd"
track = "prevention"
when = 'odd::one(silent)'

[[states]]
name = "dormant"
track = "recovery"
when = 'long'
because = "silent for {silent} days"

[[states]]
name = "active"

[[causes]]
name = "price"
class = "bought_away"
evidence = [{ when = 'segment == "private"', weight = 2, because = "private" }]

[[causes]]
name = "service"
class = "pushed_away"
evidence = [{ when = 'silent % 3 == 0', weight = 3, because = "complained" }]

[criteria.image]
dimension = "worth"
weight = 2
score = 'image::of(segment, revenue)'

[criteria.recent]
dimension = "chance"
value = 'silent'
curve = [[0, 10], [400, 0]]

[criteria.size]
dimension = "worth"
value = 'revenue'
rank = "higher_is_better"

[[grades]]
name = "A"
when = 'worth > 5'

[[grades]]
name = "B"
when = 'worth > least'

[[grades]]
name = "C"
let_go = true

[[campaigns]]
name = "call"
track = "recovery"
when = 'chance > 3 && cause == "price"'
cost = '5'
success = '0.1'
value = 'revenue'

[[campaigns]]
name = "write"
when = 'grade in ["A", "B"] && score.image > 4'
cost = '1'
success = '0.05'
value = 'revenue'

[money]
value = 'revenue'
"##;
    let image = r#"
/// (segment: text, revenue: number) -> number
fn of(segment, revenue) {
    let points = 0.0;
    for word in ["private", "business"] { points += 3.0; if word == segment { points += 1.5; } }
    points + revenue / 1000.0
}
"#;
    let odd = r#"
/// (days: number) -> bool
fn one(days) {
    let left = days;
    while left >= 97.0 { left -= 97.0; }
    left == 1.0
}
"#;
    [("pack.toml", rules), ("scripts/image.rhai", image), ("scripts/odd.rhai", odd)]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .to_vec()
}

fn some_records() -> Held {
    use arrow::array::{ArrayRef, BooleanArray, Float64Array, StringArray};
    let rows = 0..1_000_i32;
    let column =
        |make: &dyn Fn(i32) -> Option<f64>| -> ArrayRef { Arc::new(rows.clone().map(make).collect::<Float64Array>()) };
    let segment: StringArray =
        rows.clone().map(|i| [Some("private"), Some("business"), None][i as usize % 3]).collect();
    let objected: BooleanArray = rows.clone().map(|i| Some(i % 11 == 0)).collect();
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(rows.clone().map(|i| Some(format!("c{i}"))).collect::<StringArray>()) as ArrayRef),
        ("silent", column(&|i| (i % 13 > 0).then(|| f64::from(i % 500)))),
        ("segment", Arc::new(segment)),
        ("objected", Arc::new(objected)),
        ("revenue", column(&|i| (i % 7 > 0).then(|| f64::from(i * 37 % 5000)))),
    ])
    .unwrap();
    Held::of((0..1_000).step_by(300).map(|at| batch.slice(at, 300.min(1_000 - at))).collect())
}

/// The pack with a note taken of every line its scripts run.
fn observed(pack: &Arc<Pack>) -> (Arc<Pack>, Arc<SeenLines>) {
    let mut pack = Pack::clone(pack);
    let (scripts, seen) = pack.scripts.observed();
    pack.scripts = Arc::new(scripts);
    (Arc::new(pack), seen)
}

/// The scripts that were called, by name.
fn called(pack: &Pack, seen: &SeenLines) -> Vec<String> {
    let lines = pack.scripts.lines().into_iter().filter(|line| seen.contains(line.at));
    let mut called: Vec<String> = lines.map(|line| line.function).collect();
    called.dedup();
    called
}

struct Watching {
    standing: Standing,
    context: Context,
}

impl Watching {
    fn open(texts: &Texts) -> Watching {
        let pack = loaded(texts);
        let held = Arc::new(some_records());
        let reference = Arc::new(held.fit(&pack, as_of(), 2).unwrap());
        let context = Context { as_of: as_of(), reference };
        Watching { standing: Standing::open(pack, context.clone(), held, 2).unwrap(), context }
    }

    /// Follows an edit; gives the columns computed again and the functions called.
    #[track_caller]
    fn save(&mut self, texts: &Texts) -> (String, String) {
        let (pack, seen) = observed(&loaded(texts));
        let expected = self.standing.held().decide(&keeping(&loaded(texts), &self.context), 1).unwrap();
        let followed = self.standing.follow(Arc::clone(&pack), self.context.clone()).unwrap();
        same(self.standing.decided(), &expected, "the edit");
        (followed.again.join(" "), called(&pack, &seen).join(" "))
    }
}

const PLANNED: &str = "campaign offer channel cost success net speaker send_on value";

#[test]
fn an_edit_runs_only_what_is_downstream_of_it() {
    let texts = small();
    let mut watching = Watching::open(&texts);
    let mut save = |from: &str, to: &str| watching.save(&replaced(&texts, from, to));
    let planned = |before: &str| (format!("{before} {PLANNED}").trim().to_owned(), String::new());

    assert_eq!(save("[money]", "# a comment\n[money]"), (String::new(), String::new()), "a comment");
    assert_eq!(save("silent for {silent}", "not seen for {silent}"), (String::new(), String::new()), "a sentence");
    assert_eq!(save("chance > 3", "chance > 4"), planned(""), "a campaign");
    assert_eq!(save("chance > 3", "chance > 3"), planned(""), "and back");
    assert_eq!(save("when = 'worth > least'", "when = 'worth > least + 1'"), planned("grade"), "a grade");
    // New names, texts and inputs before all others: what is numbered anew is not computed anew.
    let fact = "long = 'silent > sleep_after'";
    let more = "early = 'segment == \"x\" && revenue > 7'\nlong = 'silent > sleep_after'";
    assert_eq!(save(fact, more), planned("grade"), "a fact that only this adds; the grade goes back");
    let asked = more.replace("'silent > sleep_after'", "'silent > sleep_after || early'");
    assert!(save(fact, &asked).0.starts_with("state track"), "a fact that is asked");
    assert!(save(fact, more).0.starts_with("state track"), "and back");
    assert_eq!(save(fact, fact), Default::default(), "and gone");
    assert_eq!(save("weight = 2\nscore", "weight = 3\nscore"), planned("worth priority grade"), "a weight");
}

#[test]
fn scripts_upstream_of_an_edit_are_not_called_again() {
    let texts = small();
    let mut watching = Watching::open(&texts);
    // A state rule before which a script is asked: its answer is held.
    let state = replaced(&texts, "value = 180", "value = 170");
    let (again, called) = watching.save(&state);
    assert_eq!((again.starts_with("state track campaign"), called.as_str()), (true, ""), "{again}");
    // Its own rule: the script itself is as it was, what is made of its answer is not.
    let own = replaced(&state, "when = 'odd::one(silent)'", "when = 'odd::one(silent) && silent > 100'");
    let (again, called) = watching.save(&own);
    assert_eq!((again.starts_with("state track"), called.as_str()), (true, ""), "{again}");
    // What the script is asked changes: this one is called, the other is not.
    let asked = replaced(&own, "odd::one(silent)", "odd::one(silent + 1)");
    let (again, called) = watching.save(&asked);
    assert_eq!((again.starts_with("state track"), called.as_str()), (true, "odd::one"), "{again}");
    // The other script is edited.
    let edited = replaced(&asked, "revenue / 1000.0", "revenue / 900.0");
    let (again, called) = watching.save(&edited);
    assert_eq!(
        (again.starts_with("score.image worth priority grade"), called.as_str()),
        (true, "image::of"),
        "{again}"
    );
}

#[test]
fn a_script_that_another_calls_is_upstream_too() {
    let mut texts = replaced(&small(), "points + revenue / 1000.0", "points + revenue / base::unit()");
    texts.push(("scripts/base.rhai".to_owned(), "/// () -> number\nfn unit() { 1000.0 }".to_owned()));
    let mut watching = Watching::open(&texts);
    let (again, called) = watching.save(&replaced(&texts, "1000.0", "900.0"));
    assert!(again.starts_with("score.image worth priority grade"), "{again}");
    assert_eq!(called, "base::unit image::of");
    // One that nobody calls.
    let mut more = texts.clone();
    more.push(("scripts/other.rhai".to_owned(), "/// () -> number\nfn unit() { 1.0 }".to_owned()));
    assert_eq!(watching.save(&more).1, "base::unit image::of", "back to what it was");
    assert_eq!(watching.save(&texts), (String::new(), String::new()));
}

#[test]
fn failures_are_found_again() {
    let texts = replaced(
        &small(),
        "points + revenue / 1000.0",
        "if revenue == 111.0 { throw \"no\" } points + revenue / 1000.0",
    );
    let mut watching = Watching::open(&texts);
    assert!(!watching.standing.decided().failures.is_empty());
    // `save` compares the failures with those of deciding everything.
    let (again, called) = watching.save(&replaced(&texts, "chance > 3", "chance > 4"));
    assert!(again.contains("score.image") && !again.contains("state"), "{again}");
    assert_eq!(called, "image::of");
    let mended = watching.save(&small());
    assert!(watching.standing.decided().failures.is_empty(), "{mended:?}");
}

#[test]
fn a_population_is_fitted_again_as_far_as_its_values_changed() {
    let texts = small();
    let watching = Watching::open(&texts);
    let held = watching.standing.held();
    for (from, to) in [
        ("chance > 3", "chance > 4"),
        ("value = 'revenue'\nrank", "value = 'revenue * 2'\nrank"),
        ("[criteria.size]", "[criteria.late]\nvalue = 'silent'\nrank = \"lower_is_better\"\n[criteria.size]"),
        ("rank = \"higher", "rank = \"lower"),
        ("[criteria.size]", "[criteria.bigness]"),
    ] {
        let pack = loaded(&replaced(&texts, from, to));
        let expected = held.fit(&pack, as_of(), 1).unwrap();
        assert!(!expected.tables.is_empty());
        assert_eq!(watching.standing.fit(&pack, as_of()).unwrap(), expected, "{to}");
    }
}

#[test]
fn only_one_earlier_side_is_kept() {
    let texts = small();
    let mut watching = Watching::open(&texts);
    let first = Arc::downgrade(watching.standing.decided());
    let pack = Arc::downgrade(watching.standing.pack());
    let edit = loaded(&replaced(&texts, "chance > 3", "chance > 4"));
    let followed = watching.standing.follow(edit, watching.context.clone()).unwrap();
    assert!(first.upgrade().is_some(), "the earlier side is in the answer");
    assert_eq!(followed.side(watching.standing.held()).decided.batches.len(), 4);
    drop(followed);
    assert!(first.upgrade().is_none() && pack.upgrade().is_none());
}

#[test]
fn a_script_is_all_the_scripts_it_reaches() {
    let scripts = |a: &str, b: &str| {
        let mut texts = small();
        texts.push(("scripts/a.rhai".to_owned(), a.to_owned()));
        texts.push(("scripts/b.rhai".to_owned(), b.to_owned()));
        loaded(&texts)
    };
    let plain = "/// (x: number) -> number\nfn f(x) { x }";
    let pack = scripts(plain, "/// (x: number) -> number\nfn g(x) { x /* as a::f */ }");
    let names = |module: &str| pack.scripts.reached(module).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!((names("a"), names("b"), names("c")), (vec!["a"], vec!["a", "b"], vec![]));
}

// ---------------------------------------------------------------- reading

#[test]
fn only_what_is_read_by_makes_records_be_read_again() {
    let texts = chain("retail");
    let pack = loaded(&texts);
    assert!(reads_same(&pack, &pack));
    let why = |from: &str, to: &str| read_anew(&pack, &loaded(&replaced(&texts, from, to))).join("; ");
    for (from, to) in [
        ("[[states]]", "# a comment\n[[states]]"),
        ("help = \"", "help = \"In other words: "),
        ("prestige::image(segment, region, role)", "prestige::image(region, segment, role)"),
        ("let points = 4.0", "let points = 5.0"),
    ] {
        assert_eq!(why(from, to), "", "{from}");
    }
    let of = |rules: &str| {
        let head = "[pack]\nname = \"t\"\n[params.days]\nvalue = 365\n[params.other]\nvalue = 1\n[record]\nkey = \"id\"\n\
                    columns.city = { type = \"text\", help = \"where\" }\n[tables.orders]\nkey = \"id\"\ntime = \"on\"\n\
                    columns.on = { type = \"date\" }\ncolumns.amount = { type = \"number\" }\n[rollups]\n\
                    orders_12m = 'count(orders, orders.on > today - days)'\n\
                    big = 'sum(orders.amount, orders.amount > clip::at(1))'\n[[states]]\nname = \"x\"\n";
        let clip = "/// (x: number) -> number\nfn at(x) { 10.0 * x }";
        let texts = vec![("pack.toml".to_owned(), head.to_owned()), ("scripts/clip.rhai".to_owned(), clip.to_owned())];
        let mut now = texts.clone();
        for edit in rules.split(" && ").filter(|e| !e.is_empty()) {
            let (from, to) = edit.split_once(" => ").unwrap();
            now = replaced(&now, from, to);
        }
        read_anew(&loaded(&texts), &loaded(&now)).join("; ")
    };
    assert_eq!(of(""), "");
    assert_eq!(of("value = 1\n => value = 2\n"), "", "a parameter no rollup reads");
    assert_eq!(of("help = \"where\" => help = \"town\""), "");
    assert_eq!(of("value = 365 => value = 200"), "`orders_12m` is rolled up anew");
    assert_eq!(of("orders.on > today => orders.on >= today"), "`orders_12m` is rolled up anew");
    assert_eq!(of("10.0 * x => 11.0 * x"), "`big` is rolled up anew");
    assert_eq!(of("sum(orders.amount, => mean(orders.amount,"), "`big` is rolled up anew");
    assert_eq!(of("big = => huge ="), "`huge` is new; `big` is gone");
    assert_eq!(of("help = \"where\" => from = [\"Ort\"]"), "the column `city` is read another way");
    assert_eq!(
        of("columns.amount = { type = \"number\" } => columns.amount = { type = \"number\", optional = true }"),
        "the column `orders.amount` is read another way"
    );
    assert_eq!(
        of("key = \"id\"\ncolumns.city => key = \"id\"\ncolumns.town = { type = \"text\" }\ncolumns.city"),
        "the column `town` is new"
    );
}
