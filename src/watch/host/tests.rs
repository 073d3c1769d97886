//! A host follows its files, whatever is done to them, and never runs rules that are half written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use super::*;
use crate::pack;

/// Much more than anything takes; only a test that fails waits so long.
const LONG: Duration = Duration::from_secs(20);
/// Long enough for an event that would be wrong.
const SHORT: Duration = Duration::from_millis(450);

const PACK: &str = "[pack]\nname = \"ours\"\nversion = \"VERSION\"\n\n[params.limit]\nvalue = 180\n\n\
    [record]\nkey = \"id\"\n[record.columns.silent]\ntype = \"number\"\n";
const STATES: &str =
    "[[states]]\nname = \"dormant\"\ntrack = \"recovery\"\nwhen = 'silent > limit'\n\n[[states]]\nname = \"active\"\n";

struct Scene {
    _folder: tempfile::TempDir,
    pack: PathBuf,
}

impl Scene {
    fn new() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let pack = folder.path().join("rules/ours");
        make(&pack, "1");
        Scene { _folder: folder, pack }
    }

    fn open(&self) -> (Host, Receiver<Event>) {
        let host = Host::builder(&self.pack.display().to_string()).as_of(day()).open().unwrap();
        let events = host.events();
        (host, events)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.pack.join(name)
    }

    fn version(&self, version: &str) {
        fs::write(self.at("pack.toml"), text(version)).unwrap();
    }
}

fn day() -> Date {
    Date::parse_iso("2026-06-30").unwrap()
}

fn text(version: &str) -> String {
    PACK.replace("VERSION", version)
}

fn make(pack: &Path, version: &str) {
    fs::create_dir_all(pack).unwrap();
    fs::write(pack.join("states.toml"), STATES).unwrap();
    fs::write(pack.join("pack.toml"), text(version)).unwrap();
}

/// The version that the next event puts in force.
fn reloaded(events: &Receiver<Event>) -> (String, bool) {
    match events.recv_timeout(LONG).expect("no event").what {
        What::Reloaded { rules, mended, .. } => (rules.pack.identity.version.clone(), mended),
        What::Broken { diagnostics, sources, .. } => panic!("{}", crate::diag::render_short(&diagnostics, &sources)),
        What::Watching(how) => panic!("{how}"),
    }
}

fn broken(events: &Receiver<Event>) -> String {
    match events.recv_timeout(LONG).expect("no event").what {
        What::Broken { diagnostics, .. } => diagnostics[0].message.clone(),
        other => panic!("{other:?}"),
    }
}

fn nothing(events: &Receiver<Event>) {
    if let Ok(event) = events.recv_timeout(SHORT) {
        panic!("{event:?}");
    }
}

fn ok(version: &str) -> (String, bool) {
    (version.to_owned(), false)
}

fn mended(version: &str) -> (String, bool) {
    (version.to_owned(), true)
}

#[test]
fn each_way_of_saving_is_one_reload() {
    let scene = Scene::new();
    let (host, events) = scene.open();
    let file = scene.at("pack.toml");
    // Written beside and renamed over.
    fs::write(scene.at(".pack.toml.tmp"), text("2")).unwrap();
    fs::rename(scene.at(".pack.toml.tmp"), &file).unwrap();
    assert_eq!(reloaded(&events), ok("2"));
    // Emptied, and written a moment later than anybody waits for quiet.
    fs::write(&file, "").unwrap();
    thread::sleep(Duration::from_millis(70));
    fs::write(&file, text("3")).unwrap();
    assert_eq!(reloaded(&events), ok("3"));
    // Moved away, and written anew as late.
    fs::rename(&file, scene.at("pack.toml~")).unwrap();
    thread::sleep(Duration::from_millis(70));
    fs::write(&file, text("4")).unwrap();
    assert_eq!(reloaded(&events), ok("4"));
    // Several files, none of which may be without the others.
    fs::write(scene.at("states.toml"), STATES.replace("limit", "patience")).unwrap();
    fs::create_dir(scene.at("scripts")).unwrap();
    fs::write(scene.at("scripts/a.rhai"), "// nothing yet\n").unwrap();
    fs::write(&file, text("5").replace("limit", "patience")).unwrap();
    let event = events.recv_timeout(LONG).unwrap();
    let What::Reloaded { rules, .. } = &event.what else { panic!("{event:?}") };
    assert_eq!(rules.pack.identity.version, "5");
    let names: Vec<_> =
        event.files.iter().map(|c| c.path.strip_prefix(&scene.pack).unwrap().display().to_string()).collect();
    assert_eq!(names, ["pack.toml", "scripts/a.rhai", "states.toml"]);
    nothing(&events);
    assert_eq!(host.rules().generation, 5);
}

#[test]
fn what_changes_nothing_is_no_event() {
    let scene = Scene::new();
    let (_host, events) = scene.open();
    scene.version("1");
    for name in [".pack.toml.swp", "4913", "pack.toml~", "#pack.toml#", "notes.md"] {
        fs::write(scene.at(name), "[[[").unwrap();
    }
    fs::create_dir(scene.at("data")).unwrap();
    fs::write(scene.at("data/orders.toml"), "[[[").unwrap();
    nothing(&events);
}

#[test]
fn with_errors_the_last_good_rules_stay() {
    let scene = Scene::new();
    let (host, events) = scene.open();
    scene.version("2\nname = ");
    broken(&events);
    assert_eq!(host.rules().pack.identity.version, "1");
    // A file that has gone for good is an error as well: the states are missing, and with the rest there is one more.
    fs::remove_file(scene.at("pack.toml")).unwrap();
    assert!(broken(&events).contains("is no pack"));
    assert_eq!((host.rules().generation, host.program().receipt().version.as_str()), (1, "1"));
    scene.version("3");
    assert_eq!(reloaded(&events), mended("3"));
    scene.version("4");
    assert_eq!(reloaded(&events), ok("4"));
}

#[test]
fn a_checkout_that_replaces_the_folder_is_one_reload() {
    let scene = Scene::new();
    let (host, events) = scene.open();
    for version in ["2", "3"] {
        fs::remove_dir_all(&scene.pack).unwrap();
        make(&scene.pack, version);
        assert_eq!(reloaded(&events), ok(version));
        // The new folder is watched as the old one was.
        scene.version(&format!("{version}.1"));
        assert_eq!(reloaded(&events), ok(&format!("{version}.1")));
    }
    // With everything above it, and for longer than anybody waits.
    fs::remove_dir_all(scene.pack.parent().unwrap()).unwrap();
    assert!(broken(&events).contains("there is no pack"));
    make(&scene.pack, "4");
    assert_eq!(reloaded(&events), mended("4"));
    nothing(&events);
    drop(host);
    assert!(events.recv().is_err(), "the thread has ended and nobody sends any more");
}

#[test]
fn what_is_watched_follows_the_chain() {
    let scene = Scene::new();
    let (_host, events) = scene.open();
    // A base that is not there yet.
    fs::write(scene.at("pack.toml"), text("2").replace("[params", "extends = \"../base\"\n[params")).unwrap();
    assert!(broken(&events).contains("extends"));
    let base = scene.pack.with_file_name("base");
    fs::create_dir(&base).unwrap();
    fs::write(base.join("pack.toml"), "[pack]\nname = \"base\"\n[params.more]\nvalue = 1\n").unwrap();
    assert_eq!(reloaded(&events), mended("2"));
    fs::write(base.join("pack.toml"), "[pack]\nname = \"base\"\n[params.more]\nvalue = oops\n").unwrap();
    broken(&events);
    fs::write(base.join("pack.toml"), "[pack]\nname = \"base\"\n[params.more]\nvalue = 2\n").unwrap();
    assert_eq!(reloaded(&events), mended("2"));
    // No longer of the chain: nobody listens there any more.
    scene.version("3");
    assert_eq!(reloaded(&events), ok("3"));
    fs::write(base.join("pack.toml"), "oops").unwrap();
    nothing(&events);
}

#[test]
fn the_population_is_watched_too() {
    let scene = Scene::new();
    let ranked = "\n[criteria.silence]\ndimension = \"worth\"\nvalue = 'silent'\nrank = \"higher_is_better\"\n";
    fs::write(scene.at("criteria.toml"), ranked).unwrap();
    let (host, events) = scene.open();
    assert!(host.rules().reference.is_none());
    fs::create_dir(scene.at("reference")).unwrap();
    let file = scene.at("reference/population.toml");
    fs::write(&file, "[tables.silence]\ncount = 2\npoints = [[1.0, 0.25], [2.0, 0.75]]\n").unwrap();
    assert_eq!(reloaded(&events), ok("1"));
    let rules = host.rules();
    assert_eq!(rules.reference.as_deref(), Some(file.as_path()));
    assert_eq!(rules.context.reference.tables["silence"].count, 2);
    fs::write(&file, "tables = 3\n").unwrap();
    assert!(broken(&events).contains("holds no fitted tables"));
    assert_eq!(host.rules().generation, 2);
}

#[test]
fn by_hand_and_by_polling() {
    let scene = Scene::new();
    let by_hand = Host::open_unwatched(&scene.pack.display().to_string()).unwrap();
    let polling = Host::builder(&scene.pack.display().to_string()).poll(Duration::from_millis(50)).open().unwrap();
    let (hand, poll) = (by_hand.events(), polling.events());
    assert_eq!((by_hand.how(), polling.how().is_some()), (None, true));
    scene.version("2");
    assert_eq!(reloaded(&poll), ok("2"));
    nothing(&hand);
    let event = by_hand.reload().unwrap();
    assert_eq!((event.number, by_hand.rules().pack.identity.version.as_str()), (1, "2"));
    assert_eq!(reloaded(&hand), ok("2"));
    assert!(by_hand.reload().is_none() && polling.reload().is_none());
    // Another day is another program of the same rules, even while the files have errors.
    scene.version("3\n");
    broken(&poll);
    let next = polling.rules().context.as_of.days() + 1;
    polling.decide_as_of(Date::from_days(next.into()).unwrap()).unwrap();
    assert_eq!(reloaded(&poll), ok("2"));
    assert_eq!(polling.program().receipt().as_of, polling.rules().context.as_of.to_string());
}

#[test]
fn rules_from_elsewhere_are_asked_for_again_and_may_fail_badly() {
    let stored = Arc::new(Mutex::new(text("1")));
    let shelf = Arc::clone(&stored);
    let host = Host::builder_from(move || {
        let text = shelf.lock().unwrap().clone();
        assert!(!text.contains("bomb"), "it went off");
        pack::load_from_texts(&[("pack.toml", &text), ("states.toml", STATES)])
    });
    let host = host.as_of(day()).open().unwrap();
    let events = host.events();
    assert!(host.reload().is_none());
    "bomb".clone_into(&mut stored.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    host.reload().unwrap();
    assert_eq!(broken(&events), "the rules could not be read, because regain itself failed: it went off");
    stored.clear_poison();
    *stored.lock().unwrap() = text("2");
    host.reload().unwrap();
    assert_eq!(reloaded(&events), mended("2"));
    assert_eq!(host.program().receipt().version, "2");
}

#[test]
fn what_cannot_be_opened_says_why() {
    let error = Host::open("no/such/pack").unwrap_err();
    assert!(error.to_string().contains("there is no pack `no/such/pack`"), "{error}");
    let host = Host::open("base").unwrap();
    assert!(host.how().is_none(), "what is shipped does not change");
    // Ending does not wait for anything to happen.
    let scene = Scene::new();
    let (host, _events) = scene.open();
    let start = Instant::now();
    drop(host);
    assert!(start.elapsed() < Duration::from_secs(2));
}
