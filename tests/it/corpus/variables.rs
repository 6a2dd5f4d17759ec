//! Wrong variables for every argument of every root field and every link of a customer, by what introspection says they
//! are.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::case::{Case, Expect, INPUT, MALFORMED, Request, shortened};
use super::schema::{Argument, Input, InputSchema, InputType, Type};

/// How many input objects inside one another are spoilt.
const DEPTH: usize = 3;

pub fn cases(schema: &InputSchema) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut reached = HashSet::new();
    for argument in &schema.arguments {
        reach(&argument.input.ty, schema, &mut reached);
        for (label, value) in wrong(&argument.input.ty, schema, DEPTH) {
            let Argument { parents, field, input, .. } = argument;
            let name = format!("{parents} {field}({}: {}): {label}", input.name, input.ty);
            let variables = match value {
                Some(value) => json!({ "v": value }),
                None => json!({}),
            };
            cases.push(Case::new(
                name,
                Request::with_variables(&document(argument, schema), &variables),
                INPUT,
            ));
        }
    }
    for (name, ty) in &schema.types {
        let is_input = matches!(ty, InputType::Object { .. });
        assert!(
            !is_input || reached.contains(name),
            "no argument reaches {name}: its wrong values are not tried"
        );
    }
    cases.extend(shapes());
    cases
}

fn document(argument: &Argument, schema: &InputSchema) -> String {
    let Argument { operation, parents, field, input, siblings } = argument;
    let others: String = siblings
        .iter()
        .filter(|other| other.name != input.name && other.ty.is_required() && !other.has_default)
        .map(|other| format!("{}: {} ", other.name, right(&other.ty, schema)))
        .collect();
    let ends = "}".repeat(parents.matches('{').count());
    format!(
        "{operation}($v: {}) {parents} {field}({}: $v {others}) {{ __typename }} {ends}",
        input.ty, input.name
    )
}

/// A value of the type.
fn right(ty: &Type, schema: &InputSchema) -> Value {
    match ty {
        Type::NonNull(inner) => right(inner, schema),
        Type::List(item) => json!([right(item, schema)]),
        Type::Named(name) => match &schema.types[name] {
            InputType::Enum(values) => json!(values[0]),
            InputType::Object { fields, oneof } => {
                let needed = |(at, field): &(usize, &Input)| {
                    if *oneof { *at == 0 } else { field.ty.is_required() && !field.has_default }
                };
                let fields = fields.iter().enumerate().filter(needed);
                fields
                    .map(|(_, field)| (field.name.clone(), right(&field.ty, schema)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            InputType::Scalar => match &**name {
                "Int" | "Float" => json!(1),
                "Boolean" => json!(true),
                "DateTime" => json!("2026-01-01T00:00:00Z"),
                "Date" => json!("1990-04-23"),
                "Duration" => json!("P30D"),
                "TimeZone" => json!("Europe/Vienna"),
                "JSONObject" => json!({}),
                _ => json!("x"),
            },
        },
    }
}

type Wrong = (String, Option<Value>);

/// Values that are not of the type; none stands for a variable that is not given.
fn wrong(ty: &Type, schema: &InputSchema, depth: usize) -> Vec<Wrong> {
    match ty {
        Type::NonNull(inner) => {
            let mut values = wrong(inner, schema, depth);
            values.push(("null".into(), Some(Value::Null)));
            values.push(("not given".into(), None));
            values
        }
        Type::List(item) => {
            let good = right(item, schema);
            let mut values: Vec<_> = wrong(item, schema, depth)
                .into_iter()
                .filter_map(|(label, value)| {
                    Some((format!("in a list, {label}"), Some(json!([good, value?]))))
                })
                .collect();
            values.push(("a list of lists".into(), Some(json!([[good]]))));
            values.push(("an object in place of a list".into(), Some(json!({ "0": [] }))));
            values
        }
        Type::Named(name) => match &schema.types[name] {
            InputType::Object { fields, oneof } => wrong_objects(fields, *oneof, schema, depth),
            InputType::Enum(values) => wrong_enums(&values[0]),
            InputType::Scalar => {
                let values = wrong_scalars(name).into_iter();
                values.map(|value| (shortened(&value.to_string()), Some(value))).collect()
            }
        },
    }
}

fn wrong_enums(first: &str) -> Vec<Wrong> {
    let swapped: String = first.chars().rev().collect();
    let [lower, spaced] = [first.to_lowercase(), format!(" {first}")];
    let values = [
        json!(lower),
        json!(spaced),
        json!(swapped),
        json!(format!("{first}\u{200b}")),
        json!("NOPE"),
        json!(""),
        json!("X".repeat(10_000)),
        json!(0),
        json!(1.5),
        json!(true),
        json!([]),
        json!({}),
        json!({ "name": first }),
    ];
    values.into_iter().map(|value| (shortened(&value.to_string()), Some(value))).collect()
}

fn wrong_scalars(name: &str) -> Vec<Value> {
    if name == "JSONObject" {
        return vec![json!([]), json!("{}"), json!(1), json!(1.5), json!(true), json!([{}])];
    }
    let mut values = vec![json!([]), json!({}), json!({ "a": 1 }), json!([[1]])];
    values.extend(match name {
        "Int" => vec![
            json!("1"),
            json!(1.5),
            json!(2_147_483_648_i64),
            json!(-2_147_483_649_i64),
            json!(1e30),
            json!(-1e-9),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(true),
            json!(""),
            json!("NaN"),
            json!("1e3"),
            json!("0x1"),
        ],
        "Boolean" => vec![json!("true"), json!(1), json!(0), json!(""), json!(1.5), json!("yes")],
        "ID" => vec![json!(1.5), json!(true), json!(1e30), json!(u64::MAX)],
        "Date" => ["", "today", "1990-02-30", "1990-13-01", "23.4.1990", "1990-04-23T00:00:00Z", "x"]
            .into_iter()
            .map(Value::from)
            .chain([json!(19_900_423), json!(1.5), json!(true)])
            .collect(),
        "DateTime" => [
            "",
            "now",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-02-30T00:00:00Z",
            "2026-01-01T25:00:00Z",
            "2026-13-01T00:00:00Z",
            "99999-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "2026-01-01T00:00:00+99:99",
            "２０２６-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z'; --",
            "NaN",
            "1767268800",
        ]
        .into_iter()
        .map(Value::from)
        .chain([json!(1_767_268_800), json!(1.5), json!(true), json!("2".repeat(10_000))])
        .collect(),
        _ => vec![json!(1), json!(1.5), json!(true)],
    });
    values
}

fn wrong_objects(fields: &[Input], oneof: bool, schema: &InputSchema, depth: usize) -> Vec<Wrong> {
    let good: Map<String, Value> = {
        let needed = fields.iter().filter(|field| !oneof && field.ty.is_required() && !field.has_default);
        needed.map(|field| (field.name.clone(), right(&field.ty, schema))).collect()
    };
    let with = |key: &str, value: Value| {
        let mut object = good.clone();
        object.insert(key.to_owned(), value);
        Value::Object(object)
    };
    let mut values: Vec<Wrong> =
        [json!("x"), json!(1), json!(true), json!([[]])].map(|value| (value.to_string(), Some(value))).into();
    for key in ["unknown", "", "__typename", "__proto__", "id ", "ID", "é", "$ne"] {
        values.push((format!("the field {key:?}"), Some(with(key, json!(1)))));
    }
    if oneof {
        let all: Map<_, _> =
            fields.iter().map(|field| (field.name.clone(), right(&field.ty, schema))).collect();
        values.push(("no field".into(), Some(json!({}))));
        values.push(("two fields".into(), Some(Value::Object(all))));
        let nulls: Map<_, _> = fields.iter().map(|field| (field.name.clone(), Value::Null)).collect();
        values.push(("two nulls".into(), Some(Value::Object(nulls))));
    }
    for field in fields {
        if oneof {
            values.push((format!("{}: null", field.name), Some(with(&field.name, Value::Null))));
        }
        if good.contains_key(&field.name) {
            let mut object = good.clone();
            object.remove(&field.name);
            values.push((format!("without {}", field.name), Some(Value::Object(object))));
        }
        let inner = if depth == 0 { Vec::new() } else { wrong(&field.ty, schema, depth - 1) };
        for (label, value) in inner.into_iter().filter_map(|(label, value)| Some((label, value?))) {
            values.push((format!("{}: {label}", field.name), Some(with(&field.name, value))));
        }
    }
    // A field that must be there is spoilt by null as well as by its inner type.
    let mut seen = HashSet::new();
    values.retain(|(label, _)| seen.insert(label.clone()));
    values
}

fn reach(ty: &Type, schema: &InputSchema, reached: &mut HashSet<String>) {
    if let (true, InputType::Object { fields, .. }) =
        (reached.insert(ty.base().to_owned()), &schema.types[ty.base()])
    {
        fields.iter().for_each(|field| reach(&field.ty, schema, reached));
    }
}

/// Variables that are wrong as a whole, too many or too deep.
fn shapes() -> Vec<Case> {
    let post = |variables: &str| {
        let query = "query($v: [ID!]!) { nodes(ids: $v) { id } }";
        Request::post(format!("{{\"query\":\"{query}\",\"variables\":{variables}}}"))
    };
    let lists = |depth: usize| format!("{{\"v\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{{\"v\":{}1{}}}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let flood = |count: usize| json!({ "v": vec!["x"; count] }).to_string();
    let keys: Map<String, Value> = (0..15_000).map(|n| (format!("k{n}"), json!(n))).collect();
    let many = json!({ "v": [], "rest": keys }).to_string();
    let mut cases = Vec::new();
    for depth in [65, 127, 128, 129, 1_000, 10_000, 60_000] {
        cases.push(Case::new(format!("lists {depth} deep"), post(&lists(depth)), MALFORMED));
        cases.push(Case::new(
            format!("lists {depth} deep, left open"),
            post(&lists(depth)[..depth]),
            MALFORMED,
        ));
    }
    for depth in [65, 128, 1_000, 10_000, 30_000] {
        cases.push(Case::new(format!("objects {depth} deep"), post(&objects(depth)), MALFORMED));
    }
    for wrong in [
        "[]",
        "[1]",
        "\"x\"",
        "1",
        "true",
        "NaN",
        "-Infinity",
        "undefined",
        "{\"v\":NaN}",
        "{\"v\":1e999}",
        "{\"v\":\"\\u0000\"}",
        "{\"\\u0000\":1}",
        "{\"v\":[\"a\\u0000b\"]}",
        "{\"v\":01}",
        "{v:[]}",
        "{\"v\":'x'}",
        "{\"v\":\"\\ud800\"}",
        "{\"v\":[],}",
    ] {
        cases.push(Case::new(format!("variables {wrong}"), post(wrong), MALFORMED));
    }
    for count in [101, 1_000, 19_000] {
        cases.push(Case::new(format!("{count} ids"), post(&flood(count)), INPUT));
    }
    cases.push(Case::new("50,000 ids", post(&flood(50_000)), MALFORMED));
    cases.push(Case::new("15,000 variables nobody asked for", post(&many), Expect::Answered));
    cases.push(Case::new(
        "a variable nobody asked for",
        post("{\"v\":[],\"w\":{\"x\":[]}}"),
        Expect::Answered,
    ));
    cases.push(Case::new("one id in place of a list", post("{\"v\":\"x\"}"), Expect::Nothing));
    cases.push(Case::new("one variable twice", post("{\"v\":1.5,\"v\":[]}"), Expect::Answered));
    cases
}
