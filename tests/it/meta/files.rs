//! The house's files: short, finished, and the same in every noun.

use std::collections::BTreeSet;

use super::{read, relative, root, rust_files};

/// A file past this is two files.
const MAX_LINES: usize = 300;

fn sources() -> Vec<std::path::PathBuf> {
    ["src", "entities", "migrations"].into_iter().flat_map(rust_files).collect()
}

#[test]
fn no_file_is_longer_than_one_thing() {
    let long: Vec<String> = sources()
        .iter()
        .map(|path| (relative(path), read(path).lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| format!("{path} has {lines} lines; the limit is {MAX_LINES}: split it"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn nothing_is_left_for_later_and_no_path_is_of_one_machine() {
    // Spelt in halves, so that this file may be read by the same rule.
    let unwanted = [
        ["todo", "!("],
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X:"],
        ["/home", "/"],
        ["/work", "/"],
        ["/Users", "/"],
        ["/ro", "ot/"],
    ];
    let unwanted = unwanted.map(|halves| halves.concat());
    let mut files = sources();
    files.extend(rust_files("tests"));
    for path in files {
        for (number, line) in read(&path).lines().enumerate() {
            for word in &unwanted {
                assert!(!line.contains(word), "{}:{}: `{word}`", relative(&path), number + 1);
            }
        }
    }
}

#[test]
fn every_file_says_what_lives_in_it() {
    // Unit tests beside the file they test are part of it.
    for path in sources().iter().filter(|path| !path.to_string_lossy().ends_with("_tests.rs")) {
        assert!(read(path).starts_with("//! "), "{} begins without `//!`", relative(path));
    }
}

/// The folders of a room, one a noun.
fn nouns(room: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(room)).expect("the room is read");
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect()
}

/// What is done to the rows of all nouns, or told of them, and has none of its own to be read.
const WITHOUT_ROWS: &[&str] = &["ingest", "live", "privacy"];
/// What several nouns go in by; the graph shows them, not it.
const WITHOUT_GRAPH: &str = "ingest";

/// Checks that each noun of a room has these files.
fn assert_files(room: &str, always: &[&str]) {
    for noun in nouns(room).iter().filter(|noun| !WITHOUT_ROWS.contains(&noun.as_str())) {
        for name in always {
            assert!(
                root().join(format!("{room}/{noun}/{name}.rs")).is_file(),
                "{room}/{noun} has no {name}.rs"
            );
        }
    }
}

/// The files that a noun of the graph may have; what fits in none of them is a sign that something is amiss.
const IN_API: &[&str] = &[
    "mod",
    "types",
    "batches",
    "cart",
    "cart_warnings",
    "cart_line",
    "carting",
    "discount",
    "entitlement",
    "limits",
    "importing",
    "import_inputs",
    "sales",
    "queries",
    "inputs",
    "mutations",
    "payloads",
    "recording",
    "events",
    "benefit",
    "deciding",
    "experience",
    "stream",
    "shown",
    "watched",
    "parts",
    "responses",
    "simulating",
    "simulation",
    "terms",
];

#[test]
fn every_noun_has_the_same_files() {
    let in_graph: BTreeSet<String> =
        nouns("src/domain").into_iter().filter(|noun| noun != WITHOUT_GRAPH).collect();
    assert_eq!(in_graph, nouns("src/api"), "domain and api have the same nouns");
    assert_files("src/domain", &["mod", "store"]);
    assert_files("src/api", &["mod", "types", "batches", "queries"]);
    for noun in nouns("src/api") {
        for path in rust_files(&format!("src/api/{noun}")) {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            assert!(IN_API.contains(&name.as_str()), "{}: a noun has {IN_API:?}", relative(&path));
        }
    }
}
