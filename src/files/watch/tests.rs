//! The ways in which editors, checkouts and networks change files, each seen and each seen once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::*;

const QUIET: Duration = Duration::from_millis(40);
/// Much more than any hint takes; only a test that fails waits so long.
const LONG: Duration = Duration::from_secs(20);
/// Long enough for a hint that would be wrong.
const SHORT: Duration = Duration::from_millis(400);

struct Scene {
    _folder: tempfile::TempDir,
    pack: PathBuf,
    places: Places,
}

/// `rules/pack` with a TOML file and a script.
fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("rules/pack");
    make(&pack, "one");
    let mut places = Places::default();
    places.folder(&pack, "toml");
    places.folder(&pack.join("scripts"), "rhai");
    Scene { _folder: folder, pack, places }
}

fn make(pack: &Path, text: &str) {
    fs::create_dir_all(pack.join("scripts")).unwrap();
    fs::write(pack.join("pack.toml"), text).unwrap();
    fs::write(pack.join("scripts/a.rhai"), text).unwrap();
}

fn changed(watcher: &mut Watcher) {
    assert!(matches!(watcher.wait(Some(LONG)), Wake::Changed(_)), "no change was told");
}

fn quiet(watcher: &mut Watcher) {
    assert_eq!(watcher.wait(Some(SHORT)), Wake::Quiet);
}

#[test]
fn every_way_of_writing_is_told_once() {
    let scene = scene();
    let mut watcher = Watcher::new(&scene.places, QUIET, None);
    if *watcher.how() != How::Told {
        // No watcher is to be had here: then the poll tests say what there is to say.
        return;
    }
    let at = |name: &str| scene.pack.join(name);
    let ways: [(&str, &dyn Fn()); 6] = [
        ("written over", &|| fs::write(at("pack.toml"), "two").unwrap()),
        ("renamed over", &|| {
            fs::write(at(".pack.toml.tmp"), "three").unwrap();
            fs::rename(at(".pack.toml.tmp"), at("pack.toml")).unwrap();
        }),
        ("moved away and written anew", &|| {
            fs::rename(at("pack.toml"), at("pack.toml~")).unwrap();
            fs::write(at("pack.toml"), "four").unwrap();
        }),
        ("several files", &|| {
            fs::write(at("pack.toml"), "five").unwrap();
            fs::write(at("facts.toml"), "five").unwrap();
            fs::write(at("scripts/a.rhai"), "five").unwrap();
        }),
        ("a new script", &|| fs::write(at("scripts/b.rhai"), "six").unwrap()),
        ("a file removed", &|| fs::remove_file(at("facts.toml")).unwrap()),
    ];
    for (name, way) in ways {
        way();
        changed(&mut watcher);
        assert_eq!(watcher.wait(Some(SHORT)), Wake::Quiet, "{name}: told twice");
    }
}

#[test]
fn what_is_no_rule_wakes_nobody() {
    let scene = scene();
    let mut watcher = Watcher::new(&scene.places, QUIET, None);
    for name in [".pack.toml.swp", "4913", "pack.toml~", ".#pack.toml", "notes.md", "../other", "scripts/x.txt"] {
        fs::write(scene.pack.join(name), "x").unwrap();
    }
    fs::read(scene.pack.join("pack.toml")).unwrap();
    quiet(&mut watcher);
}

#[test]
fn a_folder_made_again_is_watched_again() {
    let scene = scene();
    let mut watcher = Watcher::new(&scene.places, QUIET, None);
    // The pack's folder, then the one above it, too: as a checkout of another branch does.
    for gone in [scene.pack.clone(), scene.pack.parent().unwrap().to_owned(), scene.pack.join("scripts")] {
        fs::remove_dir_all(&gone).unwrap();
        changed(&mut watcher);
        make(&scene.pack, "again");
        changed(&mut watcher);
        while watcher.wait(Some(SHORT)) != Wake::Quiet {}
        let start = Instant::now();
        fs::write(scene.pack.join("scripts/a.rhai"), "later").unwrap();
        changed(&mut watcher);
        assert!(start.elapsed() < SAFETY || *watcher.how() != How::Told, "only the look now and then found it");
    }
}

#[test]
fn a_folder_renamed_over_is_watched_again() {
    let scene = scene();
    let mut watcher = Watcher::new(&scene.places, QUIET, None);
    let other = scene.pack.with_file_name("new");
    make(&other, "two");
    fs::rename(&scene.pack, scene.pack.with_file_name("old")).unwrap();
    fs::rename(&other, &scene.pack).unwrap();
    changed(&mut watcher);
    while watcher.wait(Some(SHORT)) != Wake::Quiet {}
    fs::write(scene.pack.join("pack.toml"), "three").unwrap();
    changed(&mut watcher);
}

#[test]
fn somebody_who_never_stops_writing_is_not_waited_for_forever() {
    let scene = scene();
    let mut watcher = Watcher::new(&scene.places, QUIET, None);
    let file = scene.pack.join("pack.toml");
    let writer = thread::spawn(move || {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            fs::write(&file, format!("{:?}", start.elapsed())).unwrap();
            thread::sleep(Duration::from_millis(5));
        }
        Instant::now()
    });
    changed(&mut watcher);
    let told = Instant::now();
    assert!(told < writer.join().unwrap(), "told only when the writing ended");
}

#[test]
fn polling_sees_writes_renames_and_folders() {
    let scene = scene();
    let poll = Duration::from_millis(50);
    let mut watcher = Watcher::new(&scene.places, Duration::from_millis(10), Some(poll));
    assert_eq!(watcher.how().to_string(), "looking every 0.05 seconds");
    let at = |name: &str| scene.pack.join(name);
    let ways: [&dyn Fn(); 4] = [
        // The same size, in the same moment as before.
        &|| fs::write(at("pack.toml"), "two").unwrap(),
        &|| {
            fs::write(at("tmp"), "tre").unwrap();
            fs::rename(at("tmp"), at("pack.toml")).unwrap();
        },
        &|| fs::remove_dir_all(&scene.pack).unwrap(),
        &|| make(&scene.pack, "again"),
    ];
    for way in ways {
        way();
        changed(&mut watcher);
    }
}

#[test]
fn another_thread_can_end_it() {
    let scene = scene();
    for poll in [None, Some(Duration::from_secs(3600))] {
        let mut watcher = Watcher::new(&scene.places, QUIET, poll);
        let nudge = watcher.nudge();
        let thread = thread::spawn(move || {
            nudge.look();
            thread::sleep(Duration::from_millis(100));
            nudge.end();
        });
        changed(&mut watcher);
        assert_eq!(watcher.wait(None), Wake::Ended);
        thread.join().unwrap();
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_their_swap_is_seen() {
    let scene = scene();
    let folder = scene.pack.parent().unwrap();
    // As Kubernetes mounts a configuration: `pack.toml` leads through `..data`, which is swapped.
    let mounted = folder.join("mounted");
    for (version, text) in [("..1", "one"), ("..2", "two")] {
        fs::create_dir_all(mounted.join(version)).unwrap();
        fs::write(mounted.join(version).join("pack.toml"), text).unwrap();
    }
    std::os::unix::fs::symlink("..1", mounted.join("..data")).unwrap();
    std::os::unix::fs::symlink("..data/pack.toml", mounted.join("pack.toml")).unwrap();
    let mut places = Places::default();
    places.folder(&mounted, "toml");
    let mut watcher = Watcher::new(&places, QUIET, None);
    let before = crate::files::Snapshot::take(&places);
    std::os::unix::fs::symlink("..2", mounted.join("..tmp")).unwrap();
    fs::rename(mounted.join("..tmp"), mounted.join("..data")).unwrap();
    changed(&mut watcher);
    assert_eq!(crate::files::Snapshot::take(&places).changes_since(&before).len(), 1);
    while watcher.wait(Some(SHORT)) != Wake::Quiet {}
    fs::write(mounted.join("..2/pack.toml"), "three").unwrap();
    changed(&mut watcher);
}

#[test]
fn where_the_system_gives_up_files_are_looked_at() {
    let scene = scene();
    let mut watcher = Watcher::new(&scene.places, QUIET, None);
    watcher.sender.send(Hint::Failed("its limits are reached".to_owned())).unwrap();
    changed(&mut watcher);
    assert_eq!(watcher.how().to_string(), "looking every second, because its limits are reached");
    fs::write(scene.pack.join("scripts/a.rhai"), "two").unwrap();
    changed(&mut watcher);
}
