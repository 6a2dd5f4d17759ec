//! The functions that a rule may call, and the environment that evaluates rules: CEL's standard library, taught
//! to pass null on, with the house's operators.

use std::sync::{Arc, LazyLock};

use cel::Env;
use cel::common::types::{CelNull, DYN_TYPE, NULL_TYPE, STRING_TYPE, TIMESTAMP_TYPE};
use cel::common::value::CowVal;

use super::operators::{self, Outcome};
use super::vocabulary::nearest;

/// Functions of one value: `size(traits.tags)`.
const FUNCTIONS: &[&str] = &["double", "duration", "int", "size", "string", "timestamp"];
/// Functions behind a dot, with the fewest and the most values they take: `traits.email.endsWith(".org")`.
const METHODS: &[(&str, usize, usize)] = &[
    ("contains", 1, 1),
    ("endsWith", 1, 1),
    ("getDate", 0, 1),
    ("getDayOfMonth", 0, 1),
    ("getDayOfWeek", 0, 1),
    ("getDayOfYear", 0, 1),
    ("getFullYear", 0, 1),
    ("getHours", 0, 1),
    ("getMilliseconds", 0, 1),
    ("getMinutes", 0, 1),
    ("getMonth", 0, 1),
    ("getSeconds", 0, 1),
    ("size", 0, 0),
    ("startsWith", 1, 1),
];
/// What CEL expands while it parses; as a call it is left over only if it was written wrongly.
const MACROS: &[(&str, &str)] = &[
    ("all", "`traits.tags.all(t, t != \"x\")`"),
    ("exists", "`traits.tags.exists(t, t == \"x\")`"),
    ("exists_one", "`traits.tags.exists_one(t, t == \"x\")`"),
    ("filter", "`traits.tags.filter(t, t != \"x\")`"),
    ("has", "`has(traits.plan)`"),
];

/// The environment of every evaluation.
pub(super) static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::default().with_optional_support(false).with_stdlib();
    declare(&mut env).expect("no function is declared twice");
    Arc::new(env)
});

fn declare(env: &mut Env) -> Result<(), cel::DeclarationError> {
    for name in FUNCTIONS {
        env.add_overload(name, &format!("{name}_of_null"), vec![NULL_TYPE], null)?;
    }
    for (name, least, most) in METHODS {
        if *least == 0 {
            env.add_member_overload(name, &format!("null_{name}"), NULL_TYPE, vec![], null)?;
        }
        if *most == 1 {
            let on = if *least == 0 { TIMESTAMP_TYPE } else { STRING_TYPE };
            env.add_member_overload(name, &format!("null_{name}_any"), NULL_TYPE, vec![DYN_TYPE], null)?;
            env.add_member_overload(name, &format!("{name}_null"), on, vec![NULL_TYPE], null)?;
        }
    }
    operators::declare(env)
}

fn null<'b, 'v>(_: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    Ok(CowVal::owned(CelNull))
}

/// Whether a rule may call a function this way; if not, what to say.
pub(super) fn check(name: &str, method: bool, values: usize) -> Result<(), String> {
    let known = if method {
        METHODS.iter().find(|(known, ..)| *known == name).map(|(_, least, most)| (*least, *most))
    } else {
        FUNCTIONS.contains(&name).then_some((1, 1))
    };
    if let Some((least, most)) = known {
        return match (least..=most).contains(&values) {
            true => Ok(()),
            false => {
                Err(format!("`{name}` takes {least} to {most} values between its brackets, not {values}"))
            }
        };
    }
    if let Some((_, example)) = MACROS.iter().find(|(known, _)| *known == name) {
        return Err(format!("`{name}` is written {example}"));
    }
    let functions = FUNCTIONS.iter().map(|name| (*name, format!("`{name}(…)`")));
    let methods = METHODS.iter().map(|(name, ..)| (*name, format!("`.{name}(…)`")));
    let macros = MACROS.iter().map(|(name, example)| (*name, (*example).to_owned()));
    let all: Vec<(&str, String)> = functions.chain(methods).chain(macros).collect();
    let near = nearest(name, all.iter().map(|(name, _)| name))
        .and_then(|near| all.iter().find(|(name, _)| *name == near))
        .map(|(_, written)| format!("did you mean {written}? "))
        .unwrap_or_default();
    let names: Vec<&str> = all.iter().map(|(_, written)| written.as_str()).collect();
    Err(format!("there is no function `{name}`; {near}There is {}", names.join(", ")))
}
