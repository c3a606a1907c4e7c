//! Every property on the kept inputs of its fuzz target, and on those that once broke it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use properties::ALL;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The names of a folder's entries; none, where it is missing.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Says which input broke a property, where its panic does not.
struct Trying<'p>(&'p Path);

impl Drop for Trying<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("broken by {}", self.0.display());
        }
    }
}

fn replay(folder: &str) -> usize {
    let mut tried = 0;
    for property in ALL {
        let folder = fuzz().join(folder).join(property.name);
        for name in names(&folder) {
            let path = folder.join(name);
            let _trying = Trying(&path);
            (property.holds)(&fs::read(&path).unwrap());
            tried += 1;
        }
    }
    tried
}

#[test]
fn every_property_holds_of_its_corpus() {
    assert!(replay("corpus") > 100);
}

#[test]
fn what_was_found_stays_mended() {
    replay("found");
}

#[test]
fn every_property_has_a_target_and_a_corpus() {
    let properties: BTreeSet<String> = ALL.iter().map(|property| property.name.into()).collect();
    assert_eq!(names(&fuzz().join("corpus")), properties);
    let targets = names(&fuzz().join("targets")).into_iter();
    let targets: BTreeSet<_> = targets.map(|name| name.replace(".rs", "")).collect();
    assert_eq!(targets, properties);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in &properties {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}

#[test]
fn the_corpus_is_small() {
    let folders =
        names(&fuzz().join("corpus")).into_iter().map(|name| fuzz().join("corpus").join(name));
    let sizes = folders.flat_map(|folder| {
        names(&folder).into_iter().map(move |name| fs::metadata(folder.join(name)).unwrap().len())
    });
    assert!(sizes.sum::<u64>() < 500_000);
}
