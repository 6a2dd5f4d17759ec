//! Why a rule failed while it was evaluated, in words for its writer. Never the values themselves, which may be
//! long and personal.

use cel::ExecutionError;

pub(super) fn words(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchOverload(overload) => {
            let types: Vec<&str> = overload.argument_types().iter().map(|name| type_name(name)).collect();
            format!("`{}` does not take {}", symbol(overload.function()), types.join(" and "))
        }
        ExecutionError::UnexpectedType { got, want } => {
            format!("{} stands where {} is needed", type_name(got), type_name(want))
        }
        ExecutionError::FunctionError { function, message } => format!("`{function}`: {message}"),
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => "division by zero".into(),
        ExecutionError::Overflow(..) => "a number or a time grows out of range".into(),
        ExecutionError::UndeclaredReference(name) => format!("there is no `{name}`"),
        _ => "a value is of another kind than the rule needs".into(),
    }
}

fn symbol(function: &str) -> &str {
    match function {
        "_&&_" => "&&",
        "_||_" => "||",
        "!_" => "!",
        "@duration" => "duration",
        other => other,
    }
}

pub(super) fn type_name(name: &str) -> &str {
    match name {
        "bool" => "true or false",
        "int" | "uint" => "a whole number",
        "double" => "a decimal number",
        "string" => "a text",
        "list" => "a list",
        "map" => "an object",
        "null_type" => "null",
        "google.protobuf.Timestamp" => "a timestamp",
        "google.protobuf.Duration" => "a duration",
        other => other,
    }
}
