//! The import law: who may use whom. Read from the `crate::…` paths of the code, so that it holds whether a
//! path stands in a `use` line or in the midst of an expression.

use std::collections::BTreeSet;

use super::{read, relative, rust_files};

/// Each room, and the rooms it may use beside itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("rules", &["kernel"]),
    ("db", &["kernel"]),
    ("graph", &["kernel"]),
    ("domain", &["db", "kernel", "rules"]),
    ("api", &["domain", "db", "graph", "kernel", "rules"]),
    ("http", &["domain", "graph", "kernel"]),
    ("config", &["db", "domain", "graph", "http", "kernel"]),
    ("app", &["api", "config", "db", "domain", "graph", "http", "kernel"]),
    ("cli", &["api", "app", "config", "db", "domain", "graph", "http", "kernel"]),
    ("main", &["cli"]),
];

/// The nouns of `domain`: each may use only those before it.
const NOUNS: &[&str] = &[
    "touchpoints",
    "customers",
    "behaviors",
    "attributes",
    "segments",
    "ingest",
    "products",
    "offers",
    "placements",
    "purchases",
    "privacy",
    "live",
];

/// The crates below the house, which know nothing of it.
const CRATES: &[(&str, &[&str])] = &[("entities", &[]), ("migrations", &[])];

/// The paths behind `crate::` in a text, as segments, groups resolved: `crate::a::{b, c::d}` is `a::b`, `a::c`.
/// Two segments are enough for the law.
fn paths(text: &str) -> BTreeSet<(String, Option<String>)> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let (rooms, _) = heads(&text[at + "crate::".len()..]);
        for (room, rest) in rooms {
            match rest.strip_prefix("::") {
                None => drop(found.insert((room, None))),
                Some(rest) => {
                    let (nouns, _) = heads(rest);
                    found.extend(nouns.into_iter().map(|(noun, _)| (room.clone(), Some(noun))));
                }
            }
        }
    }
    found
}

/// The first segments of a path, several if it is a group, each with the text behind it.
fn heads(text: &str) -> (Vec<(String, &str)>, &str) {
    let Some(mut rest) = text.strip_prefix('{') else {
        let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
        return (vec![(text[..end].to_owned(), &text[end..])], &text[end..]);
    };
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\n', ',']);
        if rest.starts_with('}') || rest.is_empty() {
            return (found, rest);
        }
        let (mut heads, _) = heads(rest);
        found.append(&mut heads);
        rest = after_member(rest);
    }
}

/// The text behind one member of a group.
fn after_member(text: &str) -> &str {
    let mut depth = 0_i32;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return &text[at..],
            '}' => depth -= 1,
            ',' if depth == 0 => return &text[at..],
            _ => {}
        }
    }
    ""
}

/// The code of a file: comments and unit tests, which may use what they test with, left out.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The segments of a source file's module path: `domain`, `offers`, `store`.
fn module(path: &str) -> Vec<String> {
    let path = path.strip_prefix("src/").expect("a source").trim_end_matches(".rs");
    path.split('/').filter(|segment| *segment != "mod").map(str::to_owned).collect()
}

#[test]
fn rooms_use_only_what_is_below_them() {
    let mut seen = BTreeSet::new();
    let mut broken = Vec::new();
    for path in rust_files("src") {
        let name = relative(&path);
        if name == "src/lib.rs" {
            continue;
        }
        let room = module(&name).remove(0);
        let (_, allowed) = ROOMS
            .iter()
            .find(|(known, _)| *known == room)
            .unwrap_or_else(|| panic!("{name}: the room `{room}` has no law; add it to ROOMS"));
        for (used, _) in paths(&code(&read(&path)).replace("encircle::", "crate::")) {
            if used != room && !allowed.contains(&used.as_str()) {
                broken.push(format!("{name} uses `{used}`; `{room}` may use {allowed:?}"));
            }
            seen.insert((room.clone(), used));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    for (room, used) in
        [("api", "domain"), ("domain", "db"), ("db", "kernel"), ("graph", "kernel"), ("app", "api")]
    {
        assert!(seen.contains(&(room.to_owned(), used.to_owned())), "the reader of imports sees nothing");
    }
}

#[test]
fn nouns_use_only_those_before_them() {
    let place = |noun: &str| NOUNS.iter().position(|known| *known == noun);
    let mut broken = Vec::new();
    for path in rust_files("src/domain") {
        let name = relative(&path);
        let Some(noun) = module(&name).get(1).cloned() else { continue };
        // A file beside the nouns is nobody's, and uses none of them.
        let own = place(&noun);
        assert!(own.is_some() || module(&name).len() == 2, "{name}: add `{noun}` to NOUNS");
        for (room, used) in paths(&code(&read(&path))) {
            let Some(used) = used.filter(|_| room == "domain") else { continue };
            if place(&used).is_some() && used != noun && place(&used) >= own {
                broken
                    .push(format!("{name} uses `{used}`, which does not come before `{noun}` in {NOUNS:?}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_crates_below_know_nothing_of_the_house() {
    for (folder, allowed) in CRATES {
        for path in rust_files(folder) {
            let uses = code(&read(&path));
            assert!(!uses.contains("encircle::"), "{} uses the house; allowed: {allowed:?}", relative(&path));
        }
    }
}

#[test]
fn only_lib_names_the_rooms() {
    let declared: BTreeSet<String> = read(&super::root().join("src/lib.rs"))
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned))
        .collect();
    let known: BTreeSet<String> =
        ROOMS.iter().map(|(room, _)| (*room).to_owned()).filter(|room| room != "main").collect();
    assert_eq!(declared, known, "src/lib.rs and the law name the same rooms");
}

#[test]
fn the_reader_of_paths_resolves_groups() {
    let text = "use crate::a::{b, c::{d, e}}; let x = crate::f::g(); use crate::{h::i, j};";
    let pair = |room: &str, noun: Option<&str>| (room.to_owned(), noun.map(str::to_owned));
    let expected = [
        pair("a", Some("b")),
        pair("a", Some("c")),
        pair("f", Some("g")),
        pair("h", Some("i")),
        pair("j", None),
    ];
    assert_eq!(paths(text), BTreeSet::from(expected));
}
