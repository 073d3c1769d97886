//! Any bytes as any kind of file: a run reads them or refuses them with a reason, and never panics.
#![no_main]

use std::sync::{Arc, LazyLock};

use arrow::array::RecordBatch;
use libfuzzer_sys::fuzz_target;
use regain::data::{Apply, Collected, DataErrorKind, Options, Run, Source};
use regain::expr::Date;
use regain::pack::{Pack, load_from_texts};

/// The kind of the file is told by its name or, if it has none, by its content.
const NAMES: [&str; 9] = ["c.csv", "c.txt", "c.csv.gz", "c.csv.zst", "c.xlsx", "c.xls", "c.parquet", "c.jsonl", "c"];

const COLUMNS: &str = r#"
[pack]
name = "fuzz"
[record]
key = "id"
[record.columns]
name = { type = "text", optional = true }
rating = { type = "number", optional = true }
since = { type = "date", optional = true }
vip = { type = "bool", optional = true }
[record.file]
"#;

/// What the pack may say of the file; nothing first.
const DECLARED: [&str; 6] = [
    "",
    "headers = [\"id\", \"name\", \"rating\"]",
    "delimiter = \"blanks\"\nskip = 1",
    "encoding = \"utf-16le\"\ndelimiter = \";\"",
    "encoding = \"shift_jis\"\nquote = \"'\"",
    "quote = \"none\"\nsheet = \"x\"",
];

static PACKS: LazyLock<Vec<Arc<Pack>>> = LazyLock::new(|| {
    let load = |file: &&str| load_from_texts(&[("pack.toml", format!("{COLUMNS}{file}").as_str())]).pack;
    DECLARED.iter().filter_map(load).collect()
});

fuzz_target!(|input: &[u8]| {
    // The first byte chooses how the rest is read.
    let Some((choice, bytes)) = input.split_first() else { return };
    let choice = usize::from(*choice);
    let name = NAMES[choice % NAMES.len()];
    let pack = &PACKS[choice / NAMES.len() % PACKS.len()];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    let options = Options { threads: 1, ..Options::default() };
    let as_of = Date::parse_iso("2025-06-30").expect("a day");
    let apply: Apply = Arc::new(|batch: &RecordBatch| Ok(batch.clone()));
    let result = Run::open(pack, as_of, &[Source::new("customers", &path)], options)
        .and_then(|run| run.execute(&apply, &mut Collected::default()));
    if let Err(error) = result {
        assert!(error.kind != DataErrorKind::Internal, "{error:?}");
    }
});
