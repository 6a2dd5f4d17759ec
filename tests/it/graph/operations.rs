//! Valid operations for the test schema, generated. A strategy makes trees of small numbers, which read the
//! schema from the root down: every tree is an operation, and a smaller tree is a smaller one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use proptest::prelude::{Strategy, any, prop};
use proptest::prop_oneof;
use serde_json::Value;

use super::schema;
use super::values::Variables;
use super::works::cursor;
use super::world::{Link, Seed, product_id};

/// One selection: what it is is read from these numbers, in the light of the type it stands on.
#[derive(Clone, Debug)]
pub struct Gene {
    kind: u8,
    choice: u16,
    alias: bool,
    when: u8,
    arguments: Vec<u8>,
    below: Vec<Gene>,
}

/// An operation and the variables given with it.
#[derive(Clone, Debug)]
pub struct Generated {
    pub text: String,
    pub variables: Variables,
}

/// A world, scopes by bit, an operation.
pub fn cases() -> impl Strategy<Value = (Seed, u8, Generated)> {
    (worlds(), any::<u8>(), operations())
}

fn worlds() -> impl Strategy<Value = Seed> {
    let broken = prop_oneof![
        4 => prop::collection::vec(prop::sample::select(Link::ALL.to_vec()), 0..1),
        1 => prop::collection::vec(prop::sample::select(Link::ALL.to_vec()), 1..5),
    ];
    let missing = prop_oneof![2 => prop::strategy::Just(None), 1 => (3_u64..12).prop_map(Some)];
    (any::<u64>(), missing, broken, 4_u32..8).prop_map(|(number, missing, broken, people)| Seed {
        number,
        missing,
        broken,
        people,
    })
}

fn operations() -> impl Strategy<Value = Generated> {
    let numbers =
        || (0_u8..24, any::<u16>(), any::<bool>(), 0_u8..30, prop::collection::vec(any::<u8>(), 0..11));
    let gene =
        |(kind, choice, alias, when, arguments), below| Gene { kind, choice, alias, when, arguments, below };
    let leaf = numbers().prop_map(move |numbers| gene(numbers, Vec::new()));
    let tree = leaf.prop_recursive(7, 48, 6, move |inner| {
        (numbers(), prop::collection::vec(inner, 0..7)).prop_map(move |(numbers, below)| gene(numbers, below))
    });
    let given = prop::collection::vec(any::<u8>(), VARIABLES.len());
    (prop::collection::vec(tree, 1..5), given).prop_map(|(genes, given)| write(&genes, &given))
}

/// Variables: name, type with default, what may be given for it as JSON (`-`: nothing).
const VARIABLES: &[(&str, &str, &[&str])] = &[
    ("b0", "Boolean!", &["true", "false"]),
    ("b1", "Boolean! = true", &["-", "true", "false"]),
    ("b2", "Boolean! = false", &["-", "true", "false"]),
    ("b3", "Boolean = true", &["-", "false", "true", "-", "false", "true", "-", "true", "null"]),
    ("i0", "Int", &["-", "2", "null", "1", "-1"]),
    ("i1", "Int = 3", &["-", "0", "null"]),
    ("i2", "Int!", &["1", "3.0"]),
    ("i3", "Int! = 2", &["-", "4"]),
    ("s0", "String", &["-", "null", "\"a \\\"b\\\"\""]),
    ("s1", "String = \"d\"", &["-", "null", "\"é\""]),
    ("s2", "String!", &["\"\""]),
    ("m0", "Mood", &["-", "\"SAD\"", "null"]),
    ("m1", "Mood! = HAPPY", &["-", "\"VERY_CALM\""]),
    ("k0", "Kind", &["-", "\"FILM\"", "null"]),
    ("k1", "Kind = SONG", &["-", "\"BOOK\"", "null"]),
    ("w0", "[String!]", &["-", "null", "[\"x\", \"y\"]", "\"single\"", "[]"]),
    ("w1", "[String!]! = \"one\"", &["-", "[\"z\"]"]),
    ("g0", "[[Int!]]", &["-", "[[1], null, [2, 3]]", "[1, 2]", "5", "null"]),
    (
        "h0",
        "Shape",
        &["-", "null", "{\"label\": \"l\"}", "{\"label\": \"m\", \"width\": 9, \"height\": null}"],
    ),
    (
        "h1",
        "Shape = {label: \"n\", inner: {label: \"o\", sides: SAD}}",
        &["-", "{\"label\": \"p\", \"sides\": \"HAPPY\"}"],
    ),
    ("f0", "Float", &["-", "2", "2.5", "null"]),
    ("f1", "Float! = 4", &["-", "1"]),
    ("d0", "ID", &["-", "\"key\"", "17", "null"]),
    ("d1", "ID = 5", &["-", "\"k\""]),
    ("t0", "DateTime", &["-", "\"2026-03-01T18:30:00Z\"", "null"]),
    ("c0", "String", &["-", "\"@1\"", "null", "\"@3\""]),
];

/// What may stand for an argument; empty for an argument left out. `@n` is the cursor of book n.
fn values(argument: &str, ty: &str) -> &'static [&'static str] {
    match (argument, ty) {
        ("key" | "of", "Int!") => &["0", "1", "2", "$i2", "$i3", "9"],
        ("first" | "last", _) => &["", "", "2", "1", "$i0", "null", "$i1", "0", "-1", "$i2", "100", "", "3"],
        ("after" | "before", _) => &["", "", "", "\"@1\"", "\"@2\"", "$c0", "null", "\"junk\"", "", ""],
        ("limit", "Int!") => &["", "3", "$i2", "$i3", "$i0", "$i1", "1"],
        ("limit" | "times", _) => &["", "5", "$i0", "$i1", "$i3", "4"],
        ("mood", _) => &["", "SAD", "$m0", "$m1"],
        ("kind", _) => &["", "", "BOOK", "$k0", "$k1", "null"],
        ("nick" | "note", _) => &["", "\"q\\u00e9\"", "$s0", "$s1", "$s2", "null", "\"\"\"b\n c\"\"\""],
        ("words", _) => &["", "[]", "[\"a\", $s2]", "\"lone\"", "$w0", "$w1", "null"],
        ("grid", _) => &["", "[[1, 2], null, []]", "[[$i2]]", "7", "$g0", "[[$i3], 8]", "null"],
        ("shape", _) => &[
            "",
            "{label: \"s\"}",
            "{label: $s2, width: $i0, height: $i0, inner: {label: \"t\", width: 1, sides: [SAD, $m0, null]}}",
            "$h0",
            "$h1",
            "null",
            "{label: \"u\", inner: $h0, sides: SAD}",
            "{label: \"v\", height: null, width: $i1}",
        ],
        ("ratio", _) => &["", "2", "0.25", "$f0", "$f1"],
        ("at", _) => &["", "\"2026-01-02T03:04:05.678+01:00\"", "$t0", "null"],
        ("key", _) => &["", "\"x\"", "3", "$d0", "$d1", "null"],
        _ => panic!("no values for {argument}: {ty}"),
    }
}

fn write(genes: &[Gene], given: &[u8]) -> Generated {
    let mut writer = Writer::default();
    let set = writer.set("Query", genes, 0);
    let mut definitions = String::new();
    let mut variables = Variables::new();
    for ((name, ty, choices), choice) in VARIABLES.iter().zip(given) {
        if !writer.used.contains(name) {
            continue;
        }
        write!(definitions, "${name}: {ty} ").expect("memory");
        match choices[usize::from(*choice) % choices.len()] {
            "-" => {}
            json => {
                let value: Value = serde_json::from_str(&cursors(json)).expect("JSON");
                variables.insert((*name).to_owned(), value);
            }
        }
    }
    let definitions = if definitions.is_empty() { definitions } else { format!("({definitions})") };
    let mut text = format!("query Generated{definitions} {set}\n");
    for (index, (on, body)) in writer.fragments.iter().enumerate() {
        writeln!(text, "fragment F{index} on {on} {body}").expect("memory");
    }
    Generated { text: cursors(&text), variables }
}

fn cursors(text: &str) -> String {
    (0..6).fold(text.to_owned(), |text, place| {
        text.replace(&format!("@{place}"), &cursor(place, product_id(1, place)).encode(b'b'))
    })
}

/// The type at the bottom of lists.
fn named(ty: &str) -> &str {
    ty.trim_matches(['[', ']', '!'])
}

fn is_composite(ty: &str) -> bool {
    schema::is_composite(named(ty))
}

#[derive(Default)]
struct Writer {
    /// Finished fragments: type condition and selection set.
    fragments: Vec<(&'static str, String)>,
    /// A number for every field with its arguments: the same key always means the same.
    keys: BTreeMap<String, usize>,
    used: BTreeSet<&'static str>,
}

impl Writer {
    fn set(&mut self, on: &'static str, genes: &[Gene], depth: usize) -> String {
        let selections: Vec<String> = genes.iter().map(|gene| self.selection(on, gene, depth)).collect();
        if selections.is_empty() {
            "{ __typename }".to_owned()
        } else {
            format!("{{ {} }}", selections.join(" "))
        }
    }

    fn selection(&mut self, on: &'static str, gene: &Gene, depth: usize) -> String {
        let when = self.when(gene.when);
        let conditions = schema::conditions(on);
        let condition = conditions[usize::from(gene.choice / 7) % conditions.len()];
        match gene.kind {
            12 => format!("...{when} {}", self.set(on, &gene.below, depth)),
            13 | 14 => format!("... on {condition}{when} {}", self.set(condition, &gene.below, depth)),
            15 | 20 | 21 => {
                let body = self.set(condition, &gene.below, depth);
                self.fragments.push((condition, body));
                format!("...F{}{when}", self.fragments.len() - 1)
            }
            16 | 17 | 22 => {
                let applicable: Vec<usize> = (0..self.fragments.len())
                    .filter(|index| conditions.contains(&self.fragments[*index].0))
                    .collect();
                match applicable.get(usize::from(gene.choice) % applicable.len().max(1)) {
                    Some(index) => format!("...F{index}{when}"),
                    None => self.field(on, gene, &when, depth),
                }
            }
            // The same field twice, its selections shared out.
            18 | 23 => {
                let (one, other) = gene.below.split_at(gene.below.len() / 2);
                let half = |below: &[Gene]| Gene { below: below.to_vec(), ..gene.clone() };
                format!(
                    "{} {}",
                    self.field(on, &half(one), &when, depth),
                    self.field(on, &half(other), "", depth)
                )
            }
            19 => format!("t{}: __typename{when}", gene.choice % 3),
            _ => self.field(on, gene, &when, depth),
        }
    }

    fn field(&mut self, on: &'static str, gene: &Gene, when: &str, depth: usize) -> String {
        let fields = schema::fields(on);
        if fields.is_empty() {
            // A union has members' fields only.
            let members = schema::possible(on);
            let member = members[usize::from(gene.choice) % members.len()];
            return format!("... on {member}{when} {{ {} }}", self.field(member, gene, "", depth));
        }
        // With something to select below, a field has better be an object, and the other way round.
        let object = !gene.below.is_empty() && depth < 9 || gene.choice.is_multiple_of(7) && depth < 7;
        let mut eligible: Vec<_> = fields.iter().filter(|(_, ty)| is_composite(ty) == object).collect();
        if eligible.is_empty() {
            eligible = fields.iter().collect();
        }
        if depth >= 10 {
            return format!("__typename{when}");
        }
        let (name, ty) = *eligible[usize::from(gene.choice) % eligible.len()];
        let arguments = self.arguments(on, name, &gene.arguments);
        let key = match (arguments.is_empty(), gene.alias) {
            (true, true) => format!("{name}Too: "),
            (true, false) => String::new(),
            (false, _) => {
                let next = self.keys.len();
                format!("{name}{}: ", self.keys.entry(format!("{name}{arguments}")).or_insert(next))
            }
        };
        let below =
            if is_composite(ty) { self.set(named(ty), &gene.below, depth + 1) } else { String::new() };
        format!("{key}{name}{arguments}{when} {below}")
    }

    fn arguments(&mut self, on: &str, field: &str, choices: &[u8]) -> String {
        let mut texts = Vec::new();
        let definitions = schema::field(on, field).expect("a field of the type").arguments;
        for (index, definition) in definitions.iter().enumerate() {
            let values = values(definition.name, definition.ty);
            let value = values[usize::from(choices.get(index).copied().unwrap_or_default()) % values.len()];
            if !value.is_empty() {
                self.uses(value);
                texts.push(format!("{}: {value}", definition.name));
            }
        }
        if texts.is_empty() { String::new() } else { format!("({})", texts.join(", ")) }
    }

    fn when(&mut self, when: u8) -> String {
        let directives = match when {
            11 => " @include(if: true)",
            12 => " @skip(if: false)",
            13 => " @include(if: $b0)",
            14 => " @skip(if: $b1)",
            15 => " @skip(if: $b2)",
            16 => " @include(if: $b3)",
            17 => " @include(if: false)",
            18 => " @skip(if: $b0) @include(if: $b1)",
            19 => " @skip(if: true)",
            _ => "",
        };
        self.uses(directives);
        directives.to_owned()
    }

    fn uses(&mut self, text: &str) {
        let variables = VARIABLES.iter().map(|(name, ..)| *name);
        self.used.extend(variables.filter(|name| text.contains(&format!("${name}"))));
    }
}
