//! A plan that was written, read back: CSV, JSON lines or Parquet, as `regain plan` writes them.

mod cells;

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use self::cells::{Cell, as_number, owned, read_csv, read_json, read_parquet};
use super::{Arm, PlanRow};
use crate::data::{DataError, Format};
use crate::expr::{Date, Value};
use crate::pack::{PLAN_COLUMNS, Pack};

/// A plan as it was written.
#[derive(Debug, Clone, Default)]
pub struct PlanFile {
    /// In the order of the file.
    pub rows: Vec<PlanRow>,
    /// The names of [`PlanRow::scores`].
    pub score_names: Vec<String>,
    /// The names of [`PlanRow::carried`].
    pub carried_names: Vec<String>,
    /// The name of the key column.
    pub key: String,
    /// What it was made by.
    pub receipt: Receipt,
    /// What a person should know, one sentence each.
    pub notices: Vec<String>,
}

/// What a plan was made by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The pack's name.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// Its content hash.
    pub hash: String,
    /// The day it was made for.
    pub as_of: Option<Date>,
}

impl PlanFile {
    /// A value of a row by the name of its column, as a plan file calls it; `None` if a plan has no such column.
    #[must_use]
    pub fn value(&self, row: &PlanRow, column: &str) -> Option<Value> {
        let number = |x: Option<f64>| x.map_or(Value::Missing, Value::number);
        if let Some(at) = self.score_names.iter().position(|name| name == column) {
            return Some(number(row.scores.get(at).copied().flatten()));
        }
        if let Some(at) = self.carried_names.iter().position(|name| name == column) {
            return Some(row.carried.get(at).cloned().flatten().map_or(Value::Missing, Value::Text));
        }
        if column == self.key {
            return Some(Value::Text(Arc::clone(&row.key)));
        }
        plain(row, column)
    }

    /// The names of the columns it can be asked for.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let own = PLAN_COLUMNS.iter().copied().filter(|name| !ASIDE.contains(name));
        own.chain(self.score_names.iter().chain(&self.carried_names).map(String::as_str))
    }
}

/// Columns of a plan that nobody groups by: sentences, and what it was made by.
const ASIDE: [&str; 6] = ["say", "reasons", "pack", "version", "hash", "as_of"];

/// A value of a row by the name of a field.
#[must_use]
pub fn plain(row: &PlanRow, column: &str) -> Option<Value> {
    let text = |t: &Option<Arc<str>>| t.clone().map_or(Value::Missing, Value::Text);
    let number = |x: Option<f64>| x.map_or(Value::Missing, Value::number);
    Some(match column {
        "arm" => Value::text(row.arm.word()),
        "held_out_by" => text(&row.held_out_by),
        "experiment" => Value::Text(Arc::clone(&row.experiment)),
        "stratum" => text(&row.stratum),
        "propensity" => Value::number(row.propensity),
        "campaign" => Value::Text(Arc::clone(&row.campaign)),
        "offer" => text(&row.offer),
        "channel" => text(&row.channel),
        "speaker" => text(&row.speaker),
        "send_on" => Value::Date(row.send_on),
        "send_by" => Value::Date(row.send_by),
        "cost" => number(row.cost),
        "success" => number(row.success),
        "value" => number(row.value),
        "net" => number(row.net),
        "anyway" => number(row.anyway),
        "hours" => number(row.hours),
        "basis" => text(&row.basis),
        "consent_on" => row.consent_on.map_or(Value::Missing, Value::Date),
        "state" => text(&row.state),
        "track" => text(&row.track),
        "cause" => text(&row.cause),
        "class" => text(&row.class),
        "confidence" => number(row.confidence),
        "grade" => text(&row.grade),
        "priority" => number(row.priority),
        "money" => number(row.money),
        "overridden" => text(&row.overridden),
        _ => return None,
    })
}

/// Reads a plan. With a pack, its key column and its dimensions are known by name, and a plan of other rules is remarked on.
///
/// # Errors
/// A file that cannot be read or is no plan; a row without arm, campaign, day or propensity, with its line.
pub fn read(path: &Path, pack: Option<&Pack>) -> Result<PlanFile, DataError> {
    let shown = path.display().to_string();
    let reading = || format!("reading the plan `{shown}`");
    let format = Format::of_path(path).ok_or_else(|| {
        DataError::input(format!("cannot tell what kind of file the plan `{shown}` is"))
            .help("a plan is a .csv, .jsonl or .parquet file, written by `regain plan`")
    })?;
    let file = File::open(path).map_err(|e| DataError::io(reading(), &e))?;
    match format {
        Format::Csv => read_csv(file, &shown, pack),
        Format::Jsonl => read_json(file, &shown, pack),
        Format::Parquet => read_parquet(file, &shown, pack),
    }
}

fn no_plan(shown: &str, why: &str) -> DataError {
    DataError::input(format!("`{shown}` is no plan: {why}"))
        .help("a plan is written by `regain plan PACK --out plan.csv`")
}

/// Which column holds what, and the rows so far.
struct Builder<'a> {
    header: Vec<String>,
    rows: Rows<'a>,
}

/// The rows so far.
struct Rows<'a> {
    shown: &'a str,
    pack: Option<&'a Pack>,
    key: usize,
    fields: Vec<Option<usize>>,
    scores: Vec<usize>,
    carried: Vec<usize>,
    /// Texts that are there already: a plan has few campaigns and many rows.
    texts: HashSet<Arc<str>>,
    receipts: HashSet<Receipt>,
    file: PlanFile,
}

impl std::hash::Hash for Receipt {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.pack, &self.version, &self.hash).hash(state);
    }
}

impl<'a> Builder<'a> {
    fn new(header: Vec<String>, shown: &'a str, pack: Option<&'a Pack>) -> Result<Self, DataError> {
        let at = |name: &str| header.iter().position(|h| h == name);
        let key = match pack {
            Some(pack) => at(&pack.record.key).ok_or_else(|| {
                no_plan(shown, &format!("it has no column `{}`, the key of the pack", pack.record.key))
            })?,
            None => 0,
        };
        for needed in ["arm", "campaign", "send_on", "propensity"] {
            if at(needed).is_none() {
                return Err(no_plan(shown, &format!("it has no column `{needed}`")));
            }
        }
        let dimension = |name: &str| match pack {
            Some(pack) => pack.dimensions.iter().any(|d| d.name == name),
            None => name == "worth" || name == "chance",
        };
        let rest = || {
            let known = |name: &String| PLAN_COLUMNS.contains(&name.as_str());
            header.iter().enumerate().filter(move |(i, name)| *i != key && !known(name))
        };
        let is_score = |name: &str| name.starts_with("score.") || dimension(name);
        let scores: Vec<usize> = rest().filter(|(_, name)| is_score(name)).map(|(i, _)| i).collect();
        let carried: Vec<usize> = rest().filter(|(_, name)| !is_score(name)).map(|(i, _)| i).collect();
        let names = |list: &[usize]| list.iter().filter_map(|i| header.get(*i).cloned()).collect();
        let file = PlanFile {
            score_names: names(&scores),
            carried_names: names(&carried),
            key: header.get(key).cloned().unwrap_or_default(),
            ..PlanFile::default()
        };
        let rows = Rows {
            shown,
            pack,
            key,
            fields: PLAN_COLUMNS.iter().map(|name| at(name)).collect(),
            scores,
            carried,
            texts: HashSet::new(),
            receipts: HashSet::new(),
            file,
        };
        Ok(Self { header, rows })
    }

    fn add<'c>(&mut self, place: (&str, u64), cell: &dyn Fn(usize) -> Cell<'c>) -> Result<(), DataError> {
        self.rows.add(place, cell)
    }

    fn finish(self) -> PlanFile {
        self.rows.finish()
    }
}

impl Rows<'_> {
    fn add<'c>(&mut self, place: (&str, u64), cell: &dyn Fn(usize) -> Cell<'c>) -> Result<(), DataError> {
        let shown = self.shown;
        let wrong = |column: &str, what: &str| {
            let (word, number) = place;
            Err(DataError::input(format!("`{shown}` {word} {number}: `{column}` {what}")))
        };
        let at = |name: &str| {
            PLAN_COLUMNS.iter().position(|f| *f == name).and_then(|i| self.fields.get(i).copied().flatten())
        };
        let cell_of = |name: &str| at(name).map_or(Cell::Missing, cell);
        let number = |name: &str| -> Result<Option<f64>, DataError> {
            match as_number(cell_of(name)) {
                Ok(x) => Ok(x),
                Err(text) => wrong(name, &format!("must be a number, this is `{text}`")).map(|()| None),
            }
        };
        let day = |name: &str| -> Result<Option<Date>, DataError> {
            match cell_of(name) {
                Cell::Missing => Ok(None),
                Cell::Day(day) => Ok(Some(day)),
                // A moment begins with its day.
                Cell::Text(text) => match text.get(..10).and_then(Date::parse_iso) {
                    Some(day) => Ok(Some(day)),
                    None => wrong(name, &format!("must be a day such as 2026-06-30, this is `{text}`")).map(|()| None),
                },
                _ => wrong(name, "must be a day such as 2026-06-30").map(|()| None),
            }
        };
        let mut texts = std::mem::take(&mut self.texts);
        let mut kept = |name: &str| owned(cell_of(name)).map(|text| intern(&mut texts, &text));
        let Some(key) = owned(cell(self.key)) else { return wrong(&self.file.key, "is empty") };
        let arm = match owned(cell_of("arm")).as_deref() {
            Some("contact") => Arm::Contact,
            Some("holdout") => Arm::Holdout,
            Some(other) => return wrong("arm", &format!("must be `contact` or `holdout`, this is `{other}`")),
            None => return wrong("arm", "is empty"),
        };
        let Some(send_on) = day("send_on")? else { return wrong("send_on", "is empty") };
        let propensity = match number("propensity")? {
            Some(p) if (0.0..=1.0).contains(&p) => p,
            Some(p) => return wrong("propensity", &format!("must be from 0 to 1, this is {p}")),
            None => return wrong("propensity", "is empty"),
        };
        let Some(campaign) = kept("campaign") else { return wrong("campaign", "is empty") };
        let score = |at: &usize| as_number(cell(*at)).unwrap_or(None);
        let row = PlanRow {
            key: key.into(),
            arm,
            held_out_by: kept("held_out_by"),
            experiment: kept("experiment").unwrap_or_else(|| Arc::clone(&campaign)),
            stratum: kept("stratum"),
            propensity,
            offer: kept("offer"),
            channel: kept("channel"),
            speaker: kept("speaker"),
            send_on,
            // Plans written before there was the column.
            send_by: day("send_by")?.unwrap_or(send_on),
            cost: number("cost")?,
            success: number("success")?,
            value: number("value")?,
            net: number("net")?,
            anyway: number("anyway")?,
            hours: number("hours")?,
            basis: kept("basis"),
            consent_on: day("consent_on")?,
            state: kept("state"),
            track: kept("track"),
            cause: kept("cause"),
            class: kept("class"),
            confidence: number("confidence")?,
            grade: kept("grade"),
            priority: number("priority")?,
            money: number("money")?,
            overridden: kept("overridden"),
            say: None,
            reasons: None,
            scores: self.scores.iter().map(score).collect(),
            carried: self.carried.iter().map(|at| owned(cell(*at)).map(Arc::from)).collect(),
            campaign,
        };
        let receipt = Receipt {
            pack: owned(cell_of("pack")).unwrap_or_default(),
            version: owned(cell_of("version")).unwrap_or_default(),
            hash: owned(cell_of("hash")).unwrap_or_default(),
            as_of: day("as_of")?,
        };
        self.texts = texts;
        if !self.receipts.contains(&receipt) {
            if self.receipts.is_empty() {
                self.file.receipt = receipt.clone();
            }
            self.receipts.insert(receipt);
        }
        self.file.rows.push(row);
        Ok(())
    }

    fn finish(mut self) -> PlanFile {
        let shown = self.shown;
        if self.receipts.len() > 1 {
            let many = self.receipts.len();
            self.file.notices.push(format!("`{shown}` holds plans of {many} packs, versions or days"));
        }
        let receipt = &self.file.receipt;
        if let Some(pack) = self.pack
            && !self.file.rows.is_empty()
            && receipt.hash != pack.identity.hash
        {
            let made = if receipt.pack.is_empty() {
                "does not say by which rules it was made".to_owned()
            } else if receipt.pack == pack.identity.name {
                format!("was made by other rules of `{}` (version {})", receipt.pack, receipt.version)
            } else {
                format!("was made by the pack `{}` {}, not by `{}`", receipt.pack, receipt.version, pack.identity.name)
            };
            self.file.notices.push(format!("the plan {made}; what counts as won back is said by the rules of today"));
        }
        self.file
    }
}

/// A text of which there is one.
fn intern(texts: &mut HashSet<Arc<str>>, text: &str) -> Arc<str> {
    if let Some(known) = texts.get(text) {
        return Arc::clone(known);
    }
    let text: Arc<str> = text.into();
    // What differs in every row need not be kept twice.
    if texts.len() < 10_000 {
        texts.insert(Arc::clone(&text));
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use std::io::Write as _;

    use super::*;

    fn file(suffix: &str, text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::Builder::new().suffix(suffix).tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    const HEADER: &str = "customer_id,arm,held_out_by,propensity,campaign,channel,send_on,cost,success,worth,score.margin,name,pack,version,hash,as_of";

    #[test]
    fn a_plan_comes_back_as_it_was() {
        let text = format!(
            "{HEADER}\n0042,contact,,0.9,letter,post,2026-07-01,2.5,0.125,7,,\"Doe, Jane\",base,0.1.0,abc,2026-06-30\n\
             7,holdout,campaign,0.9,letter,post,2026-07-01,,,,3.5,,base,0.1.0,abc,2026-06-30\n"
        );
        let csv = file(".csv", &text);
        let plan = read(csv.path(), None).unwrap();
        assert_eq!(
            (plan.score_names.join(" "), plan.carried_names.join(" ")),
            ("worth score.margin".into(), "name".into())
        );
        let [one, two] = plan.rows.as_slice() else { panic!() };
        assert_eq!((&*one.key, one.arm, one.cost, one.success), ("0042", Arm::Contact, Some(2.5), Some(0.125)));
        assert_eq!((one.scores.as_slice(), one.carried[0].as_deref()), (&[Some(7.0), None][..], Some("Doe, Jane")));
        assert_eq!((two.arm, two.held_out_by.as_deref(), two.cost), (Arm::Holdout, Some("campaign"), None));
        assert_eq!((&*plan.receipt.pack, plan.receipt.as_of), ("base", Date::from_ymd(2026, 6, 30)));
        assert_eq!(plan.value(two, "score.margin"), Some(Value::Number(3.5)));
        assert_eq!(plan.value(two, "nothing"), None);

        // The same as JSON lines.
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().clone();
        let lines: Vec<String> = reader
            .records()
            .map(|row| {
                let row = row.unwrap();
                let object = header.iter().zip(row.iter()).map(|(name, value)| {
                    let value = match (name, value.parse::<f64>()) {
                        (_, _) if value.is_empty() => serde_json::Value::Null,
                        ("customer_id", _) | (_, Err(_)) => value.into(),
                        (_, Ok(x)) => x.into(),
                    };
                    (name.to_owned(), value)
                });
                serde_json::Value::Object(object.collect()).to_string()
            })
            .collect();
        let json = file(".jsonl", &lines.join("\n"));
        assert_eq!(read(json.path(), None).unwrap().rows, plan.rows);
    }

    #[test]
    fn parquet_keeps_its_types() {
        use arrow::array::{
            ArrayRef, Date32Array, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
        };
        use arrow::datatypes::Int32Type;

        let texts = |list: Vec<Option<&str>>| -> ArrayRef {
            Arc::new(list.into_iter().collect::<DictionaryArray<Int32Type>>())
        };
        let batch = RecordBatch::try_from_iter([
            ("customer_id", Arc::new(Int64Array::from(vec![7, 8])) as ArrayRef),
            ("arm", texts(vec![Some("contact"), Some("holdout")])),
            ("campaign", texts(vec![Some("letter"), Some("letter")])),
            ("send_on", Arc::new(Date32Array::from(vec![20_000, 20_001]))),
            ("propensity", Arc::new(Float64Array::from(vec![0.9, 0.9]))),
            ("cost", Arc::new(Float64Array::from(vec![Some(2.5), None]))),
            ("chance", Arc::new(Float64Array::from(vec![Some(7.25), None]))),
            ("phone", Arc::new(StringArray::from(vec![Some("0049"), None]))),
        ])
        .unwrap();
        let file = tempfile::Builder::new().suffix(".parquet").tempfile().unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file.reopen().unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let plan = read(file.path(), None).unwrap();
        let [one, two] = plan.rows.as_slice() else { panic!() };
        assert_eq!((&*one.key, one.cost, one.scores.as_slice()), ("7", Some(2.5), &[Some(7.25)][..]));
        assert_eq!((one.send_on.days(), one.carried[0].as_deref()), (20_000, Some("0049")));
        assert_eq!((two.arm, two.cost, two.carried[0].as_deref()), (Arm::Holdout, None, None));
    }

    #[test]
    fn what_is_no_plan_is_said_to_be_none() {
        let told = |suffix: &str, text: &str| read(file(suffix, text).path(), None).unwrap_err().message;
        assert!(told(".csv", "customer_id,campaign\n").ends_with("is no plan: it has no column `arm`"));
        assert!(told(".xls", "x").starts_with("cannot tell what kind of file the plan"));
        assert!(told(".parquet", "x").contains("is not a readable Parquet file"));
        assert!(told(".jsonl", "").ends_with("is no plan: it is empty"));
        let row = |row: &str| told(".csv", &format!("customer_id,arm,propensity,campaign,send_on\n{row}\n"));
        assert!(
            row("1,both,1,letter,2026-07-01").ends_with("line 2: `arm` must be `contact` or `holdout`, this is `both`")
        );
        assert!(row("1,contact,1.5,letter,2026-07-01").ends_with("`propensity` must be from 0 to 1, this is 1.5"));
        assert!(row("1,contact,1,letter,7/1/2026").ends_with("must be a day such as 2026-06-30, this is `7/1/2026`"));
        assert!(row("1,contact,1,,2026-07-01").ends_with("`campaign` is empty"));
    }
}
